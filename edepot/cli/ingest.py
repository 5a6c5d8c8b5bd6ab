"""`edepot ingest` and `edepot check`: deliveries in, or only looked at."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.agreements import agreement_for, agreement_without_depot
from edepot.cli.receipts import show_check, show_receipts
from edepot.cli.screen import Meter, progress_on
from edepot.cli.session import Session
from edepot.depot import checking, open_depot, taking_in
from edepot.errors import NoDepotHere, PathMissing
from edepot.exits import Exit
from formats.findings import Finding, has_errors
from ingest.accept import accept, check_only
from ingest.agreement import Agreement
from ingest.intake import Progress
from ingest.receipt import Outcome, Receipt, finding_plain, receipt_plain


def ingest(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument()],
    agreement: Annotated[str | None, typer.Option("--agreement")] = None,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> int:
    """Take in each delivery: stored and proven, or refused with reasons."""
    session: Session = ctx.obj
    _must_be_there(paths)
    config = session.config()
    agreed = agreement_for(config, agreement, zorgdrager)
    receipts = []
    with open_depot(config) as depot, _meter(session) as told:
        with taking_in(depot, agreed, told) as intake:
            for path in paths:
                receipts.append(accept(path, intake))
                if session.as_json:
                    session.print_json(receipt_plain(receipts[-1], session.lang))
    if not session.as_json:
        show_receipts(receipts, session.screen())
    return int(code_of(receipts))


def check(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument()],
    agreement: Annotated[str | None, typer.Option("--agreement")] = None,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> int:
    """Do every check on each delivery and store nothing; works without a depot too."""
    session: Session = ctx.obj
    _must_be_there(paths)
    answers = []
    wrong = False
    config, agreed = _agreement(session, agreement, zorgdrager)
    with _meter(session) as told, checking(config, agreed, told) as tools:
        for path in paths:
            findings = check_only(path, tools)
            wrong |= has_errors(findings)
            answers.append((path, findings))
    if session.as_json:
        session.print_json([_plain_check(path, found, session) for path, found in answers])
    else:
        screen = session.screen()
        for path, found in answers:
            show_check(str(path), found, screen)
    return int(Exit.MATERIAL if wrong else Exit.WELL)


def code_of(receipts: Sequence[Receipt]) -> Exit:
    """The exit code for these receipts: the gravest counts."""
    outcomes = {each.outcome for each in receipts}
    if outcomes & {Outcome.REFUSED, Outcome.QUARANTINED, Outcome.PARTLY}:
        return Exit.MATERIAL
    return Exit.WAITING if Outcome.WAITING in outcomes else Exit.WELL


def _agreement(
    session: Session, named: str | None, zorgdrager: str | None
) -> tuple[Any, Agreement]:
    """The depot's configuration, if there is a depot, and the agreement to check against."""
    try:
        config = session.config()
    except NoDepotHere:
        if session.depot is not None:
            raise
        return None, agreement_without_depot(named, zorgdrager)
    return config, agreement_for(config, named, zorgdrager)


@contextmanager
def _meter(session: Session) -> Iterator[Callable[[Progress], None]]:
    """Progress of the flow as a bar on standard error."""
    with progress_on(session.err, session.words) as meter:
        yield lambda progress: _show_progress(meter, progress, session)


def _show_progress(meter: Meter, progress: Progress, session: Session) -> None:
    meter.show(session.words(f"step.{progress.step}.doing"), progress.done, progress.total)


def _must_be_there(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise PathMissing(path=path)


def _plain_check(path: Path, findings: Sequence[Finding], session: Session) -> dict[str, Any]:
    return {
        "source": str(path),
        "valid": not has_errors(findings),
        "findings": [finding_plain(each, session.lang) for each in findings],
    }
