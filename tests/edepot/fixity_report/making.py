"""Runs with any outcome, written by hand into the database of a real depot."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert

from edepot.config import Config, RhythmSettings
from edepot.depot import open_depot
from edepot.founding import found_depot
from formats.findings import Finding, finding
from storage import ledger
from storage.catalogue import AIPS, COPIES
from storage.database import begin
from storage.fixity.lines import findings_text
from storage.fixity.nouns import Kind, RunState
from storage.fixity.tables import INCIDENTS, ITEMS, REMARKS, REPAIRS, RUNS, SHARES
from storage.held.tables import HELD_ITEMS, PARTIES
from storage.outcomes import Basis, Outcome
from tests.storage.making import aip_id

ASKED_AT = datetime(2026, 11, 25, 1, 0, 0, tzinfo=UTC)
ENDED_AT = datetime(2026, 11, 25, 3, 30, 0, 123456, tzinfo=UTC)
AS_OF = datetime(2026, 11, 25, 8, 0, 0, tzinfo=UTC)
RUN = "2026-11-25-1"
ZORGDRAGER = "ooststellingwerf"
STORES = ("kopie-1", "kopie-2")
SIZE = 200_000
BASIS = {
    Outcome.INTACT: Basis.READ,
    Outcome.ATTESTED: Basis.STATEMENT,
    Outcome.DIFFERS: Basis.READ,
}
CODES = {
    Outcome.DIFFERS: "S201",
    Outcome.MISSING: "S205",
    Outcome.UNREADABLE: "S206",
    Outcome.NOT_CHECKED: "S207",
}


@dataclass(frozen=True)
class Made:
    """So many copies in a row with the same result."""

    count: int
    outcome: Outcome
    store: str = "kopie-1"
    zorgdrager: str = ZORGDRAGER
    kind: Kind = Kind.PACKAGE
    basis: Basis | None = None
    code: str | None = None
    found: str = ""
    title: str = "Omgevingsvergunning Dorpsstraat"
    checked_at: datetime | None = ASKED_AT + timedelta(minutes=12)
    findings: tuple[Finding, ...] | None = None


def found(folder: Path) -> Config:
    """An empty depot."""
    return found_depot(folder / "depot").config


def with_rhythm(config: Config, days: int, store: str = "", zorgdrager: str = "") -> Config:
    """The same configuration with one more rule of the rhythm."""
    rules = (*config.fixity.rhythms, RhythmSettings(store, zorgdrager, days))
    return replace(config, fixity=replace(config.fixity, rhythms=rules))


def make_aips(
    connection: Connection,
    count: int,
    *,
    first: int = 1,
    zorgdrager: str = ZORGDRAGER,
    title: str = "Omgevingsvergunning Dorpsstraat",
    stores: Sequence[str] = STORES,
    ages: Mapping[str, timedelta] | timedelta = timedelta(days=3),
    spread: int = 0,
) -> None:
    """AIPs with a copy in each store; `spread`: their ages go up by a day, over so many days."""
    rows, copies = [], []
    for number in range(first, first + count):
        rows.append(_aip_row(number, zorgdrager, f"{title} {number}"))
        for store in stores:
            age = ages if isinstance(ages, timedelta) else ages[store]
            checked = AS_OF - age - timedelta(days=number % spread if spread else 0)
            copies.append(_copy_row(number, store, zorgdrager, checked))
    for start in range(0, len(rows), 5_000):
        connection.execute(insert(AIPS), rows[start : start + 5_000])
    for start in range(0, len(copies), 5_000):
        connection.execute(insert(COPIES), copies[start : start + 5_000])


def make_run(
    connection: Connection,
    made: Sequence[Made],
    *,
    run: str = RUN,
    state: RunState = RunState.ENDED,
    scope: str = "{}",
    schedule: str = "",
    asked_at: datetime = ASKED_AT,
    first_aip: int = 1,
    actor: str = "uid:1000",
) -> None:
    """A run with these results, in this order; its AIPs are those of `make_aips`, one after
    another."""
    rows = []
    for part in made:
        for _ in range(part.count):
            number = len(rows)
            rows.append(_item_row(run, number, part, first_aip + number))
    ended = asked_at + (ENDED_AT - ASKED_AT)
    connection.execute(
        insert(RUNS),
        {
            "id": run,
            "scope": scope,
            "state": state.value,
            "schedule": schedule,
            "asked_at": asked_at.isoformat(),
            "actor": actor,
            "origin": "cli@archief-01",
            "items": len(rows),
            "size_bytes": len(rows) * SIZE,
            "ended_at": ended.isoformat() if state is RunState.ENDED else "",
        },
    )
    for start in range(0, len(rows), 5_000):
        connection.execute(insert(ITEMS), rows[start : start + 5_000])


def leave_share(connection: Connection, run: str = RUN) -> None:
    """A share that nobody did: what is left of a run that was stopped."""
    row = {"run": run, "number": 0, "store": "kopie-1", "zorgdrager": ZORGDRAGER, "first": 0,
           "items": 1, "size_bytes": SIZE, "worker": "", "lease_until": "", "tries": 0,
           "done_at": ""}  # fmt: skip
    connection.execute(insert(SHARES), row)


def make_remark(
    connection: Connection, number: int, found_: Finding, store: str = "", run: str = RUN
) -> None:
    """A remark of a run."""
    row = {"run": run, "number": number, "zorgdrager": ZORGDRAGER, "store": store,
           "code": found_.code, "finding": findings_text((found_,))}  # fmt: skip
    connection.execute(insert(REMARKS), row)


def make_repair(connection: Connection, item: int, state: str, run: str = RUN) -> None:
    """A repair of an item."""
    done = (ENDED_AT + timedelta(hours=1)).isoformat()
    row = {"run": run, "item": item, "state": state, "source": "kopie-2", "aside": "",
           "actor": "uid:1000", "asked_at": done, "done_at": done, "finding": ""}  # fmt: skip
    connection.execute(insert(REPAIRS), row)


def make_incident(
    connection: Connection, number: int, *, closed_at: str = "", run: str = RUN
) -> None:
    """An incident: of this AIP no good copy is left."""
    row = {"id": f"lost-{number}", "zorgdrager": ZORGDRAGER, "kind": "lost",
           "aip_id": aip_id(number), "version": 1, "run": run,
           "opened_at": ENDED_AT.isoformat(), "closed_at": closed_at,
           "detail": json.dumps({"found": {}})}  # fmt: skip
    connection.execute(insert(INCIDENTS), row)


def make_entry(connection: Connection, number: int, action: str, result: str) -> None:
    """An entry of the ledger about an AIP."""
    event = ledger.Event(
        at=ENDED_AT,
        action=action,
        object=aip_id(number),
        result=result,
        actor="uid:1000",
        origin="cli@archief-01",
        facts={"store": "kopie-1", "run": RUN},
    )
    ledger.append(connection, ZORGDRAGER, event, b"0" * 16)


def make_party(connection: Connection, party: str, checked: Mapping[int, datetime | None]) -> None:
    """A party that hands in manifests, and its files with when each was checked."""
    began = AS_OF - timedelta(days=100)
    record = {
        "id": party,
        "zorgdrager": ZORGDRAGER,
        "name": "Regionale archiefdienst",
        "task": "archiefbewaring",
        "basis": "mandate",
        "agreement": "DVO 2024",
        "contact": "depot@archiefdienst.example",
        "way": "manifest",
        "rhythm_days": 14,
        "place": None,
        "key": "",
        "registered_at": began.isoformat(),
        "ended_at": "",
    }
    row = {"id": party, "version": 1, "zorgdrager": ZORGDRAGER,
           "record": ledger.canonical(record), "changed_at": began.isoformat()}  # fmt: skip
    connection.execute(insert(PARTIES), row)
    files = [
        {"party": party, "number": number, "path": f"dossiers/zaak {number}.pdf",
         "sha256": "a" * 64, "sha512": "", "size_bytes": SIZE, "added_at": began.isoformat(),
         "checked_at": at.isoformat() if at else "", "outcome": ""}
        for number, at in checked.items()
    ]  # fmt: skip
    connection.execute(insert(HELD_ITEMS), files)


def written(config: Config, *deeds: object) -> None:
    """Do each of these (functions of a connection) in one transaction on the depot's database."""
    with open_depot(config) as depot, begin(depot.engine) as connection:
        for each in deeds:
            assert callable(each)
            each(connection)


