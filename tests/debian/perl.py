"""Perl's own tests of its core, from Debian's source package: run by the guest's perl on the guest's modules, as software.py's cases."""
import os
import pathlib
import re
import shutil
import subprocess

GROUPS = "base cmd comp opbasic io op re uni mro lib run".split()
# Time limits inside of the tests are for machines that do nothing else.
SETTINGS = "PERL_CORE=1 PERL_SKIP_BIG_MEM_TESTS=1 PERL_TEST_TIME_OUT_FACTOR=20"


def replace(source, target):
    """The source package's files are read-only."""
    if os.path.lexists(target):
        os.unlink(target)
    return shutil.copy(source, target, follow_symlinks=False)


def tree(source, modules, out):
    """The folder that the tests expect: those of the source package with modules that are installed, instead of built ones."""
    done = out / "done"
    if done.exists():
        return out
    shutil.rmtree(out, ignore_errors=True)
    for folder in [source / "lib", *modules]:
        shutil.copytree(folder, out / "lib", symlinks=True, dirs_exist_ok=True, copy_function=replace)
    shutil.copytree(source / "t", out / "t", symlinks=True)
    shutil.copy(source / "MANIFEST", out)
    (out / "t/perl").symlink_to("/usr/bin/perl")
    done.touch()
    return out


def command(folder, test):
    return f"cd {folder}/t && {SETTINGS} /usr/bin/perl -I../lib {test} 2>/dev/null; echo status $?"


def verdict(out):
    """How it ended, how many tests were planned and ran, which of them failed unexpectedly."""
    text = out.decode("latin-1")
    plan = re.findall(r"^1\.\.(\d+)", text, re.M)
    bad = [line for line in re.findall(r"^not ok.*", text, re.M) if not re.search(r"# TOD[O]\b", line)]
    return text.rstrip().rpartition("\n")[2], plan, len(re.findall(r"^(?:not )?ok\b", text, re.M)), bad


def native_modules(version):
    """Folders of this machine's perl, if it is the same version."""
    asked = "use Config; print qq($Config{version} $Config{privlibexp} $Config{archlibexp})"
    if not shutil.which("perl"):
        return None
    words = subprocess.run(["perl", "-e", asked], capture_output=True, text=True).stdout.split()
    return [pathlib.Path(w).resolve() for w in words[1:]] if len(words) == 3 and words[0] == version else None


class Expectation:
    """All tests that are planned pass, or the same happens as to this machine's own perl."""

    def __init__(self, source, base, test, environment):
        self.source, self.base, self.test, self.environment = source, base, test, environment

    def __call__(self, out):
        status, plan, ran, bad = verdict(out)
        if status == "status 0" and len(plan) == 1 and int(plan[0]) == ran and not bad:
            return True
        modules = native_modules(self.source.name.rpartition("-")[2])
        if not modules:
            return False
        folder = tree(self.source, modules, self.base / "native-perl")
        own = subprocess.run(["bash", "-c", command(folder, self.test)], stdin=subprocess.DEVNULL, capture_output=True, env=self.environment)
        return verdict(own.stdout) == (status, plan, ran, bad)


def cases(source, base, root, environment):
    modules = [next(root.glob("usr/share/perl/5.*.*")), next(root.glob("usr/lib/*/perl/5.*.*"))]
    folder = tree(source, modules, base / f"{root.name}-perl")
    for group in GROUPS:
        for test in sorted((source / "t" / group).rglob("*.t")):
            name = test.relative_to(source / "t")
            yield (f"perl core {name}", ["bash", "-c", command(folder, name)], Expectation(source, base, name, environment)), {"timeout": 400}
