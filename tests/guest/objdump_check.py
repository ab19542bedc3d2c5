#!/usr/bin/env python3
"""Random words: what the front end takes for an instruction must be what GNU objdump calls it, and
what objdump calls by a name the front end knows must be known. objdump names much that no such
processor has; that is not compared. Exit status 77 where objdump is missing.

usage: objdump_check.py <decode-words program> [count [seed]]
"""
import random
import shutil
import subprocess
import sys
import tempfile

OBJDUMP = shutil.which("powerpc-linux-gnu-objdump")
MODELS = {"750": "750", "7450": "7450"}

# objdump's short names of special operands -> the row's mnemonic
ALIASES = {
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


def base_name(name, word):
    if word >> 26 in (16, 18):
        return {16: "bc", 18: "b"}[word >> 26]
    if word >> 26 == 19 and word >> 1 & 1023 in (16, 528):
        if word >> 1 & 1023 == 528 and not word >> 23 & 1:
            return "?"  # bcctr cannot count
        return {16: "bclr", 528: "bcctr"}[word >> 1 & 1023]
    dot = name.endswith(".")
    bare = name[:-1] if dot else name
    bare = ALIASES.get(name, ALIASES.get(bare, bare))
    if bare.startswith("tw"):
        return "twi" if word >> 26 == 3 else "tw"
    if word >> 26 == 31 and word >> 1 & 1023 == 339:
        return "mfspr"
    if word >> 26 == 31 and word >> 1 & 1023 == 467:
        return "mtspr"
    if word >> 26 == 31 and word >> 1 & 1023 == 371:
        return "mftb"
    return bare.rstrip(".")


def random_word(rng):
    op = rng.choice((31, 31, 31, 31, 63, 59, 19, rng.randrange(64)))
    return op << 26 | rng.getrandbits(26)


def objdump(words, model):
    with tempfile.NamedTemporaryFile(suffix=".bin") as f:
        f.write(b"".join(w.to_bytes(4, "big") for w in words))
        f.flush()
        out = subprocess.run([OBJDUMP, "-D", "-b", "binary", "-m", "powerpc", "-M", model, "-EB", f.name],
                             check=True, capture_output=True, text=True).stdout
    names = {}
    for line in out.splitlines():
        parts = line.split("\t")
        if len(parts) >= 3 and parts[0].strip().endswith(":"):
            names[int(parts[0].strip()[:-1], 16) // 4] = parts[2].split()[0]
    return names


def ours(program, words, model):
    text = "".join(f"{w:08x}\n" for w in words)
    out = subprocess.run([program, "ppc", model], input=text, check=True, capture_output=True, text=True).stdout
    return out.split("\n")


def mnemonics(program, model):
    """Names of the rows a model has."""
    out = subprocess.run([program, "ppc", model, "--rows"], check=True, capture_output=True, text=True).stdout
    return {line.split("\t")[1].rstrip(".") for line in out.splitlines()}


def main():
    if not OBJDUMP:
        print("skipped: there is no powerpc-linux-gnu-objdump here")
        return 77
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    failures = known = 0
    for model in MODELS:
        words = [random_word(rng) for _ in range(count)]
        theirs = objdump(words, MODELS[model])
        rows = mnemonics(sys.argv[1], model)
        for i, (word, name) in enumerate(zip(words, ours(sys.argv[1], words, model))):
            other = theirs.get(i, ".long")
            if other in (".long", ".word"):
                continue
            base = base_name(other, word)
            if name == "?" and base not in rows:
                continue
            known += 1
            if name.rstrip(".") != base:
                failures += 1
                if failures <= 40:
                    print(f"{word:08x} ({model}): {name}, objdump says {other}")
    print(f"{known} instructions compared, {failures} differ")
    return 1 if failures or not known else 0


if __name__ == "__main__":
    sys.exit(main())
