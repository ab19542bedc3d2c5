/*
 * Making and ending processes. What must not happen inside a callback is noted there and done by the
 * run loop while the vCPU stands still: fork, vfork, execve.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "debug.h"
#include "image.h"
#include "host_types.h"
#include "run.h"
#include "thread.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int64_t note_end(lx *x, uint64_t status, enum lx_todo todo)
{
	x->exit_status = (int)(status & 0xff);
	x->exit_signal = 0;
	x->todo = todo;
	return 0;
}

int64_t lx_sys_exit_group(lx *x, const uint64_t *a)
{
	return note_end(x, a[0], LX_TODO_EXIT);
}

int64_t lx_sys_exit(lx *x, const uint64_t *a)
{
	return note_end(x, a[0], LX_TODO_END);
}

/* ---- fork, vfork and clone ---- */

#define FORK_FLAGS (CSIGNAL | CLONE_VM | CLONE_VFORK | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | \
		    CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_UNTRACED | CLONE_PIDFD | CLONE_CLEAR_SIGHAND)

#ifndef CLONE_CLEAR_SIGHAND
#define CLONE_CLEAR_SIGHAND 0x100000000ull
#endif

/*
 * A new process is a fork by the C library, which knows SIGCHLD alone. Sharing parts with the maker
 * is offered to a vfork's child only: it has copies, but its maker sleeps as long as it uses them.
 */
static int64_t note_clone(lx *x, struct lx_clone c)
{
	const uint64_t parts = CLONE_FILES | CLONE_FS | CLONE_SIGHAND | CLONE_SYSVSEM;

	if (c.flags & CLONE_THREAD)
		return lx_clone_thread(x, &c);
	if ((c.flags & (CLONE_VM | CLONE_VFORK)) == CLONE_VM || (c.flags & CSIGNAL) != SIGCHLD)
		return -EINVAL;
	if (c.flags & ~(FORK_FLAGS | (c.flags & CLONE_VFORK ? parts : 0)) || (c.flags & CLONE_PIDFD && c.flags & CLONE_VM))
		return -EINVAL;
	x->clone = c;
	x->todo = c.flags & CLONE_VM ? LX_TODO_VFORK : LX_TODO_FORK;
	return 0;
}

int64_t lx_sys_fork(lx *x, const uint64_t *a)
{
	return note_clone(x, (struct lx_clone){ .flags = SIGCHLD });
}

int64_t lx_sys_vfork(lx *x, const uint64_t *a)
{
	return note_clone(x, (struct lx_clone){ .flags = SIGCHLD | CLONE_VM | CLONE_VFORK });
}

int64_t lx_sys_clone(lx *x, const uint64_t *a)
{
	struct lx_clone c = { .flags = (uint32_t)a[0], .sp = a[1], .ptid = a[2], .tls = a[3], .ctid = a[4], .pidfd = a[2] };

	return note_clone(x, c);
}

/* struct clone_args: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid.. */
int64_t lx_sys_clone3(lx *x, const uint64_t *a)
{
	enum { V0_BYTES = 64, MAX_BYTES = 88 };
	uint8_t raw[MAX_BYTES] = { 0 };
	uint64_t v[MAX_BYTES / 8];
	struct lx_clone c;

	if (a[1] < V0_BYTES)
		return -EINVAL;
	if (a[1] > MAX_BYTES)
		return -E2BIG;
	if (lx_read(x, a[0], raw, a[1]))
		return -EFAULT;
	for (unsigned i = 0; i < MAX_BYTES / 8; i++)
		v[i] = lx_load(x, raw + 8 * i, 8);
	if (v[0] & (CSIGNAL | CLONE_DETACHED) || v[4] & ~(uint64_t)CSIGNAL || !v[5] != !v[6] || v[8] || v[9])
		return -EINVAL;
	c = (struct lx_clone){ .flags = v[0] | v[4], .sp = v[5] + v[6], .ptid = v[3], .tls = v[7], .ctid = v[2], .pidfd = v[1] };
	return note_clone(x, c);
}

