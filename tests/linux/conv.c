/* Structures and flags between host and guest, byte by byte. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"
#include "host_types.h"

static lx guest(void)
{
	lx x = { .g = &lx_ppc };

	return x;
}

static const struct lx_guest *const guests[] = { &lx_aarch64, &lx_arm, &lx_ppc };
#define N_GUESTS (sizeof guests / sizeof guests[0])

static void check_fit(const struct lx_guest *g)
{
	for (int st = 0; st < LX_N_ST; st++) {
		const struct lx_struct *s = lx_layout(g, (enum lx_st)st);
		uint8_t used[512] = { 0 };

		cr_assert(s->n > 0 && s->gsize <= sizeof used, "%s: structure %d has no layout", g->name, st);
		for (unsigned i = 0; i < s->n; i++) {
			const struct lx_field *f = &s->f[i];

			cr_expect(f->guest + f->gsize <= s->gsize && f->host + f->hsize <= s->hsize, "structure %d field %u", st, i);
			for (unsigned b = 0; b < f->gsize; b++)
				cr_expect(!used[f->guest + b]++, "structure %d field %u overlaps another", st, i);
		}
	}
}

Test(conv, tables_fit_their_structures)
{
	for (size_t i = 0; i < N_GUESTS; i++)
		check_fit(guests[i]);
}

Test(conv, stat64_layout)
{
	lx x = guest();
	struct stat s = { .st_dev = 0x1122, .st_ino = 0x0102030405060708, .st_mode = 0100644, .st_nlink = 3, .st_size = -2 };
	uint8_t g[104];

	s.st_mtim.tv_sec = 0x61626364;
	s.st_mtim.tv_nsec = 7;
	lx_to_guest(&x, LX_ST_STAT64, g, &s);
	cr_expect_arr_eq(g, "\0\0\0\0\0\0\x11\x22", 8);
	cr_expect_arr_eq(g + 8, "\1\2\3\4\5\6\7\x8", 8);
	cr_expect_arr_eq(g + 16, "\0\0\x81\xa4\0\0\0\3", 8);
	cr_expect_arr_eq(g + 48, "\xff\xff\xff\xff\xff\xff\xff\xfe", 8);
	cr_expect_arr_eq(g + 80, "abcd\0\0\0\7", 8);
}

Test(conv, signed_fields_are_extended)
{
	lx x = guest();
	struct timespec ts;
	struct flock fl;

	lx_to_host(&x, LX_ST_TIMESPEC, &ts, "\xff\xff\xff\xff\0\0\0\5");
	cr_expect_eq(ts.tv_sec, -1);
	cr_expect_eq(ts.tv_nsec, 5);
	lx_to_host(&x, LX_ST_FLOCK, &fl, "\0\1\0\2\xff\xff\xff\xfe\0\0\0\3\0\0\0\4");
	cr_expect_eq(fl.l_type, F_WRLCK);
	cr_expect_eq(fl.l_whence, SEEK_END);
	cr_expect_eq(fl.l_start, -2);
	cr_expect_eq(fl.l_len, 3);
	cr_expect_eq(fl.l_pid, 4);
}

/* A later field is the same one of the host: that one counts. */
static bool stands_twice(const struct lx_struct *s, unsigned i)
{
	for (unsigned k = i + 1; k < s->n; k++)
		if (s->f[k].host == s->f[i].host)
			return true;
	return false;
}

static void check_round_trip(const struct lx_guest *g)
{
	lx x = { .g = g };

	for (int st = 0; st < LX_N_ST; st++) {
		const struct lx_struct *s = lx_layout(g, (enum lx_st)st);
		uint8_t in[512], mid[1024], out[512], mask[512] = { 0 };

		for (unsigned i = 0; i < sizeof in; i++)
			in[i] = (uint8_t)(i * 37 + 11);
		for (unsigned i = 0; i < s->n; i++)
			memset(mask + s->f[i].guest, stands_twice(s, i) ? 0 : 0xff, s->f[i].gsize);
		lx_to_host(&x, (enum lx_st)st, mid, in);
		lx_to_guest(&x, (enum lx_st)st, out, mid);
		for (unsigned i = 0; i < s->gsize; i++)
			cr_expect(!mask[i] || out[i] == in[i], "%s: structure %d byte %u", g->name, st, i);
	}
}

Test(conv, every_structure_survives_the_round_trip)
{
	for (size_t i = 0; i < N_GUESTS; i++)
		check_round_trip(guests[i]);
}

Test(conv, stat_of_aarch64)
{
	lx x = { .g = &lx_aarch64 };
	struct stat s = { .st_dev = 0x1122, .st_mode = 0100644, .st_nlink = 3, .st_size = -2 };
	uint8_t g[128];

	s.st_mtim.tv_nsec = 7;
	lx_to_guest(&x, LX_ST_STAT, g, &s);
	cr_expect_arr_eq(g, "\x22\x11\0\0\0\0\0\0", 8);
	cr_expect_arr_eq(g + 16, "\xa4\x81\0\0\3\0\0\0", 8);
	cr_expect_arr_eq(g + 48, "\xfe\xff\xff\xff\xff\xff\xff\xff", 8);
	cr_expect_arr_eq(g + 96, "\7\0\0\0\0\0\0\0", 8);
}

