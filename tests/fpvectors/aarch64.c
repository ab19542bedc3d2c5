/* AArch64: rows of instructions, as far as they calculate, and what each one does (DDI 0487, C7.2). */
#include <string.h>

#include "arm_rules.h"
#include "dragoman/aarch64.h"
#include "vectors.h"

/* How operands lie. FP_: scalar floating point, ftype in bits 23:22; V_: vectors, which may have a scalar form. */
enum shape {
	FP_2, FP_1, FP_3, FP_RINT, FP_RINT_N, FP_CVT, FP_CMP, FP_CCMP, FP_TO_INT, FP_FROM_INT, FP_TO_FIXED, FP_FROM_FIXED, FP_JS,
	V_2, V_ACC, V_1, V_PAIR, V_RINT, V_RINT_N, V_TO_INT, V_FROM_INT, V_TO_FIXED, V_FROM_FIXED, V_ZERO, V_ELEM, V_ELEM_ACC,
	V_ACROSS, V_PAIR_SCALAR, V_LONG, V_NARROW, V_NARROW_ODD, V_NARROW_ODD_SCALAR, V_HALF_ACC, V_ELEM_HALF_ACC, V_CADD, V_CMLA, V_ELEM_CMLA,
};

enum {
	H = 1, S = 2, D = 4, HSD = 7, SD = 6,
	SCALAR = 1, VECTOR = 2, BOTH = 3,	/* forms of V_ shapes */
	CURRENT = 6,				/* a rounding: FPCR's */
};

