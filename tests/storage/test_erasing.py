"""Everything of an AIP in a store: found, erased by exact version, and asked for again."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.aip import package_key
from storage.copies import remove_everywhere
from storage.erasing import Erased, absence, erase
from storage.errors import StoreFailed, StoreUnreachable
from storage.inventory import Role, Trace, aip_named, bears_name, traces, traces_of_any
from storage.placing import evidence_key
from storage.promised import PackageName
from storage.stores.base import Store
from storage.stores.memory import MemoryStore
from storage.stores.memory_versions import VersionedMemoryStore
from storage.stores.pace import Pace, PacedStore
from storage.stores.s3 import Patience, S3Place, S3Store
from tests.s3_proxy import ALL, SLOW_SECONDS, Fault, Operation, proxy
from tests.seaweed import QUICK, bucket, raw, through
from tests.storage.making import ZORGDRAGER, aip_id, make_store
from tests.storage.test_stores import put

MINE, OTHER = aip_id(1), aip_id(2)
KEYS = tuple(package_key(ZORGDRAGER, MINE, version) for version in (1, 2))
ASIDE = evidence_key(PackageName(ZORGDRAGER, MINE, 1), "run-1")
OTHERS = (
    package_key(ZORGDRAGER, OTHER, 1),
    evidence_key(PackageName(ZORGDRAGER, OTHER, 1), "run-1"),
    f"{ZORGDRAGER}/ledger/{0:010d}-{1:010d}.jsonl",
    package_key("weststellingwerf", MINE, 1),
)
HASTE = replace(QUICK, read_seconds=0.7 * SLOW_SECONDS)

KINDS: dict[str, Callable[[Path], Store]] = {
    "local": lambda folder: make_store(folder, "proef"),
    "memory": lambda _: MemoryStore("proef"),
    "memory with versions": lambda _: VersionedMemoryStore("proef"),
    "paced": lambda folder: PacedStore(
        make_store(folder, "proef"), Pace(), lambda: datetime.now(UTC), lambda _: None
    ),
    "s3": lambda _: S3Store("proef", bucket(), patience=QUICK),
    "s3 with versions": lambda _: S3Store("proef", bucket(versioned=True), patience=QUICK),
}


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store with two versions of an AIP, a damaged copy of it, and what is not of it."""
    made = KINDS[request.param](tmp_path)
    for key in (*KEYS, ASIDE, *OTHERS):
        put(made, key, key.encode())
    return made


def of(store: Store) -> tuple[Trace, ...]:
    return traces(store, ZORGDRAGER, MINE)


def outcomes(store: Store, found: Sequence[Trace]) -> list[Erased]:
    return [each.outcome for each in erase(store, found)]


def test_everything_of_an_aip_is_found_and_nothing_else(store: Store) -> None:
    found = of(store)

    assert [(each.key, each.role) for each in found] == [
        (KEYS[0], Role.PACKAGE),
        (KEYS[1], Role.PACKAGE),
        (ASIDE, Role.SET_ASIDE),
    ]
    assert {each.store for each in found} == {"proef"}
    assert [each.size_bytes for each in found] == [len(each.key) for each in found]


def test_what_is_erased_is_gone_by_another_question_and_the_rest_is_there(store: Store) -> None:
    before = absence(store, ZORGDRAGER, MINE, KEYS)
    assert (before.absent, before.answer, len(before.left)) == (False, "3 versions", 3)

    assert outcomes(store, of(store)) == [Erased.ACCEPTED] * 3

    after = absence(store, ZORGDRAGER, MINE, KEYS)
    assert (after.absent, after.answer, after.left) == (True, "nothing", ())
    assert MINE in after.asked
    assert sorted(each.key for each in store.list()) == sorted(OTHERS)


def test_to_erase_again_does_nothing(store: Store) -> None:
    found = of(store)
    assert outcomes(store, found) == [Erased.ACCEPTED] * 3

    assert outcomes(store, found) == [Erased.ACCEPTED] * 3
    assert outcomes(store, ()) == []


def test_many_aips_are_looked_for_in_one_walk(store: Store) -> None:
    found = list(traces_of_any(store, ZORGDRAGER, {MINE, aip_id(9)}))

    assert {name for name, _ in found} == {MINE}
    assert sorted(each.key for _, each in found) == sorted((*KEYS, ASIDE))


def test_a_key_that_bears_another_name_is_found_where_it_is_known_to_be(store: Store) -> None:
    shared = OTHERS[0]

    found = traces(store, ZORGDRAGER, MINE, [*KEYS, shared])
    assert [each.key for each in found] == [*KEYS, ASIDE, shared]
    outcomes(store, of(store))

    assert not absence(store, ZORGDRAGER, MINE, [*KEYS, shared]).absent
    kept = absence(store, ZORGDRAGER, MINE, [*KEYS, shared], stays=[shared])
    assert kept.absent


