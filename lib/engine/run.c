/*
 * The run loop: finds or makes the unit at the pc, executes it, and turns what ended it into the
 * next pc, a callback, or the end of dgm_cpu_run.
 */
#include <inttypes.h>
#include <string.h>

#include "engine/audit.h"
#include "engine/engine.h"
#include "engine/few.h"
#include "iface/hostfp.h"

static _Thread_local struct dgm_cpu *current __attribute__((tls_model("initial-exec")));

struct dgm_cpu *cpu_current(void)
{
	return current;
}

uint64_t cpu_pc(const struct dgm_cpu *cpu)
{
	const struct ir_slots *s = cpu->vm->fe->slots;
	const uint8_t *p = (const uint8_t *)cpu->state + s->slot[s->pc].offset;
	uint32_t narrow;
	uint64_t wide;

	if (s->slot[s->pc].type == IR_I32) {
		memcpy(&narrow, p, sizeof narrow);
		return narrow;
	}
	memcpy(&wide, p, sizeof wide);
	return wide;
}

void cpu_set_pc(struct dgm_cpu *cpu, uint64_t pc)
{
	const struct ir_slots *s = cpu->vm->fe->slots;

	memcpy((uint8_t *)cpu->state + s->slot[s->pc].offset, &pc, s->slot[s->pc].type == IR_I32 ? 4 : 8);
}

/* ---- executing ---- */

/* Instructions of the unit from pc on. */
static uint32_t insns_left(const struct ir_unit *u, uint64_t pc)
{
	uint32_t before = 0;

	for (unsigned i = 0; i < u->n; i++)
		before += u->inst[i].op == IR_OP_insn && u->pc + (uint64_t)(int64_t)u->inst[i].imm < pc;
	return u->n_insns - before;
}

/* The exit taken, as the back end's run says. */
int cpu_run_ir(struct dgm_cpu *cpu, const struct ir_unit *u)
{
	struct dgm_vm *vm = cpu->vm;
	struct cpu_env *env = cpu_env_of(cpu);
	volatile int way = BACKEND_RUN_EVENT;	/* or a jump out of the interpreter could lose it */

	atomic_fetch_add_explicit(&vm->count.runs_interp, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&vm->count.insns_interp, u->n_insns, memory_order_relaxed);
	hostfp_enter(env);
	cpu->inside.interpreting = vm->engine->cfg.flags & DGM_FASTMEM;
	if (cpu->inside.interpreting && sigsetjmp(cpu->inside.recover, 0))
		env->exit.left = insns_left(u, env->exit.pc);
	else
		way = vm->engine->parts.interp->run(vm->engine->interp, u, &vm->mode, cpu->state, 0);
	cpu->inside.interpreting = false;
	hostfp_end(env);
	return way;
}

void cpu_run_code(struct dgm_cpu *cpu, const struct cache_unit *unit)
{
#if ENGINE_CAN_ENTER
	struct cpu_env *env = cpu_env_of(cpu);

	hostfp_enter(env);
	engine_enter(unit->entry, env->mem_base, cpu->state, &env->host_rsp);
	env->host_rsp = 0;
	hostfp_end(env);
#endif
}

/* Counts an interpreted unit and hands it to the compiler when it is hot. */
static void count_run(struct dgm_cpu *cpu, struct cache_unit *unit)
{
	struct dgm_vm *vm = cpu->vm;

	if (atomic_fetch_add_explicit(&unit->count, 1, memory_order_relaxed) + 1 != tier_threshold(vm->engine))
		return;
	pthread_mutex_lock(&vm->lock);
	tier_hot(cpu, unit, cpu_env_of(cpu)->mode);
	pthread_mutex_unlock(&vm->lock);
}

/* ---- events ---- */

/* What the run is doing; lives on the stack of cpu_run. */
struct run {
	struct dgm_cpu *cpu;
	dgm_exit *exit;
	struct until until;
	const uint64_t *return_at;
	bool first;		/* nothing executed yet */
};

enum next { GO_ON, LEAVE };

static enum next on_event(struct run *r);

static enum next leave(struct run *r, uint32_t reason)
{
	r->exit->reason = reason;
	return LEAVE;
}

