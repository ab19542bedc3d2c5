/*
 * Text cases of single guest instructions, and the ways to execute them. Shared by the runner,
 * its executors and the tools beside it; what differs between guests is in one table a guest.
 * A case speaks of registers by their public ids.
 */
#ifndef TESTS_GUEST_H
#define TESTS_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "iface/frontend.h"

enum {
	GUEST_CODE = 0x10000,		/* where the instructions stand, system calls behind them */
	GUEST_CODE_SIZE = 0x2000,
	GUEST_DATA = 0x1000,		/* readable and writable */
	GUEST_DATA_SIZE = 0x2000,
	GUEST_MAX_BYTES = 64,
	GUEST_MAX_ROWS = 4096,
};
#define GUEST_CLOCK 0x123456789abcdef0ull

/* How an execution ended. */
enum guest_end { END_NEXT, END_SYSCALL, END_ILLEGAL, END_PRIVILEGED, END_TRAP, END_FAULT, END_ALIGN, END_FP, END_IDLE, END_OTHER };
extern const char *const guest_end_names[END_OTHER + 1];

struct guest_result {
	enum guest_end end;
	uint64_t pc;
	uint64_t addr;			/* of a fault */
};

/* A register's value, zero-extended. */
struct guest_value {
	uint64_t lo, hi;
};

/* A row of a front end's tables, as tests see it. */
struct guest_row {
	const void *row;
	const char *group, *mnemonic, *encoding;
	unsigned variants;		/* bits: those that need a case each; 0: any will do */
};

/* What tests must know of a guest beyond its table. A decoder is what fe->open makes. */
struct guest_isa {
	const char *name;
	const struct frontend *fe;
	uint32_t pc;			/* the register */
	uint8_t pc_mode;		/* bits of fe's pc_mode in which the code is read */
	uint8_t syscall[4];		/* the instruction, repeated behind the code */
	unsigned syscall_bytes;
	const char *const *models;	/* for random words; NULL-terminated behind the default, "" */

	/* What a register holds that a case does not name: odd values, and clean flags. */
	struct guest_value (*poison)(uint32_t id);
	/* Registers that are not set, nor looked at afterwards: read-only, or told by another one. */
	bool (*unchecked)(uint32_t id);
	/* A named part of a register (a flag): its mask is that of `bits` ones, not yet shifted. */
	bool (*part)(const char *name, uint32_t *id, unsigned *shift, unsigned *bits);

	/* The row of an instruction, its length in bytes, and which variant it is. False: undefined. */
	bool (*decode)(void *decoder, const uint8_t *code, unsigned avail, const void **row, unsigned *len,
		       unsigned *variant);
	/* Mode bits behind an instruction that changes them for the next; may be NULL. */
	uint32_t (*mode_behind)(const uint8_t *code, unsigned len, uint32_t mode);
	const uint32_t *modes;		/* more mode bits to try, 0 behind the last; may be NULL */
	/* The i-th row a decoder's model has, or with none of all models; false behind the last. */
	bool (*row)(void *decoder, unsigned i, struct guest_row *out);
	/* Code drawn from a source of random numbers: 4 bytes. */
	void (*draw)(uint32_t (*random)(void), uint8_t code[4]);
	/* A complaint about what decode made of the code, or NULL. Asks Capstone about every word. */
	const char *(*check)(void *decoder, const void *row, const uint8_t *code, unsigned len);
};
extern const struct guest_isa guest_ppc, guest_aarch64, guest_a32, guest_t32;

/* By name; NULL: there is none. */
const struct guest_isa *guest_isa(const char *name);
/* A word as it stands in memory. */
void guest_put_word(const struct guest_isa *isa, uint32_t word, uint8_t code[4]);

/* One guest machine to run a case on. Functions return false when the executor itself fails. */
struct guest_executor {
	const char *name;
	uint32_t flags;			/* its own */
	void *(*open)(const struct guest_executor *e, const struct guest_isa *isa, const char *model);
	void (*close)(void *self);
	void (*set)(void *self, uint32_t id, struct guest_value value);
	struct guest_value (*get)(void *self, uint32_t id);
	uint8_t *(*data)(void *self);	/* GUEST_DATA_SIZE bytes */
	/* Executes from the pc that was set, until a system call stands behind the n bytes, or an event. */
	bool (*run)(void *self, const uint8_t *code, unsigned n, struct guest_result *out);
	/* Last words before close; may be NULL. */
	void (*report)(const struct guest_executor *e, void *self);
};

/* The IR as lifted, interpreted; and the public interface, once a tier: interpreter, baseline, LLVM. */
enum { GUEST_TIERS = 3 };
extern const struct guest_executor guest_direct;
extern const struct guest_executor guest_public[GUEST_TIERS];

/* Fills n bytes with code and system calls behind it. */
void guest_fill_code(const struct guest_isa *isa, const uint8_t *code, unsigned n, uint8_t *out, unsigned size);

#endif
