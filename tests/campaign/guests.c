/* What a campaign must know of each guest: what its states look like, and how qemu's are laid out. */
#include <string.h>

#include "campaign.h"
#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/ppc.h"

const struct camp_guest *camp_the;

struct guest_value *camp_reg(struct camp_state *s, uint32_t id)
{
	unsigned i = 0;

	while (camp_the->isa->fe->reg[i].id != id)
		i++;
	return &s->reg[i];
}

static void set(struct camp_state *s, uint32_t id, uint64_t v)
{
	*camp_reg(s, id) = (struct guest_value){ v, 0 };
}

/* A general register: a corner value, an address of data, now and then one of code. */
static uint64_t draw_register(struct test_rng *r, unsigned bits)
{
	switch (test_below(r, 16)) {
	case 0: case 1: case 2: return camp_address(r);
	case 3: return GUEST_CODE + 4 * test_below(r, 256);
	case 4: return test_below(r, 64);
	default: return camp_corner(r, bits);
	}
}

static void draw_data(struct test_rng *r, struct camp_state *s)
{
	for (unsigned i = 0; i < CAMP_WINDOWS; i += 16) {
		struct guest_value v = camp_corner_vector(r);

		memcpy(s->data + i, &v.lo, 8);
		memcpy(s->data + i + 8, &v.hi, 8);
	}
}

/* ---- AArch64 ---- */

static bool a64_base(unsigned value, uint32_t *id)
{
	*id = DGM_A64_X(value);
	return true;
}

static void a64_state(struct test_rng *r, struct camp_state *s)
{
	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < 31; i++)
		set(s, DGM_A64_X(i), draw_register(r, 64));
	set(s, DGM_A64_SP, camp_address(r) & ~15u);
	for (unsigned i = 0; i < 32; i++)
		*camp_reg(s, DGM_A64_V(i)) = camp_corner_vector(r);
	set(s, DGM_A64_NZCV, (uint64_t)test_below(r, 16) << 28);
	set(s, DGM_A64_TPIDR_EL0, test_next(r));
	/* Quick ways: nothing set, or FZ and DN alone; else all there is. */
	unsigned kind = test_below(r, 4);
	uint64_t fpcr = kind == 0 ? 0 : (uint64_t)test_below(r, 32) << 22 | (uint64_t)test_below(r, 2) << 19;
	set(s, DGM_A64_FPCR, kind == 1 ? fpcr & 3u << 24 : fpcr);
	set(s, DGM_A64_FPSR, test_below(r, 2) ? 0 : (test_next(r) & 0x0800009f));
	draw_data(r, s);
}

static void a64_encode(struct test_rng *r, struct camp_word *w)
{
	(void)r;
	for (unsigned i = 0; i < 4; i++)
		w->code[i] = (uint8_t)(w->word >> 8 * i);
	w->n = 4;
}

/* ---- ARM ---- */

static bool arm_base(unsigned value, uint32_t *id)
{
	*id = DGM_ARM_R(value & 15);
	return value != 15;
}

static void arm_state(struct test_rng *r, struct camp_state *s)
{
	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < 15; i++)
		set(s, DGM_ARM_R(i), (uint32_t)draw_register(r, 32));
	set(s, DGM_ARM_SP, camp_address(r) & ~3u);
	for (unsigned i = 0; i < 32; i += 2) {
		struct guest_value v = camp_corner_vector(r);
		set(s, DGM_ARM_D(i), v.lo);
		set(s, DGM_ARM_D(i + 1), v.hi);
	}
	uint64_t flags = test_next(r) & 0xf80f0000;
	set(s, DGM_ARM_CPSR, flags | 0x10 | (camp_the->isa->pc_mode ? 0x20 : 0));
	set(s, DGM_ARM_TPIDRURW, (uint32_t)test_next(r));
	unsigned kind = test_below(r, 4);
	uint64_t fpscr = kind == 0 ? 0 : (uint64_t)test_below(r, 32) << 22;
	fpscr = kind == 1 ? fpscr & 3u << 24 : fpscr;
	fpscr |= test_below(r, 2) ? 0 : (test_next(r) & 0xf800009f);
	set(s, DGM_ARM_FPSCR, fpscr);
	draw_data(r, s);
}

