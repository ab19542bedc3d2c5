"""Machine models: what a Python class overrides becomes callbacks of the library."""
import ctypes

from . import _abi as abi
from ._library import Act, init

U64 = 2**64 - 1
MAX_STATE = 1 << 30     # of a machine, in a snapshot


class BusError(Exception):
    """Raised by a device's read or write: the guest gets a bus error."""


class Machine:
    """
    A machine model; override what the machine has. cpu is the CPU the callback is for. A verdict is an Act, None stands for
    Act.CONT.
    """

    def syscall(self, cpu, call):
        """call has nr, a[0..5], pc; set call.ret, or call.no_result = True. Answers a verdict."""

    def fault(self, cpu, fault):
        """A memory access failed: fault.va, pc, access, cause, len. Answers a verdict; Act.SKIP gives fault.value."""

    def illegal(self, cpu, fault):
        """An undefined or privileged instruction: fault.opcode, pc. Answers a verdict."""

    def trap(self, cpu, fault):
        """A trap instruction. Answers a verdict."""

    def sysreg(self, cpu, reg, write, value):
        """A register the vCPU does not have. A read answers its value, an int; either may answer an Act instead."""

    def clock(self, cpu):
        """The guest's time in ticks."""

    def next_event(self, cpu, now):
        """Runs what is due; answers when the next event is, None: never."""

    def irq_ack(self, cpu, line):
        """The line is high: redirect the vCPU, or answer Act.SKIP."""

    def idle(self, cpu, until):
        """The guest waits; until is the time of the next event, or None. See CPU.sleep. Answers a verdict."""

    def translate(self, cpu, va, access):
        """
        With DGM_MEM_MMU: the page around va as (pa, prot) of 4 KiB or (pa, prot, size); None is a fault of the guest. Or
        an Act.
        """

    def save(self):
        """The machine's state for a snapshot, as bytes."""

    def load(self, state):
        """The state that save answered."""


def verdict_of(answer):
    return int(Act.CONT if answer is None else answer)


def _time(answer):
    return U64 if answer is None else answer


class Callbacks:
    """The table for a Machine, and the exceptions its methods raise."""

    def __init__(self, vm, machine):
        self.vm = vm
        self.machine = machine
        self.ops = init(abi.dgm_machine_ops)
        self.kept = []      # what the library points to
        plain = {"syscall": abi.dgm_syscall, "fault": abi.dgm_fault, "illegal": abi.dgm_fault, "trap": abi.dgm_fault}
        for name, structure in plain.items():
            self._put(name, self._with_structure, structure)
        self._put("sysreg", self._sysreg)
        self._put("clock", self._clock)
        self._put("next_event", self._next_event)
        self._put("irq_ack", self._simple)
        self._put("idle", self._idle)
        self._put("translate", self._translate)
        self._put_state("save", self._save)
        self._put_state("load", self._load)

    def _put(self, name, make, *args):
        if getattr(type(self.machine), name) is getattr(Machine, name):
            return
        kind = dict(abi.dgm_machine_ops._fields_)[name]
        verdict = name not in ("clock", "next_event")
        function = kind(self.vm.guarded(make(getattr(self.machine, name), *args), verdict))
        self.kept.append(function)
        setattr(self.ops, name, function)

    def _put_state(self, name, make):
        if getattr(type(self.machine), name) is getattr(Machine, name):
            return

        def call(ud, stream):
            try:
                return make(stream)
            except BaseException as e:
                self.vm.state_exception = e
                return abi.DGM_E_FORMAT
        function = dict(abi.dgm_machine_ops._fields_)[name](call)
        self.kept.append(function)
        setattr(self.ops, name, function)

    # A stream carries the length in front of the bytes.

    def _save(self, stream):
        state = bytes(self.machine.save())
        whole = len(state).to_bytes(8, "little") + state
        at = ctypes.cast(stream, ctypes.POINTER(abi.dgm_stream)).contents
        return abi.DGM_E_FORMAT if at.io(at.ud, ctypes.cast(ctypes.create_string_buffer(whole, len(whole)), ctypes.c_void_p),
                                         len(whole)) else 0

    def _load(self, stream):
        at = ctypes.cast(stream, ctypes.POINTER(abi.dgm_stream)).contents
        head = ctypes.create_string_buffer(8)
        if at.io(at.ud, ctypes.cast(head, ctypes.c_void_p), 8):
            return abi.DGM_E_FORMAT
        size = int.from_bytes(head.raw, "little")
        if size > MAX_STATE:
            return abi.DGM_E_FORMAT
        state = ctypes.create_string_buffer(size)
        if size and at.io(at.ud, ctypes.cast(state, ctypes.c_void_p), size):
            return abi.DGM_E_FORMAT
        self.machine.load(state.raw)
        return 0

    # Each makes a function of what the library passes behind ud.

    def _with_structure(self, method, structure):
        return lambda cpu, at: verdict_of(method(cpu, ctypes.cast(at, ctypes.POINTER(structure)).contents))

    def _simple(self, method):
        return lambda cpu, *args: verdict_of(method(cpu, *args))

    def _sysreg(self, method):
        def call(cpu, reg, write, value):
            answer = method(cpu, reg, write, value[0])
            if isinstance(answer, Act):
                return int(answer)
            if not write:
                value[0] = 0 if answer is None else answer & U64
            return int(Act.CONT)
        return call

    def _translate(self, method):
        def call(cpu, va, access, page):
            answer = method(cpu, va, access)
            if answer is None or isinstance(answer, Act):
                return int(Act.RAISE if answer is None else answer)
            at = ctypes.cast(page, ctypes.POINTER(abi.dgm_page)).contents
            at.pa, at.prot, at.len = (*answer, 4096)[:3]
            at.va = va & -at.len
            return int(Act.CONT)
        return call

    def _clock(self, method):
        return lambda cpu: method(cpu) & U64

    def _next_event(self, method):
        return lambda cpu, now: _time(method(cpu, now))

    def _idle(self, method):
        return lambda cpu, until: verdict_of(method(cpu, None if until == U64 else until))
