/* The public functions of user-mode Linux, the machine's callbacks and the run loop. */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

#include "debug.h"
#include "fds.h"
#include "guest.h"
#include "run.h"
#include "thread.h"

dgm_status lx_fail(lx *x, dgm_status st, int os_errno, const char *fmt, ...)
{
	dgm_error e = DGM_INIT(dgm_error);
	va_list ap;

	e.status = st;
	e.os_errno = os_errno;
	va_start(ap, fmt);
	vsnprintf(e.msg, sizeof e.msg, fmt, ap);
	va_end(ap);
	pthread_mutex_lock(&x->p->lock);
	x->p->err = e;
	pthread_mutex_unlock(&x->p->lock);
	return st;
}

/* ---- system calls ---- */

static const struct lx_nr *find_call(const struct lx_guest *g, uint64_t nr)
{
	if (nr < *g->n_nr)
		return &g->nr[nr];
	if (g->private_nr && nr >= g->private_base && nr - g->private_base < *g->n_private_nr)
		return &g->private_nr[nr - g->private_base];
	return NULL;
}

static int64_t dispatch(lx *x, const dgm_syscall *call)
{
	const struct lx_nr *nr = find_call(x->g, call->nr);
	const struct lx_call *c;
	uint64_t a[LX_ARGS] = { 0 };
	int64_t ret;

	if (!nr || nr->id == LX_NR_none) {
		lx_trace_unknown(x, call->nr, nr ? nr->name : NULL);
		return -ENOSYS;
	}
	c = &lx_calls[nr->id];
	lx_decode_args(x, c->sig, call->a, a);
	ret = lx_carry_out(x, c, a);
	if (x->p->cfg.trace)
		lx_trace(x, c, a, ret);
	return ret;
}

static int64_t errno_to_guest(const lx *x, int64_t ret)
{
	for (size_t i = 0; ret < 0 && i < x->g->n_errnos; i++)
		if (-ret == x->g->errnos[i].host)
			return -(int64_t)x->g->errnos[i].guest;
	return ret;
}

/* After a call that a signal interrupted, or met: the result, or back to the instruction. */
static void finish_interrupted(lx *x, int64_t ret)
{
	struct lx_action act;
	bool handled = lx_next_handler(x, &act);

	if (ret == -LX_ERESTART || ret == -LX_ENOHAND) {
		bool again = !handled || (ret == -LX_ERESTART && act.flags & SA_RESTART);

		if (again)
			lx_set_pc(x, x->sc_pc);
		else
			x->g->set_result(x, -EINTR);
	} else {
		x->g->set_result(x, ret);
	}
}

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	lx *x = lx_self();
	int64_t ret;

	x->sc_pc = call->pc;
	x->no_result = false;
	if (x->look.stop)
		return DGM_STOP;
	if (x->look.pending) {
		/* What came before the call is handled before the call. */
		call->no_result = true;
		lx_set_pc(x, call->pc);
		return !lx_debugged(x) && lx_deliver(x) ? DGM_CONT : DGM_STOP;
	}
	ret = errno_to_guest(x, dispatch(x, call));
	if (x->no_result || x->todo) {
		call->no_result = true;
	} else if (x->look.pending || ret == -LX_ERESTART || ret == -LX_ENOHAND) {
		call->no_result = true;
		finish_interrupted(x, ret);
	} else {
		call->ret = ret;
	}
	/* A debugger is told before signals are delivered, and that between two instructions. */
	if (lx_debugged(x))
		return DGM_STOP;
	/* One that came since has kicked the vCPU: before it is delivered, the result must be in its register. */
	if (!x->todo && call->no_result && x->look.pending)
		lx_deliver(x);
	return x->todo || x->look.stop ? DGM_STOP : DGM_CONT;
}

/* ---- faults ---- */

static void fault_info(lx *x, const dgm_fault *f, siginfo_t *si)
{
	*si = (siginfo_t){ .si_signo = SIGSEGV, .si_code = SEGV_ACCERR };
	si->si_addr = (void *)(uintptr_t)f->va;
	switch (f->cause) {
	case DGM_CAUSE_UNMAPPED:
		si->si_code = SEGV_MAPERR;
		break;
	case DGM_CAUSE_ALIGN:
		si->si_signo = SIGBUS;
		si->si_code = BUS_ADRALN;
		break;
	case DGM_CAUSE_BUS:
		si->si_signo = SIGBUS;
		si->si_code = BUS_ADRERR;
		break;
	case DGM_CAUSE_ILLEGAL: case DGM_CAUSE_PRIVILEGED:
		si->si_signo = SIGILL;
		si->si_code = f->cause == DGM_CAUSE_ILLEGAL ? ILL_ILLOPC : ILL_PRVOPC;
		si->si_addr = (void *)(uintptr_t)f->pc;
		break;
	case DGM_CAUSE_TRAP:
		si->si_signo = SIGTRAP;
		si->si_code = TRAP_BRKPT;
		si->si_addr = (void *)(uintptr_t)f->pc;
		break;
	case DGM_CAUSE_FP:
		si->si_signo = SIGFPE;
		si->si_code = x->g->fpe_code ? x->g->fpe_code(x, f) : FPE_FLTUNK;
		si->si_addr = (void *)(uintptr_t)f->pc;
		break;
	}
	if (x->g->fault_info)
		x->g->fault_info(x, f, si);
}

