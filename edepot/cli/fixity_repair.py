"""`edepot fixity repair`: first what will be done, then, when a person agrees, the deed."""

import sys
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from edepot.cli.fixity import named_run, tell_unpublished
from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, DOUBT, GOOD, Cell, Column, Screen, progress_on
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.exits import Exit
from edepot.fixity_works import publish_ledgers
from edepot.messages import Words
from edepot.store_work import order_here
from ingest.receipt import finding_plain
from storage.fixity.repair import repair_run
from storage.fixity.repair_plan import plan_repair
from storage.fixity.repairs import Deed, Repair, RepairResult, RepairState

SHOWN = 40
STYLES = {RepairState.DONE: GOOD, RepairState.IMPOSSIBLE: BAD}


def repair(
    ctx: typer.Context,
    run: Annotated[str, typer.Argument()],
    yes: Annotated[bool, typer.Option("--yes")] = False,
    plan: Annotated[bool, typer.Option("--plan")] = False,
) -> int:
    """Restore what a run found wrong from a copy that fits the ledger."""
    session: Session = ctx.obj
    words = session.words
    with open_depot(session.config()) as depot:
        named = named_run(depot, run)
        planned = plan_repair(depot.engine, named.id)
        if not planned:
            _say_nothing(named.id, session)
            return int(Exit.WELL)
        if plan or not session.as_json:
            _tell_plan(planned, session)
        if plan:
            return int(Exit.WELL)
        if not yes and not _agreed(session):
            session.notes().say(words("fixity.repair.not_agreed", run=named.id), DOUBT)
            return int(Exit.WAITING)
        with progress_on(session.err, words, total=len(planned)) as meter:
            results = repair_run(
                order_here(depot),
                named.id,
                told=lambda each: meter.step(
                    words("fixity.repair.doing", store=each.repair.store or "-")
                ),
            )
        unpublished = publish_ledgers(depot)
    if session.as_json:
        session.print_json([_plain_result(each, session) for each in results])
    else:
        _show_results(results, session.screen())
    tell_unpublished(unpublished, session)
    return int(Exit.WELL if all(each.done for each in results) else Exit.STORE)


def _say_nothing(run: str, session: Session) -> None:
    if session.as_json:
        session.print_json([])
    else:
        session.screen().say(session.words("fixity.repair.nothing", run=run))


def _tell_plan(planned: Sequence[Repair], session: Session) -> None:
    if session.as_json:
        session.print_json([_plain(each) for each in planned])
        return
    words, screen = session.words, session.screen()
    columns = [
        Column(words("fixity.repair.what")),
        Column(words("fixity.repair.store"), fold=False),
        Column(words("fixity.repair.found"), fold=False),
        Column(words("aip.size"), number=True),
        Column(words("fixity.repair.from")),
    ]
    screen.table(columns, [_row(each, words) for each in planned[:SHOWN]])
    if len(planned) > SHOWN:
        screen.say(words("fixity.repair.more", count=words.number(len(planned) - SHOWN)))
    if any(each.deed is Deed.RESTORE for each in planned):
        screen.say(words("fixity.repair.plan"))


def _agreed(session: Session) -> bool:
    """Whether the person at the keyboard says yes; nobody there is no."""
    if session.as_json or not sys.stdin.isatty():
        return False
    session.err.write(session.words("fixity.repair.agree") + " ")
    session.err.flush()
    return sys.stdin.readline().strip().lower() == session.words("fixity.repair.yes")


def _show_results(results: Sequence[RepairResult], screen: Screen) -> None:
    words = screen.words
    columns = [
        Column(words("fixity.repair.what")),
        Column(words("fixity.repair.store"), fold=False),
        Column(words("fixity.repair.became"), fold=False),
        Column(words("fixity.repair.from"), fold=False),
    ]
    shown = results if len(results) <= SHOWN else [each for each in results if not each.done]
    screen.gap()
    screen.table(
        columns,
        [
            (
                each.repair.aip_id or each.repair.key,
                each.repair.store or words("fixity.repair.catalogue"),
                Cell(words(f"fixity.repair.state.{each.state.value}"), STYLES.get(each.state, BAD)),
                each.source or "-",
            )
            for each in shown[:SHOWN]
        ],
    )
    show_findings([found for each in results for found in each.findings], screen, every=False)
    counts = Counter(each.state for each in results)
    parts = [
        f"{words.number(counts[each])} {words(f'fixity.repair.state.{each.value}')}"
        for each in RepairState
        if counts[each]
    ]
    well = all(each.done for each in results)
    screen.say(", ".join(parts) + ".", GOOD if well else BAD)
    screen.say(words("fixity.repair.next"))


def _row(planned: Repair, words: Words) -> tuple[str | Cell, ...]:
    if planned.deed is Deed.RESTORE:
        source = ", ".join(planned.donors) or words("fixity.repair.no_source")
    else:
        source = words(f"fixity.repair.deed.{planned.deed.value}")
    found = Cell(words(f"copy.{planned.outcome.value}"), BAD) if planned.store else Cell("-")
    return (
        planned.aip_id or planned.key,
        planned.store or words("fixity.repair.catalogue"),
        found,
        words.size(planned.size_bytes) if planned.size_bytes else "-",
        source,
    )


def _plain(planned: Repair) -> dict[str, Any]:
    return {
        "aip": planned.aip_id,
        "version": planned.version,
        "store": planned.store,
        "key": planned.key,
        "outcome": planned.outcome.value,
        "bytes": planned.size_bytes,
        "deed": planned.deed.value,
        "sources": list(planned.donors),
    }


def _plain_result(result: RepairResult, session: Session) -> dict[str, Any]:
    return _plain(result.repair) | {
        "state": result.state.value,
        "source": result.source,
        "evidence": list(result.aside),
        "findings": [finding_plain(each, session.lang) for each in result.findings],
    }
