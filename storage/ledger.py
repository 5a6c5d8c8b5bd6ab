"""The ledger: what happened. Append-only, one log per zorgdrager, provable without us.

An entry is one canonical JSON line: v, seq, t, action, object, result, actor, origin, prev, and
where there are any `facts` (open, never personal: digests, sizes, stores) and `detail`: the
SHA-256 of salt and canonical details, which stand beside the ledger and can be erased.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    insert,
    select,
)

from storage.database import METADATA
from storage.merkle import Tree, leaf_hash

FORM = 1
NO_PREVIOUS = "0" * 64
ROWS_AT_ONCE = 2000

ENTRIES = Table(
    "ledger_entries",
    METADATA,
    Column("zorgdrager", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
)

DETAILS = Table(
    "ledger_details",
    METADATA,
    Column("zorgdrager", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("details", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Event:
    """What is to be written down.

    `object` is an id, never a title; `actor` a stable pseudonym; `origin` where it was asked
    for. `facts` stand in the open for ever; `details` may be erased.
    """

    at: datetime
    action: str
    object: str
    result: str
    actor: str
    origin: str
    details: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entry as it stands: its number from 0, its line, and what the line says."""

    zorgdrager: str
    seq: int
    line: str
    at: datetime
    action: str
    object: str
    result: str
    actor: str
    origin: str
    facts: Mapping[str, Any]


class LedgerRow(NamedTuple):
    """A row as it is stored, unread and unjudged."""

    seq: int
    line: str
    leaf: bytes
    action: str
    object: str


@dataclass(frozen=True, slots=True)
class Head:
    """A state of a ledger: how many entries, and the root over them."""

    size: int
    root: bytes


def append(connection: Connection, zorgdrager: str, event: Event, salt: bytes) -> LedgerEntry:
    """Write an entry in the caller's transaction, which must be one that writes alone (`begin`).

    `salt`: 16 random bytes or more, fresh for each entry.
    """
    seq, previous = _next(connection, zorgdrager)
    entry, details = _rows_of(zorgdrager, event, salt, seq, previous)
    connection.execute(insert(ENTRIES), entry)
    if details:
        connection.execute(insert(DETAILS), details)
    return read_line(zorgdrager, entry["line"])


def append_each(
    connection: Connection, zorgdrager: str, events: Iterable[tuple[Event, bytes]]
) -> int:
    """Write many entries, each with its salt, without holding them all; how many there were.

    As `append`: in a transaction that writes alone, and nobody else appends in between.
    """
    seq, previous = _next(connection, zorgdrager)
    first, following = seq, iter(events)
    while part := list(islice(following, ROWS_AT_ONCE)):
        entries, details = [], []
        for event, salt in part:
            entry, detail = _rows_of(zorgdrager, event, salt, seq, previous)
            entries.append(entry)
            details += [detail] if detail else []
            seq, previous = seq + 1, entry["leaf"].hex()
        connection.execute(insert(ENTRIES), entries)
        if details:
            connection.execute(insert(DETAILS), details)
    return seq - first


def canonical(value: Mapping[str, Any]) -> str:
    """A JSON object in one form: keys in order, no spaces, signs as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def detail_hash(salt: bytes, details: str) -> str:
    """What stands in the entry for its details: hex SHA-256 of the salt and the canonical text."""
    return hashlib.sha256(salt + details.encode("utf-8")).hexdigest()


def read_line(zorgdrager: str, line: str) -> LedgerEntry:
    """What a line says.

    Raises: ValueError, KeyError, TypeError when it is no entry.
    """
    return entry_of(zorgdrager, line, json.loads(line))


def entry_of(zorgdrager: str, line: str, said: Mapping[str, Any]) -> LedgerEntry:
    """What a line says, once it is read as JSON.

    Raises: ValueError, KeyError, TypeError when it is no entry.
    """
    return LedgerEntry(
        zorgdrager=zorgdrager,
        seq=int(said["seq"]),
        line=line,
        at=datetime.fromisoformat(said["t"]),
        action=said["action"],
        object=said["object"],
        result=said["result"],
        actor=said["actor"],
        origin=said["origin"],
        facts=said.get("facts", {}),
    )


def size(connection: Connection, zorgdrager: str) -> int:
    """How many entries a zorgdrager's ledger has."""
    return _next(connection, zorgdrager)[0]


def zorgdragers(connection: Connection) -> list[str]:
    """Every zorgdrager that has a ledger."""
    wanted = select(ENTRIES.c.zorgdrager).distinct().order_by(ENTRIES.c.zorgdrager)
    return list(connection.execute(wanted).scalars())


def entries(
    connection: Connection, zorgdrager: str, *, object_id: str | None = None, first: int = 0
) -> Iterator[LedgerEntry]:
    """Entries in their order: all from `first`, or those of one object."""
    wanted = select(ENTRIES.c.line).where(
        ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.seq >= first
    )
    if object_id is not None:
        wanted = wanted.where(ENTRIES.c.object == object_id)
    for line in connection.execute(wanted.order_by(ENTRIES.c.seq)).scalars():
        yield read_line(zorgdrager, line)


