"""Claiming a dossier of a run, and the transactions that move it: each asks for the token first.

A worker that slept while another took over finds another token, and can do nothing any more.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from retention.disposal_nouns import Claim, ClaimLost, Trouble, Works
from retention.noting import note
from retention.nouns import OPEN_AGAIN, RUNNING, DossierState, ItemState, ListKind, ListState
from retention.tables import DOSSIERS, ITEMS, LISTS
from storage.database import begin

TAKEN_UP = (ItemState.APPROVED, ItemState.SEALED, ItemState.DESTROYING)
BEGUN = (ItemState.DESTROYING,)


def claim(works: Works, list_id: str, dossier: str) -> Claim | None:
    """Take a dossier in hand; None when there is nothing to do now: another has it, it is done,
    the list waits, or a party holds it."""
    with begin(works.desk.engine) as connection:
        row = _row(connection, list_id, dossier)
        if row is None or not _free(row, works) or not _may(row):
            return None
        token = row.token + 1
        connection.execute(
            update(ITEMS)
            .where(*_one(list_id, dossier), ITEMS.c.token == row.token)
            .values(token=token, worker=works.worker, claimed_at=works.desk.now().isoformat())
        )
        return Claim(
            list_id,
            dossier,
            row.zorgdrager,
            row.kind,
            row.list_root,
            ItemState(row.state),
            token,
        )


def let_go(works: Works, held: Claim) -> None:
    """Give a dossier back, so that any worker may take it up."""
    with begin(works.desk.engine) as connection:
        connection.execute(
            update(ITEMS)
            .where(*_one(held.list_id, held.dossier), ITEMS.c.token == held.token)
            .values(worker="", claimed_at="")
        )


def item_of(connection: Connection, held: Claim, state: ItemState) -> Row[Any]:
    """The item's row, as long as this worker has it and it is in this state: a hold that came
    meanwhile took it off the list.

    Raises: ClaimLost.
    """
    row = connection.execute(select(ITEMS).where(*_one(held.list_id, held.dossier))).first()
    if row is None or row.token != held.token or row.state != state:
        raise ClaimLost(held.dossier)
    return row


def state_of(connection: Connection, held: Claim) -> str:
    """The state that the item is in now."""
    wanted = select(ITEMS.c.state).where(*_one(held.list_id, held.dossier))
    return str(connection.execute(wanted).scalar_one())


def set_item(connection: Connection, held: Claim, was: ItemState, **values: object) -> None:
    """Change the item, when it is still this worker's and in the state that it was in.

    Raises: ClaimLost.
    """
    changed = connection.execute(
        update(ITEMS)
        .where(
            *_one(held.list_id, held.dossier),
            ITEMS.c.token == held.token,
            ITEMS.c.state == was.value,
        )
        .values(**values)
    )
    if changed.rowcount != 1:
        raise ClaimLost(held.dossier)


def set_dossier(connection: Connection, dossier: str, state: DossierState) -> None:
    """Change what has become of a dossier."""
    connection.execute(
        update(DOSSIERS).where(DOSSIERS.c.dossier == dossier).values(state=state.value)
    )


def put_back(works: Works, held: Claim, trouble: Trouble, detail: str) -> ItemState:
    """Open a dossier again that was only sealed: nothing was touched, and it is tried later."""
    with begin(works.desk.engine) as connection:
        set_item(
            connection,
            held,
            ItemState.SEALED,
            state=ItemState.APPROVED.value,
            trouble=f"{trouble.value}: {detail}",
            worker="",
            claimed_at="",
            sealed_at="",
        )
        set_dossier(connection, held.dossier, OPEN_AGAIN[ListKind(held.kind)])
        tell(connection, works, held, "disposal.put_back", trouble.value, {"detail": detail})
    return ItemState.APPROVED


def ask_operator(
    works: Works, held: Claim, was: ItemState, trouble: Trouble, detail: str
) -> ItemState:
    """Let a person decide: an incident, in the ledger too; the list is partially executed."""
    with begin(works.desk.engine) as connection:
        set_item(
            connection,
            held,
            was,
            state=ItemState.NEEDS_OPERATOR.value,
            trouble=f"{trouble.value}: {detail}",
            came_from=was.value,
            worker="",
            claimed_at="",
        )
        _mark_partial(connection, held.list_id)
        tell(connection, works, held, "disposal.incident", trouble.value, {"detail": detail})
    return ItemState.NEEDS_OPERATOR


def halt(works: Works, held: Claim, hold: str) -> ItemState:
    """Stop a destruction that has begun, because a hold came: no further copy is touched."""
    with begin(works.desk.engine) as connection:
        set_item(
            connection,
            held,
            ItemState.DESTROYING,
            state=ItemState.HALTED.value,
            trouble=f"{Trouble.HELD.value}: {hold}",
            came_from=ItemState.DESTROYING.value,
            worker="",
            claimed_at="",
        )
        set_dossier(connection, held.dossier, DossierState.HALTED)
        _mark_partial(connection, held.list_id)
        tell(connection, works, held, "disposal.halted", "hold", {"hold": hold})
    return ItemState.HALTED


def tell(  # noqa: PLR0913, PLR0917 - what the ledger asks for
    connection: Connection,
    works: Works,
    held: Claim,
    action: str,
    result: str,
    facts: Mapping[str, Any],
) -> None:
    """Write in the ledger what the run did with a dossier, and by which list."""
    note(
        connection,
        works.desk,
        held.zorgdrager,
        action,
        held.dossier,
        result=result,
        actor="edepot",
        origin=works.worker,
        facts={"list": held.list_id, "root": held.root, **facts},
    )


def _row(connection: Connection, list_id: str, dossier: str) -> Row[Any] | None:
    wanted = (
        select(
            ITEMS,
            LISTS.c.zorgdrager,
            LISTS.c.kind,
            LISTS.c.root.label("list_root"),
            LISTS.c.state.label("list_state"),
            LISTS.c.paused_by,
            DOSSIERS.c.holder,
        )
        .join(LISTS, LISTS.c.id == ITEMS.c.list)
        .outerjoin(DOSSIERS, DOSSIERS.c.dossier == ITEMS.c.dossier)
        .where(*_one(list_id, dossier))
    )
    return connection.execute(wanted).first()


def _may(row: Row[Any]) -> bool:
    """Whether a worker may take the item up: what has begun goes on, also while the list waits."""
    if row.holder or row.list_state not in RUNNING:
        return False
    if row.state in BEGUN:
        return True
    starts = row.list_state in {ListState.EXECUTING, ListState.PARTIALLY_EXECUTED}
    return row.state in TAKEN_UP and starts and not row.paused_by


def _free(row: Row[Any], works: Works) -> bool:
    if row.worker in {"", works.worker}:
        return True
    return bool(row.claimed_at <= (works.desk.now() - works.lease).isoformat())


def _mark_partial(connection: Connection, list_id: str) -> None:
    connection.execute(
        update(LISTS)
        .where(
            LISTS.c.id == list_id,
            LISTS.c.state.in_([ListState.EXECUTING.value, ListState.VERIFYING.value]),
        )
        .values(state=ListState.PARTIALLY_EXECUTED.value)
    )


def _one(list_id: str, dossier: str) -> tuple[Any, ...]:
    return (ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
