/*
 * What the tests of snapshots share: VMs of three guests on every tier with a small guest program, an
 * allocator that counts and can fail, the hash of all a guest can see.
 */
#ifndef SNAP_RIG_H
#define SNAP_RIG_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"
#include "../tape.h"

enum { CODE = 0x10000, DATA = 0x100000, PAGE = 4096, DATA_PAGES = 64, END = CODE + 20 };

/* A program of five words: stores `value`, which grows by one, at `count` addresses, a page apart. */
struct guest {
	const char *name;
	uint32_t arch;
	uint32_t pc, address, count, value;	/* registers */
	uint32_t word[5];
	bool big;
};
extern const struct guest guests[];
enum { GUESTS = 3 };

struct tier {
	const char *name;
	uint32_t flags, mem;
};
extern const struct tier tiers[];
enum { TIERS = 4 };

/* Counts what is allocated; fails from the fail_at-th request on, once. */
struct heap {
	uint64_t live, bytes, requests, fail_at;	/* fail_at 0: never */
};

struct rig {
	const struct guest *g;
	const struct tier *t;
	struct heap heap;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
};

extern const char *at_what;	/* for messages */
void require(bool ok, const char *what, int line);
#define REQUIRE(x) require(x, #x, __LINE__)

/* A VM with code and data mapped; false: an allocation failed, and nothing is left. */
bool rig_make(struct rig *r, const struct guest *g, const struct tier *t, uint32_t more_flags, const dgm_machine_ops *ops,
	      void *ud, uint64_t fail_at);
void rig_free(struct rig *r);
void rig_put_code(dgm_vm *vm, const struct guest *g, uint64_t at, const uint32_t *word, unsigned n);
/* Stores n values a page apart; DGM_E_NOMEM for a run that ended for want of memory. */
dgm_status rig_store(dgm_cpu *cpu, const struct guest *g, uint64_t address, uint32_t n, uint32_t value);
uint32_t rig_word(dgm_vm *vm, const struct guest *g, uint64_t at);
uint64_t mix(uint64_t h, const void *p, size_t n);
/* Of all registers of all vCPUs, and memory and protections of [CODE - 2 pages, end). */
uint64_t rig_hash(dgm_vm *vm, uint64_t end);

#endif
