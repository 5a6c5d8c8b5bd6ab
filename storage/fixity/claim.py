"""Claims: which worker has which share of a run, until when; a share is never had by two.

A claim is a lease: who does not renew it loses the share to another. Each claim of a share has a
number (`tries`), and what an earlier claimer still says of it is refused.
"""

# ruff: noqa: S608 - statements are put together from words of ours; values are bound

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    ScalarSelect,
    func,
    or_,
    select,
    text,
    update,
)

from storage.database import begin
from storage.fixity.nouns import RunState, Share
from storage.fixity.tables import RUNS, SHARES

# Asked for every group of results: as text, for building a statement costs more than it.
_HAD = text(
    "SELECT 1 FROM fixity_shares s JOIN fixity_runs r ON r.id = s.run "
    "WHERE s.run = :run AND s.number = :number AND s.worker = :worker AND s.tries = :tries "
    f"AND s.done_at = '' AND r.state <> '{RunState.ENDED.value}'"
)
_NEXT = text(
    "SELECT s.* FROM fixity_shares s JOIN fixity_runs r ON r.id = s.run "
    "WHERE s.run = :run AND s.store = :store AND s.done_at = '' AND s.lease_until < :now "
    f"AND r.state = '{RunState.RUNNING.value}' ORDER BY s.tries, s.number LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Claimer:
    """Who claims, and when: `until` is when the lease lapses if it is not renewed."""

    worker: str
    now: datetime
    until: datetime


def claimer(worker: str, now: datetime, lease: timedelta) -> Claimer:
    """A worker that would have a share from now on for as long as the lease."""
    return Claimer(worker, now, now + lease)


def claim(  # noqa: PLR0913 - a claim says of what, by whom, when, for how long
    engine: Engine,
    run_id: str,
    worker: str,
    now: datetime,
    lease: timedelta,
    *,
    store: str | None = None,
) -> Share | None:
    """The next share of a run that nobody has, of one store if it is named; None when none is.

    Raises: DatabaseUnusable.
    """
    with begin(engine) as connection:
        return claim_next(connection, run_id, claimer(worker, now, lease), store)


def claim_numbered(  # noqa: PLR0913, PLR0917 - as `claim`
    engine: Engine, run_id: str, number: int, worker: str, now: datetime, lease: timedelta
) -> Share | None:
    """This share, when nobody has it or the worker itself does; None when it is done or had.

    Raises: DatabaseUnusable.
    """
    with begin(engine) as connection:
        who = claimer(worker, now, lease)
        row = connection.execute(
            select(SHARES).where(
                *_mine(run_id, number),
                SHARES.c.done_at == "",
                or_(SHARES.c.worker == worker, _free(now)),
                _state_of(run_id) == RunState.RUNNING.value,
            )
        ).first()
        return None if row is None else _take(connection, row, who)


def renew(engine: Engine, shares: Iterable[Share], who: Claimer) -> set[int]:
    """Renew the leases of these shares; the numbers of those that are still the worker's.

    Raises: DatabaseUnusable.
    """
    with begin(engine) as connection:
        return {each.number for each in shares if renew_one(connection, each, who)}


def finish_share(engine: Engine, share: Share, worker: str, now: datetime) -> bool:
    """Note that a share is done; False when the worker has lost it.

    Raises: DatabaseUnusable.
    """
    with begin(engine) as connection:
        return finish(connection, share, worker, now)


def release(engine: Engine, run_id: str, worker: str) -> int:
    """Give back every share that a worker of this name has and did not end; how many.

    For a worker that stops, and for one that starts again under its name after it died.

    Raises: DatabaseUnusable.
    """
    with begin(engine) as connection:
        freed = connection.execute(
            update(SHARES)
            .where(SHARES.c.run == run_id, SHARES.c.worker == worker, SHARES.c.done_at == "")
            .values(worker="", lease_until="")
        )
    return freed.rowcount


def claim_next(
    connection: Connection, run_id: str, who: Claimer, store: str | None = None
) -> Share | None:
    """`claim` within a transaction that writes alone."""
    if store is not None:
        values = {"run": run_id, "store": store, "now": _text(who.now)}
        row = connection.execute(_NEXT, values).first()
        return None if row is None else _take(connection, row, who)
    wanted = select(SHARES).where(
        SHARES.c.run == run_id,
        SHARES.c.done_at == "",
        _free(who.now),
        _state_of(run_id) == RunState.RUNNING.value,
    )
    row = connection.execute(wanted.order_by(SHARES.c.tries, SHARES.c.number).limit(1)).first()
    return None if row is None else _take(connection, row, who)


def renew_one(connection: Connection, share: Share, who: Claimer) -> bool:
    """`renew` of one share within a transaction that writes alone."""
    renewed = connection.execute(
        update(SHARES).where(*_had(share, who.worker)).values(lease_until=_text(who.until))
    )
    return bool(renewed.rowcount)


def finish(connection: Connection, share: Share, worker: str, now: datetime) -> bool:
    """`finish_share` within a transaction that writes alone."""
    finished = connection.execute(
        update(SHARES).where(*_had(share, worker)).values(done_at=_text(now), lease_until="")
    )
    return bool(finished.rowcount)


def put_off(connection: Connection, share: Share, worker: str, until: datetime) -> bool:
    """Give a share back, to be claimed by anyone, but not before an instant."""
    freed = connection.execute(
        update(SHARES).where(*_had(share, worker)).values(worker="", lease_until=_text(until))
    )
    return bool(freed.rowcount)


def still_had(connection: Connection, shares: Iterable[Share], worker: str) -> set[int]:
    """The numbers of those of these shares that the worker has not lost.

    All of one run; none when it is sealed.
    """
    had = set()
    for each in shares:
        values = {"run": each.run, "number": each.number, "worker": worker, "tries": each.tries}
        if connection.execute(_HAD, values).first() is not None:
            had.add(each.number)
    return had


def undone(connection: Connection, run_id: str, store: str | None = None) -> int:
    """How many shares of a run are not done yet, whoever has them."""
    wanted = select(func.count()).where(SHARES.c.run == run_id, SHARES.c.done_at == "")
    if store is not None:
        wanted = wanted.where(SHARES.c.store == store)
    return int(connection.execute(wanted).scalar_one())


def undone_stores(connection: Connection, run_id: str) -> Sequence[str]:
    """The stores of which shares are not done yet."""
    wanted = select(SHARES.c.store).where(SHARES.c.run == run_id, SHARES.c.done_at == "")
    return list(connection.execute(wanted.distinct().order_by(SHARES.c.store)).scalars())


def read_shares(connection: Connection, run_id: str) -> list[Share]:
    """Every share of a run, in order."""
    wanted = select(SHARES).where(SHARES.c.run == run_id).order_by(SHARES.c.number)
    return [_share(each) for each in connection.execute(wanted)]


def _take(connection: Connection, row: Row[Any], who: Claimer) -> Share:
    connection.execute(
        update(SHARES)
        .where(*_mine(row.run, row.number))
        .values(worker=who.worker, lease_until=_text(who.until), tries=row.tries + 1)
    )
    return _share(row, row.tries + 1)


def _state_of(run_id: str) -> ScalarSelect[str]:
    return select(RUNS.c.state).where(RUNS.c.id == run_id).scalar_subquery()


def _free(now: datetime) -> ColumnElement[bool]:
    return SHARES.c.lease_until < _text(now)


def _mine(run_id: str, number: int) -> tuple[ColumnElement[bool], ...]:
    return SHARES.c.run == run_id, SHARES.c.number == number


def _had(share: Share, worker: str) -> tuple[ColumnElement[bool], ...]:
    return (
        *_mine(share.run, share.number),
        SHARES.c.worker == worker,
        SHARES.c.tries == share.tries,
        SHARES.c.done_at == "",
    )


def _share(row: Row[Any], tries: int | None = None) -> Share:
    return Share(
        run=row.run,
        number=row.number,
        store=row.store,
        zorgdrager=row.zorgdrager,
        items=row.items,
        size_bytes=row.size_bytes,
        first=row.first,
        tries=row.tries if tries is None else tries,
    )


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
