"""The plan of a repair: what would be done about everything that a run found wrong."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from storage.aip import package_key
from storage.catalogue import AIPS, COPIES
from storage.database import reading
from storage.fixity.lines import read_findings
from storage.fixity.nouns import Kind
from storage.fixity.repairs import Deed, Repair, RepairState, read_journal
from storage.fixity.tables import ITEMS, REMARKS, REPAIRS
from storage.outcomes import WRONG, Outcome

ROWS_AT_ONCE = 500
DEEDS = {
    "S208": Deed.CATALOGUE,
    "S344": Deed.CATALOGUE,
    "S348": Deed.REBUILD,
    "S349": Deed.REBUILD,
}
"""What helps against a remark on the catalogue: its values put back, or all of it built anew."""
_AIP_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def plan_repair(engine: Engine, run: str) -> tuple[Repair, ...]:
    """What a repair of this run would do: copies in the order of the run, then the catalogue.

    Reads the database alone; what the copies are now is looked at when it is done.
    """
    with reading(engine) as connection:
        return (*wrong_copies(connection, run), *wrong_rows(connection, run))


def wrong_copies(connection: Connection, run: str) -> Iterator[Repair]:
    """A repair for each item of the run that is wrong."""
    last = -1
    while True:
        rows = connection.execute(
            select(ITEMS, REPAIRS.c.state)
            .outerjoin(REPAIRS, (REPAIRS.c.run == ITEMS.c.run) & (REPAIRS.c.item == ITEMS.c.number))
            .where(
                ITEMS.c.run == run,
                ITEMS.c.number > last,
                ITEMS.c.outcome.in_([each.value for each in WRONG]),
            )
            .order_by(ITEMS.c.number)
            .limit(ROWS_AT_ONCE)
        ).all()
        copies = _copies(connection, rows)
        yield from (_repair(each, copies.get(each.aip, [])) for each in rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        last = rows[-1].number


def wrong_rows(connection: Connection, run: str) -> Iterator[Repair]:
    """A repair for each AIP of which the run remarked that the catalogue differs or lacks it."""
    remarks = connection.execute(
        select(REMARKS)
        .where(REMARKS.c.run == run, REMARKS.c.code.in_(DEEDS))
        .order_by(REMARKS.c.number)
    ).all()
    seen: set[tuple[str, Deed]] = set()
    for each in remarks:
        for aip_id in _ids_in(each.finding):
            if (aip_id, DEEDS[each.code]) not in seen:
                seen.add((aip_id, DEEDS[each.code]))
                journaled = read_journal(connection, run, -1 - each.number)
                state = journaled.state if journaled else RepairState.PLANNED
                yield _catalogue_repair(each, aip_id, state)


def _copies(connection: Connection, rows: Sequence[Row[Any]]) -> Mapping[int, list[Any]]:
    """The copies that the catalogue has of each of these packages, the intact ones first."""
    numbers = sorted({each.aip for each in rows if each.kind == Kind.PACKAGE})
    found = connection.execute(
        select(COPIES.c.aip, COPIES.c.store, COPIES.c.outcome, AIPS.c.aip_id, AIPS.c.version)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .where(COPIES.c.aip.in_(numbers))
        .order_by(COPIES.c.store)
    ).all()
    by_aip: dict[int, list[Any]] = {}
    for each in sorted(found, key=lambda row: row.outcome != Outcome.INTACT):
        by_aip.setdefault(each.aip, []).append(each)
    return by_aip


def _repair(row: Row[Any], copies: Sequence[Row[Any]]) -> Repair:
    return Repair(
        run=row.run,
        number=row.number,
        deed=_deed(row, copies),
        zorgdrager=row.zorgdrager,
        store=row.store,
        key=row.key,
        aip_id=row.aip_id,
        version=row.version,
        outcome=Outcome(row.outcome),
        found=row.found,
        size_bytes=row.size_bytes,
        donors=tuple(each.store for each in copies if each.store != row.store),
        state=RepairState(row.state) if row.state else RepairState.PLANNED,
    )


def _deed(row: Row[Any], copies: Sequence[Row[Any]]) -> Deed:
    if row.kind != Kind.PACKAGE:
        return Deed.ASK_PARTY
    if row.key != package_key(row.zorgdrager, row.aip_id, row.version):
        return Deed.CATALOGUE
    known = any(
        each.store == row.store and (each.aip_id, each.version) == (row.aip_id, row.version)
        for each in copies
    )
    return Deed.RESTORE if known else Deed.REBUILD


def _ids_in(finding: str) -> list[str]:
    return [aip_id for each in read_findings(finding) for aip_id in _AIP_ID.findall(each.where)]


def _catalogue_repair(remark: Row[Any], aip_id: str, state: RepairState) -> Repair:
    """Numbers of remarks go down from -1, so that they never meet those of items."""
    return Repair(
        run=remark.run,
        number=-1 - remark.number,
        deed=DEEDS[remark.code],
        zorgdrager=remark.zorgdrager,
        store="",
        key="",
        aip_id=aip_id,
        version=0,
        outcome=Outcome.DIFFERS,
        found="",
        size_bytes=0,
        donors=(),
        state=state,
    )
