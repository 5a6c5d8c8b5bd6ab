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
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from retention.days import trusted_instant
from retention.disposal_claims import (
    ask_operator,
    claim,
    halt,
    item_of,
    let_go,
    put_back,
    set_dossier,
    set_item,
    tell,
)
from retention.disposal_manifest import (
    BESIDE,
    Obstacle,
    add_lines,
    manifest_rows,
    row_of,
    take_inventory,
)
from retention.disposal_nouns import Claim, ClaimLost, TraceState, Trouble, Works
from retention.disposal_seal import pass_the_point, seal
from retention.guard_nouns import Inclusion, RunSight
from retention.hold_keys import forget_marks
from retention.hold_sight import active_on
from retention.nouns import DossierState, ItemState, ListKind
from retention.tables import COPY_ACTIONS, EVIDENCE
from retention.tombstones import bury
from storage.aip import package_key
from storage.archive import DESTROYED
from storage.catalogue import AIPS
from storage.database import begin, reading
from storage.erasing import Erased, absence, erase
from storage.errors import StorageError
from storage.forgetting import erase_details_of, forget, numbers_of, still_known
from storage.inventory import Role, Trace

ROUNDS = 3
"""So often what turned up again is deleted again, before a person is asked."""


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
    try:
        with _alone(works, held):
            return _go_on(works, held, inclusion)
    except ClaimLost:
        return None


def _go_on(works: Works, held: Claim, inclusion: Inclusion | None) -> ItemState:
    answered = frozenset(works.stores)
    run = RunSight(inclusion=inclusion, answered=answered)
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
        versions = max(len(numbers_of(connection, held.dossier)), 1)
    with ExitStack() as stack:
        for version in range(1, versions + 1):
            key = package_key(held.zorgdrager, held.dossier, version)
            stack.enter_context(works.archive.holding(key))
        yield


def _destroy(works: Works, held: Claim) -> ItemState:
    """Past the point of no return: delete until nothing is left, and prove it."""
    for _ in range(ROUNDS):
        stopped = _delete(works, held)
        if stopped is not None:
            return stopped
        found = _look(works, held)
        if found.silent:
            return _later(works, held, Trouble.STORE_SILENT, found.silent)
        if not found.left:
            return _commit(works, held, found)
        _take_in(works, held, found.left)
    detail = ", ".join(sorted({f"{each.store}: {each.key}" for each in found.left}))
    return ask_operator(works, held, ItemState.DESTROYING, Trouble.STILL_THERE, detail)


def _delete(works: Works, held: Claim) -> ItemState | None:
    """Delete what the manifest names and is not deleted yet; a state when it cannot go on."""
    with reading(works.desk.engine) as connection:
        rows = [
            each
            for each in manifest_rows(connection, held)
            if each.state in {TraceState.PLANNED, TraceState.LOCKED}
        ]
    beside = [each for each in rows if each.role == BESIDE]
    if beside and (stopped := _delete_beside(works, held, beside)) is not None:
        return stopped
    for name in _in_order(works, held, {each.store for each in rows if each.role != BESIDE}):
        if (hold := _late_hold(works, held)) is not None:
            return halt(works, held, hold)
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
    numbers = {(each.key, each.version): each.number for each in rows}
    found = [Trace(name, each.key, each.version, Role(each.role), each.size_bytes) for each in rows]
    told = list(erase(works.stores[name], found))
    with begin(works.desk.engine) as connection:
        item_of(connection, held)
        for each in told:
            number = numbers[each.trace.key, each.trace.version]
            _mark(connection, held, number, _STATES[each.outcome], each.detail)
    for each in told:
        where = f"{name}, {each.trace.key}: {each.detail}"
        if each.outcome is Erased.LOCKED:
            return ask_operator(works, held, ItemState.DESTROYING, Trouble.LOCKED, where)
        if each.outcome is Erased.UNKNOWN:
            return _later(works, held, Trouble.STORE_SILENT, where)
    return None