static void fill_fault(struct dgm_cpu *cpu, dgm_fault *f, uint32_t cause)
{
	const struct env_exit *x = &cpu_env_of(cpu)->exit;

	uint64_t pc = vm_address(cpu->vm, x->pc);

	*f = (dgm_fault){ .size = sizeof *f, .cause = cause, .pc = pc, .va = pc, .pa = pc };
	if (cpu->mmu)
		f->pa = DGM_PA_NONE;
	f->opcode = cpu_opcode(cpu, x->pc);
	f->vector = x->reason == ENV_TRAP ? (uint32_t)x->code : 0;	/* else left over from an earlier trap */
}

/* How many instructions the block has from the one that left it, as far as that is known. */
static unsigned left_of(struct dgm_cpu *cpu)
{
	uint32_t left = cpu_env_of(cpu)->exit.left;

	if (!cpu->vm->mode.count || !left)
		return BLOCK_INSNS;
	left += cpu->inside.beyond;
	return left < BLOCK_INSNS ? left : BLOCK_INSNS;
}

/* The answer of a fault-like callback; `reason` is how the run ends when nobody handles it. */
static enum next after_fault(struct run *r, const dgm_fault *f, enum dgm_act act, uint32_t reason, uint64_t next_pc,
			     unsigned left)
{
	struct dgm_cpu *cpu = r->cpu;

	switch (act) {
	case DGM_CONT:
	case DGM_RETRY:
		if (few_blocks_matter(cpu) && dgm_pc(cpu) == f->pc)
			few_resume_at(cpu, HOOK_INSN, left);
		return GO_ON;
	case DGM_SKIP:
		cpu_set_pc(cpu, next_pc);
		if (cpu->vm->fe->stepped_over)
			cpu->vm->fe->stepped_over(cpu->state);
		if (cpu->vm->mode.count)
			cpu_env_of(cpu)->fuel--;
		return GO_ON;
	case DGM_RAISE:
	case DGM_STOP:
	case DGM_BREAK:
		break;
	}
	r->exit->info = *f;
	return leave(r, reason);
}

static enum next on_syscall(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	struct dgm_vm *vm = cpu->vm;
	const struct env_exit x = cpu_env_of(cpu)->exit;
	dgm_syscall call = { .size = sizeof call, .abi = vm->cfg.abi, .pc = vm_address(vm, x.pc) };
	enum dgm_act act = DGM_RAISE;

	atomic_fetch_add_explicit(&vm->count.syscalls, 1, memory_order_relaxed);
	if (vm->cfg.abi == DGM_ABI_NONE)
		call.nr = (uint32_t)x.code;
	if (vm->ops.syscall && (vm->cfg.abi == DGM_ABI_NONE || vm->fe->syscall_get(cpu->state, vm->cfg.abi, &call))) {
		cpu_set_pc(cpu, x.next);
		few_refund(cpu, 1);
		act = vm->ops.syscall(vm->ud, cpu, &call);
		if ((act == DGM_CONT || act == DGM_STOP) && !call.no_result)
			vm->fe->syscall_set(cpu->state, vm->cfg.abi, call.ret);
		if (act == DGM_CONT || act == DGM_SKIP)
			return GO_ON;
		if (act == DGM_STOP)
			return leave(r, DGM_EXIT_MODEL);
		if (vm->mode.count)
			cpu_env_of(cpu)->fuel++;
	} else {
		few_refund(cpu, 0);
	}
	cpu_set_pc(cpu, x.pc);
	if (act == DGM_RETRY)
		return GO_ON;
	fill_fault(cpu, &r->exit->info, 0);
	r->exit->info.pc = vm_address(vm, x.pc);
	return leave(r, DGM_EXIT_SYSCALL);
}

/* The machine's answer to an access to a register the vCPU does not have; false: it is an illegal instruction. */
static bool on_sysreg(struct run *r, enum next *then)
{
	struct dgm_cpu *cpu = r->cpu;
	struct dgm_vm *vm = cpu->vm;
	const struct env_exit x = cpu_env_of(cpu)->exit;
	struct frontend_sysreg a = { .to = { -1, -1 } };

	cpu_set_pc(cpu, x.pc);
	if (!vm->ops.sysreg || !vm->fe->sysreg_get(cpu->state, cpu_opcode(cpu, x.pc), &a))
		return false;
	uint64_t value = a.value;
	few_refund(cpu, 1);
	cpu_set_pc(cpu, x.next);
	enum dgm_act act = vm->ops.sysreg(vm->ud, cpu, a.reg, a.write, &value);
	if (act == DGM_SKIP)
		a.to[0] = a.to[1] = -1;
	if (act == DGM_CONT || act == DGM_STOP || act == DGM_SKIP) {
		vm->fe->sysreg_done(cpu->state, &a, value);
		*then = act == DGM_STOP ? leave(r, DGM_EXIT_MODEL) : GO_ON;
		return true;
	}
	cpu_set_pc(cpu, x.pc);
	cpu_env_of(cpu)->exit = x;
	if (vm->mode.count)
		cpu_env_of(cpu)->fuel++;
	*then = GO_ON;
	if (act == DGM_RETRY)
		return true;
	if (act != DGM_BREAK) {	/* as if there had been no such callback */
		cpu_env_of(cpu)->exit.left = 0;
		return false;
	}
	fill_fault(cpu, &r->exit->info, x.trap == IR_TRAP_ILLEGAL ? DGM_CAUSE_ILLEGAL : DGM_CAUSE_PRIVILEGED);
	*then = leave(r, DGM_EXIT_ILLEGAL);
	return true;
}

