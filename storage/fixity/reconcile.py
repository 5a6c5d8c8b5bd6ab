"""The looks of a run: what is no copy but must fit all the same.

A store beside the catalogue (strangers); the catalogue beside the ledger; the ledger by itself,
and beside what of it was published in the stores.
"""

# ruff: noqa: S608 - statements are put together from words of ours; values are bound

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, event, select, text

from formats.findings import Finding, finding
from storage import ledger
from storage.aip import package_key
from storage.archive import CAME_IN, DESTROYED
from storage.catalogue import AIPS, COPIES
from storage.database import reading
from storage.errors import StorageError
from storage.fixity.measure import CAME_IN_LISTED, came_in_by, tongue
from storage.fixity.nouns import Run, Share
from storage.fixity.reading import Halted
from storage.fixity.remarks import Remark, Remarks
from storage.fixity.strangers import look_through
from storage.fixity.works import Works
from storage.held.parties import list_parties
from storage.held.records import check_records
from storage.ledger import ENTRIES, entry_of
from storage.ledger_check import verify_ledger
from storage.merkle import leaf_hash
from storage.promised import held_since
from storage.publish import check_published

ROWS_AT_ONCE = 500
ENTRIES_AT_ONCE = 20_000


def look(works: Works, run: Run, share: Share, halted: Callable[[], bool]) -> list[Remark]:
    """Do a share that has no items: through a store, or at a ledger when it names no store.

    Raises: Halted; DatabaseUnusable.
    """
    if share.store:
        store = works.stores.get(share.store)
        if store is None:
            told = finding("S343", share.store)
            return [Remark(share.store, share.zorgdrager, told)]
        return look_through(works.engine, store, share.zorgdrager, works.clock, halted).all()
    remarks = Remarks()
    for told in _ledger_findings(works, run, share.zorgdrager, halted):
        if halted():
            raise Halted
        remarks.add("", share.zorgdrager, told)
    return remarks.all()


def _ledger_findings(
    works: Works, run: Run, zorgdrager: str, halted: Callable[[], bool]
) -> Iterator[Finding]:
    yield from catalogue_findings(works.engine, zorgdrager, halted)
    with reading(works.engine) as connection:
        _halt_between_statements(connection, halted)
        yield from verify_ledger(connection, zorgdrager)
        for party in list_parties(connection, (zorgdrager,)):
            yield from check_records(connection, party)
        for name, store in sorted(works.stores.items()):
            if run.scope.stores and name not in run.scope.stores:
                continue
            if works.policy is not None and name not in works.policy.get(zorgdrager, ()):
                continue
            try:
                yield from check_published(connection, [store], zorgdrager)
            except StorageError as error:
                reason = error.values.get("found") or error
                yield finding("S207", f"{name}, {zorgdrager}/ledger", reason)


def _halt_between_statements(connection: Connection, halted: Callable[[], bool]) -> None:
    """Whoever reads a ledger asks for some rows at a time: there a look ends when it is to."""

    def before(*_: object) -> None:
        if halted():
            raise Halted

    event.listen(connection, "before_cursor_execute", before)


def catalogue_findings(
    engine: Engine, zorgdrager: str, halted: Callable[[], bool]
) -> Iterator[Finding]:
    """Where a zorgdrager's catalogue does not say what its ledger says. Some rows at a time.

    Raises: Halted; DatabaseUnusable.
    """
    last = 0
    while True:
        with reading(engine) as connection:
            rows = _aips_after(connection, zorgdrager, last)
            found = list(_compared(connection, zorgdrager, rows))
        yield from found
        if halted():
            raise Halted
        if len(rows) < ROWS_AT_ONCE:
            break
        last = rows[-1].number
    with reading(engine) as connection:
        count = ledger.size(connection, zorgdrager)
    for first in range(0, count, ENTRIES_AT_ONCE):
        with reading(engine) as connection:
            found = list(_not_in_catalogue(connection, zorgdrager, first))
        yield from found
        if halted():
            raise Halted


def _aips_after(connection: Connection, zorgdrager: str, last: int) -> Sequence[Any]:
    return connection.execute(
        select(
            AIPS.c.number, AIPS.c.aip_id, AIPS.c.version, AIPS.c.size_bytes, AIPS.c.sha256,
            AIPS.c.tagmanifest_sha256,
        )
        .where(AIPS.c.zorgdrager == zorgdrager, AIPS.c.number > last)
        .order_by(AIPS.c.number)
        .limit(ROWS_AT_ONCE)
    ).all()  # fmt: skip


