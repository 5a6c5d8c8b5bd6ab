"""The history of one AIP over the runs: results, repairs, and what the ledger says of copies."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, func, or_, select

from edepot.fixity_report.summary import AipHistory, Happening
from storage import ledger
from storage.catalogue import AIPS
from storage.fixity.tables import ITEMS, REPAIRS

LINES = 40
OF_COPIES = ("copy.", "fixity.", "incident.", "repair.")
"""Actions of the ledger that are told here."""


def read_histories(connection: Connection, aips: Sequence[str]) -> tuple[AipHistory, ...]:
    """The history of each of these AIPs, in their order; of an unknown one nothing happened."""
    return tuple(_history(connection, each) for each in aips)


def _history(connection: Connection, aip_id: str) -> AipHistory:
    known = connection.execute(
        select(AIPS.c.title, AIPS.c.zorgdrager)
        .where(AIPS.c.aip_id == aip_id)
        .order_by(AIPS.c.version.desc())
    ).first()
    title, zorgdrager = (known.title, known.zorgdrager) if known else ("", "")
    results = list(_results(connection, aip_id))
    lines = [*results, *_repairs(connection, aip_id)]
    if zorgdrager:
        lines += _entries(connection, zorgdrager, aip_id)
    newest = sorted(lines, key=lambda each: each.at, reverse=True)
    every = len(lines) - len(results) + _count(connection, aip_id)
    shown = tuple(newest[:LINES])
    return AipHistory(aip_id, title, zorgdrager, shown, every - len(shown))


def _results(connection: Connection, aip_id: str) -> Iterator[Happening]:
    """The newest results that a run came to; copies that were not reached have none."""
    rows = connection.execute(
        select(ITEMS)
        .where(ITEMS.c.aip_id == aip_id, ITEMS.c.checked_at != "")
        .order_by(ITEMS.c.checked_at.desc(), ITEMS.c.number)
        .limit(LINES)
    )
    for row in rows:
        yield Happening(row.checked_at, "run", row.outcome, row.store, row.run, row.basis)


def _count(connection: Connection, aip_id: str) -> int:
    wanted = (
        select(func.count())
        .select_from(ITEMS)
        .where(ITEMS.c.aip_id == aip_id, ITEMS.c.checked_at != "")
    )
    return int(connection.execute(wanted).scalar_one())


def _repairs(connection: Connection, aip_id: str) -> Iterator[Happening]:
    rows = connection.execute(
        select(REPAIRS, ITEMS.c.store)
        .select_from(
            REPAIRS.join(ITEMS, (ITEMS.c.run == REPAIRS.c.run) & (ITEMS.c.number == REPAIRS.c.item))
        )
        .where(ITEMS.c.aip_id == aip_id)
    )
    for row in rows:
        at = row.done_at or row.asked_at
        yield Happening(at, "repair", row.state, row.store, row.run, row.source)


def _entries(connection: Connection, zorgdrager: str, aip_id: str) -> Iterator[Happening]:
    table = ledger.ENTRIES
    told = or_(*(table.c.action.startswith(each, autoescape=True) for each in OF_COPIES))
    lines = connection.execute(
        select(table.c.line)
        .where(table.c.zorgdrager == zorgdrager, table.c.object == aip_id, told)
        .order_by(table.c.seq.desc())
        .limit(LINES)
    ).scalars()
    for line in lines:
        each = ledger.read_line(zorgdrager, line)
        store, run = (str(each.facts.get(name, "")) for name in ("store", "run"))
        yield Happening(each.at.isoformat(), "ledger", each.action, store, run, each.result)