static const struct row {
	const char *name;
	enum shape shape;
	uint32_t word, half;	/* half: the vectors of halves, whose words are others */
	unsigned sizes, op;	/* op: enum arm_op, a rounding, or what the shape says */
	unsigned more;		/* forms, signedness, ... */
} rows[] = {
	{ "fmul", FP_2, 0x1e200800, 0, HSD, ARM_MUL, 0 }, { "fdiv", FP_2, 0x1e201800, 0, HSD, ARM_DIV, 0 },
	{ "fadd", FP_2, 0x1e202800, 0, HSD, ARM_ADD, 0 }, { "fsub", FP_2, 0x1e203800, 0, HSD, ARM_SUB, 0 },
	{ "fmax", FP_2, 0x1e204800, 0, HSD, ARM_MAX, 0 }, { "fmin", FP_2, 0x1e205800, 0, HSD, ARM_MIN, 0 },
	{ "fmaxnm", FP_2, 0x1e206800, 0, HSD, ARM_MAXNM, 0 }, { "fminnm", FP_2, 0x1e207800, 0, HSD, ARM_MINNM, 0 },
	{ "fnmul", FP_2, 0x1e208800, 0, HSD, ARM_NMUL, 0 },
	{ "fmov", FP_1, 0x1e204000, 0, HSD, ARM_MOV, 0 }, { "fabs", FP_1, 0x1e20c000, 0, HSD, ARM_ABS, 0 },
	{ "fneg", FP_1, 0x1e214000, 0, HSD, ARM_NEG, 0 }, { "fsqrt", FP_1, 0x1e21c000, 0, HSD, ARM_SQRT, 0 },
	/* op: 1 negates the first factor, 2 the addend */
	{ "fmadd", FP_3, 0x1f000000, 0, HSD, 0, 0 }, { "fmsub", FP_3, 0x1f008000, 0, HSD, 1, 0 },
	{ "fnmadd", FP_3, 0x1f200000, 0, HSD, 3, 0 }, { "fnmsub", FP_3, 0x1f208000, 0, HSD, 2, 0 },
	/* more: the result is exact, or IXC is set */
	{ "frintn", FP_RINT, 0x1e244000, 0, HSD, EXACT_NEAREST, 0 }, { "frintp", FP_RINT, 0x1e24c000, 0, HSD, EXACT_UP, 0 },
	{ "frintm", FP_RINT, 0x1e254000, 0, HSD, EXACT_DOWN, 0 }, { "frintz", FP_RINT, 0x1e25c000, 0, HSD, EXACT_TO_ZERO, 0 },
	{ "frinta", FP_RINT, 0x1e264000, 0, HSD, EXACT_AWAY, 0 }, { "frintx", FP_RINT, 0x1e274000, 0, HSD, CURRENT, 1 },
	{ "frinti", FP_RINT, 0x1e27c000, 0, HSD, CURRENT, 0 },
	/* more: the width of the integer */
	{ "frint32z", FP_RINT_N, 0x1e284000, 0, SD, EXACT_TO_ZERO, 32 }, { "frint32x", FP_RINT_N, 0x1e28c000, 0, SD, CURRENT, 32 },
	{ "frint64z", FP_RINT_N, 0x1e294000, 0, SD, EXACT_TO_ZERO, 64 }, { "frint64x", FP_RINT_N, 0x1e29c000, 0, SD, CURRENT, 64 },
	/* op: to which size */
	{ "fcvt", FP_CVT, 0x1e224000, 0, H | D, 32, 0 }, { "fcvt", FP_CVT, 0x1e22c000, 0, H | S, 64, 0 },
	{ "fcvt", FP_CVT, 0x1e23c000, 0, SD, 16, 0 },
	/* op: 1 signals, 2 compares with 0 */
	{ "fcmp", FP_CMP, 0x1e202000, 0, HSD, 0, 0 }, { "fcmpe", FP_CMP, 0x1e202010, 0, HSD, 1, 0 },
	{ "fcmp", FP_CMP, 0x1e202008, 0, HSD, 2, 0 }, { "fcmpe", FP_CMP, 0x1e202018, 0, HSD, 3, 0 },
	{ "fccmp", FP_CCMP, 0x1e200400, 0, HSD, 0, 0 }, { "fccmpe", FP_CCMP, 0x1e200410, 0, HSD, 1, 0 },
	/* more: unsigned */
	{ "fcvtns", FP_TO_INT, 0x1e200000, 0, HSD, EXACT_NEAREST, 0 }, { "fcvtnu", FP_TO_INT, 0x1e210000, 0, HSD, EXACT_NEAREST, 1 },
	{ "fcvtas", FP_TO_INT, 0x1e240000, 0, HSD, EXACT_AWAY, 0 }, { "fcvtau", FP_TO_INT, 0x1e250000, 0, HSD, EXACT_AWAY, 1 },
	{ "fcvtps", FP_TO_INT, 0x1e280000, 0, HSD, EXACT_UP, 0 }, { "fcvtpu", FP_TO_INT, 0x1e290000, 0, HSD, EXACT_UP, 1 },
	{ "fcvtms", FP_TO_INT, 0x1e300000, 0, HSD, EXACT_DOWN, 0 }, { "fcvtmu", FP_TO_INT, 0x1e310000, 0, HSD, EXACT_DOWN, 1 },
	{ "fcvtzs", FP_TO_INT, 0x1e380000, 0, HSD, EXACT_TO_ZERO, 0 }, { "fcvtzu", FP_TO_INT, 0x1e390000, 0, HSD, EXACT_TO_ZERO, 1 },
	{ "scvtf", FP_FROM_INT, 0x1e220000, 0, HSD, 0, 0 }, { "ucvtf", FP_FROM_INT, 0x1e230000, 0, HSD, 0, 1 },
	{ "fcvtzs", FP_TO_FIXED, 0x1e180000, 0, HSD, EXACT_TO_ZERO, 0 }, { "fcvtzu", FP_TO_FIXED, 0x1e190000, 0, HSD, EXACT_TO_ZERO, 1 },
	{ "scvtf", FP_FROM_FIXED, 0x1e020000, 0, HSD, 0, 0 }, { "ucvtf", FP_FROM_FIXED, 0x1e030000, 0, HSD, 0, 1 },
	{ "fjcvtzs", FP_JS, 0x1e3e0000, 0, D, 0, 0 },

	{ "fmaxnm", V_2, 0x0e20c400, 0x0e400400, HSD, ARM_MAXNM, VECTOR }, { "fminnm", V_2, 0x0ea0c400, 0x0ec00400, HSD, ARM_MINNM, VECTOR },
	{ "fadd", V_2, 0x0e20d400, 0x0e401400, HSD, ARM_ADD, VECTOR }, { "fsub", V_2, 0x0ea0d400, 0x0ec01400, HSD, ARM_SUB, VECTOR },
	{ "fmax", V_2, 0x0e20f400, 0x0e403400, HSD, ARM_MAX, VECTOR }, { "fmin", V_2, 0x0ea0f400, 0x0ec03400, HSD, ARM_MIN, VECTOR },
	{ "fmul", V_2, 0x2e20dc00, 0x2e401c00, HSD, ARM_MUL, VECTOR }, { "fdiv", V_2, 0x2e20fc00, 0x2e403c00, HSD, ARM_DIV, VECTOR },
	{ "fmulx", V_2, 0x0e20dc00, 0x0e401c00, HSD, ARM_MULX, BOTH }, { "fabd", V_2, 0x2ea0d400, 0x2ec01400, HSD, ARM_ABD, BOTH },
	{ "frecps", V_2, 0x0e20fc00, 0x0e403c00, HSD, ARM_RECPS, BOTH }, { "frsqrts", V_2, 0x0ea0fc00, 0x0ec03c00, HSD, ARM_RSQRTS, BOTH },
	{ "fcmeq", V_2, 0x0e20e400, 0x0e402400, HSD, ARM_CMEQ, BOTH }, { "fcmge", V_2, 0x2e20e400, 0x2e402400, HSD, ARM_CMGE, BOTH },
	{ "fcmgt", V_2, 0x2ea0e400, 0x2ec02400, HSD, ARM_CMGT, BOTH }, { "facge", V_2, 0x2e20ec00, 0x2e402c00, HSD, ARM_ACGE, BOTH },
	{ "facgt", V_2, 0x2ea0ec00, 0x2ec02c00, HSD, ARM_ACGT, BOTH },
	{ "fmla", V_ACC, 0x0e20cc00, 0x0e400c00, HSD, 0, VECTOR }, { "fmls", V_ACC, 0x0ea0cc00, 0x0ec00c00, HSD, 1, VECTOR },
	{ "faddp", V_PAIR, 0x2e20d400, 0x2e401400, HSD, ARM_ADD, VECTOR }, { "fmaxnmp", V_PAIR, 0x2e20c400, 0x2e400400, HSD, ARM_MAXNM, VECTOR },
	{ "fminnmp", V_PAIR, 0x2ea0c400, 0x2ec00400, HSD, ARM_MINNM, VECTOR }, { "fmaxp", V_PAIR, 0x2e20f400, 0x2e403400, HSD, ARM_MAX, VECTOR },
	{ "fminp", V_PAIR, 0x2ea0f400, 0x2ec03400, HSD, ARM_MIN, VECTOR },
	{ "fabs", V_1, 0x0ea0f800, 0x0ef8f800, HSD, ARM_ABS, VECTOR }, { "fneg", V_1, 0x2ea0f800, 0x2ef8f800, HSD, ARM_NEG, VECTOR },
	{ "fsqrt", V_1, 0x2ea1f800, 0x2ef9f800, HSD, ARM_SQRT, VECTOR }, { "frecpe", V_1, 0x0ea1d800, 0x0ef9d800, HSD, ARM_RECPE, BOTH },
	{ "frsqrte", V_1, 0x2ea1d800, 0x2ef9d800, HSD, ARM_RSQRTE, BOTH }, { "frecpx", V_1, 0x0ea1f800, 0x0ef9f800, HSD, ARM_RECPX, SCALAR },
	/* more: 4 is exact */
	{ "frintn", V_RINT, 0x0e218800, 0x0e798800, HSD, EXACT_NEAREST, VECTOR }, { "frintm", V_RINT, 0x0e219800, 0x0e799800, HSD, EXACT_DOWN, VECTOR },
	{ "frintp", V_RINT, 0x0ea18800, 0x0ef98800, HSD, EXACT_UP, VECTOR }, { "frintz", V_RINT, 0x0ea19800, 0x0ef99800, HSD, EXACT_TO_ZERO, VECTOR },
	{ "frinta", V_RINT, 0x2e218800, 0x2e798800, HSD, EXACT_AWAY, VECTOR }, { "frintx", V_RINT, 0x2e219800, 0x2e799800, HSD, CURRENT, VECTOR | 4 },
	{ "frinti", V_RINT, 0x2ea19800, 0x2ef99800, HSD, CURRENT, VECTOR },
	/* more: 4 is of 64 bits */
	{ "frint32z", V_RINT_N, 0x0e21e800, 0, SD, EXACT_TO_ZERO, VECTOR }, { "frint32x", V_RINT_N, 0x2e21e800, 0, SD, CURRENT, VECTOR },
	{ "frint64z", V_RINT_N, 0x0e21f800, 0, SD, EXACT_TO_ZERO, VECTOR | 4 }, { "frint64x", V_RINT_N, 0x2e21f800, 0, SD, CURRENT, VECTOR | 4 },
	/* more: 4 is unsigned */
	{ "fcvtns", V_TO_INT, 0x0e21a800, 0x0e79a800, HSD, EXACT_NEAREST, BOTH }, { "fcvtnu", V_TO_INT, 0x2e21a800, 0x2e79a800, HSD, EXACT_NEAREST, BOTH | 4 },
	{ "fcvtms", V_TO_INT, 0x0e21b800, 0x0e79b800, HSD, EXACT_DOWN, BOTH }, { "fcvtmu", V_TO_INT, 0x2e21b800, 0x2e79b800, HSD, EXACT_DOWN, BOTH | 4 },
	{ "fcvtas", V_TO_INT, 0x0e21c800, 0x0e79c800, HSD, EXACT_AWAY, BOTH }, { "fcvtau", V_TO_INT, 0x2e21c800, 0x2e79c800, HSD, EXACT_AWAY, BOTH | 4 },
	{ "fcvtps", V_TO_INT, 0x0ea1a800, 0x0ef9a800, HSD, EXACT_UP, BOTH }, { "fcvtpu", V_TO_INT, 0x2ea1a800, 0x2ef9a800, HSD, EXACT_UP, BOTH | 4 },
	{ "fcvtzs", V_TO_INT, 0x0ea1b800, 0x0ef9b800, HSD, EXACT_TO_ZERO, BOTH }, { "fcvtzu", V_TO_INT, 0x2ea1b800, 0x2ef9b800, HSD, EXACT_TO_ZERO, BOTH | 4 },
	{ "scvtf", V_FROM_INT, 0x0e21d800, 0x0e79d800, HSD, 0, BOTH }, { "ucvtf", V_FROM_INT, 0x2e21d800, 0x2e79d800, HSD, 0, BOTH | 4 },
	{ "fcvtzs", V_TO_FIXED, 0x0f00fc00, 0x0f00fc00, HSD, EXACT_TO_ZERO, BOTH }, { "fcvtzu", V_TO_FIXED, 0x2f00fc00, 0x2f00fc00, HSD, EXACT_TO_ZERO, BOTH | 4 },
	{ "scvtf", V_FROM_FIXED, 0x0f00e400, 0x0f00e400, HSD, 0, BOTH }, { "ucvtf", V_FROM_FIXED, 0x2f00e400, 0x2f00e400, HSD, 0, BOTH | 4 },
	/* more: 4 is 0 against the operand */
	{ "fcmgt", V_ZERO, 0x0ea0c800, 0x0ef8c800, HSD, ARM_CMGT, BOTH }, { "fcmeq", V_ZERO, 0x0ea0d800, 0x0ef8d800, HSD, ARM_CMEQ, BOTH },
	{ "fcmlt", V_ZERO, 0x0ea0e800, 0x0ef8e800, HSD, ARM_CMGT, BOTH | 4 }, { "fcmge", V_ZERO, 0x2ea0c800, 0x2ef8c800, HSD, ARM_CMGE, BOTH },
	{ "fcmle", V_ZERO, 0x2ea0d800, 0x2ef8d800, HSD, ARM_CMGE, BOTH | 4 },
	{ "fmul", V_ELEM, 0x0f809000, 0x0f009000, HSD, ARM_MUL, BOTH }, { "fmulx", V_ELEM, 0x2f809000, 0x2f009000, HSD, ARM_MULX, BOTH },
	{ "fmla", V_ELEM_ACC, 0x0f801000, 0x0f001000, HSD, 0, BOTH }, { "fmls", V_ELEM_ACC, 0x0f805000, 0x0f005000, HSD, 1, BOTH },
	{ "fmaxnmv", V_ACROSS, 0x2e30c800, 0x0e30c800, H | S, ARM_MAXNM, VECTOR }, { "fminnmv", V_ACROSS, 0x2eb0c800, 0x0eb0c800, H | S, ARM_MINNM, VECTOR },
	{ "fmaxv", V_ACROSS, 0x2e30f800, 0x0e30f800, H | S, ARM_MAX, VECTOR }, { "fminv", V_ACROSS, 0x2eb0f800, 0x0eb0f800, H | S, ARM_MIN, VECTOR },
	{ "faddp", V_PAIR_SCALAR, 0x2e30d800, 0x0e30d800, HSD, ARM_ADD, SCALAR }, { "fmaxnmp", V_PAIR_SCALAR, 0x2e30c800, 0x0e30c800, HSD, ARM_MAXNM, SCALAR },
	{ "fminnmp", V_PAIR_SCALAR, 0x2eb0c800, 0x0eb0c800, HSD, ARM_MINNM, SCALAR }, { "fmaxp", V_PAIR_SCALAR, 0x2e30f800, 0x0e30f800, HSD, ARM_MAX, SCALAR },
	{ "fminp", V_PAIR_SCALAR, 0x2eb0f800, 0x0eb0f800, HSD, ARM_MIN, SCALAR },
	{ "fcvtl", V_LONG, 0x0e217800, 0x0e217800, H | S, 0, VECTOR }, { "fcvtn", V_NARROW, 0x0e216800, 0, SD, 0, VECTOR },
	{ "fcvtxn", V_NARROW_ODD, 0x2e216800, 0, D, 0, VECTOR }, { "fcvtxn", V_NARROW_ODD_SCALAR, 0x2e216800, 0, D, 0, SCALAR },
	/* op: 1 negates; more: 4 is of the upper halves */
	{ "fmlal", V_HALF_ACC, 0, 0x0e20ec00, H, 0, VECTOR }, { "fmlsl", V_HALF_ACC, 0, 0x0ea0ec00, H, 1, VECTOR },
	{ "fmlal2", V_HALF_ACC, 0, 0x2e20cc00, H, 0, VECTOR | 4 }, { "fmlsl2", V_HALF_ACC, 0, 0x2ea0cc00, H, 1, VECTOR | 4 },
	{ "fmlal", V_ELEM_HALF_ACC, 0, 0x0f800000, H, 0, VECTOR }, { "fmlsl", V_ELEM_HALF_ACC, 0, 0x0f804000, H, 1, VECTOR },
	{ "fmlal2", V_ELEM_HALF_ACC, 0, 0x2f808000, H, 0, VECTOR | 4 }, { "fmlsl2", V_ELEM_HALF_ACC, 0, 0x2f80c000, H, 1, VECTOR | 4 },
	{ "fcadd", V_CADD, 0x2e80e400, 0x2e40e400, HSD, 0, VECTOR }, { "fcmla", V_CMLA, 0x2e80c400, 0x2e40c400, HSD, 0, VECTOR },
	{ "fcmla", V_ELEM_CMLA, 0x2f801000, 0x2f401000, H | S, 0, VECTOR },
};

