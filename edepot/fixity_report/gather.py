"""From the database to the values of a report: counted by the database, never row by row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, Connection, case, select

from edepot.config import Config
from edepot.errors import RunUnknown
from edepot.fixity_report.ages import days_of, group_ages
from edepot.fixity_report.counting import count_by
from edepot.fixity_report.histories import read_histories
from edepot.fixity_report.problems import read_incidents, read_problems, read_remarks
from edepot.fixity_report.shelves import Shelf, late_parties, read_parties, read_shelves
from edepot.fixity_report.summary import Coverage, Place, Summary
from storage.fixity.nouns import Kind, Run, RunState, Totals
from storage.fixity.runs import list_runs, read_run
from storage.fixity.tables import ITEMS, SHARES
from storage.held.parties import list_parties
from storage.outcomes import Basis, Outcome

LAST = "last"
NAMED = 5
HISTORIES = 20
"""So many AIPs with problems get their history in the report, besides those asked for."""


@dataclass(frozen=True, slots=True)
class _Learnt:
    """What the run learnt of a place."""

    items: int
    held: bool
    totals: Totals
    challenged: int
    read_bytes: int


def run_named(connection: Connection, name: str) -> str:
    """The id of the run that is meant; "last" is the newest.

    Raises: RunUnknown.
    """
    if name == LAST:
        return next((each.id for each in list_runs(connection, 1)), "") or _unknown(
            connection, name
        )
    return name if read_run(connection, name) else _unknown(connection, name)


def summarise(
    connection: Connection,
    config: Config,
    run_id: str,
    as_of: datetime,
    aips: Sequence[str] = (),
) -> Summary:
    """Everything that a report says of a run, as of an instant; `aips`: whose history is asked.

    Raises: RunUnknown when there is no such run.
    """
    run = read_run(connection, run_id)
    if run is None:
        _unknown(connection, run_id)
    if run.state is RunState.ENDED and _left_open(connection, run_id):
        run = replace(run, state=RunState.CANCELLED)
    learnt = _learnt(connection, run_id)
    parties = list_parties(connection)
    shelves = {
        **read_shelves(connection, config, as_of),
        **read_parties(connection, parties, as_of),
    }
    problems = read_problems(connection, run_id)
    remarks = read_remarks(connection, run_id)
    incidents = read_incidents(connection, run_id)
    with_problems = list(
        dict.fromkeys(
            [each.aip_id for each in incidents]
            + [
                copy.aip_id
                for each in problems
                if each.outcome is not Outcome.NOT_CHECKED
                for copy in each.examples
            ]
        )
    )
    hit = [each for each in with_problems if each and each not in aips]
    return Summary(
        run=run,
        as_of=as_of.astimezone(UTC),
        origin=config.origin,
        names={each.id: each.name for each in parties}
        | {each.id: each.name for each in config.zorgdragers},
        totals=_sum_of(each.totals for each in learnt.values()),
        challenged=sum(each.challenged for each in learnt.values()),
        held_items=sum(each.items for each in learnt.values() if each.held),
        coverage=_coverage(learnt, shelves, config),
        ages=group_ages(
            {place: shelf.checked for place, shelf in shelves.items()},
            {place: shelf.days for place, shelf in shelves.items()},
            {place: shelf.late for place, shelf in shelves.items()},
            as_of.astimezone(UTC),
        ),
        problems=problems,
        remarks=remarks,
        incidents=incidents,
        late_parties=late_parties(connection, parties, as_of),
        histories=read_histories(connection, [*aips, *hit[:HISTORIES]]),
        more_histories=max(len(hit) - HISTORIES, 0),
    )


def _unknown(connection: Connection, name: str) -> NoReturn:
    known = ", ".join(each.id for each in list_runs(connection, NAMED)) or "-"
    raise RunUnknown(name=name, known=known)


def _left_open(connection: Connection, run: str) -> bool:
    """Whether shares were left undone: an ended run with those was stopped by a person."""
    wanted = select(SHARES.c.number).where(SHARES.c.run == run, SHARES.c.done_at == "").limit(1)
    return connection.execute(wanted).first() is not None


def as_of_run(run: Run, now: datetime) -> datetime:
    """The instant that the files of a report bear: the run's end, else now."""
    return run.ended_at or now


def _learnt(connection: Connection, run: str) -> dict[Place, _Learnt]:
    read = case(
        ((ITEMS.c.basis == Basis.READ.value) & (ITEMS.c.found != ""), ITEMS.c.size_bytes), else_=0
    )
    challenged = case(
        (
            (ITEMS.c.outcome == Outcome.ATTESTED.value) & (ITEMS.c.basis == Basis.CHALLENGE.value),
            1,
        ),
        else_=0,
    )
    by: tuple[ColumnElement[Any], ...] = (
        ITEMS.c.store,
        ITEMS.c.zorgdrager,
        ITEMS.c.kind,
        ITEMS.c.outcome,
    )
    sizes = (challenged, read)
    grouped: dict[Place, list[tuple[str, Outcome, tuple[int, ...]]]] = {}
    for (store, zorgdrager, kind, outcome), counts, _ in count_by(connection, run, by, sizes):
        place = Place(store, zorgdrager)
        grouped.setdefault(place, []).append((kind, Outcome(outcome), counts))
    return {
        place: _Learnt(
            items=sum(counts[0] for _, _, counts in group),
            held=any(kind == Kind.HELD.value for kind, _, _ in group),
            totals=_totals((outcome, counts[0]) for _, outcome, counts in group),
            challenged=sum(counts[1] for _, _, counts in group),
            read_bytes=sum(counts[2] for _, _, counts in group),
        )
        for place, group in grouped.items()
    }


def _coverage(
    learnt: Mapping[Place, _Learnt], shelves: Mapping[Place, Shelf], config: Config
) -> tuple[Coverage, ...]:
    """Every place that is known or was in the run; parties after the stores."""
    found = []
    for place in {*learnt, *shelves}:
        run = learnt.get(place, _Learnt(0, False, Totals(), 0, 0))
        gone = Shelf(run.held, 0, 0, days_of(config, *place))
        shelf = shelves.get(place, gone)
        found.append(
            Coverage(
                place=place,
                held=shelf.held,
                copies=shelf.copies,
                size_bytes=shelf.size_bytes,
                items=run.items,
                totals=run.totals,
                read_bytes=run.read_bytes,
                oldest_at=shelf.oldest_at,
                days=shelf.days,
                late=shelf.late,
            )
        )
    return tuple(sorted(found, key=lambda each: (each.held, each.place)))


def _totals(counts: Iterable[tuple[Outcome, int]]) -> Totals:
    found: dict[Outcome, int] = {}
    for outcome, count in counts:
        found[outcome] = found.get(outcome, 0) + count
    return Totals(found)


def _sum_of(totals: Iterable[Totals]) -> Totals:
    return _totals(pair for each in totals for pair in each.counts.items())
