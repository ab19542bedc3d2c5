#!/usr/bin/env python3
"""What the program dragoman says when its input is bad: one clear line and a status, never a crash.

Usage: badinput.py DRAGOMAN BUILD. Files are made from a small PowerPC program.
"""
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys

CROSS = "powerpc-linux-gnu-gcc"
SOURCE = """#include <stdio.h>
int main(void)
{
	for (int i = 0; i < 2000; i++)
		if (printf("some output\\n") < 0)
			return 3;
	return fflush(stdout) ? 4 : 0;
}
"""
# Raw code at 0x10000100 behind a minimal ELF header.
CODE = {
    "illegal": ([0x00000000], signal.SIGILL),
    "privileged": ([0x7C000124], signal.SIGILL),            # mtmsr r0
    "trap": ([0x7FE00008], signal.SIGTRAP),                 # trap
    "unmapped load": ([0x38600010, 0x80630000], signal.SIGSEGV),
    "store to code": ([0x3C601000, 0x90630100], signal.SIGSEGV),
    "jump to nothing": ([0x38600000, 0x7C6903A6, 0x4E800420], signal.SIGSEGV),
    "jump to data": ([0x7C2903A6, 0x4E800420], signal.SIGILL),      # the stack: zero words or no permission
    "run into zeros": ([0x60000000], signal.SIGILL),
}


def elf(code=(0x44000002,), machine=20, entry=0x10000100, phnum=1, phoff=52, offset=0, vaddr=0x10000000, filesz=None,
        memsz=None, cls=1, data=2, kind=2, phentsize=32):
    body = b"".join(struct.pack(">I", w) for w in code)
    size = 0x100 + len(body)
    head = b"\x7fELF" + bytes([cls, data, 1]) + bytes(9)
    head += struct.pack(">HHIIIIIHHHHHH", kind, machine, 1, entry, phoff, 0, 0, 52, phentsize, phnum, 0, 0, 0)
    head += struct.pack(">IIIIIIII", 1, offset, vaddr, vaddr, size if filesz is None else filesz,
                        size if memsz is None else memsz, 5, 0x10000)
    return head.ljust(0x100, b"\0") + body


def elf_little(machine, flags):
    head = b"\x7fELF" + bytes([1, 1, 1]) + bytes(9)
    head += struct.pack("<HHIIIIIHHHHHH", 2, machine, 1, 0x10100, 52, 0, flags, 52, 32, 1, 0, 0, 0)
    return (head + struct.pack("<IIIIIIII", 1, 0, 0x10000, 0x10000, 0x104, 0x104, 5, 0x10000)).ljust(0x104, b"\0")


HOSTILE = {
    "empty": b"",
    "text": b"hello, I am no program\n",
    "only magic": b"\x7fELF",
    "half a header": elf()[:30],
    "no program headers in the file": elf()[:60],
    "wrong machine": elf(machine=62),
    "64 bits": elf(cls=2),
    "little-endian": elf(data=1),
    "object file": elf(kind=1),
    "core file": elf(kind=4),
    "no program header": elf(phnum=0),
    "65535 program headers": elf(phnum=65535),
    "headers at 4 GiB": elf(phoff=0xFFFFFFF0),
    "odd header size": elf(phentsize=7),
    "file size above memory size": elf(filesz=0x100, memsz=0x10),
    "memory of 4 GiB": elf(memsz=0xFFFFFFFF),
    "wraps around": elf(vaddr=0xFFFF0000, memsz=0x20000),
    "offset behind the file": elf(offset=0x7FFF0000),
    "offset not congruent": elf(offset=0x123),
    "big-endian ARM": elf(machine=40),
    "ARM of before the EABI": elf_little(machine=40, flags=0x2),
}