/* ---- drawing ---- */

static unsigned draw_size(struct test_rng *r, unsigned sizes)
{
	unsigned k;

	do
		k = test_below(r, 3);
	while (!(sizes >> k & 1));
	return 16u << k;
}

static uint32_t scalar_word(struct test_rng *r, const struct row *row, struct fpv_insn *in)
{
	uint32_t word = row->word | (in->size == 16 ? 3u : in->size / 64) << 22;

	in->wide = test_below(r, 2);
	switch (row->shape) {
	case FP_3: return word | in->a << 10;
	case FP_CCMP:
		in->imm = test_below(r, 256);
		return word | (in->imm >> 4) << 12 | (in->imm & 15);
	case FP_TO_FIXED:
	case FP_FROM_FIXED:
		in->imm = 1 + test_below(r, in->wide ? 64 : 32);
		word |= (64 - in->imm) << 10;
		break;
	case FP_TO_INT:
	case FP_FROM_INT: break;
	default: return word;
	}
	return word | (uint32_t)in->wide << 31;
}

static uint32_t element_word(struct test_rng *r, struct fpv_insn *in)
{
	in->imm = test_below(r, 128 / in->size);
	unsigned hlm = in->size == 16 ? in->imm : in->size == 32 ? in->imm << 1 : in->imm << 2;
	return (hlm >> 2) << 11 | (hlm >> 1 & 1) << 21 | (hlm & 1) << 20;
}

