/*
 * What the program dragoman-conform wants to know of a machine model to check that it keeps its promises: a shared
 * object that exports dgm_conform_model. doc/conformance.md has the list of promises.
 */
#ifndef DRAGOMAN_CONFORM_H
#define DRAGOMAN_CONFORM_H

#include "dragoman/machine.h"
#include "dragoman/vm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* dgm_conform_model.flags */
enum {
	DGM_CONFORM_REAL_TIME = 1u << 0,	/* has a clock or threads of its own: runs need not be equal */
	DGM_CONFORM_SNAPSHOTS = 1u << 1,	/* has save and load, or nothing to save */
};

typedef struct dgm_conform_model {
	uint32_t size, flags;
	const char *name;
	dgm_vm_cfg cfg;
	const dgm_machine_ops *ops;
	/* The state of one machine, which is passed as ud; NULL: out of memory. Several exist at the same time. */
	void *(*create)(void);
	void (*destroy)(void *ud);
	/* Loads a program and sets the vCPU's registers; the program ends the run by itself (not by a budget). */
	dgm_status (*start)(void *ud, dgm_vm *vm, dgm_cpu *cpu);
	/* A hash of all state of the machine that a guest could see. May be NULL. */
	uint64_t (*digest)(void *ud);
} dgm_conform_model;

/* The module exports a function of this type by the name dgm_conform_model_get. */
typedef const dgm_conform_model *dgm_conform_model_fn(void);

#ifdef __cplusplus
}
#endif

#endif
