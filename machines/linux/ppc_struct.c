/* Structure layouts of 32-bit PowerPC Linux that are its own; the others are those of struct32.c. */
#include "layout.h"
#include "ppc_priv.h"

static const struct lx_field f_stat[] = {
	F(struct stat, st_dev, 0, 4), F(struct stat, st_ino, 4, 4), F(struct stat, st_mode, 8, 4),
	F(struct stat, st_nlink, 12, 2), F(struct stat, st_uid, 16, 4), F(struct stat, st_gid, 20, 4),
	F(struct stat, st_rdev, 24, 4), F(struct stat, st_size, 28, 4), F(struct stat, st_blksize, 32, 4),
	F(struct stat, st_blocks, 36, 4), F(struct stat, st_atim.tv_sec, 40, 4),
	F(struct stat, st_atim.tv_nsec, 44, 4), F(struct stat, st_mtim.tv_sec, 48, 4),
	F(struct stat, st_mtim.tv_nsec, 52, 4), F(struct stat, st_ctim.tv_sec, 56, 4),
	F(struct stat, st_ctim.tv_nsec, 60, 4),
};

static const struct lx_field f_stat64[] = {
	F(struct stat, st_dev, 0, 8), F(struct stat, st_ino, 8, 8), F(struct stat, st_mode, 16, 4),
	F(struct stat, st_nlink, 20, 4), F(struct stat, st_uid, 24, 4), F(struct stat, st_gid, 28, 4),
	F(struct stat, st_rdev, 32, 8), F(struct stat, st_size, 48, 8), F(struct stat, st_blksize, 56, 4),
	F(struct stat, st_blocks, 64, 8), F(struct stat, st_atim.tv_sec, 72, 4),
	F(struct stat, st_atim.tv_nsec, 76, 4), F(struct stat, st_mtim.tv_sec, 80, 4),
	F(struct stat, st_mtim.tv_nsec, 84, 4), F(struct stat, st_ctim.tv_sec, 88, 4),
	F(struct stat, st_ctim.tv_nsec, 92, 4),
};

static const struct lx_field f_statfs64[] = {
	F(struct statfs, f_type, 0, 4), F(struct statfs, f_bsize, 4, 4), F(struct statfs, f_blocks, 8, 8),
	F(struct statfs, f_bfree, 16, 8), F(struct statfs, f_bavail, 24, 8), F(struct statfs, f_files, 32, 8),
	F(struct statfs, f_ffree, 40, 8), FSID(struct statfs, 0, 48), FSID(struct statfs, 1, 52),
	F(struct statfs, f_namelen, 56, 4), F(struct statfs, f_frsize, 60, 4), F(struct statfs, f_flags, 64, 4),
};

/* The upper half of the nanoseconds is padding that a 32-bit guest need not fill. */
static const struct lx_field f_timespec64[] = {
	F(struct timespec, tv_sec, 0, 8), F(struct timespec, tv_nsec, 12, 4),
};

static const struct lx_field f_itimerspec64[] = {
	F(struct itimerspec, it_interval.tv_sec, 0, 8), F(struct itimerspec, it_interval.tv_nsec, 12, 4),
	F(struct itimerspec, it_value.tv_sec, 16, 8), F(struct itimerspec, it_value.tv_nsec, 28, 4),
};

static const struct lx_field f_termios[] = {
	F(struct lx_termios, iflag, 0, 4), F(struct lx_termios, oflag, 4, 4), F(struct lx_termios, cflag, 8, 4),
	F(struct lx_termios, lflag, 12, 4), BYTES(struct lx_termios, cc, 16, 19), F(struct lx_termios, line, 35, 1),
};

/* With the padding behind it, which is 0. */
#define SEQ(T, perm) { offsetof(T, perm.__seq), 24, 4, 4, 0 }
static const struct lx_field f_shmid[] = {
	F(struct shmid_ds, shm_perm.__key, 0, 4), F(struct shmid_ds, shm_perm.uid, 4, 4), F(struct shmid_ds, shm_perm.gid, 8, 4), F(struct shmid_ds, shm_perm.cuid, 12, 4),
	F(struct shmid_ds, shm_perm.cgid, 16, 4), F(struct shmid_ds, shm_perm.mode, 20, 4), SEQ(struct shmid_ds, shm_perm),
	TIME_PAIR(struct shmid_ds, shm_atime, 52, 48), TIME_PAIR(struct shmid_ds, shm_dtime, 60, 56),
	TIME_PAIR(struct shmid_ds, shm_ctime, 68, 64), F(struct shmid_ds, shm_segsz, 76, 4),
	F(struct shmid_ds, shm_cpid, 80, 4), F(struct shmid_ds, shm_lpid, 84, 4),
	F(struct shmid_ds, shm_nattch, 88, 4),
};

static const struct lx_field f_semid[] = {
	F(struct semid_ds, sem_perm.__key, 0, 4), F(struct semid_ds, sem_perm.uid, 4, 4), F(struct semid_ds, sem_perm.gid, 8, 4), F(struct semid_ds, sem_perm.cuid, 12, 4),
	F(struct semid_ds, sem_perm.cgid, 16, 4), F(struct semid_ds, sem_perm.mode, 20, 4), SEQ(struct semid_ds, sem_perm),
	TIME_PAIR(struct semid_ds, sem_otime, 52, 48), TIME_PAIR(struct semid_ds, sem_ctime, 60, 56),
	F(struct semid_ds, sem_nsems, 64, 4),
};

static const struct lx_field f_msqid[] = {
	F(struct msqid_ds, msg_perm.__key, 0, 4), F(struct msqid_ds, msg_perm.uid, 4, 4), F(struct msqid_ds, msg_perm.gid, 8, 4), F(struct msqid_ds, msg_perm.cuid, 12, 4),
	F(struct msqid_ds, msg_perm.cgid, 16, 4), F(struct msqid_ds, msg_perm.mode, 20, 4), SEQ(struct msqid_ds, msg_perm),
	TIME_PAIR(struct msqid_ds, msg_stime, 52, 48), TIME_PAIR(struct msqid_ds, msg_rtime, 60, 56),
	TIME_PAIR(struct msqid_ds, msg_ctime, 68, 64), F(struct msqid_ds, __msg_cbytes, 72, 4),
	F(struct msqid_ds, msg_qnum, 76, 4), F(struct msqid_ds, msg_qbytes, 80, 4),
	F(struct msqid_ds, msg_lspid, 84, 4), F(struct msqid_ds, msg_lrpid, 88, 4),
};

const struct lx_struct lx_ppc_structs[LX_N_ST] = {
	[LX_ST_STAT] = S(72, struct stat, f_stat),
	[LX_ST_STAT64] = S(104, struct stat, f_stat64),
	[LX_ST_STATFS64] = S(88, struct statfs, f_statfs64),
	[LX_ST_TIMESPEC64] = S(16, struct timespec, f_timespec64),
	[LX_ST_ITIMERSPEC64] = S(32, struct itimerspec, f_itimerspec64),
	[LX_ST_TERMIOS] = S(44, struct lx_termios, f_termios),
	[LX_ST_SHMID] = S(104, struct shmid_ds, f_shmid),
	[LX_ST_SEMID] = S(80, struct semid_ds, f_semid),
	[LX_ST_MSQID] = S(104, struct msqid_ds, f_msqid),
};
