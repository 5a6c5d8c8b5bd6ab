"""The door: stored whole on every store and proven there, or not acknowledged at all."""

import errno
import multiprocessing
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from storage import catalogue, ledger
from storage.aip import Aip, StoredAip, package_key
from storage.archive import INGEST, Archive
from storage.checkpoint import read_checkpoint
from storage.database import begin, open_database, reading
from storage.errors import (
    AlreadyStored,
    ChangedInStaging,
    CheckpointRefused,
    CopyDiffers,
    NoSigningKey,
    StorageError,
    StoreFailed,
    StoreUnreachable,
)
from storage.package import write_package
from storage.publish import check_published
from storage.stores.local import LocalStore
from storage.stores.memory import MemoryStore
from tests.storage.making import (
    AGENT,
    NOW,
    ORIGIN,
    SIGNER,
    ZORGDRAGER,
    aip_id,
    local_archive,
    make_aip,
    make_archive,
    put,
)
from tests.storage.test_ledger import spoken
from tests.storage.test_stores import put as put_object
from tests.storage.test_stores import read

KEY = package_key(ZORGDRAGER, aip_id(1), 1)


@pytest.fixture
def archive(tmp_path: Path, database_place: Path | str) -> Archive:
    (tmp_path / "staging").mkdir()
    return local_archive(tmp_path, database_place)


@pytest.fixture
def aip(tmp_path: Path, archive: Archive) -> Aip:
    assert archive
    return make_aip(tmp_path / "staging")


def on_stores(archive: Archive) -> dict[str, list[str]]:
    return {name: [each.key for each in store.list()] for name, store in archive.stores.items()}


def nothing_is_there(archive: Archive) -> None:
    for store in archive.stores.values():
        assert list(store.list()) == []
        if isinstance(store, LocalStore):
            assert [each for each in store.root.rglob("*") if each.is_file()] == []
    with reading(archive.engine) as connection:
        assert catalogue.count(connection).aips == 0
        assert ledger.size(connection, ZORGDRAGER) == 0


def test_an_aip_stands_on_every_store_and_in_catalogue_and_ledger(
    archive: Archive, aip: Aip
) -> None:
    stored = put(archive, aip)

    assert stored.package == write_package(aip, ())
    assert [each.store for each in stored.copies] == ["een", "twee"]
    copies = [read(archive.stores[each.store], each.key) for each in stored.copies]
    assert copies[0] == copies[1]
    with reading(archive.engine) as connection:
        assert catalogue.by_id(connection, aip_id(1)) == stored
        (entry,) = ledger.entries(connection, ZORGDRAGER)
        details = ledger.details_of(connection, ZORGDRAGER, 0)
    assert (entry.action, entry.object, entry.result) == (INGEST, aip_id(1), "stored")
    assert (entry.at, entry.actor, entry.origin) == (NOW, AGENT, ORIGIN)
    assert entry.facts == {
        "version": 1,
        "sha256": stored.package.sha256,
        "size_bytes": stored.package.size_bytes,
        "tagmanifest_sha256": stored.package.tagmanifest_sha256,
        "copies": ["een", "twee"],
        "proof": {"een": "read", "twee": "read"},
    }
    assert details == {"delivery": "20261124-0001"}


def test_what_the_caller_adds_is_in_the_same_transaction(archive: Archive, aip: Aip) -> None:
    def also(connection: Connection, stored: StoredAip) -> None:
        assert catalogue.by_id(connection, stored.description.aip_id) is not None
        statement = "INSERT INTO ledger_details VALUES ('a', 0, x'00', '{}')"
        connection.execute(text(spoken(connection, statement)))

    put(archive, aip, also)

    with reading(archive.engine) as connection:
        assert ledger.details_of(connection, "a", 0) == {}


def test_when_what_the_caller_adds_fails_nothing_is_acknowledged(
    archive: Archive, aip: Aip
) -> None:
    def also(_connection: Connection, _stored: StoredAip) -> None:
        raise RuntimeError("journaal")

    with pytest.raises(RuntimeError, match="journaal"):
        put(archive, aip, also)

    nothing_is_there(archive)
    assert put(archive, aip)


