"""What comes back from a job in a child process: its answer, or why there is none."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """Why a job on material did not end well."""

    TIMEOUT = "timeout"
    CRASHED = "crashed"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Done:
    """A job that ended: what it returned, as JSON gives it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """A job that did not end well: the fault, and the engine's or the system's own words."""

    reason: Fault
    detail: str

    def __str__(self) -> str:
        return f"{self.reason.value}: {self.detail}"


Outcome = Done | Failed


@dataclass(frozen=True, slots=True)
class Ran:
    """What an outside program left: its exit code and what it wrote."""

    code: int
    output: bytes
    errors: bytes
