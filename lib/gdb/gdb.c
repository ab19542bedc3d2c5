/* GDB's remote protocol: packets in and out, and those that look at, change, run and stop the guest. */
#include <stdlib.h>
#include <string.h>

#include "dragoman/mmu.h"
#include "stub.h"

enum { GDB_SIGTRAP = 5 };

void gdb_error(dgm_gdb *g, unsigned number)
{
	g->out.n = 0;
	gdb_char(&g->out, 'E');
	gdb_two(&g->out, number);
}

static void ok(dgm_gdb *g)
{
	gdb_text(&g->out, "OK");
}

static void ok_if(dgm_gdb *g, bool good)
{
	if (good)
		ok(g);
	else
		gdb_error(g, 1);
}

/* ---- packets out ---- */

static void send_answer(dgm_gdb *g)
{
	static const char digits[] = "0123456789abcdef";
	char *f = g->frame;
	unsigned sum = 0;

	/* Buffers are sized so that no answer is ever cut; if one were, GDB had better know. */
	if (g->out.full)
		gdb_error(g, 0x7f);
	g->out.full = false;
	*f++ = '$';
	for (size_t i = 0; i < g->out.n; i++) {
		sum += (uint8_t)g->out.text[i];
		*f++ = g->out.text[i];
	}
	*f++ = '#';
	*f++ = digits[sum >> 4 & 15];
	*f++ = digits[sum & 15];
	g->n_frame = (size_t)(f - g->frame);
	g->out.n = 0;
	g->ops.send(g->ud, g->frame, g->n_frame);
}

static void stop_reply(dgm_gdb *g)
{
	static const char *const watch[] = { [GDB_WATCH_WRITE] = "watch:", [GDB_WATCH_READ] = "rwatch:", [GDB_WATCH_ANY] = "awatch:" };

	if (g->ended) {
		gdb_char(&g->out, g->ended);
		gdb_two(&g->out, (unsigned)g->stop_signal & 0xff);
		return;
	}
	gdb_char(&g->out, 'T');
	gdb_two(&g->out, (unsigned)g->stop_signal & 0xff);
	gdb_text(&g->out, "thread:");
	gdb_hex_number(&g->out, g->stop_thread);
	gdb_char(&g->out, ';');
	if (g->stop_hit.cpu && watch[g->stop_hit.kind]) {
		gdb_text(&g->out, watch[g->stop_hit.kind]);
		gdb_hex_number(&g->out, g->stop_hit.addr);
		gdb_char(&g->out, ';');
	}
}

void dgm_gdb_stopped(dgm_gdb *g, uint64_t thread, int signal)
{
	g->stop_thread = thread;
	g->stop_signal = signal;
	g->stop_hit = signal == GDB_SIGTRAP ? gdb_hit_of(g, g->ops.cpu(g->ud, thread)) : (struct gdb_hit){ 0 };
	g->selected = thread;
	if (!g->running || g->over)
		return;
	g->running = false;
	stop_reply(g);
	send_answer(g);
}

void dgm_gdb_ended(dgm_gdb *g, int status, int signal)
{
	bool waiting = g->running && !g->over;

	g->ended = signal ? 'X' : 'W';
	g->stop_signal = signal ? signal : status;
	g->running = false;
	g->n_breaks = 0;	/* their memory is gone */
	if (!waiting)
		return;
	stop_reply(g);
	send_answer(g);
}

/* ---- threads ---- */

uint64_t gdb_current(dgm_gdb *g)
{
	if (g->selected && g->ops.cpu(g->ud, g->selected))
		return g->selected;
	if (g->stop_thread && g->ops.cpu(g->ud, g->stop_thread))
		return g->stop_thread;
	return g->ops.thread(g->ud, 0);
}

dgm_cpu *gdb_cpu(dgm_gdb *g)
{
	uint64_t t = g->running || g->ended ? 0 : gdb_current(g);

	return t ? g->ops.cpu(g->ud, t) : NULL;
}

/* A thread's id; -1 and 0, which mean all and any, become 0. */
static bool thread_id(const char **p, uint64_t *out)
{
	*out = 0;
	if (gdb_skip(p, '-'))
		return gdb_skip(p, '1');
	return gdb_number(p, out);
}

