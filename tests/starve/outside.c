/*
 * Each allocation failed, one at a time and then with all behind it, of what is built on the public headers: the Linux machine,
 * from loading the ELF file to the guest's last system call, and sessions of GDB. Linked with --wrap, so that what the parts
 * ask malloc for is counted with what the library asks its allocator for. Each attempt is a process: guests leave files open.
 * The outcome may be an error, for the guest, too, or the right one; nothing is left behind.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../code.h"
#include "../guests.h"
#include "../order.h"
#include "dragoman/gdb.h"
#include "dragoman/linux.h"
#include "require.h"

enum { CODE = 0x10000, DATA = 0x20000, BREAKS = 40, STARVED = 12, GUEST_STARVED = 13, THREAD = 7 };

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
int __real_posix_memalign(void **out, size_t align, size_t n);
char *__real_strdup(const char *s);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);
int __wrap_posix_memalign(void **out, size_t align, size_t n);
char *__wrap_strdup(const char *s);
void __wrap_free(void *p);

/* In shared memory: the parent wants to know how far a child came. */
static struct heap {
	unsigned long requests, fail_at, failed;
	long live;
	bool all, counting;
} *heap;

static bool fails(void)
{
	unsigned long request;

	if (!heap || !heap->counting)
		return false;
	request = ++heap->requests;
	if (!heap->fail_at || (request != heap->fail_at && !(heap->all && request > heap->fail_at)))
		return false;
	heap->failed++;
	return true;
}

static void *fresh(void *p)
{
	if (heap)
		heap->live += p != NULL;
	return p;
}

void *__wrap_malloc(size_t n)
{
	return fails() ? NULL : fresh(__real_malloc(n));
}

void *__wrap_calloc(size_t count, size_t n)
{
	return fails() ? NULL : fresh(__real_calloc(count, n));
}

void *__wrap_realloc(void *old, size_t n)
{
	if (fails())
		return NULL;
	return old ? __real_realloc(old, n) : fresh(__real_realloc(old, n));
}

int __wrap_posix_memalign(void **out, size_t align, size_t n)
{
	if (fails() || __real_posix_memalign(out, align, n))
		return 12;
	fresh(*out);
	return 0;
}

char *__wrap_strdup(const char *s)
{
	return fails() ? NULL : fresh(__real_strdup(s));
}

void __wrap_free(void *p)
{
	if (heap)
		heap->live -= p != NULL;
	__real_free(p);
}

/* An outcome, unless it is DGM_OK: STARVED where an allocation has failed, else the test fails. */
#define TRY(x) \
	do { \
		dgm_status st_ = (x); \
		if (st_ && st_ != DGM_E_NOMEM) \
			fprintf(stderr, "%s: %s\n", what, dgm_strerror(st_)); \
		require(!st_ || (st_ == DGM_E_NOMEM && heap->failed), #x, __LINE__); \
		if (st_) { \
			outcome = STARVED; \
			goto out; \
		} \
	} while (0)

static dgm_status new_engine(dgm_engine **engine)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);

	ec.flags = DGM_NO_LLVM | DGM_DETERMINISTIC;
	ec.code_budget = 1 << 20;
	return dgm_engine_new(&ec, DGM_ABI, engine);
}

/* ---- the Linux machine ---- */

static int linux_alone(const struct guest *g, const char *program)
{
	static const char *const argv[] = { "guest", "argument", NULL };
	static const char *const envp[] = { "A=1", "B=2", NULL };
	dgm_linux_cfg cfg = DGM_INIT(dgm_linux_cfg);
	dgm_linux_exit exit = DGM_INIT(dgm_linux_exit);
	dgm_engine *engine = NULL;
	dgm_linux *lx = NULL;
	int outcome = 0;

	cfg.argv = argv;
	cfg.envp = envp;
	cfg.self = "/proc/self/exe";
	TRY(new_engine(&engine));
	TRY(dgm_linux_new(engine, &cfg, &lx));
	TRY(dgm_linux_load(lx, program));
	TRY(dgm_linux_run(lx, &exit));
	if (exit.signal || (exit.status && exit.status != STARVED))
		fprintf(stderr, "%s: the guest ends with %d, signal %d\n", what, exit.status, exit.signal);
	REQUIRE(!exit.signal && !exit.child && (!exit.status || (exit.status == STARVED && heap->failed)));
	outcome = exit.status ? GUEST_STARVED : 0;
out:
	heap->fail_at = 0;
	dgm_linux_free(lx);
	dgm_engine_unref(engine);
	return outcome;
}

