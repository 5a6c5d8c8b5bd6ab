"""`edepot mapping list|set|check|compare`: which result of the list holds for a zaaktype."""

from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.screen import DOUBT, GOOD, QUIET, Cell, Column
from edepot.cli.selection_list import say_recomputed
from edepot.cli.session import Session
from edepot.depot import now
from formats.plain import to_plain
from retention.days import local_day
from retention.mapping import (
    Mapping,
    NewMapping,
    check_mapping,
    compare_mappings,
    list_mappings,
    set_mapping,
)
from retention.recomputing import recompute_all
from storage.database import reading

Whose = Annotated[str | None, typer.Option("--zorgdrager")]


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
    person: Annotated[str, typer.Option("--as")],
    reason: Annotated[str, typer.Option("--reason")],
    zorgdrager: Whose = None,
    trigger: Annotated[str, typer.Option("--trigger")] = "",
    process_term: Annotated[str, typer.Option("--process-term")] = "",
    from_day: Annotated[str | None, typer.Option("--from")] = None,
    to_day: Annotated[str | None, typer.Option("--to")] = None,
) -> None:
    """Map a zaaktype and resultaat to a result of the list; another person has to check it."""
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
        made = set_mapping(desk, actor_of(config, person), whose, new)
    _say(session, made, "mapping.made", DOUBT)


def check(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(min=1)],
    person: Annotated[str, typer.Option("--as")],
    zorgdrager: Whose = None,
) -> None:
    """Agree with a mapping as a second person; from then on it counts."""
    session: Session = ctx.obj
    config = session.config()
    whose = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk:
        checked = check_mapping(desk, actor_of(config, person), whose, number)
        done = recompute_all(desk, [whose], caused_by=f"mapping:{checked.number}")
    _say(session, checked, "mapping.checked", GOOD)
    if not session.as_json:
        say_recomputed(session, done)


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