class Cases:
    def __init__(self, dragoman, build):
        self.dragoman, self.build = dragoman, pathlib.Path(build) / "bad"
        self.build.mkdir(parents=True, exist_ok=True)
        self.number = self.failed = 0

    def run(self, *args, **how):
        how.setdefault("stdin", subprocess.DEVNULL)
        if "stdout" not in how:
            how["stdout"] = subprocess.PIPE
        return subprocess.run([self.dragoman, *map(str, args)], stderr=subprocess.PIPE, timeout=30, **how)

    def check(self, name, good, why):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}" + ("" if good else f"\n# {why}"), flush=True)

    def refused(self, name, *args, status=(126,)):
        done = self.run(*args)
        err = done.stderr.decode("latin-1")
        self.check(name, done.returncode in status and err.count("\n") == 1 and err.startswith("dragoman: ") and
                   not done.stdout, f"status {done.returncode}, expected {status}: {err!r}")

    def write(self, name, data, mode=0o755):
        path = self.build / name.replace(" ", "-").replace("/", "-")
        path.write_bytes(data)
        path.chmod(mode)
        return path

    def files(self):
        for name, data in HOSTILE.items():
            self.refused(name, self.write(name, data))
        self.refused("a directory", self.build)
        self.refused("a missing file", self.build / "none", status=(127,))
        self.refused("the host's own program", "/bin/true")
        self.refused("missing interpreter of a script", self.write("script", b"#!/none/such\n"), status=(126, 127))
        if os.geteuid() != 0:
            self.refused("not executable", self.write("plain", elf(), 0o644))
        done = self.run("--tier=best", self.build / "none")
        self.check("an unknown tier", done.returncode == 2 and b"--tier=best" in done.stderr, str(done))

    def code(self):
        for name, (words, sig) in CODE.items():
            path = self.write("code " + name, elf(words))
            for tier in ("interp", "baseline", "auto"):
                done = self.run(f"--tier={tier}", path)
                wanted = (-sig, -signal.SIGSEGV) if name == "jump to data" else (-sig,)
                self.check(f"{name}, {tier}", done.returncode in wanted and not done.stderr,
                           f"ended with {done.returncode}, expected {wanted}: {done.stderr!r}")
        done = self.run(self.write("code at odd entry", elf([0x38000001, 0x44000002], entry=0x10000102)))
        self.check("unaligned entry", done.returncode < 0 or done.returncode == 126, f"ended with {done.returncode}")

    def output(self, program):
        with open("/dev/full", "wb") as full:
            done = self.run(program, stdout=full)
        self.check("full disk", done.returncode == 3 and not done.stderr, f"{done.returncode} {done.stderr!r}")
        done = subprocess.run(["sh", "-c", f'"{self.dragoman}" "{program}" >&-'], stderr=subprocess.PIPE, timeout=30)
        self.check("closed standard output", done.returncode == 3 and not done.stderr,
                   f"{done.returncode} {done.stderr!r}")
        read, write = os.pipe()
        os.close(read)
        done = self.run(program, stdout=write)
        os.close(write)
        self.check("a pipe nobody reads", done.returncode == -signal.SIGPIPE and not done.stderr,
                   f"{done.returncode} {done.stderr!r}")


def main(dragoman, build):
    cases = Cases(dragoman, build)
    cases.files()
    cases.code()
    if shutil.which(CROSS):
        source, program = cases.write("output.c", SOURCE.encode()), cases.build / "output"
        subprocess.run([CROSS, "-O2", "-static", str(source), "-o", str(program)], check=True)
        cases.output(program)
        dynamic = cases.build / "dynamic"
        subprocess.run([CROSS, "-O2", str(source), "-o", str(dynamic)], check=True)
        if not pathlib.Path("/lib/ld.so.1").exists():
            cases.refused("missing interpreter", "-L", "", dynamic, status=(126, 127))
        whole = program.read_bytes()
        for size in (100, 300, 5000):
            done = cases.run(cases.write(f"cut {size}", whole[:size]))
            cases.check(f"cut off after {size} bytes", done.returncode == 126 or done.returncode < 0,
                        f"ended with {done.returncode}: {done.stderr!r}")
    print(f"1..{cases.number}")
    return cases.failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
