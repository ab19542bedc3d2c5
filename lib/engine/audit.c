/*
 * Auditing, see audit.h. An entry into translated code is executed three times: interpreted, to learn where it writes
 * and what was there; as it is, after taking that back; and, after taking that back as well, interpreted again for as
 * many instructions. Registers, the bytes written and the event at the end must be the same. What is left behind are the
 * results of the translated code. Devices end a piece in front of their instruction; time is told once for all three.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/alias.h"
#include "engine/audit.h"

enum { PIECE = 512, LEAST_PIECE = 16, MAX_CLOCKS = PIECE, CHUNK = 16, MAX_REGS = 256 };

/* Bytes the interpreter was about to write: what was there, and what the translated code left. */
struct written {
	uint64_t addr;
	uint8_t n, old[CHUNK], theirs[CHUNK];
};

/* Where an execution has arrived. */
struct outcome {
	struct env_exit exit;
	uint64_t pc;
	int64_t done;			/* instructions */
	bool event;
	uint8_t (*reg)[16];
};

struct audit {
	uint8_t *before, *after;	/* guest state: at the entry, and behind the translated code */
	uint32_t flags_before;
	uint64_t pc;
	int64_t fuel;
	struct written *log;
	unsigned n_log, cap_log;
	int64_t piece;			/* about twice what was executed at once last time */
	bool logging, device, no_memory;
	uint64_t clock[MAX_CLOCKS];
	unsigned n_clock, at_clock;
	struct outcome ours, theirs;	/* the interpreter's, the translated code's */
};

/* ---- what interpreted code does to memory and time ---- */

/* False: not now; the unit is left in front of the instruction. */
static bool may_access(void *state, uint64_t addr, uint64_t n, uint64_t pc, bool write)
{
	struct dgm_cpu *cpu = cpu_of(state);
	struct audit *a = cpu->audit;
	struct vm_backing backing;
	struct vm_piece piece;

	addr = vm_data_address(cpu->vm, addr);
	for (uint64_t at = addr; at - addr < n; at = (at | (PAGE_BYTES - 1)) + 1)
		a->device |= vm_find_piece(cpu->vm, vm_resolve(cpu->vm, at), &piece, &backing) && at - piece.pa < piece.len && backing.io;
	while (write && a->logging && n && !a->device && !a->no_memory) {
		struct written w = { .addr = addr, .n = (uint8_t)(n < CHUNK ? n : CHUNK) };

		if (vm_peek(cpu->vm, addr, w.old, w.n) != w.n)
			break;	/* a fault, which writes nothing */
		if (a->n_log == a->cap_log) {
			unsigned cap = a->cap_log ? 2 * a->cap_log : 64;
			void *log = base_realloc(&cpu->vm->engine->alloc, a->log, cap * sizeof *a->log);
			a->no_memory = !log;
			a->log = log ? log : a->log;
			a->cap_log = log ? cap : a->cap_log;
		}
		if (!a->no_memory)
			a->log[a->n_log++] = w;
		addr += w.n;
		n -= w.n;
	}
	if (a->device || a->no_memory)
		env_of(state)->exit = (struct env_exit){ .reason = ENV_STOP, .pc = pc };
	return !a->device && !a->no_memory;
}

static uint64_t audit_load(void *state, uint64_t addr, uint64_t mem, uint64_t pc)
{
	return may_access(state, addr, ir_mem_bytes((unsigned)mem), pc, false) ? engine_services.load(state, addr, mem, pc) : 0;
}

static uint64_t audit_store(void *state, uint64_t addr, uint64_t mem, uint64_t value, uint64_t pc)
{
	if (!may_access(state, addr, ir_mem_bytes((unsigned)mem), pc, true))
		return 0;
	return engine_services.store(state, addr, mem, value, pc);
}

static uint64_t audit_load128(void *state, uint64_t addr, uint64_t mem, void *out, uint64_t pc)
{
	return may_access(state, addr, 16, pc, false) ? engine_services.load128(state, addr, mem, out, pc) : 0;
}

