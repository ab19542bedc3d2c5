#!/usr/bin/env python3
"""Random words: what the front end takes for an instruction must be what GNU objdump calls it, and
what objdump calls by a name the front end knows must be known. objdump names much that no such
processor has; that is not compared. Exit status 77 where objdump is missing.

usage: objdump_check.py <ppc|aarch64> <decode-words program> [count [seed]]
"""
import random
import shutil
import subprocess
import sys
import tempfile

# objdump's short names of special operands -> the row's mnemonic
PPC_ALIASES = {
    "li": "addi", "lis": "addis", "subi": "addi", "subis": "addis", "la": "addi", "nop": "ori",
    "xnop": "xori", "mr": "or", "not": "nor", "sub": "subf", "subo": "subfo", "subc": "subfc",
    "subco": "subfco", "subic": "addic", "subic.": "addic.", "si": "addic", "si.": "addic.",
    "slwi": "rlwinm", "srwi": "rlwinm", "rotlwi": "rlwinm", "rotrwi": "rlwinm", "clrlwi": "rlwinm",
    "clrrwi": "rlwinm", "clrlslwi": "rlwinm", "extlwi": "rlwinm", "extrwi": "rlwinm",
    "rotlw": "rlwnm", "inslwi": "rlwimi", "insrwi": "rlwimi", "lwsync": "sync", "hwsync": "sync",
    "ptesync": "sync", "msync": "sync", "crset": "creqv", "crnot": "crnor", "crmove": "cror",
    "crclr": "crxor", "mtcr": "mtcrf", "trap": "tw", "mftbu": "mftb", "mftbl": "mftb",
    "dcbtt": "dcbt", "dcbtstt": "dcbtst", "dcbtct": "dcbt", "dcbtds": "dcbt", "dcbfl": "dcbf",
    "dcbflp": "dcbf",
    "cal": "addi", "cau": "addis", "oril": "ori", "muli": "mulli",
    "lm": "lmw", "stm": "stmw", "lu": "lwzu", "stu": "stwu", "lux": "lwzux", "stux": "stwux",
    "lsx": "lswx", "stsx": "stswx", "lsi": "lswi", "stsi": "stswi", "dcbtds": "dcbt",
    "dcbtstct": "dcbtst", "dcbtstds": "dcbtst", "dcbfps": "dcbf", "dcbstps": "dcbf",
    "dcbna": "dcbt", "tlbi": "tlbie", "mbar": "eieio",
}


class Ppc:
    objdump = "powerpc-linux-gnu-objdump"
    order = "big"
    models = ("750", "7450")

    @staticmethod
    def options(model):
        return ["-m", "powerpc", "-M", model, "-EB"]

    @staticmethod
    def random_word(rng):
        op = rng.choice((31, 31, 31, 31, 63, 59, 19, rng.randrange(64)))
        return op << 26 | rng.getrandbits(26)

    # invalid forms have a name all the same
    @staticmethod
    def own_name(name):
        return name.removesuffix(" illegal").rstrip(".")

    # objdump names what this processor lacks, and not what it takes for reserved
    @staticmethod
    def comparable(name, other, word):
        return other not in (".long", ".word")

    @staticmethod
    def base_name(name, word):
        if word >> 26 in (16, 18):
            return {16: "bc", 18: "b"}[word >> 26]
        if word >> 26 == 19 and word >> 1 & 1023 in (16, 528):
            if word >> 1 & 1023 == 528 and not word >> 23 & 1:
                return "?"  # bcctr cannot count
            return {16: "bclr", 528: "bcctr"}[word >> 1 & 1023]
        dot = name.endswith(".")
        bare = name[:-1] if dot else name
        bare = PPC_ALIASES.get(name, PPC_ALIASES.get(bare, bare))
        if bare.startswith("tw"):
            return "twi" if word >> 26 == 3 else "tw"
        if word >> 26 == 31 and word >> 1 & 1023 == 339:
            return "mfspr"
        if word >> 26 == 31 and word >> 1 & 1023 == 467:
            return "mtspr"
        if word >> 26 == 31 and word >> 1 & 1023 == 371:
            return "mftb"
        return bare.rstrip(".")