/* imm: rotation, and above it the element. */
static uint32_t rotation_word(struct test_rng *r, const struct row *row, const struct fpv_insn *in, unsigned *imm)
{
	unsigned rotation = test_below(r, row->shape == V_CADD ? 2 : 4), element = 0;

	if (row->shape == V_ELEM_CMLA)
		element = test_below(r, in->size == 32 ? 2 : in->lanes / 2);
	*imm = rotation | element << 2;
	if (row->shape != V_ELEM_CMLA)
		return rotation << (row->shape == V_CADD ? 12 : 11);
	return rotation << 13 | (in->size == 32 ? element << 11 : (element & 1) << 21 | (element >> 1) << 11);
}

static uint32_t vector_word(struct test_rng *r, const struct row *row, struct fpv_insn *in)
{
	uint32_t word = in->size == 16 ? row->half : row->word | (in->size == 64 ? 1u << 22 : 0);
	bool scalar = row->more & SCALAR && (!(row->more & VECTOR) || test_below(r, 2)), all = test_below(r, 2) || in->size == 64;

	if (row->shape == V_LONG)
		word = row->word | (in->size == 32 ? 1u << 22 : 0);
	if ((row->shape == V_ELEM_CMLA || row->shape == V_ACROSS) && in->size == 32)
		all = true;
	in->wide = row->shape >= V_LONG && row->shape <= V_NARROW_ODD ? test_below(r, 2) : all;
	in->lanes = scalar ? 0 : (row->shape >= V_LONG && row->shape <= V_NARROW_ODD) || in->wide ? 128 / in->size : 64 / in->size;
	word |= scalar ? 0x50000000 : (uint32_t)in->wide << 30;
	switch (row->shape) {
	case V_TO_FIXED:
	case V_FROM_FIXED:
		in->imm = 1 + test_below(r, in->size);
		return (word & ~(1u << 22)) | (2 * in->size - in->imm) << 16;
	case V_ELEM:
	case V_ELEM_ACC:
	case V_ELEM_HALF_ACC: return word | element_word(r, in);
	case V_CADD:
	case V_CMLA:
	case V_ELEM_CMLA: return word | rotation_word(r, row, in, &in->imm);
	default: return word;
	}
}

