"""Handing out: every byte checked, nothing overwritten, a damaged copy passed over."""

import hashlib
import os
import zipfile
from pathlib import Path

import bagit
import pytest

from edepot.depot import open_stores
from edepot.depot_database import named_aip, open_existing
from edepot.errors import ExportRefused, NoWholeCopy
from edepot.export import Exported, ExportForm, export_aip
from edepot.second_judge import judge_copy
from storage.aip import StoredAip
from storage.database import reading
from tests.edepot.shelf import FIRST, Shelf


def stored(shelf: Shelf) -> StoredAip:
    with reading(open_existing(shelf.config)) as connection:
        return named_aip(connection, FIRST)


def handed_out(shelf: Shelf, form: ExportForm, into: Path) -> Exported:
    return export_aip(stored(shelf), open_stores(shelf.config), form, into, lambda *_: None)


def damage(file: Path, content: bytes) -> None:
    """Change one byte of the file where this content stands."""
    data = bytearray(file.read_bytes())
    place = data.index(content)
    data[place] ^= 1
    file.chmod(0o600)
    file.write_bytes(data)


def test_the_zip_is_the_package_byte_for_byte(shelf: Shelf) -> None:
    exported = handed_out(shelf, ExportForm.ZIP, shelf.folder / "uit")

    assert exported.path == shelf.folder / "uit" / f"{FIRST}.zip"
    assert exported.path.read_bytes() == shelf.copy_of(FIRST).read_bytes()
    assert exported.passed_over == ()


def test_the_bag_is_a_bag(shelf: Shelf) -> None:
    exported = handed_out(shelf, ExportForm.BAG, shelf.folder / "uit")

    assert bagit.Bag(str(exported.path)).validate()


def test_the_files_bear_their_own_names_unless_some_system_refuses_them(shelf: Shelf) -> None:
    exported = handed_out(shelf, ExportForm.FILES, shelf.folder / "uit")

    found = {
        str(each.relative_to(exported.path)): each.read_bytes()
        for each in exported.path.rglob("*")
        if each.is_file()
    }
    assert found == {
        "vergunning.txt": b"De vergunning is verleend.\n",
        "bijlagen/wat_.bin": b"\x00\x01",
    }
    assert exported.renamed == (("bijlagen/wat?.bin", "bijlagen/wat_.bin"),)


@pytest.mark.parametrize("form", ExportForm)
def test_a_damaged_copy_is_passed_over_and_told(form: ExportForm, shelf: Shelf) -> None:
    damage(shelf.copy_of(FIRST), b"De vergunning is verleend.")

    exported = handed_out(shelf, form, shelf.folder / "uit")

    assert exported.store == "kopie-2"
    assert [each.store for each in exported.passed_over] == ["kopie-1"]
    assert "sha256" in exported.passed_over[0].reason


@pytest.mark.parametrize("form", ExportForm)
def test_when_no_copy_is_whole_nothing_is_left_behind(form: ExportForm, shelf: Shelf) -> None:
    damage(shelf.copy_of(FIRST, "kopie-1"), b"De vergunning is verleend.")
    shelf.copy_of(FIRST, "kopie-2").unlink()
    into = shelf.folder / "uit"

    with pytest.raises(NoWholeCopy) as caught:
        handed_out(shelf, form, into)

    assert "kopie-1" in str(caught.value.values["detail"])
    assert list(into.iterdir()) == []


def test_a_manifest_that_was_changed_with_the_file_is_seen_too(shelf: Shelf) -> None:
    damage(
        shelf.copy_of(FIRST), hashlib.sha256(b"De vergunning is verleend.\n").hexdigest().encode()
    )

    assert handed_out(shelf, ExportForm.BAG, shelf.folder / "uit").store == "kopie-2"


@pytest.mark.parametrize("form", ExportForm)
def test_nothing_that_is_there_is_overwritten(form: ExportForm, shelf: Shelf) -> None:
    into = shelf.folder / "uit"
    first = handed_out(shelf, form, into)
    before = {each: each.stat().st_mtime_ns for each in into.rglob("*")}

    with pytest.raises(ExportRefused):
        handed_out(shelf, form, into)

    assert first.path.exists()
    assert {each: each.stat().st_mtime_ns for each in into.rglob("*")} == before


def test_a_link_in_the_place_of_the_export_is_not_followed(shelf: Shelf) -> None:
    into = shelf.folder / "uit"
    into.mkdir()
    os.symlink(shelf.folder / "elders", into / f"{FIRST}.zip")

    with pytest.raises(ExportRefused):
        handed_out(shelf, ExportForm.ZIP, into)

    assert not (shelf.folder / "elders").exists()


def test_what_an_interrupted_export_left_is_replaced(shelf: Shelf) -> None:
    into = shelf.folder / "uit"
    into.mkdir()
    (into / f".{FIRST}.zip.part").write_bytes(b"half")

    handed_out(shelf, ExportForm.ZIP, into)

    assert [each.name for each in into.iterdir()] == [f"{FIRST}.zip"]


def test_a_file_is_no_folder_to_export_into(shelf: Shelf) -> None:
    (shelf.folder / "uit").write_text("")

    with pytest.raises(ExportRefused):
        handed_out(shelf, ExportForm.ZIP, shelf.folder / "uit")


def test_the_second_judge_agrees_on_a_whole_copy_and_objects_to_a_damaged_one(
    shelf: Shelf,
) -> None:
    store = open_stores(shelf.config)["kopie-1"]
    key = stored(shelf).copies[0].key
    whole = judge_copy(store, key)

    damage(shelf.copy_of(FIRST), b"De vergunning is verleend.")
    damaged = judge_copy(store, key)

    assert whole.valid
    assert (damaged.valid, damaged.judge) == (False, whole.judge)
    assert damaged.words


def test_the_package_opens_with_any_unzip(shelf: Shelf) -> None:
    exported = handed_out(shelf, ExportForm.ZIP, shelf.folder / "uit")

    with zipfile.ZipFile(exported.path) as archive:
        assert archive.testzip() is None
