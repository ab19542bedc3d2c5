/*
 * What comes to a vCPU from outside and in time: interrupt lines, waiting for them, the guest's clock
 * and the machine's timers. The run loop calls it between two instructions.
 */
#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/engine.h"

/* ---- time ---- */

/* The default clock counts; a machine without one and without counting has no time. */
static bool own_clock(const struct dgm_vm *vm)
{
	return !vm->ops.clock;
}

uint64_t cpu_clock(struct dgm_cpu *cpu)
{
	const struct dgm_vm *vm = cpu->vm;

	if (!own_clock(vm))
		return vm->ops.clock(vm->ud, cpu);
	uint64_t insns = cpu->insns_before + cpu_retired(cpu);
	return (uint64_t)((unsigned __int128)insns * vm->cfg.clock_num / vm->cfg.clock_den) + cpu->clock_skew;
}

void cpu_unplan(struct dgm_cpu *cpu)
{
	cpu_env_of(cpu)->fuel += cpu->fuel_held;
	cpu->fuel_held = 0;
}

/* Instructions until the default clock shows `at`, at least one. */
static int64_t insns_until(struct dgm_cpu *cpu, uint64_t at)
{
	const dgm_vm_cfg *cfg = &cpu->vm->cfg;
	uint64_t done = cpu->insns_before + cpu_retired(cpu);
	unsigned __int128 ticks = at - cpu->clock_skew;
	unsigned __int128 when = (ticks * cfg->clock_den + cfg->clock_num - 1) / cfg->clock_num;

	if (when <= done)
		return 1;
	return when - done > INT64_MAX ? INT64_MAX : (int64_t)(when - done);
}

/* The machine's clock says when; a host timer makes us look. */
static enum dgm_status plan_by_host(struct dgm_cpu *cpu, uint64_t ticks)
{
	const dgm_vm_cfg *cfg = &cpu->vm->cfg;
	unsigned __int128 ns = ((unsigned __int128)ticks * cfg->clock_den + cfg->clock_num - 1) / cfg->clock_num;
	uint64_t now = engine_now_ns();

	return deadline_event(cpu, ns > UINT64_MAX / 2 - now ? 0 : now + (uint64_t)ns + !ns);
}

enum dgm_status cpu_plan(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;
	struct cpu_env *env = cpu_env_of(cpu);

	if (!vm->ops.next_event)
		return DGM_OK;
	cpu_unplan(cpu);
	uint64_t now = cpu_clock(cpu);
	cpu->event_at = vm->ops.next_event(vm->ud, cpu, now);
	if (cpu->event_at <= now)
		cpu->event_at = now + 1;
	if (!own_clock(vm))
		return cpu->event_at == UINT64_MAX ? deadline_event(cpu, 0) : plan_by_host(cpu, cpu->event_at - now);
	if (cpu->event_at == UINT64_MAX || !vm->mode.count)
		return DGM_OK;
	int64_t n = insns_until(cpu, cpu->event_at);
	if (n < env->fuel) {
		cpu->fuel_held = env->fuel - n;
		env->fuel = n;
	}
	return DGM_OK;
}

void dgm_cpu_replan(dgm_cpu *cpu)
{
	cpu_nudge(cpu, CPU_REPLAN);
}

uint64_t dgm_cpu_clock(dgm_cpu *cpu)
{
	return cpu_clock(cpu);
}

/* ---- interrupt lines ---- */

void dgm_cpu_irq(dgm_cpu *cpu, uint32_t line, bool level)
{
	if (line >= DGM_IRQ_LINES)
		return;
	if (!level) {
		atomic_fetch_and(&cpu->irqs, ~(1u << line));
		return;
	}
	atomic_fetch_or(&cpu->irqs, 1u << line);
	atomic_store(&cpu_env_of(cpu)->pending, 1);
	cpu_wake(cpu);
}

uint32_t dgm_cpu_irqs(dgm_cpu *cpu)
{
	return atomic_load(&cpu->irqs);
}

bool cpu_offer_irqs(struct dgm_cpu *cpu, bool *taken)
{
	struct dgm_vm *vm = cpu->vm;
	uint32_t lines = atomic_load(&cpu->irqs);

	*taken = false;
	for (uint32_t line = 0; vm->ops.irq_ack && line < DGM_IRQ_LINES; line++) {
		if (!(lines >> line & 1))
			continue;
		enum dgm_act act = vm->ops.irq_ack(vm->ud, cpu, line);
		if (act == DGM_SKIP)
			continue;
		*taken = act == DGM_CONT;
		return *taken;
	}
	return true;
}

/* ---- waiting ---- */

void cpu_wake(struct dgm_cpu *cpu)
{
	if (!atomic_load(&cpu->asleep))
		return;
	int saved = errno;
	syscall(SYS_futex, &cpu_env_of(cpu)->pending, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	errno = saved;
}

bool dgm_cpu_sleep(dgm_cpu *cpu, uint64_t timeout_ns)
{
	struct timespec t = { (time_t)(timeout_ns / 1000000000u), (long)(timeout_ns % 1000000000u) };
	_Atomic uint32_t *pending = &cpu_env_of(cpu)->pending;
	long failed = 0;

	atomic_store(&cpu->asleep, 1);
	/* A wake-up between the look and the sleep changes the word, and the kernel then does not sleep. */
	if (!atomic_load(pending) && !atomic_load(&cpu->irqs))
		failed = syscall(SYS_futex, pending, FUTEX_WAIT_PRIVATE, 0, timeout_ns ? &t : NULL, NULL, 0);
	bool over = failed && errno == ETIMEDOUT;
	atomic_store(&cpu->asleep, 0);
	return !over;
}

void dgm_cpu_wait(dgm_cpu *cpu)
{
	cpu->waiting = true;
	atomic_store(&cpu_env_of(cpu)->pending, 1);
}

/* The default clock shows the time of the next event at once. */
static void jump(struct dgm_cpu *cpu)
{
	uint64_t now = cpu_clock(cpu);

	if (own_clock(cpu->vm) && cpu->event_at != UINT64_MAX && cpu->event_at > now)
		cpu->clock_skew += cpu->event_at - now;
}

uint32_t cpu_idle(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;
	uint64_t until = vm->ops.next_event ? cpu->event_at : UINT64_MAX;
	enum dgm_act act = DGM_RAISE;

	if (atomic_load(&cpu->irqs) || (!vm->ops.idle && vm->cfg.abi == DGM_ABI_LINUX)) {
		cpu->waiting = false;
		return 0;
	}
	if (vm->ops.idle)
		act = vm->ops.idle(vm->ud, cpu, until);
	else if (own_clock(vm) && until != UINT64_MAX)
		act = DGM_SKIP;
	cpu->waiting = act == DGM_RETRY || (act == DGM_SKIP && until != UINT64_MAX);
	if (act == DGM_SKIP)
		jump(cpu);
	if (cpu_plan(cpu))
		return DGM_EXIT_INTERNAL;
	if (act == DGM_CONT || act == DGM_RETRY || act == DGM_SKIP)
		return 0;
	return act == DGM_STOP ? DGM_EXIT_MODEL : DGM_EXIT_HALT;
}
