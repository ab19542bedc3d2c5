/*
 * Four vCPUs of one VM on threads of their own, and three threads that do to it all that any thread may do at any time:
 * kicks and interrupt lines; mappings, protections, copies, new code, flushes; hooks of every kind. Between the
 * rounds, while nobody runs, snapshots are taken and restored. Each vCPU counts what it does in ways that must agree.
 * For ThreadSanitizer, and for whoever wants to see that nothing is lost.
 */
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "../code.h"
#include "../guests.h"
#include "../order.h"

enum { CPUS = 4, ALL_CPUS = CPUS + 1, HELD = 6, TURNS = 200, DEFAULT_ROUNDS = 40 };
enum { PAGE = 0x1000, CODE = 0x10000, FUNCTION = CODE + PAGE, HANDLER = CODE + 2 * PAGE, CODE_PAGES = 3 };
enum { DATA = 0x20000, SPARE = 0x30000, OTHER = 0x38000, DEVICE = 0x40000, LINES = 3 };

struct way {
	const char *name;
	uint32_t flags, threshold, mem;
	uint64_t budget;		/* of code; little of it is used up and flushed all the time */
};

static const struct way ways[] = {
	{ "interp", DGM_INTERP_ONLY, 0, DGM_MEM_FLAT },
	{ "baseline", DGM_NO_LLVM, 0, DGM_MEM_FLAT },
	{ "little room", DGM_NO_LLVM, 0, DGM_MEM_FLAT, 1 << 16 },
	{ "tier-up", 0, 300, DGM_MEM_FLAT },
	{ "virtual interp", DGM_INTERP_ONLY, 0, DGM_MEM_MMU },
	{ "virtual", 0, 300, DGM_MEM_MMU },
};
enum { WAYS = sizeof ways / sizeof *ways };

/* What the machine knows of a vCPU; its thread's alone, and part of snapshots. */
struct seat {
	uint64_t turns, acks, reads, saved_pc;
	bool masked;
};

/* A hook's, freed when the hook is removed. */
struct user {
	_Atomic uint32_t alive;
	_Atomic uint64_t calls;
};

struct board {
	const struct guest *g;
	const struct way *w;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *_Atomic cpu[ALL_CPUS];	/* the last one comes and goes */
	struct seat seat[ALL_CPUS];
	uint64_t end, handler_end;	/* addresses of the two system calls */
	_Atomic bool over, hidden;	/* hidden: the spare page has no virtual address */
	_Atomic unsigned meddling, late_hooks;
	unsigned rounds;
};

static const char *at_what = "";
static struct board *at_board;

static void require(bool ok, const char *what, int line)
{
	if (ok)
		return;
	dgm_error e = DGM_INIT(dgm_error);
	(void)dgm_last_error(&e);
	fprintf(stderr, "%s, %s: line %d: %s (%s)\n", at_board->g->name, at_board->w->name, line, what, e.msg);
	fprintf(stderr, "at: %s\n", at_what);
	exit(1);
}
#define REQUIRE(x) require(x, #x, __LINE__)

