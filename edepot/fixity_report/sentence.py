"""The first sentence: how many copies came to which outcome, in words that add up."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from edepot.fixity_report.summary import Problem, Summary
from edepot.messages import Language, Words
from formats.findings import Severity
from storage.fixity.nouns import RunState
from storage.outcomes import WRONG, Outcome

UNREACHABLE = "S207"
CAUSES = 3
ORDER = (
    Outcome.INTACT,
    Outcome.ATTESTED,
    Outcome.DIFFERS,
    Outcome.MISSING,
    Outcome.UNREADABLE,
    Outcome.NOT_CHECKED,
)


class Tone(StrEnum):
    """How a thing is shown: as well, as another's word, as doubtful, as wrong."""

    GOOD = "good"
    WORD = "word"
    DOUBT = "doubt"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Headline:
    """The shortest answer. Only `good` when every item was read and nothing else is wrong."""

    key: str
    tone: Tone


def headline(summary: Summary) -> Headline:
    """The first of these that fits, the heaviest first."""
    totals, state = summary.totals, summary.run.state
    wrong = totals.of(*WRONG)
    unrepaired = sum(each.unrepaired for each in summary.problems)
    if summary.lost:
        return Headline("lost", Tone.BAD)
    if wrong and unrepaired:
        return Headline("wrong", Tone.BAD)
    if state is RunState.RUNNING:
        return Headline("running", Tone.DOUBT)
    if _troubled(summary):
        return Headline("troubled", Tone.BAD)
    if state is RunState.CANCELLED:
        return Headline("cancelled", Tone.DOUBT)
    if not totals.items:
        return Headline("empty", Tone.DOUBT)
    if totals.of(Outcome.NOT_CHECKED):
        return Headline("unchecked", Tone.DOUBT)
    if wrong:
        return Headline("repaired", Tone.DOUBT)
    if summary.remarks:
        return Headline("troubled", Tone.DOUBT)
    if summary.late or summary.late_parties:
        return Headline("late", Tone.DOUBT)
    if totals.of(Outcome.ATTESTED):
        return Headline("attested", Tone.WORD)
    return Headline("good", Tone.GOOD)


def notice(summary: Summary, words: Words) -> str:
    """What is said first of a run that is not simply ended; "" for one that is."""
    run, totals = summary.run, summary.totals
    if run.state is RunState.ENDED:
        return ""
    done = totals.items - totals.of(Outcome.NOT_CHECKED)
    values = {"done": words.number(done), "all": words.counted("fixity_report.copy", totals.items)}
    if run.state is RunState.RUNNING:
        return words("fixity_report.notice.running", **values)
    if run.ended_at is None:
        return words("fixity_report.notice.cancelled_once", **values)
    at = words.instant(run.ended_at.isoformat())
    return words("fixity_report.notice.cancelled", at=at, **values)


def sentence(summary: Summary, words: Words) -> str:
    """How many copies came to which outcome. The numbers add up to the items of the run."""
    totals = summary.totals
    if not totals.items:
        return words("fixity_report.sentence.empty")
    happened = [each for each in ORDER if totals.of(each)]
    if len(happened) == 1:
        return _all_of(happened[0], summary, words)
    parts = [
        _part(outcome, summary, words, lead=position == 0)
        for position, outcome in enumerate(happened)
    ]
    copies = words.counted("fixity_report.copy", totals.items)
    return words("fixity_report.sentence.of", copies=copies, parts=", ".join(parts))


def further(summary: Summary, words: Words) -> str:
    """What the first sentence leaves open: copies of another, and copies outside the run."""
    said = []
    if summary.held_items:
        whole = summary.held_items == summary.totals.items
        key = "held_all" if whole else "held"
        said.append(
            words(f"fixity_report.sentence.{key}", n=words.number(summary.held_items))
            if not whole
            else words(f"fixity_report.sentence.{key}")
        )
    every = sum(each.copies for each in summary.coverage)
    outside = sum(max(each.copies - each.items, 0) for each in summary.coverage)
    if outside:
        key = "outside_one" if outside == 1 else "outside"
        values = {"all": words.counted("fixity_report.copy", every)}
        if outside > 1:
            values["n"] = words.number(outside)
        said.append(words(f"fixity_report.sentence.{key}", **values))
    return " ".join(said)


