#!/usr/bin/env python3
"""Arguments and environment of a guest as other processes see them: title.py DRAGOMAN GUEST-PROGRAM"""
import ctypes
import subprocess
import sys

PR_SET_MM, PR_SET_MM_MAP_SIZE = 35, 15

name = b"name\0one\0two"
xs, ys = b"x" * len(name), b"y" * (len(name) + 4)
env = b"A=bcdefg\0B=i\0"
want = b"".join((
    b"begin\n", name, b"\0", env, b"\n",
    b"short\n", xs, b"\0", env, b"\n",
    b"own short\n", xs, b"\0\n",
    # The environment has lost its first letters.
    b"long\n", ys, env[3:9], b"y" * 3, env[3:], b"\n",
    b"own long\n", ys, env[3:9], b"\n",
    b"child\nzz", ys[2:], env[3:9], b"y" * 3, env[3:], b"\n",
    b"executed\nother name\0again\0", b"y" * 3, env[3:], b"\n",
))

size = ctypes.c_uint()
if ctypes.CDLL(None).prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, ctypes.byref(size), 0, 0):
    print("1..0 # SKIP this kernel lets no process say where its arguments are")
    sys.exit()
print("1..1")
done = subprocess.run([sys.argv[1], "-0", "name", sys.argv[2], "one", "two"], capture_output=True, env={"A": "bcdefg", "B": "i"}, timeout=60)
good = done.stdout == want and not done.returncode
print("ok 1 - shown" if good else f"not ok 1 - shown\n# {done.stdout!r}\n# expected {want!r}\n# {done.stderr!r}")
sys.exit(not good)
