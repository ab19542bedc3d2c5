/*
 * Auditing (DGM_AUDIT): what translated code does is done by the interpreter too, from the same state, and the first
 * difference ends the run. Between run.c, which asks, and audit.c, which also needs some of run.c's ways to execute.
 */
#ifndef ENGINE_AUDIT_H
#define ENGINE_AUDIT_H

#include "engine/engine.h"

/*
 * Whether what the vCPU executes next is to be audited. Not with several vCPUs, with virtual addresses, nor
 * while hooks would see everything twice.
 */
bool audit_wanted(const struct dgm_cpu *cpu);
/*
 * Executes from `unit` on as run.c would, for a limited number of instructions; env exit says what came of it. False:
 * the two differ, or there is no memory; the state is that before, and the error's text says which.
 */
bool audit_run(struct dgm_cpu *cpu, const struct cache_unit *unit);
void audit_free(struct dgm_cpu *cpu);

/* run.c */
struct ir_unit *cpu_lift_few(struct dgm_cpu *cpu, unsigned max_insns, struct unit_at *at);
int cpu_run_ir(struct dgm_cpu *cpu, const struct ir_unit *u);
void cpu_run_code(struct dgm_cpu *cpu, const struct cache_unit *unit);

#endif
