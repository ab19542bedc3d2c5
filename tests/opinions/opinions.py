#!/usr/bin/env python3
"""Second opinions on decoding. Encodings of every row, neighbours of them and random words go to LLVM's and GNU's
disassemblers: what they call an instruction must be one here, by the same name, of the same size; what they refuse must be refused
here; what they know by a name the front end has must not be undefined here. Differences that are theirs stand in
explained.txt. Registers that a row's letters name must stand at the same place of LLVM's operands in all its encodings.
Exit status 77 when neither is installed.

usage: opinions.py GUEST DECODE_WORDS [--seed N|time] [--words N] [--explained FILE] [--unknown]

--words: encodings drawn of each row (3). --unknown lists names that others have for words that are undefined here.
"""
import argparse
import collections
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from fnmatch import fnmatchcase

CONDITIONS = "eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al"


class Opinion:
    """What another disassembler says: its mnemonic, and its operands; soft: with a warning."""
    def __init__(self, text, soft=False):
        self.name, _, self.operands = text.strip().partition("\t")
        if " " in self.name:
            self.name, _, self.operands = self.name.partition(" ")
        self.soft = soft


def names(text):
    """{"a b": "c"} from lines "a b: c"."""
    table = collections.defaultdict(set)
    for line in text.strip().splitlines():
        left, right = line.split(":")
        for name in left.split():
            table[name] |= set(right.split())
    return table


class Guest:
    """What is particular to a guest's names and to how its words are shown to the others."""
    model, order, aliases = "", "little", {}
    letters, numbers = "dtunmas", {}    # that pictures name registers by, in the order of operands; registers that have names
    ordered = True

    def letters_of(self, mnemonic):
        return self.letters

    def is_register(self, row, letter, value):
        """Whether the field names a register on its own, which others print as such."""
        return True

    def bytes(self, word):
        return word.to_bytes(4, self.order)

    def size(self, word):
        return 4

    def filler(self, word):
        """Words behind one that changes what follows."""
        return []

    def same(self, row, theirs, word):
        """Whether their name may stand for the row's."""
        return row == theirs or row in self.aliases.get(theirs, ())

    def knows(self, known, theirs, word):
        return any(self.same(row, theirs, word) for row in known)


class Aarch64(Guest):
    llvm = ["--triple=aarch64", "-M", "no-aliases", "--mattr=+v8.4a,+crc,+lse,+aes,+sha2,+sha3,+sm4,+fp16fml,+bf16,+i8mm,"
            "+fullfp16,+rcpc-immo,+altnzcv,+fptoint,+sb,+bti,+ccdp,+rdm,+dotprod,+complxnum,+jsconv,+flagm"]
    objdump = ["aarch64-linux-gnu-objdump", "-m", "aarch64", "-M", "no-aliases"]
    aliases = names("""
        b.eq b.ne b.hs b.lo b.mi b.pl b.vs b.vc b.hi b.ls b.ge b.lt b.gt b.le b.al b.nv b.cs b.cc: b.cond
        nop yield wfe wfi sev sevl bti csdb esb psb tsb dgh: hint
        mov: movz movn orr dup ins umov
        bfi bfxil bfc: bfm
        sbfx sbfiz asr: sbfm
        ubfx ubfiz lsr lsl: ubfm
        lsl: lslv
        lsr: lsrv
        asr: asrv
        ror: rorv
        sys: dc ic
        """)

    letters, numbers = "dtunma", {"sp": 31, "wsp": 31, "xzr": 31, "wzr": 31}

    def is_register(self, row, letter, value):
        group, mnemonic, picture = row
        if group == "sys" or mnemonic.startswith("prf"):
            return False
        return letter != "m" or not (set("lLM") & set(picture) or (group == "simd_mem" and value == 31))

    def same(self, row, theirs, word):
        return super().same(row.split()[0], theirs, word)


