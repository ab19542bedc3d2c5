/* Terminals of PowerPC Linux: ioctl numbers, flag bits, control character order and speeds differ from x86. */
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/sockios.h>
#include <sys/socket.h>

#include "ppc_priv.h"

/* Direction 1 none, 2 read, 4 write, in the upper three bits; 13 bits of size. */
#define IO(t, n) (1u << 29 | (unsigned)(t) << 8 | (n))
#define IOR(t, n, size) (2u << 29 | (unsigned)(size) << 16 | (unsigned)(t) << 8 | (n))
#define IOW(t, n, size) (4u << 29 | (unsigned)(size) << 16 | (unsigned)(t) << 8 | (n))

#define ROW(name, number, kind) { number, name, LX_IO_##kind, #name }
const struct lx_ioctl lx_ppc_ioctls[] = {
	ROW(TCGETS, IOR('t', 19, 44), TERMIOS_OUT), ROW(TCSETS, IOW('t', 20, 44), TERMIOS_IN),
	ROW(TCSETSW, IOW('t', 21, 44), TERMIOS_IN), ROW(TCSETSF, IOW('t', 22, 44), TERMIOS_IN),
	ROW(TCSBRK, IO('t', 29), VALUE), ROW(TCXONC, IO('t', 30), VALUE), ROW(TCFLSH, IO('t', 31), VALUE),
	ROW(TCSBRKP, 0x5425, VALUE), ROW(TIOCGWINSZ, IOR('t', 104, 8), WINSIZE_OUT),
	ROW(TIOCSWINSZ, IOW('t', 103, 8), WINSIZE_IN), ROW(TIOCOUTQ, IOR('t', 115, 4), INT_OUT),
	ROW(TIOCGPGRP, IOR('t', 119, 4), INT_OUT), ROW(TIOCSPGRP, IOW('t', 118, 4), INT_IN),
	ROW(TIOCEXCL, 0x540c, NONE), ROW(TIOCNXCL, 0x540d, NONE), ROW(TIOCSCTTY, 0x540e, VALUE),
	ROW(TIOCMGET, 0x5415, INT_OUT), ROW(TIOCMBIS, 0x5416, INT_IN), ROW(TIOCMBIC, 0x5417, INT_IN),
	ROW(TIOCMSET, 0x5418, INT_IN), ROW(TIOCPKT, 0x5420, INT_IN), ROW(TIOCNOTTY, 0x5422, NONE),
	ROW(TIOCSETD, 0x5423, INT_IN), ROW(TIOCGETD, 0x5424, INT_OUT), ROW(TIOCSBRK, 0x5427, NONE),
	ROW(TIOCCBRK, 0x5428, NONE), ROW(TIOCGSID, 0x5429, INT_OUT), ROW(TIOCGPTN, IOR('T', 0x30, 4), INT_OUT),
	ROW(TIOCSPTLCK, IOW('T', 0x31, 4), INT_IN), ROW(TIOCGPTLCK, IOR('T', 0x39, 4), INT_OUT),
	ROW(TIOCGPTPEER, IO('T', 0x41), VALUE), ROW(TIOCGEXCL, IOR('T', 0x40, 4), INT_OUT),
	ROW(FIONREAD, IOR('f', 127, 4), INT_OUT), ROW(FIONBIO, IOW('f', 126, 4), INT_IN),
	ROW(FIOASYNC, IOW('f', 125, 4), INT_IN), ROW(FIOCLEX, IO('f', 1), NONE), ROW(FIONCLEX, IO('f', 2), NONE),
	ROW(FIOQSIZE, IOR('f', 128, 8), LOFF_OUT), ROW(SIOCATMARK, 0x8905, INT_OUT), ROW(SIOCGPGRP, 0x8904, INT_OUT),
	ROW(SIOCSPGRP, 0x8902, INT_IN), ROW(FIOSETOWN, 0x8901, INT_IN), ROW(FIOGETOWN, 0x8903, INT_OUT),
	ROW(SIOCGIFNAME, 0x8910, IFREQ), ROW(SIOCGIFFLAGS, 0x8913, IFREQ),
	ROW(SIOCGIFADDR, 0x8915, IFREQ), ROW(SIOCGIFDSTADDR, 0x8917, IFREQ), ROW(SIOCGIFBRDADDR, 0x8919, IFREQ),
	ROW(SIOCGIFNETMASK, 0x891b, IFREQ), ROW(SIOCGIFMETRIC, 0x891d, IFREQ), ROW(SIOCGIFMTU, 0x8921, IFREQ),
	ROW(SIOCGIFHWADDR, 0x8927, IFREQ), ROW(SIOCGIFINDEX, 0x8933, IFREQ), ROW(FS_IOC_GETFLAGS, IOR('f', 1, 4), INT_OUT),
	ROW(FS_IOC_SETFLAGS, IOW('f', 2, 4), INT_IN), ROW(FICLONE, IOW(0x94, 9, 4), VALUE),
	ROW(SIOCGIFTXQLEN, 0x8942, IFREQ), ROW(SIOCGIFCONF, 0x8912, IFCONF), ROW(FS_IOC_GETVERSION, IOR('v', 1, 4), INT_OUT),
	ROW(FIBMAP, IO(0, 1), INT_INOUT), ROW(FIGETBSZ, IO(0, 2), INT_OUT), ROW(BLKROGET, IO(0x12, 94), INT_OUT),
	ROW(BLKGETSIZE, IO(0x12, 96), WORD_OUT), ROW(BLKFLSBUF, IO(0x12, 97), NONE), ROW(BLKRAGET, IO(0x12, 99), WORD_OUT),
	ROW(BLKSSZGET, IO(0x12, 104), INT_OUT), ROW(BLKIOMIN, IO(0x12, 120), INT_OUT), ROW(BLKIOOPT, IO(0x12, 121), INT_OUT),
	ROW(BLKALIGNOFF, IO(0x12, 122), INT_OUT), ROW(BLKPBSZGET, IO(0x12, 123), INT_OUT),
	ROW(BLKROTATIONAL, IO(0x12, 126), SHORT_OUT), ROW(BLKBSZGET, IOR(0x12, 112, 4), INT_OUT),
	ROW(BLKGETSIZE64, IOR(0x12, 114, 4), LOFF_OUT),
};
const size_t lx_ppc_n_ioctls = sizeof lx_ppc_ioctls / sizeof lx_ppc_ioctls[0];

