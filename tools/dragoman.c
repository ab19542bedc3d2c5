/*
 * dragoman: runs a Linux program of a foreign architecture. Options, signals and exit status are here;
 * everything else is done by libdragoman and libdragoman-linux through their public headers.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dragoman/linux.h"
#include "binfmt.h"
#include "common.h"
#include "gdb_line.h"
#include "sandbox.h"

/* The kernel's word that a file it starts comes with its own argv[0]. */
#ifndef AT_FLAGS_PRESERVE_ARGV0
#define AT_FLAGS_PRESERVE_ARGV0 1
#endif

/* The guest that this process's signals belong to: a handler has no other way to know. */
static dgm_linux *the_guest;

struct options {
	const char *sysroot, *argv0, *model, *program, *gdb, *inherited;
	char **args;		/* the program's, args[0] is its name */
	char **env;
	size_t n_env;
	dgm_engine_cfg engine;
	bool stats, strace, sandbox, make_in_root;
	const char **self_args;	/* what children need of these options */
	size_t n_self;
};

static const char help[] =
	"usage: dragoman [options] PROGRAM [ARGUMENTS]\n"
	"Runs PROGRAM, a Linux program for AArch64, 32-bit ARM (EABI) or 32-bit PowerPC.\n"
	"\n"
	"  -L DIR            look for absolute paths (interpreter, libraries, files) in DIR first; by default\n"
	"                    where the cross compiler's C library lies, such as /usr/aarch64-linux-gnu\n"
	"  -E VAR=VALUE      set an environment variable of the program\n"
	"  -U VAR            remove one\n"
	"  -0 NAME           the program's argv[0]\n"
	"  --cpu=MODEL       processor model\n"
	"  --tier=TIER       auto, interp, baseline or llvm: how to run the code\n"
	"  --hot-after=N     executions of a block before LLVM compiles it (%d)\n"
	"  --workers=N       threads that compile, up to %d (%d); 0: whoever finds code hot\n"
	"  --code-size=SIZE  bytes of translations to keep, such as 16M (%dM)\n"
	"  --stats           print counters to standard error at the end\n"
	"  --strace          print the program's system calls to standard error\n"
	"  --dump=WHAT[@LO-HI]  print lift, opt, llvm, asm (a list with commas) of the guest's addresses\n"
	"  --perf            write /tmp/perf-PID.map, from which perf report names translated code\n"
	"  --jitdump         write jit-PID.dump with the code itself, for perf inject --jit\n"
	"  --gdb=WHERE       wait for GDB before the first instruction: at PORT of this machine, unix:PATH, stdio\n"
	"  --make-in-root    make files in DIR of -L where it has the folder, even if this machine has it too\n"
	"  --sandbox         keep the program in DIR of -L, without network\n"
	"  --install-binfmt[=print]  let the kernel start dragoman for the guests' files, or print how\n"
	"  --audit           let the interpreter repeat what translated code does, and stop where they differ\n"
	"  --gdb-jit         tell a debugger of this process the names of translated code\n"
	"  --version, --help\n"
	"\n"
	"Environment: DGM_SYSROOT, DGM_TIER, DGM_STATS, DGM_STRACE, DGM_DUMP, DGM_CPU stand for the options;\n"
	"DGM_BACKEND_DIR is where dragoman-llvm.so lies if not where it was installed.\n";

/* ---- signals ---- */

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if ((sig == SIGSEGV || sig == SIGBUS) && dgm_signal(sig, info, context))
		return;
	if (the_guest && dgm_linux_signal(the_guest, sig, info, context))
		return;
	/* A fault of this program: let it happen again without this handler. */
	signal(sig, SIG_DFL);
}

/* Two signals that the C library uses itself and offers to nobody; the guest's uses them as well. */
static bool is_library_signal(int sig)
{
	return sig == 32 || sig == 33;
}

