"""Transfer (overbrenging): what is kept for good goes to the archive service, and comes in whole.

    made = new_transfer(desk, actor, "gm0000", name="Blok 2001-2005", archive=Archive("Tresoar"))
    agree(desk, actor, made.id, seen=…)             the signatory, and the archivist
    begin_packaging, note_packed, end_packaging     the files are written by the roof
    deliver(desk, actor, made.id, "koerier, 24 november")
    take_receipt (transfer_receipt), make_joint, sign_joint (transfer_declaration)
    release(desk, actor, made.id, name="…")         a list that clears the source, as any list
    return_it(desk, actor, made.id, reason)         from agreed to received, with a reason

concept -> agreed -> packaged -> delivered -> received -> accepted -> source_releasable ->
source_released -> closed. Source: Archiefwet 1995, art. 12 to 15; Archiefbesluit 1995, art. 9, 10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select, update

from retention.acts import act
from retention.candidates import Selection
from retention.case import Decision
from retention.days import trusted_today
from retention.destruction_list import DisposalList, make_list
from retention.errors import Refused
from retention.leaving import By, leave
from retention.list_reading import read_list
from retention.nouns import Actor, Desk, DossierState, ItemState, ListKind, ListState, Role
from retention.people import require_mandate
from retention.revising import revise
from retention.tables import DOSSIERS, ITEMS, LISTS
from retention.transfer_nouns import (
    OPEN,
    Archive,
    Openness,
    Transfer,
    TransferState,
)
from retention.transfer_reading import (
    packed_sha256,
    read_transfer,
    restrictions_sha256,
)
from retention.transfer_restrictions import effective
from retention.transfer_steps import (
    Signed,
    begin_step,
    move,
    require_state,
    require_whole,
    sign_in_duplicate,
    signed_by,
    tell,
)
from retention.transfer_tables import TRANSFERS
from storage.database import begin

S = TransferState
AGREE = "agree"
ROWS_AT_ONCE = 2000
RELEASED = (ListState.EXECUTED, ListState.DECLARED, ListState.CLOSED)


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a transfer stands after one of the two signed its scope and restrictions."""

    transfer: Transfer
    signed: Signed


def new_transfer(  # noqa: PLR0913 - who hands over what, to which archive
    desk: Desk,
    actor: Actor,
    zorgdrager: str,
    *,
    name: str,
    archive: Archive,
    selection: Selection | None = None,
) -> tuple[Transfer, DisposalList]:
    """Make a transfer of the dossiers that are named, or else of all that are due for it.

    The list tells of those that may not be on it.

    Raises: Refused (mandate) for who is no record manager there; Refused (nothing_due), or with the
    code of what stands against the dossiers, when none may be handed over.
    """
    chosen = selection or Selection()
    with begin(desk.engine) as connection:
        today = trusted_today(connection, zorgdrager, desk.now())
        named = chosen.dossiers or due_for_transfer(connection, zorgdrager, today, chosen)
        if not named:
            raise Refused("nothing_due", zorgdrager)
        listed = make_list(
            connection,
            desk,
            actor,
            zorgdrager,
            name=name,
            kind=ListKind.TRANSFER,
            selection=Selection(dossiers=tuple(named)),
        )
        row = dict.fromkeys(("form", "folder", "packaged_at", "release_list", "reason"), "")
        at = desk.now().isoformat()
        connection.execute(
            insert(TRANSFERS),
            row
            | {
                "id": listed.id,
                "zorgdrager": zorgdrager,
                "state": S.CONCEPT.value,
                "round": 1,
                "archive": archive.name,
                "archive_id": archive.id,
                "destination": archive.destination,
                "contact": archive.contact,
                "email": archive.email,
                "made_at": at,
                "changed_at": at,
            },
        )
        made = read_transfer(connection, listed.id)
        tell(connection, desk, made, actor, "made", {"archive": archive.name})
        return made, listed


def due_for_transfer(
    connection: Connection, zorgdrager: str, today: date, selection: Selection
) -> tuple[str, ...]:
    """The dossiers that are kept for good and whose day of transfer has come."""
    until = min(today, selection.due_by or today)
    wanted = select(DOSSIERS.c.dossier).where(
        DOSSIERS.c.zorgdrager == zorgdrager,
        DOSSIERS.c.decision == Decision.KEEP.value,
        DOSSIERS.c.state == DossierState.HERE.value,
        DOSSIERS.c.holder == "",
        DOSSIERS.c.transfer_on != "",
        DOSSIERS.c.transfer_on <= until.isoformat(),
    )
    for name in ("list_year", "category", "zaaktype"):
        if value := getattr(selection, name):
            wanted = wanted.where(DOSSIERS.c[name] == value)
    order = (DOSSIERS.c.transfer_on, DOSSIERS.c.identifier, DOSSIERS.c.dossier)
    rows = connection.execute(wanted.order_by(*order).limit(selection.most))
    return tuple(rows.scalars())


