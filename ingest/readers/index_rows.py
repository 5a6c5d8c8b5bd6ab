"""The rows of an index, mapped: per dossier its rows, each cell translated by the profile."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from formats.findings import Finding, finding
from formats.outcomes import Failed
from formats.tools import Pool
from ingest.mapping import Item, MappingProfile
from ingest.readers.cells import ERROR_VALUES
from ingest.readers.names import alike
from ingest.sip import StagedFile
from ingest.spreadsheet import (
    CONTROLS,
    ENCODING,
    LIMIT,
    NO_SHEET,
    UNREADABLE,
    WIDE,
    Row,
    Share,
    SheetFault,
    SheetRequest,
    read_sheet,
)

CODE_OF_FAULT: Mapping[str, str] = {
    ENCODING: "I244",
    UNREADABLE: "I245",
    WIDE: "I246",
    LIMIT: "I253",
    CONTROLS: "I254",
    NO_SHEET: "I240",
}
NAMED_COLUMNS = 60


@dataclass(frozen=True, slots=True)
class MappedRow:
    """A row of the index: its number, what it says per item (translated), and the row as CSV."""

    number: int
    values: Mapping[Item, str]
    line: str


@dataclass(slots=True)
class Index:
    """An index that was read: the rows per dossier identifier, in the order of the index."""

    file: StagedFile
    profile: MappingProfile
    header_line: str = ""
    dossiers: dict[str, list[MappedRow]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def place(self, row: int, item: Item | None = None) -> str:
        """The place of a row, or of one cell, in the sender's words."""
        column = self.profile.columns.get(item) if item is not None else None
        cell = f", kolom '{column}'" if column else ""
        return f"{self.file.path}, rij {row}{cell}"


def read_index(file: StagedFile, profile: MappingProfile, pool: Pool) -> Index:
    """The whole index. Rows that cannot be read are findings, and so are columns that lack."""
    index = Index(file, profile)
    request = SheetRequest(
        staged=str(file.staged),
        separator=profile.separator,
        encoding=profile.encoding,
        sheet=profile.sheet,
        header_row=profile.header_row,
        wanted=tuple(profile.columns.values()),
    )
    columns: dict[Item, int] | None = None
    for share in read_sheet(request, pool):
        if isinstance(share, Failed):
            index.findings.append(finding("I245", file.path, share))
            return index
        index.findings.extend(_fault(file.path, each) for each in share.faults)
        if columns is None:
            columns = _start(index, share)
        if columns is not None:
            _take_rows(index, share.rows, columns)
    return index


def _start(index: Index, share: Share) -> dict[Item, int] | None:
    """What the first share tells: the columns, and whether there are formulas."""
    if share.formulas:
        index.findings.append(finding("I255", index.file.path, share.formulas))
    if not share.header:
        if not share.faults:
            index.findings.append(finding("I242", index.file.path, "-", _wanted(index)))
        return None
    index.header_line = csv_line(share.header)
    columns: dict[Item, int] = {}
    missing = False
    for item, name in index.profile.columns.items():
        places = _places(share.header, name)
        if len(places) == 1:
            columns[item] = places[0]
            continue
        missing = True
        if places:
            index.findings.append(finding("I243", index.file.path, name))
        else:
            shown = ", ".join(share.header[:NAMED_COLUMNS])
            index.findings.append(finding("I242", index.file.path, shown, name))
    return None if missing else columns


def csv_line(cells: Sequence[str]) -> str:
    """A row as a line of CSV, separated by semicolons."""
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _places(header: Sequence[str], name: str) -> list[int]:
    exact = [place for place, cell in enumerate(header) if cell == name]
    if exact:
        return exact
    return [place for place, cell in enumerate(header) if alike(cell) == alike(name.strip())]


def _wanted(index: Index) -> str:
    return ", ".join(index.profile.columns.values())


def _fault(path: str, fault: SheetFault) -> Finding:
    place = f"{path}, rij {fault.row}" if fault.row else path
    return finding(CODE_OF_FAULT[fault.kind], place, fault.detail)


def _take_rows(index: Index, rows: Sequence[Row], columns: Mapping[Item, int]) -> None:
    for row in rows:
        values = dict(_values(index, row, columns))
        identifier = values.get(Item.DOSSIER_ID, "")
        if not identifier:
            place = index.place(row.number, Item.DOSSIER_ID)
            index.findings.append(
                finding("I247", place, "", index.profile.columns[Item.DOSSIER_ID])
            )
            continue
        mapped = MappedRow(row.number, values, csv_line(row.cells))
        index.dossiers.setdefault(identifier, []).append(mapped)


def _values(index: Index, row: Row, columns: Mapping[Item, int]) -> Iterator[tuple[Item, str]]:
    """What the row says: constants first, then cells that are not empty, translated."""
    yield from index.profile.constants.items()
    for item, place in columns.items():
        value = row.cells[place]
        if value in ERROR_VALUES:
            index.findings.append(finding("I256", index.place(row.number, item), value))
            continue
        translated = index.profile.translations.get(item, {}).get(value.casefold(), value)
        if translated or item not in index.profile.constants:
            yield item, translated
