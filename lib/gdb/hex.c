/* Numbers and bytes in the form of GDB's remote protocol, bounded. */
#include <string.h>

#include "stub.h"

static const char digits[] = "0123456789abcdef";

int gdb_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool gdb_number(const char **p, uint64_t *out)
{
	uint64_t v = 0;
	const char *s = *p;

	for (; gdb_digit(*s) >= 0; s++) {
		if (v >> 60)
			return false;
		v = v << 4 | (unsigned)gdb_digit(*s);
	}
	if (s == *p)
		return false;
	*p = s;
	*out = v;
	return true;
}

bool gdb_skip(const char **p, char c)
{
	if (**p != c)
		return false;
	++*p;
	return true;
}

size_t gdb_bytes(const char *p, size_t n, uint8_t *out, size_t max)
{
	if (n % 2 || n / 2 > max)
		return 0;
	for (size_t i = 0; i < n / 2; i++) {
		int hi = gdb_digit(p[2 * i]), lo = hi < 0 ? -1 : gdb_digit(p[2 * i + 1]);

		if (lo < 0)
			return 0;
		out[i] = (uint8_t)(hi << 4 | lo);
	}
	return n / 2;
}

void gdb_char(struct gdb_out *o, char c)
{
	if (o->n == sizeof o->text) {
		o->full = true;
		return;
	}
	o->text[o->n++] = c;
}

void gdb_text(struct gdb_out *o, const char *s)
{
	while (*s)
		gdb_char(o, *s++);
}

void gdb_two(struct gdb_out *o, unsigned v)
{
	gdb_char(o, digits[v >> 4 & 15]);
	gdb_char(o, digits[v & 15]);
}

void gdb_hex(struct gdb_out *o, const void *bytes, size_t n)
{
	const uint8_t *b = bytes;

	for (size_t i = 0; i < n; i++)
		gdb_two(o, b[i]);
}

void gdb_hex_number(struct gdb_out *o, uint64_t v)
{
	int shift = 60;

	while (shift && !(v >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		gdb_char(o, digits[v >> shift & 15]);
}

void gdb_window_byte(struct gdb_window *w, uint8_t c)
{
	bool special = c == '$' || c == '#' || c == '}' || c == '*';

	if (w->at++ < w->off)
		return;
	/* Both characters of an escaped one must fit. */
	if (w->at - w->off > w->len || w->more || w->out->n + 2 > sizeof w->out->text) {
		w->more = true;
		return;
	}
	if (special)
		gdb_char(w->out, '}');
	gdb_char(w->out, (char)(special ? c ^ 0x20 : c));
}

void gdb_window_text(struct gdb_window *w, const char *s)
{
	while (*s)
		gdb_window_byte(w, (uint8_t)*s++);
}

void gdb_window_number(struct gdb_window *w, unsigned v)
{
	if (v >= 10)
		gdb_window_number(w, v / 10);
	gdb_window_byte(w, (uint8_t)digits[v % 10]);
}
