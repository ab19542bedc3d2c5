/*
 * PowerPC: the floating-point unit (PowerISA Book I 4.2-4.6, and the same in the 32-bit Programming Environments Manual,
 * 3.3) and AltiVec's floating point (AltiVec PEM 3.2). Estimates are not here: what they are is the processor's choice.
 */
#include <string.h>

#include "dragoman/ppc.h"
#include "exact.h"
#include "vectors.h"

enum {
	OX = 1 << 28, UX = 1 << 27, ZX = 1 << 26, XX = 1 << 25, VXSNAN = 1 << 24, VXISI = 1 << 23, VXIDI = 1 << 22, VXZDZ = 1 << 21,
	VXIMZ = 1 << 20, VXVC = 1 << 19, FR = 1 << 18, FI = 1 << 17, VXSOFT = 1 << 10, VXSQRT = 1 << 9, VXCVI = 1 << 8,
	VE = 1 << 7, OE = 1 << 6, UE = 1 << 5, ZE = 1 << 4, XE = 1 << 3, FPRF = 0x1f << 12, VX = 1 << 29, FEX = 1 << 30,
	ALL_VX = VXSNAN | VXISI | VXIDI | VXZDZ | VXIMZ | VXVC | VXSOFT | VXSQRT | VXCVI,
	VSCR_SAT = 1,
	VSCR_NJ = 1 << 16,
};
#define FX (1u << 31)
#define SIGN64 (UINT64_C(1) << 63)

enum op {
	ADD, SUB, MUL, DIV, SQRT, MADD, MSUB, NMADD, NMSUB, RSP, CTIW, CTIWZ, SEL, MR, NEG, ABS, NABS, LFS, STFS, CMPU, CMPO,
	V_ADD, V_SUB, V_MADD, V_NMSUB, V_MAX, V_MIN, V_RFIN, V_RFIZ, V_RFIP, V_RFIM, V_CFUX, V_CFSX, V_CTUXS, V_CTSXS,
	V_CMPEQ, V_CMPGE, V_CMPGT, V_CMPB,
};

enum { A = 1, B = 2, C = 4, SINGLE = 8, RC = 16 };	/* RC: may record; V_CMP have the bit elsewhere */

static const struct row {
	const char *name;
	uint32_t word;
	enum op op;
	unsigned uses;
} rows[] = {
	{ "fadd", 0xfc00002a, ADD, A | B | RC }, { "fsub", 0xfc000028, SUB, A | B | RC }, { "fmul", 0xfc000032, MUL, A | C | RC },
	{ "fdiv", 0xfc000024, DIV, A | B | RC }, { "fsqrt", 0xfc00002c, SQRT, B | RC }, { "fmadd", 0xfc00003a, MADD, A | B | C | RC },
	{ "fmsub", 0xfc000038, MSUB, A | B | C | RC }, { "fnmadd", 0xfc00003e, NMADD, A | B | C | RC },
	{ "fnmsub", 0xfc00003c, NMSUB, A | B | C | RC },
	{ "fadds", 0xec00002a, ADD, A | B | RC | SINGLE }, { "fsubs", 0xec000028, SUB, A | B | RC | SINGLE },
	{ "fmuls", 0xec000032, MUL, A | C | RC | SINGLE }, { "fdivs", 0xec000024, DIV, A | B | RC | SINGLE },
	{ "fsqrts", 0xec00002c, SQRT, B | RC | SINGLE }, { "fmadds", 0xec00003a, MADD, A | B | C | RC | SINGLE },
	{ "fmsubs", 0xec000038, MSUB, A | B | C | RC | SINGLE }, { "fnmadds", 0xec00003e, NMADD, A | B | C | RC | SINGLE },
	{ "fnmsubs", 0xec00003c, NMSUB, A | B | C | RC | SINGLE },
	{ "frsp", 0xfc000018, RSP, B | RC }, { "fctiw", 0xfc00001c, CTIW, B | RC }, { "fctiwz", 0xfc00001e, CTIWZ, B | RC },
	{ "fsel", 0xfc00002e, SEL, A | B | C | RC }, { "fmr", 0xfc000090, MR, B | RC }, { "fneg", 0xfc000050, NEG, B | RC },
	{ "fabs", 0xfc000210, ABS, B | RC }, { "fnabs", 0xfc000110, NABS, B | RC }, { "fcmpu", 0xfc000000, CMPU, A | B },
	{ "fcmpo", 0xfc000040, CMPO, A | B },
	{ "lfs", 0xc0000000 | GUEST_DATA, LFS, 0 }, { "stfs", 0xd0000000 | GUEST_DATA, STFS, 0 },
	{ "vaddfp", 0x1000000a, V_ADD, A | B }, { "vsubfp", 0x1000004a, V_SUB, A | B }, { "vmaddfp", 0x1000002e, V_MADD, A | B | C },
	{ "vnmsubfp", 0x1000002f, V_NMSUB, A | B | C }, { "vmaxfp", 0x1000040a, V_MAX, A | B }, { "vminfp", 0x1000044a, V_MIN, A | B },
	{ "vrfin", 0x1000020a, V_RFIN, B }, { "vrfiz", 0x1000024a, V_RFIZ, B }, { "vrfip", 0x1000028a, V_RFIP, B },
	{ "vrfim", 0x100002ca, V_RFIM, B }, { "vcfux", 0x1000030a, V_CFUX, B }, { "vcfsx", 0x1000034a, V_CFSX, B },
	{ "vctuxs", 0x1000038a, V_CTUXS, B }, { "vctsxs", 0x100003ca, V_CTSXS, B }, { "vcmpeqfp", 0x100000c6, V_CMPEQ, A | B },
	{ "vcmpgefp", 0x100001c6, V_CMPGE, A | B }, { "vcmpgtfp", 0x100002c6, V_CMPGT, A | B }, { "vcmpbfp", 0x100003c6, V_CMPB, A | B },
};