def _compared(connection: Connection, zorgdrager: str, rows: Sequence[Any]) -> Iterator[Finding]:
    """What the catalogue says of these AIPs and their copies, beside the ledger."""
    lines = _lines_of(connection, zorgdrager, {each.aip_id for each in rows})
    copies = _copies_of(connection, [each.number for each in rows])
    for row in rows:
        key = package_key(zorgdrager, row.aip_id, row.version)
        known = copies.get(row.number, {})
        mine = lines.get(row.aip_id, [])
        facts = _came_in_facts(mine, row.version)
        if facts is None:
            yield finding("S210", row.aip_id)
        else:
            yield from _sums_differ(row, facts)
        for store, stands in known.items():
            if stands != key:
                yield finding("S344", f"{store}, {row.aip_id}", stands, key)
        if len(mine) == 1 and facts is not None and known.keys() == set(facts["copies"]):
            continue
        for store in _stores_held(zorgdrager, mine, row):
            if store not in known:
                yield finding("S349", row.aip_id, "", store)


def _lines_of(
    connection: Connection, zorgdrager: str, aips: set[str]
) -> dict[str, list[tuple[str, Any]]]:
    """The ledger's lines of these AIPs in order, each with what it says.

    Those that are no longer what was written are left out: the check of the ledger tells of them.
    """
    found: dict[str, list[tuple[str, Any]]] = {}
    wanted = (
        select(ENTRIES.c.line, ENTRIES.c.leaf, ENTRIES.c.object)
        .where(ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.object.in_(aips))
        .order_by(ENTRIES.c.seq)
    )
    for row in connection.execute(wanted):
        if leaf_hash(row.line.encode("utf-8")) == row.leaf:
            with suppress(ValueError):
                found.setdefault(row.object, []).append((row.line, json.loads(row.line)))
    return found


def _copies_of(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    wanted = select(COPIES.c.aip, COPIES.c.store, COPIES.c.key).where(COPIES.c.aip.in_(numbers))
    for row in connection.execute(wanted):
        found.setdefault(row.aip, {})[row.store] = row.key
    return found


def _came_in_facts(lines: Sequence[tuple[str, Any]], version: int) -> Any:
    """The facts of the newest line by which this version came in; None when there is none."""
    for _, said in reversed(lines):
        with suppress(KeyError, TypeError, AttributeError):
            facts = said["facts"]
            if said["action"] in CAME_IN and facts["version"] == version and facts["copies"]:
                return facts
    return None


def _sums_differ(row: Any, facts: Any) -> Iterator[Finding]:
    for name in ("sha256", "size_bytes", "tagmanifest_sha256"):
        said, expected = getattr(row, name), facts.get(name)
        if said != expected:
            yield finding("S208", row.aip_id, said, expected)
            return


def _stores_held(zorgdrager: str, lines: Sequence[tuple[str, Any]], row: Any) -> Sequence[str]:
    """The stores in which the ledger says that there is a copy."""
    with suppress(ValueError, KeyError, TypeError):
        entries = [entry_of(zorgdrager, line, said) for line, said in lines]
        held = held_since(iter(entries), row.version)
        return sorted(held.get((row.aip_id, row.version), {}))
    return ()


def _not_in_catalogue(connection: Connection, zorgdrager: str, first: int) -> Iterator[Finding]:
    """The AIP versions that came in by these entries, and that the catalogue does not know."""
    speaks = tongue(connection)
    version = speaks.fact("e.line", "version")
    wanted = text(
        f"SELECT e.object, {version} AS version FROM ledger_entries e "
        "WHERE e.zorgdrager = :zorgdrager AND e.seq >= :first AND e.seq < :end "
        f"AND e.action IN {CAME_IN_LISTED} AND {version} IS NOT NULL "
        f"AND NOT EXISTS (SELECT 1 FROM aips a WHERE {came_in_by('e', speaks)}) "
        "AND NOT EXISTS (SELECT 1 FROM ledger_entries d WHERE d.zorgdrager = e.zorgdrager "
        f"AND d.object = e.object AND d.action = '{DESTROYED}') "
        "ORDER BY e.seq"
    )
    values = {"zorgdrager": zorgdrager, "first": first, "end": first + ENTRIES_AT_ONCE}
    for row in connection.execute(wanted, values):
        yield finding("S348", row.object, "", row.version)
