"""`edepot transfer new|restrict|remove|agree|return`: what goes to the archive service."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from edepot.acting import actor_of, desk_at, desk_of, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.destruction_shown import refused_plain, show_refused
from edepot.cli.screen import DOUBT, GOOD, QUIET
from edepot.cli.session import Session
from edepot.cli.transfer_shown import plain_of, show_signed, show_stands
from edepot.depot import open_depot
from edepot.errors import WrongUse
from edepot.naming import named_dossiers, names_of
from retention import transfer as transfers
from retention.candidates import Selection
from retention.transfer_nouns import Archive, Decision, Ground, Openness
from retention.transfer_reading import read_transfer
from retention.transfer_restrictions import effective, restrict, take_from_packages
from storage.database import reading

As = Annotated[str, typer.Option("--as")]
Reason = Annotated[str, typer.Option("--reason")]
TransferId = Annotated[str, typer.Argument()]
To = Annotated[Path | None, typer.Option("--to")]
SHORTEST = 8


def new(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    archive: Annotated[str, typer.Option("--archive")],
    acting: As,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    archive_id: Annotated[str, typer.Option("--archive-id")] = "",
    destination: Annotated[str, typer.Option("--destination")] = "",
    contact: Annotated[str, typer.Option("--contact")] = "",
    email: Annotated[str, typer.Option("--email")] = "",
    dossiers: Annotated[list[str] | None, typer.Option("--dossier")] = None,
    due_by: Annotated[str, typer.Option("--due-by")] = "",
    category: Annotated[str, typer.Option("--category")] = "",
    list_year: Annotated[str, typer.Option("--list-year")] = "",
    zaaktype: Annotated[str, typer.Option("--zaaktype")] = "",
    most: Annotated[int | None, typer.Option("--most", min=1)] = None,
) -> None:
    """Make a transfer of what is due for it, or of the dossiers that are named."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        owner, desk = zorgdrager_of(depot.config, zorgdrager), desk_of(depot)
        with reading(desk.engine) as connection:
            named = named_dossiers(connection, owner, dossiers or ())
        made, listed = transfers.new_transfer(
            desk,
            actor_of(depot.config, acting),
            owner,
            name=name,
            archive=Archive(archive, archive_id, destination, contact, email),
            selection=Selection(
                dossiers=named,
                due_by=read_day(due_by) if due_by else None,
                list_year=list_year,
                category=category,
                zaaktype=zaaktype,
                most=most,
            ),
        )
        unread = take_from_packages(desk, depot.stores, made.id)
        with reading(desk.engine) as connection:
            plain = plain_of(connection, made)
            names = names_of(connection, [each for each, _ in listed.refused])
    if session.as_json:
        session.print_json(plain | {"refused": refused_plain(listed.refused), "unread": unread})
        return
    words, screen = session.words, session.screen()
    show_stands(plain, session)
    show_refused(listed.refused, names, screen)
    if unread:
        screen.say(words("transfer.unread", dossiers=words.counted("count.dossier", unread)), DOUBT)


def decide(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    dossiers: Annotated[list[str] | None, typer.Argument()] = None,
    open_: Annotated[bool, typer.Option("--open")] = False,
    ground: Annotated[Ground | None, typer.Option("--ground")] = None,
    until: Annotated[str, typer.Option("--until")] = "",
    record: Annotated[str, typer.Option("--record")] = "",
    description: Annotated[str, typer.Option("--description")] = "",
) -> None:
    """Decide on openness: of these dossiers, of one record, or of all that is undecided."""
    session: Session = ctx.obj
    if open_ is (ground is not None) or (record and len(dossiers or ()) != 1):
        raise WrongUse(what="restriction")
    with open_depot(session.config()) as depot:
        desk = desk_of(depot)
        with reading(desk.engine) as connection:
            meant = _meant(connection, transfer, dossiers, record)
        openness = Openness.OPEN if open_ else Openness.RESTRICTED
        decision = Decision(openness, ground, _day(until), description)
        actor = actor_of(depot.config, acting)
        done = [
            one
            for part, each in meant
            for one in restrict(desk, depot.stores, actor, transfer, part, decision, record=each)
        ]
        with reading(desk.engine) as connection:
            plain = plain_of(connection, read_transfer(connection, transfer))
    if session.as_json:
        session.print_json(plain | {"decided": [dict(each.plain) for each in done]})
        return
    words = session.words
    count = words.number(len(done))
    session.screen().say(words("transfer.decided", count=count), GOOD)
    show_stands(plain, session)


def remove(
    ctx: typer.Context,
    transfer: TransferId,
    dossiers: Annotated[list[str], typer.Argument()],
    acting: As,
    reason: Reason,
) -> None:
    """Take dossiers off, as long as the transfer is not agreed."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            owner = read_transfer(connection, transfer).zorgdrager
            named = named_dossiers(connection, owner, dossiers)
        transfers.take_off(desk, actor_of(config, acting), transfer, named, reason)
        with reading(desk.engine) as connection:
            plain = plain_of(connection, read_transfer(connection, transfer))
    _told(plain, session)


def agree(
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    seen: Annotated[str, typer.Option("--seen")],
) -> None:
    """Sign scope and restrictions: for the zorgdrager, or as the archivist."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            found = read_transfer(connection, transfer)
            stands = str(transfers.agreed_content(connection, found)["restrictions"])
        actor = actor_of(config, acting)
        done = transfers.agree(desk, actor, transfer, seen=as_seen(seen, stands))
        with reading(desk.engine) as connection:
            plain = plain_of(connection, done.transfer)
    if not session.as_json:
        show_signed(done.signed, session)
    _told(plain, session)


def take_back(
    ctx: typer.Context,
    transfer: TransferId,
    acting: As,
    reason: Reason,
    end: Annotated[bool, typer.Option("--end")] = False,
) -> None:
    """Take a transfer back that the archive returns; or end it, so that its dossiers are free."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        deed = transfers.withdraw if end else transfers.return_it
        done = deed(desk, actor_of(config, acting), transfer, reason)
        with reading(desk.engine) as connection:
            plain = plain_of(connection, done)
    _told(plain, session)


def as_seen(typed: str, stands: str) -> str:
    """The digest that was seen, of which the beginning is enough.

    Raises: WrongUse when less than eight signs are given.
    """
    if len(typed) < SHORTEST:
        raise WrongUse(what="seen", count=SHORTEST)
    return stands if stands.startswith(typed.lower()) else typed.lower()


def _meant(
    connection: Connection, transfer: str, dossiers: list[str] | None, record: str
) -> list[tuple[Sequence[str], str]]:
    """The dossiers that are named, or the record of one; else all of which openness is undecided:
    dossiers together, records one by one."""
    found = read_transfer(connection, transfer)
    if dossiers:
        return [(named_dossiers(connection, found.zorgdrager, dossiers), record)]
    undecided = [
        each
        for each in effective(connection, transfer)
        if each.decision.openness is Openness.UNDECIDED
    ]
    whole = [each.dossier for each in undecided if not each.record]
    parts: list[tuple[Sequence[str], str]] = [(whole, "")] if whole else []
    return parts + [([each.dossier], each.record) for each in undecided if each.record]


def _day(typed: str) -> str:
    return read_day(typed).isoformat() if typed else ""


def _told(plain: dict[str, object], session: Session) -> None:
    if session.as_json:
        session.print_json(plain)
        return
    show_stands(plain, session)
    if plain["reason"]:
        session.screen().say(str(plain["reason"]), QUIET)
