"""Mappings from a table that a person filled in: a row for each zaaktype and resultaat.

Columns by name, in Dutch or English; the order does not matter and others are left alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from formats.findings import Finding, finding
from retention.case import Trigger
from retention.list_versions import is_term, list_versions, rules_of
from retention.mapping import NewMapping, list_mappings

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "zaaktype": ("zaaktype",),
    "result": ("resultaat", "result"),
    "list_year": ("lijst", "list"),
    "category": ("nummer", "number"),
    "trigger": ("start", "trigger"),
    "process_term": ("procestermijn", "process term"),
    "valid_from": ("van", "from"),
    "valid_to": ("tot en met", "to"),
    "reason": ("reden", "reason"),
}
NEEDED = ("zaaktype", "list_year", "category")
DAY = re.compile(r"([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})")


@dataclass(frozen=True, slots=True)
class ReadMappings:
    """What a table asks for; `known`: how many rows stand here already. With findings nothing may
    be taken in."""

    new: tuple[NewMapping, ...]
    known: int
    findings: tuple[Finding, ...]


def read_mapping_rows(  # noqa: PLR0913 - the table, and what holds where a row does not say it
    connection: Connection,
    zorgdrager: str,
    name: str,
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    *,
    reason: str,
    valid_from: date,
) -> ReadMappings:
    """The mappings in the rows of a table; `reason` and `valid_from` hold for a row that has none
    of its own."""
    places = _places(header)
    missing = [COLUMNS[each][0] for each in NEEDED if each not in places]
    if missing:
        return ReadMappings((), 0, (finding("R030", name, "-", ", ".join(missing)),))
    numbers: dict[str, set[str]] = {}
    for version in list_versions(connection):
        numbers.setdefault(version.year, set()).update(rules_of(connection, version))
    there = {_key(each) for each in list_mappings(connection, zorgdrager)}
    found: dict[tuple[object, ...], NewMapping] = {}
    findings: list[Finding] = []
    known = 0
    for number, cells in rows:
        where = f"{name}, {number}"
        row = {
            key: cells[place].strip() if place < len(cells) else "" for key, place in places.items()
        }
        faults = list(_faults(where, row, numbers, reason))
        if faults:
            findings += faults
            continue
        new = _new(row, reason, valid_from)
        if _key(new) in found:
            findings.append(finding("R032", where, f"{new.zaaktype}, {new.result or '*'}"))
        elif _key(new) in there:
            known += 1
        else:
            found[_key(new)] = new
    return ReadMappings(tuple(found.values()), known, tuple(findings))


def _places(header: Sequence[str]) -> dict[str, int]:
    heads = [" ".join(each.lower().split()) for each in header]
    return {
        key: heads.index(head) for key, names in COLUMNS.items() for head in names if head in heads
    }


def _faults(
    where: str, row: Mapping[str, str], numbers: Mapping[str, set[str]], reason: str
) -> Iterator[Finding]:
    year, category = row["list_year"], row["category"]
    if not row["zaaktype"]:
        yield finding("R031", f"{where}, zaaktype", "-", "Bezwaar behandelen")
    if year not in numbers:
        yield finding("R031", f"{where}, lijst", year or "-", ", ".join(sorted(numbers)))
    elif category not in numbers[year]:
        yield finding("R033", f"{where}, nummer", category or "-", year)
    trigger, term = row.get("trigger", ""), row.get("process_term", "")
    if trigger and trigger not in set(Trigger):
        yield finding("R031", f"{where}, start", trigger, ", ".join(Trigger))
    if term and not is_term(term):
        yield finding("R031", f"{where}, procestermijn", term, "P10Y, P6W")
    for key in ("valid_from", "valid_to"):
        if row.get(key) and _day(row[key]) is None:
            yield finding("R031", f"{where}, {COLUMNS[key][0]}", row[key], "2026-01-31, 31-01-2026")
    first, last = _day(row.get("valid_from", "")), _day(row.get("valid_to", ""))
    if first and last and last < first:
        yield finding("R031", f"{where}, tot en met", last.isoformat(), f">= {first.isoformat()}")
    if not row.get("reason") and not reason.strip():
        yield finding("R031", f"{where}, reden", "-", "--reason")


def _new(row: Mapping[str, str], reason: str, valid_from: date) -> NewMapping:
    result = row.get("result", "")
    return NewMapping(
        zaaktype=row["zaaktype"],
        result="" if result == "*" else result,
        list_year=row["list_year"],
        category=row["category"],
        valid_from=_day(row.get("valid_from", "")) or valid_from,
        reason=row.get("reason") or reason,
        trigger=row.get("trigger", ""),
        process_term=row.get("process_term", ""),
        valid_to=_day(row.get("valid_to", "")),
    )


def _key(each: NewMapping | object) -> tuple[object, ...]:
    """By what two mappings are the same: all but the reason, and who made them."""
    names = ("zaaktype", "result", "list_year", "category", "trigger", "process_term")
    return tuple(getattr(each, name) for name in (*names, "valid_from", "valid_to"))


def _day(text: str) -> date | None:
    match = DAY.fullmatch(text)
    try:
        if match:
            return date(int(match[3]), int(match[2]), int(match[1]))
        return date.fromisoformat(text)
    except ValueError:
        return None
