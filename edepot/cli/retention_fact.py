"""`edepot retention fact`: what is known of a dossier; a new fact, its check, its retraction."""

import json
from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from edepot.acting import actor_of, desk_on
from edepot.cli.screen import GOOD, Cell, Column
from edepot.cli.session import Session
from edepot.depot_database import open_existing
from edepot.errors import WrongUse
from edepot.register_found import one_dossier
from edepot.register_words import (
    checked_text,
    decision_text,
    fact_kind_text,
    fact_plain,
    fact_text,
    until_text,
)
from retention import facts
from retention.fact_kinds import BY_PERSON, FactKind
from retention.nouns import Actor, Desk
from retention.register import read_dossier
from retention.sayings import saying
from retention.standing import Fact
from storage.database import reading


def fact(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    about: Annotated[str | None, typer.Argument()] = None,
    kind: Annotated[FactKind | None, typer.Option("--kind")] = None,
    value: Annotated[str, typer.Option("--value")] = "",
    retract: Annotated[int | None, typer.Option("--retract", min=1)] = None,
    check: Annotated[int | None, typer.Option("--check", min=1)] = None,
    refuse: Annotated[int | None, typer.Option("--refuse", min=1)] = None,
    reason: Annotated[str, typer.Option("--reason")] = "",
    source: Annotated[str, typer.Option("--source")] = BY_PERSON,
    person: Annotated[str | None, typer.Option("--as")] = None,
) -> None:
    """Show the facts, those that wait for a second person, or add, check or take back one."""
    session: Session = ctx.obj
    asked = [each for each in (kind, retract, check, refuse) if each is not None]
    if len(asked) > 1 or (asked and person is None) or (kind and about is None):
        raise WrongUse(what="fact")
    config = session.config()
    engine = open_existing(config)
    try:
        if not asked or person is None:
            _show(_read(engine, about), session)
            return
        desk, actor = desk_on(engine, config), actor_of(config, person)
        if kind is not None and about is not None:
            done = _say(desk, actor, about, kind, value, source, reason)
        elif retract is not None:
            done = facts.take_back(desk, actor, retract, reason)
        else:
            number = check or refuse or 0
            agrees = check is not None
            done = facts.check_fact(desk, actor, number, agrees=agrees, reason=reason)
        _show_done(engine, done, session)
    finally:
        engine.dispose()


def _read(engine: Engine, about: str | None) -> tuple[Fact, ...]:
    with reading(engine) as connection:
        if about is None:
            return facts.waiting_facts(connection, limit=1000)
        return facts.facts_of(connection, one_dossier(connection, about).dossier)


def _say(  # noqa: PLR0913, PLR0917 - who says what of which, on whose word and why
    desk: Desk, actor: Actor, about: str, kind: FactKind, value: str, source: str, reason: str
) -> Fact:
    if ":" not in about:
        with reading(desk.engine) as connection:
            about = one_dossier(connection, about).dossier
    said = saying(about, kind, _value(value), source, reason)
    return facts.say(desk, actor, said)


def _value(text: str) -> Any:
    """What was typed: JSON where it is an object or true, else the text itself."""
    if text.strip() in ("true", "ja", "yes"):
        return True
    if not text.lstrip().startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise WrongUse(what="fact_value", found=text) from error


def _show(found: tuple[Fact, ...], session: Session) -> None:
    words = session.words
    if session.as_json:
        session.print_json([fact_plain(each) for each in found])
        return
    screen = session.screen()
    if not found:
        screen.say(words("retention.explain.no_facts"))
        return
    columns = [
        Column(words("retention.explain.fact"), number=True),
        Column(words("retention.explain.about")),
        Column(words("retention.explain.kind")),
        Column(words("retention.explain.value")),
        Column(words("retention.explain.source")),
        Column(words("retention.explain.check")),
    ]
    rows: list[list[str | Cell]] = [
        [
            str(each.number),
            each.dossier or each.object,
            fact_kind_text(each, words),
            fact_text(each, words),
            "; ".join(one for one in (each.source, each.asserted_by, each.reason) if one),
            checked_text(each, words),
        ]
        for each in found
    ]
    screen.table(columns, rows)


def _show_done(engine: Engine, done: Fact, session: Session) -> None:
    if session.as_json:
        session.print_json(fact_plain(done))
        return
    words, screen = session.words, session.screen()
    if not done.checked_by:
        screen.say(words("retention.fact_shown.now_waits", number=done.number))
        return
    screen.say(words("retention.fact_shown.written", number=done.number), GOOD)
    if done.dossier:
        with reading(engine) as connection:
            after = read_dossier(connection, done.dossier)
        decision, until = decision_text(after.decision, words), until_text(after, words)
        screen.say(words("retention.fact_shown.after", decision=decision, until=until or "-"))
