/* The part of the assembler that is not worth inlining. */
#include "backend/baseline/emit_x64.h"

bool x64_grow(struct x64 *x, size_t n)
{
	size_t used = (size_t)(x->p - x->start), cap = (size_t)(x->end - x->start);
	uint8_t *p;

	while (cap < used + n)
		cap = cap ? cap * 2 : 32768;
	p = base_realloc(x->alloc, x->start, cap);
	if (!p)
		return false;
	x->start = p;
	x->p = p + used;
	x->end = p + cap;
	return true;
}
