"""`edepot stores check`: what each store really does, found out by trying."""

import os
from collections.abc import Sequence
from dataclasses import fields
from typing import Annotated, Any

import typer

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, DOUBT, GOOD, Cell
from edepot.cli.session import Session
from edepot.config import Config, StoreSettings
from edepot.errors import WrongUse
from edepot.exits import Exit
from edepot.messages import Words
from edepot.open_stores import open_store
from formats.findings import finding, has_errors
from ingest.receipt import finding_plain
from storage.errors import StorageError
from storage.stores.probe import Has, Probed, probe

STYLE_OF_HAS = {Has.YES: GOOD, Has.NO: DOUBT, Has.UNKNOWN: BAD}
ABILITIES = tuple(each.name for each in fields(Probed) if each.name not in ("store", "findings"))


def check_stores(
    ctx: typer.Context, store_names: Annotated[list[str] | None, typer.Argument()] = None
) -> int:
    """Put, read, list and remove small objects on each store, and tell what it does and not."""
    session: Session = ctx.obj
    tried = [try_store(each) for each in _chosen(session.config(), store_names or ())]
    if session.as_json:
        session.print_json([_plain(each, session) for each in tried])
    else:
        _show(tried, session)
    return int(Exit.STORE if any(has_errors(each.findings) for each in tried) else Exit.WELL)


def try_store(settings: StoreSettings) -> Probed:
    """What one store does; when it cannot be tried at all, the finding says why.

    Raises: CredentialsUnreadable; CredentialsExposed.
    """
    try:
        return probe(open_store(settings), os.urandom(8).hex())
    except StorageError as error:
        what = finding("S207", settings.name, error.values.get("found") or error)
        return Probed(settings.name, findings=(what,))


def _chosen(config: Config, names: Sequence[str]) -> list[StoreSettings]:
    by_name = {each.name: each for each in config.stores}
    for name in names:
        if name not in by_name:
            raise WrongUse(what="store_unknown", found=name, known=", ".join(by_name))
    return [by_name[name] for name in names or by_name]


def _plain(probed: Probed, session: Session) -> dict[str, Any]:
    abilities = {name: getattr(probed, name).value for name in ABILITIES}
    findings = [finding_plain(each, session.lang) for each in probed.findings]
    return {"store": probed.store, **abilities, "findings": findings}


def _show(tried: Sequence[Probed], session: Session) -> None:
    words, screen = session.words, session.screen()
    for each in tried:
        screen.heading(each.store)
        screen.pairs([_pair(name, getattr(each, name), words) for name in ABILITIES], indent=2)
        show_findings(each.findings, screen, every=True)


def _pair(name: str, has: Has, words: Words) -> tuple[str, Cell]:
    return words(f"stores.does.{name}"), Cell(words(f"stores.has.{has.value}"), STYLE_OF_HAS[has])
