"""The database: made, brought up to date, shared between processes, and refused when too new."""

import multiprocessing
from pathlib import Path

import pytest
from alembic.runtime.migration import MigrationContext
from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, func, insert, inspect, select, text

from storage import catalogue, checkpoint, depot_id, ledger
from storage.database import (
    METADATA,
    begin,
    database_file,
    newest_version,
    open_database,
    reading,
    schema_version,
)
from storage.errors import DatabaseUnusable, SchemaTooNew
from storage.fixity import tables as fixity
from storage.ledger_check import verify_ledger
from storage.places import Place
from tests.postgres import connected
from tests.storage.making import NOW, SALT, ZORGDRAGER
from tests.storage.test_ledger import spoken

OURS = (
    catalogue.AIPS, catalogue.FILES, catalogue.COPIES, ledger.ENTRIES, ledger.DETAILS,
    depot_id.DEPOT,
    fixity.RUNS, fixity.SHARES, fixity.ITEMS, fixity.REMARKS, fixity.STRANGERS, fixity.REPAIRS,
    fixity.EVIDENCE, fixity.INCIDENTS, checkpoint.CHECKPOINTS,
)  # fmt: skip


def note(engine: Engine, connection: Connection) -> None:
    connection.execute(
        text(spoken(engine, "INSERT INTO ledger_details VALUES ('a', 0, x'00', '{}')"))
    )


def noted(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM ledger_details")).scalar_one())


def test_a_new_database_has_the_tables_that_the_code_speaks_of(unmade_place: Place) -> None:
    engine = open_database(unmade_place)

    found = inspect(engine)
    for table in OURS:
        columns = {each["name"] for each in found.get_columns(table.name)}
        assert columns == set(table.columns.keys()), table.name
        assert METADATA.tables[table.name] is table
    with reading(engine) as connection:
        assert schema_version(connection) == newest_version()
        assert MigrationContext.configure(connection).get_current_revision() == newest_version()


def test_a_database_is_written_as_safely_as_it_can_be(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "edepot.sqlite")

    with reading(engine) as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
        assert dbapi2.sqlite_version_info >= (3, 51, 3)

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30_000,
    }
    assert database_file(engine) == tmp_path / "edepot.sqlite"


def test_a_database_is_opened_again_as_it_was(unmade_place: Place) -> None:
    first = open_database(unmade_place)
    with begin(first) as connection:
        note(first, connection)
    first.dispose()

    assert noted(open_database(unmade_place)) == 1


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database_place: Place) -> None:
    engine = open_database(database_place)
    with begin(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = contents(database_place)

    with pytest.raises(SchemaTooNew) as refused:
        open_database(database_place)

    assert refused.value.values["found"] == "9999"
    assert contents(database_place) == before


def contents(place: Place) -> object:
    """The bytes of a file; of a database on a server its tables, each with its columns."""
    if isinstance(place, Path):
        return place.read_bytes()
    with connected(place) as connection:
        return connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'edepot' ORDER BY 1, 2"
        ).fetchall()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_bytes(b"geen database" * 1000)

    for path in (tmp_path / "brief.txt", tmp_path / "is er niet" / "edepot.sqlite", tmp_path):
        with pytest.raises(DatabaseUnusable):
            open_database(path)


def test_what_goes_wrong_in_a_transaction_leaves_nothing_of_it(database_place: Place) -> None:
    engine = open_database(database_place)

    def interrupted() -> None:
        with begin(engine) as connection:
            note(engine, connection)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()

    assert noted(engine) == 0


def test_who_reads_is_not_held_up_by_who_writes(database_place: Place) -> None:
    engine = open_database(database_place)

    with begin(engine) as writing:
        note(engine, writing)

        assert noted(engine) == 0
        assert noted(open_database(database_place)) == 0


def test_who_reads_sees_one_state_however_much_is_written_meanwhile(
    database_place: Place,
) -> None:
    engine = open_database(database_place)
    count = text("SELECT count(*) FROM ledger_details")

    with reading(engine) as looking:
        before = looking.execute(count).scalar()
        with begin(engine) as writing:
            note(engine, writing)

        assert (before, looking.execute(count).scalar()) == (0, 0)
    assert noted(engine) == 1


def test_who_only_reads_cannot_write_on_a_server(postgres_place: str) -> None:
    engine = open_database(postgres_place)

    with pytest.raises(DatabaseUnusable, match="read-only"), reading(engine) as connection:
        note(engine, connection)


def test_text_sorts_by_its_bytes_and_numbers_are_whole(database_place: Place) -> None:
    engine = open_database(database_place)
    keys = ["Z", "a", "a-b", "a/b", "aa", "b", "é", "\U0001f600"]
    strangers = [
        {"store": "een", "key": each, "size_bytes": 1 << 40, "first_seen": "", "last_seen": ""}
        for each in reversed(keys)
    ]
    with begin(engine) as connection:
        connection.execute(insert(fixity.STRANGERS), strangers)

    with reading(engine) as connection:
        found = connection.execute(
            select(fixity.STRANGERS.c.key).order_by(fixity.STRANGERS.c.key)
        ).scalars()
        assert list(found) == keys == sorted(keys, key=str.encode)
        total = connection.execute(select(func.sum(fixity.STRANGERS.c.size_bytes))).scalar_one()
        assert repr(total) == repr(len(keys) << 40)


def append_some(place: Place, number: int) -> None:
    engine = open_database(place)
    for turn in range(10):
        event = ledger.Event(NOW, "proef", f"{number}-{turn}", "ok", "a", "b")
        with begin(engine) as connection:
            ledger.append(connection, ZORGDRAGER, event, SALT)


def test_several_processes_make_one_database_and_write_one_chain(unmade_place: Place) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=append_some, args=(unmade_place, number)) for number in range(3)
    ]
    for each in processes:
        each.start()
    for each in processes:
        each.join()

    assert [each.exitcode for each in processes] == [0, 0, 0]
    with reading(open_database(unmade_place)) as connection:
        assert verify_ledger(connection, ZORGDRAGER) == []
        found = list(ledger.entries(connection, ZORGDRAGER))
        assert [each.seq for each in found] == list(range(30))
        assert {each.object for each in found} == {
            f"{number}-{turn}" for number in range(3) for turn in range(10)
        }


def test_an_upgrade_that_fails_leaves_no_half_schema(
    unmade_place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    import storage.migrations.upgrade as room

    def fails(connection: object) -> None:
        connection.exec_driver_sql("CREATE TABLE half (x INTEGER)")  # type: ignore[attr-defined]
        raise RuntimeError

    monkeypatch.setattr(room, "upgrade", fails)
    with pytest.raises(RuntimeError):
        open_database(unmade_place)
    monkeypatch.undo()

    engine = open_database(unmade_place)
    assert "half" not in inspect(engine).get_table_names()
