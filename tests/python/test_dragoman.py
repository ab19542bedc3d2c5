"""The Python module: machines, registers, memory, callbacks and their exceptions; its tables against the C compiler's."""
import ctypes
import gc
import os
import subprocess
import sys
import tempfile
import threading
import unittest

import dragoman as dgm
from dragoman import abi

BACKEND = os.environ.get("DGM_BACKEND_DIR")
BASE = 0x10000


def words(*codes):
    return b"".join(code.to_bytes(4, "big") for code in codes)


# li r3,0; li r4,10; mtctr r4; 1: mfctr r5; add r3,r3,r5; bdnz 1b
SUM = words(0x38600000, 0x3880000a, 0x7c8903a6, 0x7ca902a6, 0x7c632a14, 0x4200fff8)
FOREVER = words(0x48000000)
SC = words(0x44000002)
BLR = 0x4e800020


def vm_with(code, machine=None, **fields):
    vm = dgm.VM(dgm.Arch.PPC32, machine=machine, engine=dgm.Engine(backend_dir=BACKEND), **fields)
    vm.map_ram(BASE, 0x2000)
    vm.memory[BASE:] = code
    cpu = vm.cpu()
    cpu.pc = BASE
    cpu.r1 = BASE + 0x2000
    return vm, cpu


class Running(unittest.TestCase):
    def test_sum(self):
        vm, cpu = vm_with(SUM)
        end = cpu.run(until=BASE + len(SUM))
        self.assertEqual((end.reason, end.insns, end.pc), (dgm.Reason.UNTIL, 33, BASE + 24))
        self.assertEqual(cpu.r3, 55)
        self.assertEqual(vm.stats()["insns"], 33)

    def test_budget_and_timeout(self):
        vm, cpu = vm_with(FOREVER)
        self.assertEqual(cpu.run(max_insns=1001).insns, 1001)
        self.assertEqual(cpu.run(timeout=0.01).reason, dgm.Reason.DEADLINE)

    def test_kick_from_a_thread(self):
        vm, cpu = vm_with(FOREVER)
        timer = threading.Timer(0.02, cpu.kick, [6])
        timer.start()
        end = cpu.run()
        timer.join()
        self.assertEqual((end.reason, end.kick_bits), (dgm.Reason.KICK, 6))

    def test_call(self):
        vm, cpu = vm_with(words(0x7c632214, BLR))      # add r3,r3,r4
        self.assertEqual(cpu.call(BASE, 40, 2), 42)
        with self.assertRaises(dgm.Error):
            cpu.call(BASE + 0x10000000)

    def test_every_guest(self):
        for arch in dgm.Arch:
            vm = dgm.VM(arch, engine=dgm.Engine(backend_dir=BACKEND))
            self.assertIn("pc", vm.registers)
            vm.close()

    def test_close_in_any_order(self):
        engine = dgm.Engine(backend_dir=BACKEND)
        with dgm.VM(dgm.Arch.ARM, engine=engine) as vm:
            cpu = vm.cpu()
            engine.close()
            vm.map_ram(0, 4096)
        self.assertIsNone(cpu.handle)


class Registers(unittest.TestCase):
    def test_attributes_and_items(self):
        vm, cpu = vm_with(SUM)
        cpu.r3 = -1
        self.assertEqual(cpu["r3"], 0xffffffff)
        cpu.v2 = 1 << 127 | 5
        self.assertEqual(cpu.v2, 1 << 127 | 5)
        with self.assertRaises(AttributeError):
            cpu.x0
        with self.assertRaises(AttributeError):
            cpu.r99 = 1


class MemoryAccess(unittest.TestCase):
    def test_slices(self):
        vm, cpu = vm_with(b"")
        vm.memory[BASE + 16:BASE + 20] = b"abcd"
        self.assertEqual(vm.memory[BASE + 15:BASE + 21], b"\0abcd\0")
        self.assertEqual(vm.memory[BASE + 17], ord("b"))
        vm.memory[BASE + 17] = 1
        self.assertEqual(vm.memory[BASE + 16:BASE + 18], b"a\1")
        with self.assertRaises(ValueError):
            vm.memory[BASE:BASE + 3] = b"four"
        with self.assertRaises(dgm.Error) as caught:
            vm.memory[0x50000000]
        self.assertEqual(caught.exception.status, abi.DGM_E_FAULT)

    def test_devices(self):
        seen = []
        vm, cpu = vm_with(words(0x3d20f000, 0x88690003, 0x98690008, 0xa0890004))    # lbz 3; stb 8; lhz 4

        def read(off, size):
            if size != 1:
                raise dgm.BusError
            return 0x177

        vm.map_io(0xf0000000, 16, read, lambda off, size, value: seen.append((off, size, value)))
        end = cpu.run()
        self.assertEqual(seen, [(8, 1, 0x77)])
        self.assertEqual((end.reason, end.fault.va, end.fault.cause), (dgm.Reason.FAULT, 0xf0000004, dgm.Cause.BUS))


