"""`edepot hold place|release|list|…`: destruction is stopped by one person, and freed by two."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from edepot.acting import actor_of, desk_at, with_person_key, zorgdrager_of
from edepot.cli.days_typed import read_day, read_partial
from edepot.cli.hold_shown import hold_plain, show_hold, show_holds, show_placed
from edepot.cli.screen import GOOD
from edepot.cli.session import Session
from edepot.config import Config
from edepot.depot import now
from edepot.errors import PathMissing, WrongUse
from edepot.exits import Exit
from edepot.naming import named_dossiers, names_of
from retention import holds, people
from retention.days import local_day
from retention.hold_acts import acts_on
from retention.hold_keys import bsn_of, mark_number
from retention.hold_members import LATE
from retention.hold_nouns import LEGAL_BASIS, Hold, Query, Scope, default_review
from retention.nouns import Desk, HoldKind
from storage.database import begin, reading

As = Annotated[str, typer.Option("--as")]
Reason = Annotated[str, typer.Option("--reason")]
MAX_NUMBER_BYTES = 64


def place(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    kind: Annotated[HoldKind, typer.Argument()],
    acting: As,
    reason: Reason,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    dossiers: Annotated[list[str] | None, typer.Option("--dossier")] = None,
    families: Annotated[list[str] | None, typer.Option("--family")] = None,
    objects: Annotated[list[str] | None, typer.Option("--object")] = None,
    bsn_from: Annotated[Path | None, typer.Option("--bsn-from")] = None,
    words: Annotated[str, typer.Option("--words")] = "",
    address: Annotated[str, typer.Option("--address")] = "",
    zaaktype: Annotated[str, typer.Option("--zaaktype")] = "",
    from_day: Annotated[str, typer.Option("--from")] = "",
    to_day: Annotated[str, typer.Option("--to")] = "",
    category: Annotated[str, typer.Option("--category")] = "",
    list_year: Annotated[str, typer.Option("--list-year")] = "",
    basis: Annotated[str, typer.Option("--basis")] = "",
    reference: Annotated[str, typer.Option("--reference")] = "",
    review: Annotated[str | None, typer.Option("--review")] = None,
) -> int:
    """Place a hold: it counts at once, and two persons are needed to end it."""
    session: Session = ctx.obj
    config = session.config()
    owner = zorgdrager_of(config, zorgdrager)
    legal_basis = basis or LEGAL_BASIS.get(kind, "")
    if not legal_basis:
        raise WrongUse(what="basis", kind=session.words(f"hold.kind.{kind.value}"))
    query = Query(
        words=words,
        address=address,
        zaaktype=zaaktype,
        period_from=read_partial(from_day),
        period_to=read_partial(to_day),
        list_year=list_year,
        category=category,
    )
    with desk_at(config) as desk:
        scope = replace(
            _named(desk, owner, dossiers or (), families or ()),
            objects=tuple(objects or ()),
            persons=() if bsn_from is None else _persons(config, desk, owner, bsn_from),
            query=query,
        )
        hold = holds.place(
            desk,
            actor_of(config, acting),
            owner,
            kind,
            scope,
            reason=reason,
            legal_basis=legal_basis,
            reference=reference,
            review_on=read_day(review) if review else default_review(kind, local_day(now())),
        )
        return _answer(session, desk, hold)


def add(
    ctx: typer.Context,
    hold: Annotated[str, typer.Argument()],
    dossiers: Annotated[list[str], typer.Argument()],
    acting: As,
    reason: Reason,
) -> int:
    """Put more dossiers under a hold."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            owner = holds.read_hold(connection, hold).zorgdrager
            wanted = named_dossiers(connection, owner, dossiers)
        actor = actor_of(config, acting)
        added = holds.add_members(desk, actor, hold, wanted, reason=reason)
        return _answer(session, desk, added)


