/* Several vCPUs on one memory, each with tables of its own, and flushes by other threads. */
#include <pthread.h>

#include "rig.h"

enum { DATA = 0x50010000, LOCK = 0x60020000, ROUNDS = 3000 };

struct work {
	struct rig *r;
	dgm_cpu *cpu;
	dgm_exit exit;
	_Atomic bool done;
};

static void *run(void *arg)
{
	struct work *w = arg;

	w->exit = DGM_INIT(dgm_exit);
	if (dgm_cpu_run(w->cpu, NULL, &w->exit))
		w->exit.reason = 0;
	atomic_store(&w->done, true);
	return NULL;
}

/* Takes the lock at r4 with r3 (1) and r10, adds 1 to the word at r5, gives it back; r7 times. */
static void locked_add(struct code *c)
{
	if (c->arch == DGM_ARCH_PPC32) {
		static const uint32_t w[] = {
			0x7d402028,	/* lwarx r10,0,r4 */
			0x2c0a0000,	/* cmpwi r10,0 */
			0x4082fff8,	/* bne -8 */
			0x7c60212d,	/* stwcx. r3,0,r4 */
			0x4082fff0,	/* bne -16 */
			0x4c00012c,	/* isync */
			0x81450000,	/* lwz r10,0(r5) */
			0x394a0001,	/* addi r10,r10,1 */
			0x91450000,	/* stw r10,0(r5) */
			0x7c0004ac,	/* sync */
			0x39400000,	/* li r10,0 */
			0x91440000,	/* stw r10,0(r4) */
		};
		for (unsigned i = 0; i < 12; i++)
			c->word[c->n++] = w[i];
	} else if (c->arch == DGM_ARCH_ARM) {
		static const uint32_t w[] = {
			0xe194af9f,	/* ldrex r10,[r4] */
			0xe35a0000,	/* cmp r10,#0 */
			0x1afffffc,	/* bne -8 */
			0xe184af93,	/* strex r10,r3,[r4] */
			0xe35a0000,	/* cmp r10,#0 */
			0x1afffff9,	/* bne */
			0xf57ff05b,	/* dmb ish */
			0xe595a000,	/* ldr r10,[r5] */
			0xe28aa001,	/* add r10,r10,#1 */
			0xe585a000,	/* str r10,[r5] */
			0xf57ff05b,	/* dmb ish */
			0xe3a0a000,	/* mov r10,#0 */
			0xe584a000,	/* str r10,[r4] */
		};
		for (unsigned i = 0; i < 13; i++)
			c->word[c->n++] = w[i];
	} else {
		static const uint32_t w[] = {
			0x885ffc8a,	/* ldaxr w10,[x4] */
			0x35ffffea,	/* cbnz w10,-4 */
			0x880a7c83,	/* stxr w10,w3,[x4] */
			0x35ffffaa,	/* cbnz w10,-12 */
			0xb94000aa,	/* ldr w10,[x5] */
			0x1100054a,	/* add w10,w10,#1 */
			0xb90000aa,	/* str w10,[x5] */
			0x889ffc9f,	/* stlr wzr,[x4] */
		};
		for (unsigned i = 0; i < 8; i++)
			c->word[c->n++] = w[i];
	}
}

/*
 * Two vCPUs in two address spaces: text and lock are shared under different addresses, the data of the first
 * is where the second has its lock, and the lock's page also holds code.
 */
