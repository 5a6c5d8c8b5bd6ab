"""Sealing a dossier, and the point of no return: the two transactions that ask every guard.

Both rest on base tables alone. The second is the only one after which a copy may be touched: it
asks every guard again in its own transaction, which writes alone, so that a hold that was placed
in between wins.
"""

from sqlalchemy import Connection, select

from retention import guards
from retention.days import trusted_instant, trusted_today
from retention.destruction_list import leave
from retention.disposal_claims import item_of, set_dossier, set_item, tell
from retention.disposal_manifest import manifest_sha256
from retention.disposal_nouns import Claim, Works
from retention.guard_nouns import ItemRef, Refusals, RunSight, Stage
from retention.nouns import DossierState, ItemState, ListKind
from retention.tables import COMPUTATIONS, DOSSIERS, HOLD_EPOCHS
from storage.database import begin


def seal(works: Works, held: Claim, run: RunSight) -> bool:
    """Close a dossier for everything but its destruction; False when it left the list.

    Raises: ClaimLost; DatabaseUnusable.
    """
    with begin(works.desk.engine) as connection:
        item_of(connection, held, ItemState.APPROVED)
        if refusals := _refusals(connection, works, held, run):
            _let_leave(connection, works, held, refusals)
            return False
        at = trusted_instant(connection, held.zorgdrager, works.desk.now())
        epochs, inputs = _seen(connection, held)
        set_item(
            connection,
            held,
            ItemState.APPROVED,
            state=ItemState.SEALED.value,
            sealed_at=at.isoformat(),
            dossier_epoch=epochs[0],
            zorgdrager_epoch=epochs[1],
            inputs_sha256=inputs,
            trouble="",
        )
        set_dossier(connection, held.dossier, DossierState.SEALED)
        tell(connection, works, held, "disposal.sealed", "sealed", {})
    return True


def pass_the_point(works: Works, held: Claim, run: RunSight) -> bool:
    """The point of no return: from here on copies may go. False when the dossier left the list.

    Raises: ClaimLost; DatabaseUnusable.
    """
    with begin(works.desk.engine) as connection:
        item = item_of(connection, held, ItemState.SEALED)
        refusals = _refusals(connection, works, held, run)
        # A hold that was placed meanwhile raised an epoch; the guards, asked in this very
        # transaction, say whether it covers this dossier.
        epochs, inputs = _seen(connection, held)
        if not refusals and item.inputs_sha256 != inputs:
            refusals = (guards.Refusal("G2", "changed", held.dossier),)
        if not refusals and item.manifest_sha256 != manifest_sha256(connection, held):
            refusals = (guards.Refusal("G11", "hash_mismatch", "manifest"),)
        if refusals:
            _let_leave(connection, works, held, refusals)
            return False
        at = trusted_instant(connection, held.zorgdrager, works.desk.now())
        set_item(
            connection,
            held,
            ItemState.SEALED,
            state=ItemState.DESTROYING.value,
            begun_at=at.isoformat(),
            dossier_epoch=epochs[0],
            zorgdrager_epoch=epochs[1],
        )
        set_dossier(connection, held.dossier, DossierState.DESTROYING)
        facts = {"manifest": item.manifest_sha256}
        tell(connection, works, held, "disposal.begun", "destroying", facts)
    return True


def leaves(works: Works, held: Claim, run: RunSight) -> bool:
    """Whether a guard stands against a dossier that was sealed by now; then it left the list.

    Raises: ClaimLost; DatabaseUnusable.
    """
    with begin(works.desk.engine) as connection:
        item_of(connection, held, ItemState.SEALED)
        refusals = _refusals(connection, works, held, run)
        if refusals:
            _let_leave(connection, works, held, refusals)
    return bool(refusals)


def _refusals(connection: Connection, works: Works, held: Claim, run: RunSight) -> Refusals:
    today = trusted_today(connection, held.zorgdrager, works.desk.now())
    ref = ItemRef(held.list_id, held.dossier, held.zorgdrager, ListKind(held.kind))
    return guards.check(connection, works.desk, ref, Stage.SEAL, today, run)


def _let_leave(connection: Connection, works: Works, held: Claim, refusals: Refusals) -> None:
    first = refusals[0]
    leave(connection, works.desk, held.list_id, held.dossier, first.code, first.detail)


def _seen(connection: Connection, held: Claim) -> tuple[tuple[int, int], str]:
    """How often a hold touched the dossier and its zorgdrager, and the computation's inputs."""
    row = connection.execute(
        select(DOSSIERS.c.hold_epoch, DOSSIERS.c.computation).where(
            DOSSIERS.c.dossier == held.dossier
        )
    ).one()
    epoch = connection.execute(
        select(HOLD_EPOCHS.c.epoch).where(HOLD_EPOCHS.c.zorgdrager == held.zorgdrager)
    ).scalar()
    return (row.hold_epoch, epoch or 0), _inputs(connection, row.computation)


def _inputs(connection: Connection, computation: int) -> str:
    wanted = select(COMPUTATIONS.c.inputs_sha256).where(COMPUTATIONS.c.number == computation)
    return str(connection.execute(wanted).scalar() or "")
