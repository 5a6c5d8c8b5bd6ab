"""The child process in which untrusted bytes are parsed: takes requests, answers item by item.

A request is one line of JSON: the job ("module:function"), its items, and the seconds that each
may take. The answer is a line `{"ready": true}` when the job is loaded, and then one line per
item. Requests and answers have descriptors of their own, so that whatever a library prints
cannot disturb them. With "program" in its argument it bounds itself and becomes that program.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO

from formats.limits import Limits, allow_cpu, apply_limits, die_with_parent
from formats.sandbox import forbid_calls, write_only_below

Job = Callable[[Any], Any]
CPU_FACTOR = 3
"""Engines with threads of their own use more processor seconds than the clock shows."""


def main(arguments: list[str]) -> None:
    """Serve requests until there are none. Arguments: one JSON object, made by formats.tools."""
    given = json.loads(arguments[0])
    die_with_parent()
    if os.getppid() != given["parent"]:
        return
    limits = Limits(**given["limits"])
    apply_limits(limits)
    if "program" in given:
        forbid_calls(programs=True)
        allow_cpu(CPU_FACTOR * limits.seconds)
        os.execv(given["program"][0], given["program"])  # noqa: S606 - it is what was asked for
    tempfile.tempdir = given["scratch"]
    if limits.writes_below is not None:
        write_only_below((given["scratch"], *limits.writes_below))
    forbid_calls(programs=limits.programs)
    requests = os.fdopen(given["requests"], "rb")
    answers = os.fdopen(given["answers"], "wb")
    for line in requests:
        _serve(json.loads(line), answers)


def _serve(request: dict[str, Any], answers: BinaryIO) -> None:
    allow_cpu(CPU_FACTOR * request["start_seconds"])
    try:
        job = _find_job(request["job"])
    except (ImportError, AttributeError, ValueError) as error:
        _write(answers, _line({"unknown": f"{request['job']}: {error}"}))
        return
    _write(answers, _line({"ready": True}))
    for item, seconds in zip(request["items"], request["seconds"], strict=True):
        allow_cpu(CPU_FACTOR * seconds)
        _write(answers, _answer(job, item))


def _find_job(name: str) -> Job:
    module, function = name.split(":")
    job: Job = getattr(import_module(module), function)
    return job


def _answer(job: Job, item: Any) -> bytes:
    try:
        return _line({"value": job(item)})
    except MemoryError as error:
        return _line({"failed": "limit", "detail": type(error).__name__, "spent": True})
    except RecursionError as error:
        return _line({"failed": "limit", "detail": type(error).__name__})
    except Exception as error:  # noqa: BLE001 - the boundary: whatever a parser raises is told
        return _line({"failed": "crashed", "detail": f"{type(error).__name__}: {error}"[:500]})


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode("ascii") + b"\n"


def _write(answers: BinaryIO, line: bytes) -> None:
    answers.write(line)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
