/* Structure layouts and ioctl numbers of ARM EABI Linux that are its own; the others are those of struct32.c. */
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/sockios.h>

#include "arm_priv.h"
#include "layout.h"

static const struct lx_field f_stat[] = {
	F(struct stat, st_dev, 0, 4), F(struct stat, st_ino, 4, 4), F(struct stat, st_mode, 8, 2),
	F(struct stat, st_nlink, 10, 2), F(struct stat, st_uid, 12, 2), F(struct stat, st_gid, 14, 2),
	F(struct stat, st_rdev, 16, 4), F(struct stat, st_size, 20, 4), F(struct stat, st_blksize, 24, 4),
	F(struct stat, st_blocks, 28, 4), F(struct stat, st_atim.tv_sec, 32, 4),
	F(struct stat, st_atim.tv_nsec, 36, 4), F(struct stat, st_mtim.tv_sec, 40, 4),
	F(struct stat, st_mtim.tv_nsec, 44, 4), F(struct stat, st_ctim.tv_sec, 48, 4),
	F(struct stat, st_ctim.tv_nsec, 52, 4),
};

/* The inode's number stands in it twice: its lower half at an old place as well. */
static const struct lx_field f_stat64[] = {
	F(struct stat, st_dev, 0, 8), F(struct stat, st_ino, 12, 4), F(struct stat, st_mode, 16, 4),
	F(struct stat, st_nlink, 20, 4), F(struct stat, st_uid, 24, 4), F(struct stat, st_gid, 28, 4),
	F(struct stat, st_rdev, 32, 8), F(struct stat, st_size, 48, 8), F(struct stat, st_blksize, 56, 4),
	F(struct stat, st_blocks, 64, 8), F(struct stat, st_atim.tv_sec, 72, 4),
	F(struct stat, st_atim.tv_nsec, 76, 4), F(struct stat, st_mtim.tv_sec, 80, 4),
	F(struct stat, st_mtim.tv_nsec, 84, 4), F(struct stat, st_ctim.tv_sec, 88, 4),
	F(struct stat, st_ctim.tv_nsec, 92, 4), F(struct stat, st_ino, 96, 8),
};

/* Packed, so that it is four bytes shorter than elsewhere. */
static const struct lx_field f_statfs64[] = {
	F(struct statfs, f_type, 0, 4), F(struct statfs, f_bsize, 4, 4), F(struct statfs, f_blocks, 8, 8),
	F(struct statfs, f_bfree, 16, 8), F(struct statfs, f_bavail, 24, 8), F(struct statfs, f_files, 32, 8),
	F(struct statfs, f_ffree, 40, 8), FSID(struct statfs, 0, 48), FSID(struct statfs, 1, 52),
	F(struct statfs, f_namelen, 56, 4), F(struct statfs, f_frsize, 60, 4), F(struct statfs, f_flags, 64, 4),
};

/* The upper half of the nanoseconds is padding that a 32-bit guest need not fill. */
static const struct lx_field f_timespec64[] = {
	F(struct timespec, tv_sec, 0, 8), F(struct timespec, tv_nsec, 8, 4),
};

static const struct lx_field f_itimerspec64[] = {
	F(struct itimerspec, it_interval.tv_sec, 0, 8), F(struct itimerspec, it_interval.tv_nsec, 8, 4),
	F(struct itimerspec, it_value.tv_sec, 16, 8), F(struct itimerspec, it_value.tv_nsec, 24, 4),
};

static const struct lx_field f_termios[] = { BYTES(struct lx_termios, iflag, 0, sizeof(struct lx_termios)) };

