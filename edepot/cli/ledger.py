"""`edepot ledger`: what happened, checked, signed, and handed out with its own verifier."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.config import Config
from edepot.depot import Depot, now, open_depot, open_stores, signer_of
from edepot.depot_database import open_existing
from edepot.errors import ZorgdragerUnknown
from edepot.exits import Exit
from edepot.proof import Proof, write_proof
from formats.findings import Finding, has_errors
from formats.plain import to_plain
from ingest.receipt import finding_plain
from storage import ledger
from storage.checkpoint import make_checkpoint, stored_checkpoints
from storage.database import begin, reading
from storage.fixity.seal_check import verify_seals
from storage.ledger_check import verify_ledger as check_ledger
from storage.publish import check_published
from storage.stores.base import Store


def verify_ledger(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> int:
    """Check every line, every link and every checkpoint of the ledgers."""
    session: Session = ctx.obj
    config = session.config()
    answers: list[tuple[str, int, int, list[Finding]]] = []
    with reading(open_existing(config)) as connection:
        for each in _chosen(config, zorgdrager):
            found = [*check_ledger(connection, each)]
            found += check_published(connection, _stores_of(config, each), each)
            found += verify_seals(connection, each)
            signed = len(stored_checkpoints(connection, each))
            answers.append((each, ledger.size(connection, each), signed, found))
    if session.as_json:
        session.print_json([_plain_check(each, session) for each in answers])
    else:
        _show_check(answers, session)
    wrong = any(has_errors(found) for *_, found in answers)
    return int(Exit.STORE if wrong else Exit.WELL)


def checkpoint(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> None:
    """Sign how far each ledger has come; keep what is printed outside the depot too."""
    session: Session = ctx.obj
    answers = []
    with open_depot(session.config()) as depot:
        for each in _chosen(depot.config, zorgdrager):
            note, key = _sign(depot, each)
            answers.append({"zorgdrager": each, "checkpoint": note, "key": key})
    if session.as_json:
        session.print_json(answers)
        return
    words, screen = session.words, session.screen()
    for answer in answers:
        screen.heading(answer["zorgdrager"])
        screen.literal(answer["checkpoint"])
        screen.pairs([(words("ledger.key"), answer["key"])])
    screen.gap()
    screen.say(words("ledger.keep"), QUIET)


def export_ledger(
    ctx: typer.Context,
    dest: Annotated[Path, typer.Argument()],
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> None:
    """Write the ledgers with a checkpoint and the verifier that checks them without edepot."""
    session: Session = ctx.obj
    written = []
    with open_depot(session.config()) as depot:
        for each in _chosen(depot.config, zorgdrager):
            note, key = _sign(depot, each)
            with reading(depot.engine) as connection:
                lines = ledger.export_ledger(connection, each)
                proof = Proof(each, f"{depot.config.origin}/{each}", key, note)
                written.append(write_proof(proof, lines, dest / each, session.words))
    if session.as_json:
        session.print_json([to_plain(each) for each in written])
        return
    words, screen = session.words, session.screen()
    for bundle in written:
        count = words.counted("count.entry", bundle.entries)
        screen.say(words("ledger.exported", folder=bundle.folder, count=count), GOOD)
        screen.literal(f"  {bundle.command}\n")
    screen.gap()
    screen.say(words("ledger.export.next"), QUIET)


def _stores_of(config: Config, zorgdrager: str) -> list[Store]:
    stores = open_stores(config)
    (needed,) = [each.stores for each in config.zorgdragers if each.id == zorgdrager]
    return [stores[name] for name in needed]


def _sign(depot: Depot, zorgdrager: str) -> tuple[str, str]:
    signer = signer_of(depot.config, zorgdrager)
    at = now()
    depot.archive.publish_ledger(zorgdrager, now=at)
    with begin(depot.engine) as connection:
        note = make_checkpoint(connection, zorgdrager, signer, at)
    return note, signer.verifier_key


def _chosen(config: Config, zorgdrager: str | None) -> Iterator[str]:
    known = [each.id for each in config.zorgdragers]
    if zorgdrager is not None and zorgdrager not in known:
        raise ZorgdragerUnknown(name=zorgdrager, known=", ".join(known))
    yield from [zorgdrager] if zorgdrager is not None else known


def _plain_check(answer: tuple[str, int, int, list[Finding]], session: Session) -> dict[str, Any]:
    zorgdrager, size, signed, found = answer
    return {
        "zorgdrager": zorgdrager,
        "entries": size,
        "checkpoints": signed,
        "whole": not has_errors(found),
        "findings": [finding_plain(each, session.lang) for each in found],
    }


def _show_check(answers: list[tuple[str, int, int, list[Finding]]], session: Session) -> None:
    words, screen = session.words, session.screen()
    columns = [
        Column(words("ledger.zorgdrager"), fold=False),
        Column(words("ledger.entries"), number=True),
        Column(words("ledger.checkpoints"), number=True),
        Column(words("ledger.outcome"), fold=False),
    ]
    rows = []
    for zorgdrager, size, signed, found in answers:
        wrong = has_errors(found)
        outcome = Cell(words("ledger.broken" if wrong else "ledger.whole"), BAD if wrong else GOOD)
        rows.append((zorgdrager, words.number(size), words.number(signed), outcome))
    screen.table(columns, rows)
    for *_, found in answers:
        show_findings(found, screen, every=True)