def share(part: int, whole: int, words: Words) -> str:
    """A percentage with one decimal; never 100 % nor 0 % by rounding; "-" of nothing."""
    if not whole:
        return "-"
    permille = part * 1000 // whole
    if part and not permille:
        return words("fixity_report.percent_little")
    text = f"{permille // 10}" if permille in (0, 1000) else f"{permille / 10:.1f}"
    text = text if words.language is Language.EN else text.replace(".", ",")
    return words("fixity_report.percent", share=text)


def listed(names: Sequence[str], words: Words) -> str:
    """Names in a row: "a, b en c"."""
    if len(names) < 2:
        return "".join(names)
    return words("fixity_report.and").join((", ".join(names[:-1]), names[-1]))


def _troubled(summary: Summary) -> bool:
    return any(
        each.severity is Severity.ERROR for remark in summary.remarks for each in remark.examples
    )


def _all_of(outcome: Outcome, summary: Summary, words: Words) -> str:
    count = summary.totals.items
    form = "one" if count == 1 else "many"
    values = {"n": words.number(count)} if count > 1 else {}
    if outcome in (Outcome.ATTESTED, Outcome.NOT_CHECKED):
        values["why"] = _why(outcome, summary, words)
    return words(f"fixity_report.sentence.all.{outcome.value}.{form}", **values)


def _part(outcome: Outcome, summary: Summary, words: Words, *, lead: bool) -> str:
    count = summary.totals.of(outcome)
    form = "one" if count == 1 else "many"
    place = "lead" if lead else "then"
    values = {"n": words.number(count)} if count > 1 else {}
    if outcome in (Outcome.ATTESTED, Outcome.NOT_CHECKED):
        values["why"] = _why(outcome, summary, words)
    return words(f"fixity_report.sentence.{place}.{outcome.value}.{form}", **values)


def _why(outcome: Outcome, summary: Summary, words: Words) -> str:
    """Between brackets: how many were proved, or why nothing is known of them."""
    if outcome is Outcome.ATTESTED:
        return f" ({_challenged(summary, words)})"
    causes = [each for each in summary.problems if each.outcome is outcome]
    told = [(_cause(each, summary, words), each.copies) for each in causes]
    if len(told) < 2:
        return f" ({told[0][0]})" if told else ""
    said = [
        words("fixity_report.why.counted", n=words.number(count), why=why)
        for why, count in told[:CAUSES]
    ]
    if len(told) > CAUSES:
        said.append(words("fixity_report.why.more"))
    return f" ({'; '.join(said)})"


def _challenged(summary: Summary, words: Words) -> str:
    proved, every = summary.challenged, summary.totals.of(Outcome.ATTESTED)
    if not proved:
        return words("fixity_report.challenged.none")
    if proved == every:
        return words("fixity_report.challenged.all")
    if proved == 1:
        return words("fixity_report.challenged.one")
    return words("fixity_report.challenged.many", n=words.number(proved))


def _cause(problem: Problem, summary: Summary, words: Words) -> str:
    store = summary.name(problem.store)
    if not problem.code:
        return words(f"fixity_report.why.{_reason(summary)}")
    if problem.code == UNREACHABLE and problem.since:
        since = words.instant(problem.since)
        return words("fixity_report.why.unreachable_since", store=store, since=since)
    if problem.code == UNREACHABLE:
        return words("fixity_report.why.unreachable", store=store)
    if problem.held:
        return words("fixity_report.why.held", store=store)
    return words("fixity_report.why.other", store=store)


def _reason(summary: Summary) -> str:
    """Why a copy was not reached, when nothing was found of it."""
    return {RunState.RUNNING: "waiting", RunState.CANCELLED: "stopped"}.get(
        summary.run.state, "unknown"
    )
