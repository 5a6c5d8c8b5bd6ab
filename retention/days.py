"""The calendar day that counts: Europe/Amsterdam, and never one that was over before."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from storage.ledger import ENTRIES, read_line

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def local_day(instant: datetime) -> date:
    """The day that an instant falls on in the Netherlands."""
    return instant.astimezone(AMSTERDAM).date()


def trusted_instant(connection: Connection, zorgdrager: str, now: datetime) -> datetime:
    """Now, but never before what stands in the ledger of the zorgdrager already."""
    line = connection.execute(
        select(ENTRIES.c.line)
        .where(ENTRIES.c.zorgdrager == zorgdrager)
        .order_by(ENTRIES.c.seq.desc())
        .limit(1)
    ).scalar()
    return now if line is None else max(now, read_line(zorgdrager, line).at)


def trusted_today(connection: Connection, zorgdrager: str, now: datetime) -> date:
    """The day of the trusted instant."""
    return local_day(trusted_instant(connection, zorgdrager, now))
