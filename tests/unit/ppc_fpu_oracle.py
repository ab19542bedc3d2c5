#!/usr/bin/env python3
"""Checks the lines of ppc_fpu_cases against the manual's rules over exact rational numbers.

Usage: ppc_fpu_oracle.py PROGRAM [COUNT [SEED]]
Shares nothing with fpu.c: operands are fractions, roots are integer roots of scaled fractions.
"""
import math
import subprocess
import sys
from fractions import Fraction

(ADD, SUB, MUL, DIV, SQRT, MADD, MSUB, NMADD, NMSUB, RSP, CTIW, CTIWZ, RES, RSQRTE) = range(1, 15)
CMPU, CMPO, SINGLE = 32, 33, 16
FX, FEX, VX, OX, UX, ZX, XX = (1 << n for n in (31, 30, 29, 28, 27, 26, 25))
VXSNAN, VXISI, VXIDI, VXZDZ, VXIMZ, VXVC = (1 << n for n in (24, 23, 22, 21, 20, 19))
FR, FI = 1 << 18, 1 << 17
VXSQRT, VXCVI = 1 << 9, 1 << 8
VE, OE, UE, ZE, XE = (1 << n for n in (7, 6, 5, 4, 3))
ALL_VX = VXSNAN | VXISI | VXIDI | VXZDZ | VXIMZ | VXVC | 1 << 10 | VXSQRT | VXCVI
DEFAULT_NAN = 0x7ff8 << 48
FPRF = {"qnan": 0x11, "inf": (5, 9), "normal": (4, 8), "denormal": (0x14, 0x18), "zero": (2, 0x12)}


class Operand:
    def __init__(self, bits):
        self.bits, self.sign = bits, bits >> 63
        exp, frac = bits >> 52 & 0x7ff, bits & (1 << 52) - 1
        self.nan = exp == 0x7ff and frac != 0
        self.snan = self.nan and not frac >> 51
        self.inf = exp == 0x7ff and frac == 0
        self.zero = exp == 0 and frac == 0
        if exp < 0x7ff:
            m = Fraction(frac + (1 << 52 if exp else 0)) * Fraction(2) ** (max(exp, 1) - 1075)
            self.value = -m if self.sign else m


class Outcome:
    """bits None: unchanged target. cls: name of the result class."""
    def __init__(self, bits, cls, sign, sticky=0, fr=0, fi=0):
        self.bits, self.sticky, self.fr, self.fi = bits, sticky, fr, fi
        self.fprf = FPRF[cls] if isinstance(FPRF[cls], int) else FPRF[cls][sign]


def invalid(why):
    return Outcome(DEFAULT_NAN, "qnan", 0, why)


def infinity(sign, sticky=0):
    return Outcome(sign << 63 | 0x7ff << 52, "inf", sign, sticky)


def zero(sign):
    return Outcome(sign << 63, "zero", sign)


def floor_log2(x):
    e = x.numerator.bit_length() - x.denominator.bit_length()
    return e if Fraction(2) ** e <= x else e - 1


def to_integer(x, rn, sign):
    """x >= 0 rounded to an integer: (value, inexact, incremented)."""
    whole = x.numerator // x.denominator
    rest = x - whole
    up = {0: rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole & 1),
          1: False, 2: rest > 0 and not sign, 3: rest > 0 and sign}[rn]
    return whole + (1 if up else 0), rest != 0, bool(up)


def encode(m, sign, wraps=False):
    """An exactly representable m > 0. wraps: of a single-precision result with an adjusted exponent,
    which operands that are no singles can carry out of the range of doubles."""
    e = floor_log2(m)
    if e < -1022 and not wraps:
        bits = m * Fraction(2) ** 1074
        assert bits.denominator == 1
        return sign << 63 | int(bits)
    frac = m / Fraction(2) ** e * (1 << 52)
    assert frac.denominator == 1
    return sign << 63 | (e + 1023 & 0x7ff) << 52 | int(frac) & (1 << 52) - 1


