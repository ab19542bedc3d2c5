/*
 * Executes cases without the engine: lift, then the interpreter on the IR as it was lifted.
 * Its services are a page of data, a page of code and nothing else.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/interp/interp.h"
#include "guest.h"
#include "iface/hostfp.h"
#include "ir/sem.h"

struct direct {
	const struct guest_isa *isa;
	const struct frontend *guest;
	void *decoder, *interp;
	struct base_arena arena;
	struct backend_mode mode;
	uint8_t data[GUEST_DATA_SIZE], code[GUEST_CODE_SIZE];
	struct cpu_env *env;
	void *state;
};

/* The executor an access belongs to is found through env. */
static struct direct *self_of(void *state)
{
	return env_of(state)->cpu;
}

static uint8_t *host_of(struct direct *d, uint64_t addr, size_t n, bool write)
{
	addr = addr << d->guest->tag_bits >> d->guest->tag_bits;
	if (addr >= GUEST_DATA && addr + n <= GUEST_DATA + GUEST_DATA_SIZE)
		return d->data + (addr - GUEST_DATA);
	if (!write && addr >= GUEST_CODE && addr + n <= GUEST_CODE + GUEST_CODE_SIZE)
		return d->code + (addr - GUEST_CODE);
	return NULL;
}

static uint8_t *access_memory(void *state, uint64_t addr, uint64_t mem, uint64_t pc, bool write)
{
	unsigned n = ir_mem_bytes((unsigned)mem);
	bool bad_align = addr & ir_mem_fault_bits((unsigned)mem);
	uint8_t *p = host_of(self_of(state), addr, n, write);

	if (p && !bad_align)
		return p;
	env_of(state)->exit = (struct env_exit){
		.reason = ENV_FAULT, .access = write ? DGM_W : DGM_R, .len = n,
		.cause = bad_align ? DGM_CAUSE_ALIGN : DGM_CAUSE_UNMAPPED, .pc = pc, .addr = addr,
	};
	return NULL;
}

static uint64_t get_bytes(const uint8_t *p, uint64_t mem)
{
	unsigned n = ir_mem_bytes((unsigned)mem);
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)p[i] << 8 * (mem & IR_MEM_BE ? n - 1 - i : i);
	if (mem & IR_MEM_SEXT && n < 8 && v >> (8 * n - 1))
		v |= ~0ull << 8 * n;
	return v;
}

static void put_bytes(uint8_t *p, uint64_t mem, uint64_t v)
{
	unsigned n = ir_mem_bytes((unsigned)mem);

	for (unsigned i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> 8 * (mem & IR_MEM_BE ? n - 1 - i : i));
}

static uint64_t load(void *state, uint64_t addr, uint64_t mem, uint64_t pc)
{
	const uint8_t *p = access_memory(state, addr, mem, pc, false);

	return p ? get_bytes(p, mem) : 0;
}

static uint64_t store(void *state, uint64_t addr, uint64_t mem, uint64_t value, uint64_t pc)
{
	uint8_t *p = access_memory(state, addr, mem, pc, true);

	if (p)
		put_bytes(p, mem, value);
	return 0;
}

static void reverse16(uint8_t *p)
{
	for (unsigned i = 0; i < 8; i++) {
		uint8_t b = p[i];
		p[i] = p[15 - i];
		p[15 - i] = b;
	}
}

static uint64_t load128(void *state, uint64_t addr, uint64_t mem, void *out, uint64_t pc)
{
	const uint8_t *p = access_memory(state, addr, mem, pc, false);

	if (p)
		memcpy(out, p, 16);
	if (p && mem & IR_MEM_BE)
		reverse16(out);
	return 0;
}

static uint64_t store128(void *state, uint64_t addr, uint64_t mem, const void *in, uint64_t pc)
{
	uint8_t *p = access_memory(state, addr, mem, pc, true);

	if (p)
		memcpy(p, in, 16);
	if (p && mem & IR_MEM_BE)
		reverse16(p);
	return 0;
}

static uint64_t cas(void *state, uint64_t addr, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc)
{
	uint8_t *p = access_memory(state, addr, mem, pc, true);
	uint64_t old = p ? get_bytes(p, mem & ~(uint64_t)IR_MEM_SEXT) : 0;

	if (p && old == sem_mask(expected, 8 * ir_mem_bytes((unsigned)mem)))
		put_bytes(p, mem, desired);
	return old;
}

