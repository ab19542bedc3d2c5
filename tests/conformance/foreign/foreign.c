/* A back-end module of another build, which knows that it is: it refuses. */
#include "iface/backend.h"

__attribute__((visibility("default"))) const struct backend *dgm_backend_module(uint32_t abi);
const struct backend *dgm_backend_module(uint32_t abi)
{
	static const struct backend other = { .name = "foreign" };

	return abi == BACKEND_MODULE_ABI ? NULL : &other;
}
