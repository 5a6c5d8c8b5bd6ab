"""Durations and partial dates: reading, comparing, and adding by the calendar.

A partial date is a year, a month, a day or an instant, as MDTO and TMLO allow them in one place.
It is compared as the interval that it covers. Adding months clamps: 29 February plus a year is
28 February.

Source: W3C XML Schema Part 2, 3.2.6, 3.2.7 and appendix E; ISO 8601.
"""

import re
from dataclasses import dataclass
from datetime import date

from formats.datatypes import (
    days_in_month,
    is_date,
    is_date_time,
    is_duration,
    is_g_year,
    is_g_year_month,
)
from formats.errors import FormatsError

NANOS_PER_SECOND = 1_000_000_000
NANOS_PER_DAY = 86_400 * NANOS_PER_SECOND


class NotAPeriod(FormatsError):
    """The text is no duration or no date, or the two cannot be added."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time; of a negative one every part is negative or zero."""

    months: int = 0
    days: int = 0
    nanoseconds: int = 0

    @property
    def negative(self) -> bool:
        """Whether it points backwards."""
        return min(self.months, self.days, self.nanoseconds) < 0

    def __str__(self) -> str:
        """The shortest lexical form: P1Y6M, P42D, PT0S."""
        years, months = divmod(abs(self.months), 12)
        seconds, nanos = divmod(abs(self.nanoseconds), NANOS_PER_SECOND)
        hours, minutes = seconds // 3600, seconds // 60 % 60
        fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
        day_part = _designated((years, "Y"), (months, "M"), (abs(self.days), "D"))
        time_part = _designated((hours, "H"), (minutes, "M"))
        if seconds % 60 or nanos:
            time_part += f"{seconds % 60}{fraction}S"
        body = day_part + (f"T{time_part}" if time_part else "")
        return f"{'-' if self.negative else ''}P{body or 'T0S'}"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month of it, a day of that, or an instant of the day; with or without a zone.

    Years are counted as ISO 8601 does, with a year 0 between -1 and 1 (a result may fall in it,
    a text may not name it), so that -4 is a leap year, as validators hold.
    """

    year: int
    month: int | None = None
    day: int | None = None
    nanosecond_of_day: int | None = None
    zone_minutes: int | None = None

    @property
    def begin(self) -> int:
        """The first nanosecond that it covers, on its own clock, counted from 1 January 1."""
        days = _day_number(self.year, self.month or 1, self.day or 1)
        return days * NANOS_PER_DAY + (self.nanosecond_of_day or 0)

    @property
    def end(self) -> int:
        """The first nanosecond after it; of an instant: the next one."""
        if self.nanosecond_of_day is not None:
            return self.begin + 1
        if self.day is not None:
            return self.begin + NANOS_PER_DAY
        year, month = _month_after(self.year, self.month or 12)
        return _day_number(year, month, 1) * NANOS_PER_DAY

    def as_date(self) -> date:
        """The day it is or falls on.

        Raises: NotAPeriod for a year or month alone, and outside the years 1 to 9999.
        """
        if self.month is None or self.day is None or not 1 <= self.year <= 9999:
            raise NotAPeriod(str(self))
        return date(self.year, self.month, self.day)

    def __str__(self) -> str:
        """The lexical form."""
        sign = "-" if self.year < 0 else ""
        text = f"{sign}{abs(self.year):04d}"
        text += "".join(f"-{part:02d}" for part in (self.month, self.day) if part is not None)
        if self.nanosecond_of_day is not None:
            text += _time_text(self.nanosecond_of_day)
        return text + _zone_text(self.zone_minutes)


def read_duration(text: str) -> Duration:
    """The duration that the text says, to the nanosecond.

    Raises: NotAPeriod when it is no xs:duration (weeks, and fractions of years, are not).
    """
    text = text.strip(" \t\r\n")
    match = _DURATION.fullmatch(text) if is_duration(text) else None
    if match is None:
        raise NotAPeriod(text)
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:7])
    nanos = int((match[8] or "").ljust(9, "0")[:9])
    total = ((hours * 60 + minutes) * 60 + seconds) * NANOS_PER_SECOND + nanos
    return Duration(sign * (years * 12 + months), sign * days, sign * total)


def read_partial_date(text: str) -> PartialDate:
    """The year, month, day or instant that the text says, to the nanosecond.

    Raises: NotAPeriod when it is no xs:gYear, xs:gYearMonth, xs:date or xs:dateTime.
    """
    text = text.strip(" \t\r\n")
    known = is_date(text) or is_g_year(text) or is_g_year_month(text) or is_date_time(text)
    match = _PARTIAL.fullmatch(text) if known else None
    if match is None:
        raise NotAPeriod(text)
    year, month, day, hour, minute, second = (
        None if part is None else int(part) for part in match.groups()[:6]
    )
    zone = _zone_minutes(match[8])
    if hour is None:
        return PartialDate(year or 0, month, day, None, zone)
    nanos = int((match[7] or "").ljust(9, "0")[:9])
    seconds = (hour * 60 + (minute or 0)) * 60 + (second or 0)
    midnight = PartialDate(year or 0, month, day, 0, zone)
    return add(midnight, Duration(nanoseconds=seconds * NANOS_PER_SECOND + nanos))


def add(start: PartialDate, duration: Duration) -> PartialDate:
    """The date that lies the duration after the start, as exact as the start is.

    Months are added first, with the day clamped to the month; then days; then time, of which
    a day keeps only the whole days.

    Raises: NotAPeriod when the duration is finer than the start (a year and 6 months).
    """
    finer_than_month = duration.days != 0 or duration.nanoseconds != 0
    if start.day is None and finer_than_month:
        raise NotAPeriod(f"{start} + {duration}")
    if start.month is None and duration.months % 12:
        raise NotAPeriod(f"{start} + {duration}")
    year, month = _months_on(start.year, start.month or 1, duration.months)
    if start.month is None or start.day is None:
        return PartialDate(year, month if start.month else None, None, None, start.zone_minutes)
    day = min(start.day, days_in_month(year, month))
    nanos = (start.nanosecond_of_day or 0) + duration.nanoseconds
    number = _day_number(year, month, day) + duration.days + nanos // NANOS_PER_DAY
    time = None if start.nanosecond_of_day is None else nanos % NANOS_PER_DAY
    return PartialDate(*_civil(number), time, start.zone_minutes)


def wholly_before(one: PartialDate, other: PartialDate) -> bool:
    """Whether everything that `one` covers comes before everything that `other` covers.

    Zones count only where both have one; otherwise both are read on the same clock.
    """
    shift = 0
    if one.zone_minutes is not None and other.zone_minutes is not None:
        shift = (one.zone_minutes - other.zone_minutes) * 60 * NANOS_PER_SECOND
    return one.end - shift <= other.begin


def within(one: PartialDate, other: PartialDate) -> bool:
    """Whether `one` falls within `other`: 2026-04-05 in 2026-04, in 2026, in 2026-04-05."""
    return other.begin <= one.begin and one.end <= other.end


def compare_durations(one: Duration, other: Duration) -> int | None:
    """-1, 0 or 1 when one is always shorter, equal or longer; None when it depends on the month.

    Source: XML Schema Part 2, 3.2.6.2: added to four dates that between them show every case.
    """
    signs = set()
    for start in _REFERENCES:
        first, second = add(start, one).begin, add(start, other).begin
        signs.add((first > second) - (first < second))
    return signs.pop() if len(signs) == 1 else None


_DURATION = re.compile(
    r"(-)?P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]*)(?:\.([0-9]*))?S)?)?"
)
_PARTIAL = re.compile(
    r"(-?[0-9]{4,19})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?)?)?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_REFERENCES = (
    PartialDate(1696, 9, 1, 0),
    PartialDate(1697, 2, 1, 0),
    PartialDate(1903, 3, 1, 0),
    PartialDate(1903, 7, 1, 0),
)


def _designated(*parts: tuple[int, str]) -> str:
    return "".join(f"{number}{letter}" for number, letter in parts if number)


def _time_text(nanosecond_of_day: int) -> str:
    seconds, nanos = divmod(nanosecond_of_day, NANOS_PER_SECOND)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}"


def _zone_minutes(text: str | None) -> int | None:
    if text is None:
        return None
    if text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return -minutes if text[0] == "-" else minutes


def _zone_text(minutes: int | None) -> str:
    if minutes is None:
        return ""
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}" if minutes else "Z"


def _months_on(year: int, month: int, months: int) -> tuple[int, int]:
    years, index = divmod(year * 12 + month - 1 + months, 12)
    return years, index + 1


def _month_after(year: int, month: int) -> tuple[int, int]:
    return _months_on(year, month, 1)


_DAYS_PER_400_YEARS = 146_097


def _day_number(year: int, month: int, day: int) -> int:
    """Days since 1 January of the year 1, by the Gregorian calendar in both directions."""
    eras, rest = divmod(year - 1, 400)
    return eras * _DAYS_PER_400_YEARS + date(rest + 1, month, day).toordinal() - 1


def _civil(number: int) -> tuple[int, int, int]:
    eras, rest = divmod(number, _DAYS_PER_400_YEARS)
    plain = date.fromordinal(rest + 1)
    return plain.year + eras * 400, plain.month, plain.day
