"""Readings: the bytes of a copy from its medium to a digest, one by one or in a child process.

Small packages in a folder are read by child processes, many at a time: then the processor hashes,
and our own words between two packages do not hold up the hashing. A child only gives digests; what
is not what it should be is read again, with care, by whoever asked.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from storage.stores.base import Store
from storage.stores.folders import FOLDER

JOB = "storage.fixity.reading:read_digests"
CHUNK_BYTES = 1024 * 1024
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_UPLOADS = ".uploads"


class Halted(Exception):
    """Whoever asked for the reading wants no more of it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came from a store under a key: hex SHA-256 and size in bytes."""

    sha256: str
    size_bytes: int


def read_whole(
    store: Store, key: str, *, fresh: bool = True, halted: Callable[[], bool] | None = None
) -> Reading:
    """Read an object from beginning to end.

    Raises: Halted; NotStored; CopyUnreadable; StoreUnreachable; KeyRefused.
    """
    digest, size = hashlib.sha256(), 0
    for piece in store.read_chunks(key, fresh=fresh):
        digest.update(piece)
        size += len(piece)
        if halted is not None and halted():
            raise Halted
    return Reading(digest.hexdigest(), size)


def read_digests(asked: Sequence[Any]) -> list[list[Any] | None]:
    """The job of a child: [folder, keys, fresh] -> [hex SHA-256, size] of each object.

    None for what cannot be read just so, whatever the reason, and for all when the folder is no
    store.
    """
    folder, keys, fresh = asked
    try:
        root = os.open(folder, FOLDER)
    except OSError:
        return [None] * len(keys)
    try:
        os.close(os.open(_UPLOADS, FOLDER, dir_fd=root))
        return list(_digests(root, keys, fresh=fresh))
    except OSError:
        return [None] * len(keys)
    finally:
        os.close(root)


def _digests(root: int, keys: Sequence[str], *, fresh: bool) -> Iterator[list[Any] | None]:
    buffer = memoryview(bytearray(CHUNK_BYTES))
    for key in keys:
        try:
            handle = _open(root, key)
        except OSError:
            yield None
            continue
        try:
            if fresh:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            digest, size = hashlib.sha256(), 0
            while count := os.readv(handle, [buffer]):
                digest.update(buffer[:count])
                size += count
            yield [digest.hexdigest(), size]
        except OSError:
            yield None
        finally:
            os.close(handle)


def _open(root: int, key: str) -> int:
    """The object's file, opened name by name so that no link is followed."""
    *folders, name = key.split("/")
    at = root
    try:
        for each in folders:
            below = os.open(each, FOLDER, dir_fd=at)
            if at != root:
                os.close(at)
            at = below
        return os.open(name, _FILE, dir_fd=at)
    finally:
        if at != root:
            os.close(at)
