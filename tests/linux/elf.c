/* The ELF reader: what it takes from a good file, and its one clause for each kind of bad one. */
#include <criterion/criterion.h>
#include <elf.h>
#include <string.h>
#include <sys/mman.h>

#include "elf_file.h"

Test(elf, good_file_is_described)
{
	struct elf_file f;
	struct lx_elf e;

	elf_make(&f);
	cr_assert_null(elf_check(&f, &e));
	cr_expect_eq(e.guest, &lx_ppc);
	cr_expect_not(e.dyn);
	cr_expect_eq(e.entry, 0x10001000);
	cr_expect_eq(e.phdr, 0x10000000 + PH_AT);
	cr_expect_eq(e.phnum, 2);
	cr_expect_eq(e.lo, 0x10000000);
	cr_expect_eq(e.end, 0x10014000);
	cr_expect_eq(e.hi, 0x10014000);
	cr_expect_eq(e.align, 0x10000);
	cr_expect_eq(e.n, 2);
	cr_expect_eq(e.seg[0].prot, PROT_READ | PROT_EXEC);
	cr_expect_eq(e.seg[1].prot, PROT_READ | PROT_WRITE);
	cr_expect_str_empty(e.interp);
}

Test(elf, interpreter_is_named)
{
	struct elf_file f;
	struct lx_elf e;

	elf_make(&f);
	elf_put(&f, EH_PHNUM, 2, 3);
	elf_put(&f, elf_ph(2, PH_TYPE), 4, PT_INTERP);
	elf_put(&f, elf_ph(2, PH_OFFSET), 4, 0x400);
	elf_put(&f, elf_ph(2, PH_FILESZ), 4, 13);
	memcpy(f.b + 0x400, "/lib/ld.so.1", 13);
	cr_assert_null(elf_check(&f, &e));
	cr_expect_str_eq(e.interp, "/lib/ld.so.1");
	f.b[0x40c] = 'x';
	cr_expect_str_eq(elf_check(&f, &e), "the interpreter's name is malformed");
}

/* One change to a good file each. */
static const struct {
	unsigned at, size;
	uint64_t value;
	const char *why;
} bad[] = {
	{ 0, 1, 0x7e, "not an ELF file" },
	{ EI_CLASS, 1, 3, "ELF class is neither 32 nor 64 bits" },
	{ EI_DATA, 1, 0, "ELF byte order is unknown" },
	{ EI_DATA, 1, ELFDATA2LSB, "no guest for the program's machine" },
	{ EI_CLASS, 1, ELFCLASS64, "no guest for the program's machine" },
	{ EI_VERSION, 1, 2, "ELF version is unknown" },
	{ EH_VERSION, 4, 0, "ELF version is unknown" },
	{ EH_MACHINE, 2, EM_PPC64, "no guest for the program's machine" },
	{ EH_TYPE, 2, ET_REL, "neither a program nor a shared object" },
	{ EH_TYPE, 2, ET_CORE, "neither a program nor a shared object" },
	{ EH_PHENTSIZE, 2, 31, "the program headers have the wrong size" },
	{ EH_PHNUM, 2, 0, "the number of program headers is out of range" },
	{ EH_PHNUM, 2, 0xffff, "the number of program headers is out of range" },
	{ EH_PHNUM, 2, 2000, "the program headers go beyond the end of the file" },
	{ EH_PHOFF, 4, ELF_BYTES - 63, "the program headers go beyond the end of the file" },
	{ EH_PHOFF, 4, 0xffffffff, "the program headers go beyond the end of the file" },
	{ PH_AT + PH_FILESZ, 4, 0x2001, "a segment has more bytes in the file than in memory" },
	{ PH_AT + PH_MEMSZ, 4, 0xffffffff, "a segment lies outside the address space" },
	{ PH_AT + PH_VADDR, 4, 0xbffff000, "a segment lies outside the address space" },
	{ PH_AT + PH_VADDR, 4, 0xfffff000, "a segment lies outside the address space" },
	{ PH_AT + PH_OFFSET, 4, 0xfffff000, "a segment goes beyond the end of the file" },
	{ PH_AT + PH_OFFSET, 4, 0x2000, "a segment goes beyond the end of the file" },
	{ PH_AT + PH_ALIGN, 4, 3, "a segment's alignment is not a power of two" },
	{ PH_AT + PH_VADDR, 4, 0x10000800, "a segment's address and offset do not agree within the page" },
	{ PH_AT + PH_VADDR, 4, 0x20000000, "segments overlap or are not in order of address" },
	{ PH_AT + PH_VADDR, 4, 0x10011000, "segments overlap or are not in order of address" },
	{ PH_AT + PH_TYPE, 4, PT_INTERP, "the interpreter's name is too short or too long" },
};

Test(elf, each_fault_has_its_clause)
{
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct elf_file f;
		struct lx_elf e;
		const char *why;

		elf_make(&f);
		elf_put(&f, bad[i].at, bad[i].size, bad[i].value);
		why = elf_check(&f, &e);
		cr_expect(why && !strcmp(why, bad[i].why), "case %zu: %s, not %s", i, why ? why : "accepted", bad[i].why);
	}
}

Test(elf, every_truncation_is_refused)
{
	struct elf_file f;
	struct lx_elf e;

	elf_make(&f);
	for (f.size = 0; f.size < 0x2800; f.size++)
		cr_assert_not_null(elf_check(&f, &e), "accepted with %llu bytes", (unsigned long long)f.size);
	cr_expect_null(elf_check(&f, &e));
}

Test(elf, nothing_to_load)
{
	struct elf_file f;
	struct lx_elf e;

	elf_make(&f);
	elf_put(&f, elf_ph(0, PH_TYPE), 4, PT_NOTE);
	elf_put(&f, elf_ph(1, PH_TYPE), 4, PT_NULL);
	cr_expect_str_eq(elf_check(&f, &e), "there is nothing to load");
}

Test(elf, too_many_segments)
{
	struct elf_file f;
	struct lx_elf e;

	elf_make(&f);
	elf_put(&f, EH_PHNUM, 2, LX_MAX_SEGMENTS + 1);
	for (unsigned i = 0; i <= LX_MAX_SEGMENTS; i++) {
		elf_put(&f, elf_ph(i, PH_TYPE), 4, PT_LOAD);
		elf_put(&f, elf_ph(i, PH_OFFSET), 4, 0);
		elf_put(&f, elf_ph(i, PH_VADDR), 4, 0x10000000 + i * 0x1000);
		elf_put(&f, elf_ph(i, PH_FILESZ), 4, 16);
		elf_put(&f, elf_ph(i, PH_MEMSZ), 4, 16);
		elf_put(&f, elf_ph(i, PH_ALIGN), 4, 0x1000);
	}
	cr_expect_str_eq(elf_check(&f, &e), "too many segments");
}
