"""Files that are no selection list, or want to do harm: refused as a whole, never half read."""

import io
import json
import random
import zipfile

import openpyxl
import pytest

from retention.errors import ListFileInvalid
from retention.list_import import About, ReadList, read_list_file
from retention.list_words import NotInWords, read_retention_term

ABOUT = About("2028", "Selectielijst 2028", "Stcrt. 2028, 1", "")
HEADS = ("Procestypenaam", "Nr.", "Resultaat", "Herkomst", "Waardering", "Procestermijn",
         "Bewaartermijn")  # fmt: skip
ROW = ("Geschillen", "13.1", "Afgehandeld", "x", "Vernietigen", "Nihil", "5 jaar")
SHEET = "xl/worksheets/sheet1.xml"
SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ENTITY = (
    f'<!DOCTYPE x [<!ENTITY a "13.1">]><worksheet xmlns="{SPREADSHEET}"><sheetData>'
    '<row r="1"><c t="inlineStr"><is><t>&a;</t></is></c></row></sheetData></worksheet>'
)


def workbook() -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for each in (HEADS, ROW):
        book.active.append(list(each))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.namelist():
            new.writestr(each, content if each == name else old.read(each))
    return out.getvalue()


def read(content: bytes, name: str = "lijst.xlsx") -> ReadList:
    return read_list_file(name, content, ABOUT)


def result(**more: object) -> dict[str, object]:
    return {"procesType": "p/1", "volledigNummer": "13.1", "naam": "Afgehandeld",
            "waardering": "vernietigen", "procestermijn": "nihil", "bewaartermijn": "P6W",
            "herkomst": "x"} | more  # fmt: skip


@pytest.mark.parametrize(
    ("part", "content"),
    [
        (SHEET, b"<worksheet"),
        (SHEET, ENTITY.encode()),
        (SHEET, ENTITY.encode("utf-16")),
        ("xl/workbook.xml", b"<x/>"),
        ("xl/_rels/workbook.xml.rels", b"<x/>"),
        ("[Content_Types].xml", b"<x/>"),
    ],
)
def test_a_workbook_with_a_part_that_is_wrong_is_refused(part: str, content: bytes) -> None:
    assert read(with_part("none", b"")).version is not None

    with pytest.raises(ListFileInvalid):
        read(with_part(part, content))


def test_a_workbook_with_any_damage_is_read_whole_or_refused() -> None:
    good, chance = workbook(), random.Random(4)
    rules = read(good).version
    assert rules is not None
    for _ in range(150):
        torn = bytearray(good)
        for _each in range(chance.randint(1, 6)):
            torn[chance.randrange(4, len(torn))] = chance.randrange(256)
        try:
            found = read(bytes(torn))
        except ListFileInvalid:
            continue
        assert found.version is None or found.version.rules == rules.rules


@pytest.mark.parametrize(
    "content",
    [
        ";".join(HEADS).encode() + b"\n13.1;" + b"a" * 200_000,
        "Nr.;x".encode("utf-16"),
        json.dumps({"count": 346, "next": "https://x?page=2", "results": [result()]}).encode(),
        json.dumps(["a"]).encode(),
        json.dumps({"results": "abc"}).encode(),
        b"{}",
    ],
)
def test_what_is_not_whole_is_refused(content: bytes) -> None:
    with pytest.raises(ListFileInvalid):
        read(content)


@pytest.mark.parametrize(
    "text", ["direct na 5 jaar", "onmiddellijk of 5 jaar", "Direct, tenzij", "P1.5Y", "terstond"]
)
def test_at_once_is_never_read_into_a_longer_text(text: str) -> None:
    with pytest.raises(NotInWords):
        read_retention_term(text)


def test_of_the_api_only_the_results_of_the_year_are_taken() -> None:
    said = {
        "procestypen": [
            {"url": "p/1", "naam": "Geschillen", "jaar": 2028},
            {"url": "p/2", "naam": "Oud", "jaar": 2020},
        ],
        "resultaten": [result(), result(procesType="p/2", bewaartermijn="P1Y")],
    }

    found = read(json.dumps(said).encode()).version

    assert found is not None
    assert [(each.category.process, each.category.retention_term) for each in found.rules] == [
        ("Geschillen", "P6W")
    ]
