"""What a fixity report says, as values: gathered once, shown in every form and language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from formats.findings import Finding
from storage.fixity.nouns import Kind, Run, Totals
from storage.outcomes import WRONG, Outcome

SHOWN = 50
"""So many copies of one cause are shown; the rest is counted, and stands in the workbook."""


class Place(NamedTuple):
    """Where copies are, and whose: `store` is a store's name or the id of a held party."""

    store: str
    zorgdrager: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a place holds, what the run learnt of it, and how old the last checks are.

    `copies` and `size_bytes`: all that is known there; `items` and `totals`: those in the run;
    `read_bytes`: of the copies that the run read whole. `oldest_at`: ISO text of the last check
    of the copy that was checked longest ago, "" without copies; `days`: the rhythm there;
    `late`: copies past it.
    """

    place: Place
    held: bool
    copies: int
    size_bytes: int
    items: int
    totals: Totals
    read_bytes: int
    oldest_at: str
    days: int
    late: int


@dataclass(frozen=True, slots=True)
class Bin:
    """Copies whose last check is `first` to `last` whole days old (None: or older)."""

    first: int
    last: int | None
    copies: int

    @property
    def size_days(self) -> int:
        """How many days wide; 0 when it has no end."""
        return 0 if self.last is None else self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Ages:
    """The ages of the last checks in one store under one rhythm, the youngest bin first.

    `zorgdragers` is empty when the store knows but one rhythm. The last bins, past `days`, are
    late.
    """

    store: str
    zorgdragers: tuple[str, ...]
    days: int
    bins: tuple[Bin, ...]

    @property
    def copies(self) -> int:
        """All of them."""
        return sum(each.copies for each in self.bins)

    @property
    def timely(self) -> tuple[Bin, ...]:
        """The bins within the rhythm."""
        return tuple(each for each in self.bins if each.first <= self.days)


@dataclass(frozen=True, slots=True)
class ProblemCopy:
    """One copy that is not simply whole; `aip_id` and `title` "" for a party's file.

    `repair` is the state of its repair, "" when nobody tried.
    """

    number: int
    kind: Kind
    zorgdrager: str
    store: str
    key: str
    aip_id: str
    version: int
    title: str
    size_bytes: int
    outcome: Outcome
    checked_at: str
    findings: tuple[Finding, ...]
    repair: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Copies of one store that came to one outcome for one cause: `code`, "" when there is none.

    `since`: ISO text of the first of them, "" when none was reached. `repairs`: how many are in
    which state of repair. `examples`: the first of them.
    """

    outcome: Outcome
    code: str
    store: str
    held: bool
    copies: int
    size_bytes: int
    since: str
    repairs: Mapping[str, int]
    examples: tuple[ProblemCopy, ...]

    @property
    def unrepaired(self) -> int:
        """How many still wait for a repair; 0 where there is nothing to repair."""
        return self.copies - self.repairs.get("done", 0) if self.outcome in WRONG else 0


@dataclass(frozen=True, slots=True)
class Remark:
    """What the run found that is no copy, counted per code and store, with the first of them."""

    code: str
    store: str
    count: int
    examples: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class LateParty:
    """A party that should have been heard: `heard_at` ISO text or "", `days` its rhythm."""

    id: str
    zorgdrager: str
    heard_at: str
    days: int


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that a person must act on; `kind` "lost": no good copy is left."""

    id: str
    zorgdrager: str
    kind: str
    aip_id: str
    version: int
    title: str
    run: str
    opened_at: str
    closed_at: str
    detail: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of an AIP's history. `source`: "run", "repair" or "ledger".

    `what` is an outcome, a state of repair or an action of the ledger; `run` and `store` "" where
    there is none.
    """

    at: str
    source: str
    what: str
    store: str
    run: str
    result: str


@dataclass(frozen=True, slots=True)
class AipHistory:
    """What the checks found of one AIP over time, newest first; `more` lines are left out."""

    aip_id: str
    title: str
    zorgdrager: str
    happenings: tuple[Happening, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A run and what stands around it, as of one instant.

    `origin`: which depot. `held_items`: how many of the items are files of a party.
    `challenged`: how many of the attested were proved by a challenge. `names`: what zorgdragers
    and parties are called, by id.
    """

    run: Run
    as_of: datetime
    origin: str
    names: Mapping[str, str]
    totals: Totals
    challenged: int
    held_items: int
    coverage: tuple[Coverage, ...]
    ages: tuple[Ages, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Remark, ...]
    incidents: tuple[Incident, ...]
    late_parties: tuple[LateParty, ...]
    histories: tuple[AipHistory, ...]
    more_histories: int = 0

    @property
    def late(self) -> int:
        """How many copies in the whole depot are past their rhythm."""
        return sum(each.late for each in self.coverage)

    @property
    def lost(self) -> tuple[Incident, ...]:
        """The incidents without a good copy that nobody closed."""
        return tuple(each for each in self.incidents if not each.closed_at)

    @property
    def zorgdragers(self) -> tuple[str, ...]:
        """Whose copies there are."""
        return tuple(sorted({each.place.zorgdrager for each in self.coverage}))

    def name(self, known: str) -> str:
        """What a zorgdrager or party is called; its id when it has no name."""
        return self.names.get(known) or known
