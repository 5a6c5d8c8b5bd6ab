"""What a store has of an AIP: every key, version and delete marker, and what was set aside.

One question for everything of one AIP in one store, so that "it is gone" can be asked, not assumed.
"""

from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from enum import StrEnum

from storage.aip import package_key
from storage.placing import EVIDENCE_FOLDER
from storage.stores.base import KeepsUploads, ObjectVersion, Store

KEY_PARTS = 5
"""<zorgdrager>/<ab>/<cd>/<aip-id>/<version>.zip"""


class Role(StrEnum):
    """What a trace is: a package, one that was set aside as damaged, the mark of a deletion, or an
    upload that was never ended."""

    PACKAGE = "package"
    SET_ASIDE = "set_aside"
    MARKER = "delete_marker"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Trace:
    """One version under one key of a store; size in bytes, 0 for a delete marker."""

    store: str
    key: str
    version: str
    role: Role
    size_bytes: int


def aip_prefix(zorgdrager: str, aip_id: str) -> str:
    """What the keys of an AIP's packages begin with: <zorgdrager>/<ab>/<cd>/<aip-id>/."""
    return package_key(zorgdrager, aip_id, 1).rsplit("/", 1)[0] + "/"


def set_aside_prefix(zorgdrager: str) -> str:
    """What the keys begin with of damaged copies that were set aside: <zorgdrager>/evidence/."""
    return f"{zorgdrager}/{EVIDENCE_FOLDER}"


def bears_name(zorgdrager: str, aip_id: str, key: str) -> bool:
    """Whether a key is one that only an AIP's own packages and damaged copies of them have."""
    aside = key.startswith(set_aside_prefix(zorgdrager)) and _is_aside(aip_id, key)
    return aside or key.startswith(aip_prefix(zorgdrager, aip_id))


def traces(
    store: Store, zorgdrager: str, aip_id: str, keys: Collection[str] = ()
) -> tuple[Trace, ...]:
    """Everything that the store has of an AIP, in the order of its keys.

    `keys`: where its copies are known to be; those that bear another AIP's name come last.

    Raises: StoreUnreachable: no answer is no absence.
    """
    elsewhere = [key for key in keys if not bears_name(zorgdrager, aip_id, key)]
    return (
        *_below(store, aip_prefix(zorgdrager, aip_id)),
        *_set_aside(store, zorgdrager, aip_id),
        *(each for name, each in _unended(store, zorgdrager) if name == aip_id),
        *(each for key in elsewhere for each in _below(store, key) if each.key == key),
    )


def traces_of_any(
    store: Store, zorgdrager: str, wanted: Container[str]
) -> Iterator[tuple[str, Trace]]:
    """Everything that the store has of any of these AIPs, each with its AIP's id; the store is
    walked once, whatever their number.

    Raises: StoreUnreachable.
    """
    for each in store.list_all(f"{zorgdrager}/"):
        aip_id = aip_named(zorgdrager, each.key)
        if aip_id in wanted:
            aside = each.key.startswith(set_aside_prefix(zorgdrager))
            yield aip_id, _trace(store, each, Role.SET_ASIDE if aside else Role.PACKAGE)
    yield from (each for each in _unended(store, zorgdrager) if each[0] in wanted)


def aip_named(zorgdrager: str, key: str) -> str:
    """The id of the AIP whose name a key bears, as a package or set aside; "" for another key."""
    names = key.split("/")
    if key.startswith(set_aside_prefix(zorgdrager)):
        return names[-1].rpartition("-v")[0]
    return names[3] if len(names) == KEY_PARTS and names[0] == zorgdrager else ""


def _unended(store: Store, zorgdrager: str) -> Iterator[tuple[str, Trace]]:
    """Uploads that were never ended, each with its AIP's id: few, so one question for all."""
    if isinstance(store, KeepsUploads):
        for each in store.unended(f"{zorgdrager}/"):
            yield aip_named(zorgdrager, each.key), _trace(store, each, Role.UPLOAD)


def _below(store: Store, prefix: str) -> Iterator[Trace]:
    for each in store.list_all(prefix):
        yield _trace(store, each, Role.PACKAGE)


def _set_aside(store: Store, zorgdrager: str, aip_id: str) -> Iterator[Trace]:
    """Damaged copies of it: <zorgdrager>/evidence/<run>/<aip-id>-v0001.zip."""
    for each in store.list_all(set_aside_prefix(zorgdrager)):
        if _is_aside(aip_id, each.key):
            yield _trace(store, each, Role.SET_ASIDE)


def _trace(store: Store, found: ObjectVersion, role: Role) -> Trace:
    role = Role.MARKER if found.marker else Role.UPLOAD if found.upload else role
    return Trace(store.name, found.key, found.version, role, found.size_bytes)


def _is_aside(aip_id: str, key: str) -> bool:
    return key.rsplit("/", 1)[-1].startswith(f"{aip_id}-v")
