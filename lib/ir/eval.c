/* Meaning and description of each operation, read out of the tables. */
#include "ir/ir.h"
#include "ir/sem.h"

const struct ir_type_info ir_type_info[IR_TYPE_COUNT] = {
#define TYPE(NAME, text, kind, bits, lane) [IR_##NAME] = { text, IR_KIND_##kind, bits, lane },
#include "ir/types.def"
};

const char *const ir_shape_signature[IR_SHAPE_COUNT] = {
#define SHAPE(NAME, signature, text) [IR_SHAPE_##NAME] = signature,
#include "ir/shapes.def"
};

const char *const ir_shape_text[IR_SHAPE_COUNT] = {
#define SHAPE(NAME, signature, text) [IR_SHAPE_##NAME] = text,
#include "ir/shapes.def"
};

/* All of a signature but '>', the result and the final NUL are operands. */
const uint8_t ir_shape_operands[IR_SHAPE_COUNT] = {
#define SHAPE(NAME, signature, text) [IR_SHAPE_##NAME] = sizeof(signature) - 3,
#include "ir/shapes.def"
};

#define PURE IR_PURE
#define COMM IR_COMM
#define FPENV IR_FPENV
#define READS IR_READS
#define WRITES IR_WRITES
#define LOADS IR_LOADS
#define STORES IR_STORES
#define CALLS IR_CALLS
#define ENDS IR_ENDS
#define LEAVES IR_LEAVES
#define MARK IR_MARK
const struct ir_op_info ir_op_info[IR_OP_COUNT] = {
#define OP(name, shape, flags, value) [IR_OP_##name] = { #name, IR_SHAPE_##shape, flags },
#include "ir/ops.def"
};

/* Lane i of the result; see ops.def for the rest. */
static uint64_t value(enum ir_op op, unsigned w, unsigned r, unsigned i, unsigned k, const uint64_t lane[3],
		      const struct ir_bits whole[3])
{
	uint64_t a = lane[0], b = lane[1], c = lane[2];
	struct ir_bits x = whole[0], y = whole[1], z = whole[2];

	(void)w, (void)r, (void)i, (void)k, (void)a, (void)b, (void)c, (void)x, (void)y, (void)z;
	switch (op) {
#define OP(name, shape, flags, value) \
	case IR_OP_##name: return (uint64_t)(value);
#include "ir/ops.def"
	case IR_OP_COUNT: break;
	}
	return 0;
}

uint64_t ir_eval(enum ir_op op, unsigned w, unsigned r, uint64_t a, uint64_t b, uint64_t c)
{
	return value(op, w, r, 0, 0, (uint64_t[3]){ a, b, c }, (struct ir_bits[3]){ { a, 0 }, { b, 0 }, { c, 0 } });
}

struct ir_form ir_form_of(const struct ir_unit *u, const struct ir_inst *in)
{
	struct ir_form f = { .op = in->op, .result = in->type, .k = (uint8_t)in->aux };

	for (unsigned k = 0; k < 3 && k < ir_shape_operands[ir_op_info[in->op].shape]; k++)
		f.arg[k] = (uint8_t)ir_type_of(u, in->arg[k]);
	return f;
}

static uint64_t operand_lane(uint8_t type, struct ir_bits x, unsigned i)
{
	const struct ir_type_info *t = &ir_type_info[type];

	if (t->bits <= 64)
		return x.lo;
	return i * t->lane_bits < t->bits ? sem_lane(x, i, t->lane_bits) : 0;
}

struct ir_bits ir_eval_form(struct ir_form f, const struct ir_bits x[3])
{
	unsigned first = ir_shape_signature[ir_op_info[f.op].shape][0] == '1';
	unsigned w = ir_type_info[f.arg[first]].lane_bits, r = ir_type_info[f.result].lane_bits;
	uint64_t half[2] = { 0, 0 }, lane[3];

	if (f.op == IR_OP_bitcast)
		return x[0];
	for (unsigned i = 0; i * r < ir_type_info[f.result].bits; i++) {
		for (unsigned k = 0; k < 3; k++)
			lane[k] = operand_lane(f.arg[k], x[k], i);
		half[i * r / 64] |= sem_mask(value((enum ir_op)f.op, w, r, i, f.k, lane, x), r) << i * r % 64;
	}
	return (struct ir_bits){ half[0], half[1] };
}

void ir_eval_packed(struct ir_bits x[3], uint64_t form)
{
	struct ir_form f = { .op = (uint8_t)form, .result = (uint8_t)(form >> 8), .k = (uint8_t)(form >> 40) };

	for (unsigned k = 0; k < 3; k++)
		f.arg[k] = (uint8_t)(form >> (16 + 8 * k));
	x[0] = ir_eval_form(f, x);
}
