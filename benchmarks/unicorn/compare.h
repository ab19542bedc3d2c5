/* What the comparison of the library with Unicorn asks of both sides; each side is one file. */
#ifndef COMPARE_H
#define COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IMAGE_AT = 0x10000, RAM_SIZE = 0x100000, STACK_TOP = 0xf0000, RETURN_TO = 0xf8000 };

enum guest { GUEST_PPC, GUEST_AARCH64, GUEST_ARM, GUESTS };

/* What watches a run. Hooks see everything, everywhere, and do nothing. */
enum watch {
	WATCH_NOTHING,
	WATCH_BLOCKS,  /* a callback for each block */
	WATCH_INSNS,   /* a callback for each instruction */
	WATCH_BUDGET,  /* an exact limit on instructions that is not reached */
	WATCH_COUNTER, /* an inline counter of blocks */
	WATCHES
};

struct side {
	const char *name;
	/* A machine with the image in its memory; NULL when it cannot be made or cannot watch so. */
	void *(*open)(enum guest g, const uint8_t *image, size_t len, enum watch w);
	void (*close)(void *machine);
	/* Calls the image's entry with n and answers its result. */
	bool (*call)(void *machine, uint32_t n, uint32_t *result);
	/* Runs from the entry up to the address, with no argument set. */
	bool (*enter)(void *machine, uint64_t until);
	uint64_t (*get)(void *machine); /* a general register */
	/* Makes what was there when this was called first come back; false: not offered. */
	bool (*rewind)(void *machine);
	uint64_t (*seen)(void *machine); /* events watched: in one more call, by a hook that counts, or so far */
};

extern const struct side side_dragoman, side_unicorn;

#endif
