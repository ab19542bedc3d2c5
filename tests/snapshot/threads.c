/*
 * A VM whose two vCPUs write on threads of their own, while its forks, on others, read and write what was there when
 * they were made; snapshots are taken and restored between the rounds. For ThreadSanitizer, too.
 */
#include <pthread.h>

#include "rig.h"

enum { SPAN = DATA + DATA_PAGES * PAGE, FORKS = 2, ROUNDS = 12 };

struct work {
	const struct guest *g;
	dgm_cpu *cpu;
	uint64_t address;
	uint32_t value;
};

static void *work(void *arg)
{
	struct work *w = arg;

	for (uint32_t i = 0; i < 40; i++)
		REQUIRE(!rig_store(w->cpu, w->g, w->address + i * 4, DATA_PAGES, w->value + i));
	return NULL;
}

/* What the threads leave behind: vCPU k wrote values from `value` on at `address`. */
static void look(dgm_vm *vm, const struct work *w)
{
	for (uint32_t i = 0; i < 40; i++)
		for (uint32_t page = 0; page < DATA_PAGES; page++)
			REQUIRE(rig_word(vm, w->g, w->address + i * 4 + page * PAGE) == w->value + i + page);
}

static void round_of(struct rig *r, dgm_snap *base, uint64_t hash, uint32_t value)
{
	dgm_vm *fork[FORKS];
	pthread_t thread[2 + FORKS];
	struct work w[2 + FORKS];

	for (unsigned i = 0; i < FORKS; i++)
		REQUIRE(!dgm_vm_fork(r->vm, NULL, NULL, &fork[i]));
	for (unsigned i = 0; i < 2 + FORKS; i++)
		w[i] = (struct work){ r->g, i < 2 ? dgm_vm_cpu(r->vm, i) : dgm_vm_cpu(fork[i - 2], 0), DATA + i * 512, value + i * 1000 };
	for (unsigned i = 0; i < 2 + FORKS; i++)
		REQUIRE(!pthread_create(&thread[i], NULL, work, &w[i]));
	for (unsigned i = 0; i < 2 + FORKS; i++)
		REQUIRE(!pthread_join(thread[i], NULL));
	for (unsigned i = 0; i < 2 + FORKS; i++)
		look(i < 2 ? r->vm : fork[i - 2], &w[i]);
	for (unsigned i = 0; i < FORKS; i++) {	/* the others' places are as they were before */
		REQUIRE(rig_word(fork[i], r->g, DATA) == 1 && rig_word(fork[i], r->g, DATA + 512) == 0);
		while (dgm_vm_cpu(fork[i], 0))
			REQUIRE(!dgm_cpu_free(dgm_vm_cpu(fork[i], 0)));
		REQUIRE(!dgm_vm_free(fork[i]));
	}
	REQUIRE(!dgm_snap_restore(r->vm, base) && rig_hash(r->vm, SPAN) == hash);
}

static void run(const struct guest *g, const struct tier *t)
{
	static char what[60];
	dgm_snap *base;
	dgm_cpu *second;
	struct rig r;

	snprintf(what, sizeof what, "threads %s %s", g->name, t->name);
	at_what = what;
	REQUIRE(rig_make(&r, g, t, 0, NULL, NULL, 0) && !dgm_cpu_new(r.vm, &second));
	REQUIRE(!rig_store(r.cpu, g, DATA, 1, 1) && !dgm_snap_take(r.vm, &base));
	uint64_t hash = rig_hash(r.vm, SPAN);
	for (uint32_t i = 0; i < ROUNDS; i++)
		round_of(&r, base, hash, i * 100000);
	dgm_snap_free(base);
	REQUIRE(!dgm_cpu_free(second));
	rig_free(&r);
}

int main(void)
{
	for (unsigned t = 0; t < TIERS; t++)
		run(&guests[t % GUESTS], &tiers[t]);
	printf("forks and their parent do not disturb each other\n");
	return 0;
}
