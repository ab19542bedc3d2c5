/* Structures between host and guest, by the field tables of the guest's description. */
#include "guest.h"

static uint64_t load_host(const uint8_t *p, unsigned size, bool sign)
{
	uint64_t v = 0;

	memcpy(&v, p, size); /* the host is little-endian */
	if (sign && size < 8 && (v >> (size * 8 - 1) & 1))
		v |= ~(uint64_t)0 << (size * 8);
	return v;
}

const struct lx_struct *lx_layout(const struct lx_guest *g, enum lx_st st)
{
	return g->st[st].n ? &g->st[st] : &g->st_common[st];
}

void lx_to_guest(const lx *x, enum lx_st st, void *guest, const void *host)
{
	const struct lx_struct *s = lx_layout(x->g, st);
	const uint8_t *h = host;
	uint8_t *g = guest;

	memset(g, 0, s->gsize);
	for (unsigned i = 0; i < s->n; i++) {
		const struct lx_field *f = &s->f[i];

		if (f->flags & LX_F_BYTES)
			memcpy(g + f->guest, h + f->host, f->gsize);
		else
			lx_store(x, g + f->guest, f->gsize, load_host(h + f->host, f->hsize, f->flags & LX_F_SIGNED));
	}
}

void lx_to_host(const lx *x, enum lx_st st, void *host, const void *guest)
{
	const struct lx_struct *s = lx_layout(x->g, st);
	const uint8_t *g = guest;
	uint8_t *h = host;

	memset(h, 0, s->hsize);
	for (unsigned i = 0; i < s->n; i++) {
		const struct lx_field *f = &s->f[i];
		uint64_t v;

		if (f->flags & LX_F_BYTES) {
			memcpy(h + f->host, g + f->guest, f->gsize);
			continue;
		}
		v = lx_load(x, g + f->guest, f->gsize);
		if (f->flags & LX_F_SIGNED && f->gsize < 8 && (v >> (f->gsize * 8 - 1) & 1))
			v |= ~(uint64_t)0 << (f->gsize * 8);
		memcpy(h + f->host, &v, f->hsize);
	}
}

int lx_get(lx *x, enum lx_st st, uint64_t addr, void *host)
{
	uint8_t raw[512];
	int r = lx_read(x, addr, raw, lx_sizeof(x, st));

	if (!r)
		lx_to_host(x, st, host, raw);
	return r;
}

int lx_put(lx *x, enum lx_st st, uint64_t addr, const void *host)
{
	uint8_t raw[512];

	lx_to_guest(x, st, raw, host);
	return lx_write(x, addr, raw, lx_sizeof(x, st));
}

uint64_t lx_sizeof(const lx *x, enum lx_st st)
{
	return lx_layout(x->g, st)->gsize;
}

uint32_t lx_flags_to_host(const struct lx_flags *t, uint32_t guest, uint32_t *unknown)
{
	uint32_t out = guest & t->same, left = guest & ~t->same;

	for (size_t i = 0; i < t->n; i++) {
		if (guest & t->f[i].guest)
			out |= t->f[i].host;
		left &= ~t->f[i].guest;
	}
	if (unknown)
		*unknown = left;
	return out;
}

uint32_t lx_flags_to_guest(const struct lx_flags *t, uint32_t host)
{
	uint32_t out = host & t->same;

	for (size_t i = 0; i < t->n; i++)
		if (host & t->f[i].host)
			out |= t->f[i].guest;
	return out;
}
