/*
 * Structure layouts that 32-bit Linux has in common: for each field of the host's type, place and size in
 * the guest's. Guests name what they have differently in tables of their own, which come first.
 */
#include "layout.h"

/* The same layout everywhere: only the byte order differs. */
#define SX(m) SAME(struct statx, m)
static const struct lx_field f_statx[] = {
	SX(stx_mask), SX(stx_blksize), SX(stx_attributes), SX(stx_nlink), SX(stx_uid), SX(stx_gid), SX(stx_mode),
	SX(stx_ino), SX(stx_size), SX(stx_blocks), SX(stx_attributes_mask), SX(stx_atime.tv_sec),
	SX(stx_atime.tv_nsec), SX(stx_btime.tv_sec), SX(stx_btime.tv_nsec), SX(stx_ctime.tv_sec),
	SX(stx_ctime.tv_nsec), SX(stx_mtime.tv_sec), SX(stx_mtime.tv_nsec), SX(stx_rdev_major),
	SX(stx_rdev_minor), SX(stx_dev_major), SX(stx_dev_minor), SX(stx_mnt_id),
};

static const struct lx_field f_statfs[] = {
	F(struct statfs, f_type, 0, 4), F(struct statfs, f_bsize, 4, 4), F(struct statfs, f_blocks, 8, 4),
	F(struct statfs, f_bfree, 12, 4), F(struct statfs, f_bavail, 16, 4), F(struct statfs, f_files, 20, 4),
	F(struct statfs, f_ffree, 24, 4), FSID(struct statfs, 0, 28), FSID(struct statfs, 1, 32),
	F(struct statfs, f_namelen, 36, 4), F(struct statfs, f_frsize, 40, 4), F(struct statfs, f_flags, 44, 4),
};

static const struct lx_field f_timespec[] = {
	F(struct timespec, tv_sec, 0, 4), F(struct timespec, tv_nsec, 4, 4),
};

static const struct lx_field f_timeval[] = {
	F(struct timeval, tv_sec, 0, 4), F(struct timeval, tv_usec, 4, 4),
};

static const struct lx_field f_itimerval[] = {
	F(struct itimerval, it_interval.tv_sec, 0, 4), F(struct itimerval, it_interval.tv_usec, 4, 4),
	F(struct itimerval, it_value.tv_sec, 8, 4), F(struct itimerval, it_value.tv_usec, 12, 4),
};

static const struct lx_field f_itimerspec[] = {
	F(struct itimerspec, it_interval.tv_sec, 0, 4), F(struct itimerspec, it_interval.tv_nsec, 4, 4),
	F(struct itimerspec, it_value.tv_sec, 8, 4), F(struct itimerspec, it_value.tv_nsec, 12, 4),
};

static const struct lx_field f_utimbuf[] = { F(struct utimbuf, actime, 0, 4), F(struct utimbuf, modtime, 4, 4) };

static const struct lx_field f_tms[] = {
	F(struct tms, tms_utime, 0, 4), F(struct tms, tms_stime, 4, 4), F(struct tms, tms_cutime, 8, 4),
	F(struct tms, tms_cstime, 12, 4),
};

#define RU(m, i) F(struct rusage, m, 16 + 4 * (i), 4)
static const struct lx_field f_rusage[] = {
	F(struct rusage, ru_utime.tv_sec, 0, 4), F(struct rusage, ru_utime.tv_usec, 4, 4),
	F(struct rusage, ru_stime.tv_sec, 8, 4), F(struct rusage, ru_stime.tv_usec, 12, 4),
	RU(ru_maxrss, 0), RU(ru_ixrss, 1), RU(ru_idrss, 2), RU(ru_isrss, 3), RU(ru_minflt, 4), RU(ru_majflt, 5),
	RU(ru_nswap, 6), RU(ru_inblock, 7), RU(ru_oublock, 8), RU(ru_msgsnd, 9), RU(ru_msgrcv, 10),
	RU(ru_nsignals, 11), RU(ru_nvcsw, 12), RU(ru_nivcsw, 13),
};

static const struct lx_field f_rlimit[] = { F(struct rlimit, rlim_cur, 0, 4), F(struct rlimit, rlim_max, 4, 4) };

