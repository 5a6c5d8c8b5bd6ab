"""Facts: asserted, checked by a second person, taken back; each gives a new computation at once.

A fact from a system counts at once. What a person types in that moves a date without a source
(a manual anchor, a rule, that a minimum is enough) counts once another person has checked it.
Source: domain rules R13, R15, R16, R20, R25; computation of a dossier, 3.3.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from retention import computing, people
from retention.days import trusted_today
from retention.errors import DossierUnknown, Refused
from retention.fact_kinds import (
    BY_PERSON,
    CHECKED_RETRACTIONS,
    FactKind,
    key_of,
)
from retention.links import LINKING, LINKS, renew_links, waiting_for
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.register import read_dossier
from retention.sayings import Saying, check_saying, put_facts, said_plain, saying
from retention.standing import (
    NOT_NEEDED,
    REFUSED,
    Fact,
    facts_of,
    of_dossiers,
    of_objects,
    read_fact,
    standing,
)
from retention.tables import DOSSIERS, FACTS
from storage.database import begin
from storage.ledger import canonical

__all__ = [
    "FactKind",
    "Saying",
    "add_fact",
    "assert_fact",
    "check_fact",
    "facts_of",
    "put_facts",
    "retract_fact",
    "say",
    "take_back",
]

MAY_SAY = (Role.EMPLOYEE, Role.RECORD_MANAGER)
MAY_CHECK = (Role.EMPLOYEE, Role.RECORD_MANAGER, Role.ARCHIVIST)
MAY_CONFIRM = (Role.RECORD_MANAGER, Role.PROCESS_OWNER, Role.ARCHIVIST)
"""Who may say, and check, that a minimum term is enough: a professional (R20)."""


def assert_fact(  # noqa: PLR0913 - who says what of which, on whose word and why
    connection: Connection,
    desk: Desk,
    about: str,
    kind: FactKind,
    value: Any,
    *,
    source: str,
    reason: str = "",
    actor_id: str,
) -> Fact:
    """Write down a fact about a dossier or an object ("registry:id"), and compute every dossier
    that it reaches anew.

    Raises: DossierUnknown; Refused (value, reason_missing).
    """
    return add_fact(connection, desk, saying(about, kind, value, source, reason), actor_id=actor_id)


def add_fact(connection: Connection, desk: Desk, said: Saying, *, actor_id: str) -> Fact:
    """The same.

    Raises: DossierUnknown; Refused (value, reason_missing).
    """
    check_saying(said)
    if said.dossier:
        read_dossier(connection, said.dossier)
    [fact] = put_facts(connection, desk, [said], actor_id=actor_id)
    _renew(connection, desk, fact)
    return fact


def retract_fact(  # noqa: PLR0913 - who takes it back, on whose word and why
    connection: Connection,
    desk: Desk,
    number: int,
    *,
    source: str,
    reason: str,
    actor_id: str,
    checked_by: str = "",
) -> Fact:
    """Take a fact back: what it said is unknown again, and nothing older comes in its place.

    Raises: Refused (unknown, state, reason_missing).
    """
    taken = read_fact(connection, number)
    if taken is None or taken.value is None:
        raise Refused("unknown", about=f"fact {number}")
    if taken not in _standing_beside(connection, taken):
        raise Refused("state", about=f"fact {number}", found="not standing")
    if not reason.strip():
        raise Refused("reason_missing")
    waits = source == BY_PERSON and taken.kind in CHECKED_RETRACTIONS and not checked_by
    at = desk.now().isoformat()
    row = {
        "dossier": taken.dossier,
        "object": taken.object,
        "kind": taken.kind.value,
        "value": "null",
        "source": source,
        "reason": reason,
        "asserted_at": at,
        "asserted_by": actor_id,
        "checked_by": checked_by or ("" if waits else NOT_NEEDED),
        "checked_at": at if checked_by else "",
        "replaces": number,
    }
    made = connection.execute(insert(FACTS).returning(FACTS.c.number), row).scalar_one()
    fact = read_fact(connection, made)
    assert fact is not None
    _renew(connection, desk, fact)
    return fact


def say(desk: Desk, actor: Actor, said: Saying) -> Fact:
    """A person asserts a fact, with a reason, and signs it.

    Raises: DossierUnknown; Refused (mandate, value, reason_missing); SignatureWrong.
    """
    with begin(desk.engine) as connection:
        for zorgdrager in zorgdragers_of(connection, said.dossier, said.object):
            _require(connection, desk, actor, zorgdrager, _who_says(said.kind))
        signature = _sign(connection, actor, "say", said_plain(said))
        fact = add_fact(connection, desk, said, actor_id=actor.person)
        _note(connection, desk, actor, fact, "asserted", signature)
    return fact


def take_back(desk: Desk, actor: Actor, number: int, reason: str) -> Fact:
    """A person takes a fact back, with a reason, and signs that.

    Raises: Refused (mandate, unknown, state, reason_missing); SignatureWrong.
    """
    with begin(desk.engine) as connection:
        taken = _known(connection, number)
        for zorgdrager in zorgdragers_of(connection, taken.dossier, taken.object):
            _require(connection, desk, actor, zorgdrager, _who_says(taken.kind))
        signature = _sign(connection, actor, "take_back", {"fact": number, "reason": reason})
        fact = retract_fact(
            connection, desk, number, source=BY_PERSON, reason=reason, actor_id=actor.person
        )
        _note(connection, desk, actor, fact, "retracted", signature)
    return fact


def check_fact(desk: Desk, actor: Actor, number: int, *, agrees: bool, reason: str = "") -> Fact:
    """The second person agrees with a fact, so that it counts from now, or refuses it.

    Raises: Refused (mandate, unknown, state, same_person, reason_missing); SignatureWrong.
    """
    with begin(desk.engine) as connection:
        fact = _known(connection, number)
        if fact.checked_by:
            raise Refused("state", about=f"fact {number}", found=fact.checked_by)
        if fact.asserted_by == actor.person:
            raise Refused("same_person", number=number, person=actor.person)
        if not agrees and not reason.strip():
            raise Refused("reason_missing")
        for zorgdrager in zorgdragers_of(connection, fact.dossier, fact.object):
            _require(connection, desk, actor, zorgdrager, _who_checks(fact.kind))
        said = {"fact": number, "agrees": agrees, "reason": reason}
        signature = _sign(connection, actor, "check", said)
        checked = mark_checked(connection, desk, fact, actor.person, agrees=agrees)
        _note(connection, desk, actor, checked, "checked" if agrees else "refused", signature)
    return checked


def mark_checked(
    connection: Connection, desk: Desk, fact: Fact, person: str, *, agrees: bool
) -> Fact:
    """Write down what the second person said; where that one agrees, compute anew."""
    by = person if agrees else f"{REFUSED}{person}"
    connection.execute(
        update(FACTS)
        .where(FACTS.c.number == fact.number, FACTS.c.checked_by == "")
        .values(checked_by=by, checked_at=desk.now().isoformat())
    )
    checked = _known(connection, fact.number)
    if agrees:
        _renew(connection, desk, checked)
    return checked


def waiting_facts(connection: Connection, after: int = 0, limit: int = 100) -> tuple[Fact, ...]:
    """The facts that wait for a second person, in the order in which they came."""
    wanted = (
        select(FACTS.c.number)
        .where(FACTS.c.checked_by == "", FACTS.c.number > after)
        .order_by(FACTS.c.number)
        .limit(limit)
    )
    return tuple(_known(connection, number) for number in connection.execute(wanted).scalars())


def _renew(connection: Connection, desk: Desk, fact: Fact) -> None:
    """Links and computations of every dossier that a fact reaches, if it counts."""
    if not fact.counts:
        return
    if fact.object:
        reached: Sequence[str] = waiting_for(connection, fact.object)
    else:
        reached = [fact.dossier]
        if fact.kind in LINKING:
            zorgdrager = read_dossier(connection, fact.dossier).zorgdrager
            stands = standing(of_dossiers(connection, reached)[fact.dossier])
            renew_links(connection, fact.dossier, zorgdrager, stands)
    computing.compute_each(connection, desk, reached, f"fact {fact.number}")


def _standing_beside(connection: Connection, fact: Fact) -> tuple[Fact, ...]:
    if fact.object:
        return standing(of_objects(connection, [fact.object])[fact.object])
    return standing(of_dossiers(connection, [fact.dossier])[fact.dossier])


def _known(connection: Connection, number: int) -> Fact:
    fact = read_fact(connection, number)
    if fact is None:
        raise Refused("unknown", about=f"fact {number}")
    return fact


def zorgdragers_of(connection: Connection, dossier: str, object_: str) -> list[str]:
    """Whose dossiers a fact reaches; a mandate is asked for with each."""
    wanted = select(DOSSIERS.c.zorgdrager).where(DOSSIERS.c.dossier == dossier)
    if object_:
        wanted = select(LINKS.c.zorgdrager).where(
            LINKS.c.kind == FactKind.OBJECT.value, LINKS.c.target == object_
        )
    wanted = wanted.distinct()
    found = sorted(connection.execute(wanted).scalars())
    if not found:
        raise DossierUnknown(dossier=dossier or object_)
    return found


def _who_says(kind: FactKind) -> tuple[Role, ...]:
    return MAY_CONFIRM if kind is FactKind.MINIMUM_CONFIRMED else MAY_SAY


def _who_checks(kind: FactKind) -> tuple[Role, ...]:
    return MAY_CONFIRM if kind is FactKind.MINIMUM_CONFIRMED else MAY_CHECK


def _require(
    connection: Connection, desk: Desk, actor: Actor, zorgdrager: str, roles: tuple[Role, ...]
) -> None:
    on = trusted_today(connection, zorgdrager, desk.now())
    people.require_mandate(connection, actor, zorgdrager, roles, on)


def _sign(connection: Connection, actor: Actor, act: str, said: dict[str, Any]) -> str:
    return people.sign(connection, actor, canonical({"act": f"fact.{act}", **said}).encode())


def _note(  # noqa: PLR0913, PLR0917 - who did what with which fact
    connection: Connection, desk: Desk, actor: Actor, fact: Fact, action: str, signature: str
) -> None:
    for zorgdrager in zorgdragers_of(connection, fact.dossier, fact.object):
        note(
            connection,
            desk,
            zorgdrager,
            f"retention.fact_{action}",
            fact.dossier or f"fact:{fact.number}",
            result="done",
            actor=actor.person,
            origin=actor.origin,
            facts={"fact": fact.number, "kind": fact.kind.value, "signature": signature},
            details={"object": fact.object, "key": _key(fact), "reason": fact.reason},
        )


def _key(fact: Fact) -> str:
    return "" if fact.value is None else key_of(fact.kind, fact.value)
