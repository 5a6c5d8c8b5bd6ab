"""Incidents: what a person must act on, opened once and closed when it is over."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select, update

from storage import ledger
from storage.fixity.tables import INCIDENTS
from storage.order import Order
from storage.promised import PackageName

LOST = "lost"
OPENED = "incident.lost"


@dataclass(frozen=True, slots=True)
class Lost:
    """Why a package is lost: the digest that the ledger has, and what was found in each store."""

    expected: str
    found: Sequence[tuple[str, str]]


def open_lost(
    connection: Connection,
    order: Order,
    name: PackageName,
    run: str,
    lost: Lost,
) -> bool:
    """No good copy is left of a package: written down once. False when it is open already."""
    if lost_of(connection, name):
        return False
    past = connection.execute(
        select(func.count()).where(
            INCIDENTS.c.aip_id == name.aip_id, INCIDENTS.c.version == name.version
        )
    ).scalar_one()
    incident = f"{LOST}-{name.aip_id}-v{name.version:04d}-{past + 1}"
    said = {"expected": lost.expected, "found": dict(lost.found)}
    event = order.event(
        OPENED,
        name.aip_id,
        "opened",
        {"incident": incident, "run": run, "version": name.version, **said},
    )
    ledger.append(connection, name.zorgdrager, event, order.salt())
    connection.execute(
        insert(INCIDENTS),
        {
            "id": incident,
            "zorgdrager": name.zorgdrager,
            "kind": LOST,
            "aip_id": name.aip_id,
            "version": name.version,
            "run": run,
            "opened_at": event.at.isoformat(),
            "closed_at": "",
            "detail": ledger.canonical(said),
        },
    )
    return True


def lost_of(connection: Connection, name: PackageName) -> str:
    """The id of the open incident that this package is lost; "" when there is none."""
    found = connection.execute(
        select(INCIDENTS.c.id).where(
            INCIDENTS.c.kind == LOST,
            INCIDENTS.c.aip_id == name.aip_id,
            INCIDENTS.c.version == name.version,
            INCIDENTS.c.closed_at == "",
        )
    ).scalar()
    return found or ""


def close_incident(connection: Connection, incident: str, at: str) -> None:
    """The incident is over since this instant; the ledger's entry of what ended it names it."""
    connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == incident).values(closed_at=at))
