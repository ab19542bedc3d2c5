/*
 * This library beside Unicorn, in one process and in turns: hot loops, what watching them costs, entering
 * cached code, reading a register, starting again from a saved state. Takes the folder of the kernels'
 * images and, optionally, the names of guests. CPU time of the calling thread; medians of rounds.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../micro.h"
#include "compare.h"

enum { ROUNDS = 5, BLOCK = 33, SIDES = 2 };

static const struct side *const side[SIDES] = {&side_dragoman, &side_unicorn};
static const char *const guest_name[GUESTS] = {"ppc", "aarch64", "arm"};
static const char *folder;

/* The kernels as the host's compiler makes them. */
uint32_t kernel_mix(uint32_t n), kernel_crc(uint32_t n), kernel_sort(uint32_t n), kernel_dispatch(uint32_t n),
	kernel_search(uint32_t n), kernel_calls(uint32_t n), kernel_matmul(uint32_t n), kernel_mandelbrot(uint32_t n);

struct kernel {
	const char *name;
	uint32_t (*native)(uint32_t n);
	bool is_float, watched;
};

static const struct kernel kernels[] = {
	{"mix", kernel_mix, false, false},
	{"crc", kernel_crc, false, true},
	{"sort", kernel_sort, false, true},
	{"dispatch", kernel_dispatch, false, false},
	{"search", kernel_search, false, false},
	{"calls", kernel_calls, false, false},
	{"matmul", kernel_matmul, true, true},
	{"mandelbrot", kernel_mandelbrot, true, false},
};
enum { KERNELS = sizeof kernels / sizeof kernels[0] };

struct image {
	uint8_t byte[65536];
	size_t len;
};

static void die(const char *what, const char *about)
{
	fprintf(stderr, "compare: %s: %s\n", about, what);
	exit(1);
}

static void load(struct image *im, const char *kernel, enum guest g)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s-%s.bin", folder, kernel, guest_name[g]);
	FILE *f = fopen(path, "rb");
	if (!f)
		die("cannot be read", path);
	im->len = fread(im->byte, 1, sizeof im->byte, f);
	fclose(f);
	if (!im->len || im->len == sizeof im->byte)
		die("has a size that cannot be", path);
}

static double seconds(const struct side *s, void *m, uint32_t n, uint32_t *result)
{
	double t = now_ns();

	if (!s->call(m, n, result))
		die("a run failed", s->name);
	return (now_ns() - t) / 1e9;
}

/* So many rounds that one call takes a tenth of a second or more on the slower machine. */
static uint32_t rounds_for(const struct side *s, void *m)
{
	uint32_t n = 4, result;

	while (n < 1u << 28 && seconds(s, m, n, &result) < 0.025)
		n *= 2;
	return n * 4;
}

/* Until all is translated for good. */
static void warm(const struct side *s, void *m, uint32_t n)
{
	uint32_t result;

	for (int i = 0; i < 4; i++)
		seconds(s, m, n / 4 + 1, &result);
}

/* Time of a over time of b, in turns, both doing n rounds. */
static double ratio(const struct side *sa, void *a, const struct side *sb, void *b, uint32_t n, const char *name)
{
	double v[ROUNDS];

	for (int i = 0; i < ROUNDS; i++) {
		uint32_t ra, rb;
		double ta = seconds(sa, a, n, &ra), tb = seconds(sb, b, n, &rb);

		if (ra != rb)
			die("the results differ", name);
		v[i] = ta / tb;
	}
	return median(v, ROUNDS);
}

struct mean {
	double log_sum;
	int n;
};

static void mean_add(struct mean *m, double v)
{
	m->log_sum += log(v);
	m->n++;
}

static void mean_show(const struct mean *m, const char *name)
{
	if (m->n)
		printf("%-44s %8.2f  (geometric mean of %d)\n", name, exp(m->log_sum / m->n), m->n);
}

static double native_seconds(const struct kernel *k, uint32_t n)
{
	volatile uint32_t result;
	double t = now_ns();

	result = k->native(n);
	(void)result;
	return (now_ns() - t) / 1e9;
}

