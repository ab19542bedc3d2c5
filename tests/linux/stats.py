#!/usr/bin/env python3
"""--stats: every process of a guest that forks prints its counters, whichever thread made it. stats.py DRAGOMAN GUEST-PROGRAM"""
import re
import subprocess
import sys


def main(dragoman, program):
    print("1..2")
    for i, args in enumerate(([], ["by-thread"]), 1):
        done = subprocess.run([dragoman, "--stats", program, *args], capture_output=True, text=True, timeout=60)
        calls = [int(n) for n in re.findall(r"^dragoman: exits .*system calls (\d+)", done.stderr, re.M)]
        good = done.returncode == 0 and len(calls) == 2 and all(calls)
        print(f"{'ok' if good else 'not ok'} {i} - a fork {'by another thread' if args else 'by the first thread'}")
        if not good:
            print("".join(f"# {line}\n" for line in f"status {done.returncode}\n{done.stderr}".splitlines()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
