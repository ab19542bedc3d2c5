#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "frontend/ppc/frontend.h"
#include "opt/opt.h"
#include "tools/ir_case.h"
#include "tools/ir_exec.h"

enum { MAX_SLOTS = 256, MAX_NAME = 64 };

struct work {
	const char *name;		/* of the file */
	const char *p;			/* the line being worked on */
	unsigned line;
	FILE *out;
	struct base_arena arena;
	struct ir_parse_env env;
	struct ir_slot slot[MAX_SLOTS];	/* declared by the file */
	char slot_name[MAX_SLOTS][MAX_NAME];
	struct ir_slots declared;
	struct exec_bench bench;
	bool differs;			/* executors do not agree */
};

static bool fail(const struct work *w, const char *msg)
{
	fprintf(stderr, "%s:%u: %s\n", w->name, w->line, msg);
	return false;
}

static size_t line_length(const char *p)
{
	size_t n = strcspn(p, "\n");

	return p[n] ? n + 1 : n;
}

static bool starts(const char *p, const char *with)
{
	return !strncmp(p, with, strlen(with));
}

static void next_line(struct work *w)
{
	w->p += line_length(w->p);
	w->line++;
}

static void copy_line(struct work *w)
{
	fwrite(w->p, 1, line_length(w->p), w->out);
	next_line(w);
}

/* ---- declarations in front of the first case ---- */

/* "slot r3:i32 @16" */
static bool declare_slot(struct work *w)
{
	struct ir_slots *s = &w->declared;
	char type[MAX_NAME];
	unsigned offset, t;

	if (s->n == MAX_SLOTS)
		return fail(w, "too many slots");
	if (sscanf(w->p, "slot %63[^: ]:%63[^ \n] @%u", w->slot_name[s->n], type, &offset) != 3)
		return fail(w, "expected slot NAME:TYPE @OFFSET");
	for (t = IR_I1; t < IR_TYPE_COUNT; t++)
		if (!strcmp(type, ir_type_info[t].name))
			break;
	if (t == IR_TYPE_COUNT || offset > 60000)
		return fail(w, "no such type, or offset too large");
	w->slot[s->n] = (struct ir_slot){ w->slot_name[s->n], (uint8_t)t, (uint16_t)offset };
	if (!strcmp(w->slot_name[s->n], "pc"))
		s->pc = s->n;
	s->n++;
	s->state_size = s->state_size > offset + 16 ? s->state_size : offset + 16;
	s->slot = w->slot;
	w->env.slots = s;
	return true;
}

static bool read_declaration(struct work *w)
{
	if (starts(w->p, "slot "))
		return declare_slot(w);
	if (starts(w->p, "guest ppc")) {
		w->env.slots = frontend_ppc.slots;
		w->env.helpers = frontend_ppc.helpers;
		return true;
	}
	return *w->p == '#' || *w->p == '\n' || fail(w, "expected slot, guest or a case");
}

/* ---- run lines ---- */

static const char *const reason_name[] = {
	[ENV_NONE] = "none", [ENV_HOOK] = "hook", [ENV_POLL] = "poll", [ENV_BUDGET] = "budget", [ENV_TRAP] = "trap",
	[ENV_FAULT] = "fault", [ENV_STOP] = "stop", [ENV_HOT] = "hot", [ENV_NOMEM] = "nomem",
};

static const struct ir_slot *find_slot(const struct work *w, const char *name)
{
	for (unsigned k = 0; k < w->env.slots->n; k++)
		if (!strcmp(name, w->env.slots->slot[k].name))
			return &w->env.slots->slot[k];
	return NULL;
}

static unsigned slot_bytes(const struct ir_slot *s)
{
	return (ir_type_info[s->type].bits + 7u) / 8;
}

static bool read_hex_bytes(const char *hex, uint8_t *to, size_t max)
{
	for (size_t i = 0; hex[2 * i]; i++)
		if (i == max || sscanf(hex + 2 * i, "%2hhx", &to[i]) != 1 || !hex[2 * i + 1])
			return false;
	return true;
}

