/*
 * Runs one unit, operation by operation. The meaning of pure operations is the value column of
 * ops.def, expanded into one case each; here stands only where operands come from and where
 * results go, once per shape. Knows no guest and nothing of the engine.
 *
 * bitcast and select work on bits alone: for 128-bit values their expression is applied to each
 * half. What else has vectors goes lane by lane through ir_eval_form.
 */
#include "backend/interp/interp.h"

#include "backend/interp/access.h"
#include "dragoman/machine.h"
#include "iface/hostfp.h"

enum { STACK_CELLS = 384 };

struct frame {
	const struct ir_unit *u;
	const struct backend_mode *mode;
	const struct ir_inst *in;	/* being executed */
	struct ir_bits *cell;		/* one per instruction */
	void *state;
	struct cpu_env *env;
	uint32_t begun;			/* instructions whose marker was passed */
};

static inline struct ir_bits value(const struct frame *f, unsigned k)
{
	ir_val v = f->in->arg[k];

	if (ir_is_const(v)) {
		const struct ir_const *c = &f->u->konst[v.id & ~IR_CONST];
		return (struct ir_bits){ c->bits[0], c->bits[1] };
	}
	return f->cell[v.id];
}

static inline uint64_t word(const struct frame *f, unsigned k)
{
	ir_val v = f->in->arg[k];

	return ir_is_const(v) ? f->u->konst[v.id & ~IR_CONST].bits[0] : f->cell[v.id].lo;
}

/* Bits of operand k; of the result. */
static inline unsigned arg_bits(const struct frame *f, unsigned k)
{
	ir_val v = f->in->arg[k];

	return ir_type_info[ir_is_const(v) ? f->u->konst[v.id & ~IR_CONST].type : f->u->inst[v.id].type].bits;
}

static inline unsigned result_bits(const struct frame *f)
{
	return ir_type_info[f->in->type].bits;
}

/* The guest instruction being executed: its marker is the last one passed. */
static uint64_t current_pc(const struct frame *f)
{
	for (const struct ir_inst *in = f->in; in >= f->u->inst; in--)
		if (in->op == IR_OP_insn)
			return f->u->pc + (uint64_t)(int64_t)in->imm;
	return f->u->pc;
}

/* Instructions from the current one on: tick has charged them all. */
static uint32_t charged_from_here(const struct frame *f)
{
	return f->u->n_insns - (f->begun ? f->begun - 1 : 0);
}

/* A unit that must not be entered now. */
static int refuse(struct frame *f, enum env_reason reason)
{
	f->env->exit.reason = reason;
	f->env->exit.pc = current_pc(f);
	return BACKEND_RUN_EVENT;
}

static void set_left(const struct frame *f)
{
	f->env->exit.left = f->mode->count ? charged_from_here(f) : 0;
}

/* An event inside the unit; reason and details have been filled. */
static int leave(struct frame *f)
{
	set_left(f);
	return BACKEND_RUN_EVENT;
}

static void *slot_at(const struct frame *f, unsigned slot)
{
	return (uint8_t *)f->state + f->u->slots->slot[slot].offset;
}

static struct ir_bits run_get(const struct frame *f)
{
	struct ir_bits v = { 0, 0 };
	const void *p = slot_at(f, f->in->slot);

	switch (result_bits(f)) {
	case 1:
	case 8: v.lo = *(const uint8_t *)p; break;
	case 16: v.lo = *(const uint16_t *)p; break;
	case 32: v.lo = *(const uint32_t *)p; break;
	case 64: v.lo = *(const uint64_t *)p; break;
	default: memcpy(&v, p, 16); break;
	}
	return v;
}

static void run_put(const struct frame *f, unsigned slot, struct ir_bits v)
{
	void *p = slot_at(f, slot);

	switch (ir_type_info[f->u->slots->slot[slot].type].bits) {
	case 1:
	case 8: *(uint8_t *)p = (uint8_t)v.lo; break;
	case 16: *(uint16_t *)p = (uint16_t)v.lo; break;
	case 32: *(uint32_t *)p = (uint32_t)v.lo; break;
	case 64: *(uint64_t *)p = v.lo; break;
	default: memcpy(p, &v, 16); break;
	}
}

/* addr: which operand is the address. */
static struct access begin(const struct frame *f, unsigned addr, unsigned prot, bool aligned)
{
	uint64_t a = sem_mask(word(f, addr) + (uint64_t)(int64_t)f->in->imm, arg_bits(f, addr));

	return access_begin(f->env, f->mode, a, f->in->aux, prot, aligned);
}

