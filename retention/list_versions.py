"""Versions of the selection list: shipped or imported, checked by two persons before they count.

A version is never edited: a correction is a new one that takes the place of the old.

Source: domain rules, rule version (draft, checked, active).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from sqlalchemy import Connection, Row, insert, select

from retention.days import trusted_today
from retention.errors import Refused, SelectionListUnknown
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.people import require_mandate, sign
from retention.rule_tables import CHECKS, RULES, VERSIONS
from retention.selection_list import (
    Category,
    ProcessTerm,
    Valuation,
    known_years,
    read_selection_list,
)
from retention.terms import NotATerm, read_term
from storage.database import begin
from storage.ledger import canonical

SHIPPED = "shipped"
PERSONS = 2
CHECKERS = (Role.RECORD_MANAGER, Role.ARCHIVIST, Role.PROCESS_OWNER)

_MINIMUM = {
    2017: "3.1.4 3.1.5 5.1.7 8.1.1 8.1.2 8.1.11 8.1.12 8.1.13 8.3.1 8.3.2 12.1.2 12.2.6 21.1.3",
    2020: "3.1.4 3.1.5 5.1.7 8.1.1 8.1.2 8.1.11 8.1.12 8.1.13 8.3.1 8.3.2 12.1.2 12.1.12 12.2.4 "
    "12.2.6 12.2.9 21.1.3",
}
MINIMUM = frozenset((year, each) for year, said in _MINIMUM.items() for each in said.split())
"""Results whose term is a minimum: the list says "or as much longer as is reasonable"."""

MIXED = frozenset({(year, number) for year in (2017, 2020) for number in ("22.1.2", "22.1.3")})
"""Results that are kept, but of which the sealed papers go after three months."""


class VersionState(StrEnum):
    """Whether a version may be used."""

    DRAFT = "draft"
    ACTIVE = "active"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class ListRule:
    """One result of a version, with the flags by which the date engine asks a person."""

    category: Category
    minimum: bool = False
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class ListVersion:
    """A version; `number` 0: it is shipped and nobody has checked it here yet."""

    number: int
    year: str
    title: str
    published: str
    adopted_on: str
    source: str
    sha256: str
    replaces: int
    checked_by: tuple[str, ...]
    state: VersionState


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What was read from a file."""

    year: str
    title: str
    published: str
    adopted_on: str
    source: str
    sha256: str
    rules: tuple[ListRule, ...]


def list_versions(connection: Connection) -> tuple[ListVersion, ...]:
    """Every version that is known here, by year and number; also shipped ones that wait."""
    rows = connection.execute(select(VERSIONS).order_by(VERSIONS.c.year, VERSIONS.c.number)).all()
    checks: dict[int, list[str]] = {}
    for each in connection.execute(select(CHECKS).order_by(CHECKS.c.at)):
        checks.setdefault(each.version, []).append(each.person)
    replaced = {each.replaces for each in rows if len(checks.get(each.number, ())) >= PERSONS}
    found = [_version(each, checks.get(each.number, ()), replaced) for each in rows]
    here = {each.year for each in found if _is_shipped(each)}
    waiting = [_shipped(year) for year in known_years() if str(year) not in here]
    return tuple(sorted((*found, *waiting), key=lambda each: (each.year, each.number)))


def active_version(connection: Connection, year: str) -> ListVersion | None:
    """The version of a year that counts; None while two persons have not checked one."""
    active = [
        each
        for each in list_versions(connection)
        if each.year == year and each.state is VersionState.ACTIVE
    ]
    return active[-1] if active else None


def read_version(connection: Connection, number: int, year: str = "") -> ListVersion:
    """The version of a number, or the shipped one of a year.

    Raises: SelectionListUnknown.
    """
    for each in list_versions(connection):
        if (each.number == number and number) or (not number and each.year == year):
            return each
    raise SelectionListUnknown(year=year or number)


def rules_of(connection: Connection, version: ListVersion) -> Mapping[str, ListRule]:
    """The results of a version by their numbers, as they were when it was checked."""
    if _is_shipped(version):
        return shipped_rules(int(version.year))
    rows = connection.execute(
        select(RULES).where(RULES.c.version == version.number).order_by(RULES.c.position)
    )
    return {each.number: _rule(each, int(version.year)) for each in rows}


@cache
def shipped_rules(year: int) -> Mapping[str, ListRule]:
    """The results of a list that is shipped."""
    return {
        number: ListRule(each, (year, number) in MINIMUM, (year, number) in MIXED)
        for number, each in read_selection_list(year).categories.items()
    }


def add_version(desk: Desk, actor: Actor, zorgdrager: str, new: NewVersion) -> ListVersion:
    """Keep an imported version as a draft; the same file for the same year is the same version.

    Raises: Refused (mandate).
    """
    with begin(desk.engine) as connection:
        _require(connection, desk, actor, zorgdrager)
        what = (new.year, new.sha256)
        known = [each for each in list_versions(connection) if (each.year, each.sha256) == what]
        if known:
            return known[0]
        before = active_version(connection, new.year)
        number = _insert(connection, desk, new, before.number if before else 0, actor.person)
        _note(connection, desk, actor, zorgdrager, "retention.list_imported", new.sha256)
        return read_version(connection, number)


