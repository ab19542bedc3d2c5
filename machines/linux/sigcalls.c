/* The system calls about signals. */
#include <time.h>

#include "guest.h"
#include "host_types.h"

/* Signal sets: 64 bits as two or one of the guest's longs, the lower signals in the first. */
int lx_get_mask(lx *x, uint64_t addr, uint64_t *out)
{
	uint8_t b[8];

	if (lx_read(x, addr, b, 8))
		return -EFAULT;
	*out = x->g->word == 8 ? lx_load(x, b, 8) : lx_load(x, b, 4) | lx_load(x, b + 4, 4) << 32;
	return 0;
}

static void store_mask(lx *x, uint8_t *b, uint64_t mask)
{
	if (x->g->word == 8) {
		lx_store(x, b, 8, mask);
	} else {
		lx_store(x, b, 4, (uint32_t)mask);
		lx_store(x, b + 4, 4, mask >> 32);
	}
}

int lx_put_mask(lx *x, uint64_t addr, uint64_t mask)
{
	uint8_t b[8];

	store_mask(x, b, mask);
	return lx_write(x, addr, b, 8);
}

static bool raised_by_instructions(int sig)
{
	return sig == SIGSEGV || sig == SIGBUS || sig == SIGFPE || sig == SIGILL || sig == SIGTRAP;
}

static int64_t set_action(lx *x, int sig, const struct lx_action *act, struct lx_action *old)
{
	struct lx_action *slot;
	int r = 0;

	if (sig < 1 || sig > LX_NSIG || (act && (sig == SIGKILL || sig == SIGSTOP)))
		return -EINVAL;
	if (act && act->handler > 1 && raised_by_instructions(sig))
		lx_note_precise(x);
	pthread_mutex_lock(&x->sig->lock);
	slot = lx_action_at(x, sig);
	*old = *slot;
	if (act) {
		*slot = *act;
		slot->known = true;
		slot->mask &= ~(lx_bit(SIGKILL) | lx_bit(SIGSTOP));
		r = lx_disposition(x, sig);
		if (r)
			*slot = *old;
	}
	pthread_mutex_unlock(&x->sig->lock);
	return r;
}

/* Kernel's struct sigaction: handler, flags, restorer, mask; all longs but the mask. */
int64_t lx_sys_rt_sigaction(lx *x, const uint64_t *a)
{
	struct lx_action act = { 0 }, old;
	unsigned w = x->g->word;
	uint64_t flags = 0;
	int64_t r;

	if (a[3] != 8)
		return -EINVAL;
	if (a[1]) {
		if (lx_get_word(x, a[1], &act.handler) || lx_get_word(x, a[1] + w, &flags) ||
		    lx_get_word(x, a[1] + 2 * w, &act.restorer) || lx_get_mask(x, a[1] + 3 * w, &act.mask))
			return -EFAULT;
		act.flags = (uint32_t)flags;
	}
	r = set_action(x, (int)a[0], a[1] ? &act : NULL, &old);
	if (r || !a[2])
		return r;
	if (lx_put_word(x, a[2], old.handler) || lx_put_word(x, a[2] + w, old.flags) ||
	    lx_put_word(x, a[2] + 2 * w, old.restorer) || lx_put_mask(x, a[2] + 3 * w, old.mask))
		return -EFAULT;
	return 0;
}

/* The old form: handler, mask, flags, restorer, with a mask of one long. */
int64_t lx_sys_sigaction(lx *x, const uint64_t *a)
{
	struct lx_action act = { 0 }, old;
	unsigned w = x->g->word;
	uint64_t flags = 0;
	int64_t r;

	if (a[1]) {
		if (lx_get_word(x, a[1], &act.handler) || lx_get_word(x, a[1] + w, &act.mask) ||
		    lx_get_word(x, a[1] + 2 * w, &flags) || lx_get_word(x, a[1] + 3 * w, &act.restorer))
			return -EFAULT;
		act.flags = (uint32_t)flags;
	}
	r = set_action(x, (int)a[0], a[1] ? &act : NULL, &old);
	if (r || !a[2])
		return r;
	if (lx_put_word(x, a[2], old.handler) || lx_put_word(x, a[2] + w, old.mask) ||
	    lx_put_word(x, a[2] + 2 * w, old.flags) || lx_put_word(x, a[2] + 3 * w, old.restorer))
		return -EFAULT;
	return 0;
}

