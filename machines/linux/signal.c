/*
 * Signals. The host's mask is the guest's (but for SIGSEGV and SIGBUS, which the translator may need),
 * so the host's kernel keeps what is blocked. A signal that comes is noted, further ones are blocked,
 * the vCPU is kicked, and between two guest instructions the guest's handler is entered.
 */
#include <stdlib.h>
#include <ucontext.h>

#include "debug.h"
#include "guest.h"

#define NEVER_BLOCKED (lx_bit(SIGSEGV) | lx_bit(SIGBUS))
#define UNBLOCKABLE (lx_bit(SIGKILL) | lx_bit(SIGSTOP))

uint64_t lx_host_mask(uint64_t mask)
{
	return mask & ~NEVER_BLOCKED;
}

static void host_setmask(uint64_t mask)
{
	LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, 8);
}

static void note(lx *x, const siginfo_t *si)
{
	/* Handlers nest where the embedder's masks have gaps: each takes a place before it fills it. */
	int at = __atomic_fetch_add(&x->look.pending, 1, __ATOMIC_RELAXED);

	if (at < LX_QUEUE)
		x->info[at] = *si;
	else
		__atomic_fetch_sub(&x->look.pending, 1, __ATOMIC_RELAXED);
}

/* Signals that were noted stay blocked in the host until they are delivered. */
void lx_set_mask(lx *x, uint64_t mask)
{
	x->mask = mask & ~UNBLOCKABLE;
	if (x->held & ~x->mask) {
		siginfo_t si = { .si_code = SI_USER };

		si.si_signo = x->held & ~x->mask & lx_bit(SIGSEGV) ? SIGSEGV : SIGBUS;
		x->held &= ~lx_bit(si.si_signo);
		host_setmask(~NEVER_BLOCKED);
		note(x, &si);
	}
	if (!x->look.pending)
		host_setmask(lx_host_mask(x->mask));
}

static bool from_instruction(int sig, const siginfo_t *si)
{
	return si->si_code > 0 && (sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE || sig == SIGTRAP);
}

/* A signal for the process that met a thread of the host's: the kernel is to choose another. */
static void pass_on(int sig, siginfo_t *si, ucontext_t *uc)
{
	uint64_t mask;

	memcpy(&mask, &uc->uc_sigmask, sizeof mask);
	mask |= lx_bit(sig);
	memcpy(&uc->uc_sigmask, &mask, sizeof mask);
	LX_HOST(SYS_rt_sigqueueinfo, LX_HOST(SYS_getpid, 0), sig, (long)si);
}

bool dgm_linux_signal(dgm_linux *p, int sig, void *siginfo, void *ucontext)
{
	const uint64_t all = ~(lx_bit(SIGSEGV) | lx_bit(SIGBUS) | lx_bit(SIGILL) | lx_bit(SIGFPE) |
				      lx_bit(SIGTRAP));
	ucontext_t *uc = ucontext;
	siginfo_t *si = siginfo;
	lx *x = lx_self();

	if (lx_host_fixup(from_instruction(sig, si), ucontext))
		return true;
	if (from_instruction(sig, si))
		return false;
	if (!x || x->p != p) {
		pass_on(sig, si, uc);
		return true;
	}
	if (sig == SIGBUS && si->si_code == SI_QUEUE && si->si_ptr == x)
		return true;	/* from lx_stop_all: all was done by lx_host_fixup */
	note(x, si);
	memcpy(&uc->uc_sigmask, &all, sizeof all);
	dgm_cpu_kick(x->cpu, 1);
	return true;
}

/* The action for a signal, as long as the lock is held; what the process was started with is asked for first. */
struct lx_action *lx_action_at(lx *x, int sig)
{
	struct lx_action *act = &x->sig->a[sig];
	struct sigaction sa;

	if (!act->known) {
		act->known = true;
		if (sig != SIGSEGV && sig != SIGBUS && !sigaction(sig, NULL, &sa) && sa.sa_handler == SIG_IGN)
			act->handler = (uint64_t)(uintptr_t)SIG_IGN;
	}
	return act;
}

struct lx_action lx_action_of(lx *x, int sig)
{
	struct lx_action act;

	pthread_mutex_lock(&x->sig->lock);
	act = *lx_action_at(x, sig);
	pthread_mutex_unlock(&x->sig->lock);
	return act;
}

void lx_reset_action(lx *x, int sig)
{
	pthread_mutex_lock(&x->sig->lock);
	lx_action_at(x, sig)->handler = 0;
	lx_disposition(x, sig);
	pthread_mutex_unlock(&x->sig->lock);
}

