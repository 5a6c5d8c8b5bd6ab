"""Fires: when a schedule was carried out, and when it should have been and was not.

The dead man's switch is a question to the database, so it works when nothing else does: a due
instant and its grace have passed, and no fire of it has ended with its work done.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Engine, Row, Table, Text, insert, select, update

from formats.findings import Finding, finding
from storage import ledger
from storage.cron import instants, read_cron
from storage.database import METADATA, begin
from storage.fixity.lines import findings_text
from storage.fixity.nouns import Asked
from storage.fixity.tables import REMARKS
from storage.ledger import Event
from storage.schedules import ZONE, list_schedules

MISSED = "schedule.missed"
SWITCH = ("S450", "S453", "S454")
"""What the dead man's switch says: of schedules, never of the copies of a run."""
TOLD_AT_ONCE = 400
"""So many due instants that were missed are written down one by one; then it is the same story."""

FIRES = Table(
    "fires",
    METADATA,
    Column("schedule", Text, primary_key=True),
    Column("due_at", Text, primary_key=True),
    # waiting (only missed so far), running, well, wrong, failed
    Column("outcome", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text, nullable=False),
    # When the miss was written into the ledger, and the run that bears it as a remark.
    Column("missed_at", Text, nullable=False),
    Column("remarked_in", Text, nullable=False),
    Column("detail", Text, nullable=False),
)


class Fired(StrEnum):
    """What became of a fire: `WRONG` ended and found something, `FAILED` could not do its work."""

    WAITING = "waiting"
    RUNNING = "running"
    WELL = "well"
    WRONG = "wrong"
    FAILED = "failed"


DONE = (Fired.WELL, Fired.WRONG)


@dataclass(frozen=True, slots=True)
class Fire:
    """One time that a schedule fired, or should have: `run` is its fixity run, "" for none."""

    schedule: str
    due_at: datetime
    outcome: Fired
    run: str
    started_at: datetime | None
    ended_at: datetime | None
    detail: str


def begin_fire(engine: Engine, name: str, due: datetime, now: datetime) -> Fire:
    """Write down that a fire begins; one that began or ended before is given as it stands."""
    with begin(engine) as connection:
        before = read_fire(connection, name, due)
        if before is None:
            connection.execute(insert(FIRES), _fire_row(name, due, Fired.RUNNING, _text(now)))
        elif before.outcome in (Fired.WAITING, Fired.FAILED):
            values = {"outcome": Fired.RUNNING.value, "started_at": _text(now), "detail": ""}
            connection.execute(update(FIRES).where(*_this(name, due)).values(values))
        fire = read_fire(connection, name, due)
    assert fire is not None, "it was written a moment ago"
    return fire


def bind_fire(engine: Engine, name: str, due: datetime, run: str) -> None:
    """Write down which fixity run a fire began or joined."""
    with begin(engine) as connection:
        connection.execute(update(FIRES).where(*_this(name, due)).values(run=run))


def end_fire(  # noqa: PLR0913 - which fire, and what became of it when
    engine: Engine, name: str, due: datetime, outcome: Fired, now: datetime, *, detail: str = ""
) -> None:
    """Write down what became of a fire."""
    values = {"outcome": outcome.value, "ended_at": _text(now), "detail": detail}
    with begin(engine) as connection:
        connection.execute(update(FIRES).where(*_this(name, due)).values(values))


def end_fires_of(engine: Engine, run: str, outcome: Fired, now: datetime) -> None:
    """Write down what became of every fire that began or joined this run and has not ended."""
    values = {"outcome": outcome.value, "ended_at": _text(now)}
    wanted = FIRES.c.run == run, FIRES.c.outcome == Fired.RUNNING.value
    with begin(engine) as connection:
        connection.execute(update(FIRES).where(*wanted).values(values))


def read_fire(connection: Connection, name: str, due: datetime) -> Fire | None:
    """The fire of a schedule that was due at an instant; None when there was none."""
    row = connection.execute(select(FIRES).where(*_this(name, due))).first()
    return None if row is None else _fire(row)


def last_fire(connection: Connection, name: str) -> Fire | None:
    """The newest fire of a schedule that began; None when it never did."""
    wanted = select(FIRES).where(FIRES.c.schedule == name, FIRES.c.started_at != "")
    row = connection.execute(wanted.order_by(FIRES.c.due_at.desc()).limit(1)).first()
    return None if row is None else _fire(row)


def missed(connection: Connection, now: datetime) -> tuple[Finding, ...]:
    """What should have come and did not, one finding per schedule: never begun (S450), not ended
    in time (S454), or ended without having done its work (S453). `found` is when it was due.
    """
    return tuple(
        finding(_code_of(fires[-1]), name, _told(fires), _ended_last(connection, name))
        for name, fires in _missed(connection, now)
    )


def note_missed(engine: Engine, asked: Asked, zorgdragers: Sequence[str]) -> tuple[Finding, ...]:
    """Write every miss into the ledgers, once; what was written now.

    One entry per schedule says from when to when it was due and how often.
    """
    written: list[Finding] = []
    with begin(engine) as connection:
        for name, fires in _missed(connection, asked.at):
            fresh = [each for each in fires if not _is_noted(connection, each)]
            if not fresh:
                continue
            for each in fresh:
                _note(connection, each, asked.at)
            for zorgdrager in zorgdragers:
                ledger.append(connection, zorgdrager, _event(name, fresh, asked), b"")
            last = _ended_last(connection, name)
            written.append(finding(_code_of(fresh[-1]), name, _told(fresh), last))
    return tuple(written)


