/*
 * Snapshots, what random steps do not reach: code that changes, devices and the machine's state, kicks and
 * counts, what is refused, memory that stays flat, checks instead of signals, another process. With an
 * argument it is that other process: directed GUEST FILE HASH
 */
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

enum { SPAN = DATA + DATA_PAGES * PAGE };

/* li r5,v; stw r5,0(r3); nop..  / movz w2,#v ...: a function whose constant is patched */
static uint32_t load_constant(const struct guest *g, uint32_t v)
{
	switch (g->arch) {
	case DGM_ARCH_PPC32: return 0x38a00000 | v;
	case DGM_ARCH_AARCH64: return 0x52800002 | v << 5;
	default: return 0xe3a02000 | v;
	}
}

/* value = v; [address] = value, and at the end. */
static void put_function(struct rig *r, uint32_t v)
{
	uint32_t word[2] = { load_constant(r->g, v), r->g->word[r->g->arch == DGM_ARCH_PPC32] };

	rig_put_code(r->vm, r->g, END - 8, word, 2);
}

static uint32_t call_function(struct rig *r)
{
	uint64_t end = END;
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);

	o.until = &end;
	o.n_until = 1;
	dgm_set(r->cpu, r->g->pc, END - 8);
	dgm_set(r->cpu, r->g->address, DATA);
	REQUIRE(!dgm_cpu_run(r->cpu, &o, &x));
	REQUIRE(x.reason == DGM_EXIT_UNTIL && x.insns == 2);
	return rig_word(r->vm, r->g, DATA);
}

static void changed_code(struct rig *r)
{
	dgm_snap *one, *two;

	put_function(r, 1);
	REQUIRE(call_function(r) == 1);
	REQUIRE(!dgm_snap_take(r->vm, &one));
	for (uint32_t i = 0; i < 3; i++) {
		REQUIRE(call_function(r) == 1);
		put_function(r, 2 + i);
		REQUIRE(call_function(r) == 2 + i);
		REQUIRE(!dgm_snap_restore(r->vm, one));
	}
	/* Changed, translated, and changed back: the bytes are those of the snapshot, the translations not. */
	put_function(r, 9);
	REQUIRE(call_function(r) == 9);
	REQUIRE(!dgm_snap_take(r->vm, &two));
	REQUIRE(!dgm_snap_restore(r->vm, one));
	REQUIRE(call_function(r) == 1);
	REQUIRE(!dgm_snap_restore(r->vm, two));
	REQUIRE(call_function(r) == 9);
	dgm_snap_free(one);
	REQUIRE(!dgm_snap_restore(r->vm, two));
	REQUIRE(call_function(r) == 9);
	dgm_snap_free(two);
}

/* Translations of code beside data that is written survive a restore. */
static void kept_translations(struct rig *r)
{
	dgm_stats a = DGM_INIT(dgm_stats), b = a;
	dgm_snap *s;

	REQUIRE(!dgm_snap_take(r->vm, &s));
	for (unsigned i = 0; i < 20; i++) {
		REQUIRE(!rig_store(r->cpu, r->g, CODE + 1024, 1, 5));
		if (i > 0)
			REQUIRE(!dgm_snap_restore(r->vm, s));
		if (i == 2)
			REQUIRE(!dgm_vm_stats(r->vm, &a));
	}
	REQUIRE(!dgm_vm_stats(r->vm, &b));
	REQUIRE(a.units_interp + a.units_baseline + a.units_llvm == b.units_interp + b.units_baseline + b.units_llvm);
	dgm_snap_free(s);
}

