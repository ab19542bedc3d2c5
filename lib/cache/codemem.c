#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "cache/codemem.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { PAGE = 4096, CHUNK = 64 * 1024 };

#define WINDOW ((uint64_t)1 << 32)
#define STEP ((uint64_t)1 << 27)
#define HEAP ((uint64_t)1 << 30)
#define NEAR_LEAST ((uint64_t)1 << 46)

static uint64_t round_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) & ~(to - 1);
}

/*
 * Pages that several mappings can share, mapped writable. No descriptor holds them: it would be in the way of
 * a guest's. Being anonymous they go by a name that perf(1) takes for generated code, unlike a memfd's.
 */
static uint8_t *new_pages(uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Maps the pages at rw a second time, executable, in place of what is at rx. */
static bool map_executable(uint8_t *rw, uint8_t *rx, uint64_t size)
{
	return mremap(rw, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, rx) != MAP_FAILED &&
	       !mprotect(rx, size, PROT_READ | PROT_EXEC);
}

static uint8_t *reserve_at(uint64_t at, uint64_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED_NOREPLACE : 0);
	void *p = mmap((void *)(uintptr_t)at, size, PROT_NONE, flags, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	if (!at || (uintptr_t)p == at)
		return p;
	munmap(p, size);	/* kernels before 4.17 take the address for a wish */
	return NULL;
}

/*
 * In the aligned 4 GiB around `near`, below it if possible, for behind a program is its heap. Nowhere below NEAR_LEAST, where programs
 * without position-independent code want single addresses, and guests those of the host's.
 */
static uint8_t *reserve_near(uint64_t near, uint64_t size)
{
	uint64_t lo = near & ~(WINDOW - 1), hi = lo + WINDOW - STEP, below = near & ~(STEP - 1);
	uint8_t *p = NULL;

	if (near < NEAR_LEAST || size > WINDOW / 2)
		return NULL;
	for (uint64_t end = below; !p && end >= lo + size; end -= STEP)
		p = reserve_at(end - size, size);
	for (uint64_t at = below + HEAP; !p && at + size <= hi; at += STEP)
		p = reserve_at(at, size);
	return p;
}

enum dgm_status codemem_init(struct cache_codemem *m, uint64_t budget, uint64_t kept, const void *near)
{
	*m = (struct cache_codemem){ .code_size = round_up(budget, PAGE) + kept, .code_used = kept, .kept = kept };
	m->data_size = round_up(m->code_size / 2, PAGE);

	m->rx = reserve_near((uintptr_t)near, m->code_size + m->data_size);
	if (!m->rx)
		m->rx = reserve_at(0, m->code_size + m->data_size);
	if (!m->rx)
		return DGM_E_JIT;
	m->data = m->rx + m->code_size;
	m->rw = new_pages(m->code_size);
	if (!m->rw || !map_executable(m->rw, m->rx, m->code_size) ||
	    mprotect(m->data, m->data_size, PROT_READ | PROT_WRITE)) {
		codemem_finish(m);
		return DGM_E_JIT;
	}
	return DGM_OK;
}

void codemem_finish(struct cache_codemem *m)
{
	if (m->rw)
		munmap(m->rw, m->code_size);
	if (m->rx)
		munmap(m->rx, m->code_size + m->data_size);
	*m = (struct cache_codemem){ 0 };
}

void codemem_reset(struct cache_codemem *m)
{
	memset(m->data, 0, m->data_used);
	m->code_used = m->kept;
	m->data_used = 0;
}

/*
 * Faults pages in by the chunk before they are used: one call costs what two page faults do.
 * Where the kernel cannot (before 5.14) they fault one by one.
 */
static void touch(uint8_t *base, uint64_t size, uint64_t used, uint64_t *touched, int advice)
{
	uint64_t to = round_up(used, CHUNK);

	if (used <= *touched)
		return;
	to = to < size ? to : size;
	(void)madvise(base + *touched, to - *touched, advice);
	*touched = to;
}

enum dgm_status codemem_alloc(struct cache_codemem *m, uint64_t code, uint64_t data, uint64_t *code_off,
			      uint64_t *data_off)
{
	uint64_t c = round_up(m->code_used, 32), d = round_up(m->data_used, 16);

	if (code > m->code_size || data > m->data_size || c > m->code_size - code || d > m->data_size - data)
		return DGM_E_SIZE;
	*code_off = c;
	*data_off = d;
	m->code_used = c + code;
	m->data_used = d + data;
	touch(m->rw, m->code_size, m->code_used, &m->code_touched, MADV_POPULATE_WRITE);
	touch(m->rx, m->code_size, m->code_used, &m->rx_touched, MADV_POPULATE_READ);
	touch(m->data, m->data_size, m->data_used, &m->data_touched, MADV_POPULATE_WRITE);
	return DGM_OK;
}

enum dgm_status codemem_copy(const struct cache_codemem *m, void **copy)
{
	uint64_t touched = 0;
	uint8_t *p = new_pages(m->code_size);

	if (!p)
		return DGM_E_JIT;
	touch(p, m->code_size, m->code_used, &touched, MADV_POPULATE_WRITE);
	memcpy(p, m->rx, m->code_used);
	*copy = p;
	return DGM_OK;
}

enum dgm_status codemem_adopt(struct cache_codemem *m, void *copy)
{
	if (!map_executable(copy, m->rx, m->code_size) ||
	    mremap(copy, m->code_size, m->code_size, MREMAP_MAYMOVE | MREMAP_FIXED, m->rw) == MAP_FAILED)
		return DGM_E_JIT;
	return DGM_OK;
}

void codemem_drop(const struct cache_codemem *m, void *copy)
{
	if (copy)
		munmap(copy, m->code_size);
}