@pytest.mark.parametrize("other", [1, 2])
def test_the_same_dossier_is_stored_once(archive: Archive, tmp_path: Path, other: int) -> None:
    first = put(archive, make_aip(tmp_path, 1, identifier="Z/1"))

    with pytest.raises(AlreadyStored) as refused:
        put(archive, make_aip(tmp_path, other, identifier="Z/1"))

    assert refused.value.values["found"] == aip_id(1)
    assert on_stores(archive) == {"een": [KEY], "twee": [KEY]}
    with reading(archive.engine) as connection:
        assert catalogue.by_id(connection, aip_id(1)) == first
        assert ledger.size(connection, ZORGDRAGER) == 1


def test_two_writers_of_one_dossier_at_one_time_store_it_once(
    archive: Archive, tmp_path: Path
) -> None:
    aips = [make_aip(tmp_path, number, identifier="Z/1") for number in (1, 2, 3)]
    outcomes: list[str] = []
    together = threading.Barrier(3)

    def store(aip: Aip) -> None:
        together.wait()
        try:
            put(archive, aip)
            outcomes.append("stored")
        except AlreadyStored:
            outcomes.append("held")

    threads = [threading.Thread(target=store, args=(aip,)) for aip in aips]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(outcomes) == ["held", "held", "stored"]
    (held,) = on_stores(archive)["een"]
    assert on_stores(archive)["twee"] == [held]


def store_one(folder: str, database: Path | str, number: int, identifier: str) -> None:
    staging = Path(folder) / f"staging-{os.getpid()}"
    staging.mkdir()
    archive = local_archive(Path(folder), database)
    try:
        put(archive, make_aip(staging, number, identifier=identifier))
    except AlreadyStored:
        raise SystemExit(7) from None


@pytest.mark.parametrize("numbers", [(1, 1), (1, 2)])
def test_two_processes_store_one_dossier_once(
    tmp_path: Path, database_place: Path | str, numbers: tuple[int, int]
) -> None:
    local_archive(tmp_path, database_place)
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=store_one, args=(str(tmp_path), database_place, number, "Z/1"))
        for number in numbers
    ]
    for each in processes:
        each.start()
    for each in processes:
        each.join()

    assert sorted(str(each.exitcode) for each in processes) == ["0", "7"]
    archive = local_archive(tmp_path, database_place)
    (held,) = on_stores(archive)["een"]
    assert on_stores(archive)["twee"] == [held]
    with reading(archive.engine) as connection:
        assert catalogue.count(connection).aips == ledger.size(connection, ZORGDRAGER) == 1


def place_of(handle: int) -> str:
    return os.readlink(f"/proc/self/fd/{handle}")


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_store_that_is_full_is_named_and_nothing_is_acknowledged(
    archive: Archive, aip: Aip, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, call)

    def full(handle: int, *args: object) -> object:
        if "/twee/" in place_of(handle):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(handle, *args)

    monkeypatch.setattr(os, call, full)
    with pytest.raises(StoreFailed) as refused:
        put(archive, aip)

    assert refused.value.values["store"] == "twee"
    assert refused.value.values["found"] == os.strerror(errno.ENOSPC)
    nothing_is_there(archive)