/* Machines of both sides, ours warm; how many rounds Unicorn needs to be measured. */
static uint32_t open_both(enum guest g, const struct kernel *k, enum watch w, void *m[SIDES])
{
	struct image im;

	load(&im, k->name, g);
	for (int i = 0; i < SIDES; i++)
		if (!(m[i] = side[i]->open(g, im.byte, im.len, w)))
			die("no machine", side[i]->name);
	uint32_t n = rounds_for(side[1], m[1]);
	warm(side[0], m[0], n);
	return n;
}

static void hot_loop(enum guest g, const struct kernel *k, struct mean mean[2])
{
	void *m[SIDES];
	char name[64];
	uint32_t n = open_both(g, k, WATCH_NOTHING, m);

	snprintf(name, sizeof name, "%s, %s", k->name, guest_name[g]);
	double r = ratio(side[1], m[1], side[0], m[0], n, name), t = native_seconds(k, n);
	uint32_t result;
	printf("  %-42s %8.2f  (%.2f of native code)\n", name, r, seconds(side[0], m[0], n, &result) / t);
	mean_add(&mean[k->is_float], r);
	for (int i = 0; i < SIDES; i++)
		side[i]->close(m[i]);
}

/* What watching costs a side: time with it over time without. */
static void watched(const struct side *s, enum guest g, const struct kernel *k, enum watch w, struct mean *mean)
{
	struct image im;

	load(&im, k->name, g);
	void *plain = s->open(g, im.byte, im.len, WATCH_NOTHING), *busy = s->open(g, im.byte, im.len, w);
	if (plain && busy) {
		uint32_t n = rounds_for(s, busy);

		warm(s, plain, n);
		warm(s, busy, n);
		mean_add(mean, ratio(s, busy, s, plain, n, k->name));
		if (w != WATCH_BUDGET && !s->seen(busy))
			die("saw nothing", s->name);
	}
	s->close(plain);
	s->close(busy);
}

static const char *const watched_by[WATCHES] = {
	[WATCH_BLOCKS] = "empty block hook",
	[WATCH_INSNS] = "empty instruction hook",
	[WATCH_BUDGET] = "exact budget",
	[WATCH_COUNTER] = "inline block counter",
};

static void watching(enum guest first, enum guest last)
{
	puts("time of a watched run over that of one that is not");
	for (enum watch w = WATCH_BLOCKS; w < WATCHES; w++)
		for (int i = 0; i < SIDES; i++) {
			struct mean mean = {0};
			char name[64];

			for (enum guest g = first; g <= last; g++)
				for (int k = 0; k < KERNELS; k++)
					if (kernels[k].watched)
						watched(side[i], g, &kernels[k], w, &mean);
			snprintf(name, sizeof name, "  %s, %s", watched_by[w], side[i]->name);
			mean_show(&mean, name);
		}
}

/* Both sides watched in the same way. */
static void both_watched(enum guest g, const struct kernel *k, enum watch w, struct mean *mean)
{
	void *m[SIDES];
	uint32_t n = open_both(g, k, w, m);

	mean_add(mean, ratio(side[1], m[1], side[0], m[0], n, k->name));
	for (int i = 0; i < SIDES; i++)
		side[i]->close(m[i]);
}

static void watching_beside(enum guest first, enum guest last)
{
	puts("the same loops, watched: time of Unicorn over time of Dragoman");
	for (enum watch w = WATCH_BLOCKS; w <= WATCH_BUDGET; w++) {
		struct mean mean = {0};
		char name[64];

		for (enum guest g = first; g <= last; g++)
			for (int k = 0; k < KERNELS; k++)
				if (kernels[k].watched)
					both_watched(g, &kernels[k], w, &mean);
		snprintf(name, sizeof name, "  %s", watched_by[w]);
		mean_show(&mean, name);
	}
}

/* A block of instructions that do nothing. */
static void idle_block(struct image *im, enum guest g)
{
	static const uint8_t nop[GUESTS][4] = {
		{0x60, 0, 0, 0}, {0x1f, 0x20, 0x03, 0xd5}, {0x00, 0xf0, 0x20, 0xe3}};

	im->len = 0;
	for (int i = 0; i <= BLOCK; i++, im->len += 4)
		memcpy(im->byte + im->len, nop[g], 4);
}

