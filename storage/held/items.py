"""The items of a party: what it holds by its first accepted list, and the root over all of them."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from storage.held.manifests import HeldLine
from storage.held.tables import HELD_ITEMS
from storage.merkle import Tree, leaf_hash

ROWS_AT_ONCE = 1000


class HeldItem(NamedTuple):
    """A file that a party holds: its number from 1, path, hex digests, size (-1: unknown)."""

    number: int
    path: str
    sha256: str
    sha512: str
    size_bytes: int

    @property
    def digest(self) -> str:
        """The digest by which it is compared: SHA-256 where there is one."""
        return self.sha256 or self.sha512

    def says_other(self, line: "HeldLine") -> str:
        """What a line says instead of what this item is; "" when it says the same."""
        if self.sha256 and line.sha256:
            other = "" if line.sha256 == self.sha256 else line.sha256
        else:
            other = "" if line.sha512 == self.sha512 else line.sha512
        if not other and -1 not in (line.size_bytes, self.size_bytes):
            other = "" if line.size_bytes == self.size_bytes else f"{line.size_bytes} bytes"
        return other

    def comparable(self, line: "HeldLine") -> bool:
        """Whether both name a digest of the same kind."""
        return bool((self.sha256 and line.sha256) or (self.sha512 and line.sha512))


_COLUMNS = [HELD_ITEMS.c[name] for name in HeldItem._fields]


def add(connection: Connection, party: str, lines: Iterable[HeldLine], now: datetime) -> int:
    """Take lines into the party's items, behind those that are there; how many."""
    number = first = count_of(connection, party)
    rest = iter(lines)
    while part := list(islice(rest, ROWS_AT_ONCE)):
        rows = []
        for line in part:
            number += 1
            rows.append(
                {
                    "party": party,
                    "number": number,
                    "path": line.path,
                    "sha256": line.sha256,
                    "sha512": line.sha512,
                    "size_bytes": line.size_bytes,
                    "added_at": now.isoformat(),
                    "checked_at": "",
                    "outcome": "",
                }
            )
        connection.execute(insert(HELD_ITEMS), rows)
    return number - first


def count_of(connection: Connection, party: str) -> int:
    """How many items a party has."""
    wanted = select(func.count()).select_from(HELD_ITEMS).where(HELD_ITEMS.c.party == party)
    return int(connection.execute(wanted).scalar_one())


def by_path(connection: Connection, party: str, paths: list[str]) -> dict[str, HeldItem]:
    """Those of these paths (at most some hundreds) that are items, by path."""
    wanted = select(*_COLUMNS).where(HELD_ITEMS.c.party == party, HELD_ITEMS.c.path.in_(paths))
    return {row.path: HeldItem(*row) for row in connection.execute(wanted)}


def by_number(connection: Connection, party: str, numbers: list[int]) -> dict[int, HeldItem]:
    """The items of these numbers, by number."""
    found = {}
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        part = numbers[start : start + ROWS_AT_ONCE]
        wanted = select(*_COLUMNS).where(HELD_ITEMS.c.party == party, HELD_ITEMS.c.number.in_(part))
        found.update({row.number: HeldItem(*row) for row in connection.execute(wanted)})
    return found


def every(connection: Connection, party: str) -> Iterator[HeldItem]:
    """All items in the order of their numbers, without holding them all."""
    last = 0
    while True:
        wanted = (
            select(*_COLUMNS)
            .where(HELD_ITEMS.c.party == party, HELD_ITEMS.c.number > last)
            .order_by(HELD_ITEMS.c.number)
            .limit(ROWS_AT_ONCE)
        )
        part = connection.execute(wanted).all()
        yield from (HeldItem(*each) for each in part)
        if len(part) < ROWS_AT_ONCE:
            return
        last = part[-1].number


def items_root(connection: Connection, party: str) -> str:
    """The Merkle root over the items as they stand, in hex: it goes into the ledger."""
    tree = Tree()
    for each in every(connection, party):
        said = f"{each.number}\0{each.path}\0{each.sha256}\0{each.sha512}\0{each.size_bytes}"
        tree.append(leaf_hash(said.encode("utf-8")))
    return tree.root().hex()


def total_bytes(connection: Connection, party: str) -> int:
    """The size of all items together, as far as their sizes are known."""
    wanted = select(func.coalesce(func.sum(HELD_ITEMS.c.size_bytes), 0)).where(
        HELD_ITEMS.c.party == party, HELD_ITEMS.c.size_bytes > 0
    )
    return int(connection.execute(wanted).scalar_one())
