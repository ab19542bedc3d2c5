#include "machine.h"

#include <stdio.h>
#include <stdlib.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/ppc.h"
#include "../order.h"

const struct tier tiers[] = {
	{ "interp", DGM_INTERP_ONLY | DGM_VERIFY_IR },
	{ "baseline", DGM_NO_LLVM | DGM_VERIFY_IR },
	{ "llvm", DGM_HOT_AT_ONCE | DGM_VERIFY_IR },
	{ NULL, 0 },
};

/* ---- PowerPC ---- */

enum { MSR_EE = 0x8000, MSR_POW = 0x40000, SPRG0 = 272, SPRG1 = 273, RFI = 0x4c000064 };

static uint64_t ppc_enter(struct machine *m, dgm_cpu *cpu, uint32_t line)
{
	(void)m, (void)line;
	return dgm_get(cpu, DGM_PPC_PC);
}

static bool ppc_returns(struct machine *m, dgm_cpu *cpu, uint32_t opcode)
{
	if (opcode != RFI)
		return false;
	dgm_set(cpu, DGM_PPC_PC, m->back);
	return true;
}

static dgm_act ppc_sysreg(struct machine *m, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	if (reg == SPRG0 && !write)
		*value = m->line;
	else if (reg == SPRG1)
		*(write ? &m->scratch : value) = write ? *value : m->scratch;
	else if (reg == DGM_PPC_SYS_MSR && !write)
		*value = m->irq_on ? MSR_EE : 0;
	else if (reg == DGM_PPC_SYS_MSR)
		m->irq_on = *value & MSR_EE;
	else
		return DGM_RAISE;
	if (write && reg == DGM_PPC_SYS_MSR && *value & MSR_POW)
		dgm_cpu_wait(cpu);
	return DGM_CONT;
}

/* ---- AArch64 ---- */

enum { ERET = (int)0xd69f03e0, DAIF_I = 2 };
#define TPIDR_EL1 DGM_A64_SYS(3, 0, 13, 0, 4)
#define CONTEXTIDR_EL1 DGM_A64_SYS(3, 0, 13, 0, 1)

static uint64_t a64_enter(struct machine *m, dgm_cpu *cpu, uint32_t line)
{
	(void)line;
	m->psr = dgm_get(cpu, DGM_A64_NZCV);
	return dgm_get(cpu, DGM_A64_PC);
}

static bool a64_returns(struct machine *m, dgm_cpu *cpu, uint32_t opcode)
{
	if (opcode != (uint32_t)ERET)
		return false;
	dgm_set(cpu, DGM_A64_NZCV, m->psr);
	dgm_set(cpu, DGM_A64_EXCLUSIVE, 0);
	dgm_set(cpu, DGM_A64_PC, m->back);
	return true;
}

static dgm_act a64_sysreg(struct machine *m, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	(void)cpu;
	if (reg == DGM_A64_SYS_PSTATE(3, 7))
		m->irq_on |= !!(*value & DAIF_I);
	else if (reg == DGM_A64_SYS_PSTATE(3, 6))
		m->irq_on &= !(*value & DAIF_I);
	else if (reg == TPIDR_EL1 && !write)
		*value = m->line;
	else if (reg == CONTEXTIDR_EL1)
		*(write ? &m->scratch : value) = write ? *value : m->scratch;
	else
		return DGM_RAISE;
	return DGM_CONT;
}

/* ---- ARM ---- */

enum { SUBS_PC_LR_4 = (int)0xe25ef004, CPSR_T = 0x20, CPSR_I = 0x80, CPSR_IT = 0x0600fc00, IRQ_STACK = 0x8f000 };
#define TPIDRPRW DGM_ARM_SYS(15, 0, 13, 0, 4)
#define CONTEXTIDR DGM_ARM_SYS(15, 0, 13, 0, 1)
#define ICIMVAU DGM_ARM_SYS(15, 0, 7, 5, 1)
#define DCCMVAU DGM_ARM_SYS(15, 0, 7, 11, 1)

static uint64_t arm_enter(struct machine *m, dgm_cpu *cpu, uint32_t line)
{
	uint64_t pc = dgm_get(cpu, DGM_ARM_PC);

	(void)line;
	m->psr = dgm_get(cpu, DGM_ARM_CPSR);
	m->bank[0] = dgm_get(cpu, DGM_ARM_SP);
	m->bank[1] = dgm_get(cpu, DGM_ARM_LR);
	dgm_set(cpu, DGM_ARM_SP, IRQ_STACK);
	dgm_set(cpu, DGM_ARM_LR, pc + 4);
	dgm_set(cpu, DGM_ARM_CPSR, m->psr & ~(uint64_t)(CPSR_T | CPSR_IT));
	return pc;
}

