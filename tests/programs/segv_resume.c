/* SIGSEGV and SIGBUS with exact addresses; the handler repairs the page and the access is repeated. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 16 };

static volatile uint8_t *area;
static volatile int faults, bad_address, accerr, last_signal;
static volatile intptr_t expected;
static sigjmp_buf back;

static void repair(int sig, siginfo_t *info, void *context)
{
	uint8_t *page = (uint8_t *)((uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1));

	(void)context;
	faults++;
	bad_address += (intptr_t)info->si_addr != expected;
	accerr += info->si_code == SEGV_ACCERR;
	last_signal = sig;
	if (mprotect(page, PAGE, PROT_READ | PROT_WRITE))
		_exit(9);
}

static void escape(int sig, siginfo_t *info, void *context)
{
	(void)context;
	last_signal = sig;
	bad_address += (intptr_t)info->si_addr != expected;
	siglongjmp(back, 1);
}

static void catch(void (*fn)(int, siginfo_t *, void *))
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO };

	sa.sa_sigaction = fn;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
}

static void truncated_file(void)
{
	char name[] = "/tmp/dgm-segv-XXXXXX";
	int fd = mkstemp(name);
	volatile uint8_t *p;

	unlink(name);
	if (fd < 0 || ftruncate(fd, PAGE))
		return;
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	expected = (intptr_t)(p + PAGE + 5);
	if (sigsetjmp(back, 1) == 0)
		printf("%d\n", p[PAGE + 5]);
	printf("behind the file: %s\n", last_signal == SIGBUS ? "SIGBUS" : "other");
	close(fd);
}

int main(void)
{
	uint32_t sum = 0;

	area = mmap(NULL, PAGES * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	catch(repair);
	for (int i = 0; i < PAGES; i++) {
		expected = (intptr_t)(area + i * PAGE + i * 8);
		if (i & 1)
			*(volatile double *)expected = i;
		else
			sum += *(volatile uint32_t *)expected + (uint32_t)i;
		area[i * PAGE + 100] = (uint8_t)i;
		sum = sum * 3 + area[i * PAGE + 100];
	}
	printf("%d faults, %d wrong addresses, %d by protection, sum %u\n", faults, bad_address, accerr, sum);
	catch(escape);
	for (int i = 0; i < 3; i++) {
		expected = 16 + i;
		if (sigsetjmp(back, 1) == 0)
			*(volatile uint8_t *)expected = 1;
		else
			printf("null %d, wrong addresses %d\n", i, bad_address);
	}
	truncated_file();
	munmap((void *)area, PAGE);
	expected = (intptr_t)area;
	if (sigsetjmp(back, 1) == 0)
		area[0] = 1;
	printf("unmapped: signal %d, wrong addresses %d\n", last_signal, bad_address);
	return 0;
}
