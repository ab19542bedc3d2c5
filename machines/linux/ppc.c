/* 32-bit big-endian PowerPC Linux: the description that puts the ppc_*.c files together. */
#include <elf.h>
#include <linux/prctl.h>

#include "dragoman/ppc.h"
#include "ppc_priv.h"

static const struct lx_flag open_flags[] = {
	{ 0040000, 0200000 },	/* O_DIRECTORY */
	{ 0100000, 0400000 },	/* O_NOFOLLOW */
	{ 0200000, 0100000 },	/* O_LARGEFILE */
	{ 0400000, 0040000 },	/* O_DIRECT */
};

static const struct lx_flag map_flags[] = {
	{ 0x40, 0x4000 },	/* MAP_NORESERVE */
	{ 0x80, 0x2000 },	/* MAP_LOCKED */
};

static const struct lx_flag mcl_flags[] = { { 0x2000, 1 }, { 0x4000, 2 }, { 0x8000, 4 } };

static const struct lx_flag sockopt[] = {
	{ 16, 18 },	/* SO_RCVLOWAT */
	{ 17, 19 },	/* SO_SNDLOWAT */
	{ 18, 20 },	/* SO_RCVTIMEO */
	{ 19, 21 },	/* SO_SNDTIMEO */
	{ 20, 16 },	/* SO_PASSCRED */
	{ 21, 17 },	/* SO_PEERCRED */
};

/* AT_IGNOREPPC twice, then the cache block sizes; a unified cache does not exist. */
static const struct lx_aux aux[] = {
	{ 22, 22 }, { 22, 22 }, { AT_DCACHEBSIZE, 32 }, { AT_ICACHEBSIZE, 32 }, { AT_UCACHEBSIZE, 0 },
};

#define CLOCK_HZ 25000000u

/* 603 and 750 have no vector registers. */
static bool has_altivec(const lx *x)
{
	const char *model = x->p->cfg.model;

	return !model || !strcmp(model, "generic") || !strcmp(model, "7450");
}

static void hwcap(lx *x, uint64_t out[2])
{
	out[0] = 0x8c000000 | (has_altivec(x) ? 0x10000000u : 0);	/* 32 bits, FPU, MMU; AltiVec */
	out[1] = 0;
}

static void cpuinfo(lx *x, FILE *f)
{
	fprintf(f, "processor\t: 0\ncpu\t\t: 740/750%s\nclock\t\t: 1000.000000MHz\nrevision\t: 3.1 (pvr 0008 0301)\n"
		   "bogomips\t: %u.00\n\ntimebase\t: %u\nplatform\t: %s\n",
		has_altivec(x) ? ", altivec supported" : "", CLOCK_HZ / 500000, CLOCK_HZ, x->g->name);
}

static void start(lx *x, uint64_t entry, uint64_t sp, uint64_t load)
{
	for (uint32_t i = 0; i < 32; i++)
		dgm_set(x->cpu, DGM_PPC_R(i), 0);
	dgm_set(x->cpu, DGM_PPC_R1, sp);
	dgm_set(x->cpu, DGM_PPC_R2, load);
	dgm_set(x->cpu, DGM_PPC_PC, entry);
	dgm_set(x->cpu, DGM_PPC_VSCR, 0x10000);		/* NJ, as the kernel starts programs */
}

/* r3 = value, CR0.SO = 0; or r3 = errno, CR0.SO = 1. */
static void set_result(lx *x, int64_t ret)
{
	bool fail = ret < 0 && ret >= -4095;
	uint64_t cr = dgm_get(x->cpu, DGM_PPC_CR) & ~0x10000000ull;

	dgm_set(x->cpu, DGM_PPC_R3, (uint32_t)(fail ? -ret : ret));
	dgm_set(x->cpu, DGM_PPC_CR, fail ? cr | 0x10000000u : cr);
}

