"""`edepot destruction new|list|show|add|remove|withdraw`: lists, and what stands on them."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.destruction_shown import (
    items_plain,
    list_plain,
    refused_plain,
    show_items,
    show_lists,
    show_made,
    show_moved,
)
from edepot.cli.screen import GOOD
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.disposal_documents.writing import ListForm, write_list
from edepot.errors import WrongUse
from edepot.naming import named_dossiers, names_of
from retention import destruction_list, review, signing
from retention.candidates import Selection
from retention.list_reading import in_order, items_of, list_lists, read_list
from retention.nouns import ItemState, ListState
from retention.remarks import threads
from retention.transitions import Event
from storage.database import reading

As = Annotated[str, typer.Option("--as")]
Reason = Annotated[str, typer.Option("--reason")]
ListId = Annotated[str, typer.Argument()]
PAGE = 50


def new(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    acting: As,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    dossiers: Annotated[list[str] | None, typer.Option("--dossier")] = None,
    from_list: Annotated[str, typer.Option("--from-list")] = "",
    due_by: Annotated[str, typer.Option("--due-by")] = "",
    category: Annotated[str, typer.Option("--category")] = "",
    list_year: Annotated[str, typer.Option("--list-year")] = "",
    zaaktype: Annotated[str, typer.Option("--zaaktype")] = "",
    most: Annotated[int | None, typer.Option("--most", min=1)] = None,
) -> None:
    """Make a list of what is due; what may not be on it is told with the reason."""
    session: Session = ctx.obj
    config = session.config()
    owner = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            named = named_dossiers(connection, owner, dossiers or ())
            if from_list:
                named += _freed(connection, from_list)
        selection = Selection(
            dossiers=named,
            due_by=read_day(due_by) if due_by else None,
            list_year=list_year,
            category=category,
            zaaktype=zaaktype,
            most=most,
        )
        made = destruction_list.new_list(
            desk, actor_of(config, acting), owner, name=name, selection=selection
        )
        with reading(desk.engine) as connection:
            names = names_of(connection, [each for each, _ in made.refused])
            plain = list_plain(connection, made)
    if session.as_json:
        session.print_json(plain | {"refused": refused_plain(made.refused)})
    else:
        show_made(plain, made.refused, names, session.screen())


def list_them(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    state: Annotated[ListState | None, typer.Option("--state")] = None,
) -> None:
    """Every list, the newest first."""
    session: Session = ctx.obj
    config = session.config()
    owner = zorgdrager_of(config, zorgdrager) if zorgdrager else ""
    with desk_at(config) as desk, reading(desk.engine) as connection:
        found = list_lists(connection, owner, [state] if state else ())
        plain = [list_plain(connection, each) for each in found]
    if session.as_json:
        session.print_json(plain)
    else:
        show_lists(plain, session.screen())


def show(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    after: Annotated[str | None, typer.Option("--after")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = PAGE,
    to: Annotated[Path | None, typer.Option("--to")] = None,
    csv: Annotated[bool, typer.Option("--csv")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx")] = False,
    pdf: Annotated[bool, typer.Option("--pdf")] = False,
    json_file: Annotated[bool, typer.Option("--json-file")] = False,
    public: Annotated[bool, typer.Option("--public")] = False,
) -> None:
    """The items of a list with the remarks and answers on each; or the whole list as files."""
    session: Session = ctx.obj
    wanted = dict(zip(ListForm, (json_file, csv, xlsx, pdf), strict=True))
    forms = [form for form, asked in wanted.items() if asked]
    if bool(forms) is not (to is not None):
        raise WrongUse(what="list_files")
    if to is not None:
        _write(session, list_id, to, forms, public=public)
        return
    with desk_at(session.config()) as desk, reading(desk.engine) as connection:
        listed = read_list(connection, list_id)
        if after is not None:
            [after] = named_dossiers(connection, listed.zorgdrager, [after])
        items = items_of(connection, list_id, after, limit)
        said = threads(connection, list_id)
        plain = list_plain(connection, listed)
    if session.as_json:
        session.print_json(plain | {"items": items_plain(items, said)})
    else:
        show_items(plain, items, said, session.screen(), full=len(items) == limit)


def add(
    ctx: typer.Context,
    list_id: ListId,
    dossiers: Annotated[list[str], typer.Argument()],
    acting: As,
) -> None:
    """Take dossiers in, as long as the list is a concept."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            owner = read_list(connection, list_id).zorgdrager
            named = named_dossiers(connection, owner, dossiers)
        made = destruction_list.add(desk, actor_of(config, acting), list_id, named)
        with reading(desk.engine) as connection:
            names = names_of(connection, [each for each, _ in made.refused])
            plain = list_plain(connection, made)
    if session.as_json:
        session.print_json(plain | {"refused": refused_plain(made.refused)})
    else:
        show_made(plain, made.refused, names, session.screen())


def remove(
    ctx: typer.Context,
    list_id: ListId,
    dossiers: Annotated[list[str], typer.Argument()],
    acting: As,
    reason: Reason,
) -> None:
    """Take dossiers off, as long as the proposer may change the list."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            owner = read_list(connection, list_id).zorgdrager
            named = named_dossiers(connection, owner, dossiers)
        made = destruction_list.remove(desk, actor_of(config, acting), list_id, named, reason)
        with reading(desk.engine) as connection:
            plain = list_plain(connection, made)
    if session.as_json:
        session.print_json(plain)
    else:
        show_made(plain, (), {}, session.screen())


def withdraw(ctx: typer.Context, list_id: ListId, acting: As, reason: Reason) -> None:
    """Take a list back before it is signed, or abort it while it waits."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            waits = read_list(connection, list_id).state is ListState.WAITING
        deed = signing.abort if waits else review.withdraw
        moved = deed(desk, actor_of(config, acting), list_id, reason)
        show_moved(session, desk, moved)


def _freed(connection: Connection, list_id: str) -> tuple[str, ...]:
    """What stood on a list until it was withdrawn, or stands there still."""
    read_list(connection, list_id)
    items = in_order(connection, list_id)
    return tuple(
        each.dossier
        for each in items
        if each.state is not ItemState.LEFT or each.left_reason in {Event.WITHDRAW, Event.ABORT}
    )


def _write(
    session: Session, list_id: str, folder: Path, forms: list[ListForm], *, public: bool
) -> None:
    with open_depot(session.config()) as depot:
        files = write_list(depot, list_id, folder, forms, public, session.words)
    if session.as_json:
        session.print_json([str(each) for each in files])
        return
    for each in files:
        session.screen().say(session.words("destruction.written", file=each), GOOD)
