"""Spreadsheets as rows of text: CSV in any separator and encoding, and XLSX; read in a child.

Formulas are never evaluated: of an XLSX the values that were stored last are read. Cells come
as text; a date in XLSX as yyyy-mm-dd. Row numbers are those that a spreadsheet program shows.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from formats.findings import Severity, has_errors
from formats.limits import Limits
from formats.outcomes import Failed
from formats.plain import from_plain, to_plain
from formats.tools import Done, Pool
from formats.zipdoc import ZipLimits, read_directory

MAX_BYTES = 512 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_CELL_CHARACTERS = 100_000
SHARE_CHARACTERS = 12_000_000
SNIFF_ROWS = 20

ZIP_MARK = b"PK\x03\x04"
BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
SEPARATORS = (";", "\t", ",", "|")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)
CONTROL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

SHEET_LIMITS = Limits(seconds=300.0)
WORKBOOK_LIMITS = ZipLimits(max_members=10_000, max_bytes=4 * 1024**3, max_member_bytes=4 * 1024**3)


@dataclass(frozen=True, slots=True)
class SheetRequest:
    """What to read: "" and "auto" are found out by looking. `wanted` are names of columns that
    help to find the separator; `start` is the first row to give, counted from 1."""

    staged: str
    separator: str = ""
    encoding: str = "auto"
    sheet: str = ""
    header_row: int = 1
    wanted: tuple[str, ...] = ()
    start: int = 0


@dataclass(frozen=True, slots=True)
class SheetFault:
    """Why a sheet, or one row of it, cannot be read. `kind` is one of the fault names below."""

    kind: str
    row: int
    detail: str


ENCODING, UNREADABLE, LIMIT, WIDE, CONTROLS, NO_SHEET = (
    "encoding",
    "unreadable",
    "limit",
    "wide",
    "controls",
    "no_sheet",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number, and its cells as text, as many as the header has."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a sheet. `following` is where the next share starts; 0: this is the last."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[SheetFault, ...]
    formulas: int
    encoding: str
    separator: str
    following: int


def read_sheet(request: SheetRequest, pool: Pool) -> Iterator[Share | Failed]:
    """The sheet in shares of some megabytes, in order; a Failed ends it."""
    start = request.start
    while True:
        argument = to_plain(request) | {"start": start}
        outcome = pool.call("ingest.spreadsheet:read_share", argument, limits=SHEET_LIMITS)
        if not isinstance(outcome, Done):
            yield outcome
            return
        share = from_plain(Share, outcome.value)
        yield share
        start = share.following
        if not start:
            return


def read_share(argument: dict[str, Any]) -> Any:
    """In the child: one share of the sheet that the request names."""
    request = from_plain(SheetRequest, argument)
    path = Path(request.staged)
    if path.stat().st_size > MAX_BYTES:
        return to_plain(_nothing(SheetFault(LIMIT, 0, f"> {MAX_BYTES} bytes")))
    with path.open("rb") as stream:
        mark = stream.read(len(ZIP_MARK))
    return to_plain(_read_xlsx(request) if mark == ZIP_MARK else _read_csv(request))


def is_spreadsheet(path: str) -> bool:
    """Whether a file's name is that of a spreadsheet that we can read."""
    return path.lower().endswith((".csv", ".tsv", ".xlsx"))


def _nothing(fault: SheetFault) -> Share:
    return Share((), (), (fault,), 0, "", "", 0)


def _read_csv(request: SheetRequest) -> Share:
    content = Path(request.staged).read_bytes()
    decoded = _decode(content, request.encoding)
    if isinstance(decoded, SheetFault):
        return _nothing(decoded)
    text, encoding = decoded
    separator = request.separator or _separator(text, request.wanted, request.header_row)
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    return _share(enumerate(_counted(rows), 1), request, encoding, separator, 0)


def _decode(content: bytes, encoding: str) -> tuple[str, str] | SheetFault:
    bom = next((name for mark, name in BOMS if content.startswith(mark)), None)
    tried = [bom] if bom else [encoding] if encoding != "auto" else ["utf-8", "windows-1252"]
    for name in tried:
        try:
            return content.decode(name), name
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            fault = SheetFault(ENCODING, line, f"{name}: 0x{content[error.start]:02x}")
    return fault


def _separator(text: str, wanted: Sequence[str], header_row: int) -> str:
    """The sign that gives most of the wanted columns; else most columns of the same number."""
    head = "".join(io.StringIO(text, newline="").readlines(65_536)[: header_row + SNIFF_ROWS])
    return max(SEPARATORS, key=lambda sign: _score(head, sign, wanted, header_row))


def _score(head: str, sign: str, wanted: Sequence[str], header_row: int) -> tuple[int, int]:
    try:
        rows = list(csv.reader(io.StringIO(head, newline=""), delimiter=sign))
    except csv.Error:
        return (0, 0)
    header = rows[header_row - 1] if len(rows) >= header_row else []
    names = {cell.strip().casefold() for cell in header}
    return (sum(name.strip().casefold() in names for name in wanted), len(header))


class _Unreadable:
    """A row that the reader refuses, and why."""

    def __init__(self, kind: str, detail: str) -> None:
        self.kind = kind
        self.detail = detail


