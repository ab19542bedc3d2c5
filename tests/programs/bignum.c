/* Decimal digits of pi by a spigot, and a factorial in base 10^9.
 * @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS = 1200, CELLS = DIGITS * 10 / 3 + 2 };

static uint32_t spigot(void)
{
	static uint32_t a[CELLS];
	uint32_t hash = 0;

	for (int i = 0; i < CELLS; i++)
		a[i] = 2;
	for (int d = 0; d < DIGITS; d++) {
		uint32_t carry = 0;

		for (uint32_t i = CELLS - 1; i > 0; i--) {
			uint32_t x = a[i] * 10 + carry;

			a[i] = x % (2 * i + 1);
			carry = x / (2 * i + 1) * i;
		}
		a[0] = a[0] * 10 + carry;
		hash = hash * 31 + a[0] / 10;
		a[0] %= 10;
	}
	return hash;
}

static uint32_t factorial(uint32_t n)
{
	static uint32_t limb[1000];
	unsigned used = 1;
	uint32_t hash = 0;

	memset(limb, 0, sizeof limb);
	limb[0] = 1;
	for (uint32_t f = 2; f <= n; f++) {
		uint64_t carry = 0;

		for (unsigned i = 0; i < used; i++) {
			carry += (uint64_t)limb[i] * f;
			limb[i] = (uint32_t)(carry % 1000000000);
			carry /= 1000000000;
		}
		if (carry)
			limb[used++] = (uint32_t)carry;
	}
	for (unsigned i = 0; i < used; i++)
		hash = hash * 31 + limb[i];
	return hash;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t sum = 0;

	for (unsigned r = 0; r < rounds; r++)
		sum += spigot() ^ factorial(1500 + r % 7);
	printf("%08x\n", sum);
	return 0;
}
