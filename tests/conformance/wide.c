/*
 * The space of guests with 64-bit addresses: windows and the host's own addresses, checked and with
 * host signals, on every back end. The guest is AArch64.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "conf.h"
#include "dragoman/aarch64.h"

#define MOV(d, imm) (0xd2800000u | (uint32_t)(imm) << 5 | (d))		/* movz x.d, imm */
#define LDR(t, n, off) (0xf9400000u | (uint32_t)(off) / 8 << 10 | (n) << 5 | (t))
#define STR(t, n, off) (0xf9000000u | (uint32_t)(off) / 8 << 10 | (n) << 5 | (t))
#define STRB_X(t, n, m) (0x38206800u | (uint32_t)(m) << 16 | (n) << 5 | (t))
#define LDRB_X(t, n, m) (0x38606800u | (uint32_t)(m) << 16 | (n) << 5 | (t))
#define STR_Q(t, n) (0x3d800000u | (n) << 5 | (t))
#define LDR_Q(t, n) (0x3dc00000u | (n) << 5 | (t))
#define LDADDAL(s, t, n) (0xf8e00000u | (uint32_t)(s) << 16 | (n) << 5 | (t))
#define LDP(t, t2, n) (0xa9400000u | (t2) << 10 | (n) << 5 | (t))
#define BR(n) (0xd61f0000u | (n) << 5)
#define SVC 0xd4000001u

struct layout {
	const char *name;
	uint32_t mem, flags;
	uint64_t base;		/* of the rig's code; data lies behind it */
};

static const struct layout layouts[] = {
	{ "window, checked", DGM_MEM_FLAT, 0, 0x500000000 },
	{ "window", DGM_MEM_FLAT, DGM_FASTMEM, 0x500000000 },
	{ "identity, checked", DGM_MEM_IDENTITY, 0, 0x200000000000 },
	{ "identity", DGM_MEM_IDENTITY, DGM_FASTMEM, 0x200000000000 },
};
#define FOR_EACH(l, c)                                                        \
	for (const struct layout *l = layouts; l < layouts + 4; l++)          \
		for (const struct conf *c = conf_list; c->name; c++)

enum { PAGE = 0x1000, DATA_AT = 0x10000, DATA_BYTES = 0x4000 };

/* A VM with one page of code at base and DATA_BYTES of data at base + DATA_AT. */
struct wide {
	const struct conf *conf;
	const struct layout *layout;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_exit exit;
	uint64_t code, data;
};

#define WANT(w, what, want) WANT_SAME(#what, what, want, "%s, %s", (w).layout->name, (w).conf->name)

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (!dgm_signal(sig, info, context))
		signal(sig, SIG_DFL);
}

static void forward_signals(void)
{
	struct sigaction act = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(SIGSEGV, &act, NULL);
	sigaction(SIGBUS, &act, NULL);
}

static void put_code(struct wide *w, uint64_t at, const uint32_t *code, unsigned n)
{
	WANT(*w, dgm_mem_write(w->vm, NULL, at, code, 4 * n, NULL), DGM_OK);
}

static struct wide make(const struct layout *l, const struct conf *c, const uint32_t *code, unsigned n,
			const dgm_machine_ops *ops, void *ud)
{
	struct wide w = { .conf = c, .layout = l, .exit = DGM_INIT(dgm_exit), .code = l->base,
			  .data = l->base + DATA_AT };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	forward_signals();
	ec.flags = c->flags | l->flags;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = DGM_ARCH_AARCH64;
	vc.mem = l->mem;
	WANT(w, dgm_engine_new(&ec, DGM_ABI, &w.engine), DGM_OK);
	WANT(w, dgm_vm_new(w.engine, &vc, ops, ud, &w.vm), DGM_OK);
	WANT(w, dgm_map_ram(w.vm, w.code, PAGE, DGM_R | DGM_X, NULL, NULL), DGM_OK);
	WANT(w, dgm_map_ram(w.vm, w.data, DATA_BYTES, DGM_R | DGM_W, NULL, NULL), DGM_OK);
	WANT(w, dgm_cpu_new(w.vm, &w.cpu), DGM_OK);
	put_code(&w, w.code, code, n);
	return w;
}
#define MAKE(l, c, code, ops, ud) make(l, c, code, sizeof(code) / sizeof *(code), ops, ud)

