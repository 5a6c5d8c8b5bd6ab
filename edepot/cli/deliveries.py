"""`edepot deliveries`: what was delivered, what became of it, and the report for the sender."""

from enum import StrEnum
from pathlib import Path, PurePath
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

from edepot.cli.receipts import STYLE_OF_OUTCOME, show_findings
from edepot.cli.screen import DOUBT, GOOD, QUIET, Cell, Column, Screen
from edepot.cli.session import Session
from edepot.depot import Depot, open_depot
from edepot.errors import AmbiguousName, ExportRefused, NotFound
from edepot.messages import Words
from edepot.reports import Report, ReportedDossier, report_html, write_xlsx
from formats.findings import Severity
from ingest import journal
from ingest.journal import DeliveryRow, DossierRow, StepRow
from ingest.receipt import finding_plain
from storage.database import begin


class ReportForm(StrEnum):
    """The form of a report."""

    XLSX = "xlsx"
    HTML = "html"


def list_deliveries(
    ctx: typer.Context, limit: Annotated[int, typer.Option("--limit", min=1)] = 50
) -> None:
    """The newest deliveries, newest first."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, begin(depot.engine) as connection:
        rows = journal.deliveries(connection, limit)
        total = journal.count_deliveries(connection)
        dossiers = {each.id: journal.dossiers_of(connection, each.id) for each in rows}
    if session.as_json:
        session.print_json([_plain_row(each, dossiers[each.id]) for each in rows])
        return
    words, screen = session.words, session.screen()
    if not rows:
        screen.say(words("deliveries.none"), QUIET)
        return
    columns = [
        Column(words("deliveries.id"), fold=False),
        Column(words("deliveries.started"), fold=False),
        Column(words("deliveries.source")),
        Column(words("deliveries.zorgdrager"), fold=False),
        Column(words("deliveries.outcome"), fold=False),
        Column(words("deliveries.dossiers"), number=True),
        Column(words("deliveries.errors"), number=True),
    ]
    screen.table(columns, [_row(each, dossiers[each.id], words) for each in rows])
    if total > len(rows):
        screen.say(words("deliveries.more", shown=len(rows), total=words.number(total)), QUIET)


def show_delivery(ctx: typer.Context, delivery: Annotated[str, typer.Argument()]) -> None:
    """One delivery: its steps, its dossiers, everything that was found."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, begin(depot.engine) as connection:
        row = named_delivery(connection, delivery)
        dossiers = journal.dossiers_of(connection, row.id)
        steps = journal.steps_of(connection, row.id)
    if session.as_json:
        session.print_json(_plain(row, dossiers, steps, session))
    else:
        _show(row, dossiers, steps, session.screen())


