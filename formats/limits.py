"""The limits that a child process works under, and setting them from inside it."""

import ctypes
import resource
import signal
import sys
from dataclasses import dataclass

MIB = 1024 * 1024
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child process may use.

    `memory_bytes` bounds its private memory (RLIMIT_DATA); files that an engine maps to read
    them do not count, so that a 4 GB record can be looked at. `address_bytes` bounds the address
    space (RLIMIT_AS), of which the Go and Java runtimes reserve far more than they use.
    `seconds` and `cpu_seconds` are per item, unless the caller allows an item more.
    """

    memory_bytes: int = 1024 * MIB
    address_bytes: int = 64 * 1024 * MIB
    file_bytes: int = 64 * MIB
    open_files: int = 256
    seconds: float = 60.0
    start_seconds: float = 60.0
    workers: int | None = None
    """How many children of this kind may live; None: as many as the pool has workers."""
    programs: bool = False
    """Whether it may start other programs. The network is never its business."""
    writes_below: tuple[str, ...] | None = None
    """The folders below which it may change files, beside its scratch; None: wherever we may."""


DEFAULT_LIMITS = Limits()

PARSER_LIMITS = Limits(writes_below=())
"""For identifying and examining: RLIMIT_DATA measured at 205 MB with Siegfried loaded."""


def apply_limits(limits: Limits) -> None:
    """Bound this process: memory, address space, size of files it writes, open files, no core."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    _lower(resource.RLIMIT_AS, limits.address_bytes)
    _lower(resource.RLIMIT_DATA, limits.memory_bytes)


def allow_cpu(seconds: float) -> None:
    """Let this process use so many more seconds of processor time; then the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def die_with_parent() -> None:
    """Have the system kill this process when the thread that started it ends (Linux only)."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _lower(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (bound, bound))