static void done(struct wide *w)
{
	WANT(*w, dgm_cpu_free(w->cpu), DGM_OK);
	WANT(*w, dgm_vm_free(w->vm), DGM_OK);
	dgm_engine_unref(w->engine);
}

static void run(struct wide *w)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);

	o.max_insns = 1000;
	w->exit = DGM_INIT(dgm_exit);
	dgm_set(w->cpu, DGM_A64_PC, w->code);
	WANT(*w, dgm_cpu_run(w->cpu, &o, &w->exit), DGM_OK);
}

static uint64_t load(struct wide *w, uint64_t at)
{
	uint64_t v = 0;

	WANT(*w, dgm_mem_read(w->vm, NULL, at, &v, 8, NULL), DGM_OK);
	return v;
}

static uint64_t tagged(uint64_t addr, uint64_t tag)
{
	return addr | tag << 56;
}

static const uint32_t load_it[] = { MOV(3, 1), LDR(3, 4, 0), SVC };
static const uint32_t store_it[] = { MOV(3, 0x55), STR(3, 4, 0), SVC };

/* Addresses are relative to the code, or absolute when they are higher than that. */
Test(wide, faults_are_exact)
{
	const uint64_t end = DATA_AT + DATA_BYTES;
	const struct {
		uint64_t addr, va;
		bool store;
		uint32_t cause;
	} cases[] = {
		{ 0x500000, 0x500000, false, DGM_CAUSE_UNMAPPED },
		{ 0x500000, 0x500000, true, DGM_CAUSE_UNMAPPED },
		{ 0x800, 0x800, true, DGM_CAUSE_PROT },
		{ end - 1, end, false, DGM_CAUSE_UNMAPPED },
		{ end - 7, end, true, DGM_CAUSE_UNMAPPED },
		{ DATA_AT - 2, DATA_AT - 2, false, DGM_CAUSE_UNMAPPED },
		{ UINT64_MAX - 3, UINT64_MAX - 3, false, DGM_CAUSE_UNMAPPED },
		{ UINT64_MAX - 3, UINT64_MAX - 3, true, DGM_CAUSE_UNMAPPED },
		{ 1ull << 47, 1ull << 47, true, DGM_CAUSE_UNMAPPED },
		{ 0x123456789abcdeull, 0x123456789abcdeull, false, DGM_CAUSE_UNMAPPED },
		{ 0x1280000000000000ull, 0xff80000000000000ull, false, DGM_CAUSE_UNMAPPED },
		{ tagged(0x500000000000ull, 0x7f), 0x500000000000ull, true, DGM_CAUSE_UNMAPPED },
	};
	FOR_EACH(l, c) for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wide w = cases[i].store ? MAKE(l, c, store_it, NULL, NULL) : MAKE(l, c, load_it, NULL, NULL);
		bool relative = cases[i].addr < 1 << 30;

		dgm_set(w.cpu, DGM_A64_X(4), cases[i].addr + (relative ? w.code : 0));
		run(&w);
		WANT(w, w.exit.reason, DGM_EXIT_FAULT);
		WANT(w, w.exit.pc, w.code + 4);
		WANT(w, w.exit.insns, 1);
		WANT(w, w.exit.info.va, cases[i].va + (relative ? w.code : 0));
		WANT(w, w.exit.info.cause, cases[i].cause);
		WANT(w, w.exit.info.access, cases[i].store ? DGM_W : DGM_R);
		WANT(w, w.exit.info.len, 8);
		WANT(w, dgm_get(w.cpu, DGM_A64_X(3)), cases[i].store ? 0x55 : 1);
		WANT(w, load(&w, w.data + DATA_BYTES - 8), 0);
		done(&w);
	}
}

