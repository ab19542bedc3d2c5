/*
 * Random PowerPC programs of a few dozen instructions: how they are drawn, executed through the
 * public interface, and compared. For the programs of this folder.
 *
 * Code stands at SEQ_CODE and ends in system calls, as the lines of tests/guest do. The data
 * window begins below and ends above a page boundary; around it nothing is mapped. What a
 * program meets on its way (faults, traps, illegal words) is noted and stepped over.
 */
#ifndef TESTS_SEQUENCE_H
#define TESTS_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

enum {
	SEQ_CODE = 0x10000,
	SEQ_CODE_SIZE = 0x1000,
	SEQ_DATA = 0x1000,
	SEQ_DATA_SIZE = 0x2000,
	SEQ_MAX_WORDS = 512,
	SEQ_MAX_EVENTS = 24,
	SEQ_BUDGET = 50000,		/* instructions until the next event */
};

struct seq_rng {
	uint64_t state;
};

uint64_t seq_next(struct seq_rng *r);
unsigned seq_below(struct seq_rng *r, unsigned n);
static inline bool seq_chance(struct seq_rng *r, unsigned one_in)
{
	return !seq_below(r, one_in);
}

/* Registers of a program, before and after. */
struct seq_state {
	uint32_t r[32], cr, xer, lr, ctr, fpscr, vrsave, reserve, msr_fe;
	uint64_t f[32];
};

struct seq_case {
	uint32_t word[SEQ_MAX_WORDS];
	unsigned n;
	struct seq_state before;
	uint8_t data[SEQ_DATA_SIZE];
};

/* What happened on the way: an exit of dgm_cpu_run. */
struct seq_event {
	uint32_t reason, cause, vector, access;
	uint64_t pc, addr, insns;
};

struct seq_result {
	struct seq_state after;
	uint8_t data[SEQ_DATA_SIZE];
	struct seq_event event[SEQ_MAX_EVENTS];
	unsigned n_events;
	uint64_t insns;
};

enum seq_style {
	SEQ_LOOPS = 1 << 0,	/* loops that turn often: for tiers whose compiler is dear */
	SEQ_TAME = 1 << 1,	/* no events on purpose, nothing the manual leaves undefined (qemu_sequence.c) */
};

/* The table rows are drawn from; false when the front end has none. */
bool seq_open(void);
void seq_draw(struct seq_rng *r, unsigned style, unsigned want, struct seq_case *out);
void seq_close(void);
void seq_disassemble(uint32_t word, uint32_t pc, char *buf, unsigned n);

/* ---- machine.c ---- */
/* One way to execute. */
struct seq_tier {
	const char *name;
	uint32_t flags, vm_flags;
	uint32_t threshold;
	bool llvm;		/* dear: runs fewer cases */
};
extern const struct seq_tier seq_tiers[];
extern const unsigned seq_n_tiers;

struct seq_machine {
	const struct seq_tier *tier;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	uint8_t *data;
};

bool seq_machine_open(struct seq_machine *m, const struct seq_tier *tier);
void seq_machine_close(struct seq_machine *m);
/* Code, registers and data of the case, ready to run; and what is there afterwards. */
bool seq_machine_put(struct seq_machine *m, const struct seq_case *c);
void seq_machine_get(struct seq_machine *m, struct seq_result *out);
/* Both, and the run between. False when the library itself failed. */
bool seq_machine_run(struct seq_machine *m, const struct seq_case *c, struct seq_result *out);
/* Hands host signals to the library. */
void seq_catch_signals(void);
/* NULL when equal, else where they differ; buf holds the text. */
const char *seq_compare(const struct seq_tier *tier, const struct seq_result *want, const struct seq_result *have,
			char *buf, unsigned n);

#endif
