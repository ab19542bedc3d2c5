/* Shifts by every count, rotates, masks and counting of bits. */
#include <stdint.h>
#include <stdio.h>

static uint32_t rotl(uint32_t x, unsigned n)
{
	return n & 31 ? x << (n & 31) | x >> (32 - (n & 31)) : x;
}

static uint32_t reverse(uint32_t x)
{
	x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
	x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
	x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
	return __builtin_bswap32(x);
}

static void counts(uint32_t x)
{
	if (x) {
		printf("clz %d", __builtin_clz(x));
		printf(" ctz %d ", __builtin_ctz(x));
	}
	printf("pop %d", __builtin_popcount(x));
	printf(" par %d", __builtin_parity(x));
	printf(" rev %08x", reverse(x));
	printf(" swap %08x", __builtin_bswap32(x));
	printf(" %04x\n", __builtin_bswap16((uint16_t)x));
}

/* Each of these is one rotate-and-mask instruction on PowerPC. */
static void fields(uint32_t x, uint32_t y)
{
	printf("%x %x %x %x", x >> 5 & 0x3ff, x << 7 & 0xff00, (y & ~0xffff0u) | (x & 0xffff0), x >> 31);
	printf(" %x\n", rotl(x, 9) & 0xf000000f);
	printf("%d %d %d\n", (int8_t)x, (int16_t)(x >> 3), (int32_t)(x << 4) >> 20);
}

int main(void)
{
	uint32_t x = 0x80000001;

	for (unsigned n = 0; n < 32; n++) {
		int64_t wide = (int64_t)((uint64_t)x << 32 | ~x);

		printf("%u: %08x %08x %08x", n, x << n, x >> n, (uint32_t)((int32_t)x >> n));
		printf(" %08x ", rotl(x, n));
		printf("%016llx %016llx %016llx %016llx\n", (unsigned long long)((uint64_t)wide << n),
		       (unsigned long long)((uint64_t)wide >> (n + 32)), (unsigned long long)(wide >> n),
		       (unsigned long long)(wide >> (2 * n)));
		counts(x >> n);
		fields(x, rotl(x, n));
		x = x * 1664525 + 1013904223;
	}
	counts(0);
	counts(0xffffffff);
	return 0;
}
