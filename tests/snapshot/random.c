/*
 * Snapshots against a model: random calls (guest and host writes, views, mappings, protections, odd pieces, borrowed
 * memory, forks, kicks, interrupt lines) between taking, restoring and freeing snapshots in any order; what is
 * restored must have the hash it had. random [SEED [STEPS]]
 */
#include "rig.h"

enum { SNAPS = 12, FORKS = 3, SPAN = DATA + (DATA_PAGES + 16) * PAGE, HOST_AT = DATA + (DATA_PAGES + 4) * PAGE + 100, HOST = 5000 };

struct kept {
	dgm_snap *snap;
	uint64_t hash;
};

struct world {
	struct rig r;
	uint64_t seed;
	uint8_t host[HOST];
	struct kept kept[SNAPS];
	struct {
		dgm_vm *vm;
		uint64_t hash;
	} fork[FORKS];
	unsigned restores, forks;
};

static uint32_t draw(struct world *w, uint32_t below)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->seed >> 33) % below;
}

static uint64_t some_page(struct world *w)
{
	return DATA + draw(w, DATA_PAGES + 2) * (uint64_t)PAGE;
}

static dgm_cpu *some_cpu(struct world *w)
{
	return dgm_vm_cpu(w->r.vm, draw(w, 2));
}

static bool is_writable(struct world *w, uint64_t at, uint32_t n)
{
	bool mapped;

	for (uint32_t i = 0; i < n; i++)
		if (!(dgm_mem_prot(w->r.vm, at + i * (uint64_t)PAGE, &mapped) & DGM_W))
			return false;
	return true;
}

static void guest_writes(struct world *w)
{
	uint64_t at = some_page(w) + draw(w, 1000) * 4;
	uint32_t n = 1 + draw(w, 4);

	if (is_writable(w, at, n) && dgm_mem_prot(w->r.vm, CODE, &(bool){ false }) & DGM_X)
		REQUIRE(!rig_store(some_cpu(w), w->r.g, at, n, draw(w, 1u << 30)));
}

static void host_writes(struct world *w)
{
	uint8_t buf[300];
	uint32_t n = draw(w, sizeof buf);

	memset(buf, (int)draw(w, 256), sizeof buf);
	(void)dgm_mem_write(w->r.vm, NULL, some_page(w) + draw(w, PAGE), buf, n, NULL);
}

static void writes_by_view(struct world *w)
{
	uint8_t *p = dgm_mem_ptr(w->r.vm, some_page(w), PAGE, DGM_R | DGM_W);

	if (p)
		p[draw(w, PAGE)] = (uint8_t)draw(w, 256);
	w->host[draw(w, HOST)]++;	/* borrowed */
}

static void maps(struct world *w)
{
	uint64_t at = some_page(w) + (draw(w, 4) ? 0 : draw(w, PAGE));
	uint64_t n = draw(w, 4) ? (1 + draw(w, 3)) * (uint64_t)PAGE : 1 + draw(w, 6000);

	dgm_status st;
	switch (draw(w, 4)) {
	case 0: st = dgm_map_ram(w->r.vm, at, n, DGM_R | DGM_W, NULL, NULL); break;
	case 1: st = dgm_unmap(w->r.vm, at, n); break;
	case 2: st = dgm_protect(w->r.vm, at, n, draw(w, 4) ? DGM_R | DGM_W : draw(w, 8)); break;
	default: st = dgm_map_move(w->r.vm, at & ~(uint64_t)(PAGE - 1), PAGE, some_page(w), 2 * PAGE); break;
	}
	REQUIRE(!st || st == DGM_E_MAP || st == DGM_E_ARG);
}

static void pokes(struct world *w)
{
	dgm_cpu *cpu = some_cpu(w);

	dgm_set(cpu, w->r.g->count, draw(w, 1u << 30));
	dgm_cpu_irq(cpu, draw(w, DGM_IRQ_LINES), draw(w, 2));
}

static void takes(struct world *w)
{
	struct kept *k = &w->kept[draw(w, SNAPS)];

	dgm_snap_free(k->snap);
	k->snap = NULL;
	REQUIRE(!dgm_snap_take(w->r.vm, &k->snap));
	k->hash = rig_hash(w->r.vm, SPAN);
}

