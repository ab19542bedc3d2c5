/* The guest-physical space: mappings of all shapes, faults with exact details, devices. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "conf.h"

/* Rewrites r3 with what was loaded; the address is in r4. */
static const uint32_t load_it[] = { LI(3, 1), LWZ(3, 0, 4), SC };
static const uint32_t store_it[] = { LI(3, 0x55), STW(3, 0, 4), SC };

Test(memory, faults_are_exact)
{
	static const struct {
		const char *what;
		uint32_t addr;
		bool store;
		uint32_t va, cause, access;
	} cases[] = {
		{ "load from nothing", 0x500000, false, 0x500000, DGM_CAUSE_UNMAPPED, DGM_R },
		{ "store to nothing", 0x500000, true, 0x500000, DGM_CAUSE_UNMAPPED, DGM_W },
		{ "store to read-only memory", CODE + 0x800, true, CODE + 0x800, DGM_CAUSE_PROT, DGM_W },
		{ "load over the end", DATA + 0xfffe, false, DATA + 0x10000, DGM_CAUSE_UNMAPPED, DGM_R },
		{ "store over the end", DATA + 0xfffd, true, DATA + 0x10000, DGM_CAUSE_UNMAPPED, DGM_W },
		{ "load over the beginning", DATA - 2, false, DATA - 2, DGM_CAUSE_UNMAPPED, DGM_R },
		{ "load over the top of the space", 0xfffffffe, false, 0xfffffffe, DGM_CAUSE_UNMAPPED, DGM_R },
	};
	FOR_EACH_CONF(c) for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rig r = cases[i].store ? RIG(c, store_it, NULL, NULL) : RIG(c, load_it, NULL, NULL);

		rig_store(&r, DATA + 0xfffc, 0x11223344);
		dgm_set(r.cpu, DGM_PPC_R(4), cases[i].addr);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.pc, CODE + 4);
		EXPECT(r, r.exit.insns, 1);
		EXPECT(r, r.exit.info.pc, CODE + 4);
		EXPECT(r, r.exit.info.va, cases[i].va);
		EXPECT(r, r.exit.info.cause, cases[i].cause);
		EXPECT(r, r.exit.info.access, cases[i].access);
		EXPECT(r, r.exit.info.len, 4);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), cases[i].store ? 0x55 : 1);
		EXPECT(r, rig_load(&r, DATA + 0xfffc), 0x11223344);
		rig_free(&r);
	}
}

struct healer {
	dgm_vm **vm;
	dgm_act act;
	unsigned n;
};

static dgm_act heal(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	struct healer *h = ud;

	cr_assert_eq(dgm_pc(cpu), CODE + 4);
	cr_assert_eq(dgm_get(cpu, DGM_PPC_R3), 1);
	h->n++;
	if (h->act == DGM_RETRY)
		cr_assert_eq(dgm_map_ram(dgm_cpu_vm(cpu), f->va & ~0xfffu, 0x1000, DGM_R | DGM_W, NULL, NULL), DGM_OK);
	if (h->act == DGM_CONT)
		dgm_set(cpu, DGM_PPC_PC, CODE + 8);
	f->value = 0xcafe;
	return h->act;
}

Test(memory, fault_verdicts)
{
	static const struct {
		dgm_act act;
		uint32_t r3, insns;
	} cases[] = { { DGM_RETRY, 0, 2 }, { DGM_SKIP, 0xcafe, 2 }, { DGM_CONT, 1, 1 } };
	dgm_machine_ops ops = DGM_INIT(dgm_machine_ops);

	ops.fault = heal;
	FOR_EACH_CONF(c) for (unsigned i = 0; i < 3; i++) {
		struct healer h = { .act = cases[i].act };
		struct rig r = RIG(c, load_it, &ops, &h);

		dgm_set(r.cpu, DGM_PPC_R(4), 0x500010);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), cases[i].r3);
		EXPECT(r, r.exit.insns, cases[i].insns);
		EXPECT(r, h.n, 1);
		rig_free(&r);
	}
}

