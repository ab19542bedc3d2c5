#!/usr/bin/env python3
"""Runs programs of Debian's packages for another architecture under dragoman and checks what they print.

Results are known, or computed here. With --long also large ones, software.py, and perl's own tests, perl.py: they take hours. TAP.
"""
import argparse
import bz2
import concurrent.futures
import gzip
import hashlib
import lzma
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import fetch
import perl
import software

HERE = pathlib.Path(__file__).resolve().parent
NUMBERS = "".join(f"{i * 7919 % 1009} item{i % 17}\n" for i in range(3000)).encode()
NOISE = random.Random(7).randbytes(300000) + NUMBERS

BASH = r"""
set -e
declare -A seen; n=0
for i in {1..200}; do k=$((i * i % 37)); seen[$k]=x; n=$((n + k)); done
echo "${#seen[@]} $n ${seen[1]:-none}"
s="a,b,,c"; IFS=, read -ra f <<<"$s"; echo "${#f[@]} ${f[3]} ${s//,/;}"
printf '%s\n' pear apple fig apple | sort | uniq -c | awk '{ print $2, $1 }' | tr '\n' ' '; echo
f() { local x=$1; ((x < 2)) && echo 1 && return; echo $((x * $(f $((x - 1))))); }; f 12
[[ "key=value" =~ ^([a-z]+)=(.*)$ ]] && echo "${BASH_REMATCH[2]}"
(exit 5) || echo "status $?"
trap 'echo bye' EXIT
sleep 0.1 & wait $!; echo "waited $?"
cat <(echo one) <(echo two) | sed -n '$='
printf '%05.2f|%x|%-5s|\n' 3.14159 255 ab
"""
BASH_OUT = ("19 3571 x\n4 c a;b;;c\napple 2 fig 1 pear 1 \n479001600\nvalue\nstatus 5\nwaited 0\n2\n03.14|ff|ab   |\nbye\n")

PERL = r"""
use strict; use warnings; use Digest::SHA qw(sha256_hex); use List::Util qw(sum max); use POSIX qw(floor); use Data::Dumper;
my %h; $h{$_ % 7} += $_ for 1 .. 1000; print join(",", map { "$_=$h{$_}" } sort keys %h), "\n";
my $t = "The quick brown fox jumps over the lazy dog"; (my $u = $t) =~ s/(\w+)/\u\L$1/g; print "$u\n";
print join("|", $t =~ /\b(\w)(?=\w{4}\b)/g), " ", sha256_hex($t), "\n";
printf "%.10f %e %s %d\n", atan2(1, 1) * 4, 1.5e-10, 2 ** 0.5, 0xffffffff; print sum(1 .. 100), " ", max(3, 9, 4), " ", floor(-2.5), "\n";
print unpack("H*", pack("NnCa4w", 1, 2, 3, "ab", 300)), " ", join(".", sort { $b <=> $a } 10, 9, 100), "\n";
$Data::Dumper::Sortkeys = $Data::Dumper::Indent = $Data::Dumper::Terse = 1; print Dumper({ a => [1, undef], b => \"x" });
my $p = fork(); if (!$p) { exit 7 } waitpid($p, 0); print $? >> 8, " ", `echo sub`; local $SIG{ALRM} = sub { die "alarm\n" };
eval { alarm 1; select(undef, undef, undef, 5) }; print $@; print sprintf("%s", 1e15 + 0.3), " ", 1 / 7, " ", int(-7 / 2), "\n";
"""
LUA = """
local t = {} for i = 1, 1000 do t[i] = (i * 7919) % 1009 end table.sort(t)
print(t[1], t[500], t[1000], #t, 7 // 2, -7 // 2, 7 % -3, 2^53, 1e15, 10 / 4, math.maxinteger, 0x7fffffff + 1)
print(("hello world"):gsub("o", "0"), ("%d|%5.2f|%q"):format(42, math.pi, 'a"b'), string.pack(">i4d", -2, 1.5):byte(1, -1))
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i * i) end end) print(co(), co(), co())
print(pcall(error, { code = 3 }), select("#", table.unpack({ 1, 2, nil, 4 }, 1, 4)), 3 | 8 ~ 1, math.tointeger(3.0), 1 << 62)
"""

