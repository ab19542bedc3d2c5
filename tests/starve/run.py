#!/usr/bin/env python3
"""Lets allocations of a program fail, one number after the other: it may then report an error, but not crash.

    run.py [--from N] [--to N] [--count N] [--seed N] [--same-output] -- PROGRAM [ARGS]

Each run fails the allocations of one number in each process (see starve.c), each second run all behind it as well. Without
--count all numbers are tried until none is left to fail; with it that many numbers are drawn, and the seed
is printed. A crash is a wrong result, death by a signal, a sanitizer's complaint, or no end within four minutes.
"""
import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

CRASH = re.compile(r"unexpected signal|CRASH!|AddressSanitizer|runtime error:|ThreadSanitizer|stack smashing|corrupted|"
                   r"timed out|\[TIMEOUT\]|\d+ allocations leaked|"
                   # lines of tests/guest: an engine without memory may say so, but has no other result
                   r"^\S+\.txt:\d+: .*, \w+: (?:\S+ is \w+, not \w+$|mem\[|pc is |faults at |ends with (?!other))", re.M)


ENDLESS = 1 << 30


def try_one(command, which, note, wanted=None):
    """(how it crashed or None, whether anything was left to fail)."""
    note.unlink(missing_ok=True)
    env = dict(os.environ, DGM_STARVE=which, DGM_STARVE_NOTE=str(note))
    env["ASAN_OPTIONS"] = "detect_leaks=0:" + env.get("ASAN_OPTIONS", "")
    try:
        run = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240)
    except subprocess.TimeoutExpired:
        return "does not end", True
    text = run.stdout.decode(errors="replace")
    bad = CRASH.search(text)
    how = f"dies by signal {-run.returncode}" if run.returncode < 0 else None
    if bad:
        at = text.rfind("\n", 0, bad.start()) + 1
        how = text[at:at + 300]
    if wanted is not None and run.returncode == 0 and run.stdout != wanted:
        how = "other output than without failures"
    return how, note.exists()


def last_number(command, note):
    """The greatest number that is still reached, about: doubled, then halved."""
    low, high = 1, 2
    while try_one(command, str(high), note)[1]:
        low, high = high, high * 2
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        if try_one(command, str(middle), note)[1]:
            low = middle
        else:
            high = middle
    return low


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--from", dest="first", type=int, default=1)
    p.add_argument("--to", type=int, default=ENDLESS)
    p.add_argument("--count", type=int)
    p.add_argument("--seed", type=int, default=None)
    p.add_argument("--same-output", action="store_true", help="a run that ends well has the output of one where nothing fails")
    p.add_argument("command", nargs="+")
    args = p.parse_args()
    seed = random.randrange(1 << 30) if args.seed is None else args.seed
    with tempfile.TemporaryDirectory() as folder:
        note = pathlib.Path(folder) / "note"
        wanted = subprocess.run(args.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT).stdout if args.same_output else None
        numbers = range(args.first, args.to + 1)
        if args.count:
            last = args.to if args.to < ENDLESS else last_number(args.command, note)
            # Most of what differs is at the beginning: half of the numbers are drawn from the first tenth.
            rng = random.Random(seed)
            numbers = [rng.randint(args.first, max(last if k % 2 else last // 10, args.first)) for k in range(args.count)]
            print(f"seed {seed}, allocations up to about {last}")
        failures = tried = 0
        for number in numbers:
            which = f"{number}+" if number % 2 else str(number)
            how, reached = try_one(args.command, which, note, wanted)
            if not reached and not args.count:
                break
            tried += reached
            if how:
                failures += 1
                print(f"DGM_STARVE={which}: {how}", flush=True)
        print(f"{tried} failing allocations, {failures} crashes")
        return failures != 0 or tried == 0


if __name__ == "__main__":
    sys.exit(main())
