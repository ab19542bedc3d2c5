/*
 * Instructions that access memory more than once, and those that lie in two pages: where they fault, the pc stands on
 * them, and executed again they do all of it.
 */
#include "rig.h"

enum { DATA = 0x50010000, REGS = 6 };

/* Registers 6 and on, six words, from or to r4: two instructions of three words where there is none for more. */
static unsigned put_multiple(struct code *c, bool store)
{
	if (c->arch == DGM_ARCH_PPC32)		/* stmw r26,0(r4); r26 to r31 */
		c->word[c->n++] = (store ? 0xbc000000u : 0xb8000000u) | 26 << 21 | 4 << 16;
	else if (c->arch == DGM_ARCH_ARM)	/* stmia r4!,{r6-r11} */
		c->word[c->n++] = (store ? 0xe8a40000u : 0xe8b40000u) | 0x0fc0;
	else					/* st1 {v6.4s-v8.4s} would be 48 bytes; stp x6,x7,[x4],#16 */
		c->word[c->n++] = (store ? 0xa8810000u : 0xa8c10000u) | 7 << 10 | 4 << 5 | 6;
	return c->arch == DGM_ARCH_AARCH64 ? 4 : 6;
}

static uint32_t reg_id(const struct rig *r, unsigned i)
{
	if (r->arch == DGM_ARCH_PPC32)
		return DGM_PPC_R(26 + i);
	return rig_reg(r, 6 + (r->arch == DGM_ARCH_AARCH64 ? i / 2 : i));
}

static void fill(struct rig *r)
{
	for (unsigned i = 0; i < REGS; i++)
		dgm_set(r->cpu, reg_id(r, i), r->arch == DGM_ARCH_AARCH64 ? 0x0101010100000000u * i + i + 1 : i + 1);
}

static dgm_act map_second(struct rig *r, dgm_cpu *cpu, dgm_fault *f)
{
	WANT(r, dgm_get(cpu, rig_reg(r, 4)), DATA + PAGE - 12);	/* not written back */
	rig_map(r, DATA + PAGE, RAM + 0x9000, PAGE, DGM_R | DGM_W);
	return DGM_RETRY;
}

Test(multiple, store_and_load)
{
	FOR_EACH_TIER(t)
		for (unsigned a = 0; a < ARCHS; a++)
			for (unsigned store = 0; store < 2; store++) {
				struct code c = { .arch = archs[a] };
				uint64_t want[REGS];
				unsigned words;
				struct rig r;

				rig_make(&r, t, archs[a]);
				c_li(&c, 4, DATA + PAGE - 12);
				words = put_multiple(&c, store);
				c_stop(&c);
				rig_program(&r, &c, DGM_X);
				rig_map(&r, DATA, RAM + 0x5000, PAGE, DGM_R | DGM_W);
				fill(&r);
				for (unsigned i = 0; i < REGS; i++) {
					want[i] = store ? dgm_get(r.cpu, reg_id(&r, i)) : 0x100 + i;
					if (!store)
						rig_store(&r, i < 3 ? RAM + 0x5ff4 + 4 * i : RAM + 0x9000 + 4 * (i - 3), 0x100 + i);
				}
				r.fault = map_second;
				rig_run(&r, r.cpu, TEXT, 0);
				WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
				WANT(&r, r.exit.insns, c.n - 1);
				WANT(&r, r.faults, 1);
				WANT(&r, r.last.va, DATA + PAGE);
				WANT(&r, r.last.pc, TEXT + 4 * (c.n - 2));
				for (unsigned i = 0; i < words; i++) {
					uint64_t pa = i < 3 ? RAM + 0x5ff4 + 4 * i : RAM + 0x9000 + 4 * (i - 3);
					uint32_t v = (uint32_t)(want[i] >> (archs[a] == DGM_ARCH_AARCH64 && store ? 32 * (i & 1) : 0));

					WANT(&r, rig_load(&r, pa), v);
					if (!store && archs[a] != DGM_ARCH_AARCH64)
						WANT(&r, dgm_get(r.cpu, reg_id(&r, i)), v);
				}
				rig_free(&r);
			}
}

