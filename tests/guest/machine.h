/*
 * A machine of the public interface with a piece of code and the data of guest.h. For the executors of text cases and
 * for programs that draw cases.
 */
#ifndef TESTS_GUEST_MACHINE_H
#define TESTS_GUEST_MACHINE_H

#include "dragoman/dragoman.h"
#include "guest.h"

struct guest_machine {
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	uint8_t *data;			/* GUEST_DATA_SIZE bytes */
};

/* Code is readable and executable. False: there is something to be closed all the same. */
bool guest_machine_open(struct guest_machine *m, const struct guest_isa *isa, const char *model, uint32_t flags,
			unsigned code_size);
void guest_machine_close(struct guest_machine *m);

#endif
