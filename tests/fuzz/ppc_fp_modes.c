/*
 * Random straight runs of PowerPC floating-point instructions, each executed with several sets of operands, and twice:
 * as fast or directed blocks (no enables), and as slow ones, which call the exact FPU for every instruction. XE
 * with traps off makes blocks slow and changes nothing but XE and FEX. Registers, CR, memory and FPSCR must be equal.
 *
 * Usage: ppc-fp-modes TIER [PROGRAMS [SEED]]; TIER is interp, baseline or llvm. 77: the tier is missing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../random.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

enum { CODE = 0x10000, DATA = 0x800000, DATA_BYTES = 64, MAX_LEN = 8, STRIDE = 4 * (MAX_LEN + 1), FPRS = 6 };
enum { XE = 8, FEX = 1 << 30 };
enum { SAVED = FPRS, STARTS = 24, ROUNDS = 1000 };	/* the register that holds an FPSCR to come back; sets of operands */
#define STATUS 0x9ffff704u	/* what programs find in FPSCR: anything but enables and rounding */

static struct test_rng rng;

static uint64_t next(void)
{
	return test_next(&rng);
}

static unsigned below(unsigned n)
{
	return test_below(&rng, n);
}

/* Doubles, three quarters of them singles; exponents meet so that sums, ties and underflows happen. */
static uint64_t operand(void)
{
	static const uint64_t special[] = {
		0, 0x3ff0000000000000, 0x7ff0000000000000, 0x7ff8000000000000, 0x7ff4000000000000, 0x7ff0000000000001,
		0x0010000000000000, 0x000fffffffffffff, 1, 0x7fefffffffffffff, 0x3810000000000000, 0x380fffffe0000000,
		0x36a0000000000000, 0x47efffffe0000000, 0x41e0000000000000, 0x41dfffffffc00000, 0x41dfffffffe00000,
		0x3fefffffffffffff, 0x3ff0000000000001, 0x3ff0000010000000, 0x7ff8123460000000, 0x7ff0000020000000,
		0x3690000000000000, 0x4340000000000000, 0x0008000000000000, 0x1ff0000000000000, 0x2000000000000001,
	};
	static const unsigned centre[] = { 1023, 1023, 1023, 1054, 896, 1150, 512, 1535, 2, 2045, 960, 874 };
	uint64_t frac = next() >> 12, sign = next() & 1ull << 63;

	if (!below(4))
		return sign | special[below(sizeof special / sizeof *special)];
	uint64_t exp = centre[below(sizeof centre / sizeof *centre)] - 2 + below(5);
	if (!below(4))
		frac &= ~0ull << below(52);
	if (below(4) && exp >= 897 && exp < 1151)
		frac &= ~0x1fffffffull;
	else if (!below(3))
		frac = (frac & ~0x1fffffffull) | 0x10000000;
	return sign | exp << 52 | frac;
}

/*
 * An ordinary number; sums of such and of their products cancel, round up and down, and are exact. FR, FI and FPRF of
 * those are worked out by hot code itself.
 */
static uint64_t ordinary(void)
{
	uint64_t frac = next() >> 12, exp = 1023 - 3 + below(7);

	if (below(2))
		frac &= ~0ull << below(52);
	return (next() & 1ull << 63) | exp << 52 | frac;
}

/* Factors whose tiny product rounds to the least normal number, even with an unbounded exponent. */
static const uint64_t least_normal[2][2] = {
	{ 0x3feffffffffffffe, 0x0010000000000001 }, { 0x3fefffffc0000000, 0xb810000020000000 },
};

static uint32_t x_form(uint32_t op, uint32_t xo)
{
	return op << 26 | below(FPRS) << 21 | below(FPRS) << 16 | below(FPRS) << 11 | below(FPRS) << 6 | xo << 1 |
	       !below(8);
}

/* frB and others only; A-form bits of frC are part of xo. */
static uint32_t wide_form(uint32_t xo)
{
	return 63u << 26 | below(FPRS) << 21 | below(FPRS) << 11 | xo << 1 | !below(8);
}

static uint32_t memory_form(void)
{
	static const uint32_t ops[] = { 48, 48, 48, 50, 52, 52, 52, 54 };

	return ops[below(8)] << 26 | below(FPRS) << 21 | 3u << 16 | below(DATA_BYTES / 8) * 8;
}

