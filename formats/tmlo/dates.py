"""Dates between ToPX and MDTO: a year, a day, an instant, a period, and MDTO's year and month.

ToPX has no month and MDTO's dates no time of day: a month becomes its first and last day, an
instant its day.
"""

from dataclasses import replace

from formats.datatypes import days_in_month, is_date, is_date_time, is_g_year
from formats.periods import NotAPeriod, PartialDate, add, read_duration, read_partial_date
from formats.tmlo.model import DatumOfJaar, DatumOfPeriode, Periode

UNKNOWN = DatumOfPeriode(periode=Periode())


def mdto_date(moment: DatumOfJaar | None) -> str | None:
    """The year or day of a moment, as MDTO writes it; None when it says nothing."""
    if moment is None or not moment.text:
        return None
    return moment.jaar or _day(moment.text)


def mdto_day(moment: DatumOfJaar | None) -> str | None:
    """The day of a moment; None when it is not known to the day."""
    return None if moment is None or moment.jaar else mdto_date(moment)


def mdto_time(when: DatumOfPeriode) -> str | None:
    """The moment, or for a period its beginning, else its end; to the second where it is known."""
    if when.periode is None:
        return when.begin.text if when.begin is not None else None
    moment = when.periode.begin or when.periode.eind
    return moment.text if moment is not None else None


def topx_moment(text: str | None, *, last: bool = False) -> DatumOfJaar | None:
    """The year, day or instant that an MDTO date says; of a month its first or last day.

    None when there is no date, or the text is none.
    """
    plain = (text or "").strip()
    if is_g_year(plain):
        return DatumOfJaar(jaar=plain)
    if is_date(plain):
        return DatumOfJaar(datum=plain)
    if is_date_time(plain):
        return DatumOfJaar(datumEnTijd=plain)
    month = _partial(plain)
    if month is None or month.month is None:
        return None
    day = days_in_month(month.year, month.month) if last else 1
    return DatumOfJaar(datum=str(replace(month, day=day)))


def topx_when(begin: str | None, end: str | None = None) -> DatumOfPeriode:
    """The moment or period from MDTO dates; a month alone is the period from its first day on."""
    first, last = topx_moment(begin), topx_moment(end, last=True)
    if end is None and begin is not None and first is not None:
        until = topx_moment(begin, last=True)
        if first == until:
            return moment_as_when(first)
        last = until
    return DatumOfPeriode(periode=Periode(begin=first, eind=last))


def moment_as_when(moment: DatumOfJaar) -> DatumOfPeriode:
    """The moment where ToPX asks for a date or period."""
    return DatumOfPeriode(datum=moment.datum, jaar=moment.jaar, datumEnTijd=moment.datumEnTijd)


def end_of_term(start: str | None, duration: str | None) -> str | None:
    """The day on which a term ends; None when it cannot be computed."""
    if not start or not duration:
        return None
    try:
        return str(add(read_partial_date(start), read_duration(duration)))
    except NotAPeriod:
        return None


def _day(text: str) -> str:
    return text.partition("T")[0]


def _partial(text: str) -> PartialDate | None:
    try:
        return read_partial_date(text)
    except NotAPeriod:
        return None