Test(memory, code_that_cannot_be_fetched)
{
	static const uint32_t jump[] = { MTCTR(4), 0x4e800420u /* bctr */ };

	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, jump, NULL, NULL);

		dgm_set(r.cpu, DGM_PPC_R(4), 0x500000);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.pc, 0x500000);
		EXPECT(r, r.exit.insns, 2);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_UNMAPPED);
		EXPECT(r, r.exit.info.access, DGM_X);
		dgm_set(r.cpu, DGM_PPC_R(4), DATA);
		rig_run(&r, 100);
		EXPECT(r, r.exit.pc, DATA);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_PROT);
		dgm_set(r.cpu, DGM_PPC_PC, CODE + 2);
		rig_go_on(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_ALIGN);
		rig_free(&r);
	}
}

/* Code that runs off the end of its page stops exactly there. */
Test(memory, code_ends_with_its_mapping)
{
	static const uint32_t one[] = { LI(3, 1) };

	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, one, NULL, NULL);

		for (unsigned i = 0; i < 100; i++)
			rig_store(&r, CODE + 0x1000 - 400 + 4 * i, ADDI(3, 3, 1));
		dgm_set(r.cpu, DGM_PPC_PC, CODE + 0x1000 - 400);
		rig_go_on(&r, 1000);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.pc, CODE + 0x1000);
		EXPECT(r, r.exit.insns, 100);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 100);
		rig_free(&r);
	}
}

/* ---- devices ---- */

struct device {
	unsigned n;
	uint64_t off[16], val[16];
	uint32_t len[16];
	bool write[16];
	dgm_act act;
};

static void record(struct device *d, uint64_t off, uint32_t len, uint64_t val, bool write)
{
	unsigned i = d->n++ & 15;

	d->off[i] = off;
	d->len[i] = len;
	d->val[i] = val;
	d->write[i] = write;
}

static dgm_act dev_read(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t *val)
{
	struct device *d = ud;

	*val = 0x8182838485868788u >> (64 - 8 * len);
	record(d, off, len, *val, false);
	return d->act;
}

static dgm_act dev_write(void *ud, dgm_cpu *cpu, uint64_t off, uint32_t len, uint64_t val)
{
	struct device *d = ud;

	record(d, off, len, val, true);
	return d->act;
}

static dgm_io_ops dev_ops(uint32_t min, uint32_t max)
{
	dgm_io_ops io = DGM_INIT(dgm_io_ops);

	io.read = dev_read;
	io.write = dev_write;
	io.min_access = min;
	io.max_access = max;
	return io;
}

static const uint32_t use_device[] = {
	LIS(4, -0x1000), LI(5, 0x1234), LWZ(6, 8, 4), LHZ(7, 2, 4), LBZ(8, 5, 4), STW(5, 12, 4), STH(5, 2, 4), STB(5, 1, 4), SC,
};

Test(memory, devices_see_exact_widths)
{
	static const struct { uint32_t off, len, val; } want[] = {
		{ 8, 4, 0x81828384 }, { 2, 2, 0x8182 }, { 5, 1, 0x81 }, { 12, 4, 0x1234 }, { 2, 2, 0x1234 }, { 1, 1, 0x34 },
	};

	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, use_device, NULL, NULL);
		struct device d = { 0 };
		dgm_io_ops io = dev_ops(1, 4);

		EXPECT(r, dgm_map_io(r.vm, 0xf0000000, 260, &io, &d, NULL), DGM_OK);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, r.exit.insns, 8);
		EXPECT(r, d.n, 6);
		for (unsigned i = 0; i < 6; i++) {
			EXPECT(r, d.off[i], want[i].off);
			EXPECT(r, d.len[i], want[i].len);
			EXPECT(r, d.val[i], want[i].val);
			EXPECT(r, d.write[i], i >= 3);
		}
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(6)), 0x81828384);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(7)), 0x8182);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(8)), 0x81);
		rig_free(&r);
	}
}

Test(memory, devices_split_wide_and_refuse_narrow_accesses)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, use_device, NULL, NULL);
		struct device d = { 0 };
		dgm_io_ops io = dev_ops(2, 2);

		EXPECT(r, dgm_map_io(r.vm, 0xf0000000, 260, &io, &d, NULL), DGM_OK);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.pc, CODE + 16);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_BUS);
		EXPECT(r, r.exit.insns, 4);
		EXPECT(r, d.n, 3);
		EXPECT(r, d.off[0], 8);
		EXPECT(r, d.off[1], 10);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(6)), 0x81828182);
		rig_free(&r);
	}
}