def _counted(rows: Iterator[list[str]]) -> Iterator[Sequence[Any] | _Unreadable]:
    """The rows of a CSV reader; one that it refuses ends them, as what follows is uncertain."""
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            kind = LIMIT if "field larger" in str(error) else UNREADABLE
            yield _Unreadable(kind, str(error))
            return


def _read_xlsx(request: SheetRequest) -> Share:
    # Imported here: only the child that reads a workbook pays for it.
    import openpyxl  # noqa: PLC0415
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        fault, formulas = _inspect_workbook(request.staged)
        if fault is not None:
            return _nothing(fault)
        # A stream, as openpyxl goes by the name of a file otherwise.
        with Path(request.staged).open("rb") as stream:
            book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
            if request.sheet and request.sheet not in book.sheetnames:
                return _nothing(SheetFault(NO_SHEET, 0, ", ".join(book.sheetnames)))
            sheet = book[request.sheet] if request.sheet else book.worksheets[0]
            sheet.reset_dimensions()
            rows = enumerate(sheet.iter_rows(values_only=True), 1)
            return _share(rows, request, "", "", formulas)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        SyntaxError,  # what both XML parsers raise for XML that is none
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        OSError,
        NotImplementedError,
    ) as error:
        return _nothing(SheetFault(UNREADABLE, 0, f"{type(error).__name__}: {error}"[:300]))


def _inspect_workbook(staged: str) -> tuple[SheetFault | None, int]:
    """Refuse a workbook that inflates too far or holds a DOCTYPE; count the formulas."""
    path = Path(staged)
    with path.open("rb") as stream:
        _, findings = read_directory(stream, path.stat().st_size, WORKBOOK_LIMITS)
    if has_errors(findings):
        first = next(each for each in findings if each.severity is Severity.ERROR)
        return SheetFault(UNREADABLE, 0, f"{first.code} {first.found}".strip()), 0
    formulas = 0
    with zipfile.ZipFile(staged) as packed:
        for each in packed.infolist():
            if each.filename.lower().endswith((".xml", ".rels")):
                found = _scan_part(packed, each)
                if found is None:
                    return SheetFault(UNREADABLE, 0, f"{each.filename}: DOCTYPE"), 0
                formulas += found if "worksheets/" in each.filename else 0
    return None, formulas


def _scan_part(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> int | None:
    """The number of formulas in a part; None when it has a DOCTYPE (or hides one in UTF-16)."""
    formulas = 0
    tail = b""
    with packed.open(member) as stream:
        while chunk := stream.read(1024 * 1024):
            block = tail + chunk
            if DOCTYPE.search(block) or (not tail and block[:2] in (b"\xff\xfe", b"\xfe\xff")):
                return None
            formulas += len(FORMULA.findall(block)) - len(FORMULA.findall(tail))
            tail = block[-16:]
    return formulas


def _share(
    numbered: Iterator[tuple[int, Sequence[Any] | _Unreadable]],
    request: SheetRequest,
    encoding: str,
    separator: str,
    formulas: int,
) -> Share:
    """Rows from the request's start until the share is full."""
    header: tuple[str, ...] = ()
    rows: list[Row] = []
    faults: list[SheetFault] = []
    characters = following = 0
    for number, values in numbered:
        if isinstance(values, _Unreadable):
            faults.append(SheetFault(values.kind, number, values.detail))
            break
        if number > MAX_ROWS:
            faults.append(SheetFault(LIMIT, number, f"> {MAX_ROWS}"))
            break
        if number < request.header_row or (number > request.header_row and number < request.start):
            continue
        if number == request.header_row:
            header = _trimmed([_text(each).strip() for each in values[:MAX_COLUMNS]])
            continue
        if characters > SHARE_CHARACTERS:
            following = number
            break
        cells = _trimmed([_text(each) for each in values[: MAX_COLUMNS + 1]])
        if not any(cells):
            continue
        fault = _row_fault(number, cells, header)
        if fault is not None:
            faults.append(fault)
            continue
        characters += sum(map(len, cells)) + 4 * len(header)
        rows.append(Row(number, cells + ("",) * (len(header) - len(cells))))
    return Share(header, tuple(rows), tuple(faults), formulas, encoding, separator, following)


def _row_fault(number: int, cells: tuple[str, ...], header: tuple[str, ...]) -> SheetFault | None:
    if len(cells) > len(header):
        return SheetFault(WIDE, number, f"{len(cells)} > {len(header)}")
    if any(len(each) > MAX_CELL_CHARACTERS for each in cells):
        return SheetFault(LIMIT, number, f"> {MAX_CELL_CHARACTERS}")
    odd = next((found for each in cells if (found := CONTROL.search(each))), None)
    if odd is not None:
        return SheetFault(CONTROLS, number, f"U+{ord(odd[0]):04X}")
    return None


def _trimmed(cells: list[str]) -> tuple[str, ...]:
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a point, dates and instants as ISO 8601 has them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip(" \t\xa0")
    if isinstance(value, bool):
        return "WAAR" if value else "ONWAAR"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        whole = value.time() == time(0)
        return value.date().isoformat() if whole else value.isoformat(timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)
