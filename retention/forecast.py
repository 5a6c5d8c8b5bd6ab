"""The forecast: what becomes due for destruction or transfer, per quarter and per year."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from retention.case import Decision
from retention.nouns import DossierState
from retention.tables import DOSSIERS

HERE = DossierState.HERE.value


@dataclass(frozen=True, slots=True)
class Amount:
    """How many dossiers, with their files and bytes."""

    dossiers: int = 0
    files: int = 0
    size_bytes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.dossiers + other.dossiers,
            self.files + other.files,
            self.size_bytes + other.size_bytes,
        )


@dataclass(frozen=True, slots=True)
class Due:
    """What becomes due in a period ("2027", "2027-Q1"): to destroy, to transfer."""

    period: str
    destroy: Amount
    transfer: Amount


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is due already, what becomes due, and what has no date yet (by decision)."""

    now: Due
    quarters: tuple[Due, ...]
    years: tuple[Due, ...]
    undated: dict[str, int]


_Months = dict[str, Amount]


def forecast(connection: Connection, zorgdrager: str, today: date, quarters: int = 8) -> Forecast:
    """The forecast of a zorgdrager: so many quarters from this one, and every year that has any.

    What is due today counts under `now` alone.
    """
    destroy = _months(connection, zorgdrager, Decision.DATED, "eligible_from", today)
    transfer = _months(connection, zorgdrager, Decision.KEEP, "transfer_on", today)
    periods = _periods(today, quarters)
    return Forecast(
        now=_due("now", destroy, transfer, ""),
        quarters=tuple(_quarter(each, destroy, transfer) for each in periods),
        years=tuple(
            _due(each, destroy, transfer, each)
            for each in sorted({month[:4] for month in (*destroy, *transfer)} - {""})
        ),
        undated=_undated(connection, zorgdrager),
    )


def _months(
    connection: Connection, zorgdrager: str, decision: Decision, column: str, today: date
) -> _Months:
    """By month ("2027-03"); "" for what is due already."""
    day = DOSSIERS.c[column]
    mine = (
        DOSSIERS.c.zorgdrager == zorgdrager,
        DOSSIERS.c.decision == decision.value,
        DOSSIERS.c.state == HERE,
    )
    sums = (
        func.count(),
        func.coalesce(func.sum(DOSSIERS.c.files), 0),
        func.coalesce(func.sum(DOSSIERS.c.size_bytes), 0),
    )
    now = connection.execute(select(*sums).where(*mine, day != "", day <= today.isoformat())).one()
    month = func.substr(day, 1, 7)
    later = select(month, *sums).where(*mine, day > today.isoformat()).group_by(month)
    found: _Months = defaultdict(Amount, {"": _amount(*now)})
    for name, *numbers in connection.execute(later):
        found[name] = _amount(*numbers)
    return found


def _undated(connection: Connection, zorgdrager: str) -> dict[str, int]:
    wanted = (
        select(DOSSIERS.c.decision, func.count())
        .where(
            DOSSIERS.c.zorgdrager == zorgdrager,
            DOSSIERS.c.decision.in_(
                [each.value for each in (Decision.AWAITING, Decision.HUMAN, Decision.ERROR)]
            ),
            DOSSIERS.c.state == HERE,
        )
        .group_by(DOSSIERS.c.decision)
    )
    return {decision: int(number) for decision, number in connection.execute(wanted)}


def _periods(today: date, quarters: int) -> list[tuple[int, int]]:
    first = today.year * 4 + (today.month - 1) // 3
    return [divmod(number, 4) for number in range(first, first + quarters)]


def _quarter(period: tuple[int, int], destroy: _Months, transfer: _Months) -> Due:
    year, quarter = period
    months = [f"{year:04d}-{quarter * 3 + each:02d}" for each in (1, 2, 3)]
    return Due(
        f"{year:04d}-Q{quarter + 1}",
        sum((destroy.get(each, Amount()) for each in months), Amount()),
        sum((transfer.get(each, Amount()) for each in months), Amount()),
    )


def _due(period: str, destroy: _Months, transfer: _Months, year: str) -> Due:
    """Of a year; "" for what is due already."""

    def total(months: _Months) -> Amount:
        return sum((each for name, each in months.items() if name[:4] == year), Amount())

    return Due(period, total(destroy), total(transfer))


def _amount(dossiers: int, files: int, size_bytes: int) -> Amount:
    return Amount(int(dossiers), int(files), int(size_bytes))
