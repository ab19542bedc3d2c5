/* What the files of lib/api share. */
#ifndef API_API_H
#define API_API_H

#include "engine/engine.h"
#include "engine/names.h"

/* The concrete guests and back ends of this build. */
extern const struct engine_parts api_parts;

/* Copies a caller's struct of *size bytes into ours; what it does not know stays zero. */
void api_copy_in(void *dst, size_t dst_size, const void *src, uint32_t src_size);
/* Fills a caller's struct, whose first word is its size, from ours. */
void api_copy_out(void *dst, const void *src, size_t src_size);

#endif