/* ---- drawing ---- */

static void draw(struct test_rng *r, unsigned k, struct fpv_insn *in)
{
	const struct row *row = &rows[k];

	/* n: A, m: C, a: B, as in n * m + a; imm: Rc, a field of CR, or a scale. */
	*in = (struct fpv_insn){ .row = k, .word = row->word, .size = row->op >= V_ADD ? 32 : 64, .d = test_below(r, FPV_REGS),
				 .n = test_below(r, FPV_REGS), .m = test_below(r, FPV_REGS), .a = test_below(r, FPV_REGS) };
	if (row->uses & A)
		in->word |= in->n << 16;
	if (row->uses & B)
		in->word |= in->a << 11;
	if (row->uses & C)
		in->word |= in->m << 6;
	if (row->uses & RC)
		in->word |= in->imm = test_below(r, 2);
	if (row->op >= V_CMPEQ)
		in->word |= (in->imm = test_below(r, 2)) << 10;
	if (row->op >= V_CFUX && row->op <= V_CTSXS)
		in->word |= (in->imm = test_below(r, 32)) << 16;
	if (row->op == CMPU || row->op == CMPO)
		in->word |= (in->imm = test_below(r, 8)) << 23;
	else
		in->word |= in->d << 21;
}

static uint64_t widen(uint32_t single)
{
	enum exact_class class = exact_classify(32, single);
	uint64_t sign = (uint64_t)(single >> 31) << 63;

	if (class == EXACT_ZERO)
		return sign;
	if (class >= EXACT_INF)
		return sign | exact_infinity(64, false) | (uint64_t)(single & 0x7fffff) << 29;
	exact_load(0, 32, single);
	exact_round(EXACT_X, 32, EXACT_NEAREST);
	return exact_bits(64);
}

static uint64_t summary(uint64_t fpscr)
{
	static const struct {
		uint32_t flags, enable;
	} trap[] = { { ALL_VX, VE }, { OX, OE }, { UX, UE }, { ZX, ZE }, { XX, XE } };

	fpscr &= ~(uint64_t)(VX | FEX);
	fpscr |= fpscr & ALL_VX ? VX : 0;
	for (unsigned i = 0; i < 5; i++)
		if (fpscr & trap[i].flags && fpscr & trap[i].enable)
			fpscr |= FEX;
	return fpscr;
}

