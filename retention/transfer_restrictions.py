"""Restrictions on openness (beperkingen op de openbaarheid): ground and end date, per dossier.

    take_from_packages(desk, stores, transfer)     what the packages say already
    restrict(desk, stores, actor, transfer, dossiers, decision, record=…)

At most 75 years after the records came into being; undecided is not packaged.
Source: Archiefwet 1995, art. 14 and 15; Archiefbesluit 1995, art. 10.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select

from formats.periods import Duration
from retention.acts import act
from retention.days import trusted_today
from retention.errors import Refused
from retention.noting import note
from retention.nouns import Actor, Desk, Role
from retention.people import require_mandate
from retention.tables import DOSSIERS
from retention.terms import plus
from retention.transfer_mdto import last_day, objects_in, openness_of
from retention.transfer_nouns import (
    OPEN,
    UNDECIDED,
    Decision,
    Openness,
    Restriction,
    Transfer,
)
from retention.transfer_reading import dossiers_of, read_transfer, restrictions_of
from retention.transfer_tables import RESTRICTIONS
from storage import catalogue
from storage.catalogue import AIPS, COPIES
from storage.database import begin, reading
from storage.errors import StorageError
from storage.package_reader import open_package
from storage.stores.base import Store

LONGEST = Duration(months=75 * 12)
FROM_MDTO, FROM_PERSON = "mdto", "person"
DECIDERS = (Role.RECORD_MANAGER, Role.ARCHIVIST)


def take_from_packages(desk: Desk, stores: Mapping[str, Store], transfer: str) -> int:
    """Take what the packages say on openness; how many dossiers could not be read.

    A record has a row of its own only where it says something else than its dossier. What the
    packages leave out, or say for longer than may be, is undecided.
    """
    with reading(desk.engine) as connection:
        found = read_transfer(connection, transfer)
        dossiers = dossiers_of(connection, transfer)
        today = trusted_today(connection, found.zorgdrager, desk.now())
        longest = {each: _latest(connection, each, today) for each in dossiers}
    unread = 0
    for dossier in dossiers:
        said = _said_in(desk, stores, dossier)
        unread += said is None
        rows = _rows(found, dossier, said or {"": UNDECIDED}, longest[dossier], desk)
        with begin(desk.engine) as connection:
            if not restrictions_of(connection, transfer, dossier):
                connection.execute(insert(RESTRICTIONS), rows)
    return unread


def restrict(  # noqa: PLR0913, PLR0917 - who decides what, of which dossiers of which transfer
    desk: Desk,
    stores: Mapping[str, Store],
    actor: Actor,
    transfer: str,
    dossiers: Sequence[str],
    decision: Decision,
    *,
    record: str = "",
) -> tuple[Restriction, ...]:
    """Decide on the openness of dossiers, or of one record of one dossier, as long as the transfer
    is not agreed; what counts for them now.

    Raises: TransferUnknown; Refused (mandate, state, unknown, ground_missing, until_missing,
    until_past, too_long).
    """
    with begin(desk.engine) as connection:
        found = read_transfer(connection, transfer)
        today = trusted_today(connection, found.zorgdrager, desk.now())
        require_mandate(connection, actor, found.zorgdrager, DECIDERS, today)
        if found.state not in OPEN:
            raise Refused("state", transfer, list=transfer, state=found.state.value)
        known = set(dossiers_of(connection, transfer))
        for each in dossiers:
            if each not in known:
                raise Refused("unknown", each, list=transfer, dossier=each)
            _check(decision, each, _latest(connection, each, today), today)
            if record:
                _check_record(connection, stores, each, record)
        row = _row(found, "", record, decision, FROM_PERSON, actor.person, desk)
        connection.execute(insert(RESTRICTIONS), [row | {"dossier": each} for each in dossiers])
        said = {"dossiers": sorted(dossiers), "record": record, **_plain(decision)}
        act(connection, desk, actor, transfer, None, "restrict", said)
        note(
            connection,
            desk,
            found.zorgdrager,
            "transfer.restricted",
            transfer,
            result=decision.openness.value,
            actor=actor.person,
            origin=actor.origin,
            facts={"dossiers": len(dossiers), "ground": said["ground"], "until": said["until"]},
        )
        return tuple(
            one
            for each in dossiers
            for one in effective(connection, transfer, each)
            if one.record == record
        )


def effective(connection: Connection, transfer: str, dossier: str = "") -> tuple[Restriction, ...]:
    """What counts on openness, with a row that says undecided for each dossier without one."""
    found = restrictions_of(connection, transfer, dossier)
    decided = {each.dossier for each in found if not each.record}
    among = (dossier,) if dossier else dossiers_of(connection, transfer)
    missing = [Restriction(each, "", UNDECIDED, "", "", "") for each in set(among) - decided]
    return tuple(sorted((*found, *missing), key=lambda each: (each.dossier, each.record)))


def _check(decision: Decision, dossier: str, latest: date, today: date) -> None:
    """See that a restriction has all that it needs, and no more than may be."""
    if decision.openness is not Openness.RESTRICTED:
        return
    if decision.ground is None:
        raise Refused("ground_missing", dossier, dossier=dossier)
    until = last_day(decision.until)
    if until is None:
        raise Refused("until_missing", dossier, dossier=dossier, found=decision.until or "-")
    if until <= today:
        raise Refused("until_past", dossier, dossier=dossier, found=until.isoformat())
    if until > latest:
        raise Refused("too_long", dossier, dossier=dossier, found=latest.isoformat())


def _check_record(
    connection: Connection, stores: Mapping[str, Store], dossier: str, record: str
) -> None:
    """See that the package has this record: a decision on nothing is none."""
    for store, key in _copies(connection, dossier):
        if store not in stores:
            continue
        names = {
            one.identificatieKenmerk
            for each in objects_in(open_package(stores[store], key))
            for one in each.identificatie
        }
        if record not in names:
            raise Refused("unknown", record, dossier=dossier, record=record)
        return
    raise Refused("unknown", record, dossier=dossier, record=record)


def _said_in(desk: Desk, stores: Mapping[str, Store], dossier: str) -> dict[str, Decision] | None:
    """What a package says: of the dossier ("") and of records that say otherwise; None when no
    copy can be read."""
    with reading(desk.engine) as connection:
        copies = _copies(connection, dossier)
    for store, key in copies:
        if store not in stores:
            continue
        try:
            return _openness(stores[store], key)
        except (StorageError, OSError, ValueError):
            continue
    return None


def _openness(store: Store, key: str) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for item in objects_in(open_package(store, key)):
        decision = openness_of(item)
        if not found:
            found[""] = decision
        elif decision != found[""]:
            found[item.identificatie[0].identificatieKenmerk] = decision
    return found


def _rows(
    transfer: Transfer, dossier: str, said: Mapping[str, Decision], latest: date, desk: Desk
) -> list[dict[str, Any]]:
    rows = []
    for record, decision in said.items():
        until = last_day(decision.until)
        kept = decision if until is None or until <= latest else _too_long(decision)
        rows.append(_row(transfer, dossier, record, kept, FROM_MDTO, "", desk))
    return rows


def _too_long(decision: Decision) -> Decision:
    return replace(decision, openness=Openness.UNDECIDED, until="")


def _row(  # noqa: PLR0913, PLR0917 - what is decided, of what, by whom
    transfer: Transfer,
    dossier: str,
    record: str,
    decision: Decision,
    source: str,
    person: str,
    desk: Desk,
) -> dict[str, Any]:
    return {
        "transfer": transfer.id,
        "dossier": dossier,
        "record": record,
        **_plain(decision),
        "source": source,
        "decided_by": person,
        "decided_at": desk.now().isoformat(),
    }


def _plain(decision: Decision) -> dict[str, str]:
    restricted = decision.openness is not Openness.OPEN
    return {
        "openness": decision.openness.value,
        "ground": decision.ground.value if decision.ground and restricted else "",
        "until": decision.until if restricted else "",
        "description": decision.description,
    }


def _latest(connection: Connection, dossier: str, today: date) -> date:
    """Until when openness may be restricted at most: reckoned from the end of the dossier, or else
    from its begin; of one without dates from today."""
    row = connection.execute(
        select(DOSSIERS.c.ended_on, DOSSIERS.c.started_on).where(DOSSIERS.c.dossier == dossier)
    ).one()
    stored = catalogue.by_id(connection, dossier, with_files=False)
    described = (stored.description.created_to, stored.description.created_from) if stored else ()
    days = (last_day(each) for each in (row.ended_on, row.started_on, *described))
    return plus(next((each for each in days if each is not None), today), LONGEST)


def _copies(connection: Connection, dossier: str) -> list[tuple[str, str]]:
    """The copies of the newest version: store and key."""
    wanted = (
        select(COPIES.c.store, COPIES.c.key)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .where(AIPS.c.aip_id == dossier)
        .order_by(AIPS.c.version.desc(), COPIES.c.store)
    )
    return [(each.store, each.key) for each in connection.execute(wanted)]
