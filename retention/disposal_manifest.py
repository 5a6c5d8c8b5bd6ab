"""The manifest of a destruction: every copy, version and trace of one dossier, everywhere.

What the catalogue knows must be there, with the bytes that the ledger promises: else something
happened that nobody told of, and a person looks at it first. What is there and was not known is
taken in. A key that another dossier's copies bear stays.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from retention.disposal_claims import item_of, set_item
from retention.disposal_nouns import Claim, TraceState, Trouble, Works
from retention.nouns import ItemState
from retention.tables import COPY_ACTIONS
from storage.catalogue import AIPS, COPIES
from storage.copies import read_digest
from storage.database import begin, reading
from storage.errors import CopyUnreadable, NotPromised, NotStored, StorageError
from storage.inventory import Role, Trace, bears_name, traces
from storage.ledger import canonical
from storage.outcomes import Basis, Outcome
from storage.promised import PackageName, promised
from storage.stores.base import Store

BESIDE = "beside"
"""The role of what is in a place beside the stores."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why there is no manifest: what is wrong, where; `later`: trying again may help."""

    trouble: Trouble
    detail: str
    later: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the manifest."""

    store: str
    key: str
    version: str
    role: str
    size_bytes: int
    sha256: str
    registered: bool
    state: TraceState


def take_inventory(works: Works, held: Claim) -> Obstacle | None:
    """Ask every store and every place for the dossier, and write the manifest; or why not.

    Raises: ClaimLost; DatabaseUnusable.
    """
    with reading(works.desk.engine) as connection:
        copies = _registered(connection, held)
        sums = _promised(connection, held, copies)
        shared = shared_of(connection, held.dossier)
    if isinstance(sums, Obstacle):
        return sums
    lines: list[_Line] = []
    for name in sorted(works.stores):
        mine = {each.key: each for each in copies if each.store == name}
        found = _ask(works.stores[name], held, mine)
        if isinstance(found, Obstacle):
            return found
        obstacle = _compare(works, works.stores[name], mine, found, sums)
        if obstacle is not None:
            return obstacle
        lines += [_line(each, mine, shared, sums) for each in found]
    for place in works.places:
        try:
            remnants = place.remnants(held.zorgdrager, held.dossier)
        except (StorageError, OSError) as error:
            return Obstacle(Trouble.STORE_SILENT, f"{place.name}: {error}", later=True)
        lines += [
            _Line(place.name, each.name, "", BESIDE, each.size_bytes, "", False, TraceState.PLANNED)
            for each in remnants
        ]
    _write(works, held, lines)
    return None


def manifest_rows(connection: Connection, held: Claim) -> Sequence[Row[Any]]:
    """The manifest, in its order."""
    wanted = (
        select(COPY_ACTIONS)
        .where(COPY_ACTIONS.c.list == held.list_id, COPY_ACTIONS.c.dossier == held.dossier)
        .order_by(COPY_ACTIONS.c.number)
    )
    return connection.execute(wanted).all()


def manifest_sha256(connection: Connection, held: Claim) -> str:
    """The hex SHA-256 over what the rows of the manifest say, without what became of them."""
    names = ("number", "store", "key", "version", "role", "size_bytes", "sha256")
    lines = [
        canonical({name: getattr(each, name) for name in names})
        for each in manifest_rows(connection, held)
    ]
    return hashlib.sha256("\n".join(lines).encode("utf-8")).hexdigest()


def _registered(connection: Connection, held: Claim) -> Sequence[Row[Any]]:
    wanted = (
        select(COPIES, AIPS.c.version, AIPS.c.sha256)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .where(AIPS.c.aip_id == held.dossier)
        .order_by(COPIES.c.store, COPIES.c.key)
    )
    return connection.execute(wanted).all()


def _promised(
    connection: Connection, held: Claim, copies: Sequence[Row[Any]]
) -> dict[str, str] | Obstacle:
    """By key the digest that the ledger promises, for each version that the catalogue has."""
    if not copies:
        return Obstacle(Trouble.COPY_MISSING, "no copy is known")
    found = {}
    for version in sorted({each.version for each in copies}):
        name = PackageName(held.zorgdrager, held.dossier, version)
        try:
            found[name.key] = promised(connection, name).sha256
        except NotPromised as error:
            detail = f"v{version}: {error.values.get('found') or '-'}"
            return Obstacle(Trouble.NOT_PROMISED, detail)
    return found


def shared_of(connection: Connection, dossier: str) -> frozenset[tuple[str, str]]:
    """Stores and keys of a dossier's copies that another AIP's copies bear as well."""
    mine = (
        select(COPIES.c.store, COPIES.c.key)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .where(AIPS.c.aip_id == dossier)
    ).subquery()
    wanted = (
        select(COPIES.c.store, COPIES.c.key)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .join(mine, (mine.c.store == COPIES.c.store) & (mine.c.key == COPIES.c.key))
        .where(AIPS.c.aip_id != dossier)
    )
    return frozenset((each.store, each.key) for each in connection.execute(wanted))


def _ask(store: Store, held: Claim, keys: Collection[str]) -> tuple[Trace, ...] | Obstacle:
    """What a store has of the dossier: under its own name, and where its copies are known to be."""
    try:
        store.sweep()
        return traces(store, held.zorgdrager, held.dossier, keys)
    except StorageError as error:
        detail = f"{store.name}: {error.values.get('found') or error}"
        return Obstacle(Trouble.STORE_SILENT, detail, later=True)


def _compare(
    works: Works,
    store: Store,
    mine: dict[str, Row[Any]],
    found: Sequence[Trace],
    sums: dict[str, str],
) -> Obstacle | None:
    """Whether every copy that the catalogue knows is there, with the bytes that were promised."""
    there = {each.key for each in found if each.role is Role.PACKAGE}
    for key, copy in mine.items():
        where = f"{store.name}, {key}"
        if key not in there:
            return Obstacle(Trouble.COPY_MISSING, where)
        if not _read_lately(works, copy):
            obstacle = _read(store, key, sums.get(key, copy.sha256), where)
            if obstacle is not None:
                return obstacle
    return None


def _read_lately(works: Works, copy: Row[Any]) -> bool:
    last = datetime.fromisoformat(max(copy.verified_at, copy.checked_at))
    fine = copy.outcome == Outcome.INTACT and copy.proof == Basis.READ
    return fine and last >= works.desk.now() - timedelta(days=works.reread_days)


def _read(store: Store, key: str, sha256: str, where: str) -> Obstacle | None:
    try:
        found = read_digest(store, key)
    except NotStored:
        return Obstacle(Trouble.COPY_MISSING, where)
    except CopyUnreadable:
        return Obstacle(Trouble.COPY_UNREADABLE, where)
    except StorageError as error:
        detail = f"{where}: {error.values.get('found') or error}"
        return Obstacle(Trouble.STORE_SILENT, detail, later=True)
    return None if found == sha256 else Obstacle(Trouble.COPY_DIFFERS, where)


def _line(
    trace: Trace,
    mine: dict[str, Row[Any]],
    shared: Collection[tuple[str, str]],
    sums: dict[str, str],
) -> _Line:
    registered = trace.role is Role.PACKAGE and trace.key in mine
    stays = (trace.store, trace.key) in shared
    return _Line(
        trace.store,
        trace.key,
        trace.version,
        trace.role.value,
        trace.size_bytes,
        sums.get(trace.key, "") if registered else "",
        registered,
        TraceState.SHARED if stays else TraceState.PLANNED,
    )


def _write(works: Works, held: Claim, lines: Sequence[_Line]) -> None:
    """Write the manifest in one transaction; one of an interrupted try is replaced."""
    with begin(works.desk.engine) as connection:
        item_of(connection, held, ItemState.SEALED)
        connection.execute(
            delete(COPY_ACTIONS).where(
                COPY_ACTIONS.c.list == held.list_id, COPY_ACTIONS.c.dossier == held.dossier
            )
        )
        add_lines(connection, held, [_row(each) for each in lines], 1)
        digest = manifest_sha256(connection, held)
        set_item(connection, held, ItemState.SEALED, manifest_sha256=digest)


def add_lines(
    connection: Connection, held: Claim, rows: Sequence[dict[str, Any]], first: int
) -> None:
    """Add lines to the manifest, numbered from `first`."""
    if rows:
        one = {"list": held.list_id, "dossier": held.dossier, "gone_at": "", "detail": ""}
        connection.execute(
            insert(COPY_ACTIONS),
            [one | each | {"number": number} for number, each in enumerate(rows, first)],
        )


def take_in(works: Works, held: Claim, left: Sequence[Trace]) -> None:
    """Write what turned up (again) into the manifest, to be deleted.

    Raises: ClaimLost; DatabaseUnusable.
    """
    with begin(works.desk.engine) as connection:
        item_of(connection, held, ItemState.DESTROYING)
        plan_again(connection, works, held, left)
        digest = manifest_sha256(connection, held)
        set_item(connection, held, ItemState.DESTROYING, manifest_sha256=digest)


def plan_again(connection: Connection, works: Works, held: Claim, left: Sequence[Trace]) -> None:
    """Let lines of the manifest say that these are to be deleted; new ones come after the rest."""
    beside = {each.name for each in works.places}
    rows = manifest_rows(connection, held)
    known = {(each.store, each.key, each.version): each for each in rows}
    new = []
    for each in left:
        row = known.get((each.store, each.key, each.version))
        if row is None:
            role = {"role": BESIDE} if each.store in beside else {}
            new.append(_row_of(each) | role)
        else:
            mark(connection, held, row.number, TraceState.PLANNED, "still there")
    add_lines(connection, held, new, len(rows) + 1)


def is_sound(connection: Connection, held: Claim, item: Row[Any]) -> bool:
    """Whether the manifest is the one that was sealed, and names nothing of another dossier: a row
    that was edited in the database must not lead to another dossier's copies."""
    if item.manifest_sha256 != manifest_sha256(connection, held):
        return False
    own = {(each.store, each.key) for each in _registered(connection, held)}
    return all(
        each.role == BESIDE
        or (each.store, each.key) in own
        or bears_name(held.zorgdrager, held.dossier, each.key)
        for each in manifest_rows(connection, held)
    )


def mark(  # noqa: PLR0913, PLR0917 - which line, and what became of it
    connection: Connection,
    held: Claim,
    number: int,
    state: TraceState,
    detail: str,
    gone_at: str = "",
) -> None:
    """Write down what became of one line of the manifest."""
    connection.execute(
        update(COPY_ACTIONS)
        .where(
            COPY_ACTIONS.c.list == held.list_id,
            COPY_ACTIONS.c.dossier == held.dossier,
            COPY_ACTIONS.c.number == number,
        )
        .values(state=state.value, detail=detail, gone_at=gone_at)
    )


def _row_of(trace: Trace) -> dict[str, Any]:
    return _row(
        _Line(
            trace.store,
            trace.key,
            trace.version,
            trace.role.value,
            trace.size_bytes,
            "",
            False,
            TraceState.PLANNED,
        )
    )


def _row(line: _Line) -> dict[str, Any]:
    return {
        "store": line.store,
        "key": line.key,
        "version": line.version,
        "role": line.role,
        "size_bytes": line.size_bytes,
        "sha256": line.sha256,
        "registered": int(line.registered),
        "state": line.state.value,
        "attempts": 0,
    }
