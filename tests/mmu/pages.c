/* Pages: what translate says is what the guest sees, on every back end and for every guest. */
#include "rig.h"

enum { DATA = 0x50010000, OTHER = 0x60020000, IO = 0x70030000 };

static void load_code(struct rig *r, const struct code *c, uint64_t pa)
{
	rig_words(r, pa, c->word, c->n);
}

/* A test with every back end, for every guest; c is an empty program. */
static void each(void (*test)(struct rig *r, struct code c))
{
	FOR_EACH_TIER(t)
		for (unsigned a = 0; a < ARCHS; a++) {
			struct rig r;

			rig_make(&r, t, archs[a]);
			test(&r, (struct code){ .arch = archs[a] });
			rig_free(&r);
		}
}

static uint64_t reg(const struct rig *r, unsigned n)
{
	return dgm_get(r->cpu, rig_reg(r, n));
}

/* A copy of a word from one page to another, through a table. */
static void load_and_store(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA + 0x10);
	c_li(&c, 5, OTHER + 0x20);
	c_load(&c, 6, 4, 4);
	c_store(&c, 6, 5, 8);
	c_load(&c, 7, 4, 4);
	c_store(&c, 7, 5, 12);
	c_stop(&c);
	rig_program(r, &c, DGM_R | DGM_X);
	rig_map(r, DATA, RAM + 0x5000, PAGE, DGM_R);
	rig_map(r, OTHER, RAM + 0x9000, PAGE, DGM_R | DGM_W);
	rig_store(r, RAM + 0x5014, 0x11223344);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
	WANT(r, r->exit.pc, TEXT + 4 * (c.n - 1));
	WANT(r, rig_load(r, RAM + 0x9028), 0x11223344);
	WANT(r, rig_load(r, RAM + 0x902c), 0x11223344);
	WANT(r, r->faults, 0);
	WANT(r, r->walks, 3);	/* text, data, other */
}

Test(pages, load_and_store) { each(load_and_store); }

/* A loop that reads a page which changes its place; nothing is seen of that before the flush. */
static void remapped(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA);
	c_li(&c, 5, 10);
	c_li(&c, 7, 0);
	c_load(&c, 6, 4, 0);
	c_add(&c, 7, 7, 6);
	c_loop(&c, 5, 6);
	c_stop(&c);
	rig_program(r, &c, DGM_R | DGM_X);
	struct entry *e = rig_map(r, DATA, RAM + 0x5000, PAGE, DGM_R);
	rig_store(r, RAM + 0x5000, 1);
	rig_store(r, RAM + 0x6000, 100);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 7), 10);
	e->pa = RAM + 0x6000;
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 7), 10);
	WANT(r, dgm_cpu_tlb_flush(r->cpu, DATA + 0xfff, 1, 1), DGM_OK);	/* another space */
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 7), 10);
	WANT(r, dgm_cpu_tlb_flush(r->cpu, DATA + 0xfff, 1, 0), DGM_OK);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 7), 1000);
}

Test(pages, remapped) { each(remapped); }

/* The page of the code itself is exchanged for another: what was translated is not executed again. */
static void other_code(struct rig *r, struct code c)
{
	struct code one = { .arch = r->arch }, two = { .arch = r->arch };

	c_li(&one, 3, 1);
	c_jump(&one, 1024);		/* the next page */
	c_li(&two, 3, 2);
	c_jump(&two, 1024);
	load_code(r, &one, RAM);
	load_code(r, &two, RAM + PAGE);
	one.n = two.n = 0;
	c_li(&one, 4, 1);
	c_stop(&one);
	c_li(&two, 4, 2);
	c_stop(&two);
	load_code(r, &one, RAM + 2 * PAGE);
	load_code(r, &two, RAM + 3 * PAGE);
	struct entry *first = rig_map(r, TEXT, RAM, PAGE, DGM_X);
	struct entry *second = rig_map(r, TEXT + PAGE, RAM + 2 * PAGE, PAGE, DGM_X);
	for (unsigned i = 0; i < 40; i++) {
		unsigned which = i * 7 / 3;

		first->pa = RAM + (which & 1) * PAGE;
		second->pa = RAM + (2 + (which >> 1 & 1)) * PAGE;
		WANT(r, dgm_vm_tlb_flush(r->vm, 0, 0, DGM_ASID_ALL), DGM_OK);
		rig_run(r, r->cpu, TEXT, 0);
		WANT(r, reg(r, 3), 1 + (which & 1));
		WANT(r, reg(r, 4), 1 + (which >> 1 & 1));
	}
}

