"""What the flow of ingest works with, handed in by the depot: nothing here is looked up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from formats.policy import Policy
from formats.tools import Pool
from ingest.agreement import Agreement
from ingest.checks import Check
from ingest.malware import ClamdAddress
from storage.archive import Archive


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is: the step, how much of it is done, and of how much."""

    step: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Tools:
    """What checking needs: child processes, rules, the scanner, and the clock."""

    pool: Pool
    agreement: Agreement
    policy: Policy
    scanner: ClamdAddress | None
    checks: Sequence[Check]
    clock: Callable[[], datetime]
    told: Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Intake:
    """What taking in needs besides: where things go, and in whose name."""

    tools: Tools
    engine: Engine
    archive: Archive
    staging: Path
    quarantine: Path
    agent: str
    origin: str
    software: str
    new_id: Callable[[], str]
    salt: Callable[[], bytes]
