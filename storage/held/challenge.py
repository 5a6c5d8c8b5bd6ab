"""Challenges: a nonce that nobody knew before, and the files over which it must be answered."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from storage.database import begin
from storage.fixity.nouns import Asked
from storage.held import items
from storage.held.answer import FORM_ASKED
from storage.held.errors import NonceUsed, NothingHeld, PartyEnded
from storage.held.noting import Deed, note
from storage.held.papers import keep_paper
from storage.held.parties import Party
from storage.held.rounds import NONCE_BYTES, Round, next_round, use_round
from storage.held.sampling import Wanted, choose, detection, seed_of
from storage.held.tables import CHALLENGED, CHALLENGES
from storage.outcomes import WRONG, Basis, Outcome

CHALLENGE = "held.challenge"
ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Challenge:
    """A challenge that was made: `content` is the file for the party, byte for byte.

    `probability`: with which it finds the damaged share that was asked about, exactly, for the
    files that were chosen by chance. `round` is 0 where the nonce is fresh.
    """

    id: str
    party: str
    content: bytes
    due_at: datetime
    items: int
    total: int
    round: int
    probability: Fraction


def make_challenge(  # noqa: PLR0913 - who is asked what, by when, and who asks
    engine: Engine,
    party: Party,
    wanted: Wanted,
    *,
    nonce: bytes,
    due_at: datetime,
    asked: Asked,
    salt: bytes,
) -> Challenge:
    """Write down a challenge, and what is to be sent.

    A round that was made while we had the bytes goes first, with its own nonce and sample; else
    `nonce` (32 bytes, fresh) is used, and the files that were wrong the last time are asked again
    besides the sample. The ledger keeps the digest of the file that is sent.

    Raises: NothingHeld; NonceUsed; PartyEnded.
    """
    assert len(nonce) == NONCE_BYTES, "a nonce has 32 bytes"
    if party.ended_at is not None and party.ended_at <= asked.at:
        raise PartyEnded(f"{party.id}: {party.ended_at.date()}", name=party.id)
    with begin(engine) as connection:
        total = items.count_of(connection, party.id)
        if not total:
            raise NothingHeld(party.id, name=party.id)
        number, nonce, sample, again = _chosen(connection, party.id, wanted, nonce, total)
        identity = _next_id(connection, party.id)
        known = items.by_number(connection, party.id, sorted({*sample, *again}))
        content = _written(identity, party.id, nonce, due_at, [known[each] for each in known])
        paper = keep_paper(connection, content)
        if number:
            use_round(connection, party.id, number, identity)
        row = {
            "id": identity,
            "party": party.id,
            "nonce": nonce.hex(),
            "round": number,
            "paper": paper,
            "items": len(known),
            "total": total,
            "sent_at": asked.at.isoformat(),
            "due_at": due_at.isoformat(),
            "answered_at": "",
            "answer": "",
            "findings": "",
        }
        connection.execute(insert(CHALLENGES), row)
        _keep_asked(connection, identity, party.id, known)
        damaged = max(1, -(-total * wanted.damaged_share // 1))
        chance = detection(total, int(damaged), len(sample))
        facts = {
            "challenge": identity,
            "file": paper,
            "items": len(known),
            "total": total,
            "round": number,
            "due": due_at.isoformat(),
        }
        note(connection, party, Deed(CHALLENGE, "sent", facts), asked, salt)
    return Challenge(identity, party.id, content, due_at, len(known), total, number, chance)


def read_challenge(connection: Connection, challenge: str) -> Any:
    """The row of a challenge; None when there is none of this id."""
    return connection.execute(select(CHALLENGES).where(CHALLENGES.c.id == challenge)).first()


def challenges(connection: Connection, party: str) -> list[Any]:
    """The rows of a party's challenges, the oldest first."""
    wanted = select(CHALLENGES).where(CHALLENGES.c.party == party)
    return list(connection.execute(wanted.order_by(CHALLENGES.c.sent_at, CHALLENGES.c.id)))


def last_wrong(connection: Connection, party: str) -> list[int]:
    """The items of which the newest answer that could be judged was wrong."""
    judged = (CHALLENGED.c.basis == Basis.CHALLENGE.value) | CHALLENGED.c.outcome.in_(
        [each.value for each in WRONG]
    )
    newest = (
        select(CHALLENGED.c.item, func.max(CHALLENGED.c.answered_at).label("at"))
        .where(CHALLENGED.c.party == party, judged)
        .group_by(CHALLENGED.c.item)
        .subquery()
    )
    wanted = (
        select(CHALLENGED.c.item)
        .join(
            newest,
            (newest.c.item == CHALLENGED.c.item) & (newest.c.at == CHALLENGED.c.answered_at),
        )
        .where(
            CHALLENGED.c.party == party,
            CHALLENGED.c.outcome.in_([each.value for each in WRONG]),
        )
    )
    return sorted(set(connection.execute(wanted).scalars()))


def _chosen(
    connection: Connection, party: str, wanted: Wanted, nonce: bytes, total: int
) -> tuple[int, bytes, list[int], list[int]]:
    """The round (0 for none), the nonce, the sample, and the items that are asked once more."""
    ready: Round | None = next_round(connection, party)
    if ready is not None:
        return ready.number, ready.nonce, sorted(ready.macs), []
    used = select(CHALLENGES.c.id).where(CHALLENGES.c.nonce == nonce.hex())
    if connection.execute(used).first() is not None:
        raise NonceUsed(party, name=party)
    sample = choose(total, wanted.size(total), seed_of(nonce))
    return 0, nonce, sample, last_wrong(connection, party)


def _next_id(connection: Connection, party: str) -> str:
    wanted = select(func.count()).select_from(CHALLENGES).where(CHALLENGES.c.party == party)
    return f"{party}-{int(connection.execute(wanted).scalar_one()) + 1:04d}"


def _written(
    identity: str, party: str, nonce: bytes, due_at: datetime, asked: list[items.HeldItem]
) -> bytes:
    digest = "sha256" if all(each.sha256 for each in asked) else "sha512"
    said = {
        "form": FORM_ASKED,
        "challenge": identity,
        "party": party,
        "nonce": nonce.hex(),
        "due": due_at.isoformat(),
        "digest": digest,
        "files": [each.path for each in asked],
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def _keep_asked(connection: Connection, challenge: str, party: str, numbers: Iterable[int]) -> None:
    rows = [
        {
            "challenge": challenge,
            "item": each,
            "party": party,
            "outcome": Outcome.NOT_CHECKED.value,
            "basis": Basis.NONE.value,
            "found": "",
            "answered_at": "",
        }
        for each in numbers
    ]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(insert(CHALLENGED), rows[start : start + ROWS_AT_ONCE])
