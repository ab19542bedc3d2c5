/*
 * Reads ELF headers of programs and interpreters. A file is not trusted: every number is checked
 * before it is used, and what is wrong is said in one clause.
 */
#include <elf.h>
#include <sys/mman.h>

#include "image.h"

static uint64_t field(const uint8_t *p, bool big, unsigned off, unsigned size)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v = v << 8 | p[off + (big ? i : size - 1 - i)];
	return v;
}

struct shape {
	bool is64, big;
};

/* A field by its name in the 32-bit or the 64-bit struct. */
#define GET(s, p, T, f) \
	((s).is64 ? field(p, (s).big, offsetof(Elf64_##T, f), sizeof(((Elf64_##T *)0)->f)) \
		  : field(p, (s).big, offsetof(Elf32_##T, f), sizeof(((Elf32_##T *)0)->f)))

static const char *parse_ident(const uint8_t *e, struct shape *s)
{
	if (memcmp(e, ELFMAG, SELFMAG))
		return "not an ELF file";
	if (e[EI_CLASS] != ELFCLASS32 && e[EI_CLASS] != ELFCLASS64)
		return "ELF class is neither 32 nor 64 bits";
	if (e[EI_DATA] != ELFDATA2LSB && e[EI_DATA] != ELFDATA2MSB)
		return "ELF byte order is unknown";
	if (e[EI_VERSION] != EV_CURRENT)
		return "ELF version is unknown";
	s->is64 = e[EI_CLASS] == ELFCLASS64;
	s->big = e[EI_DATA] == ELFDATA2MSB;
	return NULL;
}

static const char *parse_load(const struct lx_source *src, const uint8_t *p, struct shape s, struct lx_elf *out)
{
	struct lx_segment g = { GET(s, p, Phdr, p_vaddr), GET(s, p, Phdr, p_filesz), GET(s, p, Phdr, p_memsz),
				GET(s, p, Phdr, p_offset), 0 };
	uint64_t align = GET(s, p, Phdr, p_align), flags = GET(s, p, Phdr, p_flags), top = out->guest->task_size;

	if (g.filesz > g.memsz)
		return "a segment has more bytes in the file than in memory";
	if (!g.memsz)
		return NULL;
	if (g.va >= top || g.memsz > top - g.va || lx_page_up(g.va + g.memsz) > top)
		return "a segment lies outside the address space";
	if (g.off > src->size || g.filesz > src->size - g.off)
		return "a segment goes beyond the end of the file";
	if (align & (align - 1))
		return "a segment's alignment is not a power of two";
	if ((g.va ^ g.off) & (LX_PAGE - 1))
		return "a segment's address and offset do not agree within the page";
	if (out->n && g.va < out->seg[out->n - 1].va + out->seg[out->n - 1].memsz)
		return "segments overlap or are not in order of address";
	if (out->n == LX_MAX_SEGMENTS)
		return "too many segments";
	if (align > out->align)
		out->align = align;
	g.prot = (flags & PF_R ? PROT_READ : 0) | (flags & PF_W ? PROT_WRITE : 0) | (flags & PF_X ? PROT_EXEC : 0);
	out->seg[out->n++] = g;
	out->end = g.va + g.memsz;
	return NULL;
}

static const char *parse_interp(const struct lx_source *src, const uint8_t *p, struct shape s, struct lx_elf *out)
{
	uint64_t off = GET(s, p, Phdr, p_offset), len = GET(s, p, Phdr, p_filesz);

	if (out->interp[0])
		return "more than one interpreter is named";
	if (len < 2 || len > sizeof out->interp)
		return "the interpreter's name is too short or too long";
	if (!src->read(src, off, out->interp, len))
		return "the interpreter's name goes beyond the end of the file";
	if (out->interp[len - 1] || !out->interp[0])
		return "the interpreter's name is malformed";
	return NULL;
}

static const char *parse_phdrs(const struct lx_source *src, uint64_t phoff, struct shape s, struct lx_elf *out)
{
	uint8_t p[sizeof(Elf64_Phdr)];

	for (uint32_t i = 0; i < out->phnum; i++) {
		const char *why = NULL;

		if (!src->read(src, phoff + i * out->phent, p, out->phent))
			return "the program headers go beyond the end of the file";
		switch (GET(s, p, Phdr, p_type)) {
		case PT_LOAD: why = parse_load(src, p, s, out); break;
		case PT_INTERP: why = parse_interp(src, p, s, out); break;
		}
		if (why)
			return why;
	}
	return out->n ? NULL : "there is nothing to load";
}

/* Where the program headers lie once loaded: in the segment that has their bytes. */
static void find_phdr(uint64_t phoff, struct lx_elf *e)
{
	uint64_t len = e->phnum * e->phent;

	for (uint32_t i = 0; i < e->n && !e->phdr; i++) {
		const struct lx_segment *g = &e->seg[i];

		if (phoff >= g->off && phoff - g->off <= g->filesz && len <= g->filesz - (phoff - g->off))
			e->phdr = g->va + (phoff - g->off);
	}
}

/* e_machine is at the same place in both classes. */
static const struct lx_guest *guest_of(const uint8_t *e, struct shape s)
{
	return lx_guest_find((unsigned)GET(s, e, Ehdr, e_machine), s.is64, s.big);
}

const struct lx_guest *lx_elf_guest(const uint8_t *head, size_t n)
{
	struct shape s;

	return n < sizeof(Elf32_Ehdr) || parse_ident(head, &s) ? NULL : guest_of(head, s);
}

static const char *no_guest(unsigned machine, struct shape s)
{
	if ((machine == EM_ARM || machine == EM_AARCH64) && s.big)
		return "no guest for big-endian ARM";
	return "no guest for the program's machine";
}

static const char *parse_header(const struct lx_source *src, struct shape s, const uint8_t *e, struct lx_elf *out,
				uint64_t *phoff)
{
	uint64_t type = GET(s, e, Ehdr, e_type);

	out->guest = guest_of(e, s);
	if (!out->guest)
		return no_guest((unsigned)GET(s, e, Ehdr, e_machine), s);
	if (out->guest->refused && out->guest->refused(GET(s, e, Ehdr, e_flags)))
		return out->guest->refused(GET(s, e, Ehdr, e_flags));
	if (GET(s, e, Ehdr, e_version) != EV_CURRENT)
		return "ELF version is unknown";
	if (type != ET_EXEC && type != ET_DYN)
		return "neither a program nor a shared object";
	out->dyn = type == ET_DYN;
	out->entry = GET(s, e, Ehdr, e_entry);
	out->phnum = (uint32_t)GET(s, e, Ehdr, e_phnum);
	out->phent = s.is64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	*phoff = GET(s, e, Ehdr, e_phoff);
	if (GET(s, e, Ehdr, e_phentsize) != out->phent)
		return "the program headers have the wrong size";
	if (!out->phnum || out->phnum > 65536u / out->phent)
		return "the number of program headers is out of range";
	if (*phoff > src->size || out->phnum * out->phent > src->size - *phoff)
		return "the program headers go beyond the end of the file";
	return NULL;
}

const char *lx_elf_parse(const struct lx_source *src, struct lx_elf *out)
{
	uint8_t e[sizeof(Elf64_Ehdr)] = { 0 };
	struct shape s = { 0 };
	uint64_t phoff = 0;
	const char *why;

	memset(out, 0, sizeof *out);
	out->align = LX_PAGE;
	if (!src->read(src, 0, e, sizeof(Elf32_Ehdr)))
		return "not an ELF file";
	why = parse_ident(e, &s);
	if (!why && s.is64 && !src->read(src, 0, e, sizeof e))
		why = "the ELF header is cut short";
	if (!why)
		why = parse_header(src, s, e, out, &phoff);
	if (!why)
		why = parse_phdrs(src, phoff, s, out);
	if (why)
		return why;
	out->lo = out->seg[0].va & ~(uint64_t)(LX_PAGE - 1);
	out->hi = lx_page_up(out->end);
	if (out->align > out->guest->task_size)
		return "a segment's alignment is larger than the address space";
	find_phdr(phoff, out);
	return NULL;
}
