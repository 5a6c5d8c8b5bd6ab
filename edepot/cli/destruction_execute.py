"""`edepot destruction run`: a started list is carried out, as far as it goes now."""

import typer

from edepot.cli.destruction import ListId
from edepot.cli.screen import BAD, GOOD, QUIET, progress_on
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.disposal_works import settle, works_of
from edepot.exits import Exit
from retention.list_reading import read_list
from retention.nouns import RUNNING, ItemState, ListState
from retention.run import Executed, Step, execute
from storage.database import reading

FOR_A_PERSON = (ItemState.NEEDS_OPERATOR, ItemState.HALTED)


def run(ctx: typer.Context, list_id: ListId) -> int:
    """Carry a started list out; begun again it goes on where it was."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, progress_on(session.err, session.words) as meter:

        def told(step: Step) -> None:
            meter.show(step.dossier, step.done, step.total)

        done = execute(works_of(depot), list_id, told)
        with reading(depot.engine) as connection:
            zorgdrager = read_list(connection, list_id).zorgdrager
        unsettled = settle(depot, [zorgdrager])
    if session.as_json:
        counts = {state.value: count for state, count in done.counts.items()}
        session.print_json({"list": list_id, "state": done.state.value, "items": counts})
    else:
        _show(done, session)
    for each in unsettled:
        session.notes().say(session.words("destruction.unsettled", detail=each), BAD)
    waits = unsettled or any(done.counts.get(each, 0) for each in FOR_A_PERSON)
    return int(Exit.WAITING if waits or done.stopped else Exit.WELL)


def _show(done: Executed, session: Session) -> None:
    words, screen = session.words, session.screen()
    if done.state not in {*RUNNING, ListState.EXECUTED}:
        screen.say(words("destruction.not_started", list=done.list), QUIET)
    state = words(f"disposal_list.state.{done.state.value}")
    screen.say(words("destruction.stands", list=done.list, state=state), GOOD)
    for each, count in done.counts.items():
        style = BAD if each in FOR_A_PERSON else ""
        text = f"{words.number(count)} {words(f'disposal_list.item.{each.value}')}"
        screen.say(text, style, indent=2)
