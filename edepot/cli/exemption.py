"""`edepot exemption add|check|end|list`: dossiers that are kept by decision."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_at, zorgdrager_of
from edepot.cli.days_typed import read_day
from edepot.cli.screen import DOUBT, GOOD, QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.errors import WrongUse
from edepot.messages import Words
from edepot.naming import named_dossiers, names_of
from retention import exemptions
from retention.exemptions import Exemption, Ground
from retention.nouns import Desk
from storage.database import reading

As = Annotated[str, typer.Option("--as")]


def add(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    ground: Annotated[Ground, typer.Argument()],
    dossiers: Annotated[list[str], typer.Argument()],
    decision: Annotated[str, typer.Option("--decision")],
    decided_on: Annotated[str, typer.Option("--decided-on")],
    acting: As,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    reason: Annotated[str, typer.Option("--reason")] = "",
) -> None:
    """Record that dossiers are kept by decision: they leave their lists at once."""
    session: Session = ctx.obj
    config = session.config()
    owner = zorgdrager_of(config, zorgdrager)
    with desk_at(config) as desk:
        with reading(desk.engine) as connection:
            wanted = named_dossiers(connection, owner, dossiers)
            names = names_of(connection, wanted)
        made = exemptions.exempt(
            desk,
            actor_of(config, acting),
            owner,
            wanted,
            ground=ground,
            decision=decision,
            decided_on=read_day(decided_on),
            reason=reason,
        )
    if session.as_json:
        session.print_json([_plain(each, names) for each in made])
        return
    words, screen = session.words, session.screen()
    for each in made:
        screen.say(words("exemption.added", number=each.number, dossier=names[each.dossier]), GOOD)
    screen.say(words("exemption.check_next"), QUIET)


def check(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(min=1)],
    acting: As,
    refuse: Annotated[bool, typer.Option("--refuse")] = False,
    reason: Annotated[str, typer.Option("--reason")] = "",
) -> None:
    """Agree, as a second person, that an exemption was recorded as it was decided."""
    session: Session = ctx.obj
    config = session.config()
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        if refuse:
            key, after = "exemption.refused", exemptions.refuse(desk, actor, number, reason)
        else:
            key, after = "exemption.checked", exemptions.check(desk, actor, number)
        _tell(session, desk, key, after)


def end(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(min=1)],
    acting: As,
    decision: Annotated[str, typer.Option("--decision")] = "",
    reason: Annotated[str, typer.Option("--reason")] = "",
    agree: Annotated[bool, typer.Option("--agree")] = False,
    refuse: Annotated[bool, typer.Option("--refuse")] = False,
) -> None:
    """Ask for the end of an exemption by a later decision; or agree as archivist, or refuse."""
    session: Session = ctx.obj
    if agree and refuse:
        raise WrongUse(what="answer")
    config = session.config()
    with desk_at(config) as desk:
        actor = actor_of(config, acting)
        if agree:
            key, after = "exemption.ended", exemptions.agree_end(desk, actor, number)
        elif refuse:
            key, after = "exemption.kept", exemptions.keep(desk, actor, number, reason)
        else:
            key = "exemption.end_asked"
            after = exemptions.ask_end(desk, actor, number, decision, reason)
        _tell(session, desk, key, after)


def list_them(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    all_of_them: Annotated[bool, typer.Option("--all")] = False,
) -> None:
    """The exemptions, and which of them wait for a second person."""
    session: Session = ctx.obj
    config = session.config()
    chosen = [zorgdrager_of(config, zorgdrager)] if zorgdrager else []
    with desk_at(config) as desk, reading(desk.engine) as connection:
        found = exemptions.list_exemptions(connection, chosen, ended=all_of_them)
        names = names_of(connection, [each.dossier for each in found])
    if session.as_json:
        session.print_json([_plain(each, names) for each in found])
        return
    words, screen = session.words, session.screen()
    if not found:
        screen.say(words("exemption.none"), QUIET)
        return
    names_of_columns = ("number", "dossier", "ground", "decision", "decided_on", "state")
    columns = [
        Column(words(f"exemption.{each}"), number=each == "number") for each in names_of_columns
    ]
    screen.table(columns, [_row(each, names[each.dossier], words) for each in found])


def _tell(session: Session, desk: Desk, key: str, exemption: Exemption) -> None:
    with reading(desk.engine) as connection:
        names = names_of(connection, [exemption.dossier])
    if session.as_json:
        session.print_json(_plain(exemption, names))
        return
    dossier = names[exemption.dossier]
    session.screen().say(session.words(key, number=exemption.number, dossier=dossier), GOOD)


def _row(exemption: Exemption, name: str, words: Words) -> Sequence[str | Cell]:
    state = _state(exemption)
    style = {"active": GOOD, "ended": QUIET}.get(state, DOUBT)
    return [
        str(exemption.number),
        name,
        words(f"exemption.ground.{exemption.ground.value}"),
        exemption.decision,
        words.day(exemption.decided_on.isoformat()),
        Cell(words(f"exemption.state.{state}"), style),
    ]


def _state(exemption: Exemption) -> str:
    if exemption.ended_at:
        return "ended"
    if exemption.end_asked_by:
        return "end_asked"
    return "active" if exemption.checked_by else "unchecked"


def _plain(exemption: Exemption, names: dict[str, str]) -> dict[str, Any]:
    return {
        "exemption": exemption.number,
        "dossier": exemption.dossier,
        "identifier": names[exemption.dossier],
        "ground": exemption.ground.value,
        "decision": exemption.decision,
        "decided_on": exemption.decided_on.isoformat(),
        "state": _state(exemption),
        "recorded_by": exemption.recorded_by,
        "checked_by": exemption.checked_by or None,
        "end_asked_by": exemption.end_asked_by or None,
        "end_decision": exemption.end_decision or None,
        "ended_by": exemption.ended_by or None,
    }
