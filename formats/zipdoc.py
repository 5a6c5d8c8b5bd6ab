"""A ZIP container's directory, read strictly: what stands there, and everything that is not clear.

Every reader of a ZIP must see the same files in it; whatever two programs could read in two ways
is a finding. Nothing is allocated on the container's word before it is compared with its size.
Source: PKWARE APPNOTE 6.3.10.
"""

import stat
from collections import Counter
from dataclasses import dataclass, replace
from typing import BinaryIO

from formats.findings import Finding
from formats.spelling import shown
from formats.tally import Tally
from formats.ziprecords import (
    DESCRIPTOR,
    ENCRYPTED,
    END,
    LOCAL,
    PATCHED,
    UTF8,
    Directory,
    Member,
    central_entries,
    extra_fields,
    find_directory,
    zip64_values,
)

__all__ = [
    "DEFLATED",
    "STORED",
    "Member",
    "ZipLimits",
    "locate",
    "looks_like_zip",
    "read_directory",
]

STORED = 0
DEFLATED = 8
_METHODS = (STORED, DEFLATED)
_NAMES_OF_METHODS = {1: "shrink", 9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "zstd", 95: "xz"}
_RATIO_FROM_BYTES = 10 * 1024 * 1024
_DESCRIPTOR_BYTES = (0, 12, 16, 20, 24)


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """How much a container may say that it holds."""

    max_members: int = 1_000_000
    max_directory_bytes: int = 512 * 1024 * 1024
    max_bytes: int = 1 << 42
    max_member_bytes: int = 1 << 40
    max_ratio: float = 200.0


def read_directory(
    stream: BinaryIO,
    size: int,
    limits: ZipLimits | None = None,
    where: str = "",
    *,
    local_headers: bool = True,
) -> tuple[list[Member], list[Finding]]:
    """All members of the ZIP in a seekable stream of `size` bytes, and what is wrong with them.

    No members when the directory cannot be read or says that it holds more than the limits.
    `local_headers` False leaves the members' own headers unread (one seek less for each).
    """
    limits = limits or ZipLimits()
    tally = Tally(where, where or "ZIP")
    directory = find_directory(stream, size, tally)
    if directory is None or _too_large(directory, limits, tally):
        return [], list(tally.findings())
    stream.seek(directory.offset + directory.shift)
    content = stream.read(directory.size)
    members = list(central_entries(content, directory, tally))
    if _holds_too_much(members, size, limits, tally):
        return [], list(tally.findings())
    members = [_judged(member, limits, tally) for member in members]
    if local_headers:
        members = [_located(stream, size, member, tally) for member in members]
        members = _without_overlap(members, directory, tally)
    members = _without_twins(members, tally)
    return members, list(tally.findings())


def looks_like_zip(stream: BinaryIO, size: int) -> bool:
    """Whether the stream begins as a ZIP, or ends as one."""
    stream.seek(0)
    if stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):
        return True
    stream.seek(max(0, size - END.size))
    return stream.read(END.size).startswith(b"PK\x05\x06")


def locate(stream: BinaryIO, member: Member) -> Member:
    """The member with the offset of its data, from its local header; -1 when that is no header."""
    if member.offset >= 0:
        return member
    stream.seek(member.header_offset)
    header = stream.read(LOCAL.size)
    if len(header) < LOCAL.size or header[:4] != b"PK\x03\x04":
        return member
    name_bytes, extra_bytes = LOCAL.unpack(header)[9:]
    return replace(member, offset=member.header_offset + LOCAL.size + name_bytes + extra_bytes)


def _too_large(directory: Directory, limits: ZipLimits, tally: Tally) -> bool:
    if directory.entries > limits.max_members:
        tally.add("F805", "", directory.entries, limits.max_members)
        return True
    if directory.size > limits.max_directory_bytes:
        tally.add("F805", "", directory.size, limits.max_directory_bytes)
        return True
    return False


def _holds_too_much(members: list[Member], size: int, limits: ZipLimits, tally: Tally) -> bool:
    total = sum(member.size for member in members)
    if total > limits.max_bytes:
        tally.add("F806", "", total, limits.max_bytes)
        return True
    if total > _RATIO_FROM_BYTES and total > size * limits.max_ratio:
        tally.add("F815", "", total, int(size * limits.max_ratio))
        return True
    return False


