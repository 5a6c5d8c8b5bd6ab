"""The date engine: what is to become of a dossier, and when, with a reason for every step.

Pure: nothing is read or written, and no clock is asked. Source: domain rules R1 to R30.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from formats.periods import Duration
from retention.anchors import (
    Anchor,
    Obstacle,
    Reading,
    anchor_of,
    exact_day,
    told_day,
    told_term,
)
from retention.case import Case, Decision, Reason, Rule, Verdict
from retention.terms import BeyondCalendar, Day, next_day, plus, rounded_end, rounded_start

ENGINE = "1"
"""The version of these rules; it goes up when the same case may get another verdict."""

PART_KEPT = "keep"
"""What stands for a part that is kept for good, in the rules per document type."""

UNDATED = {"keep": "keep_undated", "exempt": "exempt_undated"}
NO_RULE = frozenset(
    {"unmapped", "lapsed", "two_lists", "list_unknown", "category_unknown", "unchecked"}
)


class Eligibility(StrEnum):
    """What may be done with a dossier on a day: a date alone never destroys anything."""

    ELIGIBLE = "ELIGIBLE"
    NOT_YET = "NOT_YET"
    BLOCKED_HOLD = "BLOCKED_HOLD"
    BLOCKED_FAMILY = "BLOCKED_FAMILY"
    AWAITING = "AWAITING"
    KEEP = "KEEP"
    HUMAN = "HUMAN"
    ERROR = "ERROR"


class Disposition(StrEnum):
    """What becomes of a document when a dossier that holds it is destroyed."""

    GOES = "GOES"
    STAYS = "STAYS"


@dataclass(frozen=True, slots=True)
class Sharer:
    """A dossier that a document stands in: what was decided of it, and its end date."""

    decision: str
    end_date: date | None


def appraise(case: Case) -> Verdict:
    """The verdict on a case; a fault in the material is a verdict too (ERROR), no exception."""
    told: list[Reason] = []
    try:
        return _judge(case, told)
    except Obstacle as obstacle:
        return Verdict(obstacle.decision, (*told, obstacle.reason))
    except BeyondCalendar:
        return Verdict(Decision.ERROR, (*told, Reason("beyond_calendar")))


def eligibility(
    verdict: Verdict, as_of: date, holds: Sequence[str], family_due_after: Sequence[date | None]
) -> Eligibility:
    """What may be done on a day, given the holds and the end dates of the rest of the family.

    A minimum term that nobody has confirmed is for a person once it is over. Holds move no date.
    Source: R6, R20, R27, R29.
    """
    end = verdict.end_date
    if end is None or verdict.decision not in (Decision.DATED, Decision.HUMAN):
        return Eligibility(verdict.decision.value)
    wait = timedelta(0) if verdict.eligible_from == end else timedelta(1)
    if as_of < end + wait:
        return Eligibility.NOT_YET
    if verdict.decision is Decision.HUMAN:
        return Eligibility.HUMAN
    if holds:
        return Eligibility.BLOCKED_HOLD
    if any(each is None or as_of < each + wait for each in family_due_after):
        return Eligibility.BLOCKED_FAMILY
    return Eligibility.ELIGIBLE


def document_disposition(as_of: date, dossiers: Sequence[Sharer]) -> Disposition:
    """Whether a document goes: only when every dossier that it stands in is over (R28).

    What stands in no dossier that we know of stays.
    """
    over = [
        each.decision == Decision.DATED and each.end_date is not None and each.end_date < as_of
        for each in dossiers
    ]
    return Disposition.GOES if over and all(over) else Disposition.STAYS


def _judge(case: Case, told: list[Reason]) -> Verdict:
    rule = case.rule
    closed = _closed_on(case, told)
    if case.facts.exempt:
        return _keep(case, closed, told, "exempt")
    kept = rule.valuation == "keep" and not rule.problem
    if closed is None and (not kept or case.zaak.result is False):
        raise Obstacle(Decision.AWAITING, "awaiting_end")
    if case.zaak.result is False:
        raise Obstacle(Decision.AWAITING, "awaiting_result")
    _check_rule(rule)
    if kept:
        return _keep(case, closed, told, "keep")
    if PART_KEPT in rule.documents.values():
        return _keep(case, closed, told, "keep_parts")
    assert closed is not None
    return _date(case, closed, told)


def _closed_on(case: Case, told: list[Reason]) -> Day | None:
    """The day on which the dossier was closed; None while it is open."""
    zaak = case.zaak
    start = exact_day(zaak.start, "zaak.start") if zaak.start else None
    if not zaak.end:
        return None
    end = exact_day(zaak.end, "zaak.end")
    if start is not None and end.last < start.first:
        dates = {"start": str(start.first), "end": str(end.last)}
        raise Obstacle(Decision.ERROR, "end_before_start", **dates)
    told += told_day(zaak.end, "zaak.end")[1]
    told.append(Reason("closed", {"end": str(end.last)}))
    return end


def _check_rule(rule: Rule) -> None:
    """Whether the rule says anything at all (R18, R19, R21, R22). Raises: Obstacle."""
    named = {"rule": rule.name}
    if rule.problem:
        code = rule.problem if rule.problem in NO_RULE else "rule_problem"
        raise Obstacle(Decision.HUMAN, code, **named, text=rule.problem)
    if rule.valuation in ("", "undetermined"):
        raise Obstacle(Decision.HUMAN, "no_valuation", **named)
    if rule.valuation not in ("destroy", "keep"):
        raise Obstacle(Decision.ERROR, "valuation_unknown", text=rule.valuation)
    if rule.mixed and not rule.documents:
        raise Obstacle(Decision.HUMAN, "mixed", **named)
    if rule.valuation == "destroy" and not rule.term:
        raise Obstacle(Decision.ERROR, "no_term", **named)


def _keep(case: Case, closed: Day | None, told: list[Reason], code: str) -> Verdict:
    """Kept for good: a date of transfer (overbrenging) once it is closed, never an end date."""
    named = {"rule": case.rule.name}
    if closed is None:
        return Verdict(Decision.KEEP, (*told, Reason(UNDATED[code], named)))
    anchor = _transfer_anchor(case, closed, told)
    text, policy = case.policy.transfer_term, case.policy
    transfer_on = plus(anchor, told_term(text, "policy.transfer_term"))
    if code == "keep" and case.rule.term:
        told.append(Reason("transfer_by_rule", {"on": str(transfer_on), "policy": policy.name}))
        text = case.rule.term
        transfer_on = plus(anchor, told_term(text, "rule.term"))
    latest = plus(transfer_on, told_term(policy.transfer_block, "policy.transfer_block"))
    dates = {"anchor": str(anchor), "on": str(transfer_on), "latest": str(latest)}
    reasons = (*told, Reason(code, {**named, "term": text, **dates}))
    return Verdict(
        Decision.KEEP, reasons, brondatum=anchor, transfer_on=transfer_on, transfer_latest=latest
    )


def _transfer_anchor(case: Case, closed: Day, told: list[Reason]) -> date:
    """Where the term of transfer starts: at closing (zrc-026), or at a later known anchor."""
    typed = case.facts.manual_anchor
    try:
        anchor = anchor_of(case, closed)
    except (Obstacle, BeyondCalendar):
        if typed:
            raise
        return closed.last
    if anchor.day <= closed.last and not typed:
        return closed.last
    told += anchor.reasons
    return anchor.day


def _date(case: Case, closed: Day, told: list[Reason]) -> Verdict:
    """Anchor, then term, then what the policy and people add to it (R5)."""
    terms = _terms(case.rule)
    try:
        anchor = anchor_of(case, closed)
    except Obstacle as obstacle:
        told += _other_readings(obstacle.others, terms)
        raise
    told += anchor.reasons
    end = _end(case, anchor, terms, told)
    end = _extended(case, end, told)
    told += _other_readings(anchor.others, terms)
    until = {"end": str(end), "rule": case.rule.name}
    if case.rule.minimum and not case.facts.minimum_confirmed:
        reasons = (*told, Reason("minimum", until))
        return Verdict(Decision.HUMAN, reasons, brondatum=anchor.day, end_date=end)
    if case.rule.minimum:
        told.append(Reason("minimum_confirmed", {"rule": case.rule.name}))
    eligible = end if case.policy.eligible == "on" else next_day(end)
    reasons = (*told, Reason("dated", {"end": str(end), "eligible": str(eligible)}))
    return Verdict(Decision.DATED, reasons, anchor.day, end, eligible)


def _terms(rule: Rule) -> Mapping[str, Duration]:
    """The rule's term and those of its parts, by their text."""
    texts = [rule.term or "", *rule.documents.values()]
    return {text: told_term(text, "rule.term") for text in texts}