Test(wide, tags_and_wrapping)
{
	static const uint32_t code[] = {
		LDR(3, 4, 8), STR(3, 4, 16), LDR_Q(0, 4), STR_Q(0, 6), LDADDAL(3, 5, 4), LDRB_X(7, 8, 9), SVC,
	};
	FOR_EACH(l, c) {
		struct wide w = MAKE(l, c, code, NULL, NULL);
		static const uint64_t init[2] = { 0x1111, 0x2222 };

		for (unsigned tag = 0; tag < 256; tag += 51) {
			WANT(w, dgm_mem_write(w.vm, NULL, w.data, init, 16, NULL), DGM_OK);
			dgm_set(w.cpu, DGM_A64_X(4), tagged(w.data, tag));
			dgm_set(w.cpu, DGM_A64_X(6), tagged(w.data + 32, 255 - tag));
			dgm_set(w.cpu, DGM_A64_X(8), w.data - 5000);	/* the sum goes round 2^64 */
			dgm_set(w.cpu, DGM_A64_X(9), tagged(5008, tag));
			run(&w);
			WANT(w, w.exit.reason, DGM_EXIT_SYSCALL);
			WANT(w, dgm_get(w.cpu, DGM_A64_X(3)), 0x2222);
			WANT(w, load(&w, w.data + 16), 0x2222);
			WANT(w, load(&w, w.data + 32), 0x1111);
			WANT(w, load(&w, w.data + 40), 0x2222);
			WANT(w, load(&w, w.data), 0x3333);
			WANT(w, dgm_get(w.cpu, DGM_A64_X(7)), 0x22);
			WANT(w, dgm_get(w.cpu, DGM_A64_X(4)), tagged(w.data, tag));
		}
		done(&w);
	}
}

/* Nothing is ever executed at such an address, however often the jump is. */
Test(wide, jumps_to_nowhere)
{
	static const uint32_t code[] = { BR(4) };
	static const struct {
		uint64_t to;
		uint32_t cause;
	} cases[] = {
		{ UINT64_MAX, DGM_CAUSE_ALIGN }, { 0, DGM_CAUSE_UNMAPPED }, { 1ull << 47, DGM_CAUSE_UNMAPPED },
		{ 0xfffffffffffffffcull, DGM_CAUSE_UNMAPPED }, { 0x00ff000000000000ull, DGM_CAUSE_UNMAPPED },
	};
	FOR_EACH(l, c) for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wide w = MAKE(l, c, code, NULL, NULL);

		for (unsigned round = 0; round < 3; round++) {
			dgm_set(w.cpu, DGM_A64_X(4), cases[i].to);
			run(&w);
			WANT(w, w.exit.reason, DGM_EXIT_FAULT);
			WANT(w, w.exit.info.cause, cases[i].cause);
			WANT(w, w.exit.info.access, DGM_X);
			if (cases[i].to < 1ull << 48)
				WANT(w, w.exit.pc, cases[i].to);
		}
		done(&w);
	}
}

/* Indirect jumps find their targets without the run loop, but for the first times. */
Test(wide, jumps_are_remembered)
{
	static const uint32_t code[] = {
		MOV(3, 3000), 0x10000104u /* adr x4, f */, 0xd63f0080u /* loop: blr x4 */, 0xf1000463u /* subs x3, x3, #1 */,
		0x54ffffc1u /* b.ne loop */, SVC, 0xd503201fu, 0xd503201fu, 0xd503201fu, 0xd65f03c0u /* f: ret */,
	};
	FOR_EACH(l, c) {
		struct wide w = MAKE(l, c, code, NULL, NULL);
		dgm_run_opts o = DGM_INIT(dgm_run_opts);
		dgm_stats s = DGM_INIT(dgm_stats);

		dgm_set(w.cpu, DGM_A64_PC, w.code);
		WANT(w, dgm_cpu_run(w.cpu, &o, &w.exit), DGM_OK);
		WANT(w, w.exit.reason, DGM_EXIT_SYSCALL);
		WANT(w, dgm_vm_stats(w.vm, &s), DGM_OK);
		if (!(c->flags & (DGM_INTERP_ONLY | DGM_NO_BASELINE)))
			cr_assert_lt(s.exits, 300, "%s, %s: %" PRIu64 " exits", l->name, c->name, s.exits);
		done(&w);
	}
}

