/*
 * Text cases of single guest instructions, and the ways to execute them. Shared by the runner
 * and its executors; a case speaks of registers by their public ids.
 */
#ifndef TESTS_GUEST_H
#define TESTS_GUEST_H

#include <stdbool.h>
#include <stdint.h>

enum {
	GUEST_CODE = 0x10000,		/* where the instructions stand, system calls behind them */
	GUEST_CODE_SIZE = 0x2000,
	GUEST_DATA = 0x1000,		/* readable and writable */
	GUEST_DATA_SIZE = 0x2000,
	GUEST_MAX_WORDS = 16,
};
#define GUEST_CLOCK 0x123456789abcdef0ull

/* How an execution ended. */
enum guest_end { END_NEXT, END_SYSCALL, END_ILLEGAL, END_PRIVILEGED, END_TRAP, END_FAULT, END_ALIGN, END_FP, END_OTHER };

struct guest_result {
	enum guest_end end;
	uint64_t pc;
	uint64_t addr;			/* of a fault */
};

/* One guest machine to run a case on. Functions return false when the executor itself fails. */
struct guest_executor {
	const char *name;
	uint32_t flags;			/* its own */
	void *(*open)(const struct guest_executor *e, const char *model);
	void (*close)(void *self);
	void (*set)(void *self, uint32_t id, uint64_t value);
	uint64_t (*get)(void *self, uint32_t id);
	uint8_t *(*data)(void *self);	/* GUEST_DATA_SIZE bytes */
	bool (*run)(void *self, const uint32_t *word, unsigned n, struct guest_result *out);
	/* Last words before close; may be NULL. */
	void (*report)(const struct guest_executor *e, void *self);
};

/* The IR as lifted, interpreted; and the public interface, once a tier. */
extern const struct guest_executor guest_direct;
extern const struct guest_executor guest_public[];
extern const unsigned guest_n_public;

/* Registers of the guest, by index; false behind the last. */
bool guest_reg(unsigned i, uint32_t *id, const char **name, unsigned *bits);

#endif
