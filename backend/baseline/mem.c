/*
 * Emitters of guest memory accesses. Unchecked, an access is one host instruction at mem_base +
 * address and a fault finds its instruction through the side table; where guest addresses are the
 * host's there is no mem_base, and where they have 64 bits and a window, they are compared with it
 * before. Checked, page_prot is asked first; virtual addresses are looked up in the table of pages (struct
 * env_tlb), which also tells where in the host they are. What the fast path cannot do goes to the
 * services, out of line.
 */
#include "backend/baseline/gen.h"
#include "dragoman/machine.h"

struct access {
	struct x64_mem m;
	unsigned mem, bytes;		/* enum ir_mem */
	unsigned ea;			/* register with the guest address when there is a slow path */
	unsigned table, page;		/* temporaries of the check */
	bool check, align;
	bool window;			/* unchecked, but the address may lie outside of the window */
	struct cold *cold;		/* NULL: the fast path is the only one */
};

static bool identity(const struct gen *g)
{
	return g->rq->mode.addr_bits == 64 && g->rq->mode.window_bits == 64;
}

/* Guest address r + disp in the host. */
static struct x64_mem host(const struct gen *g, unsigned r, int32_t disp)
{
	if (identity(g))
		return (struct x64_mem){ (uint8_t)r, X64_NONE, disp };
	return (struct x64_mem){ R12, (uint8_t)r, disp };
}

/* The address without a slow path; guards of 32 KiB and more absorb small displacements. */
static struct x64_mem direct(struct gen *g, ir_val va)
{
	bool wide = gen_type(g, va) == IR_I64;
	int32_t imm = g->in->imm;

	if (ir_is_const(va)) {
		uint64_t ea = ir_const_bits(g->u, va) + (uint64_t)(int64_t)imm;
		unsigned r;
		if (!wide)
			ea &= 0xffffffffu;
		if (ea <= INT32_MAX && !identity(g))
			return (struct x64_mem){ R12, X64_NONE, (int32_t)ea };
		r = gen_temp(g);
		x64_mov_imm(&g->x, r, ea);
		return host(g, r, 0);
	}
	unsigned a = gen_use(g, va);
	if (wide || !imm || (imm == (int16_t)imm && g->rq->mode.addr_bits == 32))
		return host(g, a, imm);
	unsigned r = gen_temp(g);
	x64_lea(&g->x, 4, r, (struct x64_mem){ (uint8_t)a, X64_NONE, imm });
	return host(g, r, 0);
}

/* The register without the bits that do not count; the flags go. */
static unsigned without_tag(struct gen *g, unsigned a)
{
	unsigned r = gen_temp(g), n = g->rq->mode.tag_bits;

	x64_mov(&g->x, 8, r, a);
	x64_shift_imm(&g->x, 8, SH_SHL, r, n);
	x64_shift_imm(&g->x, 8, SH_SAR, r, n);
	return r;
}

static unsigned address_reg(struct gen *g, ir_val va)
{
	unsigned bytes = gen_bytes(gen_type(g, va)), a, r;
	uint64_t ea;

	if (ir_is_const(va)) {
		r = gen_temp(g);
		ea = ir_const_bits(g->u, va) + (uint64_t)(int64_t)g->in->imm;
		x64_mov_imm(&g->x, r, bytes == 4 ? ea & 0xffffffffu : ea);
		return r;
	}
	a = gen_use(g, va);
	if (!g->in->imm)
		return a;
	r = gen_temp(g);
	x64_lea(&g->x, bytes, r, (struct x64_mem){ (uint8_t)a, X64_NONE, g->in->imm });
	return r;
}

/* Takes all registers the access needs but those of its values. natural: only aligned directly. */
static struct access address(struct gen *g, ir_val va, bool natural)
{
	struct access x = { .mem = g->in->aux, .bytes = ir_mem_bytes(g->in->aux), .check = g->rq->mode.checked };

