"""What was destroyed stays destroyed: the deny list beside the database and in the stores."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.archive import DESTROYED, Archive
from storage.database import begin, open_database, reading
from storage.denied import (
    check_fresh,
    denied_in_database,
    file_of,
    gather_denied,
    last_denied,
    write_denied,
)
from storage.errors import DatabaseOlder
from storage.ledger import Event, append, entries
from storage.promised import destroyed_since, held_since, is_destroyed
from tests.storage.making import NOW, ZORGDRAGER, aip_id, local_archive, make_aip, put


@pytest.fixture
def archive(tmp_path: Path, database_place: Path | str) -> Iterator[Archive]:
    with local_archive(tmp_path, database_place) as made:
        yield made
        made.engine.dispose()


def destroy(archive: Archive, number: int) -> None:
    event = Event(
        at=NOW, action=DESTROYED, object=aip_id(number), result="destroyed", actor="edepot",
        origin="test", facts={"list": "L1"},
    )  # fmt: skip
    with begin(archive.engine) as connection:
        append(connection, ZORGDRAGER, event, bytes(32))


def write(archive: Archive, folder: Path) -> int:
    with reading(archive.engine) as connection:
        return write_denied(connection, folder, ZORGDRAGER)


def check(archive: Archive, folder: Path) -> None:
    with reading(archive.engine) as connection:
        check_fresh(connection, folder, [ZORGDRAGER])


def test_each_destruction_is_written_once(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "vernietigd"
    check(archive, folder)
    destroy(archive, 1)
    assert write(archive, folder) == 1
    assert write(archive, folder) == 0
    destroy(archive, 2)
    assert write(archive, folder) == 1

    lines = file_of(folder, ZORGDRAGER).read_text("utf-8").splitlines()
    with reading(archive.engine) as connection:
        assert lines == [each.line for each in denied_in_database(connection, ZORGDRAGER)]
    check(archive, folder)


def test_an_older_database_is_refused(archive: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "vernietigd"
    destroy(archive, 1)
    write(archive, folder)
    older = open_database(tmp_path / "older.sqlite")

    with pytest.raises(DatabaseOlder) as refused, reading(older) as connection:
        check_fresh(connection, folder, [ZORGDRAGER])

    older.dispose()
    assert refused.value.values["zorgdrager"] == ZORGDRAGER


def test_a_torn_line_is_no_line_and_the_next_one_stands_alone(
    archive: Archive, tmp_path: Path
) -> None:
    folder = tmp_path / "vernietigd"
    destroy(archive, 1)
    write(archive, folder)
    destroy(archive, 2)
    with file_of(folder, ZORGDRAGER).open("a") as out:
        out.write('{"action":"aip.des')

    assert write(archive, folder) == 1

    last = last_denied(file_of(folder, ZORGDRAGER))
    assert last is not None
    assert last.aip_id == aip_id(2)
    check(archive, folder)


def test_the_stores_know_what_the_database_no_longer_does(archive: Archive, tmp_path: Path) -> None:
    destroy(archive, 1)
    archive.publish_ledger(ZORGDRAGER, now=NOW)
    older = open_database(tmp_path / "older.sqlite")

    with reading(older) as connection:
        stores = list(archive.stores.values())
        found = gather_denied(connection, tmp_path / "none", stores, ZORGDRAGER)

    older.dispose()
    assert list(found.denied) == [aip_id(1)]
    assert found.silent == ()


def test_of_what_was_destroyed_the_ledger_promises_nothing(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, make_aip(tmp_path, 1))
    put(archive, make_aip(tmp_path, 2))
    destroy(archive, 1)

    with reading(archive.engine) as connection:
        held = held_since(entries(connection, ZORGDRAGER))
        assert is_destroyed(connection, ZORGDRAGER, aip_id(1))
        assert not is_destroyed(connection, ZORGDRAGER, aip_id(2))
        assert list(destroyed_since(connection, ZORGDRAGER)) == [aip_id(1)]
    assert held[aip_id(1), 1] == {}
    assert set(held[aip_id(2), 1]) == {"een", "twee"}
