"""Searching the catalogue and showing what was found; without anything that starts slowly."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from edepot.cli.session import Session
from edepot.depot_database import gone, open_existing
from storage.catalogue import Hit
from storage.catalogue import find as find_in_catalogue
from storage.database import reading

if TYPE_CHECKING:
    from edepot.cli.screen import Screen

LIMIT = 50
SHORT_ID = 13
"""So many characters of an id tell AIPs apart in practice, and fit on a screen."""


def answer_find(
    session: Session, text: Sequence[str], zorgdrager: str | None = None, limit: int = LIMIT
) -> None:
    """Search, and answer as JSON or as a table."""
    sought = " ".join(text)
    with reading(open_existing(session.config())) as connection:
        hits = find_in_catalogue(connection, sought, limit + 1, zorgdrager=zorgdrager)
        past = None if hits else gone(connection, sought)
    if past is not None:
        raise past
    if session.as_json:
        session.print_json([_plain(each) for each in hits[:limit]])
    else:
        show_hits(hits[:limit], len(hits) > limit, sought, session.screen())


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