	if (gen_type(g, va) == IR_I64 && g->rq->mode.addr_bits == 32)
		gen_fail(g, DGM_E_UNSUP);
	bool strip = identity(g) && !x.check && g->rq->mode.tags && gen_type(g, va) == IR_I64;
	x.align = x.bytes > 1 && (natural || x.mem & IR_MEM_ALIGNED);
	x.window = g->rq->mode.addr_bits == 64 && !identity(g) && !x.check;
	if (!x.check && !x.align && !x.window && !strip) {
		x.m = direct(g, va);
		return x;
	}
	gen_clobber_flags(g);
	x.ea = address_reg(g, va);
	if (strip)
		x.ea = without_tag(g, x.ea);
	x.m = host(g, x.ea, 0);
	if (x.check)
		x.table = gen_temp(g);
	if (x.check || x.window)
		x.page = gen_temp(g);
	if (g->rq->mode.tlb)
		x.m = (struct x64_mem){ (uint8_t)x.table, (uint8_t)x.ea, 0 };
	return x;
}

static void check_window(struct gen *g, struct access *x)
{
	x64_mov(&g->x, 8, x->page, x->ea);
	x64_shift_imm(&g->x, 8, SH_SHR, x->page, g->rq->mode.window_bits);
	x->cold->from[1] = x64_jcc(&g->x, CC_NE);
}

static void check_page(struct gen *g, struct access *x, unsigned prot)
{
	struct x64_mem entry = { (uint8_t)x->table, (uint8_t)x->page, 0 };

	x64_load(&g->x, 8, x->table, GEN_ENV(page_prot));
	if (g->rq->mode.addr_bits == 32) {
		x64_test(&g->x, 8, x->table, x->table);
		x->cold->from[1] = x64_jcc(&g->x, CC_E);
		x64_mov(&g->x, 4, x->page, x->ea);
		x64_shift_imm(&g->x, 4, SH_SHR, x->page, 12);
	} else {
		x64_mov(&g->x, 8, x->page, x->ea);
		x64_shift_imm(&g->x, 8, SH_SHR, x->page, 12);
		x64_rm(&g->x, X_W, 0x3b, x->page, GEN_ENV(page_count));
		x->cold->from[1] = x64_jcc(&g->x, CC_AE);
	}
	if (prot & (prot - 1)) {
		x64_load(&g->x, 1, x->page, entry);
		x64_alu_imm(&g->x, 4, ALU_AND, x->page, (int32_t)prot);
		x64_alu_imm(&g->x, 4, ALU_CMP, x->page, (int32_t)prot);
		x->cold->from[2] = x64_jcc(&g->x, CC_NE);
	} else {
		x64_rm(&g->x, 0, 0xf6, 0, entry);
		x64_8(&g->x, prot);
		x->cold->from[2] = x64_jcc(&g->x, CC_E);
	}
}

/*
 * Leaves in x->table what makes a host address of x->ea. The page compared is that of the last byte: an access
 * across two pages misses.
 */
static void check_tlb(struct gen *g, struct access *x, unsigned prot)
{
	unsigned bytes = g->rq->mode.addr_bits / 8;
	int32_t last = x->align ? 0 : (int32_t)x->bytes - 1;
	int32_t tag = prot == DGM_R ? (int32_t)offsetof(struct env_tlb, read) : (int32_t)offsetof(struct env_tlb, write);

	x64_mov(&g->x, bytes, x->table, x->ea);
	x64_shift_imm(&g->x, bytes, SH_SHR, x->table, ENV_PAGE_BITS - ENV_TLB_SHIFT);
	x64_alu_imm(&g->x, 4, ALU_AND, x->table, (ENV_TLB_SIZE - 1) << ENV_TLB_SHIFT);
	x64_rm(&g->x, X_W, 0x03, x->table, GEN_ENV(tlb));
	if (last)
		x64_lea(&g->x, bytes, x->page, (struct x64_mem){ (uint8_t)x->ea, X64_NONE, last });
	else
		x64_mov(&g->x, bytes, x->page, x->ea);
	x64_alu_imm(&g->x, bytes, ALU_AND, x->page, -(1 << ENV_PAGE_BITS));
	x64_rm(&g->x, X_W, 0x3b, x->page, (struct x64_mem){ (uint8_t)x->table, X64_NONE, tag });
	x->cold->from[1] = x64_jcc(&g->x, CC_NE);
	x64_load(&g->x, 8, x->table,
		 (struct x64_mem){ (uint8_t)x->table, X64_NONE, (int32_t)offsetof(struct env_tlb, add) });
}

/*
 * The tests in front of the access. From here to finish no register may be allocated: the
 * slow path knows where everything is now.
 */