def test_a_disk_that_gives_back_other_bytes_is_found_before_the_acknowledgement(
    archive: Archive, aip: Aip, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def rotting(source: str, target: str, **named: int) -> None:
        link(source, target, **named)
        folder = Path(place_of(named["dst_dir_fd"]))
        if "twee" in folder.parts:
            os.chmod(folder / target, 0o600)
            with (folder / target).open("r+b") as stream:
                stream.write(b"?")

    monkeypatch.setattr(os, "link", rotting)
    with pytest.raises(CopyDiffers) as refused:
        put(archive, aip)

    assert refused.value.values["store"] == "twee"
    nothing_is_there(archive)


def test_a_store_that_is_not_mounted_is_named(archive: Archive, aip: Aip) -> None:
    root = archive.stores["twee"].root  # type: ignore[attr-defined]
    os.rename(root, root.with_name("weg"))

    with pytest.raises(StoreUnreachable) as refused:
        put(archive, aip)

    assert refused.value.values["store"] == "twee"
    os.rename(root.with_name("weg"), root)
    nothing_is_there(archive)


def test_a_file_that_changed_in_staging_is_not_stored(archive: Archive, aip: Aip) -> None:
    Path(str(aip.payload[0].content)).write_bytes(b"anders")

    with pytest.raises(ChangedInStaging):
        put(archive, aip)

    nothing_is_there(archive)


@pytest.mark.parametrize("policy", [{}, {ZORGDRAGER: ()}, {ZORGDRAGER: ("een", "drie")}])
def test_a_zorgdrager_without_its_stores_stores_nothing(
    archive: Archive, aip: Aip, policy: dict[str, tuple[str, ...]]
) -> None:
    other = Archive(archive.engine, archive.stores, policy)

    with pytest.raises(StoreUnreachable):
        put(other, aip)

    nothing_is_there(archive)


@pytest.mark.parametrize("left", ["right", "wrong", "on one store only"])
def test_what_an_interrupted_try_left_is_used_or_removed(
    archive: Archive, aip: Aip, left: str
) -> None:
    whole = MemoryStore("pakket")
    with whole.put_new(KEY) as upload:
        expected = write_package(aip, [upload])
        upload.commit()
    content = read(whole, KEY) if left != "wrong" else b"half"
    for name in ("een",) if left == "on one store only" else ("een", "twee"):
        put_object(archive.stores[name], KEY, content)
    before = os.stat(archive.stores["een"].root / KEY).st_ino  # type: ignore[attr-defined]

    stored = put(archive, aip)

    assert stored.package == expected
    for name in ("een", "twee"):
        assert read(archive.stores[name], KEY) == read(whole, KEY)
    after = os.stat(archive.stores["een"].root / KEY).st_ino  # type: ignore[attr-defined]
    if left != "wrong":
        assert before == after


def test_what_was_promised_and_given_up_is_removed(archive: Archive, aip: Aip) -> None:
    put_object(archive.stores["een"], KEY, b"half")

    assert archive.discard(ZORGDRAGER, aip_id(1)) == 1
    nothing_is_there(archive)

    put(archive, aip)
    with pytest.raises(AlreadyStored):
        archive.discard(ZORGDRAGER, aip_id(1))
    assert on_stores(archive) == {"een": [KEY], "twee": [KEY]}


def test_a_commit_of_which_nobody_knows_whether_it_came_through_loses_nothing(
    archive: Archive, aip: Aip, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.engine.default import DefaultDialect

    commit = DefaultDialect.do_commit
    armed: list[int] = []

    def lost(dialect: DefaultDialect, connection: object) -> None:
        commit(dialect, connection)  # type: ignore[arg-type]
        if armed:
            armed.clear()
            raise KeyboardInterrupt

    monkeypatch.setattr(DefaultDialect, "do_commit", lost)
    with pytest.raises(KeyboardInterrupt):
        put(archive, aip, lambda _connection, _stored: armed.append(1))

    assert on_stores(archive) == {"een": [KEY], "twee": [KEY]}
    with pytest.raises(AlreadyStored):
        put(archive, aip)


def ledger_keys(archive: Archive, name: str = "een") -> list[str]:
    prefix = f"{ZORGDRAGER}/ledger/"
    return [each.key.removeprefix(prefix) for each in archive.stores[name].list(prefix)]


def test_a_published_ledger_stands_on_every_store_and_only_what_is_new(
    archive: Archive, tmp_path: Path
) -> None:
    for number in (1, 2):
        put(archive, make_aip(tmp_path, number))
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    put(archive, make_aip(tmp_path, 3))
    archive.publish_ledger(ZORGDRAGER, now=NOW)

    assert ledger_keys(archive) == ledger_keys(archive, "twee") == [
        "0000000000-0000000001.details.jsonl",
        "0000000000-0000000001.jsonl",
        "0000000002-0000000002.details.jsonl",
        "0000000002-0000000002.jsonl",
        "0000000002.checkpoint",
        "0000000003.checkpoint",
    ]  # fmt: skip
    store = archive.stores["twee"]
    prefix = f"{ZORGDRAGER}/ledger/"
    with reading(archive.engine) as connection:
        lines = b"".join(ledger.export_ledger(connection, ZORGDRAGER))
        assert check_published(connection, list(archive.stores.values()), ZORGDRAGER) == []
    segments = ("0000000000-0000000001.jsonl", "0000000002-0000000002.jsonl")
    assert b"".join(read(store, prefix + each) for each in segments) == lines
    note = read(store, prefix + "0000000003.checkpoint").decode()
    assert read_checkpoint(note, SIGNER.verifier_key).head.size == 3


def test_a_store_that_missed_a_publication_gets_it_the_next_time(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, make_aip(tmp_path, 1))
    root = archive.stores["twee"].root  # type: ignore[attr-defined]
    os.rename(root, root.with_name("weg"))
    with pytest.raises(StoreUnreachable):
        archive.publish_ledger(ZORGDRAGER, now=NOW)
    os.rename(root.with_name("weg"), root)

    archive.publish_ledger(ZORGDRAGER, now=NOW)

    assert ledger_keys(archive) == ledger_keys(archive, "twee")


def test_without_a_key_nothing_is_published(archive: Archive, aip: Aip) -> None:
    other = Archive(archive.engine, archive.stores, archive.policy)
    put(other, aip)

    with pytest.raises(NoSigningKey):
        other.publish_ledger(ZORGDRAGER, now=NOW)


def roll_back(archive: Archive, tmp_path: Path) -> Archive:
    """The same stores, with the database as it was before everything."""
    return make_archive(open_database(tmp_path / "oud.sqlite"), list(archive.stores.values()))


def fork(archive: Archive, tmp_path: Path) -> Archive:
    """The same stores, with a database in which as much but something else happened."""
    other = roll_back(archive, tmp_path)
    with begin(other.engine) as connection:
        for number in range(2):
            event = ledger.Event(NOW, "iets", str(number), "anders", AGENT, ORIGIN)
            ledger.append(connection, ZORGDRAGER, event, b"")
    return other


@pytest.mark.parametrize("attack", [roll_back, fork])
def test_a_database_that_was_put_back_does_not_publish(
    archive: Archive, aip: Aip, tmp_path: Path, attack: Callable[[Archive, Path], Archive]
) -> None:
    put(archive, aip)
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    before = on_stores(archive)

    with pytest.raises(CheckpointRefused):
        attack(archive, tmp_path).publish_ledger(ZORGDRAGER, now=NOW)

    assert on_stores(archive) == before


def test_s108_a_published_ledger_that_was_changed_is_found(archive: Archive, aip: Aip) -> None:
    put(archive, aip)
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    root = archive.stores["twee"].root / ZORGDRAGER / "ledger"  # type: ignore[attr-defined]
    for name in ("0000000000-0000000000.jsonl", "0000000001.checkpoint"):
        os.chmod(root / name, 0o600)
        content = bytearray((root / name).read_bytes())
        content[60] ^= 1
        (root / name).write_bytes(content)

    with reading(archive.engine) as connection:
        findings = check_published(connection, list(archive.stores.values()), ZORGDRAGER)

    assert [(each.code, each.where) for each in findings] == [
        ("S108", f"twee, {ZORGDRAGER}/ledger/0000000000-0000000000.jsonl"),
        ("S108", f"twee, {ZORGDRAGER}/ledger/0000000001.checkpoint"),
    ]


def test_a_new_version_of_an_aip_stands_beside_the_old(archive: Archive, tmp_path: Path) -> None:
    first = put(archive, make_aip(tmp_path, 1))
    aip = make_aip(tmp_path, 1, title="Verbeterde titel")

    second = put(archive, replace(aip, description=replace(aip.description, version=2)))

    with reading(archive.engine) as connection:
        assert catalogue.by_id(connection, aip_id(1)) == second
        assert catalogue.by_id(connection, aip_id(1), 1) == first
        assert catalogue.by_identifier(
            connection, ZORGDRAGER, "Z/2024/0001", "zaaksysteem"
        ) == second  # fmt: skip


def test_every_exception_of_storage_has_one_root() -> None:
    import storage.errors as room

    kinds = [each for each in vars(room).values() if isinstance(each, type)]
    assert all(issubclass(each, StorageError) for each in kinds)
    assert all(each.__doc__ for each in kinds)
