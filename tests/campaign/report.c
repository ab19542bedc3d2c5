/* Comparing results, and making a case that fails as small as a line of tests/guest. */
#include <inttypes.h>
#include <string.h>

#include "campaign.h"

static bool is_compared(uint32_t id)
{
	struct qemu_field f;

	for (unsigned i = 0; qemu_field(camp_the->states, i, &f); i++)
		if (f.id == id)
			return true;
	return false;
}

const char *camp_compare(const struct camp_result *want, const struct camp_result *have, char *buf, unsigned n)
{
	const struct frontend *fe = camp_the->isa->fe;

	if (want->end != have->end || want->pc != have->pc || want->addr != have->addr) {
		snprintf(buf, n, "end %s pc %#" PRIx64 " addr %#" PRIx64 ", not %s %#" PRIx64 " %#" PRIx64, guest_end_names[have->end], have->pc,
			 have->addr, guest_end_names[want->end], want->pc, want->addr);
		return buf;
	}
	for (unsigned i = 0; i < fe->n_reg; i++) {
		const struct guest_value *w = &want->after.reg[i], *h = &have->after.reg[i];

		if ((w->lo == h->lo && w->hi == h->hi) || !is_compared(fe->reg[i].id))
			continue;
		snprintf(buf, n, "%s is %#" PRIx64 " %016" PRIx64 ", not %#" PRIx64 " %016" PRIx64, fe->reg[i].name, h->hi, h->lo,
			 w->hi, w->lo);
		return buf;
	}
	for (unsigned i = 0; i < CAMP_WINDOWS; i++) {
		if (want->after.data[i] == have->after.data[i])
			continue;
		snprintf(buf, n, "mem[%#x] is %02x, not %02x", GUEST_DATA + camp_window_at(i), have->after.data[i],
			 want->after.data[i]);
		return buf;
	}
	return NULL;
}

enum { PIECES = CAMP_MAX_REGS + CAMP_WINDOWS / 32 };

/* Gives the k-th register, or piece of the data, the value that lines of tests/guest need not name. */
static void simplify(struct camp_case *c, unsigned k)
{
	const struct guest_isa *isa = camp_the->isa;

	if (k >= CAMP_MAX_REGS)
		memset(c->before.data + 32 * (k - CAMP_MAX_REGS), 0, 32);
	else if (k < isa->fe->n_reg && is_compared(isa->fe->reg[k].id))
		c->before.reg[k] = isa->poison(isa->fe->reg[k].id);
}

/* All that can be simplified alone, at once; where that hides the difference, the lower or upper half of it. */
static void shrink(struct camp_case *c, camp_differ_fn *differ, void *ud)
{
	static struct camp_case try[PIECES];
	bool still[PIECES];
	char buf[256];

	for (unsigned k = 0; k < PIECES; k++) {
		try[k] = *c;
		simplify(&try[k], k);
	}
	differ(ud, try, PIECES, still, buf, sizeof buf);
	for (unsigned from = 0, step = PIECES; step >= 4; from = from + step < PIECES ? from + step : 0) {
		struct camp_case all = *c;
		bool ok;

		for (unsigned k = from; k < from + step && k < PIECES; k++)
			if (still[k])
				simplify(&all, k);
		differ(ud, &all, 1, &ok, buf, sizeof buf);
		if (ok)
			*c = all;
		if (ok && step == PIECES)
			break;
		if (from + step >= PIECES)
			step /= 4;
	}
}

static void print_value(FILE *out, const char *name, struct guest_value v)
{
	if (v.hi)
		fprintf(out, " %s=0x%" PRIx64 "%016" PRIx64, name, v.hi, v.lo);
	else
		fprintf(out, " %s=%#" PRIx64, name, v.lo);
}

static void print_memory(FILE *out, const uint8_t *data, const uint8_t *other)
{
	for (unsigned i = 0; i < CAMP_WINDOWS; i++) {
		if (data[i] == (other ? other[i] : 0))
			continue;
		bool goes_on = i && data[i - 1] != (other ? other[i - 1] : 0) && camp_window_at(i) == camp_window_at(i - 1) + 1;

		if (!goes_on)
			fprintf(out, " mem[%#x]=", GUEST_DATA + camp_window_at(i));
		fprintf(out, "%02x", data[i]);
	}
}

/* Right of "=>" stands what the interpreter says. */
static void print_line(FILE *out, const struct camp_case *c)
{
	const struct guest_isa *isa = camp_the->isa;

	fprintf(out, "  [");
	for (unsigned i = 0; i < c->word->n; i++)
		fprintf(out, "%s%02x", i ? " " : "", c->word->code[i]);
	fprintf(out, "] \"%s\"", c->word->row.mnemonic);
	for (unsigned i = 0; i < isa->fe->n_reg; i++) {
		struct guest_value v = isa->poison(isa->fe->reg[i].id);
		if (is_compared(isa->fe->reg[i].id) && memcmp(&v, &c->before.reg[i], sizeof v) != 0)
			print_value(out, isa->fe->reg[i].name, c->before.reg[i]);
	}
	print_memory(out, c->before.data, NULL);
	fprintf(out, " =>");
	if (c->ours.end != END_NEXT)
		fprintf(out, " end=%s", guest_end_names[c->ours.end]);
	if (c->ours.addr)
		fprintf(out, " addr=%#" PRIx64, c->ours.addr);
	for (unsigned i = 0; i < isa->fe->n_reg; i++)
		if (is_compared(isa->fe->reg[i].id) && memcmp(&c->ours.after.reg[i], &c->before.reg[i], sizeof(struct guest_value)) != 0)
			print_value(out, isa->fe->reg[i].name, c->ours.after.reg[i]);
	print_memory(out, c->ours.after.data, c->before.data);
	if (c->ours.end == END_NEXT && c->ours.pc != GUEST_CODE + c->word->n)
		fprintf(out, " pc=%#" PRIx64, c->ours.pc);
	fprintf(out, "\n");
}

void camp_report(FILE *out, const struct camp_case *c, camp_differ_fn *differ, void *ud, const char *what)
{
	static struct camp_case small;
	char buf[256] = "only in its batch";
	bool still;

	fprintf(out, "%s: %s (%08" PRIx32 ")\n", what, c->word->row.mnemonic, c->word->word);
	fflush(out);
	small = *c;
	differ(ud, &small, 1, &still, buf, sizeof buf);
	if (still) {
		shrink(&small, differ, ud);
		differ(ud, &small, 1, &still, buf, sizeof buf);
	}
	fprintf(out, "  %s\n", buf);
	print_line(out, &small);
	fflush(out);
}
