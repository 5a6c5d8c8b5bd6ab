"""Dossiers as the export of a document system: files in folders, with an index in CSV or XLSX."""

import hashlib
from collections.abc import Sequence
from datetime import date

from edepot.demo import office, plain_files
from edepot.demo.dossiers import Dossier, Files, Piece
from edepot.demo.papers import Cell, Sheet

HEADER = (
    "Zaaknummer",
    "Zaaktitel",
    "Zaaktype",
    "Geopend",
    "Afgesloten",
    "Selectielijst",
    "Waardering",
    "Bewaartermijn",
    "Bestand",
    "Documentnummer",
    "Documenttitel",
    "Documentdatum",
    "SHA-256",
    "Grootte",
)
"""The columns of the export, in the words of the document system."""

EXPORT_ROOT = "E:\\Export\\Zaken\\"
"""Where the document system stood when it wrote the paths."""

_EPOCH = date(1899, 12, 30)


def csv_export(dossiers: Sequence[Dossier], made_on: date) -> Files:
    """Files and index.csv: semicolons, Windows-1252, dd-mm-yyyy, paths with backslashes."""
    rows = tuple(
        _row(dossier, piece, _windows_path(dossier, piece))
        for dossier in dossiers
        for piece in dossier.pieces
    )
    index = plain_files.csv_file(Sheet("Export", made_on, HEADER, rows), "windows-1252")
    return {"index.csv": index, **_documents(dossiers)}


def xlsx_export(dossiers: Sequence[Dossier], made_on: date) -> Files:
    """Files and index.xlsx: dates as Excel cells, and in one column as bare serial numbers."""
    rows = tuple(
        _with_serial(_row(dossier, piece, _path(dossier, piece)))
        for dossier in dossiers
        for piece in dossier.pieces
    )
    index = office.xlsx(Sheet("Zaken", made_on, HEADER, rows, "Documentbeheer"))
    return {"index.xlsx": index, **_documents(dossiers)}


def excel_serial(day: date) -> int:
    """The day as Excel counts: days since 30 December 1899."""
    return (day - _EPOCH).days


def _row(dossier: Dossier, piece: Piece, path: str) -> tuple[Cell, ...]:
    case = dossier.case
    keep = case.category.valuation == "B"
    return (
        case.identifier,
        case.title,
        case.kind.value.capitalize(),
        case.opened_on,
        case.closed_on,
        case.category.number,
        "Blijvend bewaren" if keep else "Vernietigen",
        "" if keep else f"{case.category.term.strip('PY')} jaar",
        path,
        dossier.record_id(piece),
        piece.title,
        case.opened_on,
        hashlib.sha256(piece.content).hexdigest(),
        len(piece.content),
    )


def _with_serial(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    place = HEADER.index("Documentdatum")
    day = row[place]
    serial = excel_serial(day) if isinstance(day, date) else day
    return (*row[:place], serial, *row[place + 1 :])


def _path(dossier: Dossier, piece: Piece) -> str:
    return f"{dossier.folder}/{piece.name}"


def _windows_path(dossier: Dossier, piece: Piece) -> str:
    return EXPORT_ROOT + _path(dossier, piece).replace("/", "\\")


def _documents(dossiers: Sequence[Dossier]) -> Files:
    return {
        _path(dossier, piece): piece.content for dossier in dossiers for piece in dossier.pieces
    }