def test_the_names_of_keys_say_whose_they_are() -> None:
    assert {aip_named(ZORGDRAGER, each) for each in (*KEYS, ASIDE)} == {MINE}
    assert aip_named(ZORGDRAGER, ASIDE.replace(".zip", "-2.zip")) == MINE
    assert [aip_named(ZORGDRAGER, each) for each in OTHERS[2:]] == ["", ""]
    assert bears_name(ZORGDRAGER, MINE, ASIDE)
    assert not any(bears_name(ZORGDRAGER, MINE, each) for each in OTHERS)


# A folder


def test_emptied_folders_go_and_other_names_of_a_file_are_not_ours_to_find(tmp_path: Path) -> None:
    store = make_store(tmp_path, "proef")
    put(store, KEYS[0], b"bytes")
    file = tmp_path / "proef" / KEYS[0]
    os.link(file, tmp_path / "elders")

    assert outcomes(store, of(store)) == [Erased.ACCEPTED]

    assert absence(store, ZORGDRAGER, MINE, KEYS).absent
    assert not file.parent.exists()
    # A snapshot or a second name keeps the bytes: the declaration names backups for that reason.
    assert (tmp_path / "elders").read_bytes() == b"bytes"


def test_a_folder_that_is_no_store_is_no_absence(tmp_path: Path) -> None:
    store = make_store(tmp_path, "proef")
    put(store, KEYS[0], b"bytes")
    found = of(store)
    (tmp_path / "proef" / ".uploads").rmdir()

    assert outcomes(store, found) == [Erased.UNKNOWN]
    said = absence(store, ZORGDRAGER, MINE, KEYS)
    assert (said.absent, said.left) == (False, ())
    assert said.answer.startswith("no answer: ")
    with pytest.raises(StoreUnreachable):
        of(store)


def test_what_a_dead_process_left_of_an_upload_is_swept(tmp_path: Path) -> None:
    store = make_store(tmp_path, "proef")
    left = tmp_path / "proef" / ".uploads" / "999-1"
    left.write_bytes(b"half a package")

    assert store.sweep() == 1

    assert not left.exists()


# A bucket


@pytest.fixture
def versioned() -> tuple[S3Store, S3Place]:
    place = bucket(versioned=True)
    return S3Store("wolk", place, patience=QUICK), place


def test_older_versions_and_delete_markers_are_found_and_erased(
    versioned: tuple[S3Store, S3Place],
) -> None:
    store, place = versioned
    client = raw(place)
    key = f"{place.prefix}/{KEYS[0]}"
    for content in (b"een", b"twee"):
        client.put_object(Bucket=place.bucket, Key=key, Body=content)
    client.delete_object(Bucket=place.bucket, Key=key)
    assert list(store.list()) == []

    found = of(store)
    assert sorted(each.role for each in found) == [Role.MARKER, Role.PACKAGE, Role.PACKAGE]
    assert len({each.version for each in found}) == 3
    assert outcomes(store, found) == [Erased.ACCEPTED] * 3

    assert absence(store, ZORGDRAGER, MINE, KEYS).absent
    left = client.list_object_versions(Bucket=place.bucket)
    assert (left.get("Versions", []), left.get("DeleteMarkers", [])) == ([], [])


def test_a_plain_deletion_is_no_erasure(versioned: tuple[S3Store, S3Place]) -> None:
    store, place = versioned
    put(store, KEYS[0], b"bytes")
    raw(place).delete_object(Bucket=place.bucket, Key=f"{place.prefix}/{KEYS[0]}")

    said = absence(store, ZORGDRAGER, MINE, KEYS)

    assert (said.absent, said.answer) == (False, "2 versions")


def test_a_copy_that_was_put_back_survives_an_order_of_before(
    versioned: tuple[S3Store, S3Place],
) -> None:
    store, _ = versioned
    put(store, KEYS[0], b"bytes")
    old = of(store)
    outcomes(store, old)
    put(store, KEYS[0], b"bytes")

    outcomes(store, old)

    assert [each.version for each in of(store)] != [each.version for each in old]
    assert store.stat(KEYS[0]).size_bytes == 5


def test_more_versions_than_one_answer_holds_are_all_erased(
    versioned: tuple[S3Store, S3Place],
) -> None:
    store, place = versioned
    client = raw(place)
    for _ in range(1003):
        client.put_object(Bucket=place.bucket, Key=f"{place.prefix}/{KEYS[0]}", Body=b"")

    found = of(store)
    assert len({each.version for each in found}) == 1003
    assert set(outcomes(store, found)) == {Erased.ACCEPTED}

    assert absence(store, ZORGDRAGER, MINE, KEYS).absent


def test_an_upload_that_was_never_ended_is_found_and_ended() -> None:
    place = bucket()
    store = S3Store("wolk", place, patience=QUICK)
    client = raw(place)
    named = {"Bucket": place.bucket, "Key": f"{place.prefix}/{KEYS[0]}"}
    begun = client.create_multipart_upload(**named)["UploadId"]
    client.upload_part(**named, UploadId=begun, PartNumber=1, Body=b"half a package")

    (found,) = of(store)
    assert (found.role, found.key) == (Role.UPLOAD, KEYS[0])
    assert not absence(store, ZORGDRAGER, MINE, ()).absent
    assert outcomes(store, [found]) == [Erased.ACCEPTED]

    assert absence(store, ZORGDRAGER, MINE, ()).absent
    assert client.list_multipart_uploads(Bucket=place.bucket).get("Uploads", []) == []
    assert outcomes(store, [found]) == [Erased.ACCEPTED]


