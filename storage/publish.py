"""The ledger outside the database: segments, their details, and checkpoints in every store.

    <zorgdrager>/ledger/<first>-<last>.jsonl            lines as they are proven
    <zorgdrager>/ledger/<first>-<last>.details.jsonl    their details and salts; may be removed
    <zorgdrager>/ledger/<first>-<last>.details-002.jsonl   the same without what was erased since
    <zorgdrager>/ledger/<size>.checkpoint               the signed head over the first <size> lines

Names are never used again. Segments may overlap after an interruption; they never contradict.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from formats.findings import Finding, finding
from storage import ledger
from storage.checkpoint import Signer, head_of, make_checkpoint
from storage.copies import read_digest
from storage.database import begin, reading
from storage.errors import (
    AlreadyStored,
    CheckpointRefused,
    CopyDiffers,
    NoSigningKey,
    StorageError,
)
from storage.ledger import Head
from storage.stores.base import Store

LINES_AT_ONCE = 2000
_SEGMENT = re.compile(r".*/ledger/(\d{10})-(\d{10})\.jsonl")
_DETAILS = re.compile(r".*/ledger/(\d{10})-(\d{10})\.details(?:-(\d{3}))?\.jsonl")
_CHECKPOINT = re.compile(r".*/ledger/(\d{10})\.checkpoint")


@dataclass(frozen=True, slots=True)
class Published:
    """What a store holds of a zorgdrager's ledger: keys by their numbers."""

    segments: dict[tuple[int, int], str]
    details: dict[tuple[int, int], str]
    checkpoints: dict[int, str]

    @property
    def size(self) -> int:
        """How many entries stand in the segments without a gap."""
        end = 0
        for first, last in sorted(self.segments):
            if first <= end <= last:
                end = last + 1
        return end


def ledger_prefix(zorgdrager: str) -> str:
    """What the keys of a zorgdrager's published ledger begin with."""
    return f"{zorgdrager}/ledger/"


def published(store: Store, zorgdrager: str) -> Published:
    """What a store holds of a zorgdrager's ledger.

    Raises: StoreUnreachable.
    """
    found = Published({}, {}, {})
    for each in store.list(ledger_prefix(zorgdrager)):
        if match := _SEGMENT.fullmatch(each.key):
            found.segments[int(match[1]), int(match[2])] = each.key
        elif match := _DETAILS.fullmatch(each.key):
            span = int(match[1]), int(match[2])
            if details_number(each.key) >= details_number(found.details.get(span, "")):
                found.details[span] = each.key
        elif match := _CHECKPOINT.fullmatch(each.key):
            found.checkpoints[int(match[1])] = each.key
    return found


def details_number(key: str) -> int:
    """How often the details under a key were written again, 1 for the first time; 0 for no key."""
    match = _DETAILS.fullmatch(key)
    return int(match[3] or 1) if match else 0


def details_span(key: str) -> tuple[int, int]:
    """The first and last number of the entries whose details stand under a key."""
    match = _DETAILS.fullmatch(key)
    assert match is not None, "a key of details"
    return int(match[1]), int(match[2])


def ledger_of(key: str) -> str:
    """The zorgdrager of whose published ledger an object of this key is a part; "" for others."""
    parts = (_SEGMENT, _DETAILS, _CHECKPOINT)
    zorgdrager = key.partition("/")[0]
    mine = key.startswith(ledger_prefix(zorgdrager))
    return zorgdrager if mine and any(each.fullmatch(key) for each in parts) else ""


def publish(
    engine: Engine, stores: Sequence[Store], zorgdrager: str, signer: Signer | None, now: datetime
) -> None:
    """Sign the ledger as it is, and put what a store does not hold yet of it there.

    Raises: NoSigningKey; CheckpointRefused; StorageError that names the store.
    """
    if signer is None:
        raise NoSigningKey(f"no key for {zorgdrager}", zorgdrager=zorgdrager)
    for store in stores:
        store.sweep()
    held = [published(store, zorgdrager) for store in stores]
    outside = [
        (store.name, head)
        for store, there in zip(stores, held, strict=True)
        if (head := _newest_head(store, there)) is not None
    ]
    with begin(engine) as connection:
        size = ledger.size(connection, zorgdrager)
        for store, there in zip(stores, held, strict=True):
            _refuse_longer(zorgdrager, size, store, there)
        note = make_checkpoint(connection, zorgdrager, signer, now, outside)
    with reading(engine) as connection:
        for store, there in zip(stores, held, strict=True):
            _put_missing(connection, zorgdrager, store, there, note)