def _item_row(run: str, number: int, part: Made, aip: int) -> dict[str, object]:
    held = part.kind is Kind.HELD
    reached = part.checked_at is not None
    key = f"dossiers/zaak {number}.pdf" if held else _key(part.zorgdrager, aip)
    basis = part.basis or (BASIS.get(part.outcome, Basis.NONE) if reached else Basis.NONE)
    found_ = part.findings
    if found_ is None:
        code = CODES.get(part.outcome, "") if part.code is None and reached else part.code
        found_ = (finding(code, f"{part.store}, {key}", part.found, ""),) if code else ()
        if code == "S201":
            found_ = (finding(code, f"{part.store}, {key}", "e" * 64, "a" * 64),)
    return {
        "run": run,
        "number": number,
        "kind": part.kind.value,
        "zorgdrager": part.zorgdrager,
        "store": part.store,
        "key": key,
        "aip": number if held else aip,
        "aip_id": "" if held else aip_id(aip),
        "version": 0 if held else 1,
        "size_bytes": SIZE,
        "expected": "a" * 64,
        "outcome": part.outcome.value,
        "basis": basis.value,
        "found": "a" * 64 if basis is Basis.READ else "",
        "read_bytes": SIZE if basis is Basis.READ else 0,
        "checked_at": part.checked_at.isoformat() if part.checked_at else "",
        "findings": findings_text(found_),
    }


def _aip_row(number: int, zorgdrager: str, title: str) -> dict[str, object]:
    texts = {
        column.name: ""
        for column in AIPS.columns
        if column.name not in ("number", "version", "files", "payload_bytes", "size_bytes")
    }
    return texts | {
        "number": number,
        "aip_id": aip_id(number),
        "zorgdrager": zorgdrager,
        "version": 1,
        "identifier": f"Z/2024/{number}",
        "title": title,
        "files": 1,
        "payload_bytes": SIZE,
        "size_bytes": SIZE,
        "sha256": "a" * 64,
        "stored_at": (AS_OF - timedelta(days=200)).isoformat(),
    }


def _copy_row(number: int, store: str, zorgdrager: str, checked: datetime) -> dict[str, object]:
    return {
        "aip": number,
        "store": store,
        "key": _key(zorgdrager, number),
        "verified_at": (AS_OF - timedelta(days=200)).isoformat(),
        "zorgdrager": zorgdrager,
        "proof": Basis.READ.value,
        "checked_at": checked.isoformat(),
        "outcome": Outcome.INTACT.value,
    }


def _key(zorgdrager: str, number: int) -> str:
    return f"{zorgdrager}/00/00/{aip_id(number)}/v0001.zip"
