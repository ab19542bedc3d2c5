/* Calls of helpers and services, and all that is written behind the main line of a unit. */
#include "backend/baseline/gen.h"

static const uint8_t arg_reg[3] = { RSI, RDX, RCX };

static void call_reg(struct gen *g, unsigned r)
{
	x64_alu_imm(&g->x, 8, ALU_SUB, RSP, 8);
	x64_rr(&g->x, 0, 0xff, 2, r);
	x64_alu_imm(&g->x, 8, ALU_ADD, RSP, 8);
}

static void call_helper(struct gen *g, const struct ir_helper *h)
{
	unsigned k = 0;

	while (k < g->n_helper && g->helper[k] != h)
		k++;
	if (k == MAX_HELPERS) {
		gen_fail(g, DGM_E_UNSUP);
		return;
	}
	if (k == g->n_helper)
		g->helper[g->n_helper++] = h;
	x64_mov(&g->x, 8, RDI, R13);
	x64_head(&g->x, X_W, 0xb8 | RAX, 0, 0, RAX);
	x64_64(&g->x, 0);
	gen_reloc(g, CODE_RELOC_HELPER, k, 0, 8);
	call_reg(g, RAX);
}

void gen_call_host(struct gen *g, void *fn)
{
	unsigned k = 0;

	while (k < g->n_host && g->host[k] != fn)
		k++;
	if (k == g->n_host)
		g->host[g->n_host++] = fn;
	x64_head(&g->x, X_W, 0xb8 | RAX, 0, 0, RAX);
	x64_64(&g->x, 0);
	gen_reloc(g, CODE_RELOC_HOST, k, 0, 8);
	call_reg(g, RAX);
}

/* dst, an integer register, from a place that no longer depends on other registers. */
static void load_arg(struct gen *g, unsigned dst, const struct loc *l)
{
	if (l->kind == LOC_IMM)
		x64_mov_imm(&g->x, dst, l->imm);
	else if (l->kind == LOC_MEM)
		x64_load(&g->x, l->bytes, dst, gen_state((int32_t)l->imm));
	else if (l->reg >= XMM)
		gen_xmm_to_gpr(g, l->bytes, dst, l->reg);
}

static struct x64_mem vector_at(unsigned k)
{
	return gen_state(ENV_OFFSET(vec) + 16 * (int32_t)k);
}

static bool is_gpr(const struct loc *l)
{
	return l->kind == LOC_REG && l->reg < XMM;
}

/* Arguments to their registers, all at once as it were. */
static void move_args(struct gen *g, struct loc *arg, unsigned n)
{
	for (bool more = true; more;) {
		int blocked = -1;
		more = false;
		for (unsigned k = 0; k < n; k++) {
			bool busy = false;
			if (!is_gpr(&arg[k]) || arg[k].reg == arg_reg[k])
				continue;
			for (unsigned j = 0; j < n; j++)
				busy |= j != k && is_gpr(&arg[j]) && arg[j].reg == arg_reg[k];
			if (busy) {
				blocked = (int)k;
				continue;
			}
			x64_mov(&g->x, 8, arg_reg[k], arg[k].reg);
			arg[k].reg = arg_reg[k];
			more = true;
		}
		if (more || blocked < 0)
			continue;
		unsigned from = arg[blocked].reg, to = arg_reg[blocked];
		x64_rr(&g->x, X_W, 0x87, from, to);
		for (unsigned j = 0; j < n; j++)
			if (is_gpr(&arg[j]))
				arg[j].reg = (uint8_t)(arg[j].reg == from ? to : arg[j].reg == to ? from : arg[j].reg);
		more = true;
	}
	for (unsigned k = 0; k < n; k++)
		if (!is_gpr(&arg[k]))
			load_arg(g, arg_reg[k], &arg[k]);
}

static void set_left(struct gen *g, uint32_t left)
{
	x64_store_imm(&g->x, 4, GEN_ENV(exit.left), g->rq->mode.count ? left : 0);
}

static void leave(struct gen *g, uint32_t left)
{
	set_left(g, left);
	x64_8(&g->x, 0xc3);
}

