/* AArch64 Linux: the description that puts the aarch64_*.c files together. */
#include <elf.h>

#include "aarch64_priv.h"
#include "dragoman/aarch64.h"

static const struct lx_flag open_flags[] = {
	{ 0040000, 0200000 },	/* O_DIRECTORY */
	{ 0100000, 0400000 },	/* O_NOFOLLOW */
	{ 0200000, 0040000 },	/* O_DIRECT */
	{ 0400000, 0100000 },	/* O_LARGEFILE */
};

static const struct lx_aux aux[] = { { 51 /* AT_MINSIGSTKSZ */, LX_AARCH64_SIGNAL_STACK } };

static void hwcap(lx *x, uint64_t out[2])
{
	out[0] = dgm_get(x->cpu, DGM_A64_HWCAP);
	out[1] = dgm_get(x->cpu, DGM_A64_HWCAP2);
}

/* Names of the bits of AT_HWCAP and, from 64 on, AT_HWCAP2, as the kernel writes them. */
static const char *const features[] = {
	"fp", "asimd", "evtstrm", "aes", "pmull", "sha1", "sha2", "crc32", "atomics", "fphp", "asimdhp", "cpuid",
	"asimdrdm", "jscvt", "fcma", "lrcpc", "dcpop", "sha3", "sm3", "sm4", "asimddp", "sha512", "sve", "asimdfhm",
	"dit", "uscat", "ilrcpc", "flagm", "ssbs", "sb", "paca", "pacg",
	[64] = "dcpodp", "sve2", "sveaes", "svepmull", "svebitperm", "svesha3", "svesm4", "flagm2", "frint",
	"svei8mm", "svef32mm", "svef64mm", "svebf16", "i8mm", "bf16", "dgh", "rng", "bti",
};

static void cpuinfo(lx *x, FILE *f)
{
	uint64_t caps[2];
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	hwcap(x, caps);
	for (long i = 0; i < n; i++) {
		fprintf(f, "processor\t: %ld\nBogoMIPS\t: %u.00\nFeatures\t:", i, DGM_A64_CNTFRQ / 500000);
		for (size_t b = 0; b < sizeof features / sizeof features[0]; b++)
			if (features[b] && caps[b / 64] >> (b % 64) & 1)
				fprintf(f, " %s", features[b]);
		fprintf(f, "\nCPU implementer\t: 0x00\nCPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0x000\n"
			   "CPU revision\t: 0\n\n");
	}
}

static void start(lx *x, uint64_t entry, uint64_t sp, uint64_t load)
{
	for (uint32_t i = 0; i < 31; i++)
		dgm_set(x->cpu, DGM_A64_X(i), 0);
	dgm_set(x->cpu, DGM_A64_SP, sp);
	dgm_set(x->cpu, DGM_A64_PC, entry);
}

static void set_result(lx *x, int64_t ret)
{
	dgm_set(x->cpu, DGM_A64_X0, (uint64_t)ret);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Bits of O_* that are the same: access mode, O_CREAT to O_NONBLOCK, O_DSYNC, O_ASYNC, O_NOATIME to __O_TMPFILE. */
#define OPEN_SAME 037037703u
#define MAP_SAME 0x1fff3fu
#define MCL_SAME 7u

const struct lx_guest lx_aarch64 = {
	.name = "aarch64",
	.platform = "aarch64",
	.arch = DGM_ARCH_AARCH64,
	.elf_machine = EM_AARCH64,
	.word = 8,
	.task_size = (uint64_t)1 << 46,
	.dyn_base = 0x180000000000,
	.clock_hz = DGM_A64_CNTFRQ,
	.aux = aux,
	.n_aux = COUNT(aux),
	.frame_min = 5120,
	.nr = lx_aarch64_nr,
	.n_nr = &lx_aarch64_n_nr,
	.st = lx_aarch64_structs,
	.st_common = lx_structs_64_little,
	.open_flags = { open_flags, COUNT(open_flags), OPEN_SAME },
	.map_flags = { NULL, 0, MAP_SAME },
	.mcl_flags = { NULL, 0, MCL_SAME },
	.ioctls = lx_aarch64_ioctls,
	.n_ioctls = &lx_aarch64_n_ioctls,
	.hwcap = hwcap,
	.cpuinfo = cpuinfo,
	.start = start,
	.sp = DGM_A64_SP,
	.pc = DGM_A64_PC,
	.tls = DGM_A64_TPIDR_EL0,
	.set_result = set_result,
	.save = lx_aarch64_save,
	.restore = lx_aarch64_restore,
	.trampolines = lx_aarch64_trampolines,
	.push_frame = lx_aarch64_push_frame,
	.pop_frame = lx_aarch64_pop_frame,
};
