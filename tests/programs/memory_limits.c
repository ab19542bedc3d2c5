/* Limits of memory hold, and are lifted; a mapping that grows downwards does so until its limit or a neighbour.
 * @without hot
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MIB = 1 << 20 };

static sigjmp_buf out;

static void fault(int sig)
{
	siglongjmp(out, 1);
}

static void *map(size_t len, int flags)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void limit(int what, rlim_t cur)
{
	struct rlimit rl;

	getrlimit(what, &rl);
	rl.rlim_cur = cur;
	printf("%d ", setrlimit(what, &rl));
}

/* Touches page after page below `top`; how many MiB that went. */
static int reach(volatile char *top, int max)
{
	static volatile int done;

	done = 0;
	if (!sigsetjmp(out, 1))
		while (done < max * (MIB / 4096)) {
			top[-4096L * (done + 1)] = 1;
			done++;
		}
	return done / (MIB / 4096);
}

static char *growing(void)
{
	char *room = map(64 * MIB, MAP_NORESERVE), *p;

	munmap(room, 64 * MIB);
	p = mmap(room + 63 * MIB, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0);
	return p == MAP_FAILED ? NULL : p + MIB;
}

/* After an exec they hold as before. */
static int again(void)
{
	struct rlimit as, data;

	getrlimit(RLIMIT_AS, &as);
	getrlimit(RLIMIT_DATA, &data);
	printf("%d %d ", as.rlim_cur == 600 * MIB, data.rlim_cur == 8 * MIB);
	printf("%d ", map(700 * MIB, MAP_NORESERVE) == NULL);
	printf("%d\n", map(16 * MIB, 0) == NULL);
	return 0;
}

/* Nothing is a limit, too. */
static void nothing(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit rl = { 1, 1 };

	fflush(stdout);
	if (fork()) {
		wait(NULL);
		return;
	}
	printf("%d ", setrlimit(RLIMIT_DATA, &none));
	getrlimit(RLIMIT_DATA, &rl);
	printf("%d ", rl.rlim_cur == 0 && rl.rlim_max == 0);
	printf("%d\n", map(MIB, 0) == NULL);
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = fault, .sa_flags = SA_ONSTACK };
	stack_t ss = { .ss_size = 65536, .ss_sp = malloc(65536) };
	char *top, *wall;
	void *p, *end;

	if (argc > 1)
		return again();
	p = map(300 * MIB, MAP_NORESERVE);
	printf("%d ", p != NULL);
	munmap(p, 300 * MIB);
	limit(RLIMIT_AS, 200 * MIB);
	printf("%d ", map(300 * MIB, MAP_NORESERVE) == NULL && errno == ENOMEM);
	limit(RLIMIT_AS, RLIM_INFINITY);
	p = map(300 * MIB, MAP_NORESERVE);
	printf("%d\n", p != NULL);
	munmap(p, 300 * MIB);
	limit(RLIMIT_DATA, 8 * MIB);
	end = sbrk(0);
	printf("%d ", sbrk(16 * MIB) == (void *)-1);
	printf("%d ", sbrk(0) == end);
	printf("%d ", map(16 * MIB, 0) == NULL);
	printf("%d ", mmap(NULL, 16 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
	limit(RLIMIT_DATA, RLIM_INFINITY);
	printf("%d\n", map(16 * MIB, 0) != NULL);
	sigaltstack(&ss, NULL);
	sigaction(SIGSEGV, &sa, NULL);
	limit(RLIMIT_STACK, 8 * MIB);
	top = growing();
	printf("%d ", reach(top, 4));
	printf("%d\n", reach(top, 40) < 10);
	top = growing();
	wall = mmap(top - 6 * MIB, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	printf("%d ", wall == top - 6 * MIB);
	printf("%d\n", reach(top, 40));
	nothing();
	limit(RLIMIT_DATA, 8 * MIB);
	limit(RLIMIT_AS, 600 * MIB);
	fflush(stdout);
	execl("/proc/self/exe", argv[0], "again", NULL);
	return 1;
}
