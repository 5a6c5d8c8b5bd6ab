"""The records of a ZIP container as they stand in it: its end, its directory, its members' headers.

Source: PKWARE APPNOTE 6.3.10.
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from formats.spelling import shown
from formats.tally import Tally

END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
_TAIL_BYTES = 65535 + END.size + _LOCATOR.size
_FULL16 = 0xFFFF
_FULL32 = 0xFFFFFFFF
ENCRYPTED = 0x1 | 0x40 | 0x2000
DESCRIPTOR = 0x8
PATCHED = 0x20
UTF8 = 0x800


@dataclass(frozen=True, slots=True)
class Member:
    """One entry. `offset` is where its data begin; -1 as long as the local header was not read.

    `refused` tells that an error was found on it, so that its data should not be read.
    """

    name: str
    raw_name: bytes
    method: int
    flags: int
    compressed: int
    size: int
    crc32: int
    header_offset: int
    offset: int = -1
    mode: int = 0
    is_dir: bool = False
    refused: bool = False

    @property
    def encrypted(self) -> bool:
        """Whether its data are encrypted."""
        return bool(self.flags & ENCRYPTED)


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory stands; `shift` is the number of bytes put before the ZIP."""

    entries: int
    size: int
    offset: int
    shift: int


def find_directory(stream: BinaryIO, size: int, tally: Tally) -> Directory | None:
    start = max(0, size - _TAIL_BYTES)
    stream.seek(start)
    tail = stream.read(size - start)
    ends = list(_ends(tail))
    if not ends:
        tally.add("F800", "")
        return None
    exact = [at for at in ends if at + END.size + _comment_bytes(tail, at) == len(tail)]
    at = (exact or ends)[-1]
    if len(exact) > 1:
        tally.add("F801", "", len(exact), 1)
    if not exact:
        behind = len(tail) - at - END.size - _comment_bytes(tail, at)
        if behind < 0:
            tally.add("F800", "")
            return None
        tally.add("F802", "", behind)
    if _comment_bytes(tail, at):
        tally.add("F824", "", _comment_bytes(tail, at))
    return _directory_at(stream, tail, at, start, tally)


def _ends(tail: bytes) -> Iterator[int]:
    at = tail.find(b"PK\x05\x06")
    while at >= 0 and at + END.size <= len(tail):
        yield at
        at = tail.find(b"PK\x05\x06", at + 1)


def _comment_bytes(tail: bytes, at: int) -> int:
    return int.from_bytes(tail[at + 20 : at + 22], "little")


def _directory_at(
    stream: BinaryIO, tail: bytes, at: int, start: int, tally: Tally
) -> Directory | None:
    _, disk, first_disk, here, entries, size, offset, _ = END.unpack_from(tail, at)
    end = start + at
    if tail[max(0, at - _LOCATOR.size) : at].startswith(b"PK\x06\x07"):
        large = _end64(stream, tail, at, end, tally)
        if large is None:
            return None
        end, *values = large
        small = (disk, first_disk, here, entries, size, offset)
        if not _agree(small, tuple(values)):
            tally.add("F803", "", "ZIP64", "EOCD")
            return None
        disk, first_disk, here, entries, size, offset = values
    if (disk, first_disk) != (0, 0) or here != entries:
        tally.add("F817", "", f"{disk + 1}")
        return None
    shift = end - size - offset
    if shift < 0 or entries * _CENTRAL.size > size:
        tally.add("F803", "", f"{entries}", f"{size // _CENTRAL.size}")
        return None
    if shift:
        tally.add("F804", "", shift)
    return Directory(entries, size, offset, shift)


def _end64(
    stream: BinaryIO, tail: bytes, at: int, end: int, tally: Tally
) -> tuple[int, ...] | None:
    _, disk, offset, _ = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
    locator_at = end - _LOCATOR.size
    if disk != 0 or offset + _END64.size > locator_at:
        tally.add("F803", "", "ZIP64", "EOCD")
        return None
    stream.seek(offset)
    record = stream.read(_END64.size)
    if len(record) < _END64.size or record[:4] != b"PK\x06\x06":
        tally.add("F803", "", "ZIP64", "EOCD")
        return None
    _, length, _, _, disk, first_disk, here, entries, size, cd_offset = _END64.unpack(record)
    if offset + 12 + length != locator_at:
        tally.add("F803", "", "ZIP64", "EOCD")
        return None
    return offset, disk, first_disk, here, entries, size, cd_offset


