"""What happened to an AIP since it was stored, as PREMIS 3: a document to go beside its package.

The package cannot say it: it was closed before. Told are the ledger's entries on the AIP, what the
sealed runs found of its copies, and the last check of each. Source: PREMIS Data Dictionary 3.0.
"""

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from formats.premis.model import (
    Agent,
    Characteristics,
    Event,
    Fixity,
    Format,
    FormatRegistry,
    Identifier,
    Linked,
    Outcome,
    Premis,
    PremisObject,
    Relationship,
    Storage,
)
from formats.premis.vocabulary import (
    AgentRole,
    AgentType,
    Category,
    EventOutcome,
    EventType,
    RelationshipSubType,
    RelationshipType,
)
from formats.premis.write import premis_xml
from storage import ledger
from storage.aip import Copy, StoredAip
from storage.fixity.nouns import RunState
from storage.fixity.tables import ITEMS, RUNS
from storage.ledger import LedgerEntry
from storage.outcomes import WRONG
from storage.outcomes import Outcome as CopyOutcome

TYPE_OF_ACTION: Mapping[str, EventType] = {
    "aip.ingest": EventType.INGESTION,
    "aip.adopt": EventType.INGESTION,
    "fixity.check": EventType.FIXITY_CHECK,
    "copy.repair": EventType.RECOVERY,
    "copy.add": EventType.REPLICATION,
    "copy.remove": EventType.DELETION,
    "incident.lost": EventType.FIXITY_CHECK,
}
"""The term for each action of the ledger; for a lost package there is none, so the check that
found it bears it."""

OUTCOME_OF_RESULT: Mapping[str, EventOutcome] = {
    **{each.value: EventOutcome.FAIL for each in WRONG},
    CopyOutcome.ATTESTED.value: EventOutcome.WARNING,
    CopyOutcome.NOT_CHECKED.value: EventOutcome.WARNING,
    "intended": EventOutcome.WARNING,
    "opened": EventOutcome.FAIL,
}
"""Every other result is a success."""

EDEPOT = "edepot"
_TOLD = ("run", "store", "from", "version", "basis", "expected", "found", "sha256", "incident")


def events_since(connection: Connection, aip: StoredAip, software: str) -> bytes:
    """The document of one AIP version. `software`: the name and version of this program."""
    copies = {each.store: _copy_object(aip, each) for each in aip.copies}
    entries = list(_entries(connection, aip))
    events = [
        *(_of_entry(each, aip, copies) for each in entries),
        *_of_checks(connection, aip, copies),
    ]
    actors = sorted({each.actor for each in entries})
    name, _, version = software.partition(" ")
    agents = [
        Agent((Identifier("software", EDEPOT),), (name,), AgentType.SOFTWARE, version),
        *(Agent((Identifier("actor", each),), (each,)) for each in actors),
    ]
    document = Premis(
        objects=(_entity(aip), *copies.values()),
        events=tuple(sorted(events, key=lambda each: (each.at, each.identifier.value))),
        agents=tuple(agents),
    )
    return premis_xml(document)


def _entity(aip: StoredAip) -> PremisObject:
    about = aip.description
    own = Identifier(about.identifier_source or "identifier", about.identifier)
    return PremisObject(Category.INTELLECTUAL_ENTITY, (_whole(aip), own))


def _whole(aip: StoredAip) -> Identifier:
    return Identifier("UUID", aip.description.aip_id)


def _copy_object(aip: StoredAip, copy: Copy) -> PremisObject:
    """A copy of the package: a file, of which every copy has the same bytes."""
    return PremisObject(
        category=Category.FILE,
        identifiers=(Identifier("copy", f"{copy.store}/{copy.key}"),),
        characteristics=(
            Characteristics(
                formats=(Format("ZIP Format", registry=FormatRegistry("PRONOM", "x-fmt/263")),),
                fixity=(Fixity("SHA-256", aip.package.sha256, EDEPOT),),
                size_bytes=aip.package.size_bytes,
            ),
        ),
        storage=(Storage(Identifier("key", copy.key), copy.store),),
        relationships=(
            Relationship(
                RelationshipType.STRUCTURAL, RelationshipSubType.REPRESENTS, (_whole(aip),)
            ),
        ),
    )


