"""Constants, structures and prototypes of libdragoman, made by scripts/make_python.py from its headers."""
# Do not edit.
from ctypes import (
    CFUNCTYPE, POINTER, Structure, c_bool, c_char, c_char_p, c_int, c_int16, c_int32, c_int64, c_int8, c_size_t,
    c_uint, c_uint16, c_uint32, c_uint64, c_uint8, c_void_p,
)

DGM_A64_CNTFRQ = 0x3b9aca00
DGM_A64_X0 = 0x20000
DGM_A64_X1 = 0x20001
DGM_A64_X8 = 0x20008
DGM_A64_X29 = 0x2001d
DGM_A64_X30 = 0x2001e
DGM_A64_SP = 0x2001f
DGM_A64_V0 = 0x20020
DGM_A64_V31 = 0x2003f
DGM_A64_PC = 0x20100
DGM_A64_NZCV = 0x20101
DGM_A64_N = 0x20102
DGM_A64_Z = 0x20103
DGM_A64_C = 0x20104
DGM_A64_V_FLAG = 0x20105
DGM_A64_FPCR = 0x20106
DGM_A64_FPSR = 0x20107
DGM_A64_TPIDR_EL0 = 0x20108
DGM_A64_TPIDRRO_EL0 = 0x20109
DGM_A64_EXCLUSIVE = 0x2010a
DGM_A64_HWCAP = 0x2010b
DGM_A64_HWCAP2 = 0x2010c
DGM_ARM_R0 = 0x30000
DGM_ARM_R1 = 0x30001
DGM_ARM_R2 = 0x30002
DGM_ARM_R7 = 0x30007
DGM_ARM_R12 = 0x3000c
DGM_ARM_SP = 0x3000d
DGM_ARM_LR = 0x3000e
DGM_ARM_PC = 0x3000f
DGM_ARM_D0 = 0x30020
DGM_ARM_D31 = 0x3003f
DGM_ARM_Q0 = 0x30040
DGM_ARM_Q15 = 0x3004f
DGM_ARM_CPSR = 0x30100
DGM_ARM_N = 0x30101
DGM_ARM_Z = 0x30102
DGM_ARM_C = 0x30103
DGM_ARM_V = 0x30104
DGM_ARM_QFLAG = 0x30105
DGM_ARM_GE = 0x30106
DGM_ARM_T = 0x30107
DGM_ARM_ITSTATE = 0x30108
DGM_ARM_FPSCR = 0x30109
DGM_ARM_TPIDRURO = 0x3010a
DGM_ARM_TPIDRURW = 0x3010b
DGM_ARM_EXCLUSIVE = 0x3010c
DGM_ARM_HWCAP = 0x3010d
DGM_ARM_HWCAP2 = 0x3010e
DGM_ARM_MISALIGNED = 0x3010f
DGM_ARM_SYSTEM = 0x30110
DGM_ARM_SYS_CPSR = 0x200000
DGM_ARM_SYS_SPSR = 0x200010
DGM_ARM_SYS_CPS = 0x200020
DGM_ABI = 0
DGM_OK = 0
DGM_E_ARG = -1
DGM_E_NOMEM = -2
DGM_E_ABI = -3
DGM_E_ARCH = -4
DGM_E_BUSY = -5
DGM_E_THREAD = -6
DGM_E_MAP = -7
DGM_E_SIZE = -8
DGM_E_NOENT = -9
DGM_E_FAULT = -10
DGM_E_UNSUP = -11
DGM_E_OS = -12
DGM_E_JIT = -13
DGM_E_FORMAT = -14
DGM_PERF_MAP = 1
DGM_JITDUMP = 2
DGM_INTERP_ONLY = 4
DGM_DETERMINISTIC = 8
DGM_FASTMEM = 16
DGM_NO_BASELINE = 32
DGM_NO_LLVM = 64
DGM_HOT_AT_ONCE = 128
DGM_GDB_JIT = 256
DGM_VERIFY_IR = 512
DGM_AUDIT = 1024
DGM_DUMP_LIFT = 1
DGM_DUMP_OPT = 2
DGM_DUMP_LLVM = 4
DGM_DUMP_ASM = 8
DGM_LOG_ERROR = 0
DGM_LOG_WARN = 1
DGM_LOG_INFO = 2
DGM_LOG_DEBUG = 3
DGM_USUAL_THRESHOLD = 0x3e80
DGM_USUAL_WORKERS = 1
DGM_MAX_WORKERS = 16
DGM_USUAL_CODE = 0x10000000
DGM_CONT = 0
DGM_RETRY = 1
DGM_SKIP = 2
DGM_RAISE = 3
DGM_STOP = 4
DGM_BREAK = 5
DGM_R = 1
DGM_W = 2
DGM_X = 4
DGM_CAUSE_UNMAPPED = 1
DGM_CAUSE_PROT = 2
DGM_CAUSE_ALIGN = 3
DGM_CAUSE_BUS = 4
DGM_CAUSE_ILLEGAL = 5
DGM_CAUSE_PRIVILEGED = 6
DGM_CAUSE_TRAP = 7
DGM_CAUSE_FP = 8
DGM_ABI_NONE = 0
DGM_ABI_LINUX = 1
DGM_PAGE_QUERY = 1
DGM_ARCH_PPC32 = 1
DGM_ARCH_AARCH64 = 2
DGM_ARCH_ARM = 3
DGM_VM_NO_COUNT = 1
DGM_VM_IMPRECISE = 2
DGM_MEM_DEFAULT = 0
DGM_MEM_FLAT = 1
DGM_MEM_IDENTITY = 2
DGM_MEM_MMU = 3
DGM_EXIT_UNTIL = 1
DGM_EXIT_BUDGET = 2
DGM_EXIT_DEADLINE = 3
DGM_EXIT_KICK = 4
DGM_EXIT_HALT = 5
DGM_EXIT_BREAK = 6
DGM_EXIT_SYSCALL = 7
DGM_EXIT_TRAP = 8
DGM_EXIT_FAULT = 9
DGM_EXIT_ILLEGAL = 10
DGM_EXIT_MODEL = 11
DGM_EXIT_INTERNAL = 12
DGM_EXIT_RETURN = 13
DGM_IRQ_LINES = 32
DGM_REG_INT = 1
DGM_REG_FLOAT = 2
DGM_REG_VECTOR = 3
DGM_REG_CONTROL = 4
DGM_HOOK_BLOCK = 1
DGM_HOOK_INSN = 2
DGM_HOOK_EDGE = 3
DGM_HOOK_READ = 4
DGM_HOOK_WRITE = 5
DGM_HOOK_TRANSLATED = 6
DGM_HOOK_INVALIDATED = 7
DGM_HOOK_ATOMIC = 1
DGM_ASID_ALL = 0xffffffff
DGM_PPC_R0 = 0x10000
DGM_PPC_R1 = 0x10001
DGM_PPC_R2 = 0x10002
DGM_PPC_R3 = 0x10003
DGM_PPC_R31 = 0x1001f
DGM_PPC_F0 = 0x10020
DGM_PPC_F31 = 0x1003f
DGM_PPC_V0 = 0x10040
DGM_PPC_V31 = 0x1005f
DGM_PPC_PC = 0x10100
DGM_PPC_CR = 0x10101
DGM_PPC_LR = 0x10102
DGM_PPC_CTR = 0x10103
DGM_PPC_XER = 0x10104
DGM_PPC_FPSCR = 0x10105
DGM_PPC_VRSAVE = 0x10106
DGM_PPC_RESERVE = 0x10107
DGM_PPC_MSR_FE = 0x10108
DGM_PPC_VSCR = 0x10109
DGM_PPC_SYS_MSR = 1024
DGM_PPC_SYS_SR0 = 1040


