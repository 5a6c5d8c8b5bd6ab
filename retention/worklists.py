"""Worklists: the dossiers that a person has to look at, counted by cause, and page by page."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, tuple_

from formats.periods import Duration
from retention import terms
from retention.appraisal import NO_RULE
from retention.case import Decision
from retention.nouns import DossierState
from retention.register import Dossier, Key, dossier_of
from retention.tables import DOSSIERS, HOLD_MEMBERS, HOLDS

HERE = DossierState.HERE.value
RELEASED = "released"
MINIMUM = "minimum"


class Worklist(StrEnum):
    """Why a dossier is looked at."""

    AWAITING = "awaiting"
    """A fact is missing: no date yet."""
    HUMAN = "human"
    """The rules do not decide: a person does."""
    ERROR = "error"
    """What was told cannot be: a date that is none, an end before the start."""
    UNMAPPED = "unmapped"
    """No rule of the selection list is known for it."""
    OVERDUE = "overdue"
    """It could have been destroyed for more than a year, and nothing holds it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many a worklist has, and how many of each cause."""

    worklist: Worklist
    total: int
    causes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """Some dossiers of a worklist; `following` is the key to go on from, None at the end."""

    dossiers: tuple[Dossier, ...]
    following: Key | None


def count_worklists(connection: Connection, zorgdrager: str, today: date) -> tuple[Counted, ...]:
    """Every worklist of a zorgdrager with its number, and by cause."""
    causes: dict[Worklist, Counter[str]] = {each: Counter() for each in Worklist}
    wanted = (
        select(DOSSIERS.c.decision, DOSSIERS.c.cause, func.count())
        .where(
            DOSSIERS.c.zorgdrager == zorgdrager,
            DOSSIERS.c.decision.in_([each.value for each in _OF_DECISION]),
            DOSSIERS.c.state == HERE,
            _not_for_later(today),
        )
        .group_by(DOSSIERS.c.decision, DOSSIERS.c.cause)
    )
    for decision, cause, number in connection.execute(wanted):
        causes[_worklist_of(Decision(decision), cause)][cause] += number
    overdue = select(func.count()).where(*_overdue(zorgdrager, today))
    if number := connection.execute(overdue).scalar_one():
        causes[Worklist.OVERDUE][""] = number
    return tuple(
        Counted(each, sum(found.values()), dict(sorted(found.items())))
        for each, found in causes.items()
    )


def page(  # noqa: PLR0913 - which part of which list
    connection: Connection,
    zorgdrager: str,
    worklist: Worklist,
    today: date,
    *,
    cause: str = "",
    after: Key | None = None,
    limit: int = 100,
) -> Page:
    """Some dossiers of a worklist, by cause (what is overdue: the longest first)."""
    overdue = worklist is Worklist.OVERDUE
    first = DOSSIERS.c.eligible_from if overdue else DOSSIERS.c.cause
    where = _overdue(zorgdrager, today) if overdue else _by_cause(zorgdrager, worklist, today)
    wanted = select(DOSSIERS).where(*where)
    if cause:
        wanted = wanted.where(DOSSIERS.c.cause == cause)
    if after is not None:
        wanted = wanted.where(tuple_(first, DOSSIERS.c.dossier) > tuple_(*after))
    rows = connection.execute(wanted.order_by(first, DOSSIERS.c.dossier).limit(limit)).all()
    following = _key(rows[-1], overdue=overdue) if len(rows) == limit else None
    return Page(tuple(dossier_of(each) for each in rows), following)


def every(
    connection: Connection, zorgdrager: str, worklist: Worklist, today: date, cause: str = ""
) -> Iterator[Dossier]:
    """All of a worklist, without holding them."""
    after: Key | None = None
    while True:
        found = page(connection, zorgdrager, worklist, today, cause=cause, after=after, limit=1000)
        yield from found.dossiers
        if found.following is None:
            return
        after = found.following


def overdue_before(today: date) -> date:
    """What was eligible before this day has been so for more than a year."""
    return terms.plus(today, Duration(months=-12))


_OF_DECISION = {
    Decision.AWAITING: Worklist.AWAITING,
    Decision.HUMAN: Worklist.HUMAN,
    Decision.ERROR: Worklist.ERROR,
}


def _worklist_of(decision: Decision, cause: str) -> Worklist:
    return Worklist.UNMAPPED if cause in NO_RULE else _OF_DECISION[decision]


def _by_cause(zorgdrager: str, worklist: Worklist, today: date) -> list[ColumnElement[bool]]:
    no_rule = DOSSIERS.c.cause.in_(sorted(NO_RULE))
    decision = Decision.HUMAN if worklist is Worklist.UNMAPPED else Decision(worklist.value.upper())
    return [
        DOSSIERS.c.zorgdrager == zorgdrager,
        DOSSIERS.c.decision == decision.value,
        DOSSIERS.c.state == HERE,
        no_rule if worklist is Worklist.UNMAPPED else ~no_rule,
        _not_for_later(today),
    ]


def _not_for_later(today: date) -> ColumnElement[bool]:
    """A minimum term is for a person when it is over, and not before."""
    return or_(DOSSIERS.c.cause != MINIMUM, DOSSIERS.c.end_date < today.isoformat())


def _overdue(zorgdrager: str, today: date) -> list[ColumnElement[bool]]:
    held = exists().where(
        and_(
            HOLD_MEMBERS.c.dossier == DOSSIERS.c.dossier,
            HOLDS.c.id == HOLD_MEMBERS.c.hold,
            HOLDS.c.state != RELEASED,
        )
    )
    return [
        DOSSIERS.c.zorgdrager == zorgdrager,
        DOSSIERS.c.decision == Decision.DATED.value,
        DOSSIERS.c.state == HERE,
        DOSSIERS.c.eligible_from < overdue_before(today).isoformat(),
        ~held,
    ]


def _key(row: Row[Any], *, overdue: bool) -> Key:
    return (row.eligible_from if overdue else row.cause, row.dossier)
