"""Identification: the PUID by its bytes, in a child, whatever the file is called or is."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from formats.examine.files import examine_files
from formats.examine.values import Validity
from formats.findings import explain
from formats.identify import Identification, Method, check_claims, identify_files
from formats.tools import Pool
from tests.formats.examine import makers
from tests.formats.examine.looking import identified


def codes(seen: Identification) -> list[str]:
    return [each.code for each in seen.findings]


@pytest.mark.parametrize(
    ("make", "puid", "method"),
    [
        (makers.pdfa, "fmt/477", Method.SIGNATURE),
        (makers.docx_file, "fmt/412", Method.CONTAINER),
        (makers.xlsx_file, "fmt/214", Method.CONTAINER),
        (makers.odt_file, "fmt/2044", Method.CONTAINER),
        (makers.png, "fmt/11", Method.SIGNATURE),
        (makers.jpeg, "fmt/43", Method.SIGNATURE),
        (makers.tiff, "fmt/353", Method.SIGNATURE),
        (makers.eml, "fmt/950", Method.SIGNATURE),
        (makers.zip_file, "x-fmt/263", Method.CONTAINER),
        (makers.text, "x-fmt/111", Method.TEXT),
        (makers.docx_locked, "fmt/494", Method.CONTAINER),
    ],
)
def test_a_format_is_known_by_its_bytes(
    pool: Pool, tmp_path: Path, make: object, puid: str, method: Method
) -> None:
    seen = identified(pool, make(tmp_path))  # type: ignore[operator]

    assert (seen.puid, seen.method, seen.error, codes(seen)) == (puid, method, "", [])
    assert seen.engine.startswith("siegfried 1.")
    assert "DROID_SignatureFile" in seen.signatures


def test_the_senders_extension_counts_and_not_that_of_the_staged_file(
    pool: Pool, tmp_path: Path
) -> None:
    staged = makers.text(tmp_path, "a;b\n1;2\n", "000001")

    assert identified(pool, staged, "export/lijst.csv").puid == "x-fmt/18"
    assert identified(pool, staged, "export/lijst.txt").puid == "x-fmt/111"


@pytest.mark.parametrize(
    "name", [os.fsdecode(b"\xe9\xff.pdf"), "a\nb.pdf", "../../etc/x.pdf", "x" * 300 + ".pdf"]
)
def test_an_odd_name_does_no_harm(pool: Pool, tmp_path: Path, name: str) -> None:
    good = makers.png(tmp_path)
    odd = makers.pdfa(tmp_path, "000002")

    seen = list(identify_files(pool, [(good, "foto.png"), (odd, name), (good, "foto.png")]))

    assert [(each.path, each.puid) for each in seen] == [
        ("foto.png", "fmt/11"),
        (name, "fmt/477"),
        ("foto.png", "fmt/11"),
    ]


def test_a_staged_name_that_is_not_unicode_does_no_harm(pool: Pool, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9\xff.pdf"))
    path.write_bytes(makers.typst_pdf("a-2b"))

    assert identified(pool, path).puid == "fmt/477"


def unknown(folder: Path) -> tuple[Path, str]:
    return makers.pdf_cut(folder), "half.pdf"


def mismatch(folder: Path) -> tuple[Path, str]:
    return makers.pdfa(folder), "besluit.doc"


def empty(folder: Path) -> tuple[Path, str]:
    return makers.text(folder, b""), "leeg.txt"


def bomb(folder: Path) -> tuple[Path, str]:
    return makers.docx_bomb(folder), "bom.docx"


def missing(folder: Path) -> tuple[Path, str]:
    return folder / "nergens.pdf", "nergens.pdf"


def fifo(folder: Path) -> tuple[Path, str]:
    os.mkfifo(folder / "pijp.pdf")
    return folder / "pijp.pdf", "pijp.pdf"


def endless(folder: Path) -> tuple[Path, str]:
    (folder / "nul.pdf").symlink_to("/dev/zero")
    return folder / "nul.pdf", "nul.pdf"


def weak(folder: Path) -> tuple[Path, str]:
    return makers.text(folder, bytes(range(256)) * 9), "x.bin"


@pytest.mark.parametrize(
    ("code", "make"),
    [
        ("F301", unknown),
        ("F302", mismatch),
        ("F304", empty),
        ("F305", bomb),
        ("F307", missing),
        ("F308", fifo),
        ("F309", endless),
        ("F310", weak),
    ],
)
def test_what_is_wrong_has_its_code(pool: Pool, tmp_path: Path, code: str, make: object) -> None:
    path, name = make(tmp_path)  # type: ignore[operator]

    seen = identified(pool, path, name)

    assert codes(seen) == [code]
    assert name in explain(seen.findings[0], "nl").text
    assert name in explain(seen.findings[0], "en").text


def test_F306_a_file_over_which_the_engine_gives_up_is_told_and_the_next_one_goes_on(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = makers.png(tmp_path)
    monkeypatch.setattr("formats.identify.SECONDS_PER_FILE", 0.0)
    first = identified(pool, good)
    monkeypatch.undo()

    assert (first.puid, codes(first)) == ("", ["F306"])
    assert "timeout" in first.error
    assert identified(pool, good).puid == "fmt/11"


def test_an_empty_file_has_no_puid(pool: Pool, tmp_path: Path) -> None:
    seen = identified(pool, *empty(tmp_path))

    assert (seen.puid, seen.method) == ("", Method.NONE)


def test_a_second_sense_is_asked_only_where_the_engine_is_unsure(
    pool: Pool, tmp_path: Path
) -> None:
    assert identified(pool, makers.png(tmp_path)).hints == ()
    assert identified(pool, *unknown(tmp_path)).hints == ("application/pdf", "binary")
    assert identified(pool, makers.text(tmp_path)).hints == ("text/plain", "us-ascii")


@pytest.mark.parametrize(
    "head", [b"", b"%PDF-1.4\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_five_gigabytes_of_nothing_are_soon_looked_at(
    pool: Pool, tmp_path: Path, head: bytes
) -> None:
    path = tmp_path / "leeg.pdf"
    with path.open("wb") as stream:
        stream.write(head)
        stream.truncate(5 << 30)
    started = time.monotonic()

    seen = identified(pool, path)

    assert time.monotonic() - started < 10
    assert seen.scanned == "head+tail 2x1048576"


def test_a_big_file_is_known_by_its_ends(pool: Pool, tmp_path: Path) -> None:
    path = tmp_path / "groot.wav"
    with path.open("wb") as stream:
        stream.write(
            b"RIFF" + (100 << 20).to_bytes(4, "little") + b"WAVEfmt \x10\x00\x00\x00\x01\x00"
        )
        stream.truncate(100 << 20)

    assert identified(pool, path).mime.startswith("audio/")


def test_eight_threads_get_the_same_answers(pool: Pool, tmp_path: Path) -> None:
    files = [
        (make(tmp_path), make.__name__)
        for make in (makers.pdfa, makers.docx_file, makers.png, makers.eml, makers.tiff)
    ]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: list(identify_files(pool, files)), range(8)))

    assert answers == [answers[0]] * 8


def test_the_engine_is_never_loaded_in_this_process() -> None:
    assert "pygfried" not in sys.modules
    assert "formats.siegfried" not in sys.modules


@pytest.mark.parametrize(
    ("claimed", "wrong"),
    [
        ("application/pdf", False),
        ("application/x-pdf", False),
        ("APPLICATION/PDF; charset=binary", False),
        ("application/octet-stream", False),
        ("", False),
        (None, False),
        ("PDF", False),
        ("application/msword", True),
    ],
)
def test_F303_a_claimed_type_is_compared_with_the_format_found(
    claimed: str | None, wrong: bool
) -> None:
    seen = Identification("besluit.pdf", puid="fmt/477", mime="application/pdf")

    found = check_claims(seen, claimed, "zaak/besluit.pdf")

    assert [(each.code, each.where) for each in found] == (
        [("F303", "zaak/besluit.pdf")] if wrong else []
    )


@pytest.mark.parametrize(
    ("claimed", "found"),
    [
        ("text/xml", "application/xml"),
        ("text/csv", "text/plain"),
        ("application/xml", "image/svg+xml"),
        ("text/plain", "text/html"),
    ],
)
def test_names_of_one_type_are_not_a_difference(claimed: str, found: str) -> None:
    assert check_claims(Identification("x", mime=found), claimed, "x") == []


def test_a_bomb_is_not_opened_by_the_examination_either(pool: Pool, tmp_path: Path) -> None:
    path, name = bomb(tmp_path)
    seen = identified(pool, path, name)

    examination = next(iter(examine_files(pool, [(path, name, seen)])))

    assert (examination.validity, examination.findings) == (Validity.NOT_CHECKED, ())
    assert examination.detail == seen.error