/* Why the instruction of a trap IR_TRAP_FETCH cannot be fetched; 0: it can now. *pa: where not. */
static uint32_t fetch_cause(struct dgm_cpu *cpu, const struct env_exit *x, uint64_t *pa)
{
	uint64_t addr = vm_address(cpu->vm, x->pc) + (unsigned)x->code;
	struct unit_at at;

	*pa = addr;
	if (cpu->mmu) {
		if (!cpu_unit_at(cpu, x->pc, false, &at))
			return 0;	/* the next look at the pc finds that, too */
		*pa = at.pa[0] + (addr & (PAGE_BYTES - 1));
	}
	return vm_access_cause(cpu->vm, *pa, DGM_X);
}

static enum next on_trap(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	struct dgm_vm *vm = cpu->vm;
	const struct env_exit x = cpu_env_of(cpu)->exit;
	dgm_act (*handler)(void *, dgm_cpu *, dgm_fault *) = vm->ops.trap;
	uint32_t cause = DGM_CAUSE_TRAP, reason = DGM_EXIT_TRAP, access = 0;
	enum next then;
	uint64_t pa = vm->mmu ? DGM_PA_NONE : vm_address(vm, x.pc);
	dgm_fault f;

	switch ((enum ir_trap)x.trap) {
	case IR_TRAP_SYSCALL:
		return on_syscall(r);
	case IR_TRAP_RESYNC:
		few_refund(cpu, 1);
		cpu_set_pc(cpu, x.next);
		return GO_ON;
	case IR_TRAP_IDLE:
		few_refund(cpu, 1);
		cpu_set_pc(cpu, x.next);
		cpu->waiting = true;
		return GO_ON;
	case IR_TRAP_FP:
		cause = DGM_CAUSE_FP;
		break;
	case IR_TRAP_ILLEGAL:
	case IR_TRAP_PRIVILEGED:
		cause = x.trap == IR_TRAP_ILLEGAL ? DGM_CAUSE_ILLEGAL : DGM_CAUSE_PRIVILEGED;
		reason = DGM_EXIT_ILLEGAL;
		handler = vm->ops.illegal;
		if (on_sysreg(r, &then))
			return then;
		break;
	case IR_TRAP_ALIGN:
	case IR_TRAP_FETCH:
		cause = DGM_CAUSE_ALIGN;
		if (x.trap == IR_TRAP_FETCH && !(vm_address(vm, x.pc) & ((1u << vm->fe->insn_shift) - 1)))
			cause = fetch_cause(cpu, &x, &pa);
		if (!cause)
			return GO_ON;	/* mapped meanwhile */
		access = DGM_X;
		reason = DGM_EXIT_FAULT;
		handler = vm->ops.fault;
		break;
	case IR_TRAP_BREAK:
	case IR_TRAP_COUNT:
		break;
	}
	unsigned left = left_of(cpu);
	few_refund(cpu, 0);
	cpu_set_pc(cpu, x.pc);
	fill_fault(cpu, &f, cause);
	if (x.trap == IR_TRAP_FETCH) {
		f.va = f.pc + f.vector;
		f.pa = pa;
		f.vector = 0;
	}
	f.access = access;
	return after_fault(r, &f, handler ? handler(vm->ud, cpu, &f) : DGM_RAISE, reason, x.next, left);
}

/* Behind an instruction: what devices have answered to it is used up. */
static enum next ended(struct run *r)
{
	struct cpu_answer *a = &r->cpu->inside.answer;
	bool stop = a->leave;