/* Through a stream, and instead of the original. */
static void reloads(struct world *w)
{
	struct kept *k = &w->kept[draw(w, SNAPS)];
	struct tape t = { 0 };
	dgm_stream out = tape_writer(&t), in;

	if (!k->snap)
		return;
	REQUIRE(!dgm_snap_save(k->snap, &out));
	dgm_snap_free(k->snap);
	in = tape_reader(&t);
	REQUIRE(!dgm_snap_load(w->r.vm, &in, &k->snap));
	free(t.p);
}

static void restores(struct world *w)
{
	struct kept *k = &w->kept[draw(w, SNAPS)];

	if (!k->snap)
		return;
	REQUIRE(!dgm_snap_restore(w->r.vm, k->snap));
	REQUIRE(rig_hash(w->r.vm, SPAN) == k->hash);
	w->restores++;
}

static void free_vm(dgm_vm *vm)
{
	for (dgm_cpu *cpu; (cpu = dgm_vm_cpu(vm, 0));)
		REQUIRE(!dgm_cpu_free(cpu));
	REQUIRE(!dgm_vm_free(vm));
}

/* Forks stand still while the VM goes on; then they must be what it was, and can themselves go on. */
static void forks(struct world *w)
{
	unsigned i = draw(w, FORKS);
	dgm_vm *vm = w->fork[i].vm, *again;

	if (vm) {
		if (draw(w, 2)) {	/* a fork of the fork, which goes first */
			REQUIRE(!dgm_vm_fork(vm, NULL, NULL, &again));
			if (draw(w, 2))
				(void)rig_store(dgm_vm_cpu(vm, 0), w->r.g, CODE + 256, 1, 7);
			free_vm(vm);
			vm = again;
		}
		REQUIRE(rig_hash(vm, SPAN) == w->fork[i].hash);
		free_vm(vm);
	}
	REQUIRE(!dgm_vm_fork(w->r.vm, NULL, NULL, &w->fork[i].vm));
	w->fork[i].hash = rig_hash(w->r.vm, SPAN);
	w->forks++;
}

static void step(struct world *w)
{
	static void (*const what[])(struct world *) = {
		guest_writes, guest_writes, guest_writes, host_writes, host_writes, writes_by_view, maps, maps, pokes, takes,
		takes, restores, restores, restores, restores, reloads, forks,
	};

	what[draw(w, sizeof what / sizeof *what)](w);
}

static void run(const struct guest *g, const struct tier *t, uint32_t flags, uint64_t seed, unsigned steps)
{
	static char what[100];
	struct world w = { .seed = seed };
	dgm_cpu *second;

	snprintf(what, sizeof what, "random %s %s seed %" PRIu64, g->name, t->name, seed);
	at_what = what;
	REQUIRE(rig_make(&w.r, g, t, flags, NULL, NULL, 0));
	REQUIRE(!dgm_cpu_new(w.r.vm, &second));
	REQUIRE(!dgm_map_ram(w.r.vm, HOST_AT, HOST, DGM_R | DGM_W, w.host, NULL));
	for (unsigned i = 0; i < steps; i++)
		step(&w);
	REQUIRE(steps < 100 || (w.restores && w.forks));
	for (unsigned i = 0; i < SNAPS; i++)
		dgm_snap_free(w.kept[i].snap);
	REQUIRE(!dgm_cpu_free(second));
	bool first = draw(&w, 2);	/* who is freed first */
	dgm_vm *left[FORKS] = { w.fork[0].vm, w.fork[1].vm, w.fork[2].vm };
	if (first) {
		REQUIRE(!dgm_cpu_free(w.r.cpu));
		REQUIRE(!dgm_vm_free(w.r.vm));
		w.r.cpu = NULL;
		w.r.vm = NULL;
	}
	for (unsigned i = 0; i < FORKS; i++) {
		if (!left[i])
			continue;
		REQUIRE(rig_hash(left[i], SPAN) == w.fork[i].hash);
		free_vm(left[i]);
	}
	rig_free(&w.r);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	unsigned steps = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 0) : 600;

	for (unsigned g = 0; g < GUESTS; g++)
		for (unsigned t = 0; t < TIERS; t++)
			for (unsigned k = 0; k < 3; k++)
				run(&guests[g], &tiers[t], k == 2 ? DGM_FASTMEM : 0, seed + k, steps);
	printf("3 guests, 3 tiers and virtual memory: all restored as they were\n");
	return 0;
}
