"""Verifying copies: what is intact is so, and what is hit is named."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.aip import package_key
from storage.archive import Archive
from storage.database import begin
from storage.errors import NotStored
from storage.outcomes import Outcome
from storage.package_reader import open_package
from storage.verify import CopyCheck, verify_aip, verify_all
from tests.storage.making import ZORGDRAGER, aip_id, local_archive, make_aip, put
from tests.storage.test_ledger import tamper
from tests.storage.test_package import zipped

KEY = package_key(ZORGDRAGER, aip_id(1), 1)
WHERE = f"twee, {KEY}"


@pytest.fixture
def archive(tmp_path: Path, database_place: Path | str) -> Archive:
    (tmp_path / "staging").mkdir()
    archive = local_archive(tmp_path, database_place)
    for number in (1, 2):
        put(archive, make_aip(tmp_path / "staging", number))
    return archive


def file_of(archive: Archive) -> Path:
    file: Path = archive.stores["twee"].root / KEY  # type: ignore[attr-defined]
    os.chmod(file, 0o600)
    return file


def flip(archive: Archive, offset: int) -> None:
    content = bytearray(file_of(archive).read_bytes())
    content[offset] ^= 1
    file_of(archive).write_bytes(content)


def members(archive: Archive) -> dict[str, bytes]:
    reader = open_package(archive.stores["twee"], KEY)
    return {path: reader.read(path) for path in reader.members}


def without(archive: Archive, path: str) -> None:
    kept = members(archive)
    del kept[path]
    file_of(archive).write_bytes(zipped(kept))


def payload_byte(archive: Archive) -> None:
    reader = open_package(archive.stores["twee"], KEY)
    flip(archive, reader.members["data/original/vergunning.txt"].data_offset + 3)


def unmounted(archive: Archive) -> None:
    root = archive.stores["twee"].root  # type: ignore[attr-defined]
    os.rename(root, root.with_name("weg"))


def not_a_file(archive: Archive) -> None:
    file = file_of(archive)
    file.unlink()
    os.mkfifo(file)


def tampered(statement: str) -> Callable[[Archive], None]:
    return lambda archive: tamper(archive.engine, statement)


def catalogue_edit(archive: Archive) -> None:
    with begin(archive.engine) as connection:
        connection.execute(text("UPDATE aips SET sha256 = 'ff' WHERE number = 1"))


PAYLOAD = "data/original/vergunning.txt"
CASES: dict[str, tuple[Callable[[Archive], None], Outcome, list[tuple[str, str]]]] = {
    "S201, S202: a byte of a record": (
        payload_byte,
        Outcome.DIFFERS,
        [("S202", f"{WHERE}, {PAYLOAD}"), ("S201", WHERE)],
    ),
    "S203: a file gone": (
        lambda archive: without(archive, PAYLOAD),
        Outcome.DIFFERS,
        [("S203", f"{WHERE}, {PAYLOAD}"), ("S211", WHERE), ("S201", WHERE)],
    ),
    "S204: a file more": (
        lambda archive: (
            file_of(archive).write_bytes(zipped(members(archive) | {"data/erbij": b"x"})) and None
        ),
        Outcome.DIFFERS,
        [("S204", f"{WHERE}, data/erbij"), ("S211", WHERE), ("S201", WHERE)],
    ),
    "S205: a copy gone": (
        lambda archive: file_of(archive).unlink(),
        Outcome.MISSING,
        [("S205", WHERE)],
    ),
    "S206: a copy that cannot be read": (not_a_file, Outcome.UNREADABLE, [("S206", WHERE)]),
    "S207: a store that is not mounted": (unmounted, Outcome.NOT_CHECKED, [("S207", WHERE)]),
    "S209: the structure": (
        lambda archive: flip(archive, -1),
        Outcome.DIFFERS,
        [("S209", WHERE), ("S201", WHERE)],
    ),
    "S211: cut off": (
        lambda archive: os.truncate(file_of(archive), 100),
        Outcome.DIFFERS,
        [("S209", WHERE), ("S211", WHERE), ("S201", WHERE)],
    ),
}


def shown(check: CopyCheck) -> tuple[Outcome, list[tuple[str, str]]]:
    return check.outcome, [(each.code, each.where) for each in check.findings]


def test_copies_that_are_whole_are_intact(archive: Archive) -> None:
    checks = verify_aip(archive, aip_id(1))

    size = archive.stores["een"].stat(KEY).size_bytes
    assert checks == [
        CopyCheck(aip_id(1), 1, store, KEY, Outcome.INTACT, 10, size, ())
        for store in ("een", "twee")
    ]


@pytest.mark.parametrize("case", CASES)
def test_a_copy_that_is_hit_is_found_out_and_the_other_is_intact(
    archive: Archive, case: str
) -> None:
    damage, outcome, findings = CASES[case]

    damage(archive)

    first, second = verify_aip(archive, aip_id(1))
    assert shown(first) == (Outcome.INTACT, [])
    assert shown(second) == (outcome, findings)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        pytest.param(catalogue_edit, "S208", id="S208: the catalogue was changed"),
        pytest.param(
            tampered("DELETE FROM ledger_entries WHERE object LIKE '00000001%'"),
            "S210",
            id="S210: the ledger knows nothing",
        ),
    ],
)
def test_the_measure_is_the_ledger_and_not_the_catalogue(
    archive: Archive, damage: Callable[[Archive], None], code: str
) -> None:
    damage(archive)

    checks = verify_aip(archive, aip_id(1))

    assert [shown(each) for each in checks] == [(Outcome.DIFFERS, [(code, aip_id(1))])] * 2


def test_a_package_that_was_changed_with_its_manifests_differs_from_the_ledger(
    archive: Archive,
) -> None:
    put(archive, make_aip(file_of(archive).parent, 9, files=[("vals.txt", b"vals")]))
    other = archive.stores["twee"].root / package_key(  # type: ignore[attr-defined]
        ZORGDRAGER, aip_id(9), 1
    )
    file_of(archive).write_bytes(other.read_bytes())

    _, second = verify_aip(archive, aip_id(1))

    assert shown(second) == (Outcome.DIFFERS, [("S211", WHERE), ("S201", WHERE)])


def test_a_store_that_is_no_longer_configured_is_not_called_intact(archive: Archive) -> None:
    del archive.stores["twee"]

    _, second = verify_aip(archive, aip_id(1))

    assert shown(second) == (Outcome.NOT_CHECKED, [("S207", WHERE)])


def test_everything_is_verified_in_its_order(archive: Archive) -> None:
    found = list(verify_all(archive))

    assert [[each.aip_id for each in checks] for checks in found] == [
        [aip_id(1), aip_id(1)],
        [aip_id(2), aip_id(2)],
    ]
    assert list(verify_all(archive, "onbekend")) == []


def test_an_aip_that_is_not_there_is_said_to_be_not_there(archive: Archive) -> None:
    with pytest.raises(NotStored):
        verify_aip(archive, aip_id(3))