static void check(struct gen *g, struct access *x, unsigned prot, unsigned dst)
{
	struct cold *c;
	uint32_t odd = 0;

	if (!x->check && !x->align && !x->window)
		return;
	x->cold = c = gen_cold(g, COLD_ACCESS);
	c->ea = (uint8_t)x->ea;
	c->dst = (uint8_t)dst;
	c->live = gen_live(g, dst);
	c->scratch = (uint8_t)x->page;
	if (x->bytes > 1 && ((x->check && !g->rq->mode.tlb) || x->align)) {
		/* among the words that are no doubles' may be two pages: nothing to be found out here */
		x64_test_imm(&g->x, x->ea, x->check || !(x->mem & IR_MEM_WORD) ? x->bytes - 1 : ir_mem_fault_bits(x->mem));
		odd = x64_jcc(&g->x, CC_NE);
	}
	if (x->align)
		c->from[0] = odd;
	else
		c->misaligned = odd;
	c->inside = x64_pos(&g->x);
	if (g->rq->mode.tlb)
		check_tlb(g, x, prot);
	else if (x->check)
		check_page(g, x, prot);
	if (x->window)
		check_window(g, x);
}

static void finish(struct gen *g, struct access *x)
{
	if (x->cold)
		x->cold->resume = x64_pos(&g->x);
}

/* Between host and big-endian order, in place; 16 bits write the flags. */
static void swap(struct gen *g, unsigned bytes, unsigned r)
{
	if (bytes == 2)
		x64_shift_imm(&g->x, 2, SH_ROL, r, 8);
	else if (bytes > 2)
		x64_bswap(&g->x, bytes, r);
}

static bool swaps(const struct access *x)
{
	return x->mem & IR_MEM_BE && x->bytes > 1;
}

static void load_int(struct gen *g, const struct access *x, unsigned dst, enum ir_type t)
{
	bool sext = x->mem & IR_MEM_SEXT && x->bytes < gen_bytes(t), wide = t == IR_I64;

	if (!swaps(x)) {
		if (sext)
			x64_load_sx(&g->x, x->bytes, wide, dst, x->m);
		else
			x64_load(&g->x, x->bytes, dst, x->m);
	} else {
		if (x->bytes > 2 && g->feat & BASELINE_MOVBE) {
			x64_rm(&g->x, x64_size(x->bytes), 0x0f38f0, dst, x->m);
		} else {
			x64_load(&g->x, x->bytes, dst, x->m);
			swap(g, x->bytes, dst);
		}
		if (sext)
			x64_sx(&g->x, x->bytes, wide, dst, dst);
	}
	if (sext && t == IR_I16)
		gen_norm(g, dst, t);
}

static void swap_vector(struct gen *g, unsigned dst, unsigned src, unsigned mask)
{
	if (g->feat & BASELINE_AVX) {
		x64_vex_rr(&g->x, 1, 2, false, 0x00, dst & 15, src & 15, mask & 15);
		return;
	}
	if (dst != src)
		gen_xmm_move(g, dst, src);
	x64_rr(&g->x, X_66, 0x0f3800, dst & 15, mask & 15);
}

enum { REVERSE_LO = 0, REVERSE_HI = 1 };
static const uint64_t reverse[2] = { 0x08090a0b0c0d0e0fu, 0x0001020304050607u };

static struct x64_mem plus(struct x64_mem m, int32_t n)
{
	m.disp += n;
	return m;
}

/* 16 bytes in reverse, in two halves; the register is scratch. */
static void copy_reversed(struct gen *g, struct x64_mem to, struct x64_mem from, unsigned r)
{
	for (int k = 0; k < 2; k++) {
		x64_load(&g->x, 8, r, plus(from, 8 * k));
		x64_bswap(&g->x, 8, r);
		x64_store(&g->x, 8, plus(to, 8 - 8 * k), r);
	}
}

