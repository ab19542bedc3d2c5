/*
 * The table the engine gets for AArch64, 64 bits, little-endian, user mode: registers, models,
 * system call registers, and the lift of one instruction. Knows no back end.
 */
#include <stdio.h>
#include <string.h>

#include "dragoman/aarch64.h"
#include "frontend/aarch64/fp.h"
#include "frontend/aarch64/frontend.h"
#include "frontend/common/slots.h"

#define SLOT(NAME, text, T, member) SLOT_ROW(a64_state, text, T, member)
static const struct ir_slot slot_table[A64_SLOTS] = {
#include "frontend/aarch64/state.def"
};

#define SLOT(NAME, text, T, member) SLOT_CHECK(a64_state, text, T, member)
#include "frontend/aarch64/state.def"

static const struct ir_slots slots = {
	.slot = slot_table,
	.n = A64_SLOTS,
	.pc = A64_PC,
	.state_size = sizeof(struct a64_state),
};

static const struct ir_helper *const helpers[] = {
#define HELPER(name) &a64_##name,
#include "frontend/aarch64/helpers.def"
	NULL,
};

#define X(n) { DGM_A64_X(n), 64, DGM_REG_INT, A64_X0 + (n), "x" #n }
#define V(n) { DGM_A64_V(n), 128, DGM_REG_VECTOR, A64_V0 + (n), "v" #n }
#define ALL30(M) M(0), M(1), M(2), M(3), M(4), M(5), M(6), M(7), M(8), M(9), M(10), M(11), M(12), M(13), M(14), \
	M(15), M(16), M(17), M(18), M(19), M(20), M(21), M(22), M(23), M(24), M(25), M(26), M(27), M(28), M(29), \
	M(30)
static const struct frontend_reg regs[] = {
	ALL30(X),
	{ DGM_A64_SP, 64, DGM_REG_INT, A64_SP, "sp" },
	ALL30(V),
	V(31),
	{ DGM_A64_PC, 64, DGM_REG_CONTROL, A64_PC, "pc" },
	{ DGM_A64_NZCV, 32, DGM_REG_CONTROL, -1, "nzcv" },
	{ DGM_A64_N, 8, DGM_REG_CONTROL, -1, "n" },
	{ DGM_A64_Z, 8, DGM_REG_CONTROL, -1, "z" },
	{ DGM_A64_C, 8, DGM_REG_CONTROL, -1, "c" },
	{ DGM_A64_V_FLAG, 8, DGM_REG_CONTROL, -1, "v" },
	{ DGM_A64_FPCR, 32, DGM_REG_CONTROL, -1, "fpcr" },
	{ DGM_A64_FPSR, 32, DGM_REG_CONTROL, -1, "fpsr" },
	{ DGM_A64_TPIDR_EL0, 64, DGM_REG_CONTROL, A64_TPIDR, "tpidr_el0" },
	{ DGM_A64_TPIDRRO_EL0, 64, DGM_REG_CONTROL, A64_TPIDRRO, "tpidrro_el0" },
	{ DGM_A64_EXCLUSIVE, 8, DGM_REG_CONTROL, -1, "exclusive" },
	{ DGM_A64_HWCAP, 64, DGM_REG_CONTROL, -1, "hwcap" },
	{ DGM_A64_HWCAP2, 64, DGM_REG_CONTROL, -1, "hwcap2" },
};
#undef X
#undef V
#undef ALL30

static enum dgm_status check_model(const char *model)
{
	uint64_t features;

	return a64_model_features(model, &features) ? DGM_OK : DGM_E_ARCH;
}

static enum dgm_status open_decoder(const struct base_alloc *alloc, const char *model, void **decoder)
{
	struct a64_decoder *d;
	uint64_t features;

	if (!a64_model_features(model, &features))
		return DGM_E_ARCH;
	enum dgm_status status = a64_decoder_open(alloc, features, &d);
	if (!status)
		*decoder = d;
	return status;
}

static void close_decoder(void *decoder)
{
	a64_decoder_close(decoder);
}