LUA_OUT = (b"1\t505\t1008\t1000\t3\t-4\t-2\t9.007199254741e+15\t1e+15\t2.5\t9223372036854775807\t2147483648\n"
           b"hell0 w0rld\t42| 3.14|\"a\\\"b\"\t255\t255\t255\t254\t63\t248\t0\t0\t0\t0\t0\t0\n1\t4\t9\n"
           b"false\t4\t11\t3\t4611686018427387904\n")

SQL = """create table t(a integer primary key, b text, c real); create index i on t(b);
with recursive n(x) as (values(1) union all select x + 1 from n where x < 5000)
insert into t select x, 'k' || (x * 31 % 97), x / 4.0 from n;
select count(*), sum(a), round(avg(c), 2), count(distinct b) from t;
select b, count(*) from t where a % 10 = 3 group by b order by 2 desc, b limit 3;
update t set c = c * 2 where b = 'k5'; delete from t where a > 4000; vacuum;
select round(sum(c), 1), max(length(b)), printf('%08.3f', avg(a)) from t; pragma integrity_check;"""


class Case:
    def __init__(self, name, argv, expected, stdin=b"", timeout=60, status=0):
        self.name, self.argv, self.expected, self.stdin = name, argv, expected, stdin
        self.timeout, self.status = timeout, status


def native(argv, stdin=b"", **more):
    """What this machine's own program prints; None where it is not installed."""
    if not shutil.which(argv[0]):
        return None
    return subprocess.run(argv, input=stdin, capture_output=True, env=ENVIRONMENT, timeout=60, **more).stdout


ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC0", "HOME": "/nonexistent",
               "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_AUTHOR_DATE": "1700000000 +0000",
               "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b", "GIT_COMMITTER_DATE": "1700000000 +0000",
               "GIT_CONFIG_NOSYSTEM": "1"}


def packers(folder):
    """Compressors there and back, and against this machine's libraries."""
    cases = []
    for name, unpack in (("gzip", gzip.decompress), ("bzip2", bz2.decompress), ("xz", lzma.decompress)):
        cases.append(Case(f"{name} packs", [name, "-c"], lambda out, f=unpack: f(out) == NOISE, NOISE))
    cases.append(Case("gzip unpacks", ["gzip", "-dc"], NOISE, gzip.compress(NOISE)))
    cases.append(Case("bzip2 unpacks", ["bzip2", "-dc"], NOISE, bz2.compress(NOISE)))
    cases.append(Case("xz unpacks", ["xz", "-dc"], NOISE, lzma.compress(NOISE)))
    cases.append(Case("zstd there and back", ["bash", "-c", "zstd -qc -T2 | zstd -qdc"], NOISE, NOISE))
    script = f"cd {folder} && cp in 7z.in && 7zz a -bd -mmt2 x.7z 7z.in >/dev/null && 7zz t x.7z >/dev/null && 7zz e -so x.7z"
    cases.append(Case("7zip there and back", ["bash", "-c", script], NOISE, timeout=120))
    cases.append(Case("tar there and back", ["bash", "-c", f"cd {folder} && tar czf t.tgz in && tar xzOf t.tgz"], NOISE))
    return cases


