"""The ledger: appended in the caller's transaction, and every edit found."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from formats.findings import worst
from storage import ledger
from storage.checkpoint import make_checkpoint
from storage.database import begin, on_postgres, open_database, reading
from storage.ledger import Event
from storage.ledger_check import verify_ledger
from storage.merkle import leaf_hash
from tests.storage.making import NOW, SALT, SIGNER, ZORGDRAGER

EVENT = Event(
    at=NOW,
    action="delivery.end",
    object="20261124-0001",
    result="accepted",
    actor="medewerker-17",
    origin="opdrachtregel",
)


@pytest.fixture
def engine(database_place: Path | str) -> Engine:
    return open_database(database_place)


def fill(engine: Engine, count: int, zorgdrager: str = ZORGDRAGER) -> None:
    with begin(engine) as connection:
        for number in range(count):
            event = replace(
                EVENT,
                at=NOW + timedelta(seconds=number),
                object=f"aip-{number}",
                details={"nummer": number} if number % 2 else {},
            )
            ledger.append(connection, zorgdrager, event, SALT)


def tamper(engine: Engine, statement: str, **values: object) -> None:
    """What somebody who owns the database can do: the triggers are no obstacle."""
    with begin(engine) as connection:
        for table in ("ledger_entries", "checkpoints"):
            of = f" ON {table}" if on_postgres(engine) else ""
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update{of}"))
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_delete{of}"))
        connection.execute(text(spoken(engine, statement)), values)


def spoken(where: Engine | Connection, statement: str) -> str:
    """A statement with a literal of bytes, as this database writes it."""
    return statement.replace("x'00'", r"'\x00'::bytea") if on_postgres(where) else statement


def codes(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as connection:
        return [(each.code, each.where) for each in verify_ledger(connection, ZORGDRAGER)]


def test_an_entry_is_one_canonical_line(engine: Engine) -> None:
    event = replace(EVENT, details={"zaak": "Z/1", "naam": "É"}, facts={"size_bytes": 3})

    with begin(engine) as connection:
        ledger.append(connection, ZORGDRAGER, EVENT, SALT)
        entry = ledger.append(connection, ZORGDRAGER, event, SALT)

    with reading(engine) as connection:
        first, second = ledger.export_ledger(connection, ZORGDRAGER)
        assert ledger.details_of(connection, ZORGDRAGER, 1) == {"zaak": "Z/1", "naam": "É"}
        assert ledger.details_of(connection, ZORGDRAGER, 0) is None
    assert first == (
        b'{"action":"delivery.end","actor":"medewerker-17","object":"20261124-0001",'
        b'"origin":"opdrachtregel","prev":"' + b"0" * 64 + b'","result":"accepted","seq":0,'
        b'"t":"2026-11-24T12:30:15.123456Z","v":1}\n'
    )
    said = json.loads(second)
    assert said["prev"] == leaf_hash(first[:-1]).hex()
    assert said["facts"] == {"size_bytes": 3} == entry.facts
    assert said["detail"] == ledger.detail_hash(SALT, '{"naam":"É","zaak":"Z/1"}')


def test_a_ledger_is_a_zorgdragers_own(engine: Engine) -> None:
    fill(engine, 3)
    fill(engine, 2, "opsterland")

    with reading(engine) as connection:
        assert ledger.zorgdragers(connection) == [ZORGDRAGER, "opsterland"]
        assert ledger.size(connection, ZORGDRAGER) == 3
        assert ledger.size(connection, "opsterland") == 2
        assert ledger.size(connection, "onbekend") == 0
        assert verify_ledger(connection, "opsterland") == []
        found = list(ledger.entries(connection, ZORGDRAGER, object_id="aip-1"))
        assert [each.seq for each in found] == [1]


def test_an_entry_is_there_only_when_its_transaction_is(engine: Engine) -> None:
    def interrupted() -> None:
        with begin(engine) as connection:
            ledger.append(connection, ZORGDRAGER, EVENT, SALT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()

    with reading(engine) as connection:
        assert ledger.size(connection, ZORGDRAGER) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entries SET action = 'x'",
        "DELETE FROM ledger_entries WHERE seq = 1",
        "DELETE FROM checkpoints",
        "TRUNCATE ledger_entries",
    ],
)
def test_the_database_itself_refuses_to_change_an_entry(engine: Engine, statement: str) -> None:
    fill(engine, 3)
    with begin(engine) as connection:
        make_checkpoint(connection, ZORGDRAGER, SIGNER, NOW)
    if statement.startswith("TRUNCATE") and not on_postgres(engine):
        statement = "DELETE FROM ledger_entries"

    with pytest.raises(IntegrityError, match="append-only"), begin(engine) as connection:
        connection.execute(text(statement))


def test_a_ledger_verifies_after_its_details_are_erased(engine: Engine) -> None:
    fill(engine, 6)

    with begin(engine) as connection:
        assert ledger.erase_details(connection, ZORGDRAGER, 1)
        assert not ledger.erase_details(connection, ZORGDRAGER, 1)

    with reading(engine) as connection:
        assert ledger.details_of(connection, ZORGDRAGER, 1) is None
    assert codes(engine) == []


def swap(connection: Connection, first: int, second: int) -> None:
    for old, new in ((first, -1), (second, first), (-1, second)):
        connection.execute(
            text("UPDATE ledger_entries SET seq = :new WHERE seq = :old"),
            {"old": old, "new": new},
        )


EDITS: dict[str, tuple[str, Sequence[tuple[str, str]]]] = {
    "S101": (
        "UPDATE ledger_entries SET line = '{' WHERE seq = 5",
        [("S101", "regel 5"), ("S104", "regel 5"), ("S105", "regel 5")],
    ),
    "S101 by form": (
        "UPDATE ledger_entries SET line = replace(line, ',', ', ') WHERE seq = 5",
        [("S101", "regel 5"), ("S104", "regel 5")],
    ),
    "S102": (
        "DELETE FROM ledger_entries WHERE seq = 2",
        [("S102", "regel 3"), ("S103", "regel 3")],
    ),
    "S103": (
        "UPDATE ledger_entries SET line = replace(line, 'aip-2', 'aip-9') WHERE seq = 2",
        [("S104", "regel 2"), ("S104", "regel 2"), ("S103", "regel 3")],
    ),
    "S104": ("UPDATE ledger_entries SET leaf = x'00' WHERE seq = 5", [("S104", "regel 5")]),
    "S104 by object": (
        "UPDATE ledger_entries SET object = 'aip-9' WHERE seq = 5",
        [("S104", "regel 5")],
    ),
    "S105": ("UPDATE ledger_details SET details = '{}' WHERE seq = 3", [("S105", "regel 3")]),
    "S105 without entry": (
        "INSERT INTO ledger_details VALUES ('ooststellingwerf', 9, x'00', '{}')",
        [("S105", "regel 9")],
    ),
    "S107": (
        "UPDATE checkpoints SET root = 'ff' WHERE size = 6",
        [("S107", "controlepunt 6")],
    ),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_found_and_the_entry_named(engine: Engine, edit: str) -> None:
    fill(engine, 6)
    with begin(engine) as connection:
        make_checkpoint(connection, ZORGDRAGER, SIGNER, NOW)
    statement, expected = EDITS[edit]

    tamper(engine, statement)

    found = [(code, where.split(", ")[1]) for code, where in codes(engine)]
    # Whatever the edit was, a signed checkpoint after it no longer fits, if a line was hit.
    if edit in ("S101", "S101 by form", "S102", "S103"):
        expected = [*expected, ("S107", "controlepunt 6")]
    assert found == list(expected)


def test_s106_a_clock_that_went_back_is_told(engine: Engine) -> None:
    fill(engine, 2)
    with begin(engine) as connection:
        ledger.append(connection, ZORGDRAGER, replace(EVENT, at=NOW - timedelta(days=1)), SALT)

    with reading(engine) as connection:
        findings = verify_ledger(connection, ZORGDRAGER)

    assert [(each.code, each.where) for each in findings] == [("S106", f"{ZORGDRAGER}, regel 2")]
    assert worst(findings) == "warning"


def test_cutting_the_tail_off_is_found_by_the_checkpoint(engine: Engine) -> None:
    fill(engine, 6)
    with begin(engine) as connection:
        make_checkpoint(connection, ZORGDRAGER, SIGNER, NOW)

    tamper(engine, "DELETE FROM ledger_entries WHERE seq = 5")

    assert ("S107", f"{ZORGDRAGER}, controlepunt 6") in codes(engine)


def change_byte(line: str, where: float) -> str:
    position = int(where * len(line))
    other = "0" if line[position] != "0" else "1"
    return line[:position] + other + line[position + 1 :]


@pytest.fixture(scope="module")
def nine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with nine entries and a checkpoint."""
    file = tmp_path_factory.mktemp("ledger") / "edepot.sqlite"
    engine = open_database(file)
    fill(engine, 9)
    with begin(engine) as connection:
        make_checkpoint(connection, ZORGDRAGER, SIGNER, NOW)
    engine.dispose()
    return file


