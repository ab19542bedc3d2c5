#!/usr/bin/env python3
"""Plants bugs one at a time and sees whether the tests find them.

    plant_bugs.py [options] [first[-last]]     numbers count from 1; without them, all
      --list FILE       the bugs (tests/planted/bugs.txt); plant_draw.py draws others
      --workers N       copies of the tree to work in (1)
      --near            only the tests beside what is changed: a first look
      --again           forget earlier verdicts on the bugs named
      --report          print what is known and stop
      --check           only see that every bug of the list still applies; needs no build

Each bug gets an incremental build and then the tests of `./dev test`: those beside what was changed first, all
others before it counts as survived. A test that fails later than the first ones is run again, so that one which
fails now and then finds nothing. Verdicts are kept in build-planted/ by the text of the bug.
"""
import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build-planted"
NICE = ["nice", "-n", "10"]

# Which tests stand nearest to what is changed, in order; the first pattern of a path that matches counts.
NEAR = [
    (r"frontend/ppc/fpu|frontend/ppc/lift_fp", "ppc-fpu fpvectors-ppc guest-ppc ppc-fp-modes-.* ppc-fpu-qemu qemu-ppc"),
    (r"frontend/ppc/lift_vec", "guest-ppc fpvectors-ppc qemu-ppc-vec"),
    (r"frontend/ppc/", "guest-ppc lift-ppc guest-ppc-coverage opinions-ppc qemu-ppc random-words-ppc pieces-ppc qemu-sequence-ppc"),
    (r"frontend/aarch64/", "guest-aarch64 lift-aarch64 guest-aarch64-coverage opinions-aarch64 qemu-aarch64 random-words-aarch64 "
                           "pieces-aarch64 aarch64-fp-sequences"),
    (r"frontend/arm/", "guest-arm guest-thumb lift-arm lift-thumb guest-(arm|thumb)-coverage opinions-(arm|thumb) arm-it qemu-arm qemu-thumb"),
    (r"frontend/common/softfp", "arm-fp ppc-fpu fpvectors-.* guest-aarch64"),
    (r"frontend/common/arm_fp", "arm-fp fpvectors-a.* guest-aarch64 guest-arm qemu-aarch64 qemu-arm aarch64-fp-sequences"),
    (r"frontend/common/arm_crypto", "arm-crypto guest-aarch64 guest-arm"),
    (r"frontend/common/", "guest-aarch64 guest-arm qemu-aarch64 qemu-arm"),
    (r"backend/baseline/", "baseline-.* guest-aarch64 guest-ppc guest-arm ir-ops pieces-.*"),
    (r"backend/llvm/", "llvm-abi ir-ops llvm-random guest-aarch64 guest-ppc guest-arm"),
    (r"backend/interp/", "ir-run ir-ops baseline-random guest-ppc guest-aarch64 pieces-.*"),
    (r"lib/opt/", "ir-(fold|state|memory) ir-random inside-unit lift-.* guest-aarch64"),
    (r"lib/ir/", "ir-.* baseline-ops inside-unit"),
]
# What finds most of the rest, before everything else.
OFTEN = "guest-.* conformance threads qemu-.* pieces-.* sequence-.* programs.*"


BROKEN = -1 # seconds of a test that fails without a bug, too: it finds nothing


class Bug:
    def __init__(self, number, path, kind, old, new):
        self.number, self.path, self.kind, self.old, self.new = number, path, kind, old, new
        self.key = hashlib.sha1("\n".join((path, old, new)).encode()).hexdigest()[:16]

    def planted(self, text):
        """The text with the bug; None when its line is not there exactly once."""
        lines = text.split("\n")
        if lines.count(self.old) != 1:
            return None
        lines[lines.index(self.old)] = self.new
        return "\n".join(lines)


def read_list(path):
    bugs, head = [], None
    lines = [line for line in path.read_text().split("\n") if not line.startswith("#")]
    for i, line in enumerate(lines):
        if line.startswith("-"):
            name, kind = lines[i - 1].split(": ", 1)
            bugs.append(Bug(len(bugs) + 1, name, kind, line[1:], lines[i + 1][1:]))
    return bugs


class State:
    """Verdicts and durations, written at once so that an interrupted run goes on where it was."""

    def __init__(self):
        self.path, self.lock = WORK / "verdicts.json", threading.Lock()
        self.data = json.loads(self.path.read_text()) if self.path.exists() else {"verdict": {}, "seconds": {}}

    def put(self, part, key, value):
        with self.lock:
            self.data[part][key] = value
            fresh = self.path.with_suffix(".new")
            fresh.write_text(json.dumps(self.data, indent=1))
            fresh.replace(self.path)


