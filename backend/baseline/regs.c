/* Where values are: registers, homes, spills, and the flags. The rules are in gen.h. */
#include "backend/baseline/gen.h"

/* Registers without a REX prefix first; what survives calls last. */
#define LOW_MASK (GPR_MASK & 0xffu & ~KEPT_MASK)
#define HIGH_MASK (GPR_MASK & 0xff00u & ~KEPT_MASK)

void gen_fail(struct gen *g, enum dgm_status st)
{
	if (!g->failed)
		g->failed = st;
}

static void take_spill(struct gen *g, struct value *v, bool vector)
{
	const uint64_t all = (1ull << SPILL_WORDS) - 1;
	uint64_t can = ~g->spill_used & all;

	if (vector)
		can &= can >> 1;
	if (!can) {
		gen_fail(g, DGM_E_UNSUP);
		can = 1;
	}
	unsigned word = (unsigned)__builtin_ctzll(can);
	g->spill_used |= (vector ? 3ull : 1ull) << word;
	v->home = HOME_SPILL;
	v->disp = ENV_OFFSET(spill) + 8 * (int32_t)word;
}

static void drop_spill(struct gen *g, struct value *v, bool vector)
{
	unsigned word = (unsigned)(v->disp - ENV_OFFSET(spill)) / 8;

	g->spill_used &= ~((vector ? 3ull : 1ull) << word);
	v->home = HOME_NONE;
}

static bool is_vector(const struct gen *g, unsigned v)
{
	return ir_type_info[g->u->inst[v].type].bits > 64;
}

/* Stores what is in the register unless a home has it, and empties the register. */
static void evict(struct gen *g, unsigned reg)
{
	unsigned id = g->holder[reg];
	struct value *v = &g->val[id];

	if (v->home == HOME_NONE) {
		bool vector = is_vector(g, id);
		take_spill(g, v, vector);
		if (reg < XMM)
			x64_store(&g->x, 8, gen_state(v->disp), reg);
		else
			gen_xmm_store(g, vector ? 16 : 8, gen_state(v->disp), reg);
	}
	v->reg = REG_NONE;
	g->free |= REG_BIT(reg);
}

static unsigned choose_victim(struct gen *g, uint32_t can)
{
	unsigned best = (unsigned)__builtin_ctz(can), best_last = 0;

	for (; can; can &= can - 1) {
		unsigned r = (unsigned)__builtin_ctz(can);
		const struct value *v = &g->val[g->holder[r]];
		unsigned far = v->last + (v->home != HOME_NONE ? 0x10000u : 0);

		if (far >= best_last) {
			best_last = far;
			best = r;
		}
	}
	return best;
}

unsigned gen_alloc(struct gen *g, uint32_t mask)
{
	uint32_t can = g->free & mask & ~g->pin;
	unsigned r;

	if (can) {
		if (can & LOW_MASK)
			can &= LOW_MASK;
		else if (can & HIGH_MASK)
			can &= HIGH_MASK;
		r = (unsigned)__builtin_ctz(can);
	} else {
		can = mask & ~g->free & ~g->pin & ~g->temps;
		if (!can) {
			gen_fail(g, DGM_E_UNSUP);
			return (unsigned)__builtin_ctz(mask);
		}
		r = choose_victim(g, can);
		evict(g, r);
	}
	g->free &= ~REG_BIT(r);
	g->pin |= REG_BIT(r);
	return r;
}

static unsigned temp_of(struct gen *g, uint32_t mask)
{
	unsigned r = gen_alloc(g, mask);

	g->temps |= REG_BIT(r);
	return r;
}

unsigned gen_temp(struct gen *g)
{
	return temp_of(g, GPR_MASK);
}

unsigned gen_temp_xmm(struct gen *g)
{
	return temp_of(g, XMM_MASK);
}

unsigned gen_claim(struct gen *g, unsigned reg)
{
	uint32_t bit = REG_BIT(reg);

	if (!(g->free & bit)) {
		uint32_t to = g->free & (reg < XMM ? GPR_MASK : XMM_MASK) & ~g->pin;

		if (g->pin & bit) {
			gen_fail(g, DGM_E_UNSUP);
		} else if (to && reg < XMM) {
			unsigned other = (unsigned)__builtin_ctz(to & KEPT_MASK ? to & KEPT_MASK : to);
			x64_mov(&g->x, 8, other, reg);
			g->holder[other] = g->holder[reg];
			g->val[g->holder[reg]].reg = (uint8_t)other;
			g->free &= ~REG_BIT(other);
		} else {
			evict(g, reg);
		}
	}
	g->free &= ~bit;
	g->pin |= bit;
	g->temps |= bit;
	return reg;
}

