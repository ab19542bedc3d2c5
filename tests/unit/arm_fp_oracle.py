#!/usr/bin/env python3
"""Checks the lines of arm_fp_cases against the manual's pseudo-code over exact rational numbers.

Usage: arm_fp_oracle.py PROGRAM [COUNT [SEED]]
Shares nothing with arm_fp: operands are fractions, roots are integer roots of scaled fractions.
"""
import math
import subprocess
import sys
from collections import Counter
from fractions import Fraction

IOC, DZC, OFC, UFC, IXC, IDC = 1, 2, 4, 8, 16, 128
FZ16, FZ, DN, AHP = 1 << 19, 1 << 24, 1 << 25, 1 << 26
NEAREST, UP, DOWN, TO_ZERO, AWAY, ODD = range(6)
FRACTION = {16: 10, 32: 23, 64: 52}
TWO = Fraction(2)


class Fp:
    """One execution: control register, and the flags it raises."""
    def __init__(self, control):
        self.control, self.flags, self.rounding = control, 0, control >> 22 & 3

    def has(self, bit):
        return bool(self.control & bit)

    def flushes(self, size):
        return self.has(FZ16 if size == 16 else FZ)


def bias(size):
    return (1 << size - 2 - FRACTION[size]) - 1


def infinity(size, sign):
    return sign << size - 1 | ((1 << size - 1 - FRACTION[size]) - 1) << FRACTION[size]


def default_nan(size):
    return infinity(size, 0) | 1 << FRACTION[size] - 1


def invalid(fp, size):
    fp.flags |= IOC
    return default_nan(size)


class Number:
    """FPUnpackBase. kind: zero, finite, inf, snan, qnan."""
    def __init__(self, fp, size, bits, cv=False):
        width = FRACTION[size]
        self.bits, self.size, self.sign = bits, size, bits >> size - 1
        exp, frac = bits >> width & (1 << size - 1 - width) - 1, bits & (1 << width) - 1
        top = (1 << size - 1 - width) - 1
        self.value = Fraction(0)
        if exp == top and not (cv and size == 16 and fp.has(AHP)):
            self.kind = ("qnan" if frac >> width - 1 else "snan") if frac else "inf"
            return
        if exp == 0 and frac and fp.flushes(size) and not (cv and size == 16):
            if size != 16:
                fp.flags |= IDC
            frac = 0
        self.kind = "finite" if exp or frac else "zero"
        m = Fraction(frac + (1 << width if exp else 0)) * TWO ** (max(exp, 1) - bias(size) - width)
        self.value = -m if self.sign else m

    def nan(self):
        return self.kind in ("snan", "qnan")


def floor_log2(x):
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if TWO ** e <= x else e - 1


def round_real(x, rounding):
    """(integer, error)"""
    whole = x.numerator // x.denominator
    error = x - whole
    half = Fraction(1, 2)
    up = {NEAREST: error > half or (error == half and whole & 1), UP: error != 0, DOWN: False,
          TO_ZERO: error != 0 and whole < 0, AWAY: error > half or (error == half and whole >= 0)}[rounding]
    return whole + (1 if up else 0), error


def fp_round(fp, size, x, rounding=None, cv=False):
    """FPRoundBase; x is not 0."""
    rounding = fp.rounding if rounding is None else rounding
    width, least = FRACTION[size], 1 - bias(size)
    sign, m = int(x < 0), abs(x)
    exponent = floor_log2(m)
    if fp.flushes(size) and exponent < least and not (cv and size == 16):
        fp.flags |= UFC
        return sign << size - 1
    biased = max(exponent - least + 1, 0)
    scaled = m / TWO ** max(exponent, least) * TWO ** width
    mant = scaled.numerator // scaled.denominator
    error = scaled - mant
    if biased == 0 and error:
        fp.flags |= UFC
    half = Fraction(1, 2)
    up = {NEAREST: error > half or (error == half and mant & 1), UP: error and not sign, DOWN: error and sign,
          TO_ZERO: False, ODD: False}[rounding]
    to_infinity = {NEAREST: True, UP: not sign, DOWN: bool(sign), TO_ZERO: False, ODD: False}[rounding]
    if up:
        mant += 1
        if mant == 1 << width:
            biased = 1
        if mant == 2 << width:
            biased, mant = biased + 1, mant >> 1
    if error and rounding == ODD:
        mant |= 1
    top = (1 << size - 1 - width) - 1
    if size == 16 and cv and fp.has(AHP):
        if biased >= top + 1:
            fp.flags |= IOC
            return sign << 15 | 0x7fff
    elif biased >= top:
        fp.flags |= OFC | IXC
        return infinity(size, sign) - (0 if to_infinity else 1)
    if error:
        fp.flags |= IXC
    return sign << size - 1 | biased << width | mant & (1 << width) - 1


