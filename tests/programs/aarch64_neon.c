/* NEON by intrinsics against the same in plain C: what compilers seldom choose by themselves.
 * @reference self
 * @flags -march=armv8.2-a+crypto+dotprod+rdma
 */
#include <arm_neon.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint32_t seed = 7;
static int bad;

static uint32_t next(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 9 ^ seed << 12;
}

static void fill(void *p, size_t n)
{
	static const uint8_t corners[] = { 0, 1, 0x7f, 0x80, 0xff };
	uint8_t *b = p;

	for (size_t i = 0; i < n; i++)
		b[i] = next() % 4 ? next() : corners[next() % 5];
}

static void check(const char *what, const void *have, const void *want, size_t n)
{
	if (memcmp(have, want, n) && bad++ < 20)
		printf("%s differs\n", what);
}

static uint64_t fpsr(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, fpsr" : "=r"(v));
	return v;
}

static int64_t clamp(int64_t v, int64_t least, int64_t most)
{
	return v < least ? least : v > most ? most : v;
}

/* Planes of pixels apart and together. */
static void structures(void)
{
	uint8_t in[64], three[48], four[64], want[64];

	fill(in, sizeof in);
	uint8x16x3_t p = vld3q_u8(in);
	uint8x16_t t = p.val[0];
	p.val[0] = p.val[2];
	p.val[2] = t;
	vst3q_u8(three, p);
	for (int i = 0; i < 48; i++)
		want[i] = in[i / 3 * 3 + 2 - i % 3];
	check("ld3 st3", three, want, 48);
	uint16x8x4_t q = vld4q_u16((uint16_t *)in);
	q.val[1] = vaddq_u16(q.val[1], q.val[3]);
	vst4q_u16((uint16_t *)four, q);
	memcpy(want, in, 64);
	for (int i = 0; i < 8; i++) {
		uint16_t a[4];
		memcpy(a, in + 8 * i, 8);
		a[1] += a[3];
		memcpy(want + 8 * i, a, 8);
	}
	check("ld4 st4", four, want, 64);
	uint8x8x2_t two = vld2_u8(in);
	two = vld2_lane_u8(in + 40, two, 3);
	vst2_u8(four, two);
	memcpy(want, in, 16);
	memcpy(want + 6, in + 40, 2);
	check("ld2 lane", four, want, 16);
}

static void saturating(void)
{
	int16_t a[8], b[8], r[8], w[8];
	uint8_t n[8], wn[8];
	uint64_t qc = 0;

	fill(a, sizeof a);
	fill(b, sizeof b);
	__asm__ volatile("msr fpsr, xzr");
	vst1q_s16(r, vqrdmulhq_s16(vld1q_s16(a), vld1q_s16(b)));
	vst1_u8(n, vqrshrun_n_s16(vld1q_s16(a), 5));
	for (int i = 0; i < 8; i++) {
		int64_t v = (2 * a[i] * (int64_t)b[i] + 0x8000) >> 16, s = (a[i] + 16) >> 5;
		w[i] = clamp(v, -32768, 32767);
		wn[i] = clamp(s, 0, 255);
		qc |= w[i] != v || wn[i] != s;
	}
	check("sqrdmulh", r, w, sizeof r);
	check("sqrshrun", n, wn, sizeof n);
	int32_t c[4], x[4], y[4];
	fill(c, sizeof c);
	vst1q_s32(x, vqdmlal_lane_s16(vld1q_s32(c), vld1_s16(a), vld1_s16(b), 2));
	for (int i = 0; i < 4; i++) {
		int64_t v = 2 * a[i] * (int64_t)b[2], s = clamp(v, INT32_MIN, INT32_MAX);
		y[i] = clamp(c[i] + s, INT32_MIN, INT32_MAX);
		qc |= s != v || y[i] != c[i] + s;
	}
	check("sqdmlal", x, y, sizeof x);
	vst1q_s16(r, vqrdmlahq_s16(vld1q_s16(a), vld1q_s16(b), vld1q_s16(w)));
	for (int i = 0; i < 8; i++) {
		int64_t v = (((int64_t)a[i] << 16) + 2 * b[i] * (int64_t)w[i] + 0x8000) >> 16;
		int16_t s = clamp(v, -32768, 32767);
		qc |= s != v;
		w[i] = s;
	}
	check("sqrdmlah", r, w, sizeof r);
	if ((fpsr() >> 27 & 1) != qc && bad++ < 20)
		printf("QC differs\n");
}

static void sums(void)
{
	uint8_t a[16], b[16], index[16], want[16], r[16], table[64];
	uint32_t d[4], e[4] = { 0 };

	fill(a, 16), fill(b, 16), fill(table, 64);
	vst1q_u32(d, vdotq_u32(vdupq_n_u32(5), vld1q_u8(a), vld1q_u8(b)));
	for (int i = 0; i < 16; i++)
		e[i / 4] += a[i] * b[i] + (i % 4 ? 0 : 5);
	check("udot", d, e, 16);
	for (int i = 0; i < 16; i++)
		index[i] = next() % 80;
	vst1q_u8(r, vqtbx4q_u8(vld1q_u8(a), vld1q_u8_x4(table), vld1q_u8(index)));
	for (int i = 0; i < 16; i++)
		want[i] = index[i] < 64 ? table[index[i]] : a[i];
	check("tbx", r, want, 16);
	poly128_t p = vmull_p64(0x8000000000000003, 0x8000000000000001);
	const uint64_t product[2] = { 0x8000000000000003 ^ 1ull << 63, 0x4000000000000001 };
	check("pmull", &p, product, 16);
}

int main(void)
{
	for (int i = 0; i < 20000; i++) {
		structures();
		saturating();
		sums();
	}
	printf("%d bad\n", bad);
	return bad != 0;
}
