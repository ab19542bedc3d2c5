/*
 * Deadlines of runs, and times of events by a machine's own clock: one thread per engine, started with the
 * first, sleeps until the next is due and nudges its vCPU.
 */
#include <errno.h>
#include <signal.h>

#include "engine/engine.h"

enum dgm_status deadline_init(struct dgm_engine *e)
{
	pthread_condattr_t mono;
	int failed;

	if (pthread_condattr_init(&mono))
		return DGM_E_NOMEM;
	pthread_condattr_setclock(&mono, CLOCK_MONOTONIC);
	failed = pthread_cond_init(&e->deadline_wake, &mono);
	pthread_condattr_destroy(&mono);
	return failed ? DGM_E_NOMEM : DGM_OK;
}

/* Nudges for what is due; when to look again. */
static uint64_t serve(struct dgm_cpu *c, uint64_t now)
{
	uint64_t next = UINT64_MAX;

	if (c->deadline_ns && c->deadline_ns <= now)
		cpu_nudge(c, CPU_DEADLINE);
	if (c->event_ns && c->event_ns <= now)
		cpu_nudge(c, CPU_REPLAN);
	/* Nudged again until the run ends: it may have looked a moment too early. */
	if (c->deadline_ns)
		next = c->deadline_ns <= now ? now + 1000000 : c->deadline_ns;
	if (c->event_ns && c->event_ns <= now)
		c->event_ns = 0;
	if (c->event_ns && c->event_ns < next)
		next = c->event_ns;
	return next;
}

static void *watch(void *arg)
{
	struct dgm_engine *e = arg;

	pthread_mutex_lock(&e->deadline_lock);
	while (!e->deadline_quit) {
		uint64_t next = UINT64_MAX, now = engine_now_ns();

		for (struct dgm_cpu *c = e->deadlines; c; c = c->next_deadline) {
			uint64_t at = serve(c, now);

			next = at < next ? at : next;
		}
		if (next == UINT64_MAX) {
			pthread_cond_wait(&e->deadline_wake, &e->deadline_lock);
			continue;
		}
		struct timespec ts = { (time_t)(next / 1000000000u), (long)(next % 1000000000u) };
		pthread_cond_timedwait(&e->deadline_wake, &e->deadline_lock, &ts);
	}
	pthread_mutex_unlock(&e->deadline_lock);
	return NULL;
}

static void unlist(struct dgm_engine *e, struct dgm_cpu *cpu)
{
	for (struct dgm_cpu **p = &e->deadlines; *p; p = &(*p)->next_deadline)
		if (*p == cpu) {
			*p = cpu->next_deadline;
			break;
		}
}

static int start(struct dgm_engine *e)
{
	sigset_t all, old;

	if (e->deadline_running)
		return 0;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int failed = pthread_create(&e->deadline_thread, NULL, watch, e);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	e->deadline_running = !failed;
	return failed;
}

/* In the list if it has one of the two times; lock held. */
static void enlist(struct dgm_cpu *cpu)
{
	struct dgm_engine *e = cpu->vm->engine;

	unlist(e, cpu);
	if (!cpu->deadline_ns && !cpu->event_ns)
		return;
	cpu->next_deadline = e->deadlines;
	e->deadlines = cpu;
	pthread_cond_signal(&e->deadline_wake);
}

static enum dgm_status set(struct dgm_cpu *cpu, uint64_t *which, uint64_t at_ns)
{
	struct dgm_engine *e = cpu->vm->engine;

	pthread_mutex_lock(&e->deadline_lock);
	int failed = at_ns ? start(e) : 0;
	if (!failed) {
		*which = at_ns;
		enlist(cpu);
	}
	pthread_mutex_unlock(&e->deadline_lock);
	errno = failed;
	return failed ? engine_fail_os(DGM_E_OS, "cannot start the timer thread") : DGM_OK;
}

enum dgm_status deadline_set(struct dgm_cpu *cpu, uint64_t at_ns)
{
	return set(cpu, &cpu->deadline_ns, at_ns);
}

enum dgm_status deadline_event(struct dgm_cpu *cpu, uint64_t at_ns)
{
	return set(cpu, &cpu->event_ns, at_ns);
}

void deadline_restore(struct dgm_cpu *cpu, uint64_t at_ns)
{
	struct dgm_engine *e = cpu->vm->engine;

	pthread_mutex_lock(&e->deadline_lock);
	cpu->deadline_ns = at_ns;
	cpu->event_ns = 0;
	enlist(cpu);
	pthread_mutex_unlock(&e->deadline_lock);
}

void deadline_finish(struct dgm_engine *e)
{
	pthread_mutex_lock(&e->deadline_lock);
	bool running = e->deadline_running;
	e->deadline_quit = true;
	pthread_cond_signal(&e->deadline_wake);
	pthread_mutex_unlock(&e->deadline_lock);
	if (running)
		pthread_join(e->deadline_thread, NULL);
}
