"""The rhythm: within how many days every copy is checked, what a day's share of that is, its cost.

A day's share is the oldest first: as many copies as it takes to come round a day before the limit
(so that no day need catch up with the one before), and whatever would be past its limit before the
next day's share is done. It follows from the catalogue alone: the same day gives the same share,
and a missed day is caught up. Two days is the least limit that one run a day can keep: a limit of
one takes everything every day, and a copy that is read later in the day than the day before is
some hours past it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select

from formats.findings import Finding, finding
from storage.catalogue import AIPS, COPIES
from storage.fixity.nouns import Portion, Scope
from storage.fixity.scopes import Shelf, every_shelf
from storage.held.parties import Way, list_parties
from storage.held.tables import HELD_ITEMS

AHEAD = timedelta(hours=36)
"""A share takes what would be past its limit this long from now: a day, and time to read it."""
MONTH_DAYS = 30
GIGABYTE = 10**9


class Place(StrEnum):
    """What kind of store it is, as far as the rhythm goes: near, or at the end of a line."""

    LOCAL = "local"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True)
class Rule:
    """Within how many days copies are checked; "" is every store, every zorgdrager."""

    store: str
    zorgdrager: str
    days: int


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The days for stores of each kind, and rules that are more exact."""

    local_days: int
    cloud_days: int
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Policies:
    """The rhythm, and what it must know of the stores; a store that is not named is local."""

    rhythm: Rhythm
    places: Mapping[str, Place] = field(default_factory=dict)

    def days(self, shelf: Shelf) -> int:
        """Within how many days the copies on this shelf are checked."""
        place = self.places.get(shelf.store, Place.LOCAL)
        return days_for(self.rhythm, shelf.store, place, shelf.zorgdrager)


@dataclass(frozen=True, slots=True)
class DayShare:
    """What one day takes of a shelf: `copies` of `total`, the oldest first, `days` the limit."""

    store: str
    zorgdrager: str
    days: int
    total: int
    copies: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """Copies on a shelf that are past their limit: how many, and when the oldest was checked.

    `oldest` is None when that copy was never checked.
    """

    store: str
    zorgdrager: str
    days: int
    copies: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Price:
    """What reading from a store costs, in euro; 0 when nothing was said."""

    per_gb: float = 0.0
    per_1000_requests: float = 0.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What the policy reads of a store in 30 days: copies, bytes, requests; euro when priced."""

    store: str
    copies: int
    size_bytes: int
    read_copies: int
    read_bytes: int
    requests: int
    euro: float | None


def days_for(rhythm: Rhythm, store: str, place: Place, zorgdrager: str) -> int:
    """The limit in days: of the most exact rule, else of the kind of store.

    Most exact: store and zorgdrager, then store, then zorgdrager, then neither; of equals the last.
    """
    for wanted in ((store, zorgdrager), (store, ""), ("", zorgdrager), ("", "")):
        found = [each.days for each in rhythm.rules if (each.store, each.zorgdrager) == wanted]
        if found:
            return found[-1]
    return rhythm.cloud_days if place is Place.CLOUD else rhythm.local_days


def share_of_day(connection: Connection, policies: Policies, now: datetime) -> tuple[DayShare, ...]:
    """What is to be checked today, shelf by shelf; what parties hold by their own contract's days.

    A shelf without copies is not there.
    """
    return tuple(_share(connection, each, now) for each in _rows(connection, policies))


def scope_of(shares: Sequence[DayShare]) -> Scope:
    """The day's share as a scope: so many of each shelf, the longest unchecked first."""
    return Scope(
        stores=tuple(sorted({each.store for each in shares})),
        portions=tuple(Portion(each.store, each.zorgdrager, each.copies) for each in shares),
    )


def overdue(connection: Connection, policies: Policies, now: datetime) -> tuple[Overdue, ...]:
    """The shelves with copies past their limit, never checked ones included."""
    return tuple(_late(connection, policies, now))


def overdue_findings(
    connection: Connection, policies: Policies, now: datetime
) -> tuple[Finding, ...]:
    """The same, each as a finding."""
    return tuple(
        finding("S451", f"{each.store}, {each.zorgdrager}", each.copies, each.days)
        for each in _late(connection, policies, now)
    )


