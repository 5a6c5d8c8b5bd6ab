"""An order to work on copies: in whose name, on which archive, by which clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from storage.archive import Archive
from storage.fixity.nouns import Asked
from storage.ledger import Event


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Order:
    """Who asked, and what the work needs from outside: the clock, and fresh salts.

    `stop` is asked between two copies; when it says so the work ends there, to be gone on with
    by the same order.
    """

    archive: Archive
    asked: Asked
    clock: Callable[[], datetime]
    salt: Callable[[], bytes]
    stop: Callable[[], bool] = _never

    def event(self, action: str, aip_id: str, result: str, facts: dict[str, object]) -> Event:
        """What goes into the ledger of one thing that was done by this order, now."""
        return Event(
            at=self.clock(),
            action=action,
            object=aip_id,
            result=result,
            actor=self.asked.actor,
            origin=self.asked.origin,
            facts=facts,
        )
