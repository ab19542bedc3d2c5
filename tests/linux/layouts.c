/*
 * The layout tables against the guest's kernel headers: layouts GUEST FILE, where FILE is the section that
 * the guest's compiler made of layouts_guest.c. Prints TAP, a line for each structure.
 */
#include <stdio.h>
#include <stdlib.h>

#include "guest.h"
#include "host_types.h"

static const struct row {
	const char *name;
	int st;			/* of a structure, else -1 */
	uint16_t off, size;	/* of the host's field */
} rows[] = {
#define ST(row, guest) { #row, LX_ST_##row, 0, 0 },
#define FIELD(host, member, guest, field) { #field, -1, offsetof(host, member), sizeof(((host *)0)->member) },
#include "layouts.def"
};
#define N_ROWS (sizeof rows / sizeof rows[0])

static const struct lx_guest *find(const char *name)
{
	static const struct lx_guest *const all[] = { &lx_aarch64, &lx_arm, &lx_ppc };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

/* Whether some entry takes the host's field to that place; what is copied as bytes may be part of more. */
static bool has(const struct lx_struct *s, const struct row *r, unsigned off, unsigned size)
{
	for (unsigned i = 0; i < s->n; i++) {
		const struct lx_field *f = &s->f[i];
		unsigned into = (unsigned)r->off - f->host;

		if (r->off < f->host || into + r->size > f->hsize || f->guest + into != off)
			continue;
		/* A field may be narrower than the type that the headers give it: padding follows then. */
		if (f->flags & LX_F_BYTES ? size == r->size : into == 0 && f->gsize == size)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	const struct lx_guest *g = argc == 3 ? find(argv[1]) : NULL;
	FILE *f = g ? fopen(argv[2], "rb") : NULL;
	uint8_t raw[N_ROWS * 4 + 1];
	size_t n = f ? fread(raw, 1, sizeof raw, f) : 0;
	lx x = { .g = g };
	const struct lx_struct *s = NULL;
	int number = 0, bad = 0;

	if (n != N_ROWS * 4) {
		fprintf(stderr, "%zu bytes of layouts instead of %zu\n", n, N_ROWS * 4);
		return 2;
	}
	for (size_t i = 0; i < N_ROWS; i++) {
		unsigned off = (unsigned)lx_load(&x, raw + 4 * i, 2), size = (unsigned)lx_load(&x, raw + 4 * i + 2, 2);
		bool ok;

		if (rows[i].st >= 0)
			s = lx_layout(g, (enum lx_st)rows[i].st);
		ok = rows[i].st >= 0 ? s->gsize == size : has(s, &rows[i], off, size);
		bad += !ok;
		printf("%sok %d - %s %s\n", ok ? "" : "not ", ++number, g->name, rows[i].name);
		if (!ok)
			printf("# the headers say: offset %u, size %u\n", off, size);
	}
	printf("1..%d\n", number);
	return bad != 0;
}