def release(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    hold: Annotated[str, typer.Argument()],
    acting: As,
    reason: Annotated[str, typer.Option("--reason")] = "",
    agree: Annotated[bool, typer.Option("--agree")] = False,
    refuse: Annotated[bool, typer.Option("--refuse")] = False,
) -> None:
    """Ask for the release of a hold; or agree to it, or refuse it, as a second person."""
    session: Session = ctx.obj
    if agree and refuse:
        raise WrongUse(what="answer")
    config = session.config()
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        if agree:
            key, after = "hold.released", holds.agree_release(desk, actor, hold)
        elif refuse:
            key, after = "hold.refused", holds.refuse_release(desk, actor, hold, reason)
        else:
            key, after = "hold.asked", holds.ask_release(desk, actor, hold, reason)
    if session.as_json:
        session.print_json(hold_plain(after))
        return
    session.screen().say(session.words(key, hold=hold), GOOD)


def review(
    ctx: typer.Context,
    hold: Annotated[str, typer.Argument()],
    day: Annotated[str, typer.Argument()],
    acting: As,
    reason: Reason,
) -> None:
    """Set the day on which a person looks again whether a hold is still needed."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        after = holds.set_review(desk, actor, hold, read_day(day), reason=reason)
    if session.as_json:
        session.print_json(hold_plain(after))
        return
    until = session.words.day(after.review_on.isoformat())
    session.screen().say(session.words("hold.reviewed", hold=hold, day=until), GOOD)


def list_them(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    all_of_them: Annotated[bool, typer.Option("--all")] = False,
) -> None:
    """The holds that stand, and those at which a person has to look again."""
    session: Session = ctx.obj
    config, today = session.config(), local_day(now())
    chosen = [zorgdrager_of(config, zorgdrager)] if zorgdrager else []
    with desk_at(config) as desk, reading(desk.engine) as connection:
        found = holds.list_holds(connection, chosen, released=all_of_them)
        names = {each.id: each.name for each in people.list_people(connection)}
    if session.as_json:
        plain = [hold_plain(each.hold, dossiers=each.dossiers, today=today) for each in found]
        session.print_json(plain)
        return
    show_holds(found, names, today, session.screen())


def show(ctx: typer.Context, hold: Annotated[str, typer.Argument()]) -> None:
    """One hold: what it covers, its dossiers, and everything that was done with it."""
    session: Session = ctx.obj
    with desk_at(session.config()) as desk, reading(desk.engine) as connection:
        found = holds.read_hold(connection, hold)
        members = holds.members_of(connection, hold)
        names = names_of(connection, members)
        acts = acts_on(connection, hold)
        persons = {each.id: each.name for each in people.list_people(connection)}
    if session.as_json:
        said = [{"act": e.act, "person": e.person, "at": e.at, "reason": e.reason} for e in acts]
        plain = hold_plain(found, dossiers=len(members), today=local_day(now()))
        session.print_json(plain | {"members": list(members), "acts": said})
        return
    show_hold(found, names, acts, persons, session.screen())


def _answer(session: Session, desk: Desk, hold: Hold) -> int:
    """Tell what a hold came to; the exit code too says that it came too late for a dossier."""
    with reading(desk.engine) as connection:
        names = names_of(connection, [each.dossier for each in hold.members])
    if session.as_json:
        session.print_json(hold_plain(hold, names=names))
    else:
        show_placed(hold, names, session.screen())
    late = any(each.standing in LATE for each in hold.members)
    return int(Exit.MATERIAL if late else Exit.WELL)


def _named(desk: Desk, zorgdrager: str, dossiers: Sequence[str], families: Sequence[str]) -> Scope:
    with reading(desk.engine) as connection:
        return Scope(
            dossiers=named_dossiers(connection, zorgdrager, dossiers),
            families=named_dossiers(connection, zorgdrager, families),
        )


def _persons(config: Config, desk: Desk, zorgdrager: str, file: Path) -> tuple[str, ...]:
    """The person whose number stands in a file, as a keyed hash; found dossiers are marked."""
    number = bsn_of(_read_number(file))
    key = with_person_key(config, desk).person_key
    with begin(desk.engine) as connection:
        return (mark_number(connection, key, zorgdrager, number),)


def _read_number(file: Path) -> str:
    """A number out of a file, or of standard input (-): on a command line others could read it."""
    if str(file) == "-":
        return sys.stdin.readline(MAX_NUMBER_BYTES).strip()
    if not file.is_file():
        raise PathMissing(path=file)
    with file.open(encoding="utf-8") as stream:
        return stream.readline(MAX_NUMBER_BYTES).strip()
