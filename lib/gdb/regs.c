/*
 * The guests' registers by GDB's names, in GDB's order, and the description that says so. Sizes come from the
 * enumeration of the VM's registers; what it does not have (PowerPC's MSR) is described and unavailable.
 */
#include <string.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/ppc.h"
#include "stub.h"

/* Registers that follow each other in names, numbers and ids. */
struct gdb_bank {
	const char *feature;	/* NULL: of the bank before */
	const char *name, *type;
	uint32_t id, count;
	uint32_t number;	/* of the first, 0: follows the bank before */
	uint32_t bytes;		/* of one without an id */
	bool counted;		/* the name ends with the index */
};

static const struct gdb_bank ppc_banks[] = {
	{ "org.gnu.gdb.power.core", "r", NULL, DGM_PPC_R0, 32, .counted = true },
	{ NULL, "pc", "code_ptr", DGM_PPC_PC, 1, .number = 64 },
	{ NULL, "msr", NULL, 0, 1, .bytes = 4 },
	{ NULL, "cr", NULL, DGM_PPC_CR, 1 },
	{ NULL, "lr", "code_ptr", DGM_PPC_LR, 1 },
	{ NULL, "ctr", NULL, DGM_PPC_CTR, 1 },
	{ NULL, "xer", NULL, DGM_PPC_XER, 1 },
	{ "org.gnu.gdb.power.fpu", "f", "ieee_double", DGM_PPC_F0, 32, .number = 72, .counted = true },
	{ NULL, "fpscr", NULL, DGM_PPC_FPSCR, 1 },
	{ "org.gnu.gdb.power.altivec", "vr", "v4i32", DGM_PPC_V0, 32, .counted = true },
	{ NULL, "vscr", NULL, DGM_PPC_VSCR, 1 },
	{ NULL, "vrsave", NULL, DGM_PPC_VRSAVE, 1 },
};

static const struct gdb_bank aarch64_banks[] = {
	{ "org.gnu.gdb.aarch64.core", "x", NULL, DGM_A64_X0, 31, .counted = true },
	{ NULL, "sp", "data_ptr", DGM_A64_SP, 1 },
	{ NULL, "pc", "code_ptr", DGM_A64_PC, 1 },
	{ NULL, "cpsr", NULL, DGM_A64_NZCV, 1 },
	{ "org.gnu.gdb.aarch64.fpu", "v", "vector", DGM_A64_V0, 32, .counted = true },
	{ NULL, "fpsr", NULL, DGM_A64_FPSR, 1 },
	{ NULL, "fpcr", NULL, DGM_A64_FPCR, 1 },
	{ "org.gnu.gdb.aarch64.tls", "tpidr", "data_ptr", DGM_A64_TPIDR_EL0, 1 },
};

/* Numbers 16 to 24 are those of a floating-point unit of the past. */
static const struct gdb_bank arm_banks[] = {
	{ "org.gnu.gdb.arm.core", "r", NULL, DGM_ARM_R0, 13, .counted = true },
	{ NULL, "sp", "data_ptr", DGM_ARM_SP, 1 },
	{ NULL, "lr", NULL, DGM_ARM_LR, 1 },
	{ NULL, "pc", "code_ptr", DGM_ARM_PC, 1 },
	{ NULL, "cpsr", NULL, DGM_ARM_CPSR, 1, .number = 25 },
	{ "org.gnu.gdb.arm.vfp", "d", "ieee_double", DGM_ARM_D0, 32, .counted = true },
	{ NULL, "fpscr", NULL, DGM_ARM_FPSCR, 1 },
};

#define BANKS(b) b, sizeof b / sizeof b[0]

static const struct gdb_guest guests[] = {
	{ DGM_PPC_R0, "powerpc:common", true, BANKS(ppc_banks), { { 0x7f, 0xe0, 0, 8 }, 4 }, { { 0x7f, 0xe0, 0, 8 }, 4 },
	  "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/>" },
	{ DGM_A64_X0, "aarch64", false, BANKS(aarch64_banks), { { 0, 0, 0x20, 0xd4 }, 4 }, { { 0, 0, 0x20, 0xd4 }, 4 },
	  "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/><vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
	  "<vector id=\"v2i\" type=\"int64\" count=\"2\"/><vector id=\"v4i\" type=\"int32\" count=\"4\"/>"
	  "<vector id=\"v16i\" type=\"int8\" count=\"16\"/><union id=\"vector\"><field name=\"d\" type=\"v2d\"/>"
	  "<field name=\"s\" type=\"v4f\"/><field name=\"q\" type=\"uint128\"/><field name=\"i64\" type=\"v2i\"/>"
	  "<field name=\"i32\" type=\"v4i\"/><field name=\"i8\" type=\"v16i\"/></union>" },
	/* BKPT is carried out whatever the condition, in an IT block too. */
	{ DGM_ARM_R0, "arm", false, BANKS(arm_banks), { { 0x70, 0, 0x20, 0xe1 }, 4 }, { { 0, 0xbe }, 2 }, "" },
};

