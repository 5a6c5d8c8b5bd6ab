"""`edepot order issue|answer|judge|list`: what parties who hold records are told to destroy."""

from pathlib import Path
from typing import Annotated, Any

import typer

from edepot.acting import actor_of, desk_of
from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, Column
from edepot.cli.session import Session
from edepot.declarations.order_papers import order_papers
from edepot.depot import now, open_depot
from edepot.errors import ExportRefused, PathMissing
from edepot.exits import Exit
from ingest.receipt import finding_plain
from retention.attestation import judge_answer, take_answer
from retention.days import local_day
from retention.external_order import (
    DUE_DAYS,
    Order,
    issue_orders,
    orders_of,
    overdue_orders,
)
from storage.database import reading
from storage.held.parties import read_party

As = Annotated[str, typer.Option("--as")]


def issue(
    ctx: typer.Context,
    list_id: Annotated[str, typer.Argument()],
    folder: Annotated[Path, typer.Argument()],
    person: As,
    days: Annotated[int, typer.Option("--days", min=1, max=365)] = DUE_DAYS,
) -> None:
    """Order each party to destroy what it holds of a list; write the papers into a folder."""
    session: Session = ctx.obj
    words = session.words
    if folder.exists() and not folder.is_dir():
        raise ExportRefused(target=folder)
    with open_depot(session.config()) as depot:
        actor = actor_of(depot.config, person)
        orders = issue_orders(desk_of(depot), actor, list_id, due_days=days)
        names = {each.id: each.name for each in depot.config.zorgdragers}
        for each in orders:
            with reading(depot.engine) as connection:
                party = read_party(connection, each.party)
            name = names.get(each.zorgdrager, each.zorgdrager)
            place = folder / each.id
            place.mkdir(parents=True, exist_ok=True)
            for file, content in order_papers(each, party, name, words).items():
                (place / file).write_bytes(content)
    if session.as_json:
        session.print_json([_plain(each) for each in orders])
        return
    screen = session.screen()
    if not orders:
        screen.say(words("order.nothing"), QUIET)
    for each in orders:
        text = words(
            "order.issued",
            order=each.id,
            party=each.party,
            dossiers=words.counted("count.dossier", len(each.said["items"])),
            folder=folder / each.id,
            day=words.day(each.due_on.isoformat()),
        )
        screen.say(text, GOOD)


def answer(
    ctx: typer.Context,
    order: Annotated[str, typer.Argument()],
    file: Annotated[Path, typer.Argument()],
    person: As,
    signature: Annotated[Path | None, typer.Option("--signature")] = None,
) -> int:
    """Take in what a party answered on an order, with its signature."""
    session: Session = ctx.obj
    for each in (file, *([signature] if signature else [])):
        if not each.is_file():
            raise PathMissing(path=each)
    signed = signature.read_bytes() if signature else b""
    with open_depot(session.config()) as depot:
        actor = actor_of(depot.config, person)
        taken = take_answer(desk_of(depot), actor, order, file.read_bytes(), signed)
    if session.as_json:
        session.print_json(
            {
                "order": taken.order,
                "accepted": taken.accepted,
                "answers": dict(taken.answers),
                "findings": [finding_plain(each, session.lang) for each in taken.findings],
            }
        )
    else:
        words, screen = session.words, session.screen()
        show_findings(taken.findings, screen)
        if taken.accepted:
            answers = ", ".join(
                f"{words(f'declaration.answer.{name}')} {count}"
                for name, count in taken.answers.items()
            )
            screen.say(words("order.taken", order=order, answers=answers), GOOD)
        else:
            screen.say(words("order.refused", order=order), BAD)
    return int(Exit.WELL if taken.accepted else Exit.MATERIAL)


def judge(
    ctx: typer.Context,
    order: Annotated[str, typer.Argument()],
    person: As,
    reason: Annotated[str, typer.Option("--reason")],
    accept: Annotated[bool, typer.Option("--accept/--dispute")],
) -> None:
    """Accept what a party declared, or dispute it; by another person than who gave the order."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        actor = actor_of(depot.config, person)
        judged = judge_answer(desk_of(depot), actor, order, accept=accept, reason=reason)
    if session.as_json:
        session.print_json(_plain(judged))
        return
    style = GOOD if accept else DOUBT
    session.screen().say(session.words(f"order.{judged.state.value}", order=order), style)


def list_them(ctx: typer.Context) -> int:
    """Every order, and on which a party should have answered by now."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, reading(depot.engine) as connection:
        found = orders_of(connection)
        late = overdue_orders(connection, local_day(now()))
    if session.as_json:
        session.print_json([_plain(each) for each in found])
        return int(Exit.WAITING if late else Exit.WELL)
    words, screen = session.words, session.screen()
    if not found:
        screen.say(words("order.none"), QUIET)
        return int(Exit.WELL)
    columns = [
        Column(words("order.column.order"), fold=False),
        Column(words("order.column.party")),
        Column(words("order.column.state")),
        Column(words("order.column.dossiers"), number=True),
        Column(words("order.column.due")),
    ]
    rows = [
        [
            each.id,
            each.party,
            words(f"order.state.{each.state.value}"),
            words.number(len(each.said["items"])),
            words.day(each.due_on.isoformat()),
        ]
        for each in found
    ]
    screen.table(columns, rows)
    for each in late:
        text = words(
            "order.late", order=each.id, party=each.party, day=words.day(each.due_on.isoformat())
        )
        screen.say(text, DOUBT)
    return int(Exit.WAITING if late else Exit.WELL)


def _plain(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "list": order.list,
        "zorgdrager": order.zorgdrager,
        "party": order.party,
        "state": order.state.value,
        "sha256": order.sha256,
        "issued_at": order.issued_at,
        "due_on": order.due_on.isoformat(),
        "attested_at": order.attested_at,
        "said": order.said,
    }
