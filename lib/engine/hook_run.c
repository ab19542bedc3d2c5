/*
 * Hooks where code runs: what a lift puts in, and calls of the callbacks. Callbacks of code hooks are called by
 * translated code, which does the work of fire() by itself where it can.
 */
#include <string.h>

#include "engine/engine.h"
#include "iface/hostfp.h"
#include "ir/build.h"

/* One event at one instruction. Code knows its address, which is that of the event; that is constant but for EDGE. */
struct hook_site {
	dgm_event event;
	uint64_t pc;			/* with bits of the mode */
	struct vm_hook **hook;
	unsigned n;
	uint8_t level;			/* when it has been reported */
	_Atomic bool ready;		/* no longer written: see look_at */
	struct env_hook all;		/* calls them one by one */
};

/* ---- calls ---- */

static dgm_act removed(void *ud, dgm_cpu *cpu, const dgm_event *event)
{
	return DGM_CONT;
}

env_fn *const hook_none = (env_fn *)removed;

/*
 * Code that knows a site is entered by what the release store of a link or of an entry of a table has shown, which is
 * enough on the host. ThreadSanitizer does not see generated code: C tells it of the order once more.
 */
static inline void look_at(const struct hook_site *s)
{
	(void)atomic_load_explicit(&s->ready, memory_order_acquire);
}

#if defined(__SANITIZE_THREAD__)
enum { BY_C = true };		/* code calls callbacks by way of C that looks */
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
enum { BY_C = true };
#else
enum { BY_C = false };
#endif
#else
enum { BY_C = false };
#endif

static inline void begin_call(struct dgm_cpu *cpu, uint64_t pc, uint32_t *lent)
{
	*lent = hostfp_lend(cpu_env_of(cpu));
	cpu_set_pc(cpu, pc);
	cpu_env_of(cpu)->in_event = 1;
}

/*
 * True when the vCPU is as it was. Else registers, hooks or code have changed, and code must not go on. In the middle of
 * an instruction that is alone in its unit it does not matter what the code behind it is.
 */
static bool is_calm(struct dgm_cpu *cpu, bool in_middle)
{
	const struct env_changed *c = &cpu_env_of(cpu)->changed;

	cpu_env_of(cpu)->in_event = 0;
	if (atomic_load_explicit(&cpu->aside, memory_order_relaxed))
		cpu_back(cpu);
	return !atomic_load_explicit(&c->touched, memory_order_relaxed) &&
	       ((in_middle && cpu->alone) || !atomic_load_explicit(&c->code, memory_order_relaxed)) && !mmu_changed(cpu);
}

static inline enum dgm_act call_one(struct dgm_cpu *cpu, const struct vm_hook *k, const dgm_event *event)
{
	_Atomic uint64_t *n = (_Atomic uint64_t *)k->counter;

	dgm_hook_fn *fn = (dgm_hook_fn *)atomic_load_explicit(&k->call.fn, memory_order_acquire);

	if (fn)		/* that of a removed one answers DGM_CONT */
		return fn(k->call.ud, cpu, event);
	if (k->flags & DGM_HOOK_ATOMIC)
		atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
	else
		atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed) + 1, memory_order_relaxed);
	return DGM_CONT;
}

/* The unit is left in front of the instruction at pc; exit.left stands there already. */
static void leave_for(struct dgm_cpu *cpu, enum dgm_act act, uint64_t pc, enum hook_level level)
{
	struct cpu_env *env = cpu_env_of(cpu);

	if (atomic_load_explicit(&env->changed.touched, memory_order_relaxed))
		hostfp_forget_lent(env);
	env->exit.reason = ENV_HOOK;
	env->exit.code = act;
	env->exit.trap = level;
	env->exit.pc = pc;
}

void hook_leave(void *state, uint64_t event, uint64_t act)
{
	const struct hook_site *s = (const struct hook_site *)(uintptr_t)event;

	look_at(s);
	(void)is_calm(cpu_of(state), false);
	leave_for(cpu_of(state), (enum dgm_act)act, s->pc, (enum hook_level)s->level);
}

/* What code does by itself where it can: see IR_HELPER_HOOK. */
static uint64_t fire(void *state, uint64_t site, uint64_t hook, uint64_t c)
{
	const struct hook_site *s = (const struct hook_site *)(uintptr_t)site;
	const struct env_hook *h = (const struct env_hook *)(uintptr_t)hook;
	struct dgm_cpu *cpu = cpu_of(state);
	dgm_hook_fn *fn = (dgm_hook_fn *)atomic_load_explicit(&h->fn, memory_order_acquire);
	uint32_t lent;

	look_at(s);
	begin_call(cpu, s->pc, &lent);
	enum dgm_act act = fn(h->ud, cpu, &s->event);
	if (!is_calm(cpu, false) || act != DGM_CONT)
		leave_for(cpu, act, s->pc, (enum hook_level)s->level);
	hostfp_regain(env_of(state), lent);
	return 0;
}