static void set_thread(dgm_gdb *g, const char *p)
{
	char what = *p;
	uint64_t t;

	if (what != 'g' && what != 'c')
		return;
	p++;
	if (!thread_id(&p, &t) || *p || (t && !g->ops.cpu(g->ud, t))) {
		gdb_error(g, 1);
		return;
	}
	if (what == 'g')
		g->selected = t;
	else
		g->resumed = t;
	ok(g);
}

static void is_alive(dgm_gdb *g, const char *p)
{
	uint64_t t;

	ok_if(g, thread_id(&p, &t) && !*p && t && g->ops.cpu(g->ud, t));
}

/* ---- registers and memory ---- */

static void read_regs(dgm_gdb *g)
{
	dgm_cpu *cpu = gdb_cpu(g);
	struct gdb_reg r;

	if (!cpu)
		gdb_error(g, 3);
	for (uint32_t i = 0; cpu && gdb_reg_at(g, i, &r); i++)
		gdb_reg_get(g, cpu, &r);
}

static void write_regs(dgm_gdb *g, const char *p)
{
	dgm_cpu *cpu = gdb_cpu(g);
	size_t left = strlen(p);
	struct gdb_reg r;

	if (!cpu) {
		gdb_error(g, 3);
		return;
	}
	/* As many as the packet has. */
	for (uint32_t i = 0; left && gdb_reg_at(g, i, &r); i++) {
		if (left < 2 * r.bytes || !gdb_reg_set(g, cpu, &r, p)) {
			gdb_error(g, 1);
			return;
		}
		p += 2 * r.bytes;
		left -= 2 * r.bytes;
	}
	ok_if(g, !left);
}

static void one_reg(dgm_gdb *g, const char *p, bool write)
{
	dgm_cpu *cpu = gdb_cpu(g);
	struct gdb_reg r;
	uint64_t n;

	if (!cpu || !gdb_number(&p, &n) || !gdb_reg_numbered(g, n, &r)) {
		gdb_error(g, 3);
		return;
	}
	if (!write && !*p)
		gdb_reg_get(g, cpu, &r);
	else
		ok_if(g, write && gdb_skip(&p, '=') && strlen(p) == 2 * r.bytes && gdb_reg_set(g, cpu, &r, p));
}

/* ADDR,LENGTH, and the character behind it. */
static bool range(dgm_gdb *g, const char **p, uint64_t *addr, uint64_t *len, char end)
{
	if (gdb_number(p, addr) && gdb_skip(p, ',') && gdb_number(p, len) && **p == end)
		return true;
	gdb_error(g, 1);
	return false;
}

static void read_memory(dgm_gdb *g, const char *p)
{
	uint8_t buf[GDB_DATA];
	uint64_t addr, len, n;

	if (!range(g, &p, &addr, &len, 0))
		return;
	n = gdb_mem_read(g, addr, buf, len < sizeof buf ? len : sizeof buf);
	if (!n && len)
		gdb_error(g, 14);
	gdb_hex(&g->out, buf, n);
}

static void write_memory(dgm_gdb *g, const char *p)
{
	uint8_t buf[GDB_PACKET / 2];
	uint64_t addr, len;

	if (!range(g, &p, &addr, &len, ':'))
		return;
	p++;
	if (len > sizeof buf || strlen(p) != 2 * len || (len && !gdb_bytes(p, 2 * len, buf, sizeof buf)))
		gdb_error(g, 1);
	else
		ok_if(g, !len || gdb_mem_write(g, addr, buf, len));
}

/* Binary: what follows a brace was changed in one bit. */
static void write_binary(dgm_gdb *g, const char *p)
{
	uint8_t buf[GDB_PACKET];
	const char *end = g->in + g->n_in;
	uint64_t addr, len, n = 0;

	if (!range(g, &p, &addr, &len, ':'))
		return;
	for (p++; p < end; p++) {
		if (*p == '}' && ++p == end)
			break;
		buf[n++] = (uint8_t)(p[-1] == '}' ? *p ^ 0x20 : *p);
	}
	ok_if(g, n == len && (!len || gdb_mem_write(g, addr, buf, len)));
}

static bool is_virtual(dgm_gdb *g)
{
	dgm_cpu *cpu = gdb_cpu(g);
	uint32_t asid, priv;

	return cpu && !dgm_cpu_get_space(cpu, &asid, &priv);
}