int64_t lx_sys_signal(lx *x, const uint64_t *a)
{
	struct lx_action act = { .handler = a[1], .flags = SA_RESETHAND | SA_NODEFER }, old;
	int64_t r = set_action(x, (int)a[0], &act, &old);

	return r ? r : (int64_t)old.handler;
}

static int64_t change_mask(lx *x, int how, uint64_t set)
{
	switch (how) {
	case SIG_BLOCK: lx_set_mask(x, x->mask | set); return 0;
	case SIG_UNBLOCK: lx_set_mask(x, x->mask & ~set); return 0;
	case SIG_SETMASK: lx_set_mask(x, set); return 0;
	default: return -EINVAL;
	}
}

int64_t lx_sys_rt_sigprocmask(lx *x, const uint64_t *a)
{
	uint64_t old = x->mask, set = 0;
	int64_t r = 0;

	if (a[3] != 8)
		return -EINVAL;
	if (a[1] && lx_get_mask(x, a[1], &set))
		return -EFAULT;
	if (a[1])
		r = change_mask(x, (int)a[0], set);
	if (!r && a[2])
		r = lx_put_mask(x, a[2], old);
	return r;
}

int64_t lx_sys_sigprocmask(lx *x, const uint64_t *a)
{
	uint64_t old = x->mask, set = 0, high = 0;
	int64_t r = 0;

	if (a[1] && lx_get_word(x, a[1], &set))
		return -EFAULT;
	/* The old call replaces the first word alone. */
	if (a[0] == SIG_SETMASK && x->g->word == 4)
		high = old & 0xffffffff00000000;
	if (a[1])
		r = change_mask(x, (int)a[0], set | high);
	if (!r && a[2])
		r = lx_put_word(x, a[2], old & (x->g->word == 4 ? UINT32_MAX : UINT64_MAX));
	return r;
}

static uint64_t pending_set(lx *x)
{
	uint64_t set = 0;

	LX_HOST(SYS_rt_sigpending, (long)&set, 8);
	return (set | x->held) & x->mask;
}

int64_t lx_sys_rt_sigpending(lx *x, const uint64_t *a)
{
	uint8_t b[8];

	if (a[1] > 8)
		return -EINVAL;
	store_mask(x, b, pending_set(x));
	return lx_write(x, a[0], b, a[1]);
}

int64_t lx_sys_sigpending(lx *x, const uint64_t *a)
{
	return lx_put_word(x, a[0], (uint32_t)pending_set(x));
}

static int64_t suspend(lx *x, uint64_t mask)
{
	uint64_t host;

	lx_mask_begin(x, mask);
	host = lx_host_mask(x->mask);
	return lx_mask_end(x, LX_WAIT_NOHAND(x, SYS_rt_sigsuspend, (long)&host, 8));
}

int64_t lx_sys_rt_sigsuspend(lx *x, const uint64_t *a)
{
	uint64_t mask;

	if (a[1] != 8)
		return -EINVAL;
	return lx_get_mask(x, a[0], &mask) ? -EFAULT : suspend(x, mask);
}

int64_t lx_sys_sigsuspend(lx *x, const uint64_t *a)
{
	return suspend(x, a[0]);
}

int64_t lx_sys_pause(lx *x, const uint64_t *a)
{
	return LX_WAIT_NOHAND(x, SYS_pause, 0);
}

