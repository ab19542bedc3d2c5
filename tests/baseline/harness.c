#include "baseline/harness.h"

#include <stdio.h>
#include <sys/mman.h>

#include "dragoman/machine.h"
#include "engine/engine.h"
#include "ir/sem.h"

#define S(t, off) { "s" #off, IR_##t, off }
static const struct ir_slot slot_table[N_SLOTS] = {
	S(I1, 0), S(I1, 1), S(I1, 2), S(I1, 3), S(I8, 4), S(I8, 5), S(I8, 6), S(I16, 8), S(I16, 10), S(I16, 12),
	S(I32, 16), S(I32, 20), S(I32, 24), S(I32, 28), S(I32, 32), S(I32, 36), S(I32, 40), S(I32, 44),
	S(I64, 48), S(I64, 56), S(I64, 64), S(I64, 72), S(F32, 80), S(F32, 84), S(F32, 88), S(F32, 92),
	S(F64, 96), S(F64, 104), S(F64, 112), S(F64, 120), S(I32X4, 128), S(I32X4, 144), S(I32X4, 160),
	{ "over", IR_I32, 52 }, { "pc", IR_I32, 200 },
};
const struct ir_slots test_slots = { slot_table, N_SLOTS, SLOT_PC, STATE_BYTES };

/* What a C function may destroy, it does. */
static void wreck_registers(void)
{
	__asm__ volatile("mov $0x1234567890abcdef, %%rax\n mov %%rax, %%rcx\n mov %%rax, %%rdx\n mov %%rax, %%rsi\n"
			 "mov %%rax, %%rdi\n mov %%rax, %%r8\n mov %%rax, %%r9\n mov %%rax, %%r10\n mov %%rax, %%r11\n"
			 "pcmpeqd %%xmm0, %%xmm0\n pcmpeqd %%xmm1, %%xmm1\n pcmpeqd %%xmm2, %%xmm2\n"
			 "pcmpeqd %%xmm3, %%xmm3\n pcmpeqd %%xmm4, %%xmm4\n pcmpeqd %%xmm5, %%xmm5\n"
			 "pcmpeqd %%xmm6, %%xmm6\n pcmpeqd %%xmm7, %%xmm7\n pcmpeqd %%xmm8, %%xmm8\n"
			 "pcmpeqd %%xmm9, %%xmm9\n pcmpeqd %%xmm10, %%xmm10\n pcmpeqd %%xmm11, %%xmm11\n"
			 "pcmpeqd %%xmm12, %%xmm12\n pcmpeqd %%xmm13, %%xmm13\n pcmpeqd %%xmm14, %%xmm14\n"
			 "pcmpeqd %%xmm15, %%xmm15\n" ::: "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			 "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
			 "xmm12", "xmm13", "xmm14", "xmm15", "cc", "memory");
}

static uint64_t helper_pure(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	wreck_registers();
	return a * 0x9e3779b97f4a7c15u ^ (b << 7 | b >> 57) ^ c * 3;
}

static uint64_t helper_writes(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t *word = (void *)((uint8_t *)state + 48);
	uint32_t *narrow = (void *)((uint8_t *)state + 16);

	wreck_registers();
	for (int k = 0; k < 4; k++)
		word[k] += a + (uint64_t)k;
	for (int k = 0; k < 8; k++)
		narrow[k] ^= (uint32_t)b + (uint32_t)k;
	((uint8_t *)state)[1] ^= 1;
	return word[0] ^ narrow[0];
}

static uint64_t helper_leaves(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	wreck_registers();
	if (!(a & 15)) {
		env_of(state)->exit.reason = ENV_STOP;
		env_of(state)->exit.pc = UNIT_PC + 4;
	}
	return a + 5;
}

static uint64_t helper_memory(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	wreck_registers();
	return env_of(state)->services->load(state, a & 0xffffffff, IR_MEM_32, UNIT_PC);
}

/* Takes three vectors and a number; answers a vector. */
static uint64_t helper_vector(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct cpu_env *env = env_of(state);

	for (int k = 0; k < 2; k++)
		env->vec[0][k] = env->vec[0][k] * 3 + env->vec[1][1 - k] + (env->vec[2][k] ^ a);
	wreck_registers();
	return ~a;
}

const struct ir_helper test_vector = { "test_vector", helper_vector, IR_HELPER_PURE };
const struct ir_helper test_pure = { "test_pure", helper_pure, IR_HELPER_PURE };
const struct ir_helper test_writes = { "test_writes", helper_writes, IR_HELPER_READS | IR_HELPER_WRITES };
const struct ir_helper test_leaves = { "test_leaves", helper_leaves, IR_HELPER_LEAVES };
const struct ir_helper test_memory = { "test_memory", helper_memory, IR_HELPER_MEMORY };

