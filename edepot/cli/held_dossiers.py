"""`edepot held dossiers`: the dossiers that a party holds, brought into the register here."""

from pathlib import Path
from typing import Annotated

import typer

from edepot.acting import actor_of, desk_at
from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, GOOD
from edepot.cli.session import Session
from edepot.errors import PathMissing
from edepot.exits import Exit
from ingest.receipt import finding_plain
from retention.enrolling_held import enrol_held


def dossiers(
    ctx: typer.Context,
    party: Annotated[str, typer.Argument()],
    file: Annotated[Path, typer.Argument()],
    person: Annotated[str, typer.Option("--as")],
) -> int:
    """Bring the dossiers of a table into the register: all of them, or none."""
    session: Session = ctx.obj
    config = session.config()
    if not file.is_file():
        raise PathMissing(path=file)
    with desk_at(config) as desk:
        actor = actor_of(config, person)
        done = enrol_held(desk, actor, party, file.name, file.read_bytes())
    code = Exit.MATERIAL if done.findings else Exit.WELL
    if session.as_json:
        session.print_json(
            {
                "party": party,
                "added": done.added,
                "known": done.known,
                "findings": [finding_plain(each, session.lang) for each in done.findings],
            }
        )
        return int(code)
    words, screen = session.words, session.screen()
    show_findings(done.findings, screen)
    if done.findings:
        screen.say(words("held_dossiers.refused"), BAD)
    else:
        added = words.counted("count.dossier", done.added)
        text = words("held_dossiers.added", party=party, added=added, known=done.known)
        screen.say(text, GOOD)
    return int(code)
