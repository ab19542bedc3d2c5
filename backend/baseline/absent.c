/* The baseline back end on hosts it knows no code for. */
#include "backend/baseline/baseline.h"

static enum dgm_status create(const struct base_alloc *alloc, void **self)
{
	(void)alloc;
	*self = NULL;
	return DGM_E_UNSUP;
}

static void destroy(void *self)
{
	(void)self;
}

void baseline_limit(void *self, unsigned mask)
{
	(void)self, (void)mask;
}

const struct backend backend_baseline = { .name = "baseline", .create = create, .destroy = destroy };
