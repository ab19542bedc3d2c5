/*
 * Signal frames of 32-bit PowerPC Linux: the layouts that the kernel's ABI fixes (ucontext, mcontext,
 * sigcontext), written and read field by field. Trampolines lie in a page of their own, as with a vDSO.
 */
#include "dragoman/ppc.h"
#include "host_types.h"
#include "ppc_priv.h"

/* struct mcontext: 48 words of registers, 33 doubles, 2 words, 33 vectors: the last has VRSAVE in front, VSCR at its end. */
enum { MC_GREGS = 0, MC_FREGS = 192, MC_PAD = 456, MC_VREGS = 464, MC_SIZE = 992, ABI_GAP = 224 };
enum { MC_VRSAVE = MC_VREGS + 16 * 32, MC_VSCR = MC_VRSAVE + 12 };
_Static_assert(MC_VSCR + 4 == MC_SIZE, "the vectors end the mcontext");
enum { PT_NIP = 32, PT_MSR, PT_ORIG_R3, PT_CTR, PT_LNK, PT_XER, PT_CCR, PT_MQ, PT_TRAP, PT_DAR, PT_DSISR, PT_RESULT };
/* struct ucontext */
enum { UC_FLAGS = 0, UC_LINK = 4, UC_STACK = 8, UC_REGS = 48, UC_SIGMASK = 52, UC_MCONTEXT = 192, UC_SIZE = 1184 };
/* rt_sigframe: siginfo, ucontext, gap. sigframe: sigcontext, mcontext, gap. */
enum { RT_INFO = 0, RT_UC = 128, RT_SIZE = 128 + UC_SIZE + ABI_GAP };
enum { SC_UNUSED3 = 12, SC_SIGNAL = 16, SC_HANDLER = 20, SC_MASK = 24, SC_REGS = 28, SC_SIZE = 32 };
enum { OLD_MC = SC_SIZE, OLD_SIZE = SC_SIZE + MC_SIZE + ABI_GAP };
/* What lies between the handler's stack pointer and the frame. */
enum { FRAME_GAP = 64, RT_FRAME_GAP = 64 + 16 };

_Static_assert(LX_PPC_RT_SLOT == RT_FRAME_GAP + RT_UC + UC_REGS && LX_PPC_SLOT == FRAME_GAP + SC_REGS, "the frame's layout");

/* MSR of a user process: EE PR FP ME IR DR RI. */
#define MSR_USER 0xf032u
#define MSR_VEC 0x2000000u
#define MSR_FE0 0x800u
#define MSR_FE1 0x100u

enum { CTL_CR, CTL_LR, CTL_CTR, CTL_XER, CTL_FPSCR, CTL_FE };
static const uint32_t ctl_id[6] = {
	DGM_PPC_CR, DGM_PPC_LR, DGM_PPC_CTR, DGM_PPC_XER, DGM_PPC_FPSCR, DGM_PPC_MSR_FE
};

void lx_ppc_save(lx *x, struct lx_regs *out)
{
	for (uint32_t i = 0; i < 32; i++) {
		out->r[i] = dgm_get(x->cpu, DGM_PPC_R(i));
		out->f[i] = dgm_get(x->cpu, DGM_PPC_F0 + i);
	}
	for (unsigned i = 0; i < 6; i++)
		out->ctl[i] = dgm_get(x->cpu, ctl_id[i]);
	out->pc = dgm_get(x->cpu, DGM_PPC_PC);
}

void lx_ppc_restore(lx *x, const struct lx_regs *in)
{
	for (uint32_t i = 0; i < 32; i++) {
		dgm_set(x->cpu, DGM_PPC_R(i), in->r[i]);
		dgm_set(x->cpu, DGM_PPC_F0 + i, in->f[i]);
	}
	for (unsigned i = 0; i < 6; i++)
		dgm_set(x->cpu, ctl_id[i], in->ctl[i]);
	dgm_set(x->cpu, DGM_PPC_RESERVE, 0);
	dgm_set(x->cpu, DGM_PPC_PC, in->pc);
}

static void put(lx *x, uint8_t *p, unsigned word, uint64_t v)
{
	lx_store(x, p + 4 * word, 4, v);
}

static uint32_t get(lx *x, const uint8_t *p, unsigned word)
{
	return (uint32_t)lx_load(x, p + 4 * word, 4);
}

