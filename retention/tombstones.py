"""Tombstones: what remains of a dossier that was destroyed or released, without personal data.

Source: MDTO (waardering, bewaartermijn, event); draft Archiefregeling, residual metadata.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from retention.errors import DossierUnknown
from retention.nouns import Desk, ListKind
from retention.tables import COMPUTATIONS, DOSSIERS, FACTS, ITEMS, LISTS, TOMBSTONES
from storage.ledger import canonical

FORM = "edepot-tombstone 1"
DESTROYED = "vernietigd"
RELEASED = "overgebracht, bronexemplaar opgeruimd"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is said of a dossier that is gone; `said` is all of it."""

    dossier: str
    zorgdrager: str
    identifier: str
    list: str
    kind: ListKind
    destroyed_at: str
    declaration: str
    said: Mapping[str, Any]


def bury(  # noqa: PLR0913, PLR0917 - which dossier of which list, when, under which key
    connection: Connection, desk: Desk, list_id: str, dossier: str, at: datetime, key: bytes = b""
) -> Tombstone:
    """Write a dossier's tombstone, and erase what the register knew of it that may be personal.

    `key`: of the HMAC over the manifest, which is kept apart: the digest of a form that has few
    unknowns could be guessed.
    """
    item = connection.execute(
        select(ITEMS, LISTS.c.kind, LISTS.c.zorgdrager)
        .join(LISTS, LISTS.c.id == ITEMS.c.list)
        .where(ITEMS.c.list == list_id, ITEMS.c.dossier == dossier)
    ).one()
    kind = ListKind(item.kind)
    said = _said(json.loads(item.snapshot), list_id, kind, at) | {
        "manifest": _mac(key, item.manifest_sha256),
        "software": desk.software,
    }
    connection.execute(
        insert(TOMBSTONES),
        {
            "dossier": dossier,
            "zorgdrager": item.zorgdrager,
            "identifier": said["identifier"],
            "list": list_id,
            "kind": kind.value,
            "destroyed_at": at.isoformat(),
            "declaration": f"{list_id}-verklaring",
            "said": canonical(said),
        },
    )
    erase_values(connection, dossier)
    return read_tombstone(connection, dossier)


def read_tombstone(connection: Connection, named: str) -> Tombstone:
    """The tombstone of a dossier, by its id or its own identifier.

    Raises: DossierUnknown.
    """
    found = find_tombstones(connection, named)
    if not found:
        raise DossierUnknown(dossier=named)
    return found[0]


def find_tombstones(connection: Connection, named: str) -> tuple[Tombstone, ...]:
    """The tombstones with this id or identifier; zorgdragers may share an identifier."""
    rows = connection.execute(
        select(TOMBSTONES)
        .where((TOMBSTONES.c.dossier == named) | (TOMBSTONES.c.identifier == named))
        .order_by(TOMBSTONES.c.zorgdrager, TOMBSTONES.c.dossier)
    )
    return tuple(
        Tombstone(
            each.dossier,
            each.zorgdrager,
            each.identifier,
            each.list,
            ListKind(each.kind),
            each.destroyed_at,
            each.declaration,
            json.loads(each.said),
        )
        for each in rows
    )


def _said(
    snapshot: Mapping[str, Any], list_id: str, kind: ListKind, at: datetime
) -> dict[str, Any]:
    """The fields that remain: what it was in general, when it ended, why it could go."""
    kept = (
        "dossier", "zorgdrager", "holder", "identifier", "zaaktype", "result", "list_year",
        "category", "rule", "term", "brondatum", "end_date", "parent", "parts", "files",
        "size_bytes",
    )  # fmt: skip
    outcome = DESTROYED if kind is ListKind.DESTROY else RELEASED
    year = snapshot["ended_on"][:4]
    return {
        "form": FORM,
        **{name: snapshot[name] for name in kept},
        "started": snapshot["started_on"][:4],
        "ended": year,
        "list": list_id,
        "outcome": outcome,
        "destroyed_at": at.isoformat(),
        "mdto": {
            "identificatie": {
                "identificatieKenmerk": snapshot["identifier"],
                "identificatieBron": snapshot["source"] or "e-depot",
            },
            "naam": f"{snapshot['zaaktype'] or 'Dossier'} {year}".strip(),
            "waardering": "V" if kind is ListKind.DESTROY else "B",
            "bewaartermijn": {
                "termijnStartdatumLooptijd": snapshot["brondatum"],
                "termijnLooptijd": snapshot["term"],
                "termijnEinddatum": snapshot["end_date"],
            },
            "event": {
                "eventType": "Vernietiging" if kind is ListKind.DESTROY else "Overbrenging",
                "eventTijd": at.isoformat(),
                "eventVerantwoordelijkeActor": snapshot["zorgdrager"],
                "eventResultaat": outcome,
            },
        },
        "premis": {
            "eventType": "deletion",
            "eventDateTime": at.isoformat(),
            "eventOutcome": "success",
        },
    }


def _mac(key: bytes, manifest: str) -> str:
    return hmac.new(key, manifest.encode("ascii"), hashlib.sha256).hexdigest() if key else ""


def erase_values(connection: Connection, dossier: str) -> None:
    """Take out of the register what may be personal: values and reasons of facts (birth dates,
    remarks), and the inputs and sentences of computations. Their digests and dates stay."""
    connection.execute(
        update(FACTS).where(FACTS.c.dossier == dossier).values(value="null", reason="", source="")
    )
    connection.execute(
        update(COMPUTATIONS)
        .where(COMPUTATIONS.c.dossier == dossier)
        .values(inputs="{}", reasons="[]")
    )
    connection.execute(update(DOSSIERS).where(DOSSIERS.c.dossier == dossier).values(cause=""))