def texts(folder):
    lines = NUMBERS.decode().splitlines()
    ordered = "".join(f"{x}\n" for x in sorted(lines, key=lambda x: (int(x.split()[0]), x))).encode()
    sums = {}
    for line in lines:
        n, key = line.split()
        sums[key] = sums.get(key, 0) + int(n)
    awk = "".join(f"{k} {v} {v / 7:.4f}\n" for k, v in sorted(sums.items())).encode()
    return [
        Case("bash", ["bash", "-c", BASH], BASH_OUT.encode()),
        Case("dash", ["dash", "-c", 'i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; echo $i | cat'], b"1000\n"),
        Case("sort", ["sort", "-k1,1n", "-k1"], ordered, NUMBERS),
        Case("sha256sum", ["sha256sum"], hashlib.sha256(NOISE).hexdigest().encode() + b"  -\n", NOISE),
        Case("md5sum b2sum", ["bash", "-c", f"md5sum {folder}/in; b2sum {folder}/in"],
             (hashlib.md5(NOISE).hexdigest() + f"  {folder}/in\n" + hashlib.blake2b(NOISE).hexdigest() + f"  {folder}/in\n").encode()),
        Case("wc cut tr", ["bash", "-c", "cut -d' ' -f2 | tr a-z A-Z | sort -u | wc"], b"     17      17     109\n", NUMBERS),
        Case("factor seq", ["bash", "-c", "factor 1234567890123456789 18446744073709551557; seq -s, 1 0.5 3"],
             b"1234567890123456789: 3 3 101 3541 3607 3803 27961\n18446744073709551557: 18446744073709551557\n1.0,1.5,2.0,2.5,3.0\n"),
        Case("base64 od", ["bash", "-c", "base64 -w0 | base64 -d | od -An -tx1 | head -2"],
             hex_dump(NOISE), NOISE),
        Case("ls stat date", ["bash", "-c", f"cd {folder} && ls in && stat -c %s in && date -ud @1700000000 +%FT%T && df . >/dev/null && echo ok"],
             f"in\n{len(NOISE)}\n2023-11-14T22:13:20\nok\n".encode()),
        Case("find xargs", ["bash", "-c", f"cd {folder} && mkdir -p d/e && touch d/a d/e/b && find d -type f | sort | xargs -n1 basename"], b"a\nb\n"),
        Case("grep", ["grep", "-cE", "^(9[0-9]+|1)[02468] item1?[37]$"],
             b"%d\n" % sum(bool(re.match(r"^(9[0-9]+|1)[02468] item1?[37]$", x)) for x in lines), NUMBERS),
        Case("grep -P", ["grep", "-oP", r"(?<=item)1(?=6)"], b"1\n" * sum(x.endswith("item16") for x in lines), NUMBERS),
        Case("sed", ["sed", "-nE", r"s/^([0-9]+) item(1?)5$/\2:\1/p"],
             "".join(f"{'1' if x.endswith('15') else ''}:{x.split()[0]}\n" for x in lines if x.endswith(("item5", "item15"))).encode(), NUMBERS),
        Case("gawk", ["gawk", '{ s[$2] += $1 } END { n = asorti(s, k); for (i = 1; i <= n; i++) printf "%s %d %.4f\\n", k[i], s[k[i]], s[k[i]] / 7 }'],
             awk, NUMBERS),
        Case("diff patch", ["bash", "-c", f"cd {folder} && seq 1 50 >a && sed '7d;30s/$/x/' a >b && diff -u a b >p; patch -s a p && cmp a b && echo same"],
             b"same\n"),
        Case("bc", ["bc", "-lq"], pi_bc(), b"scale=100\n4*a(1)\n2^200\n"),
        Case("make", ["bash", "-c", f"cd {folder} && printf 'all: x\\n\\t@cat x\\nx:\\n\\t@echo made >x\\n' >Makefile && make -s -j2"], b"made\n"),
        Case("jq", ["jq", "-c", "[.[] | select(.a > 1) | {a, b: (.b * 2)}]"], b'[{"a":2,"b":1},{"a":3,"b":2.5}]\n',
             b'[{"a":1,"b":9},{"a":2,"b":0.5},{"a":3,"b":1.25}]'),
        Case("file", ["file", "-b", "/bin/bash"], lambda out: out.startswith(b"ELF ")),
        Case("busybox sh", ["busybox", "sh", "-c", "echo $((1+2)) | busybox md5sum; busybox seq 3 | busybox awk '{s+=$1*0.5} END {printf \"%.6f\\n\", s}'"],
             hashlib.md5(b"3\n").hexdigest().encode() + b"  -\n3.000000\n"),
    ]


