/* Status codes, error details and versions of libdragoman. */
#ifndef DRAGOMAN_STATUS_H
#define DRAGOMAN_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DGM_EXPORT __attribute__((visibility("default")))
#define DGM_CHECK __attribute__((warn_unused_result))
#else
#define DGM_EXPORT
#define DGM_CHECK
#endif

/* The ABI these headers describe: pass it to dgm_engine_new. */
#define DGM_ABI 0u

/* A zeroed struct that knows its own size; every in and out struct starts that way. */
#ifdef __cplusplus
#define DGM_INIT(T) ([] { T v_{}; v_.size = sizeof v_; return v_; }())
#else
#define DGM_INIT(T) ((T){ .size = sizeof(T) })
#endif

/*
 * What a function may answer. Negative is failure: misuse of the API or want of resources;
 * what a guest does is never a failure but a reason in struct dgm_exit.
 */
typedef enum dgm_status {
	DGM_OK = 0,
	DGM_E_ARG = -1,		/* an argument breaks its documented rule */
	DGM_E_NOMEM = -2,	/* out of memory or address space */
	DGM_E_ABI = -3,		/* built against headers of another ABI */
	DGM_E_ARCH = -4,	/* no such guest architecture or model in this build */
	DGM_E_BUSY = -5,	/* still in use: a vCPU runs, or children exist */
	DGM_E_THREAD = -6,	/* called on a thread that may not */
	DGM_E_MAP = -7,		/* the range is unmapped, taken, or outside the space */
	DGM_E_SIZE = -8,	/* a buffer has the wrong size */
	DGM_E_NOENT = -9,	/* no such register, hook, option or file */
	DGM_E_FAULT = -10,	/* guest memory could not be read or written */
	DGM_E_UNSUP = -11,	/* not offered on this host or by this build */
	DGM_E_OS = -12,		/* a system call failed: see dgm_error.os_errno */
	DGM_E_JIT = -13,	/* no executable memory, or a back end failed */
	DGM_E_FORMAT = -14,	/* a file or stream is malformed */
} dgm_status;

/* Details of a failure; msg is one line without a newline. */
typedef struct dgm_error {
	uint32_t size;
	int32_t status, os_errno;
	uint32_t reserved;
	uint64_t guest_pc;
	char msg[224];
} dgm_error;

/*
 * Thread classes, named with every function:
 *   [A] any thread, any time
 *   [S] as [A], and async-signal-safe
 *   [O] the thread that owns the vCPU: inside one of its callbacks, or while it is idle
 *   [Q] only while no vCPU of the VM is inside dgm_cpu_run; else DGM_E_BUSY
 */

/* [S] A short static text for a status, never NULL. */
DGM_EXPORT const char *dgm_strerror(dgm_status status);

/* [A] Details of the calling thread's last failed call. Fails with DGM_E_ARG on a wrong size. */
DGM_EXPORT dgm_status dgm_last_error(dgm_error *out);

/*
 * [S] Version of the library as 0xMMmmpp; *abi and *build (a static text that names the parts
 * and host features this build uses) are filled unless NULL.
 */
DGM_EXPORT uint32_t dgm_version(uint32_t *abi, const char **build);

#ifdef __cplusplus
}
#endif

#endif
