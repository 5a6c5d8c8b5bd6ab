"""`edepot retention recompute`: bring in what is new, compute all anew, and tell what differs."""

from typing import Annotated, Any

import typer

from edepot.acting import desk_of
from edepot.cli.retention_changes import preview_plain, show_preview
from edepot.cli.screen import BAD, DOUBT, GOOD, Column, progress_on
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.exits import Exit
from edepot.register_found import zorgdragers_of
from retention.enrolling import Enrolled, enrol
from retention.recomputing import Alarm, Recomputed, preview_now, recompute_all

ALARMS_SHOWN = 20
CUT = 200


def recompute(
    ctx: typer.Context,
    zorgdrager: Annotated[str | None, typer.Option("--zorgdrager")] = None,
    preview: Annotated[bool, typer.Option("--preview")] = False,
) -> int:
    """Enrol and compute everything anew; with --preview only tell what that would change."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot:
        names, desk = zorgdragers_of(depot.config, zorgdrager), desk_of(depot)
        if preview:
            found = {each: preview_now(desk, each) for each in names}
            if session.as_json:
                session.print_json({each: preview_plain(one) for each, one in found.items()})
                return int(Exit.WELL)
            for each, one in found.items():
                session.screen().heading(each)
                show_preview(one, session)
            return int(Exit.WELL)
        with progress_on(session.err, session.words) as meter:
            text = session.words("retention.recompute.enrolling")
            enrolled = enrol(desk, depot.stores, lambda done: meter.show(text, done, 0))
            again = session.words("retention.recompute.doing")
            done = recompute_all(desk, names, lambda number: meter.show(again, number, 0))
    if session.as_json:
        session.print_json(_plain(enrolled, done))
    else:
        _show(enrolled, done, session)
    return int(Exit.MATERIAL if done.alarms or enrolled.unread else Exit.WELL)


def _show(enrolled: Enrolled, done: Recomputed, session: Session) -> None:
    words, screen = session.words, session.screen()
    new = words.counted("retention.count.dossier", enrolled.dossiers)
    screen.say(words("retention.recompute.enrolled", dossiers=new))
    for aip, why in enrolled.unread:
        screen.say(words("retention.recompute.unread", aip=aip, why=why), DOUBT)
    all_ = words.counted("retention.count.dossier", done.looked_at)
    values = {"dossiers": all_, "renewed": words.number(done.renewed)}
    screen.say(words("retention.recompute.done", **values), "" if done.alarms else GOOD)
    if not done.alarms:
        return
    screen.say(words("retention.recompute.alarms", number=words.number(done.alarms)), BAD)
    columns = [Column(words(f"retention.recompute.{each}")) for each in _COLUMNS]
    rows = [
        [each.dossier, words(f"retention.alarm.{each.kind}"), each.stood[:CUT], each.fresh[:CUT]]
        for each in done.shown[:ALARMS_SHOWN]
    ]
    screen.table(columns, rows)


_COLUMNS = ("dossier", "what", "stood", "fresh")


def _plain(enrolled: Enrolled, done: Recomputed) -> dict[str, Any]:
    return {
        "enrolled": enrolled.dossiers,
        "unread": [{"aip": aip, "why": why} for aip, why in enrolled.unread],
        "looked_at": done.looked_at,
        "renewed": done.renewed,
        "alarms": done.alarms,
        "first": [_alarm(each) for each in done.shown],
    }


def _alarm(alarm: Alarm) -> dict[str, str]:
    return {name: getattr(alarm, name) for name in Alarm.__slots__}