static void load_vector(struct gen *g)
{
	struct access x = address(g, g->in->arg[0], false);
	unsigned dst = gen_def(g), mask = REG_NONE, half = REG_NONE;

	if (swaps(&x) && g->feat & BASELINE_SSSE3) {
		mask = gen_temp_xmm(g);
		gen_xmm_const(g, mask, reverse[REVERSE_LO], reverse[REVERSE_HI]);
	} else if (swaps(&x)) {
		half = gen_temp(g);
	}
	check(g, &x, DGM_R, dst);
	if (half != REG_NONE) {
		copy_reversed(g, gen_spill_word(ARG_WORD), x.m, half);
		gen_xmm_load(g, 16, dst, gen_spill_word(ARG_WORD));
	} else {
		gen_xmm_load(g, 16, dst, x.m);
		if (mask != REG_NONE)
			swap_vector(g, dst, dst, mask);
	}
	finish(g, &x);
}

void emit_load(struct gen *g)
{
	enum ir_type t = (enum ir_type)g->in->type;

	if (ir_type_info[t].bits > 64) {
		load_vector(g);
		return;
	}
	if ((g->in->aux & (IR_MEM_SIZE | IR_MEM_BE)) == (IR_MEM_16 | IR_MEM_BE))
		gen_clobber_flags(g);
	struct access x = address(g, g->in->arg[0], false);
	unsigned dst = gen_def(g), r = dst;
	if (dst >= XMM && swaps(&x))
		r = gen_temp(g);
	check(g, &x, DGM_R, dst);
	if (r >= XMM) {
		gen_xmm_load(g, x.bytes, dst, x.m);
	} else {
		load_int(g, &x, r, t);
		if (r != dst)
			gen_xmm_from_gpr(g, x.bytes, dst, r);
	}
	finish(g, &x);
}

static void store_vector(struct gen *g)
{
	struct access x = address(g, g->in->arg[0], false);
	unsigned v = gen_use(g, g->in->arg[1]), mask = REG_NONE, r = REG_NONE, t = REG_NONE;

	if (swaps(&x) && g->feat & BASELINE_SSSE3) {
		mask = gen_temp_xmm(g);
		t = gen_temp_xmm(g);
		gen_xmm_const(g, mask, reverse[REVERSE_LO], reverse[REVERSE_HI]);
	} else if (swaps(&x)) {
		r = gen_temp(g);
	}
	check(g, &x, DGM_W, REG_NONE);
	if (x.cold)
		x.cold->arg[0] = (struct loc){ LOC_REG, (uint8_t)v, 16, (uint8_t)gen_type(g, g->in->arg[1]), 0 };
	if (r != REG_NONE) {
		gen_xmm_store(g, 16, gen_spill_word(ARG_WORD), v);
		copy_reversed(g, x.m, gen_spill_word(ARG_WORD), r);
	} else if (mask != REG_NONE) {
		swap_vector(g, t, v, mask);
		gen_xmm_store(g, 16, x.m, t);
	} else {
		gen_xmm_store(g, 16, x.m, v);
	}
	finish(g, &x);
}

static uint64_t swapped_bits(uint64_t v, unsigned bytes)
{
	return bytes == 1 ? v : __builtin_bswap64(v) >> (64 - 8 * bytes);
}

/* A constant that fits an immediate of the access. */
static bool store_const(struct gen *g, struct access *x, ir_val v)
{
	uint64_t bits;

	if (!ir_is_const(v))
		return false;
	bits = ir_const_bits(g->u, v);
	if (swaps(x))
		bits = swapped_bits(bits, x->bytes);
	if (x->bytes == 8 && (int64_t)bits != (int32_t)bits)
		return false;
	check(g, x, DGM_W, REG_NONE);
	if (x->cold)
		x->cold->arg[0] = gen_loc(g, v);
	x64_store_imm(&g->x, x->bytes, x->m, (uint32_t)bits);
	return true;
}

static void store_reg(struct gen *g, struct access *x, ir_val v)
{
	bool swapped = swaps(x), movbe = swapped && g->feat & BASELINE_MOVBE;
	unsigned r = gen_use(g, v), t = r;

	if (swapped && (r >= XMM || !movbe))
		t = gen_temp(g);
	check(g, x, DGM_W, REG_NONE);
	if (x->cold)
		x->cold->arg[0] = gen_loc(g, v);
	if (t >= XMM) {
		gen_xmm_store(g, x->bytes, x->m, t);
		return;
	}
	if (r >= XMM)
		gen_xmm_to_gpr(g, x->bytes, t, r);
	else if (t != r)
		x64_mov(&g->x, 8, t, r);
	if (movbe) {
		x64_rm(&g->x, x64_size(x->bytes), 0x0f38f1, t, x->m);
		return;
	}
	if (swapped)
		swap(g, x->bytes, t);
	x64_store(&g->x, x->bytes, x->m, t);
}

