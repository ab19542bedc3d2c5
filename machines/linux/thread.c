/*
 * The guest's threads. Each is a thread of the host with a vCPU of its own in the same VM, so ids, masks,
 * scheduling and signals for a thread are the kernel's business. Ending them is ours: whoever ends the
 * process asks the others to stop, by kicking their vCPUs and by a signal that ends blocking calls.
 */
#include <linux/futex.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "debug.h"
#include "guest.h"
#include "run.h"
#include "thread.h"

/* Of the host's stack for a guest thread: compilers may run on it. Of one for signal handlers. */
#define STACK_BYTES (4u << 20)
#define HANDLER_BYTES (64u << 10)

/* Every signal but those the translator may need. */
#define NOT_FAULTS (~(lx_bit(SIGSEGV) | lx_bit(SIGBUS)))

static _Thread_local lx *self;

lx *lx_self(void)
{
	return self;
}

void lx_become(lx *x)
{
	self = x;
}

lx *lx_thread_new(struct dgm_linux *p)
{
	lx *x = calloc(1, sizeof *x);

	if (!x)
		return NULL;
	x->p = p;
	x->g = p->first.g;
	x->vm = p->first.vm;
	x->sig = &p->actions;
	if (dgm_cpu_new(x->vm, &x->cpu)) {
		free(x);
		return NULL;
	}
	return x;
}

void lx_thread_free(lx *x)
{
	if (!x)
		return;
	(void)dgm_cpu_free(x->cpu);
	if (x->host_stack)
		munmap(x->host_stack, HANDLER_BYTES);
	lx_exec_free(x);
	if (x != &x->p->first)
		free(x);
	else
		x->cpu = NULL;
}

void lx_enlist(lx *x)
{
	struct dgm_linux *p = x->p;

	pthread_mutex_lock(&p->lock);
	p->ending &= p->n_thread || p->n_host;	/* run again after its end */
	x->tid = (int)LX_HOST(SYS_gettid, 0);
	x->next = p->threads;
	p->threads = x;
	p->n_thread++;
	lx_debug_came(x);
	if (p->ending)
		atomic_store(&x->look.stop, 1);
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* A signal that no guest thread blocks, known by its value: for blocking calls, see lx_host_fixup. */
static void interrupt(lx *x)
{
	siginfo_t si = { .si_signo = SIGBUS, .si_code = SI_QUEUE };

	si.si_ptr = x;
	LX_HOST(SYS_rt_tgsigqueueinfo, getpid(), x->tid, SIGBUS, (long)&si);
}

void lx_stop_all_of(struct dgm_linux *p, const lx *x)
{
	for (lx *t = p->threads; t; t = t->next) {
		if (t == x || atomic_exchange(&t->look.stop, 1))
			continue;
		dgm_cpu_kick(t->cpu, 1);
		interrupt(t);
	}
}

void lx_stop_all(lx *x)
{
	lx_stop_all_of(x->p, x);
}

static void take_out(lx *x)
{
	lx **at = &x->p->threads;

	while (*at && *at != x)
		at = &(*at)->next;
	if (*at) {
		*at = x->next;
		x->p->n_thread--;
	}
}

/* The kernel's farewell to a thread's memory: its id is cleared and somebody who waits for that is woken. */
static void clear_tid(lx *x)
{
	void *at = x->clear_tid ? lx_ptr(x, x->clear_tid, 4, DGM_W) : NULL;

	if (!at)
		return;
	lx_put32(x, x->clear_tid, 0);
	LX_HOST(SYS_futex, (long)at, FUTEX_WAKE, 1);
}

void lx_leave(lx *x, dgm_status st)
{
	struct dgm_linux *p = x->p;
	uint64_t all = NOT_FAULTS;

	/* From here on signals for the process are the other threads'. */
	LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, 8);
	lx_return_signals(x);
	lx_robust_walk(x);
	clear_tid(x);
	pthread_mutex_lock(&p->lock);
	take_out(x);
	if (!p->ending && (!p->n_thread || st || x->todo == LX_TODO_EXIT)) {
		p->exit_status = x->exit_status;
		p->exit_signal = x->exit_signal;
	}
	if (!p->ending && (st || x->todo == LX_TODO_EXIT)) {
		p->ending = true;
		p->failed = st;
		lx_stop_all(x);
	}
	lx_debug_went(p);
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
}

/* Takes the host thread that ended last, so that no more than one is ever left; lock not held. */
static void reap(struct dgm_linux *p, lx *dead)
{
	lx *before;

	pthread_mutex_lock(&p->lock);
	before = p->last_dead;
	p->last_dead = dead;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	if (!before)
		return;
	pthread_join(before->host, NULL);
	lx_thread_free(before);
}

void lx_wait_all(struct dgm_linux *p)
{
	pthread_mutex_lock(&p->lock);
	while (p->n_thread || p->n_host)
		pthread_cond_wait(&p->changed, &p->lock);
	pthread_mutex_unlock(&p->lock);
	reap(p, NULL);
}

