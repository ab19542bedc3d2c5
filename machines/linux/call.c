/* System calls as calls.def describes them: their arguments, and what carries them out. */
#include <fcntl.h>

#include "guest.h"

#define LX_CALL(n, s) [LX_NR_##n] = { .name = #n, .sig = s, .fn = lx_sys_##n },
#define LX_CALL_MAP(n, s) [LX_NR_##n] = { .name = #n, .sig = s, .fn = lx_sys_##n, .map = true },
#define LX_CALL_HOST(n, s) [LX_NR_##n] = { .name = #n, .sig = s, .host = SYS_##n },
#define LX_CALL_AS(n, s, other, f) [LX_NR_##n] = { .name = #n, .sig = s, .as = LX_NR_##other, .form = f },
/* Stands for an id that 16 bits cannot hold. */
#define OVERFLOW_ID 65534u

const struct lx_call lx_calls[LX_N_CALLS] = {
#include "calls.def"
};

/* The arguments as the signature has them; what the registers hold is zero-extended. */
void lx_decode_args(const lx *x, const char *sig, const uint64_t *reg, uint64_t *a)
{
	unsigned n = 0, w = x->g->word;

	for (unsigned i = 0; sig[i] && n < 6; i++) {
		uint64_t v = reg[n++];

		switch (sig[i]) {
		case 'i': case 'd': case 'g':
			v = (uint64_t)(int64_t)(int32_t)v;
			break;
		case 'l':
			v = w == 4 ? (uint64_t)(int64_t)(int32_t)v : v;
			break;
		case 'L':
			if (w == 8)
				break;
			/* A pair begins at an even place: then both halves are in an aligned pair of registers. */
			if (n % 2 == 0)
				v = reg[n++];
			v = x->g->big_endian ? v << 32 | reg[n] : v | reg[n] << 32;
			n++;
			break;
		}
		a[i] = v;
	}
}

/* An id of 16 bits; all ones are "leave it as it is". */
uint32_t lx_wide_id(uint64_t id)
{
	return (uint16_t)id == UINT16_MAX ? UINT32_MAX : (uint16_t)id;
}

uint16_t lx_narrow_id(uint32_t id)
{
	return (uint16_t)(id > UINT16_MAX ? OVERFLOW_ID : id);
}

static void rearrange(const char *form, const uint64_t *a, uint64_t *b)
{
	for (unsigned n = 0; *form; form++) {
		switch (*form) {
		case '@': b[n++] = (uint64_t)AT_FDCWD; break;
		case 'n': b[n++] = AT_SYMLINK_NOFOLLOW; break;
		case 'r': b[n++] = AT_REMOVEDIR; break;
		case 'w': b[LX_ARG_SIZE] = LX_WIDE; break;
		case 'h': b[LX_ARG_SIZE] = LX_NARROW; break;
		default: b[n++] = *form <= '9' ? a[*form - '0'] : lx_wide_id(a[*form - 'A']); break;
		}
	}
}

int64_t lx_carry_out(lx *x, const struct lx_call *c, const uint64_t *a)
{
	uint64_t b[LX_ARGS] = { 0 };
	int64_t ret;

	if (c->as) {
		rearrange(c->form, a, b);
		c = &lx_calls[c->as];
		a = b;
	}
	if (!c->fn) {
		ret = lx_host_call(c->host, (const long *)a);
		return a[LX_ARG_SIZE] == LX_NARROW ? lx_narrow_id((uint32_t)ret) : ret;
	}
	if (c->map)
		pthread_mutex_lock(&x->p->map_lock);
	ret = c->fn(x, a);
	if (c->map)
		pthread_mutex_unlock(&x->p->map_lock);
	return ret;
}