static uint64_t draw_fpscr(struct test_rng *r)
{
	uint64_t v = test_below(r, 3) ? test_below(r, 4) : 0;

	v |= test_below(r, 2) ? 0 : test_next(r) & 0x9ffff700;
	v |= test_below(r, 4) ? 0 : test_next(r) & (VE | OE | UE | ZE | XE);
	return summary(v);
}

static void draw_doubles(struct test_rng *r, const struct row *row, const struct fpv_insn *in, struct fpv_state *s)
{
	bool compares = row->op == CMPU || row->op == CMPO || row->op == ADD || row->op == SUB || row->op == DIV;
	unsigned size = row->uses & SINGLE && test_below(r, 4) ? 32 : 64, other = row->op == RSP && test_below(r, 2) ? 32 : size;
	uint64_t v[FPV_REGS];

	for (unsigned i = 0; i < FPV_REGS; i++)
		v[i] = fpv_float(r, size);
	if (!(row->uses & A))
		fpv_relate(r, size, &v[in->a], &v[in->n], &v[in->m]);
	else if (compares)
		fpv_relate(r, size, &v[in->n], &v[in->a], &v[in->m]);
	else
		fpv_relate(r, size, &v[in->n], &v[in->m], &v[in->a]);
	for (unsigned i = 0; i < FPV_REGS; i++) {
		s->x[i] = size == 32 ? widen((uint32_t)v[i]) : v[i];
		if (other == 32 && size == 64 && test_below(r, 2))	/* between two singles */
			s->x[i] = widen((uint32_t)fpv_float(r, 32)) + (UINT64_C(1) << 28) + test_below(r, 3) - 1;
	}
}

static void draw_state(struct test_rng *r, const struct fpv_insn *in, struct fpv_state *s)
{
	const struct row *row = &rows[in->row];

	memset(s, 0, sizeof *s);
	draw_doubles(r, row, in, s);
	for (unsigned i = 0; i < FPV_REGS; i++) {
		s->v[i] = fpv_vector(r, 32);
		if ((row->op == V_CFUX || row->op == V_CFSX) && test_below(r, 8))
			s->v[i] = (struct guest_value){ (uint32_t)fpv_integer(r) | fpv_integer(r) << 32, (uint32_t)fpv_integer(r) | fpv_integer(r) << 32 };
	}
	if (row->op == V_MADD || row->op == V_NMSUB)
		fpv_relate_lanes(r, 32, &s->v[in->n], &s->v[in->m], &s->v[in->a]);
	else if (row->op >= V_ADD && row->op != V_CFUX && row->op != V_CFSX)
		fpv_relate_lanes(r, 32, row->uses & A ? &s->v[in->n] : &s->v[in->a], row->uses & A ? &s->v[in->a] : &s->v[in->n], &s->v[in->m]);
	if (row->op == STFS && test_below(r, 4))		/* single precision's subnormals */
		s->x[in->d] = (s->x[in->d] & ~exact_infinity(64, false)) | (uint64_t)(870 + test_below(r, 30)) << 52;
	s->data = fpv_float(r, 32);
	s->control = draw_fpscr(r);
	s->flags = (uint64_t)test_below(r, 2) << 16 | test_below(r, 2);
	s->cond = (uint32_t)test_next(r);
}

/* ---- the floating-point unit ---- */

struct outcome {
	uint64_t bits;
	uint32_t raises;
	unsigned class;			/* FPRF */
	bool fr, fi;
};

static enum exact_rounding rounding_of(uint64_t fpscr)
{
	static const enum exact_rounding rn[] = { EXACT_NEAREST, EXACT_TO_ZERO, EXACT_UP, EXACT_DOWN };

	return rn[fpscr & 3];
}

static bool is_inf(uint64_t v)
{
	return exact_classify(64, v) == EXACT_INF;
}

static bool is_zero(uint64_t v)
{
	return exact_classify(64, v) == EXACT_ZERO;
}

static bool is_nan(uint64_t v)
{
	return exact_classify(64, v) >= EXACT_QNAN;
}

static bool is_negative(uint64_t v)
{
	return v >> 63;
}

