"""The database: made, brought up to date, shared between processes, and refused when too new."""

import multiprocessing
from pathlib import Path

import pytest
from alembic.runtime.migration import MigrationContext
from pysqlite3 import dbapi2
from sqlalchemy import inspect, text

from storage import catalogue, checkpoint, ledger
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
from tests.storage.making import NOW, SALT, ZORGDRAGER

OURS = (catalogue.AIPS, catalogue.FILES, catalogue.COPIES, ledger.ENTRIES, ledger.DETAILS)


def test_a_new_database_has_the_tables_that_the_code_speaks_of(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "edepot.sqlite")

    found = inspect(engine)
    for table in (*OURS, checkpoint.CHECKPOINTS):
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


def test_a_database_is_opened_again_as_it_was(tmp_path: Path) -> None:
    first = open_database(tmp_path / "edepot.sqlite")
    with begin(first) as connection:
        connection.execute(text("INSERT INTO ledger_details VALUES ('a', 0, x'00', '{}')"))
    first.dispose()

    with reading(open_database(tmp_path / "edepot.sqlite")) as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger_details")).scalar() == 1


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "edepot.sqlite")
    with begin(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = (tmp_path / "edepot.sqlite").read_bytes()

    with pytest.raises(SchemaTooNew) as refused:
        open_database(tmp_path / "edepot.sqlite")

    assert refused.value.values["found"] == "9999"
    assert (tmp_path / "edepot.sqlite").read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "brief.txt").write_bytes(b"geen database" * 1000)

    for path in (tmp_path / "brief.txt", tmp_path / "is er niet" / "edepot.sqlite", tmp_path):
        with pytest.raises(DatabaseUnusable):
            open_database(path)


def test_what_goes_wrong_in_a_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "edepot.sqlite")

    def interrupted() -> None:
        with begin(engine) as connection:
            connection.execute(text("INSERT INTO ledger_details VALUES ('a', 0, x'00', '{}')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()

    with reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger_details")).scalar() == 0


def test_who_reads_is_not_held_up_by_who_writes(tmp_path: Path) -> None:
    engine = open_database(tmp_path / "edepot.sqlite")

    with begin(engine) as writing, reading(engine) as looking:
        writing.execute(text("INSERT INTO ledger_details VALUES ('a', 0, x'00', '{}')"))

        assert looking.execute(text("SELECT count(*) FROM ledger_details")).scalar() == 0


def append_some(folder: str, number: int) -> None:
    engine = open_database(Path(folder) / "edepot.sqlite")
    for turn in range(10):
        event = ledger.Event(NOW, "proef", f"{number}-{turn}", "ok", "a", "b")
        with begin(engine) as connection:
            ledger.append(connection, ZORGDRAGER, event, SALT)


def test_several_processes_make_one_database_and_write_one_chain(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=append_some, args=(str(tmp_path), number)) for number in range(3)
    ]
    for each in processes:
        each.start()
    for each in processes:
        each.join()

    assert [each.exitcode for each in processes] == [0, 0, 0]
    with reading(open_database(tmp_path / "edepot.sqlite")) as connection:
        found = list(ledger.entries(connection, ZORGDRAGER))
        assert [each.seq for each in found] == list(range(30))
        assert {each.object for each in found} == {
            f"{number}-{turn}" for number in range(3) for turn in range(10)
        }


def test_an_upgrade_that_fails_leaves_no_half_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import storage.migrations.upgrade as room

    def fails(connection: object) -> None:
        connection.exec_driver_sql("CREATE TABLE half (x)")  # type: ignore[attr-defined]
        raise RuntimeError

    monkeypatch.setattr(room, "upgrade", fails)
    with pytest.raises(RuntimeError):
        open_database(tmp_path / "edepot.sqlite")
    monkeypatch.undo()

    engine = open_database(tmp_path / "edepot.sqlite")
    assert "half" not in inspect(engine).get_table_names()
