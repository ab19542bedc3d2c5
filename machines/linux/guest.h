/*
 * What user-mode Linux has to know of one guest architecture: numbers, flags, struct layouts, the
 * processor's start state and signal frames. One const struct lx_guest per architecture; the system
 * calls are written once, on this. Used by the files of this folder alone.
 */
#ifndef LX_GUEST_H
#define LX_GUEST_H

#include "lx.h"

/* Structures that are converted field by field: the host's C type is in conv.h. */
enum lx_st {
	LX_ST_STAT, LX_ST_STAT64, LX_ST_STATX, LX_ST_STATFS, LX_ST_STATFS64,
	LX_ST_TIMESPEC, LX_ST_TIMESPEC64, LX_ST_TIMEVAL, LX_ST_ITIMERVAL, LX_ST_ITIMERSPEC,
	LX_ST_ITIMERSPEC64, LX_ST_UTIMBUF, LX_ST_TMS, LX_ST_RUSAGE, LX_ST_RLIMIT, LX_ST_RLIMIT64,
	LX_ST_SYSINFO, LX_ST_FLOCK, LX_ST_FLOCK64, LX_ST_POLLFD, LX_ST_EPOLL, LX_ST_STACK,
	LX_ST_TERMIOS, LX_ST_WINSIZE, LX_ST_TIMEX, LX_ST_TIMEX64, LX_ST_LINGER, LX_ST_UCRED, LX_ST_MSGHDR,
	LX_ST_SIGFD, LX_ST_OPEN_HOW, LX_ST_OWNER, LX_ST_SHMID, LX_ST_SEMID, LX_ST_MSQID,
	LX_N_ST
};

enum { LX_F_SIGNED = 1, LX_F_BYTES = 2 };

struct lx_field {
	uint16_t host, guest;	/* offsets */
	uint16_t hsize, gsize;
	uint8_t flags;
};

struct lx_struct {
	uint16_t gsize, hsize;
	uint16_t n;
	const struct lx_field *f;
};

/* A pair of bits that mean the same. */
struct lx_flag {
	uint32_t guest, host;
};

struct lx_flags {
	const struct lx_flag *f;
	size_t n;
	uint32_t same;	/* bits that are equal on both sides */
};

/* What an ioctl's argument is. */
enum lx_io_kind {
	LX_IO_NONE, LX_IO_VALUE, LX_IO_INT_IN, LX_IO_INT_OUT, LX_IO_INT_INOUT,
	LX_IO_TERMIOS_IN, LX_IO_TERMIOS_OUT,
	LX_IO_WINSIZE_IN, LX_IO_WINSIZE_OUT, LX_IO_LOFF_OUT, LX_IO_WORD_OUT, LX_IO_SHORT_OUT, LX_IO_IFREQ, LX_IO_IFCONF,
};

struct lx_ioctl {
	uint32_t guest, host;
	enum lx_io_kind kind;
	const char *name;
};

struct lx_nr {
	enum lx_call_id id;
	const char *name;	/* of a call that is known but not offered */
};

/* The kernel's view of a terminal; c_cc in the host's order. */
struct lx_termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line, cc[19];
};

/* The registers a signal frame or a vfork keeps: the guest's files know what is inside. */
struct lx_regs {
	uint64_t r[32], f[64];
	uint64_t pc, ctl[6];
};

struct lx_aux {
	uint64_t type, value;
};

struct lx_guest {
	const char *name;	/* as uname -m says */
	const char *platform;	/* AT_PLATFORM */
	uint32_t arch;		/* DGM_ARCH_* */
	uint16_t elf_machine;
	uint8_t word;		/* bytes of a long */
	bool big_endian;
	bool sigpage_is_elf;
	bool read_implies_exec;	/* the processor cannot forbid execution page by page */
	/*
	 * End of the address space; where a PIE goes. Guests with 64-bit addresses live in the host's
	 * address space: the host has its own mappings above 0x500000000000, or from a third of 2^47 upwards.
	 */
	uint64_t task_size, dyn_base;
	uint64_t clock_hz;	/* of the counter that the guest's processor offers to programs */
	const struct lx_aux *aux;	/* entries before AT_HWCAP */
	size_t n_aux;
	uint64_t frame_min;	/* smallest alternate signal stack */

	uint32_t sp, pc, tls;	/* registers: DGM_<ARCH>_* */

	const struct lx_nr *nr;
	const size_t *n_nr;
	const struct lx_nr *private_nr;	/* numbers from private_base on, NULL: none */
	const size_t *n_private_nr;
	uint64_t private_base;
	const struct lx_struct *st;	/* LX_N_ST of them: layouts of this guest alone, */
	const struct lx_struct *st_common;	/* and what it shares with others, where n is 0 in the first */
	struct lx_flags open_flags, map_flags, mcl_flags;
	const struct lx_flag *sockopt;	/* SOL_SOCKET names that differ */
	size_t n_sockopt;
	const struct lx_ioctl *ioctls;
	const size_t *n_ioctls;
	const struct lx_flag *errnos;	/* error numbers that differ */
	size_t n_errnos;

