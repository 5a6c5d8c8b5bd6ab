"""The joint of disposal: what a run needs to destroy, put together from a depot."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

from edepot.acting import desk_of, private_key_bytes
from edepot.depot import Depot
from edepot.traces import places_of
from retention.disposal_nouns import Works
from retention.rule_policy import DEFAULT

KEY = "keys/manifests.key"


def works_of(depot: Depot, *, worker: str = "", stop: Callable[[], bool] = lambda: False) -> Works:
    """What the worker of this name works with; without a name it is this process.

    Raises: PersonKeyUnreadable; PersonKeyExposed.
    """
    return Works(
        desk=desk_of(depot),
        archive=depot.archive,
        worker=worker or f"{socket.gethostname()}:{os.getpid()}",
        places=places_of(depot),
        reread_days=DEFAULT.reread_days,
        stop=stop,
        key=private_key_bytes(key_file_of(depot)),
    )


def key_file_of(depot: Depot) -> Path:
    """Where the key stands of the HMACs over manifests; made when it is needed first."""
    return depot.config.folder / KEY
