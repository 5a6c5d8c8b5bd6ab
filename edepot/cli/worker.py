"""`edepot worker`: the schedules kept, and their work done, until it is told to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from edepot.cli.screen import BAD, DOUBT, QUIET, Screen
from edepot.cli.session import Session
from edepot.depot import now, open_depot
from edepot.duties import Said, What
from edepot.messages import Words
from edepot.working import working
from formats.findings import Finding, explain
from ingest.receipt import finding_plain

STYLES = {What.FAILED: BAD, What.GIVEN_UP: BAD, What.FIRED: QUIET}


def worker(
    ctx: typer.Context,
    name: Annotated[str, typer.Option("--name")] = "",
    once: Annotated[bool, typer.Option("--once")] = False,
) -> None:
    """Keep the schedules and do their work, until SIGTERM or Ctrl-C."""
    session: Session = ctx.obj
    teller = _Teller(session)
    with (
        _stopped_by_signals() as stop,
        open_depot(session.config()) as depot,
        working(depot, teller.said, name=name) as mine,
    ):
        teller.says("worker.started", {"worker": mine.name, "what": "started"}, name=mine.name)
        mine.keep_time(stop, once=once, missed=teller.missed)
        bears = mine.name
    teller.says("worker.ended", {"worker": bears, "what": "ended"}, name=bears)


class _Teller:
    """Writes what a worker does, a line each, from whatever thread it comes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._screen: Screen | None = None if session.as_json else session.screen()

    def says(self, key: str, plain: dict[str, Any], style: str = "", **values: object) -> None:
        """One sentence, or one line of JSON."""
        with self._lock:
            if self._screen is None:
                self._session.print_line(plain)
            else:
                self._screen.say(self._session.words(key, **values), style)
                self._session.out.flush()

    def said(self, said: Said) -> None:
        """What the duties tell."""
        at, words = now().isoformat(), self._session.words
        plain = {
            "at": at,
            "what": said.what.value,
            "schedule": said.schedule or None,
            "run": said.run or None,
            "detail": said.detail,
        }
        key, values = _sentence(said, words)
        self.says(key, plain, STYLES.get(said.what, ""), at=words.instant(at), **values)

    def missed(self, finding: Finding) -> None:
        """What should have come and did not."""
        at, words = now().isoformat(), self._session.words
        plain = {"at": at, "what": "missed", **finding_plain(finding, self._session.lang)}
        text = explain(finding, self._session.lang).text
        self.says("worker.missed", plain, DOUBT, at=words.instant(at), text=text)


def _sentence(said: Said, words: Words) -> tuple[str, dict[str, object]]:
    if said.what is What.FIRED:
        return "worker.fired", {"schedule": said.schedule}
    if said.what is What.BEGUN:
        copies = words.counted("count.copy", int(said.detail))
        return "worker.begun", {"schedule": said.schedule, "run": said.run, "copies": copies}
    if said.what is What.ENDED:
        outcome = words(f"schedule.fired.{said.detail}")
        return "worker.run_ended", {"run": said.run, "outcome": outcome}
    if said.what is What.DONE:
        outcome = words(f"schedule.fired.{said.outcome}")
        detail = f"{outcome}; {said.detail}" if said.detail else outcome
        return "worker.schedule_done", {"schedule": said.schedule, "detail": detail}
    if said.what is What.GIVEN_UP:
        return "worker.given_up", {"run": said.run, "detail": said.detail}
    return "worker.failed", {"what": said.schedule or said.run, "detail": said.detail}


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGTERM and SIGINT set; a second one ends the process as it otherwise would."""
    stop = threading.Event()
    kept: dict[int, Any] = {}

    def stopped(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, kept[number])

    for each in (signal.SIGTERM, signal.SIGINT):
        kept[each] = signal.signal(each, stopped)
    try:
        yield stop
    finally:
        for number, before in kept.items():
            signal.signal(number, before)
