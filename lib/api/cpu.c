/* dgm_cpu: life and death, running, registers. */
#include <string.h>

#include "api/api.h"
#include "engine/audit.h"
#include "iface/hostfp.h"

enum { STATE_ALIGN = 64 };

static size_t env_space(void)
{
	return (sizeof(struct cpu_env) + STATE_ALIGN - 1) & ~(size_t)(STATE_ALIGN - 1);
}

/*
 * Where tags are not taken off each vCPU needs a place for the first accesses that have one; when there
 * is none left all code takes tags off. Lock held.
 */
static void take_detour(dgm_cpu *cpu)
{
	dgm_vm *vm = cpu->vm;
	unsigned i = 0;

	if (!vm_identity(vm) || vm->mode.checked || !vm->mode.tag_bits || vm->mode.tags || !vm->cache.has_code)
		return;
	while (i < CACHE_KEPT / DETOUR_BYTES && vm->detours >> i & 1)
		i++;
	if (i == CACHE_KEPT / DETOUR_BYTES) {
		vm->mode.tags = true;
		vm_flush(vm, NULL);
		return;
	}
	vm->detours |= 1ull << i;
	cpu->detour = vm->cache.mem.rx + i * DETOUR_BYTES;
}
_Static_assert(CACHE_KEPT / DETOUR_BYTES == 64, "dgm_vm.detours has a bit for each");

dgm_status dgm_cpu_new(dgm_vm *vm, dgm_cpu **out)
{
	if (!vm || !out)
		return engine_fail(DGM_E_ARG, "dgm_cpu_new: a pointer is NULL");
	*out = NULL;
	const struct base_alloc *alloc = &vm->engine->alloc;
	size_t size = env_space() + vm->fe->slots->state_size;
	dgm_cpu *cpu = base_alloc_zero(alloc, sizeof *cpu);
	uint8_t *block = base_alloc_aligned(alloc, size, STATE_ALIGN);
	if (!cpu || !block) {
		base_free(alloc, cpu);
		base_free(alloc, block);
		return engine_fail(DGM_E_NOMEM, "out of memory for a vCPU");
	}
	memset(block, 0, size);
	cpu->vm = vm;
	cpu->block = block;
	cpu->state = block + env_space();
	struct cpu_env *env = cpu_env_of(cpu);
	env->cpu = cpu;
	env->services = &engine_services;
	env->page_prot = vm->mmu ? NULL : vm->pages.flat;
	env->page_count = env->page_prot ? vm->pages.n : 0;
	env->mem_base = vm->mem_base;
	env->fuel = INT64_MAX;
	cpu->fuel_start = INT64_MAX;
	cpu->event_at = UINT64_MAX;
	env_forget_jumps(env);
	if (mmu_cpu_new(cpu)) {
		base_free(alloc, cpu);
		base_free(alloc, block);
		return engine_fail(DGM_E_NOMEM, "out of memory for a vCPU");
	}
	vm->fe->reset(cpu->state, vm->model[0] ? vm->model : NULL);
	env->mode = vm->fe->mode(cpu->state);
	pthread_mutex_lock(&vm->lock);
	cpu->next = vm->cpus;
	vm->cpus = cpu;
	take_detour(cpu);
	pthread_mutex_unlock(&vm->lock);
	*out = cpu;
	return DGM_OK;
}

dgm_status dgm_cpu_free(dgm_cpu *cpu)
{
	if (!cpu)
		return DGM_OK;
	if (cpu->depth)
		return engine_fail(DGM_E_BUSY, "dgm_cpu_free: the vCPU is running");
	dgm_vm *vm = cpu->vm;
	const struct base_alloc *alloc = &vm->engine->alloc;

	pthread_mutex_lock(&vm->lock);
	for (dgm_cpu **p = &vm->cpus; *p; p = &(*p)->next)
		if (*p == cpu) {
			*p = cpu->next;
			break;
		}
	atomic_fetch_add_explicit(&vm->count.exits, cpu->exits, memory_order_relaxed);
	if (cpu->detour)
		vm->detours &= ~(1ull << (cpu->detour - vm->cache.mem.rx) / DETOUR_BYTES);
	pthread_mutex_unlock(&vm->lock);
	translator_free(cpu->inside.translator);
	audit_free(cpu);
	stops_finish(vm->engine, &cpu->last_until);
	stops_finish(vm->engine, &cpu->sorted_until);
	mmu_cpu_free(cpu);
	base_free(alloc, cpu->block);
	base_free(alloc, cpu);
	return DGM_OK;
}

