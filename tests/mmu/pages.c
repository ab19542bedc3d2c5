/* Pages: what translate says is what the guest sees, on every back end and for every guest. */
#include "code.h"
#include "rig.h"

static const uint32_t archs[] = { DGM_ARCH_PPC32, DGM_ARCH_ARM, DGM_ARCH_AARCH64 };
#define FOR_EACH_GUEST(t, a)                        \
	for (const struct tier *t = tiers; t->name; t++) \
		for (const uint32_t *a = archs; a < archs + 3; a++)

enum { TEXT = 0x40000000, DATA = 0x50010000, OTHER = 0x60020000, IO = 0x70030000 };

static void load_code(struct rig *r, const struct code *c, uint64_t pa)
{
	rig_words(r, pa, c->word, c->n);
}

static uint64_t reg(const struct rig *r, unsigned n)
{
	return dgm_get(r->cpu, rig_reg(r, n));
}

/* A copy of a word from one page to another, through a table. */
Test(pages, load_and_store)
{
	FOR_EACH_GUEST(t, a) {
		struct code c = { .arch = *a };
		struct rig r;

		rig_make(&r, t, *a);
		c_li(&c, 4, DATA + 0x10);
		c_li(&c, 5, OTHER + 0x20);
		c_load(&c, 6, 4, 4);
		c_store(&c, 6, 5, 8);
		c_load(&c, 7, 4, 4);
		c_store(&c, 7, 5, 12);
		c_stop(&c);
		load_code(&r, &c, RAM);
		rig_map(&r, TEXT, RAM, PAGE, DGM_R | DGM_X);
		rig_map(&r, DATA, RAM + 0x5000, PAGE, DGM_R);
		rig_map(&r, OTHER, RAM + 0x9000, PAGE, DGM_R | DGM_W);
		rig_store(&r, RAM + 0x5014, 0x11223344);
		rig_run(&r, r.cpu, TEXT, 0);
		WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
		WANT(&r, r.exit.pc, TEXT + 4 * (c.n - 1));
		WANT(&r, rig_load(&r, RAM + 0x9028), 0x11223344);
		WANT(&r, rig_load(&r, RAM + 0x902c), 0x11223344);
		WANT(&r, r.faults, 0);
		WANT(&r, r.walks, 3);	/* text, data, other */
		rig_free(&r);
	}
}

/* A loop that reads a page which changes its place; nothing is seen of that before the flush. */
Test(pages, remapped)
{
	FOR_EACH_GUEST(t, a) {
		struct code c = { .arch = *a };
		struct rig r;

		rig_make(&r, t, *a);
		c_li(&c, 4, DATA);
		c_li(&c, 5, 10);
		c_li(&c, 7, 0);
		c_load(&c, 6, 4, 0);
		c_add(&c, 7, 7, 6);
		c_loop(&c, 5, 6);
		c_stop(&c);
		load_code(&r, &c, RAM);
		rig_map(&r, TEXT, RAM, PAGE, DGM_R | DGM_X);
		struct entry *e = rig_map(&r, DATA, RAM + 0x5000, PAGE, DGM_R);
		rig_store(&r, RAM + 0x5000, 1);
		rig_store(&r, RAM + 0x6000, 100);
		rig_run(&r, r.cpu, TEXT, 0);
		WANT(&r, reg(&r, 7), 10);
		e->pa = RAM + 0x6000;
		rig_run(&r, r.cpu, TEXT, 0);
		WANT(&r, reg(&r, 7), 10);
		WANT(&r, dgm_cpu_tlb_flush(r.cpu, DATA + 0xfff, 1, 1), DGM_OK);	/* another space */
		rig_run(&r, r.cpu, TEXT, 0);
		WANT(&r, reg(&r, 7), 10);
		WANT(&r, dgm_cpu_tlb_flush(r.cpu, DATA + 0xfff, 1, 0), DGM_OK);
		rig_run(&r, r.cpu, TEXT, 0);
		WANT(&r, reg(&r, 7), 1000);
		rig_free(&r);
	}
}

/* The page of the code itself is exchanged for another: what was translated is not executed again. */
Test(pages, other_code)
{
	FOR_EACH_GUEST(t, a) {
		struct code one = { .arch = *a }, two = { .arch = *a };
		struct rig r;

		rig_make(&r, t, *a);
		c_li(&one, 3, 1);
		c_jump(&one, 1024);		/* the next page */
		c_li(&two, 3, 2);
		c_jump(&two, 1024);
		load_code(&r, &one, RAM);
		load_code(&r, &two, RAM + PAGE);
		one.n = two.n = 0;
		c_li(&one, 4, 1);
		c_stop(&one);
		c_li(&two, 4, 2);
		c_stop(&two);
		load_code(&r, &one, RAM + 2 * PAGE);
		load_code(&r, &two, RAM + 3 * PAGE);
		struct entry *first = rig_map(&r, TEXT, RAM, PAGE, DGM_X);
		struct entry *second = rig_map(&r, TEXT + PAGE, RAM + 2 * PAGE, PAGE, DGM_X);
		for (unsigned i = 0; i < 40; i++) {
			unsigned which = i * 7 / 3;

			first->pa = RAM + (which & 1) * PAGE;
			second->pa = RAM + (2 + (which >> 1 & 1)) * PAGE;
			WANT(&r, dgm_vm_tlb_flush(r.vm, 0, 0, DGM_ASID_ALL), DGM_OK);
			rig_run(&r, r.cpu, TEXT, 0);
			WANT(&r, reg(&r, 3), 1 + (which & 1));
			WANT(&r, reg(&r, 4), 1 + (which >> 1 & 1));
		}
		rig_free(&r);
	}
}
