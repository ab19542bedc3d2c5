/*
 * Signal frames of AArch64 Linux: the layouts that the kernel's ABI fixes (ucontext, sigcontext and the
 * records behind it), written and read field by field. The trampoline lies in a page of its own, as with a
 * vDSO.
 */
#include "aarch64_priv.h"
#include "dragoman/aarch64.h"
#include "host_types.h"

/* rt_sigframe: siginfo, ucontext; above it a frame record of x29 and x30. */
enum { F_INFO = 0, F_UC = 128, F_SIZE = 4688, RECORD_SIZE = 16 };
/* struct ucontext */
enum { UC_STACK = 16, UC_SIGMASK = 40, UC_MCONTEXT = 176 };
/* struct sigcontext */
enum { MC_FAULT = 0, MC_REGS = 8, MC_SP = 256, MC_PC = 264, MC_PSTATE = 272, MC_RECORDS = 288, RECORDS_SIZE = 4096 };
/* Records: magic, size, contents; one of zeros is the last. */
enum { FPSIMD_MAGIC = 0x46508001, FPSIMD_SIZE = 528, FPSIMD_FPSR = 8, FPSIMD_FPCR = 12, FPSIMD_V = 16 };
enum { ESR_MAGIC = 0x45535201, ESR_SIZE = 16, ESR_VALUE = 8 };

enum { CTL_NZCV, CTL_FPCR, CTL_FPSR };
static const uint32_t ctl_id[3] = { DGM_A64_NZCV, DGM_A64_FPCR, DGM_A64_FPSR };

size_t lx_aarch64_trampolines(uint8_t *out)
{
	/* mov x8, #139 (rt_sigreturn); svc #0 */
	static const uint8_t code[8] = { 0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4 };

	memcpy(out, code, sizeof code);
	return sizeof code;
}

void lx_aarch64_save(lx *x, struct lx_regs *out)
{
	for (uint32_t i = 0; i < 32; i++) {
		out->r[i] = dgm_get(x->cpu, i < 31 ? DGM_A64_X(i) : DGM_A64_SP);
		(void)dgm_reg_read(x->cpu, DGM_A64_V(i), &out->f[2 * i], 16);
	}
	for (unsigned i = 0; i < 3; i++)
		out->ctl[i] = dgm_get(x->cpu, ctl_id[i]);
	out->pc = dgm_get(x->cpu, DGM_A64_PC);
}

void lx_aarch64_restore(lx *x, const struct lx_regs *in)
{
	for (uint32_t i = 0; i < 32; i++) {
		dgm_set(x->cpu, i < 31 ? DGM_A64_X(i) : DGM_A64_SP, in->r[i]);
		(void)dgm_reg_write(x->cpu, DGM_A64_V(i), &in->f[2 * i], 16);
	}
	for (unsigned i = 0; i < 3; i++)
		dgm_set(x->cpu, ctl_id[i], in->ctl[i]);
	dgm_set(x->cpu, DGM_A64_EXCLUSIVE, 0);
	dgm_set(x->cpu, DGM_A64_PC, in->pc);
}

/* ESR_EL1 as a processor would have it after the fault: class, 32-bit instruction, status of the last level. */
static uint64_t syndrome(const dgm_fault *f)
{
	uint64_t il = 1u << 25, status = f->cause == DGM_CAUSE_PROT ? 0x0f : f->cause == DGM_CAUSE_ALIGN ? 0x21 :
					  f->cause == DGM_CAUSE_BUS ? 0x10 : 0x07;

	switch (f->cause) {
	case DGM_CAUSE_TRAP:
		return (uint64_t)0x3c << 26 | il | (f->opcode >> 5 & 0xffff);
	case DGM_CAUSE_ILLEGAL: case DGM_CAUSE_PRIVILEGED: case DGM_CAUSE_FP:
		return il;
	default:
		return (f->access == DGM_X ? (uint64_t)0x20 : (uint64_t)0x24) << 26 | il |
		       (f->access == DGM_W ? 0x40 : 0) | status;
	}
}

static uint8_t *record(lx *x, uint8_t *at, uint32_t magic, uint32_t size)
{
	lx_store(x, at, 4, magic);
	lx_store(x, at + 4, 4, size);
	return at + size;
}

static void put_mcontext(lx *x, uint8_t *mc, const struct lx_regs *r)
{
	uint8_t *fp = mc + MC_RECORDS, *esr = record(x, fp, FPSIMD_MAGIC, FPSIMD_SIZE);

	if (x->fault.size) {
		lx_store(x, mc + MC_FAULT, 8, x->fault.va);
		record(x, esr, ESR_MAGIC, ESR_SIZE);
		lx_store(x, esr + ESR_VALUE, 8, syndrome(&x->fault));
	}
	for (unsigned i = 0; i < 31; i++)
		lx_store(x, mc + MC_REGS + 8 * i, 8, r->r[i]);
	lx_store(x, mc + MC_SP, 8, r->r[31]);
	lx_store(x, mc + MC_PC, 8, r->pc);
	lx_store(x, mc + MC_PSTATE, 8, r->ctl[CTL_NZCV]);
	lx_store(x, fp + FPSIMD_FPSR, 4, r->ctl[CTL_FPSR]);
	lx_store(x, fp + FPSIMD_FPCR, 4, r->ctl[CTL_FPCR]);
	for (unsigned i = 0; i < 64; i++)
		lx_store(x, fp + FPSIMD_V + 8 * i, 8, r->f[i]);
}

