"""What may be laid before an engine: a regular file, no bomb, and of a big file only its ends.

Source: measured behaviour of Siegfried: it blocks on a FIFO, takes a minute over a container bomb
or a sparse file of 5 GB, and is right on 84 of 84 files from the first and the last MiB.
"""

import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

MIB = 1024 * 1024
WHOLE_UP_TO_BYTES = 64 * MIB
END_BYTES = MIB
HEAD_BYTES = 64 * 1024

MAX_MEMBERS = 250_000
MAX_RATIO = 200
RATIO_FROM_BYTES = 64 * MIB
MAX_DIRECTORY_BYTES = 64 * MIB

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE2_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Kind(StrEnum):
    """What stands at a path, before anything is read."""

    FILE = "file"
    EMPTY = "empty"
    MISSING = "missing"
    LINK = "link"
    SPECIAL = "special"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Looked:
    """A path looked at: its kind, size, first bytes, and why it cannot be read."""

    kind: Kind
    size_bytes: int = 0
    head: bytes = b""
    detail: str = ""

    @property
    def zipped(self) -> bool:
        """Whether it begins as a ZIP does."""
        return self.head.startswith(ZIP_MAGIC)

    @property
    def compound(self) -> bool:
        """Whether it begins as an OLE2 compound file does."""
        return self.head.startswith(OLE2_MAGIC)


def look(path: Path) -> Looked:
    """Look at a path without following links and without ever waiting on a device or a pipe."""
    try:
        found = path.lstat()
    except OSError as error:
        return Looked(Kind.MISSING, detail=error.strerror or str(error))
    if stat.S_ISLNK(found.st_mode):
        return Looked(Kind.LINK, detail="link")
    if not stat.S_ISREG(found.st_mode):
        return Looked(Kind.SPECIAL, detail=stat.filemode(found.st_mode))
    if found.st_size == 0:
        return Looked(Kind.EMPTY)
    try:
        with open_plain(path) as stream:
            return Looked(Kind.FILE, found.st_size, stream.read(HEAD_BYTES))
    except OSError as error:
        return Looked(Kind.UNREADABLE, found.st_size, detail=error.strerror or str(error))


def open_plain(path: Path) -> BinaryIO:
    """Open a file for reading; a link at its place is refused. Raises: OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    return os.fdopen(descriptor, "rb")


@contextmanager
def link_named(target: Path, name: str, folder: Path) -> Iterator[Path]:
    """A link in `folder` to the target that bears the sender's extension, when that is a safe one.

    An engine sees the extension that the sender gave, whatever the staged file is called.
    """
    extension = extension_of(name)
    link = folder / (f"bestand.{extension}" if extension else "bestand")
    link.unlink(missing_ok=True)
    link.symlink_to(target.absolute())
    try:
        yield link
    finally:
        link.unlink(missing_ok=True)


def extension_of(name: str) -> str:
    """The extension of a name, if it is short, ASCII and alphanumeric; else empty."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, extension = base.rpartition(".")
    safe = extension.isascii() and extension.replace("_", "").replace("-", "").isalnum()
    return extension if dot and stem and safe and len(extension) <= 16 else ""


def ends_of(path: Path, size_bytes: int) -> bytes:
    """The first and the last `END_BYTES` of a big file."""
    with open_plain(path) as stream:
        head = stream.read(END_BYTES)
        stream.seek(max(END_BYTES, size_bytes - END_BYTES))
        return head + stream.read(END_BYTES)


def covers_itself(seen: Looked) -> bool:
    """Whether an OLE2 header speaks of as many sectors as the file has room for (MS-CFB 2.2)."""
    if len(seen.head) < 512:
        return False
    shift, tables = struct.unpack_from("<H12xI", seen.head, 30)
    sector = 1 << shift if shift in (9, 12) else 0
    return bool(sector) and tables * (sector // 4) * sector >= seen.size_bytes - 2 * sector


def weigh_zip(path: Path, size_bytes: int) -> str:
    """Why this ZIP must not be unpacked: its directory promises too much. Empty: it may be.

    Also empty when there is no directory: then no engine will find members either.
    """
    with open_plain(path) as stream:
        place = _find_directory(stream, size_bytes)
        if place is None:
            return ""
        count, length, start = place
        if count > MAX_MEMBERS:
            return f"{count} > {MAX_MEMBERS} members"
        if length > MAX_DIRECTORY_BYTES:
            return f"directory of {length} > {MAX_DIRECTORY_BYTES} bytes"
        stream.seek(start)
        return _weigh_members(stream.read(length), size_bytes)


def _find_directory(stream: BinaryIO, size_bytes: int) -> tuple[int, int, int] | None:
    tail_start = max(0, size_bytes - 65_557)
    stream.seek(tail_start)
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return None
    count, length, start = struct.unpack_from("<HII", tail, at + 10)
    if count == 0xFFFF or 0xFFFFFFFF in (length, start):
        locator = at - 20
        if locator >= 0 and tail[locator : locator + 4] == b"PK\x06\x07":
            (record,) = struct.unpack_from("<Q", tail, locator + 8)
            stream.seek(min(record, size_bytes))
            zip64 = stream.read(56)
            if len(zip64) == 56 and zip64.startswith(b"PK\x06\x06"):
                count, length, start = struct.unpack_from("<QQQ", zip64, 32)
    actual = tail_start + at - length
    return count, length, start if start <= size_bytes else max(0, actual)


def _weigh_members(directory: bytes, size_bytes: int) -> str:
    at = 0
    count = 0
    unpacked = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(directory):
        packed, size, name, extra, comment = struct.unpack_from("<IIHHH", directory, at + 20)
        if 0xFFFFFFFF in (size, packed):
            size, packed = _zip64_sizes(
                directory[at + 46 + name : at + 46 + name + extra], size, packed
            )
        count += 1
        unpacked += size
        if size > RATIO_FROM_BYTES and size > MAX_RATIO * max(packed, 1):
            return f"a member of {size} bytes, ratio {size // max(packed, 1)} > {MAX_RATIO}"
        if count > MAX_MEMBERS:
            return f"{count} > {MAX_MEMBERS} members"
        at += 46 + name + extra + comment
    if unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * size_bytes:
        return f"{unpacked} bytes unpacked, ratio {unpacked // size_bytes} > {MAX_RATIO}"
    return ""


def _zip64_sizes(extra: bytes, size: int, packed: int) -> tuple[int, int]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            numbers = [
                struct.unpack_from("<Q", extra, at + 4 + 8 * each)[0]
                for each in range(length // 8)
                if at + 12 + 8 * each <= len(extra)
            ]
            if size == 0xFFFFFFFF and numbers:
                size = numbers.pop(0)
            if packed == 0xFFFFFFFF and numbers:
                packed = numbers.pop(0)
        at += 4 + length
    return size, packed
