"""Small real AIPs, stores and archives for the tests of storage."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, insert, select

from formats.digest import Summer
from formats.plain import to_plain
from storage.aip import Aip, Description, Entry, FileRecord, StoredAip
from storage.archive import Also, Archive
from storage.checkpoint import Signer, signer_from_seed
from storage.database import begin, open_database, reading
from storage.ledger import DETAILS, ENTRIES
from storage.stores.base import Store
from storage.stores.local import LocalStore, found_store

NOW = datetime(2026, 11, 24, 12, 30, 15, 123456, tzinfo=UTC)
AGENT = "medewerker-17"
ORIGIN = "opdrachtregel"
ZORGDRAGER = "ooststellingwerf"
SALT = b"0123456789abcdef"
SIGNER = signer_from_seed("edepot/test/ooststellingwerf", b"\x07" * 32)
FILES = (("vergunning.txt", b"De vergunning is verleend.\n"), ("tekeningen/gevel.bin", b"\x00\x01"))


def aip_id(number: int) -> str:
    """The id of the test AIP of this number."""
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def make_aip(
    staging: Path,
    number: int = 1,
    *,
    files: Sequence[tuple[str, bytes]] = FILES,
    identifier: str = "",
    title: str = "Omgevingsvergunning Dorpsstraat",
    zorgdrager: str = ZORGDRAGER,
    text: str = "",
    extra: Sequence[Entry] = (),
) -> Aip:
    """An AIP whose files stand in staging, described as ingest describes them."""
    payload, records = [], []
    for name, content in files:
        staged = staging / f"{number}-{len(payload)}"
        staged.write_bytes(content)
        summer = Summer()
        summer.update(content)
        sums = summer.sums()
        path = f"data/original/{name}"
        payload.append(Entry(path, staged, sums))
        records.append(_record(path, sums.size_bytes, sums.sha256))
    description = Description(
        aip_id=aip_id(number),
        zorgdrager=zorgdrager,
        version=1,
        identifier=identifier or f"Z/2024/{number:04d}",
        identifier_source="zaaksysteem",
        title=title,
        aggregation_level="Dossier",
        valuation="V",
        retention_term="P10Y",
        selection_category="11.1",
        created_from="2024-01-01",
        created_to="2024-06-30",
        restriction="",
        supplier="Omgevingsdienst",
        delivery_id="20261124-0001",
        content_digest=f"{number:064x}",
        scanned="clean",
        text=text,
        files=tuple(records),
    )
    plain = json.dumps(
        to_plain(description), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    tags = [
        Entry("metadata/edepot/description.json", plain.encode("utf-8")),
        Entry("metadata/premis.xml", b"<premis/>\n"),
        *extra,
    ]
    bag_info = [("External-Identifier", description.identifier), ("Bagging-Date", "2026-11-24")]
    return Aip(description, payload, tags, bag_info, {"delivery": description.delivery_id})


def make_store(folder: Path, name: str) -> LocalStore:
    """A store in a folder of its own."""
    found_store(folder / name)
    return LocalStore(name, folder / name)


def make_archive(
    engine: Engine, stores: Sequence[Store], signer: Signer | None = SIGNER
) -> Archive:
    """An archive in which the test zorgdrager needs every store."""
    names = tuple(each.name for each in stores)
    signers = {ZORGDRAGER: signer} if signer else {}
    return Archive(engine, {each.name: each for each in stores}, {ZORGDRAGER: names}, signers)


def local_archive(folder: Path, database: Path | str | None = None) -> Archive:
    """An archive with two local stores in a folder, and its database there or elsewhere."""
    engine = open_database(database or folder / "edepot.sqlite")
    return make_archive(engine, [make_store(folder, "een"), make_store(folder, "twee")])


def put(archive: Archive, aip: Aip, also: Also | None = None, now: datetime = NOW) -> StoredAip:
    """Store an AIP in the name of the tests."""
    return archive.store(aip, now=now, agent=AGENT, origin=ORIGIN, salt=SALT, also=also)


def older_ledger(engine: Engine, place: Path | str, size: int) -> Engine:
    """A database of its own with the first entries of another's ledger: one of an earlier day."""
    older = open_database(place)
    with reading(engine) as source, begin(older) as target:
        for table in (ENTRIES, DETAILS):
            rows = source.execute(select(table).where(table.c.seq < size)).mappings().all()
            if rows:
                target.execute(insert(table), [dict(each) for each in rows])
    return older


def _record(path: str, size_bytes: int, sha256: str) -> FileRecord:
    return FileRecord(
        path=path,
        name=path.rsplit("/", 1)[-1],
        size_bytes=size_bytes,
        sha256=sha256,
        puid="x-fmt/111",
        format_name="Plain Text File",
        mime="text/plain",
        validity="valid",
        record_identifier="",
        title="",
    )
