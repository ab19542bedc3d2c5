/*
 * The page a PowerPC process gets from its kernel: the signal return trampolines, inside an ELF image
 * that says how to unwind through them. libgcc's own knowledge of PowerPC's signal frames is broken in
 * several releases: without this image pthread_cancel of a blocked thread ends in abort().
 */
#include <elf.h>

#include "ppc_priv.h"

/* Places in the image. Each trampoline follows a nop: a return address is looked up one byte before. */
enum {
	AT_PHDR_TABLE = 52, AT_CODE = 160, AT_DYNSYM = 192, AT_HASH = 208, AT_DYNSTR = 224, AT_DYNAMIC = 256, AT_HDR = 320,
	AT_FRAME = 352, N_PHDR = 3, N_DYN = 7, CODE_BYTES = 12,
};
_Static_assert(LX_PPC_RT_RETURN == AT_CODE + 4 && LX_PPC_RETURN == AT_CODE + 4 + CODE_BYTES, "trampolines are elsewhere");

/* Numbers of registers in the unwinder's language; 67 is the pc that a frame returns to. */
enum { DW_FPR = 32, DW_LR = 65, DW_CTR = 66, DW_PC = 67, DW_CR = 70 };
/* Words of the register block (struct mcontext). */
enum { REG_PC = 32, REG_CTR = 35, REG_LR = 36, REG_CR = 38, REG_FPR = 48 };

struct out {
	uint8_t *p;
	size_t n;
};

static void put8(struct out *o, unsigned v)
{
	o->p[o->n++] = (uint8_t)v;
}

static void put16(struct out *o, unsigned v)
{
	put8(o, v >> 8);
	put8(o, v);
}

static void put32(struct out *o, uint32_t v)
{
	put16(o, v >> 16);
	put16(o, v);
}

/* A number of seven bits a byte; the values here are not negative. */
static void put_leb(struct out *o, uint32_t v, bool is_signed)
{
	while (v >> (is_signed ? 6 : 7)) {
		put8(o, (v & 0x7f) | 0x80);
		v >>= 7;
	}
	put8(o, v);
}

static void phdr(struct out *o, uint32_t type, uint32_t at, uint32_t size, uint32_t flags)
{
	const uint32_t v[8] = { type, at, at, at, size, size, flags, type == PT_LOAD ? LX_PAGE : 4 };

	for (unsigned i = 0; i < 8; i++)
		put32(o, v[i]);
}

static void header(struct out *o, uint32_t size)
{
	static const uint8_t ident[16] = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2MSB, EV_CURRENT };

	for (unsigned i = 0; i < 16; i++)
		put8(o, ident[i]);
	put16(o, ET_DYN);
	put16(o, EM_PPC);
	put32(o, EV_CURRENT);
	put32(o, 0);
	put32(o, AT_PHDR_TABLE);
	put32(o, 0);
	put32(o, 0);
	put16(o, 52);
	put16(o, 32);
	put16(o, N_PHDR);
	put16(o, 40);
	put16(o, 0);
	put16(o, 0);
	phdr(o, PT_LOAD, 0, size, PF_R | PF_X);
	phdr(o, PT_DYNAMIC, AT_DYNAMIC, N_DYN * 8, PF_R);
	phdr(o, PT_GNU_EH_FRAME, AT_HDR, AT_FRAME - AT_HDR, PF_R);
}

static void code(struct out *o, uint32_t nr)
{
	put32(o, 0x60000000);		/* nop */
	put32(o, 0x38000000 | nr);	/* li r0, nr */
	put32(o, 0x44000002);		/* sc */
}

/* No symbols, but a table for those who look for some. */
static void dynamic(struct out *o)
{
	static const char name[] = "linux-vdso32.so.1";
	const uint32_t dyn[N_DYN][2] = {
		{ DT_SONAME, 1 }, { DT_HASH, AT_HASH }, { DT_STRTAB, AT_DYNSTR }, { DT_SYMTAB, AT_DYNSYM },
		{ DT_STRSZ, sizeof name + 1 }, { DT_SYMENT, 16 }, { DT_NULL, 0 },
	};

	o->n = AT_HASH;
	put32(o, 1);
	put32(o, 1);
	memcpy(o->p + AT_DYNSTR + 1, name, sizeof name);
	o->n = AT_DYNAMIC;
	for (unsigned i = 0; i < N_DYN; i++) {
		put32(o, dyn[i][0]);
		put32(o, dyn[i][1]);
	}
}