Test(pages, other_code) { each(other_code); }

/* What an access may not do is a fault with its address, and nothing of the instruction is done. */
static void faults(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA);
	c_li(&c, 5, 0x12345678);
	c_store(&c, 5, 4, 8);
	unsigned read = c.n;
	c_li(&c, 4, OTHER);
	c_load(&c, 6, 4, 16);
	c_stop(&c);
	rig_program(r, &c, DGM_R | DGM_X);
	struct entry *e = rig_map(r, DATA, RAM + 0x5000, PAGE, DGM_R);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->exit.pc, TEXT + 4 * (read - 1));
	WANT(r, r->exit.insns, read - 1);
	WANT(r, r->last.access, DGM_W);
	WANT(r, r->last.cause, DGM_CAUSE_PROT);
	WANT(r, r->last.va, DATA + 8);
	WANT(r, r->last.pa, RAM + 0x5008);
	WANT(r, r->last.opcode, c.word[read - 1]);
	WANT(r, rig_load(r, RAM + 0x5008), 0);
	/* no flush: a page that forbids an access is asked about again */
	e->prot[0] = DGM_R | DGM_W;
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, rig_load(r, RAM + 0x5008), 0x12345678);
	WANT(r, r->exit.pc, TEXT + 4 * (read + 2));
	WANT(r, r->last.access, DGM_R);
	WANT(r, r->last.cause, DGM_CAUSE_UNMAPPED);
	WANT(r, r->last.va, OTHER + 16);
	WANT(r, r->last.pa, DGM_PA_NONE);
	WANT(r, r->last.vector, 0x1234);
	WANT(r, r->last.syndrome, (OTHER + 16) ^ 0x55);
	/* a page of nothing */
	rig_map(r, OTHER, 0x2000, PAGE, DGM_R);
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->last.cause, DGM_CAUSE_UNMAPPED);
	WANT(r, r->last.pa, 0x2010);
	WANT(r, r->faults, 3);
	/* BREAK leaves without asking `fault` */
	rig_unmap(r, OTHER);
	WANT(r, dgm_cpu_tlb_flush(r->cpu, OTHER, PAGE, DGM_ASID_ALL), DGM_OK);
	r->verdict = DGM_BREAK;
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->exit.info.va, OTHER + 16);
	WANT(r, r->faults, 3);
	rig_map(r, OTHER, RAM + 0x6000, PAGE, DGM_R);
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
}

Test(pages, faults) { each(faults); }

/* A device that ends the run: `fault` is not asked about that, but about the next fault, which is of translation. */
static void broken_off(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA);
	c_load(&c, 6, 4, 0xe0);
	c_stop(&c);
	rig_program(r, &c, DGM_R | DGM_X);
	rig_map(r, DATA, DEVICE, PAGE, DGM_R);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->exit.info.cause, DGM_CAUSE_BUS);
	WANT(r, r->faults, 0);
	rig_unmap(r, DATA);
	WANT(r, dgm_cpu_tlb_flush(r->cpu, DATA, PAGE, DGM_ASID_ALL), DGM_OK);
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->exit.info.cause, DGM_CAUSE_UNMAPPED);
	WANT(r, r->faults, 1);
}

Test(pages, broken_off) { each(broken_off); }

