"""Destroying again what came back: an older database or store that was put back from a backup.

The ledger's line by which an AIP was destroyed is the authority, and only a line that is signed: it
names the list that people signed. What is done again is written down as a replay, and nothing else
is touched. While a hold covers the dossier nothing of it is touched.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, insert, select, update

from retention.disposal_nouns import Works
from retention.hold_keys import forget_marks
from retention.hold_sight import active_on
from retention.noting import note
from retention.nouns import DossierState, ListKind
from retention.tables import DOSSIERS, TOMBSTONES
from retention.tombstones import erase_values
from storage.aip import package_key
from storage.archive import DESTROYED
from storage.catalogue import AIPS, COPIES
from storage.database import begin, reading
from storage.denied import Denied
from storage.erasing import Erased, absence, erase
from storage.errors import StorageError
from storage.forgetting import erase_details_of, forget, numbers_of
from storage.inventory import Trace, traces_of_any
from storage.ledger import canonical, read_line
from storage.promised import is_destroyed

REPLAYED = "disposal.replayed"


@dataclass(frozen=True, slots=True)
class Returned:
    """A destroyed AIP, and what is there of it: in the catalogue, on stores, in places `beside`.

    `unmarked`: the database has no tombstone of it, or its ledger does not say that it went.
    `hold`: the hold that forbids to touch it.
    """

    denied: Denied
    known: bool = False
    traces: tuple[Trace, ...] = ()
    beside: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    unmarked: bool = False
    hold: str = ""

    @property
    def is_there(self) -> bool:
        """Whether anything of it was found."""
        return bool(self.known or self.traces or self.beside)

    @property
    def is_gone(self) -> bool:
        """Whether everything was asked, and nothing is there."""
        return not (self.is_there or self.silent or self.unmarked)

    @property
    def may_go(self) -> bool:
        """Whether it may be destroyed again."""
        return self.denied.proven and not self.hold


def look_for(
    works: Works, zorgdrager: str, denied: Mapping[str, Denied]
) -> tuple[tuple[Returned, ...], tuple[str, ...]]:
    """Those of these destroyed AIPs of which anything is there, or that the database lacks the
    tombstone of; and the stores that gave no answer.

    Every store is walked whole, once. Raises: DatabaseUnusable.
    """
    found: dict[str, list[Trace]] = {}
    silent: list[str] = []
    for name, store in sorted(works.stores.items()):
        try:
            for aip_id, trace in traces_of_any(store, zorgdrager, denied):
                found.setdefault(aip_id, []).append(trace)
        except StorageError as error:
            silent.append(f"{name}: {error.values.get('found') or error}")
    with reading(works.desk.engine) as connection:
        seen = [
            _seen(connection, works, zorgdrager, each, found.get(aip_id, ()))
            for aip_id, each in denied.items()
        ]
    return tuple(each for each in seen if not each.is_gone), tuple(silent)


def replay(works: Works, zorgdrager: str, returned: Returned) -> Returned:
    """Destroy it again: every trace by its exact version, the catalogue, and its tombstone put
    back. What is there still, by asking every place anew, is in the answer.

    Raises: DatabaseUnusable.
    """
    assert returned.may_go, "nothing is destroyed that no signature or that a hold covers"
    aip_id = returned.denied.aip_id
    with works.archive.holding(package_key(zorgdrager, aip_id, 1)):
        failed = list(_erase(works, zorgdrager, returned))
        with begin(works.desk.engine) as connection:
            _settle(connection, works, zorgdrager, returned, complete=not failed)
        return _look_again(works, zorgdrager, returned, failed)


def _seen(
    connection: Connection, works: Works, zorgdrager: str, denied: Denied, traces: Any
) -> Returned:
    aip_id = denied.aip_id
    shared = _shared(connection, aip_id) if traces else set()
    beside, silent = [], []
    for place in works.places:
        try:
            beside += [f"{place.name}: {each.name}" for each in place.remnants(zorgdrager, aip_id)]
        except (StorageError, OSError) as error:
            silent.append(f"{place.name}: {error}")
    tomb = select(TOMBSTONES.c.dossier).where(TOMBSTONES.c.dossier == aip_id)
    marked = connection.execute(tomb).first() is not None
    holds = active_on(connection, aip_id)
    return Returned(
        denied=denied,
        known=bool(numbers_of(connection, aip_id)),
        traces=tuple(each for each in traces if (each.store, each.key) not in shared),
        beside=tuple(beside),
        silent=tuple(silent),
        unmarked=not (marked and is_destroyed(connection, zorgdrager, aip_id)),
        hold=holds[0].id if holds else "",
    )


def _shared(connection: Connection, aip_id: str) -> set[tuple[str, str]]:
    """Stores and keys below this AIP's name that another one's copies bear."""
    part = f"/{aip_id}/"
    rows = connection.execute(
        select(COPIES.c.store, COPIES.c.key)
        .join(AIPS, AIPS.c.number == COPIES.c.aip)
        .where(AIPS.c.aip_id != aip_id, COPIES.c.key.contains(part, autoescape=True))
    )
    return {(each.store, each.key) for each in rows}


def _erase(works: Works, zorgdrager: str, returned: Returned) -> Iterator[str]:
    """Erase what was found; what could not be asked for or was refused, and why."""
    for place in works.places:
        try:
            place.erase(zorgdrager, returned.denied.aip_id)
        except (StorageError, OSError) as error:
            yield f"{place.name}: {error}"
    for name, store in sorted(works.stores.items()):
        mine = [each for each in returned.traces if each.store == name]
        for each in erase(store, mine):
            if each.outcome is not Erased.ACCEPTED:
                yield f"{name}, {each.trace.key}: {each.detail}"


def _settle(
    connection: Connection, works: Works, zorgdrager: str, returned: Returned, *, complete: bool
) -> None:
    """Catalogue, register and ledger as they were after the destruction."""
    denied = returned.denied
    aip_id = denied.aip_id
    _put_back_tombstone(connection, zorgdrager, denied)
    forget(connection, aip_id)
    erase_details_of(connection, zorgdrager, aip_id)
    erase_values(connection, aip_id)
    forget_marks(connection, aip_id)
    facts = _facts(denied)
    released = facts.get("kind") == ListKind.RELEASE.value
    state = DossierState.RELEASED if released else DossierState.DESTROYED
    connection.execute(
        update(DOSSIERS).where(DOSSIERS.c.dossier == aip_id).values(state=state.value)
    )
    if not is_destroyed(connection, zorgdrager, aip_id):
        result = "released" if released else "destroyed"
        _note(connection, works, zorgdrager, DESTROYED, denied, result, facts)
    traces = len(returned.traces)
    told = {"traces": traces, "known": returned.known, "beside": len(returned.beside)}
    result = "destroyed" if complete else "incomplete"
    _note(connection, works, zorgdrager, REPLAYED, denied, result, told)


def _note(  # noqa: PLR0913, PLR0917 - what, of which AIP, with which outcome
    connection: Connection,
    works: Works,
    zorgdrager: str,
    action: str,
    denied: Denied,
    result: str,
    facts: Mapping[str, Any],
) -> None:
    note(
        connection,
        works.desk,
        zorgdrager,
        action,
        denied.aip_id,
        result=result,
        actor="edepot",
        origin=works.worker,
        facts={**facts, "entry": denied.seq},
    )


def _look_again(works: Works, zorgdrager: str, returned: Returned, failed: list[str]) -> Returned:
    """Ask every place anew, by another way than the deletion."""
    left: list[Trace] = []
    silent: list[str] = []
    for name, store in sorted(works.stores.items()):
        keys = [each.key for each in returned.traces if each.store == name]
        said = absence(store, zorgdrager, returned.denied.aip_id, keys)
        left += said.left
        if not said.absent and not said.left:
            silent.append(f"{name}: {said.answer}")
    with reading(works.desk.engine) as connection:
        now = _seen(connection, works, zorgdrager, returned.denied, left)
    refused = failed if now.is_there else []
    return replace(now, silent=tuple(dict.fromkeys((*refused, *silent, *now.silent))))


def _facts(denied: Denied) -> dict[str, Any]:
    return dict(read_line("", denied.line).facts)


def _put_back_tombstone(connection: Connection, zorgdrager: str, denied: Denied) -> None:
    """A tombstone from what the ledger says, where the one that was written then is not here."""
    aip_id = denied.aip_id
    tomb = select(TOMBSTONES.c.dossier).where(TOMBSTONES.c.dossier == aip_id)
    if connection.execute(tomb).first() is not None:
        return
    named = connection.execute(select(AIPS.c.identifier).where(AIPS.c.aip_id == aip_id)).scalar()
    facts, at = _facts(denied), read_line(zorgdrager, denied.line).at.isoformat()
    list_id = str(facts.get("list", ""))
    said = {
        "form": "edepot-tombstone 1",
        "dossier": aip_id,
        "list": list_id,
        "destroyed_at": at,
        "manifest": facts.get("manifest", ""),
        "from": "ledger",
    }
    row = {
        "dossier": aip_id,
        "zorgdrager": zorgdrager,
        "identifier": named or aip_id,
        "list": list_id,
        "kind": str(facts.get("kind", ListKind.DESTROY.value)),
        "destroyed_at": at,
        "declaration": f"{list_id}-verklaring",
        "said": canonical(said),
    }
    connection.execute(insert(TOMBSTONES), row)
