"""Containers come out whole, or not at all; nothing is ever written outside the folder given."""

import bz2
import gzip
import io
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from formats.findings import Severity, code_of
from formats.plain import from_plain
from ingest.errors import DeliveryUnreadable, StagingFailed
from ingest.unpack import Container, Unpacked, UnpackLimits, recognise, unpack, unpack_job

TREE = {
    "zaak-1/brief.txt": b"Geachte heer\n",
    "zaak-1/bijlagen/kaart één.bin": bytes(range(256)) * 40,
    "zaak-1/leeg.txt": b"",
    "zaak-2/genest.zip": b"PK\x03\x04 geen echte zip",
}
SMALL = UnpackLimits(
    max_files=50, max_bytes=1 << 20, max_file_bytes=1 << 19, max_depth=8, max_path_bytes=300
)


def zipped(tree: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tree.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def tarred(tree: Mapping[str, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for name, content in tree.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def tar_of(*members: tarfile.TarInfo, kind: int = tarfile.GNU_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind) as archive:
        for info in members:
            archive.addfile(info, io.BytesIO(b"x" * info.size) if info.size else None)
    return buffer.getvalue()


def member(name: str, **values: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in values.items():
        setattr(info, key, value)
    return info


def resummed(content: bytes, at: int, new: bytes) -> bytes:
    """A TAR whose first header has other bytes at an offset, and a right check sum."""
    block = bytearray(content[:512])
    block[at : at + len(new)] = new
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block) + content[512:]


def pax(records: bytes, then: bytes, flag: bytes = b"x") -> bytes:
    """A pax header with these records, before the members of a TAR."""
    head = member("pax", size=len(records))
    block = resummed(head.tobuf(tarfile.USTAR_FORMAT), 156, flag)
    return block + records + b"\x00" * (-len(records) % 512) + then


def record(key: str, value: str) -> bytes:
    body = f" {key}={value}\n".encode()
    length = len(body) + 2
    return str(length + (length > 99)).encode() + body


PLAIN = tarred({"a": b"x"}, tarfile.USTAR_FORMAT)
FORMS: dict[Container, bytes] = {
    Container.ZIP: zipped(TREE),
    Container.TAR: tarred(TREE),
    Container.TAR_GZIP: gzip.compress(tarred(TREE, tarfile.GNU_FORMAT)),
    Container.TAR_BZIP2: bz2.compress(tarred(TREE)),
    Container.TAR_XZ: lzma.compress(tarred(TREE)),
}
ROOMY = UnpackLimits(max_bytes=1 << 26, max_file_bytes=1 << 26)

# What a sender could pack, and the code that it gives.
HOSTILE: list[tuple[str, str, bytes]] = [
    ("I100", "text", b"zomaar een tekst\n" * 60),
    ("I100", "7z", b"7z\xbc\xaf'\x1c" + b"\x00" * 600),
    ("I100", "gzip of a text", gzip.compress(b"tekst" * 400)),
    ("I101", "too many", tarred({f"{n}": b"" for n in range(51)})),
    ("F805", "too many in a zip", zipped({f"{n}": b"" for n in range(51)})),
    ("I102", "too much", tarred({f"{n}": b"x" * 300_000 for n in range(5)})),
    ("F806", "too much in a zip", zipped({f"{n}": os.urandom(300_000) for n in range(5)})),
    ("I103", "too large", tarred({"groot": b"x" * 600_000})),
    ("I104", "gzip bomb", gzip.compress(tarred({"leeg.bin": b"\x00" * 12_000_000}))),
    ("I104", "xz bomb", lzma.compress(tarred({"leeg.bin": b"\x00" * 12_000_000}))),
    ("I104", "bzip2 bomb", bz2.compress(tarred({"leeg.bin": b"\x00" * 12_000_000}))),
    ("F815", "zip bomb", zipped({"leeg.bin": b"\x00" * 12_000_000})),
    ("I105", "cut off gzip", FORMS[Container.TAR_GZIP][:-40]),
    ("I105", "damaged gzip sum", FORMS[Container.TAR_GZIP][:-8] + b"12345678"),
    ("I105", "more behind gzip", FORMS[Container.TAR_GZIP] + b"#!/bin/sh"),
    ("F830", "damaged header", PLAIN[:512] + b"x" * 512 + PLAIN[1024:1024] + b"y" * 512),
    ("F830", "negative size", resummed(PLAIN, 124, b"\xff" * 12)),
    ("F830", "broken pax", pax(b"99 path=b\n", PLAIN)),
    ("F830", "pax of nothing", pax(record("path", "b"), b"")[:1024] + b"\x00" * 1024),
    ("F831", "cut off", FORMS[Container.TAR][:3000]),
    ("F831", "no end", PLAIN[:1024]),
    ("F831", "size beyond the end", resummed(PLAIN, 124, b"00007777777\x00")),
    ("F832", "second tar behind", PLAIN[:2048] + PLAIN),
    ("F832", "lone block of zeros", PLAIN[:1024] + b"\x00" * 512 + PLAIN),
    ("F833", "pax size", pax(record("size", "3"), PLAIN)),
    ("F833", "path for all", pax(record("path", "b"), PLAIN, b"g")),
    ("F833", "two paths", pax(record("path", "b") + record("path", "c"), PLAIN)),
    ("F833", "folder with bytes", resummed(PLAIN, 156, b"5")),
    ("F834", "pax bomb", pax(record("comment", "x" * 1_100_000), PLAIN)),
    ("I109", "symbolic link", tar_of(member("l", type=tarfile.SYMTYPE, linkname="/etc/passwd"))),
    ("I109", "hard link", tar_of(member("l", type=tarfile.LNKTYPE, linkname="../../buiten"))),
    ("I126", "FIFO", tar_of(member("p", type=tarfile.FIFOTYPE))),
    ("I126", "device", tar_of(member("zero", type=tarfile.CHRTYPE, devmajor=1, devminor=5))),
    ("I127", "sparse", resummed(PLAIN, 156, b"S")),
    ("I127", "pax sparse", pax(record("GNU.sparse.major", "1"), PLAIN)),
    ("I127", "part of a volume", resummed(PLAIN, 156, b"M")),
    *(
        (code, f"{form} {name!r}", pack({name: b"x"}))
        for form, pack in (("tar", tarred), ("zip", zipped))
        for code, name in (
            ("I110", "../buiten/x"),
            ("I110", "/buiten"),
            ("I110", "a/../../buiten/x"),
            ("I110", "C:/x"),
            ("I110", "a\\..\\..\\buiten"),
            ("I111", "a\x1b[31m"),
            ("I112", "zaak/NUL.txt"),
            ("I114", "x" * 256),
            ("I115", "/".join("abcdefghi")),
            ("I116", "a\u202eb"),
            ("I118", "__MACOSX/._a"),
        )
    ),
    ("I117", "latin-1 name", tar_of(member(os.fsdecode(b"caf\xe9")), kind=tarfile.GNU_FORMAT)),
    ("I111", "NUL in pax", pax(record("path", "a\x00b"), PLAIN)),
    ("I110", "NUL folder", pax(record("path", "../a"), PLAIN)),
    ("I120", "unicode twins", tarred({"caf\u00e9": b"1", "cafe\u0301": b"2"})),
    ("I121", "capitals", zipped({"Brief": b"1", "brief": b"2"})),
    ("I130", "twice", tar_of(member("a", size=1), member("a", size=2))),
    ("I130", "twice by ./", tar_of(member("a", size=1), member("./a", size=2))),
    ("I130", "file and folder", tar_of(member("a", size=1), member("a/b", size=1))),
    ("I130", "folder on a file", tar_of(member("a", size=1), member("a", type=tarfile.DIRTYPE))),
    ("I131", "empty folder", tar_of(member("a", size=1), member("b", type=tarfile.DIRTYPE))),
    ("I132", "setuid", tar_of(member("a", size=1, mode=0o4755))),
    ("I133", "empty", zipped({})),
]


@pytest.mark.parametrize(
    ("code", "name", "content"), HOSTILE, ids=[f"{h[0]} {h[1][:24]}" for h in HOSTILE]
)
def test_each_fault_of_a_container_gives_its_code_and_nothing_escapes(
    code: str, name: str, content: bytes, tmp_path: Path
) -> None:
    canary = tmp_path / "buiten"
    canary.mkdir()
    (tmp_path / "levering").write_bytes(content)
    into = tmp_path / "in"

    unpacked = unpack(
        tmp_path / "levering", into, ROOMY if name.endswith("bomb") else SMALL, "levering.zip"
    )

    found = {each.code for each in unpacked.findings}
    assert code in found, found
    if code_of(code).severity is Severity.ERROR:
        assert Severity.ERROR in {each.severity for each in unpacked.findings}
    assert list(canary.iterdir()) == []
    assert {each.name for each in tmp_path.iterdir()} == {"buiten", "levering", "in"}
    assert all(each.where.startswith("levering.zip") for each in unpacked.findings)
    for path in into.rglob("*"):
        seen = os.lstat(path).st_mode
        assert stat.S_ISDIR(seen) or stat.S_ISREG(seen)
        assert not seen & 0o7000
    assert sum(each.stat().st_size for each in into.rglob("*") if each.is_file()) < 12_000_000


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_is_recognised_by_its_content_and_comes_out_whole(
    kind: Container, tmp_path: Path
) -> None:
    container = tmp_path / "levering.dat"
    container.write_bytes(FORMS[kind])

    unpacked = unpack(container, tmp_path / "in", UnpackLimits(), "levering.dat")

    assert recognise(container) is kind
    assert unpacked.findings == ()
    assert {each.path: each.staged.read_bytes() for each in unpacked.files} == TREE
    for each in unpacked.files:
        assert each.sums.size_bytes == len(TREE[each.path])
        assert each.staged == tmp_path / "in" / each.path


def test_other_files_are_no_container(tmp_path: Path) -> None:
    for name, content in (("a.tar", b"x" * 2000), ("b.gz", gzip.compress(b"x" * 2000)), ("c", b"")):
        (tmp_path / name).write_bytes(content)

        assert recognise(tmp_path / name) is None


def test_all_that_is_wrong_is_told_at_once_and_the_rest_still_comes_out(tmp_path: Path) -> None:
    container = tmp_path / "levering.tar"
    container.write_bytes(
        tar_of(
            member("../x", size=1),
            member("l", type=tarfile.SYMTYPE, linkname="x"),
            member("goed.txt", size=3),
            member("p", type=tarfile.FIFOTYPE),
            member("ook goed.txt", size=4),
        )
    )

    unpacked = unpack(container, tmp_path / "in", SMALL, "")

    assert [(each.code, each.where) for each in unpacked.findings] == [
        ("I110", "../x"),
        ("I109", "l"),
        ("I126", "p"),
    ]
    assert [each.path for each in unpacked.files] == ["goed.txt", "ook goed.txt"]


def test_a_damaged_member_of_a_zip_leaves_no_half_file(tmp_path: Path) -> None:
    content = bytearray(zipped({"goed": b"x" * 50, "kwaad": os.urandom(70_000)}))
    content[50_000] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(content)

    unpacked = unpack(tmp_path / "a.zip", tmp_path / "in", SMALL, "a.zip")

    assert [each.where for each in unpacked.findings] == ["a.zip/kwaad"]
    assert [each.path for each in unpacked.files] == ["goed"]
    assert [each.name for each in (tmp_path / "in").iterdir()] == ["goed"]


def test_a_thousand_faults_of_one_kind_give_a_short_report(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(tarred({f"../{n}": b"" for n in range(1000)}))

    findings = unpack(tmp_path / "a.tar", tmp_path / "in", UnpackLimits(), "a.tar").findings

    assert [each.code for each in findings] == ["I110"] * 100 + ["F299"]
    assert (findings[-1].found, findings[-1].severity) == ("900", Severity.ERROR)


def test_a_sparse_size_makes_no_large_file(tmp_path: Path) -> None:
    huge = resummed(PLAIN, 124, b"\x80" + (1 << 50).to_bytes(11, "big"))
    (tmp_path / "a.tar").write_bytes(huge)

    unpacked = unpack(tmp_path / "a.tar", tmp_path / "in", UnpackLimits(max_file_bytes=1 << 60), "")

    assert unpacked.files == ()
    assert list((tmp_path / "in").iterdir()) == []


def test_links_that_stand_in_the_folder_already_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "buiten").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in/zaak").symlink_to(tmp_path / "buiten")
    (tmp_path / "in/a").symlink_to(tmp_path / "buiten/b")
    (tmp_path / "a.zip").write_bytes(zipped({"zaak/x": b"1", "a": b"2", "goed": b"3"}))

    unpacked = unpack(tmp_path / "a.zip", tmp_path / "in", SMALL, "")

    assert [each.path for each in unpacked.files] == ["goed"]
    assert {each.code for each in unpacked.findings} == {"I130"}
    assert list((tmp_path / "buiten").iterdir()) == []


def test_a_container_that_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pijp")
    (tmp_path / "link").symlink_to("/etc/passwd")

    for name in ("pijp", "link", "nergens"):
        with pytest.raises(DeliveryUnreadable):
            unpack(tmp_path / name, tmp_path / "in", SMALL, "")


def test_a_folder_that_cannot_be_made_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"")
    (tmp_path / "a.zip").write_bytes(zipped(TREE))

    with pytest.raises(StagingFailed):
        unpack(tmp_path / "a.zip", tmp_path / "in", SMALL, "")


def test_the_job_for_a_child_gives_what_unpack_gives(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({**TREE, "../x": b""}))
    limits = {"max_files": 10, "max_bytes": 100_000}
    args = {"container": str(tmp_path / "a.zip"), "into": str(tmp_path / "in"), "where": "a.zip"}

    plain = unpack_job({**args, "limits": limits})

    unpacked = from_plain(Unpacked, plain)
    assert {each.path for each in unpacked.files} == set(TREE)
    assert [each.code for each in unpacked.findings] == ["I110"]


PARTS = st.text("abcXYZ é'&()#_", min_size=1, max_size=6).map(lambda part: f"n{part}m")
TREES = st.dictionaries(
    st.lists(PARTS, min_size=1, max_size=3).map("/".join), st.binary(max_size=900)
)
PACKERS: list[Callable[[Mapping[str, bytes]], bytes]] = [
    zipped,
    tarred,
    lambda tree: tarred(tree, tarfile.GNU_FORMAT),
    lambda tree: tarred(tree, tarfile.USTAR_FORMAT),
    lambda tree: gzip.compress(tarred(tree), 1),
]


@settings(max_examples=60, deadline=None)
@given(TREES, st.sampled_from(PACKERS))
def test_a_tree_comes_out_as_it_was_packed(
    tmp_path_factory: pytest.TempPathFactory,
    tree: dict[str, bytes],
    pack: Callable[[Mapping[str, bytes]], bytes],
) -> None:
    folder = tmp_path_factory.mktemp("boom")
    tree = {
        name: each for name, each in tree.items() if not any(o.startswith(f"{name}/") for o in tree)
    }
    (folder / "a").write_bytes(pack({**tree, "altijd": b"1"}))

    unpacked = unpack(folder / "a", folder / "in", UnpackLimits(), "a")

    assert {each.path: each.staged.read_bytes() for each in unpacked.files} == {
        **tree,
        "altijd": b"1",
    }


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_mutated_container_never_fails_nor_escapes(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("mutant")
    content = bytearray(data.draw(st.sampled_from([*FORMS.values(), PLAIN])))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    (folder / "a").write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))

    unpack(folder / "a", folder / "in", SMALL, "a")

    assert {each.name for each in folder.iterdir()} <= {"a", "in"}
