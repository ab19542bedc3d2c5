/* ARM EABI Linux: the description that puts the arm_*.c files together, and the calls that ARM alone has. */
#include <elf.h>

#include "arm_priv.h"
#include "dragoman/arm.h"

static const struct lx_flag open_flags[] = {
	{ 0040000, 0200000 },	/* O_DIRECTORY */
	{ 0100000, 0400000 },	/* O_NOFOLLOW */
	{ 0200000, 0040000 },	/* O_DIRECT */
	{ 0400000, 0100000 },	/* O_LARGEFILE */
};

static void hwcap(lx *x, uint64_t out[2])
{
	out[0] = dgm_get(x->cpu, DGM_ARM_HWCAP);
	out[1] = dgm_get(x->cpu, DGM_ARM_HWCAP2);
}

#define CLOCK_HZ 62500000u

/* Names of the bits of AT_HWCAP and, from 32 on, AT_HWCAP2, as the kernel writes them. */
static const char *const features[] = {
	"swp", "half", "thumb", "26bit", "fastmult", "fpa", "vfp", "edsp", "java", "iwmmxt", "crunch", "thumbee",
	"neon", "vfpv3", "vfpv3d16", "tls", "vfpv4", "idiva", "idivt", "vfpd32", "lpae", "evtstrm",
	[32] = "aes", "pmull", "sha1", "sha2", "crc32",
};

static void cpuinfo(lx *x, FILE *f)
{
	uint64_t caps[2];
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	hwcap(x, caps);
	for (long i = 0; i < n; i++) {
		fprintf(f, "processor\t: %ld\nmodel name\t: ARMv7 Processor rev 0 (v7l)\nBogoMIPS\t: %u.00\nFeatures\t:", i,
			CLOCK_HZ / 500000);
		for (size_t b = 0; b < sizeof features / sizeof features[0]; b++)
			if (features[b] && caps[b / 32] >> (b % 32) & 1)
				fprintf(f, " %s", features[b]);
		fprintf(f, "\nCPU implementer\t: 0x00\nCPU architecture: 7\nCPU variant\t: 0x0\nCPU part\t: 0x000\n"
			   "CPU revision\t: 0\n\n");
	}
	fprintf(f, "Hardware\t: Generic\nRevision\t: 0000\nSerial\t\t: 0000000000000000\n");
}

/* Files of before the EABI have other system calls; the library that made them cannot be told from the file. */
static const char *refused(uint64_t elf_flags)
{
	return elf_flags & 0xff000000 ? NULL : "made for the ABI of old, not for the EABI";
}

static void start(lx *x, uint64_t entry, uint64_t sp, uint64_t load)
{
	for (uint32_t i = 0; i < 15; i++)
		dgm_set(x->cpu, DGM_ARM_R(i), 0);
	dgm_set(x->cpu, DGM_ARM_SP, sp);
	dgm_set(x->cpu, DGM_ARM_T, entry & 1);
	dgm_set(x->cpu, DGM_ARM_MISALIGNED, 1);
	dgm_set(x->cpu, DGM_ARM_PC, entry & ~1ull);
}

static void set_result(lx *x, int64_t ret)
{
	dgm_set(x->cpu, DGM_ARM_R0, (uint32_t)ret);
}

/*
 * Three undefined encodings are breakpoints for the kernel; a bkpt instruction is a debug event to it. In
 * T32 the first half of the instruction is the lower half of the opcode.
 */
static void fault_info(lx *x, const dgm_fault *f, siginfo_t *si)
{
	bool t32 = dgm_get(x->cpu, DGM_ARM_T);
	uint32_t op = f->opcode;

	if (f->cause == DGM_CAUSE_TRAP) {
		si->si_code = TRAP_HWBKPT;
	} else if (f->cause == DGM_CAUSE_ILLEGAL && (t32 ? (op & 0xffff) == 0xde01 || op == 0xa000f7f0 :
							   (op & 0x0fffffff) == 0x07f001f0)) {
		si->si_signo = SIGTRAP;
		si->si_code = TRAP_BRKPT;
	}
}

/* ---- the calls of the processor's own ---- */

int64_t lx_sys_arm_breakpoint(lx *x, const uint64_t *a)
{
	siginfo_t si = { .si_signo = SIGTRAP, .si_code = TRAP_BRKPT };

	si.si_addr = (void *)(uintptr_t)x->sc_pc;
	lx_set_pc(x, x->sc_pc);
	x->no_result = true;
	lx_force(x, &si);
	return 0;
}

int64_t lx_sys_arm_cacheflush(lx *x, const uint64_t *a)
{
	if (a[1] < a[0] || a[2])
		return -EINVAL;
	if (a[1] > x->g->task_size)
		return -EFAULT;
	return dgm_mem_touched(x->vm, a[0], a[1] - a[0]) ? -ENOMEM : 0;
}

int64_t lx_sys_arm_set_tls(lx *x, const uint64_t *a)
{
	lx_set_tls(x, a[0]);
	return 0;
}

int64_t lx_sys_arm_get_tls(lx *x, const uint64_t *a)
{
	return (int64_t)dgm_get(x->cpu, DGM_ARM_TPIDRURO);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Bits of O_* that are the same: access mode, O_CREAT to O_NONBLOCK, O_DSYNC, O_ASYNC, O_NOATIME to __O_TMPFILE. */
#define OPEN_SAME 037037703u
#define MAP_SAME 0x1fff3fu
#define MCL_SAME 7u

const struct lx_guest lx_arm = {
	.name = "armv7l",
	.platform = "v7l",
	.arch = DGM_ARCH_ARM,
	.elf_machine = EM_ARM,
	.word = 4,
	.task_size = 0xbf000000,
	.dyn_base = 0x400000,
	.clock_hz = CLOCK_HZ,
	.frame_min = 2048,
	.nr = lx_arm_nr,
	.n_nr = &lx_arm_n_nr,
	.private_nr = lx_arm_private_nr,
	.n_private_nr = &lx_arm_n_private_nr,
	.private_base = 0xf0000,
	.st = lx_arm_structs,
	.st_common = lx_structs_32,
	.open_flags = { open_flags, COUNT(open_flags), OPEN_SAME },
	.map_flags = { NULL, 0, MAP_SAME },
	.mcl_flags = { NULL, 0, MCL_SAME },
	.ioctls = lx_arm_ioctls,
	.n_ioctls = &lx_arm_n_ioctls,
	.refused = refused,
	.hwcap = hwcap,
	.cpuinfo = cpuinfo,
	.map_pages = lx_arm_map_pages,
	.start = start,
	.sp = DGM_ARM_SP,
	.pc = DGM_ARM_PC,
	.tls = DGM_ARM_TPIDRURO,
	.set_result = set_result,
	.save = lx_arm_save,
	.restore = lx_arm_restore,
	.trampolines = lx_arm_trampolines,
	.push_frame = lx_arm_push_frame,
	.pop_frame = lx_arm_pop_frame,
	.fault_info = fault_info,
};
