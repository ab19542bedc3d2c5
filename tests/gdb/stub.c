/*
 * The stub without GDB and without a program: what it answers to packets, well and badly made, about a vCPU with
 * a few instructions; and that any bytes leave it, the guest's memory and its own promises whole.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "dragoman/aarch64.h"
#include "dragoman/arm.h"
#include "dragoman/dragoman.h"
#include "dragoman/gdb.h"
#include "dragoman/ppc.h"
#include "../order.h"

enum { CODE = 0x10000, CODE_BYTES = 0x1000, THREAD = 0x2a };

struct bench {
	dgm_engine *engine;
	dgm_vm *vm;
	dgm_cpu *cpu;
	dgm_gdb *gdb;
	char sent[1 << 16];
	size_t n_sent;
	int resumed, stepped, signal, gone, stops, killed, detached;
};

static void on_send(void *ud, const void *bytes, size_t n)
{
	struct bench *b = ud;

	cr_assert_lt(b->n_sent + n, sizeof b->sent);
	memcpy(b->sent + b->n_sent, bytes, n);
	b->n_sent += n;
	b->sent[b->n_sent] = 0;
}

static uint64_t on_thread(void *ud, uint32_t i)
{
	return i ? 0 : THREAD;
}

static dgm_cpu *on_cpu(void *ud, uint64_t thread)
{
	return thread == THREAD ? ((struct bench *)ud)->cpu : NULL;
}

static void on_resume(void *ud, uint64_t thread, bool step, int signal)
{
	struct bench *b = ud;

	b->resumed += !step;
	b->stepped += step;
	b->signal = signal;
}

static void on_go(void *ud)
{
	((struct bench *)ud)->gone++;
}

static void on_stop(void *ud)
{
	((struct bench *)ud)->stops++;
}

static void on_kill(void *ud)
{
	((struct bench *)ud)->killed++;
}

static void on_detach(void *ud)
{
	((struct bench *)ud)->detached++;
}

static size_t on_auxv(void *ud, uint64_t off, void *buf, size_t len)
{
	static const char vector[] = "}#$*auxv";
	size_t n = off < sizeof vector ? sizeof vector - off : 0;

	n = n < len ? n : len;
	memcpy(buf, vector + (n ? off : 0), n);
	return n;
}

static void begin_with(struct bench *b, uint32_t arch, const dgm_machine_ops *machine, uint64_t code)
{
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_gdb_ops ops = DGM_INIT(dgm_gdb_ops);

	ec.flags = DGM_INTERP_ONLY;
	vc.arch = arch;
	vc.mem = machine ? DGM_MEM_MMU : DGM_MEM_DEFAULT;
	cr_assert_eq(dgm_engine_new(&ec, DGM_ABI, &b->engine), DGM_OK);
	cr_assert_eq(dgm_vm_new(b->engine, &vc, machine, NULL, &b->vm), DGM_OK);
	cr_assert_eq(dgm_cpu_new(b->vm, &b->cpu), DGM_OK);
	cr_assert_eq(dgm_map_ram(b->vm, code, CODE_BYTES, DGM_R | DGM_W | DGM_X, NULL, NULL), DGM_OK);
	ops.send = on_send;
	ops.thread = on_thread;
	ops.cpu = on_cpu;
	ops.resume = on_resume;
	ops.go = on_go;
	ops.stop = on_stop;
	ops.kill = on_kill;
	ops.detach = on_detach;
	ops.auxv = on_auxv;
	cr_assert_eq(dgm_gdb_new(b->vm, &ops, b, &b->gdb), DGM_OK);
}

static void begin(struct bench *b, uint32_t arch)
{
	begin_with(b, arch, NULL, CODE);
}

static void end(struct bench *b)
{
	dgm_gdb_free(b->gdb);
	cr_assert_eq(dgm_cpu_free(b->cpu), DGM_OK);
	cr_assert_eq(dgm_vm_free(b->vm), DGM_OK);
	dgm_engine_unref(b->engine);
}

static void feed_packet(struct bench *b, const char *text, size_t n)
{
	char frame[8192];
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint8_t)text[i];
	frame[0] = '$';
	memcpy(frame + 1, text, n);
	snprintf(frame + 1 + n, 4, "#%02x", sum & 0xff);
	b->n_sent = 0;
	b->sent[0] = 0;
	dgm_gdb_feed(b->gdb, frame, n + 4);
}

/* The answer to a packet, which must be acknowledged and framed. */
static const char *ask(struct bench *b, const char *text)
{
	unsigned sum = 0, said;
	char *p = b->sent + 2;

	feed_packet(b, text, strlen(text));
	if (!strcmp(b->sent, "+"))
		return NULL;
	cr_assert_eq(strncmp(b->sent, "+$", 2), 0, "%s: %s", text, b->sent);
	for (; *p != '#'; p++)
		sum += (uint8_t)*p;
	cr_assert_eq(sscanf(p, "#%2x", &said), 1);
	cr_assert_eq(said, sum & 0xff, "%s: %s", text, b->sent);
	*p = 0;
	return b->sent + 2;
}

