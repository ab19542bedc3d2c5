/*
 * GDB and the guest's threads. Whatever a thread does that GDB must know of, a trap, a fault, a signal before its delivery,
 * the end of a step, makes all threads stop: they are kicked, and each waits between two of its
 * instructions. One that sleeps in a system call stands still already; when that returns, it waits there. Once nobody moves,
 * GDB is told, and looks at vCPUs from whatever thread brings its packets. All is under the process's lock.
 */
#include <stdlib.h>

#include "dragoman/gdb.h"
#include "debug.h"
#include "guest.h"
#include "thread.h"

struct lx_debug {
	dgm_gdb *gdb;
	void (*send)(void *ud, const void *bytes, size_t n);
	void *ud;
	bool stopped;	/* nobody may run */
	bool told;	/* and GDB knows it */
	bool begun;	/* the first thread is there */
	int tid, signal;	/* because of which */
};

/* GDB's numbers of signals, by Linux's; those above are computed. */
static const uint8_t gdb_number[32] = {
	0, 1, 2, 3, 4, 5, 6, 10, 8, 9, 30, 11, 31, 13, 14, 15, 143, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28, 23, 32, 12,
};

static int to_gdb(int sig)
{
	if (sig < 32)
		return gdb_number[sig];
	return sig == 32 ? 77 : sig == 64 ? 78 : sig - 33 + 45;
}

/* 0 for what Linux does not have. */
static int from_gdb(int n)
{
	for (int sig = 1; n && sig <= LX_NSIG; sig++)
		if (to_gdb(sig) == n)
			return sig;
	return 0;
}

/* ---- standing still ---- */

static lx *thread_of(const struct dgm_linux *p, uint64_t tid)
{
	lx *t = p->threads;

	while (t && (uint64_t)t->tid != tid)
		t = t->next;
	return t;
}

/* The list has the newest first. */
static lx *nth_thread(const struct dgm_linux *p, uint32_t i)
{
	lx *t = p->threads;

	if (i >= p->n_thread)
		return NULL;
	for (uint32_t skip = p->n_thread - 1 - i; t && skip; skip--)
		t = t->next;
	return t;
}

/* Tells GDB as soon as nobody moves. */
static void settle(struct dgm_linux *p)
{
	struct lx_debug *d = p->debug;

	if (!d->stopped || d->told || !p->threads || p->ending)
		return;
	for (const lx *t = p->threads; t; t = t->next)
		if (!t->dbg.still)
			return;
	for (lx *t = p->threads; t; t = t->next)
		t->dbg.todo = LX_DEBUG_HALT;
	d->told = true;
	d->begun = true;
	if (!thread_of(p, (uint64_t)d->tid))
		d->tid = nth_thread(p, 0)->tid;
	dgm_gdb_stopped(d->gdb, (uint64_t)d->tid, to_gdb(d->signal));
	pthread_cond_broadcast(&p->changed);
}

static void request_stop(struct dgm_linux *p, int tid, int sig)
{
	struct lx_debug *d = p->debug;

	d->stopped = true;
	d->told = false;
	d->tid = tid;
	d->signal = sig;
	for (lx *t = p->threads; t; t = t->next)
		if (!t->dbg.still)
			dgm_cpu_kick(t->cpu, 1);
}

static bool must_wait(const lx *x)
{
	return lx_debugged(x) && !x->look.stop && (x->p->debug->stopped || x->dbg.todo == LX_DEBUG_HALT);
}

static void stand(lx *x)
{
	x->dbg.still = true;
	settle(x->p);
	while (must_wait(x))
		pthread_cond_wait(&x->p->changed, &x->p->lock);
	x->dbg.still = false;
}

void lx_debug_gate(lx *x)
{
	pthread_mutex_lock(&x->p->lock);
	if (must_wait(x))
		stand(x);
	pthread_mutex_unlock(&x->p->lock);
}

void lx_debug_sleep(lx *x)
{
	pthread_mutex_lock(&x->p->lock);
	x->dbg.still = true;
	if (lx_debugged(x))
		settle(x->p);
	pthread_mutex_unlock(&x->p->lock);
}

void lx_debug_wake(lx *x)
{
	pthread_mutex_lock(&x->p->lock);
	stand(x);
	pthread_mutex_unlock(&x->p->lock);
}

/*
 * Stops everybody and tells GDB that it was because of sig; the signal that the thread is to go on with. When
 * others came first, it waits: what lasts is told afterwards, what does not will happen again.
 */
