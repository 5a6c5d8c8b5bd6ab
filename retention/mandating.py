"""Giving and ending mandates, and whom that is for.

The first mandates of a zorgdrager are given by the account that runs the depot, for there is no
person yet who could: it is written down under the account's number, in the row and in the ledger.
Once a person has the mandate of technical administrator there, every mandate is given by such a
person, who signs it. Nobody gives a mandate to themselves, and who administers has no part in
lists or holds. Ending a mandate takes rights away: that the account may always do.

Source: domain rules, 2.3 (separation of duties); BIO2 (least privilege).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from retention import people
from retention.days import trusted_today
from retention.errors import Refused
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.people import Mandate, Person
from retention.tables import MANDATES, PERSONS
from storage.database import begin
from storage.ledger import canonical


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the machine, without a person: "uid:1000", and from where."""

    id: str
    origin: str


Giver = Actor | Account


@dataclass(frozen=True, slots=True)
class NewMandate:
    """A mandate that is to be given, as the decision says it; `valid_to` None: without an end."""

    person: str
    zorgdrager: str
    role: Role
    valid_from: date
    valid_to: date | None
    decision: str
    deputy_for: str = ""


def give(desk: Desk, giver: Giver, new: NewMandate) -> Mandate:
    """Give a mandate.

    Raises: PersonUnknown; Refused (self_mandate, administrator_needed, administrator_role,
    mandate, contradiction, reason_missing); SignatureWrong.
    """
    with begin(desk.engine) as connection:
        _check(connection, giver, new)
        today = trusted_today(connection, new.zorgdrager, desk.now())
        signed = _authorised(connection, giver, new, today)
        number = people.give_mandate(
            connection,
            desk,
            new.person,
            new.zorgdrager,
            new.role,
            valid_from=new.valid_from,
            valid_to=new.valid_to,
            decision=new.decision.strip(),
            deputy_for=new.deputy_for,
            given_by=_name(giver),
        )
        facts = {"mandate": number, **_plain(new), **signed}
        _note(connection, desk, giver, new.zorgdrager, "retention.mandate_given", new.person, facts)
        return read_mandate(connection, number)


def end(desk: Desk, giver: Giver, number: int) -> Mandate:
    """End a mandate now; what was done under it stands.

    Raises: Refused (unknown); Refused (state) when it was ended before; Refused (mandate).
    """
    with begin(desk.engine) as connection:
        found = read_mandate(connection, number)
        today = trusted_today(connection, found.zorgdrager, desk.now())
        ended = select(MANDATES.c.ended_at).where(MANDATES.c.number == number)
        if connection.execute(ended).scalar_one():
            raise Refused("state", f"mandate {number} was ended", state="ended")
        if isinstance(giver, Actor) and giver.person != found.person:
            admin = (Role.ADMINISTRATOR,)
            people.require_mandate(connection, giver, found.zorgdrager, admin, today)
        said = {"mandate": number, "person": found.person, "role": found.role.value}
        signed = _signed(connection, giver, "end_mandate", said)
        people.end_mandate(connection, desk, number, _name(giver))
        facts = said | signed
        _note(
            connection,
            desk,
            giver,
            found.zorgdrager,
            "retention.mandate_ended",
            found.person,
            facts,
        )
        return found


def end_person(
    desk: Desk, giver: Account, person: str, zorgdragers: Sequence[str], *, forget_name: bool
) -> Person:
    """End a person's account: no mandate counts any more; noted in the ledger of each zorgdrager.

    Raises: PersonUnknown.
    """
    with begin(desk.engine) as connection:
        ended = people.end_person(connection, desk, person, forget_name=forget_name)
        for each in zorgdragers:
            _note(connection, desk, giver, each, "retention.person_ended", person, {})
        return ended


def read_mandate(connection: Connection, number: int) -> Mandate:
    """The mandate of a number, ended or not.

    Raises: Refused (unknown).
    """
    for each in list_mandates(connection, ended=True):
        if each.mandate.number == number:
            return each.mandate
    raise Refused("unknown", f"mandate {number}", name=str(number))