class Ppc(Guest):
    """"." is in our names only where it is not a bit of the encoding."""
    model, order = "7450", "big"
    llvm = ["--triple=powerpc-unknown-linux-gnu", "--mcpu=7450", "--mattr=+altivec"]
    objdump = ["powerpc-linux-gnu-objdump", "-m", "powerpc", "-M", "7450", "-EB"]
    aliases = names("""
        li la: addi
        lis: addis
        nop: ori
        xnop: xori
        mr: or
        not: nor
        sub: subf
        subo: subfo
        subc: subfc
        subco: subfco
        slwi srwi rotlwi rotrwi clrlwi clrrwi clrlslwi extlwi extrwi: rlwinm
        rotlw: rlwnm
        inslwi insrwi: rlwimi
        lwsync hwsync ptesync msync phwsync plwsync: sync
        crset: creqv
        crnot: crnor
        crmove: cror
        crclr: crxor
        mtcr: mtcrf
        trap: tw
        mftbu mftbl: mftb
        dcbtt dcbtct dcbtds dcbna: dcbt
        dcbtstt dcbtstct dcbtstds: dcbtst
        dcbfl dcbflp dcbfps dcbstps: dcbf
        mbar: eieio
        tlbi: tlbie
        lnia: bc
        vmr: vor
        vnot: vnor
        """)

    letters, ordered = "dsabc", False   # whose order depends on the instruction

    def is_register(self, row, letter, value):
        return value != 0

    def same(self, row, theirs, word):
        bare, op, extended = theirs.rstrip("."), word >> 26, word >> 1 & 1023
        if row == theirs or row == bare or row in self.aliases.get(bare, ()):
            return True
        if row in ("b", "bc"):
            return op == (18 if row == "b" else 16) and bare.startswith("b")
        if row in ("bclr", "bcctr"):
            return (op, extended) == (19, 16 if row == "bclr" else 528) and bare.startswith("b")
        if row in ("tw", "twi"):
            return op == (3 if row == "twi" else 31) and bare.startswith("tw")
        number = {"mfspr": 339, "mtspr": 467, "mftb": 371}.get(row)
        return op == 31 and extended == number and bare.startswith(row[:2])


class Arm(Guest):
    """Names are followed by what selects a variant, S, the condition and the types of operands."""
    llvm = ["--triple=armv8a", "--mattr=+neon,+fp-armv8,+crypto,+crc,+aes,+sha2"]
    objdump = ["arm-linux-gnueabihf-objdump", "-m", "arm"]
    aliases = names("""
        nop yield wfe wfi sev sevl esb dbg csdb psb tsb bti clearbhb pac pacbti aut: hint nop
        lsl lsr asr ror rrx: mov
        push: str stm stmdb
        pop: ldr ldm
        vpush: vstm
        vpop: vldm
        fldmdbx fldmiax: vldm
        fstmdbx fstmiax: vstm
        tbh: tbb
        pkhtb: pkhbt
        ssbb pssbb dfb: dsb
        neg: rsb
        cpy: mov
        mcr2: mcr
        mrc2: mrc
        vmvn vorr vbic: vmov
        vtbx: vtbl
        vmovl: vshll
        adr add sub: adr
        """)
    variants = {
        "ldm": "da|db|ib|ia|fd|ea|ed|fa", "stm": "da|db|ib|ia|fd|ea|ed|fa", "vldm": "db|ia", "vstm": "db|ia", "cps": "ie|id",
        "smla": "bb|bt|tb|tt", "smul": "bb|bt|tb|tt", "smlal": "bb|bt|tb|tt|d|dx", "smlaw": "b|t", "smulw": "b|t",
        "smlad": "x", "smlald": "x", "smlsd": "x", "smlsld": "x", "smuad": "x", "smusd": "x", "smmla": "r", "smmls": "r",
        "smmul": "r", "vcvt": "[abtrnpm]", "vcmp": "e", "vrint": "[anpmxzr]", "ldr": "t", "str": "t", "ldrb": "t", "strb": "t",
        "ldrh": "t", "strh": "t", "ldrsb": "t", "ldrsh": "t", "vld": "[1234]", "vst": "[1234]", "add": "w", "sub": "w", "it": "[te]{1,3}", "crc32": "[bhw]", "crc32c": "[bhw]",
    }

    numbers = {"sp": 13, "lr": 14, "pc": 15, "apsr_nzcv": 15}

    def letters_of(self, mnemonic):
        if re.match("umaal|[su]m(ull|lal|lsld)", mnemonic):
            return "adnm"
        return "dmn" if re.fullmatch("qd?(add|sub)", mnemonic) else self.letters

    def is_register(self, row, letter, value):
        return not row[0].startswith(("vfp", "neon")) and value != 15

    def same(self, row, theirs, word):
        bare = theirs.split(".")[0]
        for name in (row, *(a for a in self.aliases if row in self.aliases[a])):
            if re.fullmatch(f"{name}({self.variants.get(row, '')})?s?({CONDITIONS})?", bare):
                return True
        return False


