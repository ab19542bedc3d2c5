"""Runs a guest program under dragoman: passes when it says "done" and nothing else, and ends with 0."""
import subprocess
import sys

result = subprocess.run(sys.argv[1:], capture_output=True, timeout=60)
if result.returncode or result.stdout != b"done\n" or result.stderr:
    sys.exit(f"status {result.returncode}\n{result.stdout.decode()}{result.stderr.decode()}")