/* mtfsf of all fields; some leave rounding alone, which is then as it was */
static uint32_t set_all(void)
{
	static const uint32_t fields[] = { 255, 255, 255, 252, 254, 127 };

	return 63u << 26 | fields[below(6)] << 17 | SAVED << 11 | 711 << 1;
}

/* mtfsb0, mtfsb1 of RN */
static uint32_t set_rounding(void)
{
	return 63u << 26 | (30 + below(2)) << 21 | (below(2) ? 70 : 38) << 1;
}

static uint32_t instruction(void)
{
	static const uint32_t a_form[] = { 18, 20, 21, 22, 25, 28, 29, 30, 31, 20, 21, 25, 29 };
	static const uint32_t other[] = { 12, 14, 15, 72, 40, 264, 136 };

	switch (below(18)) {
	case 0: return x_form(63, 23) & ~1u;					/* fsel */
	case 1: return wide_form(other[below(7)]);				/* frsp, fctiw[z], fmr, ... */
	case 2: return x_form(63, 26) & ~0x1f07c0u;				/* frsqrte */
	case 3: return x_form(59, 24) & ~0x1f07c0u;				/* fres */
	case 4: return 63u << 26 | below(8) << 23 | below(FPRS) << 16 | below(FPRS) << 11 | below(2) << 6;
	case 5: return 63u << 26 | below(FPRS) << 21 | 583 << 1;		/* mffs */
	case 6: return 63u << 26 | below(8) << 23 | below(8) << 18 | 64 << 1;	/* mcrfs */
	case 7:
	case 8: return memory_form();
	case 9: return 63u << 26 | SAVED << 21 | 583 << 1;			/* mffs */
	case 10: return set_all();
	case 11: return set_rounding();
	default: return x_form(below(3) ? 59 : 63, a_form[below(13)]);
	}
}

/* The last of a short program: an operation whose status is read, written back perhaps, at once. */
static uint32_t status_word(unsigned i)
{
	static const uint32_t a_form[] = { 18, 20, 20, 21, 21, 25, 28, 29, 30, 31 };
	uint32_t mtfsf = set_all(), op = x_form(63, a_form[below(10)]) & ~1u;
	uint32_t compare = 63u << 26 | below(FPRS) << 16 | below(FPRS) << 11;

	switch (i) {
	case 0: return below(4) ? op : below(2) ? set_rounding() : mtfsf;
	case 1: return below(3) ? op : compare;
	case 2: return 63u << 26 | SAVED << 21 | 583 << 1;			/* mffs */
	default: return below(2) ? mtfsf : memory_form();
	}
}

static const char *why(void)
{
	static dgm_error e = { .size = sizeof e };

	dgm_last_error(&e);
	return e.msg;
}

struct machine {
	dgm_vm *vm;
	dgm_cpu *cpu;
	uint8_t *code, *data;
};

struct outcome {
	uint64_t f[FPRS];
	uint32_t cr, fpscr, saved;
	uint8_t data[DATA_BYTES];
};

static void put_word(uint8_t *p, uint32_t w)
{
	p[0] = (uint8_t)(w >> 24), p[1] = (uint8_t)(w >> 16), p[2] = (uint8_t)(w >> 8), p[3] = (uint8_t)w;
}

static bool execute(struct machine *m, uint32_t pc, const struct outcome *start, uint32_t modes, struct outcome *end)
{
	dgm_exit x = { .size = sizeof x };

	for (uint32_t i = 0; i < FPRS; i++)
		dgm_set(m->cpu, DGM_PPC_F(i), start->f[i]);
	memcpy(m->data, start->data, DATA_BYTES);
	dgm_set(m->cpu, DGM_PPC_R3, DATA);
	dgm_set(m->cpu, DGM_PPC_CR, 0);
	dgm_set(m->cpu, DGM_PPC_FPSCR, start->fpscr | modes);
	dgm_set(m->cpu, DGM_PPC_F(SAVED), start->saved | modes);
	dgm_set(m->cpu, DGM_PPC_PC, pc);
	if (dgm_cpu_run(m->cpu, NULL, &x) || x.reason != DGM_EXIT_TRAP) {
		printf("left with reason %u at %" PRIx64 ": %s\n", x.reason, x.pc, why());
		return false;
	}
	for (uint32_t i = 0; i < FPRS; i++)
		end->f[i] = dgm_get(m->cpu, DGM_PPC_F(i));
	memcpy(end->data, m->data, DATA_BYTES);
	end->saved = (uint32_t)dgm_get(m->cpu, DGM_PPC_F(SAVED)) & ~(uint32_t)(XE | FEX);
	end->cr = (uint32_t)dgm_get(m->cpu, DGM_PPC_CR);
	end->fpscr = (uint32_t)dgm_get(m->cpu, DGM_PPC_FPSCR) & ~(uint32_t)(XE | FEX);
	return true;
}

