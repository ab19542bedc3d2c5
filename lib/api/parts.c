/* The one place that names concrete guests and back ends. */
#include "api/api.h"
#include "backend/baseline/baseline.h"
#include "backend/interp/interp.h"
#include "frontend/aarch64/frontend.h"
#include "frontend/arm/frontend.h"
#include "frontend/ppc/frontend.h"

static const struct frontend *const frontends[] = {
	&frontend_ppc,
	&frontend_aarch64,
	&frontend_arm,
	NULL,
};

const struct engine_parts api_parts = {
	.frontends = frontends,
	.interp = &backend_interp,
	.baseline = &backend_baseline,
};