static int stop(lx *x, int sig, bool lasts)
{
	int ret = 0;

	pthread_mutex_lock(&x->p->lock);
	while (must_wait(x)) {
		stand(x);
		if (!lasts)
			goto out;
	}
	if (!lx_debugged(x) || x->look.stop) {
		ret = lasts ? sig : 0;
		goto out;
	}
	request_stop(x->p, x->tid, sig);
	x->dbg.asks = lasts;
	x->dbg.answer = 0;
	stand(x);
	/* Detached meanwhile: nothing is kept from the guest. */
	ret = x->dbg.asks && !lx_debugged(x) ? sig : x->dbg.answer;
	x->dbg.asks = false;
out:
	pthread_mutex_unlock(&x->p->lock);
	return ret;
}

/* ---- what is told ---- */

bool lx_debug_stepping(lx *x)
{
	return x->dbg.todo == LX_DEBUG_STEP;
}

void lx_debug_stepped(lx *x)
{
	/* A signal that waits is told of instead. */
	if (lx_debugged(x) && !x->look.pending && !x->todo)
		(void)stop(x, SIGTRAP, false);
}

void lx_debug_watched(lx *x)
{
	(void)stop(x, SIGTRAP, false);
}

void lx_debug_fault(lx *x, const siginfo_t *si)
{
	uint64_t pc = dgm_pc(x->cpu);

	pthread_mutex_lock(&x->p->lock);
	x->dbg.at_break = lx_debugged(x) && dgm_gdb_breakpoint(x->p->debug->gdb, pc);
	pthread_mutex_unlock(&x->p->lock);
	x->dbg.info = *si;
	x->dbg.event = true;
}

/* Sends a thread a signal that the debugger knows of. */
static void send_told(lx *x, int sig)
{
	x->dbg.pass |= lx_bit(sig);
	LX_HOST(SYS_tgkill, getpid(), x->tid, sig);
}

bool lx_debug_tell(lx *x)
{
	siginfo_t si = x->dbg.info;
	int sig;

	if (!x->dbg.event)
		return false;
	x->dbg.event = false;
	if (x->dbg.at_break) {
		(void)stop(x, SIGTRAP, false);
		return true;
	}
	sig = stop(x, si.si_signo, true);
	/* Without a signal the instruction is executed again. */
	if (sig == si.si_signo) {
		lx_force(x, &si);
	} else if (sig) {
		pthread_mutex_lock(&x->p->lock);
		send_told(x, sig);
		pthread_mutex_unlock(&x->p->lock);
	}
	return true;
}

bool lx_debug_signal(lx *x, siginfo_t *si)
{
	int sig = si->si_signo;
	bool told;

	pthread_mutex_lock(&x->p->lock);
	told = x->dbg.pass & lx_bit(sig);
	x->dbg.pass &= ~lx_bit(sig);
	pthread_mutex_unlock(&x->p->lock);
	if (told)
		return true;
	sig = stop(x, sig, true);
	if (sig && sig != si->si_signo)
		*si = (siginfo_t){ .si_signo = sig, .si_code = SI_USER };
	return sig != 0;
}

void lx_debug_lift(lx *x, bool lifted)
{
	pthread_mutex_lock(&x->p->lock);
	if (lx_debugged(x))
		dgm_gdb_plant(x->p->debug->gdb, !lifted);
	pthread_mutex_unlock(&x->p->lock);
}

void lx_debug_came(lx *x)
{
	x->dbg.todo = LX_DEBUG_RUN;
}

void lx_debug_went(struct dgm_linux *p)
{
	if (p->debugged)
		settle(p);
}

void lx_debug_ended(struct dgm_linux *p)
{
	if (p->debugged)
		dgm_gdb_ended(p->debug->gdb, p->exit_status, to_gdb(p->exit_signal));
}

void lx_debug_forget(struct dgm_linux *p)
{
	if (!p->debugged)
		return;
	p->debugged = false;
	dgm_gdb_free(p->debug->gdb);
	p->debug->gdb = NULL;
}

void lx_debug_free(struct dgm_linux *p)
{
	if (!p->debug)
		return;
	dgm_gdb_free(p->debug->gdb);
	free(p->debug);
}

/* ---- what GDB asks for; with the lock ---- */

static void on_send(void *ud, const void *bytes, size_t n)
{
	const struct dgm_linux *p = ud;

	p->debug->send(p->debug->ud, bytes, n);
}

static uint64_t on_thread(void *ud, uint32_t i)
{
	const lx *t = nth_thread(ud, i);

	return t ? (uint64_t)t->tid : 0;
}

