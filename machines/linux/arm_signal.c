/*
 * Signal frames of ARM EABI Linux: the layouts that the kernel's ABI fixes (ucontext, sigcontext, the record
 * of the floating-point registers), written and read field by field; and the pages that the kernel gives
 * every process: trampolines, and the page of helpers at the end of the address space.
 */
#include <sys/mman.h>

#include "arm_priv.h"
#include "dragoman/arm.h"
#include "host_types.h"

/* struct ucontext; the space at its end takes records: magic, size, contents; one with magic 0 is the last. */
enum { UC_FLAGS = 0, UC_STACK = 8, UC_MCONTEXT = 20, UC_SIGMASK = 104, UC_RECORDS = 232, UC_SIZE = 744 };
/* sigframe: ucontext, room for a trampoline. rt_sigframe: siginfo before it. */
enum { OLD_SIZE = UC_SIZE + 16, RT_UC = 128, RT_SIZE = RT_UC + OLD_SIZE };
/* struct sigcontext */
enum { SC_TRAP_NO = 0, SC_ERROR = 4, SC_OLDMASK = 8, SC_R0 = 12, SC_PC = 72, SC_CPSR = 76, SC_FAULT = 80 };
enum { VFP_MAGIC = 0x56465001, VFP_SIZE = 288, VFP_D = 8, VFP_FPSCR = 264, VFP_FPEXC = 272 };

/* No trap number: by it a program tells a frame without siginfo. */
#define OLD_FRAME_FLAGS 0x5ac3c35au
#define CPSR_T 0x20u
#define CPSR_IT 0x0600fc00u
#define FPEXC_EN 0x40000000u

enum { CTL_CPSR, CTL_FPSCR };

/* For A32 and T32, each without and with siginfo. */
size_t lx_arm_trampolines(uint8_t *out)
{
	static const uint8_t code[] = {
		0x77, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef,	/* mov r7, #119 (sigreturn); svc 0 */
		0xad, 0x70, 0xa0, 0xe3, 0, 0, 0, 0xef,	/* mov r7, #173 (rt_sigreturn); svc 0 */
		0x77, 0x27, 0, 0xdf,			/* movs r7, #119; svc 0 */
		0xad, 0x27, 0, 0xdf,			/* movs r7, #173; svc 0 */
	};

	memcpy(out, code, sizeof code);
	return sizeof code;
}

static uint64_t trampoline(const lx *x, bool rt, bool t32)
{
	return x->p->sigpage + (t32 ? 16 + (rt ? 4 : 0) + 1 : rt ? 8 : 0);
}

/*
 * The helpers that programs for all ARM processors call at fixed addresses; Documentation/arm/
 * kernel_user_helpers.txt of the kernel says what each does and which registers it may change.
 */
static const uint32_t helpers[] = {
	/* 0xffff0f60: int cmpxchg64(const int64_t *old, const int64_t *new, volatile int64_t *p) */
	0xe92d00f0,	/* push	{r4-r7} */
	0xe1c040d0,	/* ldrd	r4, r5, [r0] */
	0xe1c160d0,	/* ldrd	r6, r7, [r1] */
	0xf57ff05b,	/* dmb	ish */
	0xe1b20f9f,	/* 1: ldrexd r0, r1, [r2] */
	0xe0200004,	/* eor	r0, r0, r4 */
	0xe0211005,	/* eor	r1, r1, r5 */
	0xe1903001,	/* orrs	r3, r0, r1 */
	0x01a20f96,	/* strexdeq r0, r6, r7, [r2] */
	0x03500001,	/* cmpeq r0, #1 */
	0x0afffff8,	/* beq	1b */
	0xf57ff05b,	/* dmb	ish */
	0xe8bd00f0,	/* pop	{r4-r7} */
	0xe2730000,	/* rsbs	r0, r3, #0 */
	0xe12fff1e,	/* bx	lr */
	0xe320f000,
	/* 0xffff0fa0: void memory_barrier(void) */
	0xf57ff05b,	/* dmb	ish */
	0xe12fff1e,	/* bx	lr */
	0xe320f000, 0xe320f000, 0xe320f000, 0xe320f000, 0xe320f000, 0xe320f000,
	/* 0xffff0fc0: int cmpxchg(int old, int new, volatile int *p) */
	0xf57ff05b,	/* dmb	ish */
	0xe1923f9f,	/* 1: ldrex r3, [r2] */
	0xe0333000,	/* eors	r3, r3, r0 */
	0x0182cf91,	/* strexeq ip, r1, [r2] */
	0x035c0001,	/* cmpeq ip, #1 */
	0x0afffffa,	/* beq	1b */
	0xe2730000,	/* rsbs	r0, r3, #0 */
	0xeaffffef,	/* b	memory_barrier */
	/* 0xffff0fe0: void *get_tls(void) */
	0xee1d0f70,	/* mrc	p15, 0, r0, c13, c0, 3 */
	0xe12fff1e,	/* bx	lr */
	0, 0, 0, 0, 0,
	/* 0xffff0ffc: version, by the number of helpers */
	5,
};

