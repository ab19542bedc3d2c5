/*
 * dragoman-conform MODULE...: runs machine models (dragoman/conform.h) through the library in every way that must make
 * no difference, and says what does. On the public headers alone.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/conform.h"
#include "dragoman/dragoman.h"
#include "dragoman/snapshot.h"

static const struct {
	const char *name;
	uint32_t flags;
} tiers[] = {
	{ "interp", DGM_INTERP_ONLY },
	{ "baseline", DGM_NO_LLVM },
	{ "llvm", DGM_HOT_AT_ONCE },
};

struct machine {
	const dgm_conform_model *model;
	void *ud;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_exit exit;
	uint64_t insns;		/* of all runs together */
	uint64_t registers, digest, clock;
};

static unsigned failures;

static bool say(const dgm_conform_model *m, const char *tier, const char *what, bool ok)
{
	printf("%s %s: %s: %s\n", ok ? "ok" : "not ok", m->name, tier, what);
	failures += !ok;
	return ok;
}

static uint64_t hash_registers(const struct machine *m)
{
	uint64_t h = 0xcbf29ce484222325u;
	dgm_reg_info r = DGM_INIT(dgm_reg_info);

	for (uint32_t i = 0; !dgm_reg_enum(m->vm, i, &r); i++) {
		uint8_t bytes[16] = { 0 };

		if (dgm_reg_read(m->cpu, r.id, bytes, (r.bits + 7) / 8))
			continue;
		for (unsigned k = 0; k < sizeof bytes; k++)
			h = (h ^ bytes[k]) * 0x100000001b3u;
	}
	return h;
}

static bool open_machine(struct machine *m, const dgm_conform_model *model, uint32_t flags)
{
	dgm_engine_cfg cfg = DGM_INIT(dgm_engine_cfg);
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	*m = (struct machine){ .model = model, .exit = DGM_INIT(dgm_exit) };
	cfg.flags = flags | DGM_VERIFY_IR;
	cfg.backend_dir = getenv("DGM_BACKEND_DIR");
	m->ud = model->create();
	return m->ud && !dgm_engine_new(&cfg, DGM_ABI, &m->engine) &&
	       !dgm_vm_new(m->engine, &model->cfg, model->ops ? model->ops : &ops, m->ud, &m->vm) &&
	       !dgm_cpu_new(m->vm, &m->cpu) && !model->start(m->ud, m->vm, m->cpu);
}

static bool close_machine(struct machine *m)
{
	bool ok = !dgm_cpu_free(m->cpu) && !dgm_vm_free(m->vm);

	dgm_engine_unref(m->engine);
	if (m->ud)
		m->model->destroy(m->ud);
	return ok;
}

/* Up to `slice` instructions (0: no limit); true when the program goes on. */
static bool go(struct machine *m, uint64_t slice)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);

	opts.max_insns = slice;
	opts.timeout_ns = 20000000000u;
	if (dgm_cpu_run(m->cpu, &opts, &m->exit))
		m->exit.reason = DGM_EXIT_INTERNAL;
	m->insns += m->exit.insns;
	return m->exit.reason == DGM_EXIT_BUDGET;
}

static void finish(struct machine *m)
{
	m->registers = hash_registers(m);
	m->digest = m->model->digest ? m->model->digest(m->ud) : 0;
	m->clock = dgm_cpu_clock(m->cpu);
}

static bool equal(const struct machine *a, const struct machine *b)
{
	return a->exit.reason == b->exit.reason && a->exit.pc == b->exit.pc && a->insns == b->insns &&
	       a->registers == b->registers && a->digest == b->digest && a->clock == b->clock;
}

/* Cut into slices, with another machine of the same make taking turns. */
static bool sliced(const dgm_conform_model *model, uint32_t flags, uint64_t slice, const struct machine *want)
{
	struct machine m[2];
	bool more[2], ok = open_machine(&m[0], model, flags) && open_machine(&m[1], model, flags);

	for (more[0] = more[1] = ok; more[0] || more[1];)
		for (int i = 0; i < 2; i++)
			more[i] = more[i] && go(&m[i], slice + (uint64_t)i);
	for (int i = 0; ok && i < 2; i++) {
		finish(&m[i]);
		ok = equal(&m[i], want);
	}
	ok = close_machine(&m[0]) && ok;
	return close_machine(&m[1]) && ok;
}

/* On half-way, back by a snapshot, and again. */
static bool rewound(const dgm_conform_model *model, uint32_t flags, const struct machine *want)
{
	struct machine m;
	dgm_snap *snap = NULL;
	uint64_t half = want->insns / 2 ? want->insns / 2 : 1;
	bool ok = open_machine(&m, model, flags);

	if (ok && go(&m, half))
		ok = !dgm_snap_take(m.vm, &snap);
	if (ok && snap) {
		go(&m, want->insns / 4);
		ok = !dgm_snap_restore(m.vm, snap);
		m.insns = half;
		go(&m, 0);
	}
	if (ok) {
		finish(&m);
		ok = equal(&m, want);
	}
	dgm_snap_free(snap);
	return close_machine(&m) && ok;
}

static bool kicked(const dgm_conform_model *model, uint32_t flags)
{
	struct machine m;
	bool ok = open_machine(&m, model, flags);

	if (ok) {
		dgm_cpu_kick(m.cpu, 5);
		go(&m, 0);
		ok = m.exit.reason == DGM_EXIT_KICK && m.exit.kick_bits == 5 && !m.exit.insns;
	}
	return close_machine(&m) && ok;
}

static void check(const dgm_conform_model *model)
{
	bool exact = !(model->flags & DGM_CONFORM_REAL_TIME);
	struct machine reference = { 0 };

	for (unsigned t = 0; t < sizeof tiers / sizeof *tiers; t++) {
		const char *name = tiers[t].name;
		struct machine m;

		if (!say(model, name, "is made and started", open_machine(&m, model, tiers[t].flags))) {
			close_machine(&m);
			continue;
		}
		go(&m, 0);
		finish(&m);
		say(model, name, "ends by itself", m.exit.reason != DGM_EXIT_DEADLINE && m.exit.reason != DGM_EXIT_INTERNAL);
		say(model, name, "can be freed", close_machine(&m));
		reference = t ? reference : m;
		say(model, name, "a kick before the run ends it", kicked(model, tiers[t].flags));
		if (!exact)
			continue;
		say(model, name, "every tier does the same", equal(&m, &reference));
		say(model, name, "slices of 1 and 2 instructions, two machines in turn", sliced(model, tiers[t].flags, 1, &reference));
		say(model, name, "slices of 100 and 101", sliced(model, tiers[t].flags, 100, &reference));
		if (model->flags & DGM_CONFORM_SNAPSHOTS)
			say(model, name, "goes on from a snapshot", rewound(model, tiers[t].flags, &reference));
	}
	printf("# %s: %" PRIu64 " instructions, reason %u at 0x%" PRIx64 "\n", model->name, reference.insns,
	       reference.exit.reason, reference.exit.pc);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: dragoman-conform MODULE...\n");
		return 2;
	}
	for (int i = 1; i < argc; i++) {
		void *module = dlopen(argv[i], RTLD_NOW | RTLD_LOCAL);
		dgm_conform_model_fn *get = NULL;

		if (module)
			*(void **)&get = dlsym(module, "dgm_conform_model_get");
		const dgm_conform_model *model = get ? get() : NULL;
		if (!model || model->size < sizeof *model) {
			fprintf(stderr, "dragoman-conform: %s: %s\n", argv[i], module ? "has no model" : dlerror());
			return 2;
		}
		check(model);
	}
	return failures != 0;
}
