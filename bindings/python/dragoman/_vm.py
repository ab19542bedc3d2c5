"""Engine, VM, CPU: the library's objects, each freed by close, by `with`, or when nobody needs it."""
import ctypes
import threading
import weakref

from . import _abi as abi
from ._library import Act, Error, Event, Prot, Reason, check, init, lib
from ._machine import BusError, Callbacks, Machine, verdict_of

STOPPED_BY_EXCEPTION = 1 << 31      # the kick of a callback that raised one
_inside = threading.local()         # depth: callbacks this thread is in


class Handle:
    """An object of the library."""

    def __init__(self):
        object.__setattr__(self, "handle", None)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def __del__(self):
        if getattr(self, "handle", None):
            self.close()


class Engine(Handle):
    """What VMs share. Keywords are the fields of dgm_engine_cfg: flags, workers, hot_threshold, code_budget, ..."""

    def __init__(self, log=None, backend_dir=None, **fields):
        super().__init__()
        config = init(abi.dgm_engine_cfg, **fields)
        if backend_dir is not None:
            config.backend_dir = str(backend_dir).encode()
        self._log = None
        if log:
            kind = dict(abi.dgm_engine_cfg._fields_)["log"]
            self._log = kind(lambda ud, level, category, text: log(level, category.decode(), text.decode(errors="replace")))
            config.log = self._log
        out = ctypes.c_void_p()
        check(lib().dgm_engine_new(ctypes.byref(config), abi.DGM_ABI, ctypes.byref(out)))
        self.handle = out.value

    def close(self):
        if self.handle:
            lib().dgm_engine_unref(self.handle)
        self.handle = None


class Memory:
    """The guest's memory: memory[0x1000] is a byte, memory[0x1000:0x1010] bytes; both may be assigned."""

    def __init__(self, vm):
        self._vm = vm

    def read(self, at, size):
        buffer = ctypes.create_string_buffer(size)
        check(lib().dgm_mem_read(self._vm.handle, None, at, buffer, size, None))
        return buffer.raw

    def write(self, at, data):
        data = bytes(data)
        check(lib().dgm_mem_write(self._vm.handle, None, at, data, len(data), None))

    def __getitem__(self, key):
        if not isinstance(key, slice):
            return self.read(key, 1)[0]
        if key.step not in (None, 1) or key.start is None or key.stop is None:
            raise IndexError("a slice of guest memory has a start and an end")
        return self.read(key.start, max(key.stop - key.start, 0))

    def __setitem__(self, key, data):
        if not isinstance(key, slice):
            self.write(key, [data])
            return
        data = bytes(data)
        if key.step not in (None, 1) or key.start is None:
            raise IndexError("a slice of guest memory has a start")
        if key.stop is not None and key.stop - key.start != len(data):
            raise ValueError(f"{len(data)} bytes do not fit into {key.stop - key.start}")
        self.write(key.start, data)


