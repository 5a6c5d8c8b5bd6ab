"""Corrections in bulk: a table of facts with one reason, previewed, proposed, and checked.

One person proposes, another checks the whole; until then nothing of it counts. What it would
change is computed for real and undone, so that the preview is the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Integer, Row, Table, Text, insert, select, update

from retention import computing, people
from retention.correction_rows import Wanted
from retention.days import trusted_today
from retention.errors import Refused
from retention.fact_kinds import FactKind
from retention.facts import MAY_CHECK, MAY_CONFIRM, MAY_SAY
from retention.gathering import AT_ONCE
from retention.links import LINKING, renew_links
from retention.noting import note
from retention.nouns import Actor, Desk
from retention.recomputing import Preview, add_change
from retention.sayings import Saying, put_facts, said_plain
from retention.standing import REFUSED, of_dossiers, standing
from retention.tables import DOSSIERS, FACTS
from storage.database import METADATA, begin
from storage.ledger import canonical

CORRECTIONS = Table(
    "retention_corrections",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("facts", Integer, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("signature", Text, nullable=False),
    # waiting, applied or refused.
    Column("state", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Text, nullable=False),
)

CORRECTION_FACTS = Table(
    "retention_correction_facts",
    METADATA,
    Column("correction", Integer, primary_key=True, autoincrement=False),
    Column("fact", Integer, primary_key=True, autoincrement=False),
)

WAITING, APPLIED, TURNED_DOWN = "waiting", "applied", "refused"
PREVIEWED = "preview"


@dataclass(frozen=True, slots=True)
class Correction:
    """A table of corrections: its file's name and digest, why, by whom, and how far it is."""

    number: int
    zorgdrager: str
    name: str
    sha256: str
    reason: str
    facts: int
    made_by: str
    made_at: str
    state: str
    decided_by: str
    decided_at: str


class _Undone(Exception):
    """Takes a preview back."""


def preview_correction(desk: Desk, wanted: Wanted) -> Preview:
    """What a table would change if it counted, dossier by dossier; nothing of it stays."""
    found = Preview()
    dossiers = _dossiers(wanted.sayings)
    try:
        with begin(desk.engine) as connection:
            before = _rows(connection, dossiers)
            put_facts(connection, desk, wanted.sayings, actor_id=PREVIEWED, checked_by=PREVIEWED)
            _renew(connection, desk, dossiers, PREVIEWED)
            after = _rows(connection, dossiers)
            for each in dossiers:
                add_change(found, before[each], dict(after[each]._mapping))
            raise _Undone
    except _Undone:
        return found


def propose(  # noqa: PLR0913, PLR0917 - who wants what, from which file, and why
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    file: tuple[str, str],
    wanted: Wanted,
    reason: str,
) -> Correction:
    """Write a table down, signed; nothing of it counts before `decide`. `file`: name, SHA-256.

    Raises: Refused (mandate, reason_missing, value when the table has faults); SignatureWrong.
    """
    if not reason.strip():
        raise Refused("reason_missing")
    if wanted.faults or not wanted.sayings:
        raise Refused("value", about=file[0], found=len(wanted.faults))
    with begin(desk.engine) as connection:
        _require(connection, desk, actor, zorgdrager, wanted.sayings, MAY_SAY)
        said = {
            "zorgdrager": zorgdrager,
            "sha256": file[1],
            "reason": reason,
            "facts": [said_plain(each) for each in wanted.sayings],
        }
        signature = _sign(connection, actor, "propose", said)
        facts = put_facts(connection, desk, wanted.sayings, actor_id=actor.person, waits=True)
        row = {
            "zorgdrager": zorgdrager,
            "name": file[0],
            "sha256": file[1],
            "reason": reason,
            "facts": len(facts),
            "made_by": actor.person,
            "made_at": desk.now().isoformat(),
            "signature": signature,
            "state": WAITING,
            "decided_by": "",
            "decided_at": "",
        }
        added = insert(CORRECTIONS).returning(CORRECTIONS.c.number)
        number = int(connection.execute(added, row).scalar_one())
        connection.execute(
            insert(CORRECTION_FACTS),
            [{"correction": number, "fact": each.number} for each in facts],
        )
        made = read_correction(connection, number)
        _note(connection, desk, actor, made, "proposed", signature)
    return made


def decide(desk: Desk, actor: Actor, number: int, *, agrees: bool, reason: str = "") -> Correction:
    """The second person lets a table count, as a whole, or turns it down.

    Raises: Refused (unknown, state, same_person, mandate, reason_missing); SignatureWrong.
    """
    with begin(desk.engine) as connection:
        correction = read_correction(connection, number)
        if correction.state != WAITING:
            raise Refused("state", about=f"correction {number}", found=correction.state)
        if correction.made_by == actor.person:
            raise Refused("same_person", number=number, person=actor.person)
        if not agrees and not reason.strip():
            raise Refused("reason_missing")
        sayings = _sayings(connection, number)
        _require(connection, desk, actor, correction.zorgdrager, sayings, MAY_CHECK)
        said = {"correction": number, "sha256": correction.sha256, "agrees": agrees}
        signature = _sign(connection, actor, "decide", said | {"reason": reason})
        _mark(connection, desk, number, actor.person, agrees=agrees)
        if agrees:
            _renew(connection, desk, _dossiers(sayings), f"correction {number}")
        done = read_correction(connection, number)
        _note(connection, desk, actor, done, "applied" if agrees else "refused", signature)
    return done


