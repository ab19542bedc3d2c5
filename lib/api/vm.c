/* dgm_vm: arguments, life and death, counters. */
#include <string.h>

#include "api/api.h"
#include "engine/snap.h"

static const struct frontend *find_frontend(const struct engine_parts *parts, uint32_t arch)
{
	for (const struct frontend *const *f = parts->frontends; *f; f++)
		if ((*f)->arch == arch)
			return *f;
	return NULL;
}

enum { WINDOW_BITS = 36, MIN_WINDOW_BITS = 20, MAX_WINDOW_BITS = 46 };

static enum dgm_status check_memory(const struct frontend *fe, const dgm_vm_cfg *from)
{
	dgm_vm_cfg cfg = { 0 };
	bool narrow = fe->addr_bits == 32;

	api_copy_in(&cfg, sizeof cfg, from, from->size);
	if (cfg.mem > DGM_MEM_MMU)
		return engine_fail(DGM_E_ARG, "dgm_vm_new: no memory layout %u", cfg.mem);
	if (cfg.mem == DGM_MEM_IDENTITY && (narrow || cfg.mem_bits))
		return engine_fail(DGM_E_ARG, "dgm_vm_new: DGM_MEM_IDENTITY is for 64-bit addresses, and has no mem_bits");
	narrow = narrow && cfg.mem != DGM_MEM_MMU;
	if (cfg.mem_bits && (narrow ? cfg.mem_bits != 32 :
			     cfg.mem_bits < MIN_WINDOW_BITS || cfg.mem_bits > MAX_WINDOW_BITS))
		return engine_fail(DGM_E_ARG, "dgm_vm_new: %s has no memory of %u address bits", fe->name, cfg.mem_bits);
	return DGM_OK;
}

static enum dgm_status check_cfg(dgm_engine *engine, const dgm_vm_cfg *cfg, const dgm_machine_ops *ops, dgm_vm **out)
{
	if (!engine || !cfg || !out || cfg->size < offsetof(dgm_vm_cfg, flags) ||
	    (ops && ops->size < offsetof(dgm_machine_ops, attach)))
		return engine_fail(DGM_E_ARG, "dgm_vm_new: a pointer is NULL or a size is not set");
	const struct frontend *fe = find_frontend(&engine->parts, cfg->arch);
	if (!fe)
		return engine_fail(DGM_E_ARCH, "no guest architecture %u in this build", cfg->arch);
	if (fe->check_model(cfg->model))
		return engine_fail(DGM_E_ARCH, "%s has no model \"%s\"", fe->name, cfg->model);
	if (cfg->model && strlen(cfg->model) >= sizeof((dgm_vm *)0)->model)
		return engine_fail(DGM_E_ARG, "dgm_vm_new: the model's name is too long");
	return check_memory(fe, cfg);
}

static unsigned window_bits(const dgm_vm *vm)
{
	if (vm->cfg.mem == DGM_MEM_IDENTITY)
		return 64;
	return vm->cfg.mem_bits ? vm->cfg.mem_bits : vm->fe->addr_bits == 32 ? 32 : WINDOW_BITS;
}

/* With virtual memory faults are everyday, and an address without its tag is another one. */
static void set_mode(dgm_vm *vm)
{
	bool virtual = vm->cfg.mem == DGM_MEM_MMU;

	vm->wants_precise = virtual || !(vm->cfg.flags & DGM_VM_IMPRECISE);
	vm->wants_checked = virtual || !(vm->engine->cfg.flags & DGM_FASTMEM);
	vm->mode = (struct backend_mode){
		.tlb = virtual,
		.count = !(vm->cfg.flags & DGM_VM_NO_COUNT),
		.addr_bits = vm->fe->addr_bits,
		.exact_align = vm->fe->exact_align,
		.insn_shift = vm->fe->insn_shift,
		.window_bits = (uint8_t)window_bits(vm),
		.tag_bits = virtual ? 0 : vm->fe->tag_bits,
	};
	vm_update_mode(vm);
}

static void index_registers(dgm_vm *vm)
{
	for (unsigned i = 0; i < vm->fe->n_reg; i++) {
		uint16_t *at = &vm->reg_at[vm->fe->reg[i].id % REG_INDEX];

		*at = *at ? *at : (uint16_t)(i + 1);
	}
}

