"""Runs as they stand: read, listed, totalled, cancelled."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select, update

from storage.database import begin
from storage.fixity.nouns import Asked, Run, RunState, Totals
from storage.fixity.scopes import read_scope
from storage.fixity.tables import ITEMS, RUNS
from storage.outcomes import Outcome


def read_run(connection: Connection, run_id: str) -> Run | None:
    """A run; None when there is none of this id."""
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id)).first()
    return None if row is None else _run(row)


def list_runs(connection: Connection, limit: int = 50) -> list[Run]:
    """The newest runs, the newest first."""
    return _runs(connection, select(RUNS).order_by(RUNS.c.asked_at.desc(), RUNS.c.id.desc()), limit)


def open_runs(connection: Connection) -> list[Run]:
    """The runs that are not sealed yet, the oldest first: running ones, and cancelled ones."""
    wanted = select(RUNS).where(RUNS.c.state != RunState.ENDED.value)
    return _runs(connection, wanted.order_by(RUNS.c.asked_at, RUNS.c.id), None)


def open_run_of(connection: Connection, scope: str) -> Run | None:
    """The run of this scope (as its text) that is running; None when there is none."""
    wanted = select(RUNS).where(RUNS.c.state == RunState.RUNNING.value, RUNS.c.scope == scope)
    found = _runs(connection, wanted.order_by(RUNS.c.asked_at), 1)
    return found[0] if found else None


def totals(connection: Connection, run_id: str) -> Totals:
    """How many items of a run came to each outcome; what has no result yet is not checked."""
    wanted = (
        select(ITEMS.c.outcome, func.count()).where(ITEMS.c.run == run_id).group_by(ITEMS.c.outcome)
    )
    return Totals({Outcome(outcome): count for outcome, count in connection.execute(wanted)})


def cancel_run(engine: Engine, run_id: str, asked: Asked) -> bool:
    """Stop a running run for good; False when it was not running. Whoever works on it seals it.

    `asked` takes the place of who asked for the run: that it was stopped is their word.
    """
    with begin(engine) as connection:
        cancelled = connection.execute(
            update(RUNS)
            .where(RUNS.c.id == run_id, RUNS.c.state == RunState.RUNNING.value)
            .values(state=RunState.CANCELLED.value, actor=asked.actor, origin=asked.origin)
        )
    return bool(cancelled.rowcount)


def _runs(connection: Connection, wanted: Select[Any], limit: int | None) -> list[Run]:
    rows: Sequence[Row[Any]] = connection.execute(wanted.limit(limit)).all()
    return [_run(each) for each in rows]


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        scope=read_scope(row.scope),
        state=RunState(row.state),
        asked=Asked(datetime.fromisoformat(row.asked_at), row.actor, row.origin),
        schedule=row.schedule,
        items=row.items,
        size_bytes=row.size_bytes,
        ended_at=datetime.fromisoformat(row.ended_at) if row.ended_at else None,
    )
