/*
 * Several vCPUs of one VM, each on a thread of its own: shared counters, locks, code that changes,
 * and a thread of the host that kicks, maps, unmaps, protects and invalidates all the while.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"
#include "words.h"

enum { CPUS = 8, TURNS = 2000, MEDDLINGS = 40, FUNCTION = CODE + 0x2000, SPARE = 0x80000, LOCK = DATA + 0x100, LOCKED = DATA + 0x200 };

#define LWARX(d, b) (0x7c000028u | (d) << 21 | (b) << 11)
#define STWCX(s, b) (0x7c00012du | (s) << 21 | (b) << 11)
#define SYNC 0x7c0004acu
#define BLA(to) (0x48000003u | (to))
#define CMPLWI(a, i) W_D(10, 0, a, i)

/* r3: counter, r4: lock, r5: word under the lock, r6: 1, r7: 0; r10 counts what FUNCTION adds. */
static const uint32_t program[] = {
	LWARX(8, 3), ADDI(8, 8, 1), STWCX(8, 3), BNE(-12),		/* ++*r3 */
	LWARX(8, 4), CMPLWI(8, 0), BNE(-8), STWCX(6, 4), BNE(-16), ISYNC,	/* lock */
	LWZ(8, 0, 5), ADDI(8, 8, 1), STW(8, 0, 5),			/* ++*r5 */
	SYNC, STW(7, 0, 4),						/* unlock */
	BLA(FUNCTION),
	BDNZ(-64),
	SC,
};

