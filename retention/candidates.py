"""Candidates: the dossiers whose date has come. A date makes a candidate, people decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, exists, select

from retention.case import Decision
from retention.nouns import FINAL, ON_LIST, DossierState
from retention.tables import DOSSIERS, ITEMS, LISTS


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dossiers a list is made of: those named (ids), else the due ones that fit.

    `due_by`: only what was due on that day already. "" and None: any. `most`: no more than so many.
    """

    dossiers: tuple[str, ...] = ()
    due_by: date | None = None
    list_year: str = ""
    category: str = ""
    zaaktype: str = ""
    most: int | None = None


ALL_DUE = Selection()


def find_candidates(
    connection: Connection, zorgdrager: str, today: date, selection: Selection = ALL_DUE
) -> Iterator[str]:
    """The ids, in the order in which a list shows them: by rule, end date and identifier; those
    that were named as they were named.

    What is on a running list already is no candidate, unless it was named.
    """
    if selection.dossiers:
        yield from dict.fromkeys(selection.dossiers)
        return
    until = min(today, selection.due_by or today)
    wanted = select(DOSSIERS.c.dossier).where(
        DOSSIERS.c.zorgdrager == zorgdrager,
        DOSSIERS.c.decision == Decision.DATED.value,
        DOSSIERS.c.state == DossierState.HERE.value,
        DOSSIERS.c.eligible_from <= until.isoformat(),
        ~_ON_RUNNING_LIST,
    )
    for name in ("list_year", "category", "zaaktype"):
        if value := getattr(selection, name):
            wanted = wanted.where(DOSSIERS.c[name] == value)
    wanted = wanted.order_by(*_ORDER).limit(selection.most)
    yield from connection.execute(wanted).scalars().all()


_ORDER = (
    DOSSIERS.c.list_year,
    DOSSIERS.c.category,
    DOSSIERS.c.end_date,
    DOSSIERS.c.identifier,
    DOSSIERS.c.dossier,
)
_ON_RUNNING_LIST = exists().where(
    ITEMS.c.dossier == DOSSIERS.c.dossier,
    ITEMS.c.state.in_([each.value for each in ON_LIST]),
    LISTS.c.id == ITEMS.c.list,
    LISTS.c.state.not_in([each.value for each in FINAL]),
)
