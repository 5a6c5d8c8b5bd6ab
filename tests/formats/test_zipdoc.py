"""A ZIP that two programs could read in two ways is told so; a sound one is read whole."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.findings import Finding, Severity, code_of
from formats.zipdoc import Member, ZipLimits, looks_like_zip, read_directory
from formats.zipmember import MemberDamaged, member_chunks, read_member

FILES = {"zaak/brief.txt": b"Geachte heer\n" * 50, "zaak/kaart.bin": bytes(range(256)) * 9}


def packed(files: dict[str, bytes] = FILES, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 24, 0, 0, 0)), content, method)
    return buffer.getvalue()


def with_info(change: Callable[[zipfile.ZipInfo], None], content: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("zaak/a")
        change(info)
        archive.writestr(info, content)
    return buffer.getvalue()


def read(content: bytes, limits: ZipLimits | None = None) -> tuple[list[Member], list[Finding]]:
    return read_directory(io.BytesIO(content), len(content), limits)


def codes(content: bytes, limits: ZipLimits | None = None) -> set[str]:
    """The codes of the directory, and of reading every member that was not refused."""
    members, findings = read(content, limits)
    found = {each.code for each in findings}
    for member in members:
        if not member.refused:
            try:
                read_member(io.BytesIO(content), member, 1 << 24)
            except MemberDamaged as error:
                found.add(error.code)
    return found


def patched(content: bytes, find: bytes, at: int, new: bytes, which: int = 0) -> bytes:
    """The bytes with `new` at an offset behind the given occurrence of a signature."""
    place = -1
    for _ in range(which + 1):
        place = content.index(find, place + 1)
    place += at
    return content[:place] + new + content[place + len(new) :]


def central(content: bytes, at: int, new: bytes, which: int = 0) -> bytes:
    return patched(content, b"PK\x01\x02", at, new, which)


def local(content: bytes, at: int, new: bytes, which: int = 0) -> bytes:
    return patched(content, b"PK\x03\x04", at, new, which)


def mode(value: int) -> Callable[[zipfile.ZipInfo], None]:
    def change(info: zipfile.ZipInfo) -> None:
        info.external_attr = value << 16
        info.create_system = 3

    return change


def twice() -> bytes:
    return packed({"a": b"1", "b": b"2"}).replace(b"b", b"a")


def overlapping() -> bytes:
    """Two directory entries of other names that use the same data."""
    content = packed({"a": b"x" * 40, "b": b"x" * 40}, zipfile.ZIP_STORED)
    return central(content, 42, struct.pack("<L", 0), 1)


def unicode_path(name: bytes, other: bytes, flags: int = 0) -> bytes:
    extra = b"\x01" + struct.pack("<L", zlib.crc32(name)) + other
    extra = struct.pack("<HH", 0x7075, len(extra)) + extra
    head = struct.pack(
        "<5H3L2H", 20, flags, 0, 0, 33, zlib.crc32(b"x"), 1, 1, len(name), len(extra)
    )
    start = b"PK\x03\x04" + head + name + extra + b"x"
    tail = struct.pack("<3H2L", 0, 0, 0, 0, 0)
    entry = b"PK\x01\x02\x14\x00" + head + tail + name + extra
    end = struct.pack("<4H2LH", 0, 0, 1, 1, len(entry), len(start), 0)
    return start + entry + b"PK\x05\x06" + end


def bomb() -> bytes:
    return packed({"nul.bin": b"\x00" * (11 * 1024 * 1024)})


GOOD = packed()
END = GOOD.index(b"PK\x05\x06")
DIRECTORY = GOOD.index(b"PK\x01\x02")
STORED = packed(method=zipfile.ZIP_STORED)
EMBEDDED = b"PK\x05\x06" + b"\x00" * 18

CASES: dict[str, bytes] = {
    "F800": GOOD[: END + 10],
    "F801": GOOD[:END] + GOOD[END : END + 20] + struct.pack("<H", len(EMBEDDED)) + EMBEDDED,
    "F802": GOOD + b"meer",
    "F803": GOOD[: END + 8] + struct.pack("<2H", 3, 3) + GOOD[END + 12 :],
    "F804": b"#!/bin/sh\n" + GOOD,
    "F807": central(GOOD, 42, struct.pack("<L", 7), 0),
    "F808": local(GOOD, 30, b"Z"),
    "F809": local(central(GOOD, 8, b"\x01"), 6, b"\x01"),
    "F810": with_info(lambda info: setattr(info, "compress_type", zipfile.ZIP_BZIP2)),
    "F811": with_info(mode(stat.S_IFLNK | 0o777), b"/etc/passwd"),
    "F812": with_info(mode(stat.S_IFIFO | 0o666)),
    "F813": unicode_path(b"caf\xe9", b"", 0x800),
    "F814": unicode_path(b"brief.txt", b"brief.exe"),
    "F815": bomb(),
    "F816": overlapping(),
    "F817": GOOD[: END + 4] + struct.pack("<H", 1) + GOOD[END + 6 :],
    "F818": STORED.replace(b"Geachte", b"Geacht!", 1),
    "F819": central(local(GOOD, 22, struct.pack("<L", 649)), 24, struct.pack("<L", 649)),
    "F820": twice(),
    "F821": with_info(lambda info: setattr(info, "filename", "zaak/map/")),
    "F822": GOOD.replace(b"brief", b"bri\x82f"),
    "F823": local(GOOD, 30 + len("zaak/brief.txt"), b"\xff\xff\xff"),
    "F824": GOOD[:END] + GOOD[END : END + 20] + b"\x02\x00hi",
    "F825": GOOD[: GOOD.index(b"PK\x03\x04", 4)]
    + b"verborgen"
    + GOOD[GOOD.index(b"PK\x03\x04", 4) :],
}


def shifted(content: bytes) -> bytes:
    """F825's bytes with the directory's and the second member's offsets mended."""
    second = struct.unpack("<L", content[-22 + 16 : -22 + 20])[0] + len(b"verborgen")
    content = content[: -22 + 16] + struct.pack("<L", second) + content[-22 + 20 :]
    at = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1) + 42
    offset = struct.unpack("<L", content[at : at + 4])[0] + len(b"verborgen")
    return content[:at] + struct.pack("<L", offset) + content[at + 4 :]