/* CR bits of a program in which FEX or XE shows, and the register mffs fills: they differ by right. */
struct shown {
	uint32_t cr;
	int fpr;
};

static bool is(uint32_t word, uint32_t xo)
{
	return (word & 0xfc0007fe) == (63u << 26 | xo << 1);
}

static void note(struct shown *w, uint32_t word)
{
	uint32_t to = 28 - 4 * (word >> 23 & 7), from = word >> 18 & 7;

	if (is(word, 583) && (word >> 21 & 31) != SAVED)
		w->fpr = (int)(word >> 21 & 31);
	else if (is(word, 64))
		w->cr |= (from == 0 ? 4u : from == 7 ? 8u : 0) << to;
	else if (word & 1 && word >> 26 >= 59)
		w->cr |= 0x04000000;
}

static void mask_shown(struct outcome *o, const struct shown *w)
{
	if (w->fpr >= 0)
		o->f[w->fpr] &= ~(uint64_t)(XE | FEX);
	o->cr &= ~w->cr;
}

static void show(const struct machine *m, uint32_t pc, const struct outcome *a, const struct outcome *b,
		 const struct outcome *start)
{
	for (const uint8_t *p = m->code + (pc - CODE); p[0] != 0x7f; p += 4)
		printf("  %02x%02x%02x%02x", p[0], p[1], p[2], p[3]);
	printf("\n");
	for (uint32_t i = 0; i < FPRS; i++)
		printf("  f%u %016" PRIx64 " -> fast %016" PRIx64 " slow %016" PRIx64 "%s\n", i, start->f[i], a->f[i],
		       b->f[i], a->f[i] != b->f[i] ? " <--" : "");
	printf("  fpscr %08x, f%u %08x -> fast %08x %08x slow %08x %08x\n", start->fpscr, SAVED, start->saved, a->fpscr,
	       a->saved, b->fpscr, b->saved);
	printf("  cr %08x %08x memory %s\n", a->cr, b->cr,
	       memcmp(a->data, b->data, DATA_BYTES) ? "differs" : "equal");
}

/* Of a program, whose first instruction multiplies by a tiny number if `tiny` says so. */
static struct shown write_program(struct machine *m, uint32_t pc, unsigned tiny)
{
	unsigned len = 1 + below(MAX_LEN);
	bool status = !below(4);
	struct shown shown = { 0, -1 };

	if (status)
		len = 3 + below(2);
	for (unsigned i = 0; i < len; i++) {
		uint32_t word = status ? status_word(i) : instruction();

		/* What mffs reads may not be calculated with. */
		while (is(word, 583) && (word >> 21 & 31) != SAVED && i + 1 < len)
			word = instruction();
		if (!i && tiny < 2 && !status)
			word = (tiny ? 59u : 63u) << 26 | 2 << 21 | 1 << 6 | 25 << 1;	/* fmul[s] f2,f0,f1 */
		note(&shown, word);
		put_word(m->code + (pc - CODE) + 4 * i, word);
	}
	put_word(m->code + (pc - CODE) + 4 * len, 0x7fe00008);
	return shown;
}

static struct outcome draw_start(unsigned tiny)
{
	/* Anything but XE; and VX, FEX and a reserved bit that follow from nothing. */
	static const uint32_t written[] = { 0, STATUS, 0xfffffff7, 0xe207f800 };
	bool plain = below(2);
	struct outcome start;