static uint32_t draw(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static uint32_t word_at(struct board *b, uint64_t at)
{
	uint8_t w[4];

	REQUIRE(!dgm_mem_read(b->vm, NULL, at, w, 4, NULL));
	return order_get(b->g->big, w);
}

static void put_words(struct board *b, uint64_t at, const uint32_t *word, unsigned n)
{
	uint8_t bytes[4 * 64];

	for (unsigned i = 0; i < n; i++)
		order_put(b->g->big, word[i], bytes + 4 * i);
	REQUIRE(!dgm_mem_write(b->vm, NULL, at, bytes, 4 * n, NULL));
}

/* ---- the guest ---- */

/*
 * r3 turns of: ++*r4; r12 += *r6, which is 0 or nothing; *r6 = 0; a read of the device at r7; a jump to FUNCTION, which adds 1 or
 * 2 to r10 and comes back. Then a system call. HANDLER counts interrupts in r11.
 */
static void write_program(struct board *b)
{
	struct code c = { .arch = b->g->arch }, f = { .arch = b->g->arch, .base = PAGE / 4 }, h = { .arch = b->g->arch };

	c_load(&c, 5, 4, 0);
	c_addi(&c, 5, 5, 1);
	c_store(&c, 5, 4, 0);
	c_load(&c, 8, 6, 0);
	c_add(&c, 12, 12, 8);
	c_store(&c, 12, 6, 4);
	c_load(&c, 8, 7, 0);
	c_jump(&c, PAGE / 4);
	unsigned back = c.n;
	c_loop(&c, 3, 0);
	b->end = CODE + 4 * c.n;
	c_stop(&c);
	c_addi(&f, 10, 10, 1);
	c_jump(&f, back);
	c_addi(&h, 11, 11, 1);
	b->handler_end = HANDLER + 4 * h.n;
	c_stop(&h);
	put_words(b, CODE, c.word, c.n);
	put_words(b, FUNCTION, f.word, f.n);
	put_words(b, HANDLER, h.word, h.n);
}

static void write_function(struct board *b, unsigned adds)
{
	struct code f = { .arch = b->g->arch };

	c_addi(&f, 10, 10, adds);
	put_words(b, FUNCTION, f.word, 1);
}

static void begin(struct board *b, dgm_cpu *cpu)
{
	dgm_set(cpu, b->g->reg + 3, TURNS);
	dgm_set(cpu, b->g->pc, CODE);
}

static void prepare(struct board *b, dgm_cpu *cpu, unsigned seat)
{
	dgm_set(cpu, b->g->reg + 4, DATA + 64 * seat);
	dgm_set(cpu, b->g->reg + 6, SPARE);
	dgm_set(cpu, b->g->reg + 7, DEVICE);
	guest_begin(b->g, cpu, CODE);
	begin(b, cpu);
}

/* ---- the machine ---- */

static unsigned index_of(struct board *b, const dgm_cpu *cpu)
{
	unsigned i = 0;

	while (i < CPUS && atomic_load(&b->cpu[i]) != cpu)
		i++;
	return i;
}

/* A few instructions inside of the callback; where they lead the vCPU goes on. */
static void nest(struct board *b, dgm_cpu *cpu, uint64_t turns)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	uint64_t until = FUNCTION;

	o.max_insns = 1 + turns / TURNS % 20;
	o.until = &until;
	o.n_until = turns / TURNS % 2;
	REQUIRE(!dgm_cpu_run(cpu, &o, &exit));
	REQUIRE(exit.reason == DGM_EXIT_BUDGET || exit.reason == DGM_EXIT_UNTIL || exit.reason == DGM_EXIT_KICK);
}

static dgm_act on_syscall(void *ud, dgm_cpu *cpu, dgm_syscall *call)
{
	struct board *b = ud;
	struct seat *s = &b->seat[index_of(b, cpu)];
	dgm_snap *snap;

	if (call->pc == b->handler_end) {
		REQUIRE(s->masked);
		s->masked = false;
		dgm_set(cpu, b->g->pc, s->saved_pc);
		return DGM_CONT;
	}
	REQUIRE(call->pc == b->end);
	s->turns += TURNS;
	begin(b, cpu);
	if (b->w->mem == DGM_MEM_MMU)
		REQUIRE(!dgm_cpu_set_space(cpu, (uint32_t)(s->turns / TURNS % 6), 0));
	if (atomic_load(&b->over))
		return DGM_STOP;
	REQUIRE(dgm_snap_take(b->vm, &snap) == DGM_E_BUSY);
	if (s->turns / TURNS % 4 == 0)
		nest(b, cpu, s->turns / 4);
	return DGM_CONT;
}

static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	REQUIRE(f->va >= SPARE && f->va < SPARE + 8);
	f->value = 0;
	return DGM_SKIP;
}

static dgm_act on_irq(void *ud, dgm_cpu *cpu, uint32_t line)
{
	struct board *b = ud;
	struct seat *s = &b->seat[index_of(b, cpu)];

	if (s->masked)
		return DGM_SKIP;
	dgm_cpu_irq(cpu, line, false);
	s->masked = true;
	s->acks++;
	s->saved_pc = dgm_pc(cpu);
	dgm_set(cpu, b->g->pc, HANDLER);
	return DGM_CONT;
}

static uint64_t on_timer(void *ud, dgm_cpu *cpu, uint64_t now)
{
	return now + 1777;
}

