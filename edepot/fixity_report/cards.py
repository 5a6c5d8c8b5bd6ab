"""What to do, one card per cause: what it means, what to do about it, which command."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edepot.fixity_report.grid import Column, Grid
from edepot.fixity_report.sentence import UNREACHABLE, Tone
from edepot.fixity_report.summary import SHOWN, LateParty, Problem, ProblemCopy, Remark, Summary
from edepot.messages import Words
from formats.findings import Finding, Severity, code_of, explain, finding
from storage.fixity.nouns import RunState
from storage.outcomes import WRONG, Outcome

FINDINGS = 3
TITLE = 90
UNCHECKED_SHOWN = 10
"""Of copies of which nothing was learnt so many are enough."""
WEIGHTS = {
    "dossier": 1.2,
    "aip": 1.2,
    "found": 2.2,
    "checked": 0,
    "repair": 0.7,
    "opened": 0,
    "run": 0,
}
REPAIRED_BY_RUN = ("S208",)
"""Remarks that `edepot fixity repair` mends."""
LOST = ("dossier", "aip", "zorgdrager", "run", "opened")
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{52,116}\b")
_TONES = {Outcome.NOT_CHECKED: Tone.DOUBT, Outcome.INTACT: Tone.DOUBT, Outcome.ATTESTED: Tone.WORD}


@dataclass(frozen=True, slots=True)
class Card:
    """One thing to do. `command` is to be copied; "" where there is none. `grid` None: no list."""

    tone: Tone
    sign: str
    title: str
    meaning: str
    advice: str
    command: str
    source: str
    grid: Grid | None
    more: str


def cards_of(summary: Summary, words: Words) -> tuple[Card, ...]:
    """Every thing to do, the heaviest first."""
    parts = [
        *_lost(summary, words),
        *(_problem(each, summary, words) for each in summary.problems),
        *(_remark(each, summary, words) for each in summary.remarks),
        *_late(summary, words),
        *(_late_party(each, summary, words) for each in summary.late_parties),
    ]
    order = [Tone.BAD, Tone.DOUBT, Tone.WORD, Tone.GOOD]
    return tuple(sorted(parts, key=lambda each: order.index(each.tone)))


def found_text(findings: Sequence[Finding], place: str, words: Words) -> str:
    """What was found, without the place that stands beside it already."""
    said = [_without(explain(each, words.language.value).text, place) for each in findings]
    said = said[:FINDINGS]
    more = len(findings) - len(said)
    return " ".join(said) + (f" (+ {words.number(more)})" if more else "")


def _without(text: str, place: str) -> str:
    """A text without the place that it begins with, and with a capital again."""
    left = text.removeprefix(f"{place}: ")
    # What follows is a sentence; after a comma it is the name of a file within the package.
    return left[:1].upper() + left[1:] if left != text else text.removeprefix(f"{place}, ")


def short_digests(text: str) -> str:
    """A text in which digests are cut to their first twelve signs; the whole is in the sheet."""
    return _DIGEST.sub(r"\1…", text)


def cut(title: str) -> str:
    """A title that fits a table; the whole is in the sheet."""
    return title if len(title) <= TITLE else f"{title[: TITLE - 1]}…"


def _lost(summary: Summary, words: Words) -> Iterator[Card]:
    if not summary.lost:
        return
    columns = tuple(_column(each, words) for each in LOST)
    rows = tuple(
        (
            cut(each.title),
            each.aip_id,
            summary.name(each.zorgdrager),
            each.run,
            words.instant(each.opened_at),
        )
        for each in summary.lost[:SHOWN]
    )
    yield Card(
        tone=Tone.BAD,
        sign="!",
        title=_counted("lost", len(summary.lost), words),
        meaning=words("fixity_report.card.lost.means"),
        advice=words("fixity_report.card.lost.advice"),
        command="",
        source="",
        grid=Grid(columns, rows, _counted("lost", len(summary.lost), words)),
        more=_more(len(summary.lost), len(rows), summary, words),
    )


def _problem(problem: Problem, summary: Summary, words: Words) -> Card:
    store = summary.name(problem.store)
    title = _counted(problem.outcome.value, problem.copies, words, store=store)
    wrong = problem.outcome in WRONG
    mended = wrong and not problem.unrepaired
    tone = Tone.DOUBT if mended else _TONES.get(problem.outcome, Tone.BAD)
    grid = _copies_grid(problem, title, summary, words)
    meaning = [
        words(f"fixity_report.card.{problem.outcome.value}.means"),
        *_repairs(problem, words),
    ]
    return Card(
        tone=tone,
        sign={Tone.BAD: "!", Tone.DOUBT: "?", Tone.WORD: "“"}[tone],
        title=title,
        meaning=" ".join(meaning),
        advice=_advice(problem, summary, words),
        command=_command(problem, summary),
        source=_explained(problem, words),
        grid=grid,
        more=_more(problem.copies, _shown(problem), summary, words) if grid else "",
    )


def _explained(problem: Problem, words: Words) -> str:
    if not problem.code:
        return ""
    told = explain(finding(problem.code, ""), words.language.value)
    return words("fixity_report.card.source", code=problem.code, source=told.source)


def _advice(problem: Problem, summary: Summary, words: Words) -> str:
    if problem.outcome in WRONG and not problem.unrepaired:
        return words("fixity_report.card.restored.advice")
    if problem.held and problem.outcome in WRONG:
        name = summary.name(problem.store)
        return words("fixity_report.card.ask_party.advice", name=name)
    if problem.code:
        return explain(finding(problem.code, ""), words.language.value).advice
    running = summary.run.state is RunState.RUNNING
    return words(f"fixity_report.card.{'waiting' if running else 'stopped'}.advice")


def _command(problem: Problem, summary: Summary) -> str:
    run = summary.run
    if problem.outcome in WRONG and problem.unrepaired and not problem.held:
        return f"edepot fixity repair {run.id}"
    if problem.outcome is Outcome.NOT_CHECKED and run.state is RunState.RUNNING:
        return f"edepot fixity resume {run.id}"
    again = problem.outcome is Outcome.NOT_CHECKED or problem.outcome in WRONG
    return f"edepot fixity run --store {problem.store}" if again and not problem.held else ""


def _repairs(problem: Problem, words: Words) -> Iterator[str]:
    keys = {"done": "repaired", "failed": "failed", "impossible": "impossible"}
    for state, key in keys.items():
        if problem.repairs.get(state):
            yield words(f"fixity_report.card.{key}", n=words.number(problem.repairs[state]))


def _copies_grid(problem: Problem, title: str, summary: Summary, words: Words) -> Grid | None:
    if not problem.code and problem.outcome is Outcome.NOT_CHECKED:
        return None
    names = ["dossier", "aip", "zorgdrager", "found", "checked"]
    if len(summary.zorgdragers) < 2:
        names.remove("zorgdrager")
    if problem.repairs:
        names.append("repair")
    if problem.held:
        names.remove("dossier")
    columns = tuple(_column(each, words) for each in names)
    rows = tuple(
        tuple(_copy_cell(each, name, problem, summary, words) for name in names)
        for each in problem.examples[: _shown(problem)]
    )
    return Grid(columns, rows, title)


def _column(name: str, words: Words) -> Column:
    return Column(words(f"fixity_report.column.{name}"), weight=WEIGHTS.get(name, 1))


def _shown(problem: Problem) -> int:
    return UNCHECKED_SHOWN if problem.outcome is Outcome.NOT_CHECKED else SHOWN


def _copy_cell(
    copy: ProblemCopy, name: str, problem: Problem, summary: Summary, words: Words
) -> str:
    match name:
        case "dossier":
            return cut(copy.title)
        case "aip":
            return copy.aip_id or copy.key
        case "zorgdrager":
            return summary.name(copy.zorgdrager)
        case "found":
            place = f"{copy.store}, {copy.key}"
            if problem.code == UNREACHABLE:
                return ", ".join(dict.fromkeys(each.found for each in copy.findings if each.found))
            return short_digests(found_text(copy.findings, place, words))
        case "checked":
            return words.instant(copy.checked_at) if copy.checked_at else "-"
        case _:
            return words(f"fixity_report.repair.{copy.repair}") if copy.repair else ""


def _remark(remark: Remark, summary: Summary, words: Words) -> Card:
    title = _remark_title(remark, summary, words)
    first = remark.examples[0]
    told = explain(first, words.language.value)
    severe = first.severity is Severity.ERROR
    meaning = short_digests(told.text) if remark.count == 1 else ""
    rows = tuple(
        (short_digests(explain(each, words.language.value).text),) for each in remark.examples
    )
    grid = Grid((Column(words("fixity_report.column.found")),), rows, title)
    return Card(
        tone=Tone.BAD if severe else Tone.DOUBT,
        sign="!" if severe else "?",
        title=title,
        meaning=meaning,
        advice=told.advice,
        command=f"edepot fixity repair {summary.run.id}" if remark.code in REPAIRED_BY_RUN else "",
        source=words("fixity_report.card.source", code=remark.code, source=told.source),
        grid=grid if remark.count > 1 else None,
        more=_more(remark.count, len(rows), summary, words),
    )


def _remark_title(remark: Remark, summary: Summary, words: Words) -> str:
    form = "one" if remark.count == 1 else "many"
    kind = f"fixity_report.card.remark.{code_of(remark.code).reason.lower()}"
    if not words.has(f"{kind}.{form}"):
        kind = "fixity_report.card.remark.other"
    values = {"n": words.number(remark.count)} if remark.count > 1 else {}
    title = words(f"{kind}.{form}", **values) if values else words(f"{kind}.{form}")
    where = words("fixity_report.card.remark.in", store=summary.name(remark.store))
    return f"{title} {where}" if remark.store else title


def _late(summary: Summary, words: Words) -> Iterator[Card]:
    places = [each for each in summary.coverage if each.late]
    if not places:
        return
    where = [
        words(
            "fixity_report.card.late.where",
            store=summary.name(each.place.store),
            zorgdrager=summary.name(each.place.zorgdrager),
            n=words.number(each.late),
            days=words.counted("fixity_report.day", each.days),
        )
        for each in places
    ]
    title = _counted("late", summary.late, words)
    shortest = min(each.days for each in places)
    stores = sorted({each.place.store for each in places if not each.held})
    asked = "".join(f" --store {each}" for each in stores)
    yield Card(
        tone=Tone.DOUBT,
        sign="?",
        title=title,
        meaning=words("fixity_report.card.late.means"),
        advice=words("fixity_report.card.late.advice"),
        command=f"edepot fixity run{asked} --older-than {shortest}" if stores else "",
        source="",
        grid=Grid(
            (Column(words("fixity_report.coverage.store")),),
            tuple((each,) for each in where),
            title,
        ),
        more="",
    )


def _late_party(party: LateParty, summary: Summary, words: Words) -> Card:
    heard = words.day(party.heard_at) if party.heard_at else "-"
    found = finding("S431", summary.name(party.id), heard, party.days)
    told = explain(found, words.language.value)
    return Card(
        tone=Tone.DOUBT,
        sign="?",
        title=words("fixity_report.card.late_party", name=summary.name(party.id)),
        meaning=told.text,
        advice=told.advice,
        command=f"edepot held status {party.id}",
        source=words("fixity_report.card.source", code=found.code, source=told.source),
        grid=None,
        more="",
    )


def _counted(kind: str, count: int, words: Words, **values: str) -> str:
    if count == 1:
        return words(f"fixity_report.card.{kind}.one", **values)
    return words(f"fixity_report.card.{kind}.many", n=words.number(count), **values)


def _more(every: int, shown: int, summary: Summary, words: Words) -> str:
    left = every - shown
    if left <= 0:
        return ""
    return _counted("more", left, words, run=summary.run.id)
