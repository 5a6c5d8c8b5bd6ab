"""A list as a workbook: a sheet that tells of the list, one with every item, one with who left."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from edepot.disposal_documents.columns import Column, heading
from edepot.disposal_documents.told import ListTold
from edepot.fixity_report.sheet import MAX_CELL
from edepot.messages import Words
from formats.spelling import shown
from retention.list_reading import Item

MAX_ROWS = 1_048_570
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_xlsx(  # noqa: PLR0913, PLR0917 - the values, the items, and where they go
    told: ListTold,
    items: Iterable[Item],
    columns: Sequence[Column],
    target: Path,
    words: Words,
    at: datetime,
) -> None:
    """The workbook in a new file; every cell is a text or a number. Items are read one by one."""
    book = xlsxwriter.Workbook(str(target), _OPTIONS)
    try:
        created = at.replace(tzinfo=None, microsecond=0)
        book.set_properties({"title": told.title, "subject": told.id, "created": created})
        styles = _styles(book)
        _write_about(book, told, styles, words)
        _write_items(book, items, columns, styles, words)
    finally:
        book.close()


def _styles(book: Any) -> dict[str, Any]:
    head = {"bold": True, "bg_color": "#154273", "font_color": "#FFFFFF", "text_wrap": True}
    return {
        "head": book.add_format(head | {"valign": "top"}),
        "personal": book.add_format(head | {"valign": "top", "bg_color": "#6F4A00"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "bold": book.add_format({"bold": True, "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
        "number": book.add_format({"valign": "top", "num_format": "#,##0", "align": "right"}),
    }


def _write_about(book: Any, told: ListTold, styles: dict[str, Any], words: Words) -> None:
    sheet = book.add_worksheet(words("disposal_list.sheet.about"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 5, 34)
    _text(sheet, 0, 0, told.title, styles["title"])
    _text(sheet, 1, 0, told.notice, styles["bold"])
    row = 3
    for name, value in told.facts:
        _text(sheet, row, 0, name, styles["bold"])
        _text(sheet, row, 1, value, styles["text"])
        row += 1
    for grid in (told.people, told.rules, told.left):
        if not grid.rows:
            continue
        row += 1
        _text(sheet, row, 0, grid.title, styles["bold"])
        row += 1
        for column, each in enumerate(grid.headings):
            _text(sheet, row, column, each, styles["head"])
        for cells in grid.rows:
            row += 1
            for column, cell in enumerate(cells):
                _text(sheet, row, column, cell, styles["text"])
        row += 1
    _for_print(sheet)


def _write_items(
    book: Any,
    items: Iterable[Item],
    columns: Sequence[Column],
    styles: dict[str, Any],
    words: Words,
) -> None:
    sheet = book.add_worksheet(words("disposal_list.sheet.items"))
    for number, each in enumerate(columns):
        sheet.set_column(number, number, each.width)
        style = styles["personal" if each.personal else "head"]
        _text(sheet, 0, number, heading(each, words), style)
    row = 0
    for item in items:
        if row >= MAX_ROWS:
            break
        row += 1
        for number, each in enumerate(columns):
            value = each.read(item)
            if isinstance(value, int):
                sheet.write_number(row, number, value, styles["number"])
            elif value:
                _text(sheet, row, number, value, styles["text"])
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(row, 1), len(columns) - 1)
    sheet.repeat_rows(0)
    _for_print(sheet)


def _text(sheet: Any, row: int, column: int, value: str, style: Any) -> None:
    """A cell that is text and nothing else; hidden signs are made visible, overlong text is cut."""
    text = "\n".join(shown(line) for line in value.split("\n"))
    if len(text) > MAX_CELL:
        text = f"{text[: MAX_CELL - 1]}…"
    sheet.write_string(row, column, text, style)


def _for_print(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
