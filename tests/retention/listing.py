"""What the tests of lists begin with: the people of a list, and lists that went some way.

town = listing.town(desk)                           four people, an executor, two more
made = listing.concept(desk, town, dossiers=3)
listing.to(desk, town, made.id, ListState.WAITING)  as far as that, by the services
"""

from dataclasses import dataclass

from retention import review, signing
from retention.conditions import on_list
from retention.destruction_list import (
    DisposalList,
    Selection,
    items_of,
    new_list,
    read_list,
)
from retention.nouns import Actor, Desk, ListState, Role
from retention.review_nouns import Judgement
from storage.database import reading
from tests.retention import making

GM = "gm0000"


@dataclass(frozen=True, slots=True)
class Town:
    """The people of one zorgdrager."""

    proposer: Actor
    reviewer: Actor
    second: Actor
    colleague: Actor
    archivist: Actor
    signatory: Actor
    executor: Actor


def town(desk: Desk, zorgdrager: str = GM) -> Town:
    """A person for every duty, with one mandate each."""
    return Town(
        proposer=making.actor(desk, "Petra", zorgdrager, Role.RECORD_MANAGER),
        reviewer=making.actor(desk, "Rik", zorgdrager, Role.PROCESS_OWNER),
        second=making.actor(desk, "Sanne", zorgdrager, Role.PROCESS_OWNER),
        colleague=making.actor(desk, "Cor", zorgdrager, Role.EMPLOYEE),
        archivist=making.actor(desk, "Anna", zorgdrager, Role.ARCHIVIST),
        signatory=making.actor(desk, "Bas", zorgdrager, Role.SIGNATORY),
        executor=making.actor(desk, "Udo", zorgdrager, Role.EXECUTOR),
    )


def concept(desk: Desk, people: Town, dossiers: int = 3, zorgdrager: str = GM) -> DisposalList:
    """A list of so many new dossiers that are due."""
    ids = tuple(making.dossier(desk, zorgdrager) for _ in range(dossiers))
    selection = Selection(dossiers=ids)
    return new_list(desk, people.proposer, zorgdrager, name="Vernietiging", selection=selection)


def to(desk: Desk, people: Town, list_id: str, state: ListState) -> DisposalList:
    """Bring a concept as far as a state, each step by who it is for; the clock goes on where a
    list has to wait."""
    while (now := look(desk, list_id).state) is not state:
        _NEXT[now](desk, people, list_id)
    return look(desk, list_id)


def look(desk: Desk, list_id: str) -> DisposalList:
    """The list as it stands."""
    with reading(desk.engine) as connection:
        return read_list(connection, list_id)


def dossiers(desk: Desk, list_id: str) -> list[str]:
    """The dossiers that were put on a list, in its order."""
    with reading(desk.engine) as connection:
        return [each.dossier for each in items_of(connection, list_id)]


def submit(desk: Desk, people: Town, list_id: str) -> None:
    """To one reviewer."""
    review.submit(desk, people.proposer, list_id, review.Assignment([people.reviewer.person]))


def approve(desk: Desk, reviewer: Actor, list_id: str) -> None:
    """A reviewer approves all that stands on a list."""
    review.judge(desk, reviewer, list_id, Judgement(approves=True, count=count(desk, list_id)))


def count(desk: Desk, list_id: str) -> int:
    """How many items stand on a list."""
    with reading(desk.engine) as connection:
        return on_list(connection, list_id)


def hand_over(desk: Desk, people: Town, list_id: str) -> None:
    """To the archivist."""
    review.hand_over(desk, people.proposer, list_id, people.archivist.person)


def authorise(desk: Desk, people: Town, list_id: str) -> None:
    """By the archivist."""
    review.authorise(desk, people.archivist, list_id, "brief 2026/12")


def sign(desk: Desk, people: Town, list_id: str) -> None:
    """Over the root that stands."""
    signing.sign(desk, people.signatory, list_id, root=look(desk, list_id).root)


def start(desk: Desk, people: Town, list_id: str) -> None:
    """On the first day after the waiting."""
    making.advance(desk, days=8)
    signing.start(desk, people.executor, list_id)


_NEXT = {
    ListState.CONCEPT: submit,
    ListState.IN_REVIEW: lambda desk, people, made: approve(desk, people.reviewer, made),
    ListState.REVIEWED: hand_over,
    ListState.AT_ARCHIVIST: authorise,
    ListState.TO_SIGN: sign,
    ListState.WAITING: start,
}
