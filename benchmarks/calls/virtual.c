/* Objects with tables of methods, mostly of one kind: calls that usually go to the same place. */
#include "bench.h"

struct shape;

struct methods {
	uint32_t (*area)(const struct shape *);
	void (*grow)(struct shape *, uint32_t);
};

struct shape {
	const struct methods *m;
	uint32_t w, h;
};

static uint32_t box_area(const struct shape *s) { return s->w * s->h; }
static uint32_t triangle_area(const struct shape *s) { return s->w * s->h / 2; }
static uint32_t ring_area(const struct shape *s) { return 3 * (s->w * s->w - s->h); }
static void grow_both(struct shape *s, uint32_t n) { s->w += n; s->h += n; }
static void grow_width(struct shape *s, uint32_t n) { s->w += n; }

static const struct methods box = { box_area, grow_both };
static const struct methods triangle = { triangle_area, grow_width };
static const struct methods ring = { ring_area, grow_both };

int main(int argc, char **argv)
{
	static struct shape shape[256];
	unsigned scale = bench_scale(argc, argv);
	uint32_t sum = 0;

	for (unsigned i = 0; i < 256; i++)
		shape[i] = (struct shape){ i % 11 == 3 ? &triangle : i % 17 == 5 ? &ring : &box, i, i * 3 };
	for (unsigned round = 0; round < scale; round++)
		for (int i = 0; i < 256; i++) {
			shape[i].m->grow(&shape[i], round & 3);
			sum += shape[i].m->area(&shape[i]);
		}
	return bench_end(sum);
}