def _agree(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether the old record says the same as the ZIP64 one wherever it has room for it."""
    full = (_FULL16, _FULL16, _FULL16, _FULL16, _FULL32, _FULL32)
    return all(a in (b, limit) for a, b, limit in zip(small, large, full, strict=True))


def central_entries(content: bytes, directory: Directory, tally: Tally) -> Iterator[Member]:
    at = 0
    for number in range(directory.entries):
        if content[at : at + 4] != b"PK\x01\x02" or at + _CENTRAL.size > len(content):
            tally.add("F803", "", number, directory.entries)
            return
        fields = _CENTRAL.unpack_from(content, at)
        name_end = at + _CENTRAL.size + fields[10]
        extra_end = name_end + fields[11]
        raw = content[at + _CENTRAL.size : name_end]
        at = extra_end + fields[12]
        if at > len(content):
            tally.add("F803", "", number, directory.entries)
            return
        yield _central_entry(fields, raw, content[name_end:extra_end], directory.shift, tally)
    if at != len(content):
        tally.add("F803", "", f"{len(content) - at} bytes", directory.entries)


def _central_entry(
    fields: tuple[int, ...], raw: bytes, extra: bytes, shift: int, tally: Tally
) -> Member:
    flags, method, crc, compressed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
    external, offset = fields[15], fields[16]
    extras, whole = extra_fields(extra)
    name, clear = _name(raw, flags, extras, tally)
    sizes = zip64_values(extras.get(1), (size, compressed, offset))
    refused = not (whole and clear and sizes is not None)
    if not whole or sizes is None:
        tally.add("F803", name, "extra", "")
    size, compressed, offset = sizes or (size, compressed, offset)
    mode = external >> 16
    folder = raw.endswith(b"/") or stat.S_ISDIR(mode)
    return Member(
        name=name,
        raw_name=raw,
        method=method,
        flags=flags,
        compressed=compressed,
        size=size,
        crc32=crc,
        header_offset=offset + shift,
        mode=mode,
        is_dir=folder,
        refused=refused,
    )


def extra_fields(extra: bytes) -> tuple[dict[int, bytes], bool]:
    """The extra fields by number; False when they do not fit or an important one is there twice."""
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        number, length = struct.unpack_from("<HH", extra, at)
        value = extra[at + 4 : at + 4 + length]
        if len(value) < length or (number in (1, 0x7075) and number in fields):
            return fields, not any(extra[at:])
        fields[number] = value
        at += 4 + length
    return fields, not any(extra[at:])


def zip64_values(extra: bytes | None, values: tuple[int, int, int]) -> tuple[int, int, int] | None:
    """Size, compressed size and offset, from the ZIP64 field where the old ones are full."""
    wanted = [value == _FULL32 for value in values]
    if extra is None or not any(wanted):
        return values
    if len(extra) < 8 * sum(wanted):
        return None
    large = iter(struct.unpack_from(f"<{sum(wanted)}Q", extra))
    size, compressed, offset = (
        next(large) if full else value for full, value in zip(wanted, values, strict=True)
    )
    return size, compressed, offset


def _name(raw: bytes, flags: int, extras: dict[int, bytes], tally: Tally) -> tuple[str, bool]:
    """The name, and whether it is the only name that a reader could take from it."""
    if raw.isascii():
        name, encoding = raw.decode("ascii"), "ascii"
    elif flags & UTF8:
        encoding = "utf-8"
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            name = raw.decode("utf-8", "surrogateescape")
            tally.add("F813", name)
            return name, False
    else:
        name, encoding = raw.decode("cp437"), "cp437"
    other = _unicode_path(raw, extras.get(0x7075))
    if other is not None and other != name:
        if encoding != "cp437":
            tally.add("F814", name, shown(other))
            return name, False
        name, encoding = other, "utf-8"
    if encoding == "cp437":
        tally.add("F822", name)
    return name, True


def _unicode_path(raw: bytes, extra: bytes | None) -> str | None:
    if extra is None or len(extra) < 5 or extra[0] != 1:
        return None
    if int.from_bytes(extra[1:5], "little") != zlib.crc32(raw):
        return None
    return extra[5:].decode("utf-8", "replace")
