/*
 * Virtual memory: what a vCPU knows of its address spaces, and by what translations are found where a
 * pc is a virtual address. For lib/engine and lib/api; see dragoman/mmu.h for what users see.
 *
 * Data. A vCPU keeps a table of pages (env_tlb) for each of the last few pairs of address space and
 * privilege, so that a change between them forgets nothing; code looks into the current one. Its owner
 * fills it while it is in code; whoever else changes it has vm->lock and the owner out of code
 * or aside (vm_park_memory).
 *
 * Code. Units are shared by the vCPUs of a VM, whose page tables may differ. So a unit is keyed by the
 * virtual page, the physical page and the mode: such a triple has a number (struct mmu_code), and the
 * key is that number and the offset in the page. A unit lies in one page, but for an instruction across
 * two, whose unit has both physical pages in its number. Then a unit is right for every vCPU that finds
 * it by its own translation of the pc; and units of one number may be linked, because who executes
 * one of them has that translation. Exits to other pages look into the vCPU's jump table. When
 * a vCPU's translations change, it leaves code before the next instruction (CPU_SPACE) and forgets
 * that table.
 *
 * Pages code was made from are marked (mmu_vm.code): no vCPU writes there directly, and a write that hits a
 * unit is executed alone, behind which the vCPU looks its next instruction up again.
 */
#ifndef ENGINE_MMU_H
#define ENGINE_MMU_H

#include <stdatomic.h>

#include "base/alloc.h"
#include "dragoman/machine.h"
#include "iface/env.h"

struct dgm_vm;
struct dgm_cpu;

enum { MMU_CONTEXTS = 4, MMU_FETCHES = 64, MMU_CODES = 1024 };

struct mmu_context {
	uint32_t asid, priv;
	uint64_t used;			/* when it was last chosen; 0: free */
	bool large;			/* may hold pages above 4 KiB */
	struct env_tlb entry[ENV_TLB_SIZE];
};

/* A page the vCPU fetches instructions from. */
struct mmu_fetch {
	uint64_t va, pa;		/* va 1: none */
	uint64_t key;			/* of its units, the offset being 0; or 0: not yet known */
	uint32_t mode;
};

struct mmu_cpu {
	struct mmu_context context[MMU_CONTEXTS];
	struct mmu_context *now;	/* env tlb is its table */
	uint64_t clock;
	uint32_t asid, priv;		/* the machine's wish: now follows before the next instruction */
	struct mmu_fetch fetch[MMU_FETCHES];
	_Atomic uint64_t foreign;	/* flushes by other threads so far */
	bool refused;			/* env exit's fault is translate's answer: act and page */
	enum dgm_act act;
	dgm_page page;
	uint64_t part_va, part_pa;	/* where a service's access in work begins, for signals */
	uint64_t few_pa, few_bytes;	/* instructions in work that are in no unit of the cache */
};

struct mmu_vm {
	_Atomic uint8_t *code;		/* a byte for each physical page: units may have been made from it */
	uint64_t n_page;
	struct mmu_code *bucket[MMU_CODES];	/* in the cache's arena */
	uint64_t last_code;
};

/* What a unit is found by, and where its code lies. */
struct unit_at {
	uint64_t key;			/* of the cache; 0: no unit is kept */
	uint64_t va;			/* what follows with virtual memory only: the page of the pc, */
	uint64_t pa[2];			/* and the physical ones the instructions may be in */
	unsigned n_pa;
};

enum dgm_status mmu_vm_new(struct dgm_vm *vm) BASE_CHECK;
void mmu_vm_free(struct dgm_vm *vm);
enum dgm_status mmu_cpu_new(struct dgm_cpu *cpu) BASE_CHECK;
void mmu_cpu_free(struct dgm_cpu *cpu);

/* ---- data ---- */

/*
 * The physical address of a virtual one, for an access by the instruction at pc; called by services. False after filling env exit.
 * The same page stays allowed until the vCPU leaves code. len is for the event only.
 */
bool mmu_data(struct dgm_cpu *cpu, uint64_t va, uint32_t access, uint32_t len, uint64_t pc, uint64_t *pa);
/*
 * Around a write of n bytes, inside one page, to RAM that may be code. Before: false after filling env exit, when
 * the instruction has to be executed alone first. After: drops what was made from these bytes.
 */
bool mmu_before_write(struct dgm_cpu *cpu, uint64_t pa, uint32_t n, uint64_t pc);
void mmu_after_write(struct dgm_cpu *cpu, uint64_t pa, uint32_t n);
/* A callback inside an instruction has changed the vCPU's translations: it has to be finished alone. */
bool mmu_changed(const struct dgm_cpu *cpu);
/* The page of va as translate has it or the vCPU knows it; false: page has the cause. Not in code. */
bool mmu_query(struct dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page);
/* Copies from or to virtual memory whatever its protection; bytes done. */
uint64_t mmu_copy(struct dgm_cpu *cpu, uint64_t va, void *buf, uint64_t n, bool write);

/* ---- code ---- */

/*
 * Where the unit at pc is to be found, asking translate if need be. more: the instruction does not end in its
 * page. False after filling env exit. For the run loop.
 */
bool mmu_unit_at(struct dgm_cpu *cpu, uint64_t pc, bool more, struct unit_at *at);
/* Where the vCPU fetched the instruction at va from, as far as it is in the same page and remembered. */
bool mmu_fetched(const struct dgm_cpu *cpu, uint64_t va, uint64_t *pa);
/* Marks the pages as code, stopping the other vCPUs for that when they were not; lock held, given up meanwhile. */
void mmu_mark_code(struct dgm_vm *vm, const struct unit_at *at, struct dgm_cpu *self);
/* All units are gone. Lock held. */
void mmu_forget_codes(struct dgm_vm *vm);
/* What on_pending does for CPU_SPACE: takes over the space that is wished for. */
void mmu_take_space(struct dgm_cpu *cpu);
/* The jump table has been forgotten. */
void mmu_forget_fetches(struct dgm_cpu *cpu);

/* True when units may have been made from the page of pa. */
bool mmu_is_code(const struct dgm_vm *vm, uint64_t pa);
/* Between the two files: asks for the current space; fills env exit and returns false. */
enum dgm_act mmu_ask(struct dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page);
bool mmu_refuse(struct dgm_cpu *cpu, enum dgm_act act, const dgm_page *page, uint64_t va, uint32_t access,
		uint32_t len, uint64_t pc);
/* Takes the leave to write to the page of pa directly from all vCPUs. */
void mmu_no_direct_writes(struct dgm_vm *vm, uint64_t pa);

/* ---- changes ---- */

/* What the vCPU's next instruction is to be executed in. */
void mmu_set_space(struct dgm_cpu *cpu, uint32_t asid, uint32_t priv);

/* As dgm_vm_tlb_flush; only: this vCPU's, or NULL. */
void mmu_flush(struct dgm_vm *vm, struct dgm_cpu *only, uint64_t va, uint64_t len, uint32_t asid);
/* Physical memory changes: nothing may go directly any more. Lock held, vCPUs parked. */
void mmu_memory_changed(struct dgm_vm *vm);

#endif