/* "r3=5", "v0=<32 digits>", "[0x100]=0badcafe", "fuel=3", "pending=1", "protect=0x2000:1" */
static bool assign(const struct work *w, struct exec_bench *b, const char *key, const char *value)
{
	const struct ir_slot *s = find_slot(w, key);
	uint64_t v[2] = { strtoull(value, NULL, 0), 0 };
	unsigned long at = *key == '[' ? strtoul(key + 1, NULL, 0) : 0;

	if (*key == '[')
		return at < EXEC_RAM && read_hex_bytes(value, b->ram + at, EXEC_RAM - at);
	if (!strcmp(key, "fuel"))
		b->env->fuel = (int64_t)v[0];
	else if (!strcmp(key, "pending"))
		atomic_store(&b->env->pending, (uint32_t)v[0]);
	else if (!strcmp(key, "protect") && v[0] < EXEC_RAM && strchr(value, ':'))
		b->page_prot[v[0] >> 12] = (uint8_t)strtoul(strchr(value, ':') + 1, NULL, 0);
	else if (!s)
		return false;
	else if (slot_bytes(s) <= 8)
		memcpy((char *)b->state + s->offset, v, slot_bytes(s));
	else if (sscanf(value, "0x%16" SCNx64 "%16" SCNx64, &v[1], &v[0]) == 2)
		memcpy((char *)b->state + s->offset, v, 16);
	else
		return false;
	return true;
}

static bool show_memory(const struct exec_bench *b, const char *key, size_t digits, FILE *out)
{
	unsigned long at = strtoul(key + 1, NULL, 0);

	for (size_t i = 0; i < digits / 2 && at + i < EXEC_RAM; i++)
		fprintf(out, "%02x", b->ram[at + i]);
	return at < EXEC_RAM;
}

/* What `key` is after a run; digits: how many the expectation has. */
static bool show(const struct work *w, const struct exec_bench *b, uint64_t pc, const char *key, size_t digits,
		 FILE *out)
{
	const struct env_exit *e = &b->env->exit;
	const struct { const char *key; uint64_t value; } field[] = {
		{ "pc", pc }, { "next", e->next }, { "addr", e->addr }, { "trap", e->trap },
		{ "code", (uint32_t)e->code }, { "cause", e->cause }, { "access", e->access }, { "len", e->len },
		{ "left", e->left }, { "fuel", (uint64_t)b->env->fuel },
	};
	const struct ir_slot *s = find_slot(w, key);
	uint64_t v[2] = { 0, 0 };

	if (*key == '[')
		return show_memory(b, key, digits, out);
	if (!strcmp(key, "event"))
		return fputs(reason_name[e->reason], out) >= 0;
	for (size_t i = 0; i < sizeof field / sizeof field[0]; i++)
		if (!strcmp(key, field[i].key))
			return fprintf(out, "0x%" PRIx64, field[i].value) > 0;
	if (!s)
		return false;
	memcpy(v, (const char *)b->state + s->offset, slot_bytes(s));
	if (slot_bytes(s) > 8)
		return fprintf(out, "0x%016" PRIx64 "%016" PRIx64, v[1], v[0]) > 0;
	return fprintf(out, "0x%" PRIx64, v[0]) > 0;
}

/* Splits "key=value" at p; false at the end of the items. */
static bool next_item(const char **p, char key[MAX_NAME], char value[MAX_NAME * 2])
{
	int n = 0;

	*p += strspn(*p, " ");
	if (starts(*p, "=>") || sscanf(*p, "%63[^= \n]=%127[^ \n]%n", key, value, &n) != 2)
		return false;
	*p += n;
	return true;
}

/* Runs the line's inputs on one executor and writes the right side anew. */
static bool run_once(const struct work *w, struct exec_bench *b, enum exec_kind kind, const struct ir_unit *u,
		     const char *line, FILE *out)
{
	const char *why;
	char key[MAX_NAME], value[MAX_NAME * 2];

	exec_reset(b);
	for (line += strlen("run:"); next_item(&line, key, value);)
		if (!assign(w, b, key, value))
			return fail(w, "cannot set this");
	line += strspn(line, " ");
	if (!starts(line, "=>"))
		return fail(w, "expected run: INPUTS => RESULTS");
	if ((why = exec_load(b, kind, u)))
		return fail(w, why);
	uint64_t pc = exec_go(b);
	for (line += 2; next_item(&line, key, value);) {
		fprintf(out, " %s=", key);
		if (!show(w, b, pc, key, strlen(value), out))
			return fail(w, "no such result");
	}
	return true;
}

/* One way to run the line, as text; NULL on failure. The caller frees it. */
static char *outcome(struct work *w, enum exec_kind kind, const struct ir_unit *u, const char *line)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	if (!f) {
		fail(w, "out of memory");
		return NULL;
	}
	bool ok = run_once(w, &w->bench, kind, u, line, f);
	fclose(f);
	if (ok)
		return text;
	free(text);
	return NULL;
}

