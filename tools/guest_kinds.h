/* The guests as their ELF files show them. For the files of this folder. */
#ifndef GUEST_KINDS_H
#define GUEST_KINDS_H

#include <stddef.h>
#include <stdint.h>

struct guest_kind {
	const char *name;
	uint8_t class, data;	/* e_ident[EI_CLASS], [EI_DATA] */
	uint16_t machine;	/* e_machine */
	const char *dir;	/* where Debian keeps the C library of a cross compiler for it */
};

extern const struct guest_kind guest_kinds[];
extern const size_t n_guest_kinds;

/* binfmt.c: --install-binfmt. The exit status. */
int install_binfmt(int only_print);

#endif
