/*
 * How a region of hot code grows: which blocks belong to it, where its indirect exits are likely to lead, and by which
 * blocks it is entered. For translate.c, which lifts the blocks; the VM's lock is held throughout.
 */
#ifndef ENGINE_REGION_H
#define ENGINE_REGION_H

#include "engine/engine.h"
#include "opt/opt.h"

enum { REGION_BLOCKS = 64, REGION_INSNS = 320, REGION_CANDIDATES = 4 * REGION_BLOCKS, REGION_GUESSES = 128 };
enum { REGION_ENTRIES = 24, REGION_LADDERS = 4 };

struct region {
	const struct ir_unit *block[REGION_BLOCKS];
	uint64_t indirect[REGION_BLOCKS][CODE_PROFILE_N];	/* where its indirect exit was seen to go; 0: none */
	uint32_t count[REGION_BLOCKS];				/* how often it was entered so far */
	unsigned n, insns;
	struct {
		uint64_t pc;
		uint32_t count;
	} candidate[REGION_CANDIDATES];
	unsigned n_candidate;
	struct backend_guess guess[REGION_GUESSES];
	unsigned n_guess;
	unsigned entry[REGION_ENTRIES], n_entry;	/* blocks besides the first that are entered from outside */
	struct opt_ladder ladder[REGION_LADDERS];	/* that blocks were made to skip */
	unsigned n_ladder;
	uint64_t hash;
	uint32_t entry_count, mode;
	struct unit_at at;
};

/* A region that begins at `at` with a block executed so often, and has no block yet. */
void region_init(struct region *r, const struct unit_at *at, uint32_t mode, uint32_t entry_count);
/* Adds a block; what it leads to, if warm, may be added next. */
void region_add(const struct dgm_vm *vm, struct region *r, const struct ir_unit *u);
/* The same for one that was made to skip a ladder: it leads to its last step, not where its jump went. */
void region_add_skipping(const struct dgm_vm *vm, struct region *r, const struct ir_unit *u,
			 const struct opt_ladder *ladder);
/* Where the block's indirect jump was seen to lead; how often is not known. */
unsigned region_targets(const struct dgm_vm *vm, const struct region *r, uint64_t pc, uint64_t target[CODE_PROFILE_N]);
/* Takes the neighbour that was executed most often; false when there is none. */
bool region_hottest(struct region *r, uint64_t *pc);
/* When all blocks are there: finds guesses and entries. */
void region_finish(const struct dgm_vm *vm, struct region *r);

/* In translate.c: the key of another block of the region, or 0, and how often a block was entered. */
uint64_t region_key(const struct dgm_vm *vm, const struct unit_at *at, uint64_t pc, uint32_t mode);
uint32_t unit_executions(const struct cache_unit *u);

#endif