class Aarch64:
    objdump = "aarch64-linux-gnu-objdump"
    order = "little"
    models = ("",)

    @staticmethod
    def options(model):
        return ["-m", "aarch64", "-M", "no-aliases"]

    @staticmethod
    def random_word(rng):
        word = rng.getrandbits(32)
        if rng.random() < 0.3:
            word &= rng.getrandbits(32) | 0x1e000000
        if word >> 25 & 15 < 4:
            word = word & ~(15 << 25) | rng.randrange(4, 16) << 25
        return word

    @staticmethod
    def own_name(name):
        if name.endswith(" illegal") and name.split()[0] not in ("hlt", "udf"):
            return "?"
        return name.split()[0]

    @staticmethod
    def comparable(name, other, word):
        if other in ("mrs", "msr"):
            return False  # system registers user mode does not reach
        if other in ("smax", "smin", "umax", "umin", "abs", "cnt", "ctz") and word >> 24 & 14 != 14:
            return False  # of general registers: a later extension; of vectors we have them
        if other.startswith(("fmlal", "fmlsl")) and word >> 22 & 1 and word >> 24 & 31 == 14:
            return False  # sz = 1 is unallocated; objdump does not look at it
        if other == ".inst" and word >> 24 & 0x3f == 8:
            return False  # exclusives and acquire: fields of ones, which are ignored
        t, n, t2 = word & 31, word >> 5 & 31, word >> 10 & 31
        if other == ".inst" and name.startswith("ldp"):
            return t2 not in (t, n) and t != n  # unpredictable, but executed
        return True

    @staticmethod
    def base_name(name, word):
        if name in (".inst", ".word"):
            return "?"
        return "b.cond" if name.startswith("b.") else name


GUESTS = {"ppc": Ppc, "aarch64": Aarch64}


def objdump(guest, words, model):
    with tempfile.NamedTemporaryFile(suffix=".bin") as f:
        f.write(b"".join(w.to_bytes(4, guest.order) for w in words))
        f.flush()
        out = subprocess.run([guest.objdump, "-D", "-b", "binary", *guest.options(model), f.name], check=True,
                             capture_output=True, text=True).stdout
    names = {}
    for line in out.splitlines():
        parts = line.split("\t")
        if len(parts) >= 3 and parts[0].strip().endswith(":"):
            names[int(parts[0].strip()[:-1], 16) // 4] = parts[2].split()[0]
    return names


def ours(program, isa, words, model):
    text = "".join(f"{w:08x}\n" for w in words)
    out = subprocess.run([program, isa, model], input=text, check=True, capture_output=True, text=True).stdout
    return out.split("\n")


def mnemonics(program, isa, model):
    """Names of the rows a model has."""
    out = subprocess.run([program, isa, model, "--rows"], check=True, capture_output=True, text=True).stdout
    return {line.split("\t")[1].rstrip(".") for line in out.splitlines()}


def main():
    isa, program = sys.argv[1:3]
    guest = GUESTS[isa]
    if not shutil.which(guest.objdump):
        print(f"skipped: there is no {guest.objdump} here")
        return 77
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 60000
    rng = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
    failures = known = 0
    for model in guest.models:
        words = [guest.random_word(rng) for _ in range(count)]
        theirs = objdump(guest, words, model)
        rows = mnemonics(program, isa, model)
        for i, (word, name) in enumerate(zip(words, ours(program, isa, words, model))):
            name, other = guest.own_name(name), theirs.get(i, ".long")
            if not guest.comparable(name, other, word):
                continue
            base = guest.base_name(other, word)
            if name == "?" and base not in rows:
                continue
            known += 1
            if name != base:
                failures += 1
                if failures <= 40:
                    print(f"{word:08x} ({model}): {name}, objdump says {other}")
    print(f"{known} instructions compared, {failures} differ")
    return 1 if failures or not known else 0


if __name__ == "__main__":
    sys.exit(main())
