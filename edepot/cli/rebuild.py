"""`edepot rebuild`: the catalogue anew from what stands on the shelf."""

import os
import socket
from functools import partial
from typing import Annotated

import typer

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, GOOD, QUIET
from edepot.cli.session import Session
from edepot.depot import SALT_BYTES, agent, now, open_stores
from edepot.exits import Exit
from edepot.rebuilding import Rebuilt, rebuild_depot
from formats.findings import has_errors
from ingest.receipt import finding_plain
from storage.database import shown
from storage.rebuild import Adoption


def rebuild(ctx: typer.Context, replace: Annotated[bool, typer.Option("--replace")] = False) -> int:
    """Build catalogue and ledger anew from the stores, and compare them with what there was."""
    session: Session = ctx.obj
    config = session.config()
    adoption = Adoption(
        now(), agent(), f"cli@{socket.gethostname()}", partial(os.urandom, SALT_BYTES)
    )
    rebuilt = rebuild_depot(config, open_stores(config), adoption, replace=replace)
    if session.as_json:
        session.print_json(_plain(rebuilt, session))
    else:
        _show(rebuilt, session)
    return int(Exit.STORE if has_errors(rebuilt.report.findings) else Exit.WELL)


def _plain(rebuilt: Rebuilt, session: Session) -> dict[str, object]:
    report = rebuilt.report
    return {
        "aips": report.aips,
        "adopted": report.adopted,
        "entries": report.entries,
        "placed": rebuilt.placed,
        "old": shown(rebuilt.kept) if rebuilt.kept else None,
        "findings": [finding_plain(each, session.lang) for each in report.findings],
    }


def _show(rebuilt: Rebuilt, session: Session) -> None:
    words, screen, report = session.words, session.screen(), rebuilt.report
    counts = {
        "aips": words.counted("count.aip", report.aips),
        "entries": words.counted("count.entry", report.entries),
    }
    wrong = has_errors(report.findings)
    screen.say(words("rebuild.made", **counts), BAD if wrong else GOOD)
    if report.adopted:
        screen.say(words("rebuild.adopted", aips=words.counted("count.aip", report.adopted)))
    show_findings(report.findings, screen, every=True)
    if rebuilt.kept is not None:
        screen.say(words("rebuild.kept", file=shown(rebuilt.kept)), QUIET)
    elif not rebuilt.placed:
        screen.say(words("rebuild.differs" if wrong else "rebuild.equal"), QUIET)
