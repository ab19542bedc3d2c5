/* Floating-point instructions in IT blocks of both conditions: left out they write nothing and raise nothing, executed they do what
 * they do elsewhere.
 * @reference self
 * @flags -mfpu=vfpv4
 */
#include <stdint.h>
#include <stdio.h>

static const uint64_t values[] = {
	0, 0x3ff0000000000000, 0xbff8000000000000, 0x7ff0000000000001, 0x7ff8000000000000, 0x7ff0000000000000,
	0x0000000000000001, 0x7fefffffffffffff, 0x0010000000000000, 0x3ff0000000000001, 0x7f8000013f800000, 0x00000001ff7fffff,
	0x41e0000000000000, 0xc024000000000000,
};
enum { N = sizeof values / sizeof *values, OLD = 0x55aa };

struct result {
	uint64_t d;
	uint32_t fpscr, other;
};

/* What the instruction does alone, and in the first place of an IT block whose second place has the other condition. */
#define BOTH_WAYS(name, op, operands, condition, inverse) \
	static struct result name##_alone(uint64_t a, uint64_t b, uint64_t c) \
	{ \
		struct result r = { .other = 0 }; \
		__asm__ volatile("vmov d0, %Q[a], %R[a]\n vmov d1, %Q[b], %R[b]\n vmov d2, %Q[c], %R[c]\n vmsr fpscr, %[z]\n" \
				 op operands "\n vmrs %[f], fpscr\n vmov %Q[d], %R[d], d2" \
				 : [d] "=&r"(r.d), [f] "=&r"(r.fpscr) : [a] "r"(a), [b] "r"(b), [c] "r"(c), [z] "r"(0) \
				 : "d0", "d1", "d2"); \
		return r; \
	} \
	static struct result name##_if(uint64_t a, uint64_t b, uint64_t c, int when) \
	{ \
		struct result r = { .other = 0 }; \
		__asm__ volatile("vmov d0, %Q[a], %R[a]\n vmov d1, %Q[b], %R[b]\n vmov d2, %Q[c], %R[c]\n vmsr fpscr, %[z]\n" \
				 "cmp %[w], #0\n ite " condition "\n" op condition operands "\n mov" inverse " %[o], #1\n" \
				 "vmrs %[f], fpscr\n vmov %Q[d], %R[d], d2" \
				 : [d] "=&r"(r.d), [f] "=&r"(r.fpscr), [o] "+&r"(r.other) \
				 : [a] "r"(a), [b] "r"(b), [c] "r"(c), [z] "r"(0), [w] "r"(when) : "d0", "d1", "d2", "cc"); \
		return r; \
	}

#define OPERATIONS(OP) \
	OP(add64, "vadd", ".f64 d2, d0, d1") OP(sub32, "vsub", ".f32 s4, s0, s2") OP(mul64, "vmul", ".f64 d2, d0, d1") \
	OP(nmul32, "vnmul", ".f32 s5, s1, s3") OP(div64, "vdiv", ".f64 d2, d0, d1") OP(div32, "vdiv", ".f32 s4, s0, s2") \
	OP(sqrt64, "vsqrt", ".f64 d2, d0") OP(mla64, "vmla", ".f64 d2, d0, d1") OP(nmls32, "vnmls", ".f32 s4, s0, s2") \
	OP(fma64, "vfma", ".f64 d2, d0, d1") OP(fnms32, "vfnms", ".f32 s5, s1, s2") OP(abs64, "vabs", ".f64 d2, d0") \
	OP(neg32, "vneg", ".f32 s4, s1") OP(narrow, "vcvt", ".f32.f64 s4, d0") OP(wide, "vcvt", ".f64.f32 d2, s0") \
	OP(to_int, "vcvt", ".s32.f64 s4, d0") OP(to_unsigned, "vcvtr", ".u32.f32 s5, s1") OP(from_int, "vcvt", ".f32.s32 s4, s0") \
	OP(to_fixed, "vcvt", ".s32.f64 d2, d2, #32") OP(from_fixed, "vcvt", ".f32.u16 s4, s4, #3") \
	OP(half, "vcvtb", ".f16.f32 s4, s0") OP(compare64, "vcmpe", ".f64 d0, d1") OP(compare32, "vcmp", ".f32 s0, #0")

#define FUNCTIONS(name, op, operands) BOTH_WAYS(name, op, operands, "ne", "eq")
OPERATIONS(FUNCTIONS)

static const struct {
	const char *name;
	struct result (*alone)(uint64_t a, uint64_t b, uint64_t c);
	struct result (*under)(uint64_t a, uint64_t b, uint64_t c, int when);
} op[] = {
#define ROW(name, op, operands) { #name, name##_alone, name##_if },
	OPERATIONS(ROW)
};

static int check(unsigned i, uint64_t a, uint64_t b)
{
	struct result want = op[i].alone(a, b, a ^ OLD), yes = op[i].under(a, b, a ^ OLD, 1), no = op[i].under(a, b, a ^ OLD, 0);

	if (yes.d == want.d && yes.fpscr == want.fpscr && !yes.other && no.d == (a ^ OLD) && !no.fpscr && no.other)
		return 0;
	printf("%s %016llx %016llx: %016llx %08x, executed %016llx %08x, left out %016llx %08x\n", op[i].name, (unsigned long long)a,
	       (unsigned long long)b, (unsigned long long)want.d, want.fpscr, (unsigned long long)yes.d, yes.fpscr,
	       (unsigned long long)no.d, no.fpscr);
	return 1;
}

int main(void)
{
	int bad = 0;

	for (unsigned i = 0; i < sizeof op / sizeof *op; i++)
		for (unsigned a = 0; a < N; a++)
			for (unsigned b = 0; b < N; b++)
				bad += check(i, values[a], values[b]);
	printf("%s\n", bad ? "wrong" : "right");
	return bad != 0;
}