static uint64_t audit_store128(void *state, uint64_t addr, uint64_t mem, const void *in, uint64_t pc)
{
	return may_access(state, addr, 16, pc, true) ? engine_services.store128(state, addr, mem, in, pc) : 0;
}

static uint64_t audit_cas(void *state, uint64_t addr, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc)
{
	if (!may_access(state, addr, ir_mem_bytes((unsigned)mem), pc, true))
		return 0;
	return engine_services.cas(state, addr, mem, expected, desired, pc);
}

static bool audit_cas16(void *state, uint64_t addr, void *expected, const void *desired, uint64_t pc)
{
	return may_access(state, addr, 16, pc, true) && engine_services.cas16(state, addr, expected, desired, pc);
}

static uint64_t audit_rmw(void *state, uint64_t addr, uint64_t mem, uint64_t op, uint64_t value, uint64_t pc)
{
	if (!may_access(state, addr, ir_mem_bytes((unsigned)mem), pc, true))
		return 0;
	return engine_services.rmw(state, addr, mem, op, value, pc);
}

static bool audit_read(void *state, uint64_t addr, void *buf, size_t n, uint64_t pc)
{
	return may_access(state, addr, n, pc, false) && engine_services.read(state, addr, buf, n, pc);
}

static bool audit_write(void *state, uint64_t addr, const void *buf, size_t n, uint64_t pc)
{
	return may_access(state, addr, n, pc, true) && engine_services.write(state, addr, buf, n, pc);
}

/* The k-th question of an execution has the answer of the k-th before. */
static uint64_t audit_clock(void *state)
{
	struct audit *a = cpu_of(state)->audit;

	if (a->at_clock == MAX_CLOCKS)
		return engine_services.clock(state);
	if (a->at_clock == a->n_clock)
		a->clock[a->n_clock++] = engine_services.clock(state);
	return a->clock[a->at_clock++];
}

static void audit_invalidate(void *state, uint64_t addr, uint64_t n)
{
}

static const struct env_services interpreted = {
	.load = audit_load, .store = audit_store, .load128 = audit_load128, .store128 = audit_store128, .cas = audit_cas,
	.cas16 = audit_cas16, .rmw = audit_rmw, .read = audit_read, .write = audit_write, .clock = audit_clock,
	.invalidate = audit_invalidate,
};

/* ---- going back ---- */

static void take_back(struct dgm_cpu *cpu)
{
	struct audit *a = cpu->audit;
	struct cpu_env *env = cpu_env_of(cpu);

	for (unsigned i = a->n_log; i--;)
		vm_copy(cpu->vm, a->log[i].addr, a->log[i].old, a->log[i].n, true);
	memcpy(cpu->state, a->before, cpu->vm->fe->slots->state_size);
	env->fp_flags = a->flags_before;
	env->mode = cpu->vm->fe->mode(cpu->state);
	env->fuel = a->fuel;
	env->link = NULL;
	a->at_clock = 0;
}

/* What the registers of the public interface are; those without a slot may take what the state holds apart. */
static void read_registers(struct dgm_cpu *cpu, const struct outcome *o)
{
	const struct frontend *fe = cpu->vm->fe;
	uint8_t (*reg)[16] = o->reg;

	cpu_set_pc(cpu, o->pc);		/* of which registers may be made up, too */
	for (unsigned i = 0; i < fe->n_reg && i < MAX_REGS; i++) {
		const struct frontend_reg *r = &fe->reg[i];

		memset(reg[i], 0, 16);
		if (!strcmp(r->name, "pc"))	/* compared as the end is */
			continue;
		if (r->slot < 0)
			fe->read_reg(cpu->state, r->id, reg[i]);
		else
			memcpy(reg[i], (uint8_t *)cpu->state + fe->slots->slot[r->slot].offset, (r->bits + 7u) / 8);
	}
}

