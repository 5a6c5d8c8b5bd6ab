"""The recorder: the one writer of a worker. Each result is in the database before the next group.

What came in while a commit ran goes into the next one: results, claims, ends of shares. So a
result waits some milliseconds, and a million results take no million syncs.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine

from formats.findings import finding
from storage.database import begin
from storage.fixity.claim import Claimer, claim_next, finish, put_off, renew_one, still_had
from storage.fixity.lines import findings_text
from storage.fixity.nouns import Item, Kind, Result, Share
from storage.outcomes import Basis, Outcome
from storage.promised import may_be_gone

Deed: TypeAlias = Callable[[Connection], Any]

_ITEMS = (
    "UPDATE fixity_items SET outcome = ?, basis = ?, found = ?, read_bytes = ?, checked_at = ?, "
    "findings = ? WHERE run = ? AND number = ?"
)
_VERIFIED = (
    "UPDATE copies SET verified_at = ?, proof = 'read', checked_at = ?, outcome = 'intact' "
    "WHERE aip = ? AND store = ? AND checked_at <= ?"
)
_JUDGED = (
    "UPDATE copies SET checked_at = ?, outcome = ? WHERE aip = ? AND store = ? AND checked_at <= ?"
)
_HELD = (
    "UPDATE held_items SET checked_at = ?, outcome = ? "
    "WHERE party = ? AND number = ? AND checked_at <= ?"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A result with the item that it is of, and what the plan said of that item already."""

    item: Item
    result: Result
    planned: str = ""


@dataclass(slots=True)
class _Queue:
    """What waits for the next commit."""

    results: list[tuple[Share, Sequence[Found]]] = field(default_factory=list)
    deeds: list[tuple[Deed, "Future[Any]"]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.results or self.deeds)


class Recorder:
    """Writes what it is given, in groups, in a thread of its own, until it is closed.

    `kept` is told after each commit which results of which share are in the database; a share
    whose results were refused, because another has it by now, is told with None.
    """

    def __init__(
        self,
        engine: Engine,
        worker: str,
        kept: Callable[[Share, Sequence[Found] | None], None] = lambda share, found: None,
    ) -> None:
        self._engine = engine
        self._worker = worker
        self._kept = kept
        self._queue = _Queue()
        self._waiting = threading.Condition()
        self._closing = False
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="edepot-recorder", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, share: Share, found: Sequence[Found]) -> None:
        """Have results of a share written. Returns at once."""
        with self._waiting:
            self._queue.results.append((share, found))
            self._waiting.notify()

    def ask(self, deed: Deed) -> "Future[Any]":
        """Have something else done in the next commit, after the results before it; its answer.

        The future bears the error when the commit failed.
        """
        answer: Future[Any] = Future()
        with self._waiting:
            if self.error is not None:
                answer.set_exception(self.error)
                return answer
            self._queue.deeds.append((deed, answer))
            self._waiting.notify()
        return answer

    def claim(self, run_id: str, who: Claimer, store: str) -> "Future[Share | None]":
        """Claim the next share of a store."""
        return self.ask(lambda connection: claim_next(connection, run_id, who, store))

    def finish(self, share: Share, now: datetime) -> "Future[bool]":
        """Note that a share is done."""
        return self.ask(lambda connection: finish(connection, share, self._worker, now))

    def put_off(self, share: Share, until: datetime) -> "Future[bool]":
        """Give a share back for later."""
        return self.ask(lambda connection: put_off(connection, share, self._worker, until))

    def renew(self, shares: Iterable[Share], now: datetime, lease: timedelta) -> "Future[None]":
        """Renew leases."""
        who, mine = Claimer(self._worker, now, now + lease), list(shares)

        def deed(connection: Connection) -> None:
            for each in mine:
                renew_one(connection, each, who)

        return self.ask(deed)

    def close(self) -> None:
        """Write what was given so far, and end."""
        with self._waiting:
            self._closing = True
            self._waiting.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._waiting:
                while not self._queue and not self._closing:
                    self._waiting.wait()
                if not self._queue:
                    return
                taken, self._queue = self._queue, _Queue()
            try:
                self._commit(taken)
            except Exception as error:  # noqa: BLE001 - whoever waits for an answer raises it
                self._fail(taken, error)

    def _commit(self, taken: _Queue) -> None:
        answers = []
        with begin(self._engine) as connection:
            shares = {share.number: share for share, _ in taken.results}
            had = still_had(connection, shares.values(), self._worker)
            write_results(
                connection,
                [each for share, found in taken.results if share.number in had for each in found],
            )
            for deed, answer in taken.deeds:
                answers.append((answer, deed(connection)))
        for answer, value in answers:
            answer.set_result(value)
        for share, found in taken.results:
            self._kept(share, found if share.number in had else None)

    def _fail(self, taken: _Queue, error: Exception) -> None:
        """Nothing more is written: the run is gone on with by whoever takes it up."""
        with self._waiting:
            self.error = error
            rest, self._queue = self._queue, _Queue()
        for _, answer in (*taken.deeds, *rest.deeds):
            if not answer.done():
                answer.set_exception(error)


def write_results(connection: Connection, found: Sequence[Found]) -> None:
    """Results into the items of the run, and verdicts into the copies of the catalogue.

    Not checked changes nothing of a copy; intact renews when it was verified, and by what. A copy
    that is not there because its AIP is being destroyed is not missing.
    """
    if not found:
        return
    found = [_unless_destroyed(connection, each) for each in found]
    items, verified, judged, held = [], [], [], []
    at, text_of = None, ""
    for each in found:
        result, item = each.result, each.item
        if result.checked_at is not at:
            at = result.checked_at
            text_of = at.astimezone(UTC).isoformat()
        items.append(
            (
                result.outcome.value,
                result.basis.value,
                result.sha256,
                result.read_bytes,
                text_of,
                _joined(each) if result.findings or each.planned else "",
                item.run,
                item.number,
            )
        )
        if result.outcome is Outcome.NOT_CHECKED:
            continue
        if item.kind is Kind.HELD:
            held.append((text_of, result.outcome.value, item.store, item.aip, text_of))
            continue
        if result.outcome is Outcome.INTACT and result.basis is Basis.READ:
            verified.append((text_of, text_of, item.aip, item.store, text_of))
        else:
            judged.append((text_of, result.outcome.value, item.aip, item.store, text_of))
    written = ((_ITEMS, items), (_VERIFIED, verified), (_JUDGED, judged), (_HELD, held))
    for statement, rows in written:
        if rows:
            connection.exec_driver_sql(_spelled(connection, statement), rows)


def _unless_destroyed(connection: Connection, found: Found) -> Found:
    item, result = found.item, found.result
    gone = result.outcome is Outcome.MISSING and item.kind is not Kind.HELD
    if not gone or not may_be_gone(connection, item.zorgdrager, item.aip_id):
        return found
    told = finding("S354", f"{item.store}, {item.key}")
    changed = replace(result, outcome=Outcome.NOT_CHECKED, basis=Basis.NONE, findings=(told,))
    return replace(found, result=changed)


def _joined(found: Found) -> str:
    told = findings_text(found.result.findings)
    if not found.planned or not told:
        return found.planned or told
    return f"{found.planned[:-1]}, {told[1:]}"


def _spelled(connection: Connection, statement: str) -> str:
    """The statement in the driver's own spelling of its values."""
    return statement if connection.dialect.paramstyle == "qmark" else statement.replace("?", "%s")