def _judged(member: Member, limits: ZipLimits, tally: Tally) -> Member:
    """The member, refused when by itself it is not a plain file or folder within the limits."""
    kind = stat.S_IFMT(member.mode)
    method = _NAMES_OF_METHODS.get(member.method, str(member.method))
    ratio_bytes = int(max(member.compressed, 1) * limits.max_ratio)
    checks = (
        (member.encrypted, "F809", "", ""),
        (member.method not in _METHODS, "F810", method, "stored, deflate"),
        (bool(member.flags & PATCHED), "F810", "patch", "stored, deflate"),
        (kind == stat.S_IFLNK, "F811", "", ""),
        (kind not in (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK), "F812", oct(kind), ""),
        (member.is_dir and member.size > 0, "F821", member.size, 0),
        (member.is_dir and not member.raw_name.endswith(b"/"), "F821", "", "/"),
        (member.size > limits.max_member_bytes, "F806", member.size, limits.max_member_bytes),
        (member.size > max(_RATIO_FROM_BYTES, ratio_bytes), "F815", member.size, ratio_bytes),
        (
            member.method == STORED and not member.encrypted and member.size != member.compressed,
            "F808",
            member.compressed,
            member.size,
        ),
    )
    wrong = [check for check in checks if check[0]]
    for _, code, found, expected in wrong:
        tally.add(code, member.name, found, expected)
    return replace(member, refused=True) if wrong else member


def _located(stream: BinaryIO, size: int, member: Member, tally: Tally) -> Member:
    """The member with the place of its data, when its own header says what the directory says."""
    stream.seek(member.header_offset)
    header = stream.read(LOCAL.size) if member.header_offset < size else b""
    if len(header) < LOCAL.size or header[:4] != b"PK\x03\x04":
        tally.add("F807", member.name, member.header_offset)
        return replace(member, refused=True)
    fields = LOCAL.unpack(header)
    raw = stream.read(fields[9])
    extras, whole = extra_fields(stream.read(fields[10]))
    differs = _difference(member, fields, raw, extras) if whole else "extra"
    if differs:
        tally.add("F808", member.name, differs, "")
    offset = member.header_offset + LOCAL.size + fields[9] + fields[10]
    if offset + member.compressed > size:
        tally.add("F807", member.name, offset + member.compressed, size)
    outside = offset + member.compressed > size
    return replace(member, offset=offset, refused=member.refused or bool(differs) or outside)


def _difference(
    member: Member, fields: tuple[int, ...], raw: bytes, extras: dict[int, bytes]
) -> str:
    """The name of the first field in which the local header differs; empty when none does."""
    flags, method, crc, compressed, size = fields[2], fields[3], fields[6], fields[7], fields[8]
    if raw != member.raw_name:
        return shown(raw.decode("utf-8", "surrogateescape"))
    telling = ENCRYPTED | DESCRIPTOR | (0 if raw.isascii() else UTF8)
    if method != member.method or (flags ^ member.flags) & telling:
        return "method"
    sizes = zip64_values(extras.get(1), (size, compressed, 0))
    if sizes is None:
        return "ZIP64"
    later = bool(flags & DESCRIPTOR)
    pairs = ((sizes[0], member.size), (sizes[1], member.compressed), (crc, member.crc32))
    if any(mine != theirs and not (later and mine == 0) for mine, theirs in pairs):
        return "size, CRC-32"
    return ""


def _without_overlap(members: list[Member], directory: Directory, tally: Tally) -> list[Member]:
    """The members, refused where two use the same bytes; bytes of no member are told."""
    order = sorted(range(len(members)), key=lambda place: members[place].header_offset)
    wrong: set[int] = set()
    end, last = directory.shift, -1
    for place in order:
        member = members[place]
        if member.offset < 0:
            continue
        if member.header_offset < end:
            tally.add("F816", member.name, shown(members[last].name))
            wrong.update((place, last))
        elif last < 0 and member.header_offset > end:
            tally.add("F804", "", member.header_offset - end)
        elif last >= 0 and not _close(members[last], member.header_offset - end):
            tally.add("F825", member.name, member.header_offset - end)
        if member.offset + member.compressed >= end:
            end, last = member.offset + member.compressed, place
    if end > directory.offset + directory.shift and last >= 0:
        tally.add("F816", members[last].name, "central directory")
        wrong.add(last)
    return [
        replace(member, refused=True) if place in wrong else member
        for place, member in enumerate(members)
    ]


def _close(before: Member, gap: int) -> bool:
    return gap == 0 or (bool(before.flags & DESCRIPTOR) and gap in _DESCRIPTOR_BYTES)


def _without_twins(members: list[Member], tally: Tally) -> list[Member]:
    counts = Counter(member.name.rstrip("/") for member in members)
    if len(counts) == len(members):
        return members
    for name, count in counts.items():
        if count > 1:
            tally.add("F820", name, count)
    return [
        replace(member, refused=True) if counts[member.name.rstrip("/")] > 1 else member
        for member in members
    ]