class Thumb(Arm):
    llvm = ["--triple=thumbv8a", *Arm.llvm[1:]]
    objdump = [*Arm.objdump, "-M", "force-thumb"]

    def bytes(self, word):
        return word.to_bytes(4, "little")[:self.size(word)]

    def size(self, word):
        return 4 if word >> 11 & 31 in (29, 30, 31) else 2

    def filler(self, word):
        return [0xbf00] * 4 if self.size(word) == 2 and word >> 8 & 255 == 0xbf and word & 15 else []


GUESTS = {"aarch64": Aarch64, "arm": Arm, "thumb": Thumb, "ppc": Ppc}


def rows_of(program, isa, model):
    out = subprocess.run([program, isa, model, "--rows"], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in out.splitlines()]


def fill(rng, picture):
    """A word of the picture; letters and reserved bits at random, fields now and then of ones or zeros."""
    special = {c: rng.choice("01") for c in sorted(set(picture)) if rng.random() < 0.15}
    reserved = rng.choice("01")
    bits = ""
    for c in picture:
        if c in "01":
            bits += c
        elif c == "-":
            bits += reserved
        else:
            bits += special.get(c) or rng.choice("01")
    return int(bits, 2)


def draw(rng, guest, rows, per_row):
    for _, _, picture in rows:
        picture = picture.replace(" ", "")
        for _ in range(per_row):
            word = fill(rng, picture)
            yield place(guest, word, len(picture))
            yield place(guest, word ^ 1 << rng.randrange(len(picture)), len(picture))
    for _ in range(len(rows)):
        yield rng.getrandbits(32)


def place(guest, word, bits):
    """As it lies in memory: T32 is made of halfwords, of which pictures have the first on the left."""
    if not isinstance(guest, Thumb):
        return word
    return word if bits == 16 else word >> 16 | (word & 0xffff) << 16


