"""Finding the one dossier of the register that is meant, and the zorgdrager that is meant."""

from typing import Any

from sqlalchemy import Connection, select

from edepot.config import Config
from edepot.errors import AmbiguousName, NotFound, ZorgdragerUnknown
from retention.register import Dossier, find_dossiers
from retention.tables import TOMBSTONES


def one_dossier(connection: Connection, named: str) -> Dossier:
    """The dossier under an id, the beginning of one, or an identifier.

    Raises: NotFound; AmbiguousName.
    """
    found = find_dossiers(connection, named)
    if len(found) > 1:
        raise AmbiguousName(name=named, found=", ".join(each.dossier for each in found[:5]))
    if not found:
        raise NotFound(name=named)
    return found[0]


def tombstone(connection: Connection, named: str) -> dict[str, Any] | None:
    """What is left of a destroyed dossier, by its id or identifier; None for none."""
    wanted = select(TOMBSTONES).where(
        (TOMBSTONES.c.dossier == named) | (TOMBSTONES.c.identifier == named)
    )
    row = connection.execute(wanted).mappings().first()
    return None if row is None else dict(row)


def zorgdragers_of(config: Config, named: str | None) -> list[str]:
    """The zorgdrager that was named, else all of the depot.

    Raises: ZorgdragerUnknown.
    """
    known = [each.id for each in config.zorgdragers]
    if named is None:
        return known
    if named not in known:
        raise ZorgdragerUnknown(name=named, known=", ".join(known))
    return [named]


def one_zorgdrager(config: Config, named: str | None) -> str:
    """The zorgdrager that was named; of a depot with one that one.

    Raises: ZorgdragerUnknown.
    """
    found = zorgdragers_of(config, named)
    if len(found) > 1:
        raise ZorgdragerUnknown(name="-", known=", ".join(found))
    return found[0]
