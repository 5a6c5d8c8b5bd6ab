"""Examining files: each by the examiner of its kind in a child process, PDF/A claims by veraPDF."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from formats.examine.kinds import kind_of
from formats.examine.values import Examination, Validity
from formats.findings import finding
from formats.guard import look
from formats.identify import Identification
from formats.limits import PARSER_LIMITS
from formats.outcomes import Done, Outcome
from formats.pdfa import claimed, judge_later, with_judgement
from formats.plain import from_plain
from formats.tools import Pool

FILES_PER_BATCH = 32
SECONDS_PER_FILE = 30.0
BYTES_PER_SECOND = 20 * 1024 * 1024
JOB = "formats.examine.job:examine_one"

Triple = tuple[Path, str, Identification]


def examine_files(pool: Pool, files: Sequence[Triple]) -> Iterator[Examination]:
    """The examination of each file, in order; a file is its path, its name there, its format.

    Raises: ToolUnavailable when no child process can be started at all.
    """
    waiting: deque[_Batch] = deque()
    source = iter(files)
    while batch := list(islice(source, FILES_PER_BATCH)):
        waiting.append(_start(pool, batch))
        _claims_of_ready(pool, waiting)
        if len(waiting) > 2 * pool.workers + 2:
            yield from _finish(pool, waiting.popleft())
    while waiting:
        yield from _finish(pool, waiting.popleft())


@dataclass
class _Batch:
    """Files under way: first their examination, then the judgement of their claims."""

    files: list[Triple]
    outcomes: "Future[list[Outcome]]"
    examinations: list[Examination]
    judgements: "Future[list[Outcome]] | None" = None


def _start(pool: Pool, files: list[Triple]) -> _Batch:
    items = [
        [str(path), name, kind_of(seen).value, _label(seen), _refusal(seen)]
        for path, name, seen in files
    ]
    return _Batch(files, pool.submit(JOB, items, limits=PARSER_LIMITS, allow=_allow), [])


def _label(seen: Identification) -> str:
    """What to call the format of a file that no examiner takes."""
    return f"{seen.puid} {seen.format_name}".strip() or seen.hint.mime or "-"


def _refusal(seen: Identification) -> str:
    """Why a file is not opened again: identifying it was refused or went wrong."""
    return seen.error if any(each.code in ("F305", "F306") for each in seen.findings) else ""


def _allow(item: list[str]) -> float:
    """Seconds for one file: more for a larger one."""
    return SECONDS_PER_FILE + look(Path(item[0])).size_bytes / BYTES_PER_SECOND


def _claims_of_ready(pool: Pool, waiting: "deque[_Batch]") -> None:
    """Let the PDF/A judge begin on batches whose first examination is done."""
    for batch in waiting:
        if not batch.examinations and batch.outcomes.done():
            _read(pool, batch)


def _read(pool: Pool, batch: _Batch) -> None:
    outcomes = batch.outcomes.result()
    batch.examinations = [
        _examination(name, outcome)
        for (_, name, _), outcome in zip(batch.files, outcomes, strict=True)
    ]
    claims = [
        (path, examination)
        for (path, _, _), examination in zip(batch.files, batch.examinations, strict=True)
        if claimed(examination)
    ]
    if claims:
        batch.judgements = judge_later(pool, claims)


def _finish(pool: Pool, batch: _Batch) -> Iterator[Examination]:
    if not batch.examinations:
        _read(pool, batch)
    if batch.judgements is None:
        yield from batch.examinations
        return
    judgements = iter(batch.judgements.result())
    for examination in batch.examinations:
        if claimed(examination):
            yield with_judgement(examination, next(judgements))
        else:
            yield examination


def _examination(name: str, outcome: Outcome) -> Examination:
    if isinstance(outcome, Done):
        return from_plain(Examination, outcome.value)
    words = str(outcome)
    return Examination(
        name, Validity.NOT_CHECKED, detail=words, findings=(finding("F413", name, words),)
    )