/* T32: 32-bit instructions that begin in the last halfword of a page. */
Test(multiple, instruction_in_two_pages)
{
	FOR_EACH_TIER(t) {
		static const uint16_t loop[] = {	/* from the last halfword on */
			0xf106, 0x0601,	/* add.w r6,r6,#1 */
			0x3f01,		/* subs r7,#1 */
			0xd1fb,		/* bne -6 */
			0xdf00,		/* svc */
		};
		struct rig r;

		rig_make(&r, t, DGM_ARCH_ARM);
		WANT(&r, dgm_mem_write(r.vm, NULL, RAM + PAGE - 2, loop, 2, NULL), DGM_OK);
		WANT(&r, dgm_mem_write(r.vm, NULL, RAM + 0x5000, loop + 1, 8, NULL), DGM_OK);
		WANT(&r, dgm_mem_write(r.vm, NULL, RAM + 0x6000, loop + 1, 8, NULL), DGM_OK);
		WANT(&r, dgm_mem_write(r.vm, NULL, RAM + 0x6000, "\x05", 1, NULL), DGM_OK);	/* #5 */
		rig_map(&r, TEXT, RAM, PAGE, DGM_X);
		dgm_set(r.cpu, DGM_ARM_T, 1);
		dgm_set(r.cpu, DGM_ARM_R7, 20);
		dgm_set(r.cpu, rig_reg(&r, 6), 0);
		rig_run(&r, r.cpu, TEXT + PAGE - 2, 0);
		WANT(&r, r.exit.reason, DGM_EXIT_FAULT);
		WANT(&r, r.exit.pc, TEXT + PAGE - 2);
		WANT(&r, r.last.va, TEXT + PAGE);
		struct entry *e = rig_map(&r, TEXT + PAGE, RAM + 0x5000, PAGE, DGM_X);
		rig_go_on(&r, r.cpu, 0);
		WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
		WANT(&r, dgm_get(r.cpu, rig_reg(&r, 6)), 20);
		e->pa = RAM + 0x6000;
		WANT(&r, dgm_cpu_tlb_flush(r.cpu, TEXT + PAGE, 1, 0), DGM_OK);
		dgm_set(r.cpu, DGM_ARM_R7, 20);
		rig_run(&r, r.cpu, TEXT + PAGE - 2, 0);
		WANT(&r, dgm_get(r.cpu, rig_reg(&r, 6)), 20 + 5 * 20);
		/* its second half is written */
		WANT(&r, dgm_mem_write(r.vm, NULL, RAM + 0x6000, "\x02", 1, NULL), DGM_OK);
		dgm_set(r.cpu, DGM_ARM_R7, 20);
		rig_run(&r, r.cpu, TEXT + PAGE - 2, 0);
		WANT(&r, dgm_get(r.cpu, rig_reg(&r, 6)), 20 + 7 * 20);
		rig_free(&r);
	}
}

/* AArch64 reaches any address of 64 bits, code and data, with 16 bytes at a time. */
Test(multiple, high_addresses)
{
	static const uint64_t bases[] = { 0xffffffff80000000, 0xffff000000000000, 0x00ffff0000000000, 0xff00000000001000,
					  0xffffffffffff0000 };

	FOR_EACH_TIER(t)
		for (unsigned b = 0; b < 5; b++) {
			struct code c = { .arch = DGM_ARCH_AARCH64 };
			uint64_t text = bases[b], data = bases[b] + 0x2000;
			struct rig r;

			rig_make(&r, t, DGM_ARCH_AARCH64);
			c_li(&c, 4, (uint32_t)data + PAGE - 8);
			c_high(&c, 4, (uint32_t)(data >> 32));
			c_li(&c, 7, 9);
			unsigned at = c.n;
			c.word[c.n++] = 0x3dc00080;	/* ldr q0,[x4] */
			c.word[c.n++] = 0x4ea08400;	/* add v0.4s,v0.4s,v0.4s */
			c.word[c.n++] = 0x3d800080;	/* str q0,[x4] */
			c_loop(&c, 7, at);
			c_stop(&c);
			rig_words(&r, RAM, c.word, c.n);
			rig_map(&r, text, RAM, PAGE, DGM_X);
			rig_map(&r, data, RAM + 0x5000, PAGE, DGM_R | DGM_W);
			rig_map(&r, data + PAGE, RAM + 0x9000, PAGE, DGM_R | DGM_W);
			rig_store(&r, RAM + 0x5ff8, 1);
			rig_store(&r, RAM + 0x9004, 3);
			rig_run(&r, r.cpu, text, 0);
			WANT(&r, r.exit.reason, DGM_EXIT_SYSCALL);
			WANT(&r, r.exit.pc, text + 4 * (c.n - 1));
			WANT(&r, rig_load(&r, RAM + 0x5ff8), 1 << 9);
			WANT(&r, rig_load(&r, RAM + 0x9004), 3 << 9);
			rig_free(&r);
		}
}
