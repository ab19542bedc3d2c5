#!/usr/bin/env python3
"""Draws bugs to plant: small wrong changes of lifts, emitters and passes, by kind, with a seed.

    plant_draw.py ROOT SEED [COUNT]      prints a list that plant_bugs.py reads

One line of one file is changed. Lines that stand twice in their file are left alone, so that the
text of a line finds it again. Rules are about text and know no C: what does not compile is
dropped by plant_bugs.py, and another is drawn by hand or with another seed.
"""
import pathlib
import random
import re
import sys

# Group: share of a hundred, and the files with meaning in them. Dumps, listings and glue are left out.
GROUPS = {
    "ppc": (13, ["frontend/ppc/*.c"]),
    "aarch64": (13, ["frontend/aarch64/*.c"]),
    "arm": (13, ["frontend/arm/*.c"]),
    "common": (11, ["frontend/common/*.c", "frontend/common/softfp.h"]),
    "baseline": (18, ["backend/baseline/*.c", "backend/baseline/emit_x64.h"]),
    "llvm": (12, ["backend/llvm/emit*.c", "backend/llvm/plan.c"]),
    "interp": (5, ["backend/interp/interp.c", "backend/interp/access.h"]),
    "opt": (10, ["lib/opt/*.c"]),
    "ir": (5, ["lib/ir/eval.c", "lib/ir/sem.h", "lib/ir/ops.def"]),
}
LEFT_OUT = {"frontend/common/picture.c", "frontend/arm/features.c", "frontend/aarch64/model.c"}

# Resources and self-checks are no meaning: injected failures test them elsewhere.
NO_MEANING = re.compile(r"alloc|NOMEM|gen_fail|assert|static const|^\s*(/?\*|//|#|case\b.*:$)|free\(|grow|room")

SWAPPED = re.compile(
    r"\b(?:ir_(?:sub|shl|shr|sar|ult|ule|slt|sle|divs|divu|fsub|fdiv|flt|fle|andn|uqsub|sqsub)\(l->b|"
    r"LLVMBuild(?:Sub|Shl|LShr|AShr|FSub|FDiv|UDiv|SDiv|URem)\(e->b|"
    r"sem_(?:flt|fle|sqsub)\(|opt_(?:less)\()")
ARMS = re.compile(r"\b(?:ir_select\(l->b|LLVMBuildSelect\(e->b)")


def pairs(*both_ways):
    """Replacements of whole words, in both directions."""
    return [(rf"\b{a}\b", b) for x, y in both_ways for a, b in ((x, y), (y, x))]


