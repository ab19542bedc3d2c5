/* A hash table with open addressing: inserts, look-ups, removals. */
#include "bench.h"

enum { BITS = 15, SLOTS = 1 << BITS };

struct slot {
	uint32_t key, value, state;
};

static struct slot table[SLOTS];

static uint32_t home(uint32_t key)
{
	return key * 2654435761u >> (32 - BITS);
}

static struct slot *find(uint32_t key)
{
	struct slot *gone = NULL;

	for (uint32_t i = home(key);; i = (i + 1) & (SLOTS - 1)) {
		struct slot *s = &table[i];

		if (!s->state)
			return gone ? gone : s;
		if (s->state == 2 && !gone)
			gone = s;
		if (s->state == 1 && s->key == key)
			return s;
	}
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;

	for (unsigned round = 0; round < scale; round++) {
		uint32_t seed = 17 + round;

		for (int i = 0; i < SLOTS; i++)
			table[i].state = 0;
		for (int i = 0; i < 40000; i++) {
			uint32_t key = bench_random(&seed) % 30000;
			struct slot *s = find(key);

			if (s->state == 1 && seed & 0x8000) {
				s->state = 2;
				h += s->value;
			} else {
				*s = (struct slot){ key, s->state == 1 ? s->value + key : key, 1 };
			}
		}
		h = bench_mix(h, find(round)->value);
	}
	return bench_end(h);
}
