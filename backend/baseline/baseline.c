/*
 * Compiles one block: a backward pass finds the last use of every value, a forward pass writes
 * code and places values as it goes, then what was put aside and the constants follow.
 */
#include <cpuid.h>
#include <stdio.h>

#include "backend/baseline/gen.h"
#include "dragoman/engine.h"

/* Bytes one instruction may need at most: a call that saves every register. */
enum { INST_ROOM = 1024 };

static void (*const emitter[IR_OP_COUNT])(struct gen *g) = {
#define OP(name, ...) [IR_OP_##name] = emit_##name,
#include "ir/ops.def"
};

/* cpuid is slow in a virtual machine: each leaf is asked for once. */
static unsigned detect(void)
{
	unsigned max, a, b, c, d, feat = 0;

	__cpuid(0, max, b, c, d);
	if (max < 7)
		return 0;
	__cpuid(1, a, b, c, d);
	bool vex = false;
	if (c & bit_OSXSAVE) {
		unsigned lo, hi;
		__asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
		vex = (lo & 6) == 6;
	}
	feat |= c & bit_MOVBE ? BASELINE_MOVBE : 0u;
	feat |= c & bit_POPCNT ? BASELINE_POPCNT : 0u;
	feat |= c & bit_SSSE3 ? BASELINE_SSSE3 : 0u;
	feat |= c & bit_SSE4_1 ? BASELINE_SSE41 : 0u;
	feat |= c & bit_SSE4_2 ? BASELINE_SSE42 : 0u;
	feat |= c & bit_PCLMUL ? BASELINE_PCLMUL : 0u;
	feat |= c & bit_AVX && vex ? BASELINE_AVX : 0u;
	feat |= c & bit_FMA && vex ? BASELINE_FMA : 0u;
	__cpuid_count(7, 0, a, b, c, d);
	feat |= b & bit_AVX2 && vex ? BASELINE_AVX2 : 0u;
	feat |= b & bit_BMI ? BASELINE_BMI1 : 0u;
	feat |= b & bit_BMI2 ? BASELINE_BMI2 : 0u;
	__cpuid(0x80000001, a, b, c, d);
	feat |= c & bit_LZCNT ? BASELINE_LZCNT : 0u;
	return feat;
}

static enum dgm_status create(const struct base_alloc *alloc, void **self)
{
	struct gen *g = base_alloc(alloc, sizeof *g);

	if (!g)
		return DGM_E_NOMEM;
	/* most of it is never touched: begin and find_uses set what a unit needs */
	g->x = (struct x64){ .alloc = alloc };
	g->alloc = alloc;
	g->feat = g->host_feat = detect();
	*self = g;
	return DGM_OK;
}

static void destroy(void *self)
{
	struct gen *g = self;

	if (!g)
		return;
	base_free(g->alloc, g->x.start);
	base_free(g->alloc, g);
}

void baseline_limit(void *self, unsigned mask)
{
	struct gen *g = self;

	g->feat = g->host_feat & mask;
	/* VEX encodings of the shift instructions come with BMI2, those of vector registers with AVX */
	if (!(g->feat & BASELINE_AVX))
		g->feat &= ~(unsigned)(BASELINE_FMA | BASELINE_AVX2);
}

static void use(struct gen *g, ir_val v, unsigned i)
{
	if (ir_is_const(v) || ir_is_none(v))
		return;
	struct value *val = &g->val[v.id];
	val->uses++;
	if (val->last == NO_USE)
		val->last = (uint16_t)i;
}

/* Last uses, backwards; an unused pure operation makes no use of its operands. */
static void find_uses(struct gen *g)
{
	const struct ir_unit *u = g->u;
	unsigned next_call = u->n;

	for (unsigned i = 0; i < u->n; i++)
		g->val[i] = (struct value){ .reg = REG_NONE, .cc = CC_NONE, .last = NO_USE };
	for (unsigned i = u->n; i-- > 0;) {
		const struct ir_inst *in = &u->inst[i];
		const struct ir_op_info *op = &ir_op_info[in->op];
		struct value *v = &g->val[i];

		v->across = v->last != NO_USE && next_call < v->last;
		if (op->flags & (IR_PURE | IR_READS) && v->last == NO_USE)
			continue;
		if (in->op == IR_OP_call)
			next_call = i;
		for (unsigned k = 0, n = ir_arity(in); k < n; k++)
			use(g, in->arg[k], i);
	}
}

/* A word of the unit's data that does not begin as 0. */
static void init_data(struct gen *g, uint32_t offset, uint32_t value)
{
	gen_reloc(g, CODE_RELOC_INIT, 0, (int32_t)value, 0);
	if (!g->failed)
		g->reloc[g->n_reloc - 1].offset = offset;
}

/* Counts entries down from hot_after and leaves once, at 0; before all else. */
static void count_entries(struct gen *g)
{
	struct x64_mem counter = GEN_RIP;
	struct cold *c;

	init_data(g, 0, g->rq->hot_after);
	init_data(g, 4, g->rq->hot_after);
	x64_alu_mem_imm(&g->x, 4, ALU_SUB, counter, 1);
	gen_reloc(g, CODE_RELOC_DATA, 0, -1, 5);	/* an immediate byte comes behind the field */
	c = gen_cold(g, COLD_EVENT);
	c->reason = ENV_HOT;
	c->from[0] = x64_jcc(&g->x, CC_E);
	g->data_size = 16;
}

