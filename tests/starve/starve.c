/*
 * Linked into programs of the tests with --wrap: lets single allocations fail. DGM_STARVE=17 fails the 17th of each
 * process, DGM_STARVE=17+ that and all behind it. A failure appends a byte to the file DGM_STARVE_NOTE, so that
 * who counts upwards sees when there is nothing left to fail. Knows neither the library nor the tests.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
int __real_posix_memalign(void **out, size_t align, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);
int __wrap_posix_memalign(void **out, size_t align, size_t n);

static atomic_ulong calls;

static void note(void)
{
	const char *name = getenv("DGM_STARVE_NOTE");
	int fd = name ? open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return;
	if (write(fd, "!", 1) != 1)
		_exit(99);
	close(fd);
}

static bool fails(void)
{
	const char *which = getenv("DGM_STARVE");
	char *end;
	unsigned long n = which ? strtoul(which, &end, 10) : 0, call;

	if (!n)
		return false;
	call = atomic_fetch_add(&calls, 1) + 1;
	if (call != n && !(*end == '+' && call > n))
		return false;
	if (call == n)
		note();
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
	return fails() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *old, size_t n)
{
	return fails() ? NULL : __real_realloc(old, n);
}

int __wrap_posix_memalign(void **out, size_t align, size_t n)
{
	return fails() ? ENOMEM : __real_posix_memalign(out, align, n);
}
