/* A VM: one guest-physical address space, its machine model, and the translations its vCPUs share. */
#ifndef DRAGOMAN_VM_H
#define DRAGOMAN_VM_H

#include "dragoman/engine.h"
#include "dragoman/machine.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t dgm_id;	/* of a mapping; generation-tagged: a stale one is DGM_E_NOENT */

/* Guest architectures: dgm_vm_cfg.arch. */
enum { DGM_ARCH_PPC32 = 1, DGM_ARCH_AARCH64 = 2, DGM_ARCH_ARM = 3 };

/* dgm_vm_cfg.flags */
enum {
	DGM_VM_NO_COUNT = 1u << 0,	/* do not count instructions: no max_insns, dgm_exit.insns stays 0,
					 * the default clock stands still */
	DGM_VM_IMPRECISE = 1u << 1,	/* in hot code registers other than the pc may be stale at a memory
					 * fault, until dgm_vm_precise says otherwise. Faster with DGM_FASTMEM */
};

/* dgm_vm_cfg.mem: where the guest's address space lies in the host's. */
enum {
	DGM_MEM_DEFAULT = 0,	/* DGM_MEM_FLAT */
	DGM_MEM_FLAT,		/* a reservation of the library's: whatever the guest executes, it reaches
				 * nothing but what is mapped for it */
	/*
	 * Guest addresses are host addresses; only for guests with 64-bit addresses. Fast, and for
	 * guests that are trusted as far as the host program is: with DGM_FASTMEM translated code
	 * checks nothing, so a guest can read and write the host's own memory. (Checked code, the
	 * interpreter and all functions here look at what is mapped for the guest.) Mapping where
	 * the host has something that is not this guest's fails with DGM_E_MAP; the lower 64 TiB
	 * of a process are nearly free. Addresses end at 2^47.
	 */
	DGM_MEM_IDENTITY,
	/* Virtual addresses, translated by the machine; physical memory as with FLAT. See dragoman/mmu.h */
	DGM_MEM_MMU,
};

typedef struct dgm_vm_cfg {
	uint32_t size, arch;
	const char *model;		/* of the processor; NULL = the architecture's default */
	uint32_t flags, abi;		/* abi: DGM_ABI_* */
	uint64_t clock_num, clock_den;	/* ticks per instruction of the default clock; 0/0 = 1/1 */
	uint32_t mem;			/* DGM_MEM_* */
	uint32_t mem_bits;		/* FLAT: addresses below 2^mem_bits can be mapped. With 64-bit addresses
					 * 20 to 46, 0 = 36 (64 GiB, reserved, not used up); with 32-bit ones 0 or 32.
					 * MMU: the same of physical addresses; 32-bit guests may have 20 to 46, too */
} dgm_vm_cfg;

/*
 * [A] Makes a VM with an empty address space. ops (may be NULL) and cfg are copied; ud is
 * borrowed until detach. The VM keeps a reference to the engine.
 * Fails with DGM_E_ARG, DGM_E_ARCH, DGM_E_NOMEM, or what ops->attach returned.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_vm_new(dgm_engine *engine, const dgm_vm_cfg *cfg,
					   const dgm_machine_ops *ops, void *ud, dgm_vm **out);

/*
 * [Q] Frees it. DGM_E_BUSY while vCPUs or snapshots exist: free them first. DGM_E_NOMEM: there is no memory for
 * what its forks (dgm_vm_fork) still need of it. NULL is allowed.
 */
DGM_EXPORT dgm_status dgm_vm_free(dgm_vm *vm);

/*
 * [A] Maps RAM at [pa, pa + len): any alignment and length above 0; a range that is mapped
 * already fails with DGM_E_MAP. host NULL: zeroed memory of the library's. Else the host's
 * memory of len bytes, borrowed until unmapped, which may be mapped at several addresses (for code see dgm_map_alias, whose
 * addresses know of each other). *id may be NULL.
 * Page-sized, page-aligned private RAM of the library's is the fast case.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_map_ram(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, void *host,
					    dgm_id *id);

/* Device callbacks. off is relative to the mapping; len is 1, 2, 4 or 8; values are host integers. */
typedef struct dgm_io_ops {
	uint32_t size, flags;
	uint32_t min_access, max_access;	/* bytes; 0 = 1 and 8. Wider accesses are split, narrower refused */
	/*
	 * DGM_CONT, DGM_SKIP: done. DGM_RAISE: bus error, which the machine's `fault` is asked about. DGM_BREAK: the
	 * same, but it is not asked, and the run ends. DGM_RETRY, DGM_STOP: as for every callback. A piece of an access that
	 * is done is not asked for again when another one stops the run, or is to be done again; only a fault lets the
	 * access begin anew, and an instruction of several accesses makes those before it once more.
	 */
	dgm_act (*read)(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value);
	dgm_act (*write)(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value);
} dgm_io_ops;

