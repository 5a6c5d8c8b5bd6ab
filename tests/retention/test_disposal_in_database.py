"""What the database itself refuses of a destruction, tried with SQL, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select, text
from sqlalchemy.exc import IntegrityError

from retention import run
from retention.tables import ITEMS, LISTS
from retention.transfer_tables import TRANSFERS
from storage.database import begin, open_database, reading
from tests.retention import running
from tests.retention.running import Running
from tests.retention.unguarded import put_rows, unguarded

NAMED = (
    "INSERT INTO copy_actions SELECT '{list}', '{dossier}', 99, 'kluis', 'k', 'v1', 'package', 1, "
    "'', 0, 'planned', 0, '', ''"
)


@pytest.fixture
def engine(database_place: Path | str) -> Iterator[Engine]:
    made = open_database(database_place)
    yield made
    made.dispose()


@pytest.fixture
def town(engine: Engine, tmp_path: Path) -> Running:
    return running.started(engine, tmp_path)


def write(town: Running, statement: str) -> None:
    with begin(town.desk.engine) as connection:
        connection.execute(text(statement.format(list=town.list_id, dossier=town.first)))


def edit(town: Running, *statements: str) -> None:
    """Past the triggers on lists; those of disposal that stand there too."""
    with begin(town.desk.engine) as connection, unguarded(connection):
        for each in statements:
            connection.execute(text(each.format(list=town.list_id, dossier=town.first)))


def refused(town: Running, statement: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=f"disposal: {rule}"):
        write(town, statement)


def put(town: Running, state: str) -> None:
    edit(town, f"UPDATE list_items SET state = '{state}'")  # noqa: S608


@pytest.mark.parametrize("state", ["sealed", "destroying", "halted", "needs_operator", "destroyed"])
def test_a_copy_is_named_for_an_item_that_may_go(town: Running, state: str) -> None:
    put(town, state)

    write(town, NAMED)
    write(town, "UPDATE copy_actions SET state = 'asked'")


@pytest.mark.parametrize("state", ["proposed", "agreed", "approved", "left_list"])
def test_a_copy_is_not_named_for_an_item_that_is_not_so_far(town: Running, state: str) -> None:
    put(town, state)

    refused(town, NAMED, "copy_named")


def test_a_copy_is_not_named_for_a_dossier_that_is_on_no_list(town: Running) -> None:
    put(town, "sealed")

    refused(town, NAMED.replace("{dossier}", "another"), "copy_named")
    refused(town, NAMED.replace("{list}", "another"), "copy_named")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE list_authorisations SET withdrawn_at = '2026-12-01'",
        "UPDATE list_authorisations SET root = 'ffff'",
        "UPDATE disposal_lists SET root = 'ffff'",
    ],
)
def test_a_copy_is_not_named_nor_deleted_without_a_signature_over_the_root(
    town: Running, statement: str
) -> None:
    put(town, "sealed")
    write(town, NAMED)
    edit(town, statement)

    refused(town, NAMED.replace("99", "98"), "copy_named")
    refused(town, "UPDATE copy_actions SET state = 'asked'", "copy_changed")


@pytest.mark.parametrize("valuation", ["keep", "", "human"])
def test_a_copy_of_a_dossier_that_is_not_to_be_destroyed_is_not_named(
    town: Running, valuation: str
) -> None:
    put(town, "sealed")
    write(town, NAMED)
    town.change(town.first, valuation=valuation)

    refused(town, NAMED.replace("99", "98"), "copy_named")
    refused(town, "UPDATE copy_actions SET state = 'asked'", "copy_changed")


@pytest.mark.parametrize("state", ["accepted", "source_releasable", "source_released", "closed"])
def test_a_list_that_releases_names_what_the_archive_has(town: Running, state: str) -> None:
    releases(town, state)

    write(town, NAMED)
    write(town, "UPDATE copy_actions SET state = 'asked'")


@pytest.mark.parametrize("state", ["", "concept", "agreed", "delivered", "received", "withdrawn"])
def test_a_list_that_releases_names_nothing_else(town: Running, state: str) -> None:
    releases(town, state)

    with pytest.raises(IntegrityError, match="transfer: copy_actions handed_over"):
        write(town, NAMED)


def releases(town: Running, state: str) -> None:
    """The list releases what is kept; its dossier is on a transfer in this state, or on none."""
    put(town, "sealed")
    edit(town, "UPDATE disposal_lists SET kind = 'release'")
    town.change(town.first, valuation="keep")
    if not state:
        return
    with begin(town.desk.engine) as connection, unguarded(connection):
        for table, column in ((LISTS, "id"), (ITEMS, "list")):
            row = connection.execute(select(table)).one()._mapping
            values = {"kind": "transfer"} if table is LISTS else {"state": "proposed"}
            connection.execute(insert(table), {**row, **values, column: "overbrenging"})
        put_rows(connection, TRANSFERS, [{"id": "overbrenging", "state": state}])


@pytest.mark.parametrize("column", ["store", "key", "version", "role", "dossier", "list"])
def test_what_a_manifest_names_does_not_change(town: Running, column: str) -> None:
    put(town, "destroying")
    write(town, NAMED)

    with pytest.raises(IntegrityError, match=r"disposal: copy_(fixed|changed)"):
        write(town, f"UPDATE copy_actions SET {column} = 'another'")  # noqa: S608


def test_a_manifest_is_replaced_only_before_the_point(town: Running) -> None:
    put(town, "sealed")
    write(town, NAMED)
    write(town, "DELETE FROM copy_actions")
    write(town, NAMED)
    put(town, "destroying")

    refused(town, "DELETE FROM copy_actions", "copy_forgotten")


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE destruction_evidence SET answer = 'another'", "evidence_fixed"),
        ("DELETE FROM destruction_evidence", "evidence_kept"),
        ("UPDATE tombstones SET said = 'another'", "tombstone_fixed"),
        ("UPDATE tombstones SET list = 'another'", "tombstone_fixed"),
        ("DELETE FROM tombstones", "tombstone_kept"),
        ("UPDATE list_items SET state = 'approved'", "item_ended"),
        ("UPDATE list_items SET state = 'destroying'", "item_(begun|ended)"),
    ],
)
def test_what_was_proven_stays(town: Running, statement: str, rule: str) -> None:
    run.execute(town.works(), town.list_id)
    assert town.state() == "destroyed"

    refused(town, statement, rule)


def test_a_tombstone_may_name_another_declaration(town: Running) -> None:
    run.execute(town.works(), town.list_id)

    write(town, "UPDATE tombstones SET declaration = 'verklaring-1'")

    with reading(town.desk.engine) as connection:
        found = connection.execute(text("SELECT declaration FROM tombstones")).scalar()
    assert found == "verklaring-1"


@pytest.mark.parametrize("table", ["destruction_evidence", "tombstones"])
def test_on_postgres_a_table_is_not_emptied_either(postgres_place: str, table: str) -> None:
    engine = open_database(postgres_place)

    with pytest.raises(IntegrityError, match="disposal: kept"), begin(engine) as connection:
        connection.execute(text(f"TRUNCATE {table}"))
    engine.dispose()


@pytest.mark.parametrize("state", ["approved", "sealed", "halted", "needs_operator"])
def test_only_what_is_being_destroyed_becomes_destroyed(town: Running, state: str) -> None:
    put(town, state)

    refused(town, "UPDATE list_items SET state = 'destroyed'", "item_destroyed")


def test_nothing_becomes_destroyed_without_a_tombstone(town: Running) -> None:
    put(town, "destroying")

    refused(town, "UPDATE list_items SET state = 'destroyed'", "item_destroyed")


@pytest.mark.parametrize("state", ["proposed", "agreed", "approved", "left_list"])
def test_only_what_was_sealed_is_begun(town: Running, state: str) -> None:
    put(town, state)

    with pytest.raises(IntegrityError, match=r"disposal: item_begun|lists: list_items item"):
        write(town, "UPDATE list_items SET state = 'destroying'")
