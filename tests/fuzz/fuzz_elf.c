/*
 * Any bytes as an ELF file: the reader must refuse them or describe something that the loader can map.
 * For libFuzzer; the guests are copies of the facts that the reader asks for.
 */
#include <elf.h>
#include <stdlib.h>

#include "image.h"

static const char *refused(uint64_t flags)
{
	return flags >> 24 == 5 ? NULL : "another ABI";
}

static const struct lx_guest all[] = {
	{ .elf_machine = EM_PPC, .word = 4, .big_endian = true, .task_size = 0xc0000000 },
	{ .elf_machine = EM_AARCH64, .word = 8, .task_size = (uint64_t)1 << 46 },
	{ .elf_machine = EM_ARM, .word = 4, .task_size = 0xbf000000, .refused = refused },
};

const struct lx_guest *lx_guest_find(unsigned machine, bool elf64, bool big)
{
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].elf_machine == machine && (all[i].word == 8) == elf64 && all[i].big_endian == big)
			return &all[i];
	return NULL;
}

static bool read_mem(const struct lx_source *s, uint64_t off, void *buf, size_t len)
{
	if (off > s->size || len > s->size - off)
		return false;
	memcpy(buf, (const uint8_t *)s->mem + off, len);
	return true;
}

static void require(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lx_source src = { read_mem, data, -1, size };
	static struct lx_elf e;
	uint64_t last = 0;

	if (lx_elf_parse(&src, &e))
		return 0;
	require(e.n > 0 && e.n <= LX_MAX_SEGMENTS && e.lo < e.hi && e.hi <= e.guest->task_size);
	require(e.align >= LX_PAGE && !(e.align & (e.align - 1)) && memchr(e.interp, 0, sizeof e.interp));
	for (uint32_t i = 0; i < e.n; i++) {
		const struct lx_segment *s = &e.seg[i];

		require(s->filesz <= s->memsz && s->off <= size && s->filesz <= size - s->off);
		require(s->va >= last && s->memsz > 0 && s->va + s->memsz <= e.hi);
		last = s->va + s->memsz;
	}
	return 0;
}
