#!/usr/bin/env python3
"""Random A32 or T32 instructions without memory on random operands: every executor of the guest tests must
leave the same registers as qemu-arm, and refuse what it refuses. What is UNPREDICTABLE is not compared. Exit
status 77 where qemu-arm is missing.

usage: qemu_arm.py <arm|thumb> <decode-words program> <run-words program> [count [seed [table...]]]
"""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile


QEMU = shutil.which("qemu-arm") or shutil.which("qemu-arm-static")
BASE = 0x10000
CHUNK = 400
GPRS, DOUBLES = range(8), range(8)
REGISTERS = [f"r{n}" for n in GPRS] + ["cpsr", "fpscr"] + [f"d{n}" for n in DOUBLES]
ROW = "<" + "I" * 10 + "Q" * 8  # one case's registers in memory
FLAGS = 0xf80f0000
TABLES = ("data", "multiply", "media", "vfp_move", "vfp", "neon_int", "neon_fp", "neon_perm")
# Some of their operands are UNPREDICTABLE: refused here, not there.
UNPREDICTABLE = ("sbfx", "ubfx", "bfi", "bfc", "vcvt", "vtrn", "vuzp", "vzip")
VALUES = (0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffffe, 0x8000, 0xffff8000,
          0x7fff, 0x7fff7fff, 0x80008000, 0x80, 0xff, 0x7f807f80, 0x00ff00ff)
FLOATS = (0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
          0x7ff0000000000001, 0xfff8dead0000beef, 0x0010000000000000, 0x0000000000000001, 0x800fffffffffffff,
          0x7fefffffffffffff, 0x4330000000000001, 0x41dfffffffc00000, 0xc1e0000000000000, 0x3fe0000000000000,
          0x3f8000003f800000, 0x7f800000ff800000, 0x7fc000007fa00000, 0x00800000007fffff, 0x000000017f7fffff,
          0x4b00000140490fdb, 0xcf0000004effffff, 0x3c003c00bc00fc00, 0x7c017e00040003ff, 0, 0x8000000080000000)


