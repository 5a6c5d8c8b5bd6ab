"""A delivery of the demonstration: where it lies, its agreement, and what should come of it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """What should come of a delivery, in the words that `edepot ingest --json` uses."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class DemoDelivery:
    """One delivery.

    `reasons` are the stable reason codes of which at least the first must be found; empty when
    the delivery is good. `why` says in Dutch what it shows. A delivery that `needs_scanner`
    waits where no virus scanner answers.
    """

    name: str
    path: Path
    agreement: str
    expected: Outcome
    why: str
    reasons: tuple[str, ...] = ()
    dossiers: int = 1
    needs_scanner: bool = False

    @property
    def good(self) -> bool:
        """Whether it should be taken in wholly."""
        return self.expected is Outcome.ACCEPTED
