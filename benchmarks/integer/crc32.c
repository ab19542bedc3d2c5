/* CRC-32 of 256 KiB, a byte at a time with a table. */
#include "bench.h"

enum { SIZE = 256 * 1024 };

static uint32_t table[256];

static void make_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;

		for (int k = 0; k < 8; k++)
			c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
		table[i] = c;
	}
}

static uint32_t crc(uint32_t c, const uint8_t *p, size_t n)
{
	c = ~c;
	while (n--)
		c = table[(c ^ *p++) & 255] ^ c >> 8;
	return ~c;
}

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint8_t *data = bench_alloc(SIZE);
	uint32_t seed = 7, c = 0;

	make_table();
	for (int i = 0; i < SIZE; i++)
		data[i] = (uint8_t)bench_random(&seed);
	for (unsigned round = 0; round < scale; round++)
		c = crc(c, data, SIZE);
	return bench_end(c);
}
