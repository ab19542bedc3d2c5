/*
 * Guest memory for translated code and helpers, whenever the short way does not do: checks,
 * pieces, devices, page crossings, misaligned atomics. Runs on the vCPU's thread in the guest's
 * floating-point environment, which device callbacks do not see.
 */
#include <string.h>

#include "engine/alias.h"
#include "engine/device.h"
#include "engine/engine.h"
#include "engine/track.h"
#include "engine/untorn.h"
#include "iface/hostfp.h"

/* The guest has the permission, but something is to be done before the page's first access; see track.h. */
static bool open_page(void *state, uint64_t addr, uint32_t want, uint64_t pc)
{
	if (!track_open_page(cpu_of(state)->vm, addr, want))
		return true;
	env_of(state)->exit.reason = ENV_NOMEM;
	env_of(state)->exit.pc = pc;
	return false;
}

/* Bytes from addr on that one page or piece can serve directly or by callback. */
static bool access_run(void *state, struct place w, uint8_t *buf, uint32_t len, bool write, uint64_t pc, uint32_t *run)
{
	struct dgm_vm *vm = cpu_of(state)->vm;
	uint64_t addr = w.pa;
	uint32_t want = write ? DGM_W : DGM_R, left = (uint32_t)(PAGE_BYTES - (addr & (PAGE_BYTES - 1)));
	struct vm_piece p;
	struct vm_backing b;

	uint8_t page = pages_get(&vm->pages, addr >> PAGE_SHIFT);
	if (page & PAGE_RAM && page_ram_prot(page) & want) {
		if (!(page & want) && !open_page(state, addr, want, pc))
			return false;
		*run = left < len ? left : len;
		uint8_t *host = vm_host(vm, addr);
		untorn_copy(host, buf, *run, write);
		return true;
	}
	if (page & PAGE_RAM)
		return access_fault(state, w, want, len, DGM_CAUSE_PROT, pc);
	if (!(page & PAGE_ODD) || !vm_find_piece(vm, addr, &p, &b))
		return access_fault(state, w, want, len, DGM_CAUSE_UNMAPPED, pc);
	if (b.alias)
		return access_run(state, (struct place){ w.va, vm_resolve(vm, addr) }, buf, len, write, pc, run);
	if (!(p.prot & want))
		return access_fault(state, w, want, len, DGM_CAUSE_PROT, pc);
	uint64_t rest = p.pa + p.len - addr;
	*run = rest < len ? (uint32_t)rest : len;
	if (b.io)
		return device_access(state, &p, &b, w, buf, *run, write, pc);
	uint8_t *host = p.host + (addr - p.pa);
	untorn_copy(host, buf, *run, write);
	return true;
}

/* ---- hooks ---- */

static bool is_hooked(const struct dgm_cpu *cpu)
{
	return atomic_load_explicit(&cpu->vm->hooks.n_data, memory_order_relaxed) && !cpu->inside.quiet;
}

/* What memory holds at up to two physical places, as far as it is RAM; others read as 0. */
static void peek(struct dgm_vm *vm, uint8_t *buf, uint64_t pa, uint32_t n, uint64_t second, uint32_t n_second)
{
	memset(buf, 0, n + n_second);
	if (vm_peek(vm, pa, buf, n) != n || (n_second && vm_peek(vm, second, buf + n, n_second) != n_second))
		memset(buf, 0, n + n_second);
}

/* Pages of a virtual access: one, or two. */
struct parts {
	struct place w;
	uint32_t n;
};

