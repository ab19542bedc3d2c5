#!/usr/bin/env python3
"""Random sequences of floating-point instructions in programs: dragoman must leave the same registers,
flags and modes as qemu-aarch64, on every tier. FPCR changes in the middle of sequences, each of which is
executed several times in different modes. Exit status 77 where qemu-aarch64 is missing.

usage: fp_sequences.py <decode-words program> <run-words program> <dragoman program> [sequences [seed]]
"""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import qemu_check
from qemu_check import Aarch64, BASE

ROUNDS, LENGTH = 6, 24
VECTORS, GPRS = 8, 8
ROW = 16 * VECTORS + 8 * GPRS + 8 * 4       # registers; FPCR, FPCR for the middle, FPSR, NZCV
MODES = (0, 0, 0, 1 << 24, 3 << 24, 1 << 25, 1 << 22, 2 << 22, 3 << 22, 3 << 22 | 3 << 24, 1 << 26, 1 << 19)


def instructions(rng, decode, run, count):
    """Words that are instructions and on which qemu can be relied."""
    rows = list(qemu_check.rows(Aarch64, decode, "aarch64", ("fp", "fp_vec")))
    words = []
    for _ in range(count):
        group, name, picture = rng.choice(rows)
        word = qemu_check.draw_word(Aarch64, rng, group, picture)
        if name != "fjcvtzs" and Aarch64.defined(name, word, None):
            words.append(word)
    text = "".join(f"{w:x} 0\n" for w in words)
    out = subprocess.run([run, "aarch64", "", "x0"], input=text, check=True, capture_output=True, text=True).stdout
    illegal = {int(line.split()[0]) for line in out.splitlines() if line.endswith("illegal")}
    return [w for i, w in enumerate(words) if i not in illegal]


def load_or_store(load):
    """Code for the registers of a row at x28 (before) or x29 (behind)."""
    base = 28 if load else 29
    code = [(0x3dc00000 if load else 0x3d800000) | k << 10 | base << 5 | k for k in range(VECTORS)]
    at = 16 * VECTORS + 8 * GPRS
    status = [(0xd51b4400, 0), (0xd51b4420, 16), (0xd51b4200, 24)] if load else \
             [(0xd53b4400, 0), (0xd53b4420, 16), (0xd53b4200, 24)]
    word = lambda r, place: (0xf9400000 if load else 0xf9000000) | place // 8 << 10 | base << 5 | r
    for register, place in status:
        code += [word(9, at + place), register | 9] if load else [register | 9, word(9, at + place)]
    if load:
        code.append(word(10, at + 8))
    return code + [word(k, 16 * VECTORS + 8 * k) for k in range(GPRS)]


def li(register, value):
    return [0xd2800000 | (value & 0xffff) << 5 | register, 0xf2a00000 | (value >> 16 & 0xffff) << 5 | register]


def program(rng, words, sequences, rows):
    code = []
    size = 4 * (sequences * (LENGTH + 80) + 40)
    data = BASE + 0x1000 + size
    out = data + len(rows) * ROW
    code += li(28, data) + li(29, out)
    for _ in range(sequences):
        code += li(27, ROUNDS)
        start = len(code)
        code += load_or_store(True)
        change = rng.randrange(LENGTH)
        for i in range(LENGTH):
            if i == change and rng.random() < 0.6:
                code.append(0xd51b440a)  # msr fpcr, x10
            elif rng.random() < 0.08:
                code.append(0xd53b4420 | rng.randrange(GPRS))  # mrs x, fpsr
            else:
                code.append(rng.choice(words))
        code += load_or_store(False)
        code += [0x91000000 | ROW << 10 | 28 << 5 | 28, 0x91000000 | ROW << 10 | 29 << 5 | 29]
        code.append(0xf1000400 | 27 << 5 | 27)  # subs x27, x27, #1
        code.append(0x54000001 | (start - len(code) & 0x7ffff) << 5)  # b.ne
    code += li(1, out) + li(2, len(rows) * ROW) + li(0, 1) + li(8, 64) + [0xd4000001]  # write
    code += li(0, 0) + li(8, 93) + [0xd4000001]  # exit
    text = b"".join(struct.pack("<I", w) for w in code)
    assert len(text) <= size, (len(text), size)
    body = text.ljust(size, b"\0") + b"".join(rows)
    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, BASE + 0x1000, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    end = 0x1000 + len(body)
    segment = struct.pack("<IIQQQQQQ", 1, 7, 0, BASE, BASE, end, end + len(rows) * ROW, 0x10000)
    return (header + segment).ljust(0x1000, b"\0") + body


def draw_row(rng):
    registers = Aarch64.before(rng, "fp_vec")
    x = registers[:GPRS]
    v = registers[len(Aarch64.gprs) + 2:len(Aarch64.gprs) + 2 + 2 * VECTORS]
    status = [rng.choice(MODES), rng.choice(MODES), rng.choice((0, 0, 16, 0x9f)), rng.getrandbits(4) << 28]
    return struct.pack(f"<{2 * VECTORS + GPRS + 4}Q", *v, *x, *status)


def main():
    decode, run, dragoman = sys.argv[1:4]
    sequences = int(sys.argv[4]) if len(sys.argv) > 4 else 40
    rng = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
    if not shutil.which("qemu-aarch64"):
        print("skipped: there is no qemu-aarch64 here")
        return 77
    words = instructions(rng, decode, run, 1500)
    rows = [draw_row(rng) for _ in range(sequences * ROUNDS)]
    failures = 0
    with tempfile.TemporaryDirectory() as d:
        path = os.path.join(d, "sequences")
        with open(path, "wb") as f:
            f.write(program(rng, words, sequences, rows))
        os.chmod(path, 0o755)
        want = subprocess.run(["qemu-aarch64", path], check=True, capture_output=True, timeout=60).stdout
        for tier in ("interp", "baseline", "llvm"):
            have = subprocess.run([dragoman, "--tier=" + tier, path], check=True, capture_output=True,
                                  timeout=100).stdout
            for i in range(len(rows)):
                if have[i * ROW:(i + 1) * ROW] != want[i * ROW:(i + 1) * ROW]:
                    failures += 1
                    if failures <= 8:
                        print(f"{tier}: sequence {i // ROUNDS}, round {i % ROUNDS}")
                        for name, part in (("qemu", want), ("ours", have)):
                            print("  ", name, struct.unpack_from(f"<{ROW // 8}Q", part, i * ROW))
    print(f"{len(set(words))} instructions, {sequences} sequences, {len(rows)} executions, {failures} differ")
    return 1 if failures or len(want) != len(rows) * ROW else 0


if __name__ == "__main__":
    sys.exit(main())
