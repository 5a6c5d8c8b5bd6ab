"""Mappings: which result of which list holds for a zaaktype with a resultaat, in a zorgdrager.

A choice of a person, checked by a second one before it counts; never edited, only ended or
followed by another.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, insert, select, update

from retention.case import Trigger
from retention.days import trusted_today
from retention.errors import Refused
from retention.list_versions import is_known, list_versions, rules_of
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.people import require_mandate
from retention.rule_tables import MAPPINGS
from storage.database import begin

MAKERS = (Role.RECORD_MANAGER, Role.ARCHIVIST, Role.PROCESS_OWNER)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping. `trigger` "": what the list's process term says. `valid_to` None: open."""

    number: int
    zorgdrager: str
    zaaktype: str
    result: str
    list_year: str
    category: str
    trigger: str
    process_term: str
    valid_from: date
    valid_to: date | None
    reason: str
    made_by: str
    checked_by: str


@dataclass(frozen=True, slots=True)
class NewMapping:
    """What is to be mapped; a result "" holds for every result of the zaaktype."""

    zaaktype: str
    result: str
    list_year: str
    category: str
    valid_from: date
    reason: str
    trigger: str = ""
    process_term: str = ""
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A zaaktype and result that zorgdragers map differently: by zorgdrager its year and number."""

    zaaktype: str
    result: str
    rules: tuple[tuple[str, str], ...]


def list_mappings(connection: Connection, zorgdrager: str) -> tuple[Mapping, ...]:
    """Every mapping of a zorgdrager, also those that nobody checked yet."""
    rows = connection.execute(
        select(MAPPINGS)
        .where(MAPPINGS.c.zorgdrager == zorgdrager)
        .order_by(MAPPINGS.c.zaaktype, MAPPINGS.c.result, MAPPINGS.c.number)
    )
    return tuple(_mapping(each) for each in rows)


def mapping_for(
    connection: Connection, zorgdrager: str, zaaktype: str, result: str, on: str
) -> Mapping | None:
    """The newest checked mapping that is valid on a day (ISO text, "" for any); one for the very
    result goes before one for every result."""
    if not zaaktype:
        return None
    rows = connection.execute(
        select(MAPPINGS)
        .where(
            MAPPINGS.c.zorgdrager == zorgdrager,
            MAPPINGS.c.zaaktype == zaaktype,
            MAPPINGS.c.result.in_([result, ""]),
            MAPPINGS.c.checked_by != "",
        )
        .order_by(MAPPINGS.c.result.desc(), MAPPINGS.c.number.desc())
    )
    for each in rows:
        if not on or (each.valid_from <= on and (not each.valid_to or on <= each.valid_to)):
            return _mapping(each)
    return None


def set_mapping(desk: Desk, actor: Actor, zorgdrager: str, new: NewMapping) -> Mapping:
    """Write a mapping down; it counts once another person has checked it.

    Raises: Refused (mandate, unknown, reason_missing).
    """
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        require_mandate(connection, actor, zorgdrager, MAKERS, today)
        _check(connection, zorgdrager, new)
        added = insert(MAPPINGS).returning(MAPPINGS.c.number)
        row = {
            "zorgdrager": zorgdrager,
            "zaaktype": new.zaaktype,
            "result": new.result,
            "list_year": new.list_year,
            "category": new.category,
            "trigger_kind": new.trigger,
            "process_term": new.process_term,
            "valid_from": new.valid_from.isoformat(),
            "valid_to": new.valid_to.isoformat() if new.valid_to else "",
            "reason": new.reason,
            "made_by": actor.person,
            "made_at": desk.now().isoformat(),
            "checked_by": "",
            "checked_at": "",
        }
        number = int(connection.execute(added, row).scalar_one())
        _note(connection, desk, actor, zorgdrager, "retention.mapping_set", number)
        return _read(connection, zorgdrager, number)


def check_mapping(desk: Desk, actor: Actor, zorgdrager: str, number: int) -> Mapping:
    """Agree with a mapping as a second person.

    Raises: Refused (unknown, mandate, same_person, state).
    """
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        require_mandate(connection, actor, zorgdrager, MAKERS, today)
        found = _read(connection, zorgdrager, number)
        if found.checked_by:
            raise Refused("state", mapping=number, state="checked")
        if found.made_by == actor.person:
            raise Refused("same_person", person=actor.person, mapping=number)
        connection.execute(
            update(MAPPINGS)
            .where(MAPPINGS.c.number == number)
            .values(checked_by=actor.person, checked_at=desk.now().isoformat())
        )
        _note(connection, desk, actor, zorgdrager, "retention.mapping_checked", number)
        return _read(connection, zorgdrager, number)


def compare_mappings(
    connection: Connection, zorgdragers: tuple[str, ...]
) -> tuple[Difference, ...]:
    """Where zorgdragers that share a records team map the same zaaktype and result differently."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for zorgdrager in zorgdragers:
        for each in list_mappings(connection, zorgdrager):
            if each.checked_by:
                rule = f"{each.list_year}, {each.category}"
                found.setdefault((each.zaaktype, each.result), {})[zorgdrager] = rule
    return tuple(
        Difference(zaaktype, result, tuple(sorted(rules.items())))
        for (zaaktype, result), rules in sorted(found.items())
        if len(set(rules.values())) > 1
    )


def _check(connection: Connection, zorgdrager: str, new: NewMapping) -> None:
    if not new.reason.strip():
        raise Refused("reason_missing", zorgdrager=zorgdrager, zaaktype=new.zaaktype)
    if new.trigger and new.trigger not in set(Trigger):
        raise Refused("unknown", found=new.trigger, expected=", ".join(Trigger))
    if not is_known(connection, new.list_year):
        raise Refused("unknown", found=new.list_year, expected="selectielijst")
    numbers = {
        number
        for each in list_versions(connection)
        if each.year == new.list_year
        for number in rules_of(connection, each)
    }
    if new.category not in numbers:
        raise Refused("unknown", found=new.category, expected=f"selectielijst {new.list_year}")


def _read(connection: Connection, zorgdrager: str, number: int) -> Mapping:
    row = connection.execute(
        select(MAPPINGS).where(MAPPINGS.c.zorgdrager == zorgdrager, MAPPINGS.c.number == number)
    ).first()
    if row is None:
        raise Refused("unknown", mapping=number, zorgdrager=zorgdrager)
    return _mapping(row)


def _mapping(row: Row[tuple[str, ...]]) -> Mapping:
    return Mapping(
        number=row.number,
        zorgdrager=row.zorgdrager,
        zaaktype=row.zaaktype,
        result=row.result,
        list_year=row.list_year,
        category=row.category,
        trigger=row.trigger_kind,
        process_term=row.process_term,
        valid_from=date.fromisoformat(row.valid_from),
        valid_to=date.fromisoformat(row.valid_to) if row.valid_to else None,
        reason=row.reason,
        made_by=row.made_by,
        checked_by=row.checked_by,
    )


def _note(  # noqa: PLR0913, PLR0917 - who did what with which mapping
    connection: Connection, desk: Desk, actor: Actor, zorgdrager: str, action: str, number: int
) -> None:
    note(
        connection,
        desk,
        zorgdrager,
        action,
        f"mapping-{number}",
        result="ok",
        actor=actor.person,
        origin=actor.origin,
    )
