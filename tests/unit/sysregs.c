/*
 * What the front ends read out of instructions that access registers of the machine, encoding by encoding, and
 * what is left once they are done.
 */
#include <inttypes.h>
#include <stdio.h>

#include "dragoman/arm.h"
#include "dragoman/ppc.h"
#include "frontend/arm/frontend.h"
#include "frontend/arm/state.h"
#include "frontend/ppc/frontend.h"
#include "frontend/ppc/state.h"

enum { READ, WRITE, NONE };
enum { CPS = DGM_ARM_SYS_CPS, CPSR = DGM_ARM_SYS_CPSR, SPSR = DGM_ARM_SYS_SPSR, SR = DGM_PPC_SYS_SR0 };
enum { PC = 0x10000, IMOD = 18, M = 1 << 17 };

static unsigned failures;

#define CHECK(what) ((what) ? (void)0 : (void)(failures++, fprintf(stderr, "line %d: %s\n", __LINE__, #what)))
#define OF(n) (0x11110000u + 0x10000000u * (n) + (n)) /* what general register n holds */

/* Of T32, the first halfword is the upper one. to: where a read's value goes; -1: nowhere. */
struct row {
	uint32_t word;
	int kind;
	uint32_t reg;
	uint64_t value;
	int to[2];
};

static const struct row a32[] = {
	{ 0xee113f10, READ, DGM_ARM_SYS(15, 0, 1, 0, 0), 0, { 3, -1 } },	/* mrc p15, 0, r3, c1, c0, 0 */
	{ 0xee11ff10, READ, DGM_ARM_SYS(15, 0, 1, 0, 0), 0, { 15, -1 } },	/* mrc p15, 0, apsr_nzcv, c1, c0, 0 */
	{ 0xeea34e75, WRITE, DGM_ARM_SYS(14, 5, 3, 5, 3), OF(4), { -1, -1 } },	/* mcr p14, 5, r4, c3, c5, 3 */
	{ 0xee01ff10, WRITE, DGM_ARM_SYS(15, 0, 1, 0, 0), PC + 8, { -1, -1 } },	/* mcr p15, 0, pc, c1, c0, 0 */
	{ 0xec532f1e, READ, DGM_ARM_SYS64(15, 1, 14), 0, { 2, 3 } },	/* mrrc p15, 1, r2, r3, c14 */
	{ 0xec454f17, WRITE, DGM_ARM_SYS64(15, 1, 7), (uint64_t)OF(5) << 32 | OF(4), { -1, -1 } },	/* mcrr p15, 1, r4, r5, c7 */
	{ 0xec53ff1e, NONE, 0, 0, { 0 } },	/* mrrc with pc */
	{ 0xec5f2f1e, NONE, 0, 0, { 0 } },	/* mrrc with pc */
	{ 0xee113a10, NONE, 0, 0, { 0 } },	/* coprocessor 10 */
	{ 0xed9f0f00, NONE, 0, 0, { 0 } },	/* ldc */
	{ 0xe10f1000, READ, CPSR, 0, { 1, -1 } },	/* mrs r1, cpsr */
	{ 0xe14f2000, READ, SPSR, 0, { 2, -1 } },	/* mrs r2, spsr */
	{ 0xe10ff000, NONE, 0, 0, { 0 } },	/* mrs pc, cpsr */
	{ 0xe129f003, WRITE, CPSR | 9, OF(3), { -1, -1 } },	/* msr cpsr_fc, r3 */
	{ 0xe16ff004, WRITE, SPSR | 15, OF(4), { -1, -1 } },	/* msr spsr_fsxc, r4 */
	{ 0xe321f0d3, WRITE, CPSR | 1, 0xd3, { -1, -1 } },	/* msr cpsr_c, #0xd3 */
	{ 0xe368f4f2, WRITE, SPSR | 8, 0xf2000000, { -1, -1 } },	/* msr spsr_f, #0xf2000000 */
	{ 0xe120f003, NONE, 0, 0, { 0 } },	/* msr without a field */
	{ 0xf10c00c0, WRITE, CPS, 3 << IMOD | 3 << 6, { -1, -1 } },	/* cpsid if */
	{ 0xf10a0113, WRITE, CPS, 2 << IMOD | M | 4 << 6 | 19, { -1, -1 } },	/* cpsie a, #19 */
	{ 0xf1020010, WRITE, CPS, M | 16, { -1, -1 } },	/* cps #16 */
	{ 0xf1000000, NONE, 0, 0, { 0 } },	/* cps of nothing */
	{ 0xf1060040, NONE, 0, 0, { 0 } },	/* imod 1 */
	{ 0xfe113f10, NONE, 0, 0, { 0 } },	/* mrc2 */
};

