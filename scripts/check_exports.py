#!/usr/bin/env python3
"""
Fails unless a library exports exactly the functions its headers declare, each with a version, under its soname; and
unless each declaration stands below a comment that names its thread class: check_exports.py LIBRARY SONAME VERSION HEADER...
"""
import pathlib
import re
import subprocess
import sys

FOREIGN = {"__jit_debug_descriptor", "__jit_debug_register_code"}   # GDB prescribes the names


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported(path):
    rows = [line.split() for line in run("nm", "-D", "--defined-only", path).splitlines()]
    return {row[-1] for row in rows if row[-2] != "A"}


def declared(headers):
    """name: the comment above it, or above the declarations it follows directly."""
    out = {}
    for header in headers:
        text = pathlib.Path(header).read_text()
        comment, end = "", 0
        for part in re.finditer(r"/\*(.*?)\*/|DGM_EXPORT[^;{]*?\b(dgm_\w+)\([^;]*;", text, flags=re.S):
            between = text[end:part.start()]
            if part[1] is not None:
                comment = part[1]
            else:
                if re.search(r"\n\s*\n", between) and end:
                    comment = ""
                out[part[2]] = comment
            end = part.end()
    return out


def main(argv):
    library, soname, version, *headers = argv
    names = declared(headers)
    exports = exported(library)
    plain = {name.split("@")[0] for name in exports} - FOREIGN
    wrong = [f"exported, not declared: {n}" for n in sorted(plain - set(names))]
    wrong += [f"declared, not exported: {n}" for n in sorted(set(names) - plain)]
    wrong += [f"without version {version}: {n}" for n in sorted(exports) if not n.endswith(f"@@{version}")]
    wrong += [f"no thread class: {n}" for n, c in names.items() if not re.search(r"\[[ASOQ]\]", c)]
    if f"[{soname}]" not in run("readelf", "-d", library):
        wrong.append(f"its soname is not {soname}")
    print(f"{library}: {len(plain)} functions, {len(wrong)} problems", *wrong, sep="\n  ")
    return bool(wrong) or not names


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
