"""PostgreSQL when things go wrong: clients that die, connections and servers that go away."""

import multiprocessing
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine

from storage import catalogue, ledger
from storage.aip import StoredAip
from storage.archive import Archive
from storage.database import begin, open_database, reading, shown
from storage.depot_id import claim
from storage.errors import (
    AlreadyStored,
    DatabaseAbsent,
    DatabaseOfAnother,
    DatabaseUnreachable,
    DatabaseUnusable,
)
from storage.ledger import Event
from storage.ledger_check import verify_ledger
from storage.locks import holding
from tests.databases import closing_what_is_left
from tests.postgres import connected, other_postgres, postgres
from tests.storage.making import (
    AGENT,
    NOW,
    ORIGIN,
    SALT,
    ZORGDRAGER,
    aip_id,
    local_archive,
    make_aip,
    put,
)

SPAWN = multiprocessing.get_context("spawn")
TERMINATE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
OURS = " AND datname = current_database()"


def append(engine: Engine, name: str = "x") -> None:
    with begin(engine) as connection:
        ledger.append(connection, ZORGDRAGER, Event(NOW, "proef", name, "ok", AGENT, ORIGIN), SALT)


def size(engine: Engine) -> int:
    with reading(engine) as connection:
        assert verify_ledger(connection, ZORGDRAGER) == []
        return ledger.size(connection, ZORGDRAGER)


def append_and_wait(place: str, pipe: Pipe) -> None:
    """Append an entry, and never come to the commit."""
    with begin(open_database(place)) as connection:
        ledger.append(connection, ZORGDRAGER, Event(NOW, "proef", "x", "ok", AGENT, ORIGIN), SALT)
        pipe.send("written")
        pipe.recv()


def hold_and_wait(place: str, pipe: Pipe) -> None:
    """Hold a name, and never let it go."""
    with holding(open_database(place), "naam"):
        pipe.send("held")
        pipe.recv()


@pytest.mark.parametrize("deed", [append_and_wait, hold_and_wait])
def test_who_is_killed_leaves_nothing_half_and_no_lock(
    postgres_place: str, deed: Callable[[str, Pipe], None]
) -> None:
    engine = open_database(postgres_place)
    mine, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=deed, args=(postgres_place, theirs))
    process.start()
    assert mine.poll(60)
    mine.recv()

    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()

    with holding(engine, "naam"):
        append(engine)
    assert size(engine) == 1


def test_a_name_is_held_by_one_at_a_time_and_other_names_are_free(postgres_place: str) -> None:
    engine = open_database(postgres_place)
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        waiting.set()
        with holding(engine, "naam"):
            order.append("second")

    with holding(engine, "naam"), holding(engine, "andere naam"):
        thread = threading.Thread(target=second)
        thread.start()
        waiting.wait()
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_a_connection_that_is_cut_in_a_transaction_leaves_nothing_of_it(
    postgres_place: str,
) -> None:
    engine = open_database(postgres_place)

    def cut() -> None:
        with begin(engine) as connection:
            event = Event(NOW, "proef", "x", "ok", AGENT, ORIGIN)
            ledger.append(connection, ZORGDRAGER, event, SALT)
            with connected(postgres_place) as other:
                other.execute(TERMINATE + OURS)
            ledger.append(connection, ZORGDRAGER, event, SALT)

    with pytest.raises(DatabaseUnreachable):
        cut()

    append(engine)
    assert size(engine) == 1


def test_a_server_that_stops_is_told_and_that_comes_back_is_used_again() -> None:
    server = other_postgres()
    with closing_what_is_left():
        engine = open_database(server.url("postgres"))
        append(engine)

        server.stop()
        for use in (append, size):
            with pytest.raises(DatabaseUnreachable):
                use(engine)
        with pytest.raises(DatabaseUnreachable):
            open_database(server.url("postgres"))
        with pytest.raises(DatabaseUnreachable), holding(engine, "naam"):
            pass
        server.start()

        append(engine)
        assert size(engine) == 2
    server.stop()


class Cutter:
    """Stands between client and server, and cuts the connection at the COMMIT of one that wrote:
    before the server gets it, or after it did it and before the client hears of it."""

    def __init__(self, folder: Path, *, before: bool) -> None:
        self.before = before
        self.armed = False
        self._server = f"{postgres().folder}/.s.PGSQL.5432"
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(f"{folder}/.s.PGSQL.5432")
        self._listening.listen()
        self._sockets = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for each in self._sockets:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._sockets += [client, server]
            cutting = threading.Event()
            for source, target in ((client, server), (server, client)):
                threading.Thread(
                    target=self._pass_on, args=(source, target, client, cutting), daemon=True
                ).start()

    def _pass_on(
        self,
        source: socket.socket,
        target: socket.socket,
        client: socket.socket,
        cutting: threading.Event,
    ) -> None:
        while True:
            try:
                said = source.recv(65536)
                if self.armed and source is client and b"COMMIT" in said:
                    cutting.set()
                if not said or (cutting.is_set() and (self.before or source is not client)):
                    break
                target.sendall(said)
            except OSError:
                break
        for each in (source, target):
            with_shutdown(each)