/* addr: as of begin. */
static struct ir_bits run_load(const struct frame *f, unsigned addr)
{
	struct access x = begin(f, addr, DGM_R, false);
	struct ir_bits v = { 0, 0 };

	if (!x.host)
		set_left(f);
	if ((x.mem & IR_MEM_SIZE) != IR_MEM_128)
		v.lo = x.host ? access_load(&x) :
				f->env->services->load(f->state, x.addr, x.mem, current_pc(f));
	else if (x.host)
		v = access_load128(&x);
	else
		f->env->services->load128(f->state, x.addr, x.mem, &v, current_pc(f));
	v.lo = sem_mask(v.lo, result_bits(f));
	return v;
}

/* addr: as of begin; what is stored follows it. */
static void run_store(const struct frame *f, unsigned addr)
{
	struct access x = begin(f, addr, DGM_W, false);
	struct ir_bits v = value(f, addr + 1);

	if (!x.host)
		set_left(f);
	if ((x.mem & IR_MEM_SIZE) != IR_MEM_128) {
		if (x.host)
			access_store(&x, v.lo);
		else
			f->env->services->store(f->state, x.addr, x.mem, v.lo, current_pc(f));
	} else if (x.host) {
		access_store128(&x, v);
	} else {
		f->env->services->store128(f->state, x.addr, x.mem, &v, current_pc(f));
	}
}

/* The old value; addr: which operand is the address, expected and desired follow it. */
static uint64_t run_cas(const struct frame *f, unsigned addr)
{
	struct access x = begin(f, addr, DGM_R | DGM_W, true);
	uint64_t expected = word(f, addr + 1), desired = word(f, addr + 2);

	if (x.host)
		return access_cas(&x, expected, desired);
	set_left(f);
	uint64_t mem = x.mem | (f->in->op == IR_OP_stcond ? ENV_MEM_COND : 0);
	return f->env->services->cas(f->state, x.addr, mem, expected, desired, current_pc(f));
}

static uint64_t run_stcond(const struct frame *f)
{
	uint64_t expected = sem_mask(word(f, 2), 8 * ir_mem_bytes(f->in->aux));

	return word(f, 0) && run_cas(f, 1) == expected && f->env->exit.reason == ENV_NONE;
}

static struct ir_bits run_call(const struct frame *f, unsigned first)
{
	uint64_t a[IR_MAX_HELPER_ARGS] = { 0 };
	unsigned words = 0, vectors = 0, arity = ir_arity(f->in), bits = result_bits(f);

	for (unsigned k = first; k < arity; k++) {
		struct ir_bits v = value(f, k);

		if (arg_bits(f, k) > 64)
			memcpy(f->env->vec[vectors++], &v, sizeof v);
		else
			a[words++] = v.lo;
	}
	if (f->in->helper->effects & (IR_HELPER_LEAVES | IR_HELPER_MEMORY))
		set_left(f);
	uint64_t r = f->in->helper->fn(f->state, a[0], a[1], a[2]);
	if (bits > 64)
		return (struct ir_bits){ f->env->vec[0][0], f->env->vec[0][1] };
	return (struct ir_bits){ sem_mask(r, bits), 0 };
}

/* An operation with a vector as operand or result, lane by lane. */
static struct ir_bits run_lanes(const struct frame *f)
{
	struct ir_bits x[3] = { { 0, 0 } };
	unsigned n = ir_shape_operands[ir_op_info[f->in->op].shape];

	for (unsigned k = 0; k < n; k++)
		x[k] = value(f, k);
	return ir_eval_form(ir_form_of(f->u, f->in), x);
}

static bool run_tick(struct frame *f)
{
	if (f->env->fuel < f->in->imm)
		return false;
	f->env->fuel -= f->in->imm;
	return true;
}

static void run_tally(const struct frame *f)
{
	_Atomic uint64_t *at = (_Atomic uint64_t *)(uintptr_t)word(f, 0);

	if (f->in->aux)
		atomic_fetch_add_explicit(at, 1, memory_order_relaxed);
	else
		atomic_store_explicit(at, atomic_load_explicit(at, memory_order_relaxed) + 1, memory_order_relaxed);
}

static int run_trap(struct frame *f, unsigned pc)
{
	struct env_exit *e = &f->env->exit;

	e->reason = ENV_TRAP;
	e->trap = f->in->aux;
	e->code = f->in->imm;
	e->pc = word(f, pc);
	e->next = word(f, pc + 1);
	return leave(f);
}

static int run_exit(const struct frame *f, unsigned target)
{
	run_put(f, f->u->slots->pc, (struct ir_bits){ word(f, target), 0 });
	if (f->in->op == IR_OP_exit && f->in->aux == IR_EXIT_MODE)
		f->env->mode = (uint32_t)f->in->imm;
	return f->in->op == IR_OP_exit_ind ? BACKEND_RUN_INDIRECT : f->in->slot;
}