	memset(&start, 0, sizeof start);
	for (uint32_t i = 0; i < FPRS; i++)
		start.f[i] = plain ? ordinary() : operand();
	if (!below(4))
		start.f[below(FPRS)] = 0;
	if (!below(3))
		start.f[below(FPRS)] = start.f[below(FPRS)] ^ (next() & 1ull << 63);
	start.fpscr = (uint32_t)next() & (below(4) ? STATUS : 0);
	start.saved = (uint32_t)next() & written[below(4)];
	if (tiny < 2)
		memcpy(start.f, least_normal[tiny], sizeof *least_normal);
	for (unsigned i = 0; i < DATA_BYTES / 8; i++) {
		uint64_t v = operand();
		put_word(start.data + 8 * i, below(2) ? (uint32_t)(v >> 32) : (uint32_t)next());
		put_word(start.data + 8 * i + 4, (uint32_t)v);
	}
	return start;
}

static bool program(struct machine *m, uint32_t pc)
{
	unsigned tiny = below(12), rn = below(2) ? 0 : below(4);
	struct shown shown = write_program(m, pc, tiny);

	for (unsigned i = 0; i < STARTS; i++) {
		struct outcome start = draw_start(tiny), fast, slow;

		memset(&fast, 0, sizeof fast);
		memset(&slow, 0, sizeof slow);
		if (!execute(m, pc, &start, rn, &fast) || !execute(m, pc, &start, rn | XE, &slow))
			return false;
		mask_shown(&fast, &shown);
		mask_shown(&slow, &shown);
		if (!memcmp(&fast, &slow, sizeof fast))
			continue;
		printf("program at %x:\n", pc);
		show(m, pc, &fast, &slow, &start);
		return false;
	}
	return true;
}

/* Changes of the rounding mode in a loop: code of one mode leads to that of the other, not to the run loop each time. */
static bool stays_inside(struct machine *m)
{
	static const uint32_t code[] = {
		0x39200000 | ROUNDS,	/* li r9,ROUNDS */
		0x7d2903a6,		/* mtctr r9 */
		0xfc00048e,		/* 1: mffs f0 */
		0xff80310c,		/* mtfsfi 7,3 */
		0xfc21102a,		/* fadd f1,f1,f2 */
		0xfdfe058e,		/* mtfsf 255,f0 */
		0x4200fff0,		/* bdnz 1b */
		0x7fe00008,
	};
	dgm_stats s = { .size = sizeof s };
	struct outcome start = { .f = { 0, 0x3ff0000000000000, 0x3fe0000000000000 } }, end;

	for (unsigned i = 0; i < sizeof code / sizeof *code; i++)
		put_word(m->code + 4 * i, code[i]);
	dgm_vm_stats(m->vm, &s);
	uint64_t before = s.exits;
	if (!execute(m, CODE, &start, 0, &end))
		return false;
	dgm_vm_stats(m->vm, &s);
	if (s.exits - before > ROUNDS / 10 || end.f[1] != 0x407f500000000000)
		printf("%" PRIu64 " exits for %u changes, result %016" PRIx64 "\n", s.exits - before, 2 * ROUNDS, end.f[1]);
	return s.exits - before <= ROUNDS / 10 && end.f[1] == 0x407f500000000000;
}

/* FPSCR where a loop of singles is left behind k rounds; in front of it there was an operation on doubles. */
static uint32_t left_in_round(struct machine *m, unsigned k, uint32_t modes)
{
	dgm_exit x = { .size = sizeof x };

	dgm_set(m->cpu, DGM_PPC_F(1), 0x3fb999999999999a);
	dgm_set(m->cpu, DGM_PPC_F(2), 0x3fd3333333333333);
	dgm_set(m->cpu, DGM_PPC_R3, DATA - 4);
	dgm_set(m->cpu, DGM_PPC_R(6), 0);
	dgm_set(m->cpu, DGM_PPC_R(7), k);
	dgm_set(m->cpu, DGM_PPC_CTR, ROUNDS);
	dgm_set(m->cpu, DGM_PPC_FPSCR, modes);
	dgm_set(m->cpu, DGM_PPC_PC, CODE + STRIDE);
	if (dgm_cpu_run(m->cpu, NULL, &x) || x.reason != DGM_EXIT_TRAP || x.pc != CODE + STRIDE + 12)
		printf("round %u: left with reason %u at %" PRIx64 "\n", k, x.reason, x.pc);
	return (uint32_t)dgm_get(m->cpu, DGM_PPC_FPSCR) & ~(uint32_t)(XE | FEX);
}