static dgm_cpu *on_cpu(void *ud, uint64_t tid)
{
	const lx *t = thread_of(ud, tid);

	return t ? t->cpu : NULL;
}

static void on_resume(void *ud, uint64_t tid, bool step, int number)
{
	lx *t = thread_of(ud, tid);
	int sig = from_gdb(number);

	if (!t)
		return;
	t->dbg.todo = step ? LX_DEBUG_STEP : LX_DEBUG_RUN;
	if (t->dbg.asks) {
		t->dbg.answer = sig;
	} else if (sig) {
		send_told(t, sig);
	}
}

static void on_go(void *ud)
{
	struct dgm_linux *p = ud;

	p->debug->stopped = false;
	pthread_cond_broadcast(&p->changed);
}

static void on_stop(void *ud)
{
	struct dgm_linux *p = ud;

	if (p->debug->stopped || !p->threads || p->ending)
		return;
	request_stop(p, nth_thread(p, 0)->tid, SIGINT);
	settle(p);
}

static void on_detach(void *ud)
{
	struct dgm_linux *p = ud;

	p->debugged = false;
	pthread_cond_broadcast(&p->changed);
}

static void on_kill(void *ud)
{
	struct dgm_linux *p = ud;

	if (!p->ending) {
		p->exit_status = 0;
		p->exit_signal = SIGKILL;
		p->ending = true;
		lx_stop_all_of(p, NULL);
	}
	on_detach(ud);
}

static size_t on_auxv(void *ud, uint64_t off, void *buf, size_t len)
{
	struct dgm_linux *p = ud;
	uint64_t done = 0;

	if (off >= p->auxv_len)
		return 0;
	if (len > p->auxv_len - off)
		len = p->auxv_len - off;
	(void)dgm_mem_read(p->first.vm, NULL, p->auxv_at + off, buf, len, &done);
	return done;
}

static const char *on_exec_file(void *ud)
{
	const struct dgm_linux *p = ud;

	return p->exe;
}

/* Signals that would end the process without the guest: the debugger is to see them first. */
static void catch_all(struct dgm_linux *p)
{
	pthread_mutex_lock(&p->actions.lock);
	for (int sig = 1; sig <= LX_NSIG; sig++) {
		if (sig == SIGKILL || sig == SIGSTOP)
			continue;
		(void)lx_action_at(&p->first, sig);
		(void)lx_disposition(&p->first, sig);
	}
	pthread_mutex_unlock(&p->actions.lock);
}

dgm_status dgm_linux_gdb(dgm_linux *p, void (*send)(void *ud, const void *bytes, size_t n), void *ud)
{
	dgm_gdb_ops ops = DGM_INIT(dgm_gdb_ops);
	struct lx_debug *d;
	dgm_status st;

	if (!p || !send || !p->first.vm || p->debug || p->threads)
		return DGM_E_ARG;
	if (p->cfg.vm_flags & DGM_VM_NO_COUNT)
		return lx_fail(&p->first, DGM_E_UNSUP, 0, "single steps need a VM that counts instructions");
	d = calloc(1, sizeof *d);
	if (!d)
		return lx_fail(&p->first, DGM_E_NOMEM, ENOMEM, "no memory for a session of GDB");
	*d = (struct lx_debug){ .send = send, .ud = ud, .stopped = true, .signal = SIGTRAP };
	ops.send = on_send;
	ops.thread = on_thread;
	ops.cpu = on_cpu;
	ops.resume = on_resume;
	ops.go = on_go;
	ops.stop = on_stop;
	ops.kill = on_kill;
	ops.detach = on_detach;
	ops.auxv = on_auxv;
	ops.exec_file = on_exec_file;
	st = dgm_gdb_new(p->first.vm, &ops, p, &d->gdb);
	if (st) {
		free(d);
		return lx_fail(&p->first, st, 0, "no session of GDB: %s", dgm_strerror(st));
	}
	p->debug = d;
	p->debugged = true;
	lx_note_precise(&p->first);
	catch_all(p);
	return DGM_OK;
}

void dgm_linux_gdb_feed(dgm_linux *p, const void *bytes, size_t n)
{
	if (!p || !p->debug)
		return;
	pthread_mutex_lock(&p->lock);
	while (p->debugged && !p->debug->begun && !p->ending)
		pthread_cond_wait(&p->changed, &p->lock);
	if (p->debugged && n)
		dgm_gdb_feed(p->debug->gdb, bytes, n);
	else if (p->debugged)
		on_kill(p);
	pthread_mutex_unlock(&p->lock);
}
