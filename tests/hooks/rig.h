/*
 * For the tests of hooks: one small program in each guest's machine code, every way to execute it, and a record of
 * events as text, so that two sequences are equal when the texts are.
 */
#ifndef HOOKS_RIG_H
#define HOOKS_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"
#include "../code.h"
#include "../want.h"

enum { CODE = 0x10000, DATA = 0x20000, DEVICE = 0x30000 };

struct guest {
	const char *name;
	uint32_t arch;
	bool big;
	const uint32_t *code;
	unsigned n;
	uint32_t pc, work;	/* registers: the pc, and the one that counts work */
	uint64_t function, end;	/* offsets of its function and of the system call it ends with */
};
extern const struct guest guests[];
#define FOR_EACH_GUEST(g) for (const struct guest *g = guests; g->name; g++)

struct way {
	const char *name;
	uint32_t flags, threshold;
	uint32_t vm_flags, mem;
};
extern const struct way ways[];		/* the first is the interpreter */
#define FOR_EACH_WAY(w) for (const struct way *w = ways; w->name; w++)
/* LLVM takes its time. */
#define IS_SLOW(w) (!((w)->flags & (DGM_NO_LLVM | DGM_INTERP_ONLY)))

struct rig {
	const struct guest *guest;
	const struct way *way;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_exit exit;
	char *text;		/* of the record, valid after rig_text */
	size_t n_text;
	FILE *record;
};

struct rig rig_make(const struct guest *g, const struct way *w);
void rig_free(struct rig *r);
/* The guest with another program. */
struct guest guest_with(const struct guest *g, const uint32_t *code, unsigned n);
/* The guest with this program, which counts its work in general register `work`. */
struct guest guest_running(const struct guest *g, const struct code *c, unsigned work);
/* The general register n. */
uint32_t guest_reg(const struct guest *g, unsigned n);
/* Words in the guest's byte order. */
uint32_t rig_load(struct rig *r, uint64_t addr);
void rig_store(struct rig *r, uint64_t addr, uint32_t v);
/* Starts at the program's beginning. */
void rig_start(struct rig *r);
/* Up to max_insns, 0: no limit. */
void rig_run(struct rig *r, uint64_t max_insns);
/* Runs to the end, max_insns at a time; leaves out what ends runs on the way. */
void rig_run_sliced(struct rig *r, uint64_t max_insns);
/* Begins the record, for what is to be in it besides events. */
void rig_open(struct rig *r);
const char *rig_text(struct rig *r);

/* A callback that writes its event into the record of the rig in ud, and answers DGM_CONT. */
dgm_act rig_note(void *ud, dgm_cpu *cpu, const dgm_event *event);
/* lo and hi relative to CODE, both 0: everywhere. fn NULL: rig_note. */
dgm_id rig_hook(struct rig *r, uint32_t kind, uint64_t lo, uint64_t hi, dgm_hook_fn *fn, void *ud);
dgm_id rig_counter(struct rig *r, uint32_t kind, uint64_t lo, uint64_t hi, uint64_t *counter);

#define WANT(r, what, want) WANT_SAME(#what, what, want, "%s, %s", (r)->guest->name, (r)->way->name)

/* That two records are one; names the first line that differs. */
void same_text(const struct rig *r, const char *got, const char *want, const char *what);

#endif
