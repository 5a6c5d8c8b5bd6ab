"""How a party stands: what it holds, what of that is proven, and what rests on its word alone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, select

from formats.findings import Finding, finding
from formats.tally import Tally
from storage.held import items
from storage.held.challenge import challenges
from storage.held.comparing import count_unexpected
from storage.held.parties import Party, Way
from storage.held.records import check_records
from storage.held.rounds import rounds_left
from storage.held.tables import HELD_ITEMS
from storage.held.word import Word, judge_all, late_since, read_word
from storage.outcomes import Basis, Outcome


@dataclass(frozen=True, slots=True)
class PartyStatus:
    """A party now.

    `outcomes` add up to `items`: for a place that we read the last verdicts, for all others what
    the party's word comes to at this moment. `proven` of them were answered on a nonce with a
    code that we could verify, `word_only` rest on the party's word alone.
    """

    party: Party
    items: int
    size_bytes: int
    statements: int
    challenges: int
    open_challenges: int
    rounds_left: int
    last_heard: datetime | None
    late_since: datetime | None
    unexpected: int
    outcomes: Mapping[Outcome, int] = field(default_factory=dict)
    proven: int = 0
    word_only: int = 0
    findings: tuple[Finding, ...] = ()


def party_status(connection: Connection, party: Party, now: datetime) -> PartyStatus:
    """How a party stands now, with everything that is wrong."""
    word = read_word(connection, party)
    tally = Tally()
    outcomes: Counter[Outcome] = Counter()
    bases: Counter[Basis] = Counter()
    if party.way is Way.READ:
        last_heard, late = _read_by_us(connection, party, now, outcomes)
    else:
        last_heard, late = word.last_heard, late_since(word, now)
        for _, judged in judge_all(connection, word, now):
            outcomes[judged.outcome] += 1
            bases[judged.basis] += judged.outcome is Outcome.ATTESTED
            tally.extend(judged.findings)
    if late is not None and party.ended_at is None:
        heard = last_heard.date().isoformat() if last_heard else "-"
        tally.extend([finding("S431", party.id, heard, party.rhythm_days)])
    rows = challenges(connection, party.id)
    for row in rows:
        if not row.answered_at and datetime.fromisoformat(row.due_at) < now:
            tally.extend([finding("S428", row.id, row.due_at[:10])])
    tally.extend(check_records(connection, party))
    return PartyStatus(
        party=party,
        items=items.count_of(connection, party.id),
        size_bytes=items.total_bytes(connection, party.id),
        statements=word.statement,
        challenges=len(rows),
        open_challenges=sum(not each.answered_at for each in rows),
        rounds_left=rounds_left(connection, party.id),
        last_heard=last_heard,
        late_since=late if party.ended_at is None else None,
        unexpected=_unexpected(connection, word),
        outcomes=outcomes,
        proven=bases[Basis.CHALLENGE],
        word_only=bases[Basis.STATEMENT],
        findings=tally.findings(),
    )


def _read_by_us(
    connection: Connection, party: Party, now: datetime, outcomes: Counter[Outcome]
) -> tuple[datetime | None, datetime | None]:
    """When the file that waits longest was read last, and since when that is too long ago."""
    wanted = (
        select(HELD_ITEMS.c.outcome, func.count(), func.min(HELD_ITEMS.c.checked_at))
        .where(HELD_ITEMS.c.party == party.id)
        .group_by(HELD_ITEMS.c.outcome)
    )
    oldest = []
    for outcome, count, at in connection.execute(wanted):
        outcomes[Outcome(outcome) if outcome else Outcome.NOT_CHECKED] += count
        oldest.append(at)
    first = min(oldest, default="")
    read_at = datetime.fromisoformat(first) if first else None
    begun = read_at or party.registered_at
    due = begun + party.rhythm if begun else None
    return read_at, due if due is not None and due < now else None


def _unexpected(connection: Connection, word: Word) -> int:
    if not word.statement:
        return 0
    return count_unexpected(connection, word.party.id, word.statement)
