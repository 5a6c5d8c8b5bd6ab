"""The nouns of fixity: what a run covers, what it works on, and what it found."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from formats.findings import Finding
from storage.outcomes import Basis, Outcome


class Kind(StrEnum):
    """What a run's item is: a package of ours in a store, or a file that a party holds."""

    PACKAGE = "package"
    HELD = "held"


class RunState(StrEnum):
    """How far a run is.

    `RUNNING` until every share is done and the run is sealed; `CANCELLED` stops it, and what was
    not reached stays not checked; `ENDED` is sealed: totals, roots, ledger entries.
    """

    RUNNING = "running"
    CANCELLED = "cancelled"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Portion:
    """So many copies of one store and zorgdrager, the longest unchecked first."""

    store: str
    zorgdrager: str
    copies: int


@dataclass(frozen=True, slots=True)
class Scope:
    """Which copies a run covers. Empty means all; every part narrows.

    `stores`: names of stores and ids of held parties. `checked_before`: only copies whose last
    verdict is older. `oldest`: only so many, the longest unchecked first, of each store and
    zorgdrager. `sample`: only so many in all, chosen by `seed`. `portions`: only these stores and
    zorgdragers, and so many of each (a day's share).
    """

    stores: tuple[str, ...] = ()
    zorgdragers: tuple[str, ...] = ()
    aips: tuple[str, ...] = ()
    checked_before: datetime | None = None
    oldest: int | None = None
    sample: int | None = None
    seed: int = 0
    portions: tuple[Portion, ...] = ()

    def limit(self, store: str, zorgdrager: str) -> int | None:
        """At most how many copies are taken of a store and zorgdrager; None for all of them."""
        if not self.portions:
            return self.oldest
        named = [
            each for each in self.portions if (each.store, each.zorgdrager) == (store, zorgdrager)
        ]
        return sum(each.copies for each in named)

    @property
    def whole(self) -> bool:
        """Whether it covers its stores whole, so that strangers in them can be told."""
        parts = (self.aips, self.checked_before, self.oldest, self.sample, self.portions)
        return not any(parts)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for something, when and where: as the ledger keeps it."""

    at: datetime
    actor: str
    origin: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run: `id` is the day and a number (2026-11-25-1), `schedule` "" when a person asked."""

    id: str
    scope: Scope
    state: RunState
    asked: Asked
    schedule: str
    items: int
    size_bytes: int
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a run that one worker does at a time: items of one store and zorgdrager.

    `first`: the number of its first item, the others follow. `tries`: which claim of it this is;
    who claimed it before has nothing more to say of it. Without items it is a look: through a
    store for strangers, or (without a store) at a ledger and the catalogue beside it.
    """

    run: str
    number: int
    store: str
    zorgdrager: str
    items: int
    size_bytes: int
    first: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One copy that a run must say something of, and what the ledger says that it should be.

    `aip` is the catalogue's number of a package, the number of the held item for a party's file;
    `aip_id` and `version` are "" and 0 for a party's file. `sha256` is hex, from the ledger (for
    a party's file: from its first accepted manifest).
    """

    run: str
    number: int
    kind: Kind
    zorgdrager: str
    store: str
    key: str
    aip: int
    aip_id: str
    version: int
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found of one item: `sha256` hex of the bytes read, "" when none were."""

    number: int
    outcome: Outcome
    basis: Basis
    sha256: str
    read_bytes: int
    checked_at: datetime
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Totals:
    """How many items came to each outcome; together exactly the items of the run."""

    counts: Mapping[Outcome, int] = field(default_factory=dict)

    @property
    def items(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    def of(self, *outcomes: Outcome) -> int:
        """How many came to one of these."""
        return sum(self.counts.get(each, 0) for each in outcomes)
