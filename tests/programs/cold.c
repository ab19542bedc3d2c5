/* A great deal of code, executed once: four thousand functions made by the preprocessor.
 * @without hot
 */
#include <stdint.h>
#include <stdio.h>

#define F(n) \
	__attribute__((noinline)) static uint32_t f##n(uint32_t x) \
	{ \
		if (x & 1) \
			x = x * 3 + 0x##n; \
		else if (x & 2) \
			x ^= x >> 7; \
		x += x << (0x##n & 15); \
		return x ^ 0x##n; \
	}
#define F16(n) F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9) F(n##a) F(n##b) \
	F(n##c) F(n##d) F(n##e) F(n##f)
#define F256(n) F16(n##0) F16(n##1) F16(n##2) F16(n##3) F16(n##4) F16(n##5) F16(n##6) F16(n##7) F16(n##8) F16(n##9) \
	F16(n##a) F16(n##b) F16(n##c) F16(n##d) F16(n##e) F16(n##f)
#define C(n) x = f##n(x);
#define C16(n) C(n##0) C(n##1) C(n##2) C(n##3) C(n##4) C(n##5) C(n##6) C(n##7) C(n##8) C(n##9) C(n##a) C(n##b) \
	C(n##c) C(n##d) C(n##e) C(n##f)
#define C256(n) C16(n##0) C16(n##1) C16(n##2) C16(n##3) C16(n##4) C16(n##5) C16(n##6) C16(n##7) C16(n##8) C16(n##9) \
	C16(n##a) C16(n##b) C16(n##c) C16(n##d) C16(n##e) C16(n##f)
#define ALL(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9) M(a) M(b) M(c) M(d) M(e) M(f)

ALL(F256)

int main(void)
{
	uint32_t x = 1;

	ALL(C256)
	printf("%08x\n", x);
	return 0;
}
