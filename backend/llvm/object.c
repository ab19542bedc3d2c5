/*
 * Reads the ELF object LLVM made of a region: text and constants become one blob, references
 * inside it are resolved, references out of it become relocations of code_object. Symbols it
 * knows: x<n>, the stub of exit n; h<n>, helper n; those of aside.c; and the few functions of the C library that
 * LLVM calls on its own. All offsets are checked: a surprise fails the request.
 */
#include <elf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "backend/llvm/jit.h"

enum { SLOT = 8, THUNK = 8, STUB = 16, NOWHERE = -1 };

struct object {
	const uint8_t *elf;
	size_t size;
	const Elf64_Shdr *sh;
	unsigned n_sh;
	const Elf64_Sym *sym;
	size_t n_sym;
	const char *str;
	size_t str_size;
	int64_t *place;			/* by section: offset in the blob, or NOWHERE */
	uint32_t *slot, *thunk;		/* by symbol: offset in the blob, 0: none yet */
	uint32_t end, cap;		/* of the blob */
	unsigned cap_reloc;
	const struct jit_emit *e;
	struct code_object *out;
};

static const struct {
	const char *name;
	uintptr_t fn;
} host_functions[] = {
	{ "fma", (uintptr_t)(double (*)(double, double, double))fma },
	{ "fmaf", (uintptr_t)(float (*)(float, float, float))fmaf },
	{ "floor", (uintptr_t)(double (*)(double))floor },
	{ "floorf", (uintptr_t)(float (*)(float))floorf },
	{ "ceil", (uintptr_t)(double (*)(double))ceil },
	{ "ceilf", (uintptr_t)(float (*)(float))ceilf },
	{ "trunc", (uintptr_t)(double (*)(double))trunc },
	{ "truncf", (uintptr_t)(float (*)(float))truncf },
	{ "nearbyint", (uintptr_t)(double (*)(double))nearbyint },
	{ "nearbyintf", (uintptr_t)(float (*)(float))nearbyintf },
	{ "ir_eval_packed", (uintptr_t)ir_eval_packed },
	{ "jit_aside_avx", (uintptr_t)jit_aside_avx },
	{ "jit_aside_sse", (uintptr_t)jit_aside_sse },
	{ "memcpy", (uintptr_t)memcpy },
	{ "memmove", (uintptr_t)memmove },
	{ "memset", (uintptr_t)memset },
};
enum { HOST_FUNCTIONS = sizeof host_functions / sizeof *host_functions };

static bool in_file(const struct object *o, uint64_t off, uint64_t n)
{
	return off <= o->size && n <= o->size - off;
}

static const char *string_at(const char *table, size_t size, uint32_t at)
{
	return at < size && memchr(table + at, 0, size - at) ? table + at : "";
}

static bool open_object(struct object *o)
{
	const Elf64_Ehdr *eh = (const void *)o->elf;

	if (o->size < sizeof *eh || memcmp(eh->e_ident, ELFMAG, SELFMAG) || eh->e_type != ET_REL ||
	    eh->e_machine != EM_X86_64 || eh->e_shentsize != sizeof *o->sh || eh->e_shoff % 8 ||
	    !in_file(o, eh->e_shoff, (uint64_t)eh->e_shnum * sizeof *o->sh))
		return false;
	o->sh = (const void *)(o->elf + eh->e_shoff);
	o->n_sh = eh->e_shnum;
	for (unsigned i = 0; i < o->n_sh; i++) {
		const Elf64_Shdr *s = &o->sh[i];

		if (s->sh_type != SHT_NOBITS && !in_file(o, s->sh_offset, s->sh_size))
			return false;
		if (s->sh_type != SHT_SYMTAB)
			continue;
		if (s->sh_link >= o->n_sh || s->sh_offset % 8 || o->sh[s->sh_link].sh_type != SHT_STRTAB)
			return false;
		o->sym = (const void *)(o->elf + s->sh_offset);
		o->n_sym = s->sh_size / sizeof *o->sym;
		o->str = (const char *)o->elf + o->sh[s->sh_link].sh_offset;
		o->str_size = o->sh[s->sh_link].sh_size;
	}
	return o->sym != NULL;
}

