/* Huffman coding: counts, a heap, code lengths, encoding and decoding bit by bit.
 * @args 1
 * @without hot
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 200000 };

static uint8_t input[SIZE], packed[SIZE * 2], output[SIZE];
static uint32_t weight[511];
static int16_t left[511], right[511], parent[511];
static uint32_t code[256];
static uint8_t length[256];

static int lightest(int n, int skip)
{
	int best = -1;

	for (int i = 0; i < n; i++)
		if (weight[i] && parent[i] < 0 && i != skip && (best < 0 || weight[i] < weight[best]))
			best = i;
	return best;
}

static int build(void)
{
	int n = 256;

	memset(weight, 0, sizeof weight);
	memset(parent, 0xff, sizeof parent);
	for (int i = 0; i < SIZE; i++)
		weight[input[i]]++;
	for (;;) {
		int a = lightest(n, -1), b = lightest(n, a);

		if (b < 0)
			break;
		weight[n] = weight[a] + weight[b];
		left[n] = (int16_t)a;
		right[n] = (int16_t)b;
		parent[a] = parent[b] = (int16_t)n++;
	}
	for (int c = 0; c < 256; c++) {
		length[c] = 0;
		code[c] = 0;
		if (weight[c])
			for (int i = c; parent[i] >= 0; i = parent[i])
				code[c] |= (uint32_t)(right[parent[i]] == i) << length[c]++;
	}
	return n - 1;
}

static uint32_t encode(void)
{
	uint32_t bits = 0;

	memset(packed, 0, sizeof packed);
	for (int i = 0; i < SIZE; i++)
		for (int k = length[input[i]]; k--; bits++)
			packed[bits >> 3] |= (uint8_t)((code[input[i]] >> k & 1) << (bits & 7));
	return bits;
}

static void decode(int root)
{
	uint32_t bit = 0;

	for (int i = 0; i < SIZE; i++) {
		int at = root;

		for (; at >= 256; bit++)
			at = packed[bit >> 3] >> (bit & 7) & 1 ? right[at] : left[at];
		output[i] = (uint8_t)at;
	}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t s = 1, sum = 0;

	for (unsigned r = 0; r < rounds; r++) {
		for (int i = 0; i < SIZE; i++) {
			s = s * 69069 + 1;
			input[i] = (uint8_t)((s >> 24) * (s >> 8 & 0xff) >> 9);
		}
		int root = build();

		sum = sum * 31 + encode();
		decode(root);
		if (memcmp(input, output, SIZE))
			return 1;
	}
	printf("%08x\n", sum);
	return 0;
}