static const struct row t32[] = {
	{ 0xb6720000, WRITE, CPS, 3 << IMOD | 2 << 6, { -1, -1 } },	/* cpsid i */
	{ 0xb6650000, WRITE, CPS, 2 << IMOD | 5 << 6, { -1, -1 } },	/* cpsie af */
	{ 0xf3af8753, WRITE, CPS, 3 << IMOD | M | 2 << 6 | 19, { -1, -1 } },	/* cpsid.w i, #19 */
	{ 0xf3af8000, NONE, 0, 0, { 0 } },	/* nop.w */
	{ 0xf3ef8100, READ, CPSR, 0, { 1, -1 } },	/* mrs r1, cpsr */
	{ 0xf3ff8200, READ, SPSR, 0, { 2, -1 } },	/* mrs r2, spsr */
	{ 0xf3838900, WRITE, CPSR | 9, OF(3), { -1, -1 } },	/* msr cpsr_fc, r3 */
	{ 0xf3948100, WRITE, SPSR | 1, OF(4), { -1, -1 } },	/* msr spsr_c, r4 */
	{ 0xf3838000, NONE, 0, 0, { 0 } },	/* msr without a field */
	{ 0xee113f10, READ, DGM_ARM_SYS(15, 0, 1, 0, 0), 0, { 3, -1 } },	/* mrc p15, 0, r3, c1, c0, 0 */
	{ 0xee01ff10, WRITE, DGM_ARM_SYS(15, 0, 1, 0, 0), PC + 4, { -1, -1 } },	/* mcr p15, 0, pc, c1, c0, 0 */
	{ 0xec454f17, WRITE, DGM_ARM_SYS64(15, 1, 7), (uint64_t)OF(5) << 32 | OF(4), { -1, -1 } },	/* mcrr p15, 1, r4, r5, c7 */
	{ 0xfe113f10, NONE, 0, 0, { 0 } },	/* mrc2 */
};

#define X31(rt, field, rb, xo) (31u << 26 | (rt) << 21 | (field) << 11 | (rb) << 11 | (xo) << 1)
#define SPR(n) (((n) & 31) << 5 | (n) >> 5)
#define SEG(n) ((n) << 5)

static const struct row ppc[] = {
	{ X31(3, SPR(25), 0, 339), READ, 25, 0, { 3, -1 } },	/* mfspr */
	{ X31(4, SPR(1023), 0, 467), WRITE, 1023, OF(4), { -1, -1 } },	/* mtspr */
	{ X31(5, SPR(269), 0, 371), READ, 269, 0, { 5, -1 } },	/* mftb */
	{ X31(6, 0, 0, 83), READ, DGM_PPC_SYS_MSR, 0, { 6, -1 } },	/* mfmsr */
	{ X31(7, 0, 0, 146), WRITE, DGM_PPC_SYS_MSR, OF(7), { -1, -1 } },	/* mtmsr */
	{ X31(8, SEG(13), 0, 595), READ, SR + 13, 0, { 8, -1 } },	/* mfsr */
	{ X31(9, SEG(2), 0, 210), WRITE, SR + 2, OF(9), { -1, -1 } },	/* mtsr */
	{ X31(10, 0, 4, 659), READ, SR + 5, 0, { 10, -1 } },	/* mfsrin: by the upper four bits of rb */
	{ X31(11, 0, 6, 242), WRITE, SR + 7, OF(11), { -1, -1 } },	/* mtsrin */
	{ X31(3, 0, 0, 266), NONE, 0, 0, { 0 } },	/* add */
	{ 19u << 26 | 50 << 1, NONE, 0, 0, { 0 } },	/* rfi */
};

static void check(const struct frontend *fe, const void *state, bool thumb, const struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &row[i];
		struct frontend_sysreg a = { .to = { -1, -1 } };
		bool any = fe->sysreg_get(state, thumb ? r->word << 16 | r->word >> 16 : r->word, &a);

		if (any == (r->kind != NONE) &&
		    (!any || (a.reg == r->reg && a.write == (r->kind == WRITE) &&
			      (!a.write || a.value == r->value) && a.to[0] == r->to[0] && a.to[1] == r->to[1])))
			continue;
		failures++;
		fprintf(stderr, "%s %08" PRIx32 ": %s of %#" PRIx32 ", value %#" PRIx64 ", to %d and %d\n", fe->name, r->word,
			!any ? "none" : a.write ? "write" : "read", a.reg, a.value, a.to[0], a.to[1]);
	}
}

static void done_on_arm(void)
{
	struct arm_state s = { 0 };
	struct frontend_sysreg to_flags = { .to = { 15, -1 } }, to_two = { .to = { 2, 3 } };

	arm_set_cpsr(&s, 0x10);
	s.itstate = 0x04;	/* two more instructions of IT EQ */
	frontend_arm.sysreg_done(&s, &to_two, 0x1122334455667788);
	CHECK(s.r[2] == 0x55667788 && s.r[3] == 0x11223344 && s.itstate == 0x08);
	frontend_arm.sysreg_done(&s, &to_flags, 0xa1234567);
	CHECK(arm_get_cpsr(&s) >> 28 == 0xa && s.itstate == 0);
}

static void done_on_ppc(void)
{
	struct ppc_state s = { .r[3] = 1 };
	struct frontend_sysreg read = { .to = { 3, -1 } }, write = { .write = true, .to = { -1, -1 } };

	frontend_ppc.sysreg_done(&s, &write, 7);
	CHECK(s.r[3] == 1 && s.r[0] == 0);
	frontend_ppc.sysreg_done(&s, &read, 7);
	CHECK(s.r[3] == 7);
}

int main(void)
{
	struct arm_state arm = { .pc = PC };
	struct ppc_state ppc_state = { 0 };

	for (unsigned n = 0; n < 15; n++) {
		arm.r[n] = OF(n);
		ppc_state.r[n] = OF(n);
	}
	check(&frontend_arm, &arm, false, a32, sizeof a32 / sizeof *a32);
	arm.pc |= 1;
	check(&frontend_arm, &arm, true, t32, sizeof t32 / sizeof *t32);
	check(&frontend_ppc, &ppc_state, false, ppc, sizeof ppc / sizeof *ppc);
	done_on_arm();
	done_on_ppc();
	return failures != 0;
}
