"""Damage of every kind to a copy in a folder, and a run over copies written down by hand."""

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from storage.archive import Archive
from storage.catalogue import AIPS, COPIES
from storage.copies import read_digest
from storage.database import begin, open_database, reading
from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.fixity.nouns import Asked
from storage.fixity.tables import ITEMS
from storage.order import Order
from storage.outcomes import Basis, Outcome
from storage.stores.base import Store
from tests.storage.making import NOW, SALT, make_archive, make_store

STORES = ("een", "twee", "drie")
RUN = "2026-11-25-1"
ASKED = Asked(NOW, "uid:1000", "cli@test")


def three_stores(folder: Path) -> Archive:
    """An archive on three local stores, with its database in the same folder."""
    return make_archive(
        open_database(folder / "edepot.sqlite"), [make_store(folder, name) for name in STORES]
    )


def order_on(archive: Archive, at: datetime = NOW) -> Order:
    """An order whose clock goes on a second each time that it is asked."""
    seconds = itertools.count(1)
    return Order(archive, ASKED, lambda: at + timedelta(seconds=next(seconds)), lambda: SALT)


def file_of(folder: Path, store: str, key: str) -> Path:
    """The file of a copy, which may be written to."""
    file = folder / store / key
    if file.exists():
        os.chmod(file, 0o600)
    return file


def flip(file: Path) -> None:
    """One bit in the middle is another."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def unreadable(file: Path) -> None:
    """Something stands there that is no file."""
    file.unlink()
    os.mkfifo(file)


DAMAGE: Mapping[str, Callable[[Path], object]] = {
    "a bit": flip,
    "cut off": lambda file: os.truncate(file, 100),
    "emptied": lambda file: os.truncate(file, 0),
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"x"),
    "gone": Path.unlink,
    "unreadable": unreadable,
}


def write_run(archive: Archive, run: str = RUN) -> None:
    """Every copy read and its outcome written down, as a run would have it."""
    with reading(archive.engine) as connection:
        rows = connection.execute(
            select(COPIES, AIPS.c.aip_id, AIPS.c.version, AIPS.c.size_bytes, AIPS.c.sha256)
            .join(AIPS, AIPS.c.number == COPIES.c.aip)
            .order_by(COPIES.c.store, COPIES.c.aip)
        ).all()
    items = [_item(archive.stores, run, number, row) for number, row in enumerate(rows)]
    with begin(archive.engine) as connection:
        connection.execute(insert(ITEMS), items)


def _item(stores: Mapping[str, Store], run: str, number: int, row) -> dict[str, object]:
    outcome, found = _look(stores[row.store], row.key, row.sha256)
    return {
        "run": run,
        "number": number,
        "kind": "package",
        "zorgdrager": row.zorgdrager,
        "store": row.store,
        "key": row.key,
        "aip": row.aip,
        "aip_id": row.aip_id,
        "version": row.version,
        "size_bytes": row.size_bytes,
        "expected": row.sha256,
        "outcome": outcome.value,
        "basis": Basis.READ.value,
        "found": found,
        "read_bytes": 0,
        "checked_at": NOW.isoformat(),
        "findings": "",
    }


def _look(store: Store, key: str, expected: str) -> tuple[Outcome, str]:
    try:
        found = read_digest(store, key)
    except NotStored:
        return Outcome.MISSING, ""
    except CopyUnreadable:
        return Outcome.UNREADABLE, ""
    except StoreUnreachable:
        return Outcome.NOT_CHECKED, ""
    return (Outcome.INTACT if found == expected else Outcome.DIFFERS), found


def tree(folder: Path) -> dict[str, str]:
    """Everything in a store's folder: path -> digest."""
    return dict(_files(folder))


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for each in sorted(folder.rglob("*")):
        if each.is_file():
            yield str(each.relative_to(folder)), hashlib.sha256(each.read_bytes()).hexdigest()
        elif each.is_fifo():
            yield str(each.relative_to(folder)), "fifo"