static bool arm_returns(struct machine *m, dgm_cpu *cpu, uint32_t opcode)
{
	if (opcode != (uint32_t)SUBS_PC_LR_4)
		return false;
	uint64_t pc = dgm_get(cpu, DGM_ARM_LR) - 4;

	dgm_set(cpu, DGM_ARM_SP, m->bank[0]);
	dgm_set(cpu, DGM_ARM_LR, m->bank[1]);
	dgm_set(cpu, DGM_ARM_PC, pc);
	dgm_set(cpu, DGM_ARM_CPSR, m->psr);
	dgm_set(cpu, DGM_ARM_EXCLUSIVE, 0);
	return true;
}

static dgm_act arm_sysreg(struct machine *m, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	if (reg == DGM_ARM_SYS_CPS)
		m->irq_on = *value & CPSR_I ? !(*value & 1u << 18) : m->irq_on;
	else if (reg == DGM_ARM_SYS_CPSR)
		*value = (dgm_get(cpu, DGM_ARM_CPSR) & ~0x1full) | (m->irq_on ? 0 : CPSR_I) | 0x1f;
	else if (reg == (DGM_ARM_SYS_CPSR | 1))
		m->irq_on = !(*value & CPSR_I);
	else if (reg == TPIDRPRW && !write)
		*value = m->line;
	else if (reg == CONTEXTIDR)
		*(write ? &m->scratch : value) = write ? *value : m->scratch;
	else if (reg == ICIMVAU && write)
		return dgm_code_invalidate(m->vm, *value & ~63ull, 64) ? DGM_BREAK : DGM_CONT;
	else if (reg != DCCMVAU)
		return DGM_RAISE;
	return DGM_CONT;
}

const struct guest guests[] = {
	{ "ppc", "ppc.bin", DGM_ARCH_PPC32, true, 4, DGM_PPC_R3, DGM_PPC_R1, DGM_PPC_LR, DGM_PPC_R(20), 12,
	  ppc_enter, ppc_returns, ppc_sysreg, { { 0x38600005, 0x4e800020 }, { 0x38600009, 0x4e800020 } }, 0 },
	{ "aarch64", "aarch64.bin", DGM_ARCH_AARCH64, false, 8, DGM_A64_X0, DGM_A64_SP, DGM_A64_X30, DGM_A64_X(20), 4,
	  a64_enter, a64_returns, a64_sysreg, { { 0x528000a0, 0xd65f03c0 }, { 0x52800120, 0xd65f03c0 } }, 0 },
	{ "arm", "arm.bin", DGM_ARCH_ARM, false, 4, DGM_ARM_R0, DGM_ARM_SP, DGM_ARM_LR, DGM_ARM_R(4), 4,
	  arm_enter, arm_returns, arm_sysreg, { { 0xe3a00005, 0xe12fff1e }, { 0xe3a00009, 0xe12fff1e } }, 0 },
	/* movs r0, #n; bx lr; nop; nop */
	{ "thumb", "thumb.bin", DGM_ARCH_ARM, false, 4, DGM_ARM_R0, DGM_ARM_SP, DGM_ARM_LR, DGM_ARM_R(4), 4,
	  arm_enter, arm_returns, arm_sysreg, { { 0x47702005, 0xbf00bf00 }, { 0x47702009, 0xbf00bf00 } }, 1 },
	{ .name = NULL },
};

/* ---- the machine ---- */

static dgm_act on_sysreg(void *ud, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	struct machine *m = ud;

	return m->guest->sysreg(m, cpu, reg, write, value);
}

static dgm_act on_illegal(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct machine *m = ud;

	if (!m->guest->returns(m, cpu, f->opcode))
		return DGM_RAISE;
	m->irq_on = true;
	return DGM_CONT;
}