static void place(struct gen *g, unsigned v, unsigned reg)
{
	g->val[v].reg = (uint8_t)reg;
	g->holder[reg] = (uint16_t)v;
	g->free &= ~REG_BIT(reg);
	g->pin |= REG_BIT(reg);
}

static uint32_t mask_for(const struct gen *g, unsigned v)
{
	if (!gen_is_int((enum ir_type)g->u->inst[v].type))
		return XMM_MASK;
	if (g->val[v].across && g->free & KEPT_MASK & ~g->pin)
		return KEPT_MASK;
	return GPR_MASK;
}

static void load_home(struct gen *g, unsigned v, unsigned reg)
{
	enum ir_type t = (enum ir_type)g->u->inst[v].type;
	struct x64_mem m = gen_state(g->val[v].disp);

	if (g->val[v].home == HOME_NONE)
		gen_fail(g, DGM_E_UNSUP);
	if (reg < XMM)
		x64_load(&g->x, gen_bytes(t), reg, m);
	else
		gen_xmm_load(g, gen_bytes(t), reg, m);
}

static void load_const(struct gen *g, ir_val v, unsigned reg)
{
	const struct ir_const *k = &g->u->konst[v.id & ~IR_CONST];

	if (reg < XMM)
		x64_mov_imm(&g->x, reg, k->bits[0]);
	else
		gen_xmm_const(g, reg, k->bits[0], k->bits[1]);
}

/* Takes a pending comparison out of the flags, which stay as they are. */
static void materialise(struct gen *g, unsigned v)
{
	unsigned r = gen_alloc(g, mask_for(g, v));

	x64_setcc(&g->x, g->val[v].cc, r);
	x64_zx(&g->x, 1, r, r);
	place(g, v, r);
}

unsigned gen_use(struct gen *g, ir_val v)
{
	if (ir_is_const(v)) {
		unsigned r = gen_is_int(gen_type(g, v)) ? gen_temp(g) : gen_temp_xmm(g);
		load_const(g, v, r);
		return r;
	}
	struct value *val = &g->val[v.id];
	if (val->reg != REG_NONE) {
		g->pin |= REG_BIT(val->reg);
	} else if (val->cc != CC_NONE) {
		materialise(g, v.id);
	} else {
		unsigned r = gen_alloc(g, mask_for(g, v.id));
		load_home(g, v.id, r);
		place(g, v.id, r);
	}
	return val->reg;
}

unsigned gen_def(struct gen *g)
{
	unsigned r = gen_alloc(g, mask_for(g, g->i));

	place(g, g->i, r);
	return r;
}

void gen_undef(struct gen *g)
{
	unsigned r = g->val[g->i].reg;

	g->val[g->i].reg = REG_NONE;
	g->pin &= ~REG_BIT(r);
	g->free |= REG_BIT(r);
}

void gen_def_temp(struct gen *g, unsigned reg)
{
	g->temps &= ~REG_BIT(reg);
	place(g, g->i, reg);
}

/* Takes v's register away from it when v dies here; REG_NONE when it lives on. */
static unsigned steal(struct gen *g, ir_val v)
{
	unsigned r = g->val[v.id].reg;

	if (!gen_dies(g, v) || r == REG_NONE)
		return REG_NONE;
	g->val[v.id].reg = REG_NONE;
	return r;
}

static void copy_to(struct gen *g, ir_val v, unsigned reg)
{
	if (ir_is_const(v)) {
		load_const(g, v, reg);
		return;
	}
	const struct value *val = &g->val[v.id];
	if (val->reg != REG_NONE) {
		if (reg < XMM)
			x64_mov(&g->x, gen_bytes(gen_type(g, v)) == 8 ? 8 : 4, reg, val->reg);
		else
			gen_xmm_move(g, reg, val->reg);
	} else if (val->cc != CC_NONE) {
		x64_setcc(&g->x, val->cc, reg);
		x64_zx(&g->x, 1, reg, reg);
	} else {
		load_home(g, v.id, reg);
	}
}

unsigned gen_def_copy(struct gen *g, ir_val v)
{
	unsigned r = ir_is_const(v) ? REG_NONE : steal(g, v);

	if (r != REG_NONE) {
		place(g, g->i, r);
		return r;
	}
	if (gen_in_reg(g, v))
		g->pin |= REG_BIT(g->val[v.id].reg);
	r = gen_def(g);
	copy_to(g, v, r);
	return r;
}

