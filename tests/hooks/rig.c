#include <signal.h>

#include "../order.h"
#include "rig.h"

/*
 * Five rounds over r5 = DATA: stores, loads, pairs and multiples, an exclusive pair, vectors, a cache line cleared, a
 * call with a conditional part, then a device; last a system call.
 */
static const uint32_t ppc_code[] = {
	/* lis r5,2; li r4,5; lis r9,3; mtctr r4 */
	0x3ca00002, 0x38800005, 0x3d200003, 0x7c8903a6,
	/* 1: stw r4,0(r5); lwz r6,0(r5); lhbrx r7,0,r5; stmw r29,16(r5); lmw r29,20(r5) */
	0x90850000, 0x80c50000, 0x7ce02e2c, 0xbfa50010, 0xbba50014,
	/* 2: lwarx r8,0,r5; addi r8,r8,1; stwcx. r8,0,r5; bne 2b */
	0x7d002828, 0x39080001, 0x7d00292d, 0x4082fff4,
	/* stvx v1,0,r5; lvx v2,0,r5; dcbz 0,r5; bl f; stb r4,1(r9); lwz r10,4(r9) */
	0x7c2029ce, 0x7c4028ce, 0x7c002fec, 0x4800001d, 0x98890001, 0x81490004,
	/* addi r4,r4,-1; bdnz 1b; mfcr r3; sc */
	0x3884ffff, 0x4200ffc0, 0x7c600026, 0x44000002,
	/* f: cmpwi r4,3; blt 3f; addi r11,r11,1; blr; 3: lwz r12,4096(r5); addi r11,r11,2; blr */
	0x2c040003, 0x4180000c, 0x396b0001, 0x4e800020, 0x81851000, 0x396b0002, 0x4e800020,
};

static const uint32_t aarch64_code[] = {
	/* mov x5,#DATA; mov x4,#5; mov x9,#DEVICE */
	0xd2a00045, 0xd28000a4, 0xd2a00069,
	/* 1: str w4,[x5]; ldr x6,[x5]; ldrb w7,[x5,3]; stp x29,x4,[x5,16]; ldp x10,x11,[x5,24] */
	0xb90000a4, 0xf94000a6, 0x39400ca7, 0xa90110bd, 0xa941acaa,
	/* 2: ldaxr w8,[x5]; add w8,w8,1; stlxr w7,w8,[x5]; cbnz w7,2b; ldaddal x4,x7,[x5]; cas x7,x4,[x5] */
	0x885ffca8, 0x11000508, 0x8807fca8, 0x35ffffa7, 0xf8e400a7, 0xc8a77ca4,
	/* ld1 {v0.16b-v2.16b},[x5]; str q1,[x5,48]; dc zva,x5; bl f; strb w4,[x9,1]; ldr w10,[x9,4] */
	0x4c4060a0, 0x3d800ca1, 0xd50b7425, 0x94000006, 0x39000524, 0xb940052a,
	/* sub w4,w4,1; cbnz w4,1b; svc 0 */
	0x51000484, 0x35fffdc4, 0xd4000001,
	/* f: cmp w4,3; b.lt 3f; add w12,w12,1; ret; 3: ldr x13,[x5,4096]; add w12,w12,2; ret */
	0x71000c9f, 0x5400006b, 0x1100058c, 0xd65f03c0, 0xf94800ad, 0x1100098c, 0xd65f03c0,
};

static const uint32_t arm_code[] = {
	/* mov r5,#DATA; mov r4,#5; mov r9,#DEVICE */
	0xe3a05802, 0xe3a04005, 0xe3a09803,
	/* 1: str r4,[r5]; ldr r6,[r5]; ldrh r7,[r5,#2]; add r8,r5,#16; stm r8,{r4-r6}; ldm r8!,{r0-r2} */
	0xe5854000, 0xe5956000, 0xe1d570b2, 0xe2858010, 0xe8880070, 0xe8b80007,
	/* 2: ldrex r8,[r5]; add r8,r8,#1; strex r7,r8,[r5]; cmp r7,#0; bne 2b */
	0xe1958f9f, 0xe2888001, 0xe1857f98, 0xe3570000, 0x1afffffa,
	/* vst1.32 {d0,d1},[r5]; vldr d2,[r5,#8]; blx f; strb r4,[r9,#1]; ldr r10,[r9,#4] */
	0xf4050a8f, 0xed952b02, 0xfa000006, 0xe5c94001, 0xe599a004,
	/* subs r4,r4,#1; ldrne r0,[r5,#4]; addeq r1,r1,#1; bne 1b; svc 0 */
	0xe2544001, 0x15950004, 0x02811001, 0x1affffeb, 0xef000000,
	/* f, Thumb: cmp r4,#3; itte lt; addlt r11,#2; ldrlt.w r12,[r5,#64]; addge r11,#1; it eq; streq.w r11,[r5,#68]; bx lr */
	0xbfba2c03, 0x0b02f10b, 0xc040f8d5, 0x0b01f10b, 0xf8c5bf08, 0x4770b044,
};

