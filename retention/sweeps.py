"""Sweeps: after a day and after a week every place is asked again for what was destroyed.

A store may have lied, a listing may have lagged, a forgotten job may have written something again.
What turns up is an incident, and goes under the same signed list, unless a hold came; nothing of
that dossier is proven before a later sweep finds nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from retention.days import trusted_instant
from retention.disposal_again import erase_again, look_again
from retention.disposal_nouns import Works
from retention.disposal_verify import write_evidence
from retention.list_reading import read_list
from retention.nouns import ItemState, ListState
from retention.steering import system_step
from retention.tables import COPY_ACTIONS, EVIDENCE, ITEMS, LISTS
from retention.transitions import Event
from storage.database import begin, reading

AFTER = {1: timedelta(hours=24), 2: timedelta(days=7)}
LAST = max(AFTER)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep of one list came to. `silent`: dossiers of which a place gave no answer."""

    list: str
    sweep: int
    asked: int = 0
    found_again: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


def due_sweeps(connection: Connection, now: datetime) -> tuple[tuple[str, int], ...]:
    """The lists that are being verified and whose next sweep is due, with its number; of a list of
    which nothing was destroyed at once: there is nothing to ask for."""
    rows = connection.execute(
        select(LISTS.c.id).where(LISTS.c.state == ListState.VERIFYING.value).order_by(LISTS.c.id)
    ).scalars()
    found = []
    for list_id in rows.all():
        number = next_sweep(connection, list_id)
        last = connection.execute(
            select(func.max(ITEMS.c.destroyed_at)).where(
                ITEMS.c.list == list_id, ITEMS.c.state == ItemState.DESTROYED.value
            )
        ).scalar()
        if last is None or now >= datetime.fromisoformat(last) + AFTER[number]:
            found.append((list_id, number))
    return tuple(found)


def next_sweep(connection: Connection, list_id: str) -> int:
    """The number of the first sweep that has not asked for every destroyed dossier yet."""
    for number in sorted(AFTER):
        if _to_ask(connection, list_id, number):
            return number
    return LAST


def sweep(works: Works, list_id: str, number: int) -> Swept:
    """Ask every place again for every dossier that the list destroyed.

    Begun again it goes on where it was. After the last sweep, clean, the list is executed.

    Raises: DatabaseUnusable.
    """
    asked, again, silent = 0, [], []
    while True:
        with reading(works.desk.engine) as connection:
            part = _to_ask(connection, list_id, number)
        fresh = [each for each in part if each not in silent and each not in again]
        if not fresh or works.stop():
            break
        for dossier in fresh:
            told = _ask(works, list_id, number, dossier)
            asked += 1
            again += [dossier] if told is False else []
            silent += [dossier] if told is None else []
    done = Swept(list_id, number, asked, tuple(again), tuple(silent))
    _conclude(works, done)
    return done


def _to_ask(connection: Connection, list_id: str, number: int, limit: int = 500) -> Sequence[str]:
    """Destroyed dossiers that this sweep has no evidence of yet; those of parties are asked of
    the party, not here."""
    seen = select(EVIDENCE.c.dossier).where(EVIDENCE.c.list == list_id, EVIDENCE.c.sweep == number)
    ours = select(COPY_ACTIONS.c.dossier).where(COPY_ACTIONS.c.list == list_id)
    wanted = (
        select(ITEMS.c.dossier)
        .where(
            ITEMS.c.list == list_id,
            ITEMS.c.state == ItemState.DESTROYED.value,
            ITEMS.c.dossier.not_in(seen),
            ITEMS.c.dossier.in_(ours),
        )
        .order_by(ITEMS.c.position)
        .limit(limit)
    )
    return list(connection.execute(wanted).scalars())


def _ask(works: Works, list_id: str, number: int, dossier: str) -> bool | None:
    """Whether a dossier is gone everywhere; None when a place did not answer."""
    found = look_again(works, list_id, dossier)
    if found.left:
        erase_again(works, list_id, dossier, found.left)
        return False
    if found.silent:
        return None
    with begin(works.desk.engine) as connection:
        zorgdrager = read_list(connection, list_id).zorgdrager
        at = trusted_instant(connection, zorgdrager, works.desk.now())
        write_evidence(connection, list_id, dossier, number, found.evidence, at)
        connection.execute(
            update(ITEMS)
            .where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
            .values(trouble="")
        )
    return True


def _conclude(works: Works, done: Swept) -> None:
    """After the last sweep that found nothing and to which all answered, the list is executed."""
    with begin(works.desk.engine) as connection:
        open_sweeps = any(_to_ask(connection, done.list, number) for number in AFTER)
        state = connection.execute(
            select(LISTS.c.state).where(LISTS.c.id == done.list)
        ).scalar_one()
        if state == ListState.VERIFYING and not open_sweeps:
            system_step(connection, works.desk, done.list, Event.SWEPT)
            connection.execute(
                update(LISTS)
                .where(LISTS.c.id == done.list)
                .values(executed_at=works.desk.now().isoformat())
            )
