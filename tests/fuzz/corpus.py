#!/usr/bin/env python3
"""First inputs of the fuzzers out of the text tests: corpus.py KIND OUTPUT_FOLDER FILE...

ir: every unit of tests/ir files as a file; decode: the words of every line of tests/guest files, by guest.
"""
import pathlib
import re
import sys


def units(text):
    for part in re.split(r"^==.*\n", text, flags=re.M)[1:]:
        yield part.split("---\n")[0].encode()


GUESTS = ["ppc", "aarch64", "arm", "thumb"]  # as in fuzz_decode.c


def words(text, guest):
    for line in re.findall(r"^\[([0-9a-f ]+)\]", text, flags=re.M):
        yield bytes([0x0f, GUESTS.index(guest)]) + bytes.fromhex(line)


def main(kind, folder, *files):
    out = pathlib.Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    cases = set()
    for name in files:
        text = pathlib.Path(name).read_text()
        cases.update(units(text) if kind == "ir" else words(text, pathlib.Path(name).parent.name))
    for i, case in enumerate(sorted(cases)):
        (out / f"{i:05}").write_bytes(case)
    return not cases


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
