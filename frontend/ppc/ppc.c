/*
 * The table the engine gets for PowerPC, 32 bits, big-endian, user mode: registers, models,
 * system call registers, and the lift of one instruction. Knows no back end.
 */
#include <stdio.h>
#include <string.h>

#include "dragoman/ppc.h"
#include "frontend/common/slots.h"
#include "frontend/ppc/fp.h"
#include "frontend/ppc/frontend.h"
#include "frontend/ppc/ppc.h"
#include "frontend/ppc/vec_fpu.h"

#define SLOT(NAME, text, T, member) SLOT_ROW(ppc_state, text, T, member)
static const struct ir_slot slot_table[PPC_SLOTS] = {
#include "frontend/ppc/state.def"
};

#define SLOT(NAME, text, T, member) SLOT_CHECK(ppc_state, text, T, member)
#include "frontend/ppc/state.def"

static const struct ir_slots slots = {
	.slot = slot_table,
	.n = PPC_SLOTS,
	.pc = PPC_PC,
	.state_size = sizeof(struct ppc_state),
};

static const struct ir_helper *const helpers[] = {
#define HELPER(name) &ppc_##name,
#include "frontend/ppc/helpers.def"
	NULL,
};

#define R(n) { DGM_PPC_R(n), 32, DGM_REG_INT, PPC_R0 + (n), "r" #n }
#define F(n) { DGM_PPC_F(n), 64, DGM_REG_FLOAT, PPC_F0 + (n), "f" #n }
#define V(n) { DGM_PPC_V(n), 128, DGM_REG_VECTOR, PPC_V0 + (n), "v" #n }
#define ALL(M) M(0), M(1), M(2), M(3), M(4), M(5), M(6), M(7), M(8), M(9), M(10), M(11), M(12), M(13), M(14), \
	M(15), M(16), M(17), M(18), M(19), M(20), M(21), M(22), M(23), M(24), M(25), M(26), M(27), M(28), M(29), \
	M(30), M(31)
static const struct frontend_reg regs[] = {
	ALL(R),
	ALL(F),
	ALL(V),
	{ DGM_PPC_PC, 32, DGM_REG_CONTROL, PPC_PC, "pc" },
	{ DGM_PPC_CR, 32, DGM_REG_CONTROL, -1, "cr" },
	{ DGM_PPC_LR, 32, DGM_REG_CONTROL, PPC_LR, "lr" },
	{ DGM_PPC_CTR, 32, DGM_REG_CONTROL, PPC_CTR, "ctr" },
	{ DGM_PPC_XER, 32, DGM_REG_CONTROL, -1, "xer" },
	{ DGM_PPC_FPSCR, 32, DGM_REG_CONTROL, -1, "fpscr" },
	{ DGM_PPC_VRSAVE, 32, DGM_REG_CONTROL, PPC_VRSAVE, "vrsave" },
	{ DGM_PPC_RESERVE, 8, DGM_REG_CONTROL, -1, "reserve" },
	{ DGM_PPC_MSR_FE, 8, DGM_REG_CONTROL, -1, "msr_fe" },
	{ DGM_PPC_VSCR, 32, DGM_REG_CONTROL, -1, "vscr" },
};
#undef R
#undef F
#undef V
#undef ALL

/* The processors by name; the first is the default. */
static const struct {
	const char *name;
	enum ppc_model model;
	uint32_t pvr;
} models[] = {
	{ "generic", PPC_GENERIC, 0x00080301 },
	{ "603", PPC_603, 0x00030100 },
	{ "750", PPC_750, 0x00080301 },
	{ "7450", PPC_7450, 0x80000201 },
};
enum { N_MODELS = sizeof models / sizeof *models };

static unsigned model_index(const char *name)
{
	unsigned i = 0;

	while (name && i < N_MODELS && strcmp(models[i].name, name) != 0)
		i++;
	return i;
}

static enum dgm_status check_model(const char *model)
{
	return model_index(model) < N_MODELS ? DGM_OK : DGM_E_ARCH;
}

static enum dgm_status open_decoder(const struct base_alloc *alloc, const char *model, void **decoder)
{
	unsigned i = model_index(model);
	struct ppc_decoder *d;

