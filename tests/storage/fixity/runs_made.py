"""Runs as rows, made without reading a store: what sealing and proving start from."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert

from storage import ledger
from storage.database import begin
from storage.fixity.nouns import Asked, Kind, RunState
from storage.fixity.tables import ITEMS, REMARKS, RUNS, SHARES
from storage.outcomes import Basis, Outcome

RUN = "2026-11-25-1"
BEGUN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
SEALED = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
ASKED = Asked(SEALED, "uid:0", "test")
MINE, OTHERS = "ooststellingwerf", "opsterland"

EVERY = (
    Outcome.INTACT,
    Outcome.DIFFERS,
    Outcome.MISSING,
    Outcome.UNREADABLE,
    Outcome.NOT_CHECKED,
    Outcome.INTACT,
    Outcome.INTACT,
)


def salt() -> bytes:
    """As good as chance for a test."""
    return b"0123456789abcdef"


def digest(number: int) -> str:
    """The SHA-256 that item of this number should have."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def item(number: int, outcome: Outcome = Outcome.INTACT, **other: Any) -> dict[str, Any]:
    """One row of ITEMS with this result."""
    read = outcome in (Outcome.INTACT, Outcome.DIFFERS)
    found = {Outcome.INTACT: digest(number), Outcome.DIFFERS: digest(-1)}.get(outcome, "")
    checked = outcome is not Outcome.NOT_CHECKED
    row = {
        "run": RUN,
        "number": number,
        "kind": Kind.PACKAGE.value,
        "zorgdrager": MINE,
        "store": f"kopie-{number % 2 + 1}",
        "key": f"{MINE}/ab/cd/aip-{number}/v0001.zip",
        "aip": number,
        "aip_id": f"{number:08x}-0000-4000-8000-{number:012x}",
        "version": 1,
        "size_bytes": 1000 + number,
        "expected": digest(number),
        "outcome": outcome.value,
        "basis": (Basis.READ if read else Basis.NONE).value,
        "found": found,
        "read_bytes": 1000 + number if read else 0,
        "checked_at": (BEGUN + timedelta(seconds=number)).isoformat() if checked else "",
        "findings": "",
    }
    return row | other


def held_item(number: int, outcome: Outcome, **other: Any) -> dict[str, Any]:
    """A file that a party holds, whose name says more than the ledger may."""
    return item(
        number,
        outcome,
        kind=Kind.HELD.value,
        store="omgevingsdienst",
        key="dossiers/vergunning mevrouw Jansen.pdf",
        aip_id="",
        version=0,
        **other,
    )


def write_run(
    engine: Engine,
    items: Sequence[dict[str, Any]],
    *,
    state: RunState = RunState.RUNNING,
    scope: str = "{}",
    done: bool = True,
    remarks: Sequence[tuple[str, str]] = (),
) -> None:
    """A run with these items in one share; `remarks` are (zorgdrager, code)."""
    size = sum(each["size_bytes"] for each in items)
    share = {"run": RUN, "number": 1, "store": "kopie-1", "zorgdrager": MINE, "first": 1}
    lease = {"worker": "", "lease_until": "", "tries": 1, "done_at": "x" if done else ""}
    with begin(engine) as connection:
        connection.execute(
            insert(RUNS),
            {
                "id": RUN,
                "scope": scope,
                "state": state.value,
                "schedule": "",
                "asked_at": BEGUN.isoformat(),
                "actor": "uid:0",
                "origin": "test",
                "items": len(items),
                "size_bytes": size,
                "ended_at": "",
            },
        )
        connection.execute(
            insert(SHARES), {**share, "items": len(items), "size_bytes": size, **lease}
        )
        if items:
            connection.execute(insert(ITEMS), list(items))
        for number, (zorgdrager, code) in enumerate(remarks):
            row = {"run": RUN, "number": number, "zorgdrager": zorgdrager, "store": "kopie-1"}
            connection.execute(insert(REMARKS), {**row, "code": code, "finding": "[]"})


def write_entries(engine: Engine, count: int, zorgdrager: str = MINE) -> None:
    """Other entries in a ledger, so that a run's own stand among them."""
    with begin(engine) as connection:
        for number in range(count):
            event = ledger.Event(BEGUN, "aip.ingest", f"aip-{number}", "stored", "uid:0", "test")
            ledger.append(connection, zorgdrager, event, salt())