static void entering(enum guest g)
{
	enum { TIMES = 2000 };
	double enter[SIDES][ROUNDS], get[SIDES][ROUNDS];
	volatile uint64_t sum = 0;
	struct image im;
	void *m[SIDES];

	idle_block(&im, g);
	for (int i = 0; i < SIDES; i++)
		if (!(m[i] = side[i]->open(g, im.byte, im.len, WATCH_NOTHING)))
			die("no machine", side[i]->name);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < SIDES; i++) {
			double t = now_ns();

			for (int k = 0; k < TIMES; k++)
				if (!side[i]->enter(m[i], IMAGE_AT + 4 * BLOCK))
					die("a run failed", side[i]->name);
			enter[i][round] = (now_ns() - t) / TIMES;
			t = now_ns();
			for (int k = 0; k < TIMES; k++)
				sum += side[i]->get(m[i]);
			get[i][round] = (now_ns() - t) / TIMES;
		}
	for (int i = 0; i < SIDES; i++) {
		printf("  %-10s %-8s enter a cached block of %d %8.1f ns, read a register %6.1f ns\n",
		       side[i]->name, guest_name[g], BLOCK, median(enter[i], ROUNDS), median(get[i], ROUNDS));
		side[i]->close(m[i]);
	}
}

/* Ten pages are written, then all is as before: by rewinding, and by making the machine again. */
static void rewinding(const struct side *s, enum guest g)
{
	enum { TIMES = 200, PAGES = 10 };
	double back[ROUNDS], again[ROUNDS];
	struct image im;
	uint32_t r;

	load(&im, "touch", g);
	void *m = s->open(g, im.byte, im.len, WATCH_NOTHING);
	if (!m)
		die("no machine", s->name);
	if (!s->rewind(m)) {
		printf("  %-10s %-8s not offered\n", s->name, guest_name[g]);
		s->close(m);
		return;
	}
	for (int round = 0; round < ROUNDS; round++) {
		double t = now_ns();

		for (int k = 0; k < TIMES; k++)
			if (!s->call(m, PAGES, &r) || r != 0 || !s->rewind(m))
				die("rewinding failed", s->name);
		back[round] = (now_ns() - t) / TIMES / 1e3;
		t = now_ns();
		for (int k = 0; k < TIMES / 10; k++) {
			void *other = s->open(g, im.byte, im.len, WATCH_NOTHING);

			if (!other || !s->call(other, PAGES, &r))
				die("no machine", s->name);
			s->close(other);
		}
		again[round] = (now_ns() - t) / (TIMES / 10) / 1e3;
	}
	s->close(m);
	printf("  %-10s %-8s rewind and run %8.1f us, make anew and run %8.1f us\n", s->name, guest_name[g],
	       median(back, ROUNDS), median(again, ROUNDS));
}

static void compare(enum guest first, enum guest last)
{
	struct mean mean[2] = {{0}};

	puts("hot loops: time of Unicorn over time of Dragoman");
	for (enum guest g = first; g <= last; g++)
		for (int k = 0; k < KERNELS; k++)
			hot_loop(g, &kernels[k], mean);
	mean_show(&mean[0], "  integer");
	mean_show(&mean[1], "  floating point");
	watching(first, last);
	watching_beside(first, last);
	puts("small things");
	for (enum guest g = first; g <= last; g++)
		entering(g);
	for (enum guest g = first; g <= last; g++)
		for (int i = 0; i < SIDES; i++)
			rewinding(side[i], g);
}

int main(int argc, char **argv)
{
	enum guest first = GUEST_PPC, last = GUESTS - 1;

	if (argc < 2) {
		fputs("usage: compare FOLDER [GUEST]\n", stderr);
		return 2;
	}
	folder = argv[1];
	for (enum guest g = GUEST_PPC; argc > 2 && g < GUESTS; g++)
		if (!strcmp(argv[2], guest_name[g]))
			first = last = g;
	setvbuf(stdout, NULL, _IOLBF, 0);
	compare(first, last);
	return 0;
}