static const struct lx_field f_rlimit64[] = { F(struct rlimit, rlim_cur, 0, 8), F(struct rlimit, rlim_max, 8, 8) };

static const struct lx_field f_sysinfo[] = {
	F(struct sysinfo, uptime, 0, 4), F(struct sysinfo, loads[0], 4, 4), F(struct sysinfo, loads[1], 8, 4),
	F(struct sysinfo, loads[2], 12, 4), F(struct sysinfo, totalram, 16, 4), F(struct sysinfo, freeram, 20, 4),
	F(struct sysinfo, sharedram, 24, 4), F(struct sysinfo, bufferram, 28, 4), F(struct sysinfo, totalswap, 32, 4),
	F(struct sysinfo, freeswap, 36, 4), F(struct sysinfo, procs, 40, 2), F(struct sysinfo, totalhigh, 44, 4),
	F(struct sysinfo, freehigh, 48, 4), F(struct sysinfo, mem_unit, 52, 4),
};

static const struct lx_field f_flock[] = {
	F(struct flock, l_type, 0, 2), F(struct flock, l_whence, 2, 2), F(struct flock, l_start, 4, 4),
	F(struct flock, l_len, 8, 4), F(struct flock, l_pid, 12, 4),
};

static const struct lx_field f_flock64[] = {
	F(struct flock, l_type, 0, 2), F(struct flock, l_whence, 2, 2), F(struct flock, l_start, 8, 8),
	F(struct flock, l_len, 16, 8), F(struct flock, l_pid, 24, 4),
};

static const struct lx_field f_pollfd[] = {
	F(struct pollfd, fd, 0, 4), F(struct pollfd, events, 4, 2), F(struct pollfd, revents, 6, 2),
};

static const struct lx_field f_epoll[] = {
	F(struct epoll_event, events, 0, 4), BYTES(struct epoll_event, data, 8, 8),
};

static const struct lx_field f_stack[] = {
	F(struct lx_stack, sp, 0, 4), F(struct lx_stack, flags, 4, 4), F(struct lx_stack, size, 8, 4),
};

static const struct lx_field f_winsize[] = {
	F(struct winsize, ws_row, 0, 2), F(struct winsize, ws_col, 2, 2), F(struct winsize, ws_xpixel, 4, 2),
	F(struct winsize, ws_ypixel, 6, 2),
};

static const struct lx_field f_timex[] = {
	F(struct timex, modes, 0, 4), F(struct timex, offset, 4, 4), F(struct timex, freq, 8, 4),
	F(struct timex, maxerror, 12, 4), F(struct timex, esterror, 16, 4), F(struct timex, status, 20, 4),
	F(struct timex, constant, 24, 4), F(struct timex, precision, 28, 4), F(struct timex, tolerance, 32, 4),
	F(struct timex, time.tv_sec, 36, 4), F(struct timex, time.tv_usec, 40, 4), F(struct timex, tick, 44, 4),
	F(struct timex, ppsfreq, 48, 4), F(struct timex, jitter, 52, 4), F(struct timex, shift, 56, 4),
	F(struct timex, stabil, 60, 4), F(struct timex, jitcnt, 64, 4), F(struct timex, calcnt, 68, 4),
	F(struct timex, errcnt, 72, 4), F(struct timex, stbcnt, 76, 4), F(struct timex, tai, 80, 4),
};

/* That of 64-bit guests. */
static const struct lx_field f_timex64[] = {
	F(struct timex, modes, 0, 4), F(struct timex, offset, 8, 8), F(struct timex, freq, 16, 8),
	F(struct timex, maxerror, 24, 8), F(struct timex, esterror, 32, 8), F(struct timex, status, 40, 4),
	F(struct timex, constant, 48, 8), F(struct timex, precision, 56, 8), F(struct timex, tolerance, 64, 8),
	F(struct timex, time.tv_sec, 72, 8), F(struct timex, time.tv_usec, 80, 8), F(struct timex, tick, 88, 8),
	F(struct timex, ppsfreq, 96, 8), F(struct timex, jitter, 104, 8), F(struct timex, shift, 112, 4),
	F(struct timex, stabil, 120, 8), F(struct timex, jitcnt, 128, 8), F(struct timex, calcnt, 136, 8),
	F(struct timex, errcnt, 144, 8), F(struct timex, stbcnt, 152, 8), F(struct timex, tai, 160, 4),
};

