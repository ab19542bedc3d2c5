/*
 * Engines, VMs and vCPUs made, run and freed many times, each fourth with snapshots and a fork, each second with hooks, half
 * of which stay to the end, an alias and a second vCPU: what the library asked for it gives back, and
 * the process does not grow, which a sanitizer's does: that one looks for leaks itself. cycles [N]
 */
#include <unistd.h>

#include "rig.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static uint64_t resident(void)
{
	unsigned long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%lu %lu", &size, &pages) != 2)
		pages = 0;
	if (f)
		fclose(f);
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static dgm_act on_block(void *ud, dgm_cpu *cpu, const dgm_event *e)
{
	++*(uint64_t *)ud;
	return DGM_CONT;
}

static void with_hooks(struct rig *r)
{
	uint64_t count[2] = { 0 };
	dgm_cpu *second = NULL;
	dgm_id id[4];

	for (unsigned i = 0; i < 4; i++) {
		dgm_hook_cfg c = DGM_INIT(dgm_hook_cfg);

		c.kind = i < 2 ? DGM_HOOK_BLOCK : DGM_HOOK_WRITE;
		c.fn = i % 2 ? on_block : NULL;
		c.ud = i % 2 ? &count[i / 2] : NULL;
		c.counter = i % 2 ? NULL : &count[i / 2];
		REQUIRE(!dgm_hook_add(r->vm, &c, &id[i]));
	}
	REQUIRE(!dgm_map_alias(r->vm, DATA + DATA_PAGES * PAGE, PAGE, DATA, NULL));
	REQUIRE(!dgm_cpu_new(r->vm, &second));
	REQUIRE(!rig_store(second, r->g, DATA, 5, 9) && count[0] && count[1] == 10);
	for (unsigned i = 0; i < 4; i += 3)
		REQUIRE(!dgm_hook_del(r->vm, id[i]));
	REQUIRE(!dgm_cpu_free(second));
}

static void cycle(const struct guest *g, const struct tier *t, bool snapshots, bool hooks)
{
	struct rig r;
	dgm_snap *s;
	dgm_vm *fork = NULL;

	REQUIRE(rig_make(&r, g, t, 0, NULL, NULL, 0));
	REQUIRE(!rig_store(r.cpu, g, DATA, 5, 5));
	if (snapshots) {
		REQUIRE(!dgm_snap_take(r.vm, &s) && !rig_store(r.cpu, g, DATA, 5, 6));
		REQUIRE(!dgm_snap_restore(r.vm, s) && !dgm_vm_fork(r.vm, NULL, NULL, &fork));
		REQUIRE(!rig_store(dgm_vm_cpu(fork, 0), g, DATA, 5, 7));
		REQUIRE(!dgm_cpu_free(dgm_vm_cpu(fork, 0)) && !dgm_vm_free(fork));
		dgm_snap_free(s);
	}
	if (hooks)
		with_hooks(&r);
	rig_free(&r);
}

int main(int argc, char **argv)
{
	unsigned n = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 0) : 10000;
	uint64_t before = 0;

	for (unsigned i = 0; i < n; i++) {
		cycle(&guests[i % GUESTS], &tiers[i % 7 != 0], i % 4 == 0, i % 2);
		if (i == n / 10)
			before = resident();
	}
	uint64_t after = resident();
	printf("%u cycles: %" PRIu64 " KiB resident after a tenth, %" PRIu64 " at the end\n", n, before >> 10, after >> 10);
	REQUIRE(SANITIZED || after < before + (4u << 20));
	return 0;
}