static dgm_act on_irq(void *ud, dgm_cpu *cpu, uint32_t line)
{
	struct machine *m = ud;

	if (!m->irq_on)
		return DGM_SKIP;
	m->irq_on = false;
	m->line = line;
	if (m->period && line == m->timer_line) {
		if (m->n_taken < MAX_LOG)
			m->taken_at[m->n_taken] = dgm_cpu_clock(cpu);
		m->n_taken++;
		dgm_cpu_irq(cpu, line, false);
	}
	m->back = m->guest->enter(m, cpu, line);
	uint64_t entry = entry_of(FN_irq_entry);
	uint32_t pc = m->guest->arch == DGM_ARCH_PPC32 ? DGM_PPC_PC :
		      m->guest->arch == DGM_ARCH_ARM ? DGM_ARM_PC : DGM_A64_PC;
	dgm_set(cpu, pc, entry);
	return DGM_CONT;
}

static uint64_t on_event(void *ud, dgm_cpu *cpu, uint64_t now)
{
	struct machine *m = ud;

	if (!m->period)
		return UINT64_MAX;
	while (m->due <= now) {
		atomic_store(&m->character, 1);
		dgm_cpu_irq(cpu, m->timer_line, true);
		m->due += m->period;
	}
	return m->due;
}

static dgm_act on_idle(void *ud, dgm_cpu *cpu, uint64_t until)
{
	struct machine *m = ud;

	m->idles++;
	if (until != UINT64_MAX)
		return DGM_SKIP;
	dgm_cpu_sleep(cpu, 0);
	return DGM_CONT;
}

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *sc)
{
	struct machine *m = ud;
	uint64_t arg[10] = { dgm_get(cpu, m->guest->arg), dgm_get(cpu, m->guest->arg + 1), 3, 4, 5, 6, 7, 8, 9, 10 };
	uint64_t ret = 0;
	dgm_exit exit = DGM_INIT(dgm_exit);

	EXPECT(m, sc->nr, 0);
	m->host_calls++;
	EXPECT(m, dgm_cpu_call(cpu, entry_of(FN_add_many), arg, 10, NULL, &ret, &exit), DGM_OK);
	EXPECT(m, exit.reason, DGM_EXIT_RETURN);
	dgm_set(cpu, m->guest->arg, ret);
	return DGM_CONT;
}

static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct machine *m = ud;

	(void)cpu;
	m->fault = *f;
	m->faults++;
	if (!m->map_on_fault)
		return DGM_RAISE;
	m->map_on_fault = false;
	EXPECT(m, dgm_map_ram(m->vm, HOLE + 0x1000, 0x1000, DGM_R | DGM_W, NULL, NULL), DGM_OK);
	for (uint32_t i = 0; i < 64; i++)
		poke(m, HOLE + 0x1000 + 4 * i, 0x1000 + i);
	return DGM_RETRY;
}

static void note(struct machine *m, uint64_t off, uint32_t len, uint64_t value, bool write)
{
	if (m->n_log == MAX_LOG)
		return;
	m->log[m->n_log].off = off;
	m->log[m->n_log].len = len;
	m->log[m->n_log].value = value;
	m->log[m->n_log++].write = write;
}

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	struct machine *m = ud;

	if (off == UART_DATA) {
		dgm_cpu_irq(cpu, 0, false);
		*value = atomic_exchange(&m->character, 0);
		return DGM_CONT;
	}
	*value = 0xf1f2f3f4f5f6f7f8u >> (64 - 8 * len);
	note(m, off, len, *value, false);
	return off < POWER ? DGM_CONT : DGM_RAISE;
}

static dgm_act device_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	(void)cpu;
	note(ud, off, len, value, true);
	return off == POWER ? DGM_STOP : off < POWER ? DGM_CONT : DGM_RAISE;
}

uint64_t entry_of(enum function f)
{
	return IMAGE + 4 * (uint64_t)f;
}

static void load_image(struct machine *m)
{
	static uint8_t bytes[0x8000];
	char path[4096];
	const char *folder = getenv("BARE_IMAGES");

	snprintf(path, sizeof path, "%s/%s", folder ? folder : ".", m->guest->image);
	FILE *f = fopen(path, "rb");
	cr_assert(f, "%s is not there", path);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	EXPECT(m, dgm_mem_write(m->vm, NULL, IMAGE, bytes, n, NULL), DGM_OK);
}

