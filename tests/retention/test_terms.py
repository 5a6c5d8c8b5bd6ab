"""Terms and days: what is read, what is refused, and how the calendar adds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.periods import Duration
from retention.case import Rounding
from retention.terms import (
    BeyondCalendar,
    Day,
    NotADay,
    NotATerm,
    next_day,
    plus,
    read_day,
    read_term,
    rounded_end,
    rounded_start,
)


@pytest.mark.parametrize(
    ("text", "months", "days"),
    [
        ("P1Y", 12, 0),
        ("P1Y6M", 18, 0),
        ("P1Y2M3D", 14, 3),
        ("P12M", 12, 0),
        ("P28D", 0, 28),
        ("P4W", 0, 28),
        ("P0D", 0, 0),
        ("P007Y", 84, 0),
    ],
)
def test_a_term_of_whole_years_months_and_days_or_of_weeks_is_read(
    text: str, months: int, days: int
) -> None:
    assert read_term(text) == Duration(months=months, days=days)


REFUSED = ["", "P", "-P1Y", "1Y", "P1Y\n", " P1Y", "P1.5Y", "P1Y2W", "PT24H", "P1YT1H", "p1y"]
REFUSED += ["P\u0661Y", "P\uff11Y", "P1000000000Y", "+P1Y", "P-1Y", "P1Y ", "P1M1Y", "1 jaar"]


@pytest.mark.parametrize("text", REFUSED)
def test_any_other_term_is_refused_and_there_is_no_default(text: str) -> None:
    with pytest.raises(NotATerm):
        read_term(text)


def whole(day: date) -> Day:
    return Day(day, day, day)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2021-05-17", whole(date(2021, 5, 17))),
        ("2010-1-1", whole(date(2010, 1, 1))),
        ("20220728", whole(date(2022, 7, 28))),
        ("2016", Day(date(2016, 1, 1), date(2016, 12, 31), date(2016, 12, 31))),
        ("2016-02", Day(date(2016, 2, 1), date(2016, 2, 29), date(2016, 2, 29))),
        ("2015-2", Day(date(2015, 2, 1), date(2015, 2, 28), date(2015, 2, 28))),
        ("2018-10-18T20:00:00Z", whole(date(2018, 10, 18))),
        (
            "2018-10-18T22:30:00Z",
            Day(date(2018, 10, 19), date(2018, 10, 19), date(2018, 10, 18)),
        ),
        (
            "2023-12-31T23:30Z",
            Day(date(2024, 1, 1), date(2024, 1, 1), date(2023, 12, 31)),
        ),
        (
            "2026-01-01T00:30:00.123456789+01:00",
            Day(date(2026, 1, 1), date(2026, 1, 1), date(2025, 12, 31)),
        ),
        ("2024-07-01T12:00:00+0200", whole(date(2024, 7, 1))),
    ],
)
def test_a_day_is_read_and_an_instant_falls_on_the_day_in_the_netherlands(
    text: str, day: Day
) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("05-04-2025", "not_a_date"),
        ("12", "not_a_date"),
        ("geen datum", "not_a_date"),
        ("2021-05-17 ", "not_a_date"),
        ("2021-05-17\n", "not_a_date"),
        ("٢٠٢١-05-17", "not_a_date"),
        ("2021/05/17", "not_a_date"),
        ("12021-05-17", "not_a_date"),
        ("20220728103000", "not_a_date"),
        ("2021-05-17Z", "not_a_date"),
        ("2024-03-31T22:30:00", "no_zone"),
        ("2023-02-29", "no_such_day"),
        ("20230229", "no_such_day"),
        ("2023-13", "no_such_day"),
        ("2023-00-10", "no_such_day"),
        ("2023-05-00", "no_such_day"),
        ("2023-0", "no_such_day"),
        ("20230010", "no_such_day"),
        ("0000", "no_such_day"),
        ("2024-02-30T10:00:00Z", "no_such_day"),
        ("2024-02-28T24:00:00Z", "no_such_day"),
        ("2024-02-28T10:00:00+99:00", "no_such_day"),
        ("9999-12-31T23:30:00Z", "no_such_day"),
    ],
)
def test_what_can_be_read_in_two_ways_or_does_not_exist_is_refused(text: str, code: str) -> None:
    with pytest.raises(NotADay) as caught:
        read_day(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2024-02-29", "P10Y", "2034-02-28"),
        ("2060-02-29", "P40Y", "2100-02-28"),
        ("2025-01-31", "P1M", "2025-02-28"),
        ("2023-08-31", "P6M", "2024-02-29"),
        ("2025-08-31", "P6M", "2026-02-28"),
        ("2024-11-30", "P3M", "2025-02-28"),
        ("2025-10-31", "P1Y6M", "2027-04-30"),
        ("2024-01-31", "P1M1D", "2024-03-01"),
        ("2025-12-04", "P28D", "2026-01-01"),
        ("2010-06-15", "P110Y", "2120-06-15"),
        ("2020-01-01", "P0D", "2020-01-01"),
        ("9998-12-31", "P1Y", "9999-12-31"),
    ],
)
def test_months_are_added_first_and_clamped_then_days(start: str, term: str, end: str) -> None:
    assert plus(date.fromisoformat(start), read_term(term)) == date.fromisoformat(end)


def test_two_steps_of_a_month_are_not_one_step_of_two() -> None:
    start, month = date(2024, 1, 31), read_term("P1M")

    assert plus(plus(start, month), month) == date(2024, 3, 29)
    assert plus(start, read_term("P2M")) == date(2024, 3, 31)


@pytest.mark.parametrize("term", ["P1D", "P1M", "P999999999Y", "P999999999W"])
def test_a_sum_past_the_year_9999_is_refused(term: str) -> None:
    with pytest.raises(BeyondCalendar):
        plus(date(9999, 12, 31), read_term(term))


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2023-05-17", "2024-01-01", "2024-01-01"),
        ("2024-01-01", "2025-01-01", "2024-01-01"),
        ("2023-12-31", "2024-01-01", "2024-01-01"),
    ],
)
def test_whole_years_start_on_the_next_first_of_january_and_end_on_the_nearest(
    day: str, start: str, end: str
) -> None:
    given_day = date.fromisoformat(day)

    assert rounded_start(given_day, Rounding.START_NEXT_YEAR) == date.fromisoformat(start)
    assert rounded_end(given_day, Rounding.CEIL_YEAR) == date.fromisoformat(end)
    assert rounded_start(given_day, Rounding.CEIL_YEAR) == given_day
    assert rounded_end(given_day, Rounding.START_NEXT_YEAR) == given_day


def test_there_is_no_day_after_the_last() -> None:
    assert next_day(date(2024, 2, 28)) == date(2024, 2, 29)
    with pytest.raises(BeyondCalendar):
        next_day(date.max)


terms = st.builds(
    lambda y, m, d: f"P{y}Y{m}M{d}D", st.integers(0, 200), st.integers(0, 40), st.integers(0, 400)
)
days = st.dates(date(1800, 1, 1), date(2500, 12, 31))


@given(days, days, terms, st.sampled_from(Rounding))
def test_adding_is_monotone_with_and_without_whole_years(
    one: date, other: date, term: str, rounding: Rounding
) -> None:
    first, last = min(one, other), max(one, other)

    def end(day: date) -> date:
        return rounded_end(plus(rounded_start(day, rounding), read_term(term)), rounding)

    assert first <= end(first) <= end(last)


@given(days)
def test_every_day_is_read_back_in_each_of_its_forms(day: date) -> None:
    assert read_day(day.isoformat()) == whole(day)
    assert read_day(day.strftime("%Y%m%d")) == whole(day)
    assert read_day(f"{day.year}-{day.month}-{day.day}") == whole(day)
