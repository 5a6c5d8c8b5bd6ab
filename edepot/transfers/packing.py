"""Packaging a transfer: dossier by dossier, every byte checked, gone on with where it stopped.

    pack(depot, desk, actor, transfer, PackageForm.MDTO, folder, told)

A dossier is written beside its place and takes its name when all of it is well. A copy that is hit
is passed over for the next one. The folder that is delivered bears the transfer's number.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from edepot.after_storage import events_since
from edepot.depot import Depot, software
from edepot.errors import NoWholeCopy, TransferFolderTaken
from edepot.transfers.mdto_sip import sip_pieces
from edepot.transfers.names import Names
from edepot.transfers.opex import SUFFIX, container_opex, opex_pieces
from edepot.transfers.papers import papers_of
from edepot.transfers.pieces import Handing, Piece
from edepot.transfers.place import PLACE
from edepot.transfers.slip import slip_of
from edepot.transfers.source import Source, read_source
from ingest.packing_slip import SLIP_NAME, slip_xml
from retention.list_reading import read_list
from retention.nouns import Actor, Desk
from retention.transfer_mdto import export_event
from retention.transfer_nouns import (
    Decision,
    FileKind,
    PackageForm,
    Packed,
    PackedFile,
    Transfer,
)
from retention.transfer_packing import (
    begin_packaging,
    end_packaging,
    forget_packed,
    note_packed,
    note_top,
)
from retention.transfer_reading import (
    dossiers_of,
    packed_dossiers,
    packed_files,
    read_transfer,
)
from retention.transfer_restrictions import effective
from storage import catalogue
from storage.aip import StoredAip
from storage.database import reading
from storage.errors import CopyDiffers, NotStored, StorageError

CHUNK_BYTES = 1024 * 1024

Told = Callable[[str, int, int], None]
"""Told of each dossier that is packed: its identifier, how many are, and of how many."""


@dataclass(frozen=True, slots=True)
class PackedTransfer:
    """What was packed: the folder to deliver, that of the papers, and copies passed over."""

    transfer: Transfer
    folder: Path
    papers: Path
    passed_over: tuple[tuple[str, str, str], ...]


def folder_of(depot: Depot, transfer: str, into: Path | None) -> Path:
    """Where the package stands: in the depot's own folder unless it goes elsewhere."""
    return ((into or depot.config.folder / PLACE).resolve()) / transfer


def pack(  # noqa: PLR0913, PLR0917 - what is packed, by whom, in which form, whereto
    depot: Depot,
    desk: Desk,
    actor: Actor,
    transfer: str,
    form: PackageForm,
    folder: Path,
    told: Told,
) -> PackedTransfer:
    """Package a transfer, or go on with it, until every dossier is packed.

    Raises: TransferUnknown; Refused (mandate, state, undecided, unsigned, guards); NoWholeCopy;
    PackageIncomplete; TransferFolderTaken; OSError.
    """
    with reading(desk.engine) as connection:
        before = read_transfer(connection, transfer).folder
    if before != str(folder) and folder.exists() and any(folder.iterdir()):
        raise TransferFolderTaken(target=folder)
    found, anew = begin_packaging(desk, actor, transfer, form, str(folder))
    if anew:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with reading(desk.engine) as connection:
        dossiers = dossiers_of(connection, transfer)
        done = packed_dossiers(connection, transfer)
    names, passed_over = Names(), []
    for number, dossier in enumerate(dossiers, 1):
        with reading(desk.engine) as connection:
            aip = catalogue.by_id(connection, dossier)
        if aip is None:
            raise NoWholeCopy(aip=dossier, detail="-")
        name = names.folder(aip.description.identifier)
        row = done.get(dossier)
        if row is None or not _stands(desk, transfer, dossier, folder):
            if row is not None:
                forget_packed(desk, transfer, dossier)
            packed, over = _pack_one(depot, desk, found, aip, folder / name)
            note_packed(desk, transfer, packed)
            passed_over += [(dossier, store, why) for store, why in over]
        told(aip.description.identifier, number, len(dossiers))
    _finish(depot, desk, found, folder)
    ended = end_packaging(desk, actor, transfer)
    return PackedTransfer(ended, folder, papers_of(folder), tuple(passed_over))