def check_version(
    desk: Desk, actor: Actor, zorgdrager: str, *, number: int = 0, year: str = ""
) -> ListVersion:
    """Say as a person that one laid a version beside the published text, and that it agrees.

    Raises: SelectionListUnknown; Refused (mandate); Refused (same_person) for who imported it or
    checked it before.
    """
    with begin(desk.engine) as connection:
        _require(connection, desk, actor, zorgdrager)
        version = read_version(connection, number, year)
        importer = connection.execute(
            select(VERSIONS.c.imported_by).where(VERSIONS.c.number == version.number)
        ).scalar()
        if actor.person in {*version.checked_by, importer}:
            raise Refused("same_person", person=actor.person, list=version.year)
        if not version.number:
            version = _take_shipped(connection, desk, version)
        signature = sign(connection, actor, signed_content(version))
        connection.execute(
            insert(CHECKS),
            {
                "version": version.number,
                "person": actor.person,
                "at": desk.now().isoformat(),
                "signature": signature,
            },
        )
        _note(connection, desk, actor, zorgdrager, "retention.list_checked", version.sha256)
        return read_version(connection, version.number)


def signed_content(version: ListVersion) -> bytes:
    """The bytes that who checks a version signs."""
    said = {"list": version.year, "version": version.number, "sha256": version.sha256}
    return canonical(said).encode("utf-8")


@cache
def shipped_sha256(year: int) -> str:
    """The digest of a shipped list's facts."""
    text = (files("retention") / "data" / "selectielijst.csv").read_text("utf-8")
    lines = [each for each in text.splitlines() if each.startswith(f"{year},")]
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def _is_shipped(version: ListVersion) -> bool:
    """Whether a version is what is shipped now. Of what was shipped once the results are kept."""
    return version.source == SHIPPED and version.sha256 == shipped_sha256(int(version.year))


def _take_shipped(connection: Connection, desk: Desk, version: ListVersion) -> ListVersion:
    new = NewVersion(
        version.year,
        version.title,
        version.published,
        version.adopted_on,
        SHIPPED,
        version.sha256,
        tuple(shipped_rules(int(version.year)).values()),
    )
    before = active_version(connection, version.year)
    number = _insert(connection, desk, new, before.number if before else 0, "")
    return read_version(connection, number)


def _insert(connection: Connection, desk: Desk, new: NewVersion, replaces: int, by: str) -> int:
    row = {
        "year": new.year,
        "title": new.title,
        "published": new.published,
        "adopted_on": new.adopted_on,
        "source": new.source,
        "sha256": new.sha256,
        "replaces": replaces,
        "imported_by": by,
        "imported_at": desk.now().isoformat(),
    }
    added = insert(VERSIONS).returning(VERSIONS.c.number)
    number = int(connection.execute(added, row).scalar_one())
    if new.rules:
        connection.execute(insert(RULES), list(_rows(number, new.rules)))
    return number


def _rows(version: int, rules: Sequence[ListRule]) -> Iterable[dict[str, object]]:
    for position, each in enumerate(rules):
        category = each.category
        yield {
            "version": version,
            "number": category.number,
            "position": position,
            "process": category.process,
            "result": category.result,
            "valuation": category.valuation.value if category.valuation else "",
            "process_term": category.process_term.value if category.process_term else "",
            "process_term_note": category.process_term_note,
            "retention_term": category.retention_term,
            "origin": category.origin,
            "successor": category.successor,
            "minimum": int(each.minimum),
            "mixed": int(each.mixed),
        }


def _rule(row: Row[tuple[str, ...]], year: int) -> ListRule:
    category = Category(
        year=year,
        number=row.number,
        process=row.process,
        result=row.result,
        valuation=Valuation(row.valuation) if row.valuation else None,
        process_term=ProcessTerm(row.process_term) if row.process_term else None,
        process_term_note=row.process_term_note,
        retention_term=row.retention_term,
        successor=row.successor,
        origin=row.origin,
    )
    return ListRule(category, bool(row.minimum), bool(row.mixed))


def is_term(text: str) -> bool:
    """Whether a text is a retention term that the date engine reads."""
    try:
        read_term(text)
    except NotATerm:
        return False
    return True


def _shipped(year: int) -> ListVersion:
    found = read_selection_list(year)
    return ListVersion(
        0,
        str(year),
        found.title,
        found.published,
        found.adopted_on.isoformat(),
        SHIPPED,
        shipped_sha256(year),
        0,
        (),
        VersionState.DRAFT,
    )


def _version(
    row: Row[tuple[str, ...]], checked_by: Sequence[str], replaced: set[int]
) -> ListVersion:
    state = VersionState.ACTIVE if len(checked_by) >= PERSONS else VersionState.DRAFT
    if row.number in replaced:
        state = VersionState.REPLACED
    return ListVersion(
        row.number,
        row.year,
        row.title,
        row.published,
        row.adopted_on,
        row.source,
        row.sha256,
        row.replaces,
        tuple(checked_by),
        state,
    )


def _require(connection: Connection, desk: Desk, actor: Actor, zorgdrager: str) -> None:
    today = trusted_today(connection, zorgdrager, desk.now())
    require_mandate(connection, actor, zorgdrager, CHECKERS, today)


def _note(  # noqa: PLR0913, PLR0917 - who did what with which version
    connection: Connection, desk: Desk, actor: Actor, zorgdrager: str, action: str, sha256: str
) -> None:
    note(
        connection,
        desk,
        zorgdrager,
        action,
        sha256[:16],
        result="ok",
        actor=actor.person,
        origin=actor.origin,
        facts={"sha256": sha256},
    )