/* The exception's vector, and of a storage interrupt its address and bits: not found or forbidden, store. */
static void put_fault(lx *x, uint8_t *mc)
{
	const dgm_fault *f = &x->fault;
	bool storage = f->cause <= DGM_CAUSE_BUS;

	if (!f->size)
		return;
	put(x, mc, PT_TRAP, f->access == DGM_X ? 0x400 : storage ? 0x300 : 0x700);
	put(x, mc, PT_DAR, f->va);
	put(x, mc, PT_DSISR, (f->cause == DGM_CAUSE_PROT ? 0x08000000u : 0x40000000u) | (f->access == DGM_W ? 0x02000000u : 0));
}

/* Vectors are host integers of 128 bits, low half first; in the frame the high half is. */
static void put_vectors(lx *x, uint8_t *mc)
{
	for (uint32_t i = 0; i < 32; i++) {
		uint64_t v[2] = { 0, 0 };

		if (dgm_reg_read(x->cpu, DGM_PPC_V(i), v, sizeof v))
			continue;
		lx_store(x, mc + MC_VREGS + 16 * i, 8, v[1]);
		lx_store(x, mc + MC_VREGS + 16 * i + 8, 8, v[0]);
	}
	lx_store(x, mc + MC_VRSAVE, 4, dgm_get(x->cpu, DGM_PPC_VRSAVE));
	lx_store(x, mc + MC_VSCR, 4, dgm_get(x->cpu, DGM_PPC_VSCR));
}

/* A frame without MSR_VEC, as a program may have made it, does not touch vectors. */
static void get_vectors(lx *x, const uint8_t *mc)
{
	bool taken = get(x, mc, PT_MSR) & MSR_VEC;

	for (uint32_t i = 0; taken && i < 32; i++) {
		uint64_t v[2] = { lx_load(x, mc + MC_VREGS + 16 * i + 8, 8), lx_load(x, mc + MC_VREGS + 16 * i, 8) };

		taken = dgm_reg_write(x->cpu, DGM_PPC_V(i), v, sizeof v) == DGM_OK;
	}
	if (!taken)
		return;
	dgm_set(x->cpu, DGM_PPC_VRSAVE, lx_load(x, mc + MC_VRSAVE, 4));
	dgm_set(x->cpu, DGM_PPC_VSCR, lx_load(x, mc + MC_VSCR, 4));
}

static void put_mcontext(lx *x, uint8_t *mc)
{
	struct lx_regs r;

	lx_ppc_save(x, &r);
	for (unsigned i = 0; i < 32; i++) {
		put(x, mc, i, r.r[i]);
		lx_store(x, mc + MC_FREGS + 8 * i, 8, r.f[i]);
	}
	lx_store(x, mc + MC_FREGS + 8 * 32, 8, r.ctl[CTL_FPSCR]);
	put(x, mc, PT_NIP, r.pc);
	put_vectors(x, mc);
	put(x, mc, PT_MSR, MSR_USER | MSR_VEC | (r.ctl[CTL_FE] & 2 ? MSR_FE0 : 0) | (r.ctl[CTL_FE] & 1 ? MSR_FE1 : 0));
	put(x, mc, PT_ORIG_R3, r.r[3]);
	put(x, mc, PT_CTR, r.ctl[CTL_CTR]);
	put(x, mc, PT_LNK, r.ctl[CTL_LR]);
	put(x, mc, PT_XER, r.ctl[CTL_XER]);
	put(x, mc, PT_CCR, r.ctl[CTL_CR]);
	put_fault(x, mc);
}

static void get_mcontext(lx *x, const uint8_t *mc)
{
	struct lx_regs r;

	for (unsigned i = 0; i < 32; i++) {
		r.r[i] = get(x, mc, i);
		r.f[i] = lx_load(x, mc + MC_FREGS + 8 * i, 8);
	}
	r.ctl[CTL_FPSCR] = (uint32_t)lx_load(x, mc + MC_FREGS + 8 * 32, 8);
	r.ctl[CTL_CR] = get(x, mc, PT_CCR);
	r.ctl[CTL_LR] = get(x, mc, PT_LNK);
	r.ctl[CTL_CTR] = get(x, mc, PT_CTR);
	r.ctl[CTL_XER] = get(x, mc, PT_XER);
	/* The modes of floating-point exceptions belong to the thread: a frame does not change them. */
	r.ctl[CTL_FE] = dgm_get(x->cpu, DGM_PPC_MSR_FE);
	r.pc = get(x, mc, PT_NIP) & ~3u;
	lx_ppc_restore(x, &r);
	get_vectors(x, mc);
}

