/*
 * Vectors of 16 bytes in the compilers' own notation, which becomes SSE2, Advanced SIMD or AltiVec. Lanes are
 * counted as in arrays, so results do not depend on byte order unless a vector is read with lanes of another width.
 */
#ifndef BENCH_VECTOR_H
#define BENCH_VECTOR_H

#include "bench.h"

typedef uint8_t u8x16 __attribute__((vector_size(16)));
typedef uint16_t u16x8 __attribute__((vector_size(16)));
typedef int16_t i16x8 __attribute__((vector_size(16)));
typedef uint32_t u32x4 __attribute__((vector_size(16)));
typedef int32_t i32x4 __attribute__((vector_size(16)));
typedef float f32x4 __attribute__((vector_size(16)));

static inline i32x4 bench_select(i32x4 mask, i32x4 yes, i32x4 no)
{
	return (mask & yes) | (~mask & no);
}

static inline uint32_t bench_mix_vector(uint32_t h, u32x4 v)
{
	for (int i = 0; i < 4; i++)
		h = bench_mix(h, v[i]);
	return h;
}

#endif
