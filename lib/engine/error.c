/*
 * Details of the last failure, per thread, and the log. The thread-local record is the one
 * mutable static of the library together with cpu_current's: both are per thread by nature.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine.h"

static _Thread_local dgm_error last_error;

static enum dgm_status note(enum dgm_status st, int os_errno, const char *fmt, va_list ap)
{
	last_error.size = sizeof last_error;
	last_error.status = st;
	last_error.os_errno = os_errno;
	struct dgm_cpu *cpu = cpu_current();
	last_error.guest_pc = cpu ? vm_address(cpu->vm, cpu_pc(cpu)) : 0;
	vsnprintf(last_error.msg, sizeof last_error.msg, fmt, ap);
	return st;
}

enum dgm_status engine_fail(enum dgm_status st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(st, 0, fmt, ap);
	va_end(ap);
	return st;
}

static void note_os(enum dgm_status st, int e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(st, e, fmt, ap);
	va_end(ap);
}

enum dgm_status engine_fail_os(enum dgm_status st, const char *what)
{
	int e = errno;
	char text[96];

	note_os(st, e, "%s: %s", what, strerror_r(e, text, sizeof text));
	return st;
}

const dgm_error *engine_last_error(void)
{
	return &last_error;
}

void engine_log(const struct dgm_engine *e, int level, const char *category, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	if (!e->cfg.log)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	e->cfg.log(e->cfg.log_ud, level, category, line);
}

void engine_log_lines(const struct dgm_engine *e, const char *category, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		engine_log(e, DGM_LOG_INFO, category, "%.*s", (int)n, text);
		text += n + (text[n] == '\n');
	}
}