/* Where the bytes are; false after filling env exit when they may not all be accessed. */
static bool find_parts(void *state, uint64_t addr, uint32_t len, bool write, uint64_t pc, struct parts part[2])
{
	struct dgm_cpu *cpu = cpu_of(state);
	uint32_t want = write ? DGM_W : DGM_R, left = (uint32_t)(PAGE_BYTES - (addr & (PAGE_BYTES - 1)));
	uint64_t foreign;

	part[0].n = left < len ? left : len;
	part[1].n = len - part[0].n;
	do {
		foreign = atomic_load(&cpu->mmu->foreign);
		for (unsigned i = 0; i < 2 && part[i].n; i++) {
			struct place *w = &part[i].w;

			w->va = i ? vm_data_address(cpu->vm, addr + left) : addr;
			if (!mmu_data(cpu, w->va, want, len, pc, &w->pa))
				return false;
		}
	} while (foreign != atomic_load(&cpu->mmu->foreign));
	for (unsigned i = 0; i < 2; i++)
		for (uint32_t k = 0; k < part[i].n; k += part[i].n > 1 ? part[i].n - 1 : 1) {
			uint32_t cause = vm_access_cause(cpu->vm, part[i].w.pa + k, want);

			if (cause)
				return access_fault(state, place_plus(part[i].w, k), want, len, cause, pc);
		}
	for (unsigned i = 0; write && i < 2 && part[i].n; i++)
		if (!mmu_before_write(cpu, part[i].w.pa, part[i].n, pc))
			return false;
	return true;
}

/* access_bytes where addresses are virtual. */
static bool virtual_bytes(void *state, uint64_t addr, uint8_t *buf, uint32_t len, bool write, uint64_t pc)
{
	struct dgm_cpu *cpu = cpu_of(state);
	struct parts part[2];

	if (!find_parts(state, addr, len, write, pc, part))
		return false;
	if (is_hooked(cpu) && hook_wants(cpu, addr, len, write)) {
		uint8_t now[HOOK_VALUE];

		if (!write && len <= sizeof now)
			peek(cpu->vm, now, part[0].w.pa, part[0].n, part[1].w.pa, part[1].n);
		if (!hook_access(state, addr, len, write ? buf : now, write, pc))
			return false;
	}
	for (unsigned i = 0; i < 2; buf += part[i++].n) {
		cpu->mmu->part_va = part[i].w.va;
		cpu->mmu->part_pa = part[i].w.pa;
		for (uint32_t done = 0, run; done < part[i].n; done += run)
			if (!access_run(state, place_plus(part[i].w, done), buf + done, part[i].n - done, write, pc, &run))
				return false;
		if (write && part[i].n)
			mmu_after_write(cpu, part[i].w.pa, part[i].n);
	}
	return true;
}

/* Reports an access by a physical address, unless it is going to fault. False: leave. */
static bool ask_hooks(void *state, uint64_t addr, uint32_t len, const uint8_t *buf, bool write, uint64_t pc)
{
	struct dgm_cpu *cpu = cpu_of(state);
	uint8_t now[HOOK_VALUE];

	if (!hook_wants(cpu, addr, len, write) || vm_access_cause(cpu->vm, addr, write ? DGM_W : DGM_R))
		return true;
	if (!write && len <= sizeof now)
		peek(cpu->vm, now, addr, len, 0, 0);
	return hook_access(state, addr, len, write ? buf : now, write, pc);
}

/* All bytes or, where RAM ends in the middle, none of them: the end is looked at first. */
static bool access_bytes(void *state, uint64_t addr, uint8_t *buf, uint32_t len, bool write, uint64_t pc)
{
	struct dgm_vm *vm = cpu_of(state)->vm;
	uint32_t run, want = write ? DGM_W : DGM_R;

	/* A host signal (a truncated file's page) may end this: its handler finds the instruction here. */
	env_of(state)->exit.pc = pc;
	atomic_signal_fence(memory_order_seq_cst);
	addr = vm_data_address(vm, addr);
	if (vm->mmu)
		return virtual_bytes(state, addr, buf, len, write, pc);
	uint64_t last = vm_data_address(vm, addr + len - 1);
	if (last >> PAGE_SHIFT != addr >> PAGE_SHIFT) {
		uint32_t cause = vm_access_cause(vm, addr, want);
		uint64_t second = page_of(last);

		if (cause)
			return access_fault(state, place_of(addr), want, len, cause, pc);
		cause = vm_access_cause(vm, second, want);
		if (cause)
			return access_fault(state, place_of(second), want, len, cause, pc);
	}
	if (is_hooked(cpu_of(state)) && !ask_hooks(state, addr, len, buf, write, pc))
		return false;
	for (uint32_t done = 0; done < len; done += run)
		if (!access_run(state, place_of(vm_data_address(vm, addr + done)), buf + done, len - done, write, pc, &run))
			return false;
	return true;
}

