"""The bytes of one member of a ZIP: never more than its directory says, and checked to the end."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from formats.digest import CHUNK_BYTES
from formats.errors import FormatsError
from formats.spelling import shown
from formats.zipdoc import DEFLATED, STORED, Member, locate


class MemberDamaged(FormatsError):
    """A member's bytes are not what the directory says. `code` is the finding's code."""

    def __init__(self, code: str, name: str, found: object, expected: object) -> None:
        super().__init__(f"{code}: {shown(name)}: {found} / {expected}")
        self.code = code
        self.found = str(found)
        self.expected = str(expected)


def member_chunks(stream: BinaryIO, member: Member) -> Iterator[bytes]:
    """The member's bytes in chunks; size and CRC-32 are compared before the last one is all.

    Raises: MemberDamaged when they differ, when the data end early, or cannot be read at all.
    """
    member = locate(stream, member)
    if member.offset < 0 or member.encrypted or member.method not in (STORED, DEFLATED):
        raise MemberDamaged("F810", member.name, member.method, "stored, deflate")
    stream.seek(member.offset)
    chunks = _stored(stream, member) if member.method == STORED else _inflated(stream, member)
    size = crc = 0
    for chunk in chunks:
        size += len(chunk)
        if size > member.size:
            raise MemberDamaged("F819", member.name, f"> {member.size}", member.size)
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if size != member.size:
        raise MemberDamaged("F819", member.name, size, member.size)
    if crc != member.crc32:
        raise MemberDamaged("F818", member.name, f"{crc:08x}", f"{member.crc32:08x}")


def read_member(stream: BinaryIO, member: Member, max_bytes: int) -> bytes:
    """All bytes of a small member.

    Raises: MemberDamaged as `member_chunks`, and when it is larger than `max_bytes`.
    """
    if member.size > max_bytes:
        raise MemberDamaged("F806", member.name, member.size, max_bytes)
    return b"".join(member_chunks(stream, member))


def _stored(stream: BinaryIO, member: Member) -> Iterator[bytes]:
    left = member.compressed
    while left and (chunk := stream.read(min(left, CHUNK_BYTES))):
        left -= len(chunk)
        yield chunk


def _inflated(stream: BinaryIO, member: Member) -> Iterator[bytes]:
    """Inflate at most a chunk at a time, from exactly the bytes that belong to the member."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    left = member.compressed
    waiting = b""
    while not inflater.eof:
        if not waiting and left:
            waiting = stream.read(min(left, CHUNK_BYTES))
            left -= len(waiting)
        starved = not waiting
        try:
            chunk = inflater.decompress(waiting, CHUNK_BYTES)
        except zlib.error as error:
            raise MemberDamaged("F823", member.name, error, "") from error
        waiting = inflater.unconsumed_tail
        if chunk:
            yield chunk
        elif starved and not inflater.eof:
            raise MemberDamaged("F823", member.name, "deflate", "")
    if left or inflater.unused_data:
        raise MemberDamaged("F823", member.name, left + len(inflater.unused_data), 0)
