/*
 * Any bytes as calls of the public interface, for libFuzzer: mappings of odd shapes, host memory
 * between guard patterns, devices whose callbacks unmap and run nested, hooks of all kinds, budgets, kicks, interrupts,
 * timers, calls of guest functions, copies, snapshots and forks. A byte-wise model says what every mapping call, copy and protection must answer. The guest's
 * memory lies in a space of 32 bits, in a window, in the host's own address space, or behind pages that are
 * exchanged and forbidden at any time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

enum { LO = 0xe000, HI = 0x16000, SPAN = HI - LO, HOSTS = 4, HOST_BYTES = 9000, GUARD = 64, MAX_COPY = 600, SNAPS = 3, HOOKS = 6 };
enum kind { NONE, RAM, IO, ALIAS };

static const uint32_t ppc_words[] = {
	0x80600000, 0x90600000, 0x88600000, 0xb0600000, 0x7c601c2c, 0x4bfffffc, 0x48000008, 0x44000002,
	0x7fe00008, 0x38630001, 0xbc600000, 0x4200fff8, 0x7c0018ac, 0x7c001fac, 0x7c601828, 0x7c60192d,
	0xc8200000, 0xd8200000, 0x4e800020, 0, 0x7c00192c, 0x7ca018aa, 0x7c6c42e6, 0x7c7e0aa6,
};
static const uint32_t a64_words[] = {
	0xf9400000, 0xf9000000, 0x39400000, 0x79000000, 0xb8606860, 0x17ffffff, 0x14000002, 0xd4000001,
	0xd4200000, 0x91000463, 0xa9001462, 0x54ffffc0, 0xd50b7523, 0xc85ffc62, 0xc806fc62, 0xf8e00062,
	0x3dc00000, 0x3d800000, 0xd65f03c0, 0, 0xd61f0060, 0xa8c10062, 0xd503207f, 0xd53be043,
};
static const uint32_t arm_words[] = {
	0xe5930000, 0xe5830000, 0xe5d30000, 0xe1c300b0, 0xe7930004, 0xeafffffe, 0xea000000, 0xef000000,
	0xe1200070, 0xe2833001, 0xe8b30007, 0x18830007, 0x1afffffc, 0xee073f35, 0xe1930f9f, 0xe1831f90,
	0xe1c300d0, 0xe1c300f0, 0xe12fff1e, 0xe7f000f0, 0xe12fff13, 0xf4230a8f, 0xe320f003, 0xee110f10,
};

struct guest {
	uint32_t arch, mem;
	uint64_t base;		/* addresses are relative to it */
	uint32_t pc, reg, ids;	/* registers: pc, number 0, the first of all */
	uint32_t sp;
	const uint32_t *word;
	bool big;
};

static const struct guest guests[] = {
	{ DGM_ARCH_PPC32, DGM_MEM_DEFAULT, 0, DGM_PPC_PC, DGM_PPC_R(0), 0x10000, DGM_PPC_R(1), ppc_words, true },
	{ DGM_ARCH_AARCH64, DGM_MEM_FLAT, 0x700000000, DGM_A64_PC, DGM_A64_X(0), 0x20000, DGM_A64_SP, a64_words, false },
	{ DGM_ARCH_AARCH64, DGM_MEM_IDENTITY, 0x200000000000, DGM_A64_PC, DGM_A64_X(0), 0x20000, DGM_A64_SP, a64_words, false },
	{ DGM_ARCH_PPC32, DGM_MEM_FLAT, 0, DGM_PPC_PC, DGM_PPC_R(0), 0x10000, DGM_PPC_R(1), ppc_words, true },
	{ DGM_ARCH_PPC32, DGM_MEM_MMU, 0, DGM_PPC_PC, DGM_PPC_R(0), 0x10000, DGM_PPC_R(1), ppc_words, true },
	{ DGM_ARCH_AARCH64, DGM_MEM_MMU, 0x700000000, DGM_A64_PC, DGM_A64_X(0), 0x20000, DGM_A64_SP, a64_words, false },
	{ DGM_ARCH_ARM, DGM_MEM_DEFAULT, 0, DGM_ARM_PC, DGM_ARM_R(0), 0x30000, DGM_ARM_SP, arm_words, false },
	{ DGM_ARCH_ARM, DGM_MEM_MMU, 0, DGM_ARM_PC, DGM_ARM_R(0), 0x30000, DGM_ARM_SP, arm_words, false },
};
enum { GUESTS = sizeof guests / sizeof *guests, TABLE = 32, SPACES = 2 };
enum { WORDS = sizeof ppc_words / sizeof *ppc_words };
_Static_assert(sizeof ppc_words == sizeof a64_words && sizeof ppc_words == sizeof arm_words, "one number of words for all");

