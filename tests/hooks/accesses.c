/* READ and WRITE hooks at the accesses that are easily missed: conditional ones, unaligned ones over pages. */
#include "rig.h"

struct program {
	const char *want;		/* the record of one run */
	unsigned guest, n;
	bool thumb;
	uint32_t code[16];
};

static dgm_act note(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct rig *r = ud;

	rig_open(r);
	fprintf(r->record, "%c %" PRIx64 " %" PRIx64 "+%" PRIu64 " %" PRIx64 "%016" PRIx64 "\n",
		e->kind == DGM_HOOK_READ ? 'R' : 'W', e->pc, e->addr, e->len, e->value_hi, e->value);
	return DGM_CONT;
}

static void start(struct rig *r, const struct program *p)
{
	uint8_t b[4] = { 1, 2, 3, 4 };

	rig_start(r);
	if (p->thumb)
		dgm_set(r->cpu, DGM_ARM_CPSR, 0x30);
	for (unsigned i = 0; i < 0x2000; i += 4)
		WANT(r, dgm_mem_write(r->vm, NULL, DATA + i, b, 4, NULL), DGM_OK);
}

static void check(const struct program *p)
{
	struct guest g = guest_with(&guests[p->guest], p->code, p->n);

	FOR_EACH_WAY(w) {
		struct rig r = rig_make(&g, w);

		start(&r, p);
		rig_run_sliced(&r, 0);		/* code without hooks is there */
		for (unsigned round = 0; round < 2; round++) {
			dgm_id read = rig_hook(&r, DGM_HOOK_READ, DATA, DATA + 0x2000, note, &r);
			dgm_id write = rig_hook(&r, DGM_HOOK_WRITE, DATA, DATA + 0x2000, note, &r);
			size_t had = strlen(rig_text(&r));

			start(&r, p);
			rig_run_sliced(&r, 0);
			same_text(&r, rig_text(&r) + had, p->want, "the record");
			WANT(&r, dgm_hook_del(r.vm, read), DGM_OK);
			WANT(&r, dgm_hook_del(r.vm, write), DGM_OK);
			had = strlen(rig_text(&r));
			start(&r, p);
			rig_run_sliced(&r, 0);
			WANT(&r, strlen(rig_text(&r)), had);
		}
		rig_free(&r);
	}
}

/* mov r5,#DATA; mov r0,#7; cmp r0,#7; then pairs of which one is executed; svc 0 */
static const struct program a32 = {
	"R 1000c 20000+4 00000000004030201\nW 10014 20004+4 00000000004030201\nR 1001c 20001+1 00000000000000002\n"
	"W 10024 20009+1 00000000000000007\nR 10028 20008+4 00000000004030701\nR 10028 2000c+4 00000000004030201\n"
	"W 10034 20010+4 00000000004030701\nW 10034 20014+4 00000000004030201\n",
	2, 15, false,
	/* ldreq r1,[r5]; ldrne r2,[r5]; streq r1,[r5,#4]; strne r1,[r5,#8] */
	{ 0xe3a05802, 0xe3a00007, 0xe3500007, 0x05951000, 0x15952000, 0x05851004, 0x15851008,
	/* ldrbeq r3,[r5,#1]; ldrbne r3,[r5,#1]; strbeq r0,[r5,#9] */
	  0x05d53001, 0x15d53001, 0x05c50009,
	/* ldrdeq r6,r7,[r5,#8]; ldrdne r6,r7,[r5]; strdne r6,r7,[r5]; strdeq r6,r7,[r5,#16] */
	  0x01c560d8, 0x11c560d0, 0x11c560f0, 0x01c561f0, 0xef000000 },
};

/* movs r5,#2; lsls r5,r5,#16; movs r0,#7; cmp r0,#7; ittee eq: ldr r1,[r5]; str r1,[r5,#4] else ldr, str; svc 0 */
static const struct program t32 = {
	"R 1000a 20000+4 00000000004030201\nW 1000c 20004+4 00000000004030201\n",
	2, 5, true,
	{ 0x042d2502, 0x28072007, 0x6829bf07, 0x682a6069, 0xdf0060aa },
};

/* mov x5,#DATA; add x5,x5,#0xffe; ldr w1,[x5]; stur x1,[x5,#-1]; ldurh w2,[x5,#1]; ldr q0,[x5]; svc 0 */
static const struct program a64_cross = {
	"R 10008 20ffe+4 00000000002010403\nW 1000c 20ffd+8 00000000002010403\nR 10010 20fff+2 00000000000000201\n"
	"R 10014 20ffe+16 2010403020104030200000000020104\n",
	1, 7, false,
	{ 0xd2a00045, 0x913ff8a5, 0xb94000a1, 0xf81ff0a1, 0x784010a2, 0x3dc000a0, 0xd4000001 },
};

/* lis r5,2; ori r5,r5,0xffe; lwz r1,0(r5); stw r1,-1(r5); lhz r2,1(r5); sc */
static const struct program ppc_cross = {
	"R 10008 20ffe+4 00000000003040102\nW 1000c 20ffd+4 00000000003040102\nR 10010 20fff+2 00000000000000102\n",
	0, 6, false,
	{ 0x3ca00002, 0x60a50ffe, 0x80250000, 0x9025ffff, 0xa0450001, 0x44000002 },
};

Test(accesses, conditional_a32) { check(&a32); }
Test(accesses, conditional_t32) { check(&t32); }
Test(accesses, over_pages_aarch64) { check(&a64_cross); }
Test(accesses, over_pages_ppc) { check(&ppc_cross); }
