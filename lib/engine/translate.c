/*
 * Guest bytes to units: fetch, lift, verify, optimise, compile, enter into the cache. The only
 * place where these steps meet and where dumps of them are made.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "engine/engine.h"
#include "engine/ladder.h"
#include "engine/names.h"
#include "engine/region.h"
#include "engine/shape.h"
#include "ir/build.h"
#include "opt/opt.h"

_Static_assert(_Alignof(struct backend_mode) == 1, "modes are compared as bytes, padding would count");

enum { WINDOW = 4 * BLOCK_INSNS };

struct translator {
	struct dgm_vm *vm;		/* may be gone while the translator waits for another job */
	uint64_t vm_serial;
	struct dgm_engine *engine;
	const struct frontend *fe;
	void *decoder;
	struct base_arena arena;
	const struct backend *compiler;
	void *self;
	bool entry_leaves;		/* of what is compiled next; asked for under the lock, as is */
	struct backend_mode how;	/* the VM's mode */
	struct unit_at at;		/* where what is lifted lies */
	bool more;			/* its first instruction does not end in the page it begins in */
};

enum dgm_status translator_new(struct dgm_vm *vm, const struct backend *compiler, struct translator **out)
{
	struct translator *t = base_alloc_zero(&vm->engine->alloc, sizeof *t);
	enum dgm_status st;

	if (!t)
		return engine_fail(DGM_E_NOMEM, "out of memory for a translator");
	t->vm = vm;
	t->vm_serial = vm->serial;
	t->engine = vm->engine;
	t->fe = vm->fe;
	t->compiler = compiler;
	base_arena_init(&t->arena, &vm->engine->alloc);
	st = vm->fe->open(&vm->engine->alloc, vm->model[0] ? vm->model : NULL, &t->decoder);
	if (!st && compiler)
		st = compiler->create(&vm->engine->alloc, &t->self);
	if (st) {
		translator_free(t);
		return engine_fail(st, "cannot open the decoder or the %s back end",
				   compiler ? compiler->name : "interpreter");
	}
	*out = t;
	return DGM_OK;
}

void translator_free(struct translator *t)
{
	if (!t)
		return;
	if (t->self)
		t->compiler->destroy(t->self);
	if (t->decoder)
		t->fe->close(t->decoder);
	base_arena_finish(&t->arena);
	base_free(&t->engine->alloc, t);
}

bool translator_serves(const struct translator *t, const struct dgm_vm *vm)
{
	return t->vm_serial == vm->serial;
}

static void dump_unit(struct dgm_vm *vm, const struct ir_unit *u, uint32_t what, const char *title)
{
	const dgm_engine_cfg *cfg = &vm->engine->cfg;
	char *text = NULL;
	size_t n = 0;

	if (!(cfg->dump & what) || !cfg->log)
		return;
	if ((cfg->dump_lo || cfg->dump_hi) && (u->pc + u->bytes <= cfg->dump_lo || u->pc >= cfg->dump_hi))
		return;
	FILE *f = open_memstream(&text, &n);
	if (!f)
		return;
	fprintf(f, "%s 0x%" PRIx64 ": %u instructions\n", title, u->pc, u->n_insns);
	ir_print(u, f);
	if (!fclose(f))
		engine_log_lines(vm->engine, "dump", text);
	free(text);
}

/* Checks what a pass or lifter made, when asked to; a broken unit is an internal error. */
static enum dgm_status verify(struct dgm_vm *vm, const struct ir_unit *u, const char *after)
{
	struct ir_error err;

	if (!(vm->engine->cfg.flags & DGM_VERIFY_IR) || ir_verify(u, &err))
		return DGM_OK;
	engine_log(vm->engine, DGM_LOG_ERROR, "verify", "0x%" PRIx64 " after %s: %%%u: %s", u->pc, after, err.inst,
		   err.msg);
	return engine_fail(DGM_E_JIT, "IR of 0x%" PRIx64 " is broken after %s: %%%u: %s", u->pc, after, err.inst,
			   err.msg);
}

/* Bytes of code at addr, up to n. With virtual memory they end with the page, or with the second one of `at`. */
static unsigned fetch(const struct translator *t, uint64_t addr, uint8_t *buf, unsigned n)
{
	const struct unit_at *at = &t->at;
	unsigned done = 0;

	if (!t->vm->mmu)
		return vm_fetch(t->vm, addr, buf, n);
	for (uint64_t off = addr - at->va; done < n && off >> PAGE_SHIFT < at->n_pa; off = addr + done - at->va) {
		uint64_t in_page = off & (PAGE_BYTES - 1);
		unsigned part = (unsigned)(PAGE_BYTES - in_page) < n - done ? (unsigned)(PAGE_BYTES - in_page) : n - done;
		unsigned got = vm_fetch(t->vm, at->pa[off >> PAGE_SHIFT] + in_page, buf + done, part);

		done += got;
		if (got < part)
			break;
	}
	return done;
}

/* A trap for an instruction of which only the first `have` bytes can be fetched. */
static void lift_unfetchable(struct ir_builder *b, uint64_t pc, enum ir_type addr, unsigned width, unsigned have)
{
	ir_val at = ir_const(b, addr, pc);

	b->on_insn = NULL;
	ir_insn(b, pc, width);
	ir_trap(b, IR_TRAP_FETCH, (int32_t)have, at, at);
	b->u->bytes = have + width;	/* so that the unit goes when something is mapped there */
}

