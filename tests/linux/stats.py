#!/usr/bin/env python3
"""--stats: every process of a guest that forks prints its counters, whichever thread made it. stats.py DRAGOMAN GUEST-PROGRAM"""
import re
import subprocess
import sys


def tells_compile_time(err):
    """Whether each process says what compiling an instruction took, by its other numbers."""
    numbers = re.findall(r"baseline: (\d+) instructions .* llvm: (\d+) to.*\n.*baseline (\d+), llvm (\d+), queued.*\n"
                         r"dragoman: compiling an instruction \(ns\): baseline (\d+), llvm (\d+)$", err, re.M)
    pairs = [pair for n in numbers for a, b, us_a, us_b, each_a, each_b in [map(int, n)]
             for pair in ((a, us_a, each_a), (b, us_b, each_b))]
    return len(numbers) == 2 and any(each for _, _, each in pairs) and all(
        us * 1000 // n <= each <= (us + 1) * 1000 // n if n else not each for n, us, each in pairs)


def main(dragoman, program):
    print("1..2")
    for i, args in enumerate(([], ["by-thread"]), 1):
        done = subprocess.run([dragoman, "--stats", program, *args], capture_output=True, text=True, timeout=60)
        calls = [int(n) for n in re.findall(r"^dragoman: exits .*system calls (\d+)", done.stderr, re.M)]
        good = done.returncode == 0 and len(calls) == 2 and all(calls) and tells_compile_time(done.stderr)
        print(f"{'ok' if good else 'not ok'} {i} - a fork {'by another thread' if args else 'by the first thread'}")
        if not good:
            print("".join(f"# {line}\n" for line in f"status {done.returncode}\n{done.stderr}".splitlines()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
