"""`edepot retention explain|fact|worklist|forecast|correct|recompute`, as a person meets them."""

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from sqlalchemy import insert, update

from edepot.acting import PEOPLE
from edepot.depot import open_depot
from edepot.exits import Exit
from edepot.messages import Words, read_messages
from edepot.register_words import cause_text, solution_text
from retention.explaining import codes
from retention.fact_kinds import FactKind
from retention.nouns import Role
from retention.tables import DOSSIERS, TOMBSTONES
from storage.aip import Entry
from storage.database import begin, open_database
from tests.edepot.shelf import Cli, Shelf
from tests.retention import making
from tests.retention.test_enrolling import LIST, Begrip, Termijn, _chunks, item
from tests.storage.making import NOW, SALT, ZORGDRAGER, aip_id, make_aip

CATEGORY = Begrip("13.1", LIST, "13.1")
PERMIT = Begrip("11.1", LIST, "11.1")
MINE = ("--zorgdrager", ZORGDRAGER)
DUE, WAITS, DIFFERS = aip_id(11), aip_id(12), aip_id(13)


@pytest.fixture
def register(shelf: Shelf, cli: Cli) -> Shelf:
    """Three dossiers in the register (one due, one that waits, one that differs), two people."""
    staging = shelf.folder / "staging"
    staging.mkdir()
    items = (
        (11, item(classificatie=(), informatiecategorie=CATEGORY)),
        (12, item(classificatie=(), informatiecategorie=PERMIT)),
        (13, item(classificatie=(), informatiecategorie=CATEGORY,
                  bewaartermijn=Termijn(None, None, "P7Y", "2027-06-30"))),
    )  # fmt: skip
    with open_depot(shelf.config) as depot:
        for number, value in items:
            path = "metadata/mdto/000000.dossier.mdto.xml"
            extra = [Entry(path, b"".join(_chunks(value)))]
            identifier = f"=Z/{number}"
            aip = make_aip(staging, number, extra=extra, identifier=identifier)
            depot.archive.store(aip, now=NOW, agent="uid:0", origin="test", salt=SALT)
        desk = making.desk(depot.engine)
        for name in ("Anna", "Bert"):
            making.actor(desk, name, ZORGDRAGER, Role.RECORD_MANAGER)
    _keys(shelf.config.folder)
    assert cli("retention", "recompute").code == Exit.MATERIAL
    return shelf


def _keys(folder: Path) -> None:
    import hashlib

    people = folder / PEOPLE
    people.mkdir(parents=True, mode=0o700)
    for number, name in enumerate(("Anna", "Bert"), 1):
        key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
        file = people / f"p{number:04d}.pem"
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.touch(mode=0o600)
        file.write_bytes(pem)


def test_explain_tells_the_decision_step_by_step_with_the_facts(cli: Cli, register: Shelf) -> None:
    shown = cli("retention", "explain", DUE)
    plain = json.loads(cli("--json", "retention", "explain", "=Z/11").out)

    assert shown.code == Exit.WELL
    assert "te vernietigen, datum bekend" in shown.out
    assert "1. Gesloten op 30-06-2020." in shown.out
    assert "Einddatum 30-06-2025: vernietigen mag vanaf 01-07-2025." in shown.out
    assert "mdto:dekkingInTijd" in shown.out
    assert "Geen blokkade en geen uitzondering." in shown.out
    assert (plain["decision"], plain["end_date"], plain["holds"], plain["exempt"]) == (
        "DATED",
        "2025-06-30",
        [],
        False,
    )
    assert [each["kind"] for each in plain["facts"]][:2] == ["start", "end"]
    assert plain["computation"]["reasons"][-1]["code"] == "dated"


def test_explain_of_a_destroyed_dossier_tells_when_and_by_which_list(
    cli: Cli, register: Shelf
) -> None:
    row = dict.fromkeys((each.name for each in TOMBSTONES.c), "") | {
        "dossier": DUE, "identifier": "=Z/11", "kind": "destroyed", "list": "V-2026-001",
        "destroyed_at": "2026-12-01T09:00:00+00:00", "said": '{"category":"13.1"}',
    }  # fmt: skip
    engine = open_database(register.config.database)
    with begin(engine) as connection:
        connection.execute(insert(TOMBSTONES), row)
    engine.dispose()

    shown = cli("retention", "explain", "=Z/11")
    plain = json.loads(cli("--json", "retention", "explain", DUE).out)

    assert "is vernietigd op 01-12-2026 10:00 volgens lijst V-2026-001" in shown.out
    assert plain["destroyed"]["said"] == {"category": "13.1"}
    assert cli("retention", "explain", "nergens").code == Exit.MATERIAL


