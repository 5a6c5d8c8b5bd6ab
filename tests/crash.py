"""The crash sweep: a flow dies or fails at its Nth durable call, for every N, and must end whole.

A story says how a fresh world is made, what is done in it, how it is taken up again afterwards,
and what must be true at each point. Usage:

    class Ingest(Story):
        def prepare(self, folder): ...           # once; the folder is copied for every trial
        def act(self, folder, note): ...         # the flow; note("ack …") what was acknowledged
        def recover(self, folder, note): ...     # by default: act again
        def check(self, folder, history, whole): ...   # assert; whole: after recovery

    assert sweep(Ingest(), tmp_path).points > 300

`act` and `recover` run in children that are forked, so nothing of them lives on but the folder
and the lines that they noted; the flow's own tables are never the witness. In the child every
durable call (os.write, fsync, link, mkdir, rename, unlink, …, and COMMIT) is two points: before
the call and after it. KILL ends the child at the point as kill -9 does; EIO and ENOSPC raise
there (after the call: it was done, and reported as failed); SHORT writes half of a write.
"""

import errno
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import mkdtemp
from threading import Lock
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy.engine.default import DefaultDialect

Note = Callable[[str], None]
DURABLE = (
    "write", "pwrite", "fsync", "fdatasync", "link", "symlink", "unlink", "remove", "mkdir",
    "rmdir", "rename", "replace", "truncate", "ftruncate", "copy_file_range", "sendfile",
)  # fmt: skip


class Fault(StrEnum):
    """What goes wrong."""

    KILL = "kill"
    EIO = "eio"
    ENOSPC = "enospc"
    SHORT = "short"


@dataclass(frozen=True)
class Point:
    """A fault at the Nth point, counted from 1."""

    number: int
    fault: Fault


@dataclass(frozen=True)
class Ending:
    """How a child ended: what it noted, how many points it came past, whether it was hit."""

    notes: tuple[str, ...]
    points: int
    hit: bool
    error: str


@dataclass(frozen=True)
class Swept:
    """How many points were tried, and how many of them were hit."""

    points: int
    hits: int


class Story:
    """A flow and its truth. Derive from it."""

    def prepare(self, folder: Path) -> None:
        """Make the world in an empty folder."""

    def act(self, folder: Path, note: Note) -> None:
        """The flow itself."""
        raise NotImplementedError

    def recover(self, folder: Path, note: Note) -> None:
        """What is done after the interruption."""
        self.act(folder, note)

    def check(self, folder: Path, history: Sequence[str], *, whole: bool) -> None:
        """Assert what must hold: right after the fault, and (`whole`) after the recovery."""
        raise NotImplementedError


def sweep(
    story: Story,
    folder: Path,
    faults: Sequence[Fault] = (Fault.KILL, Fault.EIO, Fault.ENOSPC, Fault.SHORT),
    *,
    first: int = 1,
    step: int = 1,
) -> Swept:
    """Try each fault at every point (or each `step`th from `first`) until the flow is untouched."""
    points = hits = 0
    with _template(story, folder) as template:
        for fault in faults:
            number = first
            while trial(story, template, [Point(number, fault)])[0].hit:
                points, hits, number = points + 1, hits + 1, number + step
    return Swept(points, hits)


def sweep_twice(story: Story, folder: Path, *, step: int, second_step: int) -> Swept:
    """Kill the flow at a point, and its recovery at another, before it may recover in peace."""
    points = hits = 0
    with _template(story, folder) as template:
        number = second = 1
        while True:
            ends = trial(story, template, [_kill(number), _kill(second)])
            if not ends[0].hit:
                return Swept(points, hits)
            points, hits = points + 1, hits + ends[1].hit
            # The recovery came through untouched: on to the next place of the first fault.
            number, second = (number, second + second_step) if ends[1].hit else (number + step, 1)


