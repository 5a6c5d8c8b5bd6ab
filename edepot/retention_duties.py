"""What the clock does for retention: dates anew, what is due told, what people began gone on with.

Nothing is destroyed because a day came: the clock only goes on with lists that four people agreed
on and that a person started.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select

from edepot.acting import desk_of
from edepot.depot import Depot
from edepot.disposal_works import settle, works_of
from edepot.fixity_works import asked_by_worker
from retention.days import trusted_today
from retention.deadlines import tell_deadlines
from retention.declaration import addenda_due
from retention.enrolling import enrol
from retention.external_order import overdue_orders
from retention.hold_reading import due_reviews
from retention.noting import note
from retention.nouns import DossierState
from retention.recomputing import recompute_all
from retention.run import tend as tend_lists
from retention.signing import expire_all
from retention.tables import DOSSIERS
from retention.transfer_closing import follow
from storage.database import begin, reading
from storage.schedules import Kind


@dataclass(frozen=True, slots=True)
class Told:
    """What came of it: whether a person has to look, and a few words of codes and counts."""

    wrong: bool
    detail: str


Stop = Callable[[], bool]


def carry_out(depot: Depot, kind: Kind, zorgdragers: Sequence[str], stop: Stop) -> Told:
    """Do what a schedule of retention says, for these zorgdragers (none: all)."""
    chosen = tuple(zorgdragers) or tuple(each.id for each in depot.config.zorgdragers)
    return _DOES[kind](depot, chosen, stop)


def recompute(depot: Depot, zorgdragers: Sequence[str], _stop: Stop) -> Told:
    """Bring in what is new on the shelf, and compute every date anew."""
    desk = desk_of(depot)
    new = enrol(desk, depot.stores)
    done = recompute_all(desk, zorgdragers)
    counts = {
        "looked_at": done.looked_at,
        "enrolled": new.dossiers,
        "unread": len(new.unread),
        "alarms": done.alarms,
    }
    return Told(bool(done.alarms or new.unread), _shown(counts))


def tell_due(depot: Depot, zorgdragers: Sequence[str], _stop: Stop) -> Told:
    """Count what has become due, and write it in the ledger; making a list of it is for people."""
    desk, counts = desk_of(depot), {}
    asked = asked_by_worker()
    with begin(desk.engine) as connection:
        for each in zorgdragers:
            today = trusted_today(connection, each, desk.now())
            counts[each] = connection.execute(_due(each, today)).scalar_one()
            note(
                connection,
                desk,
                each,
                "retention.due",
                f"due:{today.isoformat()}",
                result="counted",
                actor=asked.actor,
                origin=asked.origin,
                facts={"dossiers": counts[each]},
            )
    return Told(wrong=False, detail=_shown(counts))


def tend(depot: Depot, zorgdragers: Sequence[str], stop: Stop) -> Told:
    """Go on with what people began, sweep what is due, send back what expired, remind."""
    desk = desk_of(depot)
    carried = tend_lists(works_of(depot, stop=stop), zorgdragers)
    unsettled = settle(depot, zorgdragers) if carried.lists or carried.found_again else ()
    with reading(desk.engine) as connection:
        days = [trusted_today(connection, each, desk.now()) for each in zorgdragers]
        today = max(days)
        counts = {
            "lists": carried.lists,
            "destroyed": carried.destroyed,
            "needs_operator": carried.needs_operator,
            "halted": carried.halted,
            "found_again": carried.found_again,
            "holds_to_review": len(due_reviews(connection, today)),
            "orders_late": len(overdue_orders(connection, today)),
            "addenda_due": len(addenda_due(connection, today)),
            "unsettled": len(unsettled),
        }
    counts["expired"] = len(expire_all(desk))
    counts["transfers"] = len(follow(desk))
    counts["reminders"] = len(tell_deadlines(desk))
    wrong = carried.needs_operator or carried.halted or carried.found_again or unsettled
    return Told(bool(wrong), _shown({name: each for name, each in counts.items() if each}))


_DOES: Mapping[Kind, Callable[[Depot, Sequence[str], Stop], Told]] = {
    Kind.RETENTION_RECOMPUTE: recompute,
    Kind.RETENTION_DUE: tell_due,
    Kind.RETENTION_TEND: tend,
}


RETENTION = frozenset(_DOES)
"""The kinds of schedules that are of retention."""


def _due(zorgdrager: str, today: date) -> Select[int]:
    return (
        select(func.count())
        .select_from(DOSSIERS)
        .where(
            DOSSIERS.c.zorgdrager == zorgdrager,
            DOSSIERS.c.decision == "DATED",
            DOSSIERS.c.state == DossierState.HERE.value,
            DOSSIERS.c.eligible_from <= today.isoformat(),
        )
    )


def _shown(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={each}" for name, each in counts.items())
