/*
 * Advanced SIMD element and structure loads and stores (ARM F2.14, F4.1.22). An alignment the encoding states is
 * checked; elements themselves may lie anywhere.
 */
#include "frontend/arm/neon.h"

enum { STEP_BACK = 13, NO_BACK = 15 };

struct transfer {
	unsigned d, inc;	/* first register, distance between those of one structure */
	unsigned elements;	/* of a structure */
	unsigned groups;	/* how many registers hold the same element of following structures */
	unsigned size;
	unsigned align;		/* bytes; 1: none */
	unsigned bytes;		/* moved in all */
};

/* Leaves with the fault when `low` is not 0. */
static uint64_t misaligned(void *state, uint64_t low, uint64_t address, uint64_t pc, uint32_t access)
{
	struct env_exit *x = &env_of(state)->exit;

	if (!low)
		return 0;
	x->reason = ENV_FAULT;
	x->access = access;
	x->len = 1;
	x->cause = DGM_CAUSE_ALIGN;
	x->pc = pc;
	x->addr = address;
	return 0;
}

static uint64_t align_read(void *state, uint64_t low, uint64_t address, uint64_t pc)
{
	return misaligned(state, low, address, pc, DGM_R);
}

static uint64_t align_write(void *state, uint64_t low, uint64_t address, uint64_t pc)
{
	return misaligned(state, low, address, pc, DGM_W);
}

const struct ir_helper arm_neon_align_read = {
	"arm_neon_align_read", align_read, IR_HELPER_READS | IR_HELPER_MEMORY | IR_HELPER_LEAVES
};
const struct ir_helper arm_neon_align_write = {
	"arm_neon_align_write", align_write, IR_HELPER_READS | IR_HELPER_MEMORY | IR_HELPER_LEAVES
};

/* Rn, which must be as aligned as the encoding says. */
static ir_val aligned_base(struct arm_lift *l, const struct arm_word *in, unsigned align, bool stores)
{
	ir_val base = reg(l, in->rn);

	if (align > 1) {
		ir_val low = ir_and(l->b, base, imm32(l, align - 1));
		ir_call(l->b, stores ? &arm_neon_align_write : &arm_neon_align_read, IR_VOID, low, base,
			imm32(l, l->pc | l->thumb));
	}
	return base;
}

static void write_back(struct arm_lift *l, const struct arm_word *in, ir_val base, unsigned bytes)
{
	if (in->rm == STEP_BACK)
		arm_set_reg(l, in->rn, ir_add(l->b, base, imm32(l, bytes)));
	else if (in->rm != NO_BACK)
		arm_set_reg(l, in->rn, ir_add(l->b, base, reg(l, in->rm)));
}

/* One lane of a doubleword. */
static ir_val take_lane(struct arm_lift *l, ir_val v, unsigned size, unsigned lane)
{
	return size == 3 ? v : ir_shr(l->b, v, imm32(l, (8u << size) * lane));
}

static ir_val put_lane(struct arm_lift *l, ir_val old, ir_val x, unsigned size, unsigned lane)
{
	uint64_t mask = size == 3 ? ~0ull : (1ull << (8u << size)) - 1;
	unsigned at = (8u << size) * lane;

	if (size == 3)
		return x;
	old = ir_and(l->b, old, ir_const(l->b, IR_I64, ~(mask << at)));
	return ir_or(l->b, old, at ? ir_shl(l->b, x, imm32(l, at)) : x);
}

/* ---- whole registers ---- */