/* Where a frame goes: below the stack pointer, or on the alternate stack; 0: it does not fit there. */
static uint32_t frame_at(lx *x, const struct lx_action *act, uint32_t size)
{
	uint32_t sp = (uint32_t)lx_sp(x);

	if (act->flags & SA_ONSTACK && x->alt_size && !(lx_sas_flags(x, sp) & SS_ONSTACK)) {
		if (x->alt_size < size)
			return 0;
		sp = (uint32_t)(x->alt_sp + x->alt_size);
	}
	return sp > size ? (sp - size) & ~15u : 0;
}

static void put_rt_frame(lx *x, uint8_t *f, uint32_t at, const siginfo_t *si, uint64_t mask)
{
	uint8_t *uc = f + RT_UC;
	struct lx_stack st = { x->alt_sp, x->alt_size, (uint32_t)lx_sas_flags(x, lx_sp(x)) };

	lx_put_siginfo(x, f + RT_INFO, si);
	lx_to_guest(x, LX_ST_STACK, uc + UC_STACK, &st);
	lx_store(x, uc + UC_REGS, 4, at + RT_UC + UC_MCONTEXT);
	lx_store(x, uc + UC_SIGMASK, 4, (uint32_t)mask);
	lx_store(x, uc + UC_SIGMASK + 4, 4, mask >> 32);
	put_mcontext(x, uc + UC_MCONTEXT);
}

static void put_old_frame(lx *x, uint8_t *f, uint32_t at, const struct lx_action *act, int sig, uint64_t mask)
{
	lx_store(x, f + SC_UNUSED3, 4, mask >> 32);
	lx_store(x, f + SC_SIGNAL, 4, (uint32_t)sig);
	lx_store(x, f + SC_HANDLER, 4, act->handler);
	lx_store(x, f + SC_MASK, 4, (uint32_t)mask);
	lx_store(x, f + SC_REGS, 4, at + OLD_MC);
	put_mcontext(x, f + OLD_MC);
}

int lx_ppc_push_frame(lx *x, const struct lx_action *act, const siginfo_t *si, uint64_t mask)
{
	bool rt = act->flags & SA_SIGINFO;
	uint32_t size = rt ? RT_SIZE : OLD_SIZE, at = frame_at(x, act, size);
	uint32_t sp = at - (rt ? RT_FRAME_GAP : FRAME_GAP);
	uint32_t old_sp = (uint32_t)lx_sp(x);
	uint8_t f[RT_SIZE] = { 0 };

	if (!at)
		return -EFAULT;
	if (rt)
		put_rt_frame(x, f, at, si, mask);
	else
		put_old_frame(x, f, at, act, si->si_signo, mask);
	if (lx_write(x, at, f, size) || lx_put32(x, sp, old_sp))
		return -EFAULT;
	dgm_set(x->cpu, DGM_PPC_LR, x->p->sigpage + (rt ? LX_PPC_RT_RETURN : LX_PPC_RETURN));
	dgm_set(x->cpu, DGM_PPC_FPSCR, 0);
	dgm_set(x->cpu, DGM_PPC_RESERVE, 0);
	dgm_set(x->cpu, DGM_PPC_R1, sp);
	dgm_set(x->cpu, DGM_PPC_R3, (uint32_t)si->si_signo);
	dgm_set(x->cpu, DGM_PPC_R(4), at);
	if (rt) {
		dgm_set(x->cpu, DGM_PPC_R(5), at + RT_UC);
		dgm_set(x->cpu, DGM_PPC_R(6), at);
	}
	dgm_set(x->cpu, DGM_PPC_PC, act->handler & ~3ull);
	return 0;
}

