"""What only a store in a bucket can meet: parts, versions, locks, strangers, dead processes."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from storage import catalogue, ledger
from storage.aip import PackageSums
from storage.copies import prove, remove_everywhere
from storage.database import open_database, reading
from storage.errors import (
    AlreadyStored,
    CopyDiffers,
    CopyUnreadable,
    NotStored,
    StoreFailed,
    StoreUnreachable,
)
from storage.outcomes import Basis, Outcome
from storage.package_reader import check_package, open_package
from storage.stores.base import ObjectStat
from storage.stores.s3 import Patience, S3Place, S3Store
from storage.verify import verify_aip
from tests.s3_proxy import ALL, Fault, Operation, proxy
from tests.seaweed import QUICK, bucket, keys, raw, rot, through, uploads
from tests.storage.making import (
    ZORGDRAGER,
    aip_id,
    make_aip,
    make_archive,
    make_store,
)
from tests.storage.making import put as put_aip
from tests.storage.test_stores import KEY, put, read

PART = 5 * 1024 * 1024


@pytest.fixture
def place() -> S3Place:
    return bucket()


@pytest.fixture
def store(place: S3Place) -> S3Store:
    return S3Store("wolk", place, patience=QUICK, part_bytes=PART)


def test_the_secret_is_not_shown(place: S3Place) -> None:
    assert place.secret_access_key not in repr(place)


def test_an_object_stands_under_the_prefix(store: S3Store, place: S3Place) -> None:
    put(store, KEY, b"x")

    assert keys(place) == [f"edepot/{KEY}"]


def test_a_store_without_a_prefix_has_its_keys_as_they_are() -> None:
    place = bucket(prefix="")
    store = S3Store("wolk", place, patience=QUICK)

    put(store, KEY, b"x")

    assert keys(place) == [KEY]
    assert list(store.list()) == [ObjectStat(KEY, 1)]
    assert list(store.list("gemeente/ab/cd/e")) == [ObjectStat(KEY, 1)]


@pytest.mark.parametrize("size", [PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 17])
def test_what_is_larger_than_a_part_goes_in_parts(
    store: S3Store, place: S3Place, size: int
) -> None:
    content = os.urandom(size)

    with store.put_new(KEY) as upload:
        for start in range(0, size, 1_000_003):
            upload.write(memoryview(content)[start : start + 1_000_003])
        stat = upload.commit()

    assert stat == ObjectStat(KEY, size) == store.stat(KEY)
    assert b"".join(bytes(each) for each in store.read_chunks(KEY)) == content
    assert uploads(place) == []


def test_of_two_writers_in_parts_the_first_to_commit_wins(store: S3Store, place: S3Place) -> None:
    with store.put_new(KEY) as first, store.put_new(KEY) as second:
        first.write(b"1" * (PART + 1))
        second.write(b"2" * (PART + 1))
        second.commit()
        with pytest.raises(AlreadyStored):
            first.commit()

    assert read(store, KEY) == b"2" * (PART + 1)
    assert uploads(place) == []


def test_an_upload_in_parts_that_is_left_leaves_nothing(store: S3Store, place: S3Place) -> None:
    with store.put_new(KEY) as upload:
        upload.write(b"x" * (PART + 1))
        assert uploads(place) == [f"edepot/{KEY}"]

    assert uploads(place) == []
    assert keys(place) == []


def test_the_server_sha256_is_of_the_whole_object_or_there_is_none(store: S3Store) -> None:
    put(store, "klein", b"inhoud")
    put(store, "groot", b"x" * (PART + 1))

    assert store.server_sha256("klein") == hashlib.sha256(b"inhoud").hexdigest()
    assert store.server_sha256("groot") is None


def test_a_copy_is_proven_by_reading_or_by_a_checksum_that_is_trusted(place: S3Place) -> None:
    reads = S3Store("wolk", place, patience=QUICK)
    trusts = S3Store("wolk", place, patience=QUICK, trust_checksum=True, part_bytes=PART)
    put(reads, "klein", b"inhoud")
    put(trusts, "groot", b"x" * (PART + 1))
    small = PackageSums(6, hashlib.sha256(b"inhoud").hexdigest(), "")
    large = PackageSums(PART + 1, hashlib.sha256(b"x" * (PART + 1)).hexdigest(), "")

    assert prove(reads, "klein", small) is Basis.READ
    assert prove(trusts, "klein", small) is Basis.CHECKSUM
    assert prove(trusts, "groot", large) is Basis.READ
    with pytest.raises(CopyDiffers):
        prove(trusts, "klein", large)


def test_what_a_proof_rests_on_stands_in_catalogue_and_ledger(
    place: S3Place, tmp_path: Path
) -> None:
    cloud = S3Store("wolk", place, patience=QUICK, trust_checksum=True)
    engine = open_database(tmp_path / "edepot.sqlite")
    with make_archive(engine, [make_store(tmp_path, "map"), cloud]) as archive:
        stored = put_aip(archive, make_aip(tmp_path))
        checks = verify_aip(archive, aip_id(1))
        with reading(engine) as connection:
            known = catalogue.by_id(connection, aip_id(1))
            (entry,) = ledger.entries(connection, ZORGDRAGER)
    engine.dispose()

    assert [each.proof for each in stored.copies] == [Basis.READ, Basis.CHECKSUM]
    assert known == stored
    assert entry.facts["proof"] == {"map": "read", "wolk": "checksum"}
    assert [each.outcome for each in checks] == [Outcome.INTACT, Outcome.INTACT]


def test_a_package_is_opened_and_checked_where_it_stands(store: S3Store, tmp_path: Path) -> None:
    engine = open_database(tmp_path / "edepot.sqlite")
    with make_archive(engine, [store]) as archive:
        stored = put_aip(archive, make_aip(tmp_path))
    engine.dispose()
    key = stored.copies[0].key

    reader = open_package(store, key)

    assert reader.read("data/original/vergunning.txt") == b"De vergunning is verleend.\n"
    assert check_package(store, key).sha256 == stored.package.sha256
    assert check_package(store, key).faults == ()


def test_a_delete_marker_hides_an_object_and_every_version_is_removed() -> None:
    place = bucket(versioned=True)
    store = S3Store("wolk", place, patience=QUICK)
    client, whole = raw(place), {"Bucket": place.bucket, "Key": f"edepot/{KEY}"}
    put(store, KEY, b"een")
    client.put_object(**whole, Body=b"door een ander")
    client.delete_object(**whole)

    with pytest.raises(NotStored):
        store.stat(KEY)
    assert len(list(store.list_versions(KEY))) == 3
    remove_everywhere([store], KEY)

    assert list(store.list_versions(KEY)) == []
    found = client.list_object_versions(Bucket=place.bucket)
    assert (found.get("Versions", []), found.get("DeleteMarkers", [])) == ([], [])


def test_an_object_lock_tells_until_when() -> None:
    place = bucket(locked=True)
    store = S3Store("wolk", place, patience=QUICK)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    raw(place).put_object(
        Bucket=place.bucket,
        Key=f"edepot/{KEY}",
        Body=b"vast",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=until,
    )
    (version,) = store.list_versions(KEY)

    with pytest.raises(StoreFailed, match=f"locked until {until:%Y-%m-%d}"):
        store.delete_version(KEY, version)
    with pytest.raises(StoreFailed, match="locked until"):
        store.set_aside(KEY, "gemeente/evidence/1/een.zip")

    assert read(store, KEY) == b"vast"


def test_a_legal_hold_holds_until_it_is_lifted() -> None:
    store = S3Store("wolk", bucket(locked=True), patience=QUICK)
    put(store, KEY, b"vast")
    (version,) = store.list_versions(KEY)

    store.put_legal_hold(KEY, True)
    with pytest.raises(StoreFailed, match="legal hold"):
        store.delete_version(KEY, version)
    store.put_legal_hold(KEY, False)
    store.delete_version(KEY, version)

    assert list(store.list()) == []


def test_a_bucket_without_locks_takes_no_legal_hold(store: S3Store) -> None:
    put(store, KEY, b"x")

    with pytest.raises(StoreFailed):
        store.put_legal_hold(KEY, True)
    with pytest.raises(NotStored):
        store.put_legal_hold("is/er/niet", True)


def test_strangers_in_a_bucket_are_listed_too(store: S3Store, place: S3Place) -> None:
    put(store, KEY, b"x")
    client = raw(place)
    for key in ("edepot/gemeente/ab/cd/vreemd é %20+.txt", "edepot/los", "elders/x"):
        client.put_object(Bucket=place.bucket, Key=key, Body=b"vreemd")

    assert [each.key for each in store.list()] == [
        KEY,
        "gemeente/ab/cd/vreemd é %20+.txt",
        "los",
    ]


def test_more_objects_than_one_page_are_listed_in_order(store: S3Store, place: S3Place) -> None:
    client = raw(place)
    for number in range(1_100):
        key = f"edepot/gemeente/{number % 7:02d}/{number:05d}/v0001.zip"
        client.put_object(Bucket=place.bucket, Key=key, Body=b"")

    listed = [each.key for each in store.list("gemeente/")]

    assert len(listed) == 1_100
    assert listed == sorted(listed)


@pytest.mark.parametrize("what", ["bucket", "key", "address"])
def test_a_store_that_does_not_let_us_in_says_nothing_of_what_it_holds(
    place: S3Place, what: str
) -> None:
    other = {
        "bucket": replace(place, bucket="is-er-niet"),
        "key": replace(place, secret_access_key="mis"),  # noqa: S106 - and wrong
        "address": replace(place, endpoint="http://127.0.0.1:9"),
    }[what]
    store = S3Store("wolk", other, patience=QUICK)

    for use in (
        lambda: store.stat(KEY),
        lambda: store.open_read(KEY),
        lambda: list(store.read_chunks(KEY)),
        lambda: list(store.list()),
        lambda: list(store.list_versions(KEY)),
        lambda: store.server_sha256(KEY),
        lambda: put(store, KEY, b"x"),
    ):
        with pytest.raises(StoreUnreachable):
            use()


def test_bit_rot_under_the_server_is_unreadable_and_not_unreachable(place: S3Place) -> None:
    # This server tries for some 13 seconds itself before it says 500.
    store = S3Store("wolk", place, patience=replace(QUICK, tries=1))
    content = os.urandom(5000)
    put(store, KEY, content)
    rot(place, content)

    assert store.stat(KEY) == ObjectStat(KEY, 5000)
    with pytest.raises(CopyUnreadable):
        list(store.read_chunks(KEY))


def test_a_server_that_ignores_conditions_is_never_overwritten_knowingly(place: S3Place) -> None:
    with proxy(place) as faults:
        faults.add(Fault.CONDITION_IGNORED, Operation.PUT, ALL)
        store = S3Store("wolk", through(place, faults.endpoint), patience=QUICK, conditional=False)
        with store.put_new(KEY) as first, store.put_new(KEY) as second:
            first.write(b"eerste")
            second.write(b"tweede")
            second.commit()
            with pytest.raises(AlreadyStored):
                first.commit()

        assert read(store, KEY) == b"tweede"


def test_a_put_that_another_overwrote_at_once_is_not_called_ours(place: S3Place) -> None:
    with proxy(place) as faults:
        store = S3Store("wolk", through(place, faults.endpoint), patience=QUICK, conditional=False)
        other = S3Store("ander", place, patience=QUICK)
        with store.put_new(KEY) as upload:
            upload.write(b"onze")
            # Between our look and our put: another one's object, and our put is lost.
            faults.add(Fault.LOST_PUT, Operation.PUT)
            faults.add(Fault.PHANTOM_404, Operation.HEAD)
            put(other, KEY, b"die van een ander")
            with pytest.raises(AlreadyStored):
                upload.commit()

    assert read(other, KEY) == b"die van een ander"


def test_a_server_that_goes_on_serving_the_earlier_right_bytes_is_believed(
    place: S3Place,
) -> None:
    with proxy(place) as faults:
        store = S3Store("wolk", through(place, faults.endpoint), patience=QUICK)
        put(store, KEY, b"goed")
        read(store, KEY)
        raw(place).put_object(Bucket=place.bucket, Key=f"edepot/{KEY}", Body=b"fout")

        faults.add(Fault.STALE, Operation.GET)

        assert read(store, KEY) == b"goed"
        assert read(store, KEY) == b"fout"


def test_a_put_of_300_mb_holds_one_part_in_memory(place: S3Place) -> None:
    code = """