struct fuzz {
	const struct guest *g;
	uint64_t lo, hi;	/* what the model knows */
	const uint8_t *data;
	size_t size;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	uint8_t *host[HOSTS];
	unsigned depth;
	uint8_t kind[SPAN], prot[SPAN];	/* the model */
	unsigned host_of[SPAN];		/* 1 + index of borrowed memory */
	int32_t off_of[SPAN];		/* of an alias: how far its target is */
	struct kept {
		dgm_snap *snap;
		uint8_t kind[SPAN], prot[SPAN];
		int32_t off_of[SPAN];
		uint64_t hash, insns;
		uint32_t irqs;
	} kept[SNAPS];
	uint8_t to[SPACES][TABLE], may[SPACES][TABLE];	/* tables of pages, what an entry is off by and allows */
	struct hook {
		struct fuzz *z;
		dgm_hook_cfg cfg;
		dgm_id id;		/* also of one that is gone */
		bool live;
		uint64_t count, frozen;	/* frozen: the count when it was removed */
	} hook[HOOKS];
	const dgm_event *moved;		/* the last one whose callback may have changed the pc */
	uint64_t moved_at;		/* instructions then */
	dgm_vm *fork;
	struct kept forked;		/* what it has to be */
};

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static uint32_t take(struct fuzz *z, unsigned bytes)
{
	uint32_t v = 0;

	for (; bytes && z->size; bytes--, z->size--)
		v = v << 8 | *z->data++;
	return v;
}

static void call(struct fuzz *z);

static dgm_act device(struct fuzz *z)
{
	unsigned what = take(z, 1);

	if (z->depth < 3 && what & 1)
		call(z);
	return (dgm_act)((what >> 1) % 6);
}

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	require(len == 1 || len == 2 || len == 4 || len == 8, "length of a device access");
	*value = 0x60000000;
	return device(ud);
}

static dgm_act device_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	require(len == 1 || len == 2 || len == 4 || len == 8, "length of a device access");
	return device(ud);
}

static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct fuzz *z = ud;
	dgm_act act = device(z);

	require(z->g->base || (f->pc <= UINT32_MAX && f->va <= UINT32_MAX), "address of a fault");
	if (f->access == DGM_X)		/* behind it there is nothing either: the run would not end */
		return DGM_RAISE;
	if (act == DGM_CONT || act == DGM_RETRY)	/* else it faults for ever */
		dgm_set(cpu, z->g->pc, f->pc + 4);
	return act;
}

/* Tables of 32 pages for each of two spaces; what lies elsewhere is where it is. */
static dgm_act on_translate(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	struct fuzz *z = ud;
	unsigned n = va >> 12 & (TABLE - 1), space = page->asid & 1;

	if (!(page->flags & DGM_PAGE_QUERY) && z->size && z->depth < 3 && cpu == z->cpu && take(z, 1) % 8 == 0)
		call(z);
	if (z->may[space][n] & 0x80)
		return (dgm_act)(z->may[space][n] & 7) % (DGM_BREAK + 1) == DGM_RETRY ? DGM_RAISE :
		       (dgm_act)(z->may[space][n] & 7) % (DGM_BREAK + 1);
	page->va = va & ~0xfffull;
	page->pa = (va & ~0x1ffffull) + ((n + z->to[space][n]) % TABLE << 12);
	page->len = z->may[space][n] & 0x40 ? 0x800 : 0x1000;	/* half a page is none */
	page->prot = z->may[space][n] & 7;
	return DGM_CONT;
}

/* ---- from outside ---- */

static dgm_act on_irq(void *ud, dgm_cpu *cpu, uint32_t line)
{
	struct fuzz *z = ud;
	unsigned how = take(z, 1);

	require(line < DGM_IRQ_LINES && dgm_cpu_irqs(cpu) >> line & 1, "a line that is high");
	if (how & 3)
		dgm_cpu_irq(cpu, line, false);
	if (how & 4)
		dgm_set(cpu, z->g->pc, z->lo + (take(z, 2) & 0x7ffc));
	return device(z);
}

static uint64_t on_timer(void *ud, dgm_cpu *cpu, uint64_t now)
{
	struct fuzz *z = ud;
	unsigned how = take(z, 1);

	require(dgm_cpu_clock(cpu) == now, "time of an event");
	if (how & 1)
		dgm_cpu_irq(cpu, how >> 1 & 31, true);
	return z->size ? now + how : UINT64_MAX;
}

static dgm_act on_idle(void *ud, dgm_cpu *cpu, uint64_t until)
{
	(void)dgm_cpu_sleep(cpu, 1000);
	return device(ud);
}

static dgm_act on_sysreg(void *ud, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value)
{
	if (!write)
		*value = reg;
	return device(ud);
}

