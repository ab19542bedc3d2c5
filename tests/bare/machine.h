/*
 * The host's side of the bare-metal suite: a machine model for each guest architecture, with interrupts, a
 * device and a timer, on the public headers alone; and the rig that runs functions of the guest's image on it.
 */
#ifndef BARE_MACHINE_H
#define BARE_MACHINE_H

#include <stdatomic.h>

#include "dragoman/dragoman.h"
#include "../want.h"
#include "guest.h"

enum function {
#define NUMBER(name) FN_##name,
	FUNCTIONS(NUMBER)
	FN_COUNT
};

struct machine;

/* What the architectures differ in. */
struct guest {
	const char *name, *image;	/* file, in the folder BARE_IMAGES names */
	uint32_t arch;
	bool big;
	uint32_t word;			/* bytes of a register */
	uint32_t arg, sp, link;		/* ids: the first argument and the result, stack pointer, return address */
	uint32_t many, n_many;		/* the registers load_many and store_many move */
	uint64_t (*enter)(struct machine *m, dgm_cpu *cpu, uint32_t line);	/* into irq_entry; what to come back to */
	bool (*returns)(struct machine *m, dgm_cpu *cpu, uint32_t opcode);	/* an instruction that returns from it */
	dgm_act (*sysreg)(struct machine *m, dgm_cpu *cpu, uint32_t reg, bool write, uint64_t *value);
	uint32_t code[2][2];		/* two functions that return 5 and 9, as words */
	uint32_t code_bits;		/* in the address of such a function */
};
extern const struct guest guests[];
#define FOR_EACH_GUEST(g) for (const struct guest *g = guests; g->name; g++)

struct tier {
	const char *name;
	uint32_t flags;
};
extern const struct tier tiers[];
#define FOR_EACH_TIER(t) for (const struct tier *t = tiers; t->name; t++)

enum { MAX_LOG = 64, STOP_AT = 0x1f000 };

struct machine {
	const struct guest *guest;
	const struct tier *tier;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_exit exit;
	/* the processor's part that the front end does not model */
	bool irq_on;
	uint32_t line;			/* the handler is serving */
	uint64_t psr, back, scratch, bank[2];
	/* devices */
	_Atomic uint32_t character;
	struct {
		uint64_t off, value;
		uint32_t len;
		bool write;
	} log[MAX_LOG];
	unsigned n_log;
	uint64_t due, period;		/* of the timer, in ticks; 0: off */
	uint32_t timer_line;
	uint64_t taken_at[MAX_LOG];	/* the clock when the timer's interrupt was accepted */
	unsigned n_taken;
	unsigned idles;
	dgm_fault fault;
	unsigned faults;
	bool map_on_fault;
	uint64_t host_calls;
};

/* What a test changes of the machine's table before it is made. */
struct options {
	bool no_idle;
	uint64_t clock_num, clock_den;
	uint32_t vm_flags;
};

struct machine *machine_make(const struct guest *g, const struct tier *t, const struct options *o);
void machine_free(struct machine *m);
uint64_t entry_of(enum function f);
/* Prepares a call of f that returns to STOP_AT; run ends there, or after max_insns (0: no limit). */
void begin(struct machine *m, enum function f, unsigned n, const uint64_t *args);
void go(struct machine *m, uint64_t max_insns);
uint64_t result(struct machine *m);
uint64_t call(struct machine *m, enum function f, unsigned n, const uint64_t *args);
uint32_t peek(struct machine *m, uint64_t at);
void poke(struct machine *m, uint64_t at, uint32_t v);
/* A hash of all registers that can be written. */
uint64_t registers(struct machine *m);

#define CALL(m, f, ...) \
	call(m, FN_##f, sizeof((uint64_t[]){ __VA_ARGS__ }) / 8, (uint64_t[]){ __VA_ARGS__ })
#define EXPECT(m, what, want) WANT_SAME(#what, what, want, "%s, %s", (m)->guest->name, (m)->tier->name)

#endif
