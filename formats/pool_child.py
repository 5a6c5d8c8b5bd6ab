"""One child process of the pool and the pipes to it: a request in, an answer per item out."""

import json
import os
import select
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from formats.errors import FormatsError
from formats.limits import Limits
from formats.outcomes import Done, Failed, Fault, Outcome

MAX_ANSWER_BYTES = 64 * 1024 * 1024
END_SECONDS = 5.0


class JobUnknown(FormatsError):
    """The child could not find the function that a job names: a mistake of ours."""


class ToolUnavailable(FormatsError):
    """No child process could be started, or each ended before it was ready."""


class Process(Protocol):
    """A started process, as formats.tools gives it."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def kill(self) -> None:
        """Kill it and all that it started; from any thread, at any time."""

    def wait(self, seconds: float) -> int | None:
        """Its exit code (minus the signal that ended it); None when it still runs then."""

    def tail(self) -> str:
        """The first telling line of what it wrote last to its errors."""

    def close(self) -> None:
        """Kill it, and let go of what was kept for it."""


Start = Callable[[dict[str, Any], Limits, Sequence[int], Path], Process]


@dataclass(frozen=True, slots=True)
class Work:
    """One batch: the job's name, its items, and the seconds that each may take."""

    job: str
    items: list[Any]
    seconds: list[float]

    def only(self, start: int, end: int) -> "Work":
        """The part of it from item `start` up to `end`."""
        return Work(self.job, self.items[start:end], self.seconds[start:end])


class Child:
    """One running child process and the pipes to it; used by one thread at a time."""

    def __init__(self, start: Start, limits: Limits, scratch: Path) -> None:
        self._limits = limits
        self._folder = tempfile.mkdtemp(dir=scratch)
        theirs_in, self._requests = os.pipe()
        self._answers, theirs_out = os.pipe()
        given = {"scratch": self._folder, "requests": theirs_in, "answers": theirs_out}
        self._process = start(given, limits, (theirs_in, theirs_out), scratch)
        os.close(theirs_in)
        os.close(theirs_out)
        os.set_blocking(self._requests, False)
        self._buffer = bytearray()
        self._ending = threading.Lock()
        self._ended = False
        self.answered = 0
        self.lost = False

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def do(self, work: Work) -> list[Outcome]:
        """Outcomes until the child was lost, the last one then being the culprit's.

        Empty when the child was lost before it was ready.
        """
        if not self._ready(work):
            self.lost = True
            return []
        outcomes: list[Outcome] = []
        for seconds in work.seconds:
            answer = self._answer(seconds)
            self.answered += 1
            outcomes.append(answer)
            if self.lost:
                break
        return outcomes

    def kill(self) -> None:
        """Kill the process and all that it started; may be called from any thread."""
        self._process.kill()

    def end(self) -> None:
        """End the process and let go of what belongs to it; a second time does nothing."""
        with self._ending:
            if self._ended:
                return
            self._ended = True
        self._process.close()
        for descriptor in (self._requests, self._answers):
            with suppress(OSError):
                os.close(descriptor)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ready(self, work: Work) -> bool:
        start = self._limits.start_seconds
        request = asdict(work) | {"start_seconds": start}
        deadline = monotonic() + start
        if not self._write(json.dumps(request).encode("ascii") + b"\n", deadline):
            return False
        line = self._line(deadline)
        if not line or not line.endswith(b"\n"):
            return False
        answer = json.loads(line)
        if "unknown" in answer:
            raise JobUnknown(answer["unknown"])
        return True

    def _answer(self, seconds: float) -> Outcome:
        line = self._line(monotonic() + seconds)
        if line is None:
            self.lost = True
            return Failed(Fault.TIMEOUT, f"> {seconds:g} s")
        if not line.endswith(b"\n"):
            self.lost = True
            return self._explain(line)
        answer = json.loads(line)
        if "failed" in answer:
            self.lost = bool(answer.get("spent"))
            return Failed(Fault(answer["failed"]), answer["detail"])
        return Done(answer["value"])

    def _explain(self, line: bytes) -> Failed:
        if len(line) > MAX_ANSWER_BYTES:
            return Failed(Fault.LIMIT, f"answer > {MAX_ANSWER_BYTES} bytes")
        return judge_end(self._process.wait(END_SECONDS), self._process.tail())

    def _write(self, content: bytes, deadline: float) -> bool:
        left = memoryview(content)
        poll = select.poll()
        poll.register(self._requests, select.POLLOUT)
        while left:
            if not poll.poll(_milliseconds(deadline)):
                return False
            try:
                left = left[os.write(self._requests, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                return False
        return True

    def _line(self, deadline: float) -> bytes | None:
        """The next line; without its end when the child ended or said too much; None: too late."""
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_ANSWER_BYTES:
                return bytes(self._buffer)
            if not poll.poll(_milliseconds(deadline)):
                return None
            chunk = os.read(self._answers, 1 << 20)
            if not chunk:
                return bytes(self._buffer)
            self._buffer += chunk
        line = bytes(self._buffer[: end + 1])
        del self._buffer[: end + 1]
        return line


def judge_end(code: int | None, words: str) -> Failed:
    """Why a process ended that should not have: a limit of the system's, or a crash."""
    if code is None:
        return Failed(Fault.CRASHED, "closed its pipe")
    name = signal.Signals(-code).name if code < 0 else f"exit {code}"
    bounded = code in (-signal.SIGXCPU, -signal.SIGXFSZ)
    starved = any(sign in words for sign in ("memory", "bad_alloc", "MemoryError"))
    detail = f"{name}: {words}" if words else name
    return Failed(Fault.LIMIT if bounded or starved else Fault.CRASHED, detail)


def _milliseconds(deadline: float) -> int:
    return max(0, int((deadline - monotonic()) * 1000))