static void call_outside(struct fuzz *z)
{
	unsigned what = take(z, 1), line = take(z, 1) % (DGM_IRQ_LINES + 2);

	switch (what & 7) {
	case 0: dgm_cpu_wait(z->cpu); break;
	case 1: dgm_cpu_replan(z->cpu); break;
	case 2: (void)dgm_cpu_sleep(z->cpu, 1 + line); break;
	case 3:
		if (z->g->arch == DGM_ARCH_ARM)
			dgm_set(z->cpu, line & 1 ? DGM_ARM_T : DGM_ARM_SYSTEM, what >> 3 & 1);
		break;
	default:
		dgm_cpu_irq(z->cpu, line, what >> 3 & 1);
		if (line < DGM_IRQ_LINES)
			require((dgm_cpu_irqs(z->cpu) >> line & 1) == (what >> 3 & 1), "level of a line");
		break;
	}
}

/* A guest function: whatever it is, all is as before when it returns. */
static void call_function(struct fuzz *z)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	uint64_t args[34], ret = 0, before[8], fn = z->lo + (take(z, 2) & 0x7ffd);
	uint32_t n = take(z, 1) % 34;

	for (unsigned i = 0; i < n; i++)
		args[i] = take(z, 1);
	dgm_set(z->cpu, z->g->sp, z->lo + (take(z, 2) & 0x7ff0));
	o.max_insns = 1 + take(z, 1);
	for (unsigned i = 0; i < 8; i++)
		before[i] = dgm_get(z->cpu, z->g->reg + i);
	uint64_t pc = dgm_pc(z->cpu);
	z->depth++;
	dgm_status st = dgm_cpu_call(z->cpu, fn, args, n, &o, &ret, &exit);
	z->depth--;
	require(n > 32 ? st == DGM_E_ARG : !st || st == DGM_E_FAULT, "answer of a call");
	if (!st && exit.reason != DGM_EXIT_RETURN)
		return;
	for (unsigned i = 0; i < 8; i++)
		require(dgm_get(z->cpu, z->g->reg + i) == before[i], "registers behind a call");
	require(dgm_pc(z->cpu) == pc, "pc behind a call");
}

/* A second vCPU goes on where this one is. */
static void call_second(struct fuzz *z)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	uint64_t ahead[2] = { z->lo + (take(z, 2) & 0x7fff), dgm_pc(z->cpu) };
	dgm_cpu *first = z->cpu, *second;

	require(!dgm_code_precompile(first, ahead, 2), "answer of a translation ahead");
	if (z->depth)
		return;
	require(!dgm_cpu_new(z->vm, &second) && !dgm_cpu_copy(second, first), "a second vCPU");
	require(dgm_vm_cpu(z->vm, 0) == first && dgm_vm_cpu(z->vm, 1) == second && !dgm_vm_cpu(z->vm, 2), "vCPUs in order");
	require(dgm_pc(second) == dgm_pc(first), "the pc of a copy");
	o.max_insns = 1 + take(z, 1);
	z->cpu = second;
	z->depth++;
	require(!dgm_cpu_run(second, &o, NULL), "run of the second");
	z->depth--;
	z->cpu = first;
	require(!dgm_cpu_free(second), "end of the second");
}

static void call_pages(struct fuzz *z)
{
	unsigned what = take(z, 1), space = what & 1, n = take(z, 1) & (TABLE - 1);
	uint64_t va = (z->g->base & ~0x1ffffull) + (n << 12), len = take(z, 1) * 100u;
	dgm_page page = DGM_INIT(dgm_page);
	bool mmu = z->g->mem == DGM_MEM_MMU;
	uint8_t buf[40] = { 0 };

	switch (what >> 1 & 7) {
	case 0: case 1:
		z->to[space][n] = (uint8_t)(take(z, 1) % 3);
		z->may[space][n] = (uint8_t)(take(z, 1) | (len & 0x300 ? 7 : 0));
		require(dgm_vm_tlb_flush(z->vm, va, 1, DGM_ASID_ALL) == (mmu ? DGM_OK : DGM_E_UNSUP), "flush");
		break;
	case 2:
		require(dgm_cpu_set_space(z->cpu, space, take(z, 1) & 1) == (mmu ? DGM_OK : DGM_E_UNSUP), "space");
		break;
	case 3:
		require(dgm_cpu_tlb_flush(z->cpu, va, len, space) == (mmu ? DGM_OK : DGM_E_UNSUP), "flush of one");
		break;
	case 4:
		(void)dgm_mem_read(z->vm, z->cpu, va + len, buf, sizeof buf, NULL);
		break;
	default:
		if (!dgm_cpu_translate(z->cpu, va + len % 4096, what >> 4 & 7, &page))
			require(page.len && va + len % 4096 - page.va < page.len, "the page of an address");
		break;
	}
}

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call_)
{
	call_->ret = (int8_t)take(ud, 1);
	return device(ud);
}