def _stands(desk: Desk, transfer: str, dossier: str, folder: Path) -> bool:
    """Whether everything that was packed of a dossier still stands there, by its size."""
    with reading(desk.engine) as connection:
        for each in packed_files(connection, transfer, dossier):
            place = folder / each.path
            if not place.is_file() or place.stat().st_size != each.size_bytes:
                return False
    return True


def _pack_one(
    depot: Depot, desk: Desk, transfer: Transfer, aip: StoredAip, target: Path
) -> tuple[Packed, list[tuple[str, str]]]:
    """Write one dossier from the first copy that is whole."""
    passed_over: list[tuple[str, str]] = []
    with reading(desk.engine) as connection:
        handing = _handing(connection, transfer, aip)
    for copy in aip.copies:
        if copy.store not in depot.stores:
            passed_over.append((copy.store, "?"))
            continue
        try:
            source = read_source(aip, depot.stores[copy.store], copy.key)
            files = _write(source, handing, transfer, target)
        except (CopyDiffers, NotStored, StorageError) as error:
            passed_over.append((copy.store, str(error) or type(error).__name__))
            continue
        packed = Packed(aip.description.aip_id, target.name, len(source.objects), files)
        return packed, passed_over
    detail = "; ".join(f"{store}: {why}" for store, why in passed_over)
    raise NoWholeCopy(aip=aip.description.aip_id, detail=detail or "-")


def _handing(connection: Connection, transfer: Transfer, aip: StoredAip) -> Handing:
    at = datetime.fromisoformat(transfer.packaged_at).replace(microsecond=0).isoformat()
    decisions: Mapping[str, Decision] = {
        each.record: each.decision
        for each in effective(connection, transfer.id, aip.description.aip_id)
    }
    event = export_event(at, software(), f"{transfer.id}, {transfer.archive}")
    return Handing(decisions, event, events_since(connection, aip, software()))


def _write(
    source: Source, handing: Handing, transfer: Transfer, target: Path
) -> tuple[PackedFile, ...]:
    """Write a dossier beside its place, every byte checked, and give it its name."""
    place = target.with_name(f".{target.name}.part")
    for each in (place, target):
        shutil.rmtree(each, ignore_errors=True)
    form = PackageForm(transfer.form)
    pieces = sip_pieces if form is PackageForm.MDTO else opex_pieces
    try:
        files = tuple(
            _write_piece(source, piece, place, target.name)
            for piece in pieces(source, handing, target.name)
        )
        place.rename(target)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return files


def _write_piece(source: Source, piece: Piece, place: Path, top: str) -> PackedFile:
    target = place / piece.path
    target.parent.mkdir(parents=True, exist_ok=True)
    total, size = hashlib.sha256(), 0
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(target, flags, 0o644), "wb") as out:
        for chunk in _chunks(source, piece):
            total.update(chunk)
            out.write(chunk)
            size += len(chunk)
    digest = total.hexdigest()
    if piece.member and digest != source.digests[piece.member]:
        raise CopyDiffers(f"{piece.member}: sha256 {digest} != {source.digests[piece.member]}")
    return PackedFile(f"{top}/{piece.path}", piece.kind, digest, size, piece.member)


def _chunks(source: Source, piece: Piece) -> Iterator[bytes]:
    if not piece.member:
        yield piece.content
        return
    with source.reader.open(piece.member) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


def _finish(depot: Depot, desk: Desk, transfer: Transfer, folder: Path) -> None:
    """What goes with the whole: the packing slip, or the container's own document."""
    named = {each.id: each.name for each in depot.config.zorgdragers}
    with reading(desk.engine) as connection:
        title = read_list(connection, transfer.id).name
        if transfer.form == PackageForm.MDTO:
            name = SLIP_NAME
            slip = slip_of(connection, transfer, title, named[transfer.zorgdrager])
            content = slip_xml(slip)
        else:
            rows = packed_dossiers(connection, transfer.id).values()
            name = f"{transfer.id}{SUFFIX}"
            folders = sorted(each.folder for each in rows)
            content = container_opex(transfer.id, title, folders)
    (folder / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    note_top(desk, transfer.id, PackedFile(name, FileKind.METADATA, digest, len(content)))
