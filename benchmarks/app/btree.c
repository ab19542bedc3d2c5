/* A small database: a B-tree with strings as keys; inserts, look-ups, scans of ranges. */
#include <string.h>

#include "bench.h"

enum { ORDER = 16, KEY = 16 };

struct node {
	int n, leaf;
	char key[ORDER][KEY];
	uint32_t value[ORDER];
	struct node *child[ORDER + 1];
};

static struct node *new_node(int leaf)
{
	struct node *n = bench_alloc(sizeof *n);

	n->leaf = leaf;
	return n;
}

/* The first key that is not below the wanted one. */
static int position(const struct node *n, const char *key)
{
	int lo = 0, hi = n->n;

	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (strcmp(n->key[mid], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void move_entry(struct node *to, int i, const struct node *from, int k)
{
	memcpy(to->key[i], from->key[k], KEY);
	to->value[i] = from->value[k];
}

static void make_room(struct node *n, int at)
{
	for (int i = n->n; i > at; i--) {
		move_entry(n, i, n, i - 1);
		n->child[i + 1] = n->child[i];
	}
	n->n++;
}

/* Splits the full child; its middle entry comes up. */
static void split(struct node *parent, int at)
{
	struct node *left = parent->child[at], *right = new_node(left->leaf);
	int half = ORDER / 2;

	right->n = ORDER - half - 1;
	for (int i = 0; i < right->n; i++)
		move_entry(right, i, left, half + 1 + i);
	for (int i = 0; i <= right->n; i++)
		right->child[i] = left->child[half + 1 + i];
	left->n = half;
	make_room(parent, at);
	move_entry(parent, at, left, half);
	parent->child[at + 1] = right;
}

static void insert(struct node **root, const char *key, uint32_t value)
{
	struct node *n = *root;

	if (n->n == ORDER) {
		*root = new_node(0);
		(*root)->child[0] = n;
		split(*root, 0);
		n = *root;
	}
	for (;;) {
		int at = position(n, key);

		if (at < n->n && !strcmp(n->key[at], key)) {
			n->value[at] += value;
			return;
		}
		if (n->leaf) {
			make_room(n, at);
			strcpy(n->key[at], key);
			n->value[at] = value;
			return;
		}
		if (n->child[at]->n == ORDER) {
			split(n, at);
			continue;
		}
		n = n->child[at];
	}
}

static const uint32_t *find(const struct node *n, const char *key)
{
	for (;;) {
		int at = position(n, key);

		if (at < n->n && !strcmp(n->key[at], key))
			return &n->value[at];
		if (n->leaf)
			return NULL;
		n = n->child[at];
	}
}

static uint32_t scan(const struct node *n)
{
	uint32_t h = 0;

	for (int i = 0; i <= n->n; i++) {
		if (!n->leaf)
			h = bench_mix(h, scan(n->child[i]));
		if (i < n->n)
			h = bench_mix(h, n->value[i] + (uint8_t)n->key[i][5]);
	}
	return h;
}

static void discard(struct node *n)
{
	for (int i = 0; !n->leaf && i <= n->n; i++)
		discard(n->child[i]);
	free(n);
}

static void make_key(char *key, uint32_t x)
{
	for (int i = 0; i < 12; i++, x = x >> 2 ^ x * 5)
		key[i] = (char)('a' + x % 26);
	key[12] = 0;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 29, h = 0;

	for (unsigned round = 0; round < scale; round++) {
		struct node *root = new_node(1);
		char key[KEY];

		for (int i = 0; i < 3000; i++) {
			make_key(key, bench_random(&seed) % 4000);
			insert(&root, key, (uint32_t)i);
		}
		for (int i = 0; i < 6000; i++) {
			make_key(key, bench_random(&seed) % 4000);
			const uint32_t *v = find(root, key);
			h += v ? *v : 1;
		}
		h = bench_mix(h, scan(root));
		discard(root);
	}
	return bench_end(h);
}