def rows(program, isa, tables):
    out = subprocess.run([program, isa, "", "--rows"], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        group, name, picture = line.split("\t")
        if picture.startswith(("10101", "10110000")):  # sp
            continue
        if group in tables and name not in ("vldr", "vstr", "vldm", "vstm", "vmsr", "udf", "adr"):
            yield group, name, picture.replace(" ", "")


def draw_word(rng, group, picture):
    """Operands are r0-r7, d0-d7 and what of s0-s15 is inside; other letters are random bits."""
    count = {c: picture.count(c) for c in "dnmsatu"}
    value = {c: rng.getrandbits(3) for c in count}
    vectors = group.startswith(("vfp", "neon"))
    if group.startswith("neon") and "Q" in picture:
        value.update({c: value[c] & 6 for c in "dnm"})
    double = "1011" in picture[20:24] or group.startswith("neon")
    value.update({"D": 0, "N": 0, "M": 0} if vectors and double else {})
    if "u" in picture:
        value["u"] = value["t"] ^ 1
    if picture.count("a") and "d" in picture and value["a"] == value["d"]:
        value["a"] ^= 1
    if "Z" in picture and picture[8] == "1":  # size 3 is another space, part of it ARMv8.2's halves
        value["Z"], count["Z"] = rng.randrange(3), 2
    value["c"] = 14 if rng.random() < 0.7 else rng.randrange(14)
    count["c"] = 4
    seen = {}
    word = 0
    for c in picture:
        if c in "01":
            bit = int(c)
        elif c == "-":
            bit = 0
        elif c in value:
            n = count.get(c, 1)
            k = seen.get(c, 0)
            bit = value[c] >> (n - 1 - k) & 1
            seen[c] = k + 1
        else:
            bit = rng.getrandbits(1)
        word = word << 1 | bit
    return word


def draw_before(rng, group):
    def word():
        pick = rng.random()
        return rng.choice(VALUES) if pick < 0.5 else rng.getrandbits(rng.choice((4, 8, 16, 32)))

    def double():
        pick = rng.random()
        if pick < 0.5:
            return rng.choice(FLOATS)
        if pick < 0.7:
            return rng.choice(FLOATS) & 0xffffffff | rng.choice(FLOATS) & 0xffffffff << 32
        return rng.getrandbits(64)

    fp = group.startswith(("vfp", "neon"))
    # Cumulative flags: with IXC set, Advanced SIMD works in another way.
    fpscr = rng.getrandbits(4) << 28 | (rng.getrandbits(8) & 0x9f if fp and rng.random() < 0.5 else 0)
    if fp and rng.random() < 0.3:
        fpscr |= rng.getrandbits(2) << 22 | rng.getrandbits(3) << 24
    cpsr = rng.getrandbits(5) << 27 | rng.getrandbits(4) << 16
    return [word() for _ in GPRS] + [cpsr, fpscr] + [double() if fp else 0 for _ in DOUBLES]


def program_of(cases, thumb):
    """For each case: FPSCR, d0-d7, flags, r0-r7 from r8, the instruction, and back to r9. SIGILL steps over it
    and sets r10."""
    size_in = struct.calcsize(ROW)
    size_out = size_in + 8
    code_size = 4 * (len(cases) * 40 + 60)
    data = BASE + 0x1000 + code_size
    out = (data + size_in * len(cases) + 15) & ~15
    end = out + size_out * len(cases)
    code = []

    def li(r, v):
        code.append(0xe3000000 | (v >> 12 & 15) << 16 | r << 12 | v & 0xfff)
        code.append(0xe3400000 | (v >> 28) << 16 | r << 12 | v >> 16 & 0xfff)

    code.append(0xea000005)  # over the handler
    handler = BASE + 0x1000 + 4
    code.extend((0xe592305c, 0xe2833004, 0xe582305c, 0xe3a03001, 0xe5823048, 0xe12fff1e))
    li(1, end)
    li(0, handler)
    code.append(0xe5810000)
    li(0, 4)  # SA_SIGINFO
    code.append(0xe5810004)
    li(0, 0)
    code.extend((0xe5810008, 0xe581000c, 0xe5810010))
    li(0, 4)
    li(2, 0)
    li(3, 8)
    li(7, 174)
    code.append(0xef000000)
    li(8, data)
    li(9, out)
    for _, word, _ in cases:
        code.extend((
            0xe5980024, 0xeee10a10,  # ldr r0, [r8, #36]; vmsr fpscr, r0
            0xe288b028, 0xec9b0b10,  # add r11, r8, #40; vldmia r11, {d0-d7}
            0xe5980020, 0xe12cf000,  # ldr r0, [r8, #32]; msr cpsr_fs, r0
            0xe3a0a000,              # mov r10, #0
            0xe89800ff))             # ldm r8, {r0-r7}
        if thumb:
            code.extend((0xe28fc001, 0xe12fff1c, word, 0x46c04778))  # add ip, pc, #1; bx ip; ...; bx pc; nop
        else:
            code.append(word)
        code.extend((
            0xe88900ff, 0xe10f0000, 0xe5890020, 0xeef10a10, 0xe5890024,
            0xe289b028, 0xec8b0b10, 0xe589a000 | size_in,
            0xe2888000 | size_in, 0xe2899000 | size_out))
    li(0, 1)
    li(1, out)
    li(2, size_out * len(cases))
    li(7, 4)
    code.append(0xef000000)
    li(0, 0)
    li(7, 1)
    code.append(0xef000000)
    text = b"".join(struct.pack("<I", w) for w in code)
    assert len(text) <= code_size
    body = text.ljust(code_size, b"\0") + b"".join(struct.pack(ROW, *b) for _, _, b in cases)
    header = b"\x7fELF\x01\x01\x01" + bytes(9)
    header += struct.pack("<HHIIIIIHHHHHH", 2, 40, 1, BASE + 0x1000, 52, 0, 0x05000400, 52, 32, 1, 0, 0, 0)
    size = 0x1000 + len(body)
    segment = struct.pack("<IIIIIIII", 1, 0, BASE, BASE, size, end + 4096 - BASE, 7, 0x1000)
    return (header + segment).ljust(0x1000, b"\0") + body


def on_qemu(cases, thumb):
    results = []
    for start in range(0, len(cases), CHUNK):
        part = cases[start:start + CHUNK]
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "cases")
            with open(path, "wb") as f:
                f.write(program_of(part, thumb))
            os.chmod(path, 0o755)
            out = subprocess.run([QEMU, "-cpu", "max", path], check=True, capture_output=True, timeout=60).stdout
        size = struct.calcsize(ROW) + 8
        for i in range(len(part)):
            values = list(struct.unpack_from(ROW, out, size * i))
            marked = struct.unpack_from("<I", out, size * i + size - 8)[0]
            values[8] = values[8] & FLAGS | (0x30 if thumb else 0x10)
            results.append("illegal" if marked else values)
    return results


def on_ours(isa, program, cases):
    thumb = isa == "thumb"
    lines = []
    for _, word, before in cases:
        before = list(before)
        before[8] |= 0x30 if thumb else 0x10
        lines.append(" ".join(f"{v:x}" for v in [word, *before]))
    out = subprocess.run([program, isa, "", *REGISTERS], input="\n".join(lines) + "\n", check=True,
                         capture_output=True, text=True, timeout=110).stdout
    for line in out.splitlines():
        index, executor, *values = line.split()
        yield int(index), executor, "illegal" if values == ["illegal"] else [int(v, 16) for v in values]


def show(values):
    return values if isinstance(values, str) else " ".join(f"{v:x}" for v in values)


def main():
    isa, decode, run = sys.argv[1:4]
    thumb = isa == "thumb"
    if not QEMU:
        print("skipped: there is no qemu-arm here")
        return 77
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 3000
    rng = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
    table = list(rows(decode, isa, sys.argv[6:] or TABLES))
    cases = []
    for i in range(count):
        group, name, picture = table[i % len(table)]
        word = draw_word(rng, group, picture)
        if len(picture) == 16:
            word |= 0xbf000000
        elif thumb:
            word = (word & 0xffff) << 16 | word >> 16
        cases.append((name, word, draw_before(rng, group)))
    theirs = on_qemu(cases, thumb)
    failures = compared = 0
    for index, executor, values in on_ours(isa, run, cases):
        compared += 1
        name, word, before = cases[index]
        if values != theirs[index] and not (values == "illegal" and name in UNPREDICTABLE):
            failures += 1
            if failures <= 20:
                print(f"{name} {word:08x} on {executor}\n  before {show(before)}\n  qemu   {show(theirs[index])}\n"
                      f"  ours   {show(values)}")
    print(f"{len(table)} rows, {len(cases)} cases, {compared} comparisons, {failures} differ")
    return 1 if failures or compared < len(cases) else 0


if __name__ == "__main__":
    sys.exit(main())