def hex_dump(data):
    return "".join(" " + " ".join(f"{b:02x}" for b in data[i:i + 16]) + "\n" for i in (0, 16)).encode()


def pi_bc():
    """4*a(1) with a scale of 100: cut off, and broken into lines of 70 characters, as bc does it."""
    digits = "3.141592653589793238462643383279502884197169399375105820974944592307" + "\\\n"
    digits += "8164062862089986280348253421170676\n"
    return (digits + f"{2 ** 200}\n").encode()


def interpreters():
    python = subprocess.run([sys.executable, str(HERE / "script.py")], capture_output=True, env=ENVIRONMENT, check=True).stdout
    return [
        Case("perl", ["perl", "-e", PERL], native(["perl", "-e", PERL])),
        Case("python3", ["python3", str(HERE / "script.py")], python, timeout=120),
        Case("lua", ["lua5.4", "-e", LUA], LUA_OUT),
        Case("sqlite3", ["sqlite3", ":memory:"], b"5000|12502500|625.13|97\nk11|6\nk13|6\nk15|6\n2021092.3|3|2000.500\nok\n", SQL.encode()),
    ]


def crypto(folder):
    rsa = (f"cd {folder} && openssl genrsa -out k.pem 1024 2>/dev/null && openssl rsa -in k.pem -pubout -out p.pem 2>/dev/null && "
           "openssl dgst -sha256 -sign k.pem -out s in && openssl dgst -sha256 -verify p.pem -signature s in")
    ec = (f"cd {folder} && openssl ecparam -name prime256v1 -genkey -noout -out e.pem && openssl ec -in e.pem -pubout -out ep.pem 2>/dev/null && "
          "openssl dgst -sha512 -sign e.pem -out es in && openssl dgst -sha512 -verify ep.pem -signature es in")
    aes = "openssl enc -{0} -K 000102030405060708090a0b0c0d0e0f -iv 00112233445566778899aabbccddeeff"
    cases = [
        Case("openssl digests", ["bash", "-c", f"cd {folder}; for d in md5 sha1 sha256 sha512 sha3-256 sm3; do openssl dgst -r -$d in; done"],
             "".join(hashlib.new(d, NOISE).hexdigest() + " *in\n" for d in ("md5", "sha1", "sha256", "sha512", "sha3_256")).encode() +
             (native(["openssl", "dgst", "-r", "-sm3"], NOISE) or b"").replace(b"*stdin", b"*in")),
        Case("openssl rsa", ["bash", "-c", rsa], b"Verified OK\n", timeout=120),
        Case("openssl ecdsa", ["bash", "-c", ec], b"Verified OK\n"),
        Case("openssl x25519 ed25519", ["bash", "-c", f"cd {folder} && openssl genpkey -algorithm ed25519 -out d.pem && openssl pkeyutl -sign -rawin -inkey d.pem "
              "-in Makefile.sig -out ds && openssl pkeyutl -verify -rawin -inkey d.pem -in Makefile.sig -sigfile ds"], b"Signature Verified Successfully\n"),
    ]
    for mode in ("aes-128-cbc", "aes-128-ctr", "sm4-cbc", "camellia-128-cbc"):
        command = aes.format(mode)
        want = native(command.split(), NOISE)
        cases.append(Case(f"openssl {mode}", command.split(), want, NOISE))
    return cases


def git(folder):
    script = ("rm -rf r && git init -q -b main r && cd r && seq 1 200 >f && git add f && git commit -qm one && sed -i 5d f && git commit -qam two && "
              "git checkout -qb side HEAD~1 && echo new >g && git add g && git commit -qm three && git merge -q -m four main && git gc -q && "
              "git fsck --strict && git log --format='%H %s' --topo-order && git diff --stat HEAD~1 && git blame -s f | tail -1")
    def command(prog):
        return [prog, "-c", f"mkdir -p {folder}/{prog} && cd {folder}/{prog} && {script}"]
    want = native(command("sh")) if shutil.which("git") else None
    return [Case("git", command("bash"), want if want else lambda out: b" four\n" in out, timeout=120)]