/* FPRF of a value of a format. */
static unsigned class_of(unsigned size, uint64_t v)
{
	bool negative = v >> (size - 1);

	switch (exact_classify(size, v)) {
	case EXACT_ZERO: return negative ? 0x12 : 0x02;
	case EXACT_SUBNORMAL: return negative ? 0x18 : 0x14;
	case EXACT_NORMAL: return negative ? 0x08 : 0x04;
	case EXACT_INF: return negative ? 0x09 : 0x05;
	default: return 0x11;
	}
}

static struct outcome plain(uint64_t bits)
{
	return (struct outcome){ .bits = bits, .class = class_of(64, bits) };
}

static struct outcome invalid(uint32_t why)
{
	return (struct outcome){ .bits = exact_default_nan(64), .class = 0x11, .raises = why };
}

static struct outcome signed_zero(bool negative)
{
	return plain(negative ? SIGN64 : 0);
}

static struct outcome infinity(bool negative)
{
	return plain(exact_infinity(64, negative));
}

/* The result rounded as FPSCR says; enabled overflow and underflow adjust the exponent. Of exact zeros the sign is told. */
static struct outcome finish(enum exact_op op, bool single, uint64_t fpscr, bool negative_zero)
{
	unsigned size = single ? 32 : 64;
	int wrap = single ? 192 : 1536;
	enum exact_rounding rounding = rounding_of(fpscr);
	struct exact_result wide = exact_round_wide(op, size, rounding, 0), r;
	struct outcome out = { 0 };

	if (wide.zero)
		return signed_zero(negative_zero);
	if ((wide.tiny && fpscr & UE) || (wide.overflow && fpscr & OE)) {
		r = exact_round_wide(op, size, rounding, wide.tiny ? wrap : -wrap);
		out.bits = exact_wrapped_bits(64);
		out.raises = wide.tiny ? UX : OX;
		out.class = r.negative ? 0x08 : 0x04;
	} else {
		r = exact_round(op, size, rounding);
		out.raises = (r.overflow ? OX : 0) | (r.tiny && r.inexact ? UX : 0);
		out.bits = exact_bits(64);
		out.class = class_of(size, exact_bits(size));
	}
	out.raises |= r.inexact ? XX : 0;
	out.fi = r.inexact;
	out.fr = r.grown;
	return out;
}

static struct outcome add(uint64_t a, uint64_t b, bool subtracts, bool single, uint64_t fpscr)
{
	bool negative = is_negative(a), other = is_negative(b) != subtracts;

	if (is_inf(a) && is_inf(b) && negative != other)
		return invalid(VXISI);
	if (is_inf(a) || is_inf(b))
		return infinity(is_inf(a) ? negative : other);
	exact_load(0, 64, a);
	exact_load(1, 64, b);
	return finish(subtracts ? EXACT_SUB : EXACT_ADD, single, fpscr, negative == other ? negative : rounding_of(fpscr) == EXACT_DOWN);
}

static struct outcome multiply(uint64_t a, uint64_t c, bool single, uint64_t fpscr)
{
	bool negative = is_negative(a) != is_negative(c);

	if ((is_inf(a) && is_zero(c)) || (is_zero(a) && is_inf(c)))
		return invalid(VXIMZ);
	if (is_inf(a) || is_inf(c))
		return infinity(negative);
	exact_load(0, 64, a);
	exact_load(1, 64, c);
	return finish(EXACT_MUL, single, fpscr, negative);
}

static struct outcome divide(uint64_t a, uint64_t b, bool single, uint64_t fpscr)
{
	bool negative = is_negative(a) != is_negative(b);
	struct outcome out = infinity(negative);

	if (is_inf(a) && is_inf(b))
		return invalid(VXIDI);
	if (is_zero(a) && is_zero(b))
		return invalid(VXZDZ);
	if (is_inf(b))
		return signed_zero(negative);
	if (is_inf(a) || is_zero(b)) {
		out.raises = is_inf(a) ? 0 : ZX;
		return out;
	}
	exact_load(0, 64, a);
	exact_load(1, 64, b);
	return finish(EXACT_DIV, single, fpscr, negative);
}

static struct outcome square_root(uint64_t b, bool single, uint64_t fpscr)
{
	if (is_zero(b))
		return plain(b);
	if (is_negative(b))
		return invalid(VXSQRT);
	if (is_inf(b))
		return plain(b);
	exact_load(0, 64, b);
	return finish(EXACT_SQRT, single, fpscr, false);
}

