"""`edepot demo`: the main job with real files, from delivery to proof, in a folder of its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from edepot.cli.demo_fixity import show_fixity
from edepot.cli.demo_retention import show_retention
from edepot.cli.hits import show_hits
from edepot.cli.ingest import meter_of
from edepot.cli.receipts import STYLE_OF_OUTCOME, show_receipt
from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, STRONG, Cell, Column, Screen, progress_on
from edepot.cli.session import Session
from edepot.cli.show import show_aip
from edepot.cli.verify import Verified, show_verified, verified_all
from edepot.config import FILE_NAME, read_config
from edepot.demo.deliveries import make_deliveries
from edepot.demo.story import Told, begin_story, take_in_all, today
from edepot.depot import Depot, open_depot
from edepot.exits import Exit
from edepot.history import read_history
from edepot.second_judge import NAME
from formats.findings import Severity
from ingest.receipt import Outcome, receipt_plain
from storage import catalogue
from storage.database import reading

WORDS = "klacht"
REASONS_SHOWN = 3
COPIES_SHOWN = 6
DELIVERIES = "aanleveringen"


def demo(ctx: typer.Context, folder: Annotated[Path, typer.Argument()] = Path("demo-depot")) -> int:
    """Found a depot, make deliveries of real files, take them in, look inside, search, verify."""
    session: Session = ctx.obj
    words, place = session.words, folder.absolute()
    begin_story(place, words.language)
    with progress_on(session.err, words, words("demo.deliveries")):
        deliveries = make_deliveries(place / DELIVERIES, today())
    if not session.as_json:
        made = words("demo.made", count=len(deliveries), folder=place / DELIVERIES)
        session.screen().say(made, STRONG)
    with meter_of(session) as told:
        taken = take_in_all(place, deliveries, told)
    if session.as_json:
        session.print_json([receipt_plain(each.receipt, session.lang) for each in taken])
        return _code(taken, [])
    show_taken(taken, session.screen())
    with open_depot(read_config(place / FILE_NAME)) as depot:
        show_inside(depot, session.screen())
        verified = verified_all(depot, NAME, session)
    screen = session.screen()
    screen.heading(words("demo.proof"))
    show_verified(verified, screen, rows=COPIES_SHOWN)
    well = show_fixity(place, session)
    well = show_retention(place, session) and well
    show_end(place, taken, screen)
    return _code(taken, verified) if well else int(Exit.STORE)


def show_taken(taken: Sequence[Told], screen: Screen) -> None:
    """What became of each delivery, and one refusal as its sender reads it."""
    words = screen.words
    screen.heading(words("demo.taken_in"))
    columns = [
        Column(words("demo.delivery")),
        Column(words("demo.why")),
        Column(words("receipt.column.outcome"), fold=False),
        Column(words("receipt.column.aips"), number=True),
        Column(words("demo.reason")),
    ]
    screen.table(columns, [_row(each, screen) for each in taken])
    refused = _first_refused(taken)
    if refused is not None:
        screen.heading(words("demo.refused", delivery=refused.delivery.name))
        show_receipt(refused.receipt, screen)


def show_inside(depot: Depot, screen: Screen) -> None:
    """A search, and the first AIP that it finds from the inside."""
    words = screen.words
    with reading(depot.engine) as connection:
        hits = catalogue.find(connection, WORDS, 10)
        screen.heading(f"{words('demo.found')}: edepot find {WORDS}")
        show_hits(hits, False, WORDS, screen)
        aip = catalogue.by_id(connection, hits[0].aip_id) if hits else None
        if aip is not None:
            name = aip.description.identifier
            screen.heading(f"{words('demo.inside')}: edepot show {name}")
            show_aip(aip, read_history(connection, aip, depot.stores), screen, every=False)


def show_end(place: Path, taken: Sequence[Told], screen: Screen) -> None:
    """Whether all ended as it should, and where to look further."""
    words = screen.words
    screen.heading(words("demo.end"))
    surprised = [each.delivery.name for each in taken if not each.as_expected]
    if surprised:
        names = ", ".join(surprised)
        screen.say(words("demo.surprised", count=len(surprised), names=names), BAD)
    else:
        screen.say(words("demo.as_expected", count=len(taken)), GOOD)
    waiting = sum(each.receipt.outcome is Outcome.WAITING for each in taken)
    if waiting:
        screen.say(words("demo.waiting", count=waiting), DOUBT)
    refused = _first_refused(taken) or taken[0]
    screen.say(words("demo.next", depot=place, delivery=refused.receipt.delivery))


def _code(taken: Sequence[Told], verified: Sequence[Verified]) -> int:
    if not all(each.good for each in verified):
        return int(Exit.STORE)
    return int(Exit.WELL if all(each.as_expected for each in taken) else Exit.MATERIAL)


def _first_refused(taken: Sequence[Told]) -> Told | None:
    refused = [each for each in taken if each.receipt.outcome is Outcome.REFUSED]
    return next((each for each in refused if each.as_expected), None)


def _row(told: Told, screen: Screen) -> tuple[str | Cell, ...]:
    words, receipt = screen.words, told.receipt
    outcome = words(f"outcome.{receipt.outcome.value}")
    style = STYLE_OF_OUTCOME[receipt.outcome]
    errors = [each.reason for each in receipt.findings if each.severity is Severity.ERROR]
    reasons = list(dict.fromkeys(errors))
    more = " …" if len(reasons) > REASONS_SHOWN else ""
    return (
        told.delivery.name,
        told.delivery.why,
        Cell(outcome, style) if told.as_expected else Cell(f"{outcome} !", BAD),
        words.number(len(receipt.aips)),
        Cell(", ".join(reasons[:REASONS_SHOWN]) + more, QUIET),
    )