/* The hook of a site with several: dgm_hook_fn. */
static dgm_act call_all(void *ud, dgm_cpu *cpu, const dgm_event *event)
{
	const struct hook_site *s = ud;
	enum dgm_act act = DGM_CONT;

	look_at(s);
	for (unsigned i = 0; i < s->n && act == DGM_CONT; i++)
		act = call_one(cpu, s->hook[i], event);
	return act;
}

/* The same for EDGE. */
static dgm_act call_edge(void *ud, dgm_cpu *cpu, const dgm_event *at)
{
	const struct hook_site *s = ud;
	struct cpu_env *env = cpu_env_of(cpu);
	uint64_t before = env->block;

	look_at(s);
	dgm_event event = *at;

	event.prev_pc = vm_address(cpu->vm, before);
	enum dgm_act act = call_all(ud, cpu, &event);
	env->block = act == DGM_BREAK || act == DGM_RAISE ? before : s->pc;
	return act;
}

static const struct ir_helper hook_fire = {
	"hook_fire", fire, IR_HELPER_READS | IR_HELPER_LEAVES | IR_HELPER_HOOK
};

/* ---- into blocks ---- */

static uint32_t opcode(const struct frontend *fe, uint64_t pc, const uint8_t *b, unsigned len)
{
	if (len < 4)
		return b[0] | (uint32_t)b[1] << 8;
	if (fe->big_endian)
		return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	if (pc & fe->pc_mode)		/* two halfwords */
		return (uint32_t)b[1] << 24 | (uint32_t)b[0] << 16 | (uint32_t)b[3] << 8 | b[2];
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static bool only_counters(const struct hook_site *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (!s->hook[i]->counter)
			return false;
	return true;
}

/* Hooks of the event, of those that s->event.opcode is one for. NULL: none, or out of memory. */
static struct hook_site *make_site(struct hook_lift *l, struct ir_builder *b, const struct hook_site *as)
{
	const struct vm_hooks *h = &l->vm->hooks;
	uint64_t at = as->event.pc;
	unsigned n = hooks_find(h, as->event.kind, at, at, NULL, 0), kept = 0;

	if (!n)
		return NULL;
	struct hook_site *s = base_arena_copy(l->sites, as, sizeof *as);
	struct vm_hook **hook = base_arena_alloc(l->sites, n * sizeof *hook);
	if (!s || !hook) {
		b->failed = DGM_E_NOMEM;
		return NULL;
	}
	hooks_find(h, as->event.kind, at, at, hook, n);
	for (unsigned i = 0; i < n; i++)
		if ((as->event.opcode & hook[i]->insn_mask) == hook[i]->insn_bits)
			hook[kept++] = hook[i];
	s->hook = hook;
	s->n = kept;
	s->all.fn = (env_fn *)(as->event.kind == DGM_HOOK_EDGE ? call_edge : call_all);
	s->all.ud = s;
	return kept ? s : NULL;
}

/* Whom code calls: the hook itself, if it is the only one. */
static const struct env_hook *called(const struct hook_site *s)
{
	return s->n == 1 && s->event.kind != DGM_HOOK_EDGE && !BY_C ? &s->hook[0]->call : &s->all;
}

/* The site, if callbacks want one; counters alone are counted here. */
static struct hook_site *put_event(struct hook_lift *l, struct ir_builder *b, const struct hook_site *as)
{
	struct hook_site *s = make_site(l, b, as);

	if (s && only_counters(s)) {
		for (unsigned i = 0; i < s->n; i++)
			ir_tally(b, (uintptr_t)s->hook[i]->counter, s->hook[i]->flags & DGM_HOOK_ATOMIC);
		return NULL;
	}
	if (s)
		ir_call(b, &hook_fire, IR_VOID, ir_const(b, IR_I64, (uintptr_t)&s->event),
			ir_const(b, IR_I64, (uintptr_t)called(s)), IR_NONE);
	if (s && as->event.kind == DGM_HOOK_INSN)	/* else hook_lift_end has more to say */
		atomic_store_explicit(&s->ready, true, memory_order_release);
	return s;
}

static void on_insn(struct ir_builder *b, void *ud, const struct ir_inst *marker)
{
	struct hook_lift *l = ud;
	bool first = !b->u->n_insns;
	enum hook_level done = first ? l->level : HOOK_BLOCK;
	uint64_t pc = b->u->pc + (uint64_t)(int64_t)marker->imm;
	struct hook_site as = {
		.event = { .size = sizeof(dgm_event), .pc = vm_address(l->vm, pc), .len = marker->aux }, .pc = pc,
	};

	if (done < HOOK_EDGE) {
		as.event.kind = DGM_HOOK_EDGE;
		as.level = HOOK_EDGE;
		l->head[0] = put_event(l, b, &as);
	}
	if (done < HOOK_BLOCK) {
		as.event.kind = DGM_HOOK_BLOCK;
		as.level = HOOK_BLOCK;
		l->head[1] = put_event(l, b, &as);
	}
	if (done < HOOK_INSN) {
		as.event.kind = DGM_HOOK_INSN;
		as.event.opcode = opcode(l->vm->fe, pc, l->bytes, marker->aux);
		as.level = HOOK_INSN;
		put_event(l, b, &as);
	}
}

/* A callback of EDGE notes the block itself, when it knows the one before. */
static bool edge_calls(const struct vm_hooks *h, uint64_t pc)
{
	struct vm_hook *k[16];
	unsigned n = hooks_find(h, DGM_HOOK_EDGE, pc, pc, k, 16);

	for (unsigned i = 0; i < n; i++)
		if (i >= 16 || !k[i]->counter)
			return true;
	return false;
}

void hook_lift_begin(struct hook_lift *l, struct ir_builder *b)
{
	const struct vm_hooks *h = &l->vm->hooks;

	if (!atomic_load_explicit(&h->n_code, memory_order_relaxed))
		return;
	l->sees_all = true;
	b->on_insn = on_insn;
	b->on_insn_ud = l;
	if (l->level < HOOK_EDGE && h->set[DGM_HOOK_EDGE].n_all + h->set[DGM_HOOK_EDGE].n_part &&
	    !edge_calls(h, vm_address(l->vm, b->u->pc)))
		ir_note(b, 0);
}

void hook_lift_end(struct hook_lift *l, uint64_t bytes, unsigned insns)
{
	for (unsigned i = 0; i < 2; i++)
		if (l->head[i]) {
			l->head[i]->event.len = bytes;
			l->head[i]->event.insns = insns;
			atomic_store_explicit(&l->head[i]->ready, true, memory_order_release);
		}
}

/* ---- accesses ---- */

/* Bytes in guest memory order as a number of the guest's. */
static void set_value(const struct dgm_vm *vm, dgm_event *e, const uint8_t *buf)
{
	for (uint64_t i = 0; i < e->len; i++) {
		uint64_t at = vm->fe->big_endian ? e->len - 1 - i : i;

		if (at < 8)
			e->value |= (uint64_t)buf[i] << 8 * at;
		else
			e->value_hi |= (uint64_t)buf[i] << 8 * (at - 8);
	}
}

static bool is_hooked(const struct hook_table *t, uint64_t addr, uint64_t last, unsigned kind)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->hook[i]->kind == kind && t->hook[i]->lo <= last && t->hook[i]->last >= addr &&
		    !hook_is_gone(t->hook[i]))
			return true;
	return false;
}