static struct outcome multiply_add(uint64_t a, uint64_t b, uint64_t c, bool subtracts, bool single, uint64_t fpscr)
{
	bool negative = is_negative(a) != is_negative(c), other = is_negative(b) != subtracts;

	if ((is_inf(a) && is_zero(c)) || (is_zero(a) && is_inf(c)))
		return invalid(VXIMZ);
	if (is_inf(a) || is_inf(c))
		return is_inf(b) && negative != other ? invalid(VXISI) : infinity(negative);
	if (is_inf(b))
		return infinity(other);
	exact_load(0, 64, a);
	exact_load(1, 64, c);
	exact_load(2, 64, b);
	return finish(subtracts ? EXACT_FMS : EXACT_FMA, single, fpscr, negative == other ? negative : rounding_of(fpscr) == EXACT_DOWN);
}

/* Results that are no NaNs change their sign after rounding. */
static struct outcome negated(struct outcome out)
{
	if (out.class == 0x11)
		return out;
	out.bits ^= SIGN64;
	out.class ^= (out.class & 0xf) == 2 ? 0x10 : 0x0c;
	return out;
}

/* Bits 0-31 and FPRF are undefined: 0xfff80000 and 0 are what the library says it delivers. */
static struct outcome to_integer(uint64_t b, enum exact_rounding rounding)
{
	struct outcome out = { .bits = UINT64_C(0xfff80000) << 32 };
	uint64_t integer = 0x80000000;

	if (is_nan(b)) {
		out.raises = VXCVI | (exact_classify(64, b) == EXACT_SNAN ? VXSNAN : 0);
	} else if (!is_zero(b)) {
		if (is_inf(b))
			exact_load_integer(0, is_negative(b), 1, 4000);
		else
			exact_load(0, 64, b);
		struct exact_result r = exact_round_integral(0, rounding);
		bool fits = exact_integer(32, false, &integer);
		out.raises = !fits ? VXCVI : r.inexact ? XX : 0;
		out.fi = fits && r.inexact;
		out.fr = fits && r.grown;
	} else {
		integer = 0;
	}
	out.bits |= integer;
	return out;
}

/* The first of A, B, C that is one, quiet; of single precision when the instruction is. */
static bool nan_result(const struct row *row, uint64_t a, uint64_t b, uint64_t c, struct outcome *out)
{
	const uint64_t v[] = { a, b, c };
	bool found = false;

	*out = (struct outcome){ .class = 0x11 };
	for (unsigned i = 0; i < 3; i++) {
		if (!(row->uses >> i & 1) || !is_nan(v[i]))
			continue;
		if (!found)
			out->bits = v[i] | UINT64_C(1) << 51;
		found = true;
		out->raises |= exact_classify(64, v[i]) == EXACT_SNAN ? VXSNAN : 0;
	}
	if (row->uses & SINGLE || row->op == RSP)
		out->bits &= ~UINT64_C(0x1fffffff);
	if (row->op >= MADD && row->op <= NMSUB && ((is_inf(a) && is_zero(c)) || (is_zero(a) && is_inf(c))))
		out->raises |= VXIMZ;
	return found;
}

static struct outcome calculate(const struct row *row, uint64_t a, uint64_t b, uint64_t c, uint64_t fpscr)
{
	bool single = row->uses & SINGLE;
	struct outcome nan;

	if (row->op == CTIW || row->op == CTIWZ)
		return to_integer(b, row->op == CTIWZ ? EXACT_TO_ZERO : rounding_of(fpscr));
	if (nan_result(row, a, b, c, &nan))
		return nan;
	switch (row->op) {
	case ADD:
	case SUB: return add(a, b, row->op == SUB, single, fpscr);
	case MUL: return multiply(a, c, single, fpscr);
	case DIV: return divide(a, b, single, fpscr);
	case SQRT: return square_root(b, single, fpscr);
	case MADD:
	case MSUB: return multiply_add(a, b, c, row->op == MSUB, single, fpscr);
	case NMADD:
	case NMSUB: return negated(multiply_add(a, b, c, row->op == NMSUB, single, fpscr));
	default: break;
	}
	if (is_inf(b) || is_zero(b))
		return plain(b);
	exact_load(0, 64, b);
	return finish(EXACT_X, true, fpscr, false);
}

