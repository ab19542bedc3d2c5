#!/usr/bin/env python3
"""Reads what `meson test` logged in a build folder: prints failures, then `N passed, N failed`.

Cases of TAP tests count one each, any other test counts as one. Skipped cases count as neither.
"""
import json
import pathlib
import re
import sys


def tally(test):
    """(passed, failed) of one entry of the log."""
    lines = test.get("stdout", "").splitlines()
    bad = test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")
    if any(re.match(r"1\.\.\d", line) for line in lines):
        passed = sum(bool(re.match(r"\s*ok\b(?!.*# SKIP)", line, re.I)) for line in lines)
        failed = sum(bool(re.match(r"\s*not ok\b", line)) for line in lines)
        return passed, failed or int(bad)
    return int(test["result"] in ("OK", "EXPECTEDFAIL")), int(bad)


def explain(test):
    lines = (test.get("stdout", "") + test.get("stderr", "")).splitlines()
    interesting = [i for i, line in enumerate(lines) if re.match(r"\s*not ok\b", line)]
    print(f"FAILED {test['name']} ({test['result']})")
    if interesting:
        for i in interesting[:20]:
            end = next((j for j in range(i + 1, len(lines)) if not lines[j].startswith("#")), len(lines))
            print("".join(f"    {line}\n" for line in lines[i:min(end, i + 16)]), end="")
    else:
        print("".join(f"    {line}\n" for line in lines[-30:]), end="")


def main(build):
    log = pathlib.Path(build) / "meson-logs" / "testlog.json"
    passed = failed = 0
    tests = []
    for line in log.read_text().splitlines() if log.exists() else []:
        try:
            tests.append(json.loads(line))
        except json.JSONDecodeError:
            print(f"{log}: a result is cut off")
            failed += 1
    for test in tests:
        p, f = tally(test)
        passed, failed = passed + p, failed + f
        if f:
            explain(test)
    if not tests:
        print(f"{log}: no results")
        failed = 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
