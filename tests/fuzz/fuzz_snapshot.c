/*
 * Any bytes as a snapshot's stream, for libFuzzer: whatever loads can be restored, run and saved, and reads
 * the same again. The sum at the end is made right, so that the reader gets to see what is in front.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../tape.h"
#include "dragoman/dragoman.h"

enum { CODE = 0x10000, PAGE = 4096, MOST = 1 << 20 };

static void require(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void put_sum(struct tape *t)
{
	uint64_t h = 0xcbf29ce484222325u;

	if (t->n < 8)
		return;
	for (size_t i = 0; i < t->n - 8; i++)
		h = (h ^ t->p[i]) * 0x100000001b3u;
	for (unsigned i = 0; i < 8; i++)
		t->p[t->n - 8 + i] = (uint8_t)(h >> 8 * i);
}

/* Saves, and what was saved loads again and saves as the same bytes. */
static void round_trip(dgm_vm *vm, dgm_snap *s)
{
	struct tape a = { .most = MOST }, b = a;
	dgm_stream out = tape_writer(&a), in = tape_reader(&a);
	dgm_snap *again;

	if (!dgm_snap_save(s, &out)) {	/* else it is above MOST */
		require(!dgm_snap_load(vm, &in, &again), "load of what was saved");
		out = tape_writer(&b);
		require(!dgm_snap_save(again, &out) && a.n == b.n && !memcmp(a.p, b.p, a.n), "the same bytes");
		dgm_snap_free(again);
	}
	free(a.p);
	free(b.p);
}

static void use(dgm_vm *vm, dgm_snap *s)
{
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);
	dgm_status st = dgm_snap_restore(vm, s);

	require(!st || st == DGM_E_ARG || st == DGM_E_MAP, "answer of a restore");
	if (st)
		return;
	o.max_insns = 50;
	require(!dgm_cpu_run(dgm_vm_cpu(vm, 0), &o, &x), "run");
	require(!dgm_snap_restore(vm, s), "restore");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	struct tape t = { .n = size ? size - 1 : 0 };
	dgm_stream in = tape_reader(&t);
	dgm_engine *engine;
	dgm_snap *s;
	dgm_cpu *cpu;
	dgm_vm *vm;

	if (!size)
		return 0;
	t.p = malloc(size);
	require(t.p != NULL, "memory");
	memcpy(t.p, data + 1, t.n);
	put_sum(&t);
	ec.flags = DGM_INTERP_ONLY;
	vc.arch = DGM_ARCH_PPC32 + *data % 3;
	vc.mem_bits = vc.arch == DGM_ARCH_AARCH64 ? 24 : 0;
	vc.mem = *data & 128 ? DGM_MEM_MMU : DGM_MEM_FLAT;
	require(!dgm_engine_new(&ec, DGM_ABI, &engine) && !dgm_vm_new(engine, &vc, NULL, NULL, &vm), "set-up");
	require(!dgm_map_ram(vm, CODE, PAGE, DGM_R | DGM_W, NULL, NULL) && !dgm_cpu_new(vm, &cpu), "set-up");
	dgm_status st = dgm_snap_load(vm, &in, &s);
	require(!st || st == DGM_E_FORMAT || st == DGM_E_ARCH, "answer of a load");
	if (!st) {
		use(vm, s);
		round_trip(vm, s);
		dgm_snap_free(s);
	}
	require(!dgm_cpu_free(cpu) && !dgm_vm_free(vm), "end");
	dgm_engine_unref(engine);
	free(t.p);
	return 0;
}
