/*
 * Names of translated code for the host's tools: perf's map, perf's jitdump, GDB's JIT interface.
 * Used by the engine and lib/api. Each is off unless its flag is set; what goes wrong with one is
 * a warning and no failure.
 *
 * Locks: each of the three has one of its own, taken last and never while calling out.
 */
#ifndef ENGINE_NAMES_H
#define ENGINE_NAMES_H

#include "engine/engine.h"

/* When an engine is made and when it goes. */
void names_open(struct dgm_engine *e);
void names_close(struct dgm_engine *e);
/* In the child after fork, locks of all VMs held: files of its own, with the units it has inherited. */
void names_in_child(struct dgm_engine *e);
/* The unit is the last one of the VM's cache; lock held. */
void names_add(struct dgm_vm *vm, const struct cache_unit *u);
/* The VM's code memory is about to be used for other code, or to go; lock held, or the VM is nobody's any more. */
void names_forget(struct dgm_vm *vm);

/* ---- for the three writers ---- */
enum { NAME_MAX_LEN = 64 };
/* Writes "ppc:llvm:0x10000760"; the length without the final 0. */
unsigned names_of(const struct dgm_vm *vm, const struct cache_unit *u, char out[NAME_MAX_LEN]);

#if defined(__x86_64__)
enum { NAMES_ELF_MACHINE = 62 };
#elif defined(__aarch64__)
enum { NAMES_ELF_MACHINE = 183 };
#else
enum { NAMES_ELF_MACHINE = 0 };
#endif

/*
 * A file that is only appended to. Its descriptor keeps away from the low numbers, and a guest
 * that has closed or replaced it does no harm: the file is opened again.
 */
struct names_file {
	char path[4096];
	int fd;
	uint64_t dev, ino, size;
};

/* Makes the file, emptying an old one; path must be absolute. False with errno. */
bool names_file_open(struct names_file *f, int mode);
/* All of it or, false with errno, nothing. */
bool names_file_append(struct names_file *f, const void *const *part, const size_t *len, unsigned n);
bool names_file_truncate(struct names_file *f);
void names_file_close(struct names_file *f);

/* ---- perf.c: /tmp/perf-PID.map ---- */
void perf_open(struct dgm_engine *e);
void perf_close(struct dgm_engine *e);
void perf_add(struct dgm_vm *vm, const struct cache_unit *u);
void perf_forget(struct dgm_vm *vm);

/* ---- jitdump.c: jit-PID.dump ---- */
void jitdump_open(struct dgm_engine *e);
/* ended: the engine goes, and the file gets its last record. */
void jitdump_close(struct dgm_engine *e, bool ended);
void jitdump_add(struct dgm_vm *vm, const struct cache_unit *u);

/* ---- gdbjit.c ---- */
void gdbjit_in_child(void);
void gdbjit_add(struct dgm_vm *vm, const struct cache_unit *u);
void gdbjit_forget(struct dgm_vm *vm);

#endif