/* What `type` of the multiple-structure forms says: elements, registers, distance. False: not allocated. */
static bool multiple(const struct arm_word *in, struct transfer *t)
{
	static const struct {
		uint8_t elements, groups, inc;
	} forms[16] = {
		[0] = { 4, 1, 1 }, [1] = { 4, 1, 2 }, [2] = { 1, 4, 1 }, [3] = { 2, 2, 1 }, [4] = { 3, 1, 1 },
		[5] = { 3, 1, 2 }, [6] = { 1, 3, 1 }, [7] = { 1, 1, 1 }, [8] = { 2, 1, 1 }, [9] = { 2, 1, 2 },
		[10] = { 1, 2, 1 },
	};
	unsigned type = in->opc1, align = in->opc2;

	*t = (struct transfer){ .d = dreg(in->rd, in->D), .inc = forms[type].inc, .elements = forms[type].elements,
				.groups = forms[type].groups, .size = in->size, .align = align ? 4u << align : 1 };
	t->bytes = 8 * t->elements * t->groups;
	unsigned last = type == 3 ? t->d + 3 : t->d + (t->elements - 1) * t->inc + t->groups - 1;
	if (!t->elements || last > 31 || (in->size == 3 && t->elements > 1))
		return false;
	/* 256 bits want four registers, 128 two or four */
	return align < 2 || (align == 2 ? t->bytes != 8 && t->bytes != 24 : t->bytes == 32);
}

/* The register of element e in group g: pairs of VLD2 with four registers are apart. */
static unsigned register_of(const struct transfer *t, unsigned g, unsigned e)
{
	unsigned apart = t->elements == 2 && t->groups == 2 ? 2 : t->inc;

	return t->d + g + e * apart;
}

/*
 * Whole doublewords check an alignment of eight bytes, and one of sixteen for two registers together, by the first
 * access itself. Answers its flag.
 */
static unsigned checked_by_access(const struct transfer *t, unsigned log2_bytes)
{
	return t->elements == 1 && t->align == 1u << log2_bytes ? IR_MEM_ALIGNED : 0;
}

/* v[d], v[d + 1] <- 16 aligned bytes; answers how many registers that were. */
static unsigned load_pair(struct arm_lift *l, const struct transfer *t, ir_val base, ir_val *v)
{
	if (t->groups < 2 || !checked_by_access(t, 4))
		return 0;
	ir_val x = ir_load(l->b, IR_MEM_128 | IR_MEM_ALIGNED, IR_I64X2, base, 0);
	v[t->d] = ir_extract(l->b, x, 0);
	v[t->d + 1] = ir_extract(l->b, x, 1);
	return 2;
}

/* Structures are gathered into registers only when all of memory has been read. */
static void lift_load_multiple(struct arm_lift *l, const struct arm_word *in)
{
	struct transfer t;
	ir_val v[32];
	int32_t at = 0;

	if (!multiple(in, &t) || in->rn == ARM_PC_REG) {
		arm_illegal(l);
		return;
	}
	bool by_access = checked_by_access(&t, 3) || (t.groups > 1 && checked_by_access(&t, 4));
	ir_val base = aligned_base(l, in, by_access ? 1 : t.align, false);
	if (t.elements == 1) {
		for (unsigned g = load_pair(l, &t, base, v); g < t.groups; g++) {
			unsigned check = g ? 0 : checked_by_access(&t, 3);
			ir_val x = ir_load(l->b, IR_MEM_64 | check, IR_F64, base, (int32_t)(8 * g));
			v[t.d + g] = ir_bitcast(l->b, IR_I64, x);
		}
	} else {
		for (unsigned i = 0; i < 32; i++)
			v[i] = ir_const(l->b, IR_I64, 0);
		for (unsigned g = 0; g < t.groups; g++)
			for (unsigned lane = 0; lane < 8u >> t.size; lane++)
				for (unsigned e = 0; e < t.elements; e++, at += 1 << t.size) {
					unsigned r = register_of(&t, g, e);
					ir_val x = ir_load(l->b, t.size, IR_I64, base, at);
					v[r] = put_lane(l, v[r], x, t.size, lane);
				}
	}
	write_back(l, in, base, t.bytes);
	for (unsigned g = 0; g < t.groups; g++)
		for (unsigned e = 0; e < t.elements; e++)
			set_d(l, register_of(&t, g, e), v[register_of(&t, g, e)]);
}

