/* Allocation and release in random order and size, with contents checked; large blocks go through mmap.
 * @without hot
 */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 300, STEPS = 30000 };

static struct {
	uint8_t *p;
	size_t n;
	uint8_t tag;
} slot[SLOTS];

static uint32_t seed = 1;

static uint32_t next(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static size_t any_size(void)
{
	uint32_t r = next() % 1000;

	return r < 900 ? next() % 200 + 1 : r < 995 ? next() % 5000 + 1 : next() % 300000 + 1;
}

static int broken(unsigned i)
{
	return slot[i].p && (slot[i].p[0] != slot[i].tag || slot[i].p[slot[i].n - 1] != slot[i].tag ||
			     slot[i].p[slot[i].n / 2] != slot[i].tag);
}

int main(void)
{
	unsigned bad = 0, live = 0;
	size_t bytes = 0;
	void *aligned = NULL;

	for (int step = 0; step < STEPS; step++) {
		unsigned i = next() % SLOTS, kind = next() % 4;
		size_t n = any_size();

		bad += (unsigned)broken(i);
		if (kind == 0) {
			free(slot[i].p);
			slot[i].p = NULL;
			slot[i].n = 0;
			continue;
		}
		slot[i].p = realloc(slot[i].p, n);
		if (!slot[i].p)
			return 2;
		if (slot[i].n && n)
			bad += slot[i].p[0] != slot[i].tag;
		slot[i].tag = (uint8_t)step;
		slot[i].n = n;
		memset(slot[i].p, slot[i].tag, n);
	}
	for (unsigned i = 0; i < SLOTS; i++) {
		bad += (unsigned)broken(i);
		live += slot[i].p != NULL;
		bytes += slot[i].n;
		free(slot[i].p);
	}
	if (posix_memalign(&aligned, 4096, 10000))
		return 3;
	printf("%u live, %zu bytes, %u bad, aligned %d\n", live, bytes, bad, ((uintptr_t)aligned & 4095) == 0);
	free(aligned);
	aligned = calloc(1000, 37);
	for (int i = 0; aligned && i < 37000; i++)
		bad += ((char *)aligned)[i] != 0;
	free(aligned);
	return bad != 0;
}
