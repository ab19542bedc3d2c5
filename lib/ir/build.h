/*
 * Typed builders, one per row of ops.def: ir_add(b, x, y). Lifters and passes use these;
 * none of them can fail other than stickily (ir.h).
 */
#ifndef IR_BUILD_H
#define IR_BUILD_H

#include "ir/ir.h"

#define FN static inline ir_val
#define SELF(n) struct ir_builder *b
#define MAKE(n, t, ...) ir_emit(b, (struct ir_inst){ .op = IR_OP_##n, .type = (uint8_t)(t), __VA_ARGS__ })
#define T_OF(x) ir_type_of(b->u, x)

#define BUILD_UN(n)    FN ir_##n(SELF(n), ir_val x) { return MAKE(n, T_OF(x), .arg = { x }); }
#define BUILD_BIN(n)   FN ir_##n(SELF(n), ir_val x, ir_val y) { return MAKE(n, T_OF(x), .arg = { x, y }); }
#define BUILD_DIV      BUILD_BIN
#define BUILD_SHIFT    BUILD_BIN
#define BUILD_UN8      BUILD_UN
#define BUILD_BIN8     BUILD_BIN
#define BUILD_TRI      BUILD_FTRI
#define BUILD_CMP(n)   FN ir_##n(SELF(n), ir_val x, ir_val y) { return MAKE(n, IR_I1, .arg = { x, y }); }
#define BUILD_ADC(n)   FN ir_##n(SELF(n), ir_val x, ir_val y, ir_val cin) { return MAKE(n, IR_I1, .arg = { x, y, cin }); }
#define BUILD_SEL(n)   FN ir_##n(SELF(n), ir_val c, ir_val x, ir_val y) { return MAKE(n, T_OF(x), .arg = { c, x, y }); }
#define BUILD_WIDEN(n) FN ir_##n(SELF(n), enum ir_type to, ir_val x) { return MAKE(n, to, .arg = { x }); }
#define BUILD_NARROW   BUILD_WIDEN
#define BUILD_CAST     BUILD_WIDEN
#define BUILD_FUN      BUILD_UN
#define BUILD_FBIN     BUILD_BIN
#define BUILD_FTRI(n)  FN ir_##n(SELF(n), ir_val x, ir_val y, ir_val z) { return MAKE(n, T_OF(x), .arg = { x, y, z }); }
#define BUILD_FCMP     BUILD_CMP
#define BUILD_F2F      BUILD_WIDEN
#define BUILD_FTEST(n) FN ir_##n(SELF(n), ir_val x) { return MAKE(n, IR_I1, .arg = { x }); }
#define BUILD_F2I      BUILD_WIDEN
#define BUILD_I2F      BUILD_WIDEN
#define BUILD_VBIN     BUILD_BIN
/* The result's type follows from that of x by a letter of shapes.def. */
#define BUILD_V1(n, letter) FN ir_##n(SELF(n), ir_val x) { return MAKE(n, ir_letter_type(letter, T_OF(x)), .arg = { x }); }
#define BUILD_V2(n, letter) FN ir_##n(SELF(n), ir_val x, ir_val y) \
	{ return MAKE(n, ir_letter_type(letter, T_OF(x)), .arg = { x, y }); }
#define BUILD_VFCMP(n)  BUILD_V2(n, 'c')
#define BUILD_VMAKE(n)  BUILD_V1(n, 'v')
#define BUILD_VEXTRACT(n) FN ir_##n(SELF(n), ir_val x, unsigned lane) \
	{ return MAKE(n, ir_letter_type('e', T_OF(x)), .aux = (uint16_t)lane, .arg = { x }); }
#define BUILD_VINSERT(n) FN ir_##n(SELF(n), ir_val x, ir_val y, unsigned lane) \
	{ return MAKE(n, T_OF(x), .aux = (uint16_t)lane, .arg = { x, y }); }
/* pattern: a constant i8x16, see sem_shuffle. */
#define BUILD_VSHUFFLE(n) FN ir_##n(SELF(n), ir_val x, ir_val y, ir_val pattern) \
	{ return MAKE(n, T_OF(x), .arg = { x, y, pattern }); }
