/* Jump tables of all densities, function pointers in tables, and computed goto. */
#include <stdint.h>
#include <stdio.h>

static int dense(int x)
{
	switch (x) {
	case 0: return 17;
	case 1: return x * 3;
	case 2: return x - 40;
	case 3: case 4: return 99;
	case 5: x += 7; /* fall through */
	case 6: return x << 2;
	case 7: return ~x;
	case 8: return x * x;
	case 9: return -x;
	default: return -1000;
	}
}

static int sparse(uint32_t x)
{
	switch (x) {
	case 1: return 1;
	case 1000: return 2;
	case 0x80000000: return 3;
	case 0xffffffff: return 4;
	case 123456789: return 5;
	case 10 ... 20: return 6;
	default: return 0;
	}
}

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static int mul(int a, int b) { return a * b; }
static int max(int a, int b) { return a > b ? a : b; }

static int threaded(const uint8_t *code, int acc)
{
	static const void *const label[] = { &&stop, &&inc, &&dbl, &&neg, &&jump };
	int loops = 0;

next:
	goto *label[*code++];
inc:
	acc++;
	goto next;
dbl:
	acc *= 2;
	goto next;
neg:
	acc = -acc;
	goto next;
jump:
	code -= loops++ < 10 ? 4 : 0;
	goto next;
stop:
	return acc;
}

int main(void)
{
	int (*const table[])(int, int) = { add, sub, mul, max };
	static const uint8_t program[] = { 1, 2, 1, 3, 4, 2, 0 };
	static const uint32_t key[] = { 1, 2, 15, 21, 1000, 0x80000000, 0xffffffff, 123456789, 0 };
	int acc = 1;

	for (int i = -2; i < 12; i++)
		printf("%d ", dense(i));
	for (unsigned i = 0; i < sizeof key / sizeof key[0]; i++)
		printf("%d ", sparse(key[i]));
	for (int i = 0; i < 2000; i++)
		acc = table[(unsigned)acc % 4](acc & 0xffff, i);
	printf("\n%d", acc);
	printf(" %d\n", threaded(program, 3));
	return 0;
}