static dgm_act on_translate(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	struct board *b = ud;

	if (va / PAGE == SPARE / PAGE && atomic_load(&b->hidden))
		return DGM_RAISE;
	page->va = page->pa = va & ~(uint64_t)(PAGE - 1);
	page->len = PAGE;
	page->prot = DGM_R | DGM_W | DGM_X;
	return DGM_CONT;
}

static dgm_act on_device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	struct board *b = ud;
	struct seat *s = &b->seat[index_of(b, cpu)];

	*value = s->reads++;
	if (s->reads % 64 == 0)
		dgm_cpu_irq(cpu, s->reads / 64 % LINES, true);
	if (s->reads % 509 == 0)
		dgm_cpu_kick(cpu, 2);
	if (s->reads % 1021 == 0 && !atomic_load(&b->over))
		write_function(b, 1 + s->reads % 2);
	return DGM_CONT;
}

static dgm_status on_save(void *ud, dgm_stream *out)
{
	return out->io(out->ud, ((struct board *)ud)->seat, sizeof ((struct board *)ud)->seat) ? DGM_E_FORMAT : DGM_OK;
}

static dgm_status on_load(void *ud, dgm_stream *in)
{
	return in->io(in->ud, ((struct board *)ud)->seat, sizeof ((struct board *)ud)->seat) ? DGM_E_FORMAT : DGM_OK;
}

static void board_make(struct board *b, const struct guest *g, const struct way *w, unsigned rounds)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	*b = (struct board){ .g = g, .w = w, .rounds = rounds };
	at_board = b;
	ec.flags = w->flags;
	ec.hot_threshold = w->threshold;
	ec.workers = 2;
	ec.code_budget = w->budget;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	vc.arch = g->arch;
	vc.mem = w->mem == DGM_MEM_MMU || g->arch == DGM_ARCH_AARCH64 ? w->mem : DGM_MEM_DEFAULT;
	ops.syscall = on_syscall;
	ops.fault = on_fault;
	ops.irq_ack = on_irq;
	ops.next_event = on_timer;
	ops.translate = w->mem == DGM_MEM_MMU ? on_translate : NULL;
	ops.save = on_save;
	ops.load = on_load;
	io.read = on_device_read;
	REQUIRE(!dgm_engine_new(&ec, DGM_ABI, &b->engine));
	REQUIRE(!dgm_vm_new(b->engine, &vc, &ops, b, &b->vm));
	REQUIRE(!dgm_map_ram(b->vm, CODE, CODE_PAGES * PAGE, DGM_R | DGM_X, NULL, NULL));
	REQUIRE(!dgm_map_ram(b->vm, DATA, PAGE, DGM_R | DGM_W, NULL, NULL));
	REQUIRE(!dgm_map_io(b->vm, DEVICE, 64, &io, b, NULL));
	write_program(b);
	for (unsigned i = 0; i < CPUS; i++) {
		dgm_cpu *cpu;

		REQUIRE(!dgm_cpu_new(b->vm, &cpu));
		atomic_store(&b->cpu[i], cpu);
		prepare(b, cpu, i);
	}
}

/* ---- threads that run ---- */

struct runner {
	struct board *b;
	unsigned seat;
};

static void *run(void *arg)
{
	struct runner *r = arg;
	struct board *b = r->b;
	dgm_cpu *cpu = atomic_load(&b->cpu[r->seat]);
	uint32_t seed = 77 + r->seat;

	for (;;) {
		dgm_run_opts o = DGM_INIT(dgm_run_opts);
		dgm_exit exit = DGM_INIT(dgm_exit);
		uint64_t until[2] = { CODE, FUNCTION + 4 };
		uint32_t how = draw(&seed);

		o.max_insns = how & 1 ? 1 + (how >> 8) % 5000 : 0;
		o.timeout_ns = how & 2 ? 1000 * (1 + (how >> 8) % 500) : 0;
		o.until = until;
		o.n_until = (how & 12) == 12 ? 1 + (how >> 4 & 1) : 0;
		if ((how & 0xf0) == 0xf0)
			REQUIRE(!dgm_code_precompile(cpu, until, 2));
		REQUIRE(!dgm_cpu_run(cpu, &o, &exit));
		if (exit.reason == DGM_EXIT_MODEL)
			return NULL;
		REQUIRE(exit.reason == DGM_EXIT_KICK ? exit.kick_bits && exit.kick_bits < 4 :
			exit.reason == DGM_EXIT_BUDGET ? exit.insns == o.max_insns :
			exit.reason == DGM_EXIT_UNTIL ? exit.pc == until[0] || exit.pc == until[1] :
			exit.reason == DGM_EXIT_DEADLINE && o.timeout_ns);
	}
}