/* ---- sessions of GDB ---- */

struct session {
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_gdb *gdb;
	unsigned refused;
};

static void on_answer(void *ud, const void *bytes, size_t n)
{
	struct session *s = ud;

	s->refused += n > 4 && memmem(bytes, n, "$E", 2) != NULL;
}

static uint64_t on_thread(void *ud, uint32_t i)
{
	return i ? 0 : THREAD;
}

static dgm_cpu *on_cpu(void *ud, uint64_t thread)
{
	return thread == THREAD ? ((struct session *)ud)->cpu : NULL;
}

static void on_resume(void *ud, uint64_t thread, bool step, int signal)
{
}

static void on_word(void *ud)
{
}

/* Counts r3 down, and ++*r4 each time; then a system call. */
static dgm_status put_program(struct session *s, const struct guest *g)
{
	struct code c = { .arch = g->arch };
	uint8_t bytes[64];

	c_load(&c, 5, 4, 0);
	c_addi(&c, 5, 5, 1);
	c_store(&c, 5, 4, 0);
	c_loop(&c, 3, 0);
	c_stop(&c);
	for (unsigned i = 0; i < c.n; i++)
		order_put(g->big, c.word[i], bytes + 4 * i);
	dgm_set(s->cpu, g->reg + 3, 9);
	dgm_set(s->cpu, g->reg + 4, DATA);
	guest_begin(g, s->cpu, CODE);
	return dgm_mem_write(s->vm, NULL, CODE, bytes, 4 * c.n, NULL);
}

/* True unless it was refused. */
static bool ask(struct session *s, const char *packet)
{
	unsigned before = s->refused, sum = 0;
	char frame[128];

	for (const char *p = packet; *p; p++)
		sum += (unsigned char)*p;
	dgm_gdb_feed(s->gdb, frame, (size_t)snprintf(frame, sizeof frame, "$%s#%02x", packet, sum & 0xff));
	require(s->refused == before || heap->failed, packet, __LINE__);
	return s->refused == before;
}

/* A watchpoint that was granted stops the run, and none of those that were refused. */
static dgm_status watched_run(struct session *s, bool watched)
{
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_status st = dgm_cpu_run(s->cpu, NULL, &exit);

	if (st)
		return st;
	if (exit.reason == DGM_EXIT_INTERNAL && heap->failed)
		return DGM_E_NOMEM;
	REQUIRE(exit.reason == (watched ? DGM_EXIT_BREAK : DGM_EXIT_SYSCALL));
	if (watched)
		dgm_gdb_stopped(s->gdb, THREAD, 5);
	return DGM_OK;
}