/* An address and a length near or inside the window; true when inside, where the model speaks. */
static bool take_range(struct fuzz *z, uint64_t *pa, uint64_t *len)
{
	static const uint64_t odd[] = { 0, 0xfffff000, 0xffffffff, 0x100000000, UINT64_MAX - 7, 1ull << 36, (1ull << 47) - 4096 };
	uint32_t where = take(z, 2), how = take(z, 2);

	*len = how & 0x8000 ? how & 0x1fff : how & 0x4000 ? (how & 3) * 0x1000 : how & 0x3f;
	if (where >= 0xfff0) {
		*pa = odd[where % 7];
		return false;
	}
	*pa = z->lo + (how & 0x2000 ? where & 0x7000 : where & 0x7fff);
	if (*pa + *len > z->hi)
		*len = z->hi - *pa;
	return true;
}

static bool all_are(const struct fuzz *z, uint64_t pa, uint64_t len, enum kind k)
{
	for (uint64_t i = 0; i < len; i++)
		if (z->kind[pa - z->lo + i] != k)
			return false;
	return true;
}

static void model(struct fuzz *z, uint64_t pa, uint64_t len, enum kind k, uint32_t prot, unsigned host)
{
	memset(z->kind + (pa - z->lo), (int)k, len);
	memset(z->prot + (pa - z->lo), (int)prot, len);
	for (uint64_t i = 0; i < len; i++)
		z->host_of[pa - z->lo + i] = host;
}

static bool host_in_use(const struct fuzz *z, unsigned host)
{
	for (unsigned i = 0; i < SPAN; i++)
		if (z->host_of[i] == host + 1)
			return true;
	return false;
}

static void call_map(struct fuzz *z, unsigned what)
{
	static const dgm_io_ops io = { .size = sizeof io, .read = device_read, .write = device_write };
	uint64_t pa, len;
	bool inside = take_range(z, &pa, &len);
	uint32_t prot = take(z, 1) & 7;
	unsigned h = prot % HOSTS;
	enum kind kind = RAM;
	dgm_status st;

	if (what == 1 && (len > HOST_BYTES || host_in_use(z, h)))
		return;
	if (what == 2) {
		kind = IO;
		prot = 0;
		st = dgm_map_io(z->vm, pa, len, &io, z, NULL);
	} else {
		st = dgm_map_ram(z->vm, pa, len, prot, what ? z->host[h] + GUARD : NULL, NULL);
	}
	if (!inside) {
		if (!st)
			require(dgm_unmap(z->vm, pa, len) == DGM_OK, "unmap of what was just mapped");
		return;
	}
	bool ok = len && all_are(z, pa, len, NONE);
	require(ok ? !st : st == DGM_E_MAP || st == DGM_E_ARG, "answer of a map");
	if (!st)
		model(z, pa, len, kind, prot, what == 1 ? h + 1 : 0);
}

