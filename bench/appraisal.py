"""The date engine alone: a million dossiers judged, with a reason and a sentence per step."""

import resource
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from bench.clock import Figures, seconds_of
from retention.appraisal import appraise
from retention.case import Besluit, Case, Facts, Rule, Zaak
from retention.case_json import inputs_of
from retention.explaining import explain

TERMS = ("P1Y", "P5Y", "P7Y", "P10Y", "P20Y", "P6M", "P4W", "P110Y")
FIRST = date(2000, 1, 1)


def pure(folder: Path, count: int) -> Figures:
    """`count` dossiers: closed, living objects, decisions, permanent ones, open ones, errors."""
    figures = Figures(f"appraisal of {count} dossiers, one core")
    start = time.perf_counter()
    for case in _cases(count):
        assert case
    making = figures.add("making the cases", seconds_of(start))
    start = time.perf_counter()
    reasons = sum(len(appraise(case).reasons) for case in _cases(count))
    judging = seconds_of(start) - making
    figures.add("appraise, with reasons (aim: under 60 per million)", judging)
    figures.add("reasons in all", reasons, "reasons")
    start = time.perf_counter()
    for case in _cases(count):
        for reason in appraise(case).reasons:
            explain(reason, "nl")
    figures.add("the same, and each reason as a sentence", seconds_of(start) - making)
    start = time.perf_counter()
    for case in _cases(count):
        inputs_of(case)
    figures.add("the inputs of each as canonical JSON", seconds_of(start) - making)
    figures.add("RATIO appraisals per second", count / judging, "/s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures.add("memory of the process", peak, "MB")
    return figures


def _cases(count: int) -> Iterator[Case]:
    for number in range(count):
        yield _case(number)


def _case(number: int) -> Case:
    """The mix of the list of 2020: of ten, six count from closing, one from an object, one from
    decisions, one is permanent, and one waits."""
    end = (FIRST + timedelta(days=number % 9_000)).isoformat()
    kind = number % 10
    rule = Rule("destroy", TERMS[number % 8], "afgehandeld", name="2020, 11.1")
    if kind == 6:
        rule = Rule("destroy", "P1Y", "bestaansduur_procesobject", name="2020, 11.1")
        return Case(rule, Zaak("1999-01-01", end, True), Facts(object_end="2030-06-30"))
    if kind == 7:
        rule = Rule("destroy", "P5Y", "vervaldatum_besluit", name="2020, 11.1")
        facts = Facts(decisions=(Besluit(end, "2027-01-01"), Besluit(end, "2028-01-01")))
        return Case(rule, Zaak("1999-01-01", end, True), facts)
    if kind == 8:
        return Case(Rule("keep", name="2020, 2.1"), Zaak("1999-01-01", end, True))
    if kind == 9:
        return Case(rule, Zaak("1999-01-01", None, None))
    return Case(rule, Zaak("1999-01-01", end, True))
