/*
 * Compiled for a guest, never run: its data section says where the guest's kernel headers have the fields
 * of layouts.def: for each row offset and size, in 16 bits each; of a structure its size alone.
 */
#include <stddef.h>

#include <asm/posix_types.h>
#include <asm/ipcbuf.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <asm/shmbuf.h>
#include <asm/sembuf.h>
#include <asm/msgbuf.h>
#include <asm/signal.h>
#include <asm/termbits.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/signalfd.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>
#include <linux/time_types.h>
#include <linux/times.h>
#include <linux/utime.h>
#define timeval __kernel_old_timeval
#include <linux/timex.h>

#if __SIZEOF_LONG__ == 8
#define GUEST_STAT64 struct stat
#define GUEST_FLOCK64 struct flock
#else
#define GUEST_STAT64 struct stat64
#define GUEST_FLOCK64 struct flock64
#endif

#define ST(row, guest) { 0, sizeof(guest) },
#define FIELD(host, member, guest, field) { offsetof(guest, field), sizeof(((guest *)0)->field) },
const unsigned short layouts[][2] __attribute__((section("guest_layouts"))) = {
#include "layouts.def"
};
