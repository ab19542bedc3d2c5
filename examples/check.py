#!/usr/bin/env python3
"""Fails unless a program ends with status 0 and prints a text: check.py PROGRAM TEXT"""
import subprocess
import sys


def main(argv):
    done = subprocess.run(argv[:1], capture_output=True, text=True, timeout=50)
    if done.returncode or done.stdout.strip() != argv[1].strip():
        print(f"status {done.returncode}, printed:\n{done.stdout}{done.stderr}\nnot:\n{argv[1]}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
