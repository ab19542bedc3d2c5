/*
 * A bench that runs IR units without an engine: a guest state, 64 KiB of guest memory at
 * address 0, and every way we have to execute IR. For dragoman-ir and tests.
 */
#ifndef TOOLS_IR_EXEC_H
#define TOOLS_IR_EXEC_H

#include "base/alloc.h"
#include "iface/backend.h"

enum { EXEC_RAM = 64 * 1024 };

struct exec_bench {
	const struct ir_slots *slots;
	struct backend_mode mode;
	struct cpu_env *env;		/* the state follows it */
	void *state;
	uint8_t *ram, *page_prot;
};

/* False when out of memory. */
bool exec_init(struct exec_bench *b, const struct ir_slots *slots);
void exec_finish(struct exec_bench *b);
/* All zero, memory readable and writable, fuel without end. */
void exec_reset(struct exec_bench *b);

/*
 * One way to run a unit from its beginning until it is left. Afterwards the state, memory and
 * env are what the guest would see; *pc is where it goes on (events: exit.pc). False when the
 * executor cannot run the unit at all, which is a failure too.
 */
struct executor {
	const char *name;
	bool (*run)(struct exec_bench *b, const struct ir_unit *u, uint64_t *pc);
};
extern const struct executor exec_all[];	/* ends with a NULL name; [0] is the reference */

/* Slots and helpers for IR that belongs to no guest. */
extern const struct ir_slots exec_slots;
extern const struct ir_helper *const exec_helpers[];

#endif
