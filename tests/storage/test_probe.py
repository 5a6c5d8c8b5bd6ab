"""What a store really does is found out by trying, and nothing of the trial is left."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from storage.errors import StoreUnreachable
from storage.stores.base import Store
from storage.stores.memory import MemoryStore
from storage.stores.pace import Pace, PacedStore
from storage.stores.probe import PREFIX, Has, Probed, probe
from storage.stores.s3 import S3Place, S3Store
from tests.s3_proxy import ALL, Fault, Operation, proxy
from tests.seaweed import QUICK, bucket, keys, raw, through
from tests.storage.making import NOW, make_store

NONCE = "20261124a1"
ALL_OF_IT = Probed(
    store="proef",
    conditional_put=Has.YES,
    refuses_wrong_bytes=Has.YES,
    own_sha256=Has.YES,
    parts=Has.YES,
    read_after_write=Has.YES,
    key_order=Has.YES,
    versions=Has.YES,
    object_lock=Has.YES,
)


def s3(place: S3Place, *, trust_checksum: bool = False) -> S3Store:
    return S3Store("proef", place, patience=QUICK, trust_checksum=trust_checksum)


def codes(probed: Probed) -> list[str]:
    return [each.code for each in probed.findings]


def test_a_bucket_with_everything_has_everything() -> None:
    place = bucket(locked=True)

    assert probe(s3(place), NONCE) == ALL_OF_IT
    assert raw(place).list_object_versions(Bucket=place.bucket).get("Versions", []) == []


def test_a_plain_bucket_lacks_versions_and_locks() -> None:
    """S314, S315."""
    place = bucket()

    probed = probe(s3(place), NONCE)

    assert replace(probed, findings=()) == replace(ALL_OF_IT, versions=Has.NO, object_lock=Has.NO)
    assert codes(probed) == ["S314", "S315"]
    assert keys(place) == []


@pytest.mark.parametrize(
    "make", [lambda folder: make_store(folder, "proef"), lambda _: MemoryStore("proef")]
)
def test_a_folder_and_memory_compute_nothing_and_keep_one_version(
    make: Callable[[Path], Store], tmp_path: Path
) -> None:
    """S312."""
    store = make(tmp_path)

    probed = probe(PacedStore(store, Pace(), lambda: NOW, lambda _: None), NONCE)

    assert replace(probed, findings=()) == replace(
        ALL_OF_IT,
        refuses_wrong_bytes=Has.NO,
        own_sha256=Has.NO,
        versions=Has.NO,
        object_lock=Has.NO,
    )
    assert codes(probed) == ["S312", "S314", "S315"]
    assert list(store.list()) == []


def test_a_server_that_ignores_conditions_is_found_out() -> None:
    """S310."""
    place = bucket(locked=True)
    with proxy(place) as faults:
        faults.add(Fault.CONDITION_IGNORED, Operation.PUT, ALL, key="/c")
        probed = probe(s3(through(place, faults.endpoint)), NONCE)

    assert probed.conditional_put is Has.NO
    assert codes(probed) == ["S310"]


def test_a_server_that_only_repeats_a_checksum_is_not_trusted() -> None:
    """S311: the setting says that it is; S312."""
    place = bucket(locked=True)
    with proxy(place) as faults:
        faults.add(Fault.CHECKSUM_IGNORED, Operation.PUT, ALL, key="/w")
        probed = probe(s3(through(place, faults.endpoint), trust_checksum=True), NONCE)

    assert (probed.refuses_wrong_bytes, probed.own_sha256) == (Has.NO, Has.NO)
    assert codes(probed) == ["S312", "S311"]


@pytest.mark.parametrize(
    ("fault", "operation", "expected"),
    [
        (Fault.SHORTER, Operation.GET, ["S310", "S313", "S316"]),
        (Fault.ALTERED, Operation.GET, ["S310", "S313", "S316"]),
        (Fault.EMPTY, Operation.LIST, ["S310", "S316", "S317"]),
        (Fault.LOST_DELETE, Operation.DELETE, ["S319"]),
    ],
)
def test_a_server_that_does_not_do_as_it_says_is_unfit(
    fault: Fault, operation: Operation, expected: list[str]
) -> None:
    place = bucket(locked=True)
    with proxy(place) as faults:
        faults.add(fault, operation, ALL)
        probed = probe(s3(through(place, faults.endpoint)), NONCE)

    assert codes(probed) == expected


def test_nothing_is_put_into_a_bucket_that_locks_by_itself() -> None:
    """S318."""
    place = bucket(locked=True)
    raw(place).put_object_lock_configuration(
        Bucket=place.bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}},
        },
    )

    probed = probe(s3(place), NONCE)

    assert replace(probed, findings=()) == Probed("proef", versions=Has.YES, object_lock=Has.YES)
    assert codes(probed) == ["S318"]
    assert keys(place) == []


def test_a_store_that_does_not_answer_cannot_be_probed() -> None:
    place = bucket()

    for other in (
        replace(place, bucket="is-er-niet"),
        replace(place, endpoint="http://127.0.0.1:9"),
        replace(place, secret_access_key="mis"),  # noqa: S106 - and wrong
    ):
        with pytest.raises(StoreUnreachable):
            probe(s3(other), NONCE)


def test_what_stands_in_the_store_is_not_touched() -> None:
    place = bucket()
    store = s3(place)
    with store.put_new(f"{PREFIX}/van-een-ander/a") as upload:
        upload.write(b"x")
        upload.commit()

    probe(store, NONCE)

    assert [each.key for each in store.list()] == [f"{PREFIX}/van-een-ander/a"]
