"""Answers: what a party sent back on a challenge, judged by codes that we can make ourselves.

A code is compared with one from a copy of the same bytes in our own stores, or with one that was
computed while we had the bytes. Where neither is there, the answer is the party's word.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from formats.findings import Finding
from formats.spelling import shown
from formats.tally import Tally
from storage.database import begin, reading
from storage.fixity.lines import findings_text
from storage.fixity.nouns import Asked
from storage.held import items
from storage.held.answer import FORM_ANSWER
from storage.held.challenge import read_challenge
from storage.held.items import HeldItem
from storage.held.noting import Deed, note
from storage.held.own_copies import OwnCopies
from storage.held.papers import keep_paper
from storage.held.parties import Party
from storage.held.rounds import round_macs
from storage.held.tables import CHALLENGED, CHALLENGES
from storage.merkle import leaf_hash, root_of
from storage.outcomes import WRONG, Basis, Outcome
from storage.stores.base import Store

ANSWER = "held.answer"
MAX_ANSWER_BYTES = 128 * 1024 * 1024
REASONS = ("missing", "unreadable", "no_file", "outside")
_MAC = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer came to: how many files by outcome and basis; `id` is "" when refused."""

    id: str
    party: str
    digest: str
    verified: int
    stated: int
    wrong: int
    unanswered: int
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether nothing of it was taken in."""
        return not self.id


@dataclass(frozen=True, slots=True)
class _Word:
    """What an answer says of one file; `error` is one of REASONS, or ""."""

    size_bytes: int
    mac: str
    digest: str
    error: str


@dataclass(frozen=True, slots=True)
class _Judged:
    item: int
    outcome: Outcome
    basis: Basis
    found: str = ""


def read_answer(  # noqa: PLR0913 - whose answer, judged by what, and who took it in
    engine: Engine,
    stores: Mapping[str, Store],
    party: Party,
    content: bytes,
    *,
    asked: Asked,
    salt: bytes,
) -> Answered:
    """Take in the answer to a challenge that is open, and judge each file of it.

    An answer to another challenge, to one that is answered, or after its day, is refused; the
    ledger says so too. What we cannot verify is ATTESTED by their word, and nothing is INTACT.
    """
    tally = Tally()
    digest = hashlib.sha256(content).hexdigest()
    said = _read(party, content, tally)
    codes: dict[int, str] = {}
    if said:
        # Copies are read before the transaction: reading takes long, and writing is alone.
        codes = _own_codes(engine, stores, party, said)
    with begin(engine) as connection:
        challenge = _open_challenge(connection, party, said, asked, tally) if said else None
        if challenge is None:
            refused = {"answer": digest, "codes": sorted({each.code for each in tally.findings()})}
            note(connection, party, Deed(ANSWER, "refused", refused), asked, salt)
            return Answered("", party.id, digest, 0, 0, 0, 0, tally.findings())
        keep_paper(connection, content)
        if challenge.round:
            codes = round_macs(connection, party.id, challenge.round) | codes
        judging = _Judging(connection, party, challenge, codes, tally)
        judged = list(judging.judge(said.get("files", [])))
        _write(connection, challenge, judged, asked.at)
        answered = _answered(challenge, digest, judged, tally)
        connection.execute(
            update(CHALLENGES)
            .where(CHALLENGES.c.id == challenge.id, CHALLENGES.c.answered_at == "")
            .values(
                answered_at=asked.at.isoformat(),
                answer=digest,
                findings=findings_text(answered.findings),
            )
        )
        facts = {
            "challenge": challenge.id,
            "answer": digest,
            "verified": answered.verified,
            "stated": answered.stated,
            "wrong": answered.wrong,
            "unanswered": answered.unanswered,
            "root": results_root(connection, challenge.id),
        }
        note(connection, party, Deed(ANSWER, "judged", facts), asked, salt)
    return answered


def results_root(connection: Connection, challenge: str) -> str:
    """The Merkle root over what a challenge's files came to, in hex: it goes into the ledger."""
    wanted = select(CHALLENGED).where(CHALLENGED.c.challenge == challenge)
    rows = connection.execute(wanted.order_by(CHALLENGED.c.item))
    said = [f"{each.item}\0{each.outcome}\0{each.basis}\0{each.found}" for each in rows]
    return root_of([leaf_hash(each.encode("utf-8")) for each in said]).hex()


def _read(party: Party, content: bytes, tally: Tally) -> dict[str, Any]:
    """The answer as JSON, its outer form checked; {} (and a finding) when it is none."""
    where = party.id
    if len(content) > MAX_ANSWER_BYTES:
        tally.add("S441", where, len(content), MAX_ANSWER_BYTES)
        return {}
    try:
        said = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        tally.add("S441", where, shown(str(error))[:120], "JSON")
        return {}
    texts = ("form", "challenge", "party", "challenge_sha256")
    well = isinstance(said, dict) and all(isinstance(said.get(each), str) for each in texts)
    if not well or said["form"] != FORM_ANSWER or not isinstance(said.get("files"), list):
        tally.add("S441", where, "-", FORM_ANSWER)
        return {}
    return dict(said)


def _open_challenge(
    connection: Connection, party: Party, said: Mapping[str, Any], asked: Asked, tally: Tally
) -> Any:
    """The challenge that is answered, if it is this party's, open, in time, and unaltered."""
    identity = said["challenge"]
    where = shown(identity[:100])
    found = read_challenge(connection, identity)
    if found is None or found.party != party.id or said["party"] != party.id:
        tally.add("S438", where, shown(said["party"][:100]), party.id)
    elif said["challenge_sha256"] != found.paper:
        tally.add("S438", where, shown(said["challenge_sha256"][:64]), found.paper)
    elif found.answered_at:
        tally.add("S440", where, found.answered_at)
    elif asked.at > datetime.fromisoformat(found.due_at):
        tally.add("S439", where, asked.at.isoformat(), found.due_at)
    else:
        return found
    return None