def _delete_beside(works: Works, held: Claim, rows: Sequence[Row[Any]]) -> ItemState | None:
    names = {each.store for each in rows}
    for place in works.places:
        if place.name not in names:
            continue
        try:
            place.erase(held.zorgdrager, held.dossier)
        except (StorageError, OSError) as error:
            return _later(works, held, Trouble.STORE_SILENT, f"{place.name}: {error}")
    with begin(works.desk.engine) as connection:
        item_of(connection, held)
        for each in rows:
            _mark(connection, held, each.number, TraceState.ASKED, "")
    return None


def _late_hold(works: Works, held: Claim) -> str | None:
    """A hold that came after the point of no return: its id."""
    with reading(works.desk.engine) as connection:
        holds = active_on(connection, held.dossier)
    return holds[0].id if holds else None


class _Found:
    """What asking every place anew gave: evidence, what is left, and who did not answer."""

    def __init__(self) -> None:
        self.evidence: list[tuple[str, str, str]] = []
        self.left: list[Trace] = []
        self.silent = ""


def _look(works: Works, held: Claim) -> _Found:
    """Ask every store and every place whether anything of the dossier is left."""
    with reading(works.desk.engine) as connection:
        rows = manifest_rows(connection, held)
    found = _Found()
    stays = {(each.store, each.key) for each in rows if each.state == TraceState.SHARED}
    for name, store in sorted(works.stores.items()):
        keys = [
            each.key
            for each in rows
            if each.store == name and each.role != BESIDE and (name, each.key) not in stays
        ]
        said = absence(store, held.zorgdrager, held.dossier, dict.fromkeys(keys))
        left = [each for each in said.left if (name, each.key) not in stays]
        found.left += left
        if not said.absent and not said.left:
            found.silent = f"{name}: {said.answer}"
        elif not left:
            answer = said.answer if said.absent else "only what another dossier has"
            found.evidence.append((name, said.asked, answer))
    for place in works.places:
        try:
            remnants = place.remnants(held.zorgdrager, held.dossier)
        except (StorageError, OSError) as error:
            found.silent = f"{place.name}: {error}"
            continue
        if remnants:
            found.left += [Trace(place.name, each.name, "", Role.PACKAGE, 0) for each in remnants]
        else:
            found.evidence.append((place.name, held.dossier, "nothing"))
    return found


def _take_in(works: Works, held: Claim, left: Sequence[Trace]) -> None:
    """Write what turned up (again) into the manifest, to be deleted."""
    beside = {each.name for each in works.places}
    with begin(works.desk.engine) as connection:
        item_of(connection, held)
        rows = manifest_rows(connection, held)
        known = {(each.store, each.key, each.version): each for each in rows}
        new = []
        for each in left:
            row = known.get((each.store, each.key, each.version))
            if row is None:
                role = {"role": BESIDE} if each.store in beside else {}
                new.append(row_of(each) | role)
            else:
                _mark(connection, held, row.number, TraceState.PLANNED, "still there")
        add_lines(connection, held, new, len(rows) + 1)


def _commit(works: Works, held: Claim, found: _Found) -> ItemState:
    """One transaction: evidence, tombstone, ledger, and the description last; all or nothing."""
    try:
        with begin(works.desk.engine) as connection:
            item_of(connection, held)
            at = trusted_instant(connection, held.zorgdrager, works.desk.now())
            words = rare_words(connection, held.dossier)
            numbers = forget(connection, held.dossier)
            known = still_known(connection, held.dossier, numbers, words)
            if known:
                raise _StillKnown(", ".join(known))
            _settle(connection, works, held, found, at)
    except _StillKnown as error:
        return ask_operator(works, held, ItemState.DESTROYING, Trouble.STILL_KNOWN, str(error))
    return ItemState.DESTROYED


class _StillKnown(Exception):
    """The database still finds a dossier that was just removed from it: nothing is committed."""


