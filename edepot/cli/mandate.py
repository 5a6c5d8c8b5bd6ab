"""`edepot mandate give|end|list`: who may act in which role, for whom, from when until when."""

from datetime import date
from typing import Annotated, Any

import typer

from edepot.acting import account_here, actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.screen import GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.config import Config
from edepot.depot import now
from retention import mandating
from retention.days import local_day
from retention.mandating import Given, Giver, NewMandate
from retention.nouns import Role
from retention.people import Mandate
from storage.database import reading

As = Annotated[str | None, typer.Option("--as")]


def give(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    person: Annotated[str, typer.Argument()],
    zorgdrager: Annotated[str, typer.Argument()],
    role: Annotated[Role, typer.Argument()],
    decision: Annotated[str, typer.Option("--decision")],
    from_day: Annotated[str | None, typer.Option("--from")] = None,
    to_day: Annotated[str | None, typer.Option("--to")] = None,
    deputy_for: Annotated[str, typer.Option("--deputy-for")] = "",
    acting: As = None,
) -> None:
    """Give a person a mandate for a zorgdrager, by a decision."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        new = NewMandate(
            person=person,
            zorgdrager=zorgdrager_of(config, zorgdrager),
            role=role,
            valid_from=read_day(from_day) if from_day else local_day(now()),
            valid_to=read_day(to_day) if to_day else None,
            decision=decision,
            deputy_for=deputy_for,
        )
        given = mandating.give(desk, _giver(config, acting), new)
    if session.as_json:
        session.print_json(_plain(given))
        return
    _say(session, "mandate.given", given)


def end(
    ctx: typer.Context, number: Annotated[int, typer.Argument(min=1)], acting: As = None
) -> None:
    """End a mandate now; what was done under it stands."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        ended = mandating.end(desk, _giver(config, acting), number)
    if session.as_json:
        session.print_json(_plain(ended))
        return
    _say(session, "mandate.ended", ended)


def list_them(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    all_of_them: Annotated[bool, typer.Option("--all")] = False,
) -> None:
    """The mandates, who gave them, and whether they count today."""
    session: Session = ctx.obj
    config, today = session.config(), local_day(now())
    chosen = [zorgdrager_of(config, zorgdrager)] if zorgdrager else []
    with desk_at(config) as desk, reading(desk.engine) as connection:
        given = mandating.list_mandates(connection, chosen, ended=all_of_them)
    if session.as_json:
        session.print_json([_plain_given(each, today) for each in given])
        return
    words, screen = session.words, session.screen()
    if not given:
        screen.say(words("mandate.none"), QUIET)
        return
    names = ("number", "person", "role", "zorgdrager", "period", "decision", "by")
    columns = [Column(words(f"mandate.{each}"), number=each == "number") for each in names]
    screen.table(columns, [_row(each, today, session) for each in given])


def _giver(config: Config, acting: str | None) -> Giver:
    return account_here() if acting is None else actor_of(config, acting)


def _say(session: Session, key: str, mandate: Mandate) -> None:
    words = session.words
    text = words(
        key,
        number=mandate.number,
        person=mandate.person,
        role=words(f"role.{mandate.role.value}"),
        zorgdrager=mandate.zorgdrager,
        period=_period(mandate, session),
    )
    session.screen().say(text, GOOD)


def _period(mandate: Mandate, session: Session) -> str:
    words = session.words
    begin = words.day(mandate.valid_from.isoformat())
    if mandate.valid_to is None:
        return words("mandate.since", day=begin)
    return words("mandate.between", day=begin, until=words.day(mandate.valid_to.isoformat()))


def _row(given: Given, today: date, session: Session) -> list[str | Cell]:
    mandate, words = given.mandate, session.words
    style = "" if given.counts_on(today) else QUIET
    period = _period(mandate, session)
    if given.ended_at:
        period = words("mandate.was_ended", day=words.day(given.ended_at))
    texts = (
        str(mandate.number),
        f"{mandate.person} {given.name}".strip(),
        words(f"role.{mandate.role.value}"),
        mandate.zorgdrager,
        period,
        mandate.decision,
        given.given_by,
    )
    return [Cell(each, style) for each in texts]


def _plain_given(given: Given, today: date) -> dict[str, Any]:
    return _plain(given.mandate) | {
        "name": given.name,
        "given_by": given.given_by,
        "ended_at": given.ended_at or None,
        "counts_today": given.counts_on(today),
    }


def _plain(mandate: Mandate) -> dict[str, Any]:
    return {
        "mandate": mandate.number,
        "person": mandate.person,
        "zorgdrager": mandate.zorgdrager,
        "role": mandate.role.value,
        "from": mandate.valid_from.isoformat(),
        "to": mandate.valid_to.isoformat() if mandate.valid_to else None,
        "decision": mandate.decision,
        "deputy_for": mandate.deputy_for or None,
    }
