"""Spreadsheets are read as rows of text in any separator and encoding, within limits."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from ingest import spreadsheet
from ingest.spreadsheet import SheetRequest, read_share, read_sheet

HEADER = "Zaak;Titel;Bestand"
ROW = ("Z-1", "Café 't Hoekje", "a.txt")


def shares(folder, content, pool, **more):
    path = folder / "sheet"
    path.write_bytes(content)
    return list(read_sheet(SheetRequest(str(path), **more), pool))


def cells(found):
    return [row.cells for share in found for row in share.rows]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_separator_and_encoding_are_found_out(separator, encoding, line, pool, tmp_path):
    text = line.join((HEADER.replace(";", separator), separator.join(ROW), ""))

    (share,) = found = shares(tmp_path, text.encode(encoding), pool)

    assert share.header == ("Zaak", "Titel", "Bestand")
    assert cells(found) == [ROW]
    assert share.faults == ()


def test_the_separator_is_the_one_that_gives_the_wanted_columns(pool, tmp_path):
    text = "Zaak, of nummer, of kenmerk;Titel;Bestand\nZ-1;a,b,c;d\n"

    (share,) = shares(tmp_path, text.encode(), pool, wanted=("Titel", "Bestand"))

    assert share.separator == ";"


def test_quotes_empty_lines_and_line_breaks_in_cells_are_read(pool, tmp_path):
    text = 'Zaak;Titel;Bestand\r\n\r\nZ-1;"een ""grote"" zaak;\r\ntwee";a.txt\r\n;;\r\nZ-2;;\r\n'

    (share,) = shares(tmp_path, text.encode(), pool)

    assert [(row.number, row.cells) for row in share.rows] == [
        (3, ("Z-1", 'een "grote" zaak;\r\ntwee', "a.txt")),
        (5, ("Z-2", "", "")),
    ]


def test_a_header_may_stand_lower(pool, tmp_path):
    text = f"Export van 1-1-2026\n\n{HEADER}\nZ-1;a;b\n"

    (share,) = shares(tmp_path, text.encode(), pool, header_row=3)

    assert [(row.number, row.cells) for row in share.rows] == [(4, ("Z-1", "a", "b"))]


def test_a_large_sheet_comes_in_shares_that_hold_every_row_once(tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "SHARE_CHARACTERS", 1_000)
    path = tmp_path / "sheet"
    rows = [f"Z-{number};titel;pad" for number in range(500)]
    path.write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    start, numbers, count = 0, [], 0

    while True:
        share = read_share({"staged": str(path), "start": start})
        numbers += [row["number"] for row in share["rows"]]
        count += 1
        start = share["following"]
        if not start:
            break

    assert numbers == list(range(2, 502))
    assert count > 5


def workbook(rows, **sheets) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for title, more in sheets.items():
        sheet = book.create_sheet(title)
        for row in more:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_gives_texts_numbers_and_dates_as_text(pool, tmp_path):
    content = workbook(
        [
            ("Zaak", "Datum", "Tijd", "Getal", "Breuk", "Waar"),
            ("Z-1", date(2020, 2, 1), datetime(2020, 2, 1, 10, 11), 12.0, 1.5, True),
        ]
    )

    found = shares(tmp_path, content, pool)

    assert cells(found) == [("Z-1", "2020-02-01", "2020-02-01T10:11:00", "12", "1.5", "WAAR")]


def test_a_sheet_is_found_by_its_name_or_told_to_be_missing(pool, tmp_path):
    content = workbook([("x",)], Zaken=[("Zaak",), ("Z-1",)])

    assert cells(shares(tmp_path, content, pool, sheet="Zaken")) == [("Z-1",)]
    (missing,) = shares(tmp_path, content, pool, sheet="Stukken")
    assert [(each.kind, each.detail) for each in missing.faults] == [("no_sheet", "Sheet, Zaken")]


def test_formulas_are_counted_and_never_evaluated(pool, tmp_path):
    content = workbook([("Zaak", "Som"), ("Z-1", "=1+1"), ("Z-2", '=HYPERLINK("http://x")')])

    (share,) = found = shares(tmp_path, content, pool)

    assert share.formulas == 2
    assert cells(found) == [("Z-1", ""), ("Z-2", "")]


def altered(content: bytes, name: str, change) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for each in old.namelist():
            body = old.read(each)
            new.writestr(each, change(body) if each == name else body)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 geen zip",
        altered(
            workbook([("a",)]),
            "xl/worksheets/sheet1.xml",
            lambda b: b.replace(b"<worksheet", b'<!DOCTYPE x [<!ENTITY e "e">]><worksheet', 1),
        ),
        altered(workbook([("a",)]), "xl/worksheets/sheet1.xml", lambda _: b"<worksheet>"),
        altered(workbook([("a",)]), "xl/workbook.xml", lambda _: b"<x/>"),
        altered(
            workbook([("a",)]), "xl/worksheets/sheet1.xml", lambda b: b.decode().encode("utf-16")
        ),
    ],
    ids=["no zip", "doctype", "cut off", "no workbook", "utf-16"],
)
def test_a_workbook_that_is_not_one_is_unreadable(content, pool, tmp_path):
    (share,) = shares(tmp_path, content, pool)

    assert share.rows == ()
    assert [each.kind for each in share.faults] == ["unreadable"]


def test_a_workbook_that_inflates_too_far_is_refused(pool, tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)

    (share,) = shares(tmp_path, stream.getvalue(), pool)

    assert [each.kind for each in share.faults] == ["unreadable"]
