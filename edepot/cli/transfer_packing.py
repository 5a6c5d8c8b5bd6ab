"""`edepot transfer package|deliver|receipt`: the files go to the archive, and the answer comes."""

from pathlib import Path
from typing import Annotated

import typer

from edepot.acting import actor_of, desk_at, desk_of
from edepot.cli.days_typed import read_day
from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, DOUBT, QUIET, progress_on
from edepot.cli.session import Session
from edepot.cli.transfer import As, To, TransferId
from edepot.cli.transfer_shown import plain_of, show_stands
from edepot.depot import open_depot
from edepot.errors import PathMissing
from edepot.exits import Exit
from edepot.transfers.packing import folder_of, pack
from edepot.transfers.papers import transfer_papers
from ingest.receipt import finding_plain
from retention import transfer as transfers
from retention.transfer_nouns import Assertion, PackageForm
from retention.transfer_reading import read_transfer
from retention.transfer_receipt import take_receipt
from storage.database import reading

SHOWN = 20


def package(
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    form: Annotated[PackageForm, typer.Option("--form")] = PackageForm.MDTO,
    to: To = None,
) -> int:
    """Write the package for the archive; begun again it goes on where it stopped."""
    session: Session = ctx.obj
    words = session.words
    with open_depot(session.config()) as depot, progress_on(session.err, words) as meter:
        desk = desk_of(depot)
        folder = folder_of(depot, transfer, to)
        actor = actor_of(depot.config, acting)
        done = pack(depot, desk, actor, transfer, form, folder, meter.show)
        named = {each.id: each.name for each in depot.config.zorgdragers}
        with reading(desk.engine) as connection:
            name = named[done.transfer.zorgdrager]
            papers = transfer_papers(connection, done.transfer, name, words)
            plain = plain_of(connection, done.transfer)
    done.papers.mkdir(parents=True, exist_ok=True)
    for file, content in papers.items():
        (done.papers / file).write_bytes(content)
    passed = [{"dossier": d, "store": s, "reason": r} for d, s, r in done.passed_over]
    if session.as_json:
        session.print_json(plain | {"papers": str(done.papers), "passed_over": passed})
    else:
        show_stands(plain, session)
        session.screen().say(words("transfer.papers", folder=done.papers), QUIET)
        for each in passed:
            told = words("export.passed_over", store=each["store"], reason=each["reason"])
            session.screen().say(told, DOUBT)
    return int(Exit.STORE if passed else Exit.WELL)


def deliver(
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    how: Annotated[str, typer.Option("--how")],
) -> None:
    """Say that the package was handed to the archive, and how."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        done = transfers.deliver(desk, actor_of(config, acting), transfer, how)
        with reading(desk.engine) as connection:
            plain = plain_of(connection, done)
    if session.as_json:
        session.print_json(plain)
    else:
        show_stands(plain, session)


def receipt(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    transfer: TransferId,
    file: Annotated[Path, typer.Argument()],
    acting: As,
    copies: Annotated[int, typer.Option("--copies", min=0)] = 0,
    fixity_checked: Annotated[str, typer.Option("--fixity-checked")] = "",
    reference: Annotated[str, typer.Option("--reference")] = "",
) -> int:
    """Take in the archive's list of what it received, and compare every line."""
    session: Session = ctx.obj
    words, config = session.words, session.config()
    if not file.is_file():
        raise PathMissing(path=file)
    checked = read_day(fixity_checked).isoformat() if fixity_checked else ""
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        asserted = Assertion(copies, checked, reference)
        taken, findings = take_receipt(desk, actor, transfer, file, asserted)
        with reading(desk.engine) as connection:
            plain = plain_of(connection, read_transfer(connection, transfer))
    if session.as_json:
        told = [finding_plain(each, session.lang) for each in findings]
        session.print_json(plain | {"whole": taken.whole, "findings": told})
        return int(Exit.WELL if taken.whole else Exit.MATERIAL)
    screen = session.screen()
    show_findings(findings[:SHOWN], screen)
    wrong = sum(taken.saying["findings"].values())
    if wrong > SHOWN:
        screen.say(words("transfer.receipt.more", count=words.number(wrong - SHOWN)), DOUBT)
    if not taken.whole:
        screen.say(words("transfer.receipt.refused", count=words.number(wrong)), BAD)
    show_stands(plain, session)
    return int(Exit.WELL if taken.whole else Exit.MATERIAL)
