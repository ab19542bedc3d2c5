/* Packets that ask for or set something of the session: q and Q. */
#include <string.h>

#include "stub.h"

static const char *after(const char *p, const char *word)
{
	size_t n = strlen(word);

	return strncmp(p, word, n) ? NULL : p + n;
}

static void supported(dgm_gdb *g)
{
	gdb_text(&g->out, "PacketSize=");
	gdb_hex_number(&g->out, GDB_PACKET);
	gdb_text(&g->out, ";QStartNoAckMode+;qXfer:features:read+;vContSupported+");
	if (g->ops.auxv)
		gdb_text(&g->out, ";qXfer:auxv:read+");
	if (g->ops.exec_file)
		gdb_text(&g->out, ";qXfer:exec-file:read+");
}

static void list_threads(dgm_gdb *g)
{
	uint64_t t = g->ops.thread(g->ud, g->listed);

	gdb_char(&g->out, t ? 'm' : 'l');
	for (bool first = true; t && g->out.n + 20 < sizeof g->out.text; first = false) {
		if (!first)
			gdb_char(&g->out, ',');
		gdb_hex_number(&g->out, t);
		t = g->ops.thread(g->ud, ++g->listed);
	}
}

static void xfer_auxv(dgm_gdb *g, struct gdb_window *w)
{
	uint8_t buf[512];
	uint64_t at = w->off;

	w->at = w->off;
	while (!w->more && w->at - w->off < w->len) {
		size_t n = g->ops.auxv(g->ud, at, buf, sizeof buf);

		for (size_t i = 0; i < n; i++)
			gdb_window_byte(w, buf[i]);
		at += n;
		if (!n)
			return;
	}
	w->more = true;
}

/* qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH */
static void xfer(dgm_gdb *g, const char *p)
{
	struct gdb_window w = { .out = &g->out };
	const char *annex = strstr(p, ":read:"), *s = annex ? strrchr(p, ':') + 1 : NULL;
	const char *file = NULL;

	if (!annex || s < annex + 7 || !gdb_number(&s, &w.off) || !gdb_skip(&s, ',') || !gdb_number(&s, &w.len) || *s) {
		gdb_error(g, 0);
		return;
	}
	annex += 6;
	gdb_char(&g->out, 'm');
	if (after(p, "features:read:target.xml:")) {
		gdb_describe(g, &w);
	} else if (after(p, "auxv:read::") && g->ops.auxv) {
		xfer_auxv(g, &w);
	} else if (after(p, "exec-file:read:") && g->ops.exec_file && (file = g->ops.exec_file(g->ud))) {
		gdb_window_text(&w, file);
	} else {
		g->out.n = 0;
		gdb_error(g, 0);
		return;
	}
	if (!w.more)
		g->out.text[0] = 'l';
}

static void query(dgm_gdb *g, const char *p)
{
	const char *s;

	if (after(p, "Supported")) {
		supported(g);
	} else if ((s = after(p, "Xfer:"))) {
		xfer(g, s);
	} else if (!strcmp(p, "fThreadInfo")) {
		g->listed = 0;
		list_threads(g);
	} else if (!strcmp(p, "sThreadInfo")) {
		list_threads(g);
	} else if (!strcmp(p, "C")) {
		gdb_text(&g->out, "QC");
		gdb_hex_number(&g->out, gdb_current(g));
	} else if (!strcmp(p, "Attached") || after(p, "Attached:")) {
		/* The guest was started for GDB: it ends when GDB does. */
		gdb_char(&g->out, '0');
	}
}

void gdb_query(dgm_gdb *g, const char *p)
{
	if (*p == 'q') {
		query(g, p + 1);
	} else if (!strcmp(p, "QStartNoAckMode")) {
		g->no_ack = true;
		gdb_text(&g->out, "OK");
	}
}