/* Reads env exit behind an execution that began with `fuel`. */
static void conclude(struct dgm_cpu *cpu, int64_t fuel, struct outcome *out)
{
	struct cpu_env *env = cpu_env_of(cpu);

	out->exit = env->exit;
	out->done = fuel - env->fuel;
	out->event = false;
	out->pc = env->link ? env->link->pc : cpu_pc(cpu);
	switch ((enum env_reason)env->exit.reason) {
	case ENV_NONE:
		return;
	case ENV_POLL:
	case ENV_HOT:
	case ENV_BUDGET:
		out->pc = env->exit.pc;
		return;
	default:
		break;
	}
	bool resync = env->exit.reason == ENV_TRAP && env->exit.trap == IR_TRAP_RESYNC;
	out->done -= (int64_t)env->exit.left - resync;
	out->pc = resync ? env->exit.next : env->exit.pc;
	out->event = !resync;
}

/* Interprets `limit` instructions, or to the first event. */
static void interpret(struct dgm_cpu *cpu, int64_t limit, struct outcome *out)
{
	struct cpu_env *env = cpu_env_of(cpu);
	struct unit_at at;

	const uint8_t *prot = env->page_prot;
	uint64_t pages = env->page_count;

	env->services = &interpreted;
	env->page_prot = NULL;
	env->page_count = 0;
	*out = (struct outcome){ .reg = out->reg, .pc = cpu_pc(cpu) };
	for (int64_t done = 0; done < limit && !out->event; done += out->done) {
		int64_t fuel = limit - done;

		cpu_set_pc(cpu, out->pc);
		env->mode = cpu->vm->fe->mode(cpu->state);
		env->exit = (struct env_exit){ .reason = ENV_NONE };
		env->fuel = fuel;
		struct ir_unit *u = cpu_lift_few(cpu, fuel < BLOCK_INSNS ? (unsigned)fuel : BLOCK_INSNS, &at);
		if (u)
			cpu_run_ir(cpu, u);
		else if (env->exit.reason == ENV_NONE)
			cpu->audit->no_memory = true;
		if (env->exit.reason == ENV_POLL)
			atomic_store(&env->pending, 0);
		conclude(cpu, fuel, out);
		if (cpu->audit->no_memory)
			break;
		if (limit - done == out->done || out->event) {
			out->done += done;
			break;
		}
	}
	env->services = &engine_services;
	env->page_prot = prot;
	env->page_count = pages;
	read_registers(cpu, out);
}

/* The translated code; what it leaves stands in the state and, kept, in a->after. */
static void execute(struct dgm_cpu *cpu, const struct cache_unit *unit, int64_t limit)
{
	static const struct env_exit none = { .reason = ENV_NONE };
	struct env_services replaying = engine_services;
	struct cpu_env *env = cpu_env_of(cpu);
	struct audit *a = cpu->audit;

	replaying.clock = audit_clock;
	env->services = &replaying;
	env->exit = none;
	env->fuel = limit;
	if (unit->entry)
		cpu_run_code(cpu, unit);
	else
		cpu_run_ir(cpu, unit->ir);
	env->services = &engine_services;
	conclude(cpu, limit, &a->theirs);
	for (unsigned i = 0; i < a->n_log; i++)
		vm_peek(cpu->vm, a->log[i].addr, a->log[i].theirs, a->log[i].n);
}

/* ---- comparing ---- */

/* A fault that came as a host signal does not say what the interpreter knows of it: run.c finds out. */
static bool is_vague(const struct dgm_cpu *cpu, const struct outcome *o)
{
	return o->event && o->exit.reason == ENV_FAULT && (!o->exit.len || cpu->stale);
}