static void call_map_host(struct fuzz *z)
{
	uint64_t pa, len;
	bool inside = take_range(z, &pa, &len);
	uint32_t prot = take(z, 1) & 7;

	pa &= ~0xfffull;
	len &= ~0xfffull;
	if (!inside || pa + len > z->hi)
		return;
	dgm_status st = dgm_map_host(z->vm, pa, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	require(!st == (len != 0), "answer of map_host");
	if (!st)
		model(z, pa, len, RAM, prot, 0);
}

/* Whether there is RAM for byte i of the model, by an alias or not. */
static bool is_ram(const struct fuzz *z, uint64_t i)
{
	if (z->kind[i] != ALIAS)
		return z->kind[i] == RAM;
	int64_t to = (int64_t)i + z->off_of[i];
	return to >= 0 && to < SPAN && z->kind[to] == RAM;
}

/* No alias in the target, none whose target the new one is. */
static bool may_alias(const struct fuzz *z, uint64_t at, uint64_t len, uint64_t to)
{
	if (at < to + len && to < at + len)
		return false;
	for (uint64_t i = 0; i < SPAN; i++)
		if (z->kind[i] == ALIAS && (i - to < len || (uint64_t)((int64_t)i + z->off_of[i]) - at < len))
			return false;
	return true;
}

static void call_alias(struct fuzz *z)
{
	uint64_t pa, len, to = z->lo + (take(z, 1) & 7) * 0x1000;
	bool inside = take_range(z, &pa, &len);

	if (!inside) {
		require(dgm_map_alias(z->vm, pa, len, to, NULL) != DGM_OK || !dgm_unmap(z->vm, pa, len), "alias elsewhere");
		return;
	}
	len = to + len > z->hi ? z->hi - to : len;
	dgm_status st = dgm_map_alias(z->vm, pa, len, to, NULL);
	if ((pa | len) & 0xfff) {
		require(st == DGM_E_ARG, "alias of odd places");
		return;
	}
	bool ok = len && all_are(z, pa, len, NONE) && may_alias(z, pa - z->lo, len, to - z->lo);
	require(!st == ok, "answer of an alias");
	if (st)
		return;
	model(z, pa, len, ALIAS, 0, 0);
	for (uint64_t i = 0; i < len; i++)
		z->off_of[pa - z->lo + i] = (int32_t)(to - pa);
}

/* Of an alias whole pages go. */
static void unmap_model(struct fuzz *z, uint64_t pa, uint64_t len)
{
	uint64_t first = (pa - z->lo) & ~0xfffull, end = ((pa - z->lo + len - 1) | 0xfff) + 1;

	for (uint64_t i = first; i < end; i++)
		if (z->kind[i] == ALIAS)
			z->kind[i] = NONE;
	model(z, pa, len, NONE, 0, 0);
}

static void call_unmap(struct fuzz *z)
{
	uint64_t pa, len;

	if (take_range(z, &pa, &len)) {
		dgm_status st = dgm_unmap(z->vm, pa, len);

		if (!st)
			unmap_model(z, pa, len);
	} else {
		(void)dgm_unmap(z->vm, pa, len);
	}
}

static void call_protect(struct fuzz *z)
{
	uint64_t pa, len;
	bool inside = take_range(z, &pa, &len);
	uint32_t prot = take(z, 1) & 7;
	dgm_status st = dgm_protect(z->vm, pa, len, prot);

	if (!inside || !len)
		return;
	if (st == DGM_E_ARG)	/* the protection of whole pages of RAM is that of the page */
		require((pa | len) & 0xfff, "refusal of protect");
	else
		require(!st == all_are(z, pa, len, RAM), "answer of protect");
	if (!st)
		memset(z->prot + (pa - z->lo), (int)prot, len);
}

static void call_copy(struct fuzz *z, bool write)
{
	uint64_t pa, len, done = 77, ram = 0;
	bool inside = take_range(z, &pa, &len);

	len = len < MAX_COPY ? len : MAX_COPY;
	uint8_t *buf = malloc(len ? len : 1);
	require(buf != NULL, "memory");
	for (uint64_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(i * 3);
	dgm_status st = write ? dgm_mem_write(z->vm, NULL, pa, buf, len, &done) :
				dgm_mem_read(z->vm, NULL, pa, buf, len, &done);
	free(buf);
	if (!inside)
		return;
	while (ram < len && is_ram(z, pa - z->lo + ram))
		ram++;
	require(st == (ram < len ? DGM_E_FAULT : DGM_OK) && done == ram, "answer of a copy");
}

/* ---- hooks ---- */

static bool is_between(const dgm_hook_cfg *cfg, uint64_t at, uint64_t len)
{
	return !cfg->hi || (at < cfg->hi && at + (len - 1) >= cfg->lo);
}

static bool is_about_code(const dgm_event *e)
{
	return e->kind == DGM_HOOK_BLOCK || e->kind == DGM_HOOK_INSN || e->kind == DGM_HOOK_EDGE || e->kind == DGM_HOOK_TRANSLATED;
}

static dgm_act on_hook(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct hook *k = ud;
	struct fuzz *z = k->z;

	require(k->live && e->kind == k->cfg.kind && e->size >= sizeof *e, "the hook of an event");
	if (e != z->moved || dgm_insns(cpu) != z->moved_at)	/* another hook of the event may have */
		require(dgm_pc(cpu) == e->pc, "pc of an event");
	require(!is_about_code(e) || is_between(&k->cfg, e->pc, 1), "an event in the range");
	if (e->kind == DGM_HOOK_READ || e->kind == DGM_HOOK_WRITE) {
		require(is_between(&k->cfg, e->addr, e->len), "an access in the range");
		require(e->len > 8 || !e->value_hi, "value of an access");
	}
	require((e->opcode & k->cfg.insn_mask) == k->cfg.insn_bits, "the instruction of an event");
	if (!z->size)
		return DGM_CONT;
	if (take(z, 1) % 8 == 0)
		dgm_set(cpu, z->g->pc, z->lo + (take(z, 2) & 0x7ffc));
	dgm_act act = device(z);
	z->moved = e;
	z->moved_at = dgm_insns(cpu);
	return act;
}

static void remove_hook(struct fuzz *z, struct hook *k)
{
	require(dgm_hook_del(z->vm, k->id) == (k->live ? DGM_OK : DGM_E_NOENT), "answer of a removal");
	if (k->live)
		k->frozen = k->count;
	k->live = false;
	require(dgm_hook_del(z->vm, k->id) == DGM_E_NOENT, "removal of what is gone");
	require(k->count == k->frozen, "count of what is gone");
}

static bool is_good(const dgm_hook_cfg *c)
{
	return c->kind >= DGM_HOOK_BLOCK && c->kind <= DGM_HOOK_INVALIDATED && (c->kind == DGM_HOOK_INSN || !c->insn_mask) &&
	       (c->lo < c->hi || (!c->lo && !c->hi));
}

static void call_hook(struct fuzz *z)
{
	unsigned what = take(z, 1), how = take(z, 1);
	struct hook *k = &z->hook[what % HOOKS];
	dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);
	uint64_t pa, len;

	if (k->live || (how & 3) == 3) {
		remove_hook(z, k);
		return;
	}
	require(k->count == k->frozen, "count of what is gone");
	c.kind = how >> 2 & 15 ? (how >> 2) % (DGM_HOOK_INVALIDATED + 1) : DGM_HOOK_INVALIDATED + 1;
	if (how & 0x40 && take_range(z, &pa, &len)) {
		c.lo = pa;
		c.hi = pa + len;
	}
	if (how & 0x80 && c.kind == DGM_HOOK_INSN) {
		c.insn_mask = 0xfc000000;
		c.insn_bits = z->g->word[take(z, 1) % WORDS] & c.insn_mask;
	}
	c.flags = how & 1 ? DGM_HOOK_ATOMIC : 0;
	if (how & 2) {
		c.counter = &k->count;
	} else {
		c.fn = on_hook;
		c.ud = k;
	}
	dgm_id id = k->id;
	k->z = z;
	k->cfg = c;
	dgm_status st = dgm_hook_add(z->vm, &c, &k->id);
	require(st == (is_good(&c) ? DGM_OK : DGM_E_ARG), "answer of a hook");
	k->live = !st;
	require(st ? k->id == id : k->id != id, "id of a hook");
}

/* A few instructions, most of them accesses, into what is mapped. */
static void call_code(struct fuzz *z)
{
	uint8_t code[64];
	uint64_t pa = z->lo + (take(z, 2) & 0x7ffc);
	unsigned n = 4 + take(z, 1) % 12;

	for (unsigned i = 0; i < n; i++) {
		uint32_t w = z->g->word[take(z, 1) % WORDS];

		if (z->g->arch == DGM_ARCH_ARM && (w & 0x0e000fff) == 0x04000000)
			w |= take(z, 1);
		else if (z->g->big && !(w & 0xffff) && w >> 29 == 4)
			w |= (3 + i % 3) << 16 | (take(z, 1) - 128u & 0xffff);
		else if (!z->g->big && (w & 0x3b0003ff) == 0x39000000)
			w |= (3 + i % 3) << 5 | take(z, 1) << 10;
		for (unsigned k = 0; k < 4; k++)
			code[4 * i + k] = (uint8_t)(w >> (z->g->big ? 24 - 8 * k : 8 * k));
	}
	(void)dgm_mem_write(z->vm, NULL, pa, code, 4 * n, NULL);
	if (!z->depth)
		dgm_set(z->cpu, z->g->pc, pa);
}

static void call_run(struct fuzz *z)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	uint64_t until[2];

	o.max_insns = 1 + take(z, 1);
	until[0] = z->lo + (take(z, 2) & 0x7ffc);
	until[1] = until[0] + 8;
	o.until = until;
	o.n_until = take(z, 1) % 3;
	uint64_t insns = dgm_insns(z->cpu);
	z->depth++;
	dgm_status st = dgm_cpu_run(z->cpu, &o, &exit);
	z->depth--;
	require(!st, "run");
	require(dgm_insns(z->cpu) - insns >= exit.insns, "count of the vCPU");
	/* translate may talk nonsense */
	require(exit.reason >= DGM_EXIT_UNTIL && exit.reason < DGM_EXIT_INTERNAL + (z->g->mem == DGM_MEM_MMU), "reason");
	require((z->g->base || exit.pc <= UINT32_MAX) && exit.insns <= o.max_insns, "pc and count");
	require(exit.reason != DGM_EXIT_BUDGET || exit.insns == o.max_insns, "count at the end of the budget");
	require(exit.reason != DGM_EXIT_UNTIL || exit.pc == until[0] || exit.pc == until[1], "until");
}