/* All executors, before and after optimising, must say the same as the first. */
static bool run_line(struct work *w, const struct ir_unit *const unit[2])
{
	const char *arrow = strstr(w->p, "=>");
	char *want = outcome(w, EXEC_INTERP, unit[0], w->p);
	bool ok = want;

	if (ok)
		fprintf(w->out, "%.*s=>%s\n", (int)(arrow - w->p), w->p, want);
	for (unsigned k = 1; ok && k < 2 * EXEC_COUNT; k++) {
		enum exec_kind kind = (enum exec_kind)(k / 2);

		if (!unit[k % 2] || !w->bench.backend[kind])
			continue;
		char *got = outcome(w, kind, unit[k % 2], w->p);
		ok = got;
		if (got && strcmp(got, want)) {
			fprintf(stderr, "%s:%u: on %s%s it is%s\n", w->name, w->line, exec_name[kind],
				k % 2 ? " after optimising" : "", got);
			w->differs = true;
		}
		free(got);
	}
	free(want);
	return ok;
}

/* ---- cases ---- */

/* Line of the n-th operation in the text of a case, 1-based. */
static unsigned line_of(const char *text, unsigned inst)
{
	unsigned line = 1;

	for (; *text; text += line_length(text), line++) {
		const char *p = text + strspn(text, " \t");

		if (*p != '\n' && *p != '\0' && *p != '#' && !starts(p, "unit ") && inst-- == 0)
			break;
	}
	return line;
}

static unsigned passes_of(const char *list)
{
	unsigned flags = 0;

	for (const struct opt_pass *p = opt_pass; p->name; p++) {
		const char *at = strstr(list, p->name);
		if (at)
			flags |= p->flag;
	}
	return strstr(list, "all") ? flags | OPT_ALL : flags;
}

/* Does what the case's first line says. unit: as read and as optimised, for run lines. */
static bool work_out_text(struct work *w, const char *command, const char *text, const struct ir_unit *unit[2])
{
	struct ir_parse_error pe;
	struct ir_error ve;
	struct ir_unit *u = ir_parse(&w->arena, &w->env, text, &pe);

	if (!u) {
		fprintf(w->out, "%u: %s\n", pe.line, pe.msg);
		return true;
	}
	if (!ir_verify(u, &ve)) {
		fprintf(w->out, "%u: %s\n", line_of(text, ve.inst), ve.msg);
		return true;
	}
	unit[0] = u;
	if (starts(command, "roundtrip"))
		ir_print(u, w->out);
	if (!starts(command, "opt"))
		return true;
	u = ir_parse(&w->arena, &w->env, text, &pe);
	if (!u || opt_run(u, &w->arena, passes_of(command)))
		return fail(w, "out of memory");
	unit[1] = u;
	ir_print(u, w->out);
	if (!ir_verify(u, &ve))
		fprintf(w->out, "after optimising, %%%u: %s\n", ve.inst, ve.msg);
	return true;
}

static bool known_command(const char *command)
{
	return starts(command, "roundtrip") || starts(command, "verify") || starts(command, "opt ") ||
	       starts(command, "run");
}

/* From "==" up to the next case: the expected part is written anew, but for its comments. */
static bool work_out_case(struct work *w)
{
	const char *command = strndup(w->p + strspn(w->p, "= "), strcspn(w->p, "\n"));
	const struct ir_unit *unit[2] = { NULL, NULL };

	if (!command || !known_command(command))
		return fail(w, "expected == roundtrip, verify, opt PASSES or run");
	copy_line(w);
	const char *begin = w->p;
	while (*w->p && !starts(w->p, "---") && !starts(w->p, "=="))
		copy_line(w);
	char *text = strndup(begin, (size_t)(w->p - begin));
	if (starts(w->p, "---"))
		next_line(w);
	fputs("---\n", w->out);
	base_arena_reset(&w->arena);
	bool ok = text && work_out_text(w, command, text, unit);
	for (; ok && *w->p && !starts(w->p, "=="); next_line(w))
		if (starts(w->p, "run:"))
			ok = unit[0] ? run_line(w, unit) : fail(w, "the unit cannot be run");
		else if (*w->p == '\n' || *w->p == '#')
			fwrite(w->p, 1, line_length(w->p), w->out);
	free((char *)command);
	free(text);
	return ok;
}

bool case_work_out(const char *name, const char *text, FILE *out)
{
	struct work *w = calloc(1, sizeof *w);
	bool ok = true;

	if (!w)
		return false;
	*w = (struct work){ .name = name, .p = text, .line = 1, .out = out,
			    .env = { &exec_slots, exec_helpers } };
	base_arena_init(&w->arena, &base_alloc_malloc);
	for (; ok && *w->p && !starts(w->p, "=="); copy_line(w))
		if (!(ok = read_declaration(w)))
			break;
	if (ok && !exec_init(&w->bench, w->env.slots))
		ok = fail(w, "out of memory");
	while (ok && *w->p)
		ok = work_out_case(w);
	if (w->bench.env)
		exec_finish(&w->bench);
	base_arena_finish(&w->arena);
	ok = ok && !w->differs;
	free(w);
	return ok;
}