def _entries(connection: Connection, aip: StoredAip) -> Iterator[LedgerEntry]:
    """The ledger's entries on this version of the AIP that are events of preservation."""
    about = aip.description
    for each in ledger.entries(connection, about.zorgdrager, object_id=about.aip_id):
        own = each.facts.get("version", about.version) == about.version
        if own and each.action in TYPE_OF_ACTION:
            yield each


def _of_entry(entry: LedgerEntry, aip: StoredAip, copies: Mapping[str, PremisObject]) -> Event:
    facts = {name: entry.facts[name] for name in _TOLD if name in entry.facts}
    return Event(
        identifier=_made(aip, f"ledger-{entry.seq}"),
        type=TYPE_OF_ACTION[entry.action],
        at=ledger.utc_text(entry.at),
        details=(_spelled({"action": entry.action, **facts}),),
        outcomes=(_outcome(entry.result, f"ledger entry {entry.seq}"),),
        agents=(_program(), Linked(Identifier("actor", entry.actor), (AgentRole.IMPLEMENTER,))),
        objects=_concerned(aip, copies, str(entry.facts.get("store", ""))),
    )


def _of_checks(
    connection: Connection, aip: StoredAip, copies: Mapping[str, PremisObject]
) -> Iterator[Event]:
    """What sealed runs found that is not wrong, and the last check where no run made it."""
    about, seen = aip.description, set()
    rows = connection.execute(
        select(ITEMS)
        .join(RUNS, RUNS.c.id == ITEMS.c.run)
        .where(
            ITEMS.c.aip_id == about.aip_id,
            ITEMS.c.version == about.version,
            ITEMS.c.zorgdrager == about.zorgdrager,
            ITEMS.c.outcome != CopyOutcome.NOT_CHECKED.value,
            RUNS.c.state == RunState.ENDED.value,
        )
        .order_by(ITEMS.c.run, ITEMS.c.number)
    )
    for row in rows:
        at = datetime.fromisoformat(row.checked_at)
        seen.add((row.store, at))
        if CopyOutcome(row.outcome) not in WRONG:
            facts = {"run": row.run, "store": row.store, "basis": row.basis, "found": row.found}
            made = _made(aip, f"check-{row.run}-{row.number}")
            yield _check(made, at, _spelled(facts), row.outcome, _concerned(aip, copies, row.store))
    for copy in aip.copies:
        at = copy.checked_at or copy.verified_at
        if (copy.store, at) not in seen and at != aip.stored_at:
            facts = {"store": copy.store, "basis": copy.proof.value}
            made = _made(aip, f"last-{copy.store}-{at.isoformat()}")
            objects = _concerned(aip, copies, copy.store)
            yield _check(made, at, _spelled(facts), copy.outcome.value, objects)


def _check(
    identifier: Identifier, at: datetime, detail: str, result: str, objects: tuple[Linked, ...]
) -> Event:
    return Event(
        identifier=identifier,
        type=EventType.FIXITY_CHECK,
        at=ledger.utc_text(at),
        details=(detail,),
        outcomes=(_outcome(result),),
        agents=(_program(),),
        objects=objects,
    )


def _outcome(result: str, *notes: str) -> Outcome:
    return Outcome(OUTCOME_OF_RESULT.get(result, EventOutcome.SUCCESS), (result, *notes))


def _program() -> Linked:
    return Linked(Identifier("software", EDEPOT), (AgentRole.EXECUTING_PROGRAM,))


def _concerned(
    aip: StoredAip, copies: Mapping[str, PremisObject], store: str
) -> tuple[Linked, ...]:
    """The AIP, and the copy where it is still there."""
    there = copies[store].identifiers if store in copies else ()
    return (Linked(_whole(aip)), *(Linked(each) for each in there))


def _made(aip: StoredAip, name: str) -> Identifier:
    """An identifier that follows from the AIP's own: the same event has the same one for ever."""
    return Identifier("UUID", str(uuid.uuid5(uuid.UUID(aip.description.aip_id), name)))


def _spelled(facts: Mapping[str, Any]) -> str:
    said = (f"{name}: {_plain(value)}" for name, value in facts.items() if value not in ("", None))
    return "; ".join(said)


def _plain(value: Any) -> str:
    return ledger.canonical(value) if isinstance(value, Mapping) else str(value)