def process_nan(fp, n):
    if n.kind == "snan":
        fp.flags |= IOC
    return default_nan(n.size) if fp.has(DN) else n.bits | 1 << FRACTION[n.size] - 1


def process_nans(fp, *numbers):
    for kind in ("snan", "qnan"):
        for n in numbers:
            if n.kind == kind:
                return process_nan(fp, n)
    return None


def exact_zero(fp, size):
    return int(fp.rounding == DOWN) << size - 1


def rounded_or_zero(fp, size, x):
    return fp_round(fp, size, x) if x else exact_zero(fp, size)


def add(fp, size, a, b, minus=0):
    x, y = Number(fp, size, a), Number(fp, size, b)
    nan = process_nans(fp, x, y)
    if nan is not None:
        return nan
    y_sign = y.sign ^ minus
    if x.kind == "inf" and y.kind == "inf" and x.sign != y_sign:
        return invalid(fp, size)
    if x.kind == "inf":
        return infinity(size, x.sign)
    if y.kind == "inf":
        return infinity(size, y_sign)
    if x.kind == "zero" and y.kind == "zero" and x.sign == y_sign:
        return x.sign << size - 1
    return rounded_or_zero(fp, size, x.value + (-y.value if minus else y.value))


def inf_times_zero(x, y):
    return {x.kind, y.kind} == {"inf", "zero"}


def mul(fp, size, a, b, extended=False):
    x, y = Number(fp, size, a), Number(fp, size, b)
    nan = process_nans(fp, x, y)
    if nan is not None:
        return nan
    sign = x.sign ^ y.sign
    if inf_times_zero(x, y):
        return sign << size - 1 | bias(size) + 1 << FRACTION[size] if extended else invalid(fp, size)
    if "inf" in (x.kind, y.kind):
        return infinity(size, sign)
    if "zero" in (x.kind, y.kind):
        return sign << size - 1
    return fp_round(fp, size, x.value * y.value)


def div(fp, size, a, b):
    x, y = Number(fp, size, a), Number(fp, size, b)
    nan = process_nans(fp, x, y)
    if nan is not None:
        return nan
    sign = x.sign ^ y.sign
    if (x.kind, y.kind) in (("inf", "inf"), ("zero", "zero")):
        return invalid(fp, size)
    if x.kind == "inf" or y.kind == "zero":
        if x.kind != "inf":
            fp.flags |= DZC
        return infinity(size, sign)
    if x.kind == "zero" or y.kind == "inf":
        return sign << size - 1
    return fp_round(fp, size, x.value / y.value)


def negated(size, bits):
    return bits ^ 1 << size - 1


def extreme(fp, size, a, b, maximum):
    x, y = Number(fp, size, a), Number(fp, size, b)
    nan = process_nans(fp, x, y)
    if nan is not None:
        return nan
    p, q = (math.inf * (1 - 2 * n.sign) if n.kind == "inf" else n.value for n in (x, y))
    n = x if (p > q if maximum else p < q) else y
    if n.kind == "inf":
        return infinity(size, n.sign)
    if n.kind == "zero":
        return (x.sign & y.sign if maximum else x.sign | y.sign) << size - 1
    return fp_round(fp, size, n.value)


def extreme_number(fp, size, a, b, maximum):
    x, y = Number(fp, size, a), Number(fp, size, b)
    loser = infinity(size, int(maximum))
    if x.kind == "qnan" and y.kind != "qnan":
        a = loser
    elif x.kind != "qnan" and y.kind == "qnan":
        b = loser
    return extreme(fp, size, a, b, maximum)


