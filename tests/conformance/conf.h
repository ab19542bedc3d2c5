/*
 * The conformance suite: what every back end and machine model can rely on. Each test runs on
 * every back end there is; a configuration whose back end is absent is skipped with a notice.
 */
#ifndef CONF_H
#define CONF_H

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dragoman/dragoman.h"
#include "dragoman/ppc.h"

/* ---- instruction words ---- */
#define W_D(op, d, a, i) ((uint32_t)(op) << 26 | (uint32_t)(d) << 21 | (uint32_t)(a) << 16 | ((uint32_t)(i) & 0xffff))
#define ADDI(d, a, i) W_D(14, d, a, i)
#define ADDIS(d, a, i) W_D(15, d, a, i)
#define LI(d, i) ADDI(d, 0, i)
#define LIS(d, i) ADDIS(d, 0, i)
#define ORI(d, a, i) W_D(24, a, d, i)
#define LWZ(d, i, a) W_D(32, d, a, i)
#define LBZ(d, i, a) W_D(34, d, a, i)
#define LHZ(d, i, a) W_D(40, d, a, i)
#define STW(d, i, a) W_D(36, d, a, i)
#define STB(d, i, a) W_D(38, d, a, i)
#define STH(d, i, a) W_D(44, d, a, i)
#define LMW(d, i, a) W_D(46, d, a, i)
#define STMW(d, i, a) W_D(47, d, a, i)
#define CMPWI(a, i) W_D(11, 0, a, i)
#define ADD(d, a, b) (W_D(31, d, a, 0) | (uint32_t)(b) << 11 | 266 << 1)
#define MTCTR(r) (0x7c0903a6u | (uint32_t)(r) << 21)
#define BDNZ(off) (0x42000000u | ((uint32_t)(off) & 0xfffc))
#define B(off) (0x48000000u | ((uint32_t)(off) & 0x3fffffc))
#define BL(off) (B(off) | 1)
#define BNE(off) (0x40820000u | ((uint32_t)(off) & 0xfffc))
#define BLR 0x4e800020u
#define SC 0x44000002u
#define TRAP 0x7fe00008u
#define ILLEGAL 0x00000000u
#define ICBI(a, b) (0x7c0007acu | (uint32_t)(a) << 16 | (uint32_t)(b) << 11)
#define ISYNC 0x4c00012cu

enum { CODE = 0x10000, DATA = 0x20000 };

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
void rig_free(struct rig *r);
void rig_code(struct rig *r, uint64_t at, const uint32_t *code, unsigned n);
/* Runs from CODE; max_insns 0 = no limit. */
void rig_run(struct rig *r, uint64_t max_insns);
void rig_go_on(struct rig *r, uint64_t max_insns);
uint32_t rig_load(struct rig *r, uint64_t at);
void rig_store(struct rig *r, uint64_t at, uint32_t v);

#define RIG(c, code, ops, ud) rig_make(c, code, sizeof(code) / sizeof *(code), ops, ud)
#define EXPECT(r, what, want) \
	do { \
		uint64_t got_ = (uint64_t)(what), want_ = (uint64_t)(want); \
		cr_assert(got_ == want_, "%s: %s is 0x%" PRIx64 ", not 0x%" PRIx64, (r).conf->name, #what, got_, want_); \
	} while (0)

#endif
