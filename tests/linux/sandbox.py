#!/usr/bin/env python3
"""Options that need name spaces: --sandbox and --install-binfmt. sandbox.py DRAGOMAN GUEST-PROGRAM"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

INSIDE = """
open /etc/name        -> root ok
make /new             -> ok
make /etc/new         -> ok
open {host}/only      -> ENOENT
open {host}           -> ENOENT
open /home            -> ENOENT
make /usr/new         -> EROFS
unlink /usr/bin/env   -> EROFS
chmod /usr/bin/env    -> EROFS
make /dev/new         -> EROFS
access /dev/null      -> ok
chroot /              -> EPERM
connect               -> ENETUNREACH
kill {pid}            -> ESRCH
privileges            -> 0 ok
{spaces}
end {how}             -> {shown}
"""


def run(argv, text="", **more):
    return subprocess.run(argv, input=text, capture_output=True, text=True, timeout=60, **more)


def sandbox(dragoman, program, how, shown, status):
    """Lines of what is wrong."""
    with tempfile.TemporaryDirectory(prefix="dragoman-root-") as root, tempfile.TemporaryDirectory(prefix="dragoman-host-") as host:
        etc = pathlib.Path(root) / "etc"
        etc.mkdir()
        (etc / "name").write_text("root\n")
        (pathlib.Path(host) / "only").write_text("host\n")
        shutil.copy(program, f"{root}/prog")
        spaces = "\n".join(f"same /proc/self/ns/{s} {os.readlink(f'/proc/self/ns/{s}')} -> no ok" for s in ("ipc", "mnt", "net", "pid", "user"))
        text = INSIDE.format(host=host, pid=os.getpid(), how=how, shown=shown, spaces=spaces)
        cases = [line.split("->") for line in text.strip().splitlines()]
        done = run([dragoman, "--sandbox", "-L", root, f"{root}/prog"], "".join(c.strip() + "\n" for c, _ in cases))
        made = sorted(str(p.relative_to(root)) for p in pathlib.Path(root).rglob("new"))
    want = [w.strip() for _, w in cases]
    got = done.stdout.splitlines()
    wrong = [f"{c.strip()}: {g}, expected {w}" for (c, _), g, w in zip(cases, got, want) if g != w]
    if len(got) != len(want) or done.returncode != status or made != ["etc/new", "new"]:
        wrong.append(f"{len(got)} lines, status {done.returncode}, made {made}\n{done.stderr}")
    return wrong


def signalled(dragoman, program):
    """A signal for the process outside is the guest's."""
    argv = [dragoman, "--sandbox", "-L", os.path.dirname(program), program]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        process.stdin.write("getcwd\n")
        process.stdin.flush()
        process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
    return [] if process.returncode == -signal.SIGTERM else [f"status {process.returncode}"]


def refused(dragoman, program):
    """What is said where there are no name spaces (the kernel allows none in this one)."""
    script = f"echo 0 >/proc/sys/user/max_user_namespaces && {dragoman} --sandbox -L /tmp {program}"
    done = run(["unshare", "-Urm", "sh", "-c", script])
    return [] if done.returncode == 126 and "does not let this process have name spaces" in done.stderr else [f"{done.returncode} {done.stderr}"]


def binfmt(dragoman, program):
    lines = run([dragoman, "--install-binfmt=print"]).stdout.splitlines()
    script = ("mount -t binfmt_misc none /proc/sys/fs/binfmt_misc || exit 77; "
              f"{dragoman} --install-binfmt && {dragoman} --install-binfmt && ls /proc/sys/fs/binfmt_misc && echo arguments | bash -c 'exec -a zero {program} one two'")
    done = run(["unshare", "-Urm", "sh", "-c", script])
    if done.returncode == 77:
        return None
    want = ["dragoman-aarch64", "dragoman-armv7l", "dragoman-ppc", "register", "status", "zero one two ok"]
    wrong = [] if done.stdout.splitlines() == want else [done.stdout + done.stderr]
    return wrong + ([] if len(lines) == 3 and all(line.endswith(":PF") for line in lines) else ["printed: " + "\n".join(lines)])


def main(dragoman, program):
    dragoman, program = os.path.abspath(dragoman), os.path.abspath(program)
    if not shutil.which("unshare") or run(["unshare", "-Urmpn", "--fork", "true"]).returncode:
        print("1..0 # SKIP no name spaces here")
        return 0
    tests = [("sandbox", lambda: sandbox(dragoman, program, "status", "", 0)),
             ("sandbox ends with the status", lambda: sandbox(dragoman, program, "exit", "7", 7)),
             ("sandbox ends by the signal", lambda: sandbox(dragoman, program, "signal", "15", -signal.SIGTERM)),
             ("a signal from outside", lambda: signalled(dragoman, program)),
             ("no name spaces", lambda: refused(dragoman, program)), ("binfmt", lambda: binfmt(dragoman, program))]
    print(f"1..{len(tests)}")
    for i, (name, test) in enumerate(tests, 1):
        wrong = test()
        print(f"{'not ok' if wrong else 'ok'} {i} - {name}" + (" # SKIP no binfmt_misc for name spaces" if wrong is None else ""))
        print("".join(f"# {line}\n" for text in wrong or [] for line in text.splitlines()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
