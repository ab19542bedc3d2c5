/*
 * What a test of the LLVM back end needs around a region of IR: guest memory with guards, state
 * with its env, services, a loader for one code_object, and a way in and out. Regions run on the
 * interpreter and as compiled code, and everything that can be seen afterwards is compared.
 */
#ifndef TESTS_LLVM_RIG_H
#define TESTS_LLVM_RIG_H

#include "base/arena.h"
#include "iface/backend.h"
#include "ir/build.h"

enum { RIG_RAM = 0x10000, RIG_RAM_BYTES = 0x2000, RIG_STATE_BYTES = 512, RIG_STEPS = 4000 };

extern const struct ir_slots rig_slots;

/* How a region was left, and all a guest could see of it. */
struct rig_result {
	int link;			/* 0: none; else 1 + the direct exit's index (compiled code only) */
	bool indirect, event;
	uint64_t next;			/* where it would go on */
	struct env_exit exit;
	int64_t fuel;
	uint32_t fp_flags;
	uint8_t state[RIG_STATE_BYTES];
	uint8_t ram[RIG_RAM_BYTES];
};

struct rig {
	uint8_t *mem;			/* host address of guest address 0 */
	struct cpu_env *env;
	void *state;
	uint8_t *prot;
	uint8_t *code;			/* writable and executable */
	const struct backend *llvm, *interp;
	void *llvm_self, *interp_self;
	struct code_object object;
	struct base_arena arena;
	uint8_t state_start[RIG_STATE_BYTES], ram_start[RIG_RAM_BYTES];
	int64_t fuel_start;
	bool counting;
	bool jump_hit;			/* env jump knows 0x4444: code that acts like exit 76's stub */
	uint32_t pending;
	unsigned way;			/* 0: what is run begins at the first block, else at that of entry[way - 1] */
	uint64_t regs_seen[2];		/* r12 and rsp at the exit stub */
};

bool rig_open(struct rig *r, const char *module);
void rig_close(struct rig *r);
enum dgm_status rig_compile(struct rig *r, const struct backend_request *rq);
void rig_run_code(struct rig *r, const struct backend_request *rq, struct rig_result *out);
void rig_run_interp(struct rig *r, const struct backend_request *rq, struct rig_result *out);
/* NULL when equal, else what differs. exact: events of faults must have exact state, too. */
const char *rig_compare(const struct rig_result *a, const struct rig_result *b, bool exact);

/* One region drawn with a seed; adds to events, by reason. False: it said what is wrong. */
typedef bool rig_one(struct rig *r, uint64_t seed, unsigned *events);
/* The main program of a test that draws regions: MODULE [COUNT [SEED]]. So many want to have seen all of the reasons, bits. */
int rig_draw(int argc, char **argv, uint64_t many, rig_one *one, uint32_t reasons);

#endif