def rounded(m, sign, single, fpscr):
    digits, emin, emax, wrap = (24, -126, 127, 192) if single else (53, -1022, 1023, 1536)
    rn, e, sticky = fpscr & 3, floor_log2(m), 0
    tiny = e < emin
    if tiny and fpscr & UE:
        m, e, sticky = m * Fraction(2) ** wrap, e + wrap, UX
    quantum = Fraction(2) ** ((emin if tiny and not fpscr & UE else e) - digits + 1)
    n, fi, fr = to_integer(m / quantum, rn, sign)
    result = n * quantum
    if tiny and fi:
        sticky |= UX
    if not tiny and result >= Fraction(2) ** (emax + 1):
        if not fpscr & OE:
            if rn == 0 or rn == (3 if sign else 2):
                out = infinity(sign, OX | XX)
                out.fr = 1
            else:
                out = Outcome(encode((Fraction(2) - Fraction(2) ** (1 - digits)) * Fraction(2) ** emax, sign),
                              "normal", sign, OX | XX)
            out.fi = 1
            return out
        sticky |= OX
        result /= Fraction(2) ** wrap
    if fi:
        sticky |= XX
    if not result:
        out = zero(sign)
    else:
        cls = "denormal" if tiny and not fpscr & UE and result < Fraction(2) ** emin else "normal"
        out = Outcome(encode(result, sign, sticky & UX and fpscr & UE or sticky & OX), cls, sign)
    out.sticky, out.fi, out.fr = sticky, int(fi), int(fr)
    return out


def finish(x, single, fpscr, zero_sign):
    if x == 0:
        return zero(zero_sign)
    return rounded(abs(x), int(x < 0), single, fpscr)


def add(a, b, b_sign, single, fpscr):
    if a.inf or b.inf:
        if a.inf and b.inf and a.sign != b_sign:
            return invalid(VXISI)
        return infinity(a.sign if a.inf else b_sign)
    sign = a.sign if a.sign == b_sign else int(fpscr & 3 == 3)
    return finish(a.value + (b.value if b.sign == b_sign else -b.value), single, fpscr, sign)


def mul(a, c, single, fpscr):
    if a.inf or c.inf:
        return invalid(VXIMZ) if a.zero or c.zero else infinity(a.sign ^ c.sign)
    return finish(a.value * c.value, single, fpscr, a.sign ^ c.sign)


def div(a, b, single, fpscr):
    sign = a.sign ^ b.sign
    if a.inf:
        return invalid(VXIDI) if b.inf else infinity(sign)
    if b.inf:
        return zero(sign)
    if b.zero:
        return invalid(VXZDZ) if a.zero else infinity(sign, ZX)
    return finish(a.value / b.value, single, fpscr, sign)


