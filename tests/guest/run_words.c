/*
 * For comparison with other machines: run-words ISA MODEL REGISTER...
 * Reads lines of an instruction's 32-bit word and the registers' values, 64-bit pieces in hexadecimal (a vector
 * is two, the low one first), executes each on every executor, and writes lines "index executor value...", or
 * "index executor illegal". Ends with status 1 when a word does neither.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"

enum { MAX_REGS = 64 };

struct words {
	const struct guest_isa *isa;
	const struct frontend_reg *reg[MAX_REGS];
	unsigned n_reg;
	uint32_t word;
	struct guest_value value[MAX_REGS];
};

static bool name_registers(struct words *w, char **name, int n)
{
	for (int k = 0; k < n && k < MAX_REGS; k++) {
		for (unsigned i = 0; i < w->isa->fe->n_reg; i++)
			if (!strcmp(w->isa->fe->reg[i].name, name[k]))
				w->reg[w->n_reg] = &w->isa->fe->reg[i];
		if (!w->reg[w->n_reg++])
			return false;
	}
	return n <= MAX_REGS;
}

static bool run(const struct words *w, const struct guest_executor *e, void *m, unsigned index)
{
	struct guest_result r = { .end = END_OTHER };
	uint8_t code[4];

	guest_put_word(w->isa, w->word, code);
	for (unsigned k = 0; k < w->n_reg; k++)
		e->set(m, w->reg[k]->id, w->value[k]);
	e->set(m, w->isa->pc, (struct guest_value){ GUEST_CODE, 0 });
	bool done = e->run(m, code, 4, &r);
	r.end = r.end == END_IDLE ? END_NEXT : r.end;
	if (!done || (r.end != END_ILLEGAL && (r.end != END_NEXT || r.pc != GUEST_CODE + 4))) {
		fprintf(stderr, "%08" PRIx32 " does not execute on %s\n", w->word, e->name);
		return false;
	}
	printf("%u %s", index, e->name);
	for (unsigned k = 0; k < w->n_reg && r.end == END_NEXT; k++) {
		struct guest_value v = e->get(m, w->reg[k]->id);
		printf(" %" PRIx64, v.lo);
		if (w->reg[k]->bits > 64)
			printf(" %" PRIx64, v.hi);
	}
	puts(r.end == END_ILLEGAL ? " illegal" : "");
	return true;
}

static bool read_line(struct words *w)
{
	if (scanf("%" SCNx32, &w->word) != 1)
		return false;
	for (unsigned k = 0; k < w->n_reg; k++) {
		w->value[k].hi = 0;
		if (scanf("%" SCNx64, &w->value[k].lo) != 1 ||
		    (w->reg[k]->bits > 64 && scanf("%" SCNx64, &w->value[k].hi) != 1))
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const struct guest_executor *e[8] = { &guest_direct };
	static struct words w;
	unsigned n = 1;
	void *m[8];
	bool ok = true;

	w.isa = argc > 3 ? guest_isa(argv[1]) : NULL;
	if (!w.isa || !name_registers(&w, argv + 3, argc - 3))
		return 1;
	for (unsigned i = 0; i < GUEST_TIERS; i++)
		e[n++] = &guest_public[i];
	for (unsigned i = 0; i < n; i++)
		ok &= (m[i] = e[i]->open(e[i], w.isa, *argv[2] ? argv[2] : NULL)) != NULL;
	for (unsigned index = 0; ok && read_line(&w); index++)
		/* the tier that takes a millisecond a unit gets its share */
		for (unsigned i = 0; i < n && ok; i++)
			if (i < n - 1 || index % 8 == 0)
				ok = run(&w, e[i], m[i], index);
	for (unsigned i = 0; i < n; i++)
		e[i]->close(m[i]);
	return !ok;
}