Test(wide, new_code_is_seen)
{
	static const uint32_t one[] = { MOV(3, 1), SVC }, two[] = { MOV(3, 2), SVC };

	FOR_EACH(l, c) {
		struct wide w = MAKE(l, c, one, NULL, NULL);

		run(&w);
		WANT(w, dgm_get(w.cpu, DGM_A64_X(3)), 1);
		put_code(&w, w.code, two, 2);
		run(&w);
		WANT(w, dgm_get(w.cpu, DGM_A64_X(3)), 2);
		WANT(w, dgm_unmap(w.vm, w.code, PAGE), DGM_OK);
		run(&w);
		WANT(w, w.exit.info.cause, DGM_CAUSE_UNMAPPED);
		WANT(w, dgm_map_ram(w.vm, w.code, PAGE, DGM_R | DGM_X, NULL, NULL), DGM_OK);
		put_code(&w, w.code, one, 2);
		run(&w);
		WANT(w, dgm_get(w.cpu, DGM_A64_X(3)), 1);
		done(&w);
	}
}

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	*value = off << 8 | len;
	return DGM_CONT;
}

static dgm_act device_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	*(uint64_t *)ud = value + off + len;
	return DGM_CONT;
}

/* Devices, borrowed memory and pieces of pages lie where nothing is accessible directly. */
Test(wide, pieces)
{
	static const uint32_t code[] = { LDR(3, 4, 0x20), STR(3, 4, 0x28), LDR(5, 6, 0), STR(3, 6, 8), SVC };
	static uint64_t borrowed[4];
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	io.read = device_read;
	io.write = device_write;
	FOR_EACH(l, c) {
		struct wide w = MAKE(l, c, code, NULL, NULL);
		uint64_t got = 0, at = w.code + 0x100000;

		borrowed[0] = 0x77;
		WANT(w, dgm_map_io(w.vm, at, 0x40, &io, &got, NULL), DGM_OK);
		WANT(w, dgm_map_ram(w.vm, at + 0x40, sizeof borrowed, DGM_R | DGM_W, borrowed, NULL), DGM_OK);
		WANT(w, dgm_map_ram(w.vm, at + 0x100, 2 * PAGE, DGM_R | DGM_W, NULL, NULL), DGM_OK);
		dgm_set(w.cpu, DGM_A64_X(4), tagged(at, l->flags ? 0x10 : 0));
		dgm_set(w.cpu, DGM_A64_X(6), at + 0x40);
		run(&w);
		WANT(w, w.exit.reason, DGM_EXIT_SYSCALL);
		WANT(w, dgm_get(w.cpu, DGM_A64_X(3)), 0x2008);
		WANT(w, got, 0x2008 + 0x28 + 8);
		WANT(w, dgm_get(w.cpu, DGM_A64_X(5)), 0x77);
		WANT(w, borrowed[1], 0x2008);
		dgm_set(w.cpu, DGM_A64_X(4), at + 2 * PAGE + 0x100 - 0x30);	/* over the end of the odd range */
		run(&w);
		WANT(w, w.exit.reason, DGM_EXIT_SYSCALL);
		WANT(w, dgm_unmap(w.vm, at + PAGE + 8, 16), DGM_OK);	/* a hole in a whole page */
		dgm_set(w.cpu, DGM_A64_X(4), at + PAGE + 8 - 0x20);
		run(&w);
		WANT(w, w.exit.info.cause, DGM_CAUSE_UNMAPPED);
		WANT(w, dgm_unmap(w.vm, at, 3 * PAGE), DGM_OK);
		run(&w);
		WANT(w, w.exit.reason, DGM_EXIT_FAULT);
		done(&w);
	}
}

