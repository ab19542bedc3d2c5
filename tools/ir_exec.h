/*
 * A bench that runs IR units without an engine: a guest state, 64 KiB of guest memory at
 * address 0, and every way we have to execute IR. For dragoman-ir and tests.
 */
#ifndef TOOLS_IR_EXEC_H
#define TOOLS_IR_EXEC_H

#include "base/alloc.h"
#include "iface/backend.h"

enum { EXEC_RAM = 64 * 1024 };

enum exec_kind { EXEC_INTERP, EXEC_BASELINE, EXEC_LLVM, EXEC_COUNT };
extern const char *const exec_name[EXEC_COUNT];

struct exec_bench {
	const struct ir_slots *slots;
	struct backend_mode mode;
	struct cpu_env *env;		/* the state follows it */
	void *state;
	uint8_t *ram, *page_prot;
	uint8_t *code;			/* writable and executable */
	struct base_arena arena;
	const struct backend *backend[EXEC_COUNT];	/* NULL: not in this build, or not for this host */
	void *self[EXEC_COUNT];
	enum exec_kind kind;		/* what is loaded */
	const struct ir_unit *unit;
	struct code_object object;
	uint8_t *entry;
};

/*
 * LLVM is there when the environment's DGM_BACKEND_DIR names the folder of its module. False
 * when out of memory.
 */
bool exec_init(struct exec_bench *b, const struct ir_slots *slots);
void exec_finish(struct exec_bench *b);
/* All zero, memory readable and writable, fuel without end. */
void exec_reset(struct exec_bench *b);

/* Makes a unit ready to run; it must live on. NULL, or why it cannot be run. */
const char *exec_load(struct exec_bench *b, enum exec_kind kind, const struct ir_unit *u);
/*
 * Runs what was loaded last, from its beginning until it is left. Afterwards the state (but for
 * the pc slot), memory and env are what the guest would see. Returns where it goes on; for
 * events exit.pc.
 */
uint64_t exec_go(struct exec_bench *b);

/* Slots and helpers for IR that belongs to no guest. */
extern const struct ir_slots exec_slots;
extern const struct ir_helper *const exec_helpers[];

#endif
