/* Spheres, a plane, shadows and mirrors in 96 x 64 points: structures of doubles passed around. */
#include <math.h>

#include "bench.h"

struct vec {
	double x, y, z;
};

struct sphere {
	struct vec at;
	double r, shine;
};

static const struct sphere scene[] = {
	{ { 0, 0, 6 }, 1, 0.5 }, { { 1.5, 0.5, 5 }, 0.7, 0.2 }, { { -1.6, 0.2, 5.5 }, 0.8, 0.7 },
	{ { 0.3, -101, 6 }, 100, 0.1 }, { { 0.4, 1.4, 4.4 }, 0.3, 0.9 },
};

static struct vec sub(struct vec a, struct vec b)
{
	return (struct vec){ a.x - b.x, a.y - b.y, a.z - b.z };
}

static struct vec along(struct vec a, struct vec d, double t)
{
	return (struct vec){ a.x + d.x * t, a.y + d.y * t, a.z + d.z * t };
}

static double dot(struct vec a, struct vec b)
{
	return a.x * b.x + a.y * b.y + a.z * b.z;
}

static struct vec unit(struct vec a)
{
	double n = 1 / sqrt(dot(a, a));

	return (struct vec){ a.x * n, a.y * n, a.z * n };
}

static const struct sphere *hit(struct vec from, struct vec dir, double *t)
{
	const struct sphere *best = NULL;

	*t = 1e9;
	for (unsigned i = 0; i < sizeof scene / sizeof *scene; i++) {
		struct vec o = sub(scene[i].at, from);
		double b = dot(o, dir), d = b * b - dot(o, o) + scene[i].r * scene[i].r;

		if (d < 0)
			continue;
		double near = b - sqrt(d);
		if (near > 1e-6 && near < *t) {
			*t = near;
			best = &scene[i];
		}
	}
	return best;
}

static double light(struct vec from, struct vec dir, int depth)
{
	struct vec lamp = unit((struct vec){ -1, 2, -1.5 });
	double t, shade, dummy;
	const struct sphere *s = hit(from, dir, &t);

	if (!s)
		return 0.3 + 0.2 * dir.y;
	struct vec p = along(from, dir, t), n = unit(sub(p, s->at));
	shade = dot(n, lamp);
	if (shade < 0 || hit(p, lamp, &dummy))
		shade = 0;
	if (depth < 4)
		shade += s->shine * light(p, along(dir, n, -2 * dot(dir, n)), depth + 1);
	return 0.1 + 0.8 * shade;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	double sum = 0;

	for (unsigned round = 0; round < scale; round++)
		for (int y = 0; y < 64; y++)
			for (int x = 0; x < 96; x++) {
				struct vec dir = unit((struct vec){ (x - 48) / 64.0, (32 - y) / 64.0, 1 });

				sum += light((struct vec){ 0, 0, 0.001 * round }, dir, 0);
			}
	return bench_end_double(sum);
}
