"""Timing of whole processes and of parts, and what a figure looks like in the report."""

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

EDEPOT = Path(sys.executable).with_name("edepot")


@dataclass
class Figures:
    """What one measurement gave: named seconds and ratios, in the order they were taken."""

    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str = "s") -> float:
        """Note a figure; gives it back."""
        self.rows.append((name, f"{value:,.2f} {unit}"))
        print(f"  {name:<58} {value:>12,.2f} {unit}", flush=True)
        return value


@dataclass(frozen=True)
class Ran:
    """A finished process: wall seconds, and the largest memory of it or a child, in MB."""

    seconds: float
    peak_mb: float
    output: str


def seconds_of(start: float) -> float:
    """Seconds since `start` (time.perf_counter)."""
    return time.perf_counter() - start


def run(*arguments: str | Path, cwd: Path | None = None) -> Ran:
    """Run a process to its end, its memory measured by the system.

    Raises: RuntimeError with what it wrote when it failed.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(each) for each in arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "EDEPOT_LANG": "en"},
    )
    output, errors = process.communicate()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {process.returncode}\n{output[-2000:]}\n{errors[-2000:]}")
    return Ran(seconds, peak, output)