	a->pending = a->leave = false;
	return stop ? leave(r, DGM_EXIT_MODEL) : GO_ON;
}

/* The same when it was executed alone, and perhaps given up once more for a hook. */
static enum next after_alone(struct run *r)
{
	bool finished = cpu_env_of(r->cpu)->exit.reason != ENV_HOOK;
	enum next then = on_event(r);

	return finished && then == GO_ON ? ended(r) : then;
}

/* What an instruction loads where it may not is the callback's value, by way of the interpreter. */
static enum next skip_access(struct run *r, const dgm_fault *f, unsigned left)
{
	struct dgm_cpu *cpu = r->cpu;

	cpu->skip.pending = true;
	cpu->skip.value = f->value;
	enum dgm_status st = few_run_alone(cpu, left, HOOK_INSN);
	cpu->skip.pending = false;
	return st ? leave(r, DGM_EXIT_INTERNAL) : after_alone(r);
}

/* The guest uses addresses with tags, and each access by one is a fault: from here on code takes them off. */
static void learn_tags(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;

	pthread_mutex_lock(&vm->lock);
	if (vm->mode.tag_bits && !vm->mode.tags) {
		vm->mode.tags = true;
		vm_flush(vm, cpu);
	}
	pthread_mutex_unlock(&vm->lock);
}

/* The machine's translate callback does not want `fault` to be asked. */
static enum next on_verdict(struct run *r, const dgm_fault *f, unsigned left)
{
	const struct mmu_cpu *m = r->cpu->mmu;

	if (!m->page.size) {
		engine_fail(DGM_E_ARG, "translate gave a page for 0x%" PRIx64 " that is none", f->va);
		return leave(r, DGM_EXIT_INTERNAL);
	}
	if (m->act == DGM_RETRY) {
		if (few_blocks_matter(r->cpu))
			few_resume_at(r->cpu, HOOK_INSN, left);
		return GO_ON;
	}
	r->exit->info = *f;
	return leave(r, DGM_EXIT_FAULT);
}

/*
 * A memory fault. One that came as a host signal (len 0) says little: the interpreter repeats the
 * instruction and either gets through (device, wrapped address, tag, mapped meanwhile) or knows all.
 */
static enum next on_fault(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	struct dgm_vm *vm = cpu->vm;
	struct cpu_env *env = cpu_env_of(cpu);
	dgm_fault f;
	unsigned left = left_of(cpu);

	few_refund(cpu, 0);
	cpu_set_pc(cpu, env->exit.pc);
	if (!env->exit.len && !cpu->stale) {
		uint64_t addr = env->exit.addr;
		uint32_t access = env->exit.access;

		if (few_run(cpu, 1, left, HOOK_INSN))
			return leave(r, DGM_EXIT_INTERNAL);
		if (env->exit.reason == ENV_NONE) {
			if (cpu->no_address)
				learn_tags(cpu);
			return GO_ON;
		}
		if (env->exit.reason != ENV_FAULT)
			return on_event(r);
		if (!env->exit.cause) {
			env->exit.cause = DGM_CAUSE_BUS;
			env->exit.addr = addr;
			env->exit.access = access;
		}
		few_refund(cpu, 0);
		cpu_set_pc(cpu, env->exit.pc);
	}
	atomic_fetch_add_explicit(&vm->count.faults, 1, memory_order_relaxed);
	fill_fault(cpu, &f, env->exit.cause);
	f.va = env->exit.addr;
	f.pa = vm->mmu ? env->exit.pa : env->exit.addr;
	f.access = env->exit.access;
	f.len = env->exit.len ? env->exit.len : 1;
	if (cpu->mmu && cpu->mmu->refused) {
		cpu->mmu->refused = false;
		f.vector = cpu->mmu->page.vector;
		f.syndrome = cpu->mmu->page.syndrome;
		if (cpu->mmu->act != DGM_RAISE)
			return on_verdict(r, &f, left);
	}
	bool ask = vm->ops.fault && !cpu->inside.broken;
	cpu->inside.broken = false;
	enum dgm_act act = ask ? vm->ops.fault(vm->ud, cpu, &f) : DGM_RAISE;
	if (act == DGM_SKIP)
		return skip_access(r, &f, left);
	return after_fault(r, &f, act, DGM_EXIT_FAULT, 0, left);
}

