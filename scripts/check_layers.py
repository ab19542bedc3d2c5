#!/usr/bin/env python3
"""Fails when a file includes a header that its folder may not see."""
import pathlib
import re
import sys

# Folder -> folders whose headers it may include, besides its own. The public headers
# (include/dragoman) are open to all.
ALLOWED = {
    "lib/base": set(),
    "lib/ir": {"lib/base"},
    "lib/opt": {"lib/base", "lib/ir"},
    "lib/cache": {"lib/base", "lib/iface", "lib/ir"},
    "lib/iface": {"lib/base", "lib/ir"},
    "lib/engine": {"lib/base", "lib/ir", "lib/opt", "lib/cache", "lib/iface"},
    "lib/api": {"lib/base", "lib/ir", "lib/cache", "lib/iface", "lib/engine", "frontend/aarch64", "frontend/arm", "frontend/ppc",
                "backend/interp", "backend/baseline"},
    "frontend/common": {"lib/base", "lib/ir", "lib/iface"},
    "frontend/aarch64": {"lib/base", "lib/ir", "lib/iface", "frontend/common"},
    "frontend/arm": {"lib/base", "lib/ir", "lib/iface", "frontend/common"},
    "frontend/ppc": {"lib/base", "lib/ir", "lib/iface", "frontend/common"},
    "backend/interp": {"lib/base", "lib/ir", "lib/iface"},
    "backend/baseline": {"lib/base", "lib/ir", "lib/iface"},
    "backend/llvm": {"lib/base", "lib/ir", "lib/iface"},
    "lib/gdb": set(),
    "machines": set(),
    "examples": set(),
    "tools": set(),
    "include": set(),
}
# Files of tools/ that look inside on purpose.
INSIDE = {"tools/dragoman-ir.c", "tools/ir_exec.c", "tools/ir_exec.h", "tools/ir_case.c", "tools/ir_case.h"}
FOREIGN = [
    (r"capstone/", r"frontend/\w+/decode\.c$"),
    (r"llvm-c/|llvm/", r"backend/llvm/"),
]
ROOTS = {"base/": "lib/base", "ir/": "lib/ir", "opt/": "lib/opt", "cache/": "lib/cache", "iface/": "lib/iface",
         "engine/": "lib/engine", "api/": "lib/api", "frontend/": None, "backend/": None, "dragoman/": "include",
         "lib/": None, "machines/": None}


def folder_of(path):
    return next((f for f in sorted(ALLOWED, key=len, reverse=True) if path.startswith(f + "/")), None)


def target_of(include, source):
    """The folder an include names, or None for system headers."""
    for prefix, folder in ROOTS.items():
        if include.startswith(prefix):
            return folder or folder_of(include) or include
    return folder_of(str(source.parent / include)) if "/" not in include else None


def check(root):
    problems = []
    files = [p for p in sorted(root.rglob("*")) if p.suffix in (".c", ".h", ".def")]
    for path in files:
        name = path.relative_to(root)
        folder = folder_of(str(name))
        if folder is None or str(name) in INSIDE:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = re.match(r'\s*#\s*include\s+(["<])([^">]+)', line)
            if not found:
                continue
            for pattern, home in FOREIGN:
                if re.match(pattern, found[2]) and not re.match(home, str(name)):
                    problems.append(f"{name}:{number}: {found[2]} does not belong here")
            target = target_of(found[2], name) if found[1] == '"' else None
            if target and target not in ALLOWED[folder] | {folder, "include"}:
                problems.append(f"{name}:{number}: {folder} may not include {found[2]}")
    return problems, len(files)


def main(root):
    problems, count = check(pathlib.Path(root))
    print("\n".join(problems) or f"{count} files keep to their layers")
    return bool(problems) or count == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