#define CHECK(what, ...) \
	do { \
		if (!(what)) { \
			fprintf(stderr, __VA_ARGS__); \
			fprintf(stderr, ": %s\n", #what); \
			exit(1); \
		} \
	} while (0)

struct threads_conf {
	const char *name;
	uint32_t flags, threshold;
};

static const struct threads_conf confs[] = {
	{ "interp", DGM_INTERP_ONLY, 0 },
	{ "baseline", DGM_NO_LLVM, 0 },
	{ "tier-up", 0, 50 },
};

struct shared {
	const struct threads_conf *conf;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu[CPUS];
	bool disturbed;
	_Atomic unsigned running, meddlings;
};

struct runner {
	struct shared *s;
	unsigned index;
	unsigned rounds;
	bool ok;
};

static bool put_word(dgm_vm *vm, uint64_t at, uint32_t v)
{
	uint8_t b[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	return dgm_mem_write(vm, NULL, at, b, 4, NULL) == DGM_OK;
}

static uint32_t get_word(dgm_vm *vm, uint64_t at)
{
	uint8_t b[4] = { 0 };

	(void)dgm_mem_read(vm, NULL, at, b, 4, NULL);
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

/* Runs to the system call, in pieces; again and again until the other thread has had its turns. */
static void *run_cpu(void *arg)
{
	struct runner *r = arg;
	dgm_cpu *cpu = r->s->cpu[r->index];
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	unsigned seed = r->index + 1;

	for (;;) {
		dgm_exit exit = DGM_INIT(dgm_exit);

		seed = seed * 1103515245 + 12345;
		o.max_insns = 1 + (seed >> 8) % 20000;
		if (dgm_cpu_run(cpu, &o, &exit) || exit.insns > o.max_insns)
			break;
		if (exit.reason == DGM_EXIT_KICK || exit.reason == DGM_EXIT_BUDGET)
			continue;
		r->ok = exit.reason == DGM_EXIT_SYSCALL && exit.pc == CODE + sizeof program - 4;
		r->rounds++;
		if (!r->ok || !r->s->disturbed || atomic_load(&r->s->meddlings) >= MEDDLINGS)
			break;
		dgm_set(cpu, DGM_PPC_CTR, TURNS);
		dgm_set(cpu, DGM_PPC_PC, CODE);
	}
	atomic_fetch_sub(&r->s->running, 1);
	return NULL;
}

/* All that any thread may do at any time. */
static void *disturb(void *arg)
{
	struct shared *s = arg;
	bool ok = true;
	unsigned i = 0;

	for (; atomic_load(&s->running) && ok; i++) {
		dgm_stats st = DGM_INIT(dgm_stats);

		dgm_cpu_kick(s->cpu[i % CPUS], 1);
		ok = dgm_map_ram(s->vm, SPARE, 0x1800, DGM_R | DGM_W, NULL, NULL) == DGM_OK && ok;
		ok = dgm_protect(s->vm, SPARE, 0x1000, DGM_R) == DGM_OK && ok;
		ok = put_word(s->vm, SPARE, i) && get_word(s->vm, SPARE) == i && ok;
		ok = dgm_unmap(s->vm, SPARE, 0x1800) == DGM_OK && ok;
		ok = put_word(s->vm, FUNCTION, ADDI(10, 10, 1 + i % 2)) && ok;
		if (i % 8 == 0)
			ok = dgm_code_invalidate(s->vm, CODE, sizeof program) == DGM_OK && ok;
		ok = dgm_vm_stats(s->vm, &st) == DGM_OK && ok;
		atomic_fetch_add(&s->meddlings, 1);
		sched_yield();
	}
	atomic_store(&s->meddlings, MEDDLINGS);
	return ok ? s : NULL;
}

static void set_up(struct shared *s, const struct threads_conf *c)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	*s = (struct shared){ .conf = c };
	ec.flags = c->flags;
	ec.hot_threshold = c->threshold;
	ec.workers = 2;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = DGM_ARCH_PPC32;
	CHECK(dgm_engine_new(&ec, DGM_ABI, &s->engine) == DGM_OK, "%s", c->name);
	CHECK(dgm_vm_new(s->engine, &vc, NULL, NULL, &s->vm) == DGM_OK, "%s", c->name);
	CHECK(dgm_map_ram(s->vm, CODE, 0x3000, DGM_R | DGM_X, NULL, NULL) == DGM_OK, "%s", c->name);
	CHECK(dgm_map_ram(s->vm, DATA, 0x1000, DGM_R | DGM_W, NULL, NULL) == DGM_OK, "%s", c->name);
	for (unsigned i = 0; i < sizeof program / 4; i++)
		CHECK(put_word(s->vm, CODE + 4 * i, program[i]), "%s", c->name);
	CHECK(put_word(s->vm, FUNCTION, ADDI(10, 10, 1)) && put_word(s->vm, FUNCTION + 4, BLR), "%s", c->name);
	for (unsigned i = 0; i < CPUS; i++) {
		CHECK(dgm_cpu_new(s->vm, &s->cpu[i]) == DGM_OK, "%s", c->name);
		dgm_set(s->cpu[i], DGM_PPC_R(3), DATA);
		dgm_set(s->cpu[i], DGM_PPC_R(4), LOCK);
		dgm_set(s->cpu[i], DGM_PPC_R(5), LOCKED);
		dgm_set(s->cpu[i], DGM_PPC_R(6), 1);
		dgm_set(s->cpu[i], DGM_PPC_CTR, TURNS);
		dgm_set(s->cpu[i], DGM_PPC_PC, CODE);
	}
}

/* r3: SPARE, r4: the sum. Loads from a page that comes and goes. */
static const uint32_t loads[] = { LWZ(5, 0, 3), ADD(4, 4, 5), BDNZ(-8), SC };

static void *run_loads(void *arg)
{
	struct runner *r = arg;
	dgm_cpu *cpu = r->s->cpu[r->index];

	dgm_set(cpu, DGM_PPC_R(4), 0);
	dgm_set(cpu, DGM_PPC_R(3), SPARE);
	dgm_set(cpu, DGM_PPC_PC, CODE + 0x1000);
	for (;;) {
		dgm_exit exit = DGM_INIT(dgm_exit);

		if (dgm_cpu_run(cpu, NULL, &exit))
			break;
		r->rounds += exit.reason == DGM_EXIT_FAULT;
		if (exit.reason == DGM_EXIT_FAULT && exit.info.va == SPARE && exit.info.cause == DGM_CAUSE_UNMAPPED)
			continue;
		r->ok = exit.reason == DGM_EXIT_SYSCALL;
		break;
	}
	atomic_fetch_sub(&r->s->running, 1);
	return NULL;
}

/* Without host signals: an access must never meet a page that was unmapped after it was looked at. */
static void come_and_go(const struct threads_conf *c)
{
	struct shared s;
	struct runner r[CPUS] = { { 0 } };
	pthread_t thread[CPUS];

	set_up(&s, c);
	for (unsigned i = 0; i < sizeof loads / 4; i++)
		CHECK(put_word(s.vm, CODE + 0x1000 + 4 * i, loads[i]), "%s", c->name);
	CHECK(dgm_map_ram(s.vm, SPARE, 0x1000, DGM_R | DGM_W, NULL, NULL) == DGM_OK, "%s", c->name);
	atomic_store(&s.running, CPUS);
	for (unsigned i = 0; i < CPUS; i++) {
		r[i] = (struct runner){ .s = &s, .index = i };
		dgm_set(s.cpu[i], DGM_PPC_CTR, 30 * TURNS);
		CHECK(pthread_create(&thread[i], NULL, run_loads, &r[i]) == 0, "%s", c->name);
	}
	while (atomic_load(&s.running)) {
		CHECK(dgm_unmap(s.vm, SPARE, 0x1000) == DGM_OK, "%s", c->name);
		CHECK(dgm_map_ram(s.vm, SPARE, 0x1000, DGM_R | DGM_W, NULL, NULL) == DGM_OK, "%s", c->name);
		sched_yield();
	}
	for (unsigned i = 0; i < CPUS; i++) {
		pthread_join(thread[i], NULL);
		CHECK(r[i].ok, "%s: vCPU %u ended otherwise", c->name, i);
		CHECK(dgm_get(s.cpu[i], DGM_PPC_R(4)) == 0, "%s", c->name);
		CHECK(dgm_cpu_free(s.cpu[i]) == DGM_OK, "%s", c->name);
	}
	CHECK(dgm_vm_free(s.vm) == DGM_OK, "%s", c->name);
	dgm_engine_unref(s.engine);
}

static void run_threads(const struct threads_conf *c, bool disturbed)
{
	struct shared s;
	struct runner r[CPUS] = { { 0 } };
	pthread_t thread[CPUS], other;
	void *answer = &s;

	unsigned turns = 0;

	set_up(&s, c);
	s.disturbed = disturbed;
	atomic_store(&s.running, CPUS);
	for (unsigned i = 0; i < CPUS; i++) {
		r[i] = (struct runner){ .s = &s, .index = i };
		CHECK(pthread_create(&thread[i], NULL, run_cpu, &r[i]) == 0, "%s", c->name);
	}
	if (disturbed)
		CHECK(pthread_create(&other, NULL, disturb, &s) == 0, "%s", c->name);
	for (unsigned i = 0; i < CPUS; i++)
		pthread_join(thread[i], NULL);
	if (disturbed)
		pthread_join(other, &answer);
	CHECK(answer, "%s: the other thread failed", c->name);
	for (unsigned i = 0; i < CPUS; i++) {
		uint64_t added = dgm_get(s.cpu[i], DGM_PPC_R(10)), want = (uint64_t)r[i].rounds * TURNS;

		turns += r[i].rounds * TURNS;
		CHECK(r[i].ok, "%s: vCPU %u ended otherwise", c->name, i);
		CHECK(disturbed ? added >= want && added <= 2 * want : added == want, "%s: vCPU %u added %u", c->name, i,
			  (unsigned)added);
		CHECK(dgm_get(s.cpu[i], DGM_PPC_CTR) == 0, "%s", c->name);
	}
	CHECK(get_word(s.vm, DATA) == turns, "%s: reservations lost an addition", c->name);
	CHECK(get_word(s.vm, LOCKED) == turns, "%s: the lock did not hold", c->name);
	CHECK(get_word(s.vm, LOCK) == 0, "%s", c->name);
	for (unsigned i = 0; i < CPUS; i++)
		CHECK(dgm_cpu_free(s.cpu[i]) == DGM_OK, "%s", c->name);
	CHECK(dgm_vm_free(s.vm) == DGM_OK, "%s", c->name);
	dgm_engine_unref(s.engine);
}

int main(void)
{
	for (unsigned i = 0; i < 2 * (sizeof confs / sizeof *confs); i++) {
		run_threads(&confs[i / 2], i % 2);
		printf("%s, %s: ok\n", confs[i / 2].name, i % 2 ? "meddled with" : "left alone");
		fflush(stdout);
	}
	for (unsigned i = 0; i < sizeof confs / sizeof *confs; i++) {
		come_and_go(&confs[i]);
		printf("%s, memory that comes and goes: ok\n", confs[i].name);
	}
	return 0;
}