def DGM_A64_X(n):
    return (0x20000 + (n))


def DGM_A64_V(n):
    return (0x20020 + (n))


def DGM_A64_SYS(op0, op1, CRn, CRm, op2):
    return (((op0) << 14 | (op1) << 11 | (CRn) << 7 | (CRm) << 3 | (op2)))


def DGM_A64_SYS_PSTATE(op1, op2):
    return DGM_A64_SYS(0, op1, 4, 0, op2)


def DGM_ARM_R(n):
    return (0x30000 + (n))


def DGM_ARM_D(n):
    return (0x30020 + (n))


def DGM_ARM_Q(n):
    return (0x30040 + (n))


def DGM_ARM_SYS(coproc, opc1, CRn, CRm, opc2):
    return (((coproc) << 16 | (opc1) << 12 | (CRn) << 8 | (CRm) << 4 | (opc2)))


def DGM_ARM_SYS64(coproc, opc1, CRm):
    return (0x100000 | DGM_ARM_SYS(coproc, opc1, 0, CRm, 0))


def DGM_PPC_R(n):
    return (0x10000 + (n))


def DGM_PPC_F(n):
    return (0x10020 + (n))


def DGM_PPC_V(n):
    return (0x10040 + (n))


class dgm_error(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("status", c_int32),
        ("os_errno", c_int32),
        ("reserved", c_uint32),
        ("guest_pc", c_uint64),
        ("msg", c_char * 224),
    ]


