/* All guests that there are. */
#include <elf.h>

#include "guest.h"

static const struct lx_guest *const all[] = { &lx_aarch64, &lx_arm, &lx_ppc };
enum { N_ALL = sizeof all / sizeof all[0] };

const struct lx_guest *lx_guest_find(unsigned machine, bool elf64, bool big)
{
	for (size_t i = 0; i < N_ALL; i++)
		if (all[i]->elf_machine == machine && (all[i]->word == 8) == elf64 && all[i]->big_endian == big)
			return all[i];
	return NULL;
}

dgm_status dgm_linux_guest_enum(uint32_t index, dgm_linux_guest_info *out)
{
	const struct lx_guest *g;

	if (!out || out->size != sizeof *out || index >= N_ALL)
		return DGM_E_ARG;
	g = all[index];
	*out = (dgm_linux_guest_info){
		.size = sizeof *out,
		.arch = g->arch,
		.name = g->name,
		.elf_machine = g->elf_machine,
		.elf_class = g->word == 8 ? ELFCLASS64 : ELFCLASS32,
		.elf_data = g->big_endian ? ELFDATA2MSB : ELFDATA2LSB,
	};
	return DGM_OK;
}