static void emit_unit(struct gen *g)
{
	const struct ir_unit *u = g->u;

	for (g->i = 0; g->i < u->n && !g->failed; g->i++) {
		g->in = &u->inst[g->i];
		if (g->i < g->skip_to)
			continue;
		if (ir_op_info[g->in->op].flags & (IR_PURE | IR_READS) && g->val[g->i].last == NO_USE)
			continue;
		if (!x64_room(&g->x, INST_ROOM)) {
			gen_fail(g, DGM_E_NOMEM);
			return;
		}
		if (gen_lane_wise(g->in))
			gen_lanes(g);
		else
			emitter[g->in->op](g);
		gen_end_inst(g);
	}
}

/* Constants behind the code, and the displacements that reach them. */
static void place_pool(struct gen *g)
{
	uint32_t base;

	if (!g->n_pool || g->failed)
		return;
	if (!x64_room(&g->x, 16 + 16 * (size_t)g->n_pool)) {
		gen_fail(g, DGM_E_NOMEM);
		return;
	}
	while (x64_pos(&g->x) % 16)
		x64_8(&g->x, 0xcc);
	base = x64_pos(&g->x);
	for (unsigned k = 0; k < g->n_pool; k++) {
		x64_64(&g->x, g->pool[k].lo);
		x64_64(&g->x, g->pool[k].hi);
	}
	for (unsigned k = 0; k < g->n_pool_use; k++)
		x64_patch(&g->x, g->pool_use[k].after, base + 16 * g->pool_use[k].index);
}

static enum dgm_status copy_out(struct gen *g, struct base_arena *arena, struct code_object *out)
{
	*out = (struct code_object){
		.size = x64_pos(&g->x), .entry = 0, .data_size = g->data_size, .n_reloc = g->n_reloc,
		.n_exit = g->n_exit, .n_helper = g->n_helper, .n_host = g->n_host, .n_side = g->n_side,
	};
	out->code = base_arena_copy(arena, g->x.start, out->size);
	out->reloc = base_arena_copy(arena, g->reloc, g->n_reloc * sizeof *g->reloc);
	out->exit = base_arena_copy(arena, g->exit, g->n_exit * sizeof *g->exit);
	out->helper = base_arena_copy(arena, g->helper, g->n_helper * sizeof *g->helper);
	out->host = base_arena_copy(arena, g->host, g->n_host * sizeof *g->host);
	out->side = base_arena_copy(arena, g->side, g->n_side * sizeof *g->side);
	return out->code && out->reloc && out->exit && out->helper && out->host && out->side ? DGM_OK : DGM_E_NOMEM;
}

/* Bytes of code per guest instruction, in hex: what a disassembler wants. */
static void dump(const struct backend_request *rq, const struct code_object *o)
{
	for (unsigned k = 0; k < o->n_side; k++) {
		uint32_t end = k + 1 < o->n_side ? o->side[k + 1].offset : o->size;
		char line[256];

		for (uint32_t at = o->side[k].offset; at < end; at += 32) {
			int n = snprintf(line, sizeof line, "%08llx +%04x ",
					 (unsigned long long)o->side[k].pc, at);
			for (uint32_t b = at; b < end && b < at + 32; b++)
				n += snprintf(line + n, sizeof line - (size_t)n, " %02x", o->code[b]);
			snprintf(line + n, sizeof line - (size_t)n, "\n");
			rq->log(rq->log_ud, line);
		}
	}
}

static void begin(struct gen *g, const struct backend_request *rq)
{
	g->rq = rq;
	g->u = rq->block[0];
	g->failed = DGM_OK;
	g->x.p = g->x.start;
	g->skip_to = g->i = 0;
	g->pc = g->u->pc;
	g->left = g->left_next = g->u->n_insns;
	g->free = GPR_MASK | XMM_MASK;
	g->pin = g->temps = 0;
	g->spill_used = 0;
	g->compared = (struct compared){ PAIR_NONE };
	g->n_pending = g->n_home = 0;
	g->n_cold = g->n_reloc = g->n_side = g->n_pool = g->n_pool_use = 0;
	g->n_helper = g->n_host = g->n_exit = 0;
	g->data_size = 0;
	g->entry = 0;
}

static enum dgm_status compile(void *self, const struct backend_request *rq, struct base_arena *arena,
			       struct code_object *out)
{
	struct gen *g = self;

	if (rq->n_block != 1 || rq->block[0]->n > IR_MAX_INSTS)
		return DGM_E_UNSUP;
	begin(g, rq);
	if (!x64_room(&g->x, INST_ROOM))
		return DGM_E_NOMEM;
	find_uses(g);
	gen_mark(g, g->pc);
	if (rq->hot_after)
		count_entries(g);
	emit_unit(g);
	gen_finish_cold(g);
	place_pool(g);
	if (g->failed)
		return g->failed;
	enum dgm_status st = copy_out(g, arena, out);
	if (!st && rq->dump & DGM_DUMP_ASM && rq->log)
		dump(rq, out);
	return st;
}

const struct backend backend_baseline = {
	.name = "baseline", .create = create, .destroy = destroy, .compile = compile,
};
