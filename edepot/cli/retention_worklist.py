"""`edepot retention worklist`: the dossiers that a person has to look at, and how to solve it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from edepot.cli.screen import GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.depot import now
from edepot.depot_database import open_existing
from edepot.messages import Words
from edepot.register_found import one_zorgdrager, zorgdragers_of
from edepot.register_sheet import write_csv, write_xlsx
from edepot.register_words import cause_text, solution_text, until_text
from retention.correction_rows import COLUMNS, DOSSIER, IDENTIFIER, REASON
from retention.days import trusted_today
from retention.register import Dossier, Key
from retention.worklists import Counted, Page, Worklist, count_worklists, every, page
from storage.database import reading

SHOWN = ("zorgdrager", "zaaktype", "result", "list_year", "category", "started_on", "ended_on",
         "decision", "cause", "brondatum", "end_date", "eligible_from")  # fmt: skip
HEADER = (DOSSIER, IDENTIFIER, *SHOWN, "why", "solve", *COLUMNS, REASON)
"""The columns of the file: what is, and empty ones to fill in for `edepot retention correct`."""


def worklist(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    name: Annotated[Worklist | None, typer.Argument()] = None,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    cause: Annotated[str, typer.Option("--cause")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 100,
    after: Annotated[str, typer.Option("--after")] = "",
    csv: Annotated[Path | None, typer.Option("--csv")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx")] = None,
) -> None:
    """Count the worklists, or show one; the whole of it in a file that can come back corrected."""
    session: Session = ctx.obj
    config = session.config()
    engine = open_existing(config)
    try:
        with reading(engine) as connection:
            if name is None:
                _count(connection, zorgdragers_of(config, zorgdrager), session)
                return
            mine = one_zorgdrager(config, zorgdrager)
            today = trusted_today(connection, mine, now())
            if csv or xlsx:
                read = partial(every, connection, mine, name, today, cause)
                _write(read, name, csv, xlsx, session)
                return
            part = page(connection, mine, name, today, cause=cause, after=_key(after), limit=limit)
    finally:
        engine.dispose()
    _show(part, name, session)


def _count(connection: Connection, zorgdragers: Sequence[str], session: Session) -> None:
    found = [
        (each, counted)
        for each in zorgdragers
        for counted in count_worklists(connection, each, _today(connection, each))
    ]
    if session.as_json:
        session.print_json([_counted_plain(each, counted) for each, counted in found])
        return
    words, screen = session.words, session.screen()
    columns = [
        Column(words("retention.explain.zorgdrager"), fold=False),
        Column(words("retention.worklist.name"), fold=False),
        Column(words("retention.worklist.count"), number=True),
        Column(words("retention.worklist.why")),
        Column(words("retention.worklist.solve")),
    ]
    rows: list[list[str | Cell]] = []
    for each, counted in found:
        for cause, number in counted.causes.items():
            rows.append(_count_row(each, counted, cause, number, words))
    if not rows:
        screen.say(words("retention.worklist.nothing"), GOOD)
        return
    screen.table(columns, rows)
    screen.say(words("retention.worklist.more"), QUIET)


def _count_row(
    zorgdrager: str, counted: Counted, cause: str, number: int, words: Words
) -> list[str | Cell]:
    name = counted.worklist.value
    why = cause_text(cause, words) or words(f"retention.worklist.of.{name}")
    return [zorgdrager, name, words.number(number), why, solution_text(cause, name, words)]


def _show(part: Page, name: Worklist, session: Session) -> None:
    if session.as_json:
        session.print_json(
            {
                "worklist": name.value,
                "dossiers": [_plain(each) for each in part.dossiers],
                "after": _after(part.following),
            }
        )
        return
    words, screen = session.words, session.screen()
    if not part.dossiers:
        screen.say(words("retention.worklist.nothing"), GOOD)
        return
    columns = [
        Column(words("retention.explain.dossier"), fold=False),
        Column(words("retention.worklist.identifier")),
        Column(words("retention.explain.zaaktype")),
        Column(words("retention.explain.category"), fold=False),
        Column(words("retention.explain.until"), fold=False),
        Column(words("retention.worklist.why")),
    ]
    screen.table(columns, [_row(each, name, words) for each in part.dossiers])
    for cause in dict.fromkeys(each.cause for each in part.dossiers):
        text = cause_text(cause, words) or words(f"retention.worklist.of.{name.value}")
        screen.say(f"{text}: {solution_text(cause, name.value, words)}", QUIET)
    if part.following is not None:
        screen.say(words("retention.worklist.next", after=_after(part.following)), QUIET)


def _row(dossier: Dossier, name: Worklist, words: Words) -> list[str | Cell]:
    category = ", ".join(each for each in (dossier.list_year, dossier.category) if each)
    why = cause_text(dossier.cause, words) or words(f"retention.worklist.of.{name.value}")
    until = until_text(dossier, words)
    return [dossier.dossier, dossier.identifier, dossier.zaaktype, category, until, why]


def _write(
    read: Callable[[], Iterator[Dossier]],
    name: Worklist,
    csv: Path | None,
    xlsx: Path | None,
    session: Session,
) -> None:
    """The whole list in each file, read anew for each: a million rows are never held."""
    words, number = session.words, 0
    for write, file in ((write_csv, csv), (write_xlsx, xlsx)):
        if file is not None:
            number = write(HEADER, (_file_row(each, name, words) for each in read()), file)
    files = [str(each) for each in (csv, xlsx) if each is not None]
    if session.as_json:
        session.print_json({"worklist": name.value, "dossiers": number, "files": files})
        return
    count = words.counted("retention.count.dossier", number)
    session.screen().say(
        words("retention.worklist.written", dossiers=count, files=", ".join(files)), GOOD
    )


def _file_row(dossier: Dossier, name: Worklist, words: Words) -> list[str | int]:
    why = cause_text(dossier.cause, words) or words(f"retention.worklist.of.{name.value}")
    solve = solution_text(dossier.cause, name.value, words)
    shown = [str(getattr(dossier, each)) for each in SHOWN]
    return [dossier.dossier, dossier.identifier, *shown, why, solve, *[""] * (len(COLUMNS) + 1)]


def _plain(dossier: Dossier) -> dict[str, Any]:
    return {name: getattr(dossier, name) for name in (DOSSIER, IDENTIFIER, *SHOWN)}


def _counted_plain(zorgdrager: str, counted: Counted) -> dict[str, Any]:
    return {
        "zorgdrager": zorgdrager,
        "worklist": counted.worklist.value,
        "dossiers": counted.total,
        "causes": dict(counted.causes),
    }


def _today(connection: Connection, zorgdrager: str) -> date:
    return trusted_today(connection, zorgdrager, now())


def _key(after: str) -> Key | None:
    first, _, dossier = after.rpartition("/")
    return (first, dossier) if dossier else None


def _after(key: Key | None) -> str | None:
    return None if key is None else f"{key[0]}/{key[1]}"
