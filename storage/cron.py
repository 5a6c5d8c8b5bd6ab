"""Cron expressions on a wall clock: which instants they name, also on the nights it is moved.

Five fields as cron has them: minute, hour, day of month, month, day of week (0 and 7 are Sunday,
or mon-sun). A wall time that comes twice (October) counts once, the first time; one that does not
come (March) counts as if the clock were not moved: 02:30 is 03:30 then. With `*` for the hour
every real hour counts, so that nothing stands still for an hour.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
HORIZON_DAYS = 366 * 5
"""So far ahead is looked for an instant: a leap day and a day of the week together may be rare."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression that was understood. `days_of_week`: 0 is Sunday."""

    text: str
    zone: str
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    days_of_week: tuple[int, ...]
    every_hour: bool
    either_day: bool


def read_cron(text: str, zone: str = "Europe/Amsterdam") -> Cron:
    """The expression in a text.

    Raises: ValueError when it is none, when its zone is unknown, or when it never comes.
    """
    fields = text.split()
    if len(fields) != 5:
        raise ValueError(f"five fields, not {len(fields)}")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"no time zone {zone}") from error
    numbers = [
        _numbers(field, low, high) for field, (low, high) in zip(fields, _BOUNDS, strict=True)
    ]
    cron = Cron(
        text=" ".join(fields),
        zone=zone,
        minutes=numbers[0],
        hours=numbers[1],
        days=numbers[2],
        months=numbers[3],
        days_of_week=tuple(sorted({each % 7 for each in numbers[4]})),
        every_hour=fields[1] == "*",
        either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
    )
    if next(instants(cron, datetime(2024, 1, 1, tzinfo=UTC)), None) is None:
        raise ValueError("this never comes")
    return cron


def instants(cron: Cron, after: datetime, until: datetime | None = None) -> Iterator[datetime]:
    """The instants (UTC) after one and, when given, up to and with another, in order."""
    zone = ZoneInfo(cron.zone)
    first = after.astimezone(zone).date() - timedelta(days=1)
    for number in range(HORIZON_DAYS):
        day = first + timedelta(days=number)
        if not _is_day(cron, day):
            continue
        for each in _of_day(cron, day, zone):
            if until is not None and each > until:
                return
            if each > after:
                yield each
        if until is not None and day > until.astimezone(zone).date():
            return


def next_instant(cron: Cron, after: datetime) -> datetime:
    """The first instant (UTC) after one."""
    found = next(instants(cron, after), None)
    assert found is not None, "an expression that was read comes within the horizon"
    return found


def last_instant(cron: Cron, before: datetime, since: datetime) -> datetime | None:
    """The last instant (UTC) at or before one and after `since`; None when there was none."""
    zone = ZoneInfo(cron.zone)
    day = before.astimezone(zone).date()
    while datetime.combine(day, time(), zone) > since - timedelta(days=2):
        if _is_day(cron, day):
            found = [each for each in _of_day(cron, day, zone) if since < each <= before]
            if found:
                return found[-1]
        day -= timedelta(days=1)
    return None


def _is_day(cron: Cron, day: date) -> bool:
    """Whether this day is meant; with both kinds of day given, either is enough, as with cron."""
    in_month = day.day in cron.days
    in_week = day.isoweekday() % 7 in cron.days_of_week
    fits = (in_month or in_week) if cron.either_day else (in_month and in_week)
    return day.month in cron.months and fits


def _of_day(cron: Cron, day: date, zone: ZoneInfo) -> list[datetime]:
    """The instants of one day of the calendar, in order, each once."""
    found = set()
    for hour in cron.hours:
        for minute in cron.minutes:
            wall = datetime.combine(day, time(hour, minute), zone)
            instant = wall.astimezone(UTC)
            if not cron.every_hour:
                found.add(instant)
            elif instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
                found |= {instant, wall.replace(fold=1).astimezone(UTC)}
    return sorted(found)


def _numbers(field: str, low: int, high: int) -> tuple[int, ...]:
    found: set[int] = set()
    for part in field.lower().split(","):
        span, slash, step = part.partition("/")
        if slash and not (step.isdecimal() and int(step)):
            raise ValueError(f"no step: {part}")
        first, last = _span(span, low, high, open_end=bool(slash))
        found.update(range(first, last + 1, int(step) if slash else 1))
    return tuple(sorted(found))


def _span(span: str, low: int, high: int, *, open_end: bool) -> tuple[int, int]:
    if span == "*":
        return low, (6 if high == 7 else high)
    start, dash, end = span.partition("-")
    first = _number(start, low, high)
    last = _number(end, low, high) if dash else (high if open_end else first)
    if last < first:
        raise ValueError(f"ends before it begins: {span}")
    return first, last


def _number(text: str, low: int, high: int) -> int:
    if high == 7 and text in _DAYS:
        return _DAYS.index(text)
    if not (text.isascii() and text.isdecimal()) or not low <= int(text) <= high:
        raise ValueError(f"not from {low} to {high}: {text}")
    return int(text)