static enum dgm_status init_vm(dgm_vm *vm)
{
	dgm_engine *e = vm->engine;
	bool code = ENGINE_CAN_ENTER && !(e->cfg.flags & DGM_INTERP_ONLY);
	bool baseline = e->parts.baseline && !(e->cfg.flags & (DGM_INTERP_ONLY | DGM_NO_BASELINE));
	enum dgm_status st = vm_memory_init(vm);

	if (!st && vm->cfg.mem == DGM_MEM_MMU)
		st = mmu_vm_new(vm);
	if (st)
		return st;
	st = cache_init(&vm->cache, &e->alloc, code ? e->cfg.code_budget : 0, ENV_OFFSET(link),
			vm->near);
	if (st)
		return engine_fail(st, "out of memory for the translation cache");
	if (code && !vm->cache.has_code)
		engine_log(e, DGM_LOG_WARN, "jit", "the host gives no executable memory: interpreting");
	return translator_new(vm, baseline && vm->cache.has_code ? e->parts.baseline : NULL, &vm->translator);
}

static void free_vm(dgm_vm *vm)
{
	dgm_engine *e = vm->engine;

	tier_forget(vm);
	translator_free(vm->translator);
	translator_free(vm->hot_translator);
	names_forget(vm);
	hooks_finish(vm);
	if (vm->cache.alloc)
		cache_finish(&vm->cache);
	mmu_vm_free(vm);
	vm_memory_finish(vm);
	snap_finish(vm);
	stops_finish(e, &vm->stops);
	pthread_mutex_destroy(&vm->lock);
	pthread_mutex_destroy(&vm->mem_lock);
	pthread_cond_destroy(&vm->parked);
	base_free(&e->alloc, vm);
	dgm_engine_unref(e);
}

static void enlist(dgm_vm *vm)
{
	dgm_engine *e = vm->engine;

	pthread_mutex_lock(&e->vms_lock);
	vm->serial = ++e->vm_serial;
	vm->next = e->vms;
	e->vms = vm;
	pthread_mutex_unlock(&e->vms_lock);
}

static void unlist(dgm_vm *vm)
{
	dgm_engine *e = vm->engine;

	pthread_mutex_lock(&e->vms_lock);
	for (dgm_vm **p = &e->vms; *p; p = &(*p)->next)
		if (*p == vm) {
			*p = vm->next;
			break;
		}
	pthread_mutex_unlock(&e->vms_lock);
}

enum dgm_status api_vm_new(dgm_engine *engine, const dgm_vm_cfg *cfg, const dgm_machine_ops *ops, void *ud,
			   const void *near, dgm_vm **out)
{
	enum dgm_status st = check_cfg(engine, cfg, ops, out);

	if (st)
		return st;
	*out = NULL;
	dgm_vm *vm = base_alloc_zero(&engine->alloc, sizeof *vm);
	if (!vm)
		return engine_fail(DGM_E_NOMEM, "out of memory for a VM");
	atomic_fetch_add(&engine->refs, 1);
	vm->engine = engine;
	vm->fe = find_frontend(&engine->parts, cfg->arch);
	api_copy_in(&vm->cfg, sizeof vm->cfg, cfg, cfg->size);
	if (cfg->model)
		strcpy(vm->model, cfg->model);
	if (!vm->cfg.clock_num || !vm->cfg.clock_den)
		vm->cfg.clock_num = vm->cfg.clock_den = 1;
	if (ops)
		api_copy_in(&vm->ops, sizeof vm->ops, ops, ops->size);
	vm->ud = ud;
	vm->generation = 1;
	index_registers(vm);
	set_mode(vm);
	pthread_mutex_init(&vm->lock, NULL);
	pthread_mutex_init(&vm->mem_lock, NULL);
	pthread_cond_init(&vm->parked, NULL);
	enlist(vm);
	vm->near = near;
	st = init_vm(vm);
	if (!st && vm->ops.attach)
		st = vm->ops.attach(ud, vm);
	if (st) {
		unlist(vm);
		free_vm(vm);
		return st;
	}
	*out = vm;
	return DGM_OK;
}

/* Who makes a VM is where its callbacks are, as a rule. */
dgm_status dgm_vm_new(dgm_engine *engine, const dgm_vm_cfg *cfg, const dgm_machine_ops *ops, void *ud, dgm_vm **out)
{
	return api_vm_new(engine, cfg, ops, ud, __builtin_return_address(0), out);
}

