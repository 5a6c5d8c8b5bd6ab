"""A statement against the baseline: what it confirms, says otherwise, or leaves out."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, insert, select

from formats.tally import Tally
from storage.held import items
from storage.held.items import ROWS_AT_ONCE, HeldItem
from storage.held.manifests import HeldLine
from storage.held.tables import EXCEPTIONS, HELD_ITEMS, UNEXPECTED
from storage.outcomes import Outcome

LINES_AT_ONCE = 500


class Comparing:
    """Compares the lines of one statement, some hundreds at a time, and counts.

    The items of which it does not say what the baseline says are written as exceptions, lines of
    which the baseline knows nothing as unexpected; all other items it confirms.
    """

    def __init__(self, connection: Connection, party: str, statement: int) -> None:
        self.lines = self.same = self.changed = self.missing = self.added = self.unexpected = 0
        self._connection = connection
        self._party = party
        self._statement = statement
        self._rows: list[dict[str, Any]] = []

    def compare(self, lines: Iterator[HeldLine], tally: Tally) -> None:
        """Compare every line, then tell which items were left out."""
        seen = bytearray(items.count_of(self._connection, self._party) + 1)
        while part := list(islice(lines, LINES_AT_ONCE)):
            self.lines += len(part)
            paths = [each.path for each in part]
            known = items.by_path(self._connection, self._party, paths)
            strangers = []
            for line in part:
                item = known.get(line.path)
                if item is None:
                    strangers.append(line)
                else:
                    seen[item.number] = 1
                    self._compare_one(item, line, tally)
            self._write_unexpected(strangers)
        self._tell_missing(seen, tally)
        self._write_exceptions()

    def take_unexpected(self, now: datetime) -> None:
        """Take the unexpected files of this statement in as items: a person agreed."""
        waiting = list(unexpected_lines(self._connection, self._party, self._statement))
        self.added += items.add(self._connection, self._party, waiting, now)
        self.unexpected = 0

    def tell_unexpected(self, tally: Tally) -> None:
        """A finding for each file that the baseline does not know."""
        for line in unexpected_lines(self._connection, self._party, self._statement):
            tally.add("S425", self._place(line.path), f"regel {line.number}")

    def _compare_one(self, item: HeldItem, line: HeldLine, tally: Tally) -> None:
        if not item.comparable(line):
            kinds = ("SHA-256", "SHA-512") if line.sha256 else ("SHA-512", "SHA-256")
            tally.add("S424", self._place(item.path), *kinds)
            self._except(item.number, Outcome.NOT_CHECKED, "")
            return
        other = item.says_other(line)
        if not other:
            self.same += 1
            return
        self.changed += 1
        tally.add("S427", self._place(item.path), other, item.digest)
        self._except(item.number, Outcome.DIFFERS, other)

    def _tell_missing(self, seen: bytearray, tally: Tally) -> None:
        at = seen.find(0, 1)
        while at > 0:
            numbers: list[int] = []
            while at > 0 and len(numbers) < ROWS_AT_ONCE:
                numbers.append(at)
                at = seen.find(0, at + 1)
            for item in items.by_number(self._connection, self._party, numbers).values():
                self.missing += 1
                tally.add("S426", self._place(item.path))
                self._except(item.number, Outcome.MISSING, "")

    def _except(self, item: int, outcome: Outcome, found: str) -> None:
        self._rows.append(
            {
                "party": self._party,
                "statement": self._statement,
                "item": item,
                "outcome": outcome.value,
                "found": found,
            }
        )
        if len(self._rows) >= ROWS_AT_ONCE:
            self._write_exceptions()

    def _write_exceptions(self) -> None:
        if self._rows:
            self._connection.execute(insert(EXCEPTIONS), self._rows)
            self._rows.clear()

    def _write_unexpected(self, lines: list[HeldLine]) -> None:
        self.unexpected += len(lines)
        rows = [
            {
                "party": self._party,
                "statement": self._statement,
                "line": each.number,
                "path": each.path,
                "sha256": each.sha256,
                "sha512": each.sha512,
                "size_bytes": each.size_bytes,
            }
            for each in lines
        ]
        if rows:
            self._connection.execute(insert(UNEXPECTED), rows)

    def _place(self, path: str) -> str:
        return f"{self._party}: {path}"


def unexpected_lines(connection: Connection, party: str, statement: int) -> Iterator[HeldLine]:
    """The lines of a statement that are still no items, in their order."""
    known = (
        select(HELD_ITEMS.c.number)
        .where(HELD_ITEMS.c.party == party, HELD_ITEMS.c.path == UNEXPECTED.c.path)
        .exists()
    )
    wanted = (
        select(*(UNEXPECTED.c[name] for name in ("line", "path", "sha256", "sha512", "size_bytes")))
        .where(UNEXPECTED.c.party == party, UNEXPECTED.c.statement == statement, ~known)
        .order_by(UNEXPECTED.c.line)
    )
    for row in connection.execute(wanted).all():
        yield HeldLine(*row)


def count_unexpected(connection: Connection, party: str, statement: int) -> int:
    """How many files of a statement still wait for a person."""
    known = (
        select(HELD_ITEMS.c.number)
        .where(HELD_ITEMS.c.party == party, HELD_ITEMS.c.path == UNEXPECTED.c.path)
        .exists()
    )
    wanted = (
        select(func.count())
        .select_from(UNEXPECTED)
        .where(UNEXPECTED.c.party == party, UNEXPECTED.c.statement == statement, ~known)
    )
    return int(connection.execute(wanted).scalar_one())


def exceptions_digest(connection: Connection, party: str, statement: int) -> str:
    """The hex SHA-256 over the exceptions of a statement: it goes into the ledger."""
    total = hashlib.sha256()
    wanted = select(EXCEPTIONS.c.item, EXCEPTIONS.c.outcome, EXCEPTIONS.c.found).where(
        EXCEPTIONS.c.party == party, EXCEPTIONS.c.statement == statement
    )
    for item, outcome, found in connection.execute(wanted.order_by(EXCEPTIONS.c.item)):
        total.update(f"{item}\0{outcome}\0{found}\n".encode())
    return total.hexdigest()
