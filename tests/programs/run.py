#!/usr/bin/env python3
"""Compiles the programs of this folder for a guest and runs them on dragoman, tier by tier.

A case is one program, linked one way, on one tier. It passes when standard output and the way
the program ended (status or signal) are those of the reference. The head comment of a program
may hold directives, one a line:
  @reference self     the program checks itself: expected is status 0, output does not matter
  @reference qemu     the reference is qemu-user; the comparison is left out where there is none
  @status N           the expected status of a self-checking program; a negative N is a signal
  @args A B           arguments
  @flags -A -B        options for the compilers (GCC 12 cannot vectorise everything for every guest)
  @stdin TEXT         standard input, with the escapes of Python
  @timeout S          seconds, default 30
  @without TIER       it would show nothing there that other programs do not, and take long
The default reference is the same program built for this machine. A program whose name begins with that
of a guest and "_" is for that guest alone.
"""
import argparse
import concurrent.futures
import difflib
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
# Name of the guest: prefix of its compiler, which names its sysroot as well, and qemu-user's program.
GUESTS = {
    "ppc": ("powerpc-linux-gnu", "qemu-ppc"),
    "aarch64": ("aarch64-linux-gnu", "qemu-aarch64"),
    "arm": ("arm-linux-gnueabihf", "qemu-arm"),
}
CFLAGS = ["-std=gnu17", "-O2", "-D_GNU_SOURCE", "-funsigned-char", "-fno-strict-overflow", "-frounding-math", "-w"]
# Ways to run that are named like tiers: with the interpreter beside; with what runs a few times compiled by LLVM at once; with
# little room for code that is hot soon, about half of what the C library needs to start.
SETTINGS = {"audit": ["--audit"], "hot": ["--workers=0", "--hot-after=20"], "tight": ["--code-size=128K", "--hot-after=300", "--workers=2"]}
TIERS = ["interp", "baseline", "llvm", "auto"]


class Program:
    def __init__(self, path):
        head = re.search(r"/\*(.*?)\*/", path.read_text(), re.S)
        found = dict(re.findall(r"@(\w+) ((?:(?! @\w).)*?)(?=\s*$| @\w)", head[1], re.M)) if head else {}
        self.path, self.name = path, path.stem
        self.reference = found.get("reference", "native")
        self.status = int(found.get("status", 0))
        self.args = found.get("args", "").split()
        self.flags = found.get("flags", "").split()
        self.stdin = found.get("stdin", "").encode().decode("unicode_escape").encode("latin-1")
        self.without = found.get("without", "").split()
        self.timeout = float(found.get("timeout", 30))


