/* The public functions of user-mode Linux, the machine's callbacks and the run loop. */
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>

#include "fds.h"
#include "guest.h"
#include "run.h"

#define LX_CALL(n, s) [LX_NR_##n] = { #n, s, lx_sys_##n },
const struct lx_call lx_calls[LX_N_CALLS] = {
#include "calls.def"
};
#undef LX_CALL

dgm_status lx_fail(lx *x, dgm_status st, int os_errno, const char *fmt, ...)
{
	va_list ap;

	x->err = DGM_INIT(dgm_error);
	x->err.status = st;
	x->err.os_errno = os_errno;
	va_start(ap, fmt);
	vsnprintf(x->err.msg, sizeof x->err.msg, fmt, ap);
	va_end(ap);
	return st;
}

/* ---- system calls ---- */

/* The arguments as the signature has them; what the registers hold is zero-extended. */
void lx_decode_args(const lx *x, const char *sig, const uint64_t *reg, uint64_t *a)
{
	unsigned n = 0, w = x->g->word;

	for (unsigned i = 0; sig[i] && n < 6; i++) {
		uint64_t v = reg[n++];

		switch (sig[i]) {
		case 'i':
			v = (uint64_t)(int64_t)(int32_t)v;
			break;
		case 'l':
			v = w == 4 ? (uint64_t)(int64_t)(int32_t)v : v;
			break;
		case 'L':
			if (w == 8)
				break;
			/* A pair begins at an even place: then both halves are in an aligned pair of registers. */
			if (n % 2 == 0)
				v = reg[n++];
			v = x->g->big_endian ? v << 32 | reg[n] : v | reg[n] << 32;
			n++;
			break;
		}
		a[i] = v;
	}
}

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
	uint64_t a[8] = { 0 };
	int64_t ret;

	if (!nr || nr->id == LX_NR_none) {
		lx_trace_unknown(x, call->nr, nr ? nr->name : NULL);
		return -ENOSYS;
	}
	c = &lx_calls[nr->id];
	lx_decode_args(x, c->sig, call->a, a);
	ret = c->fn(x, a);
	if (x->cfg.trace)
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
	const struct lx_action *act = lx_next_handler(x);

	if (ret == -LX_ERESTART || ret == -LX_ENOHAND) {
		bool again = !act || (ret == -LX_ERESTART && act->flags & SA_RESTART);

		if (again)
			x->g->set_pc(x, x->sc_pc);
		else
			x->g->set_result(x, -EINTR);
	} else {
		x->g->set_result(x, ret);
	}
}

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	lx *x = ud;
	int64_t ret;

	x->sc_pc = call->pc;
	x->no_result = false;
	if (x->pending) {
		/* What came before the call is handled before the call. */
		call->no_result = true;
		x->g->set_pc(x, call->pc);
		return lx_deliver(x) ? DGM_CONT : DGM_STOP;
	}
	ret = errno_to_guest(x, dispatch(x, call));
	if (x->no_result || x->todo) {
		call->no_result = true;
	} else if (x->pending || ret == -LX_ERESTART || ret == -LX_ENOHAND) {
		call->no_result = true;
		finish_interrupted(x, ret);
	} else {
		call->ret = ret;
	}
	if (!x->todo && x->pending)
		lx_deliver(x);
	return x->todo ? DGM_STOP : DGM_CONT;
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
		si->si_code = x->g->fpe_code(x, f);
		si->si_addr = (void *)(uintptr_t)f->pc;
		break;
	}
	if (x->g->fault_info)
		x->g->fault_info(x, f, si);
}

static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	lx *x = ud;
	siginfo_t si;

	fault_info(x, f, &si);
	x->fault = *f;
	if (x->cfg.trace) {
		char line[96];

		snprintf(line, sizeof line, "--- signal %d code %d pc 0x%llx address 0x%llx ---", si.si_signo, si.si_code,
			 (unsigned long long)f->pc, (unsigned long long)f->va);
		x->cfg.trace(x->cfg.ud, line);
	}
	return lx_force(x, &si) ? DGM_CONT : DGM_STOP;
}

/* The counter's frequency divides a second into whole nanoseconds. */
static uint64_t on_clock(void *ud, dgm_cpu *cpu)
{
	lx *x = ud;
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
	cfg.model = x->cfg.model;
	cfg.flags = x->cfg.vm_flags;
	cfg.abi = DGM_ABI_LINUX;
	st = dgm_vm_new(x->engine, &cfg, &ops, x, &x->vm);
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
	lx *x;

	if (!engine || !cfg || !out || cfg->size != sizeof *cfg || !cfg->argv)
		return DGM_E_ARG;
	x = calloc(1, sizeof *x);
	if (!x)
		return DGM_E_NOMEM;
	x->cfg = *cfg;
	x->engine = engine;
	x->err = DGM_INIT(dgm_error);
	LX_HOST(SYS_rt_sigprocmask, SIG_BLOCK, 0, (long)&mask, 8);
	x->mask = mask;
	*out = x;
	return DGM_OK;
}

dgm_status dgm_linux_load(dgm_linux *x, const char *path)
{
	dgm_status st;
	int fd;

	if (!x || !path || x->vm)
		return DGM_E_ARG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || access(path, X_OK)) {
		st = lx_fail(x, DGM_E_OS, errno, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return st;
	}
	if (!realpath(path, x->exe))
		snprintf(x->exe, sizeof x->exe, "%s", path);
	st = lx_load_file(x, path, fd, make_vm);
	close(fd);
	return st;
}

dgm_status lx_loop(lx *x)
{
	dgm_exit ex = DGM_INIT(dgm_exit);

	for (;;) {
		dgm_status st;

		if (x->pending)
			lx_deliver(x);
		if (x->todo == LX_TODO_EXIT)
			return DGM_OK;
		st = dgm_cpu_run(x->cpu, NULL, &ex);
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

dgm_status dgm_linux_run(dgm_linux *x, dgm_linux_exit *out)
{
	dgm_error e = DGM_INIT(dgm_error);
	dgm_status st;

	if (!x || !x->cpu || !out || out->size != sizeof *out)
		return DGM_E_ARG;
	x->todo = LX_TODO_NONE;
	st = lx_loop(x);
	if (st) {
		(void)dgm_last_error(&e);
		return x->err.status ? st : lx_fail(x, st, e.os_errno, "%s", e.msg[0] ? e.msg : dgm_strerror(st));
	}
	out->status = x->exit_status;
	out->signal = x->exit_signal;
	out->core = x->exit_signal && strchr("\3\4\5\6\7\10\13\30\31\37", x->exit_signal);
	out->child = x->child;
	return DGM_OK;
}

void dgm_linux_free(dgm_linux *x)
{
	if (!x)
		return;
	(void)dgm_cpu_free(x->cpu);
	(void)dgm_vm_free(x->vm);
	lx_exec_free(x);
	lx_vma_fini(x);
	lx_fd_fini(x);
	free(x);
}

dgm_vm *dgm_linux_vm(dgm_linux *x)
{
	return x->vm;
}

dgm_cpu *dgm_linux_cpu(dgm_linux *x)
{
	return x->cpu;
}

dgm_status dgm_linux_error(dgm_linux *x, dgm_error *out)
{
	if (!x || !out || out->size != sizeof *out)
		return DGM_E_ARG;
	*out = x->err;
	out->size = sizeof *out;
	return DGM_OK;
}
