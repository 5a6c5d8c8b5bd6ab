"""What the ledger promises of a package: the one measure for a copy, and where copies should be.

Never the catalogue, never a majority of copies. A line that was changed promises nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, bindparam, select

from storage import ledger
from storage.aip import PackageSums, package_key
from storage.archive import CAME_IN, DESTROYED
from storage.errors import NotPromised
from storage.ledger import ENTRIES, LedgerEntry
from storage.merkle import leaf_hash

ADD = "copy.add"
REMOVE = "copy.remove"
REPAIR = "copy.repair"
BEGUN = "disposal.begun"
"""What the ledger says of an AIP before the first of its copies goes by a signed list."""
INTENDED = "intended"
DONE = "done"


@dataclass(frozen=True, slots=True)
class PackageName:
    """What names a package: its zorgdrager, its AIP's id, and the version."""

    zorgdrager: str
    aip_id: str
    version: int

    @property
    def key(self) -> str:
        """Its key in every store."""
        return package_key(self.zorgdrager, self.aip_id, self.version)


def promised(connection: Connection, name: PackageName) -> PackageSums:
    """The sums that the newest entry by which this AIP version came in names.

    Raises: NotPromised when there is none, or when its line is not the one that was written.
    """
    wanted = (
        select(ENTRIES.c.seq, ENTRIES.c.line, ENTRIES.c.leaf)
        .where(
            ENTRIES.c.zorgdrager == name.zorgdrager,
            ENTRIES.c.object == name.aip_id,
            ENTRIES.c.action.in_(CAME_IN),
        )
        .order_by(ENTRIES.c.seq.desc())
    )
    for row in connection.execute(wanted):
        _refuse_changed(connection, name.zorgdrager, row)
        facts = ledger.read_line(name.zorgdrager, row.line).facts
        if facts.get("version") == name.version:
            return PackageSums(facts["size_bytes"], facts["sha256"], facts["tagmanifest_sha256"])
    raise NotPromised(
        f"the ledger knows no ingest of {name}",
        zorgdrager=name.zorgdrager,
        aip=name.aip_id,
        found="-",
    )


def held_since(
    entries: Iterator[LedgerEntry], version: int | None = None
) -> Mapping[tuple[str, int], dict[str, datetime]]:
    """(AIP id, version) -> the stores that should hold a copy, each with since when it is so."""
    held: dict[tuple[str, int], dict[str, datetime]] = {}
    for each in entries:
        facts = each.facts
        if each.action == DESTROYED:
            for key in [one for one in held if one[0] == each.object]:
                held[key] = {}
            continue
        if version is not None and facts.get("version") != version:
            continue
        if each.action in CAME_IN:
            held[each.object, facts["version"]] = dict.fromkeys(facts["copies"], each.at)
        elif each.action in (ADD, REPAIR):
            held.setdefault((each.object, facts["version"]), {})[facts["store"]] = each.at
        elif each.action == REMOVE and each.result == DONE:
            held.get((each.object, facts["version"]), {}).pop(facts["store"], None)
    return held


def destroyed_since(connection: Connection, zorgdrager: str) -> Mapping[str, datetime]:
    """The AIPs of a zorgdrager that were destroyed (or released) by a signed list, and when."""
    wanted = select(ENTRIES.c.line).where(
        ENTRIES.c.zorgdrager == zorgdrager, says_destroyed(ENTRIES)
    )
    lines = connection.execute(wanted.order_by(ENTRIES.c.seq)).scalars()
    entries = (ledger.read_line(zorgdrager, line) for line in lines)
    return {each.object: each.at for each in entries}


def says_destroyed(entries: FromClause) -> ColumnElement[bool]:
    """That an entry of the ledger says that an AIP was destroyed.

    The word stands in the text of the statement, for the index over these entries alone is not
    used with a value that comes later.
    """
    word: str = DESTROYED
    return entries.c.action == bindparam("destroyed", word, literal_execute=True)


def is_destroyed(connection: Connection, zorgdrager: str, aip_id: str) -> bool:
    """Whether the ledger says that an AIP was destroyed or released."""
    wanted = select(ENTRIES.c.seq).where(
        ENTRIES.c.zorgdrager == zorgdrager,
        ENTRIES.c.object == aip_id,
        ENTRIES.c.action == DESTROYED,
    )
    return connection.execute(wanted.limit(1)).first() is not None


def may_be_gone(connection: Connection, zorgdrager: str, aip_id: str) -> bool:
    """Whether the ledger says that an AIP was destroyed, or that its destruction has begun: then a
    copy that is not there is none that is missing."""
    wanted = select(ENTRIES.c.seq).where(
        ENTRIES.c.zorgdrager == zorgdrager,
        ENTRIES.c.object == aip_id,
        ENTRIES.c.action.in_((BEGUN, DESTROYED)),
    )
    return connection.execute(wanted.limit(1)).first() is not None


def destroyed_by(connection: Connection, aip_id: str) -> LedgerEntry | None:
    """The entry by which an AIP was destroyed or released, whosever it was; None for none."""
    wanted = select(ENTRIES.c.zorgdrager, ENTRIES.c.line).where(
        says_destroyed(ENTRIES), ENTRIES.c.object == aip_id
    )
    row = connection.execute(wanted.order_by(ENTRIES.c.seq).limit(1)).first()
    return None if row is None else ledger.read_line(row.zorgdrager, row.line)


def holding_stores(connection: Connection, name: PackageName) -> tuple[str, ...]:
    """The stores that should hold a copy of a package, by the ledger alone."""
    entries = ledger.entries(connection, name.zorgdrager, object_id=name.aip_id)
    return tuple(held_since(entries, name.version).get((name.aip_id, name.version), {}))


def _refuse_changed(connection: Connection, zorgdrager: str, row: Any) -> None:
    """The line is the one that the tree and the next entry were made over, or it counts not."""
    following = connection.execute(
        select(ENTRIES.c.line).where(
            ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.seq == row.seq + 1
        )
    ).scalar()
    leaf = leaf_hash(row.line.encode("utf-8"))
    try:
        follows = following is None or json.loads(following)["prev"] == leaf.hex()
        whole = leaf == row.leaf and follows
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise NotPromised(
            f"{zorgdrager}: ledger entry {row.seq} was changed",
            zorgdrager=zorgdrager,
            found=f"{zorgdrager} {row.seq}",
        )
