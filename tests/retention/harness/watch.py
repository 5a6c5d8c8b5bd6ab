"""Every effect of a disposal passes here: counted, and at one of them something happens.

An effect is a call of a store or of a place beside the stores, and every begin and commit of a
transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO, TypeVar

from retention.disposal_nouns import Remnant
from storage.errors import StoreUnreachable
from storage.stores.base import Capabilities, ObjectStat, ObjectVersion, Refusal
from storage.stores.memory import MemoryStore, MemoryUpload
from storage.stores.memory_versions import VersionedMemoryStore

T = TypeVar("T")
Bare = MemoryStore | VersionedMemoryStore


class Killed(BaseException):
    """The process ended here."""


class What(StrEnum):
    """What happens at an effect."""

    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    POWER_CUT = "power cut: what was not synced is undone"
    HOLD_BEFORE = "hold before"
    HOLD_AFTER = "hold after"
    EXEMPT = "exempted"
    KEEP = "it is to be kept for ever"
    RIVAL = "slept, and another worker took over"
    TRANSIENT = "the store fails once"
    UNKNOWN = "done, but the answer was lost"
    HALF = "the store goes down half-way"
    OUTAGE = "the store is down for the rest of the run"
    LIES = "a deletion says yes and does nothing"
    LATE_JOB = "a job writes again"
    DISK_FULL = "the disk of the database is full"


CRASHES = frozenset({What.CRASH_BEFORE, What.CRASH_AFTER, What.POWER_CUT})
OF_STORES = frozenset(
    {
        What.POWER_CUT,
        What.TRANSIENT,
        What.UNKNOWN,
        What.HALF,
        What.OUTAGE,
        What.LIES,
        What.LATE_JOB,
    }
)
OF_DELETIONS = frozenset({What.HALF, What.LIES, What.POWER_CUT, What.UNKNOWN})
BEFORE = frozenset({What.CRASH_BEFORE, What.HOLD_BEFORE})
AFTER = frozenset(
    {What.CRASH_AFTER, What.HOLD_AFTER, What.EXEMPT, What.KEEP, What.RIVAL, What.LATE_JOB}
)


class Kind(StrEnum):
    """What kind of effect it is."""

    BEGIN = "begin"
    COMMIT = "commit"
    ASK = "ask"
    DELETE = "delete"
    BESIDE = "beside"


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect: its kind, and where."""

    kind: Kind
    where: str

    def can(self, what: What) -> bool:
        """Whether this can happen at such an effect."""
        of_database = self.kind in {Kind.BEGIN, Kind.COMMIT}
        if what is What.HOLD_AFTER:
            # After a begin the transaction stands open: nobody else can write then.
            return self.kind in {Kind.COMMIT, Kind.DELETE}
        if what in {What.EXEMPT, What.KEEP, What.RIVAL}:
            return self.kind is not Kind.BEGIN
        if what is What.HOLD_BEFORE:
            return self.kind is not Kind.COMMIT
        if what is What.DISK_FULL:
            return self.kind is Kind.COMMIT
        if what in OF_DELETIONS:
            return self.kind is Kind.DELETE
        if what in OF_STORES:
            return not of_database and (what is not What.LATE_JOB or self.kind is Kind.DELETE)
        return True


@dataclass(frozen=True, slots=True)
class Plan:
    """At the effect of this number (from 1) this happens."""

    at: int
    what: What


class Watch:
    """Lets every effect through, and makes happen what is planned."""

    def __init__(self, happen: Callable[[What, str], None]) -> None:
        self._happen = happen
        self.off = True
        self.seen: list[Effect] = []
        self.plan: Plan | None = None
        self.down: set[str] = set()
        self.deleted: Callable[[str], None] = lambda _where: None
        self.committed: Callable[[], None] = lambda: None

    def begin(self, plan: Plan | None) -> None:
        """Count from here."""
        self.off, self.seen, self.plan, self.down = False, [], plan, set()

    def end(self) -> None:
        """Count no more; what was down is up again."""
        self.off, self.plan, self.down = True, None, set()

    def let(
        self,
        effect: Effect,
        deed: Callable[[], T],
        *,
        half: Callable[[], object] = lambda: None,
        nothing: Callable[[], T] | None = None,
    ) -> T:
        """Let one effect through. `half`: half of it; `nothing`: its answer when it did nothing."""
        if self.off:
            return deed()
        self.seen.append(effect)
        plan = self.plan
        now = plan is not None and plan.at == len(self.seen) and effect.can(plan.what)
        what = plan.what if plan is not None and now else None
        if what in BEFORE:
            self._now(what, effect)
        if effect.where in self.down:
            raise _unreachable(effect.where)
        if what in {What.TRANSIENT, What.OUTAGE, What.HALF}:
            if what is not What.TRANSIENT:
                self.down.add(effect.where)
            if what is What.HALF:
                half()
            raise _unreachable(effect.where)
        if what in {What.LIES, What.POWER_CUT} and nothing is not None:
            told = nothing()
            if what is What.POWER_CUT:
                self.plan = Plan(len(self.seen) + 1, What.CRASH_BEFORE)
            return told
        told = deed()
        if effect.kind in {Kind.DELETE, Kind.BESIDE}:
            self.deleted(effect.where)
        if effect.kind is Kind.COMMIT:
            self.committed()
        if what is What.UNKNOWN:
            raise _unreachable(effect.where)
        if what in AFTER:
            self._now(what, effect)
        return told

    def _now(self, what: What | None, effect: Effect) -> None:
        assert what is not None
        if what in CRASHES:
            raise Killed
        off, self.off = self.off, True
        try:
            self._happen(what, effect.where)
        finally:
            self.off = off


