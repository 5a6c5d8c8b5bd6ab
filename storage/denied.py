"""What was destroyed stays destroyed: the deny list, kept apart from the database.

It is made of the ledger's own lines that say so. They stand in the database, in the published
ledger of every store, and in a file beside the database; a database or a store that was put back
from an older state is found out by the others (docs/decisions/0017).
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, select

from storage.archive import DESTROYED
from storage.errors import DatabaseOlder, StorageError
from storage.ledger import ENTRIES
from storage.publish import published
from storage.stores.base import Store

TAIL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Denied:
    """One AIP that was destroyed, by which entry of which ledger."""

    aip_id: str
    seq: int
    line: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What every place says was destroyed, by AIP; and the places that could not be asked."""

    denied: Mapping[str, Denied] = field(default_factory=dict)
    silent: tuple[str, ...] = ()


def file_of(folder: Path, zorgdrager: str) -> Path:
    """The file of a zorgdrager's deny list, in a folder beside the database."""
    return folder / f"{zorgdrager}.jsonl"


def write_denied(connection: Connection, folder: Path, zorgdrager: str) -> int:
    """Bring the file up to date with the ledger in the database, durably; how many lines came.

    Raises: OSError.
    """
    file = file_of(folder, zorgdrager)
    last = last_denied(file)
    new = denied_in_database(connection, zorgdrager, last.seq + 1 if last else 0)
    if not new:
        return 0
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    try:
        # What an interrupted try wrote of a line is ended first, so that it stands alone.
        torn = "" if _ends_whole(file) else "\n"
        text = torn + "".join(f"{each.line}\n" for each in new)
        os.write(handle, text.encode("utf-8"))
        os.fsync(handle)
    finally:
        os.close(handle)
    return len(new)


def check_fresh(connection: Connection, folder: Path, zorgdragers: Iterable[str]) -> None:
    """See that the database knows of every destruction that the deny list knows of.

    Raises: DatabaseOlder naming the zorgdrager: an older database was put back.
    """
    for zorgdrager in zorgdragers:
        last = last_denied(file_of(folder, zorgdrager))
        if last is None:
            continue
        line = connection.execute(
            select(ENTRIES.c.line).where(
                ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.seq == last.seq
            )
        ).scalar()
        if line != last.line:
            raise DatabaseOlder(
                f"{zorgdrager}: the deny list knows entry {last.seq}, the database does not",
                zorgdrager=zorgdrager,
                found=last.seq,
            )


def denied_in_database(
    connection: Connection, zorgdrager: str, first: int = 0
) -> tuple[Denied, ...]:
    """What the ledger in the database says was destroyed."""
    rows = connection.execute(
        select(ENTRIES.c.object, ENTRIES.c.seq, ENTRIES.c.line)
        .where(
            ENTRIES.c.zorgdrager == zorgdrager,
            ENTRIES.c.action == DESTROYED,
            ENTRIES.c.seq >= first,
        )
        .order_by(ENTRIES.c.seq)
    )
    return tuple(Denied(each.object, each.seq, each.line) for each in rows)


def last_denied(file: Path) -> Denied | None:
    """The last whole line of a deny list; None when there is none. A torn last line counts not."""
    try:
        with file.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - TAIL_BYTES))
            lines = stream.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    for line in reversed(lines):
        if (found := _read(line.decode("utf-8", "replace"))) is not None:
            return found
    return None


def gather_denied(
    connection: Connection, folder: Path, stores: Sequence[Store], zorgdrager: str
) -> Gathered:
    """What database, file and every store's published ledger say was destroyed."""
    found: dict[str, Denied] = {
        each.aip_id: each for each in denied_in_database(connection, zorgdrager)
    }
    silent: list[str] = []
    file = file_of(folder, zorgdrager)
    if file.exists():
        for line in file.read_text("utf-8", "replace").splitlines():
            _add(found, _read(line))
    for store in stores:
        try:
            for key in published(store, zorgdrager).segments.values():
                with store.open_read(key) as stream:
                    for raw in stream.read().split(b"\n"):
                        if DESTROYED.encode("ascii") in raw:
                            _add(found, _read(raw.decode("utf-8", "replace")))
        except StorageError as error:
            silent.append(f"{store.name}: {error.values.get('found') or error}")
    return Gathered(found, tuple(silent))


def _ends_whole(file: Path) -> bool:
    with file.open("rb") as stream:
        if not stream.seek(0, os.SEEK_END):
            return True
        stream.seek(-1, os.SEEK_END)
        return stream.read() == b"\n"


def _add(found: dict[str, Denied], denied: Denied | None) -> None:
    if denied is not None:
        found.setdefault(denied.aip_id, denied)


def _read(line: str) -> Denied | None:
    try:
        said = json.loads(line)
        if said["action"] != DESTROYED:
            return None
        return Denied(str(said["object"]), int(said["seq"]), line)
    except (ValueError, KeyError, TypeError):
        return None