dgm_status dgm_cpu_copy(dgm_cpu *to, dgm_cpu *from)
{
	if (!to || !from || to->vm != from->vm)
		return engine_fail(DGM_E_ARG, "dgm_cpu_copy: needs two vCPUs of one VM");
	if (to->depth)
		return engine_fail(DGM_E_BUSY, "dgm_cpu_copy: the vCPU is running");
	struct cpu_env *te = cpu_env_of(to), *fe = cpu_env_of(from);

	memcpy(to->state, from->state, to->vm->fe->slots->state_size);
	hostfp_settle(fe);
	te->fp_flags = fe->fp_flags;
	cpu_touch(to);
	to->inside.resume.on = false;
	te->mode = to->vm->fe->mode(to->state);
	if (to->mmu)
		mmu_set_space(to, from->mmu->asid, from->mmu->priv);
	return DGM_OK;
}

dgm_status dgm_cpu_abandon(dgm_cpu *cpu)
{
	if (!cpu)
		return engine_fail(DGM_E_ARG, "dgm_cpu_abandon: no vCPU");
	cpu_abandon(cpu);
	return DGM_OK;
}

dgm_status dgm_cpu_run(dgm_cpu *cpu, const dgm_run_opts *opts, dgm_exit *exit)
{
	dgm_exit mine = DGM_INIT(dgm_exit);
	dgm_run_opts o;

	if (!cpu || (opts && opts->size < sizeof(uint32_t) * 2) || (exit && exit->size < sizeof(uint32_t) * 2))
		return engine_fail(DGM_E_ARG, "dgm_cpu_run: no vCPU, or a size is not set");
	if (opts)
		api_copy_in(&o, sizeof o, opts, opts->size);
	dgm_status st = cpu_run(cpu, opts ? &o : NULL, NULL, &mine);
	if (exit)
		api_copy_out(exit, &mine, sizeof mine);
	return st;
}

void dgm_cpu_kick(dgm_cpu *cpu, uint32_t bits)
{
	atomic_fetch_or(&cpu->kicks, bits);
	atomic_store(&cpu_env_of(cpu)->pending, 1);
	cpu_wake(cpu);
}

uint64_t dgm_pc(dgm_cpu *cpu)
{
	return vm_address(cpu->vm, cpu_pc(cpu));
}

uint64_t dgm_insns(dgm_cpu *cpu)
{
	return cpu->vm->mode.count ? cpu->insns_before + cpu_retired(cpu) : 0;
}

dgm_vm *dgm_cpu_vm(dgm_cpu *cpu)
{
	return cpu->vm;
}

dgm_status dgm_reg_enum(dgm_vm *vm, uint32_t i, dgm_reg_info *out)
{
	if (!vm || !out || out->size < sizeof *out)
		return engine_fail(DGM_E_ARG, "dgm_reg_enum: a pointer is NULL or the size is not set");
	if (i >= vm->fe->n_reg)
		return DGM_E_NOENT;
	const struct frontend_reg *r = &vm->fe->reg[i];
	*out = (dgm_reg_info){ sizeof *out, r->id, r->bits, r->cls, r->name };
	return DGM_OK;
}

static const struct frontend_reg *find_reg(const dgm_vm *vm, uint32_t id)
{
	const struct frontend *fe = vm->fe;
	unsigned at = vm->reg_at[id % REG_INDEX];

	if (at && fe->reg[at - 1].id == id)
		return &fe->reg[at - 1];
	for (unsigned i = 0; i < fe->n_reg; i++)
		if (fe->reg[i].id == id)
			return &fe->reg[i];
	return NULL;
}

