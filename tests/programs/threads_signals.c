/* Signals and threads: each its mask, its alternate stack, its faults; signals for one thread and for the process. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS = 4, SENT = 300 };

static __thread volatile sig_atomic_t mine;
static __thread sigjmp_buf back;
static __thread char *alt;
static _Atomic int total, wrong, on_alt;
static sem_t ready, go;
static char *forbidden;

static void count(int sig)
{
	mine++;
	atomic_fetch_add(&total, 1);
}

static void on_stack(int sig)
{
	char here;

	atomic_fetch_add(&on_alt, &here >= alt && &here < alt + 65536);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	mine = info->si_addr == forbidden ? sig : -1;
	siglongjmp(back, 1);
}

/* Counts what is sent to it alone, while it works. */
static void *target(void *arg)
{
	sem_post(&ready);
	while (mine < SENT)
		;
	return (void *)(long)mine;
}

static void *altstack(void *arg)
{
	stack_t ss = { .ss_size = 65536 }, now;

	ss.ss_sp = alt = malloc(65536);
	sigaltstack(NULL, &now);
	wrong += !(now.ss_flags & SS_DISABLE);
	sigaltstack(&ss, NULL);
	for (int i = 0; i < 50; i++)
		pthread_kill(pthread_self(), SIGUSR2);
	return NULL;
}

static void *faulting(void *arg)
{
	volatile int caught = 0;

	for (volatile int i = 0; i < 100; i++) {
		if (!sigsetjmp(back, 1))
			*forbidden = 1;
		else if (mine == SIGSEGV)
			caught = caught + 1;
	}
	return (void *)(long)caught;
}

/* Blocked everywhere but in here: the process's signals must come to this thread. */
static void *waiter(void *arg)
{
	sigset_t set;
	int sig, n = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGRTMIN);
	sem_post(&ready);
	while (!sigwait(&set, &sig) && sig != SIGTERM)
		n++;
	return (void *)(long)n;
}

static void *open_to(void *arg)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	sem_post(&ready);
	while (mine < 20)
		pause();
	return NULL;
}

static void install(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_flags = flags };

	sa.sa_handler = fn;
	sigaction(sig, &sa, NULL);
}

static long all(void *(*fn)(void *), void (*meanwhile)(pthread_t *))
{
	pthread_t t[THREADS];
	long sum = 0;
	void *r;

	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, fn, (void *)i);
	if (meanwhile)
		meanwhile(t);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], &r);
		sum += (long)r;
	}
	return sum;
}

static void send_all(pthread_t *t)
{
	for (int i = 0; i < THREADS; i++)
		sem_wait(&ready);
	for (int n = 0; n < SENT; n++)
		for (int i = 0; i < THREADS; i++)
			pthread_sigqueue(t[i], SIGRTMIN + 1, (union sigval){ 0 });
}

int main(void)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };
	sigset_t set;
	pthread_t t;
	void *r;

	sem_init(&ready, 0, 0);
	install(SIGRTMIN + 1, count, 0);
	install(SIGUSR2, on_stack, SA_ONSTACK);
	install(SIGALRM, count, 0);
	forbidden = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sa.sa_sigaction = on_fault;
	sigaction(SIGSEGV, &sa, NULL);
	printf("directed %ld", all(target, send_all));
	printf(" total %d main %d\n", total, mine);
	all(altstack, NULL);
	printf("alternate %d %d\n", on_alt, wrong);
	printf("faults %ld\n", all(faulting, NULL));
	sigfillset(&set);
	sigdelset(&set, SIGSEGV);
	pthread_sigmask(SIG_SETMASK, &set, NULL);
	pthread_create(&t, NULL, waiter, NULL);
	sem_wait(&ready);
	for (int i = 0; i < 10; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval){ 0 });
	while (sigpending(&set), sigismember(&set, SIGRTMIN))
		usleep(1000);
	kill(getpid(), SIGTERM);
	pthread_join(t, &r);
	printf("waited %ld\n", (long)r);
	pthread_create(&t, NULL, open_to, NULL);
	sem_wait(&ready);
	for (total = 0; pthread_tryjoin_np(t, NULL) == EBUSY;) {
		kill(getpid(), SIGALRM);
		usleep(500);
	}
	printf("process %d\n", total >= 20);
	printf("none %d\n", pthread_kill(pthread_self(), 0));
	return 0;
}
