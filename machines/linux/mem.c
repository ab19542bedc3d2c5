/* Guest memory for the system calls: checked pointers, copies, words in the guest's byte order. */
#include "guest.h"

void *lx_ptr(lx *x, uint64_t addr, uint64_t len, uint32_t access)
{
	if (addr >= x->g->task_size || len > x->g->task_size - addr)
		return NULL;
	/* An empty range is fine wherever it lies: the host never touches it. */
	return len ? dgm_mem_ptr(x->vm, addr, len, access) : (void *)(uintptr_t)LX_PAGE;
}

long lx_arg(lx *x, uint64_t addr, uint64_t len, uint32_t access)
{
	void *p = lx_ptr(x, addr, len, access);

	return p ? (long)(uintptr_t)p : -1;
}

int lx_read(lx *x, uint64_t addr, void *buf, size_t len)
{
	void *p = lx_ptr(x, addr, len, DGM_R);

	return p ? lx_copy(buf, p, len) : -EFAULT;
}

int lx_write(lx *x, uint64_t addr, const void *buf, size_t len)
{
	void *p = lx_ptr(x, addr, len, DGM_W);

	return p ? lx_copy(p, buf, len) : -EFAULT;
}

/* Copies a text with its NUL. -ENAMETOOLONG when it does not fit. Its length without the NUL. */
int lx_string(lx *x, uint64_t addr, char *buf, size_t cap)
{
	size_t done = 0;

	while (done < cap) {
		size_t n = LX_PAGE - ((addr + done) & (LX_PAGE - 1));
		char *end;

		if (n > 128 && done == 0)
			n = 128;
		if (n > cap - done)
			n = cap - done;
		if (lx_read(x, addr + done, buf + done, n))
			return -EFAULT;
		end = memchr(buf + done, 0, n);
		if (end)
			return (int)(end - buf);
		done += n;
	}
	return -ENAMETOOLONG;
}

uint64_t lx_load(const lx *x, const void *p, unsigned size)
{
	const uint8_t *b = p;
	uint64_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v = v << 8 | b[x->g->big_endian ? i : size - 1 - i];
	return v;
}

void lx_store(const lx *x, void *p, unsigned size, uint64_t v)
{
	uint8_t *b = p;

	for (unsigned i = 0; i < size; i++, v >>= 8)
		b[x->g->big_endian ? size - 1 - i : i] = (uint8_t)v;
}

static int get_sized(lx *x, uint64_t addr, unsigned size, uint64_t *out)
{
	uint8_t b[8];
	int r = lx_read(x, addr, b, size);

	if (!r)
		*out = lx_load(x, b, size);
	return r;
}

static int put_sized(lx *x, uint64_t addr, unsigned size, uint64_t v)
{
	uint8_t b[8];

	lx_store(x, b, size, v);
	return lx_write(x, addr, b, size);
}

int lx_get_word(lx *x, uint64_t addr, uint64_t *out)
{
	return get_sized(x, addr, x->g->word, out);
}

int lx_put_word(lx *x, uint64_t addr, uint64_t v)
{
	return put_sized(x, addr, x->g->word, v);
}

int lx_get32(lx *x, uint64_t addr, uint32_t *out)
{
	uint64_t v = 0;
	int r = get_sized(x, addr, 4, &v);

	*out = (uint32_t)v;
	return r;
}

int lx_put32(lx *x, uint64_t addr, uint32_t v)
{
	return put_sized(x, addr, 4, v);
}

int lx_put64(lx *x, uint64_t addr, uint64_t v)
{
	return put_sized(x, addr, 8, v);
}

int lx_iovec(lx *x, uint64_t addr, uint64_t n, uint32_t access, struct iovec *out)
{
	unsigned w = x->g->word;
	uint8_t raw[LX_MAX_IOV * 16];
	uint64_t total = 0;

	if (n > LX_MAX_IOV)
		return -EINVAL;
	if (lx_read(x, addr, raw, n * 2 * w))
		return -EFAULT;
	for (uint64_t i = 0; i < n; i++) {
		uint64_t base = lx_load(x, raw + i * 2 * w, w), len = lx_load(x, raw + i * 2 * w + w, w);

		if (w == 4 ? len > INT32_MAX : len > INT64_MAX)
			return -EINVAL;
		/* The kernel moves at most this much in one call. */
		if (len > 0x7ffff000u - total)
			len = 0x7ffff000u - total;
		total += len;
		out[i].iov_base = lx_ptr(x, base, len, access);
		out[i].iov_len = len;
		if (out[i].iov_base)
			continue;
		/* As the kernel: what comes before the bad piece is done, a bad first piece fails. */
		if (total == len)
			return -EFAULT;
		return (int)i;
	}
	return (int)n;
}
