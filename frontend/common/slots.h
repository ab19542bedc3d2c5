/*
 * How a front end's state.def becomes the table of slots the IR reads, and the check that the members of its
 * state are as wide as the slots say. Define SLOT as one of these with the struct filled in, then include
 * the list. Knows no guest.
 */
#ifndef FRONTEND_SLOTS_H
#define FRONTEND_SLOTS_H

#include <stddef.h>

#include "ir/ir.h"

/* Bytes of a slot in memory, by type. */
enum {
	SLOT_BYTES_I1 = 1, SLOT_BYTES_I8 = 1, SLOT_BYTES_I32 = 4, SLOT_BYTES_I64 = 8, SLOT_BYTES_F64 = 8,
	SLOT_BYTES_I32X4 = 16, SLOT_BYTES_I64X2 = 16,
};

#define SLOT_ROW(state, text, T, member) { text, IR_##T, offsetof(struct state, member) },
#define SLOT_CHECK(state, text, T, member) \
	_Static_assert(sizeof((struct state *)0)->member == SLOT_BYTES_##T, "slot " text);

#endif
