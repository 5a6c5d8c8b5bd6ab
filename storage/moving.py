"""Filling a store: a verified copy of every AIP of a zorgdrager that has none there yet.

Nothing but catalogue and ledger remembers how far it is: killed anywhere, the same call goes on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, insert, select

from formats.findings import Finding, finding
from storage import ledger
from storage.aip import Copy, PackageSums
from storage.catalogue import AIPS, COPIES, copy_row
from storage.copies import named, read_digest
from storage.database import begin, reading
from storage.donors import (
    Candidate,
    Search,
    candidates,
    find_donor,
    first_good,
    store_at,
    told,
)
from storage.errors import CopyDiffers, CopyUnreadable, NotPromised
from storage.fixity.evidence import FILLING, SetAside, keep_evidence
from storage.locks import StillHeld
from storage.order import Order
from storage.outcomes import Basis
from storage.placing import evidence_key, free, place, prove_or_remove, stands
from storage.promised import ADD, PackageName, promised
from storage.stores.base import Store

ROWS_AT_ONCE = 200


class Fate(StrEnum):
    """What became of one copy in a store that is filled or retired."""

    COPIED = "copied"
    FOUND = "found"
    REMOVED = "removed"
    VERIFIED = "verified"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Moved:
    """One AIP version in one store: what became of its copy, and why if it is not done."""

    aip_id: str
    version: int
    store: str
    key: str
    size_bytes: int
    fate: Fate
    source: str = ""
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Amount:
    """How much there is to do: copies, and their bytes."""

    copies: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What filling or retiring a store came to; `whole` when nothing is left to do."""

    copies: int
    size_bytes: int
    findings: tuple[Finding, ...]
    stopped: bool

    @property
    def whole(self) -> bool:
        """Whether everything was done."""
        return not self.findings and not self.stopped


Told = Callable[[Moved], None]


def to_fill(connection: Connection, target: str, zorgdrager: str) -> Amount:
    """How much a store lacks of a zorgdrager."""
    return amount(connection, _lacking(target, zorgdrager))


def fill_store(order: Order, target: str, zorgdrager: str, *, told: Told | None = None) -> Tally:
    """Put a copy of every AIP version of a zorgdrager on a store that has none of it.

    What an interrupted try left under a key counts when its bytes are the promised ones, and is
    set aside when not. An AIP without a good copy is a finding, and the others go on.

    Raises: StoreUnreachable, StoreFailed, CopyDiffers when the target does not do what it should;
    DatabaseUnusable.
    """
    (store,) = named(order.archive.stores, [target])
    store.sweep()
    rows = pages(order, _lacking(target, zorgdrager))
    return tally(order, rows, lambda row: _fill_one(order, store, row), told)


def pages(order: Order, wanted: Select[Any]) -> Iterator[Row[Any]]:
    """Rows of AIPS in the order in which they came, without holding them all or the database."""
    last = 0
    while True:
        with reading(order.archive.engine) as connection:
            part = connection.execute(
                wanted.where(AIPS.c.number > last).order_by(AIPS.c.number).limit(ROWS_AT_ONCE)
            ).all()
        yield from part
        if len(part) < ROWS_AT_ONCE:
            return
        last = part[-1].number


def tally(
    order: Order, rows: Iterator[Row[Any]], deed: Callable[[Row[Any]], Moved], told: Told | None
) -> Tally:
    """Do a deed for each row until the order says stop, and count what came of it."""
    copies = size_bytes = 0
    findings: list[Finding] = []
    for row in rows:
        if order.stop():
            return Tally(copies, size_bytes, tuple(findings), stopped=True)
        moved = deed(row)
        if moved.finding is not None:
            findings.append(moved.finding)
        else:
            copies += 1
            size_bytes += moved.size_bytes
        if told is not None:
            told(moved)
    return Tally(copies, size_bytes, tuple(findings), stopped=False)


def amount(connection: Connection, wanted: Select[Any]) -> Amount:
    """How many rows of AIPS these are, and the bytes of their packages."""
    inner = wanted.subquery()
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(inner.c.size_bytes), 0)).select_from(inner)
    ).one()
    return Amount(int(row[0]), int(row[1]))