def test_a_fact_of_a_person_moves_the_date_and_older_computations_stay(
    cli: Cli, register: Shelf
) -> None:
    done = cli(
        "retention", "fact", WAITS, "--kind", "object_end", "--value", "2030-06-30",
        "--reason", "brief", "--as", "p0001",
    )  # fmt: skip
    shown = cli("retention", "explain", WAITS)

    assert done.code == Exit.WELL, done.err
    assert "Nu: te vernietigen, datum bekend, tot en met 30-06-2031." in done.out
    assert "Eerdere berekeningen" in shown.out
    assert "einde procesobject" in shown.out


def test_a_fact_that_needs_two_people_waits_until_the_other_agrees(
    cli: Cli, register: Shelf
) -> None:
    said = cli(
        "retention", "fact", WAITS, "--kind", "manual_anchor", "--value", "2025-01-01",
        "--reason", "brief", "--as", "p0001",
    )  # fmt: skip
    waiting = json.loads(cli("--json", "retention", "fact").out)
    number = waiting[0]["number"]

    assert "telt pas als een ander het controleert" in said.out
    assert [each["kind"] for each in waiting] == ["manual_anchor"]
    checked = cli("retention", "fact", "--check", number, "--as", "p0002")
    assert "tot en met 01-01-2026" in checked.out
    taken = cli("retention", "fact", "--retract", number, "--reason", "fout", "--as", "p0002")
    assert "telt pas als een ander het controleert" in taken.out
    assert "wacht op een tweede persoon" in cli("retention", "fact").out
    refused = cli("--json", "retention", "fact", "--refuse", number + 1, "--reason", "nee",
                  "--as", "p0001")  # fmt: skip
    assert json.loads(refused.out)["counts"] is False
    found = json.loads(cli("--json", "retention", "fact", WAITS).out)
    assert [each["kind"] for each in found].count("manual_anchor") == 2


def test_fact_asks_one_thing_at_a_time(cli: Cli, register: Shelf) -> None:
    assert (
        cli("retention", "fact", "--check", 1, "--retract", 2, "--as", "p0001").code == Exit.USAGE
    )
    assert cli("retention", "fact", "--check", 1).code == Exit.USAGE
    odd = cli("retention", "fact", WAITS, "--kind", "decision", "--value", "{x", "--reason", "r",
              "--as", "p0001")  # fmt: skip
    assert odd.code == Exit.USAGE


def test_the_worklists_say_why_and_how_to_solve_it(cli: Cli, register: Shelf) -> None:
    shown = cli("retention", "worklist")
    plain = json.loads(cli("--json", "retention", "worklist", *MINE).out)
    one = cli("retention", "worklist", "human", *MINE)
    next_one = json.loads(
        cli("--json", "retention", "worklist", "awaiting", "--limit", 1, *MINE).out
    )

    assert (
        "einde van het procesobject" in " ".join(shown.out.split()) or "procesobject" in shown.out
    )
    assert {each["worklist"]: each["dossiers"] for each in plain} == {
        "awaiting": 1,
        "human": 1,
        "error": 0,
        "unmapped": 0,
        "overdue": 1,
    }
    assert DIFFERS in one.out
    assert "leverancier" in one.out
    assert next_one["after"] == f"awaiting_object_end/{WAITS}"
    assert cli("retention", "worklist", "error", *MINE).out.startswith("Er is niets")
    rest = json.loads(
        cli("--json", "retention", "worklist", "awaiting", "--after", next_one["after"], *MINE).out
    )
    assert rest["dossiers"] == []