static void call_registers(struct fuzz *z)
{
	uint8_t buf[16] = { 0 };
	uint32_t id = z->g->ids + (take(z, 2) & 0x1ff);
	unsigned len = take(z, 1) % 17;
	dgm_status st = dgm_reg_read(z->cpu, id, buf, len);

	for (unsigned i = len; i < sizeof buf; i++)
		require(!buf[i], "bytes behind a register");
	require(!st || st == DGM_E_NOENT || st == DGM_E_SIZE, "answer of reg_read");
	if (!st)
		require(!dgm_reg_write(z->cpu, id, buf, len), "what was read can be written");
	dgm_set(z->cpu, z->g->reg + 3 + len % 3, z->lo + (take(z, 2) & 0x7fff) + ((uint64_t)take(z, 1) % 3 << 56));
	if (z->g->big)
		dgm_set(z->cpu, DGM_PPC_CTR, take(z, 1));
	if (!z->depth)
		dgm_set(z->cpu, z->g->pc, z->lo + (take(z, 2) & 0x7fff));
}

static void call_look(struct fuzz *z)
{
	uint64_t pa, len;
	dgm_stats s = DGM_INIT(dgm_stats);
	bool mapped, inside = take_range(z, &pa, &len);
	uint32_t access = take(z, 1) & 7;
	volatile uint8_t *p = dgm_mem_ptr(z->vm, pa, len, access);

	if (inside && len && p) {
		for (uint64_t i = 0; i < len; i++)
			require(is_ram(z, pa - z->lo + i), "mem_ptr of what is not RAM");
		if (access & DGM_R)
			(void)(p[0] + p[len - 1]);
	}
	(void)dgm_mem_prot(z->vm, pa, &mapped);
	if (inside && len) {
		require(mapped || z->kind[pa - z->lo] == NONE || z->kind[pa - z->lo] == ALIAS, "mem_prot of a mapped byte");
		(void)dgm_mem_touched(z->vm, pa, len);
		(void)dgm_code_invalidate(z->vm, pa, len);
	}
	require(!dgm_vm_stats(z->vm, &s), "stats");
	(void)dgm_vm_precise(z->vm, access & 1);
}

