"""The bytes of a ZIP that holds a package: every entry stored, every header complete and fixed.

Given the names, sizes, checksums and order of its members, every byte of such a ZIP besides the
members themselves is known; so a reader can compare headers instead of trusting them.

Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from storage.errors import PackageDamaged

_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_LOCATOR = struct.Struct("<4sIQI")

_UTF8 = 0x0800
_STORED = 0
_DOS_TIME = 0
_DOS_DATE = (1 << 5) | 1  # 1980-01-01, the first day that the form knows
_MADE_ON_UNIX = 3 << 8
_MODE = 0o100644 << 16
_MAX32 = 0xFFFFFFFF
_MAX16 = 0xFFFF

END_BYTES = _END.size
TAIL_BYTES = _END64.size + _LOCATOR.size + _END.size


@dataclass(frozen=True, slots=True)
class Member:
    """One file within the package: name in the ZIP, size, CRC-32, and where its header stands."""

    name: str
    size_bytes: int
    crc32: int
    header_offset: int

    @property
    def data_offset(self) -> int:
        """Where its bytes begin."""
        return self.header_offset + len(local_header(self.name, self.size_bytes, self.crc32))

    @property
    def end_offset(self) -> int:
        """Where the next header begins."""
        return self.data_offset + self.size_bytes


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the central directory stands, and how many members it names."""

    offset: int
    size_bytes: int
    members: int


def local_header(name: str, size_bytes: int, crc32: int) -> bytes:
    """The header that stands before a member's bytes."""
    raw = name.encode("utf-8")
    large = size_bytes >= _MAX32
    extra = struct.pack("<HHQQ", 1, 16, size_bytes, size_bytes) if large else b""
    size = _MAX32 if large else size_bytes
    head = _LOCAL.pack(
        b"PK\x03\x04", 45 if large else 20, _UTF8, _STORED, _DOS_TIME, _DOS_DATE,
        crc32, size, size, len(raw), len(extra),
    )  # fmt: skip
    return head + raw + extra


def central_header(member: Member) -> bytes:
    """The member's entry in the central directory."""
    raw = member.name.encode("utf-8")
    size, offset = member.size_bytes, member.header_offset
    large, far = size >= _MAX32, offset >= _MAX32
    wide = [size, size] if large else []
    wide += [offset] if far else []
    extra = struct.pack(f"<HH{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    version = 45 if wide else 20
    short = _MAX32 if large else size
    head = _CENTRAL.pack(
        b"PK\x01\x02", _MADE_ON_UNIX | version, version, _UTF8, _STORED, _DOS_TIME, _DOS_DATE,
        member.crc32, short, short, len(raw), len(extra), 0, 0, 0, _MODE,
        _MAX32 if far else offset,
    )  # fmt: skip
    return head + raw + extra


def end_records(directory: Directory) -> bytes:
    """What closes the ZIP; the ZIP64 records only where a number does not fit otherwise."""
    count, size, offset = directory.members, directory.size_bytes, directory.offset
    large = count >= _MAX16 or size >= _MAX32 or offset >= _MAX32
    wide = b""
    if large:
        wide = _END64.pack(
            b"PK\x06\x06", _END64.size - 12, _MADE_ON_UNIX | 45, 45, 0, 0,
            count, count, size, offset,
        )  # fmt: skip
        wide += _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
    count16, size32, offset32 = min(count, _MAX16), min(size, _MAX32), min(offset, _MAX32)
    return wide + _END.pack(b"PK\x05\x06", 0, 0, count16, count16, size32, offset32, 0)


def find_directory(tail: bytes, size_bytes: int) -> Directory:
    """Where the directory stands, from the last bytes (at most `TAIL_BYTES`) of the object.

    Raises: PackageDamaged when the object does not end as a package does.
    """
    if len(tail) < END_BYTES:
        raise PackageDamaged("too short for a ZIP", found=size_bytes)
    _, _, _, _, count, size, offset, _ = _END.unpack(tail[-END_BYTES:])
    directory = Directory(offset, size, count)
    if len(tail) == TAIL_BYTES and tail.startswith(b"PK\x06\x06"):
        _, _, _, _, _, _, _, count, size, offset = _END64.unpack(tail[: _END64.size])
        directory = Directory(offset, size, count)
    closing = end_records(directory)
    whole = tail.endswith(closing) and directory.offset + directory.size_bytes + len(closing)
    if whole != size_bytes:
        raise PackageDamaged("the end of the ZIP is damaged", found=size_bytes, expected=whole)
    return directory


def read_members(content: bytes, directory: Directory) -> Iterator[Member]:
    """The members in the order in which they stand, from the bytes of the central directory.

    Raises: PackageDamaged when an entry is not as we write it, or they do not stand end to end.
    """
    at, expected_offset = 0, 0
    for _ in range(directory.members):
        member, length = _central_member(content, at)
        if member.header_offset != expected_offset:
            raise PackageDamaged("members do not stand end to end", found=member.name)
        yield member
        at += length
        expected_offset = member.end_offset
    if at != len(content) or expected_offset != directory.offset:
        raise PackageDamaged("the central directory has another length", found=len(content))


def _central_member(content: bytes, at: int) -> tuple[Member, int]:
    head = content[at : at + _CENTRAL.size]
    if len(head) < _CENTRAL.size:
        raise PackageDamaged("the central directory is cut off", found=at)
    fields = _CENTRAL.unpack(head)
    name_end = at + _CENTRAL.size + fields[10]
    end = name_end + fields[11]
    size, offset = _wide(content[name_end:end], fields[9], fields[16])
    try:
        name = content[at + _CENTRAL.size : name_end].decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackageDamaged("a name in the central directory is damaged", found=at) from error
    member = Member(name, size, fields[7], offset)
    if content[at:end] != central_header(member):
        raise PackageDamaged("an entry of the central directory is damaged", found=name)
    return member, end - at


def _wide(extra: bytes, size: int, offset: int) -> tuple[int, int]:
    """Size and offset, from the ZIP64 field where they do not fit in the header."""
    numbers = [
        number for (number,) in struct.iter_unpack("<Q", extra[4 : 4 + (len(extra) - 4) // 8 * 8])
    ]
    if size == _MAX32 and len(numbers) >= 2:
        size, numbers = numbers[0], numbers[2:]
    if offset == _MAX32 and numbers:
        offset = numbers[0]
    return size, offset