uint32_t hook_direct(const struct dgm_vm *vm, uint64_t addr, uint32_t prot)
{
	const struct hook_table *t = atomic_load_explicit(&vm->hooks.data, memory_order_acquire);
	uint64_t lo = page_of(addr), last = lo + PAGE_BYTES - 1;

	if (!t || !atomic_load_explicit(&vm->hooks.n_data, memory_order_relaxed))
		return prot;
	if (is_hooked(t, lo, last, DGM_HOOK_READ))
		prot &= ~(uint32_t)DGM_R;
	if (is_hooked(t, lo, last, DGM_HOOK_WRITE))
		prot &= ~(uint32_t)DGM_W;
	return prot;
}

/* Whether what the unit executes makes one access. */
static bool one_access(const struct ir_unit *u)
{
	unsigned n = 0;

	for (unsigned i = 0; i < u->n; i++) {
		const struct ir_inst *in = &u->inst[i];

		if (in->helper && in->helper->effects & IR_HELPER_MEMORY)
			return false;
		n += ir_op_info[in->op].flags & (IR_LOADS | IR_STORES) && in->op != IR_OP_fence && in->op != IR_OP_order;
	}
	return n == 1;
}

/*
 * True when the access was reported the first time its instruction was begun. The only one of an instruction is
 * another one when a callback has moved it.
 */
