"""`edepot mapping list|set|check|compare|import`: which result of the list holds for a zaaktype."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.findings_told import refuse
from edepot.cli.retention_changes import say_preview, say_recomputed
from edepot.cli.screen import DOUBT, GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.depot import now
from edepot.errors import WrongUse
from edepot.exits import Exit
from edepot.register_sheet import read_table
from formats.plain import to_plain
from retention.days import local_day
from retention.mapping import (
    Mapping,
    NewMapping,
    as_if_checked,
    check_mappings,
    compare_mappings,
    list_mappings,
    read_mapping,
    require_possible,
    set_mapping,
    set_mappings,
)
from retention.mapping_rows import read_mapping_rows
from retention.recomputing import recompute_all
from storage.database import reading

Whose = Annotated[str | None, typer.Option("--zorgdrager")]
MOST = 10_000
"""So many mappings one person agrees with at once."""


def list_them(ctx: typer.Context, zorgdrager: Whose = None) -> None:
    """The mappings of a zorgdrager, and which still wait for a second person."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk, reading(desk.engine) as connection:
        found = list_mappings(connection, whose)
    if session.as_json:
        session.print_json([to_plain(each) for each in found])
        return
    words, screen = session.words, session.screen()
    if not found:
        screen.say(words("mapping.none", zorgdrager=whose), QUIET)
        return
    names = ("number", "zaaktype", "result", "rule", "trigger", "valid", "checked")
    columns = [Column(words(f"mapping.column.{each}")) for each in names]
    screen.table(columns, [_row(each, session) for each in found])


def change(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    zaaktype: Annotated[str, typer.Argument()],
    result: Annotated[str, typer.Argument()],
    list_year: Annotated[str, typer.Argument()],
    category: Annotated[str, typer.Argument()],
    reason: Annotated[str, typer.Option("--reason")],
    person: Annotated[str | None, typer.Option("--as")] = None,
    zorgdrager: Whose = None,
    trigger: Annotated[str, typer.Option("--trigger")] = "",
    process_term: Annotated[str, typer.Option("--process-term")] = "",
    from_day: Annotated[str | None, typer.Option("--from")] = None,
    to_day: Annotated[str | None, typer.Option("--to")] = None,
) -> None:
    """Show what mapping a zaaktype and resultaat to a result of the list would change; with --as
    write it down, for another person to check."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    new = NewMapping(
        zaaktype,
        "" if result == "*" else result,
        list_year,
        category,
        read_day(from_day) if from_day else local_day(now()),
        reason,
        trigger,
        process_term,
        read_day(to_day) if to_day else None,
    )
    with desk_at(config) as desk:
        if person is None:
            with reading(desk.engine) as connection:
                require_possible(connection, whose, [new])
            say_preview(session, desk, whose, mappings=as_if_checked(whose, [new]))
            return
        made = set_mapping(desk, actor_of(config, person), whose, new)
    _say(session, made, "mapping.made", DOUBT)


def check(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(min=1)],
    last: Annotated[int | None, typer.Argument(min=1)] = None,
    person: Annotated[str | None, typer.Option("--as")] = None,
    zorgdrager: Whose = None,
) -> None:
    """Show what a mapping (or all from the first number to the last) would change; with --as agree
    with it as a second person."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    if last is not None and not number <= last < number + MOST:
        raise WrongUse(what="numbers", found=f"{number} - {last}", most=MOST)
    numbers = range(number, (last or number) + 1)
    with desk_at(config) as desk:
        if person is None:
            with reading(desk.engine) as connection:
                waiting = [read_mapping(connection, whose, each) for each in numbers]
            say_preview(session, desk, whose, mappings=waiting)
            return
        checked = check_mappings(desk, actor_of(config, person), whose, numbers)
        cause = f"mapping:{number}" if last is None else f"mapping:{number}-{last}"
        done = recompute_all(desk, [whose], caused_by=cause)
    if len(checked) == 1:
        _say(session, checked[0], "mapping.checked", GOOD)
    else:
        _say_all(session, checked, "mapping.checked_all", GOOD)
    if not session.as_json:
        say_recomputed(session, done)


def take_in(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument()],
    person: Annotated[str | None, typer.Option("--as")] = None,
    reason: Annotated[str, typer.Option("--reason")] = "",
    zorgdrager: Whose = None,
    from_day: Annotated[str | None, typer.Option("--from")] = None,
) -> int:
    """Show what the mappings in a table would change; with --as write them down, all or none."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    day = read_day(from_day) if from_day else local_day(now())
    header, rows, _digest = read_table(file)
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            read = read_mapping_rows(
                connection, whose, file.name, header, rows, reason=reason, valid_from=day
            )
        if read.findings:
            refuse(session, read.findings)
            return int(Exit.MATERIAL)
        if not session.as_json:
            values = {"new": len(read.new), "known": read.known}
            session.screen().say(session.words("mapping.read", **values))
        if person is None:
            say_preview(session, desk, whose, mappings=as_if_checked(whose, read.new))
            return int(Exit.WELL)
        made = set_mappings(desk, actor_of(config, person), whose, read.new)
    if made or session.as_json:
        _say_all(session, made, "mapping.made_all", DOUBT)
    return int(Exit.WELL)


def compare(ctx: typer.Context) -> None:
    """Where the zorgdragers of this depot map the same zaaktype and resultaat differently."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk, reading(desk.engine) as connection:
        found = compare_mappings(connection, tuple(each.id for each in config.zorgdragers))
    if session.as_json:
        session.print_json([to_plain(each) for each in found])
        return
    words, screen = session.words, session.screen()
    if not found:
        screen.say(words("mapping.same"), GOOD)
    for each in found:
        rules = "; ".join(f"{zorgdrager}: {rule}" for zorgdrager, rule in each.rules)
        text = words("mapping.differs", zaaktype=each.zaaktype, result=each.result, rules=rules)
        screen.say(text, DOUBT)


def _say(session: Session, mapping: Mapping, key: str, style: str) -> None:
    if session.as_json:
        plain: dict[str, Any] = to_plain(mapping)
        session.print_json(plain)
        return
    rule = f"{mapping.list_year}, {mapping.category}"
    values = {"number": mapping.number, "zaaktype": mapping.zaaktype, "rule": rule}
    session.screen().say(session.words(key, **values), style)


def _say_all(session: Session, mappings: Sequence[Mapping], key: str, style: str) -> None:
    if session.as_json:
        session.print_json([to_plain(each) for each in mappings])
        return
    numbers = {"first": mappings[0].number, "last": mappings[-1].number}
    session.screen().say(session.words(key, **numbers), style)


def _row(mapping: Mapping, session: Session) -> list[str | Cell]:
    words = session.words
    until = words.day(mapping.valid_to.isoformat()) if mapping.valid_to else "…"
    checked = mapping.checked_by or words("mapping.waits")
    return [
        str(mapping.number),
        mapping.zaaktype,
        mapping.result or "*",
        f"{mapping.list_year}, {mapping.category}",
        mapping.trigger or "-",
        f"{words.day(mapping.valid_from.isoformat())} – {until}",
        Cell(checked, GOOD if mapping.checked_by else DOUBT),
    ]
