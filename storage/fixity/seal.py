"""Sealing a run: what was found stands in the ledger, and cannot change any more.

Per zorgdrager a Merkle root over the lines of its results in their order, one entry "fixity.run"
with that root, the totals and the scope, and one entry "fixity.check" for each copy that is wrong;
all in one transaction with the run's end. Source: RFC 6962, 2.1.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, select, update

from storage import ledger
from storage.database import begin, reading
from storage.errors import RunNotDone
from storage.fixity.lines import result_line
from storage.fixity.nouns import Asked, Kind, Run, RunState
from storage.fixity.runs import read_run
from storage.fixity.tables import ITEMS, REMARKS, RUNS, SHARES
from storage.ledger import Event
from storage.merkle import Tree, leaf_hash
from storage.outcomes import WRONG, Outcome

RUN_SEALED = "fixity.run"
COPY_WRONG = "fixity.check"
ROWS_AT_ONCE = 2000

Salt = Callable[[], bytes]


@dataclass(slots=True)
class Drawn:
    """What the results of one zorgdrager come to, gathered line by line."""

    tree: Tree = field(default_factory=Tree)
    totals: Counter[str] = field(default_factory=Counter)
    read_bytes: int = 0
    size_bytes: int = 0

    def add(self, row: Any) -> None:
        """One more row of ITEMS, in the order of the run."""
        self.tree.append(leaf_hash(result_line(row).encode("utf-8")))
        self.totals[row.outcome] += 1
        self.read_bytes += row.read_bytes
        self.size_bytes += row.size_bytes

    def facts(self) -> dict[str, Any]:
        """The part of the ledger's entry that follows from the results alone."""
        return {
            "root": self.tree.root().hex(),
            "items": self.tree.size,
            "totals": {each.value: self.totals[each.value] for each in Outcome},
            "read_bytes": self.read_bytes,
            "size_bytes": self.size_bytes,
        }


def seal_run(engine: Engine, run_id: str, asked: Asked, salt: Salt) -> Run:
    """Seal a run whose shares are done, or that was cancelled; one that is sealed stays as it is.

    `salt` gives 16 fresh random bytes or more each time. Roots are drawn while others may write;
    a result that came in meanwhile makes them be drawn again, alone.

    Raises: RunNotDone when it is running and shares are open; DatabaseUnusable.
    """
    with reading(engine) as connection:
        run = _named(connection, run_id)
        if run.state is RunState.ENDED:
            return run
        _refuse_open(connection, run)
        before, drawn = _fingerprint(connection, run_id), draw(connection, run_id)
    with begin(engine) as connection:
        run = _named(connection, run_id)
        if _end(connection, run, asked.at):
            _refuse_open(connection, run)
            if _fingerprint(connection, run_id) != before:
                drawn = draw(connection, run_id)
            _write(connection, run, drawn, asked, salt)
        return _named(connection, run_id)


def draw(connection: Connection, run_id: str) -> dict[str, Drawn]:
    """What the results come to, per zorgdrager, in one pass that holds few rows."""
    drawn: dict[str, Drawn] = {}
    for row in result_rows(connection, run_id):
        if row.zorgdrager not in drawn:
            drawn[row.zorgdrager] = Drawn()
        drawn[row.zorgdrager].add(row)
    return drawn


def result_rows(
    connection: Connection, run_id: str, *, zorgdrager: str | None = None, wrong: bool = False
) -> Iterator[Any]:
    """The rows of ITEMS of a run in their order: all, one zorgdrager's, or the wrong ones."""
    wanted = select(ITEMS).where(ITEMS.c.run == run_id)
    if zorgdrager is not None:
        wanted = wanted.where(ITEMS.c.zorgdrager == zorgdrager)
    if wrong:
        wanted = wanted.where(ITEMS.c.outcome.in_([each.value for each in WRONG]))
    wanted = wanted.order_by(ITEMS.c.number).limit(ROWS_AT_ONCE)
    part = connection.execute(wanted).all()
    while part:
        yield from part
        if len(part) < ROWS_AT_ONCE:
            return
        part = connection.execute(wanted.where(ITEMS.c.number > part[-1].number)).all()


def check_facts(row: Any) -> dict[str, Any]:
    """What the ledger says in the open of a wrong copy; a party's path only as its digest."""
    key = row.key
    if row.kind == Kind.HELD:
        key = "sha256:" + hashlib.sha256(key.encode("utf-8")).hexdigest()
    return {
        "run": row.run,
        "n": row.number,
        "store": row.store,
        "version": row.version,
        "key": key,
        "expected": row.expected,
        "found": row.found,
        "basis": row.basis,
        "at": row.checked_at,
    }


def check_object(row: Any) -> str:
    """What a wrong copy is filed under in the ledger: the AIP, or the party that holds it."""
    return f"held:{row.store}" if row.kind == Kind.HELD else str(row.aip_id)


