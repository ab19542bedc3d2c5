/* The functions at fixed addresses that the kernel gives every ARM program, and the calls of ARM alone.
 * @reference self
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define VERSION (*(const int32_t *)0xffff0ffc)
typedef void *get_tls(void);
typedef int cmpxchg(int old, int fresh, volatile int *p);
typedef int cmpxchg64(const int64_t *old, const int64_t *fresh, volatile int64_t *p);
typedef void barrier(void);
#define HELPER(type, at) ((type *)(at))

enum { CACHEFLUSH = 0xf0002, SET_TLS = 0xf0005, GET_TLS = 0xf0006 };

#define CHECK(c) \
	do { \
		if (!(c)) { \
			printf("line %d: %s\n", __LINE__, #c); \
			bad++; \
		} \
	} while (0)

int main(void)
{
	void *tls = __builtin_thread_pointer();
	volatile int n = 5;
	volatile _Alignas(8) int64_t wide = 0x100000002;
	int64_t old = 0x100000002, other = 0x100000003, fresh = 0x7000000000000001;
	int bad = 0, sum = 0;

	CHECK(VERSION >= 5);
	CHECK(HELPER(get_tls, 0xffff0fe0)() == tls);
	HELPER(barrier, 0xffff0fa0)();
	CHECK(HELPER(cmpxchg, 0xffff0fc0)(4, 9, &n) != 0 && n == 5);
	CHECK(HELPER(cmpxchg, 0xffff0fc0)(5, 9, &n) == 0 && n == 9);
	CHECK(HELPER(cmpxchg64, 0xffff0f60)(&other, &fresh, &wide) != 0 && wide == old);
	CHECK(HELPER(cmpxchg64, 0xffff0f60)(&old, &fresh, &wide) == 0 && wide == fresh);
	for (int i = 0; i < 50000; i++)
		sum += HELPER(cmpxchg, 0xffff0fc0)(9 + i, 10 + i, &n) == 0;
	CHECK(sum == 50000 && n == 9 + 50000);

	CHECK(syscall(GET_TLS) == (long)tls);
	CHECK(syscall(SET_TLS, tls) == 0 && __builtin_thread_pointer() == tls);
	CHECK(syscall(CACHEFLUSH, &n, &n + 1, 0) == 0);
	CHECK(syscall(CACHEFLUSH, &n, &n - 1, 0) == -1 && errno == EINVAL);
	/* The page is not the program's to change, nor for the kernel to read. */
	CHECK(write(1, (void *)0xffff0ffc, 4) == -1 && errno == EFAULT);
	printf("%d bad\n", bad);
	return bad != 0;
}
