/* A bytecode interpreter running nested loops, arithmetic and array accesses.
 * @args 1
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum op { LOADK, ADD, SUB, MUL, XOR, SHR, AND, LESS, JNZ, JMP, LOAD, STORE, HALT };

struct code {
	uint8_t op, a, b, c;
	int32_t k;
};

static const struct code program[] = {
	{ LOADK, 0, 0, 0, 0 },      { LOADK, 1, 0, 0, 1 },   { LOADK, 2, 0, 0, 1 },    { LOADK, 9, 0, 0, 100000 },
	{ LOADK, 8, 0, 0, 1023 },   { LOADK, 7, 0, 0, 13 },  { LOADK, 6, 0, 0, 69069 },
	{ MUL, 2, 2, 6, 0 },        { ADD, 2, 2, 7, 0 },     { SHR, 3, 2, 7, 0 },      { AND, 3, 3, 8, 0 },
	{ LOAD, 4, 3, 0, 0 },       { ADD, 4, 4, 0, 0 },     { STORE, 4, 3, 0, 0 },    { XOR, 5, 5, 4, 0 },
	{ ADD, 0, 0, 1, 0 },        { LESS, 3, 0, 9, 0 },    { JNZ, 3, 0, 0, 7 },      { HALT, 0, 0, 0, 0 },
};

static uint32_t run(uint32_t *memory)
{
	uint32_t r[16] = { 0 };

	for (const struct code *pc = program;; pc++)
		switch (pc->op) {
		case LOADK: r[pc->a] = (uint32_t)pc->k; break;
		case ADD: r[pc->a] = r[pc->b] + r[pc->c]; break;
		case SUB: r[pc->a] = r[pc->b] - r[pc->c]; break;
		case MUL: r[pc->a] = r[pc->b] * r[pc->c]; break;
		case XOR: r[pc->a] = r[pc->b] ^ r[pc->c]; break;
		case SHR: r[pc->a] = r[pc->b] >> (r[pc->c] & 31); break;
		case AND: r[pc->a] = r[pc->b] & r[pc->c]; break;
		case LESS: r[pc->a] = r[pc->b] < r[pc->c]; break;
		case JNZ: if (r[pc->a]) pc = program + pc->k - 1; break;
		case JMP: pc = program + pc->k - 1; break;
		case LOAD: r[pc->a] = memory[r[pc->b] & 1023]; break;
		case STORE: memory[r[pc->b] & 1023] = r[pc->a]; break;
		case HALT: return r[5];
		}
}

int main(int argc, char **argv)
{
	unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 1;
	static uint32_t memory[1024];
	uint32_t sum = 0;

	for (unsigned r = 0; r < rounds; r++)
		sum = sum * 31 + run(memory);
	printf("%08x\n", sum);
	return 0;
}