static uint64_t rmw(void *state, uint64_t addr, uint64_t mem, uint64_t op, uint64_t value, uint64_t pc)
{
	unsigned bits = 8 * ir_mem_bytes((unsigned)mem);
	uint8_t *p = access_memory(state, addr, mem, pc, true);
	uint64_t old = p ? get_bytes(p, mem & ~(uint64_t)IR_MEM_SEXT) : 0;

	if (p)
		put_bytes(p, mem, ir_eval((enum ir_op)op, bits, bits, old, value, 0));
	return old;
}

static bool cas16(void *state, uint64_t addr, void *expected, const void *desired, uint64_t pc)
{
	uint8_t *p = access_memory(state, addr, IR_MEM_128 | IR_MEM_ALIGNED, pc, true);
	bool same = p && !memcmp(p, expected, 16);

	if (p)
		memcpy(expected, p, 16);
	if (same)
		memcpy(p, desired, 16);
	return same;
}

static bool read_bytes(void *state, uint64_t addr, void *buf, size_t n, uint64_t pc)
{
	for (size_t i = 0; i < n; i++) {
		const uint8_t *p = access_memory(state, addr + i, IR_MEM_8, pc, false);
		if (!p)
			return false;
		((uint8_t *)buf)[i] = *p;
	}
	return true;
}

static bool write_bytes(void *state, uint64_t addr, const void *buf, size_t n, uint64_t pc)
{
	for (size_t i = 0; i < n; i++)
		if (!access_memory(state, addr + i, IR_MEM_8, pc, true))
			return false;
	for (size_t i = 0; i < n; i++)
		*access_memory(state, addr + i, IR_MEM_8, pc, true) = ((const uint8_t *)buf)[i];
	return true;
}

static uint64_t clock_ticks(void *state)
{
	(void)state;
	return GUEST_CLOCK;
}

static void invalidate(void *state, uint64_t addr, uint64_t n)
{
	(void)state, (void)addr, (void)n;
}

static const struct env_services services = {
	.load = load, .store = store, .load128 = load128, .store128 = store128, .cas = cas, .cas16 = cas16, .rmw = rmw, .read = read_bytes, .write = write_bytes,
	.clock = clock_ticks, .invalidate = invalidate,
};

static void direct_close(void *self)
{
	struct direct *d = self;

	if (!d)
		return;
	if (d->decoder)
		d->guest->close(d->decoder);
	if (d->interp)
		backend_interp.destroy(d->interp);
	base_arena_finish(&d->arena);
	free(d->env);
	free(d);
}

static void *direct_open(const struct guest_executor *e, const struct guest_isa *isa, const char *model)
{
	struct direct *d = calloc(1, sizeof *d);

	(void)e;
	if (!d)
		return NULL;
	d->isa = isa;
	d->guest = isa->fe;
	d->mode = (struct backend_mode){ .precise = true, .addr_bits = d->guest->addr_bits,
					.tag_bits = d->guest->tag_bits, .insn_shift = d->guest->insn_shift };
	base_arena_init(&d->arena, &base_alloc_malloc);
	size_t size = sizeof *d->env + d->guest->slots->state_size;
	d->env = aligned_alloc(64, (size + 63) & ~(size_t)63);
	if (!d->env || d->guest->open(&base_alloc_malloc, model, &d->decoder) ||
	    backend_interp.create(&base_alloc_malloc, &d->interp)) {
		direct_close(d);
		return NULL;
	}
	memset(d->env, 0, size);
	d->env->cpu = d;
	d->env->services = &services;
	d->state = d->env + 1;
	d->guest->reset(d->state, model);
	return d;
}

static const struct frontend_reg *reg_of(const struct frontend *f, uint32_t id)
{
	for (unsigned i = 0; i < f->n_reg; i++)
		if (f->reg[i].id == id)
			return &f->reg[i];
	return NULL;
}

static void direct_set(void *self, uint32_t id, struct guest_value value)
{
	struct direct *d = self;
	const struct frontend_reg *r = reg_of(d->guest, id);

	if (r && r->slot >= 0)
		memcpy((char *)d->state + d->guest->slots->slot[r->slot].offset, &value, r->bits / 8);
	else if (r)
		d->guest->write_reg(d->state, id, &value);
}

static struct guest_value direct_get(void *self, uint32_t id)
{
	struct direct *d = self;
	const struct frontend_reg *r = reg_of(d->guest, id);
	struct guest_value value = { 0, 0 };