enum { CLASS_SHIFT = 16 };

const struct gdb_guest *gdb_guest_find(dgm_vm *vm)
{
	dgm_reg_info info = DGM_INIT(dgm_reg_info);

	if (dgm_reg_enum(vm, 0, &info))
		return NULL;
	for (size_t i = 0; i < sizeof guests / sizeof guests[0]; i++)
		if (guests[i].first_id >> CLASS_SHIFT == info.id >> CLASS_SHIFT)
			return &guests[i];
	return NULL;
}

static uint32_t size_of(const dgm_gdb *g, const struct gdb_bank *b)
{
	dgm_reg_info info = DGM_INIT(dgm_reg_info);

	if (!b->id)
		return b->bytes;
	for (uint32_t i = 0; !dgm_reg_enum(g->vm, i, &info); i++)
		if (info.id == b->id)
			return (info.bits + 7) / 8;
	return 0;
}

bool gdb_reg_at(const dgm_gdb *g, uint32_t i, struct gdb_reg *out)
{
	uint32_t number = 0;

	for (size_t k = 0; k < g->guest->n_bank; k++) {
		const struct gdb_bank *b = &g->guest->bank[k];

		number = b->number ? b->number : number;
		if (i < b->count) {
			*out = (struct gdb_reg){ b, b->id ? b->id + i : 0, size_of(g, b), number + i, i };
			return true;
		}
		i -= b->count;
		number += b->count;
	}
	return false;
}

bool gdb_reg_numbered(const dgm_gdb *g, uint64_t number, struct gdb_reg *out)
{
	for (uint32_t i = 0; gdb_reg_at(g, i, out); i++)
		if (out->number == number)
			return true;
	return false;
}

/* Host integers, of two words with the low one first where they are wider, to the guest's bytes and back. */
static void turn(const dgm_gdb *g, uint8_t *b, uint32_t n)
{
	const uint16_t one = 1;
	bool host_little = *(const uint8_t *)&one;
	uint8_t t[16];

	if (!host_little && n == 16) {
		memcpy(t, b + 8, 8);
		memcpy(t + 8, b, 8);
		memcpy(b, t, 16);
	}
	if (host_little != g->guest->big_endian)
		return;
	memcpy(t, b, n);
	for (uint32_t i = 0; i < n; i++)
		b[i] = t[n - 1 - i];
}

void gdb_reg_get(dgm_gdb *g, dgm_cpu *cpu, const struct gdb_reg *r)
{
	uint8_t b[16];

	if (!r->id || !r->bytes || dgm_reg_read(cpu, r->id, b, r->bytes)) {
		for (uint32_t i = 0; i < 2 * r->bytes; i++)
			gdb_char(&g->out, 'x');
		return;
	}
	turn(g, b, r->bytes);
	gdb_hex(&g->out, b, r->bytes);
}

bool gdb_reg_set(dgm_gdb *g, dgm_cpu *cpu, const struct gdb_reg *r, const char *digits)
{
	uint8_t b[16];

	if (!r->id || !r->bytes)
		return true;
	/* A register that GDB does not know comes as x's. */
	if (*digits == 'x')
		return true;
	if (gdb_bytes(digits, 2 * r->bytes, b, sizeof b) != r->bytes)
		return false;
	turn(g, b, r->bytes);
	return !dgm_reg_write(cpu, r->id, b, r->bytes);
}

static void describe_reg(struct gdb_window *w, const struct gdb_reg *r)
{
	gdb_window_text(w, "<reg name=\"");
	gdb_window_text(w, r->bank->name);
	if (r->bank->counted)
		gdb_window_number(w, r->index);
	gdb_window_text(w, "\" bitsize=\"");
	gdb_window_number(w, 8 * r->bytes);
	gdb_window_text(w, "\" regnum=\"");
	gdb_window_number(w, r->number);
	if (r->bank->type) {
		gdb_window_text(w, "\" type=\"");
		gdb_window_text(w, r->bank->type);
	}
	gdb_window_text(w, "\"/>");
}

void gdb_describe(const dgm_gdb *g, struct gdb_window *w)
{
	struct gdb_reg r;
	bool open = false;

	gdb_window_text(w, "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target><architecture>");
	gdb_window_text(w, g->guest->name);
	gdb_window_text(w, "</architecture><osabi>GNU/Linux</osabi>");
	for (uint32_t i = 0; gdb_reg_at(g, i, &r); i++) {
		if (r.bank->feature && !r.index) {
			gdb_window_text(w, open ? "</feature><feature name=\"" : "<feature name=\"");
			gdb_window_text(w, r.bank->feature);
			gdb_window_text(w, "\">");
			/* Types are a feature's own: they stand where vectors are. */
			if (strstr(r.bank->feature, "altivec") || strstr(r.bank->feature, "aarch64.fpu"))
				gdb_window_text(w, g->guest->types);
			open = true;
		}
		describe_reg(w, &r);
	}
	gdb_window_text(w, open ? "</feature></target>" : "</target>");
}
