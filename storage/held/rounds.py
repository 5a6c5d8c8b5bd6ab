"""Rounds: challenges whose answers are computed once, while we have a party's bytes ourselves.

A round is a secret nonce, a sample chosen from it, and the code of each file in it. Each is used
for one challenge, so what the party answered before says nothing about what it must answer next.
"""

import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, update

from storage.database import begin
from storage.fixity.nouns import Asked
from storage.held import items
from storage.held.errors import FolderDiffers
from storage.held.folder import FolderPlace
from storage.held.manifests import HeldLine, safe_path
from storage.held.noting import Deed, note
from storage.held.parties import Party
from storage.held.sampling import Wanted, choose, seed_of
from storage.held.tables import ROUND_MACS, ROUNDS

ROUNDS_MADE = "held.rounds"
NONCE_BYTES = 32
ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class FolderRead:
    """What was made of a folder: files read, their bytes, rounds made, files in each round."""

    files: int
    size_bytes: int
    rounds: int
    sample: int


@dataclass(frozen=True, slots=True)
class Round:
    """A round that is not used yet."""

    number: int
    nonce: bytes
    macs: dict[int, str]


def read_folder(  # noqa: PLR0913 - what is read, what is made of it, and who asks
    engine: Engine,
    party: Party,
    folder: Path,
    wanted: Wanted,
    *,
    nonces: Sequence[bytes],
    asked: Asked,
    salt: bytes,
) -> FolderRead:
    """Read every file below a folder once: the baseline, and a round for each nonce.

    Where the party has a baseline already the folder must be equal to it. The ledger gets the
    root over the items and one digest over all rounds, never a nonce.

    Raises: FolderDiffers, with the path; StoreUnreachable; CopyUnreadable.
    """
    assert all(len(each) == NONCE_BYTES for each in nonces), "a nonce has 32 bytes"
    paths = sorted(_paths(folder))
    sample = wanted.size(len(paths))
    chosen = [set(choose(len(paths), sample, seed_of(each))) for each in nonces]
    place = FolderPlace(folder)
    lines, macs, size_bytes = [], [], 0
    for number, path in enumerate(paths, start=1):
        rounds = [at for at, each in enumerate(chosen) if number in each]
        codes = [hmac.new(nonces[at], None, hashlib.sha256) for at in rounds]
        own, size = hashlib.sha256(), 0
        for chunk in place.read(path):
            size += len(chunk)
            own.update(chunk)
            for each in codes:
                each.update(chunk)
        size_bytes += size
        lines.append(HeldLine(number, path, own.hexdigest(), "", size))
        macs += [(at, path, each.hexdigest()) for at, each in zip(rounds, codes, strict=True)]
    with begin(engine) as connection:
        _keep_items(connection, party.id, lines, asked)
        first = _next_round(connection, party.id)
        _keep_rounds(connection, party.id, first, nonces, macs)
        facts = {
            "items": items.count_of(connection, party.id),
            "root": items.items_root(connection, party.id),
            "rounds": len(nonces),
            "rounds_digest": rounds_digest(connection, party.id),
        }
        note(connection, party, Deed(ROUNDS_MADE, "made", facts), asked, salt)
    return FolderRead(len(paths), size_bytes, len(nonces), min(sample, len(paths)))


def next_round(connection: Connection, party: str) -> Round | None:
    """The first round that was not used yet; None when there is none."""
    wanted = select(ROUNDS).where(ROUNDS.c.party == party, ROUNDS.c.challenge == "")
    row = connection.execute(wanted.order_by(ROUNDS.c.number).limit(1)).first()
    if row is None:
        return None
    return Round(row.number, row.nonce, round_macs(connection, party, row.number))


def round_macs(connection: Connection, party: str, number: int) -> dict[int, str]:
    """The codes of a round: item -> hex."""
    wanted = select(ROUND_MACS.c.item, ROUND_MACS.c.mac).where(
        ROUND_MACS.c.party == party, ROUND_MACS.c.round == number
    )
    return {row.item: row.mac for row in connection.execute(wanted)}


def use_round(connection: Connection, party: str, number: int, challenge: str) -> None:
    """Spend a round on a challenge."""
    spent = connection.execute(
        update(ROUNDS)
        .where(ROUNDS.c.party == party, ROUNDS.c.number == number, ROUNDS.c.challenge == "")
        .values(challenge=challenge)
    )
    assert spent.rowcount == 1, "a round is used once"


def rounds_left(connection: Connection, party: str) -> int:
    """How many rounds were not used yet."""
    wanted = select(func.count()).where(ROUNDS.c.party == party, ROUNDS.c.challenge == "")
    return int(connection.execute(wanted).scalar_one())


def rounds_digest(connection: Connection, party: str) -> str:
    """The hex SHA-256 over every round of a party, used or not: it goes into the ledger."""
    total = hashlib.sha256()
    wanted = select(ROUNDS.c.number, ROUNDS.c.nonce).where(ROUNDS.c.party == party)
    for row in connection.execute(wanted.order_by(ROUNDS.c.number)).all():
        macs = round_macs(connection, party, row.number)
        said = "".join(f" {item}={macs[item]}" for item in sorted(macs))
        total.update(f"{row.number} {row.nonce.hex()}{said}\n".encode("ascii"))
    return total.hexdigest()


def _paths(folder: Path) -> Iterator[str]:
    """The paths of the files below a folder; links and what is no file are left out."""

    def raised(error: OSError) -> None:
        raise FolderDiffers(f"{error.filename}: {error.strerror}", found=error.filename) from error

    for where, names, files in os.walk(folder, onerror=raised):
        names.sort()
        for name in files:
            full = Path(where) / name
            path = full.relative_to(folder).as_posix()
            if full.is_symlink() or not full.is_file():
                continue
            if safe_path(path) != path:
                raise FolderDiffers(f"{path!r}", found=path)
            yield path


def _keep_items(connection: Connection, party: str, lines: list[HeldLine], asked: Asked) -> None:
    count = items.count_of(connection, party)
    if not count:
        items.add(connection, party, lines, asked.at)
        return
    by_path = {each.path: each for each in lines}
    for item in items.every(connection, party):
        line = by_path.pop(item.path, None)
        if line is None or not item.comparable(line) or item.says_other(line):
            raise FolderDiffers(item.path, found=item.path)
    for path in by_path:
        raise FolderDiffers(path, found=path)


def _next_round(connection: Connection, party: str) -> int:
    wanted = select(func.coalesce(func.max(ROUNDS.c.number), 0)).where(ROUNDS.c.party == party)
    return int(connection.execute(wanted).scalar_one()) + 1


def _keep_rounds(
    connection: Connection,
    party: str,
    first: int,
    nonces: Sequence[bytes],
    macs: Sequence[tuple[int, str, str]],
) -> None:
    numbers: dict[str, int] = {}
    if macs:
        numbers = {each.path: each.number for each in items.every(connection, party)}
    for at, nonce in enumerate(nonces):
        row = {"party": party, "number": first + at, "nonce": nonce, "challenge": ""}
        connection.execute(insert(ROUNDS), row)
    rows = [
        {"party": party, "round": first + at, "item": numbers[path], "mac": mac}
        for at, path, mac in macs
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(ROUND_MACS), rows[start : start + ROWS_AT_ONCE])