	if (r && r->slot >= 0)
		memcpy(&value, (char *)d->state + d->guest->slots->slot[r->slot].offset, r->bits / 8);
	else if (r)
		d->guest->read_reg(d->state, id, &value);
	return value;
}

static uint8_t *direct_data(void *self)
{
	return ((struct direct *)self)->data;
}

/* The guest address of a pc, which may carry mode bits. */
static uint64_t address_of(const struct direct *d, uint64_t pc)
{
	return pc & ~(uint64_t)d->guest->pc_mode;
}

/* With its mode bits, which the public register does not show. */
static uint64_t pc_slot(const struct direct *d)
{
	const struct ir_slots *s = d->guest->slots;
	uint64_t pc = 0;

	memcpy(&pc, (char *)d->state + s->slot[s->pc].offset, s->slot[s->pc].type == IR_I32 ? 4 : 8);
	return pc;
}

/* Lifts one block from pc. */
static struct ir_unit *lift_block(struct direct *d, uint64_t pc)
{
	base_arena_reset(&d->arena);
	struct ir_unit *u = ir_unit_new(&d->arena, d->guest->slots, pc);
	uint32_t mode = d->guest->mode(d->state);
	struct ir_builder b;
	struct ir_error err;

	if (!u)
		return NULL;
	ir_builder_init(&b, &d->arena, u);
	for (enum lift_result r = LIFT_NEXT; r != LIFT_END; u->n_insns++) {
		struct lift_request rq = { .pc = pc + u->bytes, .avail = d->guest->max_insn, .mode = mode };
		rq.bytes = host_of(d, address_of(d, rq.pc), rq.avail, false);
		if (!rq.bytes)
			return NULL;
		r = d->guest->lift(d->decoder, &b, &rq);
		if (r == LIFT_SHORT || b.failed)
			return NULL;
		u->bytes += rq.len;
		mode = rq.mode;
	}
	return ir_verify(u, &err) ? u : NULL;
}

static enum guest_end end_of_trap(uint32_t trap)
{
	switch (trap) {
	case IR_TRAP_SYSCALL: return END_SYSCALL;
	case IR_TRAP_BREAK: return END_TRAP;
	case IR_TRAP_ILLEGAL: return END_ILLEGAL;
	case IR_TRAP_PRIVILEGED: return END_PRIVILEGED;
	case IR_TRAP_FP: return END_FP;
	case IR_TRAP_ALIGN: return END_ALIGN;
	case IR_TRAP_IDLE: return END_IDLE;
	default: return END_OTHER;
	}
}

static bool direct_run(void *self, const uint8_t *code, unsigned n, struct guest_result *out)
{
	struct direct *d = self;
	struct env_exit *ex = &d->env->exit;
	uint64_t pc = pc_slot(d), end = GUEST_CODE + n;

	guest_fill_code(d->isa, code, n, d->code, sizeof d->code);
	*out = (struct guest_result){ .end = END_NEXT };
	for (unsigned blocks = 0; pc >= GUEST_CODE && address_of(d, pc) < end && blocks < 64; blocks++) {
		struct ir_unit *u = lift_block(d, pc);
		if (!u)
			return false;
		*ex = (struct env_exit){ ENV_NONE };
		hostfp_enter(d->env);
		int left = backend_interp.run(d->interp, u, &d->mode, d->state, 0);
		hostfp_leave(d->env);
		if (left != BACKEND_RUN_EVENT) {
			pc = pc_slot(d);
			continue;
		}
		pc = ex->reason == ENV_TRAP && ex->trap == IR_TRAP_RESYNC ? ex->next : ex->pc;
		if (ex->reason == ENV_TRAP && ex->trap == IR_TRAP_RESYNC)
			continue;
		out->addr = ex->addr;
		if (ex->reason == ENV_FAULT)
			out->end = ex->cause == DGM_CAUSE_ALIGN ? END_ALIGN : END_FAULT;
		else
			out->end = ex->reason == ENV_TRAP ? end_of_trap(ex->trap) : END_OTHER;
		pc = out->end == END_IDLE ? ex->next : pc;
		break;
	}
	if (out->end == END_SYSCALL && address_of(d, pc) >= end)
		out->end = END_NEXT;
	out->pc = address_of(d, pc);
	return true;
}

const struct guest_executor guest_direct = {
	.name = "lifted",
	.open = direct_open, .close = direct_close, .set = direct_set, .get = direct_get,
	.data = direct_data, .run = direct_run,
};
