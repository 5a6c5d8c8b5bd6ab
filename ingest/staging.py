"""Receiving: a copy of the delivery in staging, hashed as it is copied; the source is only read.

What is checked is this copy, never the sender's live folder.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from formats.digest import Summing
from formats.findings import Finding, finding
from ingest.errors import DeliveryUnreadable, StagingFailed
from ingest.sip import StagedFile

CHUNK_BYTES = 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a copy goes, and its path in the sender's words ("" for the delivery itself)."""

    target: Path
    path: str

    def below(self, name: str) -> "_Place":
        return _Place(self.target / name, f"{self.path}/{name}" if self.path else name)


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

    Raises: DeliveryUnreadable when the source is not there or may not be read; StagingFailed
    when the copy cannot be written.
    """
    with _writing(into):
        into.mkdir(parents=True, exist_ok=False)
    state = _Copying(ceiling, told, [], [])
    try:
        _copy_top(source, into, state)
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


def _copy_top(source: Path, into: Path, state: _Copying) -> None:
    if stat.S_ISDIR(os.lstat(source).st_mode):
        with _opened(os.open(source, _READ | os.O_DIRECTORY)) as handle:
            _copy_folder(handle, _Place(into, ""), 1, state)
    else:
        with _opened(os.open(source.parent, _FOLDER)) as parent:
            _copy_one(parent, source.name, _Place(into, "").below(source.name), state)


def _copy_folder(handle: int, place: _Place, depth: int, state: _Copying) -> None:
    if depth > state.ceiling.max_depth:
        state.findings.append(finding("I002", place.path, depth, state.ceiling.max_depth))
        return
    with os.scandir(handle) as scan:
        entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    if not entries and place.path:
        state.findings.append(finding("I008", place.path))
    for entry in entries:
        if state.full:
            return
        inner = place.below(entry.name)
        if entry.is_dir(follow_symlinks=False):
            _enter_folder(handle, entry.name, inner, depth, state)
        else:
            _copy_one(handle, entry.name, inner, state)


def _enter_folder(handle: int, name: str, place: _Place, depth: int, state: _Copying) -> None:
    try:
        inner = os.open(name, _READ | os.O_DIRECTORY, dir_fd=handle)
    except OSError as error:
        state.findings.append(finding("I005", _shown(place.path), error.strerror or error.errno))
        return
    with _opened(inner):
        with _writing(place.target):
            place.target.mkdir()
        _copy_folder(inner, place, depth + 1, state)


def _copy_one(folder: int, name: str, place: _Place, state: _Copying) -> None:
    kind = os.stat(name, dir_fd=folder, follow_symlinks=False)
    shown = _shown(place.path)
    if stat.S_ISLNK(kind.st_mode):
        state.findings.append(finding("I003", shown, _shown(os.readlink(name, dir_fd=folder))))
    elif not stat.S_ISREG(kind.st_mode):
        state.findings.append(finding("I004", shown, _kind_name(kind.st_mode)))
    elif shown != place.path:
        state.findings.append(finding("I007", shown))
    elif not _over_ceiling(kind.st_size, place.path, state):
        try:
            source = os.open(name, _READ, dir_fd=folder)
        except OSError as error:
            state.findings.append(finding("I005", shown, error.strerror or error.errno))
            return
        with _opened(source):
            _copy_bytes(source, place, state)


def _copy_bytes(source: int, place: _Place, state: _Copying) -> None:
    before = os.fstat(source)
    with _writing(place.target):
        out = os.open(place.target, _WRITE, 0o600)
    with _opened(out), Summing(before.st_size) as summing:
        left = before.st_size + 1  # one more, to see that it grew; it may grow for ever
        while left and (chunk := _read(source, min(CHUNK_BYTES, left), place.path, state)):
            left -= len(chunk)
            summing.update(chunk)
            with _writing(place.target):
                _write_all(out, chunk)
            state.told(len(chunk))
        sums = summing.sums()
    after = os.fstat(source)
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    if not same or sums.size_bytes != before.st_size:
        state.findings.append(finding("I006", place.path, sums.size_bytes, before.st_size))
    state.files.append(StagedFile(place.path, str(place.target), sums))


def _read(source: int, count: int, path: str, state: _Copying) -> bytes:
    try:
        return os.read(source, count)
    except OSError as error:
        state.findings.append(finding("I005", path, error.strerror or error.errno))
        return b""


@contextmanager
def _opened(handle: int) -> Iterator[int]:
    try:
        yield handle
    finally:
        os.close(handle)


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StagingFailed(f"{_shown(str(target))}: {error.strerror}") from error


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