static void enter_child(lx *x)
{
	const struct lx_clone *c = &x->clone;

	x->todo = LX_TODO_NONE;
	x->look.pending = 0;	/* what was noted for the parent is the parent's */
	x->g->set_result(x, 0);
	if (c->sp)
		lx_set_sp(x, c->sp);
	if (c->flags & CLONE_SETTLS)
		lx_set_tls(x, c->tls);
	if (c->flags & CLONE_CHILD_SETTID)
		lx_put32(x, c->ctid, (uint32_t)LX_HOST(SYS_gettid, 0));
	x->clear_tid = c->flags & CLONE_CHILD_CLEARTID ? c->ctid : 0;
	x->robust_head = 0;
	for (int sig = 1; c->flags & CLONE_CLEAR_SIGHAND && sig <= LX_NSIG; sig++)
		if (lx_action_of(x, sig).handler > 1)
			lx_reset_action(x, sig);
}

static void leave_parent(lx *x, const struct lx_clone *c, long pid)
{
	if (pid > 0 && c->flags & CLONE_PARENT_SETTID)
		lx_put32(x, c->ptid, (uint32_t)pid);
	if (pid > 0 && c->flags & CLONE_PIDFD)
		lx_put32(x, c->pidfd, (uint32_t)LX_HOST(SYS_pidfd_open, pid, 0));
	x->g->set_result(x, pid);
}

/* Nothing of the process is half done while it is copied; the locks are the child's as well. */
static void lock_process(struct dgm_linux *p)
{
	pthread_mutex_lock(&p->map_lock);
	pthread_mutex_lock(&p->actions.lock);
	pthread_mutex_lock(&p->lock);
}

static void unlock_process(struct dgm_linux *p)
{
	pthread_mutex_unlock(&p->lock);
	pthread_mutex_unlock(&p->actions.lock);
	pthread_mutex_unlock(&p->map_lock);
}

static dgm_status do_fork(lx *x)
{
	uint64_t all = ~(uint64_t)0;
	dgm_status st;
	long pid;

	lock_process(x->p);
	st = dgm_engine_fork_prepare(x->p->engine);
	if (st) {
		unlock_process(x->p);
		x->g->set_result(x, -ENOMEM);
		return DGM_OK;
	}
	/* No signal between the fork and the moment when both sides are whole again. */
	LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, 8);
	/* The C library's fork, so that its own locks are whole in the child. */
	pid = fork();
	if (pid < 0)
		pid = -errno;
	st = dgm_engine_fork_done(x->p->engine, pid == 0);
	if (!pid) {
		x->p->child = true;
		lx_only(x);
	}
	unlock_process(x->p);
	if (pid)
		leave_parent(x, &x->clone, pid);
	else
		enter_child(x);
	lx_set_mask(x, x->mask);
	return st;
}

int lx_die(int status, int sig)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	uint64_t none = 0;

	if (sig) {
		sigaction(sig, &dfl, NULL);
		LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, 8);
		LX_HOST(SYS_kill, getpid(), sig);
	}
	return status;
}

static int vfork_child(void *arg)
{
	lx *x = arg;

	lx_become(x);
	x->tid = (int)LX_HOST(SYS_gettid, 0);
	enter_child(x);
	lx_set_mask(x, x->mask);
	if (lx_loop(x))
		return 127;
	return lx_die(x->exit_status, x->exit_signal);
}

