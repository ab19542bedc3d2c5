/* FPSCR bits after single instructions: exceptions, FPRF classes, FR and FI, summary bits, CR1.
 * @reference self
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FX = 1u << 31, FEX = 1u << 30, VX = 1u << 29, OX = 1u << 28, UX = 1u << 27, ZX = 1u << 26, XX = 1u << 25,
       VXSNAN = 1u << 24, VXISI = 1u << 23, VXIDI = 1u << 22, VXZDZ = 1u << 21, VXIMZ = 1u << 20, VXVC = 1u << 19,
       FR = 1u << 18, FI = 1u << 17, VXCVI = 1u << 8 };

/* FPRF in place */
enum { QNAN = 0x11000, MINUS_INF = 0x9000, MINUS = 0x8000, MINUS_SUB = 0x18000, MINUS_ZERO = 0x12000,
       PLUS_ZERO = 0x2000, PLUS_SUB = 0x14000, PLUS = 0x4000, PLUS_INF = 0x5000 };

static int bad;

static void check(const char *what, double fpscr, uint32_t cr, uint32_t want)
{
	uint64_t u;

	memcpy(&u, &fpscr, sizeof u);
	if ((uint32_t)u != want || (cr >> 24 & 15) != want >> 28) {
		printf("%s: fpscr %08x cr1 %x, expected %08x\n", what, (uint32_t)u, cr >> 24 & 15, want);
		bad++;
	}
}

#define CASE(text, a, b, want) do { \
	double x_ = (a), y_ = (b), f_; \
	uint32_t cr_; \
	__asm__ volatile("mtfsfi 0,0\n\tmtfsfi 1,0\n\tmtfsfi 2,0\n\tmtfsfi 3,0\n\tmtfsfi 4,0\n\tmtfsfi 5,0\n\t" \
			 "mtfsfi 6,0\n\tmtfsfi 7,0\n\t" text "\n\tmffs %0\n\tmfcr %1" \
			 : "=&f"(f_), "=&r"(cr_) : "f"(x_), "f"(y_) : "fr0", "cr0", "cr1", "cr6", "memory"); \
	check(text, f_, cr_, want); \
} while (0)

int main(void)
{
	double inf = __builtin_inf(), snan, tiny = 0x1p-1074, min = 0x1p-1022;
	const uint64_t snan_bits = 0x7ff0000000000001;

	memcpy(&snan, &snan_bits, sizeof snan);
	CASE("fadd. 0, %2, %3", 1, 2, PLUS);
	CASE("fadd. 0, %2, %3", -1, -2, MINUS);
	CASE("fsub. 0, %2, %3", 1, 1, PLUS_ZERO);
	CASE("fmul. 0, %2, %3", -1, 0, MINUS_ZERO);
	CASE("fadd. 0, %2, %3", 1, 0x1p-60, PLUS | FX | XX | FI);
	CASE("fdiv. 0, %2, %3", 1, 10, PLUS | FX | XX | FI | FR);
	CASE("fdiv. 0, %2, %3", 1, 3, PLUS | FX | XX | FI);
	CASE("fdiv. 0, %2, %3", 1, 0, PLUS_INF | FX | ZX);
	CASE("fdiv. 0, %2, %3", -1, 0, MINUS_INF | FX | ZX);
	CASE("fdiv. 0, %2, %3", 0, 0, QNAN | FX | VX | VXZDZ);
	CASE("fdiv. 0, %2, %3", inf, inf, QNAN | FX | VX | VXIDI);
	CASE("fsub. 0, %2, %3", inf, inf, QNAN | FX | VX | VXISI);
	CASE("fmul. 0, %2, %3", inf, 0, QNAN | FX | VX | VXIMZ);
	CASE("fadd. 0, %2, %3", snan, 1, QNAN | FX | VX | VXSNAN);
	CASE("fmul. 0, %2, %3", 0x1p1000, 0x1p1000, PLUS_INF | FX | OX | XX | FI | FR);
	CASE("fmul. 0, %2, %3", min, 0.5, PLUS_SUB);
	CASE("fmul. 0, %2, %3", tiny, 0.75, PLUS_SUB | FX | UX | XX | FI | FR);
	CASE("fmul. 0, %2, %3", -tiny, 0.25, MINUS_ZERO | FX | UX | XX | FI);
	CASE("fadds. 0, %2, %3", 1, 0x1p-30, PLUS | FX | XX | FI);
	CASE("frsp. 0, %2", 0x1p-140, 0, PLUS_SUB);
	CASE("frsp. 0, %2", 0x1.8p128, 0, PLUS_INF | FX | OX | XX | FI | FR);
	CASE("mtfsb1. 0", 0, 0, FX);
	CASE("mtfsfi. 7, 3", 0, 0, 3);
	CASE("fcmpu 6, %2, %3\n\tmcrfs 6, 0\n\tmtfsb0. 31", 1, 2, 0x8000);
	CASE("fcmpo 6, %2, %3\n\tmtfsb0. 31", snan, 2, FX | VX | VXSNAN | VXVC | 0x1000);
	printf("%d bad\n", bad);
	return bad != 0;
}
