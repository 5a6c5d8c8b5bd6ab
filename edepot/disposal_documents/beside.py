"""What stands beside the items of a list: the people, what they did, and what they advised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from retention.acts import Act, acts_of
from retention.list_reading import DisposalList, Revision, count_items, read_list, revisions_of
from retention.nouns import ItemState
from retention.tables import AUTHORISATIONS, INVOLVEMENT, PERSONS


@dataclass(frozen=True, slots=True)
class Advice:
    """What somebody advised or answered on one dossier; the reason is that person's own words."""

    word: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A list, and all that is known of it besides its items.

    `names`: of everybody who had to do with it. `advices`: per dossier what was advised and what
    was answered, in the order in which it was said.
    """

    listed: DisposalList
    revisions: Sequence[Revision]
    counts: Mapping[ItemState, int]
    involved: Sequence[tuple[str, str]]
    acts: Sequence[Act]
    authorisations: Sequence[Mapping[str, Any]]
    names: Mapping[str, str]
    advices: Mapping[str, Sequence[Advice]]


def read_beside(connection: Connection, list_id: str) -> Beside:
    """What stands beside the items of a list.

    Raises: ListUnknown.
    """
    listed = read_list(connection, list_id)
    acts = tuple(acts_of(connection, list_id))
    involved = connection.execute(
        select(INVOLVEMENT.c.person, INVOLVEMENT.c.duty)
        .where(INVOLVEMENT.c.list == list_id)
        .order_by(INVOLVEMENT.c.since, INVOLVEMENT.c.person)
    ).all()
    signed = connection.execute(
        select(AUTHORISATIONS)
        .where(AUTHORISATIONS.c.list == list_id)
        .order_by(AUTHORISATIONS.c.number)
    ).mappings()
    people = {listed.made_by, *(each.person for each in acts), *(each.person for each in involved)}
    named = connection.execute(
        select(PERSONS.c.id, PERSONS.c.name).where(PERSONS.c.id.in_(sorted(people)))
    )
    return Beside(
        listed=listed,
        revisions=revisions_of(connection, list_id),
        counts=count_items(connection, list_id),
        involved=[(each.person, each.duty) for each in involved],
        acts=acts,
        authorisations=[dict(each) for each in signed],
        names={each.id: each.name for each in named},
        advices=_advices(acts),
    )


def _advices(acts: Sequence[Act]) -> dict[str, list[Advice]]:
    found: dict[str, list[Advice]] = {}
    for each in acts:
        for name, key in _SAID.items():
            for dossier, said in each.saying.get(name, {}).items():
                advice = Advice(said[key], each.person, said["reason"])
                found.setdefault(dossier, []).append(advice)
    return found


_SAID = {"advices": "advice", "answers": "answer"}
