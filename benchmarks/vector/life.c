/* Conway's Game of Life, a cell a bit: neighbours are counted by adders made of logic, 128 cells at once. */
#include "vector/vector.h"

enum { ROWS = 128 };

/* A row has four columns of 32 cells; each column is a torus of its own. */
static u32x4 cells[ROWS];

static inline void add(u32x4 bit, u32x4 *ones, u32x4 *twos, u32x4 *fours)
{
	u32x4 carry = *ones & bit;

	*ones ^= bit;
	*fours |= *twos & carry;
	*twos ^= carry;
}

static inline u32x4 left(u32x4 v)
{
	return (v << 1) | (v >> 31);
}

static inline u32x4 right(u32x4 v)
{
	return (v >> 1) | (v << 31);
}

static u32x4 next(u32x4 up, u32x4 here, u32x4 down)
{
	u32x4 ones = { 0 }, twos = { 0 }, fours = { 0 };

	add(left(up), &ones, &twos, &fours);
	add(up, &ones, &twos, &fours);
	add(right(up), &ones, &twos, &fours);
	add(left(here), &ones, &twos, &fours);
	add(right(here), &ones, &twos, &fours);
	add(left(down), &ones, &twos, &fours);
	add(down, &ones, &twos, &fours);
	add(right(down), &ones, &twos, &fours);
	return twos & ~fours & (ones | here);
}

static void generation(void)
{
	u32x4 first = cells[0], up = cells[ROWS - 1];

	for (int i = 0; i < ROWS; i++) {
		u32x4 here = cells[i];

		cells[i] = next(up, here, i + 1 < ROWS ? cells[i + 1] : first);
		up = here;
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t seed = 11, h = 1;

	for (int i = 0; i < ROWS; i++)
		for (int k = 0; k < 4; k++)
			cells[i][k] = bench_random(&seed) & bench_random(&seed);
	for (unsigned round = 0; round < scale; round++) {
		generation();
		cells[round % ROWS][round % 4] ^= bench_random(&seed);
	}
	for (int i = 0; i < ROWS; i++)
		h = bench_mix_vector(h, cells[i]);
	return bench_end(h);
}
