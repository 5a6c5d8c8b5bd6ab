"""After the joint declaration: the archive owns the dossiers, and the source is cleared by a list.

Source: domain rules, transfer and the source copy.
"""

from sqlalchemy import Connection, select, update

from retention.candidates import Selection
from retention.destruction_list import DisposalList, make_list
from retention.errors import Refused
from retention.list_reading import read_list
from retention.nouns import Actor, Desk, DossierState, ItemState, ListKind, ListState
from retention.tables import DOSSIERS, ITEMS, LISTS
from retention.transfer_nouns import Transfer, TransferState
from retention.transfer_reading import dossiers_of, list_transfers, read_transfer
from retention.transfer_steps import move, require_state, tell
from retention.transfer_tables import TRANSFERS
from storage.database import begin

S = TransferState
ROWS_AT_ONCE = 2000
RELEASED = (ListState.EXECUTED, ListState.DECLARED, ListState.CLOSED)


def hand_over(connection: Connection, desk: Desk, actor: Actor, transfer: Transfer) -> Transfer:
    """What follows when both have signed: the archive owns the dossiers from now on."""
    dossiers = dossiers_of(connection, transfer.id)
    for start in range(0, len(dossiers), ROWS_AT_ONCE):
        connection.execute(
            update(DOSSIERS)
            .where(
                DOSSIERS.c.dossier.in_(dossiers[start : start + ROWS_AT_ONCE]),
                DOSSIERS.c.state == DossierState.HERE.value,
            )
            .values(state=DossierState.TRANSFERRED.value)
        )
    connection.execute(
        update(LISTS)
        .where(LISTS.c.id == transfer.id)
        .values(state=ListState.CLOSED.value, changed_at=desk.now().isoformat())
    )
    moved = move(connection, desk, transfer, S.ACCEPTED)
    tell(connection, desk, moved, actor, "accepted", {"dossiers": len(dossiers)})
    return moved


def note_declared(connection: Connection, desk: Desk, transfer: str) -> Transfer:
    """The joint declaration is kept for good: from now on the source may be released."""
    found = read_transfer(connection, transfer)
    if found.state is not S.ACCEPTED:
        return found
    found = move(connection, desk, found, S.SOURCE_RELEASABLE)
    tell(connection, desk, found, None, "releasable", {})
    return found


def release(desk: Desk, actor: Actor, transfer: str, *, name: str) -> DisposalList:
    """Make the list that clears the source copies; it goes through review, archivist, signature and
    waiting as any list, and the same engine carries it out.

    Raises: TransferUnknown; Refused (mandate, state, already_on_list, nothing_due).
    """
    with begin(desk.engine) as connection:
        found = read_transfer(connection, transfer)
        require_state(found, (S.SOURCE_RELEASABLE,))
        if found.release_list:
            raise Refused("already_on_list", transfer, list=transfer, found=found.release_list)
        left = _still_here(connection, transfer)
        if not left:
            raise Refused("nothing_due", transfer, list=transfer)
        listed = make_list(
            connection,
            desk,
            actor,
            found.zorgdrager,
            name=name,
            kind=ListKind.RELEASE,
            selection=Selection(dossiers=left),
        )
        connection.execute(
            update(TRANSFERS).where(TRANSFERS.c.id == transfer).values(release_list=listed.id)
        )
        tell(connection, desk, found, actor, "release", {"list": listed.id})
        return listed


def follow(desk: Desk) -> tuple[Transfer, ...]:
    """Let transfers follow the lists that clear their source; those that moved.

    A list that was withdrawn, or left copies where they were, makes room for another.
    """
    with begin(desk.engine) as connection:
        states = (S.SOURCE_RELEASABLE, S.SOURCE_RELEASED)
        found = list_transfers(connection, states=states)
        return tuple(
            moved
            for each in found
            if each.release_list and (moved := _follow(connection, desk, each)) != each
        )


def _follow(connection: Connection, desk: Desk, transfer: Transfer) -> Transfer:
    state = read_list(connection, transfer.release_list).state
    if transfer.state is S.SOURCE_RELEASED:
        if state is not ListState.CLOSED:
            return transfer
        moved = move(connection, desk, transfer, S.CLOSED)
    elif state in RELEASED and not _still_here(connection, transfer.id):
        moved = move(connection, desk, transfer, S.SOURCE_RELEASED)
    elif state is ListState.WITHDRAWN or state in RELEASED:
        moved = move(connection, desk, transfer, transfer.state, release_list="")
    else:
        return transfer
    tell(connection, desk, moved, None, "followed", {"list": transfer.release_list})
    return moved


def _still_here(connection: Connection, transfer: str) -> tuple[str, ...]:
    """The dossiers of a transfer whose source copy was not cleared."""
    wanted = (
        select(ITEMS.c.dossier)
        .join(DOSSIERS, DOSSIERS.c.dossier == ITEMS.c.dossier)
        .where(
            ITEMS.c.list == transfer,
            ITEMS.c.state == ItemState.PROPOSED.value,
            DOSSIERS.c.state != DossierState.RELEASED.value,
        )
        .order_by(ITEMS.c.position)
    )
    return tuple(connection.execute(wanted).scalars())
