"""People and their mandates: who may do what, for which zorgdrager, on which day.

A person is a natural person; accounts and deputies come down to one. Whoever acts signs with the
key that was registered for the person, so that a row in the database alone proves nothing.

Source: domain rules on separation of duties; BIO2 (least privilege).
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, insert, select, update

from retention.errors import PersonUnknown, Refused, SignatureWrong
from retention.nouns import Actor, Desk, Role
from retention.tables import MANDATES, PERSONS


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person; `public_key` is the raw Ed25519 key in base64."""

    id: str
    name: str
    public_key: str
    ended: bool


@dataclass(frozen=True, slots=True)
class Mandate:
    """That a person may act in a role for a zorgdrager, from day to day (inclusive, None: open)."""

    number: int
    person: str
    zorgdrager: str
    role: Role
    valid_from: date
    valid_to: date | None
    decision: str
    deputy_for: str


def add_person(
    connection: Connection, desk: Desk, name: str, public_key: str, added_by: str
) -> Person:
    """Register a person under the next id ("p0001").

    Raises: Refused (contradiction) when the key is registered for somebody else already.
    """
    rows = connection.execute(select(PERSONS.c.id, PERSONS.c.public_key)).all()
    if any(each.public_key == public_key for each in rows):
        raise Refused("contradiction", "this key belongs to somebody else", name=name)
    person = f"p{len(rows) + 1:04d}"
    connection.execute(
        insert(PERSONS),
        {
            "id": person,
            "name": name,
            "public_key": public_key,
            "added_at": desk.now().isoformat(),
            "added_by": added_by,
            "ended_at": "",
        },
    )
    return Person(person, name, public_key, ended=False)


def read_person(connection: Connection, person: str) -> Person:
    """The person of an id.

    Raises: PersonUnknown.
    """
    row = connection.execute(select(PERSONS).where(PERSONS.c.id == person)).first()
    if row is None:
        raise PersonUnknown(person=person)
    return _person(row)


def list_people(connection: Connection) -> tuple[Person, ...]:
    """Everybody, by id."""
    return tuple(_person(each) for each in connection.execute(select(PERSONS).order_by("id")))


def end_person(
    connection: Connection, desk: Desk, person: str, *, forget_name: bool = False
) -> Person:
    """End a person's account: no mandate counts any more. What the person did stands, and the
    key with it.

    `forget_name`: the name goes, the id stays.

    Raises: PersonUnknown.
    """
    found = read_person(connection, person)
    mine = PERSONS.c.id == person
    if not found.ended:
        connection.execute(update(PERSONS).where(mine).values(ended_at=desk.now().isoformat()))
    if forget_name:
        connection.execute(update(PERSONS).where(mine).values(name=""))
    return read_person(connection, person)


def give_mandate(  # noqa: PLR0913 - each of them stands in the decision
    connection: Connection,
    desk: Desk,
    person: str,
    zorgdrager: str,
    role: Role,
    *,
    valid_from: date,
    decision: str,
    given_by: str,
    valid_to: date | None = None,
    deputy_for: str = "",
) -> int:
    """Write down a mandate; its number.

    Raises: PersonUnknown.
    """
    read_person(connection, person)
    row = {
        "person": person,
        "zorgdrager": zorgdrager,
        "role": role.value,
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else "",
        "decision": decision,
        "deputy_for": deputy_for,
        "given_at": desk.now().isoformat(),
        "given_by": given_by,
        "ended_at": "",
        "ended_by": "",
    }
    return int(connection.execute(insert(MANDATES).returning(MANDATES.c.number), row).scalar_one())


def end_mandate(connection: Connection, desk: Desk, number: int, ended_by: str) -> None:
    """End a mandate today; what was done under it stands."""
    connection.execute(
        update(MANDATES)
        .where(MANDATES.c.number == number, MANDATES.c.ended_at == "")
        .values(ended_at=desk.now().isoformat(), ended_by=ended_by)
    )


def mandates_of(connection: Connection, person: str) -> tuple[Mandate, ...]:
    """The mandates of a person that were not ended, whatever the day."""
    rows = connection.execute(
        select(MANDATES)
        .where(MANDATES.c.person == person, MANDATES.c.ended_at == "")
        .order_by(MANDATES.c.number)
    )
    return tuple(mandate_of(each) for each in rows)


def mandate_for(
    connection: Connection, person: str, zorgdrager: str, roles: Iterable[Role], on: date
) -> Mandate | None:
    """The mandate under which a person may act in one of these roles on a day; None for none."""
    wanted = set(roles)
    for each in mandates_of(connection, person):
        fits = each.zorgdrager == zorgdrager and each.role in wanted
        if fits and each.valid_from <= on and (each.valid_to is None or on <= each.valid_to):
            return each
    return None


def require_mandate(
    connection: Connection, actor: Actor, zorgdrager: str, roles: Iterable[Role], on: date
) -> Mandate:
    """The mandate of who acts.

    Raises: PersonUnknown; Refused (mandate), also for a person whose account was ended.
    """
    person, wanted = read_person(connection, actor.person), tuple(roles)
    found = mandate_for(connection, actor.person, zorgdrager, wanted, on)
    if person.ended or found is None:
        raise Refused(
            "mandate",
            f"{actor.person} has no mandate for {zorgdrager}",
            person=actor.person,
            zorgdrager=zorgdrager,
            expected=", ".join(each.value for each in wanted),
        )
    return found


def sign(connection: Connection, actor: Actor, content: bytes) -> str:
    """The actor's signature, checked against the key of the person that the actor claims to be.

    Raises: PersonUnknown; SignatureWrong.
    """
    signature = actor.sign(content)
    check_signature(connection, actor.person, content, signature)
    return signature


def check_signature(connection: Connection, person: str, content: bytes, signature: str) -> None:
    """See that a person's signature fits.

    Raises: PersonUnknown; SignatureWrong.
    """
    key = read_person(connection, person).public_key
    try:
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        public.verify(base64.b64decode(signature, validate=True), content)
    except (InvalidSignature, ValueError) as error:
        raise SignatureWrong(f"no signature of {person}", person=person) from error


def _person(row: Row[tuple[str, ...]]) -> Person:
    return Person(row.id, row.name, row.public_key, ended=bool(row.ended_at))


def mandate_of(row: Row[Any]) -> Mandate:
    """A row of MANDATES as a mandate."""
    return Mandate(
        number=row.number,
        person=row.person,
        zorgdrager=row.zorgdrager,
        role=Role(row.role),
        valid_from=date.fromisoformat(row.valid_from),
        valid_to=date.fromisoformat(row.valid_to) if row.valid_to else None,
        decision=row.decision,
        deputy_for=row.deputy_for,
    )