static const struct lx_field f_linger[] = { F(struct linger, l_onoff, 0, 4), F(struct linger, l_linger, 4, 4) };

static const struct lx_field f_ucred[] = {
	F(struct ucred, pid, 0, 4), F(struct ucred, uid, 4, 4), F(struct ucred, gid, 8, 4),
};

static const struct lx_field f_msghdr[] = {
	F(struct lx_msghdr, name, 0, 4), F(struct lx_msghdr, namelen, 4, 4), F(struct lx_msghdr, iov, 8, 4),
	F(struct lx_msghdr, iovlen, 12, 4), F(struct lx_msghdr, control, 16, 4),
	F(struct lx_msghdr, controllen, 20, 4), F(struct lx_msghdr, flags, 24, 4),
};

#define SF(m) SAME(struct signalfd_siginfo, m)
static const struct lx_field f_sigfd[] = {
	SF(ssi_signo), SF(ssi_errno), SF(ssi_code), SF(ssi_pid), SF(ssi_uid), SF(ssi_fd), SF(ssi_tid), SF(ssi_band),
	SF(ssi_overrun), SF(ssi_trapno), SF(ssi_status), SF(ssi_int), SF(ssi_ptr), SF(ssi_utime), SF(ssi_stime),
	SF(ssi_addr),
};

static const struct lx_field f_open_how[] = {
	F(struct open_how, flags, 0, 8), F(struct open_how, mode, 8, 8), F(struct open_how, resolve, 16, 8),
};

static const struct lx_field f_owner[] = { F(struct f_owner_ex, type, 0, 4), F(struct f_owner_ex, pid, 4, 4) };

const struct lx_struct lx_structs_32[LX_N_ST] = {
	[LX_ST_STATX] = S(256, struct statx, f_statx),
	[LX_ST_STATFS] = S(64, struct statfs, f_statfs),
	[LX_ST_TIMESPEC] = S(8, struct timespec, f_timespec),
	[LX_ST_TIMEVAL] = S(8, struct timeval, f_timeval),
	[LX_ST_ITIMERVAL] = S(16, struct itimerval, f_itimerval),
	[LX_ST_ITIMERSPEC] = S(16, struct itimerspec, f_itimerspec),
	[LX_ST_UTIMBUF] = S(8, struct utimbuf, f_utimbuf),
	[LX_ST_TMS] = S(16, struct tms, f_tms),
	[LX_ST_RUSAGE] = S(72, struct rusage, f_rusage),
	[LX_ST_RLIMIT] = S(8, struct rlimit, f_rlimit),
	[LX_ST_RLIMIT64] = S(16, struct rlimit, f_rlimit64),
	[LX_ST_SYSINFO] = S(64, struct sysinfo, f_sysinfo),
	[LX_ST_FLOCK] = S(16, struct flock, f_flock),
	[LX_ST_FLOCK64] = S(32, struct flock, f_flock64),
	[LX_ST_POLLFD] = S(8, struct pollfd, f_pollfd),
	[LX_ST_EPOLL] = S(16, struct epoll_event, f_epoll),
	[LX_ST_STACK] = S(12, struct lx_stack, f_stack),
	[LX_ST_WINSIZE] = S(8, struct winsize, f_winsize),
	[LX_ST_TIMEX] = S(128, struct timex, f_timex),
	[LX_ST_TIMEX64] = S(208, struct timex, f_timex64),
	[LX_ST_LINGER] = S(8, struct linger, f_linger),
	[LX_ST_UCRED] = S(12, struct ucred, f_ucred),
	[LX_ST_MSGHDR] = S(28, struct lx_msghdr, f_msghdr),
	[LX_ST_SIGFD] = S(128, struct signalfd_siginfo, f_sigfd),
	[LX_ST_OPEN_HOW] = S(24, struct open_how, f_open_how),
	[LX_ST_OWNER] = S(8, struct f_owner_ex, f_owner),
};