static void breakpoint(dgm_gdb *g, const char *p, bool set)
{
	enum gdb_point point = (enum gdb_point)(*p - '0');
	uint64_t addr, kind;

	if (*p < '0' || *p++ > '4')
		return;
	/* Conditions were not offered: *p is the end. */
	if (!gdb_skip(&p, ',') || !gdb_number(&p, &addr) || !gdb_skip(&p, ',') || !gdb_number(&p, &kind) || *p) {
		gdb_error(g, 1);
		return;
	}
	/* Where a page lies changes with the address space: no trap can be planted there for good. */
	if (point || is_virtual(g))
		ok_if(g, set ? gdb_watch_set(g, point, addr, kind) : gdb_watch_clear(g, point, addr, kind));
	else if (set)
		ok_if(g, gdb_break_set(g, addr, kind == 2 || kind == 3 ? &g->guest->trap_short : &g->guest->trap));
	else
		ok_if(g, gdb_break_clear(g, addr));
}

/* ---- running ---- */

struct action {
	uint64_t thread;	/* 0: all that no action before names */
	bool step;
	int signal;
};

enum { MAX_ACTIONS = 64 };

static bool parse_action(const char **p, struct action *a)
{
	uint64_t sig = 0;
	char c = **p;

	*a = (struct action){ 0 };
	if (!c || !strchr("cCsSt", c))
		return false;
	++*p;
	if ((c == 'C' || c == 'S') && (!gdb_number(p, &sig) || sig > 0xff))
		return false;
	a->step = c == 's' || c == 'S';
	a->signal = c == 't' ? -1 : (int)sig;
	return !gdb_skip(p, ':') || thread_id(p, &a->thread);
}

static void resume(dgm_gdb *g, const struct action *a, size_t n)
{
	uint32_t threads = 0;
	uint64_t t;

	g->running = true;
	g->silent = true;
	while (g->ops.thread(g->ud, threads))
		threads++;
	gdb_hits_begin(g, threads);
	for (uint32_t i = 0; (t = g->ops.thread(g->ud, i)); i++) {
		size_t k = 0;

		while (k < n && a[k].thread && a[k].thread != t)
			k++;
		/* t, to stop: in this mode all stand still already, and what does not go on stays. */
		if (k < n && a[k].signal >= 0)
			g->ops.resume(g->ud, t, a[k].step, a[k].signal);
	}
	g->ops.go(g->ud);
}

static void v_cont(dgm_gdb *g, const char *p)
{
	struct action a[MAX_ACTIONS];
	size_t n = 0;

	while (*p) {
		if (n == MAX_ACTIONS || !gdb_skip(&p, ';') || !parse_action(&p, &a[n])) {
			gdb_error(g, 1);
			return;
		}
		n++;
	}
	if (!n || g->ended)
		gdb_error(g, 1);
	else
		resume(g, a, n);
}

/* c, s [ADDR]; C, S SIGNAL[;ADDR]: of the thread of Hc, all others run. An address is not taken. */
static void old_resume(dgm_gdb *g, const char *p)
{
	struct action a[2] = { { 0 }, { 0 } };

	if (!parse_action(&p, &a[0]) || *p || g->ended) {
		gdb_error(g, 1);
		return;
	}
	a[0].thread = g->resumed ? g->resumed : gdb_current(g);
	resume(g, a, 2);
}

static void finish(dgm_gdb *g, void (*how)(void *ud))
{
	gdb_break_clear_all(g);
	gdb_watch_clear_all(g);
	g->over = true;
	if (!g->ended)
		how(g->ud);
}

static void v_packet(dgm_gdb *g, const char *p)
{
	if (!strcmp(p, "vCont?")) {
		gdb_text(&g->out, "vCont;c;C;s;S;t");
	} else if (!strncmp(p, "vCont", 5)) {
		v_cont(g, p + 5);
	} else if (!strncmp(p, "vKill;", 6)) {
		ok(g);
		finish(g, g->ops.kill);
	}
}

/* ---- packets in ---- */