Test(wide, moved_pages)
{
	for (const struct layout *l = layouts; l < layouts + 4; l++) {
		struct wide w = MAKE(l, conf_list, load_it, NULL, NULL);
		uint64_t to = w.code + 0x400000, v = 0xabcdef;
		bool mapped;

		WANT(w, dgm_mem_write(w.vm, NULL, w.data + PAGE + 8, &v, 8, NULL), DGM_OK);
		WANT(w, dgm_map_move(w.vm, w.data, DATA_BYTES, w.data + PAGE, DATA_BYTES), DGM_E_MAP);
		WANT(w, dgm_map_move(w.vm, w.data - PAGE, 2 * PAGE, to, 2 * PAGE), DGM_E_MAP);
		WANT(w, dgm_map_move(w.vm, w.data, DATA_BYTES, to, 2 * DATA_BYTES), DGM_OK);
		WANT(w, load(&w, to + PAGE + 8), v);
		WANT(w, load(&w, to + 2 * DATA_BYTES - 8), 0);
		WANT(w, dgm_mem_prot(w.vm, to + 2 * DATA_BYTES - 1, &mapped), DGM_R | DGM_W);
		WANT(w, dgm_mem_prot(w.vm, w.data, &mapped), 0);
		WANT(w, mapped, false);
		WANT(w, dgm_map_ram(w.vm, w.data, DATA_BYTES, DGM_R, NULL, NULL), DGM_OK);
		WANT(w, load(&w, w.data + PAGE + 8), 0);
		done(&w);
	}
}

static bool host_has(void *page)
{
	unsigned char in;

	return !mincore(page, PAGE, &in);
}