def remark_missed(engine: Engine, run: str) -> int:
    """Give the misses that no run bears yet to this run, as remarks; how many."""
    with begin(engine) as connection:
        wanted = select(FIRES).where(FIRES.c.missed_at != "", FIRES.c.remarked_in == "")
        fires = [_fire(each) for each in connection.execute(wanted.order_by(FIRES.c.due_at))]
        by_name: dict[str, list[Fire]] = {}
        for each in fires:
            by_name.setdefault(each.schedule, []).append(each)
        for name, mine in sorted(by_name.items()):
            last = _ended_last(connection, name)
            _remark(connection, run, finding(_code_of(mine[-1]), name, _told(mine), last))
        for each in fires:
            this = _this(each.schedule, each.due_at)
            connection.execute(update(FIRES).where(*this).values(remarked_in=run))
    return len(by_name)


def _missed(connection: Connection, now: datetime) -> Iterator[tuple[str, list[Fire]]]:
    """Per schedule the fires that should have ended by now, since the last that did."""
    for schedule in list_schedules(connection):
        if not schedule.active:
            continue
        ended = _ended_due(connection, schedule.name)
        first = max(schedule.since, ended) if ended else schedule.since
        until = now - timedelta(hours=schedule.grace_hours)
        due = instants(read_cron(schedule.cron, schedule.zone), first, until)
        fires = [
            read_fire(connection, schedule.name, each) or _never(schedule.name, each)
            for each in islice(due, TOLD_AT_ONCE)
        ]
        if fires:
            yield schedule.name, fires


def _never(name: str, due: datetime) -> Fire:
    return Fire(name, due, Fired.WAITING, "", None, None, "")


def _code_of(fire: Fire) -> str:
    if fire.outcome is Fired.FAILED:
        return "S453"
    return "S454" if fire.outcome is Fired.RUNNING else "S450"


def _told(fires: Sequence[Fire]) -> str:
    """When they were due: the first, and where there are more the last and how many."""
    first, last = _on_the_wall(fires[0].due_at), _on_the_wall(fires[-1].due_at)
    return first if len(fires) == 1 else f"{first} … {last} ({len(fires)})"


def _ended_due(connection: Connection, name: str) -> datetime | None:
    """When the last fire that did its work was due."""
    ended = FIRES.c.outcome.in_([each.value for each in DONE])
    wanted = select(FIRES.c.due_at).where(FIRES.c.schedule == name, ended)
    found = connection.execute(wanted.order_by(FIRES.c.due_at.desc()).limit(1)).scalar()
    return datetime.fromisoformat(found) if found else None


def _ended_last(connection: Connection, name: str) -> str:
    found = _ended_due(connection, name)
    return _on_the_wall(found) if found else "-"


def _on_the_wall(instant: datetime) -> str:
    return instant.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M")


def _is_noted(connection: Connection, fire: Fire) -> bool:
    wanted = select(FIRES.c.missed_at).where(*_this(fire.schedule, fire.due_at))
    return bool(connection.execute(wanted).scalar())


def _note(connection: Connection, fire: Fire, now: datetime) -> None:
    if read_fire(connection, fire.schedule, fire.due_at) is None:
        row = _fire_row(fire.schedule, fire.due_at, Fired.WAITING, "")
        connection.execute(insert(FIRES), row | {"missed_at": _text(now)})
        return
    this = _this(fire.schedule, fire.due_at)
    connection.execute(update(FIRES).where(*this).values(missed_at=_text(now)))


def _event(name: str, fires: Sequence[Fire], asked: Asked) -> Event:
    return Event(
        at=asked.at,
        action=MISSED,
        object=name,
        result="missed",
        actor=asked.actor,
        origin=asked.origin,
        facts={
            "code": _code_of(fires[-1]),
            "from": _text(fires[0].due_at),
            "to": _text(fires[-1].due_at),
            "times": len(fires),
        },
    )


def _remark(connection: Connection, run: str, said: Finding) -> None:
    numbers = select(REMARKS.c.number).where(REMARKS.c.run == run)
    last = connection.execute(numbers.order_by(REMARKS.c.number.desc()).limit(1)).scalar()
    connection.execute(
        insert(REMARKS),
        {
            "run": run,
            "number": (last or 0) + 1,
            "zorgdrager": "",
            "store": "",
            "code": said.code,
            "finding": findings_text((said,)),
        },
    )


def _this(name: str, due: datetime) -> tuple[Any, Any]:
    return FIRES.c.schedule == name, FIRES.c.due_at == _text(due)


def _fire_row(name: str, due: datetime, outcome: Fired, started_at: str) -> dict[str, Any]:
    return {
        "schedule": name,
        "due_at": _text(due),
        "outcome": outcome.value,
        "run": "",
        "started_at": started_at,
        "ended_at": "",
        "missed_at": "",
        "remarked_in": "",
        "detail": "",
    }


def _fire(row: Row[Any]) -> Fire:
    return Fire(
        schedule=row.schedule,
        due_at=datetime.fromisoformat(row.due_at),
        outcome=Fired(row.outcome),
        run=row.run,
        started_at=_instant(row.started_at),
        ended_at=_instant(row.ended_at),
        detail=row.detail,
    )


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()


def _instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
