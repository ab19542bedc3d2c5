/*
 * An access by an address with a tag, from code whose registers are not in memory: the interpreter
 * cannot repeat its instruction. So the host instruction is carried out elsewhere, on the address
 * without the tag. This happens a few times in the life of a VM: once the guest is known to use tags
 * its code takes them off itself.
 *
 * The instruction is written anew with a register alone as its operand: rsi, or rdi if it has to do
 * with rsi otherwise, which is given the address and then gets its value back.
 *
 * Async-signal-safe. Knows the instructions the LLVM back end's target has (no EVEX) as far as they
 * access memory by general registers.
 */
#include <string.h>
#include <ucontext.h>

#include "engine/engine.h"

#if ENGINE_CAN_ENTER
enum { NONE = -1, MAX_INSN = 15, RSI = 6, RDI = 7 };
enum map { LEGACY, MAP_0F, MAP_0F38, MAP_0F3A };

struct insn {
	const uint8_t *code;
	unsigned at;			/* bytes read */
	unsigned rex, vex;		/* where they stand, 0: absent (the first byte may be a REX: see has_rex) */
	bool has_rex, narrow;		/* narrow: operand size prefix */
	unsigned x, b;			/* upper bits of register numbers: 0 or 8 */
	unsigned map, opcode, reg;	/* reg: lower three bits */
	unsigned modrm, end;		/* where the operand begins and what is behind it */
	int base, index;		/* general registers of the operand, or NONE */
	unsigned scale;
	int64_t disp;
};

static uint8_t next(struct insn *in)
{
	return in->code[in->at++];
}

static void read_vex(struct insn *in, bool three)
{
	uint8_t first;

	in->vex = in->at;
	first = next(in);
	in->map = MAP_0F;
	if (three) {
		in->x = first & 0x40 ? 0 : 8;
		in->b = first & 0x20 ? 0 : 8;
		in->map = first & 0x1f;
		next(in);
	}
	in->opcode = next(in);
}

/* Prefixes and opcode. */
static bool read_opcode(struct insn *in)
{
	uint8_t p = next(in);

	for (; p == 0x66 || p == 0xf0 || p == 0xf2 || p == 0xf3; p = next(in))
		in->narrow |= p == 0x66;
	if (p == 0xc4 || p == 0xc5) {
		read_vex(in, p == 0xc4);
		return in->map >= MAP_0F && in->map <= MAP_0F3A;
	}
	if ((p & 0xf0) == 0x40) {
		in->has_rex = true;
		in->rex = in->at - 1;
		in->x = p & 2 ? 8 : 0;
		in->b = p & 1 ? 8 : 0;
		p = next(in);
	}
	in->map = LEGACY;
	in->opcode = p;
	if (p != 0x0f)
		return true;
	in->map = MAP_0F;
	in->opcode = next(in);
	if (in->opcode == 0x38 || in->opcode == 0x3a) {
		in->map = in->opcode == 0x38 ? MAP_0F38 : MAP_0F3A;
		in->opcode = next(in);
	}
	return true;
}

static bool has_operand(const struct insn *in)
{
	unsigned op = in->opcode;

	switch ((enum map)in->map) {
	case LEGACY:
		return (op < 0x40 && (op & 7) < 4) || op == 0x63 || op == 0x69 || op == 0x6b ||
		       (op >= 0x80 && op <= 0x8b) || op == 0xc0 || op == 0xc1 || op == 0xc6 || op == 0xc7 ||
		       (op >= 0xd0 && op <= 0xd3) || op == 0xf6 || op == 0xf7 || op == 0xfe || op == 0xff;
	case MAP_0F:
		return (op >= 0x10 && op <= 0x17) || (op >= 0x28 && op <= 0x2f) || (op >= 0x40 && op <= 0x76) ||
		       (op >= 0x7c && op <= 0x7f) || (op >= 0x90 && op <= 0x9f) || op == 0xaf || op == 0xb0 ||
		       op == 0xb1 || op == 0xb3 || (op >= 0xb6 && op <= 0xc7) || op >= 0xd0;
	case MAP_0F38:
		return op < 0x8c || op > 0x93;	/* not the gathers, whose index is a vector */
	case MAP_0F3A:
		return true;
	}
	return false;
}