static void draw(struct test_rng *r, unsigned k, struct fpv_insn *in)
{
	const struct row *row = &rows[k];
	bool two = row->shape == FP_2 || row->shape == FP_3 || row->shape == FP_CCMP || (row->shape == FP_CMP && !(row->op & 2)) ||
		   row->shape == V_2 || row->shape == V_ACC || row->shape == V_PAIR || row->shape == V_ELEM || row->shape == V_ELEM_ACC ||
		   row->shape >= V_HALF_ACC;

	*in = (struct fpv_insn){ .row = k, .size = draw_size(r, row->sizes), .d = test_below(r, FPV_REGS), .n = test_below(r, FPV_REGS),
				 .m = test_below(r, FPV_REGS), .a = test_below(r, FPV_REGS) };
	in->word = row->shape < V_2 ? scalar_word(r, row, in) : vector_word(r, row, in);
	in->word |= in->n << 5 | (two ? in->m << 16 : 0) | (row->shape == FP_CMP || row->shape == FP_CCMP ? 0 : in->d);
}

static void draw_state(struct test_rng *r, const struct fpv_insn *in, struct fpv_state *s)
{
	const struct row *row = &rows[in->row];
	bool acc = row->shape == V_ACC || row->shape == V_ELEM_ACC || row->shape == V_CMLA || row->shape == V_ELEM_CMLA;

	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < FPV_REGS; i++) {
		s->v[i] = fpv_vector(r, test_below(r, 8) ? in->size : 16u << test_below(r, 3));
		s->x[i] = fpv_integer(r);
		if ((row->shape == V_FROM_INT || row->shape == V_FROM_FIXED) && test_below(r, 4))
			for (unsigned k = 0; k < 128 / in->size; k++)
				fpv_set_lane(&s->v[i], in->size, k, fpv_integer(r));
	}
	if (row->shape == V_HALF_ACC || row->shape == V_ELEM_HALF_ACC)
		s->v[in->d] = fpv_vector(r, 32);
	if (row->shape != V_FROM_INT && row->shape != V_FROM_FIXED)
		fpv_relate_lanes(r, in->size, &s->v[in->n], &s->v[in->m], &s->v[acc ? in->d : in->a]);
	/* Quick ways: nothing set, or FZ and DN alone; else all there is. */
	unsigned kind = test_below(r, 4);
	s->control = kind == 0 ? 0 : (uint64_t)test_below(r, 32) << 22 | (uint64_t)test_below(r, 2) << 19;
	s->control = kind == 1 ? s->control & (FPCR_FZ | FPCR_DN) : s->control;
	s->flags = test_below(r, 2) ? 0 : test_next(r) & 0x0800009f;
	s->cond = (uint64_t)test_below(r, 16) << 28;
}

