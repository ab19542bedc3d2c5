/* What the micro-benchmarks share: giving up with the library's words, the thread's time, medians. */
#ifndef MICRO_H
#define MICRO_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dragoman/dragoman.h"

static inline void check(dgm_status st, const char *what)
{
	dgm_error e = DGM_INIT(dgm_error);

	if (!st)
		return;
	(void)dgm_last_error(&e);
	fprintf(stderr, "%s: %s %s\n", what, dgm_strerror(st), e.msg);
	exit(1);
}

/* CPU time of the calling thread. */
static inline double now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

static inline int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts. */
static inline double median(double *sample, int n)
{
	qsort(sample, (size_t)n, sizeof *sample, by_value);
	return sample[n / 2];
}

/* A line: the median, which it answers, and the extremes. */
static inline double report(const char *name, const char *unit, double *sample, int n)
{
	double m = median(sample, n);

	printf("%-52s %9.2f %s  (%.2f-%.2f)\n", name, m, unit, sample[0], sample[n - 1]);
	return m;
}

#endif