/*
 * Instructions the engine will take for sure into the block when one begins at pc. Where a stop is near, just
 * that one: the answer need not be exact, only never too large.
 */
static unsigned room_at(const struct dgm_vm *vm, uint64_t pc, unsigned left)
{
	enum { NEAR = 64 };
	unsigned in_page = (unsigned)(PAGE_BYTES - (vm_address(vm, pc) & (PAGE_BYTES - 1))) / vm->fe->max_insn;

	if (vm->mmu && in_page < left)
		left = in_page ? in_page : 1;

	return vm->stops.n && vm_stop_near(vm, pc, NEAR) ? 1 : left;
}

/* Goes on at next; last is the pc of the block's last instruction. */
static void end_block(struct ir_builder *b, enum ir_type addr, uint64_t last, uint64_t next, bool mode_changed)
{
	if (mode_changed)
		ir_trap(b, IR_TRAP_RESYNC, IR_RESYNC_INSIDE, ir_const(b, addr, last), ir_const(b, addr, next));
	else
		ir_exit(b, IR_EXIT_JUMP, ir_const(b, addr, next), 0);
}

/* True when the instruction at pc, of which avail bytes are there, goes on in the next virtual page. */
static bool ends_page(const struct translator *t, uint64_t pc, unsigned avail)
{
	return t->at.n_pa == 1 && avail && !((vm_address(t->vm, pc) + avail) & (PAGE_BYTES - 1));
}

/* What one lift is to make, besides pc and mode. */
struct lift {
	unsigned max_insns, room;	/* room: of what is left of the whole block, which a budget may cut short */
	bool imprecise, hot;
	enum hook_level done;		/* of the first instruction's events */
	struct base_arena *sites;	/* where hooks' sites go */
	bool cut;			/* out: max_insns ended it */
};

/* Appends instructions until the block ends by itself, before a stop, or by its length: only then true. */
static bool lift_insns(struct translator *t, struct ir_builder *b, uint32_t mode, const struct lift *l,
		       struct hook_lift *hooks)
{
	const struct frontend *fe = t->vm->fe;
	enum ir_type addr = fe->addr_bits == 32 ? IR_I32 : IR_I64;
	uint8_t bytes[WINDOW + 16];
	struct ir_unit *u = b->u;
	unsigned avail = 0, at = 0;
	uint64_t last = u->pc;
	uint32_t now = mode;

	if (vm_address(t->vm, u->pc) & ((1u << fe->insn_shift) - 1)) {
		lift_unfetchable(b, u->pc, addr, 1u << fe->insn_shift, 0);
		return false;
	}
	for (;;) {
		struct lift_request rq = { .pc = u->pc + u->bytes, .mode = now, .hot = l->hot };
		uint64_t pc = rq.pc;

		if (avail - at < fe->max_insn) {
			avail = fetch(t, vm_address(t->vm, pc), bytes, sizeof bytes);
			at = 0;
		}
		rq.bytes = hooks->bytes = bytes + at;
		rq.avail = avail - at;
		rq.whole = room_at(t->vm, pc, l->room - u->n_insns);
		rq.room = hooks->sees_all ? 1 : room_at(t->vm, pc, l->max_insns - u->n_insns);
		enum lift_result r = rq.avail ? fe->lift(t->decoder, b, &rq) : LIFT_SHORT;
		if (r == LIFT_SHORT && !u->n_insns) {
			t->more = ends_page(t, rq.pc, rq.avail);
			lift_unfetchable(b, rq.pc, addr, 1u << fe->insn_shift, rq.avail);
			return false;
		}
		if (r != LIFT_SHORT) {
			u->n_insns++;
			u->bytes += rq.len;
			at += rq.len;
			now = rq.mode;
		}
		if (r == LIFT_END || b->failed)
			return false;
		if (r == LIFT_NEXT)
			last = pc;
		uint64_t next = u->pc + u->bytes;
		if (r == LIFT_SHORT || u->n_insns >= l->max_insns || vm_is_stop(t->vm, next)) {
			if (fe->addr_bits == 32)
				next = (uint32_t)next;
			end_block(b, addr, last, next, now != mode);
			return r != LIFT_SHORT && !vm_is_stop(t->vm, next);
		}
	}
}

/* Instructions and bytes a whole block at pc has. */
static bool measure(struct translator *t, uint64_t pc, uint32_t mode, unsigned room, uint64_t *bytes, unsigned *insns)
{
	struct ir_unit *u = ir_unit_new(&t->arena, t->vm->fe->slots, pc);
	const struct lift whole = { .max_insns = room, .room = room };
	struct hook_lift none = { .vm = t->vm, .sees_all = true };
	struct ir_builder b;

	if (!u)
		return false;
	ir_builder_init(&b, &t->arena, u);
	lift_insns(t, &b, mode, &whole, &none);
	*bytes = u->bytes;
	*insns = u->n_insns;
	return !b.failed;
}

