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
    _show_returned(done, session, apply=apply)
    if done.unmarked:
        key = "restore.marked" if done.marked == done.unmarked else "restore.unmarked"
        count = words.counted("count.dossier", done.unmarked)
        screen.say(words(key, dossiers=count), DOUBT)
    for silent in done.silent:
        screen.say(words("restore.silent", where=silent), BAD)
    if not done.denied:
        screen.say(words("restore.none"), QUIET)
    elif done.proven:
        denied = words.counted("count.dossier", done.denied)
        screen.say(words("restore.well", denied=denied), GOOD)
    elif not apply:
        screen.say(words("restore.next"), QUIET)


def _show_returned(done: Restored, session: Session, *, apply: bool) -> None:
    words, screen = session.words, session.screen()
    left = {each.denied.aip_id: each for each in done.left}
    for found in done.returned[:SHOWN]:
        aip, denied = found.denied.aip_id, found.denied
        screen.say(words("restore.returned", aip=aip, where=_where(found, words)), BAD)
        if found.hold:
            screen.say(words("restore.held", aip=aip, hold=found.hold), BAD, indent=2)
        elif not denied.proven and not (done.behind and not apply):
            line = f"{denied.seq}"
            screen.say(words("restore.unproven", aip=aip, line=line), BAD, indent=2)
        elif apply and aip not in left:
            screen.say(words("restore.removed", aip=aip), GOOD, indent=2)
        elif apply:
            where = _where(left[aip], words)
            screen.say(words("restore.stays", aip=aip, where=where), BAD, indent=2)
    if len(done.returned) > SHOWN:
        screen.say(words("restore.more", count=len(done.returned) - SHOWN), QUIET)


def _where(found: Returned, words: Words) -> str:
    places = [words("restore.in_catalogue")] if found.known else []
    places += [f"{each.store}, {each.key}" for each in found.traces]
    return "; ".join((*places, *found.beside, *found.silent))


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
        "held": [each.denied.aip_id for each in done.returned if each.hold],
        "unproven": [each.denied.aip_id for each in done.returned if not each.denied.proven],
        "unmarked": done.unmarked - done.marked,
        "silent": done.silent,
        "caught_up": {"entries": done.entries, "aips": done.aips},
    }
