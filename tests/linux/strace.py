#!/usr/bin/env python3
"""What --strace writes of calls: strace.py DRAGOMAN GUEST-PROGRAM"""
import re
import subprocess
import sys

# In this order, with others between them.
WANT = [
    r"mmap2?\(NULL, 4096, PROT_READ\|PROT_WRITE, MAP_PRIVATE\|MAP_ANONYMOUS, -1, 0\) = 0x[0-9a-f]+",
    r'openat\(AT_FDCWD, "/no/where", O_RDWR\|O_CREAT\|O_EXCL(\|O_LARGEFILE)?\|O_NOFOLLOW\|O_CLOEXEC, 0640\) = -1 ENOENT \(No such file or directory\)',
    r'openat\(77, "name", O_RDONLY\|(O_LARGEFILE\|)?O_DIRECTORY, 00?\) = -1 EBADF \(Bad file descriptor\)',
    r'write\(99, "a \\"line\\"\\n\\x01", 10\) = -1 EBADF \(Bad file descriptor\)',
    r"ioctl\(98, TCGETS, 0x[0-9a-f]+\) = -1 EBADF \(Bad file descriptor\)",
    r"ioctl\(98, 0x1234, 0x5\) = -1 EBADF \(Bad file descriptor\)",
    r"mprotect\(0x[0-9a-f]+, 4096, PROT_NONE\) = 0",
    r"futex\(0x[0-9a-f]+, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0\) = -1 EAGAIN \(Resource temporarily unavailable\)",
    r"kill\((\d+), (SIG)?0\) = 0",
    r"kill\(1073741824, SIGUSR1\) = -1 ESRCH \(No such process\)",
    r".*system call 1999 is not offered = -1 ENOSYS",
    r"exit_group\(3\).*",
]

done = subprocess.run([sys.argv[1], "--strace", sys.argv[2]], capture_output=True, text=True, timeout=60)
lines = iter(re.sub(r"^\d+ ", "", line) for line in done.stderr.splitlines())
for want in WANT:
    if not any(re.fullmatch(want, line) for line in lines):
        sys.exit(f"no line, or not at its place: {want}\n{done.stderr}")
if done.returncode != 3:
    sys.exit(f"status {done.returncode}")
