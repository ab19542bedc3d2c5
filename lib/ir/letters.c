/* What the letters of signatures stand for; shapes.def lists them. */
#include <string.h>

#include "ir/ir.h"

enum ir_type ir_type_with(enum ir_kind kind, unsigned lane_bits)
{
	for (unsigned t = 1; t < IR_TYPE_COUNT; t++)
		if (ir_type_info[t].kind == kind && ir_type_info[t].lane_bits == lane_bits)
			return (enum ir_type)t;
	return IR_VOID;
}

bool ir_letter_binds(char letter)
{
	return strchr("ILKFGVXUWSBDPQim", letter) != NULL;
}

enum ir_type ir_letter_type(char letter, enum ir_type bound)
{
	const struct ir_type_info *t = &ir_type_info[bound];
	bool vector = t->kind >= IR_KIND_VEC_INT, is_float = t->kind == IR_KIND_FLOAT || t->kind == IR_KIND_VEC_FLOAT;

	switch (letter) {
	case '1': return IR_I1;
	case '4': return IR_I32;
	case 'B': return IR_I8X16;
	case 'D': return IR_I64X2;
	case 'P': return IR_F32X4;
	case 'Q': return IR_F64X2;
	case 'T': return bound;
	case 'v': return ir_type_with(is_float ? IR_KIND_VEC_FLOAT : IR_KIND_VEC_INT, t->lane_bits);
	case 'e': return ir_type_with(is_float ? IR_KIND_FLOAT : IR_KIND_INT, t->lane_bits);
	case 'd': return ir_type_with(IR_KIND_VEC_INT, 2u * t->lane_bits);
	case 'h': return ir_type_with(IR_KIND_VEC_INT, t->lane_bits / 2);
	case 'c': return ir_type_with(IR_KIND_VEC_INT, t->lane_bits);
	case 'i': return vector ? ir_type_with(IR_KIND_VEC_INT, t->lane_bits) : IR_VOID;
	case 'f':
		if (vector)
			return ir_type_with(IR_KIND_VEC_FLOAT, t->lane_bits);
		return bound == IR_F32 ? IR_F64 : bound == IR_F64 ? IR_F32 : IR_VOID;
	default: return IR_VOID;
	}
}

/* An integer operand of a conversion to float. */
static bool converts(enum ir_type t)
{
	return t == IR_I32 || t == IR_I64 || t == IR_I32X4 || t == IR_I64X2;
}

bool ir_letter_fits(char letter, enum ir_type t, enum ir_type bound)
{
	const struct ir_type_info *i = &ir_type_info[t], *w = &ir_type_info[bound];
	bool is_int = i->kind == IR_KIND_INT, is_float = i->kind == IR_KIND_FLOAT;
	enum ir_type only = ir_letter_type(letter, bound);

	if (only != IR_VOID)
		return t == only;
	switch (letter) {
	case 'I': return is_int;
	case 'F': return is_float;
	case 'L': return is_int || i->kind == IR_KIND_VEC_INT;
	case 'K': return (is_int && t != IR_I1) || i->kind == IR_KIND_VEC_INT;
	case 'G': return is_float || i->kind == IR_KIND_VEC_FLOAT;
	case 'S': return (is_int && t != IR_I1) || is_float;
	case 'U': return i->kind == IR_KIND_VEC_INT;
	case 'W': return i->kind == IR_KIND_VEC_FLOAT;
	case 'X': return i->bits > 64;
	case 'V': return t != IR_VOID;
	case 'A': return t == IR_I32 || t == IR_I64;
	case 'w': return is_int && i->bits > w->bits;
	case 'n': return is_int && i->bits < w->bits;
	case 'b': return t != bound && i->bits == w->bits;
	case 'f': return is_float && w->kind == IR_KIND_INT;
	case 'i': return bound == IR_VOID ? converts(t) : t == IR_I32 || t == IR_I64;
	case 'm': return bound == IR_VOID || t == bound;
	case '.': return t == IR_VOID;
	default: return false;
	}
}