def read_correction(connection: Connection, number: int) -> Correction:
    """The table of a number.

    Raises: Refused (unknown).
    """
    row = connection.execute(select(CORRECTIONS).where(CORRECTIONS.c.number == number)).first()
    if row is None:
        raise Refused("unknown", about=f"correction {number}")
    return _correction(row)


def list_corrections(connection: Connection, zorgdrager: str) -> tuple[Correction, ...]:
    """The tables of a zorgdrager, those that wait first, then the newest."""
    wanted = select(CORRECTIONS).where(CORRECTIONS.c.zorgdrager == zorgdrager)
    order = (CORRECTIONS.c.state != WAITING, CORRECTIONS.c.number.desc())
    return tuple(_correction(each) for each in connection.execute(wanted.order_by(*order)))


def _correction(row: Row[Any]) -> Correction:
    return Correction(**{name: getattr(row, name) for name in Correction.__slots__})


def _dossiers(sayings: Sequence[Saying]) -> list[str]:
    return list(dict.fromkeys(each.dossier for each in sayings))


def _rows(connection: Connection, dossiers: Sequence[str]) -> dict[str, Row[Any]]:
    found: dict[str, Row[Any]] = {}
    for start in range(0, len(dossiers), AT_ONCE):
        part = dossiers[start : start + AT_ONCE]
        wanted = select(DOSSIERS).where(DOSSIERS.c.dossier.in_(part))
        found |= {row.dossier: row for row in connection.execute(wanted)}
    return found


def _sayings(connection: Connection, number: int) -> tuple[Saying, ...]:
    wanted = (
        select(FACTS.c.kind, FACTS.c.dossier, FACTS.c.source)
        .join(CORRECTION_FACTS, CORRECTION_FACTS.c.fact == FACTS.c.number)
        .where(CORRECTION_FACTS.c.correction == number)
        .order_by(FACTS.c.number)
    )
    return tuple(
        Saying(FactKind(kind), None, source, dossier)
        for kind, dossier, source in connection.execute(wanted)
    )


def _mark(connection: Connection, desk: Desk, number: int, person: str, *, agrees: bool) -> None:
    at = desk.now().isoformat()
    mine = select(CORRECTION_FACTS.c.fact).where(CORRECTION_FACTS.c.correction == number)
    connection.execute(
        update(FACTS)
        .where(FACTS.c.number.in_(mine), FACTS.c.checked_by == "")
        .values(checked_by=person if agrees else f"{REFUSED}{person}", checked_at=at)
    )
    connection.execute(
        update(CORRECTIONS)
        .where(CORRECTIONS.c.number == number)
        .values(state=APPLIED if agrees else TURNED_DOWN, decided_by=person, decided_at=at)
    )


def _renew(connection: Connection, desk: Desk, dossiers: Sequence[str], cause: str) -> None:
    """Links and computations of all that a table reaches."""
    owners = {each: row.zorgdrager for each, row in _rows(connection, dossiers).items()}
    for start in range(0, len(dossiers), AT_ONCE):
        part = dossiers[start : start + AT_ONCE]
        for dossier, facts in of_dossiers(connection, part).items():
            if any(each.kind in LINKING for each in facts):
                renew_links(connection, dossier, owners[dossier], standing(facts))
        computing.compute_each(connection, desk, part, cause)


def _require(  # noqa: PLR0913, PLR0917 - who wants what of whom
    connection: Connection,
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    sayings: Sequence[Saying],
    roles: Sequence[Any],
) -> None:
    on = trusted_today(connection, zorgdrager, desk.now())
    people.require_mandate(connection, actor, zorgdrager, roles, on)
    if any(each.kind is FactKind.MINIMUM_CONFIRMED for each in sayings):
        people.require_mandate(connection, actor, zorgdrager, MAY_CONFIRM, on)


def _sign(connection: Connection, actor: Actor, act: str, said: dict[str, Any]) -> str:
    content = canonical({"act": f"correction.{act}", **said})
    return people.sign(connection, actor, content.encode("utf-8"))


def _note(  # noqa: PLR0913, PLR0917 - who did what with which table
    connection: Connection,
    desk: Desk,
    actor: Actor,
    correction: Correction,
    action: str,
    signature: str,
) -> None:
    note(
        connection,
        desk,
        correction.zorgdrager,
        f"retention.correction_{action}",
        f"correction:{correction.number}",
        result="done",
        actor=actor.person,
        origin=actor.origin,
        facts={
            "facts": correction.facts,
            "file_sha256": correction.sha256,
            "signature": signature,
        },
        details={"reason": correction.reason, "file": correction.name},
    )