def compile_once(compiler, flags, source, out):
    """Builds out unless it is newer than the source; returns an error text or None."""
    if out.exists() and out.stat().st_mtime > source.stat().st_mtime:
        return None
    fresh = out.with_name(f"{out.name}.{os.getpid()}")
    done = subprocess.run([compiler, *CFLAGS, *flags, str(source), "-o", str(fresh), "-lm"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        return f"{compiler}: {done.stderr.strip()}"
    fresh.rename(out)
    return None


def execute(argv, program, timeout):
    env = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DGM_BACKEND_DIR") or
           k.startswith(("ASAN_", "UBSAN_"))}
    env.update(LC_ALL="C", TZ="UTC0", PROGRAM="test")
    try:
        done = subprocess.run(argv + program.args, input=program.stdin, capture_output=True, env=env,
                              timeout=timeout)
    except subprocess.TimeoutExpired as late:
        return "timeout", late.stdout or b"", late.stderr or b""
    return done.returncode, done.stdout, done.stderr


class Runner:
    def __init__(self, options):
        self.options = options
        self.build = pathlib.Path(options.build)
        self.build.mkdir(parents=True, exist_ok=True)
        self.expected = {}
        triplet, qemu = GUESTS[options.guest]
        self.sysroot, self.qemu = f"/usr/{triplet}", shutil.which(qemu)

    def guest(self, program, link):
        return self.build / f"{program.name}.{self.options.guest}-{link}"

    def prepare(self, program):
        """Compiles and finds the expected result: (status, stdout) or a text why there is none."""
        if program.reference == "native":
            error = compile_once(self.options.cc, program.flags, program.path, self.build / f"{program.name}.native")
            if error:
                return error
        for link in self.options.link:
            flags = [*program.flags, *(["-static"] if link == "static" else [])]
            error = compile_once(self.options.cross, flags, program.path, self.guest(program, link))
            if error:
                return error
        if program.reference == "self":
            return program.status, None
        if program.reference == "qemu":
            if not self.qemu:
                return "skip"
            argv = [self.qemu, "-L", self.sysroot, str(self.guest(program, self.options.link[0]))]
        else:
            argv = [str(self.build / f"{program.name}.native")]
        status, out, err = execute(argv, program, program.timeout)
        return (status, out) if status != "timeout" else "the reference does not end"

    def command(self, program, link, tier):
        if tier == "qemu":
            return [self.qemu, "-L", self.sysroot, str(self.guest(program, link))]
        extra = ["-L", self.sysroot] if link == "dynamic" else []
        how = SETTINGS.get(tier, [f"--tier={tier}"])
        return [self.options.dragoman, *how, *extra, str(self.guest(program, link))]

    def case(self, program, link, tier):
        """One case; returns None or a report of the failure."""
        status, expected = self.expected[program.name]
        slow = 20 if tier == "audit" else 4 if tier in ("interp", "llvm", "hot") else 1
        got, out, err = execute(self.command(program, link, tier), program,
                                program.timeout * slow * self.options.slow)
        report = ""
        if got != status:
            report += f"  ended with {got}, expected {status}\n"
        if expected is not None and out != expected:
            want = expected.decode("latin-1").splitlines()
            have = out.decode("latin-1").splitlines()
            lines = list(difflib.unified_diff(want, have, "expected", "dragoman", lineterm="", n=1))
            report += "".join(f"  {line}\n" for line in lines[:20])
        elif got != status:
            report += "".join(f"  out: {line}\n" for line in out.decode("latin-1").splitlines()[-6:])
        if report and err:
            report += "".join(f"  err: {line}\n" for line in err.decode("latin-1").splitlines()[-6:])
        return report or None

    def no_flush(self, program, link):
        """Whether `tight` is not: a report if the program ran without dropping its translations."""
        argv = self.command(program, link, "tight")
        _, _, err = execute([argv[0], "--stats", *argv[1:]], program, program.timeout * self.options.slow)
        return None if any(map(int, re.findall(rb"flushes (\d+)", err))) else f"  {program.name}: {err.decode('latin-1')}"


def parse(argv):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--dragoman", help="the program to test")
    p.add_argument("--build", default="build/programs", help="folder for compiled programs")
    p.add_argument("--cc", default="cc")
    p.add_argument("--guest", default="ppc", choices=GUESTS)
    p.add_argument("--cross", help="the guest's compiler")
    p.add_argument("--tier", default=",".join(TIERS), help="comma-separated; also audit, hot: LLVM compiles soon, and tight: little room for code; "
                   "qemu validates the programs themselves")
    p.add_argument("--link", default="static,dynamic")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--slow", type=float, default=1, help="factor for time limits (sanitizers)")
    p.add_argument("--leave-out", default="", help="programs not to run, with commas")
    p.add_argument("names", nargs="*", help="only these programs")
    options = p.parse_args(argv)
    options.cross = options.cross or GUESTS[options.guest][0] + "-gcc"
    options.tier = options.tier.split(",")
    options.link = options.link.split(",")
    if not options.dragoman and options.tier != ["qemu"]:
        p.error("--dragoman is needed")
    return options


def wanted(name, options):
    owner = name.split("_")[0]
    if name in options.leave_out.split(","):
        return False
    return (owner not in GUESTS or owner == options.guest) and (not options.names or name in options.names)


def main(argv):
    options = parse(argv)
    if not shutil.which(options.cross):
        print(f"1..0 # SKIP {options.cross} is not installed")
        return 0
    sources = HERE.glob("*.c")
    programs = [Program(p) for p in sorted(sources, key=lambda p: p.stem) if wanted(p.stem, options)]
    runner = Runner(options)
    number = failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        ready = dict(zip([p.name for p in programs], pool.map(runner.prepare, programs)))
        runner.expected = {name: r for name, r in ready.items() if not isinstance(r, str)}
        cases = [(p, link, tier) for p in programs if p.name in runner.expected
                 for link in options.link for tier in options.tier if tier not in p.without]
        tight = [(p, link) for p, link, tier in cases if tier == "tight"][:1]
        print(f"1..{len(cases) + len(tight) + sum(isinstance(r, str) for r in ready.values())}")
        for name, why in ready.items():
            if isinstance(why, str):
                number += 1
                skip = why == "skip"
                failed += not skip
                print(f"{'ok' if skip else 'not ok'} {number} - {name}" +
                      (f" # SKIP {GUESTS[options.guest][1]} is not installed" if skip else f"\n# {why}".replace("\n", "\n# ")))
        reports = itertools.chain(pool.map(lambda c: runner.case(*c), cases), (runner.no_flush(*t) for t in tight))
        names = [f"{p.name} {link} {tier}" for p, link, tier in cases] + ["translations are dropped"] * len(tight)
        for name, report in zip(names, reports):
            number += 1
            failed += report is not None
            print(f"{'not ok' if report else 'ok'} {number} - {name}", flush=True)
            if report:
                print("".join(f"#{line}\n" for line in report.splitlines()), end="", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