@dataclass(frozen=True, slots=True)
class Given:
    """A mandate with who gave it and when it was ended ("" if it was not)."""

    mandate: Mandate
    name: str
    given_by: str
    ended_at: str
    person_ended: bool

    def counts_on(self, day: date) -> bool:
        """Whether the person may act under it on this day."""
        until = self.mandate.valid_to
        begun = self.mandate.valid_from <= day and (until is None or day <= until)
        return begun and not self.ended_at and not self.person_ended


def list_mandates(
    connection: Connection, zorgdragers: Sequence[str] = (), *, ended: bool = False
) -> tuple[Given, ...]:
    """The mandates in the order in which they were given; the ended ones too when asked for."""
    wanted = (
        select(MANDATES, PERSONS.c.name, PERSONS.c.ended_at.label("person_ended"))
        .join(PERSONS, PERSONS.c.id == MANDATES.c.person)
        .order_by(MANDATES.c.number)
    )
    if zorgdragers:
        wanted = wanted.where(MANDATES.c.zorgdrager.in_(zorgdragers))
    if not ended:
        wanted = wanted.where(MANDATES.c.ended_at == "")
    return tuple(
        Given(people.mandate_of(row), row.name, row.given_by, row.ended_at, bool(row.person_ended))
        for row in connection.execute(wanted)
    )


def _check(connection: Connection, giver: Giver, new: NewMandate) -> None:
    person = people.read_person(connection, new.person)
    if new.deputy_for:
        people.read_person(connection, new.deputy_for)
    if person.ended:
        raise Refused("person_ended", f"{new.person} was ended", person=new.person)
    if not new.decision.strip():
        raise Refused("reason_missing", "the decision is missing")
    if new.valid_to is not None and new.valid_to < new.valid_from:
        raise Refused("contradiction", "ends before it begins", found=new.valid_to.isoformat())
    if isinstance(giver, Actor) and giver.person == new.person:
        raise Refused("self_mandate", "nobody gives themselves a mandate", person=new.person)
    administers = new.role is Role.ADMINISTRATOR
    for each in people.mandates_of(connection, new.person):
        if (each.role is Role.ADMINISTRATOR) is not administers:
            raise Refused("administrator_role", "an administrator has no part", person=new.person)


def _authorised(
    connection: Connection, giver: Giver, new: NewMandate, today: date
) -> dict[str, str]:
    """What the ledger keeps of the giver's signature; of an account there is none."""
    if isinstance(giver, Actor):
        admin = (Role.ADMINISTRATOR,)
        people.require_mandate(connection, giver, new.zorgdrager, admin, today)
    elif any(
        each.mandate.role is Role.ADMINISTRATOR and each.counts_on(today)
        for each in list_mandates(connection, [new.zorgdrager])
    ):
        raise Refused(
            "administrator_needed", "a person has to give this", zorgdrager=new.zorgdrager
        )
    return _signed(connection, giver, "give_mandate", _plain(new))


def _signed(connection: Connection, giver: Giver, act: str, said: dict[str, Any]) -> dict[str, str]:
    if isinstance(giver, Account):
        return {}
    content = canonical({"act": act, "by": giver.person, **said})
    return {"signature": people.sign(connection, giver, content.encode("utf-8"))}


def _plain(new: NewMandate) -> dict[str, Any]:
    return {
        "person": new.person,
        "zorgdrager": new.zorgdrager,
        "role": new.role.value,
        "from": new.valid_from.isoformat(),
        "to": new.valid_to.isoformat() if new.valid_to else "",
        "decision": new.decision.strip(),
        "deputy_for": new.deputy_for,
    }


def _name(giver: Giver) -> str:
    return giver.person if isinstance(giver, Actor) else giver.id


def _note(  # noqa: PLR0913, PLR0917 - who, on whose behalf, what
    connection: Connection,
    desk: Desk,
    giver: Giver,
    zorgdrager: str,
    action: str,
    person: str,
    facts: dict[str, Any],
) -> None:
    note(
        connection,
        desk,
        zorgdrager,
        action,
        person,
        result="ok",
        actor=_name(giver),
        origin=giver.origin,
        facts=facts,
    )