/* The modes of floating-point exceptions are MSR bits: precise (3), or off (0). */
static int64_t ppc_prctl(lx *x, uint64_t op, uint64_t arg)
{
	uint64_t fe = dgm_get(x->cpu, DGM_PPC_MSR_FE);

	switch (op) {
	case PR_SET_FPEXC:
		/* PR_FP_EXC_NONRECOV is FE1, PR_FP_EXC_ASYNC FE0, PR_FP_EXC_PRECISE both. */
		if (arg & PR_FP_EXC_SW_ENABLE)
			return -EINVAL;	/* only for cores with SPE */
		if (arg > 3)
			return -EINVAL;
		dgm_set(x->cpu, DGM_PPC_MSR_FE, (arg & PR_FP_EXC_ASYNC ? 2u : 0u) | (arg & PR_FP_EXC_NONRECOV ? 1u : 0u));
		if (arg)
			lx_note_precise(x);
		return 0;
	case PR_GET_FPEXC:
		return lx_put32(x, arg, (fe & 2 ? PR_FP_EXC_ASYNC : 0) | (fe & 1 ? PR_FP_EXC_NONRECOV : 0));
	case PR_GET_ENDIAN:
		return lx_put32(x, arg, PR_ENDIAN_BIG);
	case PR_SET_ENDIAN:
		return arg == PR_ENDIAN_BIG ? 0 : -EINVAL;
	case PR_SET_UNALIGN:
	case PR_GET_UNALIGN:
		return -EINVAL;
	default:
		return -ENOSYS;
	}
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Bits of O_* that are the same: access mode, O_CREAT to O_NONBLOCK, O_DSYNC, O_ASYNC, O_NOATIME to __O_TMPFILE. */
#define OPEN_SAME 037037703u
/* MAP_TYPE, FIXED, ANONYMOUS, GROWSDOWN, DENYWRITE, EXECUTABLE, POPULATE to FIXED_NOREPLACE. */
#define MAP_SAME 0x1f993fu

const struct lx_guest lx_ppc = {
	.name = "ppc",
	.platform = "ppc750",
	.arch = DGM_ARCH_PPC32,
	.elf_machine = EM_PPC,
	.word = 4,
	.big_endian = true,
	.sigpage_is_elf = true,
	.read_implies_exec = true,
	.task_size = 0xc0000000,
	.dyn_base = 0x20000000,
	.clock_hz = CLOCK_HZ,
	.aux = aux,
	.n_aux = COUNT(aux),
	.frame_min = 2048,
	.nr = lx_ppc_nr,
	.n_nr = &lx_ppc_n_nr,
	.st = lx_ppc_structs,
	.st_common = lx_structs_32,
	.open_flags = { open_flags, COUNT(open_flags), OPEN_SAME },
	.map_flags = { map_flags, COUNT(map_flags), MAP_SAME },
	.mcl_flags = { mcl_flags, COUNT(mcl_flags), 0 },
	.sockopt = sockopt,
	.n_sockopt = COUNT(sockopt),
	.ioctls = lx_ppc_ioctls,
	.n_ioctls = &lx_ppc_n_ioctls,
	.errnos = NULL,
	.n_errnos = 0,
	.termios_to_host = lx_ppc_termios_to_host,
	.termios_to_guest = lx_ppc_termios_to_guest,
	.hwcap = hwcap,
	.cpuinfo = cpuinfo,
	.start = start,
	.sp = DGM_PPC_R1,
	.pc = DGM_PPC_PC,
	.tls = DGM_PPC_R2,
	.set_result = set_result,
	.save = lx_ppc_save,
	.restore = lx_ppc_restore,
	.trampolines = lx_ppc_trampolines,
	.push_frame = lx_ppc_push_frame,
	.pop_frame = lx_ppc_pop_frame,
	.swapcontext = lx_ppc_swapcontext,
	.fix_align = lx_ppc_fix_align,
	.fpe_code = lx_ppc_fpe_code,
	.prctl = ppc_prctl,
};
