/*
 * GDB's JIT interface: a debugger of this process stops in __jit_debug_register_code and reads the symbol file
 * that __jit_debug_descriptor names. A symbol file is an ELF image in memory with one function a unit,
 * and tells how to find the caller of translated code.
 *
 * The interface is made of these two symbols with these names, one of each in a program or shared
 * library; so this is the library's one piece of state that belongs to no engine. They are
 * exported from the shared library (lib/dragoman.map); in a program linked statically they are
 * weak, so that another translator with the interface can be linked to the same program: both
 * then share the list, each touches its own files only.
 *
 * Telling a debugger of a file costs it some milliseconds and more the more files there are, so
 * files are merged as in a binary counter: a VM of n units has about log2 n files.
 */
#include <elf.h>
#include <sched.h>
#include <string.h>

#include "engine/names.h"

enum { NO_ACTION, REGISTER, UNREGISTER };

/* GDB's structures. */
struct jit_code_entry {
	struct jit_code_entry *next_entry, *prev_entry;
	const char *symfile_addr;
	uint64_t symfile_size;
};

struct jit_descriptor {
	uint32_t version, action_flag;
	struct jit_code_entry *relevant_entry, *first_entry;
};

/* Protected: whoever else has these names, this file means its own. */
#define FOR_GDB __attribute__((weak, used, visibility("protected")))

extern struct jit_descriptor __jit_debug_descriptor;
void __jit_debug_register_code(void);

FOR_GDB struct jit_descriptor __jit_debug_descriptor = { .version = 1 };

/* The debugger's breakpoint is here. */
FOR_GDB __attribute__((noinline)) void __jit_debug_register_code(void)
{
	__asm__ volatile("" ::: "memory");
}

/* Of the list, between the engines of the process. */
static atomic_flag list_lock = ATOMIC_FLAG_INIT;

struct gdb_file {
	struct jit_code_entry entry;
	struct gdb_file *older;
	const struct cache_unit *newest, *before;	/* names (before, newest] in the order of code memory */
	unsigned n;
	_Alignas(Elf64_Sym) char image[];
};

static void lock_list(void)
{
	while (atomic_flag_test_and_set_explicit(&list_lock, memory_order_acquire))
		sched_yield();
}

static void unlock_list(void)
{
	atomic_flag_clear_explicit(&list_lock, memory_order_release);
}

/*
 * A fork does not wait for threads of other engines: here they are gone, perhaps in the middle of
 * a change. The way forward is right at any moment.
 */
void gdbjit_in_child(void)
{
	struct jit_code_entry *prev = NULL;

	for (struct jit_code_entry *e = __jit_debug_descriptor.first_entry; e; prev = e, e = e->next_entry)
		e->prev_entry = prev;
	unlock_list();
}

static void tell(uint32_t action, struct jit_code_entry *e)
{
	__jit_debug_descriptor.action_flag = action;
	__jit_debug_descriptor.relevant_entry = e;
	__jit_debug_register_code();
	__jit_debug_descriptor.action_flag = NO_ACTION;
	__jit_debug_descriptor.relevant_entry = NULL;
}

static void enlist(struct gdb_file *f)
{
	struct jit_code_entry *e = &f->entry;

	lock_list();
	e->next_entry = __jit_debug_descriptor.first_entry;
	if (e->next_entry)
		e->next_entry->prev_entry = e;
	__jit_debug_descriptor.first_entry = e;
	tell(REGISTER, e);
	unlock_list();
}

static void delist(struct gdb_file *f)
{
	struct jit_code_entry *e = &f->entry;

	lock_list();
	if (e->prev_entry)
		e->prev_entry->next_entry = e->next_entry;
	else
		__jit_debug_descriptor.first_entry = e->next_entry;
	if (e->next_entry)
		e->next_entry->prev_entry = e->prev_entry;
	tell(UNREGISTER, e);
	unlock_list();
}

/* ---- the symbol file ---- */

enum { SEC_NULL, SEC_TEXT, SEC_FRAME, SEC_SYMTAB, SEC_STRTAB, SECTIONS };

static const char section_names[] = "\0.text\0.debug_frame\0.symtab\0.strtab";
enum { NAME_TEXT = 1, NAME_FRAME = 7, NAME_SYMTAB = 20, NAME_STRTAB = 28 };

/* Where the parts of an image are. */
struct layout {
	size_t frame, symbols, strings, size;
};

/*
 * DWARF's word for the contract of translated code (iface/env.h): wherever in it, the caller's
 * stack pointer is env host_rsp, which is found from r13, and the return address is right below.
 */
struct frame_info {
	uint8_t common[32];
	uint32_t length, of_common;
	uint64_t lo, size;
};

static struct frame_info frame_info(uint64_t lo, uint64_t hi)
{
	enum { DEF_CFA_EXPRESSION = 0x0f, BREG13 = 0x7d, DEREF = 0x06, OFFSET_RETURN = 0x80 | 16, MINUS_8 = 0x78 };
	int32_t at = ENV_OFFSET(host_rsp);
	struct frame_info f = {
		.common = { sizeof f.common - 4, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1, 0, 1, MINUS_8, 16,
			    DEF_CFA_EXPRESSION, 7, BREG13, 0, 0, 0, 0, 0, DEREF, OFFSET_RETURN, 1 },
		.length = sizeof f - sizeof f.common - 4, .lo = lo, .size = hi - lo,
	};

