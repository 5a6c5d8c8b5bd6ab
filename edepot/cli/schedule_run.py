"""`edepot schedule run`: a schedule carried out now, by the same way as when it is due."""

import time
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy import Engine, func, select

from edepot.cli.schedule import STYLES, fire_plain
from edepot.cli.screen import DOUBT, Meter, progress_on
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.exits import Exit
from edepot.messages import Words
from storage.database import reading
from storage.fires import Fire, Fired
from storage.fixity.runs import read_run
from storage.fixity.tables import SHARES

if TYPE_CHECKING:
    from edepot.working import Worker

LOOK_SECONDS = 0.1


def run(ctx: typer.Context, name: Annotated[str, typer.Argument()]) -> int:
    """Carry out a schedule in this process; with a worker beside it, the two share the work."""
    # The engine and the clock take long to import; who only asks for the list does not wait.
    from edepot.working import working  # noqa: PLC0415

    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        try:
            with (
                working(depot, lambda said: None) as worker,
                progress_on(session.err, session.words) as meter,
            ):
                fire = _carry_out(worker, name, meter, session.words)
        except KeyboardInterrupt:
            session.notes().say(session.words("schedule.stopped", name=name), DOUBT)
            return int(Exit.INTERRUPTED)
        if fire.run and fire.outcome is not Fired.FAILED:
            from edepot.cli.fixity_report import show_report  # noqa: PLC0415 - where it is shown

            return show_report(depot, fire.run, session)
    return _tell(fire, session)


def _carry_out(worker: "Worker", name: str, meter: Meter, words: Words) -> Fire:
    at = worker.fire(name)
    while True:
        fire = worker.fired(name, at)
        if fire is not None and fire.ended_at is not None:
            return fire
        if fire is not None and fire.run:
            done, total = _progress(worker.depot.engine, fire.run)
            meter.show(words("schedule.doing_run", name=name, run=fire.run), done, total)
        else:
            meter.show(words("schedule.doing", name=name), 0, 0)
        time.sleep(LOOK_SECONDS)


def _progress(database: Engine, run_id: str) -> tuple[int, int]:
    """How many copies of a run stand in shares that are done, and how many there are."""
    done = func.coalesce(func.sum(SHARES.c["items"]), 0)
    wanted = select(done).where(SHARES.c.run == run_id, SHARES.c.done_at != "")
    with reading(database) as connection:
        begun = read_run(connection, run_id)
        return int(connection.execute(wanted).scalar_one()), begun.items if begun else 0


def _tell(fire: Fire, session: Session) -> int:
    if session.as_json:
        session.print_json(fire_plain(fire))
    else:
        words = session.words
        outcome = words(f"schedule.fired.{fire.outcome.value}")
        values = {"name": fire.schedule, "outcome": outcome}
        said = (
            words("schedule.done_detail", detail=fire.detail, **values)
            if fire.detail
            else words("schedule.done", **values)
        )
        session.screen().say(said, STYLES.get(fire.outcome, ""))
    return int(Exit.WELL if fire.outcome is Fired.WELL else Exit.STORE)