static bool read_operand(struct insn *in)
{
	uint8_t modrm = in->code[in->modrm = in->at++], mod = modrm >> 6, rm = modrm & 7;
	int32_t wide = 0;

	in->reg = modrm >> 3 & 7;
	in->index = NONE;
	in->base = (int)(rm | in->b);
	if (mod == 3 || (mod == 0 && rm == 5))
		return false;
	if (rm == 4) {
		uint8_t sib = next(in);
		int index = (int)((sib >> 3 & 7) | in->x);

		in->scale = sib >> 6;
		in->index = index == 4 ? NONE : index;
		in->base = (int)((sib & 7) | in->b);
		if (mod == 0 && (sib & 7) == 5) {
			in->base = NONE;
			mod = 2;
		}
	}
	if (mod == 1)
		in->disp = (int8_t)next(in);
	if (mod == 2) {
		memcpy(&wide, in->code + in->at, 4);
		in->disp = wide;
		in->at += 4;
	}
	in->end = in->at;
	return true;
}

static unsigned immediate(const struct insn *in)
{
	unsigned op = in->opcode, full = in->narrow ? 2 : 4;

	if (in->map == MAP_0F)
		return (op >= 0x70 && op <= 0x73) || op == 0xba || op == 0xc2 || (op >= 0xc4 && op <= 0xc6);
	if (in->map != LEGACY)
		return in->map == MAP_0F3A;
	switch (op) {
	case 0x69: case 0x81: case 0xc7: return full;
	case 0xf7: return in->reg & 6 ? 0 : full;
	case 0xf6: return in->reg & 6 ? 0 : 1;
	case 0x6b: case 0x80: case 0x83: case 0xc0: case 0xc1: case 0xc6: return 1;
	default: return 0;
	}
}

static bool decode(struct insn *in, const uint8_t *code)
{
	*in = (struct insn){ .code = code };
	if (!read_opcode(in) || !has_operand(in) || !read_operand(in))
		return false;
	in->at += immediate(in);
	return in->at <= MAX_INSN;
}

/* A register of a context by the processor's number. */
static greg_t *reg_of(greg_t *g, int reg)
{
	static const uint8_t at[16] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};

	return &g[at[reg]];
}

static uint64_t address(const struct insn *in, greg_t *g)
{
	uint64_t at = (uint64_t)in->disp;

	if (in->base != NONE)
		at += (uint64_t)*reg_of(g, in->base);
	if (in->index != NONE)
		at += (uint64_t)*reg_of(g, in->index) << in->scale;
	return at;
}

static uint8_t *put(uint8_t *to, const void *from, size_t n)
{
	memcpy(to, from, n);
	return to + n;
}

/* The instruction with the operand [reg], reg being rsi or rdi; answers its end. */
static uint8_t *write_insn(const struct insn *in, uint8_t *out, unsigned reg)
{
	uint8_t *end = put(out, in->code, in->modrm);

	if (in->has_rex)
		out[in->rex] &= 0xfc;		/* X, B */
	if (in->vex && in->code[in->vex - 1] == 0xc4)
		out[in->vex] |= 0x60;		/* the same, inverted */
	*end++ = (uint8_t)(in->reg << 3 | reg);
	return put(end, in->code + in->end, in->at - in->end);
}

bool detour_take(struct dgm_cpu *cpu, void *gregs, uint64_t *addr)
{
	const struct cache_codemem *mem = &cpu->vm->cache.mem;
	greg_t *g = gregs;
	struct insn in;

	if (!cpu->detour || !decode(&in, (const uint8_t *)(uintptr_t)g[REG_RIP]))
		return false;
	uint64_t at = address(&in, g), back = (uint64_t)g[REG_RIP] + in.at;
	*addr = vm_data_address(cpu->vm, at);
	if (*addr == at)
		return false;

	int reg = in.reg == RSI ? RDI : RSI;
	uint8_t restore[2] = { 0x48, (uint8_t)(0xb8 | reg) }, *out = mem->rw + (cpu->detour - mem->rx);
	out = write_insn(&in, out, (unsigned)reg);
	out = put(put(out, restore, 2), reg_of(g, reg), 8);	/* mov $value, %reg */
	put(put(out, "\xff\x25\0\0\0", 6), &back, 8);		/* jmp *0(%rip) */
	*reg_of(g, reg) = (greg_t)*addr;
	cpu->detour_from = (uint64_t)g[REG_RIP];
	g[REG_RIP] = (greg_t)(uintptr_t)cpu->detour;
	return true;
}
#else
bool detour_take(struct dgm_cpu *cpu, void *gregs, uint64_t *addr)
{
	return false;
}
#endif