class VM(Handle):
    """
    One guest address space. arch is an Arch; machine a Machine; keywords are fields of dgm_vm_cfg: flags, abi,
    clock_num, clock_den, mem, mem_bits.
    """

    def __init__(self, arch, machine=None, engine=None, model=None, **fields):
        super().__init__()
        self.engine = engine or Engine()
        self.memory = Memory(self)
        self.machine = machine
        self.state_exception = None     # of Machine.save or load
        self._snapshots = weakref.WeakSet()
        self._parts = {}            # handles of vCPUs and snapshots, and what frees them
        self._exceptions = {}       # the first a callback of each vCPU raised in its run
        self._cpus = weakref.WeakValueDictionary()
        self._callbacks = Callbacks(self, machine if machine is not None else Machine())
        self._devices = []
        self._hooks = set()
        self._removed = []          # functions of hooks that a callback has removed, which may still be running
        config = init(abi.dgm_vm_cfg, arch=arch, **fields)
        if model is not None:
            config.model = model.encode()
        out = ctypes.c_void_p()
        check(lib().dgm_vm_new(self.engine.handle, ctypes.byref(config), ctypes.byref(self._callbacks.ops), None,
                               ctypes.byref(out)))
        self.handle = out.value
        self.registers = self._enumerate()

    def _enumerate(self):
        out, i = {}, 0
        info = init(abi.dgm_reg_info)
        while lib().dgm_reg_enum(self.handle, i, ctypes.byref(info)) == 0:
            out[info.name.decode()] = (info.id, info.bits)
            i += 1
        return out

    def guarded(self, function, verdict=True):
        """
        A callback that keeps exceptions away from the library; CPU.run raises them. What answers no verdict cannot end
        the run, so a kick does.
        """
        def call(ud, cpu, *args):
            _inside.depth = getattr(_inside, "depth", 0) + 1
            try:
                return function(self._cpus.get(cpu), *args)
            except BaseException as e:
                self._exceptions.setdefault(cpu, (e, not verdict))
                if verdict:
                    return int(Act.BREAK)
                lib().dgm_cpu_kick(cpu, STOPPED_BY_EXCEPTION)
                return args[-1] + 1 if args else 0
            finally:
                _inside.depth -= 1
        return call

    def close(self):
        if not self.handle:
            return
        for snapshot in list(self._snapshots):
            snapshot.close()
        for cpu in list(self._cpus.values()):
            cpu.close()
        for handle, free in self._parts.items():    # their objects are collected together with this one
            free(handle)
        self._parts.clear()
        check(lib().dgm_vm_free(self.handle))
        self.handle = None

    def cpu(self):
        """A new vCPU."""
        return CPU(self)

    def map_ram(self, at, size, prot=Prot.R | Prot.W | Prot.X):
        check(lib().dgm_map_ram(self.handle, at, size, prot, None, None))

    def map_io(self, at, size, read=None, write=None, min_access=0, max_access=0):
        """read(off, size) answers an int, write(off, size, value); both may raise BusError or answer an Act."""
        def on_read(cpu, off, length, value):
            if read is None:
                return int(Act.RAISE)
            try:
                answer = read(off, length)
            except BusError:
                return int(Act.RAISE)
            if isinstance(answer, Act):
                return int(answer)
            value[0] = answer & (1 << 8 * length) - 1
            return int(Act.CONT)

        def on_write(cpu, off, length, value):
            if write is None:
                return int(Act.RAISE)
            try:
                answer = write(off, length, value)
            except BusError:
                return int(Act.RAISE)
            return int(answer) if isinstance(answer, Act) else int(Act.CONT)

        kinds = dict(abi.dgm_io_ops._fields_)
        ops = init(abi.dgm_io_ops, min_access=min_access, max_access=max_access)
        ops.read = kinds["read"](self.guarded(on_read))
        ops.write = kinds["write"](self.guarded(on_write))
        check(lib().dgm_map_io(self.handle, at, size, ctypes.byref(ops), None, None))
        self._devices.append(ops)

    def hook(self, kind, function=None, lo=0, hi=0, mask=0, bits=0, atomic=False):
        """
        A Hook at events of a kind (an Event) in [lo, hi), or everywhere. function(cpu, event) may answer an Act, and gets a
        dgm_event that is valid during the call; without a function, Hook.count says how many events there were.
        """
        return Hook(self, kind, function, lo=lo, hi=hi, insn_mask=mask, insn_bits=bits,
                    flags=abi.DGM_HOOK_ATOMIC if atomic else 0)

    def hook_block(self, function=None, lo=0, hi=0):
        """When a block begins: event.pc, len, insns."""
        return self.hook(Event.BLOCK, function, lo, hi)

    def hook_insn(self, function=None, lo=0, hi=0, mask=0, bits=0):
        """Before an instruction with (opcode & mask) == bits: event.pc, opcode, len."""
        return self.hook(Event.INSN, function, lo, hi, mask, bits)

    def hook_edge(self, function=None, lo=0, hi=0):
        """From a block to the next: event.prev_pc, pc."""
        return self.hook(Event.EDGE, function, lo, hi)

    def hook_read(self, function=None, lo=0, hi=0):
        """Before memory is read: event.addr, len, value, pc."""
        return self.hook(Event.READ, function, lo, hi)

    def hook_write(self, function=None, lo=0, hi=0):
        """Before memory is written: event.addr, len, value, pc."""
        return self.hook(Event.WRITE, function, lo, hi)

    def unmap(self, at, size):
        check(lib().dgm_unmap(self.handle, at, size))

    def protect(self, at, size, prot):
        check(lib().dgm_protect(self.handle, at, size, prot))

    def invalidate(self, at, size):
        check(lib().dgm_code_invalidate(self.handle, at, size))

    def _checked(self, status):
        exception, self.state_exception = self.state_exception, None
        if exception is not None:
            raise exception
        check(status)

    def snapshot(self):
        """A Snapshot of memory, vCPUs and the machine (Machine.save)."""
        out = ctypes.c_void_p()
        self._checked(lib().dgm_snap_take(self.handle, ctypes.byref(out)))
        return Snapshot(self, out.value)

    def restore(self, snapshot):
        self._checked(lib().dgm_snap_restore(self.handle, snapshot.handle))

    def load(self, data):
        """A Snapshot from bytes that Snapshot.save made."""
        data, at, out = bytes(data), 0, ctypes.c_void_p()

        def give(ud, buffer, size):
            nonlocal at
            if at + size > len(data):
                return 1
            ctypes.memmove(buffer, data[at:at + size], size)
            at += size
            return 0
        stream = abi.dgm_stream()
        stream.io = dict(abi.dgm_stream._fields_)["io"](give)
        check(lib().dgm_snap_load(self.handle, ctypes.byref(stream), ctypes.byref(out)))
        return Snapshot(self, out.value)

    def stats(self):
        """The counters of dgm_stats as a dict."""
        stats = init(abi.dgm_stats)
        check(lib().dgm_vm_stats(self.handle, ctypes.byref(stats)))
        return {name: getattr(stats, name) for name, _ in stats._fields_[2:]}