/* The host's memory is not the guest's to map, unmap, protect or read, and what was the guest's goes with it. */
Test(wide, the_host_keeps_what_is_its_own)
{
	FOR_EACH(l, c) {
		if (l->mem != DGM_MEM_IDENTITY)
			continue;
		struct wide w = MAKE(l, c, load_it, NULL, NULL);
		uint8_t *own = mmap((void *)(w.code + 0x200000), 2 * PAGE, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		uint64_t at = (uint64_t)(uintptr_t)own, v;

		cr_assert_eq(at, w.code + 0x200000);
		memset(own, 0x5a, 2 * PAGE);
		WANT(w, dgm_map_ram(w.vm, at, PAGE, DGM_R | DGM_W, NULL, NULL), DGM_E_MAP);
		WANT(w, dgm_map_ram(w.vm, at + 0x100, 8, DGM_R | DGM_W, NULL, NULL), DGM_E_MAP);
		WANT(w, dgm_map_host(w.vm, at - PAGE, 4 * PAGE, DGM_R, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), DGM_E_MAP);
		WANT(w, host_has(own - PAGE) || host_has(own + 2 * PAGE), false);
		WANT(w, dgm_map_host(w.vm, w.data, at + PAGE - w.data, DGM_R, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), DGM_E_MAP);
		WANT(w, load(&w, w.data), 0);
		WANT(w, dgm_protect(w.vm, at, PAGE, DGM_R), DGM_E_MAP);
		WANT(w, dgm_unmap(w.vm, at - PAGE, 4 * PAGE), DGM_OK);
		WANT(w, dgm_mem_read(w.vm, NULL, at, &v, 8, NULL), DGM_E_FAULT);
		WANT(w, dgm_mem_write(w.vm, NULL, at, &v, 8, NULL), DGM_E_FAULT);
		WANT(w, dgm_mem_ptr(w.vm, at, 8, DGM_R) != NULL, false);
		for (unsigned i = 0; i < 2 * PAGE; i++)
			cr_assert_eq(own[i], 0x5a);
		if (!l->flags || c->flags & DGM_INTERP_ONLY) {	/* what checks sees that it is not the guest's */
			dgm_set(w.cpu, DGM_A64_X(4), at);
			run(&w);
			WANT(w, w.exit.reason, DGM_EXIT_FAULT);
			WANT(w, w.exit.info.cause, DGM_CAUSE_UNMAPPED);
		}
		WANT(w, host_has((void *)w.data), true);
		done(&w);
		WANT(w, host_has((void *)w.data) || host_has((void *)w.code), false);
		WANT(w, host_has(own), true);
		munmap(own, 2 * PAGE);
	}
}

/* Huge ranges cost neither time nor memory. */
Test(wide, huge_ranges)
{
	struct wide w = MAKE(&layouts[3], &conf_list[0], load_it, NULL, NULL);
	uint64_t at = 0x010000000000, len = 1ull << 42;
	dgm_status st = DGM_E_MAP;
	bool mapped;

	/* The test framework has memory somewhere, too. */
	for (unsigned i = 0; i < 4 && st == DGM_E_MAP; i++) {
		at += 1ull << 43;
		st = dgm_map_host(w.vm, at + PAGE, len, 0, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	}
	WANT(w, st, DGM_OK);
	WANT(w, dgm_mem_prot(w.vm, at + len / 2, &mapped), 0);
	WANT(w, mapped, true);
	WANT(w, dgm_protect(w.vm, at + len / 2, PAGE, DGM_R | DGM_W), DGM_OK);
	WANT(w, load(&w, at + len / 2), 0);
	WANT(w, dgm_mem_prot(w.vm, at + len / 2, &mapped), DGM_R | DGM_W);
	WANT(w, dgm_mem_prot(w.vm, at + len / 2 + PAGE, &mapped), 0);
	WANT(w, dgm_unmap(w.vm, at + (1ull << 31), len / 4), DGM_OK);
	dgm_mem_prot(w.vm, at + (1ull << 31) - 1, &mapped);
	WANT(w, mapped, true);
	dgm_mem_prot(w.vm, at + (1ull << 31), &mapped);
	WANT(w, mapped, false);
	dgm_mem_prot(w.vm, at + (1ull << 31) + len / 4, &mapped);
	WANT(w, mapped, true);
	WANT(w, dgm_map_ram(w.vm, at + (1ull << 31), len / 4, DGM_R, NULL, NULL), DGM_OK);
	WANT(w, dgm_map_ram(w.vm, at, PAGE, DGM_R, NULL, NULL), DGM_OK);
	WANT(w, dgm_unmap(w.vm, at, 2 * len), DGM_OK);
	dgm_mem_prot(w.vm, at + len / 2, &mapped);
	WANT(w, mapped, false);
	WANT(w, host_has((void *)(at + len / 2)), false);
	done(&w);
}

Test(wide, configurations)
{
	static const struct {
		uint32_t arch, mem, bits;
		dgm_status want;
	} cases[] = {
		{ DGM_ARCH_AARCH64, DGM_MEM_FLAT, 19, DGM_E_ARG },
		{ DGM_ARCH_AARCH64, DGM_MEM_FLAT, 20, DGM_OK },
		{ DGM_ARCH_AARCH64, DGM_MEM_FLAT, 44, DGM_OK },
		{ DGM_ARCH_AARCH64, DGM_MEM_FLAT, 47, DGM_E_ARG },
		{ DGM_ARCH_AARCH64, DGM_MEM_IDENTITY, 40, DGM_E_ARG },
		{ DGM_ARCH_AARCH64, DGM_MEM_MMU + 1, 0, DGM_E_ARG },
		{ DGM_ARCH_AARCH64, DGM_MEM_MMU, 0, DGM_OK },
		{ DGM_ARCH_PPC32, DGM_MEM_MMU, 36, DGM_OK },
		{ DGM_ARCH_PPC32, DGM_MEM_MMU, 47, DGM_E_ARG },
		{ DGM_ARCH_PPC32, DGM_MEM_IDENTITY, 0, DGM_E_ARG },
		{ DGM_ARCH_PPC32, DGM_MEM_FLAT, 32, DGM_OK },
		{ DGM_ARCH_PPC32, DGM_MEM_FLAT, 31, DGM_E_ARG },
	};
	dgm_engine *engine;

	cr_assert_eq(dgm_engine_new(NULL, DGM_ABI, &engine), DGM_OK);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
		uint64_t end = 1ull << (cases[i].bits ? cases[i].bits : 36);
		dgm_vm *vm = NULL;

		vc.arch = cases[i].arch;
		vc.mem = cases[i].mem;
		vc.mem_bits = cases[i].bits;
		cr_assert_eq(dgm_vm_new(engine, &vc, NULL, NULL, &vm), cases[i].want, "case %u", i);
		if (!vm)
			continue;
		cr_assert_eq(dgm_map_ram(vm, end - PAGE, PAGE, DGM_R, NULL, NULL), DGM_OK, "case %u", i);
		cr_assert_eq(dgm_map_ram(vm, end, PAGE, DGM_R, NULL, NULL), DGM_E_MAP, "case %u", i);
		cr_assert_eq(dgm_vm_free(vm), DGM_OK);
	}
	dgm_engine_unref(engine);
}

/* ---- whatever a guest executes, it reaches its own memory only ---- */

enum { CANARY = 16 * PAGE, GUARD = 64 * 1024, CANARIES = 6, TRIES = 400 };

struct canary {
	uint8_t *at;
	uint8_t pattern;
};

static unsigned plant(struct canary *c, unsigned n, uint64_t at)
{
	void *p = mmap((void *)at, CANARY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | (at ? 0x100000 : 0), -1, 0);

	if (p == MAP_FAILED)
		return n;
	c[n] = (struct canary){ p, (uint8_t)(0x90 + n) };
	memset(p, c[n].pattern, CANARY);
	return n + 1;
}

static uint64_t draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33 ^ *seed << 20;
}