def _own_codes(
    engine: Engine, stores: Mapping[str, Store], party: Party, said: Mapping[str, Any]
) -> dict[int, str]:
    """The codes of the challenge's files of which we have the same bytes in a store of ours."""
    with reading(engine) as connection:
        found = read_challenge(connection, said["challenge"])
        if found is None or found.party != party.id:
            return {}
        wanted = select(CHALLENGED.c.item).where(CHALLENGED.c.challenge == found.id)
        numbers = list(connection.execute(wanted).scalars())
        asked = items.by_number(connection, party.id, numbers)
        known = round_macs(connection, party.id, found.round) if found.round else {}
        rest = [each for number, each in asked.items() if number not in known]
        copies = OwnCopies(connection, stores, party.zorgdrager)
        return copies.codes(rest, bytes.fromhex(found.nonce))


class _Judging:
    """Judges the files of one answer against what was asked and what we can compute."""

    def __init__(
        self,
        connection: Connection,
        party: Party,
        challenge: Any,
        codes: Mapping[int, str],
        tally: Tally,
    ) -> None:
        wanted = select(CHALLENGED.c.item).where(CHALLENGED.c.challenge == challenge.id)
        numbers = list(connection.execute(wanted).scalars())
        self._asked = items.by_number(connection, party.id, numbers)
        self._party = party.id
        self._codes = codes
        self._tally = tally

    def judge(self, files: list[Any]) -> Iterator[_Judged]:
        """What each file that was asked for comes to."""
        words = self._words(files)
        for number in sorted(self._asked):
            item = self._asked[number]
            yield self._one(item, words.get(item.path))

    def _words(self, files: list[Any]) -> dict[str, _Word]:
        known = {each.path for each in self._asked.values()}
        words: dict[str, _Word] = {}
        for position, each in enumerate(files, start=1):
            word, path = _word(each)
            if word is None:
                self._tally.add("S441", self._party, f"files[{position}]", "path, mac, size")
            elif path not in known or path in words:
                self._tally.add("S442", self._place(path[:200]))
            else:
                words[path] = word
        return words

    def _one(self, item: HeldItem, word: _Word | None) -> _Judged:
        where = self._place(item.path)
        if word is None:
            self._tally.add("S443", where)
            return _Judged(item.number, Outcome.NOT_CHECKED, Basis.NONE)
        if word.error:
            gone = word.error == "missing"
            self._tally.add("S436" if gone else "S437", where, word.error)
            outcome = Outcome.MISSING if gone else Outcome.UNREADABLE
            return _Judged(item.number, outcome, Basis.STATEMENT)
        expected = self._codes.get(item.number)
        if expected is None:
            return self._by_word(item, word, where)
        if hmac.compare_digest(expected, word.mac):
            return _Judged(item.number, Outcome.ATTESTED, Basis.CHALLENGE, item.sha256)
        self._tally.add("S434", where, word.mac)
        return _Judged(item.number, Outcome.DIFFERS, Basis.CHALLENGE, word.digest)

    def _by_word(self, item: HeldItem, word: _Word, where: str) -> _Judged:
        """Nobody here has the bytes: their own digest is all there is."""
        if word.digest != item.digest:
            self._tally.add("S435", where, word.digest or "-", item.digest)
            return _Judged(item.number, Outcome.DIFFERS, Basis.STATEMENT, word.digest)
        self._tally.add("S444", where)
        return _Judged(item.number, Outcome.ATTESTED, Basis.STATEMENT, word.digest)

    def _place(self, path: str) -> str:
        return f"{self._party}: {shown(path)}"


def _word(said: Any) -> tuple[_Word | None, str]:
    """What is said of one file, and its path; None when it is not in the form of an answer."""
    if not isinstance(said, dict) or not isinstance(said.get("path"), str):
        return None, ""
    path = said["path"]
    if "error" in said:
        error = said["error"]
        return (_Word(0, "", "", error), path) if error in REASONS else (None, path)
    digest = said.get("sha256", said.get("sha512"))
    size, mac = said.get("size"), said.get("mac")
    if not isinstance(digest, str) or not isinstance(mac, str) or not isinstance(size, int):
        return None, path
    if not _MAC.fullmatch(mac) or not re.fullmatch(r"[0-9a-f]{64}|[0-9a-f]{128}", digest):
        return None, path
    return _Word(size, mac, digest, ""), path


def _write(connection: Connection, challenge: Any, judged: list[_Judged], now: datetime) -> None:
    for each in judged:
        connection.execute(
            update(CHALLENGED)
            .where(CHALLENGED.c.challenge == challenge.id, CHALLENGED.c.item == each.item)
            .values(
                outcome=each.outcome.value,
                basis=each.basis.value,
                found=each.found,
                answered_at=now.isoformat(),
            )
        )


def _answered(challenge: Any, digest: str, judged: list[_Judged], tally: Tally) -> Answered:
    attested = [each.basis for each in judged if each.outcome is Outcome.ATTESTED]
    return Answered(
        id=challenge.id,
        party=challenge.party,
        digest=digest,
        verified=attested.count(Basis.CHALLENGE),
        stated=attested.count(Basis.STATEMENT),
        wrong=sum(each.outcome in WRONG for each in judged),
        unanswered=sum(each.outcome is Outcome.NOT_CHECKED for each in judged),
        findings=tally.findings(),
    )