unsigned gen_temp_copy(struct gen *g, ir_val v)
{
	unsigned r = ir_is_const(v) ? REG_NONE : steal(g, v);

	if (r != REG_NONE) {
		g->temps |= REG_BIT(r);
		g->pin |= REG_BIT(r);
		return r;
	}
	if (gen_in_reg(g, v))
		g->pin |= REG_BIT(g->val[v.id].reg);
	r = gen_is_int(gen_type(g, v)) ? gen_temp(g) : gen_temp_xmm(g);
	copy_to(g, v, r);
	return r;
}

struct loc gen_loc(struct gen *g, ir_val v)
{
	enum ir_type t = gen_type(g, v);
	struct loc l = { .kind = LOC_IMM, .bytes = (uint8_t)gen_bytes(t), .type = (uint8_t)t };

	if (ir_is_const(v) && l.bytes > 8) {
		const struct ir_const *k = &g->u->konst[v.id & ~IR_CONST];

		l.kind = LOC_POOL;
		l.imm = gen_pool(g, k->bits[0], k->bits[1]);
	} else if (ir_is_const(v)) {
		l.imm = ir_const_bits(g->u, v);
	} else if (g->val[v.id].reg == REG_NONE && g->val[v.id].home != HOME_NONE) {
		l.kind = LOC_MEM;
		l.imm = (uint64_t)(int64_t)g->val[v.id].disp;
	} else {
		l.kind = LOC_REG;
		l.reg = (uint8_t)gen_use(g, v);
	}
	return l;
}

bool gen_memory(const struct gen *g, ir_val v, struct x64_mem *out)
{
	if (ir_is_const(v))
		return false;
	const struct value *val = &g->val[v.id];
	if (val->reg != REG_NONE || val->home == HOME_NONE || val->last != g->i)
		return false;
	*out = gen_state(val->disp);
	return true;
}

bool gen_imm(const struct gen *g, ir_val v, int32_t *out)
{
	if (!ir_is_const(v))
		return false;
	uint64_t bits = ir_const_bits(g->u, v);
	*out = (int32_t)bits;
	return gen_bytes(gen_type(g, v)) <= 4 || bits == (uint64_t)(int64_t)*out;
}

void gen_save_for_call(struct gen *g)
{
	for (uint32_t m = LOST_MASK & ~g->free & ~g->temps; m; m &= m - 1) {
		unsigned r = (unsigned)__builtin_ctz(m);
		const struct value *v = &g->val[g->holder[r]];

		if (v->last > g->i && v->last != NO_USE)
			evict(g, r);
	}
}

void gen_drop_lost(struct gen *g)
{
	for (uint32_t m = LOST_MASK & ~g->free & ~g->temps; m; m &= m - 1) {
		unsigned r = (unsigned)__builtin_ctz(m);

		g->val[g->holder[r]].reg = REG_NONE;
		g->free |= REG_BIT(r);
	}
	g->free |= g->temps;
	g->temps = 0;
	g->pin = 0;
}

uint32_t gen_live(const struct gen *g, unsigned dst)
{
	uint32_t live = 0;

	for (uint32_t m = LOST_MASK & ~g->free & ~g->temps; m; m &= m - 1) {
		unsigned r = (unsigned)__builtin_ctz(m);
		const struct value *v = &g->val[g->holder[r]];

		if (r != dst && v->last > g->i && v->last != NO_USE)
			live |= REG_BIT(r);
	}
	return live;
}

void gen_add_home(struct gen *g, unsigned v, int32_t offset)
{
	struct value *val = &g->val[v];

	if (g->n_home == MAX_HOMES)
		return;
	g->home[g->n_home++] = (uint16_t)v;
	val->home = HOME_STATE;
	val->disp = offset;
}

void gen_written(struct gen *g, int32_t offset, unsigned bytes)
{
	unsigned kept = 0;

	for (unsigned k = 0; k < g->n_home; k++) {
		unsigned id = g->home[k];
		struct value *v = &g->val[id];

		if (v->last < g->i || v->last == NO_USE || v->home != HOME_STATE)
			continue;
		if (v->disp >= offset + (int32_t)bytes ||
		    v->disp + (int32_t)gen_bytes((enum ir_type)g->u->inst[id].type) <= offset) {
			g->home[kept++] = (uint16_t)id;
			continue;
		}
		if (v->reg == REG_NONE && v->cc == CC_NONE) {
			unsigned r = gen_alloc(g, mask_for(g, id));
			load_home(g, id, r);
			place(g, id, r);
			g->pin &= ~REG_BIT(r);
		}
		v->home = HOME_NONE;
	}
	g->n_home = kept;
}

