"""What of a dossier stands on a list and is signed: canonical JSON without personal data.

The title stands beside it. Its salted hash is in the snapshot, so that it is bound, and both title
and salt can be dropped without a change of what was signed.

Source: domain rules, fields of the destruction list.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from retention.appraisal import ENGINE
from retention.elsewhere import NOWHERE, Documents, Elsewhere
from retention.fact_kinds import FactKind
from retention.guard_sight import Sight, Sights
from retention.nouns import Desk
from retention.tables import HOLD_MEMBERS, HOLDS
from storage.catalogue import AIPS, COPIES
from storage.ledger import canonical

FORM = 1
"""The form of a snapshot; another number for other fields."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is signed of one dossier, and the title beside it; `salt` in hex."""

    dossier: str
    computation: int
    text: str
    title: str
    salt: str

    @property
    def sha256(self) -> str:
        """What binds it."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()


@dataclass(frozen=True, slots=True)
class _Beside:
    """What other tables say of some dossiers."""

    described: Mapping[str, Any]
    stores: Mapping[str, Sequence[str]]
    past_holds: Mapping[str, int]
    elsewhere: Mapping[str, Elsewhere]


def take(
    connection: Connection,
    desk: Desk,
    dossiers: Sequence[str],
    sights: Sights,
    documents: Documents,
) -> list[Snapshot]:
    """Snapshots of dossiers that were looked at, in the order in which they are given."""
    beside = _Beside(
        described=_described(connection, dossiers),
        stores=_stores(connection, dossiers),
        past_holds=_past_holds(connection, dossiers),
        elsewhere=documents.find(connection, dossiers),
    )
    return [_snapshot(sights.of[each], sights, beside, desk.salt()) for each in dossiers]


def title_hash(salt: bytes, title: str) -> str:
    """What stands in a snapshot for the title."""
    return hashlib.sha256(salt + title.encode("utf-8")).hexdigest()


def title_fits(snapshot: str, title: str, salt: str) -> bool:
    """Whether a title is the one that a snapshot was made with."""
    said = json.loads(snapshot)
    return bool(said["title_sha256"] == title_hash(bytes.fromhex(salt), title))


def _snapshot(sight: Sight, sights: Sights, beside: _Beside, salt: bytes) -> Snapshot:
    dossier, number = sight.row.dossier, sight.row.computation
    described = beside.described.get(dossier)
    title = described.title if described else ""
    said = {
        "form": FORM,
        "dossier": dossier,
        "source": described.identifier_source if described else "",
        "stores": list(beside.stores.get(dossier, ())),
        "past_holds": beside.past_holds.get(dossier, 0),
        "parent": sight.parent,
        "parent_identifier": _identifier(sight.parent, sights),
        "parts": sorted(sights.children.get(dossier, ())),
        "title_sha256": title_hash(salt, title),
    }
    said |= _of_register(sight) | _of_computation(sight) | _of_documents(beside, dossier)
    return Snapshot(dossier, number, canonical(said), title, salt.hex())


def _identifier(dossier: str, sights: Sights) -> str:
    """What a dossier is called where it came from; of one that is not here what it was called."""
    return sights.of[dossier].row.identifier if dossier in sights.of else dossier


def _of_register(sight: Sight) -> dict[str, Any]:
    row, described = sight.row, sight.judged.described
    return {
        "zorgdrager": row.zorgdrager,
        "holder": row.holder,
        "identifier": row.identifier,
        "zaaktype": described.zaaktype,
        "result": described.result,
        "started_on": described.started_on,
        "ended_on": described.ended_on,
        "list_year": described.list_year,
        "category": described.category,
        "files": row.files,
        "size_bytes": row.size_bytes,
    }


def _of_computation(sight: Sight) -> dict[str, Any]:
    rule, facts, verdict = sight.case.rule, sight.case.facts, sight.verdict
    material = sight.judged.material
    confirmed = material.of(FactKind.MINIMUM_CONFIRMED)
    return {
        "computation": sight.row.computation,
        "engine": ENGINE,
        "policy": sight.judged.policy,
        "inputs_sha256": sight.judged.inputs_sha256,
        "rule": rule.name,
        "valuation": rule.valuation,
        "term": rule.term or "",
        "process_term": rule.process_term or "",
        "trigger": rule.trigger or "",
        "objects": sorted(str(each.value) for each in material.of(FactKind.OBJECT)),
        "decision": verdict.decision.value,
        "brondatum": _day(verdict.brondatum),
        "end_date": _day(verdict.end_date),
        "eligible_from": _day(verdict.eligible_from),
        "extended_until": facts.extended_until or "",
        "minimum": rule.minimum,
        "minimum_confirmed_by": [
            person for each in confirmed for person in (each.asserted_by, each.checked_by)
        ],
    }


def _of_documents(beside: _Beside, dossier: str) -> dict[str, int]:
    """Every document goes with the dossier: its bytes are the dossier's own."""
    found = beside.elsewhere.get(dossier, NOWHERE)
    return {
        "documents": found.documents,
        "documents_go": found.documents,
        "documents_elsewhere": found.shared,
        "documents_elsewhere_stay": found.stay,
        "dossiers_elsewhere": found.dossiers,
    }


def _past_holds(connection: Connection, dossiers: Sequence[str]) -> dict[str, int]:
    wanted = (
        select(HOLD_MEMBERS.c.dossier, func.count().label("holds"))
        .join(HOLDS, HOLDS.c.id == HOLD_MEMBERS.c.hold)
        .where(HOLD_MEMBERS.c.dossier.in_(dossiers), HOLDS.c.released_at != "")
        .group_by(HOLD_MEMBERS.c.dossier)
    )
    return {each.dossier: each.holds for each in connection.execute(wanted)}


def _described(connection: Connection, dossiers: Sequence[str]) -> dict[str, Any]:
    """The newest description of each dossier that stands in our own stores."""
    wanted = (
        select(AIPS.c.aip_id, AIPS.c.title, AIPS.c.identifier_source)
        .where(AIPS.c.aip_id.in_(dossiers))
        .order_by(AIPS.c.version)
    )
    return {each.aip_id: each for each in connection.execute(wanted)}


def _stores(connection: Connection, dossiers: Sequence[str]) -> dict[str, list[str]]:
    wanted = (
        select(AIPS.c.aip_id, COPIES.c.store)
        .join(COPIES, COPIES.c.aip == AIPS.c.number)
        .where(AIPS.c.aip_id.in_(dossiers))
        .distinct()
        .order_by(AIPS.c.aip_id, COPIES.c.store)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for each in connection.execute(wanted):
        found[each.aip_id].append(each.store)
    return found


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""
