/*
 * Tier-up: which units are translated again by the LLVM back end, and who does it. Hot units
 * go into a queue for niced background threads, or are compiled on the spot when the engine is
 * deterministic.
 */
#include <dlfcn.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/engine.h"

enum { QUEUE_TARGET_NS = 10 * 1000 * 1000, MAX_PATIENCE = 5 };
enum { WORKER_NICE = 5 };

uint32_t tier_threshold(const struct dgm_engine *e)
{
	uint32_t base = e->cfg.hot_threshold ? e->cfg.hot_threshold : DGM_USUAL_THRESHOLD;

	return base << e->patience;
}

/*
 * Compilers that are behind get fewer requests: each job that waited too long doubles what new
 * units need to be hot, each that did not halves it again. Not when tier-up is to depend on
 * counts alone.
 */
static void adapt(struct dgm_engine *e, uint64_t waited_ns)
{
	uint32_t p = e->patience;

	if (e->cfg.flags & DGM_DETERMINISTIC)
		return;
	if (waited_ns > QUEUE_TARGET_NS && p < MAX_PATIENCE)
		e->patience = p + 1;
	else if (waited_ns < QUEUE_TARGET_NS / 4 && p)
		e->patience = p - 1;
}

/* NULL: *why says why not. */
static const struct backend *open_module(struct dgm_engine *e, const char *dir, const char **why)
{
	char path[4096];
	backend_module_fn *entry;

	*why = "the name of its folder is too long";
	if (snprintf(path, sizeof path, "%s%sdragoman-llvm.so", dir ? dir : "", dir ? "/" : "") >= (int)sizeof path)
		return NULL;
	void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module) {
		*why = dlerror();
		return NULL;
	}
	*(void **)&entry = dlsym(module, BACKEND_MODULE_ENTRY);
	const struct backend *b = entry ? entry(BACKEND_MODULE_ABI) : NULL;
	if (!b) {
		*why = "dragoman-llvm.so is of another build than this library";
		dlclose(module);
		return NULL;
	}
	e->llvm_module = module;
	return b;
}

const struct backend *tier_llvm(struct dgm_engine *e)
{
	pthread_mutex_lock(&e->queue_lock);
	if (!e->llvm_tried && !(e->cfg.flags & (DGM_NO_LLVM | DGM_INTERP_ONLY))) {
		const char *why;

		e->llvm = open_module(e, e->cfg.backend_dir ? e->cfg.backend_dir : DRAGOMAN_BACKEND_DIR, &why);
		e->llvm_tried = true;
		if (!e->llvm)
			engine_log(e, DGM_LOG_WARN, "llvm", "no LLVM back end: %s", why);
	}
	const struct backend *b = e->llvm;
	pthread_mutex_unlock(&e->queue_lock);
	return b;
}

/* Makes every vCPU but self, which knows, look its next target up again; lock held. */
static void forget_jumps(struct dgm_vm *vm, const struct dgm_cpu *self)
{
	for (struct dgm_cpu *c = vm->cpus; c; c = c->next)
		if (c != self)
			cpu_nudge(c, CPU_JUMPS);
}

static void compile_job(struct dgm_engine *e, struct translator **t, const struct engine_job *job)
{
	struct dgm_vm *vm = job->vm;
	const struct backend *llvm = tier_llvm(e);

	if (!llvm)
		return;
	if (*t && !translator_serves(*t, vm)) {
		translator_free(*t);
		*t = NULL;
	}
	if (!*t && translator_new(vm, llvm, t))
		return;
	pthread_mutex_lock(&vm->lock);
	struct cache_unit *unit = cache_find(&vm->cache, job->at.key);
	if (vm->generation == job->generation && unit && unit->queued && unit->tier != CACHE_LLVM) {
		uint64_t waited = engine_now_ns() - job->queued_ns;

		atomic_fetch_add(&vm->count.ns_queue, waited);
		adapt(e, waited);
		if (translator_compile_region(*t, job->pc, job->mode, &job->at, NULL) == DGM_OK)
			forget_jumps(vm, NULL);
	}
	pthread_mutex_unlock(&vm->lock);
}

static uint32_t heat(const struct engine_job *job)
{
	return job->counter ? unit_counted(job->counter) : 0;
}

/* Takes the hottest job out of the queue; queue_lock held, the queue not empty. */
static struct engine_job *take_job(struct dgm_engine *e)
{
	struct engine_job **best = &e->queue;

