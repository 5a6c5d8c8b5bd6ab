"""Rebuilding: a new database from what stands in the stores, equal to the one that was.

Catalogue from the description within each package, ledger from its published segments. An old
database is read for comparison at most, and never written.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from formats.findings import Finding, finding
from formats.plain import from_plain
from storage import catalogue, ledger
from storage.aip import Copy, Description, PackageSums, StoredAip, package_key
from storage.archive import ADOPT, CAME_IN, package_facts
from storage.compare import compare
from storage.database import begin, open_database, shown
from storage.errors import AlreadyStored, AlreadyThere, StorageError
from storage.fixity.evidence import restore_evidence
from storage.ledger import Event, LedgerEntry
from storage.outcomes import Basis
from storage.package_reader import PackageReader, check_package, open_package, read_listed
from storage.places import Place, beside, remove, rename, stands
from storage.placing import EVIDENCE_FOLDER
from storage.promised import destroyed_since, held_since
from storage.rebuild_ledger import gather_ledger, write_ledger, write_missing
from storage.stores.base import Store

DESCRIPTION = "metadata/edepot/description.json"


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What was rebuilt, and everything that did not fit."""

    aips: int
    adopted: int
    entries: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Adoption:
    """In whose name, when, and with what chance an AIP that no ledger names is taken in again."""

    now: datetime
    agent: str
    origin: str
    salt: Callable[[], bytes]


@dataclass(slots=True)
class _Shelf:
    """What stands on the stores: for each package key, the stores that hold it and its size.

    `held`: of the zorgdrager at hand, the stores that should hold each AIP version by its ledger.
    """

    packages: dict[str, list[tuple[Store, int]]] = field(default_factory=dict)
    zorgdragers: dict[str, None] = field(default_factory=dict)
    held: Mapping[tuple[str, int], dict[str, datetime]] = field(default_factory=dict)


def rebuild(
    stores: Mapping[str, Store], database: Place, adoption: Adoption, old: Engine | None = None
) -> RebuildReport:
    """Make a new database in a place where none stands yet.

    It gets its name when it is whole. With `old`, what differs from the old database is among
    the findings.

    Raises: AlreadyThere; DatabaseUnusable.
    """
    if stands(database):
        raise AlreadyThere(f"{shown(database)} is there already", path=shown(database))
    making = beside(database, "rebuilding")
    remove(making)
    findings: list[Finding] = []
    shelf = _look(list(stores.values()), findings)
    engine = open_database(making)
    try:
        with begin(engine) as connection:
            report = _fill(connection, stores, shelf, adoption, findings)
            if old is not None:
                findings.extend(compare(connection, old))
    finally:
        engine.dispose()
    rename(making, database)
    return RebuildReport(*report, findings=tuple(findings))


def catch_up(
    connection: Connection, stores: Mapping[str, Store], zorgdragers: Sequence[str]
) -> RebuildReport:
    """Bring an older database up to what the stores know: the lines of the ledger that it lacks,
    and the AIPs that came in by them. In the caller's transaction; nothing is replaced."""
    findings: list[Finding] = []
    shelf = _look(list(stores.values()), findings)
    aips = entries = 0
    for zorgdrager in zorgdragers:
        had = ledger.size(connection, zorgdrager)
        gathered = gather_ledger(list(stores.values()), zorgdrager)
        findings.extend(gathered.findings)
        added = write_missing(connection, zorgdrager, gathered)
        entries += added
        if not added:
            continue
        shelf.held = held_since(ledger.entries(connection, zorgdrager))
        gone = destroyed_since(connection, zorgdrager)
        for entry in list(ledger.entries(connection, zorgdrager, first=had)):
            if entry.action in CAME_IN and entry.object not in gone:
                aips += _restore(connection, stores, entry, shelf, findings)
    return RebuildReport(aips, 0, entries, tuple(findings))


def _look(stores: Sequence[Store], findings: list[Finding]) -> _Shelf:
    shelf = _Shelf()
    for store in stores:
        try:
            for each in store.list():
                zorgdrager, _, rest = each.key.partition("/")
                shelf.zorgdragers.setdefault(zorgdrager)
                if rest.endswith(".zip") and not rest.startswith(EVIDENCE_FOLDER):
                    shelf.packages.setdefault(each.key, []).append((store, each.size_bytes))
        except StorageError as error:
            findings.append(finding("S207", store.name, str(error)))
    return shelf


def _fill(
    connection: Connection,
    stores: Mapping[str, Store],
    shelf: _Shelf,
    adoption: Adoption,
    findings: list[Finding],
) -> tuple[int, int, int]:
    aips = adopted = entries = 0
    for zorgdrager in sorted(shelf.zorgdragers):
        gathered = gather_ledger(list(stores.values()), zorgdrager)
        count, found = write_ledger(connection, zorgdrager, gathered)
        entries += count
        findings.extend(found)
        shelf.held = held_since(ledger.entries(connection, zorgdrager))
        gone = destroyed_since(connection, zorgdrager)
        _pass_over(shelf, zorgdrager, gone, findings)
        for entry in list(ledger.entries(connection, zorgdrager)):
            if entry.action in CAME_IN and entry.object not in gone:
                aips += _restore(connection, stores, entry, shelf, findings)
        restore_evidence(connection, zorgdrager)
    for key in sorted(shelf.packages):
        adopted += _adopt(connection, key, shelf.packages[key], adoption, findings)
    return aips + adopted, adopted, entries + adopted