def ours(program, isa, model, words):
    text = "".join(f"{w:08x}\n" for w in words)
    out = subprocess.run([program, isa, model, "--bytes"], input=text, check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        name, size = line.split("\t")
        yield ("undefined" if name == "?" or name.endswith(" illegal") else name), int(size)


def llvm(guest, words):
    lines, wanted = [], []
    for i, word in enumerate(words):
        wanted.append(len(lines))
        for w in (word, *guest.filler(word)):
            lines.append("[" + " ".join(f"0x{b:02x}" for b in guest.bytes(w)) + "]")
    run = subprocess.run(["llvm-mc-19", "--disassemble", *guest.llvm], input="\n".join(lines) + "\n", capture_output=True, text=True)
    refused, soft = set(), set()
    for number, kind in re.findall(r"^<stdin>:(\d+):\d+: warning: (invalid|potentially undefined)", run.stderr, re.M):
        (refused if kind == "invalid" else soft).add(int(number) - 1)
    texts = [line for line in run.stdout.splitlines() if line.startswith("\t") and not line.startswith("\t.")]
    if len(texts) + len(refused) != len(lines):
        raise SystemExit(f"llvm-mc says {len(texts)} + {len(refused)} of {len(lines)} lines:\n{run.stderr[:500]}")
    each = iter(texts)
    said = [None if i in refused else Opinion(next(each), i in soft) for i in range(len(lines))]
    return [said[i] for i in wanted]


def objdump(guest, words):
    """Slots of 16 bytes, for what changes the names of those behind it."""
    image = b""
    for word in words:
        slot = guest.bytes(word)
        while len(slot) < 16:
            slot += guest.bytes(0xbf00 if isinstance(guest, Thumb) else 0)
        image += slot
    with tempfile.NamedTemporaryFile(suffix=".bin") as f:
        f.write(image)
        f.flush()
        out = subprocess.run([guest.objdump[0], "-D", "-z", "-b", "binary", *guest.objdump[1:], f.name], check=True, capture_output=True,
                             text=True).stdout
    said = {}
    for line in out.splitlines():
        parts = line.split("\t", 2)
        if len(parts) == 3 and parts[0].strip().endswith(":"):
            said[int(parts[0].strip()[:-1], 16)] = parts[2]
    result = []
    for i in range(len(words)):
        text = said.get(16 * i, ".word")
        soft = "UNPREDICTABLE" in text or "undefined" in text
        refused = re.match(r"\.|.*(UNDEF|<illegal|<invalid|<undefined|\(invalid)", text) or "(bcc, cond" in text
        result.append(None if refused else Opinion(re.split(r"\s*[;@]|\s*//", text)[0], soft))
    return result


TOOLS = {"llvm": ("llvm-mc-19", llvm), "gnu": (None, objdump)}


class Explained:
    """Lines "GUEST TOOL OURS THEIRS [word&MASK=VALUE] [text~REGEX] : REASON", with * and ? in names."""
    def __init__(self, path, isa, tool):
        self.lines = []
        for line in open(path) if path else ():
            if line.startswith("#") or not line.strip():
                continue
            terms = line.split(" : ")[0].split()
            if isa in terms[0].split(",") and fnmatchcase(tool, terms[1]):
                masks = [tuple(int(x, 16) for x in re.fullmatch(r"word&(\w+)=(\w+)", t).groups()) for t in terms[4:] if t[0] == "w"]
                texts = [t.removeprefix("text~") for t in terms[4:] if t[0] == "t"]
                self.lines.append((terms[2], terms[3], masks, texts))

    def has(self, word, mine, theirs, said):
        text = f"{said.name} {said.operands}" if said else ""
        return any(fnmatchcase(mine, m) and fnmatchcase(theirs, t) and all(word & mask == value for mask, value in masks) and
                   all(re.search(t, text) for t in texts) for m, t, masks, texts in self.lines)


def compare(guest, known, word, mine, said):
    """What they say that is not what we say, or None."""
    if said is None:
        return None if mine == "undefined" else "undefined"
    if mine == "undefined":
        return said.name if not said.soft and guest.knows(known, said.name, word) else None
    return None if guest.same(mine, said.name, word) else said.name


def plain_forms(guest, rows, mine, word):
    """The word with other reserved bits, each nibble of them 0 or 1: they are ignored here, and what they should be is not told."""
    for _, mnemonic, picture in rows:
        picture = picture.replace(" ", "")
        own = place(guest, word, len(picture))
        fixed = "".join("1" if c in "01" else "0" for c in picture)
        if mnemonic != mine or own & int(fixed, 2) != int(re.sub("[^1]", "0", picture), 2):
            continue
        reserved = int("".join("1" if c == "-" else "0" for c in picture), 2)
        nibbles = [reserved & 15 << at for at in range(0, len(picture), 4) if reserved & 15 << at]
        return [place(guest, own & ~reserved | sum(n for k, n in enumerate(nibbles) if choice >> k & 1), len(picture))
                for choice in range(1 << len(nibbles) if nibbles else 0)]
    return []


def differences(guest, known, rows, words, answers, ask):
    """(word, mine, theirs, what they said) of those that differ, however reserved bits are."""
    found, forms = [], {}
    for word, (mine, size), said in zip(words, answers, ask(guest, words)):
        theirs = compare(guest, known, word, mine, said)
        if mine != "undefined" and size != guest.size(word):
            theirs = f"{guest.size(word)} bytes"
        if theirs is not None:
            found.append((word, mine, theirs, said))
            forms[word] = plain_forms(guest, rows, mine, word)
    others = [w for all in forms.values() for w in all]
    said = dict(zip(others, ask(guest, others))) if others else {}
    return [f for f in found if not any(compare(guest, known, w, f[1], said[w]) is None for w in forms[f[0]])]


def field(picture, letter, word):
    bits = f"{word:0{len(picture)}b}"
    return int("0" + "".join(b for b, c in zip(bits, picture) if c == letter), 2)


def printed(guest, text):
    """The numbers of registers among operands, and other numbers."""
    names = "|".join(guest.numbers) or "-"
    return [guest.numbers.get(m.group(2)) if m.group(2) else int(m.group(1))
            for m in re.finditer(rf"\b(?:[wxvbhsdqr]?(\d+)|({names}))\b", text)]


def misplaced(rng, guest, isa, program, rows, per_row=16):
    """Register fields of rows that are at no place of LLVM's operands; aliases leave some out."""
    drawn = [(row, fill(rng, row[2].replace(" ", "").replace("-", "0"))) for row in rows for _ in range(per_row)]
    words = [place(guest, word, len(row[2].replace(" ", ""))) for row, word in drawn]
    seen = collections.defaultdict(list)
    for (row, word), said, (mine, _) in zip(drawn, llvm(guest, words), ours(program, isa, guest.model, words)):
        literal = isinstance(guest, Thumb) and field(row[2].replace(" ", ""), "n", word) == 15     # another row's
        if said and mine == row[1] and said.name.startswith(mine) and not literal:
            seen[tuple(row)].append((word, printed(guest, said.operands), said))
    for row, each in seen.items():
        picture, last, texts = row[2].replace(" ", ""), -1, [f"{said.name} {said.operands}" for _, _, said in each]
        for letter in guest.letters_of(row[1]):
            values = [(field(picture, letter, word), at) for word, at, _ in each] if picture.count(letter) in (3, 4, 5) else []
            values = [(value, at) for value, at in values if guest.is_register(row, letter, value)]
            if not values:
                continue
            places = [k for k in (0, 1, 2, 3, -1, -2, -3, -4) if all(-len(at) <= k < len(at) and at[k] == value for value, at in values)]
            if not places:
                yield f"{row[1]} {row[2]}: {letter} is at no place of", texts
            places = [k for k in places if k >= 0]
            if guest.ordered and len(each) > 2 and places and max(places) < last:
                yield f"{row[1]} {row[2]}: {letter} stands too far in front in", texts
            last = max(last, min(places, default=-1))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("guest", choices=GUESTS)
    p.add_argument("program")
    p.add_argument("--seed", default="1")
    p.add_argument("--words", type=int, default=3)
    p.add_argument("--explained")
    p.add_argument("--unknown", action="store_true")
    a = p.parse_args()
    guest = GUESTS[a.guest]()
    seed = int(time.time()) if a.seed == "time" else int(a.seed, 0)
    rows = rows_of(a.program, a.guest, guest.model)
    if isinstance(guest, Thumb):
        rows += [[g, m, e] for g, m, e in rows_of(a.program, "arm", "") if g.startswith(("vfp", "neon"))]
    known = {mnemonic for _, mnemonic, _ in rows}
    words = list(draw(random.Random(seed), guest, rows, a.words))
    answers = list(ours(a.program, a.guest, guest.model, words))
    tools = [name for name, (program, _) in TOOLS.items() if shutil.which(program or guest.objdump[0])]
    if not tools:
        print("skipped: neither llvm-mc-19 nor objdump for this guest is installed")
        return 77
    failures = explained = 0
    for tool in tools:
        lines, kinds = Explained(a.explained, a.guest, tool), collections.Counter()
        ask = TOOLS[tool][1]
        for word, mine, theirs, said in differences(guest, known, rows, words, answers, ask):
            if lines.has(word, mine, theirs, said):
                explained += 1
                continue
            failures += 1
            kinds[mine, theirs] += 1
            if kinds[mine, theirs] <= 2:
                print(f"{word:08x}: {mine}, {tool} says {theirs} {said.operands if said else ''}{' (with a warning)' if said and said.soft else ''}")
        if a.unknown:
            unknown = collections.Counter(said.name for word, (mine, _), said in zip(words, answers, ask(guest, words))
                                          if mine == "undefined" and said and not guest.knows(known, said.name, word))
            print(f"{tool} alone:", *(f"{name}*{count}" for name, count in unknown.most_common()))
    for complaint, texts in misplaced(random.Random(seed), guest, a.guest, a.program, rows) if "llvm" in tools else ():
        failures += 1
        print(complaint, texts)
    print(f"{a.guest}, seed {seed}: {len(words)} words for {' and '.join(tools)}, {explained} explained, {failures} differ")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
