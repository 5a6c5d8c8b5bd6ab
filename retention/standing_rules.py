"""Standing authorisations (doorlopende machtiging): rules for which an archivist agreed for good.

A list of which every rule stands on one goes from the review straight to the signature. The policy
names the rules; what counts is that the archivist signed them with the own key. Every item must
stand on an authorisation of the same archivist, who is then the archivist of that list.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Integer, Table, Text, insert, select

from retention.days import trusted_today
from retention.errors import Refused, SignatureWrong
from retention.involvement import everybody
from retention.list_reading import DisposalList, in_order
from retention.noting import note
from retention.nouns import ON_LIST, Actor, Desk, Duty, Role
from retention.people import check_signature, mandate_for, read_person, require_mandate, sign
from retention.rule_policy import Standing, policy_for
from storage.database import METADATA, begin
from storage.ledger import canonical

# What an archivist signed; added, never edited.
AGREEMENTS = Table(
    "standing_agreements",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("zorgdrager", Text, nullable=False),
    Column("person", Text, nullable=False),
    # Canonical JSON of the zorgdrager, the archivist and the rules with their days.
    Column("said", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("signature", Text, nullable=False),
)

Rule = tuple[str, str]


def agree_standing(desk: Desk, actor: Actor, zorgdrager: str) -> tuple[Standing, ...]:
    """Sign, as the archivist whom the policy names, the rules that it names; those rules.

    Raises: Refused (mandate); Refused (no_standing) when the policy names none for this person.
    """
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        require_mandate(connection, actor, zorgdrager, [Role.ARCHIVIST], today)
        named = _named(connection, zorgdrager, actor.person, today)
        if not named:
            raise Refused("no_standing", zorgdrager, name=zorgdrager, person=actor.person)
        said = _said(zorgdrager, actor.person, named)
        row = {
            "zorgdrager": zorgdrager,
            "person": actor.person,
            "said": said,
            "at": desk.now().isoformat(),
            "signature": sign(connection, actor, said.encode("utf-8")),
        }
        connection.execute(insert(AGREEMENTS), row)
        note(
            connection,
            desk,
            zorgdrager,
            "list.standing_agreed",
            actor.person,
            result="ok",
            actor=actor.person,
            origin=actor.origin,
            facts={"rules": [f"{each.list_year} {each.category}" for each in named]},
        )
    return named


def standing_archivist(connection: Connection, listed: DisposalList, today: date) -> str | None:
    """The archivist who authorised every rule of a list for good; None when not all were, or not
    by one person."""
    policy = policy_for(connection, listed.zorgdrager, today)
    archivists = sorted({each.archivist for each in policy.standing})
    rules = _rules(connection, listed.id) if archivists else frozenset()
    for archivist in archivists:
        named = _named(connection, listed.zorgdrager, archivist, today)
        valid = [each for each in named if _is_valid(each, today)]
        covered = bool(rules) and rules <= {(each.list_year, each.category) for each in valid}
        if covered and _is_signed(connection, listed.zorgdrager, archivist, named, today):
            return archivist
    return None


def check_standing(connection: Connection, listed: DisposalList, today: date) -> None:
    """See that every rule of a list stands on an authorisation of its archivist that is valid.

    Raises: Refused (no_standing).
    """
    found = standing_archivist(connection, listed, today)
    archivists = [each.person for each in everybody(connection, listed.id, [Duty.ARCHIVIST])]
    if found is None or found not in archivists:
        raise Refused("no_standing", listed.id, list=listed.id)


def _named(
    connection: Connection, zorgdrager: str, archivist: str, today: date
) -> tuple[Standing, ...]:
    """What the policy of today names for an archivist."""
    policy = policy_for(connection, zorgdrager, today)
    return tuple(each for each in policy.standing if each.archivist == archivist)


def _is_signed(
    connection: Connection,
    zorgdrager: str,
    archivist: str,
    named: Sequence[Standing],
    today: date,
) -> bool:
    """Whether the archivist, who still is one, signed exactly what the policy names."""
    if mandate_for(connection, archivist, zorgdrager, [Role.ARCHIVIST], today) is None:
        return False
    if read_person(connection, archivist).ended:
        return False
    said = _said(zorgdrager, archivist, named)
    signed = select(AGREEMENTS.c.signature).where(
        AGREEMENTS.c.person == archivist, AGREEMENTS.c.said == said
    )
    signatures = connection.execute(signed).scalars().all()
    return any(_fits(connection, archivist, said, each) for each in signatures)


def _fits(connection: Connection, person: str, said: str, signature: str) -> bool:
    try:
        check_signature(connection, person, said.encode("utf-8"), signature)
    except SignatureWrong:
        return False
    return True


def _said(zorgdrager: str, archivist: str, named: Iterable[Standing]) -> str:
    rules: list[list[Any]] = sorted(
        [
            each.list_year,
            each.category,
            each.valid_from.isoformat(),
            each.valid_to.isoformat() if each.valid_to else "",
            each.reference,
        ]
        for each in named
    )
    return canonical({"zorgdrager": zorgdrager, "archivist": archivist, "rules": rules})


def _rules(connection: Connection, list_id: str) -> frozenset[Rule]:
    """The rules of the items that stand on a list, by selection list and number."""
    items = in_order(connection, list_id, ON_LIST)
    return frozenset((each.said["list_year"], each.said["category"]) for each in items)


def _is_valid(standing: Standing, today: date) -> bool:
    open_still = standing.valid_to is None or today <= standing.valid_to
    return standing.valid_from <= today and open_still