def _settle(connection: Connection, works: Works, held: Claim, found: _Found, at: datetime) -> None:
    rows = manifest_rows(connection, held)
    evidence = [*found.evidence, ("database", f"{held.dossier}, words", "nothing")]
    write_evidence(connection, held.list_id, held.dossier, 0, evidence, at)
    erase_details_of(connection, held.zorgdrager, held.dossier)
    forget_marks(connection, held.dossier)
    for each in rows:
        if each.state != TraceState.SHARED:
            _mark(connection, held, each.number, TraceState.GONE, "", at.isoformat())
    tomb = bury(connection, works.desk, held.list_id, held.dossier, at, works.key)
    counts: dict[str, int] = {}
    for each in rows:
        counts[each.store] = counts.get(each.store, 0) + (each.state != TraceState.SHARED)
    facts = {"kind": held.kind, "manifest": tomb.said["manifest"], "gone": counts}
    done = "released" if held.kind == ListKind.RELEASE else "destroyed"
    tell(connection, works, held, DESTROYED, done, facts)
    set_item(
        connection,
        held,
        ItemState.DESTROYING,
        state=ItemState.DESTROYED.value,
        destroyed_at=at.isoformat(),
        trouble="",
        worker="",
        claimed_at="",
    )
    released = held.kind == ListKind.RELEASE
    state = DossierState.RELEASED if released else DossierState.DESTROYED
    set_dossier(connection, held.dossier, state)


def write_evidence(  # noqa: PLR0913, PLR0917 - of which dossier, when, what was asked and answered
    connection: Connection,
    list_id: str,
    dossier: str,
    sweep: int,
    evidence: Sequence[tuple[str, str, str]],
    at: datetime,
) -> None:
    """Write down what each place answered; only what was absent is evidence."""
    connection.execute(
        insert(EVIDENCE),
        [
            {
                "list": list_id,
                "dossier": dossier,
                "place": place,
                "sweep": sweep,
                "at": at.isoformat(),
                "asked": asked,
                "answer": answer,
                "absent": 1,
            }
            for place, asked, answer in evidence
        ],
    )


def rare_words(connection: Connection, dossier: str) -> tuple[str, ...]:
    """A few words of the dossier by which the full text is asked whether it still knows it."""
    row = connection.execute(
        select(AIPS.c.identifier, AIPS.c.title).where(AIPS.c.aip_id == dossier)
    ).first()
    if row is None:
        return ()
    longest = max(str(row.title).split(), key=len, default="")
    return tuple(each for each in (row.identifier, longest) if each)


def _later(works: Works, held: Claim, trouble: Trouble, detail: str) -> ItemState:
    """Stop here, and let the next round try again; after so many attempts a person is asked."""
    with begin(works.desk.engine) as connection:
        item_of(connection, held)
        tried = connection.execute(
            update(COPY_ACTIONS)
            .where(COPY_ACTIONS.c.list == held.list_id, COPY_ACTIONS.c.dossier == held.dossier)
            .values(attempts=COPY_ACTIONS.c.attempts + 1)
            .returning(COPY_ACTIONS.c.attempts)
        ).scalars()
        attempts = max(tried, default=0)
    if attempts >= works.attempts:
        return ask_operator(works, held, ItemState.DESTROYING, trouble, detail)
    with begin(works.desk.engine) as connection:
        trouble_text = f"{trouble.value}: {detail}"
        set_item(connection, held, ItemState.DESTROYING, trouble=trouble_text)
    let_go(works, held)
    return ItemState.DESTROYING


def _mark(  # noqa: PLR0913, PLR0917 - which line, and what became of it
    connection: Connection,
    held: Claim,
    number: int,
    state: TraceState,
    detail: str,
    gone_at: str = "",
) -> None:
    connection.execute(
        update(COPY_ACTIONS)
        .where(
            COPY_ACTIONS.c.list == held.list_id,
            COPY_ACTIONS.c.dossier == held.dossier,
            COPY_ACTIONS.c.number == number,
        )
        .values(state=state.value, detail=detail, gone_at=gone_at)
    )


_STATES = {
    Erased.ACCEPTED: TraceState.ASKED,
    Erased.LOCKED: TraceState.LOCKED,
    Erased.UNKNOWN: TraceState.PLANNED,
}
