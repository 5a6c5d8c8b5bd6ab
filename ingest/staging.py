"""Receiving: a copy of the delivery in staging, hashed as it is copied; the sender's bytes stay as they are.

What is checked is this copy, never the sender's live folder.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from formats.digest import Summing
from formats.findings import Finding, finding
from ingest.errors import DeliveryUnreadable
from ingest.sip import StagedFile

CHUNK_BYTES = 1024 * 1024
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Ceiling:
    """How much one delivery may hold: counts, bytes, levels."""

    max_files: int
    max_bytes: int
    max_file_bytes: int
    max_depth: int


@dataclass(frozen=True, slots=True)
class Staged:
    """The delivery as it stands in staging; `files` in the order of their paths."""

    root: Path
    files: tuple[StagedFile, ...]
    findings: tuple[Finding, ...]


@dataclass
class _Copying:
    """How far the copy is: what was found wrong, and how much there is by now."""

    ceiling: Ceiling
    told: Callable[[int], None]
    files: list[StagedFile]
    findings: list[Finding]
    total_bytes: int = 0
    full: bool = False


def copy_in(source: Path, into: Path, ceiling: Ceiling, told: Callable[[int], None]) -> Staged:
    """Copy a file or a folder below `into`; links, devices and other special files stay out.

    `told` is called with the number of bytes after each chunk.

    Raises: DeliveryUnreadable when the source is not there or may not be read.
    """
    into.mkdir(parents=True, exist_ok=False)
    state = _Copying(ceiling, told, [], [])
    try:
        kind = os.lstat(source).st_mode
        if stat.S_ISDIR(kind):
            handle = os.open(source, _READ | os.O_DIRECTORY)
            try:
                _copy_folder(handle, into, "", 1, state)
            finally:
                os.close(handle)
        else:
            parent = os.open(source.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                _copy_one(parent, source.name, into / source.name, source.name, state)
            finally:
                os.close(parent)
    except OSError as error:
        raise DeliveryUnreadable(f"{source}: {error.strerror}") from error
    files = tuple(sorted(state.files, key=lambda each: each.path))
    return Staged(into, files, tuple(state.findings))


def quick_signature(source: Path) -> str:
    """A cheap mark of the source's state (paths, sizes, times), to see whether it changed.

    Raises: DeliveryUnreadable when the source is not there or may not be read.
    """
    try:
        return ";".join(sorted(_marks(source)))
    except OSError as error:
        raise DeliveryUnreadable(f"{source}: {error.strerror}") from error


def fingerprint(files: tuple[StagedFile, ...]) -> str:
    """Hex SHA-256 over every path, size and digest: equal deliveries have equal fingerprints."""
    lines = (f"{each.sums.sha256} {each.sums.size_bytes} {each.path}\n" for each in files)
    return _digest_of(lines)


def _marks(source: Path) -> Iterator[str]:
    top = os.lstat(source)
    yield f".|{top.st_size}|{top.st_mtime_ns}"
    if not stat.S_ISDIR(top.st_mode):
        return
    for folder, folders, names in os.walk(source):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            seen = os.lstat(path)
            size = 0 if stat.S_ISDIR(seen.st_mode) else seen.st_size
            yield f"{os.path.relpath(path, source)}|{size}|{seen.st_mtime_ns}"


def _copy_folder(handle: int, into: Path, path: str, depth: int, state: _Copying) -> None:
    if depth > state.ceiling.max_depth:
        state.findings.append(finding("I002", path, depth, state.ceiling.max_depth))
        return
    with os.scandir(handle) as scan:
        entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    if not entries and path:
        state.findings.append(finding("I008", path))
    for entry in entries:
        if state.full:
            return
        inner = f"{path}/{entry.name}" if path else entry.name
        if entry.is_dir(follow_symlinks=False):
            _enter_folder(handle, entry.name, into, inner, depth, state)
        else:
            _copy_one(handle, entry.name, into / entry.name, inner, state)


def _enter_folder(
    handle: int, name: str, into: Path, path: str, depth: int, state: _Copying
) -> None:
    try:
        inner = os.open(name, _READ | os.O_DIRECTORY, dir_fd=handle)
    except OSError as error:
        state.findings.append(finding("I005", _shown(path), error.strerror or error.errno))
        return
    try:
        (into / name).mkdir()
        _copy_folder(inner, into / name, path, depth + 1, state)
    finally:
        os.close(inner)


def _copy_one(folder: int, name: str, target: Path, path: str, state: _Copying) -> None:
    kind = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(kind.st_mode):
        state.findings.append(finding("I003", _shown(path), os.readlink(name, dir_fd=folder)))
        return
    if not stat.S_ISREG(kind.st_mode):
        state.findings.append(finding("I004", _shown(path), _kind_name(kind.st_mode)))
        return
    if not _printable(path):
        state.findings.append(finding("I007", _shown(path)))
        return
    if _over_ceiling(kind.st_size, path, state):
        return
    try:
        source = os.open(name, _READ, dir_fd=folder)
    except OSError as error:
        state.findings.append(finding("I005", path, error.strerror or error.errno))
        return
    try:
        _copy_bytes(source, target, path, state)
    finally:
        os.close(source)


def _copy_bytes(source: int, target: Path, path: str, state: _Copying) -> None:
    before = os.fstat(source)
    out = os.open(target, _WRITE, 0o600)
    try:
        with Summing(before.st_size) as summing:
            left = before.st_size + 1  # one more, to see that it grew; it may grow for ever
            while left and (chunk := os.read(source, min(CHUNK_BYTES, left))):
                left -= len(chunk)
                summing.update(chunk)
                _write_all(out, chunk)
                state.told(len(chunk))
            sums = summing.sums()
    finally:
        os.close(out)
    after = os.fstat(source)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or (
        sums.size_bytes != before.st_size
    ):
        state.findings.append(finding("I006", path, sums.size_bytes, before.st_size))
    state.files.append(StagedFile(path, target, sums))


def _write_all(out: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(out, view) :]


def _over_ceiling(size_bytes: int, path: str, state: _Copying) -> bool:
    ceiling = state.ceiling
    if size_bytes > ceiling.max_file_bytes:
        state.findings.append(finding("I001", path, size_bytes, ceiling.max_file_bytes))
        return True
    state.total_bytes += size_bytes
    if state.total_bytes > ceiling.max_bytes or len(state.files) >= ceiling.max_files:
        found = f"{len(state.files) + 1} / {state.total_bytes}"
        expected = f"{ceiling.max_files} / {ceiling.max_bytes}"
        state.findings.append(finding("I009", path, found, expected))
        state.full = True
        return True
    return False


def _printable(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _kind_name(mode: int) -> str:
    kinds = {
        stat.S_IFIFO: "FIFO",
        stat.S_IFSOCK: "socket",
        stat.S_IFCHR: "character device",
        stat.S_IFBLK: "block device",
    }
    return kinds.get(stat.S_IFMT(mode), "special")


def _digest_of(lines: Iterator[str]) -> str:
    total = hashlib.sha256()
    for line in lines:
        total.update(line.encode("utf-8"))
    return total.hexdigest()