/* An address that would hurt if it were not checked; host0: where guest address 0 lies. */
static uint64_t evil(uint64_t *seed, const struct canary *c, unsigned n, uint64_t host0, uint64_t end, uint64_t data)
{
	uint64_t r = draw(seed);

	switch (r % 8) {
	case 0: return (uint64_t)(uintptr_t)c[r / 8 % n].at - host0 + (r >> 8) % CANARY;
	case 1: return (uint64_t)(uintptr_t)c[r / 8 % n].at + (r >> 8) % CANARY;
	case 2: return end - 64 + (r >> 8) % 128;
	case 3: return end + (r >> 8) % (4 * GUARD);
	case 4: return 0 - (r >> 8) % (4 * GUARD);
	case 5: return draw(seed) << 32 ^ draw(seed);
	case 6: return tagged((uint64_t)(uintptr_t)c[r / 8 % n].at - host0, r >> 40);
	default: return data - 32 + (r >> 8) % (DATA_BYTES + 64);
	}
}

static dgm_act skip(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	cr_assert_neq(f->access, DGM_X);
	++*(unsigned *)ud;
	f->value = 0x77;
	return DGM_SKIP;
}

/* Whatever an instruction does to memory, it is over when it was skipped. */
Test(wide, skipped)
{
	static const uint32_t words[] = {
		LDP(3, 5, 4), LDR_Q(0, 4), STR_Q(0, 4), LDADDAL(6, 3, 4), STR(3, 4, 8), 0xc8e3fc86u /* casal x3, x6, [x4] */,
		0xad400480u /* ldp q0, q1, [x4] */, 0x4860fc82u /* caspal x0, x1, x2, x3, [x4] */,
	};
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	ops.fault = skip;
	FOR_EACH(l, c) for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		unsigned faults = 0;
		uint32_t code[] = { words[i], SVC };
		struct wide w = MAKE(l, c, code, &ops, &faults);

		for (unsigned odd = 0; odd < 2; odd++) {
			dgm_set(w.cpu, DGM_A64_X(3), 1);
			dgm_set(w.cpu, DGM_A64_X(4), w.data + DATA_BYTES + odd);
			run(&w);
			WANT(w, w.exit.reason, DGM_EXIT_SYSCALL);
			WANT(w, w.exit.pc, w.code + 4);
			WANT(w, w.exit.insns, 1);
		}
		WANT(w, faults, 2);
		if (!i || words[i] == LDADDAL(6, 3, 4))
			WANT(w, dgm_get(w.cpu, DGM_A64_X(3)), 0x77);
		done(&w);
	}
}