RULES = {
    "missed sign extension": pairs(
        ("ir_sext", "ir_zext"), ("ir_slt", "ir_ult"), ("ir_sle", "ir_ule"), ("ir_sar", "ir_shr"), ("ir_mulhs", "ir_mulhu"),
        ("ir_divs", "ir_divu"), ("x64_sx", "x64_zx"), ("SH_SHR", "SH_SAR"), ("LLVMBuildSExt", "LLVMBuildZExt"),
        ("LLVMBuildAShr", "LLVMBuildLShr"), ("LLVMIntSLT", "LLVMIntULT"), ("LLVMIntSLE", "LLVMIntULE"), ("simm", "uimm"), ("ir_smax", "ir_umax"), ("ir_smin", "ir_umin")) + [
        (r" \| IR_MEM_SEXT\b", ""), (r"\bsem_sext\(a, w\)", "a"), (r"\bsem_sext\(b, w\)", "b")],
    "wrong carry": pairs(
        ("ir_add_carry", "ir_add_overflow"), ("ALU_ADC", "ALU_ADD"), ("ALU_SBB", "ALU_SUB"), ("sem_add_carry", "sem_add_overflow")) + [
        (r"\bimm1\(l, true\)", "imm1(l, false)"), (r"\bimm1\(l, false\)", "imm1(l, true)"),
        (r"\bimm1\(l, 1\)", "imm1(l, 0)"), (r"\bimm1\(l, 0\)", "imm1(l, 1)")],
    "wrong condition": pairs(
        ("ir_eq", "ir_ne"), ("ir_ult", "ir_ule"), ("ir_slt", "ir_sle"), ("CC_E", "CC_NE"), ("CC_B", "CC_BE"), ("CC_A", "CC_AE"),
        ("CC_L", "CC_LE"), ("CC_G", "CC_GE"), ("CC_S", "CC_NS"), ("CC_P", "CC_NP"), ("CC_B", "CC_L"), ("LLVMIntEQ", "LLVMIntNE"),
        ("LLVMIntULT", "LLVMIntULE"), ("LLVMIntSLT", "LLVMIntSLE"), ("LLVMRealOLT", "LLVMRealOLE"), ("ir_flt", "ir_fle")) + [
        (r" == ", " != "), (r" != ", " == "), (r" < ", " <= "), (r" > ", " >= "), (r" <= ", " < "), (r" >= ", " > "),
        (r" && ", " || "), (r" \|\| ", " && "), (r"\bif \(!", "if ("), (r"\bif \((?=[a-z])", "if (!")],
    "wrong operation": pairs(
        ("ir_and", "ir_or"), ("ir_add", "ir_sub"), ("ir_shl", "ir_shr"), ("ir_fadd", "ir_fsub"), ("ALU_AND", "ALU_OR"),
        ("LLVMBuildAnd", "LLVMBuildOr"), ("LLVMBuildAdd", "LLVMBuildSub"), ("ir_xor", "ir_or"), ("ir_smax", "ir_smin"),
        ("ir_umax", "ir_umin")) + [
        (r" \+ ", " - "), (r" - ", " + "), (r" & ", " | "), (r" \| ", " & "), (r" << ", " >> "), (r" >> ", " << "), (r" \^ ", " | ")],
    "off by one": [(r"(?<=[ (,+-])(\d+)(?=u?[ ),;])", lambda m: str(int(m[1]) + 1)),
                   (r"(?<=[ (,+-])(\d+)(?=u?[ ),;])", lambda m: str(max(int(m[1]) - 1, 0))),
                   (r"\b0x[0-9a-f]+\b", lambda m: hex(int(m[0], 16) ^ 1)), (r"\b(\w+) - 1\b", r"\1"), (r"\b(\w+) \+ 1\b", r"\1")],
    "wrong endianness": [(r" \| IR_MEM_BE\b", ""), (r"\bIR_MEM_BE \| ", ""), (r"(?<=[ (])\w+(?:->\w+)* & IR_MEM_BE\b", "false")] + pairs(
        ("interleave_lo", "interleave_hi"), ("ir_bswap", "ir_not")),
    "wrong width": pairs(("IR_I16", "IR_I32"), ("IR_I8", "IR_I16"), ("IR_I32X4", "IR_I16X8"), ("IR_MEM_16", "IR_MEM_32")) + [
        (r"\(&g->x, 4, ", "(&g->x, 8, "), (r"\(&g->x, 8, ", "(&g->x, 4, "), (r"\bgen_bytes\(t\)", "4"), (r"\bwork_bytes\(t\)", "4"),
        (r"\bX_W\b", "0"), (r"\bX_REX\b", "0"), (r"\btrue\b", "false"), (r"\bfalse\b", "true")],
    "wrong NaN or rounding": pairs(
        ("softfp_is_nan", "softfp_is_snan"), ("SOFTFP_UP", "SOFTFP_DOWN"), ("ARM_FP_UP", "ARM_FP_DOWN"),
        ("ARM_FP_IXC", "ARM_FP_UFC"), ("ARM_FP_IOC", "ARM_FP_IXC"), ("SOFTFP_ZERO", "SOFTFP_FINITE"), ("LLVMRealOLT", "LLVMRealULT"),
        ("LLVMRealOEQ", "LLVMRealUEQ"), ("LLVMRealUNO", "LLVMRealORD"), ("ir_feq", "ir_fle")) + [
        (r" \| softfp_quiet_bit\(f\)", ""), (r"\bx\.sign\b", "!x.sign"), (r"\ba\.sign != b\.sign\b", "a.sign == b.sign")],
    "wrong encoding": [(r"(?<=, \")([01]{4,6})", lambda m: m[1][:-1] + ("0" if m[1][-1] == "1" else "1"))],
    "dropped effect": [(r"^(\t+)(?:set_\w+|ir_put|ir_tick|ir_poll|gen_\w+|x64_\w+|note_\w+|[a-z]\w*_flags|arm_set_\w+|LLVMSet\w+)\(.*\);$",
                        r"\1;")],
}


