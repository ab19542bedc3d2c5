/* All ways to put queens on a board, and all knight paths of some length: backtracking. */
#include "bench.h"

static uint32_t place(unsigned n, uint32_t cols, uint32_t left, uint32_t right)
{
	uint32_t all = (1u << n) - 1, count = 0;

	if (cols == all)
		return 1;
	for (uint32_t free = all & ~(cols | left | right); free; free &= free - 1) {
		uint32_t bit = free & -free;

		count += place(n, cols | bit, (left | bit) << 1, (right | bit) >> 1);
	}
	return count;
}

static int board[5][5];

static uint32_t knight(int y, int x, int depth)
{
	static const int dy[] = { 1, 2, 2, 1, -1, -2, -2, -1 }, dx[] = { 2, 1, -1, -2, -2, -1, 1, 2 };
	uint32_t count = 1;

	if (!depth)
		return 1;
	board[y][x] = 1;
	for (int i = 0; i < 8; i++) {
		int ny = y + dy[i], nx = x + dx[i];

		if (ny >= 0 && ny < 5 && nx >= 0 && nx < 5 && !board[ny][nx])
			count += knight(ny, nx, depth - 1);
	}
	board[y][x] = 0;
	return count;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;

	for (unsigned round = 0; round < scale; round++)
		h = bench_mix(h, place(8, 0, 0, 0) + knight((int)(round % 5), (int)(round / 5 % 5), 8));
	return bench_end(h);
}
