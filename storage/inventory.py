"""What a store has of an AIP: every key, version and delete marker, and what was set aside.

One question for everything of one AIP in one store, so that "it is gone" can be asked, not assumed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from storage.aip import package_key
from storage.placing import EVIDENCE_FOLDER
from storage.stores.base import Store


class Role(StrEnum):
    """What a trace is: a package, one that was set aside as damaged, or the mark of a deletion."""

    PACKAGE = "package"
    SET_ASIDE = "set_aside"
    MARKER = "delete_marker"


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


def traces(store: Store, zorgdrager: str, aip_id: str) -> tuple[Trace, ...]:
    """Everything that the store has of an AIP, in the order of its keys.

    Raises: StoreUnreachable: no answer is no absence.
    """
    return (*_below(store, aip_prefix(zorgdrager, aip_id)), *_set_aside(store, zorgdrager, aip_id))


def _below(store: Store, prefix: str) -> Iterator[Trace]:
    for each in store.list_all(prefix):
        role = Role.MARKER if each.marker else Role.PACKAGE
        yield Trace(store.name, each.key, each.version, role, each.size_bytes)


def _set_aside(store: Store, zorgdrager: str, aip_id: str) -> Iterator[Trace]:
    """Damaged copies of it: <zorgdrager>/evidence/<run>/<aip-id>-v0001.zip."""
    for each in store.list_all(set_aside_prefix(zorgdrager)):
        if each.key.rsplit("/", 1)[-1].startswith(f"{aip_id}-v"):
            role = Role.MARKER if each.marker else Role.SET_ASIDE
            yield Trace(store.name, each.key, each.version, role, each.size_bytes)
