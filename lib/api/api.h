/* What the files of lib/api share. */
#ifndef API_API_H
#define API_API_H

#include "engine/engine.h"
#include "engine/names.h"

/* The concrete guests and back ends of this build. */
extern const struct engine_parts api_parts;

/* As dgm_vm_new; code is to stand near the address. */
enum dgm_status api_vm_new(dgm_engine *engine, const dgm_vm_cfg *cfg, const dgm_machine_ops *ops, void *ud,
			   const void *near, dgm_vm **out) BASE_CHECK;

/* Copies a caller's struct of *size bytes into ours; what it does not know stays zero. */
void api_copy_in(void *dst, size_t dst_size, const void *src, uint32_t src_size);
/* Fills a caller's struct, whose first word is its size, from ours. */
void api_copy_out(void *dst, const void *src, size_t src_size);

#endif
