"""Folders of a local store, opened name by name so that no link is ever followed."""

import ctypes
import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path

from storage.errors import StoreUnreachable
from storage.stores.base import ObjectStat

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
OPENAT2 = 437
"""The number of the call, the same on every architecture of Linux (5.6 and later)."""
BENEATH_WITHOUT_LINKS = 0x08 | 0x04
"""RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS of linux/openat2.h."""


@contextmanager
def opened_chain(root: int, names: list[str], *, make: bool = False) -> Iterator[list[int]]:
    """Handles of the root and of each folder below it on the way down, the deepest last.

    `make` makes the folders that are not there. Raises: OSError.
    """
    with ExitStack() as stack:
        chain = [root]
        for name in names:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o750, dir_fd=chain[-1])
            chain.append(os.open(name, FOLDER, dir_fd=chain[-1]))
            stack.callback(os.close, chain[-1])
        yield chain


def open_beneath(root: int, path: str, flags: int) -> int:
    """Open a file below a folder, no link on the way followed: in one call where the kernel can.

    Raises: OSError.
    """
    call = _openat2()
    handle = call(root, path, flags)
    if handle >= 0:
        return handle
    code = -handle
    if code not in (errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.EAGAIN, errno.EINTR):
        raise OSError(code, os.strerror(code), path)
    # No such call here, or a rename got in its way.
    *folders, name = path.split("/")
    with opened_chain(root, folders) as chain:
        return os.open(name, flags, dir_fd=chain[-1])


class Syncing:
    """Syncs folders from the deepest up to the root, as far as that is not known to be done.

    Not only folders that we made: another process may have made one and died, or may not have
    synced it yet. Once we synced a folder after we saw its child there, the child's entry lasts;
    that is remembered, except for the deepest folder, which may be removed and made anew.
    """

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()

    def sync(self, chain: Sequence[int]) -> None:
        """Make the entry in the deepest folder last, and the folders themselves.

        Raises: OSError.
        """
        os.fsync(chain[-1])
        numbers = [os.fstat(handle).st_ino for handle in chain]
        for depth in range(len(chain) - 2, -1, -1):
            pair = (numbers[depth], numbers[depth + 1])
            if pair not in self._known:
                os.fsync(chain[depth])
                if depth + 1 < len(chain) - 1:
                    self._known.add(pair)


def remove_empty(root: int, names: list[str]) -> None:
    """Remove the deepest folder when it is empty; those above stay, they are few and shared."""
    with suppress(OSError), opened_chain(root, names[:-1]) as chain:
        os.rmdir(names[-1], dir_fd=chain[-1])


def walk_objects(
    folder: Path | str, prefix: str, store: str, path: str = ""
) -> Iterator[ObjectStat]:
    """Every regular file below the folder whose key begins with the prefix, in key order.

    Names that begin with a dot are no objects; links are not followed.

    Raises: StoreUnreachable.
    """
    try:
        with os.scandir(folder) as scan:
            entries = list(scan)
        if len(entries) > 1:
            entries.sort(key=_in_key_order)
        for entry in entries:
            inner = path + entry.name
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                below = f"{inner}/"
                if below.startswith(prefix) or prefix.startswith(below):
                    yield from walk_objects(entry.path, prefix, store, below)
            elif inner.startswith(prefix) and entry.is_file(follow_symlinks=False):
                yield ObjectStat(inner, entry.stat(follow_symlinks=False).st_size)
    except OSError as error:
        if error.errno == errno.ENOENT and path:
            # Removed by another process while we looked.
            return
        raise StoreUnreachable(
            f"{store}: {folder}: {error.strerror}", store=store, found=error.strerror
        ) from error


class _How(ctypes.Structure):
    """struct open_how of linux/openat2.h."""

    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


@cache
def _openat2() -> Callable[[int, str, int], int]:
    """The system call: a handle, or an error number below zero."""
    syscall = ctypes.CDLL(None, use_errno=True).syscall
    syscall.restype = ctypes.c_long
    size = ctypes.c_size_t(ctypes.sizeof(_How))
    number = ctypes.c_long(OPENAT2)

    def call(root: int, path: str, flags: int) -> int:
        how = _How(flags, 0, BENEATH_WITHOUT_LINKS)
        handle = int(syscall(number, root, path.encode("ascii"), ctypes.byref(how), size))
        return handle if handle >= 0 else -ctypes.get_errno()

    return call


def _in_key_order(entry: "os.DirEntry[str]") -> str:
    return f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name
