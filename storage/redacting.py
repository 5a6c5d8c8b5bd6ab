"""Erased details, taken out of what was published in the stores as well.

What an entry of the ledger says in the open stays for ever; its details may be personal, and go
with the dossier: those of every entry on an AIP before the one by which it was destroyed. That is
the ledger's own word, never what a database happens to lack.

A segment of details is written again without them, under the next name, read back, and only then
the old one goes: interrupted, both are there, and the next run ends it.
"""

import json
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, delete, select

from storage.copies import remove_everywhere
from storage.ledger import DETAILS, ENTRIES
from storage.promised import says_destroyed
from storage.publish import details_number, details_span, ledger_prefix, published, put_object
from storage.stores.base import Store

OBJECTS_AT_ONCE = 500


def erased_numbers(connection: Connection, zorgdrager: str, since: int = 0) -> frozenset[int]:
    """The numbers of the entries whose details went with an AIP, by entries from `since` on."""
    rows = connection.execute(
        select(ENTRIES.c.object, ENTRIES.c.seq).where(
            ENTRIES.c.zorgdrager == zorgdrager, says_destroyed(ENTRIES), ENTRIES.c.seq >= since
        )
    )
    gone: dict[str, int] = {}
    for each in rows:
        gone[each.object] = max(each.seq, gone.get(each.object, 0))
    # In parts of objects: a join is done by some planners the wrong way round.
    objects = list(gone)
    parts = (objects[n : n + OBJECTS_AT_ONCE] for n in range(0, len(objects), OBJECTS_AT_ONCE))
    return frozenset(
        each.seq
        for part in parts
        for each in connection.execute(
            select(ENTRIES.c.object, ENTRIES.c.seq).where(
                ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.object.in_(part)
            )
        )
        if each.seq < gone[each.object]
    )


def erase_again(connection: Connection, zorgdrager: str, since: int = 0) -> None:
    """Erase in the database what the ledger says was erased: it may come back from a store."""
    for seq in sorted(erased_numbers(connection, zorgdrager, since)):
        connection.execute(
            delete(DETAILS).where(DETAILS.c.zorgdrager == zorgdrager, DETAILS.c.seq == seq)
        )


def redact_published(
    connection: Connection, store: Store, zorgdrager: str, *, whole: bool = False
) -> int:
    """Take what was erased out of a store's published details; how many lines.

    What a store was told of a destruction, it was redacted for; `whole`: all the same look at
    every destruction, for a store may have been put back from an older state.

    Raises: StoreFailed or another StorageError that names the store.
    """
    keys = _details_keys(store, zorgdrager)
    since = 0 if whole or not keys else published(store, zorgdrager).size
    erased = erased_numbers(connection, zorgdrager, since) if keys else frozenset()
    return sum(_redact(store, key, erased) for key in keys if _touches(key, erased))


def _redact(store: Store, key: str, erased: Collection[int]) -> int:
    with store.open_read(key) as stream:
        lines = [each for each in stream.read().split(b"\n") if each]
    kept = [each for each in lines if _number(each) not in erased]
    if len(kept) == len(lines):
        return 0
    if kept:
        put_object(store, _next_name(store, key), [each + b"\n" for each in kept])
    remove_everywhere([store], key)
    return len(lines) - len(kept)


def _details_keys(store: Store, zorgdrager: str) -> list[str]:
    listed = store.list(ledger_prefix(zorgdrager))
    return [each.key for each in listed if details_number(each.key)]


def _touches(key: str, erased: Collection[int]) -> bool:
    first, last = details_span(key)
    return any(first <= each <= last for each in erased)


def _number(line: bytes) -> int:
    """The number of the entry that a line of details belongs to; -1 for a line that is none."""
    try:
        return int(json.loads(line)["seq"])
    except (ValueError, KeyError, TypeError):
        return -1


def _next_name(store: Store, key: str) -> str:
    """The next free name of the same segment."""
    span = key.split(".details", 1)[0]
    taken = {each.key for each in store.list(f"{span}.details")}
    return next(name for name in _names(span, details_number(key)) if name not in taken)


def _names(span: str, number: int) -> Iterator[str]:
    for each in range(number + 1, 1000):
        yield f"{span}.details-{each:03d}.jsonl"