Test(memory, device_verdicts)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, use_device, NULL, NULL);
		struct device d = { .act = DGM_STOP };
		dgm_io_ops io = dev_ops(1, 8);

		EXPECT(r, dgm_map_io(r.vm, 0xf0000000, 260, &io, &d, NULL), DGM_OK);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_MODEL);
		EXPECT(r, r.exit.pc, CODE + 12);
		EXPECT(r, r.exit.insns, 3);
		EXPECT(r, d.n, 1);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(6)), 0x81828384);
		for (unsigned i = 2; i <= 6; i++) {
			rig_go_on(&r, 100);
			EXPECT(r, r.exit.reason, DGM_EXIT_MODEL);
			EXPECT(r, r.exit.insns, 1);
			EXPECT(r, d.n, i);
			EXPECT(r, r.exit.pc, CODE + 8 + 4 * i);
		}
		d.act = DGM_RAISE;
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.info.va, 0xf0000008);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_BUS);
		rig_free(&r);
	}
}

static dgm_act count_faults(void *ud, dgm_cpu *cpu, dgm_fault *f)
{
	++*(unsigned *)ud;
	return DGM_RAISE;
}

/* A bus error is the machine's to handle, but not when the device wants the run to end. */
Test(memory, devices_end_the_run)
{
	FOR_EACH_CONF(c) {
		unsigned faults = 0;
		dgm_machine_ops ops = { .size = sizeof ops, .fault = count_faults };
		struct rig r = RIG(c, use_device, &ops, &faults);
		struct device d = { .act = DGM_BREAK };
		dgm_io_ops io = dev_ops(1, 8);

		EXPECT(r, dgm_map_io(r.vm, 0xf0000000, 260, &io, &d, NULL), DGM_OK);
		for (unsigned i = 0; i < 4; i++) {
			d.act = i % 2 ? DGM_RAISE : DGM_BREAK;
			rig_run(&r, 100);
			EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
			EXPECT(r, r.exit.pc, CODE + 8);
			EXPECT(r, r.exit.info.va, 0xf0000008);
			EXPECT(r, r.exit.info.cause, DGM_CAUSE_BUS);
			EXPECT(r, faults, (i + 1) / 2);
		}
		rig_free(&r);
	}
}

/* What was stored is not what a device answers, even in code made before there was a device. */
Test(memory, devices_come_after_the_code)
{
	static const uint32_t code[] = { STW(5, 8, 4), LWZ(6, 8, 4), LHZ(7, 10, 4), SC };

	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, code, NULL, NULL);
		struct device d = { 0 };
		dgm_io_ops io = dev_ops(1, 4);

		dgm_set(r.cpu, DGM_PPC_R(5), 0x11223344);
		for (unsigned round = 0; round < 2; round++) {
			dgm_set(r.cpu, DGM_PPC_R(4), DATA);
			for (unsigned i = 0; i < 50; i++)
				rig_run(&r, 100);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(6)), 0x11223344);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(7)), 0x3344);
			d.n = 0;
			EXPECT(r, dgm_map_io(r.vm, 0xf0000000, 0x1000, &io, &d, NULL), DGM_OK);
			dgm_set(r.cpu, DGM_PPC_R(4), 0xf0000000);
			rig_run(&r, 100);
			EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
			EXPECT(r, d.n, 3);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(6)), 0x81828384);
			EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(7)), 0x8182);
			EXPECT(r, dgm_unmap(r.vm, 0xf0000000, 0x1000), DGM_OK);
		}
		rig_free(&r);
	}
}

/* ---- shapes of mappings ---- */

/* The same host pages at two addresses: a store to one is seen at the other. */
Test(memory, mirrors)
{
	static const uint32_t code[] = { STW(5, 8, 4), STW(6, 0x1008, 4), LWZ(7, 8, 4), SC };
	char name[] = "/tmp/dragoman-mirror-XXXXXX";
	int fd = mkstemp(name);

	cr_assert(fd >= 0 && !unlink(name) && !ftruncate(fd, 0x1000));
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, code, NULL, NULL);

		for (unsigned i = 0; i < 2; i++)
			EXPECT(r, dgm_map_host(r.vm, 0x800000 + 0x1000 * i, 0x1000, DGM_R | DGM_W, MAP_SHARED, fd, 0), DGM_OK);
		dgm_set(r.cpu, DGM_PPC_R(4), 0x800000);
		dgm_set(r.cpu, DGM_PPC_R(5), 1);
		dgm_set(r.cpu, DGM_PPC_R(6), 2);
		for (unsigned i = 0; i < 50; i++)
			rig_run(&r, 100);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(7)), 2);
		rig_free(&r);
	}
	close(fd);
}

