"""The anchor (brondatum): on which day the retention term starts, by each kind of trigger.

Source: ZGW Zaken API, zrc-021; Selectielijst gemeenten, procestermijn; domain rules R5, R8 to R17.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from formats.periods import Duration
from retention.case import Case, Decision, Reason, Trigger
from retention.terms import BeyondCalendar, Day, NotADay, NotATerm, plus, read_day, read_term

ALIASES: Mapping[str, Trigger] = {
    "nihil": Trigger.CLOSED,
    "ingeschatte_bestaansduur_procesobject": Trigger.TERM,
    "samengevoegd_met_bewaartermijn": Trigger.BIRTH_DATE,
    "vast_te_leggen_datum": Trigger.PROPERTY,
}
"""The selection list's own words for when a term starts, where the ZGW standard has others."""

TRIGGERS: Mapping[str, Trigger] = {**{each.value: each for each in Trigger}, **ALIASES}


@dataclass(frozen=True, slots=True)
class Reading:
    """What another source makes of the same facts: a code, and where it lets the term start."""

    code: str
    day: date


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where the term starts, the steps that led there, and what others would say."""

    day: date
    reasons: tuple[Reason, ...]
    others: tuple[Reading, ...] = ()
    not_before: date | None = None
    """The day before which nothing goes, whatever the term says (R14)."""


class Obstacle(Exception):
    """Why there is no anchor, or no date at all; never leaves the engine."""

    def __init__(
        self, decision: Decision, code: str, others: tuple[Reading, ...] = (), /, **values: str
    ) -> None:
        super().__init__(code)
        self.decision = decision
        self.reason = Reason(code, values)
        self.others = others


def anchor_of(case: Case, closed: Day) -> Anchor:
    """The anchor of a dossier that was closed: the one typed in by a person, else the trigger's.

    Raises: Obstacle; BeyondCalendar.
    """
    trigger = _trigger(case)
    typed = case.facts.manual_anchor
    if not typed:
        if trigger is None:
            raise Obstacle(Decision.HUMAN, "no_trigger")
        return DERIVE[trigger](case, closed)
    day, told = told_day(typed, "facts.manual_anchor")
    told.append(Reason("anchor_typed", {"day": day.isoformat()}))
    try:
        derived = DERIVE[trigger](case, closed).day if trigger else day
    except (Obstacle, BeyondCalendar):
        derived = day
    others = () if derived == day else (Reading("computed_differs", derived),)
    return Anchor(day, tuple(told), others)


def told_day(text: str, what: str) -> tuple[date, list[Reason]]:
    """The day that a text counts as, and a step that says so where only a part is known.

    Raises: Obstacle when it is no date.
    """
    day = exact_day(text, what)
    if not day.partial:
        return day.last, []
    values = {"what": what, "text": text, "day": day.last.isoformat()}
    return day.last, [Reason("partial_date", values)]


def exact_day(text: str, what: str) -> Day:
    """The day that a text says. Raises: Obstacle when it is no date."""
    try:
        return read_day(text)
    except NotADay as error:
        raise Obstacle(Decision.ERROR, error.code, what=what, text=_short(text)) from error


def told_term(text: str, what: str) -> Duration:
    """The duration that a text says. Raises: Obstacle when it is none."""
    try:
        return read_term(text)
    except NotATerm as error:
        raise Obstacle(Decision.ERROR, "not_a_term", what=what, text=_short(text)) from error


def _trigger(case: Case) -> Trigger | None:
    """The kind of trigger; None where the list leaves it empty, which is not the same as nihil."""
    named = case.rule.trigger
    if not named:
        return None
    if named not in TRIGGERS:
        raise Obstacle(Decision.ERROR, "trigger_unknown", text=_short(named))
    return TRIGGERS[named]


def _closed(case: Case, closed: Day) -> Anchor:
    return Anchor(closed.last, (), _utc(closed.utc, closed.last))


def _term(case: Case, closed: Day) -> Anchor:
    text = case.rule.process_term
    if not text:
        raise Obstacle(Decision.ERROR, "no_process_term")
    term = told_term(text, "rule.process_term")
    day = plus(closed.last, term)
    step = Reason("anchor_estimated", {"term": text, "day": day.isoformat()})
    return Anchor(day, (step,), _utc(plus(closed.utc, term), day))


def _utc(utc: date, ours: date) -> tuple[Reading, ...]:
    return () if utc == ours else (Reading("open_zaak_utc", utc),)


def _property(case: Case, closed: Day) -> Anchor:
    _check_whole([case.facts.property], "facts.property")
    return _single(case.facts.property, "facts.property", "awaiting_property", "anchor_property")


def _other_date(case: Case, closed: Day) -> Anchor:
    raise Obstacle(Decision.AWAITING, "awaiting_other_date")


def _main_case(case: Case, closed: Day) -> Anchor:
    """The later of the main case's end and its own anchor (R12)."""
    main = case.facts.main
    if main is None:
        raise Obstacle(Decision.AWAITING, "awaiting_main_case")
    if not main.end:
        raise Obstacle(Decision.AWAITING, "awaiting_main_case_end")
    end, told = told_day(main.end, "facts.main.end")
    own = end
    if main.anchor:
        own, more = told_day(main.anchor, "facts.main.anchor")
        told += more
    day = max(end, own)
    told.append(Reason("anchor_main_case", {"end": end.isoformat(), "day": day.isoformat()}))
    others = () if own == end else (Reading("open_zaak_main_case", min(end, own)),)
    return Anchor(day, tuple(told), others)


