/*
 * Integer loads and stores, reservations, cache and ordering instructions (UISA 4.2.3, VEA 5).
 * Unaligned accesses work but for lmw, stmw, lwarx and stwcx., which fault.
 */
#include "frontend/ppc/ppc.h"

/* Row arguments: enum ir_mem in the low byte, and */
enum { INDEXED = 0x100, UPDATE = 0x200 };

enum {
	BYTE = IR_MEM_8,
	HALF = IR_MEM_16 | IR_MEM_BE,
	WORD = IR_MEM_32 | IR_MEM_BE,
	HALF_SIGNED = HALF | IR_MEM_SEXT,
	HALF_REVERSED = IR_MEM_16,
	WORD_REVERSED = IR_MEM_32,
	CACHE_BLOCK = 32,
};

static struct ppc_ea ea(struct ppc_lift *l, const struct ppc_word *in)
{
	return in->row->arg & INDEXED ? ea_x(l, in) : ea_d(l, in);
}

/* l<size>[u][x] rD, ...:  rD <- memory at EA; u: rA <- EA, once the access has succeeded. */
static void lift_load(struct ppc_lift *l, const struct ppc_word *in)
{
	bool update = in->row->arg & UPDATE;

	if (update && (!in->ra || in->ra == in->rd)) {
		lift_illegal(l);
		return;
	}
	struct ppc_ea at = ea(l, in);
	ir_val v = ir_load(l->b, in->row->arg & 0xff, IR_I32, at.base, at.disp);
	if (update)
		set_update(l, in, at);
	set_gpr(l, in->rd, v);
}

/* st<size>[u][x] rS, ...:  memory at EA <- (rS); u: rA <- EA, once the access has succeeded. */
static void lift_store(struct ppc_lift *l, const struct ppc_word *in)
{
	bool update = in->row->arg & UPDATE;

	if (update && !in->ra) {
		lift_illegal(l);
		return;
	}
	struct ppc_ea at = ea(l, in);
	ir_store(l->b, in->row->arg & 0xff, at.base, at.disp, gpr(l, in->rd));
	if (update)
		set_update(l, in, at);
}

/* lmw rD,d(rA):  rD..r31 <- words from EA. Nothing is written before all have been read. */
static void lift_lmw(struct ppc_lift *l, const struct ppc_word *in)
{
	struct ppc_ea at = ea_d(l, in);
	ir_val v[32];

	for (unsigned r = in->rd, k = 0; r < 32; r++, k += 4)
		v[r] = ir_load(l->b, WORD | IR_MEM_ALIGNED, IR_I32, at.base, at.disp + (int32_t)k);
	for (unsigned r = in->rd; r < 32; r++)
		set_gpr(l, r, v[r]);
}

/* stmw rS,d(rA):  words from EA <- rS..r31. */
static void lift_stmw(struct ppc_lift *l, const struct ppc_word *in)
{
	struct ppc_ea at = ea_d(l, in);

	for (unsigned r = in->rd, k = 0; r < 32; r++, k += 4)
		ir_store(l->b, WORD | IR_MEM_ALIGNED, at.base, at.disp + (int32_t)k, gpr(l, r));
}

/* NB of lswi and stswi: bytes, 0 means 32. */
static unsigned string_bytes(const struct ppc_word *in)
{
	return in->rb ? in->rb : 32;
}

/* Up to four bytes at base + disp, in the upper end of a register, zeros behind. */
static ir_val load_piece(struct ppc_lift *l, ir_val base, int32_t disp, unsigned n)
{
	if (n == 4)
		return ir_load(l->b, WORD, IR_I32, base, disp);
	ir_val v = imm32(l, 0);
	for (unsigned i = 0; i < n; i++) {
		ir_val byte = ir_load(l->b, BYTE, IR_I32, base, disp + (int32_t)i);
		v = ir_or(l->b, v, ir_shl(l->b, byte, imm32(l, 24 - 8 * i)));
	}
	return v;
}

/* lswi rD,rA,NB:  NB bytes from (rA|0) to rD and up, four a register, r0 behind r31. */
static void lift_lswi(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned n = string_bytes(in);
	ir_val base = gpr_or_zero(l, in->ra);
	ir_val v[8];

	for (unsigned i = 0; i < n; i += 4)
		v[i / 4] = load_piece(l, base, (int32_t)i, n - i < 4 ? n - i : 4);
	for (unsigned i = 0; i < n; i += 4)
		set_gpr(l, (in->rd + i / 4) & 31, v[i / 4]);
}

