"""A worker as a process of its own: `python -m tests.storage.fixity.worker_process …`.

Arguments: the folder of a world, the place of its database, the run, the worker's name, hours on
the clock, and after how many results of the run it kills itself (0: never). Prints how many bytes
it read.
"""

import itertools
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from storage.database import open_database
from storage.fixity.seal import seal_run
from storage.fixity.work import work_run
from storage.fixity.works import Step, Works
from storage.stores.local import LocalStore
from tests.storage.fixity.world import ASKED
from tests.storage.making import NOW, SALT


def main(folder: str, place: str, run: str, worker: str, hours: str, kill_after: str) -> None:
    """Work on the run."""
    engine = open_database(place if "://" in place else Path(place))
    ticks, read = itertools.count(1), [0]

    def told(step: Step) -> None:
        read[0] = step.read_bytes
        if int(kill_after) and step.done >= int(kill_after):
            os.kill(os.getpid(), signal.SIGKILL)

    works = Works(
        engine=engine,
        stores={name: LocalStore(name, Path(folder) / name) for name in ("een", "twee")},
        worker=worker,
        clock=lambda: NOW + timedelta(hours=int(hours), milliseconds=next(ticks)),
        seal=lambda name: seal_run(engine, name, ASKED, lambda: SALT),
        told=told,
        pauses=(0.0, 0.0),
        retry_after=timedelta(0),
    )
    work_run(works, run)
    sys.stdout.write(str(read[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
