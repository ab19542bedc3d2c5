#!/usr/bin/env python3
"""
Makes the tables of the Python module from the public headers: constants, structures, prototypes.

  make_python.py INCLUDE_DIR OUTPUT           writes OUTPUT
  make_python.py --check INCLUDE_DIR OUTPUT   fails unless OUTPUT is what would be written

Knows as much of C as the headers use: enums, structs of scalars, arrays, pointers and function pointers,
function declarations, #define of constants and of macros with arguments.
"""
import pathlib
import re
import sys

HEADERS_LEFT_OUT = {"linux.h", "conform.h"}     # of another library, and of no library
LIMITS = {"UINT32_MAX": 2**32 - 1, "UINT64_MAX": 2**64 - 1}
SCALARS = {
    "void": "None", "bool": "c_bool", "char": "c_char", "int": "c_int", "size_t": "c_size_t", "unsigned": "c_uint",
    **{f"{u}int{n}_t": f"c_{u}int{n}" for u in ("", "u") for n in (8, 16, 32, 64)},
}


def strip(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return text.replace("\\\n", " ")


class Module:
    def __init__(self):
        self.constants, self.macros, self.enums = {}, {}, set()
        self.opaque, self.aliases, self.functions = set(), {}, {}
        self.structs = {}       # name: fields, or the type of a function as text

    # ---- expressions ----

    def python_expression(self, text):
        text = re.sub(r"\((?:u?int\d+_t|int|unsigned)\)", "", text)
        return re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", text).strip()

    def value(self, text):
        return eval(self.python_expression(text), {"__builtins__": {}, **LIMITS}, self.constants)

    def read_defines(self, text):
        for name, args, body in re.findall(r"^#define (\w+)(\([\w, ]*\))?[ \t]+(\S.*)$", text, flags=re.M):
            if args:
                if re.fullmatch(r"[\w\s()+*<|,-]*", body) and name != "DGM_INIT":
                    self.macros[name] = (args.strip("()").split(", "), self.python_expression(body))
            elif re.fullmatch(r"[\w()+-]+", body) and not name.endswith("_H") and name not in ("DGM_EXPORT", "DGM_CHECK"):
                self.constants[name] = self.value(body)

    def read_enums(self, text):
        for tag, body, name in re.findall(r"enum\s*(\w*)\s*\{(.*?)\}\s*(\w*);", text, flags=re.S):
            if name:
                self.enums.add(name)
            next_value = 0
            for item in filter(None, (i.strip() for i in body.split(","))):
                key, _, expression = (part.strip() for part in item.partition("="))
                next_value = self.value(expression) if expression else next_value
                self.constants[key] = next_value
                next_value += 1

    # ---- types ----

    def type(self, text):
        text = re.sub(r"\b(const|struct|enum)\b", " ", text)
        stars, base = text.count("*"), text.replace("*", " ").split()[0]
        if base in self.enums:
            base = "int"
        if base in self.aliases:
            base = self.aliases[base]
        if not stars:
            return SCALARS.get(base, base)
        if base == "char":
            return "c_char_p" if stars == 1 else "POINTER(c_char_p)"
        if isinstance(self.structs.get(base), str) and stars == 1:
            return base
        if base in self.structs and stars == 1:
            return f"POINTER({base})"
        if base in self.structs or base in self.opaque or base == "void":
            return "c_void_p" if stars == 1 else "POINTER(c_void_p)"
        return f"POINTER({SCALARS.get(base, base)})"

    def parameters(self, text):
        if text.strip() == "void":
            return []
        out = []
        for p in text.split(","):
            name = re.search(r"(\w+)\s*$", p)
            base = p[:name.start()] if name and len(p.replace("*", " ").split()) > 1 else p
            out.append(self.type(base))
        return out

    def field(self, text):
        pointer = re.fullmatch(r"(.*?)\(\*(\w+)\)\s*\((.*)\)", text, flags=re.S)
        if pointer:
            result, name, args = pointer.groups()
            return [(name, f"CFUNCTYPE({', '.join([self.type(result), *self.parameters(args)])})")]
        first, *others = [part.strip() for part in text.split(",")]
        base, declarator = re.fullmatch(r"(.*?)(\**\s*\w+(?:\[\w+\])?)", first, flags=re.S).groups()
        out = []
        for d in [declarator, *others]:
            name, count = re.fullmatch(r"\**\s*(\w+)(?:\[(\w+)\])?", d).groups()
            kind = self.type(base + "*" * d.count("*"))
            out.append((name, f"{kind} * {self.value(count)}" if count else kind))
        return out

    def split_fields(self, body):
        return [" ".join(f.split()) for f in body.split(";") if f.strip()]

    def read_types(self, text):
        self.opaque |= set(re.findall(r"typedef struct (\w+) \1;", text))
        for base, name in re.findall(r"^typedef (\w+) (\w+);", text, flags=re.M):
            self.aliases[name] = base
        for name, body, result, function, args in re.findall(
                r"typedef struct (\w+) \{(.*?)\} \1;|typedef (\w[\w\s*]*?)\b(\w+)\(([^;]*)\);", text, flags=re.S):
            if function:
                self.structs[function] = f"CFUNCTYPE({', '.join([self.type(result), *self.parameters(args)])})"
                continue
            self.structs[name] = []
            self.structs[name] = [f for part in self.split_fields(body) for f in self.field(part)]
        for result, name, args in re.findall(r"DGM_EXPORT\s+(?:DGM_CHECK\s+)?([\w\s*]+?)(\bdgm_\w+)\((.*?)\);", text, flags=re.S):
            self.functions[name] = (self.type(result), self.parameters(args))


def make(folder):
    module = Module()
    texts = [strip(p.read_text()) for p in in_order(folder)]
    for text in texts:
        module.read_defines(text)
        module.read_enums(text)
    for text in texts:
        module.read_types(text)
    return module


def in_order(folder):
    """Headers, each behind those it includes."""
    paths = {p.name: p for p in sorted(folder.glob("*.h")) if p.name not in HEADERS_LEFT_OUT}
    done = []

    def add(name):
        if name not in paths or paths[name] in done:
            return
        for other in re.findall(r'#include "dragoman/(\w+\.h)"', paths[name].read_text()):
            add(other)
        done.append(paths[name])

    for name in paths:
        add(name)
    return done


def sentence(items, indent, width=118):
    lines, line = [], ""
    for item in items:
        if len(indent) + len(line) + len(item) + 2 > width:
            lines.append(indent + line.rstrip())
            line = ""
        line += item + ", "
    return lines + ([indent + line.rstrip()] if line else [])


def render(module):
    out = ['"""Constants, structures and prototypes of libdragoman, made by scripts/make_python.py from its headers."""',
           "# Do not edit.", "from ctypes import (", *sentence(sorted(
               {"CFUNCTYPE", "POINTER", "Structure", *(v for v in SCALARS.values() if v != "None"), "c_char_p", "c_void_p"}),
               "    "), ")", ""]
    out += [f"{name} = {value:#x}" if value > 4096 else f"{name} = {value}" for name, value in module.constants.items()]
    for name, (args, body) in module.macros.items():
        out += ["", "", f"def {name}({', '.join(args)}):", f"    return {body}"]
    for name, fields in module.structs.items():
        if isinstance(fields, str):
            out += ["", "", f"{name} = {fields}"]
            continue
        out += ["", "", f"class {name}(Structure):", "    _fields_ = ["]
        out += [f'        ("{field}", {kind}),' for field, kind in fields] + ["    ]"]
    out += ["", "", "# name: (result, parameters)", "PROTOTYPES = {"]
    for name, (result, args) in module.functions.items():
        out.append(f'    "{name}": ({result}, [{", ".join(args)}]),')
    return "\n".join([*out, "}", ""])


def main(argv):
    check = argv[0] == "--check"
    include, output = (pathlib.Path(a) for a in argv[check:])
    text = render(make(include / "dragoman"))
    if not check:
        output.write_text(text)
        return 0
    if output.read_text() == text:
        return 0
    print(f"{output} is not current: scripts/make_python.py include {output}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
