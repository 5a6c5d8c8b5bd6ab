"""The breaker: a store that does not answer is not asked again for every item."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when a store does not answer, what it said last, and when it was asked last."""

    since: datetime
    reason: str
    asked_at: datetime


class Breaker:
    """Remembers which stores are silent; now and then one item may ask whether that is over."""

    def __init__(self, retry_after: timedelta) -> None:
        self._retry_after = retry_after
        self._silent: dict[str, Silence] = {}
        self._lock = threading.Lock()

    def silence(self, store: str, now: datetime) -> Silence | None:
        """The silence of a store that is not to be asked now; None when it may be asked."""
        with self._lock:
            found = self._silent.get(store)
            if found is None:
                return None
            if now - found.asked_at >= self._retry_after:
                self._silent[store] = Silence(found.since, found.reason, now)
                return None
            return found

    def fell_silent(self, store: str, reason: str, now: datetime) -> Silence:
        """Note that a store did not answer."""
        with self._lock:
            before = self._silent.get(store)
            self._silent[store] = Silence(before.since if before else now, reason, now)
            return self._silent[store]

    def answered(self, store: str) -> None:
        """Note that a store answers."""
        with self._lock:
            self._silent.pop(store, None)