static void expect(struct bench *b, const char *text, const char *answer)
{
	const char *got = ask(b, text);

	cr_assert(got && !strcmp(got, answer), "%s: %s, not %s", text, got ? got : "nothing", answer);
}

Test(gdb, session)
{
	struct bench b = { 0 };

	begin(&b, DGM_ARCH_PPC32);
	expect(&b, "?", "T05thread:2a;");
	expect(&b, "qC", "QC2a");
	expect(&b, "qfThreadInfo", "m2a");
	expect(&b, "qsThreadInfo", "l");
	expect(&b, "Hg2a", "OK");
	expect(&b, "Hg2b", "E01");
	expect(&b, "T2a", "OK");
	expect(&b, "T0", "E01");
	expect(&b, "vMustReplyEmpty", "");
	expect(&b, "vCont?", "vCont;c;C;s;S;t");
	cr_assert_null(ask(&b, "vCont;C1e:2a;c"));
	cr_assert(b.resumed == 1 && b.gone == 1 && b.signal == 0x1e);
	cr_assert_null(ask(&b, "g"));
	dgm_gdb_feed(b.gdb, "\3", 1);
	cr_assert_eq(b.stops, 1);
	b.n_sent = 0;
	dgm_gdb_stopped(b.gdb, THREAD, 2);
	cr_assert_eq(strncmp(b.sent, "$T02thread:2a;#", 15), 0);
	cr_assert_null(ask(&b, "s"));
	cr_assert_eq(b.stepped, 1);
	b.n_sent = 0;
	dgm_gdb_ended(b.gdb, 7, 0);
	cr_assert_eq(strncmp(b.sent, "$W07#", 5), 0);
	expect(&b, "?", "W07");
	expect(&b, "g", "E03");
	expect(&b, "c", "E01");
	end(&b);
}

Test(gdb, registers)
{
	struct bench b = { 0 };
	uint64_t v[2] = { 0x0807060504030201, 0x100f0e0d0c0b0a09 };
	const char *all;

	begin(&b, DGM_ARCH_PPC32);
	dgm_set(b.cpu, DGM_PPC_R(3), 0x11223344);
	expect(&b, "p3", "11223344");
	expect(&b, "P40=00010004", "OK");
	cr_assert_eq(dgm_get(b.cpu, DGM_PPC_PC), 0x10004);
	expect(&b, "p41", "xxxxxxxx");
	expect(&b, "p7777", "E03");
	expect(&b, "P3=112233", "E01");
	all = ask(&b, "g");
	cr_assert_eq(strncmp(all + 24, "11223344", 8), 0);
	cr_assert_eq(strlen(all), 2 * (32 * 4 + 6 * 4 + 32 * 8 + 4 + 32 * 16 + 8));
	expect(&b, "G00000001", "OK");
	cr_assert_eq(dgm_get(b.cpu, DGM_PPC_R(0)), 1);
	end(&b);

	b = (struct bench){ 0 };
	begin(&b, DGM_ARCH_AARCH64);
	cr_assert_eq(dgm_reg_write(b.cpu, DGM_A64_V(0), v, sizeof v), DGM_OK);
	expect(&b, "p22", "0102030405060708090a0b0c0d0e0f10");
	expect(&b, "P22=100f0e0d0c0b0a090807060504030201", "OK");
	expect(&b, "p22", "100f0e0d0c0b0a090807060504030201");
	end(&b);

	b = (struct bench){ 0 };
	begin(&b, DGM_ARCH_ARM);
	dgm_set(b.cpu, DGM_ARM_PC, 0x10008);
	expect(&b, "pf", "08000100");
	expect(&b, "p10", "E03");
	cr_assert_neq(strncmp(ask(&b, "p19"), "E", 1), 0);
	end(&b);
}

