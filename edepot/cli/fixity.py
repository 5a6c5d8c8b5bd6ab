"""`edepot fixity run|resume|list|cancel`: copies read from their stores, every outcome kept."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from edepot.cli.failures import tell
from edepot.cli.fixity_report import show_report
from edepot.cli.screen import BAD, DOUBT, GOOD, Cell, Column, progress_on
from edepot.cli.session import Session
from edepot.depot import Depot, now, open_depot
from edepot.depot_database import named_aip, open_existing
from edepot.exits import Exit
from edepot.fixity_report.gather import run_named
from edepot.fixity_works import asked_here, carry_out, known_of, publish_ledgers
from edepot.messages import Words
from storage.database import reading
from storage.errors import StorageError
from storage.fires import note_missed, remark_missed
from storage.fixity.nouns import Run, RunState, Scope, Totals
from storage.fixity.plan import begin_run
from storage.fixity.runs import cancel_run, list_runs, read_run, totals
from storage.held.targets import add_items
from storage.outcomes import WRONG, Outcome


def run(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    aips: Annotated[list[str] | None, typer.Argument()] = None,
    store: Annotated[list[str] | None, typer.Option("--store")] = None,
    zorgdrager: Annotated[list[str] | None, typer.Option("--zorgdrager")] = None,
    older_than: Annotated[int | None, typer.Option("--older-than", min=0)] = None,
    oldest: Annotated[int | None, typer.Option("--oldest", min=1)] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1)] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0)] = None,
) -> int:
    """Read copies from their stores and compare them with what the ledger says of them."""
    session: Session = ctx.obj
    at = now()
    with open_depot(session.config()) as depot:
        with reading(depot.engine) as connection:
            ids = tuple(named_aip(connection, each).description.aip_id for each in aips or ())
        scope = Scope(
            stores=tuple(store or ()),
            zorgdragers=tuple(zorgdrager or ()),
            aips=ids,
            checked_before=None if older_than is None else at - timedelta(days=older_than),
            oldest=oldest,
            sample=sample,
            seed=seed if seed is not None else (at.date().toordinal() if sample else 0),
        )
        _note_missed(depot)
        begun, joined = begin_run(
            depot.engine, scope, asked_here(), held=add_items, known=known_of(depot, scope.stores)
        )
        if not joined:
            remark_missed(depot.engine, begun.id)
        if not session.as_json:
            session.notes().say(_begun(begun, joined, session.words))
        return _go_on(depot, begun.id, session)


def resume(ctx: typer.Context, run: Annotated[str, typer.Argument()]) -> int:
    """Go on with a run that was interrupted."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        return _go_on(depot, named_run(depot, run).id, session)


def cancel(ctx: typer.Context, run: Annotated[str, typer.Argument()]) -> int:
    """Stop a run for good: it is sealed as it is."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        named = named_run(depot, run)
        if named.state is RunState.ENDED:
            session.notes().say(session.words("fixity.ended_already", run=named.id))
            return int(Exit.WELL)
        cancel_run(depot.engine, named.id, asked_here())
        carry_out(depot, named.id, lambda _: None)
        tell_unpublished(publish_ledgers(depot), session)
        if session.as_json:
            with reading(depot.engine) as connection:
                session.print_json(_plain(named_run(depot, named.id), totals(connection, named.id)))
        else:
            session.notes().say(session.words("fixity.cancelled", run=named.id))
    return int(Exit.WELL)


def list_them(
    ctx: typer.Context, limit: Annotated[int, typer.Option("--limit", min=1)] = 20
) -> None:
    """The newest runs."""
    session: Session = ctx.obj
    engine = open_existing(session.config())
    with reading(engine) as connection:
        runs = [(each, totals(connection, each.id)) for each in list_runs(connection, limit)]
    engine.dispose()
    if session.as_json:
        session.print_json([_plain(each, sums) for each, sums in runs])
        return
    words, screen = session.words, session.screen()
    if not runs:
        screen.say(words("fixity.none"))
        return
    columns = [
        Column(words("fixity.run"), fold=False),
        Column(words("fixity.started"), fold=False),
        Column(words("fixity.standing"), fold=False),
        Column(words("fixity.copies"), number=True),
        Column(words("fixity.intact"), number=True),
        Column(words("fixity.attested"), number=True),
        Column(words("fixity.wrong"), number=True),
        Column(words("fixity.not_checked"), number=True),
        Column(words("fixity.asked_by")),
    ]
    screen.table(columns, [_row(each, sums, words) for each, sums in runs])


def named_run(depot: Depot, name: str) -> Run:
    """The run with this id; "last" is the newest.

    Raises: RunUnknown.
    """
    with reading(depot.engine) as connection:
        found = read_run(connection, run_named(connection, name))
    assert found is not None, "it was named a moment ago"
    return found


def _go_on(depot: Depot, run_id: str, session: Session) -> int:
    words = session.words
    with progress_on(session.err, words) as meter:
        try:
            done = carry_out(
                depot,
                run_id,
                lambda step: meter.show(
                    words("fixity.doing", store=step.store), step.done, step.total
                ),
            )
        except KeyboardInterrupt:
            session.notes().say("\n" + words("fixity.stopped", run=run_id), DOUBT)
            return int(Exit.INTERRUPTED)
    code = show_report(depot, done.id, session)
    tell_unpublished(publish_ledgers(depot), session)
    return code


def tell_unpublished(failed: Sequence[tuple[str, StorageError]], session: Session) -> None:
    """Tell whose ledger could not be put on every store, and why."""
    for zorgdrager, error in failed:
        _, lines = tell(error, session.words)
        session.notes().say(
            session.words("fixity.unpublished", zorgdrager=zorgdrager, why=" ".join(lines)), DOUBT
        )


def _note_missed(depot: Depot) -> None:
    """What should have come and did not is told by the run of a person too: no worker may run."""
    zorgdragers = [each.id for each in depot.config.zorgdragers]
    note_missed(depot.engine, asked_here(), zorgdragers)


def _begun(begun: Run, joined: bool, words: Words) -> str:
    if joined:
        return words("fixity.joined", run=begun.id)
    if not begun.items:
        return words("fixity.nothing")
    copies = words.counted("count.copy", begun.items)
    return words("fixity.begun", run=begun.id, copies=copies, size=words.size(begun.size_bytes))


def _plain(run: Run, sums: Totals) -> dict[str, Any]:
    return {
        "run": run.id,
        "state": run.state.value,
        "schedule": run.schedule,
        "started": run.asked.at.isoformat(),
        "ended": run.ended_at.isoformat() if run.ended_at else None,
        "copies": run.items,
        "bytes": run.size_bytes,
        "totals": {each.value: sums.of(each) for each in Outcome},
    }


def _row(run: Run, sums: Totals, words: Words) -> tuple[str | Cell, ...]:
    wrong, unchecked = sums.of(*WRONG), sums.of(Outcome.NOT_CHECKED)
    intact = words.number(sums.of(Outcome.INTACT))
    by = words("fixity.schedule", schedule=run.schedule) if run.schedule else run.asked.actor
    return (
        run.id,
        words.instant(run.asked.at.isoformat()),
        words(f"fixity.state.{run.state.value}"),
        words.number(run.items),
        Cell(intact, GOOD) if not wrong and not unchecked else intact,
        words.number(sums.of(Outcome.ATTESTED)),
        Cell(words.number(wrong), BAD) if wrong else "0",
        Cell(words.number(unchecked), DOUBT) if unchecked else "0",
        by,
    )
