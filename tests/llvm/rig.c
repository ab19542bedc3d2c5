/* See rig.h. */
#include "rig.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "backend/interp/interp.h"
#include "dragoman/machine.h"
#include "iface/hostfp.h"
#include "ir/sem.h"

enum { CODE_BYTES = 1 << 20, GUARD = 1 << 16, STUB = 64 };

static const struct ir_slot slot[] = {
	{ "pc", IR_I32, 0 },
	{ "a", IR_I32, 4 },	{ "b", IR_I32, 8 },	{ "c", IR_I32, 12 },	{ "d", IR_I32, 16 },
	{ "e", IR_I32, 20 },	{ "w", IR_I64, 24 },	{ "x", IR_I64, 32 },	{ "t", IR_I1, 40 },
	{ "u", IR_I1, 41 },	{ "v", IR_I1, 42 },	{ "k", IR_I8, 43 },	{ "h", IR_I16, 44 },
	{ "f", IR_F64, 48 },	{ "g", IR_F64, 56 },	{ "s", IR_F32, 64 },	{ "r", IR_F32, 68 },
	{ "m", IR_I32X4, 80 },	{ "n", IR_I8X16, 96 },	{ "q", IR_F64X2, 112 },
};
const struct ir_slots rig_slots = { slot, sizeof slot / sizeof *slot, 0, RIG_STATE_BYTES };

/* void rig_enter(void *code, void *mem, void *state, uint64_t *rsp); a fault goes on at rig_leave */
__asm__(
	".text\n"
	"rig_enter:\n"
	"	push %rbp\n	push %rbx\n	push %r12\n	push %r13\n	push %r14\n	push %r15\n"
	"	sub $8, %rsp\n"
	"	mov %rsi, %r12\n"
	"	mov %rdx, %r13\n"
	"	mov %rsp, (%rcx)\n"
	"	call *%rdi\n"
	"rig_leave:\n"
	"	add $8, %rsp\n"
	"	pop %r15\n	pop %r14\n	pop %r13\n	pop %r12\n	pop %rbx\n	pop %rbp\n"
	"	ret\n");
void rig_enter(void *code, void *mem, void *state, uint64_t *rsp);
extern const char rig_leave[];

/* ---- services: RAM and nothing else ---- */

static bool fault(void *state, uint64_t addr, uint64_t mem, uint32_t access, uint64_t pc)
{
	struct cpu_env *env = env_of(state);
	unsigned n = ir_mem_bytes((unsigned)mem);
	uint32_t cause = DGM_CAUSE_UNMAPPED;

	if (addr & ir_mem_fault_bits((unsigned)mem))
		cause = DGM_CAUSE_ALIGN;
	else if (addr >= RIG_RAM && addr + n <= RIG_RAM + RIG_RAM_BYTES)
		return false;
	env->exit.reason = ENV_FAULT;
	env->exit.access = access;
	env->exit.len = n;
	env->exit.cause = cause;
	env->exit.addr = addr;
	env->exit.pc = pc;
	return true;
}

static uint64_t get_bytes(void *state, uint64_t addr, uint64_t mem)
{
	uint64_t v = 0;
	unsigned n = ir_mem_bytes((unsigned)mem);

	memcpy(&v, env_of(state)->mem_base + addr, n);
	return mem & IR_MEM_BE ? sem_bswap(v, 8 * n) : v;
}

static void put_bytes(void *state, uint64_t addr, uint64_t mem, uint64_t v)
{
	unsigned n = ir_mem_bytes((unsigned)mem);

	v = sem_mask(v, 8 * n);
	v = mem & IR_MEM_BE ? sem_bswap(v, 8 * n) : v;
	memcpy(env_of(state)->mem_base + addr, &v, n);
}

static uint64_t serve_load(void *state, uint64_t addr, uint64_t mem, uint64_t pc)
{
	if (fault(state, addr, mem, DGM_R, pc))
		return 0;
	uint64_t v = get_bytes(state, addr, mem);
	return mem & IR_MEM_SEXT ? (uint64_t)sem_sext(v, 8 * ir_mem_bytes((unsigned)mem)) : v;
}

static uint64_t serve_store(void *state, uint64_t addr, uint64_t mem, uint64_t value, uint64_t pc)
{
	if (!fault(state, addr, mem, DGM_W, pc))
		put_bytes(state, addr, mem, value);
	return 0;
}

static uint64_t serve_load128(void *state, uint64_t addr, uint64_t mem, void *out, uint64_t pc)
{
	if (fault(state, addr, mem, DGM_R, pc))
		return 0;
	for (unsigned i = 0; i < 16; i++)
		((uint8_t *)out)[i] = env_of(state)->mem_base[addr + (mem & IR_MEM_BE ? 15 - i : i)];
	return 0;
}

