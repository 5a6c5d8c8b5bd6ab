"""`edepot schedule list|cost|set`: what runs when, what should have run, and what it costs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, Cell, Column, Screen
from edepot.cli.session import Session
from edepot.depot import now
from edepot.depot_database import open_existing
from edepot.errors import WrongUse
from edepot.exits import Exit
from edepot.fixity_works import asked_here
from edepot.messages import Language, Words
from edepot.policies import policies_of, prices_of
from formats.findings import Finding
from ingest.receipt import finding_plain
from storage.database import reading
from storage.fires import Fire, Fired, last_fire, missed
from storage.fixity.rhythm import Cost, cost_per_month, overdue_findings
from storage.schedules import Schedule, ensure_schedules, list_schedules, next_due, set_schedule
from storage.workers import alive

STYLES = {Fired.WELL: GOOD, Fired.WRONG: DOUBT, Fired.FAILED: BAD, Fired.WAITING: BAD}


def list_them(ctx: typer.Context) -> int:
    """Each schedule with its next and last time, what was missed, and what the rhythm costs."""
    session: Session = ctx.obj
    config, at = session.config(), now()
    engine = open_existing(config)
    ensure_schedules(engine, asked_here())
    with reading(engine) as connection:
        schedules = list_schedules(connection)
        fires = {each.name: last_fire(connection, each.name) for each in schedules}
        findings = [*missed(connection, at)]
        findings += overdue_findings(connection, policies_of(config), at)
        costs = cost_per_month(connection, policies_of(config), prices_of(config))
        workers = alive(connection)
    engine.dispose()
    if session.as_json:
        session.print_json(
            {
                "schedules": [_plain(each, fires[each.name], at) for each in schedules],
                "findings": [finding_plain(each, session.lang) for each in findings],
                "workers": list(workers),
                "cost": [_plain_cost(each) for each in costs],
            }
        )
    else:
        screen = session.screen()
        _show(schedules, fires, at, screen)
        _show_rest(findings, workers, costs, screen)
    return int(Exit.STORE if findings else Exit.WELL)


def cost(ctx: typer.Context) -> None:
    """What the rhythm will read of each store in 30 days, and what that costs."""
    session: Session = ctx.obj
    config = session.config()
    engine = open_existing(config)
    with reading(engine) as connection:
        costs = cost_per_month(connection, policies_of(config), prices_of(config))
    engine.dispose()
    if session.as_json:
        session.print_json([_plain_cost(each) for each in costs])
        return
    words, screen = session.words, session.screen()
    if not costs:
        screen.say(words("schedule.cost.nothing"))
        return
    columns = [
        Column(words("schedule.cost.store"), fold=False),
        Column(words("schedule.cost.copies"), number=True),
        Column(words("schedule.cost.size"), number=True),
        Column(words("schedule.cost.read"), number=True),
        Column(words("schedule.cost.bytes"), number=True),
        Column(words("schedule.cost.requests"), number=True),
        Column(words("schedule.cost.euro"), number=True),
    ]
    screen.table(columns, [_cost_row(each, words) for each in costs])
    screen.say(words("schedule.cost.note"), QUIET)


def change(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument()],
    cron: Annotated[str | None, typer.Option("--cron")] = None,
    on: Annotated[bool, typer.Option("--on")] = False,
    off: Annotated[bool, typer.Option("--off")] = False,
) -> None:
    """Change when a schedule runs, or switch it on or off."""
    session: Session = ctx.obj
    if on == off and (on or cron is None):
        raise WrongUse(what="schedule")
    engine = open_existing(session.config())
    ensure_schedules(engine, asked_here())
    active = True if on else (False if off else None)
    after = set_schedule(engine, name, asked_here(), cron=cron, active=active)
    engine.dispose()
    if session.as_json:
        session.print_json(_plain(after, None, now()))
        return
    words = session.words
    following = _instant(next_due(after, now()), words) or words("schedule.off")
    session.screen().say(words("schedule.changed", name=name, cron=after.cron, next=following))


def _show(
    schedules: Sequence[Schedule], fires: Mapping[str, Fire | None], at: datetime, screen: Screen
) -> None:
    words = screen.words
    columns = [
        Column(words("schedule.name"), fold=False),
        Column(words("schedule.does")),
        Column(words("schedule.next"), fold=False),
        Column(words("schedule.last"), fold=False),
        Column(words("schedule.outcome")),
    ]
    screen.table(columns, [_row(each, fires[each.name], at, words) for each in schedules])


def _row(schedule: Schedule, fire: Fire | None, at: datetime, words: Words) -> list[str | Cell]:
    following = next_due(schedule, at)
    outcome: str | Cell = ""
    if fire is not None:
        said = words(f"schedule.fired.{fire.outcome.value}")
        more = " ".join(each for each in (fire.run, fire.detail) if each)
        style = STYLES.get(fire.outcome, "")
        outcome = Cell(f"{said}; {more}" if more else said, style)
    return [
        schedule.name,
        words(f"schedule.kind.{schedule.kind.value}"),
        Cell(words("schedule.off"), QUIET) if following is None else _instant(following, words),
        _instant(fire.started_at if fire else None, words) or words("schedule.never"),
        outcome,
    ]


def _show_rest(
    findings: Sequence[Finding], workers: Sequence[str], costs: Sequence[Cost], screen: Screen
) -> None:
    words = screen.words
    if workers:
        screen.say(words("schedule.workers", names=", ".join(workers)))
    else:
        screen.say(words("schedule.no_worker"), DOUBT)
    copies = words.counted("count.copy", sum(each.read_copies for each in costs))
    size = words.size(sum(each.read_bytes for each in costs))
    screen.say(words("schedule.cost_line", copies=copies, size=size), QUIET)
    if findings:
        show_findings(findings, screen, every=True)
    else:
        screen.say(words("schedule.well"), GOOD)


def _cost_row(cost: Cost, words: Words) -> list[str | Cell]:
    euro = words("schedule.cost.no_price") if cost.euro is None else f"{cost.euro:.2f}"
    return [
        cost.store,
        words.number(cost.copies),
        _size(cost.size_bytes, cost.copies, words),
        words.number(cost.read_copies),
        _size(cost.read_bytes, cost.copies, words),
        words.number(cost.requests),
        euro if words.language is Language.EN else euro.replace(".", ","),
    ]


def _size(size_bytes: int, copies: int, words: Words) -> str:
    """A size; of files whose list names none it is not known."""
    return words.size(size_bytes) if size_bytes or not copies else words("schedule.cost.unknown")


def _plain(schedule: Schedule, fire: Fire | None, at: datetime) -> dict[str, Any]:
    following = next_due(schedule, at)
    return {
        "name": schedule.name,
        "kind": schedule.kind.value,
        "cron": schedule.cron,
        "zone": schedule.zone,
        "active": schedule.active,
        "grace_hours": schedule.grace_hours,
        "next": following.isoformat() if following else None,
        "last": fire_plain(fire) if fire else None,
    }


def fire_plain(fire: Fire) -> dict[str, Any]:
    """A fire as JSON values."""
    return {
        "schedule": fire.schedule,
        "due": fire.due_at.isoformat(),
        "started": fire.started_at.isoformat() if fire.started_at else None,
        "ended": fire.ended_at.isoformat() if fire.ended_at else None,
        "outcome": fire.outcome.value,
        "run": fire.run or None,
        "detail": fire.detail,
    }


def _plain_cost(cost: Cost) -> dict[str, Any]:
    return {
        "store": cost.store,
        "copies": cost.copies,
        "bytes": cost.size_bytes,
        "read_copies_per_month": cost.read_copies,
        "read_bytes_per_month": cost.read_bytes,
        "requests_per_month": cost.requests,
        "euro_per_month": cost.euro,
    }


def _instant(instant: datetime | None, words: Words) -> str:
    return words.instant(instant.isoformat()) if instant else ""
