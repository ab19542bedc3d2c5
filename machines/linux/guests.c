/* All guests that there are. */
#include "guest.h"

const struct lx_guest *lx_guest_find(unsigned machine, bool elf64, bool big)
{
	static const struct lx_guest *const all[] = { &lx_aarch64, &lx_arm, &lx_ppc };

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i]->elf_machine == machine && (all[i]->word == 8) == elf64 && all[i]->big_endian == big)
			return all[i];
	return NULL;
}