/* stswi rS,rA,NB:  NB bytes of rS and up to (rA|0), four a register, r0 behind r31. */
static void lift_stswi(struct ppc_lift *l, const struct ppc_word *in)
{
	unsigned n = string_bytes(in);
	ir_val base = gpr_or_zero(l, in->ra);

	for (unsigned i = 0; i < n; i += 4) {
		ir_val v = gpr(l, (in->rd + i / 4) & 31);
		if (n - i >= 4) {
			ir_store(l->b, WORD, base, (int32_t)i, v);
			continue;
		}
		for (unsigned k = 0; k < n - i; k++)
			ir_store(l->b, BYTE, base, (int32_t)(i + k), ir_shr(l->b, v, imm32(l, 24 - 8 * k)));
	}
}

/* a: EA, b: first register, c: pc. The byte count is in XER; nothing is written if a byte faults. */
static uint64_t lswx(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct ppc_state *s = state;
	uint8_t buf[128] = { 0 };
	unsigned n = s->xer_count;

	if (!n || !env_of(state)->services->read(state, a, buf, n, c))
		return 0;
	for (unsigned i = 0; i < n; i += 4)
		s->r[(b + i / 4) & 31] = (uint32_t)buf[i] << 24 | (uint32_t)buf[i + 1] << 16 |
					 (uint32_t)buf[i + 2] << 8 | buf[i + 3];
	return 0;
}

static uint64_t stswx(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	const struct ppc_state *s = state;
	uint8_t buf[128];
	unsigned n = s->xer_count;

	for (unsigned i = 0; i < n; i++)
		buf[i] = (uint8_t)(s->r[(b + i / 4) & 31] >> (24 - i % 4 * 8));
	if (n)
		env_of(state)->services->write(state, a, buf, n, c);
	return 0;
}

const struct ir_helper ppc_lswx = {
	"ppc_lswx", lswx, IR_HELPER_READS | IR_HELPER_WRITES | IR_HELPER_MEMORY | IR_HELPER_LEAVES
};
const struct ir_helper ppc_stswx = {
	"ppc_stswx", stswx, IR_HELPER_READS | IR_HELPER_MEMORY | IR_HELPER_LEAVES
};

/* lswx, stswx rD,rA,rB:  as lswi and stswi, at (rA|0) + (rB), with XER's byte count. */
static void lift_string_indexed(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_call(l->b, in->row->arg ? &ppc_stswx : &ppc_lswx, IR_VOID, ea_x(l, in).base, imm32(l, in->rd),
		imm32(l, l->pc));
}

/* lwarx rD,rA,rB (lbarx, lharx: Power ISA 2.06):  rD <- memory at EA, which is now reserved. */
static void lift_reserve(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val at = ea_x(l, in).base;
	ir_val v = ir_load(l->b, in->row->arg | IR_MEM_ALIGNED, IR_I32, at, 0);

	ir_put(l->b, PPC_RESERVE_VALID, imm1(l, true));
	ir_put(l->b, PPC_RESERVE_ADDR, at);
	ir_put(l->b, PPC_RESERVE_VALUE, v);
	set_gpr(l, in->rd, v);
}

/*
 * stwcx. rS,rA,rB:  if EA is reserved and unchanged, memory at EA <- (rS); CR0 <- 0 0 done SO.
 * The reservation ends either way.
 */
static void lift_store_conditional(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val at = ea_x(l, in).base;
	ir_val same = ir_eq(l->b, flag(l, PPC_RESERVE_ADDR), at);
	ir_val held = ir_and(l->b, flag(l, PPC_RESERVE_VALID), same);
	ir_val expected = flag(l, PPC_RESERVE_VALUE);
	ir_val done = ir_stcond(l->b, in->row->arg | IR_MEM_ALIGNED, held, at, 0, expected, gpr(l, in->rd));

	ir_put(l->b, PPC_RESERVE_VALID, imm1(l, false));
	set_crf(l, 0, imm1(l, false), imm1(l, false), done);
}

