/*
 * Bit pictures: how rows of instruction tables write an encoding. A picture of a 32-bit word
 * is 32 characters, most significant bit first; blanks are for the eye. For every front end
 * of fixed-width instructions; knows no guest.
 *
 *   0 1   the bit must be so
 *   -     reserved: ignored
 *   else  a letter (or '.') of an operand field: any value
 */
#ifndef FRONTEND_PICTURE_H
#define FRONTEND_PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alloc.h"

struct picture {
	uint32_t mask, match;
};

/* False when the text has not exactly 32 bits. */
bool picture_compile(const char *text, struct picture *out);

static inline bool picture_matches(const struct picture *p, uint32_t word)
{
	return (word & p->mask) == p->match;
}

/*
 * Which pictures a word may fit: they stand in the bucket of its key bits, in their own order.
 * bucket_of is a function of the key bits, and the caller's, who has it inlined where words are looked up.
 */
struct picture_index {
	uint32_t *first;		/* of row, by bucket; one more ends the last */
	uint16_t *row;			/* numbers of pictures */
};

typedef unsigned picture_bucket_fn(uint32_t word);

/*
 * Indexes pictures number from to end - 1, which stand `stride` bytes apart, number 0 at `picture`. False
 * when out of memory; the index is to be freed all the same.
 */
bool picture_index_make(struct picture_index *x, const struct base_alloc *alloc, uint32_t key,
			picture_bucket_fn *bucket_of, unsigned n_buckets, const struct picture *picture,
			size_t stride, unsigned from, unsigned end);
void picture_index_free(struct picture_index *x, const struct base_alloc *alloc);

/* The bits of `word` a letter of the picture names, gathered; 0 when it names none. */
uint32_t picture_field(const char *text, char letter, uint32_t word);

#endif
