"""A TAR container, read as a stream: POSIX ustar and pax, and GNU's long names.

Nothing is guessed: where two programs could read a header in two ways, that is a finding, and
where the next header cannot be found for certain, reading stops.
Source: POSIX.1-2017, pax, ustar Interchange Format.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from formats.spelling import shown
from formats.tally import Tally

BLOCK = 512
MAX_HEADER_BYTES = 1024 * 1024
CHUNK_BYTES = 256 * 1024
_LARGEST_OCTAL = 8**11 - 1


class TarKind(StrEnum):
    """What a member is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    SPECIAL = "special"
    UNKNOWN = "unknown"


_KINDS = {
    b"0": TarKind.FILE,
    b"\x00": TarKind.FILE,
    b"7": TarKind.FILE,
    b"5": TarKind.FOLDER,
    b"1": TarKind.LINK,
    b"2": TarKind.LINK,
    b"3": TarKind.SPECIAL,
    b"4": TarKind.SPECIAL,
    b"6": TarKind.SPECIAL,
}


class ByteSource(Protocol):
    """What a TAR is read from."""

    def read(self, size: int, /) -> bytes:
        """The next `size` bytes; fewer only at the end."""

    def skip(self, size: int, /) -> int:
        """Pass over `size` bytes; how many there were."""


@dataclass(frozen=True, slots=True)
class TarMember:
    """One member. `path` has no ./ before it; bytes that are no UTF-8 stand in it as surrogates."""

    path: str
    kind: TarKind
    size: int
    mode: int
    link: str = ""
    type_flag: str = "0"


@dataclass(slots=True)
class _Extra:
    """What headers before a member say of it."""

    pax: dict[str, bytes] = field(default_factory=dict)
    name: bytes | None = None
    link: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    """One block of 512 bytes, taken apart."""

    name: bytes
    mode: int
    size: int
    type_flag: bytes
    link: bytes
    gnu: bool
    block: bytes


class MemberBytes:
    """The bytes of one member; what is not taken is passed over before the next member."""

    def __init__(self, source: ByteSource, size: int) -> None:
        self._source = source
        self._left = size
        self._padding = -size % BLOCK
        self.cut_off = False

    def chunks(self) -> Iterator[bytes]:
        """The bytes that were not taken yet; ends early, with `cut_off`, when the TAR does."""
        while self._left:
            chunk = self._source.read(min(self._left, CHUNK_BYTES))
            if not chunk:
                self.cut_off = True
                return
            self._left -= len(chunk)
            yield chunk

    def pass_over(self) -> bool:
        """Go to the next header; False when the TAR ends before it."""
        if self.cut_off:
            return False
        wanted = self._left + self._padding
        self.cut_off = self._source.skip(wanted) != wanted
        self._left = self._padding = 0
        return not self.cut_off


def is_tar_header(block: bytes) -> bool:
    """Whether these 512 bytes are the header of a member, by their own check sum."""
    return len(block) >= BLOCK and any(block[:BLOCK]) and _sum_is_right(block[:BLOCK])


def tar_members(source: ByteSource, tally: Tally) -> Iterator[tuple[TarMember, MemberBytes]]:
    """The members in order, each with its bytes, which are gone once the next one is asked for."""
    extra = _Extra()
    last = ""
    while (header := _next_header(source, last, tally)) is not None:
        if header.type_flag in b"xXgLK":
            if not _take_extra(source, header, extra, tally):
                return
            continue
        member, clear = _member(header, extra, tally)
        extra = _Extra()
        last = member.path
        if not clear:
            return
        if header.type_flag == b"S" and not _pass_sparse_map(source, header):
            tally.add("F831", last)
            return
        content = MemberBytes(source, member.size)
        yield member, content
        if not content.pass_over():
            tally.add("F831", last)
            return
    if extra != _Extra():
        tally.add("F830", last, "pax")


def _next_header(source: ByteSource, last: str, tally: Tally) -> _Header | None:
    block = source.read(BLOCK)
    if len(block) < BLOCK:
        tally.add("F831", last)
        return None
    if not any(block):
        _check_end(source, tally)
        return None
    header = _header(block) if _sum_is_right(block) else None
    if header is None:
        tally.add("F830", last, "header")
    return header


def _check_end(source: ByteSource, tally: Tally) -> None:
    """After the first block of zeros only zeros may come, and at least one block of them."""
    behind = 0
    zeros = b"\x00" * CHUNK_BYTES
    while chunk := source.read(CHUNK_BYTES):
        if chunk != zeros[: len(chunk)]:
            tally.add("F832", "", f"> {behind}")
            return
        behind += len(chunk)
    if behind < BLOCK:
        tally.add("F831", "")


def _sum_is_right(block: bytes) -> bool:
    stated = _octal(block[148:156])
    blank = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(blank)
    if stated == unsigned:
        return True
    return stated == unsigned - 256 * sum(1 for byte in blank if byte > 127)


