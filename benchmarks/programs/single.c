/* Single precision: a ray through spheres, with roots and divisions.
 * @group float @size 950 @args 1
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct vec {
	float x, y, z;
};

static float dot(struct vec a, struct vec b)
{
	return a.x * b.x + a.y * b.y + a.z * b.z;
}

static float hit(struct vec from, struct vec dir, struct vec centre, float radius)
{
	struct vec d = { from.x - centre.x, from.y - centre.y, from.z - centre.z };
	float b = dot(d, dir), c = dot(d, d) - radius * radius, disc = b * b - c;

	return disc < 0 ? -1 : -b - sqrtf(disc);
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, hits = 0;
	float light = 0;

	for (unsigned r = 0; r < rounds; r++)
		for (int py = 0; py < 150; py++)
			for (int px = 0; px < 150; px++) {
				struct vec from = { 0, 0, -5 }, dir = { (float)(px - 75) / 75, (float)(py - 75) / 75, 2 };
				float n = 1 / sqrtf(dot(dir, dir)), nearest = 1e9f;

				dir.x *= n;
				dir.y *= n;
				dir.z *= n;
				for (int s = 0; s < 8; s++) {
					struct vec centre = { (float)(s % 3) - 1, (float)(s / 3) - 1, (float)s * 0.5f };
					float t = hit(from, dir, centre, 0.4f + (float)(r % 5) * 0.03125f);

					if (t > 0 && t < nearest)
						nearest = t;
				}
				hits += nearest < 1e8f;
				light += nearest < 1e8f ? 1 / (nearest * nearest) : 0;
			}
	printf("%u %d\n", hits / 20000, light > 0);
	return 0;
}
