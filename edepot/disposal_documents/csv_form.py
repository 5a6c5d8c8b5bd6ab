"""A list as CSV: UTF-8, a fixed order of columns, and no cell that a spreadsheet takes for more."""

import csv
from collections.abc import Iterable
from pathlib import Path

from edepot.disposal_documents.columns import Cell, Column, heading
from edepot.messages import Words
from retention.list_reading import Item

MAKES_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(
    items: Iterable[Item], columns: tuple[Column, ...], target: Path, words: Words
) -> None:
    """The file, item by item. It begins with the sign by which a spreadsheet knows UTF-8."""
    with target.open("w", encoding="utf-8-sig", newline="") as stream:
        rows = csv.writer(stream, delimiter=";", quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        rows.writerow([heading(each, words) for each in columns])
        for item in items:
            rows.writerow([harmless(each.read(item)) for each in columns])


def harmless(value: Cell) -> Cell:
    """A cell that is a text to a spreadsheet too: an apostrophe before what begins a formula."""
    if isinstance(value, str) and value.startswith(MAKES_A_FORMULA):
        return f"'{value}"
    return value
