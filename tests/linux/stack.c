/* A program as it is when its first instruction comes: registers, stack, auxiliary vector. */
#include <criterion/criterion.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dragoman/ppc.h"
#include "elf_file.h"

static const char *const argv[] = { "name", "two words", NULL };
static const char *const envp[] = { "A=1", NULL };

static dgm_status load(const struct elf_file *f, dgm_engine **engine, dgm_linux **guest)
{
	char path[] = "/tmp/dragoman-stack-XXXXXX";
	int fd = mkstemp(path);
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_linux_cfg cfg = DGM_INIT(dgm_linux_cfg);
	dgm_status st;

	cr_assert(fd >= 0 && write(fd, f->b, f->size) == (ssize_t)f->size && !fchmod(fd, 0700));
	close(fd);
	ec.flags = DGM_NO_LLVM;
	cr_assert_eq(dgm_engine_new(&ec, DGM_ABI, engine), DGM_OK);
	cfg.argv = argv;
	cfg.envp = envp;
	cr_assert_eq(dgm_linux_new(*engine, &cfg, guest), DGM_OK);
	st = dgm_linux_load(*guest, path);
	unlink(path);
	return st;
}

static uint32_t word(dgm_linux *guest, uint64_t at)
{
	uint8_t b[4];

	cr_assert_eq(dgm_mem_read(dgm_linux_vm(guest), NULL, at, b, 4, NULL), DGM_OK);
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void expect_text(dgm_linux *guest, uint64_t at, const char *text)
{
	char b[32] = "";

	cr_assert_eq(dgm_mem_read(dgm_linux_vm(guest), NULL, at, b, strlen(text) + 1, NULL), DGM_OK);
	cr_expect_str_eq(b, text);
}

Test(stack, layout)
{
	struct elf_file f;
	dgm_engine *engine;
	dgm_linux *guest;
	uint32_t sp, seen = 0, hwcap = 0, phdr = 0, random = 0, execfn = 0, ignore = 0, vdso = 0;

	elf_make(&f);
	cr_assert_eq(load(&f, &engine, &guest), DGM_OK);
	sp = (uint32_t)dgm_get(dgm_linux_cpu(guest), DGM_PPC_R1);
	cr_expect_eq(sp % 16, 0);
	cr_expect_eq(dgm_get(dgm_linux_cpu(guest), DGM_PPC_PC), 0x10001000);
	for (uint32_t r = 2; r < 32; r++)
		cr_expect_eq(dgm_get(dgm_linux_cpu(guest), DGM_PPC_R(r)), 0);
	cr_expect_eq(word(guest, sp), 2);
	expect_text(guest, word(guest, sp + 4), "name");
	expect_text(guest, word(guest, sp + 8), "two words");
	cr_expect_eq(word(guest, sp + 12), 0);
	expect_text(guest, word(guest, sp + 16), "A=1");
	cr_expect_eq(word(guest, sp + 20), 0);
	for (uint32_t at = sp + 24; word(guest, at) != AT_NULL; at += 8) {
		uint32_t v = word(guest, at + 4);

		switch (word(guest, at)) {
		case 22: ignore++; break;
		case AT_HWCAP: hwcap = v; break;
		case AT_PHDR: phdr = v; break;
		case AT_RANDOM: random = v; break;
		case AT_EXECFN: execfn = v; break;
		case AT_PAGESZ: cr_expect_eq(v, 4096); break;
		case AT_PHNUM: cr_expect_eq(v, 2); break;
		case AT_ENTRY: cr_expect_eq(v, 0x10001000); break;
		case AT_BASE: cr_expect_eq(v, 0); break;
		case AT_SYSINFO_EHDR: vdso = v; break;
		case AT_PLATFORM: expect_text(guest, v, "ppc750"); break;
		}
		seen++;
	}
	cr_expect_eq(ignore, 2);
	cr_expect_eq(word(guest, vdso), 0x7f454c46);
	cr_expect_eq(hwcap, 0x9c000000);
	cr_expect_eq(phdr, 0x10000000 + PH_AT);
	cr_expect(random > sp && random < 0xc0000000);
	cr_expect(execfn > random && word(guest, 0xbffffffc) == 0);
	cr_expect_eq(seen, 24);
	dgm_linux_free(guest);
	dgm_engine_unref(engine);
}

Test(stack, bss_is_zero_and_text_is_the_file)
{
	struct elf_file f;
	dgm_engine *engine;
	dgm_linux *guest;

	elf_make(&f);
	memset(f.b + 0x2000, 0xaa, 0x1000);
	cr_assert_eq(load(&f, &engine, &guest), DGM_OK);
	cr_expect_eq(word(guest, 0x10000000), 0x7f454c46);
	cr_expect_eq(word(guest, 0x100127fc), 0xaaaaaaaa);
	cr_expect_eq(word(guest, 0x10012800), 0);
	cr_expect_eq(word(guest, 0x10013ffc), 0);
	dgm_linux_free(guest);
	dgm_engine_unref(engine);
}

/* li r0,1; li r3,7; sc */
Test(stack, runs_to_its_exit)
{
	static const uint8_t code[] = { 0x38, 0, 0, 1, 0x38, 0x60, 0, 7, 0x44, 0, 0, 2 };
	dgm_linux_exit end = DGM_INIT(dgm_linux_exit);
	struct elf_file f;
	dgm_engine *engine;
	dgm_linux *guest;

	elf_make(&f);
	memcpy(f.b + 0x1000, code, sizeof code);
	cr_assert_eq(load(&f, &engine, &guest), DGM_OK);
	cr_assert_eq(dgm_linux_run(guest, &end), DGM_OK);
	cr_expect_eq(end.status, 7);
	cr_expect_eq(end.signal, 0);
	cr_expect_not(end.child);
	dgm_linux_free(guest);
	dgm_engine_unref(engine);
}

Test(stack, a_fault_is_the_guest_s_end)
{
	dgm_linux_exit end = DGM_INIT(dgm_linux_exit);
	struct elf_file f;
	dgm_engine *engine;
	dgm_linux *guest;

	elf_make(&f);
	elf_put(&f, 0x1000, 4, 0x90600010);	/* stw r3,16(0) */
	cr_assert_eq(load(&f, &engine, &guest), DGM_OK);
	cr_assert_eq(dgm_linux_run(guest, &end), DGM_OK);
	cr_expect_eq(end.signal, SIGSEGV);
	cr_expect(end.core);
	dgm_linux_free(guest);
	dgm_engine_unref(engine);
}

Test(stack, a_bad_file_is_one_line)
{
	struct elf_file f;
	dgm_engine *engine;
	dgm_linux *guest;
	dgm_error e = DGM_INIT(dgm_error);

	elf_make(&f);
	elf_put(&f, EH_MACHINE, 2, EM_X86_64);
	cr_expect_eq(load(&f, &engine, &guest), DGM_E_ARCH);
	cr_assert_eq(dgm_linux_error(guest, &e), DGM_OK);
	cr_expect(strstr(e.msg, ": no guest for the program's machine"));
	cr_expect_null(strchr(e.msg, '\n'));
	dgm_linux_free(guest);
	dgm_engine_unref(engine);
}
