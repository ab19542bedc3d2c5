/* Huffman codes: counting, a heap, a tree, encoding and decoding bit by bit. */
#include <string.h>

#include "bench.h"

enum { SIZE = 16384, SYMBOLS = 64 };

static uint8_t text[SIZE], bits[SIZE * 2], back[SIZE];
static uint32_t weight[2 * SYMBOLS], code[SYMBOLS];
static int left[2 * SYMBOLS], right[2 * SYMBOLS], heap[2 * SYMBOLS], n_heap, n_bits[SYMBOLS];

static int before(int a, int b)
{
	return weight[a] < weight[b] || (weight[a] == weight[b] && a < b);
}

static void push(int v)
{
	int i = n_heap++;

	for (; i && before(v, heap[(i - 1) / 2]); i = (i - 1) / 2)
		heap[i] = heap[(i - 1) / 2];
	heap[i] = v;
}

static int pop(void)
{
	int top = heap[0], v = heap[--n_heap], i = 0;

	for (;;) {
		int c = 2 * i + 1;

		if (c >= n_heap)
			break;
		if (c + 1 < n_heap && before(heap[c + 1], heap[c]))
			c++;
		if (!before(heap[c], v))
			break;
		heap[i] = heap[c];
		i = c;
	}
	heap[i] = v;
	return top;
}

static void assign(int node, uint32_t c, int depth)
{
	if (node < SYMBOLS) {
		code[node] = c;
		n_bits[node] = depth;
		return;
	}
	assign(left[node], c << 1, depth + 1);
	assign(right[node], c << 1 | 1, depth + 1);
}

static int build(void)
{
	int next = SYMBOLS;

	memset(weight, 0, sizeof weight);
	for (int i = 0; i < SIZE; i++)
		weight[text[i]]++;
	n_heap = 0;
	for (int i = 0; i < SYMBOLS; i++)
		push(i);
	while (n_heap > 1) {
		left[next] = pop();
		right[next] = pop();
		weight[next] = weight[left[next]] + weight[right[next]];
		push(next++);
	}
	assign(heap[0], 0, 0);
	return heap[0];
}

static uint32_t encode(void)
{
	uint32_t at = 0;

	memset(bits, 0, sizeof bits);
	for (int i = 0; i < SIZE; i++)
		for (int k = n_bits[text[i]]; k--; at++)
			bits[at >> 3] |= (uint8_t)((code[text[i]] >> k & 1) << (at & 7));
	return at;
}

static void decode(int root)
{
	uint32_t at = 0;

	for (int i = 0; i < SIZE; i++) {
		int node = root;

		for (; node >= SYMBOLS; at++)
			node = bits[at >> 3] >> (at & 7) & 1 ? right[node] : left[node];
		back[i] = (uint8_t)node;
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 41, h = 0;

	for (unsigned round = 0; round < scale; round++) {
		for (int i = 0; i < SIZE; i++)
			text[i] = (uint8_t)(bench_random(&seed) & bench_random(&seed) >> 3 & (SYMBOLS - 1));
		int root = build();
		h = bench_mix(h, encode());
		decode(root);
		if (memcmp(text, back, SIZE))
			return 2;
	}
	return bench_end(h);
}