def _named(connection: Connection, run_id: str) -> Run:
    run = read_run(connection, run_id)
    assert run is not None, f"who seals {run_id} began it"
    return run


def _refuse_open(connection: Connection, run: Run) -> None:
    open_shares = connection.execute(
        select(func.count())
        .select_from(SHARES)
        .where(SHARES.c.run == run.id, SHARES.c.done_at == "")
    ).scalar_one()
    if run.state is RunState.RUNNING and open_shares:
        raise RunNotDone(f"{run.id}: {open_shares} shares", run=run.id, found=open_shares)


def _fingerprint(connection: Connection, run_id: str) -> list[tuple[str, int, int, str]]:
    """What changes with every result that comes in, without reading the results."""
    columns = (ITEMS.c.outcome, func.count(), func.sum(ITEMS.c.read_bytes))
    rows = connection.execute(
        select(*columns, func.max(ITEMS.c.checked_at))
        .where(ITEMS.c.run == run_id)
        .group_by(ITEMS.c.outcome)
        .order_by(ITEMS.c.outcome)
    )
    return [(str(row[0]), int(row[1]), int(row[2]), str(row[3])) for row in rows]


def _end(connection: Connection, run: Run, at: datetime) -> bool:
    """Take the run to its end; False when another did."""
    taken = connection.execute(
        update(RUNS)
        .where(RUNS.c.id == run.id, RUNS.c.state != RunState.ENDED.value)
        .values(state=RunState.ENDED.value, ended_at=at.isoformat())
    )
    return taken.rowcount == 1


def _write(
    connection: Connection, run: Run, drawn: Mapping[str, Drawn], asked: Asked, salt: Salt
) -> None:
    remarks = _remarks(connection, run.id)
    for zorgdrager in sorted(drawn.keys() | remarks.keys() - {""}):
        checks = _check_events(connection, run.id, zorgdrager, asked)
        ledger.append_each(connection, zorgdrager, ((each, salt()) for each in checks))
        facts = {
            **drawn.get(zorgdrager, Drawn()).facts(),
            "run": run.id,
            "schedule": run.schedule,
            "scope": _own_scope(connection, run.id, zorgdrager),
            "state": "cancelled" if run.state is RunState.CANCELLED else "ended",
            "started": ledger.utc_text(run.asked.at),
            "ended": ledger.utc_text(asked.at),
            "remarks": dict(sorted((remarks[""] + remarks.get(zorgdrager, Counter())).items())),
        }
        event = Event(
            at=asked.at,
            action=RUN_SEALED,
            object=run.id,
            result=facts["state"],
            actor=asked.actor,
            origin=asked.origin,
            facts=facts,
        )
        ledger.append(connection, zorgdrager, event, salt())


def _check_events(
    connection: Connection, run_id: str, zorgdrager: str, asked: Asked
) -> Iterator[Event]:
    for row in result_rows(connection, run_id, zorgdrager=zorgdrager, wrong=True):
        yield Event(
            at=asked.at,
            action=COPY_WRONG,
            object=check_object(row),
            result=row.outcome,
            actor=asked.actor,
            origin=asked.origin,
            details={"key": row.key} if row.kind == Kind.HELD else {},
            facts=check_facts(row),
        )


def _remarks(connection: Connection, run_id: str) -> dict[str, Counter[str]]:
    """How often each code was remarked, per zorgdrager; "" are remarks on nobody's records."""
    found: dict[str, Counter[str]] = {"": Counter()}
    rows = connection.execute(
        select(REMARKS.c.zorgdrager, REMARKS.c.code, func.count())
        .where(REMARKS.c.run == run_id)
        .group_by(REMARKS.c.zorgdrager, REMARKS.c.code)
    )
    for zorgdrager, code, count in rows:
        found.setdefault(zorgdrager, Counter())[code] = count
    return found


def _own_scope(connection: Connection, run_id: str, zorgdrager: str) -> dict[str, Any]:
    """The run's scope, without the names of what is another zorgdrager's."""
    text = connection.execute(select(RUNS.c.scope).where(RUNS.c.id == run_id)).scalar_one()
    scope: dict[str, Any] = json.loads(text)
    own = {"zorgdragers": {zorgdrager}}
    for name, column in (("stores", ITEMS.c.store), ("aips", ITEMS.c.aip_id)):
        if scope.get(name):
            mine = select(column).distinct()
            mine = mine.where(ITEMS.c.run == run_id, ITEMS.c.zorgdrager == zorgdrager)
            own[name] = set(connection.execute(mine).scalars())
    for name, known in own.items():
        if scope.get(name):
            scope[name] = [each for each in scope[name] if each in known]
    if scope.get("portions"):
        scope["portions"] = [each for each in scope["portions"] if each[1] == zorgdrager]
    return scope
