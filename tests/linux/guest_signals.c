/*
 * A guest's program that checks what it can see of signals, faults and processes by itself: one line
 * "FAIL line: condition" for each thing that is wrong, "done" at the end. It waits with repeating
 * timers alone, so that a slow machine changes nothing.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define CHECK(c) \
	do { \
		if (!(c)) \
			printf("FAIL %d: %s\n", __LINE__, #c); \
	} while (0)

/* What differs: the pc in a context, a load and a store, undefined and trapping instructions (4 bytes each). */
#if defined(__powerpc__)
#define PC(c) ((c)->uc_mcontext.uc_regs->gregs[32])
#define LOAD(p) __asm__ volatile("lwz 9,0(%0)" : : "b"(p) : "r9", "memory")
#define STORE(p) __asm__ volatile("stb 9,0(%0)" : : "b"(p) : "memory")
#define UNDEFINED() __asm__ volatile(".long 0")
#define TRAP() __asm__ volatile("trap")
#elif defined(__aarch64__)
#define PC(c) ((c)->uc_mcontext.pc)
#define LOAD(p) __asm__ volatile("ldr w9, [%0]" : : "r"(p) : "x9", "memory")
#define STORE(p) __asm__ volatile("strb w9, [%0]" : : "r"(p) : "memory")
#define UNDEFINED() __asm__ volatile("udf #0")
#define TRAP() __asm__ volatile("brk #1")
#elif defined(__arm__)
#define PC(c) ((c)->uc_mcontext.arm_pc)
#define LOAD(p) __asm__ volatile("ldr.w r3, [%0]" : : "r"(p) : "r3", "memory")
#define STORE(p) __asm__ volatile("strb.w r3, [%0]" : : "r"(p) : "memory")
#define UNDEFINED() __asm__ volatile("udf.w #1")
/* What the kernel takes for a breakpoint. */
#ifdef __thumb__
#define TRAP() __asm__ volatile(".inst.w 0xf7f0a000")
#else
#define TRAP() __asm__ volatile(".inst 0xe7f001f0")
#endif
#endif

static volatile sig_atomic_t seen, code, count;
static void *volatile address;
static volatile unsigned long at;
static sigjmp_buf out;

static void note(int sig, siginfo_t *info, void *context)
{
	volatile double f = 1.5;

	f *= 3; /* spoils a register that must come back */
	seen = sig;
	code = info->si_code;
	address = info->si_addr;
	at = PC((ucontext_t *)context);
	count++;
}

static void jump(int sig, siginfo_t *info, void *context)
{
	note(sig, info, context);
	siglongjmp(out, 1);
}

static void skip(int sig, siginfo_t *info, void *context)
{
	note(sig, info, context);
	PC((ucontext_t *)context) += 4;
}

static void catch(int sig, void (*f)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof sa);
	sa.sa_sigaction = f;
	sa.sa_flags = SA_SIGINFO | flags;
	CHECK(sigaction(sig, &sa, NULL) == 0);
	seen = 0;
}

static void every_ms(int ms)
{
	struct itimerval it = { { 0, ms * 1000 }, { 0, ms * 1000 } };

	CHECK(setitimer(ITIMER_REAL, &it, NULL) == 0);
}