Test(gdb, memory)
{
	static const char binary[] = "X10020,4:}\003}\004}\012a";
	struct bench b = { 0 };
	uint8_t raw[4];

	begin(&b, DGM_ARCH_ARM);
	expect(&b, "M10010,4:00112233", "OK");
	expect(&b, "m10010,4", "00112233");
	expect(&b, "m10ffe,8", "0000");
	expect(&b, "m20000,4", "E0e");
	expect(&b, "mffffffffffffffff,10", "E0e");
	expect(&b, "m11111111111111111,4", "E01");
	expect(&b, "M10010,4:0011", "E01");
	expect(&b, "M10010,4:001122zz", "E01");
	feed_packet(&b, binary, sizeof binary - 1);
	cr_assert_eq(strncmp(b.sent, "+$OK#", 5), 0);
	expect(&b, "m10020,4", "23242a61");

	expect(&b, "Z0,10010,4", "OK");
	cr_assert_eq(dgm_mem_read(b.vm, NULL, 0x10010, raw, 4, NULL), DGM_OK);
	cr_assert_eq(memcmp(raw, "\x70\0\x20\xe1", 4), 0);
	cr_assert(dgm_gdb_breakpoint(b.gdb, 0x10010) && !dgm_gdb_breakpoint(b.gdb, 0x10012));
	expect(&b, "m1000e,8", "0000001122330000");
	expect(&b, "M10012,4:aabbccdd", "OK");
	expect(&b, "m10010,8", "0011aabbccdd0000");
	expect(&b, "M10ffe,4:11223344", "E01");
	expect(&b, "m10ffc,4", "00000000");
	expect(&b, "Z0,10012,2", "E01");
	expect(&b, "Z0,10018,2", "OK");
	expect(&b, "Z0,20000,4", "E01");
	expect(&b, "Z5,10010,4", "");
	expect(&b, "Z2,10010", "E01");
	expect(&b, "Z2,10010,0", "E01");
	expect(&b, "Z3,ffffffffffffffff,4", "E01");
	expect(&b, "Z0,10010,4;X1,00", "E01");
	expect(&b, "z0,10010,4", "OK");
	cr_assert_eq(dgm_mem_read(b.vm, NULL, 0x10010, raw, 4, NULL), DGM_OK);
	cr_assert_eq(memcmp(raw, "\0\x11\xaa\xbb", 4), 0);
	cr_assert_null(ask(&b, "k"));
	cr_assert_eq(b.killed, 1);
	cr_assert_eq(dgm_mem_read(b.vm, NULL, 0x10018, raw, 2, NULL), DGM_OK);
	cr_assert(!raw[0] && !raw[1]);
	end(&b);
}

/* A word stored, a word read again, a loop; the address register, and what is at the address after the store. */
static const struct {
	uint32_t arch, address, pc, code[3];
	const char *stored;
} access_code[] = {
	{ DGM_ARCH_PPC32, DGM_PPC_R(4), DGM_PPC_PC, { 0x90640000, 0x80a40000, 0x48000000 }, "00000007" },
	{ DGM_ARCH_AARCH64, DGM_A64_X(1), DGM_A64_PC, { 0xb9000020, 0xb9400022, 0x14000000 }, "07000000" },
	{ DGM_ARCH_ARM, DGM_ARM_R(1), DGM_ARM_PC, { 0xe5810000, 0xe5912000, 0xeafffffe }, "07000000" },
};

static void put_code(struct bench *b, int i, uint64_t at)
{
	uint8_t raw[12];

	for (int k = 0; k < 3; k++)
		order_put(access_code[i].arch == DGM_ARCH_PPC32, access_code[i].code[k], raw + 4 * k);
	cr_assert_eq(dgm_mem_write(b->vm, NULL, at, raw, sizeof raw, NULL), DGM_OK);
	dgm_set(b->cpu, access_code[i].address - 1, 7);
	dgm_set(b->cpu, access_code[i].address, CODE + 0x40);
	dgm_set(b->cpu, access_code[i].pc, CODE);
}

/* Lets the vCPU run, which must end for `reason` at CODE + off and be told GDB so. */
static void run_to(struct bench *b, uint32_t reason, unsigned off, uint64_t insns, const char *told)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);
	dgm_exit ex = DGM_INIT(dgm_exit);
	size_t n = strlen(told);

	cr_assert_null(ask(b, "c"));
	opts.max_insns = insns;
	cr_assert_eq(dgm_cpu_run(b->cpu, &opts, &ex), DGM_OK);
	cr_assert(ex.reason == reason && ex.pc == CODE + off, "%s: reason %u at 0x%llx", told, ex.reason, (unsigned long long)ex.pc);
	b->n_sent = 0;
	dgm_gdb_stopped(b->gdb, THREAD, 5);
	cr_assert(b->sent[0] == '$' && !strncmp(b->sent + 1, told, n) && b->sent[n + 1] == '#', "%s, not %s", b->sent, told);
}

