"""Many dossiers at once: parts of a long list, and the holds on each."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import Connection

from retention.hold_sight import active_among

AT_ONCE = 1000
"""So many dossiers in one question."""


def in_parts(values: Iterable[str], size: int = AT_ONCE) -> Iterator[list[str]]:
    """The values, so many at once."""
    rest = iter(values)
    while part := list(islice(rest, size)):
        yield part


def holds_on(connection: Connection, dossiers: Sequence[str]) -> dict[str, list[str]]:
    """The ids of the holds on these dossiers, their families among them; none: left out."""
    found: dict[str, list[str]] = {}
    for part in in_parts(dossiers):
        for dossier, holds in active_among(connection, part).items():
            found[dossier] = [each.id for each in holds]
    return found
