"""`edepot selection-list list|show|check`: the lists by which is destroyed and kept."""

from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.retention_changes import say_recomputed
from edepot.cli.screen import DOUBT, GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from retention.list_versions import (
    ListRule,
    ListVersion,
    VersionState,
    check_version,
    list_versions,
    read_version,
    rules_of,
)
from retention.recomputing import Recomputed, recompute_all
from storage.database import reading

STYLES = {VersionState.ACTIVE: GOOD, VersionState.DRAFT: DOUBT, VersionState.REPLACED: QUIET}


def list_them(ctx: typer.Context) -> None:
    """Every version of a list, who checked it, and whether it counts."""
    session: Session = ctx.obj
    with desk_at(session.config()) as desk, reading(desk.engine) as connection:
        versions = list_versions(connection)
    if session.as_json:
        session.print_json([_plain(each) for each in versions])
        return
    words, screen = session.words, session.screen()
    names = ("year", "number", "published", "checked", "state")
    columns = [Column(words(f"selection_list.column.{each}")) for each in names]
    screen.table(columns, [_row(each, session) for each in versions])
    for each in versions:
        if each.state is VersionState.DRAFT:
            options = f"--version {each.number} " if each.number else ""
            screen.say(words("selection_list.wait", year=each.year, options=options), DOUBT)


def show(
    ctx: typer.Context,
    year: Annotated[str, typer.Argument()],
    number: Annotated[str, typer.Argument()] = "",
) -> None:
    """The results of a list: all of them, or those below a number."""
    session: Session = ctx.obj
    with desk_at(session.config()) as desk, reading(desk.engine) as connection:
        version = _of_year(list_versions(connection), year) or read_version(connection, 0, year)
        rules = rules_of(connection, version)
    chosen = [
        each
        for name, each in rules.items()
        if not number or name == number or name.startswith(f"{number}.")
    ]
    if session.as_json:
        session.print_json([_rule_plain(each) for each in chosen])
        return
    words, screen = session.words, session.screen()
    names = ("number", "process", "result", "valuation", "process_term", "term", "origin")
    columns = [Column(words(f"selection_list.column.{each}")) for each in names]
    screen.table(columns, [_rule_row(each, session) for each in chosen])


def check(
    ctx: typer.Context,
    year: Annotated[str, typer.Argument()],
    person: Annotated[str, typer.Option("--as")],
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    number: Annotated[int, typer.Option("--version", min=0)] = 0,
) -> None:
    """Say that you laid a list beside the published text and that it agrees; two persons do."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        actor = actor_of(config, person)
        whose = zorgdrager_of(config, zorgdrager)
        with reading(desk.engine) as connection:
            chosen = number or _to_check(list_versions(connection), year)
        checked = check_version(desk, actor, whose, number=chosen, year=year)
        done = Recomputed()
        if checked.state is VersionState.ACTIVE:
            names = [each.id for each in config.zorgdragers]
            done = recompute_all(desk, names, caused_by=f"list:{checked.year}")
    if session.as_json:
        session.print_json(_plain(checked))
        return
    key = "active" if checked.state is VersionState.ACTIVE else "one_more"
    style = GOOD if checked.state is VersionState.ACTIVE else DOUBT
    session.screen().say(session.words(f"selection_list.{key}", year=year), style)
    say_recomputed(session, done)


def _to_check(versions: tuple[ListVersion, ...], year: str) -> int:
    """The number of the newest version of a year that waits, else of the newest; 0 for what is
    shipped."""
    found = [each for each in versions if each.year == year]
    waiting = [each for each in found if each.state is VersionState.DRAFT]
    return (waiting or found)[-1].number if found else 0


def _of_year(versions: tuple[ListVersion, ...], year: str) -> ListVersion | None:
    """The newest version of a year."""
    found = [each for each in versions if each.year == year]
    return found[-1] if found else None


def _row(version: ListVersion, session: Session) -> list[str | Cell]:
    words = session.words
    state = words(f"selection_list.state.{version.state.value}")
    return [
        version.year,
        str(version.number or "-"),
        version.published,
        ", ".join(version.checked_by) or "-",
        Cell(state, STYLES[version.state]),
    ]


def _rule_row(rule: ListRule, session: Session) -> list[str | Cell]:
    each, words = rule.category, session.words
    valuation = each.valuation.value if each.valuation else "lapsed"
    return [
        each.number,
        each.process,
        each.result,
        words(f"selection_list.valuation.{valuation}"),
        each.process_term.value if each.process_term else "-",
        each.retention_term or "-",
        each.origin,
    ]


def _plain(version: ListVersion) -> dict[str, Any]:
    return {
        "year": version.year,
        "version": version.number,
        "title": version.title,
        "published": version.published,
        "source": version.source,
        "sha256": version.sha256,
        "checked_by": list(version.checked_by),
        "state": version.state.value,
    }


def _rule_plain(rule: ListRule) -> dict[str, Any]:
    each = rule.category
    return {
        "number": each.number,
        "specific": each.specific,
        "process": each.process,
        "result": each.result,
        "valuation": each.valuation.value if each.valuation else "",
        "process_term": each.process_term.value if each.process_term else "",
        "process_term_note": each.process_term_note,
        "retention_term": each.retention_term,
        "origin": each.origin,
        "minimum": rule.minimum,
        "mixed": rule.mixed,
    }