def _unreachable(where: str) -> StoreUnreachable:
    return StoreUnreachable(f"{where} is down", store=where, found="down")


class WatchedStore:
    """A store whose calls are effects."""

    def __init__(self, bare: Bare, watch: Watch) -> None:
        self.bare = bare
        self._watch = watch

    @property
    def name(self) -> str:
        """The store's name."""
        return self.bare.name

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self.bare.capabilities

    def put_new(self, key: str) -> Any:
        """A new object."""
        return self.bare.put_new(key)

    def open_read(
        self, key: str, start: int = 0, length: int | None = None, *, fresh: bool = False
    ) -> BinaryIO:
        """A stream."""
        return self._ask(lambda: self.bare.open_read(key, start, length, fresh=fresh))

    def read_chunks(self, key: str, *, fresh: bool = False) -> Iterator[bytes | memoryview]:
        """The bytes."""
        yield from self._ask(lambda: list(self.bare.read_chunks(key, fresh=fresh)))

    def server_sha256(self, key: str) -> str | None:
        """None."""
        return self.bare.server_sha256(key)

    def set_aside(self, key: str, aside: str) -> bool:
        """Move."""
        return self.bare.set_aside(key, aside)

    def stat(self, key: str) -> ObjectStat:
        """Its size."""
        return self._ask(lambda: self.bare.stat(key))

    def list(self, prefix: str = "") -> Iterator[ObjectStat]:
        """Every object."""
        return iter(self._ask(lambda: [*self.bare.list(prefix)]))

    def list_versions(self, key: str) -> Iterator[str]:
        """Every version of a key."""
        return iter(self._ask(lambda: [*self.bare.list_versions(key)]))

    def delete_version(self, key: str, version: str) -> None:
        """Remove a version."""
        self._delete(lambda: self.bare.delete_version(key, version), [(key, version)], None)

    def list_all(self, prefix: str) -> Iterator[ObjectVersion]:
        """Every version."""
        return iter(self._ask(lambda: [*self.bare.list_all(prefix)]))

    def delete_all(self, versions: Sequence[tuple[str, str]]) -> Iterator[Refusal]:
        """Remove versions."""
        none: tuple[Refusal, ...] = ()
        told = self._delete(lambda: tuple(self.bare.delete_all(versions)), versions, none)
        return iter(told)

    def make_durable(self, key: str) -> None:
        """See that it is there."""
        self.bare.make_durable(key)

    def sweep(self) -> int:
        """Nothing is left behind in memory."""
        return self.bare.sweep()

    def publish(self, key: str, content: bytes) -> ObjectStat:
        """An upload's end."""
        return self.bare.publish(key, content)

    def upload(self, key: str) -> MemoryUpload:
        """An upload into this store."""
        return MemoryUpload(self, key)

    def _ask(self, deed: Callable[[], T]) -> T:
        return self._watch.let(Effect(Kind.ASK, self.name), deed)

    def _delete(self, deed: Callable[[], T], versions: Sequence[tuple[str, str]], nothing: T) -> T:
        first = versions[: max(1, len(versions) // 2)]
        return self._watch.let(
            Effect(Kind.DELETE, self.name),
            deed,
            half=lambda: list(self.bare.delete_all(first)),
            nothing=lambda: nothing,
        )


class WatchedPlace:
    """A place beside the stores, whose calls are effects."""

    def __init__(self, name: str, watch: Watch) -> None:
        self._name = name
        self._watch = watch
        self.there: dict[str, tuple[str, ...]] = {}

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    def remnants(self, zorgdrager: str, dossier: str) -> Sequence[Remnant]:
        """What of a dossier is there."""
        del zorgdrager
        found = self._watch.let(Effect(Kind.ASK, self._name), lambda: self.there.get(dossier, ()))
        return [Remnant(each, 10) for each in found]

    def erase(self, zorgdrager: str, dossier: str) -> None:
        """Remove all of it."""
        del zorgdrager
        effect = Effect(Kind.BESIDE, self._name)
        self._watch.let(effect, lambda: self.there.pop(dossier, None))
