"""Statements: the signed lists that a party hands in, kept as they came and compared.

The first one that is accepted is the baseline. A statement is the party's word: what it confirms
is attested, never intact.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from formats.findings import Finding
from formats.spelling import shown
from formats.tally import Tally
from storage.database import begin
from storage.fixity.lines import findings_text, read_findings
from storage.fixity.nouns import Asked
from storage.held import items
from storage.held.comparing import Comparing, exceptions_digest
from storage.held.errors import PartyEnded
from storage.held.manifests import MAX_BYTES, Heading, HeldList, read_heading, read_lines
from storage.held.noting import Deed, note
from storage.held.papers import keep_paper
from storage.held.parties import Party, Way
from storage.held.signatures import check_signature
from storage.held.tables import STATEMENTS

STATEMENT = "held.statement"
ACCEPT = "held.accept"
AHEAD = timedelta(days=1)
"""How far a stated date may lie ahead of us: a day, for zones and clocks."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a party handed in: its list, and the signature over it (b"" for none)."""

    held: HeldList
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a list that was handed in. `number` is 0 when it was refused.

    `same`, `changed` and `missing` are about the items that were there; `added` are new ones that
    were taken in, `unexpected` those that wait for a person.
    """

    party: str
    number: int
    digest: str
    baseline: bool
    same: int
    changed: int
    missing: int
    added: int
    unexpected: int
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether nothing of it was taken in."""
        return not self.number


@dataclass(frozen=True, slots=True)
class _Receiving:
    """A list on its way in: whose it is, what it says of itself, who took it in."""

    connection: Connection
    party: Party
    held: HeldList
    heading: Heading
    digest: str
    asked: Asked
    salt: bytes


def accept_manifest(  # noqa: PLR0913 - who hands in what, and who takes it in
    engine: Engine,
    party: Party,
    delivered: Delivered,
    asked: Asked,
    salt: bytes,
    *,
    accept: bool = False,
) -> Accepted:
    """Take in a list that a party handed in, all of it or nothing, and compare it.

    `accept`: a person agrees that the files that are new belong there from now on. The ledger
    keeps the digest of the list, also of one that was refused.

    Raises: PartyEnded.
    """
    if party.ended_at is not None and party.ended_at <= asked.at:
        raise PartyEnded(f"{party.id}: {party.ended_at.date()}", name=party.id)
    held, tally = delivered.held, Tally()
    _check_signed(party, delivered, tally)
    heading = read_heading(held, tally)
    with begin(engine) as connection:
        digest = _kept(connection, held)
        receiving = _Receiving(connection, party, held, heading, digest, asked, salt)
        newest = newest_statement(connection, party.id)
        if newest is not None and newest.paper == digest and accept and not tally.has_errors():
            return _accept_newest(receiving, newest)
        if party.way is not Way.READ:
            _check_order(receiving, newest, tally)
        for _ in () if tally.has_errors() else read_lines(held, tally):
            pass
        if tally.has_errors():
            return _refuse(receiving, tally)
        signature = keep_paper(connection, delivered.signature) if delivered.signature else ""
        return _take_in(receiving, signature, tally, accept=accept)


def newest_statement(connection: Connection, party: str) -> Any:
    """The row of the newest accepted statement of a party; None when there is none."""
    wanted = select(STATEMENTS).where(STATEMENTS.c.party == party)
    return connection.execute(wanted.order_by(STATEMENTS.c.number.desc()).limit(1)).first()


def statements(connection: Connection, party: str) -> Iterator[Any]:
    """Every accepted statement of a party, the oldest first."""
    wanted = select(STATEMENTS).where(STATEMENTS.c.party == party)
    yield from connection.execute(wanted.order_by(STATEMENTS.c.number))


def _check_signed(party: Party, delivered: Delivered, tally: Tally) -> None:
    """Whether the party's key stands under the list.

    Where we read ourselves no signature is needed; but one that is given must be right.
    """
    where, content = shown(delivered.held.name), delivered.held.content
    if party.way is Way.READ and not delivered.signature:
        return
    if not party.key:
        tally.add("S410", where)
        return
    tally.extend(check_signature(party.key, content, delivered.signature, where))


def _kept(connection: Connection, held: HeldList) -> str:
    if len(held.content) > MAX_BYTES:
        return hashlib.sha256(held.content).hexdigest()
    return keep_paper(connection, held.content)


