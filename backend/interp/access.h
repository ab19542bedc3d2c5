/*
 * Guest memory as the interpreter sees it: direct where the page table of env allows, else
 * through the services. For interp.c alone. Values are logical: byte order is handled here.
 */
#ifndef INTERP_ACCESS_H
#define INTERP_ACCESS_H

#include <string.h>

#include "iface/backend.h"
#include "ir/sem.h"

struct access {
	uint64_t addr;
	unsigned mem;			/* enum ir_mem */
	uint8_t *host;			/* where a direct access goes, or NULL: use services */
};

/* aligned: only a naturally aligned address may go directly, as for atomics. */
static inline struct access access_begin(const struct cpu_env *env, const struct backend_mode *mode, uint64_t addr,
					 unsigned mem, unsigned prot, bool aligned)
{
	struct access x = { addr, mem, NULL };
	unsigned bytes = ir_mem_bytes(mem);

	if (mode->addr_bits == 64)
		x.addr = (uint64_t)((int64_t)(addr << mode->tag_bits) >> mode->tag_bits);
	if (!env->page_prot || (mode->addr_bits == 64 ? x.addr >> 12 >= env->page_count : addr >> 32))
		return x;
	addr = x.addr;
	if ((aligned || mem & IR_MEM_ALIGNED) && addr & (bytes - 1))
		return x;
	if ((addr & 4095) + bytes > 4096 || (__atomic_load_n(&env->page_prot[addr >> 12], __ATOMIC_ACQUIRE) & prot) != prot)
		return x;
	x.host = env->mem_base + addr;
	return x;
}

/* Between the value and the bytes in memory; its own inverse. */
static inline uint64_t access_order(uint64_t v, unsigned mem)
{
	bool big = mem & IR_MEM_BE, big_host = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	return big != big_host ? sem_bswap(v, 8 * ir_mem_bytes(mem)) : v;
}

/* Aligned accesses are single even when other vCPUs access the same bytes; others may be torn. */
static inline uint64_t access_get(const uint8_t *host, unsigned mem)
{
	bool aligned = !((uintptr_t)host & (ir_mem_bytes(mem) - 1));

#define GET(T) \
	do { \
		T t; \
		if (aligned) \
			t = __atomic_load_n((const T *)(const void *)host, __ATOMIC_RELAXED); \
		else \
			memcpy(&t, host, sizeof t); \
		return t; \
	} while (0)
	switch (mem & IR_MEM_SIZE) {
	case IR_MEM_8: GET(uint8_t);
	case IR_MEM_16: GET(uint16_t);
	case IR_MEM_32: GET(uint32_t);
	default: GET(uint64_t);
	}
#undef GET
}

static inline void access_put(uint8_t *host, unsigned mem, uint64_t v)
{
	bool aligned = !((uintptr_t)host & (ir_mem_bytes(mem) - 1));

#define PUT(T) \
	do { \
		T t = (T)v; \
		if (aligned) \
			__atomic_store_n((T *)(void *)host, t, __ATOMIC_RELAXED); \
		else \
			memcpy(host, &t, sizeof t); \
		return; \
	} while (0)
	switch (mem & IR_MEM_SIZE) {
	case IR_MEM_8: PUT(uint8_t);
	case IR_MEM_16: PUT(uint16_t);
	case IR_MEM_32: PUT(uint32_t);
	default: PUT(uint64_t);
	}
#undef PUT
}

static inline uint64_t access_load(const struct access *x)
{
	uint64_t v = access_get(x->host, x->mem);

	if (x->mem & IR_MEM_ACQUIRE)
		atomic_thread_fence(memory_order_seq_cst);
	v = access_order(v, x->mem);
	return x->mem & IR_MEM_SEXT ? (uint64_t)sem_sext(v, 8 * ir_mem_bytes(x->mem)) : v;
}

static inline void access_store(const struct access *x, uint64_t v)
{
	uint64_t w = access_order(sem_mask(v, 8 * ir_mem_bytes(x->mem)), x->mem);

	if (x->mem & IR_MEM_RELEASE)
		atomic_thread_fence(memory_order_seq_cst);
	access_put(x->host, x->mem, w);
	if (x->mem & IR_MEM_RELEASE)
		atomic_thread_fence(memory_order_seq_cst);
}

static inline struct ir_bits access_load128(const struct access *x)
{
	struct ir_bits v;
	bool low_first = !(x->mem & IR_MEM_BE);

	memcpy(low_first ? &v.lo : &v.hi, x->host, 8);
	memcpy(low_first ? &v.hi : &v.lo, x->host + 8, 8);
	v.lo = access_order(v.lo, IR_MEM_64 | (x->mem & IR_MEM_BE));
	v.hi = access_order(v.hi, IR_MEM_64 | (x->mem & IR_MEM_BE));
	return v;
}

static inline void access_store128(const struct access *x, struct ir_bits v)
{
	bool low_first = !(x->mem & IR_MEM_BE);

	v.lo = access_order(v.lo, IR_MEM_64 | (x->mem & IR_MEM_BE));
	v.hi = access_order(v.hi, IR_MEM_64 | (x->mem & IR_MEM_BE));
	memcpy(x->host, low_first ? &v.lo : &v.hi, 8);
	memcpy(x->host + 8, low_first ? &v.hi : &v.lo, 8);
}

/* Exchanges if memory holds `expected`; the old value either way, all zero-extended. */
static inline uint64_t access_cas(const struct access *x, uint64_t expected, uint64_t desired)
{
	unsigned bits = 8 * ir_mem_bytes(x->mem);
	uint64_t want = access_order(sem_mask(expected, bits), x->mem);
	uint64_t have = want, put = access_order(sem_mask(desired, bits), x->mem);

#define CAS(T)                                                                                       \
	do {                                                                                         \
		T t = (T)want;                                                                       \
		__atomic_compare_exchange_n((T *)(void *)x->host, &t, (T)put, false,                 \
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                     \
		have = t;                                                                            \
	} while (0)
	switch (x->mem & IR_MEM_SIZE) {
	case IR_MEM_8: CAS(uint8_t); break;
	case IR_MEM_16: CAS(uint16_t); break;
	case IR_MEM_32: CAS(uint32_t); break;
	default: CAS(uint64_t); break;
	}
#undef CAS
	return access_order(have, x->mem);
}

#endif
