#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "backend/baseline/baseline.h"
#include "backend/interp/interp.h"
#include "dragoman/machine.h"
#include "engine/engine.h"
#include "iface/hostfp.h"
#include "ir/sem.h"
#include "tools/ir_exec.h"

/* ---- the guest that is none ---- */

static const struct ir_slot slot[] = {
	{ "pc", IR_I32, 0 },
	{ "r0", IR_I32, 4 }, { "r1", IR_I32, 8 }, { "r2", IR_I32, 12 }, { "r3", IR_I32, 16 },
	{ "r4", IR_I32, 20 }, { "r5", IR_I32, 24 }, { "r6", IR_I32, 28 }, { "r7", IR_I32, 32 },
	{ "x0", IR_I64, 40 }, { "x1", IR_I64, 48 }, { "x2", IR_I64, 56 }, { "x3", IR_I64, 64 },
	{ "c0", IR_I1, 72 }, { "c1", IR_I1, 73 }, { "c2", IR_I1, 74 }, { "c3", IR_I1, 75 },
	{ "b0", IR_I8, 76 }, { "b1", IR_I8, 77 }, { "h0", IR_I16, 78 }, { "h1", IR_I16, 80 },
	{ "b2", IR_I8, 120 }, { "h2", IR_I16, 122 },
	{ "s0", IR_F32, 84 }, { "s1", IR_F32, 88 }, { "s2", IR_F32, 92 },
	{ "d0", IR_F64, 96 }, { "d1", IR_F64, 104 }, { "d2", IR_F64, 112 },
	{ "v0", IR_I32X4, 128 }, { "v1", IR_I32X4, 144 }, { "v2", IR_I32X4, 160 },
	{ "vb0", IR_I8X16, 176 }, { "vb1", IR_I8X16, 192 }, { "vb2", IR_I8X16, 208 },
	{ "vh0", IR_I16X8, 224 }, { "vh1", IR_I16X8, 240 }, { "vh2", IR_I16X8, 256 },
	{ "vl0", IR_I64X2, 272 }, { "vl1", IR_I64X2, 288 }, { "vl2", IR_I64X2, 304 },
	{ "vs0", IR_F32X4, 320 }, { "vs1", IR_F32X4, 336 }, { "vs2", IR_F32X4, 352 },
	{ "vd0", IR_F64X2, 368 }, { "vd1", IR_F64X2, 384 }, { "vd2", IR_F64X2, 400 },
};
const struct ir_slots exec_slots = { slot, sizeof slot / sizeof slot[0], 0, 416 };

enum { R0_OFFSET = 4 };

static uint64_t sum(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	return a + 2 * b + 3 * c;
}

static uint64_t read_r0(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	uint32_t r0;

	memcpy(&r0, (char *)state + R0_OFFSET, sizeof r0);
	return r0 + a;
}

static uint64_t write_r0(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	uint32_t r0 = (uint32_t)a;

	memcpy((char *)state + R0_OFFSET, &r0, sizeof r0);
	return 0;
}

/* x + 3 * y + a in each of the two lanes of 64 bits. */
static uint64_t sum_lanes(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct cpu_env *env = env_of(state);

	for (unsigned k = 0; k < 2; k++)
		env->vec[0][k] += 3 * env->vec[1][k] + a;
	return ~a;
}

/* The lower half of a vector times a, less the upper half of another one. */
static uint64_t mix_lanes(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	const struct cpu_env *env = env_of(state);

	return env->vec[0][0] * a - env->vec[1][1];
}

/* Leaves with a trap at pc b when a is not 0. */
static uint64_t stop_if(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	struct env_exit *e = &env_of(state)->exit;

	if (a) {
		e->reason = ENV_TRAP;
		e->trap = IR_TRAP_BREAK;
		e->code = 0;
		e->pc = e->next = b;
	}
	return a;
}

/* The little-endian word at a; b is the pc. */
static uint64_t load_word(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	return env_of(state)->services->load(state, a, IR_MEM_32, b);
}

static const struct ir_helper t_sum = { "t_sum", sum, IR_HELPER_PURE };
static const struct ir_helper t_read = { "t_read", read_r0, IR_HELPER_READS };
static const struct ir_helper t_write = { "t_write", write_r0, IR_HELPER_WRITES };
static const struct ir_helper t_stop = { "t_stop", stop_if, IR_HELPER_LEAVES };
static const struct ir_helper t_load = { "t_load", load_word, IR_HELPER_MEMORY | IR_HELPER_LEAVES };
static const struct ir_helper t_vsum = { "t_vsum", sum_lanes, IR_HELPER_PURE };
static const struct ir_helper t_vmix = { "t_vmix", mix_lanes, IR_HELPER_PURE };
const struct ir_helper *const exec_helpers[] = {
	&t_sum, &t_read, &t_write, &t_stop, &t_load, &t_vsum, &t_vmix, NULL,
};

