"""Both databases for the tests: what touches the database is tested on SQLite and on PostgreSQL.

    def test_…(database_place: Path | str)     runs twice, each with a database of its own
    def test_…(unmade_place: Path | str)       the same, without tables on PostgreSQL either
    def test_…(postgres_place: str)            on PostgreSQL alone
    place = fresh_place("postgres", folder)    for a fixture that lives longer than one test

Connections that a test leaves open are closed when it ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from tests.postgres import drop_database, fresh_database

KINDS = ("sqlite", "postgres")


@pytest.fixture(params=KINDS)
def database_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """The place of a database of each kind in which nothing stands."""
    with fresh_place(request.param, tmp_path) as place:
        yield place


@pytest.fixture(params=KINDS)
def unmade_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """The place of a database of each kind that nobody has opened yet."""
    with fresh_place(request.param, tmp_path, made=False) as place:
        yield place


@pytest.fixture
def postgres_place(tmp_path: Path) -> Iterator[str]:
    """The URL of a database on PostgreSQL in which nothing stands."""
    with fresh_place("postgres", tmp_path) as place:
        yield str(place)


@contextmanager
def fresh_place(kind: str, folder: Path, *, made: bool = True) -> Iterator[Path | str]:
    """The place of a fresh database; on PostgreSQL it is dropped afterwards."""
    if kind == "sqlite":
        yield folder / "edepot.sqlite"
        return
    url = fresh_database(made=made)
    with closing_what_is_left():
        yield url
    drop_database(url)


@contextmanager
def closing_what_is_left() -> Iterator[None]:
    """Close the connections of every engine that are opened within."""
    opened: list[Any] = []

    def note(connection: Any, _record: object) -> None:
        opened.append(connection)

    event.listen(Pool, "connect", note)
    try:
        yield
    finally:
        event.remove(Pool, "connect", note)
        for each in opened:
            each.close()