static uint64_t serve_store128(void *state, uint64_t addr, uint64_t mem, const void *in, uint64_t pc)
{
	if (fault(state, addr, mem, DGM_W, pc))
		return 0;
	for (unsigned i = 0; i < 16; i++)
		env_of(state)->mem_base[addr + (mem & IR_MEM_BE ? 15 - i : i)] = ((const uint8_t *)in)[i];
	return 0;
}

static uint64_t serve_cas(void *state, uint64_t addr, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc)
{
	uint64_t old;

	if (fault(state, addr, mem, DGM_R | DGM_W, pc))
		return 0;
	old = get_bytes(state, addr, mem);
	if (old == sem_mask(expected, 8 * ir_mem_bytes((unsigned)mem)))
		put_bytes(state, addr, mem, desired);
	return old;
}

static uint64_t serve_rmw(void *state, uint64_t addr, uint64_t mem, uint64_t op, uint64_t value, uint64_t pc)
{
	uint64_t old;

	if (fault(state, addr, mem, DGM_R | DGM_W, pc))
		return 0;
	old = get_bytes(state, addr, mem);
	put_bytes(state, addr, mem, ir_eval((enum ir_op)op, 64, 64, old, value, 0));
	return old;
}

static const struct env_services services = {
	.load = serve_load, .store = serve_store, .load128 = serve_load128, .store128 = serve_store128,
	.cas = serve_cas, .rmw = serve_rmw,
};

/* ---- faults of unchecked code ---- */

static struct rig *running;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	greg_t *reg = uc->uc_mcontext.gregs;
	struct rig *r = running;
	uint64_t at = (uint64_t)reg[REG_RIP] - (uint64_t)(uintptr_t)(r ? r->code : NULL);
	unsigned k = 0;

	(void)sig;
	if (!r || at >= r->object.size)
		_Exit(99);
	while (k + 1 < r->object.n_side && r->object.side[k + 1].offset <= at)
		k++;
	r->env->exit.reason = ENV_FAULT;
	r->env->exit.addr = (uint64_t)((uint8_t *)info->si_addr - r->mem);
	r->env->exit.pc = r->object.n_side ? r->object.side[k].pc : ~0ull;
	r->env->exit.left = !r->counting ? 0 : r->object.n_side ? r->object.side[k].left : ~0u;
	reg[REG_RSP] = (greg_t)r->env->host_rsp;
	reg[REG_RIP] = (greg_t)(uintptr_t)rig_leave;
}

/* ---- set-up ---- */

static bool map_memory(struct rig *r)
{
	uint64_t size = (1ull << 32) + 2 * GUARD;
	uint8_t *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		return false;
	r->mem = p + GUARD;
	r->code = mmap(NULL, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	r->prot = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (r->code == MAP_FAILED || r->prot == MAP_FAILED)
		return false;
	for (unsigned i = 0; i < RIG_RAM_BYTES >> 12; i++)
		r->prot[(RIG_RAM >> 12) + i] = DGM_R | DGM_W;
	return !mprotect(r->mem + RIG_RAM, RIG_RAM_BYTES, PROT_READ | PROT_WRITE);
}

bool rig_open(struct rig *r, const char *module)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER };
	void *lib = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	backend_module_fn *entry = NULL;

	memset(r, 0, sizeof *r);
	base_arena_init(&r->arena, &base_alloc_malloc);
	if (lib)
		*(void **)&entry = dlsym(lib, BACKEND_MODULE_ENTRY);
	if (!entry) {
		fprintf(stderr, "%s\n", dlerror());
		return false;
	}
	r->llvm = entry(BACKEND_MODULE_ABI);
	r->interp = &backend_interp;
	r->env = aligned_alloc(64, (sizeof *r->env + RIG_STATE_BYTES + 63) / 64 * 64);
	if (!r->env || !map_memory(r) || !r->llvm || r->llvm->create(&base_alloc_malloc, &r->llvm_self) ||
	    r->interp->create(&base_alloc_malloc, &r->interp_self))
		return false;
	r->state = r->env + 1;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	return true;
}

void rig_close(struct rig *r)
{
	r->llvm->destroy(r->llvm_self);
	r->interp->destroy(r->interp_self);
	base_arena_finish(&r->arena);
	free(r->env);
}

static void put32(uint8_t *at, int64_t v)
{
	int32_t t = (int32_t)v;

	memcpy(at, &t, 4);
}