/* ---- snapshots ---- */

/* Of the RAM the model knows, and the registers. */
static uint64_t hash_of(const struct fuzz *z, dgm_vm *vm, const uint8_t *kind)
{
	dgm_reg_info info = DGM_INIT(dgm_reg_info);
	uint64_t h = 0xcbf29ce484222325u, done;
	uint8_t buf[SPAN];

	for (unsigned i = 0; i < SPAN; i += done ? (unsigned)done : 1) {
		done = 0;
		if (kind[i] == RAM)
			(void)dgm_mem_read(vm, NULL, z->lo + i, buf, SPAN - i, &done);
		for (unsigned k = 0; k < done; k++)
			h = (h ^ buf[k]) * 0x100000001b3u;
		h = (h ^ i ^ done) * 0x100000001b3u;
	}
	for (uint32_t i = 0; !dgm_reg_enum(vm, i, &info); i++) {
		require(!dgm_reg_read(dgm_vm_cpu(vm, 0), info.id, buf, (info.bits + 7) / 8), "reg_read");
		for (unsigned k = 0; k < (info.bits + 7) / 8; k++)
			h = (h ^ buf[k]) * 0x100000001b3u;
	}
	return h;
}

static void keep_model(const struct fuzz *z, struct kept *k)
{
	memcpy(k->kind, z->kind, SPAN);
	memcpy(k->prot, z->prot, SPAN);
	memcpy(k->off_of, z->off_of, sizeof z->off_of);
	k->insns = dgm_insns(z->cpu);
	k->irqs = dgm_cpu_irqs(z->cpu);
	k->hash = hash_of(z, z->vm, k->kind);
}

static void call_take(struct fuzz *z)
{
	struct kept *k = &z->kept[take(z, 1) % SNAPS];

	dgm_snap_free(k->snap);
	k->snap = NULL;
	dgm_status st = dgm_snap_take(z->vm, &k->snap);
	dgm_status want = z->depth ? DGM_E_BUSY : z->g->mem == DGM_MEM_IDENTITY ? DGM_E_UNSUP : DGM_OK;
	require(st == want && !st == !!k->snap, "answer of a snapshot");
	if (!st)
		keep_model(z, k);
}

static bool has(const uint8_t *kind, enum kind what)
{
	return memchr(kind, (int)what, SPAN);
}

static void call_restore(struct fuzz *z)
{
	struct kept *k = &z->kept[take(z, 1) % SNAPS];

	if (!k->snap)
		return;
	dgm_status st = dgm_snap_restore(z->vm, k->snap);
	if (z->depth) {
		require(st == DGM_E_BUSY, "restore inside a run");
		return;
	}
	require(!st || (st == DGM_E_MAP && has(k->kind, IO)), "answer of a restore");
	if (st)
		return;
	memcpy(z->kind, k->kind, SPAN);
	memcpy(z->prot, k->prot, SPAN);
	memcpy(z->off_of, k->off_of, sizeof z->off_of);
	for (unsigned i = 0; i < SPAN; i++)	/* what is borrowed still is, or is not known to be any more */
		z->host_of[i] = z->kind[i] == RAM ? z->host_of[i] : 0;
	require(hash_of(z, z->vm, z->kind) == k->hash, "what is restored");
	require(dgm_insns(z->cpu) == k->insns && dgm_cpu_irqs(z->cpu) == k->irqs, "count and lines that are restored");
}