/* The block as it is lifted, with its hooks. */
static struct ir_unit *lift_unit(struct translator *t, uint64_t pc, uint32_t mode, struct lift *l)
{
	struct dgm_vm *vm = t->vm;
	struct ir_unit *u = ir_unit_new(&t->arena, vm->fe->slots, pc);
	struct hook_lift hooks = { .vm = vm, .sites = l->sites, .level = l->done };
	struct ir_builder b;

	t->more = false;
	if (t->at.n_pa > 1)
		l->max_insns = l->room = 1;
	if (!u) {
		engine_fail(DGM_E_NOMEM, "out of memory for translation");
		return NULL;
	}
	ir_builder_init(&b, &t->arena, u);
	ir_poll(&b, 0);
	if (vm->mode.count)
		ir_tick(&b, 0);		/* behind poll, which leaves before anything is charged */
	hook_lift_begin(&hooks, &b);
	l->cut = lift_insns(t, &b, mode, l, &hooks);
	uint64_t bytes = u->bytes;
	unsigned insns = u->n_insns;
	bool whole = !l->cut || insns == l->room || !(hooks.head[0] || hooks.head[1]);
	if (!b.failed && !whole && !measure(t, pc, mode, l->room, &bytes, &insns))
		b.failed = DGM_E_NOMEM;
	if (b.failed) {
		engine_fail(b.failed, "lifting 0x%" PRIx64, pc);
		return NULL;
	}
	hook_lift_end(&hooks, bytes, insns);
	if (vm->mode.count)
		u->inst[1].imm = (int32_t)u->n_insns;
	return u;
}

/* Lifts and optimises one block. NULL after noting why. */
static struct ir_unit *lift_block(struct translator *t, uint64_t pc, uint32_t mode, struct lift *l)
{
	struct dgm_vm *vm = t->vm;
	uint64_t t0 = engine_now_ns();
	struct ir_unit *u = lift_unit(t, pc, mode, l);

	if (!u)
		return NULL;
	dump_unit(vm, u, DGM_DUMP_LIFT, "lifted");
	uint64_t t1 = engine_now_ns();
	bool plain = !vm->n_foreign && !atomic_load_explicit(&vm->hooks.n_data, memory_order_relaxed);
	unsigned passes = OPT_ALL | (l->imprecise ? OPT_IMPRECISE : 0) | (plain ? OPT_MEMORY : 0);
	if (verify(vm, u, "lift") || opt_run(u, &t->arena, passes))
		return NULL;
	dump_unit(vm, u, DGM_DUMP_OPT, "optimised");
	if (verify(vm, u, "opt"))
		return NULL;
	atomic_fetch_add_explicit(&vm->count.ns_lift, t1 - t0, memory_order_relaxed);
	atomic_fetch_add_explicit(&vm->count.ns_opt, engine_now_ns() - t1, memory_order_relaxed);
	return u;
}

struct ir_unit *translator_lift_few(struct translator *t, uint64_t pc, uint32_t mode, const struct unit_at *at,
				    unsigned max_insns, unsigned room, enum hook_level first, bool *cut)
{
	struct lift l = { .max_insns = max_insns < room ? max_insns : room, .room = room, .done = first,
			  .sites = &t->arena };

	t->at = *at;
	base_arena_reset(&t->arena);
	struct ir_unit *u = lift_block(t, pc, mode, &l);
	*cut = l.cut;
	return u;
}

bool translator_wants_more(const struct translator *t)
{
	return t->more;
}

/* ---- compiled code into the cache ---- */

/* Where the bytes of a block are in physical memory: one range, or two. */
static unsigned ranges_of(const struct dgm_vm *vm, const struct unit_at *at, const struct ir_unit *u,
			  struct cache_range out[2])
{
	uint64_t pc = vm_address(vm, u->pc);
	uint32_t first = PAGE_BYTES - (uint32_t)(pc & (PAGE_BYTES - 1));

	out[0] = (struct cache_range){ pc, u->bytes, false };
	if (!at->n_pa)
		return 1;
	out[0].pc = at->pa[0] + (pc & (PAGE_BYTES - 1));
	if (u->bytes <= first)
		return 1;
	out[0].bytes = first;
	out[1] = (struct cache_range){ at->pa[1], u->bytes - first, false };
	return at->n_pa;
}

struct unit_at unit_at_of(const struct dgm_vm *vm, const struct cache_unit *unit)
{
	struct unit_at at = { .key = unit->key };
	uint64_t low = PAGE_BYTES - 1;

	if (!vm->mmu)
		return at;
	at.va = vm_address(vm, unit->pc) & ~low;
	at.n_pa = unit->n_range;
	for (unsigned i = 0; i < at.n_pa; i++)
		at.pa[i] = unit->range[i].pc & ~low;
	return at;
}

uint64_t region_key(const struct dgm_vm *vm, const struct unit_at *at, uint64_t pc, uint32_t mode)
{
	uint64_t low = PAGE_BYTES - 1;

	if (!vm->mmu)
		return unit_key(pc, mode);
	return (vm_address(vm, pc) & ~low) == at->va ? (at->key & ~low) | (pc & low) : 0;
}

