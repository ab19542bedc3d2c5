/* Anonymous memory: MAP_FIXED over parts, holes, mremap, madvise, protection of pieces, brk.
 * @without hot
 */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

static unsigned sum(const uint8_t *p, size_t n)
{
	unsigned s = 0;

	while (n--)
		s = s * 17 + *p++;
	return s;
}

int main(void)
{
	uint8_t *p = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *q;
	int r, n = 0;

	if (p == MAP_FAILED)
		return 1;
	for (int i = 0; i < 64 * PAGE; i++)
		p[i] = (uint8_t)(i * 7 + i / PAGE);
	printf("%08x\n", sum(p, 64 * PAGE));
	q = mmap(p + 8 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	printf("%d", q == p + 8 * PAGE);
	printf(" %08x\n", sum(p, 64 * PAGE));
	printf("%d\n", munmap(p + 20 * PAGE, 4 * PAGE));
	q = mmap(p + 20 * PAGE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	printf("%d\n", q == p + 20 * PAGE);
	q = mmap(p, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	printf("%d %s\n", q == MAP_FAILED, strerror(errno));
	for (int i = 30; i < 40; i += 2)
		n += mprotect(p + i * PAGE, PAGE, PROT_NONE) == 0;
	for (int i = 30; i < 40; i += 2)
		n += mprotect(p + i * PAGE, PAGE, PROT_READ | PROT_EXEC) == 0;
	printf("%d", n);
	printf(" %08x\n", sum(p + 30 * PAGE, 10 * PAGE));
	r = mprotect(p + 22 * PAGE, PAGE, PROT_READ);
	printf("%d %s\n", r, strerror(errno));
	r = mprotect(p + 1, PAGE, PROT_READ);
	printf("%d %s\n", r, strerror(errno));
	q = mremap(p + 40 * PAGE, 8 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
	printf("%d", q != MAP_FAILED);
	printf(" %08x\n", sum(q, 16 * PAGE));
	q = mremap(q, 16 * PAGE, 2 * PAGE, 0);
	printf("%08x\n", sum(q, 2 * PAGE));
	printf("%d", madvise(q, 2 * PAGE, MADV_DONTNEED));
	printf(" %08x\n", sum(q, 2 * PAGE));
	q = sbrk(0);
	printf("%d\n", sbrk(100000) == (void *)q);
	memset(q, 0x5a, 100000);
	printf("%08x", sum(q, 100000));
	printf(" %d\n", brk(q) == 0);
	printf("%d %d\n", brk(q + (48 << 20)) == 0, brk(q) == 0);
	q = mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	printf("%d %s\n", q == MAP_FAILED, strerror(errno));
	return 0;
}