/* The child's own view of itself: a vCPU, signal actions, what a thread has. */
static lx *vfork_view(lx *x)
{
	lx *y = lx_thread_new(x->p);
	struct lx_actions *sig = y ? malloc(sizeof *sig) : NULL;

	if (!sig || dgm_cpu_copy(y->cpu, x->cpu)) {
		free(sig);
		lx_thread_free(y);
		return NULL;
	}
	pthread_mutex_init(&sig->lock, NULL);
	pthread_mutex_lock(&x->sig->lock);
	memcpy(sig->a, x->sig->a, sizeof sig->a);
	pthread_mutex_unlock(&x->sig->lock);
	y->sig = sig;
	y->mask = x->mask;
	y->alt_sp = x->alt_sp;
	y->alt_size = x->alt_size;
	y->alt_flags = x->alt_flags;
	y->personality = x->personality;
	y->clone = x->clone;
	y->in_vfork = true;
	return y;
}

/*
 * The child runs in this very memory, on a stack of its own, while the kernel keeps this thread waiting
 * until it has executed a program or ended: what the guest may expect of vfork. All changes to the
 * guest's memory stay.
 */
static dgm_status do_vfork(lx *x)
{
	size_t size = 1u << 23;
	uint64_t all = ~(uint64_t)0;
	lx *y = vfork_view(x);
	char *stack = malloc(size);	/* hardly touched; whoever watches memory sees that it is fresh */
	long pid = -ENOMEM;

	if (y && stack) {
		LX_HOST(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, 8);
		lx_debug_lift(x, true);
		pid = clone(vfork_child, stack + size, CLONE_VM | CLONE_VFORK | SIGCHLD, y);
		if (pid < 0)
			pid = -errno;
		/* The two share the thread's variables; a signal may have ended the child inside of a run. */
		lx_become(x);
		(void)dgm_cpu_abandon(y->cpu);
		lx_debug_lift(x, false);
	}
	free(stack);
	if (y)
		free(y->sig);
	lx_thread_free(y);
	leave_parent(x, &x->clone, pid);
	lx_set_mask(x, x->mask);
	return DGM_OK;
}

dgm_status lx_todo(lx *x)
{
	enum lx_todo todo = x->todo;

	if (todo == LX_TODO_EXIT || todo == LX_TODO_END)
		return DGM_OK;
	x->todo = LX_TODO_NONE;
	switch (todo) {
	case LX_TODO_FORK:
		return do_fork(x);
	case LX_TODO_VFORK:
		return do_vfork(x);
	case LX_TODO_EXEC:
		x->g->set_result(x, lx_do_exec(x));
		return DGM_OK;
	default:
		return DGM_OK;
	}
}

/* ---- execve ---- */

void lx_exec_free(lx *x)
{
	free(x->exec.argv);
	free(x->exec.envp);
	free(x->exec.path);
	x->exec = (struct lx_exec){ 0 };
}

static void set_block(char **list, size_t n, char *text)
{
	for (size_t i = 0; i < n; i++) {
		list[i] = text;
		text += strlen(text) + 1;
	}
	list[n] = NULL;
}

#define MAX_ARG_BYTES (2u << 20)

/* Copies a list of texts out of the guest: pointers and texts in one block, to be freed at once. */
static int get_list(lx *x, uint64_t addr, char ***out)
{
	char *text = malloc(MAX_ARG_BYTES), **list;
	size_t n = 0, used = 0;
	uint64_t p = 0;
	int r = text ? 0 : -ENOMEM;

	while (!r && addr) {
		r = lx_get_word(x, addr + n * x->g->word, &p);
		if (r || !p)
			break;
		r = lx_string(x, p, text + used, MAX_ARG_BYTES - used);
		if (r >= 0) {
			used += (size_t)r + 1;
			n++;
			r = 0;
		} else if (r == -ENAMETOOLONG) {
			r = -E2BIG;
		}
	}
	list = r ? NULL : malloc((n + 1) * sizeof *list + used);
	if (list) {
		memcpy(list + n + 1, text, used);
		set_block(list, n, (char *)(list + n + 1));
	}
	free(text);
	*out = list;
	return r ? r : list ? 0 : -ENOMEM;
}

