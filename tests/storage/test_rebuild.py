"""Rebuilding from the stores alone: equal to what was, and honest about what is not there."""

import hashlib
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import catalogue, ledger
from storage.aip import package_key
from storage.archive import ADOPT, DESTROYED, Archive
from storage.database import begin, open_database, reading
from storage.errors import AlreadyThere
from storage.forgetting import forget
from storage.ledger_check import verify_ledger
from storage.outcomes import Outcome
from storage.package_reader import open_package
from storage.places import Place, beside, stands
from storage.promised import is_destroyed
from storage.rebuild import DESCRIPTION, Adoption, RebuildReport, rebuild
from storage.verify import verify_all
from tests.storage.making import (
    AGENT,
    NOW,
    ORIGIN,
    SALT,
    ZORGDRAGER,
    aip_id,
    local_archive,
    make_aip,
    make_archive,
    put,
)
from tests.storage.test_package import zipped

LATER = NOW + timedelta(days=3)
ADOPTION = Adoption(LATER, AGENT, ORIGIN, lambda: SALT)
PREFIX = f"{ZORGDRAGER}/ledger"


def key(number: int) -> str:
    return package_key(ZORGDRAGER, aip_id(number), 1)


@pytest.fixture
def archive(tmp_path: Path, database_place: Path | str) -> Archive:
    """Three AIPs, published in two segments."""
    (tmp_path / "staging").mkdir()
    archive = local_archive(tmp_path, database_place)
    for number in (1, 2, 3):
        put(archive, make_aip(tmp_path / "staging", number), now=NOW + timedelta(hours=number))
        if number > 1:
            archive.publish_ledger(ZORGDRAGER, now=NOW)
    return archive


@pytest.fixture
def new_place(database_place: Place) -> Place:
    """Where the new database will stand: beside the old one."""
    return beside(database_place, "nieuw")


def rebuilt(archive: Archive, new_place: Place, *, compared: bool = True) -> RebuildReport:
    old = archive.engine if compared else None
    return rebuild(archive.stores, new_place, ADOPTION, old)


def shown(report: RebuildReport) -> list[tuple[str, str]]:
    return [(each.code, each.where) for each in report.findings]


def root(archive: Archive, store: str) -> Path:
    folder: Path = archive.stores[store].root  # type: ignore[attr-defined]
    return folder


def change(file: Path, change: Callable[[bytearray], object]) -> None:
    os.chmod(file, 0o600)
    content = bytearray(file.read_bytes())
    change(content)
    file.write_bytes(content)


