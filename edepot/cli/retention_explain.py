"""`edepot retention explain`: why a dossier is kept until a day, or what became of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, Cell, Column, Screen
from edepot.cli.session import Session
from edepot.depot_database import open_existing
from edepot.errors import NotFound
from edepot.messages import Words
from edepot.register_found import one_dossier, tombstone
from edepot.register_words import (
    cause_text,
    checked_text,
    computation_plain,
    decision_text,
    fact_kind_text,
    fact_plain,
    fact_text,
    sentences,
    until_text,
)
from retention import computing
from retention.case import Decision
from retention.computing import Computation
from retention.facts import facts_of
from retention.gathering import exempt_among
from retention.hold_nouns import Hold
from retention.hold_sight import active_on
from retention.nouns import DossierState
from retention.register import Dossier
from retention.standing import Fact, standing
from storage.database import reading

STYLES = {
    Decision.DATED: GOOD,
    Decision.KEEP: GOOD,
    Decision.AWAITING: DOUBT,
    Decision.HUMAN: DOUBT,
    Decision.ERROR: BAD,
}


@dataclass(frozen=True, slots=True)
class _Told:
    """Everything about one dossier."""

    dossier: Dossier
    history: Sequence[Computation]
    facts: Sequence[Fact]
    holds: Sequence[Hold]
    exempt: bool


def explain(ctx: typer.Context, aip: Annotated[str, typer.Argument()]) -> None:
    """Tell which dossier it is, the decision with a sentence for each step, and its facts."""
    session: Session = ctx.obj
    engine = open_existing(session.config())
    try:
        with reading(engine) as connection:
            gone = tombstone(connection, aip)
            told = None if gone else _read(connection, aip)
    finally:
        engine.dispose()
    if gone is not None:
        _tell_gone(gone, session)
    elif told is not None:
        _tell(told, session)


def _read(connection: Connection, aip: str) -> _Told:
    dossier = one_dossier(connection, aip)
    return _Told(
        dossier,
        computing.computations_of(connection, dossier.dossier),
        facts_of(connection, dossier.dossier),
        active_on(connection, dossier.dossier),
        dossier.dossier in exempt_among(connection, [dossier.dossier]),
    )


def _tell(told: _Told, session: Session) -> None:
    if not told.history:
        raise NotFound(name=told.dossier.dossier)
    if session.as_json:
        session.print_json(_plain(told, session.words))
        return
    screen = session.screen()
    now = told.history[0]
    _show_dossier(told.dossier, now, screen)
    for number, sentence in enumerate(sentences(now, screen.words), 1):
        screen.say(f"{number}. {sentence}", indent=2)
    _show_holds(told, screen)
    _show_facts(told.facts, screen)
    _show_older(told.history[1:], screen)


def _show_dossier(dossier: Dossier, now: Computation, screen: Screen) -> None:
    words = screen.words
    screen.heading(words("retention.explain.heading", identifier=dossier.identifier))
    category = ", ".join(each for each in (dossier.list_year, dossier.category) if each)
    decision = decision_text(dossier.decision, words)
    screen.pairs(
        [
            (words("retention.explain.dossier"), dossier.dossier),
            (words("retention.explain.zorgdrager"), dossier.zorgdrager),
            (words("retention.explain.holder"), dossier.holder),
            (words("retention.explain.zaaktype"), dossier.zaaktype),
            (words("retention.explain.result"), dossier.result),
            (words("retention.explain.category"), category),
            (words("retention.explain.period"), _period(dossier, words)),
            (words("retention.explain.part_of"), dossier.parent),
            (words("retention.explain.decision"), Cell(decision, STYLES[now.decision])),
            (words("retention.explain.cause"), cause_text(dossier.cause, words)),
            (words("retention.explain.anchor"), words.day(dossier.brondatum)),
            (words("retention.explain.until"), until_text(dossier, words)),
            (words("retention.explain.eligible"), words.day(dossier.eligible_from)),
            (words("retention.explain.state"), _state(dossier, words)),
            (words("retention.explain.policy"), now.policy),
        ]
    )
    screen.gap()


def _show_holds(told: _Told, screen: Screen) -> None:
    words = screen.words
    if told.exempt:
        screen.say(words("retention.explain.exempt"), DOUBT)
    for each in told.holds:
        review = words.day(each.review_on.isoformat())
        values = {"hold": each.id, "kind": each.kind.value, "review": review}
        screen.say(words("retention.explain.hold", reason=each.reason, **values), DOUBT)
    if not told.holds and not told.exempt:
        screen.say(words("retention.explain.free"), QUIET)


def _show_facts(facts: Sequence[Fact], screen: Screen) -> None:
    words = screen.words
    screen.heading(words("retention.explain.facts"))
    if not facts:
        screen.say(words("retention.explain.no_facts"), QUIET)
        return
    columns = [
        Column(words("retention.explain.fact"), number=True),
        Column(words("retention.explain.kind")),
        Column(words("retention.explain.value")),
        Column(words("retention.explain.source")),
        Column(words("retention.explain.at"), fold=False),
        Column(words("retention.explain.check")),
    ]
    stands = {each.number for each in standing([one for one in facts if not one.object])}
    objects = {each.object for each in facts if each.object}
    for name in objects:
        stands |= {each.number for each in standing([o for o in facts if o.object == name])}
    screen.table(columns, [_fact_row(each, each.number in stands, words) for each in facts])


def _fact_row(fact: Fact, stands: bool, words: Words) -> list[str | Cell]:
    style = "" if stands else QUIET
    source = " ".join(each for each in (fact.source, fact.object) if each)
    by = f"{source} ({fact.asserted_by})" if fact.source == "person" else source
    return [
        Cell(str(fact.number), style),
        Cell(fact_kind_text(fact, words), style),
        Cell(fact_text(fact, words), style),
        Cell("; ".join(each for each in (by, fact.reason) if each), style),
        Cell(words.instant(fact.asserted_at), style),
        Cell(checked_text(fact, words), style),
    ]


def _show_older(history: Sequence[Computation], screen: Screen) -> None:
    words = screen.words
    if not history:
        return
    screen.heading(words("retention.explain.older"))
    columns = [
        Column(words("retention.explain.at"), fold=False),
        Column(words("retention.explain.decision")),
        Column(words("retention.explain.until"), fold=False),
        Column(words("retention.explain.because")),
    ]
    rows = [
        [
            words.instant(each.computed_at),
            decision_text(each.decision.value, words),
            words.day(each.end_date),
            each.caused_by,
        ]
        for each in history
    ]
    screen.table(columns, rows)


def _tell_gone(gone: Mapping[str, Any], session: Session) -> None:
    said = json.loads(gone["said"])
    if session.as_json:
        session.print_json({"destroyed": {**gone, "said": said}})
        return
    words, screen = session.words, session.screen()
    values = {
        "identifier": gone["identifier"] or gone["dossier"],
        "at": words.instant(gone["destroyed_at"]),
        "list": gone["list"],
        "declaration": gone["declaration"] or words("retention.explain.no_declaration"),
    }
    key = f"retention.explain.gone_{gone['kind']}"
    screen.say(words(key if words.has(key) else "retention.explain.gone_destroyed", **values))
    names = ((name, value) for name, value in said.items() if isinstance(value, str | int))
    screen.pairs([(name, str(value)) for name, value in names], indent=2)


def _plain(told: _Told, words: Words) -> dict[str, Any]:
    dossier = told.dossier
    names = [each for each in Dossier.__slots__ if each not in ("computation", "hold_epoch")]
    return {
        **{name: getattr(dossier, name) for name in names},
        "computation": computation_plain(told.history[0], words),
        "holds": [each.id for each in told.holds],
        "exempt": told.exempt,
        "facts": [fact_plain(each) for each in told.facts],
        "older": [computation_plain(each, words) for each in told.history[1:]],
    }


def _period(dossier: Dossier, words: Words) -> str:
    begin, end = words.day(dossier.started_on), words.day(dossier.ended_on)
    return f"{begin or '…'} - {end or '…'}" if begin or end else ""


def _state(dossier: Dossier, words: Words) -> str:
    if dossier.state is DossierState.HERE:
        return ""
    return words(f"retention.state.{dossier.state.value}")
