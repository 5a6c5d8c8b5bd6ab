"""Verifying copies: every copy of an AIP read from its medium, every file in it compared.

The measure is what the ledger said when the AIP came in, not what the catalogue says now.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, Update, select, update

from formats.findings import Finding, finding
from storage import catalogue, ledger
from storage.aip import Copy, PackageSums, StoredAip
from storage.archive import CAME_IN, Archive
from storage.database import begin, reading
from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.ledger import LedgerEntry
from storage.outcomes import Basis, Outcome
from storage.package_reader import Hit, PackageCheck, PackageFault, check_package


@dataclass(frozen=True, slots=True)
class CopyCheck:
    """One copy, as it was found: the outcome, and which files are hit."""

    aip_id: str
    version: int
    store: str
    key: str
    outcome: Outcome
    files: int
    size_bytes: int
    findings: tuple[Finding, ...]


_CODES = {
    Hit.STRUCTURE: "S209",
    Hit.FILE_DIFFERS: "S202",
    Hit.FILE_MISSING: "S203",
    Hit.FILE_UNLISTED: "S204",
}


def verify_aip(archive: Archive, aip_id: str, version: int | None = None) -> list[CopyCheck]:
    """Every copy of an AIP, the newest version unless another is named, checked in full.

    Raises: NotStored when there is no such AIP.
    """
    with reading(archive.engine) as connection:
        stored = catalogue.by_id(connection, aip_id, version, with_files=False)
        if stored is None:
            raise NotStored(f"there is no AIP {aip_id}", key=aip_id)
        zorgdrager = stored.description.zorgdrager
        entries = list(ledger.entries(connection, zorgdrager, object_id=aip_id))
    expected, findings = _expected(stored, entries)
    return [_check_copy(archive, stored, each, expected, findings) for each in stored.copies]


def verify_all(archive: Archive, zorgdrager: str | None = None) -> Iterator[list[CopyCheck]]:
    """The checks of every AIP version that is here, one after another."""
    with reading(archive.engine) as connection:
        wanted = list(catalogue.every_version(connection, zorgdrager))
    for aip_id, version in wanted:
        yield verify_aip(archive, aip_id, version)


def record_checks(engine: Engine, checks: Iterable[CopyCheck], at: datetime) -> int:
    """Write down what was found of each copy at this instant, in one transaction; how many.

    What was not checked is not written down, and a later check is not put back by an earlier one.
    """
    recorded = 0
    with begin(engine) as connection:
        for check in checks:
            if check.outcome is not Outcome.NOT_CHECKED:
                recorded += connection.execute(_recording(check, at)).rowcount
    return recorded


def _recording(check: CopyCheck, at: datetime) -> Update:
    instant = at.astimezone(UTC).isoformat()
    number = (
        select(catalogue.AIPS.c.number)
        .where(catalogue.AIPS.c.aip_id == check.aip_id, catalogue.AIPS.c.version == check.version)
        .scalar_subquery()
    )
    found = {"checked_at": instant, "outcome": check.outcome.value}
    if check.outcome is Outcome.INTACT:
        found |= {"verified_at": instant, "proof": Basis.READ.value}
    copies = catalogue.COPIES.c
    return (
        update(catalogue.COPIES)
        .where(
            copies.aip == number,
            copies.store == check.store,
            copies.key == check.key,
            copies.checked_at <= instant,
        )
        .values(found)
    )


def _expected(
    stored: StoredAip, entries: list[LedgerEntry]
) -> tuple[PackageSums, tuple[Finding, ...]]:
    """The sums that the ledger has; and a finding when it has none, or the catalogue others."""
    where = stored.description.aip_id
    for entry in entries:
        facts = entry.facts
        if entry.action not in CAME_IN or facts.get("version") != stored.description.version:
            continue
        said = PackageSums(facts["size_bytes"], facts["sha256"], facts["tagmanifest_sha256"])
        if said == stored.package:
            return said, ()
        return said, (finding("S208", where, stored.package.sha256, said.sha256),)
    return stored.package, (finding("S210", where),)


def _check_copy(
    archive: Archive,
    stored: StoredAip,
    copy: Copy,
    expected: PackageSums,
    findings: tuple[Finding, ...],
) -> CopyCheck:
    where = f"{copy.store}, {copy.key}"
    store = archive.stores.get(copy.store)
    outcome, check = Outcome.NOT_CHECKED, None
    found: list[Finding] = list(findings)
    try:
        if store is None:
            raise StoreUnreachable(copy.store, store=copy.store)
        check = check_package(store, copy.key)
        found.extend(package_findings(where, check, expected.size_bytes, expected.sha256))
        outcome = Outcome.DIFFERS if found else Outcome.INTACT
    except NotStored:
        outcome = Outcome.MISSING
        found.append(finding("S205", where))
    except CopyUnreadable as error:
        outcome = Outcome.UNREADABLE
        found.append(finding("S206", where, error.values.get("found", str(error))))
    except StoreUnreachable as error:
        found.append(finding("S207", where, error.values.get("found", str(error))))
    return CopyCheck(
        aip_id=stored.description.aip_id,
        version=stored.description.version,
        store=copy.store,
        key=copy.key,
        outcome=outcome,
        files=check.files if check else 0,
        size_bytes=check.size_bytes if check else 0,
        findings=tuple(found),
    )


def package_findings(
    where: str, check: PackageCheck, size_bytes: int, sha256: str
) -> Iterator[Finding]:
    """What is wrong with a package that was read, by itself and against its size and digest."""
    for fault in check.faults:
        yield _fault_finding(where, fault)
    if check.size_bytes != size_bytes:
        yield finding("S211", where, check.size_bytes, size_bytes)
    if check.sha256 != sha256:
        yield finding("S201", where, check.sha256, sha256)


def _fault_finding(where: str, fault: PackageFault) -> Finding:
    place = f"{where}, {fault.path}" if fault.path else where
    return finding(_CODES[fault.hit], place, fault.found, fault.expected)
