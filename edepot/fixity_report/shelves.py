"""What stands where, and how long ago it was checked: copies in stores, files that parties hold."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, case, exists, func, select

from edepot.config import Config
from edepot.fixity_report.ages import Days, days_of, limit_of, spans
from edepot.fixity_report.summary import LateParty, Place
from storage.catalogue import AIPS, COPIES
from storage.fixity.scopes import every_shelf
from storage.held.parties import Party, Way
from storage.held.tables import HELD_ITEMS
from storage.held.word import late_since, read_word


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is known of a place outside the run.

    `days`: the rhythm there; `checked`: how many copies in each of its spans, by its last day.
    """

    held: bool
    copies: int
    size_bytes: int
    days: int
    checked: Days = field(default_factory=dict)
    oldest_at: str = ""
    late: int = 0


def read_shelves(connection: Connection, config: Config, as_of: datetime) -> dict[Place, Shelf]:
    """What stands in the stores, per store and zorgdrager."""
    found = {}
    for shelf in every_shelf(connection):
        place = Place(shelf.store, shelf.zorgdrager)
        mine = (COPIES.c.store == place.store, COPIES.c.zorgdrager == place.zorgdrager)
        # AIP by AIP, as they lie on the disk: five times as quick as copy by copy.
        there = exists().where(COPIES.c.aip == AIPS.c.number, *mine)
        sizes = select(func.coalesce(func.sum(AIPS.c.size_bytes), 0)).where(
            AIPS.c.zorgdrager == place.zorgdrager, there
        )
        size_bytes = int(connection.execute(sizes).scalar_one())
        days = days_of(config, *place)
        checks = _Checks(connection, COPIES.c.checked_at, mine)
        found[place] = _shelf(checks, size_bytes, days, as_of, held=False)
    return found


def read_parties(
    connection: Connection, parties: Iterable[Party], as_of: datetime
) -> dict[Place, Shelf]:
    """What parties hold, by their first accepted lists; an unknown size counts as 0."""
    found = {}
    known = case((HELD_ITEMS.c.size_bytes > 0, HELD_ITEMS.c.size_bytes), else_=0)
    for party in parties:
        mine = (HELD_ITEMS.c.party == party.id,)
        sizes = select(func.coalesce(func.sum(known), 0)).where(*mine)
        size_bytes = int(connection.execute(sizes).scalar_one())
        checks = _Checks(connection, HELD_ITEMS.c.checked_at, mine)
        place = Place(party.id, party.zorgdrager)
        found[place] = _shelf(checks, size_bytes, party.rhythm_days, as_of, held=True)
    return found


def late_parties(
    connection: Connection, parties: Iterable[Party], as_of: datetime
) -> tuple[LateParty, ...]:
    """The parties whose word should have come by now. Where we read ourselves nobody is late."""
    found = []
    for party in parties:
        if party.ended_at is not None or party.way is Way.READ:
            continue
        word = read_word(connection, party)
        if late_since(word, as_of) is not None:
            heard = word.last_heard.isoformat() if word.last_heard else ""
            found.append(LateParty(party.id, party.zorgdrager, heard, party.rhythm_days))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Checks:
    """When the copies of one place were checked last, as the database can count them."""

    connection: Connection
    checked_at: ColumnElement[str]
    mine: Sequence[ColumnElement[bool]]

    def count(self, since: str = "", before: str = "") -> int:
        """How many were checked last between these instants; "" has no end on that side."""
        wanted = select(func.count()).where(*self.mine)
        if since:
            wanted = wanted.where(self.checked_at >= since)
        if before:
            wanted = wanted.where(self.checked_at < before)
        return int(self.connection.execute(wanted).scalar_one())

    def oldest(self) -> str:
        """When the one that waits longest was checked; "" for never."""
        wanted = select(func.min(self.checked_at)).where(*self.mine)
        return self.connection.execute(wanted).scalar() or ""


def _shelf(checks: _Checks, size_bytes: int, days: int, as_of: datetime, *, held: bool) -> Shelf:
    today = as_of.date()
    checked = {}
    for first, last in spans(days):
        # What bears a day later than today counts as of today.
        before = (today - timedelta(days=first - 1)).isoformat() if first else ""
        since = "" if last is None else (today - timedelta(days=last)).isoformat()
        checked[(today - timedelta(days=first)).isoformat()] = checks.count(since, before)
    return Shelf(
        held=held,
        copies=sum(checked.values()),
        size_bytes=size_bytes,
        days=days,
        checked=checked,
        oldest_at=checks.oldest(),
        late=checks.count(before=limit_of(as_of, days).astimezone(UTC).isoformat()),
    )
