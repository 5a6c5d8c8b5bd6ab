"""Repair, filling and retiring over folders and buckets, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from storage.aip import package_key
from storage.archive import Archive
from storage.copies import read_digest
from storage.database import begin, open_database, reading
from storage.fixity.repair import repair_run
from storage.fixity.repairs import RepairState
from storage.fixity.tables import EVIDENCE
from storage.ledger_check import verify_ledger
from storage.moving import fill_store
from storage.outcomes import Outcome
from storage.retiring import retire_store
from storage.stores.s3 import S3Store
from storage.verify import verify_aip
from tests.databases import fresh_place
from tests.seaweed import QUICK, bucket, keys, raw
from tests.storage.fixity.damage import RUN, file_of, flip, order_on, tree, write_run
from tests.storage.making import (
    SIGNER,
    ZORGDRAGER,
    aip_id,
    make_aip,
    make_archive,
    make_store,
    put,
)

KEY = package_key(ZORGDRAGER, aip_id(1), 1)
ASIDE = f"{ZORGDRAGER}/evidence/{RUN}/{aip_id(1)}-v0001.zip"
RANDOM = bytes(range(256)) * 64
PAIRS = (("sqlite", False), ("postgres", True))


@pytest.fixture(params=PAIRS, ids=["sqlite and a plain bucket", "postgres and versions"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    """One AIP in a folder and in a bucket."""
    kind, versioned = request.param
    (tmp_path / "staging").mkdir()
    cloud = S3Store("wolk", bucket(versioned=versioned), patience=QUICK)
    with fresh_place(kind, tmp_path) as place:
        archive = make_archive(open_database(place), [make_store(tmp_path, "een"), cloud])
        put(archive, make_aip(tmp_path / "staging", files=(("beeld.bin", RANDOM),)))
        yield archive


def cloud_of(archive: Archive) -> S3Store:
    store = archive.stores["wolk"]
    assert isinstance(store, S3Store)
    return store


def overwritten(archive: Archive) -> None:
    place = cloud_of(archive).place
    raw(place).put_object(Bucket=place.bucket, Key=f"{place.prefix}/{KEY}", Body=b"iets anders")


def deleted(archive: Archive) -> None:
    place = cloud_of(archive).place
    raw(place).delete_object(Bucket=place.bucket, Key=f"{place.prefix}/{KEY}")


def assert_intact(archive: Archive, stores: list[str]) -> None:
    checks = verify_aip(archive, aip_id(1))
    assert [(each.store, each.outcome) for each in checks] == [
        (store, Outcome.INTACT) for store in stores
    ]
    with reading(archive.engine) as connection:
        errors = [each.code for each in verify_ledger(connection, ZORGDRAGER)]
        assert set(errors) <= {"S106"}


@pytest.mark.parametrize("damage", [overwritten, deleted])
def test_a_damaged_object_comes_back_from_the_folder(damage, archive: Archive) -> None:
    damage(archive)
    write_run(archive)

    (result,) = repair_run(order_on(archive), RUN)

    assert (result.state, result.source) == (RepairState.DONE, "een")
    assert_intact(archive, ["een", "wolk"])
    with reading(archive.engine) as connection:
        known = list(connection.execute(select(EVIDENCE.c.key)).scalars())
    place = cloud_of(archive).place
    assert sorted(keys(place)) == sorted(f"{place.prefix}/{each}" for each in (KEY, *known))
    if damage is overwritten:
        assert len(list(archive.stores["wolk"].list_versions(KEY))) == 1
        assert known == [ASIDE]
        assert b"".join(map(bytes, cloud_of(archive).read_chunks(ASIDE))) == b"iets anders"


def test_a_damaged_file_comes_back_from_the_bucket(archive: Archive, tmp_path: Path) -> None:
    before = tree(tmp_path / "een")
    flip(file_of(tmp_path, "een", KEY))
    write_run(archive)

    (result,) = repair_run(order_on(archive), RUN)

    assert (result.state, result.source) == (RepairState.DONE, "wolk")
    assert tree(tmp_path / "een")[KEY] == before[KEY]
    assert_intact(archive, ["een", "wolk"])


def test_a_bucket_is_filled_and_another_emptied_of_every_version(archive: Archive) -> None:
    new = S3Store("nieuw", bucket(), patience=QUICK)
    old = cloud_of(archive)
    archive.publish_ledger(ZORGDRAGER, now=order_on(archive).clock())
    stores = {**archive.stores, "nieuw": new}
    moving = Archive(archive.engine, stores, {ZORGDRAGER: ("een", "nieuw")}, {ZORGDRAGER: SIGNER})

    filled = fill_store(order_on(moving), "nieuw", ZORGDRAGER)
    retired = retire_store(order_on(moving), "wolk", ZORGDRAGER)

    assert (filled.whole, filled.copies, retired.whole, retired.copies) == (True, 1, True, 1)
    assert keys(old.place) == []
    assert list(old.list_versions(KEY)) == []
    assert read_digest(new, KEY) == read_digest(archive.stores["een"], KEY)
    assert_intact(moving, ["een", "nieuw"])


@pytest.fixture
def locked(tmp_path: Path) -> Archive:
    """One AIP in a folder and in a bucket that keeps a legal hold on it."""
    (tmp_path / "staging").mkdir()
    cloud = S3Store("wolk", bucket(locked=True), patience=QUICK)
    database = open_database(tmp_path / "edepot.sqlite")
    archive = make_archive(database, [make_store(tmp_path, "een"), cloud])
    put(archive, make_aip(tmp_path / "staging", files=(("beeld.bin", RANDOM),)))
    cloud.put_legal_hold(KEY, True)
    return archive


def test_S373_what_a_legal_hold_keeps_cannot_be_repaired_and_stays_as_it_is(
    locked: Archive,
) -> None:
    overwritten(locked)
    write_run(locked)

    (result,) = repair_run(order_on(locked), RUN)

    assert (result.state, [each.code for each in result.findings]) == (
        RepairState.FAILED,
        ["S373"],
    )
    assert list(locked.stores["wolk"].list_versions(KEY)) != []


def test_S382_what_a_legal_hold_keeps_is_not_taken_off(locked: Archive, tmp_path: Path) -> None:
    stores = {**locked.stores, "nieuw": make_store(tmp_path, "nieuw")}
    moving = Archive(locked.engine, stores, {ZORGDRAGER: ("een", "nieuw")}, {ZORGDRAGER: SIGNER})
    fill_store(order_on(moving), "nieuw", ZORGDRAGER)

    retired = retire_store(order_on(moving), "wolk", ZORGDRAGER)

    assert (retired.copies, [each.code for each in retired.findings]) == (0, ["S382"])
    cloud_of(locked).put_legal_hold(KEY, False)
    assert retire_store(order_on(moving), "wolk", ZORGDRAGER).whole


class StillThere(S3Store):
    """A server that says that it removed something, and shows it all the same."""

    def delete_version(self, key: str, version: str) -> None:
        """Nothing is removed."""


def test_S383_what_is_still_shown_after_removal_keeps_its_row(
    locked: Archive, tmp_path: Path
) -> None:
    lying = StillThere("wolk", cloud_of(locked).place, patience=QUICK)
    stores = {"een": locked.stores["een"], "wolk": lying, "nieuw": make_store(tmp_path, "nieuw")}
    moving = Archive(locked.engine, stores, {ZORGDRAGER: ("een", "nieuw")}, {ZORGDRAGER: SIGNER})
    fill_store(order_on(moving), "nieuw", ZORGDRAGER)

    retired = retire_store(order_on(moving), "wolk", ZORGDRAGER)

    assert (retired.copies, [each.code for each in retired.findings]) == (0, ["S383"])
    assert [each.store for each in verify_aip(moving, aip_id(1))] == ["een", "nieuw", "wolk"]
    with begin(moving.engine) as connection:
        assert connection.execute(select(EVIDENCE)).all() == []
