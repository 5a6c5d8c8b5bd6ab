"""`edepot init`: a new depot in a folder."""

from pathlib import Path
from typing import Annotated

import typer

from edepot.cli.screen import GOOD, Cell, Column
from edepot.cli.session import Session
from edepot.founding import DATABASE, OWO, Founded, found_depot, read_zorgdrager
from storage.database import shown


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument()],
    zorgdrager: Annotated[list[str] | None, typer.Option("--zorgdrager")] = None,
    database: Annotated[str, typer.Option("--database")] = DATABASE,
) -> None:
    """Found a depot in a folder; what is there already stays as it is."""
    session: Session = ctx.obj
    zorgdragers = [read_zorgdrager(each) for each in zorgdrager or ()] or OWO
    founded = found_depot(folder, zorgdragers, session.words.language, database)
    if session.as_json:
        session.print_json(_plain(founded))
    else:
        _show(founded, session)


def _plain(founded: Founded) -> dict[str, object]:
    return {
        "depot": str(founded.config.folder),
        "new": bool(founded.made),
        "made": list(founded.made),
        "zorgdragers": [{"id": each.id, "name": each.name} for each in founded.config.zorgdragers],
        "database": shown(founded.config.database),
        "stores": [each.name for each in founded.config.stores],
    }


def _show(founded: Founded, session: Session) -> None:
    words, screen, config = session.words, session.screen(), founded.config
    key = "init.made" if founded.made else "init.there"
    screen.say(words(key, folder=config.folder), GOOD)
    columns = [
        Column("id", fold=False),
        Column(words("init.zorgdrager")),
        Column(words("init.stores")),
    ]
    screen.table(
        columns, [(Cell(each.id), each.name, ", ".join(each.stores)) for each in config.zorgdragers]
    )
    screen.pairs(
        [
            (words("init.settings"), str(config.file)),
            (words("init.database"), shown(config.database)),
            (words("init.agreements"), str(config.agreements)),
            (words("init.keys"), str(config.zorgdragers[0].key.parent)),
        ]
    )
    if founded.made:
        screen.gap()
        screen.say(words("init.next", folder=config.folder))
