"""The shared library, its errors, and its enumerations."""
import ctypes
import enum
import os

from . import _abi as abi


def _members(prefix):
    return {name[len(prefix):]: value for name, value in vars(abi).items() if name.startswith(prefix)}


Arch = enum.IntEnum("Arch", _members("DGM_ARCH_"))
Reason = enum.IntEnum("Reason", _members("DGM_EXIT_"))
Cause = enum.IntEnum("Cause", _members("DGM_CAUSE_"))
Status = enum.IntEnum("Status", _members("DGM_E_"))
Act = enum.IntEnum("Act", {n: getattr(abi, "DGM_" + n) for n in ("CONT", "RETRY", "SKIP", "RAISE", "STOP", "BREAK")})
Event = enum.IntEnum("Event", {n: getattr(abi, "DGM_HOOK_" + n) for n in (
    "BLOCK", "INSN", "EDGE", "READ", "WRITE", "TRANSLATED", "INVALIDATED")})
Prot = enum.IntFlag("Prot", {n: getattr(abi, "DGM_" + n) for n in ("R", "W", "X")})


class Error(Exception):
    """A function of the library failed; status says why."""

    def __init__(self, status, message, os_errno=0):
        super().__init__(message)
        self.status = Status(status)
        self.os_errno = os_errno


_lib = None


def lib():
    """The library: the file DRAGOMAN_LIBRARY names, or as installed."""
    global _lib
    if _lib is None:
        _lib = ctypes.CDLL(os.environ.get("DRAGOMAN_LIBRARY", "libdragoman.so.0"))
        for name, (result, parameters) in abi.PROTOTYPES.items():
            function = getattr(_lib, name)
            function.restype = result
            function.argtypes = parameters
    return _lib


def init(structure, **fields):
    """A structure that knows its size."""
    return structure(size=ctypes.sizeof(structure), **fields)


def check(status):
    if status == 0:
        return
    error = init(abi.dgm_error)
    lib().dgm_last_error(ctypes.byref(error))
    text = lib().dgm_strerror(status).decode()
    detail = error.msg.decode() if error.status == status else ""
    raise Error(status, f"{text}: {detail}" if detail else text, error.os_errno)
