"""Writing down in the ledger what was done with a party, in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from storage import ledger
from storage.fixity.nouns import Asked
from storage.held.parties import Party
from storage.ledger import Event


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done, how it ended, and the facts that stand in the open for ever."""

    action: str
    result: str
    facts: Mapping[str, Any] = field(default_factory=dict)


def note(connection: Connection, party: Party, deed: Deed, asked: Asked, salt: bytes) -> None:
    """One entry in the ledger of the party's zorgdrager, under the party's id."""
    event = Event(
        at=asked.at,
        action=deed.action,
        object=party.id,
        result=deed.result,
        actor=asked.actor,
        origin=asked.origin,
        facts=deed.facts,
    )
    ledger.append(connection, party.zorgdrager, event, salt)
