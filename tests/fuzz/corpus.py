#!/usr/bin/env python3
"""First inputs of the fuzzers, out of the text tests: corpus.py KIND OUTPUT_FOLDER FILE...

ir: every unit of tests/ir files as a file; decode: the words of every line of tests/guest files, by guest; elf: a small
program of each guest, without files.
"""
import pathlib
import re
import struct
import sys


def units(text):
    for part in re.split(r"^==.*\n", text, flags=re.M)[1:]:
        yield part.split("---\n")[0].encode()


GUESTS = ["ppc", "aarch64", "arm", "thumb"]  # as in fuzz_decode.c


def words(text, guest):
    for line in re.findall(r"^\[([0-9a-f ]+)\]", text, flags=re.M):
        yield bytes([0x0f, GUESTS.index(guest)]) + bytes.fromhex(line)


def programs():
    for order, word, machine in ((">", 4, 20), ("<", 8, 183), ("<", 4, 40)):
        head, entry = (64, 56) if word == 8 else (52, 32)
        loader, code = b"/lib/ld.so\0", head + 3 * entry
        segments = [(3, 4, code, 0x10000 + code, len(loader), len(loader), 1), (1, 5, 0, 0x10000, code + 64, code + 64, 0x10000),
                    (1, 6, code, 0x20000 + code, 64, 0x1000, 0x10000)]
        file = struct.pack(order + ("16sHHIQQQIHHHHHH" if word == 8 else "16sHHIIIIIHHHHHH"),
                           b"\x7fELF" + bytes([word // 4, 1 if order == "<" else 2, 1]), 2, machine, 1, 0x10000 + code, head, 0,
                           0x05000000 if machine == 40 else 0, head, entry, len(segments), 0, 0, 0)
        for kind, flags, at, va, size, room, align in segments:
            file += (struct.pack(order + "IIQQQQQQ", kind, flags, at, va, va, size, room, align) if word == 8 else
                     struct.pack(order + "IIIIIIII", kind, at, va, va, size, room, flags, align))
        yield file + loader.ljust(64, b"\0")


def main(kind, folder, *files):
    out = pathlib.Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    cases = set(programs() if kind == "elf" else ())
    for name in files:
        text = pathlib.Path(name).read_text()
        cases.update(units(text) if kind == "ir" else words(text, pathlib.Path(name).parent.name))
    for i, case in enumerate(sorted(cases)):
        (out / f"{i:05}").write_bytes(case)
    return not cases


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
