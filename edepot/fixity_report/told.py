"""A report in words: what every form of it shows, in one language and one order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edepot.fixity_report.age_figures import Figure, figure_of
from edepot.fixity_report.cards import Card, cards_of, cut
from edepot.fixity_report.grid import Column, Grid
from edepot.fixity_report.sentence import (
    ORDER,
    Tone,
    further,
    headline,
    listed,
    notice,
    sentence,
    share,
)
from edepot.fixity_report.summary import AipHistory, Coverage, Happening, Summary
from edepot.messages import Words
from storage.fixity.nouns import Scope
from storage.outcomes import Outcome

SIGNS = {
    Outcome.INTACT: "✓",
    Outcome.ATTESTED: "“",
    Outcome.DIFFERS: "≠",
    Outcome.MISSING: "∅",
    Outcome.UNREADABLE: "✗",
    Outcome.NOT_CHECKED: "?",
}
TONES = {
    Outcome.INTACT: Tone.GOOD,
    Outcome.ATTESTED: Tone.WORD,
    Outcome.DIFFERS: Tone.BAD,
    Outcome.MISSING: Tone.BAD,
    Outcome.UNREADABLE: Tone.BAD,
    Outcome.NOT_CHECKED: Tone.DOUBT,
}

WEIGHTS = {"missing": 1.15, "unreadable": 1.35, "bytes": 1.1, "oldest": 1.35, "days": 1.25}


@dataclass(frozen=True, slots=True)
class Tile:
    """One outcome as a number that is seen at once; its sign says the same as its colour."""

    sign: str
    number: str
    label: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class HistoryTold:
    """The history of one AIP; `more` says what is left out, "" for nothing."""

    title: str
    grid: Grid
    more: str


@dataclass(frozen=True, slots=True)
class Told:
    """A whole report in words."""

    language: str
    run: str
    origin: str
    title: str
    tone: Tone
    headline: str
    notice: str
    sentence: str
    further: str
    facts: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    coverage: Grid
    cards: tuple[Card, ...]
    figures: tuple[Figure, ...]
    histories: tuple[HistoryTold, ...]
    more_histories: str
    footer: str

    @property
    def mark(self) -> str:
        """What says, within a file, of which run it is the report."""
        return f"edepot fixity report {self.origin} {self.run}"


def tell(summary: Summary, words: Words) -> Told:
    """The report in words."""
    head = headline(summary)
    more = summary.more_histories
    return Told(
        language=words.language.value,
        run=summary.run.id,
        origin=summary.origin,
        title=words("fixity_report.title"),
        tone=head.tone,
        headline=words(f"fixity_report.headline.{head.key}"),
        notice=notice(summary, words),
        sentence=sentence(summary, words),
        further=further(summary, words),
        facts=facts(summary, words),
        tiles=_tiles(summary, words),
        coverage=coverage(summary, words),
        cards=cards_of(summary, words),
        figures=tuple(figure_of(each, summary, words) for each in summary.ages if each.copies),
        histories=tuple(_history(each, words) for each in summary.histories),
        more_histories=""
        if not more
        else words(
            f"fixity_report.history.more_aips.{'one' if more == 1 else 'many'}",
            **({"n": words.number(more)} if more > 1 else {}),
            run=summary.run.id,
        ),
        footer=words(
            "fixity_report.footer",
            title=words("fixity_report.title"),
            run=summary.run.id,
            origin=summary.origin,
        ),
    )


def facts(summary: Summary, words: Words) -> tuple[tuple[str, str], ...]:
    """What the run was: names with their values."""
    run = summary.run
    asked = words(
        "fixity_report.fact.asked_by",
        at=words.instant(run.asked.at.isoformat()),
        actor=run.asked.actor,
        origin=run.asked.origin,
    )
    read = words(
        "fixity_report.fact.read_of",
        read=words.size(sum(each.read_bytes for each in summary.coverage)),
        all=words.size(run.size_bytes),
    )
    ended = words.instant(run.ended_at.isoformat()) if run.ended_at else ""
    whose = summary.zorgdragers
    pairs = (
        (words("fixity_report.fact.run"), run.id),
        (words("fixity_report.fact.zorgdrager"), summary.name(whose[0]) if len(whose) == 1 else ""),
        (words("fixity_report.fact.standing"), words(f"fixity.state.{run.state.value}")),
        (words("fixity_report.fact.scope"), scope_text(run.scope, summary, words)),
        (words("fixity_report.fact.asked"), asked),
        (
            words("fixity_report.fact.schedule"),
            run.schedule or words("fixity_report.fact.schedule_none"),
        ),
        (words("fixity_report.fact.ended"), ended),
        (words("fixity_report.fact.read"), read),
    )
    return tuple((name, value) for name, value in pairs if value)


def scope_text(scope: Scope, summary: Summary, words: Words) -> str:
    """What a run covered, in words."""
    said = []
    if scope.stores:
        names = listed([summary.name(each) for each in scope.stores], words)
        said.append(words("fixity_report.scope.stores", names=names))
    if scope.zorgdragers:
        names = listed([summary.name(each) for each in scope.zorgdragers], words)
        said.append(words("fixity_report.scope.zorgdragers", names=names))
    if scope.aips:
        few = listed(scope.aips, words) if len(scope.aips) <= 3 else ""
        counted = words.counted("fixity_report.aip", len(scope.aips))
        said.append(words("fixity_report.scope.aips", aips=f"AIP {few}" if few else counted))
    if scope.checked_before:
        at = words.instant(scope.checked_before.isoformat())
        said.append(words("fixity_report.scope.before", at=at))
    if scope.oldest is not None:
        said.append(words("fixity_report.scope.oldest", n=words.number(scope.oldest)))
    for each in scope.portions:
        said.append(
            words(
                "fixity_report.scope.portion",
                n=words.number(each.copies),
                store=summary.name(each.store),
                zorgdrager=summary.name(each.zorgdrager),
            )
        )
    if scope.sample is not None:
        said.append(
            words("fixity_report.scope.sample", n=words.number(scope.sample), seed=scope.seed)
        )
    return "; ".join(said) or words("fixity_report.scope.everything")


def coverage(summary: Summary, words: Words) -> Grid:
    """The table of coverage and age; outcomes that did not occur have no column."""
    outcomes = [
        each
        for each in ORDER
        if summary.totals.of(each) or each in (Outcome.INTACT, Outcome.NOT_CHECKED)
    ]
    several = len(summary.zorgdragers) > 1
    keys = [
        "copies",
        "items",
        *(each.value for each in outcomes),
        "bytes",
        "oldest",
        "days",
        "late",
    ]
    columns = (
        Column(words("fixity_report.coverage.store"), weight=1.8),
        *([Column(words("fixity_report.coverage.zorgdrager"), weight=2.2)] if several else []),
        *(
            Column(
                words(f"fixity_report.coverage.{each}"), number=True, weight=WEIGHTS.get(each, 1)
            )
            for each in keys
        ),
    )
    whose = [[summary.name(each.place.zorgdrager)] if several else [] for each in summary.coverage]
    rows = [
        (_store(each, summary, words), *name, *_coverage_cells(each, outcomes, summary, words))
        for each, name in zip(summary.coverage, whose, strict=True)
    ]
    total = (words("fixity_report.coverage.total"), *([""] if several else []))
    foot = (*total, *_coverage_foot(summary, outcomes, words)) if len(rows) > 1 else ()
    caption = words("fixity_report.coverage.caption", at=words.instant(summary.as_of.isoformat()))
    return Grid(columns, tuple(rows), caption, foot)


def _store(place: Coverage, summary: Summary, words: Words) -> str:
    name = summary.name(place.place.store)
    return words("fixity_report.coverage.held", name=name) if place.held else name


def _coverage_cells(
    place: Coverage, outcomes: Sequence[Outcome], summary: Summary, words: Words
) -> tuple[str, ...]:
    return (
        words.number(place.copies),
        words.number(place.items),
        *(words.number(place.totals.of(each)) for each in outcomes),
        share(place.read_bytes, place.size_bytes, words),
        _age(place.oldest_at, summary.as_of, words) if place.copies else "-",
        words.counted("fixity_report.day", place.days),
        words.number(place.late),
    )


def _coverage_foot(summary: Summary, outcomes: Sequence[Outcome], words: Words) -> tuple[str, ...]:
    places = summary.coverage
    oldest = min((each.oldest_at for each in places if each.copies), default="")
    return (
        words.number(sum(each.copies for each in places)),
        words.number(summary.totals.items),
        *(words.number(summary.totals.of(each)) for each in outcomes),
        share(
            sum(each.read_bytes for each in places),
            sum(each.size_bytes for each in places),
            words,
        ),
        _age(oldest, summary.as_of, words),
        "",
        words.number(summary.late),
    )


def _age(at: str, as_of: datetime, words: Words) -> str:
    if not at:
        return words("fixity_report.coverage.never")
    return words.counted("fixity_report.day", max((as_of - datetime.fromisoformat(at)).days, 0))


def _tiles(summary: Summary, words: Words) -> tuple[Tile, ...]:
    return tuple(
        Tile(
            SIGNS[each],
            words.number(summary.totals.of(each)),
            _label(each, summary.totals.of(each), words),
            TONES[each],
        )
        for each in ORDER
        if summary.totals.of(each)
    )


def _label(outcome: Outcome, count: int, words: Words) -> str:
    many = f"fixity_report.tiles.{outcome.value}"
    return words(many if count > 1 and words.has(many) else f"fixity_report.tile.{outcome.value}")


def _history(history: AipHistory, words: Words) -> HistoryTold:
    title = words("fixity_report.history.of", title=cut(history.title), aip=history.aip_id)
    columns = (
        Column(words("fixity_report.column.at"), weight=0),
        Column(words("fixity_report.column.what"), weight=1.5),
        Column(words("fixity_report.column.store")),
        Column(words("fixity_report.column.run")),
        Column(words("fixity_report.column.detail"), weight=1.3),
    )
    rows = tuple(happening_row(each, words) for each in history.happenings)
    more = words("fixity_report.history.more", n=words.number(history.more))
    empty = words("fixity_report.history.none")
    told = title if history.title else history.aip_id
    return HistoryTold(
        told, Grid(columns, rows, told), (more if history.more else "") if rows else empty
    )


def happening_row(each: Happening, words: Words) -> tuple[str, ...]:
    """One line of a history: when, what, where, in which run, and what there is to say of it."""
    return (
        words.instant(each.at),
        words(f"fixity_report.history.{each.source}", what=_what(each, words)),
        each.store,
        each.run,
        _detail(each, words),
    )


def _what(each: Happening, words: Words) -> str:
    keys = {
        "run": f"fixity_report.tile.{each.what}",
        "repair": f"fixity_report.repair.{each.what}",
    }
    action = each.what.replace(".", "_")
    named = (keys.get(each.source, ""), f"happening.ledger.{action}", f"happening.{action}")
    return next((words(key) for key in named if key and words.has(key)), each.what)


def _detail(each: Happening, words: Words) -> str:
    if each.source == "run" and words.has(f"fixity_report.basis.{each.result}"):
        return words(f"fixity_report.basis.{each.result}")
    if each.source == "repair" and each.result:
        return words("fixity_report.history.from", store=each.result)
    named = (f"fixity_report.tile.{each.result}", f"happened.{each.result}")
    return next((words(key) for key in named if words.has(key)), each.result)
