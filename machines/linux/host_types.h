/* The host's C types on the host side of each structure of enum lx_st. */
#ifndef LX_HOST_TYPES_H
#define LX_HOST_TYPES_H

#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <utime.h>

/* A message header with guest addresses in it. */
struct lx_msghdr {
	uint64_t name, iov, iovlen, control, controllen;
	uint32_t namelen, flags;
};

/* A stack_t with a guest address in it. */
struct lx_stack {
	uint64_t sp, size;
	uint32_t flags;
};

#endif
