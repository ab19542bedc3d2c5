/* Writes units as text, by the text column of shapes.def. parse.c is the inverse. */
#include <inttypes.h>

#include "ir/ir.h"
#include "ir/text.h"

static void print_value(const struct ir_unit *u, ir_val v, bool address, FILE *out)
{
	if (!ir_is_const(v) || (v.id & ~IR_CONST) >= u->n_konst) {
		fprintf(out, "%%%u", v.id);
		return;
	}
	const struct ir_const *k = &u->konst[v.id & ~IR_CONST];
	if (ir_type_info[k->type].bits > 64)
		fprintf(out, "0x%016" PRIx64 "%016" PRIx64, k->bits[1], k->bits[0]);
	else
		fprintf(out, "0x%" PRIx64, k->bits[0]);
	if (!address || k->type != u->slots->slot[u->slots->pc].type)
		fprintf(out, ":%s", ir_type_info[k->type].name);
}

static void print_suffix(const struct ir_inst *in, char letter, FILE *out)
{
	if (letter == 'X') {
		if (in->aux)
			fprintf(out, ".%s", text_name(text_exit, TEXT_COUNT(text_exit), in->aux));
		return;
	}
	const char *order = (in->aux & IR_MEM_SIZE) == IR_MEM_8 && !(in->aux & IR_MEM_BE) ? "" :
			    in->aux & IR_MEM_BE ? "be" : "le";
	fprintf(out, ".%s%u", order, 8 * ir_mem_bytes(in->aux));
	for (size_t k = 0; k < TEXT_COUNT(text_mem); k++)
		if (in->aux & text_mem[k].bit)
			fprintf(out, ".%s", text_mem[k].name);
}

/* One item of the text column, with its separator in front; arg counts the operands. */
static void print_item(const struct ir_unit *u, const struct ir_inst *in, char letter, const char *sep,
		       unsigned *arg, FILE *out)
{
	uint64_t pc = u->pc + (uint64_t)(int64_t)in->imm;

	switch (letter) {
	case 'a':
		fputs(sep, out);
		print_value(u, in->arg[*arg], text_letter(in, *arg) == 'A', out);
		*arg += 1;
		break;
	case 'o':
		for (unsigned n = ir_arity(in); *arg < n; sep = ", ", *arg += 1) {
			fputs(sep, out);
			print_value(u, in->arg[*arg], false, out);
		}
		break;
	case 's': fprintf(out, "%s%s", sep, in->slot < u->slots->n ? u->slots->slot[in->slot].name : "?"); break;
	case 'd': fprintf(out, "%s%" PRId32, sep, in->imm); break;
	case 'h': fprintf(out, "%s@%s", sep, in->helper ? in->helper->name : "?"); break;
	case 'p': fprintf(out, "%s0x%" PRIx64, sep, pc); break;
	case 'l': fprintf(out, "%s%u", sep, in->aux); break;
	case 't':
		fprintf(out, "%s%s %" PRId32, sep, text_name(text_trap, IR_TRAP_COUNT, in->aux), in->imm);
		break;
	case 'n':
		if (in->imm)
			fprintf(out, "%s%" PRId32, sep, in->imm);
		break;
	case 'k':
		if (in->aux == IR_EXIT_CALL)
			fprintf(out, "%sret 0x%" PRIx64, sep, pc);
		if (in->aux == IR_EXIT_MODE)
			fprintf(out, "%s%" PRId32, sep, in->imm);
		break;
	}
}

static void print_inst(const struct ir_unit *u, unsigned i, FILE *out)
{
	const struct ir_inst *in = &u->inst[i];
	const char *text = ir_shape_text[ir_op_info[in->op].shape];
	const char *sep = " ";
	unsigned arg = 0;

	fputs("  ", out);
	if (in->type)
		fprintf(out, "%%%u:%s = ", i, ir_type_info[in->type].name);
	fputs(ir_op_info[in->op].name, out);
	if (*text == 'M' || *text == 'X')
		print_suffix(in, *text++, out);
	for (; *text; text++) {
		print_item(u, in, *text, sep, &arg, out);
		sep = *text == 'h' ? " " : ", ";
	}
	fputc('\n', out);
}

void ir_print(const struct ir_unit *u, FILE *out)
{
	struct text_extent e = text_marked_extent(u);

	if (u->pc != e.pc || u->bytes != e.bytes || u->n_insns != e.n_insns)
		fprintf(out, "unit 0x%" PRIx64 ", %" PRIu32 ", %" PRIu32 "\n", u->pc, u->bytes, u->n_insns);
	for (unsigned i = 0; i < u->n; i++)
		print_inst(u, i, out);
}