#define CODE_OF(a) a, sizeof(a) / sizeof *(a)
const struct guest guests[] = {
	{ "ppc", DGM_ARCH_PPC32, true, CODE_OF(ppc_code), DGM_PPC_PC, DGM_PPC_R(11), 0x5c, 0x58 },
	{ "aarch64", DGM_ARCH_AARCH64, false, CODE_OF(aarch64_code), DGM_A64_PC, DGM_A64_X(12), 0x5c, 0x58 },
	{ "arm", DGM_ARCH_ARM, false, CODE_OF(arm_code), DGM_ARM_PC, DGM_ARM_R(11), 0x60, 0x5c },
	{ NULL },
};

const struct way ways[] = {
	{ "interp", DGM_INTERP_ONLY | DGM_VERIFY_IR, 0, 0 },
	{ "baseline", DGM_NO_LLVM | DGM_VERIFY_IR, 0, 0 },
	{ "llvm", DGM_HOT_AT_ONCE | DGM_VERIFY_IR, 0, 0 },
	{ "llvm alone", DGM_HOT_AT_ONCE | DGM_NO_BASELINE | DGM_VERIFY_IR, 0, 0 },
	{ "tier-up", DGM_DETERMINISTIC | DGM_VERIFY_IR, 3, 0 },
	{ "imprecise", DGM_DETERMINISTIC | DGM_VERIFY_IR, 3, DGM_VM_IMPRECISE },
	{ "fastmem", DGM_NO_LLVM | DGM_FASTMEM | DGM_VERIFY_IR, 0, 0 },
	{ "fastmem interp", DGM_INTERP_ONLY | DGM_FASTMEM | DGM_VERIFY_IR, 0, 0 },
	{ "fastmem tier-up", DGM_DETERMINISTIC | DGM_FASTMEM | DGM_VERIFY_IR, 3, 0 },
	{ "virtual", DGM_NO_LLVM | DGM_VERIFY_IR, 0, 0, DGM_MEM_MMU },
	{ "virtual interp", DGM_INTERP_ONLY | DGM_VERIFY_IR, 0, 0, DGM_MEM_MMU },
	{ "virtual tier-up", DGM_DETERMINISTIC | DGM_VERIFY_IR, 3, 0, DGM_MEM_MMU },
	{ NULL },
};

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	*value = 0x1234 + off;
	return DGM_CONT;
}

static dgm_act device_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	return DGM_CONT;
}

static dgm_act translate(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	page->va = page->pa = va & ~(uint64_t)0xfff;
	page->len = 0x1000;
	page->prot = DGM_R | DGM_W | DGM_X;
	return DGM_CONT;
}

static void log_line(void *ud, int level, const char *category, const char *msg)
{
	if (level <= DGM_LOG_ERROR)
		fprintf(stderr, "[%s] %s\n", category, msg);
}

struct guest guest_with(const struct guest *g, const uint32_t *code, unsigned n)
{
	struct guest with = *g;

	with.code = code;
	with.n = n;
	return with;
}

struct guest guest_running(const struct guest *g, const struct code *c, unsigned work)
{
	struct guest with = guest_with(g, c->word, c->n);

	with.work = guest_reg(g, work);
	return with;
}

uint32_t guest_reg(const struct guest *g, unsigned n)
{
	return g->arch == DGM_ARCH_PPC32 ? DGM_PPC_R(n) : g->arch == DGM_ARCH_ARM ? DGM_ARM_R(n) : DGM_A64_X(n);
}

void rig_store(struct rig *r, uint64_t addr, uint32_t v)
{
	uint8_t b[4];

	order_put(r->guest->big, v, b);
	WANT(r, dgm_mem_write(r->vm, NULL, addr, b, 4, NULL), DGM_OK);
}

uint32_t rig_load(struct rig *r, uint64_t addr)
{
	uint8_t b[4];

	WANT(r, dgm_mem_read(r->vm, NULL, addr, b, 4, NULL), DGM_OK);
	return order_get(r->guest->big, b);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (!dgm_signal(sig, info, context))
		signal(sig, SIG_DFL);
}

/* For DGM_FASTMEM. */
static void catch_signals(void)
{
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

	cr_assert(!sigaction(SIGSEGV, &sa, NULL) && !sigaction(SIGBUS, &sa, NULL));
}