static const struct lx_flag iflags[] = {
	{ 0x0200, 0x0400 },	/* IXON */
	{ 0x0400, 0x1000 },	/* IXOFF */
	{ 0x1000, 0x0200 },	/* IUCLC */
};
static const struct lx_flag oflags[] = {
	{ 0x00002, 0x00004 },	/* ONLCR */
	{ 0x00004, 0x00002 },	/* OLCUC */
	{ 0x00100, 0x00100 },	/* NL1 */
	{ 0x00400, 0x00800 }, { 0x00800, 0x01000 },	/* TABDLY */
	{ 0x01000, 0x00200 }, { 0x02000, 0x00400 },	/* CRDLY */
	{ 0x04000, 0x08000 },	/* FF1 */
	{ 0x08000, 0x02000 },	/* BS1 */
	{ 0x10000, 0x04000 },	/* VT1 */
};
static const struct lx_flag cflags[] = {
	{ 0x0100, 0x0010 }, { 0x0200, 0x0020 },	/* CSIZE */
	{ 0x0400, 0x0040 },	/* CSTOPB */
	{ 0x0800, 0x0080 },	/* CREAD */
	{ 0x1000, 0x0100 },	/* PARENB */
	{ 0x2000, 0x0200 },	/* PARODD */
	{ 0x4000, 0x0400 },	/* HUPCL */
	{ 0x8000, 0x0800 },	/* CLOCAL */
};
static const struct lx_flag lflags[] = {
	{ 0x00000080, 0x00000001 },	/* ISIG */
	{ 0x00000100, 0x00000002 },	/* ICANON */
	{ 0x00004000, 0x00000004 },	/* XCASE */
	{ 0x00000008, 0x00000008 },	/* ECHO */
	{ 0x00000002, 0x00000010 },	/* ECHOE */
	{ 0x00000004, 0x00000020 },	/* ECHOK */
	{ 0x00000010, 0x00000040 },	/* ECHONL */
	{ 0x80000000, 0x00000080 },	/* NOFLSH */
	{ 0x00400000, 0x00000100 },	/* TOSTOP */
	{ 0x00000040, 0x00000200 },	/* ECHOCTL */
	{ 0x00000020, 0x00000400 },	/* ECHOPRT */
	{ 0x00000001, 0x00000800 },	/* ECHOKE */
	{ 0x00800000, 0x00001000 },	/* FLUSHO */
	{ 0x20000000, 0x00004000 },	/* PENDIN */
	{ 0x00000400, 0x00008000 },	/* IEXTEN */
	{ 0x10000000, 0x00010000 },	/* EXTPROC */
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
static const struct lx_flags i_bits = { iflags, COUNT(iflags), 0x01ff | 0x0800 | 0x2000 | 0x4000 };
static const struct lx_flags o_bits = { oflags, COUNT(oflags), 0x1 | 0x8 | 0x10 | 0x20 | 0x40 | 0x80 };
static const struct lx_flags c_bits = { cflags, COUNT(cflags), 0xc0000000 };
static const struct lx_flags l_bits = { lflags, COUNT(lflags), 0 };

/* Place of each control character of the guest in the host's c_cc. */
static const uint8_t cc_host[17] = { 0, 1, 2, 3, 4, 6, 11, 5, 16, 7, 14, 12, 10, 8, 9, 15, 13 };

/* Speeds: the same up to B38400 (15), then 16.. here and 0x1001.. there. */
static uint32_t speed_to_host(uint32_t s)
{
	if (s == 0x1f)	/* BOTHER */
		return 0x1000;
	return s < 16 ? s : 0x1001 + (s - 16);
}

static uint32_t speed_to_guest(uint32_t s)
{
	if (s == 0x1000)
		return 0x1f;
	return s < 16 ? s : (s & 0xf) + 15;
}

void lx_ppc_termios_to_host(struct lx_termios *t)
{
	uint8_t cc[19] = { 0 };
	uint32_t c = t->cflag;

	t->iflag = lx_flags_to_host(&i_bits, t->iflag, NULL);
	t->oflag = lx_flags_to_host(&o_bits, t->oflag, NULL);
	t->lflag = lx_flags_to_host(&l_bits, t->lflag, NULL);
	t->cflag = lx_flags_to_host(&c_bits, c, NULL) | speed_to_host(c & 0xff) | speed_to_host(c >> 16 & 0xff) << 16;
	for (unsigned i = 0; i < sizeof cc_host; i++)
		cc[cc_host[i]] = t->cc[i];
	memcpy(t->cc, cc, sizeof cc);
}

void lx_ppc_termios_to_guest(struct lx_termios *t)
{
	uint8_t cc[19] = { 0 };
	uint32_t c = t->cflag;

	t->iflag = lx_flags_to_guest(&i_bits, t->iflag);
	t->oflag = lx_flags_to_guest(&o_bits, t->oflag);
	t->lflag = lx_flags_to_guest(&l_bits, t->lflag);
	t->cflag = lx_flags_to_guest(&c_bits, c) | speed_to_guest(c & 0x100f) |
		   speed_to_guest(c >> 16 & 0x100f) << 16;
	for (unsigned i = 0; i < sizeof cc_host; i++)
		cc[i] = t->cc[cc_host[i]];
	memcpy(t->cc, cc, sizeof cc);
}
