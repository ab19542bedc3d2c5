/* Where the blocks of a region should end, and which branches between them should go. For translate.c alone. */
#ifndef ENGINE_SHAPE_H
#define ENGINE_SHAPE_H

#include "base/arena.h"
#include "ir/ir.h"

struct shape {
	const struct ir_unit *const *block;
	const uint32_t *count;		/* by block: executions */
	unsigned n;
};

/*
 * Instructions of a block in front of where another block of the region begins, if the rest had better be that other one; 0: it
 * is well as it is.
 */
unsigned shape_apart(const struct shape *s, unsigned block);
/* The block with one or both ways that its branch parts, still to be optimised; NULL: they stay apart. */
struct ir_unit *shape_joined(const struct shape *s, unsigned block, struct base_arena *arena);

#endif
