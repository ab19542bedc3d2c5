/* Words as bytes of guests' memory. */
#ifndef TESTS_ORDER_H
#define TESTS_ORDER_H

#include <stdbool.h>
#include <stdint.h>

static inline void order_put(bool big, uint32_t v, uint8_t b[4])
{
	for (unsigned k = 0; k < 4; k++)
		b[k] = (uint8_t)(v >> 8 * (big ? 3 - k : k));
}

static inline uint32_t order_get(bool big, const uint8_t b[4])
{
	uint32_t v = 0;

	for (unsigned k = 0; k < 4; k++)
		v |= (uint32_t)b[k] << 8 * (big ? 3 - k : k);
	return v;
}

#endif
