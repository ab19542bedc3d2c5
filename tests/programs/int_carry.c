/* Carries and overflows of 32-bit and 64-bit additions, subtractions and multiplications. */
#include <stdint.h>
#include <stdio.h>

static const uint32_t corner[] = { 0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0x12345678 };
enum { CORNERS = sizeof corner / sizeof corner[0] };

static void unsigned_pair(uint32_t a, uint32_t b)
{
	uint32_t sum, difference, product;
	int carry = __builtin_add_overflow(a, b, &sum);
	int borrow = __builtin_sub_overflow(a, b, &difference);
	int wide = __builtin_mul_overflow(a, b, &product);

	printf("u %08x %08x: %08x/%d %08x/%d %08x/%d\n", a, b, sum, carry, difference, borrow, product, wide);
}

static void signed_pair(int32_t a, int32_t b)
{
	int32_t sum, difference, product;
	int add = __builtin_add_overflow(a, b, &sum);
	int sub = __builtin_sub_overflow(a, b, &difference);
	int mul = __builtin_mul_overflow(a, b, &product);

	printf("s %d %d: %d/%d %d/%d %d/%d\n", a, b, sum, add, difference, sub, product, mul);
}

static void wide_pair(uint64_t a, uint64_t b)
{
	uint64_t sum, difference;
	int64_t ssum;
	int carry = __builtin_add_overflow(a, b, &sum);
	int borrow = __builtin_sub_overflow(a, b, &difference);
	int overflow = __builtin_add_overflow((int64_t)a, (int64_t)b, &ssum);

	printf("w %016llx %016llx: %016llx/%d %016llx/%d %d\n", (unsigned long long)a, (unsigned long long)b,
	       (unsigned long long)sum, carry, (unsigned long long)difference, borrow, overflow);
}

int main(void)
{
	for (int i = 0; i < CORNERS; i++)
		for (int j = 0; j < CORNERS; j++) {
			unsigned_pair(corner[i], corner[j]);
			signed_pair((int32_t)corner[i], (int32_t)corner[j]);
			wide_pair((uint64_t)corner[i] << 32 | corner[j], (uint64_t)corner[j] << 32 | corner[i]);
		}
	return 0;
}
