"""Dossiers by the names that people use: identifiers, ids, and beginnings of ids."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from edepot.errors import AmbiguousName, NotFound
from retention.register import find_dossiers
from retention.tables import DOSSIERS, TOMBSTONES
from storage import catalogue
from storage.catalogue import AIPS

AT_ONCE = 500
SHORTEST_BEGINNING = 4


def named_dossiers(
    connection: Connection, zorgdrager: str, names: Iterable[str]
) -> tuple[str, ...]:
    """The ids of these dossiers of a zorgdrager, those among them that were destroyed.

    Raises: NotFound; AmbiguousName.
    """
    return tuple(_one(connection, zorgdrager, each.strip()) for each in names)


def names_of(connection: Connection, dossiers: Sequence[str]) -> dict[str, str]:
    """The identifiers of dossiers; of one that bears none its id."""
    found = {each: each for each in dossiers}
    for start in range(0, len(dossiers), AT_ONCE):
        part = dossiers[start : start + AT_ONCE]
        for table in (TOMBSTONES, DOSSIERS):
            wanted = select(table.c.dossier, table.c.identifier).where(table.c.dossier.in_(part))
            found |= {row.dossier: row.identifier for row in connection.execute(wanted) if row[1]}
    return found


def _one(connection: Connection, zorgdrager: str, name: str) -> str:
    ids = {
        each.dossier for each in find_dossiers(connection, name) if each.zorgdrager == zorgdrager
    }
    if not ids:
        wanted = select(TOMBSTONES.c.dossier).where(
            TOMBSTONES.c.zorgdrager == zorgdrager,
            (TOMBSTONES.c.dossier == name) | (TOMBSTONES.c.identifier == name),
        )
        ids = set(connection.execute(wanted).scalars())
    if not ids:
        hits = catalogue.find(connection, f'"{name}"', 10, zorgdrager=zorgdrager)
        ids = {each.aip_id for each in hits if name in (each.identifier, each.aip_id)}
    if not ids and len(name) >= SHORTEST_BEGINNING:
        beginning = catalogue.ids_beginning(connection, name.lower())
        wanted = select(AIPS.c.aip_id).where(
            AIPS.c.aip_id.in_(beginning), AIPS.c.zorgdrager == zorgdrager
        )
        ids = set(connection.execute(wanted).scalars())
    if len(ids) > 1:
        raise AmbiguousName(name=name, found=", ".join(sorted(ids)[:5]))
    if not ids:
        raise NotFound(name=name)
    return ids.pop()
