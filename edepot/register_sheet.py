"""Tables of the register for a spreadsheet program, out and in again: CSV and XLSX.

No cell of what we write is ever a formula. What comes in is read in a child process, and formulas
in it are not evaluated.
"""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from edepot.disposal_documents.csv_form import harmless
from edepot.errors import PathMissing, TableUnreadable
from formats.tools import open_pool
from ingest.spreadsheet import Row, Share, SheetRequest, is_spreadsheet, read_sheet

WIDTH = 22
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

Cell = str | int


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]], target: Path) -> int:
    """The table as CSV, row by row; how many rows. It begins with the sign of UTF-8."""
    count = 0
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        out = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        out.writerow(header)
        for row in rows:
            out.writerow([harmless(each) for each in row])
            count += 1
    return count


def write_xlsx(header: Sequence[str], rows: Iterable[Sequence[Cell]], target: Path) -> int:
    """The table as a workbook, row by row; how many rows. Every cell is a text or a number."""
    count = 0
    book = xlsxwriter.Workbook(str(target), OPTIONS)
    try:
        head = book.add_format({"bold": True, "bg_color": "#154273", "font_color": "#FFFFFF"})
        text = book.add_format({"quote_prefix": True, "num_format": "@"})
        sheet = book.add_worksheet("edepot")
        sheet.set_column(0, len(header) - 1, WIDTH, text)
        for column, name in enumerate(header):
            sheet.write_string(0, column, name, head)
        for count, row in enumerate(rows, 1):
            _write_row(sheet, count, row, text)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(header) - 1)
    finally:
        book.close()
    return count


def _write_row(sheet: Any, number: int, row: Sequence[Cell], text: Any) -> None:
    for column, value in enumerate(row):
        if isinstance(value, int):
            sheet.write_number(number, column, value)
        elif value:
            sheet.write_string(number, column, value, text)


def read_table(path: Path) -> tuple[tuple[str, ...], list[tuple[int, tuple[str, ...]]], str]:
    """A table that a person filled in: its header, its numbered rows, the SHA-256 of the file.

    Raises: PathMissing; TableUnreadable.
    """
    if not path.is_file():
        raise PathMissing(path=path)
    if not is_spreadsheet(path.name):
        raise TableUnreadable(file=path.name, row=0, detail=".csv, .tsv, .xlsx")
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    with open_pool(1) as pool:
        for share in read_sheet(SheetRequest(str(path.resolve())), pool):
            if not isinstance(share, Share):
                raise TableUnreadable(file=path.name, row=0, detail=type(share).__name__)
            if share.faults:
                fault = share.faults[0]
                detail = f"{fault.kind} {fault.detail}".strip()
                raise TableUnreadable(file=path.name, row=fault.row, detail=detail)
            header = header or share.header
            rows += share.rows
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return header, [(each.number, each.cells) for each in rows], digest
