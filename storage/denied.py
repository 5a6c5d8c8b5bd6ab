"""What was destroyed stays destroyed: the deny list, kept apart from the database.

It is made of the ledger's own lines that say so. They stand in the database, in the published
ledger of every store, under its signed checkpoints, and each signed by the zorgdrager in a file
beside the database; a database or a store that was put back from an older state is found out by
the others (docs/decisions/0017).
"""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import BindParameter, Connection, bindparam, func, select

from storage.archive import DESTROYED
from storage.errors import CheckpointRefused, DatabaseOlder, DenyListOlder
from storage.ledger import ENTRIES
from storage.promised import is_destroyed, says_destroyed

if TYPE_CHECKING:
    from storage.checkpoint import Signer

FORM = "edepot-denied 1"
TAIL_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Denied:
    """One AIP that was destroyed, by which entry of which ledger.

    `proven`: that line is signed, by itself or under a checkpoint. Only then may anything be
    destroyed on its account.
    """

    aip_id: str
    seq: int
    line: str
    proven: bool = False


def file_of(folder: Path, zorgdrager: str) -> Path:
    """The file of a zorgdrager's deny list, in a folder beside the database."""
    return folder / f"{zorgdrager}.jsonl"


def write_denied(
    connection: Connection, folder: Path, zorgdrager: str, signer: "Signer | None"
) -> int:
    """Bring the file up to date with the ledger in the database, durably; how many lines came.

    Raises: OSError; CheckpointRefused when there is no key to sign with.
    """
    file = file_of(folder, zorgdrager)
    new = list(_not_in(file, connection, zorgdrager))
    if not new:
        return 0
    if signer is None:
        raise CheckpointRefused(f"no key for {zorgdrager}", zorgdrager=zorgdrager)
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    try:
        # What an interrupted try wrote of a line is ended first, so that it stands alone.
        torn = "" if _ends_whole(file) else "\n"
        text = torn + "".join(_signed(signer, zorgdrager, each) for each in new)
        whole = text.encode("utf-8")
        while whole:
            whole = whole[os.write(handle, whole) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    _sync(folder)
    return len(new)


def check_fresh(connection: Connection, folder: Path, zorgdragers: Iterable[str]) -> None:
    """See that database and deny list know of each other's destructions, by the last of each.

    What was destroyed and not declared yet may still be on its way to the list.

    Raises: DatabaseOlder, DenyListOlder, naming the zorgdrager: an older one was put back.
    """
    for zorgdrager in zorgdragers:
        last = last_denied(file_of(folder, zorgdrager))
        if last is not None and not is_destroyed(connection, zorgdrager, last.aip_id):
            raise DatabaseOlder(
                f"{zorgdrager}: the deny list knows entry {last.seq}, the database does not",
                zorgdrager=zorgdrager,
                found=last.seq,
            )
        declared = _declared(connection, zorgdrager)
        if declared is not None and (last is None or last.seq < declared):
            raise DenyListOlder(
                f"{zorgdrager}: entry {declared} is not in the deny list",
                zorgdrager=zorgdrager,
                found=declared,
            )


def denied_in_database(
    connection: Connection, zorgdrager: str, first: int = 0
) -> tuple[Denied, ...]:
    """What the ledger in the database says was destroyed."""
    rows = connection.execute(
        select(ENTRIES.c.object, ENTRIES.c.seq, ENTRIES.c.line)
        .where(ENTRIES.c.zorgdrager == zorgdrager, says_destroyed(ENTRIES), ENTRIES.c.seq >= first)
        .order_by(ENTRIES.c.seq)
    )
    return tuple(Denied(each.object, each.seq, each.line) for each in rows)


def denied_in_file(file: Path, zorgdrager: str, verifier_key: str) -> Iterator[Denied]:
    """What a deny list says, each line `proven` when this key signed it for this zorgdrager.

    Raises: OSError.
    """
    if not file.exists():
        return
    with file.open(encoding="utf-8", errors="replace") as stream:
        for text in stream:
            note = _note_of(text)
            found = read_denial(note.partition("\n")[2].partition("\n")[0])
            if found is not None:
                proven = _is_signed(note, zorgdrager, found.line, verifier_key)
                yield Denied(found.aip_id, found.seq, found.line, proven)


def last_denied(file: Path) -> Denied | None:
    """The last whole line of a deny list; None when there is none. A torn last line counts not."""
    try:
        with file.open("rb") as stream:
            stream.seek(0, os.SEEK_END)
            stream.seek(max(0, stream.tell() - TAIL_BYTES))
            lines = stream.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    for raw in reversed(lines):
        note = _note_of(raw.decode("utf-8", "replace"))
        found = read_denial(note.partition("\n")[2].partition("\n")[0])
        if found is not None:
            return found
    return None


def read_denial(line: str) -> Denied | None:
    """What a line of the ledger says was destroyed; None when it says something else."""
    try:
        said = json.loads(line)
        if said["action"] != DESTROYED:
            return None
        return Denied(str(said["object"]), int(said["seq"]), line)
    except (ValueError, KeyError, TypeError):
        return None


def _not_in(file: Path, connection: Connection, zorgdrager: str) -> Sequence[Denied]:
    """What the database knows and the file does not; of many mostly seen by the last line."""
    last = last_denied(file)
    known = denied_in_database(connection, zorgdrager)
    if last is not None and known and known[-1].line == last.line:
        return ()
    there = set()
    if last is not None:
        with file.open(encoding="utf-8", errors="replace") as stream:
            notes = (_note_of(text).partition("\n")[2].partition("\n")[0] for text in stream)
            there = {each.aip_id for note in notes if (each := read_denial(note)) is not None}
    return [each for each in known if each.aip_id not in there]


def _declared(connection: Connection, zorgdrager: str) -> int | None:
    """The number of the last destruction before the last declaration; None without either."""
    declared: str = "declaration.sign"
    word: BindParameter[str] = bindparam("declared", declared, literal_execute=True)
    until = connection.execute(
        select(func.max(ENTRIES.c.seq)).where(
            ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.action == word
        )
    ).scalar()
    if until is None:
        return None
    return connection.execute(
        select(func.max(ENTRIES.c.seq)).where(
            ENTRIES.c.zorgdrager == zorgdrager, says_destroyed(ENTRIES), ENTRIES.c.seq < until
        )
    ).scalar()


def _signed(signer: "Signer", zorgdrager: str, denied: Denied) -> str:
    # Signing costs time to import, and opening only reads.
    from storage.checkpoint import sign_text  # noqa: PLC0415

    note = sign_text(signer, _text(zorgdrager, denied.line))
    return json.dumps({"note": note}, ensure_ascii=False) + "\n"


def _text(zorgdrager: str, line: str) -> str:
    return f"{FORM} {zorgdrager}\n{line}\n"


def _is_signed(note: str, zorgdrager: str, line: str, verifier_key: str) -> bool:
    from storage.checkpoint import signed_text  # noqa: PLC0415 - as above

    try:
        return signed_text(note, verifier_key) == _text(zorgdrager, line)
    except CheckpointRefused:
        return False


def _note_of(text: str) -> str:
    """The signed note in a line of the file; "" when it is none."""
    try:
        return str(json.loads(text)["note"])
    except (ValueError, KeyError, TypeError):
        return ""


def _ends_whole(file: Path) -> bool:
    with file.open("rb") as stream:
        if not stream.seek(0, os.SEEK_END):
            return True
        stream.seek(-1, os.SEEK_END)
        return stream.read() == b"\n"


def _sync(folder: Path) -> None:
    """Make the name of a new file last, and that of its folder."""
    for each in (folder, folder.parent):
        handle = os.open(each, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
