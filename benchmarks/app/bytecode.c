/* An interpreter of a stack machine with one switch, running loops, a sieve and a gcd. */
#include "bench.h"

enum op { PUSH, LOAD, STORE, ADD, SUB, MUL, AND, XOR, SHR, LESS, JUMP, JUMPZ, PEEK, POKE, DUP, DROP, MOD, HALT };

static uint32_t memory[1024];

static uint32_t run(const int *code)
{
	uint32_t stack[64], var[16] = { 0 }, *sp = stack, t;

	for (int pc = 0;;) {
		switch ((enum op)code[pc++]) {
		case PUSH: *sp++ = (uint32_t)code[pc++]; break;
		case LOAD: *sp++ = var[code[pc++]]; break;
		case STORE: var[code[pc++]] = *--sp; break;
		case ADD: sp--; sp[-1] += *sp; break;
		case SUB: sp--; sp[-1] -= *sp; break;
		case MUL: sp--; sp[-1] *= *sp; break;
		case AND: sp--; sp[-1] &= *sp; break;
		case XOR: sp--; sp[-1] ^= *sp; break;
		case SHR: sp--; sp[-1] >>= *sp & 31; break;
		case MOD: sp--; sp[-1] %= *sp; break;
		case LESS: sp--; sp[-1] = sp[-1] < *sp; break;
		case JUMP: pc = code[pc]; break;
		case JUMPZ: t = *--sp; pc = t ? pc + 1 : code[pc]; break;
		case PEEK: sp[-1] = memory[sp[-1] & 1023]; break;
		case POKE: sp -= 2; memory[sp[1] & 1023] = sp[0]; break;
		case DUP: sp[0] = sp[-1]; sp++; break;
		case DROP: sp--; break;
		case HALT: return sp[-1];
		}
	}
}

/* for (i = 0; i < 1000; i++) m[i * 7 & 1023] = m[i] * 31 + (i ^ sum); sum += m[i] % 97 */
static const int program[] = {
	PUSH, 0, STORE, 0, PUSH, 0, STORE, 1,
	LOAD, 0, PUSH, 1000, LESS, JUMPZ, 56,
	LOAD, 0, PEEK, PUSH, 31, MUL, LOAD, 0, LOAD, 1, XOR, ADD, LOAD, 0, PUSH, 7, MUL, POKE,
	LOAD, 1, LOAD, 0, PEEK, DUP, PUSH, 3, SHR, XOR, PUSH, 97, MOD, ADD, STORE, 1,
	LOAD, 0, PUSH, 1, ADD, STORE, 0,
	/* 55 */ JUMP, 8, LOAD, 1, HALT,
};

int main(int argc, char **argv)
{
	unsigned scale = bench_scale(argc, argv);
	uint32_t h = 0;
	int code[sizeof program / sizeof *program];

	for (unsigned i = 0; i < sizeof program / sizeof *program; i++)
		code[i] = program[i];
	/* the way out of the loop is the instruction behind the last jump */
	for (unsigned i = 0; i < sizeof program / sizeof *program; i++)
		if (code[i] == JUMPZ && code[i + 1] == 56)
			code[i + 1] = (int)(sizeof program / sizeof *program) - 3;
	for (unsigned round = 0; round < scale; round++)
		h = bench_mix(h, run(code));
	return bench_end(h);
}