/* Text first, then constants; what is written to or not loaded stays out. */
static bool wanted(const Elf64_Shdr *s, bool text)
{
	return s->sh_type == SHT_PROGBITS && s->sh_flags & SHF_ALLOC && s->sh_size &&
	       !(s->sh_flags & (SHF_WRITE | SHF_TLS)) && !!(s->sh_flags & SHF_EXECINSTR) == text;
}

static enum dgm_status place_sections(struct object *o, struct base_arena *arena)
{
	uint64_t at = 0;

	o->place = base_arena_alloc(arena, o->n_sh * sizeof *o->place);
	o->slot = base_arena_alloc(arena, o->n_sym * sizeof *o->slot);
	o->thunk = base_arena_alloc(arena, o->n_sym * sizeof *o->thunk);
	if (!o->place || !o->slot || !o->thunk)
		return DGM_E_NOMEM;
	memset(o->slot, 0, o->n_sym * sizeof *o->slot);
	memset(o->thunk, 0, o->n_sym * sizeof *o->thunk);
	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < o->n_sh; i++) {
			const Elf64_Shdr *s = &o->sh[i];
			uint64_t align = s->sh_addralign ? s->sh_addralign : 1;

			if (!pass)
				o->place[i] = NOWHERE;
			if (!wanted(s, !pass))
				continue;
			if (align > 32 || align & (align - 1))
				return DGM_E_JIT;
			at = (at + align - 1) & ~(align - 1);
			o->place[i] = (int64_t)at;
			at += s->sh_size;
			if (at > INT32_MAX / 2)
				return DGM_E_JIT;
		}
	o->end = (uint32_t)(at + SLOT - 1) & ~(uint32_t)(SLOT - 1);
	o->cap = o->end + (uint32_t)o->n_sym * (SLOT + THUNK) + o->e->plan->n_entry * STUB;
	o->out->code = base_arena_alloc(arena, o->cap);
	if (!o->out->code)
		return DGM_E_NOMEM;
	memset(o->out->code, 0, o->cap);
	for (unsigned i = 0; i < o->n_sh; i++)
		if (o->place[i] != NOWHERE)
			memcpy(o->out->code + o->place[i], o->elf + o->sh[i].sh_offset, o->sh[i].sh_size);
	return DGM_OK;
}

static bool add_reloc(struct object *o, uint32_t at, enum code_reloc_kind kind, unsigned index, int64_t addend)
{
	struct code_object *out = o->out;

	if (out->n_reloc == o->cap_reloc || index > UINT16_MAX || addend != (int32_t)addend)
		return false;
	out->reloc[out->n_reloc++] = (struct code_reloc){ at, (uint16_t)kind, (uint16_t)index, (int32_t)addend };
	return true;
}

/* "x12" -> 12, or ~0. */
static unsigned numbered(const char *name, char letter, unsigned limit)
{
	char *end;
	unsigned long n;

	if (name[0] != letter || name[1] < '0' || name[1] > '9')
		return ~0u;
	n = strtoul(name + 1, &end, 10);
	return !*end && n < limit ? (unsigned)n : ~0u;
}

static unsigned host_index(struct code_object *out, const char *name)
{
	for (unsigned i = 0; i < HOST_FUNCTIONS; i++) {
		if (strcmp(host_functions[i].name, name))
			continue;
		for (unsigned k = 0; k < out->n_host; k++)
			if (out->host[k] == (void *)host_functions[i].fn)
				return k;
		out->host[out->n_host] = (void *)host_functions[i].fn;
		return out->n_host++;
	}
	return ~0u;
}

/* Eight bytes behind the code that will hold the address of an outside function. */
static bool address_slot(struct object *o, uint32_t sym, uint32_t *at)
{
	const char *name = string_at(o->str, o->str_size, o->sym[sym].st_name);
	unsigned helper = numbered(name, 'h', o->e->n_helper), host;

	if (!o->slot[sym]) {
		o->slot[sym] = o->end;
		o->end += SLOT;
		if (helper != ~0u) {
			if (!add_reloc(o, o->slot[sym], CODE_RELOC_HELPER, helper, 0))
				return false;
		} else {
			host = host_index(o->out, name);
			if (host == ~0u || !add_reloc(o, o->slot[sym], CODE_RELOC_HOST, host, 0))
				return false;
		}
	}
	*at = o->slot[sym];
	return true;
}

