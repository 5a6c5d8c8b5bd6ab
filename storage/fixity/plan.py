"""The plan of a run: every copy in its scope as an item, with what the ledger says it should be.

Written by the database itself, so that a million copies take no memory here. Items stand in
shares: parts of one store and zorgdrager, small enough to be lost without loss.
"""

# ruff: noqa: S608 - statements are put together from words of ours; values are bound

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC

from sqlalchemy import Connection, Engine, func, insert, select, text

from storage.database import begin
from storage.fixity.measure import Tongue, came_in_by, ledger_join, tongue
from storage.fixity.nouns import Asked, Kind, Run, RunState, Scope, Share
from storage.fixity.runs import open_run_of, read_run
from storage.fixity.scopes import Known, Shelf, check_names, every_shelf, scope_text, taken_in
from storage.fixity.selection import Picked, sample, selection, values
from storage.fixity.tables import ITEMS, RUNS, SHARES
from storage.ledger import zorgdragers as with_ledger
from storage.outcomes import Basis, Outcome

SHARE_ITEMS = 256
SHARE_BYTES = 1_000_000_000
ROWS_AT_ONCE = 10_000
EDITED, UNKNOWN = "S340", "S210"
"""The findings of an item whose entry in the ledger was edited, or is not there."""

HeldTargets = Callable[[Connection, str, Scope, int], int]
"""Writes the items of held parties: (connection, run, scope, first number) -> how many."""

_NOTHING_KNOWN = Known()


def begin_run(  # noqa: PLR0913 - who asks, by which schedule, and what the configuration knows
    engine: Engine,
    scope: Scope,
    asked: Asked,
    *,
    schedule: str = "",
    held: HeldTargets | None = None,
    known: Known = _NOTHING_KNOWN,
) -> tuple[Run, bool]:
    """Write a run with its items and shares; or join an open one of the same scope (then True).

    Raises: ScopeUnknown, and nothing is written; DatabaseUnusable.
    """
    with begin(engine) as connection:
        joined = open_run_of(connection, scope_text(scope))
        if joined is not None:
            return joined, True
        return _write_run(connection, scope, asked, schedule, held, known), False


def _write_run(  # noqa: PLR0913, PLR0917 - as `begin_run`
    connection: Connection,
    scope: Scope,
    asked: Asked,
    schedule: str,
    held: HeldTargets | None,
    known: Known,
) -> Run:
    run_id = _next_id(connection, asked)
    shelves = list(every_shelf(connection))
    chosen = [each for each in shelves if taken_in(scope, each)]
    count = _write_packages(connection, run_id, scope, chosen)
    parties: set[str] = set()
    if held is not None and held(connection, run_id, scope, count + 1):
        parties = _parties(connection, run_id)
    check_names(connection, scope, shelves, known, parties)
    shares = _write_shares(connection, run_id)
    _write_looks(connection, run_id, _looks(connection, scope, chosen, known), shares)
    items, size_bytes = connection.execute(
        select(func.count(), func.coalesce(func.sum(ITEMS.c.size_bytes), 0)).where(
            ITEMS.c.run == run_id
        )
    ).one()
    row = {
        "id": run_id,
        "scope": scope_text(scope),
        "state": RunState.RUNNING.value,
        "schedule": schedule,
        "asked_at": asked.at.astimezone(UTC).isoformat(),
        "actor": asked.actor,
        "origin": asked.origin,
        "items": items,
        "size_bytes": int(size_bytes),
        "ended_at": "",
    }
    connection.execute(insert(RUNS), row)
    written = read_run(connection, run_id)
    assert written is not None, "it was written a moment ago"
    return written


def _next_id(connection: Connection, asked: Asked) -> str:
    day = asked.at.astimezone(UTC).date().isoformat()
    ids = connection.execute(select(RUNS.c.id).where(RUNS.c.id.like(f"{day}-%"))).scalars()
    return f"{day}-{max((int(each.rsplit('-', 1)[1]) for each in ids), default=0) + 1}"


def _write_packages(
    connection: Connection, run_id: str, scope: Scope, shelves: Sequence[Shelf]
) -> int:
    """The items of our own stores, shelf by shelf, each the longest unchecked first."""
    speaks = tongue(connection)
    picked: Mapping[Shelf, Picked] = {}
    if scope.sample is not None:
        picked = sample(connection, scope, shelves, postgres=speaks.postgres)
    count = 0
    for shelf in shelves:
        wanted = selection(scope, picked.get(shelf), postgres=speaks.postgres)
        bound = {**values(scope, shelf), "run": run_id, "first": count}
        count += connection.execute(text(_insertion(speaks, wanted)), bound).rowcount
    return count