static void end_fork(struct fuzz *z)
{
	if (!z->fork)
		return;
	require(hash_of(z, z->fork, z->forked.kind) == z->forked.hash, "what a fork is");
	require(!dgm_cpu_free(dgm_vm_cpu(z->fork, 0)) && !dgm_vm_free(z->fork), "end of a fork");
	z->fork = NULL;
}

static void call_fork(struct fuzz *z)
{
	end_fork(z);
	if (z->depth || z->g->mem == DGM_MEM_IDENTITY)
		return;
	require(!dgm_vm_fork(z->vm, NULL, NULL, &z->fork), "fork");
	keep_model(z, &z->forked);
}

/* ---- all ---- */

static void call(struct fuzz *z)
{
	unsigned what = take(z, 1) % 30;

	switch (what) {
	case 0: case 1: case 2: call_map(z, what); break;
	case 3: call_map_host(z); break;
	case 4: call_unmap(z); break;
	case 5: call_protect(z); break;
	case 6: case 7: call_copy(z, what & 1); break;
	case 8: case 9: call_code(z); break;
	case 10: dgm_cpu_kick(z->cpu, take(z, 1)); break;
	case 11: call_registers(z); break;
	case 12: call_look(z); break;
	case 13: call_take(z); break;
	case 14: call_restore(z); break;
	case 15: call_fork(z); break;
	case 16: case 17: call_pages(z); break;
	case 18: case 19: case 20: call_hook(z); break;
	case 21: case 22: call_outside(z); break;
	case 23: call_function(z); break;
	case 24: call_second(z); break;
	case 25: call_alias(z); break;
	default: call_run(z); break;
	}
}

static bool set_up(struct fuzz *z)
{
	dgm_machine_ops ops = {
		.size = sizeof ops, .fault = on_fault, .illegal = on_fault, .trap = on_fault, .syscall = on_syscall,
		.translate = on_translate
	};
	static const uint32_t flags[] = { DGM_INTERP_ONLY, DGM_HOT_AT_ONCE, DGM_HOT_AT_ONCE | DGM_VERIFY_IR, 0 };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	unsigned how = take(z, 1), outside = take(z, 1);

	ops.irq_ack = outside & 1 ? on_irq : NULL;
	ops.next_event = outside & 2 ? on_timer : NULL;
	ops.idle = outside & 4 ? on_idle : NULL;
	ops.sysreg = outside & 8 ? on_sysreg : NULL;
	ec.flags = flags[how & 3] | DGM_NO_LLVM | DGM_DETERMINISTIC;
	ec.code_budget = how & 4 ? 1 << 16 : 1 << 22;
	z->g = &guests[(how >> 4) % GUESTS];
	memset(z->may, 7, sizeof z->may);
	z->lo = z->g->base + LO;
	z->hi = z->g->base + HI;
	vc.arch = z->g->arch;
	vc.mem = z->g->mem;
	vc.abi = DGM_ABI_LINUX;
	vc.flags = how & 8 ? DGM_VM_IMPRECISE : 0;
	if (dgm_engine_new(&ec, DGM_ABI, &z->engine) || dgm_vm_new(z->engine, &vc, &ops, z, &z->vm) ||
	    dgm_cpu_new(z->vm, &z->cpu))
		return false;
	for (unsigned i = 0; i < HOSTS; i++) {
		z->host[i] = malloc(HOST_BYTES + 2 * GUARD);
		require(z->host[i] != NULL, "memory");
		memset(z->host[i], 0xa5, HOST_BYTES + 2 * GUARD);
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz z;

	z = (struct fuzz){ .data = data, .size = size };
	require(set_up(&z), "set-up");
	for (unsigned i = 0; z.size && i < 200; i++)
		call(&z);
	for (unsigned i = 0; i < SNAPS; i++)
		dgm_snap_free(z.kept[i].snap);
	for (unsigned i = 0; i < HOOKS; i++)
		require(z.hook[i].live || z.hook[i].count == z.hook[i].frozen, "count of what is gone");
	require(!dgm_cpu_free(z.cpu), "cpu_free");
	require(!dgm_vm_free(z.vm), "vm_free");
	end_fork(&z);
	dgm_engine_unref(z.engine);
	if (z.g->mem == DGM_MEM_IDENTITY) {	/* nothing of the guest's is left in the host's space */
		void *all = mmap((void *)z.lo, SPAN, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		require(all == (void *)z.lo && !munmap(all, SPAN), "pages given back");
	}
	for (unsigned h = 0; h < HOSTS; h++) {
		for (unsigned i = 0; i < GUARD; i++)
			require(z.host[h][i] == 0xa5 && z.host[h][GUARD + HOST_BYTES + i] == 0xa5, "guards of host memory");
		free(z.host[h]);
	}
	return 0;
}
