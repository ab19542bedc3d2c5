/*
 * Virtual memory under test: a machine whose page tables are a list of pages, for guests of all
 * architectures and every back end there is.
 */
#ifndef MMU_RIG_H
#define MMU_RIG_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"
#include "../want.h"
#include "../code.h"

struct tier {
	const char *name;
	uint32_t flags;
};
extern const struct tier tiers[];
enum { ARCHS = 3 };
extern const uint32_t archs[ARCHS];
#define FOR_EACH_TIER(t) for (const struct tier *t = tiers; t->name; t++)

/* Where programs begin, virtually. */
enum { TEXT = 0x40000000 };
enum { PAGE = 0x1000, MAX_PAGES = 64 };
/* Physical memory: RAM and a device. Nothing else is mapped. */
enum { RAM = 0x100000, RAM_BYTES = 0x80000, DEVICE = 0xf00000, DEVICE_BYTES = 0x100 };

struct entry {
	uint32_t asid;
	uint32_t prot[2];		/* by privilege */
	uint64_t va, pa, len;
	bool live;
};

struct rig {
	const struct tier *tier;
	uint32_t arch;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_exit exit;
	struct entry entry[MAX_PAGES];
	_Atomic unsigned walks;		/* times translate was called for an access, */
	_Atomic unsigned queries;	/* and for a question */
	dgm_act verdict;		/* what translate says where there is no page */
	dgm_act (*fault)(struct rig *r, dgm_cpu *cpu, dgm_fault *f);
	unsigned faults;
	dgm_fault last;
	/* called by translate before it looks */
	void (*walk)(struct rig *r, dgm_cpu *cpu, uint64_t va, uint32_t access);
	void (*device)(struct rig *r, dgm_cpu *cpu, uint64_t off, uint64_t value);
	uint64_t device_value;
	unsigned device_writes, device_reads;
	void *ud;
};

void rig_make(struct rig *r, const struct tier *t, uint32_t arch);
/* The same with an allocator that may fail; false after freeing what there was. */
bool rig_try(struct rig *r, const struct tier *t, uint32_t arch, void *(*alloc)(void *, void *, size_t, size_t), void *ud);
void rig_free(struct rig *r);
/* Maps for privilege 0 and 1 of address space 0; no flush. */
struct entry *rig_map(struct rig *r, uint64_t va, uint64_t pa, uint64_t len, uint32_t prot);
struct entry *rig_find(struct rig *r, uint32_t asid, uint64_t va);
void rig_unmap(struct rig *r, uint64_t va);
/* Instruction words into physical memory. */
void rig_words(struct rig *r, uint64_t pa, const uint32_t *word, unsigned n);
/* A program into the first page of RAM, which lies at TEXT. */
void rig_program(struct rig *r, const struct code *c, uint32_t prot);
void rig_run(struct rig *r, dgm_cpu *cpu, uint64_t pc, uint64_t max_insns);
void rig_go_on(struct rig *r, dgm_cpu *cpu, uint64_t max_insns);
/* A word of physical memory in the guest's byte order. */
uint32_t rig_load(struct rig *r, uint64_t pa);
void rig_store(struct rig *r, uint64_t pa, uint32_t v);
uint32_t rig_pc(const struct rig *r);
/* The general register n. */
uint32_t rig_reg(const struct rig *r, unsigned n);

#define WANT(r, what, want) WANT_SAME(#what, what, want, "%s, arch %u", (r)->tier->name, (r)->arch)

#endif