static bool ignored_by_default(int sig)
{
	return sig == SIGCHLD || sig == SIGCONT || sig == SIGURG || sig == SIGWINCH;
}

static bool stops_by_default(int sig)
{
	return sig == SIGSTOP || sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
}

/* Makes the host's disposition of a signal what the guest's action needs; with the lock of the actions. */
int lx_disposition(lx *x, int sig)
{
	const struct lx_action *act = &x->sig->a[sig];
	int how = act->handler == 0 ? DGM_LINUX_SIG_DFL : act->handler == 1 ? DGM_LINUX_SIG_IGN : DGM_LINUX_SIG_CATCH;

	if (!x->p->cfg.on_signal || sig == SIGSEGV || sig == SIGBUS)
		return 0;
	if (how == DGM_LINUX_SIG_DFL && lx_debugged(x) && !ignored_by_default(sig) && !stops_by_default(sig))
		how = DGM_LINUX_SIG_CATCH;
	return x->p->cfg.on_signal(x->p->cfg.ud, sig, how, (int)(act->flags & (SA_NOCLDSTOP | SA_NOCLDWAIT)));
}

static bool killed(lx *x, int sig)
{
	x->exit_signal = sig;
	x->exit_status = 0;
	x->todo = LX_TODO_EXIT;
	return false;
}

static bool default_action(lx *x, int sig)
{
	if (ignored_by_default(sig))
		return true;
	if (stops_by_default(sig)) {
		LX_HOST(SYS_kill, getpid(), SIGSTOP);
		return true;
	}
	return killed(x, sig);
}

static bool enter_handler(lx *x, const struct lx_action *act, const siginfo_t *si)
{
	uint64_t mask = x->has_saved_mask ? x->saved_mask : x->mask;
	int sig = si->si_signo;

	if (x->g->push_frame(x, act, si, mask)) {
		siginfo_t segv = { .si_signo = SIGSEGV, .si_code = SI_KERNEL };

		if (sig == SIGSEGV)
			return killed(x, sig);
		return lx_force(x, &segv);
	}
	x->has_saved_mask = false;
	mask = x->mask | act->mask | (act->flags & SA_NODEFER ? 0 : lx_bit(sig));
	if (act->flags & SA_RESETHAND) {
		lx_reset_action(x, sig);
	}
	lx_set_mask(x, mask);
	return true;
}

bool lx_force(lx *x, const siginfo_t *info)
{
	struct lx_action act = lx_action_of(x, info->si_signo);

	if (act.handler <= 1 || x->mask & lx_bit(info->si_signo))
		return killed(x, info->si_signo);
	return enter_handler(x, &act, info);
}

/* Whether any thread could have taken it. Timers and values may go either way: they stay where they came to. */
static bool for_process(const siginfo_t *si)
{
	return si->si_code == SI_USER || si->si_code == SI_KERNEL || (si->si_signo == SIGCHLD && si->si_code > 0);
}

/* A noted signal that the guest has blocked since goes back to the kernel. */
static void give_back(lx *x, siginfo_t *si)
{
	uint64_t mask = ~NEVER_BLOCKED;

	if (lx_bit(si->si_signo) & NEVER_BLOCKED) {
		x->held |= lx_bit(si->si_signo);
		return;
	}
	host_setmask(mask);
	if (for_process(si))
		LX_HOST(SYS_rt_sigqueueinfo, getpid(), si->si_signo, (long)si);
	else
		LX_HOST(SYS_rt_tgsigqueueinfo, getpid(), LX_HOST(SYS_gettid, 0), si->si_signo, (long)si);
}

void lx_return_signals(lx *x)
{
	for (int i = 0; i < x->look.pending; i++)
		if (for_process(&x->info[i]) && !(lx_bit(x->info[i].si_signo) & NEVER_BLOCKED))
			LX_HOST(SYS_rt_sigqueueinfo, getpid(), x->info[i].si_signo, (long)&x->info[i]);
	x->look.pending = 0;
}

static bool take(lx *x, siginfo_t *si)
{
	struct lx_action act;

	if (x->mask & lx_bit(si->si_signo)) {
		give_back(x, si);
		return true;
	}
	if (lx_debugged(x) && !lx_debug_signal(x, si))
		return true;
	act = lx_action_of(x, si->si_signo);
	if (act.handler == 1)
		return true;
	return act.handler ? enter_handler(x, &act, si) : default_action(x, si->si_signo);
}