static bool ends_differ(const struct outcome *t, const struct outcome *o, char *buf, size_t n)
{
	const struct env_exit *x = &t->exit, *y = &o->exit;

	if (t->done != o->done || t->pc != o->pc) {
		snprintf(buf, n, "%" PRId64 " instructions to pc 0x%" PRIx64 ", not %" PRId64 " to 0x%" PRIx64, t->done, t->pc, o->done, o->pc);
		return true;
	}
	bool trap = t->event && x->reason == ENV_TRAP, fault = t->event && x->reason == ENV_FAULT;
	if (t->event != o->event || (t->event && x->reason != y->reason) ||
	    (trap && (x->trap != y->trap || x->code != y->code || x->next != y->next)) ||
	    (fault && (x->addr != y->addr || x->access != y->access))) {
		snprintf(buf, n, "event %u (trap %u, code %" PRId32 ", address 0x%" PRIx64 "), not %u (%u, %" PRId32 ", 0x%" PRIx64 ")",
		    x->reason, x->trap, x->code, x->addr, y->reason, y->trap, y->code, y->addr);
		return true;
	}
	return false;
}

static bool registers_differ(const struct dgm_cpu *cpu, char *buf, size_t n)
{
	const struct audit *a = cpu->audit;
	const struct frontend *fe = cpu->vm->fe;

	for (unsigned i = 0; i < fe->n_reg && i < MAX_REGS; i++) {
		uint64_t t[2], o[2];

		memcpy(t, a->theirs.reg[i], 16);
		memcpy(o, a->ours.reg[i], 16);
		if (t[0] == o[0] && t[1] == o[1])
			continue;
		snprintf(buf, n, "%s is 0x%" PRIx64 " %016" PRIx64 ", not 0x%" PRIx64 " %016" PRIx64, fe->reg[i].name, t[1], t[0], o[1], o[0]);
		return true;
	}
	return false;
}

static bool memory_differs(struct dgm_cpu *cpu, char *buf, size_t n)
{
	const struct audit *a = cpu->audit;

	for (unsigned i = 0; i < a->n_log; i++) {
		const struct written *w = &a->log[i];
		uint8_t now[CHUNK];

		vm_peek(cpu->vm, w->addr, now, w->n);
		for (unsigned k = 0; k < w->n; k++) {
			if (now[k] == w->theirs[k])
				continue;
			snprintf(buf, n, "byte 0x%" PRIx64 " of memory is %02x, not %02x", w->addr + k, w->theirs[k], now[k]);
			return true;
		}
	}
	return false;
}

/*
 * Executes the unit with fuel for `limit` instructions, then the interpreter as many. What is left are the results
 * of the translated code, also in env exit. True when they differ.
 */
static bool differs(struct dgm_cpu *cpu, const struct cache_unit *unit, int64_t limit, char *buf, size_t n)
{
	struct cpu_env *env = cpu_env_of(cpu);
	struct audit *a = cpu->audit;
	size_t size = cpu->vm->fe->slots->state_size;
	bool keeps_registers = unit->stale && !cpu->vm->mode.exact_align;

	execute(cpu, unit, limit);
	struct env_link *link = env->link;
	uint32_t flags = env->fp_flags;
	int64_t fuel = env->fuel;
	memcpy(a->after, cpu->state, size);
	read_registers(cpu, &a->theirs);
	take_back(cpu);
	bool vague = is_vague(cpu, &a->theirs);
	interpret(cpu, a->theirs.done + (a->theirs.event && !vague), &a->ours);
	if (vague)
		a->ours.event = true, a->ours.exit = a->theirs.exit;
	bool stale = cpu->stale || (keeps_registers && a->theirs.event && a->theirs.exit.reason == ENV_FAULT);
	bool bad = !a->no_memory && (ends_differ(&a->theirs, &a->ours, buf, n) || (!stale && registers_differ(cpu, buf, n)) ||
				     memory_differs(cpu, buf, n));
	memcpy(cpu->state, a->after, size);
	env->exit = a->theirs.exit;
	env->link = link;
	env->fp_flags = flags;
	env->fuel = fuel;
	return bad;
}

/* ---- the dossier ---- */

