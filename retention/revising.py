"""Revisions: a list is frozen under a root; what left before has no leaf in it any more."""

from sqlalchemy import Connection, func, insert, select, update

from retention.errors import Refused
from retention.leaving import ITSELF
from retention.list_reading import Revision, read_list
from retention.list_root import OFF, compute_root
from retention.noting import note
from retention.nouns import ON_LIST, Desk, ItemState, ListState
from retention.tables import ITEMS, LISTS, REVISIONS

MAY_CHANGE = (
    ListState.CONCEPT,
    ListState.IN_REVIEW,
    ListState.CHANGES_REQUESTED,
    ListState.REVIEWED,
    ListState.AT_ARCHIVIST,
    ListState.TO_SIGN,
)
"""Until it is signed: from then on nothing changes what was signed."""


def revise(connection: Connection, desk: Desk, list_id: str, why: str, made_by: str) -> Revision:
    """Freeze a list as it is now: a new revision with its root, in the caller's transaction.

    Raises: ListUnknown; Refused (state) once it is signed.
    """
    listed = read_list(connection, list_id)
    if listed.state not in MAY_CHANGE:
        raise Refused("state", f"{list_id}: {listed.state.value}", list=list_id, state=listed.state)
    items = _number(connection, list_id)
    made = Revision(
        list=list_id,
        revision=listed.revision + 1,
        root=compute_root(connection, list_id),
        items=items,
        made_by=made_by,
        made_at=desk.now().isoformat(),
        note=why,
    )
    connection.execute(
        insert(REVISIONS), {name: getattr(made, name) for name in Revision.__slots__}
    )
    connection.execute(
        update(LISTS)
        .where(LISTS.c.id == list_id)
        .values(revision=made.revision, root=made.root, changed_at=made.made_at)
    )
    note(
        connection,
        desk,
        listed.zorgdrager,
        "list.revised",
        list_id,
        result="ok",
        actor=made_by,
        origin=ITSELF.origin,
        facts={"revision": made.revision, "root": made.root, "items": items},
        details={"note": why},
    )
    return made


def _number(connection: Connection, list_id: str) -> int:
    """Give every item on the list its place, and take it from those that left; how many there are.

    The order stays; who came in last stands last.
    """
    on_list = (ITEMS.c.list == list_id) & ITEMS.c.state.in_([each.value for each in ON_LIST])
    order = func.row_number().over(order_by=(ITEMS.c.position, ITEMS.c.dossier)) - 1
    placed = select(ITEMS.c.dossier, order.label("place")).where(on_list).subquery()
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.dossier == placed.c.dossier)
        .values(position=placed.c.place)
    )
    connection.execute(
        update(ITEMS)
        .where(ITEMS.c.list == list_id, ITEMS.c.state == ItemState.LEFT.value)
        .values(position=OFF)
    )
    counted = select(func.count()).select_from(ITEMS).where(on_list)
    return int(connection.execute(counted).scalar_one())