class Snapshot(Handle):
    """The state of a VM, from VM.snapshot or VM.load; free it before the VM."""

    def __init__(self, vm, handle):
        super().__init__()
        self.vm = vm
        self.handle = handle
        vm._snapshots.add(self)
        vm._parts[handle] = lib().dgm_snap_free

    def close(self):
        if self.vm._parts.pop(self.handle, None):
            lib().dgm_snap_free(self.handle)
        self.handle = None

    def save(self):
        """The snapshot as bytes, which any host can load."""
        out = bytearray()

        def take(ud, buffer, size):
            out.extend(ctypes.string_at(buffer, size))
            return 0
        stream = abi.dgm_stream()
        stream.io = dict(abi.dgm_stream._fields_)["io"](take)
        check(lib().dgm_snap_save(self.handle, ctypes.byref(stream)))
        return bytes(out)


class Hook:
    """A callback or counter, from VM.hook; in effect until remove() or the end of the VM."""

    def __init__(self, vm, kind, function, **fields):
        self.vm = vm
        self._count = ctypes.c_uint64()
        self._function = None
        config = init(abi.dgm_hook_cfg, kind=kind, **fields)
        if function is None:
            config.counter = ctypes.pointer(self._count)
        else:
            self._function = abi.dgm_hook_fn(vm.guarded(lambda cpu, event: verdict_of(function(cpu, event.contents))))
            config.fn = self._function
        number = ctypes.c_uint64()
        vm._hooks.add(self)         # the library has its addresses
        try:
            check(lib().dgm_hook_add(vm.handle, ctypes.byref(config), ctypes.byref(number)))
        except BaseException:
            vm._hooks.discard(self)
            raise
        self._id = number.value

    @property
    def count(self):
        """How many events there were, without a function."""
        return self._count.value

    def remove(self):
        """No event comes to it any more. It may be removed twice."""
        if self not in self.vm._hooks or not self.vm.handle:
            return
        check(lib().dgm_hook_del(self.vm.handle, self._id))
        if getattr(_inside, "depth", 0):
            self.vm._removed.append(self)
        else:
            self.vm._removed.clear()
        self.vm._hooks.discard(self)


class Exit:
    """Why a run ended: reason, pc, insns, kick_bits, and for events of the guest fault (a dgm_fault)."""

    def __init__(self, raw):
        self.reason = Reason(raw.reason)
        self.pc, self.insns, self.kick_bits = raw.pc, raw.insns, raw.kick_bits
        self.fault = raw.info

    def __repr__(self):
        return f"<Exit {self.reason.name} pc={self.pc:#x} insns={self.insns}>"


