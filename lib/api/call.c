/* dgm_cpu_call: a guest function called from the host, by the calling convention the front end describes. */
#include <string.h>

#include "api/api.h"
#include "iface/hostfp.h"

enum { MAX_ARGS = 32 };

/* Where nothing can be mapped; with 32-bit addresses the last words, which hold no function. */
static uint64_t return_address(const dgm_vm *vm)
{
	return vm->fe->addr_bits == 32 ? 0xfffffff0u : 0xfffffffffff0u;
}

static void put_word(const dgm_vm *vm, uint8_t *to, uint64_t v)
{
	unsigned n = vm->fe->call.word;

	for (unsigned i = 0; i < n; i++)
		to[i] = (uint8_t)(v >> 8 * (vm->fe->big_endian ? n - 1 - i : i));
}

/* A frame with the arguments that have no register. */
static dgm_status push(dgm_cpu *cpu, const uint64_t *args, uint32_t n)
{
	const struct frontend_call *c = &cpu->vm->fe->call;
	uint64_t sp = dgm_get(cpu, c->sp), size = c->head + (uint64_t)n * c->word;
	uint8_t frame[MAX_ARGS * 8 + 8] = { 0 };
	uint64_t to = (sp - size) & ~(uint64_t)(c->align - 1);

	if (cpu->vm->fe->addr_bits == 32)
		to = (uint32_t)to;
	if (c->head)
		put_word(cpu->vm, frame, sp);
	for (uint32_t i = 0; i < n; i++)
		put_word(cpu->vm, frame + c->head + i * c->word, args[i]);
	dgm_set(cpu, c->sp, to);
	return size ? dgm_mem_write(cpu->vm, cpu, to, frame, size, NULL) : DGM_OK;
}

static dgm_status enter(dgm_cpu *cpu, uint64_t fn, const uint64_t *args, uint32_t n)
{
	const struct frontend_call *c = &cpu->vm->fe->call;
	uint32_t in_registers = n < c->n_arg ? n : c->n_arg;
	uint64_t back = return_address(cpu->vm);
	dgm_status st = push(cpu, args + in_registers, n - in_registers);

	for (uint32_t i = 0; i < in_registers; i++)
		dgm_set(cpu, c->arg + i, args[i]);
	dgm_set(cpu, c->link, back);
	cpu_set_pc(cpu, fn);
	if (c->clear)
		dgm_set(cpu, c->clear, 0);
	return st ? st : vm_add_stops(cpu->vm, &back, 1);
}

dgm_status dgm_cpu_call(dgm_cpu *cpu, uint64_t fn, const uint64_t *args, uint32_t n_args, const dgm_run_opts *opts,
			uint64_t *ret, dgm_exit *exit)
{
	dgm_exit mine = DGM_INIT(dgm_exit);
	dgm_run_opts o = DGM_INIT(dgm_run_opts);

	if (!cpu || (n_args && !args) || n_args > MAX_ARGS || (opts && opts->size < sizeof(uint32_t) * 2) ||
	    (exit && exit->size < sizeof(uint32_t) * 2))
		return engine_fail(DGM_E_ARG, "dgm_cpu_call: a pointer is NULL, a size not set, or more than %d arguments",
				   MAX_ARGS);
	const dgm_vm *vm = cpu->vm;
	const struct base_alloc *alloc = &vm->engine->alloc;
	size_t size = vm->fe->slots->state_size;
	struct cpu_env *env = cpu_env_of(cpu);
	uint64_t back = return_address(vm);
	void *saved = base_alloc(alloc, size);

	if (!saved)
		return engine_fail(DGM_E_NOMEM, "dgm_cpu_call: out of memory");
	if (opts)
		api_copy_in(&o, sizeof o, opts, opts->size);
	hostfp_settle(env);
	uint32_t flags = env->fp_flags;
	memcpy(saved, cpu->state, size);
	dgm_status st = enter(cpu, fn, args, n_args);
	if (!st)
		st = cpu_run(cpu, &o, &back, &mine);
	if (!st && mine.reason == DGM_EXIT_RETURN && ret)
		*ret = dgm_get(cpu, vm->fe->call.ret);
	if (st || mine.reason == DGM_EXIT_RETURN) {
		memcpy(cpu->state, saved, size);
		env->fp_flags = flags;
	}
	base_free(alloc, saved);
	if (exit)
		api_copy_out(exit, &mine, sizeof mine);
	return st;
}
