"""`edepot ingest` and `edepot check`: deliveries in, or only looked at."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from edepot.agreements import agreement_for, agreement_without_depot
from edepot.cli.failures import tell
from edepot.cli.receipts import show_check, show_receipts
from edepot.cli.screen import Meter, progress_on
from edepot.cli.session import Session
from edepot.config import Config
from edepot.depot import Depot, checking, open_depot, scratch, taking_in
from edepot.errors import NoDepotHere, PathMissing
from edepot.exits import Exit
from formats.errors import FormatsError
from formats.findings import finding
from ingest.accept import accept
from ingest.agreement import Agreement
from ingest.check_only import check_only
from ingest.errors import DeliveryUnreadable, IngestError
from ingest.intake import Intake, Progress
from ingest.receipt import Outcome, Receipt, receipt_plain
from ingest.tidy import tidy
from storage.errors import StorageError


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
    receipts, codes = [], []
    with (
        open_depot(config) as depot,
        meter_of(session) as told,
        taking_in(depot, agreed, told) as intake,
    ):
        tidy(intake)
        for path in paths:
            receipt, code = _accept_one(path.absolute(), intake, session)
            receipts.append(receipt)
            codes.append(code)
            if session.as_json:
                session.print_line(receipt_plain(receipt, session.lang))
        bring_in(depot)
    if not session.as_json:
        show_receipts(receipts, session.screen())
    return int(max(codes, key=GRAVITY.index))


def bring_in(depot: Depot) -> None:
    """Let the register of retention know what came in, so that its terms are computed at once."""
    # Who only checks deliveries does not wait for the register.
    from edepot.acting import desk_of  # noqa: PLC0415
    from retention.enrolling import enrol  # noqa: PLC0415

    enrol(desk_of(depot), depot.stores)


def check(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument()],
    agreement: Annotated[str | None, typer.Option("--agreement")] = None,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> int:
    """Do every check on each delivery and store nothing; works without a depot too."""
    session: Session = ctx.obj
    _must_be_there(paths)
    config, agreed = _agreement(session, agreement, zorgdrager)
    receipts = []
    with meter_of(session) as told, checking(config, agreed, told) as tools:
        for path in paths:
            with scratch(config) as folder:
                receipts.append(check_only(path.absolute(), folder, tools))
    for each in receipts:
        if session.as_json:
            session.print_line(receipt_plain(each, session.lang))
        else:
            show_check(each, session.screen())
    return int(code_of(receipts))


GRAVITY = (Exit.WELL, Exit.WAITING, Exit.MATERIAL, Exit.CONFIGURATION, Exit.STORE, Exit.INTERNAL)
"""Which exit code tells most when deliveries end differently; the last weighs most."""


def _accept_one(path: Path, intake: Intake, session: Session) -> tuple[Receipt, Exit]:
    """Take in one delivery; a run that went wrong is told too, and the batch goes on."""
    try:
        receipt = accept(path, intake)
    except DeliveryUnreadable as error:
        found = (finding("I005", path.name, str(error)),)
        return Receipt("", str(path), Outcome.REFUSED, (), found), Exit.MATERIAL
    except (IngestError, StorageError, FormatsError) as error:
        code, lines = tell(error, session.words)
        found = (finding("E040", path.name, " ".join(lines)),)
        return Receipt("", str(path), Outcome.WAITING, (), found), code
    return receipt, code_of([receipt])


def code_of(receipts: Sequence[Receipt]) -> Exit:
    """The exit code for these receipts: the gravest counts."""
    outcomes = {each.outcome for each in receipts}
    if outcomes & {Outcome.REFUSED, Outcome.QUARANTINED, Outcome.PARTLY}:
        return Exit.MATERIAL
    return Exit.WAITING if Outcome.WAITING in outcomes else Exit.WELL


def _agreement(
    session: Session, named: str | None, zorgdrager: str | None
) -> tuple[Config | None, Agreement]:
    """The depot's configuration, if there is a depot, and the agreement to check against."""
    try:
        config = session.config()
    except NoDepotHere:
        if session.depot is not None:
            raise
        return None, agreement_without_depot(named, zorgdrager)
    return config, agreement_for(config, named, zorgdrager)


@contextmanager
def meter_of(session: Session) -> Iterator[Callable[[Progress], None]]:
    """Progress of the flow as a bar on standard error."""
    with progress_on(session.err, session.words) as meter:
        yield lambda progress: _show_progress(meter, progress, session)


def _show_progress(meter: Meter, progress: Progress, session: Session) -> None:
    meter.show(session.words(f"step.{progress.step}.doing"), progress.done, progress.total)


def _must_be_there(paths: Sequence[Path]) -> None:
    for path in paths:
        if not path.exists():
            raise PathMissing(path=path)
