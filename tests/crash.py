"""The crash sweep: a flow dies or fails at its Nth durable call, for every N, and must end whole.

A story says how a fresh world is made, what is done in it, how it is taken up again afterwards,
and what must be true at each point. Usage:

    class Ingest(Story):
        def prepare(self, folder): ...           # once; the folder is copied for every trial
        def act(self, folder, note): ...         # the flow; note("ack …") what was acknowledged
        def recover(self, folder, note): ...     # by default: act again
        def check(self, folder, history, whole): ...   # assert; whole: after recovery

    assert sweep(Ingest(), tmp_path) > 1000

`act` and `recover` run in children that are forked, so nothing of them lives on but the folder
and the lines that they noted; the flow's own tables are never the witness. In the child every
durable call (os.write, fsync, link, mkdir, rename, unlink, …, and COMMIT) is two points: before
the call and after it. KILL ends the child before the call as kill -9 does; EIO raises before it,
and after it (it was done, and reported as failed); ENOSPC raises before calls that take space;
SHORT writes half of a write. With threads the order of the points may vary from run to run; what
must hold holds all the same.

To be quick, import in the test's module whatever the flow imports late: a child starts with it.
"""

import errno
import json
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

import sqlalchemy.dialects.sqlite  # noqa: F401 - here, so that no child need import it
from pysqlite3 import dbapi2
from sqlalchemy.engine.default import DefaultDialect

Note = Callable[[str], None]
DURABLE = (
    "write", "pwrite", "fsync", "fdatasync", "link", "symlink", "unlink", "remove", "mkdir",
    "rmdir", "rename", "replace", "truncate", "ftruncate", "copy_file_range", "sendfile",
)  # fmt: skip
TAKES_SPACE = {"write", "pwrite", "link", "symlink", "mkdir", "rename", "replace", "commit"}


class Fault(StrEnum):
    """What goes wrong."""

    KILL = "kill"
    EIO = "eio"
    ENOSPC = "enospc"
    SHORT = "short"

    def fits(self, place: str) -> bool:
        """Whether this can go wrong at a place such as "before write"."""
        if self is Fault.EIO:
            return True
        before, call = place.startswith("before "), place.split(" ")[1]
        if self is Fault.SHORT:
            return before and call == "write"
        return before and (self is Fault.KILL or call in TAKES_SPACE)


@dataclass(frozen=True)
class Point:
    """A fault at the Nth point, counted from 1."""

    number: int
    fault: Fault


@dataclass(frozen=True)
class Ending:
    """How a child ended: what it noted, the places that it came past, whether it was hit."""

    notes: tuple[str, ...]
    places: tuple[str, ...]
    hit: bool
    error: str


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
    story: Story, folder: Path, faults: Sequence[Fault] = tuple(Fault), *, step: int = 1
) -> int:
    """Try each fault at every place where it fits (or every `step`th); how many were hit."""
    hits = 0
    with _template(story, folder) as template:
        places = _places(story, template)
        for fault in faults:
            for number in _numbers(places, fault)[::step]:
                hits += trial(story, template, [Point(number, fault)])[0].hit
    return hits


def sweep_twice(story: Story, folder: Path, *, step: int) -> int:
    """Kill the flow at every `step`th place, and its recovery too, before it recovers in peace."""
    hits = 0
    with _template(story, folder) as template:
        numbers = _numbers(_places(story, template), Fault.KILL)[::step]
        for first in numbers:
            for second in numbers:
                points = [Point(first, Fault.KILL), Point(second, Fault.KILL)]
                ends = trial(story, template, points)
                hits += ends[0].hit and ends[1].hit
                if not ends[1].hit:
                    break
    return hits


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
        say(pipe, faults.told().encode())
    except BaseException:  # noqa: BLE001 - told to the parent, whatever it is
        say(pipe, faults.told(traceback.format_exc()).encode())
    finally:
        os._exit(0)


class _Faults:
    """Counts durable calls of this process, and lets the Nth go wrong."""

    def __init__(self, point: Point | None) -> None:
        self.places: list[str] = []
        self.hit = False
        self._point = point
        self._lock = Lock()
        self._write = os.write

    def told(self, error: str = "") -> str:
        """The child's last line."""
        end = {"places": self.places, "hit": self.hit, "error": error}
        return f"end {json.dumps(end)}\n"

    def install(self) -> None:
        """Put a hook around every durable call of this process."""
        for name in DURABLE:
            if hasattr(os, name):
                setattr(os, name, self._hooked(getattr(os, name), name))
        commit = DefaultDialect.do_commit

        def do_commit(dialect: Any, connection: Any) -> None:
            self._pass("before commit", _database_error)
            commit(dialect, connection)
            self._pass("after commit", _database_error)

        DefaultDialect.do_commit = do_commit

    def _hooked(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def hooked(*args: Any, **named: Any) -> Any:
            if self._pass(f"before {name}", _os_error) and name == "write":
                return self._write(args[0], memoryview(args[1])[: max(1, len(args[1]) // 2)])
            result = call(*args, **named)
            self._pass(f"after {name}", _os_error)
            return result

        return hooked

    def _pass(self, place: str, error: Callable[[int], Exception]) -> bool:
        """Pass a place; whether a write here shall be a short one."""
        with self._lock:
            self.places.append(place)
            if self._point is None or len(self.places) != self._point.number:
                return False
            self.hit = True
        if self._point.fault is Fault.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._point.fault is Fault.SHORT:
            return True
        raise error(errno.EIO if self._point.fault is Fault.EIO else errno.ENOSPC)


def _os_error(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def _database_error(number: int) -> Exception:
    text = "database or disk is full" if number == errno.ENOSPC else "disk I/O error"
    return dbapi2.OperationalError(text)


def _ending(lines: Sequence[str], status: int) -> Ending:
    notes = tuple(line.removeprefix("note ") for line in lines if line.startswith("note "))
    if lines and lines[-1].startswith("end "):
        end = json.loads(lines[-1].removeprefix("end "))
        return Ending(notes, tuple(end["places"]), end["hit"], end["error"])
    assert status == -signal.SIGKILL, f"the child ended with {status}: {lines}"
    return Ending(notes, (), hit=True, error="")


def _places(story: Story, template: Path) -> tuple[str, ...]:
    """The places that the flow comes past when nothing goes wrong."""
    world = template.parent / "dry"
    shutil.copytree(template, world, symlinks=True)
    end = in_child(story.act, world, None)
    assert not end.error, end.error
    shutil.rmtree(world)
    return end.places


def _numbers(places: Sequence[str], fault: Fault) -> list[int]:
    return [number for number, place in enumerate(places, 1) if fault.fits(place)]


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