/* ---- executing ---- */

static enum exact_rounding rounding_of(const struct row *row, const struct arm_rules *e)
{
	return row->op == CURRENT ? arm_rules_rounding(e) : (enum exact_rounding)row->op;
}

static bool holds(unsigned cond, unsigned nzcv)
{
	bool n = nzcv & 8, z = nzcv & 4, c = nzcv & 2, v = nzcv & 1;
	const bool table[] = { z, c, n, v, c && !z, n == v, n == v && !z, true };

	return cond == 15 || table[cond >> 1] != (cond & 1);
}

static void compare(struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in)
{
	uint64_t a = fpv_lane(&s->v[in->n], in->size, 0), b = row->op & 2 ? 0 : fpv_lane(&s->v[in->m], in->size, 0);

	if (row->shape == FP_CCMP && !holds(in->imm >> 4, (unsigned)(s->cond >> 28)))
		s->cond = (uint64_t)(in->imm & 15) << 28;
	else
		s->cond = (uint64_t)arm_rules_compare(e, in->size, a, b, row->op & 1) << 28;
}

static void to_integer(struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in)
{
	uint64_t a = fpv_lane(&s->v[in->n], in->size, 0);
	bool z;

	if (row->shape != FP_JS) {
		s->x[in->d] = arm_rules_to_fixed(e, in->size, in->wide ? 64 : 32, row->more, in->imm, rounding_of(row, e), a);
		return;
	}
	s->x[in->d] = arm_rules_to_int_js(e, a, &z);
	s->cond = (uint64_t)z << 30;
}