static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	lx *x = lx_self();
	siginfo_t si;

	fault_info(x, f, &si);
	if (f->cause == DGM_CAUSE_ALIGN && f->access != DGM_X && x->g->fix_align && x->g->fix_align(x, f, &si))
		return DGM_CONT;
	if (f->cause == DGM_CAUSE_UNMAPPED && f->access != DGM_X && lx_grow_down(x, f->va))
		return DGM_RETRY;
	x->fault = *f;
	if (x->p->cfg.trace) {
		char line[96];

		snprintf(line, sizeof line, "--- signal %d code %d pc 0x%llx address 0x%llx ---", si.si_signo, si.si_code,
			 (unsigned long long)f->pc, (unsigned long long)f->va);
		x->p->cfg.trace(x->p->cfg.ud, line);
	}
	if (lx_debugged(x)) {
		lx_debug_fault(x, &si);
		return DGM_BREAK;
	}
	return lx_force(x, &si) ? DGM_CONT : DGM_STOP;
}

/* The counter's frequency divides a second into whole nanoseconds. */
static uint64_t on_clock(void *ud, dgm_cpu *cpu)
{
	lx *x = lx_self();
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec) / (1000000000u / x->g->clock_hz);
}

static dgm_status make_vm(lx *x)
{
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_vm_cfg cfg = DGM_INIT(dgm_vm_cfg);
	dgm_status st;
	dgm_error e = DGM_INIT(dgm_error);

	ops.syscall = on_syscall;
	ops.fault = on_fault;
	ops.illegal = on_fault;
	ops.trap = on_fault;
	ops.clock = on_clock;
	cfg.arch = x->g->arch;
	cfg.model = x->p->cfg.model;
	cfg.flags = x->p->cfg.vm_flags;
	cfg.abi = DGM_ABI_LINUX;
	cfg.mem = x->g->word == 8 ? DGM_MEM_IDENTITY : DGM_MEM_FLAT;
	st = dgm_vm_new(x->p->engine, &cfg, &ops, x->p, &x->vm);
	if (!st)
		st = dgm_cpu_new(x->vm, &x->cpu);
	if (!st) {
		/* Until the guest asks for such signals, hot code need not keep its registers in memory. */
		(void)dgm_vm_precise(x->vm, false);
		return DGM_OK;
	}
	(void)dgm_last_error(&e);
	return lx_fail(x, st, e.os_errno, "%s", e.msg[0] ? e.msg : dgm_strerror(st));
}

/* ---- the public functions ---- */

dgm_status dgm_linux_new(dgm_engine *engine, const dgm_linux_cfg *cfg, dgm_linux **out)
{
	uint64_t mask = 0;
	dgm_linux *p;

	if (!engine || !cfg || !out || cfg->size != sizeof *cfg || !cfg->argv)
		return DGM_E_ARG;
	p = calloc(1, sizeof *p);
	if (!p)
		return DGM_E_NOMEM;
	p->cfg = *cfg;
	p->engine = engine;
	if (cfg->sysroot && cfg->sysroot[0] && (!realpath(cfg->sysroot, p->root) || !strcmp(p->root, "/")))
		p->root[0] = 0;
	p->err = DGM_INIT(dgm_error);
	pthread_mutex_init(&p->map_lock, NULL);
	pthread_mutex_init(&p->actions.lock, NULL);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->changed, NULL);
	LX_HOST(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, 8);
	lx_limits_inherit(p, cfg->inherited);
	p->leader = &p->first;
	p->first.p = p;
	p->first.sig = &p->actions;
	p->first.mask = mask;
	*out = p;
	return DGM_OK;
}

dgm_status dgm_linux_load(dgm_linux *p, const char *path)
{
	dgm_status st;
	int fd;
	lx *x;

	if (!p || !path || p->first.vm)
		return DGM_E_ARG;
	x = &p->first;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || access(path, X_OK)) {
		st = lx_fail(x, DGM_E_OS, errno, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return st;
	}
	if (!realpath(path, p->exe))
		snprintf(p->exe, sizeof p->exe, "%s", path);
	st = lx_load_file(x, path, fd, make_vm);
	close(fd);
	if (!st && p->cfg.flags & DGM_LINUX_SHOW_ARGUMENTS)
		lx_show_arguments(x);
	return st;
}