/* dcbz rA,rB:  the cache block of EA <- 0. */
static void lift_dcbz(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val block = ir_and(l->b, ea_x(l, in).base, imm32(l, ~(CACHE_BLOCK - 1u)));

	for (int32_t i = 0; i < CACHE_BLOCK; i += 8)
		ir_store(l->b, IR_MEM_64, block, i, ir_const(l->b, IR_I64, 0));
}

/*
 * dcbst, dcbf rA,rB:  data is always in memory. For translation and protection they are loads
 * (VEA 5.1.1): they fault as one.
 */
static void lift_cache_store(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_load(l->b, BYTE, IR_I32, ea_x(l, in).base, 0);
}

/* dcbt, dcbtst, dcba:  hints; they never fault. */
static void lift_cache_hint(struct ppc_lift *l, const struct ppc_word *in)
{
	(void)l;
	(void)in;
}

static uint64_t icbi(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)b, (void)c;
	env_of(state)->services->invalidate(state, a & ~(CACHE_BLOCK - 1ull), CACHE_BLOCK);
	return 0;
}

const struct ir_helper ppc_icbi = { "ppc_icbi", icbi, IR_HELPER_READS | IR_HELPER_WRITES };

/*
 * icbi rA,rB:  the code in the cache block of EA has changed. The run loop drops it at once. For translation
 * and protection it is a load, too.
 */
static void lift_icbi(struct ppc_lift *l, const struct ppc_word *in)
{
	ir_val ea = ea_x(l, in).base;

	ir_load(l->b, BYTE, IR_I32, ea, 0);
	ir_call(l->b, &ppc_icbi, IR_VOID, ea, IR_NONE, IR_NONE);
	lift_trap(l, IR_TRAP_RESYNC, 0);
}

/* sync L:  earlier accesses before later ones; L = 1 (lwsync): but for stores before later loads. */
static void lift_sync(struct ppc_lift *l, const struct ppc_word *in)
{
	if ((in->rd & 3) == 1)
		ir_order(l->b, 0);
	else
		ir_fence(l->b, 0);
}

/* eieio:  earlier stores before later ones. isync:  nothing later begins before it. */
static void lift_order(struct ppc_lift *l, const struct ppc_word *in)
{
	(void)in;
	ir_order(l->b, 0);
}

