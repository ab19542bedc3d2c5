/*
 * A machine model to copy: every callback there is, each with the least it may do. The machine is a small AArch64
 * board: RAM, a console, a timer with an interrupt, power-off by HVC. doc/add-a-machine.md walks through it.
 */
#include <dragoman/aarch64.h>
#include <dragoman/dragoman.h>

#include <inttypes.h>
#include <stdio.h>

enum { RAM = 0x80000, RAM_SIZE = 0x10000, CONSOLE = 0x10000000, TIMER_LINE = 0, IRQ_VECTOR = 0x280 };
enum { ERET = (int)0xd69f03e0, HVC = (int)0xd4000002, DAIF_I = 2, TIMER_ENABLE = 1 };

/* System registers of this machine, as MRS and MSR encode them. */
#define VBAR_EL1 DGM_A64_SYS(3, 0, 12, 0, 0)
#define CNTPCT_EL0 DGM_A64_SYS(3, 3, 14, 0, 1)
#define CNTP_CTL_EL0 DGM_A64_SYS(3, 3, 14, 2, 1)
#define CNTP_CVAL_EL0 DGM_A64_SYS(3, 3, 14, 2, 2)

/*
 * start: mov x9,#CONSOLE; mov x0,#RAM; msr vbar_el1,x0; mov x19,#3; mrs x0,cntpct_el0; add x0,x0,#1000;
 * msr cntp_cval_el0,x0; mov x0,#1; msr cntp_ctl_el0,x0; msr daifclr,#2; 1: wfi; cbnz x19,1b; hvc #0
 */
static const uint32_t start[] = {
	0xd2a20009, 0xd2a00100, 0xd518c000, 0xd2800073, 0xd53be020, 0x910fa000, 0xd51be240,
	0xd2800020, 0xd51be220, 0xd50342ff, 0xd503207f, 0xb5fffff3, 0xd4000002,
};
/* irq: mov w1,#'.'; strb w1,[x9]; mrs x0,cntp_cval_el0; add x0,x0,#1000; msr cntp_cval_el0,x0; sub x19,x19,#1; eret */
static const uint32_t irq[] = {
	0x528005c1, 0x39000121, 0xd53be240, 0x910fa000, 0xd51be240, 0xd1000673, 0xd69f03e0,
};

/* All state of the machine: one of these for each VM. */
struct machine {
	uint64_t vbar, elr, spsr, timer_at;
	bool irq_on, timer_on;
};

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	(void)ud;
	(void)cpu;
	(void)call;
	return DGM_RAISE;	/* SVC: this machine has none; dgm_cpu_run ends with DGM_EXIT_SYSCALL */
}

static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *fault)
{
	(void)ud;
	(void)cpu;
	(void)fault;
	return DGM_RAISE;	/* or map what is missing and DGM_RETRY; for BRK: set a vector, DGM_CONT */
}

/* What the front end does not know because it is the machine's: return from an exception, calls of the firmware. */
static dgm_act on_illegal(void *ud, dgm_cpu *cpu, dgm_fault *fault)
{
	struct machine *m = ud;

	if (fault->opcode == (uint32_t)HVC)
		return DGM_BREAK;
	if (fault->opcode != (uint32_t)ERET)
		return DGM_RAISE;
	dgm_set(cpu, DGM_A64_NZCV, m->spsr);
	dgm_set(cpu, DGM_A64_PC, m->elr);
	m->irq_on = true;
	return DGM_CONT;
}

/* The timer's condition may have changed: its line is low until next_event says otherwise. */
static void set_timer(dgm_cpu *cpu)
{
	dgm_cpu_irq(cpu, TIMER_LINE, false);
	dgm_cpu_replan(cpu);
}

static dgm_act on_sysreg(void *ud, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	struct machine *m = ud;

	switch (reg) {
	case DGM_A64_SYS_PSTATE(3, 7): m->irq_on |= !!(*value & DAIF_I); break;
	case DGM_A64_SYS_PSTATE(3, 6): m->irq_on &= !(*value & DAIF_I); break;
	case VBAR_EL1: *(write ? &m->vbar : value) = write ? *value : m->vbar; break;
	case CNTPCT_EL0: *value = dgm_cpu_clock(cpu); break;
	case CNTP_CVAL_EL0: *(write ? &m->timer_at : value) = write ? *value : m->timer_at; break;
	case CNTP_CTL_EL0: m->timer_on = *value & TIMER_ENABLE; break;
	default: return DGM_RAISE;	/* an illegal instruction */
	}
	if (write)
		set_timer(cpu);
	return DGM_CONT;
}

