#!/usr/bin/env python3
"""What perf and gdb get to know of translated code: check.py PROGRAM SAME-WITH-SHARED-LIBRARY.

names.c says what the steps of the program do. Every case has a folder of its own. Without perf or
gdb, or where perf may not sample, the cases that need them are skipped with a notice.
"""
import os
import pathlib
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

PERF_MAP, JITDUMP, PLAIN, GDB_JIT = 1, 2, 0x40, 0x100        # PLAIN: the baseline tier alone
MAPS = []        # ids of processes that may have left a map
UNITS = [f"ppc:baseline:0x{pc:x}" for pc in (0x10000, 0x1000C, 0x10014)]
LOAD, CLOSE = 0, 3
NOWHERE = "/nonexistent/folder"


class Skip(Exception):
    pass


def units_at(run):
    return [f"ppc:baseline:0x{0x10000 + 0x100 * run + off:x}" for off in (0, 0xC, 0x14)]


def run(case, flags, *steps, before=None, **env):
    """Runs the program in the case's folder; returns (process ids by role, warnings)."""
    with subprocess.Popen([PROGRAM, f"{flags:x}", *steps], cwd=case, env={**os.environ, "JITDUMPDIR": "", **env},
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=before) as process:
        try:
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    pids = {"parent": process.pid, **dict(line.split() for line in out.splitlines())}
    MAPS.extend(pids.values())
    assert process.returncode == 0, f"status {process.returncode}: {err}"
    return pids, err.splitlines()


def tool(*command, cwd):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120,
                          env={**os.environ, "JITDUMPDIR": str(cwd), "DEBUGINFOD_URLS": ""})


def parse_dump(path):
    """The records of a jitdump: [(kind, time, name, code address, code)], checked as they are read."""
    data = path.read_bytes()
    magic, version, size, machine, _, pid, time, flags = struct.unpack_from("=IIIIIIQQ", data)
    assert (magic, version, size, flags) == (0x4A695444, 1, 40, 0), "header"
    assert path.name == f"jit-{pid}.dump" and machine == struct.unpack_from("=H", ELF_SELF, 18)[0], "pid or machine"
    records, at, index = [], size, 0
    while at < len(data):
        kind, total, stamp = struct.unpack_from("=IIQ", data, at)
        assert stamp >= time and at + total <= len(data), f"record at {at}"
        name = code = addr = None
        if kind == LOAD:
            owner, tid, vma, addr, length, number = struct.unpack_from("=IIQQQQ", data, at + 16)
            name, code = data[at + 56:at + total - length].decode(), data[at + total - length:at + total]
            assert name[-1] == "\0" and (owner, vma, number) == (pid, addr, index) and tid and length, f"load {index}"
            name, index = name[:-1], index + 1
        else:
            assert kind == CLOSE and total == 16 and at + total == len(data), f"record kind {kind} at {at}"
        records.append((kind, stamp, name, addr, code))
        at, time = at + total, stamp
    return records


def only(case, pattern):
    found = list(case.glob(pattern))
    assert len(found) == 1, f"{pattern}: {found}"
    return found[0]


def names(records):
    return [r[2] for r in records if r[0] == LOAD]


# ---- jitdump ----

def dump_has_every_unit(case):
    """Exactly the units, each with its code."""
    run(case, PLAIN | JITDUMP, "run=1", "run=1")
    records = parse_dump(only(case, "jit-*.dump"))
    assert names(records) == units_at(0) + units_at(1), names(records)
    assert records[-1][0] == CLOSE
    spans = sorted((addr, addr + len(code)) for kind, _, _, addr, code in records if kind == LOAD)
    assert all(a[1] <= b[0] for a, b in zip(spans, spans[1:])), "units overlap"
    assert all(any(code) for kind, _, _, _, code in records if kind == LOAD), "code is empty"


def dump_goes_to_jitdumpdir(case):
    (case / "there").mkdir()
    run(case, PLAIN | JITDUMP, "run=1", JITDUMPDIR="there")
    assert names(parse_dump(only(case, "there/jit-*.dump"))) == UNITS
    assert not list(case.glob("jit-*"))


def child_of_a_fork_has_its_own(case):
    pids, _ = run(case, PLAIN | JITDUMP, "run=1", "fork", "run=1")
    parent, child = (parse_dump(case / f"jit-{pids[role]}.dump") for role in ("parent", "child"))
    assert names(parent) == units_at(0) + units_at(1), names(parent)
    assert sorted(names(child)) == sorted(units_at(0) + units_at(1)), names(child)
    assert [r[0] for r in parent + child].count(CLOSE) == 2