static uint64_t raised(uint64_t fpscr, uint32_t raises)
{
	return summary(fpscr | raises | (raises & ~fpscr ? FX : 0));
}

/* Enabled invalid operations and divisions by zero leave target and FPRF alone. */
static void deliver(struct fpv_state *s, const struct fpv_insn *in, const struct outcome *out)
{
	bool withheld = (out->raises & ALL_VX && s->control & VE) || (out->raises & ZX && s->control & ZE);

	s->control = (s->control & ~(uint64_t)(FR | FI)) | (out->fr ? FR : 0) | (out->fi ? FI : 0);
	if (!withheld) {
		s->control = (s->control & ~(uint64_t)FPRF) | (uint64_t)out->class << 12;
		s->x[in->d] = out->bits;
	}
	s->control = raised(s->control, out->raises);
}

static uint64_t moved(enum op op, uint64_t a, uint64_t b, uint64_t c)
{
	switch (op) {
	case SEL: return !is_nan(a) && (!is_negative(a) || is_zero(a)) ? c : b;
	case NEG: return b ^ SIGN64;
	case ABS: return b & ~SIGN64;
	case NABS: return b | SIGN64;
	default: return b;
	}
}

/* The word at GUEST_DATA, which is big-endian. */
static uint32_t swapped(uint64_t v)
{
	return __builtin_bswap32((uint32_t)v);
}

/* Digits are selected, or denormalised by shifting. What is stored of less than those is undefined, and here 0, too. */
static uint32_t narrow(uint64_t v)
{
	if (is_zero(v) || (v >> 52 & 0x7ff) > 896)
		return (uint32_t)(v >> 32 & 0xc0000000) | (uint32_t)(v >> 29 & 0x3fffffff);
	exact_load(0, 64, v);
	exact_round(EXACT_X, 32, EXACT_TO_ZERO);
	return (uint32_t)exact_bits(32);
}

static void transfer(struct fpv_state *s, enum op op, unsigned d)
{
	if (op == LFS)
		s->x[d] = widen(swapped(s->data));
	else
		s->data = (s->data & ~UINT64_C(0xffffffff)) | swapped(narrow(s->x[d]));
}

/* Below 0, 0, above 0; the operands are no NaNs. */
static int order(unsigned size, uint64_t a, uint64_t b)
{
	const uint64_t v[] = { a, b };

	for (unsigned i = 0; i < 2; i++) {
		if (exact_classify(size, v[i]) == EXACT_INF)
			exact_load_integer(i, v[i] >> (size - 1), 1, 4000);
		else
			exact_load(i, size, v[i]);
	}
	return exact_compare();
}

static void compare(struct fpv_state *s, const struct row *row, const struct fpv_insn *in)
{
	uint64_t a = s->x[in->n], b = s->x[in->a];
	bool signals = exact_classify(64, a) == EXACT_SNAN || exact_classify(64, b) == EXACT_SNAN;
	unsigned cc = 1, at = 28 - 4 * in->imm;
	uint32_t raises = signals ? VXSNAN : 0;

	if (!is_nan(a) && !is_nan(b)) {
		int c = order(64, a, b);
		cc = c < 0 ? 8 : c > 0 ? 4 : 2;
	} else if (row->op == CMPO && !(signals && s->control & VE)) {
		raises |= VXVC;
	}
	s->cond = (s->cond & ~(UINT64_C(15) << at)) | (uint64_t)cc << at;
	s->control = raised((s->control & ~UINT64_C(0xf000)) | (uint64_t)cc << 12, raises);
}

/* ---- AltiVec ---- */

static uint32_t flushed(bool flush, uint64_t v)
{
	return flush && exact_classify(32, v) == EXACT_SUBNORMAL ? (uint32_t)v & 0x80000000 : (uint32_t)v;
}

/* To nearest; with NJ, what is subnormal before rounding is a zero. */
static uint32_t vector_finish(enum exact_op op, bool flush, bool negative_zero)
{
	struct exact_result r = exact_round(op, 32, EXACT_NEAREST);

	if (r.zero)
		return negative_zero ? 0x80000000 : 0;
	return r.tiny && flush ? (uint32_t)r.negative << 31 : (uint32_t)exact_bits(32);
}

