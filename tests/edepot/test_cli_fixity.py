"""`edepot fixity run|resume|list|cancel|repair`, as a person uses them."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, update

from edepot.depot import open_depot
from edepot.fixity_works import asked_here, known_of
from storage import ledger
from storage.catalogue import COPIES
from storage.database import begin, reading
from storage.fixity.nouns import Scope
from storage.fixity.plan import begin_run
from storage.schedules import SCHEDULES
from tests.edepot.shelf import FIRST, SECOND, Cli, Shelf

NOTHING_WRONG = {"attested": 0, "differs": 0, "missing": 0, "not_checked": 0, "unreadable": 0}


def flip(shelf: Shelf, store: str, number: int = 0) -> Path:
    """One byte of a package in a folder becomes another; its file."""
    file = sorted((shelf.config.folder / "stores" / store).rglob("v0001.zip"))[number]
    content = bytearray(file.read_bytes())
    content[700] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    return file


def listed(cli: Cli) -> list[dict[str, Any]]:
    return list(json.loads(cli("fixity", "list", "--json").out))


def test_every_copy_is_read_and_the_totals_are_those_of_the_catalogue(cli: Cli) -> None:
    answer = cli("fixity", "run", "--json")

    said = json.loads(answer.out)
    assert answer.code == 0
    assert said["totals"] == {"intact": 4, **NOTHING_WRONG}
    (run,) = listed(cli)
    assert (run["run"], run["state"], run["copies"]) == (said["run"], "ended", 4)


def test_a_damaged_copy_is_found_named_repaired_and_then_well(cli: Cli, shelf: Shelf) -> None:
    file = flip(shelf, "kopie-2")
    damaged = file.read_bytes()

    answer = cli("fixity", "run")

    assert answer.code == 4
    assert "Van 4 kopieën zijn er 3 gelezen en gaaf, 1 wijkt af." in answer.out
    plan = json.loads(cli("fixity", "repair", "last", "--plan", "--json").out)
    assert [(each["store"], each["outcome"], each["sources"]) for each in plan] == [
        ("kopie-2", "differs", ["kopie-1"])
    ]
    assert file.read_bytes() == damaged, "a plan changes nothing"
    (done,) = json.loads(cli("fixity", "repair", "last", "--yes", "--json").out)
    assert (done["state"], done["source"]) == ("done", "kopie-1")
    twin = shelf.config.folder / "stores" / "kopie-1"
    assert file.read_bytes() == (twin / done["key"]).read_bytes()
    (evidence,) = done["evidence"]
    kept = shelf.config.folder / "stores" / "kopie-2" / evidence
    assert kept.read_bytes() == damaged
    assert cli("fixity", "run").code == 0
    assert cli("ledger", "verify").code == 0
    assert json.loads(cli("rebuild", "--json").out)["findings"] == []


def test_nobody_at_the_keyboard_is_no_consent(cli: Cli, shelf: Shelf) -> None:
    file = flip(shelf, "kopie-1")
    damaged = file.read_bytes()
    cli("fixity", "run")

    answer = cli("fixity", "repair", "last")

    assert answer.code == 5
    assert "niets veranderd" in answer.err
    assert file.read_bytes() == damaged


def test_when_every_copy_is_wrong_it_is_lost_and_nothing_is_touched(cli: Cli, shelf: Shelf) -> None:
    files = [flip(shelf, "kopie-1"), flip(shelf, "kopie-2")]
    before = [each.read_bytes() for each in files]
    cli("fixity", "run")

    answer = cli("fixity", "repair", "last", "--yes", "--json")

    assert answer.code == 4
    assert [each["state"] for each in json.loads(answer.out)] == ["impossible", "impossible"]
    assert [each.read_bytes() for each in files] == before
    report = json.loads(cli("fixity", "report", "last", "--json").out)
    assert [each["kind"] for each in report["incidents"]] == ["lost"]


@pytest.mark.parametrize(
    ("arguments", "copies"),
    [
        (["--store", "kopie-1"], 2),
        (["--older-than", "1"], 0),
        (["--oldest", "1"], 2),
        (["--sample", "3", "--seed", "7"], 3),
    ],
)
def test_a_scope_is_as_large_as_it_was_asked(cli: Cli, arguments: list[str], copies: int) -> None:
    answer = cli("fixity", "run", *arguments, "--json")

    said = json.loads(answer.out)
    assert (answer.code, sum(said["totals"].values())) == (0, copies)
    assert said["totals"]["intact"] == copies


def test_a_store_that_is_nowhere_is_no_scope(cli: Cli) -> None:
    answer = cli("fixity", "run", "--store", "zolder")

    assert answer.code == 2
    assert "zolder" in answer.err
    assert listed(cli) == []


def test_a_store_that_does_not_answer_is_not_checked_and_not_well(cli: Cli, shelf: Shelf) -> None:
    (shelf.config.folder / "stores" / "kopie-2").rename(shelf.folder / "weg")

    answer = cli("fixity", "run", "--json")

    said = json.loads(answer.out)
    assert answer.code == 4
    assert said["totals"] == NOTHING_WRONG | {"intact": 2, "not_checked": 2}
    assert "niet gecontroleerd" in said["sentence"]
    assert "Het logboek van ooststellingwerf kon nog niet naar elke opslag" in answer.err
    assert json.loads(cli("fixity", "repair", "last", "--plan", "--json").out) == []


def test_a_retired_store_that_was_emptied_may_be_gone(cli: Cli, shelf: Shelf) -> None:
    cli("stores", "add", "kluis", "--path", shelf.folder / "kluis")
    assert cli("stores", "move", "kopie-1", "kluis").code == 0
    shutil.rmtree(shelf.config.folder / "stores" / "kopie-1")

    answer = cli("fixity", "run", "--json")

    said = json.loads(answer.out)
    assert (answer.code, said["totals"], said["remarks"]) == (0, {"intact": 4, **NOTHING_WRONG}, [])


def test_a_run_that_was_begun_is_gone_on_with_or_stopped(cli: Cli, shelf: Shelf) -> None:
    with open_depot(shelf.config) as depot:
        whole, _ = begin_run(depot.engine, Scope(), asked_here(), known=known_of(depot))
        part, _ = begin_run(
            depot.engine, Scope(stores=("kopie-2",)), asked_here(), known=known_of(depot)
        )

    assert cli("fixity", "cancel", part.id).code == 0
    joined = json.loads(cli("fixity", "run", "--json").out)

    assert joined["run"] == whole.id
    assert joined["totals"]["intact"] == 4
    states = {each["run"]: (each["state"], each["totals"]["not_checked"]) for each in listed(cli)}
    assert states == {whole.id: ("ended", 0), part.id: ("ended", 2)}
    assert cli("fixity", "resume", whole.id).code == 0
    assert "was al afgesloten" in cli("fixity", "cancel", part.id).err


def test_one_dossier_is_checked_by_the_beginning_of_its_id(cli: Cli, shelf: Shelf) -> None:
    key = sorted((shelf.config.folder / "stores" / "kopie-1").rglob("v0001.zip"))[0]
    aip = os.path.basename(key.parent)

    said = json.loads(cli("fixity", "run", aip[:13], "--json").out)

    assert said["totals"] == {"intact": 2, **NOTHING_WRONG}


def test_rows_of_the_catalogue_are_put_back_and_those_that_are_gone_are_told(
    cli: Cli, shelf: Shelf
) -> None:
    with open_depot(shelf.config) as depot, begin(depot.engine) as connection:
        mine = (COPIES.c.aip == 1, COPIES.c.store == "kopie-1")
        connection.execute(update(COPIES).where(*mine).values(key="ooststellingwerf/x.zip"))
        connection.execute(delete(COPIES).where(COPIES.c.aip == 2, COPIES.c.store == "kopie-1"))
    first = json.loads(cli("fixity", "run", "--json").out)
    assert first["totals"] == NOTHING_WRONG | {"intact": 2, "not_checked": 1}

    done = json.loads(cli("fixity", "repair", "last", "--yes", "--json").out)

    assert {(each["aip"], each["deed"], each["state"]) for each in done} == {
        (FIRST, "catalogue", "done"),
        (SECOND, "rebuild", "failed"),
    }
    assert cli("rebuild", "--replace").code == 4, "the old one said something else"
    assert json.loads(cli("fixity", "run", "--json").out)["totals"]["intact"] == 4


def test_a_schedule_that_did_not_come_is_told_by_the_run_of_a_person(
    cli: Cli, shelf: Shelf
) -> None:
    three_days_ago = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    with open_depot(shelf.config) as depot, begin(depot.engine) as connection:
        daily = SCHEDULES.c.name == "daily-check"
        connection.execute(update(SCHEDULES).where(daily).values(since=three_days_ago))

    first, second = (json.loads(cli("fixity", "run", "--json").out) for _ in range(2))

    assert [each["code"] for each in first["remarks"]] == ["S450"]
    assert second["remarks"] == [], "each miss is told once"
    with open_depot(shelf.config) as depot, reading(depot.engine) as connection:
        (entry,) = [
            each
            for each in ledger.entries(connection, "ooststellingwerf")
            if each.action == "schedule.missed"
        ]
    assert (entry.object, entry.origin.partition("@")[0]) == ("daily-check", "cli")
