"""Receipts and findings on a screen: what became of a delivery, and what the sender should do."""

from collections import defaultdict
from collections.abc import Sequence

from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, STRONG, Cell, Column, Screen
from edepot.messages import Words
from formats.findings import Finding, Severity, explain
from ingest.receipt import AipSummary, Outcome, Receipt

PLACES_SHOWN = 25
FINDINGS_PER_PLACE = 12

STYLE_OF_OUTCOME = {
    Outcome.ACCEPTED: GOOD,
    Outcome.ALREADY_HELD: GOOD,
    Outcome.PARTLY: DOUBT,
    Outcome.WAITING: DOUBT,
    Outcome.REFUSED: BAD,
    Outcome.QUARANTINED: BAD,
}
STYLE_OF_SEVERITY = {Severity.ERROR: BAD, Severity.WARNING: DOUBT, Severity.INFO: QUIET}


def show_receipts(receipts: Sequence[Receipt], screen: Screen) -> None:
    """Each receipt, and a table of all of them when there is more than one."""
    for each in receipts:
        show_receipt(each, screen)
    if len(receipts) > 1:
        _show_overview(receipts, screen)


def show_receipt(receipt: Receipt, screen: Screen) -> None:
    """One delivery: its outcome, its AIPs, its findings, and where to read the rest."""
    words = screen.words
    key = "receipt.delivery" if receipt.delivery else "receipt.delivery.unnumbered"
    screen.heading(words(key, delivery=receipt.delivery, source=receipt.source))
    screen.say(words(f"outcome.{receipt.outcome.value}.text"), STYLE_OF_OUTCOME[receipt.outcome])
    if receipt.aips:
        show_aips(receipt.aips, screen)
    rest = show_findings(receipt.findings, screen)
    if receipt.findings and receipt.delivery:
        key = "receipt.report.rest" if rest else "receipt.report"
        screen.say(
            words(key, delivery=receipt.delivery, count=words.counted("count.finding", rest)), QUIET
        )


def show_check(receipt: Receipt, screen: Screen) -> None:
    """What a check without storing found."""
    words = screen.words
    screen.heading(words("check.source", source=receipt.source))
    good = receipt.outcome in (Outcome.ACCEPTED, Outcome.ALREADY_HELD)
    waiting = receipt.outcome is Outcome.WAITING
    key, style = ("good", GOOD) if good else ("waiting", DOUBT) if waiting else ("bad", BAD)
    screen.say(words(f"check.{key}"), style)
    show_findings(receipt.findings, screen, every=True)


def show_aips(aips: Sequence[AipSummary], screen: Screen) -> None:
    """The AIPs that hold the dossiers of a delivery."""
    words = screen.words
    columns = [
        Column(words("aip.identifier")),
        Column(words("aip.title")),
        Column(words("aip.files"), number=True),
        Column(words("aip.size"), number=True),
        Column(words("aip.copies"), number=True),
        Column(words("aip.id"), fold=False),
    ]
    rows = [
        (
            each.identifier,
            each.title,
            words.number(each.files),
            words.size(each.bytes),
            str(each.copies),
            each.id,
        )
        for each in aips
    ]
    screen.table(columns, rows)


def show_findings(findings: Sequence[Finding], screen: Screen, *, every: bool = False) -> int:
    """Findings by the place where they were found, worst places first; how many were left out.

    On a screen a flood hides the point: unless `every` is asked for, remarks, and places and
    findings beyond the first, are counted instead of shown.
    """
    if not findings:
        return 0
    words = screen.words
    screen.gap()
    screen.say(summary_of(findings, words), STRONG)
    told = findings if every else [f for f in findings if f.severity is not Severity.INFO]
    places = _by_place(told)
    shown = list(places.items()) if every else list(places.items())[:PLACES_SHOWN]
    left_out = len(findings) - sum(len(found) for _, found in shown)
    for place, found in shown:
        screen.gap()
        screen.say(place, STRONG)
        kept = found if every else found[:FINDINGS_PER_PLACE]
        left_out += len(found) - len(kept)
        _show_place(kept, screen)
    screen.gap()
    return left_out


def summary_of(findings: Sequence[Finding], words: Words) -> str:
    """How many errors, warnings and remarks there are."""
    parts = []
    for severity in reversed(Severity):
        count = sum(each.severity is severity for each in findings)
        if count:
            parts.append(words.counted(f"severity.{severity.value}", count))
    return words("findings.summary", counts=", ".join(parts))


def _by_place(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    """Findings by file, files with errors first, in the order of their paths."""
    places: dict[str, list[Finding]] = defaultdict(list)
    for each in findings:
        places[each.where.split(", ", 1)[0]].append(each)
    order = list(Severity)
    for found in places.values():
        found.sort(key=lambda each: -order.index(each.severity))
    ranked = sorted(places.items(), key=lambda item: (-order.index(item[1][0].severity), item[0]))
    return dict(ranked)


def _show_place(findings: Sequence[Finding], screen: Screen) -> None:
    words = screen.words
    said = ""
    for position, each in enumerate(findings):
        explained = explain(each, words.language.value)
        label = words(f"severity.{each.severity.value}.label")
        screen.say(
            f"{label} {each.code}  {explained.text}", STYLE_OF_SEVERITY[each.severity], indent=2
        )
        following = findings[position + 1].code if position + 1 < len(findings) else ""
        if explained.advice != said and following != each.code:
            screen.say(f"→ {explained.advice}", indent=4)


def _show_overview(receipts: Sequence[Receipt], screen: Screen) -> None:
    words = screen.words
    columns = [
        Column(words("receipt.column.source")),
        Column(words("receipt.column.outcome"), fold=False),
        Column(words("receipt.column.aips"), number=True),
        Column(words("receipt.column.errors"), number=True),
        Column(words("receipt.column.warnings"), number=True),
    ]
    screen.heading(words("receipt.overview"))
    screen.table(columns, [_overview_row(each, words) for each in receipts])


def _overview_row(receipt: Receipt, words: Words) -> tuple[str | Cell, ...]:
    severities = [each.severity for each in receipt.findings]
    return (
        receipt.source,
        Cell(words(f"outcome.{receipt.outcome.value}"), STYLE_OF_OUTCOME[receipt.outcome]),
        words.number(len(receipt.aips)),
        words.number(severities.count(Severity.ERROR)),
        words.number(severities.count(Severity.WARNING)),
    )