/* The record with the floating-point registers; NULL: there is none, or something that nobody knows. */
static const uint8_t *find_fpsimd(lx *x, const uint8_t *records)
{
	const uint8_t *found = NULL;

	for (unsigned at = 0; at + 8 <= RECORDS_SIZE;) {
		uint32_t magic = (uint32_t)lx_load(x, records + at, 4), size = (uint32_t)lx_load(x, records + at + 4, 4);

		if (!magic)
			return size ? NULL : found;
		if (size < 8 || size % 16 || size > RECORDS_SIZE - at)
			return NULL;
		if (magic == FPSIMD_MAGIC && size == FPSIMD_SIZE && !found)
			found = records + at;
		else if (magic != ESR_MAGIC)
			return NULL;
		at += size;
	}
	return NULL;
}

static bool get_mcontext(lx *x, const uint8_t *mc)
{
	const uint8_t *fp = find_fpsimd(x, mc + MC_RECORDS);
	struct lx_regs r = { 0 };

	if (!fp)
		return false;
	for (unsigned i = 0; i < 31; i++)
		r.r[i] = lx_load(x, mc + MC_REGS + 8 * i, 8);
	r.r[31] = lx_load(x, mc + MC_SP, 8);
	r.pc = lx_load(x, mc + MC_PC, 8);
	r.ctl[CTL_NZCV] = lx_load(x, mc + MC_PSTATE, 8) & 0xf0000000;
	r.ctl[CTL_FPSR] = lx_load(x, fp + FPSIMD_FPSR, 4);
	r.ctl[CTL_FPCR] = lx_load(x, fp + FPSIMD_FPCR, 4);
	for (unsigned i = 0; i < 64; i++)
		r.f[i] = lx_load(x, fp + FPSIMD_V + 8 * i, 8);
	lx_aarch64_restore(x, &r);
	return true;
}

/* The stack pointer that a frame goes below: the alternate stack's end, or the guest's own; 0: no room. */
static uint64_t frame_top(lx *x, const struct lx_action *act, uint64_t sp)
{
	if (act->flags & SA_ONSTACK && x->alt_size && !(lx_sas_flags(x, sp) & SS_ONSTACK)) {
		if (x->alt_size < LX_AARCH64_SIGNAL_STACK)
			return 0;
		return x->alt_sp + x->alt_size;
	}
	return sp;
}

int lx_aarch64_push_frame(lx *x, const struct lx_action *act, const siginfo_t *si, uint64_t mask)
{
	struct lx_regs r;
	struct lx_stack st;
	uint8_t f[F_SIZE + RECORD_SIZE] = { 0 };
	uint64_t at;

	lx_aarch64_save(x, &r);
	st = (struct lx_stack){ x->alt_sp, x->alt_size, (uint32_t)lx_sas_flags(x, r.r[31]) };
	at = frame_top(x, act, r.r[31]) & ~15ull;
	if (at < sizeof f)
		return -EFAULT;
	at -= sizeof f;
	if (act->flags & SA_SIGINFO)
		lx_put_siginfo(x, f + F_INFO, si);
	lx_to_guest(x, LX_ST_STACK, f + F_UC + UC_STACK, &st);
	lx_store(x, f + F_UC + UC_SIGMASK, 8, mask);
	put_mcontext(x, f + F_UC + UC_MCONTEXT, &r);
	lx_store(x, f + F_SIZE, 8, r.r[29]);
	lx_store(x, f + F_SIZE + 8, 8, r.r[30]);
	if (lx_write(x, at, f, sizeof f))
		return -EFAULT;
	dgm_set(x->cpu, DGM_A64_X0, (uint64_t)si->si_signo);
	if (act->flags & SA_SIGINFO) {
		dgm_set(x->cpu, DGM_A64_X1, at + F_INFO);
		dgm_set(x->cpu, DGM_A64_X(2), at + F_UC);
	}
	dgm_set(x->cpu, DGM_A64_X29, at + F_SIZE);
	dgm_set(x->cpu, DGM_A64_X30, act->flags & LX_SA_RESTORER ? act->restorer : x->p->sigpage);
	dgm_set(x->cpu, DGM_A64_SP, at);
	dgm_set(x->cpu, DGM_A64_EXCLUSIVE, 0);
	dgm_set(x->cpu, DGM_A64_PC, act->handler);
	return 0;
}

int lx_aarch64_pop_frame(lx *x, bool rt, uint64_t *mask)
{
	uint64_t at = lx_sp(x);
	uint8_t f[F_SIZE];
	struct lx_stack st;

	if (at & 15 || lx_read(x, at, f, sizeof f) || !get_mcontext(x, f + F_UC + UC_MCONTEXT))
		return -EFAULT;
	*mask = lx_load(x, f + F_UC + UC_SIGMASK, 8);
	/* The handler may have changed its alternate stack in the frame. */
	lx_to_host(x, LX_ST_STACK, &st, f + F_UC + UC_STACK);
	lx_restore_altstack(x, &st);
	return 0;
}