static void put32(struct object *o, uint32_t at, int64_t v)
{
	int32_t t = (int32_t)v;

	memcpy(o->out->code + at, &t, 4);
}

/* jmp *slot(%rip), for calls LLVM makes straight to a C function. */
static bool jump_thunk(struct object *o, uint32_t sym, uint32_t *at)
{
	uint32_t slot;

	if (!address_slot(o, sym, &slot))
		return false;
	if (!o->thunk[sym]) {
		o->thunk[sym] = o->end;
		o->out->code[o->end] = 0xff;
		o->out->code[o->end + 1] = 0x25;
		put32(o, o->end + 2, (int64_t)slot - (o->end + 6));
		o->end += THUNK;
	}
	*at = o->thunk[sym];
	return true;
}

static bool relocate_outside(struct object *o, const Elf64_Rela *r, uint32_t at)
{
	uint32_t sym = (uint32_t)ELF64_R_SYM(r->r_info), to;
	const char *name = string_at(o->str, o->str_size, o->sym[sym].st_name);
	unsigned exit = numbered(name, 'x', o->e->n_exit);

	switch (ELF64_R_TYPE(r->r_info)) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		if (exit != ~0u)
			return add_reloc(o, at, CODE_RELOC_EXIT, exit, r->r_addend + 4);
		if (!jump_thunk(o, sym, &to))
			return false;
		break;
	case R_X86_64_GOTPCREL:
	case R_X86_64_GOTPCRELX:
	case R_X86_64_REX_GOTPCRELX:
		if (exit != ~0u || !address_slot(o, sym, &to))
			return false;
		break;
	default:
		return false;
	}
	put32(o, at, (int64_t)to + r->r_addend - at);
	return true;
}

static bool relocate_inside(struct object *o, const Elf64_Rela *r, uint32_t at, uint64_t to)
{
	switch (ELF64_R_TYPE(r->r_info)) {
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		put32(o, at, (int64_t)to + r->r_addend - at);
		return true;
	case R_X86_64_64:
		return add_reloc(o, at, CODE_RELOC_SELF, 0, (int64_t)to + r->r_addend);
	}
	return false;
}

static bool relocate(struct object *o, const Elf64_Shdr *section, int64_t place, const Elf64_Rela *r)
{
	uint32_t sym = (uint32_t)ELF64_R_SYM(r->r_info), at;
	unsigned width = ELF64_R_TYPE(r->r_info) == R_X86_64_64 ? 8 : 4;
	const Elf64_Sym *s;

	if (sym >= o->n_sym || section->sh_size < width || r->r_offset > section->sh_size - width)
		return false;
	at = (uint32_t)((uint64_t)place + r->r_offset);
	s = &o->sym[sym];
	if (s->st_shndx == SHN_UNDEF)
		return relocate_outside(o, r, at);
	if (s->st_shndx >= o->n_sh || o->place[s->st_shndx] == NOWHERE || s->st_value > o->sh[s->st_shndx].sh_size)
		return false;
	return relocate_inside(o, r, at, (uint64_t)o->place[s->st_shndx] + s->st_value);
}

/* Calls on every relocation of sections that were placed. */
static bool relocate_all(struct object *o)
{
	for (unsigned i = 0; i < o->n_sh; i++) {
		const Elf64_Shdr *s = &o->sh[i];
		const Elf64_Rela *r = (const void *)(o->elf + s->sh_offset);

		if (s->sh_type != SHT_RELA || s->sh_info >= o->n_sh || o->place[s->sh_info] == NOWHERE)
			continue;
		if (s->sh_offset % 8)
			return false;
		for (uint64_t k = 0; k < s->sh_size / sizeof *r; k++)
			if (!relocate(o, &o->sh[s->sh_info], o->place[s->sh_info], &r[k]))
				return false;
	}
	return true;
}

