/*
 * The contract of iface/env.h, on units small enough to say what must happen: direct, conditional
 * and indirect exits, registers and stack at the exit stub, calls of helpers, and that units
 * a code generator cannot do are refused rather than wrong. Usage: abi MODULE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/engine.h"
#include "rig.h"

static struct rig r;
static unsigned failures;

static void check(bool ok, const char *what, int line)
{
	if (!ok) {
		fprintf(stderr, "line %d: %s\n", line, what);
		failures++;
	}
}
#define CHECK(c) check(c, #c, __LINE__)

static uint64_t sum(void *state, uint64_t a, uint64_t b, uint64_t c)
{
	(void)state;
	return a + b + c;
}
static const struct ir_helper sum_helper = { "sum", sum, IR_HELPER_READS };
static const struct ir_helper *const helpers[] = { &sum_helper, NULL };

static void log_line(void *ud, const char *text)
{
	(void)ud;
	fprintf(stderr, "%s\n", text);
}

static struct backend_request rq;
static const struct ir_unit *block[4];

/* Compiles the blocks of the texts, in that order, for unchecked code. */
static enum dgm_status compile(const char *const *text, const uint64_t *pc, unsigned n)
{
	struct ir_parse_env env = { &rig_slots, helpers };
	struct ir_parse_error err;

	base_arena_reset(&r.arena);
	for (unsigned i = 0; i < n; i++) {
		struct ir_unit *u = ir_parse(&r.arena, &env, text[i], &err);
		if (!u) {
			fprintf(stderr, "text %u, line %u: %s\n", i, err.line, err.msg);
			exit(2);
		}
		u->pc = pc[i];
		block[i] = u;
	}
	rq = (struct backend_request){ .block = block, .n_block = n, .opt_level = 2, .verify = true, .log = log_line,
				       .mode = { .addr_bits = 32, .insn_shift = 2 } };
	if (getenv("DGM_DUMP"))
		rq.dump = DGM_DUMP_LLVM | DGM_DUMP_ASM;
	return rig_compile(&r, &rq);
}

static void set32(unsigned offset, uint32_t v)
{
	memcpy(r.state_start + offset, &v, 4);
}

static uint32_t get32(const struct rig_result *res, unsigned offset)
{
	uint32_t v;

	memcpy(&v, res->state + offset, 4);
	return v;
}

static void direct_exits(void)
{
	static const char *const text[] = {
		"  insn 0x1000, 4\n"
		"  %1:i32 = get a\n"
		"  %2:i32 = add %1, 0x1:i32\n"
		"  put b, %2\n"
		"  %4:i1 = eq %2, 0x0:i32\n"
		"  exit_if %4, 0x2000\n"
		"  exit 0x3000\n",
	};
	struct rig_result res;

	CHECK(!compile(text, (uint64_t[]){ 0x1000 }, 1));
	CHECK(r.object.n_exit == 2);
	set32(4, 41);
	rig_run_code(&r, &rq, &res);
	CHECK(res.link && res.next == 0x3000 && get32(&res, 8) == 42);
	CHECK(r.regs_seen[0] == (uint64_t)(uintptr_t)r.mem);
	CHECK(r.regs_seen[1] == r.env->host_rsp - 8);
	set32(4, ~0u);
	rig_run_code(&r, &rq, &res);
	CHECK(res.link && res.next == 0x2000 && get32(&res, 8) == 0);
	CHECK(r.regs_seen[1] == r.env->host_rsp - 8);
}

static const char *const indirect[] = {
	"  insn 0x1000, 4\n"
	"  %1:i32 = get a\n"
	"  exit_ind %1\n",
};

static void indirect_exit(void)
{
	struct rig_result res;

	CHECK(!compile(indirect, (uint64_t[]){ 0x1000 }, 1));
	set32(4, 0x4444);
	rig_run_code(&r, &rq, &res);
	CHECK(res.indirect && res.next == 0x4444);
	/* with the table filled it goes on there: to the same code as exit stub 5 would */
	r.jump_hit = true;
	rig_run_code(&r, &rq, &res);
	r.jump_hit = false;
	CHECK(res.link == 77);
	CHECK(r.regs_seen[0] == (uint64_t)(uintptr_t)r.mem && r.regs_seen[1] == r.env->host_rsp - 8);
}

