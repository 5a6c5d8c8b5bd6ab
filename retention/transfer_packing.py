"""Packaging a transfer: begun, gone on with after an interruption, and ended when all is packed.

What is written stands in edepot/transfers; what was written, with every digest, stands here.
"""

from sqlalchemy import delete, insert, update

from retention.acts import act
from retention.errors import Refused
from retention.nouns import Actor, Desk
from retention.transfer import agreement_of, require_decided
from retention.transfer_nouns import (
    FileKind,
    PackageForm,
    Packed,
    PackedFile,
    Transfer,
    TransferState,
)
from retention.transfer_reading import (
    dossiers_of,
    packed_counts,
    packed_dossiers,
    packed_sha256,
    read_transfer,
)
from retention.transfer_steps import begin_step, move, require_whole, tell
from retention.transfer_tables import PACKAGES, PACKED_FILES, TRANSFERS
from storage.database import begin

S = TransferState
ROWS_AT_ONCE = 2000


def begin_packaging(
    desk: Desk, actor: Actor, transfer: str, form: PackageForm, folder: str
) -> tuple[Transfer, bool]:
    """Begin to package, or go on with it; True when it begins anew, so that what stands in the
    folder goes first.

    Raises: TransferUnknown; Refused (mandate, state, undecided, unsigned, guards, hash_mismatch).
    """
    with begin(desk.engine) as connection:
        found, today = begin_step(connection, desk, actor, transfer, S.PACKAGED)
        require_decided(connection, transfer)
        require_whole(connection, desk, found, today)
        if not agreement_of(connection, found).both:
            raise Refused("unsigned", transfer, list=transfer)
        if found.packaged_at and (found.form, found.folder) == (form.value, folder):
            return found, False
        connection.execute(delete(PACKAGES).where(PACKAGES.c.transfer == transfer))
        connection.execute(delete(PACKED_FILES).where(PACKED_FILES.c.transfer == transfer))
        values = {"form": form.value, "folder": folder, "packaged_at": desk.now().isoformat()}
        connection.execute(update(TRANSFERS).where(TRANSFERS.c.id == transfer).values(**values))
        return read_transfer(connection, transfer), True


def note_packed(desk: Desk, transfer: str, packed: Packed) -> None:
    """Write down what was packed of one dossier, with every digest."""
    with begin(desk.engine) as connection:
        rows = [
            {
                "transfer": transfer,
                "path": each.path,
                "dossier": packed.dossier,
                "kind": each.kind.value,
                "sha256": each.sha256,
                "size_bytes": each.size_bytes,
                "original": each.original,
                "receipt": 0,
            }
            for each in packed.files
        ]
        for start in range(0, len(rows), ROWS_AT_ONCE):
            connection.execute(insert(PACKED_FILES), rows[start : start + ROWS_AT_ONCE])
        connection.execute(
            insert(PACKAGES),
            {
                "transfer": transfer,
                "dossier": packed.dossier,
                "folder": packed.folder,
                "objects": packed.objects,
                "files": len(packed.files),
                "size_bytes": sum(each.size_bytes for each in packed.files),
                "packaged_at": desk.now().isoformat(),
            },
        )


def end_packaging(desk: Desk, actor: Actor, transfer: str) -> Transfer:
    """Say that every dossier is packed.

    Raises: TransferUnknown; Refused (mandate, state, not_whole).
    """
    with begin(desk.engine) as connection:
        found, _ = begin_step(connection, desk, actor, transfer, S.PACKAGED)
        missing = (
            set(dossiers_of(connection, transfer)) - packed_dossiers(connection, transfer).keys()
        )
        if missing:
            raise Refused("not_whole", transfer, list=transfer, found=len(missing))
        said = {
            "form": found.form,
            "sha256": packed_sha256(connection, transfer),
            **packed_counts(connection, transfer),
        }
        act(connection, desk, actor, transfer, None, "package", said)
        found = move(connection, desk, found, S.PACKAGED)
        tell(connection, desk, found, actor, "packaged", said)
        return found


def note_top(desk: Desk, transfer: str, top: PackedFile) -> None:
    """Write down a file that is of no dossier: the packing slip, or the container's document."""
    row = {
        "transfer": transfer,
        "path": top.path,
        "dossier": "",
        "kind": FileKind.METADATA.value,
        "sha256": top.sha256,
        "size_bytes": top.size_bytes,
        "original": "",
        "receipt": 0,
    }
    with begin(desk.engine) as connection:
        mine = (PACKED_FILES.c.transfer == transfer) & (PACKED_FILES.c.path == top.path)
        connection.execute(delete(PACKED_FILES).where(mine))
        connection.execute(insert(PACKED_FILES), row)


def forget_packed(desk: Desk, transfer: str, dossier: str) -> None:
    """Forget what was packed of a dossier, so that it is packed again: not all of it is there."""
    with begin(desk.engine) as connection:
        for table in (PACKAGES, PACKED_FILES):
            connection.execute(
                delete(table).where(table.c.transfer == transfer, table.c.dossier == dossier)
            )