def _check_order(receiving: _Receiving, newest: Any, tally: Tally) -> None:
    """Whether this is a new word, and not one of the past that is played once more."""
    heading, where = receiving.heading, shown(receiving.held.name)
    at = receiving.asked.at
    for each in statements(receiving.connection, receiving.party.id):
        if each.paper == receiving.digest:
            tally.add("S420", where, each.received_at[:10], each.number)
            return
    if heading.stated_at is not None and heading.stated_at > at + AHEAD:
        tally.add("S422", where, heading.stated_at.isoformat(), at.isoformat())
    if newest is not None and newest.sequence and heading.sequence <= newest.sequence:
        tally.add("S421", where, heading.sequence or "-", newest.sequence)
    if newest is not None and newest.stated_at:
        stated = heading.stated_at.isoformat() if heading.stated_at else ""
        if stated < newest.stated_at:
            tally.add("S421", where, stated or "-", newest.stated_at)
    elif heading.stated_at is None:
        tally.add("S423", where)


def _refuse(receiving: _Receiving, tally: Tally) -> Accepted:
    party, findings = receiving.party, tally.findings()
    codes = sorted({each.code for each in findings})
    facts = {"list": receiving.digest, "codes": codes}
    _note(receiving, Deed(STATEMENT, "refused", facts))
    return Accepted(party.id, 0, receiving.digest, False, 0, 0, 0, 0, 0, findings)


def _take_in(receiving: _Receiving, signature: str, tally: Tally, *, accept: bool) -> Accepted:
    connection, party, heading = receiving.connection, receiving.party, receiving.heading
    newest = newest_statement(connection, party.id)
    number = newest.number + 1 if newest is not None else 1
    baseline = not items.count_of(connection, party.id)
    comparing = Comparing(connection, party.id, number)
    if baseline:
        quiet = Tally()
        comparing.added = items.add(
            connection, party.id, read_lines(receiving.held, quiet), receiving.asked.at
        )
    else:
        comparing.compare(read_lines(receiving.held, Tally()), tally)
        if accept:
            comparing.take_unexpected(receiving.asked.at)
        else:
            comparing.tell_unexpected(tally)
    accepted = Accepted(
        party=party.id,
        number=number,
        digest=receiving.digest,
        baseline=baseline,
        same=comparing.same,
        changed=comparing.changed,
        missing=comparing.missing,
        added=comparing.added,
        unexpected=comparing.unexpected,
        findings=tally.findings(),
    )
    received = receiving.asked.at.astimezone(UTC)
    heard_at = min(heading.stated_at or received, received).isoformat()
    connection.execute(
        insert(STATEMENTS).values(
            party=party.id,
            number=number,
            paper=receiving.digest,
            signature=signature,
            name=shown(receiving.held.name)[:200],
            received_at=received.isoformat(),
            stated_at=heading.stated_at.isoformat() if heading.stated_at else "",
            sequence=heading.sequence,
            heard_at=heard_at,
            lines=comparing.lines or comparing.added,
            findings=findings_text(accepted.findings),
        )
    )
    facts = _facts(receiving, accepted, signature) | {
        "heard": heard_at,
        "exceptions": exceptions_digest(connection, party.id, number),
    }
    _note(receiving, Deed(STATEMENT, "accepted", facts))
    return accepted


def _accept_newest(receiving: _Receiving, newest: Any) -> Accepted:
    """A person agrees with the new files of the statement that was taken in last."""
    connection, party = receiving.connection, receiving.party.id
    comparing = Comparing(connection, party, newest.number)
    comparing.take_unexpected(receiving.asked.at)
    kept = [each for each in read_findings(newest.findings) if each.code != "S425"]
    accepted = Accepted(
        party=party,
        number=newest.number,
        digest=newest.paper,
        baseline=False,
        same=0,
        changed=0,
        missing=0,
        added=comparing.added,
        unexpected=0,
        findings=tuple(kept),
    )
    _note(receiving, Deed(ACCEPT, "accepted", _facts(receiving, accepted, newest.signature)))
    return accepted


def _facts(receiving: _Receiving, accepted: Accepted, signature: str) -> dict[str, Any]:
    party, connection = receiving.party.id, receiving.connection
    return {
        "number": accepted.number,
        "list": accepted.digest,
        "signature": signature,
        "changed": accepted.changed,
        "missing": accepted.missing,
        "added": accepted.added,
        "unexpected": accepted.unexpected,
        "items": items.count_of(connection, party),
        "root": items.items_root(connection, party),
    }


def _note(receiving: _Receiving, deed: Deed) -> None:
    note(receiving.connection, receiving.party, deed, receiving.asked, receiving.salt)