def _end(case: Case, anchor: Anchor, terms: Mapping[str, Duration], told: list[Reason]) -> date:
    """The last day of keeping, by the list and by the policy on whole years (R14, R26)."""
    policy = case.policy
    start = rounded_start(anchor.day, policy.rounding)
    if start != anchor.day:
        told.append(Reason("rounded_start", {"day": str(start), "policy": policy.name}))
    end, text = max((plus(start, term), text) for text, term in terms.items())
    values = {"rule": case.rule.name, "term": text, "start": str(start), "end": str(end)}
    told.append(Reason("term", values))
    if anchor.not_before is not None and end < anchor.not_before:
        end = anchor.not_before
        told.append(Reason("not_before_closing", {"end": str(end)}))
    rounded = rounded_end(end, policy.rounding)
    if rounded != end:
        told.append(Reason("rounded_end", {"day": str(rounded), "policy": policy.name}))
    return rounded


def _extended(case: Case, end: date, told: list[Reason]) -> date:
    """The end date after an extension; a shortening below the list is refused (R25)."""
    text = case.facts.extended_until
    if not text:
        return end
    until, partial = told_day(text, "facts.extended_until")
    if until < end:
        raise Obstacle(Decision.ERROR, "shortened", until=str(until), end=str(end))
    if until > end:
        told += (*partial, Reason("extended", {"until": str(until)}))
    return until


def _other_readings(others: Sequence[Reading], terms: Mapping[str, Duration]) -> Iterator[Reason]:
    """What other sources make of the same facts, each with the end date that it comes to."""
    for each in others:
        try:
            end = max(plus(each.day, term) for term in terms.values())
        except BeyondCalendar:
            continue
        yield Reason(each.code, {"day": str(each.day), "end": str(end)})