static int session(const struct guest *g, const char *program)
{
	dgm_gdb_ops ops = { .size = sizeof ops, .send = on_answer, .thread = on_thread, .cpu = on_cpu, .resume = on_resume,
			    .go = on_word, .stop = on_word, .kill = on_word, .detach = on_word };
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	struct session s = { 0 };
	unsigned long granted = 0;
	char packet[64];
	int outcome = 0;

	vc.arch = g->arch;
	TRY(new_engine(&s.engine));
	TRY(dgm_vm_new(s.engine, &vc, NULL, NULL, &s.vm));
	TRY(dgm_map_ram(s.vm, CODE, 0x1000, DGM_R | DGM_W | DGM_X, NULL, NULL));
	TRY(dgm_map_ram(s.vm, DATA, 0x1000, DGM_R | DGM_W, NULL, NULL));
	TRY(dgm_cpu_new(s.vm, &s.cpu));
	TRY(put_program(&s, g));
	TRY(dgm_gdb_new(s.vm, &ops, &s, &s.gdb));
	(void)ask(&s, "qXfer:features:read:target.xml:0,100");
	for (unsigned i = 0; i < BREAKS; i++) {
		snprintf(packet, sizeof packet, "Z%u,%x,4", i % 2, CODE + 0x100 + 4 * i);
		granted += ask(&s, packet);
	}
	REQUIRE(granted == BREAKS || heap->failed);
	bool watched = ask(&s, "Z2,20000,4"), read = ask(&s, "Z3,20000,4");
	TRY(watched_run(&s, watched || read));
	for (unsigned i = 0; i < BREAKS; i++) {
		snprintf(packet, sizeof packet, "z%u,%x,4", i % 2, CODE + 0x100 + 4 * i);
		(void)ask(&s, packet);
	}
	REQUIRE(!read || ask(&s, "z3,20000,4"));
	REQUIRE(!watched || ask(&s, "z2,20000,4"));
	TRY(watched_run(&s, false));
out:
	heap->fail_at = 0;
	dgm_gdb_free(s.gdb);
	REQUIRE(!dgm_cpu_free(s.cpu) && !dgm_vm_free(s.vm));
	dgm_engine_unref(s.engine);
	return outcome;
}

/* ---- all ---- */

static const struct area {
	const char *name;
	int (*play)(const struct guest *g, const char *program);
} areas[] = { { "linux", linux_alone }, { "gdb", session } };
enum { AREAS = sizeof areas / sizeof *areas };

static void play(const struct area *a, const struct guest *g, const char *program)
{
	long before = heap->live;
	int outcome;

	heap->counting = true;
	outcome = a->play(g, program);
	heap->counting = false;
	if (heap->live != before)
		fprintf(stderr, "%s: %ld allocations left\n", what, heap->live - before);
	REQUIRE(heap->live == before);
	fflush(NULL);
	_exit(outcome);
}

/* Its outcome, and whether an allocation failed. */
static int attempt(const struct area *a, const struct guest *g, const char *program, unsigned long fail_at, bool all, bool *failed)
{
	int status = 0;
	pid_t child;

	snprintf(what, sizeof what, "%s, %s, allocation %lu%s", a->name, g->name, fail_at, all ? " and all behind it" : "");
	*heap = (struct heap){ .fail_at = fail_at, .all = all };
	child = fork();
	if (!child)
		play(a, g, program);
	require(child > 0 && waitpid(child, &status, 0) == child, "a process", __LINE__);
	if (WIFSIGNALED(status))
		fprintf(stderr, "%s: signal %d\n", what, WTERMSIG(status));
	REQUIRE(WIFEXITED(status));
	*failed = heap->failed;
	status = WEXITSTATUS(status);
	require(!status || status == STARVED || status == GUEST_STARVED, "an outcome", __LINE__);
	REQUIRE(!status || *failed);
	return status;
}

/* starved-outside GUEST PROGRAM */
int main(int argc, char **argv)
{
	const struct guest *g = NULL;

	for (unsigned i = 0; i < GUESTS && argc > 2; i++)
		if (!strcmp(guests[i].name, argv[1]))
			g = &guests[i];
	if (!g)
		return 2;
	void *shared = mmap(NULL, sizeof *heap, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(shared != MAP_FAILED);
	heap = shared;
	for (const struct area *a = areas; a < areas + AREAS; a++)
		for (unsigned all = 0; all < 2; all++) {
			unsigned long n = 1, count[GUEST_STARVED + 1] = { 0 };
			bool failed = false;

			do
				count[attempt(a, g, argv[2], n, all, &failed)] += failed;
			while (failed && n++);
			REQUIRE(n > 10 && count[STARVED] > 0);
			printf("%s, %s: %lu allocations%s: %lu errors, %lu errors of the guest, %lu without harm\n", a->name, g->name,
			       n - 1, all ? " with all behind" : "", count[STARVED], count[GUEST_STARVED], count[0]);
			fflush(stdout);
		}
	return 0;
}