/* Code that is not there, or not to be executed: the pc is the fault's. */
static void fetch_faults(struct rig *r, struct code c)
{
	c_nop(&c);
	c_nop(&c);
	load_code(r, &c, RAM + PAGE - 8);
	c.n = 0;
	c_stop(&c);
	load_code(r, &c, RAM + PAGE);
	rig_map(r, TEXT, RAM, PAGE, DGM_X);
	rig_run(r, r->cpu, TEXT + PAGE - 8, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->exit.pc, TEXT + PAGE);
	WANT(r, r->exit.insns, 2);
	WANT(r, r->last.access, DGM_X);
	WANT(r, r->last.va, TEXT + PAGE);
	struct entry *e = rig_map(r, TEXT + PAGE, RAM + PAGE, PAGE, DGM_R | DGM_W);
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->last.cause, DGM_CAUSE_PROT);
	WANT(r, r->last.pa, RAM + PAGE);
	e->prot[0] = DGM_X;
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
	WANT(r, r->exit.insns, 0);
	/* exactly two instructions of budget end in front of the page */
	rig_unmap(r, TEXT + PAGE);
	WANT(r, dgm_cpu_tlb_flush(r->cpu, 0, 0, 0), DGM_OK);
	r->faults = 0;
	rig_run(r, r->cpu, TEXT + PAGE - 8, 2);
	WANT(r, r->exit.reason, DGM_EXIT_BUDGET);
	WANT(r, r->faults, 0);
	/* from a device, and from nothing */
	e = rig_map(r, TEXT + PAGE, DEVICE, PAGE, DGM_X);
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->last.va, TEXT + PAGE);
	WANT(r, r->last.pa, DEVICE);
	e->pa = 0x2000;
	WANT(r, dgm_cpu_tlb_flush(r->cpu, 0, 0, 0), DGM_OK);
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->last.va, TEXT + PAGE);
	WANT(r, r->last.pa, 0x2000);
}

Test(pages, fetch_faults) { each(fetch_faults); }

/* A word across two pages: both are checked before a byte is written, and both are reached. */
static void crossing(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA + PAGE - 2);
	c_li(&c, 5, 0x11223344);
	c_li(&c, 7, 20);
	unsigned at = c.n;
	c_store(&c, 5, 4, 0);
	c_load(&c, 6, 4, 0);
	c_loop(&c, 7, at);
	c_stop(&c);
	rig_program(r, &c, DGM_X);
	rig_map(r, DATA, RAM + 0x9000, PAGE, DGM_R | DGM_W);
	struct entry *e = rig_map(r, DATA + PAGE, RAM + 0x5000, PAGE, DGM_R);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, r->exit.reason, DGM_EXIT_FAULT);
	WANT(r, r->last.va, DATA + PAGE);
	WANT(r, r->last.pa, RAM + 0x5000);
	WANT(r, r->last.access, DGM_W);
	WANT(r, rig_load(r, RAM + 0x9ffc), 0);
	e->prot[0] = DGM_R | DGM_W;
	rig_go_on(r, r->cpu, 0);
	WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
	WANT(r, reg(r, 6), 0x11223344);
	bool big = r->arch == DGM_ARCH_PPC32;
	WANT(r, rig_load(r, RAM + 0x9ffc), big ? 0x1122 : 0x33440000);
	WANT(r, rig_load(r, RAM + 0x5000), big ? 0x33440000 : 0x1122);
}

Test(pages, crossing) { each(crossing); }

/* The same physical page twice, once as code: what is written through the other is executed at once. */
static void self_modifying(struct rig *r, struct code c)
{
	struct code patch = { .arch = r->arch };

	c_addi(&patch, 6, 6, 3);
	c_li(&c, 4, DATA);
	c_li(&c, 5, patch.word[0]);
	c_li(&c, 6, 0);
	c_li(&c, 7, 6);
	unsigned at = c.n;
	c_addi(&c, 6, 6, 1);
	unsigned victim = c.n + 1;
	c_store(&c, 5, 4, 4 * victim);	/* the very next instruction */
	c_addi(&c, 6, 6, 1);
	c_loop(&c, 7, at);
	c_stop(&c);
	rig_program(r, &c, DGM_X);
	rig_map(r, DATA, RAM, PAGE, DGM_R | DGM_W);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
	WANT(r, reg(r, 6), 6 * 4);
	/* by the host, physically and virtually */
	rig_words(r, RAM + 4 * victim, &c.word[victim - 2], 1);
	rig_store(r, RAM + 4 * (victim - 1), c.word[victim - 2]);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 6), 6 * 3);
	c.n = 0;
	c_nop(&c);
	uint32_t nop = r->arch == DGM_ARCH_PPC32 ? __builtin_bswap32(c.word[0]) : c.word[0];
	WANT(r, dgm_mem_write(r->vm, r->cpu, TEXT + 4 * victim, &nop, 4, NULL), DGM_OK);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 6), 6 * 2);
}

