"""Counting the items of a run part by part, so that the memory stays flat whatever their number."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from storage.fixity.tables import ITEMS

ITEMS_AT_ONCE = 100_000
"""A database sorts what it groups, and SQLite does so in memory."""


def count_by(
    connection: Connection,
    run: str,
    by: Sequence[ColumnElement[Any]],
    sums: Sequence[ColumnElement[Any]],
    where: Sequence[ColumnElement[bool]] = (),
) -> list[tuple[tuple[Any, ...], tuple[int, ...], str]]:
    """Items per group: (the group, (how many, each sum…), the first instant of a result or "")."""
    found: dict[tuple[Any, ...], tuple[list[int], str]] = {}
    first_at = func.min(func.nullif(ITEMS.c.checked_at, ""))
    wanted = (
        select(*by, func.count(), *(func.sum(each) for each in sums), first_at)
        .where(ITEMS.c.run == run, *where)
        .group_by(*by)
    )
    for part in _parts(connection, run, wanted):
        for row in connection.execute(part):
            group, counts, at = tuple(row[: len(by)]), row[len(by) : -1], row[-1] or ""
            known, known_at = found.get(group, ([0] * len(counts), ""))
            added = [one + int(two) for one, two in zip(known, counts, strict=True)]
            found[group] = (added, min(filter(None, (known_at, at)), default=""))
    return [(group, tuple(counts), at) for group, (counts, at) in found.items()]


def _parts(connection: Connection, run: str, wanted: Select[Any]) -> Iterator[Select[Any]]:
    last = connection.execute(select(func.max(ITEMS.c.number)).where(ITEMS.c.run == run)).scalar()
    for start in range(0, 0 if last is None else last + 1, ITEMS_AT_ONCE):
        yield wanted.where(ITEMS.c.number >= start, ITEMS.c.number < start + ITEMS_AT_ONCE)