/* ---- memory services: byte by byte, RAM or fault ---- */

static bool fault(void *state, uint64_t addr, unsigned len, uint32_t access, uint32_t cause, uint64_t pc)
{
	struct env_exit *e = &env_of(state)->exit;

	e->reason = ENV_FAULT;
	e->access = access;
	e->len = len;
	e->addr = addr;
	e->cause = cause;
	e->pc = pc;
	return false;
}

/* The host's place of [addr, addr + n), or NULL after filling exit. */
static uint8_t *reach(void *state, uint64_t addr, unsigned n, unsigned mem, uint32_t access, uint64_t pc)
{
	const struct cpu_env *env = env_of(state);

	if (addr & ir_mem_fault_bits((unsigned)mem)) {
		fault(state, addr, n, access, DGM_CAUSE_ALIGN, pc);
		return NULL;
	}
	for (uint64_t a = addr; a < addr + n; a++)
		if (a >= EXEC_RAM || !(env->page_prot[a >> 12] & access)) {
			fault(state, a, n, access, a >= EXEC_RAM ? DGM_CAUSE_UNMAPPED : DGM_CAUSE_PROT, pc);
			return NULL;
		}
	return env->mem_base + addr;
}

static uint64_t to_value(const uint8_t *p, unsigned mem)
{
	unsigned n = ir_mem_bytes(mem);
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * (mem & IR_MEM_BE ? n - 1 - i : i);
	return mem & IR_MEM_SEXT ? (uint64_t)sem_sext(v, 8 * n) : v;
}

static void from_value(uint8_t *p, unsigned mem, uint64_t v)
{
	unsigned n = ir_mem_bytes(mem);

	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * (mem & IR_MEM_BE ? n - 1 - i : i));
}

static uint64_t srv_load(void *state, uint64_t addr, uint64_t mem, uint64_t pc)
{
	uint8_t *p = reach(state, addr, ir_mem_bytes((unsigned)mem), (unsigned)mem, DGM_R, pc);

	return p ? to_value(p, (unsigned)mem) : 0;
}

static uint64_t srv_store(void *state, uint64_t addr, uint64_t mem, uint64_t value, uint64_t pc)
{
	uint8_t *p = reach(state, addr, ir_mem_bytes((unsigned)mem), (unsigned)mem, DGM_W, pc);

	if (p)
		from_value(p, (unsigned)mem, value);
	return 0;
}

/* Halves of a vector in memory: the low one first, unless big-endian. */
static uint64_t srv_load128(void *state, uint64_t addr, uint64_t mem, void *out, uint64_t pc)
{
	uint8_t *p = reach(state, addr, 16, (unsigned)mem, DGM_R, pc);
	unsigned half = IR_MEM_64 | (mem & IR_MEM_BE), low = mem & IR_MEM_BE ? 8 : 0;
	uint64_t v[2];

	if (!p)
		return 0;
	v[0] = to_value(p + low, half);
	v[1] = to_value(p + 8 - low, half);
	memcpy(out, v, sizeof v);
	return 0;
}

static uint64_t srv_store128(void *state, uint64_t addr, uint64_t mem, const void *in, uint64_t pc)
{
	uint8_t *p = reach(state, addr, 16, (unsigned)mem, DGM_W, pc);
	unsigned half = IR_MEM_64 | (mem & IR_MEM_BE), low = mem & IR_MEM_BE ? 8 : 0;
	uint64_t v[2];

	if (!p)
		return 0;
	memcpy(v, in, sizeof v);
	from_value(p + low, half, v[0]);
	from_value(p + 8 - low, half, v[1]);
	return 0;
}

static uint64_t srv_cas(void *state, uint64_t addr, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc)
{
	unsigned bits = 8 * ir_mem_bytes((unsigned)mem);
	uint8_t *p = reach(state, addr, bits / 8, (unsigned)mem, DGM_R | DGM_W, pc);

	if (!p)
		return 0;
	uint64_t old = to_value(p, (unsigned)mem);
	if (old == sem_mask(expected, bits))
		from_value(p, (unsigned)mem, desired);
	return old;
}