/* The kernel's struct sigaction. */
struct kernel_action {
	void *handler;
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

/* As set_signal, past the C library; the way back out of a handler is taken from that of SIGSEGV. */
static int set_library_signal(int sig, int how, int flags)
{
	struct kernel_action act = { .handler = how == DGM_LINUX_SIG_IGN ? (void *)SIG_IGN : NULL };

	if (how == DGM_LINUX_SIG_CATCH) {
		if (syscall(SYS_rt_sigaction, SIGSEGV, NULL, &act, sizeof act.mask))
			return -errno;
		act.mask |= 1ull << 31 | 1ull << 32;
	}
	act.flags |= (unsigned long)flags;
	return syscall(SYS_rt_sigaction, sig, &act, NULL, sizeof act.mask) ? -errno : 0;
}

static int set_signal(int sig, int flags)
{
	struct sigaction sa = { .sa_sigaction = on_signal };

	sa.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK | flags;
	sigfillset(&sa.sa_mask);
	/* These are never a guest's to block: the translator may take them at any instruction. */
	sigdelset(&sa.sa_mask, SIGSEGV);
	sigdelset(&sa.sa_mask, SIGBUS);
	return sigaction(sig, &sa, NULL) ? -errno : 0;
}

static int guest_signal(void *ud, int sig, int how, int flags)
{
	struct sigaction sa = { .sa_handler = how == DGM_LINUX_SIG_IGN ? SIG_IGN : SIG_DFL, .sa_flags = flags };

	if (is_library_signal(sig))
		return set_library_signal(sig, how, flags);
	if (how == DGM_LINUX_SIG_CATCH)
		return set_signal(sig, flags);
	return sigaction(sig, &sa, NULL) ? -errno : 0;
}

/* The handler's stack must not be the guest's, nor one that the library's code runs out of. */
static bool prepare_signals(void)
{
	static char stack[65536] __attribute__((aligned(16)));
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack };

	return !sigaltstack(&ss, NULL) && !set_signal(SIGSEGV, 0) && !set_signal(SIGBUS, 0);
}

/* ---- options ---- */

static bool parse_tier(struct options *o, const char *t)
{
	if (!strcmp(t, "auto"))
		return true;
	if (!strcmp(t, "interp"))
		o->engine.flags |= DGM_INTERP_ONLY;
	else if (!strcmp(t, "baseline"))
		o->engine.flags |= DGM_NO_LLVM;
	else if (!strcmp(t, "llvm"))
		o->engine.flags |= DGM_HOT_AT_ONCE;
	else
		return false;
	return true;
}

static bool parse_dump(struct options *o, const char *text)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} what[] = { { "lift", DGM_DUMP_LIFT }, { "opt", DGM_DUMP_OPT }, { "llvm", DGM_DUMP_LLVM }, { "asm", DGM_DUMP_ASM } };
	const char *range = strchr(text, '@');
	char *end;

	while (*text && *text != '@') {
		size_t n = strcspn(text, ",@"), i;

		for (i = 0; i < 4 && (strlen(what[i].name) != n || strncmp(what[i].name, text, n)); i++)
			;
		if (i == 4)
			return false;
		o->engine.dump |= what[i].bit;
		text += n + (text[n] == ',');
	}
	if (!range)
		return o->engine.dump != 0;
	o->engine.dump_lo = strtoull(range + 1, &end, 16);
	if (*end != '-')
		return false;
	o->engine.dump_hi = strtoull(end + 1, &end, 16);
	return !*end && o->engine.dump && o->engine.dump_hi > o->engine.dump_lo;
}

static size_t find_env(const struct options *o, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < o->n_env; i++)
		if (!strncmp(o->env[i], name, len) && o->env[i][len] == '=')
			break;
	return i;
}

static void set_env(struct options *o, char *pair)
{
	size_t i = find_env(o, pair, strcspn(pair, "="));

	o->env[i] = pair;
	if (i == o->n_env)
		o->env[++o->n_env] = NULL;
}

static void unset_env(struct options *o, const char *name)
{
	size_t i = find_env(o, name, strlen(name));

	if (i < o->n_env) {
		o->env[i] = o->env[--o->n_env];
		o->env[o->n_env] = NULL;
	}
}

/* Options that children of the guest need as well; env and argv[0] they get by themselves. */
static void pass_on(struct options *o, const char *a, const char *b)
{
	o->self_args[o->n_self++] = a;
	if (b)
		o->self_args[o->n_self++] = b;
}

/* A number, of bytes with K, M or G behind it; false: none, 0, or above max. */
static bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	unit = *end ? strchr(units, *end) : NULL;
	for (const char *u = units; unit && u <= unit; u++)
		*out = *out > UINT64_MAX >> 10 ? UINT64_MAX : *out << 10;
	return !errno && !end[unit != NULL] && *out && *out <= max;
}

static bool parse_code_size(struct options *o, const char *text)
{
	return parse_number(text, UINT64_C(1) << 40, &o->engine.code_budget);
}