def check_published(
    connection: Connection, stores: Sequence[Store], zorgdrager: str
) -> list[Finding]:
    """What in the stores does not agree with the ledger in the database."""
    findings: list[Finding] = []
    for store in stores:
        try:
            there = published(store, zorgdrager)
        except StorageError as error:
            findings.append(finding("S207", store.name, str(error)))
            continue
        heads = ledger.heads(connection, zorgdrager, set(there.checkpoints))
        findings.extend(_check_segments(connection, zorgdrager, store, there))
        for size, key in sorted(there.checkpoints.items()):
            said = _head(store, key)
            if said is None or heads.get(size) != said:
                findings.append(finding("S108", f"{store.name}, {key}", size, max(heads)))
    return findings


def _refuse_longer(zorgdrager: str, size: int, store: Store, there: Published) -> None:
    """A database that was put back from an older state must not go on as if nothing were."""
    newest = max((*there.checkpoints, there.size), default=0)
    if newest > size:
        raise CheckpointRefused(
            f"{store.name} holds {newest} entries of {zorgdrager}, the database {size}",
            store=store.name,
            zorgdrager=zorgdrager,
            found=size,
            expected=newest,
        )


def _newest_head(store: Store, there: Published) -> Head | None:
    return _head(store, there.checkpoints[max(there.checkpoints)]) if there.checkpoints else None


def _head(store: Store, key: str) -> Head | None:
    """The head that a published checkpoint names; None when the note is damaged."""
    with store.open_read(key) as stream:
        content = stream.read()
    try:
        return head_of(content.decode("utf-8"))
    except ValueError:
        return None


def _put_missing(
    connection: Connection, zorgdrager: str, store: Store, there: Published, note: str
) -> None:
    size, first = head_of(note).size, there.size
    if size in there.checkpoints:
        return
    for (_, last), key in there.segments.items():
        if last >= max(there.checkpoints, default=0):
            store.make_durable(key)
    prefix = ledger_prefix(zorgdrager)
    if first < size:
        name = f"{prefix}{first:010d}-{size - 1:010d}"
        details = ledger.export_details(connection, zorgdrager, first)
        put_object(store, f"{name}.details.jsonl", _joined(details))
        put_object(store, f"{name}.jsonl", _joined(_up_to(connection, zorgdrager, first, size)))
    put_object(store, f"{prefix}{size:010d}.checkpoint", [note.encode("utf-8")])


def _up_to(connection: Connection, zorgdrager: str, first: int, size: int) -> Iterator[bytes]:
    lines = ledger.export_ledger(connection, zorgdrager, first)
    for _, line in zip(range(first, size), lines, strict=False):
        yield line


def put_object(store: Store, key: str, parts: Iterable[bytes]) -> None:
    """Put an object and read it back; one that an interrupted try put is made to last."""
    written = hashlib.sha256()
    with suppress(AlreadyStored):
        with store.put_new(key) as upload:
            for part in parts:
                written.update(part)
                upload.write(part)
            upload.commit()
        found = read_digest(store, key)
        if found != written.hexdigest():
            raise CopyDiffers(
                f"{store.name}: {key}",
                store=store.name,
                key=key,
                found=found,
                expected=written.hexdigest(),
            )
        return
    store.make_durable(key)


def _joined(lines: Iterable[bytes]) -> Iterator[bytes]:
    gathered: list[bytes] = []
    for line in lines:
        gathered.append(line)
        if len(gathered) >= LINES_AT_ONCE:
            yield b"".join(gathered)
            gathered.clear()
    yield b"".join(gathered)


def _check_segments(
    connection: Connection, zorgdrager: str, store: Store, there: Published
) -> Iterator[Finding]:
    for (first, last), key in sorted(there.segments.items()):
        expected = hashlib.sha256()
        for line in _up_to(connection, zorgdrager, first, last + 1):
            expected.update(line)
        try:
            found = read_digest(store, key)
        except StorageError as error:
            yield finding("S206", f"{store.name}, {key}", str(error))
            continue
        if found != expected.hexdigest():
            yield finding("S108", f"{store.name}, {key}", found, expected.hexdigest())
