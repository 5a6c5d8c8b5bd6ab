"""Erasing exact versions, and asking afterwards whether anything is left.

Only the disposal of retention may call this: it names the signed list by which a version goes. To
erase a version again does nothing, so that a worker that wakes up late can do no harm; a copy that
was put back is another version.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from storage.errors import NotStored, StorageError
from storage.inventory import Trace, aip_prefix, set_aside_prefix, traces
from storage.placing import stands
from storage.stores.base import Store


class Erased(StrEnum):
    """What a store answered. None of these proves that a version is gone: asking again does."""

    ACCEPTED = "accepted"
    LOCKED = "locked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Erasure:
    """What came of erasing one version; `detail` in the store's words."""

    trace: Trace
    outcome: Erased
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """What a store said when it was asked for an AIP: `left` is all that is still there."""

    store: str
    asked: str
    answer: str
    absent: bool
    left: tuple[Trace, ...] = ()


def erase(store: Store, found: Sequence[Trace]) -> Iterator[Erasure]:
    """Erase these versions of one store, each named exactly, and tell of each what was answered."""
    refused: dict[tuple[str, str], str] = {}
    try:
        refused = dict(store.delete_all([(each.key, each.version) for each in found]))
    except StorageError as error:
        detail = str(error.values.get("found") or error)
        yield from (Erasure(each, Erased.UNKNOWN, detail) for each in found)
        return
    for each in found:
        why = refused.get((each.key, each.version))
        if why is None:
            yield Erasure(each, Erased.ACCEPTED)
        else:
            yield Erasure(each, Erased.LOCKED, why)


def absence(
    store: Store,
    zorgdrager: str,
    aip_id: str,
    keys: Collection[str],
    stays: Collection[str] = (),
) -> Absence:
    """Ask a store anew for an AIP: list every version, and each key that it was known to have.

    `stays`: keys that another AIP has as well. A store that cannot answer is no proof: `absent` is
    False, and the answer says why.
    """
    asked = f"{aip_prefix(zorgdrager, aip_id)}*, {set_aside_prefix(zorgdrager)}*/{aip_id}-v*"
    wanted = [key for key in dict.fromkeys(keys) if key not in stays]
    try:
        found = traces(store, zorgdrager, aip_id, wanted)
        left = tuple(each for each in found if each.key not in stays)
        still = [] if left else [key for key in wanted if _stands(store, key)]
    except StorageError as error:
        detail = str(error.values.get("found") or error)
        return Absence(store.name, asked, f"no answer: {detail}", absent=False)
    if left:
        return Absence(store.name, asked, f"{len(left)} versions", absent=False, left=left)
    if still:
        answer = f"listed nowhere, yet there: {', '.join(still)}"
        return Absence(store.name, asked, answer, absent=False)
    answer = "only what another AIP has" if found else "nothing"
    return Absence(store.name, asked, answer, absent=True)


def _stands(store: Store, key: str) -> bool:
    try:
        return stands(store, key)
    except NotStored:
        return False
