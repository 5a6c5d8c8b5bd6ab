"""Outside programs and engines, always in child processes with limits: started here alone.

Parsers of untrusted bytes run in long-lived children, started by exec (never fork). An item that
crashes, hangs or eats its child becomes a `Failed`; the others go on in a fresh child.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from formats.limits import DEFAULT_LIMITS, Limits
from formats.outcomes import Done, Failed, Fault, Outcome, Ran
from formats.pool import Pool
from formats.pool_child import JobUnknown, ToolUnavailable, judge_end

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
    "running_server",
]

END_SECONDS = 5.0


@contextmanager
def open_pool(workers: int = 2, *, scratch: Path | None = None) -> Iterator[Pool]:
    """A pool of so many workers; children start when first needed and end with the block.

    `scratch` is the folder for their few temporary files (links with the sender's extension);
    None: a private folder of the system's.
    """
    with tempfile.TemporaryDirectory(prefix="edepot-", dir=scratch) as folder:
        pool = Pool(workers, Path(folder), _start_worker)
        try:
            yield pool
        finally:
            pool.close()


def find_program(name: str) -> Path | None:
    """Where a program of this name stands on the PATH; None when it does not."""
    found = shutil.which(name)
    return Path(found) if found else None


def run_program(argv: Sequence[str | Path], *, limits: Limits = DEFAULT_LIMITS) -> Ran | Failed:
    """Run an outside program once, within limits, without input, and wait for it.

    What it writes is kept up to `limits.file_bytes`. `argv[0]` is a path, never looked up.
    """
    program = [str(each) for each in argv]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        running = Running(_popen({"program": program}, limits, (), output, errors), errors)
        code = running.wait(limits.seconds)
        running.kill()
        if code is None:
            running.wait(END_SECONDS)
            return Failed(Fault.TIMEOUT, f"{Path(program[0]).name}: > {limits.seconds:g} s")
        if code < 0:
            return judge_end(code, running.tail())
        output.seek(0)
        errors.seek(0)
        return Ran(code, output.read(), errors.read())


@contextmanager
def running_server(argv: Sequence[str | Path], folder: Path) -> Iterator["Running"]:
    """A server of our own for as long as the block lasts, in a session of its own, then killed.

    It gets an environment of its own, works in `folder`, and what it writes is kept there in
    server.log. No limits are set: its bytes are ours. `argv[0]` is a path, never looked up.
    """
    with (folder / "server.log").open("w+b") as log:
        server = subprocess.Popen(
            [str(each) for each in argv],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=folder,
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder)},
        )
        running = Running(server, log)
        try:
            yield running
        finally:
            running.kill()
            running.wait(END_SECONDS)


class Running:
    """A started process, and the file that takes what it writes to its errors."""

    def __init__(self, process: "subprocess.Popen[bytes]", errors: IO[bytes]) -> None:
        self._process = process
        self._errors = errors

    @property
    def pid(self) -> int:
        """Its process id, which is also its session."""
        return self._process.pid

    def kill(self) -> None:
        """Kill it and all that it started; from any thread, at any time."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self, seconds: float) -> int | None:
        """Its exit code (minus the signal that ended it); None when it still runs then."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def tail(self) -> str:
        """The first telling line of what it wrote last to its errors."""
        size = os.fstat(self._errors.fileno()).st_size
        last = os.pread(self._errors.fileno(), 4000, max(0, size - 4000))
        lines = last.decode("utf-8", "replace").splitlines()
        telling = [line for line in lines if "rror" in line or "memory" in line or "panic" in line]
        return (telling or lines or [""])[0].strip()[:300]

    def close(self) -> None:
        """Kill it, and let go of what was kept for it."""
        self.kill()
        self.wait(END_SECONDS)
        self._errors.close()


def _start_worker(
    given: dict[str, Any], limits: Limits, pipes: Sequence[int], scratch: Path
) -> Running:
    """Start a child of the pool."""
    errors = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - lives as long as the child
    return Running(_popen(given, limits, pipes, None, errors), errors)


def _popen(
    given: dict[str, Any],
    limits: Limits,
    pipes: Sequence[int],
    output: IO[bytes] | None,
    errors: IO[bytes],
) -> "subprocess.Popen[bytes]":
    """Start `formats.worker` in its own session, with nothing of our environment but the path."""
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
