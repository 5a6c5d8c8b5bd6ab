"""`edepot declaration make|sign|keep|addendum|list|show`: what is declared of a list, and kept."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

from edepot.acting import actor_of, desk_of
from edepot.cli.screen import DOUBT, GOOD, QUIET, Column
from edepot.cli.session import Session
from edepot.declarations.context import context_of
from edepot.declarations.documents import Document, signed_plain
from edepot.declarations.keeping import keep_declaration
from edepot.depot import Depot, now, open_depot
from edepot.errors import DeclarationNotKept, DeclarationUnknown, ExportRefused
from edepot.exits import Exit
from edepot.transfers.papers import documents_for
from retention.closing_tables import DECLARATIONS
from retention.days import local_day
from retention.declaration import (
    Declaration,
    DeclarationKind,
    DeclarationState,
    addenda_due,
    make_addendum,
    make_declaration,
    note_kept,
    read_declaration,
    sign_declaration,
)
from retention.errors import ListUnknown
from retention.nouns import Actor, Desk
from retention.tables import LISTS
from retention.transfer_closing import note_declared
from storage.database import begin, reading

As = Annotated[str, typer.Option("--as")]
To = Annotated[Path | None, typer.Option("--to")]


def make(
    ctx: typer.Context, list_id: Annotated[str, typer.Argument()], person: As, to: To = None
) -> None:
    """Draw up the declaration of a list that was executed, to be read before it is signed."""
    _make(ctx.obj, list_id, person, to, addendum=False)


def addendum(
    ctx: typer.Context, list_id: Annotated[str, typer.Argument()], person: As, to: To = None
) -> None:
    """Draw up the addendum: the last backup that could hold what was destroyed is gone."""
    _make(ctx.obj, list_id, person, to, addendum=True)


def sign(ctx: typer.Context, declaration: Annotated[str, typer.Argument()], person: As) -> int:
    """Sign a declaration for the zorgdrager, and keep its documents as an AIP for good."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        actor = actor_of(depot.config, person)
        signed = sign_declaration(desk_of(depot), actor, declaration)
        if not session.as_json:
            words = session.words
            session.screen().say(words("declaration.signed", id=declaration, person=person), GOOD)
        return _keep(session, depot, signed)


def keep(ctx: typer.Context, declaration: Annotated[str, typer.Argument()]) -> int:
    """Keep a signed declaration's documents as an AIP, when that did not come about at once."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        return _keep(session, depot, read_one(depot, declaration))


def list_them(ctx: typer.Context) -> None:
    """Every declaration, and for which an addendum is due."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, reading(depot.engine) as connection:
        numbers = list(
            connection.execute(
                select(DECLARATIONS.c.id).order_by(DECLARATIONS.c.made_at, DECLARATIONS.c.id)
            ).scalars()
        )
        found = [read_declaration(connection, each) for each in numbers]
        due = addenda_due(connection, local_day(now()))
    if session.as_json:
        session.print_json([_plain(each) for each in found if each is not None])
        return
    words, screen = session.words, session.screen()
    if not found:
        screen.say(words("declaration.none"), QUIET)
        return
    columns = [
        Column(words("declaration.column.declaration"), fold=False),
        Column(words("declaration.column.state")),
        Column(words("declaration.column.made")),
        Column(words("declaration.column.until")),
        Column(words("declaration.column.aip")),
    ]
    screen.table(columns, [_row(each, session) for each in found if each is not None])
    for each in due:
        screen.say(words("declaration.addendum_due", id=each.id, list=each.list), DOUBT)


