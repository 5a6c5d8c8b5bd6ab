"""`edepot export`: an AIP handed out."""

from pathlib import Path
from typing import Annotated

import typer

from edepot.after_storage import events_since
from edepot.cli.screen import DOUBT, GOOD, QUIET, progress_on
from edepot.cli.session import Session
from edepot.depot import open_stores, software
from edepot.depot_database import named_aip, open_existing
from edepot.exits import Exit
from edepot.export import Exported, ExportForm, export_aip
from formats.plain import to_plain
from storage.database import reading

RENAMED_SHOWN = 10


def export(
    ctx: typer.Context,
    aip: Annotated[str, typer.Argument()],
    dest: Annotated[Path, typer.Argument()],
    form: Annotated[ExportForm, typer.Option("--as")] = ExportForm.ZIP,
) -> int:
    """Hand out an AIP into a folder: its package, its bag, or its records."""
    session: Session = ctx.obj
    config = session.config()
    with reading(open_existing(config)) as connection:
        stored = named_aip(connection, aip)
        events = events_since(connection, stored, software())
    with progress_on(session.err, session.words, total=stored.package.size_bytes) as meter:
        done = 0

        def told(path: str, size_bytes: int) -> None:
            nonlocal done
            done += size_bytes
            meter.show(path, done, stored.package.size_bytes)

        exported = export_aip(stored, open_stores(config), form, dest, told, events=events)
    if session.as_json:
        session.print_json(
            {"aip": stored.description.aip_id, "as": form.value} | to_plain(exported)
        )
    else:
        _show(exported, session)
    return int(Exit.STORE if exported.passed_over else Exit.WELL)


def _show(exported: Exported, session: Session) -> None:
    words, screen = session.words, session.screen()
    screen.say(
        words(
            "export.written",
            path=exported.path,
            files=words.counted("count.file", exported.files),
            size=words.size(exported.size_bytes),
            store=exported.store,
        ),
        GOOD,
    )
    if exported.events is not None:
        screen.say(words("export.events.written", path=exported.events), QUIET)
    for own, given in exported.renamed[:RENAMED_SHOWN]:
        screen.say(words("export.renamed", own=own, given=given), DOUBT, indent=2)
    if len(exported.renamed) > RENAMED_SHOWN:
        rest = len(exported.renamed) - RENAMED_SHOWN
        screen.say(words("export.renamed.more", count=words.number(rest)), DOUBT, indent=2)
    for each in exported.passed_over:
        screen.say(words("export.passed_over", store=each.store, reason=each.reason), DOUBT)
