#!/usr/bin/env python3
"""Runs every libFuzzer target of the build folder for its share of the given seconds: fuzz.py SECONDS [BUILD]"""
import os
import pathlib
import subprocess
import sys


def main(seconds, build="build"):
    targets = [p for p in sorted((pathlib.Path(build) / "tests" / "fuzz").glob("fuzz-*"))
               if p.is_file() and os.access(p, os.X_OK)]
    failed = 0
    for target in targets:
        corpus = pathlib.Path(build) / "corpus" / target.name
        corpus.mkdir(parents=True, exist_ok=True)
        share = max(1, round(float(seconds) / len(targets)))
        done = subprocess.run([str(target), f"-max_total_time={share}", "-timeout=10", "-rss_limit_mb=2048",
                               "-verbosity=0", "-print_final_stats=1", f"-artifact_prefix={corpus}.", str(corpus)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        runs = next((line.split()[-1] for line in done.stderr.splitlines() if "executed_units" in line), "?")
        print(f"{'ok' if done.returncode == 0 else 'FAILED'} {target.name}: {runs} runs in {share} s")
        if done.returncode:
            print(done.stderr[-4000:])
        failed += done.returncode != 0
    if not targets:
        print("no fuzzers were built: clang is missing")
        failed = 1
    print(f"{len(targets) - failed if targets else 0} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