Test(memory, odd_ranges_and_overlaps)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, load_it, NULL, NULL);
		uint8_t mine[100] = { 1, 2, 3, 4 }, buf[64];
		uint64_t done;
		struct device d = { 0 };
		dgm_io_ops io = dev_ops(0, 0);

		EXPECT(r, dgm_map_ram(r.vm, 0x100010, 0x2345, DGM_R | DGM_W, NULL, NULL), DGM_OK);
		EXPECT(r, dgm_map_ram(r.vm, 0x102000, 1, DGM_R, NULL, NULL), DGM_E_MAP);
		EXPECT(r, dgm_map_ram(r.vm, 0x102355, 0x10, DGM_R | DGM_W, mine, NULL), DGM_OK);
		EXPECT(r, dgm_map_io(r.vm, 0x102365, 3, &io, &d, NULL), DGM_OK);
		EXPECT(r, dgm_map_ram(r.vm, 0xfffff000, 0x1001, DGM_R, NULL, NULL), DGM_E_MAP);
		EXPECT(r, dgm_map_ram(r.vm, 0x200000, 0, DGM_R, NULL, NULL), DGM_E_MAP);
		/* RAM, host memory and device meet: one load takes bytes of the first two. */
		rig_store(&r, 0x102351, 0xa1a2a3a4);
		dgm_set(r.cpu, DGM_PPC_R(4), 0x102353);
		rig_run(&r, 0);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 0xa3a40102);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		dgm_set(r.cpu, DGM_PPC_R(4), 0x100010 - 1);
		rig_run(&r, 0);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, dgm_mem_read(r.vm, NULL, 0x102355, buf, 64, &done), DGM_E_FAULT);
		EXPECT(r, done, 16);
		EXPECT(r, dgm_mem_ptr(r.vm, 0x102355, 16, DGM_R) == mine, true);
		EXPECT(r, dgm_mem_ptr(r.vm, 0x102355, 17, DGM_R) == NULL, true);

		/* A hole in the middle leaves both sides. */
		EXPECT(r, dgm_unmap(r.vm, 0x100800, 0x1000), DGM_OK);
		EXPECT(r, dgm_mem_write(r.vm, NULL, 0x1007fc, "abcdefgh", 8, &done), DGM_E_FAULT);
		EXPECT(r, done, 4);
		EXPECT(r, dgm_mem_write(r.vm, NULL, 0x101800, "abcd", 4, NULL), DGM_OK);
		EXPECT(r, rig_load(&r, 0x102351), 0xa1a2a3a4);
		dgm_set(r.cpu, DGM_PPC_R(4), 0x101800);
		rig_run(&r, 0);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R3), 0x61626364);
		EXPECT(r, dgm_unmap(r.vm, 0, 0x80000000), DGM_OK);
		EXPECT(r, dgm_mem_read(r.vm, NULL, 0x101800, buf, 1, NULL), DGM_E_FAULT);
		rig_free(&r);
	}
}

Test(memory, protection)
{
	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, store_it, NULL, NULL);
		bool mapped;

		EXPECT(r, dgm_protect(r.vm, DATA, 0x1000, DGM_R), DGM_OK);
		EXPECT(r, dgm_protect(r.vm, 0x900000, 0x1000, DGM_R), DGM_E_MAP);
		EXPECT(r, dgm_mem_prot(r.vm, DATA, &mapped), DGM_R);
		EXPECT(r, dgm_mem_prot(r.vm, DATA + 0x1000, &mapped), DGM_R | DGM_W);
		dgm_set(r.cpu, DGM_PPC_R(4), DATA + 8);
		rig_run(&r, 0);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.info.cause, DGM_CAUSE_PROT);
		rig_store(&r, DATA + 8, 77);
		EXPECT(r, rig_load(&r, DATA + 8), 77);
		EXPECT(r, dgm_protect(r.vm, DATA, 0x1000, 0), DGM_OK);
		EXPECT(r, rig_load(&r, DATA + 8), 77);
		EXPECT(r, dgm_protect(r.vm, DATA, 0x1000, DGM_R | DGM_W), DGM_OK);
		rig_run(&r, 0);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, rig_load(&r, DATA + 8), 0x55);
		rig_free(&r);
	}
}