static bool is_again(struct dgm_cpu *cpu, const struct cpu_access *a)
{
	struct cpu_access *until = &cpu->inside.again;

	if (!until->len)
		return false;
	bool moved = until->addr != a->addr && cpu->inside.few && one_access(cpu->inside.few);
	if (!moved && (until->addr != a->addr || until->len != a->len || until->write != a->write))
		return true;
	until->len = 0;
	return !moved && !until->anew;
}

bool hook_wants(struct dgm_cpu *cpu, uint64_t addr, uint32_t len, bool write)
{
	const struct hook_table *t = atomic_load_explicit(&cpu->vm->hooks.data, memory_order_acquire);

	cpu->inside.access.len = 0;
	return t && is_hooked(t, addr, addr + (len - 1), write ? DGM_HOOK_WRITE : DGM_HOOK_READ);
}

bool hook_access(void *state, uint64_t addr, uint32_t len, const uint8_t *buf, bool write, uint64_t pc)
{
	struct dgm_cpu *cpu = cpu_of(state);
	const struct hook_table *t = atomic_load_explicit(&cpu->vm->hooks.data, memory_order_acquire);
	dgm_event e = { .size = sizeof e, .kind = write ? DGM_HOOK_WRITE : DGM_HOOK_READ,
			.pc = vm_address(cpu->vm, pc), .addr = addr, .len = len };
	uint64_t last = addr + (len - 1);
	enum dgm_act act = DGM_CONT;

	cpu->inside.access = (struct cpu_access){ addr, len, write, false };
	if (is_again(cpu, &cpu->inside.access))
		return true;
	if (len <= HOOK_VALUE)
		set_value(cpu->vm, &e, buf);
	uint32_t lent;
	begin_call(cpu, pc, &lent);
	for (unsigned i = 0; i < t->n && act == DGM_CONT; i++)
		if (t->hook[i]->kind == e.kind && t->hook[i]->lo <= last && t->hook[i]->last >= addr)
			act = call_one(cpu, t->hook[i], &e);
	bool go_on = is_calm(cpu, true) && act == DGM_CONT;
	if (!go_on) {
		cpu->inside.again = (struct cpu_access){ addr, len, write, act == DGM_BREAK || act == DGM_RAISE };
		leave_for(cpu, act, pc, HOOK_ACCESS);
	}
	hostfp_regain(cpu_env_of(cpu), lent);
	return go_on;
}

/* ---- translations ---- */

/*
 * Calls the hooks of a kind that overlap [lo, last]. The vCPU counts as in code, so that none of them is freed.
 * False: one wants the run to end.
 */
static bool report(struct dgm_cpu *cpu, uint64_t lo, uint64_t last, const dgm_event *event)
{
	struct dgm_vm *vm = cpu->vm;
	enum dgm_act act = DGM_CONT;
	uint64_t order = 0;

	while (act == DGM_CONT) {
		pthread_mutex_lock(&vm->lock);
		const struct vm_hook *k = hooks_next(&vm->hooks, event->kind, lo, last, order);
		pthread_mutex_unlock(&vm->lock);
		if (!k)
			break;
		order = k->order;
		act = call_one(cpu, k, event);
		if (atomic_load_explicit(&cpu->aside, memory_order_relaxed))
			cpu_back(cpu);
	}
	return act != DGM_STOP && act != DGM_BREAK && act != DGM_RAISE;
}

bool hook_report_made(struct dgm_cpu *cpu, uint64_t pc, uint64_t bytes, uint32_t insns)
{
	uint64_t at = vm_address(cpu->vm, pc);
	dgm_event e = { .size = sizeof e, .kind = DGM_HOOK_TRANSLATED, .pc = at, .len = bytes, .insns = insns };

	return report(cpu, at, at, &e);
}

bool hook_report_dropped(struct dgm_cpu *cpu)
{
	struct dgm_vm *vm = cpu->vm;
	struct vm_hooks *h = &vm->hooks;
	struct hook_range range[HOOK_RANGES];
	bool go_on = true;

	pthread_mutex_lock(&vm->lock);
	uint32_t n = atomic_exchange(&h->n_range, 0);
	memcpy(range, h->dropped, n * sizeof *range);
	pthread_mutex_unlock(&vm->lock);
	for (uint32_t i = 0; i < n; i++) {
		dgm_event e = { .size = sizeof e, .kind = DGM_HOOK_INVALIDATED, .pc = dgm_pc(cpu),
				.addr = range[i].lo, .len = range[i].last - range[i].lo + 1 };

		e.len = e.len ? e.len : UINT64_MAX;
		go_on &= report(cpu, range[i].lo, range[i].last, &e);
	}
	return go_on;
}