struct rig rig_make(const struct guest *g, const struct way *w)
{
	struct rig r = { .guest = g, .way = w, .exit = DGM_INIT(dgm_exit) };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_io_ops io = DGM_INIT(dgm_io_ops);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	if (w->flags & DGM_FASTMEM)
		catch_signals();
	ec.flags = w->flags;
	ec.hot_threshold = w->threshold;
	ec.log = log_line;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = g->arch;
	vc.abi = DGM_ABI_LINUX;
	vc.flags = w->vm_flags;
	vc.mem = w->mem;
	vc.mem_bits = w->mem == DGM_MEM_MMU ? 32 : 0;
	ops.translate = w->mem == DGM_MEM_MMU ? translate : NULL;
	io.read = device_read;
	io.write = device_write;
	cr_assert_eq(dgm_engine_new(&ec, DGM_ABI, &r.engine), DGM_OK);
	cr_assert_eq(dgm_vm_new(r.engine, &vc, &ops, NULL, &r.vm), DGM_OK);
	cr_assert_eq(dgm_map_ram(r.vm, CODE, 0x1000, DGM_R | DGM_X, NULL, NULL), DGM_OK);
	cr_assert_eq(dgm_map_ram(r.vm, DATA, 0x4000, DGM_R | DGM_W, NULL, NULL), DGM_OK);
	cr_assert_eq(dgm_map_io(r.vm, DEVICE, 0x100, &io, NULL, NULL), DGM_OK);
	cr_assert_eq(dgm_cpu_new(r.vm, &r.cpu), DGM_OK);
	for (unsigned i = 0; i < g->n; i++)
		rig_store(&r, CODE + 4 * i, g->code[i]);
	rig_start(&r);
	return r;
}

void rig_free(struct rig *r)
{
	WANT(r, dgm_cpu_free(r->cpu), DGM_OK);
	WANT(r, dgm_vm_free(r->vm), DGM_OK);
	dgm_engine_unref(r->engine);
	if (r->record)
		fclose(r->record);
	free(r->text);
}

void rig_start(struct rig *r)
{
	if (r->guest->arch == DGM_ARCH_ARM)
		dgm_set(r->cpu, DGM_ARM_CPSR, 0x10);
	dgm_set(r->cpu, r->guest->pc, CODE);
}

void rig_run(struct rig *r, uint64_t max_insns)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);

	o.max_insns = max_insns;
	r->exit = DGM_INIT(dgm_exit);
	WANT(r, dgm_cpu_run(r->cpu, &o, &r->exit), DGM_OK);
}

void rig_run_sliced(struct rig *r, uint64_t max_insns)
{
	for (unsigned i = 0; i < 10000; i++) {
		rig_run(r, max_insns);
		if (r->exit.reason == DGM_EXIT_SYSCALL)
			return;
	}
	cr_assert(false, "%s, %s: does not end; reason %u at 0x%" PRIx64, r->guest->name, r->way->name, r->exit.reason,
		  r->exit.pc);
}

const char *rig_text(struct rig *r)
{
	if (!r->record)
		return "";
	fflush(r->record);
	return r->text;
}

void rig_open(struct rig *r)
{
	if (!r->record)
		r->record = open_memstream(&r->text, &r->n_text);
}

dgm_act rig_note(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	static const char *const name[] = { "?", "block", "insn", "edge", "read", "write", "translated", "invalidated" };
	struct rig *r = ud;

	rig_open(r);
	WANT(r, dgm_cpu_clock(cpu), dgm_insns(cpu));
	fprintf(r->record, "%s %" PRIx64 " from %" PRIx64 " at %" PRIx64 " %" PRIx64 ":%" PRIx64 " len %" PRIu64
		" insns %u op %x | pc %" PRIx64 " done %" PRIu64 " work %" PRIx64 "\n",
		name[e->kind], e->pc, e->prev_pc, e->addr, e->value_hi, e->value, e->len, e->insns, e->opcode,
		dgm_pc(cpu), dgm_insns(cpu), dgm_get(cpu, r->guest->work));
	return DGM_CONT;
}

static dgm_id add(struct rig *r, dgm_hook_cfg *c, uint64_t lo, uint64_t hi)
{
	bool data = c->kind == DGM_HOOK_READ || c->kind == DGM_HOOK_WRITE;
	dgm_id id = 0;

	c->lo = lo || hi ? lo + (data ? 0 : CODE) : 0;
	c->hi = lo || hi ? hi + (data ? 0 : CODE) : 0;
	WANT(r, dgm_hook_add(r->vm, c, &id), DGM_OK);
	return id;
}

dgm_id rig_hook(struct rig *r, uint32_t kind, uint64_t lo, uint64_t hi, dgm_hook_fn *fn, void *ud)
{
	dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);

	c.kind = kind;
	c.fn = fn ? fn : rig_note;
	c.ud = fn ? ud : r;
	return add(r, &c, lo, hi);
}

dgm_id rig_counter(struct rig *r, uint32_t kind, uint64_t lo, uint64_t hi, uint64_t *counter)
{
	dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);

	c.kind = kind;
	c.counter = counter;
	return add(r, &c, lo, hi);
}

void same_text(const struct rig *r, const char *got, const char *want, const char *what)
{
	unsigned line = 1;

	while (*got && *got == *want) {
		line += *got == '\n';
		got++;
		want++;
	}
	if (*got == *want)
		return;
	while (got[-1] != '\n' && line > 1 && got[-1])
		got--, want--;
	cr_assert(false, "%s, %s: %s, line %u is\n%.*s\nnot\n%.*s", r->guest->name, r->way->name, what, line,
		  (int)strcspn(got, "\n"), got, (int)strcspn(want, "\n"), want);
}
