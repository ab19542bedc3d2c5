#!/usr/bin/env python3
"""The house's rules that a machine can see; CONTRIBUTING.md says why. Fails on the first file that breaks one.

Whole tree: sources have at most 1000 lines, no notes to do something later, no conflict marks.
Library (lib, frontend, backend, machines): never ends the process, never prints, no variable
data with static storage, but for what a debugger's interface asks for.
"""
import pathlib
import re
import sys

SOURCES = {".c", ".h", ".def", ".py", ".S", ".build"}
TOP = ["backend", "benchmarks", "doc", "examples", "frontend", "include", "lib", "machines", "scripts", "tests", "tools"]
LIBRARY = ("lib/", "frontend/", "backend/", "machines/")
LONGEST = 1000

LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
CONFLICT = re.compile(r"^(<{7}|>{7}) ")
DIES = re.compile(r"(?<![\w.>])(abort|exit|_exit|_Exit|quick_exit|assert)\s*\(")
PRINTS = re.compile(r"(?<![\w.>])(printf|vprintf|puts|putchar|perror|warn|warnx|err|errx)\s*\(|\b(stdout|stderr)\b")
MUTABLE = re.compile(r"^\t*static\s+(?!const\b|inline\b|_Thread_local\b|.*\bconst\s*\w+(\[\w*\])*\s*[=;])[^()]*(=[^;]*)?[;{=]")

# The list of GDB's JIT interface is one for the process, and so is its lock.
MAY_BE_MUTABLE = {("lib/engine/gdbjit.c", "static atomic_flag list_lock = ATOMIC_FLAG_INIT;")}


def code_only(text):
    """The text without comments and literals; lines stay where they are."""
    def blank(found):
        return re.sub(r"[^\n]", " ", found[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def check(name, text):
    problems = []
    lines = text.splitlines()
    if len(lines) > LONGEST and not name.endswith(".def"):
        problems.append(f"{name}: {len(lines)} lines")
    for number, line in enumerate(lines, 1):
        if LATER.search(line):
            problems.append(f"{name}:{number}: do it or leave it out: {line.strip()}")
        if CONFLICT.search(line):
            problems.append(f"{name}:{number}: a conflict mark")
    if name.startswith(LIBRARY) and name.endswith((".c", ".h")):
        for number, line in enumerate(code_only(text).splitlines(), 1):
            if DIES.search(line) and not re.search(r"_Static_assert|static_assert", line):
                problems.append(f"{name}:{number}: the library does not end the process: {line.strip()}")
            if PRINTS.search(line):
                problems.append(f"{name}:{number}: the library does not print: {line.strip()}")
            if MUTABLE.search(line) and (name, line.strip()) not in MAY_BE_MUTABLE:
                problems.append(f"{name}:{number}: variable with static storage: {line.strip()}")
    return problems


def main(root):
    root = pathlib.Path(root)
    files = [p for top in TOP for p in sorted((root / top).rglob("*")) if p.suffix in SOURCES or p.name == "run"]
    problems = []
    for path in files:
        if path.is_file():
            problems += check(str(path.relative_to(root)), path.read_text())
    print("\n".join(problems) or f"{len(files)} files keep the rules")
    return bool(problems) or not files


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