/* env spill[0] = r12, spill[1] = rsp, env link = number, return */
static void make_stub(uint8_t *p, uint64_t number)
{
	static const uint8_t keep[] = { 0x4d, 0x89, 0xa5, 0, 0, 0, 0, 0x49, 0x89, 0xa5, 0, 0, 0, 0 };

	memcpy(p, keep, sizeof keep);
	put32(p + 3, ENV_OFFSET(spill));
	put32(p + 10, ENV_OFFSET(spill) + 8);
	p += sizeof keep;
	*p++ = 0x48, *p++ = 0xb8;			/* movabs number, %rax */
	memcpy(p, &number, 8);
	p += 8;
	*p++ = 0x49, *p++ = 0x89, *p++ = 0x85;		/* mov %rax, link(%r13) */
	put32(p, ENV_OFFSET(link));
	p[4] = 0xc3;
}

static void reset(struct rig *r, const struct backend_mode *mode)
{
	r->counting = mode->count;
	memset(r->env, 0, sizeof *r->env);
	for (unsigned i = 0; i < ENV_JUMPS; i++)
		r->env->jump[i].key = ~0ull;
	r->env->services = &services;
	r->env->page_prot = r->prot;
	r->env->mem_base = r->mem;
	r->env->fuel = r->fuel_start;
	r->env->pending = r->pending;
	if (r->jump_hit) {
		uint8_t *stub = r->code + CODE_BYTES / 2 + 76 * STUB;

		make_stub(stub, 77);
		r->env->jump[env_jump_index(0x4444, mode->insn_shift, 0)] = (struct env_jump){ 0x4444, stub };
	}
	memcpy(r->state, r->state_start, RIG_STATE_BYTES);
	memcpy(r->mem + RIG_RAM, r->ram_start, RIG_RAM_BYTES);
}

static void collect(struct rig *r, struct rig_result *out)
{
	out->event = r->env->exit.reason != ENV_NONE;
	out->exit = r->env->exit;
	out->fuel = r->env->fuel;
	out->fp_flags = hostfp_collect(r->env, 0);
	memcpy(out->state, r->state, RIG_STATE_BYTES);
	memcpy(out->ram, r->mem + RIG_RAM, RIG_RAM_BYTES);
	memset(out->state, 0, 4);	/* the pc slot */
}

/* ---- compiled code ---- */

static void place(struct rig *r)
{
	const struct code_object *o = &r->object;
	uint8_t *stubs = r->code + CODE_BYTES / 2;

	memcpy(r->code, o->code, o->size);
	for (unsigned i = 0; i < o->n_exit; i++)
		make_stub(stubs + i * STUB, i + 1);
	for (unsigned i = 0; i < o->n_reloc; i++) {
		const struct code_reloc *k = &o->reloc[i];
		uint8_t *at = r->code + k->offset;
		uint64_t to = 0;

		switch (k->kind) {
		case CODE_RELOC_EXIT:
			put32(at, stubs + k->index * STUB + k->addend - (at + 4));
			continue;
		case CODE_RELOC_HELPER: to = (uint64_t)(uintptr_t)o->helper[k->index]->fn; break;
		case CODE_RELOC_HOST: to = (uint64_t)(uintptr_t)o->host[k->index]; break;
		case CODE_RELOC_INIT: break;
		case CODE_RELOC_SELF: to = (uint64_t)(uintptr_t)r->code; break;
		default: abort();
		}
		to += (uint64_t)(int64_t)k->addend;
		memcpy(at, &to, 8);
	}
}

enum dgm_status rig_compile(struct rig *r, const struct backend_request *rq)
{
	enum dgm_status st = r->llvm->compile(r->llvm_self, rq, &r->arena, &r->object);

	if (!st && (r->object.size > CODE_BYTES / 2 || r->object.n_exit * STUB > CODE_BYTES / 2))
		st = DGM_E_SIZE;
	if (!st)
		place(r);
	return st;
}

void rig_run_code(struct rig *r, const struct backend_request *rq, struct rig_result *out)
{
	memset(out, 0, sizeof *out);
	reset(r, &rq->mode);
	running = r;
	hostfp_enter(r->env);
	rig_enter(r->code + (r->way ? r->object.entry_at[r->way - 1] : r->object.entry), r->mem, r->state, &r->env->host_rsp);
	hostfp_leave(r->env);
	running = NULL;
	r->regs_seen[0] = r->env->spill[0];
	r->regs_seen[1] = r->env->spill[1];
	out->link = (int)(intptr_t)r->env->link;
	out->indirect = !out->link && r->env->exit.reason == ENV_NONE;
	if (out->link && (unsigned)out->link <= r->object.n_exit)
		out->next = r->object.exit[out->link - 1].target;
	else if (out->indirect)
		out->next = *(uint32_t *)r->state;
	collect(r, out);
}