/* a counts down in a loop of two blocks, b sums; all in registers, stored once behind it */
static void loop(void)
{
	static const char *const text[] = {
		"  poll\n"
		"  insn 0x1000, 4\n"
		"  %2:i32 = get a\n"
		"  %3:i32 = sub %2, 0x1:i32\n"
		"  put a, %3\n"
		"  %5:i32 = get b\n"
		"  %6:i32 = add %5, %3\n"
		"  put b, %6\n"
		"  exit 0x1100\n",
		"  poll\n"
		"  insn 0x1100, 4\n"
		"  %2:i32 = get a\n"
		"  %3:i1 = ne %2, 0x0:i32\n"
		"  exit_if %3, 0x1000\n"
		"  exit 0x2000\n",
	};
	struct rig_result res;

	CHECK(!compile(text, (uint64_t[]){ 0x1000, 0x1100 }, 2));
	set32(4, 1000);
	set32(8, 0);
	rig_run_code(&r, &rq, &res);
	CHECK(res.next == 0x2000 && get32(&res, 4) == 0 && get32(&res, 8) == 499500);
	r.pending = 1;
	rig_run_code(&r, &rq, &res);
	r.pending = 0;
	CHECK(res.event && res.exit.reason == ENV_POLL && res.exit.pc == 0x1000 && get32(&res, 4) == 1000);
}

static void helper_call(void)
{
	static const char *const text[] = {
		"  insn 0x1000, 4\n"
		"  %1:i32 = get a\n"
		"  %2:i32 = call @sum %1, %1\n"
		"  put b, %2\n"
		"  exit 0x2000\n",
	};
	struct rig_result res;

	CHECK(!compile(text, (uint64_t[]){ 0x1000 }, 1));
	CHECK(r.object.n_helper == 1);
	set32(4, 21);
	rig_run_code(&r, &rq, &res);
	CHECK(res.next == 0x2000 && get32(&res, 8) == 42);
}

/* Each load is the second operand of an addition of the next instruction: blame must not move on. */
static void fault_lines(void)
{
	static const char *const text[] = {
		"  insn 0x1000, 4\n"
		"  %1:i32 = get a\n"
		"  %2:i32 = load.le32 %1, 0\n"
		"  insn 0x1004, 4\n"
		"  %4:i32 = get b\n"
		"  %5:i32 = add %4, %2\n"
		"  put b, %5\n"
		"  insn 0x1008, 4\n"
		"  %8:i32 = get c\n"
		"  %9:i32 = load.be32 %8, 4\n"
		"  insn 0x100c, 4\n"
		"  %11:i1 = eq %9, 0x12345678:i32\n"
		"  exit_if %11, 0x2000\n"
		"  insn 0x1010, 4\n"
		"  store.le32 %8, 8, %5\n"
		"  exit 0x3000\n",
	};
	struct rig_result res;

	CHECK(!compile(text, (uint64_t[]){ 0x1000 }, 1));
	set32(4, 0x50000);
	rig_run_code(&r, &rq, &res);
	CHECK(res.exit.reason == ENV_FAULT && res.exit.pc == 0x1000);
	set32(4, RIG_RAM);
	set32(12, 0x50000);
	rig_run_code(&r, &rq, &res);
	CHECK(res.exit.reason == ENV_FAULT && res.exit.pc == 0x1008);
	set32(12, RIG_RAM + RIG_RAM_BYTES - 8);
	rig_run_code(&r, &rq, &res);
	CHECK(res.exit.reason == ENV_FAULT && res.exit.pc == 0x1010);
}

/* Both arms end in the same store to the same address: machine code must not be shared. */
static void fault_lines_of_arms(void)
{
	static const char *const text[] = {
		"  insn 0x1000, 4\n"
		"  %1:i32 = get a\n"
		"  %2:i32 = get b\n"
		"  %3:i1 = get t\n"
		"  exit_if %3, 0x1100\n"
		"  insn 0x1004, 4\n"
		"  store.be32 %1, 0, %2\n"
		"  store.be32 %1, 4, %2\n"
		"  store.be32 %1, 8, %2\n"
		"  store.be32 %1, 12, %2\n"
		"  exit 0x1200\n",
		"  insn 0x1100, 4\n"
		"  %1:i32 = get a\n"
		"  %2:i32 = get b\n"
		"  store.be32 %1, 0, %2\n"
		"  store.be32 %1, 4, %2\n"
		"  store.be32 %1, 8, %2\n"
		"  store.be32 %1, 12, %2\n"
		"  exit 0x1200\n",
		"  insn 0x1200, 4\n"
		"  %1:i32 = get a\n"
		"  put b, %1\n"
		"  exit 0x3000\n",
	};
	struct rig_result res;

	CHECK(!compile(text, (uint64_t[]){ 0x1000, 0x1100, 0x1200 }, 3));
	set32(4, 0x50000);
	r.state_start[40] = 0;
	rig_run_code(&r, &rq, &res);
	CHECK(res.exit.reason == ENV_FAULT && res.exit.pc == 0x1004);
	r.state_start[40] = 1;
	rig_run_code(&r, &rq, &res);
	CHECK(res.exit.reason == ENV_FAULT && res.exit.pc == 0x1100);
}

