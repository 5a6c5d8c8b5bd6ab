"""Rows of the catalogue put back to what the ledger says; no object in any store is touched."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select, update

from formats.findings import Finding, finding
from storage import ledger
from storage.aip import package_key
from storage.catalogue import AIPS, COPIES
from storage.database import begin
from storage.errors import NotPromised
from storage.fixity.repairs import Repair, RepairResult, RepairState, note, plan, read_journal
from storage.order import Order
from storage.promised import PackageName, promised

MEND = "catalogue.repair"
SUMS = ("size_bytes", "sha256", "tagmanifest_sha256")


def mend_rows(order: Order, repair: Repair) -> RepairResult:
    """The rows of one AIP, as a repair of a run; copies must be checked again afterwards.

    Raises: DatabaseUnusable.
    """
    with begin(order.archive.engine) as connection:
        before = read_journal(connection, repair.run, repair.number)
        if before is not None and before.state is RepairState.DONE:
            return RepairResult(repair, before.state, findings=before.findings)
        findings = _mend(connection, order, repair.aip_id, repair.run)
        wrong = any(each.code in ("S374", "S376") for each in findings)
        state = RepairState.FAILED if wrong else RepairState.DONE
        plan(connection, repair, order.asked, "", "")
        done_at = "" if wrong else order.clock().isoformat()
        note(connection, repair, state, findings, done_at=done_at)
    return RepairResult(repair, state, findings=findings)


def repair_catalogue(order: Order, aip_id: str, run: str = "") -> tuple[Finding, ...]:
    """Put the sums and keys of every version of an AIP back to what the ledger says.

    What was changed is a finding each (S377); nothing when all was right.

    Raises: DatabaseUnusable.
    """
    with begin(order.archive.engine) as connection:
        return _mend(connection, order, aip_id, run)


def _mend(connection: Connection, order: Order, aip_id: str, run: str) -> tuple[Finding, ...]:
    rows = connection.execute(select(AIPS).where(AIPS.c.aip_id == aip_id)).all()
    if not rows:
        return (finding("S376", aip_id),)
    return tuple(each for row in rows for each in _mend_row(connection, order, row, run))


def _mend_row(connection: Connection, order: Order, row: Row[Any], run: str) -> Iterator[Finding]:
    where = f"{row.aip_id} v{row.version:04d}"
    try:
        sums = promised(connection, PackageName(row.zorgdrager, row.aip_id, row.version))
    except NotPromised as error:
        yield finding("S374", where, error.values.get("found", ""))
        return
    said = {name: getattr(row, name) for name in SUMS}
    right = {name: getattr(sums, name) for name in SUMS}
    key = package_key(row.zorgdrager, row.aip_id, row.version)
    moved = (
        connection.execute(
            select(COPIES.c.store)
            .where(COPIES.c.aip == row.number)
            .where((COPIES.c.key != key) | (COPIES.c.zorgdrager != row.zorgdrager))
            .order_by(COPIES.c.store)
        )
        .scalars()
        .all()
    )
    if said == right and not moved:
        return
    connection.execute(update(AIPS).where(AIPS.c.number == row.number).values(right))
    connection.execute(
        update(COPIES).where(COPIES.c.aip == row.number).values(key=key, zorgdrager=row.zorgdrager)
    )
    changed = [name for name in SUMS if said[name] != right[name]]
    facts: dict[str, object] = {
        "version": row.version,
        "run": run,
        "sha256": sums.sha256,
        "found": {name: said[name] for name in changed},
        "keys": list(moved),
        "event": "metadata modification",
        "event_outcome": "success",
    }
    ledger.append(
        connection, row.zorgdrager, order.event(MEND, row.aip_id, "repaired", facts), order.salt()
    )
    yield finding("S377", where, ", ".join([*changed, *moved]), sums.sha256)
