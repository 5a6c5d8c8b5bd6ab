"""Verifying copies: every copy of an AIP read from its medium, every file in it compared.

The measure is what the ledger said when the AIP came in, not what the catalogue says now.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from formats.findings import Finding, finding
from storage import catalogue, ledger
from storage.aip import Copy, PackageSums, StoredAip
from storage.archive import CAME_IN, Archive
from storage.database import reading
from storage.errors import CopyUnreadable, NotStored, StoreUnreachable
from storage.ledger import LedgerEntry
from storage.outcomes import Outcome
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
        found.extend(_compare(where, check, expected))
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


def _compare(where: str, check: PackageCheck, expected: PackageSums) -> Iterator[Finding]:
    for fault in check.faults:
        yield _fault_finding(where, fault)
    if check.size_bytes != expected.size_bytes:
        yield finding("S211", where, check.size_bytes, expected.size_bytes)
    if check.sha256 != expected.sha256:
        yield finding("S201", where, check.sha256, expected.sha256)


def _fault_finding(where: str, fault: PackageFault) -> Finding:
    place = f"{where}, {fault.path}" if fault.path else where
    return finding(_CODES[fault.hit], place, fault.found, fault.expected)