Test(conv, siginfo_of_aarch64)
{
	lx x = { .g = &lx_aarch64 };
	siginfo_t si = { .si_signo = SIGCHLD, .si_code = CLD_EXITED };
	uint8_t g[128];

	/* A little-endian 64-bit guest's is the host's. */
	si.si_pid = 0x01020304;
	si.si_uid = 5;
	si.si_status = 9;
	si.si_utime = 0x1122334455;
	lx_put_siginfo(&x, g, &si);
	cr_expect_arr_eq(g, &si, sizeof si);
	si = (siginfo_t){ .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	si.si_pid = 7;
	si.si_ptr = (void *)0x5566778899;
	lx_put_siginfo(&x, g, &si);
	cr_expect_arr_eq(g, &si, sizeof si);
}

Test(conv, open_flags)
{
	const struct lx_flags *t = &lx_ppc.open_flags;
	uint32_t unknown;

	cr_expect_eq(lx_flags_to_host(t, 040000 | 02000000, &unknown), O_DIRECTORY | O_CLOEXEC);
	cr_expect_eq(lx_flags_to_host(t, 0100000, NULL), O_NOFOLLOW);
	cr_expect_eq(lx_flags_to_guest(t, O_DIRECT | O_RDWR), 0400000 | 2);
	cr_expect_eq(lx_flags_to_host(t, 020000000 | 040000, NULL), O_TMPFILE);
	lx_flags_to_host(t, 0x80000000, &unknown);
	cr_expect_eq(unknown, 0x80000000);
}

Test(conv, termios_there_and_back)
{
	/* ISIG ICANON ECHO ECHOE ECHOK IEXTEN; OPOST ONLCR; ICRNL IXON; CS8 CREAD B38400; 115200 is 0x11. */
	struct lx_termios t = { 0x300, 3, 0x300 | 0x800 | 15, 0x80 | 0x100 | 8 | 2 | 4 | 0x400, 0, { 0 } }, back;

	for (unsigned i = 0; i < 17; i++)
		t.cc[i] = (uint8_t)(i + 1);
	back = t;
	lx_ppc.termios_to_host(&back);
	cr_expect_eq(back.iflag, 0x100 | 0x400);
	cr_expect_eq(back.oflag, 1 | 4);
	cr_expect_eq(back.cflag, 0x30 | 0x80 | 15);
	cr_expect_eq(back.lflag, 1 | 2 | 8 | 0x10 | 0x20 | 0x8000);
	cr_expect_eq(back.cc[6], 5 + 1, "VMIN");
	cr_expect_eq(back.cc[5], 7 + 1, "VTIME");
	lx_ppc.termios_to_guest(&back);
	cr_expect_arr_eq(&back, &t, sizeof t);
	for (uint32_t speed = 0; speed <= 0x1f; speed++) {
		struct lx_termios s = { .cflag = speed };

		lx_ppc.termios_to_host(&s);
		lx_ppc.termios_to_guest(&s);
		cr_expect_eq(s.cflag, speed);
	}
}

Test(conv, arguments_as_the_signature_says)
{
	lx x = guest();
	const uint64_t reg[6] = { 0xffffffff, 2, 3, 0xdead, 0x12, 0x34567890 };
	uint64_t a[8];

	/* pread64: the 64-bit offset begins at an even place, the fourth register is skipped. */
	lx_decode_args(&x, "ipuL", reg, a);
	cr_expect_eq(a[0], UINT64_MAX);
	cr_expect_eq(a[1], 2);
	cr_expect_eq(a[2], 3);
	cr_expect_eq(a[3], 0x1234567890);
	/* fallocate: two ints and two pairs. */
	lx_decode_args(&x, "ixLL", reg, a);
	cr_expect_eq(a[2], 0x30000dead);
	cr_expect_eq(a[3], 0x1234567890);
}

Test(conv, siginfo_layouts)
{
	lx x = guest();
	siginfo_t si = { .si_signo = SIGCHLD, .si_code = CLD_EXITED };
	uint8_t g[128];

	si.si_pid = 0x01020304;
	si.si_uid = 5;
	si.si_status = 9;
	lx_put_siginfo(&x, g, &si);
	cr_expect_arr_eq(g, "\0\0\0\x11\0\0\0\0\0\0\0\1\1\2\3\4\0\0\0\5\0\0\0\x9", 24);
	si = (siginfo_t){ .si_signo = SIGSEGV, .si_code = SEGV_MAPERR };
	si.si_addr = (void *)0x1234;
	lx_put_siginfo(&x, g, &si);
	cr_expect_arr_eq(g, "\0\0\0\xb\0\0\0\0\0\0\0\1\0\0\x12\x34", 16);
	si = (siginfo_t){ .si_signo = SIGUSR1, .si_code = SI_QUEUE };
	si.si_pid = 7;
	si.si_ptr = (void *)0x55;
	lx_put_siginfo(&x, g, &si);
	cr_expect_arr_eq(g + 8, "\xff\xff\xff\xff\0\0\0\7\0\0\0\0\0\0\0\x55", 16);
}