/* How often services were asked: in checked mode the code asks when the interpreter does. */
static unsigned services_asked;

static uint8_t *guest(void *state, uint64_t addr, uint64_t mem, uint64_t pc, uint32_t access)
{
	struct cpu_env *env = env_of(state);
	unsigned bytes = ir_mem_bytes((unsigned)mem);

	services_asked++;
	wreck_registers();
	if (addr >= RAM_AT && addr + bytes <= RAM_AT + RAM_BYTES && !(addr & ir_mem_fault_bits((unsigned)mem)))
		return env->mem_base + addr;
	env->exit.reason = ENV_FAULT;
	env->exit.pc = pc;
	env->exit.addr = addr;
	env->exit.len = bytes;
	env->exit.access = access;
	return NULL;
}

static uint64_t order(uint64_t v, uint64_t mem)
{
	return mem & IR_MEM_BE ? sem_bswap(v, 8 * ir_mem_bytes((unsigned)mem)) : v;
}

static uint64_t service_load(void *state, uint64_t addr, uint64_t mem, uint64_t pc)
{
	uint8_t *p = guest(state, addr, mem, pc, DGM_R);
	uint64_t v = 0;

	if (!p)
		return 0;
	memcpy(&v, p, ir_mem_bytes((unsigned)mem));
	v = order(v, mem);
	return mem & IR_MEM_SEXT ? (uint64_t)sem_sext(v, 8 * ir_mem_bytes((unsigned)mem)) : v;
}

static uint64_t service_store(void *state, uint64_t addr, uint64_t mem, uint64_t value, uint64_t pc)
{
	uint8_t *p = guest(state, addr, mem, pc, DGM_W);

	value = order(sem_mask(value, 8 * ir_mem_bytes((unsigned)mem)), mem);
	if (p)
		memcpy(p, &value, ir_mem_bytes((unsigned)mem));
	return 0;
}

static void copy128(uint8_t *to, const uint8_t *from, uint64_t mem)
{
	for (int k = 0; k < 16; k++)
		to[k] = from[mem & IR_MEM_BE ? 15 - k : k];
}

static uint64_t service_load128(void *state, uint64_t addr, uint64_t mem, void *out, uint64_t pc)
{
	uint8_t *p = guest(state, addr, mem, pc, DGM_R);

	if (p)
		copy128(out, p, mem);
	return 0;
}

static uint64_t service_store128(void *state, uint64_t addr, uint64_t mem, const void *in, uint64_t pc)
{
	uint8_t *p = guest(state, addr, mem, pc, DGM_W);

	if (p)
		copy128(p, in, mem);
	return 0;
}

static uint64_t service_cas(void *state, uint64_t addr, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc)
{
	uint64_t old = service_load(state, addr, mem, pc);

	if (!env_of(state)->exit.reason && old == sem_mask(expected, 8 * ir_mem_bytes((unsigned)mem)))
		service_store(state, addr, mem, desired, pc);
	return old;
}

static uint64_t service_rmw(void *state, uint64_t addr, uint64_t mem, uint64_t op, uint64_t value, uint64_t pc)
{
	uint64_t old = service_load(state, addr, mem, pc);

	if (!env_of(state)->exit.reason)
		service_store(state, addr, mem, ir_eval((enum ir_op)op, 64, 64, old, value, 0), pc);
	return old;
}

static const struct env_services services = {
	.load = service_load, .store = service_store, .load128 = service_load128, .store128 = service_store128,
	.cas = service_cas, .rmw = service_rmw,
};

