"""`edepot destruction decide`: two persons decide on a dossier that a run could not end."""

from typing import Annotated

import typer
from sqlalchemy import Connection

from edepot.acting import actor_of
from edepot.cli.destruction import As, ListId, Reason
from edepot.cli.screen import DOUBT, GOOD, QUIET, Screen
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.disposal_works import works_of
from edepot.exits import Exit
from edepot.naming import named_dossiers, names_of
from retention.disposal_nouns import Trouble
from retention.halting import (
    DECIDES,
    Decided,
    Decision,
    go_on_halted,
    resolve_operator,
    restore_halted,
    undecided,
)
from retention.list_reading import read_list
from retention.nouns import ItemState
from storage.database import reading


def decide(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    ctx: typer.Context,
    list_id: ListId,
    dossier: Annotated[str, typer.Argument()],
    decision: Annotated[Decision, typer.Argument()],
    acting: As,
    reason: Reason,
) -> int:
    """Decide on a dossier that was halted or has a trouble: the first asks, the second does it."""
    session: Session = ctx.obj
    config = session.config()
    with open_depot(config) as depot:
        works, actor = works_of(depot), actor_of(config, acting)
        with reading(depot.engine) as connection:
            owner = read_list(connection, list_id).zorgdrager
            [named] = named_dossiers(connection, owner, [dossier])
        if decision is Decision.RESTORE:
            decided = restore_halted(works, actor, list_id, named, reason=reason)
        elif decision is Decision.GO_ON:
            decided = go_on_halted(works, actor, list_id, named, reason=reason)
        else:
            decided = resolve_operator(works, actor, list_id, named, decision, reason=reason)
    _show(decided, dossier, session)
    return int(Exit.WELL if decided.done else Exit.WAITING)


def undecided_plain(connection: Connection, list_id: str) -> list[dict[str, str]]:
    """The dossiers of a list that wait for persons: called what, why, and the detail."""
    waiting = undecided(connection, list_id)
    names = names_of(connection, [dossier for dossier, _, _ in waiting])
    return [
        {
            "dossier": dossier,
            "identifier": names[dossier],
            "state": state.value,
            "trouble": trouble.partition(": ")[0],
            "detail": trouble.partition(": ")[2],
        }
        for dossier, state, trouble in waiting
    ]


def show_undecided(found: list[dict[str, str]], list_id: str, screen: Screen) -> None:
    """Each of them with its reason, and how to decide."""
    words = screen.words
    for each in found:
        why = words(f"destruction.trouble.{Trouble(each['trouble']).value}")
        told = words(
            "destruction.undecided", dossier=each["identifier"], why=why, detail=each["detail"]
        )
        screen.say(told, DOUBT)
        key = "halted" if each["state"] == ItemState.HALTED else "operator"
        hint = words(f"destruction.decide.{key}", list=list_id, dossier=each["identifier"])
        screen.say(hint, QUIET, indent=2)


def _show(decided: Decided, name: str, session: Session) -> None:
    words, screen = session.words, session.screen()
    if session.as_json:
        session.print_json(
            {
                "list": decided.list,
                "dossier": decided.dossier,
                "decision": decided.decision.value,
                "duty": decided.duty.value,
                "done": decided.done,
                "state": decided.state.value,
            }
        )
        return
    if decided.done:
        state = words(f"disposal_list.item.{decided.state.value}")
        screen.say(words("destruction.decide.done", dossier=name, state=state), GOOD)
        screen.say(words("destruction.decide.run", list=decided.list), QUIET)
        return
    [other] = [each for each in DECIDES[decided.decision] if each is not decided.duty]
    duty = words(f"disposal_list.duty.{other.value}")
    screen.say(words("destruction.decide.asked", dossier=name, duty=duty), DOUBT)
