/*
 * Copies out of and into a guest's memory while vCPUs may access it: each aligned word of up to 8 bytes is read or
 * written as one, so that nobody sees half of it. For lib/engine.
 */
#ifndef ENGINE_UNTORN_H
#define ENGINE_UNTORN_H

#include <stdint.h>
#include <string.h>

/* The largest word at host that is aligned and not longer than n. */
static inline unsigned untorn_word(const uint8_t *host, uint64_t n)
{
	unsigned bytes = 8;

	while (bytes > n || (uintptr_t)host & (bytes - 1))
		bytes /= 2;
	return bytes;
}

#define UNTORN_GET(T) \
	do { \
		T t = __atomic_load_n((const T *)(const void *)host, __ATOMIC_RELAXED); \
		memcpy(buf, &t, sizeof t); \
	} while (0)

static inline void untorn_get(uint8_t *buf, const uint8_t *host, uint64_t n)
{
	for (unsigned w; n; n -= w, host += w, buf += w) {
		w = untorn_word(host, n);
		switch (w) {
		case 8: UNTORN_GET(uint64_t); break;
		case 4: UNTORN_GET(uint32_t); break;
		case 2: UNTORN_GET(uint16_t); break;
		default: UNTORN_GET(uint8_t); break;
		}
	}
}

#define UNTORN_PUT(T) \
	do { \
		T t; \
		memcpy(&t, buf, sizeof t); \
		__atomic_store_n((T *)(void *)host, t, __ATOMIC_RELAXED); \
	} while (0)

static inline void untorn_put(uint8_t *host, const uint8_t *buf, uint64_t n)
{
	for (unsigned w; n; n -= w, host += w, buf += w) {
		w = untorn_word(host, n);
		switch (w) {
		case 8: UNTORN_PUT(uint64_t); break;
		case 4: UNTORN_PUT(uint32_t); break;
		case 2: UNTORN_PUT(uint16_t); break;
		default: UNTORN_PUT(uint8_t); break;
		}
	}
}

#undef UNTORN_GET
#undef UNTORN_PUT

static inline void untorn_copy(uint8_t *host, uint8_t *buf, uint64_t n, int write)
{
	if (write)
		untorn_put(host, buf, n);
	else
		untorn_get(buf, host, n);
}

#endif
