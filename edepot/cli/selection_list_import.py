"""`edepot selection-list import|compare`: a newer edition taken in, and what it says otherwise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.findings_told import refuse
from edepot.cli.retention_changes import preview_plain, show_preview
from edepot.cli.screen import DOUBT, GOOD, QUIET, Column
from edepot.cli.session import Session
from edepot.config import Config
from edepot.errors import PathMissing
from edepot.exits import Exit
from formats.plain import to_plain
from retention.active_lists import read_active_lists
from retention.grounds import Assumed
from retention.list_compare import Comparison, compare_rules
from retention.list_import import About, read_list_file
from retention.list_versions import (
    ListRule,
    ListVersion,
    active_version,
    add_version,
    list_versions,
    read_version,
    rules_of,
)
from retention.nouns import Desk
from retention.recomputing import Preview, preview_now
from storage.database import reading

SHOWN = 50


def take_in(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument()],
    year: Annotated[int, typer.Argument(min=1990, max=2100)],
    person: Annotated[str, typer.Option("--as")],
    title: Annotated[str, typer.Option("--title")],
    published: Annotated[str, typer.Option("--published")],
    adopted_on: Annotated[str, typer.Option("--adopted")] = "",
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
) -> int:
    """Take in an edition as a draft: whole or not at all; then two other persons check it."""
    session: Session = ctx.obj
    config = session.config()
    if not file.is_file():
        raise PathMissing(path=file)
    day = read_day(adopted_on).isoformat() if adopted_on else ""
    about = About(str(year), title, published, day)
    read = read_list_file(file.name, file.read_bytes(), about)
    if read.version is None:
        refuse(session, read.findings)
        return int(Exit.MATERIAL)
    with desk_at(config) as desk:
        actor = actor_of(config, person)
        made = add_version(desk, actor, zorgdrager_of(config, zorgdrager), read.version)
        with reading(desk.engine) as connection:
            old = _rules_before(connection, made)
            new = rules_of(connection, made)
            found = compare_rules(old, new)
        outcomes = _outcomes(desk, config, made.year, new)
    if session.as_json:
        plain = {
            "version": made.number,
            "year": made.year,
            "compared": to_plain(found),
            "dossiers": {name: preview_plain(each) for name, each in outcomes.items()},
        }
        session.print_json(plain)
        return int(Exit.WELL)
    words, screen = session.words, session.screen()
    text = words("selection_list.imported", year=made.year, number=made.number)
    screen.say(text, DOUBT)
    _show(found, session)
    _show_outcomes(outcomes, session)
    return int(Exit.WELL)


def compare(
    ctx: typer.Context,
    first: Annotated[int, typer.Argument(min=0)],
    second: Annotated[int, typer.Argument(min=1)],
    year: Annotated[str, typer.Option("--year")] = "",
) -> None:
    """What the second version says otherwise than the first (0: the shipped one of --year)."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            old = rules_of(connection, read_version(connection, first, year))
            later = read_version(connection, second)
            new = rules_of(connection, later)
        outcomes = _outcomes(desk, config, later.year, new)
    found = compare_rules(old, new)
    if session.as_json:
        dossiers = {name: preview_plain(each) for name, each in outcomes.items()}
        session.print_json({**to_plain(found), "dossiers": dossiers})
        return
    _show(found, session)
    _show_outcomes(outcomes, session)


def _outcomes(
    desk: Desk, config: Config, year: str, rules: Mapping[str, ListRule]
) -> dict[str, Preview]:
    """By zorgdrager the dossiers whose outcome would change if these results counted."""
    with reading(desk.engine) as connection:
        lists = read_active_lists(connection).with_list(year, rules)
    assumed = Assumed(lists=lists)
    return {each.id: preview_now(desk, each.id, assumed) for each in config.zorgdragers}


def _show_outcomes(outcomes: Mapping[str, Preview], session: Session) -> None:
    for zorgdrager, found in outcomes.items():
        text = session.words("selection_list.dossiers", zorgdrager=zorgdrager)
        session.screen().say(text)
        show_preview(found, session)


def _rules_before(connection: Connection, made: ListVersion) -> Mapping[str, ListRule]:
    """The results of what this year had before: the active version, or the newest of the year or
    of the year before it."""
    active = active_version(connection, made.year)
    others = [
        each
        for each in list_versions(connection)
        if each.year <= made.year and each.number != made.number
    ]
    before = active or (others[-1] if others else None)
    return rules_of(connection, before) if before else {}


def _show(found: Comparison, session: Session) -> None:
    words, screen = session.words, session.screen()
    if found.same:
        screen.say(words("selection_list.same"), GOOD)
        return
    for name in ("added", "removed"):
        numbers = getattr(found, name)
        if numbers:
            shown = ", ".join(numbers[:SHOWN]) + (" …" if len(numbers) > SHOWN else "")
            text = words(f"selection_list.{name}", count=len(numbers), numbers=shown)
            screen.say(text)
    if found.changed:
        names = ("number", "field", "was", "becomes")
        columns = [Column(words(f"selection_list.column.{each}")) for each in names]
        rows = [[each.number, each.field, each.was, each.becomes] for each in found.changed]
        screen.table(columns, rows[:SHOWN])
        if len(rows) > SHOWN:
            screen.say(words("selection_list.more", count=len(rows) - SHOWN), QUIET)
