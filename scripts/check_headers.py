#!/usr/bin/env python3
"""Fails unless every public header compiles alone, as C11 and as C++: check_headers.py INCLUDE_DIR [CC [CXX]]"""
import pathlib
import shutil
import subprocess
import sys


def compiles(command, header, folder):
    text = f'#include "{header.relative_to(folder)}"\n#include "{header.relative_to(folder)}"\n'
    done = subprocess.run([*command, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", str(folder), "-"],
                          input=text, capture_output=True, text=True)
    if done.returncode:
        print(f"{header.name}: {' '.join(command)}\n{done.stderr}")
    return done.returncode == 0


def main(argv):
    folder = pathlib.Path(argv[0])
    cc, cxx = (argv[1:] + ["cc", "c++"][len(argv) - 1:])[:2]
    commands = [[cc, "-std=c11", "-x", "c"]]
    if shutil.which(cxx):
        commands.append([cxx, "-std=c++17", "-x", "c++"])
    else:
        print(f"{cxx} is not there: C++ is not checked")
    headers = sorted(folder.rglob("*.h"))
    good = sum(compiles(c, h, folder) for c in commands for h in headers)
    print(f"{good} of {len(headers) * len(commands)} compile")
    return not headers or good != len(headers) * len(commands)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
