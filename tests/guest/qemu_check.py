#!/usr/bin/env python3
"""Random integer instructions on random operands: every executor of the guest tests must leave the
same registers as qemu-ppc, a second opinion that shares no code with us. Results the manual leaves
undefined are not drawn. Exit status 77 where qemu-ppc is missing.

usage: qemu_check.py <decode-words program> <run-words program> [count [seed]]
"""
import itertools
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

QEMU = shutil.which("qemu-ppc") or shutil.which("qemu-ppc-static")
BASE = 0x10000000
GPRS = range(3, 13)  # operands; r0, r30 and r31 serve the frame around each instruction
VALUES = (0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffffe, 0x8000, 0xffff8000)
NOT_DRAWN = {
    "mfspr", "mtspr", "mftb",  # other registers than those compared
    "mcrxr",                   # illegal on qemu's default processor
    "mfocrf", "mtocrf",        # what they leave undefined depends on the processor
}
CHAPTERS = ("arith", "logic", "cr")


def rows(program):
    out = subprocess.run([program, "750", "--rows"], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        group, name, picture = line.split("\t")
        if group in CHAPTERS and name not in NOT_DRAWN:
            yield name, picture


def draw_word(rng, picture):
    registers = {c: rng.choice(GPRS) for c in "dab"}
    seen = {"d": 0, "a": 0, "b": 0}
    word = 0
    for c in picture.replace(" ", ""):
        if c in "01":
            bit = int(c)
        elif c == "-":
            bit = 0
        elif c in registers:
            bit = registers[c] >> (4 - seen[c]) & 1
            seen[c] += 1
        else:
            bit = rng.getrandbits(1)
        word = word << 1 | bit
    return word


def draw_value(rng):
    return rng.choice(VALUES) if rng.random() < 0.5 else rng.getrandbits(rng.choice((4, 16, 32)))


def defined(name, word, before):
    a, b = (before[(word >> s & 31) - 3] for s in (16, 11)) if name.startswith("div") else (0, 1)
    if name.startswith("divwu"):
        return b != 0
    if name.startswith("divw"):
        return b != 0 and (a, b) != (0x80000000, 0xffffffff)
    return True


def draw_cases(rng, table, count):
    cases = []
    for name, picture in itertools.cycle(table):
        if len(cases) == count:
            return cases
        word = draw_word(rng, picture)
        before = [draw_value(rng) for _ in GPRS] + [rng.getrandbits(32), rng.getrandbits(3) << 29]
        if defined(name, word, before):
            cases.append((name, word, before))


def program_of(cases):
    """A static ELF program: for each case load r3-r12, CR, XER, execute, store them; then write all."""
    row = 4 * len(cases[0][2])
    code_size = 4 * (4 + len(cases) * (2 * len(cases[0][2]) + 7) + 10)
    data = BASE + 0x1000 + code_size
    out = data + row * len(cases)
    code = []

    def li(r, v):
        code.extend((15 << 26 | r << 21 | v >> 16, 24 << 26 | r << 21 | r << 16 | v & 0xffff))

    li(30, data)
    li(31, out)
    for _, word, before in cases:
        for k, reg in ((len(GPRS), 0x7c0ff120), (len(GPRS) + 1, 0x7c0103a6)):
            code.extend((32 << 26 | 30 << 16 | 4 * k, reg))
        code.extend(32 << 26 | r << 21 | 30 << 16 | 4 * k for k, r in enumerate(GPRS))
        code.append(word)
        code.extend(36 << 26 | r << 21 | 31 << 16 | 4 * k for k, r in enumerate(GPRS))
        for k, reg in ((len(GPRS), 0x7c000026), (len(GPRS) + 1, 0x7c0102a6)):
            code.extend((reg, 36 << 26 | 31 << 16 | 4 * k))
        code.extend(14 << 26 | r << 21 | r << 16 | row for r in (30, 31))
    li(4, out)
    li(5, row * len(cases))
    code.extend((0x38000004, 0x38600001, 0x44000002))  # write(1, r4, r5)
    code.extend((0x38000001, 0x38600000, 0x44000002))  # exit(0)
    text = b"".join(struct.pack(">I", w) for w in code)
    assert len(text) <= code_size
    body = text.ljust(code_size, b"\0") + b"".join(struct.pack(f">{len(b)}I", *b) for _, _, b in cases)
    ident = b"\x7fELF\x01\x02\x01" + bytes(9)
    header = ident + struct.pack(">HHIIIIIHHHHHH", 2, 20, 1, BASE + 0x1000, 52, 0, 0, 52, 32, 1, 0, 0, 0)
    segment = struct.pack(">IIIIIIII", 1, 0, BASE, BASE, 0x1000 + len(body), 0x1000 + len(body) + row * len(cases),
                          7, 0x10000)
    return (header + segment).ljust(0x1000, b"\0") + body


def on_qemu(cases):
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "cases")
        with open(path, "wb") as f:
            f.write(program_of(cases))
        os.chmod(path, 0o755)
        out = subprocess.run([QEMU, path], check=True, capture_output=True, timeout=60).stdout
    n = len(cases[0][2])
    return [list(struct.unpack_from(f">{n}I", out, 4 * n * i)) for i in range(len(cases))]


def on_ours(program, cases):
    text = "".join(" ".join(f"{v:x}" for v in [word, *before]) + "\n" for _, word, before in cases)
    out = subprocess.run([program], input=text, check=True, capture_output=True, text=True, timeout=110).stdout
    for line in out.splitlines():
        index, executor, *values = line.split()
        yield int(index), executor, [int(v, 16) for v in values]


def main():
    if not QEMU:
        print("skipped: there is no qemu-ppc here")
        return 77
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 3000
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    table = list(rows(sys.argv[1]))
    cases = draw_cases(rng, table, count)
    theirs = on_qemu(cases)
    failures = compared = 0
    for index, executor, values in on_ours(sys.argv[2], cases):
        compared += 1
        if values != theirs[index]:
            failures += 1
            name, word, before = cases[index]
            if failures <= 20:
                show = lambda vs: " ".join(f"{v:x}" for v in vs)
                print(f"{name} {word:08x} on {executor}\n  before {show(before)}\n  qemu   {show(theirs[index])}\n"
                      f"  ours   {show(values)}")
    print(f"{len(table)} rows, {len(cases)} cases, {compared} comparisons, {failures} differ")
    return 1 if failures or compared < len(cases) else 0


if __name__ == "__main__":
    sys.exit(main())