def _related(case: Case, closed: Day) -> Anchor:
    codes = ("awaiting_related_none", "awaiting_related", "anchor_related")
    return _latest(case.facts.related, "facts.related", codes)


def _objects(case: Case, closed: Day) -> Anchor:
    _check_whole(case.facts.objects, "facts.objects")
    codes = ("awaiting_objects_none", "awaiting_objects", "anchor_objects")
    return _latest(case.facts.objects, "facts.objects", codes)


def _decision_starts(case: Case, closed: Day) -> Anchor:
    starts = [each.ingang for each in case.facts.decisions]
    codes = ("awaiting_decision", "awaiting_decision_start", "anchor_decision_start")
    return _latest(starts, "facts.decisions.ingang", codes)


def _decision_ends(case: Case, closed: Day) -> Anchor:
    """The latest lapse, and the day after it where the policy says so (R11)."""
    ends = [each.verval for each in case.facts.decisions]
    codes = ("awaiting_decision", "awaiting_decision_end", "anchor_decision_end")
    found = _latest(ends, "facts.decisions.verval", codes)
    after = plus(found.day, Duration(days=1))
    if case.policy.verval_offset_days == 0:
        return Anchor(found.day, found.reasons, (Reading("catalogue_day_after", after),))
    step = Reason("anchor_day_after", {"day": after.isoformat(), "policy": case.policy.name})
    return Anchor(after, (*found.reasons, step), (Reading("standard_same_day", found.day),))


def _life_of_object(case: Case, closed: Day) -> Anchor:
    """The end of the object, but not before the dossier was closed (R9)."""
    found = _single(
        case.facts.object_end, "facts.object_end", "awaiting_object_end", "object_ended"
    )
    if found.day >= closed.last:
        return found
    step = Reason("object_ended_before", {"day": closed.last.isoformat()})
    return Anchor(closed.last, (*found.reasons, step))


def _birth_date(case: Case, closed: Day) -> Anchor:
    found = _single(case.facts.birth, "facts.birth", "awaiting_birth", "anchor_birth")
    return Anchor(found.day, found.reasons, not_before=closed.last)


def _check_whole(texts: Sequence[str | None], what: str) -> None:
    """Values of a case system: "2025" may be a year or any number there, and is not taken as a day.

    Source: ZGW Catalogi API, ztc-015. Raises: Obstacle.
    """
    for each in texts:
        if each and exact_day(each, what).partial:
            raise Obstacle(Decision.ERROR, "not_a_whole_day", what=what, text=_short(each))


def _single(text: str | None, what: str, missing: str, step: str) -> Anchor:
    if not text:
        raise Obstacle(Decision.AWAITING, missing)
    day, told = told_day(text, what)
    return Anchor(day, (*told, Reason(step, {"day": day.isoformat()})))


def _latest(texts: Sequence[str | None], what: str, codes: tuple[str, str, str]) -> Anchor:
    """The latest of several days; one that is not known makes the whole unknown (R10).

    Open Zaak takes the maximum of those that are known: told as the other reading. `codes` are
    the steps where there are none, where a day is not known, and where all are.
    """
    none, unknown, found = codes
    known = [(each, *told_day(each, what)) for each in texts if each]
    if not texts:
        raise Obstacle(Decision.AWAITING, none)
    count = len(texts) - len(known)
    if count:
        others = (Reading("open_zaak_ignores", _max(known)),) if known else ()
        raise Obstacle(Decision.AWAITING, unknown, others, count=str(count))
    day = _max(known)
    told = [step for _, each, steps in known if each == day for step in steps[:1]]
    values = {"day": day.isoformat(), "count": str(len(texts))}
    return Anchor(day, (*told[:1], Reason(found, values)))


def _max(known: Iterable[tuple[str, date, list[Reason]]]) -> date:
    return max(day for _, day, _ in known)


def _short(text: str) -> str:
    """A text that could not be read, on one line and as far as a sentence has room for it."""
    shown = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text[:40])
    return shown if len(text) <= 40 else f"{shown}…"


DERIVE: Mapping[Trigger, Callable[[Case, Day], Anchor]] = {
    Trigger.CLOSED: _closed,
    Trigger.PROPERTY: _property,
    Trigger.MAIN_CASE: _main_case,
    Trigger.RELATED_CASE: _related,
    Trigger.DECISION_STARTS: _decision_starts,
    Trigger.DECISION_ENDS: _decision_ends,
    Trigger.TERM: _term,
    Trigger.CASE_OBJECT: _objects,
    Trigger.OTHER_DATE: _other_date,
    Trigger.LIFE_OF_OBJECT: _life_of_object,
    Trigger.BIRTH_DATE: _birth_date,
}
"""How each kind of trigger gives the anchor of a dossier that was closed."""