void gen_leave_if_event(struct gen *g)
{
	struct cold *c = gen_cold(g, COLD_LEAVE);

	x64_alu_mem_imm(&g->x, 4, ALU_CMP, GEN_ENV(exit.reason), 0);
	c->from[0] = x64_jcc(&g->x, CC_NE);
}

static void call_result(struct gen *g)
{
	enum ir_type t = (enum ir_type)g->in->type;

	if (!t)
		return;
	if (gen_bytes(t) == 16) {
		gen_xmm_load(g, 16, gen_def(g), vector_at(0));
		return;
	}
	if (!gen_is_int(t)) {
		gen_xmm_from_gpr(g, gen_bytes(t), gen_def(g), RAX);
		return;
	}
	gen_claim(g, RAX);
	if (g->val[g->i].across) {
		unsigned dst = gen_def(g);
		x64_zx(&g->x, gen_bytes(t), dst, RAX);
		gen_norm(g, dst, t);
		return;
	}
	x64_zx(&g->x, gen_bytes(t), RAX, RAX);
	gen_norm(g, RAX, t);
	gen_def_temp(g, RAX);
}

/* Vectors among the arguments go to env at once; answers how many others there are. */
static unsigned args_now(struct gen *g, struct loc *arg, unsigned n)
{
	unsigned vectors = 0, words = 0;

	for (unsigned k = 0; k < n; k++) {
		ir_val v = g->in->arg[k];

		if (gen_bytes(gen_type(g, v)) != 16)
			continue;
		unsigned r = gen_use(g, v);
		gen_xmm_store(g, 16, vector_at(vectors++), r);
		g->pin &= ~REG_BIT(r);
	}
	for (unsigned k = 0; k < n; k++)
		if (gen_bytes(gen_type(g, g->in->arg[k])) != 16)
			arg[words++] = gen_loc(g, g->in->arg[k]);
	return words;
}

void emit_call(struct gen *g)
{
	const struct ir_helper *h = g->in->helper;
	struct loc arg[IR_MAX_HELPER_ARGS];
	unsigned n = ir_arity(g->in);

	gen_clobber_flags(g);
	if (h->effects & IR_HELPER_WRITES)
		gen_written(g, 0, g->u->slots->state_size);
	gen_save_for_call(g);
	if (h->effects & IR_HELPER_HOOK) {
		gen_call_hook(g);
		gen_drop_lost(g);
		return;
	}
	n = args_now(g, arg, n);
	if (h->effects & (IR_HELPER_LEAVES | IR_HELPER_MEMORY))
		set_left(g, g->left);
	move_args(g, arg, n);
	call_helper(g, h);
	gen_drop_lost(g);
	call_result(g);
	if (h->effects & (IR_HELPER_LEAVES | IR_HELPER_MEMORY))
		gen_leave_if_event(g);
}

void emit_guard(struct gen *g)
{
	const struct ir_helper *h = g->in->helper;
	ir_val v = g->in->arg[0];
	unsigned n = ir_arity(g->in) - 2;
	enum x64_cc cc = CC_NE;
	struct loc arg[IR_MAX_HELPER_ARGS];
	struct cold *c;

	if (ir_is_const(v) && !ir_const_bits(g->u, v)) {
		gen_def_copy(g, g->in->arg[1]);
		return;
	}
	if (h->effects & IR_HELPER_WRITES)
		gen_written(g, 0, g->u->slots->state_size);
	for (unsigned k = 0; k < n; k++)
		arg[k] = gen_loc(g, g->in->arg[2 + k]);
	if (!ir_is_const(v))
		cc = gen_cond(g, v);
	unsigned dst = gen_def_copy(g, g->in->arg[1]);
	gen_flush_pending(g);
	c = gen_cold(g, COLD_GUARD);
	memcpy(c->arg, arg, n * sizeof *arg);
	c->dst = (uint8_t)dst;
	c->live = gen_live(g, dst);
	c->from[0] = ir_is_const(v) ? x64_jmp(&g->x) : x64_jcc(&g->x, cc);
	c->resume = x64_pos(&g->x);
}

