#!/usr/bin/env python3
"""Fails when a shared object exports a name it should not: check_symbols.py FILE PATTERN [FILE PATTERN]..."""
import re
import subprocess
import sys


def exported(path):
    out = subprocess.run(["nm", "-D", "--defined-only", path], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in out.splitlines()]
    return [row[-1].split("@")[0] for row in rows if row[-2] != "A"]


def main(argv):
    bad = 0
    for path, pattern in zip(argv[::2], argv[1::2]):
        names = exported(path)
        wrong = [name for name in names if not re.fullmatch(pattern, name)]
        bad += len(wrong) + (not names)
        print(f"{path}: {len(names)} exported" + "".join(f"\n  not allowed: {name}" for name in wrong))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
