/* Makes a small PowerPC ELF file in memory, for tests to spoil. */
#ifndef ELF_FILE_H
#define ELF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

#define ELF_BYTES 0x3000u

struct elf_file {
	uint8_t b[ELF_BYTES];
	uint64_t size;
};

/* Offsets of fields, as the ELF manual has them for 32 bits. */
enum {
	EH_TYPE = 16, EH_MACHINE = 18, EH_VERSION = 20, EH_ENTRY = 24, EH_PHOFF = 28, EH_PHENTSIZE = 42, EH_PHNUM = 44,
	PH_TYPE = 0, PH_OFFSET = 4, PH_VADDR = 8, PH_FILESZ = 16, PH_MEMSZ = 20, PH_FLAGS = 24, PH_ALIGN = 28,
	PH_SIZE = 32, PH_AT = 52
};

void elf_put(struct elf_file *f, unsigned at, unsigned size, uint64_t v);
/* Two segments: text at 0x10000000 (rx, all of the first 0x2000 bytes), data behind it with 0x1800 bytes of bss. */
void elf_make(struct elf_file *f);
/* Field of the i-th program header. */
static inline unsigned elf_ph(unsigned i, unsigned field)
{
	return PH_AT + i * PH_SIZE + field;
}
const char *elf_check(const struct elf_file *f, struct lx_elf *out);

#endif
