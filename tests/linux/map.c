/* The book of mappings against a plain array of pages. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

#define PAGES 64

static void compare(lx *x, const uint8_t *page, int step)
{
	for (uint64_t i = 0; i < PAGES; i++) {
		struct lx_vma *v = lx_vma_find(x, 0x100000 + i * LX_PAGE);
		uint32_t prot = v && v->lo <= 0x100000 + i * LX_PAGE ? v->prot : 255;

		cr_assert_eq(prot, page[i], "step %d page %d: %u, not %u", step, (int)i, prot, page[i]);
	}
	for (size_t i = 1; i < x->p->map.n; i++) {
		const struct lx_vma *a = &x->p->map.v[i - 1], *b = a + 1;

		cr_assert(a->lo < a->hi && a->hi <= b->lo, "order at step %d", step);
		cr_assert(a->hi < b->lo || a->prot != b->prot || a->flags != b->flags, "not joined at step %d", step);
	}
}

Test(map, random_changes)
{
	static struct dgm_linux guest;
	lx x = { .p = &guest, .g = &lx_ppc };
	uint8_t page[PAGES];
	uint32_t seed = 1;

	memset(page, 255, sizeof page);
	for (int step = 0; step < 5000; step++) {
		uint64_t lo, hi;
		uint32_t prot, what;

		seed = seed * 1664525 + 1013904223;
		lo = seed >> 8 & (PAGES - 1);
		hi = lo + 1 + (seed >> 16) % (PAGES - lo);
		prot = seed >> 4 & 3;
		what = seed >> 28 & 3;
		if (what == 3) {
			cr_assert_eq(lx_vma_protect(&x, 0x100000 + lo * LX_PAGE, 0x100000 + hi * LX_PAGE, prot), 0);
			for (uint64_t i = lo; i < hi; i++)
				page[i] = page[i] == 255 ? 255 : (uint8_t)prot;
		} else {
			uint32_t p = what ? prot : LX_VMA_NONE;

			cr_assert_eq(lx_vma_set(&x, 0x100000 + lo * LX_PAGE, 0x100000 + hi * LX_PAGE, p, 0), 0);
			memset(page + lo, what ? (int)prot : 255, hi - lo);
		}
		compare(&x, page, step);
	}
	lx_vma_fini(&guest);
}

Test(map, gaps_from_the_top)
{
	static struct dgm_linux p = { .mmap_top = 0x40000000 };
	lx x = { .p = &p, .g = &lx_ppc };

	cr_expect_eq(lx_vma_gap(&x, 0x2000, 0), 0x3fffe000);
	cr_assert_eq(lx_vma_set(&x, 0x3fff0000, 0x40000000, 3, 0), 0);
	cr_expect_eq(lx_vma_gap(&x, 0x1000, 0), 0x3ffef000);
	cr_assert_eq(lx_vma_set(&x, 0x3ff00000, 0x3ffef000, 3, 0), 0);
	cr_expect_eq(lx_vma_gap(&x, 0x1000, 0), 0x3ffef000);
	cr_expect_eq(lx_vma_gap(&x, 0x2000, 0), 0x3fefe000);
	cr_expect_eq(lx_vma_gap(&x, 0x1000, 0x20000000), 0x20000000, "a free hint is taken");
	cr_expect_eq(lx_vma_gap(&x, 0x1000, 0x3ff00000), 0x3ffef000, "a taken one is not");
	cr_expect_eq(lx_vma_gap(&x, 0x3ff00000, 0), 0, "no room");
	cr_expect_eq(lx_vma_gap(&x, 0x1000, 0x50000000), 0x50000000, "above the top only when asked for");
	lx_vma_fini(&p);
}
