#!/usr/bin/env python3
"""Names under -L: links in the root mean what they would to a system that has it as its root. root.py DRAGOMAN GUEST-PROGRAM"""
import os
import pathlib
import subprocess
import sys
import tempfile

# call -> what it prints; {host} is a folder that only this machine has.
CASES = """
open /etc/name                    -> root ok
open /abs/name                    -> root ok
open /up/etc/name                 -> root ok
open /twice                       -> root ok
open {host}/only                  -> host ok
open /to-host                     -> host ok
open /to-host-folder/only         -> host ok
open /nowhere                     -> ENOENT
open /dangling                    -> ENOENT
open /loop                        -> ELOOP
open /twice/more                  -> ENOTDIR
open /abs/../etc/name             -> root ok
open /../../../etc/name           -> root ok
stat /abs                         -> folder ok
stat /abs/                        -> folder ok
lstat /abs                        -> link ok
lstat /abs/                       -> folder ok
lstat /twice                      -> link ok
lstat /dangling                   -> link ok
stat /dangling                    -> ENOENT
access /twice                     -> ok
readlink /twice                   -> /abs/name ok
readlink /abs/name                -> EINVAL
realpath /twice                   -> /etc/name ok
realpath /up/etc                  -> /etc ok
chmod /twice                      -> ok
truncate /abs/short               -> ok
open /etc/short                   -> lon ok
utime /twice                      -> ok
utime /dangling                   -> ENOENT
statfs /abs                       -> ok
xattr /twice                      -> ok
chdir /abs                        -> ok
getcwd                            -> /etc ok
open name                         -> root ok
open ../etc/name                  -> root ok
open ../../../abs/name            -> root ok
lstat ../twice                    -> link ok
make ../made                      -> ok
stat /made                        -> file ok
unlink ../made                    -> ok
stat /made                        -> ENOENT
make /dangling                    -> EEXIST
make-how /dangling                -> EEXIST
make-how /made                    -> ok
unlink /made                      -> ok
mkdir ../new                      -> ok
mkdir /new/deep/er                -> ENOENT
mkdir /new/sub/                   -> ok
stat /new/sub                     -> folder ok
make /new/x                       -> ok
symlink /new/x /new/l             -> ok
open /new/l                       -> empty ok
rename /new/l /new/m              -> ok
lstat /new/m                      -> link ok
stat /new/x                       -> file ok
link /new/m /new/hard             -> ok
lstat /new/hard                   -> file ok
unlink /new/m                     -> ok
stat /new/x                       -> file ok
chdir {host}                      -> ok
open only                         -> host ok
open ../../../../../../../etc/name -> ENOENT
listen /sub/socket                -> /sub/socket 1 ok
reach /sub/socket                 -> /sub/socket ok
unlink /sub/socket                -> ok
reach /sub/socket                 -> ENOENT
listen /to-sub/two                -> /sub/two 1 ok
reach /sub/two                    -> /sub/two ok
dir /sub                          -> ok
open file                         -> sub ok
open rel                          -> sub ok
open abs                          -> root ok
open ../etc/name                  -> root ok
lstat abs                         -> link ok
readlink abs                      -> /abs/name ok
nodir                             -> ok
readlink /proc/self/cwd           -> {host} ok
chdir /sub                        -> ok
readlink /proc/self/cwd           -> /sub ok
access /proc/self/maps            -> ok
open /dev/null                    -> empty ok
exec /prog                        -> ENOENT
exec /absprog                     -> anew
"""


def make(root, host):
    for folder in ("etc", "sub", "bin", "dev", str(host.parent)[1:]):
        (root / folder).mkdir(parents=True)
    (root / "dev/null").write_text("root\n")
    (root / "etc/name").write_text("root\n")
    (root / "etc/short").write_text("long\n")
    (root / "sub/file").write_text("sub\n")
    (host / "only").write_text("host\n")
    for link, target in (("abs", "/etc"), ("up", "../../.."), ("twice", "/abs/name"), ("dangling", "/nowhere/at/all"), ("loop", "/loop2"),
                         ("loop2", "/loop"), ("to-host", f"{host}/only"), ("to-host-folder", str(host)), ("sub/rel", "file"),
                         ("sub/abs", "/abs/name"), ("absprog", "/bin/script"), ("to-sub", "/sub")):
        (root / link).symlink_to(target)
    (root / "bin/script").write_text("#!/bin/sh\necho anew\n")
    (root / "bin/script").chmod(0o755)


def places(dragoman, program, root, host):
    """Where new files are made whose folder both have, and only the host: lines of what is wrong."""
    wrong = []
    for option, base in (None, ""), ("--make-in-root", root):
        argv = [dragoman, "-L", str(root), *([option] if option else []), program]
        subprocess.run(argv, input=f"make {host}.new\nmake {host}/new\n", capture_output=True, text=True, timeout=100)
        made = {p for p in (f"{host}.new", f"{host}/new", f"{root}{host}.new", f"{root}{host}/new") if os.path.exists(p)}
        for path in made:
            os.unlink(path)
        if made != {f"{base}{host}.new", f"{host}/new"}:
            wrong.append(f"{option}: {sorted(made)}")
    return wrong


def main(dragoman, program):
    with tempfile.TemporaryDirectory(prefix="dragoman-root-") as name, tempfile.TemporaryDirectory(prefix="dragoman-host-") as other:
        root, host = pathlib.Path(name), pathlib.Path(other)
        make(root, host)
        cases = [line.split("->") for line in CASES.format(host=host).strip().splitlines()]
        calls, want = [c.strip() for c, _ in cases], [w.strip() for _, w in cases]
        done = subprocess.run([dragoman, "-L", name, program], input="\n".join(calls) + "\n", capture_output=True, text=True, timeout=100)
        got = done.stdout.splitlines()
        wrong = places(dragoman, program, root, host)
    print(f"1..{len(calls) + 2}")
    for i, (call, expected) in enumerate(zip(calls, want), 1):
        result = got[i - 1] if i <= len(got) else f"nothing: {done.stderr}"
        print(f"{'ok' if result == expected else 'not ok'} {i} - {call}")
        if result != expected:
            print(f"# {result}\n# expected: {expected}")
    last = len(got) == len(calls)
    print(f"{'ok' if last else 'not ok'} {len(calls) + 1} - nothing besides")
    print(f"{'not ok' if wrong else 'ok'} {len(calls) + 2} - where new files are made" + "".join(f"\n# {line}" for line in wrong))
    return 0


if __name__ == "__main__":
    os.environ.pop("DGM_SYSROOT", None)
    sys.exit(main(*sys.argv[1:]))
