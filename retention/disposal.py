"""Destroying one dossier: claim, seal, inventory, point of no return, delete, verify, one commit.

    claim      a token, so that of two workers one wins
    seal       every guard from base tables; the dossier is closed
    inventory  every copy, version and trace on every store; what does not fit is for a person
    point      the same guards again, the holds' epochs, the inputs, the manifest; compare and set
    delete     by exact version, the primary store last; a hold that comes now stops it
    verify     every store is listed anew; nothing rests on what the deletion answered
    commit     tombstone, evidence, the ledger's entry, the description removed: all or nothing

Whatever is interrupted is gone on with from the state that stands in the database. This is the
only room that may erase: tests hold that.

Source: domain rules, destruction safety.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.exc import IntegrityError

from retention.disposal_claims import (
    ask_operator,
    claim,
    halt,
    item_of,
    let_go,
    put_back,
    set_item,
    state_of,
)
from retention.disposal_manifest import (
    BESIDE,
    Obstacle,
    is_sound,
    manifest_rows,
    mark,
    shared_of,
    take_in,
    take_inventory,
)
from retention.disposal_nouns import Claim, ClaimLost, TraceState, Trouble, Works
from retention.disposal_seal import leaves, pass_the_point, seal
from retention.disposal_settle import settle, versions_of
from retention.disposal_verify import look
from retention.guard_nouns import Inclusion, RunSight
from retention.hold_sight import active_on
from retention.nouns import ItemState
from retention.tables import COPY_ACTIONS
from storage.aip import package_key
from storage.database import begin, reading
from storage.erasing import Erased, erase
from storage.errors import StorageError
from storage.inventory import Role, Trace

ROUNDS = 3
"""So often what turned up again is deleted again, before a person is asked."""

TO_DELETE = frozenset({TraceState.PLANNED, TraceState.LOCKED})


def destroy_one(
    works: Works, list_id: str, dossier: str, inclusion: Inclusion | None = None
) -> ItemState | None:
    """Destroy one dossier of a list, or go on with it; the state that it is in now. None when there
    was nothing to do: another worker has it, or it is done.

    `inclusion`: its proof under the list's root, made once for the whole list.

    Raises: DatabaseUnusable; what interrupts the process.
    """
    held = claim(works, list_id, dossier)
    if held is None:
        return None
    run = RunSight(inclusion=inclusion, answered=frozenset(works.stores))
    try:
        return _carry_on(works, held, run)
    except ClaimLost:
        return None


def _carry_on(works: Works, held: Claim, run: RunSight) -> ItemState:
    try:
        with _alone(works, held):
            return _go_on(works, held, run)
    except IntegrityError as error:
        return _refused(works, held, run, str(error.orig))


def _refused(works: Works, held: Claim, run: RunSight, why: str) -> ItemState:
    """What no service should come to: the database itself does not let the dossier go."""
    with reading(works.desk.engine) as connection:
        state = ItemState(state_of(connection, held))
    if state is ItemState.SEALED and leaves(works, held, run):
        return ItemState.LEFT
    return ask_operator(works, held, state, Trouble.DATABASE_REFUSES, why.splitlines()[0])


def _go_on(works: Works, held: Claim, run: RunSight) -> ItemState:
    state = held.state
    if state is ItemState.APPROVED:
        if not seal(works, held, run):
            return ItemState.LEFT
        state = ItemState.SEALED
    if state is ItemState.SEALED:
        obstacle = take_inventory(works, held)
        if obstacle is not None:
            return _stop(works, held, obstacle)
        if not pass_the_point(works, held, run):
            return ItemState.LEFT
    return _destroy(works, held)


def _stop(works: Works, held: Claim, obstacle: Obstacle) -> ItemState:
    if obstacle.later:
        return put_back(works, held, obstacle.trouble, obstacle.detail)
    return ask_operator(works, held, ItemState.SEALED, obstacle.trouble, obstacle.detail)


@contextmanager
def _alone(works: Works, held: Claim) -> Iterator[None]:
    """Hold every package of the dossier: whoever stores, repairs, moves or exports it waits."""
    with reading(works.desk.engine) as connection:
        versions = max(versions_of(connection, held.dossier), 1)
    with ExitStack() as stack:
        for version in range(1, versions + 1):
            key = package_key(held.zorgdrager, held.dossier, version)
            stack.enter_context(works.archive.holding(key))
        yield


def _destroy(works: Works, held: Claim) -> ItemState:
    """Past the point of no return: delete until nothing is left, and prove it."""
    left: Sequence[Trace] = ()
    for _ in range(ROUNDS):
        stopped = _delete(works, held)
        if stopped is not None:
            return stopped
        with reading(works.desk.engine) as connection:
            rows = manifest_rows(connection, held)
        found = look(works, held.zorgdrager, held.dossier, rows)
        if found.silent:
            return _later(works, held, Trouble.STORE_SILENT, found.silent)
        left = found.left
        if left:
            take_in(works, held, left)
        elif (settled := settle(works, held, found)) is not None:
            return settled
    detail = ", ".join(sorted({f"{each.store}: {each.key}" for each in left}))
    return ask_operator(works, held, ItemState.DESTROYING, Trouble.STILL_THERE, detail)


def _delete(works: Works, held: Claim) -> ItemState | None:
    """Delete what the manifest names and is not deleted yet; a state when it cannot go on."""
    with begin(works.desk.engine) as connection:
        item = item_of(connection, held, ItemState.DESTROYING)
        sound = is_sound(connection, held, item)
        shared = shared_of(connection, held.dossier)
        rows = [each for each in manifest_rows(connection, held) if each.state in TO_DELETE]
        for each in rows:
            if (each.store, each.key) in shared:
                mark(connection, held, each.number, TraceState.SHARED, "")
    if not sound:
        detail = item.manifest_sha256
        return ask_operator(works, held, ItemState.DESTROYING, Trouble.MANIFEST_DIFFERS, detail)
    rows = [each for each in rows if (each.store, each.key) not in shared]
    beside = [each for each in rows if each.role == BESIDE]
    if beside and (stopped := _delete_beside(works, held, beside)) is not None:
        return stopped
    for name in _in_order(works, held, {each.store for each in rows if each.role != BESIDE}):
        mine = [each for each in rows if each.store == name and each.role != BESIDE]
        if (stopped := _delete_in(works, held, name, mine)) is not None:
            return stopped
    return None


def _in_order(works: Works, held: Claim, names: set[str]) -> list[str]:
    """The stores, the primary one last: the first of the zorgdrager's policy."""
    policy = works.archive.policy.get(held.zorgdrager, ())
    rank = {name: len(policy) - number for number, name in enumerate(policy)}
    return sorted(names, key=lambda name: (rank.get(name, 0), name))


