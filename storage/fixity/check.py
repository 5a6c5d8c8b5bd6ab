"""The check of one copy: read whole, compared with the ledger's digest, and never judged at once.

What is not as it should be is read again before it is believed: a bad cable or a tired server
is no damage. A store that does not answer says nothing of its copies.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from formats.findings import Finding, finding
from storage.aip import package_key
from storage.errors import (
    CopyUnreadable,
    KeyRefused,
    NotStored,
    StorageError,
    StoreUnreachable,
)
from storage.fixity.nouns import Item, Result
from storage.fixity.reading import Reading, read_whole
from storage.outcomes import Basis, Outcome
from storage.package_reader import check_package
from storage.stores.base import Store, is_key
from storage.verify import package_findings

TRIES = 3
READINGS = 2
"""How often a copy must have been read, and not be right, before that is believed."""

_TROUBLES = (CopyUnreadable, NotStored, StoreUnreachable)


@dataclass(frozen=True, slots=True)
class Care:
    """How a check is done: its clock, the waits between tries, from the medium or not.

    `wait` takes seconds; `pauses` has one for each try after the first. `halted` ends a reading
    midway (with Halted).
    """

    clock: Callable[[], datetime]
    wait: Callable[[float], object]
    pauses: tuple[float, ...] = (0.2, 1.0)
    fresh: bool = True
    halted: Callable[[], bool] | None = None


def misplaced(item: Item) -> Finding | None:
    """A finding when the catalogue looks for a copy where it cannot be, so that reading is moot."""
    right = package_key(item.zorgdrager, item.aip_id, item.version)
    if item.key == right and is_key(right):
        return None
    where = f"{item.store}, {item.aip_id or item.aip}"
    return finding("S344", where, item.key, right if item.aip_id else "")


def check_item(store: Store, item: Item, care: Care, first: Reading | None = None) -> Result:
    """What a copy of ours is, by reading it. `first`: a reading that was made already.

    Raises: StoreUnreachable when the store did not answer at each try; Halted.
    """
    if (wrong := misplaced(item)) is not None:
        return not_checked(item, care.clock(), wrong)
    if first is not None and right(first, item):
        return intact(item, care.clock())
    readings = [first] if first is not None else []
    troubles: list[StorageError] = []
    while len(readings) < READINGS and len(readings) + len(troubles) < TRIES:
        if troubles:
            care.wait(care.pauses[min(len(troubles), len(care.pauses)) - 1])
        fresh = care.fresh or bool(readings or troubles)
        try:
            found = read_whole(store, item.key, fresh=fresh, halted=care.halted)
        except KeyRefused as error:
            return not_checked(item, care.clock(), finding("S351", _where(item), error))
        except _TROUBLES as error:
            troubles.append(error)
            continue
        if right(found, item):
            return _intact_after(item, care, troubles, readings)
        readings.append(found)
    if len(readings) < READINGS:
        return _never_read(store, item, care, troubles)
    return _differs(store, item, care, readings)


def right(found: Reading, item: Item) -> bool:
    """Whether a reading gave what the ledger says."""
    return found.sha256 == item.sha256 and found.size_bytes == item.size_bytes


def intact(item: Item, at: datetime, findings: tuple[Finding, ...] = ()) -> Result:
    """The result of a reading that was right."""
    return Result(
        item.number, Outcome.INTACT, Basis.READ, item.sha256, item.size_bytes, at, findings
    )


def not_checked(item: Item, at: datetime, *findings: Finding) -> Result:
    """The result when nothing was learnt."""
    return Result(item.number, Outcome.NOT_CHECKED, Basis.NONE, "", 0, at, findings)


def unreachable(item: Item, at: datetime, reason: str, since: datetime) -> Result:
    """The result when the store does not answer: why, and since when (`expected` says it)."""
    return not_checked(item, at, finding("S207", _where(item), reason, since.isoformat()))


def _intact_after(
    item: Item, care: Care, troubles: Sequence[StorageError], readings: Sequence[Reading]
) -> Result:
    earlier = [*map(_said, troubles), *(each.sha256 for each in readings)]
    told = (finding("S341", _where(item), "; ".join(earlier)),) if earlier else ()
    return intact(item, care.clock(), told)


def _differs(store: Store, item: Item, care: Care, readings: Sequence[Reading]) -> Result:
    """A copy that was read twice, and was not right: opened, to name the files that are hit."""
    found, named = readings[-1], tuple(_difference(item, readings[-1]))
    with suppress(CopyUnreadable, NotStored, StoreUnreachable):
        check = check_package(store, item.key)
        found = Reading(check.sha256, check.size_bytes)
        if right(found, item):
            return _intact_after(item, care, (), readings)
        named = tuple(package_findings(_where(item), check, item.size_bytes, item.sha256))
    if found in readings[:-1] or readings[0] == readings[1]:
        return _wrong(item, Outcome.DIFFERS, found, care, named)
    each = ", ".join(each.sha256 for each in (*readings, found))
    unsteady = finding("S342", _where(item), each, item.sha256)
    return _wrong(item, Outcome.UNREADABLE, found, care, (unsteady,))


def _difference(item: Item, found: Reading) -> Iterator[Finding]:
    if found.size_bytes != item.size_bytes:
        yield finding("S211", _where(item), found.size_bytes, item.size_bytes)
    if found.sha256 != item.sha256:
        yield finding("S201", _where(item), found.sha256, item.sha256)


def _wrong(
    item: Item, outcome: Outcome, found: Reading, care: Care, findings: tuple[Finding, ...]
) -> Result:
    return Result(
        number=item.number,
        outcome=outcome,
        basis=Basis.READ,
        sha256=found.sha256,
        read_bytes=found.size_bytes,
        checked_at=care.clock(),
        findings=findings,
    )


def _never_read(store: Store, item: Item, care: Care, troubles: Sequence[StorageError]) -> Result:
    """The tries gave no reading that can be believed; gone only when the store's list agrees.

    Raises: StoreUnreachable when one of the tries met it.
    """
    for each in troubles:
        if isinstance(each, StoreUnreachable):
            raise each
    gone = all(isinstance(each, NotStored) for each in troubles) and len(troubles) == TRIES
    if gone and not any(each.key == item.key for each in store.list(item.key)):
        return _unread(item, Outcome.MISSING, care, finding("S205", _where(item)))
    return _unread(
        item, Outcome.UNREADABLE, care, finding("S206", _where(item), _said(troubles[-1]))
    )


def _unread(item: Item, outcome: Outcome, care: Care, told: Finding) -> Result:
    return Result(item.number, outcome, Basis.NONE, "", 0, care.clock(), (told,))


def _said(error: StorageError) -> str:
    return str(error.values.get("found") or error)


def _where(item: Item) -> str:
    return f"{item.store}, {item.key}"
