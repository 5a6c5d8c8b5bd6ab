"""Reading holds: which there are, what they name, and at which a person has to look again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, func, select

from retention.errors import HoldUnknown
from retention.hold_nouns import Hold, HoldState, hold_of
from retention.tables import HOLD_MEMBERS, HOLDS


def read_hold(connection: Connection, hold: str) -> Hold:
    """The hold of an id.

    Raises: HoldUnknown.
    """
    row = connection.execute(select(HOLDS).where(HOLDS.c.id == hold)).first()
    if row is None:
        raise HoldUnknown(hold=hold)
    return hold_of(row)


@dataclass(frozen=True, slots=True)
class Counted:
    """A hold, and how many dossiers it names now."""

    hold: Hold
    dossiers: int


def list_holds(
    connection: Connection, zorgdragers: Sequence[str] = (), *, released: bool = False
) -> tuple[Counted, ...]:
    """The holds in the order in which they were placed; the released ones too when asked for."""
    members = (
        select(func.count())
        .where(HOLD_MEMBERS.c.hold == HOLDS.c.id)
        .scalar_subquery()
        .label("members")
    )
    wanted = select(HOLDS, members).order_by(HOLDS.c.id)
    if zorgdragers:
        wanted = wanted.where(HOLDS.c.zorgdrager.in_(zorgdragers))
    if not released:
        wanted = wanted.where(HOLDS.c.state != HoldState.RELEASED.value)
    return tuple(Counted(hold_of(row), row.members) for row in connection.execute(wanted))


def members_of(connection: Connection, hold: str) -> tuple[str, ...]:
    """The dossiers that a hold names, those that are gone among them."""
    wanted = select(HOLD_MEMBERS.c.dossier).where(HOLD_MEMBERS.c.hold == hold)
    return tuple(connection.execute(wanted.order_by(HOLD_MEMBERS.c.dossier)).scalars())


def due_reviews(connection: Connection, today: date) -> tuple[Hold, ...]:
    """The holds at which a person has to look again; that the day is over ends none of them."""
    wanted = (
        select(HOLDS)
        .where(HOLDS.c.state != HoldState.RELEASED.value, HOLDS.c.review_on <= today.isoformat())
        .order_by(HOLDS.c.review_on, HOLDS.c.id)
    )
    return tuple(hold_of(row) for row in connection.execute(wanted))


def past_holds(connection: Connection, dossier: str) -> int:
    """How many holds named a dossier that are over."""
    wanted = (
        select(func.count())
        .select_from(HOLD_MEMBERS)
        .join(HOLDS, HOLDS.c.id == HOLD_MEMBERS.c.hold)
        .where(HOLD_MEMBERS.c.dossier == dossier, HOLDS.c.state == HoldState.RELEASED.value)
    )
    return connection.execute(wanted).scalar_one()
