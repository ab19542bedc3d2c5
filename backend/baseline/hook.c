/*
 * Calls of hooks, made by the code itself as iface/env.h allows. MXCSR is lent around each: what floats are computed
 * between two of them is not looked at here.
 */
#include "backend/baseline/gen.h"
#include "iface/hostfp.h"

enum { OP_FENCES = 0x0fae, LDMXCSR = 2, STMXCSR = 3 };

static void ldmxcsr(struct gen *g, struct x64_mem from)
{
	x64_rm(&g->x, 0, OP_FENCES, LDMXCSR, from);
}

static void stmxcsr(struct gen *g, struct x64_mem to)
{
	x64_rm(&g->x, 0, OP_FENCES, STMXCSR, to);
}

static void lend(struct gen *g)
{
	uint32_t alike;

	stmxcsr(g, GEN_ENV(lent));
	x64_store_imm(&g->x, 4, GEN_ENV(lends), ENV_LENT);
	x64_alu_mem_imm(&g->x, 4, ALU_CMP, GEN_ENV(foreign), 0);
	alike = x64_jcc_short(&g->x, CC_E);
	ldmxcsr(g, GEN_ENV(host_mxcsr));
	x64_here(&g->x, alike);
}

static void regain(struct gen *g)
{
	uint32_t same;

	stmxcsr(g, GEN_ENV(lent_now));
	x64_load(&g->x, 4, RAX, GEN_ENV(lent_now));
	x64_alu_load(&g->x, 4, ALU_CMP, RAX, GEN_ENV(lent));
	same = x64_jcc_short(&g->x, CC_E);
	ldmxcsr(g, GEN_ENV(lent));
	x64_here(&g->x, same);
	x64_store_imm(&g->x, 4, GEN_ENV(lends), ENV_NOT_LENT);
}

void emit_fp_flags(struct gen *g)
{
	unsigned dst = gen_def(g);

	gen_clobber_flags(g);
	stmxcsr(g, GEN_ENV(lent_now));
	x64_load(&g->x, 4, dst, GEN_ENV(lent_now));
	x64_alu_imm(&g->x, 4, ALU_AND, dst, HOSTFP_ALL);
	x64_alu_load(&g->x, 4, ALU_OR, dst, GEN_ENV(fp_flags));
}

static void store_pc(struct gen *g)
{
	const struct ir_slot *pc = &g->u->slots->slot[g->u->slots->pc];

	x64_mov_imm(&g->x, RAX, g->pc);
	x64_store(&g->x, ir_type_info[pc->type].bits / 8, gen_state(pc->offset), RAX);
}

static void call(struct gen *g, struct x64_mem fn)
{
	x64_alu_imm(&g->x, 8, ALU_SUB, RSP, 8);
	x64_rm(&g->x, 0, 0xff, 2, fn);
	x64_alu_imm(&g->x, 8, ALU_ADD, RSP, 8);
}

/* The answer in rax is not to just go on, or something has changed. */
static void leave_hooked(struct gen *g, uint64_t event)
{
	x64_mov(&g->x, 8, RDI, R13);
	x64_mov_imm(&g->x, RSI, event);
	x64_mov(&g->x, 4, RDX, RAX);
	x64_load(&g->x, 8, RCX, GEN_ENV(services));
	call(g, (struct x64_mem){ RCX, X64_NONE, (int32_t)offsetof(struct env_services, hooked) });
	x64_8(&g->x, 0xc3);
}

void gen_call_hook(struct gen *g)
{
	uint64_t event = ir_const_bits(g->u, g->in->arg[0]), hook = ir_const_bits(g->u, g->in->arg[1]);
	bool count = g->rq->mode.count;
	uint32_t go_on;

	store_pc(g);
	if (count) {
		x64_store_imm(&g->x, 4, GEN_ENV(exit.left), g->left);
		x64_store_imm(&g->x, 4, GEN_ENV(in_event), 1);
	}
	lend(g);
	x64_mov_imm(&g->x, RAX, hook);
	x64_load(&g->x, 8, RDI, (struct x64_mem){ RAX, X64_NONE, offsetof(struct env_hook, ud) });
	x64_load(&g->x, 8, RSI, GEN_ENV(cpu));
	x64_mov_imm(&g->x, RDX, event);
	call(g, (struct x64_mem){ RAX, X64_NONE, offsetof(struct env_hook, fn) });
	x64_mov(&g->x, 4, RCX, RAX);
	x64_alu_load(&g->x, 4, ALU_OR, RCX, GEN_ENV(changed));
	go_on = x64_jcc_short(&g->x, CC_E);
	leave_hooked(g, event);
	x64_here(&g->x, go_on);
	if (count)
		x64_store_imm(&g->x, 4, GEN_ENV(in_event), 0);
	regain(g);
}
