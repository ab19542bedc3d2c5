/*
 * Anything in place of GDB, for libFuzzer. The first byte chooses the guest and how packets arrive: as they are, or
 * split at line ends and framed with the right sum. In the end no breakpoint may be left in memory, which packets
 * that write it cannot have put there: they are left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dragoman/dragoman.h"
#include "dragoman/gdb.h"

enum { CODE = 0x10000, CODE_BYTES = 0x1000 };

struct host {
	dgm_vm *vm;
	dgm_cpu *cpu[2];
	bool went;
};

static void on_send(void *ud, const void *bytes, size_t n)
{
	const char *p = bytes;

	if (!n || (n > 1 && (p[0] != '$' || p[n - 3] != '#')))
		abort();
}

static uint64_t on_thread(void *ud, uint32_t i)
{
	return i < 2 ? i + 1 : 0;
}

static dgm_cpu *on_cpu(void *ud, uint64_t thread)
{
	const struct host *h = ud;

	return thread - 1 < 2 ? h->cpu[thread - 1] : NULL;
}

static void on_resume(void *ud, uint64_t thread, bool step, int signal)
{
	if (!on_cpu(ud, thread) || signal < 0 || signal > 255)
		abort();
}

static void on_go(void *ud)
{
	((struct host *)ud)->went = true;
}

static void nothing(void *ud)
{
}

static size_t on_auxv(void *ud, uint64_t off, void *buf, size_t len)
{
	size_t n = off < 100 ? 100 - off : 0;

	n = n < len ? n : len;
	memset(buf, '}', n);
	return n;
}

static const char *on_exec_file(void *ud)
{
	return "/bin/#$}*";
}

static void require(bool ok)
{
	if (!ok)
		abort();
}

static dgm_gdb *make(struct host *h, dgm_engine *engine, uint32_t arch)
{
	dgm_vm_cfg vc = DGM_INIT(dgm_vm_cfg);
	dgm_gdb_ops ops = DGM_INIT(dgm_gdb_ops);
	dgm_gdb *gdb;

	vc.arch = arch;
	require(!dgm_vm_new(engine, &vc, NULL, NULL, &h->vm) && !dgm_cpu_new(h->vm, &h->cpu[0]) &&
		!dgm_cpu_new(h->vm, &h->cpu[1]) && !dgm_map_ram(h->vm, CODE, CODE_BYTES, DGM_R | DGM_X, NULL, NULL));
	ops.send = on_send;
	ops.thread = on_thread;
	ops.cpu = on_cpu;
	ops.resume = on_resume;
	ops.go = on_go;
	ops.stop = nothing;
	ops.kill = nothing;
	ops.detach = nothing;
	ops.auxv = on_auxv;
	ops.exec_file = on_exec_file;
	require(!dgm_gdb_new(h->vm, &ops, h, &gdb));
	return gdb;
}

/* Memory is empty, and so soon a reason to stop, unless a hook is one before. */
static void stop_again(struct host *h, dgm_gdb *gdb)
{
	dgm_run_opts opts = DGM_INIT(dgm_run_opts);
	dgm_exit ex = DGM_INIT(dgm_exit);

	if (!h->went)
		return;
	opts.max_insns = 10;
	require(!dgm_cpu_run(h->cpu[0], &opts, &ex));
	dgm_gdb_stopped(gdb, 1, 5);
	h->went = false;
}

static bool writes(const char *p, size_t n)
{
	return n && (*p == 'M' || *p == 'X');
}

static void framed(struct host *h, dgm_gdb *gdb, const char *p, size_t n)
{
	while (n) {
		const char *nl = memchr(p, '\n', n);
		size_t len = nl ? (size_t)(nl - p) : n, used = len + (nl != NULL);
		unsigned sum = 0;
		char tail[4];

		for (size_t i = 0; i < len; i++)
			sum += (uint8_t)p[i];
		snprintf(tail, sizeof tail, "#%02x", sum & 0xff);
		if (!writes(p, len)) {
			dgm_gdb_feed(gdb, "$", 1);
			dgm_gdb_feed(gdb, p, len);
			dgm_gdb_feed(gdb, tail, 3);
			stop_again(h, gdb);
		}
		p += used;
		n -= used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static dgm_engine *engine;
	static const uint32_t arch[] = { DGM_ARCH_PPC32, DGM_ARCH_AARCH64, DGM_ARCH_ARM };
	dgm_engine_cfg ec = DGM_INIT(dgm_engine_cfg);
	static uint8_t raw[CODE_BYTES], zero[CODE_BYTES];
	struct host h = { 0 };
	dgm_gdb *gdb;

	ec.flags = DGM_INTERP_ONLY;
	if (!n || (!engine && dgm_engine_new(&ec, DGM_ABI, &engine)))
		return 0;
	gdb = make(&h, engine, arch[data[0] % 3]);
	if (data[0] & 0x80)
		dgm_gdb_feed(gdb, data + 1, n - 1);
	else
		framed(&h, gdb, (const char *)data + 1, n - 1);
	dgm_gdb_free(gdb);
	require(!dgm_mem_read(h.vm, NULL, CODE, raw, sizeof raw, NULL));
	if (!(data[0] & 0x80))
		require(!memcmp(raw, zero, sizeof raw) || memchr(data + 1, '$', n - 1));
	require(!dgm_cpu_free(h.cpu[0]) && !dgm_cpu_free(h.cpu[1]) && !dgm_vm_free(h.vm));
	return 0;
}
