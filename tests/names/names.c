/*
 * The guest that check.py looks at through perf and gdb: names FLAGS STEP...
 * FLAGS are dgm_engine_cfg.flags in hexadecimal. Steps:
 *   run=N        runs a loop of N << 16 rounds and a store to a device; each run is at another address
 *   fork         goes on with the steps in a child, and in this process when that has ended
 *   steal        replaces every descriptor above 2 by a file "stolen" of its own
 *   remove       removes jit-PID.dump
 *   flush        drops all translations
 *   vm           a second VM of the engine runs as well from now on
 *   starve       lives of an engine with ever more allocations, the last of which fails
 * Prints warnings, and the process ids as "parent N" and "child N".
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"
#include "../stingy.h"

enum { CODE = 0x10000, DEVICE = 0x20000, STEP = 0x100, MAX_VM = 2 };

struct world {
	dgm_engine *engine;
	unsigned n_vm, n_run;
	dgm_vm *vm[MAX_VM];
	dgm_cpu *cpu[MAX_VM];
	uint64_t stored;
	long left;		/* allocations that still succeed; negative: all */
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "failed: %s\n", what);
	exit(1);
}

static void log_line(void *ud, int level, const char *category, const char *msg)
{
	if (level <= DGM_LOG_WARN && !strcmp(category, "perf"))
		fprintf(stderr, "warning: %s\n", msg);
}

static void *allocate(void *ud, void *old, size_t n, size_t align)
{
	struct world *w = ud;

	if (!n) {
		free(old);
		return NULL;
	}
	if (w->left == 0)
		return NULL;
	w->left -= w->left > 0;
	return aligned_realloc(old, n, align);
}

/* A debugger's place to stop with translated code on the stack. */
dgm_act on_store(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value);
__attribute__((noinline)) dgm_act on_store(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t value)
{
	*(uint64_t *)ud = value;
	return DGM_CONT;
}

/* On failure what was made of the VM is dropped. */
static dgm_status add_vm(struct world *w)
{
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_io_ops io = DGM_INIT(dgm_io_ops);
	unsigned i = w->n_vm;

	vc.arch = DGM_ARCH_PPC32;
	vc.flags = DGM_VM_IMPRECISE;
	io.write = on_store;
	dgm_status st = dgm_vm_new(w->engine, &vc, NULL, NULL, &w->vm[i]);
	if (st)
		return st;
	st = dgm_map_ram(w->vm[i], CODE, 0x10000, DGM_R | DGM_X, NULL, NULL);
	if (!st)
		st = dgm_map_io(w->vm[i], DEVICE, 4, &io, &w->stored, NULL);
	if (!st)
		st = dgm_cpu_new(w->vm[i], &w->cpu[i]);
	if (st)
		must(!dgm_vm_free(w->vm[i]), "free a VM");
	else
		w->n_vm++;
	return st;
}

static dgm_status run_on(struct world *w, unsigned i, uint32_t rounds)
{
	uint32_t at = CODE + w->n_run * STEP;
	const uint32_t code[] = {
		0x38600000, 0x3c800000 | rounds, 0x7c8903a6,	/* li r3,0; lis r4,rounds; mtctr r4 */
		0x38630002, 0x4200fffc,				/* addi r3,r3,2; bdnz .-4 */
		0x3ca00000 | DEVICE >> 16, 0x90650000, 0x44000002,	/* lis r5; stw r3,0(r5); sc */
	};
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit end = DGM_INIT(dgm_exit);
	dgm_status st;

	for (unsigned k = 0; k < sizeof code / sizeof *code; k++) {
		const uint8_t b[4] = { (uint8_t)(code[k] >> 24), (uint8_t)(code[k] >> 16), (uint8_t)(code[k] >> 8),
				       (uint8_t)code[k] };

		must(!dgm_mem_write(w->vm[i], NULL, at + 4 * k, b, 4, NULL), "write code");
	}
	dgm_set(w->cpu[i], DGM_PPC_PC, at);
	w->stored = 0;
	st = dgm_cpu_run(w->cpu[i], &o, &end);
	if (!st && w->left == 0 && end.reason == DGM_EXIT_INTERNAL)
		return DGM_E_NOMEM;
	must(st || end.reason == DGM_EXIT_SYSCALL, "run to the system call");
	must(st || w->stored == (uint32_t)(rounds << 17), "what the guest computed");
	return st;
}

