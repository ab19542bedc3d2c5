"""What the Python of each machine must print alike: the interpreter, its extensions, threads, children."""
import array
import bisect
import collections
import datetime
import decimal
import fractions
import functools
import hashlib
import heapq
import hmac
import itertools
import json
import lzma
import math
import random
import re
import sqlite3
import statistics
import struct
import subprocess
import threading
import zlib

rng = random.Random(20240229)
text = " ".join(rng.choice(["alpha", "beta", "gamma", "δelta", "e42"]) for _ in range(3000))
data = text.encode() + bytes(rng.randrange(256) for _ in range(20000))

for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
    print(name, hashlib.new(name, data).hexdigest()[:32])
print(hmac.new(b"key", data, "sha256").hexdigest(), hashlib.pbkdf2_hmac("sha256", b"p", b"s", 200).hex())
print(zlib.crc32(data), zlib.adler32(data), hashlib.md5(zlib.decompress(zlib.compress(data, 9))).hexdigest())
print(lzma.decompress(lzma.compress(data)) == data)

doc = {"a": [1, 2.5, None, True, "ü\n"], "b": {str(i): i * 0.1 for i in range(20)}, "c": -1e300}
print(json.dumps(doc, sort_keys=True, indent=1) == json.dumps(json.loads(json.dumps(doc)), sort_keys=True, indent=1))
print(json.dumps(doc, sort_keys=True)[:120])
print(collections.Counter(re.findall(r"\b(\w)(\w*?)(a|e)\b", text)).most_common(4))
print(re.sub(r"(\w+) (?=δ)", lambda m: m[1].upper() + "-", text)[:100].encode("ascii", "backslashreplace").decode())

decimal.getcontext().prec = 80
print(decimal.Decimal(2).sqrt(), (decimal.Decimal(1) / 7).exp())
print(fractions.Fraction(355, 113) ** 7, math.factorial(60), pow(3, 10 ** 6, 10 ** 9 + 7), 2 ** 521 % 10 ** 20)
print([repr(x) for x in (0.1 + 0.2, 1e22, 1 / 3, float("inf"), -0.0, 5e-324, 1.7976931348623157e308)])
print(math.fsum([0.1] * 10), math.hypot(3, 4), math.isqrt(10 ** 30), statistics.pstdev(range(100)), math.gcd(2 ** 40, 6 ** 20))
print(f"{math.pi:.15e} {1e-7:g} {12345.678:>12,.2f} {255:#x} {-7 // 2} {-7 % 3} {7.5 // -2}")
print(struct.pack(">hIqd", -2, 3, 4, 5.5).hex(), struct.unpack("<f", b"\0\0\xc0\x3f"), array.array("d", [1, 2]).tobytes().hex())
print(sorted(rng.sample(range(1000), 12)), heapq.nsmallest(3, [5, 1, 4]), bisect.bisect([1, 2, 3], 2))
print(datetime.date(2024, 2, 29) + datetime.timedelta(366), datetime.datetime(2000, 1, 1).strftime("%A %j"))


@functools.lru_cache(None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(150), sum(1 for p in itertools.permutations(range(7)) if all(abs(a - b) > 1 for a, b in zip(p, p[1:]))))

db = sqlite3.connect(":memory:")
db.execute("create table t(k integer primary key, v text, w real)")
db.executemany("insert into t values(?, ?, ?)", [(i, f"v{i * 7 % 13}", i / 8) for i in range(2000)])
print(db.execute("select v, count(*), round(avg(w), 3), sum(k) from t where k % 3 = 1 group by v order by v limit 5").fetchall())
print(db.execute("with recursive n(x) as (values(1) union all select x + 1 from n where x < 50) select group_concat(x * x) from n").fetchone()[0][-40:])

total, lock, done = [0], threading.Lock(), threading.Barrier(5)


def work(n):
    for i in range(2000):
        with lock:
            total[0] += n
    done.wait()


threads = [threading.Thread(target=work, args=(i,)) for i in range(1, 5)]
for t in threads:
    t.start()
done.wait()
for t in threads:
    t.join()
print(total[0])
print(subprocess.run(["sh", "-c", "echo $((6 * 7)); cat; exit 3"], input=b"from the parent\n", capture_output=True))
try:
    {}["missing"]
except KeyError as e:
    print("caught", e)