class dgm_engine_cfg(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("workers", c_uint32),
        ("hot_threshold", c_uint32),
        ("opt_level", c_uint32),
        ("dump", c_uint32),
        ("dump_lo", c_uint64),
        ("dump_hi", c_uint64),
        ("code_budget", c_uint64),
        ("cache_dir", c_char_p),
        ("backend_dir", c_char_p),
        ("log", CFUNCTYPE(None, c_void_p, c_int, c_char_p, c_char_p)),
        ("log_ud", c_void_p),
        ("alloc", CFUNCTYPE(c_void_p, c_void_p, c_void_p, c_size_t, c_size_t)),
        ("alloc_ud", c_void_p),
        ("submit", CFUNCTYPE(c_bool, c_void_p, POINTER(c_void_p), c_void_p)),
        ("submit_ud", c_void_p),
    ]


class dgm_fault(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("access", c_uint32),
        ("len", c_uint32),
        ("cause", c_uint32),
        ("va", c_uint64),
        ("pa", c_uint64),
        ("pc", c_uint64),
        ("value", c_uint64),
        ("opcode", c_uint32),
        ("vector", c_uint32),
        ("syndrome", c_uint64),
    ]


class dgm_syscall(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("abi", c_uint32),
        ("nr", c_uint64),
        ("a", c_uint64 * 6),
        ("ret", c_int64),
        ("pc", c_uint64),
        ("no_result", c_bool),
    ]


class dgm_stream(Structure):
    _fields_ = [
        ("ud", c_void_p),
        ("io", CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t)),
    ]


class dgm_page(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("asid", c_uint32),
        ("priv", c_uint32),
        ("va", c_uint64),
        ("pa", c_uint64),
        ("len", c_uint64),
        ("prot", c_uint32),
        ("cause", c_uint32),
        ("vector", c_uint32),
        ("reserved", c_uint32),
        ("syndrome", c_uint64),
    ]


class dgm_machine_ops(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("attach", CFUNCTYPE(c_int, c_void_p, c_void_p)),
        ("detach", CFUNCTYPE(None, c_void_p, c_void_p)),
        ("syscall", CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(dgm_syscall))),
        ("fault", CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(dgm_fault))),
        ("illegal", CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(dgm_fault))),
        ("trap", CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(dgm_fault))),
        ("clock", CFUNCTYPE(c_uint64, c_void_p, c_void_p)),
        ("sysreg", CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint32, c_bool, POINTER(c_uint64))),
        ("next_event", CFUNCTYPE(c_uint64, c_void_p, c_void_p, c_uint64)),
        ("irq_ack", CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint32)),
        ("idle", CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint64)),
        ("save", CFUNCTYPE(c_int, c_void_p, POINTER(dgm_stream))),
        ("load", CFUNCTYPE(c_int, c_void_p, POINTER(dgm_stream))),
        ("translate", CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint64, c_uint32, POINTER(dgm_page))),
    ]


