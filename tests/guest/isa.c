/* The guests tests know, and what is the same for all. */
#include <string.h>

#include "guest.h"

const char *const guest_end_names[END_OTHER + 1] = {
	[END_NEXT] = "next", [END_SYSCALL] = "syscall", [END_ILLEGAL] = "illegal",
	[END_PRIVILEGED] = "privileged", [END_TRAP] = "trap", [END_FAULT] = "fault",
	[END_ALIGN] = "align", [END_FP] = "fp", [END_IDLE] = "idle", [END_OTHER] = "other",
};

const struct guest_isa *guest_isa(const char *name)
{
	static const struct guest_isa *const all[] = { &guest_ppc, &guest_aarch64, &guest_a32, &guest_t32 };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (!strcmp(all[i]->name, name))
			return all[i];
	return NULL;
}

void guest_fill_code(const struct guest_isa *isa, const uint8_t *code, unsigned n, uint8_t *out, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		out[i] = i < n ? code[i] : isa->syscall[(i - n) % isa->syscall_bytes];
}

void guest_put_word(const struct guest_isa *isa, uint32_t word, uint8_t code[4])
{
	for (unsigned i = 0; i < 4; i++)
		code[i] = (uint8_t)(word >> (isa->fe->big_endian ? 24 - 8 * i : 8 * i));
}
