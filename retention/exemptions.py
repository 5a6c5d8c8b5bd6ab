"""Exemptions from destruction (uitzonderingen): by decision, for a hotspot or after par. 1.3.

An exemption keeps a dossier for good. It blocks from the moment that one person records it; the
date engine goes by it once a second person has checked it. It ends only under a later decision,
asked for by one person and agreed to by an archivist who is another.

Source: selection list, paragraph 1.3; domain rules, section 7 and R24.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from retention import computing
from retention.days import trusted_today
from retention.errors import DossierUnknown, Refused
from retention.hold_acts import Said, needs_reason, write_act
from retention.hold_members import Cause, let_go, raise_epochs
from retention.hold_sight import lines_of
from retention.hold_texts import in_parts
from retention.leaving import By
from retention.nouns import Actor, Desk, Role
from retention.people import Mandate, require_mandate
from retention.tables import DOSSIERS, EXEMPTIONS
from storage.database import begin

ROLES = (Role.RECORD_MANAGER, Role.ARCHIVIST)
EXEMPT = "exempt"
"""Why an item leaves its list: the code of the refusal (G5)."""
CAUSE = "exemption"
"""What causes the new computation."""


class Ground(StrEnum):
    """Why a dossier is kept although the list says destroy."""

    HOTSPOT = "hotspot"
    EXCEPTIONAL = "bijzonder"
    SAMPLE = "steekproef"
    OTHER = "anders"


@dataclass(frozen=True, slots=True)
class Exemption:
    """An exemption of one dossier; `checked_by` "" as long as nobody else looked at it."""

    number: int
    dossier: str
    ground: Ground
    decision: str
    decided_on: date
    recorded_by: str
    checked_by: str
    recorded_at: str
    end_asked_by: str
    end_decision: str
    ended_by: str
    ended_at: str


def exempt(  # noqa: PLR0913 - each of them stands in the decision
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    dossiers: Collection[str],
    *,
    ground: Ground,
    decision: str,
    decided_on: date,
    reason: str = "",
) -> tuple[Exemption, ...]:
    """Record an exemption for each of these dossiers: it blocks at once, and waits for a check.

    Dossiers that are on a list leave it.

    Raises: Refused (mandate, reason_missing without a decision); Refused (scope_empty); Refused
    (contradiction) for a decision of a later day; DossierUnknown.
    """
    with begin(desk.engine) as connection:
        mandate, today = _mandate(connection, desk, actor, zorgdrager)
        wanted = sorted(set(dossiers))
        if not wanted:
            raise Refused("scope_empty", "no dossier is named")
        _check_known(connection, zorgdrager, wanted)
        if decided_on > today:
            raise Refused("contradiction", "decided later than today", found=str(decided_on))
        row = {
            "ground": ground.value,
            "decision": needs_reason(decision),
            "decided_on": decided_on.isoformat(),
            "recorded_by": actor.person,
            "checked_by": "",
            "recorded_at": desk.now().isoformat(),
            "end_asked_by": "",
            "end_decision": "",
            "ended_by": "",
            "ended_at": "",
        }
        made = []
        for each in wanted:
            added = insert(EXEMPTIONS).returning(EXEMPTIONS.c.number)
            number = connection.execute(added, row | {"dossier": each}).scalar_one()
            facts = {"dossier": each, "ground": ground.value, "decision": row["decision"]}
            said = Said("exempt", _object(number), facts, reason.strip(), {})
            write_act(connection, desk, actor, mandate, said, "retention.exempted")
            made.append(read_exemption(connection, number))
        _leave_lists(connection, desk, wanted, By(actor.person, actor.origin))
    return tuple(made)


def check(desk: Desk, actor: Actor, number: int) -> Exemption:
    """Agree that an exemption was recorded as it was decided.

    Raises: Refused (unknown, mandate, state); Refused (same_person) for whoever recorded it.
    """
    with begin(desk.engine) as connection:
        found, mandate = _open(connection, desk, actor, number)
        _require(not found.checked_by, found)
        _require_other(actor, found.recorded_by)
        said = Said("check", _object(number), {"dossier": found.dossier}, "", {})
        write_act(connection, desk, actor, mandate, said, "retention.exemption_checked")
        checked = _change(connection, number, checked_by=actor.person)
        computing.compute(connection, desk, found.dossier, CAUSE)
        return checked


def refuse(desk: Desk, actor: Actor, number: int, reason: str) -> Exemption:
    """Take away an exemption that was recorded wrongly, and that nobody has checked.

    Raises: Refused (unknown, mandate, state, reason_missing); Refused (same_person).
    """
    with begin(desk.engine) as connection:
        found, mandate = _open(connection, desk, actor, number)
        _require(not found.checked_by, found)
        _require_other(actor, found.recorded_by)
        facts = {"dossier": found.dossier}
        said = Said("refuse", _object(number), facts, needs_reason(reason), {})
        write_act(connection, desk, actor, mandate, said, "retention.exemption_refused")
        return _end(connection, desk, actor, number)


def ask_end(desk: Desk, actor: Actor, number: int, decision: str, reason: str) -> Exemption:
    """Ask for the end of an exemption, under a later decision; until then it blocks as before.

    Raises: Refused (unknown, mandate, state, reason_missing).
    """
    with begin(desk.engine) as connection:
        found, mandate = _open(connection, desk, actor, number)
        _require(bool(found.checked_by) and not found.end_asked_by, found)
        later = needs_reason(decision)
        facts = {"dossier": found.dossier, "decision": later}
        said = Said("ask_end", _object(number), facts, needs_reason(reason), {})
        write_act(connection, desk, actor, mandate, said, "retention.exemption_end_asked")
        return _change(connection, number, end_asked_by=actor.person, end_decision=later)


def agree_end(desk: Desk, actor: Actor, number: int) -> Exemption:
    """End an exemption of which another person asked the end, as an archivist.

    Raises: Refused (unknown, mandate, state, same_person).
    """
    with begin(desk.engine) as connection:
        found, mandate = _open(connection, desk, actor, number, (Role.ARCHIVIST,))
        _require(bool(found.end_asked_by), found)
        _require_other(actor, found.end_asked_by)
        facts = {"dossier": found.dossier, "decision": found.end_decision}
        said = Said("agree_end", _object(number), facts, "", {})
        write_act(connection, desk, actor, mandate, said, "retention.exemption_ended")
        ended = _end(connection, desk, actor, number)
        computing.compute(connection, desk, found.dossier, CAUSE)
        return ended


def keep(desk: Desk, actor: Actor, number: int, reason: str) -> Exemption:
    """Refuse the end that another person asked for: the exemption is as it was.

    Raises: Refused (unknown, mandate, state, same_person, reason_missing).
    """
    with begin(desk.engine) as connection:
        found, mandate = _open(connection, desk, actor, number)
        _require(bool(found.end_asked_by), found)
        _require_other(actor, found.end_asked_by)
        facts = {"dossier": found.dossier, "decision": found.end_decision}
        said = Said("refuse_end", _object(number), facts, needs_reason(reason), {})
        write_act(connection, desk, actor, mandate, said, "retention.exemption_kept")
        return _change(connection, number, end_asked_by="", end_decision="")


def exempt_on(connection: Connection, dossier: str) -> bool:
    """Whether a dossier is exempted, checked or not: one person is enough to keep."""
    return bool(exempt_among(connection, (dossier,)))


def exempt_among(connection: Connection, dossiers: Collection[str]) -> set[str]:
    """Which of these dossiers are exempted, checked or not."""
    found: set[str] = set()
    for part in in_parts(dossiers):
        wanted = select(EXEMPTIONS.c.dossier).where(
            EXEMPTIONS.c.dossier.in_(part), EXEMPTIONS.c.ended_at == ""
        )
        found.update(connection.execute(wanted).scalars())
    return found


def read_exemption(connection: Connection, number: int) -> Exemption:
    """The exemption of a number.

    Raises: Refused (unknown).
    """
    row = connection.execute(select(EXEMPTIONS).where(EXEMPTIONS.c.number == number)).first()
    if row is None:
        raise Refused("unknown", f"exemption {number}", name=str(number))
    return _exemption(row)


def list_exemptions(
    connection: Connection, zorgdragers: Sequence[str] = (), *, ended: bool = False
) -> tuple[Exemption, ...]:
    """The exemptions in the order in which they were recorded; the ended ones when asked for."""
    wanted = select(EXEMPTIONS).order_by(EXEMPTIONS.c.number)
    if zorgdragers:
        mine = select(DOSSIERS.c.dossier).where(DOSSIERS.c.zorgdrager.in_(zorgdragers))
        wanted = wanted.where(EXEMPTIONS.c.dossier.in_(mine))
    if not ended:
        wanted = wanted.where(EXEMPTIONS.c.ended_at == "")
    return tuple(_exemption(each) for each in connection.execute(wanted))


def _open(
    connection: Connection,
    desk: Desk,
    actor: Actor,
    number: int,
    roles: Sequence[Role] = ROLES,
) -> tuple[Exemption, Mandate]:
    found = read_exemption(connection, number)
    wanted = select(DOSSIERS.c.zorgdrager).where(DOSSIERS.c.dossier == found.dossier)
    zorgdrager = connection.execute(wanted).scalar_one()
    mandate, _ = _mandate(connection, desk, actor, zorgdrager, roles)
    _require(not found.ended_at, found)
    return found, mandate


def _mandate(
    connection: Connection,
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    roles: Sequence[Role] = ROLES,
) -> tuple[Mandate, date]:
    today = trusted_today(connection, zorgdrager, desk.now())
    return require_mandate(connection, actor, zorgdrager, roles, today), today


def _check_known(connection: Connection, zorgdrager: str, dossiers: Sequence[str]) -> None:
    known: set[str] = set()
    for part in in_parts(dossiers):
        wanted = select(DOSSIERS.c.dossier).where(
            DOSSIERS.c.dossier.in_(part), DOSSIERS.c.zorgdrager == zorgdrager
        )
        known.update(connection.execute(wanted).scalars())
    for each in dossiers:
        if each not in known:
            raise DossierUnknown(dossier=each, zorgdrager=zorgdrager)


def _leave_lists(connection: Connection, desk: Desk, dossiers: Sequence[str], by: By) -> None:
    """What is exempted goes on no list; a seal on it or on its family is out of date."""
    for part in in_parts(dossiers):
        reached = set().union(*lines_of(connection, part).of.values())
        raise_epochs(connection, reached)
        let_go(connection, desk, part, Cause(EXEMPT, "", by))


def _require(fits: bool, exemption: Exemption) -> None:
    if not fits:
        state = "ended" if exemption.ended_at else "checked" if exemption.checked_by else "recorded"
        raise Refused("state", f"exemption {exemption.number}: {state}", state=state)


def _require_other(actor: Actor, person: str) -> None:
    if actor.person == person:
        raise Refused("same_person", "somebody else has to do this", person=person)


def _change(connection: Connection, number: int, **values: str) -> Exemption:
    connection.execute(update(EXEMPTIONS).where(EXEMPTIONS.c.number == number).values(**values))
    return read_exemption(connection, number)


def _end(connection: Connection, desk: Desk, actor: Actor, number: int) -> Exemption:
    return _change(connection, number, ended_by=actor.person, ended_at=desk.now().isoformat())


def _object(number: int) -> str:
    return f"exemption:{number}"


def _exemption(row: Row[Any]) -> Exemption:
    return Exemption(
        number=row.number,
        dossier=row.dossier,
        ground=Ground(row.ground),
        decision=row.decision,
        decided_on=date.fromisoformat(row.decided_on),
        recorded_by=row.recorded_by,
        checked_by=row.checked_by,
        recorded_at=row.recorded_at,
        end_asked_by=row.end_asked_by,
        end_decision=row.end_decision,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
    )