	for (struct engine_job **p = &e->queue->next; *p; p = &(*p)->next)
		if (heat(*p) > heat(*best))
			best = p;
	struct engine_job *job = *best;
	*best = job->next;
	e->queued--;
	return job;
}

static void lower_priority(void)
{
	struct sched_param p = { 0 };

	pthread_setschedparam(pthread_self(), SCHED_BATCH, &p);
	setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), WORKER_NICE);
}

static void *worker(void *arg)
{
	struct dgm_engine *e = arg;
	struct translator *t = NULL;

	lower_priority();
	pthread_mutex_lock(&e->queue_lock);
	for (;;) {
		while (!e->quit && (!e->queue || e->resting))
			pthread_cond_wait(&e->queue_wake, &e->queue_lock);
		if (e->quit)
			break;
		struct engine_job *job = take_job(e);
		e->busy++;
		pthread_mutex_unlock(&e->queue_lock);
		compile_job(e, &t, job);
		base_free(&e->alloc, job);
		pthread_mutex_lock(&e->queue_lock);
		e->busy--;
		pthread_cond_broadcast(&e->queue_idle);
	}
	pthread_mutex_unlock(&e->queue_lock);
	translator_free(t);
	return NULL;
}

/* Starts the workers; queue_lock held. Signals stay with the host's own threads. */
static void start_workers(struct dgm_engine *e)
{
	unsigned want = e->cfg.workers ? e->cfg.workers : DGM_USUAL_WORKERS;
	sigset_t all, old;

	if (e->n_worker || getpid() != e->pid)
		return;
	want = want > DGM_MAX_WORKERS ? DGM_MAX_WORKERS : want;
	if (!e->worker)
		e->worker = base_alloc_zero(&e->alloc, DGM_MAX_WORKERS * sizeof *e->worker);
	if (!e->worker)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (e->n_worker < want && !pthread_create(&e->worker[e->n_worker], NULL, worker, e))
		e->n_worker++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* On a thread of the host's: the hottest job there is by now, if any. */
static void submitted(void *arg)
{
	struct dgm_engine *e = arg;
	struct translator *t = NULL;

	pthread_mutex_lock(&e->queue_lock);
	e->submitted--;
	while (e->queue && e->resting)
		pthread_cond_wait(&e->queue_wake, &e->queue_lock);
	if (e->queue) {
		struct engine_job *job = take_job(e);

		e->busy++;
		pthread_mutex_unlock(&e->queue_lock);
		compile_job(e, &t, job);
		base_free(&e->alloc, job);
		translator_free(t);
		pthread_mutex_lock(&e->queue_lock);
		e->busy--;
		pthread_cond_broadcast(&e->queue_idle);
	}
	pthread_mutex_unlock(&e->queue_lock);
	dgm_engine_unref(e);
}

/* True when somebody will take a job out of the queue; queue_lock held. */
static bool find_hands(struct dgm_engine *e)
{
	if (!e->cfg.submit) {
		start_workers(e);
		return e->n_worker;
	}
	atomic_fetch_add(&e->refs, 1);
	e->submitted++;
	if (e->cfg.submit(e->cfg.submit_ud, submitted, e))
		return true;
	e->submitted--;
	atomic_fetch_sub(&e->refs, 1);
	return false;
}

static void enqueue(struct dgm_vm *vm, struct cache_unit *unit, uint32_t mode)
{
	struct dgm_engine *e = vm->engine;
	struct engine_job *job = base_alloc(&e->alloc, sizeof *job);

	if (!job)
		return;
	*job = (struct engine_job){ vm, unit_at_of(vm, unit), unit->pc, vm->generation, engine_now_ns(), mode,
				    unit->data_size >= sizeof *job->counter ? (void *)unit->data : NULL, NULL };
	pthread_mutex_lock(&e->queue_lock);
	if (!find_hands(e)) {
		base_free(&e->alloc, job);
	} else {
		struct engine_job **p = &e->queue;

		while (*p)
			p = &(*p)->next;
		*p = job;
		e->queued++;
		unit->queued = true;
		pthread_cond_signal(&e->queue_wake);
	}
	pthread_mutex_unlock(&e->queue_lock);
}

/* Compiling on the spot counts as a worker's job: a fork must not come in the middle. False: not now. */
static bool begin_work(struct dgm_engine *e)
{
	pthread_mutex_lock(&e->queue_lock);
	bool ok = !e->resting;

	e->busy += ok;
	pthread_mutex_unlock(&e->queue_lock);
	return ok;
}

static void end_work(struct dgm_engine *e)
{
	pthread_mutex_lock(&e->queue_lock);
	e->busy--;
	pthread_cond_broadcast(&e->queue_idle);
	pthread_mutex_unlock(&e->queue_lock);
}

static void compile_now(struct dgm_cpu *cpu, struct cache_unit *unit, uint32_t mode)
{
	struct dgm_vm *vm = cpu->vm;
	const struct backend *llvm = tier_llvm(vm->engine);

	unit->queued = true;
	if (!llvm || (!vm->hot_translator && translator_new(vm, llvm, &vm->hot_translator)))
		return;
	struct translator *t = vm->hot_translator;
	vm->hot_translator = NULL;	/* the lock is given up meanwhile */
	struct unit_at at = unit_at_of(vm, unit);
	if (translator_compile_region(t, unit->pc, mode, &at, cpu) == DGM_OK) {
		forget_jumps(vm, cpu);
		cpu_forget_units(cpu);
	}
	if (vm->hot_translator)
		translator_free(t);
	else
		vm->hot_translator = t;
}

void tier_hot(struct dgm_cpu *cpu, struct cache_unit *unit, uint32_t mode)
{
	struct dgm_vm *vm = cpu->vm;
	struct dgm_engine *e = vm->engine;

	if (unit->queued || unit->tier == CACHE_LLVM || !vm->cache.has_code ||
	    (e->cfg.flags & (DGM_NO_LLVM | DGM_INTERP_ONLY)) || (e->llvm_tried && !e->llvm))
		return;
	if (!(e->cfg.flags & (DGM_DETERMINISTIC | DGM_HOT_AT_ONCE))) {
		enqueue(vm, unit, mode);
	} else if (begin_work(e)) {
		compile_now(cpu, unit, mode);
		end_work(e);
	}
}

/*
 * Code may count at the same moment: a store that gets lost leaves the old count, and where that was used up the block
 * in the baseline tier. A locked counter would cost every execution.
 */
void tier_covered(struct dgm_engine *e, struct cache_unit *unit)
{
	struct unit_counter *c = (void *)unit->data;
	uint32_t more = tier_threshold(e);

	if (unit->tier == CACHE_LLVM || unit->data_size < sizeof *c || e->cfg.flags & DGM_HOT_AT_ONCE)
		return;
	unit->queued = false;
	atomic_store_explicit(&c->all, unit_counted(c) + more, memory_order_relaxed);
	atomic_store_explicit(&c->left, more, memory_order_relaxed);
}

static void drop_jobs(struct dgm_engine *e, const struct dgm_vm *vm)
{
	for (struct engine_job **p = &e->queue; *p;) {
		struct engine_job *job = *p;

		if (vm && job->vm != vm) {
			p = &job->next;
			continue;
		}
		*p = job->next;
		e->queued--;
		base_free(&e->alloc, job);
	}
}

void tier_forget(struct dgm_vm *vm)
{
	struct dgm_engine *e = vm->engine;

	pthread_mutex_lock(&e->queue_lock);
	drop_jobs(e, vm);
	pthread_mutex_unlock(&e->queue_lock);
	tier_rest(e, true);
	tier_rest(e, false);
}

void tier_finish(struct dgm_engine *e)
{
	pthread_mutex_lock(&e->queue_lock);
	e->quit = true;
	drop_jobs(e, NULL);
	pthread_cond_broadcast(&e->queue_wake);
	pthread_mutex_unlock(&e->queue_lock);
	for (unsigned i = 0; i < e->n_worker; i++)
		pthread_join(e->worker[i], NULL);
	base_free(&e->alloc, e->worker);
	e->worker = NULL;
	e->n_worker = 0;
}

void tier_rest(struct dgm_engine *e, bool rest)
{
	pthread_mutex_lock(&e->queue_lock);
	e->resting = rest;
	while (rest && e->busy)
		pthread_cond_wait(&e->queue_idle, &e->queue_lock);
	pthread_cond_broadcast(&e->queue_wake);
	pthread_mutex_unlock(&e->queue_lock);
}

void tier_in_child(struct dgm_engine *e)
{
	/* Nobody else is here: the lock may be in any state, and the workers are gone. */
	pthread_mutex_init(&e->queue_lock, NULL);
	pthread_cond_init(&e->queue_wake, NULL);
	pthread_cond_init(&e->queue_idle, NULL);
	drop_jobs(e, NULL);
	atomic_fetch_sub(&e->refs, e->submitted);	/* nobody here will run them */
	e->submitted = 0;
	e->n_worker = 0;
}