class Tree:
    """A copy of the sources with a build folder."""

    def __init__(self, index):
        self.root = WORK / f"tree-{index}"
        self.build = self.root / "build"
        self.tests, self.made_by = {}, {}

    def prepare(self):
        names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True,
                               text=True, check=True).stdout.split("\0")
        wanted = {n for n in names if n and (ROOT / n).is_file()}
        for old in self.root.rglob("*") if self.root.exists() else []:
            if old.is_file() and self.build not in old.parents and old.relative_to(self.root).as_posix() not in wanted:
                old.unlink()
        for name in wanted:
            self.put(name, (ROOT / name).read_bytes())
            shutil.copymode(ROOT / name, self.root / name)
        if not (self.build / "build.ninja").exists():
            subprocess.run(["meson", "setup", "build", "-Dwerror=false"], cwd=self.root, check=True, stdout=subprocess.DEVNULL)
        if not self.make(["all"]):
            raise SystemExit(f"{self.root} does not build")
        self.introspect()

    def put(self, name, content):
        path = self.root / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def make(self, targets):
        run = subprocess.run(NICE + ["ninja", "-C", self.build, "-j2"] + targets, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True)
        self.said = run.stdout[-2000:]
        return run.returncode == 0

    def ask(self, what):
        out = subprocess.run(["meson", "introspect", "build", what], cwd=self.root, capture_output=True, text=True, check=True).stdout
        return json.loads(out)

    def introspect(self):
        files = {t["id"]: [os.path.relpath(f, self.build) for f in t["filename"]] for t in self.ask("--targets")}
        for test in self.ask("--tests"):
            if not any(s.endswith("debian") for s in test["suite"]) and test["name"] not in ("house-rules", "layers", "headers"):
                self.tests[test["name"]] = test
                self.made_by[test["name"]] = [f for d in test["depends"] for f in files[d]]

    def run(self, name, limit):
        """"" when the test passes, else how it fails."""
        test = self.tests[name]
        env = {**os.environ, **test["env"]}
        group = subprocess.Popen(NICE + test["cmd"], cwd=test["workdir"] or self.build, env=env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        def end():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group.pid, 9)
        timer = threading.Timer(limit, end)
        timer.start()
        # The first complaint is enough.
        bad = None
        for line in group.stdout:
            text = line.decode(errors="replace")
            if re.match(r"\s*not ok\b", text) if test["protocol"] == "tap" else re.match(r"\S+\.txt:\d+: ", text):
                bad = text.strip()[:100]
                break
        if bad:
            end()
        group.stdout.close()
        group.wait()
        hung = not timer.is_alive()
        timer.cancel()
        if bad or hung:
            return bad or "does not end"
        return "" if group.returncode in (0, 77) else f"status {group.returncode}"


def order(names, path, seconds, finder):
    """Names in the order in which they are tried, and how many of them are near: first what found the bug last time."""
    near = [n for n in names if n == finder]
    for pattern in next(tests for prefix, tests in NEAR if re.match(prefix, path)).split():
        near += [n for n in names if re.fullmatch(pattern, n) and n not in near]
    rest = sorted((n for n in names if n not in near), key=lambda n: seconds.get(n, 0))
    often = [n for n in rest if any(re.fullmatch(p, n) for p in OFTEN.split())]
    return near + often + [n for n in rest if n not in often], len(near)


def judge(tree, bug, state, only_near, say):
    original = (tree.root / bug.path).read_text()
    text = bug.planted(original)
    if text is None:
        return {"verdict": "does not apply"}
    begin = time.time()
    seconds = state.data["seconds"]
    finder = state.data["verdict"].get(bug.key, {}).get("by")
    names, near = order([n for n in tree.tests if seconds.get(n) != BROKEN], bug.path, seconds, finder)
    try:
        (tree.root / bug.path).write_text(text)
        built = set()
        for i, name in enumerate(names):
            targets = set(tree.made_by[name]) if i < near else {"all"}
            if not targets <= built and "all" not in built:
                if not tree.make(sorted(targets)):
                    return {"verdict": "does not compile", "how": tree.said[-400:]}
                built |= targets
            if i == near and only_near:
                return {"verdict": "not found near", "seconds": round(time.time() - begin)}
            if i == near:
                say(f"#{bug.number} not found by the {near} tests beside it")
            how = complaint(tree, bug, name, i >= near, original, text, state)
            if how:
                return {"verdict": "found", "by": name, "how": how, "near": i < near, "seconds": round(time.time() - begin)}
        return {"verdict": "survived", "seconds": round(time.time() - begin)}
    finally:
        (tree.root / bug.path).write_text(original)