static void relocate(const void *ud, uint8_t *rw, uint64_t rx, uint64_t data, const uint64_t *stub)
{
	const struct code_object *o = ud;

	for (unsigned i = 0; i < o->n_reloc; i++) {
		const struct code_reloc *r = &o->reloc[i];
		uint64_t place = rx + r->offset + 4, abs = 0;
		int32_t rel = 0;

		switch ((enum code_reloc_kind)r->kind) {
		case CODE_RELOC_EXIT:
			rel = (int32_t)(stub[r->index] + (uint64_t)(int64_t)r->addend - place);
			break;
		case CODE_RELOC_DATA:
			rel = (int32_t)(data + (uint64_t)(int64_t)r->addend - place);
			break;
		case CODE_RELOC_HELPER:
			abs = (uint64_t)(uintptr_t)o->helper[r->index]->fn + (uint64_t)(int64_t)r->addend;
			break;
		case CODE_RELOC_HOST:
			abs = (uint64_t)(uintptr_t)o->host[r->index] + (uint64_t)(int64_t)r->addend;
			break;
		case CODE_RELOC_INIT:
			memcpy((void *)(uintptr_t)(data + r->offset), &r->addend, sizeof r->addend);
			continue;
		case CODE_RELOC_SELF:
			abs = rx + (uint64_t)(int64_t)r->addend;
			break;
		}
		if (r->kind == CODE_RELOC_EXIT || r->kind == CODE_RELOC_DATA)
			memcpy(rw + r->offset, &rel, sizeof rel);
		else
			memcpy(rw + r->offset, &abs, sizeof abs);
	}
}

static int32_t jump_offset(unsigned at)
{
	return ENV_OFFSET(jump) + (int32_t)(at * sizeof(struct env_jump));
}

/*
 * With virtual memory an exit to another page leads where the vCPU's own translation says: it looks into the
 * jump table. NULL: no such exits, or out of memory, when they go by the run loop.
 */
static const struct cache_jump *jumps_of(struct translator *t, const struct code_object *o, uint32_t mode)
{
	const struct dgm_vm *vm = t->vm;
	struct cache_jump *jump = vm->mmu ? base_arena_alloc(&t->arena, (o->n_exit + 1) * sizeof *jump) : NULL;
	bool narrow = vm->fe->addr_bits == 32;

	for (unsigned i = 0; jump && i < o->n_exit; i++) {
		uint64_t pc = o->exit[i].target;
		unsigned at = env_jump_index(pc, vm->fe->insn_shift, narrow ? 0 : env_jump_mix(mode));

		jump[i] = (struct cache_jump){ 0 };
		if (t->at.n_pa > 1 || !region_key(vm, &t->at, pc, mode))
			jump[i] = (struct cache_jump){ narrow ? unit_key(pc, mode) : pc, jump_offset(at),
						       jump_offset(env_jump_other(at)) };
	}
	return jump;
}

/* All of its steps; regions with ladders are made of code that lies where it is executed. */
static struct cache_range ladder_range(const struct dgm_vm *vm, const struct opt_ladder *l)
{
	return (struct cache_range){ vm_address(vm, l->last) - l->highest * l->bytes, (l->highest + 1) * l->bytes, true };
}

/* A compiled region, or a unit alone (r NULL), ready for the cache. */
static enum dgm_status describe(struct translator *t, const struct code_object *o, uint32_t mode, const struct region *r,
				const struct ir_unit *const *block, unsigned n_block, struct cache_code *out)
{
	uint64_t *target = base_arena_alloc(&t->arena, (o->n_exit + 1) * sizeof *target);
	struct cache_side *side = base_arena_alloc(&t->arena, (o->n_side + 1) * sizeof *side);
	unsigned n_ladder = r ? r->n_ladder : 0;
	struct cache_range *range = base_arena_alloc(&t->arena, (n_block + n_ladder + 1) * sizeof *range);
	struct cache_site *site = base_arena_alloc(&t->arena, (o->n_reloc + 1) * sizeof *site);
	unsigned n_site = 0, n_range = 0;

	if (!target || !side || !range || !site)
		return engine_fail(DGM_E_NOMEM, "out of memory for translation");
	for (unsigned i = 0; i < o->n_exit; i++)
		target[i] = o->exit[i].target;
	for (unsigned i = 0; i < o->n_side; i++)
		side[i] = (struct cache_side){ o->side[i].offset, o->side[i].left, o->side[i].pc };
	for (unsigned i = 0; i < o->n_reloc; i++)
		if (o->reloc[i].kind == CODE_RELOC_EXIT && !o->reloc[i].addend)
			site[n_site++] = (struct cache_site){ o->reloc[i].offset, o->reloc[i].index };
	for (unsigned i = 0; i < n_block; i++)
		n_range += ranges_of(t->vm, &t->at, block[i], range + n_range);
	for (unsigned i = 0; i < n_ladder; i++)
		range[n_range++] = ladder_range(t->vm, &r->ladder[i]);
	*out = (struct cache_code){
		.code = o->code, .size = o->size, .entry = o->entry, .data_size = o->data_size,
		.n_exit = o->n_exit, .exit_target = target, .jump = jumps_of(t, o, mode), .side = side, .n_side = o->n_side,
		.site = site, .n_site = n_site,
		.relocate = relocate, .ud = o, .key = t->at.key, .pc = block[0]->pc, .range = range, .n_range = n_range,
	};
	return DGM_OK;
}

