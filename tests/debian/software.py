"""Large programs: what run.py makes cases of. Each is (name, argv, expected output), and more arguments of a case by name."""

RUBY = """
require "json"; require "digest"
p 4.times.map { |i| Thread.new { (1..20000).reduce(:+) + i } }.map(&:value).sum
puts Digest::SHA256.hexdigest("x")[0, 8], JSON.dump({ "a" => [1, 2.5] })
p (1..30).inject(:*)
f = Fiber.new { Fiber.yield 1; 2 }
p f.resume, f.resume, `echo sub`
Process.kill(:TERM, fork { sleep 60 }); p Process.wait2[1].termsig
trap("USR1") { puts "usr1" }; Process.kill(:USR1, $$); sleep 0.1; GC.start
"""
RUBY_OUT = b'800040006\n2d711642\n{"a":[1,2.5]}\n265252859812191058636308480000000\n1\n2\n"sub\\n"\n15\nusr1\n'

GUILE = """(use-modules (ice-9 threads) (srfi srfi-1))
(define (show x) (display x) (newline))
(show (fold + 0 (par-map (lambda (x) (* x x)) (iota 100))))
(show (call/cc (lambda (k) (+ 1 (k 42)))))
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(show (fib 20)) (gc) (show (exact->inexact 1/3))"""

C = r"""
#include <math.h>
#include <stdio.h>
int main(int argc, char **argv) { printf("hello %d %.3f\n", argc, sqrt(argc + 1)); return 0; }
"""

CXX = r"""
#include <iostream>
#include <stdexcept>
#include <vector>
int main() { std::vector<int> v{1, 2, 3}; try { v.at(7); } catch (std::out_of_range &) { std::cout << "caught " << v.size() << std::endl; } }
"""

SQLITE = """sqlite3 d.db 'pragma journal_mode=wal; create table t(p,i);'
f() { for i in $(seq 8); do sqlite3 -cmd '.timeout 60000' d.db "begin immediate; insert into t values($1,$i); commit;" || echo bad; done; }
f 1 & f 2 & wait; sqlite3 d.db 'select count(*),sum(i),count(distinct p) from t; pragma integrity_check'"""

SSH = """for t in ed25519 ecdsa; do ssh-keygen -q -t $t -N '' -f k.$t; ssh-keygen -l -f k.$t.pub | cut -d' ' -f1; done
awk '{ print "me", $1, $2 }' k.ed25519.pub >allowed; echo text | ssh-keygen -Y sign -f k.ed25519 -n file >s 2>/dev/null
echo text | ssh-keygen -Y verify -f allowed -I me -n file -s s | cut -d' ' -f1-5"""

TLS = r"""openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=localhost -days 2 2>/dev/null
openssl s_server -accept 0 -key k.pem -cert c.pem -www >log 2>&1 & for i in $(seq 300); do p=$(sed -n 's/^ACCEPT.*://p' log); [ -n "$p" ] && break; sleep 0.1; done
printf 'GET / HTTP/1.0\r\n\r\n' | openssl s_client -ign_eof -connect 127.0.0.1:$p -CAfile c.pem -verify_return_error 2>/dev/null | grep -o 'Verification: OK\|HTTP/1.0 200 ok'
kill %1"""

GO = """package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

func spin(n int) (s int) {
	for i := 0; i < n; i++ {
		s += i * i
	}
	return
}

func main() {
	var wg sync.WaitGroup
	r := make([]int, 8)
	for i := range r {
		wg.Add(1)
		go func(i int) { defer wg.Done(); r[i] = spin(3000000 + i) }(i)
	}
	done := make(chan bool)
	go func() {
		for {
			select {
			case <-done:
				return
			default:
			}
		}
	}()
	time.Sleep(50 * time.Millisecond)
	runtime.GC()
	close(done)
	wg.Wait()
	fmt.Println(r[0] != 0, len(r))
	defer func() { fmt.Println("recovered", recover() != nil) }()
	var p *int
	*p = 1
}
"""

JS = """
const { Worker, isMainThread, parentPort } = require('worker_threads'), crypto = require('crypto'), zlib = require('zlib'), http = require('http');
if (isMainThread) {
	let s = 0; for (let i = 0; i < 3e6; i++) s = (s * 31 + i) | 0;
	console.log(s, crypto.createHash('sha256').update('x').digest('hex').slice(0, 8), zlib.gunzipSync(zlib.gzipSync('abc'.repeat(1000))).length);
	const a = []; for (let i = 0; i < 200000; i++) a.push({ k: i % 97, v: 's' + i });
	a.sort((p, q) => p.k - q.k || p.v.localeCompare(q.v)); console.log(a[1000].v, new Set(a.map(o => o.k)).size);
	const serve = () => { const srv = http.createServer((q, r) => r.end('hi ' + q.url)).listen(0, '127.0.0.1', () =>
		http.get({ port: srv.address().port, path: '/z' }, r => { r.on('data', d => console.log('' + d)); r.on('end', () => srv.close()); })); };
	new Worker(__filename).on('message', m => { console.log('worker', m); require('child_process').exec('echo sub', (e, o) => { console.log(e, o.trim()); serve(); }); });
} else { const f = n => n < 2 ? n : f(n - 1) + f(n - 2); parentPort.postMessage(f(24)); }
"""
JS_OUT = b"637018976 2d711642 3000\ns187307 97\nworker 46368\nnull sub\nhi /z\n"

