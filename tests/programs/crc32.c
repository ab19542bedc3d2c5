/* CRC-32, table-driven, over a buffer of a megabyte.
 * @args 1
 * @without hot
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint32_t table[256];
static uint8_t data[1 << 20];

static uint32_t crc(uint32_t c, const uint8_t *p, size_t n)
{
	c = ~c;
	while (n--)
		c = table[(c ^ *p++) & 0xff] ^ c >> 8;
	return ~c;
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	uint32_t c = 0;

	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;

		for (int k = 0; k < 8; k++)
			v = v >> 1 ^ (v & 1 ? 0xedb88320 : 0);
		table[i] = v;
	}
	for (uint32_t i = 0; i < sizeof data; i++)
		data[i] = (uint8_t)(i * 2654435761u >> 24);
	for (unsigned r = 0; r < rounds; r++)
		c = crc(c, data, sizeof data);
	printf("%08x\n", c);
	return 0;
}
