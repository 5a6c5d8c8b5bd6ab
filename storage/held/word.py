"""What a party's word comes to for each of its files: newest statement, newest answers, rhythm.

A code that we verified outweighs a statement; what a verified code showed to be wrong stays wrong
until another verified code says otherwise. A word that is older than the rhythm is no word.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from formats.findings import Finding, finding
from formats.spelling import shown
from storage.held import items
from storage.held.items import HeldItem
from storage.held.parties import Party
from storage.held.statements import newest_statement
from storage.held.tables import CHALLENGED, EXCEPTIONS
from storage.outcomes import WRONG, Basis, Outcome


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of one file: outcome, on which basis, when, the digest named ("" for none)."""

    outcome: Outcome
    basis: Basis
    at: datetime
    found: str
    source: str


@dataclass(frozen=True, slots=True)
class Word:
    """Everything that a party said that may still count.

    `heard_at`: from when its newest statement speaks; None when it never made one. `exceptions`:
    of which items that statement says something else than the baseline. `answers`: of each item
    that was asked for in a challenge, the newest answer, and the newest that we could verify.
    """

    party: Party
    statement: int = 0
    heard_at: datetime | None = None
    exceptions: Mapping[int, tuple[Outcome, str]] = field(default_factory=dict)
    answers: Mapping[int, Said] = field(default_factory=dict)
    verified: Mapping[int, Said] = field(default_factory=dict)

    @property
    def last_heard(self) -> datetime | None:
        """When the party was heard last, in any way; None for never."""
        heard = [each.at for each in self.answers.values()]
        return max([*heard, self.heard_at] if self.heard_at else heard, default=None)


@dataclass(frozen=True, slots=True)
class Judged:
    """What one file comes to by the party's word, on what that rests, and why."""

    outcome: Outcome
    basis: Basis
    found: str
    findings: tuple[Finding, ...] = ()


def read_word(connection: Connection, party: Party) -> Word:
    """All that a party said, as far as it may count now or later."""
    newest = newest_statement(connection, party.id)
    answers: dict[int, Said] = {}
    verified: dict[int, Said] = {}
    for item, said in _answers(connection, party.id):
        answers[item] = said
        if said.basis is Basis.CHALLENGE or said.outcome in WRONG:
            verified[item] = said
    if newest is None:
        return Word(party, answers=answers, verified=verified)
    wanted = select(EXCEPTIONS).where(
        EXCEPTIONS.c.party == party.id, EXCEPTIONS.c.statement == newest.number
    )
    exceptions = {row.item: (Outcome(row.outcome), row.found) for row in connection.execute(wanted)}
    heard_at = datetime.fromisoformat(newest.heard_at)
    return Word(party, newest.number, heard_at, exceptions, answers, verified)


def judge(word: Word, item: HeldItem, now: datetime) -> Judged:
    """What one file comes to now. Never INTACT: nobody here read it."""
    where = f"{word.party.id}: {shown(item.path)}"
    candidates = [
        each
        for each in (word.verified.get(item.number), word.answers.get(item.number))
        if each is not None and _counts(each, word, now)
    ]
    stated = _stated(word, item, now)
    if stated is not None:
        candidates.append(stated)
    wrong = [each for each in candidates if each.outcome in WRONG]
    good = [each for each in candidates if each.outcome is Outcome.ATTESTED]
    if wrong:
        said = wrong[0]
        return Judged(said.outcome, said.basis, said.found, (_told(said, item, where),))
    if good:
        best = min(good, key=lambda each: each.basis is not Basis.CHALLENGE)
        return Judged(Outcome.ATTESTED, best.basis, best.found)
    return Judged(Outcome.NOT_CHECKED, Basis.NONE, "", (_silent(word, item, where, now),))


def late_since(word: Word, now: datetime) -> datetime | None:
    """Since when the party should have been heard; None while it is in time."""
    begun = word.last_heard or word.party.registered_at
    if begun is None:
        return None
    due = begun + word.party.rhythm
    return due if due < now else None


def judge_all(
    connection: Connection, word: Word, now: datetime
) -> Iterator[tuple[HeldItem, Judged]]:
    """What every file of a party comes to, in the order of their numbers."""
    for item in items.every(connection, word.party.id):
        yield item, judge(word, item, now)


def _answers(connection: Connection, party: str) -> Iterator[tuple[int, Said]]:
    """What was answered, the oldest first."""
    wanted = (
        select(CHALLENGED)
        .where(CHALLENGED.c.party == party, CHALLENGED.c.answered_at != "")
        .order_by(CHALLENGED.c.answered_at, CHALLENGED.c.challenge)
    )
    for row in connection.execute(wanted):
        yield row.item, _said(row)


def _said(row: Any) -> Said:
    return Said(
        Outcome(row.outcome),
        Basis(row.basis),
        datetime.fromisoformat(row.answered_at),
        row.found,
        row.challenge,
    )


def _counts(said: Said, word: Word, now: datetime) -> bool:
    """Whether an answer still counts: damage until it is refuted, all else within the rhythm."""
    return said.outcome in WRONG or said.at + word.party.rhythm >= now


def _stated(word: Word, item: HeldItem, now: datetime) -> Said | None:
    """What the newest statement says of the item; None when it is too old, or there is none."""
    if word.heard_at is None or word.heard_at + word.party.rhythm < now:
        return None
    outcome, found = word.exceptions.get(item.number, (Outcome.ATTESTED, item.digest))
    return Said(outcome, Basis.STATEMENT, word.heard_at, found, f"{word.statement}")


def _told(said: Said, item: HeldItem, where: str) -> Finding:
    """Why a file is wrong: what was stated, or what was answered."""
    if said.basis is Basis.CHALLENGE:
        return finding("S434", where, said.found or said.source)
    if said.outcome is Outcome.MISSING:
        return finding("S426" if said.source.isdigit() else "S436", where, said.source)
    if said.outcome is Outcome.UNREADABLE:
        return finding("S437", where, said.source)
    return finding("S427" if said.source.isdigit() else "S435", where, said.found, item.digest)


def _silent(word: Word, item: HeldItem, where: str, now: datetime) -> Finding:
    """Why nothing is known of a file: never heard, too long ago, or not asked for."""
    last = word.last_heard
    if last is None:
        return finding("S433", where)
    if last + word.party.rhythm < now:
        return finding("S430", where, last.date().isoformat(), word.party.rhythm_days)
    exception = word.exceptions.get(item.number)
    if exception is not None and word.heard_at and word.heard_at + word.party.rhythm >= now:
        return finding("S424", where, *_kinds(item))
    return finding("S432", where, last.date().isoformat())


def _kinds(item: HeldItem) -> tuple[str, str]:
    return ("SHA-512", "SHA-256") if item.sha256 else ("SHA-256", "SHA-512")