def flip_in(file: Path, needle: bytes) -> None:
    def flip(content: bytearray) -> None:
        content[content.index(needle) + len(needle) // 2] ^= 1

    change(file, flip)


def test_what_is_rebuilt_equals_what_was(archive: Archive, new_place: Place) -> None:
    report = rebuilt(archive, new_place)

    assert report == RebuildReport(aips=3, adopted=0, entries=3, findings=())
    new = make_archive(open_database(new_place), list(archive.stores.values()))
    with reading(archive.engine) as old, reading(new.engine) as connection:
        for number in (1, 2, 3):
            assert catalogue.by_id(connection, aip_id(number)) == catalogue.by_id(
                old, aip_id(number)
            )
            assert ledger.details_of(connection, ZORGDRAGER, number - 1) == {
                "delivery": "20261124-0001"
            }
        assert list(ledger.export_ledger(connection, ZORGDRAGER)) == list(
            ledger.export_ledger(old, ZORGDRAGER)
        )
        assert verify_ledger(connection, ZORGDRAGER) == []
        assert len(catalogue.find(connection, "vergunning")) == 3
    assert {c.outcome for checks in verify_all(new) for c in checks} == {Outcome.INTACT}
    new.publish_ledger(ZORGDRAGER, now=LATER)


def test_a_rebuilt_depot_goes_on(archive: Archive, tmp_path: Path, new_place: Place) -> None:
    rebuilt(archive, new_place)
    new = make_archive(open_database(new_place), list(archive.stores.values()))

    put(new, make_aip(tmp_path / "staging", 4), now=LATER)
    new.publish_ledger(ZORGDRAGER, now=LATER)

    with reading(new.engine) as connection:
        assert verify_ledger(connection, ZORGDRAGER) == []


def test_a_database_that_is_there_is_not_touched(archive: Archive, database_place: Place) -> None:
    with pytest.raises(AlreadyThere):
        rebuild(archive.stores, database_place, ADOPTION)

    with reading(archive.engine) as connection:
        assert catalogue.count(connection).aips == 3
        assert verify_ledger(connection, ZORGDRAGER) == []


def test_a_rebuild_that_was_interrupted_is_begun_anew(archive: Archive, new_place: Place) -> None:
    half = beside(new_place, "rebuilding")
    left = open_database(half)
    with begin(left) as connection:
        ledger.append(connection, "x", ledger.Event(NOW, "x", "x", "x", AGENT, ORIGIN), SALT)
    left.dispose()

    assert shown(rebuilt(archive, new_place)) == []
    assert not stands(half)


def description_hit(archive: Archive) -> None:
    flip_in(root(archive, "een") / key(1), b'"aggregation_level"')


def tagmanifest_hit(archive: Archive) -> None:
    reader = open_package(archive.stores["een"], key(1))
    offset = reader.members["tagmanifest-sha256.txt"].data_offset
    change(root(archive, "een") / key(1), lambda c: c.__setitem__(offset, c[offset] ^ 1))


def swapped_with_manifests(archive: Archive) -> None:
    """A package that is whole in itself, and not the one that the ledger names."""
    reader = open_package(archive.stores["een"], key(1))
    files = {path: reader.read(path) for path in reader.members}
    before = hashlib.sha256(files[DESCRIPTION]).hexdigest().encode()
    files[DESCRIPTION] = files[DESCRIPTION].replace(b"P10Y", b"P01Y")
    after = hashlib.sha256(files[DESCRIPTION]).hexdigest().encode()
    tags = "tagmanifest-sha256.txt"
    files[tags] = files[tags].replace(before, after)
    file = root(archive, "een") / key(1)
    change(file, lambda content: content.__setitem__(slice(None), zipped(files)))


SEGMENT = f"{PREFIX}/0000000000-0000000001.jsonl"
DAMAGE: dict[str, tuple[Callable[[Archive], object], list[tuple[str, str]]]] = {
    "S205: a copy is gone": (
        lambda archive: (root(archive, "een") / key(1)).unlink(),
        [("S205", f"een, {key(1)}")],
    ),
    "S211: a copy is cut off": (
        lambda archive: change(root(archive, "een") / key(1), lambda c: c.pop()),
        [("S211", f"een, {key(1)}")],
    ),
    "S303: a description is damaged": (description_hit, [("S303", f"een, {key(1)}")]),
    "S303: a tag manifest is damaged": (tagmanifest_hit, [("S303", f"een, {key(1)}")]),
    "S303: a package was changed with its checksums": (
        swapped_with_manifests,
        [("S303", f"een, {key(1)}")],
    ),
    "S303: a segment of the ledger is damaged": (
        lambda archive: flip_in(root(archive, "een") / SEGMENT, aip_id(1).encode()),
        [("S303", f"een, {SEGMENT}")],
    ),
    "S303: the last line of the ledger is damaged": (
        lambda archive: flip_in(
            root(archive, "een") / f"{PREFIX}/0000000002-0000000002.jsonl", b'"stored"'
        ),
        [("S303", f"een, {PREFIX}/0000000002-0000000002.jsonl")],
    ),
    "S306: a checkpoint is damaged": (
        lambda archive: change(
            root(archive, "een") / f"{PREFIX}/0000000003.checkpoint", lambda c: c.reverse()
        ),
        [("S306", f"een, {PREFIX}/0000000003.checkpoint")],
    ),
    "S207: a store is not mounted": (
        lambda archive: os.rename(root(archive, "een"), root(archive, "een").with_name("weg")),
        [
            ("S207", "een"),
            ("S207", "een"),
            *(("S205", f"een, {key(number)}") for number in (1, 2, 3)),
        ],
    ),
    "the ledger of one store is gone": (
        lambda archive: shutil.rmtree(root(archive, "een") / PREFIX),
        [],
    ),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_one_whole_store_is_enough_to_rebuild_everything(
    archive: Archive, new_place: Place, case: str
) -> None:
    damage, expected = DAMAGE[case]
    damage(archive)

    report = rebuilt(archive, new_place)

    assert shown(report) == expected
    assert (report.aips, report.adopted, report.entries) == (3, 0, 3)


def test_s301_what_no_ledger_names_is_taken_in_again(
    archive: Archive, tmp_path: Path, new_place: Place
) -> None:
    stored = put(archive, make_aip(tmp_path / "staging", 4))

    report = rebuilt(archive, new_place, compared=False)

    assert shown(report) == [("S301", key(4))]
    assert (report.aips, report.adopted, report.entries) == (4, 1, 4)
    with reading(open_database(new_place)) as connection:
        adopted = catalogue.by_id(connection, aip_id(4))
        *_, last = ledger.entries(connection, ZORGDRAGER)
    assert adopted is not None
    assert (adopted.description, adopted.package) == (stored.description, stored.package)
    assert (adopted.stored_at, [each.store for each in adopted.copies]) == (LATER, ["een", "twee"])
    assert (last.action, last.object, last.facts["sha256"]) == (
        ADOPT,
        aip_id(4),
        stored.package.sha256,
    )


def test_of_what_no_ledger_names_only_a_whole_copy_is_taken_in(
    archive: Archive, tmp_path: Path, new_place: Place
) -> None:
    put(archive, make_aip(tmp_path / "staging", 4))
    flip_in(root(archive, "een") / key(4), b"De vergunning is verleend.")

    report = rebuilt(archive, new_place, compared=False)

    assert shown(report) == [("S303", f"een, {key(4)}"), ("S301", key(4))]
    new = make_archive(open_database(new_place), list(archive.stores.values()))
    with reading(new.engine) as connection:
        adopted = catalogue.by_id(connection, aip_id(4))
    assert adopted is not None
    assert [each.store for each in adopted.copies] == ["twee"]


def test_s302_an_aip_of_which_no_copy_is_left_is_told_and_not_made_up(
    archive: Archive, new_place: Place
) -> None:
    for store in ("een", "twee"):
        (root(archive, store) / key(2)).unlink()

    report = rebuilt(archive, new_place, compared=False)

    assert shown(report) == [
        ("S205", f"een, {key(2)}"),
        ("S205", f"twee, {key(2)}"),
        ("S302", f"{ZORGDRAGER}, {aip_id(2)}"),
    ]
    assert (report.aips, report.entries) == (2, 3)


def test_s304_a_ledger_with_a_gap_is_rebuilt_up_to_it(archive: Archive, new_place: Place) -> None:
    for store in ("een", "twee"):
        (root(archive, store) / SEGMENT).unlink()

    report = rebuilt(archive, new_place, compared=False)

    found = shown(report)
    assert found[0] == ("S304", f"{ZORGDRAGER}, regel 0")
    assert [code for code, _ in found].count("S301") == 3
    assert report.adopted == 3


def test_s305_what_the_old_database_said_otherwise_is_told(
    archive: Archive, new_place: Place
) -> None:
    with begin(archive.engine) as connection:
        connection.execute(text("UPDATE aips SET title = 'Iets anders' WHERE number = 2"))
        connection.execute(text("DELETE FROM copies WHERE aip = 3"))
        event = ledger.Event(NOW, "later", "x", "ok", AGENT, ORIGIN)
        ledger.append(connection, ZORGDRAGER, event, SALT)

    report = rebuilt(archive, new_place)

    assert shown(report) == [
        ("S305", f"AIP {aip_id(2)}"),
        ("S305", f"AIP {aip_id(3)}"),
        ("S305", f"{ZORGDRAGER}, regel 3"),
    ]


def test_details_that_were_damaged_are_left_out_and_the_ledger_stays_whole(
    archive: Archive, new_place: Place
) -> None:
    for store in ("een", "twee"):
        details = root(archive, store) / SEGMENT.replace(".jsonl", ".details.jsonl")
        flip_in(details, b"20261124-0001")

    report = rebuilt(archive, new_place)

    assert shown(report) == []
    with reading(open_database(new_place)) as connection:
        assert ledger.details_of(connection, ZORGDRAGER, 0) is None
        assert verify_ledger(connection, ZORGDRAGER) == []


def test_a_destroyed_aip_is_not_taken_in_again_when_an_old_copy_turns_up(
    archive: Archive, new_place: Place
) -> None:
    destroyed = ledger.Event(
        NOW, DESTROYED, aip_id(2), "destroyed", "edepot", "test", facts={"list": "L1"}
    )
    with begin(archive.engine) as connection:
        forget(connection, aip_id(2))
        ledger.append(connection, ZORGDRAGER, destroyed, SALT)
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    (root(archive, "twee") / key(2)).unlink()

    report = rebuilt(archive, new_place)

    assert shown(report) == [("S309", f"een, {key(2)}")]
    assert (report.aips, report.adopted) == (2, 0)
    engine = open_database(new_place)
    with reading(engine) as connection:
        assert catalogue.by_id(connection, aip_id(2)) is None
        assert is_destroyed(connection, ZORGDRAGER, aip_id(2))
    engine.dispose()