	/* c_*flag and c_cc of struct lx_termios, from and to the host's meaning. NULL: they mean the same. */
	void (*termios_to_host)(struct lx_termios *t);
	void (*termios_to_guest)(struct lx_termios *t);

	const char *(*refused)(uint64_t elf_flags);	/* why a program cannot run, by e_flags; NULL, or returns NULL: it can */
	void (*hwcap)(lx *x, uint64_t out[2]);	/* AT_HWCAP and AT_HWCAP2 */
	void (*cpuinfo)(lx *x, FILE *f);	/* the text of /proc/cpuinfo */
	int (*map_pages)(lx *x);	/* what the kernel gives each process besides the trampolines; NULL: nothing */
	void (*start)(lx *x, uint64_t entry, uint64_t sp, uint64_t load);
	void (*set_result)(lx *x, int64_t ret);	/* as the kernel returns it */
	void (*save)(lx *x, struct lx_regs *out);
	void (*restore)(lx *x, const struct lx_regs *in);
	/* The page of the two trampolines, zeroed before; returns its length. sigpage_is_elf: a vDSO. */
	size_t (*trampolines)(uint8_t *out);
	/* Puts a frame on the stack and enters the handler; -EFAULT: no room. mask goes into the frame. */
	int (*push_frame)(lx *x, const struct lx_action *act, const siginfo_t *si, uint64_t mask);
	/* Undoes it; *mask is the frame's. */
	int (*pop_frame)(lx *x, bool rt, uint64_t *mask);
	/* The system call of this name, for guests that have it: else NULL. */
	int64_t (*swapcontext)(lx *x, uint64_t old, uint64_t fresh, uint64_t size);
	/*
	 * Carries out a misaligned access that the processor refuses, as the kernel does: true. False: it is
	 * a fault of the guest's, SIGBUS or what *si was changed to. NULL: it always is.
	 */
	bool (*fix_align)(lx *x, const dgm_fault *f, siginfo_t *si);
	/* si_code of a floating-point exception; NULL: nothing is known of it. */
	int (*fpe_code)(lx *x, const dgm_fault *f);
	/* Changes the signal that a fault is reported with, where the guest's kernel differs; NULL: nowhere. */
	void (*fault_info)(lx *x, const dgm_fault *f, siginfo_t *si);
	/* Guest-specific prctl options: -ENOSYS for the others; NULL: there are none. */
	int64_t (*prctl)(lx *x, uint64_t op, uint64_t arg);
};

/* guests.c: the guest for an ELF file's machine, class and byte order, or NULL. */
const struct lx_guest *lx_guest_find(unsigned machine, bool elf64, bool big);
extern const struct lx_guest lx_aarch64, lx_arm, lx_ppc;

/* struct32.c, struct64.c: layouts that guests have in common. */
extern const struct lx_struct lx_structs_32[LX_N_ST];
extern const struct lx_struct lx_structs_64_little[LX_N_ST];

/* conv.c */
const struct lx_struct *lx_layout(const struct lx_guest *g, enum lx_st st);
void lx_to_guest(const lx *x, enum lx_st st, void *guest, const void *host);
void lx_to_host(const lx *x, enum lx_st st, void *host, const void *guest);
int lx_get(lx *x, enum lx_st st, uint64_t addr, void *host);
int lx_put(lx *x, enum lx_st st, uint64_t addr, const void *host);
uint64_t lx_sizeof(const lx *x, enum lx_st st);
uint32_t lx_flags_to_host(const struct lx_flags *t, uint32_t guest, uint32_t *unknown);
uint32_t lx_flags_to_guest(const struct lx_flags *t, uint32_t host);

/* The times a call has. */
static inline enum lx_st lx_timespec(const uint64_t *a)
{
	return a[LX_ARG_SIZE] == LX_WIDE ? LX_ST_TIMESPEC64 : LX_ST_TIMESPEC;
}

static inline enum lx_st lx_itimerspec(const uint64_t *a)
{
	return a[LX_ARG_SIZE] == LX_WIDE ? LX_ST_ITIMERSPEC64 : LX_ST_ITIMERSPEC;
}

static inline uint64_t lx_sp(const lx *x)
{
	return dgm_get(x->cpu, x->g->sp);
}

static inline void lx_set_sp(lx *x, uint64_t sp)
{
	dgm_set(x->cpu, x->g->sp, sp);
}

static inline void lx_set_pc(lx *x, uint64_t pc)
{
	dgm_set(x->cpu, x->g->pc, pc);
}

static inline void lx_set_tls(lx *x, uint64_t tls)
{
	dgm_set(x->cpu, x->g->tls, tls);
}

#endif