static const char *tier_name(const struct cache_unit *unit)
{
	static const char *const names[] = { "interpreted unit", "baseline tier", "LLVM tier" };

	return (unsigned)unit->tier < sizeof names / sizeof *names ? names[unit->tier] : "translated code";
}

static void print_instruction(struct dgm_cpu *cpu, void *decoder, FILE *out)
{
	const struct frontend *fe = cpu->vm->fe;
	struct lift_request rq = { .pc = cpu_pc(cpu), .mode = fe->mode(cpu->state) };
	uint64_t at = vm_address(cpu->vm, rq.pc);
	uint8_t bytes[16];
	char text[128];

	rq.avail = vm_fetch(cpu->vm, at, bytes, fe->max_insn);
	rq.bytes = bytes;
	if (!rq.avail)
		return;
	fe->disassemble(decoder, &rq, text, sizeof text);
	fprintf(out, "  0x%08" PRIx64 ":", at);
	for (unsigned i = 0; i < rq.avail && i < 4; i++)
		fprintf(out, " %02x", bytes[i]);
	fprintf(out, "  %s\n", text);
}

/* The IR of the block behind `from` instructions, as lifted, and the instructions up to the to-th, as the interpreter goes. */
static void print_path(struct dgm_cpu *cpu, int64_t from, int64_t to, FILE *out)
{
	const struct frontend *fe = cpu->vm->fe;
	struct outcome *o = &cpu->audit->ours;
	void *decoder = NULL;
	struct unit_at at;

	if (fe->open(&cpu->vm->engine->alloc, *cpu->vm->model ? cpu->vm->model : NULL, &decoder))
		return;
	interpret(cpu, from, o);
	cpu_set_pc(cpu, o->pc);
	cpu_env_of(cpu)->mode = fe->mode(cpu->state);
	for (int64_t k = from; k <= to && k < from + 64 && !o->event; k++) {
		print_instruction(cpu, decoder, out);
		interpret(cpu, 1, o);
		cpu_set_pc(cpu, o->pc);
	}
	take_back(cpu);
	interpret(cpu, from, o);
	cpu_set_pc(cpu, o->pc);
	cpu_env_of(cpu)->mode = fe->mode(cpu->state);
	struct ir_unit *u = cpu_lift_few(cpu, BLOCK_INSNS, &at);
	if (u)
		ir_print(u, out);
	fe->close(decoder);
}

/* The fewest instructions after which the two differ; *before: up to where they still agreed. */
static int64_t narrow(struct dgm_cpu *cpu, const struct cache_unit *unit, int64_t limit, int64_t *before, char *buf, size_t n)
{
	const struct audit *a = cpu->audit;

	*before = 0;
	for (int64_t fuel = 1; fuel < limit; fuel++) {
		take_back(cpu);
		if (differs(cpu, unit, fuel, buf, n))
			return a->theirs.done;
		*before = a->theirs.done;
	}
	take_back(cpu);
	differs(cpu, unit, limit, buf, n);
	return a->theirs.done;
}

static void report(struct dgm_cpu *cpu, const struct cache_unit *unit, int64_t limit)
{
	struct audit *a = cpu->audit;
	char what[256] = "", *text = NULL;
	int64_t before, done = narrow(cpu, unit, limit, &before, what, sizeof what);
	size_t n;
	FILE *f = open_memstream(&text, &n);

	take_back(cpu);
	if (f) {
		fprintf(f, "The %s and the interpreter differ: %s\n", tier_name(unit), what);
		fprintf(f, "Entered at 0x%" PRIx64 "; %" PRId64 " instructions agreed, the next up to %" PRId64 " do not:\n",
			vm_address(cpu->vm, a->pc), before, done);
		print_path(cpu, before, done, f);
		if (!fclose(f))
			engine_log_lines(cpu->vm->engine, "audit", text);
		free(text);
	}
	take_back(cpu);
	engine_fail(DGM_E_JIT, "audit: the %s differs from the interpreter behind 0x%" PRIx64 ": %s", tier_name(unit),
		    vm_address(cpu->vm, a->pc), what);
}

