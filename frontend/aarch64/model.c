/*
 * The processors, and what programs can learn of them: ID registers as Linux shows them to user
 * mode (only fields of use there), and HWCAP. All of it comes from features.def.
 */
#include <string.h>

#include "frontend/aarch64/a64.h"

static const struct {
	const char *name;
	uint64_t features;	/* it may have */
} models[] = {
	{ "generic", ~0ull },
	{ "v8.0", 0 },
	{ "cortex-a72", A64_FEATURE_BIT(A64_HAS_CRC32) | A64_FEATURE_BIT(A64_HAS_AES) | A64_FEATURE_BIT(A64_HAS_PMULL) |
			A64_FEATURE_BIT(A64_HAS_SHA1) | A64_FEATURE_BIT(A64_HAS_SHA256) },
};

static const struct a64_rows *const groups[] = {
#define GROUP(name) &a64_rows_##name,
#include "frontend/aarch64/groups.def"
};

/* Extensions a row needs: what is implemented. */
static uint64_t implemented(void)
{
	uint64_t f = 0;

	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (unsigned i = 0; i < groups[g]->n; i++)
			f |= A64_FEATURE_BIT(groups[g]->row[i].feature);
	return f;
}

bool a64_model_features(const char *name, uint64_t *features)
{
	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		if (name && strcmp(models[i].name, name) != 0)
			continue;
		*features = (models[i].features & implemented()) | A64_FEATURE_BIT(A64_BASE);
		return true;
	}
	return false;
}

/* ID registers: op0 = 3, op1 = 0, CRn = 0, CRm, op2, as bits 20-5 of MRS have them. */
enum {
	ID_MIDR = 0xc000, ID_MPIDR = 0xc005,
	ID_PFR0 = 0xc020, ID_PFR1 = 0xc021, ID_DFR0 = 0xc028, ID_ISAR0 = 0xc030, ID_ISAR1 = 0xc031, ID_MMFR0 = 0xc038,
};

/* What Linux lets user mode see of fields that no extension here changes. */
static uint64_t id_base(uint32_t reg)
{
	switch (reg) {
	case ID_MIDR: return 0x000f0000;	/* no processor's number, revision 0 */
	case ID_MPIDR: return 0x80000000;
	case ID_PFR0: return 0x11;		/* EL0, EL1 in AArch64 only; FP, AdvSIMD */
	case ID_DFR0: return 6;
	case ID_MMFR0: return 0xff000000;	/* no granules but what stays hidden */
	default: return 0;
	}
}

static const struct {
	uint32_t id;
	uint8_t feature, word, low, value;
	int8_t bit;
} table[] = {
#define FEATURE(NAME, word, bit, id, low, value) { ID_##id, A64_HAS_##NAME, word, low, value, bit },
#include "frontend/aarch64/features.def"
};

uint64_t a64_id_register(uint64_t features, uint32_t reg)
{
	uint64_t v = id_base(reg);

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].id != reg || !(features & A64_FEATURE_BIT(table[i].feature)))
			continue;
		if ((v >> table[i].low & 15) < table[i].value)
			v = (v & ~(15ull << table[i].low)) | (uint64_t)table[i].value << table[i].low;
	}
	if (reg == ID_PFR0 && features & A64_FEATURE_BIT(A64_HAS_FP16))
		v |= 1ull << 20;	/* AdvSIMD has it, too */
	return v;
}

/* Fixed bits of HWCAP: FP and ASIMD, the generic timer's event stream, CPUID (MRS of ID registers works). */
enum { HWCAP_BASE = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 11, HWCAP_ASIMDHP = 1 << 10 };

uint64_t a64_hwcap(uint64_t features, unsigned word)
{
	uint64_t v = word == 1 ? HWCAP_BASE : 0;

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].word == word && table[i].bit >= 0 && features & A64_FEATURE_BIT(table[i].feature))
			v |= 1ull << table[i].bit;
	if (word == 1 && features & A64_FEATURE_BIT(A64_HAS_FP16))
		v |= HWCAP_ASIMDHP;
	return v;
}
