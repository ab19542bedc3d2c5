#!/usr/bin/env python3
"""Writes a C program of thousands of different functions, each run once or twice: all of it is cold code."""
import random
import sys

STATEMENTS = [
    "x += {c}u + y;",
    "x ^= y >> {s};",
    "y = y * {o}u + x;",
    "if (x & {c}u) y -= x; else x += {s};",
    "for (int i = 0; i < {n}; i++) x = x << 1 ^ y;",
    "x = x << {s} | x >> (32 - {s});",
    "v[x & 15] += y;",
    "y ^= v[(x >> {s}) & 15];",
    "if (y > {c}u) x ^= v[{n}];",
]


def function(rng, n):
    body = "\n".join("\t" + rng.choice(STATEMENTS).format(c=rng.getrandbits(24), s=rng.randrange(1, 31),
                                                        o=rng.getrandbits(16) | 1, n=rng.randrange(1, 4))
                     for _ in range(rng.randrange(6, 20)))
    return f"static uint32_t f{n}(uint32_t x, uint32_t y, uint32_t *v)\n{{\n{body}\n\treturn x + y;\n}}\n"


def main(path, functions):
    rng = random.Random(1)
    out = ["/* Made by cold.py. */", '#include "bench.h"', ""]
    out += [function(rng, n) for n in range(functions)]
    out.append("typedef uint32_t fn(uint32_t, uint32_t, uint32_t *);")
    out.append("static fn *const all[] = { " + ", ".join(f"f{n}" for n in range(functions)) + " };")
    out.append(f"""
int main(int argc, char **argv)
{{
	unsigned scale = bench_scale(argc, argv);
	uint32_t x = 1, v[16] = {{ 0 }};

	for (unsigned i = 0; i < scale && i < {functions} * 2; i++)
		x ^= all[i % {functions}](x, i, v);
	return bench_end(x);
}}""")
    with open(path, "w") as f:
        f.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