static bool at_end(const lx *x)
{
	return x->todo == LX_TODO_EXIT || x->todo == LX_TODO_END || x->look.stop;
}

/* As dgm_cpu_run, the way a debugger wants it; what it is to know has been told when this returns. */
static dgm_status run_debugged(lx *x, dgm_exit *ex)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);
	dgm_status st;

	ex->reason = DGM_EXIT_KICK;
	lx_debug_gate(x);
	if (x->look.pending || at_end(x))
		return DGM_OK;
	opts.max_insns = lx_debug_stepping(x);
	st = dgm_cpu_run(x->cpu, &opts, ex);
	if (st)
		return st;
	if (lx_debug_tell(x)) {
		ex->reason = DGM_EXIT_KICK;
	} else if (ex->reason == DGM_EXIT_BREAK) {
		lx_debug_watched(x);
		ex->reason = DGM_EXIT_KICK;
	} else if (lx_debug_stepping(x) && (ex->reason == DGM_EXIT_BUDGET || ex->reason == DGM_EXIT_MODEL)) {
		if (x->todo)
			st = lx_todo(x);
		if (!at_end(x))
			lx_debug_stepped(x);
		ex->reason = DGM_EXIT_KICK;
	}
	return st;
}

dgm_status lx_loop(lx *x)
{
	dgm_exit ex = DGM_INIT(dgm_exit);

	for (;;) {
		dgm_status st;

		if (x->look.pending && !at_end(x))
			lx_deliver(x);
		if (at_end(x))
			return DGM_OK;
		st = lx_debugged(x) ? run_debugged(x, &ex) : dgm_cpu_run(x->cpu, NULL, &ex);
		if (st)
			return st;
		/* A fault that ends the guest leaves with the fault as the reason. */
		if (x->todo || ex.reason == DGM_EXIT_MODEL)
			st = lx_todo(x);
		else if (ex.reason == DGM_EXIT_INTERNAL)
			st = DGM_E_NOMEM;
		else if (ex.reason != DGM_EXIT_KICK)
			st = lx_fail(x, DGM_E_UNSUP, 0, "the guest stopped at 0x%llx for reason %u", (unsigned long long)ex.pc,
				     ex.reason);
		if (st)
			return st;
	}
}

/* Why the library could not go on, if nobody has said so. */
static void note_failure(lx *x, dgm_status st)
{
	dgm_error e = DGM_INIT(dgm_error);

	(void)dgm_last_error(&e);
	if (!x->p->err.status)
		(void)lx_fail(x, st, e.os_errno, "%s", e.msg[0] ? e.msg : dgm_strerror(st));
}

dgm_status lx_thread_run(lx *x)
{
	dgm_status st = lx_loop(x);

	if (st)
		note_failure(x, st);
	return st;
}

dgm_status dgm_linux_run(dgm_linux *p, dgm_linux_exit *out)
{
	uint64_t mask;
	lx *x;

	if (!p || !p->first.cpu || !out || out->size != sizeof *out)
		return DGM_E_ARG;
	x = &p->first;
	x->todo = LX_TODO_NONE;
	LX_HOST(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, 8);
	lx_become(x);
	lx_enlist(x);
	lx_leave(x, lx_thread_run(x));
	lx_wait_all(p);
	lx_debug_ended(p);
	lx_become(NULL);
	LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&mask, 0, 8);
	if (p->failed)
		return p->failed;
	out->status = p->exit_status;
	out->signal = p->exit_signal;
	out->core = p->exit_signal && strchr("\3\4\5\6\7\10\13\30\31\37", p->exit_signal);
	out->child = p->child;
	return DGM_OK;
}

void dgm_linux_free(dgm_linux *p)
{
	if (!p)
		return;
	lx_debug_free(p);
	lx_thread_free(&p->first);
	(void)dgm_vm_free(p->first.vm);
	lx_vma_fini(p);
	free(p->seg);
	lx_fd_fini(p);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->lock);
	pthread_mutex_destroy(&p->actions.lock);
	pthread_mutex_destroy(&p->map_lock);
	free(p);
}

dgm_vm *dgm_linux_vm(dgm_linux *p)
{
	return p->first.vm;
}

dgm_cpu *dgm_linux_cpu(dgm_linux *p)
{
	return p->first.cpu;
}

dgm_status dgm_linux_error(dgm_linux *p, dgm_error *out)
{
	if (!p || !out || out->size != sizeof *out)
		return DGM_E_ARG;
	pthread_mutex_lock(&p->lock);
	*out = p->err;
	pthread_mutex_unlock(&p->lock);
	out->size = sizeof *out;
	return DGM_OK;
}