import sys, psutil
from pathlib import Path
from storage.stores.s3 import S3Place, S3Store
place = S3Place(*sys.argv[1:])
store = S3Store("wolk", place)
process = psutil.Process()
block = bytes(range(256)) * 4096
with store.put_new("klein") as upload:
    upload.write(block)
    upload.commit()
before, most = process.memory_info().rss, 0
with store.put_new("groot") as upload:
    for _ in range(300):
        upload.write(block)
        most = max(most, process.memory_info().rss)
    upload.commit()
most = max(most, process.memory_info().rss)
assert sum(len(each) for each in store.read_chunks("groot")) == 300 * len(block)
most = max(most, process.memory_info().rss)
print((most - before) // 2**20)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments(place)],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip

    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 120


def test_what_a_killed_process_was_uploading_is_swept(place: S3Place) -> None:
    code = """
import sys, time
from storage.stores.s3 import S3Place, S3Store
store = S3Store("wolk", S3Place(*sys.argv[1:]), part_bytes=5 * 2**20)
with store.put_new("gemeente/half") as upload:
    upload.write(b"x" * (11 * 2**20))
    print("halfway", flush=True)
    time.sleep(60)
"""
    child = subprocess.Popen(
        [sys.executable, "-c", code, *arguments(place)],
        stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"halfway\n"
        psutil.Process(child.pid).send_signal(signal.SIGKILL)
        child.wait()
    alive = S3Store("wolk", place, patience=QUICK)
    impatient = S3Store("wolk", place, patience=Patience(abandoned_seconds=0))

    assert alive.sweep() == 0
    assert uploads(place) == ["edepot/gemeente/half"]
    assert impatient.sweep() == 1
    assert uploads(place) == []
    assert keys(place) == []


def test_a_sweep_leaves_what_is_being_uploaded(place: S3Place) -> None:
    """By this process whatever the clock says, by another as long as parts come in."""
    mine = S3Store("wolk", place, patience=Patience(abandoned_seconds=0), part_bytes=PART)
    other = S3Store("wolk", place, patience=Patience(abandoned_seconds=4), part_bytes=PART)
    with mine.put_new(KEY) as upload:
        upload.write(b"x" * (PART + 1))
        assert (mine.sweep(), other.sweep()) == (0, 0)
        time.sleep(5.1)
        upload.write(b"y" * PART)
        assert other.sweep() == 0

        upload.commit()
    assert store_size(mine) == 2 * PART + 1


def store_size(store: S3Store) -> int:
    return store.stat(KEY).size_bytes


def arguments(place: S3Place) -> list[str]:
    return [
        place.endpoint, place.bucket, place.prefix, place.region, place.access_key_id,
        place.secret_access_key,
    ]  # fmt: skip