static void counts_and_kicks(struct rig *r)
{
	dgm_exit x = DGM_INIT(dgm_exit);
	dgm_snap *s;

	REQUIRE(!rig_store(r->cpu, r->g, DATA, 5, 5));
	dgm_cpu_kick(r->cpu, 6);
	dgm_cpu_irq(r->cpu, 3, true);
	uint64_t clock = dgm_cpu_clock(r->cpu);
	REQUIRE(!dgm_snap_take(r->vm, &s));
	for (unsigned i = 0; i < 3; i++) {
		REQUIRE(!dgm_cpu_run(r->cpu, NULL, &x));
		REQUIRE(x.reason == DGM_EXIT_KICK && x.kick_bits == 6);
		REQUIRE(!rig_store(r->cpu, r->g, DATA, 9, 5));
		dgm_cpu_irq(r->cpu, 3, false);
		REQUIRE(dgm_cpu_clock(r->cpu) > clock);
		REQUIRE(!dgm_snap_restore(r->vm, s));
		REQUIRE(dgm_cpu_clock(r->cpu) == clock && dgm_cpu_irqs(r->cpu) == 8);
	}
	dgm_snap_free(s);
	REQUIRE(!dgm_cpu_run(r->cpu, NULL, &x) && x.kick_bits == 6);
}

/* What the host writes by pointers it was given long before. */
static void views(struct rig *r)
{
	uint8_t *early = dgm_mem_ptr(r->vm, DATA + PAGE - 4, 8, DGM_R | DGM_W), *late;
	dgm_snap *one, *two;

	REQUIRE(early != NULL);
	REQUIRE(!dgm_snap_take(r->vm, &one));
	for (uint8_t i = 1; i < 4; i++) {
		memset(early, i, 8);
		REQUIRE(!dgm_snap_take(r->vm, &two));
		uint64_t hash = rig_hash(r->vm, SPAN);
		late = dgm_mem_ptr(r->vm, DATA + 9 * PAGE, PAGE, DGM_W);
		REQUIRE(late != NULL);
		memset(early, 77, 8);
		late[i] = 1;
		REQUIRE(!dgm_snap_restore(r->vm, one));
		REQUIRE(early[0] == 0 && early[7] == 0 && late[i] == 0);
		early[i] = late[i] = 2;
		REQUIRE(!dgm_snap_restore(r->vm, two));
		REQUIRE(early[0] == i && early[7] == i && late[i] == 0 && rig_hash(r->vm, SPAN) == hash);
		dgm_snap_free(two);
	}
	dgm_snap_free(one);
}

struct machine {
	uint32_t state;
	bool fails;
};

static dgm_status save(void *ud, dgm_stream *out)
{
	return out->io(out->ud, &((struct machine *)ud)->state, 4) ? DGM_E_FORMAT : DGM_OK;
}

static dgm_status load(void *ud, dgm_stream *in)
{
	struct machine *m = ud;
	char more;

	if (m->fails)
		return DGM_E_OS;
	return in->io(in->ud, &m->state, 4) || !in->io(in->ud, &more, 1) ? DGM_E_FORMAT : DGM_OK;
}

static dgm_act device_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *value)
{
	*value = 0;
	return DGM_CONT;
}

static void machine_and_devices(const struct guest *g, const struct tier *t)
{
	struct machine m = { .state = 5 }, copy = { 0 };
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_io_ops io = DGM_INIT(dgm_io_ops);
	struct rig r;
	dgm_snap *s;
	dgm_vm *fork;

	ops.save = save;
	ops.load = load;
	io.read = device_read;
	REQUIRE(rig_make(&r, g, t, 0, &ops, &m, 0));
	REQUIRE(!dgm_map_io(r.vm, SPAN, 64, &io, NULL, NULL));
	REQUIRE(!dgm_snap_take(r.vm, &s));
	m.state = 6;
	REQUIRE(!dgm_snap_restore(r.vm, s) && m.state == 5);
	m.fails = true;
	REQUIRE(dgm_snap_restore(r.vm, s) == DGM_E_OS);
	m.fails = false;
	REQUIRE(!dgm_vm_fork(r.vm, &ops, &copy, &fork) && copy.state == 5);
	REQUIRE(!dgm_map_io(fork, SPAN, 64, &io, NULL, NULL));
	REQUIRE(!dgm_cpu_free(dgm_vm_cpu(fork, 0)) && !dgm_vm_free(fork));
	/* A device that is gone is not made again; one that is new is taken away. */
	REQUIRE(!dgm_unmap(r.vm, SPAN, 64));
	REQUIRE(dgm_snap_restore(r.vm, s) == DGM_E_MAP);
	REQUIRE(!dgm_map_io(r.vm, SPAN, 64, &io, NULL, NULL) && !dgm_map_io(r.vm, SPAN + PAGE, 64, &io, NULL, NULL));
	REQUIRE(!dgm_snap_restore(r.vm, s));
	bool mapped;
	REQUIRE(dgm_mem_prot(r.vm, SPAN, &mapped) && mapped);
	REQUIRE(!dgm_mem_prot(r.vm, SPAN + PAGE, &mapped) && !mapped);
	dgm_snap_free(s);
	rig_free(&r);
}

