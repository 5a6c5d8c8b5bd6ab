"""Acts on holds and exemptions: signed by the person, kept for ever, and noted in the ledger.

What is signed holds no words of a person: the reason and the scope (an address, a search) stand in
it as one salted SHA-256, so that they can be erased and the signature still proves the act.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from retention.errors import Refused
from retention.hold_nouns import HOLD_ACTS
from retention.noting import note
from retention.nouns import Actor, Desk
from retention.people import Mandate, check_signature, sign
from storage.ledger import canonical


@dataclass(frozen=True, slots=True)
class Said:
    """What a person does: the act, on what, the open facts of it, and the words that can go."""

    act: str
    object: str
    facts: Mapping[str, Any]
    reason: str
    words: Mapping[str, Any]
    """With the reason: what else is signed as a hash only."""


@dataclass(frozen=True, slots=True)
class Act:
    """A signed act as it stands."""

    number: int
    object: str
    act: str
    person: str
    at: str
    reason: str


def needs_reason(reason: str) -> str:
    """The reason, without the room around it.

    Raises: Refused (reason_missing).
    """
    if not reason.strip():
        raise Refused("reason_missing", "a reason is needed")
    return reason.strip()


def write_act(  # noqa: PLR0913, PLR0917 - who, under which mandate, what, and how the ledger says it
    connection: Connection,
    desk: Desk,
    actor: Actor,
    mandate: Mandate,
    said: Said,
    action: str,
) -> None:
    """Sign an act, keep it, and note it under this action of the ledger.

    Raises: PersonUnknown; SignatureWrong.
    """
    salt, at = desk.salt().hex(), desk.now().isoformat()
    signed = canonical(
        {
            "act": said.act,
            "object": said.object,
            "zorgdrager": mandate.zorgdrager,
            "person": actor.person,
            "mandate": mandate.number,
            "at": at,
            "facts": dict(said.facts),
            "words_sha256": words_digest(salt, said.reason, said.words),
        }
    )
    signature = sign(connection, actor, signed.encode("utf-8"))
    row = {
        "object": said.object,
        "act": said.act,
        "person": actor.person,
        "mandate": mandate.number,
        "at": at,
        "said": signed,
        "signature": signature,
        "reason": said.reason,
        "salt": salt,
    }
    connection.execute(insert(HOLD_ACTS), row)
    note(
        connection,
        desk,
        mandate.zorgdrager,
        action,
        said.object,
        result="ok",
        actor=actor.person,
        origin=actor.origin,
        facts={**said.facts, "said_sha256": hashlib.sha256(signed.encode("utf-8")).hexdigest()},
        details={"reason": said.reason, **said.words},
    )


def words_digest(salt: str, reason: str, words: Mapping[str, Any]) -> str:
    """The hash under which the words of an act are signed."""
    told = canonical({"salt": salt, "reason": reason, "words": dict(words)})
    return hashlib.sha256(told.encode("utf-8")).hexdigest()


def acts_on(connection: Connection, object_: str) -> tuple[Act, ...]:
    """The acts on a hold or an exemption, in their order.

    Raises: SignatureWrong when one of them is not what was signed.
    """
    wanted = select(HOLD_ACTS).where(HOLD_ACTS.c.object == object_).order_by(HOLD_ACTS.c.number)
    return tuple(_checked(connection, row) for row in connection.execute(wanted).all())


def _checked(connection: Connection, row: Row[Any]) -> Act:
    check_signature(connection, row.person, row.said.encode("utf-8"), row.signature)
    return Act(row.number, row.object, row.act, row.person, row.at, row.reason)