#define BUILD_VLOOKUP   BUILD_BIN
#define BUILD_VWIDEN(n) BUILD_V1(n, 'd')
#define BUILD_VNARROW(n) BUILD_V2(n, 'h')
#define BUILD_VMUL(n)   BUILD_V2(n, 'd')
#define BUILD_VCLMUL    BUILD_BIN
#define BUILD_VANY(n)   BUILD_V1(n, '1')
#define BUILD_VMASK(n)  BUILD_V1(n, '4')
#define BUILD_VFWIDEN(n) BUILD_V1(n, 'Q')
#define BUILD_VFNARROW(n) BUILD_V2(n, 'P')
#define BUILD_GET(n)   FN ir_##n(SELF(n), unsigned slot) { return MAKE(n, b->u->slots->slot[slot].type, .slot = (uint16_t)slot); }
#define BUILD_PUT(n)   static inline void ir_##n(SELF(n), unsigned slot, ir_val x) { MAKE(n, IR_VOID, .slot = (uint16_t)slot, .arg = { x }); }
/* mem: enum ir_mem; t: type of the result, at least as wide as the access. */
#define BUILD_LOAD(n)  FN ir_##n(SELF(n), unsigned mem, enum ir_type t, ir_val a, int32_t disp) \
	{ return MAKE(n, t, .aux = (uint16_t)mem, .imm = disp, .arg = { a }); }
/* x may be wider than the access: its low part is stored. */
#define BUILD_STORE(n) static inline void ir_##n(SELF(n), unsigned mem, ir_val a, int32_t disp, ir_val x) \
	{ MAKE(n, IR_VOID, .aux = (uint16_t)mem, .imm = disp, .arg = { a, x }); }
#define BUILD_LOADIF(n) FN ir_##n(SELF(n), unsigned mem, ir_val c, ir_val x, ir_val a, int32_t disp) \
	{ return MAKE(n, T_OF(x), .aux = (uint16_t)mem, .imm = disp, .arg = { c, x, a }); }
#define BUILD_STOREIF(n) static inline void ir_##n(SELF(n), unsigned mem, ir_val c, ir_val a, int32_t disp, ir_val x) \
	{ MAKE(n, IR_VOID, .aux = (uint16_t)mem, .imm = disp, .arg = { c, a, x }); }
#define BUILD_CAS(n)   FN ir_##n(SELF(n), unsigned mem, ir_val a, int32_t disp, ir_val expected, ir_val desired) \
	{ return MAKE(n, T_OF(expected), .aux = (uint16_t)mem, .imm = disp, .arg = { a, expected, desired }); }
#define BUILD_STCOND(n) FN ir_##n(SELF(n), unsigned mem, ir_val ok, ir_val a, int32_t disp, ir_val expected, ir_val desired) \
	{ return MAKE(n, IR_I1, .aux = (uint16_t)mem, .imm = disp, .arg = { ok, a, expected, desired }); }
#define BUILD_RMW(n)   FN ir_##n(SELF(n), unsigned mem, ir_val a, int32_t disp, ir_val x) \
	{ return MAKE(n, T_OF(x), .aux = (uint16_t)mem, .imm = disp, .arg = { a, x }); }
#define BUILD_NONE(n)  static inline void ir_##n(SELF(n), int32_t imm) { MAKE(n, IR_VOID, .imm = imm); }
/* t: type of the result, IR_VOID for none; unused arguments are IR_NONE. */
#define BUILD_CALL(n)  FN ir_##n(SELF(n), const struct ir_helper *h, enum ir_type t, ir_val x, ir_val y, ir_val z) \
	{ return MAKE(n, t, .helper = h, .arg = { x, y, z, IR_NONE }); } \
	FN ir_##n##4(SELF(n), const struct ir_helper *h, enum ir_type t, ir_val x, ir_val y, ir_val z, ir_val v) \
	{ return MAKE(n, t, .helper = h, .arg = { x, y, z, v }); }
#define BUILD_GUARD(n) FN ir_##n(SELF(n), const struct ir_helper *h, ir_val c, ir_val x, ir_val a0, ir_val a1, ir_val a2) \
	{ return MAKE(n, T_OF(x), .helper = h, .arg = { c, x, a0, a1, a2, IR_NONE }); } \
	FN ir_##n##4(SELF(n), const struct ir_helper *h, ir_val c, ir_val x, ir_val a0, ir_val a1, ir_val a2, ir_val a3) \
	{ return MAKE(n, T_OF(x), .helper = h, .arg = { c, x, a0, a1, a2, a3 }); }
