/* Integer arithmetic and logic but for bit fields: immediate, shifted and extended operands (C6.2). */
#include "frontend/aarch64/a64.h"

/* movz Rd, #imm16, lsl #16 * hw;  movn: its complement. */
static void lift_movz(struct a64_lift *l, const struct a64_word *in)
{
	uint64_t v = (uint64_t)in->imm16 << 16 * (in->word >> 21 & 3);

	if (!in->sf && in->word >> 22 & 1) {
		lift_illegal(l);
		return;
	}
	set_reg(l, in->Rd, imm(l, in->sf, in->row->arg ? ~v : v));
}

static const struct a64_row rows[] = {
	{ "movz", "f10 100101 hh iiiiiiiiiiiiiiii ddddd", lift_movz },
	{ "movn", "f00 100101 hh iiiiiiiiiiiiiiii ddddd", lift_movz, .arg = 1 },
};
const struct a64_rows a64_rows_int = A64_ROWS(rows);