/* Where the registers of the live set are kept: integer ones, then vectors of two words. */
static void each_saved(struct gen *g, uint32_t live, bool save)
{
	static const uint8_t index[16] = { [RAX] = 0, [RCX] = 1, [RDX] = 2, [RSI] = 3, [RDI] = 4,
					   [R8] = 5, [R9] = 6, [R10] = 7, [R11] = 8 };

	for (; live; live &= live - 1) {
		unsigned r = (unsigned)__builtin_ctz(live);
		struct x64_mem m = gen_spill_word(SAVE_WORD + (r < XMM ? index[r] : 9 + 2 * (r - XMM)));
		if (r < XMM && save)
			x64_store(&g->x, 8, m, r);
		else if (r < XMM)
			x64_load(&g->x, 8, r, m);
		else if (save)
			gen_xmm_store(g, 16, m, r);
		else
			gen_xmm_load(g, 16, r, m);
	}
}

/* Registers among the operands go to memory first, so that they may be loaded in any order. */
static void spill_arg(struct gen *g, struct loc *l, unsigned word)
{
	struct x64_mem m = gen_spill_word(word);

	if (l->kind != LOC_REG)
		return;
	if (l->reg < XMM)
		x64_store(&g->x, 8, m, l->reg);
	else
		gen_xmm_store(g, l->bytes, m, l->reg);
	l->kind = LOC_MEM;
	l->imm = (uint64_t)(int64_t)m.disp;
	if (l->reg < XMM)
		l->bytes = 8;
}

/* rax to where the result of the instruction is wanted, as its type has it. */
static void cold_result(struct gen *g, const struct cold *c)
{
	enum ir_type t = (enum ir_type)g->u->inst[c->inst].type;

	if (gen_bytes(t) == 16) {
		gen_xmm_load(g, 16, c->dst, vector_at(0));
		return;
	}
	if (c->dst >= XMM) {
		gen_xmm_from_gpr(g, gen_bytes(t), c->dst, RAX);
		return;
	}
	x64_zx(&g->x, gen_bytes(t), c->dst, RAX);
	gen_norm(g, c->dst, t);
}

/*
 * Vectors among the arguments to env, those in registers first: then xmm0 is free. What is left
 * in arg are the others, spilled to memory when asked for. Answers how many.
 */
static unsigned pass_vectors(struct gen *g, struct loc *arg, unsigned n)
{
	unsigned words = 0;

	for (int in_reg = 1; in_reg >= 0; in_reg--)
		for (unsigned k = 0, v = 0; k < n; k++) {
			struct loc *l = &arg[k];

			if (l->bytes != 16)
				continue;
			if (in_reg && l->kind == LOC_REG)
				gen_xmm_store(g, 16, vector_at(v), l->reg);
			if (!in_reg && l->kind == LOC_MEM)
				gen_xmm_load(g, 16, XMM, gen_state((int32_t)l->imm));
			if (!in_reg && l->kind == LOC_POOL) {
				gen_xmm_load(g, 16, XMM, GEN_RIP);
				gen_pooled(g, (unsigned)l->imm);
			}
			if (!in_reg && l->kind != LOC_REG)
				gen_xmm_store(g, 16, vector_at(v), XMM);
			v++;
		}
	for (unsigned k = 0; k < n; k++)
		if (arg[k].bytes != 16)
			arg[words++] = arg[k];
	return words;
}

static void cold_guard(struct gen *g, struct cold *c)
{
	const struct ir_inst *in = &g->u->inst[c->inst];
	unsigned n = ir_arity(in) - 2;

	each_saved(g, c->live, true);
	for (unsigned k = 0; k < n; k++)
		if (c->arg[k].bytes != 16)
			spill_arg(g, &c->arg[k], ARG_WORD + k);
	n = pass_vectors(g, c->arg, n);
	for (unsigned k = 0; k < n; k++)
		load_arg(g, arg_reg[k], &c->arg[k]);
	call_helper(g, in->helper);
	cold_result(g, c);
	each_saved(g, c->live, false);
	x64_jmp_to(&g->x, c->resume);
}

/* Words of the argument area: the address, two operands, a vector. */
enum { WORD_EA = ARG_WORD, WORD_VALUE = ARG_WORD + 1, WORD_VECTOR = ARG_WORD + 3 };