static uint32_t read_word(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static enum lift_result lift(void *decoder, struct ir_builder *b, struct lift_request *rq)
{
	struct a64_lift l = { .b = b, .pc = rq->pc, .next = rq->pc + 4, .mode = rq->mode, .alone = rq->room == 1 };
	struct a64_word in;

	rq->len = 4;
	if (rq->avail < 4)
		return LIFT_SHORT;
	uint32_t word = read_word(rq->bytes);
	bool time = a64_reads_time(word);
	if (time && b->u->n_insns)
		return LIFT_SHORT;
	const struct a64_row *row = a64_decode(decoder, word);
	l.features = a64_decoder_features(decoder);
	ir_insn(b, rq->pc, 4);
	if (!row) {
		lift_illegal(&l);
		return LIFT_END;
	}
	a64_fields(row, word, &in);
	row->lift(&l, &in);
	if (l.slow_fp && !l.ended)
		a64_fp_look_for_ixc(&l);
	if (time && !l.ended) {
		ir_exit(b, IR_EXIT_JUMP, imm64(&l, l.next), 0);
		l.ended = true;
	}
	return l.ended ? LIFT_END : LIFT_NEXT;
}

static void disassemble(void *decoder, const struct lift_request *rq, char *buf, size_t n)
{
	if (rq->avail < 4)
		snprintf(buf, n, "?");
	else
		a64_disassemble(decoder, read_word(rq->bytes), rq->pc, buf, n);
}

/* Zero is the state a new process starts in, but for what the model is. */
static void reset(void *state, const char *model)
{
	struct a64_state *s = state;

	a64_model_features(model, &s->features);
}

static bool state_ok(const void *state)
{
	unsigned size = ((const struct a64_state *)state)->excl_size;

	return size <= 16 && !(size & (size - 1));
}

static uint32_t mode(const void *state)
{
	return a64_fp_mode(state);
}

uint32_t a64_get_nzcv(const struct a64_state *s)
{
	return (uint32_t)s->n << 31 | (uint32_t)s->z << 30 | (uint32_t)s->c << 29 | (uint32_t)s->v << 28;
}

void a64_set_nzcv(struct a64_state *s, uint32_t nzcv)
{
	s->n = nzcv >> 31;
	s->z = nzcv >> 30 & 1;
	s->c = nzcv >> 29 & 1;
	s->v = nzcv >> 28 & 1;
}

/* A flag, or the monitor; NULL: another register. */
static uint8_t *byte_of(struct a64_state *s, uint32_t id)
{
	switch (id) {
	case DGM_A64_N: return &s->n;
	case DGM_A64_Z: return &s->z;
	case DGM_A64_C: return &s->c;
	case DGM_A64_V_FLAG: return &s->v;
	case DGM_A64_EXCLUSIVE: return &s->excl_valid;
	default: return NULL;
	}
}

static void read_reg(void *state, uint32_t id, void *buf)
{
	struct a64_state *s = state;
	uint32_t v;
	uint64_t caps;

	switch (id) {
	case DGM_A64_NZCV: v = a64_get_nzcv(s); break;
	case DGM_A64_FPCR: v = s->fpcr; break;
	case DGM_A64_FPSR: v = a64_fpsr_read(s, false); break;
	case DGM_A64_HWCAP:
	case DGM_A64_HWCAP2:
		caps = a64_hwcap(s->features, id == DGM_A64_HWCAP ? 1 : 2);
		memcpy(buf, &caps, sizeof caps);
		return;
	default:
		memcpy(buf, byte_of(s, id), 1);
		return;
	}
	memcpy(buf, &v, sizeof v);
}

static void write_reg(void *state, uint32_t id, const void *buf)
{
	struct a64_state *s = state;
	uint8_t *byte = byte_of(s, id), value = *(const uint8_t *)buf;
	uint32_t v;

	if (byte) {
		*byte = id == DGM_A64_EXCLUSIVE ? *byte && value : value & 1;
		return;
	}
	memcpy(&v, buf, sizeof v);
	switch (id) {
	case DGM_A64_NZCV: a64_set_nzcv(s, v); break;
	case DGM_A64_FPCR: a64_fpcr_write(s, v); break;
	case DGM_A64_FPSR: a64_fpsr_write(s, v, false); break;
	default: break;
	}
}

/* Linux: number in x8, arguments in x0 to x5. */
static bool syscall_get(const void *state, uint32_t abi, struct dgm_syscall *call)
{
	const struct a64_state *s = state;

	if (abi != DGM_ABI_LINUX)
		return false;
	call->nr = s->x[8];
	for (unsigned i = 0; i < 6; i++)
		call->a[i] = s->x[i];
	return true;
}

/* Linux: the result in x0, an error as its negative number. */
static void syscall_set(void *state, uint32_t abi, int64_t ret)
{
	if (abi == DGM_ABI_LINUX)
		((struct a64_state *)state)->x[0] = (uint64_t)ret;
}

const struct frontend frontend_aarch64 = {
	.name = "aarch64",
	.arch = DGM_ARCH_AARCH64,
	.slots = &slots,
	.reg = regs,
	.n_reg = sizeof regs / sizeof *regs,
	.helpers = helpers,
	.big_endian = false,
	.pc_reg = DGM_A64_PC,
	.addr_bits = 64,
	.tag_bits = 8,		/* TCR_EL1.TBI0, which Linux sets */
	.insn_shift = 2,
	.max_insn = 4,
	.check_model = check_model,
	.open = open_decoder,
	.close = close_decoder,
	.lift = lift,
	.disassemble = disassemble,
	.reset = reset,
	.mode = mode,
	.state_ok = state_ok,
	.read_reg = read_reg,
	.write_reg = write_reg,
	.syscall_get = syscall_get,
	.syscall_set = syscall_set,
	.call = { .arg = DGM_A64_X0, .n_arg = 8, .ret = DGM_A64_X0, .sp = DGM_A64_SP, .link = DGM_A64_X30, .word = 8, .align = 16 },
	.sysreg_get = a64_sysreg_get,
	.sysreg_done = a64_sysreg_done,
};