void lx_only(lx *x)
{
	struct dgm_linux *p = x->p;
	lx *next;

	pthread_cond_init(&p->changed, NULL);
	lx_debug_forget(p);
	lx_futex_fork(p);
	for (lx *t = p->threads; t; t = next) {
		next = t->next;
		if (t == x)
			continue;
		(void)dgm_cpu_abandon(t->cpu);
		lx_thread_free(t);
	}
	if (p->last_dead)
		lx_thread_free(p->last_dead);
	p->last_dead = NULL;
	p->n_host = 0;
	p->threads = x;
	p->n_thread = 1;
	p->leader = x;
	p->ending = false;
	x->next = NULL;
	x->tid = (int)LX_HOST(SYS_gettid, 0);
	x->in_vfork = false;
	atomic_store(&x->look.stop, 0);
}

/* ---- making a thread ---- */

#define NEEDED (CLONE_VM | CLONE_SIGHAND | CLONE_THREAD)
#define SHARED (CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)
#define KNOWN (NEEDED | SHARED | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | \
	       CLONE_DETACHED | CLONE_UNTRACED | CLONE_PARENT | CLONE_IO | CSIGNAL)

/* What the guest asked for and what the new thread answers; lives on the maker's stack. */
struct birth {
	lx *x;
	uint64_t flags, ptid, ctid;
	int tid;	/* or -errno */
	_Atomic int done;
};

/* Host threads are made with everything shared: what is not to be is parted with. */
static int unshare_rest(uint64_t flags)
{
	int part = (int)(~flags & SHARED);

	return part ? (int)LX_HOST(SYS_unshare, part) : 0;
}

static int get_ready(lx *x, const struct birth *b, stack_t *before)
{
	stack_t ss = { .ss_sp = x->host_stack, .ss_size = HANDLER_BYTES };
	int r = unshare_rest(b->flags), tid = (int)LX_HOST(SYS_gettid, 0);

	if (r)
		return r;
	if (sigaltstack(&ss, before))
		return -EAGAIN;
	if (b->flags & CLONE_PARENT_SETTID)
		lx_put32(x, b->ptid, (uint32_t)tid);
	if (b->flags & CLONE_CHILD_SETTID)
		lx_put32(x, b->ctid, (uint32_t)tid);
	return tid;
}

static void answer(struct birth *b, int tid)
{
	b->tid = tid;
	atomic_store(&b->done, 1);
	LX_HOST(SYS_futex, (long)&b->done, FUTEX_WAKE_PRIVATE, 1);
}

static void *thread_main(void *arg)
{
	struct birth *b = arg;
	lx *x = b->x;
	struct dgm_linux *p = x->p;
	stack_t before = { .ss_flags = SS_DISABLE };
	uint64_t all = NOT_FAULTS;
	int tid;

	/* The C library lets the signal of its own cancellation through. */
	LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, 8);
	lx_become(x);
	tid = get_ready(x, b, &before);
	if (tid > 0) {
		lx_enlist(x);
		answer(b, tid);
		lx_set_mask(x, x->mask);
		lx_leave(x, lx_thread_run(x));
	} else {
		answer(b, tid);
	}
	/* The child of a fork by this thread: dgm_linux_run has no frame there that could return. */
	if (x == p->leader) {
		lx_wait_all(p);
		if (p->cfg.on_end)
			p->cfg.on_end(p->cfg.ud);
		LX_HOST(SYS_exit_group, p->failed ? 127 : lx_die(p->exit_status, p->exit_signal));
	}
	lx_become(NULL);
	sigaltstack(&before, NULL);
	reap(p, x);
	pthread_mutex_lock(&p->lock);
	p->n_host--;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* Without its handler the signal that stops threads would end the process. */
static bool can_interrupt(lx *x)
{
	struct sigaction sa;

	if (sigaction(SIGBUS, NULL, &sa))
		return false;
	if (sa.sa_flags & SA_SIGINFO || (sa.sa_handler != SIG_DFL && sa.sa_handler != SIG_IGN))
		return true;
	return x->p->cfg.on_signal && !x->p->cfg.on_signal(x->p->cfg.ud, SIGBUS, DGM_LINUX_SIG_CATCH, 0);
}

static int start_host(lx *y, struct birth *b)
{
	pthread_attr_t attr;
	int r;

	y->host_stack = mmap(NULL, HANDLER_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (y->host_stack == MAP_FAILED) {
		y->host_stack = NULL;
		return -EAGAIN;
	}
	if (pthread_attr_init(&attr))
		return -EAGAIN;
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	r = pthread_create(&y->host, &attr, thread_main, b);
	pthread_attr_destroy(&attr);
	return r ? -EAGAIN : 0;
}

/* Makes the host thread and waits until it lives; its id or -errno. */
static int bear(lx *x, lx *y, struct birth *b)
{
	struct dgm_linux *p = x->p;
	uint64_t all = NOT_FAULTS, old;
	int r;

	pthread_mutex_lock(&p->lock);
	p->n_host++;
	pthread_mutex_unlock(&p->lock);
	/* The new thread begins with these blocked, until it knows who it is. */
	LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&old, 8);
	r = start_host(y, b);
	while (!r && !atomic_load(&b->done))
		LX_HOST(SYS_futex, (long)&b->done, FUTEX_WAIT_PRIVATE, 0, 0);
	LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, 8);
	if (!r)
		return b->tid;
	pthread_mutex_lock(&p->lock);
	p->n_host--;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->lock);
	lx_thread_free(y);
	return r;
}

