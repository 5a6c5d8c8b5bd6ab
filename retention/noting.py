"""Writing in the ledger what retention does, in the same transaction as the deed."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from retention.days import trusted_instant
from retention.nouns import Desk
from storage import ledger
from storage.ledger import Event, LedgerEntry


def note(  # noqa: PLR0913 - who, what, on what, with which outcome: the ledger asks for each
    connection: Connection,
    desk: Desk,
    zorgdrager: str,
    action: str,
    object_id: str,
    *,
    result: str,
    actor: str,
    origin: str,
    facts: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
) -> LedgerEntry:
    """Append an entry. `facts` stand open for ever (never personal); `details` can be erased.

    Actions of retention begin with "retention.", "hold.", "list.", "disposal.", "transfer." or
    "declaration.".
    """
    event = Event(
        at=trusted_instant(connection, zorgdrager, desk.now()),
        action=action,
        object=object_id,
        result=result,
        actor=actor,
        origin=origin,
        details=details or {},
        facts=facts or {},
    )
    return ledger.append(connection, zorgdrager, event, desk.salt())
