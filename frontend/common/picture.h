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
#include <stdint.h>

struct picture {
	uint32_t mask, match;
};

/* False when the text has not exactly 32 bits. */
bool picture_compile(const char *text, struct picture *out);

static inline bool picture_matches(const struct picture *p, uint32_t word)
{
	return (word & p->mask) == p->match;
}

/* The bits of `word` a letter of the picture names, gathered; 0 when it names none. */
uint32_t picture_field(const char *text, char letter, uint32_t word);

#endif