static void store_whole(struct arm_lift *l, const struct transfer *t, ir_val base, unsigned check)
{
	for (unsigned g = 0; g < t->groups; g++, check = 0)
		ir_store(l->b, IR_MEM_64 | check, base, (int32_t)(8 * g), ir_get(l->b, ARM_D0 + t->d + g));
}

static void store_structures(struct arm_lift *l, const struct transfer *t, ir_val base)
{
	int32_t at = 0;

	for (unsigned g = 0; g < t->groups; g++)
		for (unsigned lane = 0; lane < 8u >> t->size; lane++)
			for (unsigned e = 0; e < t->elements; e++, at += 1 << t->size)
				ir_store(l->b, t->size, base, at, take_lane(l, get_d(l, register_of(t, g, e)), t->size, lane));
}

static void lift_store_multiple(struct arm_lift *l, const struct arm_word *in)
{
	struct transfer t;

	if (!multiple(in, &t) || in->rn == ARM_PC_REG) {
		arm_illegal(l);
		return;
	}
	unsigned check = checked_by_access(&t, 3);
	ir_val base = aligned_base(l, in, check ? 1 : t.align, true);
	if (t.elements == 1)
		store_whole(l, &t, base, check);
	else
		store_structures(l, &t, base);
	write_back(l, in, base, t.bytes);
}

/* ---- one lane ---- */

/* index_align: which lane, distance, alignment; the bits of it differ with size and number of elements. */
static bool single(const struct arm_word *in, unsigned elements, struct transfer *t, unsigned *lane)
{
	unsigned size = in->size, ia = in->imm, low = ia & (size == 2 ? 3 : 1);
	unsigned spaced = size ? ia >> size & 1 : 0;

	if (size == 3)
		return false;
	*lane = ia >> (size + 1);
	*t = (struct transfer){ .d = dreg(in->rd, in->D), .inc = 1 + (elements > 1 && spaced), .elements = elements,
				.groups = 1, .size = size, .align = 1, .bytes = elements << size };
	switch (elements) {
	case 1:
		if ((size && spaced) || (size == 0 && low) || (size == 2 && low != 0 && low != 3))
			return false;
		t->align = low ? 1u << size : 1;
		break;
	case 2:
		if (size == 2 && low & 2)
			return false;
		t->align = low ? 2u << size : 1;
		break;
	case 3:
		if (low)
			return false;
		break;
	default:
		if (size == 2 && low == 3)
			return false;
		t->align = !low ? 1 : size == 2 ? 4u << low : 4u << size;
		break;
	}
	return t->d + (elements - 1) * t->inc <= 31;
}

/* VLD1 to VLD4 of one lane; arg: elements. */
static void lift_load_single(struct arm_lift *l, const struct arm_word *in)
{
	struct transfer t;
	unsigned lane;
	ir_val v[4];

	if (!single(in, in->row->arg, &t, &lane) || in->rn == ARM_PC_REG) {
		arm_illegal(l);
		return;
	}
	ir_val base = aligned_base(l, in, t.align, false);
	for (unsigned e = 0; e < t.elements; e++)
		v[e] = ir_load(l->b, t.size, IR_I64, base, (int32_t)(e << t.size));
	write_back(l, in, base, t.bytes);
	for (unsigned e = 0; e < t.elements; e++)
		set_d(l, t.d + e * t.inc, put_lane(l, get_d(l, t.d + e * t.inc), v[e], t.size, lane));
}

static void lift_store_single(struct arm_lift *l, const struct arm_word *in)
{
	struct transfer t;
	unsigned lane;

	if (!single(in, in->row->arg, &t, &lane) || in->rn == ARM_PC_REG) {
		arm_illegal(l);
		return;
	}
	ir_val base = aligned_base(l, in, t.align, true);
	for (unsigned e = 0; e < t.elements; e++)
		ir_store(l->b, t.size, base, (int32_t)(e << t.size),
			 take_lane(l, get_d(l, t.d + e * t.inc), t.size, lane));
	write_back(l, in, base, t.bytes);
}