	for (unsigned i = 0; i < 5; i++, at >>= 7)
		f.common[16 + i] = (uint8_t)(at & 0x7f) | (i < 4 ? 0x80 : 0);
	return f;
}

static struct layout lay_out(unsigned n_unit)
{
	struct layout l = { .frame = sizeof(Elf64_Ehdr) + SECTIONS * sizeof(Elf64_Shdr) };

	l.symbols = l.frame + sizeof(struct frame_info);
	l.strings = l.symbols + (n_unit + 1) * sizeof(Elf64_Sym);
	l.size = l.strings + sizeof section_names + n_unit * NAME_MAX_LEN;
	return l;
}

static void write_headers(char *image, const struct layout *l, uint64_t lo, uint64_t hi, size_t string_bytes)
{
	Elf64_Ehdr eh = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC, .e_machine = NAMES_ELF_MACHINE, .e_version = EV_CURRENT,
		.e_ehsize = sizeof eh, .e_shoff = sizeof eh, .e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = SECTIONS, .e_shstrndx = SEC_STRTAB,
	};
	Elf64_Shdr sh[SECTIONS] = {
		[SEC_TEXT] = { .sh_name = NAME_TEXT, .sh_type = SHT_NOBITS, .sh_flags = SHF_ALLOC | SHF_EXECINSTR,
			       .sh_addr = lo, .sh_size = hi - lo, .sh_addralign = 32 },
		[SEC_FRAME] = { .sh_name = NAME_FRAME, .sh_type = SHT_PROGBITS, .sh_offset = l->frame,
				.sh_size = sizeof(struct frame_info), .sh_addralign = 8 },
		[SEC_SYMTAB] = { .sh_name = NAME_SYMTAB, .sh_type = SHT_SYMTAB, .sh_offset = l->symbols,
				 .sh_size = l->strings - l->symbols, .sh_link = SEC_STRTAB, .sh_info = 1,
				 .sh_addralign = 8, .sh_entsize = sizeof(Elf64_Sym) },
		[SEC_STRTAB] = { .sh_name = NAME_STRTAB, .sh_type = SHT_STRTAB, .sh_offset = l->strings,
				 .sh_size = string_bytes, .sh_addralign = 1 },
	};

	struct frame_info frame = frame_info(lo, hi);

	memcpy(image, &eh, sizeof eh);
	memcpy(image + sizeof eh, sh, sizeof sh);
	memcpy(image + l->frame, &frame, sizeof(struct frame_info));
}

/* Names the units from newest back to before; the image is zeroed. Returns its size. */
static size_t write_image(const struct dgm_vm *vm, struct gdb_file *f, const struct layout *l)
{
	Elf64_Sym *sym = (Elf64_Sym *)(f->image + l->symbols) + 1;
	char *strings = f->image + l->strings;
	size_t at = sizeof section_names;
	uint64_t lo = 0;

	memcpy(strings, section_names, sizeof section_names);
	for (const struct cache_unit *u = f->newest; u != f->before; u = u->prev_code) {
		lo = (uintptr_t)u->code;
		*sym++ = (Elf64_Sym){
			.st_name = (uint32_t)at, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			.st_shndx = SEC_TEXT, .st_value = lo, .st_size = u->size,
		};
		at += names_of(vm, u, strings + at) + 1;
	}
	write_headers(f->image, l, lo, (uintptr_t)f->newest->code + f->newest->size, at);
	return l->strings + at;
}

static unsigned count_units(const struct cache_unit *newest, const struct cache_unit *before)
{
	unsigned n = 0;

	for (; newest != before; newest = newest->prev_code)
		n++;
	return n;
}

/* Without memory the unit has no name until the next one is added. */
void gdbjit_add(struct dgm_vm *vm, const struct cache_unit *u)
{
	struct gdb_file *top = vm->gdb_files, *rest = top;
	const struct cache_unit *before = top ? top->newest : NULL;
	unsigned n = count_units(u, before);

	for (; rest && rest->n <= n; rest = rest->older) {
		before = rest->before;
		n += rest->n;
	}
	struct layout l = lay_out(n);
	struct gdb_file *f = base_alloc_zero(&vm->engine->alloc, sizeof *f + l.size);
	if (!f)
		return;
	f->newest = u;
	f->before = before;
	f->n = n;
	f->entry.symfile_size = write_image(vm, f, &l);
	f->entry.symfile_addr = f->image;
	while (vm->gdb_files != rest) {
		struct gdb_file *merged = vm->gdb_files;

		vm->gdb_files = merged->older;
		delist(merged);
		base_free(&vm->engine->alloc, merged);
	}
	f->older = rest;
	vm->gdb_files = f;
	enlist(f);
}

void gdbjit_forget(struct dgm_vm *vm)
{
	while (vm->gdb_files) {
		struct gdb_file *f = vm->gdb_files;

		vm->gdb_files = f->older;
		delist(f);
		base_free(&vm->engine->alloc, f);
	}
}
