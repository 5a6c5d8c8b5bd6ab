"""Retiring a store: a copy goes only when every store that is still needed has a good one, read.

Ledger "intended" -> every version of it removed -> absent, asked twice -> one transaction:
catalogue and ledger "done". Killed anywhere, the same call goes on.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, select, update

from formats.findings import Finding, finding
from storage import ledger
from storage.aip import PackageSums
from storage.catalogue import AIPS, COPIES
from storage.copies import named, read_digest, remove_everywhere
from storage.database import begin, reading
from storage.donors import told as shown
from storage.errors import (
    CopyUnreadable,
    NotPromised,
    NotStored,
    OnePlace,
    StillNeeded,
    StorageError,
    StoreUnreachable,
)
from storage.fixity.evidence import evidence_of, forget_evidence
from storage.moving import Amount, Fate, Moved, Tally, Told, amount, pages, tally
from storage.order import Order
from storage.outcomes import Basis, Outcome
from storage.placing import stands
from storage.promised import DONE, INTENDED, REMOVE, PackageName, promised
from storage.publish import ledger_prefix, published
from storage.stores.base import Store

RETIRE = "store.retire"
TRYING = "trying/"


def to_retire(connection: Connection, source: str, zorgdrager: str) -> Amount:
    """How much a store has of a zorgdrager."""
    return amount(connection, _held(source, zorgdrager))


def retire_store(
    order: Order, source: str, zorgdrager: str, *, keep: bool = False, told: Told | None = None
) -> Tally:
    """Remove every copy of a zorgdrager from a store that its policy no longer names.

    Before a copy goes, those on every store of the policy are read and have the ledger's digest,
    or were read since the order was given. With `keep` that is all that is done: copies stay.
    What cannot go is a finding, and the others go on.

    Raises: StillNeeded when the policy names the store, or no store, or two names are one place;
    StoreUnreachable; DatabaseUnusable.
    """
    archive = order.archive
    needed = archive.policy.get(zorgdrager, ())
    if not needed or source in needed:
        raise StillNeeded(f"{zorgdrager} needs {source}", zorgdrager=zorgdrager, store=source)
    (store,) = named(archive.stores, [source])
    others = named(archive.stores, needed)
    if not keep:
        store.sweep()
        _refuse_one_place(order, store, others, zorgdrager)
    work = _Retiring(order, store, others, keep)
    found = tally(order, pages(order, _held(source, zorgdrager)), work.one, told)
    if keep or not found.whole:
        return found
    left = _empty(order, store, others, zorgdrager, found.copies)
    return Tally(found.copies, found.size_bytes, left, found.stopped)


class _Retiring:
    """The work on one store for one zorgdrager."""

    def __init__(self, order: Order, store: Store, others: list[Store], keep: bool) -> None:
        self.order = order
        self.engine = order.archive.engine
        self.store = store
        self.others = others
        self.keep = keep

    def one(self, row: Row[Any]) -> Moved:
        """One AIP version: verified elsewhere, then removed here."""
        with self.order.archive.holding(row.key) as still_held:
            name = PackageName(row.zorgdrager, row.aip_id, row.version)
            with reading(self.engine) as connection:
                copies = _copies(connection, row.number)
                if self.store.name not in copies:
                    return self._moved(row, Fate.REMOVED)
                try:
                    sums = promised(connection, name)
                except NotPromised as error:
                    return self._stays(row, "S374", error.values.get("found") or error)
                evidence = evidence_of(connection, name, self.store.name)
            read, bad = self._verify(copies, sums)
            if bad:
                return self._stays(row, "S381", shown(bad))
            if self.keep:
                self._write_read(row, read)
                return self._moved(row, Fate.VERIFIED)
            still_held()
            return self._remove(row, (row.key, *evidence), sums, read)

    def _verify(
        self, copies: dict[str, Row[Any]], sums: PackageSums
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """The needed stores whose copy was read now and is right; those where it is not so."""
        read: list[str] = []
        bad: list[tuple[str, str]] = []
        for each in self.others:
            copy = copies.get(each.name)
            if copy is None:
                bad.append((each.name, Outcome.MISSING.value))
            elif not self._was_read(copy):
                found = _look(each, copy.key)
                if found == sums.sha256:
                    read.append(each.name)
                else:
                    bad.append((each.name, found))
        return read, bad

    def _was_read(self, copy: Row[Any]) -> bool:
        last = datetime.fromisoformat(max(copy.verified_at, copy.checked_at))
        fine = copy.outcome == Outcome.INTACT and copy.proof == Basis.READ
        return fine and last >= self.order.asked.at

    def _remove(
        self, row: Row[Any], keys: tuple[str, ...], sums: PackageSums, read: list[str]
    ) -> Moved:
        facts: dict[str, object] = {
            "store": self.store.name,
            "version": row.version,
            "keys": list(keys),
            "sha256": sums.sha256,
            "kept": [each.name for each in self.others],
            "event": "deletion",
        }
        with begin(self.engine) as connection:
            if not _is_intended(connection, row, self.store.name):
                event = self.order.event(REMOVE, row.aip_id, INTENDED, facts)
                ledger.append(connection, row.zorgdrager, event, self.order.salt())
        try:
            for key in keys:
                remove_everywhere([self.store], key)
        except StoreUnreachable:
            raise
        except StorageError as error:
            return self._stays(row, "S382", error.values.get("found") or error)
        left = [key for key in keys if not (_absent(self.store, key) and _absent(self.store, key))]
        if left:
            return self._stays(row, "S383", ", ".join(left))
        with begin(self.engine) as connection:
            event = self.order.event(
                REMOVE, row.aip_id, DONE, {**facts, "event_outcome": "success"}
            )
            ledger.append(connection, row.zorgdrager, event, self.order.salt())
            connection.execute(
                delete(COPIES).where(COPIES.c.aip == row.number, COPIES.c.store == self.store.name)
            )
            forget_evidence(connection, self.store.name, keys)
            _set_read(connection, row.number, read, event.at)
        return self._moved(row, Fate.REMOVED)

    def _write_read(self, row: Row[Any], read: list[str]) -> None:
        if read:
            with begin(self.engine) as connection:
                _set_read(connection, row.number, read, self.order.clock())

    def _moved(self, row: Row[Any], fate: Fate, found: Finding | None = None) -> Moved:
        return Moved(
            row.aip_id, row.version, self.store.name, row.key, row.size_bytes, fate, "", found
        )

    def _stays(self, row: Row[Any], code: str, found: object) -> Moved:
        where = f"{self.store.name}, {row.key}"
        return self._moved(row, Fate.STAYS, finding(code, where, found))


def _refuse_one_place(order: Order, store: Store, others: list[Store], zorgdrager: str) -> None:
    """Two names for one folder or bucket: what goes from the one would be gone from the other.

    Found out by a small object of our own that is put on the one and looked for on the others.
    """
    prefix = f"{zorgdrager}/{TRYING}"
    for each in list(store.list(prefix)):
        remove_everywhere([store], each.key)
    key = f"{prefix}{order.salt().hex()}"
    with store.put_new(key) as upload:
        upload.write(b"edepot\n")
        upload.commit()
    try:
        same = [each.name for each in others if stands(each, key)]
    finally:
        remove_everywhere([store], key)
    if same:
        raise OnePlace(f"{store.name} and {same[0]} are one place", store=store.name, found=same[0])


def _held(source: str, zorgdrager: str) -> Select[Any]:
    columns = (AIPS.c.number, AIPS.c.aip_id, AIPS.c.version, AIPS.c.zorgdrager, AIPS.c.size_bytes)
    return (
        select(*columns, COPIES.c.key)
        .join(COPIES, COPIES.c.aip == AIPS.c.number)
        .where(AIPS.c.zorgdrager == zorgdrager, COPIES.c.store == source)
    )


def _copies(connection: Connection, number: int) -> dict[str, Row[Any]]:
    rows = connection.execute(select(COPIES).where(COPIES.c.aip == number))
    return {each.store: each for each in rows}


def _look(store: Store, key: str) -> str:
    """The digest of what stands there, or why there is none."""
    try:
        return read_digest(store, key)
    except NotStored:
        return Outcome.MISSING.value
    except CopyUnreadable:
        return Outcome.UNREADABLE.value
    except StoreUnreachable as error:
        return f"{Outcome.NOT_CHECKED.value} ({error.values.get('found') or error})"


def _is_intended(connection: Connection, row: Row[Any], store: str) -> bool:
    """Whether an interrupted try said already that this copy goes."""
    last = ""
    for each in ledger.entries(connection, row.zorgdrager, object_id=row.aip_id):
        facts = each.facts
        if facts.get("store") == store and facts.get("version") == row.version:
            last = each.result if each.action == REMOVE else ""
    return last == INTENDED


def _set_read(connection: Connection, number: int, stores: list[str], at: datetime) -> None:
    values = {"checked_at": at.isoformat(), "outcome": Outcome.INTACT.value}
    connection.execute(
        update(COPIES)
        .where(COPIES.c.aip == number, COPIES.c.store.in_(stores))
        .values({**values, "proof": Basis.READ.value})
    )


def _absent(store: Store, key: str) -> bool:
    """Whether the store, asked in each way that it has, knows nothing under the key."""
    listed = any(each.key == key for each in store.list(key))
    return not listed and not stands(store, key) and not list(store.list_versions(key))


def _empty(
    order: Order, store: Store, others: list[Store], zorgdrager: str, removed: int
) -> tuple[Finding, ...]:
    """The published ledger goes last, when all else is gone and every other store has it whole."""
    prefix = ledger_prefix(zorgdrager)
    keys = [each.key for each in store.list(f"{zorgdrager}/")]
    strange = [each for each in keys if not each.startswith(prefix)]
    if strange:
        where = f"{store.name}, {strange[0]}"
        return (finding("S384", where, len(strange)),)
    if not keys:
        return ()
    _write_retired(order, store.name, zorgdrager, removed)
    order.archive.publish_ledger(zorgdrager, now=order.clock())
    size = published(store, zorgdrager).size
    behind = [each.name for each in others if published(each, zorgdrager).size < size]
    if behind:
        return (finding("S381", f"{store.name}, {prefix}", ", ".join(behind)),)
    for key in keys:
        remove_everywhere([store], key)
    return ()


def _write_retired(order: Order, store: str, zorgdrager: str, removed: int) -> None:
    with begin(order.archive.engine) as connection:
        past = list(ledger.entries(connection, zorgdrager, object_id=store))
        if past and not removed:
            return
        event = order.event(RETIRE, store, DONE, {"store": store, "copies": removed})
        ledger.append(connection, zorgdrager, event, order.salt())
