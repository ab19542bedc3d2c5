#!/usr/bin/env python3
"""Runs campaigns of random instructions, one guest after another, niced, and writes build/campaign/README.md.

usage: campaign.py [HOURS] [--guest NAME]... [--minutes N] [--build FOLDER]

HOURS or --minutes is the time for each guest. What was interrupted goes on where it was: a campaign's state and what it
found lie in build/campaign. Delete the folder to begin anew.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

QEMU = {"aarch64": "aarch64", "arm": "arm", "thumb": "arm", "ppc": "ppc"}
SLICE = 300  # seconds between two summaries


def command(build, guest, state, seconds):
    program = build / "tests/campaign"
    words = [str(program / "campaign"), guest]
    qemu = shutil.which(f"qemu-{QEMU[guest]}") or shutil.which(f"qemu-{QEMU[guest]}-static")
    process = build / f"tests/qemu/qemu-process-{QEMU[guest]}"
    if qemu and process.exists():
        words += ["--qemu", qemu, str(process)]
    return words + ["--explained", "tests/campaign/explained.txt", "--state", str(state), "--seed", "time",
                    "--seconds", str(seconds), "--failures", "20"]


def read_state(path):
    """The totals as numbers by name, and how often what was explained in the last slice, by its line and text."""
    lines = path.read_text().splitlines() if path.exists() else []
    words = lines[0].split() if lines else []
    explained = [line.split(" ", 2) for line in lines[1:] if line.startswith("explained")]
    return {k: int(v) for k, v in zip(words[::2], words[1::2])}, {what: int(count) for _, count, what in explained}


def read_explained(path):
    return {what: int(count) for count, what in (line.split(" ", 1) for line in path.read_text().splitlines())} if path.exists() else {}


def add_explained(path, more):
    """Adds a slice's to those of all before it."""
    sums = read_explained(path)
    for what, count in more.items():
        sums[what] = sums.get(what, 0) + count
    path.write_text("".join(f"{sums[what]} {what}\n" for what in sorted(sums, key=lambda what: int(what.split()[0]))))


def write_summary(folder, guests):
    text = ["# Campaigns", "", time.strftime("State of %Y-%m-%d %H:%M:%S."), "",
            "| guest | seed | interpreter | baseline | LLVM | qemu | minutes | unexplained |", "|---|---|---|---|---|---|---|---|"]
    notes = []
    for guest in guests:
        totals, _ = read_state(folder / f"{guest}.state")
        explained = read_explained(folder / f"{guest}.explained")
        if not totals:
            continue
        text.append(f"| {guest} | {totals['seed']} | {totals['interp']:,} | {totals['baseline']:,} | {totals['llvm']:,} | "
                    f"{totals['qemu']:,} | {totals['seconds'] // 60} | {totals['failures']} |")
        if explained:
            notes += ["", f"## {guest}: explained", ""]
            for what, count in explained.items():
                number, rest = what.split(" ", 1)
                notes.append(f"- {count:,} times, line {number} of explained.txt, {rest}")
        log = folder / f"{guest}.log"
        if totals["failures"] and log.exists():
            notes += ["", f"## {guest}: not explained", "", "```", log.read_text()[-8000:], "```"]
    (folder / "README.md").write_text("\n".join(text + notes) + "\n")


def run_guest(build, folder, guest, seconds, guests):
    end = time.monotonic() + seconds
    status = 0
    env = dict(os.environ, DGM_BACKEND_DIR=str((build / "backend/llvm").resolve()))
    while (left := end - time.monotonic()) > 1 and not status:
        done = subprocess.run(["nice", "-n", "19", *command(build, guest, folder / f"{guest}.state", max(1, min(SLICE, int(left))))],
                              env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        status = done.returncode
        if status:
            with open(folder / f"{guest}.log", "a") as log:
                log.write(done.stdout + done.stderr)
        totals, explained = read_state(folder / f"{guest}.state")
        add_explained(folder / f"{guest}.explained", explained)
        write_summary(folder, guests)
        print(f"{guest}: {totals.get('interp', 0):,} instructions, {totals.get('qemu', 0):,} compared with qemu, "
              f"{totals.get('failures', 0)} unexplained, {max(0, int(end - time.monotonic()) // 60)} minutes left", flush=True)
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hours", nargs="?", type=float, default=1)
    parser.add_argument("--guest", action="append", choices=list(QEMU))
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    args = parser.parse_args()
    guests = args.guest or list(QEMU)
    folder = args.build / "campaign"
    folder.mkdir(exist_ok=True)
    seconds = 60 * args.minutes if args.minutes else 3600 * args.hours
    failed = [guest for guest in guests if run_guest(args.build, folder, guest, seconds, list(QEMU))]
    print(f"{folder / 'README.md'}: {len(guests) - len(failed)} guests without an unexplained difference, {len(failed)} with")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