/* The instruction at exit.pc was given up because the unit must be left behind it: finish it alone. */
static enum next on_stop(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;

	few_refund(cpu, 0);
	cpu_set_pc(cpu, cpu_env_of(cpu)->exit.pc);
	return few_run_alone(cpu, left_of(cpu), HOOK_INSN) ? leave(r, DGM_EXIT_INTERNAL) : after_alone(r);
}

/* Fewer instructions are left than the next unit has: the interpreter does them one by one. */
static enum next on_budget(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	struct cpu_env *env = cpu_env_of(cpu);

	if (env->fuel <= 0 && cpu->fuel_held)
		return cpu_plan(cpu) ? leave(r, DGM_EXIT_INTERNAL) : GO_ON;
	if (env->fuel <= 0)
		return leave(r, DGM_EXIT_BUDGET);
	if (few_run(cpu, env->fuel < BLOCK_INSNS ? (unsigned)env->fuel : BLOCK_INSNS, BLOCK_INSNS, HOOK_NOTHING))
		return leave(r, DGM_EXIT_INTERNAL);
	if (env->exit.reason != ENV_NONE && env->exit.reason != ENV_BUDGET)
		return on_event(r);
	return GO_ON;
}

/* The instruction at the pc is not executed, but counts. */
static enum next step_over(struct run *r, unsigned left)
{
	struct dgm_cpu *cpu = r->cpu;
	struct dgm_vm *vm = cpu->vm;
	struct few f = { 1, left, HOOK_INSN, false };
	struct unit_at at;

	cpu_env_of(cpu)->exit.reason = ENV_NONE;
	struct ir_unit *u = few_lift(cpu, &f, &at);
	if (!u)
		return cpu_env_of(cpu)->exit.reason ? on_event(r) : leave(r, DGM_EXIT_INTERNAL);
	cpu_set_pc(cpu, u->pc + u->bytes);
	if (vm->fe->stepped_over)
		vm->fe->stepped_over(cpu->state);
	if (vm->mode.count)
		cpu_env_of(cpu)->fuel--;
	cpu->inside.again.len = 0;
	if (f.cut && few_blocks_matter(cpu) && left > 1)
		few_resume_at(cpu, HOOK_BLOCK, left - 1);
	return GO_ON;
}

/* Behind an event of a hook that stands in front of the instruction at pc, or in the middle of it. */
static enum next on_hook(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	const struct env_exit x = cpu_env_of(cpu)->exit;
	enum dgm_act act = (enum dgm_act)x.code;
	enum hook_level done = (enum hook_level)x.trap;
	unsigned left = left_of(cpu);
	bool moved = cpu_pc(cpu) != x.pc;

	few_refund(cpu, 0);
	cpu->inside.answer.leave |= act == DGM_STOP;
	if (act == DGM_BREAK || act == DGM_RAISE) {
		fill_fault(cpu, &r->exit->info, DGM_CAUSE_TRAP);
		if (!moved)
			few_resume_at(cpu, done - 1, left);
		return leave(r, DGM_EXIT_BREAK);
	}
	if (moved)
		return ended(r);
	if (act == DGM_SKIP)
		return step_over(r, left) == LEAVE ? LEAVE : ended(r);
	if (act != DGM_STOP) {
		few_resume_at(cpu, done, left);
		return GO_ON;
	}
	return few_run_alone(cpu, left, done) ? leave(r, DGM_EXIT_INTERNAL) : after_alone(r);
}

static enum next on_hot(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;
	struct unit_at at;

	if (!cpu_unit_at(cpu, cpu_env_of(cpu)->exit.pc, false, &at))
		return GO_ON;	/* the next look at the pc finds that, too */
	pthread_mutex_lock(&vm->lock);
	struct cache_unit *unit = cache_find(&vm->cache, at.key);
	if (unit && !unit->more)
		tier_hot(cpu, unit, cpu_env_of(cpu)->mode);
	pthread_mutex_unlock(&vm->lock);
	return GO_ON;
}

static enum next on_event(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	struct cpu_env *env = cpu_env_of(cpu);

	switch ((enum env_reason)env->exit.reason) {
	case ENV_NONE:
		return GO_ON;
	case ENV_POLL:
		cpu_set_pc(cpu, env->exit.pc);
		return GO_ON;
	case ENV_HOT:
		cpu_set_pc(cpu, env->exit.pc);
		return on_hot(cpu);
	case ENV_BUDGET:
		cpu_set_pc(cpu, env->exit.pc);
		return on_budget(r);
	case ENV_TRAP:
		return on_trap(r);
	case ENV_FAULT:
		return on_fault(r);
	case ENV_STOP:
		return on_stop(r);
	case ENV_HOOK:
		return on_hook(r);
	case ENV_NOMEM:
		few_refund(cpu, 0);
		cpu_set_pc(cpu, env->exit.pc);
		engine_fail(DGM_E_NOMEM, "out of memory in an instruction");
		return leave(r, DGM_EXIT_INTERNAL);
	}
	return GO_ON;
}

