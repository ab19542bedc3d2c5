/* See rig.h. */
#include "../order.h"
#include "rig.h"

const struct guest guests[] = {
	/* mtctr r4; 1: stw r5,0(r3); addi r3,r3,4096; addi r5,r5,1; bdnz 1b */
	{ "ppc", DGM_ARCH_PPC32, DGM_PPC_PC, DGM_PPC_R(3), DGM_PPC_R(4), DGM_PPC_R(5),
	  { 0x7c8903a6, 0x90a30000, 0x38631000, 0x38a50001, 0x4200fff4 }, true },
	/* 1: str w2,[x0]; add x0,x0,#4096; add x2,x2,#1; subs x1,x1,#1; b.ne 1b */
	{ "aarch64", DGM_ARCH_AARCH64, DGM_A64_PC, DGM_A64_X(0), DGM_A64_X(1), DGM_A64_X(2),
	  { 0xb9000002, 0x91400400, 0x91000442, 0xf1000421, 0x54ffff81 }, false },
	/* 1: str r2,[r0]; add r0,r0,#4096; add r2,r2,#1; subs r1,r1,#1; bne 1b */
	{ "arm", DGM_ARCH_ARM, DGM_ARM_PC, DGM_ARM_R(0), DGM_ARM_R(1), DGM_ARM_R(2),
	  { 0xe5802000, 0xe2800a01, 0xe2822001, 0xe2511001, 0x1afffffa }, false },
};

const struct tier tiers[] = {
	{ "interp", DGM_INTERP_ONLY, DGM_MEM_FLAT },
	{ "baseline", DGM_NO_LLVM, DGM_MEM_FLAT },
	{ "llvm", DGM_HOT_AT_ONCE, DGM_MEM_FLAT },
	{ "virtual memory", DGM_NO_LLVM, DGM_MEM_MMU },
};

const char *at_what = "";

void require(bool ok, const char *what, int line)
{
	dgm_error e = DGM_INIT(dgm_error);

	if (ok)
		return;
	(void)dgm_last_error(&e);
	fprintf(stderr, "%s: line %d: not so: %s (last error: %s)\n", at_what, line, what, e.msg);
	exit(1);
}

/* Each block carries its size in front. */
static void *heap_alloc(void *ud, void *old, size_t n, size_t align)
{
	struct heap *h = ud;
	size_t pad = align > 16 ? align : 16, had = old ? ((size_t *)old)[-1] : 0;
	uint8_t *p;

	if (!n) {
		if (old) {
			__atomic_sub_fetch(&h->live, 1, __ATOMIC_RELAXED);
			__atomic_sub_fetch(&h->bytes, had, __ATOMIC_RELAXED);
			free(((void **)old)[-2]);
		}
		return NULL;
	}
	if (__atomic_add_fetch(&h->requests, 1, __ATOMIC_RELAXED) == h->fail_at)
		return NULL;
	p = aligned_alloc(pad, (n + pad + pad - 1) / pad * pad);
	if (!p)
		return NULL;
	void *base = p;
	p += pad;
	((size_t *)(void *)p)[-1] = n;
	((void **)(void *)p)[-2] = base;
	if (old) {
		memcpy(p, old, had < n ? had : n);
		free(((void **)old)[-2]);
	} else {
		__atomic_add_fetch(&h->live, 1, __ATOMIC_RELAXED);
	}
	__atomic_add_fetch(&h->bytes, n - had, __ATOMIC_RELAXED);
	return p;
}

void rig_put_code(dgm_vm *vm, const struct guest *g, uint64_t at, const uint32_t *word, unsigned n)
{
	uint8_t b[4];

	for (unsigned i = 0; i < n; i++) {
		order_put(g->big, word[i], b);
		REQUIRE(!dgm_mem_write(vm, NULL, at + 4 * i, b, 4, NULL));
	}
}