/* ---- for run.c ---- */

bool audit_wanted(const struct dgm_cpu *cpu)
{
	const struct dgm_vm *vm = cpu->vm;

	if (atomic_load(&vm->hooks.n_code) || atomic_load(&vm->hooks.n_data))
		return false;
	return vm->engine->cfg.flags & DGM_AUDIT && vm->mode.count && !cpu->mmu && vm->cpus == cpu && !cpu->next;
}

void audit_free(struct dgm_cpu *cpu)
{
	const struct base_alloc *alloc = &cpu->vm->engine->alloc;
	struct audit *a = cpu->audit;

	if (!a)
		return;
	base_free(alloc, a->log);
	base_free(alloc, a->ours.reg);
	base_free(alloc, a->theirs.reg);
	base_free(alloc, a->before);
	base_free(alloc, a->after);
	base_free(alloc, a);
	cpu->audit = NULL;
}

static bool open_audit(struct dgm_cpu *cpu)
{
	const struct base_alloc *alloc = &cpu->vm->engine->alloc;
	struct audit *a = cpu->audit ? cpu->audit : base_alloc_zero(alloc, sizeof *a);
	size_t size = cpu->vm->fe->slots->state_size;

	if (!a)
		return false;
	if (cpu->audit)
		return true;
	cpu->audit = a;
	a->piece = PIECE;
	a->before = base_alloc_zero(alloc, size);
	a->after = base_alloc_zero(alloc, size);
	a->ours.reg = base_alloc_zero(alloc, MAX_REGS * 16);
	a->theirs.reg = base_alloc_zero(alloc, MAX_REGS * 16);
	if (a->before && a->after && a->ours.reg && a->theirs.reg)
		return true;
	audit_free(cpu);
	return false;
}

bool audit_run(struct dgm_cpu *cpu, const struct cache_unit *unit)
{
	struct cpu_env *env = cpu_env_of(cpu);
	uint32_t pending = atomic_exchange(&env->pending, 0);
	int64_t fuel = env->fuel, limit = fuel < PIECE ? fuel : PIECE;
	char buf[256];

	if (limit <= 0 || !open_audit(cpu)) {
		env->exit = (struct env_exit){ .reason = limit <= 0 ? ENV_BUDGET : ENV_NOMEM, .pc = cpu_pc(cpu) };
		return true;
	}
	struct audit *a = cpu->audit;
	if (limit > a->piece && unit->n_insns <= a->piece)
		limit = a->piece;
	cpu_set_pc(cpu, unit->pc);
	memcpy(a->before, cpu->state, cpu->vm->fe->slots->state_size);
	a->flags_before = env->fp_flags;
	a->pc = unit->pc;
	a->fuel = fuel;
	a->n_log = a->n_clock = a->at_clock = 0;
	a->device = a->no_memory = false;
	a->logging = true;
	interpret(cpu, limit, &a->ours);
	a->logging = false;
	if (a->device)
		limit = a->ours.done;
	a->device = false;
	take_back(cpu);
	bool bad = !a->no_memory && limit && differs(cpu, unit, limit, buf, sizeof buf);
	if (bad)
		report(cpu, unit, limit);
	else if (!limit || a->no_memory)	/* run.c does a few instructions without us */
		env->exit = (struct env_exit){ .reason = ENV_BUDGET, .pc = unit->pc };
	a->piece = 2 * a->theirs.done + LEAST_PIECE;
	/* The end of a piece is no reason to interpret what comes next. */
	if (env->exit.reason == ENV_BUDGET && limit && limit < fuel && !a->no_memory && a->theirs.done)
		env->exit.reason = ENV_POLL;
	env->fuel += limit && !bad && !a->no_memory ? fuel - limit : 0;
	if (pending || atomic_load(&cpu->kicks) || atomic_load(&cpu->internal))
		atomic_store(&env->pending, 1);
	return !bad;
}
