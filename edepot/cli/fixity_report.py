"""`edepot fixity report`: what a run came to, on the screen and as a file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, Cell, Column, Screen
from edepot.cli.session import Session
from edepot.depot import Depot, now, open_depot
from edepot.depot_database import named_aip
from edepot.exits import Exit
from edepot.fixity_report.cards import Card
from edepot.fixity_report.gather import as_of_run, run_named, summarise
from edepot.fixity_report.grid import Grid
from edepot.fixity_report.html import render_html
from edepot.fixity_report.plain import report_plain
from edepot.fixity_report.problems import iter_problem_copies, iter_remarks
from edepot.fixity_report.sentence import Tone
from edepot.fixity_report.summary import Summary
from edepot.fixity_report.told import Told, tell
from edepot.fixity_report.writing import ReportForm, beside_of, put, target_of
from storage.database import reading

STYLES = {Tone.GOOD: GOOD, Tone.WORD: "", Tone.DOUBT: DOUBT, Tone.BAD: BAD}
ON_SCREEN = 5
"""So many copies of a cause are shown on the screen; a report as a file shows more."""


def report_run(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    run: Annotated[str, typer.Argument()] = "last",
    html: Annotated[Path | None, typer.Option("--html")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx")] = None,
    aips: Annotated[list[str] | None, typer.Option("--aip")] = None,
) -> None:
    """The report of a run: on the screen, as JSON, or as files."""
    session: Session = ctx.obj
    asked = {ReportForm.HTML: html, ReportForm.PDF: pdf, ReportForm.XLSX: xlsx}
    wanted = {form: place for form, place in asked.items() if place is not None}
    with open_depot(session.config()) as depot, reading(depot.engine) as connection:
        ids = [named_aip(connection, each).description.aip_id for each in aips or ()]
        summary = summarise(connection, depot.config, run_named(connection, run), now(), ids)
        told = tell(summary, session.words)
        targets = {
            form: target_of(told, place, form, session.words) for form, place in wanted.items()
        }
        for form, target in targets.items():
            _write(form, target, told, summary, connection, session)
    _answer(summary, told, targets, session)


def show_report(depot: Depot, run_id: str, session: Session) -> int:
    """A run's report as the answer of a command; the exit code says whether all of it is well."""
    with reading(depot.engine) as connection:
        summary = summarise(connection, depot.config, run_id, now())
    told = tell(summary, session.words)
    _answer(summary, told, {}, session)
    nothing = told.tone is Tone.DOUBT and not summary.totals.items
    well = nothing or told.tone in (Tone.GOOD, Tone.WORD)
    return int(Exit.WELL if well else Exit.STORE)


def _write(  # noqa: PLR0913, PLR0917 - what a form is made of
    form: ReportForm,
    target: Path,
    told: Told,
    summary: Summary,
    connection: Connection,
    session: Session,
) -> None:
    words = session.words
    at = as_of_run(summary.run, summary.as_of)
    if form is ReportForm.HTML:
        put(render_html(told, words).encode("utf-8"), target)
        return
    if form is ReportForm.PDF:
        from edepot.fixity_report.pdf import render_pdf  # noqa: PLC0415 - 80 MB of typesetter

        put(render_pdf(told, report_plain(summary, words), words, at), target)
        return
    from edepot.fixity_report.sheet import write_xlsx  # noqa: PLC0415 - not needed for the screen

    beside = beside_of(target)
    try:
        copies = iter_problem_copies(connection, summary.run.id)
        remarks = iter_remarks(connection, summary.run.id)
        write_xlsx(told, summary, copies, remarks, beside, words, at)
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _answer(
    summary: Summary, told: Told, written: Mapping[ReportForm, Path], session: Session
) -> None:
    words = session.words
    if session.as_json:
        plain = report_plain(summary, words)
        if written:
            plain["files"] = {form.value: str(target) for form, target in written.items()}
        session.print_json(plain)
        return
    screen = session.screen()
    if written:
        screen.say(told.sentence, STYLES[told.tone])
        for target in written.values():
            screen.say(words("fixity_report.written", file=target), GOOD)
        return
    _show(told, screen)


def _show(told: Told, screen: Screen) -> None:
    words = screen.words
    screen.heading(f"{told.title} {told.run}")
    if told.notice:
        screen.say(told.notice, STYLES[told.tone])
    screen.say(told.headline, STYLES[told.tone])
    screen.say(told.sentence)
    if told.further:
        screen.say(told.further)
    screen.gap()
    screen.pairs(told.facts)
    screen.heading(words("fixity_report.coverage.title"))
    _show_grid(told.coverage, screen)
    screen.heading(words("fixity_report.card.title"))
    for card in told.cards:
        _show_card(card, screen)
    if not told.cards:
        screen.say(words("fixity_report.card.none"))
    if told.histories:
        screen.heading(words("fixity_report.history.title"))
        for history in told.histories:
            screen.say(history.title)
            _show_grid(history.grid, screen, indent=2)
            if history.more:
                screen.say(history.more, QUIET, indent=2)


def _show_card(card: Card, screen: Screen) -> None:
    words = screen.words
    screen.gap()
    screen.say(f"{card.sign} {card.title}", STYLES[card.tone])
    screen.pairs(
        [
            (words("fixity_report.card.means"), card.meaning),
            (words("fixity_report.card.do"), card.advice),
            (words("fixity_report.card.command"), Cell(card.command, GOOD)),
        ],
        indent=2,
    )
    if card.grid is not None:
        _show_grid(card.grid, screen, indent=2, limit=ON_SCREEN)


def _show_grid(grid: Grid, screen: Screen, *, indent: int = 0, limit: int | None = None) -> None:
    columns = [
        Column(each.heading.replace(" ", "\n") if each.number else each.heading, number=each.number)
        for each in grid.columns
    ]
    rows = [*grid.rows[:limit], *([grid.foot] if grid.foot else [])]
    left = len(grid.rows) - len(grid.rows[:limit])
    screen.table(columns, rows, indent)
    if left:
        screen.say(
            screen.words("fixity_report.on_screen_more", n=screen.words.number(left)), QUIET, indent
        )
