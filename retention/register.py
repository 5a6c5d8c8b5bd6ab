"""The register: the dossiers, found by id or identifier, and those that are due, page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, tuple_

from retention.case import Decision
from retention.errors import DossierUnknown
from retention.nouns import DossierState
from retention.tables import DOSSIERS

NO_COMPUTATION: Mapping[str, Any] = {
    "hold_epoch": 0,
    "computation": 0,
    "valuation": "",
    "decision": "",
    "brondatum": "",
    "end_date": "",
    "eligible_from": "",
    "transfer_on": "",
    "cause": "",
}
"""The columns of a dossier that was not computed yet."""

Key = tuple[str, str]
"""Where a page ended: the date that it is ordered by, and the dossier."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier as it stands in the register; dates are texts, "" for none."""

    dossier: str
    zorgdrager: str
    holder: str
    identifier: str
    zaaktype: str
    result: str
    parent: str
    list_year: str
    category: str
    started_on: str
    ended_on: str
    files: int
    size_bytes: int
    state: DossierState
    hold_epoch: int
    computation: int
    valuation: str
    decision: str
    brondatum: str
    end_date: str
    eligible_from: str
    transfer_on: str
    cause: str
    enrolled_at: str


@dataclass(frozen=True, slots=True)
class NewDossier:
    """What is known of a dossier when it comes into the register."""

    dossier: str
    zorgdrager: str
    identifier: str
    files: int
    size_bytes: int
    holder: str = ""
    zaaktype: str = ""
    result: str = ""
    parent: str = ""
    list_year: str = ""
    category: str = ""
    started_on: str = ""
    ended_on: str = ""


def add_dossiers(connection: Connection, new: Sequence[NewDossier], at: datetime) -> None:
    """Write down dossiers that are here; their computation comes after."""
    rest = {"state": DossierState.HERE.value, "enrolled_at": at.isoformat(), **NO_COMPUTATION}
    names = [each.name for each in fields(NewDossier)]
    rows = [{name: getattr(each, name) for name in names} | rest for each in new]
    if rows:
        connection.execute(insert(DOSSIERS), rows)


def read_dossier(connection: Connection, dossier: str) -> Dossier:
    """The dossier of an id.

    Raises: DossierUnknown.
    """
    row = connection.execute(select(DOSSIERS).where(DOSSIERS.c.dossier == dossier)).first()
    if row is None:
        raise DossierUnknown(dossier=dossier)
    return dossier_of(row)


def find_dossiers(connection: Connection, named: str, limit: int = 10) -> tuple[Dossier, ...]:
    """The dossiers under an id, the beginning of an id (4 or more), or an identifier."""
    exact = select(DOSSIERS).where((DOSSIERS.c.dossier == named) | (DOSSIERS.c.identifier == named))
    rows = connection.execute(exact.order_by(DOSSIERS.c.dossier).limit(limit)).all()
    if not rows and len(named) >= 4:
        beginning = select(DOSSIERS).where(
            DOSSIERS.c.dossier >= named, DOSSIERS.c.dossier < named + "\U0010ffff"
        )
        rows = connection.execute(beginning.order_by(DOSSIERS.c.dossier).limit(limit)).all()
    return tuple(dossier_of(each) for each in rows)


def due(
    connection: Connection,
    zorgdrager: str,
    today: date,
    *,
    after: Key | None = None,
    limit: int = 100,
) -> tuple[Dossier, ...]:
    """The dossiers whose date has come, the longest due first; what a list can be made of.

    A date makes a candidate and nothing more: holds, exemptions and the family are for the guards.
    `after` is the key of the last one of the page before.
    """
    order = (DOSSIERS.c.eligible_from, DOSSIERS.c.dossier)
    wanted = select(DOSSIERS).where(
        DOSSIERS.c.zorgdrager == zorgdrager,
        DOSSIERS.c.decision == Decision.DATED.value,
        DOSSIERS.c.state == DossierState.HERE.value,
        DOSSIERS.c.eligible_from <= today.isoformat(),
    )
    if after is not None:
        wanted = wanted.where(tuple_(*order) > tuple_(*after))
    rows = connection.execute(wanted.order_by(*order).limit(limit))
    return tuple(dossier_of(each) for each in rows)


def key_of_page(last: Dossier) -> Key:
    """The key to go on from."""
    return (last.eligible_from, last.dossier)


def dossier_of(row: Row[Any]) -> Dossier:
    """A row as a dossier."""
    values = dict(row._mapping)
    return Dossier(**values | {"state": DossierState(row.state)})
