"""An AIP's history: the events in its package, and the ledger's entries from then on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from formats.premis.model import Event
from formats.premis.read import iter_premis
from formats.xmldoc import XmlRefused
from storage import ledger
from storage.aip import StoredAip
from storage.errors import StorageError
from storage.package_reader import open_package
from storage.stores.base import Store

PREMIS = "metadata/premis.xml"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to an AIP.

    `what` is a PREMIS event type or an action of the ledger; `source` is "premis" or "ledger".
    `facts` are those of a ledger's entry; `detail` says them too.
    """

    at: datetime
    what: str
    result: str
    detail: str
    source: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """What happened, oldest first; `unread` says why the package's own events are not in it."""

    happenings: tuple[Happening, ...]
    unread: str = ""


def read_history(connection: Connection, aip: StoredAip, stores: Mapping[str, Store]) -> History:
    """Everything that is written down about an AIP; the first copy that can be read is read."""
    entries = list(_of_ledger(connection, aip))
    reasons = []
    for copy in aip.copies:
        if copy.store not in stores:
            reasons.append(f"{copy.store}: ?")
            continue
        try:
            events = list(_of_package(stores[copy.store], copy.key, aip.description.aip_id))
        except (StorageError, XmlRefused) as error:
            reasons.append(f"{copy.store}: {error}")
            continue
        return History(_in_order([*events, *entries]))
    return History(_in_order(entries), "; ".join(reasons) or "-")


def _of_package(store: Store, key: str, aip_id: str) -> Iterator[Happening]:
    """The events that concern the AIP as a whole."""
    with open_package(store, key).open(PREMIS) as stream:
        for entity in iter_premis(stream):
            if isinstance(entity, Event) and _concerns(entity, aip_id):
                notes = [note for each in entity.outcomes for note in each.notes]
                yield Happening(
                    at=datetime.fromisoformat(entity.at),
                    what=entity.type,
                    result=", ".join(each.outcome for each in entity.outcomes),
                    detail="; ".join((*entity.details, *notes)),
                    source="premis",
                )


def _concerns(event: Event, aip_id: str) -> bool:
    return any(each.identifier.value == aip_id for each in event.objects)


def _of_ledger(connection: Connection, aip: StoredAip) -> Iterator[Happening]:
    description = aip.description
    for each in ledger.entries(connection, description.zorgdrager, object_id=description.aip_id):
        detail = "; ".join(f"{name}: {_plain(value)}" for name, value in each.facts.items())
        yield Happening(each.at, each.action, each.result, detail, "ledger", each.facts)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _in_order(happenings: list[Happening]) -> tuple[Happening, ...]:
    return tuple(sorted(happenings, key=lambda each: each.at))
