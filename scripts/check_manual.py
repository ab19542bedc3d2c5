#!/usr/bin/env python3
"""The manual page has the options that --help has, with the same defaults and limits. check_manual.py DRAGOMAN PAGE"""
import pathlib
import re
import subprocess
import sys


def in_help(text):
    """{option: numbers that its line states}"""
    found = {}
    for line in re.findall(r"^  (-.*)", text, re.M):
        names, _, rest = line.partition("  ") if "  " in line else (line, "", "")
        for name in re.findall(r"(?:^|, )(--?[\w-]+)", names):
            found[name] = re.findall(r"\b\d+\w?\b", rest)
    return found


def in_page(text):
    """{option: its paragraphs}"""
    found = {}
    options = text.partition(".SH OPTIONS")[2].partition(".SH ENVIRONMENT")[0]
    for item in options.split(".TP\n")[1:]:
        head, _, body = item.partition("\n")
        plain = re.sub(r"\\f.|^\.\w+ ", "", head).replace("\\", "")
        for name in re.findall(r"(?:^|, )(--?[\w-]+)", plain):
            found[name] = body
    return found


def main(program, page):
    said = in_help(subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout)
    written = in_page(pathlib.Path(page).read_text())
    wrong = [f"{name} is not in both" for name in sorted(said.keys() ^ written.keys())]
    wrong += [f"{name}: {number} in --help, not on the page" for name, numbers in said.items() for number in numbers
              if name in written and not re.search(rf"\b{number}\b", written[name])]
    print("\n".join(wrong) or f"{len(said)} options")
    return bool(wrong) or len(said) < 20


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