#define HELPER_PAGE 0xffff0000u

int lx_arm_map_pages(lx *x)
{
	uint8_t code[sizeof helpers];
	int r;

	for (size_t i = 0; i < sizeof helpers / sizeof helpers[0]; i++)
		lx_store(x, code + 4 * i, 4, helpers[i]);
	r = lx_map_at(x, HELPER_PAGE, LX_PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!r && dgm_mem_write(x->vm, NULL, HELPER_PAGE + LX_PAGE - sizeof code, code, sizeof code, NULL))
		r = -ENOMEM;
	return r;
}

void lx_arm_save(lx *x, struct lx_regs *out)
{
	for (uint32_t i = 0; i < 15; i++)
		out->r[i] = dgm_get(x->cpu, DGM_ARM_R(i));
	for (uint32_t i = 0; i < 32; i++)
		out->f[i] = dgm_get(x->cpu, DGM_ARM_D(i));
	out->ctl[CTL_CPSR] = dgm_get(x->cpu, DGM_ARM_CPSR);
	out->ctl[CTL_FPSCR] = dgm_get(x->cpu, DGM_ARM_FPSCR);
	out->pc = dgm_get(x->cpu, DGM_ARM_PC);
}

void lx_arm_restore(lx *x, const struct lx_regs *in)
{
	for (uint32_t i = 0; i < 15; i++)
		dgm_set(x->cpu, DGM_ARM_R(i), in->r[i]);
	for (uint32_t i = 0; i < 32; i++)
		dgm_set(x->cpu, DGM_ARM_D(i), in->f[i]);
	dgm_set(x->cpu, DGM_ARM_CPSR, in->ctl[CTL_CPSR]);
	dgm_set(x->cpu, DGM_ARM_FPSCR, in->ctl[CTL_FPSCR]);
	dgm_set(x->cpu, DGM_ARM_EXCLUSIVE, 0);
	dgm_set(x->cpu, DGM_ARM_MISALIGNED, 1);
	dgm_set(x->cpu, DGM_ARM_PC, in->pc);
}

/* The vector and the fault status register of the last fault, as the kernel keeps them. */
static void put_fault(lx *x, uint8_t *sc)
{
	const dgm_fault *f = &x->fault;
	uint32_t status = f->cause == DGM_CAUSE_PROT ? 0x00f : f->cause == DGM_CAUSE_ALIGN ? 0x001 :
			  f->cause == DGM_CAUSE_BUS ? 0x008 : 0x007;

	if (!f->size)
		return;
	lx_store(x, sc + SC_TRAP_NO, 4, f->cause <= DGM_CAUSE_BUS ? 14 : 6);
	if (f->cause > DGM_CAUSE_BUS)
		return;
	lx_store(x, sc + SC_ERROR, 4, status | (f->access == DGM_X ? 0x80000000u : 0) | (f->access == DGM_W ? 0x800u : 0));
	lx_store(x, sc + SC_FAULT, 4, f->va);
}

static void put_context(lx *x, uint8_t *uc, const struct lx_regs *r, uint64_t mask)
{
	uint8_t *sc = uc + UC_MCONTEXT, *vfp = uc + UC_RECORDS;

	put_fault(x, sc);
	lx_store(x, sc + SC_OLDMASK, 4, mask);
	for (unsigned i = 0; i < 15; i++)
		lx_store(x, sc + SC_R0 + 4 * i, 4, r->r[i]);
	lx_store(x, sc + SC_PC, 4, r->pc);
	lx_store(x, sc + SC_CPSR, 4, r->ctl[CTL_CPSR]);
	lx_store(x, uc + UC_SIGMASK, 8, mask);
	lx_store(x, vfp, 4, VFP_MAGIC);
	lx_store(x, vfp + 4, 4, VFP_SIZE);
	for (unsigned i = 0; i < 32; i++)
		lx_store(x, vfp + VFP_D + 8 * i, 8, r->f[i]);
	lx_store(x, vfp + VFP_FPSCR, 4, r->ctl[CTL_FPSCR]);
	lx_store(x, vfp + VFP_FPEXC, 4, FPEXC_EN);
}

