/* The one place that names concrete guests and back ends. */
#include "api/api.h"
#if defined(__x86_64__) && __has_include("backend/baseline/baseline.h")
#include "backend/baseline/baseline.h"
#define HAVE_BASELINE 1
#endif
#include "backend/interp/interp.h"
#include "frontend/ppc/frontend.h"

static const struct frontend *const frontends[] = {
	&frontend_ppc,
	NULL,
};

const struct engine_parts api_parts = {
	.frontends = frontends,
	.interp = &backend_interp,
#ifdef HAVE_BASELINE
	.baseline = &backend_baseline,
#endif
};
