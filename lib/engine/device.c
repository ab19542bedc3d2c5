/*
 * Accesses to devices: in pieces that the device takes, each a callback outside of the guest's floating-point
 * environment. Runs on the vCPU's thread, for translated code and the interpreter.
 */
#include <string.h>

#include "engine/device.h"
#include "iface/hostfp.h"

bool access_fault(void *state, struct place w, uint32_t access, uint32_t len, uint32_t cause, uint64_t pc)
{
	struct cpu_env *env = env_of(state);

	if (cpu_of(state)->mmu)
		cpu_of(state)->mmu->refused = false;
	env->exit.reason = ENV_FAULT;
	env->exit.access = access;
	env->exit.len = len;
	env->exit.cause = cause;
	env->exit.addr = w.va;
	env->exit.pa = w.pa;
	env->exit.pc = pc;
	return false;
}

void cpu_recess(struct dgm_cpu *cpu, uint64_t pc)
{
	hostfp_leave(cpu_env_of(cpu));
	cpu_aside(cpu);
	cpu_set_pc(cpu, pc);
	cpu_env_of(cpu)->in_event = 1;
}

void cpu_resume(struct dgm_cpu *cpu)
{
	cpu_env_of(cpu)->in_event = 0;
	cpu_untouch(cpu);
	cpu_back(cpu);
	hostfp_enter(cpu_env_of(cpu));
}

/* One callback for len bytes; value is a host integer. */
static enum dgm_act ask(struct dgm_cpu *cpu, const struct vm_backing *b, uint64_t off, uint32_t len, uint64_t *value,
			bool write, uint64_t pc)
{
	enum dgm_act act = DGM_RAISE;

	atomic_fetch_add_explicit(&cpu->vm->count.io_accesses, 1, memory_order_relaxed);
	cpu_recess(cpu, pc);
	if (write && b->ops.write)
		act = b->ops.write(b->ud, cpu, off, len, *value);
	else if (!write && b->ops.read)
		act = b->ops.read(b->ud, cpu, off, len, value);
	cpu_resume(cpu);
	return act == DGM_SKIP ? DGM_CONT : act;
}

static bool is_done(enum dgm_act act)
{
	return act == DGM_CONT || act == DGM_STOP;
}

/* One callback, for bytes in guest memory order. */
static enum dgm_act ask_bytes(struct dgm_cpu *cpu, const struct vm_backing *b, uint64_t off, uint8_t *buf, uint32_t n,
			      bool write, uint64_t pc)
{
	bool big = cpu->vm->fe->big_endian;
	uint64_t v = write ? bytes_to_host(buf, n, big) : 0;
	enum dgm_act act = ask(cpu, b, off, n, &v, write, pc);

	if (!write && is_done(act))
		bytes_to_guest(buf, v, n, big);
	return act;
}

/* What the callback changed, or wants, ends the unit. An instruction that is alone in it need not be given up for that. */
static bool must_give_up(struct dgm_cpu *cpu, enum dgm_act act)
{
	if (act == DGM_STOP)
		cpu->inside.answer.leave = true;
	if (act == DGM_RETRY || cpu->alone)
		return act == DGM_RETRY;
	return act == DGM_STOP || mmu_changed(cpu) ||
	       atomic_load_explicit(&cpu_env_of(cpu)->changed.code, memory_order_relaxed);
}

/* What has come of the access is not asked for again. Loads longer than that begin anew. */
static void keep(struct cpu_answer *a, struct place w, const uint8_t *buf, uint32_t done, bool write)
{
	a->pending = true;
	a->write = write;
	a->pa = w.pa;
	a->done = write || done <= ANSWER_BYTES ? done : 0;
	if (!write)
		memcpy(a->bytes, buf, a->done);
}

/* Leaves the unit in front of the instruction, for a reason that is no fault. */
static bool give_up(void *state, enum dgm_act act, uint64_t pc)
{
	struct cpu_inside *in = &cpu_of(state)->inside;
	struct env_exit *x = &env_of(state)->exit;

	x->reason = act == DGM_RETRY ? ENV_HOOK : ENV_STOP;
	x->code = act;
	x->trap = HOOK_ACCESS;
	x->pc = pc;
	in->again = in->access;
	return false;
}

/* Bytes of the access that the device has answered already. */
static uint32_t answered(struct dgm_cpu *cpu, struct place w, uint8_t *buf, uint32_t len, bool write)
{
	const struct cpu_answer *a = &cpu->inside.answer;

	if (!a->pending || a->pa != w.pa || a->write != write)
		return 0;
	uint32_t done = a->done < len ? a->done : len;
	if (!write)
		memcpy(buf, a->bytes, done);
	return done;
}

bool device_access(void *state, const struct vm_piece *p, const struct vm_backing *b, struct place w, uint8_t *buf,
		   uint32_t len, bool write, uint64_t pc)
{
	struct dgm_cpu *cpu = cpu_of(state);
	uint32_t max = b->ops.max_access ? b->ops.max_access : 8, want = write ? DGM_W : DGM_R;

	if (len < b->ops.min_access)
		return access_fault(state, w, want, len, DGM_CAUSE_BUS, pc);
	for (uint32_t done = answered(cpu, w, buf, len, write); done < len;) {
		struct place at = place_plus(w, done);
		uint32_t n = len - done < max ? len - done : max;

		while (n & (n - 1))
			n &= n - 1;
		enum dgm_act act = ask_bytes(cpu, b, p->off + (at.pa - p->pa), buf + done, n, write, pc);
		if (!is_done(act) && act != DGM_RETRY) {
			access_fault(state, at, want, n, DGM_CAUSE_BUS, pc);
			cpu->inside.broken = act == DGM_BREAK;
			return false;
		}
		done += is_done(act) ? n : 0;
		if (must_give_up(cpu, act)) {
			keep(&cpu->inside.answer, w, buf, done, write);
			return give_up(state, act, pc);
		}
	}
	return true;
}
