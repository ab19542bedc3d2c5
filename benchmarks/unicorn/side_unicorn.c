/* The comparison's side of Unicorn: the calls its users make for the same things. */
#include <stdlib.h>
#include <string.h>
#include <unicorn/unicorn.h>

#include "compare.h"

struct machine {
	uc_engine *uc;
	uc_context *context;
	enum guest guest;
	enum watch watch;
	uint64_t seen;
	uc_hook hook;
	uint8_t *saved;
};

static const struct {
	uc_arch arch;
	uc_mode mode;
	int pc, sp, lr, arg;
} guest_info[GUESTS] = {
	[GUEST_PPC] = {UC_ARCH_PPC, UC_MODE_PPC32 | UC_MODE_BIG_ENDIAN, UC_PPC_REG_PC, UC_PPC_REG_1, UC_PPC_REG_LR,
		       UC_PPC_REG_3},
	[GUEST_AARCH64] = {UC_ARCH_ARM64, UC_MODE_ARM, UC_ARM64_REG_PC, UC_ARM64_REG_SP, UC_ARM64_REG_X30,
			   UC_ARM64_REG_X0},
	[GUEST_ARM] = {UC_ARCH_ARM, UC_MODE_ARM, UC_ARM_REG_PC, UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_R0},
};

static void set(struct machine *m, int reg, uint64_t value)
{
	uc_reg_write(m->uc, reg, &value);
}

static void enable_floating_point(struct machine *m)
{
	uint64_t v = 0;

	switch (m->guest) {
	case GUEST_PPC:
		uc_reg_read(m->uc, UC_PPC_REG_MSR, &v);
		set(m, UC_PPC_REG_MSR, v | 0x2000);
		break;
	case GUEST_AARCH64: set(m, UC_ARM64_REG_CPACR_EL1, 3u << 20); break;
	default:
		set(m, UC_ARM_REG_C1_C0_2, 0xfu << 20);
		set(m, UC_ARM_REG_FPEXC, 1u << 30);
		break;
	}
}

static void on_code(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
}

static void count(uc_engine *uc, uint64_t address, uint32_t size, void *user)
{
	struct machine *m = user;

	m->seen++;
}

static bool watch(struct machine *m, uc_cb_hookcode_t fn)
{
	if (m->watch != WATCH_BLOCKS && m->watch != WATCH_INSNS)
		return true;
	return !uc_hook_add(m->uc, &m->hook, m->watch == WATCH_BLOCKS ? UC_HOOK_BLOCK : UC_HOOK_CODE, (void *)fn, m,
			    (uint64_t)1, (uint64_t)0);
}

static void machine_close(void *self)
{
	struct machine *m = self;

	if (!m)
		return;
	if (m->context)
		uc_context_free(m->context);
	if (m->uc)
		uc_close(m->uc);
	free(m->saved);
	free(m);
}

static void *machine_open(enum guest g, const uint8_t *image, size_t len, enum watch w)
{
	struct machine *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->guest = g;
	m->watch = w;
	if (w == WATCH_COUNTER || uc_open(guest_info[g].arch, guest_info[g].mode, &m->uc) ||
	    uc_mem_map(m->uc, 0, RAM_SIZE, UC_PROT_ALL) || uc_mem_write(m->uc, IMAGE_AT, image, len) || !watch(m, on_code))
		goto fail;
	enable_floating_point(m);
	return m;
fail:
	machine_close(m);
	return NULL;
}

static bool machine_call(void *self, uint32_t n, uint32_t *result)
{
	struct machine *m = self;
	uint64_t v = 0;

	set(m, guest_info[m->guest].sp, STACK_TOP);
	set(m, guest_info[m->guest].lr, RETURN_TO);
	set(m, guest_info[m->guest].arg, n);
	if (uc_emu_start(m->uc, IMAGE_AT, RETURN_TO, 0, m->watch == WATCH_BUDGET ? (size_t)1 << 40 : 0))
		return false;
	uc_reg_read(m->uc, guest_info[m->guest].arg, &v);
	*result = (uint32_t)v;
	return true;
}

static bool machine_enter(void *self, uint64_t until)
{
	struct machine *m = self;

	return !uc_emu_start(m->uc, IMAGE_AT, until, 0, 0);
}

static uint64_t machine_get(void *self)
{
	struct machine *m = self;
	uint64_t v = 0;

	uc_reg_read(m->uc, guest_info[m->guest].arg, &v);
	return v;
}

/* This release saves registers alone: the memory is copied by hand. */
static bool machine_rewind(void *self)
{
	struct machine *m = self;

	if (m->context)
		return !uc_context_restore(m->uc, m->context) && !uc_mem_write(m->uc, 0, m->saved, RAM_SIZE);
	m->saved = malloc(RAM_SIZE);
	return m->saved && !uc_mem_read(m->uc, 0, m->saved, RAM_SIZE) && !uc_context_alloc(m->uc, &m->context) &&
	       !uc_context_save(m->uc, m->context);
}

static uint64_t machine_seen(void *self)
{
	struct machine *m = self;
	uint32_t result;

	if (uc_hook_del(m->uc, m->hook) || !watch(m, count) || !machine_call(m, 1, &result))
		return 0;
	return m->seen;
}

const struct side side_unicorn = {
	.name = "Unicorn",
	.open = machine_open,
	.close = machine_close,
	.call = machine_call,
	.enter = machine_enter,
	.get = machine_get,
	.rewind = machine_rewind,
	.seen = machine_seen,
};
