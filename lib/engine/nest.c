/*
 * A run inside a callback of code: what the code around it keeps in the vCPU, besides the guest's state, is put
 * aside and comes back. For run.c.
 */
#include <string.h>

#include "engine/engine.h"

void cpu_nest_begin(struct dgm_cpu *cpu, struct cpu_outer *o)
{
	struct cpu_env *env = cpu_env_of(cpu);

	o->nested = atomic_load(&cpu->in_code);
	if (!o->nested)
		return;
	o->exit = env->exit;
	o->host_rsp = env->host_rsp;
	o->host_mxcsr = env->host_mxcsr;
	memcpy(o->spill, env->spill, sizeof o->spill);
	memcpy(o->vec, env->vec, sizeof o->vec);
	o->translator = cpu->translator;
	o->resume = cpu->resume;
	o->access = cpu->access;
	o->again = cpu->again;
	o->beyond = cpu->beyond;
	o->in_event = cpu->in_event;
	o->quiet = cpu->quiet;
	o->interpreting = cpu->interpreting;
	if (o->interpreting)
		memcpy(&o->recover, &cpu->recover, sizeof o->recover);
	cpu->translator = NULL;		/* the block being interpreted lives in it */
	cpu->resume.on = false;
	cpu->access.len = cpu->again.len = 0;
	cpu->in_event = cpu->interpreting = cpu->quiet = false;
	env->host_rsp = 0;
}

void cpu_nest_end(struct dgm_cpu *cpu, const struct cpu_outer *o)
{
	struct cpu_env *env = cpu_env_of(cpu);

	if (!o->nested)
		return;
	env->exit = o->exit;
	env->host_rsp = o->host_rsp;
	env->host_mxcsr = o->host_mxcsr;
	memcpy(env->spill, o->spill, sizeof o->spill);
	memcpy(env->vec, o->vec, sizeof o->vec);
	translator_free(cpu->translator);
	cpu->translator = o->translator;
	cpu->resume = o->resume;
	cpu->access = o->access;
	cpu->again = o->again;
	cpu->beyond = o->beyond;
	cpu->in_event = o->in_event;
	cpu->quiet = o->quiet;
	cpu->interpreting = o->interpreting;
	if (o->interpreting)
		memcpy(&cpu->recover, &o->recover, sizeof o->recover);
	cpu->touched = true;
}
