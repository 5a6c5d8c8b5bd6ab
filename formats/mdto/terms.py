"""MDTO's rules on terms and dates: what must be there, what must add up, what comes first.

Source: MDTO Metagegevensschema 1.0, termijnEinddatum and dekkingInTijdEinddatum (rules).
"""

import re
from collections.abc import Iterator

from formats.datatypes import is_duration
from formats.findings import Finding, finding
from formats.mdto.model import DekkingInTijd, Termijn
from formats.periods import (
    Duration,
    NotAPeriod,
    PartialDate,
    add,
    read_duration,
    read_partial_date,
    wholly_before,
    within,
)

# libxml2 passes PT1.S and PT.5S, which XML Schema itself does not allow.
_LOOSE_POINT = re.compile(r"(?<![0-9])\.|\.(?![0-9])")


def check_term(term: Termijn, where: str) -> Iterator[Finding]:
    """Whether the parts of a term are there, agree, and run forward.

    Texts that are no dates or durations at all are the schema's to refuse, and passed over here.
    """
    yield from _check_complete(term, where)
    start = _date(term.termijnStartdatumLooptijd)
    end = _date(term.termijnEinddatum)
    length = _duration(term.termijnLooptijd)
    if length is not None:
        yield from _check_length(term, length, where)
    if start is not None and end is not None and wholly_before(end, start):
        yield finding("F529", where, term.termijnEinddatum, f">= {term.termijnStartdatumLooptijd}")
    elif start is not None and length is not None and not length.negative:
        yield from _check_sum(add(start, length), end, term, where)


def check_coverage(coverage: DekkingInTijd, where: str) -> Iterator[Finding]:
    """Whether the end of a coverage overlaps its begin or lies after it."""
    begin = _date(coverage.dekkingInTijdBegindatum)
    end = _date(coverage.dekkingInTijdEinddatum)
    if begin is not None and end is not None and wholly_before(end, begin):
        found, least = coverage.dekkingInTijdEinddatum, coverage.dekkingInTijdBegindatum
        yield finding("F530", where, found, f">= {least}")


def _check_complete(term: Termijn, where: str) -> Iterator[Finding]:
    if term.termijnEinddatum is not None:
        return
    parts = {
        "termijnTriggerStartLooptijd": term.termijnTriggerStartLooptijd,
        "termijnLooptijd": term.termijnLooptijd,
    }
    missing = [name for name, part in parts.items() if part is None]
    if missing:
        yield finding("F528", where, "", " + ".join(missing))


def _check_length(term: Termijn, length: Duration, where: str) -> Iterator[Finding]:
    text = term.termijnLooptijd or ""
    if length.negative:
        yield finding("F531", where, text, ">= P0D")
    if _LOOSE_POINT.search(text):
        yield finding("F532", where, text, "PT1.5S")


def _check_sum(
    total: PartialDate, end: PartialDate | None, term: Termijn, where: str
) -> Iterator[Finding]:
    told = f"{term.termijnStartdatumLooptijd} + {term.termijnLooptijd}"
    if end is None:
        yield finding("F543", where, told, total)
    elif not within(total, end):
        yield finding("F544", where, term.termijnEinddatum, f"{told} = {total}")


def _date(text: str | None) -> PartialDate | None:
    if text is None:
        return None
    try:
        return read_partial_date(text)
    except NotAPeriod:
        return None


def _duration(text: str | None) -> Duration | None:
    if text is None or not is_duration(text.strip()):
        return None
    return read_duration(text)
