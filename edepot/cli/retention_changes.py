"""How a preview is shown: how many dossiers would change, in which way, and the first of them."""

from collections.abc import Sequence
from typing import Any

from edepot.cli.screen import GOOD, QUIET, Column
from edepot.cli.session import Session
from edepot.register_words import decision_text
from retention.grounds import Assumed
from retention.mapping import Mapping
from retention.nouns import Desk
from retention.recomputing import Preview, Recomputed, preview_now
from retention.rule_policy import PolicyVersion

ROWS = 20


def show_preview(found: Preview, session: Session) -> None:
    """What would change, on the screen."""
    words, screen = session.words, session.screen()
    if not found.changed:
        looked_at = words.counted("retention.count.dossier", found.looked_at)
        screen.say(words("retention.changes.none", dossiers=looked_at), GOOD)
        return
    screen.say(
        words(
            "retention.changes.some",
            changed=words.number(found.changed),
            dossiers=words.counted("retention.count.dossier", found.looked_at),
            later=words.number(found.later),
            earlier=words.number(found.earlier),
        )
    )
    moves = [
        [decision_text(was, words), decision_text(then, words), words.number(number)]
        for (was, then), number in sorted(found.moves.items())
    ]
    names = ("was", "becomes", "count")
    screen.table([Column(words(f"retention.changes.{each}")) for each in names], moves)
    rows = [
        [
            each.identifier,
            f"{decision_text(each.was, words)} {words.day(each.was_until)}".strip(),
            f"{decision_text(each.becomes, words)} {words.day(each.becomes_until)}".strip(),
        ]
        for each in found.shown[:ROWS]
    ]
    names = ("dossier", "was", "becomes")
    screen.table([Column(words(f"retention.changes.{each}")) for each in names], rows)
    if found.changed > ROWS:
        screen.say(words("retention.changes.first", number=ROWS), QUIET)


def say_recomputed(session: Session, done: Recomputed) -> None:
    """Tell of how many dossiers the outcome is another one now."""
    if done.looked_at:
        words = session.words
        changed = words.counted("count.dossier", done.renewed)
        text = words(
            "selection_list.recomputed", number=words.number(done.looked_at), changed=changed
        )
        session.screen().say(text)


def say_preview(
    session: Session,
    desk: Desk,
    zorgdrager: str,
    *,
    policy: PolicyVersion | None = None,
    mappings: Sequence[Mapping] = (),
) -> None:
    """Tell what would change if a policy or mappings counted; nothing is written."""
    policies = {zorgdrager: policy} if policy else {}
    found = preview_now(desk, zorgdrager, Assumed(policies, tuple(mappings)))
    if session.as_json:
        session.print_json(preview_plain(found))
        return
    show_preview(found, session)
    session.screen().say(session.words("selection_list.only_shown"), QUIET)


def preview_plain(found: Preview) -> dict[str, Any]:
    """What would change, as JSON values."""
    return {
        "looked_at": found.looked_at,
        "changed": found.changed,
        "later": found.later,
        "earlier": found.earlier,
        "moves": [
            {"was": was, "becomes": then, "dossiers": number}
            for (was, then), number in sorted(found.moves.items())
        ],
        "first": [
            {
                "dossier": each.dossier,
                "identifier": each.identifier,
                "was": each.was,
                "was_until": each.was_until or None,
                "becomes": each.becomes,
                "becomes_until": each.becomes_until or None,
            }
            for each in found.shown
        ],
    }