static dgm_act on_fault(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	dgm_snap *s = NULL;

	*(dgm_status *)ud = dgm_snap_take(dgm_cpu_vm(cpu), &s);
	dgm_snap_free(s);
	return DGM_BREAK;
}

static void refusals(const struct guest *g, const struct tier *t)
{
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);
	dgm_status inside = DGM_OK;
	dgm_exit x = DGM_INIT(dgm_exit);
	dgm_cpu *cpu;
	dgm_snap *s;
	struct rig r, other;

	ops.fault = on_fault;
	REQUIRE(rig_make(&r, g, t, 0, &ops, &inside, 0) && rig_make(&other, g, t, 0, NULL, NULL, 0));
	dgm_set(r.cpu, g->pc, SPAN);
	REQUIRE(!dgm_cpu_run(r.cpu, NULL, &x));
	REQUIRE(x.reason == DGM_EXIT_FAULT && inside == DGM_E_BUSY);
	REQUIRE(!dgm_snap_take(r.vm, &s));
	REQUIRE(dgm_snap_restore(other.vm, s) == DGM_E_ARG && dgm_snap_restore(r.vm, NULL) == DGM_E_ARG);
	REQUIRE(!dgm_cpu_new(r.vm, &cpu));
	REQUIRE(dgm_snap_restore(r.vm, s) == DGM_E_ARG);
	REQUIRE(dgm_vm_cpu(r.vm, 0) == r.cpu && dgm_vm_cpu(r.vm, 1) == cpu && !dgm_vm_cpu(r.vm, 2));
	REQUIRE(!dgm_cpu_free(cpu) && !dgm_snap_restore(r.vm, s));
	dgm_snap_free(s);
	REQUIRE(!dgm_map_host(r.vm, SPAN, PAGE, DGM_R, 0x21 /* MAP_SHARED | MAP_ANONYMOUS */, -1, 0));
	REQUIRE(dgm_snap_take(r.vm, &s) == DGM_E_UNSUP && !s);
	REQUIRE(!dgm_unmap(r.vm, SPAN, PAGE) && !dgm_snap_take(r.vm, &s));
	rig_free(&other);
	REQUIRE(!dgm_cpu_free(r.cpu) && dgm_vm_free(r.vm) == DGM_E_BUSY);
	r.cpu = NULL;
	dgm_snap_free(s);
	rig_free(&r);
}

static void identity_is_refused(void)
{
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	struct tape empty = { 0 };
	dgm_stream in = tape_reader(&empty);
	dgm_engine *e;
	dgm_snap *s;
	dgm_vm *vm = NULL;

	vc.arch = DGM_ARCH_AARCH64;
	vc.mem = DGM_MEM_IDENTITY;
	REQUIRE(!dgm_engine_new(NULL, DGM_ABI, &e) && !dgm_vm_new(e, &vc, NULL, NULL, &vm));
	REQUIRE(dgm_snap_take(vm, &s) == DGM_E_UNSUP && dgm_snap_load(vm, &in, &s) == DGM_E_UNSUP);
	REQUIRE(!dgm_vm_free(vm));
	dgm_engine_unref(e);
}

