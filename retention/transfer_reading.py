"""Reading transfers: how far they are, what was decided on openness, packed and received."""

import hashlib
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from retention.errors import TransferUnknown
from retention.list_reading import in_order
from retention.nouns import ON_LIST
from retention.transfer_nouns import (
    Decision,
    FileKind,
    Ground,
    Openness,
    PackedFile,
    Receipt,
    Restriction,
    Transfer,
    TransferState,
)
from retention.transfer_tables import PACKAGES, PACKED_FILES, RECEIPTS, RESTRICTIONS, TRANSFERS
from storage.ledger import canonical

AT_ONCE = 1000


def read_transfer(connection: Connection, transfer: str) -> Transfer:
    """The transfer of an id.

    Raises: TransferUnknown.
    """
    row = connection.execute(select(TRANSFERS).where(TRANSFERS.c.id == transfer)).first()
    if row is None:
        raise TransferUnknown(transfer=transfer)
    return _transfer(row)


def list_transfers(
    connection: Connection, zorgdrager: str = "", states: Collection[TransferState] = ()
) -> tuple[Transfer, ...]:
    """The transfers of one zorgdrager or of all, in these states or in any, the newest first."""
    wanted = select(TRANSFERS).order_by(TRANSFERS.c.made_at.desc(), TRANSFERS.c.id.desc())
    if zorgdrager:
        wanted = wanted.where(TRANSFERS.c.zorgdrager == zorgdrager)
    if states:
        wanted = wanted.where(TRANSFERS.c.state.in_(sorted(states)))
    return tuple(_transfer(each) for each in connection.execute(wanted))


def dossiers_of(connection: Connection, transfer: str) -> tuple[str, ...]:
    """The dossiers that are handed over, in the order of the list."""
    return tuple(each.dossier for each in in_order(connection, transfer, ON_LIST))


def restrictions_of(
    connection: Connection, transfer: str, dossier: str = ""
) -> tuple[Restriction, ...]:
    """What counts on openness now, by dossier and record; of one dossier when named."""
    on_list = set(dossiers_of(connection, transfer)) if not dossier else {dossier}
    last = select(func.max(RESTRICTIONS.c.number)).where(RESTRICTIONS.c.transfer == transfer)
    if dossier:
        last = last.where(RESTRICTIONS.c.dossier == dossier)
    last = last.group_by(RESTRICTIONS.c.dossier, RESTRICTIONS.c.record)
    wanted = (
        select(RESTRICTIONS)
        .where(RESTRICTIONS.c.number.in_(last))
        .order_by(RESTRICTIONS.c.dossier, RESTRICTIONS.c.record)
    )
    rows = connection.execute(wanted)
    return tuple(_restriction(each) for each in rows if each.dossier in on_list)


def restrictions_sha256(restrictions: Collection[Restriction]) -> str:
    """The hex SHA-256 over what was decided: two persons sign this."""
    total = hashlib.sha256()
    for each in restrictions:
        total.update(canonical(each.plain).encode("utf-8") + b"\n")
    return total.hexdigest()


def packed_dossiers(connection: Connection, transfer: str) -> dict[str, Row[Any]]:
    """What was packed already, by dossier."""
    rows = connection.execute(select(PACKAGES).where(PACKAGES.c.transfer == transfer))
    return {each.dossier: each for each in rows}


def packed_files(
    connection: Connection, transfer: str, dossier: str = "", kind: FileKind | None = None
) -> Iterator[PackedFile]:
    """The files of a package in the order of their paths, read part by part."""
    wanted = select(PACKED_FILES).where(PACKED_FILES.c.transfer == transfer)
    if dossier:
        wanted = wanted.where(PACKED_FILES.c.dossier == dossier)
    if kind is not None:
        wanted = wanted.where(PACKED_FILES.c.kind == kind.value)
    wanted = wanted.order_by(PACKED_FILES.c.path).limit(AT_ONCE)
    part = connection.execute(wanted).all()
    while part:
        for each in part:
            yield PackedFile(
                each.path, FileKind(each.kind), each.sha256, each.size_bytes, each.original
            )
        further = wanted.where(tuple_(PACKED_FILES.c.path) > tuple_(part[-1].path))
        part = connection.execute(further).all()


def packed_sha256(connection: Connection, transfer: str) -> str:
    """The hex SHA-256 over the lines `digest  path` of every file of a package, by path."""
    total = hashlib.sha256()
    for each in packed_files(connection, transfer):
        total.update(f"{each.sha256}  {each.path}\n".encode())
    return total.hexdigest()


def packed_counts(connection: Connection, transfer: str) -> dict[str, int]:
    """How many dossiers, objects, files and bytes of records a package has."""
    rows = packed_dossiers(connection, transfer).values()
    wanted = select(func.count(), func.coalesce(func.sum(PACKED_FILES.c.size_bytes), 0)).where(
        PACKED_FILES.c.transfer == transfer, PACKED_FILES.c.kind == FileKind.RECORD.value
    )
    files, size = connection.execute(wanted).one()
    return {
        "dossiers": len(rows),
        "objects": sum(each.objects for each in rows),
        "files": int(files),
        "size_bytes": int(size),
    }


def receipts_of(connection: Connection, transfer: str) -> tuple[Receipt, ...]:
    """The receipts that were taken in, the first first."""
    rows = connection.execute(
        select(RECEIPTS).where(RECEIPTS.c.transfer == transfer).order_by(RECEIPTS.c.number)
    )
    return tuple(Receipt(**dict(each._mapping) | {"whole": bool(each.whole)}) for each in rows)


def _transfer(row: Row[Any]) -> Transfer:
    return Transfer(**dict(row._mapping) | {"state": TransferState(row.state)})


def _restriction(row: Row[Any]) -> Restriction:
    decision = Decision(
        Openness(row.openness),
        Ground(row.ground) if row.ground else None,
        row.until,
        row.description,
    )
    return Restriction(
        row.dossier, row.record, decision, row.source, row.decided_by, row.decided_at
    )
