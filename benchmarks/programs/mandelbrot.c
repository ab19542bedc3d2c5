/* The Mandelbrot set on a square grid: iterations summed.
 * @group float @size 37 @args 1
 */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1, sum = 0;

	for (unsigned r = 0; r < rounds; r++)
		for (int py = 0; py < 200; py++)
			for (int px = 0; px < 200; px++) {
				double cx = px / 100.0 - 1.5 + r * 0.0078125, cy = py / 100.0 - 1, x = 0, y = 0;
				int i = 0;

				for (; i < 500 && x * x + y * y < 4; i++) {
					double t = x * x - y * y + cx;

					y = 2 * x * y + cy;
					x = t;
				}
				sum += (unsigned)(i == 500);
			}
	printf("%u\n", sum / 64);
	return 0;
}
