/*
 * Executes cases through the public interface, once for each tier. The tiers that are compiled
 * get every block at once.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

struct public {
	const struct guest_isa *isa;
	struct guest_machine m;
};

static void public_close(void *self)
{
	struct public *p = self;

	if (!p)
		return;
	guest_machine_close(&p->m);
	free(p);
}

static void *public_open(const struct guest_executor *e, const struct guest_isa *isa, const char *model)
{
	struct public *p = calloc(1, sizeof *p);
	dgm_error err = DGM_INIT(dgm_error);

	if (p)
		p->isa = isa;
	if (p && guest_machine_open(&p->m, isa, model, e->flags | DGM_VERIFY_IR, GUEST_CODE_SIZE) && !dgm_vm_precise(p->m.vm, true))
		return p;
	dgm_last_error(&err);
	fprintf(stderr, "%s: %s\n", e->name, err.msg);
	public_close(p);
	return NULL;
}

/* Bytes of a register; 0: there is none. */
static size_t bytes_of(const struct public *p, uint32_t id)
{
	for (unsigned i = 0; i < p->isa->fe->n_reg; i++)
		if (p->isa->fe->reg[i].id == id)
			return (p->isa->fe->reg[i].bits + 7u) / 8;
	return 0;
}

static void public_set(void *self, uint32_t id, struct guest_value value)
{
	const struct public *p = self;

	if (dgm_reg_write(p->m.cpu, id, &value, bytes_of(p, id)))
		fprintf(stderr, "register %#x cannot be written\n", id);
}

static struct guest_value public_get(void *self, uint32_t id)
{
	const struct public *p = self;
	struct guest_value value = { 0, 0 };

	if (dgm_reg_read(p->m.cpu, id, &value, bytes_of(p, id)))
		fprintf(stderr, "register %#x cannot be read\n", id);
	return value;
}

static uint8_t *public_data(void *self)
{
	return ((struct public *)self)->m.data;
}

static enum guest_end end_of(const dgm_exit *exit)
{
	switch (exit->reason) {
	case DGM_EXIT_SYSCALL: return END_SYSCALL;
	case DGM_EXIT_ILLEGAL: return exit->info.cause == DGM_CAUSE_PRIVILEGED ? END_PRIVILEGED : END_ILLEGAL;
	case DGM_EXIT_TRAP: return exit->info.cause == DGM_CAUSE_FP ? END_FP : END_TRAP;
	case DGM_EXIT_FAULT: return exit->info.cause == DGM_CAUSE_ALIGN ? END_ALIGN : END_FAULT;
	case DGM_EXIT_HALT: return END_IDLE;
	default: return END_OTHER;
	}
}

static bool public_run(void *self, const uint8_t *code, unsigned n, struct guest_result *out)
{
	static const dgm_run_opts opts = { .size = sizeof opts, .timeout_ns = 60000000000u };
	struct public *p = self;
	uint8_t all[GUEST_CODE_SIZE];
	dgm_exit exit = DGM_INIT(dgm_exit);
	uint64_t end = GUEST_CODE + n;

	guest_fill_code(p->isa, code, n, all, sizeof all);
	if (dgm_mem_write(p->m.vm, NULL, GUEST_CODE, all, sizeof all, NULL) || dgm_cpu_run(p->m.cpu, &opts, &exit))
		return false;
	out->end = end_of(&exit);
	out->pc = exit.pc;
	out->addr = exit.info.va;
	if (out->end == END_SYSCALL && (out->pc < GUEST_CODE || out->pc >= end))
		out->end = END_NEXT;
	return true;
}

/* Says when a tier was asked for and compiled nothing: its cases then ran elsewhere. */
static void public_report(const struct guest_executor *e, void *self)
{
	dgm_stats s = DGM_INIT(dgm_stats);

	if (!(e->flags & DGM_HOT_AT_ONCE) || dgm_vm_stats(((struct public *)self)->m.vm, &s))
		return;
	if (!(e->flags & DGM_NO_LLVM ? s.units_baseline : s.units_llvm))
		printf("note: %s compiled nothing here\n", e->name);
}

#define PUBLIC .open = public_open, .close = public_close, .set = public_set, .get = public_get, \
	.data = public_data, .run = public_run, .report = public_report
const struct guest_executor guest_public[GUEST_TIERS] = {
	{ .name = "interp", .flags = DGM_INTERP_ONLY, PUBLIC },
	{ .name = "baseline", .flags = DGM_HOT_AT_ONCE | DGM_NO_LLVM, PUBLIC },
	{ .name = "llvm", .flags = DGM_HOT_AT_ONCE, PUBLIC },
};
