/* Hash table with chains: insertion, look-up, removal of short strings.
 * @args 1
 * @without hot
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096, KEYS = 20000 };

struct node {
	struct node *next;
	uint32_t value;
	char key[16];
};

static struct node *bucket[BUCKETS];

static uint32_t hash(const char *s)
{
	uint32_t h = 2166136261u;

	while (*s)
		h = (h ^ (uint8_t)*s++) * 16777619;
	return h;
}

static struct node **find(const char *key)
{
	struct node **at = &bucket[hash(key) % BUCKETS];

	while (*at && strcmp((*at)->key, key))
		at = &(*at)->next;
	return at;
}

static void make_key(char *key, uint32_t n)
{
	int i = 0;

	for (n = n * 2654435761u % 1000003; n; n /= 26)
		key[i++] = (char)('a' + n % 26);
	key[i] = 0;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t sum = 0;
	char key[16];

	for (unsigned r = 0; r < rounds; r++)
		for (uint32_t i = 0; i < 2 * KEYS; i++) {
			struct node **at, *n;

			make_key(key, i % KEYS + r);
			at = find(key);
			n = *at;
			if (n && (i ^ r) % 3 == 0) {
				*at = n->next;
				sum = sum * 31 + n->value;
				free(n);
			} else if (n) {
				n->value += i;
			} else {
				n = calloc(1, sizeof *n);
				if (!n)
					return 1;
				strcpy(n->key, key);
				n->value = i;
				*at = n;
			}
		}
	printf("%08x\n", sum);
	return 0;
}