Test(pages, self_modifying) { each(self_modifying); }

/* Two address spaces and two privileges, with the same addresses. */
static void spaces(struct rig *r, struct code c)
{
	uint32_t asid, priv;

	c_li(&c, 4, DATA);
	c_load(&c, 6, 4, 0);
	c_stop(&c);
	rig_program(r, &c, DGM_X);
	rig_map(r, TEXT, RAM, PAGE, DGM_X)->asid = 1;
	struct entry *e = rig_map(r, DATA, RAM + 0x5000, PAGE, DGM_R);
	e->prot[1] = 0;
	rig_map(r, DATA, RAM + 0x6000, PAGE, DGM_R)->asid = 1;
	rig_store(r, RAM + 0x5000, 50);
	rig_store(r, RAM + 0x6000, 60);
	for (unsigned i = 0; i < 50; i++) {
		WANT(r, dgm_cpu_set_space(r->cpu, i % 3 == 1, i % 3 == 2), DGM_OK);
		rig_run(r, r->cpu, TEXT, 0);
		WANT(r, r->exit.reason, i % 3 == 2 ? DGM_EXIT_FAULT : DGM_EXIT_SYSCALL);
		if (i % 3 != 2)
			WANT(r, reg(r, 6), i % 3 ? 60 : 50);
	}
	WANT(r, dgm_cpu_get_space(r->cpu, &asid, &priv), DGM_OK);
	WANT(r, asid, 1);
	WANT(r, priv, 0);
	/* ten spaces, more than are remembered */
	for (unsigned i = 2; i < 12; i++) {
		rig_map(r, TEXT, RAM, PAGE, DGM_X)->asid = i;
		rig_map(r, DATA, RAM + 0x6000 + 4 * i, PAGE, DGM_R)->asid = i;
		rig_find(r, i, DATA)->pa = RAM + 0x6000 + i * PAGE;
		rig_store(r, RAM + 0x6000 + i * PAGE, i);
	}
	for (unsigned i = 2; i < 60; i++) {
		WANT(r, dgm_cpu_set_space(r->cpu, 2 + i % 10, 0), DGM_OK);
		rig_run(r, r->cpu, TEXT, 0);
		WANT(r, reg(r, 6), 2 + i % 10);
	}
}

Test(pages, spaces) { each(spaces); }

static void exchange_table(struct rig *r, dgm_cpu *cpu, uint64_t off, uint64_t value)
{
	if (off == 4)
		WANT(r, dgm_cpu_set_space(cpu, (uint32_t)value, 0), DGM_OK);
	if (off)
		return;
	rig_find(r, 0, DATA)->pa = RAM + 0x6000;
	WANT(r, dgm_vm_tlb_flush(r->vm, DATA, PAGE, DGM_ASID_ALL), DGM_OK);
}