static struct loc reg_loc(struct gen *g, unsigned r)
{
	return (struct loc){ .kind = LOC_REG, .reg = (uint8_t)r, .bytes = 8, .type = IR_I64 };
}

/* A jump that is taken when the i1 in the register is 0. */
static uint32_t skip_unless(struct gen *g, unsigned c)
{
	x64_test(&g->x, 4, c, c);
	return x64_jcc(&g->x, CC_E);
}

void emit_load_if(struct gen *g)
{
	gen_clobber_flags(g);
	struct access x = address(g, g->in->arg[2], false);
	unsigned c = gen_use(g, g->in->arg[0]), dst = gen_def_copy(g, g->in->arg[1]);
	uint32_t skip = skip_unless(g, c);
	check(g, &x, DGM_R, dst);
	load_int(g, &x, dst, (enum ir_type)g->in->type);
	finish(g, &x);
	x64_patch(&g->x, skip, x64_pos(&g->x));
}

/* A full barrier; the flags go. */
static void barrier(struct gen *g)
{
	x64_rm(&g->x, X_LOCK, 0x83, ALU_OR, (struct x64_mem){ RSP, X64_NONE, 0 });
	x64_8(&g->x, 0);
}

void emit_store(struct gen *g)
{
	ir_val v = g->in->arg[1];

	if (ir_type_info[gen_type(g, v)].bits > 64) {
		store_vector(g);
		return;
	}
	if ((g->in->aux & (IR_MEM_SIZE | IR_MEM_BE)) == (IR_MEM_16 | IR_MEM_BE) || g->in->aux & IR_MEM_RELEASE)
		gen_clobber_flags(g);
	struct access x = address(g, g->in->arg[0], false);
	if (!store_const(g, &x, v))
		store_reg(g, &x, v);
	finish(g, &x);
	if (x.mem & IR_MEM_RELEASE)
		barrier(g);
}

void emit_store_if(struct gen *g)
{
	gen_clobber_flags(g);
	struct access x = address(g, g->in->arg[1], false);
	unsigned c = gen_use(g, g->in->arg[0]), r = gen_use(g, g->in->arg[2]);
	unsigned t = swaps(&x) ? gen_temp(g) : r;
	uint32_t skip = skip_unless(g, c);
	check(g, &x, DGM_W, REG_NONE);
	if (x.cold)
		x.cold->arg[0] = reg_loc(g, r);
	if (t != r) {
		x64_mov(&g->x, 8, t, r);
		swap(g, x.bytes, t);
	}
	x64_store(&g->x, x.bytes, x.m, t);
	finish(g, &x);
	if (x.mem & IR_MEM_RELEASE)
		barrier(g);
	x64_patch(&g->x, skip, x64_pos(&g->x));
}

void emit_fence(struct gen *g)
{
	gen_clobber_flags(g);
	barrier(g);
}

/* x86 keeps this order by itself, and accesses are emitted in theirs. */
void emit_order(struct gen *g)
{
	(void)g;
}

static void locked(struct gen *g, unsigned bytes, unsigned op, unsigned reg, struct x64_mem m)
{
	x64_rm(&g->x, x64_size(bytes) | X_LOCK, bytes == 1 ? op - 1 : op, reg, m);
}

/* rax = expected, memory order; [m] = desired if equal. Leaves ZF. t may be clobbered. */
static void compare_exchange(struct gen *g, const struct access *x, unsigned expected, unsigned desired, unsigned t)
{
	x64_mov(&g->x, 8, RAX, expected);
	if (swaps(x)) {
		swap(g, x->bytes, RAX);
		x64_mov(&g->x, 8, t, desired);
		swap(g, x->bytes, t);
		desired = t;
	}
	locked(g, x->bytes, 0x0fb1, desired, x->m);
}

/* rax, as it came from memory, is the result. */
static void result_rax(struct gen *g, const struct access *x)
{
	if (swaps(x))
		swap(g, x->bytes, RAX);
	if (x->bytes < 8)
		x64_zx(&g->x, x->bytes, RAX, RAX);
	gen_def_temp(g, RAX);
}