JAVA = """
import java.util.*; import java.util.concurrent.*; import java.util.stream.*;
public class Main {
	static int f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); }
	public static void main(String[] args) throws Exception {
		System.out.println(f(25));
		ExecutorService e = Executors.newFixedThreadPool(4); List<Future<Long>> l = new ArrayList<>(); long s = 0;
		for (int i = 0; i < 8; i++) { int k = i; l.add(e.submit(() -> LongStream.range(0, 300000 + k).map(x -> x * x % 7).sum())); }
		for (var q : l) s += q.get();
		e.shutdown(); System.out.println(s);
		try { Object o = null; o.hashCode(); } catch (NullPointerException x) { System.out.println("npe"); }
		byte[][] g = new byte[200][]; for (int i = 0; i < 2000; i++) g[i % 200] = new byte[50000];
		Thread t = new Thread(() -> { long z = 0; while (!Thread.interrupted()) z++; }); t.start();
		for (int i = 0; i < 20; i++) System.gc();
		t.interrupt(); t.join(); System.out.println(g[3].length + " " + IntStream.range(0, 1000).parallel().filter(x -> x % 3 == 0).count());
	}
}
"""

PYTHON = "test_threading test_signal test_subprocess test_os test_socket test_mmap test_time test_faulthandler test_posix test_pty".split()
STRESSORS = "cpu vm signal futex clone fork pipe".split()


def script(folder, name, text):
    """A command line that runs the text in a folder of its own."""
    return ["bash", "-c", f"mkdir -p {folder}/{name} && cd {folder}/{name} && export HOME=$PWD && {text}"]


# -B: a cross compiler's linker of this machine would stand where the guest's own compiler looks first.
def short(folder):
    (folder / "h.c").write_text(C)
    return [
        (("ruby", ["ruby", "-e", RUBY], RUBY_OUT), {}),
        (("guile", ["usr/lib/*/guile/3.0/bin/guile", "--no-auto-compile", "-c", GUILE], b"328350\n42\n6765\n0.3333333333333333\n"), {}),
        (("gcc", script(folder, "gcc", "gcc -B/usr/bin/ -O2 ../h.c -o h -lm && ./h a b"), b"hello 3 2.000\n"), {"timeout": 120}),
        (("ssh-keygen", script(folder, "ssh", SSH), b'256\n256\nGood "file" signature for me\n'), {"timeout": 120}),
        (("tls", script(folder, "tls", TLS), b"Verification: OK\nHTTP/1.0 200 ok\n"), {"timeout": 120}),
        (("sqlite by two processes", script(folder, "sqlite", SQLITE), b"wal\n16|72|2\nok\n"), {"timeout": 120}),
        (("make -j2", script(folder, "make", r"printf 'all: a b c d\n%%: ; @sleep 0.1; echo $@ >out.$@\n' >Makefile && make -sj2 && cat out.?"),
          b"a\nb\nc\nd\n"), {}),
    ]


def long(folder):
    for name, text in (("h.cc", CXX), ("h.go", GO), ("h.js", JS), ("Main.java", JAVA)):
        (folder / name).write_text(text)
    restic = ("echo pw >p && restic -q init -r rep -p p && restic -q backup -r rep -p p ../h.c && restic -q check -r rep -p p && "
              "restic -q restore latest -r rep -p p --target out && find out -name h.c | wc -l")
    cases = [
        (("g++", script(folder, "gxx", "g++ -B/usr/bin/ -O1 ../h.cc -o h && ./h"), b"caught 3\n"), {}),
        (("node", ["node", str(folder / "h.js")], JS_OUT), {}),
        (("java", ["usr/lib/jvm/java-17-openjdk-arm*/bin/java", "-Xshare:off", str(folder / "Main.java")], b"75025\n4800047\nnpe\n50000 334\n"), {}),
        (("go", script(folder, "go", "export GO111MODULE=off GOTOOLCHAIN=local; $(ls -d /usr/lib/go-1.*/bin/go) build -o h ../h.go && ./h"),
          b"true 8\nrecovered true\n"), {}),
        (("gh", ["gh", "--version"], lambda out: out.startswith(b"gh version 2.")), {}),
        (("hugo", script(folder, "hugo", "hugo new site s >/dev/null && ls s | head -1"), b"archetypes\n"), {}),
        (("restic", script(folder, "restic", restic), b"1\n"), {}),
    ]
    cases = [(c, {"timeout": 400} | more) for c, more in cases]
    for name in PYTHON:
        cases.append(((f"python {name}", script(folder, name, f"python3.11 -m test -W --timeout 2400 {name} >log 2>&1; s=$?; [ $s = 0 ] || cat log; exit $s"),
                       lambda out: not out), {"timeout": 1000}))
    for name in STRESSORS:
        cases.append(((f"stress-ng {name}", script(folder, "stress", f"stress-ng --{name} 2 --timeout 10 --verify 2>&1 | grep -o 'successful run'"),
                       b"successful run\n"), {"timeout": 100}))
    return cases