static dgm_status run(struct world *w, uint32_t rounds)
{
	dgm_status st = DGM_OK;

	for (unsigned i = 0; i < w->n_vm && !st; i++)
		st = run_on(w, i, rounds);
	w->n_run++;
	return st;
}

/* A key of translations changes and changes back, which drops them all. */
static void flush(struct world *w)
{
	for (unsigned i = 0; i < w->n_vm; i++) {
		must(!dgm_vm_precise(w->vm[i], true), "precise");
		must(!dgm_vm_precise(w->vm[i], false), "imprecise");
	}
}

static void steal(void)
{
	int own = open("stolen", O_WRONLY | O_CREAT, 0644);

	must(own > 2 && write(own, "mine", 4) == 4, "make a file");
	for (int fd = 3; fd < 4096; fd++)
		if (fd != own && fcntl(fd, F_GETFD) >= 0)
			must(dup2(own, fd) == fd, "replace a descriptor");
}

static void remove_dump(void)
{
	char name[32];

	snprintf(name, sizeof name, "jit-%d.dump", (int)getpid());
	must(!unlink(name), "remove the dump");
}

static dgm_status begin(struct world *w, uint32_t flags, long left)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);

	*w = (struct world){ .left = left };
	ec.flags = flags;
	ec.hot_threshold = 50;
	ec.log = log_line;
	ec.alloc = allocate;
	ec.alloc_ud = w;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	return dgm_engine_new(&ec, DGM_ABI, &w->engine);
}

static void end(struct world *w)
{
	for (unsigned i = 0; i < w->n_vm; i++)
		must(!dgm_cpu_free(w->cpu[i]) && !dgm_vm_free(w->vm[i]), "free");
	dgm_engine_unref(w->engine);
}

static void starve(uint32_t flags)
{
	struct world w;
	bool failed = true;

	for (long n = 0; failed; n++) {
		failed = begin(&w, flags, n);
		if (failed)
			continue;
		failed = add_vm(&w) || run(&w, 1) || w.left == 0;
		w.left = -1;
		end(&w);
	}
}

static void in_child(struct world *w)
{
	int status;

	must(!dgm_engine_fork_prepare(w->engine), "prepare a fork");
	pid_t pid = fork();
	must(pid >= 0 && !dgm_engine_fork_done(w->engine, pid == 0), "fork");
	if (!pid) {
		printf("child %d\n", (int)getpid());
		return;
	}
	must(waitpid(pid, &status, 0) == pid && !status, "the child");
	printf("parent %d\n", (int)getpid());
}

int main(int argc, char **argv)
{
	uint32_t flags = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 16) : 0;
	struct world w;

	setvbuf(stdout, NULL, _IONBF, 0);
	must(!begin(&w, flags, -1) && !add_vm(&w), "begin");
	for (int i = 2; i < argc; i++) {
		if (!strncmp(argv[i], "run=", 4))
			must(!run(&w, (uint32_t)atoi(argv[i] + 4)), "run");
		else if (!strcmp(argv[i], "fork"))
			in_child(&w);
		else if (!strcmp(argv[i], "steal"))
			steal();
		else if (!strcmp(argv[i], "remove"))
			remove_dump();
		else if (!strcmp(argv[i], "flush"))
			flush(&w);
		else if (!strcmp(argv[i], "vm"))
			must(!add_vm(&w), "a second VM");
		else if (!strcmp(argv[i], "starve"))
			starve(flags);
		else
			must(false, argv[i]);
	}
	end(&w);
	return 0;
}