static bool misaligned(void *state, uint64_t addr, uint64_t mem, uint32_t access, uint64_t pc)
{
	uint32_t n = ir_mem_bytes((unsigned)mem);

	if (!(addr & ir_mem_fault_bits((unsigned)mem)))
		return false;
	const struct dgm_vm *vm = cpu_of(state)->vm;
	struct place w = place_of(vm_data_address(vm, addr));
	if (vm->mmu)
		w.pa = DGM_PA_NONE;	/* looked at before the translation */
	access_fault(state, w, access, n, DGM_CAUSE_ALIGN, pc);
	return true;
}

/*
 * A failed access of the instruction that the machine's fault callback wants skipped (it may have
 * several): a load gives the callback's value, a store does nothing.
 */
static bool skipped(void *state)
{
	if (!cpu_of(state)->skip.pending || env_of(state)->exit.reason != ENV_FAULT)
		return false;
	env_of(state)->exit.reason = ENV_NONE;
	cpu_of(state)->inside.broken = false;
	return true;
}

/* access_bytes, or as if it had been. */
static bool access_or_skip(void *state, uint64_t addr, uint8_t *buf, uint32_t len, bool write, uint64_t pc)
{
	const struct dgm_cpu *cpu = cpu_of(state);

	if (access_bytes(state, addr, buf, len, write, pc))
		return true;
	if (!skipped(state))
		return false;
	if (!write) {
		memset(buf, 0, len);
		bytes_to_guest(buf, cpu->skip.value, len < 8 ? len : 8, cpu->vm->fe->big_endian);
	}
	return true;
}

static uint64_t service_load(void *state, uint64_t addr, uint64_t mem, uint64_t pc)
{
	uint8_t buf[8] = { 0 };
	uint32_t n = ir_mem_bytes((unsigned)mem);
	uint64_t v;

	if (misaligned(state, addr, mem, DGM_R, pc) || !access_bytes(state, addr, buf, n, false, pc)) {
		if (!skipped(state))
			return 0;
		v = cpu_of(state)->skip.value;
	} else {
		v = bytes_to_host(buf, n, mem & IR_MEM_BE);
	}
	if (mem & IR_MEM_SEXT && n < 8)
		v = (uint64_t)((int64_t)(v << (64 - 8 * n)) >> (64 - 8 * n));
	return v;
}

static uint64_t service_store(void *state, uint64_t addr, uint64_t mem, uint64_t value, uint64_t pc)
{
	uint8_t buf[8];
	uint32_t n = ir_mem_bytes((unsigned)mem);

	bytes_to_guest(buf, value, n, mem & IR_MEM_BE);
	if (misaligned(state, addr, mem, DGM_W, pc) || !access_bytes(state, addr, buf, n, true, pc))
		skipped(state);
	return 0;
}

static void reverse16(uint8_t *p)
{
	for (unsigned i = 0; i < 8; i++) {
		uint8_t t = p[i];

		p[i] = p[15 - i];
		p[15 - i] = t;
	}
}

static uint64_t service_load128(void *state, uint64_t addr, uint64_t mem, void *out, uint64_t pc)
{
	if (misaligned(state, addr, mem, DGM_R, pc) && !skipped(state))
		return 0;
	if (!access_or_skip(state, addr, out, 16, false, pc))
		return 0;
	if (mem & IR_MEM_BE)
		reverse16(out);
	return 0;
}

static uint64_t service_store128(void *state, uint64_t addr, uint64_t mem, const void *in, uint64_t pc)
{
	uint8_t buf[16];

	if (misaligned(state, addr, mem, DGM_W, pc)) {
		skipped(state);
		return 0;
	}
	memcpy(buf, in, 16);
	if (mem & IR_MEM_BE)
		reverse16(buf);
	access_or_skip(state, addr, buf, 16, true, pc);
	return 0;
}

/*
 * True when an atomic access may go to memory itself: aligned RAM. Anything else is atomic for nobody. A page
 * whose first write this is may give exit a reason.
 */
