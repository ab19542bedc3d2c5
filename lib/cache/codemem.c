#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cache/codemem.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

enum { PAGE = 4096, CHUNK = 64 * 1024 };

static uint64_t round_up(uint64_t v, uint64_t to)
{
	return (v + to - 1) & ~(to - 1);
}

enum dgm_status codemem_init(struct cache_codemem *m, uint64_t budget)
{
	int fd;

	*m = (struct cache_codemem){ .code_size = round_up(budget, PAGE) };
	m->data_size = round_up(m->code_size / 2, PAGE);

	fd = memfd_create("dragoman-code", MFD_CLOEXEC);
	if (fd < 0)
		return DGM_E_JIT;
	if (ftruncate(fd, (off_t)m->code_size))
		goto fail;
	void *all = mmap(NULL, m->code_size + m->data_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			 -1, 0);
	if (all == MAP_FAILED)
		goto fail;
	m->rx = all;
	m->data = m->rx + m->code_size;
	if (mmap(m->rx, m->code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		goto fail;
	if (mprotect(m->data, m->data_size, PROT_READ | PROT_WRITE))
		goto fail;
	void *rw = mmap(NULL, m->code_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
	if (rw == MAP_FAILED)
		goto fail;
	m->rw = rw;
	/* The mappings keep the memory; a descriptor would be in the way of the guest's. */
	close(fd);
	return DGM_OK;
fail:
	close(fd);
	codemem_finish(m);
	return DGM_E_JIT;
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
	m->code_used = m->data_used = 0;
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

enum dgm_status codemem_copy(const struct cache_codemem *m, int *fd)
{
	uint64_t done = 0;
	int copy = memfd_create("dragoman-code", MFD_CLOEXEC);

	if (copy < 0)
		return DGM_E_JIT;
	if (ftruncate(copy, (off_t)m->code_size))
		goto fail;
	while (done < m->code_used) {
		ssize_t n = pwrite(copy, m->rx + done, m->code_used - done, (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			goto fail;
		done += (uint64_t)n;
	}
	*fd = copy;
	return DGM_OK;
fail:
	close(copy);
	return DGM_E_JIT;
}

enum dgm_status codemem_adopt(struct cache_codemem *m, int fd)
{
	if (mmap(m->rx, m->code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		return DGM_E_JIT;
	if (mmap(m->rw, m->code_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, fd, 0) ==
	    MAP_FAILED)
		return DGM_E_JIT;
	close(fd);
	return DGM_OK;
}