def show(ctx: typer.Context, declaration: Annotated[str, typer.Argument()], to: To = None) -> None:
    """Show a declaration, or write its documents into a folder."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        found = read_one(depot, declaration)
        with reading(depot.engine) as connection:
            plain = signed_plain(connection, found)
            documents = documents_for(connection, found, session.words, at_of(found))
    if to is not None:
        _write(session, documents, to)
        if found.aip_id and not session.as_json:
            text = session.words("declaration.full_in_aip", aip=found.aip_id)
            session.screen().say(text, QUIET)
    elif session.as_json:
        session.print_json(plain)
    else:
        _show(session, found)


def _make(session: Session, list_id: str, person: str, to: Path | None, *, addendum: bool) -> None:
    with open_depot(session.config()) as depot:
        actor, desk = actor_of(depot.config, person), desk_of(depot)
        made = _drawn(depot, desk, actor, list_id, addendum=addendum)
        with reading(depot.engine) as connection:
            documents = documents_for(connection, made, session.words, at_of(made))
    if session.as_json:
        session.print_json(_plain(made))
        return
    file = _write(session, documents, to) if to is not None else "-"
    session.screen().say(session.words("declaration.made", id=made.id, file=file), GOOD)


def _drawn(depot: Depot, desk: Desk, actor: Actor, list_id: str, *, addendum: bool) -> Declaration:
    with reading(depot.engine) as connection:
        zorgdrager = connection.execute(
            select(LISTS.c.zorgdrager).where(LISTS.c.id == list_id)
        ).scalar()
    if zorgdrager is None:
        raise ListUnknown(list=list_id)
    context = context_of(depot.config, zorgdrager)
    if addendum:
        return make_addendum(desk, list_id, context, actor)
    return make_declaration(desk, list_id, context, actor)


def _keep(session: Session, depot: Depot, declaration: Declaration) -> int:
    """Keep the documents; what goes wrong with that leaves the signature as it is."""
    words = session.words
    with reading(depot.engine) as connection:
        documents = documents_for(connection, declaration, words, at_of(declaration))
    try:
        aip_id = keep_declaration(depot, declaration, documents, words)
    except DeclarationNotKept as error:
        if session.as_json:
            session.print_json(_plain(declaration))
        else:
            detail = str(error.values["detail"])
            text = words("declaration.not_kept", detail=detail, id=declaration.id)
            session.screen().say(text, DOUBT)
        return int(Exit.STORE)
    with begin(depot.engine) as connection:
        note_kept(connection, declaration.id, aip_id)
        if declaration.kind is DeclarationKind.TRANSFER:
            note_declared(connection, desk_of(depot), declaration.list)
    if session.as_json:
        session.print_json(_plain(read_one(depot, declaration.id)))
    else:
        session.screen().say(words("declaration.kept", aip=aip_id), GOOD)
    return int(Exit.WELL)


def read_one(depot: Depot, declaration: str) -> Declaration:
    """The declaration under a number.

    Raises: DeclarationUnknown.
    """
    with reading(depot.engine) as connection:
        found = read_declaration(connection, declaration)
    if found is None:
        raise DeclarationUnknown(declaration=declaration)
    return found


def at_of(declaration: Declaration) -> datetime:
    """The instant that the documents bear: when it was signed, or else drawn up."""
    return datetime.fromisoformat(declaration.signed_at or declaration.made_at)


def _write(session: Session, documents: tuple[Document, ...], folder: Path) -> str:
    """Write the documents; the first is the one to read."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in documents:
        target = folder / each.name
        if target.is_dir():
            raise ExportRefused(target=target)
        target.write_bytes(each.content)
        if not session.as_json:
            session.screen().say(session.words("declaration.written", file=target), QUIET)
    return str(folder / documents[0].name)


def _show(session: Session, declaration: Declaration) -> None:
    words, screen = session.words, session.screen()
    screen.heading(words(f"declaration.title.{declaration.kind.value}"))
    row = _row(declaration, session)
    for label, value in zip(("declaration", "state", "made", "until", "aip"), row, strict=True):
        screen.say(f"{words(f'declaration.column.{label}')}: {value}")


def _row(declaration: Declaration, session: Session) -> list[str]:
    words = session.words
    until = declaration.residual_until
    return [
        declaration.id,
        words(f"declaration.state.{declaration.state.value}"),
        words.instant(declaration.made_at),
        words.day(until.isoformat()) if until else "-",
        declaration.aip_id or "-",
    ]


def _plain(declaration: Declaration) -> dict[str, Any]:
    return {
        "id": declaration.id,
        "list": declaration.list,
        "kind": declaration.kind.value,
        "state": declaration.state.value,
        "signed": declaration.state is not DeclarationState.DRAFT,
        "sha256": declaration.sha256,
        "signed_by": declaration.signed_by,
        "signed_at": declaration.signed_at,
        "aip_id": declaration.aip_id,
        "residual_until": declaration.residual_until.isoformat()
        if declaration.residual_until
        else None,
        "said": declaration.said,
    }
