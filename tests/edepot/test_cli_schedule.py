"""`edepot schedule` and `edepot worker`, as a person or a program meets them."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from edepot.config import read_config
from edepot.exits import Exit
from storage.catalogue import COPIES
from storage.database import begin, open_database, reading
from storage.fires import Fired, last_fire
from storage.fixity.nouns import RunState
from storage.fixity.runs import list_runs, totals
from storage.outcomes import Outcome
from storage.schedules import SCHEDULES
from tests.edepot.shelf import Cli, Shelf
from tests.edepot.workers import busy, ended, in_hand, stop, the_run, until, worker

NAMES = [
    "daily-check", "daily-ledger", "daily-recompute", "hourly-tend", "monthly-due",
    "weekly-ledger-check", "weekly-reconcile",
]  # fmt: skip


def since(engine: Engine, days: int) -> None:
    """Let every schedule count from so many days ago."""
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    with begin(engine) as connection:
        connection.execute(update(SCHEDULES).values(since=at))


def test_the_list_says_what_runs_when_and_that_nobody_keeps_the_time(cli: Cli) -> None:
    shown = cli("schedule", "list")
    plain = json.loads(cli("--json", "schedule", "list").out)

    assert shown.code == Exit.WELL
    assert "nog nooit" in shown.out
    assert "Er draait geen worker" in shown.out
    assert "Alle roosters die aan staan, liepen op tijd." in shown.out
    assert [each["name"] for each in plain["schedules"]] == NAMES
    assert [each["last"] for each in plain["schedules"]] == [None] * len(NAMES)
    assert (plain["findings"], plain["workers"]) == ([], [])
    assert [each["store"] for each in plain["cost"]] == ["kopie-1", "kopie-2"]


def test_what_should_have_run_and_what_is_past_its_limit_is_told(cli: Cli, shelf: Shelf) -> None:
    engine = open_database(shelf.config.database)
    since(engine, 40)
    long_ago = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    with begin(engine) as connection:
        connection.execute(
            update(COPIES).where(COPIES.c.store == "kopie-2").values(checked_at=long_ago)
        )
    engine.dispose()

    shown = cli("schedule", "list")
    plain = json.loads(cli("--json", "--lang", "en", "schedule", "list").out)

    assert shown.code == Exit.STORE
    found = [(each["code"], each["where"]) for each in plain["findings"]]
    assert found == [("S450", name) for name in NAMES] + [("S451", "kopie-2, ooststellingwerf")]
    assert "S450" in shown.out
    assert "dit rooster had moeten lopen en is niet begonnen" in " ".join(shown.out.split())


def test_a_schedule_is_carried_out_now_and_its_report_is_the_answer(cli: Cli, shelf: Shelf) -> None:
    done = cli("schedule", "run", "daily-check")
    listed = json.loads(cli("--json", "schedule", "list").out)

    assert done.code == Exit.WELL
    assert "Alle 2 kopieën zijn gelezen en gaaf." in done.out
    engine = open_database(shelf.config.database)
    with reading(engine) as connection:
        (run,) = list_runs(connection)
    engine.dispose()
    last = next(each["last"] for each in listed["schedules"] if each["name"] == "daily-check")
    assert (run.state, run.schedule, run.items) == (RunState.ENDED, "daily-check", 2)
    assert (last["outcome"], last["run"], last["detail"]) == ("well", run.id, "")


def test_ledgers_are_published_and_verified_by_schedule_also_empty_ones(cli: Cli) -> None:
    published = cli("schedule", "run", "daily-ledger")
    verified = cli("--json", "schedule", "run", "weekly-ledger-check")

    assert published.code == Exit.WELL
    assert published.out == "Rooster daily-ledger: goed.\n"
    assert (verified.code, json.loads(verified.out)["outcome"]) == (Exit.WELL, "well")


def test_a_ledger_that_cannot_be_published_is_a_failure_that_says_where(
    cli: Cli, shelf: Shelf
) -> None:
    (shelf.config.folder / "stores" / "kopie-2").rename(shelf.folder / "away")

    done = cli("schedule", "run", "daily-ledger")

    assert done.code == Exit.STORE
    assert "niet gelukt" in done.out
    assert "kopie-2" in done.out


def test_a_stranger_is_found_by_the_weekly_reconcile_without_reading_a_copy(
    cli: Cli, shelf: Shelf
) -> None:
    stray = shelf.copy_of("00000001-0000-4000-8000-000000000001").with_name("v0009.zip")
    stray.write_bytes(b"nobody knows this")

    done = cli("schedule", "run", "weekly-reconcile")

    engine = open_database(shelf.config.database)
    with reading(engine) as connection:
        fire = last_fire(connection, "weekly-reconcile")
        (run,) = list_runs(connection)
    engine.dispose()
    assert fire is not None
    assert (fire.outcome, run.items) == (Fired.WRONG, 0)
    assert done.code != Exit.INTERNAL


def test_where_the_configuration_says_so_a_damaged_copy_is_mended_at_once(
    cli: Cli, shelf: Shelf
) -> None:
    file = shelf.config.file
    text = file.read_text("utf-8")
    file.write_text(text.replace('repair = "ask"', 'repair = "auto"'), "utf-8")
    busy(read_config(file))
    copy = shelf.copy_of("00000001-0000-4000-8000-000000000001", "kopie-2")
    whole = copy.read_bytes()
    copy.chmod(0o644)
    copy.write_bytes(whole[:-1] + b"x")

    done = cli("schedule", "run", "daily-check")

    engine = open_database(shelf.config.database)
    with reading(engine) as connection:
        fire = last_fire(connection, "daily-check")
        (run,) = list_runs(connection)
        sums = totals(connection, run.id)
    engine.dispose()
    assert copy.read_bytes() == whole
    assert sums.counts == {Outcome.INTACT: 3, Outcome.DIFFERS: 1}
    assert fire is not None
    assert (fire.outcome, done.code != Exit.INTERNAL) == (Fired.WRONG, True)


def test_the_cost_is_told_before_it_is_made(cli: Cli, shelf: Shelf) -> None:
    file = shelf.config.file
    text = file.read_text("utf-8").replace(
        'path = "stores/kopie-2"', 'path = "stores/kopie-2"\neuro_per_gb = 5000.0', 1
    )
    file.write_text(text, "utf-8")

    plain = json.loads(cli("--json", "schedule", "cost").out)
    shown = cli("schedule", "cost")

    first, second = plain
    assert first["copies"] == second["copies"] == 2
    assert (first["requests_per_month"], first["euro_per_month"]) == (3, None)
    assert second["euro_per_month"] == round(second["read_bytes_per_month"] / 10**9 * 5000, 2) > 0
    assert "geen prijs bekend" in shown.out
    assert "Per 30 dagen" in shown.out


def test_a_schedule_is_changed_and_switched_off(cli: Cli) -> None:
    changed = cli("schedule", "set", "daily-check", "--cron", "30 1 * * *")
    off = cli("--json", "schedule", "set", "daily-check", "--off")

    assert changed.code == Exit.WELL
    assert changed.out.startswith("Rooster daily-check: 30 1 * * *, volgende keer ")
    answer = json.loads(off.out)
    assert (answer["active"], answer["next"], answer["cron"]) == (False, None, "30 1 * * *")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "daily-check"], "--cron"),
        (["set", "daily-check", "--on", "--off"], "--cron"),
        (["set", "daily-check", "--cron", "25 25 * * *"], "geen tijdstip"),
        (["set", "hourly", "--on"], "Er is geen rooster 'hourly'"),
        (["run", "hourly"], "Er is geen rooster 'hourly'"),
    ],
)
def test_what_cannot_be_is_refused_in_words(cli: Cli, arguments: list[str], said: str) -> None:
    answer = cli("schedule", *arguments)

    assert answer.code == Exit.USAGE
    assert said in answer.err


def test_a_worker_does_what_there_is_to_do_and_stops(cli: Cli, shelf: Shelf) -> None:
    config = busy(shelf.config)

    done = cli("worker", "--once", "--name", "w-1")
    again = cli("--json", "worker", "--once")

    engine = open_database(config.database)
    run, sums = the_run(engine)
    engine.dispose()
    assert (done.code, again.code) == (Exit.WELL, Exit.WELL)
    lines = done.out.splitlines()
    assert lines[0].startswith("Worker w-1 is begonnen.")
    assert lines[-1].startswith("Worker w-1 is gestopt")
    text = " ".join(done.out.split())
    for part in ("rooster daily-check is aan de beurt", f"controle {run.id} van 4 kopieën"):
        assert part in text
    assert f"controle {run.id}: goed" in text
    assert "gemist: daily-check: dit rooster had moeten lopen" in text
    assert [json.loads(each)["what"] for each in again.out.splitlines()] == ["started", "ended"]
    assert (run.state, sums.items) == (RunState.ENDED, 4)


def test_a_worker_that_is_told_to_stop_gives_back_its_share_and_another_ends_the_run(
    shelf: Shelf,
) -> None:
    config = busy(shelf.config, slow="kopie-1")
    engine = open_database(config.database)

    with worker(config, "w-1") as process:
        until(lambda: bool(in_hand(engine, "kopie-1")), config.folder / "w-1.log")
        code = stop(process)
    left = in_hand(engine, "kopie-1")
    with worker(busy(config), "w-2", "--once") as process:
        again = process.wait(60)

    assert (code, left, again) == (Exit.WELL, "", Exit.WELL)
    assert ended(engine)
    engine.dispose()


def test_looking_something_up_does_not_wait_for_the_engine() -> None:
    program = (
        "import sys; from edepot.cli.main import main; main(['--help']); "
        "main(['schedule', '--help']); import edepot.cli.schedule, edepot.cli.fixity; "
        "print([each for each in ('dbos', 'apscheduler') if each in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stdout.splitlines()[-1] == "[]", done.stderr