def code_made_anew_is_told_anew(case):
    run(case, PLAIN | JITDUMP, "run=1", "flush", "run=1")
    records = parse_dump(only(case, "jit-*.dump"))
    first, second = records[:3], records[3:6]
    assert names(records) == units_at(0) + units_at(1) and first[0][3] == second[0][3], "no place was used again"


def two_vms_share_a_dump(case):
    run(case, PLAIN | JITDUMP, "vm", "run=1")
    assert names(parse_dump(only(case, "jit-*.dump"))) == UNITS * 2


def stolen_descriptors_do_no_harm(case):
    pids, warnings = run(case, PLAIN | JITDUMP | PERF_MAP, "run=1", "steal", "run=1")
    assert (case / "stolen").read_text() == "mine" and not warnings, warnings
    assert names(parse_dump(case / f"jit-{pids['parent']}.dump")) == units_at(0) + units_at(1)
    lines = read_map(pids["parent"])
    assert [line[2] for line in lines] == units_at(0) + units_at(1), lines


# ---- what goes wrong is one warning ----

def no_folder_is_a_warning(case):
    _, warnings = run(case, PLAIN | JITDUMP, "run=1", "run=1", JITDUMPDIR=NOWHERE)
    assert len(warnings) == 1 and NOWHERE in warnings[0] and "No such file" in warnings[0], warnings


def read_only_folder_is_a_warning(case):
    if not pathlib.Path("/proc/self/net").is_dir():
        raise Skip("no folder that nobody can write to")
    _, warnings = run(case, PLAIN | JITDUMP, "run=1", JITDUMPDIR="/proc/self/net")
    assert len(warnings) == 1, warnings


def no_room_is_a_warning(case):
    """The file ends behind its last complete record."""
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
    _, warnings = run(case, PLAIN | JITDUMP, "run=1", "run=1", "run=1", "run=1", before=limit)
    assert len(warnings) == 1 and "too large" in warnings[0], warnings
    records = parse_dump(only(case, "jit-*.dump"))
    assert CLOSE not in [r[0] for r in records] and len(records) < 12


def a_lost_file_is_a_warning(case):
    """Its descriptor is gone and so is its name."""
    _, warnings = run(case, PLAIN | JITDUMP, "run=1", "steal", "remove", "run=1", "run=1")
    assert len(warnings) == 1 and "No such file" in warnings[0], warnings


def allocations_may_fail(case):
    for flag in (PERF_MAP, JITDUMP, GDB_JIT):
        run(case, PLAIN | flag, "starve")


def off_means_nothing_is_written(case):
    pids, warnings = run(case, PLAIN, "run=1")
    assert not list(case.iterdir()) and not warnings
    assert not [p for p in pids.values() if map_of(p).exists()]


# ---- the map ----

def map_of(pid):
    return pathlib.Path(f"/tmp/perf-{pid}.map")


def read_map(pid):
    lines = [line.split() for line in map_of(pid).read_text().splitlines()]
    assert all(len(line) == 3 and int(line[0], 16) and int(line[1], 16) for line in lines), lines
    return lines


def map_names_what_is_in_memory(case):
    """After a flush nothing that went stays; of several VMs all stay."""
    pids, _ = run(case, PLAIN | PERF_MAP, "run=1", "flush", "run=1", "fork")
    assert [line[2] for line in read_map(pids["parent"])] == units_at(1)
    assert sorted(line[2] for line in read_map(pids["child"])) == units_at(1)
    pids, _ = run(case, PLAIN | PERF_MAP, "vm", "run=1", "flush", "run=1")
    assert [line[2] for line in read_map(pids["parent"])] == UNITS * 2 + units_at(1) * 2


# ---- perf and gdb ----

def record(case, flags, *steps):
    if not shutil.which("perf"):
        raise Skip("no perf")
    done = tool("perf", "record", "-q", "-k", "mono", "-e", "cpu-clock", "-o", "perf.data", "--", PROGRAM,
                f"{flags:x}", *steps, cwd=case)
    if not (case / "perf.data").exists():
        raise Skip("perf cannot sample here: " + (done.stderr.splitlines() or ["?"])[-1])
    assert done.returncode == 0, done.stderr
    return done.stdout