def take_off(
    desk: Desk, actor: Actor, transfer: str, dossiers: Sequence[str], reason: str
) -> Transfer:
    """Take dossiers off, as long as the transfer is not agreed.

    Raises: TransferUnknown; Refused (mandate, state, reason_missing, unknown).
    """
    if not reason.strip():
        raise Refused("reason_missing", transfer, list=transfer)
    with begin(desk.engine) as connection:
        found = read_transfer(connection, transfer)
        today = trusted_today(connection, found.zorgdrager, desk.now())
        require_mandate(connection, actor, found.zorgdrager, [Role.RECORD_MANAGER], today)
        require_state(found, OPEN)
        for each in dict.fromkeys(dossiers):
            by = By(actor.person, actor.origin)
            leave(connection, desk, transfer, each, "removed", reason, by)
        if read_list(connection, transfer).state is ListState.WITHDRAWN:
            move(connection, desk, found, S.WITHDRAWN, reason=reason)
        else:
            revise(connection, desk, transfer, "removed", actor.person)
        said = {"dossiers": sorted(set(dossiers)), "reason": reason}
        act(connection, desk, actor, transfer, None, "take_off", said)
        return read_transfer(connection, transfer)


def agreed_content(connection: Connection, transfer: Transfer) -> Mapping[str, Any]:
    """What the two sign: the restrictions as they stand; the act names the list's root besides."""
    restrictions = effective(connection, transfer.id)
    counts = {
        each.value: sum(one.decision.openness is each for one in restrictions) for each in Openness
    }
    return {
        "round": transfer.round,
        "archive": transfer.archive,
        "restrictions": restrictions_sha256(restrictions),
        "counts": counts,
    }


def agree(desk: Desk, actor: Actor, transfer: str, *, seen: str) -> Agreement:
    """Sign scope and restrictions: the signatory of the zorgdrager, and the archivist; agreed once
    both did. `seen`: the digest of the restrictions that the person saw.

    Raises: TransferUnknown; Refused (mandate, separation_of_duties, state, undecided, guards,
    hash_mismatch, seen_differs, signed_already).
    """
    with begin(desk.engine) as connection:
        found = read_transfer(connection, transfer)
        require_state(found, OPEN)
        today = trusted_today(connection, found.zorgdrager, desk.now())
        require_decided(connection, transfer)
        require_whole(connection, desk, found, today)
        said = agreed_content(connection, found)
        if seen != said["restrictions"]:
            raise Refused("seen_differs", transfer, list=transfer, found=said["restrictions"])
        _, signed = sign_in_duplicate(connection, desk, actor, found, AGREE, said)
        if signed.both:
            found = move(connection, desk, found, S.AGREED, reason="")
        tell(connection, desk, found, actor, AGREE, {"restrictions": said["restrictions"]})
        return Agreement(found, signed)


def agreement_of(connection: Connection, transfer: Transfer) -> Signed:
    """Who signed scope and restrictions as they stand now."""
    return signed_by(connection, transfer, AGREE, agreed_content(connection, transfer))


def require_decided(connection: Connection, transfer: str) -> None:
    """See that openness is decided of everything.

    Raises: Refused (undecided).
    """
    open_still = [
        each.record or each.dossier
        for each in effective(connection, transfer)
        if each.decision.openness is Openness.UNDECIDED
    ]
    if open_still:
        raise Refused(
            "undecided",
            transfer,
            list=transfer,
            found=len(open_still),
            dossiers=", ".join(open_still[:10]),
        )


def deliver(desk: Desk, actor: Actor, transfer: str, how: str) -> Transfer:
    """Say that the package was handed to the archive, and how.

    Raises: TransferUnknown; Refused (mandate, state, reason_missing).
    """
    if not how.strip():
        raise Refused("reason_missing", transfer, list=transfer)
    with begin(desk.engine) as connection:
        found, _ = begin_step(connection, desk, actor, transfer, S.DELIVERED)
        said = {"how": how, "sha256": packed_sha256(connection, transfer)}
        act(connection, desk, actor, transfer, None, "deliver", said)
        found = move(connection, desk, found, S.DELIVERED)
        tell(connection, desk, found, actor, "delivered", {"sha256": said["sha256"]})
        return found


def return_it(desk: Desk, actor: Actor, transfer: str, reason: str) -> Transfer:
    """Take a transfer back that the archive returns: what was signed for it is void, and dossiers
    and restrictions may change again.

    Raises: TransferUnknown; Refused (mandate, state, reason_missing).
    """
    return _back(desk, actor, transfer, S.RETURNED, reason)


def withdraw(desk: Desk, actor: Actor, transfer: str, reason: str) -> Transfer:
    """End a transfer that is not agreed or was returned: its dossiers are free again.

    Raises: TransferUnknown; Refused (mandate, state, reason_missing).
    """
    return _back(desk, actor, transfer, S.WITHDRAWN, reason)


def _back(desk: Desk, actor: Actor, transfer: str, to: TransferState, reason: str) -> Transfer:
    if not reason.strip():
        raise Refused("reason_missing", transfer, list=transfer)
    with begin(desk.engine) as connection:
        found, _ = begin_step(connection, desk, actor, transfer, to)
        name = "return" if to is S.RETURNED else "withdraw"
        act(connection, desk, actor, transfer, None, name, {"reason": reason})
        if to is S.WITHDRAWN:
            _free(connection, desk, transfer)
            found = move(connection, desk, found, to, reason=reason)
        else:
            anew = {"round": found.round + 1, "packaged_at": "", "reason": reason}
            found = move(connection, desk, found, to, **anew)
        tell(connection, desk, found, actor, name, {})
        return found


def _free(connection: Connection, desk: Desk, transfer: str) -> None:
    at = desk.now().isoformat()
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == transfer, ITEMS.c.state == ItemState.PROPOSED.value)
        .values(state=ItemState.LEFT.value, left_reason="withdraw", left_at=at)
    )
    connection.execute(
        update(LISTS)
        .where(LISTS.c.id == transfer)
        .values(state=ListState.WITHDRAWN.value, changed_at=at)
    )