static void log_text(void *ud, const char *text)
{
	engine_log_lines(ud, "dump", text);
}

static uint32_t dumps_of(const struct dgm_vm *vm, uint64_t pc)
{
	const dgm_engine_cfg *cfg = &vm->engine->cfg;

	if ((cfg->dump_lo || cfg->dump_hi) && (pc < cfg->dump_lo || pc >= cfg->dump_hi))
		return 0;
	return cfg->log ? cfg->dump & (DGM_DUMP_LLVM | DGM_DUMP_ASM) : 0;
}

static void count_unit(struct dgm_vm *vm, enum cache_tier tier, const struct ir_unit *const *block, unsigned n,
		       uint64_t host_bytes, uint64_t ns)
{
	struct vm_counters *c = &vm->count;

	atomic_fetch_add_explicit(&c->units[tier], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->host_bytes[tier], host_bytes, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->ns[tier], ns, memory_order_relaxed);
	for (unsigned i = 0; i < n; i++) {
		atomic_fetch_add_explicit(&c->guest_bytes[tier], block[i]->bytes, memory_order_relaxed);
		atomic_fetch_add_explicit(&c->guest_insns[tier], block[i]->n_insns, memory_order_relaxed);
	}
}

/* Compiles blocks, of a region or not; takes no lock and touches no cache. */
static enum dgm_status compile(struct translator *t, const struct ir_unit *const *block, unsigned n,
			       const struct region *r, uint32_t mode, uint32_t hot_after, struct code_object *o)
{
	struct dgm_vm *vm = t->vm;
	struct backend_request rq = {
		.block = block, .n_block = n, .mode = t->how, .hot_after = hot_after,
		.jump_key = vm->fe->addr_bits == 32 ? unit_key(0, mode) : 0,
		.jump_mix = vm->fe->addr_bits == 32 ? 0 : env_jump_mix(mode),
		.entry_leaves = t->entry_leaves,
		.opt_level = vm->engine->cfg.opt_level ? vm->engine->cfg.opt_level : 2,
		.verify = vm->engine->cfg.flags & DGM_VERIFY_IR,
		.dump = dumps_of(vm, block[0]->pc), .log = log_text, .log_ud = vm->engine,
	};

	if (r) {
		rq.guess = r->guess;
		rq.n_guess = r->n_guess;
		rq.entry = r->entry;
		rq.n_entry = r->n_entry;
	}
	*o = (struct code_object){ 0 };
	enum dgm_status st = t->compiler->compile(t->self, &rq, &t->arena, o);
	if (st) {
		atomic_fetch_add_explicit(&vm->count.compile_fails, 1, memory_order_relaxed);
		engine_log(vm->engine, DGM_LOG_WARN, "compile", "%s: 0x%" PRIx64 ": %s", t->compiler->name,
			   block[0]->pc, dgm_strerror(st));
	}
	return st;
}

uint32_t unit_executions(const struct cache_unit *u)
{
	return u->data_size >= sizeof(struct unit_counter) ? unit_counted((const void *)u->data) : u->count;
}

uint64_t vm_baseline_insns(const struct dgm_vm *vm)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < vm->cache.n_bucket; i++)
		for (const struct cache_unit *u = vm->cache.bucket[i]; u; u = u->next)
			if (u->data_size)
				n += (uint64_t)unit_executions(u) * u->n_insns;
	return n;
}

/* What was counted so far still tells. */
static void keep_counts(struct cache_unit *unit, const struct cache_unit *old)
{
	unit->count = old->count;
	unit->data = old->data;
	unit->data_size = old->data_size;
}

/*
 * Enters code. DGM_E_BUSY: the budget was used up, and all translations are gone now. The lock was given up for it, so
 * neither the translator nor what it was made from is what it was: the caller begins anew.
 */
static enum dgm_status enter_code(struct translator *t, enum cache_tier tier, const struct code_object *o,
				  uint32_t mode, const struct region *r, const struct ir_unit *const *block, unsigned n,
				  struct dgm_cpu *self, struct cache_unit **out)
{
	struct cache_code code;
	enum dgm_status st = describe(t, o, mode, r, block, n, &code);

	if (st)
		return st;
	const struct cache_unit *old = cache_find(&t->vm->cache, code.key);
	st = cache_add_code(&t->vm->cache, tier, &code, out);
	if (st == DGM_E_SIZE && !cache_is_empty(&t->vm->cache) && vm_flush(t->vm, self))
		return engine_fail(DGM_E_BUSY, "the code budget was used up");
	if (!st) {
		(*out)->n_insns = block[0]->n_insns;
		(*out)->stale = tier == CACHE_LLVM && !t->how.precise;
		if (old && tier == CACHE_LLVM)
			keep_counts(*out, old);
		names_add(t->vm, *out);
	}
	return st;
}

/* ---- the interpreter's units ---- */

/* A unit's arrays in the cache's own arena, where they live until the flush. */
static struct ir_unit *keep_ir(struct dgm_vm *vm, const struct ir_unit *u)
{
	struct ir_unit *k = base_arena_copy(&vm->cache.arena, u, sizeof *u);

