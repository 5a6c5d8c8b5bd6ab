"""Duties: what a worker can be told to do. Ids come in; our own register says what is to be done.

A schedule that fires begins (or joins) a run of fixity; a run sees to it that each of its shares
is asked for, again where that is needed, and seals itself; a share is one worker's at a time. Each
may be delivered twice, killed and begun again: what stands in the register is not done again.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, select

from edepot.config import RepairPolicy
from edepot.depot import SALT_BYTES, Depot, now
from edepot.engine import Engine, Kind, Stopping
from edepot.errors import EdepotError
from edepot.fixity_works import asked_by_worker, known_of, works_of
from edepot.policies import policies_of
from edepot.retention_duties import RETENTION, carry_out
from formats.findings import Finding, has_errors
from formats.pool import Pool
from retention.errors import RetentionError
from storage import workers
from storage.database import begin, reading
from storage.errors import DatabaseUnusable, StorageError
from storage.fires import (
    DONE,
    SWITCH,
    Fired,
    begin_fire,
    bind_fire,
    end_fire,
    end_fires_of,
    remark_missed,
)
from storage.fixity import rhythm
from storage.fixity.claim import claim_numbered, undone
from storage.fixity.given_up import give_up
from storage.fixity.nouns import Run, RunState, Scope
from storage.fixity.plan import begin_run
from storage.fixity.repair import repair_run
from storage.fixity.runs import open_runs, read_run, totals
from storage.fixity.seal import seal_run
from storage.fixity.tables import REMARKS, SHARES
from storage.fixity.work import work_share
from storage.fixity.works import Works
from storage.held.targets import add_items
from storage.ledger_check import verify_ledger
from storage.order import Order
from storage.outcomes import WRONG, Outcome
from storage.publish import check_published
from storage.schedules import Kind as Sort
from storage.schedules import Schedule, read_schedule
from storage.stores.pace import Pace, within_hours

SCHEDULE = "schedule"
RUN = "fixity-run"
SHARE = "fixity-share"
LOOK_SECONDS = 0.3
PATIENCE_SECONDS = 5.0
ASKED_AT_ONCE = 64
"""So many shares of a run wait for a worker at most: what is not asked for yet can still wait."""
SHARES_AT_ONCE = 2
STRIKES = 3
"""After so many workers died in a share it is given up."""


class What(StrEnum):
    """What a worker tells of."""

    FIRED = "fired"
    BEGUN = "begun"
    ENDED = "ended"
    DONE = "done"
    FAILED = "failed"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Said:
    """Something that a worker tells; "" is none. `outcome`: of work that is done, as Fired."""

    what: What
    schedule: str = ""
    run: str = ""
    detail: str = ""
    outcome: str = ""


Told = Callable[[Said], None]


def schedule_work(name: str, due: datetime) -> str:
    """The id of the work of a schedule that was due at an instant."""
    return f"{SCHEDULE}:{name}:{due.isoformat()}"


@dataclass(slots=True)
class Duties:
    """What one worker does on one depot; `engine` is given once, before the first duty."""

    depot: Depot
    worker: str
    told: Told
    pool: Pool | None = None
    engine: Engine | None = None
    shares_at_once: int = SHARES_AT_ONCE
    _hours: Mapping[str, Pace] = field(default_factory=dict)
    _works: Works = field(init=False)

    def __post_init__(self) -> None:
        stores = self.depot.config.stores
        self._hours = {each.name: Pace(hours=each.pace.hours) for each in stores}
        works = works_of(self.depot, self.worker, asked_by_worker())
        self._works = replace(works, pool=self.pool, stop=lambda: self._engine.stopping)

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of work for the engine. Who died in a share is counted by our register."""
        return (
            Kind(SCHEDULE, self.fire),
            Kind(RUN, self.run, tries=20),
            Kind(SHARE, self.share, self.shares_at_once, tries=0),
        )

    def failed(self, kind: str, error: Exception) -> None:
        """Tell of work that ended as nobody foresaw."""
        self.told(Said(What.FAILED, detail=f"{kind}: {_told_by(error)}"))

    def due(self, name: str, due: datetime) -> None:
        """Ask for the work of a schedule; asked twice it is there once."""
        if self._engine.submit(schedule_work(name, due), SCHEDULE, [name, due.isoformat()]):
            self.told(Said(What.FIRED, name, detail=due.isoformat()))

    def fire(self, name: str, due_at: str) -> None:
        """Do what a schedule says, or begin it."""
        due, database = datetime.fromisoformat(due_at), self.depot.engine
        fire = begin_fire(database, name, due, now())
        if fire.outcome in DONE:
            return
        try:
            with reading(database) as connection:
                schedule = read_schedule(connection, name)
            if schedule.kind in _SCOPES:
                self._begin_run(schedule, due, fire.run)
            elif schedule.kind in RETENTION:
                self._see_to_retention(schedule, due)
            else:
                self._see_to_ledgers(schedule, due)
        except StorageError as error:
            end_fire(database, name, due, Fired.FAILED, now(), detail=_told_by(error))
            self.told(Said(What.FAILED, name, detail=_told_by(error)))

    def run(self, run_id: str) -> None:
        """See to it that every share of a run is done, and seal it."""
        while True:
            try:
                if self._look(run_id):
                    return
            except DatabaseUnusable as error:
                # A run is not lost for a database that is away for a while.
                self.told(Said(What.FAILED, run=run_id, detail=_told_by(error)))
                self._engine.pause(PATIENCE_SECONDS)
            self._engine.pause(LOOK_SECONDS)

    def share(self, run_id: str, number: int) -> None:
        """Do one share, unless it is done, another has it, or it is to wait."""
        database, lease = self.depot.engine, self._works.lease
        with reading(database) as connection:
            run = read_run(connection, run_id)
        if run is None or run.state is not RunState.RUNNING:
            return
        share = claim_numbered(database, run_id, number, self.worker, now(), lease)
        if share is None:
            return
        try:
            work_share(self._works, share)
        except Exception:
            # Whatever it was: whoever takes this share next must know that it went wrong here.
            with begin(database) as connection:
                workers.strike(connection, run_id, number, self.worker)
            raise
        if self._engine.stopping:
            raise Stopping

    @property
    def _engine(self) -> Engine:
        assert self.engine is not None, "the engine is given before the first duty"
        return self.engine

    def _look(self, run_id: str) -> bool:
        """Ask for what of a run is to be done, or end it; whether it has ended."""
        database = self.depot.engine
        with reading(database) as connection:
            run = read_run(connection, run_id)
            left = _free_shares(connection, run_id, now())
            under_way = left or undone(connection, run_id)
        assert run is not None, f"there is a run {run_id}"
        if run.state is RunState.RUNNING and under_way:
            self._ask_for(run_id, left)
            return False
        seal_run(database, run_id, asked_by_worker(), _salt)
        self._repair(run_id)
        outcome = self._outcome(run_id)
        end_fires_of(database, run_id, outcome, now())
        if run.state is not RunState.ENDED:
            self.told(Said(What.ENDED, run.schedule, run_id, outcome.value))
        return True

    def _begin_run(self, schedule: Schedule, due: datetime, begun: str) -> None:
        """Begin the run of a schedule, or go on with one of it that has not ended."""
        database = self.depot.engine
        with reading(database) as connection:
            run = read_run(connection, begun) if begun else None
            for each in open_runs(connection):
                if each.schedule == schedule.name and each.state is RunState.RUNNING:
                    run = run or each
        run = run or self._new_run(schedule)
        bind_fire(database, schedule.name, due, run.id)
        remark_missed(database, run.id)
        self._engine.submit(f"fixity:{run.id}:run#{due.isoformat()}", RUN, [run.id])
        self.told(Said(What.BEGUN, schedule.name, run.id, str(run.items)))

    def _new_run(self, schedule: Schedule) -> Run:
        return begin_run(
            self.depot.engine,
            _SCOPES[schedule.kind](self, schedule),
            asked_by_worker(),
            schedule=schedule.name,
            held=add_items,
            known=known_of(self.depot),
        )[0]

    def share_of_day(self, schedule: Schedule) -> Scope:
        stores, zorgdragers = _named(schedule)
        with reading(self.depot.engine) as connection:
            shares = rhythm.share_of_day(connection, policies_of(self.depot.config), now())
        chosen = [
            each
            for each in shares
            if (not stores or each.store in stores)
            and (not zorgdragers or each.zorgdrager in zorgdragers)
        ]
        # Where nothing stands, nothing is due: a run over no copies, that still ends and is sealed.
        return rhythm.scope_of(chosen) if chosen else Scope(stores, zorgdragers, oldest=0)

    def everything(self, schedule: Schedule) -> Scope:
        return Scope(*_named(schedule))

    def nothing_read(self, schedule: Schedule) -> Scope:
        return Scope(*_named(schedule), oldest=0)

    def _ask_for(self, run_id: str, left: Sequence[tuple[int, int, str]]) -> None:
        """Ask for the shares that nobody has and nobody was asked for; give up what kills."""
        beginning = f"fixity:{run_id}:"
        under_way = {each.partition("#")[0] for each in self._engine.under_way(beginning)}
        room = ASKED_AT_ONCE - len(under_way)
        for number, tries, store in left:
            key = workers.share_key(run_id, number)
            if key in under_way or not within_hours(self._hours.get(store, Pace()), now()):
                continue
            if self._gave_up(run_id, number, key):
                continue
            if room <= 0:
                return
            room -= 1
            self._engine.submit(f"{key}#{tries}.{now().isoformat()}", SHARE, [run_id, number])

    def _gave_up(self, run_id: str, number: int, key: str) -> bool:
        with reading(self.depot.engine) as connection:
            times = workers.takeovers(connection, key)
        if times < STRIKES:
            return False
        with begin(self.depot.engine) as connection:
            if give_up(connection, run_id, number, times, now()):
                self.told(Said(What.GIVEN_UP, run=run_id, detail=str(number)))
        return True

    def _repair(self, run_id: str) -> None:
        """Mend what the run found, where the configuration says that nobody need be asked."""
        if self.depot.config.fixity.repair is not RepairPolicy.AUTO:
            return
        stop = self._works.stop
        repair_run(Order(self.depot.archive, asked_by_worker(), now, _salt, stop), run_id)
        if stop():
            raise Stopping

    def _outcome(self, run_id: str) -> Fired:
        with reading(self.depot.engine) as connection:
            sums = totals(connection, run_id)
            remarked = connection.execute(
                select(REMARKS.c.number)
                .where(REMARKS.c.run == run_id, REMARKS.c.code.not_in(SWITCH))
                .limit(1)
            ).first()
        wrong = sums.of(*WRONG, Outcome.NOT_CHECKED) or remarked is not None
        return Fired.WRONG if wrong else Fired.WELL

    def _see_to_ledgers(self, schedule: Schedule, due: datetime) -> None:
        """Publish or check the ledgers; what stops one of them does not stop the others."""
        findings: list[Finding] = []
        failures: list[str] = []
        _, wanted = _named(schedule)
        for each in self.depot.config.zorgdragers:
            if wanted and each.id not in wanted:
                continue
            try:
                if schedule.kind is Sort.LEDGER_PUBLISH:
                    self.depot.archive.publish_ledger(each.id, now=now())
                else:
                    findings += self._check_ledger(each.id, each.stores)
            except StorageError as error:
                failures.append(f"{each.id}: {_told_by(error)}")
        outcome = Fired.WRONG if has_errors(findings) else Fired.WELL
        detail = ", ".join(dict.fromkeys(each.code for each in findings))
        if failures:
            outcome, detail = Fired.FAILED, "; ".join(failures)
        end_fire(self.depot.engine, schedule.name, due, outcome, now(), detail=detail)
        what = What.FAILED if failures else What.DONE
        self.told(Said(what, schedule.name, detail=detail, outcome=outcome.value))

    def _see_to_retention(self, schedule: Schedule, due: datetime) -> None:
        """Do what a schedule of retention says; what it found stands in the fire's detail."""
        _, wanted = _named(schedule)
        stop = self._works.stop
        try:
            told = carry_out(self.depot, schedule.kind, wanted, stop)
        except (RetentionError, EdepotError) as error:
            raise StorageError(_told_by(error)) from error
        if stop():
            raise Stopping
        outcome = Fired.WRONG if told.wrong else Fired.WELL
        end_fire(self.depot.engine, schedule.name, due, outcome, now(), detail=told.detail)
        self.told(Said(What.DONE, schedule.name, detail=told.detail, outcome=outcome.value))

    def _check_ledger(self, zorgdrager: str, needed: Sequence[str]) -> Iterator[Finding]:
        stores = [self.depot.stores[name] for name in needed]
        with reading(self.depot.engine) as connection:
            yield from verify_ledger(connection, zorgdrager)
            yield from check_published(connection, stores, zorgdrager)


_SCOPES: Mapping[Sort, Callable[[Duties, Schedule], Scope]] = {
    Sort.FIXITY_SHARE: Duties.share_of_day,
    Sort.FIXITY_RECONCILE: Duties.nothing_read,
    Sort.FIXITY_FULL: Duties.everything,
}


def _named(schedule: Schedule) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The stores and zorgdragers that a schedule is narrowed to; none is all."""
    said = schedule.arguments
    return tuple(said.get("stores", ())), tuple(said.get("zorgdragers", ()))


def _free_shares(
    connection: Connection, run_id: str, at: datetime
) -> Sequence[tuple[int, int, str]]:
    """Number, tries and store of the shares that nobody has, as many as are asked for at once."""
    free = SHARES.c.lease_until < at.isoformat()
    wanted = select(SHARES.c.number, SHARES.c.tries, SHARES.c.store)
    wanted = wanted.where(SHARES.c.run == run_id, SHARES.c.done_at == "", free)
    rows = connection.execute(wanted.order_by(SHARES.c.tries, SHARES.c.number))
    return [(each.number, each.tries, each.store) for each in rows]


def _told_by(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _salt() -> bytes:
    return os.urandom(SALT_BYTES)
