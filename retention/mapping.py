"""Mappings: which result of which list holds for a zaaktype with a resultaat, in a zorgdrager.

A choice of a person, checked by a second one before it counts; never edited, only ended or
followed by another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Row, insert, select, update

from retention.case import Trigger
from retention.days import trusted_today
from retention.errors import Refused
from retention.list_versions import is_term, list_versions, rules_of
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.people import require_mandate, sign
from retention.rule_tables import MAPPINGS
from storage.database import begin
from storage.ledger import canonical

MAKERS = (Role.RECORD_MANAGER, Role.ARCHIVIST, Role.PROCESS_OWNER)
BEYOND = 1 << 40
"""Past every number that a mapping has."""


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

    def holds_on(self, day: str) -> bool:
        """Whether it is valid on a day (ISO text)."""
        return self.valid_from.isoformat() <= day and (
            self.valid_to is None or day <= self.valid_to.isoformat()
        )


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


def mapping_for(  # noqa: PLR0913, PLR0917 - what a mapping is looked up by
    connection: Connection,
    zorgdrager: str,
    zaaktype: str,
    result: str,
    on: str,
    assumed: Sequence[Mapping] = (),
) -> Mapping | None:
    """The newest checked mapping that is valid on a day (ISO text, "" for any); one for the very
    result goes before one for every result.

    `assumed`: mappings that are taken to be checked already, for a preview.
    """
    if not zaaktype:
        return None
    rows = connection.execute(
        select(MAPPINGS).where(
            MAPPINGS.c.zorgdrager == zorgdrager,
            MAPPINGS.c.zaaktype == zaaktype,
            MAPPINGS.c.result.in_([result, ""]),
            MAPPINGS.c.checked_by != "",
        )
    )
    found = [_mapping(each) for each in rows]
    found += [
        each
        for each in assumed
        if (each.zorgdrager, each.zaaktype) == (zorgdrager, zaaktype)
        and each.result in {result, ""}
    ]
    valid = [each for each in found if not on or each.holds_on(on)]
    return max(valid, key=lambda each: (each.result != "", each.number), default=None)


def set_mapping(desk: Desk, actor: Actor, zorgdrager: str, new: NewMapping) -> Mapping:
    """Write a mapping down; it counts once another person has checked it.

    Raises: Refused (mandate, unknown, mapping_invalid, reason_missing).
    """
    return set_mappings(desk, actor, zorgdrager, [new])[0]


def set_mappings(
    desk: Desk, actor: Actor, zorgdrager: str, new: Sequence[NewMapping]
) -> tuple[Mapping, ...]:
    """Write mappings down, all of them or none, under numbers that follow each other.

    Raises: Refused (mandate, unknown, mapping_invalid, reason_missing).
    """
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        require_mandate(connection, actor, zorgdrager, MAKERS, today)
        require_possible(connection, zorgdrager, new)
        return tuple(_insert(connection, desk, actor, zorgdrager, each) for each in new)


def as_if_checked(zorgdrager: str, new: Sequence[NewMapping]) -> tuple[Mapping, ...]:
    """Mappings as they would count, for a preview: after every one that there is."""
    return tuple(
        Mapping(
            number=BEYOND + place,
            zorgdrager=zorgdrager,
            zaaktype=each.zaaktype,
            result=each.result,
            list_year=each.list_year,
            category=each.category,
            trigger=each.trigger,
            process_term=each.process_term,
            valid_from=each.valid_from,
            valid_to=each.valid_to,
            reason=each.reason,
            made_by="",
            checked_by="",
        )
        for place, each in enumerate(new)
    )


def check_mapping(desk: Desk, actor: Actor, zorgdrager: str, number: int) -> Mapping:
    """Agree with a mapping as a second person.

    Raises: Refused (unknown, mandate, same_person, state).
    """
    return check_mappings(desk, actor, zorgdrager, [number])[0]


def check_mappings(
    desk: Desk, actor: Actor, zorgdrager: str, numbers: Sequence[int]
) -> tuple[Mapping, ...]:
    """Agree with mappings as a second person, with all of them or none.

    Raises: Refused (unknown, mandate, same_person, state).
    """
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        require_mandate(connection, actor, zorgdrager, MAKERS, today)
        return tuple(_agree(connection, desk, actor, zorgdrager, each) for each in numbers)


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


def require_possible(connection: Connection, zorgdrager: str, new: Sequence[NewMapping]) -> None:
    """See that each can be: it names a result that stands in a list, and says why.

    Raises: Refused (unknown, mapping_invalid, reason_missing) for the first that cannot.
    """
    numbers: dict[str, set[str]] = {}
    for version in list_versions(connection):
        numbers.setdefault(version.year, set()).update(rules_of(connection, version))
    for each in new:
        if not each.reason.strip():
            raise Refused("reason_missing", zorgdrager=zorgdrager, zaaktype=each.zaaktype)
        for where, found, expected in _impossible(each):
            raise Refused("mapping_invalid", where=where, found=found, expected=expected)
        if each.list_year not in numbers:
            raise Refused("unknown", name=each.list_year)
        if each.category not in numbers[each.list_year]:
            raise Refused("unknown", name=f"{each.list_year}, {each.category}")


def _impossible(new: NewMapping) -> Iterator[tuple[str, str, str]]:
    """What can never be, whatever the lists say: where, what was found, what is expected."""
    if not new.zaaktype.strip():
        yield "zaaktype", "-", "Bezwaar behandelen"
    if new.trigger and new.trigger not in set(Trigger):
        yield "trigger", new.trigger, ", ".join(Trigger)
    if new.process_term and not is_term(new.process_term):
        yield "process_term", new.process_term, "P10Y, P6W"
    if new.valid_to is not None and new.valid_to < new.valid_from:
        yield "valid_to", new.valid_to.isoformat(), f">= {new.valid_from.isoformat()}"


def _insert(
    connection: Connection, desk: Desk, actor: Actor, zorgdrager: str, new: NewMapping
) -> Mapping:
    added = insert(MAPPINGS).returning(MAPPINGS.c.number)
    row = {
        "zorgdrager": zorgdrager,
        "zaaktype": new.zaaktype.strip(),
        "result": new.result.strip(),
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
    made = read_mapping(connection, zorgdrager, number)
    _note(connection, desk, actor, "retention.mapping_set", made)
    return made


def _agree(
    connection: Connection, desk: Desk, actor: Actor, zorgdrager: str, number: int
) -> Mapping:
    found = read_mapping(connection, zorgdrager, number)
    if found.checked_by:
        raise Refused("state", number=number, state="checked")
    if found.made_by == actor.person:
        raise Refused("same_person", person=actor.person, number=number)
    connection.execute(
        update(MAPPINGS)
        .where(MAPPINGS.c.number == number)
        .values(checked_by=actor.person, checked_at=desk.now().isoformat())
    )
    _note(connection, desk, actor, "retention.mapping_checked", found)
    return read_mapping(connection, zorgdrager, number)


def read_mapping(connection: Connection, zorgdrager: str, number: int) -> Mapping:
    """The mapping of a number.

    Raises: Refused (unknown).
    """
    row = connection.execute(
        select(MAPPINGS).where(MAPPINGS.c.zorgdrager == zorgdrager, MAPPINGS.c.number == number)
    ).first()
    if row is None:
        raise Refused("unknown", number=number, zorgdrager=zorgdrager)
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


def signed_content(action: str, mapping: Mapping) -> bytes:
    """The bytes that who sets or checks a mapping signs: all that it says."""
    said = {
        "action": action,
        "zorgdrager": mapping.zorgdrager,
        "number": mapping.number,
        "zaaktype": mapping.zaaktype,
        "result": mapping.result,
        "list": mapping.list_year,
        "category": mapping.category,
        "trigger": mapping.trigger,
        "process_term": mapping.process_term,
        "valid_from": mapping.valid_from.isoformat(),
        "valid_to": mapping.valid_to.isoformat() if mapping.valid_to else "",
        "reason": mapping.reason,
    }
    return canonical(said).encode("utf-8")


def _note(connection: Connection, desk: Desk, actor: Actor, action: str, mapping: Mapping) -> None:
    """Let the actor sign the mapping as it stands, and keep the signature in the ledger."""
    signature = sign(connection, actor, signed_content(action, mapping))
    note(
        connection,
        desk,
        mapping.zorgdrager,
        action,
        f"mapping-{mapping.number}",
        result="ok",
        actor=actor.person,
        origin=actor.origin,
        facts={"signature": signature},
    )