static bool inf32(uint32_t v)
{
	return exact_classify(32, v) == EXACT_INF;
}

static bool zero32(uint32_t v)
{
	return exact_classify(32, v) == EXACT_ZERO;
}

static uint32_t vector_add(uint32_t a, uint32_t b, bool subtracts, bool flush)
{
	uint32_t other = b ^ (uint32_t)subtracts << 31;

	if (inf32(a) && inf32(b) && a != other)
		return 0x7fc00000;
	if (inf32(a) || inf32(b))
		return inf32(a) ? a : other;
	exact_load(0, 32, a);
	exact_load(1, 32, other);
	return vector_finish(EXACT_ADD, flush, a >> 31 && other >> 31);
}

/* a * c + b */
static uint32_t vector_multiply_add(uint32_t a, uint32_t b, uint32_t c, bool flush)
{
	uint32_t sign = (a ^ c) & 0x80000000;

	if ((inf32(a) && zero32(c)) || (zero32(a) && inf32(c)))
		return 0x7fc00000;
	if (inf32(a) || inf32(c))
		return inf32(b) && (b ^ sign) >> 31 ? 0x7fc00000 : sign | 0x7f800000;
	if (inf32(b))
		return b;
	exact_load(0, 32, a);
	exact_load(1, 32, c);
	exact_load(2, 32, b);
	return vector_finish(EXACT_FMA, flush, sign && b >> 31);
}

static uint32_t vector_extreme(uint32_t a, uint32_t b, bool greatest)
{
	int c = order(32, a, b);

	if (c == 0)
		return (a >> 31 != 0) == greatest ? b : a;
	return (c > 0) == greatest ? a : b;
}

static uint32_t vector_round(uint32_t b, enum exact_rounding rounding)
{
	if (inf32(b) || zero32(b))
		return b;
	exact_load(0, 32, b);
	return exact_round_integral(0, rounding).zero ? b & 0x80000000 : (uint32_t)exact_bits(32);
}

static uint32_t vector_to_integer(uint32_t b, unsigned scale, bool is_unsigned, uint64_t *vscr)
{
	uint64_t integer = 0;

	if (exact_classify(32, b) >= EXACT_QNAN || zero32(b))
		return 0;
	if (inf32(b))
		exact_load_integer(0, b >> 31, 1, 4000);
	else
		exact_load(0, 32, b);
	exact_round_integral((int)scale, EXACT_TO_ZERO);
	if (!exact_integer(32, is_unsigned, &integer))
		*vscr |= VSCR_SAT;
	return (uint32_t)integer;
}

static uint32_t vector_from_integer(uint32_t b, unsigned scale, bool is_unsigned)
{
	bool negative = !is_unsigned && b >> 31;

	exact_load_integer(0, negative, negative ? 0 - b : b, -(int)scale);
	return vector_finish(EXACT_X, false, false);
}

static uint32_t vector_compare(enum op op, uint32_t a, uint32_t b)
{
	bool unordered = exact_classify(32, a) >= EXACT_QNAN || exact_classify(32, b) >= EXACT_QNAN;

	if (op == V_CMPB) {
		bool above = unordered || order(32, a, b) > 0, below = unordered || order(32, a, b ^ 0x80000000) < 0;
		return (uint32_t)above << 31 | (uint32_t)below << 30;
	}
	int c = unordered ? 0 : order(32, a, b);
	bool holds = !unordered && (op == V_CMPEQ ? c == 0 : op == V_CMPGE ? c >= 0 : c > 0);
	return holds ? ~0u : 0;
}