/* Take, run, restore, run, free: for ever without growing. */
static void flat(struct rig *r)
{
	uint64_t most = 0;
	dgm_snap *base, *s = NULL, *t;

	REQUIRE(!dgm_snap_take(r->vm, &base));
	for (unsigned i = 0; i < 3000; i++) {
		REQUIRE(!rig_store(r->cpu, r->g, DATA + i % 8 * PAGE, 10, i));
		REQUIRE(!dgm_snap_take(r->vm, &t));
		dgm_snap_free(s);
		s = t;
		REQUIRE(!rig_store(r->cpu, r->g, DATA + i % 5 * PAGE, 3, i));
		if (i & 1)
			REQUIRE(!dgm_snap_restore(r->vm, i & 2 ? base : s));
		if (i < 1000 && r->heap.bytes > most)
			most = r->heap.bytes;
		REQUIRE(r->heap.bytes <= most);
	}
	dgm_snap_free(s);
	dgm_snap_free(base);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	if (!dgm_signal(sig, info, context))
		signal(sig, SIG_DFL);
}

/* With DGM_FASTMEM, code stops to rely on signals when there are snapshots; faults stay what they are. */
static void fast_memory(const struct guest *g, const struct tier *t)
{
	struct sigaction sa = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO }, old;
	dgm_exit x = DGM_INIT(dgm_exit);
	struct rig r;
	dgm_snap *s;

	sigaction(SIGSEGV, &sa, &old);
	REQUIRE(rig_make(&r, g, t, DGM_FASTMEM, NULL, NULL, 0));
	for (unsigned i = 0; i < 3; i++) {
		REQUIRE(!rig_store(r.cpu, g, DATA, 5, 5));
		dgm_set(r.cpu, g->pc, CODE);
		dgm_set(r.cpu, g->address, SPAN - 2 * PAGE);
		dgm_set(r.cpu, g->count, 9);
		REQUIRE(!dgm_cpu_run(r.cpu, NULL, &x));
		REQUIRE(x.reason == DGM_EXIT_FAULT && x.info.va == SPAN && x.info.access == DGM_W);
		if (i == 0)
			REQUIRE(!dgm_snap_take(r.vm, &s));
		REQUIRE(!rig_store(r.cpu, g, DATA, 5, 6));
		if (i > 0)
			REQUIRE(!dgm_snap_restore(r.vm, s));
		REQUIRE(rig_word(r.vm, g, DATA) == (i ? 5 : 6));
	}
	dgm_snap_free(s);
	rig_free(&r);
	sigaction(SIGSEGV, &old, NULL);
}

static dgm_act ignore(void *ud, dgm_cpu *cpu, const dgm_event *event)
{
	return DGM_CONT;
}

/* Others want checks, and then no longer: snapshots, and virtual memory, still do. */
static void fast_memory_and_others(const struct guest *g, const struct tier *t)
{
	dgm_hook_cfg h = DGM_INIT(dgm_hook_cfg);
	struct rig r;
	dgm_snap *s = NULL;
	dgm_id id;

	h.kind = DGM_HOOK_READ;
	h.fn = ignore;
	REQUIRE(rig_make(&r, g, t, DGM_FASTMEM, NULL, NULL, 0));
	REQUIRE(!rig_store(r.cpu, g, DATA, 5, 5) && !dgm_snap_take(r.vm, &s));
	REQUIRE(!dgm_hook_add(r.vm, &h, &id) && !dgm_hook_del(r.vm, id));
	REQUIRE(!dgm_vm_precise(r.vm, true) && !dgm_vm_precise(r.vm, false));
	REQUIRE(!rig_store(r.cpu, g, DATA, 5, 6) && !dgm_snap_restore(r.vm, s));
	REQUIRE(rig_word(r.vm, g, DATA) == 5);
	dgm_snap_free(s);
	rig_free(&r);
}

static int file_read(void *ud, void *buf, size_t n)
{
	return fread(buf, 1, n, ud) != n;
}

static int file_write(void *ud, void *buf, size_t n)
{
	return fwrite(buf, 1, n, ud) != n;
}