static bool swappable(void *state, uint64_t addr, uint32_t n, uint64_t pc)
{
	enum { BOTH = DGM_R | DGM_W };
	uint8_t page = pages_get(&cpu_of(state)->vm->pages, addr >> PAGE_SHIFT);

	if (addr & (n - 1) || !(page & PAGE_RAM) || (page_ram_prot(page) & BOTH) != BOTH)
		return false;
	return (page & BOTH) == BOTH || open_page(state, addr, DGM_W, pc);
}

/*
 * One atomic step on `n` bytes in memory order: replaces *old by desired if memory still holds
 * *old, which gets what is there. Only where it is swappable.
 */
static bool swap_bytes(struct dgm_vm *vm, uint64_t addr, uint32_t n, uint64_t *old, uint64_t desired)
{
	void *p = vm_host(vm, addr);
	uint8_t e1 = (uint8_t)*old;
	uint16_t e2 = (uint16_t)*old;
	uint32_t e4 = (uint32_t)*old;
	bool ok;

	switch (n) {
	case 1:
		ok = __atomic_compare_exchange_n((uint8_t *)p, &e1, (uint8_t)desired, false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST);
		*old = e1;
		return ok;
	case 2:
		ok = __atomic_compare_exchange_n((uint16_t *)p, &e2, (uint16_t)desired, false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST);
		*old = e2;
		return ok;
	case 4:
		ok = __atomic_compare_exchange_n((uint32_t *)p, &e4, (uint32_t)desired, false, __ATOMIC_SEQ_CST,
						 __ATOMIC_SEQ_CST);
		*old = e4;
		return ok;
	default:
		return __atomic_compare_exchange_n((uint64_t *)p, old, desired, false, __ATOMIC_SEQ_CST,
						   __ATOMIC_SEQ_CST);
	}
}

/*
 * Where an atomic access goes that may be made on memory itself; *direct tells whether. A fault that is
 * to be skipped leaves it to loads and stores. False after filling env exit.
 */
static bool atomic_at(void *state, uint64_t addr, uint32_t n, uint64_t pc, uint64_t *pa, bool *direct)
{
	struct dgm_cpu *cpu = cpu_of(state);

	*pa = cpu->mmu ? addr : vm_resolve(cpu->vm, addr);
	*direct = false;
	if (cpu->mmu && addr & (n - 1))
		return true;
	if (cpu->mmu && !mmu_data(cpu, addr, DGM_W, n, pc, pa))
		return skipped(state);
	*direct = swappable(state, *pa, n, pc);
	if (env_of(state)->exit.reason)
		return false;
	return !cpu->mmu || !*direct || mmu_before_write(cpu, *pa, n, pc);
}

static void atomic_done(void *state, uint64_t pa, uint32_t n)
{
	if (cpu_of(state)->mmu)
		mmu_after_write(cpu_of(state), pa, n);
}

/* A value of n bytes as a little-endian host load of guest memory would give it. */
static uint64_t raw(uint64_t v, uint32_t n, uint64_t mem)
{
	v = n < 8 ? v & ((1ull << 8 * n) - 1) : v;
	return mem & IR_MEM_BE ? __builtin_bswap64(v) >> (64 - 8 * n) : v;
}

static uint64_t rmw_result(uint64_t op, uint64_t old, uint64_t value, uint32_t n)
{
	uint64_t v = ir_eval((enum ir_op)op, 8 * n, 8 * n, old, value, 0);

	return n < 8 ? v & ((1ull << 8 * n) - 1) : v;
}

/* Whether a reading of memory at pa may go on; what is there goes to have. */
static bool read_hooks(void *state, struct place w, uint32_t n, uint8_t *have, uint64_t pc)
{
	struct dgm_cpu *cpu = cpu_of(state);

	peek(cpu->vm, have, w.pa, n, 0, 0);
	return !hook_wants(cpu, w.va, n, false) || hook_access(state, w.va, n, have, false, pc);
}

static bool write_hooks(void *state, struct place w, uint32_t n, const uint8_t *put, uint64_t pc)
{
	return !hook_wants(cpu_of(state), w.va, n, true) || hook_access(state, w.va, n, put, true, pc);
}

/*
 * Reports what compare and swap in RAM is going to do: it reads, and writes if it finds what it expects; for a
 * store-conditional only the writing. Values are in memory order, by raw. False: leave.
 */
