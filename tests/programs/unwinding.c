/* Unwinding out of signal handlers, through the frames that the kernel makes: backtraces, and the end of a thread.
 * @reference self
 * @flags -fexceptions -fasynchronous-unwind-tables
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>

static volatile int found, frames;
static int failed, cleaned;

#define CHECK(c) do { if (!(c)) { failed++; printf("line %d: %s\n", __LINE__, #c); } } while (0)

/* Raises a signal; the compiler is not to know that this cannot throw. */
static int (*volatile raise_it)(int) = raise;

static __attribute__((noinline)) int interrupted(int sig)
{
	volatile int n = raise_it(sig);

	return n + 1;
}

static _Unwind_Reason_Code look(struct _Unwind_Context *context, void *arg)
{
	frames++;
	found += (_Unwind_GetRegionStart(context) & ~1ul) == ((uintptr_t)interrupted & ~1ul);
	return frames < 100 ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static void on_signal(int sig)
{
	_Unwind_Backtrace(look, NULL);
}

static void on_info(int sig, siginfo_t *si, void *context)
{
	_Unwind_Backtrace(look, NULL);
}

static int seen_from(int sig)
{
	found = frames = 0;
	interrupted(sig);
	return found == 1 && frames > 3 && frames < 100;
}

static void leave(int sig)
{
	pthread_exit((void *)7);
}

static void clean(void *arg)
{
	cleaned += *(int *)arg;
}

static void *thread(void *arg)
{
	int one = 1;

	pthread_cleanup_push(clean, &one);
	raise_it(SIGUSR2);
	pthread_cleanup_pop(0);
	return NULL;
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO };
	static char stack[65536];
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack };
	pthread_t t;
	void *r;

	signal(SIGUSR1, on_signal);
	CHECK(seen_from(SIGUSR1));
	sigaction(SIGUSR1, &sa, NULL);
	CHECK(seen_from(SIGUSR1));
	sa.sa_flags |= SA_ONSTACK;
	sigaltstack(&ss, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	CHECK(seen_from(SIGUSR1));
	signal(SIGUSR2, leave);
	CHECK(!pthread_create(&t, NULL, thread, NULL) && !pthread_join(t, &r) && r == (void *)7 && cleaned == 1);
	return failed != 0;
}
