"""One database takes the place of another: at once and whole, or not at all."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from storage import ledger
from storage.database import begin, open_database, reading, shown
from storage.errors import AlreadyThere
from storage.ledger import Event
from storage.places import Place, beside, remove, rename, stands, take_place
from tests.postgres import connected
from tests.storage.making import AGENT, NOW, ORIGIN, SALT, ZORGDRAGER


def make(place: Place, entries: int) -> Place:
    """A database in this place, with so many entries."""
    engine = open_database(place)
    for _ in range(entries):
        with begin(engine) as connection:
            event = Event(NOW, "proef", "x", "ok", AGENT, ORIGIN)
            ledger.append(connection, ZORGDRAGER, event, SALT)
    engine.dispose()
    return place


def size(place: Place) -> int:
    engine = open_database(place)
    with reading(engine) as connection:
        found = ledger.size(connection, ZORGDRAGER)
    engine.dispose()
    return found


def agreed(_connection: Connection) -> None:
    """Nothing against it."""


def test_a_new_database_takes_the_place_and_the_old_is_kept(unmade_place: Place) -> None:
    assert not stands(unmade_place)
    make(unmade_place, 1)
    new, kept = make(beside(unmade_place, "new"), 2), beside(unmade_place, "20261124T1230.old")

    take_place(unmade_place, new, kept, agreed)

    assert (size(unmade_place), size(kept)) == (2, 1)
    assert [stands(each) for each in (unmade_place, new, kept)] == [True, False, True]


def test_what_is_against_it_leaves_everything_as_it_is(database_place: Place) -> None:
    make(database_place, 1)
    new, kept = make(beside(database_place, "new"), 2), beside(database_place, "old")

    def refused(connection: Connection) -> None:
        assert ledger.size(connection, ZORGDRAGER) == 1
        raise RuntimeError

    with pytest.raises(RuntimeError):
        take_place(database_place, new, kept, refused)

    assert (size(database_place), size(new), stands(kept)) == (1, 2, False)


def test_an_open_database_reads_and_writes_on_in_the_new_one(postgres_place: str) -> None:
    make(postgres_place, 1)
    new = make(beside(postgres_place, "new"), 2)
    engine = open_database(postgres_place)
    sizes = []
    for turn in range(8):
        with reading(engine) as connection:
            sizes.append(ledger.size(connection, ZORGDRAGER))
        if turn == 6:
            take_place(postgres_place, new, beside(postgres_place, "old"), agreed)
    make(postgres_place, 1)

    assert sizes == [1] * 7 + [2]
    assert size(postgres_place) == 3


def test_who_reads_the_old_one_is_waited_for(postgres_place: str) -> None:
    make(postgres_place, 1)
    new, kept = make(beside(postgres_place, "new"), 2), beside(postgres_place, "old")
    engine = open_database(postgres_place)
    swap = threading.Thread(target=take_place, args=(postgres_place, new, kept, agreed))

    with reading(engine) as connection:
        before = ledger.size(connection, ZORGDRAGER)
        swap.start()
        swap.join(0.3)
        assert swap.is_alive()
        other = connection.execute(select(ledger.DETAILS)).all()
        assert (before, ledger.size(connection, ZORGDRAGER), other) == (1, 1, [])
    swap.join()

    assert size(postgres_place) == 2


def test_a_name_is_given_and_a_database_removed(unmade_place: Place) -> None:
    making = make(beside(unmade_place, "rebuilding"), 1)

    rename(making, unmade_place)
    assert (size(unmade_place), stands(making)) == (1, False)

    remove(unmade_place)
    remove(unmade_place)
    assert not stands(unmade_place)


def test_a_schema_with_other_things_in_it_is_not_removed(postgres_place: str) -> None:
    with connected(postgres_place) as connection:
        connection.execute("CREATE SCHEMA edepot_new")
        connection.execute("CREATE TABLE edepot_new.van_een_ander (x INTEGER)")

    with pytest.raises(AlreadyThere):
        remove(beside(postgres_place, "new"))


def test_a_place_is_shown_without_what_is_secret() -> None:
    assert shown(Path("/srv/edepot.sqlite")) == "/srv/edepot.sqlite"
    assert (
        shown(beside("postgresql+psycopg://jan:geheim@server/depot", "20261124T1230.old"))
        == "postgresql://jan:***@server/depot?schema=edepot_20261124t1230_old"
    )