	if (!k)
		return NULL;
	k->inst = base_arena_copy(&vm->cache.arena, u->inst, u->n * sizeof *u->inst);
	k->konst = base_arena_copy(&vm->cache.arena, u->konst, u->n_konst * sizeof *u->konst);
	return k->inst && k->konst ? k : NULL;
}

static struct cache_unit *translate_to_ir(struct translator *t, const struct ir_unit *u)
{
	struct dgm_vm *vm = t->vm;
	struct ir_unit *k = keep_ir(vm, u);
	struct cache_range range[2];
	struct cache_unit *unit;

	if (!k || cache_add_ir(&vm->cache, t->at.key, u->pc, k, range, ranges_of(vm, &t->at, u, range), &unit)) {
		engine_fail(DGM_E_NOMEM, "out of memory for a unit");
		return NULL;
	}
	unit->n_insns = u->n_insns;
	unit->more = t->more;
	/* What is dropped stays until the flush, for which nothing else would ask where there is no code. */
	if (base_arena_bytes(&vm->cache.arena) > vm->engine->cfg.code_budget && !vm->cache.has_code)
		vm->flush_wanted = true;
	count_unit(vm, CACHE_INTERP, &u, 1, 0, 0);
	return unit;
}

static struct cache_unit *translate_to_code(struct translator *t, const struct ir_unit *u, uint32_t mode,
					    struct dgm_cpu *self)
{
	struct dgm_vm *vm = t->vm;
	const dgm_engine_cfg *cfg = &vm->engine->cfg;
	struct code_object o;
	struct cache_unit *unit = NULL;
	uint64_t t0 = engine_now_ns();
	uint32_t hot = cfg->flags & DGM_NO_LLVM ? 0 : tier_threshold(vm->engine);

	t->entry_leaves = vm_is_stop(vm, u->pc);
	t->how = vm->mode;
	if (compile(t, &u, 1, NULL, mode, hot, &o) || enter_code(t, CACHE_BASELINE, &o, mode, NULL, &u, 1, self, &unit))
		return NULL;
	count_unit(vm, CACHE_BASELINE, &u, 1, o.size, engine_now_ns() - t0);
	return unit;
}

static struct cache_unit *translate_once(struct dgm_vm *vm, uint64_t pc, uint32_t mode, const struct unit_at *at,
					 struct dgm_cpu *self)
{
	struct translator *t = vm->translator;
	struct cache_unit *unit = cache_find(&vm->cache, at->key);
	uint64_t generation = vm->generation;

	if (unit)
		return unit;
	if (vm->mmu) {
		mmu_mark_code(vm, at, self);
		unit = cache_find(&vm->cache, at->key);	/* the lock was given up */
		if (unit)
			return unit;
		generation = vm->generation;
	}
	t->at = *at;
	base_arena_reset(&t->arena);
	struct lift l = { .max_insns = BLOCK_INSNS, .room = BLOCK_INSNS, .sites = &vm->cache.arena };
	struct ir_unit *u = lift_block(t, pc, mode, &l);
	if (!u)
		return NULL;
	if (t->compiler && vm->cache.has_code && !t->more)
		unit = translate_to_code(t, u, mode, self);
	if (vm->generation != generation)
		return NULL;
	return unit ? unit : translate_to_ir(t, u);
}

struct cache_unit *vm_translate(struct dgm_vm *vm, uint64_t pc, uint32_t mode, const struct unit_at *at,
				struct dgm_cpu *self)
{
	struct cache_unit *unit;
	uint64_t generation;

	if (!at->key)
		return NULL;
	do {
		generation = vm->generation;
		unit = translate_once(vm, pc, mode, at, self);
	} while (!unit && vm->generation != generation);
	return unit;
}

/* ---- regions ---- */

enum { FEW_BLOCKS = 4, FEW_INSNS = 40 };

static uint64_t hash_range(struct dgm_vm *vm, uint64_t h, const struct cache_range *range)
{
	uint8_t buf[WINDOW + 64];

	for (uint64_t at = 0, n; at < range->bytes; at += n) {
		uint64_t left = range->bytes - at, want = left < sizeof buf ? left : sizeof buf;

		n = vm_peek(vm, range->pc + at, buf, want);
		h = base_hash(h, buf, n);
		if (n < want)
			break;
	}
	return h;
}

/* Of what the region was made from: code, its hooks, where units must end, and whether loads may be left out. */
static uint64_t hash_code(struct dgm_vm *vm, const struct region *r)
{
	uint64_t h = BASE_HASH_START + !vm->n_foreign + 2 * (uint64_t)vm->stops.n;

	for (unsigned i = 0; i < r->n_ladder; i++) {
		struct cache_range all = ladder_range(vm, &r->ladder[i]);

		h = hash_range(vm, h, &all) ^ hooks_hash(&vm->hooks, all.pc, all.pc + all.bytes);
	}
	for (unsigned i = 0; i < r->n; i++) {
		struct cache_range range[2];

		for (unsigned part = 0, parts = ranges_of(vm, &r->at, r->block[i], range); part < parts; part++)
			h = hash_range(vm, h, &range[part]);
		h ^= hooks_hash(&vm->hooks, vm_address(vm, r->block[i]->pc),
				vm_address(vm, r->block[i]->pc) + r->block[i]->bytes);
	}
	return h;
}