static uint64_t on_event(void *ud, dgm_cpu *cpu, uint64_t now)
{
	const struct machine *m = ud;

	if (m->timer_on && m->timer_at > now)
		return m->timer_at;
	if (m->timer_on)
		dgm_cpu_irq(cpu, TIMER_LINE, true);
	return UINT64_MAX;
}

static dgm_act on_irq(void *ud, dgm_cpu *cpu, uint32_t line)
{
	struct machine *m = ud;

	(void)line;
	if (!m->irq_on)
		return DGM_SKIP;
	m->irq_on = false;
	m->elr = dgm_pc(cpu);
	m->spsr = dgm_get(cpu, DGM_A64_NZCV);
	dgm_set(cpu, DGM_A64_PC, m->vbar + IRQ_VECTOR);
	return DGM_CONT;
}

static dgm_act on_idle(void *ud, dgm_cpu *cpu, uint64_t until)
{
	(void)ud;
	(void)cpu;
	/* Nothing else can happen before the timer: its time has come. A machine in real time would sleep. */
	return until == UINT64_MAX ? DGM_RAISE : DGM_SKIP;
}

static dgm_act console_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	(void)ud;
	(void)cpu;
	if (off || len != 1)
		return DGM_RAISE;	/* bus error */
	putchar((int)value);
	return DGM_CONT;
}

static dgm_status on_attach(void *ud, dgm_vm *vm)
{
	dgm_io_ops console = DGM_INIT(dgm_io_ops);
	dgm_status st = dgm_map_ram(vm, RAM, RAM_SIZE, DGM_R | DGM_W | DGM_X, NULL, NULL);

	console.write = console_write;
	return st ? st : dgm_map_io(vm, CONSOLE, 4, &console, ud, NULL);
}

static void on_detach(void *ud, dgm_vm *vm)
{
	(void)vm;
	*(struct machine *)ud = (struct machine){ 0 };
}

/* Saves and loads: a stream knows its direction. */
static dgm_status on_state(void *ud, dgm_stream *stream)
{
	struct machine *m = ud;
	uint64_t state[] = { m->vbar, m->elr, m->spsr, m->timer_at, m->irq_on, m->timer_on };

	if (stream->io(stream->ud, state, sizeof state))
		return DGM_E_FORMAT;
	*m = (struct machine){ state[0], state[1], state[2], state[3], state[4] & 1, state[5] & 1 };
	return DGM_OK;
}

static const dgm_machine_ops skeleton = {
	.size = sizeof skeleton,
	.attach = on_attach, .detach = on_detach,
	.syscall = on_syscall, .fault = on_fault, .illegal = on_illegal, .trap = on_fault, .sysreg = on_sysreg,
	.next_event = on_event, .irq_ack = on_irq, .idle = on_idle, .save = on_state, .load = on_state,
};

int main(void)
{
	struct machine machine = { 0 };
	dgm_vm_cfg config = DGM_INIT(dgm_vm_cfg);
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;

	config.arch = DGM_ARCH_AARCH64;
	if (dgm_engine_new(NULL, DGM_ABI, &engine) || dgm_vm_new(engine, &config, &skeleton, &machine, &vm) ||
	    dgm_mem_write(vm, NULL, RAM + IRQ_VECTOR, irq, sizeof irq, NULL) ||
	    dgm_mem_write(vm, NULL, RAM + 0x1000, start, sizeof start, NULL) || dgm_cpu_new(vm, &cpu))
		return 1;
	dgm_set(cpu, DGM_A64_PC, RAM + 0x1000);
	if (dgm_cpu_run(cpu, NULL, &exit))
		return 2;
	printf(" reason %u at 0x%" PRIx64 ", time %" PRIu64 "\n", exit.reason, exit.pc, dgm_cpu_clock(cpu));
	dgm_cpu_free(cpu);
	dgm_vm_free(vm);
	dgm_engine_unref(engine);
	return 0;
}
