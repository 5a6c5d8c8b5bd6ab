"""Which copies of a shelf a scope takes in, as SQL; and a sample of them by a seed.

A sample is the copies with the lowest rank; the rank is a random polynomial of the third degree
over a prime field, so that any four copies are chosen independently, and the same seed chooses
the same copies anywhere. Source: Wegman and Carter 1981, 4-wise independent hashing.
"""

# ruff: noqa: S608 - statements are put together from words of ours; values are bound

import hashlib
import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, text

from storage.fixity.nouns import Scope
from storage.fixity.scopes import Shelf
from storage.ledger import canonical

PRIME = 2**31 - 1
NONE = -1


@dataclass(frozen=True, slots=True)
class Picked:
    """A sample within one shelf: the rank of a copy as SQL, and the highest that is taken."""

    rank: str
    highest: int


def selection(scope: Scope, picked: Picked | None, *, postgres: bool) -> str:
    """The rows of `copies` on one shelf that the scope takes; binds as `values` gives them."""
    # A few AIPs are looked up one by one, not among all of the shelf.
    store = "store || ''" if scope.aips else "store"
    wanted = (
        'SELECT zorgdrager, store, "key", aip, checked_at FROM copies '
        f"WHERE {store} = :store AND zorgdrager = :zorgdrager"
    )
    if scope.checked_before is not None:
        wanted += " AND checked_at < :before"
    if scope.aips:
        listed = (
            "SELECT json_array_elements_text(CAST(:aips AS json) -> 'aips')"
            if postgres
            else "SELECT value FROM json_each(:aips, '$.aips')"
        )
        wanted += f" AND aip IN (SELECT number FROM aips WHERE aip_id IN ({listed}))"
    if scope.oldest is not None or scope.portions:
        wanted += " ORDER BY checked_at, aip LIMIT :oldest"
    if picked is not None:
        wanted = f"SELECT * FROM ({wanted}) o WHERE {picked.rank} <= {picked.highest}"
    return wanted


def values(scope: Scope, shelf: Shelf) -> Mapping[str, Any]:
    """The binds of `selection`."""
    bound: dict[str, Any] = {"store": shelf.store, "zorgdrager": shelf.zorgdrager}
    if scope.checked_before is not None:
        bound["before"] = scope.checked_before.astimezone(UTC).isoformat()
    if scope.aips:
        bound["aips"] = canonical({"aips": list(scope.aips)})
    limit = scope.limit(shelf.store, shelf.zorgdrager)
    if limit is not None:
        bound["oldest"] = limit
    return bound


def sample(
    connection: Connection, scope: Scope, shelves: Sequence[Shelf], *, postgres: bool
) -> Mapping[Shelf, Picked]:
    """For each shelf up to which rank its copies are in the sample of the scope."""
    assert scope.sample is not None, "a sample was asked for"
    ranks = {each: _rank(scope.seed, each) for each in shelves}
    chosen = heapq.nsmallest(
        scope.sample, _ranked(connection, scope, ranks, scope.sample, postgres=postgres)
    )
    highest = dict.fromkeys(shelves, NONE)
    for rank, shelf in chosen:
        highest[shelf] = max(highest[shelf], rank)
    return {each: Picked(ranks[each], highest[each]) for each in shelves}


def _ranked(
    connection: Connection,
    scope: Scope,
    ranks: Mapping[Shelf, str],
    limit: int,
    *,
    postgres: bool,
) -> Iterator[tuple[int, Shelf]]:
    for shelf, rank in ranks.items():
        inner = selection(scope, None, postgres=postgres)
        wanted = f"SELECT {rank} AS rank FROM ({inner}) o ORDER BY 1 LIMIT :limit"
        bound = {**values(scope, shelf), "limit": limit}
        for number in connection.execute(text(wanted), bound).scalars():
            yield int(number), shelf


def _rank(seed: int, shelf: Shelf) -> str:
    """The rank of a copy by its AIP's number, as SQL: below 2^62, and no two copies share one."""
    digest = hashlib.sha256(f"{seed}/{shelf.store}/{shelf.zorgdrager}".encode()).digest()
    constants = [int.from_bytes(digest[at : at + 8], "big") % PRIME for at in range(0, 32, 8)]
    x = f"(CAST(o.aip AS BIGINT) % {PRIME})"
    value = str(constants[0])
    for each in constants[1:]:
        value = f"(({value} * {x} + {each}) % {PRIME})"
    return f"({value} * {PRIME + 1} + {x})"