def complaint(tree, bug, name, twice, original, text, state):
    """What the test has against the bug. Of a test that was never seen to pass, it counts only if it passes without."""
    known = state.data["seconds"].get(name)
    limit = 30 + 10 * known if known else 3 * tree.tests[name]["timeout"]
    begin = time.time()
    how = tree.run(name, limit)
    if how and twice:
        how = tree.run(name, limit)
    if not how and not known:
        state.put("seconds", name, time.time() - begin)
    if not how or known:
        return how
    (tree.root / bug.path).write_text(original)
    if not tree.make(sorted(tree.made_by[name])):
        raise SystemExit(f"{tree.root} no longer builds")
    begin = time.time()
    passes = not tree.run(name, limit)
    state.put("seconds", name, time.time() - begin if passes else BROKEN)
    if passes:
        return how
    (tree.root / bug.path).write_text(text)
    tree.make(sorted(tree.made_by[name]))
    return ""


def report(bugs, state):
    by, counts = {}, {}
    for bug in bugs:
        v = state.data["verdict"].get(bug.key, {"verdict": "not tried"})
        counts[v["verdict"]] = counts.get(v["verdict"], 0) + 1
        if v["verdict"] == "found":
            by[v["by"]] = by.get(v["by"], 0) + 1
        else:
            print(f"#{bug.number} {v['verdict']}: {bug.path}: {bug.kind}\n-{bug.old}\n+{bug.new}")
    print("found by: " + ", ".join(f"{name} {n}" for name, n in sorted(by.items(), key=lambda x: -x[1])))
    print(", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    return counts.get("found", 0) != len(bugs)


def arguments():
    p = argparse.ArgumentParser()
    p.add_argument("range", nargs="?", default="ALL")
    p.add_argument("--list", type=pathlib.Path, default=ROOT / "tests/planted/bugs.txt")
    p.add_argument("--workers", type=int, default=1)
    p.add_argument("--near", action="store_true")
    p.add_argument("--again", action="store_true")
    p.add_argument("--report", action="store_true")
    p.add_argument("--check", action="store_true")
    return p.parse_args()


def chosen(bugs, text):
    if text == "ALL":
        return bugs
    first, _, last = text.partition("-")
    return [b for b in bugs if int(first) <= b.number <= int(last or first)]


def check(bugs):
    # A line that was rewritten takes its bug along; a few may go before the list is to be drawn anew.
    gone = [b for b in bugs if b.planted((ROOT / b.path).read_text() if (ROOT / b.path).exists() else "") is None]
    for b in gone:
        print(f"#{b.number}: this line does not stand exactly once in {b.path}:\n{b.old}")
    print(f"{len(bugs)} bugs, {len(gone)} do not apply")
    return len(gone) > len(bugs) // 20 or not bugs


def main():
    args = arguments()
    bugs = chosen(read_list(args.list), args.range)
    if args.check:
        return check(bugs)
    WORK.mkdir(exist_ok=True)
    state = State()
    if args.report:
        return report(bugs, state)

    def say(text):
        print(time.strftime("%H:%M:%S ") + text, flush=True)
    lock = open(WORK / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"{WORK} is in use; --workers N makes one run do several at a time")
    trees = [Tree(i) for i in range(args.workers)]
    for tree in trees:
        tree.prepare()
    todo, done = queue.Queue(), []
    for bug in bugs:
        known = state.data["verdict"].get(bug.key, {"verdict": "not found near"})
        if args.again or (known["verdict"] == "not found near" and not (args.near and bug.key in state.data["verdict"])):
            todo.put(bug)
    total, begin = todo.qsize(), time.time()

    def work(tree):
        while True:
            try:
                bug = todo.get_nowait()
            except queue.Empty:
                return
            v = judge(tree, bug, state, args.near, say)
            state.put("verdict", bug.key, v)
            done.append(bug)
            left = (time.time() - begin) / len(done) * (total - len(done))
            say(f"#{bug.number} {bug.path}: {bug.kind}: {v['verdict']} {v.get('by', '')} {v.get('seconds', '')} "
                f"({len(done)}/{total}, {left / 60:.0f} min left)")
    workers = [threading.Thread(target=work, args=(tree,)) for tree in trees]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    return report(bugs, state)


if __name__ == "__main__":
    sys.exit(main())
