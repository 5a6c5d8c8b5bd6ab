"""`edepot fixity report`: on the screen, as JSON and as files that replace nothing else."""

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete

from edepot.cli.fixity_report import show_report
from edepot.cli.session import Session
from edepot.depot import open_depot
from edepot.messages import Words
from storage.catalogue import AIPS, COPIES, FILES
from storage.outcomes import Outcome
from tests.edepot.fixity_report.making import RUN, Made, make_aips, make_run, written
from tests.edepot.fixity_report.scenes import everything
from tests.edepot.shelf import Cli, Shelf

FORMS = ("html", "pdf", "xlsx")
Scene = Callable[[Connection], None]


def cleared(to: Connection) -> None:
    """Take away what stands in the catalogue."""
    for table in (COPIES, FILES, AIPS):
        to.execute(delete(table))


def in_time(to: Connection) -> None:
    """Everything read and intact, and checked late enough to be in time whatever day it is."""
    make_aips(to, 3, stores=("kopie-1",), ages=timedelta(days=-36_500))
    make_run(to, [Made(3, Outcome.INTACT)])


@pytest.fixture
def run(shelf: Shelf) -> str:
    """A run over every outcome, in a depot with nothing else."""
    written(shelf.config, cleared, everything)
    return RUN


def test_without_options_the_report_stands_on_the_screen(cli: Cli, run: str) -> None:
    answer = cli("fixity", "report", "last")

    assert (answer.code, answer.err) == (0, "")
    assert f"Controle van de kopieën {run}" in answer.out
    assert "Van 73 kopieën zijn er 46 gelezen en gaaf" in " ".join(answer.out.split())
    assert f"edepot fixity repair {run}" in answer.out


def test_the_json_is_the_answer_alone(cli: Cli, run: str) -> None:
    answer = cli("fixity", "report", run, "--json", "--lang", "en")

    told = json.loads(answer.out)
    assert told["run"] == run
    assert told["totals"]["intact"] == 46
    assert told["sentence"].startswith("Of 73 copies, 46 were read and are intact")
    assert sum(told["totals"].values()) == told["items"]


@pytest.mark.parametrize("form", FORMS)
def test_a_report_of_the_same_run_is_renewed_and_nothing_else_is_overwritten(
    form: str, cli: Cli, run: str, shelf: Shelf
) -> None:
    mine, other = shelf.folder / f"verslag.{form}", shelf.folder / f"ander.{form}"
    other.write_bytes(b"iets van een ander")

    first = cli("fixity", "report", run, f"--{form}", mine)
    again = cli("fixity", "report", run, f"--{form}", mine)
    refused = cli("fixity", "report", run, f"--{form}", other)

    assert (first.code, again.code) == (0, 0)
    assert mine.stat().st_size > 5_000
    assert refused.code != 0
    assert other.read_bytes() == b"iets van een ander"
    assert sorted(each.name for each in shelf.folder.glob("*.*")) == sorted([mine.name, other.name])


@pytest.mark.parametrize("form", FORMS)
def test_the_report_of_another_run_is_another_file(
    form: str, cli: Cli, run: str, shelf: Shelf
) -> None:
    written(shelf.config, lambda to: make_run(to, [], run="2026-11-24-1"))
    mine = shelf.folder / f"verslag.{form}"
    cli("fixity", "report", run, f"--{form}", mine)
    before = mine.read_bytes()

    answer = cli("fixity", "report", "2026-11-24-1", f"--{form}", mine)

    assert answer.code != 0
    assert mine.read_bytes() == before


def test_in_a_folder_the_report_gets_a_name_of_its_own(cli: Cli, run: str, shelf: Shelf) -> None:
    folder = shelf.folder / "verslagen"
    folder.mkdir()

    answer = cli("fixity", "report", run, "--html", folder, "--xlsx", folder, "--pdf", folder)

    assert answer.code == 0
    assert sorted(each.name for each in folder.iterdir()) == [
        f"controleverslag-{run}.{form}" for form in FORMS
    ]


def test_a_run_that_is_unknown_is_said_with_those_that_are_known(cli: Cli, run: str) -> None:
    answer = cli("fixity", "report", "2020-01-01-1")

    assert answer.code == 1
    assert "Er is geen controle '2020-01-01-1'" in answer.err
    assert run in answer.err


@pytest.mark.parametrize(("scene", "code"), [(everything, 4), (in_time, 0)])
def test_the_answer_of_a_run_says_by_its_code_whether_all_is_well(
    scene: Scene, code: int, shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    written(shelf.config, cleared, scene)
    session = Session(Words(), False, None, {}, Path(), sys.stdout, sys.stderr)

    with open_depot(shelf.config) as depot:
        answered = show_report(depot, RUN, session)

    assert answered == code
    assert "Controle van de kopieën" in capsys.readouterr().out