/* How operands reach the value expression, and what becomes of it, by shape. */
#define SET(v) out->lo = sem_mask((v), result_bits(f))
#define ONE(value_)                                                      \
	{                                                                \
		uint64_t a = word(f, 0);                                 \
		unsigned w = arg_bits(f, 0), r = result_bits(f);         \
		(void)w, (void)r;                                        \
		SET(value_);                                             \
		break;                                                   \
	}
#define TWO(value_)                                                      \
	{                                                                \
		uint64_t a = word(f, 0), b = word(f, 1);                 \
		unsigned w = arg_bits(f, 0);                             \
		(void)w;                                                 \
		SET(value_);                                             \
		break;                                                   \
	}
#define THREE(value_)                                                    \
	{                                                                \
		uint64_t a = word(f, 0), b = word(f, 1), c = word(f, 2); \
		unsigned w = arg_bits(f, 0);                             \
		(void)w;                                                 \
		SET(value_);                                             \
		break;                                                   \
	}
/* The same where operands and result may be vectors. */
#define LANES(scalar, value_)                                            \
	if (result_bits(f) > 64)                                         \
		goto lanes;                                              \
	scalar(value_)
#define RUN_UN(op, v) LANES(ONE, v)
#define RUN_UN8(op, v) LANES(ONE, v)
#define RUN_WIDEN(op, v) ONE(v)
#define RUN_NARROW(op, v) ONE(v)
#define RUN_FUN(op, v) LANES(ONE, v)
#define RUN_F2F(op, v) ONE(v)
#define RUN_FTEST(op, v) ONE(v)
#define RUN_F2I(op, v) LANES(ONE, v)
#define RUN_I2F(op, v) LANES(ONE, v)
#define RUN_BIN(op, v) LANES(TWO, v)
#define RUN_BIN8(op, v) LANES(TWO, v)
#define RUN_DIV(op, v) TWO(v)
#define RUN_SHIFT(op, v) LANES(TWO, v)
#define RUN_CMP(op, v) TWO(v)
#define RUN_FBIN(op, v) LANES(TWO, v)
#define RUN_FCMP(op, v) TWO(v)
#define RUN_ADC(op, v) THREE(v)
#define RUN_TRI(op, v) LANES(THREE, v)
#define RUN_FTRI(op, v) LANES(THREE, v)
#define RUN_VBIN(op, v) goto lanes;
#define RUN_VFCMP(op, v) goto lanes;
#define RUN_VMAKE(op, v) goto lanes;
#define RUN_VEXTRACT(op, v) goto lanes;
#define RUN_VINSERT(op, v) goto lanes;
#define RUN_VSHUFFLE(op, v) goto lanes;
#define RUN_VLOOKUP(op, v) goto lanes;
#define RUN_VWIDEN(op, v) goto lanes;
#define RUN_VNARROW(op, v) goto lanes;
#define RUN_VMUL(op, v) goto lanes;
#define RUN_VCLMUL(op, v) goto lanes;
#define RUN_VANY(op, v) goto lanes;
#define RUN_VMASK(op, v) goto lanes;
#define RUN_VFWIDEN(op, v) goto lanes;
#define RUN_VFNARROW(op, v) goto lanes;
#define RUN_CAST(op, value_)                                             \
	{                                                                \
		struct ir_bits x = value(f, 0);                             \
		uint64_t a = x.lo;                                       \
		out->lo = (value_);                                      \
		a = x.hi;                                                \
		out->hi = (value_);                                      \
		break;                                                   \
	}
#define RUN_SEL(op, value_)                                              \
	{                                                                \
		struct ir_bits x = value(f, 1), y = value(f, 2);            \
		uint64_t a = word(f, 0), b = x.lo, c = y.lo;             \
		out->lo = (value_);                                      \
		b = x.hi, c = y.hi;                                      \
		out->hi = (value_);                                      \
		break;                                                   \
	}
#define RUN_GET(op, v) *out = run_get(f); break;
#define RUN_PUT(op, v) run_put(f, f->in->slot, value(f, 0)); break;
#define RUN_LOAD(op, v) *out = run_load(f, 0); goto accessed;
#define RUN_STORE(op, v) run_store(f, 0); goto accessed;
#define RUN_LOADIF(op, v)                                                                    \
	{                                                                                    \
		*out = value(f, 1);                                                          \
		if (!word(f, 0))                                                             \
			break;                                                               \
		*out = run_load(f, 2);                                                       \
		goto accessed;                                                               \
	}
