/* The memory calls: brk, mmap and its family, on the guest's map and the translator's. */
#include <sys/mman.h>

#include "guest.h"

/* The reason the translator gave, as an errno. */
int lx_host_error(lx *x, dgm_status st)
{
	dgm_error e = DGM_INIT(dgm_error);

	if (st == DGM_E_OS && dgm_last_error(&e) == DGM_OK && e.os_errno)
		return -e.os_errno;
	if (st == DGM_E_MAP)
		return -EEXIST;
	return st == DGM_E_ARG ? -EINVAL : -ENOMEM;
}

/* What the processor lets a program do with a page of this protection. */
static uint32_t guest_access(const lx *x, int prot)
{
	uint32_t a = 0;

	if (prot & (PROT_READ | PROT_WRITE))
		a |= DGM_R | (x->g->read_implies_exec ? (uint32_t)DGM_X : 0);
	if (prot & PROT_WRITE)
		a |= DGM_W;
	if (prot & PROT_EXEC)
		a |= DGM_X | DGM_R;
	return a;
}

/* Maps at a fixed place, replacing what is there; flags are the host's. */
int lx_map_at(lx *x, uint64_t at, uint64_t len, int prot, int flags, int fd, int64_t off)
{
	int keep = flags & (MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
	uint32_t kind = (flags & MAP_SHARED ? LX_VMA_SHARED : 0) | (flags & MAP_ANONYMOUS ? LX_VMA_ANON : 0) |
			(flags & MAP_GROWSDOWN ? LX_VMA_GROWS : 0);
	dgm_status st;
	int r;

	len = lx_page_up(len);
	st = dgm_map_host(x->vm, at, len, guest_access(x, prot), keep, fd, off);
	if (st)
		return lx_host_error(x, st);
	r = lx_vma_set(x, at, at + len, (uint32_t)prot, kind);
	if (r)
		dgm_unmap(x->vm, at, len);
	return r;
}

int64_t lx_map_free(lx *x, uint64_t hint, uint64_t len, int prot, int flags, int fd, int64_t off)
{
	uint64_t at = lx_vma_gap(x, len, hint);
	int r = at ? lx_map_at(x, at, len, prot, flags, fd, off) : -ENOMEM;

	/* What is the host's own is in no book here: further down, until there is nothing of it. */
	for (uint64_t step = 1 << 20; r == -EEXIST; step *= 2) {
		if (x->p->mmap_top <= 2 * step)
			return -ENOMEM;
		x->p->mmap_top -= at == hint ? 0 : step;
		at = lx_vma_gap(x, len, 0);
		r = at ? lx_map_at(x, at, len, prot, flags, fd, off) : -ENOMEM;
	}
	return r ? r : (int64_t)at;
}

int lx_unmap(lx *x, uint64_t lo, uint64_t hi)
{
	int r = lx_vma_set(x, lo, hi, LX_VMA_NONE, 0);

	if (r)
		return r;
	return dgm_unmap(x->vm, lo, hi - lo) ? -ENOMEM : 0;
}

static bool in_space(const lx *x, uint64_t addr, uint64_t len)
{
	return addr <= x->g->task_size && len <= x->g->task_size - addr;
}

/* Whether the guest's own limits, RLIMIT_AS and RLIMIT_DATA, allow len more, when [lo, hi) goes. */
static bool allowed(lx *x, uint64_t lo, uint64_t hi, uint64_t len, int prot, int flags)
{
	uint64_t as = lx_own_limit(x, RLIMIT_AS), data = lx_own_limit(x, RLIMIT_DATA);

	if (as != RLIM_INFINITY && lx_vma_total(x, lo, hi, false) + len > as)
		return false;
	return data == RLIM_INFINITY || !(prot & PROT_WRITE) || flags & MAP_SHARED ||
	       lx_vma_total(x, lo, hi, true) + len <= data;
}

/*
 * MAP_GROWSDOWN: the mapping above addr is continued down to it, if the limit of stacks allows and what
 * lies below keeps its distance.
 */
bool lx_grow_down(lx *x, uint64_t addr)
{
	uint64_t lo = addr & ~(uint64_t)(LX_PAGE - 1);
	bool done = false;
	struct lx_vma *v;

	pthread_mutex_lock(&x->p->map_lock);
	v = lx_vma_find(x, addr);
	if (v && v->lo <= addr) {
		done = true;	/* another thread was here */
	} else if (v && v->flags & LX_VMA_GROWS && v->hi - lo <= lx_limit(x, RLIMIT_STACK).rlim_cur && lo >= LX_GROW_DISTANCE) {
		struct lx_vma *below = lx_vma_find(x, lo - LX_GROW_DISTANCE);

		done = below == v && allowed(x, 0, 0, v->lo - lo, (int)v->prot, MAP_PRIVATE) &&
		       !lx_map_at(x, lo, v->lo - lo, (int)v->prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
	}
	pthread_mutex_unlock(&x->p->map_lock);
	return done;
}

int64_t lx_sys_brk(lx *x, const uint64_t *a)
{
	uint64_t want = a[0], old_end = lx_page_up(x->p->brk), end = lx_page_up(want);
	struct lx_vma *v;

	if (want < x->p->brk_lo || want >= x->p->mmap_top)
		return (int64_t)x->p->brk;
	if (end > old_end) {
		v = lx_vma_find(x, old_end);
		if ((v && v->lo < end + LX_PAGE) || !allowed(x, 0, 0, end - old_end, PROT_WRITE, MAP_PRIVATE))
			return (int64_t)x->p->brk;
		if (lx_map_at(x, old_end, end - old_end, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
			return (int64_t)x->p->brk;
	} else if (end < old_end && lx_unmap(x, end, old_end)) {
		return (int64_t)x->p->brk;
	}
	x->p->brk = want;
	return (int64_t)want;
}

static int64_t map_fixed(lx *x, uint64_t addr, uint64_t len, int prot, uint32_t flags, int fd, uint64_t off)
{
	struct lx_vma *v;
	int r;

	if (!in_space(x, addr, len))
		return -ENOMEM;
	if (addr & (LX_PAGE - 1))
		return -EINVAL;
	if (addr < 0x10000)
		return -EPERM;
	v = lx_vma_find(x, addr);
	if (flags & MAP_FIXED_NOREPLACE && v && v->lo < addr + len)
		return -EEXIST;
	r = lx_map_at(x, addr, len, prot, (int)flags, fd, (int64_t)off);
	if (r == -EEXIST && !(flags & MAP_FIXED_NOREPLACE))
		return -ENOMEM;
	return r ? r : (int64_t)addr;
}

static int64_t do_mmap(lx *x, const uint64_t *a, uint64_t off)
{
	uint32_t flags = lx_flags_to_host(&x->g->map_flags, (uint32_t)a[3], NULL), type = flags & MAP_TYPE;
	uint64_t len = lx_page_up(a[1]);
	int64_t at;
	int fd = flags & MAP_ANONYMOUS ? -1 : (int)a[4];

	if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (!a[1])
		return -EINVAL;
	if (!len || len > x->g->task_size)
		return -ENOMEM;
	if (flags & MAP_HUGETLB)
		return -ENOMEM;	/* no huge pages are set aside */
	if (type == MAP_SHARED_VALIDATE)
		flags = (flags & ~(uint32_t)MAP_TYPE) | MAP_SHARED;
	if (!allowed(x, a[0], flags & MAP_FIXED ? a[0] + len : a[0], len, (int)a[2], (int)flags))
		return -ENOMEM;
	if (flags & MAP_GROWSDOWN)
		lx_note_precise(x);	/* what a fault interrupted goes on */
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		at = map_fixed(x, a[0], len, (int)a[2], flags, fd, off);
	else
		at = lx_map_free(x, lx_page_up(a[0]), len, (int)a[2], (int)flags, fd, (int64_t)off);
	if (at < 0)
		return at;
	if (flags & (MAP_POPULATE | MAP_LOCKED)) {
		void *p = lx_ptr(x, (uint64_t)at, len, 0);

		if (p && flags & MAP_LOCKED)
			LX_HOST(SYS_mlock, (long)p, (long)len);
		else if (p)
			LX_HOST(SYS_madvise, (long)p, (long)len, 22 /* MADV_POPULATE_READ */);
	}
	return at;
}

int64_t lx_sys_mmap(lx *x, const uint64_t *a)
{
	return a[5] & (LX_PAGE - 1) ? -EINVAL : do_mmap(x, a, a[5]);
}

int64_t lx_sys_mmap2(lx *x, const uint64_t *a)
{
	return do_mmap(x, a, a[5] << 12);
}

int64_t lx_sys_munmap(lx *x, const uint64_t *a)
{
	uint64_t len = lx_page_up(a[1]);

	if (a[0] & (LX_PAGE - 1) || !len || !in_space(x, a[0], len))
		return -EINVAL;
	return lx_unmap(x, a[0], a[0] + len);
}

int64_t lx_sys_mprotect(lx *x, const uint64_t *a)
{
	uint64_t at = a[0], end = a[0] + lx_page_up(a[1]);
	int prot = (int)a[2];

	if (at & (LX_PAGE - 1) || prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
		return -EINVAL;
	if (!a[1])
		return 0;
	if (end <= at || end > x->g->task_size)
		return -ENOMEM;
	while (at < end) {
		struct lx_vma *v = lx_vma_find(x, at);
		uint64_t hi;
		dgm_status st;

		if (!v || v->lo > at)
			return -ENOMEM;
		hi = v->hi < end ? v->hi : end;
		st = dgm_protect(x->vm, at, hi - at, guest_access(x, prot));
		if (st)
			return lx_host_error(x, st) == -ENOMEM ? -ENOMEM : -EACCES;
		if (lx_vma_protect(x, at, hi, (uint32_t)prot))
			return -ENOMEM;
		at = hi;
	}
	return 0;
}

/* Moves pages to another range, and both books with them. */
static int move(lx *x, uint64_t from, uint64_t old_len, uint64_t to, uint64_t len, struct lx_vma v)
{
	dgm_status st = dgm_map_move(x->vm, from, old_len, to, len);
	int r;

	if (st)
		return lx_host_error(x, st);
	r = lx_vma_set(x, to, to + len, v.prot, v.flags);
	return r ? r : lx_vma_set(x, from, from + old_len, LX_VMA_NONE, 0);
}

static int64_t grow(lx *x, uint64_t at, uint64_t old_len, uint64_t len, uint32_t flags, struct lx_vma v)
{
	struct lx_vma *next = lx_vma_find(x, at + old_len);
	int64_t to;
	int r;

	if (!allowed(x, 0, 0, len - old_len, (int)v.prot, v.flags & LX_VMA_SHARED ? MAP_SHARED : MAP_PRIVATE))
		return -ENOMEM;

	if (v.flags == LX_VMA_ANON && at + old_len == v.hi && (!next || next->lo >= at + len) && in_space(x, at, len)) {
		r = lx_map_at(x, at + old_len, len - old_len, (int)v.prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (r != -EEXIST)
			return r ? r : (int64_t)at;
	}
	if (!(flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	to = lx_map_free(x, 0, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (to < 0)
		return to;
	r = move(x, at, old_len, (uint64_t)to, len, v);
	if (r)
		lx_unmap(x, (uint64_t)to, (uint64_t)to + len);
	return r ? r : to;
}

static int64_t remap_fixed(lx *x, const uint64_t *a, uint64_t old_len, uint64_t len, struct lx_vma v)
{
	uint64_t to = a[4];
	int r;

	if (to & (LX_PAGE - 1) || !in_space(x, to, len) || (to < a[0] + old_len && a[0] < to + len))
		return -EINVAL;
	if (len < old_len) {
		r = lx_unmap(x, a[0] + len, a[0] + old_len);
		if (r)
			return r;
		old_len = len;
	}
	r = move(x, a[0], old_len, to, len, v);
	if (r == -EEXIST)
		return -ENOMEM;
	return r ? r : (int64_t)to;
}

int64_t lx_sys_mremap(lx *x, const uint64_t *a)
{
	uint64_t old_len = lx_page_up(a[1]), len = lx_page_up(a[2]);
	uint32_t flags = (uint32_t)a[3];
	struct lx_vma *v;
	int r;

	if (flags & ~(uint32_t)(MREMAP_MAYMOVE | MREMAP_FIXED) || (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE)))
		return -EINVAL;
	if (a[0] & (LX_PAGE - 1) || !len || !in_space(x, 0, len))
		return -EINVAL;
	v = lx_vma_find(x, a[0]);
	if (!v || v->lo > a[0])
		return -EFAULT;
	/* Shrinking is unmapping, whatever lies there; what moves or grows must be of one kind. */
	if ((len > old_len || flags & MREMAP_FIXED) && (!old_len || (old_len < len ? old_len : len) > v->hi - a[0]))
		return -EFAULT;
	if (flags & MREMAP_FIXED)
		return remap_fixed(x, a, old_len, len, *v);
	if (len > old_len)
		return grow(x, a[0], old_len, len, flags, *v);
	if (len < old_len) {
		r = lx_unmap(x, a[0] + len, a[0] + old_len);
		if (r)
			return r;
	}
	return (int64_t)a[0];
}

/* Calls that the host can do on the same pages, piece by piece; holes give -ENOMEM at the end. */
static int64_t each_piece(lx *x, uint64_t addr, uint64_t len, long nr, long arg)
{
	uint64_t end = addr + len;
	bool hole = false;

	while (addr < end) {
		struct lx_vma *v = lx_vma_find(x, addr);
		uint64_t lo = v && v->lo > addr ? v->lo : addr, hi = v && v->hi < end ? v->hi : end;
		void *p;
		long r;

		if (!v || lo >= end)
			return -ENOMEM;
		hole |= lo > addr;
		p = lx_ptr(x, lo, hi - lo, 0);
		if (!p)
			return -ENOMEM;
		r = LX_HOST(nr, (long)p, (long)(hi - lo), arg);
		if (r < 0)
			return r;
		addr = hi;
	}
	return hole ? -ENOMEM : 0;
}

static int64_t ranged(lx *x, const uint64_t *a, long nr, long arg)
{
	uint64_t len = lx_page_up(a[1]);

	if (a[0] & (LX_PAGE - 1))
		return -EINVAL;
	if (!in_space(x, a[0], len) || (a[1] && !len))
		return -ENOMEM;
	return each_piece(x, a[0], len, nr, arg);
}

int64_t lx_sys_madvise(lx *x, const uint64_t *a)
{
	int64_t r;

	switch ((int)a[2]) {
	case MADV_DONTNEED: case MADV_REMOVE: case MADV_FREE:
		r = ranged(x, a, SYS_madvise, (long)(int)a[2]);
		if (!r)
			dgm_mem_touched(x->vm, a[0], lx_page_up(a[1]));
		return r == -ENOMEM && !in_space(x, a[0], a[1]) ? -EINVAL : r;
	case MADV_NORMAL: case MADV_RANDOM: case MADV_SEQUENTIAL: case MADV_WILLNEED: case MADV_COLD:
	case MADV_PAGEOUT: case MADV_HUGEPAGE: case MADV_NOHUGEPAGE: case MADV_DONTDUMP: case MADV_DODUMP:
	case MADV_DONTFORK: case MADV_DOFORK: case MADV_WIPEONFORK: case MADV_KEEPONFORK:
		return ranged(x, a, SYS_madvise, (long)(int)a[2]);
	default:
		return -EINVAL;
	}
}

int64_t lx_sys_msync(lx *x, const uint64_t *a)
{
	if (a[2] & ~(uint64_t)(MS_ASYNC | MS_INVALIDATE | MS_SYNC))
		return -EINVAL;
	return ranged(x, a, SYS_msync, (long)a[2]);
}

static int64_t locked(lx *x, const uint64_t *a, long nr, long arg)
{
	uint64_t b[2] = { a[0] & ~(uint64_t)(LX_PAGE - 1), a[1] + (a[0] & (LX_PAGE - 1)) };

	return ranged(x, b, nr, arg);
}

int64_t lx_sys_mlock2(lx *x, const uint64_t *a)
{
	return locked(x, a, SYS_mlock2, (long)a[2]);
}

int64_t lx_sys_munlock(lx *x, const uint64_t *a)
{
	return locked(x, a, SYS_munlock, 0);
}

/* The host's whole address space is far larger than the guest's: only the guest's pages are locked. */
int64_t lx_sys_mlockall(lx *x, const uint64_t *a)
{
	uint32_t unknown, f = lx_flags_to_host(&x->g->mcl_flags, (uint32_t)a[0], &unknown);

	if (unknown || !f || f == 4)
		return -EINVAL;
	for (size_t i = 0; f & 1 && i < x->p->map.n; i++) {
		struct lx_vma *v = &x->p->map.v[i];
		void *p = lx_ptr(x, v->lo, v->hi - v->lo, 0);
		long r = p ? LX_HOST(SYS_mlock2, (long)p, (long)(v->hi - v->lo), f & 4 ? 1 : 0) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int64_t lx_sys_mincore(lx *x, const uint64_t *a)
{
	uint64_t len = lx_page_up(a[1]);
	void *p, *vec;

	if (a[0] & (LX_PAGE - 1))
		return -EINVAL;
	if (!in_space(x, a[0], len) || !lx_vma_covers(x, a[0], a[0] + len))
		return -ENOMEM;
	p = lx_ptr(x, a[0], len, 0);
	vec = lx_ptr(x, a[2], len / LX_PAGE, DGM_W);
	if (!vec)
		return -EFAULT;
	return p ? LX_HOST(SYS_mincore, (long)p, (long)len, (long)vec) : -ENOMEM;
}
