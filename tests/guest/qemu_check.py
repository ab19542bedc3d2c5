#!/usr/bin/env python3
"""Random instructions without memory on random operands: every executor of the guest tests must leave
the same registers as qemu's user mode, a second opinion that shares no code with us, and refuse what it
refuses. Results the manual leaves undefined are not drawn. Exit status 77 where qemu is missing.

usage: qemu_check.py <ppc|ppc-vec|aarch64> <decode-words program> <run-words program> [count [seed [table...]]]
"""
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

BASE = 0x10000000
CHUNK = 500  # cases a program: far jumps and displacements stay short


class Ppc:
    qemu, model, order, word = "qemu-ppc", "750", ">", "I"
    options = ()
    gprs = range(3, 13)  # operands; r0, r30 and r31 serve the frame around each instruction
    registers = [f"r{n}" for n in gprs] + ["cr", "xer"]
    pieces = len(registers)
    values = (0, 1, 2, 31, 32, 33, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 0xfffffffe, 0x8000, 0xffff8000)
    not_drawn = {
        "mfspr", "mtspr", "mftb",  # other registers than those compared
        "mcrxr",                   # illegal on qemu's default processor
        "mfocrf", "mtocrf",        # what they leave undefined depends on the processor
    }
    tables = ("arith", "logic", "cr")
    letters = "dab"

    @classmethod
    def register(cls, rng, group):
        return rng.choice(cls.gprs)

    @classmethod
    def before(cls, rng, group):
        draw = lambda: rng.choice(cls.values) if rng.random() < 0.5 else rng.getrandbits(rng.choice((4, 16, 32)))
        return [draw() for _ in cls.gprs] + [rng.getrandbits(32), rng.getrandbits(3) << 29]

    @staticmethod
    def defined(name, word, before):
        a, b = (before[(word >> s & 31) - 3] for s in (16, 11)) if name.startswith("div") else (0, 1)
        if name.startswith("divwu"):
            return b != 0
        if name.startswith("divw"):
            return b != 0 and (a, b) != (0x80000000, 0xffffffff)
        return True

    @classmethod
    def program(cls, cases):
        """A static ELF program: for each case load r3-r12, CR, XER, execute, store them; then write all."""
        row, n = 4 * cls.pieces, len(cls.gprs)
        code_size = 4 * (len(cases) * (2 * cls.pieces + 9) + 20)
        data = BASE + 0x1000 + code_size
        out = data + row * len(cases)
        code = []

        def li(r, v):
            code.extend((15 << 26 | r << 21 | v >> 16, 24 << 26 | r << 21 | r << 16 | v & 0xffff))

        li(30, data)
        li(31, out)
        for _, word, _ in cases:
            for k, reg in ((n, 0x7c0ff120), (n + 1, 0x7c0103a6)):
                code.extend((32 << 26 | 30 << 16 | 4 * k, reg))
            code.extend(32 << 26 | r << 21 | 30 << 16 | 4 * k for k, r in enumerate(cls.gprs))
            code.append(word)
            code.extend(36 << 26 | r << 21 | 31 << 16 | 4 * k for k, r in enumerate(cls.gprs))
            for k, reg in ((n, 0x7c000026), (n + 1, 0x7c0102a6)):
                code.extend((reg, 36 << 26 | 31 << 16 | 4 * k))
            code.extend(14 << 26 | r << 21 | r << 16 | row for r in (30, 31))
        li(4, out)
        li(5, row * len(cases))
        code.extend((0x38000004, 0x38600001, 0x44000002))  # write(1, r4, r5)
        code.extend((0x38000001, 0x38600000, 0x44000002))  # exit(0)
        text = b"".join(struct.pack(">I", w) for w in code)
        assert len(text) <= code_size
        body = text.ljust(code_size, b"\0") + b"".join(struct.pack(f">{cls.pieces}I", *b) for _, _, b in cases)
        ident = b"\x7fELF\x01\x02\x01" + bytes(9)
        header = ident + struct.pack(">HHIIIIIHHHHHH", 2, 20, 1, BASE + 0x1000, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        size = 0x1000 + len(body)
        segment = struct.pack(">IIIIIIII", 1, 0, BASE, BASE, size, size + row * len(cases), 7, 0x10000)
        return (header + segment).ljust(0x1000, b"\0") + body

    @staticmethod
    def result(pieces):
        return pieces


class PpcVectors:
    """AltiVec instructions: v3-v12, CR and VSCR before and behind."""
    qemu, model, order, word = "qemu-ppc", "7450", ">", "Q"
    options = ("-cpu", "7447")
    vectors = range(3, 13)
    registers = [f"v{n}" for n in vectors] + ["cr", "vscr"]
    pieces = 2 * len(vectors) + 2
    row = 16 * (len(vectors) + 2)  # the vectors, VSCR in a vector, CR
    tables = ("vec", "vec_int", "vec_fp")
    not_drawn = {
        "lvebx", "lvehx", "lvewx", "lvx", "lvxl", "lvsl", "lvsr", "stvebx", "stvehx", "stvewx", "stvx", "stvxl",
        "dst", "dstt", "dstst", "dststt", "dss", "dssall",
        "vrsqrtefp", "vexptefp", "vlogefp",  # the manual bounds their error
    }
    letters = "dabc"
    values = (0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x80808080,
              0x01010101, 0x7f80ff00, 0x00010000, 0x80007fff, 0xffff0001)
    floats = (0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7fa01234, 0xffd00001, 0x00800000,
              0x00000001, 0x807fffff, 0x7f7fffff, 0x4f000000, 0xcf000000, 0x4effffff, 0x4f800000, 0x40490fdb,
              0x80000000, 0x00ffffff, 0x00800001, 0x3f7fffff, 0x34000000, 0x4b000001, 0xbf000000, 0x3fc00000)

    @classmethod
    def register(cls, rng, group):
        return rng.choice(cls.vectors)

    @classmethod
    def before(cls, rng, group):
        def draw_word():
            pick = rng.random()
            if pick < (0.6 if group == "vec_fp" else 0.1):
                return rng.choice(cls.floats)
            return rng.choice(cls.values) if pick < 0.7 else rng.getrandbits(32)

        def draw():
            if rng.random() < 0.25:
                return rng.getrandbits(8) * 0x01010101 * ((1 << 128) // 0xffffffff)
            return sum(draw_word() << 32 * k for k in range(4))

        pieces = []
        for _ in cls.vectors:
            v = draw()
            pieces += [v & (1 << 64) - 1, v >> 64 & (1 << 64) - 1]
        return pieces + [rng.getrandbits(32), rng.getrandbits(1) << 16 | rng.getrandbits(1)]

    @classmethod
    def defined(cls, name, word, before):
        """vsl and vsr take one count, which stands in every byte."""
        if name not in ("vsl", "vsr"):
            return True
        n = (word >> 11 & 31) - 3
        return len({before[2 * n + k // 8] >> k % 8 * 8 & 7 for k in range(16)}) == 1

    @classmethod
    def program(cls, cases):
        """A static ELF program like Ppc's: r30 and r31 point to the rows before and behind, r4 counts vectors,
        v0 takes VSCR."""
        n = len(cls.vectors)
        code_size = 4 * (len(cases) * (4 * n + 24) + 20)
        code_size += -code_size % 16
        data = BASE + 0x1000 + code_size
        out = data + cls.row * len(cases)
        code = []

        def li(r, v):
            code.extend((15 << 26 | r << 21 | v >> 16, 24 << 26 | r << 21 | r << 16 | v & 0xffff))

        def vector(xo, v, base, at):
            code.extend((14 << 26 | 4 << 21 | at, 31 << 26 | v << 21 | base << 16 | 4 << 11 | xo << 1))

        li(30, data)
        li(31, out)
        for _, word, _ in cases:
            vector(103, 0, 30, 16 * n)
            code.append(4 << 26 | 1604)
            code.extend((32 << 26 | 5 << 21 | 30 << 16 | 16 * n + 16, 0x7c0ff120 | 5 << 21))
            for k, v in enumerate(cls.vectors):
                vector(103, v, 30, 16 * k)
            code.append(word)
            for k, v in enumerate(cls.vectors):
                vector(231, v, 31, 16 * k)
            code.append(4 << 26 | 1540)
            vector(231, 0, 31, 16 * n)
            code.extend((0x7c000026 | 5 << 21, 36 << 26 | 5 << 21 | 31 << 16 | 16 * n + 16))
            code.extend(14 << 26 | r << 21 | r << 16 | cls.row for r in (30, 31))
        li(4, out)
        li(5, cls.row * len(cases))
        code.extend((0x38000004, 0x38600001, 0x44000002))  # write(1, r4, r5)
        code.extend((0x38000001, 0x38600000, 0x44000002))  # exit(0)
        text = b"".join(struct.pack(">I", w) for w in code)
        assert len(text) <= code_size
        body = text.ljust(code_size, b"\0")
        for _, _, b in cases:
            v = b"".join(struct.pack(">QQ", b[2 * k + 1], b[2 * k]) for k in range(n))
            body += v + struct.pack(">QQIIQ", 0, b[-1], b[-2], 0, 0)
        ident = b"\x7fELF\x01\x02\x01" + bytes(9)
        header = ident + struct.pack(">HHIIIIIHHHHHH", 2, 20, 1, BASE + 0x1000, 52, 0, 0, 52, 32, 1, 0, 0, 0)
        size = 0x1000 + len(body)
        segment = struct.pack(">IIIIIIII", 1, 0, BASE, BASE, size, size + cls.row * len(cases), 7, 0x10000)
        return (header + segment).ljust(0x1000, b"\0") + body

    @classmethod
    def result(cls, pieces):
        n = 2 * len(cls.vectors)
        swapped = [pieces[k ^ 1] for k in range(n)]
        return swapped + [pieces[n + 2] >> 32, pieces[n + 1] & 0x10001]  # qemu keeps VSCR's reserved bits


class Aarch64:
    qemu, model, order, word = "qemu-aarch64", "", "<", "Q"
    options = ()
    gprs, vectors = range(0, 8), range(0, 8)
    registers = [f"x{n}" for n in gprs] + ["sp", "nzcv"] + [f"v{n}" for n in vectors] + ["fpcr", "fpsr"]
    pieces = len(gprs) + 2 + 2 * len(vectors) + 2
    values = (0, 1, 2, 31, 32, 63, 64, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fff, 0x8000, 0xff, 0x80,
              0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffffffe, 0xffffffff80000000,
              0x5555555555555555, 0x00ff00ff00ff00ff)
    floats = (0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
              0x7ff0000000000001, 0xfff8dead0000beef, 0x0010000000000000, 0x0000000000000001, 0x800fffffffffffff,
              0x7fefffffffffffff, 0x4330000000000001, 0x41dfffffffc00000, 0xc1e0000000000000, 0x3fe0000000000000,
              0x3f8000003f800000, 0x7f800000ff800000, 0x7fc000007fa00000, 0x00800000007fffff, 0x000000017f7fffff,
              0x4b00000140490fdb, 0xcf0000004effffff, 0x3c003c00bc00fc00, 0x7c017e00040003ff)
    not_drawn = {"adr", "adrp"}  # the pc differs
    tables = ("int", "bits", "fp", "fp_vec", "simd_int", "simd_wide", "simd_perm", "simd_sat", "simd_crypto")
    integer = ("int", "bits")
    letters = "dnmas"

    @classmethod
    def register(cls, rng, group):
        return 31 if group in cls.integer and rng.random() < 0.15 else rng.choice(cls.gprs)

    @classmethod
    def before(cls, rng, group):
        def draw():
            pick = rng.random()
            if pick < 0.4:
                return rng.choice(cls.values)
            return rng.getrandbits(rng.choice((4, 16, 32, 64))) if pick < 0.6 else rng.getrandbits(64)

        def draw_vector():
            pick = rng.random()
            if pick < 0.4:
                return rng.choice(cls.floats)
            if pick < 0.5:
                return sum(rng.choice(cls.floats) & 0xffffffff << 32 * k for k in range(2))
            return draw()

        vectors = 2 * len(cls.vectors)
        v = [0] * vectors if group in cls.integer else [draw_vector() for _ in range(vectors)]
        fp = group in ("fp", "fp_vec")
        # In half of the cases nothing but FZ and DN: the quick ways, which for FZ want IXC set.
        fpcr = rng.getrandbits(2) << 22 | rng.getrandbits(3) << 24 | rng.getrandbits(1) << 19 if fp else 0
        fpcr &= rng.choice((0, 3 << 24, 3 << 24, 0xffffffff))
        fpsr = (rng.getrandbits(8) & 0x9f) if fp and rng.random() < 0.5 else 0
        return [draw() for _ in cls.gprs] + [draw(), rng.getrandbits(4) << 28] + v + [fpcr, fpsr]

    @staticmethod
    def defined(name, word, before):
        # fcvtzs Hd, Hn, #fbits: qemu 7.2 extends a negative result to 32 bits; bits above 15 are 0 (C7.2, FCVTZS).
        if word & 0xfff0fc00 == 0x5f10fc00:
            return False
        # fjcvtzs: a denormal that is flushed is not exactly 0 (FPToFixedJS); qemu 7.2 takes it for that.
        return not (name == "fjcvtzs" and before and before[-2] >> 24 & 1)

    @classmethod
    def program(cls, cases):
        """A static ELF program: for each case load what `registers` names, execute, store it; SIGILL steps
        over the instruction and marks x27. x28 and x29 point to the values before and behind."""
        row_in, row_out = 8 * cls.pieces, 8 * (cls.pieces + 1)
        n, m = len(cls.gprs), 8 * (len(cls.gprs) + 2)
        code_size = 4 * (len(cases) * (2 * n + 4 * len(cls.vectors) + 24) + 100)
        data = BASE + 0x1000 + code_size
        out = (data + row_in * len(cases) + 15) & ~15
        code = []

        def li(r, v):
            code.append(0xd2800000 | (v & 0xffff) << 5 | r)
            code.append(0xf2a00000 | (v >> 16 & 0xffff) << 5 | r)

        def memory(load, r, at):
            base = 28 if load else 29
            code.append((0xf9400000 if load else 0xf9000000) | at // 8 << 10 | base << 5 | r)

        def vector(load, r, at):
            base = 28 if load else 29
            code.append(0x91000000 | at << 10 | base << 5 | 26)  # add x26, base, #at
            code.append((0x3dc00000 if load else 0x3d800000) | 26 << 5 | r)

        stack = out + row_out * len(cases)
        handler_at = BASE + 0x1000 + 4
        code.append(0x14000000 | 8)  # over the handler
        code.extend((0xf940dc43, 0x91001063, 0xf900dc43, 0xd2800023, 0xf900c843, 0xd65f03c0, 0xd503201f))
        # sigaltstack({stack, 0, 65536}), rt_sigaction(SIGILL, {handler, SA_ONSTACK | SA_SIGINFO | SA_NODEFER})
        args = stack + 65536
        li(0, args)
        li(1, stack)
        code.append(0xf9000001)
        code.append(0xf900041f)
        li(1, 65536)
        code.append(0xf9000801)
        li(1, 0)
        li(8, 132)
        code.append(0xd4000001)
        li(1, args)
        li(0, handler_at)
        code.append(0xf9000020)
        li(0, 0x48000004)
        code.append(0xf9000420)
        code.append(0xf900083f)
        code.append(0xf9000c3f)
        li(0, 4)
        li(2, 0)
        li(3, 8)
        li(8, 134)
        code.append(0xd4000001)
        li(28, data)
        li(29, out)
        for _, word, _ in cases:
            for k in range(len(cls.vectors)):
                vector(True, k, m + 16 * k)
            memory(True, 0, row_in - 16)
            code.append(0xd51b4400)  # fpcr
            memory(True, 0, row_in - 8)
            code.append(0xd51b4420)  # fpsr
            memory(True, 0, 8 * n + 8)
            code.append(0xd51b4200)  # nzcv
            memory(True, 0, 8 * n)
            code.append(0x9100001f)  # mov sp, x0
            code.append(0xd2800000 | 27)
            for k, r in enumerate(cls.gprs):
                memory(True, r, 8 * k)
            code.append(word)
            for k, r in enumerate(cls.gprs):
                memory(False, r, 8 * k)
            code.append(0x910003e0)
            memory(False, 0, 8 * n)
            for reg, at in ((0xd53b4200, 8 * n + 8), (0xd53b4400, row_in - 16), (0xd53b4420, row_in - 8)):
                code.append(reg)
                memory(False, 0, at)
            memory(False, 27, row_in)
            for k in range(len(cls.vectors)):
                vector(False, k, m + 16 * k)
            code.append(0x91000000 | row_in << 10 | 28 << 5 | 28)
            code.append(0x91000000 | row_out << 10 | 29 << 5 | 29)
        li(1, out)
        li(2, row_out * len(cases))
        li(0, 1)
        li(8, 64)
        code.append(0xd4000001)  # write(1, out, size)
        li(0, 0)
        li(8, 93)
        code.append(0xd4000001)  # exit(0)
        text = b"".join(struct.pack("<I", w) for w in code)
        assert len(text) <= code_size, (len(text), code_size)
        body = text.ljust(code_size, b"\0") + b"".join(struct.pack(f"<{cls.pieces}Q", *b) for _, _, b in cases)
        header = b"\x7fELF\x02\x01\x01" + bytes(9)
        header += struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, BASE + 0x1000, 64, 0, 0, 64, 56, 1, 0, 0, 0)
        size = 0x1000 + len(body)
        segment = struct.pack("<IIQQQQQQ", 1, 7, 0, BASE, BASE, size, args + 4096 - BASE, 0x10000)
        return (header + segment).ljust(0x1000, b"\0") + body

    @classmethod
    def result(cls, pieces):
        """Behind the registers stands whether the instruction was refused."""
        return "illegal" if pieces[-1] else pieces[:-1]


GUESTS = {"ppc": Ppc, "ppc-vec": PpcVectors, "aarch64": Aarch64}


def rows(guest, program, isa, tables):
    out = subprocess.run([program, isa, guest.model, "--rows"], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        group, name, picture = line.split("\t")
        if group in tables and name not in guest.not_drawn:
            yield group, name, picture.replace(" ", "")


def draw_word(guest, rng, group, picture):
    registers = {c: guest.register(rng, group) for c in guest.letters if picture.count(c) == 5}
    seen = {c: 0 for c in registers}
    word = 0
    for c in picture:
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


def draw_cases(guest, rng, table, count):
    cases = []
    for i in range(20 * count):
        if len(cases) == count:
            break
        group, name, picture = table[i % len(table)]
        word = draw_word(guest, rng, group, picture)
        before = guest.before(rng, group)
        if guest.defined(name, word, before):
            cases.append((name, word, before))
    return cases


def on_qemu(guest, cases):
    results = []
    for start in range(0, len(cases), CHUNK):
        part = cases[start:start + CHUNK]
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "cases")
            with open(path, "wb") as f:
                f.write(guest.program(part))
            os.chmod(path, 0o755)
            out = subprocess.run([guest.qemu, *guest.options, path], check=True, capture_output=True, timeout=60).stdout
        size = len(out) // len(part)
        n = size // struct.calcsize(guest.order + guest.word)
        for i in range(len(part)):
            results.append(guest.result(list(struct.unpack_from(f"{guest.order}{n}{guest.word}", out, size * i))))
    return results


def on_ours(guest, isa, program, cases):
    text = "".join(" ".join(f"{v:x}" for v in [word, *before]) + "\n" for _, word, before in cases)
    out = subprocess.run([program, isa, guest.model, *guest.registers], input=text, check=True, capture_output=True,
                         text=True, timeout=110).stdout
    for line in out.splitlines():
        index, executor, *values = line.split()
        yield int(index), executor, "illegal" if values == ["illegal"] else [int(v, 16) for v in values]


def show(values):
    return values if isinstance(values, str) else " ".join(f"{v:x}" for v in values)


def main():
    isa, decode, run = sys.argv[1:4]
    guest = GUESTS[isa]
    isa = isa.split("-")[0]
    if not shutil.which(guest.qemu):
        print(f"skipped: there is no {guest.qemu} here")
        return 77
    count = int(sys.argv[4]) if len(sys.argv) > 4 else 3000
    rng = random.Random(int(sys.argv[5]) if len(sys.argv) > 5 else 1)
    table = list(rows(guest, decode, isa, sys.argv[6:] or guest.tables))
    cases = draw_cases(guest, rng, table, count)
    theirs = on_qemu(guest, cases)
    failures = compared = 0
    for index, executor, values in on_ours(guest, isa, run, cases):
        compared += 1
        if values != theirs[index]:
            failures += 1
            name, word, before = cases[index]
            if failures <= 20:
                print(f"{name} {word:08x} on {executor}\n  before {show(before)}\n  qemu   {show(theirs[index])}\n"
                      f"  ours   {show(values)}")
    print(f"{len(table)} rows, {len(cases)} cases, {compared} comparisons, {failures} differ")
    return 1 if failures or compared < len(cases) else 0


if __name__ == "__main__":
    sys.exit(main())