Test(wide, a_window_cannot_be_left, .timeout = 120)
{
	static const uint32_t code[] = {
		STRB_X(3, 4, 5), STR(3, 4, 32760), STR_Q(0, 4), LDR(6, 4, 8), LDRB_X(7, 4, 5), LDADDAL(3, 6, 4), SVC,
	};
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	uint64_t seed = 1, end = 1ull << 36;

	ops.fault = skip;
	for (const struct layout *l = layouts; l < layouts + 2; l++) for (const struct conf *c = conf_list; c->name; c++) {
		unsigned faults = 0, n = 0;
		struct wide w = MAKE(l, c, code, &ops, &faults);
		struct canary canary[CANARIES];
		uint64_t host0 = (uint64_t)(uintptr_t)dgm_mem_ptr(w.vm, w.data, 1, DGM_R) - w.data;

		n = plant(canary, n, 0);
		n = plant(canary, n, host0 - GUARD - CANARY);
		n = plant(canary, n, host0 + end + GUARD);
		for (unsigned i = 0; i < TRIES; i++) {
			dgm_set(w.cpu, DGM_A64_X(3), draw(&seed));
			dgm_set(w.cpu, DGM_A64_X(4), evil(&seed, canary, n, host0, end, w.data));
			dgm_set(w.cpu, DGM_A64_X(5), i & 1 ? draw(&seed) % 9 : evil(&seed, canary, n, host0, end, w.data));
			run(&w);
			WANT(w, w.exit.reason, DGM_EXIT_SYSCALL);
		}
		cr_assert_gt(faults, TRIES);
		for (unsigned i = 0; i < n; i++)
			for (unsigned k = 0; k < CANARY; k++)
				cr_assert_eq(canary[i].at[k], canary[i].pattern, "%s, %s: canary %u", l->name, c->name, i);
		done(&w);
		for (unsigned i = 0; i < n; i++)
			munmap(canary[i].at, CANARY);
	}
}

/* The same for 32-bit addresses, where displacements run over both ends of the space. */
Test(wide, a_small_space_cannot_be_left, .timeout = 120)
{
	static const uint32_t code[] = {
		0x7c6429aeu /* stbx r3, r4, r5 */, STW(3, 32764, 4), STB(3, -32768, 4), LWZ(6, -4, 4), LHZ(7, 32767, 4),
		W_D(54, 1, 4, 32767) /* stfd */, STMW(28, -20, 4), W_D(37, 3, 4, -8) /* stwu */, SC,
	};
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	uint64_t seed = 7;

	forward_signals();
	ops.fault = skip;
	for (const struct conf *c = conf_list; c->name; c++) for (unsigned fast = 0; fast < 2; fast++) {
		struct conf conf = { c->name, c->flags | (fast ? DGM_FASTMEM : 0) };
		unsigned faults = 0, n = 0;
		struct rig r = RIG(&conf, code, &ops, &faults);
		struct canary canary[CANARIES];
		uint64_t host0 = (uint64_t)(uintptr_t)dgm_mem_ptr(r.vm, DATA, 1, DGM_R) - DATA;

		n = plant(canary, n, 0);
		n = plant(canary, n, host0 - GUARD - CANARY);
		n = plant(canary, n, host0 + (1ull << 32) + GUARD);
		for (unsigned i = 0; i < TRIES; i++) {
			uint64_t v = draw(&seed), at = v >> 8;

			at = v % 4 == 0 ? at % 0x20000 : v % 4 == 1 ? 0 - at % 0x20000 : v % 4 == 2 ? DATA + at % 0x20000 : at;
			dgm_set(r.cpu, DGM_PPC_R3, v >> 3);
			dgm_set(r.cpu, DGM_PPC_R(4), at);
			dgm_set(r.cpu, DGM_PPC_R(5), i & 1 ? draw(&seed) : 0);
			rig_run(&r, 1000);
			EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		}
		cr_assert_gt(faults, TRIES);
		for (unsigned i = 0; i < n; i++)
			for (unsigned k = 0; k < CANARY; k++)
				cr_assert_eq(canary[i].at[k], canary[i].pattern, "%s: canary %u", c->name, i);
		rig_free(&r);
		for (unsigned i = 0; i < n; i++)
			munmap(canary[i].at, CANARY);
	}
}
