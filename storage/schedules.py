"""Schedules: what is to be done when. Whatever keeps the time only reads these rows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, Engine, Integer, Row, Table, Text, insert, select, update

from storage.cron import last_instant, next_instant, read_cron
from storage.database import METADATA, begin
from storage.errors import ScheduleInvalid, ScheduleUnknown
from storage.fixity.nouns import Asked
from storage.ledger import canonical

ZONE = "Europe/Amsterdam"

SCHEDULES = Table(
    "schedules",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("cron", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("active", Integer, nullable=False),
    Column("grace_hours", Integer, nullable=False),
    # From when it counts: what was due before is nobody's miss.
    Column("since", Text, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("changed_by", Text, nullable=False),
)


class Kind(StrEnum):
    """What a schedule does.

    `FIXITY_SHARE`: the day's share of every policy. `FIXITY_RECONCILE`: stores and catalogue laid
    beside each other, without reading the copies. `FIXITY_FULL`: everything read.
    `RETENTION_RECOMPUTE`: every date anew. `RETENTION_DUE`: what has become due, told to people.
    `RETENTION_TEND`: what people began is gone on with, and who is late is reminded.
    """

    FIXITY_SHARE = "fixity-share"
    FIXITY_RECONCILE = "fixity-reconcile"
    FIXITY_FULL = "fixity-full"
    LEDGER_PUBLISH = "ledger-publish"
    VERIFY_LEDGER = "verify-ledger"
    RETENTION_RECOMPUTE = "retention-recompute"
    RETENTION_DUE = "retention-due"
    RETENTION_TEND = "retention-tend"


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is to be done when. `arguments` narrow it: stores, zorgdragers (lists of names).

    `since`: from when it counts. A fire must have ended `grace_hours` after it was due.
    """

    name: str
    kind: Kind
    cron: str
    grace_hours: int
    since: datetime
    zone: str = ZONE
    arguments: Mapping[str, Any] = field(default_factory=dict)
    active: bool = True
    changed_at: datetime | None = None
    changed_by: str = ""


# Quarter past four: after the hour that comes twice in October, before an archivist comes in.
DEFAULTS = (
    ("daily-check", Kind.FIXITY_SHARE, "15 4 * * *", 18),
    ("weekly-reconcile", Kind.FIXITY_RECONCILE, "15 5 * * sun", 24),
    ("daily-ledger", Kind.LEDGER_PUBLISH, "45 4 * * *", 18),
    ("weekly-ledger-check", Kind.VERIFY_LEDGER, "15 6 * * sun", 24),
    ("daily-recompute", Kind.RETENTION_RECOMPUTE, "45 3 * * *", 18),
    ("monthly-due", Kind.RETENTION_DUE, "30 5 1 * *", 48),
    ("hourly-tend", Kind.RETENTION_TEND, "5 * * * *", 4),
)


def ensure_schedules(engine: Engine, asked: Asked) -> tuple[Schedule, ...]:
    """Make the schedules that every depot has, as far as they are not there; those made now."""
    with begin(engine) as connection:
        known = set(connection.execute(select(SCHEDULES.c.name)).scalars())
        made = [
            Schedule(name, kind, cron, grace, asked.at)
            for name, kind, cron, grace in DEFAULTS
            if name not in known
        ]
        if made:
            connection.execute(insert(SCHEDULES), [_schedule_row(each, asked) for each in made])
    return tuple(made)


def list_schedules(connection: Connection) -> tuple[Schedule, ...]:
    """Every schedule, by name."""
    rows = connection.execute(select(SCHEDULES).order_by(SCHEDULES.c.name))
    return tuple(_schedule(each) for each in rows)


def read_schedule(connection: Connection, name: str) -> Schedule:
    """The schedule with this name.

    Raises: ScheduleUnknown.
    """
    row = connection.execute(select(SCHEDULES).where(SCHEDULES.c.name == name)).first()
    if row is None:
        known = ", ".join(each.name for each in list_schedules(connection)) or "-"
        raise ScheduleUnknown(f"{name}; known: {known}", name=name, known=known)
    return _schedule(row)


def set_schedule(
    engine: Engine,
    name: str,
    asked: Asked,
    *,
    cron: str | None = None,
    active: bool | None = None,
) -> Schedule:
    """Change when a schedule fires, or whether; it counts anew from now.

    Raises: ScheduleUnknown; ScheduleInvalid when the cron expression is none.
    """
    with begin(engine) as connection:
        before = read_schedule(connection, name)
        after = replace(
            before,
            cron=before.cron if cron is None else _checked(cron, before.zone),
            active=before.active if active is None else active,
            since=asked.at,
            changed_at=asked.at,
            changed_by=asked.actor,
        )
        wanted = update(SCHEDULES).where(SCHEDULES.c.name == name)
        connection.execute(wanted.values(_schedule_row(after, asked)))
    return after


def next_due(schedule: Schedule, now: datetime) -> datetime | None:
    """When a schedule fires next (UTC); None when it is off."""
    return next_instant(read_cron(schedule.cron, schedule.zone), now) if schedule.active else None


def last_due(schedule: Schedule, now: datetime) -> datetime | None:
    """When a schedule was due last (UTC), since it counts; None when it is off or was never due."""
    if not schedule.active:
        return None
    return last_instant(read_cron(schedule.cron, schedule.zone), now, schedule.since)


def _checked(cron: str, zone: str) -> str:
    try:
        return read_cron(cron, zone).text
    except ValueError as error:
        raise ScheduleInvalid(f"{cron}: {error}", found=cron) from error


def _schedule(row: Row[Any]) -> Schedule:
    return Schedule(
        name=row.name,
        kind=Kind(row.kind),
        cron=row.cron,
        zone=row.zone,
        arguments=json.loads(row.arguments),
        active=bool(row.active),
        grace_hours=row.grace_hours,
        since=datetime.fromisoformat(row.since),
        changed_at=datetime.fromisoformat(row.changed_at),
        changed_by=row.changed_by,
    )


def _schedule_row(schedule: Schedule, asked: Asked) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "kind": schedule.kind.value,
        "cron": schedule.cron,
        "zone": schedule.zone,
        "arguments": canonical(dict(schedule.arguments)),
        "active": int(schedule.active),
        "grace_hours": schedule.grace_hours,
        "since": _text(schedule.since),
        "changed_at": _text(asked.at),
        "changed_by": asked.actor,
    }


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat()
