#!/usr/bin/env python3
"""What the tests reach, after they ran in a build folder with -Db_coverage=true.

    coverage.py BUILD [--below PERCENT] [--lines FILE...]

Prints lines of lib/, frontend/ and backend/ per file and in all, each row of a front end without a
test line, and each IR operation whose emitter in a back end never ran. Fails when less than 90% of the lines are
reached, or a row or an operation is not. --lines names the lines of files that are not reached.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PARTS = ("lib/", "frontend/", "backend/")
WANTED = 90
EMITTERS = {"baseline": ("backend/baseline/", "emit_"), "llvm": ("backend/llvm/", "jit_emit_")}
# The baseline has one emitter for all that gives a vector, LLVM's takes marks in its walk: their entries are
# there so that none can be forgotten. tests/ir/ops.c goes through the former operation by operation.
NEVER_CALLED = re.compile(r"^LANES\((\w+)\)$", re.M)


def gcov(build):
    """Counts: {file: {line: count}} and {file: {function: count}}; a file compiled twice counts once."""
    lines = collections.defaultdict(lambda: collections.defaultdict(int))
    functions = collections.defaultdict(lambda: collections.defaultdict(int))
    notes = [p for p in build.rglob("*.gcno") if re.search(r"(lib|frontend|backend)_[\w.]*gcno$|dragoman-llvm", p.as_posix())]
    for at in range(0, len(notes), 40):
        out = subprocess.run(["gcov", "--json-format", "--stdout", *map(str, notes[at:at + 40])], cwd=build, capture_output=True,
                             text=True, check=True).stdout
        for text in out.splitlines():
            for f in json.loads(text)["files"]:
                name = (build / f["file"]).resolve()
                name = name.relative_to(ROOT).as_posix() if name.is_relative_to(ROOT) else ""
                if not name.startswith(PARTS):
                    continue
                for line in f["lines"]:
                    lines[name][line["line_number"]] += line["count"]
                for function in f["functions"]:
                    functions[name][function["name"]] += function["execution_count"]
    return lines, functions


def rows_without_line(build):
    missing = []
    tests = json.loads(subprocess.run(["meson", "introspect", build, "--tests"], capture_output=True, text=True, check=True).stdout)
    for test in tests:
        if re.fullmatch(r"guest-\w+-coverage", test["name"]):
            run = subprocess.run(test["cmd"], capture_output=True, text=True)
            print(f"{test['name'].split('-')[1]}: {run.stdout.strip() or run.stderr.strip()}")
            if run.returncode:
                missing.append(test["name"])
    return missing


def operations():
    return re.findall(r"^OP\((\w+),", (ROOT / "lib/ir/ops.def").read_text(), re.M)


def operations_not_emitted(functions):
    missing = []
    for backend, (folder, prefix) in EMITTERS.items():
        ran = {name for file, counts in functions.items() if file.startswith(folder) for name, n in counts.items() if n}
        entries = {"insn"}.union(*(NEVER_CALLED.findall(p.read_text()) for p in (ROOT / folder).glob("*.c")))
        missing += [f"{op} in {backend}" for op in operations() if prefix + op not in ran and op not in entries]
    return missing


def percent(counts):
    return 100 * sum(c > 0 for c in counts.values()) / max(len(counts), 1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("build", type=pathlib.Path)
    p.add_argument("--below", type=float, default=101)
    p.add_argument("--lines", nargs="*", default=[])
    args = p.parse_args()
    lines, functions = gcov(args.build.resolve())
    for name in sorted(lines):
        if percent(lines[name]) < args.below:
            print(f"{percent(lines[name]):6.1f}%  {sum(c == 0 for c in lines[name].values()):4} of {len(lines[name]):4}  {name}")
        if any(name.endswith(f) for f in args.lines):
            source = (ROOT / name).read_text().split("\n")
            for number in sorted(n for n, c in lines[name].items() if not c):
                print(f"{name}:{number}: {source[number - 1].strip()}")
    failed = not lines
    for part in PARTS + ("",):
        of = {(f, n): c for f, counts in lines.items() if f.startswith(part) for n, c in counts.items()}
        print(f"{percent(of):6.2f}%  {len(of):6} lines  {part or 'all'}")
        failed |= percent(of) < WANTED
    missing = operations_not_emitted(functions)
    for what in missing:
        print(f"no test reaches the operation {what}")
    rows = rows_without_line(args.build)
    return failed or bool(missing) or bool(rows)


if __name__ == "__main__":
    sys.exit(main())
