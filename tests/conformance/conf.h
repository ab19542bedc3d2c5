/*
 * The conformance suite: what every back end and machine model can rely on. Each test runs on
 * every back end there is; a configuration whose back end is absent is skipped with a notice.
 */
#ifndef CONF_H
#define CONF_H

#include <stdio.h>
#include <string.h>

#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"
#include "../want.h"
#include "words.h"

/* ---- configurations ---- */
struct conf {
	const char *name;
	uint32_t flags;
};
extern const struct conf conf_list[];
#define FOR_EACH_CONF(c) for (const struct conf *c = conf_list; c->name; c++)

/* A VM with one page of code at CODE and 64 KiB of data at DATA. */
struct rig {
	const struct conf *conf;
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_exit exit;
};

struct rig rig_make(const struct conf *c, const uint32_t *code, unsigned n, const dgm_machine_ops *ops, void *ud);
/* With a configuration of one's own, code_bytes to put code into, and no data. */
struct rig rig_with(const struct conf *c, const dgm_engine_cfg *ec, uint64_t code_bytes, const dgm_machine_ops *ops, void *ud);
void rig_free(struct rig *r);
void rig_code(struct rig *r, uint64_t at, const uint32_t *code, unsigned n);
/* Runs from CODE; max_insns 0 = no limit. */
void rig_run(struct rig *r, uint64_t max_insns);
void rig_go_on(struct rig *r, uint64_t max_insns);
uint32_t rig_load(struct rig *r, uint64_t at);
void rig_store(struct rig *r, uint64_t at, uint32_t v);

#define RIG(c, code, ops, ud) rig_make(c, code, sizeof(code) / sizeof *(code), ops, ud)
#define EXPECT(r, what, want) WANT_SAME(#what, what, want, "%s", (r).conf->name)

#endif
