/* The layout of states in the cases for qemu, and how a qemu is started on them. */
#include <unistd.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/ppc.h"
#include "states.h"

const struct qemu_states qemu_aarch64 = {
	.cpu = "max,pauth=off", .bytes = 800,
	.run = {
		{ DGM_A64_X(0), 32, 0, 8 },	/* the last is SP */
		{ DGM_A64_NZCV, 1, 256, 4 },
		{ DGM_A64_FPCR, 1, 264, 4 },
		{ DGM_A64_FPSR, 1, 272, 4 },
		{ DGM_A64_TPIDR_EL0, 1, 280, 8 },
		{ DGM_A64_V(0), 32, 288, 16 },
	},
};

const struct qemu_states qemu_arm = {
	.cpu = "max", .bytes = 336,
	.run = {
		{ DGM_ARM_R(0), 15, 0, 4 },
		{ DGM_ARM_CPSR, 1, 60, 4 },
		{ DGM_ARM_FPSCR, 1, 64, 4 },
		{ DGM_ARM_TPIDRURW, 1, 68, 4 },
		{ DGM_ARM_D(0), 32, 80, 8 },
	},
};

const struct qemu_states qemu_ppc = {
	.cpu = "7447", .bytes = 944,
	.run = {
		{ DGM_PPC_R(0), 32, 0, 4 },
		{ DGM_PPC_F(0), 32, 128, 8 },
		{ DGM_PPC_CR, 1, 384, 4 },
		{ DGM_PPC_XER, 1, 388, 4 },
		{ DGM_PPC_LR, 1, 392, 4 },
		{ DGM_PPC_CTR, 1, 396, 4 },
		{ DGM_PPC_FPSCR, 1, 400, 4 },
		{ DGM_PPC_VRSAVE, 1, 404, 4 },
		{ DGM_PPC_VSCR, 1, 428, 4 },
		{ DGM_PPC_V(0), 32, 432, 16 },
	},
};

bool qemu_field(const struct qemu_states *s, unsigned i, struct qemu_field *out)
{
	for (const struct qemu_run *r = s->run; r->n; r++) {
		if (i < r->n) {
			*out = (struct qemu_field){ r->id + i, r->at + r->bytes * i, r->bytes };
			return true;
		}
		i -= r->n;
	}
	return false;
}

void qemu_order(bool big_endian, void *to, const void *from, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		((uint8_t *)to)[i] = ((const uint8_t *)from)[big_endian ? n - 1 - i : i];
}

pid_t qemu_start(const struct qemu_states *s, const char *qemu, const char *program, FILE *in, FILE *out,
		 unsigned seconds)
{
	fflush(in);
	pid_t pid = fork();
	if (pid)
		return pid;
	dup2(fileno(in), 0);
	dup2(fileno(out), 1);
	lseek(0, 0, SEEK_SET);
	alarm(seconds);		/* it goes on over exec */
	execl(qemu, qemu, "-cpu", s->cpu, program, (char *)NULL);
	_exit(127);
}
