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

uint64_t ir_eval(enum ir_op op, unsigned w, unsigned r, uint64_t a, uint64_t b, uint64_t c)
{
	(void)w, (void)r, (void)a, (void)b, (void)c;
	switch (op) {
#define OP(name, shape, flags, value) \
	case IR_OP_##name: return (uint64_t)(value);
#include "ir/ops.def"
	case IR_OP_COUNT: break;
	}
	return 0;
}
