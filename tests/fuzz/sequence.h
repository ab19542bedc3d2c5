/*
 * Random programs of a few dozen instructions: how they are drawn, executed through the
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

#include "../random.h"
#include "dragoman/dragoman.h"
#include "iface/frontend.h"

enum {
	SEQ_CODE = 0x10000,
	SEQ_CODE_SIZE = 0x1000,
	SEQ_DATA = 0x1000,
	SEQ_DATA_SIZE = 0x2000,
	SEQ_MAX_WORDS = 512,
	SEQ_MAX_EVENTS = 24,
	SEQ_MAX_CUTS = 12,
	SEQ_BUDGET = 50000,		/* instructions until the next event */
	SEQ_MAX_REGS = 128,
};

static inline bool seq_chance(struct test_rng *r, unsigned one_in)
{
	return !test_below(r, one_in);
}

/* Registers of a program, before and after: those of the front end's table, by their place in it. */
struct seq_state {
	struct seq_value {
		uint64_t lo, hi;
	} reg[SEQ_MAX_REGS];
};

struct seq_case {
	uint32_t word[SEQ_MAX_WORDS];
	unsigned n;
	struct seq_state before;
	uint8_t data[SEQ_DATA_SIZE];
	uint32_t cuts;		/* not 0: the run is cut into pieces by budgets and kicks, drawn from it */
	uint32_t budget;	/* instructions until the next event; 0: SEQ_BUDGET */
	bool signals;		/* between the pieces other parts of the program run, and registers are put back */
	bool patches;		/* between the pieces words of the program are replaced */
	bool rewrites;		/* the program replaces words of its own: code can be written */
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
	uint64_t cut[SEQ_MAX_CUTS];	/* of pc, count and all registers at each cut */
	unsigned n_cuts;
	uint64_t code;		/* a hash of what the program has become */
};

enum seq_style {
	SEQ_LOOPS = 1 << 0,	/* loops that turn often: for tiers whose compiler is dear */
	SEQ_TAME = 1 << 1,	/* no events on purpose, nothing the manual leaves undefined (qemu_sequence.c) */
	SEQ_REWRITES = 1 << 2,	/* programs replace words of their own and announce it; else nothing is stored in code */
};

/* What the programs need to know of a guest. Programs are made of words of 32 bits. */
struct seq_guest {
	const char *name;
	const struct frontend *fe;
	uint32_t pc;			/* the register */
	uint32_t pc_mode;		/* of the front end's, in which programs are read */
	uint32_t nop, syscall;		/* words: of a guest with shorter instructions, two of them */
	/* Whether a register is neither set nor compared: read-only, or told by another one. */
	bool (*skipped)(uint32_t id);
	/* The tables rows are drawn from; false when the front end has none. */
	bool (*open)(void);
	void (*close)(void);
	void (*draw)(struct test_rng *r, unsigned style, unsigned want, struct seq_case *out);
	/* Puts behind the program: count a register down from `turns` and begin again. */
	void (*repeat)(struct seq_case *c, unsigned turns);
};
extern const struct seq_guest seq_ppc, seq_aarch64, seq_a32, seq_t32;

/* By name; NULL: there is none. */
const struct seq_guest *seq_guest(const char *name);
void seq_disassemble(const struct seq_guest *g, void *decoder, uint32_t word, uint32_t pc, char *buf, unsigned n);
/* A register's value in a state, by its public id. */
struct seq_value *seq_reg(const struct seq_guest *g, struct seq_state *s, uint32_t id);
void seq_put_word(const struct seq_guest *g, uint8_t *p, uint32_t word);

/* ---- for the drawing of all guests ---- */
/* Fields of a picture: bits are drawn but for letters that have a value. */
struct seq_fields {
	unsigned value[128];
	unsigned left[128];	/* bits still to place */
};
void seq_set_field(struct seq_fields *f, char letter, unsigned width, unsigned value);
/* How many bits of the picture the letter has; and a field of all of them, if it has any. */
unsigned seq_width(const char *picture, char letter);
void seq_set_letter(struct seq_fields *f, const char *picture, char letter, unsigned value);
/* Puts a word behind the program, while there is room. */
void seq_emit(struct seq_case *c, uint32_t word);
uint32_t seq_fill(const char *picture, struct seq_fields *f, struct test_rng *r);
uint32_t seq_corner_word(struct test_rng *r);
uint64_t seq_corner_double(struct test_rng *r);
/* An address in the data window: anywhere, or where something is near. */
uint32_t seq_address(struct test_rng *r);
bool seq_one_of(const char *name, const char *const *list);
/* How often a loop inside of `depth` others turns: what is hot is to be replaced now and then, not each time. */
unsigned seq_turns(struct test_rng *r, unsigned style, unsigned depth);
/* How a program with SEQ_REWRITES replaces words of its own; a guest says what one is and what replaces it. */
struct seq_rewriter {
	struct test_rng *rng;
	struct seq_case *c;
	void *draw;		/* the guest's, for its functions */
	/* A word that may be replaced: an instruction or two that go on behind it; thumb: of T32. */
	uint32_t (*word)(void *draw, bool thumb);
	/*
	 * Emits what turns the word at `to` into another, and back the next time: xor with the mask, and what makes new
	 * code seen. As many words whatever the arguments.
	 */
	void (*rewrite)(void *draw, unsigned to, uint32_t mask);
	struct seq_slot {	/* words that have been emitted for it */
		unsigned at;
		bool thumb;
	} slot[16];
	unsigned n_slots;
};
/* Behind the body of a loop: in an inner one something to be replaced, in an outer one what does so. */
void seq_rewrite_in_loop(struct seq_rewriter *w, unsigned style, unsigned depth, bool thumb);
/* Either of the two now and then; false when it has emitted nothing. */
bool seq_rewrite_piece(struct seq_rewriter *w, unsigned style, unsigned depth, bool thumb);

/* ---- sequence_run.c ---- */
/* One way to execute. */
struct seq_tier {
	const char *name;
	uint32_t flags, vm_flags;
	uint32_t threshold;
	bool llvm;		/* dear: runs fewer cases */
	bool forgets;		/* what it has lifted of programs that rewrite themselves, before each instruction */
};
extern const struct seq_tier seq_tiers[];
extern const unsigned seq_n_tiers;

struct seq_machine {
	const struct seq_guest *guest;
	const struct seq_tier *tier;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	uint8_t *data;
	bool writable;		/* the code */
};

bool seq_machine_open(struct seq_machine *m, const struct seq_guest *guest, const struct seq_tier *tier);
void seq_machine_close(struct seq_machine *m);
/* Code, registers and data of the case, ready to run; and what is there afterwards. */
bool seq_machine_put(struct seq_machine *m, const struct seq_case *c);
void seq_machine_get(struct seq_machine *m, struct seq_result *out);
/* Both, and the run between. False when the library itself failed. */
bool seq_machine_run(struct seq_machine *m, const struct seq_case *c, struct seq_result *out);
/* Hands host signals to the library. */
void seq_catch_signals(void);
/* NULL when equal, else where they differ; buf holds the text. */
const char *seq_compare(const struct seq_machine *m, const struct seq_result *want, const struct seq_result *have,
			char *buf, unsigned n);

#endif
