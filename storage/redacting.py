"""Erased details, taken out of what was published in the stores as well.

What an entry of the ledger says in the open stays for ever; its details may be personal, and are
erased with the dossier. A segment of details is written again without them, under the next name,
read back, and only then the old one goes: interrupted, both are there, and the next run ends it.
"""

import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from storage.copies import remove_everywhere
from storage.ledger import DETAILS
from storage.publish import details_number, ledger_prefix, put_object
from storage.stores.base import Store


def redact_published(connection: Connection, store: Store, zorgdrager: str) -> int:
    """Take what was erased in the database out of a store's published details; how many lines.

    Raises: StoreFailed or another StorageError that names the store.
    """
    redacted = 0
    for key in _details_keys(store, zorgdrager):
        with store.open_read(key) as stream:
            lines = [each for each in stream.read().split(b"\n") if each]
        kept = [each for each in lines if _is_kept(connection, zorgdrager, each)]
        if len(kept) == len(lines):
            continue
        if kept:
            put_object(store, _next_name(store, key), [each + b"\n" for each in kept])
        remove_everywhere([store], key)
        redacted += len(lines) - len(kept)
    return redacted


def _details_keys(store: Store, zorgdrager: str) -> list[str]:
    listed = store.list(ledger_prefix(zorgdrager))
    return [each.key for each in listed if details_number(each.key)]


def _is_kept(connection: Connection, zorgdrager: str, line: bytes) -> bool:
    try:
        seq = int(json.loads(line)["seq"])
    except (ValueError, KeyError, TypeError):
        return True
    wanted = select(DETAILS.c.seq).where(DETAILS.c.zorgdrager == zorgdrager, DETAILS.c.seq == seq)
    return connection.execute(wanted).first() is not None


def _next_name(store: Store, key: str) -> str:
    """The next free name of the same segment."""
    span = key.split(".details", 1)[0]
    taken = {each.key for each in store.list(f"{span}.details")}
    return next(name for name in _names(span, details_number(key)) if name not in taken)


def _names(span: str, number: int) -> Iterator[str]:
    for each in range(number + 1, 1000):
        yield f"{span}.details-{each:03d}.jsonl"