int64_t lx_clone_thread(lx *x, const struct lx_clone *c)
{
	struct birth b = { .flags = c->flags, .ptid = c->ptid, .ctid = c->ctid };
	lx *y;

	if ((c->flags & NEEDED) != NEEDED || c->flags & ~(uint64_t)KNOWN || x->in_vfork)
		return -EINVAL;
	if (!can_interrupt(x))
		return -EAGAIN;
	y = lx_thread_new(x->p);
	if (!y)
		return -EAGAIN;
	if (dgm_cpu_copy(y->cpu, x->cpu)) {
		lx_thread_free(y);
		return -EAGAIN;
	}
	y->mask = x->mask;
	y->personality = x->personality;
	y->clear_tid = c->flags & CLONE_CHILD_CLEARTID ? c->ctid : 0;
	x->g->set_result(y, 0);
	if (c->sp)
		lx_set_sp(y, c->sp);
	if (c->flags & CLONE_SETTLS)
		lx_set_tls(y, c->tls);
	b.x = y;
	return bear(x, y, &b);
}

/* ---- what a thread leaves behind ---- */

int64_t lx_sys_set_tid_address(lx *x, const uint64_t *a)
{
	x->clear_tid = a[0];
	return LX_HOST(SYS_gettid, 0);
}

int64_t lx_sys_set_robust_list(lx *x, const uint64_t *a)
{
	if (a[1] != 3u * x->g->word)
		return -EINVAL;
	pthread_mutex_lock(&x->p->lock);
	x->robust_head = a[0];
	pthread_mutex_unlock(&x->p->lock);
	return 0;
}

int64_t lx_sys_get_robust_list(lx *x, const uint64_t *a)
{
	uint64_t head = x->robust_head;
	const lx *t = x;

	if (a[0] && (int)a[0] != x->tid) {
		pthread_mutex_lock(&x->p->lock);
		for (t = x->p->threads; t && t->tid != (int)a[0]; t = t->next)
			;
		head = t ? t->robust_head : 0;
		pthread_mutex_unlock(&x->p->lock);
	}
	if (!t)
		return LX_HOST(SYS_kill, (int)a[0], 0) == -ESRCH ? -ESRCH : -EPERM;
	return lx_put_word(x, a[2], 3u * x->g->word) || lx_put_word(x, a[1], head) ? -EFAULT : 0;
}

#define ROBUST_LIMIT 2048

/* Marks a lock of this thread as its dead owner's and wakes one who waits for it. */
static void free_robust(lx *x, uint64_t at, bool pending)
{
	uint32_t tid = (uint32_t)x->tid, seen, raw, want;
	_Atomic uint32_t *p = at & 3 ? NULL : lx_ptr(x, at, 4, DGM_R | DGM_W);

	if (!p)
		return;
	raw = atomic_load(p);
	do {
		seen = (uint32_t)lx_load(x, &raw, 4);
		if (pending && !seen) {
			/* It was given free already, but nobody was woken. */
			LX_HOST(SYS_futex, (long)(uintptr_t)p, FUTEX_WAKE, 1);
			return;
		}
		if ((seen & FUTEX_TID_MASK) != tid)
			return;
		lx_store(x, &want, 4, (seen & FUTEX_WAITERS) | FUTEX_OWNER_DIED);
	} while (!atomic_compare_exchange_weak(p, &raw, want));
	if (seen & FUTEX_WAITERS)
		LX_HOST(SYS_futex, (long)(uintptr_t)p, FUTEX_WAKE, 1);
}

/* A list of locks in the guest's words: next pointers (bit 0: a lock with priority inheritance), offset, pending. */
void lx_robust_walk(lx *x)
{
	unsigned w = x->g->word, n = 0;
	uint64_t at, off, pending, head = x->robust_head;

	if (!head || lx_get_word(x, head, &at) || lx_get_word(x, head + w, &off) || lx_get_word(x, head + 2 * w, &pending))
		return;
	while ((at & ~1ull) != head && n++ < ROBUST_LIMIT) {
		uint64_t next = head;
		bool end = lx_get_word(x, at & ~1ull, &next);

		if ((at & ~1ull) != (pending & ~1ull))
			free_robust(x, lx_wrap((at & ~1ull) + off, w), false);
		if (end)
			break;
		at = next;
	}
	if (pending)
		free_robust(x, lx_wrap((pending & ~1ull) + off, w), true);
}
