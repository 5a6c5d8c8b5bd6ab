"""The works: all that a worker needs to do its part of a run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from formats.pool import Pool
from storage.fixity.nouns import Item, Result, Run
from storage.stores.base import Store

HeldCheck = Callable[[Item], Result]
"""What an item that a party holds came to. Raises: StoreUnreachable when it does not answer."""

Seal = Callable[[str], Run]
"""Ends a run by its id: totals, roots, ledger entries. A run that is sealed stays as it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is: items with a result, of how many; bytes read by this worker so far.

    `store`: of which store the last results were.
    """

    done: int
    total: int
    read_bytes: int
    store: str


def _silent(_: Step) -> None:
    return None


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Works:
    """A worker: its name (no two that live at once share one), and what it works with.

    `seal` ends the run; `held` checks what parties hold. `policy`: on which stores the ledger of
    each zorgdrager is published; None: on every one. `told` hears of progress, `stop` is asked
    whether to stop. `pool`: child processes for small packages; None: the worker starts its own
    where it pays. `fresh`: read from the medium, not from what the system still has in memory.
    `lanes`: how many copies are read at once from a store on this machine (its processors),
    `remote_lanes` from any other store. `lease`: how long a share is this worker's without a sign
    of life. `pauses`: seconds before a second and a third try; `retry_after`: how long a store
    that did not answer is left alone.
    """

    engine: Engine
    stores: Mapping[str, Store]
    worker: str
    clock: Callable[[], datetime]
    seal: Seal
    held: HeldCheck | None = None
    policy: Mapping[str, Sequence[str]] | None = None
    told: Callable[[Step], None] = _silent
    stop: Callable[[], bool] = _never
    pool: Pool | None = None
    fresh: bool = True
    lanes: int = 2
    remote_lanes: int = 16
    lease: timedelta = timedelta(minutes=15)
    pauses: tuple[float, ...] = (0.2, 1.0)
    retry_after: timedelta = timedelta(seconds=10)