/* Kicks, deadlines and our own nudges. */
static enum next on_pending(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;

	if (!atomic_load_explicit(&cpu_env_of(cpu)->pending, memory_order_relaxed) ||
	    !atomic_exchange(&cpu_env_of(cpu)->pending, 0))
		return GO_ON;
	uint32_t internal = atomic_exchange(&cpu->internal, 0);
	uint32_t kicks = atomic_exchange(&cpu->kicks, 0);
	if (internal & CPU_SPACE)
		mmu_take_space(cpu);
	if (internal & (CPU_JUMPS | CPU_SPACE))
		cpu_forget_units(cpu);
	if (internal & CPU_TAGS)
		learn_tags(cpu);
	if (kicks) {
		r->exit->kick_bits = kicks;
		if (internal & (CPU_DEADLINE | CPU_REPLAN))
			cpu_nudge(cpu, internal & (CPU_DEADLINE | CPU_REPLAN));
		return leave(r, DGM_EXIT_KICK);
	}
	if (internal & CPU_REPLAN && cpu_plan(cpu))
		return leave(r, DGM_EXIT_INTERNAL);
	if (internal & CPU_DEADLINE && cpu->deadline_ns && engine_now_ns() >= cpu->deadline_ns)
		return leave(r, DGM_EXIT_DEADLINE);
	return GO_ON;
}

/* Where the run is to stop: 0, or the reason. */
static uint32_t at_stop(const struct run *r)
{
	uint64_t pc = vm_address(r->cpu->vm, cpu_pc(r->cpu));

	if (r->return_at && pc == *r->return_at)
		return DGM_EXIT_RETURN;
	return r->until.n && until_has(&r->until, pc) ? DGM_EXIT_UNTIL : 0;
}

/* Interrupts, and waiting for them. */
static enum next on_outside(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	bool taken;

	if (!cpu_offer_irqs(cpu, &taken))
		return leave(r, DGM_EXIT_MODEL);
	if (taken) {
		cpu->waiting = false;
		r->first = false;
	}
	uint32_t reason = cpu->waiting ? cpu_idle(cpu) : 0;
	return reason ? leave(r, reason) : GO_ON;
}

/* Nothing can be fetched at the pc, as env exit says. */
static enum next no_unit(struct run *r)
{
	r->first = false;
	return r->cpu->vm->mode.count && cpu_env_of(r->cpu)->fuel <= 0 ? on_budget(r) : on_event(r);
}

/* Goes on in the middle of a block. */
static enum next resume(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	struct cpu_env *env = cpu_env_of(cpu);
	const struct cpu_resume was = cpu->inside.resume;
	unsigned max = cpu->inside.again.len ? 1 : was.left;

	if (cpu->vm->mode.count && env->fuel < max) {
		if (env->fuel <= 0)
			return on_budget(r);
		max = (unsigned)env->fuel;
	}
	if (cpu->inside.answer.pending || cpu->inside.answer.leave) {
		r->first = false;
		return few_run_alone(cpu, was.left, (enum hook_level)was.level) ? leave(r, DGM_EXIT_INTERNAL) : after_alone(r);
	}
	if (few_run(cpu, max, was.left, (enum hook_level)was.level))
		return leave(r, DGM_EXIT_INTERNAL);
	if (env->exit.reason == ENV_POLL)
		cpu->inside.resume = was;
	else
		r->first = false;
	return on_event(r);
}

/* Tells hooks of the unit that was made, if it is there still; false: one of them ends the run. */
static bool report_made(struct dgm_cpu *cpu, const struct cache_unit *unit)
{
	bool go_on = true;

	cpu_enter_code(cpu);
	if (cpu->generation == cpu->vm->generation)
		go_on = hook_report_made(cpu, unit->pc, unit->range[0].bytes, unit->n_insns);
	cpu_leave_code(cpu);
	return go_on;
}

static bool report_dropped(struct dgm_cpu *cpu)
{
	cpu_enter_code(cpu);
	bool go_on = hook_report_dropped(cpu);
	cpu_leave_code(cpu);
	return go_on;
}