static void command(dgm_gdb *g, const char *p)
{
	switch (*p++) {
	case '?': stop_reply(g); break;
	case 'g': read_regs(g); break;
	case 'G': write_regs(g, p); break;
	case 'p': one_reg(g, p, false); break;
	case 'P': one_reg(g, p, true); break;
	case 'm': read_memory(g, p); break;
	case 'M': write_memory(g, p); break;
	case 'X': write_binary(g, p); break;
	case 'Z': breakpoint(g, p, true); break;
	case 'z': breakpoint(g, p, false); break;
	case 'H': set_thread(g, p); break;
	case 'T': is_alive(g, p); break;
	case 'c': case 'C': case 's': case 'S': old_resume(g, p - 1); break;
	case 'v': v_packet(g, p - 1); break;
	case 'q': case 'Q': gdb_query(g, p - 1); break;
	case 'D':
		ok(g);
		finish(g, g->ops.detach);
		break;
	case 'k':
		g->silent = true;
		finish(g, g->ops.kill);
		break;
	}
}

static void packet(dgm_gdb *g)
{
	bool was_no_ack = g->no_ack;

	if (!was_no_ack)
		g->ops.send(g->ud, g->sum == g->sum_said ? "+" : "-", 1);
	if ((g->sum != g->sum_said && !was_no_ack) || g->over)
		return;
	g->in[g->n_in] = 0;
	/* While the guest runs, any answer would be taken for the report of a stop. */
	if (g->running && strcmp(g->in, "k") && strncmp(g->in, "vKill;", 6))
		return;
	g->out.n = 0;
	g->out.full = false;
	g->silent = false;
	if (g->too_long)
		gdb_error(g, 0x7e);
	else
		command(g, g->in);
	if (!g->silent)
		send_answer(g);
}

static void begin(dgm_gdb *g)
{
	g->state = GDB_BODY;
	g->n_in = 0;
	g->sum = 0;
	g->too_long = false;
}

static void body(dgm_gdb *g, char c)
{
	if (c == '#') {
		g->state = GDB_SUM1;
		return;
	}
	g->sum = (uint8_t)(g->sum + (uint8_t)c);
	if (g->n_in < GDB_PACKET)
		g->in[g->n_in++] = c;
	else
		g->too_long = true;
}

static void feed_idle(dgm_gdb *g, char c)
{
	if (c == '$')
		begin(g);
	else if (c == '-' && !g->no_ack && g->n_frame)
		g->ops.send(g->ud, g->frame, g->n_frame);
	else if (c == '\3' && g->running && !g->over)
		g->ops.stop(g->ud);
}

static void feed(dgm_gdb *g, char c)
{
	switch (g->state) {
	case GDB_IDLE:
		feed_idle(g, c);
		break;
	case GDB_BODY:
		body(g, c);
		break;
	case GDB_SUM1:
		g->sum_said = (unsigned)gdb_digit(c) << 4;
		g->state = GDB_SUM2;
		break;
	case GDB_SUM2:
		g->sum_said |= (unsigned)gdb_digit(c);
		g->state = GDB_IDLE;
		packet(g);
		break;
	}
}

void dgm_gdb_feed(dgm_gdb *g, const void *bytes, size_t n)
{
	const char *p = bytes;

	for (size_t i = 0; i < n; i++)
		feed(g, p[i]);
}

/* ---- sessions ---- */

static bool complete(const dgm_gdb_ops *o)
{
	return o && o->size == sizeof *o && o->send && o->thread && o->cpu && o->resume && o->go && o->stop && o->kill &&
	       o->detach;
}

dgm_status dgm_gdb_new(dgm_vm *vm, const dgm_gdb_ops *ops, void *ud, dgm_gdb **out)
{
	const struct gdb_guest *guest;
	dgm_gdb *g;

	if (!vm || !out || !complete(ops))
		return DGM_E_ARG;
	guest = gdb_guest_find(vm);
	if (!guest)
		return DGM_E_ARCH;
	g = calloc(1, sizeof *g);
	if (!g)
		return DGM_E_NOMEM;
	g->vm = vm;
	g->ops = *ops;
	g->ud = ud;
	g->guest = guest;
	g->stop_signal = GDB_SIGTRAP;
	g->stop_thread = ops->thread(ud, 0);
	*out = g;
	return DGM_OK;
}

void dgm_gdb_free(dgm_gdb *g)
{
	if (!g)
		return;
	gdb_break_clear_all(g);
	gdb_watch_clear_all(g);
	free(g->breaks);
	free(g->hits);
	free(g);
}