static void *map(size_t n, int prot)
{
	void *p = mmap(NULL, n, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

enum { CODE_BYTES = 1 << 20, STUB_BYTES = 16, ENV_BYTES = 1 << 17 };

bool bench_init(struct bench *b)
{
	uint8_t *space = map((1ull << 32) + 0x20000, PROT_NONE), *raw = map(ENV_BYTES, PROT_READ | PROT_WRITE);

	*b = (struct bench){ .mode = { .addr_bits = 32, .insn_shift = 2, .count = true }, .fuel0 = 1000 };
	b->page_prot = map(1 << 20, PROT_READ | PROT_WRITE);
	b->code = map(CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC);
	if (!space || !raw || !b->page_prot || !b->code)
		return false;
	b->space = space + 0x10000;
	if (mprotect(b->space + RAM_AT, RAM_BYTES, PROT_READ | PROT_WRITE))
		return false;
	memset(b->page_prot + (RAM_AT >> 12), DGM_R | DGM_W, PAGES_DIRECT);
	b->state = raw + ((sizeof(struct cpu_env) + 63) & ~63ull);
	b->env = env_of(b->state);
	b->env->services = &services;
	b->env->mem_base = b->space;
	b->stub = b->code + CODE_BYTES / 2;
	base_arena_init(&b->arena, &base_alloc_malloc);
	return backend_baseline.create(&base_alloc_malloc, &b->baseline) == DGM_OK;
}

void bench_finish(struct bench *b)
{
	backend_baseline.destroy(b->baseline);
	base_arena_finish(&b->arena);
	munmap(b->code, CODE_BYTES);
	munmap(b->page_prot, 1 << 20);
	munmap(b->space - 0x10000, (1ull << 32) + 0x20000);
}

/* mov qword [r13 + link], value; ret */
static void write_stub(uint8_t *p, uint32_t value)
{
	int32_t disp = ENV_OFFSET(link);

	memcpy(p, "\x49\xc7\x85", 3);
	memcpy(p + 3, &disp, 4);
	memcpy(p + 7, &value, 4);
	p[11] = 0xc3;
}

static void relocate(struct bench *b, const struct code_object *o, uint8_t *data)
{
	for (unsigned k = 0; k < o->n_reloc; k++) {
		const struct code_reloc *r = &o->reloc[k];
		uint8_t *at = b->code + r->offset;
		uint64_t abs = 0;
		int32_t rel = 0;

		switch ((enum code_reloc_kind)r->kind) {
		case CODE_RELOC_EXIT: rel = (int32_t)(b->stub + r->index * STUB_BYTES - (at + 4)); break;
		case CODE_RELOC_INIT: memcpy((void *)(uintptr_t)(data + r->offset), &r->addend, 4); continue;
		case CODE_RELOC_DATA: rel = (int32_t)(data + r->addend - (at + 4)); break;
		case CODE_RELOC_HELPER: abs = (uint64_t)(uintptr_t)o->helper[r->index]->fn; break;
		case CODE_RELOC_SELF: abs = (uint64_t)(uintptr_t)(b->code + r->addend); break;
		case CODE_RELOC_HOST: abs = (uint64_t)(uintptr_t)o->host[r->index]; break;
		}
		if (r->kind == CODE_RELOC_EXIT || r->kind == CODE_RELOC_DATA)
			memcpy(at, &rel, 4);
		else
			memcpy(at, &abs, 8);
	}
}

enum dgm_status bench_compile(struct bench *b, const struct ir_unit *u, uint32_t hot_after)
{
	struct backend_request rq = { .block = &u, .n_block = 1, .mode = b->mode, .hot_after = hot_after,
				      .entry_leaves = b->entry_leaves };
	enum dgm_status st = backend_baseline.compile(b->baseline, &rq, &b->arena, &b->object);

	if (st)
		return st;
	if (b->object.size > CODE_BYTES / 2 - 4096)
		return DGM_E_SIZE;
	memcpy(b->code, b->object.code, b->object.size);
	memset(b->stub - 64, 0, 64);
	relocate(b, &b->object, b->stub - 64);
	for (unsigned k = 0; k < b->object.n_exit; k++)
		write_stub(b->stub + k * STUB_BYTES, k + 1);
	write_stub(b->code + CODE_BYTES - STUB_BYTES, LINK_HIT);
	return DGM_OK;
}

static void start(struct bench *b)
{
	memset(&b->env->exit, 0, sizeof b->env->exit);
	memcpy(b->state, b->state0, STATE_BYTES);
	memcpy(b->space + RAM_AT, b->ram0, RAM_BYTES);
	b->env->fuel = b->fuel0;
	b->env->pending = b->pending0;
	b->env->page_prot = b->page_prot;
	for (unsigned k = 0; k < ENV_JUMPS; k++)
		b->env->jump[k] = (struct env_jump){ ~0ull, NULL };
	if (b->known_target)
		b->env->jump[env_jump_index(b->known_target, b->mode.insn_shift, 0)] =
			(struct env_jump){ b->known_target, b->code + CODE_BYTES - STUB_BYTES };
	b->env->link = NULL;
	services_asked = 0;
}

static void stop(struct bench *b, struct outcome *out)
{
	uint32_t pc;

	out->exit = b->env->exit;
	out->services = b->mode.checked ? services_asked : 0;
	out->fuel = b->env->fuel;
	memcpy(out->state, b->state, STATE_BYTES);
	memcpy(out->ram, b->space + RAM_AT, RAM_BYTES);
	memcpy(&pc, b->state + slot_table[SLOT_PC].offset, 4);
	memset(out->state + slot_table[SLOT_PC].offset, 0, 4);
	if (out->kind != BACKEND_RUN_EVENT)
		out->target = pc;
}

enum { FLAGS = HOSTFP_DIVZERO | HOSTFP_OVERFLOW | HOSTFP_UNDERFLOW | HOSTFP_INEXACT };

void bench_run(struct bench *b, const struct ir_unit *u, struct outcome *out)
{
	uint64_t rsp, link;
	unsigned saved = _mm_getcsr();

	*out = (struct outcome){ 0 };
	start(b);
	_mm_setcsr(HOSTFP_GUEST_MXCSR);
	engine_enter(b->code + b->object.entry, b->space, b->state, &rsp);
	out->flags = _mm_getcsr() & FLAGS;
	_mm_setcsr(saved);
	link = (uint64_t)(uintptr_t)b->env->link;
	out->kind = b->env->exit.reason ? BACKEND_RUN_EVENT : link && link != LINK_HIT ? 0 : BACKEND_RUN_INDIRECT;
	stop(b, out);
	if (out->kind == 0)
		out->target = b->object.exit[link - 1].target;
	out->hit = link == LINK_HIT;
}

void bench_interpret(struct bench *b, const struct ir_unit *u, struct outcome *out)
{
	unsigned saved = _mm_getcsr();
	uint32_t pc;

	*out = (struct outcome){ 0 };
	start(b);
	_mm_setcsr(HOSTFP_GUEST_MXCSR);
	do {
		out->kind = backend_interp.run((void *)&base_alloc_malloc, u, &b->mode, b->state, 0);
		memcpy(&pc, b->state + slot_table[SLOT_PC].offset, 4);
	} while (out->kind >= 0 && pc == u->pc && !b->entry_leaves);
	out->flags = _mm_getcsr() & FLAGS;
	_mm_setcsr(saved);
	if (out->kind > 0)
		out->kind = 0;
	stop(b, out);
	out->hit = out->kind == BACKEND_RUN_INDIRECT && b->known_target && out->target == b->known_target;
}

const char *bench_compare(const struct outcome *code, const struct outcome *interp)
{
	static char text[128];
	const struct env_exit *x = &code->exit, *y = &interp->exit;
	bool charged = x->reason != ENV_POLL && x->reason != ENV_BUDGET && x->reason != ENV_HOT;

	if (code->kind != interp->kind) {
		snprintf(text, sizeof text, "way out %d, not %d", code->kind, interp->kind);
		return text;
	}
	if (code->kind != BACKEND_RUN_EVENT && (code->target != interp->target || code->hit != interp->hit)) {
		snprintf(text, sizeof text, "target %#lx, not %#lx", (long)code->target, (long)interp->target);
		return text;
	}
	if (code->kind == BACKEND_RUN_EVENT &&
	    (x->reason != y->reason || x->trap != y->trap || x->code != y->code || x->access != y->access ||
	     x->len != y->len || x->pc != y->pc || x->next != y->next || x->addr != y->addr || (charged && x->left != y->left))) {
		snprintf(text, sizeof text, "event %u pc %#lx left %u, not %u pc %#lx left %u", x->reason, (long)x->pc,
			 x->left, y->reason, (long)y->pc, y->left);
		return text;
	}
	for (unsigned k = 0; k < STATE_BYTES; k++)
		if (code->state[k] != interp->state[k]) {
			snprintf(text, sizeof text, "state byte %u is %#x, not %#x", k, code->state[k], interp->state[k]);
			return text;
		}
	for (unsigned k = 0; k < RAM_BYTES && memcmp(code->ram, interp->ram, RAM_BYTES); k++)
		if (code->ram[k] != interp->ram[k]) {
			snprintf(text, sizeof text, "memory byte %#x is %#x, not %#x", RAM_AT + k, code->ram[k],
				 interp->ram[k]);
			return text;
		}
	if (code->services != interp->services)
		return "calls of services";
	if (code->fuel != interp->fuel)
		return "fuel";
	if (code->flags != interp->flags) {
		snprintf(text, sizeof text, "FP flags %#x, not %#x", code->flags, interp->flags);
		return text;
	}
	return NULL;
}
