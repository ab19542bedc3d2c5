/* Single-precision instructions in loops on registers that hold singles, or do not: wide numbers, subnormal ones, NaNs, with
 * what they leave in FPSCR.
 * @reference self
 */
#include <stdint.h>
#include <stdio.h>

static const uint64_t value[] = {
	0x3ff8000000000000, 0xbff19999a0000000, 0x3fb999999999999a, 0x0000000000000000, 0x8000000000000000,
	0x7ff0000000000000, 0x7ff8000020000000, 0x7ff4000000000000, 0x7ff8000000000001, 0x36a0000000000000,
	0xb7f8000000000000, 0x3690000000000000, 0x47efffffe0000000, 0x4c70000000000000, 0x380fffffffffffff,
	0x3e70000000000000,
};

enum { N = sizeof value / sizeof *value };

static uint32_t mix(uint32_t h, uint64_t v)
{
	h = (h ^ (uint32_t)v) * 16777619;
	return (h ^ (uint32_t)(v >> 32)) * 16777619 ^ h >> 15;
}

/* Four rounds of sums and products that feed each other. Nothing is in a register the loop does not know to be a single. */
static uint32_t rounds(uint32_t h, const uint64_t *a, const uint64_t *b, const uint64_t *c)
{
	uint64_t out[4];
	uint32_t word[2];

	__asm__ volatile("lfd 1, 0(%0)\n\tlfd 2, 0(%1)\n\tlfd 3, 0(%2)\n\tlfd 4, 0(%2)\n\t"
			 "mtfsfi 0,0\n\tmtfsfi 1,0\n\tmtfsfi 2,0\n\tmtfsfi 3,0\n\tmtfsfi 4,0\n\tmtfsfi 5,0\n\t"
			 "li 0,4\n\tmtctr 0\n"
			 "1:\tnop\n\tfmadds 3,1,2,3\n\tfmuls 5,1,4\n\tfcmpu 6,5,3\n\tbgt 6,2f\n\tnop\n\tfnmsubs 4,5,2,4\n\t"
			 "stfs 4,0(%4)\n2:\tfneg 6,3\n\tstfs 6,4(%4)\n\tbdnz 1b\n\t"
			 "stfd 3,0(%3)\n\tstfd 4,8(%3)\n\tstfd 5,16(%3)\n\tmffs 6\n\tstfd 6,24(%3)"
			 : : "b"(a), "b"(b), "b"(c), "b"(out), "b"(word)
			 : "fr1", "fr2", "fr3", "fr4", "fr5", "fr6", "r0", "ctr", "cr6", "memory");
	for (unsigned i = 0; i < 3; i++)
		h = mix(h, out[i]);
	return mix(mix(h, (uint32_t)out[3]), word[1]);
}

int main(void)
{
	uint32_t h = 1;

	for (unsigned i = 0; i < 3 * N * N * N; i++)
		h = rounds(h, &value[i % N], &value[i / N % N], &value[i / N / N % N]);
	printf("%08x\n", h);
	return h != 0x5e7e6bb4;
}