static bool parse_hot(struct options *o, const char *text)
{
	uint64_t n;

	if (!parse_number(text, UINT32_MAX, &n))
		return false;
	o->engine.hot_threshold = (uint32_t)n;
	return true;
}

static bool parse_workers(struct options *o, const char *text)
{
	uint64_t n;

	if (!strcmp(text, "0")) {
		o->engine.flags |= DGM_DETERMINISTIC;
		return true;
	}
	if (!parse_number(text, DGM_MAX_WORKERS, &n))
		return false;
	o->engine.workers = (uint32_t)n;
	return true;
}

static bool parse_model(struct options *o, const char *text)
{
	o->model = text;
	return true;
}

static bool parse_gdb(struct options *o, const char *text)
{
	o->gdb = text;
	return true;
}

static bool parse_inherited(struct options *o, const char *text)
{
	o->inherited = text;
	return true;
}

/* NULL: taken; else what is wrong. */
static const char *value_option(struct options *o, const char *arg, const char *value)
{
	static const struct {
		const char *name, *wrong;
		bool (*parse)(struct options *o, const char *value);
		bool own;	/* not for the program's children */
	} known[] = {
		{ "--tier=", "not auto, interp, baseline or llvm", parse_tier, false },
		{ "--dump=", "not lift, opt, llvm, asm, with commas, and @LO-HI in hexadecimal", parse_dump, false },
		{ "--cpu=", NULL, parse_model, false },
		{ "--code-size=", "not a number of bytes, with K, M or G if you like", parse_code_size, false },
		{ "--hot-after=", "not a number of executions", parse_hot, false },
		{ "--workers=", "not a number of threads, or too many", parse_workers, false },
		{ "--gdb=", NULL, parse_gdb, true },
		{ "--inherit=", NULL, parse_inherited, true },
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (strncmp(arg, known[i].name, (size_t)(value - arg)))
			continue;
		if (!known[i].own)
			pass_on(o, arg, NULL);
		return known[i].parse(o, value) ? NULL : known[i].wrong;
	}
	return "unknown option";
}

static const char *long_option(struct options *o, const char *arg)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} flags[] = {
		{ "--perf", DGM_PERF_MAP }, { "--jitdump", DGM_JITDUMP }, { "--audit", DGM_AUDIT }, { "--gdb-jit", DGM_GDB_JIT },
	};
	const char *equals = strchr(arg, '=');
	uint32_t flag = 0;

	if (equals)
		return value_option(o, arg, equals + 1);
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
		if (!strcmp(arg, flags[i].name))
			flag = flags[i].flag;
	o->engine.flags |= flag;
	if (!strcmp(arg, "--stats")) {
		o->stats = true;
		return NULL;
	}
	if (!strcmp(arg, "--sandbox")) {
		o->sandbox = true;
		arg = "--make-in-root";	/* children are inside already */
	}
	if (!strcmp(arg, "--make-in-root"))
		o->make_in_root = true;
	else if (!strcmp(arg, "--strace"))
		o->strace = true;
	else if (!flag)
		return "unknown option";
	pass_on(o, arg, NULL);
	return NULL;
}

static int usage(const char *arg, const char *why)
{
	complain(arg, why);
	dprintf(STDERR_FILENO, "try dragoman --help\n");
	return EXIT_USAGE;
}

/* Writes to standard output and says so when that fails. */
static int print(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout)) {
		complain("standard output", strerror(errno));
		return 1;
	}
	return 0;
}

static int print_help(void)
{
	char text[2 * sizeof help];

	snprintf(text, sizeof text, help, DGM_USUAL_THRESHOLD, DGM_MAX_WORKERS, DGM_USUAL_WORKERS, DGM_USUAL_CODE >> 20);
	return print(text);
}

static int print_version(void)
{
	const char *build = "";
	uint32_t abi, v = dgm_version(&abi, &build);
	char text[512];

	snprintf(text, sizeof text, "dragoman %u.%u.%u (ABI %u) %s\n", v >> 16 & 0xff, v >> 8 & 0xff, v & 0xff, abi, build);
	return print(text);
}

static void from_environment(struct options *o)
{
	const char *v;

	o->sysroot = getenv("DGM_SYSROOT");
	o->model = getenv("DGM_CPU");
	o->engine.backend_dir = getenv("DGM_BACKEND_DIR");
	o->stats = getenv("DGM_STATS") != NULL;
	o->strace = getenv("DGM_STRACE") != NULL;
	v = getenv("DGM_TIER");
	if (v && !parse_tier(o, v))
		complain("DGM_TIER", "not a tier, ignored");
	v = getenv("DGM_DUMP");
	if (v && !parse_dump(o, v))
		complain("DGM_DUMP", "not understood, ignored");
}