	if (i == N_MODELS)
		return DGM_E_ARCH;
	enum dgm_status status = ppc_decoder_open(alloc, models[i].model, &d);
	if (!status)
		*decoder = d;
	return status;
}

static void close_decoder(void *decoder)
{
	ppc_decoder_close(decoder);
}

uint32_t ppc_pvr(enum ppc_model model)
{
	unsigned i = 0;

	while (models[i].model != model)
		i++;
	return models[i].pvr;
}

static uint32_t read_word(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Whether an instruction raises floating-point flags or looks at them. */
static bool touches_flags(const struct ppc_row *row)
{
	static const struct ppc_rows *const scalar[] = { &ppc_rows_fp, &ppc_rows_fp_mem, &ppc_rows_fp_status };

	for (unsigned i = 0; i < sizeof scalar / sizeof *scalar; i++)
		if (row >= scalar[i]->row && row < scalar[i]->row + scalar[i]->n)
			return true;
	return false;
}

static enum lift_result lift(void *decoder, struct ir_builder *b, struct lift_request *rq)
{
	struct ppc_lift l = { .b = b, .pc = (uint32_t)rq->pc, .next = (uint32_t)rq->pc + 4, .mode = rq->mode,
			      .alone = rq->room == 1, .hot = rq->hot };
	struct ppc_word in;

	rq->len = 4;
	if (rq->avail < 4)
		return LIFT_SHORT;
	uint32_t word = read_word(rq->bytes);
	bool time = ppc_reads_time(word);
	if (time && b->u->n_insns)
		return LIFT_SHORT;
	const struct ppc_row *row = ppc_decode(decoder, word);
	l.model = ppc_decoder_model(decoder);
	if (row)
		ppc_fields(row, word, &in);
	if (row && row->flags & PPC_SINGLES)
		ppc_fp_expect_singles(&l, &in);
	ir_insn(b, rq->pc, 4);
	if (!row) {
		lift_illegal(&l);
		return LIFT_END;
	}
	if (l.mode & PPC_MODE_VEC_FP && touches_flags(row))
		ppc_vec_fp_flags(&l, VEC_FP_SCALAR);
	row->lift(&l, &in);
	if (time && !l.ended) {
		ir_exit(b, IR_EXIT_JUMP, imm32(&l, l.next), 0);
		l.ended = true;
	}
	return l.ended ? LIFT_END : LIFT_NEXT;
}

static void disassemble(void *decoder, const struct lift_request *rq, char *buf, size_t n)
{
	if (rq->avail < 4)
		snprintf(buf, n, "?");
	else
		ppc_disassemble(decoder, read_word(rq->bytes), (uint32_t)rq->pc, buf, n);
}

/* Zero is the state a new process starts in: no register has another reset value. */
static void reset(void *state, const char *model)
{
	(void)state;
	(void)model;
}

static bool state_ok(const void *state)
{
	const struct ppc_state *s = state;

	uint32_t beside = FP_SINGLE | FP_COMPARED | FPSCR_RN << FP_RN_SHIFT;

	return s->xer_count < 128 && s->msr_fe < 4 && s->vec_fp <= VEC_FP_APART && (s->fp_op & ~beside) <= FP_RSQRTE;
}

static uint32_t mode(const void *state)
{
	return ppc_fp_mode(state) | ppc_vec_fp_mode(state);
}

/*
 * Eight bits, one a byte, the first the most significant. Byte by byte: a load of all eight would wait
 * for the single bytes that translated code has just stored.
 */
static uint32_t gather(const uint8_t *p)
{
	unsigned high = p[0] << 3 | p[1] << 2 | p[2] << 1 | p[3], low = p[4] << 3 | p[5] << 2 | p[6] << 1 | p[7];

	return high << 4 | low;
}

/* mfcr is in the prologue of many a function: worth being quick. */
uint32_t ppc_get_cr(const struct ppc_state *s)
{
	return gather(s->cr) << 24 | gather(s->cr + 8) << 16 | gather(s->cr + 16) << 8 | gather(s->cr + 24);
}

void ppc_set_cr(struct ppc_state *s, uint32_t cr)
{
	for (unsigned i = 0; i < 32; i++)
		s->cr[i] = cr >> (31 - i) & 1;
}

uint32_t ppc_get_xer(const struct ppc_state *s)
{
	return (uint32_t)s->xer_so << 31 | (uint32_t)s->xer_ov << 30 | (uint32_t)s->xer_ca << 29 | s->xer_count;
}

void ppc_set_xer(struct ppc_state *s, uint32_t xer)
{
	s->xer_so = xer >> 31;
	s->xer_ov = xer >> 30 & 1;
	s->xer_ca = xer >> 29 & 1;
	s->xer_count = xer & 0x7f;
}

/* VSCR has NJ (16) and SAT (0); frontend/ppc/vec.h. */
uint32_t ppc_get_vscr(const struct ppc_state *s)
{
	return (uint32_t)s->vscr_nj << 16 | s->vscr_sat;
}

void ppc_set_vscr(struct ppc_state *s, uint32_t vscr)
{
	s->vscr_nj = vscr >> 16 & 1;
	s->vscr_sat = vscr & 1;
}

static void read_reg(void *state, uint32_t id, void *buf)
{
	struct ppc_state *s = state;
	uint32_t v = id == DGM_PPC_CR	 ? ppc_get_cr(s) :
		     id == DGM_PPC_XER	 ? ppc_get_xer(s) :
		     id == DGM_PPC_VSCR ? ppc_get_vscr(s) :
					   ppc_fpscr_read(s, false);

	if (id == DGM_PPC_RESERVE)
		memcpy(buf, &s->reserve_valid, 1);
	else if (id == DGM_PPC_MSR_FE)
		memcpy(buf, &s->msr_fe, 1);
	else
		memcpy(buf, &v, sizeof v);
}

static void write_reg(void *state, uint32_t id, const void *buf)
{
	struct ppc_state *s = state;
	uint8_t byte = *(const uint8_t *)buf;
	uint32_t v = 0;

	switch (id) {
	case DGM_PPC_RESERVE: s->reserve_valid &= byte != 0; return;
	case DGM_PPC_MSR_FE: s->msr_fe = byte & 3; return;
	default: break;
	}
	memcpy(&v, buf, sizeof v);
	switch (id) {
	case DGM_PPC_CR: ppc_set_cr(s, v); break;
	case DGM_PPC_XER: ppc_set_xer(s, v); break;
	case DGM_PPC_VSCR: ppc_set_vscr(s, v); break;
	case DGM_PPC_FPSCR: ppc_fpscr_write(s, v, false); break;
	default: break;
	}
}

/* Linux: number in r0, arguments in r3 to r8. */
static bool syscall_get(const void *state, uint32_t abi, struct dgm_syscall *call)
{
	const struct ppc_state *s = state;

	if (abi != DGM_ABI_LINUX)
		return false;
	call->nr = s->r[0];
	for (unsigned i = 0; i < 6; i++)
		call->a[i] = s->r[3 + i];
	return true;
}

/* Linux: an error comes back as its positive number in r3 with CR0[SO] set. */
static void syscall_set(void *state, uint32_t abi, int64_t ret)
{
	struct ppc_state *s = state;
	bool failed = ret < 0 && ret >= -4095;

	if (abi != DGM_ABI_LINUX)
		return;
	s->r[3] = (uint32_t)(failed ? -ret : ret);
	s->cr[3] = failed;
}

const struct frontend frontend_ppc = {
	.name = "ppc",
	.arch = DGM_ARCH_PPC32,
	.slots = &slots,
	.reg = regs,
	.n_reg = sizeof regs / sizeof *regs,
	.helpers = helpers,
	.big_endian = true,
	.exact_align = true,
	.pc_reg = DGM_PPC_PC,
	.addr_bits = 32,
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
	.call = { .arg = DGM_PPC_R3, .n_arg = 8, .ret = DGM_PPC_R3, .sp = DGM_PPC_R1, .link = DGM_PPC_LR, .word = 4, .align = 16,
		  .head = 8 },
	.sysreg_get = ppc_sysreg_get,
	.sysreg_done = ppc_sysreg_done,
};
