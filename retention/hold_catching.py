"""New and changed dossiers under the holds that were placed before them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, select

from retention.hold_keys import mark
from retention.hold_members import HOLD, Cause, let_go, note_late, take_in
from retention.hold_nouns import Hold
from retention.hold_sight import active_among, active_of, any_active, scoped_by, zorgdragers_of
from retention.hold_texts import in_parts
from retention.leaving import ITSELF
from retention.noting import note
from retention.nouns import Desk
from retention.tables import HOLD_MEMBERS


def catch(connection: Connection, desk: Desk, dossier: str) -> tuple[str, ...]:
    """Put a new or changed dossier under the holds whose scope it falls under now; their ids."""
    return catch_each(connection, desk, (dossier,)).get(dossier, ())


def catch_each(
    connection: Connection, desk: Desk, dossiers: Collection[str]
) -> Mapping[str, tuple[str, ...]]:
    """The same for many, in the caller's transaction; those that came under no new hold are left
    out. What a hold reaches only now (a new part of what is held) leaves its list as well."""
    caught: dict[str, tuple[str, ...]] = {}
    for part in in_parts(dossiers):
        if desk.person_key:
            mark(connection, desk.person_key, part)
        if not any_active(connection):
            continue
        for dossier, holds in _newly_named(connection, part).items():
            caught[dossier] = tuple(sorted(each.id for each, _ in holds))
            for hold, why in holds:
                members = take_in(connection, desk, hold, {dossier: why}, ITSELF)
                _note_caught(connection, desk, hold, dossier, why)
                note_late(connection, desk, hold, members, ITSELF)
        for dossier, on_it in active_among(connection, part).items():
            let_go(connection, desk, (dossier,), Cause(HOLD, on_it[0].id, ITSELF))
    return caught


def _newly_named(
    connection: Connection, dossiers: Sequence[str]
) -> dict[str, list[tuple[Hold, str]]]:
    """Of dossiers: the active holds whose scope they fall under and that do not name them yet."""
    rows = zorgdragers_of(connection, dossiers)
    holds = active_of(connection, set(rows.values()))
    growing = {each.id: each for each in holds.values() if each.scope.grows}
    if not growing:
        return {}
    wanted = select(HOLD_MEMBERS).where(HOLD_MEMBERS.c.dossier.in_(dossiers))
    members = {(row.dossier, row.hold) for row in connection.execute(wanted)}
    found: dict[str, list[tuple[Hold, str]]] = {}
    for dossier, hold, why in scoped_by(connection, list(growing.values()), rows):
        if (dossier, hold) not in members:
            members.add((dossier, hold))
            found.setdefault(dossier, []).append((growing[hold], why))
    return found


def _note_caught(connection: Connection, desk: Desk, hold: Hold, dossier: str, why: str) -> None:
    note(
        connection,
        desk,
        hold.zorgdrager,
        "hold.caught",
        hold.id,
        result="ok",
        actor=ITSELF.actor,
        origin=ITSELF.origin,
        facts={"dossier": dossier, "by": why},
    )