/* What the kernel starts for a guest's file (--install-binfmt): the file, its argv[0], its other arguments. */
static bool by_kernel(struct options *o, int argc, char **argv)
{
	if (argc < 3 || !(getauxval(AT_FLAGS) & AT_FLAGS_PRESERVE_ARGV0))
		return false;
	o->program = argv[1];
	o->args = argv + 2;
	return true;
}

/* -1: go on; else the exit status. */
static int parse(struct options *o, int argc, char **argv)
{
	int i;

	if (by_kernel(o, argc, argv))
		return -1;
	for (i = 1; i < argc && argv[i][0] == '-'; i++) {
		char *arg = argv[i], *value = NULL;
		const char *wrong;

		if (!strcmp(arg, "--")) {
			i++;
			break;
		}
		if (!strcmp(arg, "--help"))
			return print_help();
		if (!strcmp(arg, "--version"))
			return print_version();
		if (!strcmp(arg, "--install-binfmt") || !strcmp(arg, "--install-binfmt=print"))
			return install_binfmt(arg[16] == '=');
		if (!strcmp(arg, "--gdb")) {
			o->gdb = argv[++i];
			if (!o->gdb)
				return usage(arg, "needs an argument");
			continue;
		}
		if (arg[1] == '-') {
			wrong = long_option(o, arg);
			if (wrong)
				return usage(arg, wrong);
			continue;
		}
		if (!arg[1] || !strchr("LEU0", arg[1]))
			return usage(arg, "unknown option");
		value = arg[2] ? arg + 2 : argv[++i];
		if (!value)
			return usage(arg, "needs an argument");
		switch (arg[1]) {
		case 'L':
			/* Children may be started in another folder. */
			o->sysroot = realpath(value, NULL);
			o->sysroot = o->sysroot ? o->sysroot : value;
			pass_on(o, "-L", o->sysroot);
			break;
		case 'E':
			if (!strchr(value, '=') || value[0] == '=')
				return usage(value, "not of the form VAR=VALUE");
			set_env(o, value);
			break;
		case 'U':
			unset_env(o, value);
			break;
		case '0':
			o->argv0 = value;
			break;
		}
	}
	if (i >= argc)
		return usage("no program given", NULL);
	if (o->sandbox && !(o->sysroot && o->sysroot[0]))
		return usage("--sandbox", "needs -L DIR");
	o->program = argv[i];
	o->args = argv + i;
	if (o->argv0)
		o->args[0] = (char *)(uintptr_t)o->argv0;
	return -1;
}

static bool alloc_options(struct options *o, int argc)
{
	while (environ[o->n_env])
		o->n_env++;
	o->env = malloc((o->n_env + (size_t)argc + 1) * sizeof *o->env);
	o->self_args = calloc((size_t)argc * 2 + 1, sizeof *o->self_args);
	if (!o->env || !o->self_args)
		return false;
	memcpy(o->env, environ, (o->n_env + 1) * sizeof *o->env);
	return true;
}

/* Whose ELF file begins with these bytes; false: no guest's. */
static bool find_guest(const uint8_t *h, dgm_linux_guest_info *g)
{
	for (uint32_t i = 0; !dgm_linux_guest_enum(i, g); i++)
		if (h[EI_CLASS] == g->elf_class && h[EI_DATA] == g->elf_data &&
		    (h[EI_DATA] == ELFDATA2MSB ? h[18] << 8 | h[19] : h[19] << 8 | h[18]) == g->elf_machine)
			return true;
	return false;
}

/*
 * Where Debian keeps the C library of cross compilers for the program's machine; NULL: there is none. What is
 * wrong with the file is found by those who load it.
 */
