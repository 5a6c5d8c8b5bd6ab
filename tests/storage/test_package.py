"""Packages: written in one pass, opened by anyone, checked to the byte."""

import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.digest import Summer
from storage.aip import Aip, Entry, PackageSums
from storage.errors import ChangedInStaging, NotStored, PackageDamaged
from storage.package import open_package, write_package
from storage.package_reader import Hit, PackageCheck, PackageFault, check_package
from storage.stores.memory import MemoryStore
from storage.zipform import (
    Directory,
    Member,
    central_header,
    end_records,
    find_directory,
    local_header,
    read_members,
)
from tests.storage.making import aip_id, make_aip

KEY = "gemeente/pakket.zip"
TOP = aip_id(1)


def packed(aip: Aip, store: MemoryStore | None = None) -> tuple[MemoryStore, PackageSums]:
    store = store or MemoryStore("proef")
    with store.put_new(KEY) as upload:
        sums = write_package(aip, [upload])
        upload.commit()
    return store, sums


def content_of(store: MemoryStore) -> bytes:
    with store.open_read(KEY) as stream:
        return stream.read()


def replaced(store: MemoryStore, content: bytes) -> MemoryStore:
    other = MemoryStore(store.name)
    other.publish(KEY, content)
    return other


def test_the_sums_are_those_of_the_bytes(tmp_path: Path) -> None:
    store, sums = packed(make_aip(tmp_path))

    content = content_of(store)
    tags = open_package(store, KEY).read("tagmanifest-sha256.txt")
    assert sums == PackageSums(
        len(content), hashlib.sha256(content).hexdigest(), hashlib.sha256(tags).hexdigest()
    )
    assert write_package(make_aip(tmp_path), ()) == sums


def test_every_store_gets_the_same_bytes_from_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aip = make_aip(tmp_path)
    opened: list[str] = []
    open_ = os.open
    monkeypatch.setattr(os, "open", lambda path, *a: opened.append(str(path)) or open_(path, *a))
    stores = [MemoryStore("een"), MemoryStore("twee")]

    with stores[0].put_new(KEY) as first, stores[1].put_new(KEY) as second:
        write_package(aip, [first, second])
        first.commit()
        second.commit()

    assert content_of(stores[0]) == content_of(stores[1])
    assert sorted(opened) == sorted(str(each.content) for each in aip.payload)