static void call_service(struct gen *g, size_t offset)
{
	x64_mov(&g->x, 8, RDI, R13);
	x64_load(&g->x, 8, RAX, GEN_ENV(services));
	x64_load(&g->x, 8, RAX, (struct x64_mem){ RAX, X64_NONE, (int32_t)offset });
	call_reg(g, RAX);
}

/* The service and, behind address and access, the operands and the pc; answers its offset. */
static size_t service_args(struct gen *g, struct cold *c, const struct ir_inst *in)
{
	bool vector = (in->aux & IR_MEM_SIZE) == IR_MEM_128;

	switch (in->op) {
	case IR_OP_load:
	case IR_OP_load_if:
		if (vector)
			x64_lea(&g->x, 8, RCX, gen_spill_word(WORD_VECTOR));
		x64_mov_imm(&g->x, vector ? R8 : RCX, c->pc);
		return vector ? offsetof(struct env_services, load128) : offsetof(struct env_services, load);
	case IR_OP_store:
	case IR_OP_store_if:
		if (vector)
			x64_lea(&g->x, 8, RCX, gen_spill_word(WORD_VECTOR));
		else
			load_arg(g, RCX, &c->arg[0]);
		x64_mov_imm(&g->x, R8, c->pc);
		return vector ? offsetof(struct env_services, store128) : offsetof(struct env_services, store);
	case IR_OP_cas:
	case IR_OP_stcond:
		load_arg(g, RCX, &c->arg[0]);
		load_arg(g, R8, &c->arg[1]);
		x64_mov_imm(&g->x, R9, c->pc);
		return offsetof(struct env_services, cas);
	default:
		x64_mov_imm(&g->x, RCX, in->op);
		load_arg(g, R8, &c->arg[0]);
		x64_mov_imm(&g->x, R9, c->pc);
		return offsetof(struct env_services, rmw);
	}
}

/* A constant of 128 bits reaches a store in a register, so every vector operand is one. */
static void spill_operands(struct gen *g, struct cold *c)
{
	spill_arg(g, &c->arg[0], c->arg[0].bytes == 16 ? WORD_VECTOR : WORD_VALUE);
	spill_arg(g, &c->arg[1], WORD_VALUE + 1);
	x64_store(&g->x, 8, gen_spill_word(WORD_EA), c->ea);
}

static void access_result(struct gen *g, const struct cold *c, const struct ir_inst *in)
{
	if (c->dst == REG_NONE)
		return;
	if (in->op == IR_OP_stcond) {
		unsigned bytes = ir_mem_bytes(in->aux);
		x64_load(&g->x, 8, RCX, gen_spill_word(WORD_VALUE));
		x64_alu(&g->x, bytes, ALU_CMP, RAX, RCX);
		x64_setcc(&g->x, CC_E, RAX);
		x64_zx(&g->x, 1, c->dst, RAX);
	} else if ((in->aux & IR_MEM_SIZE) == IR_MEM_128) {
		gen_xmm_load(g, 16, c->dst, gen_spill_word(WORD_VECTOR));
	} else {
		cold_result(g, c);
	}
}

/* Misaligned but inside one page is no reason for a call. */
static void misaligned(struct gen *g, const struct cold *c)
{
	unsigned bytes = ir_mem_bytes(g->u->inst[c->inst].aux);
	uint32_t after;

	x64_patch(&g->x, c->misaligned, x64_pos(&g->x));
	x64_mov(&g->x, 4, c->scratch, c->ea);
	x64_alu_imm(&g->x, 4, ALU_AND, c->scratch, 0xfff);
	x64_alu_imm(&g->x, 4, ALU_CMP, c->scratch, (int32_t)(4096 - bytes));
	after = x64_jcc(&g->x, CC_BE);
	x64_patch(&g->x, after, c->inside);
}

