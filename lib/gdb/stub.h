/*
 * The inside of the GDB stub, for the files of this folder alone; of the translator it knows the public headers
 * and nothing more, as a machine model.
 */
#ifndef GDB_STUB_H
#define GDB_STUB_H

#include <stdatomic.h>

#include "dragoman/gdb.h"
#include "dragoman/hook.h"

enum {
	GDB_PACKET = 4096,	/* bytes between $ and #, in both directions */
	GDB_DATA = GDB_PACKET / 2 - 16,	/* bytes of memory one packet can carry in hexadecimal */
	GDB_MAX_BREAKS = 4096,
};

/* What a packet's last character so far was. */
enum gdb_state { GDB_IDLE, GDB_BODY, GDB_SUM1, GDB_SUM2 };

/* What Z and z packets set and clear, by the packet's digit. */
enum gdb_point { GDB_BREAK_SOFT, GDB_BREAK_HARD, GDB_WATCH_WRITE, GDB_WATCH_READ, GDB_WATCH_ANY };

/* One register as GDB numbers and names it. */
struct gdb_reg {
	const struct gdb_bank *bank;
	uint32_t id;	/* DGM_*, 0: not to be had */
	uint32_t bytes;
	uint32_t number, index;
};

/* The trap instruction of a guest, in its memory's byte order. */
struct gdb_trap {
	uint8_t bytes[4];
	uint8_t len;
};

struct gdb_guest {
	uint32_t first_id;	/* of the architecture's registers, whose ids all begin alike */
	const char *name;	/* GDB's */
	bool big_endian;
	const struct gdb_bank *bank;
	size_t n_bank;
	struct gdb_trap trap, trap_short;	/* the second where GDB's kind of breakpoint is 2 or 3 */
	const char *types;	/* that the description uses */
};

struct gdb_break {
	uint64_t addr;
	const struct gdb_trap *trap;
	uint8_t saved[4];	/* what stands there in truth */
	bool in;
};

/* A vCPU has met a watchpoint, or a breakpoint that is a hook. */
struct gdb_hit {
	const dgm_cpu *cpu;	/* NULL: none */
	enum gdb_point kind;
	uint64_t addr;	/* of the first byte that is watched */
};

struct gdb_out {
	char text[GDB_PACKET];
	size_t n;
	bool full;
};

struct dgm_gdb {
	dgm_vm *vm;
	dgm_gdb_ops ops;
	void *ud;
	const struct gdb_guest *guest;

	/* The line: a packet as it comes in, the answer, what was sent last until GDB has it. */
	enum gdb_state state;
	char in[GDB_PACKET + 1];
	size_t n_in;
	bool too_long;
	uint8_t sum;
	unsigned sum_said;	/* above 255: no number */
	struct gdb_out out;
	char frame[2 * GDB_PACKET + 4];
	size_t n_frame;
	bool no_ack;

	/* The session. */
	bool silent;	/* the packet has no answer, or a later one */
	bool running;	/* GDB waits for the guest to stop */
	bool over;	/* the guest has ended or GDB has left */
	uint64_t selected, resumed;	/* threads of Hg and Hc, 0: any */
	uint64_t stop_thread;
	int stop_signal;
	struct gdb_hit stop_hit;
	char ended;	/* W or X, with stop_signal the status or signal */
	uint32_t listed;	/* threads told by qfThreadInfo so far */

	struct gdb_break *breaks;
	size_t n_breaks, cap_breaks;
	struct gdb_watch *watches;
	size_t n_watches;
	struct gdb_hit *hits;	/* of this run, by whoever comes; changed only while all stand still */
	size_t cap_hits;
	_Atomic uint32_t n_hits;	/* may exceed the room */
};

/* hex.c: numbers as the protocol writes them, and the answer as it grows. */
int gdb_digit(char c);
bool gdb_number(const char **p, uint64_t *out);	/* at least one digit, at most 64 bits */
bool gdb_skip(const char **p, char c);
size_t gdb_bytes(const char *p, size_t n, uint8_t *out, size_t max);	/* n digits; how many bytes, 0: malformed */
void gdb_char(struct gdb_out *o, char c);
void gdb_text(struct gdb_out *o, const char *s);
void gdb_hex(struct gdb_out *o, const void *bytes, size_t n);
void gdb_hex_number(struct gdb_out *o, uint64_t v);
void gdb_two(struct gdb_out *o, unsigned v);
/* For text behind its beginning: the part [off, off + len) of what is written, in the binary form. */
struct gdb_window {
	struct gdb_out *out;
	uint64_t off, len, at;
	bool more;
};
void gdb_window_text(struct gdb_window *w, const char *s);
void gdb_window_byte(struct gdb_window *w, uint8_t c);
void gdb_window_number(struct gdb_window *w, unsigned v);

/* break.c: guest memory as GDB is to see it. */
bool gdb_break_set(dgm_gdb *g, uint64_t addr, const struct gdb_trap *trap);
bool gdb_break_clear(dgm_gdb *g, uint64_t addr);
void gdb_break_clear_all(dgm_gdb *g);
uint64_t gdb_mem_read(dgm_gdb *g, uint64_t addr, uint8_t *buf, uint64_t len);	/* how many bytes */
bool gdb_mem_write(dgm_gdb *g, uint64_t addr, uint8_t *buf, uint64_t len);	/* changes buf */

/* watch.c */
bool gdb_watch_set(dgm_gdb *g, enum gdb_point kind, uint64_t addr, uint64_t len);
bool gdb_watch_clear(dgm_gdb *g, enum gdb_point kind, uint64_t addr, uint64_t len);
void gdb_watch_clear_all(dgm_gdb *g);
void gdb_hits_begin(dgm_gdb *g, size_t threads);	/* before a run */
struct gdb_hit gdb_hit_of(const dgm_gdb *g, const dgm_cpu *cpu);

/* regs.c */
const struct gdb_guest *gdb_guest_find(dgm_vm *vm);
bool gdb_reg_at(const dgm_gdb *g, uint32_t i, struct gdb_reg *out);	/* the i-th, in the order of g packets */
bool gdb_reg_numbered(const dgm_gdb *g, uint64_t number, struct gdb_reg *out);
void gdb_reg_get(dgm_gdb *g, dgm_cpu *cpu, const struct gdb_reg *r);	/* appends it to the answer */
/* Takes a register's digits; false: they are malformed or the register refuses. An unavailable one ignores them. */
bool gdb_reg_set(dgm_gdb *g, dgm_cpu *cpu, const struct gdb_reg *r, const char *digits);
void gdb_describe(const dgm_gdb *g, struct gdb_window *w);

/* query.c: packets that begin with q or Q. */
void gdb_query(dgm_gdb *g, const char *p);

/* gdb.c */
void gdb_error(dgm_gdb *g, unsigned number);
dgm_cpu *gdb_cpu(dgm_gdb *g);	/* of the thread that GDB has selected, or any */
uint64_t gdb_current(dgm_gdb *g);

#endif
