/*
 * What the host says of the process's arguments and environment (/proc/PID/cmdline and environ, which ps shows): those on the
 * guest's first stack, so that a program that writes over them is seen to. The kernel lets every process say where they
 * are (PR_SET_MM_MAP), if all else that it keeps there is said again. Where it refuses, the translator's stay.
 */
#include <inttypes.h>
#include <linux/prctl.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "lx.h"

/* Fields of /proc/self/stat, as proc(5) counts them. */
enum { START_CODE = 26, END_CODE, START_STACK, START_DATA = 45, END_DATA, START_BRK, ARG_START, ARG_END, ENV_START, ENV_END, N_FIELD };

static bool read_stat(uint64_t v[N_FIELD])
{
	FILE *f = fopen("/proc/self/stat", "re");
	char text[2048], *p;
	size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = 0;
	p = strrchr(text, ')');
	for (unsigned i = 3; p && i < N_FIELD; i++) {
		p = strchr(p + 1, ' ');
		if (p)
			v[i] = strtoull(p + 1, NULL, 10);
	}
	return p;
}

void lx_show_arguments(lx *x)
{
	uint64_t v[N_FIELD] = { 0 }, len = x->p->env_hi - x->p->arg_lo, at;
	struct prctl_mm_map map = { .exe_fd = ~0u };

	at = (uint64_t)(uintptr_t)lx_ptr(x, x->p->arg_lo, len, DGM_R);
	if (!at || !read_stat(v) || !v[ARG_START])
		return;
	map.start_code = v[START_CODE];
	map.end_code = v[END_CODE];
	map.start_data = v[START_DATA];
	map.end_data = v[END_DATA];
	map.start_brk = v[START_BRK];
	map.start_stack = v[START_STACK];
	map.arg_start = at;
	map.arg_end = map.env_start = at + (x->p->arg_hi - x->p->arg_lo);
	map.env_end = at + len;
	map.brk = (uint64_t)LX_HOST(SYS_brk, 0);
	LX_HOST(SYS_prctl, PR_SET_MM, PR_SET_MM_MAP, (long)&map, sizeof map);
}
