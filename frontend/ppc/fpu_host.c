/*
 * What an operation does to FR, FI and FPRF, by the host's FPU rounding to nearest: the result
 * and, by error-free transformations (Dekker, Knuth; Boldo and Muller for multiply-add), what
 * the exact result has beyond it. Those hold only away from the ends of the format's range, so
 * numbers there are left to ppc_fpu_exec, as are NaNs and infinities.
 */
#include <math.h>
#include <string.h>

#include "frontend/ppc/fpu.h"

/* The exact result is value + error, or has at least error's sign beyond value. */
struct rounded {
	double value, error;
};

static double number(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof d);
	return d;
}

/* Far enough from overflow, and from losing bits below the least denormal; zero is as good. */
static bool moderate(double d)
{
	double size = fabs(d);

	return size == 0 || (size > 0x1p-400 && size < 0x1p400);
}

static struct rounded sum(double a, double b)
{
	double s = a + b, part = s - a;

	return (struct rounded){ s, (a - (s - part)) + (b - part) };
}

static struct rounded product(double a, double c)
{
	double p = a * c;

	return (struct rounded){ p, fma(a, c, -p) };
}

/* The remainder is exact, and so has the sign of the error if the divisor's is regarded. */
static struct rounded quotient(double a, double b)
{
	double q = a / b, rest = fma(-q, b, a);

	return (struct rounded){ q, signbit(b) ? -rest : rest };
}

static struct rounded root(double b)
{
	double r = sqrt(b);

	return (struct rounded){ r, fma(-r, r, b) };
}

static struct rounded multiply_add(double a, double c, double b)
{
	double r = fma(a, c, b);
	struct rounded p = product(a, c), low = sum(b, p.error), high = sum(p.value, low.value);
	double gamma = (high.value - r) + high.error;

	return (struct rounded){ r, gamma + low.error };
}

static struct rounded negated(struct rounded r)
{
	return (struct rounded){ -r.value, -r.error };
}

static bool calculate(unsigned op, double a, double b, double c, struct rounded *r)
{
	switch (op) {
	case FP_ADD: *r = sum(a, b); return true;
	case FP_SUB: *r = sum(a, -b); return true;
	case FP_MUL: *r = product(a, c); return true;
	case FP_DIV: *r = quotient(a, b); return b != 0;
	case FP_SQRT: *r = root(b); return b >= 0;
	case FP_MADD: *r = multiply_add(a, c, b); return true;
	case FP_MSUB: *r = multiply_add(a, c, -b); return true;
	case FP_NMADD: *r = negated(multiply_add(a, c, b)); return true;
	case FP_NMSUB: *r = negated(multiply_add(a, c, -b)); return true;
	case FP_RSP: r->value = (float)b; r->error = b - r->value; return fabs(b) > 0x1p-126 && fabs(b) < 0x1p127;
	default: return false;
	}
}

static unsigned class_of(double r)
{
	if (r == 0)
		return FP_CLASS_ZERO | (signbit(r) ? FP_CLASS_NEGATE_ZERO : 0);
	return FP_CLASS_NORMAL ^ (signbit(r) ? FP_CLASS_NEGATE : 0);
}

bool ppc_fpu_host(unsigned op, uint64_t a, uint64_t b, uint64_t c, uint32_t *status)
{
	unsigned uses = ppc_fpu_uses(op);
	/* Volatile: flags are raised in here, between the caller's accesses to them. */
	volatile double in[3] = {
		uses & FP_USES_A ? number(a) : 0, uses & FP_USES_B ? number(b) : 0, uses & FP_USES_C ? number(c) : 0,
	};
	double x = in[0], y = in[1], z = in[2];
	struct rounded r;

	if (!moderate(x) || !moderate(y) || !moderate(z) || !calculate(op, x, y, z, &r))
		return false;
	volatile uint32_t found = class_of(r.value) << 12;
	if (r.error != 0)
		found |= FPSCR_FI | (signbit(r.error) != signbit(r.value) ? FPSCR_FR : 0);
	*status = found;
	return true;
}

/* Products of singles are exact. Where the sum is too, nothing in here raises a flag. */
bool ppc_fpu_exact(unsigned op, uint64_t a, uint64_t b, uint64_t c, uint64_t *bits)
{
	volatile double in[3] = { number(a), number(b), number(c) };

	if ((a | c) & 0x1fffffff || !moderate(in[0]) || !moderate(in[1]) || !moderate(in[2]))
		return false;
	bool minus = op == FP_MSUB || op == FP_NMSUB, negative = op == FP_NMADD || op == FP_NMSUB;
	struct rounded r = sum(in[0] * in[2], minus ? -in[1] : in[1]);
	volatile double value = negative ? -r.value : r.value;
	double result = value;

	memcpy(bits, &result, sizeof result);
	return r.error == 0 && result != 0;
}