void emit_cas(struct gen *g)
{
	gen_clobber_flags(g);
	gen_claim(g, RAX);
	struct access x = address(g, g->in->arg[0], true);
	unsigned e = gen_use(g, g->in->arg[1]), d = gen_use(g, g->in->arg[2]), t = gen_temp(g);
	check(g, &x, DGM_R | DGM_W, RAX);
	if (x.cold) {
		x.cold->arg[0] = reg_loc(g, e);
		x.cold->arg[1] = reg_loc(g, d);
	}
	compare_exchange(g, &x, e, d, t);
	result_rax(g, &x);
	finish(g, &x);
}

void emit_stcond(struct gen *g)
{
	ir_val ok = g->in->arg[0];
	uint32_t skip = 0;

	gen_clobber_flags(g);
	gen_claim(g, RAX);
	struct access x = address(g, g->in->arg[1], true);
	unsigned e = gen_use(g, g->in->arg[2]), d = gen_use(g, g->in->arg[3]), t = gen_temp(g), k = gen_use(g, ok);
	unsigned dst = gen_def(g);
	x64_mov_imm(&g->x, dst, 0);
	x64_test(&g->x, 4, k, k);
	skip = x64_jcc(&g->x, CC_E);
	check(g, &x, DGM_R | DGM_W, dst);
	if (x.cold) {
		x.cold->arg[0] = reg_loc(g, e);
		x.cold->arg[1] = reg_loc(g, d);
	}
	compare_exchange(g, &x, e, d, t);
	x64_setcc(&g->x, CC_E, dst);
	finish(g, &x);
	x64_patch(&g->x, skip, x64_pos(&g->x));
}

/* Read, combine, compare and exchange until nobody came between. x and t are scratch. */
static void rmw_loop(struct gen *g, const struct access *x, enum x64_alu op, unsigned v, unsigned t, unsigned s)
{
	bool add = op == ALU_ADD;
	uint32_t top, again;

	x64_mov(&g->x, 8, s, v);
	if (swaps(x) && !add)
		swap(g, x->bytes, s);
	x64_load(&g->x, x->bytes, RAX, x->m);
	top = x64_pos(&g->x);
	x64_mov(&g->x, 8, t, RAX);
	if (swaps(x) && add)
		swap(g, x->bytes, t);
	x64_alu(&g->x, 8, op, t, s);
	if (swaps(x) && add)
		swap(g, x->bytes, t);
	locked(g, x->bytes, 0x0fb1, t, x->m);
	again = x64_jcc_short(&g->x, CC_NE);
	g->x.start[again - 1] = (uint8_t)(top - again);
}

static void rmw(struct gen *g, enum x64_alu op, bool exchange)
{
	gen_clobber_flags(g);
	gen_claim(g, RAX);
	struct access x = address(g, g->in->arg[0], true);
	unsigned v = gen_use(g, g->in->arg[1]), t = gen_temp(g), s = gen_temp(g);
	check(g, &x, DGM_R | DGM_W, RAX);
	if (x.cold)
		x.cold->arg[0] = reg_loc(g, v);
	if (exchange) {
		x64_mov(&g->x, 8, RAX, v);
		if (swaps(&x))
			swap(g, x.bytes, RAX);
		x64_rm(&g->x, x64_size(x.bytes), x.bytes == 1 ? 0x86 : 0x87, RAX, x.m);
	} else if (op == ALU_ADD && !swaps(&x)) {
		x64_mov(&g->x, 8, RAX, v);
		locked(g, x.bytes, 0x0fc1, RAX, x.m);
	} else {
		rmw_loop(g, &x, op, v, t, s);
	}
	result_rax(g, &x);
	finish(g, &x);
}

void emit_rmw_xchg(struct gen *g)
{
	rmw(g, ALU_OR, true);
}

void emit_rmw_add(struct gen *g)
{
	rmw(g, ALU_ADD, false);
}

void emit_rmw_and(struct gen *g)
{
	rmw(g, ALU_AND, false);
}

void emit_rmw_or(struct gen *g)
{
	rmw(g, ALU_OR, false);
}

void emit_rmw_xor(struct gen *g)
{
	rmw(g, ALU_XOR, false);
}
