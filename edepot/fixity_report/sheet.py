"""The report as a workbook, with every problem: each cell is text or a number, never a formula."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from edepot.fixity_report.cards import found_text
from edepot.fixity_report.grid import Grid
from edepot.fixity_report.summary import ProblemCopy, Summary
from edepot.fixity_report.told import Told, happening_row
from edepot.messages import Words
from formats.findings import Finding, explain
from formats.spelling import shown

MAX_CELL = 32_767
MAX_ROWS = 1_048_570
PROBLEMS = (
    ("store", 18), ("zorgdrager", 22), ("outcome", 16), ("aip", 38), ("version", 8),
    ("dossier", 44), ("key", 60), ("size", 14), ("checked", 18), ("code", 8), ("found", 70),
    ("advice", 60), ("repair", 16),
)  # fmt: skip
HISTORY = (("aip", 38), ("dossier", 40), ("at", 18), ("what", 40), ("store", 18), ("run", 18),
           ("detail", 30))  # fmt: skip

Remarked = tuple[str, str, Finding]
"""A remark: store, zorgdrager, what was found."""


def write_xlsx(  # noqa: PLR0913, PLR0917 - the streams beside the values
    told: Told,
    summary: Summary,
    copies: Iterable[ProblemCopy],
    remarks: Iterable[Remarked],
    target: Path,
    words: Words,
    at: datetime,
) -> None:
    """The workbook in a new file; `copies` and `remarks` are read one by one, never held."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(str(target), options)
    try:
        book.set_properties(
            {
                "title": f"{told.title} {told.run}",
                "keywords": told.mark,
                "created": at.replace(tzinfo=None, microsecond=0),
            }
        )
        styles = _styles(book)
        _write_summary(book, told, styles, words)
        _write_coverage(book, told, styles, words)
        _write_problems(book, summary, copies, remarks, styles, words)
        _write_history(book, summary, styles, words)
    finally:
        book.close()


def _styles(book: Any) -> dict[str, Any]:
    head = {"bold": True, "bg_color": "#154273", "font_color": "#FFFFFF", "text_wrap": True}
    return {
        "head": book.add_format(head | {"valign": "top"}),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "bold": book.add_format({"bold": True, "valign": "top"}),
        "text": book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True}),
        "number": book.add_format({"valign": "top", "num_format": "#,##0", "align": "right"}),
    }


def _write_summary(book: Any, told: Told, styles: dict[str, Any], words: Words) -> None:
    sheet = book.add_worksheet(words("fixity_report.sheet.summary"))
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 90)
    _text(sheet, 0, 0, told.title, styles["title"])
    lines = [("", told.notice), ("", told.headline), ("", told.sentence), ("", told.further)]
    row = 2
    for name, value in (*lines, *told.facts, *((e.label, e.number) for e in told.tiles)):
        if value:
            _text(sheet, row, 0, name, styles["bold"])
            _text(sheet, row, 1, value, styles["text"])
            row += 1
    row += 1
    _text(sheet, row, 0, words("fixity_report.card.title"), styles["head"])
    _text(sheet, row, 1, "", styles["head"])
    for each in told.cards:
        row += 1
        _text(sheet, row, 0, each.title, styles["text"])
        said = [each.meaning, each.advice, each.command]
        _text(sheet, row, 1, "\n".join(one for one in said if one), styles["text"])
    if not told.cards:
        _text(sheet, row + 1, 0, words("fixity_report.card.none"), styles["text"])
    _for_print(sheet)


def _write_coverage(book: Any, told: Told, styles: dict[str, Any], words: Words) -> None:
    sheet = book.add_worksheet(words("fixity_report.sheet.coverage"))
    row = _write_grid(sheet, 0, told.coverage, styles)
    for figure in told.figures:
        _text(sheet, row + 1, 0, figure.title, styles["title"])
        row = _write_grid(sheet, row + 2, figure.grid, styles)
    sheet.set_column(0, 1, 30)
    sheet.set_column(2, 12, 14)
    _for_print(sheet)


def _write_problems(  # noqa: PLR0913, PLR0917 - the same
    book: Any,
    summary: Summary,
    copies: Iterable[ProblemCopy],
    remarks: Iterable[Remarked],
    styles: dict[str, Any],
    words: Words,
) -> None:
    sheet = book.add_worksheet(words("fixity_report.sheet.problems"))
    _head(sheet, PROBLEMS, styles, words)
    row = 0
    for copy in copies:
        if row >= MAX_ROWS:
            break
        row += 1
        _write_row(sheet, row, _problem_row(copy, summary, words), styles)
    for store, zorgdrager, found in remarks:
        if row >= MAX_ROWS:
            break
        row += 1
        _write_row(sheet, row, _remark_row(store, zorgdrager, found, summary, words), styles)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(row, 1), len(PROBLEMS) - 1)
    sheet.repeat_rows(0)
    _for_print(sheet)


def _problem_row(copy: ProblemCopy, summary: Summary, words: Words) -> Sequence[str | int]:
    advice = explain(copy.findings[0], words.language.value).advice if copy.findings else ""
    return (
        summary.name(copy.store),
        summary.name(copy.zorgdrager),
        words(f"fixity_report.tile.{copy.outcome.value}"),
        copy.aip_id,
        copy.version if copy.aip_id else "",
        copy.title,
        copy.key,
        copy.size_bytes,
        words.instant(copy.checked_at) if copy.checked_at else "",
        ", ".join(dict.fromkeys(each.code for each in copy.findings)),
        found_text(copy.findings, f"{copy.store}, {copy.key}", words),
        advice,
        words(f"fixity_report.repair.{copy.repair}") if copy.repair else "",
    )


def _remark_row(
    store: str, zorgdrager: str, found: Finding, summary: Summary, words: Words
) -> Sequence[str | int]:
    told = explain(found, words.language.value)
    kind = words("fixity_report.column.remark")
    names = (summary.name(store), summary.name(zorgdrager), kind)
    return (*names, "", "", "", found.where, "", "", found.code, told.text, told.advice, "")


def _write_history(book: Any, summary: Summary, styles: dict[str, Any], words: Words) -> None:
    sheet = book.add_worksheet(words("fixity_report.sheet.history"))
    _head(sheet, HISTORY, styles, words)
    row = 0
    for history in summary.histories:
        for each in history.happenings:
            row += 1
            values = (history.aip_id, history.title, *happening_row(each, words))
            _write_row(sheet, row, values, styles)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(row, 1), len(HISTORY) - 1)
    _for_print(sheet)


def _head(
    sheet: Any, columns: Sequence[tuple[str, int]], styles: dict[str, Any], words: Words
) -> None:
    for column, (key, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        _text(sheet, 0, column, words(f"fixity_report.column.{key}"), styles["head"])


def _write_grid(sheet: Any, row: int, grid: Grid, styles: dict[str, Any]) -> int:
    """Write a table; gives the row after it."""
    for column, each in enumerate(grid.columns):
        _text(sheet, row, column, each.heading, styles["head"])
    for cells in grid.rows:
        row += 1
        for column, cell in enumerate(cells):
            _text(sheet, row, column, cell, styles["text"])
    if grid.foot:
        row += 1
        for column, cell in enumerate(grid.foot):
            _text(sheet, row, column, cell, styles["bold"])
    return row + 1


def _write_row(sheet: Any, row: int, values: Sequence[str | int], styles: dict[str, Any]) -> None:
    for column, value in enumerate(values):
        if isinstance(value, int):
            sheet.write_number(row, column, value, styles["number"])
        elif value:
            _text(sheet, row, column, value, styles["text"])


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