@settings(deadline=None)
@given(
    seq=st.integers(0, 8), where=st.floats(0, 0.999), kind=st.sampled_from(["byte", "swap", "cut"])
)
def test_whatever_is_edited_it_is_found(nine: Path, seq: int, where: float, kind: str) -> None:
    engine = open_database(Path(shutil.copy(nine, nine.with_name("trial.sqlite"))))
    with reading(engine) as connection:
        line = "".join(e.line for e in ledger.entries(connection, ZORGDRAGER) if e.seq == seq)
    edits: dict[str, Callable[[], None]] = {
        "byte": lambda: tamper(
            engine,
            "UPDATE ledger_entries SET line = :line, leaf = :leaf WHERE seq = :seq",
            line=change_byte(line, where),
            leaf=leaf_hash(change_byte(line, where).encode()),
            seq=seq,
        ),
        "cut": lambda: tamper(engine, "DELETE FROM ledger_entries WHERE seq = :seq", seq=seq),
        "swap": lambda: swap_entries(engine, seq),
    }

    edits[kind]()

    assert codes(engine)
    engine.dispose()


def swap_entries(engine: Engine, seq: int) -> None:
    tamper(engine, "SELECT 1")
    with begin(engine) as connection:
        swap(connection, seq, (seq + 1) % 9)
