"""The nouns of repair, and its journal: how far the repair of each copy came."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from formats.findings import Finding
from storage.fixity.lines import findings_text, read_findings
from storage.fixity.nouns import Asked
from storage.fixity.tables import REPAIRS
from storage.outcomes import Outcome
from storage.promised import PackageName


class Deed(StrEnum):
    """What helps.

    `RESTORE`: put the copy back from a good one. `CATALOGUE`: put the sums of the ledger back in
    the catalogue. `REBUILD`: the catalogue lacks what the run saw; a person builds it anew.
    `ASK_PARTY`: the copy is kept by another party, and only they can mend it.
    """

    RESTORE = "restore"
    CATALOGUE = "catalogue"
    REBUILD = "rebuild"
    ASK_PARTY = "ask_party"


class RepairState(StrEnum):
    """How far it is. From `SET_ASIDE` to `WRITTEN` an interrupted repair is gone on with."""

    PLANNED = "planned"
    SET_ASIDE = "set_aside"
    WRITTEN = "written"
    DONE = "done"
    FAILED = "failed"
    IMPOSSIBLE = "impossible"


BEGUN = (RepairState.SET_ASIDE, RepairState.WRITTEN)


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing to mend: a copy (`number` is its item of the run), or a row of the catalogue.

    `outcome` and `found` (hex SHA-256, or "") are what the run found; `donors` the stores from
    which it may be restored, the likeliest first; `state` how far an earlier try came.
    """

    run: str
    number: int
    deed: Deed
    zorgdrager: str
    store: str
    key: str
    aip_id: str
    version: int
    outcome: Outcome
    found: str
    size_bytes: int
    donors: tuple[str, ...]
    state: RepairState

    @property
    def name(self) -> PackageName:
        """The package."""
        return PackageName(self.zorgdrager, self.aip_id, self.version)

    @property
    def where(self) -> str:
        """The copy, as findings name it."""
        return f"{self.store}, {self.key}" if self.store else self.aip_id


@dataclass(frozen=True, slots=True)
class RepairResult:
    """What came of a repair: from which store, what was set aside, and why if it is not done."""

    repair: Repair
    state: RepairState
    source: str = ""
    aside: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def done(self) -> bool:
        """Whether the copy is whole now."""
        return self.state is RepairState.DONE


@dataclass(frozen=True, slots=True)
class Journaled:
    """A row of the journal."""

    state: RepairState
    source: str
    aside: str
    findings: tuple[Finding, ...]


def read_journal(connection: Connection, run: str, item: int) -> Journaled | None:
    """How far the repair of an item came; None when nothing was tried."""
    row = connection.execute(
        select(REPAIRS).where(REPAIRS.c.run == run, REPAIRS.c.item == item)
    ).first()
    if row is None:
        return None
    found = read_findings(row.finding)
    return Journaled(RepairState(row.state), row.source, row.aside, found)


def plan(connection: Connection, repair: Repair, asked: Asked, source: str, aside: str) -> None:
    """Write down what is about to be done; where an earlier try set aside, that stays."""
    there = read_journal(connection, repair.run, repair.number)
    if there is not None:
        state = there.state if there.state in BEGUN else RepairState.PLANNED
        note(
            connection,
            repair,
            state,
            source=source or there.source,
            aside=there.aside or aside,
        )
        return
    connection.execute(
        insert(REPAIRS),
        {
            "run": repair.run,
            "item": repair.number,
            "state": RepairState.PLANNED.value,
            "source": source,
            "aside": aside,
            "actor": asked.actor,
            "asked_at": asked.at.isoformat(),
            "done_at": "",
            "finding": "",
        },
    )


def note(  # noqa: PLR0913 - the columns of one row
    connection: Connection,
    repair: Repair,
    state: RepairState,
    findings: tuple[Finding, ...] = (),
    *,
    source: str | None = None,
    aside: str | None = None,
    done_at: str = "",
) -> None:
    """Write down how far it is now."""
    values = {
        "state": state.value,
        "finding": findings_text(findings),
        "done_at": done_at,
        "source": source,
        "aside": aside,
    }
    connection.execute(
        update(REPAIRS)
        .where(REPAIRS.c.run == repair.run, REPAIRS.c.item == repair.number)
        .values({name: value for name, value in values.items() if value is not None})
    )