static int64_t note_exec(lx *x, const char *path, uint64_t argv, uint64_t envp)
{
	int r;

	lx_exec_free(x);
	r = get_list(x, argv, &x->exec.argv);
	if (!r)
		r = get_list(x, envp, &x->exec.envp);
	if (!r && !(x->exec.path = strdup(path)))
		r = -ENOMEM;
	if (r) {
		lx_exec_free(x);
		return r;
	}
	x->todo = LX_TODO_EXEC;
	return 0;
}

int64_t lx_sys_execve(lx *x, const uint64_t *a)
{
	char path[PATH_MAX];
	int r = lx_path(x, AT_FDCWD, a[0], true, path);

	if (!r && !path[0])
		r = -ENOENT;
	return r ? r : note_exec(x, path, a[1], a[2]);
}

/*
 * An open file, by its name if it has one: this program starts again for it, and by then descriptors that close on exec
 * are closed. A file without a name stays open in the new program, under another number.
 */
static int64_t exec_open_file(lx *x, int fd, const uint64_t *a)
{
	char link[32], name[PATH_MAX];
	struct stat of_fd, of_name;
	int64_t n, copy;

	if (fstat(fd, &of_fd))
		return -errno;
	if (lx_fd_name(fd, name) && !stat(name, &of_name) && of_name.st_dev == of_fd.st_dev && of_name.st_ino == of_fd.st_ino)
		return note_exec(x, name, a[2], a[3]);
	copy = LX_HOST(SYS_fcntl, fd, F_DUPFD, 3);
	if (copy < 0)
		return copy;
	snprintf(link, sizeof link, "/proc/self/fd/%d", (int)copy);
	n = note_exec(x, link, a[2], a[3]);
	if (n)
		close((int)copy);
	return n;
}

int64_t lx_sys_execveat(lx *x, const uint64_t *a)
{
	char path[PATH_MAX], full[PATH_MAX + 64];
	int r = lx_path(x, (int)a[0], a[1], !(a[4] & AT_SYMLINK_NOFOLLOW), path);

	if (r)
		return r;
	if (!path[0] && !(a[4] & AT_EMPTY_PATH))
		return -ENOENT;
	if (path[0] == '/' || (int)a[0] == AT_FDCWD)
		return note_exec(x, path, a[2], a[3]);
	if (!path[0])
		return exec_open_file(x, (int)a[0], a);
	snprintf(full, sizeof full, "/proc/self/fd/%d/%s", (int)a[0], path);
	return note_exec(x, full, a[2], a[3]);
}

/* Starts this program again for a guest's file; argv[0] of the guest may be anything. */
static int64_t exec_self(lx *x, const char *path, char *const *args)
{
	size_t n_self = 0, n = 0, k = 0;
	char inherit[128];
	const char **list;
	int64_t r;

	if (!x->p->cfg.self)
		return -ENOEXEC;
	while (x->p->cfg.self_args && x->p->cfg.self_args[n_self])
		n_self++;
	while (args[n])
		n++;
	list = malloc((n_self + n + 7) * sizeof *list);
	if (!list)
		return -ENOMEM;
	list[k++] = x->p->cfg.self;
	for (size_t i = 0; i < n_self; i++)
		list[k++] = x->p->cfg.self_args[i];
	if (lx_limits_text(x, inherit, sizeof inherit))
		list[k++] = inherit;
	list[k++] = "-0";
	list[k++] = n ? args[0] : "";
	list[k++] = path;
	for (size_t i = 1; i < n; i++)
		list[k++] = args[i];
	list[k] = NULL;
	r = LX_HOST(SYS_execve, (long)x->p->cfg.self, (long)list, (long)x->exec.envp);
	free(list);
	return r;
}

static int64_t exec_file(lx *x, const char *path, char *const *args, unsigned depth);