def _insertion(speaks: Tongue, wanted: str) -> str:
    """The statement that writes the items of one shelf.

    Every row of the catalogue's copies is an item, also one whose AIP is gone from it.
    """
    size = speaks.whole(speaks.fact("e.line", "size_bytes"))
    known = f"EXISTS (SELECT 1 FROM ledger_entries y WHERE {came_in_by('y', speaks)})"
    finding = (
        f"CASE WHEN e.seq IS NOT NULL OR a.aip_id IS NULL THEN '' ELSE '[{{\"code\": \"' || "
        f"CASE WHEN {known} THEN '{EDITED}' ELSE '{UNKNOWN}' END || '\", \"where\": ' || "
        f'{speaks.quoted("a.aip_id")} || \', "found": "", "expected": "", '
        '"severity": "error"}]\' END'
    )
    return (
        'INSERT INTO fixity_items (run, number, kind, zorgdrager, store, "key", aip, aip_id, '
        "version, size_bytes, expected, outcome, basis, found, read_bytes, checked_at, findings) "
        "SELECT CAST(:run AS TEXT), "
        "CAST(:first AS BIGINT) + row_number() OVER (ORDER BY c.checked_at, c.aip), "
        f"'{Kind.PACKAGE.value}', c.zorgdrager, c.store, c.\"key\", c.aip, "
        "coalesce(a.aip_id, ''), coalesce(a.version, 0), "
        f"coalesce({size}, a.size_bytes, 0), "
        f"coalesce({speaks.fact('e.line', 'sha256')}, a.sha256, ''), "
        f"'{Outcome.NOT_CHECKED.value}', '{Basis.NONE.value}', '', 0, '', {finding} "
        f"FROM ({wanted}) c LEFT JOIN aips a ON a.number = c.aip {ledger_join(speaks)}"
    )


def _parties(connection: Connection, run_id: str) -> set[str]:
    wanted = select(ITEMS.c.store).where(ITEMS.c.run == run_id, ITEMS.c.kind == Kind.HELD.value)
    return set(connection.execute(wanted.distinct()).scalars())


def _write_shares(connection: Connection, run_id: str) -> int:
    """Cut the items into shares, as they stand; how many there are."""
    count, rows = 0, []
    for share in _shares(connection, run_id):
        count += 1
        rows.append(_share_row(replace(share, number=count)))
        if len(rows) == ROWS_AT_ONCE:
            connection.execute(insert(SHARES), rows)
            rows = []
    if rows:
        connection.execute(insert(SHARES), rows)
    return count


def _shares(connection: Connection, run_id: str) -> Iterator[Share]:
    share: Share | None = None
    for number, store, zorgdrager, size in _numbered(connection, run_id):
        if share is not None and (
            (share.store, share.zorgdrager) == (store, zorgdrager)
            and share.items < SHARE_ITEMS
            and share.size_bytes + size <= SHARE_BYTES
        ):
            share = replace(share, items=share.items + 1, size_bytes=share.size_bytes + size)
            continue
        if share is not None:
            yield share
        share = Share(run_id, 0, store, zorgdrager, 1, size, first=number)
    if share is not None:
        yield share


def _numbered(connection: Connection, run_id: str) -> Iterator[tuple[int, str, str, int]]:
    last = 0
    while True:
        rows = connection.execute(
            select(ITEMS.c.number, ITEMS.c.store, ITEMS.c.zorgdrager, ITEMS.c.size_bytes)
            .where(ITEMS.c.run == run_id, ITEMS.c.number > last)
            .order_by(ITEMS.c.number)
            .limit(ROWS_AT_ONCE)
        ).all()
        yield from (tuple(each) for each in rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].number


def _looks(
    connection: Connection, scope: Scope, shelves: Sequence[Shelf], known: Known
) -> list[Shelf]:
    """What is looked at besides the copies: stores for strangers, and ledgers (no store).

    A store is looked through whole, or for the zorgdragers of the scope.
    """
    ledgers = {each.zorgdrager for each in shelves}
    if not scope.whole:
        return [Shelf("", each) for each in sorted(ledgers)]
    every = (*known.zorgdragers, *with_ledger(connection))
    ledgers |= {each for each in every if not scope.zorgdragers or each in scope.zorgdragers}
    stores = {each.store for each in shelves} | set(known.stores)
    stores = {each for each in stores if not scope.stores or each in scope.stores}
    parts = sorted(set(scope.zorgdragers)) or [""]
    looked = [Shelf(store, part) for store in sorted(stores) for part in parts]
    return [*looked, *(Shelf("", each) for each in sorted(ledgers))]


def _write_looks(connection: Connection, run_id: str, looks: Sequence[Shelf], shares: int) -> None:
    """A share without items for each; they come last."""
    rows = [
        _share_row(Share(run_id, number, each.store, each.zorgdrager, 0, 0))
        for number, each in enumerate(looks, shares + 1)
    ]
    if rows:
        connection.execute(insert(SHARES), rows)


def _share_row(share: Share) -> dict[str, object]:
    return {
        "run": share.run,
        "number": share.number,
        "store": share.store,
        "zorgdrager": share.zorgdrager,
        "first": share.first,
        "items": share.items,
        "size_bytes": share.size_bytes,
        "worker": "",
        "lease_until": "",
        "tries": 0,
        "done_at": "",
    }
