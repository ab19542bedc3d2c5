#include <elf.h>
#include <string.h>

#include "elf_file.h"

void elf_put(struct elf_file *f, unsigned at, unsigned size, uint64_t v)
{
	for (unsigned i = 0; i < size; i++)
		f->b[at + i] = (uint8_t)(v >> 8 * (size - 1 - i));
}

static void put_segment(struct elf_file *f, unsigned i, uint32_t off, uint32_t va, uint32_t filesz, uint32_t memsz,
			uint32_t flags)
{
	elf_put(f, elf_ph(i, PH_TYPE), 4, PT_LOAD);
	elf_put(f, elf_ph(i, PH_OFFSET), 4, off);
	elf_put(f, elf_ph(i, PH_VADDR), 4, va);
	elf_put(f, elf_ph(i, PH_FILESZ), 4, filesz);
	elf_put(f, elf_ph(i, PH_MEMSZ), 4, memsz);
	elf_put(f, elf_ph(i, PH_FLAGS), 4, flags);
	elf_put(f, elf_ph(i, PH_ALIGN), 4, 0x10000);
}

void elf_make(struct elf_file *f)
{
	static const uint8_t ident[] = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2MSB, EV_CURRENT };

	memset(f, 0, sizeof *f);
	memcpy(f->b, ident, sizeof ident);
	f->size = ELF_BYTES;
	elf_put(f, EH_TYPE, 2, ET_EXEC);
	elf_put(f, EH_MACHINE, 2, EM_PPC);
	elf_put(f, EH_VERSION, 4, EV_CURRENT);
	elf_put(f, EH_ENTRY, 4, 0x10001000);
	elf_put(f, EH_PHOFF, 4, PH_AT);
	elf_put(f, EH_PHENTSIZE, 2, PH_SIZE);
	elf_put(f, EH_PHNUM, 2, 2);
	put_segment(f, 0, 0, 0x10000000, 0x2000, 0x2000, PF_R | PF_X);
	put_segment(f, 1, 0x2000, 0x10012000, 0x800, 0x2000, PF_R | PF_W);
}

static bool read_mem(const struct lx_source *s, uint64_t off, void *buf, size_t len)
{
	if (off > s->size || len > s->size - off)
		return false;
	memcpy(buf, (const uint8_t *)s->mem + off, len);
	return true;
}

const char *elf_check(const struct elf_file *f, struct lx_elf *out)
{
	struct lx_source src = { read_mem, f->b, -1, f->size };

	return lx_elf_parse(&src, out);
}