/* ---- threads that meddle ---- */

static void kick_and_interrupt(struct board *b, uint32_t *seed)
{
	uint32_t how = draw(seed);
	dgm_cpu *cpu = atomic_load(&b->cpu[how % CPUS]);

	switch (how >> 8 & 7) {
	case 0: dgm_cpu_kick(cpu, 1); break;
	case 1: dgm_cpu_replan(cpu); break;
	case 2: dgm_cpu_irq(cpu, (how >> 16) % LINES, false); break;
	case 3: REQUIRE(dgm_cpu_irqs(cpu) < 1u << LINES); break;
	case 4: REQUIRE(!dgm_vm_precise(b->vm, how >> 16 & 1)); break;
	default: dgm_cpu_irq(cpu, (how >> 16) % LINES, true); break;
	}
}

/* A vCPU for a moment. */
static void come_and_go(struct board *b)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit exit = DGM_INIT(dgm_exit);
	dgm_cpu *cpu;

	REQUIRE(!dgm_cpu_new(b->vm, &cpu));
	atomic_store(&b->cpu[CPUS], cpu);
	prepare(b, cpu, CPUS);
	o.max_insns = 300;
	REQUIRE(!dgm_cpu_run(cpu, &o, &exit));
	REQUIRE(exit.reason == DGM_EXIT_BUDGET || exit.reason == DGM_EXIT_KICK);
	REQUIRE(!dgm_cpu_free(cpu));
}

static void flush(struct board *b, uint32_t how)
{
	bool virtual = b->w->mem == DGM_MEM_MMU;

	atomic_store(&b->hidden, virtual && how & 1);
	REQUIRE(dgm_vm_tlb_flush(b->vm, SPARE, PAGE, DGM_ASID_ALL) == (virtual ? DGM_OK : DGM_E_UNSUP));
	REQUIRE(dgm_cpu_tlb_flush(atomic_load(&b->cpu[how >> 4 & 3]), 0, 0, how >> 8 & 7) ==
		(virtual ? DGM_OK : DGM_E_UNSUP));
}