static void read_reg(dgm_cpu *cpu, const struct frontend_reg *r, void *buf, size_t len)
{
	const struct frontend *fe = cpu->vm->fe;

	if (r->slot >= 0) {
		memcpy(buf, (uint8_t *)cpu->state + fe->slots->slot[r->slot].offset, len);
	} else {
		hostfp_settle(cpu_env_of(cpu));
		fe->read_reg(cpu->state, r->id, buf);
	}
}

/* In front of a write. Where the embedder puts the pc between two runs a block begins, be it where the last one has ended. */
static void note_write(dgm_cpu *cpu, const struct frontend_reg *r)
{
	cpu_touch(cpu);
	if (!cpu->depth && r->id == cpu->vm->fe->pc_reg)
		cpu->inside.resume.on = false;
}

static void write_reg(dgm_cpu *cpu, const struct frontend_reg *r, const void *buf, size_t len)
{
	const struct frontend *fe = cpu->vm->fe;

	note_write(cpu, r);
	if (r->slot >= 0) {
		memcpy((uint8_t *)cpu->state + fe->slots->slot[r->slot].offset, buf, len);
	} else {
		hostfp_settle(cpu_env_of(cpu));
		fe->write_reg(cpu->state, r->id, buf);
	}
}

static dgm_status check_reg(dgm_cpu *cpu, uint32_t id, const void *buf, size_t len, const struct frontend_reg **out)
{
	if (!cpu || !buf)
		return engine_fail(DGM_E_ARG, "register access: a pointer is NULL");
	*out = find_reg(cpu->vm, id);
	if (!*out)
		return engine_fail(DGM_E_NOENT, "no register 0x%x", id);
	if (len != ((*out)->bits + 7u) / 8)
		return engine_fail(DGM_E_SIZE, "register %s has %u bits, not %zu bytes", (*out)->name, (*out)->bits, len);
	return DGM_OK;
}

dgm_status dgm_reg_read(dgm_cpu *cpu, uint32_t id, void *buf, size_t len)
{
	const struct frontend_reg *r = NULL;
	dgm_status st = check_reg(cpu, id, buf, len, &r);

	if (!st)
		read_reg(cpu, r, buf, len);
	return st;
}

dgm_status dgm_reg_write(dgm_cpu *cpu, uint32_t id, const void *buf, size_t len)
{
	const struct frontend_reg *r = NULL;
	dgm_status st = check_reg(cpu, id, buf, len, &r);

	if (!st)
		write_reg(cpu, r, buf, len);
	return st;
}

/* The usual widths, without a call of memcpy. */
static bool quick(dgm_cpu *cpu, const struct frontend_reg *r, uint64_t *v, bool write)
{
	uint8_t *p;
	uint32_t narrow;

	if (!r || r->slot < 0 || (r->bits != 32 && r->bits != 64))
		return false;
	p = (uint8_t *)cpu->state + cpu->vm->fe->slots->slot[r->slot].offset;
	narrow = (uint32_t)*v;
	if (write)
		note_write(cpu, r);
	if (r->bits == 64 && write)
		memcpy(p, v, 8);
	else if (r->bits == 64)
		memcpy(v, p, 8);
	else if (write)
		memcpy(p, &narrow, 4);
	else
		*v = *(const uint32_t *)(const void *)p;
	return true;
}

uint64_t dgm_get(dgm_cpu *cpu, uint32_t id)
{
	const struct frontend_reg *r = find_reg(cpu->vm, id);
	uint64_t v = 0;

	if (quick(cpu, r, &v, false))
		return v;
	if (r && r->bits <= 64)
		read_reg(cpu, r, &v, (r->bits + 7u) / 8);
	return v;
}

void dgm_set(dgm_cpu *cpu, uint32_t id, uint64_t value)
{
	const struct frontend_reg *r = find_reg(cpu->vm, id);

	if (quick(cpu, r, &value, true))
		return;
	if (r && r->bits <= 64)
		write_reg(cpu, r, &value, (r->bits + 7u) / 8);
}