def perl_core(base, root):
    try:
        source = fetch.fetch_source("perl", base)
    except fetch.Unavailable as why:
        return [Case(f"perl core ({why})", ["perl"], None)]
    return [Case(*c, **more) for c, more in perl.cases(source, base.resolve(), root, ENVIRONMENT)]


class Runner:
    def __init__(self, options, root):
        self.prefix = [options.dragoman, f"--tier={options.tier}", "-L", str(root)]
        self.root, self.slow = root, options.slow

    def find(self, name):
        if "/" in name:
            return next((str(p) for p in sorted(self.root.glob(name))), None)
        for place in ("usr/bin", "bin", "usr/sbin"):
            if (self.root / place / name).exists():
                return str(self.root / place / name)
        return None

    def case(self, case):
        """None, or why it failed."""
        env = {k: v for k, v in os.environ.items() if k == "DGM_BACKEND_DIR" or k.startswith(("ASAN_", "UBSAN_"))}
        program = self.find(case.argv[0])
        if not program:
            return f"{case.argv[0]} is not in the root"
        try:
            done = subprocess.run([*self.prefix, "-0", case.argv[0], program, *case.argv[1:]], input=case.stdin,
                                  capture_output=True, env=env | ENVIRONMENT, timeout=case.timeout * self.slow)
        except subprocess.TimeoutExpired:
            return f"does not end within {case.timeout * self.slow} s"
        good = case.expected(done.stdout) if callable(case.expected) else done.stdout == case.expected
        if good and done.returncode == case.status:
            return None
        shown = done.stdout if len(done.stdout) <= 3000 else done.stdout[:300] + b" ... " + done.stdout[-2700:]
        report = f"ended with {done.returncode}\nout: {shown!r}\n"
        if not callable(case.expected):
            report += f"expected: {case.expected[:600]!r}\n"
        return report + f"err: {done.stderr[-600:]!r}"


def main(argv):
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--dragoman", required=True)
    p.add_argument("--arch", required=True, help="Debian's name of it")
    p.add_argument("--base", required=True, help="folder for roots")
    p.add_argument("--tier", default="auto")
    p.add_argument("--slow", type=float, default=1, help="factor for time limits")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("--long", action="store_true", help="large programs as well")
    p.add_argument("names", nargs="*", help="only cases whose name has one of these")
    options = p.parse_args(argv)
    # Shells start what runs in the background with SIGINT ignored, which programs that test it would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    fetch = [sys.executable, str(HERE / "fetch.py"), options.arch, options.base] + (["--long"] if options.long else [])
    done = subprocess.run(fetch, capture_output=True, text=True)
    if done.returncode:
        print(f"1..0 # SKIP no packages: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'fetch.py failed'}")
        return 0 if done.returncode == 77 else 1
    runner = Runner(options, pathlib.Path(done.stdout.strip()))
    with tempfile.TemporaryDirectory(prefix="dragoman-debian-") as name:
        folder = pathlib.Path(name)
        (folder / "in").write_bytes(NOISE)
        (folder / "Makefile.sig").write_bytes(NUMBERS)
        cases = [*texts(folder), *packers(folder), *interpreters(), *crypto(folder), *git(folder)]
        cases += [Case(*c, **more) for c, more in software.short(folder) + (software.long(folder) if options.long else [])]
        if options.long:
            cases += perl_core(pathlib.Path(options.base), runner.root)
        cases = [c for c in cases if not options.names or any(n in c.name for n in options.names)]
        print(f"1..{len(cases)}")
        failed = 0
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for i, (c, why) in enumerate(zip(cases, pool.map(runner.case, cases)), 1):
                skip = c.expected is None
                failed += why is not None and not skip
                print(f"{'ok' if why is None or skip else 'not ok'} {i} - {options.arch} {c.name}" +
                      (" # SKIP this machine has none to compare with" if skip else ""), flush=True)
                if why and not skip:
                    print("".join(f"# {line}\n" for line in why.splitlines()), end="", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