static void change_memory(struct board *b, uint32_t *seed)
{
	static const dgm_io_ops none = { .size = sizeof none };
	uint32_t how = draw(seed), prot = how >> 8 & 3;
	uint8_t zero[16] = { 0 };
	dgm_stats stats = DGM_INIT(dgm_stats);
	bool mapped;

	REQUIRE(!dgm_unmap(b->vm, SPARE, PAGE));
	if (how & 0x10000)
		REQUIRE(!dgm_map_ram(b->vm, SPARE, PAGE, DGM_R | DGM_W, NULL, NULL));
	else
		REQUIRE(!dgm_map_host(b->vm, SPARE, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	REQUIRE(!dgm_protect(b->vm, SPARE, PAGE, how >> 10 & 3));
	REQUIRE(!dgm_mem_write(b->vm, NULL, SPARE, zero, sizeof zero, NULL));
	REQUIRE(dgm_mem_prot(b->vm, SPARE, &mapped) == (how >> 10 & 3) && mapped);
	REQUIRE(dgm_mem_ptr(b->vm, CODE, PAGE, DGM_R));
	REQUIRE(!dgm_map_io(b->vm, OTHER + 10, 100, &none, NULL, NULL) && !dgm_unmap(b->vm, OTHER, PAGE));
	flush(b, how);
	write_function(b, 1 + (how >> 12 & 1));
	if (how >> 20 & 1)
		REQUIRE(!dgm_code_invalidate(b->vm, CODE, PAGE) && !dgm_mem_touched(b->vm, DATA, PAGE));
	REQUIRE(!dgm_vm_stats(b->vm, &stats));
	if (how >> 21 & 1)
		come_and_go(b);
}

static dgm_act on_hook(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	struct user *u = ud;

	if (atomic_load(&u->alive) != 1 || (e->kind != DGM_HOOK_INVALIDATED && dgm_pc(cpu) != e->pc))
		atomic_fetch_add(&at_board->late_hooks, 1);
	atomic_fetch_add(&u->calls, 1);
	return DGM_CONT;
}

struct held {
	dgm_id id;
	struct user *user;
};

static void remove_hook(struct board *b, struct held *h)
{
	if (!h->user)
		return;
	REQUIRE(!dgm_hook_del(b->vm, h->id) && dgm_hook_del(b->vm, h->id) == DGM_E_NOENT);
	atomic_store(&h->user->alive, 0xdead);
	free(h->user);
	h->user = NULL;
}

static void change_hooks(struct board *b, struct held held[HELD], uint32_t *seed)
{
	uint32_t how = draw(seed);
	struct held *h = &held[how % HELD];
	dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);

	remove_hook(b, h);
	h->user = malloc(sizeof *h->user);
	REQUIRE(h->user);
	atomic_init(&h->user->alive, 1);
	atomic_init(&h->user->calls, 0);
	c.kind = 1 + (how >> 8) % DGM_HOOK_INVALIDATED;
	if (how >> 16 & 1) {
		c.fn = on_hook;
		c.ud = h->user;
	} else {
		c.counter = (uint64_t *)&h->user->calls;
		c.flags = DGM_HOOK_ATOMIC;
	}
	if (how >> 17 & 1) {
		bool access = c.kind == DGM_HOOK_READ || c.kind == DGM_HOOK_WRITE;

		c.lo = access ? DATA + 64 : CODE;
		c.hi = access ? DATA + 192 : CODE + PAGE;
	}
	REQUIRE(!dgm_hook_add(b->vm, &c, &h->id));
}

enum { MEDDLERS = 3 };

struct meddler {
	struct board *b;
	unsigned what;
	uint32_t seed;
};

static void *meddle(void *arg)
{
	struct meddler *m = arg;
	struct held held[HELD] = { { 0 } };

	for (unsigned i = 0; i < m->b->rounds; i++) {
		if (m->what == 0)
			for (unsigned k = 0; k < 20; k++)
				kick_and_interrupt(m->b, &m->seed);
		else if (m->what == 1)
			change_memory(m->b, &m->seed);
		else
			change_hooks(m->b, held, &m->seed);
		sched_yield();
	}
	for (unsigned i = 0; i < HELD; i++)
		remove_hook(m->b, &held[i]);
	if (atomic_fetch_sub(&m->b->meddling, 1) == 1)
		atomic_store(&m->b->over, true);
	return NULL;
}

/* ---- rounds ---- */

/* All ways of counting agree. */
static void look(struct board *b)
{
	REQUIRE(!atomic_load(&b->late_hooks));
	for (unsigned i = 0; i < CPUS; i++) {
		dgm_cpu *cpu = atomic_load(&b->cpu[i]);
		const struct seat *s = &b->seat[i];
		uint64_t added = dgm_get(cpu, b->g->reg + 10);

		REQUIRE(!s->masked && s->turns > 0);
		REQUIRE(word_at(b, DATA + 64 * i) == s->turns);
		REQUIRE(s->reads == s->turns);
		REQUIRE(added >= s->turns && added <= 2 * s->turns);
		REQUIRE(dgm_get(cpu, b->g->reg + 11) == s->acks);
		REQUIRE(dgm_get(cpu, b->g->reg + 12) == 0);
		REQUIRE(dgm_pc(cpu) == CODE && dgm_get(cpu, b->g->reg + 3) == TURNS);
	}
}

static void play(struct board *b, uint32_t seed)
{
	struct runner r[CPUS];
	struct meddler m[MEDDLERS];
	pthread_t thread[CPUS + MEDDLERS];

	atomic_store(&b->over, false);
	atomic_store(&b->meddling, MEDDLERS);
	for (unsigned i = 0; i < CPUS; i++) {
		r[i] = (struct runner){ b, i };
		REQUIRE(!pthread_create(&thread[i], NULL, run, &r[i]));
	}
	for (unsigned i = 0; i < MEDDLERS; i++) {
		m[i] = (struct meddler){ b, i, seed + 1000 * i };
		REQUIRE(!pthread_create(&thread[CPUS + i], NULL, meddle, &m[i]));
	}
	for (unsigned i = 0; i < CPUS + MEDDLERS; i++)
		REQUIRE(!pthread_join(thread[i], NULL));
	look(b);
}

static void run_once(dgm_cpu *cpu)
{
	dgm_exit exit = DGM_INIT(dgm_exit);

	do
		REQUIRE(!dgm_cpu_run(cpu, NULL, &exit));
	while (exit.reason == DGM_EXIT_KICK);
	REQUIRE(exit.reason == DGM_EXIT_MODEL);
}

/* Whoever runs last executes what was written last. */
static void run_fresh_code(struct board *b)
{
	for (unsigned i = 0; i < 2 * CPUS; i++) {
		dgm_cpu *cpu = atomic_load(&b->cpu[i / 2]);
		uint64_t before = dgm_get(cpu, b->g->reg + 10);

		write_function(b, 1 + i % 2);
		run_once(cpu);
		REQUIRE(dgm_get(cpu, b->g->reg + 10) - before == TURNS * (1 + i % 2));
	}
}

/*
 * What the way is for has happened: code was thrown away, or became hot. On a busy machine all that was compiled may have
 * been of code that had changed meanwhile, so code that nobody changes has its time.
 */
static void look_at_way(struct board *b)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	dgm_stats s = DGM_INIT(dgm_stats);

	REQUIRE(!dgm_vm_stats(b->vm, &s));
	REQUIRE(!b->w->budget || s.flushes);
	for (unsigned i = 0; b->w->threshold && !s.units_llvm && !s.llvm_missing && i < 3000; i++) {
		run_once(atomic_load(&b->cpu[0]));
		nanosleep(&pause, NULL);
		REQUIRE(!dgm_vm_stats(b->vm, &s));
	}
	REQUIRE(!b->w->threshold || s.units_llvm || s.llvm_missing);
}

