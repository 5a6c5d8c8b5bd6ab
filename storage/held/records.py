"""Whether what we keep of a party is still what the ledger says: record, items, lists, codes."""

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from formats.findings import Finding, finding
from storage import ledger
from storage.held import items
from storage.held.answers import ANSWER, results_root
from storage.held.challenge import CHALLENGE, challenges
from storage.held.comparing import exceptions_digest
from storage.held.papers import read_paper
from storage.held.parties import REGISTER, Party, history
from storage.held.rounds import ROUNDS_MADE, rounds_digest
from storage.held.statements import ACCEPT, STATEMENT, statements
from storage.ledger import LedgerEntry

STATED = ("list", "signature", "heard", "exceptions")
"""The facts of a statement that are compared, in the order in which they are shown."""


def check_records(connection: Connection, party: Party) -> Iterator[Finding]:
    """A finding for everything in the database that is not what the ledger wrote down of it.

    Somebody who edits a baseline, a list, an answer, a code or a contract in the database is
    found; the ledger itself is checked elsewhere.
    """
    mine = [
        each
        for each in ledger.entries(connection, party.zorgdrager, object_id=party.id)
        if each.action.startswith("held.")
    ]
    yield from _check_history(connection, party, mine)
    yield from _check_items(connection, party, mine)
    yield from _check_statements(connection, party, mine)
    yield from _check_challenges(connection, party, mine)


def _check_history(
    connection: Connection, party: Party, mine: list[LedgerEntry]
) -> Iterator[Finding]:
    noted = {
        int(each.facts["version"]): str(each.facts["record"])
        for each in mine
        if each.action == REGISTER
    }
    found = {
        version: hashlib.sha256(record.encode("utf-8")).hexdigest()
        for version, record in history(connection, party.id)
    }
    for version in sorted({*noted, *found}):
        if noted.get(version) != found.get(version):
            where = f"{party.id}, versie {version}"
            yield finding("S416", where, found.get(version, "-"), noted.get(version, "-"))


def _check_items(
    connection: Connection, party: Party, mine: list[LedgerEntry]
) -> Iterator[Finding]:
    """The items' root, and the digest over the rounds, as the newest entry names them."""
    root = _newest(mine, "root", (STATEMENT, ACCEPT, ROUNDS_MADE))
    if root is not None or items.count_of(connection, party.id):
        found = items.items_root(connection, party.id)
        if found != root:
            yield finding("S417", party.id, found, root or "-")
    rounds = _newest(mine, "rounds_digest", (ROUNDS_MADE,))
    found = rounds_digest(connection, party.id)
    if found != (rounds or hashlib.sha256(b"").hexdigest()):
        yield finding("S418", party.id, found, rounds or "-")


def _check_statements(
    connection: Connection, party: Party, mine: list[LedgerEntry]
) -> Iterator[Finding]:
    noted = {
        each.facts["number"]: tuple(each.facts[name] for name in STATED)
        for each in mine
        if each.action == STATEMENT and each.result == "accepted"
    }
    kept = {
        each.number: (
            each.paper,
            each.signature,
            each.heard_at,
            exceptions_digest(connection, party.id, each.number),
        )
        for each in statements(connection, party.id)
    }
    for number in sorted({*noted, *kept}):
        where = f"{party.id}, verklaring {number}"
        if noted.get(number) != kept.get(number):
            yield finding("S416", where, kept.get(number, "-"), noted.get(number, "-"))
            continue
        for digest in filter(None, kept[number][:2]):
            yield from _check_paper(connection, where, digest)


def _check_challenges(
    connection: Connection, party: Party, mine: list[LedgerEntry]
) -> Iterator[Finding]:
    sent = _facts(mine, CHALLENGE, "sent")
    judged = _facts(mine, ANSWER, "judged")
    kept = {each.id: each for each in challenges(connection, party.id)}
    for identity in sorted({*sent, *kept}):
        where = f"{party.id}, opdracht {identity}"
        row, noted = kept.get(identity), sent.get(identity)
        if row is None or noted is None or row.paper != noted["file"]:
            found = row.paper if row is not None else "-"
            yield finding("S416", where, found, noted["file"] if noted else "-")
            continue
        yield from _check_paper(connection, where, row.paper)
        answer = judged.get(identity)
        if (answer["answer"] if answer else "") != row.answer:
            yield finding("S416", where, row.answer or "-", answer["answer"] if answer else "-")
        elif answer:
            yield from _check_paper(connection, where, row.answer)
            found = results_root(connection, identity)
            if found != answer["root"]:
                yield finding("S416", where, found, answer["root"])


def _check_paper(connection: Connection, where: str, digest: str) -> Iterator[Finding]:
    found = hashlib.sha256(read_paper(connection, digest)).hexdigest()
    if found != digest:
        yield finding("S419", where, found, digest)


def _facts(mine: list[LedgerEntry], action: str, result: str) -> dict[str, Any]:
    """The facts of such entries, by challenge."""
    return {
        each.facts["challenge"]: each.facts
        for each in mine
        if each.action == action and each.result == result
    }


def _newest(mine: list[LedgerEntry], name: str, actions: tuple[str, ...]) -> str | None:
    said = [each.facts[name] for each in mine if each.action in actions and name in each.facts]
    return said[-1] if said else None
