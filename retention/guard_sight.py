"""What the guards look at, read from base tables for many dossiers at once, with their families."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from retention.bulk import holds_on, in_parts
from retention.case import Case, Verdict
from retention.fact_kinds import FactKind
from retention.grounds import Grounds
from retention.judging import Judged, judge_each
from retention.nouns import FINAL, ON_LIST, DossierState
from retention.tables import DOSSIERS, ITEMS, LISTS
from retention.transfer_nouns import HANDED_OVER
from retention.transfer_tables import TRANSFERS
from storage.fixity.repairs import RepairState
from storage.fixity.tables import ITEMS as FIXITY_ITEMS
from storage.fixity.tables import REPAIRS

ALONE = "alone_allowed"
_BUSY = [RepairState.PLANNED.value, RepairState.SET_ASIDE.value, RepairState.WRITTEN.value]
_ON_LIST = [each.value for each in ON_LIST]
_FINAL = [each.value for each in FINAL]
_HANDED_OVER = [each.value for each in HANDED_OVER]


@dataclass(frozen=True, slots=True)
class Sight:
    """One dossier now: its row of the register, and a fresh computation."""

    row: Row[Any]
    judged: Judged
    holds: Sequence[str]

    @property
    def state(self) -> DossierState:
        """What has become of it."""
        return DossierState(self.row.state)

    @property
    def case(self) -> Case:
        """What the date engine was told."""
        return self.judged.case

    @property
    def verdict(self) -> Verdict:
        """What the date engine says now."""
        return self.judged.verdict

    @property
    def parent(self) -> str:
        """What it is a part of, as its facts say now; the identifier where that is not here."""
        material = self.judged.material
        named = material.of(FactKind.PARENT)
        unknown = bool(named) and material.parent is None
        return str(named[-1].value) if unknown else self.judged.described.parent


@dataclass(frozen=True, slots=True)
class Sights:
    """What was asked for, and the whole family of each."""

    of: Mapping[str, Sight]
    children: Mapping[str, Sequence[str]]
    lists: Mapping[str, str]
    """The other running list that has a dossier already."""
    repairs: Mapping[str, str]
    """The run whose repair of a dossier's package is not done."""
    alone_allowed: Mapping[str, bool]
    """Of a zorgdrager: whether a part may go without the whole."""
    transferred: Mapping[str, str]
    """Of a dossier that the archive service owns: the transfer by which it was handed over."""


@dataclass(slots=True)
class Looker:
    """Looks at dossiers for the guards in one transaction; rules and policies are read once."""

    connection: Connection
    today: date
    list_id: str = ""
    _grounds: Grounds = field(init=False)

    def __post_init__(self) -> None:
        self._grounds = Grounds(self.connection)

    def look(self, dossiers: Collection[str]) -> Sights:
        """What the guards need of these dossiers."""
        connection, grounds, today = self.connection, self._grounds, self.today
        rows = read_families(connection, dossiers)
        judged = judge_each(connection, list(rows), today, grounds)
        held = holds_on(connection, list(rows))
        of = {each: Sight(row, judged[each], held.get(each, ())) for each, row in rows.items()}
        children: dict[str, list[str]] = {}
        for name, each in sorted(of.items()):
            children.setdefault(each.parent, []).append(name)
        zorgdragers = {each.zorgdrager for each in rows.values()}
        return Sights(
            of,
            children,
            _other_lists(connection, dossiers, self.list_id),
            _repairs(connection, dossiers),
            {each: grounds.policy(each, today).family == ALONE for each in zorgdragers},
            _transferred(connection, dossiers),
        )


def read_families(connection: Connection, dossiers: Collection[str]) -> dict[str, Row[Any]]:
    """The rows of these dossiers, of all that they are parts of, and of all parts of those."""
    known: dict[str, Row[Any]] = {}
    asked: set[str] = set()
    wanted = set(dossiers)
    while wanted:
        asked |= wanted
        found = [*_rows(connection, DOSSIERS.c.dossier, wanted)]
        found += _rows(connection, DOSSIERS.c.parent, wanted)
        known |= {each.dossier: each for each in found}
        near = {each.parent for each in found if each.parent} | {each.dossier for each in found}
        wanted = near - asked
    return known


def _rows(connection: Connection, column: Any, values: Iterable[str]) -> Iterator[Row[Any]]:
    for part in in_parts(sorted(values)):
        yield from connection.execute(select(DOSSIERS).where(column.in_(part)))


def _other_lists(connection: Connection, dossiers: Collection[str], list_id: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in in_parts(dossiers):
        wanted = (
            select(ITEMS.c.dossier, ITEMS.c.list)
            .join(LISTS, LISTS.c.id == ITEMS.c.list)
            .where(
                ITEMS.c.dossier.in_(part),
                ITEMS.c.list != list_id,
                ITEMS.c.state.in_(_ON_LIST),
                LISTS.c.state.not_in(_FINAL),
            )
        )
        found |= {each.dossier: each.list for each in connection.execute(wanted)}
    return found


def _transferred(connection: Connection, dossiers: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in in_parts(dossiers):
        wanted = (
            select(ITEMS.c.dossier, ITEMS.c.list)
            .join(TRANSFERS, TRANSFERS.c.id == ITEMS.c.list)
            .where(
                ITEMS.c.dossier.in_(part),
                ITEMS.c.state.in_(_ON_LIST),
                TRANSFERS.c.state.in_(_HANDED_OVER),
            )
        )
        found |= {each.dossier: each.list for each in connection.execute(wanted)}
    return found


def _repairs(connection: Connection, dossiers: Collection[str]) -> dict[str, str]:
    """Few repairs are open at any time: they are read whole."""
    wanted = (
        select(FIXITY_ITEMS.c.aip_id, REPAIRS.c.run)
        .join(
            FIXITY_ITEMS,
            (FIXITY_ITEMS.c.run == REPAIRS.c.run) & (FIXITY_ITEMS.c.number == REPAIRS.c.item),
        )
        .where(REPAIRS.c.state.in_(_BUSY))
        .distinct()
    )
    among = set(dossiers)
    return {each.aip_id: each.run for each in connection.execute(wanted) if each.aip_id in among}