static uint32_t vector_lane(const struct row *row, const struct fpv_insn *in, uint32_t a, uint32_t b, uint32_t c, uint64_t *vscr)
{
	const uint32_t v[] = { a, b, c };
	bool flush = *vscr & VSCR_NJ;

	if (row->op == V_CFUX || row->op == V_CFSX)
		return vector_from_integer(b, in->imm, row->op == V_CFUX);
	for (unsigned i = 0; i < 3 && row->op < V_CFUX; i++)
		if (row->uses >> i & 1 && exact_classify(32, v[i]) >= EXACT_QNAN)
			return v[i] | 0x400000;
	a = flushed(flush, a);
	b = flushed(flush, b);
	c = flushed(flush, c);
	switch (row->op) {
	case V_ADD:
	case V_SUB: return vector_add(a, b, row->op == V_SUB, flush);
	case V_MADD: return vector_multiply_add(a, b, c, flush);
	case V_NMSUB: {
		uint32_t r = vector_multiply_add(a, b ^ 0x80000000, c, flush);
		return exact_classify(32, r) >= EXACT_QNAN ? r : r ^ 0x80000000;
	}
	case V_MAX:
	case V_MIN: return vector_extreme(a, b, row->op == V_MAX);
	case V_RFIN: return vector_round(b, EXACT_NEAREST);
	case V_RFIZ: return vector_round(b, EXACT_TO_ZERO);
	case V_RFIP: return vector_round(b, EXACT_UP);
	case V_RFIM: return vector_round(b, EXACT_DOWN);
	case V_CTUXS:
	case V_CTSXS: return vector_to_integer(b, in->imm, row->op == V_CTUXS, vscr);
	default: return vector_compare(row->op, a, b);
	}
}

static void vectors(struct fpv_state *s, const struct row *row, const struct fpv_insn *in)
{
	struct guest_value out = { 0, 0 };
	unsigned ones = 0, zeros = 0;

	for (unsigned i = 0; i < 4; i++) {
		uint32_t r = vector_lane(row, in, (uint32_t)fpv_lane(&s->v[in->n], 32, i), (uint32_t)fpv_lane(&s->v[in->a], 32, i),
					 (uint32_t)fpv_lane(&s->v[in->m], 32, i), &s->flags);
		fpv_set_lane(&out, 32, i, r);
		ones += r == ~0u;
		zeros += !r;
	}
	s->v[in->d] = out;
	if (row->op >= V_CMPEQ && in->imm)
		s->cond = (s->cond & ~UINT64_C(0xf0)) | (ones == 4 ? 0x80 : 0) | (zeros == 4 ? 0x20 : 0);
}

static void exec(struct fpv_state *s, const struct fpv_insn *in)
{
	const struct row *row = &rows[in->row];
	uint64_t a = s->x[in->n], b = s->x[in->a], c = s->x[in->m];
	struct outcome out;

	if (row->op >= V_ADD) {
		vectors(s, row, in);
		return;
	}
	if (row->op == CMPU || row->op == CMPO) {
		compare(s, row, in);
		return;
	}
	if (row->op == LFS || row->op == STFS) {
		transfer(s, row->op, in->d);
	} else if (row->op >= SEL) {
		s->x[in->d] = moved(row->op, a, b, c);
	} else {
		out = calculate(row, a, b, c, s->control);
		deliver(s, in, &out);
	}
	if (in->imm)
		s->cond = (s->cond & ~UINT64_C(0x0f000000)) | (s->control >> 28) << 24;
}

static const char *mnemonic(unsigned row)
{
	return rows[row].name;
}

#define V(n) { DGM_PPC_V(n), offsetof(struct fpv_state, v[n]), 16 }
#define F(n) { DGM_PPC_F(n), offsetof(struct fpv_state, x[n]), 8 }

static const struct fpv_reg registers[] = {
	V(0), V(1), V(2), V(3), V(4), V(5), V(6), V(7), F(0), F(1), F(2), F(3), F(4), F(5), F(6), F(7),
	{ DGM_PPC_FPSCR, offsetof(struct fpv_state, control), 4 }, { DGM_PPC_VSCR, offsetof(struct fpv_state, flags), 4 },
	{ DGM_PPC_CR, offsetof(struct fpv_state, cond), 4 }, { 0, 0, 0 },
};

const struct fpv_guest fpv_ppc = {
	.name = "ppc", .isa = &guest_ppc, .reg = registers, .groups = " fp vec_fp ",
	.without = " fres frsqrte vrefp vrsqrtefp vexptefp vlogefp ",
	.n_rows = sizeof rows / sizeof *rows,
	.mnemonic = mnemonic, .draw = draw, .state = draw_state, .exec = exec,
};
