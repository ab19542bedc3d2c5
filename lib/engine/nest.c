/*
 * A run inside a callback of code: what the code around it keeps in the vCPU, besides the guest's state, is put
 * aside and comes back. For run.c.
 */
#include <string.h>

#include "engine/engine.h"
#include "iface/hostfp.h"

void cpu_nest_begin(struct dgm_cpu *cpu, struct cpu_outer *o)
{
	struct cpu_env *env = cpu_env_of(cpu);

	o->nested = atomic_load(&cpu->in_code);
	if (!o->nested)
		return;
	o->exit = env->exit;
	o->host_rsp = env->host_rsp;
	o->host_mxcsr = env->host_mxcsr;
	o->foreign = env->foreign;
	hostfp_settle(env);
	o->lent = env->lent;
	o->lends = env->lends;
	o->in_event = env->in_event;
	memcpy(o->spill, env->spill, sizeof o->spill);
	memcpy(o->vec, env->vec, sizeof o->vec);
	o->inside = cpu->inside;
	memset(&cpu->inside, 0, sizeof cpu->inside);
	env->host_rsp = 0;
	env->lends = ENV_NOT_LENT;
	env->in_event = 0;
}

void cpu_nest_end(struct dgm_cpu *cpu, const struct cpu_outer *o)
{
	struct cpu_env *env = cpu_env_of(cpu);

	if (!o->nested)
		return;
	env->exit = o->exit;
	env->host_rsp = o->host_rsp;
	env->host_mxcsr = o->host_mxcsr;
	env->foreign = o->foreign;
	env->lent = o->lent;
	env->lends = o->lends;
	env->in_event = o->in_event;
	memcpy(env->spill, o->spill, sizeof o->spill);
	memcpy(env->vec, o->vec, sizeof o->vec);
	translator_free(cpu->inside.translator);
	cpu->inside = o->inside;
	cpu_touch(cpu);
}