/* A loop that is entered at its head, in its middle, and by a block that nothing in the region leads to. */
static void several_entries(void)
{
	static const char *const text[] = {
		"  poll\n"
		"  insn 0x1000, 4\n"
		"  %2:i32 = get a\n"
		"  %3:i32 = add %2, 0x1:i32\n"
		"  put a, %3\n"
		"  %5:i1 = eq %3, 0x10008:i32\n"
		"  exit_if %5, 0x2000\n"
		"  exit 0x1100\n",
		"  poll\n"
		"  insn 0x1100, 4\n"
		"  %2:i32 = get a\n"
		"  %3:i32 = load.le32 %2, 0\n"
		"  %4:i32 = get b\n"
		"  %5:i32 = add %4, 0x10:i32\n"
		"  put b, %5\n"
		"  exit 0x1000\n",
		"  poll\n"
		"  insn 0x1200, 4\n"
		"  put b, 0x700:i32\n"
		"  exit 0x1100\n",
	};
	static const unsigned entry[] = { 1, 2 };
	static const uint32_t sums[] = { 0x30, 0x40, 0x740 };
	struct rig_result res;

	CHECK(!compile(text, (uint64_t[]){ 0x1000, 0x1100, 0x1200 }, 3));
	rq.entry = entry;
	rq.n_entry = 2;
	CHECK(!rig_compile(&r, &rq));
	for (r.way = 0; r.way < 3; r.way++) {
		r.pending = 1;
		rig_run_code(&r, &rq, &res);
		CHECK(res.exit.reason == ENV_POLL && res.exit.pc == 0x1000 + 0x100 * r.way);
		r.pending = 0;
		set32(4, RIG_RAM + 4);
		set32(8, 0);
		rig_run_code(&r, &rq, &res);
		CHECK(res.link && res.next == 0x2000 && get32(&res, 4) == 0x10008 && get32(&res, 8) == sums[r.way]);
	}
	r.way = 0;
}

static unsigned allowed;

/* Realloc's contract, but the last allocation allowed is the last that succeeds. */
static void *scarce(void *ud, void *old, size_t n, size_t align)
{
	(void)ud, (void)align;
	if (n && !allowed)
		return NULL;
	allowed -= n != 0;
	if (n)
		return realloc(old, n);
	free(old);
	return NULL;
}

/* Whatever allocation fails, it is reported, and the next request is done as if nothing had been. */
static void out_of_memory(void)
{
	const struct base_alloc alloc = { scarce, NULL };
	enum dgm_status st = DGM_E_NOMEM;
	struct code_object o;
	unsigned n;

	CHECK(!compile(indirect, (uint64_t[]){ 0x1000 }, 1));
	for (n = 0; st && n < 50; n++) {
		struct base_arena arena;
		void *self;

		allowed = n;
		st = r.llvm->create(&alloc, &self);
		if (st) {
			CHECK(st == DGM_E_NOMEM && !self);
			continue;
		}
		base_arena_init(&arena, &alloc);
		st = r.llvm->compile(self, &rq, &arena, &o);
		CHECK(!st || st == DGM_E_NOMEM);
		base_arena_finish(&arena);
		r.llvm->destroy(self);
	}
	CHECK(!st && n > 2);
	CHECK(!rig_compile(&r, &rq));
}

int main(int argc, char **argv)
{
	if (argc < 2 || !rig_open(&r, argv[1]))
		return 2;
	direct_exits();
	indirect_exit();
	loop();
	helper_call();
	fault_lines();
	fault_lines_of_arms();
	several_entries();
	out_of_memory();
	rig_close(&r);
	return failures != 0;
}