static void check_masks(void)
{
	sigset_t set, old, pending;

	catch(SIGUSR1, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
	raise(SIGUSR1);
	CHECK(seen == 0 && sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
	CHECK(sigsuspend(&old) == -1 && errno == EINTR && seen == SIGUSR1 && code == SI_TKILL);
	CHECK(sigprocmask(SIG_SETMASK, NULL, &pending) == 0 && sigismember(&pending, SIGUSR1));
	kill(getpid(), SIGUSR1);
	CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0 && code == SI_USER);
}

static void check_interrupted_calls(void)
{
	int fd[2], status;
	char c = 0;

	CHECK(pipe(fd) == 0);
	catch(SIGALRM, note, 0);
	every_ms(20);
	CHECK(read(fd[0], &c, 1) == -1 && errno == EINTR && seen == SIGALRM);
	catch(SIGALRM, note, SA_RESTART);
	if (fork() == 0) {
		usleep(100000);
		_exit(write(fd[1], "x", 1) != 1);
	}
	count = 0;
	CHECK(read(fd[0], &c, 1) == 1 && c == 'x' && count > 0);
	every_ms(0);
	CHECK(wait(&status) > 0 && status == 0);
}

/* Every queued real-time signal comes, each once. */
static void check_queue(void)
{
	pid_t self = getpid(), child;
	union sigval value = { 0 };
	sigset_t set, old;

	catch(SIGRTMIN + 1, note, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	count = 0;
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 100; i++)
			while (sigqueue(self, SIGRTMIN + 1, value) == -1 && errno == EAGAIN)
				;
		_exit(0);
	}
	sigprocmask(SIG_BLOCK, &set, &old);
	while (count < 100)
		sigsuspend(&old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	CHECK(waitpid(child, NULL, 0) == child && count == 100);
}

static int deep(volatile char *above)
{
	volatile char frame[4096];

	frame[0] = above[0];
	return deep(frame) + frame[0];
}

static void check_faults(void)
{
	volatile double keep = 2.25;
	char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	catch(SIGSEGV, skip, 0);
	LOAD(0x5678);
	CHECK(seen == SIGSEGV && code == SEGV_MAPERR && address == (void *)0x5678 && keep == 2.25);
	STORE(page + 4097);
	CHECK(code == SEGV_ACCERR && address == page + 4097);
	catch(SIGSEGV, jump, 0);
	if (!sigsetjmp(out, 1))
		((void (*)(void))8)();
	CHECK(code == SEGV_MAPERR && address == (void *)8 && at == 8);
	catch(SIGTRAP, skip, 0);
	TRAP();
	CHECK(seen == SIGTRAP && code == TRAP_BRKPT);
	catch(SIGILL, skip, 0);
	UNDEFINED();
	CHECK(seen == SIGILL && address == (void *)at);
	munmap(page, 8192);
}

static void check_bus(void)
{
	char name[] = "/tmp/dragoman-signals-XXXXXX";
	int fd = mkstemp(name), zero = open("/dev/zero", O_RDONLY);
	char *page;

	CHECK(fd >= 0 && ftruncate(fd, 4096) == 0 && unlink(name) == 0);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	catch(SIGBUS, jump, 0);
	if (!sigsetjmp(out, 1))
		page[5000] = 1;
	CHECK(seen == SIGBUS && code == BUS_ADRERR && address == page + 5000);
	CHECK(read(zero, page + 4096, 100) == -1 && errno == EFAULT);
	CHECK(syscall(SYS_rt_sigaction, SIGUSR1, page + 4096, NULL, 8) == -1 && errno == EFAULT);
}

static void check_alternate_stack(void)
{
	static char stack[65536];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack }, old;
	volatile char start = 0;

	CHECK(sigaltstack(&ss, NULL) == 0);
	catch(SIGSEGV, jump, SA_ONSTACK);
	if (!sigsetjmp(out, 1))
		deep(&start);
	CHECK(seen == SIGSEGV);
	CHECK(sigaltstack(NULL, &old) == 0 && old.ss_sp == stack && old.ss_flags == 0);
}

/* Only where floating-point exceptions trap. */
static void check_floating_point(void)
{
#ifdef __powerpc__
	volatile double zero = 0, one = 1;

	catch(SIGFPE, jump, 0);
	CHECK(prctl(PR_SET_FPEXC, PR_FP_EXC_PRECISE) == 0);
	feenableexcept(FE_DIVBYZERO);
	if (!sigsetjmp(out, 1))
		zero = one / zero;
	CHECK(seen == SIGFPE && code == FPE_FLTDIV);
	fedisableexcept(FE_ALL_EXCEPT);
#endif
}

static int ends_by(void (*how)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		how();
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	return status;
}

static void by_abort(void)
{
	abort();
}

static void by_fault(void)
{
	signal(SIGSEGV, SIG_DFL);
	*(volatile int *)16 = 1;
}

static void check_processes(void)
{
	static volatile int shared;
	char *const argv[] = { "x", NULL };
	int status;
	pid_t child;

	CHECK(WTERMSIG(ends_by(by_abort)) == SIGABRT);
	CHECK(WTERMSIG(ends_by(by_fault)) == SIGSEGV);
	child = vfork();
	if (child == 0) {
		shared = 5;
		_exit(4);
	}
	CHECK(shared == 5 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 4);
	CHECK(posix_spawn(&child, "/nonexistent", NULL, NULL, argv, NULL) == ENOENT);
	CHECK(system("exit 5") == 5 << 8);
}

static ucontext_t here, there;
static volatile int step;

static void visit(void)
{
	step = 1;
	swapcontext(&there, &here);
	step = 3;
}

static void check_contexts(void)
{
	static char stack[65536];

	CHECK(getcontext(&there) == 0);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = sizeof stack;
	there.uc_link = &here;
	makecontext(&there, visit, 0);
	CHECK(swapcontext(&here, &there) == 0 && step == 1);
	CHECK(swapcontext(&here, &there) == 0 && step == 3);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	check_masks();
	check_interrupted_calls();
	check_queue();
	check_faults();
	check_bus();
	check_alternate_stack();
	check_floating_point();
	check_processes();
	check_contexts();
	puts("done");
	return 0;
}