static uint64_t scalar_result(struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in)
{
	unsigned size = in->size;
	uint64_t n = fpv_lane(&s->v[in->n], size, 0), m = fpv_lane(&s->v[in->m], size, 0), a = fpv_lane(&s->v[in->a], size, 0);

	switch (row->shape) {
	case FP_3:
		n = row->op & 1 ? arm_rules_neg(size, n) : n;
		a = row->op & 2 ? arm_rules_neg(size, a) : a;
		return arm_rules_op(e, ARM_MULADD, size, n, m, a);
	case FP_RINT: return arm_rules_round_int(e, size, rounding_of(row, e), row->more, n);
	case FP_RINT_N: return arm_rules_round_int_n(e, size, row->more, rounding_of(row, e), n);
	case FP_CVT: return arm_rules_convert(e, size, row->op, arm_rules_rounding(e), n);
	case FP_FROM_INT:
	case FP_FROM_FIXED: return arm_rules_from_fixed(e, in->wide ? 64 : 32, size, row->more, in->imm, arm_rules_rounding(e), s->x[in->n]);
	default: return arm_rules_op(e, (enum arm_op)row->op, size, n, m, 0);
	}
}

/* A lane of the shapes that work lane by lane. */
static uint64_t lane_result(const struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in, unsigned i)
{
	unsigned size = in->size;
	bool element = row->shape == V_ELEM || row->shape == V_ELEM_ACC, other = row->more & 4;
	uint64_t d = fpv_lane(&s->v[in->d], size, i), n = fpv_lane(&s->v[in->n], size, i);
	uint64_t m = fpv_lane(&s->v[in->m], size, element ? in->imm : i);

	switch (row->shape) {
	case V_ACC:
	case V_ELEM_ACC: return arm_rules_op(e, ARM_MULADD, size, row->op ? arm_rules_neg(size, n) : n, m, d);
	case V_RINT: return arm_rules_round_int(e, size, rounding_of(row, e), other, n);
	case V_RINT_N: return arm_rules_round_int_n(e, size, other ? 64 : 32, rounding_of(row, e), n);
	case V_TO_INT:
	case V_TO_FIXED: return arm_rules_to_fixed(e, size, size, other, in->imm, rounding_of(row, e), n);
	case V_FROM_INT:
	case V_FROM_FIXED: return arm_rules_from_fixed(e, size, size, other, in->imm, arm_rules_rounding(e), n);
	case V_ZERO: return arm_rules_op(e, (enum arm_op)row->op, size, other ? 0 : n, other ? n : 0, 0);
	default: return arm_rules_op(e, (enum arm_op)row->op, size, n, m, 0);
	}
}

static uint64_t reduce(struct arm_rules *e, enum arm_op op, unsigned size, const struct guest_value *v, unsigned from, unsigned n)
{
	if (n == 1)
		return fpv_lane(v, size, from);
	uint64_t lo = reduce(e, op, size, v, from, n / 2);
	return arm_rules_op(e, op, size, lo, reduce(e, op, size, v, from + n / 2, n / 2), 0);
}

/* Pairs of lanes as complex numbers: adds m turned by 90 or 270 degrees, or multiplies by a part of n. */
static void complex_lanes(const struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in,
			  struct guest_value *out)
{
	const struct guest_value *d = &s->v[in->d], *n = &s->v[in->n], *m = &s->v[in->m];
	unsigned size = in->size, turn = in->imm & 3;

	for (unsigned i = 0; i < in->lanes; i += 2) {
		unsigned k = row->shape == V_ELEM_CMLA ? in->imm >> 2 << 1 : i;
		uint64_t mr = fpv_lane(m, size, k), mi = fpv_lane(m, size, k + 1);

		if (row->shape == V_CADD) {
			uint64_t re = turn ? mi : arm_rules_neg(size, mi), im = turn ? arm_rules_neg(size, mr) : mr;
			fpv_set_lane(out, size, i, arm_rules_op(e, ARM_ADD, size, fpv_lane(n, size, i), re, 0));
			fpv_set_lane(out, size, i + 1, arm_rules_op(e, ARM_ADD, size, fpv_lane(n, size, i + 1), im, 0));
			continue;
		}
		uint64_t part = fpv_lane(n, size, i + (turn & 1)), re = turn & 1 ? mi : mr, im = turn & 1 ? mr : mi;
		re = turn == 1 || turn == 2 ? arm_rules_neg(size, re) : re;
		im = turn == 2 || turn == 3 ? arm_rules_neg(size, im) : im;
		fpv_set_lane(out, size, i, arm_rules_op(e, ARM_MULADD, size, part, re, fpv_lane(d, size, i)));
		fpv_set_lane(out, size, i + 1, arm_rules_op(e, ARM_MULADD, size, part, im, fpv_lane(d, size, i + 1)));
	}
}

/* Shapes whose results are wider or narrower than operands. */
static void resize(const struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in,
		   struct guest_value *out)
{
	const struct guest_value *n = &s->v[in->n], *m = &s->v[in->m], *d = &s->v[in->d];
	unsigned size = in->size, lanes = 64 / size, narrow = size / 2;
	bool odd = row->shape == V_NARROW_ODD || row->shape == V_NARROW_ODD_SCALAR;