/* "#! interpreter argument": the interpreter, the argument, the script, the script's arguments. */
static int64_t exec_script(lx *x, char *line, const char *path, char *const *args, unsigned depth)
{
	char interp[PATH_MAX], *arg, *end;
	char **list;
	size_t n = 0, k = 0;
	int64_t r;

	line[strcspn(line, "\n")] = 0;
	line += strspn(line, " \t");
	end = line + strcspn(line, " \t");
	arg = end + strspn(end, " \t");
	*end = 0;
	for (char *t = arg + strlen(arg); t > arg && (t[-1] == ' ' || t[-1] == '\t'); t--)
		t[-1] = 0;
	if (!line[0] || strlen(line) >= sizeof interp)
		return -ENOEXEC;
	snprintf(interp, sizeof interp, "%s", line);
	while (args[n])
		n++;
	list = malloc((n + 4) * sizeof *list);
	if (!list)
		return -ENOMEM;
	list[k++] = line;
	if (arg[0])
		list[k++] = arg;
	list[k++] = (char *)(uintptr_t)path;
	for (size_t i = 1; i < n; i++)
		list[k++] = args[i];
	list[k] = NULL;
	r = lx_path_find(x, AT_FDCWD, interp, true);
	if (!r)
		r = exec_file(x, interp, list, depth + 1);
	free(list);
	return r;
}

static int64_t exec_file(lx *x, const char *path, char *const *args, unsigned depth)
{
	char head[256 + 1];
	struct stat st;
	int64_t n;
	int fd;

	if (depth > 4)
		return -ELOOP;
	if (stat(path, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || access(path, X_OK))
		return -EACCES;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return LX_HOST(SYS_execve, (long)path, (long)args, (long)x->exec.envp);
	n = read(fd, head, sizeof head - 1);
	close(fd);
	if (n < 0)
		return -EIO;
	head[n] = 0;
	if (n > 2 && head[0] == '#' && head[1] == '!')
		return exec_script(x, head + 2, path, args, depth);
	if (lx_elf_guest((const uint8_t *)head, (size_t)n))
		return exec_self(x, path, args);
	return LX_HOST(SYS_execve, (long)path, (long)args, (long)x->exec.envp);
}

/* Only returns when the program could not be started. */
int64_t lx_do_exec(lx *x)
{
	static const int caught[2] = { SIGSEGV, SIGBUS };
	const struct sigaction ign = { .sa_handler = SIG_IGN };
	struct sigaction old[2];
	int64_t r;

	/* These two are always caught here, but what is ignored must stay ignored. */
	for (int i = 0; i < 2; i++)
		sigaction(caught[i], lx_action_of(x, caught[i]).handler == 1 ? &ign : NULL, &old[i]);
	r = exec_file(x, x->exec.path, x->exec.argv, 0);
	for (int i = 0; i < 2; i++)
		sigaction(caught[i], &old[i], NULL);
	lx_exec_free(x);
	return r;
}

/* ---- waiting ---- */

int64_t lx_sys_wait4(lx *x, const uint64_t *a)
{
	struct rusage ru;
	int status = 0;
	int64_t r = LX_WAIT(x, SYS_wait4, (int)a[0], (long)&status, (int)a[2], a[3] ? (long)&ru : 0);

	if (r > 0 && a[1] && lx_put32(x, a[1], (uint32_t)status))
		return -EFAULT;
	if (r > 0 && a[3] && lx_put(x, LX_ST_RUSAGE, a[3], &ru))
		return -EFAULT;
	return r;
}

int64_t lx_sys_waitid(lx *x, const uint64_t *a)
{
	struct rusage ru;
	siginfo_t si = { 0 };
	uint8_t out[128];
	int64_t r = LX_WAIT(x, SYS_waitid, (int)a[0], (int)a[1], (long)&si, (int)a[3], a[4] ? (long)&ru : 0);

	if (r < 0)
		return r;
	if (a[4] && lx_put(x, LX_ST_RUSAGE, a[4], &ru))
		return -EFAULT;
	if (!a[2])
		return r;
	lx_put_siginfo(x, out, &si);
	return lx_write(x, a[2], out, sizeof out) ? -EFAULT : r;
}
