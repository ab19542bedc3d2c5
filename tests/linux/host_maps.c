/* Mappings of a guest that lives in the host's address space: what the host has there stays, and is gone round. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>

#include "guest.h"

enum { KB64 = 0x10000, ANON = MAP_PRIVATE | MAP_ANONYMOUS };

struct bed {
	dgm_engine *engine;
	struct dgm_linux p;
	lx x;
};

static void make(struct bed *b)
{
	dgm_vm_cfg cfg = DGM_INIT(dgm_vm_cfg);

	memset(b, 0, sizeof *b);
	b->x = (lx){ .p = &b->p, .g = &lx_aarch64 };
	b->p.mmap_top = lx_aarch64.task_size - (128u << 20);
	cfg.arch = lx_aarch64.arch;
	cfg.mem = DGM_MEM_IDENTITY;
	cr_assert_eq(dgm_engine_new(NULL, DGM_ABI, &b->engine), DGM_OK);
	cr_assert_eq(dgm_vm_new(b->engine, &cfg, NULL, NULL, &b->x.vm), DGM_OK);
}

static void done(struct bed *b)
{
	cr_assert_eq(dgm_vm_free(b->x.vm), DGM_OK);
	dgm_engine_unref(b->engine);
	lx_vma_fini(&b->p);
}

static uint8_t *host(uint64_t at, uint64_t len)
{
	uint8_t *p = mmap((void *)at, len, PROT_READ | PROT_WRITE, ANON | MAP_FIXED_NOREPLACE, -1, 0);

	cr_assert_eq((uint64_t)(uintptr_t)p, at);
	memset(p, 0x3c, len);
	return p;
}

static bool intact(const uint8_t *p, uint64_t len)
{
	for (uint64_t i = 0; i < len; i++)
		if (p[i] != 0x3c)
			return false;
	return true;
}

static int64_t map(struct bed *b, uint64_t at, uint64_t len, int flags)
{
	return lx_sys_mmap(&b->x, (uint64_t[6]){ at, len, PROT_READ | PROT_WRITE, (uint64_t)(ANON | flags), ~0ull, 0 });
}

Test(host_maps, placed_around)
{
	struct bed b;
	make(&b);
	uint64_t top = b.p.mmap_top, hint = 0x190000000000;
	uint8_t *high = host(top - KB64, KB64), *hinted = host(hint, KB64);
	int64_t first = map(&b, 0, 2 * KB64, 0), second = map(&b, hint, KB64, 0), third = map(&b, hint + 2 * KB64, KB64, 0);

	cr_assert_gt(first, 0);
	cr_assert_leq((uint64_t)first + 2 * KB64, top - KB64);
	cr_assert_gt(second, 0);
	cr_assert_neq(second, (int64_t)hint);
	cr_assert_eq(third, (int64_t)(hint + 2 * KB64));
	memset((void *)first, 1, 2 * KB64);
	memset((void *)second, 2, KB64);
	cr_assert(intact(high, KB64) && intact(hinted, KB64));
	munmap(high, KB64);
	munmap(hinted, KB64);
	done(&b);
}

Test(host_maps, fixed_places_are_refused)
{
	struct bed b;
	make(&b);
	uint64_t at = 0x190000000000;
	uint8_t *own = host(at, KB64);

	cr_assert_eq(map(&b, at, KB64, MAP_FIXED), -ENOMEM);
	cr_assert_eq(map(&b, at - KB64, 2 * KB64, MAP_FIXED), -ENOMEM);
	cr_assert_eq(map(&b, at, KB64, MAP_FIXED_NOREPLACE), -EEXIST);
	cr_assert_eq(lx_sys_munmap(&b.x, (uint64_t[6]){ at, KB64 }), 0);
	cr_assert_eq(lx_sys_mprotect(&b.x, (uint64_t[6]){ at, KB64, PROT_READ }), -ENOMEM);
	cr_assert(intact(own, KB64));
	munmap(own, KB64);
	cr_assert_eq(map(&b, at, KB64, MAP_FIXED), (int64_t)at);
	cr_assert_eq(map(&b, at, KB64, MAP_FIXED), (int64_t)at);
	cr_assert_eq(map(&b, at, KB64, MAP_FIXED_NOREPLACE), -EEXIST);
	done(&b);
}

Test(host_maps, growing_moves_out_of_the_way)
{
	struct bed b;
	make(&b);
	uint64_t at = 0x190000000000;
	uint8_t *own = host(at + KB64, KB64);

	cr_assert_eq(map(&b, at, KB64, 0), (int64_t)at);
	memset((void *)at, 7, KB64);
	cr_assert_eq(lx_sys_mremap(&b.x, (uint64_t[6]){ at, KB64, 2 * KB64, 0 }), -ENOMEM);
	int64_t to = lx_sys_mremap(&b.x, (uint64_t[6]){ at, KB64, 2 * KB64, MREMAP_MAYMOVE });
	cr_assert_gt(to, 0);
	cr_assert_neq(to, (int64_t)at);
	cr_assert_eq(((uint8_t *)to)[KB64 - 1], 7);
	cr_assert_eq(((uint8_t *)to)[KB64], 0);
	cr_assert_null(lx_ptr(&b.x, at, 1, DGM_R));
	uint64_t move[6] = { (uint64_t)to, KB64, KB64, MREMAP_MAYMOVE | MREMAP_FIXED, at + KB64 };
	cr_assert_eq(lx_sys_mremap(&b.x, move), -ENOMEM);
	move[4] = at;
	cr_assert_eq(lx_sys_mremap(&b.x, move), (int64_t)at);
	cr_assert_eq(*(uint8_t *)at, 7);
	cr_assert(intact(own, KB64));
	munmap(own, KB64);
	done(&b);
}