#define RUN_STOREIF(op, v)                                                                   \
	{                                                                                    \
		if (!word(f, 0))                                                             \
			break;                                                               \
		run_store(f, 1);                                                             \
		goto accessed;                                                               \
	}
#define RUN_CAS(op, v) SET(run_cas(f, 0)); goto accessed;
#define RUN_STCOND(op, v) out->lo = run_stcond(f); goto accessed;
#define RUN_RMW(name, value_)                                                                \
	{                                                                                    \
		struct access x = begin(f, 0, DGM_R | DGM_W, true);                          \
		uint64_t a, b = word(f, 1), old = x.host ? access_load(&x) : 0;              \
		if (!x.host) {                                                               \
			set_left(f);                                                         \
			old = f->env->services->rmw(state, x.addr, x.mem, IR_OP_##name, b,   \
						    current_pc(f));                          \
			SET(old);                                                            \
			goto accessed;                                                       \
		}                                                                            \
		do {                                                                         \
			a = old;                                                             \
			old = access_cas(&x, a, (value_));                                   \
		} while (old != a);                                                          \
		SET(a);                                                                      \
		break;                                                                       \
	}
#define RUN_NONE(op, v) RUN_##op
#define RUN_fence atomic_thread_fence(memory_order_seq_cst); break;
#define RUN_order atomic_thread_fence(memory_order_acq_rel); break;
#define RUN_poll                                                                             \
	if (atomic_load_explicit(&f->env->pending, memory_order_relaxed))                    \
		return refuse(f, ENV_POLL);                                                   \
	break;
#define RUN_note f->env->block = f->u->pc; break;
#define RUN_tick                                                                             \
	if (!run_tick(f))                                                                    \
		return refuse(f, ENV_BUDGET);                                                 \
	break;
#define RUN_CALL(op, v)                                                                      \
	*out = run_call(f, 0);                                                               \
	if (f->in->helper->effects & (IR_HELPER_LEAVES | IR_HELPER_MEMORY))                  \
		goto accessed;                                                               \
	break;
#define RUN_GUARD(op, v) *out = word(f, 0) ? run_call(f, 2) : value(f, 1); break;
#define RUN_INSN(op, v) note_pc(f); break;
#define RUN_TALLY(op, v) run_tally(f); break;
#define RUN_FLAGS(op, v) *out = (struct ir_bits){ f->env->fp_flags | hostfp_flags(), 0 }; break;
#define RUN_EXIT(op, v) return run_exit(f, 0);
#define RUN_EXITIF(op, v) if (word(f, 0)) return run_exit(f, 1); break;
#define RUN_TRAP(op, v) return run_trap(f, 0);
#define RUN_TRAPIF(op, v) if (word(f, 0)) return run_trap(f, 1); break;

/* A host signal in the middle of an access may end the run: its handler finds the instruction here. */
static inline void note_pc(struct frame *f)
{
	f->env->exit.pc = f->u->pc + (uint64_t)(int64_t)f->in->imm;
	f->begun++;
	atomic_signal_fence(memory_order_seq_cst);
}

static int execute(struct frame *f, void *state, unsigned first)
{
	struct ir_bits *out = &f->cell[first];

	for (f->in = &f->u->inst[first];; f->in++, out++) {
		switch ((enum ir_op)f->in->op) {
#define OP(name, shape, flags, value) \
		case IR_OP_##name: RUN_##shape(name, value)
#include "ir/ops.def"
		case IR_OP_COUNT: break;
		}
		continue;
lanes:
		*out = run_lanes(f);
		continue;
accessed:
		if (f->env->exit.reason != ENV_NONE)
			return leave(f);
	}
}

static int run(void *self, const struct ir_unit *u, const struct backend_mode *mode, void *state, unsigned first)
{
	struct ir_bits local[STACK_CELLS];
	struct frame f = { .u = u, .mode = mode, .in = u->inst, .cell = local, .state = state, .env = env_of(state) };

	f.env->exit.reason = ENV_NONE;
	if (u->n > STACK_CELLS)
		f.cell = base_alloc(self, u->n * sizeof *f.cell);
	if (!f.cell)
		return refuse(&f, ENV_NOMEM);
	int left = execute(&f, state, first);
	if (f.cell != local)
		base_free(self, f.cell);
	return left;
}

/* Runs may be nested on one instance (a device callback runs the vCPU), so it holds no state. */
static enum dgm_status create(const struct base_alloc *alloc, void **self)
{
	*self = (void *)alloc;
	return DGM_OK;
}

static void destroy(void *self)
{
	(void)self;
}

const struct backend backend_interp = { .name = "interp", .create = create, .destroy = destroy, .run = run };