/* ---- all lanes ---- */

/* VLD1 to VLD4 to all lanes; arg: elements. F: further registers or distance 2, x: aligned. */
static void lift_load_all(struct arm_lift *l, const struct arm_word *in)
{
	unsigned elements = in->row->arg, size = in->size, d = dreg(in->rd, in->D), align = 1;
	unsigned inc = elements > 1 && in->F ? 2 : 1, copies = elements == 1 && in->F ? 2 : 1;
	bool bad = in->rn == ARM_PC_REG || d + (elements - 1) * inc + copies - 1 > 31;
	ir_val v[4];

	if (in->x)
		align = elements == 1 ? 1u << size : elements == 2 ? 2u << size : size == 2 ? 8 : 4u << size;
	if (size == 3) {
		bad |= elements != 4 || !in->x;
		size = 2;
		align = 16;
	}
	if (bad || (elements == 3 && in->x) || (elements == 1 && in->x && !size)) {
		arm_illegal(l);
		return;
	}
	uint64_t mask = (1ull << (8u << size)) - 1;
	ir_val base = aligned_base(l, in, align, false);
	for (unsigned e = 0; e < elements; e++) {
		ir_val x = ir_load(l->b, size, IR_I64, base, (int32_t)(e << size));
		v[e] = ir_mul(l->b, x, ir_const(l->b, IR_I64, ~0ull / mask));
	}
	write_back(l, in, base, elements << size);
	for (unsigned e = 0; e < elements; e++)
		for (unsigned k = 0; k < copies; k++)
			set_d(l, d + e * inc + k, v[e]);
}

/* Capstone numbers the elements; here their number is a field of the row. */
#define ROW(name, picture, fn, what) { name, picture, fn, .arg = what, .flags = ARM_SHARED | ARM_SKIP }

static const struct arm_row rows[] = {
	ROW("vst", "1111 0100 0 D 00 nnnn dddd oooo ZZ qq mmmm", lift_store_multiple, 0),
	ROW("vld", "1111 0100 0 D 10 nnnn dddd oooo ZZ qq mmmm", lift_load_multiple, 0),
	ROW("vld1", "1111 0100 1 D 10 nnnn dddd 11 00 ZZ F x mmmm", lift_load_all, 1),
	ROW("vld2", "1111 0100 1 D 10 nnnn dddd 11 01 ZZ F x mmmm", lift_load_all, 2),
	ROW("vld3", "1111 0100 1 D 10 nnnn dddd 11 10 ZZ F x mmmm", lift_load_all, 3),
	ROW("vld4", "1111 0100 1 D 10 nnnn dddd 11 11 ZZ F x mmmm", lift_load_all, 4),
	ROW("vld1", "1111 0100 1 D 10 nnnn dddd ZZ 00 iiii mmmm", lift_load_single, 1),
	ROW("vld2", "1111 0100 1 D 10 nnnn dddd ZZ 01 iiii mmmm", lift_load_single, 2),
	ROW("vld3", "1111 0100 1 D 10 nnnn dddd ZZ 10 iiii mmmm", lift_load_single, 3),
	ROW("vld4", "1111 0100 1 D 10 nnnn dddd ZZ 11 iiii mmmm", lift_load_single, 4),
	ROW("vst1", "1111 0100 1 D 00 nnnn dddd ZZ 00 iiii mmmm", lift_store_single, 1),
	ROW("vst2", "1111 0100 1 D 00 nnnn dddd ZZ 01 iiii mmmm", lift_store_single, 2),
	ROW("vst3", "1111 0100 1 D 00 nnnn dddd ZZ 10 iiii mmmm", lift_store_single, 3),
	ROW("vst4", "1111 0100 1 D 00 nnnn dddd ZZ 11 iiii mmmm", lift_store_single, 4),
};
const struct arm_rows arm_rows_neon_mem = NEON_ROWS(rows);
