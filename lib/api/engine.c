/* dgm_engine: arguments, life and death. */
#include <string.h>
#include <unistd.h>

#include "api/api.h"

void api_copy_in(void *dst, size_t dst_size, const void *src, uint32_t src_size)
{
	size_t n = src_size < dst_size ? src_size : dst_size;

	memset(dst, 0, dst_size);
	memcpy(dst, src, n);
	memcpy(dst, &(uint32_t){ (uint32_t)dst_size }, sizeof(uint32_t));
}

void api_copy_out(void *dst, const void *src, size_t src_size)
{
	uint32_t size;

	memcpy(&size, dst, sizeof size);
	memcpy(dst, src, size < src_size ? size : src_size);
	memcpy(dst, &size, sizeof size);
}

const char *dgm_strerror(dgm_status status)
{
	switch (status) {
	case DGM_OK: return "success";
	case DGM_E_ARG: return "invalid argument";
	case DGM_E_NOMEM: return "out of memory";
	case DGM_E_ABI: return "built for another ABI of libdragoman";
	case DGM_E_ARCH: return "unknown guest architecture or model";
	case DGM_E_BUSY: return "still in use";
	case DGM_E_THREAD: return "called on the wrong thread";
	case DGM_E_MAP: return "bad guest address range";
	case DGM_E_SIZE: return "wrong size";
	case DGM_E_NOENT: return "no such thing";
	case DGM_E_FAULT: return "guest memory is not accessible";
	case DGM_E_UNSUP: return "not supported here";
	case DGM_E_OS: return "a system call failed";
	case DGM_E_JIT: return "no executable memory, or a compiler failed";
	case DGM_E_FORMAT: return "malformed data";
	}
	return "unknown status";
}

dgm_status dgm_last_error(dgm_error *out)
{
	if (!out || out->size < sizeof *out)
		return DGM_E_ARG;
	*out = *engine_last_error();
	out->size = sizeof *out;
	return DGM_OK;
}

uint32_t dgm_version(uint32_t *abi, const char **build)
{
	if (abi)
		*abi = DGM_ABI;
	if (build)
		*build = DRAGOMAN_BUILD;
	return DRAGOMAN_VERSION;
}

static enum dgm_status init_locks(dgm_engine *e)
{
	if (pthread_mutex_init(&e->queue_lock, NULL) || pthread_mutex_init(&e->vms_lock, NULL) ||
	    pthread_mutex_init(&e->deadline_lock, NULL) || pthread_cond_init(&e->queue_wake, NULL) ||
	    pthread_cond_init(&e->queue_idle, NULL))
		return DGM_E_NOMEM;
	return deadline_init(e);
}

/* The engine keeps strings of its own. */
static enum dgm_status own_string(dgm_engine *e, const char **s)
{
	if (!*s)
		return DGM_OK;
	size_t n = strlen(*s) + 1;
	char *copy = base_alloc(&e->alloc, n);
	if (!copy)
		return DGM_E_NOMEM;
	*s = memcpy(copy, *s, n);
	return DGM_OK;
}

dgm_status dgm_engine_new(const dgm_engine_cfg *cfg, uint32_t abi, dgm_engine **out)
{
	dgm_engine_cfg c = DGM_INIT(dgm_engine_cfg);

	if (!out)
		return engine_fail(DGM_E_ARG, "dgm_engine_new: out is NULL");
	*out = NULL;
	if (abi != DGM_ABI)
		return engine_fail(DGM_E_ABI, "built for ABI %u, this library has %u", abi, DGM_ABI);
	if (cfg && cfg->size < offsetof(dgm_engine_cfg, workers))
		return engine_fail(DGM_E_ARG, "dgm_engine_new: cfg->size is not set");
	if (cfg)
		api_copy_in(&c, sizeof c, cfg, cfg->size);
	if (c.cache_dir)
		return engine_fail(DGM_E_UNSUP, "dgm_engine_new: there is no on-disk store; cache_dir must be NULL");
	if (c.opt_level > 3)
		return engine_fail(DGM_E_ARG, "dgm_engine_new: opt_level is above 3");

	struct base_alloc alloc = base_alloc_malloc;
	if (c.alloc)
		alloc = (struct base_alloc){ c.alloc, c.alloc_ud };
	dgm_engine *e = base_alloc_zero(&alloc, sizeof *e);
	if (!e)
		return engine_fail(DGM_E_NOMEM, "out of memory for an engine");
	e->refs = 1;
	e->cfg = c;
	e->alloc = alloc;
	e->pid = getpid();
	e->parts = api_parts;
	e->cfg.backend_dir = NULL;
	if (!e->cfg.code_budget)
		e->cfg.code_budget = DGM_USUAL_CODE;
	if (e->parts.interp->create(&e->alloc, &e->interp) || init_locks(e))
		goto fail;
	e->cfg.backend_dir = c.backend_dir;
	if (own_string(e, &e->cfg.backend_dir))
		goto fail;
	names_open(e);
	*out = e;
	return DGM_OK;
fail:
	base_free(&alloc, e);
	return engine_fail(DGM_E_NOMEM, "out of memory for an engine");
}

void dgm_engine_unref(dgm_engine *e)
{
	if (!e || atomic_fetch_sub(&e->refs, 1) != 1)
		return;
	tier_finish(e);
	deadline_finish(e);
	names_close(e);
	pthread_mutex_destroy(&e->queue_lock);
	pthread_mutex_destroy(&e->vms_lock);
	pthread_mutex_destroy(&e->deadline_lock);
	pthread_cond_destroy(&e->queue_wake);
	pthread_cond_destroy(&e->queue_idle);
	pthread_cond_destroy(&e->deadline_wake);
	base_free(&e->alloc, (void *)(uintptr_t)e->cfg.backend_dir);
	e->parts.interp->destroy(e->interp);
	struct base_alloc alloc = e->alloc;
	base_free(&alloc, e);
}

bool dgm_signal(int sig, void *siginfo, void *ucontext)
{
	return fault_signal(sig, siginfo, ucontext);
}
