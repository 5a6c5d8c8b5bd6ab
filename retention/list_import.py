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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl

from formats.findings import Finding, finding
from retention.errors import ListFileInvalid
from retention.list_versions import ListRule, NewVersion
from retention.list_words import (
    NotInWords,
    has_exception,
    read_process_term,
    read_retention_term,
    read_valuation,
)
from retention.selection_list import NUMBER, Category, Valuation

MAX_BYTES = 32 * 1024 * 1024
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_ROWS = 20_000
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
    for where, row in _rows(name, content):
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


def _rows(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each row with its place, its values by what they are here."""
    if content[:4] == b"PK\x03\x04":
        yield from _sheet(name, content)
    elif content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise ListFileInvalid(where=name, found=".xls", expected=".xlsx")
    elif content.lstrip()[:1] in {b"{", b"["}:
        yield from _json(name, content)
    else:
        yield from _csv(name, content)


def _sheet(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(each.file_size for each in parts.infolist())
        if size > MAX_UNPACKED_BYTES:
            raise ListFileInvalid(where=name, found=size, expected=f"<= {MAX_UNPACKED_BYTES}")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows = (
            [_text(cell) for cell in row] for row in book.worksheets[0].iter_rows(values_only=True)
        )
        yield from _table(name, rows)
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
        raise ListFileInvalid(where=name, found=str(error)[:120], expected=".xlsx") from error


def _csv(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ListFileInvalid(where=name, found=str(error)[:120], expected="UTF-8") from error
    head = text[:SNIFFED]
    delimiter = ";" if head.count(";") >= head.count(",") else ","
    yield from _table(name, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


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
            if "number" not in places:
                places = {}
                continue
            if missing := [COLUMNS[key] for key in COLUMNS if key not in places]:
                raise ListFileInvalid(
                    where=f"{name}, {number}", found="-", expected=", ".join(missing)
                )
            continue
        values = {key: str(row[at]).strip() if at < len(row) else "" for key, at in places.items()}
        if any(values.values()):
            yield f"{name}, {number}", values


def _json(name: str, content: bytes) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The results of the API: a list, a page with `results`, or both resources in one object."""
    try:
        said = json.loads(content)
        results, processes = _resources(said)
        for number, each in enumerate(results, start=1):
            process = processes.get(str(each.get("procesType", "")), "")
            yield (
                f"{name}, resultaten[{number}]",
                {
                    "number": str(each["volledigNummer"]),
                    "process": process,
                    "result": str(each["naam"]),
                    "valuation": str(each.get("waardering") or ""),
                    "process_term": _with_remark(each),
                    "retention_term": str(each.get("bewaartermijn") or ""),
                    "origin": str(each.get("herkomst") or ""),
                },
            )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        found = f"{type(error).__name__}: {error}"[:120]
        raise ListFileInvalid(
            where=name, found=found, expected="resultaten, procestypen"
        ) from error


def _resources(said: Any) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, str]]:
    if isinstance(said, list):
        return said, {}
    if "resultaten" in said:
        results, _ = _resources(said["resultaten"])
        processes, _ = _resources(said.get("procestypen", []))
        return results, {str(each["url"]): str(each["naam"]) for each in processes}
    return said["results"], {}


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
        process_term_note=remark,
        retention_term=term if valuation is Valuation.DESTROY else "",
        successor="",
        origin=row["origin"],
    )
    return ListRule(category, mixed=has_exception(row["valuation"]))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