static const struct lx_field f_shmid[] = {
	F(struct shmid_ds, shm_perm.__key, 0, 4), F(struct shmid_ds, shm_perm.uid, 4, 4), F(struct shmid_ds, shm_perm.gid, 8, 4), F(struct shmid_ds, shm_perm.cuid, 12, 4),
	F(struct shmid_ds, shm_perm.cgid, 16, 4), F(struct shmid_ds, shm_perm.mode, 20, 2), F(struct shmid_ds, shm_perm.__seq, 24, 2),
	F(struct shmid_ds, shm_segsz, 36, 4), TIME_PAIR(struct shmid_ds, shm_atime, 40, 44),
	TIME_PAIR(struct shmid_ds, shm_dtime, 48, 52), TIME_PAIR(struct shmid_ds, shm_ctime, 56, 60),
	F(struct shmid_ds, shm_cpid, 64, 4), F(struct shmid_ds, shm_lpid, 68, 4),
	F(struct shmid_ds, shm_nattch, 72, 4),
};

static const struct lx_field f_semid[] = {
	F(struct semid_ds, sem_perm.__key, 0, 4), F(struct semid_ds, sem_perm.uid, 4, 4), F(struct semid_ds, sem_perm.gid, 8, 4), F(struct semid_ds, sem_perm.cuid, 12, 4),
	F(struct semid_ds, sem_perm.cgid, 16, 4), F(struct semid_ds, sem_perm.mode, 20, 2), F(struct semid_ds, sem_perm.__seq, 24, 2),
	TIME_PAIR(struct semid_ds, sem_otime, 36, 40), TIME_PAIR(struct semid_ds, sem_ctime, 44, 48),
	F(struct semid_ds, sem_nsems, 52, 4),
};

static const struct lx_field f_msqid[] = {
	F(struct msqid_ds, msg_perm.__key, 0, 4), F(struct msqid_ds, msg_perm.uid, 4, 4), F(struct msqid_ds, msg_perm.gid, 8, 4), F(struct msqid_ds, msg_perm.cuid, 12, 4),
	F(struct msqid_ds, msg_perm.cgid, 16, 4), F(struct msqid_ds, msg_perm.mode, 20, 2), F(struct msqid_ds, msg_perm.__seq, 24, 2),
	TIME_PAIR(struct msqid_ds, msg_stime, 36, 40), TIME_PAIR(struct msqid_ds, msg_rtime, 44, 48),
	TIME_PAIR(struct msqid_ds, msg_ctime, 52, 56), F(struct msqid_ds, __msg_cbytes, 60, 4),
	F(struct msqid_ds, msg_qnum, 64, 4), F(struct msqid_ds, msg_qbytes, 68, 4),
	F(struct msqid_ds, msg_lspid, 72, 4), F(struct msqid_ds, msg_lrpid, 76, 4),
};

const struct lx_struct lx_arm_structs[LX_N_ST] = {
	[LX_ST_STAT] = S(64, struct stat, f_stat),
	[LX_ST_STAT64] = S(104, struct stat, f_stat64),
	[LX_ST_STATFS64] = S(84, struct statfs, f_statfs64),
	[LX_ST_TIMESPEC64] = S(16, struct timespec, f_timespec64),
	[LX_ST_ITIMERSPEC64] = S(32, struct itimerspec, f_itimerspec64),
	[LX_ST_TERMIOS] = S(36, struct lx_termios, f_termios),
	[LX_ST_SHMID] = S(84, struct shmid_ds, f_shmid),
	[LX_ST_SEMID] = S(64, struct semid_ds, f_semid),
	[LX_ST_MSQID] = S(88, struct msqid_ds, f_msqid),
};

/* The sizes in the numbers of the last five are those of a long. */
#define ROW(name, number, kind) { number, name, LX_IO_##kind, #name },
const struct lx_ioctl lx_arm_ioctls[] = {
#include "ioctls_generic.def"
	ROW(FIOQSIZE, 0x545e, LOFF_OUT)
	ROW(FS_IOC_GETFLAGS, 0x80046601, INT_OUT)
	ROW(FS_IOC_SETFLAGS, 0x40046602, INT_IN)
	ROW(FS_IOC_GETVERSION, 0x80047601, INT_OUT)
	ROW(BLKBSZGET, 0x80041270, INT_OUT)
	ROW(BLKGETSIZE64, 0x80041272, LOFF_OUT)
};
const size_t lx_arm_n_ioctls = sizeof lx_arm_ioctls / sizeof lx_arm_ioctls[0];