def test_a_worklist_goes_out_and_comes_back_corrected(cli: Cli, register: Shelf) -> None:
    written = cli("retention", "worklist", "awaiting", "--csv", "w.csv", "--xlsx", "w.xlsx", *MINE)
    assert written.code == Exit.WELL, written.err
    with Path("w.csv").open(encoding="utf-8-sig", newline="") as stream:
        header, row = list(csv.reader(stream, delimiter=";"))
    assert row[header.index("identifier")] == "'=Z/12"
    sheet = openpyxl.load_workbook("w.xlsx")["edepot"]
    assert sheet.cell(2, header.index("identifier") + 1).value == "=Z/12"
    assert sheet.cell(2, header.index("identifier") + 1).data_type != "f"
    row[header.index("set_object_end")] = "30-06-2030"
    with Path("w.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream, delimiter=";").writerows([header, row])

    preview = cli("retention", "correct", "w.csv", *MINE, "--reason", "nagezocht")
    proposed = json.loads(
        cli("--json", "retention", "correct", "w.csv", *MINE, "--reason", "n", "--as", "p0001").out
    )
    number = proposed["correction"]["number"]
    same = cli("retention", "correct", "--check", number, "--as", "p0001")
    checked = cli("retention", "correct", "--check", number, "--as", "p0002")

    assert "Dit is een voorbeeld" in preview.out
    assert "30-06-2031" in preview.out
    assert proposed["preview"]["changed"] == 1
    assert same.code != Exit.WELL
    assert f"Correctie {number} (1 gegevens) telt nu." in checked.out
    after = json.loads(cli("--json", "retention", "explain", WAITS).out)
    assert after["end_date"] == "2031-06-30"
    assert "telt p0002" in cli("retention", "correct", *MINE).out


def test_a_table_with_faults_is_told_row_by_row(cli: Cli, register: Shelf) -> None:
    Path("fout.csv").write_text("dossier;set_end\nx;2020-01-01\n", "utf-8")

    shown = cli("retention", "correct", "fout.csv", *MINE, "--reason", "r")
    plain = json.loads(
        cli("--json", "retention", "correct", "fout.csv", *MINE, "--reason", "r").out
    )

    assert shown.code == Exit.MATERIAL
    assert "dossier van deze zorgdrager niet bekend" in shown.out
    assert plain["faults"] == [{"row": 2, "code": "unknown", "found": "x"}]
    Path("w.txt").write_text("x", "utf-8")
    assert cli("retention", "correct", "w.txt").code == Exit.MATERIAL
    assert cli("retention", "correct", "nergens.csv").code != Exit.WELL


def test_the_forecast_counts_what_is_due_and_what_comes(cli: Cli, register: Shelf) -> None:
    cli("retention", "fact", WAITS, "--kind", "object_end", "--value", "2050-06-30",
        "--reason", "brief", "--as", "p0001")  # fmt: skip

    shown = cli("retention", "forecast", "--csv", "f.csv", "--xlsx", "f.xlsx", "--quarters", 2)
    plain = json.loads(cli("--json", "retention", "forecast").out)

    assert "nu al" in shown.out
    assert "2051" in shown.out
    assert plain[0]["now"]["destroy"]["dossiers"] == 1
    assert plain[0]["years"][-1]["period"] == "2051"
    assert Path("f.csv").read_text("utf-8-sig").startswith("zorgdrager;period;")
    assert Path("f.xlsx").stat().st_size > 1000


def test_recompute_tells_an_alarm_and_what_could_not_be_read(cli: Cli, register: Shelf) -> None:
    engine = open_database(register.config.database)
    with begin(engine) as connection:
        connection.execute(
            update(DOSSIERS).where(DOSSIERS.c.dossier == DUE).values(end_date="2001-01-01")
        )
    engine.dispose()

    preview = cli("retention", "recompute", "--preview")
    preview_plain = json.loads(cli("--json", "retention", "recompute", "--preview").out)
    shown = cli("retention", "recompute")
    plain = json.loads(cli("--json", "retention", "recompute").out)

    assert "1 van 3 dossiers zouden veranderen" in preview.out
    assert preview_plain[ZORGDRAGER]["changed"] == 1
    assert shown.code == Exit.MATERIAL
    assert "ALARM: 1" in shown.out
    assert "Nog niet opgenomen" in shown.out
    assert (plain["alarms"], plain["looked_at"], plain["enrolled"]) == (0, 3, 0)
    assert len(plain["unread"]) == 2


def test_every_kind_of_fact_and_every_cause_has_words() -> None:
    messages = read_messages()

    assert [each for each in FactKind if f"retention.kind.{each.value}" not in messages] == []
    causes = [key.rpartition(".")[2] for key in messages if key.startswith("retention.cause.")]
    assert [each for each in causes if f"retention.solve.{each}" not in messages] == []
    assert set(causes) <= set(codes())
    words = Words()
    assert cause_text("x", words) == "x"
    assert solution_text("x", "human", words).startswith("Bekijk")
