/* Emitters of state accesses, markers and everything that leaves the unit. */
#include "backend/baseline/gen.h"

void emit_get(struct gen *g)
{
	gen_add_home(g, g->i, g->u->slots->slot[g->in->slot].offset);
	if (g->val[g->i].home == HOME_STATE)
		return;
	unsigned r = gen_def(g), bytes = gen_bytes((enum ir_type)g->in->type);
	struct x64_mem m = gen_state(g->u->slots->slot[g->in->slot].offset);
	if (r < XMM)
		x64_load(&g->x, bytes, r, m);
	else
		gen_xmm_load(g, bytes, r, m);
}

static void put_const(struct gen *g, const struct ir_const *k, struct x64_mem m)
{
	unsigned bytes = gen_bytes((enum ir_type)k->type), r;

	if (bytes < 8 || (bytes == 8 && (int64_t)k->bits[0] == (int32_t)k->bits[0])) {
		x64_store_imm(&g->x, bytes, m, (uint32_t)k->bits[0]);
	} else if (bytes == 8) {
		r = gen_temp(g);
		x64_mov_imm(&g->x, r, k->bits[0]);
		x64_store(&g->x, 8, m, r);
	} else {
		r = gen_temp_xmm(g);
		gen_xmm_const(g, r, k->bits[0], k->bits[1]);
		gen_xmm_store(g, 16, m, r);
	}
}

void emit_put(struct gen *g)
{
	const struct ir_slot *slot = &g->u->slots->slot[g->in->slot];
	ir_val v = g->in->arg[0];
	unsigned bytes = gen_bytes((enum ir_type)slot->type), r;
	struct x64_mem m = gen_state(slot->offset);

	if (ir_is_const(v)) {
		gen_written(g, slot->offset, bytes);
		put_const(g, &g->u->konst[v.id & ~IR_CONST], m);
		return;
	}
	struct value *val = &g->val[v.id];
	if (val->home == HOME_STATE && val->disp == slot->offset)
		return;
	if (val->cc != CC_NONE && val->reg == REG_NONE) {
		gen_written(g, slot->offset, bytes);
		x64_setcc_mem(&g->x, (enum x64_cc)val->cc, m);
	} else {
		r = gen_use(g, v);
		gen_written(g, slot->offset, bytes);
		if (r < XMM)
			x64_store(&g->x, bytes, m, r);
		else
			gen_xmm_store(g, bytes, m, r);
	}
	if (val->home == HOME_NONE && val->last > g->i)
		gen_add_home(g, v.id, slot->offset);
}

void emit_insn(struct gen *g)
{
	g->pc = g->u->pc + (uint64_t)(int64_t)g->in->imm;
	g->left = g->left_next;
	g->left_next--;
	gen_mark(g, g->pc);
}

void emit_poll(struct gen *g)
{
	gen_clobber_flags(g);
	struct cold *c = gen_cold(g, COLD_EVENT);
	c->reason = ENV_POLL;
	x64_alu_mem_imm(&g->x, 4, ALU_CMP, GEN_ENV(pending), 0);
	c->from[0] = x64_jcc(&g->x, CC_NE);
}

void emit_tick(struct gen *g)
{
	gen_clobber_flags(g);
	struct cold *c = gen_cold(g, COLD_BUDGET);
	x64_alu_mem_imm(&g->x, 8, ALU_SUB, GEN_ENV(fuel), g->in->imm);
	c->from[0] = x64_jcc(&g->x, CC_L);
}

void emit_note(struct gen *g)
{
	struct x64_mem m = GEN_ENV(block);
	unsigned r;

	if ((int64_t)g->u->pc == (int32_t)g->u->pc) {
		x64_store_imm(&g->x, 8, m, (uint32_t)g->u->pc);
		return;
	}
	r = gen_temp(g);
	x64_mov_imm(&g->x, r, g->u->pc);
	x64_store(&g->x, 8, m, r);
}

void emit_tally(struct gen *g)
{
	struct x64_mem at = { 0, X64_NONE, 0 };

	gen_clobber_flags(g);
	at.base = (uint8_t)gen_temp(g);
	x64_mov_imm(&g->x, at.base, ir_const_bits(g->u, g->in->arg[0]));
	x64_rm(&g->x, X_W | (g->in->aux ? X_LOCK : 0), 0x83, ALU_ADD, at);
	x64_8(&g->x, 1);
}

/* The displacement field just written goes to a guest pc: the unit's own entry or an exit stub. */
static void direct_exit(struct gen *g, uint64_t target)
{
	if (target == g->u->pc && !g->rq->entry_leaves && g->in->aux != IR_EXIT_MODE) {
		x64_patch(&g->x, x64_pos(&g->x), g->entry);
		return;
	}
	if (g->n_exit == MAX_EXITS) {
		gen_fail(g, DGM_E_UNSUP);
		return;
	}
	gen_reloc(g, CODE_RELOC_EXIT, g->n_exit, 0, 4);
	g->exit[g->n_exit++] = (struct code_exit){ target, (uint8_t)g->in->aux };
}