static const struct ppc_row rows[] = {
	{ "lwz", "100000 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = WORD },
	{ "lwzu", "100001 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = WORD | UPDATE },
	{ "lbz", "100010 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = BYTE },
	{ "lbzu", "100011 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = BYTE | UPDATE },
	{ "lhz", "101000 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = HALF },
	{ "lhzu", "101001 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = HALF | UPDATE },
	{ "lha", "101010 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = HALF_SIGNED },
	{ "lhau", "101011 ddddd aaaaa iiiiiiiiiiiiiiii", lift_load, .arg = HALF_SIGNED | UPDATE },
	{ "stw", "100100 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = WORD },
	{ "stwu", "100101 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = WORD | UPDATE },
	{ "stb", "100110 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = BYTE },
	{ "stbu", "100111 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = BYTE | UPDATE },
	{ "sth", "101100 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = HALF },
	{ "sthu", "101101 ddddd aaaaa iiiiiiiiiiiiiiii", lift_store, .arg = HALF | UPDATE },
	{ "lwzx", "011111 ddddd aaaaa bbbbb 0000010111 -", lift_load, .arg = WORD | INDEXED },
	{ "lwzux", "011111 ddddd aaaaa bbbbb 0000110111 -", lift_load, .arg = WORD | UPDATE | INDEXED },
	{ "lbzx", "011111 ddddd aaaaa bbbbb 0001010111 -", lift_load, .arg = BYTE | INDEXED },
	{ "lbzux", "011111 ddddd aaaaa bbbbb 0001110111 -", lift_load, .arg = BYTE | UPDATE | INDEXED },
	{ "lhzx", "011111 ddddd aaaaa bbbbb 0100010111 -", lift_load, .arg = HALF | INDEXED },
	{ "lhzux", "011111 ddddd aaaaa bbbbb 0100110111 -", lift_load, .arg = HALF | UPDATE | INDEXED },
	{ "lhax", "011111 ddddd aaaaa bbbbb 0101010111 -", lift_load, .arg = HALF_SIGNED | INDEXED },
	{ "lhaux", "011111 ddddd aaaaa bbbbb 0101110111 -", lift_load, .arg = HALF_SIGNED | UPDATE | INDEXED },
	{ "stwx", "011111 ddddd aaaaa bbbbb 0010010111 -", lift_store, .arg = WORD | INDEXED },
	{ "stwux", "011111 ddddd aaaaa bbbbb 0010110111 -", lift_store, .arg = WORD | UPDATE | INDEXED },
	{ "stbx", "011111 ddddd aaaaa bbbbb 0011010111 -", lift_store, .arg = BYTE | INDEXED },
	{ "stbux", "011111 ddddd aaaaa bbbbb 0011110111 -", lift_store, .arg = BYTE | UPDATE | INDEXED },
	{ "sthx", "011111 ddddd aaaaa bbbbb 0110010111 -", lift_store, .arg = HALF | INDEXED },
	{ "sthux", "011111 ddddd aaaaa bbbbb 0110110111 -", lift_store, .arg = HALF | UPDATE | INDEXED },
	{ "lwbrx", "011111 ddddd aaaaa bbbbb 1000010110 -", lift_load, .arg = WORD_REVERSED | INDEXED },
	{ "lhbrx", "011111 ddddd aaaaa bbbbb 1100010110 -", lift_load, .arg = HALF_REVERSED | INDEXED },
	{ "stwbrx", "011111 ddddd aaaaa bbbbb 1010010110 -", lift_store, .arg = WORD_REVERSED | INDEXED },
	{ "sthbrx", "011111 ddddd aaaaa bbbbb 1110010110 -", lift_store, .arg = HALF_REVERSED | INDEXED },
	{ "lmw", "101110 ddddd aaaaa iiiiiiiiiiiiiiii", lift_lmw },
	{ "stmw", "101111 ddddd aaaaa iiiiiiiiiiiiiiii", lift_stmw },
	{ "lswi", "011111 ddddd aaaaa nnnnn 1001010101 -", lift_lswi },
	{ "stswi", "011111 ddddd aaaaa nnnnn 1011010101 -", lift_stswi },
	{ "lswx", "011111 ddddd aaaaa bbbbb 1000010101 -", lift_string_indexed, .flags = PPC_PRE },
	{ "stswx", "011111 ddddd aaaaa bbbbb 1010010101 -", lift_string_indexed, .arg = 1, .flags = PPC_PRE },
	{ "lwarx", "011111 ddddd aaaaa bbbbb 0000010100 u", lift_reserve, .arg = WORD },
	{ "lbarx", "011111 ddddd aaaaa bbbbb 0000110100 u", lift_reserve, .arg = BYTE, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "lharx", "011111 ddddd aaaaa bbbbb 0001110100 u", lift_reserve, .arg = HALF, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "stwcx.", "011111 ddddd aaaaa bbbbb 0010010110 1", lift_store_conditional, .arg = WORD },
	{ "stbcx.", "011111 ddddd aaaaa bbbbb 1010110110 1", lift_store_conditional, .arg = BYTE, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "sthcx.", "011111 ddddd aaaaa bbbbb 1011010110 1", lift_store_conditional, .arg = HALF, .flags = PPC_PRE, .lacks = PPC_CLASSIC },
	{ "dcbz", "011111 ----- aaaaa bbbbb 1111110110 -", lift_dcbz },
	{ "dcbt", "011111 uuuuu aaaaa bbbbb 0100010110 -", lift_cache_hint },
	{ "dcbtst", "011111 uuuuu aaaaa bbbbb 0011110110 -", lift_cache_hint },
	{ "dcbst", "011111 ----- aaaaa bbbbb 0000110110 -", lift_cache_store },
	{ "dcbf", "011111 uuuuu aaaaa bbbbb 0001010110 -", lift_cache_store },
	{ "dcba", "011111 ----- aaaaa bbbbb 1011110110 -", lift_cache_hint, .lacks = PPC_603 | PPC_750 },
	{ "icbi", "011111 ----- aaaaa bbbbb 1111010110 -", lift_icbi },
	{ "sync", "011111 uuuuu ----- ----- 1001010110 -", lift_sync },
	{ "eieio", "011111 ----- ----- ----- 1101010110 -", lift_order },
	{ "isync", "010011 ----- ----- ----- 0010010110 -", lift_order },
};
const struct ppc_rows ppc_rows_mem = PPC_ROWS(rows);