def trial(story: Story, template: Path, points: Sequence[Point]) -> list[Ending]:
    """One world: each fault in a run of its own, a run in peace, and the checks between them.

    Returns how each run with a fault ended.
    """
    world = Path(mkdtemp(prefix="trial-", dir=template.parent))
    shutil.rmtree(world)
    shutil.copytree(template, world, symlinks=True)
    history: list[str] = []
    ends: list[Ending] = []
    try:
        for run, point in enumerate(points):
            end = in_child(story.recover if run else story.act, world, point)
            ends.append(end)
            history.extend(end.notes)
            story.check(world, history, whole=not end.hit and not end.error)
        peace = in_child(story.recover, world, None)
        history.extend(peace.notes)
        assert not peace.error, peace.error
        story.check(world, history, whole=True)
    except AssertionError as error:
        error.add_note(f"at {points}, history {history}")
        raise
    shutil.rmtree(world)
    return ends


def in_child(deed: Callable[[Path, Note], None], folder: Path, point: Point | None) -> Ending:
    """Run a deed in a forked child, with a fault at a point if one is given."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _live(deed, folder, point, writing)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        lines = pipe.read().splitlines()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return _ending(lines, status)


def _live(deed: Callable[[Path, Note], None], folder: Path, point: Point | None, pipe: int) -> None:
    """The child's whole life."""
    say = os.write

    def note(line: str) -> None:
        say(pipe, f"note {line}\n".encode())

    faults = _Faults(point)
    try:
        faults.install()
        deed(folder, note)
        say(pipe, f"end {faults.count} {int(faults.hit)}\n".encode())
    except BaseException:  # noqa: BLE001 - told to the parent, whatever it is
        told = traceback.format_exc().replace("\n", "\\n")
        say(pipe, f"end {faults.count} {int(faults.hit)} {told}\n".encode())
    finally:
        os._exit(0)


class _Faults:
    """Counts durable calls of this process, and lets the Nth go wrong."""

    def __init__(self, point: Point | None) -> None:
        self.count = 0
        self.hit = False
        self._point = point
        self._lock = Lock()
        self._write = os.write

    def install(self) -> None:
        """Put a hook around every durable call of this process."""
        for name in DURABLE:
            if hasattr(os, name):
                setattr(os, name, self._hooked(getattr(os, name), name == "write"))
        commit = DefaultDialect.do_commit

        def do_commit(dialect: Any, connection: Any) -> None:
            self._pass(lambda _: dbapi2.OperationalError("disk I/O error"))
            commit(dialect, connection)
            self._pass(lambda _: dbapi2.OperationalError("disk I/O error"))

        DefaultDialect.do_commit = do_commit

    def _hooked(self, call: Callable[..., Any], writes: bool) -> Callable[..., Any]:
        def hooked(*args: Any, **named: Any) -> Any:
            if self._pass(_os_error, short=writes):
                return self._write(args[0], memoryview(args[1])[: max(1, len(args[1]) // 2)])
            result = call(*args, **named)
            self._pass(_os_error)
            return result

        return hooked

    def _pass(self, error: Callable[[int], Exception], *, short: bool = False) -> bool:
        """Pass a point; whether the write shall be a short one."""
        with self._lock:
            self.count += 1
            if self._point is None or self.count != self._point.number:
                return False
            self.hit = True
        if self._point.fault is Fault.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._point.fault is Fault.SHORT:
            return short
        raise error(errno.EIO if self._point.fault is Fault.EIO else errno.ENOSPC)


def _os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _ending(lines: Sequence[str], status: int) -> Ending:
    notes = tuple(line.removeprefix("note ") for line in lines if line.startswith("note "))
    last = lines[-1] if lines else ""
    if last.startswith("end "):
        _, count, hit, *error = last.split(" ", 3)
        told = error[0].replace("\\n", "\n") if error else ""
        return Ending(notes, int(count), hit == "1", told)
    assert status == -signal.SIGKILL, f"the child ended with {status}: {lines}"
    return Ending(notes, 0, hit=True, error="")


def _kill(number: int) -> Point:
    return Point(number, Fault.KILL)


@contextmanager
def _template(story: Story, folder: Path) -> Iterator[Path]:
    """The prepared world; in memory where there is such a place, for the sweep is many syncs."""
    memory = Path("/dev/shm")
    place = Path(mkdtemp(dir=memory if os.access(memory, os.W_OK) else folder))
    try:
        template = place / "template"
        template.mkdir()
        end = in_child(lambda world, _: story.prepare(world), template, None)
        assert not end.error, end.error
        yield template
    finally:
        shutil.rmtree(place)