static unsigned count_relocs(const struct object *o)
{
	uint64_t n = o->n_sym;

	for (unsigned i = 0; i < o->n_sh; i++)
		if (o->sh[i].sh_type == SHT_RELA)
			n += o->sh[i].sh_size / sizeof(Elf64_Rela);
	return (unsigned)n;
}

/* The function is the one global symbol that is defined. */
static bool find_entry(struct object *o)
{
	for (size_t i = 0; i < o->n_sym; i++) {
		const Elf64_Sym *s = &o->sym[i];

		if (strcmp(string_at(o->str, o->str_size, s->st_name), "u") || s->st_shndx == SHN_UNDEF ||
		    s->st_shndx >= o->n_sh || ELF64_ST_TYPE(s->st_info) != STT_FUNC ||
		    o->place[s->st_shndx] == NOWHERE)
			continue;
		o->out->entry = (uint32_t)((uint64_t)o->place[s->st_shndx] + s->st_value);
		return true;
	}
	return false;
}

/*
 * Where the region is entered from outside, for each way (enter.c):
 *	mov	$way, %r14d
 *	jmp	function
 */
static bool write_entries(struct object *o, struct base_arena *arena)
{
	unsigned n = o->e->plan->n_entry;
	uint32_t function = o->out->entry, *at = base_arena_alloc(arena, n * sizeof *at);

	if (!at)
		return false;
	for (unsigned k = 0; k < n; k++, o->end += STUB) {
		uint8_t *p = o->out->code + o->end;

		at[k] = o->end;
		p[0] = 0x41;
		p[1] = 0xbe;
		put32(o, o->end + 2, k);
		p[6] = 0xe9;
		put32(o, o->end + 7, (int64_t)function - (o->end + 11));
	}
	o->out->entry = at[0];
	o->out->entry_at = at + 1;
	return true;
}

static enum dgm_status read_lines(struct object *o, struct base_arena *arena)
{
	const Elf64_Ehdr *eh = (const void *)o->elf;
	const Elf64_Shdr *names = eh->e_shstrndx < o->n_sh ? &o->sh[eh->e_shstrndx] : NULL;

	for (unsigned i = 0; names && i < o->n_sh; i++) {
		const Elf64_Shdr *s = &o->sh[i];
		const char *name = string_at((const char *)o->elf + names->sh_offset, names->sh_size, s->sh_name);

		if (s->sh_type == SHT_PROGBITS && !strcmp(name, ".debug_line"))
			return jit_lines_read(o->elf + s->sh_offset, s->sh_size, o->out->entry, o->e->plan, arena,
					      o->out);
	}
	return DGM_E_JIT;
}

enum dgm_status jit_object_read(const uint8_t *elf, size_t size, const struct jit_emit *e, struct base_arena *arena,
				struct code_object *out)
{
	struct object o = { .elf = elf, .size = size, .e = e, .out = out };
	enum dgm_status st;

	memset(out, 0, sizeof *out);
	if ((uintptr_t)elf % 8 || !open_object(&o))
		return DGM_E_JIT;
	st = place_sections(&o, arena);
	if (st)
		return st;
	o.cap_reloc = count_relocs(&o);
	out->reloc = base_arena_alloc(arena, o.cap_reloc * sizeof *out->reloc);
	out->host = base_arena_alloc(arena, HOST_FUNCTIONS * sizeof *out->host);
	if (!out->reloc || !out->host)
		return DGM_E_NOMEM;
	if (!find_entry(&o) || !relocate_all(&o))
		return DGM_E_JIT;
	out->size = o.end;
	st = e->scope ? read_lines(&o, arena) : DGM_OK;
	if (!st && e->plan->n_entry > 1 && !write_entries(&o, arena))
		st = DGM_E_NOMEM;
	out->size = o.end;
	out->exit = e->exit;
	out->n_exit = e->n_exit;
	out->helper = e->helper;
	out->n_helper = e->n_helper;
	return st;
}