Test(gdb, watchpoints)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);
	dgm_exit ex = DGM_INIT(dgm_exit);

	opts.max_insns = 9;
	for (int i = 0; i < 3; i++) {
		struct bench b = { 0 };

		begin(&b, access_code[i].arch);
		put_code(&b, i, CODE);
		expect(&b, "Z2,10042,4", "OK");
		expect(&b, "Z2,10042,4", "OK");
		run_to(&b, DGM_EXIT_BREAK, 0, 100, "T05thread:2a;watch:10042;");
		expect(&b, "?", "T05thread:2a;watch:10042;");
		expect(&b, "m10040,4", "00000000");
		/* It meets it again unless it is taken away, as GDB does for a step. */
		run_to(&b, DGM_EXIT_BREAK, 0, 100, "T05thread:2a;watch:10042;");
		expect(&b, "z2,10042,4", "OK");
		expect(&b, "z2,10042,4", "OK");
		run_to(&b, DGM_EXIT_BUDGET, 4, 1, "T05thread:2a;");
		expect(&b, "m10040,4", access_code[i].stored);
		expect(&b, "Z2,10040,4", "OK");
		expect(&b, "Z3,1003e,3", "OK");
		run_to(&b, DGM_EXIT_BREAK, 4, 100, "T05thread:2a;rwatch:10040;");
		expect(&b, "z3,1003e,3", "OK");
		expect(&b, "Z4,10040,1", "OK");
		run_to(&b, DGM_EXIT_BREAK, 4, 100, "T05thread:2a;awatch:10040;");
		expect(&b, "z4,10040,1", "OK");
		expect(&b, "Z1,10008,4", "OK");
		run_to(&b, DGM_EXIT_BREAK, 8, 100, "T05thread:2a;");
		cr_assert(!dgm_gdb_breakpoint(b.gdb, CODE + 8));
		/* A session that goes takes them along. */
		expect(&b, "D", "OK");
		dgm_set(b.cpu, access_code[i].pc, CODE);
		cr_assert(!dgm_cpu_run(b.cpu, &opts, &ex) && ex.reason == DGM_EXIT_BUDGET && ex.pc == CODE + 8);
		end(&b);
	}
}

/* Virtual pages lie one page further on in physical memory. */
static dgm_act one_further(void *ud, dgm_cpu *cpu, uint64_t va, uint32_t access, dgm_page *page)
{
	if (va / CODE_BYTES != CODE / CODE_BYTES)
		return DGM_RAISE;
	page->va = CODE;
	page->pa = CODE + CODE_BYTES;
	page->len = CODE_BYTES;
	page->prot = DGM_R | DGM_W | DGM_X;
	return DGM_CONT;
}

Test(gdb, virtual_memory)
{
	dgm_machine_ops machine = DGM_INIT(dgm_machine_ops);

	machine.translate = one_further;
	for (int i = 0; i < 3; i++) {
		struct bench b = { 0 };

		begin_with(&b, access_code[i].arch, &machine, CODE + CODE_BYTES);
		put_code(&b, i, CODE + CODE_BYTES);
		expect(&b, "m11000,4", "E0e");
		expect(&b, "M10044,2:1234", "OK");
		expect(&b, "m10040,8", "0000000012340000");
		expect(&b, "Z0,10004,4", "OK");
		expect(&b, "Z2,10040,4", "OK");
		run_to(&b, DGM_EXIT_BREAK, 0, 100, "T05thread:2a;watch:10040;");
		expect(&b, "z2,10040,4", "OK");
		run_to(&b, DGM_EXIT_BREAK, 4, 100, "T05thread:2a;");
		expect(&b, "m10040,4", access_code[i].stored);
		expect(&b, "z0,10004,4", "OK");
		run_to(&b, DGM_EXIT_BUDGET, 8, 1, "T05thread:2a;");
		end(&b);
	}
}

/* The parts of the description put together are well formed and name each register once. */
Test(gdb, description)
{
	static const char *const feature[] = { "org.gnu.gdb.power.core", "org.gnu.gdb.aarch64.fpu", "org.gnu.gdb.arm.vfp" };
	static const uint32_t arch[] = { DGM_ARCH_PPC32, DGM_ARCH_AARCH64, DGM_ARCH_ARM };

	for (int i = 0; i < 3; i++) {
		static char whole[65536];
		struct bench b = { 0 };
		size_t n = 0, parts = 0;
		const char *part;

		begin(&b, arch[i]);
		do {
			char request[64];

			snprintf(request, sizeof request, "qXfer:features:read:target.xml:%zx,%x", n, 333);
			part = ask(&b, request);
			cr_assert(*part == 'm' || *part == 'l', "%s", part);
			cr_assert_null(strchr(part + 1, '}'));
			strcpy(whole + n, part + 1);
			n += strlen(part + 1);
			parts++;
		} while (*part == 'm' && parts < 100);
		cr_assert_not_null(strstr(whole, feature[i]));
		cr_assert_str_eq(whole + n - 9, "</target>");
		end(&b);
	}
}

