#!/usr/bin/env python3
"""Programs of each guest under GDB: what gdb-multiarch prints, and how the guest ends.

Usage: run.py --dragoman PROGRAM --build FOLDER --guest NAME [--tier TIER]. Skips where gdb-multiarch or the cross compiler is missing.
"""
import argparse
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
GUESTS = {
    "ppc": ("powerpc-linux-gnu-gcc", ["-O0"], "r3"),
    "aarch64": ("aarch64-linux-gnu-gcc", ["-O0"], "x0"),
    "arm": ("arm-linux-gnueabihf-gcc", ["-O0", "-marm"], "r0"),
    "thumb": ("arm-linux-gnueabihf-gcc", ["-O0", "-mthumb"], "r0"),
}
TIME = 90


class Failure(Exception):
    pass


class Bench:
    def __init__(self, args):
        self.dragoman, self.tier = args.dragoman, args.tier
        self.cc, self.flags, self.argument = GUESTS[args.guest]
        self.folder = pathlib.Path(args.build) / f"gdb-{args.guest}-{args.tier}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def program(self, name, link="-static"):
        out = self.folder / (name + link)
        subprocess.run([self.cc, "-g", link, "-pthread", *self.flags, HERE / f"{name}.c", "-o", out], check=True, timeout=TIME)
        return out

    def line(self, program, *args):
        return [self.dragoman, f"--tier={self.tier}", "--gdb", "stdio", str(program), *args]

    def gdb(self, program, commands, args=()):
        target = "target remote | exec " + " ".join(self.line(program, *args))
        return ["gdb-multiarch", "-nx", "-batch", "-ex", "set pagination off", "-ex", "set confirm off", "-ex", "set remotetimeout 60",
                "-ex", f"set sysroot /usr/{self.cc.removesuffix('-gcc')}", "-ex", target,
                *[w for c in commands for w in ("-ex", c)], str(program)]

    def session(self, program, commands, expect, args=()):
        r = subprocess.run(self.gdb(program, commands, args), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           stdin=subprocess.DEVNULL, text=True, timeout=TIME)
        in_order(r.stdout, expect)
        return r.stdout


def in_order(text, expect):
    """Each pattern must be found behind the one before it."""
    at = 0
    for pattern in expect:
        found = re.compile(pattern, re.M).search(text, at)
        if not found:
            raise Failure(f"no {pattern!r} in its place in:\n{text}")
        at = found.end()


def breakpoints(b):
    b.session(b.program("session"),
              ["break main", "continue", "bt", "break square", "continue", "bt", f"p ${b.argument}", "info registers", "finish",
               "delete 2", "next", "next", "next", "print sum", "print ratio", "set variable answer = 7", "print answer",
               "delete", "continue"],
              [r"Breakpoint 1, main \(argc=1", r"^#0  main", r"Breakpoint 2, square \(n=1\)", r"^#0  square \(n=1\)", r"^#1 .* in main",
               r"^\$1 = 1$", r"^pc .*<square\+", r"Value returned is \$2 = 1", r"^\$3 = 5$", r"^\$4 = 2\.5$", r"= 7$", r"^sum 14 answer 7$", r"exited with code 07"])


def memory_is_clean(b):
    """What stands in memory is shown without breakpoints, and can be changed."""
    program = b.program("session")
    code = "x/4xb &square"
    one = b.session(program, [code, "kill"], [r"<square"])
    other = b.session(program, ["break *square", "break main", "continue", code, "p message[0]", "set var message = \"changed!\"",
                                "delete", "continue"], [r"Breakpoint 2, main", r"<square", r"^changed! 14 answer 42$|^changed!"])
    line = re.compile(r"^0x\w+ <square>:.*$", re.M)
    if line.search(one)[0] != line.search(other)[0]:
        raise Failure(f"{line.search(one)[0]} became {line.search(other)[0]}")


def single_steps(b):
    """Instruction by instruction through a function: each step moves, and ends where the function does."""
    b.session(b.program("session"),
              ["break square", "continue", "delete", "python n = 0",
               "python while gdb.selected_frame().name() == 'square' and n < 100: gdb.execute('stepi', to_string=True); n += 1",
               "python print('after', n, gdb.selected_frame().name())", "print answer", "continue"],
              [r"Breakpoint 1, square", r"^after [1-9]\d? main$", r"^\$1 = 42", r"exited with code 052"])


def interrupt(b):
    program = b.program("session")
    gdb = subprocess.Popen(b.gdb(program, ["continue", "print answer > 42", "bt", "set var answer = -1", "kill", "echo gone\\n"], ["loop"]),
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                           start_new_session=True)
    text = ""
    try:
        for line in gdb.stdout:
            text += line
            if line.startswith("sum"):
                time.sleep(0.3)
                gdb.send_signal(signal.SIGINT)
        gdb.wait(timeout=TIME)
    finally:
        gdb.kill()
    in_order(text, [r"received signal SIGINT", r"^\$1 = 1$", r"^#0  .*main", r"^gone$"])


