"""What was signed, and whether an item is part of it (G11, G12); who must answer (G13)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from retention import list_root
from retention.bulk import in_parts
from retention.guard_nouns import Inclusion, Refusal, Refusals
from retention.tables import AUTHORISATIONS, LISTS
from storage.catalogue import AIPS, COPIES


def authorisation(connection: Connection, list_id: str, today: date) -> tuple[str, Refusals]:
    """The root that was signed last and not withdrawn, and what stands against it (G12)."""
    wanted = (
        select(AUTHORISATIONS, LISTS.c.root.label("list_root"))
        .join(LISTS, LISTS.c.id == AUTHORISATIONS.c.list)
        .where(AUTHORISATIONS.c.list == list_id, AUTHORISATIONS.c.withdrawn_at == "")
        .order_by(AUTHORISATIONS.c.number.desc())
        .limit(1)
    )
    row = connection.execute(wanted).first()
    if row is None:
        return "", (Refusal("G12", "unsigned", list_id),)
    found = []
    if row.root != row.list_root:
        found.append(Refusal("G12", "hash_mismatch", row.root))
    if today <= date.fromisoformat(row.waits_until):
        found.append(Refusal("G12", "waiting", row.waits_until))
    if today > date.fromisoformat(row.valid_until):
        found.append(Refusal("G12", "expired", row.valid_until))
    return row.root, tuple(found)


def included(
    connection: Connection, row: Row[Any], root: str, inclusion: Inclusion | None
) -> Refusals:
    """Whether an item's row is what its snapshot says, and a leaf under the signed root (G11).

    `root` "": nothing is signed yet, and the list's own root counts.
    """
    wrong = (Refusal("G11", "hash_mismatch", row.dossier),)
    if not list_root.says_the_same(row.dossier, row.computation, row.snapshot, row.snapshot_sha256):
        return wrong
    expected = root or _root_of(connection, row.list)
    if inclusion is None:
        tree = list_root.read_tree(connection, row.list)
        inclusion = tree.prove(row.dossier)
    if inclusion is None or not list_root.stands_under(row.snapshot, inclusion, expected):
        return wrong
    return ()


def silent(
    connection: Connection, dossiers: Iterable[str], answered: frozenset[str] | None
) -> Mapping[str, Refusals]:
    """The stores with a copy of each dossier that did not answer (G13); nothing when not asked."""
    if answered is None:
        return {}
    found: dict[str, Refusals] = {}
    for part in in_parts(dossiers):
        wanted = (
            select(AIPS.c.aip_id, COPIES.c.store)
            .join(COPIES, COPIES.c.aip == AIPS.c.number)
            .where(AIPS.c.aip_id.in_(part), COPIES.c.store.not_in(sorted(answered)))
            .distinct()
            .order_by(AIPS.c.aip_id, COPIES.c.store)
        )
        for each in connection.execute(wanted):
            refusal = Refusal("G13", "store_silent", each.store)
            found[each.aip_id] = (*found.get(each.aip_id, ()), refusal)
    return found


def _root_of(connection: Connection, list_id: str) -> str:
    return str(connection.execute(select(LISTS.c.root).where(LISTS.c.id == list_id)).scalar_one())