/* Devices behind pages; one that exchanges the table takes effect with the very next instruction. */
static void devices(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA);
	c_li(&c, 5, IO);
	c_li(&c, 6, 7);
	c_store(&c, 6, 5, 0x10);
	c_load(&c, 7, 5, 0x20);
	c_load(&c, 8, 4, 0);
	c_store(&c, 6, 5, 0);		/* exchanges */
	c_load(&c, 9, 4, 0);
	c_li(&c, 6, 1);
	c_store(&c, 6, 5, 4);		/* another space: the next instruction comes from there */
	c_li(&c, 10, 1);
	c_stop(&c);
	rig_program(r, &c, DGM_X);
	rig_map(r, IO, DEVICE, PAGE, DGM_R | DGM_W);
	struct entry *e = rig_map(r, DATA, RAM + 0x5000, PAGE, DGM_R | DGM_W);
	rig_map(r, TEXT, RAM + PAGE, PAGE, DGM_X)->asid = 1;
	c.n -= 3;
	unsigned at = c.n;
	c_li(&c, 10, 2);
	c_stop(&c);
	rig_words(r, RAM + PAGE + 4 * at, c.word + at, 3);
	rig_store(r, RAM + 0x5000, 5);
	rig_store(r, RAM + 0x6000, 6);
	for (unsigned i = 0; i < 3; i++) {
		e->pa = RAM + 0x5000;
		r->device = NULL;
		r->device_writes = r->device_reads = 0;
		WANT(r, dgm_vm_tlb_flush(r->vm, 0, 0, DGM_ASID_ALL), DGM_OK);
		WANT(r, dgm_cpu_set_space(r->cpu, 0, 0), DGM_OK);
		rig_run(r, r->cpu, TEXT, 6);
		r->device = exchange_table;
		rig_go_on(r, r->cpu, 0);
		WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
		WANT(r, reg(r, 7), 7 + 0x20);
		WANT(r, reg(r, 8), 5);
		WANT(r, reg(r, 9), 6);
		WANT(r, reg(r, 10), 2);
		WANT(r, r->device_writes, 3);
		WANT(r, r->device_reads, 1);
	}
}

Test(pages, devices) { each(devices); }

/* Large pages, partly flushed; and one that is none. */
static void sizes(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA & ~0xffffu);
	c_load(&c, 6, 4, 0);
	c_li(&c, 4, (DATA & ~0xffffu) + 0x9000);
	c_load(&c, 7, 4, 0);
	c_stop(&c);
	rig_program(r, &c, DGM_X);
	struct entry *e = rig_map(r, DATA & ~0xffffu, RAM + 0x10000, 0x10000, DGM_R);
	for (unsigned i = 0; i < 4; i++) {
		rig_store(r, RAM + 0x10000 * (i + 1), 10 + i);
		rig_store(r, RAM + 0x10000 * (i + 1) + 0x9000, 20 + i);
	}
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 6), 10);
	WANT(r, reg(r, 7), 20);
	e->pa = RAM + 0x20000;
	/* a byte of the page is enough */
	WANT(r, dgm_cpu_tlb_flush(r->cpu, DATA + 0x9abc, 1, 0), DGM_OK);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, reg(r, 6), 11);
	WANT(r, reg(r, 7), 21);
	e->len = 0x3000;
	WANT(r, dgm_cpu_tlb_flush(r->cpu, 0, 0, 0), DGM_OK);
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, r->exit.reason, DGM_EXIT_INTERNAL);
}

Test(pages, sizes) { each(sizes); }

/* The functions of the host: by virtual address, by the vCPU's own space. */
static void host_view(struct rig *r, struct code c)
{
	dgm_page page = DGM_INIT(dgm_page);
	uint32_t v = 0;
	uint64_t done;
	uint8_t buf[32] = { 0 };

	rig_map(r, DATA, RAM + 0x5000, PAGE, 0);
	rig_map(r, DATA + PAGE, RAM + 0x9000, PAGE, DGM_R | DGM_W);
	WANT(r, dgm_cpu_translate(r->cpu, DATA + 0x123, 0, &page), DGM_OK);
	WANT(r, page.pa, RAM + 0x5000);
	WANT(r, page.va, DATA);
	WANT(r, page.len, PAGE);
	WANT(r, dgm_cpu_translate(r->cpu, DATA, DGM_R, &page), DGM_E_FAULT);
	WANT(r, page.cause, DGM_CAUSE_PROT);
	WANT(r, dgm_cpu_translate(r->cpu, OTHER, 0, &page), DGM_E_FAULT);
	WANT(r, page.cause, DGM_CAUSE_UNMAPPED);
	WANT(r, page.vector, 0x1234);
	memset(buf, 0xa5, sizeof buf);
	WANT(r, dgm_mem_write(r->vm, r->cpu, DATA + PAGE - 16, buf, 32, &done), DGM_OK);
	WANT(r, done, 32);
	WANT(r, rig_load(r, RAM + 0x5ffc), 0xa5a5a5a5);
	WANT(r, rig_load(r, RAM + 0x900c), 0xa5a5a5a5);
	WANT(r, rig_load(r, RAM + 0x9010), 0);
	WANT(r, dgm_mem_read(r->vm, r->cpu, DATA + 2 * PAGE - 3, &v, 4, &done), DGM_E_FAULT);
	WANT(r, done, 3);
	WANT(r, r->walks, 0);
	cr_assert_gt(r->queries, 0);
	WANT(r, dgm_cpu_set_space(r->cpu, 5, 0), DGM_OK);
	WANT(r, dgm_mem_read(r->vm, r->cpu, DATA, &v, 4, &done), DGM_E_FAULT);
	WANT(r, dgm_cpu_set_space(r->cpu, DGM_ASID_ALL, 0), DGM_E_ARG);
}

