/*
 * Campaigns: random encodings of every row on random states, on all tiers and on qemu's user mode. For the files
 * of this folder. Only machine.h of tests/guest and states.h of tests/qemu are shared; what must be known of a guest
 * beyond them is in guests.c.
 *
 * A case is an instruction (in Thumb perhaps behind an IT) at GUEST_CODE on one state. The page around it is
 * full of undefined instructions, so that every case ends in an event and the pc says where it went. Data are
 * two pages, of which only the windows at their ends and their border hold something.
 */
#ifndef TESTS_CAMPAIGN_H
#define TESTS_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../guest/machine.h"
#include "../qemu/states.h"
#include "../random.h"

enum {
	CAMP_CODE_SIZE = 0x1000,	/* at GUEST_CODE */
	CAMP_WINDOWS = 512,
	CAMP_STATES = 8,		/* states each word is executed on */
	CAMP_MAX_REGS = 128,
};

/* Registers by their place in the front end's table, and what stands in the windows. */
struct camp_state {
	struct guest_value reg[CAMP_MAX_REGS];
	uint8_t data[CAMP_WINDOWS];
};

struct camp_word {
	uint8_t code[8];
	unsigned n;			/* bytes; 0 ends a batch */
	uint32_t word;			/* the instruction as its picture has it */
	struct guest_row row;
};

struct camp_result {
	struct camp_state after;
	enum guest_end end;
	uint64_t pc, addr;		/* where it went or stopped; of a fault */
};

struct camp_case {
	struct camp_word *word;
	struct camp_state before;
	struct camp_result ours;
};

/* ---- guests.c ---- */

struct camp_guest {
	const struct guest_isa *isa;
	const char *name, *model;
	const struct qemu_states *states;
	uint32_t filler;		/* undefined, in whatever piece it is read */
	uint32_t clear;			/* the register of the exclusive monitor */
	const char *bases;		/* letters of pictures: registers that make up addresses */
	/* The register a field of the picture names; false: none that makes up addresses. */
	bool (*base)(unsigned value, uint32_t *id);
	void (*draw_state)(struct test_rng *r, struct camp_state *out);
	/* The code of a word drawn from a picture: byte order, an IT in front of it. */
	void (*encode)(struct test_rng *r, struct camp_word *w);
};
const struct camp_guest *camp_guest(const char *name);
extern const struct camp_guest *camp_the;	/* the one the campaign is about */
struct guest_value *camp_reg(struct camp_state *s, uint32_t id);

/* ---- draw.c ---- */
bool camp_draw_open(void *decoder);
/* False: not a word to be executed. */
bool camp_draw_word(struct test_rng *r, struct camp_word *out);
uint64_t camp_corner(struct test_rng *r, unsigned bits);
struct guest_value camp_corner_vector(struct test_rng *r);
uint32_t camp_address(struct test_rng *r);
unsigned camp_rows(void);
uint32_t camp_field_of(const struct camp_word *w, char letter);

/* ---- machine.c ---- */
struct camp_machine {
	struct guest_machine on;
	uint8_t code[8];
	unsigned n;
};
bool camp_machine_open(struct camp_machine *m, unsigned tier);
void camp_machine_close(struct camp_machine *m);
/* False: the library failed, or the case reached something that is not compared. */
bool camp_machine_run(struct camp_machine *m, const struct camp_word *w, const struct camp_state *before,
		      struct camp_result *out);
/* The offset in the data pages of a byte of the windows. */
unsigned camp_window_at(unsigned i);

/* ---- opinion.c: qemu ---- */
struct camp_opinion {
	const char *qemu, *program;
	FILE *in, *out;
	int pid;
};
bool camp_opinion_open(struct camp_opinion *o, const char *qemu, const char *program);
void camp_opinion_close(struct camp_opinion *o);
/* Starts qemu on n cases, and takes what it says: how many results there are. */
bool camp_opinion_start(struct camp_opinion *o, const struct camp_case *c, unsigned n);
unsigned camp_opinion_take(struct camp_opinion *o, const struct camp_case *c, unsigned n, struct camp_result *out);

/* ---- explain.c ---- */
bool camp_explain_load(const char *path);
/* Whether cases of the word are not drawn at all. */
bool camp_explain_skips(const struct camp_word *w);
/* Whether a process could do anything on the case, even end. */
bool camp_explain_hides(const struct camp_case *c);
/* Makes equal what lines explain, one after the other; those are counted that still change something. */
void camp_explain(const struct camp_case *c, const struct camp_result *ours, struct camp_result *theirs);
void camp_explain_counts(FILE *out);

/* ---- report.c ---- */
/* NULL when equal; else where they differ, in buf. */
const char *camp_compare(const struct camp_result *want, const struct camp_result *have, char *buf, unsigned n);
/*
 * Which of n cases still differ, and in buf how the last of them does; their `ours` is made new. Many at a time,
 * because a qemu has to be started for each call.
 */
typedef void camp_differ_fn(void *ud, struct camp_case *c, unsigned n, bool *out, char *buf, unsigned size);
/* Makes the case small while it differs, and prints it as a line for tests/guest. */
void camp_report(FILE *out, const struct camp_case *c, camp_differ_fn *differ, void *ud, const char *what);

#endif