	switch (row->shape) {
	case V_LONG:
		for (unsigned i = 0; i < lanes; i++)
			fpv_set_lane(out, 2 * size, i, arm_rules_convert(e, size, 2 * size, arm_rules_rounding(e),
									fpv_lane(n, size, i + (in->wide ? lanes : 0))));
		return;
	case V_HALF_ACC:
	case V_ELEM_HALF_ACC:
		for (unsigned i = 0; i < (in->wide ? 4u : 2u); i++) {
			unsigned k = i + (row->more & 4 ? in->wide ? 4 : 2 : 0);
			uint64_t a = fpv_lane(n, 16, k), b = fpv_lane(m, 16, row->shape == V_HALF_ACC ? k : in->imm);
			fpv_set_lane(out, 32, i, arm_rules_muladd_half(e, fpv_lane(d, 32, i), row->op ? arm_rules_neg(16, a) : a, b));
		}
		return;
	default: break;
	}
	lanes = row->shape == V_NARROW_ODD_SCALAR ? 1 : 128 / size;
	unsigned upper = row->shape != V_NARROW_ODD_SCALAR && in->wide ? lanes : 0;
	if (upper)
		out->lo = d->lo;
	for (unsigned i = 0; i < lanes; i++)
		fpv_set_lane(out, narrow, i + upper, arm_rules_convert(e, size, narrow, odd ? EXACT_ODD : arm_rules_rounding(e), fpv_lane(n, size, i)));
}

static struct guest_value vector_result(const struct fpv_state *s, struct arm_rules *e, const struct row *row, const struct fpv_insn *in)
{
	struct guest_value out = { 0, 0 };
	const struct guest_value *n = &s->v[in->n], *m = &s->v[in->m];
	unsigned half = in->lanes / 2;

	if (row->shape >= V_CADD)
		complex_lanes(s, e, row, in, &out);
	else if (row->shape >= V_LONG)
		resize(s, e, row, in, &out);
	else if (row->shape == V_ACROSS || row->shape == V_PAIR_SCALAR)
		fpv_set_lane(&out, in->size, 0, reduce(e, (enum arm_op)row->op, in->size, n, 0, in->lanes ? in->lanes : 2));
	else if (row->shape == V_PAIR)
		for (unsigned i = 0; i < in->lanes; i++)
			fpv_set_lane(&out, in->size, i, reduce(e, (enum arm_op)row->op, in->size, i < half ? n : m, 2 * (i % half), 2));
	else
		for (unsigned i = 0; i < (in->lanes ? in->lanes : 1); i++)
			fpv_set_lane(&out, in->size, i, lane_result(s, e, row, in, i));
	return out;
}

static void exec(struct fpv_state *s, const struct fpv_insn *in)
{
	const struct row *row = &rows[in->row];
	struct arm_rules e = { (uint32_t)s->control, (uint32_t)s->flags };

	if (row->shape == FP_CMP || row->shape == FP_CCMP)
		compare(s, &e, row, in);
	else if (row->shape == FP_TO_INT || row->shape == FP_TO_FIXED || row->shape == FP_JS)
		to_integer(s, &e, row, in);
	else if (row->shape < V_2)
		s->v[in->d] = (struct guest_value){ scalar_result(s, &e, row, in), 0 };
	else
		s->v[in->d] = vector_result(s, &e, row, in);
	s->flags = e.flags;
}

static const char *mnemonic(unsigned row)
{
	return rows[row].name;
}

#define V(n) { DGM_A64_V(n), offsetof(struct fpv_state, v[n]), 16 }
#define X(n) { DGM_A64_X(n), offsetof(struct fpv_state, x[n]), 8 }

static const struct fpv_reg registers[] = {
	V(0), V(1), V(2), V(3), V(4), V(5), V(6), V(7), X(0), X(1), X(2), X(3), X(4), X(5), X(6), X(7),
	{ DGM_A64_FPCR, offsetof(struct fpv_state, control), 4 }, { DGM_A64_FPSR, offsetof(struct fpv_state, flags), 4 },
	{ DGM_A64_NZCV, offsetof(struct fpv_state, cond), 4 }, { 0, 0, 0 },
};

const struct fpv_guest fpv_aarch64 = {
	.name = "aarch64", .isa = &guest_aarch64, .reg = registers, .groups = " fp fp_vec ", .without = " fcsel fmov ",
	.n_rows = sizeof rows / sizeof *rows,
	.mnemonic = mnemonic, .draw = draw, .state = draw_state, .exec = exec,
};