/* The other process: a VM whose space lies elsewhere, with other things in it. */
static int load_elsewhere(const char *guest, const char *path, uint64_t hash)
{
	unsigned g = 0;
	FILE *f = fopen(path, "rb");
	dgm_stream in = { f, file_read };
	dgm_snap *s;
	struct rig r;

	at_what = "another process";
	while (g < GUESTS - 1 && strcmp(guests[g].name, guest))
		g++;
	REQUIRE(f && rig_make(&r, &guests[g], &tiers[1], 0, NULL, NULL, 0));
	REQUIRE(!rig_store(r.cpu, r.g, DATA, 20, 99));
	REQUIRE(!dgm_snap_load(r.vm, &in, &s) && !dgm_snap_restore(r.vm, s));
	REQUIRE(rig_hash(r.vm, SPAN) == hash);
	REQUIRE(!rig_store(r.cpu, r.g, DATA + 5 * PAGE, 20, 99) && !dgm_snap_restore(r.vm, s));
	REQUIRE(rig_hash(r.vm, SPAN) == hash);
	dgm_snap_free(s);
	rig_free(&r);
	fclose(f);
	return 0;
}

static void another_process(struct rig *r, const char *self)
{
	char path[] = "/tmp/dragoman-snapshot-XXXXXX", command[400];
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "wb");
	dgm_stream out = { f, file_write };
	dgm_snap *s;

	REQUIRE(f && !rig_store(r->cpu, r->g, DATA + 40, 30, 1234));
	REQUIRE(!dgm_protect(r->vm, DATA + 4 * PAGE, PAGE, DGM_R));
	REQUIRE(!dgm_snap_take(r->vm, &s) && !dgm_snap_save(s, &out) && !fclose(f));
	snprintf(command, sizeof command, "'%s' %s %s %" PRIu64, self, r->g->name, path, rig_hash(r->vm, SPAN));
	REQUIRE(system(command) == 0);
	unlink(path);
	dgm_snap_free(s);
}

/* No change of a stream goes unseen, and none is more than an error. */
static void damaged(struct rig *r)
{
	struct tape t = { 0 }, cut;
	dgm_stream io = tape_writer(&t);
	dgm_status st;
	dgm_snap *s;

	REQUIRE(!rig_store(r->cpu, r->g, DATA, 1, 5));
	REQUIRE(!dgm_snap_take(r->vm, &s) && !dgm_snap_save(s, &io));
	dgm_snap_free(s);
	for (size_t i = 0; i < t.n; i += 1 + i / 64) {
		cut = (struct tape){ .p = t.p, .n = i };
		io = tape_reader(&cut);
		REQUIRE(dgm_snap_load(r->vm, &io, &s) == DGM_E_FORMAT && !s);
		t.p[i] ^= (uint8_t)(1 << i % 8);
		io = tape_reader(&t);
		st = dgm_snap_load(r->vm, &io, &s);
		REQUIRE((st == DGM_E_FORMAT || st == DGM_E_ARCH) && !s);
		t.p[i] ^= (uint8_t)(1 << i % 8);
	}
	io = tape_reader(&t);
	REQUIRE(!dgm_snap_load(r->vm, &io, &s));
	dgm_snap_free(s);
	free(t.p);
}

static void all(const struct guest *g, const struct tier *t, const char *self)
{
	static void (*const part[])(struct rig *) = { changed_code, kept_translations, counts_and_kicks, views, flat, damaged };
	static char what[60];
	struct rig r;

	snprintf(what, sizeof what, "%s %s", g->name, t->name);
	at_what = what;
	for (unsigned i = 0; i < sizeof part / sizeof *part; i++) {
		REQUIRE(rig_make(&r, g, t, 0, NULL, NULL, 0));
		part[i](&r);
		rig_free(&r);
	}
	machine_and_devices(g, t);
	refusals(g, t);
	fast_memory(g, t);
	fast_memory_and_others(g, t);
	REQUIRE(rig_make(&r, g, t, 0, NULL, NULL, 0));
	another_process(&r, self);
	rig_free(&r);
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return load_elsewhere(argv[1], argv[2], strtoull(argv[3], NULL, 10));
	for (unsigned g = 0; g < GUESTS; g++)
		for (unsigned t = 0; t < TIERS; t++)
			all(&guests[g], &tiers[t], argv[0]);
	identity_is_refused();
	printf("snapshots hold for 3 guests, on 3 tiers and with virtual memory\n");
	return 0;
}