/* An expression: what lies at `off` in the register block, whose address is at r1 + slot. */
static void at_register(struct out *o, uint32_t slot, uint32_t off, bool load)
{
	size_t len_at = o->n++;

	put8(o, 0x71);	/* DW_OP_breg1 */
	put_leb(o, slot, true);
	put8(o, 0x06);	/* DW_OP_deref */
	put8(o, 0x23);	/* DW_OP_plus_uconst */
	put_leb(o, off, false);
	if (load)
		put8(o, 0x06);
	o->p[len_at] = (uint8_t)(o->n - len_at - 1);
}

static void saved(struct out *o, unsigned reg, uint32_t slot, uint32_t off)
{
	put8(o, 0x10);	/* DW_CFA_expression */
	put_leb(o, reg, false);
	at_register(o, slot, off, false);
}

static void end_entry(struct out *o, size_t start)
{
	struct out len = { o->p, start };

	while (o->n % 4)
		put8(o, 0);	/* DW_CFA_nop */
	put32(&len, (uint32_t)(o->n - start - 4));
}

static void frame_info(struct out *o, size_t cie, uint32_t from, uint32_t slot)
{
	size_t start = o->n;

	o->n += 4;
	put32(o, (uint32_t)(o->n - cie));
	put32(o, (uint32_t)(from - o->n));
	put32(o, CODE_BYTES);
	put8(o, 0);
	put8(o, 0x0f);	/* DW_CFA_def_cfa_expression: the interrupted r1 */
	at_register(o, slot, 4, true);
	for (unsigned i = 0; i < 32; i++) {
		if (i != 1)
			saved(o, i, slot, 4 * i);
		saved(o, DW_FPR + i, slot, 4 * REG_FPR + 8 * i);
	}
	saved(o, DW_LR, slot, 4 * REG_LR);
	saved(o, DW_CTR, slot, 4 * REG_CTR);
	saved(o, DW_CR, slot, 4 * REG_CR);
	saved(o, DW_PC, slot, 4 * REG_PC);
	end_entry(o, start);
}

static void common_info(struct out *o)
{
	static const uint8_t rest[] = { 1, 'z', 'R', 'S', 0, 4, 0x7c, DW_PC, 1, 0x1b /* relative to itself, 4 bytes */ };
	size_t start = o->n;

	o->n += 4;
	put32(o, 0);
	for (unsigned i = 0; i < sizeof rest; i++)
		put8(o, rest[i]);
	put8(o, 0x0c);	/* DW_CFA_def_cfa r1, 0: replaced by each entry */
	put8(o, 1);
	put8(o, 0);
	end_entry(o, start);
}

/* The table that finds entries by address. */
static void search_table(struct out *o, const uint32_t *entry)
{
	put32(o, 0x011b033b);	/* version; encodings of pointer, count, table */
	put32(o, (uint32_t)(AT_FRAME - o->n));
	put32(o, 2);
	for (unsigned i = 0; i < 2; i++) {
		put32(o, AT_CODE + i * CODE_BYTES - AT_HDR);
		put32(o, entry[i] - AT_HDR);
	}
}

size_t lx_ppc_trampolines(uint8_t *out)
{
	struct out o = { out, AT_FRAME };
	uint32_t entry[2];
	size_t size;

	common_info(&o);
	entry[0] = (uint32_t)o.n;
	frame_info(&o, AT_FRAME, AT_CODE, LX_PPC_RT_SLOT);
	entry[1] = (uint32_t)o.n;
	frame_info(&o, AT_FRAME, AT_CODE + CODE_BYTES, LX_PPC_SLOT);
	put32(&o, 0);
	size = o.n;
	o.n = 0;
	header(&o, (uint32_t)size);
	o.n = AT_CODE;
	code(&o, LX_PPC_NR_RT_SIGRETURN);
	code(&o, LX_PPC_NR_SIGRETURN);
	dynamic(&o);
	o.n = AT_HDR;
	search_table(&o, entry);
	return size;
}
