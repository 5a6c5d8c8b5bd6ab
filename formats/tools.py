"""Outside programs and engines, always in child processes with limits: the only place that starts them.

Parsers of untrusted bytes run in long-lived children, started by exec (never fork). An item that
crashes, hangs or eats its child becomes a `Failed`; the others go on in a fresh child.
"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from formats.errors import FormatsError
from formats.limits import PARSER_LIMITS, Limits
from formats.outcomes import Done, Failed, Fault, Outcome, Ran

__all__ = [
    "Done",
    "Failed",
    "Fault",
    "JobUnknown",
    "Limits",
    "Outcome",
    "Pool",
    "Ran",
    "ToolUnavailable",
    "find_program",
    "open_pool",
    "run_program",
]

ITEMS_PER_CHILD = 10_000
MAX_ANSWER_BYTES = 64 * 1024 * 1024
STARTS = 3
KILL_SECONDS = 5.0

Allowance = Callable[[Any], float]


class JobUnknown(FormatsError):
    """The child could not find the function that a job names: a mistake of ours."""


class ToolUnavailable(FormatsError):
    """No child process could be started, or each ended before it was ready."""


class Pool:
    """Child processes that do jobs; usable from several threads. Made by `open_pool`."""

    def __init__(self, workers: int, scratch: Path) -> None:
        self.workers = workers
        self._scratch = scratch
        self._lanes: dict[Limits, _Lane] = {}
        self._lock = threading.Lock()

    def run_items(
        self,
        job: str,
        batches: Iterable[Sequence[Any]],
        *,
        limits: Limits = PARSER_LIMITS,
        allow: Allowance | None = None,
    ) -> Iterator[Outcome]:
        """One outcome per item, in order, while at most two batches per worker are under way.

        `job` names a function of one JSON value, "module:function", resolved in the child;
        `allow` gives the seconds that one item may take (else `limits.seconds`).
        Raises: JobUnknown, ToolUnavailable.
        """
        waiting: deque[Future[list[Outcome]]] = deque()
        try:
            for batch in batches:
                waiting.append(self.submit(job, batch, limits=limits, allow=allow))
                if len(waiting) > 2 * self.workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def run(
        self, job: str, arguments: Iterable[Any], *, limits: Limits = PARSER_LIMITS
    ) -> Iterator[Outcome]:
        """One outcome per argument, in order. Raises: JobUnknown, ToolUnavailable."""
        return self.run_items(job, ([each] for each in arguments), limits=limits)

    def call(self, job: str, argument: Any, *, limits: Limits = PARSER_LIMITS) -> Outcome:
        """The outcome of one job. Raises: JobUnknown, ToolUnavailable."""
        return self.submit(job, [argument], limits=limits).result()[0]

    def submit(
        self,
        job: str,
        items: Sequence[Any],
        *,
        limits: Limits = PARSER_LIMITS,
        allow: Allowance | None = None,
    ) -> "Future[list[Outcome]]":
        """The outcomes of one batch, later."""
        seconds = [allow(each) if allow else limits.seconds for each in items]
        return self._lane(limits).submit(_Work(job, list(items), seconds))

    def close(self) -> None:
        """End every child, at once."""
        with self._lock:
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.close()

    def pids(self) -> list[int]:
        """The process ids of the children that live now."""
        with self._lock:
            lanes = list(self._lanes.values())
        return [pid for lane in lanes for pid in lane.pids()]

    def _lane(self, limits: Limits) -> "_Lane":
        with self._lock:
            if limits not in self._lanes:
                width = limits.workers or self.workers
                self._lanes[limits] = _Lane(limits, width, self._scratch)
            return self._lanes[limits]


@contextmanager
def open_pool(workers: int = 2, *, scratch: Path | None = None) -> Iterator[Pool]:
    """A pool of so many workers; children start when first needed and end with the block.

    `scratch` is the folder for their few temporary files (links with the sender's extension);
    None: a private folder of the system's.
    """
    with tempfile.TemporaryDirectory(prefix="edepot-", dir=scratch) as folder:
        pool = Pool(workers, Path(folder))
        try:
            yield pool
        finally:
            pool.close()


def find_program(name: str) -> Path | None:
    """Where a program of this name stands on the PATH; None when it does not."""
    found = shutil.which(name)
    return Path(found) if found else None


def run_program(argv: Sequence[str | Path], *, limits: Limits = PARSER_LIMITS) -> Ran | Failed:
    """Run an outside program once, within limits, without input, and wait for it.

    What it writes is kept up to `limits.file_bytes`. `argv[0]` is a path, never looked up.
    """
    program = [str(each) for each in argv]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = _start({"program": program}, limits, (), output.fileno(), errors.fileno())
        try:
            code = process.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            return Failed(Fault.TIMEOUT, f"{Path(program[0]).name}: > {limits.seconds:g} s")
        finally:
            _end(process)
        if code < 0:
            return _judge_end(code, _tail(errors.fileno()))
        output.seek(0)
        errors.seek(0)
        return Ran(code, output.read(), errors.read())


@dataclass(frozen=True, slots=True)
class _Work:
    job: str
    items: list[Any]
    seconds: list[float]

    def only(self, start: int, end: int) -> "_Work":
        return _Work(self.job, self.items[start:end], self.seconds[start:end])


class _Lane:
    """The children of one kind of limits, and the threads that wait for them.

    A child dies with the thread that started it (PR_SET_PDEATHSIG), so these threads live
    as long as the pool.
    """

    def __init__(self, limits: Limits, width: int, scratch: Path) -> None:
        self._limits = limits
        self._scratch = scratch
        self._threads = ThreadPoolExecutor(width, thread_name_prefix="edepot-pool")
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._closed = False

    def submit(self, work: _Work) -> "Future[list[Outcome]]":
        return self._threads.submit(self._run, work)

    def pids(self) -> list[int]:
        with self._lock:
            return [child.pid for child in self._all]

    def close(self) -> None:
        with self._lock:
            self._closed = True
            children = list(self._all)
        for child in children:
            child.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in children:
            child.end()

    def _run(self, work: _Work) -> list[Outcome]:
        outcomes: list[Outcome] = []
        while len(outcomes) < len(work.items):
            rest = work.only(len(outcomes), len(work.items))
            outcomes.extend(self._attempt(rest))
        return outcomes

    def _attempt(self, work: _Work) -> list[Outcome]:
        """At least one outcome: all until the child was lost, the culprit tried once more alone."""
        for _ in range(STARTS):
            child = self._take()
            fresh = child.answered == 0
            try:
                outcomes = child.do(work)
            finally:
                self._give_back(child)
            if not outcomes:
                continue
            culprit = isinstance(outcomes[-1], Failed) and child.lost
            first = fresh and len(outcomes) == 1
            if not culprit or first or outcomes[-1].reason is Fault.TIMEOUT:  # type: ignore[union-attr]
                return outcomes
            place = len(outcomes) - 1
            return [*outcomes[:-1], *self._once_more(work.only(place, place + 1), outcomes[-1])]
        raise ToolUnavailable(f"{work.job}: no child process was ready after {STARTS} starts")

    def _once_more(self, work: _Work, before: Outcome) -> list[Outcome]:
        child = self._take(fresh=True)
        try:
            return child.do(work) or [before]
        finally:
            self._give_back(child)

    def _take(self, *, fresh: bool = False) -> "_Child":
        with self._lock:
            if self._closed:
                raise ToolUnavailable("the pool is closed")
            if self._idle and not fresh:
                return self._idle.pop()
            surplus = self._idle.pop() if self._idle else None
        if surplus is not None:
            self._drop(surplus)
        child = _Child(self._limits, self._scratch)
        with self._lock:
            self._all.add(child)
            if self._closed:
                child.kill()
        return child

    def _give_back(self, child: "_Child") -> None:
        if child.lost or child.answered >= ITEMS_PER_CHILD:
            self._drop(child)
            return
        with self._lock:
            self._idle.append(child)

    def _drop(self, child: "_Child") -> None:
        child.end()
        with self._lock:
            self._all.discard(child)


class _Child:
    """One running child process and the pipes to it; used by one thread at a time."""

    def __init__(self, limits: Limits, scratch: Path) -> None:
        self._limits = limits
        self._folder = tempfile.mkdtemp(dir=scratch)
        self._errors = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - lives as long as the child
        theirs_in, self._requests = os.pipe()
        self._answers, theirs_out = os.pipe()
        given = {"scratch": self._folder, "requests": theirs_in, "answers": theirs_out}
        pipes = (theirs_in, theirs_out)
        self._process = _start(given, limits, pipes, None, self._errors.fileno())
        os.close(theirs_in)
        os.close(theirs_out)
        os.set_blocking(self._requests, False)
        self._buffer = bytearray()
        self.answered = 0
        self.lost = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def do(self, work: _Work) -> list[Outcome]:
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
        _kill(self._process)

    def end(self) -> None:
        """End the process and let go of everything that belongs to it."""
        _end(self._process)
        for descriptor in (self._requests, self._answers):
            with suppress(OSError):
                os.close(descriptor)
        self._errors.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _ready(self, work: _Work) -> bool:
        start = self._limits.start_seconds
        request = asdict(work) | {"start_seconds": start}
        deadline = monotonic() + start
        if not self._write(json.dumps(request).encode("ascii") + b"\n", deadline):
            return False
        line = self._line(deadline)
        if not line:
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
            return self._ended(line)
        answer = json.loads(line)
        if "failed" in answer:
            self.lost = bool(answer.get("spent"))
            return Failed(Fault(answer["failed"]), answer["detail"])
        return Done(answer["value"])

    def _ended(self, line: bytes) -> Failed:
        if len(line) > MAX_ANSWER_BYTES:
            return Failed(Fault.LIMIT, f"answer > {MAX_ANSWER_BYTES} bytes")
        try:
            code = self._process.wait(KILL_SECONDS)
        except subprocess.TimeoutExpired:
            return Failed(Fault.CRASHED, "closed its pipe")
        return _judge_end(code, _tail(self._errors.fileno()))

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


def _start(
    given: dict[str, Any],
    limits: Limits,
    pipes: Sequence[int],
    output: int | None,
    errors: int,
) -> "subprocess.Popen[bytes]":
    """Start `formats.worker` in a session of its own, with nothing of our environment but the path."""
    here = os.getcwd()
    path = os.pathsep.join(dict.fromkeys(each or here for each in sys.path))
    argument = json.dumps(given | {"parent": os.getpid(), "limits": asdict(limits)})
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "formats.worker", argument],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if output is None else output,
        stderr=errors,
        pass_fds=pipes,
        start_new_session=True,
        env={"PYTHONPATH": path, "PATH": os.defpath, "LANG": "C.UTF-8", "HOME": "/nonexistent"},
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    _kill(process)
    with suppress(subprocess.TimeoutExpired):
        process.wait(KILL_SECONDS)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _judge_end(code: int, words: str) -> Failed:
    name = signal.Signals(-code).name if code < 0 else f"exit {code}"
    bounded = code in (-signal.SIGXCPU, -signal.SIGXFSZ)
    starved = any(sign in words for sign in ("memory", "bad_alloc", "MemoryError"))
    detail = f"{name}: {words}" if words else name
    return Failed(Fault.LIMIT if bounded or starved else Fault.CRASHED, detail)


def _tail(errors: int) -> str:
    """The first telling line of what was written last to the errors."""
    size = os.fstat(errors).st_size
    lines = os.pread(errors, 4000, max(0, size - 4000)).decode("utf-8", "replace").splitlines()
    telling = [line for line in lines if "rror" in line or "memory" in line or "panic" in line]
    return (telling or lines or [""])[0].strip()[:300]


def _milliseconds(deadline: float) -> int:
    return max(0, int((deadline - monotonic()) * 1000))
