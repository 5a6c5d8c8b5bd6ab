"""Shutting a child process in: no network, no other programs, no writing but where it was told.

By seccomp and Landlock, which ask no privileges; where the kernel has them not, the limits of
formats.limits remain. Source: seccomp(2), landlock(7), linux/landlock.h.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Sequence
from dataclasses import dataclass

PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
ALLOW = 0x7FFF0000
REFUSE = 0x00050000 | errno.EPERM
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
FOREIGN_CALLS = 0x40000000

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
PATH_BENEATH = 1
WRITE_FILE = 1 << 1
CHANGE_TREE = sum(1 << bit for bit in (4, 5, 6, 7, 8, 9, 10, 11, 12))
REFER, TRUNCATE = 1 << 13, 1 << 14


@dataclass(frozen=True, slots=True)
class _Calls:
    """The numbers of system calls on one kind of processor."""

    architecture: int
    network: tuple[int, ...]
    programs: tuple[int, ...]
    spying: tuple[int, ...]


CALLS = {
    "x86_64": _Calls(0xC000003E, (41, 42, 425), (59, 322), (101, 310, 311)),
    "aarch64": _Calls(0xC00000B7, (198, 203, 425), (221, 281), (117, 270, 271)),
}
"""socket, connect, io_uring_setup; execve, execveat; ptrace, process_vm_readv and _writev."""


def forbid_calls(*, programs: bool) -> bool:
    """Take the network away from this process for good, and other programs unless allowed.

    Whether the system let us.
    """
    calls = CALLS.get(platform.machine())
    if calls is None or sys.platform != "linux":
        return False
    refused = (*calls.network, *calls.spying, *(() if programs else calls.programs))
    code = _filter(calls.architecture, refused)
    instructions = ctypes.create_string_buffer(code)
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0)


def landlock_version() -> int:
    """The version of Landlock that the kernel has; 0 when it has none."""
    if sys.platform != "linux":
        return 0
    libc = ctypes.CDLL(None, use_errno=True)
    return max(0, int(libc.syscall(CREATE_RULESET, None, 0, 1)))


def write_only_below(folders: Sequence[str]) -> bool:
    """Let this process from now on change files below these folders only; whether we could."""
    version = landlock_version()
    if not version:
        return False
    everything = WRITE_FILE | CHANGE_TREE
    everything |= (REFER if version >= 2 else 0) | (TRUNCATE if version >= 3 else 0)
    libc = ctypes.CDLL(None, use_errno=True)
    ruleset = int(libc.syscall(CREATE_RULESET, struct.pack("Q", everything), 8, 0))
    if ruleset < 0:
        return False
    try:
        for folder in folders:
            _allow(libc, ruleset, folder, everything)
        _allow(libc, ruleset, os.devnull, WRITE_FILE)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, access: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", access, descriptor), 0)
    finally:
        os.close(descriptor)


def _filter(architecture: int, refused: Sequence[int]) -> bytes:
    """Instructions that refuse these calls, and every call of another architecture."""
    count = len(refused)
    lines = [
        (LOAD, 0, 0, 4),
        (EQUAL, 0, count + 3, architecture),
        (LOAD, 0, 0, 0),
        (AT_LEAST, count + 1, 0, FOREIGN_CALLS),
        *((EQUAL, count - place, 0, number) for place, number in enumerate(refused)),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