static const char *default_sysroot(const char *program)
{
	static const struct {
		uint32_t arch;
		const char *dir;
	} dirs[] = {
		{ DGM_ARCH_AARCH64, "/usr/aarch64-linux-gnu" },
		{ DGM_ARCH_ARM, "/usr/arm-linux-gnueabihf" },
		{ DGM_ARCH_PPC32, "/usr/powerpc-linux-gnu" },
	};
	dgm_linux_guest_info g = DGM_INIT(dgm_linux_guest_info);
	uint8_t h[sizeof(Elf32_Ehdr)];
	int fd = open(program, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, h, sizeof h) : -1;
	const char *dir = NULL;

	if (fd >= 0)
		close(fd);
	if (n != sizeof h || memcmp(h, ELFMAG, SELFMAG) || !find_guest(h, &g))
		return NULL;
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		if (dirs[i].arch == g.arch)
			dir = dirs[i].dir;
	/* e_flags: without hard floats it is another library. */
	if (g.arch == DGM_ARCH_ARM && !(h[37] & EF_ARM_VFP_FLOAT >> 8))
		dir = "/usr/arm-linux-gnueabi";
	return dir && !access(dir, X_OK) ? dir : NULL;
}

/* ---- running ---- */

static void on_log(void *ud, int level, const char *category, const char *msg)
{
	/* "perf" speaks only of what an option asked for. */
	if (level <= DGM_LOG_ERROR || !strcmp(category, "dump") || !strcmp(category, "perf") || !strcmp(category, "audit"))
		dprintf(STDERR_FILENO, !strcmp(category, "dump") || !strcmp(category, "audit") ? "%.0s%s\n" : "dragoman: %s: %s\n", category, msg);
}

static void on_trace(void *ud, const char *line)
{
	dprintf(STDERR_FILENO, "%d %s\n", (int)syscall(SYS_gettid), line);
}

/* What the host or the installation lacks, so that code ran slower than asked. */
static void report_missing(dgm_vm *vm)
{
	dgm_stats s = DGM_INIT(dgm_stats);

	if (!vm || dgm_vm_stats(vm, &s))
		return;
	if (s.jit_refused)
		complain("the host gives no executable memory: everything was interpreted", NULL);
	if (s.llvm_missing)
		complain("the LLVM back end could not be opened: hot code stayed as the baseline made it", NULL);
}

static uint64_t each(uint64_t sum, uint64_t n)
{
	return n ? sum / n : 0;
}

static void print_stats(dgm_vm *vm)
{
	dgm_stats s = DGM_INIT(dgm_stats);

	if (!vm || dgm_vm_stats(vm, &s))
		return;
	dprintf(STDERR_FILENO,
		"dragoman: units: %" PRIu64 " interpreted, %" PRIu64 " baseline, %" PRIu64 " llvm\n"
		"dragoman: baseline: %" PRIu64 " instructions to %" PRIu64 " bytes; llvm: %" PRIu64 " to %" PRIu64 "\n"
		"dragoman: time (us): lift %" PRIu64 ", opt %" PRIu64 ", baseline %" PRIu64 ", llvm %" PRIu64
		", queued %" PRIu64 "\n"
		"dragoman: compiling an instruction (ns): baseline %" PRIu64 ", llvm %" PRIu64 "\n"
		"dragoman: code: %" PRIu64 " of %" PRIu64 " bytes; links %" PRIu64 " made, %" PRIu64 " broken\n"
		"dragoman: lookups: %" PRIu64 " fast, %" PRIu64 " slow; flushes %" PRIu64 ", invalidated %" PRIu64 "\n"
		"dragoman: exits %" PRIu64 ", system calls %" PRIu64 ", faults %" PRIu64 ", instructions %" PRIu64
		", interpreted blocks %" PRIu64 "\n",
		s.units_interp, s.units_baseline, s.units_llvm, s.guest_insns_baseline, s.host_bytes_baseline,
		s.guest_insns_llvm, s.host_bytes_llvm, s.ns_lift / 1000, s.ns_opt / 1000, s.ns_baseline / 1000,
		s.ns_llvm / 1000, s.ns_queue / 1000, each(s.ns_baseline, s.guest_insns_baseline),
		each(s.ns_llvm, s.guest_insns_llvm), s.code_used, s.code_budget, s.links_made, s.links_broken,
		s.lookups_fast, s.lookups_slow, s.flushes, s.invalidated, s.exits, s.syscalls, s.faults, s.insns,
		s.runs_interp);
	report_missing(vm);
}

static int fail_linux(dgm_linux *lx, dgm_status st)
{
	dgm_error e = DGM_INIT(dgm_error);

	(void)dgm_linux_error(lx, &e);
	complain(e.msg[0] ? e.msg : dgm_strerror(st), NULL);
	return e.os_errno == ENOENT && st == DGM_E_OS ? EXIT_NOT_FOUND : EXIT_CANNOT;
}

