"""`edepot destruction status`: how a list stands, who is to act, by when, and what fell out."""

from typing import Any

import typer
from sqlalchemy import Connection, func, select

from edepot.acting import desk_at
from edepot.cli.destruction import ListId
from edepot.cli.destruction_decide import show_undecided, undecided_plain
from edepot.cli.destruction_shown import list_plain, show_head
from edepot.cli.screen import DOUBT, Cell, Column, Screen
from edepot.cli.session import Session
from retention.days import trusted_today
from retention.deadlines import Reminder, Waiting, reminders, waits_for
from retention.list_reading import read_list
from retention.nouns import ItemState
from retention.tables import ITEMS
from storage.database import reading


def status(ctx: typer.Context, list_id: ListId) -> None:
    """How a list stands, and who is to act next."""
    session: Session = ctx.obj
    with desk_at(session.config()) as desk, reading(desk.engine) as connection:
        listed = read_list(connection, list_id)
        today = trusted_today(connection, listed.zorgdrager, desk.now())
        plain = list_plain(connection, listed)
        plain["waits_for"] = [_waiting_plain(each) for each in waits_for(connection, listed)]
        late = [each for each in reminders(connection, today) if each.list == list_id]
        plain["late"] = [_late_plain(each) for each in late]
        plain["left"] = _left(connection, list_id)
        plain["undecided"] = undecided_plain(connection, list_id)
    if session.as_json:
        session.print_json(plain)
    else:
        _show(plain, session.screen())


def _left(connection: Connection, list_id: str) -> dict[str, int]:
    """How many items fell out, by the reason."""
    wanted = (
        select(ITEMS.c.left_reason, func.count().label("items"))
        .where(ITEMS.c.list == list_id, ITEMS.c.state == ItemState.LEFT.value)
        .group_by(ITEMS.c.left_reason)
        .order_by(ITEMS.c.left_reason)
    )
    return {each.left_reason: each.items for each in connection.execute(wanted)}


def _waiting_plain(waiting: Waiting) -> dict[str, Any]:
    return {
        "duty": waiting.duty.value if waiting.duty else "",
        "person": waiting.person,
        "since": waiting.since.isoformat() if waiting.since else "",
        "from": waiting.from_on.isoformat() if waiting.from_on else "",
        "by": waiting.due_on.isoformat() if waiting.due_on else "",
    }


def _late_plain(late: Reminder) -> dict[str, str]:
    return {
        "person": late.person,
        "step": late.step.value,
        "since": late.since.isoformat(),
        "by": late.due_on.isoformat(),
    }


def _show(plain: dict[str, Any], screen: Screen) -> None:
    words = screen.words
    screen.heading(f"{plain['list']}  {plain['name']}")
    show_head(plain, screen)
    if plain["paused_by"]:
        screen.say(words("destruction.paused", person=plain["paused_by"]), DOUBT)
    for each in plain["waits_for"]:
        screen.say(_waiting(each, plain["state"], screen))
    for each in plain["late"]:
        told = words(
            f"destruction.late.{each['step']}", person=each["person"], day=words.day(each["by"])
        )
        screen.say(told, DOUBT)
    columns = [
        Column(words("destruction.column.state")),
        Column(words("destruction.column.dossiers"), number=True),
    ]
    rows: list[list[str | Cell]] = [
        [words(f"disposal_list.item.{state}"), words.number(count)]
        for state, count in plain["items"].items()
    ]
    screen.table(columns, rows)
    for reason, count in plain["left"].items():
        why = words(f"guard.{reason}") if words.has(f"guard.{reason}") else reason
        screen.say(words("destruction.left_count", count=words.number(count), why=why), indent=2)
    show_undecided(plain["undecided"], plain["list"], screen)


def _waiting(each: dict[str, Any], state: str, screen: Screen) -> str:
    words = screen.words
    who = (
        words(f"disposal_list.duty.{each['duty']}") if each["duty"] else words("destruction.edepot")
    )
    text = words(
        "destruction.waits_for",
        who=f"{who} {each['person']}".strip(),
        what=words(f"destruction.do.{state}"),
    )
    if each["from"]:
        text += " " + words("destruction.from", day=words.day(each["from"]))
    if each["by"]:
        text += " " + words("destruction.by", day=words.day(each["by"]))
    return text
