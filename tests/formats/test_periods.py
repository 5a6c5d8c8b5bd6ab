"""Durations and partial dates: tables with their edges, and what always holds."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.datatypes import DURATION
from formats.periods import (
    Duration,
    NotAPeriod,
    PartialDate,
    add,
    compare_durations,
    read_duration,
    read_partial_date,
    wholly_before,
    within,
)

SUMS = [
    ("2015-04-05", "P75Y", "2090-04-05"),
    ("2024-02-29", "P1Y", "2025-02-28"),
    ("2024-02-29", "P4Y", "2028-02-29"),
    ("2096-02-29", "P4Y", "2100-02-28"),
    ("2026-01-31", "P1M", "2026-02-28"),
    ("2026-03-31", "-P1M", "2026-02-28"),
    ("2026-01-31", "P1M1D", "2026-03-01"),
    ("2026-12-31", "P1D", "2027-01-01"),
    ("2026-12-31", "P42D", "2027-02-11"),
    ("2026-01-01", "PT36H", "2026-01-02"),
    ("2026-01-01", "-PT1S", "2025-12-31"),
    ("2026-05-01", "P0D", "2026-05-01"),
    ("2026-05-01+02:00", "P1Y6M", "2027-11-01+02:00"),
    ("2026-01-01T12:00:00Z", "PT12H0.5S", "2026-01-02T00:00:00.5Z"),
    ("2026-12-31T24:00:00", "P0D", "2027-01-01T00:00:00"),
    ("2026-01-31T23:00:00", "P1M", "2026-02-28T23:00:00"),
    ("2026", "P7Y", "2033"),
    ("2026", "P12M", "2027"),
    ("2026-11", "P3M", "2027-02"),
    ("9999-12-31", "P1D", "10000-01-01"),
    ("-0001-12-31", "P2Y", "0001-12-31"),
]


@pytest.mark.parametrize(("start", "duration", "total"), SUMS)
def test_a_duration_is_added_by_the_calendar_and_clamped(start, duration, total):
    assert str(add(read_partial_date(start), read_duration(duration))) == total


@pytest.mark.parametrize(
    ("start", "duration"), [("2026", "P6M"), ("2026", "P1D"), ("2026-01", "P1D")]
)
def test_a_duration_finer_than_the_date_cannot_be_added(start, duration):
    with pytest.raises(NotAPeriod):
        add(read_partial_date(start), read_duration(duration))


@pytest.mark.parametrize("text", ["", "P", "P6W", "P0.5Y", "7Y", "P1M1Y", "P1YT", "p1y", "P-1Y"])
def test_a_text_that_is_no_duration_is_refused(text):
    with pytest.raises(NotAPeriod):
        read_duration(text)


@pytest.mark.parametrize(
    "text",
    ["", "0000", "26", "2026-13", "2026-02-29", "28-02-2026", "2026-01-01T25:00:00", "２０２６"],
)
def test_a_text_that_is_no_date_is_refused(text):
    with pytest.raises(NotAPeriod):
        read_partial_date(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("P7Y", Duration(84)),
        ("P1Y6M", Duration(18)),
        ("-P42D", Duration(0, -42)),
        ("PT1H30M", Duration(0, 0, 5_400_000_000_000)),
        ("P0D", Duration()),
        ("PT0.1234567894S", Duration(0, 0, 123_456_789)),
        (" P1D ", Duration(0, 1)),
    ],
)
def test_a_duration_is_read_into_months_days_and_time(text, parts):
    assert read_duration(text) == parts


ORDER = [
    ("2025", "2026", True),
    ("2026", "2026", False),
    ("2026-03", "2026", False),
    ("2025-12-31", "2026", True),
    ("2026-01", "2026-02-01", True),
    ("2026-02-01", "2026-02", False),
    ("2026-02-01T12:00:00", "2026-02-01T12:00:01", True),
    ("2026-02-01T12:00:00", "2026-02-01", False),
    ("2026-02-01T12:00:00+02:00", "2026-02-01T11:00:00Z", True),
    ("2026-02-01T12:00:00Z", "2026-02-01T12:00:00+02:00", False),
    ("-0044", "0014", True),
    ("9999", "12026", True),
]


@pytest.mark.parametrize(("one", "other", "before"), ORDER)
def test_dates_are_compared_by_what_they_cover(one, other, before):
    assert wholly_before(read_partial_date(one), read_partial_date(other)) is before


def test_a_day_falls_within_its_month_and_its_year():
    day = read_partial_date("2026-04-05")

    assert [within(day, read_partial_date(each)) for each in ("2026-04-05", "2026-04", "2026")] == [
        True,
        True,
        True,
    ]
    assert not within(day, read_partial_date("2026-05"))
    assert not within(read_partial_date("2026"), day)


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [
        ("P1Y", "P12M", 0),
        ("P1D", "PT24H", 0),
        ("P1M", "P27D", 1),
        ("P1M", "P30D", None),
        ("P1M", "P32D", -1),
        ("P1Y", "P365D", None),
        ("-P1Y", "P0D", -1),
    ],
)
def test_durations_are_compared_only_where_every_month_agrees(one, other, order):
    assert compare_durations(read_duration(one), read_duration(other)) == order


def test_a_year_or_month_alone_is_no_day():
    for text in ("2026", "2026-02", "12026-01-01", "-0001-01-01"):
        with pytest.raises(NotAPeriod):
            read_partial_date(text).as_date()
    assert read_partial_date("2026-02-03T10:00:00Z").as_date() == date(2026, 2, 3)


DAYS = st.dates(date(1, 1, 1), date(9000, 12, 31))
SMALL = st.integers(0, 5000)


@given(SMALL, SMALL, st.integers(0, 10**15), st.booleans())
def test_a_duration_survives_being_written(months, days, nanos, negative):
    sign = -1 if negative else 1
    duration = Duration(sign * months, sign * days, sign * nanos)

    assert read_duration(str(duration)) == duration
    assert DURATION.allows(str(duration))


@given(
    st.integers(-9999, 99999).filter(bool),
    st.none() | st.integers(1, 12),
    st.integers(1, 28),
    st.none() | st.integers(0, 86_399_999_999_999),
    st.none() | st.integers(-840, 840),
    st.booleans(),
)
def test_a_partial_date_survives_being_written(year, month, day, nanos, zone, has_day):
    day = day if month and has_day else None
    moment = PartialDate(year, month, day, nanos if day else None, zone)

    assert read_partial_date(str(moment)) == moment


@given(DAYS, st.integers(-300_000, 300_000))
def test_adding_days_agrees_with_the_calendar_of_python(day, days):
    start = PartialDate(day.year, day.month, day.day)

    total = add(start, Duration(days=days))

    ordinal = day.toordinal() + days
    if 1 <= ordinal <= date.max.toordinal():
        assert total.as_date() == day + timedelta(days)
    assert total.begin - start.begin == days * 86_400 * 10**9


@given(DAYS, st.integers(0, 2400), st.integers(0, 2400))
def test_a_longer_term_never_ends_earlier(day, one, other):
    start = PartialDate(day.year, day.month, day.day)
    short, long = sorted((one, other))

    assert add(start, Duration(short)).begin <= add(start, Duration(long)).begin


@given(DAYS, st.integers(0, 2400))
def test_the_day_of_the_month_stays_or_is_the_last_one(day, months):
    total = add(PartialDate(day.year, day.month, day.day), Duration(months))

    assert total.day is not None
    next_day = add(total, Duration(days=1))
    assert total.day == day.day or (total.day < day.day and next_day.day == 1)


@given(st.integers(-5000, 5000).filter(bool), st.integers(1, 12), st.integers(1, 28))
def test_a_year_a_month_and_a_day_nest(year, month, day):
    parts = (PartialDate(year), PartialDate(year, month), PartialDate(year, month, day))

    assert all(within(inner, outer) for outer, inner in itertools.pairwise(parts))
    assert not any(wholly_before(one, other) for one in parts for other in parts)