Test(gdb, vectors)
{
	struct bench b = { 0 };

	begin(&b, DGM_ARCH_PPC32);
	feed_packet(&b, "qXfer:auxv:read::0,1000", 23);
	cr_assert_eq(memcmp(b.sent, "+$l}]}\003}\004}\012auxv\0#", 17), 0);
	feed_packet(&b, "qXfer:auxv:read::4,2", 20);
	cr_assert_eq(memcmp(b.sent, "+$mau#", 6), 0);
	expect(&b, "qXfer:auxv:read::100,10", "l");
	expect(&b, "qXfer:exec-file:read:1:0,10", "E00");
	expect(&b, "qXfer:features:read:target.xml:0", "E00");
	expect(&b, "qXfer::read:", "E00");
	end(&b);
}

Test(gdb, bad_lines)
{
	struct bench b = { 0 };
	char longest[6000];

	begin(&b, DGM_ARCH_PPC32);
	dgm_gdb_feed(b.gdb, "$qC#00", 6);
	cr_assert_str_eq(b.sent, "-");
	dgm_gdb_feed(b.gdb, "$qC#x4$qC#b\n", 12);
	cr_assert_str_eq(b.sent, "---");
	memset(longest, 'm', sizeof longest);
	feed_packet(&b, longest, sizeof longest);
	cr_assert_not_null(strstr(b.sent, "E7e"));
	expect(&b, "", "");
	expect(&b, "qC", "QC2a");
	b.n_sent = 0;
	dgm_gdb_feed(b.gdb, "-", 1);
	cr_assert_eq(strncmp(b.sent, "$QC2a#", 6), 0);
	expect(&b, "QStartNoAckMode", "OK");
	feed_packet(&b, "qC", 2);
	cr_assert_eq(strncmp(b.sent, "$QC2a#", 6), 0);
	end(&b);
	b = (struct bench){ 0 };
	begin(&b, DGM_ARCH_ARM);
	expect(&b, "D", "OK");
	cr_assert_eq(b.detached, 1);
	end(&b);
}

/* Packets drawn from pieces of the protocol, half of them with a byte changed. */
Test(gdb, random_bytes)
{
	static const char *const piece[] = { "g", "G", "p", "P", "m", "M", "X", "Z0", "z0", "Z2", "H", "Hg", "T", "vCont", ";c", ";s:", "?",
		"qXfer:", "features", "auxv", ":read:", "target.xml", "qSupported", "qfThreadInfo", "QStart", "10010", "ffffffff", ",", ":",
		"=", "-1", "2a", "0", "4", "00112233", "}", "vKill;", "qC", "xxxxxxxx", "c", "s", "C05", "8000000000000000" };
	struct bench b = { 0 };
	uint8_t raw[CODE_BYTES];
	uint64_t x = 88172645463325252u;

	begin(&b, DGM_ARCH_AARCH64);
	for (int round = 0; round < 200000; round++) {
		char text[256] = "";
		size_t n;

		for (unsigned k = 0; k < 6; k++) {
			x ^= x << 13, x ^= x >> 7, x ^= x << 17;
			if (k && x >> 61 == 0)
				break;
			strcat(text, piece[x % (sizeof piece / sizeof piece[0])]);
		}
		n = strlen(text);
		if (x & 1 << 20)
			text[(x >> 32) % n] = (char)(x >> 24);
		feed_packet(&b, text, n);
		cr_assert(b.sent[0] == '+' || b.sent[0] == '-' || b.sent[0] == '$' || !b.sent[0], "%s: %s", text, b.sent);
		if (x >> 40 & 1)
			dgm_gdb_stopped(b.gdb, THREAD, 5);
	}
	dgm_gdb_free(b.gdb);
	b.gdb = NULL;
	/* Whatever was planted is out again: no trap is left, but for what packets wrote, and none says BRK. */
	cr_assert_eq(dgm_mem_read(b.vm, NULL, CODE, raw, sizeof raw, NULL), DGM_OK);
	for (size_t i = 0; i + 4 <= sizeof raw; i++)
		cr_assert_neq(memcmp(raw + i, "\0\0\x20\xd4", 4), 0, "at %zx", i);
	end(&b);
}