def _lacking(target: str, zorgdrager: str) -> Select[Any]:
    there = exists().where(COPIES.c.aip == AIPS.c.number, COPIES.c.store == target)
    return select(
        AIPS.c.number, AIPS.c.aip_id, AIPS.c.version, AIPS.c.zorgdrager, AIPS.c.size_bytes
    ).where(AIPS.c.zorgdrager == zorgdrager, ~there)


def _fill_one(order: Order, store: Store, row: Row[Any]) -> Moved:
    filling = _Filling(order, store, row)
    with order.archive.holding(filling.name.key) as still_held:
        try:
            return filling.run(still_held)
        except NotPromised as error:
            return filling.stays("S374", error.values.get("found") or error)


class _Filling:
    """One package on its way to the store; whoever makes this holds the lock on its key."""

    def __init__(self, order: Order, store: Store, row: Row[Any]) -> None:
        self.order = order
        self.store = store
        self.number = row.number
        self.size_bytes = row.size_bytes
        self.name = PackageName(row.zorgdrager, row.aip_id, row.version)

    def run(self, still_held: StillHeld) -> Moved:
        """From whatever stands there to a copy that counts."""
        archive, store, key = self.order.archive, self.store, self.name.key
        with reading(archive.engine) as connection:
            if self._is_known(connection):
                return self._moved(Fate.FOUND)
            sums = promised(connection, self.name)
            among = candidates(connection, list(archive.stores), self.name)
        if _is_there(store, key, sums):
            store.make_durable(key)
            return self._write_down(sums, "", ())
        others = [each for each in among if each.store != store.name]
        asides: tuple[str, ...] = ()
        if stands(store, key):
            if (search := find_donor(archive.stores, sums, others)).good is None:
                return self._without_donor(search)
            still_held()
            asides = free(store, key, evidence_key(self.name, FILLING))
        search = first_good(sums, others, lambda each: self._take(each, sums))
        if search.good is None:
            return self._without_donor(search)
        proof = prove_or_remove(store, key, sums)
        return self._write_down(sums, search.good.store, asides, proof)

    def _take(self, donor: Candidate, sums: PackageSums) -> str:
        """Stream from one donor; the digest of its bytes, which stay only when promised."""
        source = store_at(self.order.archive.stores, donor)
        try:
            place(source, donor.key, self.store, self.name.key, sums)
        except CopyDiffers as error:
            return str(error.values["found"])
        return sums.sha256

    def _without_donor(self, search: Search) -> Moved:
        code = "S372" if search.unreachable else "S380"
        return self.stays(code, told(search.unreachable or search.wrong))

    def stays(self, code: str, found: object) -> Moved:
        """No copy was put, and why."""
        return self._moved(Fate.STAYS, finding(code, f"{self.store.name}, {self.name.key}", found))

    def _is_known(self, connection: Connection) -> bool:
        wanted = select(COPIES.c.store).where(
            COPIES.c.aip == self.number, COPIES.c.store == self.store.name
        )
        return connection.execute(wanted).first() is not None

    def _write_down(
        self, sums: PackageSums, source: str, asides: tuple[str, ...], proof: Basis = Basis.READ
    ) -> Moved:
        name, store = self.name, self.store.name
        facts: dict[str, object] = {
            "store": store,
            "from": source,
            "version": name.version,
            "key": name.key,
            "sha256": sums.sha256,
            "size_bytes": sums.size_bytes,
            "aside": list(asides),
            "proof": proof.value,
            "event": "replication",
            "event_outcome": "success",
        }
        with begin(self.order.archive.engine) as connection:
            event = self.order.event(ADD, name.aip_id, "added", facts)
            ledger.append(connection, name.zorgdrager, event, self.order.salt())
            copy = Copy(store, name.key, event.at, proof)
            connection.execute(insert(COPIES), copy_row(self.number, name.zorgdrager, copy))
            keep_evidence(connection, name, asides, SetAside(store, FILLING, event.at))
        return self._moved(Fate.COPIED if source else Fate.FOUND, source=source)

    def _moved(self, fate: Fate, found: Finding | None = None, source: str = "") -> Moved:
        name = self.name
        return Moved(
            name.aip_id,
            name.version,
            self.store.name,
            name.key,
            self.size_bytes,
            fate,
            source,
            found,
        )


def _is_there(store: Store, key: str, sums: PackageSums) -> bool:
    try:
        return stands(store, key) and read_digest(store, key) == sums.sha256
    except CopyUnreadable:
        return False