/* One turn: a unit and what comes of it. */
static enum next step(struct run *r)
{
	struct dgm_cpu *cpu = r->cpu;
	struct cpu_env *env = cpu_env_of(cpu);
	struct env_link *link = env->link;

	env->link = NULL;
	if (on_pending(r) == LEAVE)
		return LEAVE;
	if (cpu->waiting || atomic_load_explicit(&cpu->irqs, memory_order_relaxed)) {
		uint64_t before = cpu_pc(cpu);

		if (on_outside(r) == LEAVE)
			return LEAVE;
		if (cpu->waiting)
			return GO_ON;
		link = cpu_pc(cpu) == before ? link : NULL;
	}
	uint32_t stop = r->first ? 0 : at_stop(r);
	if (stop)
		return leave(r, stop);
	if (atomic_load_explicit(&cpu->vm->hooks.n_range, memory_order_relaxed) && !report_dropped(cpu))
		return leave(r, DGM_EXIT_BREAK);
	uint32_t mode = cpu->vm->fe->mode(cpu->state);
	if (mode != env->mode) {
		link = NULL;
		env->mode = mode;
	}
	if (cpu->generation != cpu->vm->generation) {
		link = NULL;
		cpu_forget_units(cpu);
	}
	if (atomic_load(&cpu->internal) & CPU_SPACE)	/* an interrupt's callback: fetch by what holds now */
		return GO_ON;
	if (cpu->inside.resume.on && cpu->inside.resume.pc == cpu_pc(cpu))
		return resume(r);
	cpu->inside.resume.on = false;
	cpu->inside.again.len = 0;
	cpu->inside.answer.pending = cpu->inside.answer.leave = false;
	struct unit_at at;
	bool made = false;
	if (!cpu_unit_at(cpu, cpu_pc(cpu), false, &at))
		return no_unit(r);
	struct cache_unit *unit = cpu_find_unit(cpu, cpu_pc(cpu), &at, link, &made);
	if (unit && unit->more) {
		if (!cpu_unit_at(cpu, cpu_pc(cpu), true, &at))
			return no_unit(r);
		unit = cpu_find_unit(cpu, cpu_pc(cpu), &at, NULL, &made);
	}
	env->exit.reason = ENV_NONE;
	env->exit.left = 0;
	if (made)	/* the pc, for one, may be another now */
		return report_made(cpu, unit) ? GO_ON : leave(r, DGM_EXIT_BREAK);
	if (!unit) {
		r->first = false;
		if (few_run(cpu, BLOCK_INSNS, BLOCK_INSNS, HOOK_NOTHING))
			return leave(r, DGM_EXIT_INTERNAL);
		return on_event(r);
	}
	cpu_enter_code(cpu);
	if (cpu->generation != cpu->vm->generation || atomic_load(&unit->dead) || atomic_load(&cpu->internal) & CPU_SPACE) {
		cpu_leave_code(cpu);	/* dropped in between */
		return GO_ON;
	}
	cpu->link_generation = cpu->generation;
	cpu->inside.beyond = 0;
	bool agrees = true;
	if (audit_wanted(cpu))
		agrees = audit_run(cpu, unit);
	else if (unit->entry)
		cpu_run_code(cpu, unit);
	else
		cpu_run_ir(cpu, unit->ir);
	if (env->link)	/* outside code it may be gone by a flush */
		cpu_set_pc(cpu, __atomic_load_n(&env->link->pc, __ATOMIC_RELAXED));
	cpu_leave_code(cpu);
	if (!agrees)
		return leave(r, DGM_EXIT_INTERNAL);
	atomic_store_explicit(&cpu->exits, atomic_load_explicit(&cpu->exits, memory_order_relaxed) + 1,
			      memory_order_relaxed);
	if (!unit->entry)
		count_run(cpu, unit);
	/* Sent back before the first instruction: not yet a reason to stop at an until address. */
	bool idle = (env->exit.reason == ENV_POLL || env->exit.reason == ENV_HOT || env->exit.reason == ENV_BUDGET) &&
		    env->exit.pc == unit->pc;
	r->first = r->first && idle;
	return on_event(r);
}

