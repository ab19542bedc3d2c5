/* Structure layouts and ioctl numbers of AArch64 Linux that are its own; the others are those of struct64.c. */
#include <asm/ioctls.h>
#include <linux/fs.h>
#include <linux/sockios.h>

#include "aarch64_priv.h"
#include "layout.h"

/* The kernel's generic stat, which x86-64 has not. */
static const struct lx_field f_stat[] = {
	F(struct stat, st_dev, 0, 8), F(struct stat, st_ino, 8, 8), F(struct stat, st_mode, 16, 4),
	F(struct stat, st_nlink, 20, 4), F(struct stat, st_uid, 24, 4), F(struct stat, st_gid, 28, 4),
	F(struct stat, st_rdev, 32, 8), F(struct stat, st_size, 48, 8), F(struct stat, st_blksize, 56, 4),
	F(struct stat, st_blocks, 64, 8), F(struct stat, st_atim.tv_sec, 72, 8),
	F(struct stat, st_atim.tv_nsec, 80, 8), F(struct stat, st_mtim.tv_sec, 88, 8),
	F(struct stat, st_mtim.tv_nsec, 96, 8), F(struct stat, st_ctim.tv_sec, 104, 8),
	F(struct stat, st_ctim.tv_nsec, 112, 8),
};

const struct lx_struct lx_aarch64_structs[LX_N_ST] = {
	[LX_ST_STAT] = S(128, struct stat, f_stat),
	[LX_ST_STAT64] = S(128, struct stat, f_stat),
};

#define ROW(name, number, kind) { number, name, LX_IO_##kind, #name },
const struct lx_ioctl lx_aarch64_ioctls[] = {
#include "ioctls_generic.def"
	ROW(FIOQSIZE, FIOQSIZE, LOFF_OUT)
	ROW(FS_IOC_GETFLAGS, FS_IOC_GETFLAGS, INT_OUT)
	ROW(FS_IOC_SETFLAGS, FS_IOC_SETFLAGS, INT_IN)
	ROW(FS_IOC_GETVERSION, FS_IOC_GETVERSION, INT_OUT)
	ROW(BLKBSZGET, BLKBSZGET, INT_OUT)
	ROW(BLKGETSIZE64, BLKGETSIZE64, LOFF_OUT)
};
const size_t lx_aarch64_n_ioctls = sizeof lx_aarch64_ioctls / sizeof lx_aarch64_ioctls[0];
