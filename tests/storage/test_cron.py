"""Cron expressions on the clock of the Netherlands, with the nights on which it is moved."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.cron import instants, last_instant, next_instant, read_cron


def told(text: str, first: str, last: str) -> list[str]:
    """The instants of an expression between two, as day and time in UTC."""
    until = datetime.fromisoformat(f"{last}+00:00")
    found = instants(read_cron(text), datetime.fromisoformat(f"{first}+00:00"), until)
    return [each.strftime("%d %H:%M") for each in found]


# fmt: off
CASES = [
    ("15 4 * * *", "2026-11-24 00:00", "2026-11-26 00:00", ["24 03:15", "25 03:15"]),
    ("15 4 * * *", "2026-11-24 03:15", "2026-11-25 03:15", ["25 03:15"]),
    # March: 02:30 does not come; then it is 03:30, which is an hour after half past one.
    ("30 2 * * *", "2026-03-28 00:00", "2026-03-31 00:00", ["28 01:30", "29 01:30", "30 00:30"]),
    # October: 02:30 comes twice, and counts once.
    ("30 2 * * *", "2026-10-24 00:00", "2026-10-27 00:00", ["24 00:30", "25 00:30", "26 01:30"]),
    ("15 4 * * *", "2026-10-24 00:00", "2026-10-26 00:00", ["24 02:15", "25 03:15"]),
    ("15 4 * * *", "2026-03-28 00:00", "2026-03-30 00:00", ["28 03:15", "29 02:15"]),
    # Every hour is every real hour, on both nights.
    ("0 * * * *", "2026-10-24 23:00", "2026-10-25 03:00",
     ["25 00:00", "25 01:00", "25 02:00", "25 03:00"]),
    ("0 * * * *", "2026-03-28 23:00", "2026-03-29 03:00",
     ["29 00:00", "29 01:00", "29 02:00", "29 03:00"]),
    ("0 5 * * sun", "2026-11-20 00:00", "2026-12-01 00:00", ["22 04:00", "29 04:00"]),
    ("0 5 * * 7", "2026-11-20 00:00", "2026-12-01 00:00", ["22 04:00", "29 04:00"]),
    ("0 5 * * 0", "2026-11-20 00:00", "2026-12-01 00:00", ["22 04:00", "29 04:00"]),
    ("0 5 1 * mon", "2026-11-24 00:00", "2026-12-02 00:00", ["30 04:00", "01 04:00"]),
    ("0 5 29 2 *", "2026-01-01 00:00", "2028-12-31 00:00", ["29 04:00"]),
    ("*/20 6-7 * * 1-5", "2026-11-27 00:00", "2026-11-29 00:00",
     ["27 05:00", "27 05:20", "27 05:40", "27 06:00", "27 06:20", "27 06:40"]),
    ("5,10 0 * * *", "2026-11-24 20:00", "2026-11-25 20:00", ["24 23:05", "24 23:10"]),
]
# fmt: on


@pytest.mark.parametrize(("text", "first", "last", "found"), CASES)
def test_an_expression_names_these_instants(
    text: str, first: str, last: str, found: list[str]
) -> None:
    assert told(text, first, last) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15 4 * *",
        "15 4 * * * *",
        "60 4 * * *",
        "15 24 * * *",
        "15 4 0 * *",
        "15 4 * 13 *",
        "15 4 * * 8",
        "15 4 * * zo",
        "-1 4 * * *",
        "5-1 4 * * *",
        "*/0 4 * * *",
        "*/x 4 * * *",
        "٣ 4 * * *",
        "15 4 31 2 *",
        "@daily",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_cron(text)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone Europe/Atlantis"):
        read_cron("15 4 * * *", "Europe/Atlantis")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
    st.sampled_from(["15 4 * * *", "30 2 * * *", "0 * * * *", "0 5 * * sun", "*/15 2 * * *"]),
)
def test_the_next_instant_is_the_last_one_at_itself_and_nothing_lies_between(
    at: datetime, text: str
) -> None:
    cron, now = read_cron(text), at.replace(tzinfo=UTC)

    following = next_instant(cron, now)

    long_ago = now - timedelta(days=20)
    assert following > now
    assert last_instant(cron, following, long_ago) == following
    assert last_instant(cron, following, now) == following
    before = last_instant(cron, now, long_ago)
    assert before is not None
    assert next_instant(cron, before) == following