@pytest.mark.skipif(shutil.which("unzip") is None, reason="needs unzip, of another hand")
def test_unzip_and_bagit_python_accept_a_package(tmp_path: Path) -> None:
    files = [("a b/één.txt", b"een"), ("leeg", b""), ("groot.bin", os.urandom(300_000))]
    store, _ = packed(make_aip(tmp_path, files=files))
    container = tmp_path / "pakket.zip"
    container.write_bytes(content_of(store))

    subprocess.run(["unzip", "-tqq", container], check=True)
    with zipfile.ZipFile(container) as archive:
        assert archive.testzip() is None
        assert {each.compress_type for each in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {each.date_time for each in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {each.external_attr >> 16 for each in archive.infolist()} == {0o100644}
        assert {each.flag_bits & 8 for each in archive.infolist()} == {0}
    subprocess.run(["unzip", "-qq", container, "-d", tmp_path / "uit"], check=True)
    bag = bagit.Bag(str(tmp_path / "uit" / TOP))
    bag.validate()
    assert bag.version_info == (1, 0)
    assert bag.info == {
        "External-Identifier": "Z/2024/0001",
        "Bagging-Date": "2026-11-24",
        "Payload-Oxum": "300003.3",
    }
    assert (tmp_path / "uit" / TOP / "data/original/a b/één.txt").read_bytes() == b"een"


def test_the_parts_stand_in_their_order(tmp_path: Path) -> None:
    store, _ = packed(make_aip(tmp_path))

    assert list(open_package(store, KEY).members) == [
        "bagit.txt",
        "bag-info.txt",
        "manifest-sha256.txt",
        "manifest-sha512.txt",
        "data/original/vergunning.txt",
        "data/original/tekeningen/gevel.bin",
        "metadata/edepot/description.json",
        "metadata/premis.xml",
        "tagmanifest-sha256.txt",
        "tagmanifest-sha512.txt",
    ]


def test_a_large_file_gives_the_same_package_as_in_small_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aip = make_aip(tmp_path, files=[("groot.bin", os.urandom(3_000_001)), ("klein", b"x")])
    _, sums = packed(aip)
    for room in ("storage.package", "storage.package_reader"):
        monkeypatch.setattr(f"{room}.LANES_FROM_BYTES", 1_000_000)

    store, again = packed(aip)

    assert again == sums
    assert open_package(store, KEY).verify() == PackageCheck(
        sums.size_bytes, sums.sha256, sums.tagmanifest_sha256, 10, ()
    )


@pytest.mark.parametrize("size", [1000, 9_000_000])
@pytest.mark.parametrize("change", ["changed", "grown", "shrunk", "gone", "a link"])
def test_a_file_that_changed_in_staging_is_refused(tmp_path: Path, size: int, change: str) -> None:
    aip = make_aip(tmp_path, files=[("a.bin", b"a" * size)])
    staged = aip.payload[0].content
    assert isinstance(staged, Path)
    if change in ("gone", "a link"):
        staged.unlink()
    if change == "a link":
        other = tmp_path / "ander"
        other.write_bytes(b"a" * size)
        staged.symlink_to(other)
    elif change != "gone":
        content = {"changed": b"b" * size, "grown": b"a" * (size + 1), "shrunk": b"a" * (size - 1)}
        staged.write_bytes(content[change])

    with pytest.raises(ChangedInStaging):
        write_package(aip, ())


def test_a_path_that_stands_in_the_package_twice_is_our_mistake(tmp_path: Path) -> None:
    aip = make_aip(tmp_path, extra=[Entry("metadata/premis.xml", b"")])

    with pytest.raises(AssertionError):
        write_package(aip, ())


def test_a_member_that_is_not_there_is_said_to_be_not_there(tmp_path: Path) -> None:
    store, _ = packed(make_aip(tmp_path))

    with pytest.raises(NotStored):
        open_package(store, KEY).read("data/ander")


@pytest.mark.parametrize("content", [b"", b"geen zip", b"PK\x05\x06" + bytes(18), b"x" * 5000])
def test_what_is_no_package_is_not_opened(content: bytes) -> None:
    store = replaced(MemoryStore("proef"), content)

    if content.startswith(b"PK"):
        assert open_package(store, KEY).members == {}
        return
    with pytest.raises(PackageDamaged):
        open_package(store, KEY)
    assert check_package(store, KEY).faults[0].hit is Hit.STRUCTURE


def every_region(store: MemoryStore) -> Iterator[tuple[str, int, str]]:
    """(what is hit, where in the package, the path that must be named)."""
    for path, member in open_package(store, KEY).members.items():
        yield "header", member.header_offset + 4, path
        yield "name", member.header_offset + 40, path
        if member.size_bytes:
            yield "bytes", member.data_offset, path


def test_a_flipped_byte_is_found_and_the_right_file_is_named(tmp_path: Path) -> None:
    store, sums = packed(make_aip(tmp_path))
    content = content_of(store)

    for what, offset, path in every_region(store):
        damaged = bytearray(content)
        damaged[offset] ^= 1
        check = check_package(replaced(store, bytes(damaged)), KEY)

        assert check.sha256 != sums.sha256, (what, path)
        assert [each.path for each in check.faults] == [path], (what, path)
        hit = Hit.FILE_DIFFERS if what == "bytes" else Hit.STRUCTURE
        assert check.faults[0].hit is hit, (what, path)


def test_every_flipped_bit_of_the_directory_is_found(tmp_path: Path) -> None:
    store, _ = packed(make_aip(tmp_path))
    content = content_of(store)
    start = open_package(store, KEY).directory.offset

    for offset in range(start, len(content)):
        damaged = bytearray(content)
        damaged[offset] ^= 0x10
        check = check_package(replaced(store, bytes(damaged)), KEY)

        assert check.faults[0].hit is Hit.STRUCTURE, offset


def test_a_package_that_is_cut_off_is_found_out(tmp_path: Path) -> None:
    store, _ = packed(make_aip(tmp_path))
    content = content_of(store)

    for length in (0, 1, 21, 22, 100, len(content) // 2, len(content) - 1):
        assert check_package(replaced(store, content[:length]), KEY).faults, length
    assert check_package(replaced(store, content + b"x"), KEY).faults


def test_a_file_that_no_manifest_names_and_one_that_is_missing_are_told(tmp_path: Path) -> None:
    store, _ = packed(make_aip(tmp_path))
    reader = open_package(store, KEY)
    entries = {path: reader.read(path) for path in reader.members}
    del entries["metadata/premis.xml"]
    entries["data/erbij"] = b"x"

    check = check_package(replaced(store, zipped(entries)), KEY)

    assert check.faults == (
        PackageFault(Hit.FILE_MISSING, "metadata/premis.xml"),
        PackageFault(Hit.FILE_UNLISTED, "data/erbij", hashlib.sha256(b"x").hexdigest()),
    )


def zipped(entries: dict[str, bytes]) -> bytes:
    """A ZIP in our own form of any files."""
    body, central = bytearray(), bytearray()
    for path, content in entries.items():
        summer = Summer()
        summer.update(content)
        member = Member(f"{TOP}/{path}", len(content), summer.sums().crc32, len(body))
        central += central_header(member)
        body += local_header(member.name, member.size_bytes, member.crc32) + content
    return bytes(body + central + end_records(Directory(len(body), len(central), len(entries))))


@pytest.mark.parametrize("size", [0, 0xFFFFFFFE, 0xFFFFFFFF, 0x1_0000_0000, 5 << 40])
def test_sizes_and_places_beyond_four_gigabytes_are_read_as_they_were_written(size: int) -> None:
    first = Member(f"{TOP}/groot", size, 1, 0)
    second = Member(f"{TOP}/klein", 5, 2, first.end_offset)
    central = central_header(first) + central_header(second)
    where = Directory(second.end_offset, len(central), 2)
    end = end_records(where)
    whole = where.offset + len(central) + len(end)

    assert find_directory((bytes(76) + central + end)[-98:], whole) == where
    assert list(read_members(central, where)) == [first, second]


def test_more_files_than_a_plain_zip_can_count(tmp_path: Path) -> None:
    aip = make_aip(tmp_path)
    tags = [*aip.tags, *(Entry(f"metadata/{number}", b"") for number in range(66_000))]

    store, sums = packed(replace(aip, tags=tags))

    (tmp_path / "pakket.zip").write_bytes(content_of(store))
    with zipfile.ZipFile(tmp_path / "pakket.zip") as archive:
        assert len(archive.infolist()) == 66_010
    assert open_package(store, KEY).verify().sha256 == sums.sha256


NAMES = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00/"), min_size=1, max_size=40
).filter(lambda name: name not in (".", ".."))


@given(
    files=st.dictionaries(
        st.lists(NAMES, min_size=1, max_size=3).map("/".join), st.binary(max_size=300), max_size=6
    )
)
def test_whatever_the_names_and_bytes_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    aip = make_aip(tmp_path_factory.mktemp("staging"), files=list(files.items()))

    store, sums = packed(aip)

    reader = open_package(store, KEY)
    found = {path: reader.read(path) for path in reader.members if path.startswith("data/")}
    assert found == {f"data/original/{name}": content for name, content in files.items()}
    assert reader.verify() == PackageCheck(
        sums.size_bytes, sums.sha256, sums.tagmanifest_sha256, len(files) + 8, ()
    )
