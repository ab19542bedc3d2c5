/* A back-end module that can do nothing: every compilation fails. */
#include "iface/backend.h"

static enum dgm_status create(const struct base_alloc *alloc, void **self)
{
	*self = (void *)alloc;
	return DGM_OK;
}

static void destroy(void *self)
{
	(void)self;
}

static enum dgm_status compile(void *self, const struct backend_request *rq, struct base_arena *arena,
			       struct code_object *out)
{
	return DGM_E_JIT;
}

static const struct backend failing = { .name = "failing", .create = create, .destroy = destroy, .compile = compile };

__attribute__((visibility("default"))) const struct backend *dgm_backend_module(uint32_t abi);
const struct backend *dgm_backend_module(uint32_t abi)
{
	return abi == BACKEND_MODULE_ABI ? &failing : NULL;
}