bool lx_deliver(lx *x)
{
	x->fault.size = 0;
	while (x->look.pending) {
		siginfo_t si;

		host_setmask(~NEVER_BLOCKED);
		si = x->info[0];
		x->look.pending--;
		memmove(&x->info[0], &x->info[1], (size_t)x->look.pending * sizeof si);
		if (!take(x, &si))
			return false;
		lx_set_mask(x, x->mask);
	}
	if (x->has_saved_mask) {
		x->has_saved_mask = false;
		lx_set_mask(x, x->saved_mask);
	}
	return true;
}

bool lx_next_handler(lx *x, struct lx_action *out)
{
	for (int i = 0; i < x->look.pending; i++) {
		int sig = x->info[i].si_signo;

		if (x->mask & lx_bit(sig))
			continue;
		*out = lx_action_of(x, sig);
		if (out->handler > 1)
			return true;
	}
	return false;
}

void lx_mask_begin(lx *x, uint64_t mask)
{
	x->saved_mask = x->mask;
	x->has_saved_mask = true;
	x->mask = mask & ~UNBLOCKABLE;
}

int64_t lx_mask_end(lx *x, int64_t ret)
{
	if (ret == -EINTR || ret == -LX_ENOHAND)
		return -LX_ENOHAND;
	x->mask = x->saved_mask;
	x->has_saved_mask = false;
	return ret;
}

uint64_t lx_sas_flags(lx *x, uint64_t sp)
{
	if (!x->alt_size)
		return SS_DISABLE;
	return sp > x->alt_sp && sp - x->alt_sp <= x->alt_size ? SS_ONSTACK : 0;
}

/* The layouts of siginfo: three words, then what the code says, aligned to a word of the guest. */
void lx_put_siginfo(lx *x, uint8_t *out, const siginfo_t *si)
{
	unsigned w = x->g->word, u = w == 8 ? 16 : 12;
	int sig = si->si_signo, code = si->si_code;

	memset(out, 0, 128);
	lx_store(x, out, 4, (uint32_t)sig);
	lx_store(x, out + 4, 4, (uint32_t)si->si_errno);
	lx_store(x, out + 8, 4, (uint32_t)code);
	if (from_instruction(sig, si)) {
		lx_store(x, out + u, w, (uint64_t)(uintptr_t)si->si_addr);
		return;
	}
	if (sig == SIGPOLL && code > 0) {
		lx_store(x, out + u, w, (uint64_t)si->si_band);
		lx_store(x, out + u + w, 4, (uint32_t)si->si_fd);
		return;
	}
	/* pid and uid, or timer id and overrun, lie at the same places. */
	lx_store(x, out + u, 4, (uint32_t)si->si_pid);
	lx_store(x, out + u + 4, 4, si->si_uid);
	if (sig == SIGCHLD && code > 0) {
		lx_store(x, out + u + 8, 4, (uint32_t)si->si_status);
		lx_store(x, out + u + 8 + w, w, (uint64_t)si->si_utime);
		lx_store(x, out + u + 8 + 2 * w, w, (uint64_t)si->si_stime);
	} else if (code < 0 && code != SI_TKILL) {
		lx_store(x, out + u + 8, w, (uint64_t)(uintptr_t)si->si_ptr);
	}
}

/* What a program may send with rt_sigqueueinfo. */
void lx_get_siginfo(lx *x, const uint8_t *in, siginfo_t *si)
{
	unsigned w = x->g->word, u = w == 8 ? 16 : 12;

	memset(si, 0, sizeof *si);
	si->si_signo = (int)lx_load(x, in, 4);
	si->si_errno = (int)lx_load(x, in + 4, 4);
	si->si_code = (int)lx_load(x, in + 8, 4);
	si->si_pid = (pid_t)lx_load(x, in + u, 4);
	si->si_uid = (uid_t)lx_load(x, in + u + 4, 4);
	si->si_ptr = (void *)(uintptr_t)lx_load(x, in + u + 8, w);
}

void lx_note_precise(lx *x)
{
	(void)dgm_vm_precise(x->vm, true);
}

int lx_signal_return(lx *x, bool rt)
{
	uint64_t mask;
	siginfo_t segv = { .si_signo = SIGSEGV, .si_code = SI_KERNEL };

	x->no_result = true;
	if (x->g->pop_frame(x, rt, &mask)) {
		lx_force(x, &segv);
		return 0;
	}
	lx_set_mask(x, mask);
	return 0;
}
