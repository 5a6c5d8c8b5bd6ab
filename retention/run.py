"""The run of a list: every dossier destroyed or explained, interrupted at any moment, ended whole.

    execute(works, list_id, told)    all that can go now
    tend(works, zorgdragers)         every list that is being carried out, and the sweeps

The state stands in the database alone: a message that is lost or comes twice changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, select, update

from retention import sweeps
from retention.disposal import destroy_one
from retention.disposal_nouns import Works
from retention.disposal_settle import purge
from retention.list_reading import read_list
from retention.list_root import read_tree
from retention.nouns import OPEN_AGAIN, RUNNING, ItemState, ListState
from retention.steering import system_step
from retention.tables import DOSSIERS, ITEMS, LISTS
from retention.transitions import Event
from storage.database import begin, reading

SEALED_FOR = timedelta(hours=1)
"""A dossier that was sealed so long ago by a worker that is gone is opened again."""

OPEN = (
    ItemState.APPROVED,
    ItemState.SEALED,
    ItemState.DESTROYING,
    ItemState.HALTED,
    ItemState.NEEDS_OPERATOR,
)
TO_DO = (ItemState.APPROVED, ItemState.SEALED, ItemState.DESTROYING)
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One dossier that was dealt with, and how far the run is."""

    dossier: str
    state: ItemState
    done: int
    total: int


Told = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Executed:
    """How a list stands after a round: its state, and its dossiers by state."""

    list: str
    state: ListState
    counts: Mapping[ItemState, int] = field(default_factory=dict)
    stopped: bool = False

    @property
    def total(self) -> int:
        """How many dossiers the list had when it was signed."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Tended:
    """What a round over every running list came to."""

    lists: int = 0
    destroyed: int = 0
    needs_operator: int = 0
    halted: int = 0
    found_again: int = 0


def execute(works: Works, list_id: str, told: Told = lambda _step: None) -> Executed:
    """Carry a started list out as far as it goes now; begun again it goes on.

    Raises: ListUnknown; DatabaseUnusable; what interrupts the process.
    """
    with reading(works.desk.engine) as connection:
        listed = read_list(connection, list_id)
        tree = read_tree(connection, list_id)
        total = len(_dossiers(connection, list_id, tuple(ItemState), limit=None))
    if listed.state not in RUNNING:
        return _standing(works, list_id)
    open_again(works, list_id)
    seen: set[str] = set()
    while not works.stop():
        with reading(works.desk.engine) as connection:
            part = [
                each
                for each in _dossiers(connection, list_id, TO_DO, limit=AT_ONCE + len(seen))
                if each not in seen
            ][:AT_ONCE]
        if not part:
            break
        for dossier in part:
            if works.stop():
                break
            seen.add(dossier)
            state = destroy_one(works, list_id, dossier, tree.prove(dossier))
            if state is not None:
                told(Step(dossier, state, len(seen), total))
    if seen:
        purge(works.desk.engine)
    _conclude(works, list_id)
    return _standing(works, list_id, stopped=works.stop())


def tend(works: Works, zorgdragers: Sequence[str], told: Told = lambda _step: None) -> Tended:
    """Go on with every list that people started, and do the sweeps that are due.

    Raises: DatabaseUnusable.
    """
    with reading(works.desk.engine) as connection:
        lists = _running(connection, zorgdragers)
    counts: Counter[ItemState] = Counter()
    for list_id in lists:
        with reading(works.desk.engine) as connection:
            before = _counts(connection, list_id)[ItemState.DESTROYED]
        done = execute(works, list_id, told)
        counts[ItemState.DESTROYED] += done.counts.get(ItemState.DESTROYED, 0) - before
        for each in (ItemState.NEEDS_OPERATOR, ItemState.HALTED):
            counts[each] += done.counts.get(each, 0)
    with reading(works.desk.engine) as connection:
        due = [
            each
            for each in sweeps.due_sweeps(connection, works.desk.now())
            if read_list(connection, each[0]).zorgdrager in zorgdragers
        ]
    found = [sweeps.sweep(works, list_id, number) for list_id, number in due]
    return Tended(
        lists=len(lists) + len(due),
        destroyed=counts[ItemState.DESTROYED],
        needs_operator=counts[ItemState.NEEDS_OPERATOR],
        halted=counts[ItemState.HALTED],
        found_again=sum(len(each.found_again) for each in found),
    )


def open_again(works: Works, list_id: str) -> int:
    """Open dossiers that a worker sealed long ago and then died: nothing was touched."""
    late = (works.desk.now() - SEALED_FOR).isoformat()
    with begin(works.desk.engine) as connection:
        rows = connection.execute(
            select(ITEMS.c.dossier).where(
                ITEMS.c.list == list_id,
                ITEMS.c.state == ItemState.SEALED.value,
                ITEMS.c.sealed_at < late,
                ITEMS.c.claimed_at < late,
            )
        ).scalars()
        dossiers = rows.all()
        opened = OPEN_AGAIN[read_list(connection, list_id).kind]
        for dossier in dossiers:
            connection.execute(
                update(ITEMS)
                .where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
                .values(
                    state=ItemState.APPROVED.value,
                    token=ITEMS.c.token + 1,
                    worker="",
                    claimed_at="",
                    sealed_at="",
                )
            )
            connection.execute(
                update(DOSSIERS).where(DOSSIERS.c.dossier == dossier).values(state=opened.value)
            )
    return len(dossiers)


def _conclude(works: Works, list_id: str) -> None:
    """What the run does with the list by itself: verifying once every dossier is at its end."""
    with begin(works.desk.engine) as connection:
        counts = _counts(connection, list_id)
        state = read_list(connection, list_id).state
        running = state in {ListState.EXECUTING, ListState.PARTIALLY_EXECUTED}
        if running and not any(counts[each] for each in OPEN):
            system_step(connection, works.desk, list_id, Event.ALL_DONE)


def _standing(works: Works, list_id: str, *, stopped: bool = False) -> Executed:
    with reading(works.desk.engine) as connection:
        listed = read_list(connection, list_id)
        counts = _counts(connection, list_id)
    return Executed(list_id, listed.state, dict(counts), stopped)


def _counts(connection: Connection, list_id: str) -> Counter[ItemState]:
    rows = connection.execute(select(ITEMS.c.state).where(ITEMS.c.list == list_id)).scalars()
    return Counter(ItemState(each) for each in rows)


def _dossiers(
    connection: Connection, list_id: str, states: Sequence[ItemState], limit: int | None
) -> list[str]:
    """Dossiers of ours in these states, in the order of the list: what parties hold is ordered of
    them."""
    wanted = (
        select(ITEMS.c.dossier)
        .join(DOSSIERS, DOSSIERS.c.dossier == ITEMS.c.dossier)
        .where(
            ITEMS.c.list == list_id,
            ITEMS.c.state.in_([each.value for each in states]),
            DOSSIERS.c.holder == "",
        )
        .order_by(ITEMS.c.position)
    )
    return list(connection.execute(wanted.limit(limit)).scalars())


def _running(connection: Connection, zorgdragers: Sequence[str]) -> list[str]:
    states = [ListState.EXECUTING.value, ListState.PARTIALLY_EXECUTED.value]
    wanted = (
        select(LISTS.c.id)
        .where(LISTS.c.state.in_(states), LISTS.c.zorgdrager.in_(zorgdragers))
        .order_by(LISTS.c.id)
    )
    return list(connection.execute(wanted).scalars())