def cost_per_month(
    connection: Connection, policies: Policies, prices: Mapping[str, Price]
) -> tuple[Cost, ...]:
    """What the policies will read per store in 30 days, told before they are used.

    A party whose files we read ourselves is a store; who only gives its word costs nothing.
    """
    costs: dict[str, Cost] = {}
    for rows in _rows(connection, policies):
        if not rows.read:
            continue
        copies, size_bytes = connection.execute(rows.sizes).one()
        read = _in_a_month(copies, rows.days)
        before = costs.get(rows.store, Cost(rows.store, 0, 0, 0, 0, 0, None))
        costs[rows.store] = Cost(
            store=rows.store,
            copies=before.copies + copies,
            size_bytes=before.size_bytes + int(size_bytes),
            read_copies=before.read_copies + read,
            read_bytes=before.read_bytes + _in_a_month(int(size_bytes), rows.days),
            requests=before.requests + read,
            euro=None,
        )
    return tuple(_priced(each, prices.get(each.store, Price())) for each in costs.values())


@dataclass(frozen=True, slots=True)
class _Rows:
    """What of one store and zorgdrager is in the catalogue or in a party's list, as questions."""

    store: str
    zorgdrager: str
    days: int
    checked_at: ColumnElement[str]
    mine: ColumnElement[bool]
    sizes: Select[Any]
    read: bool = True


def _rows(connection: Connection, policies: Policies) -> Iterator[_Rows]:
    for shelf in every_shelf(connection):
        mine = and_(COPIES.c.store == shelf.store, COPIES.c.zorgdrager == shelf.zorgdrager)
        sized = COPIES.outerjoin(AIPS, AIPS.c.number == COPIES.c.aip)
        yield _Rows(
            store=shelf.store,
            zorgdrager=shelf.zorgdrager,
            days=policies.days(shelf),
            checked_at=COPIES.c.checked_at,
            mine=mine,
            sizes=_sizes(AIPS.c.size_bytes).select_from(sized).where(mine),
        )
    for party in list_parties(connection):
        mine = HELD_ITEMS.c.party == party.id
        rows = _Rows(
            store=party.id,
            zorgdrager=party.zorgdrager,
            days=party.rhythm_days,
            checked_at=HELD_ITEMS.c.checked_at,
            mine=mine,
            sizes=_sizes(HELD_ITEMS.c.size_bytes).where(mine),
            read=party.way is Way.READ,
        )
        if party.ended_at is None and _count(connection, rows):
            yield rows


def _sizes(size_bytes: ColumnElement[int]) -> Select[Any]:
    """How many there are, and how big together; a size that nobody knows (-1) is left out."""
    known = case((size_bytes > 0, size_bytes), else_=0)
    return select(func.count(), func.coalesce(func.sum(known), 0))


def _share(connection: Connection, rows: _Rows, now: datetime) -> DayShare:
    total = _count(connection, rows)
    due = _count(connection, rows, now + AHEAD - timedelta(days=rows.days))
    copies = max(-(-total // _round_days(rows.days)), due)
    return DayShare(rows.store, rows.zorgdrager, rows.days, total, copies)


def _round_days(days: int) -> int:
    """In how many days the copies come round: one before the limit."""
    return max(1, days - 1)


def _in_a_month(amount: int, days: int) -> int:
    return -(-amount * MONTH_DAYS // _round_days(days))


def _late(connection: Connection, policies: Policies, now: datetime) -> Iterator[Overdue]:
    for rows in _rows(connection, policies):
        copies = _count(connection, rows, now - timedelta(days=rows.days))
        if copies:
            oldest = connection.execute(select(func.min(rows.checked_at)).where(rows.mine)).scalar()
            since = datetime.fromisoformat(oldest) if oldest else None
            yield Overdue(rows.store, rows.zorgdrager, rows.days, copies, since)


def _count(connection: Connection, rows: _Rows, before: datetime | None = None) -> int:
    """How many there are, or how many were checked last before an instant, or never."""
    wanted = select(func.count()).where(rows.mine)
    if before is not None:
        wanted = wanted.where(rows.checked_at < before.astimezone(UTC).isoformat())
    return int(connection.execute(wanted).scalar_one())


def _priced(cost: Cost, price: Price) -> Cost:
    if not price.per_gb and not price.per_1000_requests:
        return cost
    bytes_euro = cost.read_bytes / GIGABYTE * price.per_gb
    requests_euro = cost.requests / 1000 * price.per_1000_requests
    return replace(cost, euro=round(bytes_euro + requests_euro, 2))