static bool leaves_singles(struct machine *m)
{
	static const uint32_t code[] = {
		0xfc611024,	/* fdiv f3,f1,f2 */
		0x48000008,	/* b 1f */
		0x7fe00008,
		0x7c863808,	/* 1: tweq r6,r7 */
		0xc4830004,	/* lfsu f4,4(r3) */
		0xeca4202a,	/* fadds f5,f4,f4 */
		0x38c60001,	/* addi r6,r6,1 */
		0x4200fff0,	/* bdnz 1b */
		0x7fe00008,
	};
	bool equal = true;

	for (unsigned i = 0; i < sizeof code / sizeof *code; i++)
		put_word(m->code + STRIDE + 4 * i, code[i]);
	for (unsigned k = 0; k < 4; k++)
		put_word(m->data + 4 * k, 0xbfc00001 + k);	/* -1.5 and so on */
	for (unsigned k = 0; k < 8; k++) {	/* hot code is there the second time at the latest */
		uint32_t fast = left_in_round(m, k & 3, 0), slow = left_in_round(m, k & 3, XE);

		if (fast != slow)
			printf("round %u: fpscr %08x, not %08x\n", k & 3, fast, slow);
		equal &= fast == slow;
	}
	return equal;
}

static bool open_machine(struct machine *m, uint32_t flags, unsigned programs)
{
	dgm_engine *engine;
	dgm_engine_cfg ecfg = { .size = sizeof ecfg, .flags = flags | DGM_VERIFY_IR | DGM_DETERMINISTIC,
				.backend_dir = getenv("DGM_BACKEND_DIR") };
	dgm_vm_cfg vcfg = { .size = sizeof vcfg, .arch = DGM_ARCH_PPC32 };
	uint64_t bytes = ((uint64_t)programs * STRIDE + 0xffff) & ~0xffffull;

	if (dgm_engine_new(&ecfg, DGM_ABI, &engine) || dgm_vm_new(engine, &vcfg, NULL, NULL, &m->vm))
		return false;
	dgm_engine_unref(engine);
	if (dgm_map_ram(m->vm, CODE, bytes, DGM_R | DGM_W | DGM_X, NULL, NULL) ||
	    dgm_map_ram(m->vm, DATA, 0x10000, DGM_R | DGM_W, NULL, NULL) || dgm_cpu_new(m->vm, &m->cpu))
		return false;
	m->code = dgm_mem_ptr(m->vm, CODE, bytes, DGM_W);
	m->data = dgm_mem_ptr(m->vm, DATA, 0x10000, DGM_W);
	return m->code && m->data;
}

int main(int argc, char **argv)
{
	const char *tier = argc > 1 ? argv[1] : "interp";
	unsigned programs = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 2000, bad = 0;
	uint32_t flags = !strcmp(tier, "interp") ? DGM_INTERP_ONLY : !strcmp(tier, "llvm") ? DGM_HOT_AT_ONCE :
										       DGM_HOT_AT_ONCE | DGM_NO_LLVM;
	struct machine m;

	rng.state = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
	if (programs > 100000 || !open_machine(&m, flags, programs)) {
		printf("no machine: %s\n", why());
		return 1;
	}
	if (strcmp(tier, "interp") != 0)
		bad += !stays_inside(&m);
	bad += !leaves_singles(&m);
	for (unsigned i = 2; i < programs && bad < 5; i++)
		bad += !program(&m, CODE + i * STRIDE);
	dgm_stats s = { .size = sizeof s };
	dgm_vm_stats(m.vm, &s);
	printf("%u programs, %u wrong; units: %" PRIu64 " baseline, %" PRIu64 " llvm, %" PRIu64 " interpreted runs\n",
	       programs, bad, s.units_baseline, s.units_llvm, s.runs_interp);
	dgm_cpu_free(m.cpu);
	dgm_vm_free(m.vm);
	if (bad)
		return 1;
	return (!strcmp(tier, "llvm") && !s.units_llvm) || (!strcmp(tier, "baseline") && !s.units_baseline) ? 77 : 0;
}