def _header(block: bytes) -> _Header | None:
    size = _number(block[124:136])
    mode = _number(block[100:108])
    if size is None or size < 0 or mode is None:
        return None
    gnu = block[257:265] == b"ustar  \x00"
    name = _text(block[0:100])
    prefix = _text(block[345:500])
    if block[257:262] == b"ustar" and not gnu and prefix:
        name = prefix + b"/" + name
    return _Header(name, mode, size, block[156:157], _text(block[157:257]), gnu, block)


def _text(value: bytes) -> bytes:
    return value.split(b"\x00", 1)[0]


def _number(value: bytes) -> int | None:
    if value[0] in (0x80, 0xFF):
        return int.from_bytes(value[1:], "big", signed=value[0] == 0xFF)
    return _octal(value)


def _octal(value: bytes) -> int | None:
    digits = value.rstrip(b" \x00").lstrip(b" ")
    if digits.strip(b"01234567"):
        return None
    return int(digits, 8) if digits else 0


def _take_extra(source: ByteSource, header: _Header, extra: _Extra, tally: Tally) -> bool:
    """Read a header that speaks of the next member; False when reading must stop."""
    if header.size > MAX_HEADER_BYTES:
        tally.add(
            "F834", shown(header.name.decode("utf-8", "replace")), header.size, MAX_HEADER_BYTES
        )
        return False
    content = source.read(header.size)
    if len(content) < header.size or source.skip(-header.size % BLOCK) != -header.size % BLOCK:
        tally.add("F831", "")
        return False
    if header.type_flag == b"L":
        extra.name = _text(content)
    elif header.type_flag == b"K":
        extra.link = _text(content)
    else:
        return _take_pax(content, header.type_flag == b"g", extra, tally)
    return True


def _take_pax(content: bytes, for_all: bool, extra: _Extra, tally: Tally) -> bool:
    records = _pax_records(content)
    if records is None:
        tally.add("F830", "", "pax")
        return False
    keys = [key for key, _ in records]
    doubtful = {"path", "size", "linkpath"} & set(keys) if for_all else set()
    doubtful |= {key for key in ("path", "size", "linkpath") if keys.count(key) > 1}
    if doubtful:
        tally.add("F833", "", ", ".join(sorted(doubtful)))
        return False
    if not for_all:
        extra.pax.update(records)
    return True


def _pax_records(content: bytes) -> list[tuple[str, bytes]] | None:
    """The records "length key=value LF"; None when they do not add up."""
    records = []
    at = 0
    while at < len(content) and content[at] != 0:
        digits = content[at : at + 8].split(b" ", 1)[0]
        if not digits.isdigit() or digits.startswith(b"0"):
            return None
        length = int(digits)
        record = content[at + len(digits) + 1 : at + length]
        key, equals, value = record.partition(b"=")
        if len(record) != length - len(digits) - 1 or not equals or not record.endswith(b"\n"):
            return None
        records.append((key.decode("utf-8", "replace"), value[:-1]))
        at += length
    return records


def _member(header: _Header, extra: _Extra, tally: Tally) -> tuple[TarMember, bool]:
    """The member, and whether it is certain where the next header stands."""
    raw = extra.pax.get("path", extra.name if extra.name is not None else header.name)
    link = extra.pax.get("linkpath", extra.link if extra.link is not None else header.link)
    path = raw.decode("utf-8", "surrogateescape").removeprefix("./")
    kind = _KINDS.get(header.type_flag, TarKind.UNKNOWN)
    if any(key.startswith("GNU.sparse") for key in extra.pax):
        kind = TarKind.UNKNOWN
    if kind is TarKind.FILE and path.endswith("/"):
        kind = TarKind.FOLDER
    size = _size(header, extra)
    clear = size is not None and (size == 0 or kind in (TarKind.FILE, TarKind.UNKNOWN))
    if not clear:
        tally.add("F833", path.rstrip("/"), "size", header.size)
    member = TarMember(
        path=path.rstrip("/") if kind is TarKind.FOLDER else path,
        kind=kind,
        size=size or 0,
        mode=header.mode,
        link=shown(link.decode("utf-8", "surrogateescape")),
        type_flag=shown(header.type_flag.decode("latin-1")),
    )
    return member, clear


def _size(header: _Header, extra: _Extra) -> int | None:
    """The size; None when pax and header differ although the header had room for it."""
    stated = extra.pax.get("size")
    if stated is None:
        return header.size
    if not stated.isdigit() or len(stated) > 18:
        return None
    size = int(stated)
    return size if size == header.size or size > _LARGEST_OCTAL else None


def _pass_sparse_map(source: ByteSource, header: _Header) -> bool:
    """Pass over the blocks that go on with GNU's map of a sparse file."""
    more = header.block[482]
    while more:
        block = source.read(BLOCK)
        if len(block) < BLOCK:
            return False
        more = block[504]
    return True
