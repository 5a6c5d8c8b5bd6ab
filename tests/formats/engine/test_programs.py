"""Outside programs, run once within limits."""

import sys
from pathlib import Path

from formats.limits import MIB
from formats.tools import Failed, Fault, Limits, Ran, find_program, run_program

SHELL = "/bin/sh"


def test_a_program_gives_its_code_and_what_it_wrote() -> None:
    assert run_program([SHELL, "-c", "echo uit; echo fout >&2; exit 3"]) == Ran(
        3, b"uit\n", b"fout\n"
    )


def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started() -> None:
    outcome = run_program([SHELL, "-c", "sleep 60 & sleep 60"], limits=Limits(seconds=0.5))

    assert outcome == Failed(Fault.TIMEOUT, "sh: > 0.5 s")


def test_a_program_that_dies_by_a_signal_has_crashed() -> None:
    assert run_program([SHELL, "-c", "kill -SEGV $$"]) == Failed(Fault.CRASHED, "SIGSEGV")


def test_a_program_that_writes_without_end_meets_its_limit() -> None:
    outcome = run_program(
        [sys.executable, "-c", "import sys\nwhile 1: sys.stdout.write('x' * 65536)"],
        limits=Limits(file_bytes=2 * MIB),
    )

    assert isinstance(outcome, Ran)
    assert outcome.code != 0
    assert len(outcome.output) <= 2 * MIB


def test_a_program_that_is_not_there_is_told_in_its_errors(tmp_path: Path) -> None:
    outcome = run_program([tmp_path / "nergens"])

    assert isinstance(outcome, Ran)
    assert outcome.code != 0
    assert b"FileNotFoundError" in outcome.errors


def test_a_program_is_found_on_the_path_or_not() -> None:
    assert find_program("sh") is not None
    assert find_program("een-programma-dat-niemand-heeft") is None