void cpu_abandon(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;

	if (current == cpu)
		current = NULL;
	deadline_restore(cpu, 0);
	cpu_env_of(cpu)->host_rsp = 0;
	cpu_env_of(cpu)->link = NULL;
	cpu_env_of(cpu)->in_event = 0;
	cpu_env_of(cpu)->lends = ENV_NOT_LENT;
	atomic_store(&cpu->depth, 0);
	cpu->fuel_held = 0;
	cpu->inside.interpreting = false;
	atomic_store(&cpu->aside, false);
	pthread_mutex_lock(&vm->lock);
	atomic_store(&cpu->in_code, 0);
	pthread_cond_broadcast(&vm->parked);
	pthread_mutex_unlock(&vm->lock);
}

static enum dgm_status check_run(const struct dgm_cpu *cpu, const dgm_run_opts *opts)
{
	if (current && current != cpu && current->vm == cpu->vm && cpu->depth)
		return engine_fail(DGM_E_THREAD, "dgm_cpu_run: the vCPU is running already");
	if (opts && opts->max_insns && !cpu->vm->mode.count)
		return engine_fail(DGM_E_UNSUP, "dgm_cpu_run: max_insns needs a VM that counts instructions");
	if (opts && opts->max_insns > INT64_MAX)
		return engine_fail(DGM_E_ARG, "dgm_cpu_run: max_insns is above 2^63 - 1");
	return DGM_OK;
}

enum dgm_status cpu_run(struct dgm_cpu *cpu, const dgm_run_opts *opts, const uint64_t *return_at,
			dgm_exit *exit)
{
	struct cpu_env *env = cpu_env_of(cpu);
	struct run r = { .cpu = cpu, .exit = exit, .return_at = return_at, .first = true };
	struct dgm_cpu *outer = current;
	int64_t outer_fuel = env->fuel, outer_start = cpu->fuel_start, outer_held = cpu->fuel_held;
	uint64_t outer_retired = cpu_retired(cpu), outer_deadline = cpu->deadline_ns;
	bool outer_alone = cpu->alone;
	enum dgm_status st = check_run(cpu, opts);

	if (!st && opts)
		st = until_open(cpu, opts, &r.until);
	if (!st && (outer_deadline || (opts && opts->timeout_ns)))
		st = deadline_set(cpu, opts && opts->timeout_ns ? engine_now_ns() + opts->timeout_ns : 0);
	if (st) {
		until_close(cpu, &r.until);
		return st;
	}
	struct cpu_outer around;
	cpu_nest_begin(cpu, &around);
	bool aside = atomic_load(&cpu->aside);	/* nested in a device's callback */
	if (aside)
		cpu_back(cpu);
	current = cpu;
	atomic_store_explicit(&cpu->depth, cpu->depth + 1, memory_order_relaxed);
	env->link = NULL;
	cpu->alone = false;
	env->fuel = cpu->fuel_start = opts && opts->max_insns ? (int64_t)opts->max_insns : INT64_MAX;
	cpu->fuel_held = 0;
	cpu->insns_before += outer_retired;
	if (cpu->vm->ops.next_event && cpu_plan(cpu))
		exit->reason = DGM_EXIT_INTERNAL;
	while (!exit->reason && step(&r) == GO_ON)
		;
	cpu_unplan(cpu);
	until_close(cpu, &r.until);
	exit->pc = vm_address(cpu->vm, cpu_pc(cpu));
	exit->insns = cpu->vm->mode.count ? (uint64_t)(cpu->fuel_start - env->fuel) : 0;
	cpu->insns_before += exit->insns - outer_retired;
	if (exit->insns)
		atomic_fetch_add_explicit(&cpu->vm->count.insns, exit->insns, memory_order_relaxed);
	if (env->lookups)
		atomic_fetch_add_explicit(&cpu->vm->count.lookups_fast, env->lookups, memory_order_relaxed);
	env->lookups = 0;
	if (cpu->deadline_ns || outer_deadline || cpu->vm->ops.next_event)
		deadline_restore(cpu, outer_deadline);
	env->link = NULL;
	env->fuel = outer_fuel;
	cpu->fuel_start = outer_start;
	cpu->fuel_held = outer_held;
	cpu->alone = outer_alone;
	atomic_store_explicit(&cpu->depth, cpu->depth - 1, memory_order_release);
	if (cpu->depth && cpu->vm->ops.next_event)
		cpu_nudge(cpu, CPU_REPLAN);	/* time has passed meanwhile */
	current = outer;
	cpu_nest_end(cpu, &around);
	if (aside)
		cpu_aside(cpu);
	return DGM_OK;
}