class dgm_vm_cfg(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("arch", c_uint32),
        ("model", c_char_p),
        ("flags", c_uint32),
        ("abi", c_uint32),
        ("clock_num", c_uint64),
        ("clock_den", c_uint64),
        ("mem", c_uint32),
        ("mem_bits", c_uint32),
    ]


class dgm_io_ops(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("min_access", c_uint32),
        ("max_access", c_uint32),
        ("read", CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint64, c_uint32, POINTER(c_uint64))),
        ("write", CFUNCTYPE(c_int, c_void_p, c_void_p, c_uint64, c_uint32, c_uint64)),
    ]


class dgm_stats(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("reserved", c_uint32),
        ("code_budget", c_uint64),
        ("code_used", c_uint64),
        ("units_interp", c_uint64),
        ("units_baseline", c_uint64),
        ("units_llvm", c_uint64),
        ("guest_bytes_baseline", c_uint64),
        ("guest_bytes_llvm", c_uint64),
        ("host_bytes_baseline", c_uint64),
        ("host_bytes_llvm", c_uint64),
        ("guest_insns_baseline", c_uint64),
        ("guest_insns_llvm", c_uint64),
        ("ns_lift", c_uint64),
        ("ns_opt", c_uint64),
        ("ns_baseline", c_uint64),
        ("ns_llvm", c_uint64),
        ("ns_queue", c_uint64),
        ("compile_fails", c_uint64),
        ("jit_refused", c_uint64),
        ("llvm_missing", c_uint64),
        ("links_made", c_uint64),
        ("links_broken", c_uint64),
        ("lookups_fast", c_uint64),
        ("lookups_slow", c_uint64),
        ("flushes", c_uint64),
        ("invalidated", c_uint64),
        ("exits", c_uint64),
        ("syscalls", c_uint64),
        ("faults", c_uint64),
        ("io_accesses", c_uint64),
        ("insns", c_uint64),
        ("runs_interp", c_uint64),
        ("insns_interp", c_uint64),
        ("insns_baseline", c_uint64),
    ]


class dgm_exit(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("reason", c_uint32),
        ("kick_bits", c_uint32),
        ("reserved", c_uint32),
        ("pc", c_uint64),
        ("insns", c_uint64),
        ("info", dgm_fault),
    ]


class dgm_run_opts(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("max_insns", c_uint64),
        ("timeout_ns", c_uint64),
        ("until", POINTER(c_uint64)),
        ("n_until", c_uint32),
    ]


class dgm_reg_info(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("id", c_uint32),
        ("bits", c_uint32),
        ("cls", c_uint32),
        ("name", c_char_p),
    ]


class dgm_event(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("pc", c_uint64),
        ("prev_pc", c_uint64),
        ("addr", c_uint64),
        ("value", c_uint64),
        ("value_hi", c_uint64),
        ("len", c_uint64),
        ("insns", c_uint32),
        ("opcode", c_uint32),
    ]


dgm_hook_fn = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(dgm_event))


class dgm_hook_cfg(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("kind", c_uint32),
        ("flags", c_uint32),
        ("insn_mask", c_uint32),
        ("insn_bits", c_uint32),
        ("reserved", c_uint32),
        ("lo", c_uint64),
        ("hi", c_uint64),
        ("counter", POINTER(c_uint64)),
        ("fn", dgm_hook_fn),
        ("ud", c_void_p),
    ]