@pytest.fixture
def locked() -> tuple[S3Store, S3Place]:
    """A bucket with object lock, and a package in it."""
    place = bucket(locked=True)
    store = S3Store("wolk", place, patience=QUICK)
    put(store, KEYS[0], b"bytes")
    return store, place


def test_a_legal_hold_keeps_a_package_whoever_asks(locked: tuple[S3Store, S3Place]) -> None:
    store, _ = locked
    put(store, KEYS[1], b"bytes")
    store.put_legal_hold(KEYS[0], True)

    told = list(erase(store, of(store)))

    assert [each.outcome for each in told] == [Erased.LOCKED, Erased.ACCEPTED]
    assert told[0].detail == "locked until its legal hold is lifted"
    said = absence(store, ZORGDRAGER, MINE, KEYS)
    assert [each.key for each in said.left] == [KEYS[0]]
    store.put_legal_hold(KEYS[0], False)
    assert outcomes(store, of(store)) == [Erased.ACCEPTED]


def test_a_retention_date_keeps_a_package_and_is_told(locked: tuple[S3Store, S3Place]) -> None:
    store, place = locked
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    raw(place).put_object_retention(
        Bucket=place.bucket,
        Key=f"{place.prefix}/{KEYS[0]}",
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
    )

    (told,) = erase(store, of(store))

    assert told.outcome is Erased.LOCKED
    assert told.detail == f"locked until {until.isoformat()}"
    assert not absence(store, ZORGDRAGER, MINE, KEYS).absent
    with pytest.raises(StoreFailed):
        remove_everywhere([store], KEYS[0])


def test_a_lock_in_the_memory_store_is_a_lock_as_well() -> None:
    store = VersionedMemoryStore("proef")
    put(store, KEYS[0], b"een")
    store.replace(KEYS[0], b"twee")
    store.remove(KEYS[0])
    store.put_lock(KEYS[0])

    assert sorted(each.role for each in of(store)) == [Role.MARKER, Role.PACKAGE, Role.PACKAGE]
    assert outcomes(store, of(store)) == [Erased.LOCKED] * 3
    assert len(of(store)) == 3


FAULTS: dict[Fault, tuple[Operation, ...]] = {
    Fault.ERROR_500: (Operation.DELETES, Operation.VERSIONS, Operation.UPLOADS),
    Fault.BUSY_503: (Operation.DELETES, Operation.VERSIONS, Operation.UPLOADS),
    Fault.FORBIDDEN_403: (Operation.DELETES, Operation.VERSIONS, Operation.UPLOADS),
    Fault.NO_BUCKET: (Operation.DELETES, Operation.VERSIONS, Operation.UPLOADS),
    Fault.CUT_BEFORE: (Operation.DELETES, Operation.VERSIONS),
    Fault.CUT_AFTER: (Operation.DELETES, Operation.VERSIONS),
    Fault.SLOW: (Operation.DELETES, Operation.VERSIONS),
    Fault.LOST_DELETE: (Operation.DELETES,),
    Fault.EMPTY: (Operation.VERSIONS,),
}
CASES = [(fault, each) for fault, operations in FAULTS.items() for each in operations]


@pytest.mark.parametrize(("fault", "operation"), CASES, ids=lambda each: str(each.name))
def test_whatever_goes_wrong_nothing_is_said_to_be_gone_that_is_there(
    fault: Fault, operation: Operation
) -> None:
    place = bucket(versioned=True)
    patience: Patience = HASTE if fault is Fault.SLOW else QUICK
    with proxy(place) as faults:
        store = S3Store("wolk", through(place, faults.endpoint), patience=patience)
        put(store, KEYS[0], b"bytes")
        found = of(store)
        faults.add(fault, operation, ALL)

        told = outcomes(store, found)
        said = absence(store, ZORGDRAGER, MINE, KEYS)

        there = bool(of(S3Store("wolk", place, patience=QUICK)))
        asked = list(faults.hits)
        faults.clear()
        if operation is Operation.DELETES:
            expected = Erased.ACCEPTED if fault is Fault.LOST_DELETE else Erased.UNKNOWN
            assert told == [expected]
        assert asked
        assert not (said.absent and there)
        # Once the server is itself again the same order ends it, and absence is proven.
        assert outcomes(store, found) == [Erased.ACCEPTED]
        assert absence(store, ZORGDRAGER, MINE, KEYS).absent


def test_a_server_that_lists_nothing_is_asked_for_each_known_key() -> None:
    place = bucket(versioned=True)
    with proxy(place) as faults:
        store = S3Store("wolk", through(place, faults.endpoint), patience=QUICK)
        put(store, KEYS[0], b"bytes")
        faults.add(Fault.EMPTY, Operation.VERSIONS, ALL)

        said = absence(store, ZORGDRAGER, MINE, KEYS)

    assert not said.absent
    assert said.answer == f"listed nowhere, yet there: {KEYS[0]}"
