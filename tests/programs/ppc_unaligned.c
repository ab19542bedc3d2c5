/*
 * lmw and stmw of misaligned addresses, which the kernel carries out; a reservation of one is an error.
 * The registers around them are all in use, in a loop that becomes hot.
 * @reference self
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static sigjmp_buf out;
static volatile int bus;

static void on_bus(int sig)
{
	bus++;
	siglongjmp(out, 1);
}

/* load: the sum of the first two words, the third through last. store: two words to p. */
uint32_t load(const char *p, uint32_t *last);
void store(char *p, uint32_t a, uint32_t b);
__asm__(".text\n"
	"load:\n\tmr 6, 29\n\tmr 7, 30\n\tmr 8, 31\n"
	"\tlmw 29, 0(3)\n\tadd 3, 29, 30\n\tstw 31, 0(4)\n"
	"\tmr 29, 6\n\tmr 30, 7\n\tmr 31, 8\n\tblr\n"
	"store:\n\tmr 7, 30\n\tmr 8, 31\n\tli 30, 1\n\taddi 3, 3, 4\n\tmr 30, 4\n\tmr 31, 5\n"
	"\tstmw 30, -4(3)\n\tli 30, 2\n\tmr 30, 7\n\tmr 31, 8\n\tblr\n");

int main(void)
{
	char buf[64] = { 0 };
	uint32_t word[3], last, sum = 0, want = 0, tmp;
	int bad = 0;

	for (uint32_t i = 0; i < 60000; i++) {
		char *p = buf + 1 + i % 7;

		store(p, i, i * 3);
		memcpy(word, p, 8);
		bad += word[0] != i || word[1] != i * 3;
		word[2] = ~i;
		memcpy(p, word, 12);
		sum += load(p, &last) ^ last;
		want += i * 4 ^ ~i;
	}
	signal(SIGBUS, on_bus);
	if (!sigsetjmp(out, 1))
		__asm__ volatile("lwarx %0, 0, %1" : "=r"(tmp) : "r"(buf + 1) : "memory");
	printf("%d %d %d\n", bad, sum == want, bus);
	return bad || sum != want || bus != 1;
}
