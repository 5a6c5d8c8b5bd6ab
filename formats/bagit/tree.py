"""The files of a bag on disk: walked without following anything, each hashed in one read."""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from formats.digest import CHUNK_BYTES, Algorithm
from formats.errors import FormatsError
from formats.tally import Tally

THREADS_FROM_BYTES = 256 * 1024
PART_FILES = 256
SPARSE_FROM_BYTES = 256 * 1024 * 1024
SPARSE_PART = 64

_OPEN = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_OPEN_FOLDER = _OPEN | os.O_DIRECTORY
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_JUNK_BEGINS = frozenset(".TtDd")
_JUNK = re.compile(r"(?:^|/)(?:\.DS_Store|Thumbs\.db|desktop\.ini|\._[^/]*)$", re.I)
_KINDS: Mapping[int, str] = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}


_Wanted = tuple[str, int, tuple[Algorithm, ...]]


class NotAFolder(FormatsError):
    """What should be a bag is not a folder that can be opened."""


@dataclass(frozen=True, slots=True)
class TreeLimits:
    """How large a bag may be before the walk stops."""

    max_files: int = 2_000_000
    max_depth: int = 64


class Hashed(NamedTuple):
    """What reading one file gave. `trouble` is a finding's code, found and expected, or None."""

    path: str
    digests: Mapping[Algorithm, str]
    trouble: tuple[str, object, object] | None = None


@dataclass(slots=True)
class _Walk:
    """A walk under way: what it found so far, and whether it stopped for its size."""

    limits: TreeLimits
    tally: Tally
    files: dict[str, int]
    stopped: bool = False

    def full(self, path: str) -> None:
        """Tell once that there are too many files."""
        if not self.stopped:
            self.tally.add("F246", path, len(self.files) + 1, self.limits.max_files)
        self.stopped = True


@contextmanager
def open_root(root: Path) -> Iterator[int]:
    """A handle on the bag's own folder.

    Raises: NotAFolder when it is not there, is a link, or may not be opened.
    """
    try:
        handle = os.open(root, _OPEN_FOLDER)
    except OSError as error:
        raise NotAFolder(f"{root}: {error.strerror}") from error
    try:
        yield handle
    finally:
        os.close(handle)


def walk(root: int, limits: TreeLimits, tally: Tally) -> dict[str, int]:
    """Every regular file below the root: path -> size in bytes, in the order of their names.

    Links, devices, pipes, sockets and names that are no UTF-8 go to the tally and stay out.
    """
    walking = _Walk(limits, tally, {})
    _walk(root, "", 1, walking)
    return walking.files


def has_folder(root: int, name: str) -> bool:
    """Whether a real folder, no link, of this name stands in the root; it may be empty."""
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=root, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def read_bounded(root: int, path: str, max_bytes: int) -> bytes:
    """The bytes of a small file; never more than `max_bytes`.

    Raises: OSError when it cannot be read.
    """
    folder, name = _split(path)
    with _folder(root, folder) as handle:
        file = os.open(name, _OPEN, dir_fd=handle)
        try:
            return _read_up_to(file, max_bytes)
        finally:
            os.close(file)


def hash_files(root: int, wanted: Iterable[_Wanted], workers: int) -> Iterator[Hashed]:
    """Hash (path, size, algorithms): small files in a row, large ones on `workers` threads."""
    small: list[_Wanted] = []
    large: list[_Wanted] = []
    for each in wanted:
        (small if each[1] < THREADS_FROM_BYTES else large).append(each)
    parts = [small[at : at + PART_FILES] for at in range(0, len(small), PART_FILES)]
    parts += [[each] for each in large]
    if len(parts) < 2 or workers < 2:
        for part in parts:
            yield from _hash_part(root, part)
        return
    with ThreadPoolExecutor(workers) as pool:
        for hashed in pool.map(partial(_hash_part, root), parts):
            yield from hashed


def _hash_part(root: int, part: list[_Wanted]) -> list[Hashed]:
    if part[0][1] >= THREADS_FROM_BYTES:
        return [_hash_large(root, each) for each in part]
    groups = groupby(part, key=lambda each: _split(each[0])[0])
    return [
        hashed for folder, group in groups for hashed in _hash_folder(root, folder, list(group))
    ]


