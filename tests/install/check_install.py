#!/usr/bin/env python3
"""
Installs into an empty folder and uses what is there as a stranger would: by pkg-config from C and C++, by CMake where
that is installed (else its files are looked at), from Python; and the man pages' example.

  check_install.py SOURCE_DIR BUILD_DIR VERSION
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

CMAKE_LISTS = """cmake_minimum_required(VERSION 3.13)
project(stranger C)
find_package(dragoman @VERSION@ REQUIRED)
add_executable(hello hello.c)
target_link_libraries(hello dragoman::dragoman)
add_executable(linux linux.c)
target_link_libraries(linux dragoman::linux)
"""
LINUX = """#include <dragoman/linux.h>
#include <dragoman/dragoman.h>
int main(void) { dgm_linux *none = 0; (void)none; return dgm_version(0, 0) == 0; }
"""
CXX = """#include <dragoman/dragoman.h>
#include <dragoman/ppc.h>
int main()
{
	dgm_engine_cfg config = DGM_INIT(dgm_engine_cfg);
	dgm_engine *engine = nullptr;
	if (dgm_engine_new(&config, DGM_ABI, &engine) != DGM_OK)
		return 1;
	dgm_engine_unref(engine);
	return 0;
}
"""


def run(*command, env=None, cwd=None):
    done = subprocess.run([str(c) for c in command], env=env, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Stranger:
    def __init__(self, source, build, folder):
        self.source, self.folder, self.root = source, folder, folder / "root"
        run("meson", "install", "-C", build, "--destdir", self.root, "--no-rebuild", "--quiet")
        (pc,) = self.root.rglob("dragoman.pc")
        self.lib = pc.parent.parent
        (self.include,) = (p.parent for p in self.root.rglob("include/dragoman"))
        self.env = os.environ | {"PKG_CONFIG_PATH": str(pc.parent), "PKG_CONFIG_SYSROOT_DIR": str(self.root),
                                 "LD_LIBRARY_PATH": str(self.lib), "DRAGOMAN_LIBRARY": str(self.lib / "libdragoman.so.0")}
        self.hello = source / "examples/hello.c"

    def compile(self, compiler, name, *flags):
        found = run("pkg-config", "--cflags", "--libs", "dragoman", env=self.env).split()
        program = self.folder / pathlib.Path(name).stem
        run(*compiler, name, "-Wall", "-Wextra", "-Werror", *flags, "-o", program, *found, env=self.env)
        return program

    def pkg_config(self, version):
        assert run("pkg-config", "--modversion", "dragoman", env=self.env).strip() == version
        assert "r3 = 55" in run(self.compile(["cc"], self.hello), env=self.env)
        cxx = self.folder / "stranger.cc"
        cxx.write_text(CXX)
        if shutil.which("c++"):
            run(self.compile(["c++", "-std=c++17"], cxx), env=self.env)

    def man_page(self):
        (page,) = self.root.rglob("libdragoman.3*")
        text = re.search(r"^\.SH EXAMPLES\n\.nf\n(.*?)^\.fi", page.read_text(), flags=re.S | re.M)[1]
        source = self.folder / "example.c"
        source.write_text(text.replace("\\\\", "\\"))
        assert run(self.compile(["cc"], source), env=self.env) == "42\n"

    def python(self):
        (module,) = (p.parent.parent for p in self.root.rglob("dragoman/_abi.py"))
        code = "import dragoman; vm = dragoman.VM(dragoman.Arch.ARM); print(vm.cpu().r0)"
        assert run(sys.executable, "-c", code, env=self.env | {"PYTHONPATH": str(module)}) == "0\n"

    def cmake_files(self):
        (config,) = self.root.rglob("dragoman-config.cmake")
        text = config.read_text()
        for _, relative in re.findall(r'get_filename_component\((\w+) "\$\{CMAKE_CURRENT_LIST_DIR\}/([^"]*)" ABSOLUTE\)', text):
            assert (config.parent / relative).resolve() in (self.lib.resolve(), self.include.resolve()), relative
        assert "@" not in text and (config.parent / "dragoman-config-version.cmake").exists()
        for name in re.findall(r"libdragoman(?:-linux)?\.so", text):
            assert (self.lib / (name + ".0")).exists(), name

    def cmake(self, version):
        project = self.folder / "project"
        project.mkdir()
        (project / "CMakeLists.txt").write_text(CMAKE_LISTS.replace("@VERSION@", version))
        (project / "linux.c").write_text(LINUX)
        shutil.copy(self.hello, project)
        prefix = self.include.parent
        run("cmake", "-S", project, "-B", project / "build", f"-DCMAKE_PREFIX_PATH={prefix}", env=self.env)
        run("cmake", "--build", project / "build", env=self.env)
        assert "r3 = 55" in run(project / "build/hello", env=self.env)
        run(project / "build/linux", env=self.env)


def main(argv):
    with tempfile.TemporaryDirectory() as folder:
        stranger = Stranger(pathlib.Path(argv[0]), pathlib.Path(argv[1]), pathlib.Path(folder))
        stranger.pkg_config(argv[2])
        stranger.man_page()
        stranger.python()
        stranger.cmake_files()
        if shutil.which("cmake"):
            stranger.cmake(argv[2])
        else:
            print("cmake is not there: its files were only looked at")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