dgm_status dgm_vm_free(dgm_vm *vm)
{
	if (!vm)
		return DGM_OK;
	pthread_mutex_lock(&vm->lock);
	bool busy = vm->cpus;
	pthread_mutex_unlock(&vm->lock);
	if (busy)
		return engine_fail(DGM_E_BUSY, "dgm_vm_free: the VM still has vCPUs");
	if (atomic_load(&vm->n_snap))
		return engine_fail(DGM_E_BUSY, "dgm_vm_free: the VM still has snapshots");
	if (vm->book && snap_detach(vm))
		return DGM_E_NOMEM;
	if (vm->ops.detach)
		vm->ops.detach(vm->ud, vm);
	unlist(vm);
	free_vm(vm);
	return DGM_OK;
}

dgm_status dgm_vm_precise(dgm_vm *vm, bool on)
{
	if (!vm)
		return engine_fail(DGM_E_ARG, "dgm_vm_precise: no VM");
	pthread_mutex_lock(&vm->lock);
	vm->wants_precise = on || vm->mmu || !(vm->cfg.flags & DGM_VM_IMPRECISE);
	if (vm_update_mode(vm)) {
		struct dgm_cpu *self = cpu_current();

		vm_flush(vm, self && self->vm == vm ? self : NULL);
	}
	pthread_mutex_unlock(&vm->lock);
	return DGM_OK;
}

static uint64_t get(const _Atomic uint64_t *v)
{
	return atomic_load_explicit(v, memory_order_relaxed);
}

dgm_status dgm_vm_stats(dgm_vm *vm, dgm_stats *out)
{
	if (!vm || !out || out->size < sizeof(uint32_t))
		return engine_fail(DGM_E_ARG, "dgm_vm_stats: a pointer is NULL or the size is not set");
	const struct vm_counters *c = &vm->count;
	const struct dgm_engine *e = vm->engine;
	dgm_stats s = {
		.code_budget = e->cfg.code_budget,
		.units_interp = get(&c->units[CACHE_INTERP]),
		.units_baseline = get(&c->units[CACHE_BASELINE]),
		.units_llvm = get(&c->units[CACHE_LLVM]),
		.guest_bytes_baseline = get(&c->guest_bytes[CACHE_BASELINE]),
		.guest_bytes_llvm = get(&c->guest_bytes[CACHE_LLVM]),
		.host_bytes_baseline = get(&c->host_bytes[CACHE_BASELINE]),
		.host_bytes_llvm = get(&c->host_bytes[CACHE_LLVM]),
		.guest_insns_baseline = get(&c->guest_insns[CACHE_BASELINE]),
		.guest_insns_llvm = get(&c->guest_insns[CACHE_LLVM]),
		.ns_lift = get(&c->ns_lift), .ns_opt = get(&c->ns_opt),
		.ns_baseline = get(&c->ns[CACHE_BASELINE]), .ns_llvm = get(&c->ns[CACHE_LLVM]),
		.ns_queue = get(&c->ns_queue),
		.compile_fails = get(&c->compile_fails),
		.llvm_missing = e->llvm_tried && !e->llvm,
		.lookups_fast = get(&c->lookups_fast), .lookups_slow = get(&c->lookups_slow),
		.exits = get(&c->exits), .syscalls = get(&c->syscalls), .faults = get(&c->faults),
		.io_accesses = get(&c->io_accesses), .insns = get(&c->insns), .runs_interp = get(&c->runs_interp),
		.insns_interp = vm->mode.count ? get(&c->insns_interp) : 0,
	};
	uint32_t size = out->size;

	pthread_mutex_lock(&vm->lock);
	for (const dgm_cpu *cpu = vm->cpus; cpu; cpu = cpu->next)
		s.exits += get(&cpu->exits);
	s.insns_baseline = vm->mode.count ? vm_baseline_insns(vm) : 0;
	s.code_used = vm->cache.mem.code_used - vm->cache.mem.kept;
	s.jit_refused = !vm->cache.has_code && !(e->cfg.flags & DGM_INTERP_ONLY);
	s.links_made = vm->cache.count.links_made;
	s.links_broken = vm->cache.count.links_broken;
	s.flushes = vm->cache.count.flushes;
	s.invalidated = vm->cache.count.invalidated;
	pthread_mutex_unlock(&vm->lock);
	memcpy(out, &s, size < sizeof s ? size : sizeof s);
	out->size = size;
	return DGM_OK;
}