def step(fp, size, a, b, root):
    a = negated(size, a)
    x, y = Number(fp, size, a), Number(fp, size, b)
    nan = process_nans(fp, x, y)
    if nan is not None:
        return nan
    if inf_times_zero(x, y):
        return fp_round(Fp(0), size, Fraction(3, 2) if root else Fraction(2))
    if "inf" in (x.kind, y.kind):
        return infinity(size, x.sign ^ y.sign)
    product = x.value * y.value
    return rounded_or_zero(fp, size, (3 + product) / 2 if root else 2 + product)


def step_a32(fp, size, a, b, root):
    x, y = Number(fp, size, a), Number(fp, size, b)
    nan = process_nans(fp, x, y)
    if nan is not None:
        return nan
    product = 0 if inf_times_zero(x, y) else mul(fp, size, a, b)
    constant = fp_round(Fp(0), size, Fraction(3 if root else 2))
    if not root:
        return add(fp, size, constant, product, 1)
    p = Number(fp, size, product)
    if p.kind == "inf":
        return infinity(size, 1 - p.sign)
    return rounded_or_zero(fp, size, (3 - p.value) / 2)


def square_root(fp, size, a):
    x = Number(fp, size, a)
    if x.nan():
        return process_nan(fp, x)
    if x.kind == "zero":
        return x.sign << size - 1
    if x.sign:
        return invalid(fp, size)
    if x.kind == "inf":
        return infinity(size, 0)
    e = floor_log2(x.value) // 2
    scaled = x.value * Fraction(4) ** (200 - e)
    n = math.isqrt(scaled.numerator // scaled.denominator)
    sticky = Fraction(n * n) != scaled
    return fp_round(fp, size, (Fraction(n) + (Fraction(1, 2) if sticky else 0)) * TWO ** (e - 200))


def recip_estimate(a):
    assert 256 <= a < 512
    return ((1 << 19) // (a * 2 + 1) + 1) // 2


def recip_sqrt_estimate(a):
    assert 128 <= a < 512
    a = a * 2 + 1 if a < 256 else ((a >> 1 << 1) + 1) * 2
    b = 512
    while a * (b + 1) * (b + 1) < 1 << 28:
        b += 1
    return (b + 1) // 2


def parts(size, bits):
    """Exponent and the fraction as 52 bits."""
    width = FRACTION[size]
    return bits >> width & (1 << size - 1 - width) - 1, (bits & (1 << width) - 1) << 52 - width


def recpe(fp, size, a):
    x = Number(fp, size, a)
    if x.nan():
        return process_nan(fp, x)
    if x.kind == "inf":
        return x.sign << size - 1
    if x.kind == "zero":
        fp.flags |= DZC
        return infinity(size, x.sign)
    if abs(x.value) < TWO ** {16: -16, 32: -128, 64: -1024}[size]:
        fp.flags |= OFC | IXC
        to_infinity = {NEAREST: True, UP: not x.sign, DOWN: bool(x.sign), TO_ZERO: False}[fp.rounding]
        return infinity(size, x.sign) - (0 if to_infinity else 1)
    if fp.flushes(size) and abs(x.value) >= TWO ** {16: 14, 32: 126, 64: 1022}[size]:
        fp.flags |= UFC
        return x.sign << size - 1
    exp, fraction = parts(size, a)
    if exp == 0:
        if not fraction >> 51:
            exp, fraction = -1, fraction << 2 & (1 << 52) - 1
        else:
            fraction = fraction << 1 & (1 << 52) - 1
    result_exp = {16: 29, 32: 253, 64: 2045}[size] - exp
    fraction = (recip_estimate(256 | fraction >> 44) & 255) << 44
    if result_exp == 0:
        fraction = 1 << 51 | fraction >> 1
    elif result_exp == -1:
        result_exp, fraction = 0, 1 << 50 | fraction >> 2
    return x.sign << size - 1 | result_exp << FRACTION[size] | fraction >> 52 - FRACTION[size]


def rsqrte(fp, size, a):
    x = Number(fp, size, a)
    if x.nan():
        return process_nan(fp, x)
    if x.kind == "zero":
        fp.flags |= DZC
        return infinity(size, x.sign)
    if x.sign:
        return invalid(fp, size)
    if x.kind == "inf":
        return 0
    exp, fraction = parts(size, a)
    if exp == 0:
        while not fraction >> 51:
            fraction, exp = fraction << 1 & (1 << 52) - 1, exp - 1
        fraction = fraction << 1 & (1 << 52) - 1
    scaled = 128 | fraction >> 45 if exp & 1 else 256 | fraction >> 44
    result_exp = ({16: 44, 32: 380, 64: 3068}[size] - exp) // 2
    return result_exp << FRACTION[size] | (recip_sqrt_estimate(scaled) & 255) << FRACTION[size] - 8


def recpx(fp, size, a):
    x = Number(fp, size, a)
    if x.nan():
        return process_nan(fp, x)
    exp, _ = parts(size, a)
    top = (1 << size - 1 - FRACTION[size]) - 1
    return x.sign << size - 1 | (exp ^ top if exp else top - 1) << FRACTION[size]


def muladd(fp, size, addend, a, b, half=False):
    small = 16 if half else size
    z, x, y = Number(fp, size, addend), Number(fp, small, a), Number(fp, small, b)
    nan = process_nans(fp, z, x, y)
    if half and nan is not None:
        first = next(n for kind in ("snan", "qnan") for n in (z, x, y) if n.kind == kind)
        if first is not z:
            nan = default_nan(32) if fp.has(DN) else convert_nan(32, 16, nan)
    if z.kind == "qnan" and inf_times_zero(x, y):
        return invalid(fp, size)
    if nan is not None:
        return nan
    sign = x.sign ^ y.sign
    product_inf = "inf" in (x.kind, y.kind)
    if inf_times_zero(x, y) or (z.kind == "inf" and product_inf and z.sign != sign):
        return invalid(fp, size)
    if z.kind == "inf":
        return infinity(size, z.sign)
    if product_inf:
        return infinity(size, sign)
    if z.kind == "zero" and "zero" in (x.kind, y.kind) and z.sign == sign:
        return sign << size - 1
    return rounded_or_zero(fp, size, z.value + x.value * y.value)


def compare(fp, size, kind, a, b):
    """kind 0, 1: NZCV, quiet and signalling; 2, 3, 4: equal, greater or equal, greater."""
    x, y = Number(fp, size, a), Number(fp, size, b)
    if x.nan() or y.nan():
        if kind in (1, 3, 4) or "snan" in (x.kind, y.kind):
            fp.flags |= IOC
        return 3 if kind < 2 else 0
    p, q = (math.inf * (1 - 2 * n.sign) if n.kind == "inf" else n.value for n in (x, y))
    if kind < 2:
        return 6 if p == q else 8 if p < q else 2
    return int((p == q, p >= q, p > q)[kind - 2])


def convert_nan(to, size, bits):
    frac = bits << 52 - FRACTION[size] & (1 << 51) - 1
    return default_nan(to) | bits >> size - 1 << to - 1 | frac >> 52 - FRACTION[to]


def convert(fp, to, size, rounding, v):
    x = Number(fp, size, v, cv=True)
    alternative = to == 16 and fp.has(AHP)
    if x.nan():
        if x.kind == "snan" or alternative:
            fp.flags |= IOC
        return x.sign << 15 if alternative else default_nan(to) if fp.has(DN) else convert_nan(to, size, v)
    if x.kind == "inf":
        if not alternative:
            return infinity(to, x.sign)
        fp.flags |= IOC
        return x.sign << 15 | 0x7fff
    return fp_round(fp, to, x.value, rounding, cv=True) if x.value else x.sign << to - 1


def to_fixed(fp, size, bits, unsigned, fbits, rounding, v):
    x = Number(fp, size, v)
    if x.nan():
        fp.flags |= IOC
        return 0
    value = x.value if x.kind != "inf" else TWO ** 1000000 * (1 - 2 * x.sign)
    n, error = round_real(value * TWO ** fbits, rounding) if x.kind != "inf" else (int(value), 0)
    low, high = (0, (1 << bits) - 1) if unsigned else (-1 << bits - 1, (1 << bits - 1) - 1)
    if not low <= n <= high:
        fp.flags |= IOC
        n = low if n < low else high
    elif error:
        fp.flags |= IXC
    return n & (1 << bits) - 1


def from_fixed(fp, size, bits, unsigned, fbits, rounding, v):
    n = v - (1 << bits) if v >> bits - 1 and not unsigned else v
    return fp_round(fp, size, Fraction(n) / TWO ** fbits, rounding) if n else 0


def round_int(fp, size, how, rounding, v):
    x = Number(fp, size, v)
    if how >= 2:
        bits = 32 if how == 2 else 64
        least = 1 << size - 1 | bias(size) + bits - 1 << FRACTION[size]
        if x.nan() or x.kind == "inf":
            fp.flags |= IOC
            return least
    elif x.nan():
        return process_nan(fp, x)
    elif x.kind == "inf":
        return infinity(size, x.sign)
    if x.kind == "zero":
        return x.sign << size - 1
    n, error = round_real(x.value, rounding)
    if how >= 2 and not -1 << bits - 1 <= n < 1 << bits - 1:
        fp.flags |= IOC
        return least
    result = fp_round(fp, size, Fraction(n), TO_ZERO) if n else x.sign << size - 1
    if error and how:
        fp.flags |= IXC
    return result


def js(fp, v):
    """(result, Z)"""
    x = Number(fp, 64, v)
    if x.nan() or x.kind == "inf":
        fp.flags |= IOC
        return 0, 0
    n, error = round_real(x.value, TO_ZERO)
    if not -1 << 31 <= n < 1 << 31:
        fp.flags |= IOC
        return n & 0xffffffff, 0
    if error:
        fp.flags |= IXC
    return n & 0xffffffff, int(not error and not (x.value == 0 and v))


ARITHMETIC = {
    "add": add, "sub": lambda fp, s, a, b: add(fp, s, a, b, 1), "mul": mul, "div": div,
    "nmul": lambda fp, s, a, b: negated(s, mul(fp, s, a, b)),
    "mulx": lambda fp, s, a, b: mul(fp, s, a, b, True),
    "abd": lambda fp, s, a, b: add(fp, s, a, b, 1) & (1 << s - 1) - 1,
    "max": lambda fp, s, a, b: extreme(fp, s, a, b, True), "min": lambda fp, s, a, b: extreme(fp, s, a, b, False),
    "maxnm": lambda fp, s, a, b: extreme_number(fp, s, a, b, True),
    "minnm": lambda fp, s, a, b: extreme_number(fp, s, a, b, False),
    "recps": lambda fp, s, a, b: step(fp, s, a, b, False), "rsqrts": lambda fp, s, a, b: step(fp, s, a, b, True),
    "recps_a32": lambda fp, s, a, b: step_a32(fp, s, a, b, False),
    "rsqrts_a32": lambda fp, s, a, b: step_a32(fp, s, a, b, True),
}
UNARY = {"sqrt": square_root, "recpe": recpe, "rsqrte": rsqrte, "recpx": recpx}


def expect(name, fp, p, a, b, c):
    """The result; flags are in fp."""
    if name in ARITHMETIC:
        return ARITHMETIC[name](fp, p[0], a, b)
    if name in UNARY:
        return UNARY[name](fp, p[0], a)
    return {
        "muladd": lambda: muladd(fp, p[0], a, b, c),
        "muladd_half": lambda: muladd(fp, 32, a, b, c, half=True),
        "compare": lambda: compare(fp, p[0], p[1], a, b),
        "convert": lambda: convert(fp, p[0], p[1], p[2], a),
        "to_fixed": lambda: to_fixed(fp, p[0], p[1] >> 1, p[1] & 1, p[2], p[3], a),
        "from_fixed": lambda: from_fixed(fp, p[0], p[1] >> 1, p[1] & 1, p[2], p[3], a),
        "round_int": lambda: round_int(fp, p[0], p[1], p[2], a),
    }[name]()


def main():
    lines = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    bad, seen = 0, Counter()
    for line in lines:
        name, control, *rest = line.split()
        fp = Fp(int(control, 16))
        params = [int(x) for x in rest[:4]]
        a, b, c, result, flags = (int(x, 16) for x in rest[4:])
        if name == "js":
            want, z = js(fp, a)
            ok = (want, z) == (result, b)
        else:
            want = expect(name, fp, params, a, b, c)
            ok = want == result
        seen[name] += 1
        if not ok or fp.flags != flags:
            bad += 1
            if bad <= 20:
                print(f"{line}\n    expected {want:x} {fp.flags:x}")
    rare = [name for name in seen if seen[name] < len(lines) // 200]
    print(f"{len(lines)} cases of {len(seen)} functions, {bad} wrong")
    return 1 if bad or rare or len(seen) < 27 else 0


if __name__ == "__main__":
    sys.exit(main())