static bool cas_hooks(void *state, const struct place *w, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc)
{
	uint32_t n = ir_mem_bytes((unsigned)mem);
	uint8_t have[8], want[8], put[8];

	if (mem & ENV_MEM_COND)
		peek(cpu_of(state)->vm, have, w->pa, n, 0, 0);
	else if (!read_hooks(state, *w, n, have, pc))
		return false;
	bytes_to_guest(want, expected, n, false);
	bytes_to_guest(put, desired, n, false);
	return memcmp(have, want, n) || write_hooks(state, *w, n, put, pc);
}

/* Compare and swap wants to write even where it finds something else: read-only memory refuses it at once. */
static bool is_read_only(void *state, uint64_t addr, uint64_t mem)
{
	uint8_t page = pages_get(&cpu_of(state)->vm->pages, addr >> PAGE_SHIFT);

	return !(mem & ENV_MEM_COND) && page & PAGE_RAM && !(page_ram_prot(page) & DGM_W);
}

static uint64_t service_cas(void *state, uint64_t addr, uint64_t mem, uint64_t expected, uint64_t desired, uint64_t pc)
{
	struct dgm_vm *vm = cpu_of(state)->vm;
	uint32_t n = ir_mem_bytes((unsigned)mem);
	struct cpu_env *env = env_of(state);
	uint64_t pa;
	bool direct;

	addr = vm_data_address(vm, addr);
	if (misaligned(state, addr, mem, DGM_W, pc) && !skipped(state))
		return 0;
	if (!atomic_at(state, addr, n, pc, &pa, &direct))
		return 0;
	if (direct) {
		uint64_t old = raw(expected, n, mem);

		if (is_hooked(cpu_of(state)) && !cas_hooks(state, &(struct place){ addr, pa }, mem, old, raw(desired, n, mem), pc))
			return 0;
		swap_bytes(vm, pa, n, &old, raw(desired, n, mem));
		atomic_done(state, pa, n);
		return raw(old, n, mem);
	}
	uint64_t unsign = mem & ~(uint64_t)IR_MEM_SEXT;
	cpu_of(state)->inside.quiet = mem & ENV_MEM_COND;
	uint64_t old = service_load(state, addr, unsign, pc);
	cpu_of(state)->inside.quiet = false;
	if (env->exit.reason)
		return 0;
	if (old == raw(raw(expected, n, mem), n, mem) || is_read_only(state, pa, mem))
		service_store(state, addr, unsign, desired, pc);
	return old;
}

/* The host's own instruction for 16 bytes; p is a multiple of 16. */
static bool exchange16(void *p, uint64_t expected[2], const uint64_t desired[2])
{
#if defined(__x86_64__)
	bool ok;

	__asm__ volatile("lock cmpxchg16b %1"
			 : "=@ccz"(ok), "+m"(*(uint64_t(*)[2])p), "+a"(expected[0]), "+d"(expected[1])
			 : "b"(desired[0]), "c"(desired[1])
			 : "memory");
	return ok;
#else
	unsigned __int128 want, put, old;

	memcpy(&want, expected, 16);
	memcpy(&put, desired, 16);
	old = __sync_val_compare_and_swap((unsigned __int128 *)p, want, put);
	memcpy(expected, &old, 16);
	return old == want;
#endif
}

static bool service_cas16(void *state, uint64_t addr, void *expected, const void *desired, uint64_t pc)
{
	struct dgm_vm *vm = cpu_of(state)->vm;
	uint64_t want[2], put[2], pa;
	uint8_t old[16];
	bool direct;

	memcpy(want, expected, 16);
	memcpy(put, desired, 16);
	addr = vm_data_address(vm, addr);
	if (misaligned(state, addr, IR_MEM_128 | IR_MEM_ALIGNED, DGM_W, pc)) {
		skipped(state);
		return false;
	}
	if (!atomic_at(state, addr, 16, pc, &pa, &direct))
		return false;
	if (direct) {
		struct place w = { addr, pa };

		if (is_hooked(cpu_of(state)) && (!read_hooks(state, w, 16, old, pc) ||
						 (!memcmp(old, want, 16) && !write_hooks(state, w, 16, (uint8_t *)put, pc))))
			return false;
		bool done = exchange16(vm_host(vm, pa), want, put);

		atomic_done(state, pa, 16);
		memcpy(expected, want, 16);
		return done;
	}
	if (env_of(state)->exit.reason || !access_or_skip(state, addr, old, 16, false, pc))
		return false;
	memcpy(expected, old, 16);
	bool equal = !memcmp(old, want, 16);
	return (equal || is_read_only(state, pa, 0)) && access_or_skip(state, addr, (uint8_t *)put, 16, true, pc) && equal;
}

