/*
 * For comparison with other machines. Reads lines "word r3 ... r12 cr xer" in hexadecimal, executes
 * each word on every executor and writes lines "index executor r3 ... r12 cr xer". Ends with status
 * 1 when a word does not execute through.
 */
#include <inttypes.h>
#include <stdio.h>

#include "dragoman/ppc.h"
#include "guest.h"

enum { VALUES = 12 };

static uint32_t id_of(unsigned k)
{
	return k < 10 ? DGM_PPC_R(3 + k) : k == 10 ? DGM_PPC_CR : DGM_PPC_XER;
}

static bool run(const struct guest_executor *e, void *m, unsigned index, const uint32_t *v)
{
	struct guest_result r = { .end = END_OTHER };

	for (unsigned k = 0; k < VALUES; k++)
		e->set(m, id_of(k), v[1 + k]);
	e->set(m, DGM_PPC_PC, GUEST_CODE);
	if (!e->run(m, v, 1, &r) || r.end != END_NEXT || r.pc != GUEST_CODE + 4) {
		fprintf(stderr, "%08" PRIx32 " does not execute on %s\n", v[0], e->name);
		return false;
	}
	printf("%u %s", index, e->name);
	for (unsigned k = 0; k < VALUES; k++)
		printf(" %" PRIx64, e->get(m, id_of(k)));
	putchar('\n');
	return true;
}

int main(void)
{
	const struct guest_executor *e[8] = { &guest_direct };
	unsigned n = 1;
	void *m[8];
	uint32_t v[1 + VALUES];
	bool ok = true;

	for (unsigned i = 0; i < guest_n_public; i++)
		e[n++] = &guest_public[i];
	for (unsigned i = 0; i < n; i++)
		ok &= (m[i] = e[i]->open(e[i], "750")) != NULL;
	for (unsigned index = 0; ok; index++) {
		unsigned k = 0;
		while (k <= VALUES && scanf("%" SCNx32, &v[k]) == 1)
			k++;
		if (k <= VALUES)
			break;
		/* the tier that takes a millisecond a unit gets its share */
		for (unsigned i = 0; i < n && ok; i++)
			if (i < n - 1 || index % 8 == 0)
				ok = run(e[i], m[i], index, v);
	}
	for (unsigned i = 0; i < n; i++)
		e[i]->close(m[i]);
	return !ok;
}