class dgm_gdb_ops(Structure):
    _fields_ = [
        ("size", c_uint32),
        ("flags", c_uint32),
        ("send", CFUNCTYPE(None, c_void_p, c_void_p, c_size_t)),
        ("thread", CFUNCTYPE(c_uint64, c_void_p, c_uint32)),
        ("cpu", CFUNCTYPE(c_void_p, c_void_p, c_uint64)),
        ("resume", CFUNCTYPE(None, c_void_p, c_uint64, c_bool, c_int)),
        ("go", CFUNCTYPE(None, c_void_p)),
        ("stop", CFUNCTYPE(None, c_void_p)),
        ("kill", CFUNCTYPE(None, c_void_p)),
        ("detach", CFUNCTYPE(None, c_void_p)),
        ("auxv", CFUNCTYPE(c_size_t, c_void_p, c_uint64, c_void_p, c_size_t)),
        ("exec_file", CFUNCTYPE(c_char_p, c_void_p)),
    ]


# name: (result, parameters)
PROTOTYPES = {
    "dgm_strerror": (c_char_p, [c_int]),
    "dgm_last_error": (c_int, [POINTER(dgm_error)]),
    "dgm_version": (c_uint32, [POINTER(c_uint32), POINTER(c_char_p)]),
    "dgm_engine_new": (c_int, [POINTER(dgm_engine_cfg), c_uint32, POINTER(c_void_p)]),
    "dgm_engine_unref": (None, [c_void_p]),
    "dgm_engine_fork_prepare": (c_int, [c_void_p]),
    "dgm_engine_fork_done": (c_int, [c_void_p, c_bool]),
    "dgm_signal": (c_bool, [c_int, c_void_p, c_void_p]),
    "dgm_vm_new": (c_int, [c_void_p, POINTER(dgm_vm_cfg), POINTER(dgm_machine_ops), c_void_p, POINTER(c_void_p)]),
    "dgm_vm_free": (c_int, [c_void_p]),
    "dgm_map_ram": (c_int, [c_void_p, c_uint64, c_uint64, c_uint32, c_void_p, POINTER(c_uint64)]),
    "dgm_map_io": (c_int, [c_void_p, c_uint64, c_uint64, POINTER(dgm_io_ops), c_void_p, POINTER(c_uint64)]),
    "dgm_map_host": (c_int, [c_void_p, c_uint64, c_uint64, c_uint32, c_int, c_int, c_int64]),
    "dgm_map_move": (c_int, [c_void_p, c_uint64, c_uint64, c_uint64, c_uint64]),
    "dgm_map_alias": (c_int, [c_void_p, c_uint64, c_uint64, c_uint64, POINTER(c_uint64)]),
    "dgm_unmap": (c_int, [c_void_p, c_uint64, c_uint64]),
    "dgm_protect": (c_int, [c_void_p, c_uint64, c_uint64, c_uint32]),
    "dgm_mem_read": (c_int, [c_void_p, c_void_p, c_uint64, c_void_p, c_uint64, POINTER(c_uint64)]),
    "dgm_mem_write": (c_int, [c_void_p, c_void_p, c_uint64, c_void_p, c_uint64, POINTER(c_uint64)]),
    "dgm_mem_ptr": (c_void_p, [c_void_p, c_uint64, c_uint64, c_uint32]),
    "dgm_mem_touched": (c_int, [c_void_p, c_uint64, c_uint64]),
    "dgm_mem_prot": (c_uint32, [c_void_p, c_uint64, POINTER(c_bool)]),
    "dgm_vm_precise": (c_int, [c_void_p, c_bool]),
    "dgm_vm_stats": (c_int, [c_void_p, POINTER(dgm_stats)]),
    "dgm_code_invalidate": (c_int, [c_void_p, c_uint64, c_uint64]),
    "dgm_cpu_new": (c_int, [c_void_p, POINTER(c_void_p)]),
    "dgm_cpu_free": (c_int, [c_void_p]),
    "dgm_cpu_copy": (c_int, [c_void_p, c_void_p]),
    "dgm_cpu_abandon": (c_int, [c_void_p]),
    "dgm_cpu_run": (c_int, [c_void_p, POINTER(dgm_run_opts), POINTER(dgm_exit)]),
    "dgm_cpu_call": (c_int, [c_void_p, c_uint64, POINTER(c_uint64), c_uint32, POINTER(dgm_run_opts), POINTER(c_uint64), POINTER(dgm_exit)]),
    "dgm_code_precompile": (c_int, [c_void_p, POINTER(c_uint64), c_uint32]),
    "dgm_cpu_kick": (None, [c_void_p, c_uint32]),
    "dgm_cpu_irq": (None, [c_void_p, c_uint32, c_bool]),
    "dgm_cpu_irqs": (c_uint32, [c_void_p]),
    "dgm_cpu_wait": (None, [c_void_p]),
    "dgm_cpu_sleep": (c_bool, [c_void_p, c_uint64]),
    "dgm_cpu_replan": (None, [c_void_p]),
    "dgm_cpu_clock": (c_uint64, [c_void_p]),
    "dgm_pc": (c_uint64, [c_void_p]),
    "dgm_cpu_vm": (c_void_p, [c_void_p]),
    "dgm_reg_enum": (c_int, [c_void_p, c_uint32, POINTER(dgm_reg_info)]),
    "dgm_reg_read": (c_int, [c_void_p, c_uint32, c_void_p, c_size_t]),
    "dgm_reg_write": (c_int, [c_void_p, c_uint32, c_void_p, c_size_t]),
    "dgm_get": (c_uint64, [c_void_p, c_uint32]),
    "dgm_set": (None, [c_void_p, c_uint32, c_uint64]),
    "dgm_hook_add": (c_int, [c_void_p, POINTER(dgm_hook_cfg), POINTER(c_uint64)]),
    "dgm_hook_del": (c_int, [c_void_p, c_uint64]),
    "dgm_insns": (c_uint64, [c_void_p]),
    "dgm_cpu_set_space": (c_int, [c_void_p, c_uint32, c_uint32]),
    "dgm_cpu_get_space": (c_int, [c_void_p, POINTER(c_uint32), POINTER(c_uint32)]),
    "dgm_cpu_tlb_flush": (c_int, [c_void_p, c_uint64, c_uint64, c_uint32]),
    "dgm_vm_tlb_flush": (c_int, [c_void_p, c_uint64, c_uint64, c_uint32]),
    "dgm_cpu_translate": (c_int, [c_void_p, c_uint64, c_uint32, POINTER(dgm_page)]),
    "dgm_snap_take": (c_int, [c_void_p, POINTER(c_void_p)]),
    "dgm_snap_restore": (c_int, [c_void_p, c_void_p]),
    "dgm_snap_free": (None, [c_void_p]),
    "dgm_vm_fork": (c_int, [c_void_p, POINTER(dgm_machine_ops), c_void_p, POINTER(c_void_p)]),
    "dgm_vm_cpu": (c_void_p, [c_void_p, c_uint32]),
    "dgm_snap_save": (c_int, [c_void_p, POINTER(dgm_stream)]),
    "dgm_snap_load": (c_int, [c_void_p, POINTER(dgm_stream), POINTER(c_void_p)]),
    "dgm_gdb_new": (c_int, [c_void_p, POINTER(dgm_gdb_ops), c_void_p, POINTER(c_void_p)]),
    "dgm_gdb_free": (None, [c_void_p]),
    "dgm_gdb_feed": (None, [c_void_p, c_void_p, c_size_t]),
    "dgm_gdb_stopped": (None, [c_void_p, c_uint64, c_int]),
    "dgm_gdb_ended": (None, [c_void_p, c_int, c_int]),
    "dgm_gdb_breakpoint": (c_bool, [c_void_p, c_uint64]),
    "dgm_gdb_plant": (None, [c_void_p, c_bool]),
}
