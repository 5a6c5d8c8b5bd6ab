"""Whether the results of a sealed run are still those that the ledger sealed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from formats.findings import Finding, finding
from storage.fixity.nouns import RunState
from storage.fixity.seal import (
    COPY_WRONG,
    RUN_SEALED,
    Drawn,
    check_facts,
    check_object,
    draw,
    result_rows,
)
from storage.fixity.tables import RUNS
from storage.ledger import ENTRIES, LedgerEntry, read_line, utc_text
from storage.outcomes import Basis, Outcome


def verify_seal(connection: Connection, run_id: str) -> list[Finding]:
    """Everything in which a run in the database departs from its seal; the items where it can.

    A run that is not sealed yet has nothing to depart from.
    """
    sealed = sealed_entries(connection, run_id)
    row = connection.execute(select(RUNS).where(RUNS.c.id == run_id)).first()
    if row is None:
        return [finding("S357", f"{run_id}, {zorgdrager}") for zorgdrager in sealed]
    if row.state != RunState.ENDED:
        return [finding("S359", f"{run_id}, {zorgdrager}", row.state) for zorgdrager in sealed]
    drawn = draw(connection, run_id)
    findings = [
        finding("S356", f"{run_id}, {zorgdrager}", "", drawn[zorgdrager].tree.root().hex())
        for zorgdrager in sorted(drawn.keys() - sealed.keys())
    ]
    for zorgdrager, entry in sealed.items():
        findings.extend(_check_zorgdrager(connection, entry, drawn.get(zorgdrager, Drawn())))
        findings.extend(_check_run(row, entry))
    return findings


def verify_seals(connection: Connection, zorgdrager: str) -> Iterator[Finding]:
    """The same for every run that a zorgdrager's ledger sealed; of each run, only its own part."""
    wanted = select(ENTRIES.c.object).where(
        ENTRIES.c.zorgdrager == zorgdrager, ENTRIES.c.action == RUN_SEALED
    )
    for run_id in connection.execute(wanted.order_by(ENTRIES.c.seq)).scalars().all():
        own = f"{run_id}, {zorgdrager}"
        for each in verify_seal(connection, run_id):
            if each.where == own or each.where.startswith(f"{own}, "):
                yield each


def sealed_entries(connection: Connection, run_id: str) -> dict[str, LedgerEntry]:
    """The entry by which each ledger sealed a run, per zorgdrager."""
    wanted = (
        select(ENTRIES.c.zorgdrager, ENTRIES.c.line)
        .where(ENTRIES.c.action == RUN_SEALED, ENTRIES.c.object == run_id)
        .order_by(ENTRIES.c.zorgdrager, ENTRIES.c.seq)
    )
    entries = (_readable(*row) for row in connection.execute(wanted))
    return {each.zorgdrager: each for each in entries if each is not None}


def _check_zorgdrager(
    connection: Connection, entry: LedgerEntry, drawn: Drawn
) -> Iterator[Finding]:
    where = f"{entry.object}, {entry.zorgdrager}"
    facts = drawn.facts()
    if any(entry.facts.get(name) != value for name, value in facts.items()):
        yield finding("S356", where, facts["root"], entry.facts.get("root", ""))
        yield from _check_items(connection, entry)


def _check_items(connection: Connection, entry: LedgerEntry) -> Iterator[Finding]:
    """Which results were changed: those that contradict the ledger's own lines, or themselves."""
    checks = _checks(connection, entry)
    where = f"{entry.object}, {entry.zorgdrager}"
    for row in result_rows(connection, entry.object, zorgdrager=entry.zorgdrager, wrong=True):
        said = checks.pop(row.number, None)
        if said is None:
            yield finding("S358", f"{where}, {row.number}: {row.key}", row.outcome, "-")
        elif _said(said) != (check_object(row), row.outcome, check_facts(row)):
            yield finding("S358", f"{where}, {row.number}: {row.key}", row.outcome, said.result)
    for number, said in sorted(checks.items()):
        key = str(said.facts.get("key", ""))
        yield finding("S358", f"{where}, {number}: {key}", "-", said.result)
    for row in result_rows(connection, entry.object, zorgdrager=entry.zorgdrager):
        read_whole = row.outcome == Outcome.INTACT and row.basis == Basis.READ
        if read_whole and row.found != row.expected:
            yield finding("S358", f"{where}, {row.number}: {row.key}", row.found, row.expected)


def _checks(connection: Connection, entry: LedgerEntry) -> dict[int, LedgerEntry]:
    """The entries of wrong copies that were written with the seal, by the number of their item."""
    wanted = select(ENTRIES.c.line).where(
        ENTRIES.c.zorgdrager == entry.zorgdrager,
        ENTRIES.c.action == COPY_WRONG,
        ENTRIES.c.seq < entry.seq,
    )
    found = {}
    for line in connection.execute(wanted).scalars():
        each = _readable(entry.zorgdrager, line)
        if each is not None and each.facts.get("run") == entry.object and "n" in each.facts:
            found[int(each.facts["n"])] = each
    return found


def _readable(zorgdrager: str, line: str) -> LedgerEntry | None:
    """An entry; None for a line that cannot be read, which the check of the ledger itself tells."""
    try:
        return read_line(zorgdrager, line)
    except (ValueError, KeyError, TypeError):
        return None


def _said(entry: LedgerEntry) -> tuple[str, str, Mapping[str, Any]]:
    return entry.object, entry.result, entry.facts


def _check_run(row: Any, entry: LedgerEntry) -> Iterator[Finding]:
    """Whether the run itself says of its end what the ledger says."""
    where = f"{entry.object}, {entry.zorgdrager}"
    for name, found in (("ended", row.ended_at), ("started", row.asked_at)):
        said = entry.facts.get(name, "")
        if not found or _utc(found) != said:
            yield finding("S359", where, found, said)


def _utc(iso: str) -> str:
    """An instant of the tables as the ledger spells it; "" when it is none."""
    try:
        return utc_text(datetime.fromisoformat(iso))
    except ValueError:
        return ""