CASES["F825"] = shifted(CASES["F825"])


@pytest.mark.parametrize("code", CASES)
def test_each_fault_of_a_zip_gives_the_finding_with_its_code(code: str) -> None:
    found = codes(CASES[code])

    assert code in found, found
    errors = {each for each in found if code_of(each).severity is Severity.ERROR}
    assert errors or code_of(code).severity is not Severity.ERROR


def test_a_sound_zip_is_read_whole_without_a_finding() -> None:
    for content in (GOOD, STORED):
        members, findings = read(content)
        stream = io.BytesIO(content)

        assert findings == []
        assert {each.name: read_member(stream, each, 1 << 20) for each in members} == FILES


def test_local_headers_may_be_left_until_a_member_is_read() -> None:
    members, findings = read_directory(io.BytesIO(GOOD), len(GOOD), local_headers=False)

    assert findings == []
    assert {each.offset for each in members} == {-1}
    assert b"".join(member_chunks(io.BytesIO(GOOD), members[1])) == FILES["zaak/kaart.bin"]


def test_a_zip64_container_is_read() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive, archive.open("a", "w", force_zip64=True) as out:
        out.write(b"x" * 100)
    with zipfile.ZipFile(buffer, "a") as archive:
        for number in range(70_000 // 10):
            archive.writestr(f"b/{number}", b"")
    members, findings = read(buffer.getvalue())

    assert findings == []
    assert len(members) == 7001
    assert read_member(buffer, members[0], 1000) == b"x" * 100


def zip64_end(content: bytes, entries: int, shift: int = 0) -> bytes:
    """The container with a ZIP64 end before the old one, which then says 0xFFFF."""
    end = content.index(b"PK\x05\x06")
    size, offset = struct.unpack("<2L", content[end + 12 : end + 20])
    large = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, offset
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end + shift, 1)
    old = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return content[:end] + large + locator + old