struct machine *machine_make(const struct guest *g, const struct tier *t, const struct options *o)
{
	struct machine *m = calloc(1, sizeof *m);
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	cr_assert(m);
	m->guest = g;
	m->tier = t;
	m->exit = DGM_INIT(dgm_exit);
	m->timer_line = 1;
	ec.flags = t->flags;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = g->arch;
	vc.flags = o ? o->vm_flags : 0;
	vc.clock_num = o ? o->clock_num : 0;
	vc.clock_den = o ? o->clock_den : 0;
	ops.sysreg = on_sysreg;
	ops.illegal = on_illegal;
	ops.irq_ack = on_irq;
	ops.next_event = on_event;
	ops.idle = o && o->no_idle ? NULL : on_idle;
	ops.syscall = on_syscall;
	ops.fault = on_fault;
	io.read = device_read;
	io.write = device_write;
	EXPECT(m, dgm_engine_new(&ec, DGM_ABI, &m->engine), DGM_OK);
	EXPECT(m, dgm_vm_new(m->engine, &vc, &ops, m, &m->vm), DGM_OK);
	EXPECT(m, dgm_map_ram(m->vm, IMAGE, HOLE + 0x1000 - IMAGE, DGM_R | DGM_W | DGM_X, NULL, NULL), DGM_OK);
	EXPECT(m, dgm_map_io(m->vm, DEVICE, 0x110, &io, m, NULL), DGM_OK);
	EXPECT(m, dgm_cpu_new(m->vm, &m->cpu), DGM_OK);
	load_image(m);
	if (g->arch == DGM_ARCH_ARM)
		dgm_set(m->cpu, DGM_ARM_SYSTEM, 1);
	dgm_set(m->cpu, g->sp, STACK_TOP);
	return m;
}

void machine_free(struct machine *m)
{
	EXPECT(m, dgm_cpu_free(m->cpu), DGM_OK);
	EXPECT(m, dgm_vm_free(m->vm), DGM_OK);
	dgm_engine_unref(m->engine);
	free(m);
}

void begin(struct machine *m, enum function f, unsigned n, const uint64_t *args)
{
	const struct guest *g = m->guest;

	for (unsigned i = 0; i < n; i++)
		dgm_set(m->cpu, g->arg + i, args[i]);
	dgm_set(m->cpu, g->sp, STACK_TOP - 64);
	dgm_set(m->cpu, g->link, STOP_AT);
	if (g->arch == DGM_ARCH_ARM) {	/* the run before may have ended in Thumb code, in an IT block */
		dgm_set(m->cpu, DGM_ARM_T, 0);
		dgm_set(m->cpu, DGM_ARM_ITSTATE, 0);
	}
	dgm_set(m->cpu, g->arch == DGM_ARCH_PPC32 ? DGM_PPC_PC : g->arch == DGM_ARCH_ARM ? DGM_ARM_PC : DGM_A64_PC,
		entry_of(f));
}

void go(struct machine *m, uint64_t max_insns)
{
	static const uint64_t stop = STOP_AT;
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);

	opts.until = &stop;
	opts.n_until = 1;
	opts.max_insns = max_insns;
	EXPECT(m, dgm_cpu_run(m->cpu, &opts, &m->exit), DGM_OK);
}

uint64_t result(struct machine *m)
{
	return dgm_get(m->cpu, m->guest->arg);
}

uint64_t call(struct machine *m, enum function f, unsigned n, const uint64_t *args)
{
	uint64_t ret = 0;

	EXPECT(m, dgm_cpu_call(m->cpu, entry_of(f), args, n, NULL, &ret, &m->exit), DGM_OK);
	EXPECT(m, m->exit.reason, DGM_EXIT_RETURN);
	return ret;
}

uint32_t peek(struct machine *m, uint64_t at)
{
	uint8_t b[4];

	EXPECT(m, dgm_mem_read(m->vm, NULL, at, b, 4, NULL), DGM_OK);
	return order_get(m->guest->big, b);
}

void poke(struct machine *m, uint64_t at, uint32_t v)
{
	uint8_t b[4];

	order_put(m->guest->big, v, b);
	EXPECT(m, dgm_mem_write(m->vm, NULL, at, b, 4, NULL), DGM_OK);
}

uint64_t registers(struct machine *m)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (uint32_t i = 0;; i++) {
		dgm_reg_info r = DGM_INIT(dgm_reg_info);
		uint8_t bytes[16];

		if (dgm_reg_enum(m->vm, i, &r))
			return h;
		EXPECT(m, dgm_reg_read(m->cpu, r.id, bytes, (r.bits + 7) / 8), DGM_OK);
		for (uint32_t k = 0; k < (r.bits + 7) / 8; k++)
			h = (h ^ bytes[k]) * 0x100000001b3u;
	}
}
