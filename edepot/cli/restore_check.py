"""`edepot restore-check`: what was destroyed stays destroyed, also after a backup was put back."""

from typing import Annotated, Any

import typer

from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.exits import Exit
from edepot.messages import Words
from edepot.restoring import Restored, check_restored
from retention.disposal_replay import Returned

SHOWN = 20


def restore_check(
    ctx: typer.Context, apply: Annotated[bool, typer.Option("--apply")] = False
) -> int:
    """Look for destroyed dossiers in the catalogue and on every store; remove them again."""
    session: Session = ctx.obj
    with open_depot(session.config(), older=True) as depot:
        done = check_restored(depot, apply=apply)
    if session.as_json:
        session.print_json(_plain(done))
    else:
        _show(done, session, apply=apply)
    return int(Exit.WELL if done.proven else Exit.STORE)


def _show(done: Restored, session: Session, *, apply: bool) -> None:
    words, screen = session.words, session.screen()
    for each in done.behind:
        text = words(
            "restore.behind", zorgdrager=each.zorgdrager, found=each.found, expected=each.expected
        )
        screen.say(text, DOUBT)
    if done.entries:
        entries = words.counted("count.entry", done.entries)
        aips = words.counted("count.aip", done.aips)
        screen.say(words("restore.caught_up", entries=entries, aips=aips), DOUBT)
    left = {each.denied.aip_id: each for each in done.left}
    for found in done.returned[:SHOWN]:
        aip = found.denied.aip_id
        screen.say(words("restore.returned", aip=aip, where=_where(found, words)), BAD)
        if apply and aip not in left:
            screen.say(words("restore.removed", aip=aip), GOOD)
        elif apply:
            screen.say(words("restore.stays", aip=aip, where=_where(left[aip], words)), BAD)
    for silent in done.silent:
        screen.say(words("restore.silent", where=silent), BAD)
    if not done.denied:
        screen.say(words("restore.none"), QUIET)
    elif done.proven:
        denied = words.counted("count.dossier", done.denied)
        screen.say(words("restore.well", denied=denied), GOOD)
    elif not apply:
        screen.say(words("restore.next"), QUIET)


def _where(found: Returned, words: Words) -> str:
    places = [words("restore.in_catalogue")] if found.known else []
    places += [f"{each.store}, {each.key}" for each in found.traces]
    return "; ".join((*places, *found.silent))


def _plain(done: Restored) -> dict[str, Any]:
    return {
        "proven": done.proven,
        "destroyed": done.denied,
        "behind": [
            {"zorgdrager": each.zorgdrager, "found": each.found, "expected": each.expected}
            for each in done.behind
        ],
        "returned": [each.denied.aip_id for each in done.returned],
        "left": [each.denied.aip_id for each in done.left],
        "silent": done.silent,
        "caught_up": {"entries": done.entries, "aips": done.aips},
    }