static struct ir_unit *lift_hot(struct translator *t, const struct region *r, uint64_t pc, unsigned max_insns)
{
	struct lift l = { .max_insns = max_insns, .room = BLOCK_INSNS, .imprecise = !t->vm->mode.precise, .hot = true,
			  .sites = &t->vm->cache.arena };

	return lift_block(t, pc, r->mode, &l);
}

struct ladder_lift {
	struct translator *t;
	const struct region *r;
};

static struct ir_unit *lift_step(void *ud, uint64_t pc, unsigned max_insns)
{
	const struct ladder_lift *l = ud;

	return vm_is_stop(l->t->vm, pc) ? NULL : lift_hot(l->t, l->r, pc, max_insns);
}

/* The block made to skip a ladder that its last jump leads into, if it does. */
static struct ir_unit *skip_ladder(struct translator *t, const struct region *r, const struct ir_unit *u,
				   struct opt_ladder *ladder)
{
	unsigned passes = OPT_ALL | (t->vm->mode.precise ? 0 : OPT_IMPRECISE);
	struct ladder_lift lift = { t, r };
	const struct ladder_source from = { lift_step, &lift };
	const struct ir_inst *end = &u->inst[u->n - 1];
	uint64_t target[CODE_PROFILE_N];
	struct ir_unit *skips;

	if (t->vm->mode.count || t->vm->mmu || atomic_load_explicit(&t->vm->hooks.n_code, memory_order_relaxed) ||
	    r->n_ladder == REGION_LADDERS || end->op != IR_OP_exit_ind || end->aux != IR_EXIT_JUMP ||
	    !region_targets(t->vm, r, u->pc, target) || !ladder_find(&from, target[0], ladder))
		return NULL;
	skips = opt_skip_ladder(u, ladder, &t->arena);
	if (!skips || opt_run(skips, &t->arena, passes) || verify(t->vm, skips, "ladder"))
		return NULL;
	dump_unit(t->vm, skips, DGM_DUMP_OPT, "without its ladder");
	return skips;
}

static enum dgm_status add_block(struct translator *t, struct region *r, uint64_t pc)
{
	struct ir_unit *u = lift_hot(t, r, pc, BLOCK_INSNS), *skips;
	struct opt_ladder l;

	if (!u)
		return DGM_E_NOMEM;
	skips = skip_ladder(t, r, u, &l);
	if (skips)
		region_add_skipping(t->vm, r, skips, &l);
	else
		region_add(t->vm, r, u);
	return DGM_OK;
}

/* Blocks end earlier where that is better (shape.c). Where the mode of translation is another, nothing ends. */
static void part_blocks(struct translator *t, struct region *r)
{
	const struct shape s = { r->block, r->count, r->n };

	for (unsigned i = 0; i < r->n; i++) {
		unsigned max_insns = shape_apart(&s, i);
		struct ir_unit *u = max_insns ? lift_hot(t, r, r->block[i]->pc, max_insns) : NULL;

		if (u && u->inst[u->n - 1].op == IR_OP_exit)
			r->block[i] = u;
	}
}

/* Branches around a little computation that go either way become selections. */
static void join_ways(struct translator *t, struct region *r)
{
	unsigned passes = OPT_ALL | (t->vm->mode.precise ? 0 : OPT_IMPRECISE);
	const struct shape s = { r->block, r->count, r->n };

	for (unsigned i = 0; i < r->n; i++) {
		struct ir_unit *u = shape_joined(&s, i, &t->arena), *skips;

		if (!u || opt_run(u, &t->arena, passes) || verify(t->vm, u, "join"))
			continue;
		dump_unit(t->vm, u, DGM_DUMP_OPT, "joined");
		r->block[i] = u;
		skips = opt_skip_rounds(u, &t->arena);
		if (!skips || opt_run(skips, &t->arena, passes) || verify(t->vm, skips, "rounds"))
			continue;
		dump_unit(t->vm, skips, DGM_DUMP_OPT, "without rounds");
		r->block[i] = skips;
	}
}

/* Grows from pc over the hottest neighbour until it is big enough or nothing warm is left. Lock held. */
static enum dgm_status form_region(struct translator *t, struct region *r, uint64_t pc, uint32_t mode)
{
	struct dgm_vm *vm = t->vm;
	const struct cache_unit *entry = cache_find(&vm->cache, t->at.key);
	enum dgm_status st;

	/* Where every block is compiled at once, each would bring all its neighbours again. */
	bool each = vm->engine->cfg.flags & DGM_HOT_AT_ONCE;
	unsigned max_blocks = each ? FEW_BLOCKS : REGION_BLOCKS, max_insns = each ? FEW_INSNS : REGION_INSNS;

	region_init(r, &t->at, mode, entry ? unit_executions(entry) : 0);
	st = add_block(t, r, pc);
	while (!st && r->n < max_blocks && r->insns < max_insns && region_hottest(r, &pc))
		st = add_block(t, r, pc);
	if (!atomic_load_explicit(&vm->hooks.n_code, memory_order_relaxed))
		part_blocks(t, r);
	region_finish(vm, r);	/* ways that are joined now did not come from outside */
	if (!vm->mode.count)
		join_ways(t, r);
	r->hash = hash_code(vm, r);
	return st;
}

