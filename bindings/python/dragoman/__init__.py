"""
libdragoman from Python: engine > vm > cpu, on the shared library alone.

    import dragoman as dgm

    vm = dgm.VM(dgm.Arch.PPC32)
    vm.map_ram(0x10000, 0x1000)
    vm.memory[0x10000:] = code
    cpu = vm.cpu()
    cpu.pc = 0x10000
    exit = cpu.run(until=0x10018, max_insns=1000)
    print(exit.reason, cpu.r3)

Machine models are subclasses of Machine. vm.hook_block(function), hook_insn, hook_edge, hook_read and hook_write call
function(cpu, event), or without one count; remove() ends it. An exception in a callback ends the run and comes out of CPU.run.
The tables of the library (constants like DGM_PPC_SYS_MSR, structures) are in dragoman.abi.
"""
import ctypes

from . import _abi as abi
from ._library import Act, Arch, Cause, Error, Event, Prot, Reason, lib
from ._machine import BusError, Machine
from ._vm import CPU, Engine, Exit, Hook, Memory, Snapshot, VM

__all__ = ["Act", "Arch", "BusError", "CPU", "Cause", "Engine", "Error", "Event", "Exit", "Hook", "Machine", "Memory", "Prot",
           "Reason", "Snapshot", "VM", "abi", "version"]


def version():
    """(major, minor, patch) of the library, and the text that names its parts."""
    build = ctypes.c_char_p()
    number = lib().dgm_version(None, ctypes.byref(build))
    return (number >> 16, number >> 8 & 255, number & 255), build.value.decode()