int64_t lx_sys_rt_sigtimedwait(lx *x, const uint64_t *a)
{
	uint64_t set;
	struct timespec ts;
	uint8_t out[128];
	siginfo_t si;
	int64_t r;

	if (a[3] != 8)
		return -EINVAL;
	if (lx_get_mask(x, a[0], &set) || (a[2] && lx_get(x, lx_timespec(a), a[2], &ts)))
		return -EFAULT;
	r = LX_WAIT_NOHAND(x, SYS_rt_sigtimedwait, (long)&set, (long)&si, a[2] ? (long)&ts : 0, 8);
	if (r <= 0 || !a[1])
		return r;
	lx_put_siginfo(x, out, &si);
	return lx_write(x, a[1], out, sizeof out) ? -EFAULT : r;
}

int64_t lx_sys_rt_sigreturn(lx *x, const uint64_t *a)
{
	return lx_signal_return(x, true);
}

int64_t lx_sys_sigreturn(lx *x, const uint64_t *a)
{
	return lx_signal_return(x, false);
}

int64_t lx_sys_sigaltstack(lx *x, const uint64_t *a)
{
	uint64_t flags = lx_sas_flags(x, lx_sp(x));
	struct lx_stack old = { x->alt_sp, x->alt_size, (uint32_t)flags }, st;

	if (a[0]) {
		if (lx_get(x, LX_ST_STACK, a[0], &st))
			return -EFAULT;
		if (flags & SS_ONSTACK)
			return -EPERM;
		if (st.flags != 0 && st.flags != SS_DISABLE && st.flags != SS_ONSTACK)
			return -EINVAL;
		if (st.flags != SS_DISABLE && st.size < x->g->frame_min)
			return -ENOMEM;
		x->alt_sp = st.flags == SS_DISABLE ? 0 : st.sp;
		x->alt_size = st.flags == SS_DISABLE ? 0 : st.size;
	}
	return a[1] ? lx_put(x, LX_ST_STACK, a[1], &old) : 0;
}

void lx_restore_altstack(lx *x, const struct lx_stack *st)
{
	if (lx_sas_flags(x, lx_sp(x)) & SS_ONSTACK || st->flags & SS_DISABLE || st->size < x->g->frame_min)
		return;
	x->alt_sp = st->sp;
	x->alt_size = st->size;
}

static int get_info(lx *x, uint64_t addr, int sig, siginfo_t *si)
{
	uint8_t in[128];

	if (lx_read(x, addr, in, sizeof in))
		return -EFAULT;
	lx_get_siginfo(x, in, si);
	si->si_signo = sig;
	return 0;
}

int64_t lx_sys_rt_sigqueueinfo(lx *x, const uint64_t *a)
{
	siginfo_t si;

	if (get_info(x, a[2], (int)a[1], &si))
		return -EFAULT;
	return LX_HOST(SYS_rt_sigqueueinfo, (int)a[0], (int)a[1], (long)&si);
}

int64_t lx_sys_rt_tgsigqueueinfo(lx *x, const uint64_t *a)
{
	siginfo_t si;

	if (get_info(x, a[3], (int)a[2], &si))
		return -EFAULT;
	return LX_HOST(SYS_rt_tgsigqueueinfo, (int)a[0], (int)a[1], (int)a[2], (long)&si);
}

int64_t lx_sys_sgetmask(lx *x, const uint64_t *a)
{
	return (uint32_t)x->mask;
}

int64_t lx_sys_ssetmask(lx *x, const uint64_t *a)
{
	uint32_t old = (uint32_t)x->mask;

	lx_set_mask(x, a[0]);
	return old;
}

/* Calls are restarted by going back to their instruction: nothing is left to do here. */
int64_t lx_sys_restart_syscall(lx *x, const uint64_t *a)
{
	return -EINTR;
}

int64_t lx_sys_swapcontext(lx *x, const uint64_t *a)
{
	return x->g->swapcontext ? x->g->swapcontext(x, a[0], a[1], a[2]) : -ENOSYS;
}