def root(x):
    """A number that rounds as sqrt(x) does in any of the formats and modes."""
    e = floor_log2(x) // 2
    scaled = x * Fraction(4) ** (200 - e)
    n = math.isqrt(scaled.numerator // scaled.denominator)
    sticky = Fraction(n * n) != scaled
    return (Fraction(n) + (Fraction(1, 2) if sticky else 0)) * Fraction(2) ** (e - 200)


def sqrt(b, reciprocal, single, fpscr):
    if b.zero:
        return infinity(b.sign, ZX) if reciprocal else zero(b.sign)
    if b.sign:
        return invalid(VXSQRT)
    if b.inf:
        return zero(0) if reciprocal else infinity(0)
    return finish(root(1 / b.value if reciprocal else b.value), single, fpscr, 0)


def madd(a, b, c, b_sign, single, fpscr):
    sign = a.sign ^ c.sign
    if a.inf or c.inf:
        if a.zero or c.zero:
            return invalid(VXIMZ)
        return invalid(VXISI) if b.inf and b_sign != sign else infinity(sign)
    if b.inf:
        return infinity(b_sign)
    value = a.value * c.value + (b.value if b.sign == b_sign else -b.value)
    return finish(value, single, fpscr, sign if sign == b_sign else int(fpscr & 3 == 3))


def to_int(b, rn):
    out = Outcome(0, "zero", 0)
    out.fprf = 0
    low = 0
    if b.nan:
        low, out.sticky = 0x80000000, VXCVI | (VXSNAN if b.snan else 0)
    elif b.inf:
        low, out.sticky = (0x80000000 if b.sign else 0x7fffffff), VXCVI
    else:
        n, fi, fr = to_integer(abs(b.value), rn, b.sign)
        if n > (1 << 31 if b.sign else (1 << 31) - 1):
            low, out.sticky = (0x80000000 if b.sign else 0x7fffffff), VXCVI
        else:
            low, out.fi, out.fr = (-n if b.sign else n) & 0xffffffff, int(fi), int(fr)
            out.sticky = XX if fi else 0
    out.bits = 0xfff80000 << 32 | low
    return out


def negated(out):
    if out.fprf != FPRF["qnan"]:
        out.bits ^= 1 << 63
        for pair in FPRF.values():
            if isinstance(pair, tuple) and out.fprf in pair:
                out.fprf = pair[1 - pair.index(out.fprf)]
                break
    return out


def execute(op, a, b, c, fpscr):
    base, single = op & 15, bool(op & SINGLE) or op in (RSP, RES)
    uses = {ADD: (a, b), SUB: (a, b), DIV: (a, b), MUL: (a, c)}.get(base)
    if uses is None:
        uses = (a, b, c) if base in (MADD, MSUB, NMADD, NMSUB) else (b,)
    nans = [x for x in uses if x.nan]
    if base in (CTIW, CTIWZ):
        return to_int(b, 1 if base == CTIWZ else fpscr & 3)
    if nans:
        bits = nans[0].bits | 1 << 51
        bits = bits & ~0x1fffffff if single else bits
        out = Outcome(bits, "qnan", 0, VXSNAN if any(x.snan for x in nans) else 0)
        if len(uses) == 3 and ((a.inf and c.zero) or (a.zero and c.inf)):
            out.sticky |= VXIMZ
        return out
    one = Operand(0x3ff0 << 48)
    minus_b = 1 - b.sign
    out = {
        ADD: lambda: add(a, b, b.sign, single, fpscr),
        SUB: lambda: add(a, b, minus_b, single, fpscr),
        MUL: lambda: mul(a, c, single, fpscr),
        DIV: lambda: div(a, b, single, fpscr),
        SQRT: lambda: sqrt(b, False, single, fpscr),
        MADD: lambda: madd(a, b, c, b.sign, single, fpscr),
        MSUB: lambda: madd(a, b, c, minus_b, single, fpscr),
        NMADD: lambda: negated(madd(a, b, c, b.sign, single, fpscr)),
        NMSUB: lambda: negated(madd(a, b, c, minus_b, single, fpscr)),
        RSP: lambda: infinity(b.sign) if b.inf else finish(b.value, True, fpscr, b.sign),
        RES: lambda: div(one, b, True, fpscr),
        RSQRTE: lambda: sqrt(b, True, False, fpscr),
    }[base]()
    if base in (RES, RSQRTE):
        out.sticky &= ~XX
        out.fr = out.fi = 0
    return out


def summary(fpscr):
    fpscr &= ~(VX | FEX)
    if fpscr & ALL_VX:
        fpscr |= VX
    for x, e in ((VX, VE), (OX, OE), (UX, UE), (ZX, ZE), (XX, XE)):
        if fpscr & x and fpscr & e:
            fpscr |= FEX
    return fpscr


def compare(op, a, b, fpscr):
    sticky = 0
    if a.snan or b.snan:
        sticky = VXSNAN | (VXVC if op == CMPO and not fpscr & VE else 0)
    elif (a.nan or b.nan) and op == CMPO:
        sticky = VXVC
    if a.nan or b.nan:
        cc = 1
    else:
        x, y = (math.inf * (1 - 2 * v.sign) if v.inf else v.value for v in (a, b))
        cc = 8 if x < y else 4 if x > y else 2
    return raised(fpscr & ~0xf000 | cc << 12, sticky)


def raised(fpscr, sticky):
    return summary(fpscr | sticky | (FX if sticky & ~fpscr else 0))


def expect(op, a, b, c, fpscr):
    """(bits or None, fpscr)"""
    if op in (CMPU, CMPO):
        return 0, compare(op, a, b, fpscr)
    out = execute(op, a, b, c, fpscr)
    unchanged = (out.sticky & ALL_VX and fpscr & VE) or (out.sticky & ZX and fpscr & ZE)
    new = fpscr & ~(FR | FI) | (FR if out.fr else 0) | (FI if out.fi else 0)
    if not unchanged:
        new = new & ~0x1f000 | out.fprf << 12
    return None if unchanged else out.bits, raised(new, out.sticky)


def main():
    lines = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    bad = 0
    for line in lines:
        op, *rest = line.split()
        a, b, c, fpscr, bits, new, write = (int(x, 16) for x in rest)
        want, want_new = expect(int(op), Operand(a), Operand(b), Operand(c), fpscr)
        if (want if want is not None else bits, want is not None, want_new) != (bits, bool(write), new):
            bad += 1
            if bad <= 20:
                shown = "unchanged" if want is None else f"{want:016x}"
                print(f"{line}\n    expected {shown} {want_new:08x}")
    print(f"{len(lines)} cases, {bad} wrong")
    return 1 if bad or not lines else 0


if __name__ == "__main__":
    sys.exit(main())
