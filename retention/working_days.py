"""Working days in the Netherlands: no Saturday, no Sunday, no general holiday.

Source: Algemene termijnenwet, art. 3 (general holidays, and Good Friday with them).
"""

from datetime import date, timedelta

SATURDAY = 5
SUNDAY = 6


def add_working_days(day: date, count: int) -> date:
    """The last of so many working days after a day; the day itself does not count."""
    while count > 0:
        day += timedelta(days=1)
        if is_working_day(day):
            count -= 1
    return day


def is_working_day(day: date) -> bool:
    """Whether offices are open."""
    return day.weekday() < SATURDAY and day not in _holidays(day.year)


def _holidays(year: int) -> frozenset[date]:
    easter = _easter(year)
    kings_day = date(year, 4, 27)
    if kings_day.weekday() == SUNDAY:
        kings_day -= timedelta(days=1)
    fixed = {date(year, 1, 1), kings_day, date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)}
    # Good Friday, Easter Monday, Ascension Day, Whit Monday.
    return frozenset(fixed | {easter + timedelta(days=each) for each in (-2, 1, 39, 50)})


def _easter(year: int) -> date:
    """Easter Sunday by the Gregorian reckoning (Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    leaps = century // 4
    moon = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - moon + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * week) // 451
    month, day = divmod(epact + week - 7 * late + 114, 31)
    return date(year, month, day + 1)