static bool make(struct rig *r, uint32_t flags, const dgm_machine_ops *ops, void *ud)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);

	ec.flags = r->t->flags | flags;
	ec.backend_dir = getenv("DGM_BACKEND_DIR");
	ec.alloc = heap_alloc;
	ec.alloc_ud = &r->heap;
	vc.arch = r->g->arch;
	vc.mem = r->t->mem;
	if (dgm_engine_new(&ec, DGM_ABI, &r->engine))
		return false;
	if (dgm_vm_new(r->engine, &vc, ops, ud, &r->vm))
		return false;
	if (dgm_map_ram(r->vm, CODE, PAGE, DGM_R | DGM_W | DGM_X, NULL, NULL) ||
	    dgm_map_ram(r->vm, DATA, DATA_PAGES * PAGE, DGM_R | DGM_W, NULL, NULL) || dgm_cpu_new(r->vm, &r->cpu))
		return false;
	rig_put_code(r->vm, r->g, CODE, r->g->word, 5);
	return true;
}

bool rig_make(struct rig *r, const struct guest *g, const struct tier *t, uint32_t more_flags, const dgm_machine_ops *ops,
	      void *ud, uint64_t fail_at)
{
	*r = (struct rig){ .g = g, .t = t, .heap = { .fail_at = fail_at } };
	if (make(r, more_flags, ops, ud))
		return true;
	rig_free(r);
	return false;
}

void rig_free(struct rig *r)
{
	REQUIRE(!dgm_cpu_free(r->cpu));
	REQUIRE(!dgm_vm_free(r->vm));
	dgm_engine_unref(r->engine);
	REQUIRE(r->heap.live == 0 && r->heap.bytes == 0);
}

dgm_status rig_store(dgm_cpu *cpu, const struct guest *g, uint64_t address, uint32_t n, uint32_t value)
{
	uint64_t end = END;
	dgm_run_opts o = DGM_INIT(dgm_run_opts);
	dgm_exit x = DGM_INIT(dgm_exit);

	o.until = &end;
	o.n_until = 1;
	dgm_set(cpu, g->pc, CODE);
	dgm_set(cpu, g->address, address);
	dgm_set(cpu, g->count, n);
	dgm_set(cpu, g->value, value);
	dgm_status st = dgm_cpu_run(cpu, &o, &x);
	if (!st && x.reason == DGM_EXIT_INTERNAL)
		st = DGM_E_NOMEM;
	REQUIRE(st || x.reason == DGM_EXIT_UNTIL);
	return st;
}

uint32_t rig_word(dgm_vm *vm, const struct guest *g, uint64_t at)
{
	uint8_t b[4];

	REQUIRE(!dgm_mem_read(vm, NULL, at, b, 4, NULL));
	return order_get(g->big, b);
}

uint64_t mix(uint64_t h, const void *p, size_t n)
{
	const uint8_t *b = p;
	uint64_t w;

	for (; n >= 8; n -= 8, b += 8) {
		memcpy(&w, b, 8);
		h = (h ^ w) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	for (; n; n--)
		h = (h ^ *b++) * 0x100000001b3u;
	return h;
}

static uint64_t hash_registers(dgm_vm *vm, dgm_cpu *cpu, uint64_t h)
{
	dgm_reg_info info = DGM_INIT(dgm_reg_info);
	uint8_t buf[64];

	for (uint32_t i = 0; !dgm_reg_enum(vm, i, &info); i++) {
		REQUIRE(!dgm_reg_read(cpu, info.id, buf, (info.bits + 7) / 8));
		h = mix(h, buf, (info.bits + 7) / 8);
	}
	uint64_t more[2] = { dgm_cpu_clock(cpu), dgm_cpu_irqs(cpu) };
	return mix(h, more, sizeof more);
}

uint64_t rig_hash(dgm_vm *vm, uint64_t end)
{
	uint64_t h = 1, done;
	uint8_t page[PAGE];
	dgm_cpu *cpu;

	for (uint32_t i = 0; (cpu = dgm_vm_cpu(vm, i)); i++)
		h = hash_registers(vm, cpu, h);
	for (uint64_t at = CODE - 2 * PAGE; at < end; at += PAGE) {
		bool mapped;
		uint32_t prot = dgm_mem_prot(vm, at, &mapped);

		h = mix(h, &prot, sizeof prot);
		h = mix(h, &mapped, sizeof mapped);
		(void)dgm_mem_read(vm, NULL, at, page, PAGE, &done);
		h = mix(h, &done, sizeof done);
		h = mix(h, page, done);
	}
	return h;
}
