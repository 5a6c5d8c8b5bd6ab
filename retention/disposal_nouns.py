"""The nouns of a disposal run: what it works with, places beside the stores, states of a trace."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from retention.nouns import Desk, ItemState
from storage.archive import Archive
from storage.stores.base import Store


class TraceState(StrEnum):
    """What became of one trace. GONE only once its place was asked again and had nothing."""

    PLANNED = "planned"
    ASKED = "asked"
    GONE = "gone"
    LOCKED = "locked"
    SHARED = "shared"


class Trouble(StrEnum):
    """Why an item cannot go on by itself, or was halted."""

    STORE_SILENT = "store_silent"
    COPY_MISSING = "copy_missing"
    COPY_DIFFERS = "copy_differs"
    COPY_UNREADABLE = "copy_unreadable"
    NOT_PROMISED = "not_promised"
    LOCKED = "locked"
    STILL_THERE = "still_there"
    STILL_KNOWN = "still_known"
    MANIFEST_DIFFERS = "manifest_differs"
    DATABASE_REFUSES = "database_refuses"
    HELD = "hold"
    FOUND_AGAIN = "found_again"


@dataclass(frozen=True, slots=True)
class Remnant:
    """Something of a dossier in a place beside the stores: a path or a row, in its own words."""

    name: str
    size_bytes: int = 0


class Place(Protocol):
    """A place beside the stores where traces of a dossier may be: staging, exports, journal rows.

    Nothing there is ever the only copy of a record: it is erased first.
    """

    @property
    def name(self) -> str:
        """Its name, as a declaration tells it."""

    def remnants(self, zorgdrager: str, dossier: str) -> Sequence[Remnant]:
        """Everything of a dossier that is there.

        Raises: StorageError, OSError: no answer is no absence.
        """

    def erase(self, zorgdrager: str, dossier: str) -> None:
        """Remove all of it; done again it does nothing.

        Raises: StorageError, OSError.
        """


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Works:
    """What a worker of a run works with.

    `worker`: its name, alive as long as it claims; a claim counts for `lease`. `reread_days`: a
    copy that was read longer ago is read again before it goes. `stop`: asked between two dossiers.
    """

    desk: Desk
    archive: Archive
    worker: str
    places: Sequence[Place] = ()
    lease: timedelta = timedelta(minutes=10)
    reread_days: int = 30
    attempts: int = 5
    stop: Callable[[], bool] = _never
    key: bytes = field(default=b"", repr=False)
    emptied: frozenset[str] = frozenset()

    @property
    def stores(self) -> Mapping[str, Store]:
        """Every store that may hold copies, also those that no policy names any more; but not those
        that were `emptied`: the ledger says of each copy that it was removed and looked for."""
        known = self.archive.stores
        return {name: each for name, each in known.items() if name not in self.emptied}


@dataclass(frozen=True, slots=True)
class Claim:
    """One dossier of a list that a worker has in hand, and the token that says so."""

    list_id: str
    dossier: str
    zorgdrager: str
    kind: str
    root: str
    state: ItemState
    token: int


class ClaimLost(Exception):
    """Another worker took the dossier over: whoever finds out stops at once."""