def _delete_in(works: Works, held: Claim, name: str, rows: Sequence[Row[Any]]) -> ItemState | None:
    store = works.stores.get(name)
    if store is None:
        return _later(works, held, Trouble.STORE_SILENT, f"{name}: unknown")
    numbers = {(each.key, each.version): each.number for each in rows}
    found = [Trace(name, each.key, each.version, Role(each.role), each.size_bytes) for each in rows]
    if (hold := _late_hold(works, held)) is not None:
        return halt(works, held, hold)
    told = list(erase(store, found))
    with begin(works.desk.engine) as connection:
        item_of(connection, held, ItemState.DESTROYING)
        for each in told:
            number = numbers[each.trace.key, each.trace.version]
            mark(connection, held, number, _STATES[each.outcome], each.detail)
    for each in told:
        where = f"{name}, {each.trace.key}: {each.detail}"
        if each.outcome is Erased.LOCKED:
            return ask_operator(works, held, ItemState.DESTROYING, Trouble.LOCKED, where)
        if each.outcome is Erased.UNKNOWN:
            return _later(works, held, Trouble.STORE_SILENT, where)
    return None


def _delete_beside(works: Works, held: Claim, rows: Sequence[Row[Any]]) -> ItemState | None:
    names = {each.store for each in rows}
    if (hold := _late_hold(works, held)) is not None:
        return halt(works, held, hold)
    for place in works.places:
        if place.name not in names:
            continue
        try:
            place.erase(held.zorgdrager, held.dossier)
        except (StorageError, OSError) as error:
            return _later(works, held, Trouble.STORE_SILENT, f"{place.name}: {error}")
    with begin(works.desk.engine) as connection:
        item_of(connection, held, ItemState.DESTROYING)
        for each in rows:
            mark(connection, held, each.number, TraceState.ASKED, "")
    return None


def _late_hold(works: Works, held: Claim) -> str | None:
    """A hold that came after the point of no return: its id."""
    with reading(works.desk.engine) as connection:
        holds = active_on(connection, held.dossier)
    return holds[0].id if holds else None


def _later(works: Works, held: Claim, trouble: Trouble, detail: str) -> ItemState:
    """Stop here, and let the next round try again; after so many attempts a person is asked."""
    with begin(works.desk.engine) as connection:
        item_of(connection, held, ItemState.DESTROYING)
        tried = connection.execute(
            update(COPY_ACTIONS)
            .where(COPY_ACTIONS.c.list == held.list_id, COPY_ACTIONS.c.dossier == held.dossier)
            .values(attempts=COPY_ACTIONS.c.attempts + 1)
            .returning(COPY_ACTIONS.c.attempts)
        ).scalars()
        attempts = max(tried)
        trouble_text = f"{trouble.value}: {detail}"
        set_item(connection, held, ItemState.DESTROYING, trouble=trouble_text)
    if attempts >= works.attempts:
        return ask_operator(works, held, ItemState.DESTROYING, trouble, detail)
    let_go(works, held)
    return ItemState.DESTROYING


_STATES = {
    Erased.ACCEPTED: TraceState.ASKED,
    Erased.LOCKED: TraceState.LOCKED,
    Erased.UNKNOWN: TraceState.PLANNED,
}
