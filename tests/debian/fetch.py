#!/usr/bin/env python3
"""Makes a folder with programs of Debian for another architecture: fetch.py ARCH DIR [--long].

apt works in a private folder, DIR/ARCH.apt, with the sources of this machine's own apt: nothing about
the machine changes, and no foreign architecture is added to it. The packages and all that they depend
on are unpacked in DIR/ARCH; with --long, which adds many large ones, in DIR/ARCH-long. Prints that folder.
Status 77: the packages cannot be had (no apt, no network).
"""
import pathlib
import shutil
import subprocess
import sys

PACKAGES = """bash bzip2 busybox coreutils file findutils gawk git-man git gzip grep lua5.4 openssl p7zip-full 7zip
 patch perl-base perl perl-modules-5.36 python3-minimal python3 sed sqlite3 tar xz-utils zstd diffutils bc dash make jq gcc guile-3.0 libc6-dev openssh-client ruby""".split()
LONG = "g++ gh golang-go hugo libpython3.11-testsuite nodejs openjdk-17-jdk-headless procps restic stress-ng".split()
# Merged directories, as every installation of this Debian has them.
MERGED = ["bin", "sbin", "lib", "lib64"]
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
LINKS = {"usr/bin/awk": "gawk", "usr/bin/sh": "dash", "usr/bin/lua": "lua5.4"}


class Unavailable(Exception):
    pass


def run(argv, folder=None):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder)
    if done.returncode:
        raise Unavailable(f"{argv[0]}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def sources(updates):
    """Lines for the suites of Debian that this machine's apt knows, with or without those of updates."""
    lines = run(["apt-get", "indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)",
                 "Created-By: Packages"]).splitlines()
    found = []
    for line in dict.fromkeys(lines):
        origin, uri, release, component = line.split("|")
        if origin == "Debian" and component == "main" and (updates or "-" not in release):
            found.append(f"deb [signed-by={KEYS}] {uri} {release} {component}")
    if not found:
        raise Unavailable("apt here knows no suite of Debian")
    return "\n".join(found) + "\n"


def apt(folder, arch, updates):
    for sub in ("lists/partial", "archives/partial", "etc"):
        (folder / sub).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    (folder / "sources.list").write_text(sources(updates))
    options = {
        "APT::Architecture": arch, "APT::Architectures": arch, "Acquire::Languages": "none", "Acquire::Retries": "2",
        "Acquire::http::Timeout": "20", "Acquire::https::Timeout": "20",
        "Dir::State": folder, "Dir::State::status": folder / "status", "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder, "Dir::Cache::archives": folder / "archives", "Dir::Log": folder,
        "Dir::Etc::SourceList": folder / "sources.list", "Dir::Etc::SourceParts": "-", "Dir::Etc::Preferences": "-",
        "Dir::Etc::PreferencesParts": "-", "APT::Sandbox::User": "root", "Debug::NoLocking": "1",
        "APT::Update::Post-Invoke-Success::": "", "APT::Install-Recommends": "0",
    }
    return ["apt-get", "-q", "-y", *(f"-o{k}={v}" for k, v in options.items())]


def unpack(archives, root):
    for name in MERGED:
        (root / "usr" / name).mkdir(parents=True, exist_ok=True)
        (root / name).symlink_to(f"usr/{name}")
    for deb in sorted(archives):
        data = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE)
        done = subprocess.run(["tar", "-x", "--keep-directory-symlink", "--no-same-owner", "-C", str(root)],
                              stdin=data.stdout, capture_output=True, text=True)
        data.stdout.close()
        if data.wait() or done.returncode:
            raise Unavailable(f"{deb.name}: {done.stderr.strip()[-400:]}")
    for link, target in LINKS.items():
        path = root / link
        if not path.is_symlink() and not path.exists() and (path.parent / target).exists():
            path.symlink_to(target)


def fetch(arch, base, long):
    name = f"{arch}-long" if long else arch
    root, work, stamp = base / name, base / f"{name}.apt", base / f"{name}.packages"
    packages = PACKAGES + (LONG if long else [])
    want = " ".join(packages)
    if stamp.exists() and stamp.read_text() == want:
        return root
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Unavailable("apt-get or dpkg-deb is not installed")
    shutil.rmtree(root, ignore_errors=True)
    try:
        command = apt(work, arch, True)
        run([*command, "update"])
    except Unavailable:
        # A mirror may be in the middle of an update.
        shutil.rmtree(work)
        command = apt(work, arch, False)
        run([*command, "update"])
    run([*command, "--download-only", "install", *packages])
    unpack((work / "archives").glob("*.deb"), root)
    shutil.rmtree(work)
    stamp.write_text(want)
    return root


def fetch_source(name, base):
    """The unpacked original of a source package."""
    base = base.resolve()
    work, folder = base / f"{name}.apt", base / f"{name}-source"
    if not folder.exists():
        shutil.rmtree(work, ignore_errors=True)
        command = apt(work, "amd64", False)
        lines = (work / "sources.list").read_text()
        (work / "sources.list").write_text("".join(line.replace("deb ", "deb-src ", 1) + "\n" for line in lines.splitlines()))
        run([*command, "update"])
        (work / "source").mkdir()
        run([*command, "source", "--download-only", name], work / "source")
        original = next((work / "source").glob("*.orig.tar.*"))
        run(["tar", "-x", "--no-same-owner", "-C", str(work / "source"), "-f", str(original)])
        folder.mkdir()
        unpacked = next(p for p in (work / "source").iterdir() if p.is_dir())
        unpacked.rename(folder / unpacked.name)
        shutil.rmtree(work)
    return next(folder.iterdir())


def main(argv):
    arch, base = argv[1], pathlib.Path(argv[2]).resolve()
    try:
        print(fetch(arch, base, "--long" in argv[3:]))
    except Unavailable as why:
        print(why, file=sys.stderr)
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
