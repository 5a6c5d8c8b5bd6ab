"""`edepot bag validate`: the rules of BagIt alone, any version."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, GOOD, progress_on
from edepot.cli.session import Session
from edepot.errors import PathMissing
from edepot.exits import Exit
from formats.bagit.check import BagReport, check_bag, find_bag
from formats.findings import Finding, has_errors
from ingest.receipt import finding_plain
from ingest.unpack import unpack
from ingest.unpack_limits import UnpackLimits


def validate(ctx: typer.Context, paths: Annotated[list[Path], typer.Argument()]) -> int:
    """Check each bag: a folder, or a zip or tar that holds one."""
    session: Session = ctx.obj
    for path in paths:
        if not path.exists():
            raise PathMissing(path=path)
    answers = []
    wrong = False
    with progress_on(session.err, session.words, total=len(paths)) as meter:
        for path in paths:
            meter.step(path.name)
            report, findings = _check(path)
            wrong |= has_errors(findings)
            answers.append(_plain(path, report, findings, session))
            if not session.as_json:
                _show(path, report, findings, session)
    if session.as_json:
        session.print_json(answers)
    return int(Exit.MATERIAL if wrong else Exit.WELL)


def _check(path: Path) -> tuple[BagReport | None, tuple[Finding, ...]]:
    if path.is_dir():
        return _check_folder(path, path.name)
    with tempfile.TemporaryDirectory(prefix="edepot-bag-") as folder:
        into = Path(folder) / "bag"
        unpacked = unpack(path, into, UnpackLimits(), path.name)
        if has_errors(unpacked.findings):
            return None, tuple(unpacked.findings)
        report, findings = _check_folder(into, path.name)
        return report, (*unpacked.findings, *findings)


def _check_folder(folder: Path, where: str) -> tuple[BagReport | None, tuple[Finding, ...]]:
    bag = find_bag(folder)
    report = check_bag(bag or folder, where=where)
    return report, report.findings


def _plain(
    path: Path, report: BagReport | None, findings: tuple[Finding, ...], session: Session
) -> dict[str, Any]:
    return {
        "path": str(path),
        "valid": not has_errors(findings),
        "version": report.version if report else "",
        "files": len(report.payload) if report else 0,
        "bytes": report.payload_bytes if report else 0,
        "algorithms": [each.value for each in report.algorithms] if report else [],
        "bag_info": [list(each) for each in report.bag_info] if report else [],
        "findings": [finding_plain(each, session.lang) for each in findings],
    }


def _show(
    path: Path, report: BagReport | None, findings: tuple[Finding, ...], session: Session
) -> None:
    words, screen = session.words, session.screen()
    good = not has_errors(findings)
    screen.heading(str(path))
    screen.say(words("bag.valid" if good else "bag.invalid"), GOOD if good else BAD)
    if report is not None:
        screen.pairs(
            [
                (words("bag.version"), report.version),
                (words("bag.payload"), words.counted("count.file", len(report.payload))),
                (words("bag.size"), words.size(report.payload_bytes)),
                (words("bag.algorithms"), ", ".join(each.value for each in report.algorithms)),
                *report.bag_info,
            ]
        )
    show_findings(findings, screen, every=True)
