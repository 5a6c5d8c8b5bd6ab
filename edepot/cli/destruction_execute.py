"""`edepot destruction run`: a started list is carried out, as far as it goes now."""

import typer

from edepot.cli.destruction import ListId
from edepot.cli.screen import BAD, GOOD, QUIET, progress_on
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.disposal_works import settle, works_of
from edepot.exits import Exit
from retention.disposal_nouns import Works
from retention.list_reading import read_list
from retention.nouns import RUNNING, ItemState, ListState
from retention.run import Executed, Step, execute
from retention.sweeps import Swept, due_sweeps, sweep
from storage.database import reading

FOR_A_PERSON = (ItemState.NEEDS_OPERATOR, ItemState.HALTED)


def run(ctx: typer.Context, list_id: ListId) -> int:
    """Carry a started list out; begun again it goes on where it was."""
    session: Session = ctx.obj
    with open_depot(session.config()) as depot, progress_on(session.err, session.words) as meter:

        def told(step: Step) -> None:
            meter.show(step.dossier, step.done, step.total)

        works = works_of(depot)
        done = execute(works, list_id, told)
        swept = _sweep(works, list_id)
        with reading(depot.engine) as connection:
            zorgdrager = read_list(connection, list_id).zorgdrager
        unsettled = settle(depot, [zorgdrager])
    if session.as_json:
        counts = {state.value: count for state, count in done.counts.items()}
        session.print_json({"list": list_id, "state": done.state.value, "items": counts})
    else:
        _show(done, session)
    for look in swept:
        _show_swept(look, session)
    for each in unsettled:
        session.notes().say(session.words("destruction.unsettled", detail=each), BAD)
    waits = unsettled or any(done.counts.get(each, 0) for each in FOR_A_PERSON)
    return int(Exit.WAITING if waits or done.stopped else Exit.WELL)


def _sweep(works: Works, list_id: str) -> tuple[Swept, ...]:
    """Ask every place again for what was destroyed, when a day or a week has passed."""
    with reading(works.desk.engine) as connection:
        due = [each for each in due_sweeps(connection, works.desk.now()) if each[0] == list_id]
    return tuple(sweep(works, list_id, number) for _, number in due)


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


def _show_swept(swept: Swept, session: Session) -> None:
    if session.as_json:
        return
    words, screen = session.words, session.screen()
    key = "declaration.sweep." + str(swept.sweep)
    clean = not (swept.found_again or swept.silent)
    text = words(
        "destruction.swept",
        sweep=words(key),
        asked=words.counted("count.dossier", swept.asked),
        found=words.number(len(swept.found_again)),
        silent=words.number(len(swept.silent)),
    )
    screen.say(text, GOOD if clean else BAD)
