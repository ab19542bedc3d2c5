/*
 * A bench for code of the baseline back end: a vCPU's env and state, 16 KiB of guest memory in a
 * 4 GiB space, a loader, and the interpreter beside it. Both sides start from the same bytes and
 * everything a guest or the engine could see afterwards is compared.
 */
#ifndef TESTS_BASELINE_HARNESS_H
#define TESTS_BASELINE_HARNESS_H

#include "backend/baseline/baseline.h"
#include "backend/interp/interp.h"
#include "iface/hostfp.h"
#include "ir/build.h"

enum {
	STATE_BYTES = 512, RAM_AT = 0x10000, RAM_BYTES = 0x4000, UNIT_PC = 0x1000,
	PAGES_DIRECT = 2,	/* of RAM: the rest is reached through services alone */
	LINK_HIT = 0x7000,	/* env link of the unit the jump table knows */
};

/* Slots: the first of a type is base, several of each; pc is the last. */
enum {
	SLOT_I1 = 0, N_I1 = 4, SLOT_I8 = 4, N_I8 = 3, SLOT_I16 = 7, N_I16 = 3, SLOT_I32 = 10, N_I32 = 8,
	SLOT_I64 = 18, N_I64 = 4, SLOT_F32 = 22, N_F32 = 4, SLOT_F64 = 26, N_F64 = 4, SLOT_V = 30, N_V = 3,
	SLOT_OVER = 33,		/* an i32 inside the first i64 */
	SLOT_PC = 34, N_SLOTS
};
extern const struct ir_slots test_slots;
extern const struct ir_helper test_pure, test_writes, test_leaves, test_memory, test_vector;

struct outcome {
	int kind;			/* BACKEND_RUN_EVENT, BACKEND_RUN_INDIRECT or 0 */
	uint64_t target;
	bool hit;			/* indirect: the jump table had it */
	struct env_exit exit;
	uint32_t flags;
	unsigned services;		/* calls of them, in checked mode */
	int64_t fuel;
	uint8_t state[STATE_BYTES];
	uint8_t ram[RAM_BYTES];
};

struct bench {
	struct cpu_env *env;
	uint8_t *state;
	uint8_t *space;			/* guest address 0 */
	uint8_t *page_prot;
	uint8_t *code, *stub;
	void *baseline;
	struct base_arena arena;
	struct code_object object;
	struct backend_mode mode;
	uint8_t state0[STATE_BYTES], ram0[RAM_BYTES];
	int64_t fuel0;
	uint32_t pending0;
	bool entry_leaves;		/* of the request */
	uint64_t known_target;		/* in the jump table, 0 = none */
};

bool bench_init(struct bench *b);
void bench_finish(struct bench *b);
/* Compiles and places; answers what the back end did. */
enum dgm_status bench_compile(struct bench *b, const struct ir_unit *u, uint32_t hot_after);
void bench_run(struct bench *b, const struct ir_unit *u, struct outcome *out);
void bench_interpret(struct bench *b, const struct ir_unit *u, struct outcome *out);
/* NULL when equal, else what differs first. */
const char *bench_compare(const struct outcome *code, const struct outcome *interp);

#endif
