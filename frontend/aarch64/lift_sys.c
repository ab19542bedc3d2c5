/* System registers, hints, barriers, cache maintenance (C5, C6.2). */
#include "frontend/aarch64/a64.h"

static uint64_t counter(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)a, (void)b, (void)c;
	return env_of(state)->services->clock(state);
}

const struct ir_helper a64_counter = { "a64_counter", counter, IR_HELPER_READS | IR_HELPER_WRITES };

/* mrs Xt, cntvct_el0:  guest time in ticks. */
static void lift_counter(struct a64_lift *l, const struct a64_word *in)
{
	set_reg(l, in->Rt, ir_call(l->b, &a64_counter, IR_I64, IR_NONE, IR_NONE, IR_NONE));
}

static const struct a64_row rows[] = {
	{ "mrs", "1101010100 1 1 1 011 1110 0000 010 ttttt", lift_counter },
};
const struct a64_rows a64_rows_sys = A64_ROWS(rows);
