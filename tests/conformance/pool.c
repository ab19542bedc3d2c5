/* Hot code is compiled by threads of the host's, when it has given the engine a way to them. */
#include <pthread.h>
#include <stdlib.h>

#include "conf.h"

enum { MAX_JOBS = 64 };

/* A pool that runs what it was given when the test says so. */
struct pool {
	pthread_mutex_t lock;
	struct {
		void (*job)(void *);
		void *arg;
	} jobs[MAX_JOBS];
	unsigned n, refused;
	bool refuse;
};

static bool submit(void *ud, void (*job)(void *), void *arg)
{
	struct pool *p = ud;

	pthread_mutex_lock(&p->lock);
	bool ok = !p->refuse && p->n < MAX_JOBS;
	p->refused += !ok;
	if (ok) {
		p->jobs[p->n].job = job;
		p->jobs[p->n++].arg = arg;
	}
	pthread_mutex_unlock(&p->lock);
	return ok;
}

/* On a thread of the pool. */
static void *work(void *ud)
{
	struct pool *p = ud;

	for (unsigned i = 0; i < p->n; i++)
		p->jobs[i].job(p->jobs[i].arg);
	p->n = 0;
	return NULL;
}

static void run_pool(struct pool *p)
{
	pthread_t thread;

	cr_assert(!pthread_create(&thread, NULL, work, p));
	pthread_join(thread, NULL);
}

static const uint32_t count_down[] = { LI(3, 0), LI(4, 3000), MTCTR(4), ADDI(3, 3, 2), BDNZ(-4), SC };
static const struct conf pooled = { "pool", 0 };

static struct rig make(struct pool *p)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);

	*p = (struct pool){ .lock = PTHREAD_MUTEX_INITIALIZER };
	ec.hot_threshold = 50;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	ec.submit = submit;
	ec.submit_ud = p;
	struct rig r = rig_with(&pooled, &ec, 0x1000, NULL, NULL);
	rig_code(&r, CODE, count_down, sizeof count_down / 4);
	return r;
}

static void run(struct rig *r)
{
	rig_run(r, 0);
	EXPECT(*r, dgm_get(r->cpu, DGM_PPC_R3), 6000);
}

static uint64_t units_llvm(struct rig *r)
{
	dgm_stats s = DGM_INIT(dgm_stats);

	EXPECT(*r, dgm_vm_stats(r->vm, &s), DGM_OK);
	return s.units_llvm;
}

Test(pool, compiles)
{
	struct pool p;
	struct rig r = make(&p);

	run(&r);
	EXPECT(r, units_llvm(&r), 0);
	EXPECT(r, p.n, 1);
	run_pool(&p);
	EXPECT(r, units_llvm(&r), 1);
	run(&r);
	rig_free(&r);
}

Test(pool, may_refuse)
{
	struct pool p;
	struct rig r = make(&p);

	p.refuse = true;
	run(&r);
	EXPECT(r, p.refused > 0, true);
	EXPECT(r, units_llvm(&r), 0);
	rig_free(&r);
}

/* A job whose VM is gone does nothing, and the last one frees the engine. */
Test(pool, comes_too_late)
{
	struct pool p;
	struct rig r = make(&p);

	run(&r);
	EXPECT(r, p.n, 1);
	rig_free(&r);
	run_pool(&p);
}
