/*
 * Vectors of floating point: instructions of each guest on operands at the borders of formats, in all modes. What must
 * come out is worked out here, from the manuals' rules (arm_rules.h, ppc_rules.h) and MPFR (exact.h), and shares nothing with
 * the library. For the files of this folder.
 *
 * A case is one to four instructions on a state; the state they leave is compared as a whole.
 */
#ifndef TESTS_FPVECTORS_VECTORS_H
#define TESTS_FPVECTORS_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../guest/guest.h"
#include "../random.h"

enum {
	FPV_REGS = 8,
	FPV_MAX_INSNS = 4,
};

/*
 * v: vector registers, ARM's d0-d15 two in each; x: AArch64's general registers or PowerPC's floating-point ones; control:
 * FPCR, or FPSCR with all its flags; flags: FPSR, or VSCR; cond: NZCV, or CR; data: memory. What a guest lacks is 0.
 */
struct fpv_state {
	struct guest_value v[FPV_REGS];
	uint64_t x[FPV_REGS], control, flags, cond, data;
};

struct fpv_reg {
	uint32_t id;
	size_t at;			/* in the state */
	unsigned bytes;
};

/* An instruction drawn from a row; what its fields mean is the guest's own business. */
struct fpv_insn {
	unsigned row;
	uint32_t word;
	unsigned size, lanes;		/* of operands; lanes: 0 is a scalar */
	unsigned d, n, m, a, imm;
	bool wide, doubled;		/* 64-bit integers or upper halves; operands in double precision */
};

struct fpv_guest {
	const char *name, *model;
	const struct guest_isa *isa;
	const struct fpv_reg *reg;	/* bytes 0 behind the last */
	/* The front end's groups whose rows must be here, and their mnemonics that need not: words with blanks around them. */
	const char *groups, *without;
	unsigned n_rows;
	const char *(*mnemonic)(unsigned row);
	void (*draw)(struct test_rng *r, unsigned row, struct fpv_insn *out);
	/* A state for the instruction to begin with. */
	void (*state)(struct test_rng *r, const struct fpv_insn *first, struct fpv_state *out);
	void (*exec)(struct fpv_state *s, const struct fpv_insn *in);
};
extern const struct fpv_guest fpv_aarch64, fpv_arm, fpv_ppc;

/* ---- draw.c ---- */
uint64_t fpv_float(struct test_rng *r, unsigned size);
uint64_t fpv_integer(struct test_rng *r);
struct guest_value fpv_vector(struct test_rng *r, unsigned size);
/* Makes operands of d = n * m + a, or what it may be, stand in a relation that is hard to round. */
void fpv_relate(struct test_rng *r, unsigned size, uint64_t *n, uint64_t *m, uint64_t *a);
void fpv_relate_lanes(struct test_rng *r, unsigned size, struct guest_value *n, struct guest_value *m, struct guest_value *a);

/* ---- rows.c ---- */
/* Prints the front end's rows that there are no vectors of, and returns how many. */
unsigned fpv_rows_without(const struct fpv_guest *g);

static inline uint64_t fpv_lane(const struct guest_value *v, unsigned size, unsigned i)
{
	uint64_t half = size * i < 64 ? v->lo : v->hi;

	return half >> (size * i & 63) & ~UINT64_C(0) >> (64 - size);
}

static inline void fpv_set_lane(struct guest_value *v, unsigned size, unsigned i, uint64_t bits)
{
	uint64_t *half = size * i < 64 ? &v->lo : &v->hi, mask = ~UINT64_C(0) >> (64 - size);
	unsigned at = size * i & 63;

	*half = (*half & ~(mask << at)) | (bits & mask) << at;
}

#endif
