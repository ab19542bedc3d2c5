/*
 * What Linux tells programs of the processor (AT_HWCAP, AT_HWCAP2), computed from the tables of
 * instructions: an extension is there when the instruction that stands for it is.
 */
#include <string.h>

#include "frontend/arm/arm.h"

enum {
	HWCAP_HALF = 1 << 1, HWCAP_THUMB = 1 << 2, HWCAP_FAST_MULT = 1 << 4, HWCAP_VFP = 1 << 6, HWCAP_EDSP = 1 << 7,
	HWCAP_NEON = 1 << 12, HWCAP_VFPV3 = 1 << 13, HWCAP_TLS = 1 << 15, HWCAP_VFPV4 = 1 << 16,
	HWCAP_IDIVA = 1 << 17, HWCAP_IDIVT = 1 << 18, HWCAP_VFPD32 = 1 << 19, HWCAP_EVTSTRM = 1 << 21,
	/* Not SWP, which is undefined, nor LPAE, which promises that LDRD is one access. */
	HWCAP_ALWAYS = HWCAP_HALF | HWCAP_THUMB | HWCAP_FAST_MULT | HWCAP_EDSP | HWCAP_TLS | HWCAP_EVTSTRM,
	HWCAP2_AES = 1 << 0, HWCAP2_PMULL = 1 << 1, HWCAP2_SHA1 = 1 << 2, HWCAP2_SHA2 = 1 << 3, HWCAP2_CRC32 = 1 << 4,
};

static const struct {
	const char *mnemonic;
	uint32_t set, word, bits;
	const char *picture;	/* beginning of it, to tell variants apart; NULL: any */
} features[] = {
	{ "sdiv", ARM_A32, 0, HWCAP_IDIVA },
	{ "sdiv", ARM_T32, 0, HWCAP_IDIVT },
	{ "vdiv", ARM_A32, 0, HWCAP_VFP | HWCAP_VFPV3 | HWCAP_VFPD32 },
	{ "vfma", ARM_A32, 0, HWCAP_VFPV4 },
	{ "vtbl", ARM_A32, 0, HWCAP_NEON },
	{ "aese", ARM_A32, 1, HWCAP2_AES },
	{ "vmull", ARM_A32, 1, HWCAP2_PMULL, "11110010 1 D 10 nnnn dddd 1110" },
	{ "sha1c", ARM_A32, 1, HWCAP2_SHA1 },
	{ "sha256h", ARM_A32, 1, HWCAP2_SHA2 },
	{ "crc32", ARM_A32, 1, HWCAP2_CRC32 },
};

static const struct arm_rows *const groups[] = {
#define GROUP(name) &arm_rows_##name,
#include "frontend/arm/groups.def"
};

static bool has_row(uint32_t set, const char *mnemonic, const char *picture)
{
	for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
		for (unsigned i = 0; i < groups[g]->set[set].n; i++) {
			const struct arm_row *row = &groups[g]->set[set].row[i];

			if (!strcmp(row->mnemonic, mnemonic) && (!picture || !strncmp(row->encoding, picture, strlen(picture))))
				return true;
		}
	return false;
}

uint32_t arm_hwcap(unsigned word)
{
	uint32_t v = word ? 0 : HWCAP_ALWAYS;

	for (size_t i = 0; i < sizeof features / sizeof *features; i++)
		if (features[i].word == word && has_row(features[i].set, features[i].mnemonic, features[i].picture))
			v |= features[i].bits;
	return v;
}