def with_shutdown(each: socket.socket) -> None:
    try:
        each.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


@pytest.fixture
def between(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[bool], Cutter]]:
    made: list[Cutter] = []

    def make(before: bool) -> Cutter:
        made.append(Cutter(tmp_path_factory.mktemp("s"), before=before))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("before", [True, False])
def test_of_a_commit_whose_answer_is_lost_the_copies_stay_and_the_next_try_knows(
    postgres_place: str, tmp_path: Path, before: bool, between: Callable[[bool], Cutter]
) -> None:
    cutter = between(before)
    folder = str(cutter._listening.getsockname()).removesuffix("/.s.PGSQL.5432")
    place = postgres_place.replace(str(postgres().folder), folder)
    archive = local_archive(tmp_path, place)
    aip = make_aip(tmp_path)

    def arm(_connection: Connection, _stored: StoredAip) -> None:
        cutter.armed = True

    with pytest.raises(DatabaseUnreachable):
        put(archive, aip, arm)
    cutter.armed = False

    assert {name: len(list(each.list())) for name, each in archive.stores.items()} == {
        "een": 1,
        "twee": 1,
    }
    if before:
        put(archive, aip)
    else:
        with pytest.raises(AlreadyStored):
            put(archive, aip)
    with reading(archive.engine) as connection:
        assert catalogue.by_id(connection, aip_id(1)) is not None
        assert ledger.size(connection, ZORGDRAGER) == 1
        assert verify_ledger(connection, ZORGDRAGER) == []


def test_what_was_stored_without_its_lock_is_not_acknowledged_and_not_removed(
    postgres_place: str, tmp_path: Path
) -> None:
    archive = local_archive(tmp_path, postgres_place)
    aip = make_aip(tmp_path)

    def lose_the_lock(_connection: Connection, _stored: StoredAip) -> None:
        with connected(postgres_place) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks "
                "WHERE locktype = 'advisory' AND objsubid = 1"
            )

    with pytest.raises(DatabaseUnreachable):
        put(archive, aip, lose_the_lock)

    assert held(archive) == {"een": 1, "twee": 1}
    with reading(archive.engine) as connection:
        assert catalogue.count(connection).aips == ledger.size(connection, ZORGDRAGER) == 0
    assert put(archive, aip).description.aip_id == aip_id(1)


def held(archive: Archive) -> dict[str, int]:
    return {name: len(list(store.list())) for name, store in archive.stores.items()}


def test_two_schemas_of_one_database_are_two_depots_that_do_not_hold_each_other_up(
    postgres_place: str,
) -> None:
    one, other = open_database(postgres_place), open_database(f"{postgres_place}&schema=ander")
    claim(one, "a" * 32)
    claim(one, "a" * 32)
    claim(one, "")
    claim(other, "b" * 32)

    with begin(one) as connection:
        ledger.append(connection, ZORGDRAGER, Event(NOW, "x", "x", "ok", AGENT, ORIGIN), SALT)
        append(other)
        append(other)

    assert (size(one), size(other)) == (1, 2)
    with pytest.raises(DatabaseOfAnother):
        claim(one, "b" * 32)


def test_a_database_that_the_server_does_not_have_is_told_apart() -> None:
    with pytest.raises(DatabaseAbsent, match="is_er_niet"):
        open_database(postgres().url("is_er_niet"))


def test_a_database_that_cannot_hold_every_letter_is_refused(postgres_place: str) -> None:
    with connected(postgres_place) as connection:
        connection.execute(
            "CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
        )

    with pytest.raises(DatabaseUnusable, match="SQL_ASCII"):
        open_database(postgres().url("ascii"))


@pytest.mark.parametrize(
    "place",
    [
        "postgresql://jan:geheim@127.0.0.1:1/depot",
        "postgresql+psycopg://jan@127.0.0.1:1/depot?password=geheim",
        "postgresql://jan:geheim@127.0.0.1:poort/depot",
        "postgresql://jan:geheim@127.0.0.1:1/",
        "postgresql://jan:geheim@127.0.0.1:1/depot?schema=Geen%20Schema",
        "postgresql://jan:geheim@127.0.0.1:1/depot?onbekend=x",
    ],
)
def test_a_password_is_in_no_message(place: str) -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        open_database(place)

    said = f"{refused.value} {refused.value.values} {shown(place)}"
    assert "geheim" not in said


def test_a_client_of_the_driver_sees_what_the_server_holds(postgres_place: str) -> None:
    append(open_database(postgres_place))

    with psycopg.connect(postgres_place) as connection:
        found = connection.execute("SELECT seq, line::json ->> 'object' FROM edepot.ledger_entries")
        assert found.fetchall() == [(0, "x")]
    connection.close()
