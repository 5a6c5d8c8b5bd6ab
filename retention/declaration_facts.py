"""What a declaration says: gathered from the evidence and the signed list, and from nothing else.

Source: Archiefbesluit 1995, art. 8 (specification, ground, manner); draft Archiefregeling, art. 4.2
(description, systems, categories of the selection decision, manner).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from retention.closing_tables import ORDER_ITEMS, ORDERS
from retention.days import local_day
from retention.nouns import ItemState
from retention.tables import (
    ACTS,
    AUTHORISATIONS,
    COPY_ACTIONS,
    EVIDENCE,
    INVOLVEMENT,
    ITEMS,
    LISTS,
    MANDATES,
    PERSONS,
)
from storage.ledger import canonical
from storage.merkle import Tree, leaf_hash

FORM = "edepot-declaration 1"


@dataclass(frozen=True, slots=True)
class Place:
    """A system from which was destroyed, as the zorgdrager describes it.

    `kind`: "local", "s3", "party" or "index"; `encryption`: what is known of the medium, "" for
    nothing.
    """

    name: str
    kind: str
    where: str
    encryption: str = ""


@dataclass(frozen=True, slots=True)
class BackupSet:
    """A backup that may still hold what was destroyed, for so many days after it was made."""

    name: str
    covers: tuple[str, ...]
    keep_days: int


@dataclass(frozen=True, slots=True)
class Context:
    """What is known outside the register: names, places, backups, published selection lists."""

    zorgdrager_name: str
    places: Mapping[str, Place]
    backups: Sequence[BackupSet]
    published: Mapping[str, str]
    software: str


def declared_facts(connection: Connection, list_id: str, context: Context) -> dict[str, Any]:
    """All that is declared of a list, as plain values; the same rows give the same values."""
    row = connection.execute(select(LISTS).where(LISTS.c.id == list_id)).one()
    items = connection.execute(
        select(ITEMS).where(ITEMS.c.list == list_id).order_by(ITEMS.c.position)
    ).all()
    gone = [each for each in items if each.state == ItemState.DESTROYED]
    ended = max((each.destroyed_at for each in gone), default="")
    return {
        "form": FORM,
        "zorgdrager": {"id": row.zorgdrager, "name": context.zorgdrager_name},
        "list": {
            "id": row.id,
            "name": row.name,
            "kind": row.kind,
            "revision": row.revision,
            "root": row.root,
            "policy": row.policy,
        },
        "law": {
            "name": "Archiefwet 1995",
            "article": "Archiefbesluit 1995, art. 8",
        },
        "ground": _ground(gone, context),
        "people": _people(connection, list_id),
        "authorisation": _authorisation(connection, list_id),
        "period": {"begun_at": _begun(gone), "ended_at": ended},
        "software": context.software,
        "counts": _counts(items, gone),
        "manner": _manner(connection, list_id, context),
        "verification": _verification(connection, list_id),
        "external": _external(connection, list_id),
        "residual": residual(context.backups, ended),
        "evidence": evidence_root(connection, list_id),
    }


def residual(backups: Sequence[BackupSet], ended: str) -> list[dict[str, Any]]:
    """Each backup that may still hold something, with the last day on which it does."""
    if not ended:
        return []
    last = local_day(datetime.fromisoformat(ended))
    return [
        {
            "backup": each.name,
            "covers": list(each.covers),
            "until": (last + timedelta(days=each.keep_days)).isoformat(),
        }
        for each in backups
    ]


def residual_until(residuals: Sequence[Mapping[str, Any]]) -> date | None:
    """The day on which the last of them is gone; None when there is none."""
    return max((date.fromisoformat(each["until"]) for each in residuals), default=None)


def evidence_root(connection: Connection, list_id: str) -> dict[str, Any]:
    """How many rows of evidence there are, and the Merkle root (RFC 6962) over their lines."""
    tree = Tree()
    for each in evidence_lines(connection, list_id):
        tree.append(leaf_hash(each.encode("utf-8")))
    return {"rows": tree.size, "root": tree.root().hex()}


def evidence_lines(connection: Connection, list_id: str) -> list[str]:
    """The rows of evidence as canonical JSON, in the order in which they came."""
    names = [each for each in EVIDENCE.c if each.name != "list"]
    rows = connection.execute(
        select(*names).where(EVIDENCE.c.list == list_id).order_by(EVIDENCE.c.number)
    )
    return [canonical(dict(each._mapping)) for each in rows]


def names_of(connection: Connection) -> dict[str, str]:
    """The names of people by their id, as far as they are still there: for the full version."""
    return dict(connection.execute(select(PERSONS.c.id, PERSONS.c.name)).all())


def digest_of(said: Mapping[str, Any]) -> str:
    """The hex SHA-256 of what is declared: this is what is signed."""
    return hashlib.sha256(canonical(said).encode("utf-8")).hexdigest()


def _ground(gone: Sequence[Row[Any]], context: Context) -> dict[str, Any]:
    rules: Counter[tuple[str, str, str]] = Counter()
    for each in gone:
        said = json.loads(each.snapshot)
        rules[said["list_year"], said["category"], said["term"]] += 1
    years = sorted({year for year, _, _ in rules})
    return {
        "lists": [{"year": each, "published": context.published.get(each, "")} for each in years],
        "rules": [
            {"list": year, "number": number, "term": term, "dossiers": count}
            for (year, number, term), count in sorted(rules.items())
        ],
    }


def _people(connection: Connection, list_id: str) -> list[dict[str, Any]]:
    """Each thing that was done with the list, in order: by whom (an id, no name), as what."""
    duties = dict(
        connection.execute(
            select(INVOLVEMENT.c.person, INVOLVEMENT.c.duty).where(INVOLVEMENT.c.list == list_id)
        ).all()
    )
    acts = connection.execute(
        select(ACTS).where(ACTS.c.list == list_id).order_by(ACTS.c.number)
    ).all()
    return [
        {
            "person": each.person,
            "duty": each.duty or duties.get(each.person, ""),
            "act": each.act,
            "at": each.at,
            "revision": each.revision,
        }
        for each in acts
    ]


def _authorisation(connection: Connection, list_id: str) -> dict[str, Any]:
    """The signature under which was destroyed: the last that was not withdrawn."""
    row = connection.execute(
        select(AUTHORISATIONS, MANDATES.c.decision, MANDATES.c.role)
        .outerjoin(MANDATES, MANDATES.c.number == AUTHORISATIONS.c.mandate)
        .where(AUTHORISATIONS.c.list == list_id, AUTHORISATIONS.c.withdrawn_at == "")
        .order_by(AUTHORISATIONS.c.number.desc())
        .limit(1)
    ).first()
    if row is None:
        return {}
    return {
        "person": row.person,
        "root": row.root,
        "revision": row.revision,
        "signed_at": row.signed_at,
        "valid_until": row.valid_until,
        "mandate": row.decision or "",
        "role": row.role or "",
    }


def _begun(gone: Sequence[Row[Any]]) -> str:
    return min((each.begun_at for each in gone if each.begun_at), default="")


def _counts(items: Sequence[Row[Any]], gone: Sequence[Row[Any]]) -> dict[str, Any]:
    """Counts that add up: items = destroyed + left + halted + for an operator."""
    states = Counter(each.state for each in items)
    left = Counter(each.left_reason for each in items if each.state == ItemState.LEFT)
    snapshots = [json.loads(each.snapshot) for each in gone]
    return {
        "items": len(items),
        "destroyed": states[ItemState.DESTROYED],
        "left": dict(sorted(left.items())),
        "halted": states[ItemState.HALTED],
        "needs_operator": states[ItemState.NEEDS_OPERATOR],
        "files": sum(each["files"] for each in snapshots),
        "size_bytes": sum(each["size_bytes"] for each in snapshots),
    }


def _manner(connection: Connection, list_id: str, context: Context) -> list[dict[str, Any]]:
    """Per place: what was there, what is gone, in numbers; and what is known of the medium."""
    counted = connection.execute(
        select(
            COPY_ACTIONS.c.store,
            COPY_ACTIONS.c.state,
            func.count(),
            func.sum(COPY_ACTIONS.c.size_bytes),
        )
        .where(COPY_ACTIONS.c.list == list_id)
        .group_by(COPY_ACTIONS.c.store, COPY_ACTIONS.c.state)
        .order_by(COPY_ACTIONS.c.store, COPY_ACTIONS.c.state)
    ).all()
    found: dict[str, dict[str, Any]] = {}
    for store, state, count, size in counted:
        place = context.places.get(store, Place(store, "index", ""))
        told = found.setdefault(
            store,
            {
                "place": store,
                "kind": place.kind,
                "where": place.where,
                "encryption": place.encryption,
                "versions": {},
                "size_bytes": 0,
            },
        )
        told["versions"][state] = count
        told["size_bytes"] += int(size or 0)
    return list(found.values())


def _verification(connection: Connection, list_id: str) -> list[dict[str, Any]]:
    """Each sweep: when, how often asked, and how often something was still there."""
    rows = connection.execute(
        select(
            EVIDENCE.c.sweep,
            func.min(EVIDENCE.c.at).label("first"),
            func.max(EVIDENCE.c.at).label("last"),
            func.count().label("asked"),
            func.sum(EVIDENCE.c.absent).label("absent"),
        )
        .where(EVIDENCE.c.list == list_id)
        .group_by(EVIDENCE.c.sweep)
        .order_by(EVIDENCE.c.sweep)
    )
    return [
        {
            "sweep": each.sweep,
            "first": each.first,
            "last": each.last,
            "asked": each.asked,
            "absent": int(each.absent or 0),
        }
        for each in rows
    ]


def _external(connection: Connection, list_id: str) -> list[dict[str, Any]]:
    """Each order to a party, and what the party declared."""
    orders = connection.execute(
        select(ORDERS).where(ORDERS.c.list == list_id).order_by(ORDERS.c.id)
    ).all()
    return [
        {
            "order": each.id,
            "party": each.party,
            "state": each.state,
            "issued_at": each.issued_at,
            "attested_at": each.attested_at,
            "answers": _answers(connection, each.id),
        }
        for each in orders
    ]


def _answers(connection: Connection, order: str) -> dict[str, int]:
    counted = connection.execute(
        select(ORDER_ITEMS.c.answer, func.count())
        .where(ORDER_ITEMS.c.order_id == order)
        .group_by(ORDER_ITEMS.c.answer)
        .order_by(ORDER_ITEMS.c.answer)
    )
    return {answer or "open": count for answer, count in counted}
