"""Workers as processes of their own, for tests that kill them, and a depot to keep them busy."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import tomlkit
from sqlalchemy import Engine, select, update

from edepot.config import FILE_NAME, Config, read_config
from storage.database import begin, open_database, reading
from storage.fixity.nouns import Run, RunState, Totals
from storage.fixity.runs import list_runs, totals
from storage.fixity.tables import SHARES
from storage.schedules import SCHEDULES

PROGRAM = "import sys; from edepot.cli.main import main; sys.exit(main())"
SECONDS = 60.0
SLOW = 4000
"""Bytes a second: a package of the shelf takes more than a second then."""


def busy(config: Config, *, slow: str = "", dead_seconds: int = 2) -> Config:
    """The depot with one schedule that was due, all copies to be read; one store is slow."""
    file = config.folder / FILE_NAME
    said = tomlkit.parse(file.read_text("utf-8"))
    said["workers"]["dead_seconds"] = dead_seconds
    said["fixity"]["local_days"] = 1
    for store in said["stores"]:
        store.pop("max_bytes_per_second", None)
        if store["name"] == slow:
            store["max_bytes_per_second"] = SLOW
    file.write_text(tomlkit.dumps(said), "utf-8")
    engine = open_database(config.database)
    with begin(engine) as connection:
        since = (datetime.now(UTC) - timedelta(days=2)).isoformat()
        daily = SCHEDULES.c.name == "daily-check"
        connection.execute(update(SCHEDULES).where(daily).values(since=since))
        connection.execute(update(SCHEDULES).where(~daily).values(active=0))
    engine.dispose()
    return read_config(file)


@contextmanager
def worker(config: Config, name: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of this name as a process; it is killed in the end if it still runs."""
    command = [sys.executable, "-c", PROGRAM, "--depot", str(config.folder)]
    with (config.folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            [*command, "worker", "--name", name, *more],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"EDEPOT_DEBUG": "1"},
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def stop(process: subprocess.Popen[bytes]) -> int:
    """Tell a worker to stop; its exit code."""
    process.send_signal(signal.SIGTERM)
    return process.wait(SECONDS)


def until(true: Callable[[], bool], log: Path | None = None) -> None:
    """Wait until something is so."""
    end = time.monotonic() + SECONDS
    while not true():
        said = log.read_text() if log and log.exists() else ""
        assert time.monotonic() < end, f"it does not become so\n{said}"
        time.sleep(0.05)


def in_hand(engine: Engine, store: str) -> str:
    """Who has a share of this store in hand; "" for nobody."""
    wanted = select(SHARES.c.worker).where(SHARES.c.store == store, SHARES.c.done_at == "")
    with reading(engine) as connection:
        return next((each for each in connection.execute(wanted).scalars() if each), "")


def ended(engine: Engine) -> bool:
    """Whether there is a run, and all of them have ended."""
    with reading(engine) as connection:
        runs = list_runs(connection)
    return bool(runs) and all(each.state is RunState.ENDED for each in runs)


def the_run(engine: Engine) -> tuple[Run, Totals]:
    """The only run there is, with its totals."""
    with reading(engine) as connection:
        (run,) = list_runs(connection)
        return run, totals(connection, run.id)
