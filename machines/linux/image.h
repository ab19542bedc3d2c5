/* What the loader takes from an ELF file, and the check that makes it safe to use. */
#ifndef LX_ELF_H
#define LX_ELF_H

#include "guest.h"

#define LX_MAX_SEGMENTS 64

struct lx_segment {
	uint64_t va, filesz, memsz, off;
	int prot;
};

struct lx_elf {
	const struct lx_guest *guest;
	bool dyn;			/* position-independent */
	uint64_t entry, phdr, phent;	/* phdr: address of the headers in memory, 0 if they are not loaded */
	uint32_t phnum;
	uint64_t lo, hi;		/* pages of all segments */
	uint64_t align;			/* largest demand of a segment, a power of two */
	uint64_t end;			/* of the last byte in memory: where the heap starts */
	char interp[PATH_MAX];		/* "" = none */
	uint32_t n;
	struct lx_segment seg[LX_MAX_SEGMENTS];
};

/* Where the file's bytes come from: read len bytes at off, false if there are not as many. */
struct lx_source {
	bool (*read)(const struct lx_source *s, uint64_t off, void *buf, size_t len);
	const void *mem;
	int fd;
	uint64_t size;
};

/* Checks a file and describes it; NULL, or why it cannot be run. */
const char *lx_elf_parse(const struct lx_source *s, struct lx_elf *out);

/* Whose program begins with these bytes; NULL: no guest's. */
const struct lx_guest *lx_elf_guest(const uint8_t *head, size_t n);

#endif
