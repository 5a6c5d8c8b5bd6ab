"""`edepot find`: which AIPs hold these words."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edepot.cli.session import Session
from edepot.depot_database import open_existing
from storage.catalogue import Hit
from storage.catalogue import find as find_in_catalogue
from storage.database import reading

if TYPE_CHECKING:
    from edepot.cli.screen import Screen


def find(
    ctx: typer.Context,
    text: Annotated[list[str], typer.Argument()],
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1)] = 50,
) -> None:
    """Search titles, identifiers, file names and descriptions; every word must be found."""
    session: Session = ctx.obj
    engine = open_existing(session.config())
    with reading(engine) as connection:
        hits = find_in_catalogue(connection, " ".join(text), limit + 1, zorgdrager=zorgdrager)
    more, hits = len(hits) > limit, hits[:limit]
    if session.as_json:
        session.print_json([_plain(each) for each in hits])
    else:
        show_hits(hits, more, " ".join(text), session.screen())


def _plain(hit: Hit) -> dict[str, Any]:
    return asdict(hit) | {"stored_at": hit.stored_at.isoformat()}


def show_hits(hits: Sequence[Hit], more: bool, text: str, screen: "Screen") -> None:
    """What was found, as a table; `more` says that there is more than this."""
    from edepot.cli.screen import QUIET, Column  # noqa: PLC0415 - not needed for JSON

    words = screen.words
    if not hits:
        screen.say(words("find.none", text=text))
        screen.say(words("find.advice"), QUIET)
        return
    columns = [
        Column(words("aip.identifier")),
        Column(words("aip.title")),
        Column(words("find.zorgdrager"), fold=False),
        Column(words("aip.files"), number=True),
        Column(words("find.stored"), fold=False),
        Column(words("aip.id"), fold=False),
    ]
    rows = [
        (
            each.identifier,
            each.title,
            each.zorgdrager,
            words.number(each.files),
            words.day(each.stored_at.isoformat()),
            each.aip_id[:SHORT_ID],
        )
        for each in hits
    ]
    screen.table(columns, rows)
    key = "find.more" if more else "find.next"
    screen.say(words(key, aip=hits[0].aip_id[:SHORT_ID], shown=len(hits)), QUIET)


SHORT_ID = 13
"""So many characters of an id tell AIPs apart in practice, and fit on a screen."""
