"""Newer editions of the selection list, from VNG's spreadsheet or the selectielijst API's JSON.

Nothing is taken over unless every row can be read; each that cannot is a finding with its place.

Source: VNG, Selectielijst gemeenten en intergemeentelijke organen (spreadsheet);
selectielijst API 1.0, resources procestypen and resultaten.
"""

import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from formats.findings import Finding, Severity, finding
from formats.zipdoc import ZipLimits, read_directory
from retention.errors import ListFileInvalid
from retention.list_versions import ListRule, NewVersion
from retention.list_words import (
    NotInWords,
    has_exception,
    is_minimum,
    read_event,
    read_process_term,
    read_retention_term,
    read_valuation,
)
from retention.selection_list import NUMBER, Category, Valuation

MAX_BYTES = 32 * 1024 * 1024
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_ROWS = 20_000
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # what both XML parsers raise for XML that is none
    KeyError,
    ValueError,
    IndexError,
    TypeError,
    AttributeError,
    OSError,
    EOFError,
    RuntimeError,
    InvalidFileException,
)
"""What a workbook that is broken makes its reader raise."""
SNIFFED = 4000
COLUMNS = {
    "number": "nr.",
    "process": "procestypenaam",
    "result": "resultaat",
    "valuation": "waardering",
    "process_term": "procestermijn",
    "retention_term": "bewaartermijn",
    "origin": "herkomst",
}
"""The columns of VNG's spreadsheet that are read, by what they are here; others are left alone."""
EXPLANATIONS = frozenset({"toelichting", "toelichting/voorbeelden"})
"""The column that says whether a term is a minimum; an edition without it is read all the same."""


@dataclass(frozen=True, slots=True)
class About:
    """What a person says of the edition: its year, title, place of publication, day of adoption."""

    year: str
    title: str
    published: str
    adopted_on: str


@dataclass(frozen=True, slots=True)
class ReadList:
    """What was read of a file; `version` is None as long as there are findings."""

    version: NewVersion | None
    findings: tuple[Finding, ...]


def read_list_file(name: str, content: bytes, about: About) -> ReadList:
    """The edition in a file: xlsx or csv as VNG has it, or JSON of the API.

    Raises: ListFileInvalid when it is no such file.
    """
    if len(content) > MAX_BYTES:
        raise ListFileInvalid(where=name, found=len(content), expected=f"<= {MAX_BYTES}")
    findings: list[Finding] = []
    rules = []
    seen: set[str] = set()
    for where, row in _rows(name, content, about.year):
        rule = _rule(where, row, about, findings)
        if rule is None:
            continue
        if rule.category.number in seen:
            findings.append(finding("R025", where, rule.category.number))
        seen.add(rule.category.number)
        rules.append(rule)
    if not rules and not findings:
        raise ListFileInvalid(where=name, found="-", expected=", ".join(COLUMNS.values()))
    if findings:
        return ReadList(None, tuple(findings))
    sha256 = hashlib.sha256(content).hexdigest()
    new = NewVersion(
        about.year, about.title, about.published, about.adopted_on, name, sha256, tuple(rules)
    )
    return ReadList(new, ())


