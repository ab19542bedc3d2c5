/*
 * Deadlines of runs: one thread per engine, started with the first, sleeps until the next is due
 * and nudges its vCPU.
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

static void *watch(void *arg)
{
	struct dgm_engine *e = arg;

	pthread_mutex_lock(&e->deadline_lock);
	while (!e->deadline_quit) {
		uint64_t next = UINT64_MAX, now = engine_now_ns();

		for (struct dgm_cpu *c = e->deadlines; c; c = c->next_deadline) {
			if (c->deadline_ns <= now)
				cpu_nudge(c, CPU_DEADLINE);
			/* Nudged again until the run ends: it may have looked a moment too early. */
			uint64_t at = c->deadline_ns <= now ? now + 1000000 : c->deadline_ns;
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

enum dgm_status deadline_set(struct dgm_cpu *cpu, uint64_t at_ns)
{
	struct dgm_engine *e = cpu->vm->engine;
	sigset_t all, old;
	int failed = 0;

	pthread_mutex_lock(&e->deadline_lock);
	if (!e->deadline_running) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		failed = pthread_create(&e->deadline_thread, NULL, watch, e);
		pthread_sigmask(SIG_SETMASK, &old, NULL);
		e->deadline_running = !failed;
	}
	if (!failed) {
		unlist(e, cpu);
		cpu->deadline_ns = at_ns;
		cpu->next_deadline = e->deadlines;
		e->deadlines = cpu;
		pthread_cond_signal(&e->deadline_wake);
	}
	pthread_mutex_unlock(&e->deadline_lock);
	errno = failed;
	return failed ? engine_fail_os(DGM_E_OS, "cannot start the timer thread") : DGM_OK;
}

void deadline_clear(struct dgm_cpu *cpu)
{
	struct dgm_engine *e = cpu->vm->engine;

	pthread_mutex_lock(&e->deadline_lock);
	unlist(e, cpu);
	cpu->deadline_ns = 0;
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