def test_a_zip64_end_must_stand_where_its_locator_says() -> None:
    assert codes(zip64_end(GOOD, 2)) == set()
    assert codes(zip64_end(GOOD, 2, shift=-4)) == {"F803"}
    assert codes(zip64_end(GOOD, 3)) == {"F803"}


def test_the_two_ends_must_agree() -> None:
    content = zip64_end(GOOD, 2)
    content = content[:-22] + content[-22:-14] + struct.pack("<H", 1) + content[-12:]

    assert codes(content) == {"F803"}


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (ZipLimits(max_members=1), "F805"),
        (ZipLimits(max_directory_bytes=60), "F805"),
        (ZipLimits(max_bytes=100), "F806"),
        (ZipLimits(max_member_bytes=700), "F806"),
    ],
)
def test_what_says_to_be_larger_than_allowed_is_not_read(limits: ZipLimits, code: str) -> None:
    members, findings = read(GOOD, limits)

    assert code in {each.code for each in findings}
    assert all(each.refused for each in members if each.size > limits.max_member_bytes)


def test_an_absurd_count_allocates_nothing() -> None:
    content = zip64_end(GOOD, 2)
    at = content.index(b"PK\x06\x06") + 24
    content = content[:at] + struct.pack("<2Q", 1 << 60, 1 << 60) + content[at + 16 :]

    assert codes(content) == {"F803"}


def test_a_member_never_gives_more_than_the_directory_says() -> None:
    content = packed({"a": b"\x00" * 5_000_000})
    content = local(central(content, 24, struct.pack("<L", 10)), 22, struct.pack("<L", 10))
    members, _ = read(content)
    taken = b""

    chunks = member_chunks(io.BytesIO(content), members[0])
    with pytest.raises(MemberDamaged) as damaged:
        taken = b"".join(chunks)

    assert damaged.value.code == "F819"
    assert taken == b""


class OneWay(io.BytesIO):
    """A stream that a packer cannot go back in, so that sizes come after the data."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise OSError

    def seek(self, *_: object) -> int:
        raise OSError


def test_a_zip_that_was_written_as_a_stream_is_read() -> None:
    stream = OneWay()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    content = stream.getvalue()

    members, findings = read(content)

    assert findings == []
    assert all(each.flags & 8 for each in members)
    assert {e.name: read_member(io.BytesIO(content), e, 1 << 20) for e in members} == FILES


def test_text_that_only_looks_like_a_zip_is_none() -> None:
    assert not looks_like_zip(io.BytesIO(b"PK is een afkorting"), 19)
    assert looks_like_zip(io.BytesIO(GOOD), len(GOOD))
    assert looks_like_zip(io.BytesIO(b"MZ" + GOOD), len(GOOD) + 2)
    assert codes(b"") == {"F800"}


NAMES = st.text(
    st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"),
    min_size=1,
    max_size=30,
).filter(lambda name: not name.endswith("/"))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=300), max_size=8), st.booleans())
def test_what_zipfile_writes_reads_the_same(files: dict[str, bytes], deflate: bool) -> None:
    content = packed(files, zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED)

    members, findings = read(content)

    assert not [each for each in findings if each.severity is Severity.ERROR]
    stream = io.BytesIO(content)
    assert {each.name: read_member(stream, each, 1000) for each in members} == files


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_mutated_zip_gives_findings_and_nothing_else(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from([GOOD, STORED, zip64_end(GOOD, 2)])))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, content[at] ^ 1]))
    cut = data.draw(st.integers(0, 8))
    mutated = bytes(content[: len(content) - cut] if cut else content)

    members, _ = read(mutated)

    for member in members:
        try:
            taken = sum(map(len, member_chunks(io.BytesIO(mutated), member)))
        except MemberDamaged:
            continue
        assert taken == member.size