def _rows(name: str, content: bytes, year: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each row with its place, its values by what they are here."""
    if content[:4] == b"PK\x03\x04":
        yield from _sheet(name, content)
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ListFileInvalid(where=name, found=".xls", expected=".xlsx")
    elif content.lstrip()[:1] in {b"{", b"["}:
        yield from _json(name, content, year)
    else:
        yield from _csv(name, content)


def _sheet(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        _inspect(name, content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = (
            [_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)
        )
        yield from _table(name, rows)
    except BROKEN as error:
        found = f"{type(error).__name__}: {error}"[:120]
        raise ListFileInvalid(where=name, found=found, expected=".xlsx") from error


def _inspect(name: str, content: bytes) -> None:
    """Refuse a workbook that is no clear ZIP, inflates too far, or holds a DOCTYPE.

    Raises: ListFileInvalid; what the ZIP itself raises.
    """
    limits = ZipLimits(max_members=1000, max_bytes=MAX_UNPACKED_BYTES)
    _, findings = read_directory(io.BytesIO(content), len(content), limits)
    errors = [each for each in findings if each.severity is Severity.ERROR]
    if errors:
        found = f"{errors[0].code} {errors[0].found}".strip()
        raise ListFileInvalid(where=name, found=found, expected=".xlsx")
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for each in parts.infolist():
            text = parts.read(each)
            # In UTF-16 a DOCTYPE would be hidden.
            if b"<!DOCTYPE" in text or text[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                raise ListFileInvalid(
                    where=f"{name}, {each.filename}", found="DOCTYPE", expected="-"
                )


def _csv(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListFileInvalid(where=name, found=str(error)[:120], expected="UTF-8") from error
    head = text[:SNIFFED]
    delimiter = ";" if head.count(";") >= head.count(",") else ","
    try:
        yield from _table(name, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ListFileInvalid(where=name, found=str(error)[:120], expected="CSV") from error


def _table(
    name: str, rows: Iterator[Sequence[str]] | Any
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The rows below the first that names the columns."""
    places: dict[str, int] = {}
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise ListFileInvalid(where=name, found=f"> {MAX_ROWS}", expected=f"<= {MAX_ROWS}")
        if not places:
            heads = [" ".join(str(each).lower().split()) for each in row]
            places = {key: heads.index(head) for key, head in COLUMNS.items() if head in heads}
            places.update(("explanation", heads.index(each)) for each in EXPLANATIONS & set(heads))
            if "number" not in places:
                places = {}
                continue
            if missing := [COLUMNS[key] for key in COLUMNS if key not in places]:
                raise ListFileInvalid(
                    where=f"{name}, {number}", found="-", expected=", ".join(missing)
                )
            continue
        values = {key: _plain(row[at]) if at < len(row) else "" for key, at in places.items()}
        if any(values.values()):
            yield f"{name}, {number}", values


def _json(name: str, content: bytes, year: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The results of the API: a list, a page with `results`, or both resources in one object.

    The API holds every edition: a result whose process type is of another year is left out.
    """
    try:
        results, processes = _resources(json.loads(content), year)
        for number, each in enumerate(results, start=1):
            process, of_year = processes.get(str(each.get("procesType", "")), ("", year))
            if of_year != year:
                continue
            yield (
                f"{name}, resultaten[{number}]",
                {
                    "number": str(each["volledigNummer"]),
                    "process": process,
                    "result": _plain(each["naam"]),
                    "valuation": str(each.get("waardering") or ""),
                    "process_term": _with_remark(each),
                    "retention_term": str(each.get("bewaartermijn") or ""),
                    "origin": _plain(each.get("herkomst") or ""),
                    "explanation": str(each.get("toelichting") or ""),
                },
            )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        found = f"{type(error).__name__}: {error}"[:120]
        raise ListFileInvalid(
            where=name, found=found, expected="resultaten, procestypen"
        ) from error


def _resources(
    said: Any, year: str = ""
) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, tuple[str, str]]]:
    """The results, and by its URL the name and year of each process type (procestype)."""
    if isinstance(said, list):
        return _results(said), {}
    if "resultaten" in said:
        results, _ = _resources(said["resultaten"])
        processes, _ = _resources(said.get("procestypen", []))
        return results, {
            str(each["url"]): (_plain(each["naam"]), str(each.get("jaar") or year))
            for each in processes
        }
    return _results([said]), {}


def _results(said: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The results of the API's pages; a list of results is one page by itself.

    Raises: ValueError when there are more results than the pages hold: part of a list is no list.
    """
    if not said or "results" not in said[0]:
        return said
    found = [each for page in said for each in page["results"]]
    count = said[0].get("count", len(found))
    if count != len(found) or ("count" not in said[0] and said[-1].get("next")):
        raise ValueError(f"{len(found)} / {count}")
    return found


def _with_remark(each: Mapping[str, Any]) -> str:
    remark = str(each.get("procestermijnOpmerking") or "").strip()
    term = str(each.get("procestermijn") or "")
    return f"{remark}, {term}" if remark and term else term


def _rule(
    where: str, row: Mapping[str, str], about: About, findings: list[Finding]
) -> ListRule | None:
    match = NUMBER.fullmatch(row["number"].strip())
    if match is None:
        findings.append(finding("R020", where, row["number"][:40] or "-", "11.1, 11.1.2"))
        return None
    try:
        valuation = read_valuation(row["valuation"])
    except NotInWords:
        findings.append(finding("R021", where, row["valuation"][:60], "vernietigen, bewaren"))
        return None
    try:
        process_term, remark = read_process_term(row["process_term"])
    except NotInWords:
        findings.append(finding("R022", where, row["process_term"][:60], "nihil"))
        return None
    try:
        term = read_retention_term(row["retention_term"])
    except NotInWords:
        findings.append(finding("R023", where, row["retention_term"][:60], "5 jaar, P5Y"))
        return None
    if valuation is Valuation.DESTROY and not term:
        findings.append(finding("R024", where, row["number"]))
        return None
    number = ".".join(part.lstrip("0") or "0" for part in match[0].split("."))
    category = Category(
        year=int(about.year),
        number=number,
        process=row["process"],
        result=row["result"],
        valuation=valuation,
        process_term=process_term,
        process_term_note=remark or read_event(row["retention_term"]),
        retention_term=term if valuation is Valuation.DESTROY else "",
        successor="",
        origin=row["origin"],
    )
    minimum = valuation is Valuation.DESTROY and is_minimum(row.get("explanation", ""))
    return ListRule(category, minimum=minimum, mixed=has_exception(row["valuation"]))


def _plain(value: object) -> str:
    """A text on one line, with single spaces."""
    return " ".join(str(value).split())


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