def report_delivery(
    ctx: typer.Context,
    delivery: Annotated[str, typer.Argument()],
    into: Annotated[Path, typer.Option("--into")] = Path(),
    form: Annotated[list[ReportForm] | None, typer.Option("--as")] = None,
) -> None:
    """Write the sender's error report as XLSX and HTML; nothing is overwritten."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, begin(depot.engine) as connection:
        row = named_delivery(connection, delivery)
        dossiers = journal.dossiers_of(connection, row.id)
        report = report_of(row, dossiers, depot)
    try:
        into.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise ExportRefused(target=into) from error
    written = [
        write_report(report, into, each, session.words) for each in form or tuple(ReportForm)
    ]
    if session.as_json:
        session.print_json({"delivery": row.id, "reports": [str(each) for each in written]})
        return
    for each in written:
        session.screen().say(session.words("deliveries.report.written", file=each), GOOD)


def named_delivery(connection: Connection, name: str) -> DeliveryRow:
    """The delivery with this id, or the only one whose id begins so.

    Raises: NotFound, AmbiguousName.
    """
    found = journal.delivery(connection, name)
    if found is not None:
        return found
    every = journal.deliveries(connection, journal.count_deliveries(connection))
    fitting = [each for each in every if name and each.id.startswith(name)]
    if len(fitting) > 1:
        raise AmbiguousName(name=name, found=", ".join(each.id for each in fitting[:5]))
    if not fitting:
        raise NotFound(name=name)
    return fitting[0]


def report_of(row: DeliveryRow, dossiers: list[DossierRow], depot: Depot) -> Report:
    """What the report says of a delivery."""
    names = {each.id: each.name for each in depot.config.zorgdragers}
    return Report(
        delivery=row.id,
        source=PurePath(row.source).name or row.source,
        zorgdrager=names.get(row.zorgdrager, row.zorgdrager),
        supplier=row.supplier,
        agreement=row.agreement,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        dossiers=tuple(_reported(each) for each in dossiers),
        findings=row.findings,
    )


def write_report(report: Report, into: Path, form: ReportForm, words: Words) -> Path:
    """Write one form of the report into a folder, under a name of its own.

    Raises: ExportRefused when a file of that name stands there.
    """
    target = into / f"{words('report.file')}-{report.delivery}.{form.value}"
    if target.exists():
        raise ExportRefused(target=target)
    if form is ReportForm.XLSX:
        write_xlsx(report, target, words)
    else:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(report_html(report, words))
    return target


def _reported(dossier: DossierRow) -> ReportedDossier:
    fate = dossier.fate.value if dossier.fate else ""
    held = fate in ("stored", "already_held")
    return ReportedDossier(
        dossier.path, dossier.identifier, dossier.title, fate, dossier.aip_id if held else ""
    )


def _row(row: DeliveryRow, dossiers: list[DossierRow], words: Words) -> tuple[str | Cell, ...]:
    errors = sum(each.severity is Severity.ERROR for each in row.findings)
    held = sum(bool(_reported(each).aip) for each in dossiers)
    return (
        row.id,
        words.instant(row.started_at),
        PurePath(row.source).name or row.source,
        row.zorgdrager,
        _outcome(row, words),
        f"{held}/{len(dossiers)}",
        words.number(errors),
    )


def _outcome(row: DeliveryRow, words: Words) -> Cell:
    if row.outcome is None:
        return Cell(words("outcome.running"), DOUBT)
    return Cell(words(f"outcome.{row.outcome.value}"), STYLE_OF_OUTCOME[row.outcome])


def _plain_row(row: DeliveryRow, dossiers: list[DossierRow]) -> dict[str, Any]:
    severities = [each.severity for each in row.findings]
    return {
        "delivery": row.id,
        "source": row.source,
        "zorgdrager": row.zorgdrager,
        "supplier": row.supplier,
        "agreement": row.agreement,
        "outcome": row.outcome.value if row.outcome else None,
        "step": row.step.value,
        "started_at": row.started_at,
        "ended_at": row.ended_at or None,
        "dossiers": len(dossiers),
        "taken_in": sum(bool(_reported(each).aip) for each in dossiers),
        "errors": severities.count(Severity.ERROR),
        "warnings": severities.count(Severity.WARNING),
    }


def _plain(
    row: DeliveryRow, dossiers: list[DossierRow], steps: list[StepRow], session: Session
) -> dict[str, Any]:
    return _plain_row(row, dossiers) | {
        "kept_at": row.kept_at or None,
        "fingerprint": row.fingerprint or None,
        "steps": [
            {"dossier": each.dossier or None, "step": each.step.value, "at": each.at}
            for each in steps
        ],
        "dossiers": [
            {
                "path": each.path,
                "identifier": each.identifier,
                "title": each.title,
                "fate": each.fate.value if each.fate else None,
                "aip": _reported(each).aip or None,
                "files": each.files,
                "bytes": each.bytes,
            }
            for each in dossiers
        ],
        "findings": [finding_plain(each, session.lang) for each in row.findings],
    }


def _show(
    row: DeliveryRow, dossiers: list[DossierRow], steps: list[StepRow], screen: Screen
) -> None:
    words = screen.words
    screen.heading(words("receipt.delivery", delivery=row.id, source=row.source))
    outcome = row.outcome.value if row.outcome else "running"
    screen.say(words(f"outcome.{outcome}.text"), _outcome(row, words).style)
    screen.gap()
    screen.pairs(
        [
            (words("report.zorgdrager"), row.zorgdrager),
            (words("report.supplier"), row.supplier),
            (words("report.agreement"), row.agreement),
            (words("deliveries.kept"), row.kept_at),
        ]
    )
    screen.heading(words("deliveries.steps"))
    own = [each for each in steps if not each.dossier]
    screen.table(
        [Column(words("deliveries.step"), fold=False), Column(words("deliveries.at"), fold=False)],
        [(words(f"step.{each.step.value}"), words.instant(each.at)) for each in own],
    )
    if dossiers:
        screen.heading(words("report.dossiers"))
        _show_dossiers(dossiers, screen)
    show_findings(row.findings, screen, every=True)


def _show_dossiers(dossiers: list[DossierRow], screen: Screen) -> None:
    words = screen.words
    columns = [
        Column(words("aip.identifier")),
        Column(words("aip.title")),
        Column(words("report.dossier.fate")),
        Column(words("aip.files"), number=True),
        Column(words("aip.size"), number=True),
        Column(words("aip.id"), fold=False),
    ]
    rows = [
        (
            each.identifier or each.path,
            each.title,
            words(f"fate.{each.fate.value if each.fate else 'unknown'}"),
            words.number(each.files),
            words.size(each.bytes),
            _reported(each).aip or "-",
        )
        for each in dossiers
    ]
    screen.table(columns, rows)