def signals(b):
    program = b.program("threads")
    b.session(program, ["continue", "continue", "continue"],
              [r"received signal SIGUSR1", r"^seen 1$", r"^counted 50 50$", r"^child 5$", r"^shell 3$", r"received signal SIGABRT",
               r"terminated with signal SIGABRT"])
    b.session(program, ["continue", "signal 0", "p seen", "continue"],
              [r"received signal SIGUSR1", r"^seen 0$", r"received signal SIGSEGV", r"^\$1 = 0$", r"terminated with signal SIGSEGV"], ["x"])


def watchpoints(b):
    """What is watched stops in front of the access, whoever makes it; hardware breakpoints leave memory alone."""
    out = b.session(b.program("session"),
                    ["hbreak main", "continue", "watch sum", "continue", "continue", "delete", "rwatch answer", "continue", "bt", "delete",
                     "info watchpoints", "continue"],
                    [r"Hardware assisted breakpoint 1", r"Breakpoint 1, main", r"Hardware watchpoint 2: sum", r"^Old value = \S+$", r"^New value = \S+$",
                     r"^Old value = \S+$", r"^New value = \S+$", r"Hardware read watchpoint 3: answer", r"^Value = 42$", r"^#0 .*main",
                     r"No watchpoints", r"^sum 14 answer 42$", r"exited with code 052"])
    values = re.findall(r"(?:Old|New) value = (\S+)", out)
    if values[1] != values[2] or values[1] == values[3]:
        raise Failure(f"sum became {values}")
    b.session(b.program("threads"),
              ["handle SIGUSR1 nostop noprint pass", "break meet", "continue", "delete", "awatch counter[1]", "continue", "ignore 2 96", "continue",
               "p counter[1] + counter[0]", "ignore 2 1000", "continue"],
              [r"hit Breakpoint 1, meet", r"watchpoint 2: counter\[1\]$", r"hit Hardware access .*\n+^Value = \S+$",
               r"hit Hardware access", r"= (49|50)$", r"^counted 50 50$", r"^child 5$", r"^shell 3$", r"SIGABRT"])


def threads(b):
    """All stop together, asleep or not; a fork's child is not to run into breakpoints."""
    b.session(b.program("threads"),
              ["handle SIGUSR1 nostop noprint pass", "break meet", "continue", "info threads", "continue", "ignore 1 40", "continue",
               "thread apply all bt", "stepi", "next", "ignore 1 1000", "continue"],
              [r"hit Breakpoint 1, meet", r"^\* \d+ +Thread .* meet", r"hit Breakpoint 1, meet", r"hit Breakpoint 1, meet",
               r"in sleeper", r"^#\d+ .*\bmain \(argc=1", r"^counted 50 50$", r"^child 5$", r"^shell 3$", r"SIGABRT"])


def libraries(b):
    """A program that is loaded anywhere: GDB finds out where, and its libraries."""
    b.session(b.program("session", "-pie"), ["break main", "continue", "info sharedlibrary", "break fflush", "continue", "bt", "delete", "continue"],
              [r"Breakpoint 1, main", r"libc\.so", r"Breakpoint 2, .*fflush", r" in main \(argc=1", r"^sum 14 answer 42$", r"exited with code 052"])


def ports(b):
    """Over TCP, by hand: an exit status; a line that goes away takes the guest with it."""
    for end, status in ((b"$D#44", 42), (None, -signal.SIGKILL)):
        program = [str(b.program("session"))] + ([] if end else ["loop"])
        guest = subprocess.Popen([b.dragoman, f"--tier={b.tier}", "--gdb=0", *program], stderr=subprocess.PIPE,
                                 stdout=subprocess.DEVNULL, text=True)
        port = int(re.search(r"port (\d+)", guest.stderr.readline())[1])
        with socket.create_connection(("127.0.0.1", port), timeout=TIME) as s:
            s.sendall(b"$?#3f")
            answer = b""
            while not re.search(rb"\+\$T05thread:[0-9a-f]+;#..", answer):
                part = s.recv(100)
                if not part:
                    raise Failure(f"the line ended after {answer!r}")
                answer += part
            s.sendall(b"+" + (end or b"$c#63"))
            if not end:
                time.sleep(0.2)
        if guest.wait(timeout=TIME) != status:
            raise Failure(f"status {guest.returncode}, not {status}")


TESTS = [breakpoints, memory_is_clean, single_steps, interrupt, signals, watchpoints, threads, libraries, ports]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dragoman", required=True)
    parser.add_argument("--build", required=True)
    parser.add_argument("--guest", required=True, choices=GUESTS)
    parser.add_argument("--tier", default="auto")
    args = parser.parse_args()
    missing = [p for p in ("gdb-multiarch", GUESTS[args.guest][0]) if not shutil.which(p)]
    if missing:
        print(f"1..0 # SKIP no {', '.join(missing)}")
        return 0
    bench, bad = Bench(args), 0
    print(f"1..{len(TESTS)}")
    for i, test in enumerate(TESTS, 1):
        try:
            test(bench)
            print(f"ok {i} {test.__name__}", flush=True)
        except (Failure, subprocess.SubprocessError, OSError, TypeError) as e:
            bad += 1
            print(f"not ok {i} {test.__name__}\n# " + str(e).replace("\n", "\n# "), flush=True)
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