static bool get_context(lx *x, const uint8_t *uc, uint64_t *mask)
{
	const uint8_t *sc = uc + UC_MCONTEXT, *vfp = uc + UC_RECORDS;
	struct lx_regs r = { 0 };

	if (lx_load(x, vfp, 4) != VFP_MAGIC || lx_load(x, vfp + 4, 4) != VFP_SIZE)
		return false;
	for (unsigned i = 0; i < 15; i++)
		r.r[i] = lx_load(x, sc + SC_R0 + 4 * i, 4);
	for (unsigned i = 0; i < 32; i++)
		r.f[i] = lx_load(x, vfp + VFP_D + 8 * i, 8);
	r.ctl[CTL_CPSR] = lx_load(x, sc + SC_CPSR, 4);
	r.ctl[CTL_FPSCR] = lx_load(x, vfp + VFP_FPSCR, 4);
	r.pc = lx_load(x, sc + SC_PC, 4) & (r.ctl[CTL_CPSR] & CPSR_T ? ~1u : ~3u);
	*mask = lx_load(x, uc + UC_SIGMASK, 8);
	lx_arm_restore(x, &r);
	return true;
}

/* Where a frame goes: below the stack pointer, or on the alternate stack; 0: it does not fit there. */
static uint32_t frame_at(lx *x, const struct lx_action *act, uint32_t sp, uint32_t size)
{
	if (act->flags & SA_ONSTACK && x->alt_size && !(lx_sas_flags(x, sp) & SS_ONSTACK)) {
		if (x->alt_size < size)
			return 0;
		sp = (uint32_t)(x->alt_sp + x->alt_size);
	}
	return sp > size ? (sp - size) & ~7u : 0;
}

static void enter(lx *x, const struct lx_action *act, uint32_t cpsr, bool rt)
{
	bool t32 = act->handler & 1;

	dgm_set(x->cpu, DGM_ARM_LR, act->flags & LX_SA_RESTORER ? act->restorer : trampoline(x, rt, t32));
	dgm_set(x->cpu, DGM_ARM_CPSR, (cpsr & ~(CPSR_T | CPSR_IT)) | (t32 ? CPSR_T : 0));
	dgm_set(x->cpu, DGM_ARM_EXCLUSIVE, 0);
	dgm_set(x->cpu, DGM_ARM_PC, act->handler & (t32 ? ~1ull : ~3ull));
}

int lx_arm_push_frame(lx *x, const struct lx_action *act, const siginfo_t *si, uint64_t mask)
{
	bool rt = act->flags & SA_SIGINFO;
	struct lx_regs r;
	struct lx_stack st;
	uint8_t f[RT_SIZE] = { 0 }, *uc = rt ? f + RT_UC : f;
	uint32_t size = rt ? RT_SIZE : OLD_SIZE, at;

	lx_arm_save(x, &r);
	at = frame_at(x, act, (uint32_t)r.r[13], size);
	if (!at)
		return -EFAULT;
	if (rt) {
		st = (struct lx_stack){ x->alt_sp, x->alt_size, (uint32_t)lx_sas_flags(x, r.r[13]) };
		lx_put_siginfo(x, f, si);
		lx_to_guest(x, LX_ST_STACK, uc + UC_STACK, &st);
	} else {
		lx_store(x, uc + UC_FLAGS, 4, OLD_FRAME_FLAGS);
	}
	put_context(x, uc, &r, mask);
	if (lx_write(x, at, f, size))
		return -EFAULT;
	dgm_set(x->cpu, DGM_ARM_R0, (uint32_t)si->si_signo);
	if (rt) {
		dgm_set(x->cpu, DGM_ARM_R1, at);
		dgm_set(x->cpu, DGM_ARM_R2, at + RT_UC);
	}
	dgm_set(x->cpu, DGM_ARM_SP, at);
	enter(x, act, (uint32_t)r.ctl[CTL_CPSR], rt);
	return 0;
}

int lx_arm_pop_frame(lx *x, bool rt, uint64_t *mask)
{
	uint64_t at = lx_sp(x);
	uint8_t uc[UC_SIZE];
	struct lx_stack st;

	if (at & 7 || lx_read(x, at + (rt ? RT_UC : 0), uc, sizeof uc) || !get_context(x, uc, mask))
		return -EFAULT;
	if (!rt)
		return 0;
	/* The handler may have changed its alternate stack in the frame. */
	lx_to_host(x, LX_ST_STACK, &st, uc + UC_STACK);
	lx_restore_altstack(x, &st);
	return 0;
}
