"""Workers: who is alive, and what was taken over from those that are not."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    Table,
    Text,
    Update,
    delete,
    insert,
    select,
    update,
)

from storage.database import METADATA, begin
from storage.fixity.tables import SHARES

WORKERS = Table(
    "workers",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("started_at", Text, nullable=False),
    Column("beat_at", Text, nullable=False),
)

TAKEOVERS = Table(
    "takeovers",
    METADATA,
    # How often a piece of work was taken over from a worker that died in it.
    Column("work", Text, primary_key=True),
    Column("times", Integer, nullable=False),
)


def enter(engine: Engine, name: str, now: datetime) -> None:
    """Say that a worker begins; what an earlier one of this name left in hand is free again."""
    row = {"name": name, "started_at": _text(now), "beat_at": _text(now)}
    with begin(engine) as connection:
        bury(connection, name)
        connection.execute(insert(WORKERS), row)


def beat(engine: Engine, name: str, now: datetime) -> None:
    """Say that a worker is alive; also when others gave it up in the meantime."""
    with begin(engine) as connection:
        wanted = update(WORKERS).where(WORKERS.c.name == name).values(beat_at=_text(now))
        if not connection.execute(wanted).rowcount:
            row = {"name": name, "started_at": _text(now), "beat_at": _text(now)}
            connection.execute(insert(WORKERS), row)


def leave(engine: Engine, name: str) -> None:
    """Say that a worker ends, and give back what it has in hand."""
    with begin(engine) as connection:
        connection.execute(delete(WORKERS).where(WORKERS.c.name == name))
        connection.execute(_free(name))


def silent(connection: Connection, now: datetime, dead_after: timedelta) -> tuple[str, ...]:
    """The workers that did not beat for so long, by name."""
    wanted = select(WORKERS.c.name).where(WORKERS.c.beat_at < _text(now - dead_after))
    return tuple(connection.execute(wanted.order_by(WORKERS.c.name)).scalars())


def bury(connection: Connection, name: str) -> None:
    """Strike a dead worker off; the shares it had in hand are free, and bear that it died in them.

    In a transaction that writes alone.
    """
    connection.execute(delete(WORKERS).where(WORKERS.c.name == name))
    wanted = select(SHARES.c.run, SHARES.c.number)
    wanted = wanted.where(SHARES.c.worker == name, SHARES.c.done_at == "")
    for run, number in connection.execute(wanted).all():
        count_takeover(connection, share_key(run, number))
    connection.execute(_free(name))


def count_takeover(connection: Connection, work: str) -> int:
    """Count that a piece of work is taken over once more; how often it was, with this time."""
    times = takeovers(connection, work) + 1
    if times == 1:
        connection.execute(insert(TAKEOVERS), {"work": work, "times": times})
    else:
        wanted = update(TAKEOVERS).where(TAKEOVERS.c.work == work)
        connection.execute(wanted.values(times=times))
    return times


def strike(connection: Connection, run: str, number: int, worker: str) -> None:
    """Note that a share went wrong in a worker's hands, and give it back."""
    count_takeover(connection, share_key(run, number))
    this = SHARES.c.run == run, SHARES.c.number == number
    connection.execute(_free(worker).where(*this))


def takeovers(connection: Connection, work: str) -> int:
    """How often a piece of work was taken over."""
    known = select(TAKEOVERS.c.times).where(TAKEOVERS.c.work == work)
    return int(connection.execute(known).scalar() or 0)


def share_key(run: str, number: int) -> str:
    """The name of a share of a run as a piece of work."""
    return f"fixity:{run}:{number}"


def alive(connection: Connection) -> tuple[str, ...]:
    """The workers that beat, by name, also those that were silent for a while."""
    return tuple(connection.execute(select(WORKERS.c.name).order_by(WORKERS.c.name)).scalars())


def _free(worker: str) -> Update:
    """Gives back the shares of fixity runs that a worker has in hand."""
    mine = SHARES.c.worker == worker, SHARES.c.done_at == ""
    return update(SHARES).where(*mine).values(worker="", lease_until="")


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