/*
 * [A] Maps a device at [pa, pa + len), byte-granular. The ops are copied, ud is borrowed until
 * unmapped. A 4 KiB page that holds a device piece is slow for the RAM beside it, too.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_map_io(dgm_vm *vm, uint64_t pa, uint64_t len, const dgm_io_ops *ops, void *ud,
					   dgm_id *id);

/*
 * [A] Maps host file or anonymous memory straight into the space, as mmap(2) does: prot is
 * DGM_R | DGM_W | DGM_X, mmap_flags are the host's MAP_SHARED, MAP_PRIVATE, MAP_ANONYMOUS,
 * MAP_NORESERVE; fd and off as there. pa, len and off must be multiples of the host's page.
 * What is mapped in the range is replaced; on failure it stays. Fails with DGM_E_OS and
 * dgm_error.os_errno, or DGM_E_MAP.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_map_host(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot, int mmap_flags,
					     int fd, int64_t off);

/*
 * [A] Moves RAM as mremap(2) does with MREMAP_FIXED: [from, from + old_len), whole pages of one
 * call of dgm_map_host, is afterwards unmapped, and `to` has its pages with new_len bytes. The
 * ranges must not overlap. What is mapped at `to` is replaced. DGM_E_MAP, DGM_E_OS as above.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_map_move(dgm_vm *vm, uint64_t from, uint64_t old_len, uint64_t to,
					     uint64_t new_len);

/*
 * [A] Makes [pa, pa + len) another address of what is mapped at [target, target + len), now or later: RAM, which has its
 * protection here, too, and devices. pa, len and target must be multiples of 4 KiB; it is unmapped by whole pages. One
 * memory, whoever writes to it: snapshots have it once, and code that is announced or written by one address is new by the
 * other. Accesses by the second address are as slow as those to borrowed memory; with DGM_MEM_MMU they are as fast as
 * others. DGM_E_MAP: the range is taken, or an alias would lead to another. Hooks see the address that the guest has used.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_map_alias(dgm_vm *vm, uint64_t pa, uint64_t len, uint64_t target, dgm_id *id);

/* [A] Unmaps what there is in the range; pieces split. Translations of it are dropped. */
DGM_EXPORT dgm_status dgm_unmap(dgm_vm *vm, uint64_t pa, uint64_t len);

/*
 * [A] Changes the protection of RAM. DGM_E_MAP when a byte of the range is not RAM, DGM_E_ARG when
 * it begins or ends inside a 4 KiB page that is mapped as a whole.
 */
DGM_EXPORT DGM_CHECK dgm_status dgm_protect(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t prot);

/*
 * [A] Copies out of or into the guest's memory, whatever its protection for the guest; writes
 * are always coherent with translated code. *done (may be NULL) gets the bytes copied before
 * the first that is not RAM; then the result is DGM_E_FAULT. cpu NULL: addr is physical. With
 * DGM_MEM_MMU a vCPU [O] makes it a virtual address of that vCPU, at its privilege.
 */
DGM_EXPORT dgm_status dgm_mem_read(dgm_vm *vm, dgm_cpu *cpu, uint64_t addr, void *buf, uint64_t len, uint64_t *done);
DGM_EXPORT dgm_status dgm_mem_write(dgm_vm *vm, dgm_cpu *cpu, uint64_t addr, const void *buf, uint64_t len,
				    uint64_t *done);

/*
 * [A] A view of [pa, pa + len), valid until any part of it is unmapped. NULL when the range is
 * not all RAM with the protection `access`, or not contiguous in the host. After writing
 * code through it, call dgm_mem_touched. Pages seen with DGM_W make snapshots slower (snapshot.h).
 */
DGM_EXPORT void *dgm_mem_ptr(dgm_vm *vm, uint64_t pa, uint64_t len, uint32_t access);
/* [A] Drops the translations of code in the range. */
DGM_EXPORT dgm_status dgm_mem_touched(dgm_vm *vm, uint64_t pa, uint64_t len);

/*
 * [A] The protection (DGM_R | DGM_W | DGM_X) of the page at pa, 0 for an inaccessible one, and
 * *mapped whether there is anything.
 */
DGM_EXPORT uint32_t dgm_mem_prot(dgm_vm *vm, uint64_t pa, bool *mapped);

/*
 * [A] For a VM made with DGM_VM_IMPRECISE: true makes hot code keep all registers exact at every
 * access from here on. Machine models call it when the guest installs a handler for memory faults.
 */
DGM_EXPORT dgm_status dgm_vm_precise(dgm_vm *vm, bool on);

/* Counters of a VM since it was made. New fields come at the end. */
typedef struct dgm_stats {
	uint32_t size, reserved;
	uint64_t code_budget, code_used;		/* bytes */
	uint64_t units_interp, units_baseline, units_llvm;	/* made */
	uint64_t guest_bytes_baseline, guest_bytes_llvm;	/* of guest code compiled */
	uint64_t host_bytes_baseline, host_bytes_llvm;	/* of host code made */
	uint64_t guest_insns_baseline, guest_insns_llvm;	/* guest instructions compiled */
	uint64_t ns_lift, ns_opt, ns_baseline, ns_llvm;	/* spent translating; ns_llvm is CPU time of all that makes a
							 * region, lifting and optimising it included */
	uint64_t ns_queue;				/* sum of the time hot blocks waited for a compiler */
	uint64_t compile_fails;				/* back-end compilations given up */
	uint64_t jit_refused;				/* 1: the host gives no executable memory */
	uint64_t llvm_missing;				/* 1: the LLVM back end could not be opened */
	uint64_t links_made, links_broken;
	uint64_t lookups_fast, lookups_slow;		/* indirect branches answered in the table, in the map */
	uint64_t flushes, invalidated;			/* whole cache; units dropped by page */
	uint64_t exits, syscalls, faults, io_accesses;	/* returns to the run loop, and by reason */
	uint64_t insns;					/* executed, where counted */
	uint64_t runs_interp;				/* blocks the interpreter executed */
	uint64_t insns_interp, insns_baseline;		/* instructions by tier, where counted; units that are gone
							 * are left out. The rest of insns is the LLVM tier's */
} dgm_stats;

/* [A] A snapshot of the counters; *out must have its size set. */
DGM_EXPORT dgm_status dgm_vm_stats(dgm_vm *vm, dgm_stats *out);

/* [A] Drops the translations of the range. */
DGM_EXPORT dgm_status dgm_code_invalidate(dgm_vm *vm, uint64_t pa, uint64_t len);

#ifdef __cplusplus
}
#endif

#endif
