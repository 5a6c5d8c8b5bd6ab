"""What every step of a transfer shares: who may, from which state, and the state that follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, update

from retention.acts import Act, act, acts_of
from retention.days import trusted_today
from retention.errors import Refused
from retention.guard_nouns import Stage
from retention.guards import check_all
from retention.involvement import check_duty, involve
from retention.list_reading import read_list
from retention.noting import note
from retention.nouns import Actor, Desk, Duty, Role
from retention.people import mandate_for, require_mandate
from retention.transfer_nouns import MAY_BECOME, Transfer, TransferState
from retention.transfer_reading import read_transfer
from retention.transfer_tables import TRANSFERS

WORKERS = (Role.RECORD_MANAGER, Role.EXECUTOR, Role.ARCHIVIST)
"""Who packs, delivers and takes in what the archive answers."""

BOTH = (Duty.SIGNATORY, Duty.ARCHIVIST)
"""The two who sign what is signed in duplicate: for the zorgdrager, and for the archive."""

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Signed:
    """Who has signed one thing by now: person by duty; `both` when it counts."""

    persons: Mapping[Duty, str]

    @property
    def both(self) -> bool:
        """Whether both have signed."""
        return set(self.persons) == set(BOTH)


def begin_step(
    connection: Connection, desk: Desk, actor: Actor, transfer: str, to: TransferState
) -> tuple[Transfer, date]:
    """The transfer and the day, when this person may do such work and it may become this now.

    Raises: TransferUnknown; Refused (mandate, state).
    """
    found = read_transfer(connection, transfer)
    today = trusted_today(connection, found.zorgdrager, desk.now())
    require_mandate(connection, actor, found.zorgdrager, WORKERS, today)
    require_state(found, MAY_BECOME[to])
    return found, today


def require_state(transfer: Transfer, expected: Sequence[TransferState]) -> None:
    """See that a transfer is in one of these states.

    Raises: Refused (state).
    """
    if transfer.state not in expected:
        raise Refused(
            "transfer_state",
            f"{transfer.id}: {transfer.state.value}",
            list=transfer.id,
            state=transfer.state.value,
            expected=", ".join(each.value for each in expected),
        )


def move(
    connection: Connection, desk: Desk, transfer: Transfer, to: TransferState, **values: Any
) -> Transfer:
    """Change the state, only from the one that was read.

    Raises: Refused (state) when somebody else moved it meanwhile.
    """
    moved = connection.execute(
        update(TRANSFERS)
        .where(TRANSFERS.c.id == transfer.id, TRANSFERS.c.state == transfer.state.value)
        .values(state=to.value, changed_at=desk.now().isoformat(), **values)
    )
    if moved.rowcount != 1:
        require_state(read_transfer(connection, transfer.id), (transfer.state,))
    return read_transfer(connection, transfer.id)


def tell(  # noqa: PLR0913, PLR0917 - who did what with which transfer
    connection: Connection,
    desk: Desk,
    transfer: Transfer,
    actor: Actor | None,
    action: str,
    facts: Mapping[str, Any],
) -> None:
    """Write in the ledger what was done with a transfer."""
    note(
        connection,
        desk,
        transfer.zorgdrager,
        f"transfer.{action}",
        transfer.id,
        result=transfer.state.value,
        actor=actor.person if actor else "edepot",
        origin=actor.origin if actor else "retention",
        facts={"round": transfer.round, **facts},
    )


def require_whole(connection: Connection, desk: Desk, transfer: Transfer, today: date) -> None:
    """See that nothing stands against any dossier, and that the list is what it says.

    Raises: Refused (guards, hash_mismatch).
    """
    found = tuple(check_all(connection, desk, transfer.id, Stage.SUBMIT, today))
    if found:
        raise Refused(
            "guards",
            transfer.id,
            list=transfer.id,
            found=len(found),
            dossiers=", ".join(each for each, _ in found[:SHOWN]),
            detail=found[0][1][0].code,
        )


def sign_in_duplicate(  # noqa: PLR0913, PLR0917 - who signs what of which transfer
    connection: Connection,
    desk: Desk,
    actor: Actor,
    transfer: Transfer,
    name: str,
    said: Mapping[str, Any],
) -> tuple[Act, Signed]:
    """Let one of the two sign; what was signed, and who has signed the very same by now.

    Raises: Refused (mandate, separation_of_duties, signed_already).
    """
    duty = _duty(connection, desk, actor, transfer, name, said)
    involve(connection, desk, transfer.id, actor.person, duty)
    written = act(connection, desk, actor, transfer.id, duty, name, said)
    return written, signed_by(connection, transfer, name, said)


def signed_by(
    connection: Connection, transfer: Transfer, name: str, said: Mapping[str, Any]
) -> Signed:
    """Who signed this, of the list as it stands now."""
    listed = read_list(connection, transfer.id)
    persons = {
        Duty(each.duty): each.person
        for each in acts_of(connection, transfer.id, [name])
        if (each.revision, each.root) == (listed.revision, listed.root) and each.saying == said
    }
    return Signed(persons)


def _duty(  # noqa: PLR0913, PLR0917 - as what a person signs
    connection: Connection,
    desk: Desk,
    actor: Actor,
    transfer: Transfer,
    name: str,
    said: Mapping[str, Any],
) -> Duty:
    """As which of the two the person signs: what the mandates say and is not signed yet."""
    today = trusted_today(connection, transfer.zorgdrager, desk.now())
    done = signed_by(connection, transfer, name, said).persons
    mine = [each for each in BOTH if _has_mandate(connection, actor, transfer, each, today)]
    if not mine:
        roles = (Role.SIGNATORY, Role.ARCHIVIST)
        require_mandate(connection, actor, transfer.zorgdrager, roles, today)
    refused = Refused("signed_already", transfer.id, list=transfer.id, person=actor.person)
    for each in mine:
        if each in done:
            continue
        try:
            check_duty(connection, desk, transfer.id, actor.person, each)
        except Refused as error:
            refused = error
        else:
            return each
    raise refused


def _has_mandate(
    connection: Connection, actor: Actor, transfer: Transfer, duty: Duty, today: date
) -> bool:
    """The archivist of the zorgdrager, or who the receiving archive gave a mandate."""
    role = Role.SIGNATORY if duty is Duty.SIGNATORY else Role.ARCHIVIST
    owners = [transfer.zorgdrager]
    if duty is Duty.ARCHIVIST and transfer.archive_id:
        owners.append(transfer.archive_id)
    for each in owners:
        if mandate_for(connection, actor.person, each, (role,), today) is not None:
            require_mandate(connection, actor, each, (role,), today)
            return True
    return False