def _pass_over(
    shelf: _Shelf, zorgdrager: str, gone: Mapping[str, datetime], findings: list[Finding]
) -> None:
    """Leave out packages of AIPs that were destroyed: one that turns up is never taken in again."""
    for key in [each for each in shelf.packages if each.startswith(f"{zorgdrager}/")]:
        aip_id = key.split("/")[-2]
        if aip_id in gone:
            for store, _ in shelf.packages.pop(key):
                findings.append(finding("S309", f"{store.name}, {key}", gone[aip_id].date()))


def _restore(
    connection: Connection,
    stores: Mapping[str, Store],
    entry: LedgerEntry,
    shelf: _Shelf,
    findings: list[Finding],
) -> bool:
    """Put one AIP that the ledger names into the catalogue; its package is then dealt with."""
    facts = entry.facts
    since = shelf.held[entry.object, facts["version"]]
    key = package_key(entry.zorgdrager, entry.object, facts["version"])
    held = {store.name: (store, size) for store, size in shelf.packages.pop(key, [])}
    package = PackageSums(facts["size_bytes"], facts["sha256"], facts["tagmanifest_sha256"])
    for name in since:
        if name not in held:
            findings.append(finding("S205", f"{name}, {key}"))
    description = _description(key, held, package, findings)
    if description is None:
        findings.append(finding("S302", f"{entry.zorgdrager}, {entry.object}"))
        return False
    proof = facts.get("proof", {})
    copies = tuple(
        Copy(name, key, at, Basis(proof.get(name, Basis.READ)))
        for name, at in sorted(since.items())
    )
    try:
        catalogue.add(connection, StoredAip(description, package, copies, entry.at))
    except AlreadyStored as error:
        findings.append(finding("S303", key, f"AlreadyStored: {error}"))
        return False
    return True


def _description(
    key: str,
    held: Mapping[str, tuple[Store, int]],
    package: PackageSums,
    findings: list[Finding],
) -> Description | None:
    """The description from the first copy that proves it: by its tag manifest, which the ledger
    names; without reading the payload."""
    found = None
    for store, size in held.values():
        where = f"{store.name}, {key}"
        if size != package.size_bytes:
            findings.append(finding("S211", where, size, package.size_bytes))
        elif found is None:
            try:
                found = _proven_description(open_package(store, key), package.tagmanifest_sha256)
            except StorageError as error:
                findings.append(finding("S303", where, f"{type(error).__name__}: {error}"))
            except (ValueError, KeyError, TypeError) as error:
                findings.append(finding("S303", where, f"{DESCRIPTION}: {error}"))
    return found


def _proven_description(package: PackageReader, tagmanifest_sha256: str) -> Description:
    """Read the description, and follow the digests from the tag manifest to it and the files.

    Raises: StorageError; ValueError, KeyError, TypeError when a link of that chain is broken.
    """
    tags = package.read("tagmanifest-sha256.txt")
    if hashlib.sha256(tags).hexdigest() != tagmanifest_sha256:
        raise ValueError("tagmanifest-sha256.txt")
    listed = read_listed(tags)
    content, manifest = package.read(DESCRIPTION), package.read("manifest-sha256.txt")
    for path, bytes_ in ((DESCRIPTION, content), ("manifest-sha256.txt", manifest)):
        if hashlib.sha256(bytes_).hexdigest() != listed[path]:
            raise ValueError(path)
    description = from_plain(Description, json.loads(content))
    digests = read_listed(manifest)
    for each in description.files:
        if digests[each.path] != each.sha256:
            raise ValueError(each.path)
    return description


def _adopt(
    connection: Connection,
    key: str,
    held: Sequence[tuple[Store, int]],
    adoption: Adoption,
    findings: list[Finding],
) -> bool:
    """Take in a package that no ledger names, from the copies that are whole and alike."""
    whole: dict[PackageSums, list[Store]] = {}
    for store, sums in _whole_copies(key, held, findings):
        whole.setdefault(sums, []).append(store)
    if not whole:
        findings.append(finding("S302", key))
        return False
    package, stores = max(whole.items(), key=lambda each: len(each[1]))
    try:
        reader = open_package(stores[0], key)
        description = _proven_description(reader, package.tagmanifest_sha256)
        if package_key(description.zorgdrager, description.aip_id, description.version) != key:
            raise ValueError(description.aip_id)
        copies = tuple(Copy(each.name, key, adoption.now) for each in stores)
        stored = StoredAip(description, package, copies, adoption.now)
        with connection.begin_nested():
            catalogue.add(connection, stored)
    except (StorageError, ValueError, KeyError, TypeError) as error:
        findings.append(finding("S303", key, f"{type(error).__name__}: {error}"))
        return False
    _note_adoption(connection, stored, adoption)
    findings.append(finding("S301", key))
    return True


def _whole_copies(
    key: str, held: Sequence[tuple[Store, int]], findings: list[Finding]
) -> Iterator[tuple[Store, PackageSums]]:
    for store, _ in held:
        try:
            check = check_package(store, key)
        except StorageError as error:
            findings.append(finding("S206", f"{store.name}, {key}", str(error)))
            continue
        if check.faults:
            first = check.faults[0]
            findings.append(finding("S303", f"{store.name}, {key}", first.path or first.found))
        else:
            yield store, PackageSums(check.size_bytes, check.sha256, check.tagmanifest_sha256)


def _note_adoption(connection: Connection, stored: StoredAip, adoption: Adoption) -> None:
    event = Event(
        at=adoption.now,
        action=ADOPT,
        object=stored.description.aip_id,
        result="adopted",
        actor=adoption.agent,
        origin=adoption.origin,
        facts=package_facts(stored),
    )
    ledger.append(connection, stored.description.zorgdrager, event, adoption.salt())