static uint64_t service_rmw(void *state, uint64_t addr, uint64_t mem, uint64_t op, uint64_t value, uint64_t pc)
{
	struct dgm_vm *vm = cpu_of(state)->vm;
	uint32_t n = ir_mem_bytes((unsigned)mem);
	uint64_t unsign = mem & ~(uint64_t)IR_MEM_SEXT, pa;
	bool direct;

	addr = vm_data_address(vm, addr);
	if (misaligned(state, addr, mem, DGM_W, pc) && !skipped(state))
		return 0;
	if (!atomic_at(state, addr, n, pc, &pa, &direct))
		return 0;
	uint64_t old = service_load(state, addr, unsign, pc);
	if (env_of(state)->exit.reason)
		return 0;
	if (!direct) {
		service_store(state, addr, unsign, rmw_result(op, old, value, n), pc);
		return old;
	}
	uint64_t seen = raw(old, n, mem);
	uint8_t put[8];
	bytes_to_guest(put, raw(rmw_result(op, old, value, n), n, mem), n, false);
	if (is_hooked(cpu_of(state)) && !write_hooks(state, (struct place){ addr, pa }, n, put, pc))
		return 0;
	while (!swap_bytes(vm, pa, n, &seen, raw(rmw_result(op, raw(seen, n, mem), value, n), n, mem)))
		;
	atomic_done(state, pa, n);
	return raw(seen, n, mem);
}

static bool service_bytes(void *state, uint64_t addr, uint8_t *buf, size_t n, bool write, uint64_t pc)
{
	while (n) {
		uint32_t run = n < 4096 ? (uint32_t)n : 4096;
		uint32_t left = (uint32_t)(PAGE_BYTES - (addr & (PAGE_BYTES - 1)));

		run = left < run ? left : run;
		if (!access_or_skip(state, addr, buf, run, write, pc))
			return false;
		addr += run;
		buf += run;
		n -= run;
	}
	return true;
}

static bool service_read(void *state, uint64_t addr, void *buf, size_t n, uint64_t pc)
{
	return service_bytes(state, addr, buf, n, false, pc);
}

static bool service_write(void *state, uint64_t addr, const void *buf, size_t n, uint64_t pc)
{
	return service_bytes(state, addr, (uint8_t *)(uintptr_t)buf, n, true, pc);
}

static uint64_t service_clock(void *state)
{
	struct dgm_cpu *cpu = cpu_of(state);
	struct dgm_vm *vm = cpu->vm;

	if (!vm->ops.clock)
		return cpu_clock(cpu);
	hostfp_leave(env_of(state));
	cpu_aside(cpu);
	uint64_t now = vm->ops.clock(vm->ud, cpu);
	cpu_back(cpu);
	cpu_untouch(cpu);
	hostfp_enter(env_of(state));
	return now;
}

static void service_invalidate(void *state, uint64_t addr, uint64_t n)
{
	struct dgm_vm *vm = cpu_of(state)->vm;

	addr = vm_data_address(vm, addr);
	if (vm->mmu)
		return;		/* writes to code are seen without */
	pthread_mutex_lock(&vm->lock);
	vm_invalidate(vm, addr, n);
	pthread_mutex_unlock(&vm->lock);
}

const struct env_services engine_services = {
	.load = service_load,
	.store = service_store,
	.load128 = service_load128,
	.store128 = service_store128,
	.cas = service_cas,
	.cas16 = service_cas16,
	.rmw = service_rmw,
	.read = service_read,
	.write = service_write,
	.clock = service_clock,
	.invalidate = service_invalidate,
	.hooked = hook_leave,
};