#define BUILD_INSN(n)  static inline void ir_##n(SELF(n), uint64_t pc, unsigned bytes) \
	{ MAKE(n, IR_VOID, .imm = (int32_t)(pc - b->u->pc), .aux = (uint16_t)bytes); }
/* host: address of a counter. */
#define BUILD_TALLY(n) static inline void ir_##n(SELF(n), uint64_t host, bool atomic) \
	{ MAKE(n, IR_VOID, .aux = atomic, .arg = { ir_const(b, IR_I64, host) }); }
#define BUILD_FLAGS(n) FN ir_##n(SELF(n)) { return MAKE(n, IR_I32, .imm = 0); }
/* For IR_EXIT_CALL, ret is the saved return address; else pass 0. */
#define BUILD_EXIT(n)  static inline void ir_##n(SELF(n), enum ir_exit_kind kind, ir_val target, uint64_t ret) \
	{ MAKE(n, IR_VOID, .aux = (uint16_t)kind, .imm = ret ? (int32_t)(ret - b->u->pc) : 0, .arg = { target }); }
#define BUILD_EXITIF(n) static inline void ir_##n(SELF(n), enum ir_exit_kind kind, ir_val c, ir_val target) \
	{ MAKE(n, IR_VOID, .aux = (uint16_t)kind, .arg = { c, target }); }
#define BUILD_TRAP(n)  static inline void ir_##n(SELF(n), enum ir_trap reason, int32_t code, ir_val pc, ir_val next) \
	{ MAKE(n, IR_VOID, .aux = (uint16_t)reason, .imm = code, .arg = { pc, next }); }
#define BUILD_TRAPIF(n) static inline void ir_##n(SELF(n), enum ir_trap reason, int32_t code, ir_val c, ir_val pc, ir_val next) \
	{ MAKE(n, IR_VOID, .aux = (uint16_t)reason, .imm = code, .arg = { c, pc, next }); }

#define OP(name, shape, ...) BUILD_##shape(name)
#include "ir/ops.def"

#undef FN
#undef SELF
#undef MAKE
#undef T_OF
#undef BUILD_UN
#undef BUILD_BIN
#undef BUILD_SHIFT
#undef BUILD_CMP
#undef BUILD_ADC
#undef BUILD_SEL
#undef BUILD_WIDEN
#undef BUILD_NARROW
#undef BUILD_CAST
#undef BUILD_FUN
#undef BUILD_FBIN
#undef BUILD_FTRI
#undef BUILD_FCMP
#undef BUILD_F2F
#undef BUILD_FTEST
#undef BUILD_F2I
#undef BUILD_I2F
#undef BUILD_V1
#undef BUILD_V2
#undef BUILD_DIV
#undef BUILD_UN8
#undef BUILD_BIN8
#undef BUILD_TRI
#undef BUILD_VBIN
#undef BUILD_VFCMP
#undef BUILD_VMAKE
#undef BUILD_VEXTRACT
#undef BUILD_VINSERT
#undef BUILD_VSHUFFLE
#undef BUILD_VLOOKUP
#undef BUILD_VWIDEN
#undef BUILD_VNARROW
#undef BUILD_VMUL
#undef BUILD_VCLMUL
#undef BUILD_VANY
#undef BUILD_VMASK
#undef BUILD_VFWIDEN
#undef BUILD_VFNARROW
#undef BUILD_GET
#undef BUILD_PUT
#undef BUILD_LOAD
#undef BUILD_STORE
#undef BUILD_LOADIF
#undef BUILD_STOREIF
#undef BUILD_CAS
#undef BUILD_STCOND
#undef BUILD_RMW
#undef BUILD_NONE
#undef BUILD_CALL
#undef BUILD_GUARD
#undef BUILD_INSN
#undef BUILD_TALLY
#undef BUILD_FLAGS
#undef BUILD_EXIT
#undef BUILD_EXITIF
#undef BUILD_TRAP
#undef BUILD_TRAPIF

/* Ends a block behind which the front end's mode is another. */
static inline void ir_exit_mode(struct ir_builder *b, ir_val target, uint32_t mode)
{
	ir_emit(b, (struct ir_inst){ .op = IR_OP_exit, .type = IR_VOID, .aux = IR_EXIT_MODE, .imm = (int32_t)mode,
				     .arg = { target } });
}

#endif