class Hooks(unittest.TestCase):
    def test_blocks_and_edges(self):
        blocks, edges = [], []
        vm, cpu = vm_with(SUM)
        vm.hook_block(lambda cpu, event: blocks.append((event.pc - BASE, event.insns)))
        vm.hook_edge(lambda cpu, event: edges.append((event.prev_pc - BASE, event.pc - BASE)), BASE + 12, BASE + 16)
        cpu.run(until=BASE + len(SUM))
        self.assertEqual(blocks, [(0, 6)] + 9 * [(12, 3)])
        self.assertEqual(edges, [(0, 12)] + 8 * [(12, 12)])

    def test_instructions(self):
        seen = []
        vm, cpu = vm_with(SUM)
        hook = vm.hook_insn(lambda cpu, event: seen.append((event.opcode, cpu.r5, cpu.insns)), mask=0xfc0007fe, bits=0x7c000214)
        self.assertEqual(cpu.run(max_insns=8).insns, 8)
        self.assertEqual(seen, [(0x7c632a14, 10, 4), (0x7c632a14, 9, 7)])
        hook.remove()
        hook.remove()
        cpu.run(until=BASE + len(SUM))
        self.assertEqual((len(seen), cpu.r3), (2, 55))

    def test_counters(self):
        vm, cpu = vm_with(SUM)
        adds = vm.hook_insn(lo=BASE + 16, hi=BASE + 20)
        all_of_them = vm.hook(dgm.Event.INSN, atomic=True)
        cpu.run(until=BASE + len(SUM))
        self.assertEqual((adds.count, all_of_them.count), (10, 33))

    def test_accesses(self):
        seen = []
        # li r3,77; stw r3,-8(r1); lhz r4,-6(r1); stb r4,-1(r1)
        vm, cpu = vm_with(words(0x3860004d, 0x9061fff8, 0xa081fffa, 0x9881ffff))
        top = cpu.r1
        note = lambda cpu, event: seen.append((dgm.Event(event.kind).name, event.addr - top, event.len, event.value))
        vm.hook_write(note, top - 8, top - 4)
        vm.hook_read(note)
        cpu.run(until=BASE + 16)
        self.assertEqual(seen, [("WRITE", -8, 4, 77), ("READ", -6, 2, 77)])

    def test_verdicts(self):
        vm, cpu = vm_with(SUM)
        skip = vm.hook_insn(lambda cpu, event: dgm.Act.SKIP, BASE + 16, BASE + 20)
        self.assertEqual(cpu.run(until=BASE + len(SUM)).insns, 33)
        self.assertEqual(cpu.r3, 0)
        skip.remove()
        stop = vm.hook_insn(lambda cpu, event: dgm.Act.BREAK, BASE + 16, BASE + 20)
        cpu.pc = BASE
        end = cpu.run()
        self.assertEqual((end.reason, end.pc, end.insns), (dgm.Reason.BREAK, BASE + 16, 4))
        stop.remove()
        cpu.run(until=BASE + len(SUM))
        self.assertEqual(cpu.r3, 55)

    def test_exceptions(self):
        vm, cpu = vm_with(SUM)
        hook = vm.hook_insn(lambda cpu, event: 1 // (cpu.r5 - 8), BASE + 16, BASE + 20)
        with self.assertRaises(ZeroDivisionError):
            cpu.run(until=BASE + len(SUM))
        self.assertEqual((cpu.pc, cpu.r3), (BASE + 16, 19))
        hook.remove()
        cpu.run(until=BASE + len(SUM))
        self.assertEqual(cpu.r3, 55)

    def test_changes_in_a_callback(self):
        seen = []
        vm, cpu = vm_with(SUM)

        def once(cpu, event):
            hook.remove()
            seen.append(event.pc - BASE)
            vm.hook_insn(lambda cpu, event: seen.append(cpu.r5), BASE + 16, BASE + 20)
        hook = vm.hook_block(once, BASE + 12, BASE + 16)
        cpu.run(until=BASE + len(SUM))
        self.assertEqual(seen, [12] + list(range(9, 0, -1)))

    def test_collected_in_any_order(self):
        complaints = []
        before, sys.unraisablehook = sys.unraisablehook, complaints.append
        try:
            for _ in range(10):
                vm, cpu = vm_with(SUM)
                keep = [vm, cpu, vm.snapshot()]
                vm.hook_block(lambda cpu, event, keep=keep: None)
                del vm, cpu, keep
                gc.collect()
        finally:
            sys.unraisablehook = before
        self.assertEqual(complaints, [])

    def test_misuse(self):
        vm, cpu = vm_with(SUM)
        with self.assertRaises(dgm.Error) as caught:
            vm.hook_block(print, 8, 4)
        self.assertEqual(caught.exception.status, abi.DGM_E_ARG)
        kept = vm.hook_block()
        vm.close()
        kept.remove()


class Personality(dgm.Machine):
    def __init__(self):
        self.calls = []

    def syscall(self, cpu, call):
        self.calls.append((call.nr, call.a[0]))
        if call.nr == 1:
            return dgm.Act.STOP
        if call.nr == 66:
            raise KeyError("66")
        call.ret = cpu.r4 + 1


class Callbacks(unittest.TestCase):
    def test_system_calls(self):
        machine = Personality()
        # li r0,5; li r3,9; li r4,20; sc; mr r5,r3; li r0,1; sc
        vm, cpu = vm_with(words(0x38000005, 0x38600009, 0x38800014) + SC + words(0x7c651b78, 0x38000001) + SC, machine,
                          abi=abi.DGM_ABI_LINUX)
        self.assertEqual(cpu.run().reason, dgm.Reason.MODEL)
        self.assertEqual(machine.calls, [(5, 9), (1, 21)])
        self.assertEqual(cpu.r5, 21)

    def test_exceptions_come_out_of_run(self):
        vm, cpu = vm_with(words(0x38000042) + SC + SUM, Personality(), abi=abi.DGM_ABI_LINUX)
        with self.assertRaises(KeyError):
            cpu.run()
        self.assertEqual(cpu.pc, BASE + 4)
        cpu.pc = BASE + 8
        self.assertEqual(cpu.run(until=BASE + 8 + len(SUM)).reason, dgm.Reason.UNTIL)

    def test_exceptions_where_there_is_no_verdict(self):
        class Timer(dgm.Machine):
            def next_event(self, cpu, now):
                if now >= 100:
                    raise ZeroDivisionError
                return 100

        vm, cpu = vm_with(FOREVER, Timer())
        with self.assertRaises(ZeroDivisionError):
            cpu.run()
        self.assertEqual(cpu.clock(), 100)

    def test_interrupts_and_registers_of_the_machine(self):
        class Board(dgm.Machine):
            msr, srr0, idled = 0, None, 0

            def sysreg(self, cpu, reg, write, value):
                if reg != abi.DGM_PPC_SYS_MSR:
                    return dgm.Act.RAISE
                if not write:
                    return self.msr
                self.msr = value & 0x8000
                if value & 0x40000:
                    cpu.wait()

            def irq_ack(self, cpu, line):
                if not self.msr:
                    return dgm.Act.SKIP
                self.msr, self.srr0 = 0, cpu.pc
                cpu.pc = BASE + 0x100

            def idle(self, cpu, until):
                self.idled += 1
                cpu.sleep()

        board = Board()
        # mfmsr r4; ori r4,r4,0x8000; oris r4,r4,4; mtmsr r4; b .
        vm, cpu = vm_with(words(0x7c8000a6, 0x60848000, 0x64840004, 0x7c800124, 0x48000000), board)
        vm.memory[BASE + 0x100:] = words(0x7c70faa6)       # mfspr r3,1008
        timer = threading.Timer(0.02, cpu.irq, [5])
        timer.start()
        end = cpu.run()
        timer.join()
        self.assertEqual((end.reason, end.pc), (dgm.Reason.ILLEGAL, BASE + 0x100))
        self.assertEqual((board.srr0, board.idled), (BASE + 0x10, 1))


class VirtualMemory(unittest.TestCase):
    def test_translate(self):
        class Paged(dgm.Machine):
            asked = []

            def translate(self, cpu, va, access):
                self.asked.append((va, access))
                if va >> 12 == 0x400:
                    return BASE, dgm.Prot.R | dgm.Prot.X
                if va >> 12 == 0x7ff:
                    return BASE + 0x1000, dgm.Prot.R

        machine = Paged()
        # lis r4,0x7f; ori r4,r4,0xf010; lwz r3,0(r4); stw r3,0(r4)
        vm, cpu = vm_with(words(0x3c80007f, 0x6084f010, 0x80640000, 0x90640000), machine, mem=abi.DGM_MEM_MMU)
        vm.memory[BASE + 0x1010:] = b"\1\2\3\4"
        cpu.pc = 0x400000
        end = cpu.run()
        self.assertEqual(cpu.r3, 0x01020304)
        self.assertEqual((end.reason, end.pc, end.fault.va), (dgm.Reason.FAULT, 0x40000c, 0x7ff010))
        self.assertEqual(end.fault.cause, dgm.Cause.PROT)
        self.assertIn((0x7ff010, abi.DGM_W), machine.asked)


class Snapshots(unittest.TestCase):
    def test_there_and_back(self):
        vm, cpu = vm_with(SUM)
        cpu.run(max_insns=10)
        snap, r3, pc = vm.snapshot(), cpu.r3, cpu.pc
        vm.memory[BASE + 0x1000] = 7
        cpu.run(until=BASE + len(SUM))
        vm.restore(snap)
        self.assertEqual((cpu.r3, cpu.pc, vm.memory[BASE + 0x1000]), (r3, pc, 0))
        cpu.run(until=BASE + len(SUM))
        self.assertEqual(cpu.r3, 55)

    def test_bytes_and_the_machine(self):
        class Counter(dgm.Machine):
            count = 3

            def save(self):
                if self.count == 13:
                    raise ValueError
                return bytes([self.count])

            def load(self, state):
                self.count = state[0]

        vm, cpu = vm_with(SUM, Counter())
        cpu.r9 = 99
        data = vm.snapshot().save()
        vm.machine.count, cpu.r9 = 4, 0
        vm.restore(vm.load(data))
        self.assertEqual((vm.machine.count, cpu.r9), (3, 99))
        with self.assertRaises(dgm.Error):
            vm.load(data[:-1])
        vm.machine.count = 13
        with self.assertRaises(ValueError):
            vm.snapshot()


class Tables(unittest.TestCase):
    """Sizes, offsets and constants are those of the C compiler."""

    def test_layout(self):
        lines = ["#include <stdio.h>", "#include <stddef.h>"]
        include = os.environ["DGM_INCLUDE_DIR"]
        lines += [f'#include "dragoman/{h}"' for h in sorted(os.listdir(os.path.join(include, "dragoman"))) if h != "linux.h"]
        lines.append("int main(void) {")
        want = []
        for name, structure in vars(abi).items():
            if isinstance(structure, type) and issubclass(structure, ctypes.Structure) and name.startswith("dgm_"):
                lines.append(f'printf("%zu\\n", sizeof({name}));')
                want.append((name, ctypes.sizeof(structure)))
                for field, _ in structure._fields_:
                    lines.append(f'printf("%zu\\n", offsetof({name}, {field}));')
                    want.append((f"{name}.{field}", getattr(structure, field).offset))
            elif name.startswith("DGM_") and isinstance(structure, int):
                lines.append(f'printf("%lld\\n", (long long){name});')
                want.append((name, structure))
        lines.append("return 0; }")
        with tempfile.TemporaryDirectory() as folder:
            source, program = os.path.join(folder, "layout.c"), os.path.join(folder, "layout")
            with open(source, "w") as f:
                f.write("\n".join(lines))
            subprocess.run(["cc", "-I", include, "-o", program, source], check=True)
            got = subprocess.run([program], check=True, capture_output=True, text=True).stdout.split()
        self.assertGreater(len(want), 200)
        self.assertEqual([(name, int(v)) for (name, _), v in zip(want, got)], want)

    def test_version(self):
        self.assertEqual(len(dgm.version()[0]), 3)
        self.assertIn("Capstone", dgm.version()[1])


if __name__ == "__main__":
    unittest.main()
