#!/usr/bin/env python3
"""The comments of a header as Doxygen wants them: doxygen_filter.py FILE."""
import re
import sys


def convert(text):
    # Behind code on its line: what stands before it. [^\n] keeps a comment of several lines at its first.
    text = re.sub(r"^([^\n]*[^\s/][^\n]*?)/\*(?!\*)", r"\1/**<", text, flags=re.M)
    text = re.sub(r"^(\s*)/\*(?!\*)", r"\1/**", text, flags=re.M)
    return re.sub(r"\A/\*\*(\n \*)?", "/** @file\n *", text, count=1)


if __name__ == "__main__":
    with open(sys.argv[1]) as f:
        sys.stdout.write(convert(f.read()))
