"""Destroying again what turned up of a dossier after it was destroyed, under the same signed list.

Only what was found goes, by exact version. It is an incident; and nothing of it is proven until a
later sweep finds nothing. While a hold covers the dossier nothing is touched.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select, update

from retention.disposal_claims import tell
from retention.disposal_manifest import BESIDE, manifest_rows, mark, plan_again
from retention.disposal_nouns import Claim, Place, TraceState, Trouble, Works
from retention.disposal_verify import Found, look
from retention.hold_sight import active_on
from retention.nouns import ItemState
from retention.tables import ITEMS, LISTS
from storage.aip import package_key
from storage.database import begin, reading
from storage.erasing import Erased, erase
from storage.errors import StorageError
from storage.forgetting import erase_details_of, forget, numbers_of
from storage.inventory import Role, Trace

SHOWN = 5
DATABASE = "database"


def look_again(works: Works, list_id: str, dossier: str) -> Found:
    """Ask every place, and the database, for a dossier that the list destroyed.

    Raises: DatabaseUnusable.
    """
    with reading(works.desk.engine) as connection:
        held = _standing(connection, list_id, dossier)
        rows = manifest_rows(connection, held)
        known = numbers_of(connection, dossier)
    found = look(works, held.zorgdrager, dossier, rows)
    if known:
        found.left.append(Trace(DATABASE, "catalogue", "", Role.PACKAGE, 0))
    else:
        found.evidence.append((DATABASE, dossier, "nothing"))
    return found


def erase_again(works: Works, list_id: str, dossier: str, left: Sequence[Trace]) -> str:
    """Erase what was found of a destroyed dossier; the hold for which nothing was touched, or "".

    Raises: DatabaseUnusable.
    """
    with reading(works.desk.engine) as connection:
        held = _standing(connection, list_id, dossier)
    with works.archive.holding(package_key(held.zorgdrager, dossier, 1)):
        hold = _note(works, held, left)
        if not hold:
            _erase(works, held, left)
    return hold


def _note(works: Works, held: Claim, left: Sequence[Trace]) -> str:
    """The incident, and in the manifest what is to be deleted; or the hold that forbids it."""
    places = sorted({each.store for each in left})
    detail = ", ".join(f"{each.store}: {each.key}" for each in left[:SHOWN])
    with begin(works.desk.engine) as connection:
        holds = active_on(connection, held.dossier)
        hold = holds[0].id if holds else ""
        connection.execute(
            update(ITEMS)
            .where(ITEMS.c.list == held.list_id, ITEMS.c.dossier == held.dossier)
            .values(trouble=f"{Trouble.FOUND_AGAIN.value}: {detail}")
        )
        facts = {"places": places, "hold": hold}
        tell(connection, works, held, "disposal.found_again", "incident", facts)
        if not hold:
            of_stores = [each for each in left if each.store != DATABASE]
            plan_again(connection, works, held, of_stores)
    return hold


def _erase(works: Works, held: Claim, left: Sequence[Trace]) -> None:
    for name, store in sorted(works.stores.items()):
        mine = [each for each in left if each.store == name]
        told = list(erase(store, mine)) if mine else []
        accepted = {
            (each.trace.key, each.trace.version) for each in told if each.outcome is Erased.ACCEPTED
        }
        _mark(works, held, name, accepted)
    beside = {each.store for each in left}
    for place in works.places:
        if place.name in beside:
            _erase_beside(works, held, place)
    if DATABASE in beside:
        with begin(works.desk.engine) as connection:
            forget(connection, held.dossier)
            erase_details_of(connection, held.zorgdrager, held.dossier)


def _erase_beside(works: Works, held: Claim, place: Place) -> None:
    try:
        place.erase(held.zorgdrager, held.dossier)
    except (StorageError, OSError):
        # The next sweep finds it, and asks again.
        return
    with reading(works.desk.engine) as connection:
        rows = [each for each in manifest_rows(connection, held) if each.role == BESIDE]
    _mark(works, held, place.name, {(each.key, each.version) for each in rows})


def _mark(works: Works, held: Claim, name: str, keys: set[tuple[str, str]]) -> None:
    with begin(works.desk.engine) as connection:
        for each in manifest_rows(connection, held):
            planned = each.state == TraceState.PLANNED and each.store == name
            if planned and (each.key, each.version) in keys:
                mark(connection, held, each.number, TraceState.ASKED, "")


def _standing(connection: Connection, list_id: str, dossier: str) -> Claim:
    row = connection.execute(
        select(ITEMS.c.token, LISTS.c.zorgdrager, LISTS.c.kind, LISTS.c.root)
        .join(LISTS, LISTS.c.id == ITEMS.c.list)
        .where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
    ).one()
    return Claim(
        list_id, dossier, row.zorgdrager, row.kind, row.root, ItemState.DESTROYED, row.token
    )