static void cold_access(struct gen *g, struct cold *c)
{
	const struct ir_inst *in = &g->u->inst[c->inst];
	uint32_t fine;

	each_saved(g, c->live, true);
	spill_operands(g, c);
	x64_load(&g->x, 8, RSI, gen_spill_word(WORD_EA));
	x64_mov_imm(&g->x, RDX, in->aux | (in->op == IR_OP_stcond ? ENV_MEM_COND : 0u));
	set_left(g, c->left);
	size_t service = service_args(g, c, in);
	call_service(g, service);
	x64_alu_mem_imm(&g->x, 4, ALU_CMP, GEN_ENV(exit.reason), 0);
	fine = x64_jcc_short(&g->x, CC_E);
	x64_8(&g->x, 0xc3);
	x64_here(&g->x, fine);
	access_result(g, c, in);
	each_saved(g, c->live, false);
	x64_jmp_to(&g->x, c->resume);
}

static void store_word(struct gen *g, struct x64_mem m, uint64_t v)
{
	if ((int64_t)v == (int32_t)v) {
		x64_store_imm(&g->x, 8, m, (uint32_t)v);
		return;
	}
	x64_mov_imm(&g->x, RAX, v);
	x64_store(&g->x, 8, m, RAX);
}

static void event(struct gen *g, enum env_reason reason, uint64_t pc)
{
	x64_store_imm(&g->x, 4, GEN_ENV(exit.reason), reason);
	store_word(g, GEN_ENV(exit.pc), pc);
}

static void cold_trap(struct gen *g, const struct cold *c)
{
	const struct ir_inst *in = &g->u->inst[c->inst];
	unsigned k = in->op == IR_OP_trap_if;

	event(g, ENV_TRAP, ir_const_bits(g->u, in->arg[k]));
	x64_store_imm(&g->x, 4, GEN_ENV(exit.trap), in->aux);
	x64_store_imm(&g->x, 4, GEN_ENV(exit.code), (uint32_t)in->imm);
	store_word(g, GEN_ENV(exit.next), ir_const_bits(g->u, in->arg[k + 1]));
	leave(g, c->left);
}

/* The second of the two entries an indirect exit may find its target in. */
static void cold_miss(struct gen *g, const struct cold *c)
{
	int32_t jump = ENV_OFFSET(jump);
	struct x64_mem key = { R13, c->ea, jump + (int32_t)offsetof(struct env_jump, key) };
	struct x64_mem code = { R13, c->ea, jump + (int32_t)offsetof(struct env_jump, code) };
	uint32_t none;

	x64_alu_imm(&g->x, 4, ALU_XOR, c->ea, (int32_t)sizeof(struct env_jump));
	x64_rm(&g->x, X_W, 0x39, c->arg[0].reg, key);
	none = x64_jcc(&g->x, CC_NE);
	x64_rm(&g->x, 0, 0xff, 4, code);
	x64_patch(&g->x, none, x64_pos(&g->x));
	x64_store_imm(&g->x, 8, GEN_ENV(link), 0);
	x64_8(&g->x, 0xc3);
}

static void cold_one(struct gen *g, struct cold *c)
{
	if (c->misaligned)
		misaligned(g, c);
	for (unsigned k = 0; k < 3; k++)
		if (c->from[k])
			x64_patch(&g->x, c->from[k], x64_pos(&g->x));
	switch ((enum cold_kind)c->kind) {
	case COLD_LEAVE: x64_8(&g->x, 0xc3); break;
	case COLD_BUDGET:
		x64_alu_mem_imm(&g->x, 8, ALU_ADD, GEN_ENV(fuel), g->u->inst[c->inst].imm);
		event(g, ENV_BUDGET, g->u->pc);
		x64_8(&g->x, 0xc3);
		break;
	case COLD_EVENT:
		event(g, (enum env_reason)c->reason, g->u->pc);
		x64_8(&g->x, 0xc3);
		break;
	case COLD_TRAP: cold_trap(g, c); break;
	case COLD_MISS: cold_miss(g, c); break;
	case COLD_GUARD: cold_guard(g, c); break;
	case COLD_ACCESS: cold_access(g, c); break;
	}
}

void gen_finish_cold(struct gen *g)
{
	for (unsigned k = 0; k < g->n_cold && !g->failed; k++) {
		struct cold *c = &g->cold[k];

		if (!x64_room(&g->x, 1024)) {
			gen_fail(g, DGM_E_NOMEM);
			return;
		}
		g->left = c->left;
		gen_mark(g, c->pc);
		cold_one(g, c);
	}
}