Test(pages, host_view) { each(host_view); }

static dgm_act to_handler(struct rig *r, dgm_cpu *cpu, dgm_fault *f)
{
	WANT(r, dgm_cpu_set_space(cpu, 7, 1), DGM_OK);
	dgm_set(cpu, rig_pc(r), OTHER);
	return DGM_CONT;
}

/* A guest's exception: the handler is mapped in its own space alone. */
static void handler(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA);
	c_load(&c, 6, 4, 0);
	c_stop(&c);
	load_code(r, &c, RAM);
	c.n = 0;
	c_li(&c, 4, DATA);
	c_load(&c, 6, 4, 4);
	c_stop(&c);
	load_code(r, &c, RAM + PAGE);
	rig_map(r, TEXT, RAM, PAGE, DGM_X);
	rig_map(r, OTHER, RAM + PAGE, PAGE, DGM_X)->asid = 7;
	struct entry *e = rig_map(r, DATA, RAM + 0x5000, PAGE, DGM_R);
	e->asid = 7;
	e->prot[0] = 0;
	rig_store(r, RAM + 0x5004, 99);
	r->fault = to_handler;
	for (unsigned i = 0; i < 3; i++) {
		WANT(r, dgm_cpu_set_space(r->cpu, 0, 0), DGM_OK);
		rig_run(r, r->cpu, TEXT, 0);
		WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
		WANT(r, r->exit.pc, OTHER + 4 * (c.n - 1));
		WANT(r, reg(r, 6), 99);
		WANT(r, r->faults, i + 1);
	}
}

Test(pages, handler) { each(handler); }

static void flush_itself(struct rig *r, dgm_cpu *cpu, uint64_t va, uint32_t access)
{
	WANT(r, dgm_cpu_tlb_flush(cpu, 0, 0, DGM_ASID_ALL), DGM_OK);
}

/* A machine that flushes whenever it is asked still gets on. */
static void flushing_walker(struct rig *r, struct code c)
{
	c_li(&c, 4, DATA);
	c_li(&c, 5, OTHER);
	c_li(&c, 7, 10);
	unsigned at = c.n;
	c_load(&c, 6, 4, 0);
	c_addi(&c, 6, 6, 1);
	c_store(&c, 6, 5, 0);
	c_store(&c, 6, 4, 0);
	c_loop(&c, 7, at);
	c_stop(&c);
	rig_program(r, &c, DGM_X);
	rig_map(r, DATA, RAM + 0x5000, PAGE, DGM_R | DGM_W);
	rig_map(r, OTHER, RAM + 0x6000, PAGE, DGM_R | DGM_W);
	r->walk = flush_itself;
	rig_run(r, r->cpu, TEXT, 0);
	WANT(r, r->exit.reason, DGM_EXIT_SYSCALL);
	WANT(r, rig_load(r, RAM + 0x6000), 10);
}

Test(pages, flushing_walker) { each(flushing_walker); }
