/*
 * Instructions that are interpreted outside of the cache: one, a few, or the rest of a block. For run.c.
 */
#ifndef ENGINE_FEW_H
#define ENGINE_FEW_H

#include "engine/engine.h"

/* Which instructions are to be interpreted, and how it came out. */
struct few {
	unsigned max_insns;
	unsigned room;			/* of the block there are so many left, at most */
	enum hook_level done;		/* how far the first one's events have come */
	bool cut;			/* out: max_insns ended it */
};

/* The block at pc. NULL: out of memory, or after filling env exit. */
struct ir_unit *few_lift(struct dgm_cpu *cpu, struct few *f, struct unit_at *at);
/* Interprets instructions at the pc. What comes of it stands in env exit. */
enum dgm_status few_run(struct dgm_cpu *cpu, unsigned max_insns, unsigned room, enum hook_level done);
/* The same with one instruction that has to be finished, whatever it changes. */
enum dgm_status few_run_alone(struct dgm_cpu *cpu, unsigned room, enum hook_level done);
/* The run goes on at the pc, in the middle of a block. */
void few_resume_at(struct dgm_cpu *cpu, enum hook_level done, uint32_t left);
/* Gives back instructions that tick has charged but are not executed; done: how many from exit.pc on were. */
void few_refund(struct dgm_cpu *cpu, unsigned done);
/* Somebody would see if a block began there. */
bool few_blocks_matter(const struct dgm_cpu *cpu);

#endif