int lx_ppc_pop_frame(lx *x, bool rt, uint64_t *mask)
{
	uint64_t at = lx_sp(x) + (rt ? RT_FRAME_GAP : FRAME_GAP);
	uint8_t uc[UC_MCONTEXT], mc[MC_SIZE];
	struct lx_stack st;
	const uint8_t *m, *hi;
	uint32_t regs;

	if (lx_read(x, at + (rt ? RT_UC : 0), uc, rt ? UC_MCONTEXT : SC_SIZE))
		return -EFAULT;
	regs = (uint32_t)lx_load(x, uc + (rt ? UC_REGS : SC_REGS), 4);
	if (lx_read(x, regs, mc, MC_SIZE))
		return -EFAULT;
	m = uc + (rt ? UC_SIGMASK : SC_MASK);
	hi = uc + (rt ? UC_SIGMASK + 4 : SC_UNUSED3);
	*mask = lx_load(x, m, 4) | lx_load(x, hi, 4) << 32;
	get_mcontext(x, mc);
	if (!rt)
		return 0;
	/* The handler may have changed its alternate stack in the frame. */
	lx_to_host(x, LX_ST_STACK, &st, uc + UC_STACK);
	lx_restore_altstack(x, &st);
	return 0;
}

/*
 * Saves the registers and the mask into one ucontext and takes them from another. The thread pointer
 * stays, it belongs to the thread; all other registers are the new context's, the result as well.
 */
int64_t lx_ppc_swapcontext(lx *x, uint64_t old, uint64_t fresh, uint64_t size)
{
	uint8_t mc[MC_SIZE] = { 0 };
	uint64_t mask, tls = dgm_get(x->cpu, DGM_PPC_R(2));
	uint32_t regs;

	if (size < UC_SIZE)
		return -EINVAL;
	if (old) {
		put_mcontext(x, mc);
		if (lx_write(x, old + UC_MCONTEXT, mc, MC_PAD) || lx_put_mask(x, old + UC_SIGMASK, x->mask) ||
		    lx_put32(x, old + UC_REGS, (uint32_t)old + UC_MCONTEXT))
			return -EFAULT;
	}
	if (!fresh)
		return 0;
	if (lx_get_mask(x, fresh + UC_SIGMASK, &mask) || lx_get32(x, fresh + UC_REGS, &regs) ||
	    lx_read(x, regs, mc, MC_PAD))
		return -EFAULT;
	get_mcontext(x, mc);
	dgm_set(x->cpu, DGM_PPC_R(2), tls);
	lx_set_mask(x, mask);
	x->no_result = true;
	return 0;
}

/* lmw and stmw of a misaligned address; reservations on one are nobody's to mend. */
bool lx_ppc_fix_align(lx *x, const dgm_fault *f, siginfo_t *si)
{
	enum { LMW = 46, STMW = 47 };
	uint32_t op = f->opcode >> 26, first = f->opcode >> 21 & 31, ra = f->opcode >> 16 & 31;
	uint32_t at = (uint32_t)(int16_t)f->opcode + (ra ? (uint32_t)dgm_get(x->cpu, DGM_PPC_R(ra)) : 0), n = 4 * (32 - first);
	uint8_t raw[4 * 32];

	if (op != LMW && op != STMW)
		return false;
	for (uint32_t i = 0; op == STMW && i < n; i += 4)
		lx_store(x, raw + i, 4, dgm_get(x->cpu, DGM_PPC_R(first + i / 4)));
	if (op == LMW ? lx_read(x, at, raw, n) : lx_write(x, at, raw, n)) {
		si->si_signo = SIGSEGV;
		si->si_code = SEGV_MAPERR;
		return false;
	}
	for (uint32_t i = 0; op == LMW && i < n; i += 4)
		dgm_set(x->cpu, DGM_PPC_R(first + i / 4), lx_load(x, raw + i, 4));
	dgm_set(x->cpu, DGM_PPC_PC, f->pc + 4);
	return true;
}

/* The enabled exception with the highest rank, as the kernel looks at FPSCR. */
int lx_ppc_fpe_code(lx *x, const dgm_fault *f)
{
	static const struct {
		uint32_t enable, seen;
		int code;
	} rank[] = {
		{ 0x80, 0x20000000, FPE_FLTINV }, { 0x40, 0x10000000, FPE_FLTOVF }, { 0x20, 0x08000000, FPE_FLTUND },
		{ 0x10, 0x04000000, FPE_FLTDIV }, { 0x08, 0x02000000, FPE_FLTRES },
	};
	uint32_t fpscr = (uint32_t)dgm_get(x->cpu, DGM_PPC_FPSCR);

	for (unsigned i = 0; i < sizeof rank / sizeof rank[0]; i++)
		if (fpscr & rank[i].enable && fpscr & rank[i].seen)
			return rank[i].code;
	return FPE_FLTUNK;
}
