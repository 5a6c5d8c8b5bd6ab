"""The joint of disposal: what a run needs to destroy, put together from a depot."""

import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection

from edepot.acting import desk_of, private_key_bytes
from edepot.depot import Depot, now
from edepot.depot_database import denied_folder
from edepot.traces import places_of
from retention.disposal_nouns import Works
from retention.rule_policy import DEFAULT
from storage import ledger
from storage.catalogue import copies_in
from storage.database import reading
from storage.denied import write_denied
from storage.errors import StorageError
from storage.retiring import RETIRE

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
        emptied=emptied_stores(depot),
    )


def emptied_stores(depot: Depot) -> frozenset[str]:
    """The stores that are out of use and of which every ledger says that they were emptied: each
    copy removed and looked for, the published ledger last."""
    retired = [each.name for each in depot.config.stores if each.retired]
    if not retired:
        return frozenset()
    with reading(depot.engine) as connection:
        ledgers = ledger.zorgdragers(connection)
        return frozenset(
            store
            for store in retired
            if not copies_in(connection, store)
            and all(_says_emptied(connection, each, store) for each in ledgers)
        )


def _says_emptied(connection: Connection, zorgdrager: str, store: str) -> bool:
    entries = ledger.entries(connection, zorgdrager, object_id=store)
    return any(each.action == RETIRE for each in entries)


def settle(depot: Depot, zorgdragers: Sequence[str]) -> tuple[str, ...]:
    """After destroying: the deny list brought up to date, erased details taken out of what is
    published, the ledgers published. What could not be done now, and why; it is tried again."""
    failed = []
    for each in zorgdragers:
        for deed in (_deny, _redact, _publish):
            # One store that is away keeps nothing else from being done.
            try:
                deed(depot, each)
            except (StorageError, OSError) as error:
                failed.append(f"{each}: {error}")
    return tuple(failed)


def _deny(depot: Depot, zorgdrager: str) -> None:
    signer = depot.archive.signers.get(zorgdrager)
    with reading(depot.engine) as connection:
        write_denied(connection, denied_folder(depot.config), zorgdrager, signer)


def _redact(depot: Depot, zorgdrager: str) -> None:
    depot.archive.redact_ledger(zorgdrager, without=emptied_stores(depot))


def _publish(depot: Depot, zorgdrager: str) -> None:
    depot.archive.publish_ledger(zorgdrager, now=now())


def key_file_of(depot: Depot) -> Path:
    """Where the key stands of the HMACs over manifests; made when it is needed first."""
    return depot.config.folder / KEY