def arguments(text, at):
    """(begin, end) of each argument of the call whose first argument begins at `at`."""
    depth, begin, found = 0, at, []
    for i in range(at, len(text)):
        c = text[i]
        if c in "([{":
            depth += 1
        elif c in ")]}":
            if not depth:
                return found + [(begin, i)]
            depth -= 1
        elif c == "," and not depth:
            found.append((begin, i))
            begin = i + 1
    return None


def exchanged(line, match, first):
    """The line with two neighbouring arguments exchanged."""
    args = arguments(line, line.index("(", match.start()) + 1)
    if not args or len(args) < first + 2:
        return None
    (a, b), (c, d) = args[first], args[first + 1]
    if line[a:b].strip() == line[c:d].strip():
        return None
    lead = "" if first == 0 else " "
    return line[:a] + lead + line[c:d].strip() + ", " + line[a:b].strip() + line[d:]


def changes(line):
    """All (kind, changed line)."""
    code = line.split("/*")[0]
    if not code.strip() or NO_MEANING.search(line):
        return
    is_row = re.match(r'\t\{ "', line)
    for kind, rules in RULES.items():
        if bool(is_row) != (kind == "wrong encoding"):
            continue
        for pattern, by in rules:
            for m in re.finditer(pattern, code):
                changed = code[:m.start()] + m.expand(by) + code[m.end():] if isinstance(by, str) else \
                    code[:m.start()] + by(m) + code[m.end():]
                if changed != code:
                    yield kind, changed + line[len(code):]
    if is_row:
        return
    for kind, pattern, first in ("swapped operands", SWAPPED, 1), ("swapped operands", ARMS, 2):
        for m in re.finditer(pattern, code):
            changed = exchanged(line, m, 0 if m[0].startswith(("sem", "opt")) else first)
            if changed:
                yield kind, changed


def candidates(root, patterns):
    for path in sorted(p for pattern in patterns for p in root.glob(pattern)):
        name = path.relative_to(root).as_posix()
        lines = path.read_text().split("\n")
        if name in LEFT_OUT:
            continue
        for line in lines:
            if lines.count(line) == 1:
                for kind, changed in changes(line):
                    yield name, kind, line, changed


def draw(root, seed, count):
    """Kinds are drawn first, so that frequent ones do not crowd out the others; one bug a line."""
    rng = random.Random(seed)
    total = sum(share for share, _ in GROUPS.values())
    for share, patterns in GROUPS.values():
        by_kind = {}
        for c in candidates(root, patterns):
            by_kind.setdefault(c[1], []).append(c)
        taken = set()
        while len(taken) < max(1, round(share * count / total)):
            c = rng.choice(by_kind[rng.choice(sorted(by_kind))])
            if (c[0], c[2]) not in taken:
                taken.add((c[0], c[2]))
                yield c


def main():
    root, seed = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for name, kind, old, new in draw(root, seed, int(sys.argv[3]) if len(sys.argv) > 3 else 100):
        print(f"{name}: {kind}\n-{old}\n+{new}\n")


if __name__ == "__main__":
    main()