/* Makes the region the unit of another of its blocks, which stays what it is when there is no memory. */
static void enter_also(struct dgm_vm *vm, const struct region *r, struct cache_unit *region,
		       const struct ir_unit *block, uint32_t at)
{
	uint64_t key = region_key(vm, &r->at, block->pc, r->mode);
	const struct cache_unit *old = cache_find(&vm->cache, key);
	struct cache_range range[2];
	struct cache_unit *unit;

	if (!old || old->tier == CACHE_LLVM ||
	    cache_add_entry(&vm->cache, region, key, block->pc, at, range, ranges_of(vm, &r->at, block, range), &unit))
		return;
	unit->n_insns = block->n_insns;
	keep_counts(unit, old);
}

/* A block at pc, if there is one, is executed less from now on. */
static void cover(struct dgm_vm *vm, const struct region *r, uint64_t pc)
{
	struct cache_unit *unit = cache_find(&vm->cache, region_key(vm, &r->at, pc, r->mode));

	if (unit)
		tier_covered(vm->engine, unit);
}

enum dgm_status translator_compile_region(struct translator *t, uint64_t pc, uint32_t mode, const struct unit_at *at,
					  struct dgm_cpu *self)
{
	struct dgm_vm *vm = t->vm;
	uint64_t generation = vm->generation, serial = vm->code_serial, t0 = engine_cpu_ns();
	struct region *r;
	struct code_object o;
	struct cache_unit *unit;
	enum dgm_status st;

	t->at = *at;
	base_arena_reset(&t->arena);
	r = base_arena_alloc(&t->arena, sizeof *r);
	if (!r)
		return engine_fail(DGM_E_NOMEM, "out of memory for a region");
	st = form_region(t, r, pc, mode);
	if (st)
		return st;
	t->entry_leaves = vm_is_stop(vm, pc);
	t->how = vm->mode;
	pthread_mutex_unlock(&vm->lock);
	st = compile(t, r->block, r->n, r, mode, 0, &o);
	pthread_mutex_lock(&vm->lock);
	if (st)
		return st;
	if (vm->generation != generation || memcmp(&t->how, &vm->mode, sizeof t->how) ||
	    (vm->code_serial != serial && hash_code(vm, r) != r->hash))
		return engine_fail(DGM_E_BUSY, "the code at 0x%" PRIx64 " changed while it was compiled", pc);
	/* another worker's region begins here by now; its code may be that of other units, too, and must not lose its links */
	unit = cache_find(&vm->cache, at->key);
	if (unit && unit->tier == CACHE_LLVM)
		return DGM_OK;
	st = enter_code(t, CACHE_LLVM, &o, mode, r, r->block, r->n, self, &unit);
	if (st)
		return st;
	count_unit(vm, CACHE_LLVM, r->block, r->n, o.size, engine_cpu_ns() - t0);
	for (unsigned i = 0; i < r->n_entry; i++)
		enter_also(vm, r, unit, r->block[r->entry[i]], o.entry_at[i]);
	for (unsigned i = 1; i < r->n; i++)
		cover(vm, r, r->block[i]->pc);
	for (unsigned i = 0; i < r->n_ladder; i++) {
		const struct opt_ladder *l = &r->ladder[i];

		for (unsigned k = 0; k < (l->highest + 1) * l->bytes; k += 1u << vm->fe->insn_shift)
			cover(vm, r, l->last - l->highest * l->bytes + k);
	}
	return DGM_OK;
}

bool vm_update_mode(struct dgm_vm *vm)
{
	bool data = atomic_load(&vm->hooks.n_data);
	bool precise = data || vm->wants_precise, checked = data || vm->wants_checked;
	bool change = precise != vm->mode.precise || checked != vm->mode.checked;

	vm->mode.precise = precise;
	vm->mode.checked = checked;
	return change;
}

bool vm_flush(struct dgm_vm *vm, struct dgm_cpu *self)
{
	if (self && self->in_code) {
		vm->flush_wanted = true;
		return false;
	}
	vm_park(vm, self);
	names_forget(vm);
	cache_flush(&vm->cache);
	hooks_note_dropped(vm, 0, UINT64_MAX);
	hooks_reap(vm);
	mmu_forget_codes(vm);
	vm->generation++;
	vm->flush_wanted = false;
	vm_unpark(vm);
	return true;
}

uint32_t cpu_opcode(struct dgm_cpu *cpu, uint64_t pc)
{
	struct dgm_vm *vm = cpu->vm;
	uint64_t addr = vm_address(vm, pc);
	uint8_t b[4] = { 0 };

	bool virtual = cpu->mmu && ((addr & (PAGE_BYTES - 1)) > PAGE_BYTES - sizeof b || !mmu_fetched(cpu, addr, &addr));
	if (virtual ? mmu_copy(cpu, addr, b, sizeof b, false) != sizeof b : vm_peek(vm, addr, b, sizeof b) != sizeof b)
		return 0;
	return vm->fe->big_endian ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]
				  : (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}
