/*
 * Structure layouts of little-endian 64-bit Linux: the kernel's generic ones, which are the host's byte for
 * byte. Structures with guest addresses in them, and those whose layout is a guest's own, are not.
 */
#include "layout.h"

#define WHOLE(name, T) static const struct lx_field name[] = { { 0, 0, sizeof(T), sizeof(T), LX_F_BYTES } }
WHOLE(f_statx, struct statx);
WHOLE(f_statfs, struct statfs);
WHOLE(f_timespec, struct timespec);
WHOLE(f_timeval, struct timeval);
WHOLE(f_itimerval, struct itimerval);
WHOLE(f_itimerspec, struct itimerspec);
WHOLE(f_utimbuf, struct utimbuf);
WHOLE(f_tms, struct tms);
WHOLE(f_rusage, struct rusage);
WHOLE(f_rlimit, struct rlimit);
WHOLE(f_flock, struct flock);
WHOLE(f_pollfd, struct pollfd);
WHOLE(f_winsize, struct winsize);
WHOLE(f_timex, struct timex);
WHOLE(f_linger, struct linger);
WHOLE(f_ucred, struct ucred);
WHOLE(f_sigfd, struct signalfd_siginfo);
WHOLE(f_open_how, struct open_how);
WHOLE(f_owner, struct f_owner_ex);
WHOLE(f_sysinfo, struct sysinfo);
WHOLE(f_shmid, struct shmid_ds);
WHOLE(f_msqid, struct msqid_ds);

/* x86-64 has gaps behind the times. */
static const struct lx_field f_semid[] = {
	BYTES(struct semid_ds, sem_perm, 0, 48), F(struct semid_ds, sem_otime, 48, 8), F(struct semid_ds, sem_ctime, 56, 8),
	F(struct semid_ds, sem_nsems, 64, 8),
};

/* Packed on x86-64 alone. */
static const struct lx_field f_epoll[] = {
	F(struct epoll_event, events, 0, 4), BYTES(struct epoll_event, data, 8, 8),
};

static const struct lx_field f_stack[] = {
	F(struct lx_stack, sp, 0, 8), F(struct lx_stack, flags, 8, 4), F(struct lx_stack, size, 16, 8),
};

static const struct lx_field f_msghdr[] = {
	F(struct lx_msghdr, name, 0, 8), F(struct lx_msghdr, namelen, 8, 4), F(struct lx_msghdr, iov, 16, 8),
	F(struct lx_msghdr, iovlen, 24, 8), F(struct lx_msghdr, control, 32, 8),
	F(struct lx_msghdr, controllen, 40, 8), F(struct lx_msghdr, flags, 48, 4),
};

WHOLE(f_termios, struct lx_termios);

#define W(T, f) S(sizeof(T), T, f)
const struct lx_struct lx_structs_64_little[LX_N_ST] = {
	[LX_ST_STATX] = W(struct statx, f_statx),
	[LX_ST_STATFS] = W(struct statfs, f_statfs),
	[LX_ST_STATFS64] = W(struct statfs, f_statfs),
	[LX_ST_TIMESPEC] = W(struct timespec, f_timespec),
	[LX_ST_TIMESPEC64] = W(struct timespec, f_timespec),
	[LX_ST_TIMEVAL] = W(struct timeval, f_timeval),
	[LX_ST_ITIMERVAL] = W(struct itimerval, f_itimerval),
	[LX_ST_ITIMERSPEC] = W(struct itimerspec, f_itimerspec),
	[LX_ST_ITIMERSPEC64] = W(struct itimerspec, f_itimerspec),
	[LX_ST_UTIMBUF] = W(struct utimbuf, f_utimbuf),
	[LX_ST_TMS] = W(struct tms, f_tms),
	[LX_ST_RUSAGE] = W(struct rusage, f_rusage),
	[LX_ST_RLIMIT] = W(struct rlimit, f_rlimit),
	[LX_ST_RLIMIT64] = W(struct rlimit, f_rlimit),
	[LX_ST_SYSINFO] = W(struct sysinfo, f_sysinfo),
	[LX_ST_FLOCK] = W(struct flock, f_flock),
	[LX_ST_FLOCK64] = W(struct flock, f_flock),
	[LX_ST_POLLFD] = W(struct pollfd, f_pollfd),
	[LX_ST_EPOLL] = S(16, struct epoll_event, f_epoll),
	[LX_ST_STACK] = S(24, struct lx_stack, f_stack),
	[LX_ST_TERMIOS] = W(struct lx_termios, f_termios),
	[LX_ST_WINSIZE] = W(struct winsize, f_winsize),
	[LX_ST_TIMEX] = W(struct timex, f_timex),
	[LX_ST_TIMEX64] = W(struct timex, f_timex),
	[LX_ST_LINGER] = W(struct linger, f_linger),
	[LX_ST_UCRED] = W(struct ucred, f_ucred),
	[LX_ST_MSGHDR] = S(56, struct lx_msghdr, f_msghdr),
	[LX_ST_SIGFD] = W(struct signalfd_siginfo, f_sigfd),
	[LX_ST_OPEN_HOW] = W(struct open_how, f_open_how),
	[LX_ST_OWNER] = W(struct f_owner_ex, f_owner),
	[LX_ST_SHMID] = W(struct shmid_ds, f_shmid),
	[LX_ST_SEMID] = S(88, struct semid_ds, f_semid),
	[LX_ST_MSQID] = W(struct msqid_ds, f_msqid),
};
