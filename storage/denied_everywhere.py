"""The deny list as every place has it: what database, file and stores say was destroyed.

A line counts as proven when it is signed in the file, or when it is a line of the ledger below a
checkpoint that the zorgdrager signed. Who can write into a store or into the database can add a
line, but no signature.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, select

from storage.archive import DESTROYED
from storage.checkpoint import CHECKPOINTS, read_checkpoint
from storage.denied import Denied, denied_in_database, denied_in_file, file_of, read_denial
from storage.errors import CheckpointRefused, StorageError
from storage.ledger import Head, heads, size
from storage.publish import published
from storage.stores.base import Store


@dataclass(frozen=True, slots=True)
class Gathered:
    """What every place says was destroyed, by AIP; and the places that could not be asked."""

    denied: Mapping[str, Denied]
    silent: tuple[str, ...] = ()


def gather_denied(
    connection: Connection,
    folder: Path,
    stores: Sequence[Store],
    zorgdrager: str,
    verifier_key: str,
) -> Gathered:
    """What database, file and every store's published ledger say was destroyed.

    Raises: OSError when the file cannot be read.
    """
    found: dict[str, Denied] = {}
    silent: list[str] = []
    proven_to = _proven_size(connection, stores, zorgdrager, verifier_key, silent)
    for each in denied_in_database(connection, zorgdrager):
        _add(found, replace(each, proven=each.seq < proven_to))
    for each in denied_in_file(file_of(folder, zorgdrager), zorgdrager, verifier_key):
        _add(found, each)
    for store in stores:
        try:
            for key in published(store, zorgdrager).segments.values():
                with store.open_read(key) as stream:
                    for raw in stream.read().split(b"\n"):
                        if DESTROYED.encode("ascii") in raw:
                            _add(found, read_denial(raw.decode("utf-8", "replace")))
        except StorageError as error:
            silent.append(f"{store.name}: {error.values.get('found') or error}")
    return Gathered(found, tuple(dict.fromkeys(silent)))


def _add(found: dict[str, Denied], denied: Denied | None) -> None:
    """The first that says so counts, or the first that is proven."""
    if denied is None:
        return
    known = found.get(denied.aip_id)
    if known is None or (denied.proven and not known.proven):
        found[denied.aip_id] = denied


def _proven_size(
    connection: Connection,
    stores: Sequence[Store],
    zorgdrager: str,
    verifier_key: str,
    silent: list[str],
) -> int:
    """How many lines of the ledger in the database stand below a signed checkpoint."""
    notes = list(
        connection.execute(
            select(CHECKPOINTS.c.note)
            .where(CHECKPOINTS.c.zorgdrager == zorgdrager)
            .order_by(CHECKPOINTS.c.size.desc())
            .limit(1)
        ).scalars()
    )
    whole = size(connection, zorgdrager)
    for store in stores:
        try:
            there = published(store, zorgdrager).checkpoints
            for _, key in sorted(each for each in there.items() if each[0] <= whole)[-1:]:
                with store.open_read(key) as stream:
                    notes.append(stream.read().decode("utf-8", "replace"))
        except StorageError as error:
            silent.append(f"{store.name}: {error.values.get('found') or error}")
    signed = [head for note in notes if (head := _head(note, verifier_key)) is not None]
    if not signed:
        return 0
    found = heads(connection, zorgdrager, {each.size for each in signed})
    return max((each.size for each in signed if found.get(each.size) == each), default=0)


def _head(note: str, verifier_key: str) -> Head | None:
    try:
        return read_checkpoint(note, verifier_key).head
    except CheckpointRefused:
        return None
