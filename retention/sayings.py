"""Sayings: facts that are to be asserted, their form checked, and written down as rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from retention.errors import Refused
from retention.fact_kinds import BY_PERSON, NEEDS_CHECK, OF_OBJECTS, FactKind, check_value
from retention.nouns import Desk
from retention.standing import NOT_NEEDED, Fact
from retention.tables import FACTS


@dataclass(frozen=True, slots=True)
class Saying:
    """A fact that is to be asserted, about a dossier or about an object (the other is "")."""

    kind: FactKind
    value: Any
    source: str
    dossier: str = ""
    object: str = ""
    reason: str = ""


def saying(about: str, kind: FactKind, value: Any, source: str, reason: str = "") -> Saying:
    """A fact to be asserted; a name with a colon is an object's."""
    dossier, object_ = ("", about) if ":" in about else (about, "")
    return Saying(kind, value, source, dossier, object_, reason)


def check_saying(saying: Saying) -> None:
    """See that a fact may be asserted at all.

    Raises: Refused (value, reason_missing).
    """
    check_value(saying.kind, saying.value)
    if bool(saying.dossier) == bool(saying.object):
        raise Refused(
            "value", "a fact is about a dossier or about an object", about=saying.kind.value
        )
    if saying.object and saying.kind not in OF_OBJECTS:
        raise Refused("value", about=saying.kind.value, found=saying.object)
    if saying.source == BY_PERSON and not saying.reason.strip():
        raise Refused("reason_missing")


def put_facts(  # noqa: PLR0913 - the ways in which they may wait
    connection: Connection,
    desk: Desk,
    sayings: Sequence[Saying],
    *,
    actor_id: str,
    checked_by: str = "",
    waits: bool = False,
) -> list[Fact]:
    """Write down facts and nothing more: links and computations are for the caller.

    `waits`: none of them counts before a second person has checked it.
    """
    at = desk.now().isoformat()
    rows: list[dict[str, Any]] = [
        {
            "dossier": each.dossier,
            "object": each.object,
            "kind": each.kind.value,
            "value": json.dumps(each.value, ensure_ascii=False, sort_keys=True),
            "source": each.source,
            "reason": each.reason,
            "asserted_at": at,
            "asserted_by": actor_id,
            "checked_by": checked_by or ("" if waits or _waits(each) else NOT_NEEDED),
            "checked_at": at if checked_by else "",
            "replaces": 0,
        }
        for each in sayings
    ]
    if not rows:
        return []
    added = insert(FACTS).returning(FACTS.c.number, sort_by_parameter_order=True)
    numbers = connection.execute(added, rows).scalars()
    return [
        Fact(number, each.dossier, each.object, each.kind, each.value, each.source, each.reason,
             at, actor_id, row["checked_by"], row["checked_at"], 0)
        for number, each, row in zip(numbers, sayings, rows, strict=True)
    ]  # fmt: skip


def said_plain(saying: Saying) -> dict[str, Any]:
    """A fact as JSON values: what a person signs."""
    return {
        "dossier": saying.dossier,
        "object": saying.object,
        "kind": saying.kind.value,
        "value": saying.value,
        "source": saying.source,
        "reason": saying.reason,
    }


def _waits(saying: Saying) -> bool:
    return saying.source == BY_PERSON and saying.kind in NEEDS_CHECK