static void put_half(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

/* VFP and NEON rows are A32's in T32, too, with other bits for the condition. */
static uint32_t as_thumb(uint32_t word)
{
	if (word >> 25 == 0x79)		/* NEON, data */
		return 0xef000000 | (word >> 24 & 1) << 28 | (word & 0x00ffffff);
	if (word >> 24 == 0xf4)		/* NEON, memory */
		return 0xf9000000 | (word & 0x00ffffff);
	return word >> 28 == 15 ? word : 0xe0000000 | (word & 0x0fffffff);
}

static void arm_encode(struct test_rng *r, struct camp_word *w)
{
	uint32_t word = w->word;
	bool half = strspn(w->row.encoding, "01-. abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") && word < 0xe800;

	w->n = 0;
	if (!camp_the->isa->pc_mode) {
		if (word >> 28 != 14 && word >> 28 != 15 && w->row.encoding[0] == 'c' && test_below(r, 2))
			word |= 0xe0000000;
		w->word = word;
		put_half(w->code, word & 0xffff);
		put_half(w->code + 2, word >> 16);
		w->n = 4;
		return;
	}
	if (!strncmp(w->row.group, "vfp", 3) || !strncmp(w->row.group, "neon", 4))
		w->word = word = as_thumb(word);
	if (test_below(r, 4) == 0) {	/* IT of one instruction */
		put_half(w->code, 0xbf08 | test_below(r, 15) << 4);
		w->n = 2;
	}
	if (half) {
		put_half(w->code + w->n, word);
		w->n += 2;
		return;
	}
	put_half(w->code + w->n, word >> 16);
	put_half(w->code + w->n + 2, word & 0xffff);
	w->n += 4;
}

/* ---- PowerPC ---- */

static bool ppc_base(unsigned value, uint32_t *id)
{
	*id = DGM_PPC_R(value);
	return true;
}

static void ppc_state(struct test_rng *r, struct camp_state *s)
{
	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < 32; i++) {
		set(s, DGM_PPC_R(i), (uint32_t)draw_register(r, 32));
		set(s, DGM_PPC_F(i), camp_corner(r, 65));
		*camp_reg(s, DGM_PPC_V(i)) = camp_corner_vector(r);
	}
	set(s, DGM_PPC_CR, (uint32_t)test_next(r));
	set(s, DGM_PPC_XER, (uint64_t)test_below(r, 8) << 29 | test_below(r, 4));
	set(s, DGM_PPC_LR, (uint32_t)draw_register(r, 32));
	set(s, DGM_PPC_CTR, (uint32_t)draw_register(r, 32));
	set(s, DGM_PPC_VRSAVE, (uint32_t)test_next(r));
	set(s, DGM_PPC_VSCR, (uint64_t)test_below(r, 2) << 16 | test_below(r, 2));
	/* Sticky flags, FPRF, rounding; no enabled exceptions, which are another program's (ppc_fp_modes.c). */
	uint64_t fpscr = test_below(r, 2) ? 0 : test_next(r) & 0x1ff9f700;
	fpscr |= test_below(r, 2) ? 0 : test_below(r, 4);
	if (fpscr & 0x01f80700)			/* VX and FX sum up */
		fpscr |= 1u << 29;
	if (fpscr & 0x3e000000)
		fpscr |= 1u << 31;
	set(s, DGM_PPC_FPSCR, fpscr);
	draw_data(r, s);
}

static void ppc_encode(struct test_rng *r, struct camp_word *w)
{
	(void)r;
	for (unsigned i = 0; i < 4; i++)
		w->code[i] = (uint8_t)(w->word >> (24 - 8 * i));
	w->n = 4;
}

static const struct camp_guest guests[] = {
	{ &guest_aarch64, "aarch64", NULL, &qemu_aarch64, 0, DGM_A64_EXCLUSIVE, "nm", a64_base, a64_state,
	  a64_encode },
	{ &guest_a32, "arm", NULL, &qemu_arm, 0xe7f000f0, DGM_ARM_EXCLUSIVE, "nm", arm_base, arm_state,
	  arm_encode },
	{ &guest_t32, "thumb", NULL, &qemu_arm, 0xdedededeu, DGM_ARM_EXCLUSIVE, "nm", arm_base, arm_state,
	  arm_encode },
	{ &guest_ppc, "ppc", "7450", &qemu_ppc, 0, DGM_PPC_RESERVE, "ab", ppc_base, ppc_state, ppc_encode },
};

const struct camp_guest *camp_guest(const char *name)
{
	for (size_t i = 0; i < sizeof guests / sizeof *guests; i++)
		if (!strcmp(guests[i].name, name))
			return &guests[i];
	return NULL;
}
