"""Held parties on a screen: contracts, lists, challenges, answers, and how each party stands."""

from collections.abc import Sequence
from pathlib import Path

from edepot.cli.receipts import show_findings
from edepot.cli.screen import BAD, DOUBT, GOOD, QUIET, Cell, Column, Screen
from edepot.messages import Words
from storage.held.answers import Answered
from storage.held.challenge import Challenge
from storage.held.parties import Registered, Way
from storage.held.rounds import FolderRead
from storage.held.sampling import Wanted
from storage.held.statements import Accepted
from storage.held.status import PartyStatus
from storage.outcomes import WRONG, Outcome


def show_registered(done: Registered, read: FolderRead | None, screen: Screen) -> None:
    """A contract record that was kept, and what was made of the files."""
    words = screen.words
    key = "held.registered" if done.changed else "held.unchanged"
    screen.say(words(key, party=done.party.id, version=done.version), GOOD)
    if read is not None:
        count = words.counted("count.file", read.files)
        screen.say(words("held.read", count=count, size=words.size(read.size_bytes)), GOOD)
        if read.rounds:
            screen.say(words("held.rounds", rounds=read.rounds, files=words.number(read.sample)))


def show_accepted(accepted: Accepted, screen: Screen) -> None:
    """What became of a list."""
    words = screen.words
    if accepted.refused:
        screen.say(words("held.refused", party=accepted.party), BAD)
    elif accepted.baseline:
        count = words.counted("count.file", accepted.added)
        screen.say(words("held.baseline", party=accepted.party, count=count), GOOD)
    else:
        wrong = accepted.changed or accepted.missing
        screen.say(
            words("held.compared", party=accepted.party, number=accepted.number),
            BAD if wrong else DOUBT if accepted.unexpected else GOOD,
        )
        screen.pairs(
            [
                (words("held.same"), words.number(accepted.same)),
                (words("held.changed"), words.number(accepted.changed)),
                (words("held.missing"), words.number(accepted.missing)),
                (words("held.unexpected"), words.number(accepted.unexpected)),
                (words("held.added"), words.number(accepted.added)),
            ],
            indent=2,
        )
    show_findings(accepted.findings, screen)


def show_challenge(made: Challenge, folder: Path, wanted: Wanted, screen: Screen) -> None:
    """A challenge that is ready to be sent, and what it will find."""
    words = screen.words
    screen.say(words("held.challenge", challenge=made.id, folder=folder), GOOD)
    screen.say(
        words(
            "held.challenge_sample",
            files=words.number(made.items),
            total=words.number(made.total),
            share=_percent(float(wanted.damaged_share), words),
            probability=_percent(float(made.probability), words),
        )
    )
    screen.say(words("held.challenge_next", due=words.day(made.due_at.isoformat())), QUIET)


def show_answered(answered: Answered, screen: Screen) -> None:
    """What an answer came to."""
    words = screen.words
    if answered.refused:
        screen.say(words("held.answer_refused", party=answered.party), BAD)
    else:
        bad = answered.wrong or answered.unanswered
        style = BAD if bad else DOUBT if answered.stated else GOOD
        screen.say(words("held.answer", challenge=answered.id), style)
        screen.pairs(
            [
                (words("held.proven"), words.number(answered.verified)),
                (words("held.word_only"), words.number(answered.stated)),
                (words("held.wrong"), words.number(answered.wrong)),
                (words("held.unanswered"), words.number(answered.unanswered)),
            ],
            indent=2,
        )
    show_findings(answered.findings, screen)


def show_statuses(found: Sequence[PartyStatus], screen: Screen, *, every: bool) -> None:
    """A table of parties, what rests on their word said openly, and what is wrong."""
    words = screen.words
    if not found:
        screen.say(words("held.none"), QUIET)
        return
    columns = [
        Column(words("held.column.party"), fold=False),
        Column(words("held.column.way")),
        Column(words("held.column.rhythm"), number=True),
        Column(words("held.column.heard"), fold=False),
        Column(words("held.column.files"), number=True),
        Column(words("held.column.intact"), number=True),
        Column(words("held.column.proven"), number=True),
        Column(words("held.column.word"), number=True),
        Column(words("held.column.wrong"), number=True),
        Column(words("held.column.unchecked"), number=True),
    ]
    screen.table(columns, [_row(each, words) for each in found])
    for each in found:
        for sentence, style in _sentences(each, words):
            screen.say(sentence, style)
    for each in found:
        show_findings(each.findings, screen, every=every)


def _row(status: PartyStatus, words: Words) -> tuple[str | Cell, ...]:
    party, outcomes = status.party, status.outcomes
    wrong = sum(outcomes.get(each, 0) for each in WRONG)
    unchecked = outcomes.get(Outcome.NOT_CHECKED, 0)
    heard = words.day(status.last_heard.isoformat()) if status.last_heard else "-"
    return (
        party.id,
        words(f"held.way.{party.way.value}"),
        str(party.rhythm_days),
        Cell(heard, BAD if status.late_since else ""),
        words.number(status.items),
        words.number(outcomes.get(Outcome.INTACT, 0)),
        words.number(status.proven),
        Cell(words.number(status.word_only), DOUBT if status.word_only else ""),
        Cell(words.number(wrong), BAD if wrong else ""),
        Cell(words.number(unchecked), DOUBT if unchecked else ""),
    )


def _sentences(status: PartyStatus, words: Words) -> list[tuple[str, str]]:
    """What must be said of a party in so many words."""
    name, said = status.party.id, []
    if status.party.ended_at is not None:
        day = words.day(status.party.ended_at.isoformat())
        said.append((words("held.ended", party=name, day=day), QUIET))
    if status.word_only:
        count = words.counted("count.file", status.word_only)
        said.append((words("held.rests_on_word", party=name, count=count), DOUBT))
    if status.late_since is not None:
        day = words.day(status.late_since.isoformat())
        said.append((words("held.late", party=name, day=day), BAD))
    if status.unexpected:
        count = words.counted("count.file", status.unexpected)
        said.append((words("held.waiting", party=name, count=count), DOUBT))
    if status.open_challenges:
        said.append((words("held.open", party=name, count=status.open_challenges), QUIET))
    if status.party.way is Way.CHALLENGE:
        said.append((words("held.rounds_left", party=name, count=status.rounds_left), QUIET))
    return said


def _percent(share: float, words: Words) -> str:
    text = f"{share * 100:.4g} %"
    return text if words.language.value == "en" else text.replace(".", ",")
