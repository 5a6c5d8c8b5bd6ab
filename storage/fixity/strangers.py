"""A store beside the catalogue, both ways: objects that it does not know, copies not listed.

Both are walked in the order of keys, side by side, so that it takes no memory. Neither walk is
believed alone: an ingest may be going on, and the list of a store may be late.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from formats.findings import Finding, finding
from storage import ledger
from storage.catalogue import AIPS, COPIES
from storage.database import begin, reading
from storage.errors import CopyUnreadable, KeyRefused, NotStored, StoreUnreachable
from storage.fixity.reading import Halted
from storage.fixity.remarks import Remarks
from storage.fixity.tables import EVIDENCE, STRANGERS
from storage.placing import EVIDENCE_FOLDER
from storage.promised import is_destroyed
from storage.publish import ledger_of
from storage.stores.base import ObjectStat, Store

GRACE = timedelta(hours=24)
"""How long an object may be unknown: longer than any ingest takes."""
ROWS_AT_ONCE = 500


def look_through(
    engine: Engine,
    store: Store,
    zorgdrager: str,
    clock: Callable[[], datetime],
    halted: Callable[[], bool],
) -> Remarks:
    """Compare what a store lists with what the catalogue says that it holds.

    All of it, or what belongs to one zorgdrager. Raises: Halted; DatabaseUnusable.
    """
    remarks, started = Remarks(), clock()
    prefix = f"{zorgdrager}/" if zorgdrager else ""
    unknown: list[ObjectStat] = []
    try:
        for listed, row in _side_by_side(store.list(prefix), _known(engine, store.name, prefix)):
            if halted():
                raise Halted
            if listed is None:
                _not_listed(store, row, remarks)
            elif row is None:
                unknown.append(listed)
                if len(unknown) >= ROWS_AT_ONCE:
                    _note(engine, store.name, unknown, clock(), remarks)
                    unknown = []
            elif row.size_bytes is not None and listed.size_bytes != row.size_bytes:
                where = f"{store.name}, {row.key}"
                told = finding("S211", where, listed.size_bytes, row.size_bytes)
                remarks.add(store.name, row.zorgdrager, told)
    except StoreUnreachable as error:
        reason = error.values.get("found") or error
        remarks.add(store.name, zorgdrager, finding("S207", store.name, reason))
        return remarks
    _note(engine, store.name, unknown, clock(), remarks)
    with begin(engine) as connection:
        connection.execute(
            delete(STRANGERS).where(
                STRANGERS.c.store == store.name,
                STRANGERS.c.last_seen < _text(started),
                *_below(connection, STRANGERS.c.key, prefix),
            )
        )
    return remarks


def _side_by_side(
    listed: Iterator[ObjectStat], known: Iterator[Any]
) -> Iterator[tuple[ObjectStat | None, Any]]:
    """Two walks in the order of keys as one: what stands on both sides comes together."""
    here, there = next(listed, None), next(known, None)
    while here is not None or there is not None:
        if there is None or (here is not None and here.key < there.key):
            yield here, None
            here = next(listed, None)
        elif here is None or there.key < here.key:
            yield None, there
            there = next(known, None)
        else:
            yield here, there
            here, there = next(listed, None), next(known, None)


def _known(engine: Engine, store: str, prefix: str) -> Iterator[Any]:
    """The copies that the catalogue has in a store, in the order of keys, some at a time."""
    last = ""
    while True:
        with reading(engine) as connection:
            key = _bytewise(connection, COPIES.c.key)
            rows = connection.execute(
                select(COPIES.c.key, COPIES.c.zorgdrager, AIPS.c.size_bytes)
                .outerjoin_from(COPIES, AIPS, AIPS.c.number == COPIES.c.aip)
                .where(
                    COPIES.c.store == store, key > last, *_below(connection, COPIES.c.key, prefix)
                )
                .order_by(key)
                .limit(ROWS_AT_ONCE)
            ).all()
        yield from rows
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].key


def _not_listed(store: Store, row: Any, remarks: Remarks) -> None:
    """A copy that the list leaves out: remarked when the store, asked for it, has it not either."""
    try:
        store.stat(row.key)
    except (NotStored, KeyRefused):
        remarks.add(store.name, row.zorgdrager, finding("S345", f"{store.name}, {row.key}"))
    except CopyUnreadable:
        return


def _note(
    engine: Engine, store: str, listed: Sequence[ObjectStat], now: datetime, remarks: Remarks
) -> None:
    """Write down what nothing of ours accounts for, and remark it by how long it is there."""
    with begin(engine) as connection:
        unknown = _unaccounted(connection, store, listed)
        before = _seen_before(connection, store, unknown)
        for each in unknown:
            first, zorgdrager = before.get(each.key), each.key.partition("/")[0]
            told = _stranger(store, each, first, now)
            if _of_destroyed(connection, zorgdrager, each.key):
                told = finding("S353", f"{store}, {each.key}", each.size_bytes)
            remarks.add(store, zorgdrager, told)
        new = [each for each in unknown if each.key not in before]
        if new:
            connection.execute(insert(STRANGERS), [_row(store, each, now) for each in new])
        if before:
            connection.execute(
                update(STRANGERS)
                .where(STRANGERS.c.store == store, STRANGERS.c.key.in_(list(before)))
                .values(last_seen=_text(now))
            )


def _unaccounted(
    connection: Connection, store: str, listed: Sequence[ObjectStat]
) -> list[ObjectStat]:
    """Those that are no copy (by now), no part of a ledger, and not kept as evidence."""
    keys = [each.key for each in listed]
    known: set[str] = set()
    for table in (COPIES, EVIDENCE):
        wanted = select(table.c.key).where(table.c.store == store, table.c.key.in_(keys))
        known.update(connection.execute(wanted).scalars())
    owners = set(ledger.zorgdragers(connection))
    return [each for each in listed if each.key not in known and ledger_of(each.key) not in owners]


def _seen_before(
    connection: Connection, store: str, unknown: Sequence[ObjectStat]
) -> dict[str, datetime]:
    wanted = select(STRANGERS.c.key, STRANGERS.c.first_seen).where(
        STRANGERS.c.store == store, STRANGERS.c.key.in_([each.key for each in unknown])
    )
    return {row.key: datetime.fromisoformat(row.first_seen) for row in connection.execute(wanted)}


def _stranger(store: str, listed: ObjectStat, first: datetime | None, now: datetime) -> Finding:
    where = f"{store}, {listed.key}"
    if first is not None and now - first >= GRACE:
        return finding("S347", where, listed.size_bytes, first.isoformat())
    return finding("S346", where, listed.size_bytes)


def _of_destroyed(connection: Connection, zorgdrager: str, key: str) -> bool:
    """Whether an object is a package of an AIP that was destroyed, or one that was set aside."""
    names = key.split("/")
    aip_id = names[-1][:36] if f"{zorgdrager}/{EVIDENCE_FOLDER}" in key else names[-2:][0]
    return is_destroyed(connection, zorgdrager, aip_id)


def _row(store: str, listed: ObjectStat, now: datetime) -> dict[str, object]:
    return {
        "store": store,
        "key": listed.key,
        "size_bytes": listed.size_bytes,
        "first_seen": _text(now),
        "last_seen": _text(now),
    }


def _below(
    connection: Connection, column: ColumnElement[str], prefix: str
) -> Sequence[ColumnElement[bool]]:
    """The condition that a key begins with a prefix that ends in a slash; none for ""."""
    if not prefix:
        return ()
    key = _bytewise(connection, column)
    return key >= prefix, key < prefix[:-1] + chr(ord("/") + 1)


def _bytewise(connection: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """A column compared byte by byte, as every store orders its keys."""
    return column.collate("C") if connection.dialect.name == "postgresql" else column


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="microseconds")