static int fail_engine(dgm_status st)
{
	dgm_error e = DGM_INIT(dgm_error);

	(void)dgm_last_error(&e);
	complain(e.msg[0] ? e.msg : dgm_strerror(st), NULL);
	return EXIT_CANNOT;
}

static void on_end(void *ud)
{
	print_stats(dgm_linux_vm(the_guest));
}

static int run(struct options *o, dgm_engine *engine)
{
	dgm_linux_cfg cfg = DGM_INIT(dgm_linux_cfg);
	dgm_linux_exit end = DGM_INIT(dgm_linux_exit);
	dgm_linux *lx;
	dgm_status st;
	int line;

	cfg.argv = (const char *const *)o->args;
	cfg.envp = (const char *const *)o->env;
	cfg.sysroot = o->sysroot ? o->sysroot : default_sysroot(o->program);
	cfg.flags = DGM_LINUX_SHOW_ARGUMENTS | (o->make_in_root ? DGM_LINUX_MAKE_IN_ROOT : 0);
	cfg.model = o->model;
	cfg.vm_flags = o->gdb || o->engine.flags & DGM_AUDIT ? 0 : DGM_VM_IMPRECISE | (o->stats ? 0 : DGM_VM_NO_COUNT);
	cfg.trace = o->strace ? on_trace : NULL;
	cfg.on_signal = guest_signal;
	cfg.self = "/proc/self/exe";
	cfg.self_args = o->self_args;
	cfg.inherited = o->inherited;
	cfg.on_end = o->stats ? on_end : NULL;
	st = dgm_linux_new(engine, &cfg, &lx);
	if (st)
		return fail_engine(st);
	the_guest = lx;
	st = dgm_linux_load(lx, o->program);
	/* What ps and killall know the process by. */
	if (!st)
		prctl(PR_SET_NAME, strrchr(o->program, '/') ? strrchr(o->program, '/') + 1 : o->program);
	if (!st && o->gdb) {
		line = gdb_line_open(o->gdb);
		if (line < 0)
			return EXIT_CANNOT;
		st = gdb_line_start(lx, line);
	}
	if (!st)
		st = dgm_linux_run(lx, &end);
	if (st)
		return fail_linux(lx, st);
	if (o->stats)
		print_stats(dgm_linux_vm(lx));
	else if (o->engine.flags & DGM_HOT_AT_ONCE && !(o->engine.flags & DGM_NO_LLVM))
		report_missing(dgm_linux_vm(lx));
	/* The process ends here: the kernel frees its memory faster than we could. */
	return end.signal ? die_by(end.signal) : end.status;
}

/*
 * A program run out of the folder it was built in finds its LLVM back end there: the place is
 * relative to the program's own. dir has room for PATH_MAX bytes. NULL: as installed.
 */
static const char *built_beside(char *dir)
{
	static const char place[] = "/../backend/llvm", file[] = "/dragoman-llvm.so";
	ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - sizeof place - sizeof file);

	while (n > 0 && dir[n - 1] != '/')
		n--;
	if (n <= 1)
		return NULL;
	strcpy(dir + n - 1, place);
	n = (ssize_t)strlen(dir);
	strcpy(dir + n, file);
	int missing = access(dir, R_OK);
	dir[n] = 0;
	return missing ? NULL : dir;
}

int main(int argc, char **argv)
{
	char dir[PATH_MAX];

	struct options o = { .engine = DGM_INIT(dgm_engine_cfg) };
	dgm_engine *engine;
	dgm_status st;
	int r;

	if (!alloc_options(&o, argc)) {
		complain("out of memory", NULL);
		return EXIT_CANNOT;
	}
	from_environment(&o);
	r = parse(&o, argc, argv);
	if (r >= 0) {
		free(o.env);
		free(o.self_args);
		return r;
	}
	if (!o.engine.backend_dir)
		o.engine.backend_dir = built_beside(dir);
	o.engine.flags |= DGM_FASTMEM;
	o.engine.log = on_log;
	if (o.sandbox && !sandbox_enter(o.sysroot, o.engine.backend_dir, &r))
		_exit(r);
	if (!prepare_signals()) {
		complain("cannot catch signals", strerror(errno));
		return EXIT_CANNOT;
	}
	st = dgm_engine_new(&o.engine, DGM_ABI, &engine);
	if (st)
		return fail_engine(st);
	r = run(&o, engine);
	_exit(r);
}
