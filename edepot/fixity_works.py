"""The joint of fixity: what a worker needs for a run, put together from a depot."""

import os
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from edepot.depot import SALT_BYTES, Depot, agent, now
from edepot.worker_names import worker_name
from storage import ledger
from storage.database import reading
from storage.errors import StorageError
from storage.fixity.nouns import Asked, Item, Result, Run
from storage.fixity.scopes import Known
from storage.fixity.seal import seal_run
from storage.fixity.work import work_run
from storage.fixity.works import Step, Works
from storage.held.parties import list_parties
from storage.held.targets import HeldChecker
from storage.stores.base import Store
from storage.stores.pace import Pace, PacedStore

Told = Callable[[Step], None]


def asked_here(by: str = "cli") -> Asked:
    """Who asks for something now, at this machine: a person's command, or a `worker`."""
    return Asked(now(), agent(), f"{by}@{socket.gethostname()}")


def asked_by_worker() -> Asked:
    """The same for what nobody asked for at this moment: a schedule did."""
    return asked_here("worker")


def known_of(depot: Depot, named: Sequence[str] = ()) -> Known:
    """What a scope may name, also where nothing stands yet.

    A retired store is looked through only when it holds copies still, or is `named`.
    """
    with reading(depot.engine) as connection:
        parties = tuple(each.id for each in list_parties(connection))
    return Known(
        stores=tuple(
            each.name for each in depot.config.stores if not each.retired or each.name in named
        ),
        zorgdragers=tuple(each.id for each in depot.config.zorgdragers),
        parties=parties,
    )


def works_of(depot: Depot, worker: str, asked: Asked, told: Told | None = None) -> Works:
    """What the worker of this name works with; `asked` is who seals the run in the end."""
    checker = HeldChecker(depot.engine)

    def held(item: Item) -> Result:
        return checker.check(item, now())

    def seal(run: str) -> Run:
        sealing = replace(asked, at=now())
        return seal_run(depot.engine, run, sealing, partial(os.urandom, SALT_BYTES))

    works = Works(
        engine=depot.engine,
        stores=paced_stores(depot),
        worker=worker,
        clock=now,
        seal=seal,
        held=held,
        policy=depot.archive.policy,
        lanes=depot.config.workers.processes,
    )
    return works if told is None else replace(works, told=told)


def carry_out(depot: Depot, run: str, told: Told) -> Run:
    """Work on a run in this process until nothing of it is left, and seal it."""
    with worker_name(depot.config.folder) as name:
        return work_run(works_of(depot, name, asked_here(), told), run)


def publish_ledgers(depot: Depot) -> tuple[tuple[str, StorageError], ...]:
    """Put what is new in each ledger on the stores, so that a rebuild from them knows of it.

    The zorgdragers whose ledger could not be put there, and why; the next time it is tried again.
    """
    failed: list[tuple[str, StorageError]] = []
    with reading(depot.engine) as connection:
        begun = ledger.zorgdragers(connection)
    for each in (each for each in depot.config.zorgdragers if each.id in begun):
        try:
            depot.archive.publish_ledger(each.id, now=now())
        except StorageError as error:
            failed.append((each.id, error))
    return tuple(failed)


def paced_stores(depot: Depot) -> dict[str, Store]:
    """Every store, asked no faster than its settings allow."""
    stores = dict(depot.stores)
    for settings in depot.config.stores:
        pace = Pace(
            bytes_per_second=settings.pace.bytes_per_second,
            requests_per_second=settings.pace.requests_per_second,
            concurrent=settings.pace.concurrent,
            hours=settings.pace.hours,
        )
        if pace.bytes_per_second or pace.requests_per_second or pace.concurrent:
            store = stores[settings.name]
            stores[settings.name] = PacedStore(store, pace, now, time.sleep)
    return stores
