/*
 * Accesses to devices, and faults of accesses. For services.c.
 */
#ifndef ENGINE_DEVICE_H
#define ENGINE_DEVICE_H

#include "engine/engine.h"

/* Where an access goes: pa is va unless addresses are virtual. */
struct place {
	uint64_t va, pa;
};

static inline struct place place_of(uint64_t addr)
{
	return (struct place){ addr, addr };
}

static inline struct place place_plus(struct place w, uint32_t n)
{
	return (struct place){ w.va + n, w.pa + n };
}

/* A number of n bytes, at most 8, as it stands in memory. */
static inline uint64_t bytes_to_host(const uint8_t *buf, uint32_t n, bool big)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < n; i++)
		v |= (uint64_t)buf[i] << 8 * (big ? n - 1 - i : i);
	return v;
}

static inline void bytes_to_guest(uint8_t *buf, uint64_t v, uint32_t n, bool big)
{
	for (uint32_t i = 0; i < n; i++)
		buf[i] = (uint8_t)(v >> 8 * (big ? n - 1 - i : i));
}

/* Fills env exit; returns false for the caller's convenience. */
bool access_fault(void *state, struct place w, uint32_t access, uint32_t len, uint32_t cause, uint64_t pc);

/*
 * len bytes, in guest memory order, by as many callbacks as the device wants. False after filling env exit: a fault, or
 * ENV_STOP, after which the instruction is finished alone and goes on where the callbacks have come to.
 */
bool device_access(void *state, const struct vm_piece *p, const struct vm_backing *b, struct place w, uint8_t *buf,
		   uint32_t len, bool write, uint64_t pc);

#endif
