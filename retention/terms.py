"""Terms and days of the date engine: read strictly, added by the calendar, never guessed.

Source: domain rules R1 to R8 and R26; ISO 8601; XML Schema Part 2, appendix E.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from formats.datatypes import days_in_month
from formats.periods import Duration, NotAPeriod, PartialDate, add
from retention.case import Rounding
from retention.errors import RetentionError

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
REMEMBERED = 65_536

TERM = re.compile(r"P(?:([0-9]{1,9})Y)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})D)?")
WEEKS = re.compile(r"P([0-9]{1,9})W")
CALENDAR = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(\.[0-9]{1,9})?)?)"
    r"(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


class NotATerm(RetentionError):
    """The text is no duration of whole years, months and days, or of whole weeks."""


class NotADay(RetentionError):
    """The text is no date that can be read in one way; `code` says what is wrong with it."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text, code=code, text=text)
        self.code = code


class BeyondCalendar(RetentionError):
    """The sum lies outside the years 1 to 9999."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day as it was told: the first and last day it can be, and its day in UTC.

    `last` is the one that counts. `utc` differs from it only for an instant near midnight.
    """

    first: date
    last: date
    utc: date

    @property
    def partial(self) -> bool:
        """Whether only the month or the year is known."""
        return self.first != self.last


@lru_cache(maxsize=REMEMBERED)
def read_term(text: str) -> Duration:
    """The duration that a term says: P[nY][nM][nD] or PnW, whole and not negative.

    Raises: NotATerm for anything else; there is no default.
    """
    if weeks := WEEKS.fullmatch(text):
        return Duration(days=7 * int(weeks[1]))
    match = TERM.fullmatch(text)
    if match is None or text == "P":
        raise NotATerm(text)
    years, months, days = (int(part or 0) for part in match.groups())
    return Duration(months=12 * years + months, days=days)


@lru_cache(maxsize=REMEMBERED)
def read_day(text: str) -> Day:
    """The day that a text says: a date, a month, a year, or an instant with its zone.

    Forms: 2021-05-17 (month and day may lack their zero), 20210517, 2021-05, 2021, and
    2021-05-17T22:30:00Z, which falls on a day in the Netherlands. A month and a year count as
    their last day.

    Raises: NotADay.
    """
    if match := INSTANT.fullmatch(text):
        return _day_of_instant(text, match)
    match = COMPACT.fullmatch(text) or CALENDAR.fullmatch(text)
    if match is None:
        raise NotADay("not_a_date", text)
    _, month, day = (None if part is None else int(part) for part in match.groups())
    try:
        first = date(int(match[1]), 1 if month is None else month, 1 if day is None else day)
    except ValueError as error:
        raise NotADay("no_such_day", text) from error
    return Day(first, last := _last(first, month, day), last)


@lru_cache(maxsize=REMEMBERED)
def plus(day: date, term: Duration) -> date:
    """The day that lies a term later: months first, clamped to the month's end, then days.

    Raises: BeyondCalendar.
    """
    try:
        return add(PartialDate(day.year, day.month, day.day), term).as_date()
    except NotAPeriod as error:
        raise BeyondCalendar(f"{day} + {term}") from error


def next_day(day: date) -> date:
    """The day after.

    Raises: BeyondCalendar.
    """
    return plus(day, Duration(days=1))


def rounded_start(day: date, rounding: Rounding) -> date:
    """Where a term starts: with `start_next_year` on 1 January after the day.

    Raises: BeyondCalendar.
    """
    return _first_of_next_year(day) if rounding is Rounding.START_NEXT_YEAR else day


def rounded_end(day: date, rounding: Rounding) -> date:
    """Where a term ends: with `ceil_year` on 1 January, of the next year unless it is that day.

    Raises: BeyondCalendar.
    """
    if rounding is not Rounding.CEIL_YEAR or (day.month, day.day) == (1, 1):
        return day
    return _first_of_next_year(day)


def _first_of_next_year(day: date) -> date:
    return plus(date(day.year, 1, 1), Duration(months=12))


def _last(first: date, month: int | None, day: int | None) -> date:
    """The last day of what begins on `first`: a day, a month of it, or a year of it."""
    if day is not None:
        return first
    last_month = month or 12
    return date(first.year, last_month, days_in_month(first.year, last_month))


def _day_of_instant(text: str, match: re.Match[str]) -> Day:
    """The day in the Netherlands of an instant.

    Raises: NotADay when it bears no zone, or does not exist.
    """
    clock, zone = match[1].removesuffix(match[2] or ""), match[3]
    if zone is None:
        raise NotADay("no_zone", text)
    try:
        instant = datetime.fromisoformat(clock + zone)
        local = instant.astimezone(AMSTERDAM).date()
        return Day(local, local, instant.astimezone(UTC).date())
    except (ValueError, OverflowError) as error:
        raise NotADay("no_such_day", text) from error
