"""The sender's error report, as XLSX and HTML: per file which rule, and what to do."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from jinja2 import Environment, PackageLoader, StrictUndefined

from edepot.messages import Words
from formats.findings import Finding, Severity, explain
from formats.spelling import shown
from ingest.receipt import Outcome

MAX_CELL = 32_767
MAX_LINKS = 65_530
WIDTHS = (10, 46, 62, 30, 30, 62, 10, 34)


@dataclass(frozen=True, slots=True)
class ReportedDossier:
    """One dossier of the delivery: `fate` and `aip` are empty when it was not taken in."""

    path: str
    identifier: str
    title: str
    fate: str
    aip: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of one delivery; instants are ISO texts."""

    delivery: str
    source: str
    zorgdrager: str
    supplier: str
    agreement: str
    started_at: str
    ended_at: str
    outcome: Outcome | None
    dossiers: tuple[ReportedDossier, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One finding in words."""

    severity: Severity
    label: str
    where: str
    text: str
    found: str
    expected: str
    advice: str
    code: str
    source: str


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often one rule was broken."""

    code: str
    severity: Severity
    label: str
    count: int
    advice: str
    source: str


@dataclass(frozen=True, slots=True)
class ReportedFile:
    """All lines of one file, the heaviest first."""

    place: str
    severity: Severity
    lines: tuple[ReportLine, ...]


def write_xlsx(report: Report, target: Path, words: Words) -> None:
    """The report as a workbook; every cell is text, so that nothing in it is ever a formula."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(target), options)
    try:
        _write_summary(book, report, words)
        _write_lines(book, report, words)
    finally:
        book.close()


def report_html(report: Report, words: Words) -> str:
    """The report as one self-contained page."""
    environment = Environment(
        loader=PackageLoader("edepot"), autoescape=True, undefined=StrictUndefined
    )
    lines = report_lines(report.findings, words)
    return environment.get_template("report.html.jinja").render(
        report=report,
        words=words,
        summary=_summary(report, words),
        rules=rules_of(report.findings, words),
        files=files_of(lines),
        shown=shown,
        outcome="" if report.outcome is None else report.outcome.value,
    )


def report_lines(findings: Sequence[Finding], words: Words) -> tuple[ReportLine, ...]:
    """Every finding in words, in the order of the places; within a place the heaviest first."""
    order = list(Severity)
    lines = [_line(each, words) for each in findings]
    return tuple(sorted(lines, key=lambda each: (_place(each.where), -order.index(each.severity))))


def rules_of(findings: Sequence[Finding], words: Words) -> tuple[RuleCount, ...]:
    """Each rule that was broken and how often, the heaviest and most frequent first."""
    order = list(Severity)
    counts = Counter((each.code, each.severity) for each in findings)
    first = {(each.code, each.severity): each for each in reversed(findings)}
    rules = []
    for key, count in counts.items():
        explained = explain(first[key], words.language.value)
        label = words(f"severity.{key[1].value}.label")
        rules.append(RuleCount(key[0], key[1], label, count, explained.advice, explained.source))
    return tuple(
        sorted(rules, key=lambda each: (-order.index(each.severity), -each.count, each.code))
    )


def files_of(lines: Sequence[ReportLine]) -> tuple[ReportedFile, ...]:
    """The lines per file; files with errors first, then by path."""
    order = list(Severity)
    grouped: dict[str, list[ReportLine]] = {}
    for each in lines:
        grouped.setdefault(_place(each.where), []).append(each)
    files = [
        ReportedFile(place, found[0].severity, tuple(found)) for place, found in grouped.items()
    ]
    return tuple(sorted(files, key=lambda each: (-order.index(each.severity), each.place)))


def _line(finding: Finding, words: Words) -> ReportLine:
    explained = explain(finding, words.language.value)
    return ReportLine(
        severity=finding.severity,
        label=words(f"severity.{finding.severity.value}.label"),
        where=finding.where,
        text=explained.text,
        found=finding.found,
        expected=finding.expected,
        advice=explained.advice,
        code=finding.code,
        source=explained.source,
    )


def _place(where: str) -> str:
    return where.split(", ", 1)[0]


def _summary(report: Report, words: Words) -> list[tuple[str, str]]:
    """What stands on top: names with values, empty ones left out."""
    severities = Counter(each.severity for each in report.findings)
    outcome = "running" if report.outcome is None else report.outcome.value
    taken = sum(bool(each.aip) for each in report.dossiers)
    pairs = [
        (words("report.outcome"), words(f"outcome.{outcome}")),
        (words("report.delivery"), report.delivery),
        (words("report.source"), report.source),
        (words("report.supplier"), report.supplier),
        (words("report.zorgdrager"), report.zorgdrager),
        (words("report.agreement"), report.agreement),
        (words("report.started"), words.instant(report.started_at)),
        (words("report.ended"), words.instant(report.ended_at) if report.ended_at else ""),
        (
            words("report.dossiers"),
            words("report.dossiers.of", taken=taken, all=len(report.dossiers)),
        ),
        (words("report.errors"), words.number(severities[Severity.ERROR])),
        (words("report.warnings"), words.number(severities[Severity.WARNING])),
        (words("report.remarks"), words.number(severities[Severity.INFO])),
    ]
    return [(name, value) for name, value in pairs if value]


def _write_summary(book: xlsxwriter.Workbook, report: Report, words: Words) -> None:
    bold = book.add_format({"bold": True, "valign": "top"})
    wrap = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    title = book.add_format({"bold": True, "font_size": 14})
    head = _head_format(book)
    sheet = book.add_worksheet(words("report.sheet.summary"))
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    sheet.set_column(2, 4, 34)
    _text(sheet, 0, 0, words("report.title"), title)
    row = 2
    for name, value in _summary(report, words):
        _text(sheet, row, 0, name, bold)
        _text(sheet, row, 1, value, wrap)
        row += 1
    row += 1
    _text(sheet, row, 0, words("report.outcome.meaning"), bold)
    outcome = "running" if report.outcome is None else report.outcome.value
    _text(sheet, row, 1, words(f"outcome.{outcome}.text"), wrap)
    row += 2
    for column, key in enumerate(("identifier", "title", "fate", "aip", "path")):
        _text(sheet, row, column, words(f"report.dossier.{key}"), head)
    for each in report.dossiers:
        row += 1
        values = (each.identifier, each.title, _fate(each, words), each.aip, each.path)
        for column, value in enumerate(values):
            _text(sheet, row, column, value, wrap)
    _for_print(sheet)


def _write_lines(book: xlsxwriter.Workbook, report: Report, words: Words) -> None:
    head = _head_format(book)
    wrap = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    colours = {Severity.ERROR: "#FFD9D9", Severity.WARNING: "#FFF2CC", Severity.INFO: "#E8EEF4"}
    styles = {
        severity: book.add_format({"bold": True, "bg_color": colour, "valign": "top"})
        for severity, colour in colours.items()
    }
    sheet = book.add_worksheet(words("report.sheet.findings"))
    keys = ("severity", "where", "text", "found", "expected", "advice", "code", "source")
    for column, (key, width) in enumerate(zip(keys, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        _text(sheet, 0, column, words(f"report.column.{key}"), head)
    lines = report_lines(report.findings, words)
    for row, line in enumerate(lines, start=1):
        values = (line.where, line.text, line.found, line.expected, line.advice, line.code)
        _text(sheet, row, 0, line.label, styles[line.severity])
        for column, value in enumerate((*values, line.source), start=1):
            _text(sheet, row, column, value, wrap)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, max(len(lines), 1), len(keys) - 1)
    _for_print(sheet)
    sheet.repeat_rows(0)


def _head_format(book: xlsxwriter.Workbook) -> object:
    return book.add_format(
        {
            "bold": True,
            "bg_color": "#154273",
            "font_color": "#FFFFFF",
            "valign": "top",
            "text_wrap": True,
        }
    )


def _for_print(sheet: object) -> None:
    sheet.set_landscape()  # type: ignore[attr-defined]
    sheet.set_paper(9)  # type: ignore[attr-defined]
    sheet.fit_to_pages(1, 0)  # type: ignore[attr-defined]


def _text(sheet: object, row: int, column: int, value: str, style: object) -> None:
    """A cell that is text and nothing else; hidden signs are made visible, overlong text is cut."""
    text = shown(value)
    if len(text) > MAX_CELL:
        text = f"{text[: MAX_CELL - 1]}…"
    sheet.write_string(row, column, text, style)  # type: ignore[attr-defined]


def _fate(dossier: ReportedDossier, words: Words) -> str:
    return words(f"fate.{dossier.fate}") if dossier.fate else words("fate.unknown")