def _walk(handle: int, path: str, depth: int, walking: _Walk) -> None:
    if depth > walking.limits.max_depth:
        walking.tally.add("F246", path, f"{depth} mappen diep", walking.limits.max_depth)
        return
    with os.scandir(handle) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    if not entries and path not in ("", "data/"):
        walking.tally.add("F248", path.rstrip("/"))
    for entry in entries:
        inner = path + entry.name
        if len(walking.files) >= walking.limits.max_files:
            walking.full(inner)
            return
        if not entry.name.isascii() and not _is_text(entry.name):
            walking.tally.add("F244", inner)
        elif entry.is_dir(follow_symlinks=False):
            _walk_folder(handle, entry.name, inner, depth, walking)
        else:
            _see(entry, inner, walking)


def _walk_folder(handle: int, name: str, path: str, depth: int, walking: _Walk) -> None:
    try:
        inner = os.open(name, _OPEN_FOLDER, dir_fd=handle)
    except OSError as error:
        walking.tally.add("F243", path, error.strerror or error.errno)
        return
    try:
        _walk(inner, f"{path}/", depth + 1, walking)
    finally:
        os.close(inner)


def _see(entry: "os.DirEntry[str]", path: str, walking: _Walk) -> None:
    seen = entry.stat(follow_symlinks=False)
    kind = stat.S_IFMT(seen.st_mode)
    tally = walking.tally
    if kind == stat.S_IFLNK:
        tally.add("F241", path)
        return
    if kind != stat.S_IFREG:
        tally.add("F242", path, _KINDS.get(kind, "special"))
        return
    if not entry.name.isprintable() and _CONTROL.search(entry.name):
        tally.add("F245", path)
    if entry.name[0] in _JUNK_BEGINS and _JUNK.search(path):
        tally.add("F247", path)
    if seen.st_nlink > 1:
        tally.add("F249", path, seen.st_nlink)
    walking.files[path] = seen.st_size


def _hash_folder(root: int, folder: str, group: list[_Wanted]) -> Iterator[Hashed]:
    cut = len(folder) + 1 if folder else 0
    try:
        with _folder(root, folder) as handle:
            for path, size, algorithms in group:
                yield _hash_small(handle, path, path[cut:], size, algorithms)
    except OSError as error:
        reason = error.strerror or error.errno
        yield from (Hashed(each[0], {}, ("F243", reason, "")) for each in group)


def _hash_small(
    handle: int, path: str, name: str, size: int, algorithms: tuple[Algorithm, ...]
) -> Hashed:
    try:
        file = os.open(name, _OPEN, dir_fd=handle)
        try:
            content = os.read(file, size + 1)
        finally:
            os.close(file)
    except OSError as error:
        return Hashed(path, {}, ("F243", error.strerror or error.errno, ""))
    if len(content) != size:
        return Hashed(path, {}, ("F251", len(content), size))
    return Hashed(path, {each: _HASHES[each](content).hexdigest() for each in algorithms})


def _hash_large(root: int, wanted: _Wanted) -> Hashed:
    path, size, algorithms = wanted
    folder, name = _split(path)
    try:
        with _folder(root, folder) as handle:
            file = os.open(name, _OPEN, dir_fd=handle)
            try:
                return _hash_open(file, path, size, algorithms)
            finally:
                os.close(file)
    except OSError as error:
        return Hashed(path, {}, ("F243", error.strerror or error.errno, ""))


def _hash_open(file: int, path: str, size: int, algorithms: tuple[Algorithm, ...]) -> Hashed:
    on_disk = os.fstat(file).st_blocks * 512
    if size > SPARSE_FROM_BYTES and on_disk < size // SPARSE_PART:
        return Hashed(path, {}, ("F250", size, on_disk))
    hashes = {each: _HASHES[each]() for each in algorithms}
    read = 0
    while read <= size and (chunk := os.read(file, CHUNK_BYTES)):
        read += len(chunk)
        for each in hashes.values():
            each.update(chunk)
    if read != size:
        return Hashed(path, {}, ("F251", read, size))
    return Hashed(path, {each: value.hexdigest() for each, value in hashes.items()})


@contextmanager
def _folder(root: int, folder: str) -> Iterator[int]:
    """A handle on a folder below the root, opened name by name so that no link is followed."""
    handle = os.dup(root)
    try:
        for name in folder.split("/") if folder else ():
            inner = os.open(name, _OPEN_FOLDER, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _read_up_to(file: int, max_bytes: int) -> bytes:
    parts: list[bytes] = []
    left = max_bytes
    while left and (chunk := os.read(file, min(left, 1024 * 1024))):
        parts.append(chunk)
        left -= len(chunk)
    return b"".join(parts)


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


_HASHES: Mapping[Algorithm, Callable[..., Any]] = {
    each: partial(getattr(hashlib, each.value), usedforsecurity=False) for each in Algorithm
}
