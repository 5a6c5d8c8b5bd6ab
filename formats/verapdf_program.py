"""veraPDF as an outside program, started per file: where it is installed but cannot be run warm."""

from pathlib import Path

from lxml import etree

from formats.limits import MIB, Limits
from formats.outcomes import Failed
from formats.pdfa import Judgement, Verdict
from formats.tools import run_program
from formats.xmldoc import XmlRefused, local_name, parse_xml

PROGRAM_LIMITS = Limits(memory_bytes=3 * 1024 * MIB, open_files=1024, seconds=100.0)


def judge_by_program(program: Path, path: Path, claim: str) -> Judgement:
    """The judgement of one file's claim, from veraPDF's machine-readable report."""
    judge = "veraPDF (program)"
    flavour = claim.removeprefix("pdfa-")
    ran = run_program(
        [program, "--format", "xml", "--flavour", flavour, path], limits=PROGRAM_LIMITS
    )
    if isinstance(ran, Failed):
        return Judgement(claim, Verdict.NOT_CHECKED, judge, detail=str(ran))
    return read_report(ran.output, claim)


def read_report(content: bytes, claim: str) -> Judgement:
    """The judgement in a veraPDF report (the XML form) on one file."""
    try:
        root = parse_xml(content)
    except XmlRefused as refused:
        return Judgement(claim, Verdict.NOT_CHECKED, "veraPDF (program)", detail=str(refused))
    judge = f"veraPDF {_version(root)} (program)"
    report = next((e for e in root.iter("*") if local_name(e) == "validationReport"), None)
    if report is None or report.get("isCompliant") not in ("true", "false"):
        return Judgement(claim, Verdict.NOT_CHECKED, judge, detail=_exception(root))
    if report.get("isCompliant") == "true":
        return Judgement(claim, Verdict.PASS, judge)
    return Judgement(claim, Verdict.FAIL, judge, rules=_rules(report))


def _version(root: etree._Element) -> str:
    for element in root.iter("*"):
        if local_name(element) == "releaseDetails" and element.get("id") == "core":
            return str(element.get("version"))
    return "?"


def _exception(root: etree._Element) -> str:
    for element in root.iter("*"):
        if local_name(element) == "exceptionMessage":
            return (element.text or "").strip()[:300]
    return "no validationReport"


def _rules(report: etree._Element) -> tuple[str, ...]:
    found = []
    for element in report.iter("*"):
        if local_name(element) == "rule" and element.get("status", "failed") == "failed":
            name = f"{element.get('clause')}-{element.get('testNumber')}"
            found.append(f"{name} ({element.get('failedChecks', '1')}x)")
    return tuple(found)
