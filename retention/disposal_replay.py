"""Destroying again what came back: an older database or store that was put back from a backup.

The ledger's line by which an AIP was destroyed is the authority; it names the signed list. What is
done again is written down as a replay, and nothing else is touched.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from retention.days import trusted_instant
from retention.disposal_nouns import Works
from retention.noting import note
from retention.nouns import DossierState, ListKind
from retention.tables import DOSSIERS, TOMBSTONES
from storage.database import begin, reading
from storage.denied import Denied
from storage.erasing import Erased, absence, erase
from storage.errors import StorageError
from storage.forgetting import erase_details_of, forget, numbers_of
from storage.inventory import Trace, traces
from storage.ledger import canonical, read_line


@dataclass(frozen=True, slots=True)
class Returned:
    """A destroyed AIP of which something is there again: in the catalogue, or on stores."""

    denied: Denied
    known: bool
    traces: tuple[Trace, ...]
    silent: tuple[str, ...] = ()

    @property
    def is_gone(self) -> bool:
        """Whether everything was asked, and nothing is there."""
        return not (self.known or self.traces or self.silent)


def look_for(works: Works, zorgdrager: str, denied: Denied) -> Returned:
    """Whether anything of a destroyed AIP is there: the catalogue, and every store anew."""
    with reading(works.desk.engine) as connection:
        known = bool(numbers_of(connection, denied.aip_id))
        tomb = connection.execute(
            select(TOMBSTONES.c.dossier).where(TOMBSTONES.c.dossier == denied.aip_id)
        ).first()
    found: list[Trace] = []
    silent: list[str] = []
    for name, store in sorted(works.stores.items()):
        try:
            found += traces(store, zorgdrager, denied.aip_id)
        except StorageError as error:
            silent.append(f"{name}: {error.values.get('found') or error}")
    return Returned(denied, known or tomb is None, tuple(found), tuple(silent))


def replay(works: Works, zorgdrager: str, returned: Returned) -> Returned:
    """Destroy it again: every trace by its exact version, the catalogue, and its tombstone.

    What is there still is in the answer.

    Raises: DatabaseUnusable.
    """
    denied, refused = returned.denied, []
    for name, store in sorted(works.stores.items()):
        mine = [each for each in returned.traces if each.store == name]
        refused += [each for each in erase(store, mine) if each.outcome is not Erased.ACCEPTED]
    at = _at(zorgdrager, denied)
    with begin(works.desk.engine) as connection:
        forget(connection, denied.aip_id)
        erase_details_of(connection, zorgdrager, denied.aip_id)
        tomb = select(TOMBSTONES.c.dossier).where(TOMBSTONES.c.dossier == denied.aip_id)
        if connection.execute(tomb).first() is None:
            connection.execute(insert(TOMBSTONES), _tombstone(zorgdrager, denied, at))
        connection.execute(
            update(DOSSIERS)
            .where(DOSSIERS.c.dossier == denied.aip_id)
            .values(state=DossierState.DESTROYED.value)
        )
        now = trusted_instant(connection, zorgdrager, works.desk.now())
        note(
            connection,
            works.desk,
            zorgdrager,
            "disposal.replayed",
            denied.aip_id,
            result="destroyed" if not refused else "incomplete",
            actor="edepot",
            origin=works.worker,
            facts={"entry": denied.seq, "traces": len(returned.traces), "at": now.isoformat()},
        )
    return look_for(works, zorgdrager, denied)


def still_there(works: Works, zorgdrager: str, aips: Sequence[str]) -> tuple[str, ...]:
    """Of these destroyed AIPs, those of which a store still has something, or gave no answer."""
    return tuple(
        aip_id
        for aip_id in aips
        if not all(absence(store, zorgdrager, aip_id, ()).absent for store in works.stores.values())
    )


def _at(zorgdrager: str, denied: Denied) -> datetime:
    return read_line(zorgdrager, denied.line).at


def _tombstone(zorgdrager: str, denied: Denied, at: datetime) -> dict[str, str]:
    """A tombstone from what the ledger says: the one that was written then is not here."""
    facts = json.loads(denied.line).get("facts", {})
    kind = str(facts.get("kind", ListKind.DESTROY.value))
    said = {
        "form": "edepot-tombstone 1",
        "dossier": denied.aip_id,
        "list": facts.get("list", ""),
        "destroyed_at": at.isoformat(),
        "manifest": facts.get("manifest", ""),
        "from": "ledger",
    }
    return {
        "dossier": denied.aip_id,
        "zorgdrager": zorgdrager,
        "identifier": denied.aip_id,
        "list": str(facts.get("list", "")),
        "kind": kind,
        "destroyed_at": at.isoformat(),
        "declaration": f"{facts.get('list', '')}-verklaring",
        "said": canonical(said),
    }