static void stress(const struct guest *g, const struct way *w, unsigned rounds, uint32_t seed)
{
	static struct board b;
	struct seat then[ALL_CPUS];
	dgm_snap *snap[2];

	board_make(&b, g, w, rounds);
	at_what = "first round";
	play(&b, seed);
	REQUIRE(!dgm_snap_take(b.vm, &snap[0]));
	memcpy(then, b.seat, sizeof then);
	at_what = "with a snapshot";
	play(&b, seed + 1);
	REQUIRE(!dgm_snap_take(b.vm, &snap[1]));
	at_what = "restored";
	REQUIRE(!dgm_snap_restore(b.vm, snap[0]));
	REQUIRE(!memcmp(then, b.seat, sizeof then));
	look(&b);
	play(&b, seed + 2);
	REQUIRE(!dgm_snap_restore(b.vm, snap[1]));
	look(&b);
	run_fresh_code(&b);
	look_at_way(&b);
	for (unsigned i = 0; i < 2; i++)
		dgm_snap_free(snap[i]);
	for (unsigned i = 0; i < CPUS; i++)
		REQUIRE(!dgm_cpu_free(atomic_load(&b.cpu[i])));
	REQUIRE(!dgm_vm_free(b.vm));
	dgm_engine_unref(b.engine);
}

static bool is_meant(int argc, char **argv, int i, const char *name)
{
	return argc <= i || !strcmp(argv[i], "all") || !strcmp(argv[i], name);
}

/* stress [GUEST [WAY [ROUNDS [SEED]]]], the first two may be all */
int main(int argc, char **argv)
{
	unsigned rounds = argc > 3 ? (unsigned)atoi(argv[3]) : DEFAULT_ROUNDS;
	uint32_t seed = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 0) : 12345;

	for (unsigned i = 0; i < GUESTS * WAYS; i++) {
		const struct guest *g = &guests[i / WAYS];
		const struct way *w = &ways[i % WAYS];

		if (!is_meant(argc, argv, 1, g->name) || !is_meant(argc, argv, 2, w->name))
			continue;
		stress(g, w, rounds, seed);
		printf("%s, %s: ok\n", g->name, w->name);
		fflush(stdout);
	}
	return 0;
}
