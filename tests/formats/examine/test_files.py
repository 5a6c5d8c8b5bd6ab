"""Examination of whole and damaged files, kind by kind, and of hostile ones among good ones."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from formats.examine.files import examine_files
from formats.examine.kinds import Kind, kind_of
from formats.examine.values import Validity
from formats.findings import has_errors
from formats.identify import Identification, Method, identify_files
from formats.second_sense import Hint
from formats.tools import Pool
from tests.formats.examine import makers
from tests.formats.examine.looking import codes, examined

Maker = Callable[[Path], Path]


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (makers.pdf, []),
        (makers.docx_file, []),
        (makers.xlsx_file, []),
        (makers.odt_file, []),
        (makers.ods_file, []),
        (makers.png, []),
        (makers.jpeg, []),
        (makers.tiff, []),
        (makers.gif, []),
        (makers.jp2, []),
        (makers.text, []),
        (makers.rtf, []),
        (makers.gz_file, ["F424"]),
        (makers.zip_file, ["F424"]),
        (makers.tar_file, ["F408", "F424"]),
        (makers.eml, ["F407"]),
    ],
)
def test_a_sound_file_is_well_formed(
    pool: Pool, tmp_path: Path, make: Maker, found: list[str]
) -> None:
    seen = examined(pool, make(tmp_path))

    assert seen.validity is Validity.WELL_FORMED
    assert codes(seen) == found
    assert not has_errors(seen.findings)
    assert seen.validator


@pytest.mark.parametrize(
    "make",
    [
        makers.pdf,
        makers.docx_file,
        makers.odt_file,
        makers.xlsx_file,
        makers.png,
        makers.jpeg,
        makers.tiff,
        makers.gif,
        makers.jp2,
        makers.zip_file,
        makers.gz_file,
        makers.tar_file,
        makers.docx_locked,
        makers.rtf,
    ],
)
@pytest.mark.parametrize("part", [0.5, 0.99])
def test_a_file_that_was_cut_off_is_found(
    pool: Pool, tmp_path: Path, make: Maker, part: float
) -> None:
    whole = make(tmp_path)
    content = whole.read_bytes()
    whole.write_bytes(content[: min(int(len(content) * part), len(content) - 1)])

    seen = examined(pool, whole)

    assert seen.encrypted or seen.validity in (Validity.INVALID, Validity.UNREADABLE)
    assert has_errors(seen.findings)


def test_a_flipped_byte_in_a_png_is_found(pool: Pool, tmp_path: Path) -> None:
    path = makers.png(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))

    assert examined(pool, path).validity is Validity.INVALID


def test_active_content_is_named_and_embedded_files_are_listed(pool: Pool, tmp_path: Path) -> None:
    assert examined(pool, makers.pdf_script(tmp_path)).active_content == (
        "javascript",
        "open-action",
    )
    assert examined(pool, makers.docx_macro(tmp_path)).active_content == ("macro",)
    assert examined(pool, makers.pdf_attachment(tmp_path)).embedded == ("begroting.xlsx",)
    assert examined(pool, makers.eml(tmp_path)).embedded == ("bijlage.pdf",)
    assert examined(pool, makers.outlook_message(tmp_path)).embedded == ("factuur.js",)


def test_the_two_kinds_of_pdf_encryption_are_told_apart(pool: Pool, tmp_path: Path) -> None:
    locked = examined(pool, makers.pdf_locked(tmp_path))
    restricted = examined(pool, makers.pdf_restricted(tmp_path))

    assert (locked.encrypted, locked.features) == (True, ())
    assert (restricted.encrypted, restricted.features) == (False, ("restricted",))


def test_nothing_is_checked_of_what_is_no_file(pool: Pool, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pijp.pdf")
    (tmp_path / "nul.pdf").symlink_to("/dev/zero")

    for name in ("pijp.pdf", "nul.pdf", "nergens.pdf"):
        seen = examined(pool, tmp_path / name)
        assert (seen.validity, codes(seen)) == (Validity.NOT_CHECKED, [])
        assert seen.detail


@pytest.mark.parametrize("name", ["leeg.pdf", "leeg.zip", "leeg.tif", "leeg.xml", "leeg.txt"])
def test_five_gigabytes_of_nothing_are_soon_examined(pool: Pool, tmp_path: Path, name: str) -> None:
    heads = {"pdf": b"%PDF-1.4\n", "zip": b"PK\x03\x04", "tif": b"II*\x00\x08\x00\x00\x00"}
    path = tmp_path / name
    with path.open("wb") as stream:
        stream.write(heads.get(name[-3:], b'<?xml version="1.0"?><a>'))
        stream.truncate(5 << 30)
    started = time.monotonic()

    examined(pool, path)

    assert time.monotonic() - started < 10


def test_hostile_files_among_good_ones_leave_the_good_ones_alone(
    pool: Pool, tmp_path: Path
) -> None:
    makes = [
        makers.png,
        makers.tiff_large,
        makers.docx_file,
        makers.eml_deep,
        makers.pdf,
        makers.png_bomb,
        makers.text,
        makers.tiff_large,
        makers.eml,
    ]
    files = [(make(tmp_path), make.__name__) for make in makes]
    triples = [
        (path, name, seen)
        for (path, name), seen in zip(files, identify_files(pool, files), strict=True)
    ]

    examinations = list(examine_files(pool, triples))

    assert [each.path for each in examinations] == [make.__name__ for make in makes]
    assert [each.validity for each in examinations[::2]] == [Validity.WELL_FORMED] * 5
    assert [each.validity for each in examinations[1::2]] == [Validity.NOT_CHECKED] * 4
    assert {each.findings[0].reason for each in examinations[1::2]} == {"LIMIT"}


def test_an_examiner_that_takes_too_long_is_a_finding_and_no_verdict(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = makers.pdf_bomb(tmp_path)
    monkeypatch.setattr("formats.examine.files.SECONDS_PER_FILE", 0.1)

    seen = examined(pool, path)

    assert (seen.validity, codes(seen)) == (Validity.NOT_CHECKED, ["F413"])
    assert "timeout" in seen.detail


def test_the_same_files_give_the_same_answers_again(pool: Pool, tmp_path: Path) -> None:
    files = [(make(tmp_path), make.__name__) for make in (makers.pdf, makers.eml, makers.jpeg)]
    triples = [
        (path, name, seen)
        for (path, name), seen in zip(files, identify_files(pool, files), strict=True)
    ] * 40

    answers = list(examine_files(pool, triples))

    assert answers == answers[:3] * 40


@pytest.mark.parametrize(
    ("seen", "kind"),
    [
        (Identification("x.pdf", "fmt/18", mime="application/pdf", method=Method.SIGNATURE),
         Kind.PDF),
        (Identification("x.pdf", hint=Hint("application/pdf", "binary")), Kind.PDF),
        (Identification("x.pdf", "fmt/18", mime="application/pdf", method=Method.EXTENSION,
                        hint=Hint("image/png", "binary")), Kind.IMAGE),
        (Identification("x.csv", "x-fmt/18", mime="text/csv", method=Method.EXTENSION,
                        hint=Hint("text/plain", "utf-8")), Kind.TABLE),
        (Identification("x.doc", "x-fmt/111", mime="text/plain", method=Method.TEXT,
                        hint=Hint("text/html", "utf-8")), Kind.HTML),
        (Identification("x.ps1", "x-fmt/111", mime="text/plain", method=Method.TEXT,
                        hint=Hint("text/plain", "utf-8")), Kind.PROGRAM),
        (Identification("x.mp4", "fmt/199", mime="video/mp4", method=Method.SIGNATURE), Kind.OTHER),
        (Identification("x", hint=Hint("application/octet-stream", "binary")), Kind.OTHER),
    ],
)  # fmt: skip
def test_the_kind_follows_the_bytes_before_the_name(seen: Identification, kind: Kind) -> None:
    assert kind_of(seen) is kind
