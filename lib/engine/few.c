/*
 * Interpreting instructions that are in no unit of the cache: the rest of a budget, an instruction that was given up in the
 * middle, one that is to be seen alone.
 */
#include <string.h>

#include "engine/audit.h"
#include "engine/few.h"

/* A decoder of the vCPU's own, for units that are not cached. */
static struct translator *own_translator(struct dgm_cpu *cpu)
{
	if (!cpu->inside.translator && translator_new(cpu->vm, NULL, &cpu->inside.translator))
		return NULL;
	return cpu->inside.translator;
}

struct ir_unit *few_lift(struct dgm_cpu *cpu, struct few *f, struct unit_at *at)
{
	struct translator *t = own_translator(cpu);
	/* In the middle of a unit mode bits may be others than at its start: those of an IT block. */
	uint32_t mode = cpu_env_of(cpu)->mode = cpu->vm->fe->mode(cpu->state);
	uint64_t pc = cpu_pc(cpu);
	struct ir_unit *u;

	if (!t || !cpu_unit_at(cpu, pc, false, at))
		return NULL;
	pthread_mutex_lock(&cpu->vm->lock);
	u = translator_lift_few(t, pc, mode, at, f->max_insns, f->room, f->done, &f->cut);
	pthread_mutex_unlock(&cpu->vm->lock);
	if (!u || !translator_wants_more(t))
		return u;
	if (!cpu_unit_at(cpu, pc, true, at))
		return NULL;
	pthread_mutex_lock(&cpu->vm->lock);
	u = translator_lift_few(t, pc, mode, at, 1, f->room, f->done, &f->cut);
	pthread_mutex_unlock(&cpu->vm->lock);
	return u;
}

struct ir_unit *cpu_lift_few(struct dgm_cpu *cpu, unsigned max_insns, struct unit_at *at)
{
	struct few f = { max_insns, BLOCK_INSNS, HOOK_NOTHING, false };

	return few_lift(cpu, &f, at);
}

void few_resume_at(struct dgm_cpu *cpu, enum hook_level done, uint32_t left)
{
	cpu->inside.resume = (struct cpu_resume){ true, (uint8_t)done, left ? left : BLOCK_INSNS, cpu_pc(cpu) };
}

void few_refund(struct dgm_cpu *cpu, unsigned done)
{
	struct cpu_env *env = cpu_env_of(cpu);

	if (cpu->vm->mode.count && env->exit.left >= done)
		env->fuel += env->exit.left - done;
}

bool few_blocks_matter(const struct dgm_cpu *cpu)
{
	return atomic_load_explicit(&cpu->vm->hooks.n_code, memory_order_relaxed);
}

/* Behind what was interpreted: it may have been the middle of a block, of which there is more. */
static void after_few(struct dgm_cpu *cpu, const struct few *f, const struct ir_unit *u, int way)
{
	struct env_exit *x = &cpu_env_of(cpu)->exit;
	bool inside = x->reason == ENV_TRAP && x->trap == IR_TRAP_RESYNC && x->code == IR_RESYNC_INSIDE;

	if (inside) {
		few_refund(cpu, 1);
		cpu_set_pc(cpu, x->next);
		x->reason = ENV_NONE;
	}
	if ((inside || (f->cut && way >= 0 && way == (int)u->n_exits - 1)) && few_blocks_matter(cpu) && u->n_insns < f->room)
		few_resume_at(cpu, HOOK_BLOCK, f->room - u->n_insns);
}

/* Lifts and enters: from then on hooks of what was lifted stay, so none may have gone in between. */
static struct ir_unit *lift_for_run(struct dgm_cpu *cpu, struct few *f, struct unit_at *at)
{
	const _Atomic uint64_t *serial = &cpu->vm->hooks.serial;

	for (;;) {
		uint64_t before = atomic_load(serial);
		struct ir_unit *u = few_lift(cpu, f, at);

		cpu_enter_code(cpu);
		if (!u || atomic_load(serial) == before)
			return u;
		cpu_leave_code(cpu);
	}
}

enum dgm_status few_run(struct dgm_cpu *cpu, unsigned max_insns, unsigned room, enum hook_level done)
{
	struct few f = { max_insns, room, done, false };
	struct unit_at at;
	int way = BACKEND_RUN_EVENT;

	cpu_env_of(cpu)->exit.reason = ENV_NONE;
	cpu_env_of(cpu)->exit.left = 0;
	struct ir_unit *u = lift_for_run(cpu, &f, &at);
	if (u && cpu->mmu && u->n_insns > 1) {
		cpu->mmu->few_pa = at.pa[0] | (u->pc & (PAGE_BYTES - 1));
		cpu->mmu->few_bytes = u->bytes;
	}
	cpu->inside.beyond = u && f.cut ? room - u->n_insns : 0;
	cpu->inside.few = u;
	if (u)
		way = cpu_run_ir(cpu, u);
	cpu->inside.few = NULL;
	if (cpu->mmu)
		cpu->mmu->few_bytes = 0;
	cpu_leave_code(cpu);
	uint32_t reason = cpu_env_of(cpu)->exit.reason;
	if (reason != ENV_HOOK && reason != ENV_STOP)	/* which say what is to be again */
		cpu->inside.again.len = 0;
	cpu->inside.resume.on = false;
	if (u)
		after_few(cpu, &f, u, way);
	return u || cpu_env_of(cpu)->exit.reason != ENV_NONE ? DGM_OK : DGM_E_NOMEM;
}

enum dgm_status few_run_alone(struct dgm_cpu *cpu, unsigned room, enum hook_level done)
{
	struct cpu_env *env = cpu_env_of(cpu);
	enum dgm_status st;

	cpu->alone = true;
	const struct cpu_access again = cpu->inside.again;
	do {	/* what is pending comes behind it */
		bool pending = atomic_exchange(&env->pending, 0);

		cpu->inside.again = again;
		st = few_run(cpu, 1, room, done);
		if (pending)
			atomic_store(&env->pending, 1);
	} while (!st && env->exit.reason == ENV_POLL);
	cpu->alone = false;
	return st;
}