def report(case, data):
    done = tool("perf", "report", "-q", "-i", data, "--stdio", "--sort", "sym", cwd=case)
    assert done.returncode == 0, done.stderr
    return {name: float(share) for share, name in re.findall(r"^\s*([\d.]+)%\s+\[\.\] (\S+)", done.stdout, re.M)}


def perf_reads_the_map(case):
    """The loop is where the time goes; in the child, too, whose code is the parent's copied."""
    out = record(case, PLAIN | PERF_MAP, "run=8000", "fork", "run=8000")
    MAPS.extend(re.findall(r"\d+", out))
    found = report(case, "perf.data")
    assert found.get(units_at(0)[1], 0) > 15 and found.get(units_at(1)[1], 0) > 15, found


def perf_reads_the_dump(case):
    record(case, PLAIN | JITDUMP, "run=8000", "flush", "run=8000")
    done = tool("perf", "inject", "--jit", "-i", "perf.data", "-o", "named.data", cwd=case)
    assert done.returncode == 0, done.stderr
    found = report(case, "named.data")
    assert found.get(units_at(0)[1], 0) > 15 and found.get(units_at(1)[1], 0) > 15, found


def gdb(case, commands, *command):
    if not shutil.which("gdb"):
        raise Skip("no gdb")
    script = case / "commands"
    script.write_text("set pagination off\nset confirm off\nset debuginfod enabled off\n" + commands)
    done = tool("gdb", "-nx", "-q", "-batch", "-x", script, "--args", *command, cwd=case)
    if "ptrace" in done.stderr:
        raise Skip("gdb cannot trace here")
    return done.stdout + done.stderr


def gdb_names_units(case, program=None):
    """A callback of translated code: the backtrace goes through the unit to main."""
    text = gdb(case, "break on_store\nrun\nbacktrace\ncontinue\nbacktrace\n", program or PROGRAM,
               f"{PLAIN | GDB_JIT:x}", "run=1", "flush", "run=1")
    first, second = text.split("Breakpoint 1, ")[1:]
    for part, unit in (first, units_at(0)[2]), (second, units_at(1)[2]):
        assert re.search(rf"^#\d+ .*\b{unit} \(\)", part, re.M), text
    assert re.search(rf"{UNITS[2]}.*\n#\d+ .*engine_enter.*(\n#.*)+ main ", first), text


def gdb_names_units_of_the_shared_library(case):
    gdb_names_units(case, SHARED)


def gdb_forgets_flushed_units(case):
    text = gdb(case, "break on_store\nrun\ninfo functions ppc:\ncontinue\ninfo functions ppc:\n",
               PROGRAM, f"{PLAIN | GDB_JIT:x}", "run=1", "flush", "run=1")
    first, second = text.split("Breakpoint 1, ")[1:]
    for part, here, gone in (first, units_at(0), units_at(1)), (second, units_at(1), units_at(0)):
        assert all(unit in part for unit in here) and not any(unit in part for unit in gone), text


CASES = [
    dump_has_every_unit, dump_goes_to_jitdumpdir, child_of_a_fork_has_its_own, code_made_anew_is_told_anew,
    two_vms_share_a_dump, stolen_descriptors_do_no_harm, no_folder_is_a_warning, read_only_folder_is_a_warning,
    no_room_is_a_warning, a_lost_file_is_a_warning, allocations_may_fail, off_means_nothing_is_written,
    map_names_what_is_in_memory, perf_reads_the_map, perf_reads_the_dump, gdb_names_units,
    gdb_names_units_of_the_shared_library, gdb_forgets_flushed_units,
]


def main():
    bad = 0
    print(f"1..{len(CASES)}")
    for number, case in enumerate(CASES, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                case(pathlib.Path(folder))
                print(f"ok {number} - {case.__name__}")
            except Skip as why:
                print(f"ok {number} - {case.__name__} # SKIP {why}")
            except AssertionError as why:
                bad += 1
                print(f"not ok {number} - {case.__name__}")
                print("\n".join("# " + line for line in str(why).splitlines()))
            finally:
                for pid in MAPS:
                    map_of(pid).unlink(missing_ok=True)
                MAPS.clear()
    return bad != 0


if __name__ == "__main__":
    PROGRAM, SHARED = map(os.path.abspath, sys.argv[1:])
    ELF_SELF = pathlib.Path("/proc/self/exe").read_bytes()[:64]
    sys.exit(main())