Test(smp, spin_lock, .timeout = 200)
{
	for (const struct tier *t = tiers; t->name; t++)
		for (unsigned a = 0; a < ARCHS; a++) {
			struct work w[2];
			pthread_t thread[2];
			struct rig r;

			rig_make(&r, t, archs[a]);
			w[0].cpu = r.cpu;
			WANT(&r, dgm_cpu_new(r.vm, &w[1].cpu), DGM_OK);
			for (unsigned i = 0; i < 2; i++) {
				struct code c = { .arch = archs[a] };
				unsigned at;

				c_li(&c, 4, i ? DATA : LOCK);
				c_li(&c, 5, i ? LOCK : DATA);
				c_li(&c, 3, 1);
				c_li(&c, 7, ROUNDS);
				at = c.n;
				locked_add(&c);
				c_loop(&c, 7, at);
				c_stop(&c);
				rig_words(&r, RAM + 0x400 * i, c.word, c.n);
				rig_map(&r, TEXT + i * PAGE, RAM, PAGE, DGM_X)->asid = i;
				rig_map(&r, i ? DATA : LOCK, RAM, PAGE, DGM_R | DGM_W)->asid = i;
				rig_map(&r, i ? LOCK : DATA, RAM + 0x5000, PAGE, DGM_R | DGM_W)->asid = i;
				WANT(&r, dgm_cpu_set_space(w[i].cpu, i, 0), DGM_OK);
				dgm_set(w[i].cpu, rig_pc(&r), TEXT + i * (PAGE + 0x400));
			}
			/* the lock is a word of the page of code */
			for (unsigned i = 0; i < 2; i++)
				dgm_set(w[i].cpu, rig_reg(&r, 4), 0);
			for (unsigned i = 0; i < 2; i++) {
				struct code fix = { .arch = archs[a] };

				c_li(&fix, 4, (i ? DATA : LOCK) + 0xf00);
				rig_words(&r, RAM + 0x400 * i, fix.word, fix.n);
				w[i].r = &r;
				pthread_create(&thread[i], NULL, run, &w[i]);
			}
			for (unsigned i = 0; i < 2; i++) {
				pthread_join(thread[i], NULL);
				WANT(&r, w[i].exit.reason, DGM_EXIT_SYSCALL);
			}
			WANT(&r, rig_load(&r, RAM + 0x5000), 2 * ROUNDS);
			WANT(&r, dgm_cpu_free(w[1].cpu), DGM_OK);
			rig_free(&r);
		}
}

/*
 * A vCPU counts in a page for ever. Another thread takes the page away, flushes, and may then count on
 * nobody writing there, gives it another place, and at last maps nothing at all.
 */
Test(smp, shoot_down, .timeout = 200)
{
	for (const struct tier *t = tiers; t->name; t++)
		for (unsigned a = 0; a < ARCHS; a++) {
			struct code c = { .arch = archs[a] };
			struct work w = { .done = false };
			pthread_t thread;
			struct rig r;
			unsigned at;

			rig_make(&r, t, archs[a]);
			w.cpu = r.cpu;
			c_li(&c, 4, DATA);
			at = c.n;
			c_load(&c, 6, 4, 0);
			c_addi(&c, 6, 6, 1);
			c_store(&c, 6, 4, 0);
			c_jump(&c, at);
			rig_program(&r, &c, DGM_X);
			struct entry *e = rig_map(&r, DATA, RAM + 0x5000, PAGE, DGM_R | DGM_W);
			dgm_set(r.cpu, rig_pc(&r), TEXT);
			pthread_create(&thread, NULL, run, &w);
			for (unsigned i = 0; i < 30; i++) {
				uint64_t old = RAM + 0x5000 + (i & 1) * PAGE, next = RAM + 0x5000 + (~i & 1) * PAGE;

				e->pa = next;
				WANT(&r, dgm_vm_tlb_flush(r.vm, DATA + 16, 1, DGM_ASID_ALL), DGM_OK);
				uint32_t before = rig_load(&r, old);
				while (rig_load(&r, next) < i && !atomic_load(&w.done))
					;
				WANT(&r, rig_load(&r, old), before);
			}
			e->live = false;
			WANT(&r, dgm_cpu_tlb_flush(r.cpu, 0, 0, 0), DGM_OK);
			pthread_join(thread, NULL);
			WANT(&r, w.exit.reason, DGM_EXIT_FAULT);
			WANT(&r, w.exit.info.va, DATA);
			rig_free(&r);
		}
}