/* A multiple load that faults half way leaves exact registers and can be repeated. */
Test(memory, multiple_load_faults_in_the_middle)
{
	static const uint32_t code[] = { LI(3, 1), LMW(28, 0, 4), SC };

	FOR_EACH_CONF(c) {
		struct rig r = RIG(c, code, NULL, NULL);

		for (unsigned i = 0; i < 4; i++)
			dgm_set(r.cpu, DGM_PPC_R(28 + i), 0x100 + i);
		rig_store(&r, DATA + 0xfff8, 5);
		rig_store(&r, DATA + 0xfffc, 6);
		dgm_set(r.cpu, DGM_PPC_R(4), DATA + 0xfff8);
		rig_run(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_FAULT);
		EXPECT(r, r.exit.pc, CODE + 4);
		EXPECT(r, r.exit.info.va, DATA + 0x10000);
		EXPECT(r, r.exit.insns, 1);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(30)), 0x102);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(31)), 0x103);
		EXPECT(r, dgm_map_ram(r.vm, DATA + 0x10000, 8, DGM_R, NULL, NULL), DGM_OK);
		rig_go_on(&r, 100);
		EXPECT(r, r.exit.reason, DGM_EXIT_SYSCALL);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(28)), 5);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(29)), 6);
		EXPECT(r, dgm_get(r.cpu, DGM_PPC_R(31)), 0);
		rig_free(&r);
	}
}

/* Without DGM_MEM_MMU every address is physical, and there is nothing to flush nor a space to be in. */
Test(memory, translation_without_virtual_memory)
{
	static const struct {
		uint64_t va;
		uint32_t access, prot, cause;
	} cases[] = {
		{ DATA + 0x1234, DGM_R | DGM_W, DGM_R | DGM_W, 0 },
		{ DATA + 0x1234, DGM_R | DGM_W | DGM_X, DGM_R | DGM_W, DGM_CAUSE_PROT },
		{ CODE + 0xfff, DGM_R | DGM_X, DGM_R | DGM_X, 0 },
		{ CODE + 0xfff, DGM_W, DGM_R | DGM_X, DGM_CAUSE_PROT },
		{ 0x500000, DGM_R, 0, DGM_CAUSE_UNMAPPED },
	};
	struct rig r = RIG(&conf_list[0], load_it, NULL, NULL);
	dgm_page page = DGM_INIT(dgm_page);

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		dgm_status st = dgm_cpu_translate(r.cpu, cases[i].va, cases[i].access, &page);

		EXPECT(r, st, cases[i].cause ? DGM_E_FAULT : DGM_OK);
		EXPECT(r, page.size, sizeof page);
		EXPECT(r, page.va, cases[i].va & ~0xfffull);
		EXPECT(r, page.pa, page.va);
		EXPECT(r, page.len, 0x1000);
		EXPECT(r, page.prot, cases[i].prot);
		if (st)
			EXPECT(r, page.cause, cases[i].cause);
	}
	EXPECT(r, dgm_cpu_translate(NULL, DATA, DGM_R, &page), DGM_E_ARG);
	EXPECT(r, dgm_cpu_translate(r.cpu, DATA, DGM_R, NULL), DGM_E_ARG);
	EXPECT(r, dgm_cpu_translate(r.cpu, DATA, 8, &page), DGM_E_ARG);
	EXPECT(r, dgm_cpu_tlb_flush(r.cpu, 0, 0, DGM_ASID_ALL), DGM_E_UNSUP);
	EXPECT(r, dgm_cpu_tlb_flush(NULL, 0, 0, DGM_ASID_ALL), DGM_E_ARG);
	EXPECT(r, dgm_vm_tlb_flush(r.vm, 0, 0, DGM_ASID_ALL), DGM_E_UNSUP);
	EXPECT(r, dgm_vm_tlb_flush(NULL, 0, 0, DGM_ASID_ALL), DGM_E_ARG);
	EXPECT(r, dgm_cpu_set_space(r.cpu, 1, 0), DGM_E_UNSUP);
	EXPECT(r, dgm_cpu_get_space(r.cpu, NULL, NULL), DGM_E_UNSUP);
	rig_free(&r);
}