class CPU(Handle):
    """A vCPU; its registers are attributes and items: cpu.r3, cpu["r3"]."""

    def __init__(self, vm):
        super().__init__()
        object.__setattr__(self, "vm", vm)
        out = ctypes.c_void_p()
        check(lib().dgm_cpu_new(vm.handle, ctypes.byref(out)))
        object.__setattr__(self, "handle", out.value)
        vm._cpus[out.value] = self
        vm._parts[out.value] = lib().dgm_cpu_free

    def close(self):
        if self.handle not in self.vm._parts:
            return
        check(lib().dgm_cpu_free(self.handle))
        self.vm._parts.pop(self.handle)
        self.vm._cpus.pop(self.handle, None)
        object.__setattr__(self, "handle", None)

    def _register(self, name):
        try:
            return self.vm.registers[name]
        except KeyError:
            raise AttributeError(f"no register {name!r}") from None

    def __getitem__(self, name):
        number, bits = self._register(name)
        if bits <= 64:
            return lib().dgm_get(self.handle, number)
        buffer = ctypes.create_string_buffer((bits + 7) // 8)
        check(lib().dgm_reg_read(self.handle, number, buffer, len(buffer)))
        return int.from_bytes(buffer.raw, "little")

    def __setitem__(self, name, value):
        number, bits = self._register(name)
        value &= (1 << bits) - 1
        if bits <= 64:
            lib().dgm_set(self.handle, number, value)
            return
        data = value.to_bytes((bits + 7) // 8, "little")
        check(lib().dgm_reg_write(self.handle, number, data, len(data)))

    def __getattr__(self, name):
        if name.startswith("_") or name in ("vm", "handle"):
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name, value):
        self[name] = value

    def __dir__(self):
        return [*super().__dir__(), *self.vm.registers]

    def _options(self, until, max_insns, timeout):
        until = [until] if isinstance(until, int) else list(until)
        options = init(abi.dgm_run_opts, max_insns=max_insns, timeout_ns=int(timeout * 1e9))
        options.until = (ctypes.c_uint64 * len(until))(*until)
        options.n_until = len(until)
        return options

    def _finish(self, status, raw):
        exception, kicked = self.vm._exceptions.pop(self.handle, (None, False))
        if kicked and not raw.kick_bits & STOPPED_BY_EXCEPTION:
            check(lib().dgm_cpu_run(self.handle, None, None))      # takes the kick
        if exception is not None:
            raise exception
        check(status)
        if raw.reason == Reason.INTERNAL:
            error = init(abi.dgm_error)
            lib().dgm_last_error(ctypes.byref(error))
            raise Error(error.status, error.msg.decode())
        return Exit(raw)

    def run(self, until=(), max_insns=0, timeout=0):
        """Runs until something ends it: an address (or one of several), instructions, seconds, an event, a kick."""
        raw = init(abi.dgm_exit)
        options = self._options(until, max_insns, timeout)
        return self._finish(lib().dgm_cpu_run(self.handle, ctypes.byref(options), ctypes.byref(raw)), raw)

    def call(self, function, *args, max_insns=0, timeout=0):
        """Calls a guest function by the C calling convention; its result. Error if it does not return."""
        raw = init(abi.dgm_exit)
        result = ctypes.c_uint64()
        words = (ctypes.c_uint64 * len(args))(*(a & 2**64 - 1 for a in args))
        options = self._options((), max_insns, timeout)
        status = lib().dgm_cpu_call(self.handle, function, words, len(args), ctypes.byref(options), ctypes.byref(result),
                                    ctypes.byref(raw))
        ended = self._finish(status, raw)
        if ended.reason != Reason.RETURN:
            raise Error(abi.DGM_E_FAULT, f"the guest function did not return: {ended!r}")
        return result.value

    def kick(self, bits=1):
        lib().dgm_cpu_kick(self.handle, bits)

    def irq(self, line, level=True):
        lib().dgm_cpu_irq(self.handle, line, level)

    def wait(self):
        lib().dgm_cpu_wait(self.handle)

    def sleep(self, seconds=0):
        """For Machine.idle: False when the time is over."""
        return lib().dgm_cpu_sleep(self.handle, int(seconds * 1e9))

    def replan(self):
        lib().dgm_cpu_replan(self.handle)

    def set_space(self, asid, priv=0):
        """With DGM_MEM_MMU: the address space and privilege from the next instruction on."""
        check(lib().dgm_cpu_set_space(self.handle, asid, priv))

    def flush(self, va=0, size=0, asid=abi.DGM_ASID_ALL):
        """With DGM_MEM_MMU: forgets what was translated in the range; size 0: everywhere."""
        check(lib().dgm_cpu_tlb_flush(self.handle, va, size, asid))

    @property
    def insns(self):
        """Instructions retired since the vCPU was made, exact in callbacks."""
        return lib().dgm_insns(self.handle)

    def clock(self):
        return lib().dgm_cpu_clock(self.handle)
