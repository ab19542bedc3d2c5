/* The ChaCha20 stream, four words of a block in a vector (RFC 8439). */
#include "vector/vector.h"

static u32x4 turn(u32x4 v, unsigned bits)
{
	return (v << bits) | (v >> (32 - bits));
}

static inline void quarters(u32x4 s[4])
{
	s[0] += s[1], s[3] = turn(s[3] ^ s[0], 16);
	s[2] += s[3], s[1] = turn(s[1] ^ s[2], 12);
	s[0] += s[1], s[3] = turn(s[3] ^ s[0], 8);
	s[2] += s[3], s[1] = turn(s[1] ^ s[2], 7);
}

static inline u32x4 lanes(u32x4 v, u32x4 from)
{
	return __builtin_shuffle(v, from);
}

static void block(const u32x4 key[4], u32x4 out[4])
{
	u32x4 s[4] = { key[0], key[1], key[2], key[3] };

	for (int i = 0; i < 10; i++) {
		quarters(s);
		s[1] = lanes(s[1], (u32x4){ 1, 2, 3, 0 });
		s[2] = lanes(s[2], (u32x4){ 2, 3, 0, 1 });
		s[3] = lanes(s[3], (u32x4){ 3, 0, 1, 2 });
		quarters(s);
		s[1] = lanes(s[1], (u32x4){ 3, 0, 1, 2 });
		s[2] = lanes(s[2], (u32x4){ 2, 3, 0, 1 });
		s[3] = lanes(s[3], (u32x4){ 1, 2, 3, 0 });
	}
	for (int i = 0; i < 4; i++)
		out[i] = s[i] + key[i];
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	u32x4 key[4] = { { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 0, 9, 10, 11 } };
	u32x4 sum = { 0 };

	for (unsigned round = 0; round < scale; round++)
		for (unsigned i = 0; i < 64; i++) {
			u32x4 out[4];

			key[3][0] = round * 64 + i;
			block(key, out);
			sum ^= out[0] + out[1] + out[2] + out[3];
		}
	return bench_end(bench_mix_vector(1, sum));
}