static uint64_t srv_rmw(void *state, uint64_t addr, uint64_t mem, uint64_t op, uint64_t value, uint64_t pc)
{
	uint8_t *p = reach(state, addr, ir_mem_bytes((unsigned)mem), (unsigned)mem, DGM_R | DGM_W, pc);

	if (!p)
		return 0;
	uint64_t old = to_value(p, (unsigned)mem);
	from_value(p, (unsigned)mem, ir_eval((enum ir_op)op, 64, 64, old, value, 0));
	return old;
}

static bool srv_read(void *state, uint64_t addr, void *buf, size_t n, uint64_t pc)
{
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = reach(state, addr + i, 1, 0, DGM_R, pc);
		if (!p)
			return false;
		((uint8_t *)buf)[i] = *p;
	}
	return true;
}

static bool srv_write(void *state, uint64_t addr, const void *buf, size_t n, uint64_t pc)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t *p = reach(state, addr + i, 1, 0, DGM_W, pc);
		if (!p)
			return false;
		*p = ((const uint8_t *)buf)[i];
	}
	return true;
}

static uint64_t srv_clock(void *state)
{
	return 0;
}

static void srv_invalidate(void *state, uint64_t addr, uint64_t n)
{
}

static const struct env_services services = {
	.load = srv_load, .store = srv_store, .load128 = srv_load128, .store128 = srv_store128,
	.cas = srv_cas, .rmw = srv_rmw, .read = srv_read, .write = srv_write,
	.clock = srv_clock, .invalidate = srv_invalidate,
};

/* ---- the bench ---- */

enum { PAGES = 1 << 20, CODE = 4 << 20, STUB = 16 };	/* pages of a 32-bit address space; bytes */

const char *const exec_name[EXEC_COUNT] = { "interp", "baseline", "llvm" };

static const struct backend *find_llvm(void)
{
	const char *dir = getenv("DGM_BACKEND_DIR");
	char path[512];
	void *module;
	backend_module_fn *entry = NULL;

	if (!dir || snprintf(path, sizeof path, "%s/dragoman-llvm.so", dir) >= (int)sizeof path)
		return NULL;
	module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (module)
		*(void **)&entry = dlsym(module, BACKEND_MODULE_ENTRY);
	return entry ? entry(BACKEND_MODULE_ABI) : NULL;
}

static void open_backends(struct exec_bench *b)
{
	b->backend[EXEC_INTERP] = &backend_interp;
#if defined(__x86_64__)
	b->backend[EXEC_BASELINE] = &backend_baseline;
	b->backend[EXEC_LLVM] = find_llvm();
#endif
	for (unsigned k = 0; k < EXEC_COUNT; k++)
		if (b->backend[k] && b->backend[k]->create(&base_alloc_malloc, &b->self[k]))
			b->backend[k] = NULL;
}

bool exec_init(struct exec_bench *b, const struct ir_slots *slots)
{
	size_t size = (sizeof *b->env + slots->state_size + 63) & ~(size_t)63;

	*b = (struct exec_bench){ .slots = slots };
	b->mode = (struct backend_mode){ .checked = true, .precise = true, .count = true, .addr_bits = 32,
					 .insn_shift = 2 };
	base_arena_init(&b->arena, &base_alloc_malloc);
	b->env = aligned_alloc(64, size);
	b->ram = aligned_alloc(4096, EXEC_RAM);
	b->page_prot = calloc(PAGES, 1);
	b->code = mmap(NULL, CODE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b->code == MAP_FAILED)
		b->code = NULL;
	if (!b->env || !b->ram || !b->page_prot || !b->code) {
		exec_finish(b);
		return false;
	}
	b->state = b->env + 1;
	memset(b->env, 0, sizeof *b->env);
	memset(b->env->jump, 0xff, sizeof b->env->jump);
	b->env->services = &services;
	b->env->mem_base = b->ram;
	b->env->page_prot = b->page_prot;
	exec_reset(b);
	open_backends(b);
	return true;
}

void exec_finish(struct exec_bench *b)
{
	for (unsigned k = 0; k < EXEC_COUNT; k++)
		if (b->backend[k])
			b->backend[k]->destroy(b->self[k]);
	base_arena_finish(&b->arena);
	free(b->env);
	free(b->ram);
	free(b->page_prot);
	if (b->code)
		munmap(b->code, CODE);
	*b = (struct exec_bench){ .env = NULL };
}

void exec_reset(struct exec_bench *b)
{
	memset(b->state, 0, b->slots->state_size);
	memset(b->ram, 0, EXEC_RAM);
	memset(b->page_prot, DGM_R | DGM_W, EXEC_RAM / 4096);
	b->env->exit = (struct env_exit){ .reason = ENV_NONE };
	b->env->link = NULL;
	b->env->fuel = INT64_MAX;
	b->env->fp_flags = 0;
	atomic_store(&b->env->pending, 0);
}