/*
 * The cache makes linked exits jump straight to their target, but only through a displacement that
 * does not cross an aligned word of 8 bytes: `opcode` bytes come in front of it.
 */
static void align_exit(struct gen *g, unsigned opcode)
{
	while ((x64_pos(&g->x) + opcode) % 8 > 4)
		x64_8(&g->x, 0x90);
}

void emit_exit(struct gen *g)
{
	if (g->in->aux == IR_EXIT_MODE)
		x64_store_imm(&g->x, 4, GEN_ENV(mode), (uint32_t)g->in->imm);
	align_exit(g, 1);
	x64_jmp(&g->x);
	direct_exit(g, ir_const_bits(g->u, g->in->arg[0]));
}

void emit_exit_if(struct gen *g)
{
	ir_val c = g->in->arg[0];

	if (!ir_is_const(c)) {
		enum x64_cc cc = gen_cond(g, c);

		align_exit(g, 2);
		x64_jcc(&g->x, cc);
	} else if (ir_const_bits(g->u, c)) {
		align_exit(g, 1);
		x64_jmp(&g->x);
	} else {
		return;
	}
	direct_exit(g, ir_const_bits(g->u, g->in->arg[1]));
}

/* Notes where an indirect jump goes: see CODE_PROFILE_AT. index is pc times 16 over the alignment. */
static void note_target(struct gen *g, unsigned pc, unsigned index)
{
	unsigned at = gen_temp(g), base = gen_temp(g);
	struct x64_mem data = GEN_RIP, slot = { (uint8_t)base, (uint8_t)at, 0 };

	g->data_size = CODE_PROFILE_AT + CODE_PROFILE_N * CODE_PROFILE_STRIDE;
	x64_mov(&g->x, 4, at, index);
	x64_alu_imm(&g->x, 4, ALU_AND, at, (CODE_PROFILE_N - 1) * CODE_PROFILE_STRIDE);
	x64_lea(&g->x, 8, base, data);
	gen_reloc(g, CODE_RELOC_DATA, 0, CODE_PROFILE_AT, 4);
	x64_store(&g->x, 8, slot, pc);
}

/* An entry of env jump has 16 bytes: pc >> shift, as an offset, is pc << (4 - shift) masked. */
void emit_exit_ind(struct gen *g)
{
	const struct ir_slot *slot = &g->u->slots->slot[g->u->slots->pc];
	unsigned bytes = gen_bytes((enum ir_type)slot->type), shift = g->rq->mode.insn_shift;

	gen_clobber_flags(g);
	unsigned pc = gen_use(g, g->in->arg[0]), index = gen_temp(g);
	struct cold *c = gen_cold(g, COLD_MISS);
	x64_store(&g->x, bytes, gen_state(slot->offset), pc);
	x64_mov(&g->x, 4, index, pc);
	if (shift < 4)
		x64_shift_imm(&g->x, 4, SH_SHL, index, 4 - shift);
	else if (shift > 4)
		x64_shift_imm(&g->x, 4, SH_SHR, index, shift - 4);
	x64_alu_imm(&g->x, 4, ALU_AND, index, (ENV_JUMPS - 1) * 16);
	if (g->rq->jump_mix)
		x64_alu_imm(&g->x, 4, ALU_XOR, index, (int32_t)g->rq->jump_mix * 16);
	if (g->rq->hot_after && g->in->aux != IR_EXIT_RETURN)
		note_target(g, pc, index);
	struct x64_mem key = { R13, (uint8_t)index, ENV_OFFSET(jump) + (int32_t)offsetof(struct env_jump, key) };
	struct x64_mem code = { R13, (uint8_t)index, ENV_OFFSET(jump) + (int32_t)offsetof(struct env_jump, code) };
	if (g->rq->mode.count)
		x64_alu_mem_imm(&g->x, 8, ALU_ADD, GEN_ENV(lookups), 1);
	if (g->rq->jump_key) {
		unsigned wanted = gen_temp(g);

		x64_mov_imm(&g->x, wanted, g->rq->jump_key);
		x64_alu(&g->x, 8, ALU_OR, wanted, pc);
		pc = wanted;
	}
	c->ea = (uint8_t)index;
	c->arg[0] = (struct loc){ .kind = LOC_REG, .reg = (uint8_t)pc, .bytes = 8, .type = IR_I64 };
	x64_rm(&g->x, X_W, 0x39, pc, key);
	c->from[0] = x64_jcc(&g->x, CC_NE);
	x64_rm(&g->x, 0, 0xff, 4, code);
}
_Static_assert(sizeof(struct env_jump) == 16, "emit_exit_ind counts on it");

void emit_trap(struct gen *g)
{
	struct cold *c = gen_cold(g, COLD_TRAP);

	c->from[0] = x64_jmp(&g->x);
}

void emit_trap_if(struct gen *g)
{
	ir_val v = g->in->arg[0];
	struct cold *c;
	enum x64_cc cc;

	if (ir_is_const(v)) {
		if (ir_const_bits(g->u, v))
			emit_trap(g);
		return;
	}
	cc = gen_cond(g, v);
	c = gen_cold(g, COLD_TRAP);
	c->from[0] = x64_jcc(&g->x, cc);
}