/* ---- the interpreter ---- */

static const struct ir_unit *unit_at(const struct backend_request *rq, uint64_t pc)
{
	for (unsigned i = 0; i < rq->n_block; i++)
		if (rq->block[i]->pc == pc)
			return rq->block[i];
	return NULL;
}

/* Whether compiled code may follow the indirect exit of u to pc without leaving. */
static bool guessed(const struct backend_request *rq, const struct ir_unit *u, uint64_t pc)
{
	for (unsigned i = 0; i < rq->n_guess; i++)
		if (rq->block[rq->guess[i].from] == u && rq->block[rq->guess[i].to]->pc == pc)
			return rq->guess[i].to || !rq->entry_leaves;
	return false;
}

void rig_run_interp(struct rig *r, const struct backend_request *rq, struct rig_result *out)
{
	const struct ir_unit *u = rq->block[r->way ? rq->entry[r->way - 1] : 0];
	int how = 0;

	memset(out, 0, sizeof *out);
	reset(r, &rq->mode);
	hostfp_enter(r->env);
	for (unsigned steps = 0; u && steps < RIG_STEPS; steps++) {
		how = r->interp->run(r->interp_self, u, &rq->mode, r->state, 0);
		uint64_t pc = *(uint32_t *)r->state;
		if (how < 0 && !(how == BACKEND_RUN_INDIRECT && guessed(rq, u, pc)))
			break;
		how = 0;
		u = unit_at(rq, pc);
		if (u == rq->block[0] && rq->entry_leaves)
			break;
	}
	hostfp_leave(r->env);
	out->indirect = how == BACKEND_RUN_INDIRECT;
	if (how != BACKEND_RUN_EVENT)
		out->next = *(uint32_t *)r->state;
	collect(r, out);
}

const char *rig_compare(const struct rig_result *a, const struct rig_result *b, bool exact)
{
	bool fault = a->exit.reason == ENV_FAULT;

	if (a->event != b->event || a->exit.reason != b->exit.reason)
		return "reason";
	if (a->event && (a->exit.pc != b->exit.pc))
		return "pc of the event";
	if (a->event && a->exit.reason != ENV_POLL && a->exit.reason != ENV_BUDGET && a->exit.left != b->exit.left)
		return "left";
	if (a->exit.reason == ENV_TRAP && (a->exit.trap != b->exit.trap || a->exit.code != b->exit.code ||
					   a->exit.next != b->exit.next))
		return "trap";
	if (!a->event && (a->next != b->next || a->indirect != b->indirect))
		return "target";
	/* a signal names the first byte that could not be had, a service the access */
	if (fault && b->exit.addr - a->exit.addr >= 16)
		return "fault address";
	if (memcmp(a->ram, b->ram, RIG_RAM_BYTES))
		return "memory";
	if (fault && !exact)
		return NULL;
	if (a->fuel != b->fuel)
		return "fuel";
	if ((a->fp_flags ^ b->fp_flags) & (HOSTFP_DIVZERO | HOSTFP_OVERFLOW | HOSTFP_UNDERFLOW | HOSTFP_INEXACT))
		return "FP flags";
	return memcmp(a->state, b->state, RIG_STATE_BYTES) ? "state" : NULL;
}

int rig_draw(int argc, char **argv, uint64_t many, rig_one *one, uint32_t reasons)
{
	static const char *const name[ENV_NOMEM + 1] = {
		[ENV_NONE] = "exits", [ENV_BUDGET] = "budget", [ENV_TRAP] = "trap", [ENV_FAULT] = "fault", [ENV_STOP] = "stop",
	};
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 0) : many, first = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	unsigned events[ENV_NOMEM + 1] = { 0 };
	uint32_t seen = 0;
	struct rig r;

	if (argc < 2 || !rig_open(&r, argv[1]))
		return 2;
	for (uint64_t seed = first; seed < first + count; seed++)
		if (!one(&r, seed, events)) {
			fprintf(stderr, "seed %llu\n", (unsigned long long)seed);
			return 1;
		}
	printf("%llu regions, left by", (unsigned long long)count);
	for (unsigned i = 0; i <= ENV_NOMEM; i++)
		if (events[i]) {
			printf(" %s %u", name[i] ? name[i] : "another way", events[i]);
			seen |= 1u << i;
		}
	putchar('\n');
	rig_close(&r);
	/* A generator that no longer reaches an event tests nothing of it. */
	return count >= many && (seen & reasons) != reasons;
}