/* ---- compiled code: placed behind a stub per exit, which leaves with env link = its number + 1 ---- */

static bool emit_stubs(struct exec_bench *b, const struct code_object *o)
{
	/* movq $number, ENV_OFFSET(link)(%r13); ret */
	for (uint32_t i = 0; i < o->n_exit; i++) {
		uint8_t *p = b->code + i * STUB;
		int32_t disp = ENV_OFFSET(link);
		uint32_t number = i + 1;

		memcpy(p, "\x49\xc7\x85", 3);
		memcpy(p + 3, &disp, 4);
		memcpy(p + 7, &number, 4);
		p[11] = 0xc3;
	}
	return (size_t)o->n_exit * STUB + o->size + o->data_size + 128 < CODE;
}

static void relocate(const struct exec_bench *b, const struct code_object *o, uint8_t *code, uint8_t *data)
{
	for (unsigned i = 0; i < o->n_reloc; i++) {
		const struct code_reloc *r = &o->reloc[i];
		const uint8_t *target = NULL;

		switch ((enum code_reloc_kind)r->kind) {
		case CODE_RELOC_EXIT: target = b->code + r->index * STUB; break;
		case CODE_RELOC_INIT: memcpy(data + r->offset, &r->addend, sizeof r->addend); continue;
		case CODE_RELOC_DATA: target = data; break;
		case CODE_RELOC_SELF: target = code; break;
		case CODE_RELOC_HELPER: memcpy(&target, &o->helper[r->index]->fn, sizeof target); break;
		case CODE_RELOC_HOST: target = o->host[r->index]; break;
		}
		target += r->addend;
		int32_t rel = (int32_t)(target - (code + r->offset + 4));
		if (r->kind == CODE_RELOC_EXIT || r->kind == CODE_RELOC_DATA)
			memcpy(code + r->offset, &rel, sizeof rel);
		else
			memcpy(code + r->offset, &target, sizeof target);
	}
}

static const char *compile(struct exec_bench *b)
{
	struct backend_request rq = { .block = &b->unit, .n_block = 1, .mode = b->mode, .opt_level = 2 };
	struct code_object *o = &b->object;

	base_arena_reset(&b->arena);
	*o = (struct code_object){ .code = NULL };
	enum dgm_status s = b->backend[b->kind]->compile(b->self[b->kind], &rq, &b->arena, o);
	if (s)
		return dgm_strerror(s);
	if (!emit_stubs(b, o))
		return "the code is too large";
	uint8_t *code = b->code + (((size_t)o->n_exit * STUB + 63) & ~(size_t)63);
	uint8_t *data = code + ((o->size + 15) & ~15u);
	memcpy(code, o->code, o->size);
	memset(data, 0, o->data_size);
	relocate(b, o, code, data);
	b->entry = code + o->entry;
	return NULL;
}

const char *exec_load(struct exec_bench *b, enum exec_kind kind, const struct ir_unit *u)
{
	b->kind = kind;
	b->unit = u;
	return kind == EXEC_INTERP ? NULL : compile(b);
}

static uint64_t pc_slot(const struct exec_bench *b)
{
	const struct ir_slot *s = &b->slots->slot[b->slots->pc];
	const char *p = (const char *)b->state + s->offset;
	uint64_t pc = 0;

	memcpy(&pc, p, s->type == IR_I32 ? 4 : 8);
	return pc;
}

static uint64_t go_code(struct exec_bench *b)
{
	b->env->link = NULL;
#if ENGINE_CAN_ENTER
	hostfp_enter(b->env);
	engine_enter(b->entry, b->env->mem_base, b->state, &b->env->host_rsp);
	hostfp_leave(b->env);
#endif
	uintptr_t link = (uintptr_t)b->env->link;
	if (b->env->exit.reason != ENV_NONE)
		return b->env->exit.pc;
	return link ? b->object.exit[link - 1].target : pc_slot(b);
}

uint64_t exec_go(struct exec_bench *b)
{
	b->env->exit.reason = ENV_NONE;
	if (b->kind != EXEC_INTERP)
		return go_code(b);
	hostfp_enter(b->env);
	int left = backend_interp.run(b->self[b->kind], b->unit, &b->mode, b->state, 0);
	hostfp_leave(b->env);
	return left == BACKEND_RUN_EVENT ? b->env->exit.pc : pc_slot(b);
}
