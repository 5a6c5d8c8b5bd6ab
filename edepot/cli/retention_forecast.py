"""`edepot retention forecast`: what becomes due for destruction or transfer, and when."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.cli.screen import QUIET, Cell, Column
from edepot.cli.session import Session
from edepot.depot import now
from edepot.depot_database import open_existing
from edepot.messages import Words
from edepot.register_found import zorgdragers_of
from edepot.register_sheet import write_csv, write_xlsx
from retention.days import trusted_today
from retention.forecast import Amount, Due, Forecast, forecast
from storage.database import reading

HEADER = ("zorgdrager", "period", "destroy_dossiers", "destroy_files", "destroy_bytes",
          "transfer_dossiers", "transfer_files", "transfer_bytes")  # fmt: skip


def show_forecast(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    quarters: Annotated[int, typer.Option("--quarters", min=1, max=400)] = 8,
    csv: Annotated[Path | None, typer.Option("--csv")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx")] = None,
) -> None:
    """Tell per quarter and per year how many dossiers become due, with their files and bytes."""
    session: Session = ctx.obj
    config = session.config()
    engine = open_existing(config)
    found: dict[str, Forecast] = {}
    try:
        with reading(engine) as connection:
            for each in zorgdragers_of(config, zorgdrager):
                today = trusted_today(connection, each, now())
                found[each] = forecast(connection, each, today, quarters)
    finally:
        engine.dispose()
    rows = [row for name, each in found.items() for row in _file_rows(name, each)]
    if csv is not None:
        write_csv(HEADER, rows, csv)
    if xlsx is not None:
        write_xlsx(HEADER, rows, xlsx)
    if session.as_json:
        session.print_json([_plain(name, each) for name, each in found.items()])
        return
    for name, one in found.items():
        _show(name, one, session)


def _show(zorgdrager: str, found: Forecast, session: Session) -> None:
    words, screen = session.words, session.screen()
    screen.heading(words("retention.forecast.heading", zorgdrager=zorgdrager))
    columns = [
        Column(words("retention.forecast.period"), fold=False),
        Column(words("retention.forecast.destroy"), number=True),
        Column(words("retention.forecast.size"), number=True),
        Column(words("retention.forecast.transfer"), number=True),
        Column(words("retention.forecast.size"), number=True),
    ]
    screen.table(columns, [_row(each, words) for each in _periods(found)])
    for decision, number in found.undated.items():
        name = words(f"retention.decision.{decision}")
        line = words("retention.forecast.undated", number=words.number(number), decision=name)
        screen.say(line, QUIET)


def _periods(found: Forecast) -> Sequence[Due]:
    return (found.now, *found.quarters, *found.years)


def _row(due: Due, words: Words) -> list[str | Cell]:
    period = words("retention.forecast.now") if due.period == "now" else due.period
    cells: list[str | Cell] = [period]
    for each in (due.destroy, due.transfer):
        cells.append(words.number(each.dossiers) if each.dossiers else "")
        cells.append(words.size(each.size_bytes) if each.dossiers else "")
    return cells


def _file_rows(zorgdrager: str, found: Forecast) -> list[list[str | int]]:
    return [
        [zorgdrager, each.period, *_numbers(each.destroy), *_numbers(each.transfer)]
        for each in _periods(found)
    ]


def _numbers(amount: Amount) -> tuple[int, int, int]:
    return amount.dossiers, amount.files, amount.size_bytes


def _plain(zorgdrager: str, found: Forecast) -> dict[str, Any]:
    return {
        "zorgdrager": zorgdrager,
        "now": _due_plain(found.now),
        "quarters": [_due_plain(each) for each in found.quarters],
        "years": [_due_plain(each) for each in found.years],
        "undated": found.undated,
    }


def _due_plain(due: Due) -> dict[str, Any]:
    def plain(amount: Amount) -> dict[str, int]:
        dossiers, files, size_bytes = _numbers(amount)
        return {"dossiers": dossiers, "files": files, "bytes": size_bytes}

    return {
        "period": due.period,
        "destroy": plain(due.destroy),
        "transfer": plain(due.transfer),
    }
