"""`edepot retention correct`: a table of corrections, previewed, proposed, and checked."""

from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_on
from edepot.cli.retention_changes import preview_plain, show_preview
from edepot.cli.screen import BAD, GOOD, QUIET, Column
from edepot.cli.session import Session
from edepot.config import Config
from edepot.depot_database import open_existing
from edepot.errors import WrongUse
from edepot.exits import Exit
from edepot.register_found import one_zorgdrager
from edepot.register_sheet import read_table
from retention.correction_rows import Fault, Wanted, read_rows
from retention.corrections import (
    Correction,
    decide,
    list_corrections,
    preview_correction,
    propose,
)
from retention.nouns import Desk
from storage.database import reading

FAULTS_SHOWN = 50


def correct(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument()] = None,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    reason: Annotated[str, typer.Option("--reason")] = "",
    check: Annotated[int | None, typer.Option("--check", min=1)] = None,
    refuse: Annotated[int | None, typer.Option("--refuse", min=1)] = None,
    person: Annotated[str | None, typer.Option("--as")] = None,
) -> int:
    """Show what a table would change; with --as propose it, or check what another proposed."""
    session: Session = ctx.obj
    asked = [each for each in (file, check, refuse) if each is not None]
    if len(asked) > 1 or ((check or refuse) and person is None):
        raise WrongUse(what="correct")
    config = session.config()
    engine = open_existing(config)
    try:
        desk = desk_on(engine, config)
        if file is not None:
            return _from_file(desk, config, file, zorgdrager, reason, person, session)
        if person is not None and (check or refuse):
            actor = actor_of(config, person)
            number, agrees = check or refuse or 0, check is not None
            done = decide(desk, actor, number, agrees=agrees, reason=reason)
            _show_one(done, session)
            return int(Exit.WELL)
        with reading(engine) as connection:
            found = list_corrections(connection, one_zorgdrager(config, zorgdrager))
        _show_all(found, session)
        return int(Exit.WELL)
    finally:
        engine.dispose()


def _from_file(  # noqa: PLR0913, PLR0917 - what was asked on the command line
    desk: Desk,
    config: Config,
    file: Path,
    zorgdrager: str | None,
    reason: str,
    person: str | None,
    session: Session,
) -> int:
    header, rows, digest = read_table(file)
    mine = one_zorgdrager(config, zorgdrager)
    with reading(desk.engine) as connection:
        wanted = read_rows(connection, mine, header, rows, reason)
    if wanted.faults:
        _show_faults(wanted, session)
        return int(Exit.MATERIAL)
    found = preview_correction(desk, wanted)
    made = None
    if person is not None:
        actor = actor_of(config, person)
        made = propose(desk, actor, mine, (file.name, digest), wanted, reason)
    if session.as_json:
        plain = {"rows": wanted.rows, "facts": len(wanted.sayings), "faults": []}
        plain |= {"preview": preview_plain(found), "correction": _plain(made) if made else None}
        session.print_json(plain)
        return int(Exit.WELL)
    show_preview(found, session)
    if made is not None:
        _show_one(made, session)
    else:
        session.screen().say(session.words("retention.correct.only_preview"), QUIET)
    return int(Exit.WELL)


def _show_faults(wanted: Wanted, session: Session) -> None:
    if session.as_json:
        session.print_json(
            {"rows": wanted.rows, "faults": [_fault_plain(each) for each in wanted.faults]}
        )
        return
    words, screen = session.words, session.screen()
    screen.say(words("retention.correct.faults", number=words.number(len(wanted.faults))), BAD)
    columns = [
        Column(words("retention.correct.row"), number=True),
        Column(words("retention.correct.wrong")),
        Column(words("retention.correct.found")),
    ]
    screen.table(
        columns,
        [
            [str(each.row), words(f"retention.correct.fault.{each.code}"), each.found]
            for each in wanted.faults[:FAULTS_SHOWN]
        ],
    )


def _show_one(correction: Correction, session: Session) -> None:
    if session.as_json:
        session.print_json(_plain(correction))
        return
    values = {"number": correction.number, "facts": session.words.number(correction.facts)}
    style = QUIET if correction.state == "refused" else GOOD
    session.screen().say(session.words(f"retention.correct.{correction.state}", **values), style)


def _show_all(found: tuple[Correction, ...], session: Session) -> None:
    if session.as_json:
        session.print_json([_plain(each) for each in found])
        return
    words, screen = session.words, session.screen()
    if not found:
        screen.say(words("retention.correct.none"))
        return
    columns = [
        Column(words("retention.correct.number"), number=True),
        Column(words("retention.correct.file")),
        Column(words("retention.correct.reason")),
        Column(words("retention.correct.facts"), number=True),
        Column(words("retention.correct.made"), fold=False),
        Column(words("retention.correct.state"), fold=False),
    ]
    rows = [
        [
            str(each.number),
            each.name,
            each.reason,
            words.number(each.facts),
            f"{words.instant(each.made_at)} {each.made_by}",
            " ".join((words(f"retention.correct.of.{each.state}"), each.decided_by)).strip(),
        ]
        for each in found
    ]
    screen.table(columns, rows)


def _plain(correction: Correction) -> dict[str, Any]:
    return {name: getattr(correction, name) for name in Correction.__slots__}


def _fault_plain(fault: Fault) -> dict[str, Any]:
    return {"row": fault.row, "code": fault.code, "found": fault.found}