static void kill(struct gen *g, unsigned id)
{
	struct value *v = &g->val[id];

	if (v->reg != REG_NONE) {
		g->free |= REG_BIT(v->reg);
		v->reg = REG_NONE;
	}
	if (v->home == HOME_SPILL)
		drop_spill(g, v, is_vector(g, id));
}

void gen_end_inst(struct gen *g)
{
	unsigned n = ir_arity(g->in);

	for (unsigned k = 0; k < n; k++)
		if (gen_dies(g, g->in->arg[k]))
			kill(g, g->in->arg[k].id);
	if (g->in->type && g->val[g->i].last == NO_USE)
		kill(g, g->i);
	g->free |= g->temps;
	g->temps = 0;
	g->pin = 0;
}

static void flush_pending(struct gen *g, unsigned used_from)
{
	for (unsigned k = 0; k < g->n_pending; k++) {
		struct value *v = &g->val[g->pending[k]];

		if (v->reg == REG_NONE && v->home == HOME_NONE && v->last >= used_from && v->last != NO_USE) {
			materialise(g, g->pending[k]);
			g->pin &= ~REG_BIT(v->reg);
		}
		v->cc = CC_NONE;
	}
	g->n_pending = 0;
	g->compared = (struct compared){ PAIR_NONE };
}

void gen_clobber_flags(struct gen *g)
{
	flush_pending(g, g->i);
}

void gen_flush_pending(struct gen *g)
{
	flush_pending(g, g->i + 1);
}

void gen_set_pending(struct gen *g, unsigned v, enum x64_cc cc)
{
	g->val[v].cc = (uint8_t)cc;
	if (g->n_pending == MAX_PENDING) {
		materialise(g, v);
		g->val[v].cc = CC_NONE;
		return;
	}
	g->pending[g->n_pending++] = (uint16_t)v;
}

enum x64_cc gen_cond(struct gen *g, ir_val v)
{
	struct value *val = &g->val[v.id];

	if (val->cc != CC_NONE)
		return (enum x64_cc)val->cc;
	gen_clobber_flags(g);
	if (val->reg == REG_NONE && val->home != HOME_NONE) {
		x64_alu_mem_imm(&g->x, 1, ALU_CMP, gen_state(val->disp), 0);
	} else {
		unsigned r = gen_use(g, v);
		x64_test(&g->x, 4, r, r);
	}
	return CC_NE;
}

struct cold *gen_cold(struct gen *g, enum cold_kind kind)
{
	struct cold *c = &g->cold[g->n_cold];

	if (g->n_cold == MAX_COLD - 1)
		gen_fail(g, DGM_E_UNSUP);
	else
		g->n_cold++;
	*c = (struct cold){ .kind = (uint8_t)kind, .inst = (uint16_t)g->i, .pc = g->pc, .left = g->left,
			    .dst = REG_NONE };
	return c;
}

/* The field is the last `bytes` written. */
void gen_reloc(struct gen *g, enum code_reloc_kind kind, unsigned index, int32_t addend, unsigned bytes)
{
	if (g->n_reloc == MAX_RELOC) {
		gen_fail(g, DGM_E_UNSUP);
		return;
	}
	g->reloc[g->n_reloc++] = (struct code_reloc){ x64_pos(&g->x) - bytes, (uint16_t)kind, (uint16_t)index, addend };
}

void gen_mark(struct gen *g, uint64_t pc)
{
	uint32_t at = x64_pos(&g->x);

	if (g->n_side && g->side[g->n_side - 1].offset == at)
		g->n_side--;
	if (g->n_side == MAX_SIDE) {
		gen_fail(g, DGM_E_UNSUP);
		return;
	}
	g->side[g->n_side++] = (struct code_side){ .offset = at, .pc = pc, .left = g->rq->mode.count ? g->left : 0 };
}

unsigned gen_pool(struct gen *g, uint64_t lo, uint64_t hi)
{
	for (unsigned k = 0; k < g->n_pool; k++)
		if (g->pool[k].lo == lo && g->pool[k].hi == hi)
			return k;
	if (g->n_pool == MAX_POOL) {
		gen_fail(g, DGM_E_UNSUP);
		return 0;
	}
	g->pool[g->n_pool] = (struct pool_const){ lo, hi };
	return g->n_pool++;
}

void gen_pooled(struct gen *g, unsigned index)
{
	if (g->n_pool_use == MAX_POOL_USE) {
		gen_fail(g, DGM_E_UNSUP);
		return;
	}
	g->pool_use[g->n_pool_use++] = (struct pool_use){ x64_pos(&g->x), (uint16_t)index };
}
