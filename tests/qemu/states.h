/*
 * How states lie in the cases that go to qemu and come back, in the guest's byte order: head, state, data, and what
 * the code is. For whoever asks qemu; the other side is process.h.
 */
#ifndef TESTS_QEMU_STATES_H
#define TESTS_QEMU_STATES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum {
	QEMU_HEAD_IN = 16,	/* bytes of code, whether data are whole, what is behind the code, nothing: 4 bytes each */
	QEMU_HEAD_OUT = 24,	/* signal and its code, 4 bytes each; pc and address, 8 bytes each */
	QEMU_MAX_STATE = 1024,
};

/* A register in a state. */
struct qemu_field {
	uint32_t id;
	unsigned at, bytes;
};

/* Registers that follow each other, in ids and in the state. */
struct qemu_run {
	uint32_t id;
	unsigned n, at, bytes;	/* n: 0 behind the last */
};

struct qemu_states {
	const char *cpu;	/* the processor qemu is to be */
	unsigned bytes;
	struct qemu_run run[12];
};
extern const struct qemu_states qemu_aarch64, qemu_arm, qemu_ppc;

/* The i-th field; false behind the last. */
bool qemu_field(const struct qemu_states *s, unsigned i, struct qemu_field *out);
/* Host integers to the guest's bytes, or back: the same exchange. */
void qemu_order(bool big_endian, void *to, const void *from, unsigned n);
/* Starts qemu on the cases in one file, for at most so many seconds (0: for ever); its answers go to the other. */
pid_t qemu_start(const struct qemu_states *s, const char *qemu, const char *program, FILE *in, FILE *out,
		 unsigned seconds);

#endif