def details_of(connection: Connection, zorgdrager: str, seq: int) -> Mapping[str, Any] | None:
    """An entry's details; None when it has none, or they were erased."""
    wanted = select(DETAILS.c.details).where(
        DETAILS.c.zorgdrager == zorgdrager, DETAILS.c.seq == seq
    )
    found = connection.execute(wanted).scalar()
    return None if found is None else dict(json.loads(found))


def erase_details(connection: Connection, zorgdrager: str, seq: int) -> bool:
    """Erase an entry's details and salt in the database; the ledger stays whole.

    What was published with a ledger segment stands in the stores until it is removed there.
    """
    erased = connection.execute(
        delete(DETAILS).where(DETAILS.c.zorgdrager == zorgdrager, DETAILS.c.seq == seq)
    )
    return bool(erased.rowcount)


def export_ledger(connection: Connection, zorgdrager: str, first: int = 0) -> Iterator[bytes]:
    """The lines as they are proven, each with its line end."""
    for row in rows(connection, zorgdrager, first):
        yield row.line.encode("utf-8") + b"\n"


def export_details(connection: Connection, zorgdrager: str, first: int = 0) -> Iterator[bytes]:
    """The details that are still there, one JSON line each: seq, salt (hex), details."""
    wanted = select(DETAILS).where(DETAILS.c.zorgdrager == zorgdrager, DETAILS.c.seq >= first)
    for row in connection.execute(wanted.order_by(DETAILS.c.seq)):
        said = {"seq": row.seq, "salt": row.salt.hex(), "details": row.details}
        yield canonical(said).encode("utf-8") + b"\n"


def rows(connection: Connection, zorgdrager: str, first: int = 0) -> Iterator[LedgerRow]:
    """The stored rows in order, without holding them all."""
    while True:
        wanted = (
            select(
                ENTRIES.c.seq, ENTRIES.c.line, ENTRIES.c.leaf, ENTRIES.c.action, ENTRIES.c.object
            )
            .where(ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.seq >= first)
            .order_by(ENTRIES.c.seq)
            .limit(ROWS_AT_ONCE)
        )
        part = connection.execute(wanted).all()
        yield from (LedgerRow(*each) for each in part)
        if len(part) < ROWS_AT_ONCE:
            return
        first = part[-1].seq + 1


def leaves(connection: Connection, zorgdrager: str) -> list[bytes]:
    """The leaf hashes, computed from the stored lines: what proofs are made of."""
    return [leaf_hash(row.line.encode("utf-8")) for row in rows(connection, zorgdrager)]


def heads(connection: Connection, zorgdrager: str, sizes: set[int]) -> dict[int, Head]:
    """The heads at these sizes and at the end, computed from the stored lines in one pass."""
    tree, found = Tree(), {}
    for row in rows(connection, zorgdrager):
        if tree.size in sizes:
            found[tree.size] = Head(tree.size, tree.root())
        tree.append(leaf_hash(row.line.encode("utf-8")))
    return found | {tree.size: Head(tree.size, tree.root())}


def utc_text(instant: datetime) -> str:
    """An instant as the ledger spells it: UTC, microseconds, Z."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _next(connection: Connection, zorgdrager: str) -> tuple[int, str]:
    """The next entry's number, and the leaf hash of the one before it."""
    last = connection.execute(
        select(ENTRIES.c.seq, ENTRIES.c.leaf)
        .where(ENTRIES.c.zorgdrager == zorgdrager)
        .order_by(ENTRIES.c.seq.desc())
        .limit(1)
    ).first()
    return (last.seq + 1, last.leaf.hex()) if last else (0, NO_PREVIOUS)


def _rows_of(
    zorgdrager: str, event: Event, salt: bytes, seq: int, previous: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """An event as a row of ENTRIES, and its details as one of DETAILS; empty when it has none."""
    assert event.at.tzinfo is not None, "an instant has a time zone"
    details = canonical(event.details) if event.details else ""
    line = _line(event, seq, previous, detail_hash(salt, details) if details else "")
    entry = {
        "zorgdrager": zorgdrager,
        "seq": seq,
        "line": line,
        "leaf": leaf_hash(line.encode("utf-8")),
        "action": event.action,
        "object": event.object,
    }
    if not details:
        return entry, {}
    assert len(salt) >= 16, "a salt cannot be guessed"
    return entry, {"zorgdrager": zorgdrager, "seq": seq, "salt": salt, "details": details}


def _line(event: Event, seq: int, previous: str, detail: str) -> str:
    said: dict[str, Any] = {
        "v": FORM,
        "seq": seq,
        "t": utc_text(event.at),
        "action": event.action,
        "object": event.object,
        "result": event.result,
        "actor": event.actor,
        "origin": event.origin,
        "prev": previous,
    }
    if event.facts:
        said["facts"] = dict(event.facts)
    if detail:
        said["detail"] = detail
    return canonical(said)
