"""Working days, with the holidays of the Netherlands."""

from datetime import date

import pytest

from retention.working_days import add_working_days, is_working_day

HOLIDAYS_2027 = [
    *("2027-01-01", "2027-03-26", "2027-03-29", "2027-04-27", "2027-05-05", "2027-05-06"),
    *("2027-05-17", "2027-12-25", "2027-12-26"),
]


@pytest.mark.parametrize("day", HOLIDAYS_2027)
def test_offices_are_closed_on_holidays(day: str) -> None:
    assert not is_working_day(date.fromisoformat(day))


def test_there_are_as_many_working_days_as_the_calendar_says() -> None:
    days = [date.fromordinal(date(2027, 1, 1).toordinal() + each) for each in range(365)]

    # 261 weekdays; two holidays fall on a weekend.
    assert sum(map(is_working_day, days)) == 261 - len(HOLIDAYS_2027) + 2


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-11-28", 1, "2026-11-30"),
        ("2026-12-24", 1, "2026-12-28"),
        ("2027-03-25", 1, "2027-03-30"),
        # King's Day of a year in which 27 April is a Sunday.
        ("2025-04-25", 1, "2025-04-28"),
        ("2026-11-23", 20, "2026-12-21"),
    ],
)
def test_days_are_added_by_the_calendar(day: str, count: int, expected: str) -> None:
    found = add_working_days(date.fromisoformat(day), count)

    assert found == date.fromisoformat(expected)
