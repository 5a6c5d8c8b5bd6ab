"""A table of corrections as rows of text: which facts each row wants, and what is wrong with it.

A row names a dossier by its id or its identifier; what is filled in below a column that begins
with "set_" becomes a fact. Empty cells say nothing. Row numbers are those of a spreadsheet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from retention.errors import Refused
from retention.fact_kinds import BY_PERSON, FactKind, check_value
from retention.sayings import Saying
from retention.tables import DOSSIERS
from retention.terms import NotADay, read_day

DATES: Mapping[str, FactKind] = {
    "set_start": FactKind.START,
    "set_end": FactKind.END,
    "set_manual_anchor": FactKind.MANUAL_ANCHOR,
    "set_extended_until": FactKind.EXTENDED_UNTIL,
    "set_property": FactKind.PROPERTY,
    "set_object_end": FactKind.OBJECT_END,
    "set_birth": FactKind.BIRTH,
}
TEXTS: Mapping[str, FactKind] = {
    "set_zaaktype": FactKind.ZAAKTYPE,
    "set_result": FactKind.RESULT,
    "set_object": FactKind.OBJECT,
}
LIST_YEAR, CATEGORY, MINIMUM = "set_list_year", "set_category", "set_minimum_confirmed"
COLUMNS = (*DATES, *TEXTS, LIST_YEAR, CATEGORY, MINIMUM)
"""Every column that corrects something."""
DOSSIER, IDENTIFIER, REASON = "dossier", "identifier", "reason"
YES = frozenset({"ja", "yes", "x", "true", "1", "waar"})
HARMLESS = "'"
"""What our own tables put before a cell that a spreadsheet could take for a formula."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; codes: no_dossier, unknown, two_dossiers, nothing, value, half,
    column, twice."""

    row: int
    code: str
    found: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The facts that a table wants, and what is wrong with it."""

    sayings: tuple[Saying, ...]
    rows: int
    faults: tuple[Fault, ...]


def read_rows(
    connection: Connection,
    zorgdrager: str,
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    reason: str,
) -> Wanted:
    """What a table wants of the dossiers of a zorgdrager; each row comes with its number.

    `reason` counts where a row has none of its own.
    """
    names = [each.strip().casefold() for each in header]
    faults = list(_header_faults(names))
    if faults:
        return Wanted((), 0, tuple(faults))
    cells = [
        (number, {name: _cell(value) for name, value in zip(names, row, strict=False)})
        for number, row in rows
        if any(each.strip() for each in row)
    ]
    known = _known(connection, zorgdrager, [each for _, each in cells])
    sayings: list[Saying] = []
    seen: dict[str, int] = {}
    for number, row in cells:
        dossier, fault = _dossier(row, known)
        if fault:
            faults.append(Fault(number, *fault))
        elif dossier in seen:
            faults.append(Fault(number, "twice", str(seen[dossier])))
        else:
            seen[dossier] = number
            said, wrong = _sayings(number, row, dossier, row.get(REASON) or reason)
            sayings += said
            faults += wrong
    return Wanted(tuple(sayings), len(cells), tuple(faults))


def _header_faults(names: Sequence[str]) -> Iterator[Fault]:
    if DOSSIER not in names and IDENTIFIER not in names:
        yield Fault(1, "no_dossier", ", ".join(names))
    for name in names:
        if name.startswith("set_") and name not in COLUMNS:
            yield Fault(1, "column", name)
        if name in COLUMNS and names.count(name) > 1:
            yield Fault(1, "column", name)


def _cell(text: str) -> str:
    text = text.strip()
    return text[1:] if text[:1] == HARMLESS and text[1:2] in ("=", "+", "-", "@") else text


_Known = Mapping[str, Sequence[str]]


def _known(connection: Connection, zorgdrager: str, rows: Iterable[Mapping[str, str]]) -> _Known:
    """By id and by identifier the ids of the dossiers; another zorgdrager's are not known."""
    ids = sorted({each.get(DOSSIER, "") for each in rows} - {""})
    names = sorted({each.get(IDENTIFIER, "") for each in rows} - {""})
    found: dict[str, list[str]] = {}
    mine = select(DOSSIERS.c.dossier, DOSSIERS.c.identifier).where(
        DOSSIERS.c.zorgdrager == zorgdrager
    )
    for start in range(0, len(ids), 500):
        wanted = mine.where(DOSSIERS.c.dossier.in_(ids[start : start + 500]))
        for row in connection.execute(wanted):
            found[row.dossier] = [row.dossier]
    for start in range(0, len(names), 500):
        wanted = mine.where(DOSSIERS.c.identifier.in_(names[start : start + 500]))
        for row in connection.execute(wanted):
            found.setdefault(f"identifier {row.identifier}", []).append(row.dossier)
    return found


def _dossier(row: Mapping[str, str], known: _Known) -> tuple[str, tuple[str, str] | None]:
    named, identifier = row.get(DOSSIER, ""), row.get(IDENTIFIER, "")
    if not named and not identifier:
        return "", ("no_dossier", "")
    found = known.get(named, ()) if named else known.get(f"identifier {identifier}", ())
    if not found:
        return "", ("unknown", named or identifier)
    if len(found) > 1:
        return "", ("two_dossiers", identifier)
    return found[0], None


def _sayings(
    number: int, row: Mapping[str, str], dossier: str, reason: str
) -> tuple[list[Saying], list[Fault]]:
    said: list[Saying] = []
    faults: list[Fault] = []
    for kind, value, shown in _values(row):
        try:
            check_value(kind, value)
        except Refused:
            faults.append(Fault(number, "value", shown))
        else:
            said.append(Saying(kind, value, BY_PERSON, dossier, "", reason))
    if bool(row.get(LIST_YEAR)) != bool(row.get(CATEGORY)):
        faults.append(Fault(number, "half", f"{LIST_YEAR}, {CATEGORY}"))
    if not said and not faults:
        faults.append(Fault(number, "nothing", dossier))
    return ([] if faults else said), faults


def _values(row: Mapping[str, str]) -> Iterator[tuple[FactKind, Any, str]]:
    """What a row fills in: kind, value (None: not as it must be), and how to show it."""
    for name, kind in DATES.items():
        if text := row.get(name, ""):
            yield kind, _day(text), f"{name}: {text}"
    for name, kind in TEXTS.items():
        if text := row.get(name, ""):
            yield kind, text, f"{name}: {text}"
    if row.get(LIST_YEAR) and row.get(CATEGORY):
        value = {"list_year": row[LIST_YEAR], "category": row[CATEGORY]}
        yield FactKind.CATEGORY, value, f"{row[LIST_YEAR]}, {row[CATEGORY]}"
    if text := row.get(MINIMUM, ""):
        yield FactKind.MINIMUM_CONFIRMED, text.casefold() in YES, f"{MINIMUM}: {text}"


def _day(text: str) -> str | None:
    """A date that a person typed, as ISO; 31-12-2030 is how Dutch spreadsheets write it."""
    parts = text.split("-")
    if len(parts) == 3 and len(parts[2]) == 4 and all(each.isdigit() for each in parts):
        text = f"{parts[2]}-{int(parts[1]):02d}-{int(parts[0]):02d}"
    try:
        read_day(text)
    except NotADay:
        return None
    return text
